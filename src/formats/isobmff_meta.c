/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_meta.h"

#include <stdlib.h>

#include "base/checked.h"

#define WHERE "meta"

/* Where the boxes of a `meta` lie, before any of them is read; a body that is absent is empty. */
typedef struct Parts {
    OskCursor iinf;
    OskCursor iloc;
    OskCursor iref;
    OskCursor ipco;
    OskCursor iprp;
} Parts;

static OskStatus malformed(OskWalk *walk, const char *part, const char *what, uint64_t offset)
{
    return osk_walk_fail(walk, OSK_MALFORMED, part, what, offset);
}

static void find_bytes(OskWalk *walk, const char *part, uint64_t offset, uint64_t len)
{
    osk_report_add(walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = part,
                              .field = "isobmff.slack",
                              .label = "bytes that no reader looks at",
                              .offset = offset,
                              .len = len },
                   NULL);
}

/* What is left behind the last field of a box is shown by nobody. */
static void find_rest(OskWalk *walk, const char *part, const OskCursor *rest)
{
    if (osk_cursor_ok(rest) && osk_cursor_left(rest) > 0) {
        find_bytes(walk, part, osk_cursor_offset(rest), osk_cursor_left(rest));
    }
}

static void find_box(OskWalk *walk, const OskBox *box)
{
    OskText text;
    osk_text_init(&text);
    osk_box_type_text(&text, box->type);
    osk_report_add(walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = WHERE,
                              .field = "isobmff.box",
                              .label = "a box that no reader needs",
                              .offset = box->offset,
                              .len = box->size },
                   &text);
}

static OskStatus read_handler(OskWalk *walk, OskCursor body, OskMeta *meta)
{
    uint8_t version = 0;
    osk_box_full(&body, &version);
    osk_cursor_skip(&body, 4);
    meta->handler = osk_cursor_u32be(&body);
    OskCursor reserved = osk_cursor_take(&body, 12);
    if (!osk_cursor_ok(&body)) {
        return malformed(walk, "meta/hdlr", "the handler is cut off", osk_cursor_offset(&body));
    }
    static const uint8_t zeros[12];
    if (!osk_cursor_starts(&reserved, zeros, sizeof(zeros))) {
        find_bytes(walk, "meta/hdlr", osk_cursor_offset(&reserved), sizeof(zeros));
    }
    if (osk_cursor_left(&body) > 0 && osk_cursor_rest(&body)[0] != 0) {
        osk_report_add_untrusted(walk->report,
                                 (OskFact){ .kind = OSK_KIND_SOFTWARE,
                                            .part = "meta/hdlr",
                                            .field = "isobmff.handler_name",
                                            .label = "name of the program's handler",
                                            .offset = osk_cursor_offset(&body),
                                            .len = osk_cursor_left(&body) },
                                 osk_cursor_rest(&body), osk_cursor_left(&body), OSK_UTF8);
    } else if (osk_cursor_left(&body) > 1) {
        find_rest(walk, "meta/hdlr", &body);
    }
    return OSK_OK;
}

static OskStatus read_primary(OskWalk *walk, OskCursor body, OskMeta *meta)
{
    uint8_t version = 0;
    osk_box_full(&body, &version);
    meta->primary_id = version == 0 ? osk_cursor_u16be(&body) : osk_cursor_u32be(&body);
    if (!osk_cursor_ok(&body)) {
        return malformed(walk, "meta/pitm", "the primary item is cut off",
                         osk_cursor_offset(&body));
    }
    meta->has_primary = true;
    find_rest(walk, "meta/pitm", &body);
    return OSK_OK;
}

/* External data references are legal, and nothing that we could show to be clean. */
static void read_data_references(OskCursor body, OskMeta *meta)
{
    OskBox box;
    OskCursor dref;
    uint8_t version = 0;
    while (osk_box_next(&body, &box, &dref)) {
        osk_box_full(&dref, &version);
        osk_cursor_skip(&dref, 4);
        OskCursor entry;
        while (osk_box_next(&dref, &box, &entry)) {
            if ((osk_box_full(&entry, &version) & 1) == 0) {
                meta->external = true;
            }
        }
    }
}

