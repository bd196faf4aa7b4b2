/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a Matroska file reveals: titles, dates, tags, chapters, attachments and hidden bytes. */
#include <string.h>

#include "formats/matroska.h"

/* Larger lists of tags than this are named as a whole. */
#define LOAD_MOST ((uint64_t)1 << 20)
#define NANOSECONDS INT64_C(1000000000)

/* A day of the Gregorian calendar, counted from 2001-01-01. */
static void put_day(OskText *text, int64_t days)
{
    /* The 400-year period of the calendar that begins on 2000-03-01 keeps leap days at year ends.
     */
    int64_t d = days + 306;
    int64_t era = (d >= 0 ? d : d - 146096) / 146097;
    int64_t day = d - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int64_t of_month = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    osk_text_i64(text, 2000 + era * 400 + year + (month <= 2 ? 1 : 0));
    osk_text_str(text, "-");
    osk_text_padded(text, (uint64_t)month, 2);
    osk_text_str(text, "-");
    osk_text_padded(text, (uint64_t)of_month, 2);
}

static void put_date(OskText *text, int64_t nanoseconds)
{
    int64_t seconds = nanoseconds / NANOSECONDS;
    if (nanoseconds % NANOSECONDS < 0) {
        seconds--;
    }
    int64_t days = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
    uint64_t of_day = (uint64_t)(seconds - days * 86400);
    put_day(text, days);
    osk_text_str(text, " ");
    osk_text_padded(text, of_day / 3600, 2);
    osk_text_str(text, ":");
    osk_text_padded(text, of_day / 60 % 60, 2);
    osk_text_str(text, ":");
    osk_text_padded(text, of_day % 60, 2);
    osk_text_str(text, " UTC");
}

static void put_value(OskText *text, uint32_t id, OskCursor body)
{
    switch (osk_mkv_shape(id)) {
    case OSK_EBML_UINT: osk_text_u64(text, osk_ebml_uint(&body)); break;
    case OSK_EBML_INT: osk_text_i64(text, osk_ebml_int(&body)); break;
    case OSK_EBML_DATE: put_date(text, osk_ebml_int(&body)); break;
    case OSK_EBML_TEXT:
        osk_text_untrusted(text, osk_cursor_rest(&body), osk_cursor_left(&body), OSK_UTF8);
        break;
    case OSK_EBML_FLOAT:
    case OSK_EBML_MASTER: break;
    case OSK_EBML_BYTES:
        osk_text_hex(text, osk_cursor_rest(&body),
                     osk_cursor_left(&body) < 32 ? osk_cursor_left(&body) : 32);
        break;
    }
}

static OskFact fact_of(const OskPart *row, uint32_t id, uint64_t at, uint64_t len)
{
    return (OskFact){ .kind = row->kind,
                      .part = row->name,
                      .field = osk_mkv_field(id),
                      .label = row->meaning,
                      .offset = at,
                      .len = len };
}

