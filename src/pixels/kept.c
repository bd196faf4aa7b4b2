/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "pixels/quality.h"

static OskStatus grow(OskKeptFrames *frames)
{
    if (frames->count < frames->room) {
        return OSK_OK;
    }
    size_t room = frames->room == 0 ? 8 : frames->room * 2;
    OskKeptFrame *at = realloc(frames->at, room * sizeof *at);
    if (at == NULL) {
        return OSK_NO_MEMORY;
    }
    frames->at = at;
    frames->room = room;
    return OSK_OK;
}

static OskStatus copy_image(OskImage *to, const OskImage *from, OskBudget *budget)
{
    OskStatus status =
        osk_image_make(to, from->width, from->height, from->model, from->depth, budget);
    if (status != OSK_OK) {
        return status;
    }
    for (uint32_t y = 0; y < from->height; y++) {
        memcpy(to->pixels + (size_t)y * to->stride, from->pixels + (size_t)y * from->stride,
               to->stride);
    }
    return OSK_OK;
}

static OskStatus copy_mask(OskKeptFrames *frames, OskKeptFrame *kept, const OskFrame *frame,
                           OskBudget *budget)
{
    uint64_t bytes = (uint64_t)frame->image.width * frame->image.height;
    if (frame->covered == NULL) {
        return OSK_OK;
    }
    if (!osk_budget_memory(budget, bytes)) {
        return OSK_LIMIT;
    }
    frames->spent += bytes;
    return osk_covered_spread(frame->covered, frame->image.width, frame->image.height,
                              OSK_QUALITY_EDGE, &kept->mask);
}

/* The frame's time in units of the list's clock, rounded. */
static bool take_time(OskKeptFrames *frames, OskKeptFrame *kept, const OskFrame *frame)
{
    uint64_t den = frame->duration_den == 0 ? 1 : frame->duration_den;
    uint64_t units = 0;
    kept->start_num = frames->end_num;
    if (!osk_mul_u64(frame->duration_num, frames->clock, &units) ||
        !osk_add_u64(units, den / 2, &units)) {
        return false;
    }
    kept->duration_num = units / den;
    return osk_add_u64(frames->end_num, kept->duration_num, &frames->end_num) &&
           frames->end_num <= INT32_MAX;
}

OskStatus osk_kept_add(OskKeptFrames *frames, const OskFrame *frame, bool measured,
                       OskBudget *budget)
{
    OskKeptFrame kept = { .covered = frame->covered };
    OskStatus status = grow(frames);
    if (status == OSK_OK && !take_time(frames, &kept, frame)) {
        status = OSK_LIMIT;
    }
    if (status == OSK_OK) {
        status = copy_image(&kept.image, &frame->image, budget);
    }
    if (status == OSK_OK && measured) {
        status = copy_mask(frames, &kept, frame, budget);
    }
    if (status != OSK_OK) {
        osk_image_free(&kept.image, budget);
        return status;
    }
    double share = osk_covered_kept(frame->covered, frame->image.width, frame->image.height);
    frames->kept_share =
        frames->count == 0 || share < frames->kept_share ? share : frames->kept_share;
    frames->at[frames->count++] = kept;
    return OSK_OK;
}

void osk_kept_free(OskKeptFrames *frames, OskBudget *budget)
{
    for (size_t i = 0; i < frames->count; i++) {
        osk_image_free(&frames->at[i].image, budget);
        free(frames->at[i].mask);
    }
    free(frames->at);
    osk_budget_return(budget, frames->spent);
    *frames = (OskKeptFrames){ 0 };
}
