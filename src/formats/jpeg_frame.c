/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The segments that define the picture: tables, frame header, scan headers. Each is read exactly as
 * T.81 annex B lays it out; tables that no scan uses, and bytes behind the last field, go. */
#include <stdlib.h>

#include "formats/jpeg_state.h"

#define QUANT_VALUES 64u
#define SOF_FIXED 6u

static OskStatus fail(OskJpegStream *stream, OskStatus status, OskJpegRow row, const char *what,
                      const OskCursor *at)
{
    return osk_walk_fail(stream->walk, status, osk_jpeg_row_name(row), what, osk_cursor_offset(at));
}

/* Adds the piece of a segment whose fate osk_jpeg_finish_tables() decides. */
static OskStatus add_segment(OskJpegStream *stream, OskJpegRow row, uint8_t marker,
                             OskCursor payload, OskJpegSegment **out)
{
    OskJpegState *state = stream->state;
    OskJpegSegment *segment = osk_arena_alloc(stream->walk->arena, sizeof(*segment));
    if (segment == NULL) {
        return osk_jpeg_no_memory(stream, row, osk_cursor_offset(&payload));
    }
    *segment = (OskJpegSegment){ .piece = stream->count, .payload = payload, .marker = marker };
    if (state->last_segment != NULL) {
        state->last_segment->next = segment;
    } else {
        state->first_segment = segment;
    }
    state->last_segment = segment;
    *out = segment;
    return osk_jpeg_piece_add(stream, (OskJpegPiece){ .offset = osk_cursor_offset(&payload) - 4,
                                                      .len = osk_cursor_left(&payload) + 4,
                                                      .row = row,
                                                      .verdict = OSK_KEEP });
}

static OskStatus add_table(OskJpegStream *stream, OskJpegSegment *segment, OskJpegRow row,
                           OskJpegTable ***tail, OskJpegTable **out)
{
    OskJpegTable *table = osk_arena_alloc(stream->walk->arena, sizeof(*table));
    if (table == NULL) {
        return osk_jpeg_no_memory(stream, row, osk_cursor_offset(&segment->payload));
    }
    **tail = table;
    *tail = &table->next;
    *out = table;
    return OSK_OK;
}

/* T.81 B.2.4.1. A table that ends early breaks the segment; what follows a whole table is another
 * one, or bytes that no reader looks at when too few are left for one. */
OskStatus osk_jpeg_take_dqt(OskJpegStream *stream, OskCursor payload)
{
    OskJpegSegment *segment = NULL;
    OskStatus status = add_segment(stream, OSK_JPEG_DQT, 0xDB, payload, &segment);
    OskJpegTable **tail = segment != NULL ? &segment->tables : NULL;
    while (status == OSK_OK && osk_cursor_more(&payload)) {
        uint64_t offset = osk_cursor_offset(&payload);
        uint8_t head = osk_cursor_u8(&payload);
        unsigned width = head >> 4;
        unsigned slot = head & 15;
        if (width > 1 || slot >= OSK_JPEG_SLOTS) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_DQT, "a table number that does not exist",
                        &payload);
        }
        size_t len = QUANT_VALUES * (width + 1);
        osk_cursor_skip(&payload, len);
        if (!osk_cursor_ok(&payload)) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_DQT, "a table that ends early", &payload);
        }
        OskJpegTable *table = NULL;
        status = add_table(stream, segment, OSK_JPEG_DQT, &tail, &table);
        if (status == OSK_OK) {
            table->offset = offset;
            table->len = len + 1;
            stream->state->quant[slot] = table;
        }
    }
    return status;
}

