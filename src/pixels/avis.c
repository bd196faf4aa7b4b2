/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the index of a sequence. What comes here was scrubbed: one plain `moov`, with samples that
 * are shown, and no box that we don't know. It is read all the same as if anybody had made it. */
#include "pixels/avis.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/boxes.h"
#include "pixels/orient.h"

#define NEXT                                                                                       \
    "save it as a GIF, WebP or APNG (for example: ffmpeg -i FILE copy.apng), and redact that"

static OskStatus refuse(OskFault *fault, const char *part, const char *what)
{
    osk_fault_set(fault, OSK_UNSUPPORTED, part, what, OSK_NO_OFFSET);
    osk_fault_next(fault, NEXT);
    return OSK_UNSUPPORTED;
}

static OskStatus malformed(OskFault *fault, const char *part, const char *what)
{
    return osk_fault_set(fault, OSK_MALFORMED, part, what, OSK_NO_OFFSET);
}

bool osk_avis_is(const uint8_t *bytes, size_t len)
{
    OskCursor moov = osk_boxes_find(osk_cursor_make(bytes, len, 0), "moov");
    return osk_cursor_ok(&moov);
}

/* ---- which way is up ---- */

OskAvisTurn osk_avis_turn(unsigned orientation)
{
    static const OskAvisTurn turns[9] = {
        [1] = { { 1, 0 }, { 0, 1 } },   [2] = { { -1, 0 }, { 0, 1 } },
        [3] = { { -1, 0 }, { 0, -1 } }, [4] = { { 1, 0 }, { 0, -1 } },
        [5] = { { 0, 1 }, { 1, 0 } },   [6] = { { 0, -1 }, { 1, 0 } },
        [7] = { { 0, -1 }, { -1, 0 } }, [8] = { { 0, 1 }, { -1, 0 } },
    };
    return turns[orientation <= 8 ? orientation : 0];
}

/* The orientation that is a matrix, wherever that moves the picture to; 0: none. */
static unsigned matrix_orientation(OskCursor matrix)
{
    int32_t value[9];
    for (unsigned i = 0; i < 9; i++) {
        value[i] = (int32_t)osk_cursor_u32be(&matrix);
    }
    for (unsigned i = 1; osk_cursor_ok(&matrix) && i <= 8; i++) {
        OskAvisTurn turn = osk_avis_turn(i);
        if (value[0] == turn.x_of[0] * 0x10000 && value[3] == turn.x_of[1] * 0x10000 &&
            value[1] == turn.y_of[0] * 0x10000 && value[4] == turn.y_of[1] * 0x10000) {
            return i;
        }
    }
    return 0;
}

/* ISO/IEC 23008-12, 6.5.10 and 6.5.12: `irot` counts quarters against the clock; then `imir` 0 says
 * that top and bottom change places, 1 left and right. */
static unsigned property_orientation(OskCursor boxes)
{
    OskCursor irot = osk_boxes_find(boxes, "irot");
    OskCursor imir = osk_boxes_find(boxes, "imir");
    unsigned quarters = osk_cursor_u8(&irot) & 3u;
    bool mirrored = osk_cursor_ok(&imir) && osk_cursor_more(&imir);
    unsigned turn = (4 - quarters) % 4 * 90;
    if (mirrored && (osk_cursor_u8(&imir) & 1u) == 0) {
        turn = (turn + 180) % 360;
    }
    return osk_orientation_turn(1, turn, mirrored);
}

/* Some viewers look at the matrix, others at the properties. */
static OskStatus read_orientation(OskAvisTrack *track, OskCursor matrix, OskFault *fault)
{
    unsigned by_matrix = matrix_orientation(matrix);
    unsigned by_property = property_orientation(track->entry);
    if (by_matrix == 0 || (by_matrix != 1 && by_property != 1)) {
        return refuse(fault, "tkhd", "viewers don't agree which way this picture is turned");
    }
    track->matrix = by_matrix;
    track->orientation = by_matrix != 1 ? by_matrix : by_property;
    return OSK_OK;
}

/* ---- the description of the samples ---- */

