/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_still.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/writer.h"
#include "formats/isobmff_item.h"
#include "formats/isobmff_meta_write.h"
#include "formats/isobmff_parts.h"
#include "formats/isobmff_prop.h"

/* The rebuilt box is never longer than the old one by more than wider numbers and data moved into
 * it. */
#define META_CEILING ((size_t)256 << 20)

/* What becomes of a range of the file: like a step of the plan, before the ranges are in order. */
typedef struct Segment {
    uint64_t offset;
    uint64_t len;
    const uint8_t *literal; /* REWRITE */
    size_t out_len;
    OskVerdict verdict;
} Segment;

typedef struct Piece {
    OskStillPiece range;
    size_t first; /* in segments */
    size_t count;
} Piece;

struct OskStill {
    OskMeta meta;
    Segment *segments;
    size_t segment_count;
    size_t segment_capacity;
    Piece *pieces;
    size_t piece_count;
    OskStillPiece *mdats; /* bodies of the file's mdat boxes, in order */
    size_t mdat_count;
    uint8_t *literal; /* of the meta step, in the plan */
    size_t literal_len;
};

/* ---- Which items stay ---- */

static bool follows(uint32_t type)
{
    return type == OSK_FOURCC('d', 'i', 'm', 'g') || type == OSK_FOURCC('b', 'a', 's', 'e') ||
           type == OSK_FOURCC('p', 'r', 'e', 'd');
}

static const OskItemProp *auxiliary_of(const OskMeta *meta, const OskItem *item)
{
    return osk_meta_prop(meta, item, OSK_FOURCC('a', 'u', 'x', 'C'));
}

/* Keeps what the reference makes necessary; true when that is news. */
static bool apply_reference(OskMeta *meta, const OskItemRef *ref)
{
    if (ref->from == OSK_ITEM_NONE || ref->to == OSK_ITEM_NONE) {
        return false;
    }
    OskItem *from = &meta->items[ref->from];
    OskItem *to = &meta->items[ref->to];
    if (follows(ref->type) && from->keep && !to->keep) {
        to->keep = true;
        return true;
    }
    if (ref->type == OSK_FOURCC('a', 'u', 'x', 'l') && to->keep && !from->keep &&
        osk_prop_is_alpha(auxiliary_of(meta, from))) {
        from->keep = true;
        return true;
    }
    return false;
}

/* The primary item, what it is made from, and their transparency: what opens when the file is
 * opened. */
static OskStatus select_items(OskWalk *walk, OskMeta *meta)
{
    meta->items[meta->primary].keep = true;
    bool news = true;
    while (news) {
        news = false;
        if (!osk_walk_spend(walk, meta->ref_count + 1, "meta/iref", meta->box.offset)) {
            return OSK_LIMIT;
        }
        for (size_t i = 0; i < meta->ref_count; i++) {
            news = apply_reference(meta, &meta->refs[i]) || news;
        }
    }
    for (size_t i = 0; i < meta->ref_count; i++) {
        const OskItemRef *ref = &meta->refs[i];
        if (follows(ref->type) && ref->from != OSK_ITEM_NONE && meta->items[ref->from].keep &&
            ref->to == OSK_ITEM_NONE) {
            return osk_walk_fail(walk, OSK_MALFORMED, "meta/iref",
                                 "the picture is made from one that is not there",
                                 meta->items[ref->from].offset);
        }
    }
    return OSK_OK;
}

/* The tone-mapped alternative of the shown picture goes, and readers that would have opened it
 * learn its orientation there. Where it says "not turned" and the picture itself says nothing, the
 * picture says so too in the copy (fixture: Samsung's pictures with a gain map). */
