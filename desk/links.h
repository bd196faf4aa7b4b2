/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-time links: for the first admin, for somebody new, for who has lost a passphrase. Rows of the
 * store, so that a command beside the server makes them, too; a digest is all that is kept. */
#ifndef OSK_DESK_LINKS_H
#define OSK_DESK_LINKS_H

#include "desk/desk.h"
#include "desk/reviewers.h"

#define OSK_LINK_DAYS 3
#define OSK_LINKS_MAX 64u

typedef enum OskLinkKind {
    OSK_LINK_FIRST, /* makes an admin, while there is none */
    OSK_LINK_INVITE,
    OSK_LINK_RESET /* a new passphrase for somebody who is there */
} OskLinkKind;

typedef struct OskLink {
    OskId id;
    uint64_t version; /* of its row */
    OskLinkKind kind;
    OskRole role;   /* of somebody new */
    OskId reviewer; /* whose passphrase; zeros for nobody's */
    OskId by;       /* the admin who made it; zeros for the server or a command on it */
    OskDay until;   /* good on this day, too */
    uint8_t digest[32];
} OskLink;

/* Where they are; all lent. */
typedef struct OskLinks {
    OskStore *store;
    OskAudit *audit;
    OskReviewers *reviewers;
    const OskRandom *random;
} OskLinks;

const char *osk_link_kind_name(OskLinkKind kind); /* "first", "invite", "reset" */

/* Draws one of `link`'s kind, role, reviewer and maker, and stores it with the entry that says so;
 * the rest of `link` is filled in. A new one for the first admin, or for the same reviewer, ends
 * those before it.
 * Errors: LIMIT for too many; as osk_audit_commit(). */
OskStatus osk_links_make(const OskLinks *links, OskLink *link, char out[OSK_DESK_LINK_BYTES],
                         OskFault *fault);
/* Whether `text` is a link that is good today, by a date that is believed (store/clock.h), and
 * whose maker is an admin still; NULL is none. What comes of it spends its row (OskDeed): of two
 * who come with it one gets it. */
bool osk_links_find(const OskLinks *links, const char *text, OskLink *out);
OskRecordRow osk_link_row(const OskLink *link);
/* Those that osk_links_find() would find, into `out`. */
OskStatus osk_links_list(const OskLinks *links, OskLink out[OSK_LINKS_MAX], size_t *out_count,
                         OskFault *fault);

#endif
