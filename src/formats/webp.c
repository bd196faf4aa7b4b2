/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebP: a RIFF file with one VP8 or VP8L picture, or with a VP8X header and then profile, alpha,
 * frames and metadata in chunks of tag, length and data, padded to an even length. RFC 9649 (WebP),
 * RFC 6386 (VP8). Tolerated, because readers do: a RIFF size that is too large, no padding at the
 * very end, chunks behind the picture that are cut short (dropped). What stands behind the last
 * coded bit of a VP8 or VP8L stream is not known without decoding it; docs/threat-model.md names
 * it. */
#include <string.h>

#include "base/writer.h"
#include "formats/format.h"
#include "formats/webp_vp8.h"
#include "parts/c2pa.h"
#include "parts/exif.h"
#include "parts/icc.h"
#include "parts/xmp.h"

#define TAG(a, b, c, d)                                                                            \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define ICC_MAX ((size_t)64 << 20)
#define FRAME_HEADER 16u
#define RIFF_HEADER 12u

enum { FLAG_ANIMATION = 0x02, FLAG_EXIF = 0x08, FLAG_ALPHA = 0x10, FLAG_ICC = 0x20 };

enum Row {
    ROW_RIFF,
    ROW_VP8X,
    ROW_VP8,
    ROW_VP8L,
    ROW_ALPH,
    ROW_ANIM,
    ROW_ANMF,
    ROW_ICCP,
    ROW_EXIF,
    ROW_XMP,
    ROW_C2PA,
    ROW_UNKNOWN,
    ROW_TRAILER,
    ROW_COUNT
};

static const OskPart parts[] = {
    [ROW_RIFF] = { TAG('R', 'I', 'F', 'F'), "RIFF", "file header", OSK_REWRITE, OSK_KIND_NONE,
                   "RFC 9649 2.4", "12 bytes, the size computed anew" },
    [ROW_VP8X] = { TAG('V', 'P', '8', 'X'), "VP8X", "canvas size and what the file has",
                   OSK_REWRITE, OSK_KIND_NONE, "RFC 9649 2.7.1",
                   "10 bytes, flags computed anew, reserved bits zero" },
    [ROW_VP8] = { TAG('V', 'P', '8', ' '), "VP8", "lossy picture", OSK_KEEP, OSK_KIND_NONE,
                  "RFC 9649 2.5, RFC 6386 9", "frame header and partition sizes checked" },
    [ROW_VP8L] = { TAG('V', 'P', '8', 'L'), "VP8L", "lossless picture", OSK_KEEP, OSK_KIND_NONE,
                   "RFC 9649 2.6, 3", "header checked" },
    [ROW_ALPH] = { TAG('A', 'L', 'P', 'H'), "ALPH", "transparency", OSK_KEEP, OSK_KIND_NONE,
                   "RFC 9649 2.7.1.2", "header checked; exact length where it is not compressed" },
    [ROW_ANIM] = { TAG('A', 'N', 'I', 'M'), "ANIM", "background and loops", OSK_KEEP, OSK_KIND_NONE,
                   "RFC 9649 2.7.1.1", "6 bytes" },
    [ROW_ANMF] = { TAG('A', 'N', 'M', 'F'), "ANMF", "a frame", OSK_REWRITE, OSK_KIND_NONE,
                   "RFC 9649 2.7.1.1", "place and timing; inside it only ALPH and one picture" },
    [ROW_ICCP] = { TAG('I', 'C', 'C', 'P'), "ICCP",
                   "colour profile; may name a device, a maker and a date", OSK_REWRITE,
                   OSK_KIND_DEVICE, "RFC 9649 2.7.1.4", "rebuilt from its colour-defining tags" },
    [ROW_EXIF] = { TAG('E', 'X', 'I', 'F'), "EXIF", "camera data: place, time, device, preview",
                   OSK_REWRITE, OSK_KIND_PLACE, "RFC 9649 2.7.1.5",
                   "only the orientation is written again, and only when it turns" },
    [ROW_XMP] = { TAG('X', 'M', 'P', ' '), "XMP", "names, places, times, editing history", OSK_DROP,
                  OSK_KIND_NAME, "RFC 9649 2.7.1.5", NULL },
    [ROW_C2PA] = { TAG('C', '2', 'P', 'A'), "C2PA",
                   "content credentials: signed origin and history", OSK_DROP, OSK_KIND_NAME,
                   "C2PA 2.1 A.3.6", NULL },
    [ROW_UNKNOWN] = { 0, "unknown chunk",
                      "a chunk that this table doesn't know; readers may ignore it", OSK_DROP,
                      OSK_KIND_OTHER, "RFC 9649 2.7.1.6", NULL },
    [ROW_TRAILER] = { 0, "trailer", "bytes behind the end of the picture", OSK_DROP, OSK_KIND_OTHER,
                      "RFC 9649 2.4", NULL },
};

