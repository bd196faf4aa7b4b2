/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /submit: the form of the drop, as a browser without scripts sends it. Its fields may come in
 * any order; the bytes of files are sealed as they come, texts stay in locked memory. What blocks
 * (the store, Argon2id, a scrub) happens on other threads while the request is paused. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "intake/form_inside.h"
#include "intake/letters.h"

/* A browser that is still sending shows no answer. So little is read to its end for the answer's
 * sake; a longer body is cut off. */
#define DRAIN_BYTES (4ull * 1024 * 1024)
/* What a page takes beside the texts that are given back, with the outcomes of all files; and what
 * a byte of these may take, escaped. */
#define PAGE_BYTES (64u * 1024)
#define ESCAPED_BYTES 6u
/* Of a body, beside its files: texts and what stands around parts. */
#define AROUND_BYTES (1024ull * 1024)

static const struct {
    const char *name; /* of the template's flag */
    unsigned status;
    bool is_later;
    bool is_shorter;
} problems[OSK_PROBLEM_COUNT] = {
    [OSK_PROBLEM_NONE] = { "fault", 500, true, false },
    [OSK_PROBLEM_EMPTY] = { "empty", 422, false, false },
    [OSK_PROBLEM_FILE_TOO_LONG] = { "fileTooLong", 413, false, true },
    [OSK_PROBLEM_TOO_LONG] = { "tooLong", 413, false, true },
    [OSK_PROBLEM_TOO_MANY] = { "tooMany", 413, false, false },
    [OSK_PROBLEM_TEXT_TOO_LONG] = { "textTooLong", 413, false, false },
    [OSK_PROBLEM_CATEGORY_PAUSED] = { "categoryPaused", 422, false, false },
    [OSK_PROBLEM_LARGE_PAUSED] = { "largePaused", 413, false, true },
    [OSK_PROBLEM_UNCLEANED] = { "uncleaned", 415, false, false },
    [OSK_PROBLEM_DISK] = { "disk", 507, false, true },
    [OSK_PROBLEM_BUSY] = { "busy", 503, true, false },
    /* Like "received" to who watches the line: no other status, no other length. */
    [OSK_PROBLEM_WITHDRAWN] = { "withdrawn", 200, false, false },
    [OSK_PROBLEM_FULL] = { "full", 200, false, false },
    [OSK_PROBLEM_RECEIPT] = { "receipt", 422, false, false },
    [OSK_PROBLEM_FORM] = { "form", 400, false, false },
    [OSK_PROBLEM_FAULT] = { "fault", 500, true, false },
};

/* ---- answers ---- */

/* Of a page that says what became of a receipt: it follows from what was sent alone. */
static size_t whole_len(const OskForm *form)
{
    const OskFormTexts *texts = form->texts;
    size_t len = texts->message != NULL ? strlen(texts->message) : 0;
    return PAGE_BYTES + ESCAPED_BYTES * (len + strlen(texts->place) + strlen(texts->time));
}

/* A form that is gone from the browser's memory: its words come back. */
static void give_back(const OskFormTexts *texts, OskPageSlots *slots)
{
    const struct {
        const char *name;
        const char *text;
    } fields[] = {
        { "message", texts->message },
        { "place", texts->place },
        { "time", texts->time },
    };
    bool has_any = false;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].text != NULL && fields[i].text[0] != 0) {
            osk_page_text(slots, fields[i].name, fields[i].text);
            has_any = true;
        }
    }
    osk_page_flag(slots, "has_words", has_any);
}

static void answer_problem(OskForm *form)
{
    OskPageSlots slots;
    osk_page_begin(&slots, form->settings);
    osk_page_flag(&slots, problems[form->problem].name, true);
    osk_page_flag(&slots, "later", problems[form->problem].is_later);
    osk_page_flag(&slots, "shorter", problems[form->problem].is_shorter);
    if (form->texts != NULL) {
        give_back(form->texts, &slots);
    }
    OskPageAnswer answer = {
        .status = problems[form->problem].status,
        .page = OSK_PAGE_PROBLEM,
        .language = form->language,
        .pad_to = problems[form->problem].status == 200 ? whole_len(form) : 0,
    };
    form->phase = OSK_FORM_ANSWERED;
    osk_page_answer(form->drop, form->request, &answer, &slots);
    osk_page_end(&slots);
}

