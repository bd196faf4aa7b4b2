/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matroska and WebM: an EBML header, then one Segment of descriptions (Info, Tracks), blocks in
 * Clusters and indexes (SeekHead, Cues). RFC 8794 (EBML), RFC 9559 (Matroska). The copy has one
 * form: header, SeekHead, Info, Tracks, clusters with known sizes, Cues. Tolerated: live files
 * (unknown sizes of segment and clusters), several Infos (the first counts), bytes behind the
 * segment (they go). */
#include <string.h>

#include "base/checked.h"
#include "formats/matroska.h"

/* Far above the hundred bytes of real headers. */
#define HEADER_MOST ((uint64_t)64 << 10)
/* RFC 9559 describes version 4; what reads it reads all before it. */
#define VERSION_MOST 4u
/* One point takes about 30 bytes, and clusters last a second or more: enough for weeks. */
#define CUES_MOST ((size_t)64 << 20)

typedef struct Layout {
    OskElement header;
    OskElement segment;
    uint64_t segment_end;
    uint8_t *segment_size; /* literals to fill in */
    uint8_t *cues_position;
} Layout;

/* The document type stands in the first hundred bytes, whatever the order of the header's parts. */
static OskProbe probe_type(const uint8_t *head, size_t len, const char *type)
{
    static const uint8_t magic[4] = { 0x1A, 0x45, 0xDF, 0xA3 };
    size_t type_len = strlen(type);
    if (len < 4 || memcmp(head, magic, 4) != 0) {
        return OSK_PROBE_NO;
    }
    size_t most = len < 1024 ? len : 1024;
    for (size_t i = 4; i + 3 <= most; i++) {
        if (head[i] != 0x42 || head[i + 1] != 0x82) {
            continue;
        }
        /* The size may be written in up to eight bytes; its length stands in its first one. */
        size_t text = i + 3;
        for (uint8_t mask = 0x80; mask > 0 && (head[i + 2] & mask) == 0;
             mask = (uint8_t)(mask >> 1)) {
            text++;
        }
        if (text + type_len <= most && memcmp(head + text, type, type_len) == 0) {
            return OSK_PROBE_YES;
        }
    }
    return OSK_PROBE_NO;
}

static OskProbe probe_matroska(const uint8_t *head, size_t len)
{
    return probe_type(head, len, "matroska");
}

static OskProbe probe_webm(const uint8_t *head, size_t len)
{
    return probe_type(head, len, "webm");
}

static bool is_text(OskCursor body, const char *text)
{
    return osk_cursor_starts(&body, text, strlen(text));
}

/* The header is written again from the document type and its versions. */
static OskStatus plan_header(OskMkv *mkv, const OskElement *header)
{
    OskWalk *walk = mkv->walk;
    uint64_t id_most = 4;
    uint64_t size_most = 8;
    uint64_t version = 1;
    uint64_t read_version = 1;
    const char *type = "matroska";
    OskCursor body;
    if (header->unknown || header->end - header->body > HEADER_MOST) {
        return osk_walk_fail(walk, OSK_MALFORMED, "EBML", "its header has no sensible size",
                             header->at);
    }
    OskStatus status = osk_walk_load(walk, header->body, header->end - header->body, &body);
    OskChild child;
    while (status == OSK_OK && osk_ebml_next(&body, &child)) {
        OskCursor value = child.body;
        switch (child.id) {
        case MKV_EBML_MAX_ID: id_most = osk_ebml_uint(&value); break;
        case MKV_EBML_MAX_SIZE: size_most = osk_ebml_uint(&value); break;
        case MKV_DOC_TYPE: type = is_text(value, "webm") ? "webm" : "matroska"; break;
        case MKV_DOC_TYPE_VERSION: version = osk_ebml_uint(&value); break;
        case MKV_DOC_TYPE_READ_VERSION: read_version = osk_ebml_uint(&value); break;
        case MKV_EBML_VERSION:
        case MKV_EBML_READ_VERSION: break;
        default: osk_mkv_report(mkv, &child); break;
        }
    }
    if (status != OSK_OK || !osk_cursor_ok(&body)) {
        return status != OSK_OK ? status
                                : osk_walk_fail(walk, OSK_MALFORMED, "EBML",
                                                "its header is damaged", header->at);
    }
    if (id_most > 4 || size_most > 8 || read_version > VERSION_MOST) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "EBML", "it is of a version that we don't know",
                             header->at);
    }
    OskWriter w;
    osk_writer_init(&w, 256);
    OskWriterMark mark = osk_ebml_open(&w, MKV_EBML);
    osk_ebml_put_uint(&w, MKV_EBML_VERSION, 1);
    osk_ebml_put_uint(&w, MKV_EBML_READ_VERSION, 1);
    osk_ebml_put_uint(&w, MKV_EBML_MAX_ID, 4);
    osk_ebml_put_uint(&w, MKV_EBML_MAX_SIZE, 8);
    osk_ebml_put_bytes(&w, MKV_DOC_TYPE, type, strlen(type));
    /* Only the version that is needed for reading counts. */
    osk_ebml_put_uint(&w, MKV_DOC_TYPE_VERSION, version < VERSION_MOST ? version : VERSION_MOST);
    osk_ebml_put_uint(&w, MKV_DOC_TYPE_READ_VERSION, read_version);
    osk_ebml_close(&w, mark);
    if (osk_writer_ok(&w)) {
        (void)osk_plan_rewrite(walk->plan, osk_mkv_part(MKV_EBML), 0, header->end, w.bytes, w.len);
    }
    status = osk_writer_ok(&w) ? OSK_OK : osk_walk_no_memory(walk, "EBML", 0);
    osk_writer_free(&w);
    return status;
}

