/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDR10+: the one kind of ITU-T T.35 user data that changes how a picture is shown. */
#ifndef OSK_PARTS_HDR10PLUS_H
#define OSK_PARTS_HDR10PLUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when `bytes`, from the T.35 country code on, are HDR10+ metadata and nothing else: every
 * field is read, and what remains in the last byte is zero. Source: SMPTE ST 2094-40:2020, annex A;
 * CTA-861-H, annex S. */
bool osk_hdr10plus_is_whole(const uint8_t *bytes, size_t len);

#endif
