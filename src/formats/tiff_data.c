/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strips and tiles: how many bytes each must decode to, and where the coded bytes that do so end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "formats/tiff.h"
#include "inflate/inflate.h"

#define PART "strips and tiles"
/* Far wider than any scanner; two rows of changes are held in memory. */
#define MAX_FAX_WIDTH ((uint64_t)1 << 20)
/* What a stream may inflate to beyond its picture before it is called a bomb: some writers fill up
 * the last strip to its full height. */
#define EXTRA_INFLATED ((uint64_t)64 << 20)

static OskStatus fail(const TiffFile *file, OskStatus status, const char *what, uint64_t offset)
{
    return osk_walk_fail(file->walk, status, PART, what, offset);
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

static void read_bits(TiffPage *page)
{
    const OskExifEntry *entry = osk_tiff_entry(page, 258);
    for (uint64_t i = 0; i < 16; i++) {
        uint64_t first = osk_tiff_number(page, 258, 0, 1);
        bool own = entry != NULL && i < entry->count;
        page->bits[i] = own ? osk_tiff_number(page, 258, i, first) : first;
    }
    for (uint64_t i = 0; i < page->samples; i++) {
        page->bits_sum += page->bits[i < 16 ? i : 0];
    }
}

static void read_subsampling(TiffPage *page)
{
    page->across = 1;
    page->down = 1;
    if (page->photometric == 6 && !page->planar && page->samples == 3) {
        page->across = osk_tiff_number(page, 530, 0, 2);
        page->down = osk_tiff_number(page, 530, 1, 2);
    }
}

static OskStatus read_geometry(TiffFile *file, TiffPage *page)
{
    page->compression = osk_tiff_number(page, 259, 0, 1);
    page->photometric = osk_tiff_number(page, 262, 0, 0);
    page->samples = osk_tiff_number(page, 277, 0, 1);
    page->planar = osk_tiff_number(page, 284, 0, 1) == 2;
    page->tiled = osk_tiff_entry(page, 322) != NULL && osk_tiff_entry(page, 323) != NULL;
    if (page->samples == 0 || page->samples > 65535) {
        return fail(file, OSK_MALFORMED, "an impossible number of samples per pixel", page->offset);
    }
    read_bits(page);
    read_subsampling(page);
    page->chunk_width = page->tiled ? osk_tiff_number(page, 322, 0, 0) : page->width;
    page->chunk_height =
        page->tiled ? osk_tiff_number(page, 323, 0, 0) : osk_tiff_number(page, 278, 0, UINT32_MAX);
    if (page->chunk_height > page->height && !page->tiled) {
        page->chunk_height = page->height;
    }
    if (page->across * page->down > 1 && page->compression != TIFF_JPEG && page->bits[0] != 8) {
        return fail(file, OSK_UNSUPPORTED, "subsampled colours of other than eight bits",
                    page->offset);
    }
    bool sizes = page->width <= UINT32_MAX && page->height <= UINT32_MAX && page->chunk_width > 0 &&
                 page->chunk_width <= UINT32_MAX && page->chunk_height > 0 &&
                 page->chunk_height <= UINT32_MAX && page->across > 0 && page->across <= 4 &&
                 page->down > 0 && page->down <= 4 && page->bits_sum > 0;
    for (size_t i = 0; i < 16; i++) {
        sizes &= page->bits[i] > 0 && page->bits[i] <= 128;
    }
    if (!sizes) {
        return fail(file, OSK_MALFORMED, "impossible sizes", page->offset);
    }
    if (osk_tiff_number(page, 32997, 0, 1) > 1) {
        return fail(file, OSK_UNSUPPORTED, "a picture with depth", page->offset);
    }
    return OSK_OK;
}

/* Bytes that `rows` rows decode to; TIFF 6.0 section 3, and section 21 for subsampled chroma. */
static bool decoded_size(const TiffPage *page, size_t index, uint64_t rows, uint64_t *out)
{
    uint64_t bits = page->bits_sum;
    uint64_t columns = page->chunk_width;
    if (page->planar) {
        uint64_t across = divide_up(page->width, page->chunk_width);
        uint64_t down = divide_up(page->height, page->chunk_height);
        uint64_t plane = index / (across * down);
        bits = page->bits[plane < 16 ? plane : 0];
    } else if (page->across * page->down > 1 && page->compression != TIFF_JPEG) {
        bits = (page->across * page->down + 2) * page->bits[0];
        columns = divide_up(columns, page->across);
        rows = divide_up(rows, page->down);
    }
    uint64_t row = 0;
    return osk_mul_u64(columns, bits, &row) && osk_mul_u64(divide_up(row, 8), rows, out);
}

static uint64_t count_chunks(const TiffPage *page)
{
    uint64_t across = divide_up(page->width, page->chunk_width);
    uint64_t down = divide_up(page->height, page->chunk_height);
    return across * down * (page->planar ? page->samples : 1);
}

static bool is_fax(uint64_t compression)
{
    return compression == TIFF_CCITT_RLE || compression == TIFF_CCITT_RLEW ||
           compression == TIFF_CCITT_G3 || compression == TIFF_CCITT_G4;
}

/* The length that a reader would use where the file gives none or a wrong one. */
static uint64_t chunk_len(const TiffFile *file, const TiffPage *page, const TiffChunk *chunk,
                          uint64_t declared)
{
    uint64_t left = file->walk->size - chunk->offset;
    bool guess = declared == 0 && page->chunk_count == 1;
    if (page->compression == TIFF_NONE) {
        uint64_t want =
            guess || page->chunk_count == 1 || declared > chunk->need ? chunk->need : declared;
        return want < left ? want : left;
    }
    return guess || declared > left ? left : declared;
}

typedef struct ChunkLists {
    const OskExifEntry *offsets;
    const OskExifEntry *lens;
} ChunkLists;

static OskStatus add_chunk(TiffFile *file, TiffPage *page, size_t index, const ChunkLists *lists)
{
    TiffChunk *chunk = &page->chunks[page->chunk_count];
    uint64_t down = divide_up(page->height, page->chunk_height);
    uint64_t row = page->tiled ? 0 : index % down;
    uint64_t rows = page->chunk_height;
    if (!page->tiled && row == down - 1) {
        rows = page->height - row * page->chunk_height;
    }
    chunk->page = page;
    chunk->index = index;
    chunk->rows = rows;
    chunk->offset = osk_tiff_value(lists->offsets, index, 0);
    chunk->len = osk_tiff_value(lists->lens, index, 0);
    if (!decoded_size(page, index, rows, &chunk->need)) {
        return fail(file, OSK_MALFORMED, "impossible sizes", page->offset);
    }
    if (chunk->offset > file->walk->size) {
        return fail(file, OSK_TRUNCATED, "the picture's data lies behind the end of the file",
                    chunk->offset);
    }
    return OSK_OK;
}

static OskStatus read_chunks(TiffFile *file, TiffPage *page, const OskExifEntry *offsets)
{
    ChunkLists lists = { offsets, osk_tiff_entry(page, 325) };
    lists.lens = lists.lens != NULL ? lists.lens : osk_tiff_entry(page, 279);
    uint64_t count = count_chunks(page);
    if (offsets->count < count) {
        return fail(file, OSK_MALFORMED, "fewer strips than the picture has", page->offset);
    }
    if (!osk_walk_spend(file->walk, count, PART, page->offset)) {
        return OSK_LIMIT;
    }
    page->chunks = osk_arena_array(file->walk->arena, (size_t)count, sizeof(*page->chunks));
    if (page->chunks == NULL) {
        return osk_walk_no_memory(file->walk, PART, page->offset);
    }
    for (uint64_t i = 0; i < count; i++) {
        OskStatus status = add_chunk(file, page, (size_t)i, &lists);
        if (status != OSK_OK) {
            return status;
        }
        page->chunk_count++;
    }
    for (size_t i = 0; i < page->chunk_count; i++) {
        TiffChunk *chunk = &page->chunks[i];
        bool sparse = chunk->offset == 0;
        chunk->len = sparse ? 0 : chunk_len(file, page, chunk, chunk->len);
    }
    return OSK_OK;
}

static OskStatus refuse_tag(const TiffFile *file, const TiffPage *page, size_t index,
                            const char *what)
{
    const OskExifEntry *entry = &page->entries[index];
    uint64_t offset = page->offset + (file->wide ? 8 + 20 * (uint64_t)index : 2 + 12 * index);
    return osk_walk_fail(file->walk, osk_cursor_ok(&entry->value) ? OSK_MALFORMED : OSK_TRUNCATED,
                         osk_tiff_row(entry->tag)->name, what, offset);
}

/* No reader shows a page whose layout it can't read; leaving such a tag out would make another
 * picture of it. */
static OskStatus check_layout(const TiffFile *file, const TiffPage *page)
{
    const OskExifEntry *tiles = osk_tiff_entry(page, 324);
    bool one_side = (osk_tiff_entry(page, 322) == NULL) != (osk_tiff_entry(page, 323) == NULL);
    for (size_t i = 0; i < page->entry_count; i++) {
        const char *flaw = osk_tiff_flaw(&page->entries[i]);
        if (flaw != NULL) {
            return refuse_tag(file, page, i, flaw);
        }
        if (&page->entries[i] == tiles && one_side) {
            return refuse_tag(file, page, i, "tiles without a width or without a height");
        }
    }
    return OSK_OK;
}

OskStatus osk_tiff_page_open(TiffFile *file, TiffPage *page, bool *out_shown)
{
    page->width = osk_tiff_number(page, 256, 0, 0);
    page->height = osk_tiff_number(page, 257, 0, 0);
    const OskExifEntry *places = osk_tiff_entry(page, 324);
    places = places != NULL ? places : osk_tiff_entry(page, 273);
    *out_shown = false;
    bool is_picture =
        places != NULL && osk_tiff_entry(page, 256) != NULL && osk_tiff_entry(page, 257) != NULL;
    OskStatus status = is_picture ? check_layout(file, page) : OSK_OK;
    *out_shown = status == OSK_OK && is_picture && page->width > 0 && page->height > 0;
    if (!*out_shown) {
        return status;
    }
    status = read_geometry(file, page);
    return status == OSK_OK ? read_chunks(file, page, places) : status;
}

/* Pieces of a chunk whose first `used` bytes are its picture. */
static OskStatus keep_front(TiffFile *file, TiffChunk *chunk, uint64_t used, bool walked)
{
    chunk->pieces = osk_arena_array(file->walk->arena, 2, sizeof(*chunk->pieces));
    if (chunk->pieces == NULL) {
        return osk_walk_no_memory(file->walk, PART, chunk->offset);
    }
    chunk->pieces[0] = (TiffPiece){ .offset = chunk->offset,
                                    .len = used,
                                    .out_len = used,
                                    .part = osk_tiff_row(TIFF_ROW_DATA),
                                    .verdict = OSK_KEEP,
                                    .walked = walked };
    chunk->piece_count = 1;
    chunk->end = chunk->offset + used;
    return OSK_OK;
}

/* FillOrder 2 turns every byte of a coded strip around; JPEG and fax codes have their own ideas of
 * it. */
static void reverse(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned b = bytes[i];
        b = (b & 0xF0) >> 4 | (b & 0x0F) << 4;
        b = (b & 0xCC) >> 2 | (b & 0x33) << 2;
        bytes[i] = (uint8_t)((b & 0xAA) >> 1 | (b & 0x55) << 1);
    }
}

