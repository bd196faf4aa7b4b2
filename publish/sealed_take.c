/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /s/x: an age file goes to the disk as it comes, and gets an address when it is durable. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "host/clock.h"
#include "host/random.h"
#include "http/json.h"
#include "oilskin/seal.h"
#include "publish/parts.h"
#include "publish/sealed.h"
#include "publish/sealed_quota.h"
#include "store/day.h"
#include "store/shares.h"

/* A write of the disk. */
#define PIECE_BYTES (256u * 1024)
/* Who has a place and is slower than that for a minute keeps others from it. */
#define LEAST_RATE (8u * 1024)
#define LEAST_AFTER_MS (60 * 1000)
/* What the drop needs of the disk comes first: this part of it stays free. */
#define DISK_PART 10u
#define VIEWS_MAX 1000u
/* A commit whose end is not known. */
#define AGAIN 4u

/* Of a file that is sealed to one key; how it goes on, only who has the key can say. */
static const char begins[] = "age-encryption.org/v1\n-> X25519 ";

typedef struct Taking {
    OskErrand errand;
    OskPublish *publish;
    OskRequest *request;
    OskBlobWriter *writer;
    uint64_t len;
    uint64_t came;
    int64_t begun_ms;
    unsigned days;
    uint32_t views;
    size_t held; /* of `piece` */
    bool is_claimed;
    bool is_answered;
    bool is_kept;
    uint8_t piece[PIECE_BYTES];
} Taking;

/* ---- answers ---- */

/* Words are for programs; the studio has its own. */
static void refuse(Taking *taking, unsigned status, const char *what)
{
    char text[128];
    int len = snprintf(text, sizeof(text), "{\"error\":\"%s\"}\n", what);
    taking->is_answered = true;
    if (status == 503) {
        osk_request_add_header(taking->request, "Retry-After", "60");
    }
    osk_request_answer(taking->request, &(OskAnswer){ .status = status,
                                                      .media_type = "application/json",
                                                      .bytes = text,
                                                      .len = (size_t)len,
                                                      .close = true });
}

static void refuse_fault(Taking *taking, const OskFault *fault)
{
    bool is_limit = fault->status == OSK_LIMIT;
    if (is_limit && fault->part != NULL && strcmp(fault->part, "quota") == 0) {
        refuse(taking, 507, "there is no room for more links right now");
    } else {
        refuse(taking, 503, is_limit ? "too many come right now" : "it could not be kept");
    }
}

static void tell(Taking *taking, const char *token, OskDay last)
{
    char day[OSK_DAY_TEXT_BYTES];
    char text[128];
    osk_day_write(last, day);
    int len =
        snprintf(text, sizeof(text), "{\"address\":\"/s/x/%s\",\"last_day\":\"%s\"}\n", token, day);
    taking->is_answered = true;
    osk_request_answer(taking->request, &(OskAnswer){ .status = 201,
                                                      .media_type = "application/json",
                                                      .bytes = text,
                                                      .len = (size_t)len });
    osk_seal_wipe(text, sizeof(text));
}

/* ---- what is asked ---- */

/* False for what is there and is no whole number from 1 to `max`. `out` stays without one. */
static bool read_number(OskRequest *request, const char *name, unsigned max, unsigned *out)
{
    const char *text = osk_request_query(request, name);
    unsigned value = 0;
    if (text == NULL) {
        return true;
    }
    for (const char *at = text; *at != 0; at++) {
        if (*at < '0' || *at > '9' || value > max) {
            return false;
        }
        value = value * 10 + (unsigned)(*at - '0');
    }
    *out = value;
    return value >= 1 && value <= max;
}

/* A page elsewhere can make a browser send a form here, but nothing of this type. */
static bool is_sealed_type(OskRequest *request)
{
    const char *type = osk_request_header(request, "Content-Type");
    return type != NULL && strcmp(type, "application/octet-stream") == 0;
}

/* 0, or the status of the refusal. */
static unsigned check(Taking *taking, const char **out_what)
{
    unsigned views = OSK_SHARE_VIEWS_ANY;
    *out_what = "this server takes no sealed links";
    if (!osk_publish_has_sealed(taking->publish)) {
        return 404;
    }
    taking->days = 1;
    taking->len = osk_request_length(taking->request);
    *out_what = "days are 1 to 7, views 1 to 1000";
    if (!read_number(taking->request, "days", OSK_SEALED_DAYS_MAX, &taking->days) ||
        !read_number(taking->request, "views", VIEWS_MAX, &views)) {
        return 400;
    }
    taking->views = views;
    *out_what = "an age file is sent as application/octet-stream";
    if (!is_sealed_type(taking->request)) {
        return 415;
    }
    *out_what = "its length must be said before it comes";
    if (taking->len == UINT64_MAX) {
        return 411;
    }
    *out_what = "it is no age file";
    if (taking->len < sizeof(begins)) {
        return 422;
    }
    *out_what = "it is longer than a sealed link may be";
    return taking->len > OSK_SEALED_BYTES_MAX ? 413 : 0;
}

