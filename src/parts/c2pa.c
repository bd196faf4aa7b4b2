/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content Credentials: JUMBF superboxes (ISO 19566-5) that hold claims in CBOR and certificates in
 * DER. Nothing of it survives a scrub, so it is not parsed but searched, which also works on the
 * pieces that JPEG cuts it into. */
#include "parts/c2pa.h"

#include <string.h>

#define MAX_TEXT 512u
/* A manifest repeats its keys in every ingredient; a person needs the first few. */
#define MAX_REPEATS 8u

typedef struct Key {
    const char *name;
    OskKind kind;
    const char *field;
    const char *label;
    bool label_prefix; /* a box's label begins so; else a CBOR or JSON key */
} Key;

static const Key keys[] = {
    { "c2pa.thumbnail", OSK_KIND_PREVIEW, "c2pa.thumbnail", "small preview picture", true },
    { "stds.exif", OSK_KIND_PLACE, "c2pa.exif", "signed camera data", true },
    { "stds.schema-org", OSK_KIND_NAME, "c2pa.creative-work", "signed authorship", true },
    { "cawg.identity", OSK_KIND_NAME, "c2pa.identity", "signed identity", true },
    { "urn:uuid:", OSK_KIND_DEVICE, "c2pa.manifest", "unique number of the signed history", true },
    { "urn:c2pa:", OSK_KIND_DEVICE, "c2pa.manifest", "unique number of the signed history", true },
    { "claim_generator", OSK_KIND_SOFTWARE, "c2pa.generator", "program that signed it", false },
    { "softwareAgent", OSK_KIND_SOFTWARE, "c2pa.software", "program that edited it", false },
    { "dc:title", OSK_KIND_NAME, "c2pa.title", "title", false },
    { "title", OSK_KIND_NAME, "c2pa.title", "title", false },
    { "name", OSK_KIND_NAME, "c2pa.name", "name", false },
    { "author", OSK_KIND_NAME, "c2pa.author", "name of the author", false },
    { "when", OSK_KIND_TIME, "c2pa.when", "when it was edited", false },
    { "instanceID", OSK_KIND_DEVICE, "c2pa.instance", "unique number of this version", false },
    { "documentID", OSK_KIND_DEVICE, "c2pa.document", "unique number of the document", false },
    { "EXIF:GPSLatitude", OSK_KIND_PLACE, "c2pa.latitude", "place where it was taken", false },
    { "exif:GPSLatitude", OSK_KIND_PLACE, "c2pa.latitude", "place where it was taken", false },
    { "EXIF:GPSLongitude", OSK_KIND_PLACE, "c2pa.longitude", "place where it was taken", false },
    { "exif:GPSLongitude", OSK_KIND_PLACE, "c2pa.longitude", "place where it was taken", false },
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

typedef struct Search {
    OskCursor at; /* the place that is looked at */
    const char *part;
    OskReport *report;
    unsigned repeats[KEY_COUNT];
    unsigned names;
} Search;

static void report_text(Search *s, OskFact fact, OskCursor value)
{
    fact.part = s->part;
    fact.offset = osk_cursor_offset(&value);
    fact.len = osk_cursor_left(&value);
    size_t len = osk_cursor_left(&value) < MAX_TEXT ? osk_cursor_left(&value) : MAX_TEXT;
    osk_report_add_untrusted(s->report, fact, osk_cursor_rest(&value), len, OSK_UTF8);
}

/* A CBOR text string (RFC 8949, major type 3), perhaps tagged as a date. */
static bool read_cbor_text(OskCursor *c, OskCursor *out)
{
    uint8_t head = osk_cursor_u8(c);
    if (head == 0xC0) {
        head = osk_cursor_u8(c);
    }
    if (head < 0x60 || head > 0x79) {
        return false;
    }
    uint64_t len = head - 0x60u;
    if (len >= 24) {
        len = osk_cursor_be(c, len == 24 ? 1 : 2);
    }
    *out = osk_cursor_take(c, len);
    return osk_cursor_ok(out) && osk_cursor_more(out);
}

/* The value of a JSON key: `"key":"value"`; `c` stands behind the key. */
static bool read_json_text(OskCursor *c, OskCursor *out)
{
    if (!osk_cursor_starts(c, "\":", 2)) {
        return false;
    }
    osk_cursor_skip(c, 2);
    while (osk_cursor_starts(c, " ", 1)) {
        osk_cursor_skip(c, 1);
    }
    if (!osk_cursor_starts(c, "\"", 1)) {
        return false;
    }
    osk_cursor_skip(c, 1);
    OskCursor scan = *c;
    uint64_t len = 0;
    while (osk_cursor_more(&scan) && osk_cursor_u8(&scan) != '"' && len < MAX_TEXT) {
        len++;
    }
    *out = osk_cursor_take(c, len);
    return osk_cursor_more(out);
}

/* The label of a description box: type, 16 bytes of UUID, one of toggles, text. */
static bool match_label(const Search *s, const Key *key, OskCursor *value)
{
    OskCursor c = s->at;
    osk_cursor_skip(&c, 4 + 16 + 1);
    if (!osk_cursor_starts(&c, key->name, strlen(key->name))) {
        return false;
    }
    OskCursor scan = c;
    uint64_t len = 0;
    while (osk_cursor_more(&scan) && osk_cursor_u8(&scan) != 0 && len < MAX_TEXT) {
        len++;
    }
    *value = osk_cursor_take(&c, len);
    return true;
}

static bool match_key(const Search *s, const Key *key, OskCursor *value)
{
    size_t len = strlen(key->name);
    OskCursor c = s->at;
    uint8_t head = osk_cursor_u8(&c);
    bool cbor = head == 0x60 + len;
    if ((!cbor && head != '"') || !osk_cursor_starts(&c, key->name, len)) {
        return false;
    }
    osk_cursor_skip(&c, len);
    return cbor ? read_cbor_text(&c, value) : read_json_text(&c, value);
}

static void search_keys(Search *s)
{
    bool label = osk_cursor_starts(&s->at, "jumd", 4);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (keys[i].label_prefix != label || s->repeats[i] >= MAX_REPEATS) {
            continue;
        }
        OskCursor value;
        if (label ? match_label(s, &keys[i], &value) : match_key(s, &keys[i], &value)) {
            s->repeats[i]++;
            report_text(
                s,
                (OskFact){ .kind = keys[i].kind, .field = keys[i].field, .label = keys[i].label },
                value);
            return;
        }
    }
}

