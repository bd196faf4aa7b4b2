/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GET /: the wait, where there is one, and then the form. The receipt is drawn with it, and nothing
 * of that is kept here: what was submitted with it makes it one. */
#include <stdlib.h>
#include <string.h>

#include "intake/drop_inside.h"
#include "intake/visit.h"
#include "oilskin/seal.h"

/* More than a slot waits only with a machine that is far too small; a page that says hours is
 * closed. */
#define WAIT_MAX_S 600

/* A visitor who came with a slot that has not passed the door, and stands there. */
typedef struct Waiting {
    OskVisit visit;
    OskDoor door;
} Waiting;

/* The slot that the visitor brings, while it is good or will be; else a new one. */
static bool choose_slot(OskDrop *drop, const char *brought, char slot[OSK_SLOT_TEXT_BYTES],
                        int64_t *out_wait_ms)
{
    *out_wait_ms = 0;
    if (brought != NULL && strlen(brought) < OSK_SLOT_TEXT_BYTES) {
        OskSlotState state = osk_slot_look(drop->parts.admission, brought, out_wait_ms);
        if (state == OSK_SLOT_GOOD || state == OSK_SLOT_EARLY) {
            memcpy(slot, brought, strlen(brought) + 1);
            return true;
        }
    }
    return osk_slot_issue(drop->parts.admission, 0, slot, out_wait_ms) == OSK_OK;
}

static void answer_waiting(OskDrop *drop, OskRequest *request, OskPageSlots *slots, size_t language,
                           int64_t wait_ms)
{
    int64_t seconds = (wait_ms + 999) / 1000;
    seconds = seconds < 1 ? 1 : seconds > WAIT_MAX_S ? WAIT_MAX_S : seconds;
    osk_page_number(slots, "seconds", (uint64_t)seconds);
    osk_page_answer(
        drop, request,
        &(OskPageAnswer){ .status = 200, .page = OSK_PAGE_WAITING, .language = language }, slots);
}

static void answer_form(OskDrop *drop, OskRequest *request, OskPageSlots *slots, size_t language)
{
    char words[OSK_RECEIPT_TEXT_BYTES];
    OskPageAnswer answer = { .status = 200, .page = OSK_PAGE_DROP, .language = language };
    if (osk_receipt_draw(words, drop->parts.random) == OSK_OK) {
        osk_page_receipt(slots, words);
    } else {
        answer.status = 500;
        answer.page = OSK_PAGE_PROBLEM;
        osk_page_flag(slots, "fault", true);
        osk_page_flag(slots, "later", true);
    }
    osk_page_answer(drop, request, &answer, slots);
    osk_seal_wipe(words, sizeof(words));
}

static void close_waiting(OskErrand *errand)
{
    Waiting *waiting = (Waiting *)errand;
    osk_visit_free(&waiting->visit);
    free(waiting);
}

/* Whoever waits is held at the door, as all are whose request costs something; the page that says
 * so stays in the browser meanwhile. */
static void begin(void *context, OskRequest *request)
{
    OskDrop *drop = context;
    const char *slot = osk_request_query(request, "slot");
    int64_t wait_ms = 0;
    if (slot == NULL || osk_slot_look(drop->parts.admission, slot, &wait_ms) != OSK_SLOT_EARLY) {
        return;
    }
    Waiting *waiting = calloc(1, sizeof(*waiting));
    if (waiting == NULL) {
        return;
    }
    osk_visit_begin(&waiting->visit, drop->parts.errands, request, close_waiting);
    osk_request_set_state(request, waiting);
    waiting->door = OSK_DOOR_LATER;
    if (osk_turn_begin(drop->parts.admission, 0, false, &waiting->visit.turn, NULL, NULL) ==
        OSK_OK) {
        osk_turn_slot(waiting->visit.turn, slot);
        waiting->door = osk_visit_enter(&waiting->visit, NULL);
    }
}

static void end(void *context, OskRequest *request)
{
    OskDrop *drop = context;
    Waiting *waiting = osk_request_state(request);
    if (waiting != NULL && waiting->door == OSK_DOOR_WAIT) {
        waiting->door = osk_visit_enter(&waiting->visit, NULL);
        if (waiting->door == OSK_DOOR_WAIT) {
            return;
        }
    }
    OskDropSettings *settings = osk_drop_settings(drop);
    size_t language = osk_drop_language(request, settings);
    OskPageSlots slots;
    osk_page_begin(&slots, settings);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait_ms = 0;
    bool has_passed = waiting != NULL && waiting->door == OSK_DOOR_OPEN &&
                      osk_turn_pass(&waiting->visit.turn, slot) == OSK_OK;
    if (!has_passed && !choose_slot(drop, osk_request_query(request, "slot"), slot, &wait_ms)) {
        slot[0] = 0;
        wait_ms = 5000;
    }
    osk_page_text(&slots, "slot", slot);
    if (wait_ms > 0) {
        answer_waiting(drop, request, &slots, language, wait_ms);
    } else {
        answer_form(drop, request, &slots, language);
    }
    osk_page_end(&slots);
    osk_drop_settings_end(&settings);
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    Waiting *waiting = osk_request_state(request);
    if (waiting != NULL) {
        osk_visit_done(&waiting->visit, NULL);
    }
}

const OskRoute osk_page_drop_route = {
    .path = "/",
    .methods = "GET HEAD",
    .begin = begin,
    .end = end,
    .done = done,
};
