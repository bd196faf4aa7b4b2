/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/upload_sending.h"

#include <string.h>

/* ---- errands: a complete upload becomes a submission ---- */

static const char *token_of(const OskSending *sending)
{
    return sending->ask.token[0] != 0 ? sending->ask.token : sending->result.token;
}

static void submitted(void *context, const OskSubmitted *result)
{
    OskSending *sending = context;
    if (result->status == OSK_OK) {
        sending->result.is_submitted = true;
        sending->result.outcome = result->count > 0 ? result->outcomes[0] : OSK_OUTCOME_SCRUBBED;
        osk_finished_add(sending->finished, token_of(sending), sending->result.state.offset,
                         sending->result.outcome);
    } else {
        osk_sending_refuse_fault(sending, &result->fault);
    }
    osk_sending_come_back(sending, OSK_STAGE_READY);
}

static void submit(OskSending *sending, const OskReceipt *receipt)
{
    const char *token = token_of(sending);
    OskSubmissionDraft draft = { .tokens = &token, .token_count = 1, .receipt = receipt };
    if (osk_submit(sending->parts->submitter, &draft, submitted, sending) != OSK_OK) {
        osk_sending_refuse(sending, 503, "The server takes nothing new now",
                           "Try again in a minute");
        sending->result.retry_s = OSK_BUSY_RETRY_S;
        osk_sending_come_back(sending, OSK_STAGE_READY);
    }
}

