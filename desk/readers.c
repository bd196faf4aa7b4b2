/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/readers.h"

#include <string.h>

#include "desk/call.h"

typedef struct Gathering {
    OskRecipient *keys;
    size_t count;
} Gathering;

static bool has_key(const Gathering *gathering, const OskRecipient *key)
{
    for (size_t i = 0; i < gathering->count; i++) {
        if (memcmp(&gathering->keys[i], key, sizeof(*key)) == 0) {
            return true;
        }
    }
    return false;
}

static void add_key(Gathering *gathering, const OskRecipient *key)
{
    if (gathering->count < OSK_DESK_KEYS_MAX && !has_key(gathering, key)) {
        gathering->keys[gathering->count++] = *key;
    }
}

static void add_reviewer(void *context, const OskReviewer *reviewer)
{
    add_key(context, &reviewer->recipient);
}

size_t osk_desk_recipients(OskDesk *desk, OskRecipient out[OSK_SEAL_RECIPIENTS_MAX])
{
    Gathering gathering = { .keys = out };
    for (size_t i = 0; i < desk->recipient_count; i++) {
        add_key(&gathering, &desk->recipients[i]);
    }
    osk_reviewers_each(desk->reviewers, add_reviewer, &gathering);
    return gathering.count;
}

bool osk_desk_is_reader(OskDesk *desk, const OskRecipient *recipient)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    const Gathering gathering = { .keys = keys, .count = osk_desk_recipients(desk, keys) };
    return has_key(&gathering, recipient);
}

bool osk_desk_has_room_for(OskDesk *desk, const OskRecipient *recipient)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    const Gathering gathering = { .keys = keys, .count = osk_desk_recipients(desk, keys) };
    return gathering.count < OSK_DESK_KEYS_MAX || has_key(&gathering, recipient);
}

void osk_desk_tell_readers(OskDesk *desk)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    uint8_t list[OSK_SEAL_LIST_BYTES];
    /* With the lock all the way: who tells later knows of later changes. */
    pthread_mutex_lock(&desk->lock);
    size_t count = osk_desk_recipients(desk, keys);
    osk_seal_list(keys, count, list);
    if (memcmp(list, desk->told, sizeof(list)) != 0) {
        memcpy(desk->told, list, sizeof(list));
        if (desk->readers_changed != NULL) {
            desk->readers_changed(desk->readers_context, keys, count);
        }
    }
    pthread_mutex_unlock(&desk->lock);
}
