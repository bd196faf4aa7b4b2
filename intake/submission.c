/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of submissions and its threads. */
#include "intake/submission.h"

#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/random.h"
#include "host/worker_talk.h"
#include "intake/submission_state.h"

/* A job is due when it came, and later by so much as its files take to scrub: a report with a photo
 * goes before a film that came with it, and nothing waits for ever. */
#define BYTES_A_MS (8u * 1024)
#define WORKERS_MAX 64u
#define WORKER_MEMORY_LEAST (UINT64_C(256) << 20)

typedef struct Thread {
    pthread_t thread;
    OskSubmitter *submitter;
    bool is_light; /* takes only what has no files, so that words never wait for films */
    OskLookup key; /* of the job that it does */
    bool is_working;
} Thread;

struct OskSubmitter {
    OskSubmitRoom room;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    OskSubmitJob *queue; /* by due time */
    bool closing;
    Thread threads[WORKERS_MAX + 1];
    size_t thread_count;
};

static void free_job(OskSubmitJob *job)
{
    if (job != NULL) {
        osk_locked_free(job->secret);
        for (size_t i = 0; job->files != NULL && i < job->file_count; i++) {
            osk_look_input_close(&job->files[i].look);
        }
        free(job->files);
        free(job);
    }
}

/* ---- the threads ---- */

static bool is_running(const OskSubmitter *submitter, const OskLookup *key)
{
    for (size_t i = 0; i < submitter->thread_count; i++) {
        const Thread *thread = &submitter->threads[i];
        if (thread->is_working && memcmp(&thread->key, key, sizeof(*key)) == 0) {
            return true;
        }
    }
    return false;
}

/* The first job that this thread may do now, out of the queue; or NULL. */
static OskSubmitJob *next_job(OskSubmitter *submitter, const Thread *thread)
{
    OskSubmitJob **at = &submitter->queue;
    while (*at != NULL &&
           ((thread->is_light && (*at)->file_count > 0) || is_running(submitter, &(*at)->key))) {
        at = &(*at)->next;
    }
    OskSubmitJob *job = *at;
    if (job != NULL) {
        *at = job->next;
    }
    return job;
}

static void finish(OskSubmitter *submitter, OskSubmitJob *job, OskSubmitted *result)
{
    OskAdmission *admission = submitter->room.admission;
    if (admission != NULL && job->file_count > 0) {
        osk_work_end(admission, OSK_WORK_SCRUB);
    }
    job->done(job->context, result);
    for (size_t i = 0; result->status == OSK_OK && i < job->file_count; i++) {
        if (!job->files[i].is_there) {
            osk_submit_file_twin(&submitter->room, &job->files[i]);
        }
    }
    free_job(job);
}

static void *run_thread(void *context)
{
    Thread *thread = context;
    OskSubmitter *submitter = thread->submitter;
    pthread_mutex_lock(&submitter->lock);
    while (!submitter->closing) {
        OskSubmitJob *job = next_job(submitter, thread);
        if (job == NULL) {
            pthread_cond_wait(&submitter->wake, &submitter->lock);
            continue;
        }
        thread->key = job->key;
        thread->is_working = true;
        pthread_mutex_unlock(&submitter->lock);
        OskSubmitted result;
        osk_submit_run(&submitter->room, job, &result);
        pthread_mutex_lock(&submitter->lock);
        thread->is_working = false;
        /* One of the same receipt may have waited for this. */
        pthread_cond_broadcast(&submitter->wake);
        pthread_mutex_unlock(&submitter->lock);
        finish(submitter, job, &result);
        pthread_mutex_lock(&submitter->lock);
    }
    pthread_mutex_unlock(&submitter->lock);
    return NULL;
}

/* ---- opening ---- */

/* Never on the disk, or who takes that could try whether a file that they have was sent. The price:
 * copies are found among what came since the start. */
static OskStatus draw_digest_key(OskSubmitRoom *room, OskFault *fault)
{
    room->digest_key = osk_locked_alloc(OSK_DIGEST_KEY_BYTES);
    if (room->digest_key == NULL) {
        return osk_spool_fail(fault, OSK_NO_MEMORY, "not enough memory that is never swapped",
                              "raise the limit of locked memory (LimitMEMLOCK=), then start again");
    }
    return osk_random_fill(NULL, room->digest_key, OSK_DIGEST_KEY_BYTES)
               ? OSK_OK
               : osk_spool_fail(fault, OSK_IO, "the system has no randomness", "try again later");
}

