/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/spool.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "host/random.h"
#include "intake/upload.h"

/* How often a commit of which nobody knows whether it happened is run again. */
#define COMMIT_TRIES 5
#define SWEEP_AT_ONCE 64u

static const OskRandom random_source = { .fill = osk_random_fill };
static const char no_upload[] = "there is no such upload";
static const char no_upload_next[] = "it may have ended or expired: begin again";

OskStatus osk_spool_fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    if (fault != NULL && fault->status == OSK_OK) {
        osk_fault_set(fault, status, "upload", what, OSK_NO_OFFSET);
        osk_fault_next(fault, next);
    }
    return status;
}

OskStatus osk_spool_fail_pieces(OskFault *fault)
{
    osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_PIECES, "this upload came in too many small pieces",
                  OSK_NO_OFFSET);
    osk_fault_next(fault, "send it again, in fewer and larger ones");
    return OSK_LIMIT;
}

static OskStatus fail_memory(OskFault *fault)
{
    return osk_spool_fail(fault, OSK_NO_MEMORY, "the server has no memory for this now",
                          "try again later");
}

OskStatus osk_spool_open(OskSpool **out, OskStore *store, OskAdmission *admission, OskKeyring *ring,
                         const OskRecipient *recipients, size_t count, OskFault *fault)
{
    OskSpool *spool = NULL;
    *out = NULL;
    if (!osk_readers_fit(recipients, count)) {
        return osk_spool_fail(fault, OSK_MISUSE, "nobody could open what is sent",
                              "name one recipient at least");
    }
    spool = calloc(1, sizeof(*spool));
    if (spool == NULL) {
        return fail_memory(fault);
    }
    spool->store = store;
    spool->admission = admission;
    spool->ring = ring;
    spool->awake_max = OSK_SPOOL_AWAKE;
    osk_readers_begin(&spool->readers, recipients, count);
    pthread_mutex_init(&spool->lock, NULL);
    *out = spool;
    return OSK_OK;
}

void osk_spool_set_readers(OskSpool *spool, const OskRecipient *recipients, size_t count)
{
    osk_readers_set(&spool->readers, recipients, count);
}

void osk_spool_readers(OskSpool *spool, OskReaderList *out)
{
    osk_readers_get(&spool->readers, out);
}

void osk_spool_park(OskSpool *spool)
{
    pthread_mutex_lock(&spool->lock);
    spool->parked = true;
    pthread_mutex_unlock(&spool->lock);
    osk_upload_oust_all(spool);
}

void osk_spool_close(OskSpool **spool)
{
    OskSpool *closed = *spool;
    *spool = NULL;
    if (closed != NULL) {
        osk_spool_park(closed);
        osk_spool_forget_scratch(closed);
        osk_readers_end(&closed->readers);
        pthread_mutex_destroy(&closed->lock);
        free(closed);
    }
}

/* ---- rows ---- */

OskStatus osk_spool_commit(OskStore *store, const OskChange *changes, size_t count,
                           bool *out_unknown, OskFault *fault)
{
    OskFault last = { .status = OSK_OK };
    OskCommit done = OSK_COMMIT_UNKNOWN;
    bool is_unknown = false;
    OskId once;
    if (!osk_random_fill(NULL, once.bytes, sizeof(once.bytes))) {
        return osk_spool_fail(fault, OSK_IO, "the system has no randomness", "try again later");
    }
    for (int i = 0; i < COMMIT_TRIES && done == OSK_COMMIT_UNKNOWN; i++) {
        last = (OskFault){ .status = OSK_OK };
        done = osk_store_commit(store, changes, count, &once, &last);
        is_unknown = is_unknown || done == OSK_COMMIT_UNKNOWN;
    }
    if (out_unknown != NULL) {
        *out_unknown = is_unknown && done != OSK_COMMIT_OK;
    }
    if (done == OSK_COMMIT_OK) {
        return OSK_OK;
    }
    OskStatus status = last.status != OSK_OK ? last.status : OSK_IO;
    if (fault != NULL && fault->status == OSK_OK) {
        *fault = last;
    }
    return osk_spool_fail(fault, status, "this could not be written down", "try again later");
}