/* T.81 B.2.4.2. */
OskStatus osk_jpeg_take_dht(OskJpegStream *stream, OskCursor payload)
{
    OskJpegSegment *segment = NULL;
    OskStatus status = add_segment(stream, OSK_JPEG_DHT, 0xC4, payload, &segment);
    OskJpegTable **tail = segment != NULL ? &segment->tables : NULL;
    /* Fewer than 17 bytes are no table; readers stop there, and so the bytes go. */
    while (status == OSK_OK && osk_cursor_left(&payload) >= 17) {
        OskJpegTable *table = NULL;
        status = add_table(stream, segment, OSK_JPEG_DHT, &tail, &table);
        if (status != OSK_OK) {
            return status;
        }
        table->offset = osk_cursor_offset(&payload);
        uint8_t head = osk_cursor_u8(&payload);
        OskJpegHuffman *huffman = &table->huffman;
        for (unsigned i = 0; i < 16; i++) {
            huffman->counts[i] = osk_cursor_u8(&payload);
            huffman->symbol_count += huffman->counts[i];
        }
        if (head >> 4 > 1 || (head & 15) >= OSK_JPEG_SLOTS) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_DHT, "a table number that does not exist",
                        &payload);
        }
        if (huffman->symbol_count > 256 || huffman->symbol_count > osk_cursor_left(&payload)) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_DHT, "more codes than a table has",
                        &payload);
        }
        table->broken = !osk_jpeg_huffman_valid(huffman);
        for (unsigned i = 0; i < huffman->symbol_count; i++) {
            huffman->symbols[i] = osk_cursor_u8(&payload);
            table->broken |= head >> 4 == 0 && huffman->symbols[i] > 15;
        }
        table->len = (size_t)(osk_cursor_offset(&payload) - table->offset);
        (head >> 4 == 0 ? stream->state->dc : stream->state->ac)[head & 15] = table;
    }
    return status;
}

/* T.81 B.2.4.4. */
OskStatus osk_jpeg_take_dri(OskJpegStream *stream, OskCursor payload)
{
    if (osk_cursor_left(&payload) != 2) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_DRI, "a length that this segment can't have",
                    &payload);
    }
    OskJpegSegment *segment = NULL;
    OskStatus status = add_segment(stream, OSK_JPEG_DRI, 0xDD, payload, &segment);
    stream->state->restart_interval = osk_cursor_u16be(&payload);
    stream->state->restart = segment;
    return status;
}

static uint32_t divide_up(uint64_t a, uint64_t b)
{
    return (uint32_t)((a + b - 1) / b);
}

static void measure_components(OskJpegStream *stream)
{
    OskJpegState *state = stream->state;
    for (unsigned i = 0; i < stream->components; i++) {
        OskJpegComponent *c = &state->components[i];
        c->blocks_wide = divide_up((uint64_t)stream->width * c->h, 8u * state->h_max);
        c->blocks_high = divide_up((uint64_t)stream->height * c->v, 8u * state->v_max);
    }
}

