/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file-level `meta` box: items, where their data lies, and whether each of them is part of what
 * is shown. ISO/IEC 14496-12 section 8.11, ISO/IEC 23008-12 sections 6 and 9. */
#include <string.h>

#include "verify/heif.h"

/* A crop may take away this much: the padding to whole blocks, which have 8 pixels a side; or, of a
 * picture that is smaller than a coder takes, the padding to 64 pixels. */
#define PADDING_MOST 7u
#define SIDE_LEAST 64u

bool osk_check_heif_box(OskHeif *heif, OskCursor *in, uint32_t *out_type, OskCursor *out_body,
                        uint64_t *out_at)
{
    if (!osk_cursor_more(in)) {
        return false;
    }
    *out_at = osk_cursor_offset(in);
    uint64_t left = osk_cursor_left(in);
    uint64_t size = osk_cursor_u32be(in);
    uint64_t header = 8;
    *out_type = osk_cursor_u32be(in);
    if (size == 1) {
        size = osk_cursor_u64be(in);
        header = 16;
    } else if (size == 0) {
        size = left;
    }
    if (!osk_budget_parts(heif->check->budget, 1)) {
        heif->status = osk_check_fail(heif->check, OSK_LIMIT, "file", "too many boxes", *out_at);
        return false;
    }
    if (!osk_cursor_ok(in) || size < header || size > left) {
        osk_check_heif_found(heif, "file", "bytes that are no box", *out_at);
        return false;
    }
    *out_body = osk_cursor_take(in, size - header);
    return true;
}

