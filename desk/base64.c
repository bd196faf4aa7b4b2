/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/base64.h"

#include <nettle/base64.h>
#include <stdlib.h>

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
