/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Item properties: numbers of a fixed form, configuration records, colour. ISO/IEC 23008-12
 * section 6.5, ISO/IEC 14496-12 section 12.1.5, AVIF section 2, ISO/IEC 23001-17. */
#include <string.h>

#include "verify/heif.h"
#include "verify/icc.h"

#define PART "iprp/ipco"

/* A property of so many bytes, `zeros` of which in front (version and flags) are zero. */
typedef struct FormRow {
    uint32_t type;
    uint16_t least;
    uint16_t most;
    uint8_t zeros;
} FormRow;

static const FormRow forms[] = {
    { OSK_CODE('i', 's', 'p', 'e'), 12, 12, 4 },   { OSK_CODE('i', 'r', 'o', 't'), 1, 1, 0 },
    { OSK_CODE('i', 'm', 'i', 'r'), 1, 1, 0 },     { OSK_CODE('p', 'a', 's', 'p'), 8, 8, 0 },
    { OSK_CODE('i', 's', 'c', 'l'), 12, 12, 4 },   { OSK_CODE('c', 'l', 'l', 'i'), 4, 4, 0 },
    { OSK_CODE('m', 'd', 'c', 'v'), 24, 24, 0 },   { OSK_CODE('c', 'c', 'l', 'v'), 1, 41, 0 },
    { OSK_CODE('a', 'm', 'v', 'e'), 8, 8, 0 },     { OSK_CODE('r', 'e', 'v', 'e'), 20, 20, 4 },
    { OSK_CODE('n', 'd', 'w', 't'), 8, 8, 4 },     { OSK_CODE('a', '1', 'o', 'p'), 1, 1, 0 },
    { OSK_CODE('l', 's', 'e', 'l'), 2, 2, 0 },     { OSK_CODE('a', '1', 'l', 'x'), 7, 13, 0 },
    { OSK_CODE('r', 'r', 'e', 'f'), 5, 64, 4 },    { OSK_CODE('c', 'm', 'p', 'd'), 6, 514, 0 },
    { OSK_CODE('u', 'n', 'c', 'C'), 8, 2600, 0 },  { OSK_CODE('c', 'm', 'p', 'C'), 9, 9, 4 },
    { OSK_CODE('i', 'c', 'e', 'f'), 9, 65535, 4 },
};

static bool has_form(const OskHeifProperty *property)
{
    OskCursor body = property->body;
    size_t len = osk_cursor_left(&body);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].type == property->type) {
            return len >= forms[i].least && len <= forms[i].most &&
                   osk_cursor_be(&body, forms[i].zeros) == 0;
        }
    }
    return false;
}

static void check_config(OskHeif *heif, OskHeifProperty *property, OskVideoCodec codec)
{
    property->video = osk_arena_alloc(heif->check->arena, sizeof(OskVideo));
    if (property->video == NULL) {
        heif->status =
            osk_check_fail(heif->check, OSK_NO_MEMORY, PART, "not enough memory", property->at);
        return;
    }
    osk_video_init(property->video, heif->check, codec, "item");
    osk_video_config(property->video, property->body);
}

static void check_colr(OskHeif *heif, const OskHeifProperty *property)
{
    OskCursor body = property->body;
    uint32_t kind = osk_cursor_u32be(&body);
    if (kind == OSK_CODE('n', 'c', 'l', 'x')) {
        osk_cursor_skip(&body, 6);
        if ((osk_cursor_u8(&body) & 0x7F) != 0 || !osk_cursor_ok(&body) || osk_cursor_more(&body)) {
            osk_check_heif_found(heif, PART, "a colour description that is damaged", property->at);
        }
    } else if (kind == OSK_CODE('p', 'r', 'o', 'f') || kind == OSK_CODE('r', 'I', 'C', 'C')) {
        (void)osk_check_icc(heif->check, body, "colr");
    } else {
        osk_check_heif_found(heif, PART, "a colour description of unknown kind", property->at);
    }
}

/* The only auxiliary picture that is shown is transparency. */
static void check_auxc(OskHeif *heif, const OskHeifProperty *property)
{
    static const char names[][48] = {
        "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
        "urn:mpeg:hevc:2015:auxid:1",
        "urn:mpeg:avc:2015:auxid:1",
    };
    OskCursor body = property->body;
    bool good = osk_cursor_u32be(&body) == 0;
    bool known = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len = strlen(names[i]) + 1;
        known = known || (osk_cursor_left(&body) == len && osk_cursor_starts(&body, names[i], len));
    }
    if (!good || !known) {
        osk_check_heif_found(heif, PART, "an auxiliary picture that is no alpha channel",
                             property->at);
    }
}

