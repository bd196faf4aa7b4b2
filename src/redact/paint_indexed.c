/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/paint_indexed.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "redact/regions.h"
#include "redact/threshold.h"

/* Colours are gathered in bins of five bits a channel. */
#define BIN_BITS 5
#define BINS (1u << 3 * BIN_BITS)
/* Squared distance in RGB that nobody sees. */
#define NEAR_ENOUGH 12u
/* New colours at most: a patch needs no more, and the palette of a cartoon stays small. */
#define NEW_COLORS 96u

typedef struct Bin {
    uint64_t count;
    uint64_t sum[3];
    uint32_t distance; /* squared, to the nearest colour of the palette */
    uint8_t color[3];  /* the mean */
    uint8_t first;     /* what it is mixed of: the nearest entry, another one, */
    uint8_t second;    /* which may be the same */
} Bin;

typedef struct Palette {
    uint8_t colors[OSK_PALETTE_MAX][4];
    unsigned count;
    unsigned room;                 /* entries that the depth allows */
    uint8_t from[OSK_PALETTE_MAX]; /* an old number's new one */
    uint8_t alpha;                 /* of the entries that may cover: 255 if there is one */
} Palette;

OskStatus osk_indexed_expand(const OskImage *image, const OskCoverMap *map, OskImage *out_rgba,
                             OskBudget *budget)
{
    OskStatus status =
        osk_image_make(out_rgba, image->width, image->height, OSK_PIXELS_RGBA, 8, budget);
    for (uint32_t y = 0; status == OSK_OK && y < image->height; y++) {
        const uint16_t *cells = map->cells + (size_t)y * map->columns;
        for (uint32_t x = 0; x < image->width; x++) {
            if (cells[x] == OSK_COVER_NONE) {
                uint8_t index = image->pixels[y * image->stride + x];
                memcpy(out_rgba->pixels + y * out_rgba->stride + (size_t)x * 4,
                       image->palette[index], 4);
            }
        }
    }
    return status;
}

/* ---- the colours outside ---- */

/* The most transparent first, as PNG likes it; then by red, green, blue. */
static int by_color(const void *left, const void *right)
{
    const uint8_t *a = left;
    const uint8_t *b = right;
    return a[3] != b[3] ? a[3] - b[3] : memcmp(a, b, 3);
}

static void keep_used(Palette *palette, const OskImage *image, const OskCoverMap *map)
{
    bool used[OSK_PALETTE_MAX] = { false };
    for (uint32_t y = 0; y < image->height; y++) {
        const uint16_t *cells = map->cells + (size_t)y * map->columns;
        for (uint32_t x = 0; x < image->width; x++) {
            if (cells[x] == OSK_COVER_NONE) {
                used[image->pixels[y * image->stride + x]] = true;
            }
        }
    }
    uint8_t sorted[OSK_PALETTE_MAX][4];
    size_t count = 0;
    for (unsigned i = 0; i < OSK_PALETTE_MAX; i++) {
        if (used[i]) {
            memcpy(sorted[count++], image->palette[i], 4);
        }
    }
    qsort(sorted, count, sizeof sorted[0], by_color);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || memcmp(sorted[i], sorted[i - 1], 4) != 0) {
            memcpy(palette->colors[palette->count++], sorted[i], 4);
        }
    }
    for (unsigned i = 0; i < OSK_PALETTE_MAX; i++) {
        for (unsigned j = 0; used[i] && j < palette->count; j++) {
            if (memcmp(palette->colors[j], image->palette[i], 4) == 0) {
                palette->from[i] = (uint8_t)j;
            }
        }
    }
}

/* ---- the colours inside ---- */

static size_t bin_of(const uint8_t *rgb)
{
    return (size_t)(rgb[0] >> 3) << 10 | (size_t)(rgb[1] >> 3) << 5 | rgb[2] >> 3;
}

static uint32_t distance(const uint8_t *a, const uint8_t *b)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < 3; i++) {
        int d = a[i] - b[i];
        sum += (uint32_t)(d * d);
    }
    return sum;
}

static void gather(Bin *bins, const OskCoverMap *map, const OskImage *rgba)
{
    for (uint32_t y = 0; y < rgba->height; y++) {
        const uint16_t *cells = map->cells + (size_t)y * map->columns;
        for (uint32_t x = 0; x < rgba->width; x++) {
            if (cells[x] == OSK_COVER_NONE) {
                continue;
            }
            const uint8_t *pixel = rgba->pixels + y * rgba->stride + (size_t)x * 4;
            Bin *bin = &bins[bin_of(pixel)];
            bin->count++;
            for (unsigned i = 0; i < 3; i++) {
                bin->sum[i] += pixel[i];
            }
        }
    }
    for (size_t i = 0; i < BINS; i++) {
        for (unsigned n = 0; bins[i].count > 0 && n < 3; n++) {
            bins[i].color[n] = (uint8_t)((bins[i].sum[n] + bins[i].count / 2) / bins[i].count);
        }
        bins[i].distance = UINT32_MAX;
    }
}

/* Only opaque colours cover; where there is none, and no room for one, the least transparent. */
static void choose_alpha(Palette *palette)
{
    palette->alpha = palette->count < palette->room || palette->count == 0
                         ? 255
                         : palette->colors[palette->count - 1][3];
}

static void measure(const Palette *palette, unsigned entry, Bin *bins)
{
    if (palette->colors[entry][3] != palette->alpha) {
        return;
    }
    for (size_t i = 0; i < BINS; i++) {
        if (bins[i].count > 0) {
            uint32_t d = distance(bins[i].color, palette->colors[entry]);
            bins[i].distance = d < bins[i].distance ? d : bins[i].distance;
        }
    }
}