typedef struct Outcomes {
    OskSlot slots[OSK_FORM_FILES_MAX][2];
    OskSlots rows[OSK_FORM_FILES_MAX];
    char numbers[OSK_FORM_FILES_MAX][4];
} Outcomes;

static void list_outcomes(Outcomes *outcomes, const OskSubmitted *result)
{
    static const char *const names[] = {
        [OSK_OUTCOME_SCRUBBED] = "scrubbed",
        [OSK_OUTCOME_ORIGINAL_CHOSEN] = "chosen",
        [OSK_OUTCOME_ORIGINAL_KEPT] = "original",
        [OSK_OUTCOME_DEVICE] = "device",
    };
    for (size_t i = 0; i < result->count; i++) {
        char *number = outcomes->numbers[i];
        size_t len = 0;
        if (i + 1 >= 10) {
            number[len++] = (char)('0' + (i + 1) / 10);
        }
        number[len++] = (char)('0' + (i + 1) % 10);
        number[len] = 0;
        outcomes->slots[i][0] = (OskSlot){ .name = "number", .text = number };
        outcomes->slots[i][1] = (OskSlot){ .name = names[result->outcomes[i]], .is_on = true };
        outcomes->rows[i] = (OskSlots){ outcomes->slots[i], 2 };
    }
}

static void answer_received(OskForm *form, const OskSubmitted *result)
{
    OskPageSlots slots;
    Outcomes outcomes;
    osk_page_begin(&slots, form->settings);
    list_outcomes(&outcomes, result);
    osk_page_flag(&slots, "has_files", result->count > 0);
    osk_page_rows(&slots, "files", outcomes.rows, result->count);
    osk_page_receipt(&slots, form->texts->receipt);
    OskPageAnswer answer = {
        .status = 200,
        .page = OSK_PAGE_RECEIVED,
        .language = form->language,
        .pad_to = whole_len(form),
    };
    form->phase = OSK_FORM_ANSWERED;
    osk_page_answer(form->drop, form->request, &answer, &slots);
    osk_page_end(&slots);
}

/* On another thread, the request being paused: the last that it does with the form. */
static void give_up(OskForm *form, OskProblem problem)
{
    form->problem = problem;
    answer_problem(form);
    osk_request_resume(form->request);
}

/* ---- the whole form is there: receipt, submission ---- */

static void take_submitted(void *context, const OskSubmitted *result)
{
    OskForm *form = context;
    if (result->status != OSK_OK) {
        give_up(form, osk_form_problem_of(result->status, &result->fault));
        return;
    }
    form->is_submitted = true;
    answer_received(form, result);
    osk_request_resume(form->request);
}

static void submit(OskErrand *errand)
{
    OskForm *form = (OskForm *)errand;
    const OskIntakeParts *parts = &form->drop->parts;
    OskFormTexts *texts = form->texts;
    OskReturn before;
    OskFault fault = { 0 };
    if (osk_letters_read(parts->store, &texts->keys, &before, NULL, NULL, &fault) != OSK_OK) {
        give_up(form, OSK_PROBLEM_FAULT);
        return;
    }
    if (before.state == OSK_RETURN_WITHDRAWN) {
        give_up(form, OSK_PROBLEM_WITHDRAWN);
        return;
    }
    const char *tokens[OSK_FORM_FILES_MAX];
    for (size_t i = 0; i < form->token_count; i++) {
        tokens[i] = texts->tokens[i];
    }
    OskSubmissionDraft draft = {
        .message = texts->message,
        .place = texts->place[0] != 0 ? texts->place : NULL,
        .time = texts->time[0] != 0 ? texts->time : NULL,
        .category = texts->category[0] != 0 ? texts->category : NULL,
        .tokens = tokens,
        .token_count = form->token_count,
        .receipt = &texts->keys,
        /* One page, one slot. */
        .once = form->slot,
        .sends_files_again = true,
    };
    if (osk_submit(parts->submitter, &draft, take_submitted, form) != OSK_OK) {
        give_up(form, OSK_PROBLEM_BUSY);
    }
}