/* The row of a token, whose key is in `secret`. Errors: AUTH; IO. */
static OskStatus read_row(OskSpool *spool, const char *token, OskUploadSecret *secret,
                          OskUploadRow *row, OskFault *fault)
{
    uint8_t bytes[OSK_TOKEN_BYTES];
    OskLookup lookup;
    OskFault reading = { .status = OSK_OK };
    *row = (OskUploadRow){ 0 };
    if (!osk_token_read(token, bytes)) {
        return osk_spool_fail(fault, OSK_AUTH, no_upload, no_upload_next);
    }
    osk_token_derive(bytes, &lookup, secret->key);
    osk_seal_wipe(bytes, sizeof(bytes));
    if (osk_store_upload(spool->store, &lookup, row, &reading)) {
        return OSK_OK;
    }
    return reading.status != OSK_OK ? osk_spool_fail(fault, reading.status,
                                                     "the uploads can't be read", "try again later")
                                    : osk_spool_fail(fault, OSK_AUTH, no_upload, no_upload_next);
}

static OskUploadState state_of(const OskUploadRow *row)
{
    return (OskUploadState){ .offset = row->offset,
                             .len = row->declared_len,
                             .flags = row->flags,
                             .expires = row->expires,
                             .id = row->id };
}

/* ---- making one ---- */

/* A new row, without its box. */
static bool make_row(const OskUploadWish *wish, const uint8_t token[OSK_TOKEN_BYTES],
                     OskUploadRow *row)
{
    *row = (OskUploadRow){ .declared_len = wish->len,
                           .flags = wish->flags & ~(uint32_t)OSK_UPLOAD_COMPLETE,
                           .expires = (OskDay)(time(NULL) / 86400) + OSK_SPOOL_EXPIRES_DAYS };
    if (wish->len == 0) {
        row->flags |= OSK_UPLOAD_COMPLETE;
    }
    if (wish->category != NULL) {
        memcpy(row->category, wish->category, strnlen(wish->category, OSK_CATEGORY_BYTES - 1));
    }
    osk_token_derive(token, &row->lookup, NULL);
    if (wish->draft != NULL && wish->draft_key != NULL) {
        row->draft = *wish->draft;
        row->draft_box.bytes = malloc(OSK_TOKEN_BYTES + OSK_BOX_EXTRA_BYTES);
        row->draft_box.len = OSK_TOKEN_BYTES + OSK_BOX_EXTRA_BYTES;
        if (row->draft_box.bytes == NULL ||
            osk_box_lock(wish->draft_key, token, OSK_TOKEN_BYTES, row->draft_box.bytes,
                         &random_source) != OSK_OK) {
            return false;
        }
    }
    return osk_random_fill(NULL, row->id.bytes, sizeof(row->id.bytes));
}

static OskUploadSecret *make_secret(const OskUploadWish *wish, const uint8_t token[OSK_TOKEN_BYTES])
{
    OskUploadSecret *secret = osk_locked_alloc(sizeof(*secret));
    if (secret == NULL) {
        return NULL;
    }
    osk_token_derive(token, NULL, secret->key);
    if (wish->receipt != NULL) {
        memcpy(secret->receipt, wish->receipt, strnlen(wish->receipt, sizeof(secret->receipt) - 1));
    }
    if (wish->fingerprint != NULL) {
        memcpy(secret->fingerprint, wish->fingerprint, sizeof(secret->fingerprint));
    }
    return secret;
}

