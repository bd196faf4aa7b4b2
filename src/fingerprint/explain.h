/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a picture another one does not show. */
#ifndef OSK_FINGERPRINT_EXPLAIN_H
#define OSK_FINGERPRINT_EXPLAIN_H

#include "fingerprint/align.h"

typedef struct OskExplained {
    unsigned covered_permille;
    unsigned component_16;
    unsigned component_32;
    unsigned spread_16;  /* unexplained blocks of 16 x 16, wherever they lie */
    unsigned spread_32;  /* unexplained blocks of 32 x 32, wherever they lie */
    unsigned written_32; /* of a sheet of paper: those that are written otherwise */
    unsigned box[4];     /* of the largest of 32 x 32, in thousandths of the frame */
    float scale;         /* pixels of the other's feature frame in one of the query's */
    OskMap map;          /* as it was moved */
} OskExplained;

/* Lays the query, without its borders, over `other` by `map`. Errors: NO_MEMORY. */
OskStatus osk_explain(OskExplained *out, const OskPackFrame *query, const OskPackFrame *other,
                      const OskMap *map, const OskLikenessRules *rules);

/* Whether one leaves less than the other. */
bool osk_explained_better(const OskExplained *one, const OskExplained *than);

#endif
