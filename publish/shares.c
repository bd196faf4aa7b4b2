/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /s/TOKEN: the page with the button, and the button. */
#include "publish/shares.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "http/language.h"
#include "http/tries.h"
#include "oilskin/seal.h"
#include "publish/grants.h"
#include "publish/small_form.h"
#include "store/day.h"

#define PREFIX "/s/"
/* "/s/g/", a grant, and a language. */
#define LOCATION_BYTES (OSK_GRANT_BYTES + 32u)

typedef struct Visit {
    OskErrand errand;
    OskTry one;
    OskPublish *publish;
    OskRequest *request;
    OskSmallForm *form; /* of a POST */
    OskShareVisit share;
    OskShareFound found;
} Visit;

/* ---- answers ---- */

typedef enum Said { SAID_NOTHING, SAID_WRONG, SAID_BUSY } Said;

static void answer_page(Visit *visit, Said said)
{
    static const struct {
        const char *flag;
        unsigned status;
    } rows[] = { [SAID_NOTHING] = { NULL, 200 },
                 [SAID_WRONG] = { "wrong", 403 },
                 [SAID_BUSY] = { "busy", 503 } };
    const OskShare *share = &visit->found.share;
    OskFill *fill = osk_fill_begin(visit->publish, visit->request);
    if (fill == NULL) {
        return;
    }
    osk_fill_text(fill, "share",
                  osk_fill_print(fill, "%s", osk_request_path(visit->request) + strlen(PREFIX)));
    osk_fill_flag(fill, "passphrase", share->has_passphrase);
    if (share->views != OSK_SHARE_VIEWS_ANY) {
        osk_fill_number(fill, "views", share->views);
    }
    if (share->expires != 0) {
        osk_fill_day(fill, "expires", share->expires);
    }
    if (rows[said].flag != NULL) {
        osk_fill_flag(fill, rows[said].flag, true);
    }
    osk_fill_answer_private(&fill, OSK_PUBLISH_LINK, rows[said].status);
}

/* In the language that was asked for, if one was. */
static void answer_opened(Visit *visit)
{
    char grant[OSK_GRANT_BYTES];
    char location[LOCATION_BYTES];
    const char *lang = osk_request_query(visit->request, "lang");
    size_t language = osk_language_choose(lang, NULL, NULL);
    if (osk_grant_write(visit->publish->grants, &visit->share.id, osk_wall_ms(), grant) != OSK_OK) {
        osk_shares_problem(visit->publish, visit->request, OSK_PROBLEM_BUSY);
        return;
    }
    snprintf(location, sizeof(location), "/s/g/%s%s%s", grant, lang != NULL ? "?lang=" : "",
             lang != NULL ? osk_languages[language].tag : "");
    osk_request_add_header(visit->request, "Location", location);
    osk_request_add_header(visit->request, "X-Robots-Tag", OSK_ROBOTS_NONE);
    osk_request_answer(visit->request, &(OskAnswer){ .status = 303 });
    osk_seal_wipe(grant, sizeof(grant));
    osk_seal_wipe(location, sizeof(location));
}

/* ---- the work, on other threads ---- */

/* The link and what it leads to; false when that was answered. */
static bool find(Visit *visit)
{
    OskFault fault = { 0 };
    OskFound piece;
    bool is_there = osk_share_find(visit->publish->store, &visit->share.id, &visit->found, &fault);
    if (is_there && osk_share_is_doubted(&visit->found, &visit->share)) {
        osk_shares_problem(visit->publish, visit->request, OSK_PROBLEM_CLOCK);
        return false;
    }
    if (is_there && osk_share_opens(&visit->found, &visit->share) &&
        osk_shares_find(visit->publish, &visit->found.share, &piece, &fault)) {
        osk_found_end(&piece);
        return true;
    }
    if (fault.status == OSK_OK) {
        osk_shares_gone(visit->publish, visit->request);
    } else {
        osk_shares_problem(visit->publish, visit->request, OSK_PROBLEM_BUSY);
    }
    return false;
}

static void look(OskErrand *errand)
{
    Visit *visit = (Visit *)errand;
    if (find(visit)) {
        answer_page(visit, SAID_NOTHING);
    }
    osk_request_resume(visit->request);
}

