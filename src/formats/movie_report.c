/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the boxes and tracks that go reveal, in words: notes in udta and meta, times, names, tracks.
 */
#include "formats/movie.h"

#include "parts/c2pa.h"
#include "parts/xmp.h"

static void add(OskMovie *movie, OskFact fact, const OskText *text)
{
    osk_report_add(movie->walk->report, fact, text);
}

/* ---- Values ---- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* One coordinate of ISO 6709 in degrees: a sign, digits, perhaps a fraction. Appends it without
 * zeros in front; false when it is of another form. */
static bool put_coordinate(OskText *text, const uint8_t **at, const uint8_t *end, unsigned digits)
{
    const uint8_t *p = *at;
    if (p == end || (*p != '+' && *p != '-')) {
        return false;
    }
    bool negative = *p++ == '-';
    const uint8_t *whole = p;
    while (p < end && is_digit(*p)) {
        p++;
    }
    if (p == whole || (size_t)(p - whole) > digits) {
        return false;
    }
    while (whole + 1 < p && *whole == '0') {
        whole++;
    }
    if (p < end && *p == '.') {
        p++;
        while (p < end && is_digit(*p)) {
            p++;
        }
    }
    if (negative) {
        osk_text_str(text, "-");
    }
    osk_text_untrusted(text, whole, (size_t)(p - whole), OSK_UTF8);
    *at = p;
    return true;
}

/* "+48.8577+002.2950+035.0/" as "48.8577, 2.2950 (35.0 m)"; anything else as it stands. */
static void put_place(OskText *text, const uint8_t *bytes, size_t len)
{
    const uint8_t *at = bytes;
    const uint8_t *end = bytes + len;
    OskText place;
    osk_text_init(&place);
    bool good = put_coordinate(&place, &at, end, 2);
    osk_text_str(&place, ", ");
    good = good && put_coordinate(&place, &at, end, 3);
    if (good && at < end && (*at == '+' || *at == '-')) {
        OskText height = place;
        osk_text_str(&height, " (height ");
        if (put_coordinate(&height, &at, end, 6)) {
            osk_text_str(&height, " m)");
            place = height;
        }
    }
    if (good) {
        osk_text_str(text, place.bytes);
    } else {
        osk_text_untrusted(text, bytes, len, OSK_UTF8);
    }
}

/* A 16.16 number of degrees with four decimals. */
static void put_fixed(OskText *text, uint32_t value)
{
    int64_t degrees = (int64_t)(int32_t)value * 10000 / 65536;
    osk_text_decimal(text, degrees, 4);
}

/* Seconds since 1904-01-01 as a date and a time of UTC. */
static void put_date(OskText *text, uint64_t seconds)
{
    uint64_t days = seconds / 86400;
    uint64_t rest = seconds % 86400;
    /* Days since 0000-03-01; 1904-01-01 is day 695361 of that count. */
    uint64_t n = days + 695361;
    uint64_t era = n / 146097;
    uint64_t doe = n % 146097;
    uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint64_t mp = (5 * doy + 2) / 153;
    uint64_t month = mp < 10 ? mp + 3 : mp - 9;
    osk_text_padded(text, yoe + era * 400 + (month <= 2 ? 1 : 0), 4);
    osk_text_str(text, "-");
    osk_text_padded(text, month, 2);
    osk_text_str(text, "-");
    osk_text_padded(text, doy - (153 * mp + 2) / 5 + 1, 2);
    osk_text_str(text, " ");
    osk_text_padded(text, rest / 3600, 2);
    osk_text_str(text, ":");
    osk_text_padded(text, rest / 60 % 60, 2);
    osk_text_str(text, ":");
    osk_text_padded(text, rest % 60, 2);
    osk_text_str(text, " UTC");
}

