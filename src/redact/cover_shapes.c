/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/cover_shapes.h"

#include <math.h>
#include <stdlib.h>

__extension__ typedef __int128 OskInt128;
__extension__ typedef unsigned __int128 OskUint128;

/* Slanted segments of strokes are made this much wider (or narrower, for what lies inside), in
 * 2^-20 of a pixel: more than the rounding of their corners. */
#define STRIP_SLACK 3

/* One row of cells: a band of the picture. */
typedef struct Band {
    int64_t top;
    int64_t bottom;
} Band;

/* Part of a line: open, in 2^-20 of a pixel; empty when low >= high (one point where they are
 * equal). */
typedef struct Span {
    bool any;
    int64_t low;
    int64_t high;
} Span;

/* ---- numbers ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return a / b + (a % b != 0 && (a < 0) == (b < 0));
}

/* a * b / c rounded down; c > 0. */
static int64_t scale_down(int64_t a, int64_t b, int64_t c)
{
    int64_t small;
    if (!__builtin_mul_overflow(a, b, &small)) {
        return floor_div(small, c);
    }
    OskInt128 product = (OskInt128)a * b;
    OskInt128 quotient = product / c;
    return (int64_t)(quotient - (quotient * c > product));
}

static int64_t scale_up(int64_t a, int64_t b, int64_t c)
{
    return -scale_down(-a, b, c);
}

/* The square root, rounded down; value < 2^126. */
static uint64_t root_down(OskUint128 value)
{
    double guess =
        sqrt((double)(uint64_t)(value >> 64) * 18446744073709551616.0 + (double)(uint64_t)value);
    uint64_t root = (uint64_t)guess;
    if (root != 0 && value >> 100 != 0) {
        root = (uint64_t)(((OskUint128)root + value / root) / 2);
    }
    while ((OskUint128)root * root > value) {
        root--;
    }
    while ((OskUint128)(root + 1) * (root + 1) <= value) {
        root++;
    }
    return root;
}

static uint64_t root_of(OskUint128 value, bool up)
{
    uint64_t root = root_down(value);
    return root + (up && (OskUint128)root * root != value);
}

/* Half the width of an ellipse of the doubled half axes a, b, at the doubled distance d < b from
 * its middle; doubled too. */
static int64_t half_width(int64_t a, int64_t b, int64_t d, bool up)
{
    OskUint128 square = (OskUint128)b * (OskUint128)b - (OskUint128)d * (OskUint128)d;
    if (a == b) {
        return (int64_t)root_of(square, up);
    }
    unsigned shift = 0; /* for digits behind the point */
    while (square >> 124 == 0) {
        square <<= 2;
        shift++;
    }
    OskUint128 top = (OskUint128)a * root_of(square, up);
    OskUint128 below = (OskUint128)b << shift;
    OskUint128 quotient = top / below;
    return (int64_t)(quotient + (up && quotient * below != top));
}

/* ---- bits ---- */

OskStatus osk_bits_make(OskBits *bits, const OskFixedShape *shape, const OskGrid *grid,
                        OskBudget *budget)
{
    int64_t cell_width = (int64_t)grid->cell_width << OSK_FIXED_BITS;
    int64_t cell_height = (int64_t)grid->cell_height << OSK_FIXED_BITS;
    int64_t first_column = floor_div(shape->left, cell_width);
    int64_t first_row = floor_div(shape->top, cell_height);
    int64_t end_column = ceil_div(shape->right, cell_width);
    int64_t end_row = ceil_div(shape->bottom, cell_height);
    first_column = first_column < 0 ? 0 : first_column;
    first_row = first_row < grid->first_row ? grid->first_row : first_row;
    end_column = end_column > grid->columns ? grid->columns : end_column;
    end_row = end_row > grid->end_row ? grid->end_row : end_row;
    *bits = (OskBits){ .column = 0 };
    /* The last cells end where the picture ends. */
    if (first_column >= end_column || first_row >= end_row ||
        shape->left >= (int64_t)grid->width << OSK_FIXED_BITS ||
        shape->top >= (int64_t)grid->height << OSK_FIXED_BITS) {
        return OSK_OK;
    }
    bits->column = (uint32_t)first_column;
    bits->row = (uint32_t)first_row;
    bits->columns = (uint32_t)(end_column - first_column);
    bits->rows = (uint32_t)(end_row - first_row);
    bits->words = ((size_t)bits->columns + 63) / 64;
    uint64_t words = (uint64_t)bits->words * bits->rows;
    if (!osk_budget_parts(budget, words) || !osk_budget_memory(budget, words * 8)) {
        bits->rows = 0;
        return OSK_LIMIT;
    }
    bits->memory = words * 8;
    bits->bits = calloc((size_t)words, sizeof *bits->bits);
    if (bits->bits == NULL) {
        osk_bits_free(bits, budget);
        return OSK_NO_MEMORY;
    }
    return OSK_OK;
}

