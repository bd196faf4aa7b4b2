/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebP: a RIFF file of chunks, fourcc and 32-bit length, padded to even lengths. RFC 9649, RFC
 * 6386.
 *
 * Allowed: VP8X with its reserved bits zero and its flags true; ICCP with colour only; EXIF with an
 * orientation only; ANIM; ANMF with one picture in it that lies on the canvas; ALPH; VP8 and VP8L.
 * Each once, in the order of the specification, to the last byte of the file. What follows the last
 * coded bit inside a VP8 or VP8L chunk is not seen here; docs/threat-model.md names it. */
#include "verify/checker.h"
#include "verify/exif.h"
#include "verify/icc.h"

#define FLAG_ANIMATION 0x02u
#define FLAG_EXIF 0x08u
#define FLAG_ALPHA 0x10u
#define FLAG_ICC 0x20u
#define FLAGS_ALLOWED (FLAG_ANIMATION | FLAG_EXIF | FLAG_ALPHA | FLAG_ICC)
#define FRAME_HEAD 16u
/* Dispose to background, and do not blend: all else is reserved. */
#define FRAME_FLAGS 0x03u

#define FOURCC(a, b, c, d)                                                                         \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

typedef struct Chunk {
    uint32_t type;
    OskCursor body;
} Chunk;

typedef struct Picture {
    uint32_t width;
    uint32_t height;
    unsigned images; /* VP8 and VP8L chunks */
    unsigned alphas; /* ALPH chunks */
} Picture;

typedef struct Canvas {
    bool extended;
    uint8_t flags;
    uint32_t width;
    uint32_t height;
    unsigned seen;   /* flags of the chunks that are there */
    unsigned frames; /* ANMF chunks */
    unsigned stage;  /* the order that chunks have reached */
    Picture still;
} Canvas;

static uint32_t plus_one(uint32_t value)
{
    return value + 1;
}

/* The next chunk; the byte that pads it must be zero. False at the end or when it doesn't fit. */
static bool next_chunk(OskCheck *check, OskCursor *in, Chunk *out)
{
    if (!osk_cursor_more(in)) {
        return false;
    }
    uint64_t offset = osk_cursor_offset(in);
    out->type = osk_cursor_u32le(in);
    uint32_t len = osk_cursor_u32le(in);
    out->body = osk_cursor_take(in, osk_cursor_ok(in) ? len : 0);
    if ((len & 1) != 0 && osk_cursor_u8(in) != 0) {
        osk_check_found(check, "padding", "a padding byte that is not zero", offset);
    }
    if (!osk_cursor_ok(in)) {
        osk_check_found(check, "chunk", "bytes that are no whole chunk", offset);
        return false;
    }
    return true;
}

/* RFC 6386 section 9.1: a shown key frame whose first partition fits. */
static void check_vp8(OskCheck *check, OskCursor body, Picture *picture)
{
    uint64_t offset = osk_cursor_offset(&body);
    uint32_t tag = osk_cursor_u24le(&body);
    uint32_t start = osk_cursor_u24be(&body);
    picture->width = osk_cursor_u16le(&body) & 0x3FFF;
    picture->height = osk_cursor_u16le(&body) & 0x3FFF;
    bool key = (tag & 1) == 0;
    bool shown = (tag & 0x10) != 0;
    if (!osk_cursor_ok(&body) || start != 0x9D012A || !key || !shown ||
        tag >> 5 > osk_cursor_left(&body)) {
        osk_check_found(check, "VP8", "not a shown key frame", offset);
    }
    picture->images++;
}

/* WebP lossless bitstream, section 3. */
static void check_vp8l(OskCheck *check, OskCursor body, Picture *picture)
{
    uint64_t offset = osk_cursor_offset(&body);
    uint8_t signature = osk_cursor_u8(&body);
    uint32_t head = osk_cursor_u32le(&body);
    if (!osk_cursor_ok(&body) || signature != 0x2F || head >> 29 != 0 || !osk_cursor_more(&body)) {
        osk_check_found(check, "VP8L", "not a lossless picture", offset);
    }
    picture->width = plus_one(head & 0x3FFF);
    picture->height = plus_one(head >> 14 & 0x3FFF);
    picture->images++;
}

