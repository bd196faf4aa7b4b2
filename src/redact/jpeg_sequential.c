/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequential scans (T.81 F.1, F.2), streamed.
 *
 * Where the Huffman tables are those of T.81 annex K, the bits of untouched MCUs are copied: only
 * their DC differences are decoded, because the first MCU behind a covered one needs its difference
 * from what was painted. Any other tables may have been made for the picture with what is covered
 * in it, and their code lengths tell of it. Then new ones are made for what is written, which takes
 * two passes over all symbols. */
#include "redact/jpeg_blocks.h"
#include "redact/jpeg_steps.h"

#define SHIFT (64 - OSK_BLOCKS_WINDOW)
/* DC coefficients of 12-bit samples have 16 bits (T.81 F.1.1.5.2.2); no more are taken. */
#define DC_MOST 32767

typedef struct Walk {
    OskBlocksJob *job;
    const OskBlocksScan *scan;
    OskBlocksLayout layout;
    OskJpegTables tables[OSK_BLOCKS_PARTS];
    OskBlocksCode *dc[OSK_BLOCKS_PARTS];
    OskBlocksCode *ac[OSK_BLOCKS_PARTS];
    const OskBlocksLook *dc_look[OSK_BLOCKS_PARTS];
    const OskBlocksLook *ac_look[OSK_BLOCKS_PARTS];
    OskBlocksSteps *steps[OSK_BLOCKS_PARTS]; /* where the tables are made anew */
    OskJpegBits bits;
    const uint8_t *start; /* of the interval */
    uint32_t x;
    uint32_t y;
    uint64_t mcu; /* of the scan, as read */
    int32_t in_dc[OSK_BLOCKS_PARTS];
    int32_t out_dc[OSK_BLOCKS_PARTS];

    OskBlocksCoder coder;
    uint64_t written; /* MCUs */
    bool copies;      /* the tables allow it */
    bool open;        /* bits from `from` on are to be copied */
    OskBlocksPlace from;
} Walk;

/* ---- reading blocks ---- */

/* AC symbols, one at a time: near the last coefficient, and for codes longer than the window. */
static bool finish_block(OskJpegBits *io, const OskJpegTables *tables, unsigned passed)
{
    OskJpegBits bits = *io;
    while (passed < 64) {
        bits = osk_jpeg_refill(bits);
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

/* Passes the AC symbols of a block, several with each look into the table of joined ones; an entry
 * that ends the block passes 64 more (parts/jpeg_bits.h). `entry` is the first look, `passed` what
 * it found done. */
static inline bool pass_symbols(OskJpegBits *io, const OskJpegTables *tables, unsigned entry,
                                unsigned passed)
{
    const OskJpegEntry *chain = tables->chain;
    OskJpegBits bits = *io;
    for (;;) {
        unsigned then = passed + (entry >> 8);
        if (then > 63) {
            break;
        }
        passed = then;
        bits = osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry));
        entry = chain[bits.buffer >> SHIFT];
        then = passed + (entry >> 8);
        if (then > 63) {
            break;
        }
        passed = then;
        bits = osk_jpeg_refill(osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry)));
        entry = chain[bits.buffer >> SHIFT];
    }
    if (OSK_JPEG_LIKELY((entry & OSK_JPEG_ENTRY_ENDS) != 0 && passed + (entry >> 8) < 128)) {
        *io = osk_jpeg_skip(bits, OSK_JPEG_ENTRY_BITS(entry));
        return true;
    }
    *io = bits;
    return finish_block(io, tables, passed);
}

static inline bool pass_ac(OskJpegBits *io, const OskJpegTables *tables)
{
    *io = osk_jpeg_refill(*io);
    return pass_symbols(io, tables, tables->chain[io->buffer >> SHIFT], 1);
}

