/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of a request that are to be public. */
#ifndef OSK_DESK_PUBLIC_TEXTS_H
#define OSK_DESK_PUBLIC_TEXTS_H

#include "desk/call.h"

typedef struct OskPublicText {
    const char *key; /* of the request */
    char *out;       /* max + 1 bytes; stays as it is where the request has no such member */
    size_t max;      /* in bytes of UTF-8 */
    bool is_line;    /* without line breaks */
} OskPublicText;

/* Reads them. Where one of them holds what leads to somebody (words_check.h), that is told with
 * 409, unless the request says "words_checked": true. False when it was refused. */
bool osk_desk_read_public_texts(OskDeskCall *call, const OskPublicText *texts, size_t count);

#endif