static OskStatus read_property_boxes(OskWalk *walk, OskCursor iprp, Parts *parts)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&iprp, &box, &body)) {
        if (box.type == OSK_FOURCC('i', 'p', 'c', 'o')) {
            parts->ipco = body;
        } else if (box.type != OSK_FOURCC('i', 'p', 'm', 'a')) {
            find_box(walk, &box);
        }
    }
    if (!osk_cursor_ok(&iprp)) {
        return malformed(walk, "meta/iprp", "a box has an impossible size",
                         osk_cursor_offset(&iprp));
    }
    return OSK_OK;
}

static OskStatus read_child(OskWalk *walk, const OskBox *box, OskCursor body, OskMeta *meta,
                            Parts *parts)
{
    switch (box->type) {
    case OSK_FOURCC('h', 'd', 'l', 'r'): return read_handler(walk, body, meta);
    case OSK_FOURCC('p', 'i', 't', 'm'): return read_primary(walk, body, meta);
    case OSK_FOURCC('i', 'i', 'n', 'f'): parts->iinf = body; return OSK_OK;
    case OSK_FOURCC('i', 'l', 'o', 'c'): parts->iloc = body; return OSK_OK;
    case OSK_FOURCC('i', 'r', 'e', 'f'): parts->iref = body; return OSK_OK;
    case OSK_FOURCC('i', 'p', 'r', 'p'):
        parts->iprp = body;
        return read_property_boxes(walk, body, parts);
    case OSK_FOURCC('i', 'd', 'a', 't'):
        meta->idat_offset = osk_cursor_offset(&body);
        meta->idat_len = osk_cursor_left(&body);
        return OSK_OK;
    case OSK_FOURCC('d', 'i', 'n', 'f'):
        read_data_references(body, meta);
        find_box(walk, box);
        return OSK_OK;
    default: find_box(walk, box); return OSK_OK;
    }
}

/* A string up to its NUL; all that is left where there is none. */
static OskCursor take_string(OskCursor *in)
{
    const uint8_t *at = osk_cursor_rest(in);
    size_t left = osk_cursor_left(in);
    const uint8_t *end = left > 0 ? memchr(at, 0, left) : NULL;
    OskCursor text = osk_cursor_take(in, end != NULL ? (size_t)(end - at) : left);
    if (end != NULL) {
        osk_cursor_skip(in, 1);
    }
    return text;
}

static OskStatus read_item(OskWalk *walk, const OskBox *box, OskCursor body, OskItem *out)
{
    uint8_t version = 0;
    uint32_t flags = osk_box_full(&body, &version);
    *out = (OskItem){ .offset = box->offset, .hidden = (flags & 1) != 0 };
    out->id = version == 3 ? osk_cursor_u32be(&body) : osk_cursor_u16be(&body);
    out->protected = osk_cursor_u16be(&body) != 0;
    if (version >= 2) {
        out->type = osk_cursor_u32be(&body);
    }
    if (!osk_cursor_ok(&body)) {
        return malformed(walk, "meta/iinf", "an item is cut off", box->offset);
    }
    out->name = take_string(&body);
    if (version < 2 || out->type == OSK_FOURCC('m', 'i', 'm', 'e')) {
        out->type = OSK_FOURCC('m', 'i', 'm', 'e');
        out->content_type = take_string(&body);
        out->content_coding = take_string(&body);
    } else if (out->type != OSK_FOURCC('u', 'r', 'i', ' ')) {
        find_rest(walk, "meta/iinf", &body);
    }
    return OSK_OK;
}

