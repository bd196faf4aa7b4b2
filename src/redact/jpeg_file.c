/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only what a scrub leaves is taken. Whatever else stands in a file might hold what is covered. */
#include "redact/jpeg_file.h"

#include "base/fault.h"
#include "parts/exif.h"

enum {
    M_SOF0 = 0xC0,
    M_SOF1 = 0xC1,
    M_SOF2 = 0xC2,
    M_DHT = 0xC4,
    M_SOI = 0xD8,
    M_EOI = 0xD9,
    M_SOS = 0xDA,
    M_DQT = 0xDB,
    M_DNL = 0xDC,
    M_DRI = 0xDD,
    M_APP0 = 0xE0,
    M_APP1 = 0xE1,
    M_APP2 = 0xE2,
    M_APP14 = 0xEE
};

OskStatus osk_blocks_fail(OskBlocksFile *file, OskStatus status, const char *part, const char *what,
                          uint64_t offset)
{
    return osk_fault_set(file->fault, status, part, what, offset);
}

static OskStatus broken(OskBlocksFile *file, const char *part, const char *what,
                        const OskCursor *at)
{
    return osk_blocks_fail(file, OSK_MALFORMED, part, what, osk_cursor_offset(at));
}

static void *allocate(OskBlocksFile *file, size_t size)
{
    void *memory = osk_arena_alloc(file->arena, size);
    if (memory == NULL) {
        (void)osk_blocks_fail(file, OSK_NO_MEMORY, "segment", "not enough memory", OSK_NO_OFFSET);
    }
    return memory;
}

static OskStatus add_piece(OskBlocksFile *file, OskBlocksPieceKind kind, OskCursor bytes,
                           OskBlocksScan *scan)
{
    OskBlocksPiece *piece = allocate(file, sizeof(*piece));
    if (piece == NULL) {
        return OSK_NO_MEMORY;
    }
    *piece = (OskBlocksPiece){ .kind = kind, .bytes = bytes, .scan = scan };
    *file->tail = piece;
    file->tail = &piece->next;
    return OSK_OK;
}

/* ---- tables ---- */

/* T.81 B.2.4.1. */
static OskStatus read_quantisers(OskBlocksFile *file, OskCursor s)
{
    while (osk_cursor_more(&s)) {
        uint8_t head = osk_cursor_u8(&s);
        unsigned width = (head >> 4) + 1u;
        const uint8_t *values = osk_cursor_bytes(&s, 64u * width);
        if (width > 2 || (head & 15) >= OSK_BLOCKS_SLOTS || values == NULL) {
            return broken(file, "DQT", "not exactly whole tables", &s);
        }
        file->quant[head & 15] = values;
        file->quant_width[head & 15] = width;
    }
    return OSK_OK;
}

/* T.81 B.2.4.2. */
static OskStatus read_huffman(OskBlocksFile *file, OskCursor s)
{
    while (osk_cursor_more(&s)) {
        uint8_t head = osk_cursor_u8(&s);
        bool ac = head >> 4 != 0;
        OskJpegHuffman *table = allocate(file, sizeof(*table));
        if (table == NULL) {
            return OSK_NO_MEMORY;
        }
        for (unsigned i = 0; i < 16; i++) {
            table->counts[i] = osk_cursor_u8(&s);
            table->symbol_count += table->counts[i];
        }
        if (!osk_cursor_ok(&s) || head >> 4 > 1 || (head & 15) >= OSK_BLOCKS_SLOTS ||
            table->symbol_count > 256 || table->symbol_count > osk_cursor_left(&s)) {
            return broken(file, "DHT", "not exactly whole tables", &s);
        }
        bool fine = osk_jpeg_huffman_valid(table);
        for (unsigned i = 0; i < table->symbol_count; i++) {
            table->symbols[i] = osk_cursor_u8(&s);
            fine = fine && (ac || table->symbols[i] <= 15);
        }
        if (!fine) {
            return broken(file, "DHT", "not a code", &s);
        }
        (ac ? file->ac : file->dc)[head & 15] = table;
    }
    return OSK_OK;
}

