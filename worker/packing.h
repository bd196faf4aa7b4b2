/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file is compared by, made while its frames go by. */
#ifndef OSK_WORKER_PACKING_H
#define OSK_WORKER_PACKING_H

#include "oilskin/fingerprint.h"
#include "oilskin/scrub.h"
#include "pixels/image.h"

/* No frame that is added may be larger. */
#define OSK_PACKING_SIDE OSK_LUMA_SIDE_MAX

/* Zeroed there is none, and adding to it does nothing. */
typedef struct OskPacking {
    /* Set by the caller: of a still the size before the frame, all else before the end. The
     * duration is that of the frames as they were added. */
    OskFramesFacts facts;
    bool is_still;
    float *values; /* room for one frame; NULL where there is no packing, or none any more */
    OskPackMaker *maker;
    OskPack *pack;
} OskPacking;

/* Where memory doesn't suffice there is none: a file without a pack folds under nothing, and is
 * seen. @param budget is charged with all that it takes. */
void osk_packing_begin(OskPacking *packing, bool is_still, OskBudget *budget);
/* The next frame, as osk_shown_make() makes it. */
void osk_packing_add(OskPacking *packing, const OskImage *shown, uint64_t time_ms);
/* Writes the pack; false where there is none. `out` is empty, and its bytes are the caller's. */
bool osk_packing_end(OskPacking *packing, OskMemory *out);
/* Wipes. */
void osk_packing_free(OskPacking *packing);

/* OSK_CAPTURE_* of a file but for its sound: what it says of where, when and with what it was
 * taken, and whether it carries what nobody sees. One that can't be read is taken for one that has
 * all of it, so that a copy which has less never explains it. */
uint32_t osk_packing_capture(const OskSource *file, const OskLimits *limits);

#endif
