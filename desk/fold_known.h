/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was folded before and what was not yet, as the store has it. */
#ifndef OSK_DESK_FOLD_KNOWN_H
#define OSK_DESK_FOLD_KNOWN_H

#include "store/store.h"

typedef struct OskFoldIds {
    OskId *ids; /* ascending, as records are read */
    size_t count;
    size_t room;
    bool failed; /* no memory for one */
} OskFoldIds;

bool osk_fold_ids_hold(const OskFoldIds *ids, const OskId *id);
void osk_fold_ids_free(OskFoldIds *ids);

typedef struct OskFoldKnown {
    OskFoldIds folded;
    OskFoldIds representatives; /* those that have a pack */
    uint32_t *farness;          /* of each representative: its farthest member */
} OskFoldKnown;

/* Given, whatever the status is. Errors: IO; NO_MEMORY. Cost: a walk over all that is folded. */
OskStatus osk_fold_known_read(OskStore *store, OskFoldKnown *out);
void osk_fold_known_free(OskFoldKnown *known);
/* Everything that has a look and was not folded; given, whatever the status is.
 * Errors: IO; NO_MEMORY. */
OskStatus osk_fold_waiting_read(OskStore *store, const OskFoldKnown *known, OskFoldIds *out);

#endif