/* AV1 in ISO media, 2.3.3: AV1CodecConfigurationRecord. */
static OskStatus read_config(OskAvisTrack *track, OskFault *fault)
{
    OskCursor config = osk_boxes_find(track->entry, "av1C");
    osk_cursor_skip(&config, 2);
    unsigned bits = osk_cursor_u8(&config);
    if (!osk_cursor_ok(&config)) {
        return malformed(fault, "av1C", "no settings of the coding");
    }
    track->depth = (bits & 0x40) == 0 ? 8 : (bits & 0x20) == 0 ? 10 : 12;
    track->grey = (bits & 0x10) != 0;
    track->shift_x = (bits & 0x08) != 0;
    track->shift_y = (bits & 0x04) != 0;
    return OSK_OK;
}

static OskStatus read_entry(OskAvisTrack *track, OskCursor stbl, OskFault *fault)
{
    unsigned version = 0;
    OskCursor stsd = osk_boxes_find_full(stbl, "stsd", &version);
    char type[4] = { 0 };
    uint32_t count = osk_cursor_u32be(&stsd);
    OskCursor entry = osk_boxes_next(&stsd, type);
    if (!osk_cursor_ok(&stsd)) {
        return malformed(fault, "stsd", "no description of the pictures");
    }
    if (count != 1 || memcmp(type, "av01", 4) != 0) {
        return refuse(fault, "stsd", "a moving picture that is not coded as AV1 throughout");
    }
    osk_cursor_skip(&entry, 24);
    track->width = osk_cursor_u16be(&entry);
    track->height = osk_cursor_u16be(&entry);
    osk_cursor_skip(&entry, 50);
    track->entry = entry;
    OskCursor clap = osk_boxes_find(entry, "clap");
    if (!osk_cursor_ok(&entry) || track->width == 0 || track->height == 0) {
        return malformed(fault, "stsd", "no description of the pictures");
    }
    if (osk_cursor_ok(&clap)) {
        return refuse(fault, "clap", "a moving picture that is cropped when it is shown");
    }
    return read_config(track, fault);
}

/* ---- samples ---- */

static OskStatus read_sizes(OskAvisTrack *track, OskCursor stbl, OskBudget *budget, OskFault *fault)
{
    unsigned version = 0;
    OskCursor stsz = osk_boxes_find_full(stbl, "stsz", &version);
    uint32_t each = osk_cursor_u32be(&stsz);
    uint32_t count = osk_cursor_u32be(&stsz);
    if (!osk_cursor_ok(&stsz) || count == 0 || (each == 0 && count > osk_cursor_left(&stsz) / 4)) {
        return malformed(fault, "stsz", "no sizes of the pictures");
    }
    if (!osk_budget_parts(budget, count) ||
        !osk_budget_memory(budget, (uint64_t)count * sizeof *track->samples)) {
        return osk_fault_set(fault, OSK_LIMIT, "stsz", "too many pictures", OSK_NO_OFFSET);
    }
    track->count = count;
    track->samples = calloc(count, sizeof *track->samples);
    if (track->samples == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "stsz", "memory ended", OSK_NO_OFFSET);
    }
    for (uint32_t i = 0; i < count; i++) {
        track->samples[i].len = each != 0 ? each : osk_cursor_u32be(&stsz);
    }
    return OSK_OK;
}

static OskStatus read_times(OskAvisTrack *track, OskCursor stbl, OskFault *fault)
{
    unsigned version = 0;
    OskCursor stts = osk_boxes_find_full(stbl, "stts", &version);
    OskCursor ctts = osk_boxes_find_full(stbl, "ctts", &version);
    uint32_t rows = osk_cursor_u32be(&stts);
    uint32_t at = 0;
    for (uint32_t i = 0; i < rows && osk_cursor_more(&stts); i++) {
        uint32_t count = osk_cursor_u32be(&stts);
        uint32_t duration = osk_cursor_u32be(&stts);
        for (; count > 0 && at < track->count; count--) {
            track->samples[at++].duration = duration;
        }
    }
    if (!osk_cursor_ok(&stts) || at != track->count) {
        return malformed(fault, "stts", "pictures without a time");
    }
    rows = osk_cursor_u32be(&ctts);
    for (uint32_t i = 0; i < rows && osk_cursor_more(&ctts); i++) {
        osk_cursor_skip(&ctts, 4);
        if (osk_cursor_u32be(&ctts) != 0) {
            return refuse(fault, "ctts", "pictures that are shown in another order");
        }
    }
    return OSK_OK;
}

