/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /r: who comes back with a receipt reads replies, answers, adds files, takes back. What is asked
 * goes in the body, so that no address ever holds a receipt. Right, wrong and withdrawn ones go the
 * same way, and every answer has one length: who watches the line learns nothing. */
#include <stdlib.h>
#include <string.h>

#include "http/multipart.h"
#include "intake/drop_inside.h"
#include "intake/letters.h"
#include "store/day.h"

#define PAGE_BYTES (64u * 1024)
/* What letters may take of it, escaped: the rest is the page itself. */
#define LETTERS_BYTES (40u * 1024)
#define LETTERS_MAX 64u
/* A receipt and three short fields. */
#define BODY_BYTES (16u * 1024)

_Static_assert(OSK_LETTER_BYTES * 5 <= LETTERS_BYTES, "one letter fits, even of quotes alone");

typedef struct ShownLetter {
    bool from_desk;
    char day[16];
    char *text; /* of `letters`; NULL for none */
} ShownLetter;

/* In locked memory. */
typedef struct Asked {
    char receipt[2048];
    char act[16];
    char sure[8];
    char before[16]; /* letters with smaller numbers are shown */
    char words[OSK_RECEIPT_TEXT_BYTES];
    OskReceipt keys;
    ShownLetter shown[LETTERS_MAX];
    size_t shown_count;
    size_t letters_len;
    size_t letters_cost;
    uint32_t first_number; /* of those that are shown */
    bool has_older;
    char letters[LETTERS_BYTES];
} Asked;

typedef struct Visit {
    OskErrand errand; /* first */
    OskDrop *drop;
    OskDropSettings *settings;
    OskRequest *request;
    size_t language;
    OskTurn *turn;
    OskMultipart *multipart;
    Asked *asked;
    char *text; /* of the field that is being read */
    size_t text_room;
    size_t text_len;
    size_t seen;
    bool is_broken;
    bool has_answered;
    bool is_working;
} Visit;

/* ---- answers ---- */

typedef struct Shown {
    OskSlot slots[LETTERS_MAX][3];
    OskSlots rows[LETTERS_MAX];
} Shown;

static void answer(Visit *visit, OskPageSlots *slots)
{
    visit->has_answered = true;
    OskPageAnswer page = {
        .status = 200,
        .page = OSK_PAGE_RECEIPT,
        .language = visit->language,
        .pad_to = PAGE_BYTES,
    };
    osk_page_answer(visit->drop, visit->request, &page, slots);
    osk_page_end(slots);
}

/* The form: nobody has asked anything yet. */
static void answer_empty(Visit *visit)
{
    OskPageSlots slots;
    OskPageAnswer page = { .status = 200, .page = OSK_PAGE_RECEIPT, .language = visit->language };
    visit->has_answered = true;
    osk_page_begin(&slots, visit->settings);
    osk_page_answer(visit->drop, visit->request, &page, &slots);
    osk_page_end(&slots);
}

static void answer_flag(Visit *visit, const char *flag)
{
    OskPageSlots slots;
    osk_page_begin(&slots, visit->settings);
    osk_page_flag(&slots, flag, true);
    answer(visit, &slots);
}

static void answer_wrong(Visit *visit, unsigned number)
{
    OskPageSlots slots;
    osk_page_begin(&slots, visit->settings);
    osk_page_flag(&slots, number == 0 ? "wrong_count" : "wrong_word", true);
    osk_page_number(&slots, "number", number);
    answer(visit, &slots);
}

static void list_letters(const Asked *asked, Shown *shown)
{
    for (size_t i = 0; i < asked->shown_count; i++) {
        const ShownLetter *letter = &asked->shown[i];
        shown->slots[i][0] = (OskSlot){ .name = "desk", .is_on = letter->from_desk };
        shown->slots[i][1] = (OskSlot){ .name = "day", .text = letter->day };
        shown->slots[i][2] = (OskSlot){ .name = "text", .text = letter->text };
        shown->rows[i] = (OskSlots){ shown->slots[i], 3 };
    }
}

static void answer_found(Visit *visit, const OskReturn *found, bool unsure)
{
    Asked *asked = visit->asked;
    OskPageSlots slots;
    Shown shown;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait_ms = 0;
    if (osk_slot_issue(visit->drop->parts.admission, 0, slot, &wait_ms) != OSK_OK) {
        slot[0] = 0;
    }
    osk_page_begin(&slots, visit->settings);
    list_letters(asked, &shown);
    osk_page_flag(&slots, "found", true);
    osk_page_flag(&slots, "unsure", unsure);
    osk_page_number(&slots, "files", found->file_count);
    osk_page_text(&slots, "slot", slot);
    osk_page_receipt(&slots, asked->words);
    osk_page_flag(&slots, "has_letters", asked->shown_count > 0);
    osk_page_rows(&slots, "letters", shown.rows, asked->shown_count);
    if (asked->has_older) {
        osk_page_number(&slots, "older", asked->first_number);
    }
    if (asked->before[0] != 0) {
        osk_page_text(&slots, "newest", "");
    }
    answer(visit, &slots);
    osk_seal_wipe(&shown, sizeof(shown));
}

