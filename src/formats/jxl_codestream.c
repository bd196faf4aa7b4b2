/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The codestream of JPEG XL, frame by frame: what stays of it, and what is written instead.
 * ISO/IEC 18181-1:2024. */
#include "formats/jxl_codestream.h"

#include "formats/jxl_toc.h"

/* A frame that reaches beyond the picture hides what is outside, unless it is too short to hold a
 * picture that anybody could recognise: drawings made of a few rules do this (fixture: the
 * conformance suite's sunset). */
#define CROP_HARMLESS ((uint64_t)256)

/* What becomes of a range of the codestream; ranges follow each other without gap. */
typedef struct OskJxlRange {
    uint64_t len;
    const uint8_t *literal; /* REWRITE */
    size_t out_len;
    unsigned part;
    OskVerdict verdict;
} OskJxlRange;

static uint64_t file_offset(const OskJxlStream *s, uint64_t at)
{
    for (size_t i = 0; i < s->extent_count; i++) {
        if (at < s->extents[i].len || i + 1 == s->extent_count) {
            return s->extents[i].offset + at;
        }
        at -= s->extents[i].len;
    }
    return at;
}

static OskStatus fail(OskJxlStream *s, OskStatus status, unsigned part, const char *what,
                      uint64_t at)
{
    return osk_walk_fail(s->walk, status, osk_jxl_parts[part].name, what, file_offset(s, at));
}

static void find(OskJxlStream *s, OskFact fact, uint64_t at)
{
    fact.offset = file_offset(s, at);
    osk_report_add(s->walk->report, fact, NULL);
}

static OskStatus add_range(OskJxlStream *s, OskJxlRange range)
{
    if (range.len == 0) {
        return OSK_OK;
    }
    if (s->range_count == s->range_capacity) {
        size_t grown = s->range_capacity == 0 ? 32 : s->range_capacity * 2;
        OskJxlRange *ranges = osk_arena_array(s->walk->arena, grown, sizeof(*ranges));
        if (ranges == NULL) {
            return osk_walk_no_memory(s->walk, osk_jxl_parts[range.part].name, 0);
        }
        if (s->range_count > 0) {
            memcpy(ranges, s->ranges, s->range_count * sizeof(*ranges));
        }
        s->ranges = ranges;
        s->range_capacity = grown;
    }
    s->ranges[s->range_count++] = range;
    return OSK_OK;
}

/* A header of `len` bytes at `at`: kept when its copy is the same, else rewritten. */
static OskStatus add_header(OskJxlStream *s, unsigned part, uint64_t at, uint64_t len,
                            OskWriter *copy)
{
    if (!osk_writer_ok(copy)) {
        return osk_walk_no_memory(s->walk, osk_jxl_parts[part].name, file_offset(s, at));
    }
    if (copy->len == len && memcmp(copy->bytes, s->bytes + at, copy->len) == 0) {
        return add_range(s, (OskJxlRange){ .len = len, .part = part, .verdict = OSK_KEEP });
    }
    uint8_t *literal = osk_arena_alloc(s->walk->arena, copy->len);
    if (literal == NULL) {
        return osk_walk_no_memory(s->walk, osk_jxl_parts[part].name, file_offset(s, at));
    }
    memcpy(literal, copy->bytes, copy->len);
    return add_range(s, (OskJxlRange){ .len = len,
                                       .literal = literal,
                                       .out_len = copy->len,
                                       .part = part,
                                       .verdict = OSK_REWRITE });
}

/* Bits that differ without a name, timecode or extension are padding that was not zero. */
static void find_padding(OskJxlStream *s, unsigned part, uint64_t at, uint64_t len,
                         const OskWriter *copy)
{
    if (copy->len != len || memcmp(copy->bytes, s->bytes + at, copy->len) != 0) {
        find(s,
             (OskFact){ .kind = OSK_KIND_OTHER,
                        .part = osk_jxl_parts[part].name,
                        .field = "jxl.padding",
                        .label = "bits that no reader looks at",
                        .len = len },
             at);
    }
}

