/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoints for who has a receipt. */
#include "intake/api_call.h"
#include "intake/letters.h"

#include <stdio.h>
#include <string.h>

/* ---- POST /api/drafts ---- */

static void add_hex(OskJson *object, const char *key, const uint8_t bytes[32])
{
    static const uint8_t nothing[32];
    char hex[65];
    for (size_t i = 0; i < 32; i++) {
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    }
    osk_json_set_text(object, key, memcmp(bytes, nothing, 32) == 0 ? NULL : hex);
}

static bool add_upload(void *context, const OskDraftUpload *upload)
{
    OskJson *uploads = context;
    OskJson *entry = osk_json_object(NULL);
    char url[16 + OSK_TOKEN_TEXT_BYTES];
    snprintf(url, sizeof(url), "/uploads/%s", upload->token);
    osk_json_set_text(entry, "url", url);
    explicit_bzero(url, sizeof(url));
    osk_json_set_whole(entry, "offset", upload->state.offset);
    if (upload->state.len == UINT64_MAX) {
        osk_json_set_text(entry, "len", NULL);
    } else {
        osk_json_set_whole(entry, "len", upload->state.len);
    }
    osk_json_set_flag(entry, "complete", (upload->state.flags & OSK_UPLOAD_COMPLETE) != 0);
    osk_json_set_flag(entry, "original", (upload->state.flags & OSK_UPLOAD_ORIGINAL) != 0);
    add_hex(entry, "fingerprint", upload->fingerprint);
    osk_json_add(uploads, entry);
    return osk_json_count(uploads) < OSK_API_TOKENS_MAX;
}

static const char *state_name(OskReturnState state)
{
    static const char *const names[] = { [OSK_RETURN_NONE] = "none",
                                         [OSK_RETURN_BEGUN] = "begun",
                                         [OSK_RETURN_RECEIVED] = "received",
                                         [OSK_RETURN_WITHDRAWN] = "withdrawn" };
    return names[state];
}

static void read_draft(OskErrand *errand)
{
    OskApiCall *call = (OskApiCall *)errand;
    const OskIntakeParts *parts = &call->api->parts;
    OskReturn found = { 0 };
    OskFault fault = { 0 };
    OskJson *draft = osk_json_object("oilskin/draft/1");
    OskJson *uploads = osk_json_list();
    if (osk_letters_read(parts->store, &call->receipt, &found, NULL, NULL, &fault) != OSK_OK ||
        osk_spool_draft(parts->spool, &call->receipt.lookup, call->receipt.draft_key, add_upload,
                        uploads, &fault) != OSK_OK) {
        osk_json_free(&draft);
        osk_json_free(&uploads);
        osk_api_refuse_fault(call, &fault);
        return;
    }
    osk_json_set_text(draft, "state", state_name(found.state));
    osk_json_set(draft, "uploads", uploads);
    osk_api_done_padded(call, draft);
}

void osk_api_run_drafts(OskApiCall *call)
{
    if (osk_api_read_receipt(call)) {
        osk_api_derive(call, read_draft);
    }
}

/* ---- POST /api/receipts, /api/receipts/answer, /api/receipts/withdraw ---- */

static bool add_letter(void *context, const OskLetter *letter)
{
    OskJson *letters = context;
    OskJson *entry = osk_json_object(NULL);
    osk_json_set_text(entry, "from", letter->from_desk ? "desk" : "sender");
    osk_json_set_whole(entry, "day", letter->day > 0 ? (uint64_t)letter->day : 0);
    osk_json_set_text(entry, "text", letter->text);
    osk_json_add(letters, entry);
    return true;
}

/* The answer about a receipt, with the letters from `first` on. */
static OskJson *receipt_json(const OskReturn *found, const OskJson *letters, size_t first)
{
    OskJson *answer = osk_json_object("oilskin/receipt/1");
    OskJson *list = osk_json_list();
    osk_json_set_text(answer, "state", state_name(found->state));
    osk_json_set_whole(answer, "files", found->file_count);
    osk_json_set_whole(answer, "uploads", found->upload_count);
    osk_json_set_flag(answer, "has_older_letters", first > 0);
    for (size_t i = first; i < osk_json_count(letters); i++) {
        osk_json_add(list, osk_json_copy(osk_json_at(letters, i)));
    }
    osk_json_set(answer, "letters", list);
    return answer;
}

