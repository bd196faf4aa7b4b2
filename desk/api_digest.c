/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much came, and how much waits: numbers of whole days. Whoever wants to be told of what is new
 * is told these, however much came, and never of one submission. */
#include "desk/call.h"

#define DAYS 14u

static OskJson *day_json(const OskModelDay *day)
{
    OskJson *json = osk_json_object(NULL);
    osk_desk_set_day(json, "day", day->day);
    osk_json_set_whole(json, "submissions", day->submissions);
    osk_json_set_whole(json, "files", day->files);
    osk_json_set_whole(json, "unread", day->unread);
    return json;
}

/* What the public waits for, and what waits for a second person. */
typedef struct Waiting {
    uint64_t asked;
    uint64_t copies;
} Waiting;

static OskStatus count_waiting(const OskDesk *desk, Waiting *out, OskFault *fault)
{
    const OskPublicQuery waiting = { .state = OSK_PUBLICATION_WAITING };
    OskPublicPage page;
    *out = (Waiting){ .asked = 0 };
    OskStatus status = osk_asked_groups_count(desk->asked, &out->asked, fault);
    if (status == OSK_OK) {
        status = osk_public_list_page(desk->public_list, &waiting, &page, fault);
        out->copies = status == OSK_OK ? page.states[OSK_PUBLICATION_WAITING] : 0;
    }
    return status;
}

static void run_digest(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskModelCounts counts = { .submissions = 0 };
    OskModelDay days[DAYS] = { { .files = 0 } };
    for (size_t i = 0; i < DAYS; i++) {
        days[i].day = osk_desk_today() - (OskDay)i;
    }
    OskStatus status = osk_model_days(call->desk->model, days, DAYS, &fault);
    if (status == OSK_OK) {
        status = osk_model_counts(call->desk->model, &counts, &fault);
    }
    Waiting waiting;
    if (status == OSK_OK) {
        status = count_waiting(call->desk, &waiting, &fault);
    }
    if (status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/digest/1");
    OskJson *list = osk_json_list();
    for (size_t i = 0; i < DAYS; i++) {
        osk_json_add(list, day_json(&days[i]));
    }
    osk_json_set(json, "days", list);
    osk_json_set(json, "counts", osk_desk_counts(&counts));
    osk_json_set_whole(json, "asked", waiting.asked);
    osk_json_set_whole(json, "waiting", waiting.copies);
    osk_desk_done(call, json);
}

/* ---- the endpoints ---- */

const OskDeskEndpoint osk_desk_digest_endpoints[] = {
    { "/api/digest", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_digest },
};
const size_t osk_desk_digest_count =
    sizeof(osk_desk_digest_endpoints) / sizeof(osk_desk_digest_endpoints[0]);
