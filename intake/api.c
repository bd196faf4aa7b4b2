/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoints of /api/. What a request is before and behind them stands in api_call.c. */
#include "intake/api.h"

#include "intake/api_call.h"
#include "intake/received.h"
#include "intake/tus_headers.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((uint64_t)4 * 1024 * 1024 * 1024)
#define SUBMISSION_MAX ((uint64_t)16 * 1024 * 1024 * 1024)
#define FILES_MAX 64u
#define PLACE_BYTES 512u
#define TIME_BYTES 128u
/* A proof is a number in decimal; more digits are no better. */
#define PROOF_BYTES 32u

/* ---- GET /api/drop ---- */

static OskJson *limits_json(const OskIntakeOptions *options)
{
    OskJson *limits = osk_json_object(NULL);
    osk_json_set_whole(limits, "file_bytes", options->file_max > 0 ? options->file_max : FILE_MAX);
    osk_json_set_whole(limits, "submission_bytes",
                       options->submission_max > 0 ? options->submission_max : SUBMISSION_MAX);
    osk_json_set_whole(limits, "files", options->files_max > 0 ? options->files_max : FILES_MAX);
    osk_json_set_whole(limits, "message_bytes", OSK_MESSAGE_BYTES);
    osk_json_set_whole(limits, "upload_days", OSK_SPOOL_EXPIRES_DAYS);
    osk_json_set_flag(limits, "large_paused", options->pause_large);
    return limits;
}

static OskJson *categories_json(const OskIntakeOptions *options)
{
    OskJson *categories = osk_json_list();
    for (size_t i = 0; i < options->category_count; i++) {
        OskJson *category = osk_json_object(NULL);
        osk_json_set_text(category, "id", options->categories[i].id);
        osk_json_set_text(category, "label", options->categories[i].label);
        osk_json_set_flag(category, "paused", options->categories[i].paused);
        osk_json_add(categories, category);
    }
    return categories;
}

static OskJson *recipients_json(OskApi *api)
{
    OskReaderList readers;
    OskJson *recipients = osk_json_list();
    osk_readers_get(&api->readers, &readers);
    for (size_t i = 0; i < readers.count; i++) {
        char text[OSK_RECIPIENT_TEXT_BYTES];
        osk_recipient_text(&readers.keys[i], text);
        OskJson *recipient = osk_json_object(NULL);
        osk_json_set_text(recipient, "age", text);
        osk_json_add(recipients, recipient);
    }
    return recipients;
}

/* Without those that it is sealed to, who change on their own. */
static OskJson *drop_json(const OskIntakeOptions *options)
{
    const OskIntakeNotice *notice = &options->notice;
    OskJson *drop = osk_json_object("oilskin/drop/1");
    osk_json_set_text(drop, "operator", notice->operator_name);
    osk_json_set_text(drop, "readers", notice->readers);
    osk_json_set_text(drop, "contact", notice->contact);
    osk_json_set_text(drop, "onion", notice->onion[0] != 0 ? notice->onion : NULL);
    osk_json_set_whole(drop, "retain_days", notice->retain_days);
    osk_json_set_flag(drop, "demo", notice->is_demo);
    osk_json_set_text(drop, "sealing", options->seal_on_device ? "device" : "arrival");
    osk_json_set(drop, "limits", limits_json(options));
    osk_json_set(drop, "categories", categories_json(options));
    return drop;
}

static void run_drop(OskApiCall *call)
{
    OskApi *api = call->api;
    OskFault fault = { 0 };
    OskJson *drop = NULL;
    pthread_mutex_lock(&api->lock);
    osk_json_read(&drop, api->drop, api->drop_len, &fault);
    pthread_mutex_unlock(&api->lock);
    osk_json_set(drop, "recipients", recipients_json(api));
    osk_api_done(call, drop);
}

/* ---- POST /api/slots ---- */

/* Leading zero bits of SHA-256 over "<slot>:<proof>". */
static unsigned measure_effort(const char *slot, const char *proof, uint8_t digest[32])
{
    OskSha256 hash;
    unsigned bits = 0;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, slot, strlen(slot));
    osk_sha256_add(&hash, ":", 1);
    osk_sha256_add(&hash, proof, strlen(proof));
    osk_sha256_end(&hash, digest);
    while (bits < 64 && (digest[bits / 8] & (0x80u >> bits % 8)) == 0) {
        bits++;
    }
    return bits;
}

