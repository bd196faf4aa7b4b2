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

/* Of clusters or of submissions. Numbers are what was seen, and is there: what came since is not
 * decided about. */
typedef struct OskActTarget {
    OskId id;
    bool is_submission;
    bool is_dismissed;
    bool has_unseen;   /* samples that came since */
    uint32_t uncaught; /* files of a cluster that no rule has caught */
    uint32_t sampled;  /* files of it that chance had chosen to be shown; all were seen */
    uint32_t messages; /* of a submission */
} OskActTarget;

/* What is asked for. */
typedef struct OskActAsked {
    const char *deed;
    const char *reason; /* one of osk_act_reasons, or NULL */
    const OskActTarget *targets;
    size_t count;
} OskActAsked;

typedef struct OskActDone {
    OskId operation;
    uint64_t changed;
    uint64_t skipped; /* were so already, or have more to confirm than was seen; undone: were
                         changed since by somebody else */
} OskActDone;

/* Whether there is a deed of this name, for clusters, or for submissions. */
bool osk_act_is(const char *deed, bool for_submissions);
/* Whether it takes something out of the queue, so that it must be said what was seen of it. */
bool osk_act_hides(const char *deed);
/* Errors: FOUND when somebody was quicker (nothing has changed); MISUSE for a deed that is none; as
 * osk_audit_commit(). */
OskStatus osk_act_do(const OskAct *act, const OskActAsked *asked, OskActDone *out, OskFault *fault);
/* Puts back what the operation changed, and what nobody has changed since.
 * Errors: MISUSE when there is no such operation, or it is undone already. */
OskStatus osk_act_undo(const OskAct *act, const OskId *operation, OskActDone *out, OskFault *fault);

extern const char *const osk_act_reasons[]; /* NULL behind the last */

#endif
