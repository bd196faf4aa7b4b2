/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/orient.h"

#include <string.h>

#include "base/cursor.h"

#include "pixels/composite.h"

/* An orientation is one of the eight symmetries of a rectangle: rows and columns change places
 * first, then left and right, then top and bottom. */
typedef struct Symmetry {
    bool swap;
    bool flip_x;
    bool flip_y;
} Symmetry;

static const Symmetry symmetries[9] = {
    [1] = { false, false, false }, [2] = { false, true, false }, [3] = { false, true, true },
    [4] = { false, false, true },  [5] = { true, false, false }, [6] = { true, true, false },
    [7] = { true, true, true },    [8] = { true, false, true },
};

/* A displayed row: its first pixel, and how far it is to the next one. */
static void copy_row(uint8_t *to, const uint8_t *from, ptrdiff_t step, size_t size, uint32_t count)
{
    for (uint32_t x = 0; x < count; x++) {
        memcpy(to, from, size);
        to += size;
        from += step;
    }
}

OskStatus osk_image_orient(OskImage *image, unsigned orientation, OskBudget *budget)
{
    if (orientation <= 1 || orientation > 8) {
        return orientation == 1 ? OSK_OK : OSK_MISUSE;
    }
    const Symmetry how = symmetries[orientation];
    size_t size = osk_pixel_bytes(image);
    OskImage turned;
    OskStatus status =
        osk_image_make(&turned, how.swap ? image->height : image->width,
                       how.swap ? image->width : image->height, image->model, image->depth, budget);
    if (status != OSK_OK) {
        return status;
    }
    ptrdiff_t along = how.swap ? (ptrdiff_t)image->stride : (ptrdiff_t)size;
    ptrdiff_t across = how.swap ? (ptrdiff_t)size : (ptrdiff_t)image->stride;
    for (uint32_t y = 0; y < turned.height; y++) {
        ptrdiff_t row = how.flip_y ? (ptrdiff_t)(turned.height - 1 - y) : (ptrdiff_t)y;
        ptrdiff_t column = how.flip_x ? (ptrdiff_t)(turned.width - 1) : 0;
        copy_row(turned.pixels + turned.stride * y, image->pixels + row * across + column * along,
                 how.flip_x ? -along : along, size, turned.width);
    }
    memcpy(turned.palette, image->palette, sizeof(turned.palette));
    turned.palette_count = image->palette_count;
    osk_image_free(image, budget);
    *image = turned;
    return OSK_OK;
}

static unsigned find_symmetry(Symmetry wanted)
{
    for (unsigned i = 1; i <= 8; i++) {
        if (symmetries[i].swap == wanted.swap && symmetries[i].flip_x == wanted.flip_x &&
            symmetries[i].flip_y == wanted.flip_y) {
            return i;
        }
    }
    return 1;
}

unsigned osk_orientation_turn(unsigned orientation, unsigned degrees, bool mirror)
{
    Symmetry now = symmetries[orientation >= 1 && orientation <= 8 ? orientation : 1];
    for (unsigned quarter = 0; quarter < degrees / 90 % 4; quarter++) {
        /* A quarter clockwise: rows become columns, then left and right change places. */
        now = (Symmetry){ .swap = !now.swap, .flip_x = !now.flip_y, .flip_y = now.flip_x };
    }
    now.flip_x = now.flip_x != mirror;
    return find_symmetry(now);
}

/* Exif 4.6.2: two bytes; a number of four would stand elsewhere in its field. */
#define EXIF_SHORT 3u

unsigned osk_orientation_read(const uint8_t *exif, size_t len)
{
    OskCursor c = osk_cursor_make(exif, len, 0);
    bool little = osk_cursor_starts(&c, "II*\0", 4);
    if (!little && !osk_cursor_starts(&c, "MM\0*", 4)) {
        return 1;
    }
    OskCursor d = c;
    osk_cursor_skip(&c, 4);
    osk_cursor_skip(&d, little ? osk_cursor_u32le(&c) : osk_cursor_u32be(&c));
    uint16_t entries = little ? osk_cursor_u16le(&d) : osk_cursor_u16be(&d);
    for (uint16_t i = 0; i < entries && osk_cursor_ok(&d); i++) {
        OskCursor e = osk_cursor_take(&d, 12);
        uint16_t tag = little ? osk_cursor_u16le(&e) : osk_cursor_u16be(&e);
        uint16_t type = little ? osk_cursor_u16le(&e) : osk_cursor_u16be(&e);
        osk_cursor_skip(&e, 4);
        uint16_t value = little ? osk_cursor_u16le(&e) : osk_cursor_u16be(&e);
        if (tag == 0x0112 && osk_cursor_ok(&e)) {
            return type == EXIF_SHORT && value >= 1 && value <= 8 ? value : 1;
        }
    }
    return 1;
}

void osk_orientation_write(uint8_t out[OSK_ORIENTATION_BYTES], unsigned orientation)
{
    static const uint8_t exif[OSK_ORIENTATION_BYTES] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
                                                         1,   18,  0, 3,  0, 0, 0, 1, 0, 1 };
    memcpy(out, exif, sizeof(exif));
    out[19] = (uint8_t)orientation;
}
