/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIFF, written with libtiff: every page with the layout and the compression that it had.
 *
 * Strips and tiles in which nothing is painted are copied as they are coded; those of JPEG get
 * other Huffman tables, and keep their coefficients. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "pixels/codec_tiff.h"

/* Rows of a strip where the page's own can't be kept. */
#define STRIP_ROWS 64u
/* What the tables of a JPEG take at most, and headers. */
#define TABLES_MOST ((uint64_t)1 << 16)
/* By how much blocks of JPEG may be larger than what they show. */
#define BLOCK_EDGE 32u

struct OskEncoder {
    const OskDecoder *like;
    OskBudget *budget;
    unsigned orientation;
    bool swapped;
    OskTiffMemory memory; /* the result */
    TIFF *tiff;
    OskTiffMemory source_memory;
    TIFF *source;
    uint32_t pages;
};

/* What one page is written from. */
typedef struct Job {
    OskTiffPage from; /* as in the source */
    OskTiffPage to;
    const OskFrame *frame;
    bool same;    /* blocks of both are the same places */
    bool swapped; /* rows have become columns */
    uint8_t *bytes;
    uint64_t len;
    OskTiffJpegTables tables; /* JPEG */
} Job;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "page", what, OSK_NO_OFFSET);
}

OskStatus osk_tiff_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    (void)info;
    *out_encoder = NULL;
    const OskDecoder *like = options->like;
    if (like == NULL) {
        return fail(fault, OSK_UNSUPPORTED, "TIFF is written only like a TIFF");
    }
    OskEncoder *e = calloc(1, sizeof *e);
    if (e == NULL) {
        return OSK_NO_MEMORY;
    }
    const uint8_t *head = like->memory.input;
    bool big = head[2] == 43 || head[3] == 43;
    char mode[4] = { 'w', head[0] == 'M' ? 'b' : 'l', big ? '8' : 0, 0 };
    e->like = like;
    e->budget = budget;
    e->orientation = options->orientation;
    e->swapped = options->swapped;
    e->memory = (OskTiffMemory){ .ceiling = big ? INT64_MAX : UINT32_MAX, .budget = budget };
    e->source_memory = (OskTiffMemory){ .input = head, .len = like->memory.len };
    e->tiff = osk_tiff_open(&e->memory, mode, budget);
    e->source = osk_tiff_open(&e->source_memory, "rm", budget);
    if (e->tiff == NULL || e->source == NULL) {
        osk_tiff_drop(&e);
        return OSK_NO_MEMORY;
    }
    *out_encoder = e;
    return OSK_OK;
}

static void free_memory(OskTiffMemory *memory)
{
    free(memory->output);
    osk_budget_return(memory->budget, memory->capacity);
    *memory = (OskTiffMemory){ 0 };
}

void osk_tiff_drop(OskEncoder **encoder)
{
    OskEncoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    if (e->tiff != NULL) {
        TIFFClose(e->tiff);
    }
    if (e->source != NULL) {
        TIFFClose(e->source);
    }
    free_memory(&e->memory);
    free(e);
    *encoder = NULL;
}

/* ---- tags ---- */

static bool copy_shorts(TIFF *from, TIFF *to, const uint32_t *tags, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        uint16_t value = 0;
        if (TIFFGetField(from, tags[i], &value) == 1) {
            ok = TIFFSetField(to, tags[i], value) == 1 && ok;
        }
    }
    return ok;
}

static bool copy_pairs(TIFF *from, TIFF *to, const uint32_t *tags, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        uint16_t a = 0;
        uint16_t b = 0;
        if (TIFFGetField(from, tags[i], &a, &b) == 1) {
            ok = TIFFSetField(to, tags[i], a, b) == 1 && ok;
        }
    }
    return ok;
}

/* What the page is: which one, and how large on paper. */
static bool copy_numbers(TIFF *from, TIFF *to, bool swapped)
{
    static const uint32_t shorts[] = { TIFFTAG_OSUBFILETYPE, TIFFTAG_RESOLUTIONUNIT };
    static const uint32_t pairs[] = { TIFFTAG_PAGENUMBER };
    static const uint32_t floats[] = { TIFFTAG_XRESOLUTION, TIFFTAG_YRESOLUTION };
    uint32_t kind = 0;
    bool ok = TIFFGetField(from, TIFFTAG_SUBFILETYPE, &kind) != 1 ||
              TIFFSetField(to, TIFFTAG_SUBFILETYPE, kind) == 1;
    for (size_t i = 0; i < 2; i++) {
        float value = 0;
        if (TIFFGetField(from, floats[i], &value) == 1) {
            ok = TIFFSetField(to, floats[swapped ? 1 - i : i], (double)value) == 1 && ok;
        }
    }
    return ok && copy_shorts(from, to, shorts, sizeof shorts / sizeof shorts[0]) &&
           copy_pairs(from, to, pairs, sizeof pairs / sizeof pairs[0]);
}

