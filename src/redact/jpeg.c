/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Redaction of JPEG in the coefficient domain: covered MCUs get blocks made from a colour or from
 * what is around them, and all other blocks keep their coefficients.
 *
 * Nothing that is written depends on what is covered. Three things would tell of it and are made
 * anew: the DC difference of the first block behind a covered one; Huffman tables that were made
 * for the picture; and the bits that fill up the last byte of an interval. */
#include <stdlib.h>

#include "base/fault.h"
#include "base/limits.h"
#include "redact/jpeg_blocks.h"

#define PART "JPEG"

static OskBudget make_budget(const OskLimits *limits)
{
    OskBudget budget = osk_budget_default();
    if (limits != NULL) {
        budget.memory = limits->memory != 0 ? limits->memory : budget.memory;
        budget.parts = limits->parts != 0 ? limits->parts : budget.parts;
        budget.pixels = limits->pixels != 0 ? limits->pixels : budget.pixels;
        budget.depth = limits->depth != 0 ? limits->depth : budget.depth;
    }
    return budget;
}

/* Every block costs a bit for each kind of coefficient at least, but for those that later scans
 * of a progressive picture leave out. So a few bytes cannot claim a huge picture. */
static OskStatus check_sizes(OskBlocksFile *file)
{
    for (const OskBlocksPiece *piece = file->pieces; piece != NULL; piece = piece->next) {
        const OskBlocksScan *scan = piece->scan;
        if (scan == NULL || scan->first > 0) {
            continue;
        }
        uint64_t bits = 0;
        for (unsigned i = 0; i < scan->count; i++) {
            const OskBlocksComponent *c = &file->components[scan->members[i]];
            bits += (uint64_t)c->blocks_wide * c->blocks_high * (scan->last > 0 ? 2 : 1);
        }
        if ((uint64_t)osk_cursor_left(&scan->data) * 8 < bits) {
            return osk_blocks_fail(file, OSK_TRUNCATED, "scan",
                                   "too few bytes for a picture of this size",
                                   osk_cursor_offset(&scan->data));
        }
    }
    return OSK_OK;
}

static uint64_t progressive_memory(const OskBlocksFile *file)
{
    return file->progressive ? file->block_count * 64 * sizeof(int16_t) : 0;
}

/* Reads the segments. What holds them is in the arena. */
static OskStatus open_file(OskBlocksFile *file, const void *bytes, size_t len)
{
    OskStatus status = osk_blocks_read(file, osk_cursor_make(bytes, len, 0));
    return status == OSK_OK ? check_sizes(file) : status;
}

/* A picture begins with a whole cell where it is stored from; displayed, that may be at the right
 * or at the bottom. */
static void place_cells(OskPictureInfo *info, unsigned orientation)
{
    bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation >= 7;
    info->cell_x = from_right ? info->width % info->cell_width : 0;
    info->cell_y = from_bottom ? info->height % info->cell_height : 0;
}

OskStatus osk_redact_jpeg_info(const void *bytes, size_t len, OskPictureInfo *out_info,
                               OskFault *fault)
{
    OskFault none = { .status = OSK_OK };
    fault = fault != NULL ? fault : &none;
    *fault = (OskFault){ .status = OSK_OK, .part = "", .what = "", .offset = OSK_NO_OFFSET };
    *out_info = (OskPictureInfo){ .frames = 0 };
    OskBudget budget = make_budget(NULL);
    OskArena arena;
    osk_arena_init(&arena, &budget);
    OskBlocksFile file = { .arena = &arena, .budget = &budget, .fault = fault };
    OskStatus status = open_file(&file, bytes, len);
    if (status == OSK_OK) {
        OskGeometry geometry = { .width = file.width,
                                 .height = file.height,
                                 .orientation = file.orientation };
        bool turned = file.orientation > 4;
        uint64_t cells = (uint64_t)file.mcus_wide * file.mcus_high;
        /* The cover twice, its groups, and a plane for each component if all of it is covered. */
        uint64_t planes = cells * (2 * sizeof(uint16_t) + 4 * (file.count + 1));
        *out_info = (OskPictureInfo){ .width = osk_geometry_displayed_width(&geometry),
                                      .height = osk_geometry_displayed_height(&geometry),
                                      .frames = 1,
                                      .memory = sizeof(OskBlocksJob) + sizeof(OskBlocksWriter) +
                                                progressive_memory(&file) + planes,
                                      .cell_width = 8 * (turned ? file.v_max : file.h_max),
                                      .cell_height = 8 * (turned ? file.h_max : file.v_max),
                                      .exact = true };
        place_cells(out_info, file.orientation);
    }
    osk_arena_free(&arena);
    return status;
}

