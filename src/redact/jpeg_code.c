/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/jpeg_code.h"

/* ---- bytes and bits ---- */

void osk_blocks_flush(OskBlocksWriter *writer)
{
    if (writer->len > 0 && !writer->failed) {
        writer->failed = !writer->sink->write(writer->sink->context, writer->buffer, writer->len);
    }
    writer->len = 0;
}

void osk_blocks_write(OskBlocksWriter *writer, const void *bytes, size_t len)
{
    if (len == 0) {
        return;
    }
    if (len > OSK_BLOCKS_BUFFER - writer->len) {
        osk_blocks_flush(writer);
    }
    if (len > OSK_BLOCKS_BUFFER) {
        writer->failed = writer->failed || !writer->sink->write(writer->sink->context, bytes, len);
        return;
    }
    memcpy(writer->buffer + writer->len, bytes, len);
    writer->len += len;
}

static void put_byte(OskBlocksWriter *writer, uint8_t byte)
{
    writer->buffer[writer->len++] = byte;
    if (byte == 0xFF) {
        writer->buffer[writer->len++] = 0;
    }
}

void osk_blocks_spill(OskBlocksWriter *writer, uint32_t word)
{
    if (writer->len + 8 > OSK_BLOCKS_BUFFER) {
        osk_blocks_flush(writer);
    }
    if (OSK_JPEG_LIKELY(((~word - UINT32_C(0x01010101)) & word & UINT32_C(0x80808080)) == 0)) {
        for (unsigned i = 0; i < 4; i++) {
            writer->buffer[writer->len + i] = (uint8_t)(word >> (24 - 8 * i));
        }
        writer->len += 4;
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        put_byte(writer, (uint8_t)(word >> (24 - 8 * i)));
    }
}

/* The held whole bytes. */
static void write_whole_bytes(OskBlocksWriter *writer)
{
    if (writer->len + 8 > OSK_BLOCKS_BUFFER) {
        osk_blocks_flush(writer);
    }
    while (writer->held.count >= 8) {
        writer->held.count -= 8;
        put_byte(writer, (uint8_t)(writer->held.bits >> writer->held.count));
    }
}

void osk_blocks_align(OskBlocksWriter *writer)
{
    unsigned missing = (0u - writer->held.count) & 7;
    osk_blocks_put(writer, (UINT32_C(1) << missing) - 1, missing);
    write_whole_bytes(writer);
}

OskBlocksPlace osk_blocks_place(OskJpegBits bits, const uint8_t *start)
{
    unsigned unread = bits.made_up < bits.count ? bits.count - bits.made_up : 0;
    const uint8_t *at = bits.at;
    /* A byte that is begun counts as unread. */
    for (unsigned whole = (unread + 7) / 8; whole > 0; whole--) {
        bool stuffed = at - start >= 2 && at[-1] == 0 && at[-2] == 0xFF;
        at -= stuffed ? 2 : 1;
    }
    return (OskBlocksPlace){ .at = at, .bit = (0u - unread) & 7 };
}

/* Whole bytes behind `at` that stand the same in the output, when both stand at the same bit. */
static void copy_aligned(OskBlocksWriter *writer, OskBlocksPlace *from, OskBlocksPlace to)
{
    while (from->bit != 0 && from->at < to.at) {
        unsigned n = 8 - from->bit;
        osk_blocks_put(writer, *from->at & ((1u << n) - 1), n);
        from->at += *from->at == 0xFF ? 2 : 1;
        from->bit = 0;
    }
    if (from->at < to.at) {
        write_whole_bytes(writer);
        osk_blocks_write(writer, from->at, (size_t)(to.at - from->at));
        from->at = to.at;
    }
}

void osk_blocks_copy(OskBlocksWriter *writer, OskBlocksPlace from, OskBlocksPlace to)
{
    if ((writer->held.count & 7) == from.bit) {
        copy_aligned(writer, &from, to);
    } else if (to.at - from.at > 16) {
        OskJpegBits bits = { .at = from.at, .end = to.at };
        bits = osk_jpeg_skip(osk_jpeg_refill(bits), from.bit);
        /* What the reader holds lies before `at`; so 32 more bits are there. */
        while (to.at - bits.at >= 8) {
            bits = osk_jpeg_refill(bits);
            osk_blocks_put(writer, osk_jpeg_peek(bits, 32), 32);
            bits = osk_jpeg_skip(bits, 32);
        }
        from = osk_blocks_place(bits, from.at);
    }
    while (from.at < to.at) {
        unsigned n = 8 - from.bit;
        osk_blocks_put(writer, *from.at & ((1u << n) - 1), n);
        from.at += *from.at == 0xFF ? 2 : 1;
        from.bit = 0;
    }
    if (to.bit > from.bit) {
        unsigned n = to.bit - from.bit;
        osk_blocks_put(writer, (uint32_t)*to.at >> (8 - to.bit) & ((1u << n) - 1), n);
    }
}