/* T.81 B.2.2. */
OskStatus osk_jpeg_take_sof(OskJpegStream *stream, uint8_t marker, OskCursor payload)
{
    OskJpegState *state = stream->state;
    size_t len = osk_cursor_left(&payload);
    OskCursor in = payload;
    if (state->frame != 0) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOF, "a second frame header", &payload);
    }
    state->frame = marker;
    state->precision = osk_cursor_u8(&in);
    stream->height = osk_cursor_u16be(&in);
    stream->width = osk_cursor_u16be(&in);
    stream->components = osk_cursor_u8(&in);
    bool deep = state->precision == 12 && marker != 0xC0;
    if (!osk_cursor_ok(&in) || (state->precision != 8 && !deep) || stream->width == 0) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOF, "not a frame header", &payload);
    }
    if (stream->components == 0 || stream->components > OSK_JPEG_SCAN_PARTS) {
        return fail(stream, OSK_UNSUPPORTED, OSK_JPEG_SOF, "more than four colour components",
                    &payload);
    }
    for (unsigned i = 0; i < stream->components; i++) {
        OskJpegComponent *c = &state->components[i];
        c->id = osk_cursor_u8(&in);
        uint8_t sampling = osk_cursor_u8(&in);
        c->h = sampling >> 4;
        c->v = sampling & 15;
        c->quant = osk_cursor_u8(&in);
        if (!osk_cursor_ok(&in) || c->h < 1 || c->h > 4 || c->v < 1 || c->v > 4 ||
            c->quant >= OSK_JPEG_SLOTS) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_SOF, "not a component", &payload);
        }
        state->h_max = c->h > state->h_max ? c->h : state->h_max;
        state->v_max = c->v > state->v_max ? c->v : state->v_max;
    }
    measure_components(stream);
    state->lines_follow = stream->height == 0;
    state->sof_piece = stream->count;
    OskStatus status =
        osk_jpeg_piece_add(stream, (OskJpegPiece){ .offset = osk_cursor_offset(&payload) - 4,
                                                   .len = len + 4,
                                                   .row = OSK_JPEG_SOF,
                                                   .verdict = OSK_KEEP });
    /* Readers want the exact length, so a longer segment is refused rather than cut. */
    if (status == OSK_OK && osk_cursor_more(&in)) {
        status = fail(stream, OSK_MALFORMED, OSK_JPEG_SOF, "bytes behind the last component", &in);
    }
    if (status == OSK_OK &&
        !osk_budget_pixels(stream->walk->budget, (uint64_t)stream->width * stream->height)) {
        status = fail(stream, OSK_LIMIT, OSK_JPEG_SOF, "a larger picture than one job may have",
                      &payload);
    }
    return status;
}

/* A height of zero lets a DNL segment behind the first scan say it (T.81 B.2.5): looks ahead for
 * it. */
static OskStatus find_lines(OskJpegStream *stream, OskCursor data)
{
    const uint8_t *at = osk_cursor_rest(&data);
    const uint8_t *end = at + osk_cursor_left(&data);
    while (at < end && (at = memchr(at, 0xFF, (size_t)(end - at))) != NULL && end - at >= 6) {
        if (at[1] == 0 || at[1] == 0xFF || (at[1] >= 0xD0 && at[1] <= 0xD7)) {
            at += at[1] == 0xFF ? 1 : 2;
            continue;
        }
        stream->height =
            at[1] == 0xDC && at[2] == 0 && at[3] == 4 ? (uint32_t)(at[4] << 8 | at[5]) : 0;
        break;
    }
    if (stream->height == 0) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOF, "a picture of unknown height", &data);
    }
    if (!osk_budget_pixels(stream->walk->budget, (uint64_t)stream->width * stream->height)) {
        return fail(stream, OSK_LIMIT, OSK_JPEG_SOF, "a larger picture than one job may have",
                    &data);
    }
    measure_components(stream);
    return OSK_OK;
}

/* The table in a slot, or the one that readers assume where none was ever defined. */
static const OskJpegHuffman *use_huffman(OskJpegStream *stream, OskJpegTable **slots, unsigned slot)
{
    bool ac = slots == stream->state->ac;
    if (slot >= OSK_JPEG_SLOTS) {
        return NULL;
    }
    if (slots[slot] == NULL && slot <= 1) {
        OskJpegTable *table = osk_arena_alloc(stream->walk->arena, sizeof(*table));
        if (table == NULL) {
            return NULL;
        }
        osk_jpeg_huffman_standard(&table->huffman, ac, slot == 1);
        slots[slot] = table;
    }
    if (slots[slot] == NULL || slots[slot]->broken) {
        return NULL;
    }
    slots[slot]->used = true;
    return &slots[slot]->huffman;
}

static OskStatus add_history(OskJpegStream *stream, OskJpegComponent *c, const OskCursor *at)
{
    size_t blocks = (size_t)c->blocks_wide * c->blocks_high;
    if (c->history != NULL) {
        return OSK_OK;
    }
    if (!osk_budget_memory(stream->walk->budget, blocks * sizeof(uint64_t))) {
        return osk_jpeg_no_memory(stream, OSK_JPEG_SOS, osk_cursor_offset(at));
    }
    /* Not from the arena, so that a few bytes that claim a huge picture touch no memory. */
    c->history = calloc(blocks, sizeof(uint64_t));
    if (c->history == NULL) {
        osk_budget_return(stream->walk->budget, blocks * sizeof(uint64_t));
        return osk_jpeg_no_memory(stream, OSK_JPEG_SOS, osk_cursor_offset(at));
    }
    return OSK_OK;
}

