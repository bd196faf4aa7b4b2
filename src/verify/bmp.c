/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BMP: a file header, one of seven picture headers, masks, a palette, rows of pixels; a colour
 * profile may follow. Microsoft "Bitmap Storage" ([MS-WMF] 2.2.2, V4 and V5 headers), OS/2 2.x
 * Presentation Manager.
 *
 * Allowed: headers whose unused and reserved fields are zero, a palette without a fourth byte where
 * it is used, zeros between palette and pixels, rows whose padding is zero, run lengths to their
 * end mark, an embedded profile with colour only. Linked profiles name a file and are not. Nothing
 * else, to the last byte. */
#include "verify/checker.h"
#include "verify/icc.h"

#define FILE_HEAD 14u
#define CORE_HEAD 12u
#define INFO_HEAD 40u
#define OS2_HEAD 64u
#define V4_HEAD 108u
#define V5_HEAD 124u

#define COMPRESSION_NONE 0u
#define COMPRESSION_RLE8 1u
#define COMPRESSION_RLE4 2u
#define COMPRESSION_MASKS 3u
#define COMPRESSION_OS2_RLE24 4u
#define COMPRESSION_ALPHA_MASKS 6u

#define SPACE_CALIBRATED 0u
#define SPACE_SRGB 0x73524742u
#define SPACE_WINDOWS 0x57696E20u
#define SPACE_EMBEDDED 0x4D424544u

typedef struct Bitmap {
    uint32_t header;
    uint32_t pixels_at;
    uint32_t width;
    uint32_t height;
    unsigned depth; /* bits of a pixel */
    uint32_t compression;
    uint32_t image_size;
    uint32_t colours;
    uint32_t space;
    uint32_t profile_at; /* from the picture header on */
    uint32_t profile_len;
} Bitmap;