/* The places of the chunks, one after the other, and how many samples each has. */
typedef struct Chunks {
    OskCursor offsets;
    unsigned width; /* of an offset */
    OskCursor rows; /* of stsc */
    uint32_t number;
    uint32_t each;
    uint32_t next_first; /* the chunk at which the next row begins; 0: there is none */
    uint32_t next_each;
} Chunks;

static void read_row(Chunks *chunks)
{
    chunks->each = chunks->next_each;
    chunks->next_first = 0;
    if (osk_cursor_more(&chunks->rows)) {
        chunks->next_first = osk_cursor_u32be(&chunks->rows);
        chunks->next_each = osk_cursor_u32be(&chunks->rows);
        osk_cursor_skip(&chunks->rows, 4);
    }
}

static Chunks open_chunks(OskCursor stbl)
{
    unsigned version = 0;
    Chunks chunks = { .offsets = osk_boxes_find_full(stbl, "stco", &version), .width = 4 };
    if (!osk_cursor_ok(&chunks.offsets)) {
        chunks.offsets = osk_boxes_find_full(stbl, "co64", &version);
        chunks.width = 8;
    }
    osk_cursor_skip(&chunks.offsets, 4);
    chunks.rows = osk_boxes_find_full(stbl, "stsc", &version);
    osk_cursor_skip(&chunks.rows, 4);
    read_row(&chunks);
    return chunks;
}

/* The next chunk's place; its samples in `each`. */
static uint64_t next_chunk(Chunks *chunks)
{
    chunks->number++;
    if (chunks->number == chunks->next_first) {
        read_row(chunks);
    }
    return osk_cursor_be(&chunks->offsets, chunks->width);
}

static OskStatus read_places(OskAvisTrack *track, OskCursor stbl, size_t len, OskFault *fault)
{
    Chunks chunks = open_chunks(stbl);
    uint32_t at = 0;
    while (at < track->count) {
        uint64_t place = next_chunk(&chunks);
        if (!osk_cursor_ok(&chunks.offsets) || !osk_cursor_ok(&chunks.rows) || chunks.each == 0) {
            return malformed(fault, "stco", "pictures without a place");
        }
        for (uint32_t i = 0; i < chunks.each && at < track->count; i++, at++) {
            OskAvisSample *sample = &track->samples[at];
            if (sample->len == 0 || !osk_range_within(place, sample->len, len)) {
                return malformed(fault, "stco", "a picture outside of the file");
            }
            sample->offset = place;
            place += sample->len;
        }
    }
    return OSK_OK;
}

/* ---- tracks ---- */

/* One edit may say how often the whole is played; anything else would show a part of it. */
static OskStatus check_edits(OskCursor trak, OskFault *fault)
{
    unsigned version = 0;
    OskCursor elst = osk_boxes_find_full(osk_boxes_find(trak, "edts"), "elst", &version);
    if (!osk_cursor_ok(&elst)) {
        return OSK_OK;
    }
    unsigned width = version == 1 ? 8 : 4;
    uint32_t count = osk_cursor_u32be(&elst);
    osk_cursor_skip(&elst, width);
    uint64_t start = osk_cursor_be(&elst, width);
    uint32_t rate = osk_cursor_u32be(&elst);
    if (count == 0) {
        return OSK_OK;
    }
    return osk_cursor_ok(&elst) && count == 1 && start == 0 && rate == 0x10000
               ? OSK_OK
               : refuse(fault, "elst", "a moving picture that is shown in parts");
}

static OskStatus read_track(OskAvis *avis, OskAvisTrack *track, OskCursor trak, OskBudget *budget,
                            OskFault *fault)
{
    unsigned version = 0;
    OskCursor mdia = osk_boxes_find(trak, "mdia");
    OskCursor mdhd = osk_boxes_find_full(mdia, "mdhd", &version);
    osk_cursor_skip(&mdhd, version == 1 ? 16 : 8);
    track->trak = trak;
    track->timescale = osk_cursor_u32be(&mdhd);
    OskCursor stbl = osk_boxes_find(osk_boxes_find(mdia, "minf"), "stbl");
    OskCursor matrix = osk_boxes_find_full(trak, "tkhd", &version);
    osk_cursor_skip(&matrix, version == 1 ? 48 : 36);
    if (!osk_cursor_ok(&mdhd) || track->timescale == 0 || !osk_cursor_ok(&matrix)) {
        return malformed(fault, "trak", "a sequence without a clock or a size");
    }
    OskStatus status = check_edits(trak, fault);
    if (status == OSK_OK) {
        status = read_entry(track, stbl, fault);
    }
    if (status == OSK_OK) {
        status = read_orientation(track, matrix, fault);
    }
    if (status == OSK_OK) {
        status = read_sizes(track, stbl, budget, fault);
        avis->spent += track->count * sizeof *track->samples;
    }
    if (status == OSK_OK) {
        status = read_times(track, stbl, fault);
    }
    return status == OSK_OK ? read_places(track, stbl, avis->len, fault) : status;
}

