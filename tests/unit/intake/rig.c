/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rig.h"

#include "base/fault.h"
#include "intake/letters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

Rig rig = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- a request ---- */

struct OskRequest {
    const RigAsk *ask;
    RigAnswer *answer;
    void *state;
    size_t interim_from; /* headers that were added since the last interim answer */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int resumes; /* that are kept for a pause */
    bool is_paused;
    unsigned pauses;
};

const char *osk_request_method(const OskRequest *request)
{
    return request->ask->method;
}

const char *osk_request_path(const OskRequest *request)
{
    return request->ask->path;
}

const char *osk_request_header(const OskRequest *request, const char *name)
{
    for (size_t i = 0; i < 12 && request->ask->headers[i].name != NULL; i++) {
        if (strcasecmp(request->ask->headers[i].name, name) == 0) {
            return request->ask->headers[i].value;
        }
    }
    return NULL;
}

const char *osk_request_query(OskRequest *request, const char *name)
{
    for (size_t i = 0; i < 4 && request->ask->query[i].name != NULL; i++) {
        if (strcmp(request->ask->query[i].name, name) == 0) {
            return request->ask->query[i].value;
        }
    }
    return NULL;
}

static size_t body_len(const RigAsk *ask)
{
    return ask->body == NULL ? 0 : ask->body_len > 0 ? ask->body_len : strlen(ask->body);
}

uint64_t osk_request_length(const OskRequest *request)
{
    uint64_t len = request->ask->announced > 0 ? request->ask->announced : body_len(request->ask);
    return request->ask->is_chunked ? UINT64_MAX : len;
}

void osk_request_set_state(OskRequest *request, void *state)
{
    request->state = state;
}

void *osk_request_state(const OskRequest *request)
{
    return request->state;
}

void osk_request_pause(OskRequest *request)
{
    pthread_mutex_lock(&request->lock);
    request->pauses++;
    if (request->resumes > 0) {
        request->resumes--;
    } else {
        request->is_paused = true;
    }
    pthread_mutex_unlock(&request->lock);
}

void osk_request_resume(OskRequest *request)
{
    pthread_mutex_lock(&request->lock);
    if (request->is_paused) {
        request->is_paused = false;
        pthread_cond_broadcast(&request->changed);
    } else {
        request->resumes++;
    }
    pthread_mutex_unlock(&request->lock);
}

void osk_request_add_header(OskRequest *request, const char *name, const char *value)
{
    RigAnswer *answer = request->answer;
    if (answer->header_count < 16) {
        snprintf(answer->headers[answer->header_count][0], 160, "%s", name);
        snprintf(answer->headers[answer->header_count][1], 160, "%s", value);
        answer->header_count++;
    }
}

void osk_request_answer(OskRequest *request, const OskAnswer *answer)
{
    RigAnswer *out = request->answer;
    if (out->status != 0) {
        fprintf(stderr, "a second answer\n");
        abort();
    }
    out->status = answer->status;
    if (answer->len < sizeof(out->body) && answer->bytes != NULL) {
        memcpy(out->body, answer->bytes, answer->len);
        out->body[answer->len] = 0;
        out->body_len = answer->len;
    }
}

bool osk_request_interim(OskRequest *request, unsigned status)
{
    request->answer->interims += status == 104;
    request->answer->header_count = 0;
    return true;
}

static void wait_while_paused(OskRequest *request)
{
    pthread_mutex_lock(&request->lock);
    while (request->is_paused) {
        pthread_cond_wait(&request->changed, &request->lock);
    }
    pthread_mutex_unlock(&request->lock);
}

void rig_ask(const OskRoute *route, const RigAsk *ask, RigAnswer *out)
{
    OskRequest request = { .ask = ask, .answer = out };
    memset(out, 0, sizeof(*out));
    pthread_mutex_init(&request.lock, NULL);
    pthread_cond_init(&request.changed, NULL);
    size_t len = ask->cut_at > 0 ? ask->cut_at : body_len(ask);
    size_t sent = 0;
    route->begin(route->context, &request);
    wait_while_paused(&request);
    while (sent < len && out->status == 0) {
        size_t piece = ask->piece > 0 && ask->piece < len - sent ? ask->piece : len - sent;
        /* A block of exactly its size, so that a byte too far is seen. */
        uint8_t *block = malloc(piece);
        if (block == NULL) {
            abort();
        }
        memcpy(block, ask->body + sent, piece);
        request.pauses = 0;
        size_t took = route->body(route->context, &request, block, piece);
        if (took == 0 && request.pauses == 0 && out->status == 0) {
            fprintf(stderr, "neither taken nor paused\n");
            abort();
        }
        sent += took;
        free(block);
        wait_while_paused(&request);
    }
    bool whole = ask->cut_at == 0;
    while (whole && out->status == 0) {
        route->end(route->context, &request);
        wait_while_paused(&request);
    }
    route->done(route->context, &request, whole);
    pthread_cond_destroy(&request.changed);
    pthread_mutex_destroy(&request.lock);
}

