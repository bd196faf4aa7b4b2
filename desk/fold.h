/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folds what was looked at: a thread of its own, at the lowest priority, with the key that packs
 * are sealed to. What it has not come to stands for itself; a restart goes on where it was. */
#ifndef OSK_DESK_FOLD_H
#define OSK_DESK_FOLD_H

#include "desk/audit.h"
#include "oilskin/seal.h"

typedef struct OskFolder OskFolder;

typedef struct OskFolderOptions {
    OskStore *store; /* lent, as the next two */
    OskAudit *audit;
    const OskRandom *random;
    const OskIdentity *identity; /* copied into locked memory */
} OskFolderOptions;

/* Errors: NO_MEMORY. */
OskStatus osk_folder_open(OskFolder **out, const OskFolderOptions *options, OskFault *fault);
/* Once what comes is told. Errors: NO_MEMORY. */
OskStatus osk_folder_start(OskFolder *folder, OskFault *fault);
/* For osk_store_watch(): what it has to look at. */
void osk_folder_touch(void *context, const OskChange *changes, size_t count);
void osk_folder_close(OskFolder **folder); /* accepts NULL and nulls */

#endif