static void adopt_orientation(OskMeta *meta)
{
    uint32_t turn = OSK_FOURCC('i', 'r', 'o', 't');
    for (size_t i = 0; i < meta->ref_count; i++) {
        const OskItemRef *ref = &meta->refs[i];
        if (ref->type != OSK_FOURCC('d', 'i', 'm', 'g') || ref->to != meta->primary ||
            ref->from == OSK_ITEM_NONE || meta->items[ref->from].keep ||
            meta->items[ref->from].type != OSK_FOURCC('t', 'm', 'a', 'p') ||
            osk_meta_prop(meta, &meta->items[meta->primary], turn) != NULL) {
            continue;
        }
        const OskItem *other = &meta->items[ref->from];
        for (size_t k = 0; k < other->assoc_count; k++) {
            OskItemAssoc assoc = meta->assocs[other->assoc_first + k];
            OskCursor body = meta->props[assoc.prop].body;
            if (meta->props[assoc.prop].type == turn && (osk_cursor_u8(&body) & 3) == 0) {
                assoc.essential = true;
                osk_meta_associate(meta, meta->primary, assoc);
                return;
            }
        }
    }
}

/* ---- What the others reveal ---- */

typedef struct Role {
    const char *field;
    const char *label; /* NULL: a part of another dropped picture, which is named instead */
} Role;

static bool contains(OskCursor text, const char *word)
{
    size_t len = strlen(word);
    for (; osk_cursor_left(&text) >= len; osk_cursor_skip(&text, 1)) {
        if (osk_cursor_starts(&text, word, len)) {
            return true;
        }
    }
    return false;
}

static Role auxiliary_role(const OskMeta *meta, const OskItem *item)
{
    const OskItemProp *aux = auxiliary_of(meta, item);
    if (aux != NULL && contains(aux->body, "gainmap")) {
        return (Role){ "isobmff.item.gain_map", "a gain map: a smaller copy of the picture" };
    }
    if (aux != NULL && (contains(aux->body, "depth") || contains(aux->body, "auxid:2"))) {
        return (Role){ "isobmff.item.depth", "a depth picture: the shapes of the people in it" };
    }
    if (aux != NULL && contains(aux->body, "matte")) {
        return (Role){ "isobmff.item.matte", "a matte: the outlines of people, hair or skin" };
    }
    return (Role){ "isobmff.item.auxiliary", "another picture that is not shown" };
}

/* A picture that is dropped, named after how it hangs on others. The last reference that names it
 * wins, thumbnails and auxiliaries before parts of others. */
static Role role_of(const OskMeta *meta, size_t index)
{
    const OskItem *item = &meta->items[index];
    Role role = { "isobmff.item.picture", "another picture that is not shown" };
    if (item->type == OSK_FOURCC('t', 'm', 'a', 'p')) {
        role = (Role){ "isobmff.item.tone_map", "a tone map over the picture" };
    }
    for (size_t i = 0; i < meta->ref_count; i++) {
        const OskItemRef *ref = &meta->refs[i];
        if (ref->from == index && ref->type == OSK_FOURCC('t', 'h', 'm', 'b')) {
            return (Role){ "isobmff.item.thumbnail", "a preview picture" };
        }
        if (ref->from == index && ref->type == OSK_FOURCC('a', 'u', 'x', 'l')) {
            return auxiliary_role(meta, item);
        }
        if (ref->to == index && ref->type == OSK_FOURCC('d', 'i', 'm', 'g') &&
            ref->from != OSK_ITEM_NONE && !meta->items[ref->from].keep) {
            role.label = NULL;
        }
    }
    return role;
}

static bool is_picture(const OskItem *item)
{
    const OskPart *row = osk_isobmff_part(OSK_ISOBMFF_ITEM, item->type);
    return row != NULL && row->verdict == OSK_KEEP;
}

static OskStatus inspect_dropped(OskWalk *walk, OskMeta *meta)
{
    for (size_t i = 0; i < meta->item_count; i++) {
        const OskItem *item = &meta->items[i];
        if (item->keep) {
            continue;
        }
        if (!osk_walk_spend(walk, meta->ref_count + 1, "meta/iinf", item->offset)) {
            return OSK_LIMIT;
        }
        Role role = is_picture(item) ? role_of(meta, i) : (Role){ NULL, NULL };
        if (role.field == NULL || role.label != NULL) {
            osk_item_inspect(walk, item, role.field, role.label);
        }
    }
    return OSK_OK;
}

