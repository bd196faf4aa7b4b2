/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a published copy at the desk: which step leads from which state, and what is
 * stored with it. Each step is one commit with its entry in the audit chain, which names the
 * publication and its copy, and never what it was made of. */
#ifndef OSK_DESK_PUBLICATIONS_H
#define OSK_DESK_PUBLICATIONS_H

#include "desk/audit.h"
#include "store/published.h"

/* Everything is lent. */
typedef struct OskPublisher {
    OskStore *store;
    OskAudit *audit;
    const OskId *who;
    bool needs_second; /* nothing is public before another one has said so, too */
} OskPublisher;

/* A publication as it is stored, or is to be. Wide: not for a deep stack. */
typedef struct OskPublicationItem {
    OskId id;
    uint64_t version; /* of its row; 0 for one that is not stored yet */
    OskPublicationState state;
    OskId blob;
    uint64_t blob_len;
    OskPublication what;
} OskPublicationItem;

typedef enum OskPublicationStep {
    OSK_STEP_CHANGE,  /* other words, another album */
    OSK_STEP_APPROVE, /* by a second person */
    OSK_STEP_HIDE,
    OSK_STEP_SHOW,
    OSK_STEP_WITHDRAW
} OskPublicationStep;

/* To where a publication without any doubt about it is: in its album, or where links lead to it. */
void osk_publication_show(OskPublicationItem *item);
/* NULL, and what it becomes in `item`; or why not, as a sentence, with the item unchanged.
 * A change makes what was public wait again where two are needed, and whoever changed it counts as
 * its maker: so nobody ever sees what only one has seen. */
const char *osk_publication_step(OskPublicationItem *item, OskPublicationStep step,
                                 const OskPublisher *by);

/* False when there is none, with fault->status OSK_OK; or when reading failed. */
bool osk_publication_load(OskStore *store, const OskId *id, OskPublicationItem *out,
                          OskFault *fault);
/* The same of an album. @param out_row without bytes. */
bool osk_album_load(OskStore *store, const OskId *id, OskAlbum *out, OskRecordRow *out_row,
                    OskFault *fault);
/* False for a row that nobody here wrote. */
bool osk_publication_of_row(const OskRecordRow *row, OskPublicationItem *out);

/* What is stored together with it. */
typedef struct OskPublicationDeed {
    const char *did;            /* static */
    const OskRecordRow *beside; /* a record that is stored over its version; NULL for none */
    OskJson *about;             /* given; members beside those that each entry has; NULL */
} OskPublicationDeed;
/* Stores the item over the version that it has; its album's day follows it into the public.
 * Errors: FOUND when somebody was quicker, or the album or what a record beside it belongs to is
 * gone; as osk_audit_commit(). */
OskStatus osk_publication_store(const OskPublisher *by, const OskPublicationItem *item,
                                const OskPublicationDeed *deed, OskFault *fault);
/* The same of a new one, whose blob the writer becomes. The writer is the caller's again where
 * nothing was stored, so that it can be tried once more; it is NULL on success, and where nobody
 * knows whether it was stored: then the bytes stay for the row that may be there. */
OskStatus osk_publication_add(const OskPublisher *by, OskPublicationItem *item,
                              const OskPublicationDeed *deed, OskBlobWriter **writer,
                              OskFault *fault);

#endif
