/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a composition root gets a store. */
#ifndef OSK_STORE_STORE_OPEN_H
#define OSK_STORE_STORE_OPEN_H

#include "store/store.h"

typedef struct OskStoreOptions {
    bool create; /* make it where there is none */
    bool read_only;
    bool beside;           /* beside a server: takes no lock, may shuffle, makes no other blobs */
    unsigned lock_wait_ms; /* how long another server is waited for that is ending; 0: not at all */
    unsigned busy_ms;      /* how long another writer is waited for; 0 for 5,000 */
} OskStoreOptions;

/* A folder: `rows.db` (SQLite, WAL, synchronous=FULL) and `blobs/`. One server at a time (a lock in
 * the folder), any number of `oilskin store` beside it.
 * Errors: IO, also when another server has it; UNSUPPORTED for a version of the rows that this
 * program doesn't know. */
OskStatus osk_store_open_folder(OskStore **out, const char *folder, const OskStoreOptions *options,
                                OskFault *fault);

/* Makes `folder` out of a backup, and deletes what `tombstones_of` (a store, or NULL) has deleted
 * since. `folder` may not be there yet. */
OskStatus osk_store_restore(const char *backup, const char *folder, const char *tombstones_of,
                            OskFault *fault);

#endif
