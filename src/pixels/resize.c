/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New pixel i covers [i * old, (i + 1) * old) on a line where old pixel j covers
 * [j * new, (j + 1) * new): every weight is a whole number, and they add up to `old`. */
#include "pixels/resize.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

#define CHANNELS_MAX 4u
/* Colours are summed times their alpha; where there is none, as if it were this. Sums stay below
 * 2^63: samples and alpha of 16 bits, sides of 2^31. */
#define OPAQUE 256u

typedef struct Resize {
    const OskImage *from;
    OskImage *to;
    unsigned samples; /* in the image: 1 for INDEXED */
    unsigned colors;  /* summed, without alpha */
    bool alpha;
    uint64_t *row;  /* one old row, shrunk across: to->width pixels of colours and alpha */
    uint64_t *sums; /* the same, of the new row that is being built */
} Resize;

void osk_resize_fit(uint32_t longest, uint32_t *width, uint32_t *height)
{
    uint32_t side = *width > *height ? *width : *height;
    if (longest == 0 || side <= longest) {
        return;
    }
    uint64_t w = ((uint64_t)*width * longest + side / 2) / side;
    uint64_t h = ((uint64_t)*height * longest + side / 2) / side;
    *width = w > 0 ? (uint32_t)w : 1;
    *height = h > 0 ? (uint32_t)h : 1;
}

static uint32_t sample_at(const OskImage *image, const uint8_t *row, size_t index)
{
    uint16_t wide = 0;
    if (image->depth <= 8) {
        return row[index];
    }
    memcpy(&wide, row + 2 * index, sizeof(wide));
    return wide;
}

static void set_sample(const OskImage *image, uint8_t *row, size_t index, uint64_t value)
{
    const uint16_t wide = (uint16_t)value;
    if (image->depth <= 8) {
        row[index] = (uint8_t)value;
    } else {
        memcpy(row + 2 * index, &wide, sizeof(wide));
    }
}

/* The colours of an old pixel, then its alpha. */
static void read_pixel(const Resize *job, const uint8_t *row, uint32_t x, uint32_t out[5])
{
    const OskImage *image = job->from;
    if (image->model == OSK_PIXELS_INDEXED) {
        unsigned entry = row[x] < image->palette_count ? row[x] : 0;
        for (unsigned i = 0; i < 4; i++) {
            out[i] = image->palette[entry][i];
        }
        return;
    }
    for (unsigned i = 0; i < job->samples; i++) {
        out[i] = sample_at(image, row, (size_t)x * job->samples + i);
    }
    if (!job->alpha) {
        out[job->colors] = OPAQUE;
    }
}

static void shrink_row(Resize *job, uint32_t y)
{
    const uint8_t *row = job->from->pixels + job->from->stride * y;
    uint64_t old = job->from->width;
    uint64_t new = job->to->width;
    unsigned count = job->colors + 1;
    uint32_t x = 0; /* the old pixel */
    memset(job->row, 0, sizeof(uint64_t) * count * job->to->width);
    for (uint64_t i = 0; i < new; i++) {
        uint64_t *out = job->row + i * count;
        uint64_t end = (i + 1) * old;
        for (uint64_t at = i * old; at < end;) {
            uint32_t pixel[CHANNELS_MAX + 1] = { 0 };
            uint64_t edge = ((uint64_t)x + 1) * new;
            uint64_t weight = (edge < end ? edge : end) - at;
            read_pixel(job, row, x, pixel);
            uint64_t alpha = pixel[job->colors];
            for (unsigned c = 0; c < job->colors; c++) {
                out[c] += pixel[c] * alpha * weight;
            }
            out[job->colors] += alpha * weight;
            at += weight;
            x += edge <= end ? 1 : 0;
        }
        for (unsigned c = 0; c < count; c++) {
            /* Alpha keeps eight bits more, so that the colours can be divided by it. */
            out[c] = ((out[c] << (c == job->colors ? 8 : 0)) + old / 2) / old;
        }
    }
}

static void nearest_entry(const OskImage *image, const uint64_t color[4], uint8_t *out)
{
    uint64_t best = UINT64_MAX;
    for (unsigned i = 0; i < image->palette_count; i++) {
        uint64_t distance = 0;
        for (unsigned c = 0; c < 4; c++) {
            int64_t d = (int64_t)image->palette[i][c] - (int64_t)color[c];
            /* Of two transparent colours nobody sees the difference. */
            distance += c < 3 && color[3] == 0 && image->palette[i][3] == 0 ? 0 : (uint64_t)(d * d);
        }
        if (distance < best) {
            best = distance;
            *out = (uint8_t)i;
        }
    }
}

