/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/touched.h"

#include <stdlib.h>

#include "base/fault.h"

/* Behind that reading all of it is quicker. */
#define KEYS_MAX 1024u

static void note(OskTouched *touched, const OskRecordKey *key)
{
    if (((uint32_t)1 << key->space & touched->spaces) == 0 || touched->is_lost) {
        return;
    }
    if (touched->keys == NULL) {
        touched->keys = calloc(KEYS_MAX, sizeof(*touched->keys));
    }
    if (touched->keys == NULL || touched->count == KEYS_MAX) {
        touched->is_lost = true;
        return;
    }
    touched->keys[touched->count++] = *key;
}

static void see(void *context, const OskChange *changes, size_t count)
{
    OskTouched *touched = context;
    pthread_mutex_lock(&touched->lock);
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind == OSK_ROW_RECORD_SET) {
            note(touched, &changes[i].row.record->key);
        } else if (changes[i].kind == OSK_ROW_RECORD_DROP) {
            note(touched, changes[i].row.record_key);
        }
    }
    pthread_mutex_unlock(&touched->lock);
}

OskStatus osk_touched_begin(OskTouched *touched, OskStore *store, uint32_t spaces, OskFault *fault)
{
    *touched = (OskTouched){ .store = store, .spaces = spaces, .is_lost = true };
    pthread_mutex_init(&touched->lock, NULL);
    OskStatus status = osk_store_watch(store, see, touched);
    return status == OSK_OK
               ? OSK_OK
               : osk_fault_set(fault, status, "", "too many parts watch the store", OSK_NO_OFFSET);
}

void osk_touched_end(OskTouched *touched)
{
    osk_store_unwatch(touched->store, touched);
    free(touched->keys);
    pthread_mutex_destroy(&touched->lock);
    touched->keys = NULL;
}

OskTouchedKeys osk_touched_take(OskTouched *touched)
{
    pthread_mutex_lock(&touched->lock);
    OskTouchedKeys taken = { touched->keys, touched->count, touched->is_lost };
    touched->keys = NULL;
    touched->count = 0;
    touched->is_lost = false;
    pthread_mutex_unlock(&touched->lock);
    return taken;
}

void osk_touched_lose(OskTouched *touched)
{
    pthread_mutex_lock(&touched->lock);
    touched->is_lost = true;
    pthread_mutex_unlock(&touched->lock);
}