void osk_jpeg_free_histories(OskJpegStream *stream)
{
    for (unsigned i = 0; i < OSK_JPEG_SCAN_PARTS; i++) {
        OskJpegComponent *c = &stream->state->components[i];
        if (c->history != NULL) {
            osk_budget_return(stream->walk->budget,
                              (uint64_t)c->blocks_wide * c->blocks_high * sizeof(uint64_t));
            free(c->history);
            c->history = NULL;
        }
    }
}

/* Readers take the first component with this number that the scan doesn't hold yet. */
static OskJpegComponent *find_component(OskJpegStream *stream, uint8_t id, unsigned *taken)
{
    for (unsigned i = 0; i < stream->components; i++) {
        if (stream->state->components[i].id == id && (*taken >> i & 1) == 0) {
            *taken |= 1u << i;
            return &stream->state->components[i];
        }
    }
    return NULL;
}

static OskStatus add_component(OskJpegStream *stream, OskJpegScan *scan, OskJpegComponent *c,
                               uint8_t tables, const OskCursor *at)
{
    OskJpegState *state = stream->state;
    bool dc = scan->first == 0 && scan->high == 0;
    bool ac = scan->last > 0;
    OskJpegScanPart *part = &scan->parts[scan->count++];
    *part = (OskJpegScanPart){
        .h = c->h, .v = c->v, .blocks_wide = c->blocks_wide, .blocks_high = c->blocks_high
    };
    if (!c->latched) {
        if (state->quant[c->quant] == NULL) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_SOS, "a quantisation table is missing", at);
        }
        state->quant[c->quant]->used = true;
        c->latched = true;
    }
    part->dc = dc ? use_huffman(stream, state->dc, tables >> 4) : NULL;
    part->ac = ac ? use_huffman(stream, state->ac, tables & 15) : NULL;
    if ((dc && part->dc == NULL) || (ac && part->ac == NULL)) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOS, "a Huffman table is missing or broken",
                    at);
    }
    if (scan->progressive && ac) {
        OskStatus status = add_history(stream, c, at);
        part->history = c->history;
        return status;
    }
    return OSK_OK;
}

/* Ss, Se, Ah and Al. In sequential scans they mean nothing and readers ignore them: they are set to
 * the only values that T.81 B.2.3 allows. */
static bool read_band(OskJpegScan *scan, bool progressive, const uint8_t band[3])
{
    scan->progressive = progressive;
    if (!progressive) {
        scan->first = 0;
        scan->last = 63;
        return true;
    }
    scan->first = band[0];
    scan->last = band[1];
    scan->high = band[2] >> 4;
    scan->low = band[2] & 15;
    bool dc = scan->first == 0;
    return scan->last >= scan->first && scan->last <= 63 && dc == (scan->last == 0) &&
           scan->low <= 13 && (scan->high == 0 || scan->high == scan->low + 1);
}

