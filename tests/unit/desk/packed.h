/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks with packs of drawn pictures, as the worker leaves them. */
#ifndef TESTS_UNIT_DESK_PACKED_H
#define TESTS_UNIT_DESK_PACKED_H

#include "rig.h"

/* The bytes of a pack of drawn picture `seed`: `copy` gives it other light and noise, 0 none.
 * @param width as displayed, where it is not that of the drawing; 0 as it is. Free with
 * osk_bytes_free(). */
OskMemory packed_bytes(uint32_t seed, uint32_t copy, uint32_t width);
/* Somebody has sent it, alone and without words, and a worker has looked at it. */
Sent packed_send(uint32_t seed, uint32_t copy);
/* Looked at with these bytes, sealed to `to`. */
void packed_look(const OskId *file, const OskMemory *plain, const OskRecipient *to);
/* The same for one sender after the other: as long as `sealed` is the same, they sent the same
 * bytes. Free with osk_bytes_free(). */
OskMemory packed_seal(const OskMemory *plain, const OskRecipient *to);
void packed_look_sealed(const OskId *file, const OskMemory *sealed);
/* What its look still holds. */
size_t packed_len(const OskId *file);

#endif