/* What the samples mean. Least and greatest values aren't copied: they tell of what is covered. */
static bool copy_meaning(TIFF *from, TIFF *to)
{
    static const uint32_t shorts[] = { TIFFTAG_THRESHHOLDING, TIFFTAG_CELLWIDTH,
                                       TIFFTAG_CELLLENGTH,    TIFFTAG_INKSET,
                                       TIFFTAG_NUMBEROFINKS,  TIFFTAG_YCBCRPOSITIONING };
    static const uint32_t pairs[] = { TIFFTAG_HALFTONEHINTS, TIFFTAG_DOTRANGE };
    static const uint32_t arrays[] = { TIFFTAG_WHITEPOINT, TIFFTAG_PRIMARYCHROMATICITIES,
                                       TIFFTAG_YCBCRCOEFFICIENTS, TIFFTAG_REFERENCEBLACKWHITE };
    bool ok = copy_shorts(from, to, shorts, sizeof shorts / sizeof shorts[0]) &&
              copy_pairs(from, to, pairs, sizeof pairs / sizeof pairs[0]);
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        float *values = NULL;
        if (TIFFGetField(from, arrays[i], &values) == 1 && values != NULL) {
            ok = TIFFSetField(to, arrays[i], values) == 1 && ok;
        }
    }
    return ok;
}

/* Whether the compression takes the predictor tag. */
static bool has_predictor(uint16_t compression)
{
    return compression == COMPRESSION_LZW || compression == COMPRESSION_ADOBE_DEFLATE ||
           compression == COMPRESSION_DEFLATE || compression == COMPRESSION_ZSTD ||
           compression == COMPRESSION_LZMA;
}

static bool copy_coding(TIFF *from, TIFF *to, const Job *job)
{
    const OskTiffPage *page = &job->to;
    uint16_t small = 0;
    uint16_t other = 0;
    uint32_t number = 0;
    bool ok = TIFFSetField(to, TIFFTAG_COMPRESSION, page->compression) == 1;
    if (has_predictor(page->compression) && TIFFGetField(from, TIFFTAG_PREDICTOR, &small) == 1) {
        ok = TIFFSetField(to, TIFFTAG_PREDICTOR, small) == 1 && ok;
    }
    if (page->compression == COMPRESSION_CCITTFAX3 &&
        TIFFGetField(from, TIFFTAG_GROUP3OPTIONS, &number) == 1) {
        ok = TIFFSetField(to, TIFFTAG_GROUP3OPTIONS, number) == 1 && ok;
    }
    if (page->compression == COMPRESSION_CCITTFAX4 &&
        TIFFGetField(from, TIFFTAG_GROUP4OPTIONS, &number) == 1) {
        ok = TIFFSetField(to, TIFFTAG_GROUP4OPTIONS, number) == 1 && ok;
    }
    if (page->compression == COMPRESSION_WEBP) {
        ok = TIFFSetField(to, TIFFTAG_WEBP_LOSSLESS, 1) == 1 && ok;
    }
    if (job->tables.written.len > 0) {
        ok = TIFFSetField(to, TIFFTAG_JPEGTABLES, (uint32_t)job->tables.written.len,
                          job->tables.written.bytes) == 1 &&
             ok;
    }
    if (page->photometric == PHOTOMETRIC_YCBCR &&
        TIFFGetFieldDefaulted(from, TIFFTAG_YCBCRSUBSAMPLING, &small, &other) == 1) {
        ok = TIFFSetField(to, TIFFTAG_YCBCRSUBSAMPLING, small, other) == 1 &&
             TIFFSetField(to, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) == 1 && ok;
    }
    if (TIFFGetField(from, TIFFTAG_FILLORDER, &small) == 1) {
        ok = TIFFSetField(to, TIFFTAG_FILLORDER, small) == 1 && ok;
    }
    return ok;
}

/* Entries that a pixel has, and those that one has which isn't covered. */
typedef struct Used {
    bool any[OSK_PALETTE_MAX];
    bool open[OSK_PALETTE_MAX];
} Used;