static int compare_items(const void *a, const void *b)
{
    const OskItem *x = a;
    const OskItem *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static OskStatus read_items(OskWalk *walk, OskCursor body, OskMeta *meta)
{
    uint8_t version = 0;
    osk_box_full(&body, &version);
    osk_cursor_skip(&body, version == 0 ? 2 : 4);
    OskBox box;
    OskCursor entry;
    size_t count = 0;
    for (OskCursor c = body; osk_box_next(&c, &box, &entry);) {
        count++;
    }
    meta->items = osk_arena_array(walk->arena, count, sizeof(OskItem));
    if (meta->items == NULL) {
        return osk_walk_no_memory(walk, "meta/iinf", osk_cursor_offset(&body));
    }
    if (!osk_walk_spend(walk, count, "meta/iinf", osk_cursor_offset(&body))) {
        return OSK_LIMIT;
    }
    while (osk_box_next(&body, &box, &entry)) {
        if (box.type != OSK_FOURCC('i', 'n', 'f', 'e')) {
            find_box(walk, &box);
            continue;
        }
        OskStatus status = read_item(walk, &box, entry, &meta->items[meta->item_count++]);
        if (status != OSK_OK) {
            return status;
        }
    }
    if (!osk_cursor_ok(&body)) {
        return malformed(walk, "meta/iinf", "a box has an impossible size",
                         osk_cursor_offset(&body));
    }
    if (meta->item_count > 0) {
        qsort(meta->items, meta->item_count, sizeof(OskItem), compare_items);
    }
    for (size_t i = 1; i < meta->item_count; i++) {
        if (meta->items[i].id == meta->items[i - 1].id) {
            return malformed(walk, "meta/iinf", "two items have one number", meta->items[i].offset);
        }
    }
    return OSK_OK;
}

size_t osk_meta_find(const OskMeta *meta, uint32_t id)
{
    size_t low = 0;
    size_t high = meta->item_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (meta->items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < meta->item_count && meta->items[low].id == id ? low : OSK_ITEM_NONE;
}

/* The widths of one `iloc` box. */
typedef struct Locations {
    uint8_t version;
    unsigned offset_size;
    unsigned length_size;
    unsigned base_size;
    unsigned index_size;
} Locations;

/* One extent's range in the file; a length of 0 means all that is left. */
static bool resolve(const OskWalk *walk, const OskMeta *meta, unsigned method,
                    OskItemExtent *extent)
{
    uint64_t room = method == 1 ? meta->idat_len : walk->size;
    if (extent->offset > room) {
        return false;
    }
    if (extent->len == 0) {
        extent->len = room - extent->offset;
    }
    if (!osk_range_within(extent->offset, extent->len, room)) {
        return false;
    }
    extent->offset += method == 1 ? meta->idat_offset : 0;
    return true;
}

static OskStatus read_location(OskWalk *walk, OskCursor *body, const Locations *sizes,
                               OskMeta *meta)
{
    uint64_t at = osk_cursor_offset(body);
    uint32_t id = sizes->version < 2 ? osk_cursor_u16be(body) : osk_cursor_u32be(body);
    unsigned method = sizes->version == 0 ? 0 : osk_cursor_u16be(body) & 15u;
    unsigned reference = osk_cursor_u16be(body);
    uint64_t base = osk_cursor_be(body, sizes->base_size);
    size_t count = osk_cursor_u16be(body);
    if (!osk_cursor_ok(body)) {
        return malformed(walk, "meta/iloc", "a location is cut off", at);
    }
    if (!osk_walk_spend(walk, count + 1, "meta/iloc", at)) {
        return OSK_LIMIT;
    }
    OskItemExtent *extents = osk_arena_array(walk->arena, count, sizeof(*extents));
    if (extents == NULL) {
        return osk_walk_no_memory(walk, "meta/iloc", at);
    }
    size_t index = osk_meta_find(meta, id);
    OskItem *item = index != OSK_ITEM_NONE ? &meta->items[index] : NULL;
    bool cut_off = false;
    bool elsewhere = method > 1 || (reference != 0 && meta->external);
    for (size_t i = 0; i < count; i++) {
        osk_cursor_skip(body, sizes->version == 0 ? 0 : sizes->index_size);
        uint64_t offset = osk_cursor_be(body, sizes->offset_size);
        extents[i].len = osk_cursor_be(body, sizes->length_size);
        if (!osk_cursor_ok(body) || !osk_add_u64(base, offset, &extents[i].offset)) {
            return malformed(walk, "meta/iloc", "an extent is cut off", at);
        }
        /* Data that lies outside of the file matters only when the item is needed. */
        cut_off = cut_off || (!elsewhere && !resolve(walk, meta, method, &extents[i]));
    }
    if (item != NULL) {
        item->extents = extents;
        item->extent_count = count;
        item->elsewhere = elsewhere;
        item->cut_off = cut_off;
    }
    return OSK_OK;
}

static OskStatus read_locations(OskWalk *walk, OskCursor body, OskMeta *meta)
{
    Locations sizes = { .version = 0 };
    osk_box_full(&body, &sizes.version);
    unsigned packed = osk_cursor_u16be(&body);
    sizes.offset_size = packed >> 12;
    sizes.length_size = packed >> 8 & 15;
    sizes.base_size = packed >> 4 & 15;
    sizes.index_size = packed & 15;
    uint32_t count = sizes.version < 2 ? osk_cursor_u16be(&body) : osk_cursor_u32be(&body);
    if (!osk_cursor_ok(&body) || sizes.version > 2 || sizes.offset_size > 8 ||
        sizes.length_size > 8 || sizes.base_size > 8 || sizes.index_size > 8) {
        return malformed(walk, "meta/iloc", "the table of locations is broken",
                         osk_cursor_offset(&body));
    }
    for (uint32_t i = 0; i < count; i++) {
        OskStatus status = read_location(walk, &body, &sizes, meta);
        if (status != OSK_OK) {
            return status;
        }
    }
    find_rest(walk, "meta/iloc", &body);
    return OSK_OK;
}

/* Reads one list of references; without `out` it only counts them. */
static size_t read_reference(OskCursor body, uint8_t version, const OskMeta *meta, OskItemRef *out,
                             uint32_t type)
{
    unsigned width = version == 0 ? 2 : 4;
    uint32_t from = (uint32_t)osk_cursor_be(&body, width);
    size_t count = osk_cursor_u16be(&body);
    if (!osk_cursor_ok(&body) || osk_cursor_left(&body) / width < count) {
        return OSK_ITEM_NONE;
    }
    for (size_t i = 0; out != NULL && i < count; i++) {
        out[i].type = type;
        out[i].from = osk_meta_find(meta, from);
        out[i].to = osk_meta_find(meta, (uint32_t)osk_cursor_be(&body, width));
    }
    return count;
}

static OskStatus read_references(OskWalk *walk, OskCursor body, OskMeta *meta)
{
    uint8_t version = 0;
    uint64_t at = osk_cursor_offset(&body);
    osk_box_full(&body, &version);
    OskBox box;
    OskCursor list;
    size_t total = 0;
    for (OskCursor c = body; osk_box_next(&c, &box, &list);) {
        size_t count = read_reference(list, version, meta, NULL, 0);
        if (count == OSK_ITEM_NONE) {
            return malformed(walk, "meta/iref", "a list of references is cut off", box.offset);
        }
        total += count;
    }
    meta->refs = osk_arena_array(walk->arena, total, sizeof(OskItemRef));
    if (meta->refs == NULL) {
        return osk_walk_no_memory(walk, "meta/iref", at);
    }
    if (!osk_walk_spend(walk, total, "meta/iref", at)) {
        return OSK_LIMIT;
    }
    for (uint32_t ordinal = 0; osk_box_next(&body, &box, &list); ordinal++) {
        OskItemRef *out = meta->refs + meta->ref_count;
        size_t count = read_reference(list, version, meta, out, box.type);
        for (size_t i = 0; i < count; i++) {
            out[i].box = ordinal;
        }
        meta->ref_count += count;
    }
    if (!osk_cursor_ok(&body)) {
        return malformed(walk, "meta/iref", "a box has an impossible size",
                         osk_cursor_offset(&body));
    }
    return OSK_OK;
}

static OskStatus read_properties(OskWalk *walk, OskCursor body, OskMeta *meta)
{
    OskBox box;
    OskCursor inner;
    size_t count = 0;
    for (OskCursor c = body; osk_box_next(&c, &box, &inner);) {
        count++;
    }
    meta->props = osk_arena_array(walk->arena, count, sizeof(OskItemProp));
    if (meta->props == NULL) {
        return osk_walk_no_memory(walk, "meta/ipco", osk_cursor_offset(&body));
    }
    if (!osk_walk_spend(walk, count, "meta/ipco", osk_cursor_offset(&body))) {
        return OSK_LIMIT;
    }
    while (osk_box_next(&body, &box, &inner)) {
        OskItemProp *prop = &meta->props[meta->prop_count++];
        *prop = (OskItemProp){ .type = box.type, .box = box, .body = inner };
    }
    if (!osk_cursor_ok(&body) || count > 0x7FFF) {
        return malformed(walk, "meta/ipco", "the list of properties is broken",
                         osk_cursor_offset(&body));
    }
    return OSK_OK;
}

/* Reads one `ipma` box. Without `out` it counts what concerns known items and properties. */
static size_t read_ipma(OskCursor body, const OskMeta *meta, OskItemAssoc *out)
{
    uint8_t version = 0;
    bool wide = (osk_box_full(&body, &version) & 1) != 0;
    uint32_t entries = osk_cursor_u32be(&body);
    size_t made = 0;
    for (uint32_t i = 0; i < entries && osk_cursor_ok(&body); i++) {
        uint32_t id = version == 0 ? osk_cursor_u16be(&body) : osk_cursor_u32be(&body);
        size_t item = osk_meta_find(meta, id);
        unsigned count = osk_cursor_u8(&body);
        for (unsigned k = 0; k < count; k++) {
            unsigned packed = wide ? osk_cursor_u16be(&body) : osk_cursor_u8(&body);
            unsigned index = packed & (wide ? 0x7FFFu : 0x7Fu);
            if (item == OSK_ITEM_NONE || index == 0 || index > meta->prop_count) {
                continue; /* index 0 is an association with nothing */
            }
            if (out != NULL) {
                out[made] = (OskItemAssoc){ .item = item,
                                            .prop = (uint16_t)(index - 1),
                                            .essential = packed >> (wide ? 15 : 7) != 0 };
            }
            made++;
        }
    }
    return osk_cursor_ok(&body) ? made : OSK_ITEM_NONE;
}

static OskStatus read_associations(OskWalk *walk, OskCursor iprp, OskMeta *meta)
{
    OskBox box;
    OskCursor body;
    size_t total = 0;
    for (OskCursor c = iprp; osk_box_next(&c, &box, &body);) {
        if (box.type == OSK_FOURCC('i', 'p', 'm', 'a')) {
            size_t count = read_ipma(body, meta, NULL);
            if (count == OSK_ITEM_NONE) {
                return malformed(walk, "meta/ipma", "the table of properties is cut off",
                                 box.offset);
            }
            total += count;
        }
    }
    OskItemAssoc *found = osk_arena_array(walk->arena, total, sizeof(*found));
    meta->assocs = osk_arena_array(walk->arena, total + OSK_ASSOC_SPARE, sizeof(*found));
    if (found == NULL || meta->assocs == NULL) {
        return osk_walk_no_memory(walk, "meta/ipma", osk_cursor_offset(&iprp));
    }
    if (!osk_walk_spend(walk, total, "meta/ipma", osk_cursor_offset(&iprp))) {
        return OSK_LIMIT;
    }
    size_t at = 0;
    while (osk_box_next(&iprp, &box, &body)) {
        if (box.type == OSK_FOURCC('i', 'p', 'm', 'a')) {
            at += read_ipma(body, meta, found + at);
        }
    }
    /* A counting sort by item keeps the order in which each item's properties apply. */
    for (size_t i = 0; i < total; i++) {
        meta->items[found[i].item].assoc_count++;
    }
    for (size_t i = 0, first = 0; i < meta->item_count; i++) {
        meta->items[i].assoc_first = first;
        first += meta->items[i].assoc_count;
        meta->items[i].assoc_count = 0;
    }
    for (size_t i = 0; i < total; i++) {
        OskItem *item = &meta->items[found[i].item];
        meta->assocs[item->assoc_first + item->assoc_count++] = found[i];
    }
    meta->assoc_count = total;
    return OSK_OK;
}

void osk_meta_associate(OskMeta *meta, size_t index, OskItemAssoc assoc)
{
    OskItem *item = &meta->items[index];
    size_t first = meta->assoc_count;
    if (item->assoc_count >= OSK_ASSOC_SPARE) {
        return;
    }
    for (size_t i = 0; i < item->assoc_count; i++) {
        meta->assocs[first + i] = meta->assocs[item->assoc_first + i];
    }
    assoc.item = index;
    meta->assocs[first + item->assoc_count] = assoc;
    item->assoc_first = first;
    item->assoc_count++;
    meta->assoc_count += item->assoc_count;
}

const OskItemProp *osk_meta_prop(const OskMeta *meta, const OskItem *item, uint32_t type)
{
    for (size_t i = 0; i < item->assoc_count; i++) {
        const OskItemProp *prop = &meta->props[meta->assocs[item->assoc_first + i].prop];
        if (prop->type == type) {
            return prop;
        }
    }
    return NULL;
}

/* Bytes of `idat` that no item's location covers. */
static OskStatus find_idat_gaps(OskWalk *walk, const OskMeta *meta)
{
    uint8_t *used = osk_arena_alloc(walk->arena, (size_t)meta->idat_len);
    if (used == NULL) {
        return osk_walk_no_memory(walk, "meta/idat", meta->idat_offset);
    }
    for (size_t i = 0; i < meta->item_count; i++) {
        for (size_t k = 0; k < meta->items[i].extent_count; k++) {
            const OskItemExtent *extent = &meta->items[i].extents[k];
            if (extent->offset < meta->idat_offset ||
                !osk_range_within(extent->offset - meta->idat_offset, extent->len,
                                  meta->idat_len)) {
                continue;
            }
            /* Many items may claim the same bytes over and over. */
            if (!osk_walk_spend(walk, extent->len / 4096 + 1, "meta/idat", extent->offset)) {
                return OSK_LIMIT;
            }
            memset(used + (extent->offset - meta->idat_offset), 1, (size_t)extent->len);
        }
    }
    for (uint64_t at = 0; at < meta->idat_len; at++) {
        uint64_t begin = at;
        while (at < meta->idat_len && used[at] == 0) {
            at++;
        }
        if (at > begin) {
            find_bytes(walk, "meta/idat", meta->idat_offset + begin, at - begin);
        }
    }
    return OSK_OK;
}

OskStatus osk_meta_read(OskWalk *walk, const OskBox *box, OskCursor body, OskMeta *out)
{
    *out = (OskMeta){ .box = *box, .primary = OSK_ITEM_NONE };
    Parts parts = { .iinf = osk_cursor_make(NULL, 0, box->offset) };
    parts.iloc = parts.iref = parts.ipco = parts.iprp = parts.iinf;
    osk_cursor_skip(&body, 4);
    OskBox child;
    OskCursor inner;
    OskStatus status = OSK_OK;
    while (status == OSK_OK && osk_box_next(&body, &child, &inner)) {
        status = read_child(walk, &child, inner, out, &parts);
    }
    if (status == OSK_OK && !osk_cursor_ok(&body)) {
        status = malformed(walk, WHERE, "a box has an impossible size", osk_cursor_offset(&body));
    }
    if (status != OSK_OK || out->handler != OSK_FOURCC('p', 'i', 'c', 't')) {
        return status;
    }
    status = osk_cursor_left(&parts.iinf) > 0 ? read_items(walk, parts.iinf, out) : OSK_OK;
    if (status == OSK_OK && osk_cursor_left(&parts.iloc) > 0) {
        status = read_locations(walk, parts.iloc, out);
    }
    if (status == OSK_OK && out->idat_len > 0) {
        status = find_idat_gaps(walk, out);
    }
    if (status == OSK_OK && osk_cursor_left(&parts.iref) > 0) {
        status = read_references(walk, parts.iref, out);
    }
    if (status == OSK_OK) {
        status = read_properties(walk, parts.ipco, out);
    }
    if (status == OSK_OK && osk_cursor_left(&parts.iprp) > 0) {
        status = read_associations(walk, parts.iprp, out);
    }
    if (status == OSK_OK && out->has_primary) {
        out->primary = osk_meta_find(out, out->primary_id);
    }
    return status;
}
