/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scans are coded here by the book, one symbol at a time, from random tables and coefficients; the
 * walk, which joins symbols, must end exactly where the coder stopped. */
#include "formats/jpeg_scan.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define BYTES_MAX ((size_t)4 << 20)

typedef struct Coder {
    uint8_t *bytes;
    size_t len;
    uint32_t buffer;
    unsigned count;
} Coder;

typedef struct Fixture {
    OskBudget budget;
    OskArena arena;
    OskFault fault;
    OskScrubOptions options;
    OskWalk walk;
    Coder coder;
    uint64_t random;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = calloc(1, sizeof(*f));
    f->budget = osk_budget_default();
    osk_arena_init(&f->arena, &f->budget);
    f->walk = (OskWalk){
        .budget = &f->budget, .arena = &f->arena, .fault = &f->fault, .options = &f->options
    };
    f->coder.bytes = malloc(BYTES_MAX);
    f->random = 88172645463325252u;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    osk_arena_free(&f->arena);
    free(f->coder.bytes);
    free(f);
    return 0;
}

static uint32_t draw(Fixture *f, uint32_t below)
{
    f->random ^= f->random << 13;
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return (uint32_t)(f->random >> 33) % below;
}

static void put_byte(Coder *c, uint8_t byte)
{
    assert_true(c->len + 2 < BYTES_MAX);
    c->bytes[c->len++] = byte;
    if (byte == 0xFF) {
        c->bytes[c->len++] = 0;
    }
}

static void put_bits(Coder *c, uint32_t value, unsigned n)
{
    for (unsigned i = n; i > 0; i--) {
        c->buffer = c->buffer << 1 | (value >> (i - 1) & 1);
        if (++c->count == 8) {
            put_byte(c, (uint8_t)c->buffer);
            c->buffer = 0;
            c->count = 0;
        }
    }
}

static void fill_up(Coder *c, unsigned bit)
{
    while (c->count != 0) {
        put_bits(c, bit, 1);
    }
}

static void put_symbol(Coder *c, const OskJpegHuffman *table, uint8_t symbol)
{
    uint32_t code = 0;
    unsigned index = 0;
    for (unsigned len = 1; len <= 16; len++) {
        for (unsigned i = 0; i < table->counts[len - 1]; i++, index++, code++) {
            if (table->symbols[index] == symbol) {
                put_bits(c, code, len);
                return;
            }
        }
        code <<= 1;
    }
    fail_msg("symbol %u has no code", symbol);
}

/* A prefix code for these symbols in random order, with lengths up to 16 and no code of ones only.
 */
static void draw_table(Fixture *f, OskJpegHuffman *table, const uint8_t *symbols, unsigned count)
{
    *table = (OskJpegHuffman){ .symbol_count = count };
    memcpy(table->symbols, symbols, count);
    for (unsigned i = count; i > 1; i--) {
        unsigned j = draw(f, i);
        uint8_t swap = table->symbols[i - 1];
        table->symbols[i - 1] = table->symbols[j];
        table->symbols[j] = swap;
    }
    uint32_t free_codes = 1;
    unsigned left = count;
    for (unsigned len = 1; len <= 16; len++) {
        free_codes *= 2;
        /* The rest must fit below, one code spared. */
        uint32_t most = len == 16 ? left : 0;
        for (uint32_t n = 0; len < 16 && n <= left && n < free_codes; n++) {
            uint64_t room = (uint64_t)(free_codes - n) << (16 - len);
            most = room > left - n ? n : most;
        }
        uint32_t take = len == 16 ? left : draw(f, (most < 4 ? most : 4) + 1);
        table->counts[len - 1] = (uint8_t)take;
        free_codes -= take;
        left -= take;
    }
    assert_int_equal(left, 0);
    assert_true(osk_jpeg_huffman_valid(table));
}