bool osk_upload_make(const OskUploadWish *wish, const uint8_t token[OSK_TOKEN_BYTES],
                     OskUploadRow *out_row, OskUploadSecret **out_secret)
{
    *out_secret = NULL;
    if (!make_row(wish, token, out_row)) {
        return false;
    }
    *out_secret = make_secret(wish, token);
    return *out_secret != NULL;
}

OskStatus osk_spool_create(OskSpool *spool, const OskUploadWish *wish,
                           char out_token[OSK_TOKEN_TEXT_BYTES], OskFault *fault)
{
    uint8_t token[OSK_TOKEN_BYTES];
    OskUploadRow row = { 0 };
    OskUploadSecret *secret = NULL;
    const OskPieces none = { 0 };
    OskStatus status = OSK_NO_MEMORY;
    if (osk_random_fill(NULL, token, sizeof(token)) &&
        osk_upload_make(wish, token, &row, &secret)) {
        status = osk_upload_wrap(spool->ring, &row, secret, &none);
    }
    if (status == OSK_OK) {
        const OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
        status = osk_spool_commit(spool->store, &change, 1, NULL, fault);
    }
    if (status == OSK_OK) {
        osk_token_text(token, out_token);
    }
    osk_locked_free(secret);
    osk_upload_row_free(&row);
    osk_seal_wipe(token, sizeof(token));
    return status == OSK_NO_MEMORY ? fail_memory(fault) : status;
}

/* ---- looking ---- */

OskStatus osk_spool_look(OskSpool *spool, const char *token, OskUploadState *out, OskFault *fault)
{
    OskUploadSecret secret;
    OskUploadRow row;
    OskStatus status = read_row(spool, token, &secret, &row, fault);
    *out = status == OSK_OK ? state_of(&row) : (OskUploadState){ 0 };
    osk_seal_wipe(&secret, sizeof(secret));
    osk_upload_row_free(&row);
    return status;
}

bool osk_spool_receipt(OskSpool *spool, const char *token, char out_words[OSK_RECEIPT_TEXT_BYTES])
{
    OskUploadRow row;
    OskUploadSecret *secret = osk_locked_alloc(sizeof(*secret));
    bool found = secret != NULL && read_row(spool, token, secret, &row, NULL) == OSK_OK &&
                 osk_upload_unwrap(NULL, &row, secret, NULL) == OSK_OK && secret->receipt[0] != 0;
    memset(out_words, 0, OSK_RECEIPT_TEXT_BYTES);
    if (found) {
        memcpy(out_words, secret->receipt, OSK_RECEIPT_TEXT_BYTES);
    }
    if (secret != NULL) {
        osk_upload_row_free(&row);
    }
    osk_locked_free(secret);
    return found;
}

OskStatus osk_upload_open(OskSpool *spool, const char *token, OskUpload **out, OskFault *fault)
{
    uint8_t bytes[OSK_TOKEN_BYTES];
    OskLookup lookup;
    OskUploadSecret secret;
    OskUploadRow row;
    *out = NULL;
    if (!osk_token_read(token, bytes)) {
        return osk_spool_fail(fault, OSK_AUTH, no_upload, no_upload_next);
    }
    osk_token_derive(bytes, &lookup, NULL);
    osk_seal_wipe(bytes, sizeof(bytes));
    OskUpload *upload = osk_upload_claim(spool, &lookup);
    if (upload == NULL) {
        return osk_spool_fail(fault, OSK_LIMIT, "the server is about to stop", "try again later");
    }
    OskStatus status = read_row(spool, token, &secret, &row, fault);
    if (status == OSK_OK && (row.flags & OSK_UPLOAD_COMPLETE) != 0) {
        status = osk_spool_fail(fault, OSK_MISUSE, "the upload is complete", "send another one");
    }
    OskStatus filled = osk_upload_fill(upload, status == OSK_OK ? &row : NULL, secret.key, fault);
    status = status == OSK_OK ? filled : status;
    osk_seal_wipe(&secret, sizeof(secret));
    osk_upload_row_free(&row);
    if (status != OSK_OK) {
        osk_upload_close(&upload);
    }
    *out = upload;
    return status;
}