static bool is_reversed(const TiffPage *page)
{
    return osk_tiff_number(page, 266, 0, 1) == 2;
}

/* The coded bytes in the order in which their decoder sees them; NULL when memory ends. */
static const uint8_t *coded_bytes(TiffFile *file, const TiffChunk *chunk)
{
    const uint8_t *bytes = file->walk->bytes + chunk->offset;
    if (!is_reversed(chunk->page)) {
        return bytes;
    }
    uint8_t *copy = osk_arena_alloc(file->walk->arena, (size_t)chunk->len);
    if (copy == NULL) {
        osk_walk_no_memory(file->walk, PART, chunk->offset);
        return NULL;
    }
    memcpy(copy, bytes, (size_t)chunk->len);
    reverse(copy, (size_t)chunk->len);
    return copy;
}

/* A stream that inflates to more than its picture hides the rest inside: it is deflated anew
 * without it. */
static OskStatus replace_stream(TiffFile *file, TiffChunk *chunk, const OskInflated *inflated)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    OskStatus status = osk_deflate_zlib(inflated->bytes, (size_t)chunk->need, &bytes, &len);
    uint8_t *copy = status == OSK_OK ? osk_arena_alloc(file->walk->arena, len) : NULL;
    if (copy == NULL) {
        free(bytes);
        return osk_walk_no_memory(file->walk, PART, chunk->offset);
    }
    memcpy(copy, bytes, len);
    free(bytes);
    if (is_reversed(chunk->page)) {
        reverse(copy, len);
    }
    status = keep_front(file, chunk, inflated->used, true);
    if (status == OSK_OK) {
        chunk->pieces[0].literal = copy;
        chunk->pieces[0].out_len = len;
        chunk->pieces[0].verdict = OSK_REWRITE;
    }
    return status;
}

