/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clusters of Matroska: every block is taken apart into its frames, filtered, and put together
 * again. */
#include <string.h>

#include "formats/matroska.h"

/* Sound that is decoded and not played: one packet, and Opus packets last at most 120 ms. */
#define DISCARD_MOST INT64_C(1000000000)
#define CHILDREN_MOST 64u

enum { FLAG_KEY = 0x80, FLAG_INVISIBLE = 0x08, FLAG_DISCARDABLE = 0x01 };

/* Asks the track's filter what becomes of one frame; the pieces are in track->coded. */
static OskStatus filter_frame(OskMkvTrack *track, const OskMkvFrame *frame)
{
    track->frame_at = frame->at;
    if (track->prefix_len > 0) {
        /* What the filter has read ahead is not this frame's stripped header. */
        track->coded.window_len = 0;
    }
    return track->filter(&track->coded, frame->at - track->prefix_len,
                         frame->len + track->prefix_len);
}

static OskStatus filter_frames(OskMkv *mkv, OskMkvBlock *block)
{
    OskMkvTrack *track = block->track;
    block->out_count = 0;
    for (size_t i = 0; i < block->count; i++) {
        OskMkvFrame *frame = &block->frames[i];
        if (!osk_walk_spend(mkv->walk, 1, "Block", frame->at)) {
            return OSK_LIMIT;
        }
        frame->out_len = frame->len + track->prefix_len;
        if (track->filtered) {
            OskStatus status = filter_frame(track, frame);
            if (status != OSK_OK) {
                return status;
            }
            block->changed = block->changed || track->coded.changed;
            frame->out_len = track->coded.out_len;
        }
        block->changed = block->changed || track->prefix_len > 0 || frame->out_len == 0;
        block->out_count += frame->out_len > 0 ? 1 : 0;
    }
    return OSK_OK;
}

/* VP8 and VP9 frames say in their first byte that they are not shown. Source: RFC 6386, 9.1; VP9
 * bitstream specification, 6.2. */
static bool says_hidden(OskMkv *mkv, const OskMkvBlock *block)
{
    size_t got = 0;
    const uint8_t *bytes = osk_mkv_peek(mkv, block->frames[0].at, 1, &got);
    if (bytes == NULL || got == 0 || block->frames[0].len == 0) {
        return false;
    }
    switch (block->track->hides) {
    case OSK_MKV_HIDES_VP8: return (bytes[0] & 0x10) == 0;
    case OSK_MKV_HIDES_VP9:
        return (bytes[0] & 0xC0) == 0x80 && (bytes[0] & 0x30) != 0x30 && (bytes[0] & 0x0A) == 0;
    default: return false;
    }
}

static OskStatus prove_shown(OskMkv *mkv, const OskMkvBlock *block)
{
    if ((block->flags & FLAG_INVISIBLE) == 0 || mkv->walk->options->keep_preroll ||
        says_hidden(mkv, block)) {
        return OSK_OK;
    }
    return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "Block",
                         "a frame is in the file but not shown", block->element.at);
}

