/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIF89a (1990), read for the second opinion: screen, images, timing, loop count, and nothing else.
 * Every LZW stream must end with its picture. */
#include <string.h>

#include "verify/checker.h"
#include "verify/icc.h"

#define MAX_CODES 4096u
#define MAX_PROFILE ((size_t)16 << 20)

typedef struct Gif {
    OskCheck *check;
    OskCursor c;
    uint64_t width;
    uint64_t height;
    OskCursor palette; /* the global one */
    bool palette_used;
    bool timed; /* a graphic control extension waits for its image */
    bool looped;
    bool ended;
} Gif;

static void found(Gif *g, const char *part, const char *what, uint64_t offset)
{
    osk_check_found(g->check, part, what, offset);
}

static OskStatus ends_early(Gif *g)
{
    return osk_check_fail(g->check, OSK_TRUNCATED, "block", "the file ends early", g->check->size);
}

static OskCursor take_palette(Gif *g, uint8_t packed)
{
    return osk_cursor_take(&g->c, (packed & 0x80) != 0 ? 3u << ((packed & 7) + 1) : 0);
}

/* Codes spread over sub-blocks of at most 255 bytes. */
typedef struct Bits {
    OskCursor *c;
    OskCursor block;
    uint32_t held;
    unsigned count;
    bool over; /* the empty block was met */
} Bits;

static bool next_byte(Bits *b, uint8_t *out)
{
    while (!b->over && !osk_cursor_more(&b->block)) {
        uint8_t len = osk_cursor_u8(b->c);
        b->block = osk_cursor_take(b->c, len);
        b->over = len == 0 || !osk_cursor_ok(b->c);
    }
    if (b->over) {
        return false;
    }
    *out = osk_cursor_u8(&b->block);
    return true;
}

static bool next_code(Bits *b, unsigned width, unsigned *out)
{
    while (b->count < width) {
        uint8_t byte = 0;
        if (!next_byte(b, &byte)) {
            return false;
        }
        b->held |= (uint32_t)byte << b->count;
        b->count += 8;
    }
    *out = b->held & ((1u << width) - 1);
    b->held >>= width;
    b->count -= width;
    return true;
}

typedef struct Lzw {
    unsigned clear;
    unsigned width;
    unsigned next;
    unsigned before;
    bool fresh; /* behind a clear code */
    uint32_t lengths[MAX_CODES + 1];
} Lzw;

static void clear_codes(Lzw *z, unsigned root)
{
    z->width = root + 1;
    z->next = z->clear + 2;
    z->fresh = true;
}

/* How many pixels a code stands for; 0 for a code that can't be. */
static uint32_t take_code(Lzw *z, unsigned code)
{
    if (z->fresh) {
        z->fresh = false;
        z->before = code;
        return code < z->clear ? 1 : 0;
    }
    uint32_t grown = z->lengths[z->before] + 1;
    uint32_t length = code < z->next ? z->lengths[code] : code == z->next ? grown : 0;
    if (z->next < MAX_CODES) {
        z->lengths[z->next++] = grown;
        z->width += z->next == 1u << z->width && z->width < 12;
    }
    z->before = code;
    return length;
}

/* Walks one stream; appendix F. True when its last byte is needed. */
static bool walk_lzw(Bits *bits, unsigned root, uint64_t pixels)
{
    Lzw z = { .clear = 1u << root };
    for (unsigned i = 0; i < z.clear + 2; i++) {
        z.lengths[i] = i < z.clear ? 1 : 0;
    }
    clear_codes(&z, root);
    uint64_t made = 0;
    unsigned code = 0;
    while (next_code(bits, z.width, &code)) {
        if (code == z.clear + 1) {
            break;
        }
        if (code == z.clear) {
            clear_codes(&z, root);
            continue;
        }
        uint32_t length = made < pixels ? take_code(&z, code) : 0;
        if (length == 0) {
            return false;
        }
        made += length;
    }
    uint8_t more = 0;
    return bits->count < 8 && !next_byte(bits, &more);
}

