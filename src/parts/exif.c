/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exif 3.0 (CIPA DC-008) over TIFF 6.0. Tolerated: entries out of order, wrong types, values
 * outside the block, directories in places that the standard doesn't name; each of those still
 * gives a finding, because nothing of the block survives a scrub but the orientation. */
#include "parts/exif.h"

#include <string.h>

#include "parts/exif_gps.h"
#include "parts/exif_maker.h"
#include "parts/exif_tags.h"
#include "parts/iptc.h"
#include "parts/xmp.h"

#define MAX_DIRECTORIES 64u
#define MAX_NUMBERS 16u
#define MAX_TEXT 4096u
#define MINIMAL_LEN 26u
#define TAG_ORIENTATION 0x0112u

typedef struct Directory {
    OskExifIfd kind;
    uint64_t offset;
} Directory;

typedef struct Walk {
    OskCursor tiff;
    const char *part;
    OskReport *report;
    OskBudget *budget;
    bool big;
    bool wide;                        /* BigTIFF */
    Directory queue[MAX_DIRECTORIES]; /* what was queued is never queued again, so cycles end */
    size_t count;
    unsigned settings;
    unsigned entries;
    bool broken;
} Walk;

static OskCursor slice(OskCursor c, uint64_t offset, uint64_t len)
{
    osk_cursor_skip(&c, offset);
    return osk_cursor_take(&c, len);
}

static uint64_t read_uint(OskCursor *c, bool big, unsigned width)
{
    return big ? osk_cursor_be(c, width) : osk_cursor_le(c, width);
}

uint64_t osk_exif_number(const OskExifEntry *entry, uint64_t index)
{
    unsigned width = osk_exif_type_size(entry->type);
    bool whole = entry->type != 2 && entry->type != 5 && entry->type != 10 && entry->type != 11 &&
                 entry->type != 12;
    if (!whole || width == 0 || index >= entry->count) {
        return 0;
    }
    OskCursor c = entry->value;
    osk_cursor_skip(&c, index * width);
    return read_uint(&c, entry->big, width);
}

static int64_t sign_extend(uint64_t value, unsigned width)
{
    unsigned shift = 64 - 8 * width;
    return (int64_t)(value << shift) >> shift;
}

/* A float or double, as far as it can be told with `decimals` decimals. */
static bool put_real(OskText *text, uint64_t raw, unsigned width, unsigned decimals)
{
    double value = 0;
    if (width == 4) {
        uint32_t low = (uint32_t)raw;
        float single = 0;
        memcpy(&single, &low, sizeof(single));
        value = (double)single;
    } else {
        memcpy(&value, &raw, sizeof(value));
    }
    for (unsigned i = 0; i < decimals; i++) {
        value *= 10;
    }
    if (!(value > -9e17 && value < 9e17)) {
        return false;
    }
    osk_text_decimal(text, (int64_t)value, decimals);
    return true;
}

static bool put_rational(OskText *text, OskCursor *c, bool big, bool is_signed, unsigned decimals)
{
    uint64_t num = read_uint(c, big, 4);
    uint64_t den = read_uint(c, big, 4);
    if (!osk_cursor_ok(c) || den == 0) {
        return false;
    }
    int64_t above = is_signed ? sign_extend(num, 4) : (int64_t)num;
    int64_t below = is_signed ? sign_extend(den, 4) : (int64_t)den;
    int64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++) {
        scale *= 10;
    }
    if (above % below == 0) {
        osk_text_i64(text, above / below);
    } else {
        osk_text_decimal(text, above * scale / below, decimals);
    }
    return true;
}

bool osk_exif_put_number(OskText *text, const OskExifEntry *entry, uint64_t index,
                         unsigned decimals)
{
    unsigned width = osk_exif_type_size(entry->type);
    if (width == 0 || index >= entry->count) {
        return false;
    }
    OskCursor c = entry->value;
    osk_cursor_skip(&c, index * width);
    if (entry->type == 5 || entry->type == 10) {
        return put_rational(text, &c, entry->big, entry->type == 10, decimals);
    }
    uint64_t raw = read_uint(&c, entry->big, width);
    if (!osk_cursor_ok(&c)) {
        return false;
    }
    if (entry->type == 11 || entry->type == 12) {
        return put_real(text, raw, width, decimals);
    }
    if (entry->type == 6 || entry->type == 8 || entry->type == 9 || entry->type == 17) {
        osk_text_i64(text, sign_extend(raw, width));
    } else {
        osk_text_u64(text, raw);
    }
    return true;
}