static const uint8_t dc_symbols[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

static unsigned list_ac(uint8_t out[256])
{
    unsigned count = 0;
    for (unsigned run = 0; run < 16; run++) {
        for (unsigned size = 1; size <= 10; size++) {
            out[count++] = (uint8_t)(run << 4 | size);
        }
    }
    out[count++] = 0x00;
    out[count++] = 0xF0;
    return count;
}

/* One sequential block, sometimes ended by its 64th coefficient. */
static void put_block(Fixture *f, const OskJpegHuffman *dc, const OskJpegHuffman *ac)
{
    Coder *c = &f->coder;
    unsigned size = draw(f, 12);
    put_symbol(c, dc, (uint8_t)size);
    put_bits(c, draw(f, 1u << size), size);
    unsigned passed = 1;
    unsigned dense = draw(f, 6);
    while (passed < 64) {
        unsigned run = draw(f, dense == 0 ? 2 : 24);
        if (draw(f, 64) < dense || passed + run > 63) {
            put_symbol(c, ac, 0x00);
            return;
        }
        if (run > 15) {
            put_symbol(c, ac, 0xF0);
            passed += 16;
            continue;
        }
        size = 1 + draw(f, draw(f, 4) == 0 ? 10 : 3);
        put_symbol(c, ac, (uint8_t)(run << 4 | size));
        put_bits(c, draw(f, 1u << size), size);
        passed += run + 1;
    }
}

/* Walks a copy of exact size. */
static OskStatus walk_coded(Fixture *f, const OskJpegScan *scan, OskJpegScanEnd *end)
{
    uint8_t *copy = malloc(f->coder.len);
    memcpy(copy, f->coder.bytes, f->coder.len);
    f->fault = (OskFault){ .status = OSK_OK };
    OskStatus status =
        osk_jpeg_scan_walk(&f->walk, scan, osk_cursor_make(copy, f->coder.len, 1000), end);
    free(copy);
    return status;
}

static void put_end(Coder *c)
{
    c->bytes[c->len++] = 0xFF;
    c->bytes[c->len++] = 0xD9;
}

static void one_colour_scan(Fixture *f, uint32_t mcus, uint32_t interval, OskJpegScan *scan,
                            OskJpegHuffman tables[4])
{
    uint8_t symbols[256];
    unsigned count = list_ac(symbols);
    draw_table(f, &tables[0], dc_symbols, sizeof(dc_symbols));
    draw_table(f, &tables[1], symbols, count);
    draw_table(f, &tables[2], dc_symbols, sizeof(dc_symbols));
    draw_table(f, &tables[3], symbols, count);
    *scan = (OskJpegScan){
        .count = 3, .mcus_wide = mcus, .mcus_high = 1, .restart_interval = interval, .last = 63
    };
    scan->parts[0] = (OskJpegScanPart){ .h = 2, .v = 2, .dc = &tables[0], .ac = &tables[1] };
    scan->parts[1] = (OskJpegScanPart){ .h = 1, .v = 1, .dc = &tables[2], .ac = &tables[3] };
    scan->parts[2] = scan->parts[1];
    f->coder.len = 0;
    for (uint32_t i = 0; i < mcus; i++) {
        if (interval != 0 && i != 0 && i % interval == 0) {
            fill_up(&f->coder, 1);
            f->coder.bytes[f->coder.len++] = 0xFF;
            f->coder.bytes[f->coder.len++] = (uint8_t)(0xD0 + (i / interval - 1) % 8);
        }
        for (unsigned b = 0; b < 6; b++) {
            put_block(f, &tables[b < 4 ? 0 : 2], &tables[b < 4 ? 1 : 3]);
        }
    }
}

static void jpeg_scan__ends_where_the_coder_stopped(void **state)
{
    Fixture *f = *state;
    for (unsigned round = 0; round < 120; round++) {
        OskJpegHuffman tables[4];
        OskJpegScan scan;
        OskJpegScanEnd end = { .end = 0 };
        /* Both sizes of tables: short scans and long ones. */
        one_colour_scan(f, round % 4 == 0 ? 400 : 1 + draw(f, 40),
                        round % 3 == 0 ? 1 + draw(f, 9) : 0, &scan, tables);
        fill_up(&f->coder, 1);
        size_t len = f->coder.len;
        put_end(&f->coder);
        assert_int_equal(walk_coded(f, &scan, &end), OSK_OK);
        assert_int_equal(end.end, 1000 + len);
        assert_int_equal(end.repair_count, 0);
    }
}

static void jpeg_scan__a_cut_anywhere_is_no_end(void **state)
{
    Fixture *f = *state;
    OskJpegHuffman tables[4];
    OskJpegScan scan;
    OskJpegScanEnd end = { .end = 0 };
    one_colour_scan(f, 12, 4, &scan, tables);
    fill_up(&f->coder, 1);
    size_t whole = f->coder.len;
    for (size_t len = 1; len < whole; len++) {
        f->coder.len = len;
        assert_int_not_equal(walk_coded(f, &scan, &end), OSK_OK);
    }
    f->coder.len = whole;
    assert_int_equal(walk_coded(f, &scan, &end), OSK_OK);
}

static void jpeg_scan__finds_bytes_behind_the_last_block(void **state)
{
    Fixture *f = *state;
    OskJpegHuffman tables[4];
    OskJpegScan scan;
    OskJpegScanEnd end = { .end = 0 };
    for (unsigned extra = 1; extra < 24; extra++) {
        one_colour_scan(f, 3, 0, &scan, tables);
        fill_up(&f->coder, 1);
        size_t len = f->coder.len;
        for (unsigned i = 0; i < extra; i++) {
            put_byte(&f->coder, (uint8_t)(draw(f, 3) == 0 ? 0xFF : draw(f, 256)));
        }
        put_end(&f->coder);
        assert_int_equal(walk_coded(f, &scan, &end), OSK_OK);
        assert_int_equal(end.end, 1000 + len);
    }
}

static void jpeg_scan__drops_bytes_before_restart_markers(void **state)
{
    Fixture *f = *state;
    OskJpegHuffman tables[4];
    OskJpegScan scan;
    OskJpegScanEnd end = { .end = 0 };
    one_colour_scan(f, 1, 0, &scan, tables);
    fill_up(&f->coder, 1);
    size_t len = f->coder.len;
    memcpy(f->coder.bytes + len, "secret\xFF\x00..\xFF\xFF\xD0", 13);
    memcpy(f->coder.bytes + len + 13, f->coder.bytes, len);
    f->coder.len = 2 * len + 13;
    put_end(&f->coder);
    scan.mcus_wide = 2;
    scan.restart_interval = 1;
    assert_int_equal(walk_coded(f, &scan, &end), OSK_OK);
    assert_int_equal(end.repair_count, 1);
    assert_int_equal(end.repairs[0].offset, 1000 + len);
    assert_int_equal(end.repairs[0].len, 11);
    assert_int_equal(end.repairs[0].out_len, 0);
    assert_int_equal(end.end, 1000 + 2 * len + 13);
}

static void jpeg_scan__a_wrong_restart_marker_is_malformed(void **state)
{
    Fixture *f = *state;
    OskJpegHuffman tables[4];
    OskJpegScan scan;
    OskJpegScanEnd end = { .end = 0 };
    one_colour_scan(f, 2, 1, &scan, tables);
    uint8_t *marker = memchr(f->coder.bytes, 0xFF, f->coder.len);
    while (marker[1] == 0) {
        marker = memchr(marker + 2, 0xFF, f->coder.len);
    }
    fill_up(&f->coder, 1);
    put_end(&f->coder);
    marker[1] = 0xD3;
    assert_int_equal(walk_coded(f, &scan, &end), OSK_MALFORMED);
}

static void jpeg_scan__sets_padding_bits_to_ones(void **state)
{
    Fixture *f = *state;
    unsigned repaired = 0;
    for (unsigned round = 0; round < 64; round++) {
        OskJpegHuffman tables[4];
        OskJpegScan scan;
        OskJpegScanEnd end = { .end = 0 };
        one_colour_scan(f, 1, 0, &scan, tables);
        bool whole = f->coder.count == 0;
        unsigned used = f->coder.count;
        uint8_t bits = (uint8_t)(f->coder.buffer << ((8 - used) & 7));
        fill_up(&f->coder, 0);
        size_t len = f->coder.len;
        put_end(&f->coder);
        assert_int_equal(walk_coded(f, &scan, &end), OSK_OK);
        assert_int_equal(end.end, 1000 + len);
        assert_int_equal(end.repair_count, whole ? 0 : 1);
        if (!whole) {
            uint8_t want = (uint8_t)(bits | ((1u << (8 - used)) - 1));
            assert_int_equal(end.repairs[0].offset, 1000 + len - 1);
            assert_int_equal(end.repairs[0].bytes[0], want);
            assert_int_equal(end.repairs[0].out_len, want == 0xFF ? 2 : 1);
            repaired++;
        }
    }
    assert_true(repaired > 30);
}

static void jpeg_scan__bits_that_are_no_code_are_malformed(void **state)
{
    Fixture *f = *state;
    OskJpegHuffman tables[4];
    OskJpegScan scan;
    OskJpegScanEnd end = { .end = 0 };
    one_colour_scan(f, 1, 0, &scan, tables);
    f->coder.len = 0;
    for (unsigned i = 0; i < 64; i++) {
        put_byte(&f->coder, 0xFF);
    }
    put_end(&f->coder);
    assert_int_equal(walk_coded(f, &scan, &end), OSK_MALFORMED);
}

/* ---- Long scans, which are walked in two lanes ---- */

typedef struct Plain {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    unsigned bit; /* of the byte at `at`, highest first */
    bool ended;
} Plain;

static unsigned plain_bit(Plain *p)
{
    if (p->at >= p->len ||
        (p->bytes[p->at] == 0xFF && (p->at + 1 >= p->len || p->bytes[p->at + 1] != 0))) {
        p->ended = true;
        return 0;
    }
    unsigned value = p->bytes[p->at] >> (7 - p->bit) & 1;
    if (++p->bit == 8) {
        p->bit = 0;
        p->at += p->bytes[p->at] == 0xFF ? 2 : 1;
    }
    return value;
}

static int plain_symbol(Plain *p, const OskJpegHuffman *table)
{
    uint32_t code = 0;
    uint32_t first = 0;
    unsigned index = 0;
    for (unsigned len = 1; len <= 16 && !p->ended; len++) {
        code = code << 1 | plain_bit(p);
        unsigned count = table->counts[len - 1];
        if (code < first + count) {
            return p->ended ? -1 : table->symbols[index + (code - first)];
        }
        index += count;
        first = (first + count) << 1;
    }
    return -1;
}

static bool plain_skip(Plain *p, unsigned n)
{
    while (n-- > 0) {
        (void)plain_bit(p);
    }
    return !p->ended;
}

/* One symbol, one bit at a time; sets `*out_end` to the byte behind the last MCU. */
static bool plain_walk(const uint8_t *bytes, size_t len, const OskJpegScan *scan, size_t *out_end)
{
    Plain p = { .bytes = bytes, .len = len };
    for (uint32_t i = 0; i < scan->mcus_wide * 6; i++) {
        const OskJpegScanPart *part = &scan->parts[i % 6 < 4 ? 0 : 1];
        int symbol = plain_symbol(&p, part->dc);
        if (symbol < 0 || !plain_skip(&p, (unsigned)symbol)) {
            return false;
        }
        for (unsigned k = 1; k < 64;) {
            symbol = plain_symbol(&p, part->ac);
            if (symbol < 0 || !plain_skip(&p, (unsigned)symbol & 15)) {
                return false;
            }
            if (symbol == 0) {
                break;
            }
            k += ((unsigned)symbol >> 4) + 1;
        }
    }
    if (p.bit != 0) {
        p.at += p.bytes[p.at] == 0xFF ? 2 : 1;
    }
    *out_end = p.at;
    return true;
}

static void expect_plain(Fixture *f, const OskJpegScan *scan)
{
    OskJpegScanEnd end = { .end = 0 };
    size_t want = 0;
    bool ok = plain_walk(f->coder.bytes, f->coder.len, scan, &want);
    OskStatus status = walk_coded(f, scan, &end);
    assert_int_equal(status == OSK_OK, ok);
    if (ok) {
        assert_int_equal(end.end, 1000 + want);
    }
}

static void jpeg_scan__two_lanes_walk_what_one_would(void **state)
{
    Fixture *f = *state;
    OskJpegHuffman tables[4];
    OskJpegScan scan;
    for (unsigned round = 0; round < 6; round++) {
        one_colour_scan(f, 5000, 0, &scan, tables);
        fill_up(&f->coder, 1);
        size_t len = f->coder.len;
        assert_true(len > (size_t)300 << 10);
        put_end(&f->coder);
        expect_plain(f, &scan);
        /* Bytes that are more MCUs behind the last one. */
        scan.mcus_wide -= 100;
        expect_plain(f, &scan);
        scan.mcus_wide += 100;
        /* A trailer that is longer than the scan. */
        assert_true(3 * len < BYTES_MAX);
        for (size_t i = 0; i < 2 * len; i++) {
            f->coder.bytes[f->coder.len++] = (uint8_t)draw(f, 256);
        }
        expect_plain(f, &scan);
        f->coder.len = len + 2;
        for (unsigned i = 0; i < 12; i++) {
            /* Not 0xFF, and not behind it: markers would only end the scan early. */
            size_t at = 1 + draw(f, (uint32_t)len - 1);
            uint8_t before = f->coder.bytes[at];
            if (before == 0xFF || f->coder.bytes[at - 1] == 0xFF) {
                continue;
            }
            f->coder.bytes[at] = (uint8_t)draw(f, 255);
            expect_plain(f, &scan);
            f->coder.bytes[at] = before;
        }
        f->coder.len = len - 1 - draw(f, (uint32_t)len / 2);
        expect_plain(f, &scan);
    }
}

/* ---- Progressive: a band of random coefficients, first its high bits, then one more ---- */

#define BLOCKS 300u
#define BAND_FIRST 1u
#define BAND_LAST 63u

typedef struct Band {
    int first[BLOCKS][64];  /* magnitudes after the first scan, 0 or more */
    int second[BLOCKS][64]; /* with one more bit */
    uint32_t end_run;
    unsigned held; /* correction bits that wait for the end run */
} Band;

static void put_end_run(Fixture *f, Band *band, const OskJpegHuffman *ac)
{
    if (band->end_run == 0) {
        return;
    }
    unsigned n = 0;
    while (band->end_run >> (n + 1) != 0) {
        n++;
    }
    put_symbol(&f->coder, ac, (uint8_t)(n << 4));
    put_bits(&f->coder, band->end_run - (1u << n), n);
    band->end_run = 0;
    for (; band->held > 0; band->held--) {
        put_bits(&f->coder, draw(f, 2), 1);
    }
}

static void draw_band(Fixture *f, Band *band)
{
    for (unsigned b = 0; b < BLOCKS; b++) {
        unsigned dense = draw(f, 40);
        for (unsigned k = BAND_FIRST; k <= BAND_LAST; k++) {
            int value = draw(f, 64) < dense ? (int)draw(f, 16) : 0;
            band->first[b][k] = value >> 1;
            band->second[b][k] = value;
        }
    }
}

/* T.81 G.1.2.2. */
static void code_first(Fixture *f, Band *band, const OskJpegHuffman *ac)
{
    for (unsigned b = 0; b < BLOCKS; b++) {
        unsigned run = 0;
        for (unsigned k = BAND_FIRST; k <= BAND_LAST; k++) {
            int value = band->first[b][k];
            if (value == 0) {
                run++;
                continue;
            }
            put_end_run(f, band, ac);
            for (; run > 15; run -= 16) {
                put_symbol(&f->coder, ac, 0xF0);
            }
            unsigned size = 1;
            while (value >> size != 0) {
                size++;
            }
            put_symbol(&f->coder, ac, (uint8_t)(run << 4 | size));
            put_bits(&f->coder, draw(f, 1u << size), size);
            run = 0;
        }
        if (run > 0 && ++band->end_run == 0x7FFF) {
            put_end_run(f, band, ac);
        }
    }
    put_end_run(f, band, ac);
}

/* T.81 G.1.2.3: correction bits follow the symbol that passes their coefficients. */
static void code_refinement(Fixture *f, Band *band, const OskJpegHuffman *ac)
{
    for (unsigned b = 0; b < BLOCKS; b++) {
        unsigned last_new = 0;
        for (unsigned k = BAND_FIRST; k <= BAND_LAST; k++) {
            last_new = band->first[b][k] == 0 && band->second[b][k] == 1 ? k : last_new;
        }
        unsigned run = 0;
        unsigned corrections = 0;
        for (unsigned k = BAND_FIRST; k <= BAND_LAST; k++) {
            if (band->first[b][k] == 0 && band->second[b][k] == 0) {
                run++;
                continue;
            }
            for (; run > 15 && k <= last_new; run -= 16) {
                put_end_run(f, band, ac);
                put_symbol(&f->coder, ac, 0xF0);
                for (; corrections > 0; corrections--) {
                    put_bits(&f->coder, draw(f, 2), 1);
                }
            }
            if (band->first[b][k] != 0) {
                corrections++;
                continue;
            }
            put_end_run(f, band, ac);
            put_symbol(&f->coder, ac, (uint8_t)(run << 4 | 1));
            put_bits(&f->coder, draw(f, 2), 1);
            for (; corrections > 0; corrections--) {
                put_bits(&f->coder, draw(f, 2), 1);
            }
            run = 0;
        }
        if (run > 0 || corrections > 0) {
            band->end_run++;
            band->held += corrections;
            if (band->end_run == 0x7FFF) {
                put_end_run(f, band, ac);
            }
        }
    }
    put_end_run(f, band, ac);
}

static unsigned list_progressive(uint8_t out[256])
{
    unsigned count = list_ac(out) - 2;
    for (unsigned run = 0; run < 16; run++) {
        out[count++] = (uint8_t)(run << 4);
    }
    return count;
}

static void jpeg_scan__refines_what_the_first_scan_left(void **state)
{
    Fixture *f = *state;
    Band *band = calloc(1, sizeof(*band));
    uint64_t *history = calloc(BLOCKS, sizeof(*history));
    for (unsigned round = 0; round < 20; round++) {
        uint8_t symbols[256];
        unsigned count = list_progressive(symbols);
        OskJpegHuffman ac;
        OskJpegScanEnd end = { .end = 0 };
        draw_table(f, &ac, symbols, count);
        draw_band(f, band);
        memset(history, 0, BLOCKS * sizeof(*history));
        OskJpegScan scan = {
            .count = 1, .progressive = true, .first = BAND_FIRST, .last = BAND_LAST
        };
        scan.low = 1;
        scan.parts[0] = (OskJpegScanPart){ .h = 1,
                                           .v = 1,
                                           .blocks_wide = 20,
                                           .blocks_high = BLOCKS / 20,
                                           .ac = &ac,
                                           .history = history };
        f->coder.len = 0;
        code_first(f, band, &ac);
        fill_up(&f->coder, 1);
        size_t len = f->coder.len;
        put_end(&f->coder);
        assert_int_equal(walk_coded(f, &scan, &end), OSK_OK);
        assert_int_equal(end.end, 1000 + len);
        for (unsigned b = 0; b < BLOCKS; b++) {
            for (unsigned k = BAND_FIRST; k <= BAND_LAST; k++) {
                assert_int_equal(history[b] >> k & 1, band->first[b][k] != 0);
            }
        }
        scan.high = 1;
        scan.low = 0;
        f->coder.len = 0;
        code_refinement(f, band, &ac);
        fill_up(&f->coder, 1);
        len = f->coder.len;
        put_end(&f->coder);
        assert_int_equal(walk_coded(f, &scan, &end), OSK_OK);
        assert_int_equal(end.end, 1000 + len);
        for (unsigned b = 0; b < BLOCKS; b++) {
            for (unsigned k = BAND_FIRST; k <= BAND_LAST; k++) {
                assert_int_equal(history[b] >> k & 1, band->second[b][k] != 0);
            }
        }
    }
    free(band);
    free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(jpeg_scan__ends_where_the_coder_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__a_cut_anywhere_is_no_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__finds_bytes_behind_the_last_block, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__drops_bytes_before_restart_markers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__a_wrong_restart_marker_is_malformed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__sets_padding_bits_to_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__bits_that_are_no_code_are_malformed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__two_lanes_walk_what_one_would, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg_scan__refines_what_the_first_scan_left, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("jpeg_scan", tests, NULL, NULL);
}
