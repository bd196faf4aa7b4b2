/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which colours the palette of a written PNG has: those of written pixels, and no others. */
#include <string.h>

#include "base/fault.h"
#include "pixels/codec_spng.h"

void osk_png_palette_start(OskEncoder *encoder, const OskImage *image)
{
    OskEncoder *e = encoder;
    if (!e->animated) {
        memcpy(e->palette, image->palette, sizeof e->palette);
        e->count = image->palette_count;
    }
}

static uint32_t distance(const uint8_t *a, const uint8_t *b)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        int32_t d = (int32_t)a[i] - b[i];
        sum += (uint32_t)(d * d);
    }
    return sum;
}

/* The place of a colour in the palette of the file, -1 where there is none left. */
static int place_colour(OskEncoder *e, const uint8_t *colour, unsigned depth)
{
    for (unsigned i = 0; i < e->count; i++) {
        if (memcmp(e->palette[i], colour, 4) == 0) {
            return (int)i;
        }
    }
    if (e->count >= 1u << depth) {
        return -1;
    }
    memcpy(e->palette[e->count], colour, 4);
    return (int)e->count++;
}

typedef struct Usage {
    bool any[OSK_PALETTE_MAX];
    bool plain[OSK_PALETTE_MAX]; /* by pixels that nothing covers */
} Usage;

static void find_usage(const OskFrame *frame, Usage *usage)
{
    const OskImage *image = &frame->image;
    *usage = (Usage){ 0 };
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *row = image->pixels + y * image->stride;
        for (size_t x = 0; x < image->width; x++) {
            usage->any[row[x]] = true;
            if (frame->covered == NULL || frame->covered[(size_t)y * image->width + x] == 0) {
                usage->plain[row[x]] = true;
            }
        }
    }
}

/* The nearest of the colours that pixels outside the covered part use. */
static int nearest_colour(const OskEncoder *e, const bool *plain, const uint8_t *colour)
{
    int best = -1;
    for (unsigned i = 0; i < e->count; i++) {
        if (plain[i] &&
            (best < 0 || distance(e->palette[i], colour) < distance(e->palette[best], colour))) {
            best = (int)i;
        }
    }
    return best;
}

/* Finds a place for each colour of the frame; those of uncovered pixels come first. */
static bool map_colours(OskEncoder *e, const OskImage *image, const Usage *usage, uint8_t *map)
{
    bool plain[OSK_PALETTE_MAX] = { false };
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < OSK_PALETTE_MAX; i++) {
            bool painted = !usage->plain[i];
            if (!usage->any[i] || painted != (pass == 1)) {
                continue;
            }
            int place = place_colour(e, image->palette[i], e->header.depth);
            if (place < 0 && painted) {
                place = nearest_colour(e, plain, image->palette[i]);
            }
            if (place < 0) {
                return false;
            }
            map[i] = (uint8_t)place;
            plain[place] = plain[place] || !painted;
            e->used[place] = true;
        }
    }
    return true;
}

OskStatus osk_png_palette_map(OskEncoder *encoder, const OskFrame *frame, OskImage *image,
                              OskFault *fault)
{
    OskEncoder *e = encoder;
    Usage usage;
    uint8_t map[OSK_PALETTE_MAX] = { 0 };
    find_usage(frame, &usage);
    if (!e->animated) {
        memcpy(e->used, usage.any, sizeof e->used);
        return OSK_OK;
    }
    if (!map_colours(e, &frame->image, &usage, map)) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "PLTE",
                             "the frames together have more colours than a palette holds",
                             OSK_NO_OFFSET);
    }
    for (size_t i = 0; i < image->stride * image->height; i++) {
        image->pixels[i] = map[image->pixels[i]];
    }
    return OSK_OK;
}

OskStatus osk_png_palette_index(OskEncoder *encoder, const OskImage *rgba, unsigned depth,
                                OskImage *out_image, bool *out_fits)
{
    OskEncoder *e = encoder;
    OskImage *out = out_image;
    int place = 0;
    OskStatus status =
        osk_image_make(out, rgba->width, rgba->height, OSK_PIXELS_INDEXED, depth, e->budget);
    for (uint32_t y = 0; status == OSK_OK && place >= 0 && y < rgba->height; y++) {
        const uint8_t *in = rgba->pixels + y * rgba->stride;
        uint8_t *row = out->pixels + y * out->stride;
        for (size_t x = 0; place >= 0 && x < rgba->width; x++, in += 4) {
            /* Neighbours are mostly alike. */
            bool alike = e->count > 0 && memcmp(e->palette[place], in, 4) == 0;
            place = alike ? place : place_colour(e, in, depth);
            row[x] = (uint8_t)place;
        }
    }
    *out_fits = status == OSK_OK && place >= 0;
    if (!*out_fits) {
        osk_image_free(out, e->budget);
        return status;
    }
    memcpy(out->palette, e->palette, sizeof out->palette);
    out->palette_count = e->count;
    return OSK_OK;
}

unsigned osk_png_palette_count(const OskEncoder *encoder)
{
    const OskEncoder *e = encoder;
    unsigned count = 1;
    for (unsigned i = 0; i < e->count; i++) {
        count = e->used[i] ? i + 1 : count;
    }
    return count;
}
