/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_meta_write.h"

#define IS_WIDE(id) ((id) > 0xFFFFu)

/* What the tables of the copy need. */
typedef struct Shape {
    bool wide_ids;  /* some item number needs 32 bits */
    bool idat;      /* some data goes into the box itself */
    unsigned width; /* bytes of an offset and a length */
} Shape;

static void full_box(OskWriter *out, uint8_t version, uint32_t flags)
{
    osk_writer_be(out, (uint32_t)version << 24 | flags, 4);
}

static void write_handler(OskWriter *out)
{
    OskWriterMark box = osk_writer_box(out, "hdlr");
    full_box(out, 0, 0);
    osk_writer_zeros(out, 4);
    osk_writer_bytes(out, "pict", 4);
    osk_writer_zeros(out, 12);
    osk_writer_u8(out, 0);
    osk_writer_close(out, box);
}

static void write_primary(OskWriter *out, const OskMeta *meta)
{
    OskWriterMark box = osk_writer_box(out, "pitm");
    bool wide = IS_WIDE(meta->primary_id);
    full_box(out, wide, 0);
    osk_writer_be(out, meta->primary_id, wide ? 4 : 2);
    osk_writer_close(out, box);
}

static size_t extents_left(const OskItem *item)
{
    if (item->in_meta) {
        return item->data_len > 0;
    }
    size_t count = 0;
    for (size_t i = 0; i < item->extent_count; i++) {
        count += item->extents[i].out_len > 0;
    }
    return count;
}

static void write_location(OskWriter *out, const OskItem *item, Shape shape, const OskPlan *plan,
                           uint64_t *idat_at)
{
    osk_writer_be(out, item->id, shape.wide_ids ? 4 : 2);
    if (shape.wide_ids || shape.idat) {
        osk_writer_be(out, item->in_meta, 2);
    }
    osk_writer_be(out, 0, 2);
    osk_writer_be(out, extents_left(item), 2);
    if (item->in_meta) {
        osk_writer_be(out, *idat_at, shape.width);
        osk_writer_be(out, item->data_len, shape.width);
        *idat_at += item->data_len;
        return;
    }
    for (size_t i = 0; i < item->extent_count; i++) {
        const OskItemExtent *extent = &item->extents[i];
        if (extent->out_len > 0) {
            uint64_t at = plan != NULL ? osk_plan_map(plan, extent->offset, true) : 0;
            osk_writer_be(out, at, shape.width);
            osk_writer_be(out, extent->out_len, shape.width);
        }
    }
}

static void write_locations(OskWriter *out, const OskMeta *meta, Shape shape, const OskPlan *plan)
{
    OskWriterMark box = osk_writer_box(out, "iloc");
    full_box(out, shape.wide_ids ? 2 : shape.idat ? 1 : 0, 0);
    osk_writer_be(out, (uint64_t)shape.width << 12 | (uint64_t)shape.width << 8, 2);
    uint64_t count = 0;
    for (size_t i = 0; i < meta->item_count; i++) {
        count += meta->items[i].keep && extents_left(&meta->items[i]) > 0;
    }
    osk_writer_be(out, count, shape.wide_ids ? 4 : 2);
    uint64_t idat_at = 0;
    for (size_t i = 0; i < meta->item_count; i++) {
        if (meta->items[i].keep && extents_left(&meta->items[i]) > 0) {
            write_location(out, &meta->items[i], shape, plan, &idat_at);
        }
    }
    osk_writer_close(out, box);
}

static void write_items(OskWriter *out, const OskMeta *meta)
{
    OskWriterMark box = osk_writer_box(out, "iinf");
    uint64_t count = 0;
    for (size_t i = 0; i < meta->item_count; i++) {
        count += meta->items[i].keep;
    }
    full_box(out, IS_WIDE(count), 0);
    osk_writer_be(out, count, IS_WIDE(count) ? 4 : 2);
    for (size_t i = 0; i < meta->item_count; i++) {
        const OskItem *item = &meta->items[i];
        if (!item->keep) {
            continue;
        }
        OskWriterMark entry = osk_writer_box(out, "infe");
        bool wide = IS_WIDE(item->id);
        full_box(out, wide ? 3 : 2, item->hidden);
        osk_writer_be(out, item->id, wide ? 4 : 2);
        osk_writer_be(out, 0, 2);
        osk_writer_be(out, item->type, 4);
        osk_writer_u8(out, 0);
        osk_writer_close(out, entry);
    }
    osk_writer_close(out, box);
}

static bool reference_stays(const OskMeta *meta, const OskItemRef *ref)
{
    const OskPart *row = osk_isobmff_part(OSK_ISOBMFF_REF, ref->type);
    return row != NULL && row->verdict == OSK_KEEP && ref->from != OSK_ITEM_NONE &&
           ref->to != OSK_ITEM_NONE && meta->items[ref->from].keep && meta->items[ref->to].keep;
}

