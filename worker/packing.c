/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packing.h"

#include <stdlib.h>

#include "oilskin/seal.h"

/* A frame's brightness, what a maker holds, and what features are found in. */
#define MEMORY (UINT64_C(24) << 20)
#define VALUES_BYTES ((size_t)OSK_PACKING_SIDE * OSK_PACKING_SIDE * sizeof(float))

void osk_packing_begin(OskPacking *packing, bool is_still, OskBudget *budget)
{
    *packing = (OskPacking){ .facts = packing->facts, .is_still = is_still };
    if (!osk_budget_memory(budget, MEMORY)) {
        return;
    }
    packing->values = malloc(VALUES_BYTES);
    if (packing->values != NULL && !is_still &&
        osk_pack_maker_open(&packing->maker, NULL) != OSK_OK) {
        osk_packing_free(packing);
    }
}

void osk_packing_add(OskPacking *packing, const OskImage *shown, uint64_t time_ms)
{
    const OskFramesFacts *facts = &packing->facts;
    if (packing->values == NULL) {
        return;
    }
    if (shown->width > OSK_PACKING_SIDE || shown->height > OSK_PACKING_SIDE ||
        time_ms > UINT32_MAX) {
        osk_packing_free(packing);
        return;
    }
    for (uint32_t y = 0; y < shown->height; y++) {
        osk_luma_from_rgb(packing->values + (size_t)y * shown->width,
                          shown->pixels + shown->stride * y, shown->width);
    }
    const OskLuma luma = { packing->values, shown->width, shown->height };
    const OskStillFacts still = { facts->width, facts->height, 0 };
    OskStatus status = packing->is_still
                           ? osk_pack_of_still(&packing->pack, &luma, &still, NULL)
                           : osk_pack_maker_add(packing->maker, &luma, (uint32_t)time_ms, NULL);
    if (status != OSK_OK) {
        osk_packing_free(packing);
    }
}

bool osk_packing_end(OskPacking *packing, OskMemory *out)
{
    if (packing->maker != NULL) {
        (void)osk_pack_maker_end(&packing->maker, &packing->facts, &packing->pack, NULL);
    }
    if (packing->pack != NULL) {
        packing->pack->capture = packing->facts.capture;
    }
    return packing->pack != NULL && osk_pack_write(packing->pack, out, NULL) == OSK_OK;
}

void osk_packing_free(OskPacking *packing)
{
    if (packing->values != NULL) {
        osk_seal_wipe(packing->values, VALUES_BYTES);
    }
    free(packing->values);
    osk_pack_maker_free(&packing->maker);
    osk_pack_free(&packing->pack);
    *packing = (OskPacking){ .facts = packing->facts, .is_still = packing->is_still };
}

/* ---- what a file carries beside ---- */

uint32_t osk_packing_capture(const OskSource *file, const OskLimits *limits)
{
    static const uint32_t bits[OSK_KIND_COUNT] = {
        [OSK_KIND_PLACE] = OSK_CAPTURE_PLACE,   [OSK_KIND_TIME] = OSK_CAPTURE_TIME,
        [OSK_KIND_DEVICE] = OSK_CAPTURE_DEVICE, [OSK_KIND_PREVIEW] = OSK_CAPTURE_HIDDEN,
        [OSK_KIND_NAME] = OSK_CAPTURE_HIDDEN,   [OSK_KIND_OTHER] = OSK_CAPTURE_HIDDEN
    };
    const OskScrubOptions options = { .limits = *limits };
    OskScrub *scrub = NULL;
    uint32_t capture = 0;
    bool is_read = osk_scrub_open(file, &options, &scrub) == OSK_OK;
    const OskReport *report = is_read ? osk_scrub_report(scrub) : NULL;
    for (size_t i = 0; is_read && i < osk_report_count(report); i++) {
        const OskFinding *finding = osk_report_at(report, i);
        capture |= finding->kind < OSK_KIND_COUNT ? bits[finding->kind] : 0;
    }
    is_read = is_read && !osk_report_is_cut(report);
    osk_scrub_free(&scrub);
    return is_read ? capture : OSK_CAPTURE_ALL & ~OSK_CAPTURE_SOUND;
}