static void write_row(const Resize *job, uint32_t y)
{
    OskImage *to = job->to;
    uint8_t *row = to->pixels + to->stride * y;
    unsigned count = job->colors + 1;
    uint64_t old = job->from->height;
    for (uint32_t x = 0; x < to->width; x++) {
        const uint64_t *sums = job->sums + (size_t)x * count;
        uint64_t alpha = (sums[job->colors] + old / 2) / old; /* times 256 */
        uint64_t color[CHANNELS_MAX + 1] = { 0 };
        for (unsigned c = 0; c < job->colors && alpha > 0; c++) {
            uint64_t value = (((sums[c] + old / 2) / old) * 256 + alpha / 2) / alpha;
            uint64_t most = (UINT64_C(1) << to->depth) - 1;
            if (to->model == OSK_PIXELS_INDEXED) {
                most = 255;
            }
            color[c] = value < most ? value : most;
        }
        color[job->colors] = (alpha + 128) / 256;
        if (to->model == OSK_PIXELS_INDEXED) {
            nearest_entry(to, color, &row[x]);
            continue;
        }
        for (unsigned i = 0; i < job->samples; i++) {
            set_sample(to, row, (size_t)x * job->samples + i, color[i]);
        }
    }
}

static void shrink(Resize *job)
{
    uint64_t old = job->from->height;
    uint64_t new = job->to->height;
    size_t values = (size_t)job->to->width * (job->colors + 1);
    uint32_t y = 0; /* the old row, which is in job->row */
    shrink_row(job, 0);
    for (uint64_t i = 0; i < new; i++) {
        uint64_t end = (i + 1) * old;
        memset(job->sums, 0, values * sizeof(uint64_t));
        for (uint64_t at = i * old; at < end;) {
            uint64_t edge = ((uint64_t)y + 1) * new;
            uint64_t weight = (edge < end ? edge : end) - at;
            for (size_t v = 0; v < values; v++) {
                job->sums[v] += job->row[v] * weight;
            }
            at += weight;
            if (edge <= end && y + 1 < job->from->height) {
                shrink_row(job, ++y);
            }
        }
        write_row(job, (uint32_t)i);
    }
}

static bool has_alpha(const OskImage *image)
{
    return image->model == OSK_PIXELS_GREY_ALPHA || image->model == OSK_PIXELS_RGBA ||
           image->model == OSK_PIXELS_INDEXED;
}

OskStatus osk_image_resize(OskImage *image, uint32_t width, uint32_t height, OskBudget *budget)
{
    OskImage to;
    if (width == 0 || height == 0 || width > image->width || height > image->height) {
        return OSK_MISUSE;
    }
    if (width == image->width && height == image->height) {
        return OSK_OK;
    }
    OskStatus status = osk_image_make(&to, width, height, image->model, image->depth, budget);
    if (status != OSK_OK) {
        return status;
    }
    memcpy(to.palette, image->palette, sizeof(to.palette));
    to.palette_count = image->palette_count;
    Resize job = { .from = image, .to = &to, .alpha = has_alpha(image) };
    job.samples = osk_pixel_samples(image->model);
    job.colors = image->model == OSK_PIXELS_INDEXED ? 3 : job.samples - (job.alpha ? 1u : 0u);
    size_t bytes = 0;
    status = OSK_LIMIT;
    if (osk_mul_size((size_t)width * (job.colors + 1), 2 * sizeof(uint64_t), &bytes) &&
        osk_budget_memory(budget, bytes)) {
        job.row = malloc(bytes);
        status = job.row != NULL ? OSK_OK : OSK_NO_MEMORY;
        if (status == OSK_OK) {
            job.sums = job.row + (size_t)width * (job.colors + 1);
            shrink(&job);
        }
        free(job.row);
        osk_budget_return(budget, bytes);
    }
    if (status != OSK_OK) {
        osk_image_free(&to, budget);
        return status;
    }
    osk_image_free(image, budget);
    *image = to;
    return OSK_OK;
}