/* The DC difference of a block, added to `*dc`. */
static inline bool take_dc(OskJpegBits *io, const OskBlocksLook *look, int32_t *dc)
{
    OskJpegBits bits = osk_jpeg_refill(*io);
    int size = osk_blocks_symbol(&bits, look);
    if (size < 0) {
        return false;
    }
    if (size > 0) {
        *dc += osk_blocks_extend(osk_jpeg_peek(bits, (unsigned)size), (unsigned)size);
        bits = osk_jpeg_skip(bits, (unsigned)size);
    }
    *io = bits;
    return *dc <= DC_MOST && *dc >= -DC_MOST;
}

/* Passes an MCU; only its DC coefficients are decoded. */
static bool pass_mcu(Walk *w)
{
    OskJpegBits bits = w->bits;
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        if (!take_dc(&bits, w->dc_look[m], &w->in_dc[m]) || !pass_ac(&bits, &w->tables[m])) {
            return false;
        }
    }
    w->bits = bits;
    return true;
}

/* The same where nobody asks for DC coefficients any more. */
static bool pass_mcu_blindly(Walk *w)
{
    OskJpegBits bits = w->bits;
    for (unsigned b = 0; b < w->layout.count; b++) {
        const OskJpegTables *tables = &w->tables[w->layout.blocks[b].member];
        bits = osk_jpeg_refill(bits);
        unsigned entry = tables->first[bits.buffer >> SHIFT];
        if (OSK_JPEG_LIKELY(OSK_JPEG_ENTRY_BITS(entry) != 0)) {
            if (!pass_symbols(&bits, tables, entry, 1)) {
                return false;
            }
            continue;
        }
        unsigned m = w->layout.blocks[b].member;
        int32_t dc = 0;
        if (!take_dc(&bits, w->dc_look[m], &dc) || !pass_ac(&bits, tables)) {
            return false;
        }
    }
    w->bits = bits;
    return true;
}

/* ---- writing ---- */

/* Ends what is copied as it is. */
static void close_copy(Walk *w)
{
    if (w->open) {
        osk_blocks_copy(w->coder.writer, w->from, osk_blocks_place(w->bits, w->start));
        memcpy(w->out_dc, w->in_dc, sizeof(w->out_dc));
        w->open = false;
    }
}

static void write_dc(Walk *w, unsigned member, int32_t dc)
{
    int32_t difference = dc - w->out_dc[member];
    unsigned size = osk_blocks_size(difference);
    w->out_dc[member] = dc;
    if (size > 15) {
        w->coder.failed = true;
        return;
    }
    osk_blocks_code(&w->coder, w->dc[member], size, osk_blocks_magnitude(difference, size), size);
}

static void write_block(Walk *w, unsigned member, const int16_t block[64], unsigned last)
{
    write_dc(w, member, block[0]);
    unsigned run = 0;
    for (unsigned k = 1; k <= last; k++) {
        if (block[k] == 0) {
            run++;
            continue;
        }
        for (; run > 15; run -= 16) {
            osk_blocks_code(&w->coder, w->ac[member], 0xF0, 0, 0);
        }
        unsigned size = osk_blocks_size(block[k]);
        osk_blocks_code(&w->coder, w->ac[member], run << 4 | size,
                        osk_blocks_magnitude(block[k], size), size);
        run = 0;
    }
    if (last < 63) {
        osk_blocks_code(&w->coder, w->ac[member], 0, 0, 0);
    }
}

static bool paint_mcu(Walk *w)
{
    close_copy(w);
    for (unsigned b = 0; b < w->layout.count; b++) {
        int16_t block[64];
        OskBlocksSpot spot = osk_blocks_spot(w->scan, &w->layout, w->x, w->y, b);
        unsigned last = osk_blocks_paint_block(&w->job->paint, &spot, block);
        write_block(w, w->layout.blocks[b].member, block, last);
    }
    return pass_mcu(w);
}

/* An untouched MCU behind something else: its first DC differences are coded anew. */
static bool join_mcu(Walk *w)
{
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        w->from = osk_blocks_place(w->bits, w->start);
        if (!take_dc(&w->bits, w->dc_look[m], &w->in_dc[m])) {
            return false;
        }
        if (w->layout.blocks[b].first) {
            write_dc(w, m, w->in_dc[m]);
            w->from = osk_blocks_place(w->bits, w->start);
        }
        if (!pass_ac(&w->bits, &w->tables[m])) {
            return false;
        }
        osk_blocks_copy(w->coder.writer, w->from, osk_blocks_place(w->bits, w->start));
    }
    memcpy(w->out_dc, w->in_dc, sizeof(w->out_dc));
    return true;
}

