/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AV1: which OBUs stay in samples, items and configuration records.
 *
 * Temporal delimiters, sequence headers, frames, tile groups, and the metadata that renders
 * (content light, mastering display, scalability; HDR10+ in T.35 when it parses to its last bit)
 * stay. Padding, timecodes, tile lists, reserved types and every other metadata type go. */
#ifndef OSK_PARTS_OBU_H
#define OSK_PARTS_OBU_H

#include "parts/coded.h"

/* Looks at one temporal unit (a sample or an item) in the low-overhead format. The last OBU may
 * come without a size field. The answer is in `coded`. Errors: MALFORMED when an OBU is longer than
 * what is left, NO_MEMORY, LIMIT, those of reading. Source: AV1 Bitstream & Decoding Process
 * Specification 5.3 to 5.12, 6.7; AV1-ISOBMFF 2.4. */
OskStatus osk_obu_sample(OskCoded *coded, uint64_t offset, uint64_t len);

/* Looks at the payload of an av1C box or Matroska's CodecPrivate: four bytes, then configOBUs.
 * Source: AV1-ISOBMFF 2.3. */
OskStatus osk_obu_config(OskCoded *coded, uint64_t offset, uint64_t len);

#endif