/* The scan header as it should be, 14 bytes at most behind marker and length. */
static OskStatus write_header(OskJpegStream *stream, const OskJpegScan *scan, OskCursor payload)
{
    uint8_t bytes[4 + 1 + 2 * OSK_JPEG_SCAN_PARTS + 3];
    const uint8_t *in = osk_cursor_rest(&payload);
    size_t len = 4 + osk_cursor_left(&payload);
    bytes[0] = 0xFF;
    bytes[1] = 0xDA;
    bytes[2] = 0;
    bytes[3] = (uint8_t)(len - 2);
    bytes[4] = (uint8_t)scan->count;
    for (unsigned i = 0; i < scan->count; i++) {
        uint8_t tables = in[2 + 2 * i];
        bytes[5 + 2 * i] = in[1 + 2 * i];
        bytes[6 + 2 * i] = (uint8_t)((scan->parts[i].dc != NULL ? tables & 0xF0 : 0) |
                                     (scan->parts[i].ac != NULL ? tables & 0x0F : 0));
    }
    uint8_t *band = &bytes[5 + 2 * scan->count];
    band[0] = scan->first;
    band[1] = scan->last;
    band[2] = (uint8_t)(scan->high << 4 | scan->low);
    OskStatus status =
        osk_jpeg_piece_add(stream, (OskJpegPiece){ .offset = osk_cursor_offset(&payload) - 4,
                                                   .len = len,
                                                   .row = OSK_JPEG_SOS,
                                                   .verdict = OSK_KEEP });
    if (status == OSK_OK && memcmp(bytes + 4, in, len - 4) != 0) {
        status = osk_jpeg_piece_rewrite(stream, stream->count - 1, bytes, len);
    }
    return status;
}

/* Pieces of the coded data: walked ranges, with the repairs between them. */
static OskStatus add_scan_pieces(OskJpegStream *stream, uint64_t offset, const OskJpegScanEnd *end)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i <= end->repair_count; i++) {
        uint64_t until = i < end->repair_count ? end->repairs[i].offset : end->end;
        if (until > offset) {
            status = osk_jpeg_piece_add(stream, (OskJpegPiece){ .offset = offset,
                                                                .len = until - offset,
                                                                .row = OSK_JPEG_SCAN,
                                                                .verdict = OSK_KEEP,
                                                                .walked = true });
        }
        if (status != OSK_OK || i == end->repair_count) {
            break;
        }
        const OskJpegRepair *repair = &end->repairs[i];
        bool drop = repair->out_len == 0;
        status =
            osk_jpeg_piece_add(stream, (OskJpegPiece){ .offset = repair->offset,
                                                       .len = repair->len,
                                                       .row = drop ? OSK_JPEG_SLACK : OSK_JPEG_SCAN,
                                                       .literal = drop ? NULL : repair->bytes,
                                                       .out_len = repair->out_len,
                                                       .verdict = drop ? OSK_DROP : OSK_REWRITE });
        offset = repair->offset + repair->len;
    }
    return status;
}

static void report_repairs(OskJpegStream *stream, const OskJpegScanEnd *end)
{
    uint64_t slack = 0;
    uint64_t first = 0;
    for (size_t i = 0; i < end->repair_count; i++) {
        if (end->repairs[i].out_len == 0) {
            first = slack == 0 ? end->repairs[i].offset : first;
            slack += end->repairs[i].len;
        }
    }
    if (slack > 0) {
        osk_report_add(stream->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = osk_jpeg_row_name(OSK_JPEG_SLACK),
                                  .field = "jpeg.slack",
                                  .label = "bytes hidden between the coded parts of the picture",
                                  .offset = first,
                                  .len = slack },
                       NULL);
    }
    if (end->repair_count > 0 && end->repairs[0].out_len > 0) {
        osk_report_add(stream->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = osk_jpeg_row_name(OSK_JPEG_SCAN),
                                  .field = "jpeg.fill_bits",
                                  .label = "unused bits of the picture data that should be ones",
                                  .offset = end->repairs[0].offset,
                                  .len = end->repairs[0].len },
                       NULL);
    }
}