static void skip_blocks(OskCursor *c)
{
    uint8_t len = 0;
    do {
        len = osk_cursor_u8(c);
        osk_cursor_skip(c, len);
    } while (len != 0 && osk_cursor_ok(c));
}

static OskStatus check_image(Gif *g, uint64_t offset)
{
    g->timed = false;
    uint64_t left = osk_cursor_u16le(&g->c);
    uint64_t top = osk_cursor_u16le(&g->c);
    uint64_t width = osk_cursor_u16le(&g->c);
    uint64_t height = osk_cursor_u16le(&g->c);
    uint8_t packed = osk_cursor_u8(&g->c);
    if ((packed & 0x18) != 0) {
        found(g, "image", "reserved bits that are set", offset);
    }
    g->palette_used |= (packed & 0x80) == 0;
    (void)take_palette(g, packed);
    uint8_t root = osk_cursor_u8(&g->c);
    if (!osk_cursor_ok(&g->c)) {
        return ends_early(g);
    }
    if (left + width > g->width || top + height > g->height) {
        found(g, "image", "pixels outside the screen", offset);
    }
    if (root < 1 || root > 11) {
        return osk_check_fail(g->check, OSK_MALFORMED, "image", "an impossible code size", offset);
    }
    OskCursor past = g->c;
    skip_blocks(&past);
    if (!osk_cursor_ok(&past)) {
        return ends_early(g);
    }
    uint64_t start = osk_cursor_offset(&g->c);
    uint64_t len = osk_cursor_offset(&past) - start;
    if (!osk_budget_parts(g->check->budget, 1 + len / 64)) {
        return osk_check_fail(g->check, OSK_LIMIT, "image", "more parts than one file may have",
                              offset);
    }
    if (!osk_check_is_attested(g->check, start, len)) {
        Bits bits = { .c = &g->c };
        if (!walk_lzw(&bits, root, width * height)) {
            found(g, "image data", "bytes behind the coded picture", start);
        }
    }
    g->c = past;
    return OSK_OK;
}

static OskStatus check_control(Gif *g, uint64_t offset)
{
    bool sized = osk_cursor_u8(&g->c) == 4;
    uint8_t packed = osk_cursor_u8(&g->c);
    osk_cursor_skip(&g->c, 3);
    bool closed = osk_cursor_u8(&g->c) == 0;
    if (!osk_cursor_ok(&g->c)) {
        return ends_early(g);
    }
    if (!sized || !closed) {
        return osk_check_fail(g->check, OSK_MALFORMED, "graphic control", "an impossible block",
                              offset);
    }
    if ((packed & 0xE0) != 0 || g->timed) {
        found(g, "graphic control", "reserved bits, or timing of no image", offset);
    }
    g->timed = true;
    return OSK_OK;
}

/* The profile's sub-blocks, put together. */
static OskStatus check_profile(Gif *g, uint64_t offset)
{
    OskCursor past = g->c;
    skip_blocks(&past);
    if (!osk_cursor_ok(&past)) {
        return ends_early(g);
    }
    size_t room = (size_t)(osk_cursor_offset(&past) - osk_cursor_offset(&g->c));
    uint8_t *bytes = room <= MAX_PROFILE ? osk_arena_alloc(g->check->arena, room) : NULL;
    if (bytes == NULL) {
        return osk_check_fail(g->check, OSK_LIMIT, "ICC profile", "larger than a profile may be",
                              offset);
    }
    size_t len = 0;
    Bits bits = { .c = &g->c };
    while (next_byte(&bits, &bytes[len])) {
        len++;
    }
    osk_check_icc(g->check, osk_cursor_make(bytes, len, offset), "ICC profile");
    return OSK_OK;
}

