/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A version, then the members in their order, little end first, without gaps; zeros behind them. */
#include "desk/member.h"

#include <string.h>

#include "base/cursor.h"

#define VERSION 1u

static uint8_t *put(uint8_t *at, uint32_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        *at++ = (uint8_t)(value >> (8 * i));
    }
    return at;
}

static uint8_t *put_id(uint8_t *at, const OskId *id)
{
    memcpy(at, id, sizeof(*id));
    return at + sizeof(*id);
}

void osk_member_write(const OskMember *member, uint8_t out[OSK_MEMBER_BYTES])
{
    memset(out, 0, OSK_MEMBER_BYTES);
    uint8_t *at = put(out, VERSION, 1);
    at = put_id(at, &member->cluster);
    at = put_id(at, &member->root);
    at = put_id(at, &member->like);
    at = put(at, member->round, 4);
    at = put(at, member->tier, 1);
    at = put(at, member->flags, 1);
    at = put(at, member->distance, 2);
    at = put(at, member->inliers, 2);
    at = put(at, member->covered, 2);
    at = put(at, member->component_16, 2);
    at = put(at, member->component_32, 2);
    for (unsigned i = 0; i < 4; i++) {
        at = put(at, member->box[i], 2);
    }
    at = put(at, member->frames, 2);
    put(at, member->key_frames, 2);
}

static void take_id(OskCursor *cursor, OskId *out)
{
    const uint8_t *bytes = osk_cursor_bytes(cursor, sizeof(*out));
    if (bytes != NULL) {
        memcpy(out, bytes, sizeof(*out));
    }
}

bool osk_member_read(OskMember *out, const OskBytes *bytes)
{
    OskCursor cursor = osk_cursor_make(bytes->bytes, bytes->len, 0);
    *out = (OskMember){ .round = 0 };
    if (bytes->len != OSK_MEMBER_BYTES || osk_cursor_u8(&cursor) != VERSION) {
        return false;
    }
    take_id(&cursor, &out->cluster);
    take_id(&cursor, &out->root);
    take_id(&cursor, &out->like);
    out->round = osk_cursor_u32le(&cursor);
    out->tier = osk_cursor_u8(&cursor);
    out->flags = osk_cursor_u8(&cursor);
    out->distance = osk_cursor_u16le(&cursor);
    out->inliers = osk_cursor_u16le(&cursor);
    out->covered = osk_cursor_u16le(&cursor);
    out->component_16 = osk_cursor_u16le(&cursor);
    out->component_32 = osk_cursor_u16le(&cursor);
    for (unsigned i = 0; i < 4; i++) {
        out->box[i] = osk_cursor_u16le(&cursor);
    }
    out->frames = osk_cursor_u16le(&cursor);
    out->key_frames = osk_cursor_u16le(&cursor);
    return osk_cursor_ok(&cursor) && out->tier <= OSK_TIER_EXPLAINED;
}

uint32_t osk_member_farness(const OskMember *member)
{
    return (uint32_t)member->component_32 << 18 | (uint32_t)member->component_16 << 9 |
           (member->distance & 511u);
}