/* A slot is exchanged once: one proof would buy priority for as many as one likes. */
static bool is_new_slot(OskApi *api, const char *slot)
{
    uint8_t digest[32];
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, slot, strlen(slot));
    osk_sha256_end(&hash, digest);
    pthread_mutex_lock(&api->lock);
    bool is_new = true;
    for (unsigned i = 0; i < OSK_API_SLOTS_SEEN && is_new; i++) {
        is_new = memcmp(api->slots_seen[i], digest, sizeof(api->slots_seen[i])) != 0;
    }
    if (is_new) {
        memcpy(api->slots_seen[api->slot_count++ % OSK_API_SLOTS_SEEN], digest,
               sizeof(api->slots_seen[0]));
    }
    pthread_mutex_unlock(&api->lock);
    return is_new;
}

/* False when that was refused. */
static bool read_effort(OskApiCall *call, unsigned *out_effort)
{
    const char *slot = osk_json_text(osk_json_get(call->base.json, "slot"));
    const char *proof = osk_json_text(osk_json_get(call->base.json, "proof"));
    uint8_t digest[32];
    int64_t wait_ms = 0;
    *out_effort = 0;
    if (slot == NULL && proof == NULL) {
        return true;
    }
    if (slot == NULL || proof == NULL || strlen(slot) >= OSK_SLOT_TEXT_BYTES ||
        strlen(proof) > PROOF_BYTES) {
        osk_api_refuse(call, 400, "A proof of work comes with the slot that it is for", NULL);
        return false;
    }
    OskSlotState state = osk_slot_look(call->api->parts.admission, slot, &wait_ms);
    if ((state != OSK_SLOT_EARLY && state != OSK_SLOT_GOOD) || !is_new_slot(call->api, slot)) {
        osk_api_refuse(call, 409, "This slot is over, or was exchanged already",
                       "Ask for a new one without a proof");
        return false;
    }
    *out_effort = measure_effort(slot, proof, digest);
    return true;
}

static void run_slots(OskApiCall *call)
{
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait_ms = 0;
    unsigned effort = 0;
    if (!read_effort(call, &effort)) {
        return;
    }
    if (osk_slot_issue(call->api->parts.admission, effort, slot, &wait_ms) != OSK_OK) {
        osk_api_refuse(call, 500, "The server could not do this", "Try again later");
        return;
    }
    OskJson *answer = osk_json_object("oilskin/slot/1");
    osk_json_set_text(answer, "slot", slot);
    osk_json_set_whole(answer, "wait_ms", wait_ms > 0 ? (uint64_t)wait_ms : 0);
    osk_json_set_whole(answer, "valid_ms", OSK_SLOT_MS);
    osk_api_done(call, answer);
}

/* ---- POST /api/submissions ---- */

static bool read_category(OskApiCall *call, const char **out)
{
    OskApi *api = call->api;
    bool is_known = false;
    bool is_paused = false;
    if (!osk_api_read_text(call, "category", OSK_CATEGORY_BYTES - 1, out)) {
        return false;
    }
    pthread_mutex_lock(&api->lock);
    for (size_t i = 0; i < api->category_count && *out != NULL; i++) {
        if (strcmp(api->categories[i].id, *out) == 0) {
            is_known = true;
            is_paused = api->categories[i].paused;
        }
    }
    pthread_mutex_unlock(&api->lock);
    if (*out != NULL && !is_known) {
        osk_api_refuse(call, 400, "The category is none of this drop's",
                       "GET /api/drop lists them");
        return false;
    }
    /* Words are never in the way. */
    if (is_paused && call->token_count > 0) {
        osk_api_refuse(call, 422, "This category takes no files until there is less to do",
                       "Send the words alone, and the files with their receipt in some hours");
        return false;
    }
    return true;
}

static bool read_uploads(OskApiCall *call)
{
    const OskJson *uploads = osk_json_get(call->base.json, "uploads");
    size_t count = osk_json_count(uploads);
    pthread_mutex_lock(&call->api->lock);
    size_t max = call->api->files_max;
    pthread_mutex_unlock(&call->api->lock);
    if ((uploads != NULL && !osk_json_is_list(uploads)) || count > max) {
        osk_api_refuse(call, 400, "The uploads are no list, or too many",
                       "GET /api/drop says the limits");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *url = osk_json_text(osk_json_at(uploads, i));
        if (url == NULL || !osk_tus_token(url, strlen(url), call->tokens[i])) {
            osk_api_refuse(call, 400, "The uploads must be addresses that a creation answered",
                           NULL);
            return false;
        }
    }
    call->token_count = count;
    return true;
}

