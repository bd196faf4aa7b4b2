/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this JPEG XL file clean? Written from ISO/IEC 18181-1 (codestream) and 18181-2 (container).
 * Headers are read to their last bit; sections of frames are stepped over by the table of contents,
 * and nothing may follow the last frame. Boxes are on a list of five. */
#include <string.h>

#include "verify/checker.h"
#include "verify/jxl_toc.h"

#define BOX(a, b, c, d)                                                                            \
    ((uint32_t)(uint8_t)(a) << 24 | (uint32_t)(uint8_t)(b) << 16 | (uint32_t)(uint8_t)(c) << 8 |   \
     (uint32_t)(uint8_t)(d))

#define SIDE_MOST UINT32_C(0x40000000)
#define CHANNELS_MOST 4099u /* 1 + 12 bits, and three colours */

enum { FRAME_REGULAR, FRAME_LF, FRAME_REFERENCE, FRAME_SKIP };
enum { SPACE_GREY = 1, SPACE_XYB = 2 };

typedef struct Image {
    OskCheck *check;
    OskCheckJxlBits bits;
    uint32_t width;
    uint32_t height;
    uint32_t extra; /* channels beside colour */
    bool xyb;
    bool animated;
    bool timecodes;
} Image;

static void found(Image *image, const char *what)
{
    osk_check_found(image->check, "codestream", what, osk_check_jxl_offset(&image->bits));
}

static uint32_t u(Image *image, unsigned n)
{
    return osk_check_jxl_u(&image->bits, n);
}

static bool flag(Image *image)
{
    return u(image, 1) != 0;
}

static uint32_t u32(Image *image, OskCheckJxlU32 d)
{
    return osk_check_jxl_u32(&image->bits, d);
}

static uint32_t read_enum(Image *image)
{
    return u32(image, (OskCheckJxlU32){ { 0, 1, 2, 18 }, { 0, 0, 4, 6 } });
}

static void skip_f16(Image *image, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        u(image, 16);
    }
}

/* Extensions are for later editions of the standard: none is defined. */
static void check_extensions(Image *image)
{
    uint64_t set = osk_check_jxl_u64(&image->bits);
    uint64_t total = 0;
    for (unsigned i = 0; i < 64; i++) {
        total += (set >> i & 1) != 0 ? osk_check_jxl_u64(&image->bits) & UINT32_MAX : 0;
    }
    if (set != 0) {
        found(image, "an extension that no reader knows");
    }
    osk_check_jxl_skip(&image->bits, total);
}

static void check_name(Image *image, const char *what)
{
    uint32_t len = u32(image, (OskCheckJxlU32){ { 0, 0, 16, 48 }, { 0, 4, 5, 10 } });
    if (len > 0) {
        found(image, what);
    }
    osk_check_jxl_skip(&image->bits, (uint64_t)len * 8);
}

/* ---- Image headers: 18181-1 annex D ---- */

static uint32_t side_by_ratio(uint32_t ratio, uint64_t height)
{
    static const uint8_t up[] = { 0, 1, 12, 4, 3, 16, 5, 2 };
    static const uint8_t down[] = { 1, 1, 10, 3, 2, 9, 4, 1 };
    return (uint32_t)(height * up[ratio & 7] / down[ratio & 7]);
}

static void read_size(Image *image, uint32_t *out_width, uint32_t *out_height)
{
    static const OskCheckJxlU32 side = { { 1, 1, 1, 1 }, { 9, 13, 18, 30 } };
    bool small = flag(image);
    *out_height = small ? (u(image, 5) + 1) * 8 : u32(image, side);
    uint32_t ratio = u(image, 3);
    if (ratio != 0) {
        *out_width = side_by_ratio(ratio, *out_height);
    } else {
        *out_width = small ? (u(image, 5) + 1) * 8 : u32(image, side);
    }
}

static void read_depth(Image *image)
{
    if (flag(image)) {
        u32(image, (OskCheckJxlU32){ { 32, 16, 24, 1 }, { 0, 0, 0, 6 } });
        u(image, 4);
    } else {
        u32(image, (OskCheckJxlU32){ { 8, 10, 12, 1 }, { 0, 0, 0, 6 } });
    }
}