/* Lacing is written again Xiph style, which can say every size. */
static OskStatus write_head(OskMkv *mkv, OskMkvBlock *block, bool simple)
{
    OskWriter w;
    uint64_t need = 16;
    for (size_t i = 0; i < block->count; i++) {
        need += block->frames[i].out_len / 255 + 1;
    }
    if (block->out_count > 1 && need > sizeof(block->head)) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "Block",
                             "frames of this size can't be laced again", block->element.at);
    }
    uint8_t flags =
        block->flags & (simple ? FLAG_KEY | FLAG_INVISIBLE | FLAG_DISCARDABLE : FLAG_INVISIBLE);
    bool laces = block->out_count > 1;
    flags = (uint8_t)(flags | (laces ? 0x02 : 0));
    osk_writer_init(&w, sizeof(block->head));
    osk_ebml_put_size(&w, block->track->number, 0);
    osk_writer_be(&w, (uint64_t)block->time, 2);
    osk_writer_u8(&w, flags);
    block->flags_out = flags;
    size_t left = block->out_count;
    if (laces) {
        osk_writer_u8(&w, (uint8_t)(left - 1));
    }
    block->out_len = 0;
    for (size_t i = 0; i < block->count; i++) {
        uint64_t len = block->frames[i].out_len;
        block->out_len += len;
        left -= len > 0 ? 1 : 0;
        for (; laces && len > 0 && left > 0; len -= 255) {
            osk_writer_u8(&w, len < 255 ? (uint8_t)len : 255);
            if (len < 255) {
                break;
            }
            if (len == 255) {
                osk_writer_u8(&w, 0);
            }
        }
    }
    if (!osk_writer_ok(&w)) {
        osk_writer_free(&w);
        return osk_walk_no_memory(mkv->walk, "Block", block->element.at);
    }
    memcpy(block->head, w.bytes, w.len);
    block->head_len = w.len;
    block->out_len += w.len;
    osk_writer_free(&w);
    return OSK_OK;
}

/* Frames of tracks that are described nowhere: named once. */
static void report_stray(OskMkv *mkv, const OskElement *element, uint64_t number)
{
    if (mkv->stray || osk_mkv_knows(mkv, number)) {
        return;
    }
    mkv->stray = true;
    osk_report_add(mkv->walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = "Block",
                              .field = "mkv.stray_block",
                              .label = "hidden bytes of a track that does not exist",
                              .offset = element->at,
                              .len = element->end - element->at },
                   NULL);
}

/* Reads the Block or SimpleBlock and settles what becomes of it. */
static OskStatus read_block(OskMkv *mkv, const OskElement *element, OskMkvBlock *block, bool simple)
{
    uint64_t number = 0;
    unsigned width = 0;
    block->element = *element;
    block->changed = false;
    block->out_count = 0;
    OskStatus status = osk_mkv_vint(mkv, element->body, element->end, &number, &width);
    if (status != OSK_OK) {
        return status;
    }
    block->track = osk_mkv_track(mkv, number);
    if (block->track == NULL) {
        report_stray(mkv, element, number);
        return OSK_OK;
    }
    size_t got = 0;
    const uint8_t *bytes = osk_mkv_peek(mkv, element->body + width, 3, &got);
    if (bytes == NULL) {
        return mkv->walk->fault->status;
    }
    if (got < 3 || element->end - element->body < width + 3u) {
        return osk_walk_fail(mkv->walk, OSK_MALFORMED, "Block", "it has no header", element->at);
    }
    uint16_t time = (uint16_t)(bytes[0] << 8 | bytes[1]);
    block->time = time < 0x8000 ? time : (int64_t)time - 0x10000;
    block->flags = bytes[2];
    const uint8_t known = simple ? 0x8F : 0x0E;
    block->changed = (block->flags & ~known) != 0;
    status = osk_mkv_read_lacing(mkv, block, element->body + width + 3);
    if (status == OSK_OK) {
        status = prove_shown(mkv, block);
    }
    if (status == OSK_OK) {
        status = filter_frames(mkv, block);
    }
    if (status == OSK_OK && block->changed) {
        status = write_head(mkv, block, simple);
    }
    return status;
}

/* The header of the cluster at hand goes before its first block. */
static void open_cluster(OskMkv *mkv, uint64_t at)
{
    if (mkv->cluster_open) {
        return;
    }
    OskPlan *plan = mkv->walk->plan;
    OskWriter w;
    osk_writer_init(&w, 64);
    osk_ebml_put_id(&w, MKV_CLUSTER);
    osk_ebml_put_size(&w, 0, 8);
    size_t body = w.len;
    osk_ebml_put_uint(&w, MKV_TIMESTAMP, mkv->cluster_time);
    mkv->cluster_open = true;
    mkv->cluster_cued = false;
    mkv->cluster_out = plan->out_end;
    mkv->cluster_body_out = plan->out_end + body;
    mkv->cluster_size = NULL;
    if (osk_writer_ok(&w)) {
        mkv->cluster_size =
            osk_plan_rewrite(plan, osk_mkv_part(MKV_CLUSTER), at, 0, w.bytes, w.len);
    } else {
        plan->status = OSK_NO_MEMORY;
    }
    osk_writer_free(&w);
}

