/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/jpeg_stream.h"

#include "formats/jpeg_state.h"

OskStatus osk_jpeg_no_memory(OskJpegStream *stream, OskJpegRow row, uint64_t offset)
{
    return osk_walk_no_memory(stream->walk, osk_jpeg_row_name(row), offset);
}

OskStatus osk_jpeg_piece_add(OskJpegStream *stream, OskJpegPiece piece)
{
    OskJpegState *state = stream->state;
    if (!osk_walk_spend(stream->walk, 1, osk_jpeg_row_name(piece.row), piece.offset)) {
        return OSK_LIMIT;
    }
    if (stream->count == state->capacity) {
        size_t capacity = state->capacity == 0 ? 32 : state->capacity * 2;
        OskJpegPiece *pieces = osk_arena_array(stream->walk->arena, capacity, sizeof(*pieces));
        if (pieces == NULL) {
            return osk_jpeg_no_memory(stream, piece.row, piece.offset);
        }
        if (stream->count > 0) {
            memcpy(pieces, stream->pieces, stream->count * sizeof(*pieces));
        }
        stream->pieces = pieces;
        state->capacity = capacity;
    }
    stream->pieces[stream->count++] = piece;
    return OSK_OK;
}

OskStatus osk_jpeg_piece_rewrite(OskJpegStream *stream, size_t index, const uint8_t *bytes,
                                 size_t len)
{
    OskJpegPiece *piece = &stream->pieces[index];
    uint8_t *copy = osk_arena_alloc(stream->walk->arena, len);
    if (copy == NULL) {
        return osk_jpeg_no_memory(stream, piece->row, piece->offset);
    }
    memcpy(copy, bytes, len);
    piece->verdict = OSK_REWRITE;
    piece->literal = copy;
    piece->out_len = len;
    return OSK_OK;
}

static OskStatus fail(OskJpegStream *stream, OskStatus status, OskJpegRow row, const char *what,
                      uint64_t offset)
{
    return osk_walk_fail(stream->walk, status, osk_jpeg_row_name(row), what, offset);
}

static OskStatus add_plain(OskJpegStream *stream, OskJpegRow row, OskVerdict verdict,
                           uint64_t offset, uint64_t len)
{
    if (len == 0) {
        return OSK_OK;
    }
    return osk_jpeg_piece_add(
        stream, (OskJpegPiece){ .offset = offset, .len = len, .row = row, .verdict = verdict });
}

/* Where a marker begins (its 0xFF), or the end: readers look for 0xFF and a byte that is neither 0
 * nor 0xFF, and step over all else. */
static size_t find_marker(const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (at < len) {
        const uint8_t *found = memchr(bytes + at, 0xFF, len - at);
        if (found == NULL) {
            return len;
        }
        at = (size_t)(found - bytes);
        if (len - at < 2) {
            return len;
        }
        if (found[1] != 0 && found[1] != 0xFF) {
            return at;
        }
        at += found[1] == 0 ? 2 : 1;
    }
    return len;
}

/* Drops what stands before the next marker. Fill bytes are legal (T.81 B.1.1.2) and say nothing. */
static OskStatus skip_to_marker(OskJpegStream *stream, bool after_scan)
{
    size_t len = find_marker(osk_cursor_rest(&stream->in), osk_cursor_left(&stream->in));
    uint64_t offset = osk_cursor_offset(&stream->in);
    const uint8_t *bytes = osk_cursor_bytes(&stream->in, len);
    bool fill = true;
    for (size_t i = 0; i < len && fill; i++) {
        fill = bytes[i] == 0xFF;
    }
    OskJpegRow row = fill ? OSK_JPEG_FILL : after_scan ? OSK_JPEG_SLACK : OSK_JPEG_BETWEEN;
    if (!fill) {
        osk_report_add(stream->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = osk_jpeg_row_name(row),
                                  .field = after_scan ? "jpeg.slack" : "jpeg.between",
                                  .label = after_scan
                                               ? "bytes hidden behind the coded picture"
                                               : "bytes hidden between the parts of the file",
                                  .offset = offset,
                                  .len = len },
                       NULL);
    }
    return add_plain(stream, row, OSK_DROP, offset, len);
}

