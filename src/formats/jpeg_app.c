/* SPDX-License-Identifier: GPL-3.0-or-later */
/* APPn and COM segments. Two survive in their smallest form because they change how the picture
 * looks (JFIF: pixel aspect and colour; Adobe: colour), two are written anew (Exif: orientation;
 * ICC: colour), and everything else is named and goes. */
#include "formats/jpeg_state.h"
#include "parts/c2pa.h"
#include "parts/exif.h"
#include "parts/icc.h"
#include "parts/iptc.h"
#include "parts/xmp.h"

#define JFIF_LEN 14u  /* "JFIF\0", version, units, densities, no thumbnail */
#define ADOBE_LEN 12u /* "Adobe", version, flags 0 and 1, transform */
#define ICC_HEAD 14u  /* "ICC_PROFILE\0", number, count */
#define ICC_CHUNK (65533u - ICC_HEAD)
#define XMP_GUID 32u
#define JUMBF_HEAD 8u /* CI, En, Z: ISO 19566-5 annex D */

typedef struct AppRule {
    uint8_t marker;
    uint8_t len; /* of `ident` */
    uint8_t row; /* OskJpegRow */
    uint8_t kind;
    const char *ident;
    const char *field;
    const char *label;
} AppRule;

#define IDENT(s) .ident = (s), .len = (uint8_t)(sizeof(s) - 1)