static void submitted(void *context, const OskSubmitted *result)
{
    OskApiCall *call = context;
    if (osk_fault_is_withdrawn(&result->fault)) {
        osk_api_refuse_fault(call, &result->fault);
    } else if (result->status == OSK_AUTH || result->status == OSK_MISUSE) {
        osk_api_refuse(call, 409, "An upload is not there, or not complete",
                       "Ask for each with HEAD, send what is missing, then try again");
    } else if (result->status != OSK_OK) {
        osk_api_refuse_fault(call, &result->fault);
    } else {
        OskJson *received = osk_received_json(result->outcomes, result->count);
        if (call->drew_words) {
            osk_json_set_text(received, "receipt", call->words);
        }
        osk_api_done(call, received);
    }
}

static void submit(OskApiCall *call, const OskSubmissionDraft *draft)
{
    if (osk_submit(call->api->parts.submitter, draft, submitted, call) != OSK_OK) {
        call->base.retry_s = 60;
        osk_api_refuse(call, 503, "The server takes nothing new now", "Try again in a minute");
    }
}

/* What osk_api_read_text() let pass. */
static const char *text_of(const OskApiCall *call, const char *key)
{
    const char *text = osk_json_text(osk_json_get(call->base.json, key));
    return text == NULL || text[0] == 0 ? NULL : text;
}

/* What is not there any more counts nothing: the submitter knows what became of it. */
static bool is_too_large(OskApiCall *call)
{
    uint64_t sum = 0;
    pthread_mutex_lock(&call->api->lock);
    uint64_t max = call->api->submission_max;
    pthread_mutex_unlock(&call->api->lock);
    for (size_t i = 0; i < call->token_count; i++) {
        OskUploadState state = { 0 };
        OskFault fault = { 0 };
        if (osk_spool_look(call->api->parts.spool, call->tokens[i], &state, &fault) == OSK_OK) {
            sum += state.offset;
        }
    }
    return sum > max;
}

static void send_submission(OskErrand *errand)
{
    OskApiCall *call = (OskApiCall *)errand;
    const char *tokens[OSK_API_TOKENS_MAX];
    OskSubmissionDraft draft = { .tokens = tokens,
                                 .token_count = call->token_count,
                                 .receipt = &call->receipt };
    for (size_t i = 0; i < call->token_count; i++) {
        tokens[i] = call->tokens[i];
    }
    if (is_too_large(call)) {
        osk_api_refuse(call, 413, "These files together are more than one submission may hold",
                       "Send them in several, with the same receipt");
        return;
    }
    draft.message = text_of(call, "message");
    draft.place = text_of(call, "place");
    draft.time = text_of(call, "time");
    draft.category = text_of(call, "category");
    draft.once = text_of(call, "once");
    submit(call, &draft);
}

static void run_submissions(OskApiCall *call)
{
    const char *message = NULL;
    const char *place = NULL;
    const char *time = NULL;
    const char *category = NULL;
    const char *once = NULL;
    if (!osk_api_read_text(call, "once", OSK_API_ONCE_BYTES, &once) ||
        !osk_api_read_text(call, "message", OSK_MESSAGE_BYTES, &message) ||
        !osk_api_read_text(call, "place", PLACE_BYTES, &place) ||
        !osk_api_read_text(call, "time", TIME_BYTES, &time) || !read_uploads(call) ||
        !read_category(call, &category)) {
        return;
    }
    if (message == NULL && call->token_count == 0) {
        osk_api_refuse(call, 400, "There is neither a message nor an upload in it", NULL);
        return;
    }
    if (osk_json_get(call->base.json, "receipt") == NULL) {
        call->drew_words = osk_receipt_draw(call->words, call->api->parts.random) == OSK_OK;
        if (!call->drew_words) {
            osk_api_refuse(call, 500, "The server has no randomness", "Try again later");
            return;
        }
    } else if (!osk_api_read_receipt(call)) {
        return;
    }
    osk_api_derive(call, send_submission);
}

/* ---- the whole ---- */

static const char *const slot_keys[] = { "slot", "proof", NULL };
static const char *const receipt_keys[] = { "receipt", NULL };
static const char *const answer_keys[] = { "receipt", "message", "once", NULL };
static const char *const submission_keys[] = { "receipt",  "message", "place", "time",
                                               "category", "uploads", "once",  NULL };

