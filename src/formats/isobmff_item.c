/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_item.h"

#include "base/checked.h"
#include "formats/isobmff_parts.h"
#include "formats/isobmff_unci.h"
#include "parts/c2pa.h"
#include "parts/exif.h"
#include "parts/iptc.h"
#include "parts/nal.h"
#include "parts/nal_set.h"
#include "parts/obu.h"
#include "parts/xmp.h"

OskStatus osk_item_load(OskWalk *walk, const OskItem *item, OskCursor *out)
{
    *out = osk_cursor_make(NULL, 0, item->offset);
    if (item->elsewhere) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "meta/iloc",
                             "a picture's data is not in this file, or built from another item",
                             item->offset);
    }
    if (item->cut_off) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "meta/iloc",
                             "the file ends inside a picture's data", walk->size);
    }
    if (item->extent_count == 1) {
        return osk_walk_load(walk, item->extents[0].offset, item->extents[0].len, out);
    }
    uint64_t total = 0;
    for (size_t i = 0; i < item->extent_count; i++) {
        if (!osk_add_u64(total, item->extents[i].len, &total) || total > walk->size) {
            return osk_walk_fail(walk, OSK_UNSUPPORTED, "meta/iloc", "extents of one item overlap",
                                 item->offset);
        }
    }
    uint8_t *joined = osk_arena_alloc(walk->arena, (size_t)total);
    if (joined == NULL) {
        return osk_walk_no_memory(walk, "meta/iloc", item->offset);
    }
    size_t at = 0;
    for (size_t i = 0; i < item->extent_count; i++) {
        OskStatus status =
            osk_walk_read(walk, item->extents[i].offset, joined + at, (size_t)item->extents[i].len);
        if (status != OSK_OK) {
            return status;
        }
        at += (size_t)item->extents[i].len;
    }
    uint64_t first = item->extent_count > 0 ? item->extents[0].offset : item->offset;
    *out = osk_cursor_make(joined, at, first);
    return OSK_OK;
}

static OskStatus unsupported(OskWalk *walk, const OskItem *item, const char *what)
{
    return osk_walk_fail(walk, OSK_UNSUPPORTED, "meta/iinf", what, item->offset);
}

/* The `index`-th picture that a derived one is made from, or NULL. */
static const OskItem *input_at(const OskMeta *meta, const OskItem *item, size_t index)
{
    for (size_t i = 0; i < meta->ref_count; i++) {
        const OskItemRef *ref = &meta->refs[i];
        if (ref->type == OSK_FOURCC('d', 'i', 'm', 'g') && ref->from != OSK_ITEM_NONE &&
            &meta->items[ref->from] == item && index-- == 0) {
            return ref->to != OSK_ITEM_NONE ? &meta->items[ref->to] : NULL;
        }
    }
    return NULL;
}

static size_t input_count(const OskMeta *meta, const OskItem *item)
{
    size_t count = 0;
    for (size_t i = 0; i < meta->ref_count; i++) {
        const OskItemRef *ref = &meta->refs[i];
        count += ref->type == OSK_FOURCC('d', 'i', 'm', 'g') && ref->from != OSK_ITEM_NONE &&
                 &meta->items[ref->from] == item;
    }
    return count;
}

/* Width and height of an item as it is shown (turned by `irot`); false without an `ispe` of at least
 * one pixel: decoders go by the coded size then, and nothing says what lies where. */
static bool shown_size(const OskMeta *meta, const OskItem *item, uint64_t *width, uint64_t *height)
{
    const OskItemProp *ispe =
        item != NULL ? osk_meta_prop(meta, item, OSK_FOURCC('i', 's', 'p', 'e')) : NULL;
    if (ispe == NULL) {
        return false;
    }
    OskCursor body = ispe->body;
    osk_cursor_skip(&body, 4);
    *width = osk_cursor_u32be(&body);
    *height = osk_cursor_u32be(&body);
    const OskItemProp *turn = osk_meta_prop(meta, item, OSK_FOURCC('i', 'r', 'o', 't'));
    OskCursor angle = turn != NULL ? turn->body : body;
    if (turn != NULL && (osk_cursor_u8(&angle) & 1) != 0) {
        uint64_t swap = *width;
        *width = *height;
        *height = swap;
    }
    return osk_cursor_ok(&body) && *width > 0 && *height > 0;
}