void osk_movie_report_times(OskMovie *movie, OskCursor body, const char *part)
{
    OskFact fact = { .kind = OSK_KIND_TIME,
                     .part = part,
                     .field = "mp4.created",
                     .label = "when it was taken or changed",
                     .offset = osk_cursor_offset(&body),
                     .len = osk_cursor_left(&body) };
    uint8_t version = 0;
    osk_box_full(&body, &version);
    unsigned width = version == 1 ? 8 : 4;
    uint64_t created = osk_cursor_be(&body, width);
    uint64_t changed = osk_cursor_be(&body, width);
    uint64_t value = created != 0 ? created : changed;
    if (osk_cursor_ok(&body) && value != 0) {
        OskText text;
        osk_text_init(&text);
        put_date(&text, value % (UINT64_C(1) << 40));
        add(movie, fact, &text);
    }
}

void osk_movie_report_handler(OskMovie *movie, OskCursor body)
{
    OskFact fact = { .kind = OSK_KIND_SOFTWARE,
                     .part = "hdlr",
                     .field = "mp4.handler-name",
                     .label = "name that a camera or program gave to a track",
                     .offset = osk_cursor_offset(&body),
                     .len = osk_cursor_left(&body) };
    osk_cursor_skip(&body, 24);
    size_t len = osk_cursor_left(&body);
    const uint8_t *name = osk_cursor_bytes(&body, len);
    size_t skip = name != NULL && len > 0 && name[0] < 32 ? 1 : 0; /* QuickTime writes its length */
    if (name != NULL && len > skip && name[skip] != 0) {
        osk_report_add_untrusted(movie->walk->report, fact, name + skip, len - skip, OSK_UTF8);
    }
}

/* ---- Named notes ---- */

typedef enum NoteForm { NOTE_TEXT, NOTE_PLACE, NOTE_LOCI, NOTE_BYTES, NOTE_3GPP } NoteForm;

typedef struct NoteRow {
    uint32_t type;
    const char *key; /* of an mdta item; else NULL */
    OskKind kind;
    NoteForm form;
    const char *field;
    const char *label;
} NoteRow;

#define COPY(a, b, c) OSK_FOURCC(0xA9, a, b, c)

