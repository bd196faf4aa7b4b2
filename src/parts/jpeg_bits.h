/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading entropy-coded bits of JPEG, and the tables that say how long every symbol is.
 *
 * Nothing is decoded: a walk only needs to know where each symbol, with the magnitude bits behind
 * it, ends. So a table entry answers for as many symbols as the window shows: how many bits they
 * take, how many coefficients they pass, and whether the block ends. */
#ifndef OSK_PARTS_JPEG_BITS_H
#define OSK_PARTS_JPEG_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OSK_JPEG_LIKELY(x) __builtin_expect(!!(x), 1)
#define OSK_JPEG_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* One table as a DHT segment gives it (T.81 B.2.4.2). */
typedef struct OskJpegHuffman {
    uint8_t counts[16]; /* codes of each length, 1 to 16 */
    uint8_t symbols[256];
    unsigned symbol_count;
} OskJpegHuffman;

/* An entry: total bits (0 to 5), end of block (6), and the coefficients passed (8 to 14). Entries
 * of single symbols also tell a coefficient of more than one bit (7) and zeros without a
 * coefficient (15). Entries of joined symbols pass 64 more where they end the block, so that one
 * comparison finds both that and a step that would go too far. */
typedef uint16_t OskJpegEntry;
#define OSK_JPEG_ENTRY_BITS(e) ((unsigned)(e)&63u)
#define OSK_JPEG_ENTRY_PASSED(e) ((unsigned)(e) >> 8 & 127u)
/* With the 64 more of joined symbols that end the block. */
#define OSK_JPEG_ENTRY_JOINED(e) ((e) >> 8)
#define OSK_JPEG_ENTRY_ENDS 0x40u
#define OSK_JPEG_ENTRY_WIDE 0x80u
#define OSK_JPEG_ENTRY_ZEROS 0x8000u
/* No code fits the window: takes no bits, and passes more coefficients than there are. */
#define OSK_JPEG_ENTRY_NONE (127u << 8)
/* The most bits that an entry for several symbols takes, so that two of them fit one refill (56).
 */
#define OSK_JPEG_CHAIN_BITS 28u

/* Walking tables of one pair of Huffman tables; indexed by the next `window` bits. */
typedef struct OskJpegTables {
    const OskJpegHuffman *dc;
    const OskJpegHuffman *ac;
    unsigned window;
    OskJpegEntry *first;  /* a DC symbol and the AC symbols behind it */
    OskJpegEntry *chain;  /* AC symbols */
    OskJpegEntry *single; /* one AC symbol; in progressive scans EOBn passes n and ends */
} OskJpegTables;

/* The order of the fields keeps compilers from joining two of them into one vector register, which
 * makes every step wait for a store and a load: no two neighbours have the same size. */
typedef struct OskJpegBits {
    const uint8_t *at;
    unsigned count;   /* valid bits in `buffer`, made up ones included */
    uint64_t buffer;  /* the next bit is the highest one */
    unsigned made_up; /* zeros added since the data ended; more than `count`: the walk overran */
    const uint8_t *end;
} OskJpegBits;

/* Byte by byte, around stuffed zeros, up to a marker or the end; zeros from there. */
void osk_jpeg_refill_slowly(OskJpegBits *bits);

/* One symbol by its code lengths alone, for codes that are longer than the window.
 * @param buffer   16 bits or more, the next one highest.
 * @param out_len  set to the length of its code.
 * Returns the symbol, or -1 when the bits are no code. */
int osk_jpeg_symbol(uint64_t buffer, const OskJpegHuffman *table, unsigned *out_len);

/* The entry of one AC symbol behind a code of `len` bits (0 when that is taken already). In
 * progressive scans EOBn passes n. */
OskJpegEntry osk_jpeg_entry_make(unsigned symbol, unsigned len, bool progressive);

/* False for code lengths that no prefix code has. */
bool osk_jpeg_huffman_valid(const OskJpegHuffman *table);
/* The tables K.3 to K.6 of T.81, which readers assume in streams that define none (Motion JPEG). */
void osk_jpeg_huffman_standard(OskJpegHuffman *table, bool ac, bool chroma);

/* Bytes that osk_jpeg_tables_build() needs, all of them uninitialised memory. */
size_t osk_jpeg_tables_size(unsigned window);
/* Fills the tables for `tables->dc`, `ac` and `window` into `memory`. Either may be NULL. */
void osk_jpeg_tables_build(OskJpegTables *tables, bool progressive, void *memory);