static bool start_threads(OskSubmitter *submitter, unsigned workers)
{
    bool started = true;
    for (unsigned i = 0; i <= workers && started; i++) {
        Thread *thread = &submitter->threads[i];
        *thread = (Thread){ .submitter = submitter, .is_light = i == workers };
        started = pthread_create(&thread->thread, NULL, run_thread, thread) == 0;
        pthread_mutex_lock(&submitter->lock);
        submitter->thread_count += started ? 1 : 0;
        pthread_mutex_unlock(&submitter->lock);
    }
    return started;
}

uint64_t osk_submit_worker_memory(unsigned workers)
{
    uint64_t share = osk_worker_default_memory() / workers;
    return share > WORKER_MEMORY_LEAST ? share : WORKER_MEMORY_LEAST;
}

OskStatus osk_submitter_open(OskSubmitter **out, const OskSubmitterParts *parts, OskFault *fault)
{
    *out = NULL;
    const unsigned wanted = parts->workers == 0 ? 1 : parts->workers;
    const unsigned workers = wanted < WORKERS_MAX ? wanted : WORKERS_MAX;
    OskSubmitter *submitter = calloc(1, sizeof(*submitter));
    if (submitter == NULL) {
        return osk_spool_fail(fault, OSK_NO_MEMORY, "not enough memory", "try again later");
    }
    submitter->room.store = parts->store;
    submitter->room.spool = parts->spool;
    submitter->room.ring = parts->ring;
    submitter->room.admission = parts->admission;
    submitter->room.worker = parts->worker;
    submitter->room.worker_memory = osk_submit_worker_memory(workers);
    atomic_init(&submitter->room.can_scrub, true);
    atomic_init(&submitter->room.closing, false);
    pthread_mutex_init(&submitter->lock, NULL);
    pthread_cond_init(&submitter->wake, NULL);
    OskStatus status = draw_digest_key(&submitter->room, fault);
    if (status == OSK_OK && !start_threads(submitter, workers)) {
        status = osk_spool_fail(fault, OSK_NO_MEMORY, "no thread can be started",
                                "close other programs, then start it again");
    }
    if (status != OSK_OK) {
        osk_submitter_close(&submitter);
    }
    *out = submitter;
    return status;
}

void osk_submitter_set_can_scrub(OskSubmitter *submitter, bool can_scrub)
{
    atomic_store(&submitter->room.can_scrub, can_scrub);
}

bool osk_submitter_can_scrub(const OskSubmitter *submitter)
{
    return atomic_load(&submitter->room.can_scrub);
}

void osk_submitter_looks(OskSubmitter *submitter, OskLooker *looker)
{
    submitter->room.looker = looker;
}

/* ---- a job ---- */

static bool copy_text(char *out, size_t room, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len >= room) {
        return false;
    }
    if (len > 0) {
        memcpy(out, text, len);
    }
    out[len] = 0;
    return true;
}

static bool fill_secret(OskSubmitSecret *secret, const OskSubmissionDraft *draft,
                        size_t message_len)
{
    if (draft->receipt != NULL) {
        secret->receipt = *draft->receipt;
        secret->has_receipt = true;
    }
    if (draft->once != NULL && draft->once[0] != 0) {
        OskSha256 hash;
        osk_sha256_begin(&hash);
        osk_sha256_add(&hash, draft->once, strlen(draft->once));
        osk_sha256_end(&hash, secret->once);
        secret->has_once = true;
        secret->sends_files_again = draft->sends_files_again;
    }
    for (size_t i = 0; i < draft->token_count; i++) {
        if (!copy_text(secret->tokens[i], OSK_TOKEN_TEXT_BYTES, draft->tokens[i])) {
            return false;
        }
    }
    return copy_text(secret->message, message_len + 1, draft->message) &&
           copy_text(secret->place, sizeof(secret->place), draft->place) &&
           copy_text(secret->time, sizeof(secret->time), draft->time);
}

static bool name_file_twice(const OskSubmissionDraft *draft)
{
    for (size_t i = 0; i < draft->token_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(draft->tokens[i], draft->tokens[j]) == 0) {
                return true;
            }
        }
    }
    return false;
}

