/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may come to the desk: rows of the store, all of them in memory, too. A passphrase is kept as
 * its Argon2id alone. */
#ifndef OSK_DESK_REVIEWERS_H
#define OSK_DESK_REVIEWERS_H

#include "desk/audit.h"
#include "desk/sessions.h"
#include "oilskin/seal.h"

#define OSK_REVIEWERS_MAX 256u
#define OSK_REVIEWER_NAME_BYTES 65u     /* with its NUL */
#define OSK_REVIEWER_PASSPHRASE_MIN 12u /* bytes */
#define OSK_REVIEWER_PASSPHRASE_MAX 1024u

/* Each may do what those before it may. */
typedef enum OskRole {
    OSK_ROLE_NONE = 0, /* nobody who is known */
    OSK_ROLE_REVIEWER,
    OSK_ROLE_PUBLISHER,
    OSK_ROLE_ADMIN
} OskRole;

/* Wipe with osk_seal_wipe(). */
typedef struct OskReviewer {
    OskId id;
    uint64_t version; /* of its row; 0 for none */
    char name[OSK_REVIEWER_NAME_BYTES];
    OskRole role;
    OskRecipient recipient; /* of the reviewer's own identity */
    uint8_t salt[16];
    uint8_t verifier[32];
    bool has_totp;
    uint8_t totp[OSK_TOTP_SECRET_BYTES];
    uint64_t totp_used; /* number of the last code that counted */
} OskReviewer;

const char *osk_role_name(OskRole role); /* "admin"; NULL for none */
OskRole osk_role_of(const char *name);   /* NONE for no role; NULL is none */
/* One line of 1 to 64 bytes that begins and ends with no blank. NULL is false. */
bool osk_reviewer_is_name(const char *name);

typedef struct OskReviewers OskReviewers;
/* Reads them. Errors: NO_MEMORY, IO, MALFORMED for a row that can't be read: then nobody comes in,
 * since who is missing may be whom a removal meant. */
OskStatus osk_reviewers_open(OskReviewers **out, OskStore *store, OskAudit *audit, OskFault *fault);
bool osk_reviewers_find(OskReviewers *reviewers, const char *name, OskReviewer *out);
bool osk_reviewers_get(OskReviewers *reviewers, const OskId *id, OskReviewer *out);
size_t osk_reviewers_count(OskReviewers *reviewers, OskRole role);
/* Each of them, lent, in the order of their ids; `each` may call nothing here. */
void osk_reviewers_each(OskReviewers *reviewers,
                        void (*each)(void *context, const OskReviewer *reviewer), void *context);
/* Reads them anew where another process has changed them. `changed` is told, and may call nothing
 * here, of who is gone, or has another role or other secrets than before. */
OskStatus osk_reviewers_refresh(OskReviewers *reviewers,
                                void (*changed)(void *context, const OskId *id), void *context,
                                OskFault *fault);
/* Stores a new one (version 0) or a changed one, with an entry that says so; reviewer->version goes
 * up. Errors: FOUND for a name that another has, or where somebody was quicker; LIMIT for too many;
 * UNSUPPORTED where there would be no admin any more; as osk_audit_commit(). */
OskStatus osk_reviewers_set(OskReviewers *reviewers, OskReviewer *reviewer, const OskDeed *deed,
                            OskFault *fault);
/* Errors: FOUND when there is none; UNSUPPORTED for the last admin; as osk_audit_commit(). */
OskStatus osk_reviewers_remove(OskReviewers *reviewers, const OskId *id, const OskDeed *deed,
                               OskFault *fault);
void osk_reviewers_close(OskReviewers **reviewers); /* wipes; accepts NULL and nulls */

/* Draws a salt and derives. Blocks: 64 MiB, some tenths of a second. Errors: MISUSE for too short
 * or too long a passphrase; NO_MEMORY; IO. */
OskStatus osk_reviewer_set_passphrase(OskReviewer *reviewer, const char *passphrase,
                                      const OskRandom *random);
/* Blocks alike, also for a reviewer of zeros, whom nobody is. */
bool osk_reviewer_knows(const OskReviewer *reviewer, const char *passphrase);

#endif