static bool all_zero(OskCursor in)
{
    const uint8_t *bytes = osk_cursor_rest(&in);
    for (size_t i = 0; i < osk_cursor_left(&in); i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void need_zero(OskCheck *check, OskCursor *in, uint64_t len, const char *part,
                      const char *what)
{
    OskCursor field = osk_cursor_take(in, len);
    if (!all_zero(field)) {
        osk_check_found(check, part, what, osk_cursor_offset(&field));
    }
}

/* Masks say where the bits of each colour stand in a pixel: runs of ones that lie apart, or none.
 * Many writers put them everywhere, used or not. */
static void check_masks(OskCheck *check, OskCursor masks)
{
    uint64_t offset = osk_cursor_offset(&masks);
    uint32_t seen = 0;
    while (osk_cursor_more(&masks)) {
        uint32_t mask = osk_cursor_u32le(&masks);
        uint32_t filled = mask | (mask - 1);
        if (mask != 0 && ((filled & (filled + 1)) != 0 || (mask & seen) != 0)) {
            osk_check_found(check, "header", "masks that describe no colours", offset);
            return;
        }
        seen |= mask;
    }
}

/* Masks, colour space and profile of the later headers. */
static void read_late_fields(OskCheck *check, OskCursor *head, Bitmap *bmp)
{
    OskCursor masks = osk_cursor_take(head, bmp->header >= 56 ? 16 : 12);
    check_masks(check, masks);
    if (bmp->header < V4_HEAD) {
        return;
    }
    bmp->space = osk_cursor_u32le(head);
    OskCursor calibration = osk_cursor_take(head, 48);
    if (bmp->space != SPACE_CALIBRATED && !all_zero(calibration)) {
        osk_check_found(check, "header", "calibration that this colour space doesn't use",
                        osk_cursor_offset(&calibration));
    }
    if (bmp->header < V5_HEAD) {
        return;
    }
    if (osk_cursor_u32le(head) > 8) {
        osk_check_found(check, "header", "a rendering intent that doesn't exist",
                        osk_cursor_offset(head) - 4);
    }
    bmp->profile_at = osk_cursor_u32le(head);
    bmp->profile_len = osk_cursor_u32le(head);
    need_zero(check, head, 4, "header", "a reserved field that is not zero");
}

static void read_info(OskCheck *check, OskCursor *head, Bitmap *bmp)
{
    bmp->width = osk_cursor_u32le(head);
    uint32_t height = osk_cursor_u32le(head);
    bmp->height = height > INT32_MAX ? 0u - height : height;
    uint16_t planes = osk_cursor_u16le(head);
    bmp->depth = osk_cursor_u16le(head);
    bmp->compression = osk_cursor_u32le(head);
    bmp->image_size = osk_cursor_u32le(head);
    osk_cursor_skip(head, 8); /* pixels per metre: how the picture is shown in print */
    bmp->colours = osk_cursor_u32le(head);
    uint32_t important = osk_cursor_u32le(head);
    if (planes != 1 || (bmp->colours != 0 && important > bmp->colours) || important > 256) {
        osk_check_found(check, "header", "numbers that describe no picture", FILE_HEAD);
    }
    if (bmp->header == OS2_HEAD) {
        need_zero(check, head, OS2_HEAD - INFO_HEAD, "header", "OS/2 fields that are not zero");
    } else if (bmp->header > INFO_HEAD) {
        read_late_fields(check, head, bmp);
    }
}

static bool read_header(OskCheck *check, OskCursor *in, Bitmap *bmp)
{
    osk_cursor_skip(in, 2);
    uint32_t size = osk_cursor_u32le(in);
    need_zero(check, in, 4, "file header", "reserved bytes that are not zero");
    bmp->pixels_at = osk_cursor_u32le(in);
    OskCursor peek = *in;
    bmp->header = osk_cursor_u32le(&peek);
    if (size != check->size) {
        osk_check_found(check, "file header", "the file is not as long as it says", 2);
    }
    static const uint32_t known[] = {
        CORE_HEAD, 16, INFO_HEAD, 52, 56, OS2_HEAD, V4_HEAD, V5_HEAD
    };
    bool found = false;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        found |= known[i] == bmp->header;
    }
    OskCursor head = osk_cursor_take(in, bmp->header);
    if (!found || !osk_cursor_ok(&head)) {
        osk_check_fail(check, OSK_UNSUPPORTED, "header", "a picture header that we don't know",
                       FILE_HEAD);
        return false;
    }
    osk_cursor_skip(&head, 4);
    if (bmp->header == CORE_HEAD) {
        bmp->width = osk_cursor_u16le(&head);
        bmp->height = osk_cursor_u16le(&head);
        osk_cursor_skip(&head, 2);
        bmp->depth = osk_cursor_u16le(&head);
    } else if (bmp->header == 16) {
        bmp->width = osk_cursor_u32le(&head);
        bmp->height = osk_cursor_u32le(&head);
        osk_cursor_skip(&head, 2);
        bmp->depth = osk_cursor_u16le(&head);
    } else {
        read_info(check, &head, bmp);
    }
    return true;
}

/* Masks behind a 40-byte header, the palette, and what stands between it and the pixels. */
static void check_colours(OskCheck *check, OskCursor *in, const Bitmap *bmp)
{
    if (bmp->header == INFO_HEAD && bmp->compression == COMPRESSION_MASKS) {
        check_masks(check, osk_cursor_take(in, 12));
    } else if (bmp->header == INFO_HEAD && bmp->compression == COMPRESSION_ALPHA_MASKS) {
        check_masks(check, osk_cursor_take(in, 16));
    }
    uint64_t at = osk_cursor_offset(in);
    if (!osk_cursor_ok(in) || bmp->pixels_at < at) {
        osk_check_found(check, "palette", "pixels that begin before the headers end", at);
        return;
    }
    unsigned width = bmp->header == CORE_HEAD ? 3 : 4;
    uint64_t room = (bmp->pixels_at - at) / width;
    uint64_t most = bmp->depth <= 8 ? UINT64_C(1) << bmp->depth : 0;
    uint64_t count = bmp->colours != 0 ? bmp->colours : most;
    if (count > most) {
        osk_check_found(check, "palette", "colours that no pixel can have", at);
    }
    count = count < room ? count : room;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *entry = osk_cursor_bytes(in, width);
        if (entry != NULL && width == 4 && entry[3] != 0) {
            osk_check_found(check, "palette", "a fourth byte that is not zero",
                            osk_cursor_offset(in) - 1);
            break;
        }
    }
    if (osk_cursor_offset(in) < bmp->pixels_at) {
        need_zero(check, in, bmp->pixels_at - osk_cursor_offset(in), "gap",
                  "bytes between palette and pixels");
    }
}

/* Rows of whole 32-bit words; the bits behind the last pixel are zero. */
static void check_rows(OskCheck *check, OskCursor *in, const Bitmap *bmp)
{
    uint64_t bits = (uint64_t)bmp->width * bmp->depth;
    uint64_t stride = (bits + 31) / 32 * 4;
    uint64_t used = bits / 8;
    if (bmp->image_size != 0 && bmp->image_size != stride * bmp->height) {
        osk_check_found(check, "header", "a size that is not that of the rows", FILE_HEAD + 20);
    }
    for (uint32_t y = 0; y < bmp->height; y++) {
        OskCursor row = osk_cursor_take(in, stride);
        if (!osk_cursor_ok(in)) {
            osk_check_found(check, "pixels", "rows that end early", osk_cursor_offset(in));
            return;
        }
        osk_cursor_skip(&row, used);
        uint8_t rest = bits % 8 != 0 ? (uint8_t)(osk_cursor_u8(&row) << (bits % 8)) : 0;
        if (rest != 0 || !all_zero(row)) {
            osk_check_found(check, "pixels", "padding of a row that is not zero",
                            osk_cursor_offset(&row));
            return;
        }
    }
}

typedef struct RunAt {
    uint64_t x;
    uint64_t y;
} RunAt;