/* ---- letters ---- */

static size_t cost_of(const char *text)
{
    size_t cost = 256; /* what stands around a letter */
    for (const char *at = text; at != NULL && *at != 0; at++) {
        cost += strchr("&<>\"'", *at) != NULL ? 6 : 1;
    }
    return cost;
}

/* The newest that fit are shown: the oldest of them goes when another comes. */
static void forget_oldest(Asked *asked)
{
    ShownLetter *first = &asked->shown[0];
    asked->letters_cost -= cost_of(first->text);
    size_t len = first->text != NULL ? strlen(first->text) + 1 : 0;
    memmove(asked->letters, asked->letters + len, asked->letters_len - len);
    asked->letters_len -= len;
    asked->shown_count--;
    memmove(first, first + 1, asked->shown_count * sizeof(*first));
    for (size_t i = 0; i < asked->shown_count; i++) {
        if (asked->shown[i].text != NULL) {
            asked->shown[i].text -= len;
        }
    }
    asked->first_number++;
    asked->has_older = true;
}

static bool keep_letter(void *context, const OskLetter *letter)
{
    Asked *asked = context;
    if (asked->before[0] != 0 && letter->number >= strtoul(asked->before, NULL, 10)) {
        return false;
    }
    size_t len = letter->text != NULL ? strlen(letter->text) + 1 : 0;
    size_t cost = cost_of(letter->text);
    while (asked->shown_count > 0 &&
           (asked->shown_count == LETTERS_MAX || asked->letters_cost + cost > LETTERS_BYTES)) {
        forget_oldest(asked);
    }
    if (asked->shown_count == 0) {
        asked->first_number = letter->number;
    }
    ShownLetter *shown = &asked->shown[asked->shown_count++];
    *shown = (ShownLetter){ .from_desk = letter->from_desk };
    osk_day_write(letter->day, shown->day);
    if (len > 0) {
        shown->text = asked->letters + asked->letters_len;
        memcpy(shown->text, letter->text, len);
        asked->letters_len += len;
    }
    asked->letters_cost += cost;
    return true;
}

/* ---- the work ---- */

static void look(OskErrand *errand)
{
    Visit *visit = (Visit *)errand;
    Asked *asked = visit->asked;
    OskStore *store = visit->drop->parts.store;
    bool withdraws = strcmp(asked->act, "withdraw") == 0;
    bool is_sure = strcmp(asked->sure, "yes") == 0;
    OskReturn found;
    OskFault fault = { 0 };
    OskStatus status = OSK_OK;
    if (withdraws && is_sure) {
        status = osk_letters_withdraw(store, visit->drop->parts.submitter, &asked->keys,
                                      visit->drop->parts.random, &fault);
    }
    if (status == OSK_OK) {
        status = osk_letters_read(store, &asked->keys, &found, keep_letter, asked, &fault);
    }
    if (status != OSK_OK) {
        answer_flag(visit, status == OSK_UNSUPPORTED ? "held" : "busy");
    } else if (found.state == OSK_RETURN_RECEIVED) {
        answer_found(visit, &found, withdraws && !is_sure);
    } else {
        answer_flag(visit, found.state == OSK_RETURN_WITHDRAWN ? "withdrawn"
                           : found.state == OSK_RETURN_BEGUN   ? "begun"
                                                               : "none");
    }
    osk_request_resume(visit->request);
}

static void take_receipt(void *context, const OskReceipt *receipt)
{
    Visit *visit = context;
    osk_work_end(visit->drop->parts.admission, OSK_WORK_RECEIPT);
    if (receipt == NULL) {
        answer_flag(visit, "busy");
        osk_request_resume(visit->request);
        return;
    }
    visit->asked->keys = *receipt;
    visit->errand.run = look;
    osk_errands_add(visit->drop->parts.errands, &visit->errand);
}

static void work(Visit *visit)
{
    const OskIntakeParts *parts = &visit->drop->parts;
    unsigned wrong = 0;
    if (visit->asked == NULL ||
        !osk_receipt_read(visit->asked->words, visit->asked->receipt, &wrong)) {
        answer_wrong(visit, wrong);
        return;
    }
    visit->is_working = true;
    osk_turn_end(&visit->turn);
    osk_request_pause(visit->request);
    osk_work_begin(parts->admission, OSK_WORK_RECEIPT);
    if (osk_receipt_derive(parts->receipts, visit->asked->words, take_receipt, visit) != OSK_OK) {
        osk_work_end(parts->admission, OSK_WORK_RECEIPT);
        answer_flag(visit, "busy");
        osk_request_resume(visit->request);
    }
}

/* ---- fields ---- */