void osk_mkv_cluster_end(OskMkv *mkv)
{
    if (mkv->cluster_open && mkv->cluster_size != NULL) {
        uint64_t size = mkv->walk->plan->out_end - mkv->cluster_body_out;
        for (unsigned i = 0; i < 7; i++) {
            mkv->cluster_size[5 + i] = (uint8_t)(size >> (8 * (6 - i)));
        }
    }
    mkv->cluster_open = false;
    mkv->cluster_timed = false;
    mkv->cluster_time = 0;
}

/* One point for each cluster: its first key frame of the main track; for the very first cluster,
 * its first frame. */
static void add_cue(OskMkv *mkv, const OskMkvBlock *block, bool key)
{
    bool first = mkv->cue_count == 0;
    int64_t time = (int64_t)mkv->cluster_time + block->time;
    if (mkv->cluster_cued || time < 0 ||
        (!first && (!key || block->track->number != mkv->cue_track))) {
        return;
    }
    mkv->cluster_cued = true;
    mkv->cue_count++;
    OskWriterMark point = osk_ebml_open(&mkv->cues, MKV_CUE_POINT);
    osk_ebml_put_uint(&mkv->cues, MKV_CUE_TIME, (uint64_t)time);
    OskWriterMark positions = osk_ebml_open(&mkv->cues, MKV_CUE_TRACK_POSITIONS);
    osk_ebml_put_uint(&mkv->cues, MKV_CUE_TRACK, block->track->number);
    osk_ebml_put_uint(&mkv->cues, MKV_CUE_CLUSTER_POSITION, mkv->cluster_out - mkv->body_out);
    osk_ebml_close(&mkv->cues, positions);
    osk_ebml_close(&mkv->cues, point);
}

static void plan_frame(OskMkv *mkv, OskMkvBlock *block, const OskMkvFrame *frame,
                       const OskPart *row)
{
    OskPlan *plan = mkv->walk->plan;
    OskMkvTrack *track = block->track;
    if (!track->filtered) {
        if (track->prefix_len > 0) {
            (void)osk_plan_rewrite(plan, row, frame->at, 0, track->prefix, track->prefix_len);
        }
        osk_plan_keep(plan, row, frame->at, frame->len, false);
        return;
    }
    for (size_t i = 0; i < track->coded.count; i++) {
        const OskPiece *piece = &track->coded.pieces[i];
        uint64_t at = piece->offset;
        uint64_t len = piece->len;
        /* The part of the piece that lies in the stripped header is not in the file. */
        if (at < frame->at) {
            uint64_t before = frame->at - at < len ? frame->at - at : len;
            if (piece->verdict == OSK_KEEP) {
                (void)osk_plan_rewrite(
                    plan, row, frame->at, 0,
                    track->prefix + (track->prefix_len - (size_t)(frame->at - at)), before);
            }
            at = frame->at;
            len -= before;
        }
        if (piece->verdict == OSK_KEEP) {
            osk_plan_keep(plan, row, at, len, false);
        } else if (piece->verdict == OSK_DROP) {
            osk_plan_drop(plan, row, at, len);
        } else {
            (void)osk_plan_rewrite(plan, row, at, len, osk_coded_literal(&track->coded, piece),
                                   piece->literal_len);
        }
    }
}