/* The table in a slot, or the one that readers assume where none was ever defined. */
static const OskJpegHuffman *use_huffman(OskBlocksFile *file, bool ac, unsigned slot)
{
    const OskJpegHuffman **slots = ac ? file->ac : file->dc;
    if (slot < 2 && slots[slot] == NULL) {
        OskJpegHuffman *table = allocate(file, sizeof(*table));
        if (table != NULL) {
            osk_jpeg_huffman_standard(table, ac, slot == 1);
        }
        slots[slot] = table;
    }
    return slot < OSK_BLOCKS_SLOTS ? slots[slot] : NULL;
}

/* ---- application segments ---- */

static OskStatus read_app(OskBlocksFile *file, uint8_t marker, OskCursor s)
{
    if (marker == M_APP0 && osk_cursor_starts(&s, "JFIF\0", 5)) {
        file->jfif = true;
        return OSK_OK;
    }
    if (marker == M_APP1 && osk_cursor_starts(&s, "Exif\0\0", 6)) {
        osk_cursor_skip(&s, 6);
        unsigned orientation = osk_exif_orientation(s);
        file->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
        return OSK_OK;
    }
    if (marker == M_APP2 && osk_cursor_starts(&s, "ICC_PROFILE\0", 12)) {
        return OSK_OK;
    }
    if (marker == M_APP14 && osk_cursor_starts(&s, "Adobe", 5) && osk_cursor_left(&s) >= 12) {
        osk_cursor_skip(&s, 11);
        file->adobe = true;
        file->transform = osk_cursor_u8(&s);
        return OSK_OK;
    }
    return osk_blocks_fail(file, OSK_UNSUPPORTED, "segment", "a segment that no clean JPEG has",
                           osk_cursor_offset(&s));
}

/* ---- the frame ---- */

static uint32_t divide_up(uint64_t a, uint64_t b)
{
    return (uint32_t)((a + b - 1) / b);
}

/* T.81 A.1.1 and A.2. */
static void lay_out(OskBlocksFile *file)
{
    file->mcus_wide = divide_up(file->width, 8u * file->h_max);
    file->mcus_high = divide_up(file->height, 8u * file->v_max);
    file->block_count = 0;
    for (unsigned i = 0; i < file->count; i++) {
        OskBlocksComponent *c = &file->components[i];
        c->blocks_wide = divide_up((uint64_t)file->width * c->h, 8u * file->h_max);
        c->blocks_high = divide_up((uint64_t)file->height * c->v, 8u * file->v_max);
        c->stride = file->mcus_wide * c->h;
        c->lines = file->mcus_high * c->v;
        file->block_count += (uint64_t)c->stride * c->lines;
    }
}

static OskStatus measure(OskBlocksFile *file, const OskCursor *at)
{
    if (!osk_budget_pixels(file->budget, (uint64_t)file->width * file->height)) {
        return osk_blocks_fail(file, OSK_LIMIT, "SOF", "a larger picture than one job may have",
                               osk_cursor_offset(at));
    }
    lay_out(file);
    return OSK_OK;
}

