/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/readers.h"

#include <string.h>

bool osk_readers_fit(const OskRecipient *keys, size_t count)
{
    return keys != NULL && count > 0 && count <= OSK_SEAL_RECIPIENTS_MAX;
}

void osk_readers_begin(OskReaders *readers, const OskRecipient *keys, size_t count)
{
    pthread_mutex_init(&readers->lock, NULL);
    osk_readers_set(readers, keys, count);
}

void osk_readers_set(OskReaders *readers, const OskRecipient *keys, size_t count)
{
    pthread_mutex_lock(&readers->lock);
    readers->list.count = count;
    memcpy(readers->list.keys, keys, count * sizeof(*keys));
    pthread_mutex_unlock(&readers->lock);
}

void osk_readers_get(OskReaders *readers, OskReaderList *out)
{
    pthread_mutex_lock(&readers->lock);
    *out = readers->list;
    pthread_mutex_unlock(&readers->lock);
}

void osk_readers_end(OskReaders *readers)
{
    pthread_mutex_destroy(&readers->lock);
}
