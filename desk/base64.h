/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed bytes inside JSON (nettle, in base64.c alone). Source: RFC 4648, section 4. */
#ifndef OSK_DESK_BASE64_H
#define OSK_DESK_BASE64_H

#include "store/store.h"

/* With a NUL. Ownership: free(). NULL without memory. */
char *osk_base64_text(const OskBytes *bytes);
/* False for what is not its one way to be written (padding, no blanks), and without memory.
 * Ownership: osk_bytes_clear(). */
bool osk_base64_bytes(const char *text, OskBytes *out);

#endif
