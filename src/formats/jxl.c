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
#include "formats/jxl_codestream.h"
#include "parts/c2pa.h"
#include "parts/exif.h"
#include "parts/xmp.h"

#define CODESTREAM "ISO/IEC 18181-1"
#define CONTAINER "ISO/IEC 18181-2"

const OskPart osk_jxl_parts[] = {
    [OSK_JXL_PART_SIGNATURE] = { OSK_FOURCC('J', 'X', 'L', ' '), "JXL signature",
                                 "marks the file as JPEG XL", OSK_KEEP, OSK_KIND_NONE,
                                 CONTAINER " 9.1", "constant bytes" },
    [OSK_JXL_PART_FTYP] = { OSK_FOURCC('f', 't', 'y', 'p'), "ftyp", "what kind of file it is",
                            OSK_REWRITE, OSK_KIND_SOFTWARE, CONTAINER " 9.2",
                            "written as a constant" },
    [OSK_JXL_PART_LEVEL] = { OSK_FOURCC('j', 'x', 'l', 'l'), "jxll", "how demanding the picture is",
                             OSK_REWRITE, OSK_KIND_OTHER, CONTAINER " 9.3", "one byte" },
    [OSK_JXL_PART_CODESTREAM_BOX] = { OSK_FOURCC('j', 'x', 'l', 'c'), "jxlc",
                                      "frame around the codestream", OSK_REWRITE, OSK_KIND_NONE,
                                      CONTAINER " 9.8", "only its header, with the new size" },
    [OSK_JXL_PART_PARTIAL_BOX] = { OSK_FOURCC('j', 'x', 'l', 'p'), "jxlp",
                                   "frame around a part of the codestream", OSK_REWRITE,
                                   OSK_KIND_NONE, CONTAINER " 9.9",
                                   "only its header and number, with the new size" },
    [OSK_JXL_PART_HEADER] = { 1, "image header", "size, depth, orientation, colours", OSK_KEEP,
                              OSK_KIND_NAME, CODESTREAM " annex D",
                              "read bit by bit; names and extension bits are emptied" },
    [OSK_JXL_PART_FRAME_HEADER] = { 2, "frame header",
                                    "how a frame is coded, and how long its sections are", OSK_KEEP,
                                    OSK_KIND_NAME, CODESTREAM " annex F",
                                    "read bit by bit; names, timecodes and extension bits are "
                                    "emptied" },
    [OSK_JXL_PART_FRAME] = { 3, "frame data", "the coded picture itself", OSK_KEEP, OSK_KIND_NONE,
                             CODESTREAM " annex F",
                             "exactly the sections that its table of contents lists" },
    [OSK_JXL_PART_EXIF] = { OSK_FOURCC('E', 'x', 'i', 'f'), "Exif",
                            "camera data: place, time, device", OSK_DROP, OSK_KIND_PLACE,
                            CONTAINER " 9.5", NULL },
    [OSK_JXL_PART_XML] = { OSK_FOURCC('x', 'm', 'l', ' '), "xml", "XMP: captions, names, edits",
                           OSK_DROP, OSK_KIND_NAME, CONTAINER " 9.6", NULL },
    [OSK_JXL_PART_JUMBF] = { OSK_FOURCC('j', 'u', 'm', 'b'), "jumb",
                             "signed origin and edit history", OSK_DROP, OSK_KIND_DEVICE,
                             CONTAINER " 9.4", NULL },
    [OSK_JXL_PART_BROTLI] = { OSK_FOURCC('b', 'r', 'o', 'b'), "brob", "packed camera data or XMP",
                              OSK_DROP, OSK_KIND_PLACE, CONTAINER " 9.7", NULL },
    [OSK_JXL_PART_JPEG] = { OSK_FOURCC('j', 'b', 'r', 'd'), "jbrd",
                            "what is needed to restore the JPEG file it was made from, "
                            "its metadata included",
                            OSK_DROP, OSK_KIND_SOFTWARE, CONTAINER " 9.11", NULL },
    [OSK_JXL_PART_INDEX] = { OSK_FOURCC('j', 'x', 'l', 'i'), "jxli", "an index of frames", OSK_DROP,
                             OSK_KIND_OTHER, CONTAINER " 9.10", NULL },
    [OSK_JXL_PART_GAIN_MAP] = { OSK_FOURCC('j', 'h', 'g', 'm'), "jhgm",
                                "a gain map: a smaller copy of the picture", OSK_DROP,
                                OSK_KIND_PREVIEW, CONTAINER " 9.12", NULL },
    [OSK_JXL_PART_UNKNOWN] = { 4, "unknown box", "a box that no reader needs", OSK_DROP,
                               OSK_KIND_OTHER, CONTAINER " 9", NULL },
    [OSK_JXL_PART_SLACK] = { 5, "slack", "bytes between frames, or behind the last one", OSK_DROP,
                             OSK_KIND_OTHER, CODESTREAM " annex F", NULL },
    [OSK_JXL_PART_TRAILER] = { 6, "trailer", "bytes behind the last box", OSK_DROP, OSK_KIND_OTHER,
                               CONTAINER " 9", NULL },
};

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
static OskStatus join_codestream(OskWalk *walk, const OskBox *boxes, size_t count, OskJxlStream *s)
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
    s->extents = osk_arena_array(walk->arena, found, sizeof(OskJxlExtent));
    uint8_t *joined = found > 1 ? osk_arena_alloc(walk->arena, (size_t)total) : NULL;
    if (s->extents == NULL || (found > 1 && joined == NULL)) {
        return osk_walk_no_memory(walk, "jxlp", 0);
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_codestream(&boxes[i])) {
            continue;
        }
        OskJxlExtent *extent = &s->extents[s->extent_count++];
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
                   (OskFact){ .kind = osk_jxl_parts[part].kind,
                              .part = osk_jxl_parts[part].name,
                              .field = "jxl.box",
                              .label = osk_jxl_parts[part].meaning,
                              .offset = box->offset,
                              .len = box->size },
                   &text);
}