/* How many bytes of a derived picture's description have a meaning; the rest is hidden. */
typedef OskStatus (*DescriptionReader)(OskWalk *walk, const OskMeta *meta, const OskItem *item,
                                       OskCursor *data);

/* ImageGrid (23008-12, 6.6.2.3.2). Tiles that no cell shows would be hidden pictures. */
static OskStatus read_grid(OskWalk *walk, const OskMeta *meta, const OskItem *item, OskCursor *data)
{
    uint16_t head = osk_cursor_u16be(data); /* version 0, one flag */
    if (head > 1) {
        return unsupported(walk, item, "a grid of another version");
    }
    unsigned width = head == 1 ? 4 : 2;
    uint64_t rows = (uint64_t)osk_cursor_u8(data) + 1;
    uint64_t columns = (uint64_t)osk_cursor_u8(data) + 1;
    uint64_t across = osk_cursor_be(data, width);
    uint64_t down = osk_cursor_be(data, width);
    if (!osk_cursor_ok(data)) {
        return osk_walk_fail(walk, OSK_MALFORMED, "grid", "the grid is cut off", item->offset);
    }
    if (input_count(meta, item) != rows * columns) {
        return unsupported(walk, item, "the grid has more or fewer tiles than cells");
    }
    uint64_t tile_width = 0;
    uint64_t tile_height = 0;
    if (!shown_size(meta, input_at(meta, item, 0), &tile_width, &tile_height)) {
        return unsupported(walk, item, "a tile of the grid has no size");
    }
    if ((columns - 1) * tile_width >= across || (rows - 1) * tile_height >= down) {
        return unsupported(walk, item, "the grid has tiles outside of the picture");
    }
    return OSK_OK;
}

/* As many as the second opinion compares with each other. */
#define LAYERS_MOST 256u

typedef struct Layer {
    int64_t left;
    int64_t top;
    uint64_t width;
    uint64_t height;
} Layer;

static bool layers_meet(const Layer *a, const Layer *b)
{
    return a->left < b->left + (int64_t)b->width && b->left < a->left + (int64_t)a->width &&
           a->top < b->top + (int64_t)b->height && b->top < a->top + (int64_t)a->height;
}

/* ImageOverlay (23008-12, 6.6.2.3.3). What a layer covers, or what lies beside the canvas, could be
 * taken out of the file again, so only pictures side by side pass. */
static OskStatus read_overlay(OskWalk *walk, const OskMeta *meta, const OskItem *item,
                              OskCursor *data)
{
    uint16_t head = osk_cursor_u16be(data);
    if (head > 1) {
        return unsupported(walk, item, "an overlay of another version");
    }
    unsigned width = head == 1 ? 4 : 2;
    osk_cursor_skip(data, 8);
    Layer canvas = { .left = 0 };
    canvas.width = osk_cursor_be(data, width);
    canvas.height = osk_cursor_be(data, width);
    size_t count = input_count(meta, item);
    if (count > LAYERS_MOST) {
        return unsupported(walk, item, "an overlay of very many layers");
    }
    Layer *layers = osk_arena_array(walk->arena, count, sizeof(*layers));
    if (layers == NULL) {
        return osk_walk_no_memory(walk, "iovl", item->offset);
    }
    if (!osk_walk_spend(walk, count * count, "iovl", item->offset)) {
        return OSK_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t left = osk_cursor_be(data, width);
        uint64_t top = osk_cursor_be(data, width);
        layers[i].left = width == 2 ? (int16_t)left : (int32_t)left;
        layers[i].top = width == 2 ? (int16_t)top : (int32_t)top;
        if (!shown_size(meta, input_at(meta, item, i), &layers[i].width, &layers[i].height)) {
            return unsupported(walk, item, "a layer has no size");
        }
        if (layers[i].left < 0 || layers[i].top < 0 ||
            (uint64_t)layers[i].left + layers[i].width > canvas.width ||
            (uint64_t)layers[i].top + layers[i].height > canvas.height) {
            return unsupported(walk, item, "a layer reaches beyond the picture");
        }
        for (size_t k = 0; k < i; k++) {
            if (layers_meet(&layers[i], &layers[k])) {
                return unsupported(
                    walk, item,
                    "a layer covers another one, and what it covers is still in the file");
            }
        }
    }
    return OSK_OK;
}