/* RFC 9649 section 2.7.1.2. Uncompressed planes have an exact length, once the size is known. */
static void check_alpha(OskCheck *check, OskCursor body, const Picture *picture)
{
    uint64_t offset = osk_cursor_offset(&body);
    uint8_t head = osk_cursor_u8(&body);
    unsigned reserved = head >> 6;
    unsigned preprocessing = head >> 4 & 3;
    unsigned compression = head & 3;
    if (!osk_cursor_more(&body) || reserved != 0 || preprocessing > 1 || compression > 1) {
        osk_check_found(check, "ALPH", "not a transparency plane", offset);
    }
    if (compression == 0 && picture->width != 0 &&
        osk_cursor_left(&body) != (uint64_t)picture->width * picture->height) {
        osk_check_found(check, "ALPH", "a transparency plane of another size", offset);
    }
}

/* One picture, alone or in a frame: ALPH only in front of VP8. */
static bool check_picture_chunk(OskCheck *check, const Chunk *chunk, Picture *picture,
                                OskCursor *alpha)
{
    if (chunk->type == FOURCC('A', 'L', 'P', 'H')) {
        if (picture->alphas++ > 0 || picture->images > 0) {
            osk_check_found(check, "ALPH", "a transparency plane that no picture uses",
                            osk_cursor_offset(&chunk->body));
        }
        *alpha = chunk->body;
        return true;
    }
    bool lossy = chunk->type == FOURCC('V', 'P', '8', ' ');
    if (!lossy && chunk->type != FOURCC('V', 'P', '8', 'L')) {
        return false;
    }
    if (picture->images > 0 || (!lossy && picture->alphas > 0)) {
        osk_check_found(check, "VP8", "picture data that is not shown",
                        osk_cursor_offset(&chunk->body));
    }
    if (lossy) {
        check_vp8(check, chunk->body, picture);
    } else {
        check_vp8l(check, chunk->body, picture);
    }
    if (picture->alphas > 0) {
        check_alpha(check, *alpha, picture);
    }
    return true;
}

/* RFC 9649 section 2.7.1.1: a frame lies on the canvas and holds nothing but its picture. */
static void check_frame(OskCheck *check, const Canvas *canvas, OskCursor body)
{
    uint64_t offset = osk_cursor_offset(&body);
    OskCursor head = osk_cursor_take(&body, FRAME_HEAD);
    uint64_t x = UINT64_C(2) * osk_cursor_u24le(&head);
    uint64_t y = UINT64_C(2) * osk_cursor_u24le(&head);
    uint32_t width = plus_one(osk_cursor_u24le(&head));
    uint32_t height = plus_one(osk_cursor_u24le(&head));
    osk_cursor_skip(&head, 3);
    uint8_t flags = osk_cursor_u8(&head);
    if (!osk_cursor_ok(&head) || (flags & ~FRAME_FLAGS) != 0 || x + width > canvas->width ||
        y + height > canvas->height) {
        osk_check_found(check, "ANMF", "a frame with hidden bits or outside of the canvas", offset);
        return;
    }
    Picture picture = { .images = 0 };
    OskCursor alpha = body;
    Chunk chunk;
    while (next_chunk(check, &body, &chunk)) {
        if (!check_picture_chunk(check, &chunk, &picture, &alpha)) {
            osk_check_found(check, "ANMF", "a chunk that no reader shows",
                            osk_cursor_offset(&chunk.body));
        }
    }
    if (picture.images != 1 || picture.width != width || picture.height != height) {
        osk_check_found(check, "ANMF", "a frame whose picture has another size", offset);
    }
}

static void check_vp8x(OskCheck *check, Canvas *canvas, OskCursor body)
{
    uint64_t offset = osk_cursor_offset(&body);
    size_t len = osk_cursor_left(&body);
    canvas->extended = true;
    canvas->flags = osk_cursor_u8(&body);
    uint32_t reserved = osk_cursor_u24le(&body);
    canvas->width = plus_one(osk_cursor_u24le(&body));
    canvas->height = plus_one(osk_cursor_u24le(&body));
    if (len != 10 || reserved != 0 || (canvas->flags & ~FLAGS_ALLOWED) != 0) {
        osk_check_found(check, "VP8X", "bits that mean nothing, or metadata that may not be there",
                        offset);
    }
}

