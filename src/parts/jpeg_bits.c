/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/jpeg_bits.h"

void osk_jpeg_refill_slowly(OskJpegBits *bits)
{
    while (bits->count < 56) {
        uint8_t byte = 0;
        if (bits->at < bits->end && *bits->at != 0xFF) {
            byte = *bits->at++;
        } else if (bits->end - bits->at >= 2 && bits->at[1] == 0) {
            byte = 0xFF;
            bits->at += 2;
        } else {
            bits->made_up += 8;
        }
        bits->buffer |= (uint64_t)byte << (56 - bits->count);
        bits->count += 8;
    }
}

int osk_jpeg_symbol(uint64_t buffer, const OskJpegHuffman *table, unsigned *out_len)
{
    uint32_t code = 0;
    unsigned index = 0;
    for (unsigned len = 1; len <= 16; len++) {
        uint32_t ahead = (uint32_t)(buffer >> (64 - len));
        unsigned count = table->counts[len - 1];
        if (ahead < code + count) {
            *out_len = len;
            return table->symbols[index + (ahead - code)];
        }
        index += count;
        code = (code + count) << 1;
    }
    *out_len = 0;
    return -1;
}

bool osk_jpeg_huffman_valid(const OskJpegHuffman *table)
{
    uint32_t code = 0;
    for (unsigned len = 1; len <= 16; len++) {
        code += table->counts[len - 1];
        if (code > UINT32_C(1) << len) {
            return false;
        }
        code <<= 1;
    }
    return true;
}

