/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/finished.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY 1024u

typedef struct Entry {
    uint8_t digest[32];
    uint64_t len;
    OskFileOutcome outcome;
} Entry;

struct OskFinished {
    pthread_mutex_t lock;
    unsigned count; /* ever; its remainder is the next place */
    Entry entries[MEMORY];
};

OskFinished *osk_finished_open(void)
{
    OskFinished *finished = calloc(1, sizeof(*finished));
    if (finished != NULL) {
        pthread_mutex_init(&finished->lock, NULL);
    }
    return finished;
}

void osk_finished_close(OskFinished **finished)
{
    if (*finished != NULL) {
        pthread_mutex_destroy(&(*finished)->lock);
        free(*finished);
        *finished = NULL;
    }
}

static void digest_token(const char *token, uint8_t out[32])
{
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, token, strlen(token));
    osk_sha256_end(&hash, out);
}

void osk_finished_add(OskFinished *finished, const char *token, uint64_t len,
                      OskFileOutcome outcome)
{
    Entry entry = { .len = len, .outcome = outcome };
    digest_token(token, entry.digest);
    pthread_mutex_lock(&finished->lock);
    finished->entries[finished->count % MEMORY] = entry;
    finished->count++;
    pthread_mutex_unlock(&finished->lock);
}

bool osk_finished_find(OskFinished *finished, const char *token, uint64_t *out_len,
                       OskFileOutcome *out_outcome)
{
    uint8_t digest[32];
    bool is_there = false;
    digest_token(token, digest);
    pthread_mutex_lock(&finished->lock);
    unsigned count = finished->count < MEMORY ? finished->count : MEMORY;
    for (unsigned i = 0; i < count && !is_there; i++) {
        const Entry *entry = &finished->entries[i];
        if (osk_seal_equal(entry->digest, digest, sizeof(digest))) {
            *out_len = entry->len;
            *out_outcome = entry->outcome;
            is_there = true;
        }
    }
    pthread_mutex_unlock(&finished->lock);
    return is_there;
}
