/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ISO 16684-1. Not an XML reader: it walks tags and attributes of anything that looks like them,
 * believes no namespace, expands no entity and allocates nothing. Properties are told apart by
 * their local name, because writers disagree about prefixes. What it misses is still counted, and
 * the whole packet is dropped anyway. */
#include "parts/xmp.h"

#include <string.h>

#include "parts/xmp_names.h"

#define MAX_DEPTH 32u
#define MAX_VALUE 4096u

typedef struct Slice {
    const uint8_t *at;
    size_t len;
} Slice;

typedef struct Scan Scan;
typedef void Handler(Scan *scan, Slice name, Slice value);

struct Scan {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    uint64_t offset;        /* of bytes, in the input */
    Slice stack[MAX_DEPTH]; /* names of open elements */
    size_t depth;
    Handler *handler;
    void *context;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_name(uint8_t c)
{
    return is_space(c) || c == '/' || c == '>' || c == '=' || c == '<';
}

static bool has_prefix(Slice name, const char *prefix)
{
    size_t len = strlen(prefix);
    return name.len >= len && memcmp(name.at, prefix, len) == 0;
}

/* Structure of RDF and XML itself, not a property. */
static bool is_syntax(Slice name)
{
    return has_prefix(name, "rdf:") || has_prefix(name, "xmlns") || has_prefix(name, "xml:") ||
           has_prefix(name, "x:xmpmeta") || has_prefix(name, "x:xapmeta");
}

static void skip_space(Scan *s)
{
    while (s->at < s->len && is_space(s->bytes[s->at])) {
        s->at++;
    }
}

static void skip_past(Scan *s, const char *end)
{
    size_t len = strlen(end);
    while (s->at + len <= s->len && memcmp(s->bytes + s->at, end, len) != 0) {
        s->at++;
    }
    s->at = s->at + len <= s->len ? s->at + len : s->len;
}

static Slice read_name(Scan *s)
{
    Slice name = { s->bytes + s->at, 0 };
    while (s->at < s->len && !ends_name(s->bytes[s->at])) {
        s->at++;
        name.len++;
    }
    return name;
}

static Slice trim(Slice value)
{
    while (value.len > 0 && is_space(value.at[0])) {
        value.at++;
        value.len--;
    }
    while (value.len > 0 && is_space(value.at[value.len - 1])) {
        value.len--;
    }
    return value;
}

static void read_attribute(Scan *s)
{
    Slice name = read_name(s);
    skip_space(s);
    if (s->at >= s->len || s->bytes[s->at] != '=') {
        s->at += name.len == 0 && s->at < s->len;
        return;
    }
    s->at++;
    skip_space(s);
    uint8_t quote = s->at < s->len ? s->bytes[s->at] : 0;
    if (quote != '"' && quote != '\'') {
        return;
    }
    Slice value = { s->bytes + ++s->at, 0 };
    while (s->at < s->len && s->bytes[s->at] != quote) {
        s->at++;
        value.len++;
    }
    s->at += s->at < s->len;
    value = trim(value);
    if (!is_syntax(name) && value.len > 0) {
        s->handler(s, name, value);
    }
}

static void open_element(Scan *s)
{
    Slice name = read_name(s);
    if (s->depth < MAX_DEPTH) {
        s->stack[s->depth] = name;
    }
    s->depth++;
    while (s->at < s->len) {
        skip_space(s);
        if (s->at >= s->len || s->bytes[s->at] == '<') {
            return;
        }
        if (s->bytes[s->at] == '>') {
            s->at++;
            return;
        }
        if (s->bytes[s->at] == '/') {
            s->at++;
            if (s->at < s->len && s->bytes[s->at] == '>') {
                s->at++;
                s->depth--;
                return;
            }
            continue;
        }
        read_attribute(s);
    }
}

static void read_tag(Scan *s)
{
    s->at++;
    if (s->at >= s->len) {
        return;
    }
    uint8_t c = s->bytes[s->at];
    if (c == '?') {
        skip_past(s, "?>");
    } else if (c == '!') {
        bool comment = s->at + 3 <= s->len && memcmp(s->bytes + s->at, "!--", 3) == 0;
        skip_past(s, comment ? "-->" : ">");
    } else if (c == '/') {
        s->depth -= s->depth > 0;
        skip_past(s, ">");
    } else {
        open_element(s);
    }
}

/* Text belongs to the nearest element around it that is not RDF's own (rdf:Seq, rdf:li...). */
static void read_text(Scan *s)
{
    Slice text = { s->bytes + s->at, 0 };
    while (s->at < s->len && s->bytes[s->at] != '<') {
        s->at++;
        text.len++;
    }
    text = trim(text);
    if (text.len == 0) {
        return;
    }
    size_t depth = s->depth < MAX_DEPTH ? s->depth : MAX_DEPTH;
    for (size_t i = depth; i > 0; i--) {
        if (!is_syntax(s->stack[i - 1])) {
            s->handler(s, s->stack[i - 1], text);
            return;
        }
    }
}

static void scan_packet(OskCursor xml, Handler *handler, void *context)
{
    Scan s = { .bytes = osk_cursor_rest(&xml),
               .len = osk_cursor_left(&xml),
               .offset = osk_cursor_offset(&xml),
               .handler = handler,
               .context = context };
    while (s.at < s.len) {
        if (s.bytes[s.at] == '<') {
            read_tag(&s);
        } else {
            read_text(&s);
        }
    }
}

static const XmpName *find_name(Slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == ':') {
            name.at += i + 1;
            name.len -= i + 1;
            i = 0;
        }
    }
    char lower[40];
    if (name.len >= sizeof(lower)) {
        return NULL;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    lower[name.len] = 0;
    return osk_xmp_name_find(lower);
}