static const NoteRow notes[] = {
    { COPY('x', 'y', 'z'), "com.apple.quicktime.location.ISO6709", OSK_KIND_PLACE, NOTE_PLACE,
      "mp4.position", "place where it was taken" },
    { OSK_FOURCC('l', 'o', 'c', 'i'), "com.apple.quicktime.location.name", OSK_KIND_PLACE,
      NOTE_LOCI, "mp4.location", "place where it was taken" },
    { 0, "com.apple.quicktime.location.accuracy.horizontal", OSK_KIND_PLACE, NOTE_TEXT,
      "mp4.position-accuracy", "how exactly the place is known, in metres" },
    { 0, "com.apple.quicktime.location", OSK_KIND_PLACE, NOTE_TEXT, "mp4.location",
      "place where it was taken" },
    { 0, "com.apple.quicktime.content.identifier", OSK_KIND_DEVICE, NOTE_TEXT,
      "apple.content-identifier",
      "number that ties this video to a Live Photo: a picture with the same number belongs to it" },
    { COPY('d', 'a', 'y'), "com.apple.quicktime.creationdate", OSK_KIND_TIME, NOTE_TEXT, "mp4.date",
      "when it was taken" },
    { 0, "com.apple.quicktime.make", OSK_KIND_DEVICE, NOTE_TEXT, "mp4.make",
      "maker of the camera" },
    { 0, "com.apple.quicktime.model", OSK_KIND_DEVICE, NOTE_TEXT, "mp4.model",
      "model of the camera" },
    { 0, "com.apple.quicktime.camera.identifier", OSK_KIND_DEVICE, NOTE_TEXT, "mp4.camera-id",
      "identifier of the camera" },
    { 0, "com.apple.quicktime.camera", OSK_KIND_DEVICE, NOTE_TEXT, "mp4.camera",
      "lens and settings of the camera" },
    { 0, "com.apple.quicktime.software", OSK_KIND_SOFTWARE, NOTE_TEXT, "mp4.software",
      "version of the phone's system" },
    { 0, "com.android.version", OSK_KIND_SOFTWARE, NOTE_TEXT, "mp4.software",
      "version of the phone's system" },
    { 0, "com.android.manufacturer", OSK_KIND_DEVICE, NOTE_TEXT, "mp4.make",
      "maker of the camera" },
    { 0, "com.android.model", OSK_KIND_DEVICE, NOTE_TEXT, "mp4.model", "model of the camera" },
    { 0, "com.apple.quicktime.author", OSK_KIND_NAME, NOTE_TEXT, "mp4.author",
      "who made the video" },
    { COPY('m', 'a', 'k'), NULL, OSK_KIND_DEVICE, NOTE_TEXT, "mp4.make", "maker of the camera" },
    { COPY('m', 'o', 'd'), NULL, OSK_KIND_DEVICE, NOTE_TEXT, "mp4.model", "model of the camera" },
    { OSK_FOURCC('m', 'a', 'n', 'u'), NULL, OSK_KIND_DEVICE, NOTE_BYTES, "mp4.make",
      "maker of the camera" },
    { OSK_FOURCC('m', 'o', 'd', 'l'), NULL, OSK_KIND_DEVICE, NOTE_BYTES, "mp4.model",
      "model of the camera" },
    { COPY('s', 'w', 'r'), NULL, OSK_KIND_SOFTWARE, NOTE_TEXT, "mp4.software",
      "program that wrote the file" },
    { COPY('t', 'o', 'o'), NULL, OSK_KIND_SOFTWARE, NOTE_TEXT, "mp4.encoder",
      "program that wrote the file" },
    { COPY('e', 'n', 'c'), NULL, OSK_KIND_SOFTWARE, NOTE_TEXT, "mp4.encoder",
      "program that wrote the file" },
    { COPY('n', 'a', 'm'), NULL, OSK_KIND_NAME, NOTE_TEXT, "mp4.title", "title" },
    { COPY('A', 'R', 'T'), NULL, OSK_KIND_NAME, NOTE_TEXT, "mp4.artist", "who made the video" },
    { COPY('a', 'u', 't'), NULL, OSK_KIND_NAME, NOTE_TEXT, "mp4.author", "who made the video" },
    { COPY('c', 'm', 't'), NULL, OSK_KIND_NAME, NOTE_TEXT, "mp4.comment", "comment" },
    { COPY('d', 'e', 's'), NULL, OSK_KIND_NAME, NOTE_TEXT, "mp4.description", "description" },
    { COPY('c', 'p', 'y'), NULL, OSK_KIND_NAME, NOTE_TEXT, "mp4.copyright", "copyright note" },
    { OSK_FOURCC('t', 'i', 't', 'l'), NULL, OSK_KIND_NAME, NOTE_3GPP, "mp4.title", "title" },
    { OSK_FOURCC('a', 'u', 't', 'h'), NULL, OSK_KIND_NAME, NOTE_3GPP, "mp4.author",
      "who made the video" },
    { OSK_FOURCC('d', 's', 'c', 'p'), NULL, OSK_KIND_NAME, NOTE_3GPP, "mp4.description",
      "description" },
    { OSK_FOURCC('c', 'p', 'r', 't'), NULL, OSK_KIND_NAME, NOTE_3GPP, "mp4.copyright",
      "copyright note" },
    { OSK_FOURCC('p', 'e', 'r', 'f'), NULL, OSK_KIND_NAME, NOTE_3GPP, "mp4.artist",
      "who is in the video" },
    { OSK_FOURCC('a', 'l', 'b', 'm'), NULL, OSK_KIND_NAME, NOTE_3GPP, "mp4.album", "album" },
    { OSK_FOURCC('n', 'a', 'm', 'e'), NULL, OSK_KIND_NAME, NOTE_BYTES, "mp4.name", "name" },
    { OSK_FOURCC('c', 'o', 'v', 'r'), NULL, OSK_KIND_PREVIEW, NOTE_BYTES, "mp4.cover",
      "a second picture inside of the file" },
    { OSK_FOURCC('t', 'h', 'm', 'b'), NULL, OSK_KIND_PREVIEW, NOTE_BYTES, "mp4.thumbnail",
      "a small copy of the picture" },
    { OSK_FOURCC('t', 'h', 'm', 'a'), NULL, OSK_KIND_PREVIEW, NOTE_BYTES, "mp4.thumbnail",
      "a small copy of the picture" },
    { OSK_FOURCC('N', 'C', 'D', 'T'), NULL, OSK_KIND_DEVICE, NOTE_BYTES, "mp4.maker",
      "settings and numbers of the camera (Nikon)" },
    { OSK_FOURCC('C', 'N', 'T', 'H'), NULL, OSK_KIND_PREVIEW, NOTE_BYTES, "mp4.thumbnail",
      "a small copy of the picture (Canon)" },
    { OSK_FOURCC('C', 'A', 'M', 'E'), NULL, OSK_KIND_DEVICE, NOTE_BYTES, "mp4.serial",
      "number of the camera (GoPro)" },
    { OSK_FOURCC('M', 'U', 'I', 'D'), NULL, OSK_KIND_DEVICE, NOTE_BYTES, "mp4.media-id",
      "number of the recording (GoPro)" },
    { OSK_FOURCC('F', 'I', 'R', 'M'), NULL, OSK_KIND_DEVICE, NOTE_BYTES, "mp4.firmware",
      "version of the camera's program (GoPro)" },
    { OSK_FOURCC('G', 'P', 'M', 'F'), NULL, OSK_KIND_DEVICE, NOTE_BYTES, "mp4.maker",
      "settings and numbers of the camera (GoPro)" },
};