static bool is_zero(OskCursor body)
{
    const uint8_t *bytes = osk_cursor_rest(&body);
    for (size_t i = 0; i < osk_cursor_left(&body); i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

void osk_mkv_report(OskMkv *mkv, const OskChild *child)
{
    const OskPart *row = osk_mkv_part(child->id);
    bool counts = osk_mkv_shape(child->id) == OSK_EBML_UINT;
    /* Empty text and padding of zeros say nothing; a zero that is a number does. */
    if (row->kind == OSK_KIND_NONE || (!counts && is_zero(child->body))) {
        return;
    }
    OskText text;
    osk_text_init(&text);
    put_value(&text, child->id, child->body);
    osk_report_add(mkv->walk->report,
                   fact_of(row, child->id, child->at, osk_cursor_left(&child->body)), &text);
}

static const struct {
    const char *name; /* upper case; a name that contains it */
    OskKind kind;
    const char *field;
    const char *label;
} tag_names[] = {
    { "LOCATION", OSK_KIND_PLACE, "mkv.tag.place", "place where it was taken" },
    { "GPS", OSK_KIND_PLACE, "mkv.tag.place", "place where it was taken" },
    { "ISO6709", OSK_KIND_PLACE, "mkv.tag.place", "place where it was taken" },
    { "LATITUDE", OSK_KIND_PLACE, "mkv.tag.place", "place where it was taken" },
    { "LONGITUDE", OSK_KIND_PLACE, "mkv.tag.place", "place where it was taken" },
    { "COUNTRY", OSK_KIND_PLACE, "mkv.tag.place", "place where it was taken" },
    { "DATE", OSK_KIND_TIME, "mkv.tag.time", "when it was made" },
    { "CREATION", OSK_KIND_TIME, "mkv.tag.time", "when it was made" },
    { "_STATISTICS", OSK_KIND_SOFTWARE, "mkv.tag.statistics", "notes of the writing program" },
    { "NUMBER_OF_", OSK_KIND_SOFTWARE, "mkv.tag.statistics", "notes of the writing program" },
    { "BPS", OSK_KIND_SOFTWARE, "mkv.tag.statistics", "notes of the writing program" },
    { "DURATION", OSK_KIND_SOFTWARE, "mkv.tag.statistics", "notes of the writing program" },
    { "ENCOD", OSK_KIND_SOFTWARE, "mkv.tag.software", "program or person that encoded it" },
    { "VENDOR", OSK_KIND_SOFTWARE, "mkv.tag.software", "maker of the program" },
    { "HANDLER", OSK_KIND_SOFTWARE, "mkv.tag.software", "name that a program gave to the track" },
    { "BRAND", OSK_KIND_SOFTWARE, "mkv.tag.software", "kind of file it was before" },
    { "MAKE", OSK_KIND_DEVICE, "mkv.tag.device", "maker of the camera" },
    { "MODEL", OSK_KIND_DEVICE, "mkv.tag.device", "model of the camera" },
    { "SERIAL", OSK_KIND_DEVICE, "mkv.tag.device", "serial number" },
    { "ANDROID", OSK_KIND_DEVICE, "mkv.tag.device", "version of the phone" },
};

static bool name_contains(OskCursor name, const char *part)
{
    const uint8_t *bytes = osk_cursor_rest(&name);
    size_t len = osk_cursor_left(&name);
    size_t need = strlen(part);
    for (size_t at = 0; len >= need && at <= len - need; at++) {
        size_t i = 0;
        while (i < need) {
            uint8_t c = bytes[at + i];
            c = c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
            if (c != (uint8_t)part[i]) {
                break;
            }
            i++;
        }
        if (i == need) {
            return true;
        }
    }
    return false;
}

static void report_tag(OskMkv *mkv, OskCursor name, OskCursor value, uint64_t at)
{
    OskFact fact = { .kind = OSK_KIND_NAME,
                     .part = "Tags",
                     .field = "mkv.tag",
                     .label = "tag",
                     .offset = at,
                     .len = osk_cursor_left(&name) + osk_cursor_left(&value) };
    for (size_t i = 0; i < sizeof(tag_names) / sizeof(tag_names[0]); i++) {
        if (name_contains(name, tag_names[i].name)) {
            fact.kind = tag_names[i].kind;
            fact.field = tag_names[i].field;
            fact.label = tag_names[i].label;
            break;
        }
    }
    OskText text;
    osk_text_init(&text);
    osk_text_untrusted(&text, osk_cursor_rest(&name), osk_cursor_left(&name), OSK_UTF8);
    osk_text_str(&text, " = ");
    osk_text_untrusted(&text, osk_cursor_rest(&value), osk_cursor_left(&value), OSK_UTF8);
    osk_report_add(mkv->walk->report, fact, &text);
}

/* SimpleTag nests; the budget's depth bounds it. */
static void report_tags(OskMkv *mkv, OskCursor body)
{
    OskChild child;
    OskCursor name = osk_cursor_make(NULL, 0, 0);
    OskCursor value = osk_cursor_make(NULL, 0, 0);
    uint64_t at = 0;
    if (!osk_budget_enter(mkv->walk->budget)) {
        return;
    }
    while (osk_ebml_next(&body, &child)) {
        if (child.id == MKV_TAG || child.id == MKV_SIMPLE_TAG) {
            report_tags(mkv, child.body);
        } else if (child.id == MKV_TAG_NAME) {
            name = child.body;
            at = child.at;
        } else if (child.id == MKV_TAG_STRING) {
            value = child.body;
        }
    }
    if (at != 0) {
        report_tag(mkv, name, value, at);
    }
    osk_budget_leave(mkv->walk->budget);
}

static void report_chapters(OskMkv *mkv, OskCursor body)
{
    OskChild child;
    if (!osk_budget_enter(mkv->walk->budget)) {
        return;
    }
    while (osk_ebml_next(&body, &child)) {
        if (child.id == MKV_EDITION_ENTRY || child.id == MKV_CHAPTER_ATOM ||
            child.id == MKV_CHAPTER_DISPLAY) {
            report_chapters(mkv, child.body);
        } else if (child.id == MKV_CHAPTER_STRING) {
            OskFact fact = { .kind = OSK_KIND_NAME,
                             .part = "Chapters",
                             .field = "mkv.chapter",
                             .label = "title of a chapter",
                             .offset = child.at,
                             .len = osk_cursor_left(&child.body) };
            osk_report_add_untrusted(mkv->walk->report, fact, osk_cursor_rest(&child.body),
                                     osk_cursor_left(&child.body), OSK_UTF8);
        }
    }
    osk_budget_leave(mkv->walk->budget);
}

/* Ordered chapters play only what they name: without them more would be shown than before. */
static bool is_ordered(OskCursor body)
{
    OskChild edition;
    while (osk_ebml_next(&body, &edition)) {
        OskChild child;
        while (edition.id == MKV_EDITION_ENTRY && osk_ebml_next(&edition.body, &child)) {
            if (child.id == MKV_EDITION_ORDERED && osk_ebml_uint(&child.body) != 0) {
                return true;
            }
        }
    }
    return false;
}

/* Attached files may be large: only what names them is read. */
static OskStatus report_attachment(OskMkv *mkv, const OskElement *file)
{
    OskText text;
    osk_text_init(&text);
    OskFact fact = { .kind = OSK_KIND_NAME,
                     .part = "Attachments",
                     .field = "mkv.attachment",
                     .label = "attached file",
                     .offset = file->at,
                     .len = file->end - file->at };
    for (uint64_t at = file->body; at < file->end;) {
        OskElement child;
        OskStatus status = osk_mkv_element(mkv, at, file->end, &child);
        if (status != OSK_OK) {
            return status;
        }
        size_t got = 0;
        size_t len = child.end - child.body < 256 ? (size_t)(child.end - child.body) : 256;
        const uint8_t *bytes = osk_mkv_peek(mkv, child.body, len, &got);
        if (bytes == NULL) {
            return mkv->walk->fault->status;
        }
        if (child.id == MKV_FILE_NAME || child.id == MKV_FILE_MEDIA_TYPE ||
            child.id == MKV_FILE_DESCRIPTION) {
            osk_text_str(&text, text.len > 0 ? ", " : "");
            osk_text_untrusted(&text, bytes, got, OSK_UTF8);
        }
        if (child.id == MKV_FILE_MEDIA_TYPE && got >= 6 && memcmp(bytes, "image/", 6) == 0) {
            fact.kind = OSK_KIND_PREVIEW;
            fact.label = "attached picture";
        }
        at = child.end;
    }
    osk_report_add(mkv->walk->report, fact, &text);
    return OSK_OK;
}

static OskStatus report_attachments(OskMkv *mkv, const OskElement *element)
{
    for (uint64_t at = element->body; at < element->end;) {
        OskElement child;
        OskStatus status = osk_mkv_element(mkv, at, element->end, &child);
        if (status == OSK_OK && child.id == MKV_ATTACHED_FILE) {
            status = report_attachment(mkv, &child);
        }
        if (status != OSK_OK) {
            return status;
        }
        at = child.end;
    }
    return OSK_OK;
}

/* Zeros say nothing; the first other byte makes a finding. */
static OskStatus report_bytes(OskMkv *mkv, const OskElement *element)
{
    for (uint64_t at = element->body; at < element->end;) {
        size_t got = 0;
        uint64_t left = element->end - at;
        const uint8_t *bytes =
            osk_mkv_peek(mkv, at, left < MKV_WINDOW ? (size_t)left : MKV_WINDOW, &got);
        if (bytes == NULL || got == 0) {
            return mkv->walk->fault->status;
        }
        for (size_t i = 0; i < got; i++) {
            if (bytes[i] != 0) {
                OskChild child = { .id = element->id,
                                   .body = osk_cursor_make(bytes + i, got - i, at + i),
                                   .at = element->at };
                osk_mkv_report(mkv, &child);
                return OSK_OK;
            }
        }
        at += got;
    }
    return OSK_OK;
}

static bool is_index_master(uint32_t id)
{
    return id == MKV_SEEK || id == MKV_CUE_POINT || id == MKV_CUE_TRACK_POSITIONS ||
           id == MKV_CUE_REFERENCE;
}

static bool is_index_number(uint32_t id)
{
    static const uint32_t ids[] = {
        MKV_SEEK_ID,      MKV_SEEK_POSITION,        MKV_CUE_TIME,
        MKV_CUE_TRACK,    MKV_CUE_CLUSTER_POSITION, MKV_CUE_RELATIVE_POSITION,
        MKV_CUE_DURATION, MKV_CUE_BLOCK_NUMBER,     MKV_CUE_CODEC_STATE,
        MKV_CUE_REF_TIME
    };
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* Indexes are made of numbers; whatever else is in them is hidden. */
static void report_index(OskMkv *mkv, OskCursor body)
{
    OskChild child;
    if (!osk_budget_enter(mkv->walk->budget)) {
        return;
    }
    while (osk_ebml_next(&body, &child)) {
        if (is_index_master(child.id)) {
            report_index(mkv, child.body);
        } else if (!is_index_number(child.id) || osk_cursor_left(&child.body) > 8) {
            osk_mkv_report(mkv, &child);
        }
    }
    osk_budget_leave(mkv->walk->budget);
}

/* Tags, chapters and indexes, read into memory. */
static OskStatus report_loaded(OskMkv *mkv, const OskElement *element)
{
    OskCursor body;
    OskStatus status = osk_walk_load(mkv->walk, element->body, element->end - element->body, &body);
    if (status != OSK_OK) {
        return status;
    }
    size_t before = osk_report_count(mkv->walk->report);
    switch (element->id) {
    case MKV_TAGS: report_tags(mkv, body); break;
    case MKV_CHAPTERS:
        if (is_ordered(body)) {
            return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "Chapters",
                                 "its chapters hide parts of the film", element->at);
        }
        report_chapters(mkv, body);
        break;
    default: report_index(mkv, body); return OSK_OK;
    }
    return osk_report_count(mkv->walk->report) == before ? report_bytes(mkv, element) : OSK_OK;
}

OskStatus osk_mkv_report_element(OskMkv *mkv, const OskElement *element)
{
    switch (element->id) {
    case MKV_ATTACHMENTS: return report_attachments(mkv, element);
    case MKV_TAGS:
    case MKV_CHAPTERS:
    case MKV_CUES:
    case MKV_SEEK_HEAD:
        if (element->end - element->body <= LOAD_MOST) {
            return report_loaded(mkv, element);
        }
        break;
    default: break;
    }
    return osk_mkv_part(element->id)->kind != OSK_KIND_NONE ? report_bytes(mkv, element) : OSK_OK;
}
