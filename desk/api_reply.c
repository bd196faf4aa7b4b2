/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words to a sender, which a receipt opens. The page seals them to its key, and to the desk's own,
 * which reads later what it said. */
#include "desk/call.h"

#include <string.h>

#include "desk/hex.h"

#define BODY_MAX ((size_t)160 * 1024)
/* What a letter holds, padded: the drop opens no longer ones. */
#define PLAIN_MAX ((size_t)64 * 1024)

static bool count_message(void *context, const OskMessageRow *row)
{
    (void)row;
    (*(uint64_t *)context)++;
    return true;
}

/* What two write at once, or one twice since its answer was lost, is stored once: who writes says
 * how many messages there were. */
static OskStatus store_reply(OskDeskCall *call, const OskMessageRow *message, uint64_t expected,
                             OskFault *fault)
{
    OskDesk *desk = call->desk;
    uint64_t count = 0;
    const OskChange change = { .kind = OSK_ROW_MESSAGE_ADD, .row.message = message };
    OskDeed deed = { .who = &call->session.reviewer, .did = "reply" };
    pthread_mutex_lock(&desk->replying);
    OskStatus status =
        osk_store_messages(desk->store, &message->submission, count_message, &count, fault);
    if (status == OSK_OK && count != expected) {
        status = fault->status = OSK_FOUND;
    }
    if (status == OSK_OK) {
        deed.about = osk_json_object(NULL);
        osk_desk_set_id(deed.about, "submission", &message->submission);
        osk_json_set_whole(deed.about, "message", count);
        status = osk_audit_commit(desk->audit, &deed, &change, 1, fault);
    }
    pthread_mutex_unlock(&desk->replying);
    return status;
}

static void run_reply(OskDeskCall *call)
{
    static const uint8_t no_key[32];
    OskFault fault = { 0 };
    OskSubmissionRow row;
    OskRecipient receipt;
    uint64_t expected = 0;
    OskMessageRow message = { .from_desk = true, .day = osk_desk_today() };
    if (!osk_json_whole(osk_json_get(call->base.json, "messages"), &expected)) {
        osk_desk_refuse(call, 400, "A reply says how many messages there were before it", NULL);
        return;
    }
    if (!osk_desk_read_submission(call, "submission", &row)) {
        return;
    }
    memcpy(receipt.key, row.reply_key, sizeof(receipt.key));
    bool has_receipt = memcmp(receipt.key, no_key, sizeof(no_key)) != 0;
    message.submission = row.id;
    osk_submission_row_free(&row);
    if (!has_receipt) {
        osk_desk_refuse(call, 409, "This came without a receipt: nobody can read a reply", NULL);
        return;
    }
    if (!osk_desk_read_sealed(call, "sealed", &receipt, PLAIN_MAX, &message.sealed)) {
        return;
    }
    if (message.sealed.len == 0) {
        osk_desk_refuse(call, 400, "There is no reply in it", NULL);
        return;
    }
    OskStatus status = store_reply(call, &message, expected, &fault);
    osk_bytes_clear(&message.sealed);
    if (status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/replied/1");
    osk_json_set_whole(json, "messages", expected + 1);
    osk_desk_done(call, json);
}

/* ---- the endpoints ---- */

static const char *const reply_keys[] = { "submission", "messages", "sealed", NULL };

const OskDeskEndpoint osk_desk_reply_endpoints[] = {
    { "/api/reply", "POST", reply_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_reply },
};
const size_t osk_desk_reply_count =
    sizeof(osk_desk_reply_endpoints) / sizeof(osk_desk_reply_endpoints[0]);