/* T.81 B.2.2. */
static OskStatus read_frame(OskBlocksFile *file, uint8_t marker, OskCursor s)
{
    OskCursor c = s;
    if (file->marker != 0) {
        return broken(file, "SOF", "a second frame header", &s);
    }
    file->marker = marker;
    file->progressive = marker == M_SOF2;
    file->bits = osk_cursor_u8(&c);
    file->height = osk_cursor_u16be(&c);
    file->width = osk_cursor_u16be(&c);
    file->count = osk_cursor_u8(&c);
    bool fine = file->width > 0 && (file->bits == 8 || (file->bits == 12 && marker != M_SOF0)) &&
                file->count >= 1 && file->count <= OSK_BLOCKS_PARTS;
    for (unsigned i = 0; fine && i < file->count; i++) {
        OskBlocksComponent *component = &file->components[i];
        component->id = osk_cursor_u8(&c);
        uint8_t sampling = osk_cursor_u8(&c);
        component->h = sampling >> 4;
        component->v = sampling & 15;
        component->quant = osk_cursor_u8(&c);
        fine = component->h >= 1 && component->h <= 4 && component->v >= 1 && component->v <= 4 &&
               component->quant < OSK_BLOCKS_SLOTS;
        /* A component that is alone has MCUs of one block, whatever its factors. */
        component->h = file->count == 1 ? 1 : component->h;
        component->v = file->count == 1 ? 1 : component->v;
        file->h_max = component->h > file->h_max ? component->h : file->h_max;
        file->v_max = component->v > file->v_max ? component->v : file->v_max;
        memset(component->precision, -1, sizeof(component->precision));
    }
    if (!fine || !osk_cursor_ok(&c) || osk_cursor_more(&c)) {
        return broken(file, "SOF", "values that no frame has", &s);
    }
    return file->height > 0 ? measure(file, &s) : OSK_OK;
}

/* ---- scans ---- */

/* Takes coded data: up to a marker that is neither stuffing nor a restart. */
static OskCursor take_coded(OskCursor *in)
{
    const uint8_t *bytes = osk_cursor_rest(in);
    size_t left = osk_cursor_left(in);
    size_t len = 0;
    while (len < left) {
        const uint8_t *ff = memchr(bytes + len, 0xFF, left - len);
        len = ff != NULL ? (size_t)(ff - bytes) : left;
        if (left - len < 2 ||
            (bytes[len + 1] != 0 && (bytes[len + 1] < 0xD0 || bytes[len + 1] > 0xD7))) {
            break;
        }
        len += 2;
    }
    return osk_cursor_take(in, len);
}

/* A height of zero lets a DNL segment behind the first scan say it (T.81 B.2.5). */
static OskStatus find_height(OskBlocksFile *file, OskCursor after)
{
    if (!osk_cursor_starts(&after, "\xFF\xDC\0\x04", 4)) {
        return broken(file, "SOF", "a picture of unknown height", &after);
    }
    osk_cursor_skip(&after, 4);
    file->height = osk_cursor_u16be(&after);
    if (!osk_cursor_ok(&after) || file->height == 0) {
        return broken(file, "DNL", "not the height of a picture", &after);
    }
    return measure(file, &after);
}

static void latch_quantiser(OskBlocksFile *file, OskBlocksComponent *c)
{
    const uint8_t *values = file->quant[c->quant];
    unsigned width = file->quant_width[c->quant];
    for (unsigned i = 0; i < 64; i++) {
        unsigned step = width == 2 ? (unsigned)values[2 * i] << 8 | values[2 * i + 1] : values[i];
        c->steps[i] = (uint16_t)(step > 0 ? step : 1);
    }
}

/* The bits of each coefficient must come in order, from a first scan down, each once: then what is
 * coded again from the coefficients is what was coded. */
static bool follows(OskBlocksComponent *c, const OskBlocksScan *scan)
{
    if (scan->first > 0 && c->precision[0] < 0) {
        return false;
    }
    for (unsigned k = scan->first; k <= scan->last; k++) {
        if (c->precision[k] != (scan->high == 0 ? -1 : scan->high)) {
            return false;
        }
        c->precision[k] = (int8_t)scan->low;
    }
    return true;
}

