/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/upload_sending.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((uint64_t)4 * 1024 * 1024 * 1024)
#define SUBMISSION_MAX ((uint64_t)16 * 1024 * 1024 * 1024)
#define LARGE ((uint64_t)32 * 1024 * 1024)

/* What the operator allows, copied so that a reload does not wait for requests. */
typedef struct Rules {
    uint64_t file_max;
    bool pause_large;
    bool seal_on_device;
    size_t category_count;
    OskCategory categories[OSK_INTAKE_CATEGORIES_MAX];
} Rules;

struct OskTus {
    OskIntakeParts parts;
    OskFinished *finished;
    pthread_mutex_t lock;
    Rules rules; /* under `lock` */
    OskRoute routes[OSK_TUS_ROUTES];
};

static void answer(OskSending *sending)
{
    sending->stage = OSK_STAGE_ANSWERED;
    osk_upload_answer(sending->visit.request, &sending->ask, &sending->result);
}

static bool knows_category(const Rules *rules, const char *id, bool *out_paused)
{
    for (size_t i = 0; i < rules->category_count; i++) {
        if (strcmp(rules->categories[i].id, id) == 0) {
            *out_paused = rules->categories[i].paused;
            return true;
        }
    }
    return false;
}

/* What the operator's rules say of a creation. */
static bool is_allowed(OskSending *sending, const Rules *rules)
{
    const OskUploadAsk *ask = &sending->ask;
    bool is_paused = false;
    if (ask->len != UINT64_MAX && ask->len > rules->file_max) {
        osk_sending_refuse(sending, 413, "The file is larger than this drop takes",
                           "Cut the recording, or send its most important part");
    } else if (ask->metadata.category[0] != 0 &&
               !knows_category(rules, ask->metadata.category, &is_paused)) {
        osk_sending_refuse(sending, 400, "The category in Upload-Metadata is none of this drop's",
                           "GET /api/drop lists them");
    } else if (ask->metadata.is_sealed && !rules->seal_on_device) {
        osk_sending_refuse(sending, 400, "This drop seals on arrival, not on the device",
                           "Leave sealed out of Upload-Metadata");
    } else if (is_paused) {
        osk_sending_refuse(sending, 422, "This category takes no files until there is less to do",
                           "Keep the file, and try again in some hours");
    } else if (rules->pause_large && ask->len != UINT64_MAX && ask->len > LARGE) {
        osk_sending_refuse(sending, 507, "Files above 32 MiB wait until there is less to do",
                           "Keep the file, and try again in some hours");
    }
    /* Metadata of a whole stands at the whole, not at its parts. */
    if (sending->result.refusal.status == 0 && !ask->is_partial && !ask->metadata.is_sealed &&
        !ask->metadata.is_original && !osk_submitter_can_scrub(sending->parts->submitter)) {
        OskFault fault = { 0 };
        osk_submit_fail_scrub(&fault);
        osk_sending_refuse_fault(sending, &fault);
    }
    return sending->result.refusal.status == 0;
}

static void copy_rules(OskTus *tus, Rules *out)
{
    pthread_mutex_lock(&tus->lock);
    *out = tus->rules;
    pthread_mutex_unlock(&tus->lock);
}

static void hand_over(OskSending *sending, void (*step)(OskErrand *errand))
{
    sending->stage = OSK_STAGE_AWAY;
    osk_visit_hand_over(&sending->visit, step);
}

static OskSendingStage enter(OskSending *sending)
{
    OskDoor door = osk_visit_enter(&sending->visit, &sending->result.retry_s);
    if (door == OSK_DOOR_OPEN) {
        sending->result.retry_s = 0;
        hand_over(sending,
                  sending->ask.verb == OSK_UPLOAD_CREATE ? osk_step_create : osk_step_append);
        return OSK_STAGE_AWAY;
    }
    if (door == OSK_DOOR_LATER) {
        osk_sending_refuse(sending, 503, "Many are sending now",
                           "Your place comes: try again soon");
        answer(sending);
        return OSK_STAGE_ANSWERED;
    }
    return OSK_STAGE_DOOR;
}

/* One step, if there is one to take on this thread; then where it is. What is away is not looked
 * at: another thread has it. */
static OskSendingStage advance(OskSending *sending)
{
    OskSendingStage stage = osk_visit_is_away(&sending->visit) ? OSK_STAGE_AWAY : sending->stage;
    if (stage == OSK_STAGE_DOOR) {
        return enter(sending);
    }
    if (stage == OSK_STAGE_READY) {
        answer(sending);
        return OSK_STAGE_ANSWERED;
    }
    return stage;
}