static const OskApiEndpoint endpoints[OSK_API_ROUTES] = {
    { .path = "/api/drop", .methods = "GET HEAD", .run = run_drop },
    { .path = "/api/slots",
      .methods = "POST",
      .keys = slot_keys,
      .body_max = OSK_API_SMALL_BODY_MAX,
      .run = run_slots },
    { .path = "/api/drafts",
      .methods = "POST",
      .keys = receipt_keys,
      .body_max = OSK_API_SMALL_BODY_MAX,
      .has_door = true,
      .run = osk_api_run_drafts },
    { .path = "/api/submissions",
      .methods = "POST",
      .keys = submission_keys,
      .body_max = OSK_API_BODY_MAX,
      .has_door = true,
      .has_waited = true,
      .run = run_submissions },
    { .path = "/api/receipts",
      .methods = "POST",
      .keys = receipt_keys,
      .body_max = OSK_API_SMALL_BODY_MAX,
      .has_door = true,
      .run = osk_api_run_receipts },
    { .path = "/api/receipts/answer",
      .methods = "POST",
      .keys = answer_keys,
      .body_max = OSK_API_BODY_MAX,
      .has_door = true,
      .run = osk_api_run_answer },
    { .path = "/api/receipts/withdraw",
      .methods = "POST",
      .keys = receipt_keys,
      .body_max = OSK_API_SMALL_BODY_MAX,
      .has_door = true,
      .run = osk_api_run_withdraw },
};

static void begin(void *context, OskRequest *request)
{
    const char *path = osk_request_path(request);
    for (size_t i = 0; i < OSK_API_ROUTES; i++) {
        if (strcmp(path, endpoints[i].path) == 0) {
            osk_api_begin(context, request, &endpoints[i]);
            return;
        }
    }
    osk_request_answer(request, &(OskAnswer){ .status = 404 });
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    return osk_api_body(request, bytes, len);
}

static void end(void *context, OskRequest *request)
{
    (void)context;
    osk_api_end(request);
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    osk_api_over(request);
}

OskStatus osk_api_set(OskApi *api, const OskIntakeOptions *options)
{
    size_t len = 0;
    OskJson *drop = drop_json(options);
    char *text = osk_json_write(drop, &len);
    osk_json_free(&drop);
    if (text == NULL) {
        return OSK_NO_MEMORY;
    }
    pthread_mutex_lock(&api->lock);
    char *old = api->drop;
    api->drop = text;
    api->drop_len = len;
    api->files_max = options->files_max > 0 && options->files_max < OSK_API_TOKENS_MAX
                         ? options->files_max
                         : OSK_API_TOKENS_MAX;
    api->submission_max = options->submission_max > 0 ? options->submission_max : SUBMISSION_MAX;
    api->category_count = options->category_count;
    memcpy(api->categories, options->categories, sizeof(api->categories));
    pthread_mutex_unlock(&api->lock);
    osk_json_text_free(old);
    return OSK_OK;
}

void osk_api_set_readers(OskApi *api, const OskRecipient *recipients, size_t count)
{
    osk_readers_set(&api->readers, recipients, count);
}

OskStatus osk_api_open(OskApi **out, const OskIntakeParts *parts, const OskIntakeOptions *options)
{
    OskApi *api = calloc(1, sizeof(*api));
    if (api == NULL) {
        return OSK_NO_MEMORY;
    }
    pthread_mutex_init(&api->lock, NULL);
    osk_readers_begin(&api->readers, options->recipients, options->recipient_count);
    api->parts = *parts;
    for (size_t i = 0; i < OSK_API_ROUTES; i++) {
        api->routes[i] = (OskRoute){ .path = endpoints[i].path,
                                     .methods = endpoints[i].methods,
                                     .context = api,
                                     .begin = begin,
                                     .body = endpoints[i].keys == NULL ? NULL : body,
                                     .end = end,
                                     .done = done };
    }
    OskStatus status = osk_api_set(api, options);
    if (status != OSK_OK) {
        osk_api_close(&api);
    }
    *out = api;
    return status;
}

const OskRoute *osk_api_routes(const OskApi *api)
{
    return api->routes;
}

void osk_api_close(OskApi **api)
{
    if (*api != NULL) {
        osk_json_text_free((*api)->drop);
        osk_readers_end(&(*api)->readers);
        pthread_mutex_destroy(&(*api)->lock);
        free(*api);
        *api = NULL;
    }
}