/* The elements that end a cluster or a segment of unknown size. */
static bool is_top(uint32_t id)
{
    switch (id) {
    case MKV_CLUSTER:
    case MKV_SEEK_HEAD:
    case MKV_INFO:
    case MKV_TRACKS:
    case MKV_CUES:
    case MKV_CHAPTERS:
    case MKV_TAGS:
    case MKV_ATTACHMENTS:
    case MKV_SEGMENT:
    case MKV_EBML: return true;
    default: return false;
    }
}

/* Walks a cluster. `plans`: its children are planned; else it is only passed.
 * `*end` is where it really ends. */
static OskStatus walk_cluster(OskMkv *mkv, const OskElement *cluster, bool plans, uint64_t *end)
{
    *end = cluster->end;
    if (!plans && !cluster->unknown) {
        return OSK_OK;
    }
    if (plans) {
        osk_plan_drop(mkv->walk->plan, osk_mkv_part(MKV_CLUSTER), cluster->at,
                      cluster->body - cluster->at);
    }
    OskStatus status = OSK_OK;
    for (uint64_t at = cluster->body; status == OSK_OK && at < cluster->end;) {
        OskElement child;
        status = osk_mkv_element(mkv, at, cluster->end, &child);
        if (status == OSK_OK && cluster->unknown && is_top(child.id)) {
            *end = at;
            break;
        }
        if (status == OSK_OK && plans) {
            status = osk_mkv_cluster_child(mkv, &child);
        }
        at = child.end;
    }
    if (plans) {
        osk_mkv_cluster_end(mkv);
    }
    return status;
}

/* The next child of the segment at `at`; `*more` is false where the segment ends. */
static OskStatus next_top(OskMkv *mkv, const Layout *layout, uint64_t at, OskElement *out,
                          bool *more)
{
    *more = false;
    if (at >= layout->segment.end) {
        return OSK_OK;
    }
    OskStatus status = osk_mkv_element(mkv, at, layout->segment.end, out);
    if (status != OSK_OK) {
        return status;
    }
    if (layout->segment.unknown && (out->id == MKV_EBML || out->id == MKV_SEGMENT)) {
        return OSK_OK;
    }
    if (out->unknown && out->id != MKV_CLUSTER) {
        return osk_walk_fail(mkv->walk, OSK_MALFORMED, "Segment", "a part has no size", at);
    }
    *more = true;
    return OSK_OK;
}

/* Finds Info and Tracks, which almost always stand before the first cluster. */
static OskStatus find_tracks(OskMkv *mkv, const Layout *layout)
{
    bool info = false;
    uint64_t at = layout->segment.body;
    while (!info || mkv->tracks == NULL) {
        OskElement child;
        bool more = false;
        OskStatus status = next_top(mkv, layout, at, &child, &more);
        if (status != OSK_OK || !more) {
            return status;
        }
        at = child.end;
        if (child.id == MKV_INFO && !info) {
            info = true;
            status = osk_mkv_read_info(mkv, &child);
        } else if (child.id == MKV_TRACKS && mkv->tracks == NULL) {
            status = osk_mkv_read_tracks(mkv, &child);
        } else if (child.id == MKV_CLUSTER) {
            status = walk_cluster(mkv, &child, false, &at);
        }
        if (status != OSK_OK) {
            return status;
        }
    }
    return OSK_OK;
}

static size_t put_seek(OskWriter *out, uint32_t id, uint64_t position)
{
    OskWriterMark mark = osk_ebml_open(out, MKV_SEEK);
    osk_ebml_put_id(out, MKV_SEEK_ID);
    osk_ebml_put_size(out, 4, 1);
    osk_ebml_put_id(out, id);
    osk_ebml_put_id(out, MKV_SEEK_POSITION);
    osk_ebml_put_size(out, 8, 1);
    size_t at = out->len;
    osk_writer_be(out, position, 8);
    osk_ebml_close(out, mark);
    return at;
}

