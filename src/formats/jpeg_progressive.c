/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three kinds of progressive scans that are not sequential ones in disguise (T.81 G.1.2). */
#include "formats/jpeg_scan.h"

/* The first scan of DC coefficients: a symbol and its magnitude for every block. */
static bool walk_dc_first(OskJpegRun *run, uint64_t count)
{
    OskJpegBits bits = run->bits;
    bool ok = true;
    for (uint64_t i = 0; ok && i < count && !osk_jpeg_overran(bits); i++) {
        for (unsigned b = 0; ok && b < run->block_count; b++) {
            const OskJpegTables *tables = run->blocks[b].tables;
            bits = osk_jpeg_refill(bits);
            OskJpegEntry entry = tables->first[osk_jpeg_peek(bits, tables->window)];
            if (OSK_JPEG_LIKELY(OSK_JPEG_ENTRY_BITS(entry) != 0)) {
                bits = osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry));
                continue;
            }
            unsigned len = 0;
            int symbol = osk_jpeg_symbol(bits.buffer, tables->dc, &len);
            ok = symbol >= 0;
            bits = osk_jpeg_skip(bits, ok ? len + ((unsigned)symbol & 15) : 0);
        }
    }
    run->bits = bits;
    return ok;
}

/* Skips any number of bits. */
static inline OskJpegBits skip_many(OskJpegBits bits, uint64_t n)
{
    while (OSK_JPEG_UNLIKELY(n > bits.count) && !osk_jpeg_overran(bits)) {
        n -= bits.count;
        bits = osk_jpeg_refill(osk_jpeg_skip(bits, bits.count));
    }
    return n <= bits.count ? osk_jpeg_skip(bits, (unsigned)n) : bits;
}

/* The next AC symbol as an entry whose bits are taken. False: no code. The caller has refilled; 25
 * bits are left behind the longest symbol. */
static inline bool take_entry(OskJpegBits *bits, const OskJpegTables *tables, OskJpegEntry *out)
{
    OskJpegEntry entry = tables->single[osk_jpeg_peek(*bits, tables->window)];
    if (OSK_JPEG_UNLIKELY(OSK_JPEG_ENTRY_BITS(entry) == 0)) {
        unsigned len = 0;
        int symbol = osk_jpeg_symbol(bits->buffer, tables->ac, &len);
        if (symbol < 0) {
            return false;
        }
        *bits = osk_jpeg_skip(*bits, len);
        entry = osk_jpeg_entry_make((unsigned)symbol, 0, true);
    }
    *bits = osk_jpeg_skip(*bits, OSK_JPEG_ENTRY_BITS(entry));
    *out = entry;
    return true;
}

/* The length of a run of blocks without further symbols: EOBn and its n bits. */
static inline uint32_t take_end_run(OskJpegBits *bits, OskJpegEntry entry)
{
    unsigned n = OSK_JPEG_ENTRY_PASSED(entry);
    uint32_t run = UINT32_C(1) << n;
    if (n > 0) {
        run += osk_jpeg_peek(*bits, n);
        *bits = osk_jpeg_skip(*bits, n);
    }
    return run;
}

/* The first scan of a band of AC coefficients; remembers which are not zero for the scans that
 * refine. */
static bool walk_ac_first(OskJpegRun *run, uint64_t count)
{
    const OskJpegScan *scan = run->scan;
    uint64_t *history = scan->parts[0].history + run->mcu;
    OskJpegBits bits = run->bits;
    bool ok = true;
    uint64_t i = 0;
    while (ok && i < count && !osk_jpeg_overran(bits)) {
        uint64_t seen = history[i];
        uint32_t blocks = 1;
        for (unsigned k = scan->first; k <= scan->last;) {
            OskJpegEntry entry = 0;
            bits = osk_jpeg_refill(bits);
            ok = take_entry(&bits, &run->tables[0], &entry);
            if (!ok) {
                break;
            }
            if ((entry & OSK_JPEG_ENTRY_ENDS) != 0) {
                blocks = take_end_run(&bits, entry);
                break;
            }
            k += OSK_JPEG_ENTRY_PASSED(entry);
            if ((entry & OSK_JPEG_ENTRY_ZEROS) == 0 && k <= 64) {
                seen |= UINT64_C(1) << (k - 1);
            }
        }
        history[i] = seen;
        i += blocks;
    }
    run->bits = bits;
    return ok;
}

