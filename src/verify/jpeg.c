/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a clean JPEG may contain, from ITU-T T.81, T.871 (JFIF), ICC.1 annex B.4 and Adobe's note
 * 5116: one frame, its tables and scans, and of the application segments the four that change what
 * is seen. */
#include <string.h>

#include "verify/exif.h"
#include "verify/icc.h"
#include "verify/jpeg_scan.h"

enum {
    M_SOF0 = 0xC0,
    M_SOF1 = 0xC1,
    M_SOF2 = 0xC2,
    M_DHT = 0xC4,
    M_RST0 = 0xD0,
    M_RST7 = 0xD7,
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

#define ICC_PIECES 255u

typedef struct Jpeg {
    OskCheck *check;
    OskCursor at;
    OskJpegFrame frame;
    OskJpegTable dc[OSK_JPEG_TABLES];
    OskJpegTable ac[OSK_JPEG_TABLES];
    uint32_t restart;
    bool quantisers[OSK_JPEG_TABLES];
    unsigned unused; /* a bit for each table that no scan has used since it was defined; see
                        table_bit() */
    bool attested;   /* every scan was walked by the pipeline */
    bool scanned;
    bool jfif;
    bool exif;
    bool adobe;
    OskCursor profile[ICC_PIECES]; /* by sequence number */
    unsigned profile_count;
    unsigned profile_seen;
} Jpeg;

static void found(Jpeg *j, const char *part, const char *what, const OskCursor *at)
{
    osk_check_found(j->check, part, what, osk_cursor_offset(at));
}

static OskStatus broken(Jpeg *j, const char *part, const char *what, const OskCursor *at)
{
    return osk_check_fail(j->check, OSK_MALFORMED, part, what, osk_cursor_offset(at));
}

/* ---- application segments ---- */

static void check_jfif(Jpeg *j, OskCursor s)
{
    OskCursor c = s;
    if (j->jfif || osk_cursor_left(&c) != 14 || !osk_cursor_starts(&c, "JFIF\0", 5)) {
        found(j, "APP0", "more than one plain JFIF header", &s);
        return;
    }
    j->jfif = true;
    osk_cursor_skip(&c, 5);
    unsigned major = osk_cursor_u8(&c);
    osk_cursor_skip(&c, 1);
    unsigned units = osk_cursor_u8(&c);
    osk_cursor_skip(&c, 4);
    if (major > 2 || units > 2 || osk_cursor_u16be(&c) != 0) {
        found(j, "APP0", "a JFIF header with a thumbnail or unknown values", &s);
    }
}

static void check_exif(Jpeg *j, OskCursor s)
{
    OskCursor c = s;
    if (j->exif || !osk_cursor_starts(&c, "Exif\0\0", 6)) {
        found(j, "APP1", "a segment that is not an orientation", &s);
        return;
    }
    j->exif = true;
    osk_cursor_skip(&c, 6);
    (void)osk_check_exif_orientation(j->check, c, "APP1 Exif");
}

/* The version is 100 in every writer; the flags tell how the file was encoded, and no reader needs
 * them. */
static void check_adobe(Jpeg *j, OskCursor s)
{
    OskCursor c = s;
    if (j->adobe || osk_cursor_left(&c) != 12 ||
        !osk_cursor_starts(&c, "Adobe\0\x64\0\0\0\0", 11)) {
        found(j, "APP14", "more than one plain Adobe marker", &s);
        return;
    }
    j->adobe = true;
    osk_cursor_skip(&c, 11);
    if (osk_cursor_u8(&c) > 2) {
        found(j, "APP14", "a colour transform that doesn't exist", &s);
    }
}

static void gather_profile(Jpeg *j, OskCursor s)
{
    OskCursor c = s;
    if (!osk_cursor_starts(&c, "ICC_PROFILE\0", 12)) {
        found(j, "APP2", "a segment that is not a colour profile", &s);
        return;
    }
    osk_cursor_skip(&c, 12);
    unsigned number = osk_cursor_u8(&c);
    unsigned count = osk_cursor_u8(&c);
    bool fits = osk_cursor_ok(&c) && osk_cursor_more(&c) && number >= 1 && number <= count &&
                (j->profile_seen == 0 || count == j->profile_count) &&
                (number > ICC_PIECES || osk_cursor_left(&j->profile[number - 1]) == 0);
    if (!fits) {
        found(j, "APP2", "a piece of a colour profile that doesn't belong", &s);
        return;
    }
    j->profile_count = count;
    j->profile_seen++;
    j->profile[number - 1] = c;
}

static OskStatus check_profile(Jpeg *j)
{
    if (j->profile_seen == 0) {
        return OSK_OK;
    }
    size_t total = 0;
    for (unsigned i = 0; i < j->profile_count; i++) {
        total += osk_cursor_left(&j->profile[i]);
    }
    if (j->profile_seen != j->profile_count) {
        found(j, "APP2", "a colour profile with pieces missing", &j->profile[0]);
        return OSK_OK;
    }
    uint8_t *bytes = osk_arena_alloc(j->check->arena, total);
    if (bytes == NULL) {
        return osk_check_fail(j->check, OSK_NO_MEMORY, "APP2", "not enough memory", 0);
    }
    size_t at = 0;
    for (unsigned i = 0; i < j->profile_count; i++) {
        size_t len = osk_cursor_left(&j->profile[i]);
        memcpy(bytes + at, osk_cursor_rest(&j->profile[i]), len);
        at += len;
    }
    OskCursor whole = osk_cursor_make(bytes, total, osk_cursor_offset(&j->profile[0]));
    (void)osk_check_icc(j->check, whole, "APP2 ICC_PROFILE");
    return OSK_OK;
}

/* ---- tables ---- */

enum { KIND_DC = 0, KIND_AC = 1, KIND_QUANTISER = 2 };

static unsigned table_bit(unsigned kind, unsigned number)
{
    return 1u << (kind * OSK_JPEG_TABLES + number);
}

/* A table that nothing uses before it is replaced, or at all, holds what nobody sees. */
static void note_table(Jpeg *j, const char *part, unsigned kind, unsigned number,
                       const OskCursor *at)
{
    unsigned bit = table_bit(kind, number);
    if ((j->unused & bit) != 0) {
        found(j, part, "a table that is replaced before it is used", at);
    }
    j->unused |= bit;
}

static OskStatus check_quantisers(Jpeg *j, OskCursor s)
{
    OskCursor c = s;
    do {
        unsigned head = osk_cursor_u8(&c);
        unsigned size = head >> 4 == 0 ? 64 : 128;
        osk_cursor_skip(&c, size);
        if (!osk_cursor_ok(&c) || head >> 4 > 1 || (head & 15) >= OSK_JPEG_TABLES) {
            return broken(j, "DQT", "not exactly whole tables", &s);
        }
        j->quantisers[head & 15] = true;
        note_table(j, "DQT", KIND_QUANTISER, head & 15, &s);
    } while (osk_cursor_more(&c));
    return OSK_OK;
}

static OskStatus check_huffman(Jpeg *j, OskCursor s)
{
    OskCursor c = s;
    do {
        unsigned head = osk_cursor_u8(&c);
        OskJpegTable *tables = head >> 4 == 0 ? j->dc : j->ac;
        if (!osk_cursor_ok(&c) || head >> 4 > 1 || (head & 15) >= OSK_JPEG_TABLES ||
            !osk_jpeg_read_table(&c, &tables[head & 15])) {
            return broken(j, "DHT", "not exactly whole tables", &s);
        }
        note_table(j, "DHT", head >> 4, head & 15, &s);
    } while (osk_cursor_more(&c));
    return OSK_OK;
}

static OskStatus check_restart(Jpeg *j, OskCursor s)
{
    OskCursor c = s;
    j->restart = osk_cursor_u16be(&c);
    return osk_cursor_ok(&c) && !osk_cursor_more(&c) ? OSK_OK
                                                     : broken(j, "DRI", "not of 2 bytes", &s);
}

/* ---- the frame ---- */

static uint32_t ceil_div(uint64_t value, uint64_t by)
{
    return (uint32_t)((value + by - 1) / by);
}

/* Sizes in blocks and MCUs, T.81 A.1.1 and A.2. */
static OskStatus lay_out(Jpeg *j, const OskCursor *at)
{
    OskJpegFrame *f = &j->frame;
    unsigned across = 1;
    unsigned down = 1;
    for (unsigned i = 0; i < f->count; i++) {
        across = f->components[i].across > across ? f->components[i].across : across;
        down = f->components[i].down > down ? f->components[i].down : down;
    }
    f->mcus_across = ceil_div(f->width, (uint64_t)across * 8);
    f->mcus_down = ceil_div(f->height, (uint64_t)down * 8);
    for (unsigned i = 0; i < f->count; i++) {
        OskJpegComponent *c = &f->components[i];
        c->blocks_across = ceil_div(ceil_div((uint64_t)f->width * c->across, across), 8);
        c->blocks_down = ceil_div(ceil_div((uint64_t)f->height * c->down, down), 8);
        c->stride = f->mcus_across * c->across;
        if (f->progressive && !j->attested) {
            size_t lines = (size_t)f->mcus_down * c->down;
            c->history = osk_arena_array(j->check->arena, lines * c->stride, sizeof(uint64_t));
            if (c->history == NULL) {
                return osk_check_fail(j->check, OSK_NO_MEMORY, "SOF", "not enough memory",
                                      osk_cursor_offset(at));
            }
        }
    }
    return OSK_OK;
}

/* Where the height stands behind the first scan (DNL, T.81 B.2.5), the frame has 0. */
static uint32_t height_behind_scan(const Jpeg *j)
{
    OskCursor c = j->at;
    while (osk_cursor_more(&c)) {
        if (osk_cursor_starts(&c, "\xFF\xDC\0\x04", 4)) {
            osk_cursor_skip(&c, 4);
            return osk_cursor_u16be(&c);
        }
        osk_cursor_skip(&c, 1);
    }
    return 0;
}

static OskStatus check_frame(Jpeg *j, OskCursor s, unsigned marker)
{
    OskJpegFrame *f = &j->frame;
    OskCursor c = s;
    if (f->seen) {
        return broken(j, "SOF", "a second frame", &s);
    }
    f->seen = true;
    f->progressive = marker == M_SOF2;
    f->precision = osk_cursor_u8(&c);
    f->height = osk_cursor_u16be(&c);
    f->width = osk_cursor_u16be(&c);
    f->count = osk_cursor_u8(&c);
    f->height = f->height == 0 ? height_behind_scan(j) : f->height;
    bool fine = f->width > 0 && f->height > 0 && f->count >= 1 && f->count <= OSK_JPEG_COMPONENTS &&
                (f->precision == 8 || (f->precision == 12 && marker != M_SOF0));
    for (unsigned i = 0; fine && i < f->count; i++) {
        OskJpegComponent *component = &f->components[i];
        component->id = osk_cursor_u8(&c);
        unsigned sampling = osk_cursor_u8(&c);
        component->across = (uint8_t)(sampling >> 4);
        component->down = (uint8_t)(sampling & 15);
        component->quantiser = osk_cursor_u8(&c);
        fine = component->across >= 1 && component->across <= 4 && component->down >= 1 &&
               component->down <= 4 && component->quantiser < OSK_JPEG_TABLES;
    }
    if (!fine || !osk_cursor_ok(&c) || osk_cursor_more(&c)) {
        return broken(j, "SOF", "values that no frame has", &s);
    }
    if (!osk_budget_pixels(j->check->budget, (uint64_t)f->width * f->height)) {
        return osk_check_fail(j->check, OSK_LIMIT, "SOF", "larger than a picture may be",
                              osk_cursor_offset(&s));
    }
    return lay_out(j, &s);
}

/* ---- scans ---- */

/* Takes coded data: up to a marker that is neither stuffing nor a restart. */
static OskCursor take_coded(OskCursor *c)
{
    const uint8_t *bytes = osk_cursor_rest(c);
    size_t left = osk_cursor_left(c);
    size_t len = 0;
    while (len < left) {
        const uint8_t *ff = memchr(bytes + len, 0xFF, left - len);
        len = ff != NULL ? (size_t)(ff - bytes) : left;
        bool data = left - len >= 2 &&
                    (bytes[len + 1] == 0 || (bytes[len + 1] >= M_RST0 && bytes[len + 1] <= M_RST7));
        if (!data) {
            break;
        }
        len += 2;
    }
    return osk_cursor_take(c, len);
}

static void use_tables(Jpeg *j, const OskJpegScan *scan)
{
    bool dc = scan->from == 0 && scan->high == 0;
    bool ac = scan->to > 0;
    for (unsigned i = 0; i < scan->count; i++) {
        const OskJpegComponent *component = &j->frame.components[scan->members[i]];
        j->unused &= ~table_bit(KIND_QUANTISER, component->quantiser);
        j->unused &= ~(dc ? table_bit(KIND_DC, component->dc) : 0);
        j->unused &= ~(ac ? table_bit(KIND_AC, component->ac) : 0);
    }
}

static bool tables_are_there(const Jpeg *j, const OskJpegScan *scan)
{
    bool dc = scan->from == 0 && scan->high == 0;
    bool ac = scan->to > 0;
    for (unsigned i = 0; i < scan->count; i++) {
        const OskJpegComponent *component = &j->frame.components[scan->members[i]];
        if ((dc && !j->dc[component->dc].defined) || (ac && !j->ac[component->ac].defined) ||
            !j->quantisers[component->quantiser]) {
            return false;
        }
    }
    return true;
}

static bool read_members(Jpeg *j, OskCursor *c, OskJpegScan *scan)
{
    OskJpegFrame *f = &j->frame;
    unsigned blocks = 0;
    scan->count = osk_cursor_u8(c);
    if (scan->count < 1 || scan->count > f->count) {
        return false;
    }
    for (unsigned i = 0; i < scan->count; i++) {
        unsigned id = osk_cursor_u8(c);
        unsigned tables = osk_cursor_u8(c);
        unsigned index = 0;
        while (index < f->count && f->components[index].id != id) {
            index++;
        }
        if (index == f->count || tables >> 4 >= OSK_JPEG_TABLES ||
            (tables & 15) >= OSK_JPEG_TABLES) {
            return false;
        }
        scan->members[i] = index;
        f->components[index].dc = tables >> 4;
        f->components[index].ac = tables & 15;
        blocks += (unsigned)f->components[index].across * f->components[index].down;
    }
    return scan->count == 1 || blocks <= 16;
}

static OskStatus check_scan(Jpeg *j, OskCursor s)
{
    OskJpegFrame *f = &j->frame;
    OskJpegScan scan = { .restart = j->restart, .dc = j->dc, .ac = j->ac };
    OskCursor c = s;
    if (!f->seen) {
        return broken(j, "SOS", "a scan before its frame", &s);
    }
    bool fine = read_members(j, &c, &scan);
    scan.from = osk_cursor_u8(&c);
    scan.to = osk_cursor_u8(&c);
    scan.high = osk_cursor_u8(&c);
    unsigned low = scan.high & 15;
    scan.high >>= 4;
    fine = fine && osk_cursor_ok(&c) && !osk_cursor_more(&c);
    if (f->progressive) {
        fine = fine && scan.from <= scan.to && scan.to <= 63 && low <= 13 && scan.high <= 13 &&
               (scan.from == 0 ? scan.to == 0 : scan.count == 1);
    } else {
        /* Sequential readers don't look at these: they are what T.81 says or nothing at all. */
        fine = fine && scan.high == 0 && low == 0;
        scan.from = 0;
        scan.to = 63;
    }
    if (!fine || !tables_are_there(j, &scan)) {
        return broken(j, "SOS", "values that no scan has", &s);
    }
    use_tables(j, &scan);
    scan.data = take_coded(&j->at);
    j->scanned = true;
    return j->attested ? OSK_OK : osk_jpeg_check_scan(j->check, f, &scan);
}

/* ---- markers ---- */

/* The next marker; 0 when something else stands there. */
static unsigned next_marker(OskCursor *c)
{
    unsigned first = osk_cursor_u8(c);
    unsigned marker = osk_cursor_u8(c);
    return osk_cursor_ok(c) && first == 0xFF && marker != 0 && marker != 0xFF ? marker : 0;
}

/* Bytes that are no segment are found, and passed up to what looks like the next one. */
static bool pass_stray_bytes(Jpeg *j)
{
    OskCursor at = j->at;
    found(j, "file", "bytes between two segments", &at);
    osk_cursor_skip(&j->at, 1);
    for (; osk_cursor_left(&j->at) >= 2; osk_cursor_skip(&j->at, 1)) {
        OskCursor peek = j->at;
        if (next_marker(&peek) != 0) {
            return true;
        }
    }
    return false;
}

static OskCursor take_segment(OskCursor *c)
{
    uint16_t len = osk_cursor_u16be(c);
    if (len < 2) {
        osk_cursor_fail(c);
    }
    return osk_cursor_take(c, len < 2 ? 0 : len - 2u);
}

/* True when the pipeline walked the coded data of every scan. Some alone would not do: later scans
 * of a progressive picture depend on the earlier ones. */
static bool scans_are_attested(Jpeg *j)
{
    OskCursor c = j->at;
    if (j->check->attested_count == 0) {
        return false;
    }
    for (;;) {
        unsigned marker = next_marker(&c);
        if (marker == M_EOI) {
            return true;
        }
        OskCursor segment = take_segment(&c);
        if (marker == 0 || !osk_cursor_ok(&segment)) {
            return false;
        }
        if (marker == M_SOS) {
            OskCursor data = take_coded(&c);
            if (!osk_check_is_attested(j->check, osk_cursor_offset(&data),
                                       osk_cursor_left(&data))) {
                return false;
            }
        }
    }
}

static OskStatus check_segment(Jpeg *j, unsigned marker, OskCursor s)
{
    switch (marker) {
    case M_SOF0:
    case M_SOF1:
    case M_SOF2: return check_frame(j, s, marker);
    case M_DHT: return check_huffman(j, s);
    case M_DQT: return check_quantisers(j, s);
    case M_DRI: return check_restart(j, s);
    case M_SOS: return check_scan(j, s);
    case M_DNL:
        if (!j->scanned || osk_cursor_left(&s) != 2) {
            return broken(j, "DNL", "not the height behind the first scan", &s);
        }
        return OSK_OK;
    case M_APP0: check_jfif(j, s); return OSK_OK;
    case M_APP1: check_exif(j, s); return OSK_OK;
    case M_APP2: gather_profile(j, s); return OSK_OK;
    case M_APP14: check_adobe(j, s); return OSK_OK;
    default:
        if (marker >= 0xC3 && marker <= 0xCF && marker != 0xC8 && marker != 0xCC) {
            return osk_check_fail(j->check, OSK_UNSUPPORTED, "SOF", "a coding that we can't read",
                                  osk_cursor_offset(&s));
        }
        found(j, "segment", "a segment that no clean JPEG has", &s);
        return OSK_OK;
    }
}

static OskStatus check_markers(Jpeg *j)
{
    for (;;) {
        OskCursor at = j->at;
        if (!osk_budget_parts(j->check->budget, 1)) {
            return osk_check_fail(j->check, OSK_LIMIT, "file", "too many segments",
                                  osk_cursor_offset(&at));
        }
        OskCursor peek = j->at;
        if (next_marker(&peek) == 0 && !pass_stray_bytes(j)) {
            return broken(j, "file", "the file ends early", &at);
        }
        unsigned marker = next_marker(&j->at);
        if (marker == M_EOI) {
            break;
        }
        OskCursor segment = take_segment(&j->at);
        if (!osk_cursor_ok(&segment)) {
            return broken(j, "file", "the file ends inside a segment", &at);
        }
        OskStatus status = check_segment(j, marker, segment);
        if (status != OSK_OK) {
            return status;
        }
    }
    if (!j->scanned) {
        return broken(j, "file", "there is no picture", &j->at);
    }
    if (j->unused != 0) {
        found(j, "DQT or DHT", "a table that no scan uses", &j->at);
    }
    if (osk_cursor_more(&j->at)) {
        found(j, "trailer", "bytes behind the end of the picture", &j->at);
    }
    return check_profile(j);
}

static OskStatus check_jpeg(OskCheck *check)
{
    Jpeg *j = osk_arena_alloc(check->arena, sizeof(*j));
    if (j == NULL) {
        return osk_check_fail(check, OSK_NO_MEMORY, "file", "not enough memory", 0);
    }
    j->check = check;
    j->at = osk_cursor_make(check->bytes, (size_t)check->size, 0);
    osk_cursor_skip(&j->at, 2);
    osk_jpeg_standard_tables(j->dc, j->ac);
    j->attested = scans_are_attested(j);
    return check_markers(j);
}

static bool matches_jpeg(const uint8_t *head, size_t len)
{
    return len >= 2 && head[0] == 0xFF && head[1] == M_SOI;
}

extern const OskChecker osk_checker_jpeg;
const OskChecker osk_checker_jpeg = {
    .name = "jpeg", .whole = true, .matches = matches_jpeg, .check = check_jpeg
};