/* ---- on a thread of errands ---- */

static bool has_disk(OskStore *store, uint64_t len)
{
    uint64_t free_bytes = 0;
    uint64_t total = 0;
    return osk_store_disk(store, &free_bytes, &total) && free_bytes > len &&
           free_bytes - len > total / DISK_PART;
}

static void admit(OskErrand *errand)
{
    Taking *taking = (Taking *)errand;
    OskPublish *publish = taking->publish;
    OskFault fault = { .status = OSK_OK };
    OskPublishSettings *settings = osk_publish_settings(publish);
    uint64_t total = settings->options.sealed_total;
    osk_publish_settings_end(&settings);
    OskClock clock = OSK_CLOCK_GOOD;
    if (osk_clock_look(publish->store, osk_day_today(), &clock, &fault) == OSK_OK &&
        clock != OSK_CLOCK_GOOD) {
        refuse(taking, 503, "the server doubts its clock, and no days can be counted from it");
        osk_request_resume(taking->request);
        return;
    }
    OskStatus status = fault.status == OSK_OK
                           ? osk_sealed_quota_claim(publish->sealed, taking->len, total, &fault)
                           : fault.status;
    taking->is_claimed = status == OSK_OK;
    if (status == OSK_OK && !has_disk(publish->store, taking->len)) {
        status = osk_fault_set(&fault, OSK_LIMIT, "quota", "the disk is filling up", OSK_NO_OFFSET);
    }
    if (status == OSK_OK) {
        status = osk_blob_begin(publish->store, taking->len, &taking->writer, &fault);
    }
    if (status != OSK_OK) {
        refuse_fault(taking, &fault);
    }
    osk_request_resume(taking->request);
}

static bool write_piece(Taking *taking)
{
    OskFault fault = { .status = OSK_OK };
    bool is_first = taking->came == taking->held;
    if (is_first && memcmp(taking->piece, begins, sizeof(begins) - 1) != 0) {
        refuse(taking, 422, "it is no age file that is sealed to one key");
        return false;
    }
    OskStatus status = osk_blob_write(taking->writer, taking->piece, taking->held, &fault);
    taking->held = 0;
    if (status != OSK_OK) {
        refuse_fault(taking, &fault);
    }
    return status == OSK_OK;
}

static void go_on(OskErrand *errand)
{
    Taking *taking = (Taking *)errand;
    (void)write_piece(taking);
    osk_request_resume(taking->request);
}

static OskStatus keep_row(Taking *taking, const OskId *id, const OskShare *share, const OskId *blob)
{
    OskId once;
    OskFault fault = { .status = OSK_OK };
    OskCommit commit = OSK_COMMIT_UNKNOWN;
    OskRecordRow row = { .key = { .space = OSK_SPACE_SHARE, .id = *id },
                         .day = share->made,
                         .flags = OSK_SHARE_SEALED,
                         .blob = *blob,
                         .sealed_len = taking->len };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &row };
    if (!osk_random_fill(NULL, &once, sizeof(once))) {
        return OSK_IO;
    }
    OskStatus status = osk_share_write(share, &row.bytes);
    for (unsigned i = 0; status == OSK_OK && commit == OSK_COMMIT_UNKNOWN && i < AGAIN; i++) {
        fault = (OskFault){ .status = OSK_OK };
        commit = osk_store_commit(taking->publish->store, &change, 1, &once, &fault);
    }
    osk_bytes_clear(&row.bytes);
    taking->is_kept = commit != OSK_COMMIT_CONFLICT && status == OSK_OK;
    return status == OSK_OK && commit != OSK_COMMIT_OK ? OSK_IO : status;
}

/* Days are whole ones, and seven at most from now on: the last of seven is the sixth behind today.
 */
static OskDay last_day(OskDay today, unsigned days)
{
    return today + (OskDay)(days < OSK_SEALED_DAYS_MAX ? days : OSK_SEALED_DAYS_MAX - 1);
}