/* ---- progressive pictures ---- */

static OskStatus allocate_blocks(OskBlocksJob *job)
{
    OskBlocksFile *file = &job->file;
    uint64_t memory = progressive_memory(file);
    if (!osk_budget_memory(file->budget, memory)) {
        (void)osk_blocks_fail(file, OSK_LIMIT, "SOF",
                              "a progressive picture that needs more memory than one job may take",
                              OSK_NO_OFFSET);
        osk_fault_next(file->fault,
                       "allow it more memory (--memory=8G), or use a smaller version of it");
        return OSK_LIMIT;
    }
    job->blocks_memory = memory;
    for (unsigned i = 0; i < file->count; i++) {
        const OskBlocksComponent *c = &file->components[i];
        job->blocks[i] = calloc((size_t)c->stride * c->lines, 64 * sizeof(int16_t));
        if (job->blocks[i] == NULL) {
            return osk_blocks_fail(file, OSK_NO_MEMORY, "SOF", "not enough memory", OSK_NO_OFFSET);
        }
    }
    return OSK_OK;
}

static void collect_blocks(OskBlocksJob *job)
{
    const OskBlocksBox *box = &job->paint.box;
    for (unsigned i = 0; i < job->file.count; i++) {
        const OskBlocksComponent *c = &job->file.components[i];
        for (uint32_t y = box->top * c->v; y < box->bottom * c->v && y < c->blocks_high; y++) {
            for (uint32_t x = box->left * c->h; x < box->right * c->h && x < c->blocks_wide; x++) {
                osk_blocks_paint_collect(&job->paint, i, x / c->h, y / c->v,
                                         job->blocks[i][((size_t)y * c->stride + x) * 64]);
            }
        }
    }
}

/* The blocks of one covered MCU. */
static void paint_mcu(OskBlocksJob *job, uint32_t x, uint32_t y)
{
    for (unsigned i = 0; i < job->file.count; i++) {
        const OskBlocksComponent *c = &job->file.components[i];
        for (unsigned b = 0; b < c->h * c->v; b++) {
            OskBlocksSpot spot = {
                .component = i, .x = x, .y = y, .block_x = b % c->h, .block_y = b / c->h
            };
            (void)osk_blocks_paint_block(&job->paint, &spot, osk_blocks_at(job, &spot));
        }
    }
}

static void paint_blocks(OskBlocksJob *job)
{
    const OskBlocksBox *touched = &job->paint.touched;
    for (uint32_t y = touched->top; y < touched->bottom; y++) {
        for (uint32_t x = touched->left; x < touched->right; x++) {
            if (osk_blocks_cover(&job->paint, x, y) != OSK_COVER_NONE) {
                paint_mcu(job, x, y);
            }
        }
    }
}

static OskStatus prepare_progressive(OskBlocksJob *job)
{
    OskStatus status = allocate_blocks(job);
    const OskBlocksPiece *piece = job->file.pieces;
    for (; piece != NULL && status == OSK_OK; piece = piece->next) {
        if (piece->scan != NULL) {
            status = osk_blocks_decode_progressive(job, piece->scan);
        }
    }
    if (status == OSK_OK && job->paint.synthetic) {
        collect_blocks(job);
    }
    if (status == OSK_OK) {
        status = osk_blocks_paint_make(&job->paint, job->options);
    }
    if (status == OSK_OK) {
        paint_blocks(job);
    }
    return status;
}

static OskStatus prepare_sequential(OskBlocksJob *job)
{
    OskStatus status = OSK_OK;
    OskBlocksPiece *piece = job->paint.synthetic ? job->file.pieces : NULL;
    for (; piece != NULL && status == OSK_OK; piece = piece->next) {
        if (piece->scan != NULL) {
            status = osk_blocks_collect_sequential(job, piece->scan);
        }
    }
    return status == OSK_OK ? osk_blocks_paint_make(&job->paint, job->options) : status;
}

/* ---- writing ---- */