/* What is looked at of a value: entries may share one value of the whole file, and a person reads
 * 400 bytes. */
static OskCursor clip(OskCursor value)
{
    uint64_t len = osk_cursor_left(&value);
    return osk_cursor_take(&value, len < MAX_TEXT ? len : MAX_TEXT);
}

static bool is_printable(OskCursor value)
{
    while (osk_cursor_more(&value)) {
        uint8_t c = osk_cursor_u8(&value);
        if (c != 0 && (c < 0x20 || c == 0x7F)) {
            return false;
        }
    }
    return true;
}

static void put_size(OskText *text, uint64_t len)
{
    osk_text_u64(text, len);
    osk_text_str(text, " bytes");
}

static void put_value(OskText *text, const OskExifEntry *entry)
{
    OskCursor value = clip(entry->value);
    bool text_type = entry->type == 2 || entry->type == 129;
    bool byte_type = entry->type == 1 || entry->type == 7;
    if (text_type || (byte_type && is_printable(value))) {
        osk_text_untrusted(text, osk_cursor_rest(&value), osk_cursor_left(&value), OSK_UTF8);
        return;
    }
    if (byte_type && entry->count > MAX_NUMBERS) {
        put_size(text, osk_cursor_left(&entry->value));
        return;
    }
    for (uint64_t i = 0; i < entry->count && i < MAX_NUMBERS; i++) {
        osk_text_str(text, i > 0 ? " " : "");
        if (!osk_exif_put_number(text, entry, i, 6)) {
            osk_text_str(text, "?");
        }
    }
    if (entry->count > MAX_NUMBERS) {
        osk_text_str(text, " \xe2\x80\xa6");
    }
}

/* Exif 3.0 section 4.6.5: eight bytes name the encoding. */
static void put_comment(OskText *text, const OskExifEntry *entry)
{
    OskCursor value = clip(entry->value);
    OskEncoding encoding = OSK_UTF8;
    if (osk_cursor_starts(&value, "UNICODE", 8)) {
        encoding = entry->big ? OSK_UTF16BE : OSK_UTF16LE;
        osk_cursor_skip(&value, 8);
    } else if (osk_cursor_starts(&value, "ASCII\0\0", 8) ||
               osk_cursor_starts(&value, "JIS\0\0\0\0", 8) ||
               osk_cursor_starts(&value, "\0\0\0\0\0\0\0", 8)) {
        osk_cursor_skip(&value, 8);
    }
    if (encoding != OSK_UTF8 && osk_cursor_starts(&value, "\xFE\xFF", 2)) {
        encoding = OSK_UTF16BE;
        osk_cursor_skip(&value, 2);
    } else if (encoding != OSK_UTF8 && osk_cursor_starts(&value, "\xFF\xFE", 2)) {
        encoding = OSK_UTF16LE;
        osk_cursor_skip(&value, 2);
    }
    osk_text_untrusted(text, osk_cursor_rest(&value), osk_cursor_left(&value), encoding);
}

/* Cameras fill what they don't know with blanks, and dates with zeros. */
static bool is_blank(const OskText *text, bool is_time)
{
    for (size_t i = 0; i < text->len; i++) {
        char c = text->bytes[i];
        if (c != ' ' && !(is_time && (c == '0' || c == ':'))) {
            return false;
        }
    }
    return true;
}

/* Adds the finding of one entry with a row of its own; false when its value says nothing. */
static bool report_row(const OskExifEntry *entry, const OskExifTag *row, const char *part,
                       OskReport *report)
{
    OskText text;
    osk_text_init(&text);
    if (row->style == EXIF_COMMENT) {
        put_comment(&text, entry);
    } else if (row->style == EXIF_UTF16) {
        OskCursor value = clip(entry->value);
        osk_text_untrusted(&text, osk_cursor_rest(&value), osk_cursor_left(&value), OSK_UTF16LE);
    } else if (row->style == EXIF_VALUE) {
        put_value(&text, entry);
    } else {
        put_size(&text, osk_cursor_left(&entry->value));
    }
    if (is_blank(&text, row->kind == OSK_KIND_TIME)) {
        return false;
    }
    osk_report_add(report,
                   (OskFact){ .kind = (OskKind)row->kind,
                              .part = part,
                              .field = row->field,
                              .label = row->label,
                              .offset = osk_cursor_offset(&entry->value),
                              .len = osk_cursor_left(&entry->value) },
                   &text);
    return true;
}