static const NoteRow *find_note(uint32_t type)
{
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        if (notes[i].type == type && type != 0) {
            return &notes[i];
        }
    }
    return NULL;
}

/* The row whose key begins this one; rows with longer keys stand first. */
static const NoteRow *find_key(const OskCursor *key)
{
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        if (notes[i].key != NULL && osk_cursor_starts(key, notes[i].key, strlen(notes[i].key))) {
            return &notes[i];
        }
    }
    return NULL;
}

/* "lon, lat" of 3GPP's location box: language, a name, a role, then longitude, latitude, altitude.
 */
static void put_loci(OskText *text, OskCursor value)
{
    osk_cursor_skip(&value, 6);
    const uint8_t *name = osk_cursor_rest(&value);
    size_t len = 0;
    while (osk_cursor_more(&value) && osk_cursor_u8(&value) != 0) {
        len++;
    }
    osk_cursor_skip(&value, 1);
    uint32_t longitude = osk_cursor_u32be(&value);
    uint32_t latitude = osk_cursor_u32be(&value);
    if (osk_cursor_ok(&value)) {
        put_fixed(text, latitude);
        osk_text_str(text, ", ");
        put_fixed(text, longitude);
        osk_text_str(text, len > 0 ? " " : "");
    }
    if (name != NULL) {
        osk_text_untrusted(text, name, len, OSK_UTF8);
    }
}

static void report_note(OskMovie *movie, const NoteRow *row, OskFact fact, OskCursor value)
{
    OskText text;
    osk_text_init(&text);
    size_t len = osk_cursor_left(&value);
    const uint8_t *bytes = osk_cursor_rest(&value);
    fact.kind = row->kind;
    fact.field = row->field;
    fact.label = row->label;
    if (row->form == NOTE_PLACE && len > 0) {
        put_place(&text, bytes, len);
    } else if (row->form == NOTE_LOCI && row->type == OSK_FOURCC('l', 'o', 'c', 'i')) {
        put_loci(&text, value);
    } else if (row->form == NOTE_3GPP && len > 6) {
        osk_text_untrusted(&text, bytes + 6, len - 6, OSK_UTF8);
    } else if (row->kind != OSK_KIND_PREVIEW && len > 0) {
        osk_text_untrusted(&text, bytes, len, OSK_UTF8);
    }
    add(movie, fact, &text);
}

