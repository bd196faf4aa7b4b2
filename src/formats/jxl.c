/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG XL: a bit-packed codestream, bare or in boxes. ISO/IEC 18181-1:2024 (codestream),
 * 18181-2:2024 (boxes).
 *
 * The codestream is walked frame by frame: each header is read field by field, the table of
 * contents says how long its sections are, and the frame that says so is the last one; what follows
 * is a trailer. Names of channels and frames, timecodes and extension bits are written as empty.
 * Refused: profiles inside of the codestream, previews, pictures that are in the file but never
 * shown. What could hide behind the last coded symbol of a section is not looked at: see
 * docs/threat-model.md. */
#include "formats/format.h"
#include "formats/isobmff_box.h"
#include "formats/jxl_header.h"
#include "formats/jxl_toc.h"
#include "parts/c2pa.h"
#include "parts/exif.h"
#include "parts/xmp.h"

/* A frame that reaches beyond the picture hides what is outside, unless it is too short to hold a
 * picture that anybody could recognise: drawings made of a few rules do this (fixture: the
 * conformance suite's sunset). */
#define CROP_HARMLESS ((uint64_t)256)

#define CODESTREAM "ISO/IEC 18181-1"
#define CONTAINER "ISO/IEC 18181-2"

enum {
    PART_SIGNATURE,
    PART_FTYP,
    PART_LEVEL,
    PART_CODESTREAM_BOX,
    PART_PARTIAL_BOX,
    PART_HEADER,
    PART_FRAME_HEADER,
    PART_FRAME,
    PART_EXIF,
    PART_XML,
    PART_JUMBF,
    PART_BROTLI,
    PART_JPEG,
    PART_INDEX,
    PART_GAIN_MAP,
    PART_UNKNOWN,
    PART_SLACK,
    PART_TRAILER
};

static const OskPart parts[] = {
    [PART_SIGNATURE] = { OSK_FOURCC('J', 'X', 'L', ' '), "JXL signature",
                         "marks the file as JPEG XL", OSK_KEEP, OSK_KIND_NONE, CONTAINER " 9.1",
                         "constant bytes" },
    [PART_FTYP] = { OSK_FOURCC('f', 't', 'y', 'p'), "ftyp", "what kind of file it is", OSK_REWRITE,
                    OSK_KIND_SOFTWARE, CONTAINER " 9.2", "written as a constant" },
    [PART_LEVEL] = { OSK_FOURCC('j', 'x', 'l', 'l'), "jxll", "how demanding the picture is",
                     OSK_REWRITE, OSK_KIND_OTHER, CONTAINER " 9.3", "one byte" },
    [PART_CODESTREAM_BOX] = { OSK_FOURCC('j', 'x', 'l', 'c'), "jxlc", "frame around the codestream",
                              OSK_REWRITE, OSK_KIND_NONE, CONTAINER " 9.8",
                              "only its header, with the new size" },
    [PART_PARTIAL_BOX] = { OSK_FOURCC('j', 'x', 'l', 'p'), "jxlp",
                           "frame around a part of the codestream", OSK_REWRITE, OSK_KIND_NONE,
                           CONTAINER " 9.9", "only its header and number, with the new size" },
    [PART_HEADER] = { 1, "image header", "size, depth, orientation, colours", OSK_KEEP,
                      OSK_KIND_NAME, CODESTREAM " annex D",
                      "read bit by bit; names and extension bits are emptied" },
    [PART_FRAME_HEADER] = { 2, "frame header",
                            "how a frame is coded, and how long its sections are", OSK_KEEP,
                            OSK_KIND_NAME, CODESTREAM " annex F",
                            "read bit by bit; names, timecodes and extension bits are emptied" },
    [PART_FRAME] = { 3, "frame data", "the coded picture itself", OSK_KEEP, OSK_KIND_NONE,
                     CODESTREAM " annex F",
                     "exactly the sections that its table of contents lists" },
    [PART_EXIF] = { OSK_FOURCC('E', 'x', 'i', 'f'), "Exif", "camera data: place, time, device",
                    OSK_DROP, OSK_KIND_PLACE, CONTAINER " 9.5", NULL },
    [PART_XML] = { OSK_FOURCC('x', 'm', 'l', ' '), "xml", "XMP: captions, names, edits", OSK_DROP,
                   OSK_KIND_NAME, CONTAINER " 9.6", NULL },
    [PART_JUMBF] = { OSK_FOURCC('j', 'u', 'm', 'b'), "jumb", "signed origin and edit history",
                     OSK_DROP, OSK_KIND_DEVICE, CONTAINER " 9.4", NULL },
    [PART_BROTLI] = { OSK_FOURCC('b', 'r', 'o', 'b'), "brob", "packed camera data or XMP", OSK_DROP,
                      OSK_KIND_PLACE, CONTAINER " 9.7", NULL },
    [PART_JPEG] = { OSK_FOURCC('j', 'b', 'r', 'd'), "jbrd",
                    "what is needed to restore the JPEG file it was made from, its metadata "
                    "included",
                    OSK_DROP, OSK_KIND_SOFTWARE, CONTAINER " 9.11", NULL },
    [PART_INDEX] = { OSK_FOURCC('j', 'x', 'l', 'i'), "jxli", "an index of frames", OSK_DROP,
                     OSK_KIND_OTHER, CONTAINER " 9.10", NULL },
    [PART_GAIN_MAP] = { OSK_FOURCC('j', 'h', 'g', 'm'), "jhgm",
                        "a gain map: a smaller copy of the picture", OSK_DROP, OSK_KIND_PREVIEW,
                        CONTAINER " 9.12", NULL },
    [PART_UNKNOWN] = { 4, "unknown box", "a box that no reader needs", OSK_DROP, OSK_KIND_OTHER,
                       CONTAINER " 9", NULL },
    [PART_SLACK] = { 5, "slack", "bytes between frames, or behind the last one", OSK_DROP,
                     OSK_KIND_OTHER, CODESTREAM " annex F", NULL },
    [PART_TRAILER] = { 6, "trailer", "bytes behind the last box", OSK_DROP, OSK_KIND_OTHER,
                       CONTAINER " 9", NULL },
};

