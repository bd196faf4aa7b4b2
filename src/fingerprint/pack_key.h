/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_FINGERPRINT_PACK_KEY_H
#define OSK_FINGERPRINT_PACK_KEY_H

#include "oilskin/fingerprint.h"

/* Pixels of a small frame's luma: as many as fit a pack, but for what rounding adds. */
#define OSK_PACK_SMALL_AREA 1296u

/* What a key frame may take. */
typedef struct OskKeyLimits {
    uint32_t side;   /* of its luma */
    size_t features; /* 0 for a small frame, that has none */
} OskKeyLimits;

/* Fills an empty key frame; what it holds then goes with the pack, also after an error.
 * Errors: MISUSE, NO_MEMORY. */
OskStatus osk_pack_key(OskPackFrame *frame, const OskLuma *luma, const OskKeyLimits *limits,
                       OskFault *fault);
/* Wipes what a key frame holds. */
void osk_pack_key_free(OskPackFrame *frame);

#endif
