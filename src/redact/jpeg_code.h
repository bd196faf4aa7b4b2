/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing entropy-coded bits of JPEG, and reading them symbol by symbol. */
#ifndef OSK_REDACT_JPEG_CODE_H
#define OSK_REDACT_JPEG_CODE_H

#include "oilskin/io.h"
#include "parts/jpeg_bits.h"

#define OSK_BLOCKS_BUFFER 65536u
#define OSK_BLOCKS_WINDOW 12u

/* Bits that are not written yet. */
typedef struct OskBlocksHeld {
    uint64_t bits;  /* the low `count` of them */
    unsigned count; /* below 32 between calls */
} OskBlocksHeld;

/* Where output goes, with a buffer before it. */
typedef struct OskBlocksWriter {
    const OskSink *sink;
    OskBlocksHeld held;
    size_t len;
    bool failed;
    uint8_t buffer[OSK_BLOCKS_BUFFER];
} OskBlocksWriter;

/* Bytes as they are; only where no bits are held. */
void osk_blocks_write(OskBlocksWriter *writer, const void *bytes, size_t len);
/* Hands the buffer to the sink. */
void osk_blocks_flush(OskBlocksWriter *writer);
/* Writes the held bits, the last byte filled up with ones (T.81 F.1.2.3). */
void osk_blocks_align(OskBlocksWriter *writer);
/* Writes 32 bits with a zero byte behind each 0xFF. */
void osk_blocks_spill(OskBlocksWriter *writer, uint32_t word);

/* The low `n` bits, 0 to 32, of `value`, which has no others; the bits that are held stand apart
 * from the writer, so that a loop can keep them in registers. */
static inline OskBlocksHeld osk_blocks_hold(OskBlocksHeld held, OskBlocksWriter *writer,
                                            uint32_t value, unsigned n)
{
    held.bits = held.bits << n | value;
    held.count += n;
    if (held.count >= 32) {
        held.count -= 32;
        osk_blocks_spill(writer, (uint32_t)(held.bits >> held.count));
    }
    return held;
}

/* The same where nothing is kept apart. */
static inline void osk_blocks_put(OskBlocksWriter *writer, uint32_t value, unsigned n)
{
    writer->held = osk_blocks_hold(writer->held, writer, value, n);
}

/* A place between two bits of coded data. */
typedef struct OskBlocksPlace {
    const uint8_t *at; /* the byte that the next bit is in */
    unsigned bit;      /* bits of it that lie before, 0 to 7 */
} OskBlocksPlace;

/* Where the next bit of a reader stands; `start`: where its data begins. */
OskBlocksPlace osk_blocks_place(OskJpegBits bits, const uint8_t *start);
/* Copies what lies between two places of one interval. */
void osk_blocks_copy(OskBlocksWriter *writer, OskBlocksPlace from, OskBlocksPlace to);

/* ---- symbols ---- */

/* By the next 12 bits: the symbol, and the length of its code above; 0: longer, or none. */
typedef struct OskBlocksLook {
    const OskJpegHuffman *table;
    uint16_t entries[1u << OSK_BLOCKS_WINDOW];
} OskBlocksLook;

void osk_blocks_look_make(OskBlocksLook *look, const OskJpegHuffman *table);

/* The next symbol, its code skipped; the reader must hold 16 bits. -1: bits that are no code. */
static inline int osk_blocks_symbol(OskJpegBits *bits, const OskBlocksLook *look)
{
    unsigned entry = look->entries[osk_jpeg_peek(*bits, OSK_BLOCKS_WINDOW)];
    unsigned len = entry >> 8;
    int symbol = (int)(entry & 255);
    if (OSK_JPEG_UNLIKELY(entry == 0)) {
        symbol = osk_jpeg_symbol(bits->buffer, look->table, &len);
    }
    *bits = osk_jpeg_skip(*bits, len);
    return symbol;
}

/* The value that `size` bits, 0 to 16, stand for (T.81 F.2.2.1). */
static inline int32_t osk_blocks_extend(uint32_t bits, unsigned size)
{
    return size > 0 && bits >> (size - 1) == 0 ? (int32_t)bits - (int32_t)(1u << size) + 1
                                               : (int32_t)bits;
}

/* How many bits a value takes. */
static inline unsigned osk_blocks_size(int32_t value)
{
    uint32_t magnitude = (uint32_t)(value < 0 ? -value : value);
    return magnitude == 0 ? 0 : 32u - (unsigned)__builtin_clz(magnitude);
}

/* The bits themselves. */
static inline uint32_t osk_blocks_magnitude(int32_t value, unsigned size)
{
    uint32_t mask = (UINT32_C(1) << size) - 1;
    return (uint32_t)(value < 0 ? value - 1 : value) & mask;
}

/* ---- codes ---- */

/* One Huffman table of the output: first its symbols are counted, then it is made, then used. */
typedef struct OskBlocksCode {
    bool used;
    uint64_t counts[257];
    OskJpegHuffman table;
    uint16_t codes[256];
    uint8_t lens[256]; /* 0: no code */
} OskBlocksCode;

/* The best table for the counts (T.81 K.2). */
void osk_blocks_code_best(OskBlocksCode *code);
/* Codes for the table that is set (T.81 C.2). */
void osk_blocks_code_make(OskBlocksCode *code);

/* A coder counts symbols where `writer` is NULL. */
typedef struct OskBlocksCoder {
    OskBlocksWriter *writer;
    bool failed; /* a symbol without a code */
} OskBlocksCoder;

static inline void osk_blocks_code(OskBlocksCoder *coder, OskBlocksCode *code, unsigned symbol,
                                   uint32_t extra, unsigned extra_len)
{
    if (coder->writer == NULL) {
        code->counts[symbol]++;
        return;
    }
    unsigned len = code->lens[symbol];
    coder->failed |= len == 0;
    osk_blocks_put(coder->writer, (uint32_t)code->codes[symbol] << extra_len | extra,
                   len + extra_len);
}

#endif
