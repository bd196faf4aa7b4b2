/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public asks, by what it is about: many who ask for one picture are one thing to decide.
 * Kept in memory, so that a flood costs no walk over the store; what a commit changes is there with
 * the next question. Every call may come from any thread. */
#ifndef OSK_DESK_ASKED_GROUPS_H
#define OSK_DESK_ASKED_GROUPS_H

#include "store/asked.h"

/* Requests on one page: it ends behind the group that comes to so many. */
#define OSK_ASKED_PAGE_COUNT 200u

/* Where a group stands: who waits longest first, and within a day by ids, which say nothing of the
 * order in which they came. */
typedef struct OskAskedPlace {
    OskDay day; /* of the first request */
    OskId target;
} OskAskedPlace;

typedef struct OskAskedGroup {
    OskAskedPlace place;
    OskSpace space; /* of the target */
    size_t first;   /* of its requests, in the page's, by their days */
    size_t count;
} OskAskedGroup;

typedef struct OskAskedPage {
    OskAskedOne *ones; /* every one that is open, also those of other pages */
    OskAskedGroup *groups;
    size_t first; /* of the groups: of this page */
    size_t count;
    bool goes_on;
} OskAskedPage;

typedef struct OskAskedGroups OskAskedGroups;

/* The store is lent. Reads all of it, once. Errors: IO, NO_MEMORY, LIMIT. */
OskStatus osk_asked_groups_open(OskAskedGroups **out, OskStore *store, OskFault *fault);
/* Accepts NULL and nulls. */
void osk_asked_groups_close(OskAskedGroups **groups);

/* Errors of these: IO, NO_MEMORY. */
/* @param after the page begins behind this place; NULL for the first. Ownership:
 * osk_asked_page_end(), also after errors. */
OskStatus osk_asked_groups_page(OskAskedGroups *groups, const OskAskedPlace *after,
                                OskAskedPage *out, OskFault *fault);
void osk_asked_page_end(OskAskedPage *page);
/* How many are open, but for those that were counted without a row of their own. */
OskStatus osk_asked_groups_count(OskAskedGroups *groups, uint64_t *out, OskFault *fault);

/* Some requests, by their ids. */
typedef struct OskAskedSome {
    const OskId *ids;
    size_t count;
} OskAskedSome;
/* How many ask about a target and are not answered, but for some requests; with those that were
 * counted without a row of their own. */
OskStatus osk_asked_groups_others(OskAskedGroups *groups, const OskId *target,
                                  const OskAskedSome *but, uint64_t *out, OskFault *fault);

#endif
