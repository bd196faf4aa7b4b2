/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequential scans (T.81 F.1, F.2), streamed.
 *
 * Where the Huffman tables are those of T.81 annex K, the bits of untouched MCUs are copied: only
 * their DC differences are decoded, because the first MCU behind a covered one needs its difference
 * from what was painted. Any other tables may have been made for the picture with what is covered
 * in it, and their code lengths tell of it. Then new ones are made for what is written, which takes
 * a pass more: one that counts symbols as fast as they can be passed, joined to the one that
 * collects means where there is one. */
#include "redact/jpeg_walk.h"

/* ---- writing ---- */

/* Ends what is copied as it is. */
static void close_copy(OskBlocksWalk *w)
{
    if (w->open) {
        osk_blocks_copy(w->coder.writer, w->from, osk_blocks_place(w->bits, w->start));
        memcpy(w->out_dc, w->in_dc, sizeof(w->out_dc));
        w->open = false;
    }
}

static void write_block(OskBlocksWalk *w, unsigned member, const int16_t block[64], unsigned last)
{
    osk_blocks_write_dc(w, member, block[0]);
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

static void write_painted(OskBlocksWalk *w)
{
    for (unsigned b = 0; b < w->layout.count; b++) {
        int16_t block[64];
        OskBlocksSpot spot = osk_blocks_spot(w->scan, &w->layout, w->x, w->y, b);
        unsigned last = osk_blocks_paint_block(&w->job->paint, &spot, block);
        write_block(w, w->layout.blocks[b].member, block, last);
    }
}

static bool paint_mcu(OskBlocksWalk *w)
{
    close_copy(w);
    write_painted(w);
    return osk_blocks_pass_mcu(w);
}

/* An untouched MCU behind something else: its first DC differences are coded anew. */
static bool join_mcu(OskBlocksWalk *w)
{
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        w->from = osk_blocks_place(w->bits, w->start);
        if (!osk_blocks_take_dc(&w->bits, w->dc_look[m], &w->in_dc[m])) {
            return false;
        }
        if (w->layout.blocks[b].first) {
            osk_blocks_write_dc(w, m, w->in_dc[m]);
            w->from = osk_blocks_place(w->bits, w->start);
        }
        if (!osk_blocks_pass_ac(&w->bits, &w->tables[m])) {
            return false;
        }
        osk_blocks_copy(w->coder.writer, w->from, osk_blocks_place(w->bits, w->start));
    }
    memcpy(w->out_dc, w->in_dc, sizeof(w->out_dc));
    return true;
}

static bool copy_mcu(OskBlocksWalk *w)
{
    if (w->open) {
        return osk_blocks_pass_mcu(w);
    }
    if (memcmp(w->in_dc, w->out_dc, sizeof(w->in_dc)) != 0) {
        return join_mcu(w);
    }
    w->from = osk_blocks_place(w->bits, w->start);
    w->open = true;
    return osk_blocks_pass_mcu(w);
}

/* ---- intervals ---- */

static OskStatus bad_code(OskBlocksWalk *w)
{
    return osk_jpeg_overran(w->bits)
               ? osk_blocks_out_of_data(w->job, w->scan, &w->bits)
               : osk_blocks_fail(&w->job->file, OSK_MALFORMED, "scan",
                                 "bits that are no code, or a value out of range",
                                 osk_cursor_offset(&w->scan->data));
}

/* Where a restart marker of the input stands. */
static OskStatus cross_restart(OskBlocksWalk *w)
{
    close_copy(w);
    uint32_t number = (uint32_t)(w->mcu / w->scan->restart - 1);
    OskStatus status = osk_blocks_end_interval(w->job, w->scan, &w->bits, true, number);
    w->start = w->bits.at;
    w->follows = true;
    memset(w->in_dc, 0, sizeof(w->in_dc));
    return status;
}

/* Where one of the output must stand. */
static void begin_restart(OskBlocksWalk *w)
{
    close_copy(w);
    osk_blocks_write_restart(w->coder.writer, (uint32_t)(w->written / w->scan->restart - 1));
    memset(w->out_dc, 0, sizeof(w->out_dc));
}

static bool at_restart(const OskBlocksWalk *w, uint64_t count)
{
    return w->scan->restart != 0 && count > 0 && count % w->scan->restart == 0;
}

