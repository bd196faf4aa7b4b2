/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fingerprint/overlay.h"

#include <math.h>
#include <string.h>

#define SIDE OSK_OVERLAY_SIDE
#define SAMPLES_MAX 5
/* No picture is wider. */
#define REACH_MAX ((float)SIDE)
/* Beyond it two pictures are not one with other light. */
#define GAIN_MIN 0.25
#define GAIN_MAX 4.0
/* Steps by which a pixel may be off and still say where the map is wrong. */
#define NUDGED_MAX 40.0F

/* A border that is black, and what is lighter than it. */
#define BLACK 20u
#define LIGHTER 24u

/* What of a luma is looked at: without borders, and without the lines beside them. */
typedef struct Inside {
    const OskPackFrame *frame;
    OskTrim area;
} Inside;

/* ---- what is looked at ---- */

/* Takes lines off both ends, unless hardly any would be left. */
static void narrow(uint32_t *first, uint32_t *len, uint32_t before, uint32_t behind)
{
    if (*len > 2 * (before + behind)) {
        *first += before;
        *len -= before + behind;
    }
}

/* The second line beside a border, across or down the picture. */
typedef struct Second {
    const uint8_t *first;
    size_t step;
    uint32_t len;
    uint8_t border; /* what the border shows */
} Second;

/* Lines beside a border that scaling mixes with it: one, and beside a black one a second where most
 * of it is lighter. Where most of it is the border's own, words stand on it, which are looked at,
 * and what is lighter than black may be paper. */
static uint32_t mixed_lines(const Second *line)
{
    uint32_t lighter = 0;
    for (uint32_t i = 0; i < line->len; i++) {
        lighter += line->first[i * line->step] > line->border + LIGHTER;
    }
    return line->border < BLACK && lighter * 2 > line->len ? 2 : 1;
}

static uint32_t mixed_across(const OskPackFrame *frame, uint32_t row, uint32_t edge)
{
    const uint8_t *luma = frame->luma + frame->trim.left;
    return mixed_lines(&(Second){ luma + (size_t)row * frame->luma_width, 1, frame->trim.width,
                                  luma[(size_t)edge * frame->luma_width] });
}

static uint32_t mixed_down(const OskPackFrame *frame, uint32_t column, uint32_t edge)
{
    const uint8_t *luma = frame->luma + (size_t)frame->trim.top * frame->luma_width;
    return mixed_lines(
        &(Second){ luma + column, frame->luma_width, frame->trim.height, luma[edge] });
}

static Inside inside_of_query(const OskPackFrame *frame)
{
    Inside inside = { frame, frame->trim };
    const OskTrim *trim = &frame->trim;
    uint32_t right = trim->left + trim->width;
    uint32_t bottom = trim->top + trim->height;
    if (trim->width > 2 && trim->height > 2) {
        narrow(&inside.area.left, &inside.area.width,
               trim->left > 0 ? mixed_down(frame, trim->left + 1, 0) : 0,
               right < frame->luma_width ? mixed_down(frame, right - 2, frame->luma_width - 1u)
                                         : 0);
        narrow(&inside.area.top, &inside.area.height,
               trim->top > 0 ? mixed_across(frame, trim->top + 1, 0) : 0,
               bottom < frame->luma_height
                   ? mixed_across(frame, bottom - 2, frame->luma_height - 1u)
                   : 0);
    }
    return inside;
}

/* Of the other one line is enough: the query's are compared with lines further in. */
static Inside inside_by_a_line(const OskPackFrame *frame)
{
    Inside inside = { frame, frame->trim };
    const OskTrim *trim = &frame->trim;
    narrow(&inside.area.left, &inside.area.width, trim->left > 0,
           trim->left + trim->width < frame->luma_width);
    narrow(&inside.area.top, &inside.area.height, trim->top > 0,
           trim->top + trim->height < frame->luma_height);
    return inside;
}

/* Without the picture's outermost line: scaling makes it of what lies at the very edge, where a
 * picture that goes on shows what lies beyond it as well. */
static OskTrim inner_of(const Inside *inside)
{
    OskTrim inner = inside->area;
    narrow(&inner.left, &inner.width, inner.left == 0,
           inner.left + inner.width == inside->frame->luma_width);
    narrow(&inner.top, &inner.height, inner.top == 0,
           inner.top + inner.height == inside->frame->luma_height);
    return inner;
}

/* ---- sampling ---- */