static void write_frame(OskBlocksJob *job, const OskBlocksPiece *piece)
{
    const OskBlocksFile *file = &job->file;
    const OskBlocksBox *window = &job->paint.window;
    uint32_t right = window->right * 8 * file->h_max;
    uint32_t bottom = window->bottom * 8 * file->v_max;
    uint32_t width = (right < file->width ? right : file->width) - window->left * 8 * file->h_max;
    uint32_t height =
        (bottom < file->height ? bottom : file->height) - window->top * 8 * file->v_max;
    uint8_t bytes[4 + 6 + 3 * OSK_BLOCKS_PARTS];
    OskCursor in = piece->bytes;
    size_t len = osk_cursor_peek(&in, bytes, sizeof(bytes));
    /* Marker, length, precision; then the lines and the samples in a line (T.81 B.2.2). */
    bytes[5] = (uint8_t)(height >> 8);
    bytes[6] = (uint8_t)height;
    bytes[7] = (uint8_t)(width >> 8);
    bytes[8] = (uint8_t)width;
    osk_blocks_write(job->writer, bytes, len);
}

static OskStatus write_file(OskBlocksJob *job)
{
    OskStatus status = OSK_OK;
    osk_blocks_write(job->writer, "\xFF\xD8", 2);
    for (OskBlocksPiece *piece = job->file.pieces; piece != NULL && status == OSK_OK;
         piece = piece->next) {
        if (piece->kind == OSK_BLOCKS_COPY) {
            osk_blocks_write(job->writer, osk_cursor_rest(&piece->bytes),
                             osk_cursor_left(&piece->bytes));
        } else if (piece->kind == OSK_BLOCKS_FRAME) {
            write_frame(job, piece);
        } else {
            status = job->file.progressive ? osk_blocks_write_progressive(job, piece->scan)
                                           : osk_blocks_write_sequential(job, piece->scan);
        }
        if (job->writer->failed && status == OSK_OK) {
            status = osk_blocks_fail(&job->file, OSK_IO, PART, "the output could not be written",
                                     OSK_NO_OFFSET);
        }
    }
    if (status != OSK_OK) {
        return status;
    }
    osk_blocks_write(job->writer, "\xFF\xD9", 2);
    osk_blocks_flush(job->writer);
    return job->writer->failed ? osk_blocks_fail(&job->file, OSK_IO, PART,
                                                 "the output could not be written", OSK_NO_OFFSET)
                               : OSK_OK;
}

static OskStatus run(OskBlocksJob *job, const void *bytes, size_t len, const OskRegions *regions)
{
    OskStatus status = open_file(&job->file, bytes, len);
    if (status == OSK_OK) {
        status = osk_blocks_paint_open(&job->paint, &job->file, regions, job->options);
    }
    if (status == OSK_OK) {
        status = job->file.progressive ? prepare_progressive(job) : prepare_sequential(job);
    }
    return status == OSK_OK ? write_file(job) : status;
}

static void free_blocks(OskBlocksJob *job)
{
    for (unsigned i = 0; i < OSK_BLOCKS_PARTS; i++) {
        free(job->blocks[i]);
        job->blocks[i] = NULL;
    }
    osk_budget_return(job->file.budget, job->blocks_memory);
}

OskStatus osk_redact_jpeg(const void *bytes, size_t len, const OskRegions *regions,
                          const OskRedactOptions *options, const OskSink *sink, OskFault *fault)
{
    OskFault none = { .status = OSK_OK };
    fault = fault != NULL ? fault : &none;
    *fault = (OskFault){ .status = OSK_OK, .part = "", .what = "", .offset = OSK_NO_OFFSET };
    OskBudget budget = make_budget(&options->limits);
    OskArena arena;
    osk_arena_init(&arena, &budget);
    OskBlocksJob *job = osk_arena_alloc(&arena, sizeof(*job));
    OskBlocksWriter *writer = osk_arena_alloc(&arena, sizeof(*writer));
    OskStatus status = OSK_OK;
    if (job == NULL || writer == NULL) {
        status = osk_fault_set(fault, OSK_NO_MEMORY, PART, "not enough memory", OSK_NO_OFFSET);
    } else {
        writer->sink = sink;
        job->writer = writer;
        job->options = options;
        job->file.arena = &arena;
        job->file.budget = &budget;
        job->file.fault = fault;
        status = run(job, bytes, len, regions);
        free_blocks(job);
        osk_blocks_paint_close(&job->paint);
    }
    osk_arena_free(&arena);
    return status;
}