static void read_extra_channel(Image *image)
{
    if (flag(image)) {
        return;
    }
    uint32_t type = read_enum(image);
    read_depth(image);
    u32(image, (OskCheckJxlU32){ { 0, 3, 4, 1 }, { 0, 0, 0, 3 } });
    check_name(image, "the name of a channel");
    if (type == 0) {
        flag(image);
    } else if (type == 2) {
        skip_f16(image, 4);
    } else if (type == 5) {
        u32(image, (OskCheckJxlU32){ { 1, 0, 3, 19 }, { 0, 2, 4, 8 } });
    }
}

static void read_chromaticities(Image *image, unsigned count)
{
    for (unsigned i = 0; i < 2 * count; i++) {
        u32(image, (OskCheckJxlU32){ { 0, 524288, 1048576, 2097152 }, { 19, 19, 20, 21 } });
    }
}

static void read_colour(Image *image)
{
    if (flag(image)) {
        return;
    }
    bool icc = flag(image);
    uint32_t space = read_enum(image);
    if (icc) {
        found(image, "a colour profile in the coded picture, which may name the device");
        osk_check_jxl_fail(&image->bits);
        return;
    }
    if (space != SPACE_XYB && read_enum(image) == 2) {
        read_chromaticities(image, 1);
    }
    if (space != SPACE_XYB && space != SPACE_GREY && read_enum(image) == 2) {
        read_chromaticities(image, 3);
    }
    if (space != SPACE_XYB) {
        if (flag(image)) {
            u(image, 24);
        } else {
            read_enum(image);
        }
    }
    read_enum(image);
}

static void read_animation(Image *image)
{
    u32(image, (OskCheckJxlU32){ { 100, 1000, 1, 1 }, { 0, 0, 10, 30 } });
    u32(image, (OskCheckJxlU32){ { 1, 1001, 1, 1 }, { 0, 0, 8, 10 } });
    u32(image, (OskCheckJxlU32){ { 0, 0, 0, 0 }, { 0, 3, 16, 32 } });
    image->timecodes = flag(image);
    if (image->timecodes) {
        found(image, "clock times of frames");
    }
}

static void read_metadata(Image *image)
{
    image->xyb = true;
    if (flag(image)) {
        return;
    }
    bool more = flag(image);
    if (more) {
        uint32_t width = 0;
        uint32_t height = 0;
        u(image, 3);
        if (flag(image)) {
            read_size(image, &width, &height);
        }
        if (flag(image)) {
            found(image, "a preview picture");
            osk_check_jxl_fail(&image->bits);
        }
        image->animated = flag(image);
        if (image->animated) {
            read_animation(image);
        }
    }
    read_depth(image);
    flag(image);
    image->extra = u32(image, (OskCheckJxlU32){ { 0, 1, 2, 1 }, { 0, 0, 4, 12 } });
    for (uint32_t i = 0; i < image->extra && !image->bits.failed; i++) {
        read_extra_channel(image);
    }
    image->xyb = flag(image);
    read_colour(image);
    if (more && !flag(image)) {
        skip_f16(image, 2);
        flag(image);
        skip_f16(image, 1);
    }
    check_extensions(image);
}

static void read_transform(Image *image)
{
    if (flag(image)) {
        return;
    }
    if (image->xyb && !flag(image)) {
        skip_f16(image, 16);
    }
    uint32_t mask = u(image, 3);
    skip_f16(image, (mask & 1) != 0 ? 15 : 0);
    skip_f16(image, (mask & 2) != 0 ? 55 : 0);
    skip_f16(image, (mask & 4) != 0 ? 210 : 0);
}

/* ---- Frames: annex F ---- */

typedef struct Frame {
    uint32_t type;
    bool modular;
    bool last;
    uint32_t upsampling;
    uint32_t group_shift;
    uint32_t passes;
    uint32_t lf_level;
    uint32_t width;
    uint32_t height;
    bool whole; /* covers the canvas */
    uint32_t blend;
    uint32_t duration;
    uint32_t save_as;
} Frame;

static const OskCheckJxlU32 powers = { { 1, 2, 4, 8 }, { 0, 0, 0, 0 } };

