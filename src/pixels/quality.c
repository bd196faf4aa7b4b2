/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/quality.h"

#include <stdlib.h>

#include "base/fault.h"

/* Hundredths of a decibel: ten to the power of 1/1000. */
#define CENTIBEL 1.0023052380778996
#define CENTIBEL_MOST 9999u
/* The source's length counts in steps of this ratio (the eighth root of two). */
#define LENGTH_STEP 1.0905077326652577
/* Half a step. */
#define LENGTH_HALF 1.0442737824274138

/* Marks what lies within `by` of a mark, along one line of `count` bytes `step` apart. */
static void spread_line(uint8_t *line, size_t count, size_t step, uint32_t by)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = line + i * step;
        if (*at == 1) {
            left = by;
        } else if (left > 0) {
            *at = 2;
            left--;
        }
    }
    left = 0;
    for (size_t i = count; i-- > 0;) {
        uint8_t *at = line + i * step;
        if (*at == 1) {
            left = by;
        } else if (left > 0) {
            *at = 2;
            left--;
        }
    }
}

OskStatus osk_covered_spread(const uint8_t *covered, uint32_t width, uint32_t height, uint32_t by,
                             uint8_t **out_mask)
{
    size_t count = (size_t)width * height;
    uint8_t *mask = malloc(count);
    *out_mask = mask;
    if (mask == NULL) {
        return OSK_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        mask[i] = covered[i] != 0;
    }
    for (uint32_t y = 0; y < height; y++) {
        spread_line(mask + (size_t)y * width, width, 1, by);
    }
    for (size_t i = 0; i < count; i++) {
        mask[i] = mask[i] != 0;
    }
    for (uint32_t x = 0; x < width; x++) {
        spread_line(mask + x, height, width, by);
    }
    return OSK_OK;
}

static unsigned sample_at(const OskImage *image, const uint8_t *row, size_t index)
{
    return image->depth > 8 ? ((const uint16_t *)(const void *)row)[index] : row[index];
}

static void add_row(OskError *error, const OskImage *a, const OskImage *b, const uint8_t *mask,
                    uint32_t y)
{
    const uint8_t *row_a = a->pixels + (size_t)y * a->stride;
    const uint8_t *row_b = b->pixels + (size_t)y * b->stride;
    bool has_alpha = a->model == OSK_PIXELS_RGBA || a->model == OSK_PIXELS_GREY_ALPHA;
    unsigned samples = osk_pixel_samples(a->model);
    unsigned colours = samples - (has_alpha ? 1 : 0);
    double peak = (double)((1u << a->depth) - 1);
    double sum = 0;
    for (uint32_t x = 0; x < a->width; x++) {
        size_t at = (size_t)x * samples;
        if (has_alpha && sample_at(a, row_a, at + colours) == 0 &&
            sample_at(b, row_b, at + colours) == 0) {
            continue;
        }
        if (mask != NULL && mask[(size_t)y * a->width + x] != 0) {
            continue;
        }
        for (unsigned c = 0; c < colours; c++) {
            double d = (double)sample_at(a, row_a, at + c) - (double)sample_at(b, row_b, at + c);
            sum += d * d;
        }
        error->samples += colours;
    }
    error->sum += sum / (peak * peak);
}

OskStatus osk_error_add(OskError *error, const OskImage *a, const OskImage *b, const uint8_t *mask)
{
    if (a->width != b->width || a->height != b->height || a->model != b->model ||
        a->depth != b->depth || a->model == OSK_PIXELS_INDEXED) {
        return OSK_MISUSE;
    }
    for (uint32_t y = 0; y < a->height; y++) {
        add_row(error, a, b, mask, y);
    }
    return OSK_OK;
}

uint32_t osk_error_centibel(const OskError *error)
{
    double ratio = error->sum > 0 ? (double)error->samples / error->sum : 0;
    if (error->samples == 0 || error->sum <= 0) {
        return CENTIBEL_MOST;
    }
    uint32_t centibel = 0;
    while (ratio >= CENTIBEL && centibel < CENTIBEL_MOST) {
        ratio /= CENTIBEL;
        centibel++;
    }
    return centibel;
}

bool osk_error_keeps_promise(const OskError *error)
{
    return error->sum * OSK_QUALITY_RATIO <= (double)error->samples;
}

double osk_covered_kept(const uint8_t *covered, uint32_t width, uint32_t height)
{
    size_t count = (size_t)width * height;
    size_t kept = 0;
    if (covered == NULL || count == 0) {
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        kept += covered[i] == 0;
    }
    return (double)kept / (double)count;
}