/* An item of ilst: its data box, behind its type and language. */
static OskCursor take_data(OskCursor item)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&item, &box, &body)) {
        if (box.type == OSK_FOURCC('d', 'a', 't', 'a')) {
            osk_cursor_skip(&body, 8);
            return body;
        }
    }
    return osk_cursor_make(NULL, 0, osk_cursor_offset(&item));
}

/* The name of the `index`th key (from 1). */
static OskCursor find_mdta_key(OskCursor keys, uint32_t index)
{
    osk_cursor_skip(&keys, 8);
    for (uint32_t i = 1; osk_cursor_left(&keys) >= 8; i++) {
        uint32_t len = osk_cursor_u32be(&keys);
        osk_cursor_skip(&keys, 4);
        OskCursor key = osk_cursor_take(&keys, len >= 8 ? len - 8 : 0);
        if (i == index || len < 8) {
            return key;
        }
    }
    return osk_cursor_make(NULL, 0, 0);
}

static void report_ilst(OskMovie *movie, OskCursor ilst, OskCursor keys, const char *part)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&ilst, &box, &body)) {
        OskFact fact = { .kind = OSK_KIND_NAME,
                         .part = part,
                         .field = "mp4.note",
                         .label = "a note that a camera or program left",
                         .offset = box.offset,
                         .len = box.size };
        OskCursor value = take_data(body);
        OskCursor key = find_mdta_key(keys, box.type);
        bool named = osk_cursor_left(&keys) > 0 && osk_cursor_left(&key) > 0;
        const NoteRow *row = named ? find_key(&key) : find_note(box.type);
        if (row != NULL) {
            report_note(movie, row, fact, value);
            continue;
        }
        OskText text;
        osk_text_init(&text);
        if (named) {
            osk_text_untrusted(&text, osk_cursor_rest(&key), osk_cursor_left(&key), OSK_UTF8);
        } else {
            osk_box_type_text(&text, box.type);
        }
        if (osk_cursor_left(&value) > 0) {
            osk_text_str(&text, ": ");
            osk_text_untrusted(&text, osk_cursor_rest(&value), osk_cursor_left(&value), OSK_UTF8);
        }
        add(movie, fact, &text);
    }
}

static void report_meta(OskMovie *movie, OskCursor meta, const char *part)
{
    OskCursor children = meta;
    OskCursor probe = meta;
    /* QuickTime's meta is no full box: it begins with a child at once. */
    osk_cursor_skip(&probe, 4);
    if (!osk_cursor_starts(&probe, "hdlr", 4)) {
        osk_cursor_skip(&children, 4);
    }
    OskCursor keys = osk_cursor_make(NULL, 0, 0);
    OskCursor ilst = keys;
    OskFact fact = { .kind = OSK_KIND_OTHER,
                     .part = part,
                     .field = "mp4.meta",
                     .label = "notes of the camera or program",
                     .offset = osk_cursor_offset(&meta),
                     .len = osk_cursor_left(&meta) };
    OskBox box;
    OskCursor body;
    while (osk_box_next(&children, &box, &body)) {
        if (box.type == OSK_FOURCC('k', 'e', 'y', 's')) {
            keys = body;
        } else if (box.type == OSK_FOURCC('i', 'l', 's', 't')) {
            ilst = body;
        } else if (box.type == OSK_FOURCC('x', 'm', 'l', ' ')) {
            osk_xmp_inspect(body, part, movie->walk->report);
        }
    }
    add(movie, fact, NULL);
    report_ilst(movie, ilst, keys, part);
}

