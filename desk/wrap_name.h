/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an age file of the desk's is called where headers are made anew, and where a page of them
 * goes on. Each has one spelling: what is read writes the same text again. */
#ifndef OSK_DESK_WRAP_NAME_H
#define OSK_DESK_WRAP_NAME_H

#include "store/store.h"

#define OSK_WRAP_NAME_BYTES 96u
#define OSK_WRAP_PLACE_BYTES 192u

typedef enum OskWrapKind {
    OSK_WRAP_BLOB,     /* owner, id: a segment's blob, or a preview's */
    OSK_WRAP_MANIFEST, /* owner: a submission */
    OSK_WRAP_MESSAGE,  /* owner, number */
    OSK_WRAP_RECORD    /* space, owner, id */
} OskWrapKind;

/* One age file. */
typedef struct OskWrapName {
    OskWrapKind kind;
    OskId owner;
    OskId id;
    uint32_t number; /* of a message; space of a record */
} OskWrapName;

void osk_wrap_name_text(const OskWrapName *name, char out[OSK_WRAP_NAME_BYTES]);
/* False for what is none; NULL is none. */
bool osk_wrap_name_read(const char *text, OskWrapName *out);

/* Where a page begins: behind this submission, of so many that were looked through; and in the next
 * one behind this item. */
typedef struct OskWrapPlace {
    OskId after;
    OskDay day;
    uint64_t passed;
    char item[OSK_WRAP_NAME_BYTES]; /* "" for its first */
} OskWrapPlace;

void osk_wrap_place_text(const OskWrapPlace *place, char out[OSK_WRAP_PLACE_BYTES]);
bool osk_wrap_place_read(const char *text, OskWrapPlace *out);

#endif
