/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public sees of what was published: what a composition root needs to know of this room.
 */
#ifndef OSK_PUBLISH_PUBLISH_H
#define OSK_PUBLISH_PUBLISH_H

#include "http/route.h"
#include "oilskin/seal.h"
#include "store/store.h"

#define OSK_PUBLISH_ADDRESS_BYTES 128u

typedef struct OskPublishOptions {
    bool albums;           /* pages below /a/ */
    bool links;            /* pages below /s/ */
    bool sealed_links;     /* pages below /s/x/, and what strangers put there */
    bool is_unindexed;     /* search engines are asked to leave albums out */
    bool is_demo;          /* every page says so in red */
    uint64_t sealed_total; /* bytes that sealed links may take of the disk */
    char title[128];       /* above the list of albums; "" for the operator's name */
    char address[OSK_PUBLISH_ADDRESS_BYTES]; /* "https://host", for feeds; "" for none */
    char operator_name[256];
    char contact[256];
    const char *templates;          /* the folder of the pages, lent for the start */
    const char *default_language;   /* "en"; static or lent */
    const OskRecipient *recipients; /* who reads what the public writes; lent for the start */
    size_t recipient_count;
} OskPublishOptions;

typedef struct OskPublish OskPublish;

/* Options are copied. The store is lent and must outlive it. Errors: IO, NO_MEMORY, LIMIT. */
OskStatus osk_publish_start(OskPublish **out, OskStore *store, const OskPublishOptions *options,
                            OskFault *fault);
/* Its routes, for osk_http_start(); lent. */
const OskRoute *osk_publish_routes(const OskPublish *publish, size_t *out_count);
/* Whom words are sealed to from now on: 1 to OSK_SEAL_RECIPIENTS_MAX. */
void osk_publish_set_readers(OskPublish *publish, const OskRecipient *recipients, size_t count);
/* Texts for requests to come; what is open and where stays until a restart, and so do readers.
 * Errors: NO_MEMORY, and everything stays as it was. */
OskStatus osk_publish_reload(OskPublish *publish, const OskPublishOptions *options);
/* Answers who waits for a passphrase to be tried: the server is about to stop. */
void osk_publish_park(OskPublish *publish);
/* When no request is left. Accepts NULL and nulls. */
void osk_publish_stop(OskPublish **publish);

#endif