/* Set bits of a word, without the instruction that not every machine has. */
static inline unsigned count_ones(uint64_t v)
{
    v -= v >> 1 & UINT64_C(0x5555555555555555);
    v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
    v = (v + (v >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (unsigned)(v * UINT64_C(0x0101010101010101) >> 56);
}

/* The coefficients `from` to `to` of a block, as bits; none when `from` lies behind `to`. */
static inline uint64_t band(unsigned from, unsigned to)
{
    return from > to ? 0 : UINT64_MAX << from & UINT64_MAX >> (63 - to);
}

void osk_jpeg_zeros_fill(OskJpegZeros *zeros)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned count = 0;
        for (unsigned bit = 0; bit < 8; bit++) {
            if ((byte >> bit & 1) == 0) {
                zeros->place[byte][count++] = (uint8_t)bit;
            }
        }
        zeros->count[byte] = (uint8_t)count;
    }
}

/* The place of the nth zero of `word`, counted from 1; 64 or more when it has fewer. */
static inline unsigned find_zero(const OskJpegZeros *table, uint64_t word, unsigned nth)
{
    unsigned base = 0;
    while (OSK_JPEG_UNLIKELY(nth > table->count[word & 255])) {
        nth -= table->count[word & 255];
        base += 8;
        word >>= 8;
    }
    return base + table->place[word & 255][nth - 1];
}

/* One block of a refining scan up to its end-of-block symbol: every coefficient that is passed and
 * was not zero before has one correction bit. Sets `*out_run` to the blocks that the end covers,
 * this one included, or leaves it 0 when the band was walked to its end. */
static inline bool refine_block(const OskJpegRun *run, OskJpegBits *io, uint64_t *history,
                                uint32_t *out_run)
{
    unsigned last = run->scan->last;
    OskJpegBits bits = *io;
    uint64_t before = *history;
    uint64_t seen = before;
    unsigned k = run->scan->first;
    while (k <= last) {
        OskJpegEntry entry = 0;
        bits = osk_jpeg_refill(bits);
        if (!take_entry(&bits, &run->tables[0], &entry) || (entry & OSK_JPEG_ENTRY_WIDE) != 0) {
            return false;
        }
        if ((entry & OSK_JPEG_ENTRY_ENDS) != 0) {
            *out_run = take_end_run(&bits, entry);
            bits = skip_many(bits, count_ones(before & band(k, last)));
            break;
        }
        unsigned zeros = OSK_JPEG_ENTRY_PASSED(entry);
        unsigned next = k + find_zero(&run->zeros, before >> k, zeros);
        if (OSK_JPEG_UNLIKELY(next > last)) {
            /* Readers let a run of zeros end with the band, but not a coefficient. */
            bits = skip_many(bits, count_ones(before & band(k, last)));
            *history = seen;
            *io = bits;
            return (entry & OSK_JPEG_ENTRY_ZEROS) != 0;
        }
        seen |= (uint64_t)((entry & OSK_JPEG_ENTRY_ZEROS) == 0) << next;
        bits = skip_many(bits, next + 1 - k - zeros);
        k = next + 1;
    }
    *history = seen;
    *io = bits;
    return true;
}

static bool walk_ac_refine(OskJpegRun *run, uint64_t count)
{
    const OskJpegScan *scan = run->scan;
    uint64_t *history = scan->parts[0].history + run->mcu;
    uint64_t mask = band(scan->first, scan->last);
    OskJpegBits bits = run->bits;
    bool ok = true;
    uint64_t i = 0;
    while (ok && i < count && !osk_jpeg_overran(bits)) {
        uint32_t blocks = 0;
        ok = refine_block(run, &bits, &history[i], &blocks);
        i++;
        uint64_t corrections = 0;
        for (; blocks > 1 && i < count; blocks--) {
            corrections += count_ones(history[i++] & mask);
        }
        bits = skip_many(bits, corrections);
    }
    run->bits = bits;
    return ok;
}

bool osk_jpeg_walk_progressive(OskJpegRun *run, uint64_t count)
{
    const OskJpegScan *scan = run->scan;
    bool ok = true;
    if (scan->first == 0 && scan->high == 0) {
        ok = walk_dc_first(run, count);
    } else if (scan->first == 0) {
        run->bits = skip_many(run->bits, count * run->block_count);
    } else if (scan->high == 0) {
        ok = walk_ac_first(run, count);
    } else {
        ok = walk_ac_refine(run, count);
    }
    run->mcu += count;
    return ok;
}
