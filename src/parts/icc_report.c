/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a colour profile gives away beside colours: many are made for one device, some name its
 * serial number. */
#include "parts/icc.h"

#define HEADER_LEN 128u
#define MAX_TAGS 256u

typedef struct TextTag {
    char tag[5];
    OskKind kind;
    const char *field;
    const char *label;
} TextTag;

static const TextTag text_tags[] = {
    { "desc", OSK_KIND_DEVICE, "icc.description", "name of the colour profile" },
    { "dscm", OSK_KIND_DEVICE, "icc.description-local", "name of the colour profile" },
    { "dmnd", OSK_KIND_DEVICE, "icc.maker", "maker of the device" },
    { "dmdd", OSK_KIND_DEVICE, "icc.model", "model of the device" },
    { "cprt", OSK_KIND_NAME, "icc.copyright", "copyright notice of the colour profile" },
    { "targ", OSK_KIND_DEVICE, "icc.target", "measurements of the device" },
    { "mmod", OSK_KIND_DEVICE, "icc.display", "make, model and serial number of the display" },
    { "calt", OSK_KIND_TIME, "icc.calibration-time", "when the device was calibrated" },
    { "vcgt", OSK_KIND_DEVICE, "icc.display-correction", "correction of one display" },
    { "meta", OSK_KIND_DEVICE, "icc.metadata", "notes about the device" },
};

static void put_text(OskText *text, OskCursor value)
{
    OskEncoding encoding = OSK_UTF8;
    if (osk_cursor_starts(&value, "mluc", 4)) {
        OskCursor c = value;
        osk_cursor_skip(&c, 20);
        uint32_t len = osk_cursor_u32be(&c);
        uint32_t offset = osk_cursor_u32be(&c);
        osk_cursor_skip(&value, offset);
        value = osk_cursor_take(&value, len);
        encoding = OSK_UTF16BE;
    } else if (osk_cursor_starts(&value, "desc", 4)) {
        osk_cursor_skip(&value, 8);
        uint32_t len = osk_cursor_u32be(&value);
        value = osk_cursor_take(&value, len);
    } else if (osk_cursor_starts(&value, "text", 4)) {
        osk_cursor_skip(&value, 8);
    } else {
        osk_text_u64(text, osk_cursor_left(&value));
        osk_text_str(text, " bytes");
        return;
    }
    size_t len = osk_cursor_left(&value) < 4096 ? osk_cursor_left(&value) : 4096;
    osk_text_untrusted(text, osk_cursor_rest(&value), len, encoding);
}

typedef struct Report {
    OskCursor profile;
    const char *part;
    OskReport *report;
    bool stays;
    unsigned told;
    unsigned others;
} Report;

static void add(Report *r, OskKind kind, const char *field, const char *label, const OskText *text)
{
    r->told++;
    osk_report_add(r->report,
                   (OskFact){ .kind = kind,
                              .part = r->part,
                              .field = field,
                              .label = label,
                              .offset = osk_cursor_offset(&r->profile),
                              .len = osk_cursor_left(&r->profile),
                              .stays = r->stays,
                              .asked = r->stays },
                   text);
}

static void report_date(Report *r)
{
    OskCursor c = r->profile;
    osk_cursor_skip(&c, 24);
    OskText text;
    osk_text_init(&text);
    uint32_t sum = 0;
    static const char *const before[] = { "", ":", ":", " ", ":", ":" };
    for (unsigned i = 0; i < 6; i++) {
        uint16_t part = osk_cursor_u16be(&c);
        sum += part;
        osk_text_str(&text, before[i]);
        osk_text_padded(&text, part, i == 0 ? 4 : 2);
    }
    if (osk_cursor_ok(&c) && sum > 0) {
        add(r, OSK_KIND_TIME, "icc.date", "when the colour profile was made", &text);
    }
}

static void report_code(Report *r, unsigned offset, OskKind kind, const char *field,
                        const char *label)
{
    OskCursor c = r->profile;
    osk_cursor_skip(&c, offset);
    c = osk_cursor_take(&c, 4);
    if (osk_cursor_more(&c) && !osk_cursor_starts(&c, "\0\0\0", 4)) {
        OskText text;
        osk_text_init(&text);
        osk_text_untrusted(&text, osk_cursor_rest(&c), 4, OSK_LATIN1);
        add(r, kind, field, label, &text);
    }
}