static void open_walk(OskBlocksWalk *w)
{
    const uint8_t *data = osk_cursor_rest(&w->scan->data);
    w->start = data;
    w->bits = (OskJpegBits){ .at = data, .end = data + osk_cursor_left(&w->scan->data) };
    w->x = 0;
    w->y = 0;
    w->mcu = 0;
    w->written = 0;
    w->open = false;
    w->follows = true;
    memset(w->in_dc, 0, sizeof(w->in_dc));
    memset(w->out_dc, 0, sizeof(w->out_dc));
}

/* On to the next MCU. False behind the last. */
static bool next_mcu(OskBlocksWalk *w)
{
    w->mcu++;
    w->x++;
    if (w->x == w->layout.columns) {
        w->x = 0;
        w->y++;
    }
    return w->y < w->layout.rows;
}

static bool in_window(const OskBlocksWalk *w)
{
    const OskBlocksBox *window = &w->layout.window;
    return w->x >= window->left && w->x < window->right && w->y >= window->top &&
           w->y < window->bottom;
}

static bool is_covered(const OskBlocksWalk *w)
{
    return osk_blocks_cover(&w->job->paint, w->x / w->layout.across, w->y / w->layout.down) !=
           OSK_COVER_NONE;
}

/* Nothing that comes is touched: its bits need no look but for where they end. */
static bool rest_is_copied(const OskBlocksWalk *w)
{
    return w->open && !w->job->options->crop &&
           w->y / w->layout.down >= w->job->paint.touched.bottom;
}

static bool write_mcu(OskBlocksWalk *w)
{
    if (!in_window(w)) {
        close_copy(w);
        return osk_blocks_pass_mcu(w);
    }
    if (at_restart(w, w->written)) {
        begin_restart(w);
    }
    w->written++;
    if (is_covered(w)) {
        return paint_mcu(w);
    }
    if (!w->copies) {
        return osk_blocks_recode_mcu(w);
    }
    return rest_is_copied(w) ? osk_blocks_pass_mcu_blindly(w) : copy_mcu(w);
}

/* All MCUs once. */
static OskStatus write_mcus(OskBlocksWalk *w)
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
    osk_blocks_align(w->coder.writer);
    if (w->coder.failed) {
        /* No encoder makes such values, and what is painted has none. */
        return osk_blocks_fail(
            &w->job->file, OSK_UNSUPPORTED, "scan",
            "beside a region the picture is darker than black or lighter than white by "
            "more than its kind of coding has a code for",
            osk_cursor_offset(&w->scan->data));
    }
    return osk_blocks_end_interval(w->job, w->scan, &w->bits, false, 0);
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

/* An MCU of which the DC coefficients are asked for, of a covered one not at all. */
static bool collect_mcu(OskBlocksWalk *w)
{
    const OskBlocksFile *file = &w->job->file;
    bool counts = w->counts && in_window(w) && !is_covered(w);
    bool means = w->y / w->layout.down >= w->job->paint.box.top;
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        bool fine = counts ? osk_blocks_count_block(w, b, &w->bits)
                           : osk_blocks_take_dc(&w->bits, w->dc_look[m], &w->in_dc[m]) &&
                                 osk_blocks_pass_ac(&w->bits, &w->tables[m]);
        if (!fine) {
            return false;
        }
        if (!means) {
            continue;
        }
        OskBlocksSpot spot = osk_blocks_spot(w->scan, &w->layout, w->x, w->y, b);
        const OskBlocksComponent *c = &file->components[spot.component];
        if (spot.x * c->h + spot.block_x < c->blocks_wide &&
            spot.y * c->v + spot.block_y < c->blocks_high) {
            osk_blocks_paint_collect(&w->job->paint, spot.component, spot.x, spot.y, w->in_dc[m]);
        }
    }
    w->follows = counts;
    return true;
}

static void set_mark(const OskBlocksWalk *w, OskBlocksMark *mark)
{
    *mark = (OskBlocksMark){
        .set = true, .bits = w->bits, .start = w->start, .mcu = w->mcu, .x = w->x, .y = w->y
    };
    memcpy(mark->dc, w->in_dc, sizeof(mark->dc));
}

