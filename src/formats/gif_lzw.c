/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A string of the table is the one before it and one colour more, so lengths are enough to count
 * pixels. Colours enter only through codes that stand for themselves: every longer string repeats
 * what was there. */
#include "formats/gif_lzw.h"

#define CODE_BITS_MAX 12u
#define TABLE_SIZE 4096u

typedef struct Bits {
    OskGifStream from;
    size_t block; /* bytes left in the sub-block */
    uint32_t held;
    unsigned count;
    uint64_t position; /* bits taken */
    bool ended;
} Bits;

static bool fill(Bits *bits, unsigned width)
{
    while (bits->count < width) {
        if (bits->block == 0) {
            if (bits->ended || bits->from.left == 0 || *bits->from.bytes == 0) {
                bits->ended = true;
                return false;
            }
            bits->block = *bits->from.bytes++;
            bits->from.left--;
        }
        if (bits->from.left == 0) {
            bits->ended = true;
            return false;
        }
        bits->held |= (uint32_t)*bits->from.bytes++ << bits->count;
        bits->from.left--;
        bits->block--;
        bits->count += 8;
    }
    return true;
}

static unsigned take(Bits *bits, unsigned width)
{
    unsigned code = bits->held & ((1u << width) - 1);
    bits->held >>= width;
    bits->count -= width;
    bits->position += width;
    return code;
}

typedef struct Table {
    uint16_t lengths[TABLE_SIZE];
    unsigned clear;
    unsigned next;
    unsigned width;
    unsigned before; /* length of the last string; 0 after a clear code */
} Table;

static void reset(Table *table, unsigned min_code)
{
    table->next = table->clear + 2;
    table->width = min_code + 1;
    table->before = 0;
}

/* The length of the string that `code` stands for; 0 when it can't occur. Adds the next entry. */
static unsigned expand(Table *table, unsigned code)
{
    unsigned length = 0;
    if (code < table->clear) {
        length = 1;
    } else if (code < table->next) {
        length = table->lengths[code];
    } else if (code == table->next && table->before > 0 && table->next < TABLE_SIZE) {
        length = table->before + 1;
    }
    if (length > 0 && table->before > 0 && table->next < TABLE_SIZE) {
        table->lengths[table->next++] = (uint16_t)(table->before + 1);
        if (table->next == 1u << table->width && table->width < CODE_BITS_MAX) {
            table->width++;
        }
    }
    table->before = length;
    return length;
}

/* The colours of each string: the string before it, and one more. */
typedef struct Colours {
    OskGifPut *put;
    void *context;
    unsigned before; /* the last code */
    uint16_t prefix[TABLE_SIZE];
    uint8_t first[TABLE_SIZE];
    uint8_t last[TABLE_SIZE];
    uint8_t string[TABLE_SIZE];
} Colours;

static void begin_colours(Colours *colours, unsigned clear)
{
    for (unsigned i = 0; i < clear && i < 256; i++) {
        colours->first[i] = (uint8_t)i;
        colours->last[i] = (uint8_t)i;
    }
}

/* Hands out the string of `code`. `entry` is what expand() has just added; TABLE_SIZE for nothing.
 */
static bool put_colours(Colours *colours, unsigned code, unsigned entry, unsigned length)
{
    if (entry < TABLE_SIZE) {
        unsigned begin = code == entry ? colours->before : code;
        colours->prefix[entry] = (uint16_t)colours->before;
        colours->first[entry] = colours->first[colours->before];
        colours->last[entry] = colours->first[begin];
    }
    colours->before = code;
    if (length > TABLE_SIZE) {
        return false;
    }
    for (unsigned i = length; i > 0; i--) {
        colours->string[i - 1] = colours->last[code];
        code = colours->prefix[code];
    }
    colours->put(colours->context, colours->string, length);
    return true;
}

static bool walk_codes(OskGifStream stream, OskGifPicture *picture, Colours *colours)
{
    Bits bits = { .from = stream };
    Table table = { .clear = 1u << picture->min_code };
    reset(&table, picture->min_code);
    uint64_t pixels = 0;
    picture->patch_width = 0;
    while (fill(&bits, table.width)) {
        uint64_t at = bits.position;
        unsigned width = table.width;
        unsigned code = take(&bits, width);
        if (code == table.clear) {
            reset(&table, picture->min_code);
            continue;
        }
        if (code == table.clear + 1) {
            break;
        }
        if (pixels >= picture->pixels) {
            picture->patch_at = at;
            picture->patch_width = width;
            break;
        }
        unsigned entry = table.next;
        unsigned length = expand(&table, code);
        if (length == 0) {
            return false;
        }
        if (code < table.clear && code < 256) {
            picture->used[code] = true;
        }
        entry = table.next > entry ? entry : TABLE_SIZE;
        if (colours != NULL &&
            ((code < table.clear && code > 255) || !put_colours(colours, code, entry, length))) {
            return false;
        }
        pixels += length;
    }
    picture->bits = bits.position;
    return true;
}

bool osk_gif_walk_lzw(OskGifStream stream, OskGifPicture *picture)
{
    return walk_codes(stream, picture, NULL);
}

bool osk_gif_decode_lzw(OskGifStream stream, OskGifPicture *picture, OskGifPut *put, void *context)
{
    Colours colours = { .put = put, .context = context };
    begin_colours(&colours, 1u << picture->min_code);
    return walk_codes(stream, picture, &colours);
}

/* ---- the end of a stream ---- */

static uint8_t stream_byte(const uint8_t *sub_block, size_t at)
{
    while (at >= *sub_block) {
        at -= *sub_block;
        sub_block += (size_t)*sub_block + 1;
    }
    return sub_block[1 + at];
}

OskGifTail osk_gif_tail_make(const uint8_t *data, const OskGifPicture *picture)
{
    OskGifTail tail = { .used = (size_t)((picture->bits + 7) / 8) };
    uint64_t from = picture->patch_width > 0 ? picture->patch_at : picture->bits;
    tail.at = (size_t)(from / 8);
    for (size_t i = tail.at; i < tail.used; i++) {
        tail.bytes[i - tail.at] = stream_byte(data, i);
    }
    unsigned shift = (unsigned)(from % 8);
    uint32_t end_code = picture->patch_width > 0 ? (1u << picture->min_code) + 1 : 0;
    uint32_t value = (uint32_t)(tail.bytes[0] & ((1u << shift) - 1)) | end_code << shift;
    for (size_t i = 0; i < tail.used - tail.at; i++) {
        tail.bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return tail;
}

size_t osk_gif_stream_len(const uint8_t *data)
{
    size_t len = 0;
    for (; *data != 0; data += (size_t)*data + 1) {
        len += *data;
    }
    return len;
}

bool osk_gif_tail_is_there(const uint8_t *data, const OskGifTail *tail)
{
    bool same = tail->used == osk_gif_stream_len(data);
    for (size_t i = tail->at; i < tail->used; i++) {
        same = same && stream_byte(data, i) == tail->bytes[i - tail->at];
    }
    return same;
}
