/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A copy becomes a publication: its bytes get a name in the store, and what it was made of is kept
 * with the submission alone, sealed by who made it. */
#include "desk/call.h"

#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"
#include "desk/public_texts.h"
#include "desk/publication_json.h"
#include "host/clock.h"

/* What is sealed in base64, texts with every letter escaped, and what stands beside them. */
#define BODY_MAX ((size_t)320 * 1024)
#define PROVENANCE_MAX ((size_t)128 * 1024)

typedef struct Asked {
    OskPublicationItem item;
    OskId copy;
    OskId submission;
    OskBytes provenance;
} Asked;

/* ---- what is asked ---- */

typedef struct Sought {
    OskId file;
    bool is_there;
} Sought;

static bool seek_file(void *context, const OskFileRow *row)
{
    Sought *sought = context;
    sought->is_there = memcmp(&row->id, &sought->file, sizeof(row->id)) == 0;
    return !sought->is_there;
}

/* False when that was refused. */
static bool read_source(OskDeskCall *call, Asked *asked)
{
    OskFault fault = { 0 };
    Sought sought = { .is_there = false };
    OskSubmissionRow row;
    if (!osk_desk_read_submission(call, "submission", &row)) {
        return false;
    }
    asked->submission = row.id;
    bool is_back = row.state == OSK_SUBMISSION_WITHDRAWN;
    osk_submission_row_free(&row);
    if (is_back) {
        osk_desk_refuse(call, 409, "Its sender has taken it back", "Publish nothing of it");
        return false;
    }
    if (!osk_hex_read(osk_desk_text(call, "file"), &sought.file, sizeof(sought.file)) ||
        osk_store_files(call->desk->store, &asked->submission, seek_file, &sought, &fault) !=
            OSK_OK ||
        !sought.is_there) {
        if (fault.status != OSK_OK) {
            osk_desk_refuse_fault(call, &fault);
        } else {
            osk_desk_refuse(call, 404, "There is no such file in this submission", NULL);
        }
        return false;
    }
    return true;
}

/* How many areas were covered; that there is none is said twice. False when that was refused. */
static bool read_areas(OskDeskCall *call, uint32_t *out)
{
    uint64_t areas = 0;
    if (!osk_json_whole(osk_json_get(call->base.json, "areas"), &areas) || areas > UINT32_MAX) {
        osk_desk_refuse(call, 400, "Say how many areas were covered", NULL);
        return false;
    }
    if (areas == 0 && !osk_json_is_true(osk_json_get(call->base.json, "confirmed_none"))) {
        osk_desk_refuse(call, 400, "Nothing was covered in it",
                        "Cover faces, or say that nothing is to be covered: confirmed_none");
        return false;
    }
    *out = (uint32_t)areas;
    return true;
}

static bool read_asked(OskDeskCall *call, Asked *out)
{
    OskPublication *what = &out->item.what;
    const OskPublicText texts[] = {
        { "caption", what->caption, OSK_CAPTION_MAX, false },
        { "alt", what->alt, OSK_ALT_MAX, false },
        { "warning", what->warning, OSK_WARNING_MAX, true },
    };
    memset(out, 0, sizeof(*out));
    if (!osk_hex_read(osk_desk_text(call, "copy"), &out->copy, sizeof(out->copy))) {
        osk_desk_refuse(call, 400, "A copy is named by its id", "Send it to /copies first");
        return false;
    }
    if (!osk_desk_read_public_texts(call, texts, sizeof(texts) / sizeof(texts[0])) ||
        !read_areas(call, &what->areas) || !osk_desk_read_album(call, &what->album) ||
        !read_source(call, out)) {
        return false;
    }
    if (osk_json_get(call->base.json, "provenance") == NULL) {
        osk_desk_refuse(call, 400, "Say what it was made of, sealed to the desk", NULL);
        return false;
    }
    return osk_desk_read_sealed(call, "provenance", NULL, PROVENANCE_MAX, &out->provenance);
}

/* ---- publishing ---- */