/* T.81 B.2.3. */
OskStatus osk_jpeg_take_sos(OskJpegStream *stream, OskCursor payload, OskCursor data,
                            uint64_t *out_end)
{
    OskJpegState *state = stream->state;
    OskCursor in = payload;
    unsigned count = osk_cursor_u8(&in);
    if (state->frame == 0) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOS, "a scan before its frame", &payload);
    }
    if (count < 1 || count > OSK_JPEG_SCAN_PARTS || osk_cursor_left(&in) != 2 * count + 3) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOS, "not a scan header", &payload);
    }
    if (stream->height == 0) {
        OskStatus status = find_lines(stream, data);
        if (status != OSK_OK) {
            return status;
        }
    }
    OskCursor list = osk_cursor_take(&in, 2 * count);
    OskJpegScan scan = { .restart_interval = state->restart_interval,
                         .mcus_wide = divide_up(stream->width, 8u * state->h_max),
                         .mcus_high = divide_up(stream->height, 8u * state->v_max) };
    if (!read_band(&scan, state->frame == 0xC2, osk_cursor_rest(&in)) ||
        (scan.first > 0 && count != 1)) {
        return fail(stream, OSK_MALFORMED, OSK_JPEG_SOS, "not a band of coefficients", &in);
    }
    if (state->restart != NULL) {
        state->restart->used = true;
    }
    unsigned taken = 0;
    for (unsigned i = 0; i < count; i++) {
        OskJpegComponent *c = find_component(stream, osk_cursor_u8(&list), &taken);
        uint8_t tables = osk_cursor_u8(&list);
        if (c == NULL) {
            return fail(stream, OSK_MALFORMED, OSK_JPEG_SOS, "a component that the frame lacks",
                        &list);
        }
        OskStatus status = add_component(stream, &scan, c, tables, &list);
        if (status != OSK_OK) {
            return status;
        }
    }
    OskJpegScanEnd end = { .end = 0 };
    OskStatus status = write_header(stream, &scan, payload);
    if (status == OSK_OK) {
        status = osk_jpeg_scan_walk(stream->walk, &scan, data, &end);
    }
    if (status == OSK_OK) {
        report_repairs(stream, &end);
        status = add_scan_pieces(stream, osk_cursor_offset(&data), &end);
    }
    *out_end = end.end;
    state->scans++;
    return status;
}

/* Writes a segment anew with the tables that are used. */
static OskStatus cut_tables(OskJpegStream *stream, const OskJpegSegment *segment, size_t kept)
{
    uint8_t *bytes = osk_arena_alloc(stream->walk->arena, kept + 4);
    if (bytes == NULL) {
        return osk_jpeg_no_memory(stream, OSK_JPEG_DHT, osk_cursor_offset(&segment->payload));
    }
    bytes[0] = 0xFF;
    bytes[1] = segment->marker;
    bytes[2] = (uint8_t)((kept + 2) >> 8);
    bytes[3] = (uint8_t)(kept + 2);
    size_t at = 4;
    const uint8_t *in = osk_cursor_rest(&segment->payload);
    for (const OskJpegTable *t = segment->tables; t != NULL; t = t->next) {
        if (t->used) {
            memcpy(bytes + at, in + (t->offset - osk_cursor_offset(&segment->payload)), t->len);
            at += t->len;
        }
    }
    return osk_jpeg_piece_rewrite(stream, segment->piece, bytes, kept + 4);
}

OskStatus osk_jpeg_finish_tables(OskJpegStream *stream)
{
    OskStatus status = OSK_OK;
    for (OskJpegSegment *s = stream->state->first_segment; status == OSK_OK && s != NULL;
         s = s->next) {
        size_t len = osk_cursor_left(&s->payload);
        size_t kept = s->used ? len : 0;
        for (const OskJpegTable *t = s->tables; t != NULL; t = t->next) {
            kept += t->used ? t->len : 0;
        }
        if (kept == len && len > 0) {
            continue;
        }
        osk_report_add(stream->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = osk_jpeg_row_name(stream->pieces[s->piece].row),
                                  .field = "jpeg.unused_tables",
                                  .label = "tables that the picture doesn't need",
                                  .offset = osk_cursor_offset(&s->payload),
                                  .len = len - kept },
                       NULL);
        if (kept == 0) {
            stream->pieces[s->piece].verdict = OSK_DROP;
        } else {
            status = cut_tables(stream, s, kept);
        }
    }
    return status;
}