/* Seek positions are of one width, so that the size of the list is known before they are. */
#define SEEK_BYTES ((size_t)(2 + 4 + 2 + 1 + 4 + 2 + 1 + 8))
#define SEEK_HEAD_BYTES (4 + 4 + 3 * SEEK_BYTES)

/* Everything that stands before the first cluster. */
static OskStatus plan_segment_head(OskMkv *mkv, Layout *layout)
{
    OskPlan *plan = mkv->walk->plan;
    OskWriter w;
    osk_writer_init(&w, 1024);
    osk_ebml_put_id(&w, MKV_SEGMENT);
    osk_ebml_put_size(&w, 0, 8);
    size_t body = w.len;
    mkv->body_out = plan->out_end + body;
    OskWriterMark mark = osk_ebml_open(&w, MKV_SEEK_HEAD);
    (void)put_seek(&w, MKV_INFO, SEEK_HEAD_BYTES);
    (void)put_seek(&w, MKV_TRACKS, SEEK_HEAD_BYTES + mkv->info_out.len);
    size_t cues = put_seek(&w, MKV_CUES, 0);
    osk_ebml_close(&w, mark);
    if (!osk_writer_ok(&w) || !osk_writer_ok(&mkv->info_out) || !osk_writer_ok(&mkv->tracks_out)) {
        osk_writer_free(&w);
        return osk_walk_no_memory(mkv->walk, "Segment", layout->segment.at);
    }
    uint8_t *head = osk_plan_rewrite(plan, osk_mkv_part(MKV_SEGMENT), layout->segment.at,
                                     layout->segment.body - layout->segment.at, w.bytes, w.len);
    if (head != NULL) {
        layout->segment_size = head + 5;
        layout->cues_position = head + cues;
    }
    osk_writer_free(&w);
    (void)osk_plan_rewrite(plan, osk_mkv_part(MKV_INFO), layout->segment.body, 0,
                           mkv->info_out.bytes, mkv->info_out.len);
    (void)osk_plan_rewrite(plan, osk_mkv_part(MKV_TRACKS), layout->segment.body, 0,
                           mkv->tracks_out.bytes, mkv->tracks_out.len);
    return OSK_OK;
}

static void fill_in(uint8_t *literal, uint64_t value, unsigned width)
{
    for (unsigned i = 0; literal != NULL && i < width; i++) {
        literal[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    }
}

static OskStatus plan_cues(OskMkv *mkv, Layout *layout)
{
    OskPlan *plan = mkv->walk->plan;
    if (mkv->cue_count == 0) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "Segment",
                             "there is no picture or sound in it", layout->segment.at);
    }
    OskWriter w;
    osk_writer_init(&w, CUES_MOST + 16);
    OskWriterMark mark = osk_ebml_open(&w, MKV_CUES);
    osk_writer_bytes(&w, mkv->cues.bytes, mkv->cues.len);
    osk_ebml_close(&w, mark);
    OskStatus status = OSK_OK;
    if (osk_writer_ok(&w) && osk_writer_ok(&mkv->cues)) {
        fill_in(layout->cues_position, plan->out_end - mkv->body_out, 8);
        (void)osk_plan_rewrite(plan, osk_mkv_part(MKV_CUES), layout->segment_end, 0, w.bytes,
                               w.len);
        fill_in(layout->segment_size, plan->out_end - mkv->body_out, 7);
    } else {
        status = osk_walk_no_memory(mkv->walk, "Cues", layout->segment_end);
    }
    osk_writer_free(&w);
    return status;
}

/* A child of the segment that isn't a cluster: what it reveals, and away with it. What stays of
 * Info and Tracks is in the plan already. */
static OskStatus drop_top(OskMkv *mkv, const OskElement *child, bool *info, bool *tracks)
{
    osk_plan_drop(mkv->walk->plan, osk_mkv_part(child->id), child->at, child->end - child->at);
    bool *first = child->id == MKV_INFO ? info : child->id == MKV_TRACKS ? tracks : NULL;
    if (first != NULL && !*first) {
        *first = true;
        return OSK_OK;
    }
    if (child->id == MKV_INFO) {
        return osk_mkv_read_info(mkv, child);
    }
    if (child->id == MKV_TRACKS) {
        return osk_mkv_read_tracks(mkv, child);
    }
    return osk_mkv_report_element(mkv, child);
}

