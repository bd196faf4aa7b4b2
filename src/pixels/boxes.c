/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/boxes.h"

OskCursor osk_boxes_next(OskCursor *from, char out_type[4])
{
    uint64_t size = osk_cursor_be(from, 4);
    const uint8_t *type = osk_cursor_bytes(from, 4);
    uint64_t head = 8;
    if (size == 1) {
        size = osk_cursor_be(from, 8);
        head = 16;
    } else if (size == 0) {
        size = head + osk_cursor_left(from);
    }
    if (type == NULL || size < head) {
        osk_cursor_fail(from);
        return *from;
    }
    memcpy(out_type, type, 4);
    return osk_cursor_take(from, size - head);
}

OskCursor osk_boxes_find(OskCursor from, const char *type)
{
    char found[4];
    while (osk_cursor_left(&from) >= 8) {
        OskCursor box = osk_boxes_next(&from, found);
        if (osk_cursor_ok(&from) && memcmp(found, type, 4) == 0) {
            return box;
        }
    }
    osk_cursor_fail(&from);
    return from;
}

OskCursor osk_boxes_find_full(OskCursor from, const char *type, unsigned *out_version)
{
    OskCursor box = osk_boxes_find(from, type);
    *out_version = osk_cursor_u8(&box);
    osk_cursor_skip(&box, 3);
    return box;
}