typedef struct Chunk {
    uint64_t offset;
    const uint8_t *data;
    uint32_t tag;
    uint32_t len;
    uint8_t row;
    bool padded; /* its padding byte is there */
    uint8_t padding;
} Chunk;

typedef struct Webp {
    OskWalk *walk;
    OskCursor chunks; /* behind the RIFF header */
    bool extended;    /* has VP8X */
    bool animated;
    uint8_t flags_in;
    uint8_t flags_out;
    uint32_t width; /* of the canvas; 0 without VP8X */
    uint32_t height;
    uint8_t *flags_at; /* the planned VP8X, patched at the end */
    bool seen[ROW_COUNT];
    bool loops_seen;
    bool frame_seen;
} Webp;

static uint32_t le24(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
}

static uint8_t row_of(uint32_t tag)
{
    const OskPart *part =
        tag != 0 ? osk_part_find(parts + ROW_VP8X, ROW_UNKNOWN - ROW_VP8X, tag) : NULL;
    return part != NULL ? (uint8_t)(part - parts) : ROW_UNKNOWN;
}

/* False at the end, and when the rest is no whole chunk. */
static bool read_chunk(OskCursor *c, Chunk *out)
{
    OskCursor at = *c;
    *out = (Chunk){ .offset = osk_cursor_offset(&at) };
    out->tag = osk_cursor_u32le(&at);
    out->len = osk_cursor_u32le(&at);
    out->data = osk_cursor_bytes(&at, out->len);
    if (!osk_cursor_ok(&at) || out->data == NULL) {
        return false;
    }
    if ((out->len & 1) != 0 && osk_cursor_more(&at)) {
        out->padding = osk_cursor_u8(&at);
        out->padded = true;
    }
    out->row = row_of(out->tag);
    *c = at;
    return true;
}

static uint64_t chunk_end(const Chunk *chunk)
{
    return chunk->offset + 8 + chunk->len + (chunk->padded ? 1 : 0);
}

/* ---- findings ---- */

static void report(Webp *webp, const Chunk *chunk, OskKind kind, const char *field,
                   const char *label)
{
    osk_report_add(webp->walk->report,
                   (OskFact){ .kind = kind,
                              .part = parts[chunk->row].name,
                              .field = field,
                              .label = label,
                              .offset = chunk->offset,
                              .len = chunk_end(chunk) - chunk->offset },
                   NULL);
}

static void inspect(Webp *webp, const Chunk *chunk)
{
    OskWalk *walk = webp->walk;
    size_t before = osk_report_count(walk->report);
    OskCursor data = osk_cursor_make(chunk->data, chunk->len, chunk->offset + 8);
    const char *name = parts[chunk->row].name;
    switch (chunk->row) {
    case ROW_EXIF: osk_exif_inspect(data, name, walk->report, walk->budget); break;
    case ROW_XMP: osk_xmp_inspect(data, name, walk->report); break;
    case ROW_C2PA: osk_c2pa_inspect(data, name, walk->report, walk->budget); break;
    case ROW_ICCP: osk_icc_inspect(data, name, walk->report, walk->budget, false); break;
    case ROW_VP8:
    case ROW_VP8L:
    case ROW_ANMF:
        report(webp, chunk, OSK_KIND_PREVIEW, "webp.hidden_picture",
               "a picture that is never shown");
        break;
    default: break;
    }
    if (osk_report_count(walk->report) == before && !osk_report_is_cut(walk->report)) {
        OskKind kind =
            parts[chunk->row].kind != OSK_KIND_NONE ? parts[chunk->row].kind : OSK_KIND_OTHER;
        report(webp, chunk, kind, "webp.chunk", parts[chunk->row].meaning);
    }
}

/* ---- steps ---- */

