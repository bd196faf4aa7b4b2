/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/hex.h"

#include <nettle/base16.h>
#include <stdint.h>
#include <string.h>

void osk_hex_write(const void *bytes, size_t len, char *out)
{
    base16_encode_update(out, len, bytes);
    out[2 * len] = 0;
}

/* Ids are keys of the store and of caches: each has one way to be written. */
static bool is_ours(const char *text, size_t len)
{
    return strspn(text, "0123456789abcdef") == 2 * len && text[2 * len] == 0;
}

bool osk_hex_read(const char *text, void *out, size_t len)
{
    struct base16_decode_ctx decoder;
    size_t written = len;
    if (text == NULL || !is_ours(text, len)) {
        return false;
    }
    base16_decode_init(&decoder);
    return base16_decode_update(&decoder, &written, out, 2 * len, text) == 1 && written == len &&
           base16_decode_final(&decoder) == 1;
}
