/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "fingerprint/pack_key.h"

/* The part of a luma; the values are given. */
static bool cut(OskLuma *out, const OskLuma *luma, const OskTrim *part)
{
    float *values = malloc((size_t)part->width * part->height * sizeof *values);
    for (uint32_t y = 0; values != NULL && y < part->height; y++) {
        memcpy(values + (size_t)y * part->width,
               luma->values + (size_t)(part->top + y) * luma->width + part->left,
               part->width * sizeof *values);
    }
    *out = (OskLuma){ .values = values, .width = part->width, .height = part->height };
    return values != NULL;
}

static OskStatus hash_both(OskPack *pack, const OskLuma *luma, OskFault *fault)
{
    pack->hashes[0].has_forms = true;
    OskStatus status = osk_pdq_hash(&pack->hashes[0].pdq, luma, fault);
    OskTrim trim;
    if (status != OSK_OK || !osk_luma_trim(&trim, luma)) {
        return status;
    }
    OskLuma inner;
    if (!cut(&inner, luma, &trim)) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory to trim it", OSK_NO_OFFSET);
    }
    status = osk_pdq_hash(&pack->hashes[1].pdq, &inner, fault);
    osk_luma_free(&inner);
    pack->hashes[1].has_forms = true;
    pack->hashes[1].is_trimmed = true;
    pack->hash_count = 2;
    return status;
}

static OskStatus fill(OskPack *pack, const OskLuma *luma, OskFault *fault)
{
    OskPackFrame *frame = &pack->frames[0];
    const OskKeyLimits limits = { OSK_PACK_LUMA_SIDE_MAX, OSK_FEATURES_MAX };
    OskStatus status = hash_both(pack, luma, fault);
    return status == OSK_OK ? osk_pack_key(frame, luma, &limits, fault) : status;
}

OskStatus osk_pack_of_still(OskPack **out, const OskLuma *luma, const OskStillFacts *facts,
                            OskFault *fault)
{
    OskPack *pack = calloc(1, sizeof *pack);
    if (pack != NULL) {
        *pack = (OskPack){ .kind = OSK_PACK_STILL,
                           .width = facts->width,
                           .height = facts->height,
                           .frame_count = 1,
                           .capture = facts->capture,
                           .hashes = calloc(2, sizeof *pack->hashes),
                           .hash_count = 1,
                           .frames = calloc(1, sizeof *pack->frames),
                           .key_count = 1 };
    }
    bool has_room = pack != NULL && pack->hashes != NULL && pack->frames != NULL;
    OskStatus status =
        has_room ? fill(pack, luma, fault)
                 : osk_fault_set(fault, OSK_NO_MEMORY, "pack", "no memory", OSK_NO_OFFSET);
    if (status != OSK_OK) {
        if (pack != NULL && pack->frames == NULL) {
            pack->key_count = 0;
        }
        osk_pack_free(&pack);
        return status;
    }
    *out = pack;
    return OSK_OK;
}