static OskStatus add_member(OskBlocksFile *file, OskBlocksScan *scan, uint8_t id, uint8_t slots)
{
    unsigned index = 0;
    while (index < file->count && file->components[index].id != id) {
        index++;
    }
    for (unsigned i = 0; i < scan->count; i++) {
        index = scan->members[i] == index ? file->count : index;
    }
    if (index == file->count) {
        return osk_blocks_fail(file, OSK_MALFORMED, "SOS", "a component that is not in the frame",
                               osk_cursor_offset(&scan->data));
    }
    OskBlocksComponent *c = &file->components[index];
    if (!c->coded && file->quant[c->quant] == NULL) {
        return osk_blocks_fail(file, OSK_MALFORMED, "SOS", "a quantisation table is missing",
                               osk_cursor_offset(&scan->data));
    }
    bool again = file->progressive ? !follows(c, scan) : c->coded;
    if (again) {
        return osk_blocks_fail(file, OSK_UNSUPPORTED, "SOS",
                               "a part of the picture is coded twice or out of order",
                               osk_cursor_offset(&scan->data));
    }
    if (!c->coded) {
        latch_quantiser(file, c);
        c->coded = true;
    }
    bool dc = scan->first == 0 && scan->high == 0;
    bool ac = scan->last > 0;
    unsigned i = scan->count++;
    scan->members[i] = index;
    scan->slots[i] = (uint8_t)((dc ? slots & 0xF0 : 0) | (ac ? slots & 15 : 0));
    scan->dc[i] = dc ? use_huffman(file, false, slots >> 4) : NULL;
    scan->ac[i] = ac ? use_huffman(file, true, slots & 15) : NULL;
    if ((dc && scan->dc[i] == NULL) || (ac && scan->ac[i] == NULL)) {
        return osk_blocks_fail(file, OSK_MALFORMED, "SOS", "a Huffman table is missing",
                               osk_cursor_offset(&scan->data));
    }
    return OSK_OK;
}

static bool band_fits(const OskBlocksFile *file, OskBlocksScan *scan, unsigned members)
{
    if (!file->progressive) {
        scan->first = 0;
        scan->last = 63;
        scan->high = 0;
        scan->low = 0;
        return true;
    }
    return scan->first <= scan->last && scan->last <= 63 && scan->low <= 13 &&
           (scan->high == 0 || scan->high == scan->low + 1) &&
           (scan->first == 0 ? scan->last == 0 : members == 1);
}

/* T.81 B.2.3. */
static OskStatus read_scan(OskBlocksFile *file, OskCursor segment, OskCursor s, OskCursor *in)
{
    OskBlocksScan *scan = allocate(file, sizeof(*scan));
    if (scan == NULL) {
        return OSK_NO_MEMORY;
    }
    uint8_t members = osk_cursor_u8(&s);
    OskCursor ids = osk_cursor_take(&s, 2u * members);
    scan->first = osk_cursor_u8(&s);
    scan->last = osk_cursor_u8(&s);
    uint8_t approximation = osk_cursor_u8(&s);
    scan->high = approximation >> 4;
    scan->low = approximation & 15;
    scan->restart = file->restart;
    if (file->marker == 0 || !osk_cursor_ok(&s) || osk_cursor_more(&s) || members < 1 ||
        members > file->count || !band_fits(file, scan, members)) {
        return broken(file, "SOS", "values that no scan has", &segment);
    }
    scan->data = take_coded(in);
    OskStatus status = file->height == 0 ? find_height(file, *in) : OSK_OK;
    unsigned blocks = 0;
    for (unsigned i = 0; i < members && status == OSK_OK; i++) {
        uint8_t id = osk_cursor_u8(&ids);
        status = add_member(file, scan, id, osk_cursor_u8(&ids));
        if (status == OSK_OK) {
            const OskBlocksComponent *c = &file->components[scan->members[i]];
            blocks += c->h * c->v;
        }
    }
    if (status == OSK_OK && members > 1 && blocks > OSK_BLOCKS_MCU) {
        status = broken(file, "SOS", "more than ten blocks in an MCU", &segment);
    }
    file->scan_count++;
    return status == OSK_OK ? add_piece(file, OSK_BLOCKS_SCAN, segment, scan) : status;
}

/* ---- markers ---- */