const char *rig_header(const RigAnswer *answer, const char *name)
{
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcasecmp(answer->headers[i][0], name) == 0) {
            return answer->headers[i][1];
        }
    }
    return NULL;
}

/* ---- the spool: 32 uploads of at most 4 KiB ---- */

#define UPLOADS 32u

struct OskUpload {
    bool is_there;
    bool is_submitted;
    char token[OSK_TOKEN_TEXT_BYTES];
    char words[OSK_RECEIPT_TEXT_BYTES];
    OskUploadState state;
    uint8_t bytes[4096];
    uint64_t written; /* behind state.offset */
    bool is_wanted;
    bool is_held;
};

static OskUpload uploads[UPLOADS];

void rig_reset(void)
{
    pthread_mutex_t lock = rig.lock;
    memset(&rig, 0, sizeof(rig));
    rig.lock = lock;
    memset(uploads, 0, sizeof(uploads));
}

OskStatus rig_fail(OskFault *fault, OskStatus status, const char *what)
{
    if (fault != NULL) {
        *fault = (OskFault){ .status = status, .what = what };
    }
    return status;
}

OskStatus rig_fail_disk(OskFault *fault)
{
    rig_fail(fault, OSK_LIMIT, "The disk is full");
    fault->part = OSK_FAULT_DISK;
    return OSK_LIMIT;
}

static OskUpload *find(const char *token)
{
    for (unsigned i = 0; i < UPLOADS; i++) {
        if (uploads[i].is_there && strcmp(uploads[i].token, token) == 0) {
            return &uploads[i];
        }
    }
    return NULL;
}

unsigned rig_count_uploads(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < UPLOADS; i++) {
        count += uploads[i].is_there ? 1 : 0;
    }
    return count;
}

void rig_add_upload(const char *token, const char *bytes)
{
    OskUpload *upload = &uploads[UPLOADS - 1];
    memset(upload, 0, sizeof(*upload));
    upload->is_there = true;
    snprintf(upload->token, sizeof(upload->token), "%s", token);
    upload->state = (OskUploadState){ .offset = strlen(bytes),
                                      .len = strlen(bytes),
                                      .flags = OSK_UPLOAD_ATTACH | OSK_UPLOAD_COMPLETE };
    memcpy(upload->bytes, bytes, strlen(bytes));
}

static void note_complete(OskUpload *upload)
{
    if (upload->state.offset == upload->state.len) {
        upload->state.flags |= OSK_UPLOAD_COMPLETE;
    }
}

OskStatus osk_spool_create(OskSpool *spool, const OskUploadWish *wish,
                           char out_token[OSK_TOKEN_TEXT_BYTES], OskFault *fault)
{
    (void)spool;
    pthread_mutex_lock(&rig.lock);
    unsigned i = 0;
    while (i < UPLOADS && uploads[i].is_there) {
        i++;
    }
    if (i < UPLOADS) {
        OskUpload *upload = &uploads[i];
        memset(upload, 0, sizeof(*upload));
        upload->is_there = true;
        memset(upload->token, 'A' + (int)i, OSK_TOKEN_TEXT_BYTES - 1);
        upload->state =
            (OskUploadState){ .len = wish->len, .flags = wish->flags, .expires = 20000 };
        snprintf(upload->words, sizeof(upload->words), "%s",
                 wish->receipt == NULL ? "" : wish->receipt);
        memcpy(out_token, upload->token, OSK_TOKEN_TEXT_BYTES);
    }
    pthread_mutex_unlock(&rig.lock);
    return i < UPLOADS ? OSK_OK : rig_fail(fault, OSK_LIMIT, "the fake is full");
}

OskStatus osk_spool_look(OskSpool *spool, const char *token, OskUploadState *out, OskFault *fault)
{
    (void)spool;
    pthread_mutex_lock(&rig.lock);
    OskUpload *upload = find(token);
    if (upload != NULL) {
        *out = upload->state;
    }
    pthread_mutex_unlock(&rig.lock);
    return upload != NULL ? OSK_OK : rig_fail(fault, OSK_AUTH, "no such upload");
}