static bool copy_mcu(Walk *w)
{
    if (w->open) {
        return pass_mcu(w);
    }
    if (memcmp(w->in_dc, w->out_dc, sizeof(w->in_dc)) != 0) {
        return join_mcu(w);
    }
    w->from = osk_blocks_place(w->bits, w->start);
    w->open = true;
    return pass_mcu(w);
}

/* The AC symbols of a block, one at a time; `passed` coefficients are done. */
static bool recode_symbols(Walk *w, unsigned m, OskJpegBits *io, unsigned passed)
{
    OskJpegBits bits = *io;
    while (passed < 64) {
        bits = osk_jpeg_refill(bits);
        int symbol = osk_blocks_symbol(&bits, w->ac_look[m]);
        if (symbol < 0) {
            return false;
        }
        unsigned size = (unsigned)symbol & 15;
        bool ends = size == 0 && symbol != 0xF0;
        uint32_t extra = (uint32_t)(bits.buffer >> 32 >> (32 - size));
        bits = osk_jpeg_skip(bits, size);
        osk_blocks_code(&w->coder, w->ac[m], ends ? 0 : (unsigned)symbol, extra, size);
        passed = ends ? 64 : passed + ((unsigned)symbol >> 4) + 1;
    }
    *io = bits;
    return true;
}

/* Takes or counts a step; false when it isn't one of this block, or the block's last. */
static inline bool take_step(OskBlocksSteps *steps, OskBlocksWriter *writer, OskJpegBits *bits,
                             unsigned *passed)
{
    uint32_t window = (uint32_t)(bits->buffer >> SHIFT);
    OskBlocksStep step = steps->at[window];
    unsigned then = *passed + step.passed;
    if (step.take == 0 || (then > 63 && (step.passed < OSK_BLOCKS_STEP_ENDS || then > 127))) {
        return false;
    }
    *bits = osk_jpeg_skip(*bits, step.take);
    if (writer == NULL) {
        steps->hits[window]++;
    } else {
        uint32_t raw = (uint32_t)(bits->buffer >> 32 >> (32 - step.raw));
        osk_blocks_put(writer, step.out << step.raw | raw, (unsigned)step.out_len + step.raw);
    }
    *bits = osk_jpeg_skip(*bits, step.raw);
    *passed = then;
    return then <= 63;
}

/* The AC symbols of a block as far as steps reach; what is left goes one by one. Two steps fit
 * between refills. */
static inline bool recode_ac(Walk *w, unsigned m, OskJpegBits *io, OskBlocksWriter *writer)
{
    OskBlocksSteps *steps = w->steps[m];
    OskJpegBits bits = *io;
    unsigned passed = 1;
    do {
        bits = osk_jpeg_refill(bits);
    } while (take_step(steps, writer, &bits, &passed) && take_step(steps, writer, &bits, &passed));
    *io = bits;
    return passed > 63 || recode_symbols(w, m, io, passed);
}

/* Codes an untouched MCU with other tables. */
static bool recode_mcu(Walk *w)
{
    OskJpegBits bits = w->bits;
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        if (!take_dc(&bits, w->dc_look[m], &w->in_dc[m])) {
            return false;
        }
        write_dc(w, m, w->in_dc[m]);
        bool fine = w->coder.writer == NULL ? recode_ac(w, m, &bits, NULL)
                                            : recode_ac(w, m, &bits, w->coder.writer);
        if (!fine) {
            return false;
        }
    }
    w->bits = bits;
    return true;
}

/* ---- intervals ---- */

static OskStatus bad_code(Walk *w)
{
    return osk_jpeg_overran(w->bits)
               ? osk_blocks_out_of_data(w->job, w->scan, &w->bits)
               : osk_blocks_fail(&w->job->file, OSK_MALFORMED, "scan",
                                 "bits that are no code, or a value out of range",
                                 osk_cursor_offset(&w->scan->data));
}