static void report_udta(OskMovie *movie, OskCursor udta, const char *part)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&udta, &box, &body)) {
        OskFact fact = { .kind = OSK_KIND_OTHER,
                         .part = part,
                         .field = "mp4.note",
                         .label = "a note that a camera or program left",
                         .offset = box.offset,
                         .len = box.size };
        const NoteRow *row = find_note(box.type);
        if (box.type == OSK_FOURCC('m', 'e', 't', 'a')) {
            report_meta(movie, body, part);
        } else if (box.type == OSK_FOURCC('X', 'M', 'P', '_')) {
            osk_xmp_inspect(body, part, movie->walk->report);
            add(movie, fact, NULL);
        } else if (row != NULL) {
            /* QuickTime's own kind: a length and a language stand in front of the text. */
            osk_cursor_skip(&body, box.type >> 24 == 0xA9 && osk_cursor_left(&body) >= 4 ? 4 : 0);
            report_note(movie, row, fact, body);
        } else if (box.size > box.header) {
            OskText text;
            osk_text_init(&text);
            osk_box_type_text(&text, box.type);
            add(movie, fact, &text);
        }
    }
}

/* ---- Boxes ---- */

static bool is_blank(OskCursor body)
{
    while (osk_cursor_more(&body)) {
        if (osk_cursor_u8(&body) != 0) {
            return false;
        }
    }
    return true;
}

static void report_uuid(OskMovie *movie, const OskBox *box, OskCursor body, OskFact fact)
{
    static const uint8_t xmp[4] = { 0xBE, 0x7A, 0xCF, 0xCB };
    static const uint8_t c2pa[4] = { 0xD8, 0xFE, 0xC3, 0xD6 };
    /* The box may have been read without its user type in the header. */
    const uint8_t *id = box->uuid;
    uint8_t first[4] = { 0 };
    if (box->header < 24) {
        osk_cursor_peek(&body, first, sizeof(first));
        osk_cursor_skip(&body, 16);
        id = first;
    }
    if (memcmp(id, xmp, sizeof(xmp)) == 0) {
        osk_xmp_inspect(body, fact.part, movie->walk->report);
        fact.label = "notes of an editing program (XMP)";
    } else if (memcmp(id, c2pa, sizeof(c2pa)) == 0) {
        osk_c2pa_inspect(body, fact.part, movie->walk->report, movie->walk->budget);
        fact.label = "signed history of the file (C2PA)";
        fact.kind = OSK_KIND_DEVICE;
    }
    add(movie, fact, NULL);
}

void osk_movie_report_box(OskMovie *movie, const OskBox *box, OskCursor body, unsigned level)
{
    const OskPart *row = osk_movie_row(level, box->type);
    /* A box that is rewritten as a rule, and yet comes here, was of no use. */
    if (row == NULL || (row->verdict != OSK_DROP && row->kind == OSK_KIND_NONE)) {
        row = osk_movie_row(OSK_AT_FILE, OSK_MOVIE_TAG_OTHER);
    }
    if (row == NULL || row->kind == OSK_KIND_NONE) {
        return;
    }
    OskFact fact = { .kind = row->kind,
                     .part = row->name,
                     .field = "mp4.box",
                     .label = row->meaning,
                     .offset = box->offset,
                     .len = box->size };
    switch (box->type) {
    case OSK_FOURCC('u', 'd', 't', 'a'): report_udta(movie, body, row->name); return;
    case OSK_FOURCC('m', 'e', 't', 'a'): report_meta(movie, body, row->name); return;
    case OSK_FOURCC('u', 'u', 'i', 'd'): report_uuid(movie, box, body, fact); return;
    case OSK_FOURCC('f', 'r', 'e', 'e'):
    case OSK_FOURCC('s', 'k', 'i', 'p'):
    case OSK_FOURCC('w', 'i', 'd', 'e'):
        if (is_blank(body)) {
            return;
        }
        break;
    default: break;
    }
    OskText text;
    osk_text_init(&text);
    osk_box_type_text(&text, box->type);
    add(movie, fact, &text);
}

/* ---- Tracks ---- */