/* ---- The codestream ---- */

/* What becomes of a range of the codestream; ranges follow each other without gap. */
typedef struct Range {
    uint64_t len;
    const uint8_t *literal; /* REWRITE */
    size_t out_len;
    unsigned part;
    OskVerdict verdict;
} Range;

/* Where a piece of the codestream lies in the file. */
typedef struct Extent {
    uint64_t offset;
    uint64_t len;
    uint64_t out_len;
} Extent;

typedef struct Stream {
    OskWalk *walk;
    const uint8_t *bytes; /* the whole codestream, joined */
    size_t len;
    Extent *extents;
    size_t extent_count;
    Range *ranges;
    size_t range_count;
    size_t range_capacity;
    size_t next_range; /* while steps are made: the range that comes next, and how much of it is
                          done */
    uint64_t done;
    uint32_t unused_slots; /* pictures that were saved and not used yet, one bit a slot */
    uint32_t unused_lf;
    OskJxlImage image;
} Stream;

static uint64_t file_offset(const Stream *s, uint64_t at)
{
    for (size_t i = 0; i < s->extent_count; i++) {
        if (at < s->extents[i].len || i + 1 == s->extent_count) {
            return s->extents[i].offset + at;
        }
        at -= s->extents[i].len;
    }
    return at;
}

static OskStatus fail(Stream *s, OskStatus status, unsigned part, const char *what, uint64_t at)
{
    return osk_walk_fail(s->walk, status, parts[part].name, what, file_offset(s, at));
}

static void find(Stream *s, OskFact fact, uint64_t at)
{
    fact.offset = file_offset(s, at);
    osk_report_add(s->walk->report, fact, NULL);
}

