/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stages of PDQ, for what needs one of them alone. */
#ifndef OSK_FINGERPRINT_PDQ_H
#define OSK_FINGERPRINT_PDQ_H

#include "oilskin/fingerprint.h"

/* Sides of the smoothed picture, and of its lowest frequencies. */
#define OSK_PDQ_SIDE 64u
#define OSK_PDQ_WAVES 16u

typedef struct OskPdqSmall {
    float at[OSK_PDQ_SIDE][OSK_PDQ_SIDE];
} OskPdqSmall;

typedef struct OskPdqWaves {
    float at[OSK_PDQ_WAVES][OSK_PDQ_WAVES];
} OskPdqWaves;

/* Smooths and samples. Errors: NO_MEMORY. */
OskStatus osk_pdq_shrink(OskPdqSmall *out, const OskLuma *luma, OskFault *fault);
/* The lowest frequencies of the cosine transform, without the constant ones. */
void osk_pdq_waves(OskPdqWaves *out, const OskPdqSmall *small);
/* How much there is to see, 0 to 100. */
uint8_t osk_pdq_quality(const OskPdqSmall *small);
/* Which frequencies lie above the median. */
void osk_pdq_bits(OskPdqHash *out, const OskPdqWaves *waves);
/* The frequencies of the picture turned or mirrored, one of OSK_PDQ_FORMS. */
void osk_pdq_turn(OskPdqWaves *out, const OskPdqWaves *waves, unsigned form);

#endif
