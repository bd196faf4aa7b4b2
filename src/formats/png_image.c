/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The coded pixels of PNG: one zlib stream over any number of chunks. PNG (Third Edition) 7.2, 8,
 * 9, 10. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "formats/png.h"
#include "inflate/inflate.h"

/* DEFLATE expands at most 1032 to 1: a shorter stream can't hold the picture, so nothing is
 * allocated. */
#define INFLATE_RATIO 1032u
/* What may follow the pixels inside a stream and is worth inflating, to cut it off. */
#define SURPLUS_MAX ((uint64_t)64 << 20)

/* One pass of an interlaced picture, or the only one. PNG 8.2. */
typedef struct Pass {
    uint8_t x, y, dx, dy;
} Pass;

static const Pass adam7[7] = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
                               { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } };
static const Pass whole_pass = { 0, 0, 1, 1 };

typedef struct Rows {
    uint64_t count;
    uint64_t bits; /* of pixels in each */
} Rows;

static unsigned bits_of_pixel(const OskPngImage *image)
{
    static const uint8_t channels[7] = { 1, 0, 3, 1, 2, 0, 4 };
    return (unsigned)image->depth * channels[image->colour];
}

static size_t pass_count(const OskPngImage *image)
{
    return image->interlace != 0 ? 7 : 1;
}

static Rows rows_of(const OskPngImage *image, size_t pass)
{
    const Pass *p = image->interlace != 0 ? &adam7[pass] : &whole_pass;
    uint64_t columns =
        image->width > p->x ? ((uint64_t)image->width - p->x + p->dx - 1) / p->dx : 0;
    uint64_t rows = image->height > p->y ? ((uint64_t)image->height - p->y + p->dy - 1) / p->dy : 0;
    return (Rows){ .count = columns > 0 ? rows : 0, .bits = columns * bits_of_pixel(image) };
}

static uint64_t row_bytes(Rows rows)
{
    return (rows.bits + 7) / 8 + 1;
}

/* Bytes that the stream must inflate to; false when they don't fit in memory. */
static bool expected_size(const OskPngImage *image, size_t *out)
{
    uint64_t total = 0;
    for (size_t i = 0; i < pass_count(image); i++) {
        Rows rows = rows_of(image, i);
        uint64_t bytes = 0;
        if (!osk_mul_u64(rows.count, row_bytes(rows), &bytes) ||
            !osk_add_u64(total, bytes, &total)) {
            return false;
        }
    }
    *out = (size_t)total;
    return total <= SIZE_MAX / 2;
}

/* ---- gathering the stream ---- */

typedef struct Stream {
    const uint8_t *bytes;
    size_t len;
    uint8_t *own; /* when it was gathered from several chunks */
} Stream;

static bool is_pixels(const OskPngChunk *chunk, uint32_t type)
{
    return chunk->type == type;
}

/* Checks the chunks' checksums and puts the stream together; a stream in one chunk is not copied.
 */
static OskStatus gather(OskPng *png, uint32_t type, size_t first, size_t end, Stream *out)
{
    OskWalk *walk = png->walk;
    const OskPngChunk *only = NULL;
    size_t pieces = 0;
    *out = (Stream){ .bytes = NULL };
    for (size_t i = first; i < end; i++) {
        const OskPngChunk *chunk = &png->chunks[i];
        if (is_pixels(chunk, type)) {
            only = chunk;
            pieces++;
            out->len += chunk->len - osk_png_lead(chunk);
        }
    }
    if (pieces > 1) {
        out->own =
            osk_budget_memory(walk->budget, out->len) ? malloc(out->len > 0 ? out->len : 1) : NULL;
        if (out->own == NULL) {
            return osk_walk_no_memory(walk, only->part->name, only->offset);
        }
        out->bytes = out->own;
    } else if (only != NULL) {
        out->bytes = only->data + osk_png_lead(only);
    }
    size_t at = 0;
    for (size_t i = first; i < end; i++) {
        const OskPngChunk *chunk = &png->chunks[i];
        if (!is_pixels(chunk, type)) {
            continue;
        }
        if (!osk_png_crc_is_right(chunk)) {
            return osk_walk_fail(walk, OSK_MALFORMED, chunk->part->name, "its checksum is wrong",
                                 chunk->offset);
        }
        size_t len = chunk->len - osk_png_lead(chunk);
        if (out->own != NULL && len > 0) {
            memcpy(out->own + at, chunk->data + osk_png_lead(chunk), len);
        }
        at += len;
    }
    return OSK_OK;
}

static void release(OskPng *png, Stream *stream)
{
    if (stream->own != NULL) {
        free(stream->own);
        osk_budget_return(png->walk->budget, stream->len);
    }
}

/* ---- rows ---- */