static void report_unknown(const OskExifEntry *entry, const char *part, OskReport *report)
{
    OskText text;
    osk_text_init(&text);
    osk_text_str(&text, "tag ");
    osk_text_u64(&text, entry->tag);
    osk_text_str(&text, ", ");
    put_size(&text, osk_cursor_left(&entry->value));
    osk_report_add(report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = part,
                              .field = "exif.private",
                              .label = "private data of a program or camera",
                              .offset = osk_cursor_offset(&entry->value),
                              .len = osk_cursor_left(&entry->value) },
                   &text);
}

void osk_exif_inspect_entry(const OskExifEntry *entry, const char *part, OskReport *report)
{
    const OskExifTag *row = osk_exif_tag(OSK_EXIF_IFD_IMAGE, entry->tag);
    if (row == NULL) {
        report_unknown(entry, part, report);
        return;
    }
    if (row->kind == OSK_KIND_NONE || row->style == EXIF_POINTER) {
        return;
    }
    if (row->style == EXIF_XMP) {
        osk_xmp_inspect(entry->value, part, report);
    } else if (row->style == EXIF_IPTC) {
        osk_iptc_inspect(entry->value, part, report);
    } else if (!report_row(entry, row, part, report)) {
        osk_report_add(report,
                       (OskFact){ .kind = (OskKind)row->kind,
                                  .part = part,
                                  .field = row->field,
                                  .label = row->label,
                                  .offset = osk_cursor_offset(&entry->value),
                                  .len = osk_cursor_left(&entry->value) },
                       NULL);
    }
}

static void enqueue(Walk *w, OskExifIfd kind, uint64_t offset)
{
    if (offset == 0) {
        return;
    }
    for (size_t i = 0; i < w->count; i++) {
        if (w->queue[i].offset == offset) {
            return;
        }
    }
    if (w->count == MAX_DIRECTORIES) {
        w->broken = true;
        return;
    }
    w->queue[w->count++] = (Directory){ kind, offset };
}

static void follow_pointer(Walk *w, const OskExifEntry *entry)
{
    OskExifIfd kind = entry->tag == 0x8769   ? OSK_EXIF_IFD_EXIF
                      : entry->tag == 0x8825 ? OSK_EXIF_IFD_GPS
                      : entry->tag == 0xA005 ? OSK_EXIF_IFD_INTEROP
                                             : OSK_EXIF_IFD_IMAGE;
    for (uint64_t i = 0; i < entry->count && i < MAX_DIRECTORIES; i++) {
        /* Each is looked for among those that are queued. */
        if (!osk_budget_parts(w->budget, 1)) {
            w->broken = true;
            return;
        }
        enqueue(w, kind, osk_exif_number(entry, i));
    }
}

static void report_preview(Walk *w, uint64_t offset, uint64_t len, const char *what)
{
    OskCursor bytes = slice(w->tiff, offset, len);
    OskText text;
    osk_text_init(&text);
    osk_text_str(&text, what);
    put_size(&text, len);
    osk_report_add(w->report,
                   (OskFact){ .kind = OSK_KIND_PREVIEW,
                              .part = w->part,
                              .field = "exif.thumbnail",
                              .label = "small preview picture",
                              .offset = osk_cursor_offset(&bytes),
                              .len = osk_cursor_left(&bytes) },
                   &text);
}

static void walk_entry(Walk *w, OskExifIfd kind, const OskExifEntry *entry)
{
    const OskExifTag *row = osk_exif_tag(kind, entry->tag);
    if (row == NULL || row->style == EXIF_COUNTED) {
        w->settings++;
        return;
    }
    bool nested = row->style == EXIF_XMP || row->style == EXIF_IPTC || row->style == EXIF_PHOTOSHOP;
    if (nested && !osk_budget_parts(w->budget, osk_cursor_left(&entry->value) / 64)) {
        w->broken = true;
        return;
    }
    switch ((ExifStyle)row->style) {
    case EXIF_POINTER: follow_pointer(w, entry); break;
    case EXIF_MAKER: osk_exif_maker_inspect(w->tiff, entry, w->part, w->report, w->budget); break;
    case EXIF_XMP: osk_xmp_inspect(entry->value, w->part, w->report); break;
    case EXIF_IPTC: osk_iptc_inspect(entry->value, w->part, w->report); break;
    case EXIF_PHOTOSHOP: osk_photoshop_inspect(entry->value, w->part, w->report, w->budget); break;
    default:
        if (!report_row(entry, row, w->part, w->report)) {
            w->settings++;
        }
        break;
    }
}

