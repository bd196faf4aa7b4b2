/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/ask.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "publish/page.h"
#include "publish/small_form.h"

uint32_t osk_ask_kind(const char *word)
{
    static const struct {
        const char *word;
        uint32_t kind;
    } rows[] = { { "cover", OSK_ASKED_COVER },
                 { "remove", OSK_ASKED_REMOVE },
                 { "report", OSK_ASKED_REPORT } };
    for (size_t i = 0; word != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(word, rows[i].word) == 0) {
            return rows[i].kind;
        }
    }
    return 0;
}

OskStatus osk_ask_keep(OskPublish *publish, const OskAsk *ask, bool *out_counted)
{
    OskFault fault = { 0 };
    OskAskedRow row = { .space = ask->space, .target = ask->target };
    OskBytes sealed = { .bytes = NULL };
    OskStatus status = ask->words[0] != 0 ? osk_publish_seal(publish, ask->words, &sealed) : OSK_OK;
    row.sealed = sealed;
    if (status == OSK_OK) {
        status = osk_asked_keep(publish->asked, &row, ask->kind, out_counted, &fault);
    }
    osk_bytes_clear(&sealed);
    return status;
}

bool osk_ask_read(OskSmallForm *form, OskAsk *out)
{
    if (!osk_small_form_read(form)) {
        return false;
    }
    const char *words = osk_small_form_value(form, "words");
    out->kind = osk_ask_kind(osk_small_form_value(form, "kind"));
    out->words = words != NULL ? words : "";
    return out->kind != 0 && strlen(out->words) <= OSK_ASK_WORDS_MAX;
}

void osk_ask_answer(OskPublish *publish, OskRequest *request, bool was_counted)
{
    OskFill *fill = osk_fill_begin(publish, request);
    if (fill != NULL) {
        osk_fill_flag(fill, "counted", was_counted);
        osk_fill_answer(&fill, OSK_PUBLISH_ASKED, 200);
    }
}

/* ---- POST /a/ask ---- */

typedef struct Asking {
    OskTry turn;
    OskPublish *publish;
    OskRequest *request;
    OskSmallForm *form;
    OskAsk ask;
    OskStatus status;
    bool was_counted;
    bool is_away; /* or was */
} Asking;

static void begin(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Asking *asking = calloc(1, sizeof(*asking));
    osk_request_set_state(request, asking);
    if (asking == NULL) {
        osk_problem_answer(publish, request, OSK_PROBLEM_BUSY);
        return;
    }
    asking->publish = publish;
    asking->request = request;
    asking->form = osk_small_form_begin(request);
    if (asking->form == NULL) {
        osk_problem_answer(publish, request, OSK_PROBLEM_FORM);
    }
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    Asking *asking = osk_request_state(request);
    if (asking != NULL && !osk_small_form_take(&asking->form, bytes, len)) {
        osk_problem_answer(context, request, OSK_PROBLEM_FORM);
    }
    return len;
}

/* What the form is about: what everybody may see. */
static OskProblem find_target(OskPublish *publish, const char *about, OskAsk *ask)
{
    OskFault fault = { 0 };
    OskFound found;
    if (about == NULL || !osk_public_id_read(about, strlen(about), &ask->target)) {
        return OSK_PROBLEM_FORM;
    }
    OskStatus status = osk_index_find(publish->index, &ask->target, &found, &fault);
    OskProblem problem = osk_problem_of(&found);
    bool is_shown = found.is_shown;
    bool is_piece = found.piece != NULL;
    osk_found_end(&found);
    ask->space = OSK_SPACE_PUBLICATION;
    if (status == OSK_OK && !is_piece) {
        OskShelfPage page;
        status = osk_index_shelf(publish->index, &ask->target, 1, &page, &fault);
        is_shown = page.shelf != NULL && page.shelf->is_open;
        osk_shelf_page_end(&page);
        ask->space = OSK_SPACE_ALBUM;
    }
    return status != OSK_OK ? OSK_PROBLEM_BUSY : is_shown ? OSK_PROBLEM_NO : problem;
}

static OskProblem read_form(Asking *asking)
{
    if (!osk_ask_read(asking->form, &asking->ask)) {
        return OSK_PROBLEM_FORM;
    }
    return find_target(asking->publish, osk_small_form_value(asking->form, "about"), &asking->ask);
}

static Asking *asking_of(OskTry *turn)
{
    return (Asking *)((char *)turn - offsetof(Asking, turn));
}

static bool keep(OskTry *turn)
{
    Asking *asking = asking_of(turn);
    asking->status = osk_ask_keep(asking->publish, &asking->ask, &asking->was_counted);
    osk_request_resume(asking->request);
    return true;
}

static void refuse(OskTry *turn)
{
    Asking *asking = asking_of(turn);
    asking->status = OSK_LIMIT;
    osk_request_resume(asking->request);
}

static void end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Asking *asking = osk_request_state(request);
    if (asking == NULL || asking->form == NULL) {
        return;
    }
    if (asking->is_away) {
        if (asking->status == OSK_OK) {
            osk_ask_answer(publish, request, asking->was_counted);
        } else {
            osk_problem_answer(publish, request, OSK_PROBLEM_BUSY);
        }
        return;
    }
    OskProblem problem = read_form(asking);
    if (problem != OSK_PROBLEM_NO) {
        osk_problem_answer(publish, request, problem);
    } else {
        asking->is_away = true;
        asking->turn.run = keep;
        asking->turn.refuse = refuse;
        osk_request_pause(request);
        osk_tries_add(publish->asks, &asking->turn, &asking->ask.target,
                      sizeof(asking->ask.target));
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

const OskRoute osk_ask_route = {
    .path = "/a/ask",
    .methods = "POST",
    .begin = begin,
    .body = body,
    .end = end,
    .done = done,
};