static void report_slack(const TiffFile *file, uint64_t offset, uint64_t len)
{
    OskText text;
    osk_text_init(&text);
    osk_text_u64(&text, len);
    osk_text_str(&text, " bytes");
    osk_report_add(file->walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = "strip slack",
                              .field = "tiff.slack",
                              .label = "bytes behind the picture in a strip",
                              .offset = offset,
                              .len = len },
                   &text);
}

static OskStatus walk_deflate(TiffFile *file, TiffChunk *chunk)
{
    OskWalk *walk = file->walk;
    OskInflated inflated = { 0 };
    uint64_t max = 0;
    if (!osk_add_u64(chunk->need, EXTRA_INFLATED, &max) || max > SIZE_MAX) {
        return fail(file, OSK_LIMIT, "a strip larger than memory", chunk->offset);
    }
    OskInflateSize size = { .expect = (size_t)chunk->need, .max = (size_t)max };
    const uint8_t *bytes = coded_bytes(file, chunk);
    if (bytes == NULL) {
        return OSK_NO_MEMORY;
    }
    OskStatus status = osk_inflate_zlib(bytes, (size_t)chunk->len, size, walk->budget, &inflated);
    if (status != OSK_OK) {
        return fail(file, status, "a Deflate stream that can't be read", chunk->offset);
    }
    if (inflated.len > chunk->need) {
        report_slack(file, chunk->offset, inflated.len - chunk->need);
        status = replace_stream(file, chunk, &inflated);
    } else {
        status = keep_front(file, chunk, inflated.used, true);
    }
    osk_inflated_free(&inflated, walk->budget);
    return status;
}

