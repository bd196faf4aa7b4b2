/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/ask.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

typedef struct Asking {
    OskErrand errand;
    OskTry turn;
    const OskAskDoor *door;
    OskPublish *publish;
    OskRequest *request;
    OskSmallForm *form;
    OskAsk ask;
} Asking;

/* ---- the work, on other threads ---- */

static void refuse(Asking *asking, OskProblem problem)
{
    asking->door->refuse(asking->publish, asking->request, problem);
}

/* Says what happens next. */
static void answer(Asking *asking, bool was_counted)
{
    OskFill *fill = osk_fill_begin(asking->publish, asking->request);
    if (fill == NULL) {
        return;
    }
    if (asking->door->is_private) {
        osk_request_add_header(asking->request, "X-Robots-Tag", OSK_ROBOTS_NONE);
    }
    osk_fill_flag(fill, "counted", was_counted);
    osk_fill_answer(&fill, OSK_PUBLISH_ASKED, 200);
}

/* Seals the words and keeps it: durable with OK. */
static OskStatus keep_it(OskPublish *publish, const OskAsk *ask, bool *out_counted)
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

static Asking *asking_of(OskTry *turn)
{
    return (Asking *)((char *)turn - offsetof(Asking, turn));
}

static bool keep(OskTry *turn)
{
    Asking *asking = asking_of(turn);
    bool was_counted = false;
    if (keep_it(asking->publish, &asking->ask, &was_counted) == OSK_OK) {
        answer(asking, was_counted);
    } else {
        refuse(asking, OSK_PROBLEM_BUSY);
    }
    osk_request_resume(asking->request);
    return true;
}

static void turn_away(OskTry *turn)
{
    Asking *asking = asking_of(turn);
    refuse(asking, OSK_PROBLEM_BUSY);
    osk_request_resume(asking->request);
}

/* What is there waits for its turn. */
static void look(OskErrand *errand)
{
    Asking *asking = (Asking *)errand;
    OskProblem problem = asking->door->find(asking->publish, asking->form, &asking->ask);
    if (problem == OSK_PROBLEM_NO) {
        asking->turn.run = keep;
        asking->turn.refuse = turn_away;
        osk_tries_add(asking->publish->asks, &asking->turn, &asking->ask.target,
                      sizeof(asking->ask.target));
        return;
    }
    refuse(asking, problem);
    osk_request_resume(asking->request);
}

/* ---- the request ---- */

void osk_ask_begin(const OskAskDoor *door, OskPublish *publish, OskRequest *request)
{
    Asking *asking = calloc(1, sizeof(*asking));
    osk_request_set_state(request, asking);
    if (asking == NULL) {
        door->refuse(publish, request, OSK_PROBLEM_BUSY);
        return;
    }
    asking->door = door;
    asking->publish = publish;
    asking->request = request;
    asking->form = osk_small_form_begin(request);
    if (asking->form == NULL) {
        refuse(asking, OSK_PROBLEM_FORM);
    }
}

size_t osk_ask_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    Asking *asking = osk_request_state(request);
    if (asking != NULL && !osk_small_form_take(&asking->form, bytes, len)) {
        refuse(asking, OSK_PROBLEM_FORM);
    }
    return len;
}

/* The words are lent by the form. */
static bool read_form(OskSmallForm *form, OskAsk *out)
{
    if (!osk_small_form_read(form)) {
        return false;
    }
    const char *words = osk_small_form_value(form, "words");
    out->kind = osk_ask_kind(osk_small_form_value(form, "kind"));
    out->words = words != NULL ? words : "";
    return out->kind != 0 && strlen(out->words) <= OSK_ASK_WORDS_MAX;
}

void osk_ask_end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Asking *asking = osk_request_state(request);
    if (asking == NULL || asking->form == NULL) {
        return;
    }
    if (!read_form(asking->form, &asking->ask)) {
        refuse(asking, OSK_PROBLEM_FORM);
        return;
    }
    asking->errand.run = look;
    osk_request_pause(request);
    osk_errands_add(publish->errands, &asking->errand);
}

void osk_ask_done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    Asking *asking = osk_request_state(request);
    if (asking != NULL) {
        osk_small_form_free(&asking->form);
        free(asking);
    }
}

/* ---- POST /a/ask ---- */

/* What everybody may see. */
static OskProblem find(OskPublish *publish, const OskSmallForm *form, OskAsk *ask)
{
    OskFault fault = { 0 };
    OskFound found;
    const char *about = osk_small_form_value(form, "about");
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

static const OskAskDoor door = { .find = find, .refuse = osk_problem_answer };

static void begin(void *context, OskRequest *request)
{
    osk_ask_begin(&door, context, request);
}

const OskRoute osk_ask_route = {
    .path = "/a/ask",
    .methods = "POST",
    .begin = begin,
    .body = osk_ask_body,
    .end = osk_ask_end,
    .done = osk_ask_done,
};