void osk_bits_free(OskBits *bits, OskBudget *budget)
{
    free(bits->bits);
    osk_budget_return(budget, bits->memory);
    *bits = (OskBits){ .column = 0 };
}

/* Sets the bits [first, end) of a row, counted from the first bit. */
static void set_run(uint64_t *row, uint32_t first, uint32_t end)
{
    size_t word = first / 64;
    size_t last = (end - 1) / 64;
    uint64_t head = UINT64_MAX << (first % 64);
    uint64_t tail = UINT64_MAX >> (63 - (end - 1) % 64);
    if (word == last) {
        row[word] |= head & tail;
        return;
    }
    row[word] |= head;
    for (word++; word < last; word++) {
        row[word] = UINT64_MAX;
    }
    row[last] |= tail;
}

static uint64_t *row_of(const OskBits *bits, uint32_t row)
{
    return bits->bits + (size_t)(row - bits->row) * bits->words;
}

/* Sets the cells of a row from `first` to `last`, as far as there are bits for them. */
static void set_cells(OskBits *bits, uint32_t row, int64_t first, int64_t last)
{
    int64_t begin = first - bits->column;
    int64_t end = last - bits->column + 1;
    begin = begin < 0 ? 0 : begin;
    end = end > bits->columns ? bits->columns : end;
    if (begin < end) {
        set_run(row_of(bits, row), (uint32_t)begin, (uint32_t)end);
    }
}

static void set_touched(OskBits *bits, const OskGrid *grid, uint32_t row, Span span)
{
    int64_t cell = (int64_t)grid->cell_width << OSK_FIXED_BITS;
    if (span.any && span.low < (int64_t)grid->width << OSK_FIXED_BITS) {
        set_cells(bits, row, floor_div(span.low, cell), ceil_div(span.high, cell) - 1);
    }
}

static void set_inside(OskBits *bits, const OskGrid *grid, uint32_t row, Span span)
{
    int64_t cell = (int64_t)grid->cell_width << OSK_FIXED_BITS;
    if (span.any && span.low <= span.high) {
        bool to_end = span.high >= (int64_t)grid->width << OSK_FIXED_BITS;
        set_cells(bits, row, ceil_div(span.low, cell),
                  to_end ? (int64_t)grid->columns - 1 : floor_div(span.high, cell) - 1);
    }
}

static Band band_of(const OskGrid *grid, uint32_t row)
{
    int64_t cell = (int64_t)grid->cell_height << OSK_FIXED_BITS;
    int64_t end = (int64_t)grid->height << OSK_FIXED_BITS;
    int64_t top = cell * row;
    return (Band){ .top = top, .bottom = end - top < cell ? end : top + cell };
}

/* The rows whose bands [top, bottom] overlaps; false for none. They are spent. */
static bool spend_rows(const OskGrid *grid, const OskBits *bits, Band of, uint32_t range[2],
                       OskBudget *budget)
{
    int64_t cell = (int64_t)grid->cell_height << OSK_FIXED_BITS;
    int64_t first = floor_div(of.top, cell);
    int64_t end = ceil_div(of.bottom, cell);
    first = first < bits->row ? bits->row : first;
    end = end > (int64_t)bits->row + bits->rows ? (int64_t)bits->row + bits->rows : end;
    range[0] = first < end ? (uint32_t)first : 0;
    range[1] = first < end ? (uint32_t)end : 0;
    return osk_budget_parts(budget, 1 + (uint64_t)range[1] - range[0]);
}

/* ---- rectangles and ellipses ---- */

static Span rect_touched(const OskFixedShape *box, Band band)
{
    bool any = band.top < box->bottom && band.bottom > box->top;
    return (Span){ .any = any, .low = box->left, .high = box->right };
}

static Span rect_inside(const OskFixedShape *box, Band band)
{
    bool any = band.top >= box->top && band.bottom <= box->bottom;
    return (Span){ .any = any, .low = box->left, .high = box->right };
}

static Span ellipse_at(const OskFixedShape *box, int64_t distance, bool up)
{
    int64_t a = box->right - box->left;
    int64_t b = box->bottom - box->top;
    if (distance >= b) {
        return (Span){ .any = false };
    }
    int64_t middle = box->left + box->right;
    int64_t half = half_width(a, b, distance, up);
    return (Span){ .any = true,
                   .low = up ? floor_div(middle - half, 2) : ceil_div(middle - half, 2),
                   .high = up ? ceil_div(middle + half, 2) : floor_div(middle + half, 2) };
}