static OskStatus walk_image_header(OskJxlStream *s, uint64_t *at)
{
    OskWriter copy;
    osk_writer_init(&copy, (size_t)64 << 10);
    OskJxlBits bits = { .bytes = s->bytes, .len = s->len, .out = &copy };
    osk_jxl_image_header(&bits, &s->image);
    osk_jxl_align(&bits);
    *at = bits.at / 8;
    OskStatus status = OSK_OK;
    if (s->image.preview) {
        status =
            fail(s, OSK_UNSUPPORTED, OSK_JXL_PART_HEADER, "the codestream carries a preview", 0);
    } else if (s->image.profile) {
        status = fail(s, OSK_UNSUPPORTED, OSK_JXL_PART_HEADER,
                      "a colour profile is coded inside of the codestream", 0);
    } else if (bits.failed) {
        status = fail(s, OSK_TRUNCATED, OSK_JXL_PART_HEADER, "the header is cut off", *at);
    } else if (!osk_budget_pixels(s->walk->budget, (uint64_t)s->image.width * s->image.height)) {
        status = fail(s, OSK_LIMIT, OSK_JXL_PART_HEADER, "larger than a picture may be", 0);
    }
    if (status == OSK_OK && s->image.names) {
        find(s,
             (OskFact){ .kind = OSK_KIND_NAME,
                        .part = osk_jxl_parts[OSK_JXL_PART_HEADER].name,
                        .field = "jxl.channel_name",
                        .label = "name of a channel",
                        .len = *at },
             0);
    } else if (status == OSK_OK) {
        find_padding(s, OSK_JXL_PART_HEADER, 0, *at, &copy);
    }
    if (status == OSK_OK) {
        status = add_header(s, OSK_JXL_PART_HEADER, 0, *at, &copy);
    }
    osk_writer_free(&copy);
    return status;
}

/* Pictures that are saved for later frames must be used by one, or they are in the file for nobody.
 */
static OskStatus check_slots(OskJxlStream *s, const OskJxlFrame *frame, uint64_t at,
                             uint64_t data_len)
{
    if ((frame->flags & OSK_JXL_USES_PATCHES) != 0) {
        s->unused_slots = 0;
    }
    if ((frame->flags & OSK_JXL_USES_LF) != 0) {
        s->unused_lf = 0;
    }
    s->unused_slots &= ~frame->used_slots;
    uint32_t overwritten = frame->saved ? s->unused_slots & 1u << frame->save_as : 0;
    uint32_t lf_bit = frame->lf_level > 0 ? 1u << (frame->lf_level - 1) : 0;
    if (overwritten != 0 || (s->unused_lf & lf_bit) != 0 ||
        (frame->last && (s->unused_slots != 0 || s->unused_lf != 0))) {
        return fail(s, OSK_UNSUPPORTED, OSK_JXL_PART_FRAME_HEADER,
                    "a frame in the file is never shown, and can't be taken out", at);
    }
    /* A frame that was shown for a while is no secret when it is not used again. */
    if (frame->saved && frame->duration == 0) {
        s->unused_slots |= 1u << frame->save_as;
    } else if (frame->saved) {
        s->unused_slots &= ~(1u << frame->save_as);
    }
    s->unused_lf |= lf_bit;
    if (frame->cropped && data_len > CROP_HARMLESS) {
        return fail(s, OSK_UNSUPPORTED, OSK_JXL_PART_FRAME_HEADER,
                    "a frame reaches beyond the picture, and what is outside is still in the file",
                    at);
    }
    return OSK_OK;
}

static void inspect_frame(OskJxlStream *s, const OskJxlFrame *frame, uint64_t at, uint64_t len,
                          const OskWriter *copy)
{
    const char *part = osk_jxl_parts[OSK_JXL_PART_FRAME_HEADER].name;
    if (frame->timecode) {
        find(s,
             (OskFact){ .kind = OSK_KIND_TIME,
                        .part = part,
                        .field = "jxl.timecode",
                        .label = "clock time of a frame",
                        .len = len },
             at);
    }
    if (frame->name) {
        find(s,
             (OskFact){ .kind = OSK_KIND_NAME,
                        .part = part,
                        .field = "jxl.frame_name",
                        .label = "name of a frame or layer",
                        .len = len },
             at);
    }
    if (!frame->name && !frame->timecode) {
        find_padding(s, OSK_JXL_PART_FRAME_HEADER, at, len, copy);
    }
}

