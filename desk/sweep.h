/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reviewers did, and nobody needs any more, goes. */
#ifndef OSK_DESK_SWEEP_H
#define OSK_DESK_SWEEP_H

#include "desk/model.h"

/* So long an operation can be undone. */
#define OSK_OPERATION_DAYS 30

/* Drops operations of more than OSK_OPERATION_DAYS days before `today`, and what was decided or
 * claimed of what is gone: a cluster without files, a submission that is not there any more; and
 * links that open nothing any more (osk_share_is_over()).
 * While the date is doubted (store/clock.h) it drops nothing at all.
 * Nothing that is shown changes by it, and so the audit chain has no entry of it.
 * Errors: as the store's; FOUND for a row that was changed meanwhile; what was dropped before it
 * stays dropped. */
OskStatus osk_desk_sweep(OskStore *store, OskModel *model, OskDay today, uint64_t *out_dropped,
                         OskFault *fault);

#endif