bool osk_spool_receipt(OskSpool *spool, const char *token, char out_words[96])
{
    (void)spool;
    pthread_mutex_lock(&rig.lock);
    OskUpload *upload = find(token);
    bool has = upload != NULL && upload->words[0] != 0;
    if (has) {
        memcpy(out_words, upload->words, OSK_RECEIPT_TEXT_BYTES);
    }
    pthread_mutex_unlock(&rig.lock);
    return has;
}

OskStatus osk_upload_open(OskSpool *spool, const char *token, OskUpload **out, OskFault *fault)
{
    (void)spool;
    pthread_mutex_lock(&rig.lock);
    OskUpload *upload = find(token);
    OskStatus status = OSK_OK;
    if (rig.is_parked) {
        status = rig_fail(fault, OSK_LIMIT, "the server is about to stop");
    } else if (upload == NULL) {
        status = rig_fail(fault, OSK_AUTH, "no such upload");
    } else if ((upload->state.flags & OSK_UPLOAD_COMPLETE) != 0) {
        status = rig_fail(fault, OSK_MISUSE, "it is complete");
    } else {
        upload->written = 0;
        upload->is_held = false;
        *out = upload;
    }
    pthread_mutex_unlock(&rig.lock);
    return status;
}

void osk_upload_look(const OskUpload *upload, OskUploadState *out)
{
    *out = upload->state;
}

bool osk_upload_is_wanted(const OskUpload *upload)
{
    return upload->is_wanted;
}

OskStatus osk_upload_set_len(OskUpload *upload, uint64_t len, OskFault *fault)
{
    (void)fault;
    upload->state.len = len;
    return OSK_OK;
}

OskStatus osk_upload_write(OskUpload *upload, const uint8_t *bytes, size_t len, size_t *out_taken,
                           OskFault *fault)
{
    uint64_t at = upload->state.offset + upload->written;
    *out_taken = 0;
    if (rig.disk_is_full) {
        return rig_fail_disk(fault);
    }
    if (rig.pieces_are_full) {
        rig_fail(fault, OSK_LIMIT, "this upload came in too many small pieces");
        fault->part = OSK_FAULT_PIECES;
        return OSK_LIMIT;
    }
    if (len > sizeof(upload->bytes) - at) {
        return rig_fail(fault, OSK_LIMIT, "the fake is full");
    }
    memcpy(upload->bytes + at, bytes, len);
    upload->written += len;
    *out_taken = len;
    return OSK_OK;
}

void osk_upload_hold(OskUpload *upload)
{
    upload->is_held = true;
}

OskStatus osk_upload_commit(OskUpload *upload, OskUploadState *out, OskFault *fault)
{
    (void)fault;
    pthread_mutex_lock(&rig.lock);
    upload->state.offset += upload->written;
    upload->written = 0;
    note_complete(upload);
    *out = upload->state;
    rig.commits++;
    pthread_mutex_unlock(&rig.lock);
    return OSK_OK;
}

void osk_upload_rollback(OskUpload *upload)
{
    upload->written = 0;
}

void osk_upload_close(OskUpload **upload)
{
    if (*upload != NULL) {
        (*upload)->written = 0;
        *upload = NULL;
    }
}

OskStatus osk_spool_drop(OskSpool *spool, const char *token, OskFault *fault)
{
    (void)spool;
    OskUpload *upload = find(token);
    if (upload == NULL) {
        return rig_fail(fault, OSK_AUTH, "no such upload");
    }
    upload->is_there = false;
    return OSK_OK;
}

OskStatus osk_spool_concat(OskSpool *spool, const char *const *tokens, size_t count,
                           const OskUploadWish *wish, char out_token[OSK_TOKEN_TEXT_BYTES],
                           OskFault *fault)
{
    OskUploadWish whole = *wish;
    whole.len = 0;
    for (size_t i = 0; i < count; i++) {
        OskUpload *part = find(tokens[i]);
        uint32_t needed = OSK_UPLOAD_PARTIAL | OSK_UPLOAD_COMPLETE;
        if (part == NULL || (part->state.flags & needed) != needed) {
            return rig_fail(fault, OSK_MISUSE, "not a complete partial one");
        }
        whole.len += part->state.len;
    }
    osk_spool_create(spool, &whole, out_token, fault);
    OskUpload *upload = find(out_token);
    for (size_t i = 0; i < count; i++) {
        OskUpload *part = find(tokens[i]);
        memcpy(upload->bytes + upload->state.offset, part->bytes, part->state.len);
        upload->state.offset += part->state.len;
        part->is_there = false;
    }
    note_complete(upload);
    return OSK_OK;
}

