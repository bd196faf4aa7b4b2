/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desk: what a composition root needs to know of this room. */
#ifndef OSK_DESK_DESK_H
#define OSK_DESK_DESK_H

#include "http/route.h"
#include "oilskin/seal.h"
#include "store/store.h"

#define OSK_DESK_LINK_BYTES 33u /* what a one-time link ends in, and a NUL */

/* What leaves the desk for the public. */
typedef struct OskDeskPublishing {
    bool has_albums;
    bool has_links;
    bool has_sealed;   /* links that nobody here can open: the public reports them all the same */
    bool needs_second; /* nothing is public before a second person has said so, too */
    uint64_t copy_max; /* bytes of one copy */
    const char
        *address; /* "https://drop.example", where the public sees it; NULL where nobody said */
} OskDeskPublishing;

typedef struct OskDeskOptions {
    const OskRecipient *recipients; /* of the desk; at least one */
    size_t recipient_count;
    /* "https://desk.example": changes are taken from its pages alone. NULL: from pages of whatever
     * address of this machine was asked, which the listener has to hold to. */
    const char *origin;
    /* Told whom everything is to be sealed to from now on, those and each reviewer's own key,
     * before osk_desk_open() returns and whenever it changes; on some thread, and never by two at
     * once. `recipients` are lent for the call. NULL: nobody is told. */
    void (*readers_changed)(void *context, const OskRecipient *recipients, size_t count);
    void *readers_context;
    /* Opens what files are compared by, so that this server folds copies; copied. NULL: reviewers'
     * machines do, and nothing here can. */
    const OskIdentity *triage;
    OskDeskPublishing publishing;
    bool is_demo; /* its pages say so, and reviewers may have keys that everybody has */
} OskDeskOptions;

typedef struct OskDesk OskDesk;

/* The store is lent and must outlive it; the options are copied.
 * Errors: MALFORMED where a row that it can't go on without can't be read; IO; NO_MEMORY. */
OskStatus osk_desk_open(OskDesk **out, OskStore *store, const OskDeskOptions *options,
                        OskFault *fault);
/* Its routes, for osk_http_start(); lent. */
const OskRoute *osk_desk_routes(const OskDesk *desk, size_t *out_count);
bool osk_desk_has_admin(OskDesk *desk);
/* While there is no admin: makes the link of the first one (POST /api/first), which ends the one
 * before it. False when there is one, or it can't be stored. */
bool osk_desk_first_link(OskDesk *desk, char out[OSK_DESK_LINK_BYTES]);
/* Answers who waits to log in: the server is about to stop. */
void osk_desk_park(OskDesk *desk);
/* After its listener has stopped. Accepts NULL and nulls. */
void osk_desk_close(OskDesk **desk);

#endif
