/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bech32 of 32 bytes, which is all that age writes with it.
 * Source: BIP 173, section "Bech32"; age asks for one case throughout. */
#ifndef OSK_SEAL_BECH32_H
#define OSK_SEAL_BECH32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Letters and digits behind the prefix: "1", 52 of data, 6 of the checksum. */
#define OSK_BECH32_TAIL 59u

/* Writes `prefix`, the tail and a NUL. @param prefix of one case, at most 32 letters; the tail gets
 * the same case. */
void osk_bech32_write(const char *prefix, const uint8_t bytes[32], char *out);

/* Why a text is no Bech32 of this prefix; NULL when it is, and `out` is set only then.
 * @param out_wrong the place of the letter that is wrong. */
const char *osk_bech32_read(const char *prefix, const char *text, size_t len, uint8_t out[32],
                            size_t *out_wrong);

#endif
