/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Originals that somebody has said why to open: each gets an address that is good for that reviewer
 * and ten minutes. In memory alone. */
#ifndef OSK_DESK_OPENINGS_H
#define OSK_DESK_OPENINGS_H

#include "oilskin/random.h"
#include "store/store.h"

#define OSK_OPENING_TEXT_BYTES 33u
#define OSK_OPENING_MS ((int64_t)10 * 60 * 1000)
#define OSK_OPENINGS_MAX 256u /* the oldest goes first */

typedef struct OskOpenings OskOpenings;

typedef struct OskOpening {
    OskId reviewer;
    OskId file;
    OskId owner; /* of its segments: itself, or the file that it is a copy of */
} OskOpening;

OskOpenings *osk_openings_open(void); /* NULL without memory */
/* False without randomness. */
bool osk_openings_add(OskOpenings *openings, const OskOpening *opening, const OskRandom *random,
                      int64_t now_ms, char out[OSK_OPENING_TEXT_BYTES]);
bool osk_openings_find(OskOpenings *openings, const char *text, const OskId *reviewer,
                       int64_t now_ms, OskOpening *out);
void osk_openings_close(OskOpenings **openings); /* accepts NULL and nulls */

#endif
