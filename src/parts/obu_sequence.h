/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an AV1 sequence header ends: decoders stop at its last field. */
#ifndef OSK_PARTS_OBU_SEQUENCE_H
#define OSK_PARTS_OBU_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes of the payload of a sequence header OBU have a meaning, the one with its stop bit
 * included; 0 when it is cut off, or its last field is not followed by a stop bit. Source:
 * AV1 5.5, 5.3.4. */
size_t osk_obu_sequence_len(const uint8_t *bytes, size_t len);

#endif