static Span ellipse_touched(const OskFixedShape *box, Band band)
{
    if (band.top >= box->bottom || band.bottom <= box->top) {
        return (Span){ .any = false };
    }
    int64_t middle = box->top + box->bottom; /* doubled, as the distances are */
    int64_t distance = 0;
    if (2 * band.top > middle) {
        distance = 2 * band.top - middle;
    } else if (2 * band.bottom < middle) {
        distance = middle - 2 * band.bottom;
    }
    return ellipse_at(box, distance, true);
}

static Span ellipse_inside(const OskFixedShape *box, Band band)
{
    if (band.top < box->top || band.bottom > box->bottom) {
        return (Span){ .any = false };
    }
    int64_t middle = box->top + box->bottom;
    int64_t above = middle - 2 * band.top;
    int64_t below = 2 * band.bottom - middle;
    int64_t distance = above > below ? above : below;
    return ellipse_at(box, distance < 0 ? 0 : distance, false);
}

typedef Span BoxSpan(const OskFixedShape *box, Band band);

static OskStatus draw_box(const OskFixedShape *box, const OskGrid *grid, OskBits *bits,
                          BoxSpan *span, OskBudget *budget)
{
    uint32_t range[2];
    if (!spend_rows(grid, bits, (Band){ box->top, box->bottom }, range, budget)) {
        return OSK_LIMIT;
    }
    bool inside = span == rect_inside || span == ellipse_inside;
    for (uint32_t row = range[0]; row < range[1]; row++) {
        Span part = span(box, band_of(grid, row));
        if (inside) {
            set_inside(bits, grid, row, part);
        } else {
            set_touched(bits, grid, row, part);
        }
    }
    return OSK_OK;
}

/* ---- edges ---- */

/* The x of the part of an edge within a band, its ends included, rounded outward; the edge goes
 * down or is level. */
static Span edge_span(OskFixedPoint a, OskFixedPoint b, Band band)
{
    if (b.y < band.top || a.y > band.bottom) {
        return (Span){ .any = false };
    }
    int64_t width = b.x - a.x;
    int64_t height = b.y - a.y;
    if (height == 0) {
        return (Span){ .any = true, .low = width < 0 ? b.x : a.x, .high = width < 0 ? a.x : b.x };
    }
    int64_t top = a.y > band.top ? a.y : band.top;
    int64_t bottom = b.y < band.bottom ? b.y : band.bottom;
    int64_t left_y = width < 0 ? bottom : top;
    int64_t right_y = width < 0 ? top : bottom;
    return (Span){ .any = true,
                   .low = a.x + scale_down(left_y - a.y, width, height),
                   .high = a.x + scale_up(right_y - a.y, width, height) };
}

/* ---- polygons ---- */

/* Marks the cells that an edge passes through, and turns inside to outside behind where it crosses
 * the middle of each band. */
static OskStatus draw_edge(OskFixedPoint a, OskFixedPoint b, const OskGrid *grid, OskBits planes[2],
                           OskBudget *budget)
{
    OskBits *marks = &planes[0];
    OskBits *turns = &planes[1];
    if (a.y > b.y) {
        OskFixedPoint kept = a;
        a = b;
        b = kept;
    }
    uint32_t range[2];
    if (!spend_rows(grid, marks, (Band){ a.y, b.y }, range, budget)) {
        return OSK_LIMIT;
    }
    int64_t cell = (int64_t)grid->cell_width << OSK_FIXED_BITS;
    for (uint32_t row = range[0]; row < range[1]; row++) {
        Band band = band_of(grid, row);
        set_touched(marks, grid, row, edge_span(a, b, band));
        int64_t middle = band.top + band.bottom; /* doubled */
        if ((2 * a.y <= middle) == (2 * b.y <= middle)) {
            continue;
        }
        /* Within the cell that the edge crosses the rounding does not matter: it is marked. */
        int64_t x = a.x + scale_down(middle - 2 * a.y, b.x - a.x, 2 * (b.y - a.y));
        int64_t column = ceil_div(x, cell) - turns->column;
        column = column < 0 ? 0 : column;
        if (column < turns->columns) {
            row_of(turns, row)[column / 64] ^= UINT64_C(1) << (column % 64);
        }
    }
    return OSK_OK;
}