/* ---- symbols ---- */

void osk_blocks_look_make(OskBlocksLook *look, const OskJpegHuffman *table)
{
    look->table = table;
    memset(look->entries, 0, sizeof(look->entries));
    uint32_t at = 0;
    unsigned index = 0;
    for (unsigned len = 1; len <= OSK_BLOCKS_WINDOW; len++) {
        uint32_t step = UINT32_C(1) << (OSK_BLOCKS_WINDOW - len);
        for (unsigned i = 0; i < table->counts[len - 1]; i++) {
            uint16_t entry = (uint16_t)(len << 8 | table->symbols[index++]);
            for (uint32_t end = at + step; at < end && at < 1u << OSK_BLOCKS_WINDOW; at++) {
                look->entries[at] = entry;
            }
        }
    }
}

/* ---- codes ---- */

/* Joins the two rarest groups until one is left; a symbol's code is as long as its group was joined
 * often. Symbol 256 stands for the code of all ones, which no symbol may have. */
static void measure_codes(const uint64_t counts[257], unsigned lens[257])
{
    uint64_t left[257];
    int next[257];
    memcpy(left, counts, sizeof(left));
    for (unsigned i = 0; i < 257; i++) {
        next[i] = -1;
        lens[i] = 0;
    }
    for (;;) {
        int one = -1;
        int two = -1;
        /* Among equals the greatest symbol comes first (T.81 K.2). */
        for (int i = 0; i < 257; i++) {
            if (left[i] == 0) {
                continue;
            }
            if (one < 0 || left[i] <= left[one]) {
                two = one;
                one = i;
            } else if (two < 0 || left[i] <= left[two]) {
                two = i;
            }
        }
        if (two < 0) {
            return;
        }
        left[one] += left[two];
        left[two] = 0;
        int last = one;
        for (int i = one; i >= 0; i = next[i]) {
            lens[i]++;
            last = i;
        }
        next[last] = two;
        for (int i = two; i >= 0; i = next[i]) {
            lens[i]++;
        }
    }
}

/* T.81 figure K.3: no code may have more than 16 bits. */
static void shorten_codes(unsigned counts[258])
{
    for (unsigned i = 257; i > 16; i--) {
        while (counts[i] > 0) {
            unsigned j = i - 2;
            while (counts[j] == 0) {
                j--;
            }
            counts[i] -= 2;
            counts[i - 1]++;
            counts[j + 1] += 2;
            counts[j]--;
        }
    }
}

void osk_blocks_code_best(OskBlocksCode *code)
{
    unsigned lens[257];
    unsigned of_len[258] = { 0 };
    code->counts[256] = 1;
    measure_codes(code->counts, lens);
    for (unsigned i = 0; i < 257; i++) {
        of_len[lens[i]]++;
    }
    of_len[0] = 0;
    shorten_codes(of_len);
    unsigned longest = 16;
    while (longest > 0 && of_len[longest] == 0) {
        longest--;
    }
    /* The last code, all ones, is that of symbol 256. */
    if (longest > 0) {
        of_len[longest]--;
    }
    OskJpegHuffman *table = &code->table;
    *table = (OskJpegHuffman){ .symbol_count = 0 };
    for (unsigned i = 0; i < 16; i++) {
        table->counts[i] = (uint8_t)of_len[i + 1];
    }
    for (unsigned len = 1; len < 258; len++) {
        for (unsigned i = 0; i < 256; i++) {
            if (lens[i] == len) {
                table->symbols[table->symbol_count++] = (uint8_t)i;
            }
        }
    }
    osk_blocks_code_make(code);
}

void osk_blocks_code_make(OskBlocksCode *code)
{
    memset(code->lens, 0, sizeof(code->lens));
    unsigned next = 0;
    unsigned index = 0;
    for (unsigned len = 1; len <= 16; len++) {
        for (unsigned i = 0; i < code->table.counts[len - 1]; i++) {
            unsigned symbol = code->table.symbols[index++];
            code->codes[symbol] = (uint16_t)next++;
            code->lens[symbol] = (uint8_t)len;
        }
        next <<= 1;
    }
    code->used = true;
}
