/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/form.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

static int digit_of(char letter)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = letter != 0 ? strchr(digits, letter) : NULL;
    return found != NULL ? (int)(found - digits) % 16 : -1;
}

static bool is_utf8(const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t letter = 0;
        size_t len = osk_utf8_decode((const uint8_t *)text, left, &letter);
        if (len == 0) {
            return false;
        }
        text += len;
        left -= len;
    }
    return true;
}

bool osk_form_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != 0; from++) {
        char letter = *from;
        if (letter == '%') {
            int high = digit_of(from[1]);
            int low = high >= 0 ? digit_of(from[2]) : -1;
            if (low < 0 || high + low == 0) {
                return false;
            }
            letter = (char)(high * 16 + low);
            from += 2;
        }
        *to++ = letter;
    }
    *to = 0;
    return is_utf8(text);
}