static void read_passes(Image *image, Frame *frame)
{
    frame->passes = u32(image, (OskCheckJxlU32){ { 1, 2, 3, 4 }, { 0, 0, 0, 3 } });
    if (frame->passes == 1) {
        return;
    }
    uint32_t smaller = u32(image, (OskCheckJxlU32){ { 0, 1, 2, 3 }, { 0, 0, 0, 1 } });
    for (uint32_t i = 0; i + 1 < frame->passes; i++) {
        u(image, 2);
    }
    for (uint32_t i = 0; i < smaller; i++) {
        u32(image, powers);
    }
    for (uint32_t i = 0; i < smaller; i++) {
        u32(image, (OskCheckJxlU32){ { 0, 1, 2, 0 }, { 0, 0, 0, 3 } });
    }
}

static int64_t unpack_signed(uint32_t value)
{
    return (value & 1) != 0 ? -(int64_t)(value / 2) - 1 : (int64_t)(value / 2);
}

static void read_crop(Image *image, Frame *frame)
{
    static const OskCheckJxlU32 d = { { 0, 256, 2304, 18688 }, { 8, 11, 14, 30 } };
    int64_t x = 0;
    int64_t y = 0;
    if (!flag(image)) {
        return;
    }
    if (frame->type != FRAME_REFERENCE) {
        x = unpack_signed(u32(image, d));
        y = unpack_signed(u32(image, d));
    }
    frame->width = u32(image, d);
    frame->height = u32(image, d);
    frame->whole =
        x <= 0 && y <= 0 && x + frame->width >= image->width && y + frame->height >= image->height;
}

/* Returns the mode. */
static uint32_t read_blending(Image *image, const Frame *frame)
{
    uint32_t mode = u32(image, (OskCheckJxlU32){ { 0, 1, 2, 3 }, { 0, 0, 0, 2 } });
    bool by_alpha = image->extra > 0 && (mode == 2 || mode == 3);
    if (by_alpha) {
        u32(image, (OskCheckJxlU32){ { 0, 1, 2, 3 }, { 0, 0, 0, 3 } });
    }
    if (by_alpha || mode == 4) {
        flag(image);
    }
    if (mode != 0 || !frame->whole) {
        u(image, 2);
    }
    return mode;
}

static void read_place_in_time(Image *image, Frame *frame)
{
    bool shown = frame->type == FRAME_REGULAR || frame->type == FRAME_SKIP;
    if (shown) {
        frame->blend = read_blending(image, frame);
        for (uint32_t i = 0; i < image->extra && !image->bits.failed; i++) {
            read_blending(image, frame);
        }
        if (image->animated) {
            frame->duration = u32(image, (OskCheckJxlU32){ { 0, 1, 0, 0 }, { 0, 0, 8, 32 } });
            u(image, image->timecodes ? 32 : 0);
        }
        frame->last = flag(image);
    }
    if (frame->type != FRAME_LF && !frame->last) {
        frame->save_as = u(image, 2);
    }
    bool referable =
        !frame->last && frame->type != FRAME_LF && (frame->duration == 0 || frame->save_as != 0);
    if (frame->type == FRAME_REFERENCE ||
        (shown && referable && frame->blend == 0 && frame->whole)) {
        flag(image);
    }
}

static void read_filter(Image *image, const Frame *frame)
{
    if (flag(image)) {
        return;
    }
    if (flag(image) && flag(image)) {
        skip_f16(image, 6);
    }
    if (u(image, 2) > 0) {
        if (!frame->modular && flag(image)) {
            skip_f16(image, 8);
        }
        if (flag(image)) {
            skip_f16(image, 5);
        }
        if (flag(image)) {
            skip_f16(image, frame->modular ? 3 : 4);
        }
        skip_f16(image, frame->modular ? 1 : 0);
    }
    check_extensions(image);
}

