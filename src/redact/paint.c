/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/paint.h"

#include <string.h>

#include "redact/paint_indexed.h"
#include "redact/veil.h"
#include "redact/regions.h"
#include "redact/threshold.h"

/* Bits of fraction of a sample on a plane (synth.h). */
#define SAMPLE_ONE 16

/* What one frame is painted with. */
typedef struct Brush {
    OskImage *image;
    const OskCoverMap *map;
    const OskRegions *regions;
    OskGroups groups;
    const OskNoise *noise;
    unsigned colors; /* samples of a pixel that are colour */
    bool alpha;      /* one more */
    uint32_t top;    /* the greatest sample */
} Brush;

/* ---- samples ---- */

static uint32_t get_sample(const OskImage *image, uint32_t x, uint32_t y, unsigned sample)
{
    size_t at = (size_t)x * osk_pixel_samples(image->model) + sample;
    const uint8_t *row = image->pixels + y * image->stride;
    if (image->depth <= 8) {
        return row[at];
    }
    uint16_t wide = 0;
    memcpy(&wide, row + at * sizeof wide, sizeof wide);
    return wide;
}

static void set_sample(OskImage *image, uint32_t x, uint32_t y, unsigned sample, uint32_t value)
{
    size_t at = (size_t)x * osk_pixel_samples(image->model) + sample;
    uint8_t *row = image->pixels + y * image->stride;
    if (image->depth <= 8) {
        row[at] = (uint8_t)value;
        return;
    }
    uint16_t wide = (uint16_t)value;
    memcpy(row + at * sizeof wide, &wide, sizeof wide);
}

/* ---- fill ---- */

/* An sRGB colour in the image's model, in 255ths. */
static void map_color(OskPixelModel model, const uint8_t rgb[3], uint32_t out[4])
{
    uint32_t most = rgb[0] > rgb[1] ? rgb[0] : rgb[1];
    most = rgb[2] > most ? rgb[2] : most;
    switch (model) {
    case OSK_PIXELS_GREY:
    case OSK_PIXELS_GREY_ALPHA:
        out[0] = (299u * rgb[0] + 587u * rgb[1] + 114u * rgb[2] + 500u) / 1000u;
        return;
    case OSK_PIXELS_CMYK:
        /* Black ink for what the three colours share. */
        for (unsigned i = 0; i < 3; i++) {
            out[i] = most > 0 ? ((most - rgb[i]) * 255u + most / 2) / most : 0;
        }
        out[3] = 255u - most;
        return;
    case OSK_PIXELS_RGB:
    case OSK_PIXELS_RGBA:
    case OSK_PIXELS_INDEXED: break;
    }
    for (unsigned i = 0; i < 3; i++) {
        out[i] = rgb[i];
    }
}

static void set_color(const Brush *brush, uint32_t x, uint32_t y, const uint32_t color[4])
{
    for (unsigned i = 0; i < brush->colors; i++) {
        set_sample(brush->image, x, y, i, (color[i] * brush->top + 127u) / 255u);
    }
}

/* Every covered pixel gets its region's colour, and becomes opaque. After this nothing of what was
 * there is left, whatever is painted over it later. */
static void fill_covered(const Brush *brush)
{
    const OskCoverMap *map = brush->map;
    uint32_t color[4] = { 0 };
    uint16_t known = OSK_COVER_NONE;
    for (uint32_t y = 0; y < brush->image->height; y++) {
        const uint16_t *cells = map->cells + (size_t)y * map->columns;
        for (uint32_t x = 0; x < brush->image->width; x++) {
            if (cells[x] == OSK_COVER_NONE) {
                continue;
            }
            if (cells[x] != known) {
                known = cells[x];
                const uint8_t *rgb = osk_regions_color_of(brush->regions, known);
                map_color(brush->image->model, rgb, color);
            }
            set_color(brush, x, y, color);
            if (brush->alpha) {
                set_sample(brush->image, x, y, brush->colors, brush->top);
            }
        }
    }
}

/* ---- blur and mosaic ---- */

/* Transparent surroundings don't count: nobody sees their colour. */
static void weigh(const Brush *brush, OskVeil *veil)
{
    const OskLevel *level = &veil->window.levels[0];
    for (uint32_t y = 0; brush->alpha && y < level->rows; y++) {
        for (uint32_t x = 0; x < level->columns; x++) {
            size_t at = (size_t)y * level->columns + x;
            if (osk_veil_wants(veil, at)) {
                uint32_t alpha = get_sample(brush->image, veil->window.left + x,
                                            veil->window.top + y, brush->colors);
                veil->window.weights[at] = (uint8_t)((alpha * 255u + brush->top / 2) / brush->top);
            }
        }
    }
}

static void load_channel(const Brush *brush, OskVeil *veil, unsigned channel)
{
    const OskLevel *level = &veil->window.levels[0];
    for (uint32_t y = 0; y < level->rows; y++) {
        for (uint32_t x = 0; x < level->columns; x++) {
            size_t at = (size_t)y * level->columns + x;
            if (osk_veil_wants(veil, at)) {
                uint32_t sample =
                    get_sample(brush->image, veil->window.left + x, veil->window.top + y, channel);
                sample = sample > brush->top ? brush->top : sample;
                osk_veil_set(veil, at, (int32_t)sample * SAMPLE_ONE);
            }
        }
    }
}

