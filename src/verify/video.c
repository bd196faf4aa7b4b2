/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/video.h"

#include <string.h>

#include "verify/video_message.h"
#include "verify/video_set.h"

/* Units that are looked at whole: parameter sets and messages take at most some kilobytes. */
#define UNIT_MOST ((uint64_t)256 << 10)

void osk_video_init(OskVideo *video, OskCheck *check, OskVideoCodec codec, const char *part)
{
    *video = (OskVideo){ .check = check, .codec = codec, .length_size = 4, .part = part };
}

static void found(const OskVideo *video, const char *what, uint64_t offset)
{
    osk_check_found(video->check, video->part, what, offset);
}

/* Up to `want` (at most the window) bytes before `end`; NULL with the fault set when reading fails.
 */
static const uint8_t *peek(OskVideo *video, uint64_t at, uint64_t end, size_t want, size_t *got)
{
    OskCheck *check = video->check;
    *got = end - at < want ? (size_t)(end - at) : want;
    if (check->bytes != NULL && end <= check->size) {
        return check->bytes + at;
    }
    bool inside = at >= video->window_at && at - video->window_at <= video->window_len &&
                  *got <= video->window_len - (size_t)(at - video->window_at);
    if (!inside) {
        size_t len = end - at < OSK_VIDEO_WINDOW ? (size_t)(end - at) : OSK_VIDEO_WINDOW;
        video->window_len = 0;
        if (osk_check_read(check, at, video->window, len) != OSK_OK) {
            return NULL;
        }
        video->window_at = at;
        video->window_len = len;
    }
    return video->window + (at - video->window_at);
}

/* ---- H.264 and H.265 ---- */

typedef enum UnitKind {
    UNIT_CODED,
    UNIT_SET,
    UNIT_MESSAGES,
    UNIT_MARK,
    UNIT_COLOUR,
    UNIT_STRANGE
} UnitKind;

/* Source: ITU-T H.264, table 7-1. */
static UnitKind avc_kind(unsigned type)
{
    switch (type) {
    case 6: return UNIT_MESSAGES;
    case 7:
    case 8:
    case 13:
    case 15: return UNIT_SET;
    case 9:
    case 10:
    case 11: return UNIT_MARK;
    case 28:
    case 30: return UNIT_COLOUR;
    default:
        return (type >= 1 && type <= 5) || type == 14 || (type >= 19 && type <= 21) ? UNIT_CODED
                                                                                    : UNIT_STRANGE;
    }
}

/* Source: ITU-T H.265, table 7-1. */
static UnitKind hevc_kind(unsigned type)
{
    switch (type) {
    case 32:
    case 33:
    case 34: return UNIT_SET;
    case 35:
    case 36:
    case 37: return UNIT_MARK;
    case 39:
    case 40: return UNIT_MESSAGES;
    case 62:
    case 63: return UNIT_COLOUR;
    default: return type <= 9 || (type >= 16 && type <= 21) ? UNIT_CODED : UNIT_STRANGE;
    }
}

static bool is_avc(const OskVideo *video)
{
    return video->codec == OSK_VIDEO_AVC;
}

static UnitKind kind_of(const OskVideo *video, uint8_t first)
{
    return is_avc(video) ? avc_kind(first & 31) : hevc_kind(first >> 1 & 63);
}

/* A unit in memory that isn't picture data. */
static void check_unit(OskVideo *video, UnitKind kind, OskCursor unit)
{
    size_t header = is_avc(video) ? 1 : 2;
    size_t len = osk_cursor_left(&unit);
    uint64_t at = osk_cursor_offset(&unit);
    const uint8_t *bytes = osk_cursor_rest(&unit);
    if (len < header) {
        found(video, "a unit without a header", at);
        return;
    }
    switch (kind) {
    case UNIT_MESSAGES:
        osk_cursor_skip(&unit, header);
        osk_video_messages(video, unit);
        break;
    case UNIT_MARK:
        if (len > header + 1) {
            found(video, "bytes in a unit that only marks", at);
        }
        break;
    case UNIT_SET: {
        size_t used = 0;
        if (!osk_video_set_read(is_avc(video), bytes, len, &used)) {
            found(video, "a parameter set whose syntax is broken", at);
        } else if (used < len) {
            found(video, "bytes behind the end of a parameter set", at);
        }
        break;
    }
    default: break;
    }
}