static void take_receipt(void *context, const OskReceipt *receipt)
{
    OskForm *form = context;
    bool goes_on = receipt != NULL && form->token_count > 0;
    (goes_on ? osk_work_pass_on : osk_work_end)(form->drop->parts.admission, OSK_WORK_RECEIPT);
    if (receipt == NULL) {
        give_up(form, OSK_PROBLEM_BUSY);
        return;
    }
    form->texts->keys = *receipt;
    form->errand.run = submit;
    osk_errands_add(form->drop->parts.errands, &form->errand);
}

/* The receipt of the form as its eight words; one of our own where none came, since a sender
 * without one could never come back. */
static bool settle_receipt(OskForm *form)
{
    char words[OSK_RECEIPT_TEXT_BYTES];
    unsigned wrong = 0;
    bool settled = form->texts->receipt[0] != 0
                       ? osk_receipt_read(words, form->texts->receipt, &wrong)
                       : osk_receipt_draw(words, form->drop->parts.random) == OSK_OK;
    memcpy(form->texts->receipt, words, sizeof(words));
    osk_seal_wipe(words, sizeof(words));
    return settled;
}

/* Categories that are none of the operator's are not kept: the list may have changed meanwhile. */
static void settle_category(OskForm *form)
{
    const OskIntakeOptions *options = &form->settings->options;
    for (size_t i = 0; i < options->category_count; i++) {
        if (strcmp(options->categories[i].id, form->texts->category) == 0) {
            if (options->categories[i].paused && form->token_count > 0) {
                form->problem = OSK_PROBLEM_CATEGORY_PAUSED;
            }
            return;
        }
    }
    form->texts->category[0] = 0;
}

static void work(OskForm *form)
{
    if (form->problem == OSK_PROBLEM_NONE) {
        form->problem = form->refused;
    }
    if (form->problem == OSK_PROBLEM_NONE && osk_form_is_empty(form)) {
        form->problem = OSK_PROBLEM_EMPTY;
    }
    if (form->problem == OSK_PROBLEM_NONE) {
        settle_category(form);
    }
    if (form->problem == OSK_PROBLEM_NONE && !settle_receipt(form)) {
        form->problem = OSK_PROBLEM_RECEIPT;
    }
    if (form->problem != OSK_PROBLEM_NONE) {
        answer_problem(form);
        return;
    }
    form->phase = OSK_FORM_WORKING;
    /* The body's place is given back before work takes its own. */
    osk_turn_end(&form->turn);
    const OskIntakeParts *parts = &form->drop->parts;
    osk_request_pause(form->request);
    osk_work_begin(parts->admission, OSK_WORK_RECEIPT);
    if (osk_receipt_derive(parts->receipts, form->texts->receipt, take_receipt, form) != OSK_OK) {
        osk_work_end(parts->admission, OSK_WORK_RECEIPT);
        give_up(form, OSK_PROBLEM_BUSY);
    }
}

/* ---- the request ---- */

static void wake(void *context)
{
    osk_request_resume(context);
}

/* A slot that is too old, used or not ours is a form without one: it waits like everybody else, but
 * nobody's words are thrown away. What was sent with it before is told by submission_run.c. */
static bool begin_turn(OskForm *form)
{
    const char *slot = osk_request_query(form->request, "slot");
    OskFault fault = { 0 };
    if (osk_turn_begin(form->drop->parts.admission, osk_request_length(form->request), false,
                       &form->turn, NULL, &fault) != OSK_OK) {
        return false;
    }
    size_t len = slot != NULL ? strlen(slot) : 0;
    if (len > 0 && len < sizeof(form->slot)) {
        memcpy(form->slot, slot, len + 1);
        osk_turn_slot(form->turn, form->slot);
    }
    return true;
}

/* What the length of the body says of its files, before one has come. How many they are nobody
 * knows: while room is short, small means all of them together. */
static OskProblem foresee(OskForm *form)
{
    const OskIntakeOptions *options = &form->settings->options;
    uint64_t len = osk_request_length(form->request);
    if (len == UINT64_MAX || len <= AROUND_BYTES) {
        return OSK_PROBLEM_NONE;
    }
    len -= AROUND_BYTES;
    if (len > options->submission_max) {
        return OSK_PROBLEM_TOO_LONG;
    }
    if (options->pause_large && len > OSK_FORM_SMALL_BYTES) {
        return OSK_PROBLEM_LARGE_PAUSED;
    }
    form->announced = len;
    return OSK_PROBLEM_NONE;
}

