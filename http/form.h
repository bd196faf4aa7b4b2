/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small forms that come whole, application/x-www-form-urlencoded: names and values as text. Files,
 * and forms of any size, come as multipart.h.
 * Source: the URL standard, "application/x-www-form-urlencoded parsing"; stricter: escapes are
 * whole, text is UTF-8 without NUL, and a name comes once. */
#ifndef OSK_HTTP_FORM_H
#define OSK_HTTP_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "oilskin/status.h"

#define OSK_FORM_FIELDS 32u

/* Lent: both lie in the text that was parsed. */
typedef struct OskFormField {
    const char *name;
    const char *value;
} OskFormField;

typedef struct OskFormFields {
    OskFormField items[OSK_FORM_FIELDS];
    size_t count;
} OskFormFields;

/* Parses `len` bytes in place.
 *
 * @param text has room for len + 1 bytes; wipe it when the fields are of no more use.
 * Errors: MALFORMED with the offset of the field; LIMIT for more than OSK_FORM_FIELDS. */
OskStatus osk_form_parse(char *text, size_t len, OskFormFields *out, OskFault *fault);

/* The value of a field, or NULL. */
const char *osk_form_value(const OskFormFields *fields, const char *name);

/* True for "application/x-www-form-urlencoded" with any parameters; NULL is false. */
bool osk_form_is_type(const char *content_type);

/* Undoes %41 in place. False for an escape that is none, for %00, and for what is no UTF-8 behind
 * it; `text` is then of no use. */
bool osk_form_unescape(char *text);

#endif