OskHeifItem *osk_check_heif_item(OskHeif *heif, uint32_t id)
{
    uint32_t low = 0;
    uint32_t high = heif->item_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (heif->items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < heif->item_count && heif->items[low].id == id ? &heif->items[low] : NULL;
}

OskHeifProperty *osk_check_heif_property(OskHeif *heif, const OskHeifItem *item, uint32_t type)
{
    for (uint32_t i = 0; i < item->property_count; i++) {
        OskHeifProperty *property = &heif->properties[item->properties[i]];
        if (property->type == type) {
            return property;
        }
    }
    return NULL;
}

/* ---- Items ---- */

static void check_hdlr(OskHeif *heif, OskCursor c, uint64_t at)
{
    bool good = osk_cursor_u64be(&c) == 0 && osk_cursor_u32be(&c) == OSK_CODE('p', 'i', 'c', 't');
    while (osk_cursor_more(&c)) {
        good = osk_cursor_u8(&c) == 0 && good;
    }
    if (!good || osk_cursor_offset(&c) - at > 64) {
        osk_check_heif_found(heif, "meta/hdlr", "a name, or a handler of another kind", at);
    }
}

static bool is_picture_type(uint32_t type)
{
    switch (type) {
    case OSK_CODE('h', 'v', 'c', '1'):
    case OSK_CODE('h', 'e', 'v', '1'):
    case OSK_CODE('l', 'h', 'v', '1'):
    case OSK_CODE('a', 'v', 'c', '1'):
    case OSK_CODE('a', 'v', '0', '1'):
    case OSK_CODE('u', 'n', 'c', 'i'):
    case OSK_CODE('g', 'r', 'i', 'd'):
    case OSK_CODE('i', 'o', 'v', 'l'):
    case OSK_CODE('i', 'd', 'e', 'n'):
    case OSK_CODE('t', 'm', 'a', 'p'):
    case OSK_CODE('s', 'a', 't', 'o'): return true;
    default: return false;
    }
}

static void add_item(OskHeif *heif, OskHeifItem item)
{
    uint32_t at = heif->item_count++;
    /* Writers number items in order, so that this moves nothing as a rule. */
    if (!osk_budget_parts(heif->check->budget, 1)) {
        heif->status =
            osk_check_fail(heif->check, OSK_LIMIT, "meta/iinf", "too many items", item.at);
    }
    for (; at > 0 && heif->items[at - 1].id > item.id && heif->status == OSK_OK; at--) {
        heif->items[at] = heif->items[at - 1];
        if (!osk_budget_parts(heif->check->budget, 1)) {
            heif->status =
                osk_check_fail(heif->check, OSK_LIMIT, "meta/iinf", "too many items", item.at);
        }
    }
    if (at > 0 && heif->items[at - 1].id == item.id) {
        osk_check_heif_found(heif, "meta/iinf", "two items of one number", item.at);
    }
    heif->items[at] = item;
}

static void read_infe(OskHeif *heif, OskCursor c, uint64_t at)
{
    OskHeifItem item = { .at = at };
    uint8_t version = osk_cursor_u8(&c);
    uint32_t flags = osk_cursor_u24be(&c);
    item.id = (uint32_t)osk_cursor_be(&c, version == 3 ? 4 : 2);
    uint32_t protection = osk_cursor_u16be(&c);
    item.type = osk_cursor_u32be(&c);
    uint8_t name = osk_cursor_u8(&c);
    if (!osk_cursor_ok(&c) || version < 2 || version > 3 || flags > 1 || protection != 0) {
        osk_check_heif_found(heif, "meta/iinf", "an item of a strange form", at);
    } else if (name != 0 || osk_cursor_more(&c)) {
        osk_check_heif_found(heif, "meta/iinf", "the name of an item", at);
    }
    if (!is_picture_type(item.type)) {
        osk_check_heif_found(heif, "meta/iinf", "an item that is no picture", at);
    }
    add_item(heif, item);
}

static void read_items(OskHeif *heif)
{
    OskCursor c = heif->iinf;
    uint64_t begin = osk_cursor_offset(&c);
    uint8_t version = osk_cursor_u8(&c);
    osk_cursor_skip(&c, 3);
    uint32_t count = (uint32_t)osk_cursor_be(&c, version == 0 ? 2 : 4);
    size_t most = osk_cursor_left(&c) / 8;
    heif->items = osk_arena_array(heif->check->arena, most, sizeof(OskHeifItem));
    if (heif->items == NULL) {
        heif->status =
            osk_check_fail(heif->check, OSK_NO_MEMORY, "meta/iinf", "not enough memory", begin);
        return;
    }
    uint32_t type = 0;
    OskCursor body;
    uint64_t at = 0;
    while (heif->status == OSK_OK && osk_check_heif_box(heif, &c, &type, &body, &at)) {
        if (type != OSK_CODE('i', 'n', 'f', 'e')) {
            osk_check_heif_found(heif, "meta/iinf", "a box that no clean file needs", at);
        } else {
            read_infe(heif, body, at);
        }
    }
    if (count != heif->item_count) {
        osk_check_heif_found(heif, "meta/iinf", "a table that is damaged", begin);
    }
}

/* ---- Where data lies ---- */

typedef struct Locations {
    unsigned offset_size;
    unsigned length_size;
    unsigned base_size;
    unsigned index_size;
    uint8_t version;
} Locations;

static void read_extents(OskHeif *heif, OskCursor *c, const Locations *l, OskHeifItem *item)
{
    uint64_t at = osk_cursor_offset(c);
    uint32_t method = l->version > 0 ? osk_cursor_u16be(c) : 0;
    uint32_t reference = osk_cursor_u16be(c);
    uint64_t base = osk_cursor_be(c, l->base_size);
    uint32_t count = osk_cursor_u16be(c);
    if (method > 1 || reference != 0 || (method == 1 && !heif->has_idat)) {
        osk_check_heif_found(heif, "meta/iloc", "data in another file or item", at);
        osk_cursor_fail(c);
        return;
    }
    OskShown *extents = osk_arena_array(heif->check->arena, count, sizeof(OskShown));
    if (extents == NULL || !osk_budget_parts(heif->check->budget, count)) {
        heif->status =
            osk_check_fail(heif->check, OSK_LIMIT, "meta/iloc", "too many pieces of data", at);
        return;
    }
    uint64_t limit = method == 1 ? osk_cursor_left(&heif->idat) : heif->check->size;
    uint64_t shift = method == 1 ? osk_cursor_offset(&heif->idat) : 0;
    item->len = 0;
    for (uint32_t i = 0; i < count && osk_cursor_ok(c); i++) {
        osk_cursor_skip(c, l->index_size);
        uint64_t offset = base + osk_cursor_be(c, l->offset_size);
        uint64_t len = osk_cursor_be(c, l->length_size);
        if (offset > limit || len > limit - offset) {
            osk_check_heif_found(heif, "meta/iloc", "data beyond the end of the file", at);
            return;
        }
        len = len == 0 && l->length_size == 0 ? limit - offset : len;
        extents[i] = (OskShown){ .offset = shift + offset, .len = len };
        item->len += len;
        if (!osk_shown_add(heif->check, heif->shown, shift + offset, len)) {
            heif->status = heif->check->fault->status;
            return;
        }
    }
    item->extents = extents;
    item->extent_count = count;
}

static void read_locations(OskHeif *heif)
{
    OskCursor c = heif->iloc;
    uint64_t at = osk_cursor_offset(&c);
    Locations l = { .version = osk_cursor_u8(&c) };
    osk_cursor_skip(&c, 3);
    uint8_t sizes = osk_cursor_u8(&c);
    l.offset_size = sizes >> 4;
    l.length_size = sizes & 15;
    sizes = osk_cursor_u8(&c);
    l.base_size = sizes >> 4;
    l.index_size = l.version > 0 ? sizes & 15 : 0;
    bool good = l.offset_size <= 8 && l.length_size <= 8 && l.base_size <= 8 && l.version <= 2;
    uint32_t count = (uint32_t)osk_cursor_be(&c, l.version == 2 ? 4 : 2);
    for (uint32_t i = 0; good && i < count && osk_cursor_ok(&c) && heif->status == OSK_OK; i++) {
        uint32_t id = (uint32_t)osk_cursor_be(&c, l.version == 2 ? 4 : 2);
        OskHeifItem *item = osk_check_heif_item(heif, id);
        if (item == NULL || item->extents != NULL) {
            osk_check_heif_found(heif, "meta/iloc", "data of nothing", at);
            return;
        }
        read_extents(heif, &c, &l, item);
    }
    if (!good || !osk_cursor_ok(&c) || osk_cursor_more(&c)) {
        osk_check_heif_found(heif, "meta/iloc", "a table that is damaged", at);
    }
}

/* ---- References ---- */

static bool is_kept_reference(uint32_t type)
{
    return type == OSK_CODE('d', 'i', 'm', 'g') || type == OSK_CODE('a', 'u', 'x', 'l') ||
           type == OSK_CODE('p', 'r', 'e', 'm') || type == OSK_CODE('b', 'a', 's', 'e') ||
           type == OSK_CODE('p', 'r', 'e', 'd');
}

static void read_references(OskHeif *heif)
{
    OskCursor c = heif->iref;
    if (osk_cursor_left(&c) == 0) {
        return;
    }
    uint8_t version = osk_cursor_u8(&c);
    osk_cursor_skip(&c, 3);
    unsigned width = version == 0 ? 2 : 4;
    size_t most = osk_cursor_left(&c) / width;
    heif->refs = osk_arena_array(heif->check->arena, most, sizeof(OskHeifRef));
    if (heif->refs == NULL || !osk_budget_parts(heif->check->budget, most)) {
        heif->status = osk_check_fail(heif->check, OSK_LIMIT, "meta/iref", "too many references",
                                      osk_cursor_offset(&c));
        return;
    }
    uint32_t type = 0;
    OskCursor body;
    uint64_t at = 0;
    while (heif->status == OSK_OK && osk_check_heif_box(heif, &c, &type, &body, &at)) {
        uint32_t from = (uint32_t)osk_cursor_be(&body, width);
        uint32_t count = osk_cursor_u16be(&body);
        for (uint32_t i = 0; i < count && osk_cursor_ok(&body); i++) {
            uint32_t to = (uint32_t)osk_cursor_be(&body, width);
            if (osk_cursor_ok(&body)) {
                heif->refs[heif->ref_count++] =
                    (OskHeifRef){ .type = type, .from = from, .to = to };
            }
        }
        if (!is_kept_reference(type) || !osk_cursor_ok(&body) || osk_cursor_more(&body)) {
            osk_check_heif_found(heif, "meta/iref", "a reference that no shown picture needs", at);
        }
    }
}

/* Marks what the primary item is made from, and the transparency of what is marked. */
static void mark_shown(OskHeif *heif)
{
    OskHeifItem *primary = osk_check_heif_item(heif, heif->primary);
    if (primary == NULL) {
        osk_check_heif_found(heif, "meta/pitm", "no picture is the primary one", OSK_NO_OFFSET);
        return;
    }
    primary->shown = true;
    for (bool more = true; more && heif->status == OSK_OK;) {
        more = false;
        if (!osk_budget_parts(heif->check->budget, 1 + heif->ref_count)) {
            heif->status = osk_check_fail(heif->check, OSK_LIMIT, "meta/iref",
                                          "references nested too deeply", OSK_NO_OFFSET);
        }
        for (uint32_t i = 0; i < heif->ref_count; i++) {
            const OskHeifRef *ref = &heif->refs[i];
            OskHeifItem *from = osk_check_heif_item(heif, ref->from);
            OskHeifItem *to = osk_check_heif_item(heif, ref->to);
            if (from == NULL || to == NULL) {
                continue;
            }
            bool backward = ref->type == OSK_CODE('a', 'u', 'x', 'l');
            OskHeifItem *given = backward ? to : from;
            OskHeifItem *gained = backward ? from : to;
            bool alpha = !backward ||
                         osk_check_heif_property(heif, from, OSK_CODE('a', 'u', 'x', 'C')) != NULL;
            if (given->shown && !gained->shown && alpha &&
                ref->type != OSK_CODE('p', 'r', 'e', 'm')) {
                gained->shown = true;
                more = true;
            }
        }
    }
    for (uint32_t i = 0; i < heif->item_count; i++) {
        if (!heif->items[i].shown) {
            osk_check_heif_found(heif, "meta/iinf", "an item that is not shown", heif->items[i].at);
        }
    }
}

/* ---- Data ---- */

static uint32_t count_parts(const OskHeif *heif, uint32_t id)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < heif->ref_count; i++) {
        count +=
            heif->refs[i].from == id && heif->refs[i].type == OSK_CODE('d', 'i', 'm', 'g') ? 1 : 0;
    }
    return count;
}