static OskStatus add_range(Stream *s, Range range)
{
    if (range.len == 0) {
        return OSK_OK;
    }
    if (s->range_count == s->range_capacity) {
        size_t grown = s->range_capacity == 0 ? 32 : s->range_capacity * 2;
        Range *ranges = osk_arena_array(s->walk->arena, grown, sizeof(*ranges));
        if (ranges == NULL) {
            return osk_walk_no_memory(s->walk, parts[range.part].name, 0);
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
static OskStatus add_header(Stream *s, unsigned part, uint64_t at, uint64_t len, OskWriter *copy)
{
    if (!osk_writer_ok(copy)) {
        return osk_walk_no_memory(s->walk, parts[part].name, file_offset(s, at));
    }
    if (copy->len == len && memcmp(copy->bytes, s->bytes + at, copy->len) == 0) {
        return add_range(s, (Range){ .len = len, .part = part, .verdict = OSK_KEEP });
    }
    uint8_t *literal = osk_arena_alloc(s->walk->arena, copy->len);
    if (literal == NULL) {
        return osk_walk_no_memory(s->walk, parts[part].name, file_offset(s, at));
    }
    memcpy(literal, copy->bytes, copy->len);
    return add_range(s, (Range){ .len = len,
                                 .literal = literal,
                                 .out_len = copy->len,
                                 .part = part,
                                 .verdict = OSK_REWRITE });
}

/* Bits that differ without a name, timecode or extension are padding that was not zero. */
static void find_padding(Stream *s, unsigned part, uint64_t at, uint64_t len, const OskWriter *copy)
{
    if (copy->len != len || memcmp(copy->bytes, s->bytes + at, copy->len) != 0) {
        find(s,
             (OskFact){ .kind = OSK_KIND_OTHER,
                        .part = parts[part].name,
                        .field = "jxl.padding",
                        .label = "bits that no reader looks at",
                        .len = len },
             at);
    }
}

static OskStatus walk_image_header(Stream *s, uint64_t *at)
{
    OskWriter copy;
    osk_writer_init(&copy, (size_t)64 << 10);
    OskJxlBits bits = { .bytes = s->bytes, .len = s->len, .out = &copy };
    osk_jxl_image_header(&bits, &s->image);
    osk_jxl_align(&bits);
    *at = bits.at / 8;
    OskStatus status = OSK_OK;
    if (s->image.preview) {
        status = fail(s, OSK_UNSUPPORTED, PART_HEADER, "the codestream carries a preview", 0);
    } else if (s->image.profile) {
        status = fail(s, OSK_UNSUPPORTED, PART_HEADER,
                      "a colour profile is coded inside of the codestream", 0);
    } else if (bits.failed) {
        status = fail(s, OSK_TRUNCATED, PART_HEADER, "the header is cut off", *at);
    } else if (!osk_budget_pixels(s->walk->budget, (uint64_t)s->image.width * s->image.height)) {
        status = fail(s, OSK_LIMIT, PART_HEADER, "larger than a picture may be", 0);
    }
    if (status == OSK_OK && s->image.names) {
        find(s,
             (OskFact){ .kind = OSK_KIND_NAME,
                        .part = parts[PART_HEADER].name,
                        .field = "jxl.channel_name",
                        .label = "name of a channel",
                        .len = *at },
             0);
    } else if (status == OSK_OK) {
        find_padding(s, PART_HEADER, 0, *at, &copy);
    }
    if (status == OSK_OK) {
        status = add_header(s, PART_HEADER, 0, *at, &copy);
    }
    osk_writer_free(&copy);
    return status;
}

/* Pictures that are saved for later frames must be used by one, or they are in the file for nobody.
 */
static OskStatus check_slots(Stream *s, const OskJxlFrame *frame, uint64_t at, uint64_t data_len)
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
        return fail(s, OSK_UNSUPPORTED, PART_FRAME_HEADER,
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
        return fail(s, OSK_UNSUPPORTED, PART_FRAME_HEADER,
                    "a frame reaches beyond the picture, and what is outside is still in the file",
                    at);
    }
    return OSK_OK;
}

static void inspect_frame(Stream *s, const OskJxlFrame *frame, uint64_t at, uint64_t len,
                          const OskWriter *copy)
{
    const char *part = parts[PART_FRAME_HEADER].name;
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
        find_padding(s, PART_FRAME_HEADER, at, len, copy);
    }
}

/* One frame: its header, its table of contents, its sections. */
static OskStatus walk_frame(Stream *s, uint64_t *at, OskJxlFrame *frame)
{
    OskWriter copy;
    osk_writer_init(&copy, s->len + 4096);
    OskJxlBits bits = { .bytes = s->bytes, .len = s->len, .at = *at * 8, .out = &copy };
    osk_jxl_frame_header(&bits, &s->image, frame);
    OskStatus status = OSK_OK;
    if (bits.failed) {
        status = fail(s, OSK_TRUNCATED, PART_FRAME_HEADER, "a frame's header is cut off", *at);
    } else if (!osk_walk_spend(s->walk, frame->sections, parts[PART_FRAME_HEADER].name,
                               file_offset(s, *at))) {
        status = OSK_LIMIT;
    }
    uint64_t data_len = 0;
    if (status == OSK_OK) {
        status = osk_jxl_toc(&bits, frame->sections, s->walk->arena, &data_len)
                     ? OSK_OK
                     : fail(s, bits.failed ? OSK_TRUNCATED : OSK_MALFORMED, PART_FRAME_HEADER,
                            "a frame's table of contents is broken", *at);
    }
    uint64_t header_len = bits.at / 8 - *at;
    if (status == OSK_OK && data_len > s->len - bits.at / 8) {
        status = fail(s, OSK_TRUNCATED, PART_FRAME, "the file ends inside a frame", s->len);
    }
    if (status == OSK_OK) {
        inspect_frame(s, frame, *at, header_len, &copy);
        status = add_header(s, PART_FRAME_HEADER, *at, header_len, &copy);
    }
    if (status == OSK_OK) {
        status = add_range(s, (Range){ .len = data_len, .part = PART_FRAME, .verdict = OSK_KEEP });
    }
    if (status == OSK_OK) {
        status = check_slots(s, frame, *at, data_len);
    }
    osk_writer_free(&copy);
    *at += header_len + data_len;
    return status;
}

static OskStatus walk_codestream(Stream *s)
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
                        .part = parts[PART_SLACK].name,
                        .field = "jxl.slack",
                        .label = "bytes behind the last frame",
                        .len = s->len - at },
             at);
        status =
            add_range(s, (Range){ .len = s->len - at, .part = PART_SLACK, .verdict = OSK_DROP });
    }
    return status;
}