static OskStatus read_tracks(OskAvis *avis, OskBudget *budget, OskFault *fault)
{
    OskCursor boxes = avis->moov;
    OskStatus status = OSK_OK;
    char type[4] = { 0 };
    bool any = false;
    while (status == OSK_OK && osk_cursor_left(&boxes) >= 8) {
        unsigned version = 0;
        OskCursor trak = osk_boxes_next(&boxes, type);
        if (!osk_cursor_ok(&boxes)) {
            return malformed(fault, "moov", "it ends early");
        }
        if (memcmp(type, "trak", 4) != 0) {
            continue;
        }
        OskCursor hdlr = osk_boxes_find_full(osk_boxes_find(trak, "mdia"), "hdlr", &version);
        osk_cursor_skip(&hdlr, 4);
        const uint8_t *kind = osk_cursor_bytes(&hdlr, 4);
        if (kind != NULL && memcmp(kind, "pict", 4) == 0 && !any) {
            any = true;
            status = read_track(avis, &avis->colour, trak, budget, fault);
        } else if (kind != NULL && memcmp(kind, "auxv", 4) == 0 && !avis->has_alpha) {
            avis->has_alpha = true;
            status = read_track(avis, &avis->alpha, trak, budget, fault);
        } else {
            status = refuse(fault, "trak", "a moving picture with sound, or several in one file");
        }
    }
    return status != OSK_OK || any ? status
                                   : refuse(fault, "moov", "a movie without a picture track");
}

static OskStatus check_alpha(const OskAvis *avis, OskFault *fault)
{
    const OskAvisTrack *colour = &avis->colour;
    const OskAvisTrack *alpha = &avis->alpha;
    if (!avis->has_alpha) {
        return OSK_OK;
    }
    bool alike = alpha->count == colour->count && alpha->timescale == colour->timescale &&
                 alpha->width == colour->width && alpha->height == colour->height &&
                 alpha->depth == colour->depth && alpha->grey &&
                 (alpha->orientation == 1 || alpha->orientation == colour->orientation);
    for (uint32_t i = 0; alike && i < colour->count; i++) {
        alike = alpha->samples[i].duration == colour->samples[i].duration;
    }
    return alike ? OSK_OK : refuse(fault, "trak", "transparency of another size, depth or time");
}

/* ---- the still picture ---- */

/* Whether an item's data is that of a sample, in its place or as a copy. ISO/IEC 14496-12, 8.11.3.
 */
static bool is_sample(const OskAvis *avis, uint32_t id, const OskAvisSample *sample)
{
    unsigned version = 0;
    OskCursor iloc = osk_boxes_find_full(avis->meta, "iloc", &version);
    unsigned widths = osk_cursor_u16be(&iloc);
    unsigned base_width = widths >> 4 & 15;
    unsigned index_width = version > 0 ? widths & 15 : 0;
    uint64_t count = osk_cursor_be(&iloc, version < 2 ? 2 : 4);
    /* What is wider than a number reads as none. */
    bool wide = widths >> 12 > 8 || (widths >> 8 & 15) > 8 || base_width > 8 || index_width > 8;
    for (uint64_t i = 0; !wide && i < count && osk_cursor_more(&iloc); i++) {
        uint64_t item = osk_cursor_be(&iloc, version < 2 ? 2 : 4);
        unsigned method = version > 0 ? osk_cursor_u16be(&iloc) & 15u : 0;
        osk_cursor_skip(&iloc, 2);
        uint64_t place = osk_cursor_be(&iloc, base_width);
        uint64_t len = 0;
        unsigned extents = osk_cursor_u16be(&iloc);
        for (unsigned j = 0; j < extents && osk_cursor_more(&iloc); j++) {
            osk_cursor_skip(&iloc, index_width);
            place += osk_cursor_be(&iloc, widths >> 12);
            len = osk_cursor_be(&iloc, widths >> 8 & 15);
        }
        if (item == id) {
            return osk_cursor_ok(&iloc) && method == 0 && extents == 1 && len == sample->len &&
                   osk_range_within(place, len, avis->len) &&
                   memcmp(avis->bytes + place, avis->bytes + sample->offset, sample->len) == 0;
        }
    }
    return false;
}