static void plan_drop(Webp *webp, const Chunk *chunk)
{
    inspect(webp, chunk);
    osk_plan_drop(webp->walk->plan, &parts[chunk->row], chunk->offset,
                  chunk_end(chunk) - chunk->offset);
}

/* The padding of `len` bytes that are kept; what the chunk had behind them goes. */
static void plan_rest(Webp *webp, const Chunk *chunk, uint32_t len)
{
    OskPlan *plan = webp->walk->plan;
    const OskPart *part = &parts[chunk->row];
    uint64_t at = chunk->offset + 8 + len;
    bool exact = len == chunk->len;
    if (exact && chunk->padded && chunk->padding == 0) {
        osk_plan_keep(plan, part, at, 1, false);
        return;
    }
    if (chunk->padding != 0) {
        report(webp, chunk, OSK_KIND_OTHER, "webp.padding", "a padding byte that is not zero");
    }
    if ((len & 1) != 0) {
        osk_plan_rewrite(plan, part, at, chunk_end(chunk) - at, "", 1);
    } else {
        osk_plan_drop(plan, part, at, chunk_end(chunk) - at);
    }
}

/* Keeps the first `len` bytes of the data; `first` replaces the first of them. */
static void plan_front(Webp *webp, const Chunk *chunk, uint32_t len, uint8_t first)
{
    OskPlan *plan = webp->walk->plan;
    const OskPart *part = &parts[chunk->row];
    if (len == chunk->len && first == chunk->data[0]) {
        osk_plan_keep(plan, part, chunk->offset, 8 + (uint64_t)len, false);
    } else {
        report(webp, chunk, OSK_KIND_OTHER, "webp.slack", "bytes that no reader shows");
        uint8_t head[9] = { 0 };
        memcpy(head, chunk->data - 8, 4);
        for (unsigned i = 0; i < 4; i++) {
            head[4 + i] = (uint8_t)(len >> (8 * i));
        }
        head[8] = first;
        osk_plan_rewrite(plan, part, chunk->offset, 9, head, 9);
        osk_plan_keep(plan, part, chunk->offset + 9, len - 1, false);
    }
    plan_rest(webp, chunk, len);
}

/* The whole chunk with other data. */
static void plan_literal(Webp *webp, const Chunk *chunk, const uint8_t *data, uint32_t len)
{
    uint8_t *out =
        osk_plan_rewrite(webp->walk->plan, &parts[chunk->row], chunk->offset,
                         chunk_end(chunk) - chunk->offset, NULL, 8 + (uint64_t)len + (len & 1));
    if (out == NULL) {
        return;
    }
    memcpy(out, chunk->data - 8, 4);
    for (unsigned i = 0; i < 4; i++) {
        out[4 + i] = (uint8_t)(len >> (8 * i));
    }
    memcpy(out + 8, data, len);
}

/* ---- pictures ---- */

static OskStatus broken(Webp *webp, const Chunk *chunk, const char *what)
{
    return osk_walk_fail(webp->walk, OSK_MALFORMED, parts[chunk->row].name, what, chunk->offset);
}

/* A picture must fill what was announced: the canvas, or its frame. */
static OskStatus plan_picture(Webp *webp, const Chunk *chunk, uint32_t width, uint32_t height)
{
    OskVp8Size size = { .width = 0 };
    bool fine = chunk->row == ROW_VP8 ? osk_vp8_check(chunk->data, chunk->len, &size)
                                      : osk_vp8l_check(chunk->data, chunk->len, &size);
    if (!fine) {
        return broken(webp, chunk, "the coded picture is broken or cut short");
    }
    if (width != 0 && (size.width != width || size.height != height)) {
        return broken(webp, chunk, "the coded picture has another size than announced");
    }
    if (!osk_budget_pixels(webp->walk->budget, (uint64_t)size.width * size.height)) {
        return osk_walk_fail(webp->walk, OSK_LIMIT, parts[chunk->row].name,
                             "larger than a picture may be", chunk->offset);
    }
    plan_front(webp, chunk, chunk->len, chunk->data[0]);
    return OSK_OK;
}