/* What the worker said of it. */
static void describe(OskPublicationItem *item, const OskCopy *copy)
{
    const OskPublishDone *done = &copy->what;
    OskPublication *what = &item->what;
    what->day = osk_desk_today();
    what->kind = osk_desk_media_kind(done->kind);
    what->width = done->width;
    what->height = done->height;
    what->duration_ms = done->duration_ms;
    what->copy_len = done->copy_len;
    what->maker = copy->reviewer;
    memcpy(what->digest, copy->digest, sizeof(what->digest));
    what->rendition_count = done->rendition_count;
    item->blob_len = done->copy_len;
    for (uint32_t i = 0; i < done->rendition_count; i++) {
        const OskPublishedPart *part = &done->renditions[i];
        what->renditions[i] = (OskRendition){
            .offset = part->offset, .len = part->len, .width = part->width, .height = part->height
        };
        item->blob_len += part->len;
    }
}

/* Others would find a dead box there, or a silent one. */
static bool is_played(const OskDeskCall *call, const OskCopy *copy)
{
    const OskPublishDone *what = &copy->what;
    bool is_told = osk_json_is_true(osk_json_get(call->base.json, "confirmed_unplayed"));
    return is_told || (what->unplayed_picture[0] == 0 && what->unplayed_sound[0] == 0);
}

/* What failed can be tried again. */
static void give_back(OskDeskCall *call, const OskCopy *copy, OskBlobWriter **writer)
{
    if (*writer != NULL && osk_copies_enter(call->desk->copies, &copy->reviewer)) {
        osk_copies_add(call->desk->copies, copy, writer, osk_now_ms());
    }
    osk_blob_abort(writer);
}

/* Rows and bytes, all or none; the writer as osk_publication_add() leaves it. */
static OskStatus store_all(OskDeskCall *call, Asked *asked, OskBlobWriter **writer, OskFault *fault)
{
    OskDesk *desk = call->desk;
    OskPublicationItem *item = &asked->item;
    const OskPublisher by = osk_desk_publisher(call);
    if (!desk->random.fill(desk->random.context, &item->id, sizeof(item->id))) {
        return osk_fault_set(fault, OSK_IO, "", "the kernel has no randomness", OSK_NO_OFFSET);
    }
    const OskRecordRow beside = {
        .key = { .space = OSK_SPACE_PUBLISHED, .owner = asked->submission, .id = item->id },
        .day = item->what.day,
        .bytes = asked->provenance
    };
    const OskPublicationDeed deed = { .did = "publish", .beside = &beside };
    return osk_publication_add(&by, item, &deed, writer, fault);
}

static void publish(OskDeskCall *call, Asked *asked)
{
    OskFault fault = { 0 };
    OskBlobWriter *writer = NULL;
    OskCopy copy = { .id = asked->copy, .reviewer = call->session.reviewer };
    if (!osk_copies_take(call->desk->copies, &copy, osk_now_ms(), &writer)) {
        osk_desk_refuse(call, 404, "There is no such copy",
                        "Send it again: it is kept for an hour, until you log out");
        return;
    }
    if (!is_played(call, &copy)) {
        /* First: a call that was answered is nobody's any more. */
        give_back(call, &copy, &writer);
        osk_desk_refuse(call, 400, "Not every browser plays this video",
                        "Save it as MP4 with H.264 of 8 bits and AAC, scrub that, and publish that "
                        "copy; or say that it is to be public so: confirmed_unplayed");
        return;
    }
    describe(&asked->item, &copy);
    asked->item.state = OSK_PUBLICATION_WAITING;
    if (!call->desk->publishing.needs_second) {
        osk_publication_show(&asked->item);
    }
    if (store_all(call, asked, &writer, &fault) != OSK_OK) {
        give_back(call, &copy, &writer);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/publication/1");
    asked->item.version = 1;
    osk_desk_set_publication(call, json, &asked->item);
    osk_desk_done(call, json);
}

static void run_publish(OskDeskCall *call)
{
    Asked asked;
    if (read_asked(call, &asked)) {
        publish(call, &asked);
        osk_bytes_clear(&asked.provenance);
    }
}

/* ---- the endpoints ---- */

static const char *const keys[] = {
    "copy",       "submission",    "file",  "album",          "caption",
    "alt",        "warning",       "areas", "confirmed_none", "confirmed_unplayed",
    "provenance", "words_checked", NULL
};

const OskDeskEndpoint osk_desk_publish_endpoints[] = {
    { "/api/publications", "POST", keys, BODY_MAX, OSK_ROLE_PUBLISHER, run_publish },
};
const size_t osk_desk_publish_count =
    sizeof(osk_desk_publish_endpoints) / sizeof(osk_desk_publish_endpoints[0]);
