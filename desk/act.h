/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reviewers decide, about many things at once, and how it is undone. An operation changes
 * records and keeps how each was before, all in one commit with its entry in the audit chain. */
#ifndef OSK_DESK_ACT_H
#define OSK_DESK_ACT_H

#include "desk/audit.h"
#include "desk/model.h"

#define OSK_ACT_TARGETS_MAX 500u /* of one operation; whoever has more does several */

/* Everything is lent. */
typedef struct OskAct {
    OskStore *store;
    OskAudit *audit;
    const OskRandom *random;
    const OskId *who;
} OskAct;

/* Of clusters or of submissions. */
typedef struct OskActTarget {
    OskId id;
    bool is_submission;
    uint32_t messages; /* of a submission: how many there are to be seen */
} OskActTarget;

typedef struct OskActDone {
    OskId operation;
    uint64_t changed;
    uint64_t skipped; /* were so already; undone: were changed since by somebody else */
} OskActDone;

/* Whether there is a deed of this name, for clusters, or for submissions. */
bool osk_act_is(const char *deed, bool for_submissions);
/* @param reason one of osk_act_reasons, or NULL.
 * Errors: FOUND when somebody was quicker (nothing has changed); MISUSE for a deed that is none; as
 * osk_audit_commit(). */
OskStatus osk_act_do(const OskAct *act, const char *deed, const char *reason,
                     const OskActTarget *targets, size_t count, OskActDone *out, OskFault *fault);
/* Puts back what the operation changed, and what nobody has changed since.
 * Errors: MISUSE when there is no such operation, or it is undone already. */
OskStatus osk_act_undo(const OskAct *act, const OskId *operation, OskActDone *out, OskFault *fault);

extern const char *const osk_act_reasons[]; /* NULL behind the last */

#endif
