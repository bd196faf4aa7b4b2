/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /s/x/TOKEN: a page that says nothing of what is sealed, however often it is asked for; and
 * POST /s/x/TOKEN/f, which that page's button sends: the sealed bytes, for one view. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "publish/page.h"
#include "publish/sealed.h"
#include "publish/shares.h"
#include "store/day.h"
#include "store/shares.h"

#define PREFIX "/s/x/"
#define BYTES "/f"
/* Of what waits for the disk at once. */
#define WAITING_MAX 256u
/* Of one blob, while a row is read and it is opened. */
#define MOVES 3u

typedef struct Giving {
    OskErrand errand;
    OskPublish *publish;
    OskRequest *request;
    OskShareVisit visit;
    OskShareFound found;
    OskStatus status;
    int fd; /* of the bytes; -1 */
    bool wants_bytes;
    bool is_doubted; /* by the date: with the status FOUND */
    bool is_back;
} Giving;

/* False for what is no address of ours. */
static bool read_path(Giving *giving)
{
    const char *token = osk_request_path(giving->request) + sizeof(PREFIX) - 1;
    size_t len = strcspn(token, "/");
    giving->wants_bytes = strcmp(token + len, BYTES) == 0;
    return (token[len] == 0 || giving->wants_bytes) && osk_share_id(token, len, &giving->visit.id);
}

/* ---- on a thread of errands ---- */

static OskStatus open_bytes(Giving *giving, OskFault *fault)
{
    OskBlobReader *reader = NULL;
    OskStatus status =
        osk_blob_open(giving->publish->store, &giving->found.row.blob, &reader, fault);
    if (status == OSK_OK) {
        giving->fd = fcntl(osk_blob_reader_fd(reader), F_DUPFD_CLOEXEC, 0);
        status = giving->fd >= 0 ? OSK_OK : OSK_IO;
    }
    osk_blob_close(&reader);
    return status;
}

static OskStatus find(Giving *giving)
{
    OskFault fault = { .status = OSK_OK };
    if (!osk_share_find(giving->publish->store, &giving->visit.id, &giving->found, &fault)) {
        return fault.status == OSK_OK ? OSK_FOUND : OSK_IO;
    }
    giving->is_doubted = osk_share_is_doubted(&giving->found, &giving->visit);
    return osk_share_opens(&giving->found, &giving->visit) ? OSK_OK : OSK_FOUND;
}

/* Opens before it spends: what can't be opened costs no view, nor what there is no place for now;
 * and what is open can be read to its end, also when the last view takes its name away. */
static OskStatus open_and_spend(Giving *giving)
{
    OskFault fault = { .status = OSK_OK };
    OskStatus status = find(giving);
    if (status == OSK_OK && !osk_request_takes_file(giving->request)) {
        return OSK_LIMIT;
    }
    for (unsigned i = 0; status == OSK_OK && giving->fd < 0; i++) {
        fault = (OskFault){ .status = OSK_OK };
        status = open_bytes(giving, &fault);
        /* Moved meanwhile: the row says where to. */
        if (status != OSK_OK && osk_blob_is_gone(&fault) && i < MOVES) {
            status = find(giving);
        }
    }
    OskId opened = giving->found.row.blob;
    if (status == OSK_OK) {
        status = osk_share_spend(giving->publish->store, &giving->visit, &giving->found, &fault);
    }
    if (status == OSK_OK && memcmp(&opened, &giving->found.row.blob, sizeof(opened)) != 0) {
        close(giving->fd);
        giving->fd = -1;
        status = open_bytes(giving, &fault);
    }
    return status;
}

static void look(OskErrand *errand)
{
    Giving *giving = (Giving *)errand;
    giving->status = giving->wants_bytes ? open_and_spend(giving) : find(giving);
    giving->is_back = true;
    atomic_fetch_sub(&giving->publish->waiting, 1);
    osk_request_resume(giving->request);
}

/* ---- answers ---- */

static void answer_page(Giving *giving)
{
    const OskShare *share = &giving->found.share;
    OskFill *fill = osk_fill_begin(giving->publish, giving->request);
    if (fill == NULL) {
        return;
    }
    osk_fill_flag(fill, "has_views", share->views != OSK_SHARE_VIEWS_ANY);
    osk_fill_number(fill, "views", share->views);
    osk_fill_flag(fill, "has_expires", share->expires != 0);
    osk_fill_day(fill, "expires", share->expires);
    osk_fill_text(fill, "share", osk_request_path(giving->request) + sizeof(PREFIX) - 1);
    osk_fill_answer_private(&fill, OSK_PUBLISH_SEALED, 200);
}

