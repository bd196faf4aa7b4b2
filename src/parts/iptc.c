/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPTC-NAA Information Interchange Model 4.2: a flat list of datasets. */
#include "parts/iptc.h"

#define MAX_TEXT 4096u

typedef struct DatasetRow {
    uint8_t record;
    uint8_t dataset;
    OskKind kind;
    const char *field;
    const char *label;
} DatasetRow;

static const DatasetRow datasets[] = {
    { 1, 70, OSK_KIND_TIME, "iptc.date-sent", "when it was sent" },
    { 1, 80, OSK_KIND_TIME, "iptc.time-sent", "when it was sent" },
    { 2, 5, OSK_KIND_NAME, "iptc.title", "title" },
    { 2, 15, OSK_KIND_NAME, "iptc.category", "category" },
    { 2, 20, OSK_KIND_NAME, "iptc.category", "category" },
    { 2, 22, OSK_KIND_NAME, "iptc.fixture", "name of the series" },
    { 2, 25, OSK_KIND_NAME, "iptc.keywords", "keywords" },
    { 2, 26, OSK_KIND_PLACE, "iptc.location-code", "place" },
    { 2, 27, OSK_KIND_PLACE, "iptc.location-name", "place" },
    { 2, 30, OSK_KIND_TIME, "iptc.release-date", "when it may be published" },
    { 2, 40, OSK_KIND_NAME, "iptc.instructions", "instructions" },
    { 2, 55, OSK_KIND_TIME, "iptc.date-created", "when it was taken" },
    { 2, 60, OSK_KIND_TIME, "iptc.time-created", "when it was taken" },
    { 2, 62, OSK_KIND_TIME, "iptc.digital-date", "when it was digitised" },
    { 2, 63, OSK_KIND_TIME, "iptc.digital-time", "when it was digitised" },
    { 2, 65, OSK_KIND_SOFTWARE, "iptc.program", "program that made it" },
    { 2, 80, OSK_KIND_NAME, "iptc.byline", "name of the author" },
    { 2, 85, OSK_KIND_NAME, "iptc.byline-title", "job of the author" },
    { 2, 90, OSK_KIND_PLACE, "iptc.city", "city" },
    { 2, 92, OSK_KIND_PLACE, "iptc.sublocation", "place" },
    { 2, 95, OSK_KIND_PLACE, "iptc.state", "state" },
    { 2, 100, OSK_KIND_PLACE, "iptc.country-code", "country" },
    { 2, 101, OSK_KIND_PLACE, "iptc.country", "country" },
    { 2, 103, OSK_KIND_NAME, "iptc.transmission", "number of the assignment" },
    { 2, 105, OSK_KIND_NAME, "iptc.headline", "headline" },
    { 2, 110, OSK_KIND_NAME, "iptc.credit", "credit" },
    { 2, 115, OSK_KIND_NAME, "iptc.source", "source" },
    { 2, 116, OSK_KIND_NAME, "iptc.copyright", "copyright notice" },
    { 2, 118, OSK_KIND_NAME, "iptc.contact", "address of the author" },
    { 2, 120, OSK_KIND_NAME, "iptc.caption", "caption" },
    { 2, 122, OSK_KIND_NAME, "iptc.caption-writer", "name of the caption's writer" },
    { 2, 187, OSK_KIND_DEVICE, "iptc.document-id", "unique number of the picture" },
    { 2, 188, OSK_KIND_DEVICE, "iptc.short-id", "unique number of the picture" },
    { 2, 202, OSK_KIND_PREVIEW, "iptc.preview", "small preview picture" },
};

static const DatasetRow *find_row(uint8_t record, uint8_t dataset)
{
    for (size_t i = 0; i < sizeof(datasets) / sizeof(datasets[0]); i++) {
        if (datasets[i].record == record && datasets[i].dataset == dataset) {
            return &datasets[i];
        }
    }
    return NULL;
}

/* Section 1.6: one marker, record and dataset number, and a length of two bytes, or the length of
 * the length. */
static OskCursor read_dataset(OskCursor *c, uint8_t *record, uint8_t *dataset)
{
    osk_cursor_skip(c, 1);
    *record = osk_cursor_u8(c);
    *dataset = osk_cursor_u8(c);
    uint64_t len = osk_cursor_u16be(c);
    if ((len & 0x8000) != 0) {
        unsigned width = (unsigned)(len & 0x7FFF);
        if (width > 8) {
            osk_cursor_fail(c);
        } else {
            len = osk_cursor_be(c, width);
        }
    }
    return osk_cursor_take(c, len);
}

void osk_iptc_inspect(OskCursor iim, const char *part, OskReport *report)
{
    OskCursor c = iim;
    unsigned others = 0;
    unsigned told = 0;
    while (osk_cursor_more(&c) && osk_cursor_starts(&c, "\x1C", 1)) {
        uint8_t record = 0;
        uint8_t dataset = 0;
        OskCursor value = read_dataset(&c, &record, &dataset);
        const DatasetRow *row = find_row(record, dataset);
        if (!osk_cursor_ok(&value) || row == NULL || !osk_cursor_more(&value)) {
            others++;
            continue;
        }
        size_t len = osk_cursor_left(&value) < MAX_TEXT ? osk_cursor_left(&value) : MAX_TEXT;
        told++;
        osk_report_add_untrusted(report,
                                 (OskFact){ .kind = row->kind,
                                            .part = part,
                                            .field = row->field,
                                            .label = row->label,
                                            .offset = osk_cursor_offset(&value),
                                            .len = osk_cursor_left(&value) },
                                 osk_cursor_rest(&value), len, OSK_UTF8);
    }
    if (!osk_cursor_more(&iim) || (told > 0 && others == 0)) {
        return;
    }
    OskText text;
    osk_text_init(&text);
    osk_text_u64(&text, others);
    osk_text_str(&text, others == 1 ? " value" : " values");
    osk_report_add(report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = part,
                              .field = "iptc.other",
                              .label = "other values of the caption block",
                              .offset = osk_cursor_offset(&iim),
                              .len = osk_cursor_left(&iim) },
                   &text);
}
