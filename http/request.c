/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/request.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *skip_blank(const char *at)
{
    return at + strspn(at, " \t");
}

static bool is_word(const char *at, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(at, word, len) == 0;
}

/* The parameters of one element: true when its weight is 0, 0.0, 0.00 or 0.000. */
static bool has_weight_zero(const char *at, const char *end)
{
    while (at < end && *at == ';') {
        at = skip_blank(at + 1);
        if (strncasecmp(at, "q=", 2) == 0) {
            at += 2;
            size_t digits = strspn(at, "0.");
            return digits > 0 && strchr("123456789", at[digits] != 0 ? at[digits] : 'x') == NULL;
        }
        while (at < end && *at != ';') {
            at++;
        }
    }
    return false;
}

bool osk_http_takes_gzip(const char *accept_encoding)
{
    bool any = false;
    bool named = false;
    bool takes = false;
    const char *at = accept_encoding != NULL ? accept_encoding : "";
    while (*at != 0) {
        at = skip_blank(at);
        const char *end = at + strcspn(at, ",");
        size_t len = strcspn(at, ",; \t");
        const char *rest = skip_blank(at + len);
        bool zero = rest < end && has_weight_zero(rest, end);
        if (is_word(at, len, "gzip") || is_word(at, len, "x-gzip")) {
            named = true;
            takes = takes || !zero;
        } else if (is_word(at, len, "*")) {
            any = !zero;
        }
        at = *end == ',' ? end + 1 : end;
    }
    return named ? takes : any;
}

bool osk_http_names_etag(const char *if_none_match, const char *etag)
{
    const char *at = if_none_match != NULL ? if_none_match : "";
    size_t etag_len = strlen(etag);
    while (*at != 0) {
        at += strspn(at, " \t,");
        if (strncmp(at, "W/", 2) == 0) {
            at += 2;
        }
        size_t len = strcspn(at, ", \t");
        if ((len == 1 && *at == '*') || (len == etag_len && strncmp(at, etag, len) == 0)) {
            return true;
        }
        at += len;
    }
    return false;
}

bool osk_http_host_is_loopback(const char *host)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
    for (size_t i = 0; host != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len = strlen(names[i]);
        if (strncasecmp(host, names[i], len) != 0) {
            continue;
        }
        const char *port = host + len;
        if (*port == 0 || (*port == ':' && port[1 + strspn(port + 1, "0123456789")] == 0)) {
            return true;
        }
    }
    return false;
}