/* Reads one directory entry from `c` and finds its value. */
static OskExifEntry read_entry(const Walk *w, OskCursor *c)
{
    OskExifEntry entry = { .big = w->big };
    unsigned width = w->wide ? 8 : 4;
    entry.tag = (uint16_t)read_uint(c, w->big, 2);
    entry.type = (uint16_t)read_uint(c, w->big, 2);
    entry.count = read_uint(c, w->big, width);
    OskCursor slot = osk_cursor_take(c, width);
    uint64_t size = osk_exif_type_size(entry.type);
    if (__builtin_mul_overflow(size, entry.count, &size)) {
        size = UINT64_MAX;
    }
    if (size <= width) {
        entry.value = osk_cursor_take(&slot, size);
    } else {
        entry.value = slice(w->tiff, read_uint(&slot, w->big, width), size);
    }
    return entry;
}

typedef struct Preview {
    uint64_t offset;
    uint64_t len;
    bool has_strips;
} Preview;

static void walk_directory(Walk *w, Directory directory)
{
    OskCursor c = w->tiff;
    osk_cursor_skip(&c, directory.offset);
    uint64_t count = read_uint(&c, w->big, w->wide ? 8 : 2);
    Preview preview = { 0 };
    ExifGps gps;
    memset(&gps, 0, sizeof(gps));
    unsigned gps_count = 0;
    for (uint64_t i = 0; i < count && osk_cursor_ok(&c); i++) {
        OskExifEntry entry = read_entry(w, &c);
        if (!osk_cursor_ok(&c) || !osk_budget_parts(w->budget, 1)) {
            w->broken = true;
            return;
        }
        if (directory.kind == OSK_EXIF_IFD_IMAGE && entry.tag == TAG_ORIENTATION) {
            continue;
        }
        w->entries++;
        if (directory.kind == OSK_EXIF_IFD_GPS && entry.tag < EXIF_GPS_TAGS &&
            osk_exif_tag(OSK_EXIF_IFD_GPS, entry.tag) == NULL) {
            gps.entries[entry.tag] = entry;
            gps_count += !gps.present[entry.tag];
            gps.present[entry.tag] = true;
        } else if (entry.tag == 0x0201) {
            preview.offset = osk_exif_number(&entry, 0);
        } else if (entry.tag == 0x0202) {
            preview.len = osk_exif_number(&entry, 0);
        } else {
            preview.has_strips |= directory.kind == OSK_EXIF_IFD_IMAGE && entry.tag == 0x0111;
            walk_entry(w, directory.kind, &entry);
        }
    }
    if (gps_count > 0) {
        w->settings += gps_count - osk_exif_gps_report(&gps, w->part, w->report);
    }
    if (preview.offset != 0 || preview.len != 0) {
        report_preview(w, preview.offset, preview.len, "JPEG, ");
    } else if (preview.has_strips) {
        report_preview(w, directory.offset, 0, "uncompressed, ");
    }
    if (directory.kind == OSK_EXIF_IFD_IMAGE && osk_cursor_left(&c) >= 4) {
        enqueue(w, OSK_EXIF_IFD_IMAGE, read_uint(&c, w->big, w->wide ? 8 : 4));
    }
    w->broken |= !osk_cursor_ok(&c);
}

static void walk_all(Walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        walk_directory(w, w->queue[i]);
    }
    if (w->settings > 0) {
        OskText text;
        osk_text_init(&text);
        osk_text_u64(&text, w->settings);
        osk_text_str(&text, w->settings == 1 ? " value" : " values");
        osk_report_add(w->report,
                       (OskFact){ .kind = OSK_KIND_SOFTWARE,
                                  .part = w->part,
                                  .field = "exif.settings",
                                  .label = "camera settings (exposure, lens, sizes)",
                                  .offset = osk_cursor_offset(&w->tiff) + w->queue[0].offset },
                       &text);
    }
}