/* A browser that is led here by hand saves it, and shows nothing of it. */
static void answer_bytes(Giving *giving)
{
    const OskFileAnswer answer = { .fd = giving->fd,
                                   .len = giving->found.row.sealed_len,
                                   .media_type = "application/octet-stream",
                                   .etag = "\"sealed\"",
                                   .save_as = "sealed.age" };
    giving->fd = -1;
    osk_request_add_header(giving->request, "Cache-Control", "no-store");
    osk_request_answer_file(giving->request, &answer);
}

static void answer(Giving *giving)
{
    if (giving->status == OSK_FOUND && giving->is_doubted) {
        osk_shares_problem(giving->publish, giving->request, OSK_PROBLEM_CLOCK);
    } else if (giving->status == OSK_FOUND) {
        osk_shares_gone(giving->publish, giving->request);
    } else if (giving->status != OSK_OK) {
        osk_shares_problem(giving->publish, giving->request, OSK_PROBLEM_BUSY);
    } else if (giving->wants_bytes) {
        answer_bytes(giving);
    } else {
        answer_page(giving);
    }
}

/* ---- the route ---- */

/* No GET and no HEAD uses a view, and nothing but the bytes is asked for by POST. */
static bool fits_method(const Giving *giving)
{
    bool is_post = strcmp(osk_request_method(giving->request), "POST") == 0;
    return is_post == giving->wants_bytes;
}

static void begin(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Giving *giving = calloc(1, sizeof(*giving));
    osk_request_set_state(request, giving);
    if (giving == NULL) {
        osk_shares_problem(publish, request, OSK_PROBLEM_BUSY);
        return;
    }
    giving->publish = publish;
    giving->request = request;
    giving->fd = -1;
    giving->visit.kind = OSK_SHARE_SEALED;
    giving->visit.today = osk_day_today();
    if (!osk_publish_has_sealed(publish) || !read_path(giving) || !fits_method(giving)) {
        osk_shares_gone(publish, request);
        giving->is_back = true;
    }
}

static void end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    Giving *giving = osk_request_state(request);
    if (giving == NULL) {
        return;
    }
    if (giving->is_back) {
        answer(giving);
    } else if (atomic_fetch_add(&publish->waiting, 1) >= WAITING_MAX) {
        atomic_fetch_sub(&publish->waiting, 1);
        osk_shares_problem(publish, request, OSK_PROBLEM_BUSY);
    } else {
        giving->errand.run = look;
        osk_request_pause(request);
        osk_errands_add(publish->errands, &giving->errand);
    }
}

/* Behind the last view nobody opens it any more: its bytes go, and its row stays for a report. What
 * fails here the desk's sweep does in a day. */
static void drop_bytes(OskErrand *errand)
{
    Giving *giving = (Giving *)errand;
    OskFault fault = { .status = OSK_OK };
    OskRecordRow row = giving->found.row;
    row.blob = (OskId){ .bytes = { 0 } };
    row.sealed_len = 0;
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = &row,
                               .expected = row.version + 1,
                               .uses_spare = true };
    if (osk_share_write(&giving->found.share, &row.bytes) == OSK_OK) {
        (void)osk_store_commit(giving->publish->store, &change, 1, NULL, &fault);
    }
    osk_bytes_clear(&row.bytes);
    free(giving);
}

static bool was_last(const Giving *giving)
{
    return giving->wants_bytes && giving->is_back && giving->status == OSK_OK &&
           giving->found.share.views == 0;
}

/* Who has it open meanwhile reads on: only its name goes. */
static void done(void *context, OskRequest *request, bool whole)
{
    OskPublish *publish = context;
    (void)whole;
    Giving *giving = osk_request_state(request);
    if (giving == NULL) {
        return;
    }
    if (giving->fd >= 0) {
        close(giving->fd);
    }
    if (was_last(giving)) {
        giving->errand.run = drop_bytes;
        osk_errands_add(publish->errands, &giving->errand);
    } else {
        free(giving);
    }
}

const OskRoute osk_sealed_give_route = {
    .path = PREFIX,
    .methods = "GET HEAD POST",
    .begin = begin,
    .end = end,
    .done = done,
};
