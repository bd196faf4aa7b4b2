/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/gif_clip.h"

#include <string.h>

#include "base/checked.h"

#define CODES 4096u
#define WIDTH_MAX 12u
#define SLOTS 16384u /* four times the strings, so that probing ends soon */

/* ---- writing ---- */

/* Bits, low ones first, in sub-blocks of 255 bytes. */
typedef struct Packer {
    OskWriter *out;
    uint8_t block[255];
    size_t len;
    uint32_t held;
    unsigned count;
} Packer;

static void flush(Packer *p)
{
    if (p->len > 0) {
        osk_writer_u8(p->out, (uint8_t)p->len);
        osk_writer_bytes(p->out, p->block, p->len);
        p->len = 0;
    }
}

static void put_byte(Packer *p, uint8_t byte)
{
    p->block[p->len++] = byte;
    if (p->len == sizeof(p->block)) {
        flush(p);
    }
}

static void put(Packer *p, unsigned code, unsigned width)
{
    p->held |= (uint32_t)code << p->count;
    p->count += width;
    while (p->count >= 8) {
        put_byte(p, (uint8_t)p->held);
        p->held >>= 8;
        p->count -= 8;
    }
}

/* Strings by the string before them and their last colour. */
typedef struct Strings {
    uint32_t keys[SLOTS]; /* before << 8 | colour, plus 1; 0 is free */
    uint16_t codes[SLOTS];
    unsigned clear;
    unsigned next;
    unsigned width;
} Strings;

static void forget(Strings *s, unsigned min_code)
{
    memset(s->keys, 0, sizeof(s->keys));
    s->clear = 1u << min_code;
    s->next = s->clear + 2;
    s->width = min_code + 1;
}

/* The slot that holds the string, or the free one where it belongs. */
static size_t slot_of(const Strings *s, unsigned before, uint8_t colour)
{
    uint32_t key = ((uint32_t)before << 8 | colour) + 1;
    size_t slot = (key * 2654435761u) >> 18;
    while (s->keys[slot] != 0 && s->keys[slot] != key) {
        slot = (slot + 1) % SLOTS;
    }
    return slot;
}

/* A reader grows its codes when the string that it has just learned fills the width; it learns one
 * code later than we do. */
static void learn(Strings *s, size_t slot, unsigned before, uint8_t colour)
{
    s->keys[slot] = ((uint32_t)before << 8 | colour) + 1;
    s->codes[slot] = (uint16_t)s->next;
    if (s->next == 1u << s->width) {
        s->width++;
    }
    s->next++;
}

static void write_codes(Strings *s, Packer *p, const uint8_t *pixels, size_t count)
{
    unsigned before = pixels[0];
    unsigned min_code = s->width - 1;
    for (size_t i = 1; i < count; i++) {
        size_t slot = slot_of(s, before, pixels[i]);
        if (s->keys[slot] != 0) {
            before = s->codes[slot];
            continue;
        }
        put(p, before, s->width);
        if (s->next < CODES) {
            learn(s, slot, before, pixels[i]);
        } else {
            put(p, s->clear, s->width);
            forget(s, min_code);
        }
        before = pixels[i];
    }
    put(p, before, s->width);
    if (s->next == 1u << s->width && s->width < WIDTH_MAX) {
        s->width++;
    }
}

void osk_gif_write_lzw(const uint8_t *pixels, size_t count, unsigned min_code, OskWriter *out)
{
    Strings strings;
    Packer p = { .out = out };
    forget(&strings, min_code);
    put(&p, strings.clear, strings.width);
    if (count > 0) {
        write_codes(&strings, &p, pixels, count);
    }
    put(&p, strings.clear + 1, strings.width);
    if (p.count > 0) {
        put_byte(&p, (uint8_t)p.held);
    }
    flush(&p);
    osk_writer_u8(out, 0);
}

/* ---- cutting ---- */

typedef struct Cutter {
    OskGifClip *clip;
    uint8_t *pixels; /* kept_width * kept_height */
    uint64_t made;   /* pixels of the input */
    uint64_t total;
} Cutter;

/* Appendix E: every eighth row, the fourths between them, the seconds, the rest. */
static uint64_t row_at(const OskGifClip *clip, uint64_t index)
{
    static const uint8_t first[4] = { 0, 4, 2, 1 };
    static const uint8_t step[4] = { 8, 8, 4, 2 };
    for (unsigned pass = 0; clip->interlaced && pass < 4; pass++) {
        uint64_t rows = clip->height > first[pass]
                            ? (clip->height - first[pass] + step[pass] - 1u) / step[pass]
                            : 0;
        if (index < rows) {
            return first[pass] + index * step[pass];
        }
        index -= rows;
    }
    return index;
}

/* One string of the stream; pixels past the picture's last are nobody's. */
static void put_string(void *context, const uint8_t *colours, size_t count)
{
    Cutter *cutter = context;
    OskGifClip *clip = cutter->clip;
    uint64_t column = cutter->made % clip->width;
    uint64_t line = cutter->made / clip->width;
    uint64_t row = row_at(clip, line);
    for (size_t i = 0; i < count && cutter->made < cutter->total; i++, cutter->made++) {
        if (column < clip->kept_width && row < clip->kept_height) {
            cutter->pixels[row * clip->kept_width + column] = colours[i];
            clip->used[colours[i]] = true;
        }
        if (++column == clip->width) {
            column = 0;
            row = row_at(clip, ++line);
        }
    }
}

/* How many pixels of the cut picture the input's first `made` pixels give, in its order. */
static uint64_t count_kept(const OskGifClip *clip, uint64_t made)
{
    uint64_t rows = made / clip->width;
    uint64_t rest = made % clip->width;
    if (rows >= clip->kept_height) {
        return (uint64_t)clip->kept_width * clip->kept_height;
    }
    return rows * clip->kept_width + (rest < clip->kept_width ? rest : clip->kept_width);
}

OskStatus osk_gif_clip(OskGifStream stream, OskGifClip *clip, OskArena *arena, OskWriter *out)
{
    Cutter cutter = { .clip = clip, .total = (uint64_t)clip->width * clip->height };
    size_t room = 0;
    if (clip->min_code < 2) {
        return OSK_UNSUPPORTED;
    }
    if (!osk_mul_size(clip->kept_width, clip->kept_height, &room)) {
        return OSK_NO_MEMORY;
    }
    cutter.pixels = osk_arena_alloc(arena, room);
    if (cutter.pixels == NULL) {
        return OSK_NO_MEMORY;
    }
    OskGifPicture picture = { .pixels = cutter.total, .min_code = clip->min_code };
    if (!osk_gif_decode_lzw(stream, &picture, put_string, &cutter)) {
        return OSK_MALFORMED;
    }
    if (clip->interlaced && cutter.made < cutter.total) {
        return OSK_UNSUPPORTED;
    }
    clip->min_code = clip->min_code < 8 ? clip->min_code : 8;
    osk_gif_write_lzw(cutter.pixels, (size_t)count_kept(clip, cutter.made), clip->min_code, out);
    return osk_writer_ok(out) ? OSK_OK : OSK_NO_MEMORY;
}