/* As many letters as fit into the one size, the newest ones. */
static OskJson *fitted_receipt(const OskReturn *found, const OskJson *letters)
{
    for (size_t first = 0;; first++) {
        OskJson *answer = receipt_json(found, letters, first);
        size_t len = 0;
        char *text = osk_json_write(answer, &len);
        osk_json_text_free(text);
        if (text == NULL || len + sizeof(",\"padding\":\"\"") <= OSK_API_RECEIPT_BYTES ||
            first >= osk_json_count(letters)) {
            return answer;
        }
        osk_json_free(&answer);
    }
}

static void read_letters(OskErrand *errand)
{
    OskApiCall *call = (OskApiCall *)errand;
    OskReturn found = { 0 };
    OskFault fault = { 0 };
    OskJson *letters = osk_json_list();
    if (osk_letters_read(call->api->parts.store, &call->receipt, &found, add_letter, letters,
                         &fault) != OSK_OK) {
        osk_api_refuse_fault(call, &fault);
    } else {
        osk_api_done_padded(call, fitted_receipt(&found, letters));
    }
    osk_json_free(&letters);
}

void osk_api_run_receipts(OskApiCall *call)
{
    if (osk_api_read_receipt(call)) {
        osk_api_derive(call, read_letters);
    }
}

/* A receipt that nothing was received with gets as long an answer. */
static void say_answered(OskApiCall *call, const char *state)
{
    OskJson *answer = osk_json_object("oilskin/answered/1");
    osk_json_set_flag(answer, "received", strcmp(state, state_name(OSK_RETURN_RECEIVED)) == 0);
    osk_json_set_text(answer, "state", state);
    osk_api_done_padded(call, answer);
}

static void answered(void *context, const OskSubmitted *result)
{
    OskApiCall *call = context;
    if (result->status == OSK_OK) {
        say_answered(call, state_name(OSK_RETURN_RECEIVED));
    } else if (osk_fault_is_withdrawn(&result->fault)) {
        /* Somebody was faster: what is said is what would have been said a moment later. */
        say_answered(call, state_name(OSK_RETURN_WITHDRAWN));
    } else if (osk_fault_is_full(&result->fault)) {
        say_answered(call, "full");
    } else {
        osk_api_refuse_fault(call, &result->fault);
    }
}

static void send_answer(OskErrand *errand)
{
    OskApiCall *call = (OskApiCall *)errand;
    OskReturn found = { 0 };
    OskFault fault = { 0 };
    OskSubmissionDraft draft = { .message = osk_json_text(osk_json_get(call->base.json, "message")),
                                 .once = osk_json_text(osk_json_get(call->base.json, "once")),
                                 .receipt = &call->receipt };
    if (osk_letters_read(call->api->parts.store, &call->receipt, &found, NULL, NULL, &fault) !=
        OSK_OK) {
        osk_api_refuse_fault(call, &fault);
    } else if (found.state != OSK_RETURN_RECEIVED) {
        say_answered(call, state_name(found.state));
    } else if (osk_submit(call->api->parts.submitter, &draft, answered, call) != OSK_OK) {
        call->base.retry_s = 60;
        osk_api_refuse(call, 503, "The server takes nothing new now", "Try again in a minute");
    }
}

void osk_api_run_answer(OskApiCall *call)
{
    const char *message = NULL;
    const char *once = NULL;
    if (!osk_api_read_text(call, "once", OSK_API_ONCE_BYTES, &once) ||
        !osk_api_read_text(call, "message", OSK_MESSAGE_BYTES, &message)) {
        return;
    }
    if (message == NULL) {
        osk_api_refuse(call, 400, "There is no message in it", NULL);
    } else if (osk_api_read_receipt(call)) {
        osk_api_derive(call, send_answer);
    }
}

static void withdraw(OskErrand *errand)
{
    OskApiCall *call = (OskApiCall *)errand;
    const OskIntakeParts *parts = &call->api->parts;
    OskFault fault = { 0 };
    OskStatus status =
        osk_letters_withdraw(parts->store, parts->submitter, &call->receipt, parts->random, &fault);
    if (status != OSK_OK && status != OSK_UNSUPPORTED) {
        osk_api_refuse_fault(call, &fault);
        return;
    }
    OskJson *answer = osk_json_object("oilskin/withdrawn/1");
    osk_json_set_flag(answer, "withdrawn", status == OSK_OK);
    osk_api_done_padded(call, answer);
}

void osk_api_run_withdraw(OskApiCall *call)
{
    if (osk_api_read_receipt(call)) {
        osk_api_derive(call, withdraw);
    }
}