/* Lets the walk go on from here when the rest is counted. */
static OskStatus keep_counted(const OskBlocksWalk *w, OskBlocksScan *scan)
{
    scan->counted = osk_arena_alloc(w->job->file.arena, sizeof(*w));
    if (scan->counted == NULL) {
        return osk_blocks_fail(&w->job->file, OSK_NO_MEMORY, "scan", "not enough memory",
                               osk_cursor_offset(&scan->data));
    }
    *scan->counted = *w;
    return OSK_OK;
}

OskStatus osk_blocks_collect_sequential(OskBlocksJob *job, OskBlocksScan *scan)
{
    OskBlocksWalk w = { .job = job, .scan = scan };
    OskStatus status = osk_blocks_walk_prepare(&w);
    const OskBlocksPaint *paint = &job->paint;
    open_walk(&w);
    /* What is counted lies in tables that other scans would use, too. */
    w.counts = job->file.scan_count == 1 && !tables_are_standard(scan);
    if (status == OSK_OK && w.counts) {
        status = osk_blocks_recode_open(&w);
    }
    while (status == OSK_OK && w.y / w.layout.down < paint->box.bottom) {
        uint32_t row = w.y / w.layout.down;
        if (w.x == 0 && w.y > 0 && w.y == paint->touched.top * w.layout.down) {
            set_mark(&w, &scan->mark);
        }
        if (at_restart(&w, w.mcu)) {
            status = cross_restart(&w);
        }
        bool fine = row < paint->box.top && !w.counts ? osk_blocks_pass_mcu(&w) : collect_mcu(&w);
        if (status == OSK_OK && (!fine || osk_jpeg_overran(w.bits))) {
            status = bad_code(&w);
        }
        if (!next_mcu(&w)) {
            break;
        }
    }
    return status == OSK_OK && w.counts ? keep_counted(&w, scan) : status;
}

/* Takes up where the first touched row begins: what lies before is copied unseen. */
static void resume(OskBlocksWalk *w)
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

/* Counts the symbols of all MCUs that stay as they are, but for those that were counted when means
 * were collected. */
static OskStatus count_kept(OskBlocksWalk *w)
{
    while (w->y < w->layout.rows) {
        if (at_restart(w, w->mcu)) {
            OskStatus status = cross_restart(w);
            if (status != OSK_OK) {
                return status;
            }
        }
        bool kept = in_window(w) && !is_covered(w);
        bool fine = kept ? osk_blocks_count_mcu(w) : osk_blocks_pass_mcu_blindly(w);
        if (OSK_JPEG_UNLIKELY(!fine) || OSK_JPEG_UNLIKELY(osk_jpeg_overran(w->bits))) {
            return bad_code(w);
        }
        w->follows = kept;
        (void)next_mcu(w);
    }
    return osk_blocks_end_interval(w->job, w->scan, &w->bits, false, 0);
}

/* Counts those of what is painted; nothing is read. */
static void count_painted(OskBlocksWalk *w)
{
    const OskBlocksLayout *layout = &w->layout;
    const OskBlocksBox *touched = &w->job->paint.touched;
    for (w->y = touched->top * layout->down; w->y < touched->bottom * layout->down; w->y++) {
        for (w->x = touched->left * layout->across; w->x < touched->right * layout->across;
             w->x++) {
            if (w->x < layout->columns && w->y < layout->rows && is_covered(w)) {
                write_painted(w);
            }
        }
    }
}

/* Counts what will be written, and makes the best tables for it. */
static OskStatus make_tables(OskBlocksWalk *w)
{
    OskStatus status = OSK_OK;
    if (w->scan->counted != NULL) {
        *w = *w->scan->counted;
    } else {
        status = osk_blocks_recode_open(w);
        open_walk(w);
    }
    if (status == OSK_OK) {
        status = count_kept(w);
    }
    if (status == OSK_OK) {
        memset(w->out_dc, 0, sizeof(w->out_dc));
        count_painted(w);
        osk_blocks_recode_best(w);
    }
    return status;
}

OskStatus osk_blocks_write_sequential(OskBlocksJob *job, OskBlocksScan *scan)
{
    OskBlocksWalk w = { .job = job, .scan = scan };
    OskStatus status = scan->counted == NULL ? osk_blocks_walk_prepare(&w) : OSK_OK;
    if (status != OSK_OK) {
        return status;
    }
    w.copies = scan->counted == NULL && tables_are_standard(scan);
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