/* GainMapMetadata (ISO 21496-1, annex C): two headrooms and five fractions a channel. */
static OskStatus read_tone_map(OskWalk *walk, const OskMeta *meta, const OskItem *item,
                               OskCursor *data)
{
    (void)meta;
    uint8_t version = osk_cursor_u8(data);
    uint16_t least = osk_cursor_u16be(data);
    osk_cursor_skip(data, 2);
    unsigned channels = (osk_cursor_u8(data) & 0x80) != 0 ? 3 : 1;
    osk_cursor_skip(data, 16 + (uint64_t)channels * 40);
    if (version != 0 || least != 0) {
        return unsupported(walk, item, "a tone map of an unknown version");
    }
    return OSK_OK;
}

/* Sample transform (AVIF 1.2, section 4.2.3.2): a list of tokens, constants among them. */
static OskStatus read_transform(OskWalk *walk, const OskMeta *meta, const OskItem *item,
                                OskCursor *data)
{
    (void)meta;
    uint8_t head = osk_cursor_u8(data);
    unsigned constant = 1u << (head & 3);
    unsigned count = osk_cursor_u8(data);
    if (head >> 6 != 0) {
        return unsupported(walk, item, "a sample transform of an unknown version");
    }
    for (unsigned i = 0; i < count; i++) {
        if (osk_cursor_u8(data) == 0) {
            osk_cursor_skip(data, constant);
        }
    }
    return OSK_OK;
}

static OskStatus read_nothing(OskWalk *walk, const OskMeta *meta, const OskItem *item,
                              OskCursor *data)
{
    (void)walk;
    (void)meta;
    (void)item;
    (void)data;
    return OSK_OK;
}

/* How each kind of picture is read: coded by a codec with its configuration, or a short
 * description. */
typedef struct ItemKind {
    uint32_t type;
    uint32_t config; /* 0: `read` describes it */
    OskCodec codec;
    DescriptionReader read;
} ItemKind;

static const ItemKind kinds[] = {
    { OSK_FOURCC('h', 'v', 'c', '1'), OSK_FOURCC('h', 'v', 'c', 'C'), OSK_CODEC_HEVC, NULL },
    { OSK_FOURCC('h', 'e', 'v', '1'), OSK_FOURCC('h', 'v', 'c', 'C'), OSK_CODEC_HEVC, NULL },
    { OSK_FOURCC('l', 'h', 'v', '1'), OSK_FOURCC('l', 'h', 'v', 'C'), OSK_CODEC_HEVC, NULL },
    { OSK_FOURCC('a', 'v', 'c', '1'), OSK_FOURCC('a', 'v', 'c', 'C'), OSK_CODEC_AVC, NULL },
    { OSK_FOURCC('a', 'v', '0', '1'), OSK_FOURCC('a', 'v', '1', 'C'), OSK_CODEC_AV1, NULL },
    { OSK_FOURCC('u', 'n', 'c', 'i'), 0, OSK_CODEC_AV1, osk_unci_read },
    { OSK_FOURCC('g', 'r', 'i', 'd'), 0, OSK_CODEC_AV1, read_grid },
    { OSK_FOURCC('i', 'o', 'v', 'l'), 0, OSK_CODEC_AV1, read_overlay },
    { OSK_FOURCC('i', 'd', 'e', 'n'), 0, OSK_CODEC_AV1, read_nothing },
    { OSK_FOURCC('t', 'm', 'a', 'p'), 0, OSK_CODEC_AV1, read_tone_map },
    { OSK_FOURCC('s', 'a', 't', 'o'), 0, OSK_CODEC_AV1, read_transform },
};