static OskStatus sample_unit(OskVideo *video, uint64_t at, uint64_t len)
{
    size_t got = 0;
    const uint8_t *head = peek(video, at, at + len, 3, &got);
    if (head == NULL) {
        return video->check->fault->status;
    }
    if (got == 0) {
        found(video, "an empty unit", at);
        return OSK_OK;
    }
    UnitKind kind = kind_of(video, head[0]);
    if (kind == UNIT_STRANGE) {
        found(video, "a unit that decodes to nothing", at);
        return OSK_OK;
    }
    if (kind == UNIT_COLOUR && !video->dolby) {
        found(video, "a unit that decodes to nothing", at);
        return OSK_OK;
    }
    if (kind == UNIT_COLOUR) {
        /* Dolby Vision: its metadata begin with 25; its second layer is coded like the first. */
        bool metadata = is_avc(video) ? (head[0] & 31) == 28 : (head[0] >> 1 & 63) == 62;
        size_t where = is_avc(video) ? 1 : 2;
        if (metadata && (got <= where || head[where] != 25)) {
            found(video, "a unit that decodes to nothing", at);
        }
        return OSK_OK;
    }
    if (kind == UNIT_CODED) {
        return OSK_OK;
    }
    if (len > UNIT_MOST) {
        found(video, "a unit that is larger than any", at);
        return OSK_OK;
    }
    if (len <= OSK_VIDEO_WINDOW) {
        head = peek(video, at, at + len, (size_t)len, &got);
        if (head == NULL) {
            return video->check->fault->status;
        }
        check_unit(video, kind, osk_cursor_make(head, got, at));
        return OSK_OK;
    }
    OskCursor unit;
    OskStatus status = osk_check_load(video->check, at, len, &unit);
    if (status == OSK_OK) {
        check_unit(video, kind, unit);
    }
    return status;
}

static OskStatus nal_sample(OskVideo *video, uint64_t offset, uint64_t len)
{
    uint64_t end = offset + len;
    for (uint64_t at = offset; at < end;) {
        size_t got = 0;
        const uint8_t *prefix = peek(video, at, end, video->length_size, &got);
        if (prefix == NULL) {
            return video->check->fault->status;
        }
        uint64_t size = 0;
        for (size_t i = 0; i < got; i++) {
            size = size << 8 | prefix[i];
        }
        at += got;
        if (got < video->length_size || size > end - at) {
            found(video, "bytes that are no unit", at);
            return OSK_OK;
        }
        if (!osk_budget_parts(video->check->budget, 1)) {
            return osk_check_fail(video->check, OSK_LIMIT, video->part, "too many units", at);
        }
        OskStatus status = sample_unit(video, at, size);
        if (status != OSK_OK) {
            return status;
        }
        at += size;
    }
    return OSK_OK;
}

/* A unit of a configuration record must be of one of these types. */
static void record_unit(OskVideo *video, OskCursor *record, unsigned first, unsigned second,
                        unsigned third)
{
    OskCursor unit = osk_cursor_take(record, osk_cursor_u16be(record));
    uint8_t head = 0;
    (void)osk_cursor_peek(&unit, &head, 1);
    unsigned type = is_avc(video) ? head & 31 : head >> 1 & 63;
    if (!osk_cursor_ok(&unit)) {
        return;
    }
    if (type != first && type != second && type != third) {
        found(video, "a unit that is no parameter set", osk_cursor_offset(&unit));
        return;
    }
    check_unit(video, kind_of(video, head), unit);
}

