/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the chunks of a PNG reveal that are not kept. PNG (Third Edition) 11.3.3, 11.3.5; "Raw
 * profile type" is ImageMagick's way to carry Exif, IPTC and XMP as hexadecimal text. */
#include <string.h>

#include "formats/png.h"
#include "inflate/inflate.h"
#include "parts/c2pa.h"
#include "parts/exif.h"
#include "parts/iptc.h"
#include "parts/xmp.h"

#define TAG OSK_PNG_TAG
#define TEXT_MAX ((size_t)32 << 20)
#define KEYWORD_MAX 79u

/* Keywords by what they give away; the others are free text. A trailing '*' matches any end. */
static const struct {
    const char *keyword;
    OskKind kind;
    const char *field;
    const char *label;
} keywords[] = {
    { "exif:GPS*", OSK_KIND_PLACE, "png.text.gps", "place where it was taken" },
    { "Creation Time", OSK_KIND_TIME, "png.text.creation_time", "when it was made" },
    { "create-date", OSK_KIND_TIME, "png.text.creation_time", "when it was made" },
    { "modify-date", OSK_KIND_TIME, "png.text.modify_time", "when it was changed" },
    { "date:*", OSK_KIND_TIME, "png.text.time", "when it was made or changed" },
    { "exif:Date*", OSK_KIND_TIME, "png.text.time", "when it was taken or changed" },
    { "Thumb::MTime", OSK_KIND_TIME, "png.text.time", "when the file was changed" },
    { "exif:Ma*", OSK_KIND_DEVICE, "png.text.device", "which camera or phone" },
    { "exif:Model", OSK_KIND_DEVICE, "png.text.device", "which camera or phone" },
    { "Software", OSK_KIND_SOFTWARE, "png.text.software", "program that wrote it" },
    { "software", OSK_KIND_SOFTWARE, "png.text.software", "program that wrote it" },
    { "Encoder", OSK_KIND_SOFTWARE, "png.text.software", "program that wrote it" },
    { "Author", OSK_KIND_NAME, "png.text.author", "author" },
    { "Title", OSK_KIND_NAME, "png.text.title", "title" },
    { "Description", OSK_KIND_NAME, "png.text.description", "description" },
    { "Copyright", OSK_KIND_NAME, "png.text.copyright", "copyright notice" },
    { "Comment", OSK_KIND_NAME, "png.text.comment", "comment" },
    { "Source", OSK_KIND_DEVICE, "png.text.source", "device that made it" },
    { "parameters", OSK_KIND_SOFTWARE, "png.text.parameters",
      "what was asked of an image generator" },
    { "prompt", OSK_KIND_SOFTWARE, "png.text.parameters", "what was asked of an image generator" },
};

typedef struct Text {
    OskPng *png;
    const OskPngChunk *chunk;
    char keyword[KEYWORD_MAX + 1];
    const uint8_t *value; /* decompressed */
    size_t len;
    OskEncoding encoding;
} Text;

static OskFact fact_of(const OskPngChunk *chunk, OskKind kind, const char *field, const char *label)
{
    return (OskFact){ .kind = kind,
                      .part = chunk->part->name,
                      .field = field,
                      .label = label,
                      .offset = chunk->offset,
                      .len = (uint64_t)chunk->len + OSK_PNG_FRAME_BYTES };
}

void osk_png_hidden(OskPng *png, const OskPngChunk *chunk, const char *field, const char *label,
                    uint64_t offset, uint64_t len)
{
    OskFact fact = fact_of(chunk, OSK_KIND_OTHER, field, label);
    fact.offset = offset;
    fact.len = len;
    osk_report_add(png->walk->report, fact, NULL);
}

/* ---- raw profiles ---- */

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (uint8_t)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A line with a name, a line with a length, then hexadecimal digits. Gives what could be read. */
static OskCursor read_raw_profile(const Text *text)
{
    const uint8_t *p = text->value;
    size_t left = text->len;
    for (unsigned lines = 0; left > 0 && lines < 3; p++, left--) {
        lines += *p == '\n' ? 1 : 0;
    }
    uint8_t *out = osk_arena_alloc(text->png->walk->arena, left / 2 + 1);
    size_t len = 0;
    int high = -1;
    for (; out != NULL && left > 0; p++, left--) {
        int digit = hex_digit(*p);
        if (digit < 0) {
            continue;
        }
        if (high < 0) {
            high = digit;
        } else {
            out[len++] = (uint8_t)(high << 4 | digit);
            high = -1;
        }
    }
    return osk_cursor_make(out, len, text->chunk->offset);
}

static void inspect_raw_profile(const Text *text, const char *kind)
{
    static const char xmp_head[] = "http://ns.adobe.com/xap/1.0/";
    OskWalk *walk = text->png->walk;
    const char *part = text->chunk->part->name;
    OskCursor bytes = read_raw_profile(text);
    if (osk_cursor_starts(&bytes, xmp_head, sizeof(xmp_head))) {
        osk_cursor_skip(&bytes, sizeof(xmp_head));
        osk_xmp_inspect(bytes, part, walk->report);
    } else if (strcmp(kind, "exif") == 0 || strcmp(kind, "APP1") == 0) {
        osk_exif_inspect(bytes, part, walk->report, walk->budget);
    } else if (strcmp(kind, "xmp") == 0) {
        osk_xmp_inspect(bytes, part, walk->report);
    } else if (osk_cursor_starts(&bytes, "8BIM", 4) ||
               osk_cursor_starts(&bytes, "Photoshop 3.0", 13)) {
        osk_photoshop_inspect(bytes, part, walk->report, walk->budget);
    } else if (strcmp(kind, "iptc") == 0) {
        osk_iptc_inspect(bytes, part, walk->report);
    }
}

