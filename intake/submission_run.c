/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job, from its files to the commit that makes it a submission. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "host/random.h"
#include "intake/submission_state.h"

#define TRIES 5
/* For each file: itself, its segments, the end of its upload; the submission, and a message, or
 * that there is none. */
#define CHANGES_MAX (3u * OSK_SUBMIT_FILES_MAX + 2u)

/* One attempt to commit. */
typedef struct Attempt {
    OskSubmissionRow submission;
    bool adds; /* to one that is there */
    OskMessageRow message;
    OskRecordRow seen;
    OskBytes sealed;
    OskChange changes[CHANGES_MAX];
    size_t count;
    OskId once;
    bool has_once;
    bool is_unknown; /* of one commit nobody knows whether it happened */
} Attempt;

static OskStatus fail(OskFault *fault, OskStatus status)
{
    return osk_spool_fail(fault, status, "this could not be taken at the moment",
                          "submit again later; what has arrived is kept for two days");
}

/* ---- what is there already ---- */

static bool is_same(const OskId *a, const OskId *b)
{
    return memcmp(a->bytes, b->bytes, OSK_ID_BYTES) == 0;
}

static OskFileOutcome outcome_of(const OskFileRow *row)
{
    if ((row->flags & OSK_FILE_DEVICE) != 0) {
        return OSK_OUTCOME_DEVICE;
    }
    return (row->flags & OSK_FILE_UNSCRUBBED) != 0 ? OSK_OUTCOME_ORIGINAL_KEPT
           : (row->flags & OSK_FILE_ORIGINAL) != 0 ? OSK_OUTCOME_ORIGINAL_CHOSEN
                                                   : OSK_OUTCOME_SCRUBBED;
}

static bool note_file(void *context, const OskFileRow *row)
{
    OskSubmitJob *job = context;
    for (size_t i = 0; i < job->file_count; i++) {
        if (is_same(&row->id, &job->files[i].row.id)) {
            job->files[i].is_there = true;
            job->files[i].outcome = outcome_of(row);
        }
    }
    return true;
}

/* Without a receipt the id follows from the first file, so that a repeated request finds it. */
static bool make_id(const OskSubmitJob *job, OskId *out)
{
    if (!job->secret->has_receipt && job->file_count > 0) {
        const char *token = job->secret->tokens[0];
        const OskHkdf of = { .key = token,
                             .key_len = strlen(token),
                             .info = "oilskin submission id" };
        osk_seal_hkdf(&of, out->bytes, sizeof(out->bytes));
        return true;
    }
    return osk_random_fill(NULL, out->bytes, sizeof(out->bytes));
}

/* Finds the submission that this belongs to, and which of the files it has. */
static OskStatus find(const OskSubmitRoom *room, OskSubmitJob *job, Attempt *attempt,
                      OskFault *fault)
{
    OskFault reading = { .status = OSK_OK };
    OskId id;
    osk_submission_row_free(&attempt->submission);
    attempt->submission = (OskSubmissionRow){ 0 };
    if (!make_id(job, &id)) {
        return OSK_IO;
    }
    attempt->adds = job->secret->has_receipt
                        ? osk_store_receipt(room->store, &job->secret->receipt.lookup,
                                            &attempt->submission, &reading)
                        : osk_store_submission(room->store, &id, &attempt->submission, &reading);
    if (!attempt->adds && reading.status != OSK_OK) {
        return reading.status;
    }
    if (!attempt->adds) {
        attempt->submission = (OskSubmissionRow){ .id = id };
        return OSK_OK;
    }
    if (attempt->submission.state == OSK_SUBMISSION_WITHDRAWN) {
        osk_fault_set(fault, OSK_MISUSE, OSK_FAULT_WITHDRAWN, "this submission was withdrawn",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "begin a new one, with a new receipt");
        return OSK_MISUSE;
    }
    return osk_store_files(room->store, &attempt->submission.id, note_file, job, fault);
}

/* ---- the changes ---- */

static void add(Attempt *attempt, OskChange change)
{
    attempt->changes[attempt->count++] = change;
}