/* Steps over "Exif\0\0", reads the byte order and the version. */
static bool open_tiff(Walk *w, uint64_t *first)
{
    if (osk_cursor_starts(&w->tiff, "Exif\0", 6)) {
        osk_cursor_skip(&w->tiff, 6);
    }
    OskCursor c = w->tiff;
    w->big = osk_cursor_starts(&c, "MM", 2);
    if (!w->big && !osk_cursor_starts(&c, "II", 2)) {
        return false;
    }
    osk_cursor_skip(&c, 2);
    uint64_t version = read_uint(&c, w->big, 2);
    w->wide = version == 43;
    if (w->wide) {
        osk_cursor_skip(&c, 4);
    }
    *first = read_uint(&c, w->big, w->wide ? 8 : 4);
    return osk_cursor_ok(&c) && (version == 42 || w->wide);
}

static void make_minimal(uint8_t out[MINIMAL_LEN], unsigned orientation, bool big)
{
    static const uint8_t be[MINIMAL_LEN] = { 'M', 'M',  0,    42, 0, 0, 0, 8, 0,
                                             1,   0x01, 0x12, 0,  3, 0, 0, 0, 1 };
    static const uint8_t le[MINIMAL_LEN] = {
        'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1
    };
    memcpy(out, big ? be : le, MINIMAL_LEN);
    out[big ? 19 : 18] = (uint8_t)orientation;
}

bool osk_exif_write_orientation(OskWriter *writer, unsigned orientation)
{
    if (orientation > 8) {
        return false;
    }
    uint8_t bytes[MINIMAL_LEN];
    make_minimal(bytes, orientation, true);
    osk_writer_bytes(writer, bytes, sizeof(bytes));
    return osk_writer_ok(writer);
}

static bool is_minimal(OskCursor tiff, bool big)
{
    uint8_t want[MINIMAL_LEN];
    make_minimal(want, osk_exif_orientation(tiff), big);
    return osk_cursor_left(&tiff) == MINIMAL_LEN && osk_cursor_starts(&tiff, want, MINIMAL_LEN);
}

bool osk_exif_is_minimal(OskCursor tiff)
{
    return is_minimal(tiff, true);
}

static void report_leftover(const Walk *w)
{
    osk_report_add(w->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = w->part,
                              .field = "exif.leftover",
                              .label = "bytes in the Exif block whose meaning is unknown",
                              .offset = osk_cursor_offset(&w->tiff),
                              .len = osk_cursor_left(&w->tiff) },
                   NULL);
}

void osk_exif_inspect(OskCursor tiff, const char *part, OskReport *report, OskBudget *budget)
{
    Walk w = { .tiff = tiff, .part = part, .report = report, .budget = budget };
    if (!osk_budget_enter(budget)) {
        report_leftover(&w);
        return;
    }
    uint64_t first = 0;
    bool opened = open_tiff(&w, &first);
    if (opened) {
        enqueue(&w, OSK_EXIF_IFD_IMAGE, first);
        walk_all(&w);
    }
    /* Nothing but an orientation, in either byte order, is no finding. */
    bool bare = opened && w.entries == 0 && !w.broken;
    if (!opened || w.broken || (bare && !is_minimal(w.tiff, true) && !is_minimal(w.tiff, false))) {
        report_leftover(&w);
    }
    osk_budget_leave(budget);
}

void osk_exif_inspect_ifd(OskCursor tiff, OskExifIfd ifd, uint64_t offset, const char *part,
                          OskReport *report, OskBudget *budget)
{
    Walk w = { .tiff = tiff, .part = part, .report = report, .budget = budget };
    uint64_t first = 0;
    if (!osk_budget_enter(budget)) {
        report_leftover(&w);
        return;
    }
    if (open_tiff(&w, &first)) {
        enqueue(&w, ifd, offset);
        walk_all(&w);
    }
    if (w.broken || w.entries == 0) {
        report_leftover(&w);
    }
    osk_budget_leave(budget);
}

unsigned osk_exif_orientation(OskCursor tiff)
{
    Walk w = { .tiff = tiff };
    uint64_t first = 0;
    if (!open_tiff(&w, &first)) {
        return 1;
    }
    OskCursor c = w.tiff;
    osk_cursor_skip(&c, first);
    uint64_t count = read_uint(&c, w.big, w.wide ? 8 : 2);
    /* A directory of more entries than there are tag numbers is not read. */
    for (uint64_t i = 0; i < count && i < 65536 && osk_cursor_ok(&c); i++) {
        OskExifEntry entry = read_entry(&w, &c);
        if (osk_cursor_ok(&c) && entry.tag == TAG_ORIENTATION) {
            uint64_t value = osk_exif_number(&entry, 0);
            return value <= 8 ? (unsigned)value : 1;
        }
    }
    return 1;
}