static void find_rest(OskWalk *walk, uint64_t offset, uint64_t len)
{
    osk_report_add(walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = "item data",
                              .field = "isobmff.slack",
                              .label = "bytes that no reader looks at",
                              .offset = offset,
                              .len = len },
                   NULL);
}

static OskStatus filter_description(OskWalk *walk, const OskMeta *meta, const OskItem *item,
                                    OskCursor data, DescriptionReader read, OskItemSink sink,
                                    void *context)
{
    uint64_t total = osk_cursor_left(&data);
    uint64_t offset = osk_cursor_offset(&data);
    OskStatus status = read(walk, meta, item, &data);
    if (status == OSK_OK && !osk_cursor_ok(&data)) {
        status = osk_walk_fail(walk, OSK_MALFORMED, "item data", "a description is cut off",
                               item->offset);
    }
    uint64_t rest = osk_cursor_left(&data);
    OskPiece kept = { .offset = 0, .len = total - rest, .verdict = OSK_KEEP };
    OskPiece gone = { .offset = total - rest, .len = rest, .verdict = OSK_DROP };
    if (status == OSK_OK && kept.len > 0) {
        status = sink(context, &kept, NULL);
    }
    if (status == OSK_OK && rest > 0) {
        find_rest(walk, offset + kept.len, rest);
        status = sink(context, &gone, NULL);
    }
    return status;
}

static bool contains(OskCursor where, OskCursor what)
{
    size_t len = osk_cursor_left(&what);
    for (; osk_cursor_left(&where) >= len; osk_cursor_skip(&where, 1)) {
        if (osk_cursor_starts(&where, osk_cursor_rest(&what), len)) {
            return true;
        }
        if (len == 0) {
            break;
        }
    }
    return false;
}

/* What a NAL unit is to a picture, in either codec. */
typedef struct Unit {
    bool first_slice; /* of a picture: the first bit behind the header is set, which stands for
                         first_slice_segment_in_pic_flag, or for first_mb_in_slice 0 */
    bool parameters;
} Unit;

static Unit read_unit(OskCodec codec, OskCursor unit)
{
    uint8_t head = osk_cursor_u8(&unit);
    if (codec == OSK_CODEC_AVC) {
        unsigned type = head & 31;
        bool slice = type == 1 || type == 5;
        return (Unit){ slice && (osk_cursor_u8(&unit) & 0x80) != 0,
                       type == 7 || type == 8 || type == 13 || type == 15 };
    }
    unsigned type = head >> 1 & 63;
    unsigned layer = (head & 1u) << 5 | (unsigned)osk_cursor_u8(&unit) >> 3;
    return (Unit){ type < 32 && layer == 0 && (osk_cursor_u8(&unit) & 0x80) != 0,
                   type >= 32 && type <= 34 };
}

/* Reads the size of an OBU behind its header; the rest of the data where it has none. */
static uint64_t read_obu_size(OskCursor *data, uint8_t head)
{
    if ((head & 2) == 0) {
        return osk_cursor_left(data);
    }
    uint64_t size = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t byte = osk_cursor_u8(data);
        size |= (uint64_t)(byte & 0x7F) << (7 * i);
        if ((byte & 0x80) == 0) {
            break;
        }
    }
    return size;
}

static OskStatus second_picture(OskWalk *walk, const OskCursor *at)
{
    return osk_walk_fail(walk, OSK_UNSUPPORTED, "item data",
                         "a picture's data holds a second picture that is not shown",
                         osk_cursor_offset(at));
}