/* Version, flags, rows and columns less one, then the canvas in 16 or 32 bits. */
static void check_grid(OskHeif *heif, const OskHeifItem *item)
{
    uint8_t bytes[12];
    bool good = item->extent_count == 1 && (item->len == 8 || item->len == 12);
    if (good &&
        osk_check_read(heif->check, item->extents[0].offset, bytes, (size_t)item->len) == OSK_OK) {
        good = bytes[0] == 0 && bytes[1] == (item->len == 12 ? 1 : 0) &&
               ((uint32_t)bytes[2] + 1) * ((uint32_t)bytes[3] + 1) == count_parts(heif, item->id);
    }
    if (!good) {
        osk_check_heif_found(heif, "item grid", "a grid with tiles that it does not show",
                             item->at);
    }
}

/* Units may reach across the pieces of an item, so that they are put together first. */
static void check_joined(OskHeif *heif, const OskHeifItem *item, OskVideo video)
{
    OskCheck joined = *heif->check;
    uint8_t *bytes = item->len <= heif->check->size
                         ? osk_arena_alloc(heif->check->arena, (size_t)item->len)
                         : NULL;
    if (bytes == NULL) {
        heif->status =
            osk_check_fail(heif->check, OSK_LIMIT, "item", "more data than the file has", item->at);
        return;
    }
    uint64_t len = 0;
    for (uint32_t i = 0; i < item->extent_count && heif->status == OSK_OK; i++) {
        const OskShown *extent = &item->extents[i];
        heif->status =
            osk_check_read(heif->check, extent->offset, bytes + len, (size_t)extent->len);
        len += extent->len;
    }
    joined.bytes = bytes;
    joined.size = len;
    video.check = &joined;
    video.window_len = 0;
    if (heif->status == OSK_OK) {
        heif->status = osk_video_sample(&video, 0, len);
    }
    heif->check->found = heif->check->found || joined.found;
}