static OskStatus check_application(Gif *g, uint64_t offset)
{
    bool netscape =
        osk_cursor_starts(&g->c, "\x0BNETSCAPE2.0", 12) || osk_cursor_starts(&g->c,
                                                                             "\x0B"
                                                                             "ANIMEXTS1.0",
                                                                             12);
    bool profile = osk_cursor_starts(&g->c,
                                     "\x0B"
                                     "ICCRGBG1012",
                                     12);
    if (profile) {
        osk_cursor_skip(&g->c, 12);
        return check_profile(g, offset);
    }
    OskCursor loop = g->c;
    osk_cursor_skip(&loop, 12);
    bool exact = osk_cursor_starts(&loop, "\3\1", 2);
    osk_cursor_skip(&loop, 4);
    exact = exact && osk_cursor_u8(&loop) == 0 && osk_cursor_ok(&loop);
    if (!netscape || !exact || g->looped) {
        found(g, "application extension", "data of a program", offset);
    }
    g->looped = true;
    skip_blocks(&g->c);
    return osk_cursor_ok(&g->c) ? OSK_OK : ends_early(g);
}

static OskStatus check_extension(Gif *g, uint64_t offset)
{
    uint8_t label = osk_cursor_u8(&g->c);
    if (label == 0xF9) {
        return check_control(g, offset);
    }
    if (label == 0xFF) {
        return check_application(g, offset);
    }
    found(g, "extension", "text or data that is not shown", offset);
    skip_blocks(&g->c);
    return osk_cursor_ok(&g->c) ? OSK_OK : ends_early(g);
}

static OskStatus check_block(Gif *g)
{
    uint64_t offset = osk_cursor_offset(&g->c);
    if (!osk_budget_parts(g->check->budget, 1)) {
        return osk_check_fail(g->check, OSK_LIMIT, "block", "more parts than one file may have",
                              offset);
    }
    if (!osk_cursor_more(&g->c)) {
        return ends_early(g);
    }
    switch (osk_cursor_u8(&g->c)) {
    case 0x2C: return check_image(g, offset);
    case 0x21: return check_extension(g, offset);
    case 0x3B: g->ended = true; return OSK_OK;
    default:
        return osk_check_fail(g->check, OSK_MALFORMED, "block", "bytes that are no block", offset);
    }
}

static OskStatus check_gif(OskCheck *check)
{
    Gif g = { .check = check, .c = osk_cursor_make(check->bytes, (size_t)check->size, 0) };
    osk_cursor_skip(&g.c, 6);
    g.width = osk_cursor_u16le(&g.c);
    g.height = osk_cursor_u16le(&g.c);
    uint8_t packed = osk_cursor_u8(&g.c);
    uint8_t background = osk_cursor_u8(&g.c);
    osk_cursor_skip(&g.c, 1);
    g.palette = take_palette(&g, packed);
    if (!osk_cursor_ok(&g.c)) {
        return ends_early(&g);
    }
    while (!g.ended) {
        OskStatus status = check_block(&g);
        if (status != OSK_OK) {
            return status;
        }
    }
    for (unsigned i = 0; !g.palette_used && osk_cursor_more(&g.palette); i++) {
        if (osk_cursor_be(&g.palette, 3) != 0 && i != background) {
            found(&g, "colour table", "colours that no image uses", 13);
            break;
        }
    }
    if (g.timed) {
        found(&g, "graphic control", "timing of no image", check->size);
    }
    if (osk_cursor_more(&g.c)) {
        found(&g, "trailer", "bytes behind the end of the picture", osk_cursor_offset(&g.c));
    }
    return OSK_OK;
}

static bool matches(const uint8_t *head, size_t len)
{
    return len >= 6 && (memcmp(head, "GIF89a", 6) == 0 || memcmp(head, "GIF87a", 6) == 0);
}

const OskChecker osk_checker_gif = {
    .name = "gif",
    .whole = true,
    .matches = matches,
    .check = check_gif,
};