/* A literal run: `count` pixels, padded to 16 bits. */
static bool take_literal(OskCursor *in, unsigned count, unsigned depth)
{
    unsigned bits = count * depth;
    const uint8_t *bytes = osk_cursor_bytes(in, (bits + 15) / 16 * 2);
    if (bytes == NULL) {
        return false;
    }
    uint8_t rest = bits % 8 != 0 ? (uint8_t)(bytes[bits / 8] << (bits % 8)) : 0;
    unsigned full = (bits + 7) / 8;
    return rest == 0 && (full % 2 == 0 || bytes[full] == 0);
}

/* Runs up to the end mark. A run of one colour may pass the end of its row, where readers cut it;
 * copied pixels may not, because those would hide bytes. */
static void check_runs(OskCheck *check, OskCursor *in, const Bitmap *bmp)
{
    RunAt at = { 0, 0 };
    for (;;) {
        uint64_t offset = osk_cursor_offset(in);
        uint8_t count = osk_cursor_u8(in);
        uint8_t value = osk_cursor_u8(in);
        bool fine = osk_cursor_ok(in);
        if (count == 0 && value == 1) {
            break;
        }
        if (count == 0 && value == 0) {
            at = (RunAt){ 0, at.y + 1 };
        } else if (count == 0 && value == 2) {
            at.x += osk_cursor_u8(in);
            at.y += osk_cursor_u8(in);
        } else if (count == 0) {
            at.x += value;
            fine = fine && at.x <= bmp->width && at.y < bmp->height &&
                   take_literal(in, value, bmp->depth);
        } else {
            at.x = at.x + count < bmp->width ? at.x + count : bmp->width;
            fine = fine && at.y < bmp->height;
            osk_cursor_skip(in, bmp->depth / 8 > 1 ? 2 : 0);
        }
        if (!fine || at.y > bmp->height) {
            osk_check_found(check, "pixels", "runs that leave the picture or hide bytes", offset);
            return;
        }
    }
    if (bmp->image_size != 0 &&
        osk_cursor_offset(in) != (uint64_t)bmp->pixels_at + bmp->image_size) {
        osk_check_found(check, "header", "a size that is not that of the runs", FILE_HEAD + 20);
    }
}

static void check_profile(OskCheck *check, OskCursor *in, const Bitmap *bmp)
{
    bool embedded = bmp->space == SPACE_EMBEDDED;
    bool plain =
        bmp->space == SPACE_CALIBRATED || bmp->space == SPACE_SRGB || bmp->space == SPACE_WINDOWS;
    if (!embedded) {
        if (!plain || bmp->profile_at != 0 || bmp->profile_len != 0) {
            osk_check_found(check, "profile", "a linked profile, which names a file", FILE_HEAD);
        }
        return;
    }
    uint64_t at = (uint64_t)bmp->profile_at + FILE_HEAD;
    if (at >= osk_cursor_offset(in)) {
        need_zero(check, in, at - osk_cursor_offset(in), "gap", "bytes in front of the profile");
    }
    OskCursor profile = osk_cursor_take(in, bmp->profile_len);
    if (!osk_cursor_ok(in) || osk_cursor_offset(&profile) != at) {
        osk_check_found(check, "profile", "a profile that doesn't follow the pixels", at);
        return;
    }
    (void)osk_check_icc(check, profile, "profile");
}

static OskStatus check_bmp(OskCheck *check)
{
    OskCursor in = osk_cursor_make(check->bytes, (size_t)check->size, 0);
    Bitmap bmp = { .header = 0 };
    if (!read_header(check, &in, &bmp)) {
        return OSK_UNSUPPORTED;
    }
    bool runs =
        (bmp.compression == COMPRESSION_RLE8 && bmp.depth == 8) ||
        (bmp.compression == COMPRESSION_RLE4 && bmp.depth == 4) ||
        (bmp.header == OS2_HEAD && bmp.compression == COMPRESSION_OS2_RLE24 && bmp.depth == 24);
    bool rows = bmp.compression == COMPRESSION_NONE ||
                (bmp.header != OS2_HEAD && bmp.compression == COMPRESSION_MASKS) ||
                bmp.compression == COMPRESSION_ALPHA_MASKS;
    if ((!runs && !rows) || bmp.depth == 0 || bmp.depth > 64 || bmp.width > INT32_MAX) {
        return osk_check_fail(check, OSK_UNSUPPORTED, "pixels", "a coding that we don't know",
                              FILE_HEAD);
    }
    check_colours(check, &in, &bmp);
    if (runs) {
        check_runs(check, &in, &bmp);
    } else {
        check_rows(check, &in, &bmp);
    }
    check_profile(check, &in, &bmp);
    if (osk_cursor_more(&in)) {
        osk_check_found(check, "trailer", "bytes behind the picture", osk_cursor_offset(&in));
    }
    return OSK_OK;
}

static bool matches(const uint8_t *head, size_t len)
{
    return len >= FILE_HEAD + 4 && head[0] == 'B' && head[1] == 'M';
}

const OskChecker osk_checker_bmp = {
    .name = "bmp", .whole = true, .matches = matches, .check = check_bmp
};
