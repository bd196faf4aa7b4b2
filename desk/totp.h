/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second factor: codes of six digits for thirty seconds each (liboath, in totp.c alone).
 * Source: RFC 6238 with HMAC-SHA-1, which is what the apps on phones speak. */
#ifndef OSK_DESK_TOTP_H
#define OSK_DESK_TOTP_H

#include "desk/sessions.h"

#define OSK_TOTP_KEY_TEXT_BYTES 33u /* 20 bytes in base32, and a NUL */

/* What an app on a phone is given. False without memory. */
bool osk_totp_key_text(const uint8_t secret[OSK_TOTP_SECRET_BYTES],
                       char out[OSK_TOTP_KEY_TEXT_BYTES]);
/* Whether `code` is that of `now_s` (Unix time), or of thirty seconds to either side, for clocks
 * that differ. A code counts once: `used` is the number of the last one that did, and is moved on.
 * NULL is false. */
bool osk_totp_fits(const uint8_t secret[OSK_TOTP_SECRET_BYTES], const char *code, int64_t now_s,
                   uint64_t *used);

#endif
