/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/jpeg_scan.h"

#define PART "scan"

/* Short scans must not pay for large tables. */
#define WINDOW_SHORT 9u
#define LONG_SCAN ((size_t)48 << 10)

/* Grows by doubling; the arena keeps the old arrays, which add up to no more than the last one. */
typedef struct Repairs {
    OskWalk *walk;
    OskJpegRepair *items;
    size_t count;
    size_t capacity;
} Repairs;

static OskStatus add_repair(Repairs *repairs, OskJpegRepair repair)
{
    if (!osk_walk_spend(repairs->walk, 1, PART, repair.offset)) {
        return OSK_LIMIT;
    }
    if (repairs->count == repairs->capacity) {
        size_t capacity = repairs->capacity == 0 ? 8 : repairs->capacity * 2;
        OskJpegRepair *items = osk_arena_array(repairs->walk->arena, capacity, sizeof(*items));
        if (items == NULL) {
            return osk_walk_no_memory(repairs->walk, PART, repair.offset);
        }
        if (repairs->count > 0) {
            memcpy(items, repairs->items, repairs->count * sizeof(*items));
        }
        repairs->items = items;
        repairs->capacity = capacity;
    }
    repairs->items[repairs->count++] = repair;
    return OSK_OK;
}

/* Where an interval ends: gives whole bytes that the buffer took too many back, and sees that the
 * bits which fill the last byte are ones (T.81 F.1.2.3). */
static OskStatus end_interval(OskJpegRun *run, const uint8_t *start, uint64_t offset,
                              Repairs *repairs)
{
    OskJpegBits *bits = &run->bits;
    OskWalk *walk = repairs->walk;
    if (osk_jpeg_overran(*bits)) {
        uint64_t at = offset + (uint64_t)(bits->at - start);
        if (bits->end - bits->at < 2) {
            return osk_walk_fail(walk, OSK_TRUNCATED, PART, "the picture data ends early", at);
        }
        return osk_walk_fail(walk, OSK_MALFORMED, PART, "a marker comes before the last block", at);
    }
    unsigned unread = bits->count - bits->made_up;
    unsigned fill = unread & 7;
    uint32_t value = fill > 0 ? osk_jpeg_peek(*bits, fill) : 0;
    for (; unread >= 8; unread -= 8) {
        bool stuffed = bits->at - start >= 2 && bits->at[-1] == 0 && bits->at[-2] == 0xFF;
        bits->at -= stuffed ? 2 : 1;
    }
    uint32_t ones = (UINT32_C(1) << fill) - 1;
    if (value == ones) {
        return OSK_OK;
    }
    bool stuffed = bits->at - start >= 2 && bits->at[-1] == 0 && bits->at[-2] == 0xFF;
    unsigned len = stuffed ? 2 : 1;
    uint8_t last = (uint8_t)(bits->at[-(ptrdiff_t)len] | ones);
    OskJpegRepair repair = { .offset = offset + (uint64_t)(bits->at - start) - len,
                             .len = len,
                             .bytes = { last, 0 },
                             .out_len = last == 0xFF ? 2 : 1 };
    return add_repair(repairs, repair);
}

/* Steps over what stands between an interval and its restart marker, and over the marker. */
static OskStatus take_restart(OskJpegRun *run, const uint8_t *start, uint64_t offset,
                              unsigned number, Repairs *repairs)
{
    OskJpegBits *bits = &run->bits;
    const uint8_t *at = bits->at;
    const uint8_t *end = bits->end;
    for (;;) {
        at = at < end ? memchr(at, 0xFF, (size_t)(end - at)) : NULL;
        if (at == NULL || end - at < 2) {
            return osk_walk_fail(repairs->walk, OSK_TRUNCATED, PART, "the picture data ends early",
                                 offset + (uint64_t)(end - start));
        }
        if (at[1] != 0 && at[1] != 0xFF) {
            break;
        }
        at += at[1] == 0 ? 2 : 1;
    }
    uint64_t marker = offset + (uint64_t)(at - start);
    if (at[1] != 0xD0 + number) {
        return osk_walk_fail(repairs->walk, OSK_MALFORMED, PART,
                             "another marker where a restart marker must be", marker);
    }
    OskStatus status = OSK_OK;
    if (at != bits->at) {
        uint64_t len = (uint64_t)(at - bits->at);
        status = add_repair(repairs, (OskJpegRepair){ .offset = marker - len, .len = len });
    }
    *bits = (OskJpegBits){ .at = at + 2, .end = end };
    return status;
}

