/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which publications there are, in memory: a page of them, how many there are of each state and in
 * each album, and what each was made of cost no walk over the store. What a commit changes is there
 * with the next question. Every call may come from any thread. */
#ifndef OSK_DESK_PUBLIC_LIST_H
#define OSK_DESK_PUBLIC_LIST_H

#include "store/published.h"

#define OSK_PUBLICATION_STATES 6u /* and 0, which is none */
#define OSK_PUBLIC_PAGE_COUNT 60u

/* Where one stands: the newest day first, and within a day by ids, which say nothing of the order
 * in which they came. */
typedef struct OskPublicPlace {
    OskDay day;
    OskId id;
} OskPublicPlace;

typedef struct OskPublicQuery {
    uint32_t state; /* 0 for any */
    bool has_album;
    OskId album;
    bool has_after; /* the page begins behind this place */
    OskPublicPlace after;
} OskPublicQuery;

typedef struct OskPublicPage {
    OskPublicPlace places[OSK_PUBLIC_PAGE_COUNT];
    size_t count;
    bool goes_on;
    uint64_t states[OSK_PUBLICATION_STATES]; /* how many there are, of all */
} OskPublicPage;

typedef struct OskPublicList OskPublicList;

/* The store is lent. Reads all of it, once. Errors: IO, NO_MEMORY, LIMIT. */
OskStatus osk_public_list_open(OskPublicList **out, OskStore *store, OskFault *fault);
/* Accepts NULL and nulls. */
void osk_public_list_close(OskPublicList **list);

/* Errors of these: IO, NO_MEMORY. */
OskStatus osk_public_list_page(OskPublicList *list, const OskPublicQuery *query, OskPublicPage *out,
                               OskFault *fault);
/* How many are in the state PUBLIC in each album. @param out as many as albums. */
OskStatus osk_public_list_albums(OskPublicList *list, const OskId *albums, size_t count,
                                 uint64_t *out, OskFault *fault);
/* The submission that one was made of, as far as is known here: whether it is still there says its
 * row of the space PUBLISHED. FOUND where there was none. */
OskStatus osk_public_list_submission(OskPublicList *list, const OskId *publication, OskId *out,
                                     OskFault *fault);

#endif
