/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One picture laid over another. */
#ifndef OSK_FINGERPRINT_OVERLAY_H
#define OSK_FINGERPRINT_OVERLAY_H

#include "fingerprint/align.h"

/* Of a row of the arrays. */
#define OSK_OVERLAY_SIDE OSK_PACK_LUMA_SIDE_MAX

/* Sums over pixels of both. */
typedef struct OskSums {
    double n, q, o, qq, oo, qo;
} OskSums;
void osk_sums_add(OskSums *sums, double q, double o);

/* A line of the query's pixels beside what is looked at: what scaling mixes with what lies beyond,
 * so that it is compared in pieces alone. */
#define OSK_OVERLAY_PIECES 16u
typedef struct OskEdge {
    OskSums pieces[OSK_OVERLAY_PIECES];
    uint32_t all[OSK_OVERLAY_PIECES]; /* pixels, covered or not; of a side without such a line 0 */
    bool is_dimmed;                   /* beside a black border, which shines into it */
} OskEdge;

/* The query's pixels, without its borders, and what the other shows there. */
typedef struct OskOverlay {
    float query[OSK_OVERLAY_SIDE * OSK_OVERLAY_SIDE];
    float other[OSK_OVERLAY_SIDE * OSK_OVERLAY_SIDE]; /* in the query's light */
    bool is_covered[OSK_OVERLAY_SIDE * OSK_OVERLAY_SIDE];
    OskTrim area;      /* of the query's luma: what is looked at */
    OskEdge edges[4];  /* left, top, right, bottom of it */
    uint32_t left_out; /* pixels within the borders that are compared with nothing */
    float contrast;    /* how far the query's pixels lie apart */
} OskOverlay;

/* Both sampled on the query's pixels, as coarsely as the coarser of them is.
 * @param reach pixels that one sample is a mean over, at least. */
void osk_overlay_lay(OskOverlay *over, const OskPackFrame *query, const OskPackFrame *other,
                     const OskMap *map, float reach);
/* Moves, turns and stretches the map by the little that makes both most alike: what they differ in
 * altogether has no say. False when nothing says how. */
bool osk_overlay_nudge(const OskOverlay *over, const OskPackFrame *query, OskMap *map);

#endif
