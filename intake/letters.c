/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/letters.h"

#include "base/fault.h"
#include "http/json.h"
#include "oilskin/scrub.h"

#include <string.h>
#include <time.h>

/* A letter's JSON, padded. */
#define PLAIN_BYTES (64u * 1024)
/* Of one draft; more are swept when they expire. */
#define UPLOADS_MAX 256u
/* Somebody adds files while somebody else withdraws: the other way round, then. */
#define TRIES 4u

typedef struct Reading {
    const OskReceipt *receipt;
    bool (*each)(void *context, const OskLetter *letter);
    void *context;
} Reading;

static bool count_upload(void *context, const OskUploadRow *row)
{
    (void)row;
    OskReturn *out = context;
    out->upload_count++;
    return out->upload_count < UPLOADS_MAX;
}

/* Cuts a text that no desk of ours writes so long, between two letters of UTF-8. */
static void give_text(const Reading *reading, OskLetter *letter, const char *text, bool *out_more)
{
    char cut[OSK_LETTER_BYTES + 1];
    size_t len = strlen(text);
    if (len > OSK_LETTER_BYTES) {
        len = OSK_LETTER_BYTES;
        while (len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memcpy(cut, text, len);
    cut[len] = 0;
    letter->text = cut;
    *out_more = reading->each(reading->context, letter);
    osk_seal_wipe(cut, sizeof(cut));
}

static bool open_letter(const Reading *reading, OskLetter *letter, const OskBytes *sealed)
{
    OskMemory plain = { .max = PLAIN_BYTES };
    OskUnsealWith with = { .identities = &reading->receipt->identity, .count = 1 };
    bool more = true;
    bool given = false;
    if (osk_unseal_bytes(sealed->bytes, sealed->len, &with, &plain, NULL) == OSK_OK) {
        size_t len = plain.len;
        while (len > 0 && plain.bytes[len - 1] == 0) {
            len--;
        }
        OskJson *json = NULL;
        OskFault fault = { 0 };
        if (osk_json_read(&json, (const char *)plain.bytes, len, &fault) == OSK_OK) {
            const char *text = osk_json_text(osk_json_get(json, "text"));
            if (text != NULL) {
                give_text(reading, letter, text, &more);
                given = true;
            }
        }
        osk_json_free(&json);
        osk_seal_wipe(plain.bytes, plain.len);
        osk_bytes_free(&plain.bytes);
    }
    return given ? more : reading->each(reading->context, letter);
}

static bool read_letter(void *context, const OskMessageRow *row)
{
    const Reading *reading = context;
    OskLetter letter = { .number = row->number, .from_desk = row->from_desk, .day = row->day };
    if (!row->from_desk) {
        return reading->each(reading->context, &letter);
    }
    return open_letter(reading, &letter, &row->sealed);
}

OskStatus osk_letters_read(OskStore *store, const OskReceipt *receipt, OskReturn *out,
                           bool (*each)(void *context, const OskLetter *letter), void *context,
                           OskFault *fault)
{
    OskFault own = { 0 };
    fault = fault != NULL ? fault : &own;
    *out = (OskReturn){ .state = OSK_RETURN_NONE };
    OskSubmissionRow row = { 0 };
    bool is_there = osk_store_receipt(store, &receipt->lookup, &row, fault);
    if (!is_there && fault->status != OSK_OK) {
        return fault->status;
    }
    OskStatus status = osk_store_draft_uploads(store, &receipt->lookup, count_upload, out, fault);
    if (is_there) {
        bool withdrawn = row.state == OSK_SUBMISSION_WITHDRAWN;
        out->state = withdrawn ? OSK_RETURN_WITHDRAWN : OSK_RETURN_RECEIVED;
        out->file_count = row.file_count;
    } else if (out->upload_count > 0) {
        out->state = OSK_RETURN_BEGUN;
    }
    /* Asked for a receipt that is unknown, too: then of nobody. The way is the same. */
    if (status == OSK_OK && each != NULL) {
        Reading reading = { receipt, each, context };
        status = osk_store_messages(store, &row.id, read_letter, &reading, fault);
    }
    if (is_there) {
        osk_submission_row_free(&row);
    }
    return status;
}

typedef struct Draft {
    OskChange changes[UPLOADS_MAX + 2];
    size_t count;
} Draft;

static bool drop_upload(void *context, const OskUploadRow *row)
{
    Draft *draft = context;
    draft->changes[draft->count++] = (OskChange){ .kind = OSK_ROW_UPLOAD_DROP, .row.id = row->id };
    return draft->count < UPLOADS_MAX;
}

static OskStatus withdraw_once(OskStore *store, bool is_due, const OskReceipt *receipt,
                               const OskRandom *random, OskFault *fault)
{
    Draft draft = { .count = 0 };
    OskStatus status = osk_store_draft_uploads(store, &receipt->lookup, drop_upload, &draft, fault);
    if (status != OSK_OK) {
        return status;
    }
    OskSubmissionRow row = { 0 };
    bool is_there = osk_store_receipt(store, &receipt->lookup, &row, fault);
    if (!is_there && fault->status != OSK_OK) {
        return fault->status;
    }
    if (is_there && osk_store_is_held(store, &row.id, fault)) {
        osk_submission_row_free(&row);
        return fault->status != OSK_OK
                   ? fault->status
                   : osk_fault_set(fault, OSK_UNSUPPORTED, "receipt",
                                   "what was sent is held for now", OSK_NO_OFFSET);
    }
    OskSubmissionRow empty = {
        .day = is_there ? row.day : (OskDay)(time(NULL) / 86400),
        .state = OSK_SUBMISSION_WITHDRAWN,
        .receipt = receipt->lookup,
    };
    OskId once = { { 0 } };
    if (!random->fill(random->context, &empty.id, sizeof(empty.id)) ||
        !random->fill(random->context, &once, sizeof(once))) {
        status = OSK_IO;
    } else if (is_there ? row.state != OSK_SUBMISSION_WITHDRAWN : is_due) {
        if (is_there) {
            draft.changes[draft.count++] =
                (OskChange){ .kind = OSK_ROW_SUBMISSION_DROP, .row.id = row.id };
        }
        draft.changes[draft.count++] =
            (OskChange){ .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &empty };
    }
    if (status == OSK_OK && draft.count > 0) {
        OskCommit commit = osk_store_commit(store, draft.changes, draft.count, &once, fault);
        /* The same key: what happened already does not happen twice. */
        for (unsigned i = 0; commit == OSK_COMMIT_UNKNOWN && i < TRIES; i++) {
            commit = osk_store_commit(store, draft.changes, draft.count, &once, fault);
        }
        status = commit == OSK_COMMIT_OK   ? OSK_OK
                 : fault->status != OSK_OK ? fault->status
                                           : OSK_IO;
    }
    if (is_there) {
        osk_submission_row_free(&row);
    }
    return status;
}

OskStatus osk_letters_withdraw(OskStore *store, OskSubmitter *submitter, const OskReceipt *receipt,
                               const OskRandom *random, OskFault *fault)
{
    OskFault own = { 0 };
    bool is_due = submitter != NULL && osk_submitter_has(submitter, &receipt->lookup);
    fault = fault != NULL ? fault : &own;
    OskStatus status = OSK_FOUND;
    /* FOUND is a conflict: what was read has changed meanwhile. */
    for (unsigned i = 0; status == OSK_FOUND && i < TRIES; i++) {
        *fault = (OskFault){ 0 };
        status = withdraw_once(store, is_due, receipt, random, fault);
    }
    return status == OSK_FOUND ? OSK_IO : status;
}
