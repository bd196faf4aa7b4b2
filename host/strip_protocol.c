/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/strip_protocol.h"

#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "host/worker_message.h"
#include "oilskin/report.h"

#define ASK_BYTES 64u
#define SEGMENT_BYTES 40u
/* What a look is for, beside a preview. */
#define ASK_PACK 1u
#define ASK_POSTER 2u

_Static_assert(OSK_STRIP_SEGMENTS_BYTES <= OSK_WORKER_MESSAGE_MAX, "segments fit into a message");
_Static_assert(OSK_LOOK_DONE_BYTES <= OSK_STRIP_DONE_BYTES, "so does that of a preview");
_Static_assert(OSK_WORKER_HEADER_BYTES + OSK_STRIP_DONE_BYTES <= OSK_WORKER_MESSAGE_BYTES,
               "the answer fits into a message");

size_t osk_strip_put_ask(uint8_t out[OSK_STRIP_ASK_BYTES], uint64_t id, const OskStripAsk *ask)
{
    OskWorkerMessageKind kind = ask->looks    ? OSK_WORKER_LOOK_ASK
                                : ask->checks ? OSK_WORKER_CHECK_ASK
                                              : OSK_WORKER_STRIP_ASK;
    OskWorkerPen pen = osk_worker_pen(
        out, id, kind, ASK_BYTES + 32u * (ask->recipient_count + (ask->packs ? 1u : 0u)));
    osk_worker_pen_put(&pen, ask->limits.memory, 8);
    osk_worker_pen_put(&pen, ask->limits.parts, 8);
    osk_worker_pen_put(&pen, ask->limits.pixels, 8);
    osk_worker_pen_put(&pen, ask->limits.depth, 4);
    osk_worker_pen_put(&pen, ask->recipient_count, 4);
    osk_worker_pen_put(&pen, ask->segment_count, 4);
    osk_worker_pen_put(&pen, ask->poster ? ASK_POSTER : ask->packs ? ASK_PACK : 0, 4);
    osk_worker_pen_put(&pen, ask->input_len, 8);
    osk_worker_pen_put(&pen, ask->plain_len, 8);
    osk_worker_pen_put(&pen, ask->output_max, 8);
    for (uint32_t i = 0; i < ask->recipient_count; i++) {
        osk_worker_pen_bytes(&pen, ask->recipients[i].key, sizeof(ask->recipients[i].key));
    }
    if (ask->packs) {
        osk_worker_pen_bytes(&pen, ask->triage.key, sizeof(ask->triage.key));
    }
    return pen.len;
}

size_t osk_strip_put_segments(uint8_t out[OSK_STRIP_SEGMENTS_BYTES], uint64_t id, uint32_t first,
                              const OskStripSegment *segments, uint32_t count)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_SEGMENTS, 8 + SEGMENT_BYTES * count);
    osk_worker_pen_put(&pen, first, 4);
    osk_worker_pen_put(&pen, count, 4);
    for (uint32_t i = first; i < first + count; i++) {
        osk_worker_pen_put(&pen, segments[i].offset, 8);
        osk_worker_pen_put(&pen, segments[i].sealed_len, 8);
        osk_worker_pen_put(&pen, segments[i].plain_len, 8);
        osk_worker_pen_bytes(&pen, segments[i].key, sizeof(segments[i].key));
    }
    return pen.len;
}

size_t osk_strip_put_done(uint8_t *out, uint64_t id, const OskStripDone *done)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_STRIPPED, OSK_STRIP_DONE_BYTES);
    osk_worker_pen_put(&pen, done->output_len, 8);
    osk_worker_pen_put(&pen, done->plain_len, 8);
    osk_worker_pen_bytes(&pen, done->format, sizeof(done->format));
    osk_worker_pen_put(&pen, done->findings, 4);
    osk_worker_pen_put(&pen, done->kinds, 4);
    osk_worker_pen_bytes(&pen, done->before, sizeof(done->before));
    osk_worker_pen_bytes(&pen, done->after, sizeof(done->after));
    return pen.len;
}

size_t osk_look_put_done(uint8_t *out, uint64_t id, const OskLookDone *done)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_LOOKED, OSK_LOOK_DONE_BYTES);
    osk_worker_pen_put(&pen, done->output_len, 8);
    osk_worker_pen_put(&pen, done->plain_len, 8);
    osk_worker_pen_put(&pen, done->pack_len, 8);
    osk_worker_pen_put(&pen, done->pack_plain_len, 8);
    osk_worker_pen_put(&pen, done->duration_ms, 8);
    osk_worker_pen_put(&pen, (uint64_t)done->kind, 4);
    osk_worker_pen_put(&pen, done->width, 4);
    osk_worker_pen_put(&pen, done->height, 4);
    osk_worker_pen_put(&pen, done->frames, 4);
    osk_worker_pen_bytes(&pen, done->unplayed_picture, sizeof(done->unplayed_picture));
    osk_worker_pen_bytes(&pen, done->unplayed_sound, sizeof(done->unplayed_sound));
    return pen.len;
}