static uint8_t paeth(unsigned a, unsigned b, unsigned c)
{
    int p = (int)a + (int)b - (int)c;
    int pa = abs(p - (int)a);
    int pb = abs(p - (int)b);
    int pc = abs(p - (int)c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* Undoes the filter of a row of pixels smaller than a byte, for which the left neighbour is one
 * byte away. */
static void unfilter(uint8_t *row, const uint8_t *above, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        unsigned a = i > 1 ? row[i - 1] : 0;
        unsigned b = above != NULL ? above[i] : 0;
        unsigned c = above != NULL && i > 1 ? above[i - 1] : 0;
        unsigned add = 0;
        switch (row[0]) {
        case 1: add = a; break;
        case 2: add = b; break;
        case 3: add = (a + b) / 2; break;
        case 4: add = paeth(a, b, c); break;
        default: break;
        }
        row[i] = (uint8_t)(row[i] + add);
    }
    row[0] = 0;
}

static bool filters_are_known(const uint8_t *bytes, const OskPngImage *image)
{
    bool known = true;
    for (size_t i = 0; i < pass_count(image); i++) {
        Rows rows = rows_of(image, i);
        for (uint64_t y = 0; y < rows.count; y++) {
            known = known && *bytes <= 4;
            bytes += row_bytes(rows);
        }
    }
    return known;
}

/* Zeroes the bits beyond the right edge, which no reader shows; true when any was set. Then `bytes`
 * holds the same picture without filters. Only pictures with less than a byte for each pixel have
 * such bits. */
static bool clear_edge(uint8_t *bytes, const OskPngImage *image)
{
    bool found = false;
    for (size_t i = 0; i < pass_count(image) && bits_of_pixel(image) <= 8; i++) {
        Rows rows = rows_of(image, i);
        size_t len = (size_t)row_bytes(rows);
        uint8_t surplus = (uint8_t)(rows.bits % 8 != 0 ? 0xFF >> (rows.bits % 8) : 0);
        const uint8_t *above = NULL;
        for (uint64_t y = 0; y < rows.count; y++) {
            unfilter(bytes, above, len);
            above = bytes;
            bytes += len;
        }
        /* Filters look at the bits above, so they are cleared only when the pass is done. */
        for (uint64_t y = 0; y < rows.count; y++) {
            uint8_t *last = bytes - len * (size_t)y - 1;
            found = found || (*last & surplus) != 0;
            *last = (uint8_t)(*last & ~surplus);
        }
    }
    return found;
}

/* ---- what stays ---- */

/* Keeps the first `used` bytes of the stream in their chunks. */
static void keep_used(OskPng *png, uint32_t type, size_t first, size_t end, size_t used)
{
    for (size_t i = first; i < end; i++) {
        OskPngChunk *chunk = &png->chunks[i];
        if (!is_pixels(chunk, type)) {
            continue;
        }
        size_t len = chunk->len - osk_png_lead(chunk);
        size_t kept = len < used ? len : used;
        if (kept < len) {
            osk_png_hidden(png, chunk, "png.slack", "bytes behind the end of the coded picture",
                           chunk->offset + 8 + osk_png_lead(chunk) + kept, len - kept);
        }
        used -= kept;
        /* An empty chunk shows nothing. */
        chunk->action = kept > 0 ? OSK_PNG_CUT : OSK_PNG_DROP;
        chunk->out_type = type;
        chunk->out_len = (uint32_t)kept;
    }
}

/* Puts a freshly deflated stream into the first chunk, and drops the others. */
static OskStatus keep_new(OskPng *png, uint32_t type, size_t first, size_t end,
                          const uint8_t *bytes, size_t len)
{
    OskWalk *walk = png->walk;
    while (first < end && !is_pixels(&png->chunks[first], type)) {
        first++;
    }
    OskPngChunk *chunk = &png->chunks[first];
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    OskStatus status = osk_deflate_zlib(bytes, len, &packed, &packed_len);
    size_t lead = osk_png_lead(chunk);
    if (status == OSK_OK && packed_len > OSK_PNG_CHUNK_MAX - lead) {
        free(packed);
        return osk_walk_fail(walk, OSK_LIMIT, chunk->part->name, "larger than a picture may be",
                             chunk->offset);
    }
    uint8_t *copy = status == OSK_OK ? osk_arena_alloc(walk->arena, lead + packed_len) : NULL;
    if (copy == NULL) {
        free(packed);
        return osk_walk_no_memory(walk, chunk->part->name, chunk->offset);
    }
    memcpy(copy + lead, packed, packed_len);
    free(packed);
    for (size_t i = first; i < end; i++) {
        if (is_pixels(&png->chunks[i], type)) {
            png->chunks[i].action = OSK_PNG_DROP;
        }
    }
    chunk->action = OSK_PNG_LITERAL;
    chunk->literal = copy;
    chunk->out_len = (uint32_t)(lead + packed_len);
    return OSK_OK;
}

/* Inflates; when there is more than the picture in the stream, once more with room for that. */
static OskStatus inflate_pixels(OskPng *png, const Stream *stream, size_t expect,
                                const OskPngChunk *chunk, OskInflated *out)
{
    OskWalk *walk = png->walk;
    if (expect / INFLATE_RATIO > stream->len) {
        return osk_walk_fail(walk, OSK_TRUNCATED, chunk->part->name, "the coded picture ends early",
                             chunk->offset);
    }
    OskInflateSize size = { .expect = expect, .max = expect };
    OskStatus status = osk_inflate_zlib(stream->bytes, stream->len, size, walk->budget, out);
    if (status == OSK_LIMIT) {
        size.max = expect + (size_t)SURPLUS_MAX;
        status = osk_inflate_zlib(stream->bytes, stream->len, size, walk->budget, out);
    }
    if (status == OSK_OK && out->len < expect) {
        osk_inflated_free(out, walk->budget);
        return osk_walk_fail(walk, OSK_TRUNCATED, chunk->part->name, "the coded picture ends early",
                             chunk->offset);
    }
    switch (status) {
    case OSK_OK: return OSK_OK;
    case OSK_NO_MEMORY: return osk_walk_no_memory(walk, chunk->part->name, chunk->offset);
    case OSK_LIMIT:
        return osk_walk_fail(walk, OSK_LIMIT, chunk->part->name, "larger than a picture may be",
                             chunk->offset);
    default:
        return osk_walk_fail(walk, OSK_MALFORMED, chunk->part->name, "the coded picture is broken",
                             chunk->offset);
    }
}

/* Notes which palette entries appear in rows whose filters are undone. */
static void note_colours(OskPng *png, const uint8_t *bytes, const OskPngImage *image)
{
    unsigned depth = image->depth;
    for (size_t i = 0; i < pass_count(image); i++) {
        Rows rows = rows_of(image, i);
        for (uint64_t y = 0; y < rows.count; y++) {
            const uint8_t *row = bytes + 1;
            for (uint64_t bit = 0; bit < rows.bits; bit += depth) {
                png->used[row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1)] = true;
            }
            bytes += row_bytes(rows);
        }
    }
}