/* Who writes what into which segment. The first match counts. */
static const AppRule rules[] = {
    { 0xE0, IDENT("JFIF\0"), .row = OSK_JPEG_JFIF },
    { 0xE0, IDENT("JFXX\0"), .row = OSK_JPEG_JFXX, .kind = OSK_KIND_PREVIEW,
      .field = "jpeg.jfxx.thumbnail", .label = "a small copy of the picture" },
    { 0xE0, IDENT("CIFF"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE, .field = "jpeg.ciff",
      .label = "notes of a Canon camera" },
    { 0xE0, IDENT("AVI1"), .row = OSK_JPEG_APP, .kind = OSK_KIND_SOFTWARE, .field = "jpeg.avi1",
      .label = "a frame taken from a video" },
    { 0xE1, IDENT("Exif\0"), .row = OSK_JPEG_EXIF },
    { 0xE1, IDENT("http://ns.adobe.com/xap/1.0/\0"), .row = OSK_JPEG_XMP },
    { 0xE1, IDENT("http://ns.adobe.com/xmp/extension/\0"), .row = OSK_JPEG_XMP },
    { 0xE1, IDENT("<?xpacket"), .row = OSK_JPEG_XMP },
    { 0xE1, IDENT("FLIR\0"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE, .field = "jpeg.flir",
      .label = "measurements of a heat camera" },
    { 0xE1, IDENT("QVCI"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE, .field = "jpeg.casio",
      .label = "notes of a Casio camera" },
    { 0xE2, IDENT("ICC_PROFILE\0"), .row = OSK_JPEG_ICC },
    { 0xE2, IDENT("MPF\0"), .row = OSK_JPEG_MPF, .kind = OSK_KIND_PREVIEW, .field = "jpeg.mpf",
      .label = "a list of further pictures in the file" },
    { 0xE2, IDENT("FPXR\0"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE, .field = "jpeg.flashpix",
      .label = "notes of the camera (FlashPix)" },
    { 0xE2, IDENT("urn:iso:std:iso:ts:21496:"), .row = OSK_JPEG_APP, .kind = OSK_KIND_PREVIEW,
      .field = "jpeg.gainmap", .label = "a second picture for bright screens (gain map)" },
    { 0xE3, IDENT("Meta\0"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE, .field = "jpeg.kodak",
      .label = "notes of a Kodak camera" },
    { 0xE3, IDENT("_JPSJPS_"), .row = OSK_JPEG_APP, .kind = OSK_KIND_OTHER, .field = "jpeg.stereo",
      .label = "how two views stand side by side" },
    { 0xE5, IDENT("RMETA"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE, .field = "jpeg.ricoh",
      .label = "notes of a Ricoh camera" },
    { 0xE5, IDENT("ssuniqueid\0"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE,
      .field = "jpeg.samsung.id", .label = "a unique number of a Samsung phone" },
    { 0xE6, IDENT("GoPro\0"), .row = OSK_JPEG_APP, .kind = OSK_KIND_PLACE, .field = "jpeg.gopro",
      .label = "places and serial numbers of a GoPro camera" },
    { 0xE6, IDENT("DTAT\0"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE, .field = "jpeg.dji",
      .label = "measurements of a drone" },
    { 0xE7, IDENT("Qualcomm"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE,
      .field = "jpeg.qualcomm", .label = "notes of a phone's camera chip" },
    { 0xE8, IDENT("SPIFF\0"), .row = OSK_JPEG_APP, .kind = OSK_KIND_SOFTWARE, .field = "jpeg.spiff",
      .label = "a SPIFF header" },
    { 0xEB, IDENT("JP"), .row = OSK_JPEG_JUMBF },
    { 0xEB, IDENT("HDR_RI"), .row = OSK_JPEG_APP, .kind = OSK_KIND_PREVIEW, .field = "jpeg.hdr",
      .label = "a second picture for bright screens" },
    { 0xEC, IDENT("Ducky"), .row = OSK_JPEG_APP, .kind = OSK_KIND_NAME, .field = "jpeg.ducky",
      .label = "settings and comments of Adobe's web export" },
    { 0xEC, IDENT("[picture info]"), .row = OSK_JPEG_APP, .kind = OSK_KIND_DEVICE,
      .field = "jpeg.picture_info", .label = "notes of the camera" },
    { 0xED, IDENT("Photoshop 3.0\0"), .row = OSK_JPEG_PHOTOSHOP },
    { 0xED, IDENT("Adobe_Photoshop2.5:"), .row = OSK_JPEG_PHOTOSHOP },
    { 0xED, IDENT("Adobe_CM"), .row = OSK_JPEG_APP, .kind = OSK_KIND_SOFTWARE,
      .field = "jpeg.adobe_cm", .label = "colour settings of a program" },
    { 0xEE, IDENT("Adobe"), .row = OSK_JPEG_ADOBE },
};

static const AppRule *find_rule(uint8_t marker, const OskCursor *payload)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].marker == marker && osk_cursor_starts(payload, rules[i].ident, rules[i].len)) {
            return &rules[i];
        }
    }
    return NULL;
}

static OskFact fact_of(OskKind kind, OskJpegRow row, const char *field, const char *label,
                       OskCursor payload)
{
    return (OskFact){ .kind = kind,
                      .part = osk_jpeg_row_name(row),
                      .field = field,
                      .label = label,
                      .offset = osk_cursor_offset(&payload) - 4,
                      .len = osk_cursor_left(&payload) + 4 };
}

static OskStatus add_piece(OskJpegStream *stream, OskJpegRow row, OskVerdict verdict,
                           OskCursor payload)
{
    return osk_jpeg_piece_add(stream, (OskJpegPiece){ .offset = osk_cursor_offset(&payload) - 4,
                                                      .len = osk_cursor_left(&payload) + 4,
                                                      .row = row,
                                                      .verdict = verdict });
}

/* Keeps the segment where it is `bytes` already, else replaces it. */
static OskStatus settle(OskJpegStream *stream, size_t piece, OskCursor payload,
                        const uint8_t *bytes, size_t len)
{
    stream->pieces[piece].verdict = OSK_KEEP;
    if (osk_cursor_left(&payload) + 4 == len &&
        memcmp(osk_cursor_rest(&payload), bytes + 4, len - 4) == 0) {
        return OSK_OK;
    }
    return osk_jpeg_piece_rewrite(stream, piece, bytes, len);
}

/* JFIF 1.02, section "JFIF APP0 marker segment": density stays, the thumbnail and all behind it
 * goes. */
static OskStatus take_jfif(OskJpegStream *stream, OskCursor payload)
{
    OskJpegState *state = stream->state;
    OskReport *report = stream->walk->report;
    const uint8_t *in = osk_cursor_rest(&payload);
    size_t len = osk_cursor_left(&payload);
    OskStatus status = add_piece(stream, OSK_JPEG_JFIF, OSK_DROP, payload);
    /* Readers ignore a short one, and one behind the first says nothing new. */
    bool kept = len >= JFIF_LEN && !state->has_jfif && state->scans == 0;
    size_t thumbnail = len >= JFIF_LEN ? (size_t)in[12] * in[13] * 3 : 0;
    if (thumbnail > 0) {
        osk_report_add(report,
                       fact_of(OSK_KIND_PREVIEW, OSK_JPEG_JFIF, "jpeg.jfif.thumbnail",
                               "a small copy of the picture", payload),
                       NULL);
    }
    if (len > JFIF_LEN + thumbnail || (len > 0 && !kept)) {
        osk_report_add(report,
                       fact_of(OSK_KIND_OTHER, OSK_JPEG_JFIF, "jpeg.jfif.extra",
                               "bytes hidden in a JFIF header", payload),
                       NULL);
    }
    if (status != OSK_OK || !kept) {
        return status;
    }
    state->has_jfif = true;
    uint8_t bytes[4 + JFIF_LEN] = { 0xFF, 0xE0, 0, JFIF_LEN + 2 };
    memcpy(bytes + 4, in, JFIF_LEN);
    bytes[9] = 1;
    bytes[10] = in[5] == 1 && in[6] <= 2 ? in[6] : 2;
    bytes[11] = in[7] <= 2 ? in[7] : 0;
    bytes[16] = 0;
    bytes[17] = 0;
    return settle(stream, stream->count - 1, payload, bytes, sizeof(bytes));
}

/* Only the transform flag tells a reader anything (Adobe Technical Note 5116, section 18). The last
 * one before the first scan counts. */
static OskStatus take_adobe(OskJpegStream *stream, OskCursor payload)
{
    OskJpegState *state = stream->state;
    const uint8_t *in = osk_cursor_rest(&payload);
    OskStatus status = add_piece(stream, OSK_JPEG_ADOBE, OSK_DROP, payload);
    bool kept = osk_cursor_left(&payload) >= ADOBE_LEN && state->scans == 0;
    uint8_t bytes[4 + ADOBE_LEN] = {
        0xFF, 0xEE, 0, ADOBE_LEN + 2, 'A', 'd', 'o', 'b', 'e', 0, 100
    };
    if (kept) {
        /* Readers take any other value as they take 2. */
        bytes[15] = in[11] <= 2 ? in[11] : 2;
    }
    if (!kept || osk_cursor_left(&payload) != ADOBE_LEN || memcmp(in, bytes + 4, ADOBE_LEN) != 0) {
        osk_report_add(stream->walk->report,
                       fact_of(OSK_KIND_SOFTWARE, OSK_JPEG_ADOBE, "jpeg.adobe",
                               "settings of the program that wrote the file", payload),
                       NULL);
    }
    if (status != OSK_OK || !kept) {
        return status;
    }
    if (state->has_adobe) {
        stream->pieces[state->adobe_piece].verdict = OSK_DROP;
    }
    state->has_adobe = true;
    state->adobe_piece = stream->count - 1;
    return settle(stream, stream->count - 1, payload, bytes, sizeof(bytes));
}

static OskStatus take_exif(OskJpegStream *stream, OskCursor payload)
{
    OskJpegState *state = stream->state;
    OskCursor tiff = payload;
    osk_cursor_skip(&tiff, 6);
    unsigned orientation = osk_exif_orientation(tiff);
    bool minimal = osk_cursor_left(&payload) > 6 && osk_exif_is_minimal(tiff);
    osk_exif_inspect(tiff, osk_jpeg_row_name(OSK_JPEG_EXIF), stream->walk->report,
                     stream->walk->budget);
    OskStatus status = add_piece(stream, OSK_JPEG_EXIF, OSK_DROP, payload);
    bool counts = stream->mode == OSK_JPEG_FILE && state->scans == 0 && !state->has_exif;
    if (!counts || (minimal && orientation == 1) || osk_cursor_left(&payload) < 14) {
        osk_report_add(stream->walk->report,
                       fact_of(OSK_KIND_OTHER, OSK_JPEG_EXIF, "jpeg.exif.extra",
                               "an Exif block that nobody needs", payload),
                       NULL);
    }
    if (status != OSK_OK || !counts) {
        return status;
    }
    state->has_exif = true;
    if (orientation == 1) {
        return OSK_OK;
    }
    OskWriter writer;
    osk_writer_init(&writer, 64);
    osk_writer_be(&writer, 0xFFE1, 2);
    OskWriterMark mark = osk_writer_open(&writer, 2, true);
    osk_writer_bytes(&writer, "Exif\0", 6);
    bool written = osk_exif_write_orientation(&writer, orientation);
    osk_writer_close(&writer, mark);
    status = written && osk_writer_ok(&writer)
                 ? osk_jpeg_piece_rewrite(stream, stream->count - 1, writer.bytes, writer.len)
                 : osk_jpeg_no_memory(stream, OSK_JPEG_EXIF, osk_cursor_offset(&payload));
    osk_writer_free(&writer);
    return status;
}

/* Puts a chunk into its place in a list ordered by group and number; equal ones keep the file's
 * order. */
static OskStatus add_chunk(OskJpegStream *stream, OskJpegChunk **list, OskJpegChunk chunk)
{
    OskJpegChunk *copy = osk_arena_alloc(stream->walk->arena, sizeof(*copy));
    if (copy == NULL) {
        return osk_jpeg_no_memory(stream, OSK_JPEG_APP, osk_cursor_offset(&chunk.bytes));
    }
    while (*list != NULL && ((*list)->group < chunk.group ||
                             ((*list)->group == chunk.group && (*list)->order <= chunk.order))) {
        if (!osk_walk_spend(stream->walk, 1, osk_jpeg_row_name(OSK_JPEG_APP),
                            osk_cursor_offset(&chunk.bytes))) {
            return OSK_LIMIT;
        }
        list = &(*list)->next;
    }
    *copy = chunk;
    copy->next = *list;
    *list = copy;
    return OSK_OK;
}

/* ICC.1:2022 annex B.4: all chunks count, whatever segments stand between them. */
static OskStatus take_icc(OskJpegStream *stream, OskCursor payload)
{
    OskStatus status = add_piece(stream, OSK_JPEG_ICC, OSK_DROP, payload);
    if (status != OSK_OK) {
        return status;
    }
    bool counts = stream->mode == OSK_JPEG_FILE && stream->state->scans == 0 &&
                  osk_cursor_left(&payload) > ICC_HEAD;
    if (!counts) {
        osk_report_add(stream->walk->report,
                       fact_of(OSK_KIND_OTHER, OSK_JPEG_ICC, "jpeg.icc.extra",
                               "a piece of a colour profile that nobody reads", payload),
                       NULL);
        return OSK_OK;
    }
    osk_cursor_skip(&payload, ICC_HEAD - 2);
    uint8_t number = osk_cursor_u8(&payload);
    uint8_t count = osk_cursor_u8(&payload);
    return add_chunk(
        stream, &stream->state->icc,
        (OskJpegChunk){
            .order = number, .group = count, .piece = stream->count - 1, .bytes = payload });
}

/* XMP specification part 3, 1.1.3.1: packets larger than a segment go on in numbered extensions. */
static OskStatus take_xmp(OskJpegStream *stream, OskCursor payload)
{
    static const char extension[] = "http://ns.adobe.com/xmp/extension/";
    static const char packet[] = "http://ns.adobe.com/xap/1.0/";
    OskStatus status = add_piece(stream, OSK_JPEG_XMP, OSK_DROP, payload);
    if (status != OSK_OK) {
        return status;
    }
    if (!osk_cursor_starts(&payload, extension, sizeof(extension))) {
        if (osk_cursor_starts(&payload, packet, sizeof(packet))) {
            osk_cursor_skip(&payload, sizeof(packet));
        }
        osk_xmp_inspect(payload, osk_jpeg_row_name(OSK_JPEG_XMP), stream->walk->report);
        return OSK_OK;
    }
    OskCursor in = payload;
    osk_cursor_skip(&in, sizeof(extension));
    const uint8_t *guid = osk_cursor_bytes(&in, XMP_GUID);
    osk_cursor_skip(&in, 4);
    uint32_t offset = osk_cursor_u32be(&in);
    if (!osk_cursor_ok(&in)) {
        osk_report_add(stream->walk->report,
                       fact_of(OSK_KIND_OTHER, OSK_JPEG_XMP, "jpeg.xmp.extension",
                               "a broken piece of an XMP packet", payload),
                       NULL);
        return OSK_OK;
    }
    uint32_t hash = 0;
    for (unsigned i = 0; i < XMP_GUID; i++) {
        hash = hash * 31 + guid[i];
    }
    return add_chunk(stream, &stream->state->xmp,
                     (OskJpegChunk){ .order = offset, .group = hash, .bytes = in });
}

static OskStatus take_jumbf(OskJpegStream *stream, OskCursor payload)
{
    OskStatus status = add_piece(stream, OSK_JPEG_JUMBF, OSK_DROP, payload);
    OskCursor in = payload;
    osk_cursor_skip(&in, 2);
    uint32_t box = osk_cursor_u16be(&in);
    uint32_t number = osk_cursor_u32be(&in);
    if (status != OSK_OK || !osk_cursor_ok(&in)) {
        osk_report_add(stream->walk->report,
                       fact_of(OSK_KIND_OTHER, OSK_JPEG_JUMBF, "jpeg.jumbf",
                               "a broken piece of Content Credentials", payload),
                       NULL);
        return status;
    }
    return add_chunk(stream, &stream->state->jumbf,
                     (OskJpegChunk){ .order = number, .group = box, .bytes = in });
}

static OskStatus take_comment(OskJpegStream *stream, OskCursor payload)
{
    OskFact fact = fact_of(OSK_KIND_NAME, OSK_JPEG_COM, "jpeg.comment", "a comment", payload);
    osk_report_add_untrusted(stream->walk->report, fact, osk_cursor_rest(&payload),
                             osk_cursor_left(&payload), OSK_UTF8);
    return add_piece(stream, OSK_JPEG_COM, OSK_DROP, payload);
}

/* The beginning of an unknown segment, as far as it is a word. */
static size_t ident_len(const OskCursor *payload)
{
    const uint8_t *in = osk_cursor_rest(payload);
    size_t len = 0;
    while (len < osk_cursor_left(payload) && len < 32 && in[len] >= 0x20 && in[len] < 0x7F) {
        len++;
    }
    return len >= 3 ? len : 0;
}

static OskStatus take_other(OskJpegStream *stream, const AppRule *rule, OskCursor payload)
{
    OskFact fact = rule != NULL ? fact_of((OskKind)rule->kind, (OskJpegRow)rule->row, rule->field,
                                          rule->label, payload)
                                : fact_of(OSK_KIND_OTHER, OSK_JPEG_APP, "jpeg.app",
                                          "data of a program or camera", payload);
    osk_report_add_untrusted(stream->walk->report, fact, osk_cursor_rest(&payload),
                             ident_len(&payload), OSK_LATIN1);
    return add_piece(stream, rule != NULL ? (OskJpegRow)rule->row : OSK_JPEG_APP, OSK_DROP,
                     payload);
}

OskStatus osk_jpeg_take_app(OskJpegStream *stream, uint8_t marker, OskCursor payload)
{
    if (marker == 0xFE) {
        return take_comment(stream, payload);
    }
    const AppRule *rule = find_rule(marker, &payload);
    switch (rule != NULL ? (OskJpegRow)rule->row : OSK_JPEG_APP) {
    case OSK_JPEG_JFIF: return take_jfif(stream, payload);
    case OSK_JPEG_ADOBE: return take_adobe(stream, payload);
    case OSK_JPEG_EXIF: return take_exif(stream, payload);
    case OSK_JPEG_ICC: return take_icc(stream, payload);
    case OSK_JPEG_XMP: return take_xmp(stream, payload);
    case OSK_JPEG_JUMBF: return take_jumbf(stream, payload);
    case OSK_JPEG_PHOTOSHOP:
        osk_photoshop_inspect(payload, osk_jpeg_row_name(OSK_JPEG_PHOTOSHOP), stream->walk->report,
                              stream->walk->budget);
        return add_piece(stream, OSK_JPEG_PHOTOSHOP, OSK_DROP, payload);
    default: return take_other(stream, rule, payload);
    }
}

/* Joins the chunks of one group, from `list` on; `*list` moves to the next group. Bytes of second
 * and later JUMBF chunks repeat the box header, 8 or 16 bytes of it. */
static OskStatus join(OskJpegStream *stream, const OskJpegChunk **list, bool jumbf, OskCursor *out)
{
    const OskJpegChunk *first = *list;
    size_t total = 0;
    for (const OskJpegChunk *c = first; c != NULL && c->group == first->group; c = c->next) {
        total += osk_cursor_left(&c->bytes);
    }
    uint8_t *bytes = osk_arena_alloc(stream->walk->arena, total);
    if (bytes == NULL) {
        return osk_jpeg_no_memory(stream, OSK_JPEG_APP, osk_cursor_offset(&first->bytes));
    }
    size_t at = 0;
    const OskJpegChunk *c = first;
    for (; c != NULL && c->group == first->group; c = c->next) {
        OskCursor in = c->bytes;
        if (jumbf && c != first) {
            osk_cursor_skip(&in, osk_cursor_starts(&in, "\0\0\0\1", 4) ? 16 : JUMBF_HEAD);
        }
        if (osk_cursor_more(&in)) {
            memcpy(bytes + at, osk_cursor_rest(&in), osk_cursor_left(&in));
            at += osk_cursor_left(&in);
        }
    }
    *list = c;
    *out = osk_cursor_make(bytes, at, osk_cursor_offset(&first->bytes));
    return OSK_OK;
}

/* True when the chunks are numbered 1 to count, each once. */
static bool is_whole(const OskJpegChunk *list)
{
    uint64_t number = 1;
    for (const OskJpegChunk *c = list; c != NULL; c = c->next, number++) {
        if (c->order != number || c->group != list->group) {
            return false;
        }
    }
    return list != NULL && number == list->group + UINT64_C(1);
}

/* The profile in as few segments as it needs, in the place of its first one. */
static OskStatus write_icc(OskJpegStream *stream, const uint8_t *profile, size_t len)
{
    size_t count = (len + ICC_CHUNK - 1) / ICC_CHUNK;
    size_t piece = stream->state->icc->piece;
    for (const OskJpegChunk *c = stream->state->icc; c != NULL; c = c->next) {
        piece = c->piece < piece ? c->piece : piece;
    }
    OskWriter writer;
    osk_writer_init(&writer, len + count * (ICC_HEAD + 4));
    for (size_t i = 0; i < count; i++) {
        size_t at = i * ICC_CHUNK;
        osk_writer_be(&writer, 0xFFE2, 2);
        OskWriterMark mark = osk_writer_open(&writer, 2, true);
        osk_writer_bytes(&writer, "ICC_PROFILE", 12);
        osk_writer_u8(&writer, (uint8_t)(i + 1));
        osk_writer_u8(&writer, (uint8_t)count);
        osk_writer_bytes(&writer, profile + at, len - at < ICC_CHUNK ? len - at : ICC_CHUNK);
        osk_writer_close(&writer, mark);
    }
    OskStatus status = osk_writer_ok(&writer) && count <= 255
                           ? osk_jpeg_piece_rewrite(stream, piece, writer.bytes, writer.len)
                           : osk_jpeg_no_memory(stream, OSK_JPEG_ICC, stream->pieces[piece].offset);
    osk_writer_free(&writer);
    return status;
}

static OskStatus finish_icc(OskJpegStream *stream)
{
    OskWalk *walk = stream->walk;
    const OskJpegChunk *list = stream->state->icc;
    OskCursor profile;
    if (list == NULL) {
        return OSK_OK;
    }
    bool whole = is_whole(list);
    OskStatus status = join(stream, &list, false, &profile);
    if (status != OSK_OK) {
        return status;
    }
    if (!whole) {
        osk_report_add(walk->report,
                       fact_of(OSK_KIND_OTHER, OSK_JPEG_ICC, "jpeg.icc.extra",
                               "a colour profile with missing or doubled pieces", profile),
                       NULL);
    }
    const char *name = osk_jpeg_row_name(OSK_JPEG_ICC);
    if (!whole) {
        osk_icc_inspect(profile, name, walk->report, walk->budget, false);
        return OSK_OK;
    }
    osk_walk_inspect_profile(walk, profile, name);
    OskWriter writer;
    osk_writer_init(&writer, osk_cursor_left(&profile) * 4 + 8192);
    status = osk_walk_take_profile(walk, profile, name, &writer);
    if (status == OSK_OK && writer.len > 0) {
        status = write_icc(stream, writer.bytes, writer.len);
    }
    osk_writer_free(&writer);
    return status;
}

OskStatus osk_jpeg_finish_app(OskJpegStream *stream)
{
    OskWalk *walk = stream->walk;
    const OskJpegState *state = stream->state;
    OskStatus status = finish_icc(stream);
    OskCursor joined;
    for (const OskJpegChunk *c = state->jumbf; status == OSK_OK && c != NULL;) {
        status = join(stream, &c, true, &joined);
        if (status == OSK_OK) {
            osk_c2pa_inspect(joined, osk_jpeg_row_name(OSK_JPEG_JUMBF), walk->report, walk->budget);
        }
    }
    for (const OskJpegChunk *c = state->xmp; status == OSK_OK && c != NULL;) {
        status = join(stream, &c, false, &joined);
        if (status == OSK_OK) {
            osk_xmp_inspect(joined, osk_jpeg_row_name(OSK_JPEG_XMP), walk->report);
        }
    }
    return status;
}