static void check_pixi(OskHeif *heif, const OskHeifProperty *property)
{
    OskCursor body = property->body;
    bool good = osk_cursor_u32be(&body) == 0;
    uint8_t channels = osk_cursor_u8(&body);
    if (!good || osk_cursor_left(&body) != channels) {
        osk_check_heif_found(heif, PART, "channel depths that are damaged", property->at);
    }
}

static void check_property(OskHeif *heif, OskHeifProperty *property)
{
    switch (property->type) {
    case OSK_CODE('h', 'v', 'c', 'C'): check_config(heif, property, OSK_VIDEO_HEVC); break;
    case OSK_CODE('l', 'h', 'v', 'C'): check_config(heif, property, OSK_VIDEO_LHEVC); break;
    case OSK_CODE('a', 'v', 'c', 'C'): check_config(heif, property, OSK_VIDEO_AVC); break;
    case OSK_CODE('a', 'v', '1', 'C'): check_config(heif, property, OSK_VIDEO_AV1); break;
    case OSK_CODE('c', 'o', 'l', 'r'): check_colr(heif, property); break;
    case OSK_CODE('a', 'u', 'x', 'C'): check_auxc(heif, property); break;
    case OSK_CODE('p', 'i', 'x', 'i'): check_pixi(heif, property); break;
    case OSK_CODE('c', 'l', 'a', 'p'):
        if (osk_cursor_left(&property->body) != 32) {
            osk_check_heif_found(heif, PART, "a crop of the wrong length", property->at);
        }
        break;
    default:
        if (!has_form(property)) {
            osk_check_heif_found(heif, PART, "a property that no clean picture has", property->at);
        }
        break;
    }
}

static void read_ipco(OskHeif *heif, OskCursor ipco)
{
    /* A box has eight bytes at least. */
    size_t most = osk_cursor_left(&ipco) / 8;
    heif->properties = osk_arena_array(heif->check->arena, most, sizeof(OskHeifProperty));
    if (heif->properties == NULL || !osk_budget_parts(heif->check->budget, most)) {
        heif->status = osk_check_fail(heif->check, OSK_LIMIT, PART, "too many properties",
                                      osk_cursor_offset(&ipco));
        return;
    }
    OskHeifProperty p = { .type = 0 };
    while (heif->status == OSK_OK && osk_check_heif_box(heif, &ipco, &p.type, &p.body, &p.at)) {
        OskHeifProperty *property = &heif->properties[heif->property_count++];
        *property = p;
        check_property(heif, property);
    }
}

static void read_ipma(OskHeif *heif, OskCursor c)
{
    uint64_t at = osk_cursor_offset(&c);
    uint8_t version = osk_cursor_u8(&c);
    uint32_t flags = osk_cursor_u24be(&c);
    uint32_t count = osk_cursor_u32be(&c);
    for (uint32_t i = 0; i < count && osk_cursor_ok(&c); i++) {
        OskHeifItem *item =
            osk_check_heif_item(heif, (uint32_t)osk_cursor_be(&c, version == 0 ? 2 : 4));
        uint8_t links = osk_cursor_u8(&c);
        for (uint8_t j = 0; j < links && osk_cursor_ok(&c); j++) {
            uint32_t link = (uint32_t)osk_cursor_be(&c, (flags & 1) != 0 ? 2 : 1);
            uint32_t index = link & ((flags & 1) != 0 ? 0x7FFFu : 0x7Fu);
            if (item == NULL || index == 0 || index > heif->property_count ||
                item->property_count == 32) {
                osk_check_heif_found(heif, "iprp/ipma", "a property of nothing", at);
                continue;
            }
            item->properties[item->property_count++] = (uint16_t)(index - 1);
            heif->properties[index - 1].used = true;
        }
    }
    if (!osk_cursor_ok(&c) || osk_cursor_more(&c) || version > 1 || flags > 1) {
        osk_check_heif_found(heif, "iprp/ipma", "a table that is damaged", at);
    }
}

void osk_check_heif_properties(OskHeif *heif)
{
    OskCursor iprp = heif->iprp;
    uint32_t type = 0;
    OskCursor body;
    uint64_t at = 0;
    while (heif->status == OSK_OK && osk_check_heif_box(heif, &iprp, &type, &body, &at)) {
        if (type == OSK_CODE('i', 'p', 'c', 'o') && heif->properties == NULL) {
            read_ipco(heif, body);
        } else if (type == OSK_CODE('i', 'p', 'm', 'a') && heif->properties != NULL) {
            read_ipma(heif, body);
        } else {
            osk_check_heif_found(heif, "iprp", "a box that no clean file needs", at);
        }
    }
    for (uint32_t i = 0; i < heif->property_count; i++) {
        if (!heif->properties[i].used) {
            osk_check_heif_found(heif, PART, "a property of nothing", heif->properties[i].at);
        }
    }
}