/* RFC 9649 2.7.1.2: two reserved bits, preprocessing, filter, compression; then the values. */
static OskStatus plan_alpha(Webp *webp, const Chunk *chunk, uint32_t width, uint32_t height)
{
    uint64_t raw = (uint64_t)width * height + 1;
    unsigned compression = chunk->len > 1 ? chunk->data[0] & 3 : 2;
    unsigned preprocessing = chunk->len > 1 ? chunk->data[0] >> 4 & 3 : 0;
    if (compression > 1 || preprocessing > 1 || (compression == 0 && chunk->len < raw)) {
        return broken(webp, chunk, "the transparency is broken");
    }
    plan_front(webp, chunk, compression == 0 ? (uint32_t)raw : chunk->len, chunk->data[0] & 0x3F);
    return OSK_OK;
}

static bool is_picture(const Chunk *chunk)
{
    return chunk->row == ROW_VP8 || chunk->row == ROW_VP8L;
}

/* ALPH counts only for the VP8 picture behind it. */
static bool leads_to_vp8(OskCursor rest)
{
    Chunk next;
    while (read_chunk(&rest, &next)) {
        if (next.row != ROW_UNKNOWN) {
            return next.row == ROW_VP8;
        }
    }
    return false;
}

static OskStatus plan_frame_chunks(Webp *webp, OskCursor inside, uint32_t width, uint32_t height)
{
    OskStatus status = OSK_OK;
    bool alpha = false;
    bool picture = false;
    Chunk chunk;
    while (status == OSK_OK && read_chunk(&inside, &chunk)) {
        if (!osk_walk_spend(webp->walk, 1, "ANMF", chunk.offset)) {
            return OSK_LIMIT;
        }
        if (is_picture(&chunk) && !picture) {
            status = plan_picture(webp, &chunk, width, height);
            picture = true;
        } else if (chunk.row == ROW_ALPH && !alpha && !picture && leads_to_vp8(inside)) {
            status = plan_alpha(webp, &chunk, width, height);
            alpha = true;
        } else {
            plan_drop(webp, &chunk);
        }
    }
    if (status == OSK_OK && !picture) {
        return osk_walk_fail(webp->walk, OSK_MALFORMED, "ANMF", "the frame has no picture",
                             osk_cursor_offset(&inside));
    }
    if (osk_cursor_more(&inside)) {
        chunk = (Chunk){ .offset = osk_cursor_offset(&inside), .row = ROW_TRAILER };
        report(webp, &chunk, OSK_KIND_OTHER, "webp.slack", "bytes that no reader shows");
        osk_plan_drop(webp->walk->plan, &parts[ROW_TRAILER], chunk.offset,
                      osk_cursor_left(&inside));
    }
    return status;
}

static OskStatus plan_frame(Webp *webp, const Chunk *chunk)
{
    OskPlan *plan = webp->walk->plan;
    if (chunk->len < FRAME_HEADER) {
        return broken(webp, chunk, "the frame header is cut short");
    }
    const uint8_t *d = chunk->data;
    uint64_t width = (uint64_t)le24(d + 6) + 1;
    uint64_t height = (uint64_t)le24(d + 9) + 1;
    if (le24(d) * UINT64_C(2) + width > webp->width ||
        le24(d + 3) * UINT64_C(2) + height > webp->height) {
        return broken(webp, chunk, "the frame lies outside the picture");
    }
    uint8_t head[8 + FRAME_HEADER];
    memcpy(head, d - 8, sizeof(head));
    head[8 + 15] &= 3;
    if (head[8 + 15] != d[15]) {
        report(webp, chunk, OSK_KIND_OTHER, "webp.reserved", "bits that no reader shows");
    }
    uint8_t *out =
        osk_plan_rewrite(plan, &parts[ROW_ANMF], chunk->offset, sizeof(head), head, sizeof(head));
    uint64_t begin = plan->out_end;
    OskCursor inside = osk_cursor_make(d + FRAME_HEADER, chunk->len - FRAME_HEADER,
                                       chunk->offset + 8 + FRAME_HEADER);
    OskStatus status = plan_frame_chunks(webp, inside, (uint32_t)width, (uint32_t)height);
    uint64_t len = plan->out_end - begin + FRAME_HEADER;
    for (unsigned i = 0; i < 4 && out != NULL; i++) {
        out[4 + i] = (uint8_t)(len >> (8 * i));
    }
    if (status == OSK_OK && chunk->padded) {
        /* Chunks inside are padded, so that the frame is even. */
        if (chunk->padding != 0) {
            report(webp, chunk, OSK_KIND_OTHER, "webp.padding", "a padding byte that is not zero");
        }
        osk_plan_drop(plan, &parts[ROW_ANMF], chunk_end(chunk) - 1, 1);
    }
    webp->frame_seen = true;
    return status;
}