/* Writers call all tiles by one name: it is reported once. */
static void inspect_names(OskWalk *walk, const OskMeta *meta)
{
    const OskCursor *last = NULL;
    for (size_t i = 0; i < meta->item_count; i++) {
        const OskCursor *name = &meta->items[i].name;
        size_t len = osk_cursor_left(name);
        if (len == 0 || (last != NULL && osk_cursor_left(last) == len &&
                         osk_cursor_starts(last, osk_cursor_rest(name), len))) {
            continue;
        }
        osk_report_add_untrusted(walk->report,
                                 (OskFact){ .kind = OSK_KIND_NAME,
                                            .part = "meta/iinf",
                                            .field = "isobmff.item_name",
                                            .label = "name of a picture in the file",
                                            .offset = osk_cursor_offset(name),
                                            .len = len },
                                 osk_cursor_rest(name), len, OSK_UTF8);
        last = name;
    }
}

/* ---- Where their data is ---- */

/* Collects the bodies of the file's mdat boxes. A last one that claims more than the file has is
 * cut off at its end, as readers do: whether the pictures are whole is seen from their own ranges.
 */
static OskStatus find_mdats(OskWalk *walk, OskStill *still)
{
    OskFault quiet = { .status = OSK_OK };
    OskWalk lenient = *walk;
    lenient.fault = &quiet;
    for (int pass = 0; pass < 2; pass++) {
        size_t count = 0;
        OskBox box = { .size = 0 };
        for (uint64_t at = 0; at < walk->size; at = osk_box_end(&box)) {
            if (!osk_walk_spend(walk, 1, "mdat", at)) {
                return OSK_LIMIT;
            }
            OskStatus status = osk_box_read(&lenient, at, walk->size, "file", &box);
            if (status != OSK_OK &&
                (box.type != OSK_FOURCC('m', 'd', 'a', 't') || walk->size - at < 8)) {
                break;
            }
            if (status != OSK_OK) {
                box.size = walk->size - at;
            }
            if (box.type == OSK_FOURCC('m', 'd', 'a', 't') && box.size >= box.header) {
                if (pass == 1) {
                    still->mdats[count] = (OskStillPiece){ .offset = osk_box_body_offset(&box),
                                                           .len = osk_box_body_len(&box) };
                }
                count++;
            }
        }
        if (pass == 0) {
            still->mdats = osk_arena_array(walk->arena, count, sizeof(*still->mdats));
            if (still->mdats == NULL) {
                return osk_walk_no_memory(walk, "mdat", 0);
            }
            still->mdat_count = count;
        }
    }
    return OSK_OK;
}

static bool in_one_mdat(const OskStill *still, const OskItemExtent *extent)
{
    for (size_t i = 0; i < still->mdat_count; i++) {
        const OskStillPiece *body = &still->mdats[i];
        if (extent->offset >= body->offset &&
            osk_range_within(extent->offset - body->offset, extent->len, body->len)) {
            return true;
        }
    }
    return false;
}

/* ---- What becomes of it ---- */

typedef struct Placing {
    OskWalk *walk;
    OskStill *still;
    OskItem *item;
    OskCursor data;  /* the extents, joined */
    OskWriter moved; /* in_meta items: what the new idat gets */
} Placing;

static OskStatus add_segment(Placing *p, Segment segment)
{
    OskStill *still = p->still;
    if (still->segment_count == still->segment_capacity) {
        size_t grown = still->segment_capacity == 0 ? 64 : still->segment_capacity * 2;
        Segment *segments = osk_arena_array(p->walk->arena, grown, sizeof(*segments));
        if (segments == NULL) {
            return osk_walk_no_memory(p->walk, "mdat", segment.offset);
        }
        if (still->segment_count > 0) {
            memcpy(segments, still->segments, still->segment_count * sizeof(*segments));
        }
        still->segments = segments;
        still->segment_capacity = grown;
    }
    still->segments[still->segment_count++] = segment;
    return OSK_OK;
}

/* Puts one piece of the joined data where its extents lie in the file. A literal goes where the
 * piece begins; what the piece covers in later extents goes. */
