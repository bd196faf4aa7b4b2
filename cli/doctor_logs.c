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
                    count_of(text, "access_log off;") == servers;
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