/* A chunk of an extended file must come in its stage, and, but for frames, once. */
static void enter_stage(OskCheck *check, Canvas *canvas, const Chunk *chunk, unsigned stage)
{
    bool again = stage == canvas->stage && chunk->type != FOURCC('A', 'N', 'M', 'F');
    if (!canvas->extended || stage < canvas->stage || again) {
        osk_check_found(check, "chunk", "a chunk where no reader looks for it",
                        osk_cursor_offset(&chunk->body));
    }
    canvas->stage = stage;
}

static void check_chunk(OskCheck *check, Canvas *canvas, const Chunk *chunk, OskCursor *alpha)
{
    switch (chunk->type) {
    case FOURCC('I', 'C', 'C', 'P'):
        enter_stage(check, canvas, chunk, 1);
        canvas->seen |= FLAG_ICC;
        (void)osk_check_icc(check, chunk->body, "ICCP");
        return;
    case FOURCC('A', 'N', 'I', 'M'):
        enter_stage(check, canvas, chunk, 2);
        canvas->seen |= FLAG_ANIMATION;
        if (osk_cursor_left(&chunk->body) != 6) {
            osk_check_found(check, "ANIM", "bytes behind the repeat count",
                            osk_cursor_offset(&chunk->body));
        }
        return;
    case FOURCC('A', 'N', 'M', 'F'):
        enter_stage(check, canvas, chunk, 3);
        canvas->frames++;
        check_frame(check, canvas, chunk->body);
        return;
    case FOURCC('E', 'X', 'I', 'F'):
        /* Its place is not fixed (RFC 9649 section 2.7.1.4), but a second one is not read. */
        if (!canvas->extended || (canvas->seen & FLAG_EXIF) != 0) {
            osk_check_found(check, "EXIF", "an Exif block that no reader looks at",
                            osk_cursor_offset(&chunk->body));
        }
        canvas->seen |= FLAG_EXIF;
        (void)osk_check_exif_orientation(check, chunk->body, "EXIF");
        return;
    default: break;
    }
    if (!check_picture_chunk(check, chunk, &canvas->still, alpha)) {
        osk_check_found(check, "chunk", "a chunk that no reader shows",
                        osk_cursor_offset(&chunk->body));
    }
    canvas->stage = canvas->stage < 4 ? 4 : canvas->stage;
}

static void check_whole(OskCheck *check, const Canvas *canvas)
{
    bool moves = (canvas->flags & FLAG_ANIMATION) != 0;
    unsigned told = canvas->flags & ~FLAG_ALPHA;
    if (told != canvas->seen) {
        osk_check_found(check, "VP8X", "flags that do not say what is in the file", 20);
    }
    if (moves ? canvas->frames == 0 || canvas->still.images > 0
              : canvas->frames > 0 || canvas->still.images != 1) {
        osk_check_found(check, "VP8X", "pictures that are not shown", 20);
    }
    if (canvas->extended && !moves &&
        (canvas->still.width != canvas->width || canvas->still.height != canvas->height)) {
        osk_check_found(check, "VP8X", "a picture that is not as large as its canvas", 20);
    }
}

static OskStatus check_webp(OskCheck *check)
{
    OskCursor in = osk_cursor_make(check->bytes, (size_t)check->size, 0);
    osk_cursor_skip(&in, 4);
    uint32_t size = osk_cursor_u32le(&in);
    osk_cursor_skip(&in, 4);
    if (!osk_cursor_ok(&in) || size != check->size - 8 || (size & 1) != 0) {
        osk_check_found(check, "RIFF", "the file is not as long as it says", 4);
    }
    Canvas canvas = { .extended = false };
    OskCursor alpha = in;
    Chunk chunk;
    for (bool first = true; next_chunk(check, &in, &chunk); first = false) {
        if (!osk_budget_parts(check->budget, 1)) {
            return osk_check_fail(check, OSK_LIMIT, "RIFF", "more chunks than one job may have",
                                  osk_cursor_offset(&chunk.body));
        }
        if (first && chunk.type == FOURCC('V', 'P', '8', 'X')) {
            check_vp8x(check, &canvas, chunk.body);
        } else {
            check_chunk(check, &canvas, &chunk, &alpha);
        }
    }
    if (!canvas.extended && canvas.still.alphas > 0) {
        osk_check_found(check, "ALPH", "transparency that a simple file can't have", 12);
    }
    check_whole(check, &canvas);
    return OSK_OK;
}

static bool matches(const uint8_t *head, size_t len)
{
    return len >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
}

const OskChecker osk_checker_webp = {
    .name = "webp", .whole = true, .matches = matches, .check = check_webp
};