static void add_file(Attempt *attempt, OskSubmitFile *file)
{
    file->row.submission = attempt->submission.id;
    add(attempt, (OskChange){ .kind = OSK_ROW_FILE_ADD, .row.file = &file->row });
    if (file->has_copy) {
        add(attempt, (OskChange){ .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &file->copy });
    } else {
        add(attempt, (OskChange){ .kind = OSK_ROW_SEGMENTS_MOVE,
                                  .row.id = file->upload,
                                  .other = file->row.id });
    }
    add(attempt, (OskChange){ .kind = OSK_ROW_UPLOAD_DROP, .row.id = file->upload });
}

/* One key for one request, however often it is sent. What nothing tells from another with the same
 * words gets a key of its own: two answers "yes" are two answers. */
static OskStatus make_once(const OskSubmitJob *job, Attempt *attempt)
{
    const OskSubmitSecret *secret = job->secret;
    OskSha256 hash;
    uint8_t all[32];
    uint8_t key[32];
    if (job->file_count == 0 && (!secret->has_once || !secret->has_receipt)) {
        /* Drawn once for all attempts. */
        attempt->has_once =
            attempt->has_once || osk_random_fill(NULL, attempt->once.bytes, OSK_ID_BYTES);
        return attempt->has_once ? OSK_OK : OSK_IO;
    }
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, secret->once, sizeof(secret->once));
    osk_sha256_add(&hash, secret->place, sizeof(secret->place));
    osk_sha256_add(&hash, secret->time, sizeof(secret->time));
    osk_sha256_add(&hash, secret->message, strlen(secret->message));
    for (size_t i = 0; i < job->file_count; i++) {
        if (secret->sends_files_again) {
            osk_sha256_add(&hash, job->files[i].sha256, sizeof(job->files[i].sha256));
            osk_sha256_add(&hash, &job->files[i].row.flags, sizeof(job->files[i].row.flags));
        } else {
            osk_sha256_add(&hash, secret->tokens[i], OSK_TOKEN_TEXT_BYTES);
        }
    }
    osk_sha256_end(&hash, all);
    /* Keyed with what only this sender has, so that it is the same after a restart. */
    if (secret->has_receipt) {
        osk_seal_hmac(secret->receipt.draft_key, sizeof(secret->receipt.draft_key), all,
                      sizeof(all), key);
    } else {
        osk_seal_hmac(secret->tokens[0], OSK_TOKEN_TEXT_BYTES, all, sizeof(all), key);
    }
    memcpy(attempt->once.bytes, key, OSK_ID_BYTES);
    return OSK_OK;
}

static bool has_words(const OskSubmitJob *job)
{
    return job->secret->message[0] != 0 || job->secret->place[0] != 0 || job->secret->time[0] != 0;
}

static size_t count_new(const OskSubmitJob *job)
{
    size_t count = 0;
    for (size_t i = 0; i < job->file_count; i++) {
        count += job->files[i].is_there ? 0 : 1;
    }
    return count;
}

static void fill_new(const OskSubmitJob *job, OskDay today, Attempt *attempt)
{
    OskSubmissionRow *row = &attempt->submission;
    row->day = today;
    row->state = OSK_SUBMISSION_NEW;
    if (job->secret->has_receipt) {
        row->receipt = job->secret->receipt.lookup;
        memcpy(row->reply_key, job->secret->receipt.identity.recipient.key, sizeof(row->reply_key));
    }
    memcpy(row->category, job->category, sizeof(row->category));
    row->manifest = attempt->sealed;
    attempt->sealed = (OskBytes){ 0 };
    add(attempt, (OskChange){ .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = row });
    if (!has_words(job)) {
        /* The manifest is sealed, and the desk must know whether there is something to be read:
         * what isn't said to be without words is kept for its words. */
        attempt->seen =
            (OskRecordRow){ .key = { .space = OSK_SPACE_SEEN, .owner = row->id, .id = row->id },
                            .day = today };
        add(attempt, (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &attempt->seen });
    }
}

static void fill_addition(OskDay today, Attempt *attempt)
{
    OskSubmissionRow *row = &attempt->submission;
    /* Somebody should look again. */
    row->state = row->state == OSK_SUBMISSION_DISMISSED ? OSK_SUBMISSION_NEW : row->state;
    attempt->message =
        (OskMessageRow){ .submission = row->id, .day = today, .sealed = attempt->sealed };
    add(attempt, (OskChange){ .kind = OSK_ROW_SUBMISSION_SET, .row.submission = row });
    add(attempt, (OskChange){ .kind = OSK_ROW_MESSAGE_ADD, .row.message = &attempt->message });
}

