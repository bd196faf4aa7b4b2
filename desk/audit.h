/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was done at the desk, as a chain: each entry holds the digest of the one before it, and the
 * last digest stands beside them, so that a row that was changed, or taken away, breaks it. Every
 * change of the desk's goes through here, in one commit with its entry.
 *
 * An entry is {"schema": "oilskin/audit/1", "number", "before": digest, "day": "2026-11-23",
 * "who"?: id of the reviewer, "did", "about"?: whatever belongs to it}: a day and an order, no
 * time. */
#ifndef OSK_DESK_AUDIT_H
#define OSK_DESK_AUDIT_H

#include "http/json.h"
#include "oilskin/random.h"
#include "store/store.h"

#define OSK_DAY_TEXT_BYTES 16u
#define OSK_AUDIT_CHANGES_MAX 1100u /* of one commit */

typedef struct OskAudit OskAudit;

typedef struct OskDeed {
    const OskId *who; /* lent; NULL for nobody who is known */
    const char *did;  /* static: "login" */
    OskJson *about;   /* given; NULL for nothing */
    /* Lent: a record that is used up by it, by its key and version. FOUND when it isn't there any
     * more, so that of two who have it one succeeds. NULL for none. */
    const OskRecordRow *spends;
    bool uses_spare; /* on a full disk, too: as OskChange has it */
} OskDeed;

/* @param random lent. Errors: NO_MEMORY, IO; MALFORMED where the end of the chain is not what
 * stands beside it: nothing is added to a chain that is broken. */
OskStatus osk_audit_open(OskAudit **out, OskStore *store, const OskRandom *random, OskFault *fault);
/* `changes` and the entry, all or none. For several threads: one after the other; beside another
 * process that adds to the same chain, too.
 * Errors: FOUND when a condition did not hold (nothing has changed); LIMIT for a full disk, or too
 * many changes; IO; NO_MEMORY. */
OskStatus osk_audit_commit(OskAudit *audit, const OskDeed *deed, const OskChange *changes,
                           size_t count, OskFault *fault);
/* How far the chain was read again. */
typedef struct OskAuditPass {
    uint64_t count;   /* entries that there are */
    uint64_t checked; /* of those, in the pass that goes on */
    bool is_broken;
    uint64_t wrong; /* the number of the entry where it was broken last */
} OskAuditPass;

/* Reads at most `most` entries further, and begins anew behind the last: all of a short chain, so
 * that a long one holds nobody up. What was found broken stays so until a whole pass finds nothing.
 * Errors: IO, NO_MEMORY. */
OskStatus osk_audit_step(OskAudit *audit, uint64_t most, OskAuditPass *out, OskFault *fault);
void osk_audit_close(OskAudit **audit); /* accepts NULL and nulls */

/* The key of an entry's row: so they stand in their order. */
OskId osk_audit_key(uint64_t number);
OskDay osk_desk_today(void);
void osk_desk_day_text(OskDay day, char out[OSK_DAY_TEXT_BYTES]);

#endif
