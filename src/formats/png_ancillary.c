/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stays of the chunks of a PNG that a reader may ignore, one at a time. PNG (Third
 * Edition) 11.3. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "formats/png.h"
#include "inflate/inflate.h"
#include "parts/exif.h"

#define TAG OSK_PNG_TAG
#define ICC_MAX ((size_t)64 << 20)

/* Ancillary chunks of one length, which stand once and before the picture. */
static const struct {
    uint32_t type;
    uint32_t len;
} fixed[] = {
    { TAG('g', 'A', 'M', 'A'), 4 }, { TAG('c', 'H', 'R', 'M'), 32 }, { TAG('s', 'R', 'G', 'B'), 1 },
    { TAG('c', 'I', 'C', 'P'), 4 }, { TAG('m', 'D', 'C', 'V'), 24 }, { TAG('c', 'L', 'L', 'I'), 8 },
    { TAG('p', 'H', 'Y', 's'), 9 },
};

static unsigned get_u16(const uint8_t *in)
{
    return (unsigned)in[0] << 8 | in[1];
}

/* What is kept of an ancillary chunk is its data with these bits; the others mean nothing. */
static OskStatus keep_masked(OskPng *png, OskPngChunk *chunk, unsigned mask)
{
    uint8_t *copy = osk_arena_alloc(png->walk->arena, chunk->len);
    if (copy == NULL) {
        return osk_walk_no_memory(png->walk, chunk->part->name, chunk->offset);
    }
    for (uint32_t i = 0; i + 1 < chunk->len; i += 2) {
        unsigned value = get_u16(chunk->data + i) & mask;
        copy[i] = (uint8_t)(value >> 8);
        copy[i + 1] = (uint8_t)value;
    }
    if (memcmp(copy, chunk->data, chunk->len) == 0) {
        chunk->action = OSK_PNG_KEEP;
        return OSK_OK;
    }
    osk_png_hidden(png, chunk, "png.unused_bits", "bits that no reader shows", chunk->offset,
                   chunk->len);
    chunk->action = OSK_PNG_LITERAL;
    chunk->literal = copy;
    chunk->out_len = chunk->len;
    return OSK_OK;
}

/* tRNS and bKGD hold colours as 16-bit numbers (or as palette indices), whatever the depth is. */
static OskStatus judge_colours(OskPng *png, OskPngChunk *chunk)
{
    unsigned colour = png->image.colour;
    bool opaque = chunk->type == TAG('b', 'K', 'G', 'D');
    unsigned mask = (1u << png->image.depth) - 1;
    if (colour == 3) {
        bool fits = opaque ? chunk->len == 1 && chunk->data[0] < png->palette_entries
                           : chunk->len >= 1 && chunk->len <= png->palette_entries;
        chunk->action = fits ? OSK_PNG_KEEP : OSK_PNG_DROP;
        if (fits && opaque) {
            png->used[chunk->data[0]] = true;
        }
        return OSK_OK;
    }
    bool grey = (colour & 2) == 0;
    bool has_alpha = (colour & 4) != 0;
    if (chunk->len != (grey ? 2u : 6u) || (has_alpha && !opaque)) {
        return OSK_OK;
    }
    return keep_masked(png, chunk, mask);
}

static bool bits_are_legal(const OskPng *png, const OskPngChunk *chunk)
{
    static const uint8_t channels[7] = { 1, 0, 3, 3, 2, 0, 4 };
    unsigned most = png->image.colour == 3 ? 8 : png->image.depth;
    if (chunk->len != channels[png->image.colour]) {
        return false;
    }
    for (uint32_t i = 0; i < chunk->len; i++) {
        if (chunk->data[i] == 0 || chunk->data[i] > most) {
            return false;
        }
    }
    return true;
}

static bool values_are_legal(const OskPngChunk *chunk)
{
    switch (chunk->type) {
    case TAG('g', 'A', 'M', 'A'): return osk_png_u32(chunk->data) != 0;
    case TAG('s', 'R', 'G', 'B'): return chunk->data[0] <= 3;
    case TAG('c', 'I', 'C', 'P'): return chunk->data[3] <= 1;
    case TAG('p', 'H', 'Y', 's'): return chunk->data[8] <= 1;
    default: return true;
    }
}

static OskStatus judge_exif(OskPng *png, OskPngChunk *chunk)
{
    OskWalk *walk = png->walk;
    OskCursor tiff = osk_cursor_make(chunk->data, chunk->len, chunk->offset + 8);
    unsigned orientation = osk_exif_orientation(tiff);
    if (orientation == 1) {
        return OSK_OK;
    }
    OskWriter writer;
    osk_writer_init(&writer, 64);
    (void)osk_exif_write_orientation(&writer, orientation);
    uint8_t *copy = osk_writer_ok(&writer) ? osk_arena_alloc(walk->arena, writer.len) : NULL;
    if (copy != NULL) {
        memcpy(copy, writer.bytes, writer.len);
        chunk->action = OSK_PNG_LITERAL;
        chunk->literal = copy;
        chunk->out_len = (uint32_t)writer.len;
    }
    osk_writer_free(&writer);
    osk_exif_inspect(tiff, "eXIf", walk->report, walk->budget);
    return copy != NULL ? OSK_OK : osk_walk_no_memory(walk, "eXIf", chunk->offset);
}