static void begin_turn(OskSending *sending)
{
    OskFault fault = { 0 };
    if (osk_turn_begin(sending->parts->admission, sending->ask.body_len, false,
                       &sending->visit.turn, &sending->result.retry_s, &fault) != OSK_OK) {
        unsigned retry_s = sending->result.retry_s;
        osk_sending_refuse_fault(sending, &fault);
        sending->result.retry_s = retry_s > 0 ? retry_s : OSK_BUSY_RETRY_S;
        answer(sending);
        return;
    }
    if (sending->ask.verb == OSK_UPLOAD_APPEND) {
        uint8_t key[OSK_TICKET_KEY_BYTES];
        osk_visit_key(sending->ask.token, key);
        osk_turn_claim(sending->visit.turn, key);
    }
    sending->stage = OSK_STAGE_DOOR;
    advance(sending);
}

static void begin(void *context, OskRequest *request)
{
    OskTus *tus = context;
    OskSending *sending = calloc(1, sizeof(*sending));
    if (sending == NULL) {
        osk_request_answer(request, &(OskAnswer){ .status = 503, .close = true });
        return;
    }
    Rules rules;
    copy_rules(tus, &rules);
    sending->parts = &tus->parts;
    sending->finished = tus->finished;
    sending->result.max = rules.file_max;
    osk_visit_begin(&sending->visit, tus->parts.errands, request, osk_sending_close);
    osk_request_set_state(request, sending);
    OskUploadAsk *ask = &sending->ask;
    if (!osk_upload_ask_read(ask, request, &sending->result.refusal) ||
        ask->verb == OSK_UPLOAD_OPTIONS ||
        (ask->verb == OSK_UPLOAD_CREATE && !is_allowed(sending, &rules))) {
        answer(sending);
    } else if (ask->verb == OSK_UPLOAD_LOOK) {
        hand_over(sending, osk_step_look);
    } else if (ask->verb == OSK_UPLOAD_DROP) {
        hand_over(sending, osk_step_drop);
    } else {
        begin_turn(sending);
    }
}

/* How many of `len` bytes may be written before something else must happen. 0 with a refusal, or
 * when it is time to save. */
static size_t room(OskSending *sending, size_t len)
{
    const OskUploadState *state = &sending->result.state;
    uint64_t end = state->len != UINT64_MAX ? state->len : sending->result.max;
    /* Less than has come, where the limit fell meanwhile. */
    uint64_t there = state->offset + sending->unsaved;
    uint64_t left = end > there ? end - there : 0;
    if (left == 0) {
        if (state->len != UINT64_MAX) {
            osk_sending_refuse_length(sending);
        } else {
            osk_sending_refuse(sending, 413, "The file is larger than this drop takes", NULL);
        }
        return 0;
    }
    if (!sending->holds_back && left > OSK_SPOOL_SEGMENT_BYTES - sending->unsaved) {
        left = OSK_SPOOL_SEGMENT_BYTES - sending->unsaved;
    }
    return left < len ? (size_t)left : len;
}

static size_t write_piece(OskSending *sending, const uint8_t *bytes, size_t len)
{
    OskFault fault = { 0 };
    size_t taken = 0;
    if (osk_upload_is_wanted(sending->upload)) {
        osk_sending_refuse(sending, 503, "Another request sends this upload, or the server stops",
                           "Ask with HEAD, and go on from there");
        sending->result.retry_s = OSK_BUSY_RETRY_S;
        return 0;
    }
    OskStatus status = osk_upload_write(sending->upload, bytes, len, &taken, &fault);
    if (sending->digester != NULL) {
        osk_digester_add(sending->digester, bytes, taken);
    }
    sending->unsaved += taken;
    if (status != OSK_OK) {
        osk_sending_refuse_fault(sending, &fault);
    } else if (taken == 0 && sending->stood_still) {
        osk_sending_refuse(sending, 503, "The server has no room for more of this now",
                           "Try again later");
        sending->result.retry_s = OSK_BUSY_RETRY_S;
    }
    sending->stood_still = taken == 0;
    return taken;
}