static OskStatus fill(const OskSubmitRoom *room, OskSubmitJob *job, Attempt *attempt)
{
    OskDay today = (OskDay)(time(NULL) / 86400);
    uint32_t number = attempt->submission.file_count;
    for (size_t i = 0; i < job->file_count; i++) {
        if (!job->files[i].is_there) {
            job->files[i].row.number = number++;
        }
    }
    attempt->submission.file_count = number;
    OskStatus status = osk_manifest_seal(room, job, today, attempt->adds, &attempt->sealed);
    if (status == OSK_OK) {
        status = make_once(job, attempt);
    }
    if (status != OSK_OK) {
        return status;
    }
    if (attempt->adds) {
        fill_addition(today, attempt);
    } else {
        fill_new(job, today, attempt);
    }
    for (size_t i = 0; i < job->file_count; i++) {
        if (!job->files[i].is_there) {
            add_file(attempt, &job->files[i]);
        }
    }
    return OSK_OK;
}

/* ---- what one receipt takes ---- */

static bool count_letter(void *context, const OskMessageRow *row)
{
    size_t *count = context;
    *count += row->from_desk ? 0 : 1;
    return true;
}

/* The same request again: the store knows its key, and does nothing; to any other one it refuses
 * a submission that is there. */
static bool was_stored(const OskSubmitRoom *room, const Attempt *attempt)
{
    const OskChange refused = { .kind = OSK_ROW_SUBMISSION_ADD,
                                .row.submission = &attempt->submission };
    OskFault fault = { .status = OSK_OK };
    return osk_store_commit(room->store, &refused, 1, &attempt->once, &fault) == OSK_COMMIT_OK;
}

/* Whether what an attempt that is filled adds to holds it. */
static OskStatus check_full(const OskSubmitRoom *room, const OskSubmitJob *job,
                            const Attempt *attempt, OskFault *fault)
{
    size_t letters = 0;
    if (!attempt->adds) {
        return OSK_OK;
    }
    OskStatus status =
        osk_store_messages(room->store, &attempt->submission.id, count_letter, &letters, fault);
    bool is_full =
        letters >= OSK_SUBMISSION_LETTERS_MAX ||
        (count_new(job) > 0 && attempt->submission.file_count > OSK_SUBMISSION_FILES_MAX);
    if (status != OSK_OK || !is_full || was_stored(room, attempt)) {
        return status;
    }
    osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_FULL, "this submission holds no more", OSK_NO_OFFSET);
    osk_fault_next(fault, "begin a new one, with a new receipt");
    return OSK_LIMIT;
}

/* ---- the job ---- */

static OskStatus commit_once(const OskSubmitRoom *room, OskSubmitJob *job, Attempt *attempt,
                             bool *out_again, OskFault *fault)
{
    OskFault last = { .status = OSK_OK };
    *out_again = false;
    OskStatus status = find(room, job, attempt, fault);
    if (status != OSK_OK) {
        return status;
    }
    if (attempt->adds && count_new(job) == 0 && !has_words(job)) {
        return OSK_OK;
    }
    attempt->count = 0;
    status = fill(room, job, attempt);
    if (status == OSK_OK) {
        status = check_full(room, job, attempt, fault);
    }
    if (status != OSK_OK) {
        return status;
    }
    OskCommit done =
        osk_store_commit(room->store, attempt->changes, attempt->count, &attempt->once, &last);
    /* Another request of this receipt was first: what it has made is looked at again. */
    *out_again =
        done == OSK_COMMIT_UNKNOWN || (done == OSK_COMMIT_CONFLICT && last.status == OSK_FOUND);
    attempt->is_unknown = attempt->is_unknown || done == OSK_COMMIT_UNKNOWN;
    return done == OSK_COMMIT_OK ? OSK_OK : last.status != OSK_OK ? last.status : OSK_IO;
}

/* Sets `out_unknown` when rows may name the copies, though nobody knows it. */
static OskStatus commit(const OskSubmitRoom *room, OskSubmitJob *job, bool *out_unknown,
                        OskFault *fault)
{
    Attempt *attempt = calloc(1, sizeof(*attempt));
    OskStatus status = attempt != NULL ? OSK_OK : OSK_NO_MEMORY;
    bool again = attempt != NULL;
    for (int i = 0; i < TRIES && again; i++) {
        status = commit_once(room, job, attempt, &again, fault);
        osk_bytes_free(&attempt->sealed.bytes);
    }
    if (attempt != NULL) {
        *out_unknown = attempt->is_unknown;
        osk_submission_row_free(&attempt->submission);
    }
    free(attempt);
    return status;
}

