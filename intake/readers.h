/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom everything is sealed to. They change while the drop runs: what is sealed takes them once, so
 * that one file is never sealed by two lists. */
#ifndef OSK_INTAKE_READERS_H
#define OSK_INTAKE_READERS_H

#include <pthread.h>

#include "oilskin/seal.h"

typedef struct OskReaderList {
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    size_t count;
} OskReaderList;

/* For several threads. Touch no field. */
typedef struct OskReaders {
    pthread_mutex_t lock;
    OskReaderList list;
} OskReaders;

/* False for nobody, or too many. */
bool osk_readers_fit(const OskRecipient *keys, size_t count);
/* With keys that fit. */
void osk_readers_begin(OskReaders *readers, const OskRecipient *keys, size_t count);
void osk_readers_set(OskReaders *readers, const OskRecipient *keys, size_t count);
void osk_readers_get(OskReaders *readers, OskReaderList *out);
void osk_readers_end(OskReaders *readers);

#endif
