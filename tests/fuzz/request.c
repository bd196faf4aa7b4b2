/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of what a request says: its headers, read without believing them. What must hold
 * is said here in other words than http/request.c has, or by asking again for a header that means
 * the same. */
#include "http/request.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETAG "\"0123456789abcdef\""

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

/* `before`, `header` and `after` in a block of exactly their size, so that a byte too far is seen.
 */
static char *join(const char *before, const char *header, const char *after)
{
    size_t size = strlen(before) + strlen(header) + strlen(after) + 1;
    char *joined = malloc(size);
    if (joined == NULL) {
        abort();
    }
    snprintf(joined, size, "%s%s%s", before, header, after);
    return joined;
}

typedef bool Question(const char *header);

static bool ask(Question *question, const char *before, const char *header, const char *after)
{
    char *joined = join(before, header, after);
    bool answer = question(joined);
    free(joined);
    return answer;
}

static bool names_our_etag(const char *header)
{
    return osk_http_names_etag(header, ETAG);
}

static void check_encoding(const char *header, const char *lower)
{
    Question *takes = osk_http_takes_gzip;
    bool answer = takes(header);
    hold(!answer || strstr(lower, "gzip") != NULL || strchr(lower, '*') != NULL,
         "gzip goes only to who names it, or all");
    hold(takes(lower) == answer, "codings have no case");
    hold(ask(takes, "", header, ", identity") == answer,
         "another coding behind it changes nothing");
    hold(ask(takes, "br;q=0.5 ,\t", header, "") == answer,
         "another coding before it changes nothing");
    hold(ask(takes, "", header, ",gzip;q=0.001"), "a weight above 0 is enough");
    hold(strstr(lower, "gzip") != NULL || !ask(takes, "", header, ",gzip ; q=0.000"),
         "a weight of 0 refuses, whatever * says");
}

static void check_etag(const char *header)
{
    bool answer = names_our_etag(header);
    hold(!answer || strstr(header, ETAG) != NULL || strchr(header, '*') != NULL,
         "an answer is unchanged only for who has it");
    hold(ask(names_our_etag, "W/\"x\", ", header, "") == answer, "another tag changes nothing");
    hold(ask(names_our_etag, "", header, ", \"x\"") == answer, "another tag changes nothing");
    hold(ask(names_our_etag, "", header, " ,W/" ETAG), "our tag is found behind any other");
    hold(ask(names_our_etag, ETAG ",", header, ""), "our tag is found before any other");
}

/* The same question, answered by writing down every header that is let in. */
static bool is_listed_host(const char *lower)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
    size_t len = strlen(lower);
    const char *colon = strrchr(lower, ':');
    /* The last colon of [::1] is no port's. */
    if (colon != NULL && strchr(colon, ']') == NULL) {
        for (const char *digit = colon + 1; *digit != 0; digit++) {
            if (*digit < '0' || *digit > '9') {
                return false;
            }
        }
        len = (size_t)(colon - lower);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == len && memcmp(lower, names[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static void check_host(const char *header, const char *lower)
{
    Question *is_ours = osk_http_host_is_loopback;
    hold(is_ours(header) == is_listed_host(lower), "a host is ours when it is on the list");
    hold(!ask(is_ours, "", header, ".example"), "no longer name is ours");
    hold(!ask(is_ours, "a.", header, ""), "no name below another is ours");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* The library ends a header at the first NUL, too. */
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = 0;
    char *header = join("", text, "");
    char *lower = join("", text, "");
    for (char *at = lower; *at != 0; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    check_encoding(header, lower);
    check_etag(header);
    check_host(header, lower);
    free(lower);
    free(header);
    free(text);
    return 0;
}