static void keep(Taking *taking)
{
    const OskRandom random = { .fill = osk_random_fill };
    OskFault fault = { .status = OSK_OK };
    char token[OSK_SHARE_TOKEN_BYTES];
    OskId id;
    OskId blob;
    OskShare share = { .made = osk_day_today(), .views = taking->views };
    share.expires = last_day(share.made, taking->days);
    OskStatus status = osk_blob_commit(&taking->writer, UINT64_MAX, &blob, &fault);
    bool has_blob = status == OSK_OK;
    if (status == OSK_OK) {
        status = osk_share_draw(token, &random);
    }
    if (status == OSK_OK) {
        status = osk_share_id(token, OSK_SHARE_TOKEN_LETTERS, &id)
                     ? keep_row(taking, &id, &share, &blob)
                     : OSK_BUG;
    }
    if (status == OSK_OK) {
        tell(taking, token, share.expires);
    } else {
        refuse_fault(taking, &(OskFault){ .status = OSK_IO });
    }
    if (has_blob && !taking->is_kept) {
        (void)osk_blob_delete(taking->publish->store, &blob, &fault);
    }
    osk_seal_wipe(token, sizeof(token));
}

static void finish(OskErrand *errand)
{
    Taking *taking = (Taking *)errand;
    if (taking->held == 0 || write_piece(taking)) {
        keep(taking);
    }
    osk_request_resume(taking->request);
}

static void hand_over(Taking *taking, void (*run)(OskErrand *errand))
{
    taking->errand.run = run;
    osk_request_pause(taking->request);
    osk_errands_add(taking->publish->errands, &taking->errand);
}

/* ---- the route ---- */

static void begin(void *context, OskRequest *request)
{
    const char *what = NULL;
    Taking *taking = calloc(1, sizeof(*taking));
    osk_request_set_state(request, taking);
    if (taking == NULL) {
        osk_request_answer(request, &(OskAnswer){ .status = 503, .close = true });
        return;
    }
    taking->publish = context;
    taking->request = request;
    taking->begun_ms = osk_now_ms();
    unsigned status = check(taking, &what);
    if (status != 0) {
        refuse(taking, status, what);
    } else {
        hand_over(taking, admit);
    }
}

static bool is_too_slow(const Taking *taking)
{
    int64_t ms = osk_now_ms() - taking->begun_ms;
    return ms > LEAST_AFTER_MS && taking->came < (uint64_t)ms / 1000 * LEAST_RATE;
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    Taking *taking = osk_request_state(request);
    if (taking == NULL || taking->is_answered) {
        return len;
    }
    if (is_too_slow(taking)) {
        refuse(taking, 408, "it came too slowly");
        return len;
    }
    size_t room = sizeof(taking->piece) - taking->held;
    size_t taken = len < room ? len : room;
    memcpy(taking->piece + taking->held, bytes, taken);
    taking->held += taken;
    taking->came += taken;
    if (taking->held == sizeof(taking->piece)) {
        hand_over(taking, go_on);
    }
    return taken;
}

static void end(void *context, OskRequest *request)
{
    (void)context;
    Taking *taking = osk_request_state(request);
    if (taking != NULL && !taking->is_answered) {
        hand_over(taking, finish);
    }
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)whole;
    OskPublish *publish = context;
    Taking *taking = osk_request_state(request);
    if (taking == NULL) {
        return;
    }
    osk_blob_abort(&taking->writer);
    if (taking->is_claimed) {
        osk_sealed_quota_settle(publish->sealed, taking->len, taking->is_kept);
    }
    free(taking);
}

const OskRoute osk_sealed_take_route = {
    .path = "/s/x",
    .methods = "POST",
    .begin = begin,
    .body = body,
    .end = end,
    .done = done,
};

/* ---- the studio's question ---- */

static void offer(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    OskPublishSettings *settings = osk_publish_settings(publish);
    OskJson *said = osk_json_object(NULL);
    if (settings->options.sealed_links) {
        OskJson *limits = osk_json_object(NULL);
        osk_json_set_whole(limits, "file_max", OSK_SEALED_FILE_MAX);
        osk_json_set_whole(limits, "days_max", OSK_SEALED_DAYS_MAX);
        osk_json_set(said, "sealed_links", limits);
    }
    if (settings->options.is_demo) {
        osk_json_set_flag(said, "demo", true);
    }
    osk_publish_settings_end(&settings);
    size_t len = 0;
    char *text = osk_json_write(said, &len);
    osk_json_free(&said);
    osk_request_answer(request, &(OskAnswer){ .status = text != NULL ? 200 : 503,
                                              .media_type = "application/json",
                                              .bytes = text,
                                              .len = len });
    osk_json_text_free(text);
}

const OskRoute osk_sealed_offer_route = {
    .path = "/studio/sharing.json",
    .methods = "GET HEAD",
    .begin = offer,
};