static void find_used(const OskFrame *frame, Used *used)
{
    const OskImage *image = &frame->image;
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *row = image->pixels + (size_t)y * image->stride;
        const uint8_t *covered =
            frame->covered != NULL ? frame->covered + (size_t)y * image->width : NULL;
        for (uint32_t x = 0; x < image->width; x++) {
            used->any[row[x]] = true;
            used->open[row[x]] = used->open[row[x]] || (covered != NULL && covered[x] == 0);
        }
    }
}

/* The colours that the written pixels use; others are zero. With all 16 bits only where a pixel
 * that isn't covered has them: the low ones of others tell what was there. */
static bool write_palette(TIFF *from, TIFF *to, const OskFrame *frame)
{
    const OskImage *image = &frame->image;
    uint16_t map[3][OSK_PALETTE_MAX] = { { 0 } };
    uint16_t *old[3] = { NULL, NULL, NULL };
    Used used = { { false }, { false } };
    if (TIFFGetField(from, TIFFTAG_COLORMAP, &old[0], &old[1], &old[2]) != 1) {
        memset(old, 0, sizeof old);
    }
    find_used(frame, &used);
    for (unsigned i = 0; i < 1u << image->depth; i++) {
        for (unsigned c = 0; c < 3 && used.any[i]; c++) {
            bool same = used.open[i] && old[c] != NULL && old[c][i] >> 8 == image->palette[i][c];
            map[c][i] = same ? old[c][i] : (uint16_t)(image->palette[i][c] * 257u);
        }
    }
    return TIFFSetField(to, TIFFTAG_COLORMAP, map[0], map[1], map[2]) == 1;
}

static bool write_layout(TIFF *to, const OskTiffPage *page)
{
    bool ok = TIFFSetField(to, TIFFTAG_IMAGEWIDTH, page->width) == 1 &&
              TIFFSetField(to, TIFFTAG_IMAGELENGTH, page->height) == 1 &&
              TIFFSetField(to, TIFFTAG_BITSPERSAMPLE, page->bits) == 1 &&
              TIFFSetField(to, TIFFTAG_SAMPLESPERPIXEL, page->samples) == 1 &&
              TIFFSetField(to, TIFFTAG_PLANARCONFIG, page->planar) == 1 &&
              TIFFSetField(to, TIFFTAG_PHOTOMETRIC, page->photometric) == 1;
    if (page->tiled) {
        return ok && TIFFSetField(to, TIFFTAG_TILEWIDTH, page->block_width) == 1 &&
               TIFFSetField(to, TIFFTAG_TILELENGTH, page->block_height) == 1;
    }
    return ok && TIFFSetField(to, TIFFTAG_ROWSPERSTRIP, page->block_height) == 1;
}