/* Plans the element of a block that stays; its own header is written anew. */
static OskStatus plan_block(OskMkv *mkv, OskMkvBlock *block, const OskPart *row)
{
    OskPlan *plan = mkv->walk->plan;
    const OskElement *element = &block->element;
    if (!block->changed) {
        osk_plan_keep(plan, row, element->at, element->end - element->at, false);
        return OSK_OK;
    }
    OskWriter w;
    osk_writer_init(&w, sizeof(block->head) + 16);
    osk_ebml_put_id(&w, element->id);
    osk_ebml_put_size(&w, block->out_len, 0);
    osk_writer_bytes(&w, block->head, block->head_len);
    if (!osk_writer_ok(&w)) {
        osk_writer_free(&w);
        return osk_walk_no_memory(mkv->walk, "Block", element->at);
    }
    (void)osk_plan_rewrite(plan, row, element->at, block->frames[0].at - element->at, w.bytes,
                           w.len);
    osk_writer_free(&w);
    for (size_t i = 0; i < block->count; i++) {
        if (block->track->filtered) {
            OskStatus status = filter_frame(block->track, &block->frames[i]);
            if (status != OSK_OK) {
                return status;
            }
        }
        plan_frame(mkv, block, &block->frames[i], row);
    }
    return OSK_OK;
}

static OskStatus plan_simple_block(OskMkv *mkv, const OskElement *element, OskMkvBlock *block)
{
    const OskPart *row = osk_mkv_part(MKV_SIMPLE_BLOCK);
    OskStatus status = read_block(mkv, element, block, true);
    if (status != OSK_OK) {
        return status;
    }
    if (block->track == NULL || block->out_count == 0) {
        osk_plan_drop(mkv->walk->plan, row, element->at, element->end - element->at);
        return OSK_OK;
    }
    open_cluster(mkv, element->at);
    add_cue(mkv, block, (block->flags & FLAG_KEY) != 0);
    return plan_block(mkv, block, row);
}

typedef struct Group {
    OskElement children[CHILDREN_MOST];
    bool kept[CHILDREN_MOST];
    size_t count;
    size_t block; /* index of the Block; CHILDREN_MOST while there is none */
    bool key;
    bool changed;
} Group;

/* The alpha channel is BlockAdditional number 1, and must be all that is added. */
static OskStatus keeps_additions(OskMkv *mkv, const OskElement *additions, bool alpha, bool *out)
{
    size_t others = 0;
    *out = false;
    for (uint64_t at = additions->body; at < additions->end;) {
        OskElement more;
        OskStatus status = osk_mkv_element(mkv, at, additions->end, &more);
        uint64_t id = 1;
        unsigned data = 0;
        unsigned other = more.id != MKV_BLOCK_MORE || more.unknown ? 1 : 0;
        for (uint64_t in = more.body; status == OSK_OK && other == 0 && in < more.end;) {
            OskElement child;
            status = osk_mkv_element(mkv, in, more.end, &child);
            if (status == OSK_OK && child.id == MKV_BLOCK_ADD_ID) {
                status = osk_mkv_uint(mkv, &child, &id);
            } else if (status == OSK_OK && child.id == MKV_BLOCK_ADDITIONAL && !child.unknown) {
                data++;
            } else {
                other = 1;
            }
            in = child.end;
        }
        if (status != OSK_OK) {
            return status;
        }
        bool is_alpha = other == 0 && id == 1 && data == 1 && alpha && !*out;
        *out = *out || is_alpha;
        others += is_alpha ? 0 : 1;
        at = more.end;
    }
    if (*out && others > 0) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "BlockAdditions",
                             "more than an alpha channel is added to a frame", additions->at);
    }
    return OSK_OK;
}

/* The size of a number, whatever its sign. */
static OskStatus read_size(OskMkv *mkv, const OskElement *element, uint64_t *out)
{
    uint64_t value = 0;
    OskStatus status = osk_mkv_uint(mkv, element, &value);
    unsigned bits = (unsigned)(8 * (element->end - element->body));
    bool negative =
        osk_mkv_shape(element->id) == OSK_EBML_INT && bits > 0 && (value >> (bits - 1) & 1) != 0;
    *out = !negative ? value : bits == 64 ? ~value + 1 : (UINT64_C(1) << bits) - value;
    return status;
}