static void check_coded(OskHeif *heif, const OskHeifItem *item)
{
    static const uint32_t records[] = { OSK_CODE('h', 'v', 'c', 'C'), OSK_CODE('l', 'h', 'v', 'C'),
                                        OSK_CODE('a', 'v', 'c', 'C'),
                                        OSK_CODE('a', 'v', '1', 'C') };
    OskVideo *video = NULL;
    for (size_t i = 0; i < 4 && video == NULL; i++) {
        const OskHeifProperty *property = osk_check_heif_property(heif, item, records[i]);
        video = property != NULL ? property->video : NULL;
    }
    if (video == NULL) {
        osk_check_heif_found(heif, "item", "a picture without its settings", item->at);
        return;
    }
    if (item->extent_count == 1) {
        heif->status = osk_video_sample(video, item->extents[0].offset, item->extents[0].len);
    } else if (item->extent_count > 1) {
        check_joined(heif, item, *video);
    }
}

static void check_crop(OskHeif *heif, const OskHeifItem *item)
{
    const OskHeifProperty *clap = osk_check_heif_property(heif, item, OSK_CODE('c', 'l', 'a', 'p'));
    const OskHeifProperty *ispe = osk_check_heif_property(heif, item, OSK_CODE('i', 's', 'p', 'e'));
    if (clap == NULL) {
        return;
    }
    OskCursor crop = clap->body;
    OskCursor offset = clap->body;
    OskCursor size = ispe != NULL ? ispe->body : clap->body;
    osk_cursor_skip(&size, 4);
    osk_cursor_skip(&offset, 16);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t full = osk_cursor_u32be(&size);
        uint32_t n = osk_cursor_u32be(&crop);
        uint32_t d = osk_cursor_u32be(&crop);
        int64_t off_n = (int32_t)osk_cursor_u32be(&offset);
        int64_t off_d = osk_cursor_u32be(&offset);
        uint32_t shown = d != 0 ? n / d : 0;
        uint32_t hidden = full > shown ? full - shown : 0;
        /* Padding stands to the right and below, so that the crop begins at the first pixel. */
        bool padding =
            (hidden <= PADDING_MOST || full == SIDE_LEAST) && 2 * off_n == -(int64_t)hidden * off_d;
        if (ispe == NULL || d == 0 || (hidden > 0 && !padding)) {
            osk_check_heif_found(heif, "iprp/ipco", "a crop that hides parts of the picture",
                                 clap->at);
            return;
        }
    }
}