static float within(float value, uint32_t first, uint32_t len)
{
    float least = (float)first;
    float most = (float)(first + len - 1);
    return value < least ? least : value > most ? most : value;
}

static float between(const Inside *inside, float x, float y)
{
    const OskPackFrame *frame = inside->frame;
    const OskTrim *area = &inside->area;
    float left = within(x - 0.5F, area->left, area->width);
    float top = within(y - 0.5F, area->top, area->height);
    uint32_t column = (uint32_t)left;
    uint32_t row = (uint32_t)top;
    uint32_t right = column + 1 < area->left + area->width ? column + 1 : column;
    uint32_t bottom = row + 1 < area->top + area->height ? row + 1 : row;
    float across = left - (float)column;
    float down = top - (float)row;
    const uint8_t *above = frame->luma + (size_t)row * frame->luma_width;
    const uint8_t *below = frame->luma + (size_t)bottom * frame->luma_width;
    float high = (float)above[column] * (1 - across) + (float)above[right] * across;
    float low = (float)below[column] * (1 - across) + (float)below[right] * across;
    return high * (1 - down) + low * down;
}

/* The mean about a place, `reach` pixels wide. */
static float mean_about(const Inside *inside, float x, float y, float reach)
{
    int count = reach < SAMPLES_MAX ? (int)(reach + 0.999F) : SAMPLES_MAX;
    float step = reach / (float)count;
    float sum = 0;
    for (int v = 0; v < count; v++) {
        for (int u = 0; u < count; u++) {
            float right = ((float)u + 0.5F) * step - reach / 2;
            float down = ((float)v + 0.5F) * step - reach / 2;
            sum += between(inside, x + right, y + down);
        }
    }
    return sum / (float)(count * count);
}

/* Pixels of the feature frame in one of the luma. */
static float frame_scale(const OskPackFrame *frame)
{
    unsigned longest =
        frame->luma_width > frame->luma_height ? frame->luma_width : frame->luma_height;
    return (float)OSK_FEATURE_FRAME / (float)longest;
}

static bool holds(const OskTrim *area, float x, float y)
{
    /* A pixel beyond the edge is what rounding and borders take. */
    return x >= (float)area->left - 1 && y >= (float)area->top - 1 &&
           x <= (float)(area->left + area->width) + 1 && y <= (float)(area->top + area->height) + 1;
}

/* Both pictures, and how a place of one is found in the other. */
typedef struct Pair {
    Inside query;
    Inside other;
    Inside whole; /* what looks like a border of the other may be a dark sky: it is shown as well */
    OskMap map;   /* in pixels of the lumas */
    float query_reach;
    float other_reach;
} Pair;

static void pair_up(Pair *out, const OskPackFrame *query, const OskPackFrame *other,
                    const OskMap *map, float reach)
{
    float from = frame_scale(query);
    float to = frame_scale(other);
    /* Pixels of the other's luma in one of the query's. */
    float area = (map->xx * map->yy - map->xy * map->yx) * (from / to) * (from / to);
    float scale = (float)sqrt((double)(area < 0 ? -area : area));
    float query_reach = scale > 0 && scale < 1 ? reach / scale : reach;
    float other_reach = scale > 1 ? reach * scale : reach;
    *out = (Pair){ .query = inside_of_query(query),
                   .other = inside_by_a_line(other),
                   .whole = { other, { 0, 0, other->luma_width, other->luma_height } },
                   .map = { .xx = map->xx * from / to,
                            .xy = map->xy * from / to,
                            .x0 = map->x0 / to,
                            .yx = map->yx * from / to,
                            .yy = map->yy * from / to,
                            .y0 = map->y0 / to },
                   .query_reach = query_reach < REACH_MAX ? query_reach : REACH_MAX,
                   .other_reach = other_reach < REACH_MAX ? other_reach : REACH_MAX };
}

/* What both show at a pixel of the query. False where the other shows nothing. */
static bool sample_at(const Pair *pair, uint32_t column, uint32_t row, float out[2])
{
    float x = (float)column + 0.5F;
    float y = (float)row + 0.5F;
    float right = pair->map.xx * x + pair->map.xy * y + pair->map.x0;
    float down = pair->map.yx * x + pair->map.yy * y + pair->map.y0;
    const Inside *there = holds(&pair->other.area, right, down) ? &pair->other : &pair->whole;
    bool is_covered = holds(&there->area, right, down);
    out[0] = mean_about(&pair->query, x, y, pair->query_reach);
    out[1] = is_covered ? mean_about(there, right, down, pair->other_reach) : 0;
    return is_covered;
}

