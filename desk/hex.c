/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/hex.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

void osk_hex_write(const void *bytes, size_t len, char *out)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[at[i] >> 4];
        out[2 * i + 1] = digits[at[i] & 15];
    }
    out[2 * len] = 0;
}

static int value_of(char c)
{
    const char *at = c == 0 ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

bool osk_hex_read(const char *text, void *out, size_t len)
{
    uint8_t *at = out;
    if (text == NULL || strnlen(text, 2 * len + 1) != 2 * len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int high = value_of(text[2 * i]);
        int low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        at[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