static inline uint64_t osk_jpeg_load(const uint8_t *at)
{
    uint64_t v = 0;
    memcpy(&v, at, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* Afterwards at least 56 bits are there. The fast path takes up to seven bytes at once, and is open
 * as long as none of the next eight is 0xFF. What it ORs in behind the counted bits is the
 * beginning of the next byte, which the next refill ORs in again, unchanged.
 *
 * The slow path works on a copy, field by field, so that the caller's fields can live in registers.
 */
static inline OskJpegBits osk_jpeg_refill(OskJpegBits bits)
{
    if (OSK_JPEG_LIKELY(bits.end - bits.at >= 8)) {
        uint64_t v = osk_jpeg_load(bits.at);
        uint64_t not_ff = ((~v - UINT64_C(0x0101010101010101)) & v) & UINT64_C(0x8080808080808080);
        if (OSK_JPEG_LIKELY(not_ff == 0)) {
            bits.buffer |= v >> bits.count;
            bits.at += (63 - bits.count) >> 3;
            bits.count |= 56;
            return bits;
        }
    }
    OskJpegBits copy = { .at = bits.at,
                         .count = bits.count,
                         .buffer = bits.buffer,
                         .made_up = bits.made_up,
                         .end = bits.end };
    osk_jpeg_refill_slowly(&copy);
    bits.at = copy.at;
    bits.count = copy.count;
    bits.buffer = copy.buffer;
    bits.made_up = copy.made_up;
    return bits;
}

static inline OskJpegBits osk_jpeg_skip(OskJpegBits bits, unsigned n)
{
    bits.buffer <<= n;
    bits.count -= n;
    return bits;
}

/* The next `n` bits, 1 to 32, which the buffer must hold; does not move. */
static inline uint32_t osk_jpeg_peek(OskJpegBits bits, unsigned n)
{
    return (uint32_t)(bits.buffer >> (64 - n));
}

static inline bool osk_jpeg_overran(OskJpegBits bits)
{
    return bits.made_up > bits.count;
}

/* ---- blocks ---- */

/* True when a step that went too far did so only because it ends the block. */
static inline bool osk_jpeg_ends_block(unsigned entry, unsigned passed)
{
    return OSK_JPEG_LIKELY((entry & OSK_JPEG_ENTRY_ENDS) != 0) &&
           OSK_JPEG_LIKELY(passed + OSK_JPEG_ENTRY_JOINED(entry) < 128);
}

/* How a block is passed. */
typedef struct OskJpegLooks {
    const OskJpegEntry *first; /* for the first look: a table of the DC symbol, or `chain` */
    const OskJpegEntry *chain;
    unsigned shift; /* 64 less the window */
    /* Counts of the windows that were found, or NULL: for the first look, for all others. */
    uint32_t *first_hits;
    uint32_t *hits;
} OskJpegLooks;

/* Passes a block as far as joined symbols reach. Returns the coefficients that are done: 64 at its
 * end, 0 when not even the first look found a symbol; osk_jpeg_finish_block() goes on from there.
 *
 * Every step is one load from a table in cache; a step that would pass the last coefficient is not
 * taken, because the symbols that it joins might lie in two blocks. Two steps fit between refills.
 */
static inline unsigned osk_jpeg_pass_joined(OskJpegBits *io, OskJpegLooks looks)
{
    OskJpegBits bits = osk_jpeg_refill(*io);
    size_t window = (size_t)(bits.buffer >> looks.shift);
    unsigned entry = looks.first[window];
    uint32_t *hits = looks.first_hits;
    unsigned passed = OSK_JPEG_ENTRY_BITS(entry) != 0;
    for (;;) {
        unsigned then = passed + OSK_JPEG_ENTRY_JOINED(entry);
        if (then > 63) {
            break;
        }
        if (hits != NULL) {
            hits[window]++;
        }
        passed = then;
        bits = osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry));
        window = (size_t)(bits.buffer >> looks.shift);
        entry = looks.chain[window];
        hits = looks.hits;
        then = passed + OSK_JPEG_ENTRY_JOINED(entry);
        if (then > 63) {
            break;
        }
        if (hits != NULL) {
            hits[window]++;
        }
        passed = then;
        bits = osk_jpeg_refill(osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry)));
        window = (size_t)(bits.buffer >> looks.shift);
        entry = looks.chain[window];
    }
    if (osk_jpeg_ends_block(entry, passed)) {
        if (hits != NULL) {
            hits[window]++;
        }
        bits = osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry));
        passed = 64;
    }
    *io = bits;
    return passed;
}

/* The rest of a block, one AC symbol at a time: near its last coefficient, and for codes longer
 * than the window. `passed` coefficients are done, the DC one at least. False: bits that are no
 * code. */
bool osk_jpeg_finish_block(OskJpegBits *io, const OskJpegTables *tables, unsigned passed);

#endif
