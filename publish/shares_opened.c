/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /s/g/GRANT: what was opened, and its bytes. Link and publication are looked at anew each time, so
 * that what is ended, hidden or withdrawn is gone at once. */
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "publish/files.h"
#include "publish/grants.h"
#include "publish/shares.h"
#include "store/day.h"

#define PREFIX "/s/g/"

typedef struct Visit {
    OskErrand errand;
    OskPublish *publish;
    OskRequest *request;
    const char *grant;
    bool is_grant;
    OskId share;
    bool is_file;
    OskFileAsked asked;
} Visit;

/* "GRANT", "GRANT/f" or "GRANT/f/N". */
static bool read_path(Visit *visit)
{
    const char *behind = visit->grant + strcspn(visit->grant, "/");
    visit->is_file = strncmp(behind, "/f", 2) == 0;
    if (visit->is_file) {
        behind += 2;
        visit->asked.saves = osk_request_query(visit->request, "save") != NULL;
    }
    if (visit->is_file && behind[0] == '/' && behind[1] >= '1' && behind[1] <= '9') {
        visit->asked.number = (unsigned)(behind[1] - '0');
        behind += 2;
    }
    return *behind == 0;
}

/* ---- answers ---- */

static const char *print_sizes(OskFill *fill, const OskPiece *piece, const char *grant)
{
    const char *text = "";
    for (uint32_t i = 0; i < piece->rendition_count; i++) {
        text = osk_fill_print(fill, "%s%s/%s/f/%u %uw", text, text[0] != 0 ? ", /s/g" : "/s/g",
                              grant, i + 1, piece->renditions[i].width);
    }
    if (piece->rendition_count > 0) {
        text = osk_fill_print(fill, "%s, /s/g/%s/f %uw", text, grant, piece->width);
    }
    return text;
}

static void answer_page(const Visit *visit, const OskFound *found)
{
    const OskPiece *piece = found->piece;
    OskFill *fill = osk_fill_begin(visit->publish, visit->request);
    if (fill == NULL) {
        return;
    }
    osk_fill_text(fill, "grant", osk_fill_print(fill, "%s", visit->grant));
    osk_fill_number(fill, "minutes", OSK_GRANT_MINUTES);
    osk_fill_piece(fill, piece, found->shelf);
    if (!osk_media_is_video(piece->kind)) {
        osk_fill_text(fill, "sizes", print_sizes(fill, piece, visit->grant));
    }
    osk_fill_answer_private(&fill, OSK_PUBLISH_OPENED, 200);
}

/* A shuffle of another program moves files unseen: then the row is read again. */
static void answer_file(const Visit *visit, OskFound *found)
{
    OskFault fault = { 0 };
    OskPublish *publish = visit->publish;
    if (!osk_request_takes_file(visit->request)) {
        osk_shares_problem(publish, visit->request, OSK_PROBLEM_BUSY);
        return;
    }
    osk_request_add_header(visit->request, "X-Robots-Tag", OSK_ROBOTS_NONE);
    if (osk_file_answer(publish->store, visit->request, found->piece, &visit->asked)) {
        return;
    }
    const OskId id = found->piece->id;
    osk_found_end(found);
    bool is_there = osk_index_find_anew(publish->index, &id, found, &fault) == OSK_OK &&
                    found->piece != NULL && visit->asked.number <= found->piece->rendition_count;
    if (!is_there ||
        !osk_file_answer(publish->store, visit->request, found->piece, &visit->asked)) {
        osk_problem_answer(publish, visit->request, OSK_PROBLEM_BUSY);
    }
}

/* ---- the work ---- */

/* Its views may be used up: by who is here. */
static bool is_open(const OskShareFound *found)
{
    OskShareState state = osk_share_state(found, osk_day_today());
    return (found->row.flags & OSK_SHARE_CHECKED) != 0 &&
           (state == OSK_SHARE_IS_OPEN || state == OSK_SHARE_IS_USED);
}

static void show(OskErrand *errand)
{
    Visit *visit = (Visit *)errand;
    OskPublish *publish = visit->publish;
    OskFault fault = { 0 };
    OskShareFound share;
    OskFound found = { .piece = NULL };
    bool is_there = osk_share_find(publish->store, &visit->share, &share, &fault);
    bool is_doubted = is_there && osk_share_state(&share, osk_day_today()) == OSK_SHARE_IS_DOUBTED;
    bool is_shown =
        is_there && is_open(&share) && osk_shares_find(publish, &share.share, &found, &fault);
    if (fault.status != OSK_OK) {
        osk_shares_problem(publish, visit->request, OSK_PROBLEM_BUSY);
    } else if (is_doubted) {
        osk_shares_problem(publish, visit->request, OSK_PROBLEM_CLOCK);
    } else if (!is_shown || visit->asked.number > found.piece->rendition_count) {
        osk_shares_gone(publish, visit->request);
    } else if (visit->is_file) {
        answer_file(visit, &found);
    } else {
        answer_page(visit, &found);
    }
    osk_found_end(&found);
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
    *visit = (Visit){ .errand = { .run = show },
                      .publish = publish,
                      .request = request,
                      .grant = osk_request_path(request) + strlen(PREFIX) };
    size_t len = strcspn(visit->grant, "/");
    visit->is_grant = read_path(visit) && osk_grant_read(publish->grants, visit->grant, len,
                                                         osk_wall_ms(), &visit->share);
}

static void end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Visit *visit = osk_request_state(request);
    if (visit == NULL) {
        return;
    }
    if (!visit->is_grant) {
        osk_shares_gone(publish, request);
        return;
    }
    osk_request_pause(request);
    osk_errands_add(publish->errands, &visit->errand);
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    free(osk_request_state(request));
}

const OskRoute osk_shares_opened_route = {
    .path = PREFIX,
    .methods = "GET HEAD",
    .begin = begin,
    .end = end,
    .done = done,
};
