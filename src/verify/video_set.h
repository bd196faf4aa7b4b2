/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameter sets of H.264 and H.265: where their syntax ends. What stands behind the bit that ends
 * a set is read by no decoder. */
#ifndef OSK_VERIFY_VIDEO_SET_H
#define OSK_VERIFY_VIDEO_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Walks one set by its syntax.
 *
 * @param avc   H.264; else H.265.
 * @param unit  the unit with its header and its emulation prevention bytes, `len` of them.
 * @param out_len given: how many of them the set takes. All of them for sets that aren't walked:
 * subset and extension sets of H.264, and sets of H.265 with layers, depth or screen content.
 * Returns false when what follows the last field is no end. Sets that no decoder can read are
 * whole. Source: ITU-T H.264, 7.3.2.1, 7.3.2.2, E.1; ITU-T H.265, 7.3.2.1
 * to 7.3.2.3, 7.3.3, 7.3.4, 7.3.7, E.2. */
bool osk_video_set_read(bool avc, const uint8_t *unit, size_t len, size_t *out_len);

#endif
