/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/geometry.h"

/* Exif 2.32, 4.6.4 A: which side of the displayed picture the first stored row and column are. */
typedef struct Turn {
    bool swap;   /* a stored row is displayed as a column */
    bool flip_x; /* then stored x counts from the other end */
    bool flip_y;
} Turn;

static Turn turn_of(const OskGeometry *geometry)
{
    switch (geometry->orientation) {
    case 2: return (Turn){ .flip_x = true };
    case 3: return (Turn){ .flip_x = true, .flip_y = true };
    case 4: return (Turn){ .flip_y = true };
    case 5: return (Turn){ .swap = true };
    case 6: return (Turn){ .swap = true, .flip_y = true };
    case 7: return (Turn){ .swap = true, .flip_x = true, .flip_y = true };
    case 8: return (Turn){ .swap = true, .flip_x = true };
    default: return (Turn){ .swap = false };
    }
}

uint32_t osk_geometry_displayed_width(const OskGeometry *geometry)
{
    return turn_of(geometry).swap ? geometry->height : geometry->width;
}

uint32_t osk_geometry_displayed_height(const OskGeometry *geometry)
{
    return turn_of(geometry).swap ? geometry->width : geometry->height;
}

OskPoint osk_geometry_to_stored(const OskGeometry *geometry, OskPoint displayed)
{
    Turn turn = turn_of(geometry);
    OskPoint stored = displayed;
    if (turn.swap) {
        stored = (OskPoint){ .x = displayed.y, .y = displayed.x };
    }
    if (turn.flip_x) {
        stored.x = (double)geometry->width - stored.x;
    }
    if (turn.flip_y) {
        stored.y = (double)geometry->height - stored.y;
    }
    return stored;
}

void osk_geometry_box_to_stored(const OskGeometry *geometry, double *x, double *y, double *w,
                                double *h)
{
    Turn turn = turn_of(geometry);
    OskPoint one = osk_geometry_to_stored(geometry, (OskPoint){ .x = *x, .y = *y });
    OskPoint two = osk_geometry_to_stored(geometry, (OskPoint){ .x = *x + *w, .y = *y + *h });
    double width = turn.swap ? *h : *w;
    *h = turn.swap ? *w : *h;
    *w = width;
    *x = one.x < two.x ? one.x : two.x;
    *y = one.y < two.y ? one.y : two.y;
}

void osk_geometry_turn(const OskGeometry *geometry, unsigned bits, int64_t *x, int64_t *y)
{
    Turn turn = turn_of(geometry);
    if (turn.swap) {
        int64_t kept = *x;
        *x = *y;
        *y = kept;
    }
    if (turn.flip_x) {
        *x = ((int64_t)geometry->width << bits) - *x;
    }
    if (turn.flip_y) {
        *y = ((int64_t)geometry->height << bits) - *y;
    }
}