static bool write_tags(OskEncoder *e, const Job *job)
{
    TIFF *from = e->source;
    TIFF *to = e->tiff;
    const OskTiffPage *page = &job->to;
    uint16_t count = 0;
    uint16_t *kinds = NULL;
    uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
    uint32_t len = 0;
    void *profile = NULL;
    uint16_t orientation = 0;
    bool ok = copy_coding(from, to, job) && write_layout(to, page) &&
              copy_numbers(from, to, job->swapped) && (page->rendered || copy_meaning(from, to));
    if (page->rendered) {
        alpha = EXTRASAMPLE_ASSOCALPHA;
        ok = TIFFSetField(to, TIFFTAG_EXTRASAMPLES, 1, &alpha) == 1 && ok;
    } else if (page->model == OSK_PIXELS_RGBA || page->model == OSK_PIXELS_GREY_ALPHA) {
        if (TIFFGetField(from, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && count == 1) {
            alpha = kinds[0];
        }
        ok = TIFFSetField(to, TIFFTAG_EXTRASAMPLES, 1, &alpha) == 1 && ok;
    }
    if (page->model == OSK_PIXELS_INDEXED) {
        ok = write_palette(from, to, job->frame) && ok;
    }
    /* libtiff has turned CIE Lab into sRGB. */
    if (job->from.photometric != PHOTOMETRIC_CIELAB &&
        TIFFGetField(from, TIFFTAG_ICCPROFILE, &len, &profile) == 1 && len > 0) {
        ok = TIFFSetField(to, TIFFTAG_ICCPROFILE, len, profile) == 1 && ok;
    }
    if (TIFFGetField(from, TIFFTAG_ORIENTATION, &orientation) == 1 || e->orientation > 1) {
        orientation = e->orientation >= 1 && e->orientation <= 8 ? (uint16_t)e->orientation : 1;
        ok = TIFFSetField(to, TIFFTAG_ORIENTATION, orientation) == 1 && ok;
    }
    return ok;
}

/* ---- blocks ---- */

static bool is_touched(const Job *job, uint32_t index)
{
    const uint8_t *covered = job->frame->covered;
    if (covered == NULL || !job->same) {
        return true;
    }
    OskPatch box = osk_tiff_block_box(&job->to, index);
    for (uint32_t y = 0; y < box.height; y++) {
        const uint8_t *row = covered + (size_t)(box.y + y) * job->to.width + box.x;
        for (uint32_t x = 0; x < box.width; x++) {
            if (row[x] != 0) {
                return true;
            }
        }
    }
    return false;
}

static bool write_raw(OskEncoder *e, const Job *job, uint32_t index, uint8_t *bytes, tmsize_t len)
{
    return (job->to.tiled ? TIFFWriteRawTile(e->tiff, index, bytes, len)
                          : TIFFWriteRawStrip(e->tiff, index, bytes, len)) == len;
}

static OskStatus copy_block(OskEncoder *e, const Job *job, uint32_t index, OskFault *fault)
{
    uint64_t len = TIFFGetStrileByteCount(e->source, index);
    if (len == 0 || len > e->source_memory.len || !osk_budget_memory(e->budget, len)) {
        return fail(fault, OSK_LIMIT, "a strip or tile is larger than the limit");
    }
    uint8_t *bytes = malloc((size_t)len);
    OskStatus status = bytes == NULL ? OSK_NO_MEMORY : OSK_OK;
    if (status == OSK_OK) {
        tmsize_t got = job->from.tiled ? TIFFReadRawTile(e->source, index, bytes, (tmsize_t)len)
                                       : TIFFReadRawStrip(e->source, index, bytes, (tmsize_t)len);
        if (got != (tmsize_t)len) {
            status = fail(fault, OSK_TRUNCATED, "the file ends in a strip or tile");
        } else if (!write_raw(e, job, index, bytes, got)) {
            status = fail(fault, OSK_LIMIT, "the result is larger than the limit");
        }
    }
    free(bytes);
    osk_budget_return(e->budget, len);
    return status;
}

/* Rows of a block that are coded: a tile has all of its own. */
static uint32_t coded_rows(const Job *job, uint32_t index)
{
    return job->to.tiled ? job->to.block_height : osk_tiff_block_box(&job->to, index).height;
}

/* Beyond the edge of the page a tile repeats its last pixels: zeros would shine through JPEG. */
static void repeat_edges(const Job *job, const OskTiffBlock *block)
{
    OskPatch box = osk_tiff_block_box(&job->to, block->index);
    size_t step = block->row_len / job->to.block_width;
    for (uint32_t y = 0; y < job->to.block_height && job->to.tiled; y++) {
        uint8_t *row = block->bytes + y * block->row_len;
        if (y >= box.height) {
            memcpy(row, row - block->row_len, (size_t)block->row_len);
            continue;
        }
        for (uint32_t x = box.width; x < job->to.block_width; x++) {
            memcpy(row + x * step, row + (x - 1) * step, step);
        }
    }
}

/* The tables of the copy. The page is still as large as it was: change_layout() sees to it. */
static OskStatus make_tables(OskEncoder *e, Job *job, OskFault *fault)
{
    uint32_t len = 0;
    void *old = NULL;
    if (job->to.compression != COMPRESSION_JPEG ||
        TIFFGetField(e->source, TIFFTAG_JPEGTABLES, &len, &old) != 1 || old == NULL) {
        return OSK_OK;
    }
    job->tables.old = old;
    job->tables.old_len = len;
    osk_writer_init(&job->tables.written, TABLES_MOST);
    if (len > 0 && !osk_tiff_jpeg_tables(&job->tables)) {
        return fail(fault, OSK_MALFORMED, "the tables of a page of JPEG can't be read");
    }
    return OSK_OK;
}

static OskStatus read_raw(OskEncoder *e, const Job *job, uint32_t index, OskWriter *out)
{
    uint64_t len = TIFFGetStrileByteCount(e->source, index);
    osk_writer_init(out, (size_t)len);
    osk_writer_zeros(out, (size_t)len);
    if (!osk_writer_ok(out)) {
        return OSK_NO_MEMORY;
    }
    tmsize_t got = job->from.tiled ? TIFFReadRawTile(e->source, index, out->bytes, (tmsize_t)len)
                                   : TIFFReadRawStrip(e->source, index, out->bytes, (tmsize_t)len);
    out->len = got > 0 ? (size_t)got : 0;
    return OSK_OK;
}

/* JPEG: codes the block with the tables of the copy; without bytes as it was. */
static OskStatus code_jpeg(OskEncoder *e, Job *job, const OskTiffBlock *block, OskFault *fault)
{
    OskWriter strip = { 0 };
    OskWriter coded;
    OskTiffJpeg again = { .tables = &job->tables,
                          .rows = block->bytes,
                          .row_len = (size_t)block->row_len,
                          .width = job->to.block_width,
                          .height = coded_rows(job, block->index),
                          .height_most = job->to.block_height,
                          .components =
                              job->to.planar == PLANARCONFIG_SEPARATE ? 1 : job->to.samples,
                          .ycbcr = job->to.photometric == PHOTOMETRIC_YCBCR };
    uint64_t samples =
        ((uint64_t)again.width + BLOCK_EDGE) * (again.height_most + BLOCK_EDGE) * again.components;
    /* Twice the coefficients, two bytes each, and two results. */
    uint64_t len = TIFFGetStrileByteCount(e->source, block->index);
    uint64_t own = samples * 8 + 2 * TABLES_MOST + len;
    if (len == 0 || len > e->source_memory.len || !osk_budget_memory(e->budget, own)) {
        return fail(fault, OSK_LIMIT, "a strip or tile is larger than the limit");
    }
    osk_writer_init(&coded, (size_t)(samples * 2 + TABLES_MOST));
    OskStatus status = read_raw(e, job, block->index, &strip);
    again.strip = strip.bytes;
    again.strip_len = strip.len;
    if (status == OSK_OK && !osk_tiff_jpeg_code(&again, &coded)) {
        status = coded.failed
                     ? fail(fault, OSK_LIMIT, "the result is larger than the limit")
                     : fail(fault, OSK_UNSUPPORTED, "a strip or tile of JPEG can't be coded again");
    }
    if (status == OSK_OK && !write_raw(e, job, block->index, coded.bytes, (tmsize_t)coded.len)) {
        status = fail(fault, OSK_LIMIT, "the result is larger than the limit");
    }
    osk_writer_free(&coded);
    osk_writer_free(&strip);
    osk_budget_return(e->budget, own);
    return status;
}

static OskStatus code_block(OskEncoder *e, Job *job, uint32_t index, OskFault *fault)
{
    OskTiffBlock block = { .bytes = job->bytes, .index = index };
    block.row_len = osk_tiff_row_len(e->tiff, &job->to);
    if (block.row_len == 0) {
        return fail(fault, OSK_UNSUPPORTED, "a page has strips or tiles of an odd size");
    }
    memset(job->bytes, 0, (size_t)job->len);
    osk_tiff_block_pack(&job->to, &block, &job->frame->image);
    if (job->to.compression == COMPRESSION_JPEG) {
        repeat_edges(job, &block);
        return code_jpeg(e, job, &block, fault);
    }
    tmsize_t len =
        job->to.tiled ? (tmsize_t)job->len : (tmsize_t)(coded_rows(job, index) * block.row_len);
    tmsize_t done = job->to.tiled ? TIFFWriteEncodedTile(e->tiff, index, job->bytes, len)
                                  : TIFFWriteEncodedStrip(e->tiff, index, job->bytes, len);
    return done == len ? OSK_OK : fail(fault, OSK_LIMIT, "a strip or tile can't be written");
}

static OskStatus write_blocks(OskEncoder *e, Job *job, OskFault *fault)
{
    job->len = osk_tiff_block_len(e->tiff, &job->to);
    if (job->len == 0 || job->len > INT32_MAX || !osk_budget_memory(e->budget, job->len)) {
        return fail(fault, OSK_LIMIT, "a strip or tile is larger than the limit");
    }
    job->bytes = malloc((size_t)job->len);
    OskStatus status = job->bytes == NULL ? OSK_NO_MEMORY : OSK_OK;
    for (uint64_t i = 0; status == OSK_OK && i < osk_tiff_block_count(&job->to); i++) {
        const OskTiffBlock as_it_was = { .index = (uint32_t)i };
        status = is_touched(job, (uint32_t)i)              ? code_block(e, job, (uint32_t)i, fault)
                 : job->to.compression == COMPRESSION_JPEG ? code_jpeg(e, job, &as_it_was, fault)
                                                           : copy_block(e, job, (uint32_t)i, fault);
    }
    free(job->bytes);
    osk_budget_return(e->budget, job->len);
    return status;
}

/* ---- pages ---- */

/* The layout for pixels that are no longer of the size or kind that the page had. */
static void change_layout(Job *job)
{
    const OskImage *image = &job->frame->image;
    OskTiffPage *to = &job->to;
    to->width = image->width;
    to->height = image->height;
    if (to->compression == COMPRESSION_JPEG) {
        /* The tables are those of strips that no longer fit. */
        to->compression = COMPRESSION_ADOBE_DEFLATE;
        to->photometric = to->photometric == PHOTOMETRIC_YCBCR ? PHOTOMETRIC_RGB : to->photometric;
    }
    if (image->model != to->model || image->depth != to->bits || to->rendered) {
        static const uint16_t meaning[] = { [OSK_PIXELS_GREY] = PHOTOMETRIC_MINISBLACK,
                                            [OSK_PIXELS_GREY_ALPHA] = PHOTOMETRIC_MINISBLACK,
                                            [OSK_PIXELS_RGB] = PHOTOMETRIC_RGB,
                                            [OSK_PIXELS_RGBA] = PHOTOMETRIC_RGB,
                                            [OSK_PIXELS_CMYK] = PHOTOMETRIC_SEPARATED,
                                            [OSK_PIXELS_INDEXED] = PHOTOMETRIC_PALETTE };
        bool usual = has_predictor(to->compression) || to->compression == COMPRESSION_NONE ||
                     to->compression == COMPRESSION_PACKBITS;
        to->model = image->model;
        to->bits = (uint16_t)image->depth;
        to->samples = (uint16_t)osk_pixel_samples(image->model);
        to->photometric = meaning[image->model];
        to->compression = usual ? to->compression : COMPRESSION_LZW;
        to->planar = PLANARCONFIG_CONTIG;
    }
    if (to->rendered) {
        to->tiled = false;
        to->block_height = STRIP_ROWS;
    }
    if (!to->tiled) {
        to->block_width = to->width;
        to->block_height = to->block_height < to->height ? to->block_height : to->height;
    }
    to->across = (to->width - 1) / to->block_width + 1;
    to->down = (to->height - 1) / to->block_height + 1;
}

OskStatus osk_tiff_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    OskEncoder *e = encoder;
    const OskImage *image = &frame->image;
    Job job = { .frame = frame };
    if (e->tiff == NULL || !osk_tiff_page_find(e->source, e->pages++ == 0)) {
        return fail(fault, OSK_MISUSE, "more pages than the file has");
    }
    OskStatus status = osk_tiff_page_read(e->source, &job.from, fault);
    if (status != OSK_OK) {
        return status;
    }
    job.to = job.from;
    job.same = !job.from.rendered && !(e->like->upright && job.from.orientation != 1) &&
               image->width == job.from.width && image->height == job.from.height &&
               image->model == job.from.model && image->depth == job.from.bits;
    job.swapped = e->swapped != (e->like->upright && job.from.orientation >= 5);
    if (!job.same) {
        change_layout(&job);
    }
    status = make_tables(e, &job, fault);
    if (status == OSK_OK && !write_tags(e, &job)) {
        status = fail(fault, OSK_UNSUPPORTED, "a tag of a page can't be written again");
    }
    if (status == OSK_OK) {
        status = write_blocks(e, &job, fault);
    }
    osk_writer_free(&job.tables.written);
    if (status == OSK_OK && (TIFFWriteDirectory(e->tiff) != 1 || e->memory.failed)) {
        status = fail(fault, OSK_LIMIT, "the result is larger than the limit");
    }
    return status;
}

OskStatus osk_tiff_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    OskEncoder *e = encoder;
    if (e->tiff == NULL || e->pages == 0) {
        return fail(fault, OSK_MISUSE, "no page was given");
    }
    TIFFClose(e->tiff);
    e->tiff = NULL;
    if (e->memory.failed) {
        return fail(fault, OSK_LIMIT, "the result is larger than the limit");
    }
    osk_writer_bytes(out, e->memory.output, (size_t)e->memory.len);
    return osk_writer_ok(out) ? OSK_OK : fail(fault, OSK_LIMIT, "the result is too large");
}