static OskStatus take_files(const OskSubmitRoom *room, OskSubmitJob *job, OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < job->file_count; i++) {
        if (!job->files[i].is_there) {
            status = osk_submit_file(room, job->secret->tokens[i], &job->files[i], fault);
        }
    }
    for (size_t i = 0; status == OSK_OK && i < job->file_count; i++) {
        status = osk_submit_file_finish(&job->files[i]);
        /* Where it failed there is no writer any more, and no blob. */
        job->files[i].has_copy = job->files[i].has_copy && status == OSK_OK;
    }
    return status;
}

static OskStatus explain(OskStatus status, OskFault *fault)
{
    switch (status) {
    case OSK_OK: return OSK_OK;
    case OSK_MALFORMED:
        return osk_spool_fail(fault, status, "the text is not UTF-8", "type it again");
    case OSK_MISUSE:
        return osk_spool_fail(fault, status, "the text is too long", "make it shorter");
    case OSK_FOUND: return fail(fault, OSK_IO);
    case OSK_LIMIT:
        if (fault->status == OSK_OK) {
            osk_fault_set(fault, status, OSK_FAULT_DISK, "there is no room for more at the moment",
                          OSK_NO_OFFSET);
            osk_fault_next(fault, "submit again later; what has arrived is kept for two days");
        }
        return status;
    default: return fail(fault, status);
    }
}

typedef struct Brought {
    const OskSubmitJob *job;
    bool is_stored[OSK_SUBMIT_FILES_MAX];
} Brought;

static bool note_stored(void *context, const OskFileRow *row)
{
    Brought *brought = context;
    for (size_t i = 0; i < brought->job->file_count; i++) {
        brought->is_stored[i] =
            brought->is_stored[i] || is_same(&row->id, &brought->job->files[i].row.id);
    }
    return true;
}

/* A commit that had happened before leaves the files that came with its repeat: they are there
 * already, in the first one's. */
static void drop_repeated(const OskSubmitRoom *room, OskSubmitJob *job)
{
    Brought brought = { .job = job };
    OskSubmissionRow row = { 0 };
    if (!osk_store_receipt(room->store, &job->secret->receipt.lookup, &row, NULL) ||
        osk_store_files(room->store, &row.id, note_stored, &brought, NULL) != OSK_OK) {
        return;
    }
    for (size_t i = 0; i < job->file_count; i++) {
        if (!brought.is_stored[i]) {
            job->files[i].is_there = true;
            (void)osk_spool_drop(room->spool, job->secret->tokens[i], NULL);
        }
    }
    osk_submission_row_free(&row);
}

void osk_submit_run(const OskSubmitRoom *room, OskSubmitJob *job, OskSubmitted *out)
{
    Attempt first = { 0 };
    bool is_unknown = false;
    *out = (OskSubmitted){ .count = job->file_count };
    for (size_t i = 0; i < job->file_count; i++) {
        osk_submit_file_id(job->secret->tokens[i], &job->files[i].row.id);
    }
    /* What an earlier request brought needs no second scrub. */
    OskStatus status = find(room, job, &first, &out->fault);
    osk_submission_row_free(&first.submission);
    if (status == OSK_OK) {
        status = take_files(room, job, &out->fault);
    }
    if (status == OSK_OK) {
        status = commit(room, job, &is_unknown, &out->fault);
    }
    if (status == OSK_OK && job->secret->sends_files_again && job->secret->has_receipt) {
        drop_repeated(room, job);
    }
    out->status = explain(status, &out->fault);
    for (size_t i = 0; i < job->file_count; i++) {
        OskSubmitFile *file = &job->files[i];
        out->outcomes[i] = file->outcome;
        if (!is_unknown && (out->status != OSK_OK || file->is_there)) {
            osk_submit_file_drop(room, file);
        }
        if (out->status == OSK_OK) {
            osk_keyring_forget(room->ring, &file->upload);
        }
        if (out->status == OSK_OK && room->looker != NULL) {
            osk_look_later(room->looker, &file->row, &file->look);
        }
    }
}