/* Numbers that mean something; sound that is decoded and not played within one delay. */
static OskStatus prove_number(OskMkv *mkv, const OskElement *element, bool *keep)
{
    uint64_t size = 0;
    if (element->end - element->body > 8) {
        *keep = false;
        return OSK_OK;
    }
    OskStatus status = read_size(mkv, element, &size);
    *keep = size <= osk_mkv_most(element->id);
    if (status == OSK_OK && element->id == MKV_DISCARD_PADDING && size > (uint64_t)DISCARD_MOST &&
        !mkv->walk->options->keep_preroll) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "DiscardPadding",
                             "more than a second of sound is in the file but not played",
                             element->at);
    }
    return status;
}

/* Settles which children of the group stay. */
static OskStatus judge_group(OskMkv *mkv, Group *group, const OskMkvTrack *track)
{
    bool once[5] = { false, false, false, false, false };
    for (size_t i = 0; i < group->count; i++) {
        const OskElement *child = &group->children[i];
        const OskPart *row = osk_mkv_part(child->id);
        OskStatus status = OSK_OK;
        bool keep = row->verdict == OSK_KEEP && osk_mkv_belongs(child->id, MKV_BLOCK_GROUP) &&
                    !child->unknown;
        bool number =
            osk_mkv_shape(child->id) == OSK_EBML_UINT || osk_mkv_shape(child->id) == OSK_EBML_INT;
        if (keep && number) {
            status = prove_number(mkv, child, &keep);
        }
        if (child->id == MKV_CODEC_STATE || child->id == MKV_ENCRYPTED_BLOCK) {
            return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, row->name, "we can't look into this",
                                 child->at);
        }
        if (child->id == MKV_BLOCK_ADDITIONS) {
            bool alpha = false;
            status = keeps_additions(mkv, child, track->alpha, &alpha);
            keep = keep && alpha && !once[0];
            once[0] = once[0] || keep;
        } else if (child->id == MKV_DISCARD_PADDING) {
            keep = keep && !once[1];
            once[1] = true;
        } else if (child->id == MKV_BLOCK_DURATION) {
            keep = keep && !once[2];
            once[2] = true;
        } else if (child->id == MKV_REFERENCE_BLOCK) {
            group->key = group->key && !keep;
        } else if (child->id == MKV_BLOCK) {
            keep = i == group->block;
        }
        group->kept[i] = keep;
        group->changed = group->changed || !keep;
        if (status == OSK_OK && !keep) {
            status = osk_mkv_report_element(mkv, child);
        }
        if (status != OSK_OK) {
            return status;
        }
    }
    return OSK_OK;
}

static OskStatus read_group(OskMkv *mkv, const OskElement *element, Group *group)
{
    group->count = 0;
    group->block = CHILDREN_MOST;
    group->key = true;
    group->changed = false;
    for (uint64_t at = element->body; at < element->end;) {
        if (group->count == CHILDREN_MOST) {
            return osk_walk_fail(mkv->walk, OSK_LIMIT, "BlockGroup",
                                 "more parts than a frame may have", element->at);
        }
        OskElement *child = &group->children[group->count];
        OskStatus status = osk_mkv_element(mkv, at, element->end, child);
        if (status != OSK_OK) {
            return status;
        }
        if (child->id == MKV_BLOCK && group->block == CHILDREN_MOST && !child->unknown) {
            group->block = group->count;
        }
        group->count++;
        at = child->end;
    }
    return OSK_OK;
}

