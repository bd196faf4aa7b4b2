/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What likeness of stills and of films have in common. */
#ifndef OSK_FINGERPRINT_LIKENESS_H
#define OSK_FINGERPRINT_LIKENESS_H

#include "fingerprint/explain.h"

/* Times of key frames and hashes that count as one: frames of 15 a second lie 67 ms apart. */
#define OSK_SAME_MS 70

/* Two files, and what they are compared by. */
typedef struct OskCase {
    const OskPack *query;
    const OskPack *other;
    const OskLikenessRules *rules;
} OskCase;

/* The nearest two hashes. */
typedef struct OskNearest {
    unsigned distance;
    unsigned form; /* of the query */
    bool query_is_trimmed;
    bool other_is_trimmed;
} OskNearest;

/* Of all hashes of quality. */
OskNearest osk_likeness_nearest(const OskCase *of);

/* Lays one frame over another in each way that there is a reason for, and keeps what explains most.
 * @param inliers given: corners that agree.
 * @param frames the query's and the other's.
 * @param hashed how their hashes say that they lie; NULL when they say nothing.
 * @return false when nothing says how they lie. */
bool osk_likeness_lay(OskExplained *out, unsigned *inliers, const OskPackFrame *const frames[2],
                      const OskNearest *hashed, const OskLikenessRules *rules);

bool osk_likeness_is_explained(const OskExplained *explained, const OskLikenessRules *rules);
void osk_likeness_report(OskLikeness *out, const OskExplained *explained);

/* What makes a file worth a look however well its pixels are explained. */
bool osk_likeness_has_more(const OskPack *query, const OskPack *other,
                           const OskExplained *explained);

/* Where one of the two has a time line. */
void osk_likeness_of_films(OskLikeness *out, const OskCase *of);

#endif