/* Puts the chunk together: a name, method 0, the profile as a zlib stream. */
static OskStatus write_profile(OskPng *png, OskPngChunk *chunk, const uint8_t *profile, size_t len)
{
    static const uint8_t name[] = { 'i', 'c', 'c', 0, 0 };
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    OskStatus status = osk_deflate_zlib(profile, len, &packed, &packed_len);
    uint8_t *data =
        status == OSK_OK ? osk_arena_alloc(png->walk->arena, sizeof(name) + packed_len) : NULL;
    if (data != NULL) {
        memcpy(data, name, sizeof(name));
        memcpy(data + sizeof(name), packed, packed_len);
        chunk->action = OSK_PNG_LITERAL;
        chunk->literal = data;
        chunk->out_len = (uint32_t)(sizeof(name) + packed_len);
    }
    free(packed);
    return data != NULL ? OSK_OK : osk_walk_no_memory(png->walk, "iCCP", chunk->offset);
}

static OskStatus judge_inflated_profile(OskPng *png, OskPngChunk *chunk, OskCursor profile)
{
    OskWalk *walk = png->walk;
    osk_walk_inspect_profile(walk, profile, "iCCP");
    OskWriter writer;
    osk_writer_init(&writer, ICC_MAX);
    OskStatus status = osk_walk_take_profile(walk, profile, "iCCP", &writer);
    if (status == OSK_OK && writer.len > 0) {
        status = write_profile(png, chunk, writer.bytes, writer.len);
    }
    osk_writer_free(&writer);
    return status;
}

/* A chunk that holds no stream of a profile is as good as a broken profile. */
static OskStatus judge_no_profile(OskPng *png, const OskPngChunk *chunk)
{
    osk_walk_inspect_profile(png->walk, osk_cursor_make(NULL, 0, chunk->offset + 8), "iCCP");
    return OSK_OK;
}

/* Readers take what comes out of a stream without its checksum; ours doesn't. */
static OskStatus refuse_packing(OskWalk *walk, const OskPngChunk *chunk)
{
    osk_walk_fail(walk, OSK_UNSUPPORTED, "iCCP", "a colour profile that can't be unpacked",
                  chunk->offset);
    osk_fault_next(walk->fault,
                   "run again with --icc=drop to remove the profile; colours may shift");
    return OSK_UNSUPPORTED;
}

static OskStatus judge_profile(OskPng *png, OskPngChunk *chunk)
{
    OskWalk *walk = png->walk;
    const uint8_t *end = memchr(chunk->data, 0, chunk->len < 80 ? chunk->len : 80);
    size_t name_len = end != NULL ? (size_t)(end - chunk->data) : 0;
    if (walk->options->icc == OSK_ICC_DROP) {
        return OSK_OK;
    }
    chunk->is_told = true;
    if (end == NULL || name_len + 2 >= chunk->len || end[1] != 0) {
        return judge_no_profile(png, chunk);
    }
    if (name_len != 3 || memcmp(chunk->data, "icc", 3) != 0) {
        osk_report_add_untrusted(walk->report,
                                 (OskFact){ .kind = OSK_KIND_DEVICE,
                                            .part = "iCCP",
                                            .field = "png.profile_name",
                                            .label = "name of the colour profile",
                                            .offset = chunk->offset + 8,
                                            .len = name_len },
                                 chunk->data, name_len, OSK_LATIN1);
    }
    const uint8_t *packed = end + 2;
    size_t packed_len = chunk->len - name_len - 2;
    OskInflated inflated = { .bytes = NULL };
    OskInflateSize size = { .max = ICC_MAX };
    OskStatus status = osk_inflate_zlib(packed, packed_len, size, walk->budget, &inflated);
    if (status == OSK_NO_MEMORY) {
        return osk_walk_no_memory(walk, "iCCP", chunk->offset);
    }
    if (status != OSK_OK) {
        return refuse_packing(walk, chunk);
    }
    if (inflated.used < packed_len) {
        osk_png_hidden(png, chunk, "png.slack", "bytes behind the colour profile",
                       chunk->offset + 8 + name_len + 2 + inflated.used,
                       packed_len - inflated.used);
    }
    OskCursor profile = osk_cursor_make(inflated.bytes, inflated.len, chunk->offset + 8);
    status = judge_inflated_profile(png, chunk, profile);
    osk_inflated_free(&inflated, walk->budget);
    return status;
}

OskStatus osk_png_judge_ancillary(OskPng *png, OskPngChunk *chunk)
{
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (fixed[i].type == chunk->type) {
            chunk->action =
                chunk->len == fixed[i].len && values_are_legal(chunk) ? OSK_PNG_KEEP : OSK_PNG_DROP;
            return OSK_OK;
        }
    }
    switch (chunk->type) {
    case TAG('t', 'R', 'N', 'S'):
    case TAG('b', 'K', 'G', 'D'): return judge_colours(png, chunk);
    case TAG('s', 'B', 'I', 'T'):
        chunk->action = bits_are_legal(png, chunk) ? OSK_PNG_KEEP : OSK_PNG_DROP;
        return OSK_OK;
    case TAG('i', 'C', 'C', 'P'): return judge_profile(png, chunk);
    case TAG('e', 'X', 'I', 'f'): return judge_exif(png, chunk);
    default: return OSK_OK;
    }
}
