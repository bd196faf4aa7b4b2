/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/base64.h"

#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

char *osk_base64_text(const OskBytes *bytes)
{
    size_t len = BASE64_ENCODE_RAW_LENGTH(bytes->len);
    char *text = malloc(len + 1);
    if (text != NULL) {
        base64_encode_raw(text, bytes->len, bytes->bytes);
        text[len] = 0;
    }
    return text;
}

/* The library skips blanks, and takes bits that belong to nothing. */
static bool is_canonical(const char *text, const OskBytes *bytes)
{
    char *again = osk_base64_text(bytes);
    bool is_same = again != NULL && strcmp(text, again) == 0;
    free(again);
    return is_same;
}

bool osk_base64_bytes(const char *text, OskBytes *out)
{
    struct base64_decode_ctx decoder;
    size_t len = strlen(text);
    size_t room = BASE64_DECODE_LENGTH(len) + 1;
    *out = (OskBytes){ .bytes = malloc(room), .len = room };
    base64_decode_init(&decoder);
    if (out->bytes != NULL &&
        base64_decode_update(&decoder, &out->len, out->bytes, len, text) == 1 &&
        base64_decode_final(&decoder) == 1 && is_canonical(text, out)) {
        return true;
    }
    free(out->bytes);
    *out = (OskBytes){ .len = 0 };
    return false;
}
