/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which records commits have touched since somebody looked. For who keeps records in memory. */
#ifndef OSK_STORE_TOUCHED_H
#define OSK_STORE_TOUCHED_H

#include <pthread.h>

#include "store/store.h"

/* Touch no field. */
typedef struct OskTouched {
    OskStore *store;
    uint32_t spaces; /* 1 << space of what counts */
    pthread_mutex_t lock;
    OskRecordKey *keys;
    size_t count;
    bool is_lost;
} OskTouched;

/* What was touched, given. Ownership: free(keys). */
typedef struct OskTouchedKeys {
    OskRecordKey *keys;
    size_t count;
    bool is_lost; /* more than could be kept: read all anew */
} OskTouchedKeys;

/* Watches; at first everything is lost. @param spaces 1 << space, of each one that counts.
 * Errors: LIMIT when too many watch the store. */
OskStatus osk_touched_begin(OskTouched *touched, OskStore *store, uint32_t spaces, OskFault *fault);
void osk_touched_end(OskTouched *touched);
/* All of it, once. */
OskTouchedKeys osk_touched_take(OskTouched *touched);
/* What was taken could not be read: all is to be read anew. */
void osk_touched_lose(OskTouched *touched);

#endif