/* Zeros the bits behind the last code. */
static OskStatus clear_spare(TiffFile *file, TiffChunk *chunk, const TiffStream *stream)
{
    uint8_t *last = osk_arena_alloc(file->walk->arena, 1);
    if (last == NULL) {
        return osk_walk_no_memory(file->walk, PART, chunk->offset);
    }
    *last = (uint8_t)(stream->bytes[stream->used - 1] & ~stream->spare);
    if (is_reversed(chunk->page)) {
        reverse(last, 1);
    }
    TiffPiece *front = &chunk->pieces[0];
    front->len -= 1;
    front->out_len -= 1;
    chunk->pieces[1] = (TiffPiece){ .offset = front->offset + front->len,
                                    .len = 1,
                                    .literal = last,
                                    .out_len = 1,
                                    .part = front->part,
                                    .verdict = OSK_REWRITE };
    chunk->piece_count = 2;
    report_slack(file, chunk->pieces[1].offset, 1);
    return OSK_OK;
}

/* PackBits codes that say nothing may say anything by their number: the strip is written without
 * them. */
static OskStatus drop_idle(TiffFile *file, TiffChunk *chunk, const TiffStream *stream)
{
    size_t len = stream->used - stream->idle;
    uint8_t *bytes = osk_arena_alloc(file->walk->arena, len);
    if (bytes == NULL) {
        return osk_walk_no_memory(file->walk, PART, chunk->offset);
    }
    osk_tiff_copy_packbits(stream, bytes);
    if (is_reversed(chunk->page)) {
        reverse(bytes, len);
    }
    OskStatus status = keep_front(file, chunk, stream->used, false);
    if (status == OSK_OK) {
        chunk->pieces[0].literal = bytes;
        chunk->pieces[0].out_len = len;
        chunk->pieces[0].verdict = OSK_REWRITE;
        report_slack(file, chunk->offset, stream->idle);
    }
    return status;
}

