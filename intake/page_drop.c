/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GET /: the wait, where there is one, and then the form. The receipt is drawn with it, and nothing
 * of that is kept here: what was submitted with it makes it one. */
#include <stdlib.h>
#include <string.h>

#include "intake/drop_inside.h"
#include "oilskin/seal.h"

/* More than a slot waits only with a machine that is far too small; a page that says hours is
 * closed. */
#define WAIT_MAX_S 600

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

static void begin(void *context, OskRequest *request)
{
    (void)context;
    (void)request;
}

static void end(void *context, OskRequest *request)
{
    OskDrop *drop = context;
    OskDropSettings *settings = osk_drop_settings(drop);
    size_t language = osk_drop_language(request, settings);
    OskPageSlots slots;
    osk_page_begin(&slots, settings);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait_ms = 0;
    if (!choose_slot(drop, osk_request_query(request, "slot"), slot, &wait_ms)) {
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

const OskRoute osk_page_drop_route = {
    .path = "/",
    .methods = "GET HEAD",
    .begin = begin,
    .end = end,
};