/* One frame: its header, its table of contents, its sections. */
static OskStatus walk_frame(OskJxlStream *s, uint64_t *at, OskJxlFrame *frame)
{
    OskWriter copy;
    osk_writer_init(&copy, s->len + 4096);
    OskJxlBits bits = { .bytes = s->bytes, .len = s->len, .at = *at * 8, .out = &copy };
    osk_jxl_frame_header(&bits, &s->image, frame);
    OskStatus status = OSK_OK;
    if (bits.failed) {
        status =
            fail(s, OSK_TRUNCATED, OSK_JXL_PART_FRAME_HEADER, "a frame's header is cut off", *at);
    } else if (!osk_walk_spend(s->walk, frame->sections,
                               osk_jxl_parts[OSK_JXL_PART_FRAME_HEADER].name,
                               file_offset(s, *at))) {
        status = OSK_LIMIT;
    }
    uint64_t data_len = 0;
    if (status == OSK_OK) {
        status =
            osk_jxl_toc(&bits, frame->sections, s->walk->arena, &data_len)
                ? OSK_OK
                : fail(s, bits.failed ? OSK_TRUNCATED : OSK_MALFORMED, OSK_JXL_PART_FRAME_HEADER,
                       "a frame's table of contents is broken", *at);
    }
    uint64_t header_len = bits.at / 8 - *at;
    if (status == OSK_OK && data_len > s->len - bits.at / 8) {
        status = fail(s, OSK_TRUNCATED, OSK_JXL_PART_FRAME, "the file ends inside a frame", s->len);
    }
    if (status == OSK_OK) {
        inspect_frame(s, frame, *at, header_len, &copy);
        status = add_header(s, OSK_JXL_PART_FRAME_HEADER, *at, header_len, &copy);
    }
    if (status == OSK_OK) {
        status = add_range(
            s, (OskJxlRange){ .len = data_len, .part = OSK_JXL_PART_FRAME, .verdict = OSK_KEEP });
    }
    if (status == OSK_OK) {
        status = check_slots(s, frame, *at, data_len);
    }
    osk_writer_free(&copy);
    *at += header_len + data_len;
    return status;
}

OskStatus osk_jxl_walk_codestream(OskJxlStream *s)
{
    uint64_t at = 0;
    OskStatus status = walk_image_header(s, &at);
    OskJxlFrame frame = { .last = false };
    while (status == OSK_OK && !frame.last) {
        status = walk_frame(s, &at, &frame);
    }
    if (status == OSK_OK && at < s->len) {
        find(s,
             (OskFact){ .kind = OSK_KIND_OTHER,
                        .part = osk_jxl_parts[OSK_JXL_PART_SLACK].name,
                        .field = "jxl.slack",
                        .label = "bytes behind the last frame",
                        .len = s->len - at },
             at);
        status = add_range(
            s,
            (OskJxlRange){ .len = s->len - at, .part = OSK_JXL_PART_SLACK, .verdict = OSK_DROP });
    }
    return status;
}

/* How much of the next `len` bytes of the codestream is written. A rewritten range is written where
 * it begins. `emit`: adds the steps too. */
static uint64_t lay_range(OskJxlStream *s, uint64_t offset, uint64_t len, bool emit)
{
    size_t index = s->next_range;
    uint64_t done = s->done;
    uint64_t written = 0;
    OskPlan *plan = s->walk->plan;
    while (len > 0 && index < s->range_count) {
        const OskJxlRange *range = &s->ranges[index];
        uint64_t rest = range->len - done;
        uint64_t take = rest < len ? rest : len;
        bool literal = range->verdict == OSK_REWRITE && done == 0;
        written += range->verdict == OSK_KEEP ? take : literal ? range->out_len : 0;
        const OskPart *part = &osk_jxl_parts[range->part];
        if (emit && range->verdict == OSK_KEEP) {
            osk_plan_keep(plan, part, offset, take, false);
        } else if (emit && literal) {
            osk_plan_rewrite(plan, part, offset, take, range->literal, range->out_len);
        } else if (emit) {
            osk_plan_drop(plan, part, offset, take);
        }
        offset += take;
        len -= take;
        done += take;
        if (done == range->len) {
            index++;
            done = 0;
        }
    }
    if (emit) {
        s->next_range = index;
        s->done = done;
    }
    return written;
}

void osk_jxl_lay_range(OskJxlStream *s, uint64_t offset, uint64_t len)
{
    (void)lay_range(s, offset, len, true);
}

size_t osk_jxl_size_extents(OskJxlStream *s)
{
    size_t last = 0;
    for (size_t i = 0; i < s->extent_count; i++) {
        OskJxlStream probe = *s;
        probe.next_range = 0;
        probe.done = 0;
        uint64_t before = 0;
        for (size_t k = 0; k < i; k++) {
            before += s->extents[k].len;
        }
        while (probe.next_range < probe.range_count &&
               before >= probe.ranges[probe.next_range].len) {
            before -= probe.ranges[probe.next_range++].len;
        }
        probe.done = before;
        s->extents[i].out_len = lay_range(&probe, 0, s->extents[i].len, false);
        last = s->extents[i].out_len > 0 ? i : last;
    }
    return last;
}