/* Few levels get a pattern of two of them; eight bits and more are rounded. */
static uint32_t to_sample(const Brush *brush, int32_t value, uint32_t x, uint32_t y)
{
    int32_t part = SAMPLE_ONE / 2;
    if (brush->image->depth < 8) {
        part = (int32_t)(osk_threshold(x, y) * SAMPLE_ONE / 64u);
    }
    int32_t sample = (value + part) / SAMPLE_ONE;
    return (uint32_t)sample > brush->top ? brush->top : (uint32_t)sample;
}

static void store_channel(const Brush *brush, const OskVeil *veil, unsigned channel)
{
    const OskLevel *level = &veil->window.levels[0];
    for (uint32_t v = 0; v < level->rows; v++) {
        uint32_t y = veil->window.top + v;
        const uint16_t *cells = brush->map->cells + (size_t)y * brush->map->columns;
        for (uint32_t u = 0; u < level->columns; u++) {
            uint32_t x = veil->window.left + u;
            size_t at = (size_t)v * level->columns + u;
            if (osk_veil_inside(veil, at) && brush->groups.styles[cells[x]] != OSK_REGION_FILL) {
                uint32_t sample = to_sample(brush, osk_veil_get(veil, at), x, y);
                set_sample(brush->image, x, y, channel, sample);
            }
        }
    }
}

/* No surroundings: the grey of half the light, in each model's own way. */
static void fill_grey(const Brush *brush, const OskVeil *veil)
{
    static const uint8_t grey[3] = { 128, 128, 128 };
    uint32_t color[4] = { 0 };
    map_color(brush->image->model, grey, color);
    const OskLevel *level = &veil->window.levels[0];
    for (uint32_t v = 0; v < level->rows; v++) {
        uint32_t y = veil->window.top + v;
        const uint16_t *cells = brush->map->cells + (size_t)y * brush->map->columns;
        for (uint32_t u = 0; u < level->columns; u++) {
            uint32_t x = veil->window.left + u;
            if (osk_veil_inside(veil, (size_t)v * level->columns + u) &&
                brush->groups.styles[cells[x]] != OSK_REGION_FILL) {
                set_color(brush, x, y, color);
            }
        }
    }
}

static OskStatus paint_group(const Brush *brush, const OskGroup *group, OskBudget *budget)
{
    OskVeil veil;
    OskStatus status = osk_veil_make(&veil, brush->map, &brush->groups, group, budget);
    if (status == OSK_OK) {
        weigh(brush, &veil);
        osk_veil_prepare(&veil);
        if (!veil.ringed) {
            fill_grey(brush, &veil);
        }
        for (unsigned i = 0; veil.ringed && i < brush->colors; i++) {
            load_channel(brush, &veil, i);
            OskTone tone = { .high = (int32_t)brush->top * SAMPLE_ONE, .channel = i };
            osk_veil_render(&veil, &tone, brush->noise);
            store_channel(brush, &veil, i);
        }
    }
    osk_veil_free(&veil);
    return status;
}

/* ---- a frame ---- */

static OskStatus paint_covered(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                               const OskNoise *noise, OskBudget *budget)
{
    Brush brush = { .image = image,
                    .map = map,
                    .regions = regions,
                    .noise = noise,
                    .colors = osk_pixel_samples(image->model),
                    .alpha =
                        image->model == OSK_PIXELS_GREY_ALPHA || image->model == OSK_PIXELS_RGBA,
                    .top = (1u << image->depth) - 1 };
    brush.colors -= brush.alpha;
    OskStatus status = osk_groups_make(&brush.groups, map, regions, budget);
    if (status == OSK_OK) {
        fill_covered(&brush);
    }
    for (uint32_t i = 1; status == OSK_OK && i <= brush.groups.count; i++) {
        const OskGroup *group = &brush.groups.items[i];
        if (group->synthetic) {
            status = noise == NULL ? OSK_MISUSE : paint_group(&brush, group, budget);
        }
    }
    osk_groups_free(&brush.groups);
    return status;
}

static OskStatus paint_indexed(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                               const OskNoise *noise, OskBudget *budget)
{
    OskImage rgba = { 0 };
    OskStatus status = osk_indexed_expand(image, map, &rgba, budget);
    if (status == OSK_OK) {
        status = paint_covered(&rgba, map, regions, noise, budget);
    }
    if (status == OSK_OK) {
        status = osk_indexed_cover(image, map, regions, &rgba, budget);
    }
    osk_image_free(&rgba, budget);
    return status;
}

OskStatus osk_paint_frame(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                          const OskNoise *noise, OskBudget *budget)
{
    if (map->columns != image->width || map->rows != image->height || map->cell_width != 1 ||
        map->cell_height != 1) {
        return OSK_MISUSE;
    }
    if (map->covered == 0) {
        return OSK_OK;
    }
    return image->model == OSK_PIXELS_INDEXED ? paint_indexed(image, map, regions, noise, budget)
                                              : paint_covered(image, map, regions, noise, budget);
}
