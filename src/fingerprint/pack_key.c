/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fingerprint/pack_key.h"

#include <stdlib.h>

#include "base/fault.h"

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory to keep it", OSK_NO_OFFSET);
}

/* The luma, and where its borders end. */
static OskStatus shrink(OskPackFrame *frame, const OskLuma *luma, uint32_t side, OskFault *fault)
{
    OskLuma small;
    OskStatus status = osk_luma_scale(&small, luma, side, fault);
    if (status != OSK_OK) {
        return status;
    }
    size_t count = (size_t)small.width * small.height;
    frame->luma = malloc(count);
    if (frame->luma != NULL) {
        frame->luma_width = (uint8_t)small.width;
        frame->luma_height = (uint8_t)small.height;
        for (size_t i = 0; i < count; i++) {
            float value = small.values[i];
            frame->luma[i] = (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5F);
        }
        (void)osk_luma_trim(&frame->trim, &small);
    }
    osk_luma_free(&small);
    return frame->luma != NULL ? OSK_OK : no_memory(fault);
}

OskStatus osk_pack_key(OskPackFrame *frame, const OskLuma *luma, const OskKeyLimits *limits,
                       OskFault *fault)
{
    OskStatus status = shrink(frame, luma, limits->side, fault);
    if (status != OSK_OK || limits->features == 0) {
        return status;
    }
    frame->features = calloc(limits->features, sizeof *frame->features);
    if (frame->features == NULL) {
        return no_memory(fault);
    }
    return osk_features_find(luma, frame->features, limits->features, &frame->feature_count, fault);
}

static void wipe(void *bytes, size_t len)
{
    volatile uint8_t *at = bytes;
    for (size_t i = 0; at != NULL && i < len; i++) {
        at[i] = 0;
    }
    free(bytes);
}

void osk_pack_key_free(OskPackFrame *frame)
{
    wipe(frame->luma, (size_t)frame->luma_width * frame->luma_height);
    wipe(frame->features, frame->feature_count * sizeof *frame->features);
    *frame = (OskPackFrame){ .luma = NULL };
}
