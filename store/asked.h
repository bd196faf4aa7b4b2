/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public asks and nobody has answered, in memory: for who says how much of it is kept, and
 * for who answers it. What a commit changes is there with the next osk_asked_list_refresh(). */
#ifndef OSK_STORE_ASKED_H
#define OSK_STORE_ASKED_H

#include "store/published.h"
#include "store/touched.h"

/* One that is open. */
typedef struct OskAskedOne {
    OskId id;
    OskId target;
    OskSpace space; /* of the target */
    OskDay day;     /* on which it was asked */
    uint32_t flags; /* of its row */
} OskAskedOne;

/* One thread at a time; touch nothing but `at` and `count`, which hold until the next call. */
typedef struct OskAskedList {
    OskStore *store;
    OskTouched touched;
    OskAskedOne *at; /* in no order */
    size_t count;
    size_t room;
} OskAskedList;

/* Watches the store, which must outlive it, and reads every request once.
 * Errors: IO, NO_MEMORY, LIMIT; then there is nothing to end. */
OskStatus osk_asked_list_begin(OskAskedList *list, OskStore *store, OskFault *fault);
void osk_asked_list_end(OskAskedList *list);
/* Reads what commits have touched since, and no more than that. Errors: IO, NO_MEMORY: what is in
 * the list is not to be relied on then, and all of it is read anew the next time. */
OskStatus osk_asked_list_refresh(OskAskedList *list, OskFault *fault);

#endif