static void begin(void *context, OskRequest *request)
{
    OskDrop *drop = context;
    OskForm *form = calloc(1, sizeof(*form));
    osk_request_set_state(request, form);
    if (form == NULL) {
        osk_request_answer(request, &(OskAnswer){ .status = 503 });
        return;
    }
    form->drop = drop;
    form->request = request;
    form->settings = osk_drop_settings(drop);
    form->language = osk_drop_language(request, form->settings);
    OskMultipartEvents events = osk_form_events(form);
    OskFault fault = { 0 };
    if (osk_multipart_open(&form->multipart, osk_request_header(request, "Content-Type"), &events,
                           &fault) != OSK_OK) {
        form->problem = OSK_PROBLEM_FORM;
        return;
    }
    form->refused = begin_turn(form) ? OSK_PROBLEM_NONE : OSK_PROBLEM_BUSY;
    form->without_files = foresee(form);
}

/* Behind a problem nothing is kept: a short body is read to its end, so that the answer is seen. */
static size_t drain(OskForm *form, size_t len)
{
    form->drained += len;
    uint64_t announced = osk_request_length(form->request);
    bool is_long = announced == UINT64_MAX ? form->drained > DRAIN_BYTES
                                           : announced - form->seen > DRAIN_BYTES;
    if (is_long && form->phase == OSK_FORM_READING) {
        answer_problem(form);
    }
    return len;
}

static void run_store(OskErrand *errand)
{
    OskForm *form = (OskForm *)errand;
    osk_form_store(form);
    osk_request_resume(form->request);
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    OskForm *form = osk_request_state(request);
    if (form == NULL || form->phase == OSK_FORM_ANSWERED) {
        return len;
    }
    if (form->problem != OSK_PROBLEM_NONE) {
        return drain(form, len);
    }
    if (form->refused != OSK_PROBLEM_NONE && form->seen > AROUND_BYTES) {
        form->problem = form->refused;
        return drain(form, len);
    }
    if (form->granted == 0) {
        form->granted = form->turn != NULL ? osk_turn_take(form->turn, len, wake, request) : len;
        if (form->granted == 0) {
            osk_request_pause(request);
            return 0;
        }
    }
    size_t taken = 0;
    OskFault fault = { 0 };
    size_t fed = len < form->granted ? len : form->granted;
    OskStatus status = osk_multipart_feed(form->multipart, bytes, fed, &taken, &fault);
    form->granted -= taken;
    form->seen += taken;
    if (status != OSK_OK) {
        form->problem = form->problem != OSK_PROBLEM_NONE ? form->problem : OSK_PROBLEM_FORM;
        form->seen += len - taken;
        return drain(form, len);
    }
    if (form->wants_upload || form->wants_commit) {
        form->errand.run = run_store;
        osk_request_pause(request);
        osk_errands_add(form->drop->parts.errands, &form->errand);
    } else if (form->problem != OSK_PROBLEM_NONE) {
        drain(form, 0);
    }
    return taken;
}

static void end(void *context, OskRequest *request)
{
    (void)context;
    OskForm *form = osk_request_state(request);
    if (form == NULL || form->phase != OSK_FORM_READING) {
        return;
    }
    OskFault fault = { 0 };
    if (form->problem == OSK_PROBLEM_NONE && osk_multipart_end(form->multipart, &fault) != OSK_OK) {
        form->problem = OSK_PROBLEM_FORM;
    }
    work(form);
}

static void free_form(OskForm *form)
{
    osk_form_texts_free(&form->texts);
    osk_multipart_free(&form->multipart);
    osk_drop_settings_end(&form->settings);
    osk_seal_wipe(form, sizeof(*form));
    free(form);
}

static void run_drop(OskErrand *errand)
{
    OskForm *form = (OskForm *)errand;
    osk_form_drop(form);
    free_form(form);
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    OskForm *form = osk_request_state(request);
    if (form == NULL) {
        return;
    }
    osk_turn_end(&form->turn);
    if (form->upload != NULL || (form->token_count > 0 && !form->is_submitted)) {
        form->errand.run = run_drop;
        osk_errands_add(form->drop->parts.errands, &form->errand);
        return;
    }
    free_form(form);
}

const OskRoute osk_upload_form_route = {
    .path = "/submit",
    .methods = "POST",
    .begin = begin,
    .body = body,
    .end = end,
    .done = done,
};