static void read_frame_header(Image *image, Frame *frame)
{
    *frame = (Frame){ .last = true,
                      .upsampling = 1,
                      .group_shift = 1,
                      .passes = 1,
                      .width = image->width,
                      .height = image->height,
                      .whole = true };
    if (flag(image)) {
        return;
    }
    frame->type = u(image, 2);
    frame->last = false;
    frame->modular = flag(image);
    uint64_t flags = osk_check_jxl_u64(&image->bits);
    bool ycbcr = !image->xyb && flag(image);
    bool from_lf = (flags & 0x20) != 0;
    u(image, ycbcr && !from_lf ? 6 : 0);
    if (!from_lf) {
        frame->upsampling = u32(image, powers);
        for (uint32_t i = 0; i < image->extra && !image->bits.failed; i++) {
            u32(image, powers);
        }
    }
    if (frame->modular) {
        frame->group_shift = u(image, 2);
    } else if (image->xyb) {
        u(image, 6);
    }
    if (frame->type != FRAME_REFERENCE) {
        read_passes(image, frame);
    }
    if (frame->type == FRAME_LF) {
        frame->lf_level = 1 + u(image, 2);
    } else {
        read_crop(image, frame);
    }
    read_place_in_time(image, frame);
    check_name(image, "the name of a frame");
    read_filter(image, frame);
    check_extensions(image);
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* How many sections the frame has; 0 when there are more than can be. */
static uint64_t count_sections(const Frame *frame)
{
    uint64_t scale = (uint64_t)frame->upsampling << (3 * frame->lf_level);
    uint64_t width = divide_up(frame->width, scale);
    uint64_t height = divide_up(frame->height, scale);
    uint64_t group = UINT64_C(128) << frame->group_shift;
    uint64_t groups = divide_up(width, group) * divide_up(height, group);
    uint64_t lf_groups = divide_up(width, group * 8) * divide_up(height, group * 8);
    if (groups == 1 && frame->passes == 1) {
        return 1;
    }
    uint64_t sections = 2 + lf_groups + groups * frame->passes;
    return sections < (UINT64_C(1) << 26) ? sections : 0;
}

static OskStatus check_frames(Image *image)
{
    OskCheck *check = image->check;
    bool last = false;
    while (!last && !image->bits.failed) {
        Frame frame;
        osk_check_jxl_align(&image->bits);
        read_frame_header(image, &frame);
        uint64_t sections = count_sections(&frame);
        if (sections == 0 || frame.width > SIDE_MOST || frame.height > SIDE_MOST ||
            !osk_budget_parts(check->budget, 1 + sections)) {
            return osk_check_fail(check, OSK_LIMIT, "codestream", "more sections than can be",
                                  osk_check_jxl_offset(&image->bits));
        }
        uint64_t len = osk_check_jxl_toc(&image->bits, check->arena, (uint32_t)sections);
        osk_check_jxl_skip(&image->bits, len * 8);
        last = frame.last;
    }
    return OSK_OK;
}

static OskStatus check_codestream(OskCheck *check, OskCursor stream)
{
    uint64_t offset = osk_cursor_offset(&stream);
    if (osk_cursor_u16be(&stream) != 0xFF0A) {
        return osk_check_fail(check, OSK_MALFORMED, "codestream", "no picture begins here", offset);
    }
    Image image = { .check = check };
    osk_check_jxl_begin(&image.bits, stream);
    read_size(&image, &image.width, &image.height);
    read_metadata(&image);
    read_transform(&image);
    if (image.extra > CHANNELS_MOST) {
        osk_check_jxl_fail(&image.bits);
    }
    OskStatus status = check_frames(&image);
    if (status == OSK_OK && image.bits.padded) {
        found(&image, "padding that is not zero");
    }
    if (status == OSK_OK && image.bits.failed && !check->found) {
        status = osk_check_fail(check, OSK_TRUNCATED, "codestream", "the picture ends early",
                                osk_check_jxl_offset(&image.bits));
    } else if (status == OSK_OK && !image.bits.failed && osk_check_jxl_left(&image.bits) > 0) {
        found(&image, "bytes behind the last frame");
    }
    return status;
}

/* ---- Container: 18181-2 ---- */

typedef struct Container {
    OskCheck *check;
    uint8_t *stream; /* the pieces of jxlp boxes, joined */
    size_t len;
    OskCursor whole; /* jxlc */
    uint32_t pieces;
    bool ended; /* the last piece was seen */
    bool has_whole;
} Container;

static void add_piece(Container *c, OskCursor body)
{
    uint64_t at = osk_cursor_offset(&body);
    uint32_t number = osk_cursor_u32be(&body);
    if (!osk_cursor_ok(&body) || (number & INT32_MAX) != c->pieces || c->ended || c->has_whole) {
        osk_check_found(c->check, "jxlp", "pieces that are not in order", at);
        return;
    }
    size_t len = osk_cursor_left(&body);
    if (len > 0) {
        memcpy(c->stream + c->len, osk_cursor_rest(&body), len);
    }
    c->len += len;
    c->pieces++;
    c->ended = (number & UINT32_C(0x80000000)) != 0;
}

static void check_box(Container *c, uint32_t type, OskCursor body, uint64_t at)
{
    static const uint8_t brands[] = { 'j', 'x', 'l', ' ', 0, 0, 0, 0, 'j', 'x', 'l', ' ' };
    size_t len = osk_cursor_left(&body);
    switch (type) {
    case BOX('J', 'X', 'L', ' '):
        if (at != 0 || len != 4 || !osk_cursor_starts(&body, "\r\n\x87\n", 4)) {
            osk_check_found(c->check, "JXL", "a signature that is none", at);
        }
        break;
    case BOX('f', 't', 'y', 'p'):
        if (at != 12 || len != sizeof(brands) ||
            !osk_cursor_starts(&body, brands, sizeof(brands))) {
            osk_check_found(c->check, "ftyp", "brands other than JPEG XL's", at);
        }
        break;
    case BOX('j', 'x', 'l', 'l'):
        if (len != 1) {
            osk_check_found(c->check, "jxll", "a level of the wrong length", at);
        }
        break;
    case BOX('j', 'x', 'l', 'c'):
        if (c->has_whole || c->pieces > 0) {
            osk_check_found(c->check, "jxlc", "a second picture", at);
        } else {
            c->whole = body;
            c->has_whole = true;
        }
        break;
    case BOX('j', 'x', 'l', 'p'): add_piece(c, body); break;
    default: osk_check_found(c->check, "file", "a box that no clean file needs", at); break;
    }
}

static OskStatus check_container(OskCheck *check)
{
    Container c = { .check = check };
    OskCursor file = osk_cursor_make(check->bytes, (size_t)check->size, 0);
    c.stream = osk_arena_alloc(check->arena, (size_t)check->size);
    if (c.stream == NULL) {
        return osk_check_fail(check, OSK_NO_MEMORY, "file", "not enough memory", 0);
    }
    while (osk_cursor_more(&file)) {
        uint64_t at = osk_cursor_offset(&file);
        uint64_t left = osk_cursor_left(&file);
        uint64_t size = osk_cursor_u32be(&file);
        uint32_t type = osk_cursor_u32be(&file);
        uint64_t header = 8;
        if (size == 1) {
            size = osk_cursor_u64be(&file);
            header = 16;
        } else if (size == 0) {
            size = left;
        }
        if (!osk_cursor_ok(&file) || size < header || size > left ||
            !osk_budget_parts(check->budget, 1)) {
            osk_check_found(check, "file", "bytes that are no box", at);
            return OSK_OK;
        }
        check_box(&c, type, osk_cursor_take(&file, size - header), at);
    }
    if (!c.has_whole && !c.ended) {
        return osk_check_fail(check, OSK_TRUNCATED, "file", "the picture ends early", check->size);
    }
    return check_codestream(check, c.has_whole ? c.whole : osk_cursor_make(c.stream, c.len, 0));
}

static bool matches(const uint8_t *head, size_t len)
{
    static const uint8_t signature[] = { 0, 0, 0, 12, 'J', 'X', 'L', ' ', '\r', '\n', 0x87, '\n' };
    return (len >= 2 && head[0] == 0xFF && head[1] == 0x0A) ||
           (len >= sizeof(signature) && memcmp(head, signature, sizeof(signature)) == 0);
}

static OskStatus check_file(OskCheck *check)
{
    if (check->size >= 2 && check->bytes[0] == 0xFF) {
        return check_codestream(check, osk_cursor_make(check->bytes, (size_t)check->size, 0));
    }
    return check_container(check);
}

const OskChecker osk_checker_jxl = {
    .name = "jxl", .whole = true, .matches = matches, .check = check_file
};
