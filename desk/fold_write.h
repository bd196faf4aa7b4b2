/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found of files becomes what the desk keeps of them; whoever found it, the server or a
 * reviewer's machine, is held to the same rules. */
#ifndef OSK_DESK_FOLD_WRITE_H
#define OSK_DESK_FOLD_WRITE_H

#include "desk/audit.h"
#include "desk/member.h"

/* Of what is explained one in so many is shown. */
#define OSK_FOLD_SAMPLE 64u
#define OSK_FOLD_BATCH 100u

typedef struct OskFoldFound {
    OskId file;
    OskId like;       /* the representative; looked at unless it is new */
    bool is_refused;  /* its pack can't be read: it stands for itself */
    bool is_farthest; /* of all that lie under the representative: it is shown */
    bool stands_for;
    OskLikeness likeness;
} OskFoldFound;

typedef struct OskFoldDone {
    size_t folded;
    size_t skipped; /* were folded, are gone, or have no pack */
    OskId like;     /* of the first that was left out for its representative is none */
    bool has_stray;
} OskFoldDone;

typedef struct OskFoldWriter {
    OskStore *store;
    OskAudit *audit;
    const OskRandom *random;
    const OskId *who; /* NULL: the server itself */
} OskFoldWriter;

/* In their order, so that one may lie under another before it. Packs of what is explained, or
 * refused, are deleted in the same commit. What a rule catches is in the audit chain, and
 * of what somebody else than the server found which files are explained, and under what.
 * Errors: as osk_audit_commit(); what was counted stays. */
OskStatus osk_fold_write(const OskFoldWriter *writer, const OskFoldFound *found, size_t count,
                         OskFoldDone *out, OskFault *fault);

#endif