/* An AV1 item is one picture: each layer of it is coded once. */
static OskStatus check_obus(OskWalk *walk, OskCursor data)
{
    uint32_t coded[8] = { 0 }; /* spatial layers that are there, by temporal layer */
    while (osk_cursor_more(&data)) {
        uint8_t head = osk_cursor_u8(&data);
        unsigned type = head >> 3 & 15;
        uint8_t layer = (head & 4) != 0 ? osk_cursor_u8(&data) : 0;
        osk_cursor_skip(&data, read_obu_size(&data, head));
        if (type != 3 && type != 6) {
            continue;
        }
        uint32_t bit = 1u << (layer >> 3 & 3);
        if ((coded[layer >> 5] & bit) != 0) {
            return second_picture(walk, &data);
        }
        coded[layer >> 5] |= bit;
    }
    return OSK_OK;
}

/* Item data is one picture, and its parameter sets stand in the configuration: a second picture, or
 * parameters that only stand in the data, could be anything. */
static OskStatus check_units(OskWalk *walk, const OskCoded *coded, OskCursor data, OskCursor config)
{
    unsigned pictures = 0;
    while (osk_cursor_left(&data) > coded->length_size) {
        uint64_t len = osk_cursor_be(&data, coded->length_size);
        OskCursor bytes = osk_cursor_take(&data, len);
        Unit unit = read_unit(coded->codec, bytes);
        pictures += unit.first_slice;
        if (!unit.parameters) {
            continue;
        }
        size_t used =
            osk_nal_set_len(coded->codec, osk_cursor_rest(&bytes), osk_cursor_left(&bytes));
        if (!contains(config, osk_cursor_take(&bytes, used))) {
            return osk_walk_fail(walk, OSK_UNSUPPORTED, "item data",
                                 "a picture's data holds parameters that nothing asks for",
                                 osk_cursor_offset(&bytes));
        }
    }
    return pictures <= 1 ? OSK_OK : second_picture(walk, &data);
}

OskStatus osk_item_check(OskWalk *walk, const OskCoded *coded, OskCursor data, OskCursor config)
{
    return coded->codec == OSK_CODEC_AV1 ? check_obus(walk, data)
                                         : check_units(walk, coded, data, config);
}

static OskStatus filter_coded(OskWalk *walk, const OskMeta *meta, const OskItem *item,
                              OskCursor data, OskCoded *coded)
{
    const ItemKind *kind = NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        kind = kinds[i].type == item->type ? &kinds[i] : kind;
    }
    const OskItemProp *config = osk_meta_prop(meta, item, kind->config);
    if (config == NULL) {
        return osk_walk_fail(walk, OSK_MALFORMED, "meta/ipma",
                             "a coded picture has no configuration", item->offset);
    }
    OskStatus status = OSK_OK;
    OskWriter record;
    osk_writer_init(&record, osk_cursor_left(&config->body) + 64);
    if (coded->codec != OSK_CODEC_AV1) {
        /* For the width of length prefixes, and the sets that stay: the property is rebuilt later.
         */
        coded->source = (OskCodedSource){ .bytes = osk_cursor_rest(&config->body),
                                          .base = osk_cursor_offset(&config->body),
                                          .len = osk_cursor_left(&config->body) };
        coded->report = NULL;
        status = osk_nal_config(coded, coded->source.base, coded->source.len);
        status = status == OSK_OK ? osk_coded_write(coded, &record) : status;
        coded->report = walk->report;
    }
    uint64_t base = osk_cursor_offset(&data);
    size_t len = osk_cursor_left(&data);
    coded->source = (OskCodedSource){ .bytes = osk_cursor_rest(&data), .base = base, .len = len };
    coded->part = "item data";
    if (status == OSK_OK) {
        status = coded->codec == OSK_CODEC_AV1 ? osk_obu_sample(coded, base, len)
                                               : osk_nal_sample(coded, base, len);
    }
    if (status == OSK_OK) {
        status = osk_item_check(walk, coded, data,
                                osk_cursor_make(record.bytes, record.len, item->offset));
    }
    osk_writer_free(&record);
    return status;
}

