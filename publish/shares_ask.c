/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /s/ask: who has a link says what is wrong with what it leads to, before or behind the
 * button, and of sealed ones, too. What they ask is about the copy, unless the link is sealed. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "publish/ask.h"
#include "publish/grants.h"
#include "publish/shares.h"
#include "publish/small_form.h"
#include "store/day.h"

typedef struct Asking {
    OskErrand errand;
    OskTry turn;
    OskPublish *publish;
    OskRequest *request;
    OskSmallForm *form;
    OskAsk ask;
    bool has_opened; /* it comes from below a grant: the views may be used up */
} Asking;

/* What the form is about; false for what is neither a token nor a grant. */
static bool read_target(Asking *asking)
{
    const char *share = osk_small_form_value(asking->form, "share");
    const char *grant = osk_small_form_value(asking->form, "grant");
    asking->ask.space = OSK_SPACE_SHARE;
    asking->has_opened = grant != NULL;
    if (grant != NULL) {
        return osk_grant_read(asking->publish->grants, grant, strlen(grant), osk_now_ms(),
                              &asking->ask.target);
    }
    return share != NULL && osk_share_id(share, strlen(share), &asking->ask.target);
}

static OskProblem read_form(Asking *asking)
{
    if (!osk_ask_read(asking->form, &asking->ask)) {
        return OSK_PROBLEM_FORM;
    }
    return read_target(asking) ? OSK_PROBLEM_NO : OSK_PROBLEM_NONE;
}

/* Who opened it knows that it is there; who has the address alone is told no more than by it, so
 * that what the link leads to is looked at, too. */
static bool is_there(const Asking *asking, const OskShareFound *found, OskFault *fault)
{
    OskShareState state = osk_share_state(found, osk_day_today());
    bool is_sealed = (found->row.flags & OSK_SHARE_SEALED) != 0;
    OskFound piece;
    if (asking->has_opened || is_sealed) {
        /* Below a sealed link is no grant: its page asks when the last view may be used up, too. */
        return state == OSK_SHARE_IS_OPEN || state == OSK_SHARE_IS_USED;
    }
    if (state != OSK_SHARE_IS_OPEN ||
        !osk_shares_find(asking->publish, &found->share, &piece, fault)) {
        return false;
    }
    osk_found_end(&piece);
    return true;
}

/* Of a copy of ours somebody can do what is asked, wherever else it is shown, and when the link is
 * over, too; a sealed link is all that is known of what it leads to. */
static void go_on_to_copy(OskAsk *ask, const OskShareFound *found)
{
    if ((found->row.flags & OSK_SHARE_SEALED) == 0) {
        ask->space = OSK_SPACE_PUBLICATION;
        ask->target = found->share.publication;
    }
}

static Asking *asking_of(OskTry *turn)
{
    return (Asking *)((char *)turn - offsetof(Asking, turn));
}

static bool keep(OskTry *turn)
{
    Asking *asking = asking_of(turn);
    bool was_counted = false;
    if (osk_ask_keep(asking->publish, &asking->ask, &was_counted) == OSK_OK) {
        osk_request_add_header(asking->request, "X-Robots-Tag", OSK_ROBOTS_NONE);
        osk_ask_answer(asking->publish, asking->request, was_counted);
    } else {
        osk_shares_problem(asking->publish, asking->request, OSK_PROBLEM_BUSY);
    }
    osk_request_resume(asking->request);
    return true;
}

static void refuse(OskTry *turn)
{
    Asking *asking = asking_of(turn);
    osk_shares_problem(asking->publish, asking->request, OSK_PROBLEM_BUSY);
    osk_request_resume(asking->request);
}

/* What is there waits for its turn. */
static void look(OskErrand *errand)
{
    Asking *asking = (Asking *)errand;
    OskPublish *publish = asking->publish;
    OskFault fault = { 0 };
    OskShareFound found;
    if (osk_share_find(publish->store, &asking->ask.target, &found, &fault) &&
        is_there(asking, &found, &fault)) {
        go_on_to_copy(&asking->ask, &found);
        asking->turn.run = keep;
        asking->turn.refuse = refuse;
        osk_tries_add(publish->asks, &asking->turn, &asking->ask.target,
                      sizeof(asking->ask.target));
        return;
    }
    if (fault.status != OSK_OK) {
        osk_shares_problem(publish, asking->request, OSK_PROBLEM_BUSY);
    } else {
        osk_shares_gone(publish, asking->request);
    }
    osk_request_resume(asking->request);
}

/* ---- the request ---- */

static void begin(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Asking *asking = osk_shares_begin(publish, request, sizeof(*asking));
    if (asking == NULL) {
        return;
    }
    asking->publish = publish;
    asking->request = request;
    asking->form = osk_small_form_begin(request);
    if (asking->form == NULL) {
        osk_shares_problem(publish, request, OSK_PROBLEM_FORM);
    }
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    Asking *asking = osk_request_state(request);
    if (asking != NULL && !osk_small_form_take(&asking->form, bytes, len)) {
        osk_shares_problem(context, request, OSK_PROBLEM_FORM);
    }
    return len;
}

static void end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Asking *asking = osk_request_state(request);
    if (asking == NULL || asking->form == NULL) {
        return;
    }
    OskProblem problem = read_form(asking);
    if (problem == OSK_PROBLEM_NONE) {
        osk_shares_gone(publish, request);
    } else if (problem != OSK_PROBLEM_NO) {
        osk_shares_problem(publish, request, problem);
    } else {
        asking->errand.run = look;
        osk_request_pause(request);
        osk_errands_add(publish->errands, &asking->errand);
    }
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    Asking *asking = osk_request_state(request);
    if (asking != NULL) {
        osk_small_form_free(&asking->form);
        free(asking);
    }
}

const OskRoute osk_shares_ask_route = {
    .path = "/s/ask",
    .methods = "POST",
    .begin = begin,
    .body = body,
    .end = end,
    .done = done,
};