static OskStatus walk_segment(OskMkv *mkv, Layout *layout)
{
    bool info = false;
    bool tracks = false;
    uint64_t at = layout->segment.body;
    for (;;) {
        OskElement child;
        bool more = false;
        OskStatus status = next_top(mkv, layout, at, &child, &more);
        if (status != OSK_OK || !more) {
            layout->segment_end = at;
            return status;
        }
        at = child.end;
        status = child.id == MKV_CLUSTER ? walk_cluster(mkv, &child, true, &at)
                                         : drop_top(mkv, &child, &info, &tracks);
        if (status != OSK_OK) {
            return status;
        }
    }
}

static OskStatus plan_trailer(OskMkv *mkv, uint64_t at)
{
    OskElement trailer = { .id = MKV_TRAILER, .at = at, .body = at, .end = mkv->walk->size };
    osk_plan_drop(mkv->walk->plan, osk_mkv_part(MKV_TRAILER), at, trailer.end - at);
    return osk_mkv_report_element(mkv, &trailer);
}

/* The segment follows the header; room and checksums may stand between. */
static OskStatus find_segment(OskMkv *mkv, Layout *layout)
{
    OskStatus status = osk_mkv_element(mkv, 0, mkv->walk->size, &layout->header);
    uint64_t at = layout->header.end;
    if (status == OSK_OK) {
        status = plan_header(mkv, &layout->header);
    }
    while (status == OSK_OK) {
        status = osk_mkv_element(mkv, at, mkv->walk->size, &layout->segment);
        if (status != OSK_OK || layout->segment.id == MKV_SEGMENT) {
            break;
        }
        if (layout->segment.id != MKV_VOID && layout->segment.id != MKV_CRC32) {
            return osk_walk_fail(mkv->walk, OSK_MALFORMED, "EBML", "no segment follows the header",
                                 at);
        }
        bool ignored = true;
        status = drop_top(mkv, &layout->segment, &ignored, &ignored);
        at = layout->segment.end;
    }
    return status;
}

static OskStatus walk_file(OskMkv *mkv)
{
    Layout layout = { .segment_size = NULL };
    OskStatus status = osk_mkv_blocks_init(mkv);
    if (status == OSK_OK) {
        status = find_segment(mkv, &layout);
    }
    if (status == OSK_OK) {
        status = find_tracks(mkv, &layout);
    }
    if (status == OSK_OK && mkv->kept_count == 0) {
        status = osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "Tracks",
                               "there is no picture or sound in it", layout.segment.at);
    }
    if (status == OSK_OK && mkv->info_out.len == 0) {
        OskElement none = { .id = MKV_INFO,
                            .at = layout.segment.body,
                            .body = layout.segment.body };
        none.end = none.body;
        status = osk_mkv_read_info(mkv, &none);
    }
    if (status == OSK_OK) {
        status = plan_segment_head(mkv, &layout);
    }
    if (status == OSK_OK) {
        status = walk_segment(mkv, &layout);
    }
    if (status == OSK_OK) {
        status = plan_cues(mkv, &layout);
    }
    if (status == OSK_OK) {
        status = plan_trailer(mkv, layout.segment_end);
    }
    return status;
}

static OskStatus walk_any(OskWalk *walk, bool *out_video)
{
    OskMkv mkv = { .walk = walk };
    osk_writer_init(&mkv.tracks_out, (size_t)64 << 20);
    osk_writer_init(&mkv.info_out, (size_t)1 << 20);
    osk_writer_init(&mkv.cues, CUES_MOST);
    OskStatus status = walk_file(&mkv);
    *out_video = false;
    for (size_t i = 0; i < mkv.track_count; i++) {
        *out_video = *out_video || (mkv.tracks[i].kept && mkv.tracks[i].video);
        if (mkv.tracks[i].filtered) {
            osk_coded_free(&mkv.tracks[i].coded);
        }
    }
    osk_writer_free(&mkv.tracks_out);
    osk_writer_free(&mkv.info_out);
    osk_writer_free(&mkv.cues);
    return status;
}

static OskStatus walk_matroska(OskWalk *walk)
{
    bool video = false;
    OskStatus status = walk_any(walk, &video);
    walk->extension = video ? "mkv" : "mka";
    return status;
}

static OskStatus walk_webm(OskWalk *walk)
{
    bool video = false;
    return walk_any(walk, &video);
}

const OskFormat osk_format_matroska = {
    .info = { .name = "matroska",
              .title = "Matroska",
              .media_type = "video/matroska",
              .extensions = "mkv mka mk3d",
              .parts = osk_mkv_parts,
              .part_count = MKV_PART_COUNT },
    .probe = probe_matroska,
    .walk = walk_matroska,
};

/* The same container; only the name of its copies differs. */
const OskFormat osk_format_webm = {
    .info = { .name = "webm",
              .title = "WebM",
              .media_type = "video/webm",
              .extensions = "webm",
              .parts = osk_mkv_parts,
              .part_count = MKV_PART_COUNT },
    .probe = probe_webm,
    .walk = walk_webm,
};