OskStatus osk_spool_draft(OskSpool *spool, const OskLookup *draft, const uint8_t draft_key[32],
                          bool (*each)(void *context, const OskDraftUpload *upload), void *context,
                          OskFault *fault)
{
    (void)spool;
    (void)draft;
    (void)draft_key;
    (void)fault;
    for (unsigned i = 0; i < UPLOADS; i++) {
        if (uploads[i].is_there && (uploads[i].state.flags & OSK_UPLOAD_ATTACH) != 0) {
            OskDraftUpload upload = { .state = uploads[i].state, .fingerprint = { 1, 0xab } };
            memcpy(upload.token, uploads[i].token, sizeof(upload.token));
            if (!each(context, &upload)) {
                break;
            }
        }
    }
    return OSK_OK;
}

/* ---- receipts ---- */

OskStatus osk_receipt_draw(char out[OSK_RECEIPT_TEXT_BYTES], const OskRandom *random)
{
    (void)random;
    snprintf(out, OSK_RECEIPT_TEXT_BYTES, "one two three four five six seven eight");
    return OSK_OK;
}

bool osk_receipt_read(char out[OSK_RECEIPT_TEXT_BYTES], const char *text, unsigned *out_wrong)
{
    memset(out, 0, OSK_RECEIPT_TEXT_BYTES);
    *out_wrong = 1;
    if (strncmp(text, "one two", 7) != 0) {
        return false;
    }
    snprintf(out, OSK_RECEIPT_TEXT_BYTES, "%s", text);
    return true;
}

OskStatus osk_receipt_derive(OskReceiptPool *pool, const char *words,
                             void (*done)(void *context, const OskReceipt *receipt), void *context)
{
    (void)pool;
    OskReceipt receipt = { .draft_key = { 7 } };
    pthread_mutex_lock(&rig.lock);
    snprintf(rig.submitted_words, sizeof(rig.submitted_words), "%s", words);
    pthread_mutex_unlock(&rig.lock);
    done(context, &receipt);
    return OSK_OK;
}

/* ---- the submitter ---- */

OskStatus osk_submit(OskSubmitter *submitter, const OskSubmissionDraft *draft,
                     void (*done)(void *context, const OskSubmitted *result), void *context)
{
    (void)submitter;
    OskSubmitted result = { .status = rig.is_overtaken   ? OSK_MISUSE
                                      : rig.is_full      ? OSK_LIMIT
                                      : rig.submit_fails ? OSK_IO
                                                         : OSK_OK };
    pthread_mutex_lock(&rig.lock);
    rig.submitted_len = 0;
    snprintf(rig.message, sizeof(rig.message), "%s", draft->message == NULL ? "" : draft->message);
    snprintf(rig.category, sizeof(rig.category), "%s",
             draft->category == NULL ? "" : draft->category);
    snprintf(rig.place, sizeof(rig.place), "%s", draft->place == NULL ? "" : draft->place);
    rig.sends_files_again = draft->sends_files_again;
    snprintf(rig.once, sizeof(rig.once), "%s", draft->once == NULL ? "" : draft->once);
    for (size_t i = 0; i < draft->token_count && result.status == OSK_OK; i++) {
        OskUpload *upload = find(draft->tokens[i]);
        if (upload == NULL) {
            result.status = OSK_AUTH;
            result.fault = (OskFault){ .status = OSK_AUTH, .what = "no such upload" };
            continue;
        }
        memcpy(rig.submitted_bytes + rig.submitted_len, upload->bytes, upload->state.offset);
        rig.submitted_len += upload->state.offset;
        rig.submitted_flags = upload->state.flags;
        upload->is_there = false;
        result.outcomes[result.count++] = (upload->state.flags & OSK_UPLOAD_ORIGINAL) != 0
                                              ? OSK_OUTCOME_ORIGINAL_CHOSEN
                                              : OSK_OUTCOME_SCRUBBED;
    }
    rig.submitted += result.status == OSK_OK;
    pthread_mutex_unlock(&rig.lock);
    if (rig.is_overtaken) {
        result.fault = (OskFault){ .status = OSK_MISUSE,
                                   .part = OSK_FAULT_WITHDRAWN,
                                   .what = "this submission was withdrawn" };
    } else if (rig.is_full) {
        result.fault = (OskFault){ .status = OSK_LIMIT,
                                   .part = OSK_FAULT_FULL,
                                   .what = "this receipt holds as much as one can",
                                   .next = "send the rest without it; you get a new receipt" };
    } else if (rig.submit_fails) {
        result.fault = (OskFault){ .status = OSK_IO, .what = "the disk failed" };
    }
    done(context, &result);
    return OSK_OK;
}
