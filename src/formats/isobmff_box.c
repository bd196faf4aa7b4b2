/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_box.h"

#define UUID_TYPE OSK_FOURCC('u', 'u', 'i', 'd')

/* Reads a header from `head`, which may end early, for a box that has `room` bytes at most. False
 * when the header is cut off or its size is impossible. */
static bool parse_header(OskCursor *head, uint64_t room, OskBox *out)
{
    *out = (OskBox){ .offset = osk_cursor_offset(head), .header = 8 };
    out->size = osk_cursor_u32be(head);
    out->type = osk_cursor_u32be(head);
    if (out->size == 1) {
        out->size = osk_cursor_u64be(head);
        out->header += 8;
    } else if (out->size == 0) {
        out->size = room;
        out->to_end = true;
    }
    if (out->type == UUID_TYPE) {
        const uint8_t *uuid = osk_cursor_bytes(head, sizeof(out->uuid));
        if (uuid != NULL) {
            memcpy(out->uuid, uuid, sizeof(out->uuid));
        }
        out->header += 16;
    }
    return osk_cursor_ok(head) && out->size >= out->header && out->size <= room;
}

bool osk_box_next(OskCursor *in, OskBox *out, OskCursor *body)
{
    if (osk_cursor_left(in) == 0) {
        return false;
    }
    OskCursor head = *in;
    if (!parse_header(&head, osk_cursor_left(in), out)) {
        osk_cursor_fail(in);
        return false;
    }
    *body = osk_cursor_take(in, out->size);
    osk_cursor_skip(body, out->header);
    return true;
}

OskStatus osk_box_read(OskWalk *walk, uint64_t offset, uint64_t limit, const char *where,
                       OskBox *out)
{
    uint8_t bytes[32];
    uint64_t room = offset < limit ? limit - offset : 0;
    size_t len = room < sizeof(bytes) ? (size_t)room : sizeof(bytes);
    if (len < 8) {
        return osk_walk_fail(walk, OSK_TRUNCATED, where, "a box header is cut off", offset);
    }
    OskStatus status = osk_walk_read(walk, offset, bytes, len);
    if (status != OSK_OK) {
        return status;
    }
    OskCursor head = osk_cursor_make(bytes, len, offset);
    if (parse_header(&head, room, out)) {
        return OSK_OK;
    }
    if (out->size > room && limit == walk->size) {
        return osk_walk_fail(walk, OSK_TRUNCATED, where, "the file ends inside a box", offset);
    }
    return osk_walk_fail(walk, OSK_MALFORMED, where, "a box has an impossible size", offset);
}

void osk_box_type_text(OskText *text, uint32_t type)
{
    uint8_t bytes[4] = { (uint8_t)(type >> 24), (uint8_t)(type >> 16), (uint8_t)(type >> 8),
                         (uint8_t)type };
    osk_text_untrusted(text, bytes, sizeof(bytes), OSK_LATIN1);
}
