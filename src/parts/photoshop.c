/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Photoshop image resources: "8BIM", a number, a name, a length, data; each padded to an even
 * length. */
#include "parts/exif.h"
#include "parts/iptc.h"
#include "parts/xmp.h"

#define MAX_TEXT 4096u

typedef struct ResourceRow {
    uint16_t id;
    OskKind kind;
    bool text;
    const char *field;
    const char *label;
} ResourceRow;

static const ResourceRow resources[] = {
    { 0x03F0, OSK_KIND_NAME, true, "photoshop.caption", "caption" },
    { 0x0409, OSK_KIND_PREVIEW, false, "photoshop.thumbnail", "small preview picture" },
    { 0x040C, OSK_KIND_PREVIEW, false, "photoshop.thumbnail", "small preview picture" },
    { 0x040B, OSK_KIND_NAME, true, "photoshop.url", "address of a page" },
    { 0x040F, OSK_KIND_DEVICE, false, "photoshop.icc", "colour profile" },
    { 0x041A, OSK_KIND_NAME, false, "photoshop.slices", "names of slices, often the file's name" },
    { 0x0421, OSK_KIND_SOFTWARE, false, "photoshop.version", "program that wrote it" },
    { 0x0425, OSK_KIND_OTHER, false, "photoshop.caption-digest", "digest of the caption" },
    { 0x0BB7, OSK_KIND_NAME, true, "photoshop.clipping-path", "name of the clipping path" },
};

static void report_resource(const ResourceRow *row, OskCursor data, const char *part,
                            OskReport *report)
{
    OskText text;
    osk_text_init(&text);
    if (row->text) {
        size_t len = osk_cursor_left(&data) < MAX_TEXT ? osk_cursor_left(&data) : MAX_TEXT;
        osk_text_untrusted(&text, osk_cursor_rest(&data), len, OSK_UTF8);
    } else {
        osk_text_u64(&text, osk_cursor_left(&data));
        osk_text_str(&text, " bytes");
    }
    osk_report_add(report,
                   (OskFact){ .kind = row->kind,
                              .part = part,
                              .field = row->field,
                              .label = row->label,
                              .offset = osk_cursor_offset(&data),
                              .len = osk_cursor_left(&data) },
                   &text);
}

/* False when the resource is only to be counted. */
static bool inspect_resource(uint16_t id, OskCursor data, const char *part, OskReport *report,
                             OskBudget *budget)
{
    if (!osk_cursor_more(&data)) {
        return false;
    }
    switch (id) {
    case 0x0404: osk_iptc_inspect(data, part, report); return true;
    case 0x0422:
    case 0x0423: osk_exif_inspect(data, part, report, budget); return true;
    case 0x0424: osk_xmp_inspect(data, part, report); return true;
    default: break;
    }
    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
        if (resources[i].id == id) {
            report_resource(&resources[i], data, part, report);
            return true;
        }
    }
    return false;
}

/* Steps over one resource; its data is failed when the list is broken here. */
static OskCursor read_resource(OskCursor *c, uint16_t *id)
{
    osk_cursor_skip(c, 4);
    *id = osk_cursor_u16be(c);
    uint8_t name_len = osk_cursor_u8(c);
    osk_cursor_skip(c, name_len + (name_len % 2 == 0 ? 1u : 0u));
    uint32_t len = osk_cursor_u32be(c);
    OskCursor data = osk_cursor_take(c, len);
    if (len % 2 == 1 && osk_cursor_more(c)) {
        osk_cursor_skip(c, 1);
    }
    return data;
}

void osk_photoshop_inspect(OskCursor irb, const char *part, OskReport *report, OskBudget *budget)
{
    OskCursor c = irb;
    if (osk_cursor_starts(&c, "Photoshop 3.0", 14)) {
        osk_cursor_skip(&c, 14);
    }
    unsigned others = 0;
    unsigned told = 0;
    while (osk_cursor_left(&c) >= 12 && osk_budget_parts(budget, 1)) {
        uint16_t id = 0;
        OskCursor data = read_resource(&c, &id);
        if (!osk_cursor_ok(&data)) {
            others++;
        } else if (inspect_resource(id, data, part, report, budget)) {
            told++;
        } else {
            others++;
        }
    }
    if (!osk_cursor_more(&irb) || (told > 0 && others == 0)) {
        return;
    }
    OskText text;
    osk_text_init(&text);
    osk_text_u64(&text, others);
    osk_text_str(&text, others == 1 ? " resource" : " resources");
    osk_report_add(report,
                   (OskFact){ .kind = OSK_KIND_SOFTWARE,
                              .part = part,
                              .field = "photoshop.other",
                              .label = "other data of Photoshop",
                              .offset = osk_cursor_offset(&irb),
                              .len = osk_cursor_left(&irb) },
                   &text);
}