static OskStatus walk_stream(TiffFile *file, TiffChunk *chunk)
{
    TiffStream stream = { .bytes = coded_bytes(file, chunk),
                          .len = (size_t)chunk->len,
                          .need = chunk->need };
    if (stream.bytes == NULL) {
        return OSK_NO_MEMORY;
    }
    OskStatus status = OSK_UNSUPPORTED;
    switch (chunk->page->compression) {
    case TIFF_LZW: status = osk_tiff_walk_lzw(&stream); break;
    case TIFF_PACKBITS: status = osk_tiff_walk_packbits(&stream); break;
    case TIFF_XZ: status = osk_tiff_walk_xz(&stream); break;
    case TIFF_ZSTD: status = osk_tiff_walk_zstd(&stream); break;
    case TIFF_WEBP: status = osk_tiff_walk_webp(&stream); break;
    default: break;
    }
    if (status != OSK_OK) {
        return fail(file, status, "a compressed strip that can't be read", chunk->offset);
    }
    if (stream.idle > 0) {
        return drop_idle(file, chunk, &stream);
    }
    bool walked = chunk->page->compression == TIFF_LZW || chunk->page->compression == TIFF_PACKBITS;
    status = keep_front(file, chunk, stream.used, walked);
    bool spare_used = stream.used > 0 && (stream.bytes[stream.used - 1] & stream.spare) != 0;
    return status == OSK_OK && spare_used ? clear_spare(file, chunk, &stream) : status;
}

/* Room for two rows of the widest page so far. */
static bool make_fax_rows(TiffFile *file, uint64_t width)
{
    if (file->fax_rows == NULL || file->fax_width < width) {
        file->fax_rows =
            osk_arena_array(file->walk->arena, 2 * ((size_t)width + 8), sizeof(uint32_t));
        file->fax_width = width;
    }
    return file->fax_rows != NULL;
}

/* Readers show what they can of fax codes with errors; where the picture ends is then anyone's
 * guess. */
static OskStatus keep_unproven(TiffFile *file, TiffChunk *chunk)
{
    osk_report_add(
        file->walk->report,
        (OskFact){ .kind = OSK_KIND_OTHER,
                   .part = PART,
                   .field = "tiff.fax-errors",
                   .label = "fax codes with errors: what stands behind them can't be told",
                   .offset = chunk->offset,
                   .len = chunk->len,
                   .stays = true },
        NULL);
    return keep_front(file, chunk, chunk->len, false);
}

