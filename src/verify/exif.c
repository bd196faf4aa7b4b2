/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIFF 6.0 section 2 and Exif 3.0 section 4.6.4: the one directory that a clean file may carry. */
#include "verify/exif.h"

static bool refuse(OskCheck *check, const char *part, const char *what, const OskCursor *at)
{
    osk_check_found(check, part, what, osk_cursor_offset(at));
    return false;
}

bool osk_check_exif_orientation(OskCheck *check, OskCursor tiff, const char *part)
{
    OskCursor c = tiff;
    bool big = osk_cursor_starts(&c, "MM\0\x2A", 4);
    if (!big && !osk_cursor_starts(&c, "II\x2A\0", 4)) {
        return refuse(check, part, "Exif without a TIFF header", &c);
    }
    osk_cursor_skip(&c, 4);
    uint32_t first = big ? osk_cursor_u32be(&c) : osk_cursor_u32le(&c);
    uint16_t count = big ? osk_cursor_u16be(&c) : osk_cursor_u16le(&c);
    uint16_t tag = big ? osk_cursor_u16be(&c) : osk_cursor_u16le(&c);
    uint16_t type = big ? osk_cursor_u16be(&c) : osk_cursor_u16le(&c);
    uint32_t values = big ? osk_cursor_u32be(&c) : osk_cursor_u32le(&c);
    uint16_t orientation = big ? osk_cursor_u16be(&c) : osk_cursor_u16le(&c);
    uint16_t padding = osk_cursor_u16be(&c);
    uint32_t next = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c) || first != 8 || count != 1 || tag != 0x0112 || type != 3 ||
        values != 1) {
        return refuse(check, part, "Exif that holds more than an orientation", &tiff);
    }
    /* Writers say 0 where they don't know; readers show it upright. */
    if (orientation > 8 || padding != 0 || next != 0) {
        return refuse(check, part, "an orientation with other bytes around it", &tiff);
    }
    if (osk_cursor_more(&c)) {
        return refuse(check, part, "bytes behind the orientation", &c);
    }
    return true;
}