static OskStatus place_piece(void *context, const OskPiece *piece, const uint8_t *literal)
{
    Placing *p = context;
    if (p->item->in_meta) {
        OskCursor kept = p->data;
        osk_cursor_skip(&kept, piece->offset);
        if (piece->verdict == OSK_KEEP) {
            osk_writer_bytes(&p->moved, osk_cursor_rest(&kept), (size_t)piece->len);
        } else if (piece->verdict == OSK_REWRITE) {
            osk_writer_bytes(&p->moved, literal, piece->literal_len);
        }
        return osk_writer_ok(&p->moved) ? OSK_OK
                                        : osk_walk_no_memory(p->walk, "meta/idat", p->item->offset);
    }
    Segment segment = { .verdict = piece->verdict };
    if (piece->verdict == OSK_REWRITE) {
        uint8_t *copy = osk_arena_alloc(p->walk->arena, piece->literal_len);
        if (copy == NULL) {
            return osk_walk_no_memory(p->walk, "mdat", p->item->offset);
        }
        if (piece->literal_len > 0) {
            memcpy(copy, literal, piece->literal_len);
        }
        segment.literal = copy;
        segment.out_len = piece->literal_len;
    }
    uint64_t front = 0;
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < p->item->extent_count; i++) {
        OskItemExtent *extent = &p->item->extents[i];
        uint64_t end = front + extent->len;
        uint64_t first = piece->offset > front ? piece->offset : front;
        uint64_t last = piece->offset + piece->len < end ? piece->offset + piece->len : end;
        if (first < last) {
            segment.offset = extent->offset + (first - front);
            segment.len = last - first;
            extent->out_len += segment.verdict == OSK_KEEP      ? segment.len
                               : segment.verdict == OSK_REWRITE ? segment.out_len
                                                                : 0;
            status = add_segment(p, segment);
            segment.verdict = segment.verdict == OSK_REWRITE ? OSK_DROP : segment.verdict;
        }
        front = end;
    }
    return status;
}

static OskStatus place_item(OskWalk *walk, OskStill *still, OskItem *item)
{
    if (item->protected) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "meta/ipro", "the picture is encrypted",
                             item->offset);
    }
    Placing placing = { .walk = walk, .still = still, .item = item };
    OskStatus status = osk_item_load(walk, item, &placing.data);
    if (status != OSK_OK) {
        return status;
    }
    /* A description in pieces, which fits in a few bytes, is put together. */
    item->in_meta = item->extent_count > 1 && item->type != OSK_FOURCC('u', 'n', 'c', 'i') &&
                    osk_cursor_left(&placing.data) < 64;
    for (size_t i = 0; i < item->extent_count; i++) {
        item->in_meta = item->in_meta || !in_one_mdat(still, &item->extents[i]);
    }
    osk_writer_init(&placing.moved, META_CEILING);
    status = osk_item_filter(walk, &still->meta, item, placing.data, place_piece, &placing);
    if (status == OSK_OK && item->in_meta && placing.moved.len > 0) {
        uint8_t *copy = osk_arena_alloc(walk->arena, placing.moved.len);
        if (copy == NULL) {
            status = osk_walk_no_memory(walk, "meta/idat", item->offset);
        } else {
            memcpy(copy, placing.moved.bytes, placing.moved.len);
            item->data = copy;
            item->data_len = placing.moved.len;
        }
    }
    osk_writer_free(&placing.moved);
    return status;
}

static int compare_segments(const void *a, const void *b)
{
    const Segment *x = a;
    const Segment *y = b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    return x->len < y->len ? -1 : x->len > y->len;
}

static bool segments_equal(const Segment *a, const Segment *b)
{
    return a->offset == b->offset && a->len == b->len && a->verdict == b->verdict &&
           a->out_len == b->out_len &&
           (a->out_len == 0 || memcmp(a->literal, b->literal, a->out_len) == 0);
}

