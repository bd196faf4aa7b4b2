/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/range.h"

#include <string.h>

/* A number without a sign or blanks; moves `at` behind it. False for none, or one too large. */
static bool read_number(const char **at, uint64_t *out)
{
    const char *begin = *at;
    *out = 0;
    while (**at >= '0' && **at <= '9') {
        uint64_t digit = (uint64_t)(**at - '0');
        if (*out > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *out = *out * 10 + digit;
        (*at)++;
    }
    return *at != begin;
}

/* "bytes=first-last", "bytes=first-", "bytes=-suffix". */
static bool read_range(const char *text, uint64_t len, OskRange *out)
{
    static const char unit[] = "bytes=";
    if (strncmp(text, unit, sizeof(unit) - 1) != 0) {
        return false;
    }
    const char *at = text + sizeof(unit) - 1;
    uint64_t first = 0;
    uint64_t last = 0;
    bool has_first = *at != '-';
    if ((has_first && !read_number(&at, &first)) || *at != '-') {
        return false;
    }
    at++;
    bool has_last = *at != 0;
    if ((has_last && !read_number(&at, &last)) || *at != 0 || (!has_first && !has_last) ||
        (has_first && has_last && last < first)) {
        return false;
    }
    if (!has_first) {
        uint64_t suffix = last < len ? last : len;
        *out = (OskRange){ suffix > 0 ? 206 : 416, len - suffix, suffix };
        return true;
    }
    if (first >= len) {
        *out = (OskRange){ 416, 0, 0 };
        return true;
    }
    uint64_t end = has_last && last < len - 1 ? last : len - 1;
    *out = (OskRange){ 206, first, end - first + 1 };
    return true;
}

/* A list of tags, or "*". Weak ones compare as the strong one that they are of. */
static bool names_tag(const char *list, const char *etag)
{
    if (strcmp(list, "*") == 0) {
        return true;
    }
    size_t len = strlen(etag);
    for (const char *at = strstr(list, etag); at != NULL; at = strstr(at + 1, etag)) {
        char next = at[len];
        if (next == 0 || next == ',' || next == ' ') {
            return true;
        }
    }
    return false;
}

OskRange osk_range_choose(const OskRangeAsked *asked, uint64_t len, const char *etag)
{
    if (asked->if_none_match != NULL && names_tag(asked->if_none_match, etag)) {
        return (OskRange){ 304, 0, 0 };
    }
    OskRange part;
    bool is_fresh = asked->if_range == NULL || strcmp(asked->if_range, etag) == 0;
    if (asked->range != NULL && is_fresh && read_range(asked->range, len, &part)) {
        return part;
    }
    return (OskRange){ 200, 0, len };
}