static void submit_derived(void *context, const OskReceipt *receipt)
{
    OskSending *sending = context;
    if (receipt == NULL) {
        osk_work_end(sending->parts->admission, OSK_WORK_RECEIPT);
        osk_sending_refuse(sending, 503, "The server has no memory left", "Try again in a minute");
        sending->result.retry_s = OSK_BUSY_RETRY_S;
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    osk_work_pass_on(sending->parts->admission, OSK_WORK_RECEIPT);
    submit(sending, receipt);
}

/* Words are derived on the receipts' own threads: 64 MiB each. */
static void derive(OskSending *sending, const char *words,
                   void (*done)(void *context, const OskReceipt *receipt))
{
    osk_work_begin(sending->parts->admission, OSK_WORK_RECEIPT);
    if (osk_receipt_derive(sending->parts->receipts, words, done, sending) != OSK_OK) {
        done(sending, NULL);
    }
}

/* Ends the errand: at once, or when the submission is durable. */
static void settle(OskSending *sending, bool may_submit)
{
    const uint32_t flags = sending->result.state.flags;
    char words[OSK_RECEIPT_TEXT_BYTES] = "";
    if (!may_submit || (flags & OSK_UPLOAD_COMPLETE) == 0 ||
        (flags & (OSK_UPLOAD_PARTIAL | OSK_UPLOAD_ATTACH)) != 0) {
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    if (osk_spool_receipt(sending->parts->spool, token_of(sending), words)) {
        derive(sending, words, submit_derived);
    } else {
        submit(sending, NULL);
    }
    explicit_bzero(words, sizeof(words));
}

static bool recall(OskSending *sending)
{
    OskUploadState *state = &sending->result.state;
    if (!osk_finished_find(sending->finished, sending->ask.token, &state->offset,
                           &sending->result.outcome)) {
        return false;
    }
    state->len = state->offset;
    state->flags = OSK_UPLOAD_COMPLETE;
    sending->result.has_state = true;
    sending->result.is_submitted = true;
    return true;
}

/* ---- errands: HEAD and DELETE ---- */

void osk_step_look(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    OskUploadResult *result = &sending->result;
    OskSpool *spool = sending->parts->spool;
    OskFault fault = { 0 };
    /* Opening it takes it from an older request, whose bytes become durable: the offset that is
     * answered does not grow behind the client's back. */
    OskStatus status = osk_upload_open(spool, sending->ask.token, &sending->upload, &fault);
    osk_upload_close(&sending->upload);
    if (status == OSK_OK || status == OSK_MISUSE) {
        status = osk_spool_look(spool, sending->ask.token, &result->state, &fault);
    }
    if (status == OSK_OK) {
        result->has_state = true;
        /* A server that went down between the last byte and the submission: the token opens its
         * keys again, so this is the moment to go on. */
        settle(sending, true);
        return;
    }
    if (status != OSK_AUTH || !recall(sending)) {
        osk_sending_refuse_fault(sending, &fault);
    }
    osk_sending_come_back(sending, OSK_STAGE_READY);
}

void osk_step_drop(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    OskFault fault = { 0 };
    if (osk_spool_drop(sending->parts->spool, sending->ask.token, &fault) != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
    }
    osk_sending_come_back(sending, OSK_STAGE_READY);
}

/* ---- errands: PATCH ---- */

static void refuse_offset(OskSending *sending)
{
    osk_sending_refuse(sending, 409, "Upload-Offset is not where this upload ends",
                       "Ask with HEAD, and go on from there");
    sending->result.refusal.problem = OSK_PROBLEM_OFFSET;
}

/* PATCH to an upload that has all its bytes: right when it brings none. */
static void append_nothing(OskSending *sending)
{
    OskUploadResult *result = &sending->result;
    OskFault fault = { 0 };
    if (osk_spool_look(sending->parts->spool, sending->ask.token, &result->state, &fault) !=
            OSK_OK &&
        !recall(sending)) {
        osk_sending_refuse_fault(sending, &fault);
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    result->has_state = true;
    if (sending->ask.offset != result->state.offset) {
        refuse_offset(sending);
    } else if (sending->ask.body_len != 0) {
        osk_sending_refuse(sending, sending->ask.is_draft ? 400 : 403, "This upload is complete",
                           NULL);
        result->refusal.problem = OSK_PROBLEM_COMPLETE;
    }
    settle(sending, result->refusal.status == 0 && !result->is_submitted &&
                        (!sending->ask.is_draft || sending->ask.completes));
}

/* Whether what is announced fits; the refusal is set when not. */
static bool fits(OskSending *sending)
{
    const OskUploadAsk *ask = &sending->ask;
    const OskUploadState *state = &sending->result.state;
    uint64_t len = state->len != UINT64_MAX ? state->len : ask->len;
    if (state->len != UINT64_MAX && ask->len != UINT64_MAX && state->len != ask->len) {
        osk_sending_refuse(sending, 400, "The length of an upload does not change", NULL);
        sending->result.refusal.problem = OSK_PROBLEM_LENGTH;
        return false;
    }
    if (len != UINT64_MAX && len > sending->result.max) {
        osk_sending_refuse(sending, 413, "The file is larger than this drop takes", NULL);
        return false;
    }
    if (len != UINT64_MAX && (len < state->offset || (ask->body_len != UINT64_MAX &&
                                                      ask->body_len > len - state->offset))) {
        osk_sending_refuse_length(sending);
        return false;
    }
    return true;
}

static bool begin_checksum(OskSending *sending)
{
    if (!sending->ask.has_checksum) {
        return true;
    }
    sending->digester = osk_digester_open(
        sending->ask.checksum.algorithm == OSK_TUS_SHA1 ? OSK_DIGEST_SHA1 : OSK_DIGEST_SHA256);
    if (sending->digester == NULL) {
        osk_sending_refuse(sending, 500, "The server can't check this checksum",
                           "Send without Upload-Checksum");
        return false;
    }
    sending->holds_back = true;
    osk_upload_hold(sending->upload);
    return true;
}

/* Asked before its first byte, for all that will be written for it. */
static bool has_room(OskSending *sending, uint64_t len, uint32_t flags)
{
    OskFault fault = { 0 };
    if (len != UINT64_MAX && osk_lease_ask(sending->parts->admission, len,
                                           osk_submit_room(len, flags), &fault) != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
        return false;
    }
    return true;
}

/* A length that was not known at the creation. */
static bool set_len(OskSending *sending)
{
    const OskUploadState *state = &sending->result.state;
    uint64_t len = sending->ask.len;
    OskFault fault = { 0 };
    if (len == UINT64_MAX || state->len != UINT64_MAX) {
        return true;
    }
    if (state->offset == 0 && !has_room(sending, len, state->flags)) {
        return false;
    }
    if (osk_upload_set_len(sending->upload, len, &fault) != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
        return false;
    }
    return true;
}

/* Opens the upload for the body; then OSK_STAGE_BODY. */
static void open_upload(OskSending *sending)
{
    OskUploadResult *result = &sending->result;
    OskFault fault = { 0 };
    OskStatus status =
        osk_upload_open(sending->parts->spool, token_of(sending), &sending->upload, &fault);
    if (status == OSK_MISUSE || status == OSK_AUTH) {
        append_nothing(sending);
        return;
    }
    if (status != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    osk_upload_look(sending->upload, &result->state);
    result->has_state = true;
    if (sending->ask.offset != result->state.offset) {
        refuse_offset(sending);
    } else if (fits(sending) && begin_checksum(sending)) {
        (void)set_len(sending);
    }
    if (result->refusal.status != 0) {
        osk_upload_close(&sending->upload);
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    if (sending->ask.len != UINT64_MAX) {
        result->state.len = sending->ask.len;
    }
    sending->has_news = result->token[0] != 0;
    osk_sending_come_back(sending, OSK_STAGE_BODY);
}

void osk_step_append(OskErrand *errand)
{
    open_upload((OskSending *)errand);
}

/* ---- errands: POST ---- */

static uint32_t flags_of(const OskUploadAsk *ask)
{
    return (ask->metadata.is_original ? OSK_UPLOAD_ORIGINAL : 0u) |
           (ask->metadata.is_attached ? OSK_UPLOAD_ATTACH : 0u) |
           (ask->metadata.is_sealed ? OSK_UPLOAD_DEVICE : 0u) |
           (ask->is_partial ? OSK_UPLOAD_PARTIAL : 0u);
}

static OskStatus create_row(OskSending *sending, OskFault *fault)
{
    const OskUploadAsk *ask = &sending->ask;
    OskSpool *spool = sending->parts->spool;
    OskUploadResult *result = &sending->result;
    bool has_receipt = ask->metadata.receipt[0] != 0;
    bool is_alone = !ask->is_partial && !ask->metadata.is_attached;
    OskUploadWish wish = {
        .len = ask->len,
        .flags = flags_of(ask),
        .category = ask->metadata.category[0] != 0 ? ask->metadata.category : NULL,
        .draft = has_receipt ? &sending->draft : NULL,
        .draft_key = has_receipt ? sending->draft_key : NULL,
        .receipt = is_alone ? result->words : NULL,
        .fingerprint = ask->metadata.has_fingerprint ? ask->metadata.fingerprint : NULL,
    };
    if (ask->concat == NULL) {
        return osk_spool_create(spool, &wish, result->token, fault);
    }
    const char *tokens[OSK_TUS_CONCAT_MAX];
    for (size_t i = 0; i < ask->concat->count; i++) {
        tokens[i] = ask->concat->tokens[i];
    }
    return osk_spool_concat(spool, tokens, ask->concat->count, &wish, result->token, fault);
}

static void create_upload(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    OskUploadResult *result = &sending->result;
    OskFault fault = { 0 };
    const bool has_receipt = sending->ask.metadata.receipt[0] != 0;
    OskStatus status = create_row(sending, &fault);
    if (has_receipt) {
        /* The sender has these words; they go back to nobody. */
        explicit_bzero(result->words, sizeof(result->words));
    }
    if (status != OSK_OK) {
        explicit_bzero(result->words, sizeof(result->words));
        if (sending->ask.concat != NULL && (status == OSK_AUTH || status == OSK_MISUSE)) {
            osk_sending_refuse(sending, 400,
                               "Upload-Concat names an upload that is not a complete partial one",
                               NULL);
        } else {
            osk_sending_refuse_fault(sending, &fault);
        }
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    if (osk_spool_look(sending->parts->spool, result->token, &result->state, &fault) != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    result->has_state = true;
    if (sending->ask.concat != NULL) {
        settle(sending, true);
    } else if (sending->ask.body_len == 0 && sending->ask.len != 0) {
        osk_sending_come_back(sending, OSK_STAGE_READY);
    } else {
        open_upload(sending);
    }
}

static void create_derived(void *context, const OskReceipt *receipt)
{
    OskSending *sending = context;
    osk_work_end(sending->parts->admission, OSK_WORK_RECEIPT);
    if (receipt == NULL) {
        osk_sending_refuse(sending, 503, "The server has no memory left", "Try again in a minute");
        sending->result.retry_s = OSK_BUSY_RETRY_S;
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    sending->draft = receipt->lookup;
    memcpy(sending->draft_key, receipt->draft_key, sizeof(sending->draft_key));
    osk_visit_pass_on(&sending->visit, create_upload);
}

/* The parts of a concatenation together; what is not there is found missing behind this. */
static bool is_too_long_together(OskSending *sending)
{
    const OskTusConcat *concat = sending->ask.concat;
    uint64_t sum = 0;
    for (size_t i = 0; concat != NULL && i < concat->count; i++) {
        OskUploadState state = { 0 };
        if (osk_spool_look(sending->parts->spool, concat->tokens[i], &state, NULL) == OSK_OK) {
            sum += state.offset;
        }
    }
    return sum > sending->result.max;
}

void osk_step_create(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    OskUploadResult *result = &sending->result;
    const OskUploadAsk *ask = &sending->ask;
    unsigned wrong = 0;
    if (!has_room(sending, ask->len, flags_of(ask))) {
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    if (is_too_long_together(sending)) {
        osk_sending_refuse(sending, 413, "The parts together are more than this drop takes",
                           "Send them as files of their own, with one receipt");
    } else if (ask->metadata.receipt[0] != 0) {
        if (osk_receipt_read(result->words, ask->metadata.receipt, &wrong)) {
            derive(sending, result->words, create_derived);
            return;
        }
        osk_sending_refuse(sending, 400, "This is not a receipt: it is eight words of our list",
                           "Look for a word that is written wrongly");
    } else if (!ask->is_partial && !ask->metadata.is_attached &&
               osk_receipt_draw(result->words, sending->parts->random) != OSK_OK) {
        osk_sending_refuse(sending, 500, "The server has no randomness", "Try again later");
    } else {
        create_upload(errand);
        return;
    }
    osk_sending_come_back(sending, OSK_STAGE_READY);
}

/* ---- errands: the body ---- */

void osk_step_save(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    OskFault fault = { 0 };
    if (osk_upload_commit(sending->upload, &sending->result.state, &fault) != OSK_OK) {
        osk_upload_close(&sending->upload);
        osk_sending_refuse_fault(sending, &fault);
        osk_sending_come_back(sending, OSK_STAGE_READY);
        return;
    }
    sending->unsaved = 0;
    sending->has_news = true;
    osk_sending_come_back(sending, OSK_STAGE_BODY);
}

/* A body that is refused in its middle: what came of it stays. */
void osk_step_stop(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    OskFault fault = { 0 };
    osk_sending_end_upload(sending);
    if (osk_spool_look(sending->parts->spool, token_of(sending), &sending->result.state, &fault) !=
        OSK_OK) {
        sending->result.has_state = false;
    }
    osk_sending_come_back(sending, OSK_STAGE_READY);
}

/* Compares the checksum; false with the refusal, and nothing of the body is kept. */
static bool checks(OskSending *sending)
{
    uint8_t digest[OSK_DIGEST_BYTES];
    if (sending->digester == NULL) {
        return true;
    }
    osk_digester_end(&sending->digester, digest);
    if (memcmp(digest, sending->ask.checksum.digest, sending->ask.checksum.len) == 0) {
        sending->holds_back = false;
        return true;
    }
    osk_upload_rollback(sending->upload);
    osk_sending_refuse(sending, OSK_STATUS_CHECKSUM,
                       "The checksum is not that of the bytes that came", "Send them again");
    return false;
}

/* Makes the body durable; false with the refusal. */
static bool finish_upload(OskSending *sending)
{
    OskUploadResult *result = &sending->result;
    OskFault fault = { 0 };
    OskUpload *upload = sending->upload;
    uint64_t end = result->state.offset + sending->unsaved;
    bool completes = sending->ask.is_draft && sending->ask.completes;
    bool is_short = completes && result->state.len != UINT64_MAX && end != result->state.len;
    if (!checks(sending)) {
        return false;
    }
    if (completes && result->state.len == UINT64_MAX &&
        osk_upload_set_len(upload, end, &fault) != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
        return false;
    }
    if (osk_upload_commit(upload, &result->state, &fault) != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
        result->has_state = false;
        return false;
    }
    if (is_short) {
        osk_sending_refuse(sending, 400, "The upload ends before its length", NULL);
        result->refusal.problem = OSK_PROBLEM_LENGTH;
        return false;
    }
    return true;
}

void osk_step_finish(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    bool is_whole = finish_upload(sending);
    osk_upload_close(&sending->upload);
    settle(sending, is_whole && (!sending->ask.is_draft || sending->ask.completes));
}