OskStatus osk_item_filter(OskWalk *walk, const OskMeta *meta, const OskItem *item, OskCursor data,
                          OskItemSink sink, void *context)
{
    const ItemKind *kind = NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        kind = kinds[i].type == item->type ? &kinds[i] : kind;
    }
    if (kind == NULL) {
        return unsupported(walk, item, "a kind of picture that we can't show to be clean");
    }
    if (kind->read == NULL && osk_cursor_left(&data) == 0) {
        return osk_walk_fail(walk, OSK_MALFORMED, "meta/iloc", "a picture without data",
                             item->offset);
    }
    if (kind->read != NULL) {
        return filter_description(walk, meta, item, data, kind->read, sink, context);
    }
    OskCoded coded;
    osk_coded_init(&coded, kind->codec, walk->report, walk->fault, walk->budget);
    OskStatus status = filter_coded(walk, meta, item, data, &coded);
    uint64_t base = osk_cursor_offset(&data);
    if (status == OSK_OK && coded.out_len == 0) {
        status = osk_walk_fail(walk, OSK_MALFORMED, "item data", "a picture of messages only",
                               item->offset);
    }
    for (size_t i = 0; status == OSK_OK && i < coded.count; i++) {
        OskPiece piece = coded.pieces[i];
        piece.offset -= base;
        status = sink(context, &piece,
                      piece.verdict == OSK_REWRITE ? osk_coded_literal(&coded, &piece) : NULL);
    }
    osk_coded_free(&coded);
    return status;
}

static bool type_is(const OskItem *item, const char *text)
{
    size_t len = strlen(text);
    return osk_cursor_left(&item->content_type) == len &&
           osk_cursor_starts(&item->content_type, text, len);
}

static void inspect_mime(OskWalk *walk, const OskItem *item, OskCursor data, OskFact fact)
{
    if (type_is(item, "application/rdf+xml")) {
        osk_xmp_inspect(data, "XMP item", walk->report);
        return;
    }
    fact.kind = OSK_KIND_NAME;
    fact.field = "isobmff.item.mime";
    fact.label = "attached data of another type";
    osk_report_add_untrusted(walk->report, fact, osk_cursor_rest(&item->content_type),
                             osk_cursor_left(&item->content_type), OSK_UTF8);
}

static void inspect_exif(OskWalk *walk, OskCursor data)
{
    OskCursor tiff = data;
    osk_cursor_skip(&tiff, osk_cursor_u32be(&tiff));
    if (!osk_cursor_ok(&tiff)) {
        tiff = data;
        osk_cursor_skip(&tiff, 4);
    }
    osk_exif_inspect(tiff, "Exif item", walk->report, walk->budget);
}

void osk_item_inspect(OskWalk *walk, const OskItem *item, const char *field, const char *role)
{
    const OskPart *row = osk_isobmff_part(OSK_ISOBMFF_ITEM, item->type);
    OskCursor data = osk_cursor_make(NULL, 0, item->offset);
    OskFault quiet = { .status = OSK_OK };
    OskWalk lenient = *walk;
    lenient.fault = &quiet;
    bool loaded = osk_item_load(&lenient, item, &data) == OSK_OK;
    OskFact fact = { .kind = role != NULL ? OSK_KIND_PREVIEW : OSK_KIND_OTHER,
                     .part = row != NULL ? row->name : "item",
                     .field = role != NULL ? field : "isobmff.item",
                     .label = role != NULL  ? role
                              : row != NULL ? row->meaning
                                            : "an item that no reader needs",
                     .offset = osk_cursor_offset(&data),
                     .len = osk_cursor_left(&data) };
    if (role == NULL && loaded) {
        switch (item->type) {
        case OSK_FOURCC('E', 'x', 'i', 'f'): inspect_exif(walk, data); return;
        case OSK_FOURCC('m', 'i', 'm', 'e'): inspect_mime(walk, item, data, fact); return;
        case OSK_FOURCC('i', 'p', 't', 'c'):
            osk_iptc_inspect(data, "IPTC item", walk->report);
            return;
        case OSK_FOURCC('j', 'u', 'm', 'b'):
        case OSK_FOURCC('c', '2', 'p', 'a'):
            osk_c2pa_inspect(data, "C2PA item", walk->report, walk->budget);
            return;
        default: break;
        }
    }
    osk_report_add(walk->report, fact, NULL);
}