static void drop_box(OskWalk *walk, const OskBox *box)
{
    OskCursor body = osk_cursor_make(walk->bytes + osk_box_body_offset(box),
                                     (size_t)osk_box_body_len(box), osk_box_body_offset(box));
    unsigned part = OSK_JXL_PART_UNKNOWN;
    for (unsigned i = OSK_JXL_PART_EXIF; i < OSK_JXL_PART_UNKNOWN; i++) {
        part = osk_jxl_parts[i].tag == box->type ? i : part;
    }
    if (part == OSK_JXL_PART_EXIF) {
        OskCursor tiff = body;
        osk_cursor_skip(&tiff, osk_cursor_u32be(&tiff));
        osk_exif_inspect(osk_cursor_ok(&tiff) ? tiff : body, "Exif", walk->report, walk->budget);
    } else if (part == OSK_JXL_PART_XML) {
        osk_xmp_inspect(body, "xml", walk->report);
    } else if (part == OSK_JXL_PART_JUMBF) {
        osk_c2pa_inspect(body, "jumb", walk->report, walk->budget);
    } else {
        find_box(walk, box, part);
    }
    osk_plan_drop(walk->plan, &osk_jxl_parts[part], box->offset, box->size);
}

/* Replaces a box by constant bytes, with a finding when it held anything else. */
static void write_constant(OskWalk *walk, const OskBox *box, unsigned part, const uint8_t *bytes,
                           size_t len)
{
    if (box->size != len || memcmp(walk->bytes + box->offset, bytes, len) != 0) {
        find_box(walk, box, part);
    }
    osk_plan_rewrite(walk->plan, &osk_jxl_parts[part], box->offset, box->size, bytes, len);
}

static OskStatus write_level(OskWalk *walk, const OskBox *box)
{
    uint8_t bytes[9] = { 0, 0, 0, 9, 'j', 'x', 'l', 'l', 0 };
    uint8_t level = osk_box_body_len(box) > 0 ? walk->bytes[osk_box_body_offset(box)] : 0;
    if (level != 5 && level != 10) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "jxll", "an unknown level", box->offset);
    }
    bytes[8] = level;
    write_constant(walk, box, OSK_JXL_PART_LEVEL, bytes, sizeof(bytes));
    return OSK_OK;
}