/* Plans a group that stays but not as it is. */
static OskStatus plan_group(OskMkv *mkv, const OskElement *element, const Group *group,
                            OskMkvBlock *block)
{
    OskPlan *plan = mkv->walk->plan;
    const OskPart *row = osk_mkv_part(MKV_BLOCK_GROUP);
    uint64_t size = 0;
    for (size_t i = 0; i < group->count; i++) {
        const OskElement *child = &group->children[i];
        if (group->kept[i] && i == group->block && block->changed) {
            size += 1 + osk_ebml_size_width(block->out_len) + block->out_len;
        } else if (group->kept[i]) {
            size += child->end - child->at;
        }
    }
    OskWriter w;
    osk_writer_init(&w, 16);
    osk_ebml_put_id(&w, MKV_BLOCK_GROUP);
    osk_ebml_put_size(&w, size, 0);
    (void)osk_plan_rewrite(plan, row, element->at, element->body - element->at, w.bytes, w.len);
    bool ok = osk_writer_ok(&w);
    osk_writer_free(&w);
    OskStatus status = ok ? OSK_OK : osk_walk_no_memory(mkv->walk, "BlockGroup", element->at);
    for (size_t i = 0; status == OSK_OK && i < group->count; i++) {
        const OskElement *child = &group->children[i];
        if (!group->kept[i]) {
            osk_plan_drop(plan, osk_mkv_part(child->id), child->at, child->end - child->at);
        } else if (i == group->block) {
            status = plan_block(mkv, block, row);
        } else {
            osk_plan_keep(plan, row, child->at, child->end - child->at, false);
        }
    }
    return status;
}

static OskStatus plan_block_group(OskMkv *mkv, const OskElement *element, OskMkvBlock *block)
{
    Group group;
    const OskPart *row = osk_mkv_part(MKV_BLOCK_GROUP);
    OskStatus status = read_group(mkv, element, &group);
    if (status == OSK_OK && group.block != CHILDREN_MOST) {
        status = read_block(mkv, &group.children[group.block], block, false);
    }
    if (status != OSK_OK) {
        return status;
    }
    if (group.block == CHILDREN_MOST || block->track == NULL || block->out_count == 0) {
        osk_plan_drop(mkv->walk->plan, row, element->at, element->end - element->at);
        return OSK_OK;
    }
    status = judge_group(mkv, &group, block->track);
    if (status != OSK_OK) {
        return status;
    }
    open_cluster(mkv, element->at);
    add_cue(mkv, block, group.key);
    if (!group.changed && !block->changed) {
        osk_plan_keep(mkv->walk->plan, row, element->at, element->end - element->at, false);
        return OSK_OK;
    }
    return plan_group(mkv, element, &group, block);
}

static OskStatus read_time(OskMkv *mkv, const OskElement *element)
{
    OskStatus status = osk_mkv_uint(mkv, element, &mkv->cluster_time);
    if (status == OSK_OK && mkv->cluster_time > osk_mkv_most(MKV_TIMESTAMP)) {
        return osk_walk_fail(mkv->walk, OSK_MALFORMED, "Cluster", "its time is beyond all others",
                             element->at);
    }
    return status;
}

OskStatus osk_mkv_cluster_child(OskMkv *mkv, const OskElement *child)
{
    OskPlan *plan = mkv->walk->plan;
    if (child->unknown) {
        return osk_walk_fail(mkv->walk, OSK_MALFORMED, "Cluster", "a part has no size", child->at);
    }
    switch (child->id) {
    case MKV_TIMESTAMP:
        if (mkv->cluster_open) {
            return osk_walk_fail(mkv->walk, OSK_MALFORMED, "Cluster",
                                 "its time stands behind its frames", child->at);
        }
        osk_plan_drop(plan, osk_mkv_part(MKV_TIMESTAMP), child->at, child->end - child->at);
        return read_time(mkv, child);
    case MKV_SIMPLE_BLOCK: return plan_simple_block(mkv, child, mkv->block);
    case MKV_BLOCK_GROUP: return plan_block_group(mkv, child, mkv->block);
    case MKV_ENCRYPTED_BLOCK:
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "EncryptedBlock",
                             "its frames are encrypted", child->at);
    default:
        osk_plan_drop(plan, osk_mkv_part(child->id), child->at, child->end - child->at);
        return osk_mkv_report_element(mkv, child);
    }
}

OskStatus osk_mkv_blocks_init(OskMkv *mkv)
{
    mkv->block = osk_arena_alloc(mkv->walk->arena, sizeof(*mkv->block));
    return mkv->block != NULL ? OSK_OK : osk_walk_no_memory(mkv->walk, "Block", 0);
}
