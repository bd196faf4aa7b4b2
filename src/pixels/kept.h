/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames that an encoder keeps, because it may have to write them several times. */
#ifndef OSK_PIXELS_KEPT_H
#define OSK_PIXELS_KEPT_H

#include "pixels/codec.h"

typedef struct OskKeptFrame {
    OskImage image;
    const uint8_t *covered; /* lent: valid only within the call that gave the frame */
    uint8_t *mask;          /* not measured: what is covered and its edge; NULL: all is measured */
    uint64_t start_num;     /* when it begins: start_num / den of the list */
    uint64_t duration_num;
} OskKeptFrame;

typedef struct OskKeptFrames {
    OskKeptFrame *at;
    size_t count;
    size_t room;
    uint64_t clock; /* units a second, in which frames begin and last */
    uint64_t end_num;
    double kept_share; /* of the pixels, the least of all frames */
    uint64_t spent;
} OskKeptFrames;

/* Keeps a copy of a frame, and its mask where `measured`.
 * Errors: LIMIT, NO_MEMORY. Ownership: osk_kept_free(). */
OskStatus osk_kept_add(OskKeptFrames *frames, const OskFrame *frame, bool measured,
                       OskBudget *budget);
void osk_kept_free(OskKeptFrames *frames, OskBudget *budget);

#endif