/* How much of the next `len` bytes of the codestream is written. A rewritten range is written where
 * it begins. `emit`: adds the steps too. */
static uint64_t lay_range(Stream *s, uint64_t offset, uint64_t len, bool emit)
{
    size_t index = s->next_range;
    uint64_t done = s->done;
    uint64_t written = 0;
    OskPlan *plan = s->walk->plan;
    while (len > 0 && index < s->range_count) {
        const Range *range = &s->ranges[index];
        uint64_t rest = range->len - done;
        uint64_t take = rest < len ? rest : len;
        bool literal = range->verdict == OSK_REWRITE && done == 0;
        written += range->verdict == OSK_KEEP ? take : literal ? range->out_len : 0;
        const OskPart *part = &parts[range->part];
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

/* ---- The container ---- */

static OskStatus read_boxes(OskWalk *walk, OskBox **out, size_t *out_count, uint64_t *out_end)
{
    OskCursor file = osk_cursor_make(walk->bytes, (size_t)walk->size, 0);
    OskBox box;
    OskCursor body;
    size_t count = 0;
    *out_end = 0;
    for (OskCursor c = file; osk_box_next(&c, &box, &body); count++) {
        *out_end = osk_box_end(&box);
    }
    if (!osk_walk_spend(walk, count, "file", 0)) {
        return OSK_LIMIT;
    }
    *out = osk_arena_array(walk->arena, count, sizeof(OskBox));
    if (*out == NULL) {
        return osk_walk_no_memory(walk, "file", 0);
    }
    *out_count = 0;
    while (*out_count < count && osk_box_next(&file, &(*out)[*out_count], &body)) {
        (*out_count)++;
    }
    return OSK_OK;
}

static bool is_codestream(const OskBox *box)
{
    return box->type == OSK_FOURCC('j', 'x', 'l', 'c') ||
           box->type == OSK_FOURCC('j', 'x', 'l', 'p');
}

/* A jxlp box counts itself before its part of the codestream. */
static uint64_t number_size(const OskBox *box)
{
    return box->type == OSK_FOURCC('j', 'x', 'l', 'p') ? 4 : 0;
}

/* Joins the codestream out of its boxes. jxlc stands alone; jxlp boxes come in order. */
static OskStatus join_codestream(OskWalk *walk, const OskBox *boxes, size_t count, Stream *s)
{
    size_t found = 0;
    uint64_t total = 0;
    bool whole = false;
    for (size_t i = 0; i < count; i++) {
        if (is_codestream(&boxes[i]) && osk_box_body_len(&boxes[i]) < number_size(&boxes[i])) {
            return osk_walk_fail(walk, OSK_MALFORMED, "jxlp", "a box has an impossible size",
                                 boxes[i].offset);
        }
        if (is_codestream(&boxes[i])) {
            whole = whole || number_size(&boxes[i]) == 0;
            total += osk_box_body_len(&boxes[i]) - number_size(&boxes[i]);
            found++;
        }
    }
    if (found == 0 || (whole && found > 1)) {
        return osk_walk_fail(walk, OSK_MALFORMED, "jxlc", "not one codestream in the file", 0);
    }
    s->extents = osk_arena_array(walk->arena, found, sizeof(Extent));
    uint8_t *joined = found > 1 ? osk_arena_alloc(walk->arena, (size_t)total) : NULL;
    if (s->extents == NULL || (found > 1 && joined == NULL)) {
        return osk_walk_no_memory(walk, "jxlp", 0);
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_codestream(&boxes[i])) {
            continue;
        }
        Extent *extent = &s->extents[s->extent_count++];
        extent->offset = osk_box_body_offset(&boxes[i]) + number_size(&boxes[i]);
        extent->len = osk_box_body_len(&boxes[i]) - number_size(&boxes[i]);
        if (number_size(&boxes[i]) > 0) {
            OskCursor number =
                osk_cursor_make(walk->bytes + extent->offset - 4, 4, extent->offset - 4);
            if ((osk_cursor_u32be(&number) & 0x7FFFFFFF) != s->extent_count - 1) {
                return osk_walk_fail(walk, OSK_MALFORMED, "jxlp",
                                     "parts of the codestream are out of order", boxes[i].offset);
            }
        }
        if (joined != NULL && extent->len > 0) {
            memcpy(joined + s->len, walk->bytes + extent->offset, (size_t)extent->len);
        }
        s->len += (size_t)extent->len;
    }
    s->bytes = joined != NULL ? joined : walk->bytes + s->extents[0].offset;
    return OSK_OK;
}

static void find_box(OskWalk *walk, const OskBox *box, unsigned part)
{
    OskText text;
    osk_text_init(&text);
    osk_box_type_text(&text, box->type);
    osk_report_add(walk->report,
                   (OskFact){ .kind = parts[part].kind,
                              .part = parts[part].name,
                              .field = "jxl.box",
                              .label = parts[part].meaning,
                              .offset = box->offset,
                              .len = box->size },
                   &text);
}

static void drop_box(OskWalk *walk, const OskBox *box)
{
    OskCursor body = osk_cursor_make(walk->bytes + osk_box_body_offset(box),
                                     (size_t)osk_box_body_len(box), osk_box_body_offset(box));
    unsigned part = PART_UNKNOWN;
    for (unsigned i = PART_EXIF; i < PART_UNKNOWN; i++) {
        part = parts[i].tag == box->type ? i : part;
    }
    if (part == PART_EXIF) {
        OskCursor tiff = body;
        osk_cursor_skip(&tiff, osk_cursor_u32be(&tiff));
        osk_exif_inspect(osk_cursor_ok(&tiff) ? tiff : body, "Exif", walk->report, walk->budget);
    } else if (part == PART_XML) {
        osk_xmp_inspect(body, "xml", walk->report);
    } else if (part == PART_JUMBF) {
        osk_c2pa_inspect(body, "jumb", walk->report, walk->budget);
    } else {
        find_box(walk, box, part);
    }
    osk_plan_drop(walk->plan, &parts[part], box->offset, box->size);
}

/* Replaces a box by constant bytes, with a finding when it held anything else. */
static void write_constant(OskWalk *walk, const OskBox *box, unsigned part, const uint8_t *bytes,
                           size_t len)
{
    if (box->size != len || memcmp(walk->bytes + box->offset, bytes, len) != 0) {
        find_box(walk, box, part);
    }
    osk_plan_rewrite(walk->plan, &parts[part], box->offset, box->size, bytes, len);
}

static OskStatus write_level(OskWalk *walk, const OskBox *box)
{
    uint8_t bytes[9] = { 0, 0, 0, 9, 'j', 'x', 'l', 'l', 0 };
    uint8_t level = osk_box_body_len(box) > 0 ? walk->bytes[osk_box_body_offset(box)] : 0;
    if (level != 5 && level != 10) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "jxll", "an unknown level", box->offset);
    }
    bytes[8] = level;
    write_constant(walk, box, PART_LEVEL, bytes, sizeof(bytes));
    return OSK_OK;
}