/* The view is counted before there is anything to see. */
static void spend(Visit *visit)
{
    OskFault fault = { 0 };
    switch (osk_share_spend(visit->publish->store, &visit->share, &visit->found, &fault)) {
    case OSK_OK: answer_opened(visit); break;
    case OSK_FOUND: osk_shares_gone(visit->publish, visit->request); break;
    default: osk_shares_problem(visit->publish, visit->request, OSK_PROBLEM_BUSY); break;
    }
}

static Visit *visit_of(OskTry *one)
{
    return (Visit *)((char *)one - offsetof(Visit, one));
}

static bool try_passphrase(OskTry *one)
{
    Visit *visit = visit_of(one);
    const char *passphrase = osk_small_form_value(visit->form, "passphrase");
    bool is_right = osk_share_knows(&visit->found.share, passphrase);
    if (is_right) {
        spend(visit);
    } else {
        answer_page(visit, SAID_WRONG);
    }
    osk_request_resume(visit->request);
    return is_right;
}

static void refuse_passphrase(OskTry *one)
{
    Visit *visit = visit_of(one);
    char seconds[16];
    snprintf(seconds, sizeof(seconds), "%u", one->retry_s);
    osk_request_add_header(visit->request, "Retry-After", seconds);
    answer_page(visit, SAID_BUSY);
    osk_request_resume(visit->request);
}

/* A passphrase is tried in its turn among all that are, in the lane of its link. */
static void open_link(OskErrand *errand)
{
    Visit *visit = (Visit *)errand;
    const char *button = osk_small_form_value(visit->form, "open");
    const char *passphrase = osk_small_form_value(visit->form, "passphrase");
    if (find(visit)) {
        if (button == NULL || strcmp(button, "yes") != 0) {
            answer_page(visit, SAID_NOTHING);
        } else if (!visit->found.share.has_passphrase) {
            spend(visit);
        } else if (passphrase == NULL || passphrase[0] == 0) {
            answer_page(visit, SAID_WRONG);
        } else {
            visit->one.run = try_passphrase;
            visit->one.refuse = refuse_passphrase;
            osk_tries_add_brief(visit->publish->tries, &visit->one, &visit->share.id,
                                sizeof(visit->share.id));
            return;
        }
    }
    osk_request_resume(visit->request);
}

/* ---- the request ---- */

static void begin(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Visit *visit = osk_shares_begin(publish, request, sizeof(*visit));
    if (visit == NULL) {
        return;
    }
    visit->publish = publish;
    visit->request = request;
    if (strcmp(osk_request_method(request), "POST") == 0) {
        visit->form = osk_small_form_begin(request);
        if (visit->form == NULL) {
            osk_shares_problem(publish, request, OSK_PROBLEM_FORM);
        }
    }
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    Visit *visit = osk_request_state(request);
    if (visit != NULL && !osk_small_form_take(&visit->form, bytes, len)) {
        osk_shares_problem(context, request, OSK_PROBLEM_FORM);
    }
    return len;
}

static void end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Visit *visit = osk_request_state(request);
    bool is_post = strcmp(osk_request_method(request), "POST") == 0;
    const char *token = osk_request_path(request) + strlen(PREFIX);
    if (visit == NULL || (is_post && visit->form == NULL)) {
        return;
    }
    visit->share.kind = OSK_SHARE_CHECKED;
    visit->share.today = osk_day_today();
    if (!osk_share_id(token, strlen(token), &visit->share.id)) {
        osk_shares_gone(publish, request);
    } else if (is_post && !osk_small_form_read(visit->form)) {
        osk_shares_problem(publish, request, OSK_PROBLEM_FORM);
    } else {
        visit->errand.run = is_post ? open_link : look;
        osk_request_pause(request);
        osk_errands_add(publish->errands, &visit->errand);
    }
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    Visit *visit = osk_request_state(request);
    if (visit != NULL) {
        osk_small_form_free(&visit->form);
        osk_seal_wipe(visit, sizeof(*visit));
        free(visit);
    }
}

const OskRoute osk_shares_route = {
    .path = PREFIX,
    .methods = "GET HEAD POST",
    .begin = begin,
    .body = body,
    .end = end,
    .done = done,
};