/* Items may share data: equal ranges become one, kept ones that overlap are joined. */
static OskStatus order_segments(OskWalk *walk, OskStill *still)
{
    if (still->segment_count == 0) {
        return OSK_OK;
    }
    qsort(still->segments, still->segment_count, sizeof(Segment), compare_segments);
    size_t made = 1;
    for (size_t i = 1; i < still->segment_count; i++) {
        Segment *last = &still->segments[made - 1];
        const Segment *next = &still->segments[i];
        uint64_t end = last->offset + last->len;
        if (segments_equal(last, next)) {
            continue;
        }
        if (next->offset >= end) {
            still->segments[made++] = *next;
        } else if (last->verdict == OSK_KEEP && next->verdict == OSK_KEEP) {
            uint64_t next_end = next->offset + next->len;
            last->len = (next_end > end ? next_end : end) - last->offset;
        } else {
            return osk_walk_fail(walk, OSK_UNSUPPORTED, "meta/iloc",
                                 "two pictures use the same bytes in different ways", next->offset);
        }
    }
    still->segment_count = made;
    return OSK_OK;
}

static OskStatus make_pieces(OskWalk *walk, OskStill *still)
{
    OskStatus status = order_segments(walk, still);
    if (status != OSK_OK) {
        return status;
    }
    still->pieces = osk_arena_array(walk->arena, still->segment_count, sizeof(Piece));
    if (still->pieces == NULL) {
        return osk_walk_no_memory(walk, "mdat", 0);
    }
    /* Ranges that only touch stay apart: one of them may be a sample of a track, the other one not.
     */
    for (size_t i = 0; i < still->segment_count; i++) {
        const Segment *segment = &still->segments[i];
        still->pieces[still->piece_count++] =
            (Piece){ .range = { segment->offset, segment->len }, .first = i, .count = 1 };
    }
    return OSK_OK;
}

/* ---- Properties ---- */

/* Sizes of layers are a hint for loading bit by bit: after a change in the data it goes. */
static bool is_stale(const OskItem *item, const OskItemProp *prop)
{
    if (prop->type != OSK_FOURCC('a', '1', 'l', 'x')) {
        return false;
    }
    uint64_t before = 0;
    uint64_t after = item->data_len;
    for (size_t i = 0; i < item->extent_count; i++) {
        before += item->extents[i].len;
        after += item->in_meta ? 0 : item->extents[i].out_len;
    }
    return before != after;
}

static OskStatus rebuild_properties(OskWalk *walk, OskMeta *meta)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < meta->assoc_count; i++) {
        const OskItemAssoc *assoc = &meta->assocs[i];
        const OskItem *item = &meta->items[assoc->item];
        OskItemProp *prop = &meta->props[assoc->prop];
        if (!item->keep || is_stale(item, prop)) {
            continue;
        }
        if (item->assoc_count > UINT8_MAX) {
            return osk_walk_fail(walk, OSK_UNSUPPORTED, "meta/ipma",
                                 "an item has too many properties", item->offset);
        }
        if (prop->type == OSK_FOURCC('c', 'l', 'a', 'p')) {
            status = osk_prop_check_crop(walk, prop,
                                         osk_meta_prop(meta, item, OSK_FOURCC('i', 's', 'p', 'e')));
        }
        if (status == OSK_OK && prop->out_index == 0) {
            status = osk_prop_rebuild(walk, prop, assoc->essential);
            prop->out_index = 1;
        }
    }
    uint16_t next = 1;
    for (size_t i = 0; status == OSK_OK && i < meta->prop_count; i++) {
        OskItemProp *prop = &meta->props[i];
        if (prop->out_index == 0) {
            osk_prop_inspect(walk, prop);
        }
        prop->out_index = prop->out != NULL ? next++ : 0;
    }
    return status;
}

/* ---- The contract ---- */

static void find_unread_meta(OskWalk *walk, const OskBox *box)
{
    osk_report_add(walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = "meta",
                              .field = "isobmff.meta",
                              .label = "a list of metadata that shows no picture",
                              .offset = box->offset,
                              .len = box->size },
                   NULL);
}