static void sample(OskOverlay *over, const Pair *pair)
{
    over->area = inner_of(&pair->query);
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            float both[2];
            over->is_covered[at] = sample_at(pair, over->area.left + u, over->area.top + v, both);
            over->query[at] = both[0];
            over->other[at] = both[1];
        }
    }
}

/* ---- light ---- */

void osk_sums_add(OskSums *sums, double q, double o)
{
    sums->n++;
    sums->q += q;
    sums->o += o;
    sums->qq += q * q;
    sums->oo += o * o;
    sums->qo += q * o;
}

/* Gain and offset that make the other's light the query's, of the pixels that miss by less than
 * `most` with those that are given. */
static void fit_light(const OskOverlay *over, float light[2], float most)
{
    OskSums sums = { 0 };
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            float miss = over->query[at] - light[0] * over->other[at] - light[1];
            if (over->is_covered[at] && miss < most && miss > -most) {
                osk_sums_add(&sums, over->query[at], over->other[at]);
            }
        }
    }
    double spread = sums.n * sums.oo - sums.o * sums.o;
    if (sums.n >= 16 && spread > sums.n * sums.n) {
        double gain = (sums.n * sums.qo - sums.q * sums.o) / spread;
        if (gain >= GAIN_MIN && gain <= GAIN_MAX) {
            light[0] = (float)gain;
            light[1] = (float)((sums.q - gain * sums.o) / sums.n);
        }
    }
}

/* What is lighter than white is white in a copy. */
static float lit(float value, const float light[2])
{
    float out = light[0] * value + light[1];
    return out < 0 ? 0 : out > 255 ? 255 : out;
}

/* @param light is set to what was found. */
static void even_light(OskOverlay *over, float light[2])
{
    fit_light(over, light, 256);
    fit_light(over, light, 40);
    fit_light(over, light, 20);
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            over->other[at] = lit(over->other[at], light);
        }
    }
}

/* How far the query's pixels lie apart. */
static float contrast_of(const OskOverlay *over)
{
    OskSums sums = { 0 };
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            float value = over->query[(size_t)v * SIDE + u];
            osk_sums_add(&sums, value, value);
        }
    }
    double spread = sums.n > 0 ? (sums.qq - sums.q * sums.q / sums.n) / sums.n : 0;
    return spread > 0 ? (float)sqrt(spread) : 0;
}

/* ---- edges ---- */

/* The line of `side` that is not looked at with the rest: the picture's outermost one, or the
 * second one beside a border. The first one beside a border is compared with nothing. */
static void sample_edge(OskOverlay *over, const Pair *pair, unsigned side, const float light[2])
{
    const OskTrim *trim = &pair->query.frame->trim;
    const OskTrim *area = &over->area;
    bool is_across = side % 2 == 1; /* a line from left to right */
    bool is_far = side >= 2;
    uint32_t first = is_across ? trim->top : trim->left;
    uint32_t end = first + (is_across ? trim->height : trim->width);
    uint32_t inner = is_across ? area->top : area->left;
    uint32_t inner_end = inner + (is_across ? area->height : area->width);
    uint32_t side_end = is_across ? pair->query.frame->luma_height : pair->query.frame->luma_width;
    uint32_t lines = is_far ? end - inner_end : inner - first;
    uint32_t len = is_across ? area->width : area->height;
    bool is_border = is_far ? end < side_end : first > 0;
    OskEdge *edge = &over->edges[side];
    over->left_out += lines > 0 && is_border ? len : 0;
    edge->is_dimmed = is_border;
    if (lines <= is_border) {
        return;
    }
    uint32_t line = is_far ? inner_end : inner - 1;
    for (uint32_t i = 0; i < len; i++) {
        unsigned piece = i * OSK_OVERLAY_PIECES / len;
        float both[2];
        bool is_covered = is_across ? sample_at(pair, area->left + i, line, both)
                                    : sample_at(pair, line, area->top + i, both);
        edge->all[piece]++;
        if (is_covered) {
            osk_sums_add(&edge->pieces[piece], both[0], lit(both[1], light));
        }
    }
}