static bool is_neutral(const OskText *text)
{
    static const char *const neutral[] = { "colours", "none" };
    for (size_t i = 0; i < 2; i++) {
        size_t k = 0;
        while (neutral[i][k] != 0 && neutral[i][k] == text->bytes[k]) {
            k++;
        }
        if (neutral[i][k] == 0 && text->bytes[k] == 0) {
            return true;
        }
    }
    return false;
}

static void report_tag(Report *r, OskCursor tag, OskCursor value)
{
    for (size_t i = 0; i < sizeof(text_tags) / sizeof(text_tags[0]); i++) {
        if (osk_cursor_starts(&tag, text_tags[i].tag, 4)) {
            OskText text;
            osk_text_init(&text);
            put_text(&text, value);
            if (text.len > 0 && !is_neutral(&text)) {
                add(r, text_tags[i].kind, text_tags[i].field, text_tags[i].label, &text);
            }
            return;
        }
    }
    static const char colour[] =
        "wtptbkptchadcicprXYZgXYZbXYZrTRCgTRCbTRCkTRCA2B0A2B1A2B2B2A0B2A1B2A2gamt";
    for (size_t i = 0; i + 4 < sizeof(colour); i += 4) {
        if (osk_cursor_starts(&tag, colour + i, 4)) {
            return;
        }
    }
    r->others++;
}

static void report_tags(Report *r, OskBudget *budget)
{
    OskCursor c = r->profile;
    osk_cursor_skip(&c, HEADER_LEN);
    uint32_t count = osk_cursor_u32be(&c);
    for (uint32_t i = 0; i < count && count <= MAX_TAGS && osk_budget_parts(budget, 1); i++) {
        OskCursor tag = osk_cursor_take(&c, 4);
        uint32_t offset = osk_cursor_u32be(&c);
        uint32_t len = osk_cursor_u32be(&c);
        if (!osk_cursor_ok(&c)) {
            break;
        }
        OskCursor value = r->profile;
        osk_cursor_skip(&value, offset);
        report_tag(r, tag, osk_cursor_take(&value, len));
    }
    if (r->others > 0) {
        OskText text;
        osk_text_init(&text);
        osk_text_u64(&text, r->others);
        osk_text_str(&text, r->others == 1 ? " tag" : " tags");
        add(r, OSK_KIND_OTHER, "icc.private", "data in the colour profile that is not colour",
            &text);
    }
}

/* True for a profile that ICC.1 calls broken. */
static bool is_broken(OskCursor profile, OskBudget *budget)
{
    OskWriter fresh;
    osk_writer_init(&fresh, SIZE_MAX / 2);
    OskStatus status = osk_icc_rebuild(profile, budget, &fresh, NULL);
    osk_writer_free(&fresh);
    return status == OSK_MALFORMED || status == OSK_TRUNCATED;
}

void osk_icc_inspect(OskCursor profile, const char *part, OskReport *report, OskBudget *budget,
                     bool stays)
{
    if (osk_icc_is_clean(profile, budget)) {
        return;
    }
    Report r = { .profile = profile, .part = part, .report = report, .stays = stays };
    if (is_broken(profile, budget)) {
        r.stays = false;
        add(&r, OSK_KIND_OTHER, "icc.broken", "a colour profile that no viewer can use", NULL);
    }
    report_date(&r);
    report_tags(&r, budget);
    report_code(&r, 48, OSK_KIND_DEVICE, "icc.manufacturer", "maker of the device, a code");
    report_code(&r, 52, OSK_KIND_DEVICE, "icc.device-model", "model of the device, a code");
    report_code(&r, 80, OSK_KIND_SOFTWARE, "icc.creator", "maker of the colour profile, a code");
    report_code(&r, 4, OSK_KIND_SOFTWARE, "icc.module", "program it was made for, a code");
    report_code(&r, 40, OSK_KIND_SOFTWARE, "icc.platform", "system it was made for, a code");
    if (r.told == 0) {
        add(&r, OSK_KIND_OTHER, "icc.leftover", "bytes in the colour profile that are not colour",
            NULL);
    }
}