/* Each bit becomes the parity of the bits up to it. */
static void fill_parity(uint64_t *row, size_t words)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < words; i++) {
        uint64_t word = row[i];
        for (unsigned shift = 1; shift < 64; shift *= 2) {
            word ^= word << shift;
        }
        row[i] = word ^ carry;
        carry = row[i] >> 63 != 0 ? UINT64_MAX : 0;
    }
}

static OskStatus draw_polygon(const OskFixedShape *shape, const OskGrid *grid, OskBits *bits,
                              bool inside, OskBudget *budget)
{
    OskBits planes[2];
    OskStatus status = osk_bits_make(&planes[0], shape, grid, budget);
    if (status == OSK_OK) {
        status = osk_bits_make(&planes[1], shape, grid, budget);
        for (size_t i = 0; status == OSK_OK && i < shape->point_count; i++) {
            size_t next = i + 1 < shape->point_count ? i + 1 : 0;
            status = draw_edge(shape->points[i], shape->points[next], grid, planes, budget);
        }
        for (uint32_t y = 0; status == OSK_OK && y < planes[0].rows; y++) {
            uint64_t *marks = planes[0].bits + y * planes[0].words;
            uint64_t *within = planes[1].bits + y * planes[1].words;
            uint64_t *out = bits->bits + y * bits->words;
            fill_parity(within, planes[1].words);
            uint64_t past =
                bits->columns % 64 == 0 ? UINT64_MAX : (UINT64_C(1) << (bits->columns % 64)) - 1;
            for (size_t i = 0; i < bits->words; i++) {
                uint64_t word = inside ? within[i] & ~marks[i] : within[i] | marks[i];
                out[i] |= i + 1 == bits->words ? word & past : word;
            }
        }
        osk_bits_free(&planes[1], budget);
    }
    osk_bits_free(&planes[0], budget);
    return status;
}

/* ---- strokes ---- */

/* What lies within the radius of a segment, square at its ends: a rectangle that may be slanted. */
typedef struct Strip {
    OskFixedPoint corners[4];
    bool slanted;
    int64_t top;
    int64_t bottom;
} Strip;

/* @param slack beyond the radius and the ends, for slanted segments; may be negative. */
static Strip make_strip(OskFixedPoint a, OskFixedPoint b, int64_t radius, int64_t slack)
{
    int64_t dx = b.x - a.x;
    int64_t dy = b.y - a.y;
    OskFixedPoint along = { 0, 0 };
    OskFixedPoint across = { dy == 0 ? 0 : radius, dx == 0 ? 0 : radius };
    if (dx != 0 && dy != 0) {
        int64_t wide = radius + slack > 0 ? radius + slack : 0;
        OskUint128 square = (OskUint128)((OskInt128)dx * dx) + (OskUint128)((OskInt128)dy * dy);
        int64_t len = (int64_t)root_down(square);
        across = (OskFixedPoint){ -scale_down(dy, wide, len), scale_down(dx, wide, len) };
        along = (OskFixedPoint){ scale_down(dx, slack, len), scale_down(dy, slack, len) };
    }
    Strip strip = { .corners = { { a.x - along.x + across.x, a.y - along.y + across.y },
                                 { b.x + along.x + across.x, b.y + along.y + across.y },
                                 { b.x + along.x - across.x, b.y + along.y - across.y },
                                 { a.x - along.x - across.x, a.y - along.y - across.y } } };
    strip.slanted = dx != 0 && dy != 0;
    strip.top = strip.bottom = strip.corners[0].y;
    for (unsigned i = 1; i < 4; i++) {
        int64_t y = strip.corners[i].y;
        strip.top = y < strip.top ? y : strip.top;
        strip.bottom = y > strip.bottom ? y : strip.bottom;
    }
    return strip;
}

static Span join(Span a, Span b)
{
    if (!a.any || !b.any) {
        return a.any ? a : b;
    }
    return (Span){ .any = true,
                   .low = a.low < b.low ? a.low : b.low,
                   .high = a.high > b.high ? a.high : b.high };
}

static Span strip_span(const Strip *strip, Band band)
{
    Span all = { .any = false };
    for (unsigned i = 0; i < 4; i++) {
        OskFixedPoint a = strip->corners[i];
        OskFixedPoint b = strip->corners[(i + 1) % 4];
        all = join(all, a.y <= b.y ? edge_span(a, b, band) : edge_span(b, a, band));
    }
    return all;
}

static OskFixedShape disc_of(OskFixedPoint middle, int64_t radius)
{
    return (OskFixedShape){ .shape = OSK_SHAPE_ELLIPSE,
                            .left = middle.x - radius,
                            .top = middle.y - radius,
                            .right = middle.x + radius,
                            .bottom = middle.y + radius };
}