static OskStatus walk_fax(TiffFile *file, TiffChunk *chunk)
{
    const TiffPage *page = chunk->page;
    if (page->bits_sum != 1 || page->chunk_width > MAX_FAX_WIDTH) {
        return keep_unproven(file, chunk);
    }
    TiffStream stream = { .bytes = coded_bytes(file, chunk),
                          .len = (size_t)chunk->len,
                          .width = page->chunk_width,
                          .rows = chunk->rows,
                          .fax = page->compression,
                          .fax_options = osk_tiff_number(page, 292, 0, 0) };
    if (stream.bytes == NULL || !make_fax_rows(file, page->chunk_width)) {
        return osk_walk_no_memory(file->walk, PART, chunk->offset);
    }
    stream.scratch = file->fax_rows;
    if (!osk_walk_spend(file->walk, chunk->rows, PART, chunk->offset)) {
        return OSK_LIMIT;
    }
    if (osk_tiff_walk_fax(&stream) != OSK_OK) {
        return keep_unproven(file, chunk);
    }
    OskStatus status = keep_front(file, chunk, stream.used, true);
    bool spare_used = stream.used > 0 && (stream.bytes[stream.used - 1] & stream.spare) != 0;
    return status == OSK_OK && spare_used ? clear_spare(file, chunk, &stream) : status;
}

static TiffPiece piece_of(const OskJpegPiece *from)
{
    uint64_t row = from->verdict != OSK_DROP ? TIFF_ROW_DATA
                   : from->row == OSK_JPEG_TRAILER || from->row == OSK_JPEG_SLACK
                       ? TIFF_ROW_SLACK
                       : TIFF_ROW_JPEG_EXTRA;
    return (TiffPiece){ .offset = from->offset,
                        .len = from->len,
                        .literal = from->literal,
                        .out_len = from->verdict == OSK_KEEP      ? from->len
                                   : from->verdict == OSK_REWRITE ? from->out_len
                                                                  : 0,
                        .part = osk_tiff_row(row),
                        .verdict = from->verdict,
                        .walked = from->walked };
}

static OskStatus walk_tables(TiffFile *file, TiffPage *page)
{
    const OskExifEntry *entry = osk_tiff_entry(page, 347);
    if (entry == NULL || page->tables != NULL || !osk_cursor_more(&entry->value)) {
        return OSK_OK;
    }
    page->tables = osk_arena_alloc(file->walk->arena, sizeof(*page->tables));
    if (page->tables == NULL) {
        return osk_walk_no_memory(file->walk, "JPEGTables", page->offset);
    }
    *page->tables =
        (OskJpegStream){ .walk = file->walk, .in = entry->value, .mode = OSK_JPEG_TABLES_ONLY };
    return osk_jpeg_stream_walk(page->tables);
}

static OskStatus walk_jpeg(TiffFile *file, TiffChunk *chunk)
{
    OskStatus status = walk_tables(file, chunk->page);
    if (status != OSK_OK) {
        return status;
    }
    OskCursor in = file->all;
    osk_cursor_skip(&in, chunk->offset);
    OskJpegStream jpeg = { .walk = file->walk,
                           .in = osk_cursor_take(&in, chunk->len),
                           .mode = OSK_JPEG_EMBEDDED,
                           .tables = chunk->page->tables };
    status = osk_jpeg_stream_walk(&jpeg);
    if (status == OSK_OK) {
        status = osk_jpeg_stream_finish(&jpeg);
    }
    if (status != OSK_OK) {
        return status;
    }
    chunk->pieces = osk_arena_array(file->walk->arena, jpeg.count, sizeof(*chunk->pieces));
    if (chunk->pieces == NULL) {
        return osk_walk_no_memory(file->walk, PART, chunk->offset);
    }
    for (size_t i = 0; i < jpeg.count; i++) {
        /* A strip that ends early would need an end that readers warn about. */
        if (jpeg.pieces[i].len == 0 && jpeg.pieces[i].verdict == OSK_REWRITE) {
            return fail(file, OSK_TRUNCATED, "a JPEG strip without an end", chunk->offset);
        }
        chunk->pieces[i] = piece_of(&jpeg.pieces[i]);
    }
    chunk->piece_count = jpeg.count;
    chunk->end = chunk->offset + chunk->len;
    return OSK_OK;
}

