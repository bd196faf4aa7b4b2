/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structured fields of HTTP (RFC 9651): the two kinds of items that resumable uploads ask with. */
#ifndef OSK_INTAKE_STRUCTURED_H
#define OSK_INTAKE_STRUCTURED_H

#include <stdbool.h>
#include <stdint.h>

/* Each reads a header that holds one item, its parameters checked and read past. False, with `out`
 * untouched, for NULL and for every other value: the draft asks that the header is then taken as
 * absent. */

/* "?1" or "?0". Source: section 3.3.6. */
bool osk_structured_boolean(const char *header, bool *out);
/* An Integer (at most 15 digits) that is not negative. Source: section 3.3.1. */
bool osk_structured_whole(const char *header, uint64_t *out);

#endif