static OskFormStep part_begin(void *context, const OskFormPart *part)
{
    Visit *visit = context;
    visit->text = NULL;
    visit->text_len = 0;
    if (visit->asked == NULL) {
        visit->asked = osk_locked_alloc(sizeof(*visit->asked));
    }
    if (visit->asked == NULL) {
        return OSK_FORM_FAIL;
    }
    const struct {
        const char *name;
        char *text;
        size_t room;
    } fields[] = {
        { "receipt", visit->asked->receipt, sizeof(visit->asked->receipt) },
        { "act", visit->asked->act, sizeof(visit->asked->act) },
        { "sure", visit->asked->sure, sizeof(visit->asked->sure) },
        { "before", visit->asked->before, sizeof(visit->asked->before) },
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (!part->is_file && strcmp(part->name, fields[i].name) == 0) {
            visit->text = fields[i].text;
            visit->text_room = fields[i].room;
            memset(visit->text, 0, visit->text_room);
        }
    }
    return OSK_FORM_ON;
}

static size_t part_data(void *context, const uint8_t *bytes, size_t len)
{
    Visit *visit = context;
    if (visit->text == NULL) {
        return len;
    }
    if (visit->text_len + len >= visit->text_room) {
        return OSK_FORM_FAILED;
    }
    memcpy(visit->text + visit->text_len, bytes, len);
    visit->text_len += len;
    return len;
}

static OskFormStep part_end(void *context)
{
    (void)context;
    return OSK_FORM_ON;
}

/* ---- the request ---- */

static void wake(void *context)
{
    osk_request_resume(context);
}

/* Argon2id costs more than a page: it has the door in front of it. */
static bool enter(Visit *visit)
{
    unsigned retry_s = 0;
    OskDoor door = osk_turn_enter(visit->turn, wake, visit->request, &retry_s);
    if (door == OSK_DOOR_WAIT) {
        osk_request_pause(visit->request);
    } else if (door == OSK_DOOR_LATER) {
        answer_flag(visit, "busy");
    }
    return door == OSK_DOOR_OPEN;
}

static void begin_post(Visit *visit)
{
    OskMultipartEvents events = {
        .context = visit,
        .part_begin = part_begin,
        .part_data = part_data,
        .part_end = part_end,
    };
    OskFault fault = { 0 };
    unsigned retry_s = 0;
    uint64_t len = osk_request_length(visit->request);
    if (osk_turn_begin(visit->drop->parts.admission, len, false, &visit->turn, &retry_s, &fault) !=
        OSK_OK) {
        answer_flag(visit, "busy");
    } else if (osk_multipart_open(&visit->multipart,
                                  osk_request_header(visit->request, "Content-Type"), &events,
                                  &fault) != OSK_OK) {
        answer_wrong(visit, 0);
    }
}

static void begin(void *context, OskRequest *request)
{
    OskDrop *drop = context;
    Visit *visit = calloc(1, sizeof(*visit));
    osk_request_set_state(request, visit);
    if (visit == NULL) {
        osk_request_answer(request, &(OskAnswer){ .status = 503 });
        return;
    }
    visit->drop = drop;
    visit->request = request;
    visit->settings = osk_drop_settings(drop);
    visit->language = osk_drop_language(request, visit->settings);
    if (strcmp(osk_request_method(request), "POST") == 0) {
        begin_post(visit);
    }
}

static size_t body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    Visit *visit = osk_request_state(request);
    if (visit == NULL || visit->has_answered || visit->multipart == NULL || visit->is_broken) {
        return len;
    }
    size_t taken = 0;
    OskFault fault = { 0 };
    visit->seen += len;
    if (visit->seen > BODY_BYTES ||
        osk_multipart_feed(visit->multipart, bytes, len, &taken, &fault) != OSK_OK) {
        visit->is_broken = true;
        answer_wrong(visit, 0);
    }
    return len;
}

static void end(void *context, OskRequest *request)
{
    (void)context;
    Visit *visit = osk_request_state(request);
    if (visit == NULL || visit->has_answered || visit->is_working) {
        return;
    }
    if (visit->multipart == NULL) {
        answer_empty(visit);
        return;
    }
    OskFault fault = { 0 };
    if (osk_multipart_end(visit->multipart, &fault) != OSK_OK) {
        answer_wrong(visit, 0);
    } else if (enter(visit)) {
        work(visit);
    }
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    Visit *visit = osk_request_state(request);
    if (visit == NULL) {
        return;
    }
    osk_turn_end(&visit->turn);
    osk_locked_free(visit->asked);
    osk_multipart_free(&visit->multipart);
    osk_drop_settings_end(&visit->settings);
    osk_seal_wipe(visit, sizeof(*visit));
    free(visit);
}

const OskRoute osk_page_receipt_route = {
    .path = "/r",
    .methods = "GET HEAD POST",
    .begin = begin,
    .body = body,
    .end = end,
    .done = done,
};