/* Again and again the bin whose pixels would suffer most gets an entry of its own. */
static void add_colors(Palette *palette, Bin *bins)
{
    for (unsigned i = 0; i < palette->count; i++) {
        measure(palette, i, bins);
    }
    for (unsigned added = 0; added < NEW_COLORS && palette->count < palette->room; added++) {
        const Bin *worst = NULL;
        uint64_t most = 0;
        for (size_t i = 0; i < BINS; i++) {
            uint64_t harm = bins[i].count * bins[i].distance;
            if (bins[i].count > 0 && bins[i].distance > NEAR_ENOUGH && harm > most) {
                most = harm;
                worst = &bins[i];
            }
        }
        if (worst == NULL) {
            return;
        }
        uint8_t *color = palette->colors[palette->count++];
        memcpy(color, worst->color, 3);
        color[3] = 255;
        measure(palette, palette->count - 1, bins);
    }
}

/* ---- covering ---- */

static uint8_t nearest(const Palette *palette, const int32_t rgb[3])
{
    uint8_t best = 0;
    int64_t least = INT64_MAX;
    for (unsigned i = 0; i < palette->count; i++) {
        int64_t sum = 0;
        for (unsigned n = 0; n < 3; n++) {
            int64_t d = rgb[n] - palette->colors[i][n];
            sum += d * d;
        }
        if (palette->colors[i][3] == palette->alpha && sum < least) {
            least = sum;
            best = (uint8_t)i;
        }
    }
    return best;
}

/* A colour that the palette lacks is mixed of the nearest one and of one on its other side. */
static void mix(const Palette *palette, Bin *bin)
{
    int32_t target[3] = { bin->color[0], bin->color[1], bin->color[2] };
    bin->first = nearest(palette, target);
    bin->second = bin->first;
    const uint8_t *first = palette->colors[bin->first];
    if (distance(bin->color, first) > NEAR_ENOUGH) {
        int32_t beyond[3];
        for (unsigned i = 0; i < 3; i++) {
            beyond[i] = 2 * target[i] - first[i];
        }
        bin->second = nearest(palette, beyond);
    }
}

/* Which of a bin's two entries a pixel gets: the other one as often as the colour lies toward it.
 */
static uint8_t choose_entry(const Palette *palette, const Bin *bin, const uint8_t *rgb,
                            uint32_t at_most)
{
    const uint8_t *first = palette->colors[bin->first];
    const uint8_t *second = palette->colors[bin->second];
    int32_t along = 0;
    int32_t whole = 0;
    for (unsigned i = 0; i < 3; i++) {
        int32_t step = second[i] - first[i];
        along += (rgb[i] - first[i]) * step;
        whole += step * step;
    }
    return along * 64 > whole * (int32_t)at_most + whole / 2 ? bin->second : bin->first;
}

/* What is painted, and for which regions. */
typedef struct Covered {
    const OskCoverMap *map;
    const OskRegions *regions;
    const OskImage *rgba;
} Covered;

/* Patterns are for styles that have shades: fill stays one colour. */
static uint8_t cover_pixel(const Covered *covered, uint32_t x, uint32_t y, const Palette *palette,
                           const Bin *bins)
{
    const OskImage *rgba = covered->rgba;
    const uint8_t *rgb = rgba->pixels + y * rgba->stride + (size_t)x * 4;
    const Bin *bin = &bins[bin_of(rgb)];
    uint16_t cell = covered->map->cells[(size_t)y * covered->map->columns + x];
    return osk_regions_style_of(covered->regions, cell) == OSK_REGION_FILL
               ? bin->first
               : choose_entry(palette, bin, rgb, osk_threshold(x, y));
}

static void write_pixels(OskImage *image, const Covered *covered, const Palette *palette,
                         const Bin *bins)
{
    for (uint32_t y = 0; y < image->height; y++) {
        const uint16_t *cells = covered->map->cells + (size_t)y * covered->map->columns;
        uint8_t *row = image->pixels + y * image->stride;
        for (uint32_t x = 0; x < image->width; x++) {
            row[x] = cells[x] == OSK_COVER_NONE ? palette->from[row[x]]
                                                : cover_pixel(covered, x, y, palette, bins);
        }
    }
}

static void write_palette(OskImage *image, const Palette *palette)
{
    memset(image->palette, 0, sizeof image->palette);
    memcpy(image->palette, palette->colors, sizeof palette->colors[0] * palette->count);
    image->palette_count = palette->count;
}

OskStatus osk_indexed_cover(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                            const OskImage *rgba, OskBudget *budget)
{
    Palette palette = { .room = 1u << (image->depth < 8 ? image->depth : 8) };
    keep_used(&palette, image, map);
    choose_alpha(&palette);
    OskArena arena;
    osk_arena_init(&arena, budget);
    Bin *bins = osk_arena_array(&arena, BINS, sizeof *bins);
    if (bins == NULL) {
        osk_arena_free(&arena);
        return OSK_LIMIT;
    }
    gather(bins, map, rgba);
    add_colors(&palette, bins);
    for (size_t i = 0; i < BINS; i++) {
        if (bins[i].count > 0) {
            mix(&palette, &bins[i]);
        }
    }
    write_pixels(image, &(Covered){ map, regions, rgba }, &palette, bins);
    write_palette(image, &palette);
    osk_arena_free(&arena);
    return OSK_OK;
}