/* Where a restart marker of the input stands. */
static OskStatus cross_restart(Walk *w)
{
    close_copy(w);
    uint32_t number = (uint32_t)(w->mcu / w->scan->restart - 1);
    OskStatus status = osk_blocks_end_interval(w->job, w->scan, &w->bits, true, number);
    w->start = w->bits.at;
    memset(w->in_dc, 0, sizeof(w->in_dc));
    return status;
}

/* Where one of the output must stand. */
static void begin_restart(Walk *w)
{
    close_copy(w);
    if (w->coder.writer != NULL) {
        osk_blocks_write_restart(w->coder.writer, (uint32_t)(w->written / w->scan->restart - 1));
    }
    memset(w->out_dc, 0, sizeof(w->out_dc));
}

static bool at_restart(const Walk *w, uint64_t count)
{
    return w->scan->restart != 0 && count > 0 && count % w->scan->restart == 0;
}

static void open_walk(Walk *w)
{
    const uint8_t *data = osk_cursor_rest(&w->scan->data);
    w->start = data;
    w->bits = (OskJpegBits){ .at = data, .end = data + osk_cursor_left(&w->scan->data) };
    w->x = 0;
    w->y = 0;
    w->mcu = 0;
    w->written = 0;
    w->open = false;
    memset(w->in_dc, 0, sizeof(w->in_dc));
    memset(w->out_dc, 0, sizeof(w->out_dc));
}

/* On to the next MCU. False behind the last. */
static bool next_mcu(Walk *w)
{
    w->mcu++;
    w->x++;
    if (w->x == w->layout.columns) {
        w->x = 0;
        w->y++;
    }
    return w->y < w->layout.rows;
}

static bool in_window(const Walk *w)
{
    const OskBlocksBox *window = &w->layout.window;
    return w->x >= window->left && w->x < window->right && w->y >= window->top &&
           w->y < window->bottom;
}

static bool is_covered(const Walk *w)
{
    return osk_blocks_cover(&w->job->paint, w->x / w->layout.across, w->y / w->layout.down) !=
           OSK_COVER_NONE;
}

/* Nothing that comes is touched: its bits need no look but for where they end. */
static bool rest_is_copied(const Walk *w)
{
    return w->open && !w->job->options->crop &&
           w->y / w->layout.down >= w->job->paint.touched.bottom;
}

static bool write_mcu(Walk *w)
{
    if (!in_window(w)) {
        close_copy(w);
        return pass_mcu(w);
    }
    if (at_restart(w, w->written)) {
        begin_restart(w);
    }
    w->written++;
    if (is_covered(w)) {
        return paint_mcu(w);
    }
    if (!w->copies) {
        return recode_mcu(w);
    }
    return rest_is_copied(w) ? pass_mcu_blindly(w) : copy_mcu(w);
}

/* All MCUs once. */
static OskStatus write_mcus(Walk *w)
{
    do {
        if (at_restart(w, w->mcu)) {
            OskStatus status = cross_restart(w);
            if (status != OSK_OK) {
                return status;
            }
        }
        if (OSK_JPEG_UNLIKELY(!write_mcu(w)) || OSK_JPEG_UNLIKELY(osk_jpeg_overran(w->bits))) {
            return bad_code(w);
        }
    } while (next_mcu(w));
    close_copy(w);
    if (w->coder.writer != NULL) {
        osk_blocks_align(w->coder.writer);
    }
    if (w->coder.failed) {
        return osk_blocks_fail(&w->job->file, OSK_MALFORMED, "scan", "a value out of range",
                               osk_cursor_offset(&w->scan->data));
    }
    return osk_blocks_end_interval(w->job, w->scan, &w->bits, false, 0);
}

/* ---- tables ---- */

