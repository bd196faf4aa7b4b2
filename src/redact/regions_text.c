/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text form of one region, for command lines. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "redact/decimal.h"
#include "redact/regions.h"
#include "redact/words.h"

/* The numbers of a text in order. */
typedef struct Numbers {
    double *values;
    size_t count;
    size_t percents; /* how many of them ended in % */
} Numbers;

static OskStatus fail_at(OskFault *fault, const char *part, const char *what, const char *text,
                         const char *at)
{
    return osk_fault_set(fault, OSK_MALFORMED, part, what, (uint64_t)(at - text));
}

/* Reads "1,2%,3" from `*at` to a colon or the end. */
static OskStatus read_numbers(const char *text, const char **at, Numbers *out, OskFault *fault)
{
    size_t most = 1;
    size_t len = 0;
    for (; (*at)[len] != 0 && (*at)[len] != ':'; len++) {
        most += (*at)[len] == ',';
    }
    if (most > 2u * OSK_REGION_POINTS_MAX + 1u) {
        return osk_fault_set(fault, OSK_LIMIT, "region", "too many numbers", 0);
    }
    *out = (Numbers){ .values = malloc(most * sizeof *out->values) };
    if (out->values == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "region", "out of memory", 0);
    }
    OskCursor in = osk_cursor_make((const uint8_t *)*at, len, (uint64_t)(*at - text));
    for (;;) {
        const char *start = text + osk_cursor_offset(&in);
        OskDecimalResult result = osk_decimal_read(&in, &out->values[out->count]);
        if (result != OSK_DECIMAL_OK) {
            return fail_at(fault, "region/numbers",
                           result == OSK_DECIMAL_NONE ? "not a number"
                                                      : "no coordinate of any picture",
                           text, start);
        }
        out->count++;
        if (osk_cursor_starts(&in, "%", 1)) {
            osk_cursor_skip(&in, 1);
            out->percents++;
        }
        if (!osk_cursor_more(&in)) {
            *at += len;
            return OSK_OK;
        }
        if (!osk_cursor_starts(&in, ",", 1)) {
            return fail_at(fault, "region/numbers", "neither a comma nor the end behind a number",
                           text, text + osk_cursor_offset(&in));
        }
        osk_cursor_skip(&in, 1);
    }
}

/* ":style" or ":style#rrggbb" to the end. */
static OskStatus read_style(const char *text, const char *at, OskRegion *region, OskFault *fault)
{
    if (*at == 0) {
        return OSK_OK;
    }
    at++;
    size_t len = 0;
    while (at[len] != 0 && at[len] != '#') {
        len++;
    }
    if (!osk_style_from(at, len, &region->style)) {
        return fail_at(fault, "region/style", "not fill, mosaic or blur", text, at);
    }
    at += len;
    if (*at != 0 && !osk_color_from(at, strlen(at), region->color)) {
        return fail_at(fault, "region/color", "not a colour such as #ff0000", text, at);
    }
    return OSK_OK;
}

/* Gives the numbers their meaning; `points` has room for half of them. */
static const char *place_numbers(OskRegion *region, const Numbers *numbers, OskPoint *points)
{
    const double *values = numbers->values;
    size_t count = numbers->count;
    if (numbers->percents != 0 && numbers->percents != count) {
        return "some numbers have % and some have not";
    }
    region->unit = numbers->percents != 0 ? OSK_UNIT_PCT : OSK_UNIT_PX;
    if (region->shape == OSK_SHAPE_RECT || region->shape == OSK_SHAPE_ELLIPSE) {
        if (count != 4) {
            return "not four numbers: x,y,w,h";
        }
        region->x = values[0];
        region->y = values[1];
        region->w = values[2];
        region->h = values[3];
        return NULL;
    }
    if (region->shape == OSK_SHAPE_STROKE) {
        region->radius = values[0];
        values++;
        count--;
    }
    if (count == 0 || count % 2 != 0) {
        return region->shape == OSK_SHAPE_STROKE ? "not a radius and pairs: radius,x,y,x,y"
                                                 : "not pairs: x,y,x,y";
    }
    for (size_t i = 0; i < count / 2; i++) {
        points[i] = (OskPoint){ .x = values[2 * i], .y = values[2 * i + 1] };
    }
    region->points = points;
    region->point_count = count / 2;
    return NULL;
}

static OskStatus add_numbers(OskRegions *regions, OskRegion *region, const Numbers *numbers,
                             uint64_t offset, OskFault *fault)
{
    OskPoint *points = malloc((numbers->count / 2 + 1) * sizeof *points);
    if (points == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "region", "out of memory", 0);
    }
    OskRegionField field;
    const char *what = place_numbers(region, numbers, points);
    if (what == NULL) {
        what = osk_region_problem(region, &field);
    }
    OskStatus status = what != NULL ? OSK_MALFORMED : osk_regions_add(regions, region);
    free(points);
    switch (status) {
    case OSK_OK: return OSK_OK;
    case OSK_MALFORMED: return osk_fault_set(fault, status, "region/numbers", what, offset);
    case OSK_LIMIT: return osk_fault_set(fault, status, "region", "too many of them", 0);
    default: return osk_fault_set(fault, status, "region", "out of memory", 0);
    }
}

OskStatus osk_regions_add_text(OskRegions *regions, const char *text, OskFault *fault)
{
    OskFault unused;
    fault = fault != NULL ? fault : &unused;
    *fault = (OskFault){ .part = "", .what = "", .offset = OSK_NO_OFFSET };
    OskRegionDefaults defaults = osk_regions_defaults(regions);
    OskRegion region = { .style = defaults.style };
    memcpy(region.color, defaults.color, sizeof region.color);
    size_t len = 0;
    while (text[len] != 0 && text[len] != ':') {
        len++;
    }
    if (!osk_shape_from(text, len, &region.shape)) {
        return fail_at(fault, "region/shape", "not rect, ellipse, polygon or stroke", text, text);
    }
    const char *at = text + len + (text[len] == ':');
    uint64_t offset = (uint64_t)(at - text);
    Numbers numbers = { .values = NULL };
    OskStatus status = read_numbers(text, &at, &numbers, fault);
    if (status == OSK_OK) {
        status = read_style(text, at, &region, fault);
    }
    if (status == OSK_OK) {
        status = add_numbers(regions, &region, &numbers, offset, fault);
    }
    free(numbers.values);
    return status;
}