typedef struct TrackRow {
    uint32_t type; /* of the samples, or of the handler */
    OskKind kind;
    const char *label;
} TrackRow;

static const TrackRow track_rows[] = {
    { OSK_FOURCC('g', 'p', 'm', 'd'), OSK_KIND_PLACE,
      "track with the position and movement of the camera, many times a second (GoPro)" },
    { OSK_FOURCC('c', 'a', 'm', 'm'), OSK_KIND_PLACE,
      "track with the position and movement of the camera, many times a second" },
    { OSK_FOURCC('f', 'd', 's', 'c'), OSK_KIND_DEVICE, "track with files of the camera (GoPro)" },
    { OSK_FOURCC('r', 't', 'm', 'd'), OSK_KIND_PLACE,
      "track with position, time and settings of the camera (Sony)" },
    { OSK_FOURCC('m', 'e', 'b', 'x'), OSK_KIND_DEVICE,
      "track with notes for every moment: faces, orientation, scenes (iPhone)" },
    { OSK_FOURCC('m', 'e', 't', 't'), OSK_KIND_OTHER, "track with notes for every moment" },
    { OSK_FOURCC('t', 'm', 'c', 'd'), OSK_KIND_TIME, "track with the clock time of the recording" },
    { OSK_FOURCC('m', 'e', 't', 'a'), OSK_KIND_OTHER, "track with notes for every moment" },
    { OSK_FOURCC('t', 'e', 'x', 't'), OSK_KIND_NAME, "track with text" },
    { OSK_FOURCC('s', 'b', 't', 'l'), OSK_KIND_NAME, "track with subtitles" },
    { OSK_FOURCC('s', 'u', 'b', 't'), OSK_KIND_NAME, "track with subtitles" },
    { OSK_FOURCC('s', 'u', 'b', 'p'), OSK_KIND_NAME, "track with subtitles" },
    { OSK_FOURCC('c', 'l', 'c', 'p'), OSK_KIND_NAME, "track with captions" },
    { OSK_FOURCC('h', 'i', 'n', 't'), OSK_KIND_OTHER, "track with streaming hints" },
    { OSK_FOURCC('v', 'i', 'd', 'e'), OSK_KIND_PREVIEW, "pictures that are not shown" },
    { OSK_FOURCC('p', 'i', 'c', 't'), OSK_KIND_PREVIEW, "pictures that are not shown" },
    { OSK_FOURCC('a', 'u', 'x', 'v'), OSK_KIND_PREVIEW, "pictures that are not shown" },
    { OSK_FOURCC('s', 'o', 'u', 'n'), OSK_KIND_PREVIEW, "sound that is not played" },
};

static const TrackRow *find_track_row(uint32_t type)
{
    for (size_t i = 0; i < sizeof(track_rows) / sizeof(track_rows[0]); i++) {
        if (track_rows[i].type == type) {
            return &track_rows[i];
        }
    }
    return NULL;
}

void osk_movie_report_track(OskMovie *movie, const OskTrack *track)
{
    if (track->handler == OSK_FOURCC('s', 'o', 'u', 'n') && movie->walk->options->drop_audio) {
        return;
    }
    OskCursor stsd = track->stsd;
    osk_cursor_skip(&stsd, 12);
    uint32_t type = osk_cursor_u32be(&stsd);
    bool coded = track->handler == OSK_FOURCC('v', 'i', 'd', 'e') ||
                 track->handler == OSK_FOURCC('s', 'o', 'u', 'n');
    const TrackRow *row = coded ? NULL : find_track_row(type);
    row = row != NULL ? row : find_track_row(track->handler);
    OskText text;
    osk_text_init(&text);
    osk_box_type_text(&text, type);
    add(movie,
        (OskFact){ .kind = row != NULL ? row->kind : OSK_KIND_OTHER,
                   .part = "moov/trak",
                   .field = "mp4.track",
                   .label = row != NULL ? row->label : "track that is neither picture nor sound",
                   .offset = track->offset,
                   .len = track->len },
        &text);
}