/* What a marker without a rule means for the file. */
static OskStatus refuse(OskJpegStream *stream, uint8_t marker, uint64_t offset)
{
    const char *what = "a marker that no picture has";
    OskStatus status = OSK_UNSUPPORTED;
    if (marker == 0xD8) {
        status = OSK_MALFORMED;
        what = "a second picture begins inside the first";
    } else if (marker >= 0xC9 && marker <= 0xCF) {
        what = "arithmetic coding";
    } else if (marker == 0xC3) {
        what = "lossless coding";
    } else if ((marker >= 0xC5 && marker <= 0xC7) || marker == 0xDE || marker == 0xDF) {
        what = "hierarchical coding";
    } else if (marker == 0xF7) {
        what = "JPEG-LS coding";
    }
    return fail(stream, status, OSK_JPEG_REFUSED, what, offset);
}

/* A DNL segment is kept where the frame header leaves the height to it, behind the first scan. */
static OskStatus take_dnl(OskJpegStream *stream, OskCursor payload)
{
    bool kept =
        stream->state->lines_follow && stream->state->scans == 1 && osk_cursor_left(&payload) == 2;
    uint64_t offset = osk_cursor_offset(&payload) - 4;
    uint64_t len = osk_cursor_left(&payload) + 4;
    if (kept) {
        stream->state->lines_follow = false;
        return add_plain(stream, OSK_JPEG_DNL, OSK_KEEP, offset, len);
    }
    osk_report_add(stream->walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = osk_jpeg_row_name(OSK_JPEG_DNL),
                              .field = "jpeg.dnl",
                              .label = "a second height that nobody reads",
                              .offset = offset,
                              .len = len },
                   NULL);
    return add_plain(stream, OSK_JPEG_DNL, OSK_DROP, offset, len);
}

static OskStatus take_dac(OskJpegStream *stream, OskCursor payload)
{
    uint64_t offset = osk_cursor_offset(&payload) - 4;
    uint64_t len = osk_cursor_left(&payload) + 4;
    osk_report_add(stream->walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = osk_jpeg_row_name(OSK_JPEG_DAC),
                              .field = "jpeg.dac",
                              .label = "settings of a coding that the picture doesn't use",
                              .offset = offset,
                              .len = len },
                   NULL);
    return add_plain(stream, OSK_JPEG_DAC, OSK_DROP, offset, len);
}

/* A segment with a length. */
static OskStatus take_segment(OskJpegStream *stream, uint8_t marker, uint64_t offset,
                              bool *after_scan)
{
    uint16_t len = osk_cursor_u16be(&stream->in);
    if (osk_cursor_ok(&stream->in) && len < 2) {
        /* Readers step over segments that they skip anyway, even when their length can't be. */
        if (marker != 0xFE && (marker < 0xE0 || marker > 0xEF)) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_REFUSED,
                        "a segment shorter than its length", offset);
        }
        len = 2;
    }
    OskCursor payload = osk_cursor_take(&stream->in, len - 2u);
    if (!osk_cursor_ok(&stream->in)) {
        return fail(stream, OSK_TRUNCATED, OSK_JPEG_REFUSED, "a segment that ends early", offset);
    }
    switch (marker) {
    case 0xC0:
    case 0xC1:
    case 0xC2: return osk_jpeg_take_sof(stream, marker, payload);
    case 0xC4: return osk_jpeg_take_dht(stream, payload);
    case 0xCC: return take_dac(stream, payload);
    case 0xDB: return osk_jpeg_take_dqt(stream, payload);
    case 0xDC: return take_dnl(stream, payload);
    case 0xDD: return osk_jpeg_take_dri(stream, payload);
    case 0xDA: {
        uint64_t end = 0;
        OskStatus status = osk_jpeg_take_sos(stream, payload, stream->in, &end);
        if (status == OSK_OK) {
            osk_cursor_skip(&stream->in, end - osk_cursor_offset(&stream->in));
            *after_scan = true;
        }
        return status;
    }
    default: return osk_jpeg_take_app(stream, marker, payload);
    }
}

static bool has_rule(uint8_t marker)
{
    return (marker >= 0xC0 && marker <= 0xC2) || marker == 0xC4 || marker == 0xCC ||
           (marker >= 0xDA && marker <= 0xDD) || (marker >= 0xE0 && marker <= 0xEF) ||
           marker == 0xFE;
}

/* EOI, and what follows it. */
static OskStatus take_end(OskJpegStream *stream, uint64_t offset)
{
    stream->state->ended = true;
    OskStatus status = add_plain(stream, OSK_JPEG_EOI, OSK_KEEP, offset, 2);
    if (status == OSK_OK && osk_cursor_more(&stream->in)) {
        uint64_t at = osk_cursor_offset(&stream->in);
        uint64_t len = osk_cursor_left(&stream->in);
        osk_jpeg_inspect_trailer(stream->walk, stream->in);
        osk_cursor_skip(&stream->in, len);
        status = add_plain(stream, OSK_JPEG_TRAILER, OSK_DROP, at, len);
    }
    return status;
}