/* ---- what goes with the picture ---- */

static OskStatus plan_profile(Webp *webp, const Chunk *chunk)
{
    OskWalk *walk = webp->walk;
    if (walk->options->icc == OSK_ICC_DROP || (webp->flags_in & FLAG_ICC) == 0) {
        plan_drop(webp, chunk);
        return OSK_OK;
    }
    OskCursor profile = osk_cursor_make(chunk->data, chunk->len, chunk->offset + 8);
    OskWriter writer;
    osk_writer_init(&writer, ICC_MAX);
    OskStatus status = osk_walk_take_profile(walk, profile, "ICCP", &writer);
    if (status == OSK_OK && writer.len == 0) {
        plan_drop(webp, chunk);
    } else {
        osk_walk_inspect_profile(walk, profile, "ICCP");
    }
    if (status == OSK_OK && writer.len > 0) {
        plan_literal(webp, chunk, writer.bytes, (uint32_t)writer.len);
        webp->flags_out |= FLAG_ICC;
    }
    osk_writer_free(&writer);
    return status;
}

static void plan_exif(Webp *webp, const Chunk *chunk)
{
    OskCursor tiff = osk_cursor_make(chunk->data, chunk->len, chunk->offset + 8);
    unsigned orientation = osk_exif_orientation(tiff);
    OskWriter writer;
    osk_writer_init(&writer, 64);
    if (orientation == 1 || (webp->flags_in & FLAG_EXIF) == 0 ||
        !osk_exif_write_orientation(&writer, orientation)) {
        plan_drop(webp, chunk);
    } else {
        osk_exif_inspect(tiff, "EXIF", webp->walk->report, webp->walk->budget);
        plan_literal(webp, chunk, writer.bytes, (uint32_t)writer.len);
        webp->flags_out |= FLAG_EXIF;
    }
    osk_writer_free(&writer);
}

static void plan_loops(Webp *webp, const Chunk *chunk)
{
    plan_front(webp, chunk, 6, chunk->data[0]);
}

/* ---- the walk ---- */

static OskStatus plan_extended_chunk(Webp *webp, const Chunk *chunk, OskCursor rest)
{
    bool first = !webp->seen[chunk->row];
    webp->seen[chunk->row] = true;
    bool picture_seen = webp->seen[ROW_VP8] || webp->seen[ROW_VP8L];
    switch (chunk->row) {
    case ROW_VP8:
    case ROW_VP8L:
        if (!webp->animated && first && !(webp->seen[ROW_VP8] && webp->seen[ROW_VP8L])) {
            return plan_picture(webp, chunk, webp->width, webp->height);
        }
        break;
    case ROW_ALPH:
        if (!webp->animated && first && !picture_seen && leads_to_vp8(rest)) {
            return plan_alpha(webp, chunk, webp->width, webp->height);
        }
        break;
    case ROW_ANIM:
        if (webp->animated && first && chunk->len >= 6) {
            webp->loops_seen = true;
            plan_loops(webp, chunk);
            return OSK_OK;
        }
        break;
    case ROW_ANMF:
        if (webp->animated && !webp->loops_seen) {
            return broken(webp, chunk, "a frame stands before the header of the animation");
        }
        if (webp->animated) {
            return plan_frame(webp, chunk);
        }
        break;
    case ROW_ICCP:
        if (first && !picture_seen && !webp->loops_seen) {
            return plan_profile(webp, chunk);
        }
        break;
    case ROW_EXIF:
        if (first) {
            plan_exif(webp, chunk);
            return OSK_OK;
        }
        break;
    default: break;
    }
    plan_drop(webp, chunk);
    return OSK_OK;
}

static OskStatus plan_header(Webp *webp, const Chunk *chunk)
{
    if (chunk->len < 10) {
        return broken(webp, chunk, "the header is cut short");
    }
    const uint8_t *d = chunk->data;
    webp->extended = true;
    webp->flags_in = d[0];
    webp->animated = (d[0] & FLAG_ANIMATION) != 0;
    webp->flags_out = d[0] & (FLAG_ANIMATION | FLAG_ALPHA);
    webp->width = le24(d + 4) + 1;
    webp->height = le24(d + 7) + 1;
    uint8_t out[18] = { 'V', 'P', '8', 'X', 10 };
    memcpy(out + 12, d + 4, 6);
    if (chunk->len > 10 || (d[0] & 0xC1) != 0 || le24(d + 1) != 0) {
        report(webp, chunk, OSK_KIND_OTHER, "webp.reserved", "bits that no reader shows");
    }
    uint8_t *planned = osk_plan_rewrite(webp->walk->plan, &parts[ROW_VP8X], chunk->offset,
                                        chunk_end(chunk) - chunk->offset, out, sizeof(out));
    webp->flags_at = planned != NULL ? planned + 8 : NULL;
    return OSK_OK;
}