void osk_overlay_lay(OskOverlay *over, const OskPackFrame *query, const OskPackFrame *other,
                     const OskMap *map, float reach)
{
    Pair pair;
    float light[2] = { 1, 0 };
    memset(over, 0, sizeof *over);
    pair_up(&pair, query, other, map, reach);
    sample(over, &pair);
    even_light(over, light);
    over->contrast = contrast_of(over);
    /* Lines are looked at as they are: what lies beyond is none of them. */
    pair_up(&pair, query, other, map, 1);
    pair.query = inside_by_a_line(query);
    for (unsigned side = 0; side < 4; side++) {
        sample_edge(over, &pair, side, light);
    }
}

/* ---- nudging ---- */

#define UNKNOWNS 6

/* Equations of the least squares, the right side last. */
typedef struct Equations {
    double at[UNKNOWNS][UNKNOWNS + 1];
} Equations;

static void add_pixel(Equations *sum, const double slopes[UNKNOWNS], double miss)
{
    for (unsigned i = 0; i < UNKNOWNS; i++) {
        for (unsigned j = 0; j < UNKNOWNS; j++) {
            sum->at[i][j] += slopes[i] * slopes[j];
        }
        sum->at[i][UNKNOWNS] += slopes[i] * miss;
    }
}

/* Gauss' elimination; false when the equations say too little. */
static bool solve(Equations *sum, double out[UNKNOWNS])
{
    for (unsigned i = 0; i < UNKNOWNS; i++) {
        if (sum->at[i][i] < 1e-6) {
            return false;
        }
        for (unsigned k = 0; k < UNKNOWNS; k++) {
            double factor = k == i ? 0 : sum->at[k][i] / sum->at[i][i];
            for (unsigned j = i; j <= UNKNOWNS; j++) {
                sum->at[k][j] -= factor * sum->at[i][j];
            }
        }
    }
    for (unsigned i = 0; i < UNKNOWNS; i++) {
        out[i] = sum->at[i][UNKNOWNS] / sum->at[i][i];
    }
    return true;
}

static bool is_inner(const OskOverlay *over, uint32_t u, uint32_t v)
{
    size_t at = (size_t)v * SIDE + u;
    return over->is_covered[at] && over->is_covered[at - 1] && over->is_covered[at + 1] &&
           over->is_covered[at - SIDE] && over->is_covered[at + SIDE];
}

bool osk_overlay_nudge(const OskOverlay *over, const OskPackFrame *query, OskMap *map)
{
    Equations sum = { { { 0 } } };
    float middle_x = (float)over->area.width / 2;
    float middle_y = (float)over->area.height / 2;
    float unit = middle_x > middle_y ? middle_x : middle_y;
    for (uint32_t v = 1; v + 1 < over->area.height; v++) {
        for (uint32_t u = 1; u + 1 < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            float miss = over->query[at] - over->other[at];
            if (is_inner(over, u, v) && miss < NUDGED_MAX && miss > -NUDGED_MAX) {
                double right = (over->other[at + 1] - over->other[at - 1]) / 2;
                double down = (over->other[at + SIDE] - over->other[at - SIDE]) / 2;
                double x = ((float)u - middle_x) / unit;
                double y = ((float)v - middle_y) / unit;
                add_pixel(
                    &sum,
                    (double[UNKNOWNS]){ right, right * x, right * y, down, down * x, down * y },
                    miss);
            }
        }
    }
    double by[UNKNOWNS];
    if (!solve(&sum, by)) {
        return false;
    }
    /* The query's place (x, y) moves to (x, y) + by, and the map goes on from there. */
    float scale = frame_scale(query);
    float xx = 1 + (float)by[1] / unit;
    float xy = (float)by[2] / unit;
    float yx = (float)by[4] / unit;
    float yy = 1 + (float)by[5] / unit;
    float centre_x = ((float)over->area.left + middle_x + 0.5F) * scale;
    float centre_y = ((float)over->area.top + middle_y + 0.5F) * scale;
    float x0 = centre_x + (float)by[0] * scale - xx * centre_x - xy * centre_y;
    float y0 = centre_y + (float)by[3] * scale - yx * centre_x - yy * centre_y;
    const OskMap old = *map;
    *map = (OskMap){ .xx = old.xx * xx + old.xy * yx,
                     .xy = old.xx * xy + old.xy * yy,
                     .x0 = old.xx * x0 + old.xy * y0 + old.x0,
                     .yx = old.yx * xx + old.yy * yx,
                     .yy = old.yx * xy + old.yy * yy,
                     .y0 = old.yx * x0 + old.yy * y0 + old.y0 };
    return true;
}
