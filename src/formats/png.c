/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG and APNG: a signature, then chunks of length, type, data and CRC; IHDR first, IEND last.
 * Portable Network Graphics (PNG) Specification (Third Edition), W3C 2025.
 * Tolerated, because readers do: ancillary chunks that are broken, repeated or out of place
 * (dropped as readers ignore them), more palette entries than the depth can name, bytes in IEND and
 * behind it. */
#include "formats/png.h"

#include <string.h>

#include "inflate/inflate.h"

#define TAG OSK_PNG_TAG
#define SIGNATURE_BYTES 8u

static const uint8_t signature[SIGNATURE_BYTES] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

enum { ROW_SIGNATURE = 0, ROW_UNKNOWN = 1, ROW_TRAILER = 2 };

static const OskPart parts[] = {
    [ROW_SIGNATURE] = { 0, "signature", "says that this is a PNG file", OSK_KEEP, OSK_KIND_NONE,
                        "PNG 5.2", "eight fixed bytes" },
    [ROW_UNKNOWN] = { 0, "unknown chunk",
                      "a chunk that this table doesn't know; readers may ignore it", OSK_DROP,
                      OSK_KIND_OTHER, "PNG 5.4", NULL },
    [ROW_TRAILER] = { 0, "trailer", "bytes behind the end of the picture", OSK_DROP, OSK_KIND_OTHER,
                      "PNG 5.6", NULL },
    { TAG('I', 'H', 'D', 'R'), "IHDR", "size and kind of the picture", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.2.1", "13 bytes, every field checked" },
    { TAG('P', 'L', 'T', 'E'), "PLTE", "palette", OSK_KEEP, OSK_KIND_NONE, "PNG 11.2.2",
      "entries that no pixel uses are zeroed; dropped where it is only a suggestion" },
    { TAG('I', 'D', 'A', 'T'), "IDAT", "the picture", OSK_KEEP, OSK_KIND_NONE, "PNG 11.2.3",
      "inflated to the exact size of the picture; bytes behind the stream and bits beyond the edge "
      "go" },
    { TAG('I', 'E', 'N', 'D'), "IEND", "end of the picture", OSK_KEEP, OSK_KIND_NONE, "PNG 11.2.4",
      "empty" },
    { TAG('t', 'R', 'N', 'S'), "tRNS", "transparent colours", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.3.1.1", "exact length; unused bits zeroed" },
    { TAG('c', 'H', 'R', 'M'), "cHRM", "primary colours", OSK_KEEP, OSK_KIND_NONE, "PNG 11.3.2.1",
      "32 bytes" },
    { TAG('g', 'A', 'M', 'A'), "gAMA", "gamma", OSK_KEEP, OSK_KIND_NONE, "PNG 11.3.2.2",
      "4 bytes" },
    { TAG('i', 'C', 'C', 'P'), "iCCP", "colour profile; may name a device, a maker and a date",
      OSK_REWRITE, OSK_KIND_DEVICE, "PNG 11.3.2.3",
      "rebuilt from its colour-defining tags, recompressed, under a neutral name" },
    { TAG('s', 'B', 'I', 'T'), "sBIT", "significant bits", OSK_KEEP, OSK_KIND_NONE, "PNG 11.3.2.4",
      "exact length, values within the depth" },
    { TAG('s', 'R', 'G', 'B'), "sRGB", "standard colour space", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.3.2.5", "1 byte, 0 to 3" },
    { TAG('c', 'I', 'C', 'P'), "cICP", "colour space of video and HDR", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.3.2.6", "4 bytes" },
    { TAG('m', 'D', 'C', 'V'), "mDCV", "colours of the mastering display", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.3.2.7", "24 bytes" },
    { TAG('c', 'L', 'L', 'I'), "cLLI", "light levels", OSK_KEEP, OSK_KIND_NONE, "PNG 11.3.2.8",
      "8 bytes" },
    { TAG('b', 'K', 'G', 'D'), "bKGD", "background colour", OSK_KEEP, OSK_KIND_NONE, "PNG 11.3.4.1",
      "exact length; unused bits zeroed" },
    { TAG('h', 'I', 'S', 'T'), "hIST", "how often each palette colour is used", OSK_DROP,
      OSK_KIND_OTHER, "PNG 11.3.4.2", NULL },
    { TAG('p', 'H', 'Y', 's'), "pHYs", "pixel size and aspect", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.3.4.3", "9 bytes, unit 0 or 1" },
    { TAG('e', 'X', 'I', 'f'), "eXIf", "camera data: place, time, device, preview", OSK_REWRITE,
      OSK_KIND_PLACE, "PNG 11.3.4.5",
      "only the orientation is written again, and only when it turns" },
    { TAG('a', 'c', 'T', 'L'), "acTL", "number of frames and loops", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.3.6.1", "8 bytes, the number of frames that are there" },
    { TAG('f', 'c', 'T', 'L'), "fcTL", "place and timing of a frame", OSK_KEEP, OSK_KIND_NONE,
      "PNG 11.3.6.2", "26 bytes, the frame lies within the picture, numbers in sequence" },
    { TAG('f', 'd', 'A', 'T'), "fdAT", "a frame", OSK_KEEP, OSK_KIND_NONE, "PNG 11.3.6.3",
      "inflated to the exact size of the frame; frames that are never shown go" },
    { TAG('t', 'E', 'X', 't'), "tEXt", "text: names, captions, programs", OSK_DROP, OSK_KIND_NAME,
      "PNG 11.3.3.2", NULL },
    { TAG('z', 'T', 'X', 't'), "zTXt", "compressed text; may hold camera data", OSK_DROP,
      OSK_KIND_NAME, "PNG 11.3.3.3", NULL },
    { TAG('i', 'T', 'X', 't'), "iTXt", "international text; may hold XMP", OSK_DROP, OSK_KIND_NAME,
      "PNG 11.3.3.4", NULL },
    { TAG('t', 'I', 'M', 'E'), "tIME", "time of the last change", OSK_DROP, OSK_KIND_TIME,
      "PNG 11.3.5.1", NULL },
    { TAG('s', 'P', 'L', 'T'), "sPLT", "suggested palette, with a name", OSK_DROP, OSK_KIND_NAME,
      "PNG 11.3.4.4", NULL },
    { TAG('c', 'a', 'B', 'X'), "caBX", "content credentials: signed origin and history", OSK_DROP,
      OSK_KIND_NAME, "C2PA 2.1 A.3.2", NULL },
    { TAG('z', 'x', 'I', 'f'), "zxIf", "compressed camera data (draft)", OSK_DROP, OSK_KIND_PLACE,
      "PNG-EXIF draft", NULL },
    { TAG('o', 'F', 'F', 's'), "oFFs", "place on a page", OSK_DROP, OSK_KIND_OTHER, "PNG-EXT 4.2",
      NULL },
    { TAG('p', 'C', 'A', 'L'), "pCAL", "calibration of pixel values, with a name", OSK_DROP,
      OSK_KIND_NAME, "PNG-EXT 4.3", NULL },
    { TAG('s', 'C', 'A', 'L'), "sCAL", "scale of what is shown, as text", OSK_DROP, OSK_KIND_OTHER,
      "PNG-EXT 4.4", NULL },
    { TAG('g', 'I', 'F', 'g'), "gIFg", "left over from a GIF", OSK_DROP, OSK_KIND_OTHER,
      "PNG-EXT 4.5", NULL },
    { TAG('g', 'I', 'F', 't'), "gIFt", "plain text left over from a GIF", OSK_DROP, OSK_KIND_NAME,
      "PNG-EXT 6.2", NULL },
    { TAG('g', 'I', 'F', 'x'), "gIFx", "application data left over from a GIF", OSK_DROP,
      OSK_KIND_SOFTWARE, "PNG-EXT 4.6", NULL },
    { TAG('s', 'T', 'E', 'R'), "sTER", "stereo layout", OSK_DROP, OSK_KIND_OTHER, "PNG-EXT 4.7",
      NULL },
    { TAG('d', 'S', 'I', 'G'), "dSIG", "digital signature, with certificates", OSK_DROP,
      OSK_KIND_NAME, "PNG-EXT 4.8", NULL },
    { TAG('i', 'D', 'O', 'T'), "iDOT", "Apple's offsets for decoding in parallel", OSK_DROP,
      OSK_KIND_SOFTWARE, "private", NULL },
    { TAG('v', 'p', 'A', 'g'), "vpAg", "virtual page, written by ImageMagick", OSK_DROP,
      OSK_KIND_SOFTWARE, "private", NULL },
    { TAG('c', 'a', 'N', 'v'), "caNv", "virtual page, written by ImageMagick", OSK_DROP,
      OSK_KIND_SOFTWARE, "private", NULL },
    { TAG('o', 'r', 'N', 'T'), "orNT", "orientation note, written by ImageMagick", OSK_DROP,
      OSK_KIND_SOFTWARE, "private", NULL },
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))
_Static_assert(PART_COUNT <= 64, "OskPng.seen has a bit for each row");

uint32_t osk_png_lead(const OskPngChunk *chunk)
{
    return chunk->type == TAG('f', 'd', 'A', 'T') ? 4 : 0;
}

uint32_t osk_png_u32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

bool osk_png_crc_is_right(const OskPngChunk *chunk)
{
    return osk_crc32(0, chunk->data - 4, (size_t)chunk->len + 4) ==
           osk_png_u32(chunk->data + chunk->len);
}

/* ---- the list of chunks ---- */

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static const OskPart *part_of(uint32_t type)
{
    const OskPart *part =
        osk_part_find(parts + ROW_TRAILER + 1, PART_COUNT - ROW_TRAILER - 1, type);
    return part != NULL ? part : &parts[ROW_UNKNOWN];
}

/* Reads chunks up to IEND. Called twice, because the array is made in between: `chunks` NULL
 * counts. */
static OskStatus read_chunks(OskPng *png, OskPngChunk *chunks)
{
    OskWalk *walk = png->walk;
    OskCursor file = osk_cursor_make(walk->bytes, (size_t)walk->size, 0);
    osk_cursor_skip(&file, SIGNATURE_BYTES);
    png->count = 0;
    for (bool ended = false; !ended; png->count++) {
        uint64_t at = osk_cursor_offset(&file);
        uint32_t len = osk_cursor_u32be(&file);
        uint32_t type = osk_cursor_u32be(&file);
        const uint8_t *data = osk_cursor_bytes(&file, (size_t)len + 4);
        if (data == NULL) {
            return osk_walk_fail(walk, len > OSK_PNG_CHUNK_MAX ? OSK_MALFORMED : OSK_TRUNCATED,
                                 "chunk", "the file ends inside a chunk", at);
        }
        for (unsigned i = 0; i < 4; i++) {
            if (!is_letter((uint8_t)(type >> (8 * i)))) {
                return osk_walk_fail(walk, OSK_MALFORMED, "chunk", "its type is not four letters",
                                     at);
            }
        }
        if (!osk_walk_spend(walk, 1, "chunk", at)) {
            return OSK_LIMIT;
        }
        ended = type == TAG('I', 'E', 'N', 'D');
        if (chunks != NULL) {
            chunks[png->count] = (OskPngChunk){
                .part = part_of(type), .data = data, .offset = at, .type = type, .len = len
            };
        }
    }
    png->end = osk_cursor_offset(&file);
    return OSK_OK;
}

static OskStatus list_chunks(OskPng *png)
{
    OskStatus status = read_chunks(png, NULL);
    if (status != OSK_OK) {
        return status;
    }
    png->chunks = osk_arena_array(png->walk->arena, png->count, sizeof(*png->chunks));
    if (png->chunks == NULL) {
        return osk_walk_no_memory(png->walk, "chunk", 0);
    }
    return read_chunks(png, png->chunks);
}

static bool depth_is_legal(unsigned depth, unsigned colour)
{
    switch (colour) {
    case 0: return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3: return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6: return depth == 8 || depth == 16;
    default: return false;
    }
}

static OskStatus read_header(OskPng *png)
{
    OskPngChunk *chunk = &png->chunks[0];
    OskWalk *walk = png->walk;
    if (chunk->type == TAG('C', 'g', 'B', 'I')) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "CgBI",
                             "this is Apple's private variant of PNG, made for applications",
                             chunk->offset);
    }
    if (chunk->type != TAG('I', 'H', 'D', 'R') || chunk->len != 13) {
        return osk_walk_fail(walk, OSK_MALFORMED, "IHDR", "the first chunk is not a picture header",
                             chunk->offset);
    }
    const uint8_t *d = chunk->data;
    png->image = (OskPngImage){ .width = osk_png_u32(d),
                                .height = osk_png_u32(d + 4),
                                .depth = d[8],
                                .colour = d[9],
                                .interlace = d[12] };
    const OskPngImage *image = &png->image;
    if (image->width == 0 || image->height == 0 || image->width > OSK_PNG_CHUNK_MAX ||
        image->height > OSK_PNG_CHUNK_MAX || !depth_is_legal(d[8], d[9]) || d[10] != 0 ||
        d[11] != 0 || d[12] > 1) {
        return osk_walk_fail(walk, OSK_MALFORMED, "IHDR",
                             "a field has a value that PNG doesn't know", chunk->offset);
    }
    chunk->action = OSK_PNG_KEEP;
    return OSK_OK;
}

/* The run of IDAT chunks that readers show; another run behind other chunks is not shown. */
static OskStatus find_pixels(OskPng *png)
{
    size_t i = 0;
    while (i < png->count && png->chunks[i].type != TAG('I', 'D', 'A', 'T')) {
        i++;
    }
    if (i == png->count) {
        return osk_walk_fail(png->walk, OSK_MALFORMED, "IDAT", "there is no picture", png->end);
    }
    png->idat_first = i;
    while (i < png->count && png->chunks[i].type == TAG('I', 'D', 'A', 'T')) {
        i++;
    }
    png->idat_end = i;
    return OSK_OK;
}

/* ---- one chunk at a time ---- */

static OskStatus judge_palette(OskPng *png, OskPngChunk *chunk)
{
    unsigned colour = png->image.colour;
    if (colour != 3) {
        /* A suggestion for screens of 256 colours, or not allowed at all: nobody needs it. */
        return OSK_OK;
    }
    uint32_t entries = chunk->len / 3;
    if (entries == 0 || entries > 256 || chunk->len % 3 != 0 || !osk_png_crc_is_right(chunk)) {
        return osk_walk_fail(png->walk, OSK_MALFORMED, "PLTE", "the palette is broken",
                             chunk->offset);
    }
    uint32_t most = 1u << png->image.depth;
    png->palette_entries = entries < most ? entries : most;
    chunk->action = OSK_PNG_KEEP;
    if (entries > most) {
        osk_png_hidden(png, chunk, "png.palette_surplus", "colours that no pixel can use",
                       chunk->offset + 8 + (uint64_t)most * 3, chunk->len - (uint64_t)most * 3);
        chunk->action = OSK_PNG_LITERAL;
        chunk->literal = chunk->data;
        chunk->out_len = most * 3;
    }
    return OSK_OK;
}

/* Zeroes the entries of PLTE or tRNS that no pixel uses. */
static OskStatus clear_unused(OskPng *png, OskPngChunk *chunk, size_t entry_bytes)
{
    const uint8_t *in = chunk->action == OSK_PNG_LITERAL ? chunk->literal : chunk->data;
    uint32_t len = chunk->action == OSK_PNG_LITERAL ? chunk->out_len : chunk->len;
    uint8_t *copy = osk_arena_alloc(png->walk->arena, len);
    if (copy == NULL) {
        return osk_walk_no_memory(png->walk, chunk->part->name, chunk->offset);
    }
    for (uint32_t i = 0; i < len; i++) {
        copy[i] = png->used[i / entry_bytes] ? in[i] : 0;
    }
    if (memcmp(copy, in, len) != 0) {
        osk_png_hidden(png, chunk, "png.palette_unused", "colours that no pixel uses",
                       chunk->offset, chunk->len);
        chunk->action = OSK_PNG_LITERAL;
        chunk->literal = copy;
        chunk->out_len = len;
    }
    return OSK_OK;
}

/* Once every picture is walked: what the pixels use of the palette. */
static OskStatus trim_palette(OskPng *png)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; i < png->idat_first && png->image.colour == 3 && status == OSK_OK; i++) {
        OskPngChunk *chunk = &png->chunks[i];
        if (chunk->action != OSK_PNG_DROP && chunk->type == TAG('P', 'L', 'T', 'E')) {
            status = clear_unused(png, chunk, 3);
        } else if (chunk->action != OSK_PNG_DROP && chunk->type == TAG('t', 'R', 'N', 'S')) {
            status = clear_unused(png, chunk, 1);
        }
    }
    return status;
}

/* Readers take the first of each kind that they can read. */
static bool stands_first(OskPng *png, const OskPngChunk *chunk)
{
    return (png->seen >> (chunk->part - parts) & 1) == 0;
}

static void note_seen(OskPng *png, const OskPngChunk *chunk)
{
    if (chunk->action != OSK_PNG_DROP || chunk->type == TAG('e', 'X', 'I', 'f')) {
        png->seen |= UINT64_C(1) << (chunk->part - parts);
    }
}

static OskStatus judge_critical(OskPng *png, size_t index)
{
    OskPngChunk *chunk = &png->chunks[index];
    switch (chunk->type) {
    case TAG('P', 'L', 'T', 'E'):
        if (png->palette_entries != 0 || index > png->idat_first) {
            return osk_walk_fail(png->walk, OSK_MALFORMED, "PLTE",
                                 "the palette stands in a wrong place", chunk->offset);
        }
        return judge_palette(png, chunk);
    case TAG('I', 'D', 'A', 'T'): return OSK_OK;
    case TAG('I', 'E', 'N', 'D'):
        chunk->action =
            chunk->len == 0 && osk_png_crc_is_right(chunk) ? OSK_PNG_KEEP : OSK_PNG_LITERAL;
        if (chunk->len > 0) {
            osk_png_hidden(png, chunk, "png.slack", "bytes in the end marker", chunk->offset,
                           chunk->len);
        }
        return OSK_OK;
    case TAG('I', 'H', 'D', 'R'):
        return osk_walk_fail(png->walk, OSK_MALFORMED, "IHDR", "there are two picture headers",
                             chunk->offset);
    default:
        return osk_walk_fail(png->walk, OSK_UNSUPPORTED, "chunk",
                             "a part that readers must understand is not known to us",
                             chunk->offset);
    }
}

static bool is_animation(uint32_t type)
{
    return type == TAG('a', 'c', 'T', 'L') || type == TAG('f', 'c', 'T', 'L') ||
           type == TAG('f', 'd', 'A', 'T');
}

static OskStatus judge_chunks(OskPng *png)
{
    OskStatus status = OSK_OK;
    for (size_t i = 1; status == OSK_OK && i < png->count; i++) {
        OskPngChunk *chunk = &png->chunks[i];
        bool critical = (chunk->type >> 24 & 0x20) == 0;
        bool anywhere = chunk->type == TAG('e', 'X', 'I', 'f');
        if (critical) {
            status = judge_critical(png, i);
        } else if (chunk->part->verdict != OSK_DROP && !is_animation(chunk->type) &&
                   (anywhere || i < png->idat_first) && stands_first(png, chunk) &&
                   osk_png_crc_is_right(chunk)) {
            status = osk_png_judge_ancillary(png, chunk);
            note_seen(png, chunk);
        }
    }
    if (status == OSK_OK && png->image.colour == 3 && png->palette_entries == 0) {
        status =
            osk_walk_fail(png->walk, OSK_MALFORMED, "PLTE", "the palette is missing", png->end);
    }
    return status;
}

/* ---- the walk ---- */

static void report_dropped(OskPng *png)
{
    for (size_t i = 0; i < png->count; i++) {
        const OskPngChunk *chunk = &png->chunks[i];
        bool pixels = i >= png->idat_first && i < png->idat_end;
        if (chunk->action == OSK_PNG_DROP && !chunk->is_told && !pixels &&
            chunk->type != TAG('f', 'd', 'A', 'T')) {
            osk_png_inspect(png, chunk);
        }
    }
    if (png->end < png->walk->size) {
        osk_report_add(png->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = "trailer",
                                  .field = "png.trailer",
                                  .label = "bytes behind the end of the picture",
                                  .offset = png->end,
                                  .len = png->walk->size - png->end },
                       NULL);
    }
}

static OskStatus walk_png(OskWalk *walk)
{
    OskPng png = { .walk = walk };
    OskStatus status = list_chunks(&png);
    if (status == OSK_OK) {
        status = read_header(&png);
    }
    if (status == OSK_OK && !osk_png_crc_is_right(&png.chunks[0])) {
        status =
            osk_walk_fail(walk, OSK_MALFORMED, "IHDR", "its checksum is wrong", SIGNATURE_BYTES);
    }
    if (status == OSK_OK) {
        status = find_pixels(&png);
    }
    if (status == OSK_OK) {
        status = judge_chunks(&png);
    }
    if (status == OSK_OK) {
        status = osk_png_walk_animation(&png);
    }
    if (status == OSK_OK) {
        status = trim_palette(&png);
    }
    if (status == OSK_OK) {
        report_dropped(&png);
        osk_plan_keep(walk->plan, &parts[ROW_SIGNATURE], 0, SIGNATURE_BYTES, false);
        osk_png_plan(&png);
        osk_plan_drop(walk->plan, &parts[ROW_TRAILER], png.end, walk->size - png.end);
    }
    return status;
}

static OskProbe probe_png(const uint8_t *head, size_t len)
{
    return len >= SIGNATURE_BYTES && memcmp(head, signature, SIGNATURE_BYTES) == 0 ? OSK_PROBE_YES
                                                                                   : OSK_PROBE_NO;
}

extern const OskFormat osk_format_png;
const OskFormat osk_format_png = {
    .info = { .name = "png",
              .title = "PNG and APNG",
              .media_type = "image/png",
              .extensions = "png apng",
              .parts = parts,
              .part_count = PART_COUNT },
    .whole = true,
    .probe = probe_png,
    .walk = walk_png,
};
