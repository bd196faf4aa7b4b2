/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/totp.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#define STEP_S 30
#define WINDOW 1

bool osk_totp_key_text(const uint8_t secret[OSK_TOTP_SECRET_BYTES],
                       char out[OSK_TOTP_KEY_TEXT_BYTES])
{
    char *text = NULL;
    size_t len = 0;
    if (oath_base32_encode((const char *)secret, OSK_TOTP_SECRET_BYTES, &text, &len) != OATH_OK) {
        return false;
    }
    bool fits = len == OSK_TOTP_KEY_TEXT_BYTES - 1;
    if (fits) {
        memcpy(out, text, OSK_TOTP_KEY_TEXT_BYTES);
    }
    explicit_bzero(text, len);
    free(text);
    return fits;
}

bool osk_totp_fits(const uint8_t secret[OSK_TOTP_SECRET_BYTES], const char *code, int64_t now_s,
                   uint64_t *used)
{
    uint64_t counter = 0;
    if (code == NULL || strlen(code) != 6 || strspn(code, "0123456789") != 6) {
        return false;
    }
    int found = oath_totp_validate3((const char *)secret, OSK_TOTP_SECRET_BYTES, (time_t)now_s,
                                    STEP_S, 0, WINDOW, NULL, &counter, code);
    if (found < 0 || counter <= *used) {
        return false;
    }
    *used = counter;
    return true;
}