static OskStatus prepare(Walk *w)
{
    OskBlocksJob *job = w->job;
    const OskBlocksScan *scan = w->scan;
    osk_blocks_layout(job, scan, &w->layout);
    for (unsigned i = 0; i < scan->count; i++) {
        unsigned twin = 0;
        while (twin < i && (scan->dc[twin] != scan->dc[i] || scan->ac[twin] != scan->ac[i])) {
            twin++;
        }
        w->dc_look[i] = &job->looks[0][twin];
        w->ac_look[i] = &job->looks[1][twin];
        w->dc[i] = &job->codes[0][scan->slots[i] >> 4];
        w->ac[i] = &job->codes[1][scan->slots[i] & 15];
        if (twin < i) {
            w->tables[i] = w->tables[twin];
            continue;
        }
        osk_blocks_look_make(&job->looks[0][i], scan->dc[i]);
        osk_blocks_look_make(&job->looks[1][i], scan->ac[i]);
        w->tables[i] =
            (OskJpegTables){ .dc = scan->dc[i], .ac = scan->ac[i], .window = OSK_BLOCKS_WINDOW };
        void *memory = osk_arena_alloc(job->file.arena, osk_jpeg_tables_size(OSK_BLOCKS_WINDOW));
        if (memory == NULL) {
            return osk_blocks_fail(&job->file, OSK_NO_MEMORY, "scan", "not enough memory",
                                   osk_cursor_offset(&scan->data));
        }
        osk_jpeg_tables_build(&w->tables[i], false, memory);
    }
    uint64_t mcus = (uint64_t)w->layout.columns * w->layout.rows;
    /* A run of empty blocks costs few bits but a look at each of them: 16 looks a part. */
    if (!osk_budget_parts(job->file.budget, 1 + mcus / 16)) {
        return osk_blocks_fail(&job->file, OSK_LIMIT, "scan", "more work than one job may do",
                               osk_cursor_offset(&scan->data));
    }
    return OSK_OK;
}

static bool is_standard(const OskJpegHuffman *table, bool ac)
{
    for (unsigned chroma = 0; chroma < 2; chroma++) {
        OskJpegHuffman standard;
        osk_jpeg_huffman_standard(&standard, ac, chroma == 1);
        if (memcmp(standard.counts, table->counts, sizeof(standard.counts)) == 0 &&
            memcmp(standard.symbols, table->symbols, standard.symbol_count) == 0) {
            return true;
        }
    }
    return false;
}

static bool tables_are_standard(const OskBlocksScan *scan)
{
    for (unsigned i = 0; i < scan->count; i++) {
        if (!is_standard(scan->dc[i], false) || !is_standard(scan->ac[i], true)) {
            return false;
        }
    }
    return true;
}

/* ---- the passes ---- */

static bool collect_mcu(Walk *w)
{
    const OskBlocksFile *file = &w->job->file;
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        if (!take_dc(&w->bits, w->dc_look[m], &w->in_dc[m]) || !pass_ac(&w->bits, &w->tables[m])) {
            return false;
        }
        OskBlocksSpot spot = osk_blocks_spot(w->scan, &w->layout, w->x, w->y, b);
        const OskBlocksComponent *c = &file->components[spot.component];
        if (spot.x * c->h + spot.block_x < c->blocks_wide &&
            spot.y * c->v + spot.block_y < c->blocks_high) {
            osk_blocks_paint_collect(&w->job->paint, spot.component, spot.x, spot.y, w->in_dc[m]);
        }
    }
    return true;
}

static void set_mark(const Walk *w, OskBlocksMark *mark)
{
    *mark = (OskBlocksMark){
        .set = true, .bits = w->bits, .start = w->start, .mcu = w->mcu, .x = w->x, .y = w->y
    };
    memcpy(mark->dc, w->in_dc, sizeof(mark->dc));
}