/* Every size that a picture of the file has is the sequence's. */
static bool has_one_size(OskCursor properties, const OskAvisTrack *track)
{
    char type[4];
    while (osk_cursor_left(&properties) >= 8) {
        OskCursor box = osk_boxes_next(&properties, type);
        if (osk_cursor_ok(&properties) && memcmp(type, "ispe", 4) == 0) {
            osk_cursor_skip(&box, 4);
            uint32_t width = osk_cursor_u32be(&box);
            uint32_t height = osk_cursor_u32be(&box);
            if (!osk_cursor_ok(&box) || width != track->width || height != track->height) {
                return false;
            }
        }
    }
    return osk_cursor_ok(&properties);
}

/* Regions are said in one picture. The still one becomes the first of the sequence, so that it has
 * to be as large, and displayed the same way. */
static OskStatus read_still(OskAvis *avis, OskFault *fault)
{
    unsigned version = 0;
    OskCursor meta = avis->meta;
    OskCursor pitm = osk_boxes_find_full(meta, "pitm", &version);
    uint32_t id = (uint32_t)osk_cursor_be(&pitm, version == 0 ? 2 : 4);
    avis->has_still = osk_cursor_ok(&meta) && osk_cursor_ok(&pitm);
    if (!avis->has_still) {
        return OSK_OK;
    }
    OskCursor properties = osk_boxes_find(osk_boxes_find(meta, "iprp"), "ipco");
    if (!has_one_size(properties, &avis->colour)) {
        return refuse(fault, "ispe", "a still picture of another size beside the moving one");
    }
    if (property_orientation(properties) != avis->colour.orientation) {
        return refuse(fault, "irot", "a still picture that is turned otherwise beside it");
    }
    avis->still_is_other = !is_sample(avis, id, &avis->colour.samples[0]);
    return OSK_OK;
}

OskStatus osk_avis_read(const uint8_t *bytes, size_t len, OskBudget *budget, OskAvis *out_avis,
                        OskFault *fault)
{
    OskCursor file = osk_cursor_make(bytes, len, 0);
    OskAvis avis = { .bytes = bytes, .len = len };
    avis.ftyp = osk_boxes_find(file, "ftyp");
    avis.moov = osk_boxes_find(file, "moov");
    avis.meta = osk_boxes_find(file, "meta");
    osk_cursor_skip(&avis.meta, 4);
    OskStatus status = osk_cursor_ok(&avis.ftyp) && osk_cursor_ok(&avis.moov)
                           ? read_tracks(&avis, budget, fault)
                           : malformed(fault, "moov", "no index");
    if (status == OSK_OK) {
        status = check_alpha(&avis, fault);
    }
    if (status == OSK_OK) {
        status = read_still(&avis, fault);
    }
    if (status != OSK_OK) {
        osk_avis_free(&avis, budget);
        return status;
    }
    *out_avis = avis;
    return OSK_OK;
}

void osk_avis_free(OskAvis *avis, OskBudget *budget)
{
    free(avis->colour.samples);
    free(avis->alpha.samples);
    osk_budget_return(budget, avis->spent);
    *avis = (OskAvis){ 0 };
}

static OskCursor find_colour(OskCursor boxes, const char *kind)
{
    char type[4];
    while (osk_cursor_left(&boxes) >= 8) {
        OskCursor box = osk_boxes_next(&boxes, type);
        if (osk_cursor_ok(&boxes) && memcmp(type, "colr", 4) == 0 &&
            osk_cursor_starts(&box, kind, 4)) {
            osk_cursor_skip(&box, 4);
            return box;
        }
    }
    osk_cursor_fail(&boxes);
    return boxes;
}

OskCursor osk_avis_colour(const OskAvis *avis, const char *kind)
{
    OskCursor box = find_colour(avis->colour.entry, kind);
    if (osk_cursor_ok(&box)) {
        return box;
    }
    return find_colour(osk_boxes_find(osk_boxes_find(avis->meta, "iprp"), "ipco"), kind);
}