static bool has_picture(const Webp *webp)
{
    return webp->animated ? webp->frame_seen : webp->seen[ROW_VP8] || webp->seen[ROW_VP8L];
}

static OskStatus plan_chunks(Webp *webp)
{
    OskStatus status = OSK_OK;
    Chunk chunk;
    for (bool first = true; status == OSK_OK && read_chunk(&webp->chunks, &chunk); first = false) {
        if (!osk_walk_spend(webp->walk, 1, "chunk", chunk.offset)) {
            return OSK_LIMIT;
        }
        if (first && chunk.row == ROW_VP8X) {
            status = plan_header(webp, &chunk);
        } else if (webp->extended) {
            status = plan_extended_chunk(webp, &chunk, webp->chunks);
        } else if (first && is_picture(&chunk)) {
            status = plan_picture(webp, &chunk, 0, 0);
            webp->seen[chunk.row] = true;
        } else {
            /* Readers look no further than the picture. */
            plan_drop(webp, &chunk);
        }
    }
    if (status == OSK_OK && !has_picture(webp)) {
        return osk_walk_fail(webp->walk, OSK_TRUNCATED, "RIFF",
                             "the file ends before its picture is complete",
                             osk_cursor_offset(&webp->chunks));
    }
    return status;
}

static OskStatus walk_webp(OskWalk *walk)
{
    Webp webp = { .walk = walk };
    OskCursor file = osk_cursor_make(walk->bytes, (size_t)walk->size, 0);
    osk_cursor_skip(&file, 4);
    uint64_t size = osk_cursor_u32le(&file);
    osk_cursor_skip(&file, 4);
    if (!osk_cursor_ok(&file) || size < 4) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "RIFF", "the file ends inside this part", 0);
    }
    uint64_t left = osk_cursor_left(&file);
    webp.chunks = osk_cursor_take(&file, size - 4 < left ? size - 4 : left);
    uint8_t head[RIFF_HEADER];
    memcpy(head, walk->bytes, sizeof(head));
    uint8_t *out =
        osk_plan_rewrite(walk->plan, &parts[ROW_RIFF], 0, sizeof(head), head, sizeof(head));
    OskStatus status = plan_chunks(&webp);
    if (status != OSK_OK) {
        return status;
    }
    if (webp.flags_at != NULL) {
        *webp.flags_at = webp.flags_out;
    }
    uint64_t rest = osk_cursor_offset(&webp.chunks);
    if (rest < walk->size) {
        osk_report_add(walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = parts[ROW_TRAILER].name,
                                  .field = "webp.trailer",
                                  .label = parts[ROW_TRAILER].meaning,
                                  .offset = rest,
                                  .len = walk->size - rest },
                       NULL);
        osk_plan_drop(walk->plan, &parts[ROW_TRAILER], rest, walk->size - rest);
    }
    uint64_t total = walk->plan->out_end - 8;
    if (total > UINT32_MAX) {
        return osk_walk_fail(walk, OSK_LIMIT, "RIFF", "larger than a picture may be", 0);
    }
    for (unsigned i = 0; i < 4 && out != NULL; i++) {
        out[4 + i] = (uint8_t)(total >> (8 * i));
    }
    return OSK_OK;
}

static OskProbe probe_webp(const uint8_t *head, size_t len)
{
    bool ours =
        len >= RIFF_HEADER && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
    return ours ? OSK_PROBE_YES : OSK_PROBE_NO;
}

extern const OskFormat osk_format_webp;
const OskFormat osk_format_webp = {
    .info = { .name = "webp",
              .title = "WebP",
              .media_type = "image/webp",
              .extensions = "webp",
              .parts = parts,
              .part_count = ROW_COUNT },
    .whole = true,
    .probe = probe_webp,
    .walk = walk_webp,
};
