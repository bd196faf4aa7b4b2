/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/doctor_logs.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a configuration is at most; what is longer is no file of ours. */
#define FILE_BYTES ((size_t)1 << 20)
#define SOCKET "oilskin/drop.sock"

/* All of a file without its remarks (# up to the end of the line); NULL when it can't be read. The
 * caller frees it. */
static char *read_without_remarks(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = file != NULL ? calloc(1, FILE_BYTES + 1) : NULL;
    if (text != NULL) {
        size_t len = fread(text, 1, FILE_BYTES, file);
        text[len] = 0;
        for (char *at = text; (at = strchr(at, '#')) != NULL;) {
            size_t remark = strcspn(at, "\n");
            memset(at, ' ', remark);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

static unsigned count_of(const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) {
        count++;
    }
    return count;
}

static OskLogs look_at_nginx(const char *path)
{
    char *text = read_without_remarks(path);
    if (text == NULL || strstr(text, SOCKET) == NULL) {
        free(text);
        return OSK_LOGS_ABSENT;
    }
    unsigned servers = count_of(text, "server {") + count_of(text, "server{");
    bool is_quiet = servers > 0 && count_of(text, "access_log") == servers &&
                    count_of(text, "access_log off;") == servers &&
                    count_of(text, "error_log") == servers &&
                    count_of(text, "error_log /dev/null crit;") == servers;
    free(text);
    return is_quiet ? OSK_LOGS_NONE : OSK_LOGS_KEPT;
}

OskLogs osk_doctor_nginx(const char *path)
{
    static const char *const patterns[] = { "/etc/nginx/nginx.conf", "/etc/nginx/conf.d/*.conf",
                                            "/etc/nginx/sites-enabled/*" };
    if (path != NULL) {
        return look_at_nginx(path);
    }
    OskLogs worst = OSK_LOGS_ABSENT;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        glob_t found = { 0 };
        if (glob(patterns[i], 0, NULL, &found) == 0) {
            for (size_t k = 0; k < found.gl_pathc; k++) {
                OskLogs logs = look_at_nginx(found.gl_pathv[k]);
                worst = logs > worst ? logs : worst;
            }
        }
        globfree(&found);
    }
    return worst;
}

/* True when the first words of `line`, one space between them, are `words`, and nothing follows. */
static bool is_line(const char *line, const char *words)
{
    while (*words != 0) {
        size_t len = strcspn(words, " ");
        if (strncmp(line, words, len) != 0 || strchr(" \t\r\n", line[len]) == NULL) {
            return false;
        }
        line += len;
        line += strspn(line, " \t");
        words += len;
        words += strspn(words, " ");
    }
    return line[strspn(line, "\r")] == '\n' || line[0] == 0;
}

static bool begins_with(const char *line, const char *word)
{
    size_t len = strlen(word);
    return strncmp(line, word, len) == 0 && strchr(" \t\r\n{", line[len]) != NULL;
}

/* Caddy's own log tells of requests that failed, with address and path, unless the options at the
 * top of its file take what `http` says out of it. A `log` of a site tells of each request; what is
 * imported is not looked at, and so not believed. Source: Caddy 2's page "Global options". */
static bool is_caddy_quiet(const char *text)
{
    bool is_first = true;
    bool in_options = false;
    bool in_log = false;
    bool is_quiet = false;
    for (unsigned depth = 0; *text != 0; text += strcspn(text, "\n"), text += *text != 0) {
        text += strspn(text, " \t");
        if (text[strspn(text, "\r")] == '\n' || *text == 0) {
            continue;
        }
        bool is_log = is_line(text, "log {") || is_line(text, "log default {");
        if (begins_with(text, "import") || begins_with(text, "debug") ||
            (begins_with(text, "log") && !(is_log && in_options && depth == 1))) {
            return false;
        }
        is_quiet = is_quiet || (in_log && is_line(text, "exclude http"));
        in_options = is_first ? is_line(text, "{") : in_options;
        in_log = in_log || is_log;
        is_first = false;
        size_t len = strcspn(text, "\r\n");
        while (len > 0 && strchr(" \t", text[len - 1]) != NULL) {
            len--;
        }
        if (is_line(text, "}")) {
            depth -= depth > 0;
            in_log = false;
            in_options = in_options && depth > 0;
        } else if (text[len - 1] == '{') {
            depth++;
        }
    }
    return is_quiet;
}

OskLogs osk_doctor_caddy(const char *path)
{
    char *text = read_without_remarks(path != NULL ? path : "/etc/caddy/Caddyfile");
    OskLogs logs = OSK_LOGS_ABSENT;
    if (text != NULL && strstr(text, SOCKET) != NULL) {
        logs = is_caddy_quiet(text) ? OSK_LOGS_NONE : OSK_LOGS_KEPT;
    }
    free(text);
    return logs;
}

OskLogs osk_doctor_torrc(const char *path)
{
    char *text = read_without_remarks(path != NULL ? path : "/etc/tor/torrc");
    if (text == NULL || strstr(text, SOCKET) == NULL) {
        free(text);
        return OSK_LOGS_ABSENT;
    }
    bool is_quiet = strstr(text, "HiddenServicePoWDefensesEnabled 1") != NULL &&
                    strstr(text, "SafeLogging 0") == NULL &&
                    strstr(text, "SafeLogging relay") == NULL;
    free(text);
    return is_quiet ? OSK_LOGS_NONE : OSK_LOGS_KEPT;
}