static OskSubmitJob *make_job(const OskSubmissionDraft *draft, size_t message_len)
{
    OskSubmitJob *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return NULL;
    }
    job->file_count = draft->token_count;
    job->files = calloc(job->file_count + 1, sizeof(*job->files));
    job->secret = osk_locked_alloc(sizeof(*job->secret) + message_len + 1);
    if (job->files == NULL || job->secret == NULL ||
        !fill_secret(job->secret, draft, message_len) ||
        !copy_text(job->category, sizeof(job->category), draft->category)) {
        free_job(job);
        return NULL;
    }
    if (draft->receipt != NULL) {
        job->key = draft->receipt->lookup;
    } else if (draft->token_count > 0) {
        osk_submit_file_id(draft->tokens[0], (OskId *)(void *)job->key.bytes);
    } else if (!osk_random_fill(NULL, job->key.bytes, sizeof(job->key.bytes))) {
        free_job(job);
        return NULL;
    }
    return job;
}

static void enqueue(OskSubmitter *submitter, OskSubmitJob *job)
{
    OskSubmitJob **at = &submitter->queue;
    while (*at != NULL && (*at)->due_ms <= job->due_ms) {
        at = &(*at)->next;
    }
    job->next = *at;
    *at = job;
    pthread_cond_broadcast(&submitter->wake);
}

static uint64_t count_bytes(const OskSubmitter *submitter, const OskSubmissionDraft *draft)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < draft->token_count; i++) {
        OskUploadState state;
        if (osk_spool_look(submitter->room.spool, draft->tokens[i], &state, NULL) == OSK_OK) {
            bytes += state.offset;
        }
    }
    return bytes;
}

OskStatus osk_submit(OskSubmitter *submitter, const OskSubmissionDraft *draft,
                     void (*done)(void *context, const OskSubmitted *result), void *context)
{
    size_t message_len = draft->message != NULL ? strlen(draft->message) : 0;
    bool is_empty = message_len == 0 && draft->token_count == 0 &&
                    (draft->place == NULL || draft->place[0] == 0) &&
                    (draft->time == NULL || draft->time[0] == 0);
    if (is_empty || message_len > OSK_MESSAGE_BYTES || draft->token_count > OSK_SUBMIT_FILES_MAX ||
        name_file_twice(draft)) {
        return OSK_MISUSE;
    }
    OskSubmitJob *job = make_job(draft, message_len);
    if (job == NULL) {
        return OSK_NO_MEMORY;
    }
    job->done = done;
    job->context = context;
    job->due_ms = osk_now_ms() + (int64_t)(count_bytes(submitter, draft) / BYTES_A_MS);
    if (submitter->room.admission != NULL && job->file_count > 0) {
        osk_work_begin(submitter->room.admission, OSK_WORK_SCRUB);
    }
    pthread_mutex_lock(&submitter->lock);
    enqueue(submitter, job);
    pthread_mutex_unlock(&submitter->lock);
    return OSK_OK;
}

bool osk_submitter_has(OskSubmitter *submitter, const OskLookup *receipt)
{
    pthread_mutex_lock(&submitter->lock);
    bool has = is_running(submitter, receipt);
    for (const OskSubmitJob *job = submitter->queue; job != NULL && !has; job = job->next) {
        has = memcmp(&job->key, receipt, sizeof(*receipt)) == 0;
    }
    pthread_mutex_unlock(&submitter->lock);
    return has;
}

void osk_submitter_close(OskSubmitter **submitter)
{
    OskSubmitter *closed = *submitter;
    *submitter = NULL;
    if (closed == NULL) {
        return;
    }
    atomic_store(&closed->room.closing, true);
    pthread_mutex_lock(&closed->lock);
    closed->closing = true;
    pthread_cond_broadcast(&closed->wake);
    pthread_mutex_unlock(&closed->lock);
    for (size_t i = 0; i < closed->thread_count; i++) {
        pthread_join(closed->threads[i].thread, NULL);
    }
    while (closed->queue != NULL) {
        OskSubmitJob *job = closed->queue;
        OskSubmitted result = { .status = OSK_IO };
        closed->queue = job->next;
        osk_spool_fail(&result.fault, OSK_IO, "the server is about to stop",
                       "submit again later; what has arrived is kept for two days");
        finish(closed, job, &result);
    }
    pthread_cond_destroy(&closed->wake);
    pthread_mutex_destroy(&closed->lock);
    osk_locked_free(closed->room.digest_key);
    free(closed);
}
