/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries and application/x-www-form-urlencoded: names and values as text.
 * Source: the URL standard, "application/x-www-form-urlencoded parsing". */
#ifndef OSK_HTTP_FORM_H
#define OSK_HTTP_FORM_H

#include <stdbool.h>

/* Undoes %41 in place. False for an escape that is none, for %00, and for what is no UTF-8 behind
 * it; `text` is then of no use. */
bool osk_form_unescape(char *text);

#endif