OskStatus osk_blocks_collect_sequential(OskBlocksJob *job, OskBlocksScan *scan)
{
    Walk w = { .job = job, .scan = scan };
    OskStatus status = prepare(&w);
    open_walk(&w);
    const OskBlocksPaint *paint = &job->paint;
    while (status == OSK_OK && w.y / w.layout.down < paint->box.bottom) {
        uint32_t row = w.y / w.layout.down;
        if (w.x == 0 && w.y > 0 && w.y == paint->touched.top * w.layout.down) {
            set_mark(&w, &scan->mark);
        }
        if (at_restart(&w, w.mcu)) {
            status = cross_restart(&w);
        }
        bool fine = row < paint->box.top ? pass_mcu(&w) : collect_mcu(&w);
        if (status == OSK_OK && (!fine || osk_jpeg_overran(w.bits))) {
            status = bad_code(&w);
        }
        if (!next_mcu(&w)) {
            break;
        }
    }
    return status;
}

/* Takes up where the first touched row begins: what lies before is copied unseen. */
static void resume(Walk *w)
{
    const OskBlocksMark *mark = &w->scan->mark;
    const uint8_t *data = osk_cursor_rest(&w->scan->data);
    if (!mark->set || w->job->options->crop) {
        return;
    }
    osk_blocks_write(w->coder.writer, data, (size_t)(mark->start - data));
    w->bits = mark->bits;
    w->start = mark->start;
    w->from = (OskBlocksPlace){ .at = mark->start };
    w->open = true;
    w->mcu = mark->mcu;
    w->written = mark->mcu;
    w->x = mark->x;
    w->y = mark->y;
    memcpy(w->in_dc, mark->dc, sizeof(w->in_dc));
}

static OskStatus open_steps(Walk *w)
{
    const OskBlocksScan *scan = w->scan;
    for (unsigned i = 0; i < scan->count; i++) {
        memset(w->dc[i]->counts, 0, sizeof(w->dc[i]->counts));
        memset(w->ac[i]->counts, 0, sizeof(w->ac[i]->counts));
        unsigned twin = 0;
        while (twin < i && (w->ac_look[twin] != w->ac_look[i] || w->ac[twin] != w->ac[i])) {
            twin++;
        }
        w->steps[i] =
            twin < i ? w->steps[twin] : osk_arena_alloc(w->job->file.arena, sizeof(*w->steps[i]));
        if (w->steps[i] == NULL) {
            return osk_blocks_fail(&w->job->file, OSK_NO_MEMORY, "scan", "not enough memory",
                                   osk_cursor_offset(&scan->data));
        }
        if (twin == i) {
            osk_blocks_steps_make(w->steps[i], w->ac_look[i], NULL);
        }
    }
    return OSK_OK;
}

/* Counts what will be written, and makes the best tables for it. */
static OskStatus make_tables(Walk *w)
{
    const OskBlocksScan *scan = w->scan;
    OskStatus status = open_steps(w);
    if (status == OSK_OK) {
        open_walk(w);
        status = write_mcus(w);
    }
    if (status != OSK_OK) {
        return status;
    }
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_steps_count(w->steps[i], w->ac_look[i], w->ac[i]);
        memset(w->steps[i]->hits, 0, sizeof(w->steps[i]->hits));
    }
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_code_best(w->dc[i]);
        osk_blocks_code_best(w->ac[i]);
    }
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_steps_make(w->steps[i], w->ac_look[i], w->ac[i]);
    }
    return OSK_OK;
}

OskStatus osk_blocks_write_sequential(OskBlocksJob *job, OskBlocksScan *scan)
{
    Walk w = { .job = job, .scan = scan };
    OskStatus status = prepare(&w);
    if (status != OSK_OK) {
        return status;
    }
    w.copies = tables_are_standard(scan);
    for (unsigned i = 0; i < scan->count && w.copies; i++) {
        w.dc[i]->table = *scan->dc[i];
        w.ac[i]->table = *scan->ac[i];
        osk_blocks_code_make(w.dc[i]);
        osk_blocks_code_make(w.ac[i]);
    }
    if (!w.copies) {
        status = make_tables(&w);
    }
    if (status != OSK_OK) {
        return status;
    }
    osk_blocks_write_header(job, scan);
    w.coder.writer = job->writer;
    open_walk(&w);
    if (w.copies) {
        resume(&w);
    }
    return write_mcus(&w);
}