/* One marker and what belongs to it. */
static OskStatus take_marker(OskJpegStream *stream, bool *after_scan)
{
    uint64_t offset = osk_cursor_offset(&stream->in);
    osk_cursor_skip(&stream->in, 1);
    uint8_t marker = osk_cursor_u8(&stream->in);
    if (marker == 0xD9) {
        return take_end(stream, offset);
    }
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
        /* Markers of arithmetic coding and restarts behind the last interval: readers ignore them.
         */
        return add_plain(stream, OSK_JPEG_FILL, OSK_DROP, offset, 2);
    }
    *after_scan = false;
    return has_rule(marker) ? take_segment(stream, marker, offset, after_scan)
                            : refuse(stream, marker, offset);
}

/* A file whose last scan is whole needs only its end marker: readers show it without a word. */
static OskStatus add_missing_end(OskJpegStream *stream)
{
    static const uint8_t eoi[2] = { 0xFF, 0xD9 };
    uint64_t offset = osk_cursor_offset(&stream->in);
    if (stream->mode == OSK_JPEG_FILE && stream->state->scans == 0) {
        return fail(stream, OSK_TRUNCATED, OSK_JPEG_EOI, "the file ends before the picture",
                    offset);
    }
    return osk_jpeg_piece_add(stream, (OskJpegPiece){ .offset = offset,
                                                      .row = OSK_JPEG_EOI,
                                                      .literal = eoi,
                                                      .out_len = sizeof(eoi),
                                                      .verdict = OSK_REWRITE });
}

static OskStatus walk_markers(OskJpegStream *stream)
{
    uint64_t offset = osk_cursor_offset(&stream->in);
    if (!osk_cursor_starts(&stream->in, "\xFF\xD8", 2)) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOI, "not the beginning of a JPEG stream",
                    offset);
    }
    osk_cursor_skip(&stream->in, 2);
    OskStatus status = add_plain(stream, OSK_JPEG_SOI, OSK_KEEP, offset, 2);
    bool after_scan = false;
    while (status == OSK_OK && !stream->state->ended && osk_cursor_more(&stream->in)) {
        status = skip_to_marker(stream, after_scan);
        if (status == OSK_OK && osk_cursor_more(&stream->in)) {
            status = take_marker(stream, &after_scan);
        }
    }
    if (status == OSK_OK && !stream->state->ended) {
        status = add_missing_end(stream);
    }
    if (status == OSK_OK && stream->mode != OSK_JPEG_TABLES_ONLY && stream->state->scans == 0) {
        status = fail(stream, OSK_MALFORMED, OSK_JPEG_SOS, "there is no picture in it",
                      osk_cursor_offset(&stream->in));
    }
    return status;
}

OskStatus osk_jpeg_stream_walk(OskJpegStream *stream)
{
    uint64_t offset = osk_cursor_offset(&stream->in);
    stream->pieces = NULL;
    stream->count = 0;
    stream->state = osk_arena_alloc(stream->walk->arena, sizeof(*stream->state));
    if (stream->state == NULL) {
        return osk_jpeg_no_memory(stream, OSK_JPEG_SOI, offset);
    }
    if (stream->tables != NULL && stream->tables->state != NULL) {
        const OskJpegState *shared = stream->tables->state;
        memcpy(stream->state->quant, shared->quant, sizeof(shared->quant));
        memcpy(stream->state->dc, shared->dc, sizeof(shared->dc));
        memcpy(stream->state->ac, shared->ac, sizeof(shared->ac));
    }
    OskStatus status = walk_markers(stream);
    osk_jpeg_free_histories(stream);
    OskStatus app = osk_jpeg_finish_app(stream);
    return status != OSK_OK ? status : app;
}

OskStatus osk_jpeg_stream_finish(OskJpegStream *stream)
{
    OskStatus status = osk_jpeg_finish_tables(stream);
    stream->out_len = 0;
    for (size_t i = 0; i < stream->count; i++) {
        const OskJpegPiece *piece = &stream->pieces[i];
        stream->out_len += piece->verdict == OSK_KEEP      ? piece->len
                           : piece->verdict == OSK_REWRITE ? piece->out_len
                                                           : 0;
    }
    return status;
}