/* Source: ISO/IEC 14496-15, 5.3.3.1. */
static void avc_config(OskVideo *video, OskCursor record)
{
    uint64_t at = osk_cursor_offset(&record);
    uint8_t version = osk_cursor_u8(&record);
    uint8_t profile = osk_cursor_u8(&record);
    osk_cursor_skip(&record, 2);
    uint8_t sizes = osk_cursor_u8(&record);
    unsigned sets = osk_cursor_u8(&record) & 31;
    video->length_size = (sizes & 3u) + 1;
    if (version != 1 || (sizes & 0xFC) != 0xFC) {
        found(video, "a record of an unknown version", at);
    }
    for (unsigned i = 0; i < sets; i++) {
        record_unit(video, &record, 7, 15, 7);
    }
    sets = osk_cursor_u8(&record);
    for (unsigned i = 0; i < sets && osk_cursor_ok(&record); i++) {
        record_unit(video, &record, 8, 8, 8);
    }
    bool high = profile != 66 && profile != 77 && profile != 88;
    if (high && osk_cursor_more(&record)) {
        uint8_t format = osk_cursor_u8(&record);
        uint8_t luma = osk_cursor_u8(&record);
        uint8_t chroma = osk_cursor_u8(&record);
        if ((format & 0xFC) != 0xFC || (luma & 0xF8) != 0xF8 || (chroma & 0xF8) != 0xF8) {
            found(video, "reserved bits that are not one", at);
        }
        sets = osk_cursor_u8(&record);
        for (unsigned i = 0; i < sets && osk_cursor_ok(&record); i++) {
            record_unit(video, &record, 13, 13, 13);
        }
    }
    if (!osk_cursor_ok(&record) || osk_cursor_more(&record)) {
        found(video, "bytes behind the end of a configuration record", at);
    }
}

static void check_arrays(OskVideo *video, OskCursor *record, uint64_t at)
{
    unsigned arrays = osk_cursor_u8(record);
    for (unsigned i = 0; i < arrays && osk_cursor_ok(record); i++) {
        uint8_t head = osk_cursor_u8(record);
        unsigned type = head & 63;
        unsigned count = osk_cursor_u16be(record);
        if ((head & 0x40) != 0 || type < 32 || type > 40 || (type > 34 && type < 39)) {
            found(video, "units that are no parameter sets", at);
        }
        for (unsigned k = 0; k < count && osk_cursor_ok(record); k++) {
            record_unit(video, record, type, type, type);
        }
    }
    if (!osk_cursor_ok(record) || osk_cursor_more(record)) {
        found(video, "bytes behind the end of a configuration record", at);
    }
}

/* Source: ISO/IEC 14496-15, 8.3.3.1 (hvcC) and 9.5.3.1 (lhvC). */
static void hevc_config(OskVideo *video, OskCursor record)
{
    uint64_t at = osk_cursor_offset(&record);
    /* Some writers of hvcC, in files that every reader takes, left the version at 0. */
    if (osk_cursor_u8(&record) > 1) {
        found(video, "a record of an unknown version", at);
    }
    osk_cursor_skip(&record, video->codec == OSK_VIDEO_LHEVC ? 3 : 20);
    video->length_size = (osk_cursor_u8(&record) & 3u) + 1;
    check_arrays(video, &record, at);
}

/* ---- AV1 ---- */

enum { OBU_SEQUENCE = 1, OBU_METADATA = 5, OBU_LAST = 7 };

static uint64_t leb128(OskCursor *c)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t byte = osk_cursor_u8(c);
        value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if ((byte & 0x80) == 0) {
            return value;
        }
    }
    osk_cursor_fail(c);
    return 0;
}