static OskStatus walk_chunk(TiffFile *file, TiffChunk *chunk)
{
    uint64_t compression = chunk->page->compression;
    if (!osk_walk_spend(file->walk, 1 + chunk->len / 64, PART, chunk->offset)) {
        return OSK_LIMIT;
    }
    if (compression == TIFF_NONE) {
        return keep_front(file, chunk, chunk->len, true);
    }
    if (is_fax(compression)) {
        return walk_fax(file, chunk);
    }
    if (compression == TIFF_DEFLATE || compression == TIFF_DEFLATE_OLD) {
        return walk_deflate(file, chunk);
    }
    return compression == TIFF_JPEG ? walk_jpeg(file, chunk) : walk_stream(file, chunk);
}

static bool is_known(uint64_t compression)
{
    static const uint32_t known[] = { TIFF_NONE,    TIFF_LZW,      TIFF_JPEG,
                                      TIFF_DEFLATE, TIFF_PACKBITS, TIFF_DEFLATE_OLD,
                                      TIFF_XZ,      TIFF_ZSTD,     TIFF_WEBP };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i] == compression) {
            return true;
        }
    }
    return is_fax(compression);
}

static int compare_chunks(const void *a, const void *b)
{
    const TiffChunk *x = *(TiffChunk *const *)a;
    const TiffChunk *y = *(TiffChunk *const *)b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    if (x->len != y->len) {
        return x->len < y->len ? -1 : 1;
    }
    return x->need != y->need ? (x->need < y->need ? -1 : 1) : 0;
}

/* Equal ranges are one when they are also read the same way; other overlaps can't be told apart
 * safely. */
static OskStatus merge_equal(TiffFile *file, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TiffChunk *chunk = file->unique[i];
        TiffChunk *before = file->unique_count > 0 ? file->unique[file->unique_count - 1] : NULL;
        if (before == NULL || chunk->offset >= before->offset + before->len) {
            file->unique[file->unique_count++] = chunk;
            continue;
        }
        bool equal = chunk->offset == before->offset && chunk->len == before->len &&
                     chunk->need == before->need &&
                     chunk->page->compression == before->page->compression &&
                     (chunk->page->compression != TIFF_JPEG || chunk->page == before->page);
        if (!equal) {
            return fail(file, OSK_UNSUPPORTED, "strips that overlap", chunk->offset);
        }
        chunk->same = before;
    }
    return OSK_OK;
}

static OskStatus sort_chunks(TiffFile *file)
{
    size_t total = 0;
    for (TiffPage *page = file->pages; page != NULL; page = page->next) {
        if (!is_known(page->compression)) {
            return fail(file, OSK_UNSUPPORTED, "a compression that we can't walk", page->offset);
        }
        total += page->chunk_count;
    }
    file->unique = osk_arena_array(file->walk->arena, total, sizeof(TiffChunk *));
    if (file->unique == NULL) {
        return osk_walk_no_memory(file->walk, PART, 0);
    }
    size_t count = 0;
    for (TiffPage *page = file->pages; page != NULL; page = page->next) {
        for (size_t i = 0; i < page->chunk_count; i++) {
            if (page->chunks[i].len > 0) {
                file->unique[count++] = &page->chunks[i];
            }
        }
    }
    if (count > 0) {
        qsort(file->unique, count, sizeof(TiffChunk *), compare_chunks);
    }
    return merge_equal(file, count);
}

OskStatus osk_tiff_data_walk(TiffFile *file)
{
    OskStatus status = sort_chunks(file);
    for (size_t i = 0; i < file->unique_count && status == OSK_OK; i++) {
        status = walk_chunk(file, file->unique[i]);
    }
    return status;
}