size_t osk_check_put_done(uint8_t *out, uint64_t id, const OskCheckDone *done)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_CHECKED, OSK_CHECK_DONE_BYTES);
    osk_worker_pen_put(&pen, done->output_len, 8);
    osk_worker_pen_bytes(&pen, done->format, sizeof(done->format));
    return pen.len;
}

static bool is_ask(uint16_t kind)
{
    return kind == OSK_WORKER_STRIP_ASK || kind == OSK_WORKER_LOOK_ASK ||
           kind == OSK_WORKER_CHECK_ASK;
}

bool osk_strip_is_ask(const uint8_t *bytes, size_t len)
{
    OskCursor c = osk_cursor_make(bytes, len, 0);
    OskWorkerHeader header;
    return osk_worker_read_header(&c, &header) == NULL && is_ask(header.kind);
}

static bool is_possible(const OskStripAsk *ask)
{
    /* Every segment takes more room sealed than it has bytes. */
    return (ask->recipient_count == 0) == ask->checks &&
           ask->recipient_count <= OSK_SEAL_RECIPIENTS_MAX && ask->segment_count >= 1 &&
           ask->segment_count <= OSK_STRIP_SEGMENTS_MAX && ask->input_len <= INT64_MAX &&
           ask->plain_len < ask->input_len && ask->output_max >= 1 && ask->output_max <= INT64_MAX;
}

static bool read_recipient(OskCursor *c, OskRecipient *out)
{
    const uint8_t *key = osk_cursor_bytes(c, sizeof(out->key));
    if (key != NULL) {
        memcpy(out->key, key, sizeof(out->key));
    }
    return key != NULL;
}

OskStatus osk_strip_read_ask(const uint8_t *bytes, size_t len, size_t descriptors, uint64_t *out_id,
                             OskStripAsk *ask, OskFault *fault)
{
    OskCursor c = osk_cursor_make(bytes, len, 0);
    OskWorkerHeader header;
    *ask = (OskStripAsk){ 0 };
    const char *wrong = osk_worker_read_header(&c, &header);
    if (wrong != NULL || !is_ask(header.kind)) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "a message that is no job", 6);
    }
    *out_id = header.id;
    ask->looks = header.kind == OSK_WORKER_LOOK_ASK;
    ask->checks = header.kind == OSK_WORKER_CHECK_ASK;
    ask->limits.memory = osk_cursor_u64le(&c);
    ask->limits.parts = osk_cursor_u64le(&c);
    ask->limits.pixels = osk_cursor_u64le(&c);
    ask->limits.depth = osk_cursor_u32le(&c);
    ask->recipient_count = osk_cursor_u32le(&c);
    ask->segment_count = osk_cursor_u32le(&c);
    uint32_t wanted = osk_cursor_u32le(&c);
    ask->input_len = osk_cursor_u64le(&c);
    ask->plain_len = osk_cursor_u64le(&c);
    ask->output_max = osk_cursor_u64le(&c);
    ask->packs = wanted == ASK_PACK;
    ask->poster = wanted == ASK_POSTER;
    bool possible =
        osk_cursor_ok(&c) && wanted <= (ask->looks ? ASK_POSTER : 0u) && is_possible(ask);
    for (uint32_t i = 0; possible && i < ask->recipient_count; i++) {
        possible = read_recipient(&c, &ask->recipients[i]);
    }
    possible = possible && (!ask->packs || read_recipient(&c, &ask->triage));
    if (!possible || osk_cursor_more(&c)) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "a value that no job can have",
                             OSK_WORKER_HEADER_BYTES);
    }
    if (descriptors != OSK_STRIP_DESCRIPTORS) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "another number of files than needed",
                             OSK_WORKER_HEADER_BYTES);
    }
    return OSK_OK;
}

/* One segment, behind the one before it; NULL for the first. */
static bool read_segment(OskCursor *c, const OskStripAsk *ask, const OskStripSegment *before,
                         OskStripSegment *out)
{
    out->offset = osk_cursor_u64le(c);
    out->sealed_len = osk_cursor_u64le(c);
    out->plain_len = osk_cursor_u64le(c);
    const uint8_t *key = osk_cursor_bytes(c, sizeof(out->key));
    uint64_t from = before != NULL ? before->offset + before->sealed_len : 0;
    if (key == NULL || out->offset != from || out->plain_len >= out->sealed_len ||
        !osk_range_within(out->offset, out->sealed_len, ask->input_len)) {
        return false;
    }
    memcpy(out->key, key, sizeof(out->key));
    return true;
}