static size_t take_piece(OskSending *sending, const uint8_t *bytes, size_t len)
{
    size_t allowed = room(sending, len);
    size_t taken = 0;
    if (allowed > 0) {
        taken = osk_visit_take(&sending->visit, allowed);
        if (taken == 0) {
            return 0;
        }
        taken = write_piece(sending, bytes, taken);
    }
    sending->took_bytes = sending->took_bytes || taken > 0;
    if (sending->result.refusal.status != 0) {
        hand_over(sending, osk_step_stop);
    } else if (taken == 0) {
        hand_over(sending, osk_step_save);
    }
    return taken;
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    OskSending *sending = osk_request_state(request);
    if (sending == NULL) {
        return len;
    }
    OskSendingStage stage = advance(sending);
    if (stage == OSK_STAGE_BODY) {
        if (sending->has_news) {
            osk_upload_announce(request, &sending->ask, &sending->result);
            sending->has_news = false;
        }
        return take_piece(sending, bytes, len);
    }
    return stage == OSK_STAGE_ANSWERED ? len : 0;
}

/* Tells the door of an upload that waits for another request. The one that submits it follows the
 * last byte, and does not wait again. */
static void stand_alone(OskSending *sending)
{
    const OskUploadState *state = &sending->result.state;
    const char *token = sending->ask.token[0] != 0 ? sending->ask.token : sending->result.token;
    uint8_t key[OSK_TICKET_KEY_BYTES];
    bool is_whole = sending->ask.completes || state->offset + sending->unsaved >= state->len;
    if ((state->flags & OSK_UPLOAD_PARTIAL) != 0) {
        osk_turn_is_alone(sending->visit.turn, NULL);
    } else if ((state->flags & OSK_UPLOAD_ATTACH) != 0) {
        osk_visit_key(token, key);
        osk_turn_is_alone(sending->visit.turn, is_whole ? key : NULL);
    }
}

static void end(void *context, OskRequest *request)
{
    (void)context;
    OskSending *sending = osk_request_state(request);
    if (sending == NULL) {
        return;
    }
    if (advance(sending) == OSK_STAGE_BODY) {
        stand_alone(sending);
        /* What follows takes no share of the network. */
        osk_turn_end(&sending->visit.turn);
        hand_over(sending, osk_step_finish);
    }
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    OskSending *sending = osk_request_state(request);
    if (sending == NULL) {
        return;
    }
    bool leaves_a_place = !osk_visit_is_away(&sending->visit) && sending->result.token[0] != 0 &&
                          !sending->took_bytes;
    uint8_t key[OSK_TICKET_KEY_BYTES];
    if (leaves_a_place) {
        osk_visit_key(sending->result.token, key);
    }
    osk_visit_done(&sending->visit, leaves_a_place ? key : NULL);
}

/* ---- the whole ---- */

/* An upload that no submission may hold would be of no use: most are one of their own. */
static uint64_t upload_max(const OskIntakeOptions *options)
{
    uint64_t file = options->file_max > 0 ? options->file_max : FILE_MAX;
    uint64_t all = options->submission_max > 0 ? options->submission_max : SUBMISSION_MAX;
    return file < all ? file : all;
}

void osk_tus_set(OskTus *tus, const OskIntakeOptions *options)
{
    pthread_mutex_lock(&tus->lock);
    tus->rules = (Rules){ .file_max = upload_max(options),
                          .pause_large = options->pause_large,
                          .seal_on_device = options->seal_on_device,
                          .category_count = options->category_count };
    memcpy(tus->rules.categories, options->categories, sizeof(tus->rules.categories));
    pthread_mutex_unlock(&tus->lock);
}

OskStatus osk_tus_open(OskTus **out, const OskIntakeParts *parts, const OskIntakeOptions *options)
{
    static const char *const paths[OSK_TUS_ROUTES] = { "/uploads/", "/uploads" };
    OskTus *tus = calloc(1, sizeof(*tus));
    if (tus != NULL) {
        tus->finished = osk_finished_open();
    }
    if (tus == NULL || tus->finished == NULL) {
        free(tus);
        return OSK_NO_MEMORY;
    }
    pthread_mutex_init(&tus->lock, NULL);
    tus->parts = *parts;
    osk_tus_set(tus, options);
    for (size_t i = 0; i < OSK_TUS_ROUTES; i++) {
        tus->routes[i] = (OskRoute){ .path = paths[i],
                                     .methods = "OPTIONS HEAD POST PATCH DELETE",
                                     .context = tus,
                                     .begin = begin,
                                     .body = body,
                                     .end = end,
                                     .done = done };
    }
    *out = tus;
    return OSK_OK;
}

const OskRoute *osk_tus_routes(const OskTus *tus)
{
    return tus->routes;
}

void osk_tus_close(OskTus **tus)
{
    if (*tus != NULL) {
        osk_finished_close(&(*tus)->finished);
        pthread_mutex_destroy(&(*tus)->lock);
        free(*tus);
        *tus = NULL;
    }
}
