/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_unci.h"

#include "base/checked.h"
#include "inflate/inflate.h"

#define WHERE "item unci"

/* ISO/IEC 23001-17, table 3. */
enum { INTERLEAVE_COMPONENT, INTERLEAVE_PIXEL, INTERLEAVE_MIXED, INTERLEAVE_ROW, INTERLEAVE_TILE };

/* ISO/IEC 23001-17, table 1: chroma of a subsampled picture. */
#define COMPONENT_CB 2u
#define COMPONENT_CR 3u

typedef struct Picture {
    uint64_t width; /* of a tile */
    uint64_t height;
    uint64_t tiles;
    uint8_t sampling;
    uint8_t interleave;
    OskCursor components; /* 5 bytes each */
    OskCursor types;      /* of cmpd: 2 bytes each */
} Picture;

static OskStatus unsupported(OskWalk *walk, const OskItem *item, const char *what)
{
    return osk_walk_fail(walk, OSK_UNSUPPORTED, WHERE, what, item->offset);
}

static uint16_t component_type(const Picture *picture, uint16_t index)
{
    OskCursor types = picture->types;
    osk_cursor_skip(&types, (uint64_t)index * 2);
    return osk_cursor_u16be(&types);
}

/* Bytes of all samples, every row beginning at a byte. 0 when a component is padded. */
static uint64_t samples_size(const Picture *picture)
{
    uint64_t row_bits = 0;
    uint64_t bytes = 0;
    OskCursor c = picture->components;
    while (osk_cursor_left(&c) >= 5) {
        uint16_t type = component_type(picture, osk_cursor_u16be(&c));
        uint64_t bits = (uint64_t)osk_cursor_u8(&c) + 1;
        osk_cursor_skip(&c, 1);
        uint64_t align = osk_cursor_u8(&c);
        if (align != 0 && align * 8 != bits) {
            return 0;
        }
        bool chroma = picture->sampling != 0 && (type == COMPONENT_CB || type == COMPONENT_CR);
        uint64_t width =
            chroma ? picture->width / (picture->sampling == 3 ? 4 : 2) : picture->width;
        uint64_t height = chroma && picture->sampling == 2 ? picture->height / 2 : picture->height;
        row_bits += bits * picture->width;
        bytes += (width * bits + 7) / 8 * height;
    }
    if (picture->interleave == INTERLEAVE_PIXEL) {
        bytes = picture->sampling == 0 ? (row_bits + 7) / 8 * picture->height : 0;
    }
    return bytes * picture->tiles;
}

/* Profiles that stand for a whole layout: bytes of a pixel, or 0. */
static unsigned profile_bytes(uint32_t profile)
{
    switch (profile) {
    case OSK_FOURCC('r', 'g', 'b', '3'): return 3;
    case OSK_FOURCC('r', 'g', 'b', 'a'):
    case OSK_FOURCC('a', 'b', 'g', 'r'): return 4;
    default: return 0;
    }
}

static OskStatus read_layout(OskWalk *walk, const OskItem *item, OskCursor body, Picture *picture,
                             uint64_t *out_size)
{
    uint8_t version = 0;
    osk_box_full(&body, &version);
    uint32_t profile = osk_cursor_u32be(&body);
    if (version > 0) {
        *out_size = picture->width * picture->height * profile_bytes(profile);
        return *out_size > 0
                   ? OSK_OK
                   : unsupported(walk, item, "an uncompressed picture of an unknown profile");
    }
    uint64_t count = osk_cursor_u32be(&body);
    picture->components = osk_cursor_take(&body, count * 5);
    picture->sampling = osk_cursor_u8(&body);
    picture->interleave = osk_cursor_u8(&body);
    uint8_t block_size = osk_cursor_u8(&body);
    osk_cursor_skip(&body, 1);
    uint32_t pixel_size = osk_cursor_u32be(&body);
    uint32_t row_align = osk_cursor_u32be(&body);
    uint32_t tile_align = osk_cursor_u32be(&body);
    uint64_t columns = (uint64_t)osk_cursor_u32be(&body) + 1;
    uint64_t rows = (uint64_t)osk_cursor_u32be(&body) + 1;
    if (!osk_cursor_ok(&body)) {
        return osk_walk_fail(walk, OSK_MALFORMED, WHERE, "its layout is cut off", item->offset);
    }
    bool padded = block_size != 0 || pixel_size != 0 || row_align > 1 || tile_align > 1;
    bool known = picture->sampling <= 3 && picture->interleave <= INTERLEAVE_TILE;
    if (padded || !known || columns > picture->width || rows > picture->height ||
        picture->width % columns != 0 || picture->height % rows != 0) {
        return unsupported(walk, item,
                           "an uncompressed picture with padding that could hold anything");
    }
    picture->width /= columns;
    picture->height /= rows;
    picture->tiles = columns * rows;
    *out_size = samples_size(picture);
    return *out_size > 0 ? OSK_OK
                         : unsupported(walk, item, "an uncompressed picture with padded samples");
}