static OskStatus draw_stroke(const OskFixedShape *shape, const OskGrid *grid, OskBits *bits,
                             OskBudget *budget)
{
    for (size_t i = 0; i < shape->point_count; i++) {
        OskFixedShape disc = disc_of(shape->points[i], shape->radius);
        OskStatus status = draw_box(&disc, grid, bits, ellipse_touched, budget);
        if (status != OSK_OK) {
            return status;
        }
        if (i == 0) {
            continue;
        }
        Strip strip =
            make_strip(shape->points[i - 1], shape->points[i], shape->radius, STRIP_SLACK);
        uint32_t range[2];
        if (!spend_rows(grid, bits, (Band){ strip.top, strip.bottom }, range, budget)) {
            return OSK_LIMIT;
        }
        for (uint32_t row = range[0]; row < range[1]; row++) {
            set_touched(bits, grid, row, strip_span(&strip, band_of(grid, row)));
        }
    }
    return OSK_OK;
}

/* One line through a segment with round ends: it is convex, so it holds what lies between its
 * parts. */
static Span capsule_at(const OskFixedShape discs[2], const Strip *strip, int64_t y)
{
    Band line = { y, y };
    Span all = { .any = false };
    for (unsigned i = 0; i < 2; i++) {
        all = join(all, ellipse_inside(&discs[i], line));
    }
    Span middle = strip_span(strip, line);
    if (strip->slanted) { /* then its edges were rounded outward */
        middle.low += 1;
        middle.high -= 1;
    }
    middle.any = middle.any && middle.low <= middle.high;
    return join(all, middle);
}

/* The cells that lie in one segment with its round ends: where both their upper and their lower
 * side do, since it is convex. */
static OskStatus fill_stroke(const OskFixedShape *shape, const OskGrid *grid, OskBits *bits,
                             OskBudget *budget)
{
    for (size_t i = 0; i < shape->point_count; i++) {
        OskFixedPoint a = shape->points[i > 0 ? i - 1 : 0];
        OskFixedPoint b = shape->points[i];
        const OskFixedShape discs[2] = { disc_of(a, shape->radius), disc_of(b, shape->radius) };
        Strip strip = make_strip(a, b, shape->radius, -STRIP_SLACK);
        Band of = { discs[0].top < discs[1].top ? discs[0].top : discs[1].top,
                    discs[0].bottom > discs[1].bottom ? discs[0].bottom : discs[1].bottom };
        uint32_t range[2];
        if (!spend_rows(grid, bits, of, range, budget)) {
            return OSK_LIMIT;
        }
        for (uint32_t row = range[0]; row < range[1]; row++) {
            Band band = band_of(grid, row);
            Span above = capsule_at(discs, &strip, band.top);
            Span below = capsule_at(discs, &strip, band.bottom);
            Span both = { .any = above.any && below.any,
                          .low = above.low > below.low ? above.low : below.low,
                          .high = above.high < below.high ? above.high : below.high };
            set_inside(bits, grid, row, both);
        }
    }
    return OSK_OK;
}

/* ---- all shapes ---- */

OskStatus osk_shape_touched(const OskFixedShape *shape, const OskGrid *grid, OskBits *bits,
                            OskBudget *budget)
{
    if (bits->rows == 0) {
        return OSK_OK;
    }
    switch (shape->shape) {
    case OSK_SHAPE_RECT: return draw_box(shape, grid, bits, rect_touched, budget);
    case OSK_SHAPE_ELLIPSE: return draw_box(shape, grid, bits, ellipse_touched, budget);
    case OSK_SHAPE_POLYGON: return draw_polygon(shape, grid, bits, false, budget);
    case OSK_SHAPE_STROKE: return draw_stroke(shape, grid, bits, budget);
    }
    return OSK_BUG;
}

OskStatus osk_shape_inside(const OskFixedShape *shape, const OskGrid *grid, OskBits *bits,
                           OskBudget *budget)
{
    if (bits->rows == 0) {
        return OSK_OK;
    }
    switch (shape->shape) {
    case OSK_SHAPE_RECT: return draw_box(shape, grid, bits, rect_inside, budget);
    case OSK_SHAPE_ELLIPSE: return draw_box(shape, grid, bits, ellipse_inside, budget);
    case OSK_SHAPE_POLYGON: return draw_polygon(shape, grid, bits, true, budget);
    case OSK_SHAPE_STROKE: return fill_stroke(shape, grid, bits, budget);
    }
    return OSK_BUG;
}