/* X.509: the object identifiers of a common name (2.5.4.3) and an organisation (2.5.4.10). */
static void search_certificate(Search *s)
{
    OskCursor c = s->at;
    bool person = osk_cursor_starts(&c, "\x06\x03\x55\x04\x03", 5);
    if ((!person && !osk_cursor_starts(&c, "\x06\x03\x55\x04\x0A", 5)) || s->names >= MAX_REPEATS) {
        return;
    }
    osk_cursor_skip(&c, 5);
    uint8_t type = osk_cursor_u8(&c);
    uint8_t len = osk_cursor_u8(&c);
    OskCursor value = osk_cursor_take(&c, len);
    if ((type == 0x0C || type == 0x13) && len < 0x80 && osk_cursor_more(&value)) {
        s->names++;
        report_text(s,
                    (OskFact){ .kind = OSK_KIND_NAME,
                               .field = person ? "c2pa.signer" : "c2pa.organisation",
                               .label = person ? "name in the signer's certificate"
                                               : "organisation in the signer's certificate" },
                    value);
    }
}

void osk_c2pa_inspect(OskCursor jumbf, const char *part, OskReport *report, OskBudget *budget)
{
    if (!osk_cursor_more(&jumbf)) {
        return;
    }
    OskText text;
    osk_text_init(&text);
    osk_text_u64(&text, osk_cursor_left(&jumbf));
    osk_text_str(&text, " bytes");
    osk_report_add(report,
                   (OskFact){ .kind = OSK_KIND_DEVICE,
                              .part = part,
                              .field = "c2pa.manifest-store",
                              .label = "signed history of the picture (Content Credentials)",
                              .offset = osk_cursor_offset(&jumbf),
                              .len = osk_cursor_left(&jumbf) },
                   &text);
    if (!osk_budget_parts(budget, osk_cursor_left(&jumbf) / 64)) {
        return;
    }
    Search s = { .at = jumbf, .part = part, .report = report };
    for (; osk_cursor_more(&s.at); osk_cursor_skip(&s.at, 1)) {
        uint8_t head = 0;
        (void)osk_cursor_peek(&s.at, &head, 1);
        if (head == 6) {
            search_certificate(&s);
        } else if (head == 'j' || head == '"' || (head > 0x60 && head < 0x78)) {
            search_keys(&s);
        }
    }
}
