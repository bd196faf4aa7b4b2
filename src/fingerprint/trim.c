/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oilskin/fingerprint.h"

/* Brightness steps within which a line is of one brightness: what coding leaves of a black bar. */
#define SPREAD 12.0F
/* And how far the lines of one border may lie apart. */
#define DRIFT 8.0F

/* A row or a column of a luma. */
typedef struct Line {
    const float *first;
    size_t stride;
    uint32_t len;
} Line;

/* True when it is of one brightness, near `*level` where that is not negative, which it then sets.
 * One value of a hundred may differ: noise, a hairline. */
static bool is_border(const Line *line, float *level)
{
    float sum = 0;
    for (uint32_t i = 0; i < line->len; i++) {
        sum += line->first[i * line->stride];
    }
    float mean = sum / (float)line->len;
    uint32_t away = 0;
    for (uint32_t i = 0; i < line->len; i++) {
        float off = line->first[i * line->stride] - mean;
        away += off > SPREAD || off < -SPREAD;
    }
    float drift = mean - *level;
    if (away > line->len / 100 || (*level >= 0 && (drift > DRIFT || drift < -DRIFT))) {
        return false;
    }
    *level = *level < 0 ? mean : *level;
    return true;
}

/* A side that borders are looked for on: its lines from the edge inwards. */
typedef struct Side {
    const float *first;
    ptrdiff_t step; /* to the next line */
    size_t stride;  /* along a line */
    uint32_t lines;
    uint32_t len;
} Side;

static uint32_t border_of(const Side *side)
{
    float level = -1;
    uint32_t count = 0;
    for (; count < side->lines; count++) {
        Line line = { side->first + (ptrdiff_t)count * side->step, side->stride, side->len };
        if (!is_border(&line, &level)) {
            break;
        }
    }
    return count;
}

/* Borders at both ends of `side`, where they are worth it. */
static void trim_side(uint32_t *at, uint32_t *len, const Side *near, const Side *far)
{
    uint32_t least = (near->lines + 49) / 50;
    uint32_t first = border_of(near);
    uint32_t last = border_of(far);
    first = first < least ? 0 : first;
    last = last < least ? 0 : last;
    *at = 0;
    *len = near->lines;
    if (first + last <= near->lines - near->lines / 10 && first + last < near->lines) {
        *at = first;
        *len = near->lines - first - last;
    }
}

bool osk_luma_trim(OskTrim *out, const OskLuma *luma)
{
    ptrdiff_t width = (ptrdiff_t)luma->width;
    const float *all = luma->values;
    const float *last_row = all + (ptrdiff_t)(luma->height - 1) * width;
    Side top = { all, width, 1, luma->height, luma->width };
    Side bottom = { last_row, -width, 1, luma->height, luma->width };
    trim_side(&out->top, &out->height, &top, &bottom);
    /* Pillars are looked for between the bars. */
    const float *inner = all + (ptrdiff_t)out->top * width;
    Side left = { inner, 1, luma->width, luma->width, out->height };
    Side right = { inner + width - 1, -1, luma->width, luma->width, out->height };
    trim_side(&out->left, &out->width, &left, &right);
    return out->width != luma->width || out->height != luma->height;
}
