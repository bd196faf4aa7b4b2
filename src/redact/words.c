/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/words.h"

#include <string.h>

static bool find_word(const char *const *words, size_t count, const char *text, size_t len,
                      size_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool osk_shape_from(const char *text, size_t len, OskShape *out)
{
    static const char *const words[] = { [OSK_SHAPE_RECT] = "rect",
                                         [OSK_SHAPE_ELLIPSE] = "ellipse",
                                         [OSK_SHAPE_POLYGON] = "polygon",
                                         [OSK_SHAPE_STROKE] = "stroke" };
    size_t index;
    if (!find_word(words, sizeof words / sizeof *words, text, len, &index)) {
        return false;
    }
    *out = (OskShape)index;
    return true;
}

bool osk_unit_from(const char *text, size_t len, OskUnit *out)
{
    static const char *const words[] = { [OSK_UNIT_PX] = "px", [OSK_UNIT_PCT] = "pct" };
    size_t index;
    if (!find_word(words, sizeof words / sizeof *words, text, len, &index)) {
        return false;
    }
    *out = (OskUnit)index;
    return true;
}

bool osk_style_from(const char *text, size_t len, OskRegionStyle *out)
{
    static const char *const words[] = {
        [OSK_REGION_FILL] = "fill", [OSK_REGION_MOSAIC] = "mosaic", [OSK_REGION_BLUR] = "blur"
    };
    size_t index;
    if (!find_word(words, sizeof words / sizeof *words, text, len, &index)) {
        return false;
    }
    *out = (OskRegionStyle)index;
    return true;
}

bool osk_color_from(const char *text, size_t len, uint8_t out[3])
{
    uint32_t color = 0;
    if (len != 7 || text[0] != '#') {
        return false;
    }
    for (size_t i = 1; i < 7; i++) {
        char lower = (char)(text[i] | 0x20);
        if (text[i] >= '0' && text[i] <= '9') {
            color = color << 4 | (uint32_t)(text[i] - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            color = color << 4 | (uint32_t)(lower - 'a' + 10);
        } else {
            return false;
        }
    }
    out[0] = (uint8_t)(color >> 16);
    out[1] = (uint8_t)(color >> 8);
    out[2] = (uint8_t)color;
    return true;
}