/* Inflates one unit, which must end where the stream in it ends; adds to `*made` what came out. */
static OskStatus read_unit(OskWalk *walk, const OskItem *item, bool zlib, OskCursor unit,
                           uint64_t most, uint64_t *made)
{
    OskInflated inflated = { .bytes = NULL };
    OskInflateSize size = { .max = (size_t)most };
    OskStatus status = zlib ? osk_inflate_zlib(osk_cursor_rest(&unit), osk_cursor_left(&unit), size,
                                               walk->budget, &inflated)
                            : osk_inflate_raw(osk_cursor_rest(&unit), osk_cursor_left(&unit), size,
                                              walk->budget, &inflated);
    if (status == OSK_NO_MEMORY) {
        return osk_walk_no_memory(walk, WHERE, osk_cursor_offset(&unit));
    }
    if (status != OSK_OK) {
        return osk_walk_fail(walk, status == OSK_LIMIT ? OSK_MALFORMED : status, WHERE,
                             "its compressed data is broken", osk_cursor_offset(&unit));
    }
    bool whole = inflated.used == osk_cursor_left(&unit);
    *made += inflated.len;
    osk_inflated_free(&inflated, walk->budget);
    return whole ? OSK_OK : unsupported(walk, item, "bytes behind the end of its compressed data");
}

/* The units of icef, one behind the other without gap. */
static OskStatus read_units(OskWalk *walk, const OskItem *item, bool zlib, OskCursor table,
                            OskCursor *data, uint64_t raw_size)
{
    static const uint8_t offset_sizes[8] = { 0, 2, 3, 4, 8, 0, 0, 0 };
    static const uint8_t length_sizes[8] = { 1, 2, 3, 4, 8, 0, 0, 0 };
    uint64_t begin = osk_cursor_offset(data);
    osk_cursor_skip(&table, 4);
    uint8_t codes = osk_cursor_u8(&table);
    uint32_t count = osk_cursor_u32be(&table);
    unsigned offset_size = offset_sizes[codes >> 5];
    unsigned length_size = length_sizes[codes >> 2 & 7];
    uint64_t made = 0;
    OskStatus status = OSK_OK;
    if (count == 0) {
        status = read_unit(walk, item, zlib, osk_cursor_take(data, osk_cursor_left(data)), raw_size,
                           &made);
    }
    for (uint32_t i = 0; status == OSK_OK && i < count && osk_cursor_ok(&table); i++) {
        uint64_t offset = osk_cursor_be(&table, offset_size);
        uint64_t len = osk_cursor_be(&table, length_size);
        if (length_size == 0 || (offset_size > 0 && begin + offset != osk_cursor_offset(data))) {
            return unsupported(walk, item, "gaps between its compressed units");
        }
        if (!osk_walk_spend(walk, 1, WHERE, item->offset)) {
            return OSK_LIMIT;
        }
        OskCursor unit = osk_cursor_take(data, len);
        if (!osk_cursor_ok(data)) {
            break;
        }
        status = read_unit(walk, item, zlib, unit, raw_size - made, &made);
    }
    if (status == OSK_OK && (!osk_cursor_ok(&table) || !osk_cursor_ok(data) || made != raw_size)) {
        status = osk_walk_fail(walk, OSK_MALFORMED, WHERE,
                               "its compressed data is not as long as the picture", item->offset);
    }
    return status;
}

OskStatus osk_unci_read(OskWalk *walk, const OskMeta *meta, const OskItem *item, OskCursor *data)
{
    const OskItemProp *ispe = osk_meta_prop(meta, item, OSK_FOURCC('i', 's', 'p', 'e'));
    const OskItemProp *layout = osk_meta_prop(meta, item, OSK_FOURCC('u', 'n', 'c', 'C'));
    const OskItemProp *types = osk_meta_prop(meta, item, OSK_FOURCC('c', 'm', 'p', 'd'));
    const OskItemProp *packing = osk_meta_prop(meta, item, OSK_FOURCC('c', 'm', 'p', 'C'));
    const OskItemProp *units = osk_meta_prop(meta, item, OSK_FOURCC('i', 'c', 'e', 'f'));
    if (ispe == NULL || layout == NULL) {
        return osk_walk_fail(walk, OSK_MALFORMED, WHERE, "it has no size or no layout",
                             item->offset);
    }
    OskCursor size = ispe->body;
    osk_cursor_skip(&size, 4);
    Picture picture = { .tiles = 1 };
    picture.width = osk_cursor_u32be(&size);
    picture.height = osk_cursor_u32be(&size);
    picture.types = types != NULL ? types->body : osk_cursor_make(NULL, 0, item->offset);
    osk_cursor_skip(&picture.types, types != NULL ? 4 : 0);
    uint64_t area = 0;
    if (!osk_mul_u64(picture.width, picture.height, &area) ||
        !osk_budget_pixels(walk->budget, area)) {
        return osk_walk_fail(walk, OSK_LIMIT, WHERE, "larger than a picture may be", item->offset);
    }
    uint64_t raw_size = 0;
    OskStatus status = read_layout(walk, item, layout->body, &picture, &raw_size);
    if (status != OSK_OK || packing == NULL) {
        osk_cursor_skip(data, status == OSK_OK ? raw_size : 0);
        return status;
    }
    OskCursor method = packing->body;
    osk_cursor_skip(&method, 4);
    uint32_t kind = osk_cursor_u32be(&method);
    if (kind != OSK_FOURCC('z', 'l', 'i', 'b') && kind != OSK_FOURCC('d', 'e', 'f', 'l')) {
        return unsupported(walk, item, "a compression whose end we can't find");
    }
    static const uint8_t no_units[9];
    return read_units(walk, item, kind == OSK_FOURCC('z', 'l', 'i', 'b'),
                      units != NULL ? units->body : osk_cursor_make(no_units, sizeof(no_units), 0),
                      data, raw_size);
}
