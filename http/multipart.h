/* SPDX-License-Identifier: GPL-3.0-or-later */
/* multipart/form-data, piece by piece: nothing of a part is held but its headers.
 * Source: RFC 7578, RFC 2046 section 5.1. */
#ifndef OSK_HTTP_MULTIPART_H
#define OSK_HTTP_MULTIPART_H

#include "oilskin/status.h"

typedef struct OskMultipart OskMultipart;

/* What a part says of itself. File names are read past and never given on. */
typedef struct OskFormPart {
    char name[64];        /* of the field */
    bool is_file;         /* it has a filename parameter */
    bool is_empty_choice; /* a file field in which nothing was chosen: filename="" */
} OskFormPart;

typedef struct OskMultipartEvents {
    void *context;
    bool (*part_begin)(void *context, const OskFormPart *part);
    bool (*part_data)(void *context, const uint8_t *bytes, size_t len);
    bool (*part_end)(void *context);
} OskMultipartEvents;

/* @param content_type the header of the request. Errors: MALFORMED without a valid boundary. */
OskStatus osk_multipart_open(OskMultipart **out, const char *content_type,
                             const OskMultipartEvents *events, OskFault *fault);
/* Errors: MALFORMED with the offset in the body; LIMIT for too many parts or headers; IO when an
 * event returned false. Sticky. */
OskStatus osk_multipart_feed(OskMultipart *form, const uint8_t *bytes, size_t len, OskFault *fault);
/* The body has ended. Errors: TRUNCATED unless the closing boundary came. */
OskStatus osk_multipart_end(OskMultipart *form, OskFault *fault);
void osk_multipart_free(OskMultipart **form);

#endif