/* ---- text ---- */

static bool matches(const char *pattern, const char *keyword)
{
    size_t len = strlen(pattern);
    return pattern[len - 1] == '*' ? strncmp(pattern, keyword, len - 1) == 0
                                   : strcmp(pattern, keyword) == 0;
}

static void inspect_plain(const Text *text)
{
    OskFact fact = fact_of(text->chunk, OSK_KIND_NAME, "png.text", "text");
    bool known = false;
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]) && !known; i++) {
        known = matches(keywords[i].keyword, text->keyword);
        if (known) {
            fact.kind = keywords[i].kind;
            fact.field = keywords[i].field;
            fact.label = keywords[i].label;
        }
    }
    OskText value;
    osk_text_init(&value);
    if (!known && text->keyword[0] != '\0') {
        osk_text_untrusted(&value, (const uint8_t *)text->keyword, strlen(text->keyword),
                           OSK_LATIN1);
        osk_text_str(&value, ": ");
    }
    osk_text_untrusted(&value, text->value, text->len, text->encoding);
    osk_report_add(text->png->walk->report, fact, &value);
}

static void inspect_value(const Text *text)
{
    static const char raw[] = "Raw profile type ";
    OskReport *report = text->png->walk->report;
    size_t before = osk_report_count(report);
    if (strcmp(text->keyword, "XML:com.adobe.xmp") == 0) {
        osk_xmp_inspect(osk_cursor_make(text->value, text->len, text->chunk->offset),
                        text->chunk->part->name, report);
    } else if (strncmp(text->keyword, raw, sizeof(raw) - 1) == 0) {
        inspect_raw_profile(text, text->keyword + sizeof(raw) - 1);
    }
    if (osk_report_count(report) == before) {
        inspect_plain(text);
    }
}

static void inspect_packed(Text *text, OskCursor packed)
{
    OskWalk *walk = text->png->walk;
    OskInflated inflated = { .bytes = NULL };
    OskInflateSize size = { .max = TEXT_MAX };
    OskStatus status = osk_inflate_zlib(osk_cursor_rest(&packed), osk_cursor_left(&packed), size,
                                        walk->budget, &inflated);
    text->value = inflated.bytes;
    text->len = status == OSK_OK ? inflated.len : 0;
    inspect_value(text);
    osk_inflated_free(&inflated, walk->budget);
}

static void skip_string(OskCursor *c)
{
    while (osk_cursor_more(c) && osk_cursor_u8(c) != 0) {
    }
}

static void inspect_text(OskPng *png, const OskPngChunk *chunk)
{
    Text text = { .png = png, .chunk = chunk, .encoding = OSK_LATIN1 };
    OskCursor c = osk_cursor_make(chunk->data, chunk->len, chunk->offset + 8);
    size_t keyword_len = 0;
    for (uint8_t byte = 1; byte != 0 && osk_cursor_more(&c);) {
        byte = osk_cursor_u8(&c);
        if (byte != 0 && keyword_len < KEYWORD_MAX) {
            text.keyword[keyword_len++] = (char)byte;
        }
    }
    bool packed = chunk->type == TAG('z', 'T', 'X', 't');
    if (chunk->type == TAG('i', 'T', 'X', 't')) {
        packed = osk_cursor_u8(&c) == 1;
        text.encoding = OSK_UTF8;
    }
    if (chunk->type != TAG('t', 'E', 'X', 't')) {
        osk_cursor_skip(&c, 1);
    }
    if (chunk->type == TAG('i', 'T', 'X', 't')) {
        skip_string(&c);
        skip_string(&c);
    }
    if (packed) {
        inspect_packed(&text, c);
        return;
    }
    text.value = osk_cursor_rest(&c);
    text.len = osk_cursor_left(&c);
    inspect_value(&text);
}

static void inspect_time(OskPng *png, const OskPngChunk *chunk)
{
    static const char *const between[5] = { "-", "-", " ", ":", ":" };
    OskText value;
    osk_text_init(&value);
    OskCursor c = osk_cursor_make(chunk->data, chunk->len, chunk->offset + 8);
    osk_text_padded(&value, osk_cursor_u16be(&c), 4);
    for (unsigned i = 0; i < 5; i++) {
        osk_text_str(&value, between[i]);
        osk_text_padded(&value, osk_cursor_u8(&c), 2);
    }
    osk_report_add(png->walk->report,
                   fact_of(chunk, OSK_KIND_TIME, "png.time", "when it was last changed"), &value);
}

void osk_png_inspect(OskPng *png, const OskPngChunk *chunk)
{
    OskWalk *walk = png->walk;
    size_t before = osk_report_count(walk->report);
    OskCursor data = osk_cursor_make(chunk->data, chunk->len, chunk->offset + 8);
    switch (chunk->type) {
    case TAG('t', 'E', 'X', 't'):
    case TAG('z', 'T', 'X', 't'):
    case TAG('i', 'T', 'X', 't'): inspect_text(png, chunk); break;
    case TAG('t', 'I', 'M', 'E'): inspect_time(png, chunk); break;
    case TAG('e', 'X', 'I', 'f'): osk_exif_inspect(data, "eXIf", walk->report, walk->budget); break;
    case TAG('c', 'a', 'B', 'X'): osk_c2pa_inspect(data, "caBX", walk->report, walk->budget); break;
    default: break;
    }
    if (osk_report_count(walk->report) == before && !osk_report_is_cut(walk->report)) {
        OskKind kind = chunk->part->kind != OSK_KIND_NONE ? chunk->part->kind : OSK_KIND_OTHER;
        osk_report_add(walk->report, fact_of(chunk, kind, "png.chunk", chunk->part->meaning), NULL);
    }
}
