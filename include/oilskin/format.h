/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that Oilskin knows and the policy table of each. */
#ifndef OILSKIN_FORMAT_H
#define OILSKIN_FORMAT_H

#include "report.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One row of a format's policy: what a part is and what happens to it. The table IS the policy. */
typedef struct OskPart {
    uint64_t tag;        /* the format's own code: fourcc, marker, tag number, element id */
    const char *name;    /* as the specification spells it ("tEXt", "APP1 Exif", "moov/udta") */
    const char *meaning; /* plain words, one clause, for a reporter */
    OskVerdict verdict;  /* KEEP: `why` says what proves that nothing else rides in it */
    OskKind kind;        /* what it gives away when present */
    const char *spec;    /* specification and section */
    const char *why;     /* KEEP/REWRITE: what guarantees that it is clean; else NULL */
} OskPart;

typedef struct OskFormatInfo {
    const char *name;       /* "png" */
    const char *title;      /* "PNG and APNG" */
    const char *media_type; /* "image/png" */
    const char *extensions; /* space separated, the first is used for outputs: "png apng" */
    const OskPart *parts;
    size_t part_count;
} OskFormatInfo;

/* Every format, in the order of probing. Ownership: static. NULL past the end. */
OSK_API const OskFormatInfo *osk_format_at(size_t index);

/* Guess the format from the first bytes (64 KiB or the whole file, whichever is less).
 * Returns NULL when nothing matches; never looks at a name. */
OSK_API const OskFormatInfo *osk_probe(const void *head, size_t len);

#ifdef __cplusplus
}
#endif
#endif
