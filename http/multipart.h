/* SPDX-License-Identifier: GPL-3.0-or-later */
/* multipart/form-data, piece by piece: nothing of a part is held but the line of a header.
 * Source: RFC 7578, RFC 2046 section 5.1. */
#ifndef OSK_HTTP_MULTIPART_H
#define OSK_HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oilskin/status.h"

typedef struct OskMultipart OskMultipart;

#define OSK_FORM_NAME_BYTES 64u

/* What a part says of itself. File names are read past and never given on. */
typedef struct OskFormPart {
    char name[OSK_FORM_NAME_BYTES]; /* of the field */
    bool is_file;                   /* it has a filename parameter */
    bool is_empty_choice;           /* a file field in which nothing was chosen: filename="" */
} OskFormPart;

/* What an event answers. After WAIT nothing more is handed on before the next feed. */
typedef enum OskFormStep { OSK_FORM_ON, OSK_FORM_WAIT, OSK_FORM_FAIL } OskFormStep;

/* What part_data() returns to fail. */
#define OSK_FORM_FAILED SIZE_MAX

typedef struct OskMultipartEvents {
    void *context;
    OskFormStep (*part_begin)(void *context, const OskFormPart *part);
    /* Returns how many bytes it took: fewer is "not now", and the rest comes with the next feed. */
    size_t (*part_data)(void *context, const uint8_t *bytes, size_t len);
    OskFormStep (*part_end)(void *context);
} OskMultipartEvents;

/* @param content_type the header of the request; NULL for none.
 * @param events       copied.
 * Errors: MALFORMED without a valid boundary, with the next step; NO_MEMORY. */
OskStatus osk_multipart_open(OskMultipart **out, const char *content_type,
                             const OskMultipartEvents *events, OskFault *fault);

/* @param out_taken how much of it was read: less than `len` when an event said to wait. Feed the
 *                  rest again later.
 * Errors: MALFORMED with the offset in the body; LIMIT for too many parts or headers; IO when an
 * event failed. Sticky. */
OskStatus osk_multipart_feed(OskMultipart *form, const uint8_t *bytes, size_t len,
                             size_t *out_taken, OskFault *fault);

/* The body has ended. Errors: TRUNCATED unless the closing boundary came; what feed said before. */
OskStatus osk_multipart_end(OskMultipart *form, OskFault *fault);

/* Wipes it. Accepts NULL and nulls. */
void osk_multipart_free(OskMultipart **form);

#endif