static void write_reference_list(OskWriter *out, const OskMeta *meta, size_t first, size_t end,
                                 bool wide)
{
    const OskItemRef *head = &meta->refs[first];
    uint64_t count = 0;
    for (size_t i = first; i < end; i++) {
        count += reference_stays(meta, &meta->refs[i]);
    }
    if (count == 0) {
        return;
    }
    OskWriterMark box = osk_writer_open(out, 4, true);
    osk_writer_be(out, head->type, 4);
    osk_writer_be(out, meta->items[head->from].id, wide ? 4 : 2);
    osk_writer_be(out, count, 2);
    for (size_t i = first; i < end; i++) {
        if (reference_stays(meta, &meta->refs[i])) {
            osk_writer_be(out, meta->items[meta->refs[i].to].id, wide ? 4 : 2);
        }
    }
    osk_writer_close(out, box);
}

static void write_references(OskWriter *out, const OskMeta *meta, bool wide)
{
    bool any = false;
    for (size_t i = 0; i < meta->ref_count; i++) {
        any = any || reference_stays(meta, &meta->refs[i]);
    }
    if (!any) {
        return;
    }
    OskWriterMark box = osk_writer_box(out, "iref");
    full_box(out, wide, 0);
    for (size_t first = 0; first < meta->ref_count;) {
        size_t end = first + 1;
        while (end < meta->ref_count && meta->refs[end].box == meta->refs[first].box) {
            end++;
        }
        write_reference_list(out, meta, first, end, wide);
        first = end;
    }
    osk_writer_close(out, box);
}

/* An association is written when its property stays. */
static const OskItemProp *prop_of(const OskMeta *meta, const OskItem *item, size_t index)
{
    const OskItemProp *prop = &meta->props[meta->assocs[item->assoc_first + index].prop];
    return prop->out_index != 0 ? prop : NULL;
}

static void write_associations(OskWriter *out, const OskMeta *meta, size_t prop_count,
                               bool wide_ids)
{
    OskWriterMark box = osk_writer_box(out, "ipma");
    bool wide = prop_count > 0x7F;
    full_box(out, wide_ids, wide);
    size_t count_at = out->len;
    osk_writer_zeros(out, 4);
    uint64_t entries = 0;
    for (size_t i = 0; i < meta->item_count; i++) {
        const OskItem *item = &meta->items[i];
        uint64_t count = 0;
        for (size_t k = 0; item->keep && k < item->assoc_count; k++) {
            count += prop_of(meta, item, k) != NULL;
        }
        if (count == 0) {
            continue;
        }
        entries++;
        osk_writer_be(out, item->id, wide_ids ? 4 : 2);
        osk_writer_be(out, count, 1);
        for (size_t k = 0; k < item->assoc_count; k++) {
            const OskItemProp *prop = prop_of(meta, item, k);
            if (prop != NULL) {
                uint64_t essential = meta->assocs[item->assoc_first + k].essential;
                osk_writer_be(out, essential << (wide ? 15 : 7) | prop->out_index, wide ? 2 : 1);
            }
        }
    }
    osk_writer_patch_be(out, count_at, entries, 4);
    osk_writer_close(out, box);
}

static void write_properties(OskWriter *out, const OskMeta *meta, bool wide_ids)
{
    OskWriterMark box = osk_writer_box(out, "iprp");
    OskWriterMark list = osk_writer_box(out, "ipco");
    size_t count = 0;
    for (size_t i = 0; i < meta->prop_count; i++) {
        if (meta->props[i].out_index != 0) {
            osk_writer_bytes(out, meta->props[i].out, meta->props[i].out_len);
            count++;
        }
    }
    osk_writer_close(out, list);
    write_associations(out, meta, count, wide_ids);
    osk_writer_close(out, box);
}

static void write_data(OskWriter *out, const OskMeta *meta)
{
    OskWriterMark box = osk_writer_box(out, "idat");
    for (size_t i = 0; i < meta->item_count; i++) {
        if (meta->items[i].keep && meta->items[i].in_meta) {
            osk_writer_bytes(out, meta->items[i].data, meta->items[i].data_len);
        }
    }
    osk_writer_close(out, box);
}

void osk_meta_write(const OskMeta *meta, uint64_t file_size, const OskPlan *plan, OskWriter *out)
{
    Shape shape = { .width = file_size < UINT64_C(0xF0000000) ? 4 : 8 };
    for (size_t i = 0; i < meta->item_count; i++) {
        const OskItem *item = &meta->items[i];
        shape.wide_ids = shape.wide_ids || (item->keep && IS_WIDE(item->id));
        shape.idat = shape.idat || (item->keep && item->in_meta && item->data_len > 0);
    }
    OskWriterMark box = osk_writer_box(out, "meta");
    full_box(out, 0, 0);
    write_handler(out);
    write_primary(out, meta);
    write_locations(out, meta, shape, plan);
    write_items(out, meta);
    write_references(out, meta, shape.wide_ids);
    write_properties(out, meta, shape.wide_ids);
    if (shape.idat) {
        write_data(out, meta);
    }
    osk_writer_close(out, box);
}
