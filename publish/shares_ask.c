/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /s/ask: who has a link says what is wrong with what it leads to, before or behind the
 * button, and of sealed ones, too. What they ask is about the copy, unless the link is sealed. */
#include <string.h>

#include "host/clock.h"
#include "publish/ask.h"
#include "publish/grants.h"
#include "publish/shares.h"
#include "store/day.h"

/* The link, by its token or by a grant; false for what is neither.
 * @param out_opened it comes from below a grant: the views may be used up */
static bool read_share(OskPublish *publish, const OskSmallForm *form, OskId *out, bool *out_opened)
{
    const char *share = osk_small_form_value(form, "share");
    const char *grant = osk_small_form_value(form, "grant");
    *out_opened = grant != NULL;
    if (grant != NULL) {
        return osk_grant_read(publish->grants, grant, strlen(grant), osk_wall_ms(), out);
    }
    return share != NULL && osk_share_id(share, strlen(share), out);
}

/* Who opened it knows that it is there; who has the address alone is told no more than by it, so
 * that what the link leads to is looked at, too. */
static bool is_there(OskPublish *publish, const OskShareFound *found, bool has_opened,
                     OskFault *fault)
{
    OskShareState state = osk_share_state(found, osk_day_today());
    bool is_sealed = (found->row.flags & OSK_SHARE_SEALED) != 0;
    OskFound piece;
    if (has_opened || is_sealed) {
        /* Below a sealed link is no grant: its page asks when the last view may be used up, too. */
        return state != OSK_SHARE_IS_ENDED && state != OSK_SHARE_IS_EXPIRED;
    }
    /* Whether a link opens may be doubted by its day; what somebody asks for is taken. */
    if ((state != OSK_SHARE_IS_OPEN && state != OSK_SHARE_IS_DOUBTED) ||
        !osk_shares_find(publish, &found->share, &piece, fault)) {
        return false;
    }
    osk_found_end(&piece);
    return true;
}

/* Of a copy of ours somebody can do what is asked, wherever else it is shown, and when the link is
 * over, too; a sealed link is all that is known of what it leads to. */
static void say_target(OskAsk *ask, const OskShareFound *found, const OskId *share)
{
    bool is_sealed = (found->row.flags & OSK_SHARE_SEALED) != 0;
    ask->space = is_sealed ? OSK_SPACE_SHARE : OSK_SPACE_PUBLICATION;
    ask->target = is_sealed ? *share : found->share.publication;
    ask->kind |= is_sealed ? 0 : OSK_ASKED_BY_LINK;
}

static OskProblem find(OskPublish *publish, const OskSmallForm *form, OskAsk *ask)
{
    OskFault fault = { 0 };
    OskShareFound found;
    OskId share;
    bool has_opened = false;
    if (!read_share(publish, form, &share, &has_opened)) {
        return OSK_PROBLEM_NONE;
    }
    if (osk_share_find(publish->store, &share, &found, &fault) &&
        is_there(publish, &found, has_opened, &fault)) {
        say_target(ask, &found, &share);
        return OSK_PROBLEM_NO;
    }
    return fault.status != OSK_OK ? OSK_PROBLEM_BUSY : OSK_PROBLEM_NONE;
}

static void refuse(OskPublish *publish, OskRequest *request, OskProblem problem)
{
    if (problem == OSK_PROBLEM_NONE) {
        osk_shares_gone(publish, request);
    } else {
        osk_shares_problem(publish, request, problem);
    }
}

static const OskAskDoor door = { .find = find, .refuse = refuse, .is_private = true };

static void begin(void *context, OskRequest *request)
{
    osk_ask_begin(&door, context, request);
}

const OskRoute osk_shares_ask_route = {
    .path = "/s/ask",
    .methods = "POST",
    .begin = begin,
    .body = osk_ask_body,
    .end = osk_ask_end,
    .done = osk_ask_done,
};