static void check_data(OskHeif *heif, const OskHeifItem *item)
{
    switch (item->type) {
    case OSK_CODE('g', 'r', 'i', 'd'): check_grid(heif, item); break;
    case OSK_CODE('i', 'd', 'e', 'n'):
        if (item->len != 0) {
            osk_check_heif_found(heif, "item iden", "data in an item that has none", item->at);
        }
        break;
    case OSK_CODE('i', 'o', 'v', 'l'): osk_check_heif_overlay(heif, item); break;
    case OSK_CODE('t', 'm', 'a', 'p'):
    case OSK_CODE('s', 'a', 't', 'o'):
        if (item->id != heif->primary || item->len > 1024) {
            osk_check_heif_found(heif, "item", "a computed picture that is not the shown one",
                                 item->at);
        }
        break;
    case OSK_CODE('u', 'n', 'c', 'i'): break;
    default: check_coded(heif, item); break;
    }
    check_crop(heif, item);
}

/* ---- The box ---- */

static void keep_box(OskHeif *heif, OskCursor *slot, OskCursor body, uint64_t at)
{
    if (osk_cursor_left(slot) > 0) {
        osk_check_heif_found(heif, "meta", "a box for a second time", at);
    }
    *slot = body;
}

static void read_boxes(OskHeif *heif, OskCursor meta)
{
    uint32_t type = 0;
    OskCursor body;
    uint64_t at = 0;
    while (heif->status == OSK_OK && osk_check_heif_box(heif, &meta, &type, &body, &at)) {
        switch (type) {
        case OSK_CODE('h', 'd', 'l', 'r'): check_hdlr(heif, body, at); break;
        case OSK_CODE('p', 'i', 't', 'm'): {
            uint32_t version = osk_cursor_u32be(&body);
            heif->primary = (uint32_t)osk_cursor_be(&body, version == 0 ? 2 : 4);
            if (!osk_cursor_ok(&body) || osk_cursor_more(&body)) {
                osk_check_heif_found(heif, "meta/pitm", "a number of the wrong length", at);
            }
            break;
        }
        case OSK_CODE('i', 'i', 'n', 'f'): keep_box(heif, &heif->iinf, body, at); break;
        case OSK_CODE('i', 'l', 'o', 'c'): keep_box(heif, &heif->iloc, body, at); break;
        case OSK_CODE('i', 'r', 'e', 'f'): keep_box(heif, &heif->iref, body, at); break;
        case OSK_CODE('i', 'p', 'r', 'p'): keep_box(heif, &heif->iprp, body, at); break;
        case OSK_CODE('i', 'd', 'a', 't'):
            keep_box(heif, &heif->idat, body, at);
            heif->has_idat = true;
            break;
        default: osk_check_heif_found(heif, "meta", "a box that no clean file needs", at); break;
        }
    }
}

OskStatus osk_check_heif_meta(OskCheck *check, OskCursor body, OskShownList *shown)
{
    OskHeif heif = { .check = check, .shown = shown };
    uint64_t at = osk_cursor_offset(&body);
    if (osk_cursor_u32be(&body) != 0) {
        osk_check_heif_found(&heif, "meta", "a version that no reader knows", at);
    }
    read_boxes(&heif, body);
    void (*const steps[])(OskHeif *) = { read_items, read_locations, read_references,
                                         osk_check_heif_properties, mark_shown };
    for (size_t i = 0; heif.status == OSK_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
        steps[i](&heif);
    }
    for (uint32_t i = 0; heif.status == OSK_OK && i < heif.item_count; i++) {
        check_data(&heif, &heif.items[i]);
    }
    if (heif.status == OSK_OK && heif.has_idat) {
        heif.status = osk_shown_cover(check, shown, "meta/idat", osk_cursor_offset(&heif.idat),
                                      osk_cursor_left(&heif.idat));
    }
    return heif.status;
}
