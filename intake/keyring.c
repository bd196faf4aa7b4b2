/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/keyring.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/clock.h"

#define BUCKETS 1024u
/* Keys are in blocks of locked memory; a block is never given back while the ring lives. */
#define BLOCK_KEYS 1024u
#define OWNER_KEYS_MAX 65536u

typedef struct Key {
    uint8_t bytes[OSK_SEAL_FILE_KEY_BYTES];
    struct Key *next_free;
} Key;

typedef struct Block {
    struct Block *next;
    Key keys[BLOCK_KEYS];
} Block;

typedef struct Owner {
    OskId id;
    struct Owner *next;
    int64_t expires_ms; /* 0 while it is in use */
    Key **keys;         /* by number; NULL where there is none */
    uint32_t room;
} Owner;

struct OskKeyring {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t timer;
    bool closing;
    unsigned expire_ms;
    size_t count;
    Block *blocks;
    Key *free;
    Owner *owners[BUCKETS];
};

/* Ids are random: any of their bits will do. */
static size_t bucket_of(const OskId *id)
{
    return (size_t)(id->bytes[0] | id->bytes[1] << 8) % BUCKETS;
}

/* Where the pointer to the owner stands: NULL in it when there is none. */
static Owner **find(OskKeyring *ring, const OskId *id)
{
    Owner **at = &ring->owners[bucket_of(id)];
    while (*at != NULL && memcmp((*at)->id.bytes, id->bytes, OSK_ID_BYTES) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static Key *take_key(OskKeyring *ring)
{
    if (ring->free == NULL) {
        Block *block = osk_locked_alloc(sizeof(*block));
        if (block == NULL) {
            return NULL;
        }
        block->next = ring->blocks;
        ring->blocks = block;
        for (size_t i = 0; i < BLOCK_KEYS; i++) {
            block->keys[i].next_free = ring->free;
            ring->free = &block->keys[i];
        }
    }
    Key *key = ring->free;
    ring->free = key->next_free;
    ring->count++;
    return key;
}

static void give_key(OskKeyring *ring, Key *key)
{
    if (key != NULL) {
        osk_seal_wipe(key->bytes, sizeof(key->bytes));
        key->next_free = ring->free;
        ring->free = key;
        ring->count--;
    }
}

static void remove_owner(OskKeyring *ring, Owner **at)
{
    Owner *owner = *at;
    *at = owner->next;
    for (uint32_t i = 0; i < owner->room; i++) {
        give_key(ring, owner->keys[i]);
    }
    free(owner->keys);
    free(owner);
}

/* Wipes what is due; returns when the next is, or 0 for never. */
static int64_t expire(OskKeyring *ring, int64_t now)
{
    int64_t next = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        Owner **at = &ring->owners[i];
        while (*at != NULL) {
            int64_t due = (*at)->expires_ms;
            if (due != 0 && due <= now) {
                remove_owner(ring, at);
                continue;
            }
            next = due != 0 && (next == 0 || due < next) ? due : next;
            at = &(*at)->next;
        }
    }
    return next;
}

static void *run_timer(void *context)
{
    OskKeyring *ring = context;
    pthread_mutex_lock(&ring->lock);
    while (!ring->closing) {
        int64_t next = expire(ring, osk_now_ms());
        if (next == 0) {
            pthread_cond_wait(&ring->wake, &ring->lock);
        } else {
            const struct timespec until = { .tv_sec = next / 1000,
                                            .tv_nsec = next % 1000 * 1000000 };
            pthread_cond_timedwait(&ring->wake, &ring->lock, &until);
        }
    }
    pthread_mutex_unlock(&ring->lock);
    return NULL;
}

OskKeyring *osk_keyring_open_for(unsigned expire_ms)
{
    OskKeyring *ring = calloc(1, sizeof(*ring));
    pthread_condattr_t clock;
    if (ring == NULL) {
        return NULL;
    }
    ring->expire_ms = expire_ms;
    pthread_mutex_init(&ring->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&ring->wake, &clock);
    pthread_condattr_destroy(&clock);
    /* The first block now: a machine that locks no memory is found at the start, not at midnight.
     */
    Key *first = take_key(ring);
    give_key(ring, first);
    if (first == NULL || pthread_create(&ring->timer, NULL, run_timer, ring) != 0) {
        if (ring->blocks != NULL) {
            osk_locked_free(ring->blocks);
        }
        free(ring);
        return NULL;
    }
    return ring;
}

OskKeyring *osk_keyring_open(void)
{
    return osk_keyring_open_for(OSK_KEYRING_MS);
}

static bool grow(Owner *owner, uint32_t number)
{
    uint32_t room = owner->room == 0 ? 4 : owner->room;
    while (room <= number) {
        room *= 2;
    }
    Key **keys = room == owner->room ? owner->keys : realloc(owner->keys, room * sizeof(Key *));
    if (keys == NULL) {
        return false;
    }
    memset(keys + owner->room, 0, (room - owner->room) * sizeof(Key *));
    owner->keys = keys;
    owner->room = room;
    return true;
}

OskStatus osk_keyring_put(OskKeyring *ring, const OskId *owner, uint32_t number,
                          const uint8_t key[OSK_SEAL_FILE_KEY_BYTES])
{
    OskStatus status = OSK_NO_MEMORY;
    pthread_mutex_lock(&ring->lock);
    Owner **at = find(ring, owner);
    if (*at == NULL) {
        *at = calloc(1, sizeof(**at));
        if (*at != NULL) {
            (*at)->id = *owner;
        }
    }
    if (*at != NULL && number < OWNER_KEYS_MAX && grow(*at, number)) {
        Key **place = &(*at)->keys[number];
        *place = *place != NULL ? *place : take_key(ring);
        if (*place != NULL) {
            memcpy((*place)->bytes, key, sizeof((*place)->bytes));
            (*at)->expires_ms = 0;
            status = OSK_OK;
        }
    }
    pthread_mutex_unlock(&ring->lock);
    return status;
}

bool osk_keyring_get(OskKeyring *ring, const OskId *owner, uint32_t number,
                     uint8_t out_key[OSK_SEAL_FILE_KEY_BYTES])
{
    pthread_mutex_lock(&ring->lock);
    const Owner *found = *find(ring, owner);
    const Key *key = found != NULL && number < found->room ? found->keys[number] : NULL;
    if (key != NULL) {
        memcpy(out_key, key->bytes, sizeof(key->bytes));
    }
    pthread_mutex_unlock(&ring->lock);
    return key != NULL;
}

void osk_keyring_expire_from_now(OskKeyring *ring, const OskId *owner)
{
    pthread_mutex_lock(&ring->lock);
    Owner *found = *find(ring, owner);
    if (found != NULL && found->expires_ms == 0) {
        found->expires_ms = osk_now_ms() + (int64_t)ring->expire_ms;
        pthread_cond_signal(&ring->wake);
    }
    pthread_mutex_unlock(&ring->lock);
}

void osk_keyring_forget(OskKeyring *ring, const OskId *owner)
{
    pthread_mutex_lock(&ring->lock);
    Owner **at = find(ring, owner);
    if (*at != NULL) {
        remove_owner(ring, at);
    }
    pthread_mutex_unlock(&ring->lock);
}

size_t osk_keyring_count(OskKeyring *ring)
{
    pthread_mutex_lock(&ring->lock);
    size_t count = ring->count;
    pthread_mutex_unlock(&ring->lock);
    return count;
}

void osk_keyring_close(OskKeyring **ring)
{
    OskKeyring *closed = *ring;
    *ring = NULL;
    if (closed == NULL) {
        return;
    }
    pthread_mutex_lock(&closed->lock);
    closed->closing = true;
    pthread_cond_signal(&closed->wake);
    pthread_mutex_unlock(&closed->lock);
    pthread_join(closed->timer, NULL);
    for (size_t i = 0; i < BUCKETS; i++) {
        while (closed->owners[i] != NULL) {
            remove_owner(closed, &closed->owners[i]);
        }
    }
    while (closed->blocks != NULL) {
        Block *block = closed->blocks;
        closed->blocks = block->next;
        osk_locked_free(block);
    }
    pthread_cond_destroy(&closed->wake);
    pthread_mutex_destroy(&closed->lock);
    free(closed);
}
