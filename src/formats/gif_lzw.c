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

bool osk_gif_walk_lzw(OskGifStream stream, OskGifPicture *picture)
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
        unsigned length = expand(&table, code);
        if (length == 0) {
            return false;
        }
        if (code < table.clear && code < 256) {
            picture->used[code] = true;
        }
        pixels += length;
    }
    picture->bits = bits.position;
    return true;
}
