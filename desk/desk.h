/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desk: what a composition root needs to know of this room. */
#ifndef OSK_DESK_DESK_H
#define OSK_DESK_DESK_H

#include "http/route.h"
#include "oilskin/seal.h"
#include "store/store.h"

#define OSK_DESK_LINK_BYTES 33u /* what a one-time link ends in, and a NUL */

typedef struct OskDeskOptions {
    const OskRecipient *recipients; /* of the desk; at least one */
    size_t recipient_count;
    /* "https://desk.example": changes are taken from its pages alone. NULL: from pages of whatever
     * address of this machine was asked, which the listener has to hold to. */
    const char *origin;
} OskDeskOptions;

typedef struct OskDesk OskDesk;

/* The store is lent and must outlive it; the options are copied.
 * Errors: MALFORMED where a row that it can't go on without can't be read; IO; NO_MEMORY. */
OskStatus osk_desk_open(OskDesk **out, OskStore *store, const OskDeskOptions *options,
                        OskFault *fault);
/* Its routes, for osk_http_start(); lent. */
const OskRoute *osk_desk_routes(const OskDesk *desk, size_t *out_count);
/* While there is no admin: draws what makes the first one, once (POST /api/first). False when there
 * is one, or no randomness. */
bool osk_desk_first_link(OskDesk *desk, char out[OSK_DESK_LINK_BYTES]);
/* Answers who waits to log in: the server is about to stop. */
void osk_desk_park(OskDesk *desk);
/* After its listener has stopped. Accepts NULL and nulls. */
void osk_desk_close(OskDesk **desk);

#endif