void osk_jpeg_huffman_standard(OskJpegHuffman *table, bool ac, bool chroma)
{
    static const uint8_t dc_counts[2][16] = {
        { 0, 1, 5, 1, 1, 1, 1, 1, 1 },
        { 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
    };
    static const uint8_t ac_counts[2][16] = {
        { 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125 },
        { 0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119 },
    };
    /* The first symbols as K.5 and K.6 list them; the 16-bit codes behind are in rising order. */
    static const uint8_t luma[] = { 0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31,
                                    0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14, 0x32,
                                    0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52,
                                    0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82 };
    static const uint8_t other[] = { 0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31,
                                     0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
                                     0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1,
                                     0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
                                     0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1 };
    *table = (OskJpegHuffman){ .symbol_count = 0 };
    memcpy(table->counts, ac ? ac_counts[chroma] : dc_counts[chroma], 16);
    if (!ac) {
        for (unsigned i = 0; i < 12; i++) {
            table->symbols[table->symbol_count++] = (uint8_t)i;
        }
        return;
    }
    const uint8_t *head = chroma ? other : luma;
    size_t head_len = chroma ? sizeof(other) : sizeof(luma);
    bool listed[256] = { false };
    for (size_t i = 0; i < head_len; i++) {
        table->symbols[table->symbol_count++] = head[i];
        listed[head[i]] = true;
    }
    for (unsigned symbol = 1; symbol < 0xFB; symbol++) {
        unsigned size = symbol & 15;
        if (size >= 1 && size <= 10 && !listed[symbol]) {
            table->symbols[table->symbol_count++] = (uint8_t)symbol;
        }
    }
}

OskJpegEntry osk_jpeg_entry_make(unsigned symbol, unsigned len, bool progressive)
{
    unsigned run = symbol >> 4;
    unsigned size = symbol & 15;
    if (size == 0 && run != 15) {
        return (OskJpegEntry)(len | (progressive ? run << 8 : 0) | OSK_JPEG_ENTRY_ENDS);
    }
    unsigned flags = size == 0 ? OSK_JPEG_ENTRY_ZEROS : size > 1 ? OSK_JPEG_ENTRY_WIDE : 0;
    return (OskJpegEntry)((len + size) | (run + 1) << 8 | flags);
}

/* `lens` gets the length of the code alone, 0 where there is none. */
static void fill_singles(const OskJpegHuffman *table, unsigned window, bool dc, bool progressive,
                         OskJpegEntry *out, uint8_t *lens)
{
    size_t size = (size_t)1 << window;
    size_t at = 0;
    unsigned index = 0;
    for (unsigned len = 1; len <= window; len++) {
        size_t step = (size_t)1 << (window - len);
        for (unsigned i = 0; i < table->counts[len - 1] && at + step <= size; i++) {
            unsigned symbol = table->symbols[index++];
            OskJpegEntry entry = dc ? (OskJpegEntry)(len + (symbol & 15))
                                    : osk_jpeg_entry_make(symbol, len, progressive);
            for (size_t end = at + step; at < end; at++) {
                out[at] = entry;
                lens[at] = (uint8_t)len;
            }
        }
    }
    for (; at < size; at++) {
        out[at] = OSK_JPEG_ENTRY_NONE;
        lens[at] = 0;
    }
}

/* Extends every entry of `from` by the AC symbols whose codes the window still shows. What is
 * longer than two steps between refills may be goes the careful way. */
static void fill_chains(const OskJpegEntry *from, const OskJpegEntry *ac, const uint8_t *ac_lens,
                        unsigned window, OskJpegEntry *out)
{
    uint32_t mask = (UINT32_C(1) << window) - 1;
    for (uint32_t i = 0; i <= mask; i++) {
        unsigned bits = OSK_JPEG_ENTRY_BITS(from[i]);
        unsigned passed = OSK_JPEG_ENTRY_PASSED(from[i]);
        unsigned ends = from[i] & OSK_JPEG_ENTRY_ENDS;
        if (bits == 0 || bits > OSK_JPEG_CHAIN_BITS) {
            out[i] = OSK_JPEG_ENTRY_NONE;
            continue;
        }
        while (bits < window && ends == 0) {
            uint32_t next = i << bits & mask;
            unsigned all = bits + OSK_JPEG_ENTRY_BITS(ac[next]);
            unsigned more = passed + OSK_JPEG_ENTRY_PASSED(ac[next]);
            if (ac_lens[next] == 0 || ac_lens[next] + bits > window || all > OSK_JPEG_CHAIN_BITS ||
                more > 62) {
                break;
            }
            bits = all;
            passed = more;
            ends = ac[next] & OSK_JPEG_ENTRY_ENDS;
        }
        out[i] = (OskJpegEntry)(bits | ends | (passed + (ends != 0 ? 64 : 0)) << 8);
    }
}

/* Three tables of entries, then two of lengths. */
size_t osk_jpeg_tables_size(unsigned window)
{
    return ((size_t)1 << window) * (4 * sizeof(OskJpegEntry) + 2);
}

void osk_jpeg_tables_build(OskJpegTables *tables, bool progressive, void *memory)
{
    size_t size = (size_t)1 << tables->window;
    tables->first = memory;
    tables->chain = tables->first + size;
    tables->single = tables->chain + size;
    OskJpegEntry *dc = tables->single + size;
    uint8_t *dc_lens = (uint8_t *)(dc + size);
    uint8_t *ac_lens = dc_lens + size;
    if (tables->ac != NULL) {
        fill_singles(tables->ac, tables->window, false, progressive, tables->single, ac_lens);
    }
    if (tables->dc != NULL) {
        fill_singles(tables->dc, tables->window, true, progressive, dc, dc_lens);
        if (progressive || tables->ac == NULL) {
            memcpy(tables->first, dc, size * sizeof(*dc));
        } else {
            fill_chains(dc, tables->single, ac_lens, tables->window, tables->first);
        }
    }
    if (tables->ac != NULL && !progressive) {
        fill_chains(tables->single, tables->single, ac_lens, tables->window, tables->chain);
    }
}

bool osk_jpeg_finish_block(OskJpegBits *io, const OskJpegTables *tables, unsigned passed)
{
    OskJpegBits bits = *io;
    while (passed < 64) {
        bits = osk_jpeg_refill(bits);
        OskJpegEntry entry = tables->single[osk_jpeg_peek(bits, tables->window)];
        if (OSK_JPEG_ENTRY_BITS(entry) != 0) {
            bits = osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry));
            if ((entry & OSK_JPEG_ENTRY_ENDS) != 0) {
                break;
            }
            passed += OSK_JPEG_ENTRY_PASSED(entry);
            continue;
        }
        unsigned len = 0;
        int symbol = osk_jpeg_symbol(bits.buffer, tables->ac, &len);
        if (symbol < 0) {
            return false;
        }
        unsigned size = (unsigned)symbol & 15;
        bits = osk_jpeg_skip(bits, len);
        if (size == 0 && symbol != 0xF0) {
            break;
        }
        bits = osk_jpeg_skip(bits, size);
        passed += ((unsigned)symbol >> 4) + 1;
    }
    *io = bits;
    return true;
}
