/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of a file is asked for: RFC 9110, sections 13 and 14. */
#ifndef OSK_HTTP_RANGE_H
#define OSK_HTTP_RANGE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct OskRange {
    unsigned status; /* 200 all of it, 206 a part, 304 what is there stands, 416 nothing is there */
    uint64_t first;
    uint64_t len;
} OskRange;

/* What the headers of a request were; NULL for none. */
typedef struct OskRangeAsked {
    const char *range;
    const char *if_range;
    const char *if_none_match;
} OskRangeAsked;

/* @param len of the whole. @param etag with its quotes; strong.
 * More than one range, and what can't be read, is answered with all of it, as section 14.2 allows.
 */
OskRange osk_range_choose(const OskRangeAsked *asked, uint64_t len, const char *etag);

#endif