/* ---- ending ---- */

OskStatus osk_spool_drop(OskSpool *spool, const char *token, OskFault *fault)
{
    OskUploadSecret secret;
    OskUploadRow row;
    OskStatus status = read_row(spool, token, &secret, &row, fault);
    if (status == OSK_OK) {
        const OskChange change = { .kind = OSK_ROW_UPLOAD_DROP, .row.id = row.id };
        osk_upload_oust(spool, &row.lookup, false);
        status = osk_spool_commit(spool->store, &change, 1, NULL, fault);
        osk_keyring_forget(spool->ring, &row.id);
    }
    osk_seal_wipe(&secret, sizeof(secret));
    osk_upload_row_free(&row);
    return status;
}

typedef struct Expired {
    OskSpool *spool;
    OskChange changes[SWEEP_AT_ONCE];
    size_t count;
} Expired;

static bool note_expired(void *context, const OskUploadRow *row)
{
    Expired *expired = context;
    if (!osk_upload_is_open(expired->spool, &row->lookup)) {
        expired->changes[expired->count++] =
            (OskChange){ .kind = OSK_ROW_UPLOAD_DROP, .row.id = row->id };
    }
    return expired->count < SWEEP_AT_ONCE;
}

OskStatus osk_spool_sweep(OskSpool *spool, OskDay today, uint64_t *out_swept, OskFault *fault)
{
    OskStatus status = OSK_OK;
    Expired expired = { .spool = spool };
    *out_swept = 0;
    do {
        expired.count = 0;
        status = osk_store_expired_uploads(spool->store, today, note_expired, &expired, fault);
        if (status == OSK_OK && expired.count > 0) {
            status = osk_spool_commit(spool->store, expired.changes, expired.count, NULL, fault);
        }
        for (size_t i = 0; status == OSK_OK && i < expired.count; i++) {
            osk_keyring_forget(spool->ring, &expired.changes[i].row.id);
            ++*out_swept;
        }
    } while (status == OSK_OK && expired.count == SWEEP_AT_ONCE);
    return status;
}

/* ---- a draft ---- */

typedef struct Draft {
    OskSpool *spool;
    const uint8_t *key;
    bool (*each)(void *context, const OskDraftUpload *upload);
    void *context;
} Draft;

static bool tell_draft(void *context, const OskUploadRow *row)
{
    const Draft *draft = context;
    uint8_t token[OSK_TOKEN_BYTES];
    OskDraftUpload upload = { .state = state_of(row) };
    if (row->draft_box.len != OSK_TOKEN_BYTES + OSK_BOX_EXTRA_BYTES ||
        osk_box_unlock(draft->key, row->draft_box.bytes, row->draft_box.len, token) != OSK_OK) {
        return true;
    }
    OskUploadSecret *secret = osk_locked_alloc(sizeof(*secret));
    bool more = true;
    if (secret != NULL) {
        osk_token_derive(token, NULL, secret->key);
        if (osk_upload_unwrap(NULL, row, secret, NULL) == OSK_OK) {
            osk_token_text(token, upload.token);
            memcpy(upload.fingerprint, secret->fingerprint, sizeof(upload.fingerprint));
            more = draft->each(draft->context, &upload);
        }
    }
    osk_locked_free(secret);
    osk_seal_wipe(token, sizeof(token));
    osk_seal_wipe(&upload, sizeof(upload));
    return more;
}

OskStatus osk_spool_draft(OskSpool *spool, const OskLookup *draft, const uint8_t draft_key[32],
                          bool (*each)(void *context, const OskDraftUpload *upload), void *context,
                          OskFault *fault)
{
    Draft told = { .spool = spool, .key = draft_key, .each = each, .context = context };
    return osk_store_draft_uploads(spool->store, draft, tell_draft, &told, fault);
}
