/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a parameter set ends: decoders stop reading at its last field, so bytes behind it are seen
 * by nobody. */
#ifndef OSK_PARTS_NAL_SET_H
#define OSK_PARTS_NAL_SET_H

#include "parts/coded.h"

/* How many bytes of a NAL unit (header included, without its length prefix) belong to the parameter
 * set in it: up to the one that holds its stop bit. `len`, less zeros at its end, for sets with
 * extensions that are not read here; 0 for a set that is cut off or empty, or whose last field is
 * followed by something that is no stop bit, so that nobody can tell what it is. Source:
 * H.264 7.3.2.1, 7.3.2.2, annex E; H.265 7.3.2.1 to 7.3.2.3, 7.3.3, 7.3.4, 7.3.7, annex E. */
size_t osk_nal_set_len(OskCodec codec, const uint8_t *bytes, size_t len);

/* Notes what an H.264 sequence parameter set says about the form of picture timing messages; other
 * units say nothing. Source: H.264 annex E. */
void osk_nal_set_timing(const uint8_t *bytes, size_t len, OskAvcTiming *timing);

#endif
