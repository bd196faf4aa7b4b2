/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/keyring.h"
#include "intake/receipt.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* RFC 9106's second choice is t = 3 with 64 MiB. 88 bits cannot be searched anyway; this makes a
 * stolen table of lookups worth no try. */
#define ARGON_PASSES 3u
#define ARGON_KIB (64u * 1024)
#define THREADS_MAX 16u
/* Whoever waits holds some hundred bytes; admission lets far fewer get here. */
#define WAITING_MAX 4096u

/* In locked memory: the words are the key. */
typedef struct Job {
    struct Job *next;
    void (*done)(void *context, const OskReceipt *receipt);
    void *context;
    char words[OSK_RECEIPT_TEXT_BYTES];
    uint8_t root[32];
    OskReceipt receipt;
} Job;

struct OskReceiptPool {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    Job *first; /* who came first is served first */
    Job **end;
    size_t waiting;
    bool closing;
    uint8_t salt[16];
    unsigned thread_count;
    pthread_t threads[THREADS_MAX];
};

static bool derive(const OskReceiptPool *pool, Job *job)
{
    const OskArgon2 words = { .secret = job->words,
                              .secret_len = strlen(job->words),
                              .salt = pool->salt,
                              .passes = ARGON_PASSES,
                              .memory_kib = ARGON_KIB };
    if (osk_seal_argon2id(&words, job->root, sizeof(job->root)) != OSK_OK) {
        return false;
    }
    OskReceipt *receipt = &job->receipt;
    uint8_t *seed = receipt->identity.secret;
    OskHkdf of = { .key = job->root, .key_len = sizeof(job->root) };
    of.info = "oilskin receipt lookup";
    osk_seal_hkdf(&of, receipt->lookup.bytes, sizeof(receipt->lookup.bytes));
    of.info = "oilskin receipt draft";
    osk_seal_hkdf(&of, receipt->draft_key, sizeof(receipt->draft_key));
    of.info = "oilskin receipt replies";
    osk_seal_hkdf(&of, seed, 32);
    uint8_t drawn[32];
    memcpy(drawn, seed, sizeof(drawn));
    bool made = osk_identity_from_seed(&job->receipt.identity, drawn) == OSK_OK;
    osk_seal_wipe(drawn, sizeof(drawn));
    osk_seal_wipe(job->root, sizeof(job->root));
    return made;
}

static Job *take_job(OskReceiptPool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (pool->first == NULL && !pool->closing) {
        pthread_cond_wait(&pool->wake, &pool->mutex);
    }
    Job *job = pool->first;
    if (job != NULL) {
        pool->first = job->next;
        pool->waiting--;
        if (pool->first == NULL) {
            pool->end = &pool->first;
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return job;
}

static void *serve(void *context)
{
    OskReceiptPool *pool = context;
    for (Job *job = take_job(pool); job != NULL; job = take_job(pool)) {
        /* What still waits when the server stops is told so, and not computed. */
        pthread_mutex_lock(&pool->mutex);
        bool closing = pool->closing;
        pthread_mutex_unlock(&pool->mutex);
        bool derived = !closing && derive(pool, job);
        job->done(job->context, derived ? &job->receipt : NULL);
        osk_locked_free(job);
    }
    return NULL;
}

OskStatus osk_receipt_pool_open(OskReceiptPool **out, const uint8_t salt[16], unsigned threads)
{
    *out = NULL;
    OskReceiptPool *pool = calloc(1, sizeof(*pool));
    if (pool == NULL) {
        return OSK_NO_MEMORY;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->end = &pool->first;
    memcpy(pool->salt, salt, sizeof(pool->salt));
    unsigned wanted = threads == 0 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
    while (pool->thread_count < wanted &&
           pthread_create(&pool->threads[pool->thread_count], NULL, serve, pool) == 0) {
        pool->thread_count++;
    }
    if (pool->thread_count == 0) {
        osk_receipt_pool_close(&pool);
        return OSK_NO_MEMORY;
    }
    *out = pool;
    return OSK_OK;
}

OskStatus osk_receipt_derive(OskReceiptPool *pool, const char *words,
                             void (*done)(void *context, const OskReceipt *receipt), void *context)
{
    size_t len = strnlen(words, OSK_RECEIPT_TEXT_BYTES);
    if (len == 0 || len == OSK_RECEIPT_TEXT_BYTES) {
        return OSK_MISUSE;
    }
    Job *job = osk_locked_alloc(sizeof(*job));
    if (job == NULL) {
        return OSK_NO_MEMORY;
    }
    memset(job, 0, sizeof(*job));
    memcpy(job->words, words, len);
    job->done = done;
    job->context = context;
    pthread_mutex_lock(&pool->mutex);
    bool refused = pool->closing || pool->waiting >= WAITING_MAX;
    if (!refused) {
        *pool->end = job;
        pool->end = &job->next;
        pool->waiting++;
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (refused) {
        osk_locked_free(job);
        return OSK_LIMIT;
    }
    return OSK_OK;
}

void osk_receipt_pool_close(OskReceiptPool **pool)
{
    OskReceiptPool *gone = *pool;
    if (gone == NULL) {
        return;
    }
    pthread_mutex_lock(&gone->mutex);
    gone->closing = true;
    pthread_cond_broadcast(&gone->wake);
    pthread_mutex_unlock(&gone->mutex);
    for (unsigned i = 0; i < gone->thread_count; i++) {
        pthread_join(gone->threads[i], NULL);
    }
    pthread_cond_destroy(&gone->wake);
    pthread_mutex_destroy(&gone->mutex);
    osk_seal_wipe(gone->salt, sizeof(gone->salt));
    free(gone);
    *pool = NULL;
}