OskStatus osk_strip_read_segments(const uint8_t *bytes, size_t len, const OskStripAsk *ask,
                                  uint64_t id, OskStripSegment *segments, uint32_t *told,
                                  OskFault *fault)
{
    OskCursor c = osk_cursor_make(bytes, len, 0);
    OskWorkerHeader header;
    const char *wrong = osk_worker_read_header(&c, &header);
    uint32_t first = osk_cursor_u32le(&c);
    uint32_t count = osk_cursor_u32le(&c);
    bool right = wrong == NULL && header.kind == OSK_WORKER_SEGMENTS && header.id == id &&
                 first == *told && count >= 1 && count <= OSK_STRIP_SEGMENTS_TOLD &&
                 count <= ask->segment_count - *told && header.length == 8 + SEGMENT_BYTES * count;
    for (uint32_t i = first; right && i < first + count; i++) {
        right = read_segment(&c, ask, i > 0 ? &segments[i - 1] : NULL, &segments[i]);
    }
    if (right) {
        *told += count;
    }
    uint64_t plain = 0;
    for (uint32_t i = 0; right && *told == ask->segment_count && i < *told; i++) {
        plain += segments[i].plain_len;
    }
    if (!right || (*told == ask->segment_count && plain != ask->plain_len)) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "segments that are not of the file",
                             OSK_WORKER_HEADER_BYTES);
    }
    return OSK_OK;
}

const char *osk_strip_hear_done(OskCursor *c, uint64_t output_max, OskStripDone *done)
{
    OskStripDone heard = { .output_len = osk_cursor_u64le(c), .plain_len = osk_cursor_u64le(c) };
    bool named = osk_worker_read_name(c, heard.format) && heard.format[0] != 0;
    heard.findings = osk_cursor_u32le(c);
    heard.kinds = osk_cursor_u32le(c);
    const uint8_t *before = osk_cursor_bytes(c, sizeof(heard.before));
    const uint8_t *after = osk_cursor_bytes(c, sizeof(heard.after));
    if (before == NULL || after == NULL || heard.output_len > output_max ||
        heard.plain_len >= heard.output_len) {
        return "an output that has no room";
    }
    if (!named || heard.kinds >> OSK_KIND_COUNT != 0 ||
        (heard.findings > 0) != (heard.kinds != 0)) {
        return "a file that can't be";
    }
    memcpy(heard.before, before, sizeof(heard.before));
    memcpy(heard.after, after, sizeof(heard.after));
    *done = heard;
    return NULL;
}

const char *osk_check_hear_done(OskCursor *c, uint64_t output_max, OskCheckDone *done)
{
    OskCheckDone heard = { .output_len = osk_cursor_u64le(c) };
    bool named = osk_worker_read_name(c, heard.format) && heard.format[0] != 0;
    if (heard.output_len == 0 || heard.output_len > output_max) {
        return "an output that has no room";
    }
    if (!named) {
        return "a file that can't be";
    }
    *done = heard;
    return NULL;
}

/* No picture has longer sides: they are as many bits as formats have for them. */
#define SIDE_MAX UINT32_C(0x7FFFFFFF)

const char *osk_look_hear_done(OskCursor *c, uint64_t output_max, OskLookDone *done)
{
    OskLookDone heard = { .output_len = osk_cursor_u64le(c), .plain_len = osk_cursor_u64le(c) };
    heard.pack_len = osk_cursor_u64le(c);
    heard.pack_plain_len = osk_cursor_u64le(c);
    heard.duration_ms = osk_cursor_u64le(c);
    uint32_t kind = osk_cursor_u32le(c);
    heard.width = osk_cursor_u32le(c);
    heard.height = osk_cursor_u32le(c);
    heard.frames = osk_cursor_u32le(c);
    bool named = osk_worker_read_name(c, heard.unplayed_picture) &&
                 osk_worker_read_name(c, heard.unplayed_sound);
    bool plays = heard.unplayed_picture[0] == 0 && heard.unplayed_sound[0] == 0;
    bool packs = heard.pack_len > 0;
    if (heard.output_len > output_max || heard.plain_len == 0 ||
        heard.plain_len >= heard.output_len || heard.pack_len > output_max - heard.output_len ||
        (heard.pack_plain_len > 0) != packs || (packs && heard.pack_plain_len >= heard.pack_len)) {
        return "an output that has no room";
    }
    bool still = kind == OSK_LOOK_STILL;
    bool counts = kind == OSK_LOOK_VIDEO || (plays && still == (heard.frames == 1));
    if (kind < OSK_LOOK_STILL || kind >= OSK_LOOK_KINDS || !counts || !named ||
        (still && heard.duration_ms != 0) || heard.duration_ms > OSK_LOOK_DURATION_MAX ||
        heard.frames == 0 || heard.frames > OSK_WORKER_FRAMES_MAX || heard.width == 0 ||
        heard.width > SIDE_MAX || heard.height == 0 || heard.height > SIDE_MAX) {
        return "a picture that can't be";
    }
    heard.kind = (OskLookKind)kind;
    *done = heard;
    return NULL;
}
