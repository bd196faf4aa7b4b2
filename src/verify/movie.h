/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on movie boxes, for MP4 and MOV files and for the image sequences of HEIF and
 * AVIF. Written from ISO/IEC 14496-12, 14496-14, 14496-15 and Apple's QuickTime File Format, and
 * from nothing in src/formats or src/parts. */
#ifndef OSK_VERIFY_MOVIE_H
#define OSK_VERIFY_MOVIE_H

#include "verify/checker.h"

/* A range of the file that belongs to what is shown: a run of samples of one chunk. */
typedef struct OskShown {
    uint64_t offset;
    uint64_t len;
} OskShown;

/* Grows in the check's arena; in the order of adding, not of the file. */
typedef struct OskShownList {
    OskShown *ranges;
    size_t count;
    size_t capacity;
    bool sorted; /* and ranges lie apart */
} OskShownList;

/* Adds a range; touching the one before, it makes it longer. False when memory or the budget is
 * spent (the fault is set). */
bool osk_shown_add(OskCheck *check, OskShownList *list, uint64_t offset, uint64_t len);

/* Sorts the list and reports every byte of [offset, offset + len), the body of an mdat or idat box,
 * that is in none of its ranges. Ranges may touch other boxes; sharing bytes is fine. Call it when
 * every range has been added; more than once is fine. */
OskStatus osk_shown_cover(OskCheck *check, OskShownList *list, const char *part, uint64_t offset,
                          uint64_t len);

/* Checks a `moov` box: its boxes against the allow-list, its tracks, their sample tables, and the
 * coded data of every sample.
 *
 * @param offset  of the box's header; `len` with the header.
 * @param shown   the ranges of all samples are added to it.
 * Errors: those of checker.h; what is found goes through osk_check_found(). */
OskStatus osk_check_moov(OskCheck *check, uint64_t offset, uint64_t len, OskShownList *shown);

#endif