typedef struct Inspection {
    const char *part;
    OskReport *report;
    unsigned others;
    unsigned told;
    Slice latitude;
    Slice longitude;
} Inspection;

static OskFact fact_of(const Scan *s, const Inspection *in, const XmpName *row, Slice value)
{
    return (OskFact){ .kind = row->kind,
                      .part = in->part,
                      .field = row->field,
                      .label = row->label,
                      .offset = s->offset + (uint64_t)(value.at - s->bytes),
                      .len = value.len };
}

static void inspect_property(Scan *s, Slice name, Slice value)
{
    Inspection *in = s->context;
    const XmpName *row = find_name(name);
    if (row == NULL) {
        in->others++;
        return;
    }
    in->told++;
    if (row->style == XMP_LATITUDE) {
        in->latitude = value;
        return;
    }
    if (row->style == XMP_LONGITUDE) {
        in->longitude = value;
        return;
    }
    OskText text;
    osk_text_init(&text);
    if (row->style == XMP_DATA) {
        osk_text_u64(&text, value.len);
        osk_text_str(&text, " bytes");
    } else {
        osk_text_untrusted(&text, value.at, value.len < MAX_VALUE ? value.len : MAX_VALUE,
                           OSK_UTF8);
    }
    osk_report_add(in->report, fact_of(s, in, row, value), &text);
}

/* Reads digits with at most seven decimals, in ten-millionths; false when there are none. */
static bool read_decimal(Slice *in, int64_t *out)
{
    int64_t value = 0;
    int64_t scale = 10000000;
    bool point = false;
    size_t digits = 0;
    for (; in->len > 0; in->at++, in->len--) {
        uint8_t c = in->at[0];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9' && value < INT64_C(10000000000)) {
            digits++;
            if (!point) {
                value = value * 10 + (int64_t)(c - '0') * 10000000;
            } else if (scale >= 10) {
                scale /= 10;
                value += (int64_t)(c - '0') * scale;
            }
        } else {
            break;
        }
    }
    *out = value;
    return digits > 0;
}

/* "44,58.668N", "44,58,40N" and "+44.9778" into hundred-thousandths of a degree. */
static bool read_degrees(Slice value, int64_t *out)
{
    bool minus = value.len > 0 && value.at[0] == '-';
    if (value.len > 0 && (value.at[0] == '-' || value.at[0] == '+')) {
        value.at++;
        value.len--;
    }
    int64_t sum = 0;
    int64_t divisor = 1;
    for (unsigned i = 0; i < 3; i++) {
        int64_t part = 0;
        if (!read_decimal(&value, &part)) {
            return false;
        }
        sum += part / divisor;
        divisor *= 60;
        if (value.len == 0 || value.at[0] != ',') {
            break;
        }
        value.at++;
        value.len--;
    }
    if (value.len == 1) {
        uint8_t c = (uint8_t)(value.at[0] | 0x20);
        minus |= c == 's' || c == 'w';
    } else if (value.len > 1) {
        return false;
    }
    sum = (sum + 50) / 100;
    *out = minus ? -sum : sum;
    return true;
}

static void put_degrees(OskText *text, Slice value)
{
    int64_t degrees = 0;
    if (value.len == 0) {
        osk_text_str(text, "?");
    } else if (read_degrees(value, &degrees)) {
        osk_text_decimal(text, degrees, 5);
    } else {
        osk_text_untrusted(text, value.at, value.len < 64 ? value.len : 64, OSK_UTF8);
    }
}

static void report_position(const Inspection *in, OskCursor xml)
{
    Slice first = in->latitude.len > 0 ? in->latitude : in->longitude;
    if (first.len == 0) {
        return;
    }
    OskText text;
    osk_text_init(&text);
    put_degrees(&text, in->latitude);
    osk_text_str(&text, ", ");
    put_degrees(&text, in->longitude);
    osk_report_add(
        in->report,
        (OskFact){ .kind = OSK_KIND_PLACE,
                   .part = in->part,
                   .field = "xmp.gps.position",
                   .label = "place where it was taken",
                   .offset = osk_cursor_offset(&xml) + (uint64_t)(first.at - osk_cursor_rest(&xml)),
                   .len = first.len },
        &text);
}

void osk_xmp_inspect(OskCursor xml, const char *part, OskReport *report)
{
    Inspection in = { .part = part, .report = report };
    scan_packet(xml, inspect_property, &in);
    report_position(&in, xml);
    if (in.told > 0 && in.others == 0) {
        return;
    }
    OskText text;
    osk_text_init(&text);
    osk_text_str(&text, "XMP with ");
    osk_text_u64(&text, in.others);
    osk_text_str(&text, in.told > 0 ? " other properties" : " properties");
    osk_report_add(report,
                   (OskFact){ .kind = OSK_KIND_SOFTWARE,
                              .part = part,
                              .field = "xmp.properties",
                              .label = "other metadata of programs",
                              .offset = osk_cursor_offset(&xml),
                              .len = osk_cursor_left(&xml) },
                   &text);
}

static void find_orientation(Scan *s, Slice name, Slice value)
{
    unsigned *out = s->context;
    if (name.len == 16 && memcmp(name.at, "tiff:Orientation", 16) == 0 && value.len == 1 &&
        value.at[0] >= '1' && value.at[0] <= '8') {
        *out = (unsigned)(value.at[0] - '0');
    }
}

unsigned osk_xmp_orientation(OskCursor xml)
{
    unsigned orientation = 1;
    scan_packet(xml, find_orientation, &orientation);
    return orientation;
}