/* One box of the codestream: a new header, and what of the codestream it holds. `last`: no box
 * behind it will hold any. */
static void write_codestream_box(OskJxlStream *s, const OskBox *box, size_t extent,
                                 uint32_t *number, bool last)
{
    OskWalk *walk = s->walk;
    unsigned part = number_size(box) > 0 ? OSK_JXL_PART_PARTIAL_BOX : OSK_JXL_PART_CODESTREAM_BOX;
    const OskJxlExtent *e = &s->extents[extent];
    uint64_t head_len = e->offset - box->offset;
    if (e->out_len == 0) {
        osk_plan_drop(walk->plan, &osk_jxl_parts[part], box->offset, head_len);
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
            osk_plan_rewrite(walk->plan, &osk_jxl_parts[part], box->offset, head_len, head.bytes,
                             head.len);
        } else {
            walk->plan->status = OSK_NO_MEMORY;
        }
        osk_writer_free(&head);
    }
    osk_jxl_lay_range(s, e->offset, e->len);
}

static OskStatus lay_out(OskJxlStream *s, const OskBox *boxes, size_t count)
{
    static const uint8_t ftyp[20] = { 0,   0,   0, 20, 'f', 't', 'y', 'p', 'j', 'x',
                                      'l', ' ', 0, 0,  0,   0,   'j', 'x', 'l', ' ' };
    OskWalk *walk = s->walk;
    size_t last = osk_jxl_size_extents(s);
    size_t extent = 0;
    uint32_t number = 0;
    bool level = false;
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        const OskBox *box = &boxes[i];
        if (i == 0) {
            osk_plan_keep(walk->plan, &osk_jxl_parts[OSK_JXL_PART_SIGNATURE], box->offset,
                          box->size, false);
        } else if (i == 1 && box->type == OSK_FOURCC('f', 't', 'y', 'p')) {
            write_constant(walk, box, OSK_JXL_PART_FTYP, ftyp, sizeof(ftyp));
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
    OskJxlStream s = { .walk = walk };
    OskStatus status = read_boxes(walk, &boxes, &count, &end);
    if (status == OSK_OK) {
        status = join_codestream(walk, boxes, count, &s);
    }
    if (status == OSK_OK) {
        status = osk_jxl_walk_codestream(&s);
    }
    if (status == OSK_OK) {
        status = lay_out(&s, boxes, count);
    }
    if (status == OSK_OK && end < walk->size) {
        osk_report_add(walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = osk_jxl_parts[OSK_JXL_PART_TRAILER].name,
                                  .field = "jxl.trailer",
                                  .label = osk_jxl_parts[OSK_JXL_PART_TRAILER].meaning,
                                  .offset = end,
                                  .len = walk->size - end },
                       NULL);
        osk_plan_drop(walk->plan, &osk_jxl_parts[OSK_JXL_PART_TRAILER], end, walk->size - end);
    }
    return status;
}

static const uint8_t signature[12] = { 0, 0, 0, 12, 'J', 'X', 'L', ' ', 0x0D, 0x0A, 0x87, 0x0A };

static OskStatus walk_file(OskWalk *walk)
{
    if (walk->size >= sizeof(signature) && memcmp(walk->bytes, signature, sizeof(signature)) == 0) {
        return walk_container(walk);
    }
    OskJxlExtent all = { .offset = 0, .len = walk->size };
    OskJxlStream s = { .walk = walk,
                       .bytes = walk->bytes,
                       .len = (size_t)walk->size,
                       .extents = &all,
                       .extent_count = 1 };
    OskStatus status = osk_jxl_walk_codestream(&s);
    if (status == OSK_OK) {
        osk_jxl_lay_range(&s, 0, walk->size);
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
              .parts = osk_jxl_parts,
              .part_count = sizeof(osk_jxl_parts) / sizeof(osk_jxl_parts[0]) },
    .whole = true,
    .probe = probe,
    .walk = walk_file,
};
