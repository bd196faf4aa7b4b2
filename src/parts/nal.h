/* SPDX-License-Identifier: GPL-3.0-or-later */
/* H.264 and H.265: which NAL units and SEI messages stay in samples, items and configuration
 * records.
 *
 * What stays is what decodes or renders pictures: slices, parameter sets, and the SEI messages of
 * the table in nal.c (timing, recovery points, mastering display, content light, ...). User data,
 * filler, unspecified and unknown units and messages go; a unit that holds only such messages goes
 * whole, a mixed one is rewritten. Closed captions (T.35 "GA94") go like subtitle tracks do: they
 * are text that is not shown when the file is opened. HDR10+ (SMPTE ST 2094-40) stays when it
 * parses to its last bit. Dolby Vision's RPU (H.265 unit type 62) carries colour: it stays when its
 * own checksum proves it one. Dolby's enhancement layer (63) goes: the base layer is what every
 * reader shows. What could hide behind the last coded bit of a slice is not looked at: see
 * docs/threat-model.md. */
#ifndef OSK_PARTS_NAL_H
#define OSK_PARTS_NAL_H

#include "parts/coded.h"

/* Looks at one sample or item of length-prefixed NAL units, [offset, offset + len) of the input.
 * The answer is in `coded`: pieces, out_len, changed. A length prefix goes with its unit and is
 * rewritten with it. `out_len` may be 0. Errors: MALFORMED when a unit is longer than what is left,
 * NO_MEMORY, LIMIT, those of reading. Source: ISO/IEC 14496-15, 5.3.2 and 8.3.2; H.264 7.3,
 * H.265 7.3. */
OskStatus osk_nal_sample(OskCoded *coded, uint64_t offset, uint64_t len);

/* Looks at a configuration record, the payload of an avcC, hvcC or lhvC box or of Matroska's
 * CodecPrivate, and sets `length_size`. Units of other kinds than parameter sets and SEI, and bytes
 * behind the record's end, go; counts are rewritten.
 * Errors: MALFORMED, TRUNCATED, and as above.
 * Source: ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1. */
OskStatus osk_nal_config(OskCoded *coded, uint64_t offset, uint64_t len);

#endif