static OskStatus read_segment(OskBlocksFile *file, uint8_t marker, OskCursor whole, OskCursor *in)
{
    OskCursor s = whole;
    osk_cursor_skip(&s, 4);
    OskStatus status = OSK_OK;
    switch (marker) {
    case M_SOF0:
    case M_SOF1:
    case M_SOF2:
        status = read_frame(file, marker, s);
        return status == OSK_OK ? add_piece(file, OSK_BLOCKS_FRAME, whole, NULL) : status;
    case M_DHT: return read_huffman(file, s);
    case M_DRI:
        if (osk_cursor_left(&s) != 2) {
            return broken(file, "DRI", "not of 2 bytes", &s);
        }
        file->restart = osk_cursor_u16be(&s);
        return OSK_OK;
    case M_SOS: return read_scan(file, whole, s, in);
    case M_DNL:
        return file->scan_count > 0 && osk_cursor_left(&s) == 2
                   ? OSK_OK
                   : broken(file, "DNL", "not the height behind the first scan", &s);
    case M_DQT:
        status = read_quantisers(file, s);
        return status == OSK_OK ? add_piece(file, OSK_BLOCKS_COPY, whole, NULL) : status;
    default:
        status = read_app(file, marker, s);
        return status == OSK_OK ? add_piece(file, OSK_BLOCKS_COPY, whole, NULL) : status;
    }
}

/* A segment with marker and length; failed when there is none. */
static OskCursor take_segment(OskCursor *in, uint8_t *out_marker)
{
    OskCursor peek = *in;
    uint8_t first = osk_cursor_u8(&peek);
    *out_marker = osk_cursor_u8(&peek);
    if (*out_marker == M_EOI && first == 0xFF) {
        return osk_cursor_take(in, 2);
    }
    uint16_t len = osk_cursor_u16be(&peek);
    bool fine = osk_cursor_ok(&peek) && first == 0xFF && *out_marker >= 0xC0 &&
                (*out_marker < 0xD0 || *out_marker > 0xD8) && len >= 2;
    return osk_cursor_take(in, fine ? len + 2u : UINT64_MAX);
}

/* What libjpeg, and with it the world, takes the components for. */
static void guess_color(OskBlocksFile *file)
{
    const OskBlocksComponent *c = file->components;
    bool letters = c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B';
    bool rgb = file->jfif ? false : file->adobe ? file->transform == 0 : letters;
    switch (file->count) {
    case 1: file->color = OSK_BLOCKS_GREY; break;
    case 3: file->color = rgb ? OSK_BLOCKS_RGB : OSK_BLOCKS_YCC; break;
    case 4:
        file->color = file->adobe && file->transform == 2 ? OSK_BLOCKS_YCCK : OSK_BLOCKS_CMYK;
        break;
    default: file->color = OSK_BLOCKS_UNKNOWN; break;
    }
}

OskStatus osk_blocks_read(OskBlocksFile *file, OskCursor in)
{
    file->tail = &file->pieces;
    file->orientation = 1;
    if (!osk_cursor_starts(&in, "\xFF\xD8", 2)) {
        return broken(file, "SOI", "not the beginning of a JPEG", &in);
    }
    osk_cursor_skip(&in, 2);
    for (;;) {
        if (!osk_budget_parts(file->budget, 1)) {
            return osk_blocks_fail(file, OSK_LIMIT, "segment", "too many segments",
                                   osk_cursor_offset(&in));
        }
        uint8_t marker = 0;
        uint64_t offset = osk_cursor_offset(&in);
        size_t left = osk_cursor_left(&in);
        OskCursor segment = take_segment(&in, &marker);
        if (!osk_cursor_ok(&segment)) {
            return osk_blocks_fail(file, left == 0 ? OSK_TRUNCATED : OSK_MALFORMED, "segment",
                                   left == 0 ? "the file ends early" : "not a whole segment",
                                   offset);
        }
        if (marker == M_EOI) {
            break;
        }
        OskStatus status = read_segment(file, marker, segment, &in);
        if (status != OSK_OK) {
            return status;
        }
    }
    if (file->scan_count == 0) {
        return broken(file, "SOS", "there is no picture in it", &in);
    }
    if (osk_cursor_more(&in)) {
        return osk_blocks_fail(file, OSK_UNSUPPORTED, "trailer",
                               "bytes behind the end of the picture", osk_cursor_offset(&in));
    }
    guess_color(file);
    return OSK_OK;
}