/* One box of the codestream: a new header, and what of the codestream it holds. `last`: no box
 * behind it will hold any. */
static void write_codestream_box(Stream *s, const OskBox *box, size_t extent, uint32_t *number,
                                 bool last)
{
    OskWalk *walk = s->walk;
    unsigned part = number_size(box) > 0 ? PART_PARTIAL_BOX : PART_CODESTREAM_BOX;
    const Extent *e = &s->extents[extent];
    uint64_t head_len = e->offset - box->offset;
    if (e->out_len == 0) {
        osk_plan_drop(walk->plan, &parts[part], box->offset, head_len);
    } else {
        OskWriter head;
        osk_writer_init(&head, 32);
        uint64_t size = 8 + number_size(box) + e->out_len;
        bool wide = size > UINT32_MAX;
        osk_writer_be(&head, wide ? 1 : size, 4);
        osk_writer_be(&head, box->type, 4);
        osk_writer_be(&head, size + 8, wide ? 8 : 0);
        if (number_size(box) > 0) {
            osk_writer_be(&head, (*number)++ | (last ? UINT32_C(0x80000000) : 0), 4);
        }
        if (osk_writer_ok(&head)) {
            osk_plan_rewrite(walk->plan, &parts[part], box->offset, head_len, head.bytes, head.len);
        } else {
            walk->plan->status = OSK_NO_MEMORY;
        }
        osk_writer_free(&head);
    }
    lay_range(s, e->offset, e->len, true);
}

