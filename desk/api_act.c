/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deciding, and taking it back. */
#include "desk/call.h"

#include <stdlib.h>
#include <string.h>

#include "desk/act.h"
#include "desk/hex.h"

/* 500 ids of 32 letters, what was seen of each, and what stands between them. */
#define BODY_MAX ((size_t)64 * 1024)

static OskAct act_of(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    return (OskAct){ .store = desk->store,
                     .audit = desk->audit,
                     .random = &desk->random,
                     .who = &call->session.reviewer };
}

static void answer_done(OskDeskCall *call, const OskActDone *done)
{
    char operation[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *json = osk_json_object("oilskin/done/1");
    osk_hex_write(&done->operation, sizeof(done->operation), operation);
    /* What changed nothing can't be undone. */
    osk_json_set_text(json, "operation", done->changed > 0 ? operation : NULL);
    osk_json_set_whole(json, "changed", done->changed);
    osk_json_set_whole(json, "skipped", done->skipped);
    osk_desk_done(call, json);
}

/* ---- POST /api/act ---- */

typedef struct Finding {
    const OskJson *entry;
    OskActTarget *target;
    bool is_file;
    bool says_seen;
} Finding;

/* As many as were seen, of those that are there. False when it is not said. */
static bool read_seen(const OskJson *entry, const char *key, uint32_t there, uint32_t *out)
{
    uint64_t seen = 0;
    bool says = osk_json_whole(osk_json_get(entry, key), &seen);
    *out = seen < there ? (uint32_t)seen : there;
    return says;
}

static void take_target(void *context, const OskModelRow *row)
{
    Finding *finding = context;
    OskActTarget *target = finding->target;
    uint32_t samples = 0;
    finding->is_file = row->file != NULL;
    if (target->is_submission) {
        finding->says_seen =
            read_seen(finding->entry, "messages", row->messages, &target->messages);
        return;
    }
    target->is_dismissed = row->state == OSK_VIEW_DISMISSED;
    finding->says_seen = read_seen(finding->entry, "uncaught", row->uncaught, &target->uncaught) &&
                         read_seen(finding->entry, "samples", row->samples, &samples);
    target->has_unseen = samples < row->samples;
    target->sampled = row->sampled;
}

/* The id of a file that is folded is none of a cluster. */
static bool find_target(OskDeskCall *call, Finding *finding)
{
    OskFault fault = { 0 };
    OskModel *model = call->desk->model;
    const OskId *id = &finding->target->id;
    return finding->target->is_submission
               ? osk_model_find(model, id, take_target, finding, &fault) && !finding->is_file
               : osk_model_cluster(model, id, take_target, finding, &fault);
}

/* An id, or an object with it and what was seen. */
static bool read_id(const OskJson *entry, OskId *out)
{
    const OskJson *id = osk_json_text(entry) != NULL ? entry : osk_json_get(entry, "id");
    return osk_hex_read(osk_json_text(id), out, sizeof(*out));
}

/* What is gone meanwhile is left out: it can't be decided about. False for what is no id, or
 * doesn't say what was seen where it must. */
static bool read_targets(OskDeskCall *call, const char *key, bool are_submissions,
                         OskActTarget *targets, size_t *count)
{
    const OskJson *list = osk_json_get(call->base.json, key);
    bool hides = osk_act_hides(osk_desk_text(call, "do"));
    if (list != NULL &&
        (!osk_json_is_list(list) || osk_json_count(list) > OSK_ACT_TARGETS_MAX - *count)) {
        return false;
    }
    for (size_t i = 0; i < osk_json_count(list); i++) {
        OskActTarget *target = &targets[*count];
        *target = (OskActTarget){ .is_submission = are_submissions };
        Finding finding = { .entry = osk_json_at(list, i), .target = target };
        if (!read_id(finding.entry, &target->id)) {
            return false;
        }
        if (find_target(call, &finding)) {
            if (hides && !finding.says_seen) {
                return false;
            }
            (*count)++;
        }
    }
    return true;
}

static bool is_twice(const OskActTarget *targets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (memcmp(&targets[i].id, &targets[j].id, sizeof(OskId)) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void do_deed(OskDeskCall *call, const char *deed, OskActTarget *targets)
{
    OskFault fault = { 0 };
    OskActDone done;
    size_t count = 0;
    const OskAct act = act_of(call);
    bool fits = read_targets(call, "clusters", false, targets, &count);
    size_t clusters = count;
    fits = fits && read_targets(call, "submissions", true, targets, &count);
    const OskActAsked asked = {
        .deed = deed, .reason = osk_desk_text(call, "reason"), .targets = targets, .count = count
    };
    if (!fits || is_twice(targets, count)) {
        osk_desk_refuse(call, 400, "What it is about must be at most 500 ids, each once",
                        "What is taken out of the queue says how much of it was seen");
    } else if ((clusters > 0 && !osk_act_is(deed, false)) ||
               (count > clusters && !osk_act_is(deed, true))) {
        osk_desk_refuse(call, 400, "This can't be done with what it is about",
                        "Files are dismissed, kept and flagged; submissions are held and seen");
    } else if (osk_act_do(&act, &asked, &done, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        answer_done(call, &done);
    }
}

static void run_act(OskDeskCall *call)
{
    const char *deed = osk_desk_text(call, "do");
    OskActTarget *targets = NULL;
    if (deed == NULL || (!osk_act_is(deed, false) && !osk_act_is(deed, true))) {
        osk_desk_refuse(call, 400, "There is no such deed", NULL);
        return;
    }
    targets = calloc(OSK_ACT_TARGETS_MAX + 1, sizeof(*targets));
    if (targets == NULL) {
        osk_desk_refuse(call, 503, "The server has no memory left", "Try again in a minute");
        return;
    }
    do_deed(call, deed, targets);
    free(targets);
}

/* ---- POST /api/undo ---- */

static void run_undo(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskActDone done;
    OskId operation;
    const OskAct act = act_of(call);
    if (!osk_hex_read(osk_desk_text(call, "operation"), &operation, sizeof(operation))) {
        osk_desk_refuse(call, 400, "An operation is named by its id", NULL);
        return;
    }
    OskStatus status = osk_act_undo(&act, &operation, &done, &fault);
    if (status == OSK_MISUSE) {
        osk_desk_refuse(call, 404, "There is no such operation, or it is undone already", NULL);
    } else if (status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        answer_done(call, &done);
    }
}

/* ---- the endpoints ---- */

static const char *const act_keys[] = { "do", "clusters", "submissions", "reason", NULL };
static const char *const undo_keys[] = { "operation", NULL };

const OskDeskEndpoint osk_desk_act_endpoints[] = {
    { "/api/act", "POST", act_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_act },
    { "/api/undo", "POST", undo_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_undo },
};
const size_t osk_desk_act_count =
    sizeof(osk_desk_act_endpoints) / sizeof(osk_desk_act_endpoints[0]);