static OskStatus check_obu(OskVideo *video, unsigned type, uint64_t at, uint64_t len)
{
    if (type == 0 || type > OBU_LAST) {
        found(video, "a unit that decodes to nothing", at);
    } else if (type == 2 && len != 0) {
        found(video, "bytes in a unit that only marks", at);
    } else if (type == OBU_METADATA || type == OBU_SEQUENCE) {
        size_t got = 0;
        const uint8_t *bytes = peek(video, at, at + len, OSK_VIDEO_WINDOW, &got);
        if (bytes == NULL) {
            return video->check->fault->status;
        }
        if (got < len || got == 0 || bytes[got - 1] == 0) {
            found(video, "bytes behind the end of a unit", at);
        } else if (type == OBU_METADATA) {
            OskCursor payload = osk_cursor_make(bytes, got, at);
            uint64_t kind = leb128(&payload);
            osk_video_metadata(video, kind, payload);
        }
    }
    return OSK_OK;
}

/* Source: AV1 specification, 5.3. */
static OskStatus obu_sample(OskVideo *video, uint64_t offset, uint64_t len)
{
    uint64_t end = offset + len;
    for (uint64_t at = offset; at < end;) {
        size_t got = 0;
        const uint8_t *bytes = peek(video, at, end, 10, &got);
        if (bytes == NULL) {
            return video->check->fault->status;
        }
        OskCursor head = osk_cursor_make(bytes, got, at);
        uint8_t first = osk_cursor_u8(&head);
        if ((first & 0x04) != 0) {
            (void)osk_cursor_u8(&head);
        }
        uint64_t size = (first & 0x02) != 0 ? leb128(&head) : end - osk_cursor_offset(&head);
        uint64_t body = osk_cursor_offset(&head);
        if (!osk_cursor_ok(&head) || (first & 0x80) != 0 || size > end - body) {
            found(video, "bytes that are no unit", at);
            return OSK_OK;
        }
        if (!osk_budget_parts(video->check->budget, 1)) {
            return osk_check_fail(video->check, OSK_LIMIT, video->part, "too many units", at);
        }
        OskStatus status = check_obu(video, first >> 3 & 15, body, size);
        if (status != OSK_OK) {
            return status;
        }
        at = body + size;
    }
    return OSK_OK;
}

/* Source: AV1-ISOBMFF, 2.3. */
static void av1_config(OskVideo *video, OskCursor record)
{
    uint64_t at = osk_cursor_offset(&record);
    uint8_t version = osk_cursor_u8(&record);
    osk_cursor_skip(&record, 2);
    osk_cursor_skip(&record, 1);
    if (version != 0x81 || !osk_cursor_ok(&record)) {
        found(video, "a record of an unknown version", at);
    }
    while (osk_cursor_more(&record)) {
        uint8_t first = osk_cursor_u8(&record);
        osk_cursor_skip(&record, (first & 0x04) != 0 ? 1 : 0);
        OskCursor unit = osk_cursor_take(&record, (first & 0x02) != 0 ? leb128(&record)
                                                                      : osk_cursor_left(&record));
        unsigned type = first >> 3 & 15;
        if (!osk_cursor_ok(&record) || (type != OBU_SEQUENCE && type != OBU_METADATA)) {
            found(video, "bytes that are no unit", at);
            return;
        }
        if (type == OBU_METADATA) {
            uint64_t kind = leb128(&unit);
            osk_video_metadata(video, kind, unit);
        }
    }
}

void osk_video_config(OskVideo *video, OskCursor record)
{
    switch (video->codec) {
    case OSK_VIDEO_AVC: avc_config(video, record); break;
    case OSK_VIDEO_HEVC:
    case OSK_VIDEO_LHEVC: hevc_config(video, record); break;
    case OSK_VIDEO_AV1: av1_config(video, record); break;
    }
}

OskStatus osk_video_sample(OskVideo *video, uint64_t offset, uint64_t len)
{
    uint64_t end = 0;
    if (__builtin_add_overflow(offset, len, &end) || end > video->check->size) {
        found(video, "a sample outside of the file", offset);
        return OSK_OK;
    }
    return video->codec == OSK_VIDEO_AV1 ? obu_sample(video, offset, len)
                                         : nal_sample(video, offset, len);
}