/* Sizes each extent's output; returns the last one that has any. */
static size_t size_extents(Stream *s)
{
    size_t last = 0;
    for (size_t i = 0; i < s->extent_count; i++) {
        Stream probe = *s;
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

static OskStatus lay_out(Stream *s, const OskBox *boxes, size_t count)
{
    static const uint8_t ftyp[20] = { 0,   0,   0, 20, 'f', 't', 'y', 'p', 'j', 'x',
                                      'l', ' ', 0, 0,  0,   0,   'j', 'x', 'l', ' ' };
    OskWalk *walk = s->walk;
    size_t last = size_extents(s);
    size_t extent = 0;
    uint32_t number = 0;
    bool level = false;
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        const OskBox *box = &boxes[i];
        if (i == 0) {
            osk_plan_keep(walk->plan, &parts[PART_SIGNATURE], box->offset, box->size, false);
        } else if (i == 1 && box->type == OSK_FOURCC('f', 't', 'y', 'p')) {
            write_constant(walk, box, PART_FTYP, ftyp, sizeof(ftyp));
        } else if (box->type == OSK_FOURCC('j', 'x', 'l', 'l') && !level) {
            level = true;
            status = write_level(walk, box);
        } else if (is_codestream(box)) {
            write_codestream_box(s, box, extent, &number, extent == last);
            extent++;
        } else {
            drop_box(walk, box);
        }
    }
    return status;
}

static OskStatus walk_container(OskWalk *walk)
{
    OskBox *boxes = NULL;
    size_t count = 0;
    uint64_t end = 0;
    Stream s = { .walk = walk };
    OskStatus status = read_boxes(walk, &boxes, &count, &end);
    if (status == OSK_OK) {
        status = join_codestream(walk, boxes, count, &s);
    }
    if (status == OSK_OK) {
        status = walk_codestream(&s);
    }
    if (status == OSK_OK) {
        status = lay_out(&s, boxes, count);
    }
    if (status == OSK_OK && end < walk->size) {
        osk_report_add(walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = parts[PART_TRAILER].name,
                                  .field = "jxl.trailer",
                                  .label = parts[PART_TRAILER].meaning,
                                  .offset = end,
                                  .len = walk->size - end },
                       NULL);
        osk_plan_drop(walk->plan, &parts[PART_TRAILER], end, walk->size - end);
    }
    return status;
}

static const uint8_t signature[12] = { 0, 0, 0, 12, 'J', 'X', 'L', ' ', 0x0D, 0x0A, 0x87, 0x0A };

static OskStatus walk_file(OskWalk *walk)
{
    if (walk->size >= sizeof(signature) && memcmp(walk->bytes, signature, sizeof(signature)) == 0) {
        return walk_container(walk);
    }
    Extent all = { .offset = 0, .len = walk->size };
    Stream s = { .walk = walk,
                 .bytes = walk->bytes,
                 .len = (size_t)walk->size,
                 .extents = &all,
                 .extent_count = 1 };
    OskStatus status = walk_codestream(&s);
    if (status == OSK_OK) {
        lay_range(&s, 0, walk->size, true);
    }
    return status;
}

static OskProbe probe(const uint8_t *head, size_t len)
{
    if (len >= sizeof(signature) && memcmp(head, signature, sizeof(signature)) == 0) {
        return OSK_PROBE_YES;
    }
    return len >= 2 && head[0] == 0xFF && head[1] == 0x0A ? OSK_PROBE_YES : OSK_PROBE_NO;
}

const OskFormat osk_format_jxl = {
    .info = { .name = "jxl",
              .title = "JPEG XL, codestream and container",
              .media_type = "image/jxl",
              .extensions = "jxl",
              .parts = parts,
              .part_count = sizeof(parts) / sizeof(parts[0]) },
    .whole = true,
    .probe = probe,
    .walk = walk_file,
};