/* The source's length, rounded to a coarse step. */
static double coarse_length(uint64_t len)
{
    double step = 1;
    while (step * LENGTH_HALF < (double)len) {
        step *= LENGTH_STEP;
    }
    return step;
}

typedef struct Aim {
    double least; /* lengths that keep the promise */
    double most;
} Aim;

static Aim aim_of(const OskQualitySearch *search)
{
    if (search->source_len == 0) {
        return (Aim){ 0, 1e300 };
    }
    double target = coarse_length(search->source_len) * search->kept;
    return (Aim){ target * LENGTH_HALF * (1 - OSK_QUALITY_SLACK),
                  target / LENGTH_HALF * (1 + OSK_QUALITY_SLACK) };
}

/* Whether `a` serves better than `b`: 42 dB first, then a length within the aim, then a length
 * nearer to it. */
static bool is_better(const OskAttempt *a, const OskAttempt *b, Aim aim)
{
    bool a_keeps = osk_error_keeps_promise(&a->error);
    bool b_keeps = osk_error_keeps_promise(&b->error);
    if (b->bytes == NULL || a_keeps != b_keeps) {
        return b->bytes == NULL || a_keeps;
    }
    if (!a_keeps) {
        return a->error.sum < b->error.sum;
    }
    if ((double)b->len > aim.most) {
        return a->len < b->len;
    }
    return (double)a->len <= aim.most && a->len > b->len;
}

static const char *note_of(const OskAttempt *best, const OskQualitySearch *search)
{
    double source = (double)search->source_len;
    if (!osk_error_keeps_promise(&best->error)) {
        return "the format could not keep 42 dB outside the regions";
    }
    if (search->source_len == 0) {
        return NULL;
    }
    /* People compare whole files: what was covered is no reason to be larger than the original, but
     * one to be smaller. */
    if ((double)best->len > source * (1 + OSK_QUALITY_SLACK)) {
        return "larger than the original, so that 42 dB hold outside the regions";
    }
    return (double)best->len < source * search->kept * (1 - OSK_QUALITY_SLACK)
               ? "smaller than the original, and as good as 42 dB ask for"
               : NULL;
}

typedef struct Walk {
    unsigned low; /* qualities still in question */
    unsigned high;
    unsigned next;
    bool bounded_low; /* something was tried below, or above */
    bool bounded_high;
    unsigned stride;
} Walk;

/* Where to look next: strides that double until both ends are known, halves from there. */
static bool step_on(Walk *walk, unsigned tried, bool up)
{
    if (up) {
        walk->bounded_low = true;
        if (tried >= walk->high) {
            return false;
        }
        walk->low = tried + 1;
    } else {
        walk->bounded_high = true;
        if (tried <= walk->low) {
            return false;
        }
        walk->high = tried - 1;
    }
    if (walk->bounded_low && walk->bounded_high) {
        walk->next = walk->low + (walk->high - walk->low) / 2;
    } else if (up) {
        walk->next = walk->high - tried > walk->stride ? tried + walk->stride : walk->high;
    } else {
        walk->next = tried - walk->low > walk->stride ? tried - walk->stride : walk->low;
    }
    walk->stride *= 2;
    return true;
}

OskStatus osk_quality_search(const OskQualitySearch *search, OskAttempt *out,
                             OskEncodeReport *report, OskFault *fault)
{
    Aim aim = aim_of(search);
    OskAttempt best = { 0 };
    unsigned best_quality = search->first;
    Walk walk = { .low = search->lowest,
                  .high = search->highest,
                  .next = search->first,
                  .stride = search->stride != 0 ? search->stride
                                                : (search->highest - search->lowest) / 16 + 1 };
    for (unsigned i = 0; i < search->tries; i++) {
        OskAttempt attempt = { 0 };
        unsigned quality = walk.next;
        OskStatus status = search->attempt(search->context, quality, &attempt, fault);
        if (status != OSK_OK) {
            free(attempt.bytes);
            free(best.bytes);
            return status;
        }
        bool keeps = osk_error_keeps_promise(&attempt.error);
        double len = (double)attempt.len;
        if (is_better(&attempt, &best, aim)) {
            free(best.bytes);
            best = attempt;
            best_quality = quality;
        } else {
            free(attempt.bytes);
        }
        if (keeps && len >= aim.least && len <= aim.most) {
            break;
        }
        if (!step_on(&walk, quality, !keeps || len < aim.least)) {
            break;
        }
    }
    *report = (OskEncodeReport){ .measured = true,
                                 .centibel = osk_error_centibel(&best.error),
                                 .quality = best_quality,
                                 .source_len = search->source_len,
                                 .len = best.len,
                                 .note = note_of(&best, search) };
    *out = best;
    return OSK_OK;
}