static OskStatus judge_pixels(OskPng *png, const OskPngImage *image, uint32_t type, size_t first,
                              size_t end, OskInflated *inflated)
{
    OskPngChunk *chunk = &png->chunks[first];
    size_t expect = 0;
    (void)expected_size(image, &expect);
    if (!filters_are_known(inflated->bytes, image)) {
        return osk_walk_fail(png->walk, OSK_MALFORMED, chunk->part->name,
                             "a row has a filter that PNG doesn't know", chunk->offset);
    }
    bool surplus = inflated->len > expect;
    if (surplus) {
        osk_png_hidden(png, chunk, "png.surplus", "compressed bytes behind the last row",
                       chunk->offset, inflated->len - expect);
    }
    bool small = bits_of_pixel(image) < 8 || image->colour == 3;
    bool edge = small && clear_edge(inflated->bytes, image);
    if (image->colour == 3) {
        note_colours(png, inflated->bytes, image);
    }
    if (edge) {
        osk_png_hidden(png, chunk, "png.edge", "bits beyond the edge of the picture", chunk->offset,
                       0);
    }
    keep_used(png, type, first, end, inflated->used);
    return surplus || edge ? keep_new(png, type, first, end, inflated->bytes, expect) : OSK_OK;
}

OskStatus osk_png_walk_pixels(OskPng *png, const OskPngImage *image, uint32_t type, size_t first,
                              size_t end)
{
    OskWalk *walk = png->walk;
    while (first + 1 < end && !is_pixels(&png->chunks[first], type)) {
        first++;
    }
    const OskPngChunk *chunk = &png->chunks[first];
    size_t expect = 0;
    if (!expected_size(image, &expect) ||
        !osk_budget_pixels(walk->budget, (uint64_t)image->width * image->height)) {
        return osk_walk_fail(walk, OSK_LIMIT, chunk->part->name, "larger than a picture may be",
                             chunk->offset);
    }
    Stream stream;
    OskInflated inflated = { .bytes = NULL };
    OskStatus status = gather(png, type, first, end, &stream);
    if (status == OSK_OK) {
        status = inflate_pixels(png, &stream, expect, chunk, &inflated);
    }
    if (status == OSK_OK) {
        status = judge_pixels(png, image, type, first, end, &inflated);
        osk_inflated_free(&inflated, walk->budget);
    }
    release(png, &stream);
    return status;
}

const uint8_t *osk_png_blank(OskPng *png, const OskPngImage *image, uint32_t *out_len)
{
    OskWalk *walk = png->walk;
    size_t size = 0;
    if (!expected_size(image, &size) || !osk_budget_memory(walk->budget, size)) {
        (void)osk_walk_fail(walk, OSK_LIMIT, "IDAT", "larger than a picture may be", 0);
        return NULL;
    }
    uint8_t *zeros = calloc(size, 1);
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    uint8_t *copy = NULL;
    if (zeros != NULL && osk_deflate_zlib(zeros, size, &packed, &packed_len) == OSK_OK &&
        packed_len <= OSK_PNG_CHUNK_MAX) {
        copy = osk_arena_alloc(walk->arena, packed_len);
    }
    free(zeros);
    osk_budget_return(walk->budget, size);
    if (copy != NULL) {
        memcpy(copy, packed, packed_len);
        *out_len = (uint32_t)packed_len;
    } else {
        (void)osk_walk_no_memory(walk, "IDAT", 0);
    }
    free(packed);
    return copy;
}
