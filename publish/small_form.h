/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a small form, whole in memory and wiped: what a page without a script sends, or
 * `curl -d`. */
#ifndef OSK_PUBLISH_SMALL_FORM_H
#define OSK_PUBLISH_SMALL_FORM_H

#include <stdint.h>

#include "http/form.h"
#include "http/route.h"

/* Of 2,000 letters, each of four bytes with its escapes, and the other fields. */
#define OSK_SMALL_FORM_BYTES (32u * 1024)

typedef struct OskSmallForm OskSmallForm;

/* In begin(). NULL for what is no such form or is too long, and without memory. */
OskSmallForm *osk_small_form_begin(const OskRequest *request);
/* In body(). False, with the form gone, when it is longer than it said; nulls take anything. */
bool osk_small_form_take(OskSmallForm **form, const uint8_t *bytes, size_t len);
/* In end(), once. False for what can't be read. */
bool osk_small_form_read(OskSmallForm *form);
/* NULL for none; lent. */
const char *osk_small_form_value(const OskSmallForm *form, const char *name);
/* Wipes. Accepts NULL and nulls. */
void osk_small_form_free(OskSmallForm **form);

#endif