/* Walking tables for each component; components with the same Huffman tables share them. */
static OskStatus build_tables(OskWalk *walk, OskJpegRun *run, OskCursor in)
{
    const OskJpegScan *scan = run->scan;
    unsigned window = osk_cursor_left(&in) < LONG_SCAN ? WINDOW_SHORT : OSK_JPEG_WINDOW_LONG;
    for (unsigned i = 0; i < scan->count; i++) {
        const OskJpegScanPart *part = &scan->parts[i];
        OskJpegTables *tables = &run->tables[i];
        for (unsigned j = 0; j < i && tables->window == 0; j++) {
            if (run->tables[j].dc == part->dc && run->tables[j].ac == part->ac) {
                *tables = run->tables[j];
            }
        }
        if (tables->window != 0) {
            continue;
        }
        *tables = (OskJpegTables){ .dc = part->dc, .ac = part->ac, .window = window };
        if (part->dc == NULL && part->ac == NULL) {
            continue;
        }
        void *memory = osk_arena_alloc(walk->arena, osk_jpeg_tables_size(window));
        if (memory == NULL) {
            return osk_walk_no_memory(walk, PART, osk_cursor_offset(&in));
        }
        osk_jpeg_tables_build(tables, scan->progressive, memory);
    }
    return OSK_OK;
}

/* The order of blocks in an MCU (T.81 A.2). */
static OskStatus lay_out_mcu(OskWalk *walk, OskJpegRun *run, uint64_t offset)
{
    const OskJpegScan *scan = run->scan;
    if (scan->count == 1) {
        run->blocks[0].tables = &run->tables[0];
        run->block_count = 1;
        run->mcus = (uint64_t)scan->parts[0].blocks_wide * scan->parts[0].blocks_high;
        return OSK_OK;
    }
    run->mcus = (uint64_t)scan->mcus_wide * scan->mcus_high;
    for (unsigned i = 0; i < scan->count; i++) {
        unsigned blocks = scan->parts[i].h * scan->parts[i].v;
        if (run->block_count + blocks > OSK_JPEG_MCU_BLOCKS) {
            return osk_walk_fail(walk, OSK_MALFORMED, "SOS", "more than ten blocks in an MCU",
                                 offset);
        }
        for (unsigned b = 0; b < blocks; b++) {
            run->blocks[run->block_count++].tables = &run->tables[i];
        }
    }
    return OSK_OK;
}

OskStatus osk_jpeg_scan_walk(OskWalk *walk, const OskJpegScan *scan, OskCursor in,
                             OskJpegScanEnd *out)
{
    OskJpegRun run = { .scan = scan };
    const uint8_t *start = osk_cursor_rest(&in);
    uint64_t offset = osk_cursor_offset(&in);
    run.bits = (OskJpegBits){ .at = start, .end = start + osk_cursor_left(&in) };
    OskStatus status = lay_out_mcu(walk, &run, offset);
    if (status == OSK_OK) {
        status = build_tables(walk, &run, in);
    }
    /* A run of empty blocks costs few bits but a look at each of them: 16 looks a part. */
    if (status == OSK_OK && !osk_walk_spend(walk, 1 + run.mcus / 16, PART, offset)) {
        status = OSK_LIMIT;
    }
    if (scan->progressive && scan->first > 0 && scan->high > 0) {
        osk_jpeg_zeros_fill(&run.zeros);
    }
    Repairs repairs = { .walk = walk };
    unsigned number = 0;
    while (status == OSK_OK && run.mcu < run.mcus) {
        uint64_t left = run.mcus - run.mcu;
        uint64_t interval = scan->restart_interval;
        uint64_t count = interval != 0 && interval < left ? interval : left;
        bool ok = scan->progressive ? osk_jpeg_walk_progressive(&run, count)
                                    : osk_jpeg_walk_sequential(&run, count);
        if (!ok && !osk_jpeg_overran(run.bits)) {
            return osk_walk_fail(walk, OSK_MALFORMED, PART, "bits that are no code",
                                 offset + (uint64_t)(run.bits.at - start));
        }
        status = end_interval(&run, start, offset, &repairs);
        if (status == OSK_OK && run.mcu < run.mcus) {
            status = take_restart(&run, start, offset, number, &repairs);
            number = (number + 1) & 7;
        }
    }
    *out = (OskJpegScanEnd){ .end = offset + (uint64_t)(run.bits.at - start),
                             .repairs = repairs.items,
                             .repair_count = repairs.count };
    return status;
}