OskStatus osk_still_read(OskWalk *walk, const OskBox *box, OskStill **out)
{
    *out = NULL;
    OskCursor body;
    OskStatus status = osk_walk_load(walk, osk_box_body_offset(box), osk_box_body_len(box), &body);
    if (status != OSK_OK) {
        return status;
    }
    OskStill *still = osk_arena_alloc(walk->arena, sizeof(*still));
    if (still == NULL) {
        return osk_walk_no_memory(walk, "meta", box->offset);
    }
    OskMeta *meta = &still->meta;
    status = osk_meta_read(walk, box, body, meta);
    if (status == OSK_OK && meta->primary == OSK_ITEM_NONE) {
        find_unread_meta(walk, box);
        return inspect_dropped(walk, meta);
    }
    if (status == OSK_OK) {
        inspect_names(walk, meta);
        status = select_items(walk, meta);
    }
    if (status == OSK_OK) {
        adopt_orientation(meta);
        status = inspect_dropped(walk, meta);
    }
    if (status == OSK_OK) {
        status = find_mdats(walk, still);
    }
    for (size_t i = 0; status == OSK_OK && i < meta->item_count; i++) {
        if (meta->items[i].keep) {
            status = place_item(walk, still, &meta->items[i]);
        }
    }
    if (status == OSK_OK) {
        status = make_pieces(walk, still);
    }
    if (status == OSK_OK) {
        status = rebuild_properties(walk, meta);
    }
    *out = status == OSK_OK ? still : NULL;
    return status;
}

size_t osk_still_piece_count(const OskStill *still)
{
    return still->piece_count;
}

OskStillPiece osk_still_piece(const OskStill *still, size_t index)
{
    return still->pieces[index].range;
}

uint64_t osk_still_piece_out_len(const OskStill *still, size_t index)
{
    const Piece *piece = &still->pieces[index];
    uint64_t total = 0;
    for (size_t i = 0; i < piece->count; i++) {
        const Segment *segment = &still->segments[piece->first + i];
        total += segment->verdict == OSK_KEEP      ? segment->len
                 : segment->verdict == OSK_REWRITE ? segment->out_len
                                                   : 0;
    }
    return total;
}

static const OskPart *row(const OskWalk *walk, uint64_t tag)
{
    return osk_part_find(walk->plan->parts, walk->plan->part_count, tag);
}

OskStatus osk_still_emit(OskWalk *walk, OskStill *still)
{
    const OskBox *box = &still->meta.box;
    OskWriter out;
    osk_writer_init(&out, META_CEILING);
    osk_meta_write(&still->meta, walk->size, NULL, &out);
    if (osk_writer_ok(&out)) {
        still->literal = osk_plan_rewrite(walk->plan, row(walk, OSK_STILL_TAG_META), box->offset,
                                          box->size, out.bytes, out.len);
        still->literal_len = out.len;
    }
    osk_writer_free(&out);
    return still->literal != NULL ? OSK_OK : osk_walk_no_memory(walk, "meta", box->offset);
}

OskStatus osk_still_emit_piece(OskWalk *walk, OskStill *still, size_t index)
{
    const Piece *piece = &still->pieces[index];
    const OskPart *data = row(walk, OSK_STILL_TAG_DATA);
    for (size_t i = 0; i < piece->count; i++) {
        const Segment *segment = &still->segments[piece->first + i];
        if (segment->verdict == OSK_KEEP) {
            osk_plan_keep(walk->plan, data, segment->offset, segment->len, false);
        } else if (segment->verdict == OSK_DROP) {
            osk_plan_drop(walk->plan, row(walk, OSK_STILL_TAG_MESSAGE), segment->offset,
                          segment->len);
        } else {
            osk_plan_rewrite(walk->plan, data, segment->offset, segment->len, segment->literal,
                             segment->out_len);
        }
    }
    return OSK_OK;
}

OskStatus osk_still_finish(OskWalk *walk, OskStill *still)
{
    OskWriter out;
    osk_writer_init(&out, META_CEILING);
    osk_meta_write(&still->meta, walk->size, walk->plan, &out);
    OskStatus status = OSK_OK;
    if (!osk_writer_ok(&out)) {
        status = osk_walk_no_memory(walk, "meta", still->meta.box.offset);
    } else if (out.len != still->literal_len) {
        status = osk_walk_fail(walk, OSK_BUG, "meta", "the rebuilt list changed its length",
                               still->meta.box.offset);
    } else {
        memcpy(still->literal, out.bytes, out.len);
    }
    osk_writer_free(&out);
    return status;
}
