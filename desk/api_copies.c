/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies that are to be public. One comes piece by piece and is sealed to a key of its own before a
 * byte of it reaches the disk; the worker proves that it is clean, and only what it gives back in
 * the clear is kept:
 *
 *   body ─▶ sealer ─▶ unnamed file ─▶ osk_worker_publish() ─▶ unnamed file ─▶ copies.h */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/call.h"
#include "desk/hex.h"
#include "desk/publication_json.h"
#include "host/clock.h"
#include "host/locked.h"
#include "host/sealed_memory.h"

/* So much of the disk is the senders': one tenth. */
#define SENDERS_PART 10u
#define ID_LETTERS (2u * OSK_ID_BYTES)

/* One that comes; in locked memory, since it may be no clean copy at all. */
struct OskDeskComing {
    OskSealer sealer;
    OskIdentity to; /* of nobody: the key of the file opens it */
    OskSha256 hash;
    OskStripSegment segment;
    OskBlobWriter *writer;
    OskStatus status; /* of what was written */
};

/* ---- the body ---- */

static bool write_sealed(void *context, const void *bytes, size_t len)
{
    struct OskDeskComing *coming = context;
    OskFault fault = { 0 };
    OskStatus status = osk_blob_write(coming->writer, bytes, len, &fault);
    coming->status = coming->status == OSK_OK ? status : coming->status;
    coming->segment.sealed_len += len;
    return status == OSK_OK;
}

static OskStatus open_coming(OskDeskCall *call, uint64_t len)
{
    struct OskDeskComing *coming = call->coming;
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    const OskSealTo to = { .recipients = &coming->to.recipient,
                           .count = 1,
                           .random = &desk->random };
    const OskSink sink = { .context = coming, .write = write_sealed };
    coming->segment.plain_len = len;
    osk_sha256_begin(&coming->hash);
    OskStatus status = osk_identity_make(&coming->to, &desk->random, &fault);
    if (status == OSK_OK) {
        status = osk_blob_begin(desk->store, osk_seal_file_len(&to, len), &coming->writer, &fault);
    }
    return status == OSK_OK
               ? osk_sealer_open(&coming->sealer, &to, &sink, coming->segment.key, &fault)
               : status;
}

static bool has_room(OskDesk *desk, uint64_t len)
{
    uint64_t there = 0;
    uint64_t total = 0;
    uint64_t most = osk_publish_output_max(len);
    if (!osk_store_disk(desk->store, &there, &total) || there < total / SENDERS_PART) {
        return false;
    }
    there -= total / SENDERS_PART;
    /* Sealed, and proven beside it. */
    return there > most && there - most > len + len / 64;
}

static bool refuse(OskDeskCall *call, unsigned status, const char *what, const char *next)
{
    osk_desk_refuse_unread(call, status, what, next);
    return false;
}

/* Whether so much may come. */
static bool accepts(OskDeskCall *call, uint64_t len)
{
    const OskDeskPublishing *publishing = &call->desk->publishing;
    const char *type = osk_request_header(call->request, "Content-Type");
    if (type == NULL || strcasecmp(type, "application/octet-stream") != 0) {
        return refuse(call, 415, "A copy is sent as application/octet-stream", NULL);
    }
    if (!publishing->has_albums && !publishing->has_links) {
        return refuse(call, 409, "This server publishes nothing",
                      "Who runs it says so in [publish]: albums or links");
    }
    if (len == UINT64_MAX) {
        return refuse(call, 411, "A copy comes with its length", "Send Content-Length");
    }
    if (len == 0) {
        return refuse(call, 400, "There is nothing in it", NULL);
    }
    if (len > publishing->copy_max) {
        return refuse(call, 413, "The copy is larger than this server takes",
                      "Make it smaller, or ask who runs the server");
    }
    if (!has_room(call->desk, len)) {
        return refuse(call, 507, "The server's disk has no room for this",
                      "Tell who runs the server");
    }
    return true;
}

static bool begin_copy(OskDeskCall *call)
{
    uint64_t len = osk_request_length(call->request);
    if (!accepts(call, len)) {
        return false;
    }
    if (!osk_copies_enter(call->desk->copies, &call->session.reviewer)) {
        return refuse(call, 429, "Too many copies of yours are on their way",
                      "Wait until one of them is there");
    }
    call->has_entered = true;
    call->coming = osk_locked_alloc(sizeof(*call->coming));
    OskStatus status = call->coming == NULL ? OSK_NO_MEMORY : open_coming(call, len);
    if (status == OSK_LIMIT) {
        return refuse(call, 507, "The server's disk has no room for this",
                      "Tell who runs the server");
    }
    if (status != OSK_OK) {
        return refuse(call, 503, "The server has no memory left", "Try again in a minute");
    }
    return true;
}

static bool take_copy(OskDeskCall *call, const uint8_t *bytes, size_t len)
{
    struct OskDeskComing *coming = call->coming;
    OskFault fault = { 0 };
    osk_sha256_add(&coming->hash, bytes, len);
    if (osk_sealer_write(&coming->sealer, bytes, len, &fault) == OSK_OK) {
        return true;
    }
    if (coming->status == OSK_LIMIT) {
        return refuse(call, 507, "The server's disk has no room for this",
                      "Tell who runs the server");
    }
    return refuse(call, 500, "The server could not do this", "Tell who runs the server");
}

static void drop_copy(OskDeskCall *call)
{
    if (call->coming != NULL) {
        osk_sealer_wipe(&call->coming->sealer);
        osk_identity_wipe(&call->coming->to);
        osk_seal_wipe(&call->coming->segment, sizeof(call->coming->segment));
        osk_blob_abort(&call->coming->writer);
        osk_locked_free(call->coming);
        call->coming = NULL;
    }
    if (call->has_entered) {
        call->has_entered = false;
        osk_copies_leave(call->desk->copies, &call->session.reviewer);
    }
}

/* ---- proving it ---- */

static bool goes_on(void *context, uint32_t done, uint32_t total)
{
    (void)done;
    (void)total;
    return !atomic_load(&((OskDesk *)context)->is_parked);
}

/* Into `writer`, in the clear. */
static OskStatus prove(OskDeskCall *call, OskBlobWriter *writer, OskCopy *copy, OskFault *fault)
{
    struct OskDeskComing *coming = call->coming;
    OskWorkerFate fate = OSK_WORKER_BUSY;
    OskStatus status = osk_sealer_finish(&coming->sealer, fault);
    if (status != OSK_OK) {
        return coming->status == OSK_LIMIT ? OSK_NO_MEMORY : OSK_IO;
    }
    int input = osk_open_to_read(osk_blob_fd(coming->writer));
    OskPublishJob job = { .input_fd = input,
                          .segments = &coming->segment,
                          .segment_count = 1,
                          .output_fd = osk_blob_fd(writer),
                          .progress = goes_on,
                          .progress_context = call->desk };
    osk_sha256_end(&coming->hash, copy->digest);
    memcpy(job.digest, copy->digest, sizeof(job.digest));
    if (input < 0 || job.output_fd < 0) {
        status = OSK_IO;
    } else {
        status = osk_worker_publish(&job, &copy->what, &fate, fault);
    }
    if (input >= 0) {
        close(input);
    }
    osk_seal_wipe(&job, sizeof(job));
    return status;
}

static void refuse_copy(OskDeskCall *call, OskStatus status, const OskFault *fault)
{
    switch (status) {
    case OSK_FOUND:
    case OSK_UNSUPPORTED:
    case OSK_MALFORMED:
    case OSK_TRUNCATED:
    case OSK_LIMIT: break;
    case OSK_NO_MEMORY:
    case OSK_IO:
        osk_desk_refuse(call, 503, "The server could not look at the copy now",
                        "Try again in a minute");
        return;
    default:
        osk_desk_refuse(call, 500, "The server could not do this", "Tell who runs the server");
        return;
    }
    OskJson *json = osk_call_error(fault->what, fault->next);
    osk_json_set_text(json, "part", fault->part == NULL ? "" : fault->part);
    if (fault->offset != OSK_NO_OFFSET) {
        osk_json_set_whole(json, "offset", fault->offset);
    } else {
        osk_json_set_text(json, "offset", NULL);
    }
    osk_desk_refuse_json(call, 422, json);
}

static const char *or_null(const char *text)
{
    return text[0] != 0 ? text : NULL;
}

static OskJson *copy_json(const OskCopy *copy)
{
    char digest[OSK_HEX_BYTES(OSK_DIGEST_BYTES)];
    const OskPublishDone *what = &copy->what;
    OskJson *json = osk_json_object("oilskin/copy/1");
    osk_hex_write(copy->digest, sizeof(copy->digest), digest);
    osk_desk_set_id(json, "copy", &copy->id);
    osk_json_set_text(json, "sha256", digest);
    osk_json_set_text(json, "kind", osk_desk_copy_kind(osk_desk_media_kind(what->kind)));
    osk_json_set_flag(json, "moves", what->moves);
    osk_json_set_whole(json, "width", what->width);
    osk_json_set_whole(json, "height", what->height);
    osk_json_set_whole(json, "duration_ms", what->duration_ms);
    osk_json_set_whole(json, "copy_len", what->copy_len);
    osk_json_set_whole(json, "renditions", what->rendition_count);
    osk_json_set_text(json, "unplayed_picture", or_null(what->unplayed_picture));
    osk_json_set_text(json, "unplayed_sound", or_null(what->unplayed_sound));
    return json;
}

/* Who has logged out meanwhile gets no copy any more. */
static void keep_copy(OskDeskCall *call, const OskCopy *copy, OskBlobWriter **writer)
{
    OskDesk *desk = call->desk;
    OskSession session;
    OskJson *json = copy_json(copy);
    if (!osk_sessions_find(desk->sessions, call->cookie, osk_now_ms(), &session)) {
        osk_json_free(&json);
        osk_blob_abort(writer);
        osk_desk_refuse(call, 401, "Nobody is logged in here", "Log in");
        return;
    }
    osk_seal_wipe(&session, sizeof(session));
    osk_copies_add(desk->copies, copy, writer, osk_now_ms());
    call->has_entered = false;
    osk_desk_done(call, json);
}

static void run_copy(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { .offset = OSK_NO_OFFSET };
    OskBlobWriter *writer = NULL;
    OskCopy copy = { .reviewer = call->session.reviewer, .session = call->session.number };
    OskStatus status = osk_blob_begin(desk->store, 0, &writer, &fault);
    if (status == OSK_OK) {
        status = prove(call, writer, &copy, &fault);
    }
    if (status == OSK_OK && !desk->random.fill(desk->random.context, &copy.id, sizeof(copy.id))) {
        status = OSK_IO;
    }
    /* What was sealed is not needed any more: its room may be the next one's. */
    osk_blob_abort(&call->coming->writer);
    if (status != OSK_OK) {
        osk_blob_abort(&writer);
        refuse_copy(call, status, &fault);
        return;
    }
    keep_copy(call, &copy, &writer);
}

/* ---- GET /copies/ID, GET /copies/ID/N ---- */

/* Bytes that are public, or will be. */
typedef struct Shown {
    int fd;
    OskMediaKind kind;
    uint64_t len;
    uint32_t rendition_count;
    OskPublishedPart renditions[OSK_RENDITIONS_MAX];
    uint8_t digest[32];
} Shown;

static bool show_copy(OskDeskCall *call, const OskId *id, Shown *out)
{
    OskCopy copy = { .id = *id, .reviewer = call->session.reviewer };
    *out = (Shown){ .fd = -1 };
    if (!osk_copies_find(call->desk->copies, &copy, osk_now_ms(), &out->fd)) {
        return false;
    }
    out->kind = osk_desk_media_kind(copy.what.kind);
    out->len = copy.what.copy_len;
    out->rendition_count = copy.what.rendition_count;
    memcpy(out->renditions, copy.what.renditions, sizeof(copy.what.renditions));
    memcpy(out->digest, copy.digest, sizeof(out->digest));
    return true;
}

/* A shuffle may give it another blob between its row and its opening: once is enough. */
static OskBlobReader *open_publication(OskStore *store, const OskId *id, OskPublicationItem *out)
{
    for (int i = 0; i < 2; i++) {
        OskFault fault = { 0 };
        OskBlobReader *reader = NULL;
        if (!osk_publication_load(store, id, out, &fault) ||
            out->state == OSK_PUBLICATION_WITHDRAWN) {
            return NULL;
        }
        if (osk_blob_open(store, &out->blob, &reader, &fault) == OSK_OK) {
            return reader;
        }
    }
    return NULL;
}

static bool show_publication(OskDeskCall *call, const OskId *id, Shown *out)
{
    OskPublicationItem item;
    OskBlobReader *reader = open_publication(call->desk->store, id, &item);
    *out = (Shown){ .fd = -1 };
    if (reader == NULL) {
        return false;
    }
    out->fd = osk_open_to_read(osk_blob_reader_fd(reader));
    osk_blob_close(&reader);
    out->kind = item.what.kind;
    out->len = item.what.copy_len;
    out->rendition_count = item.what.rendition_count;
    for (uint32_t i = 0; i < item.what.rendition_count; i++) {
        const OskRendition *rendition = &item.what.renditions[i];
        out->renditions[i] =
            (OskPublishedPart){ .offset = rendition->offset, .len = rendition->len };
    }
    memcpy(out->digest, item.what.digest, sizeof(out->digest));
    return out->fd >= 0;
}

/* "ID", or "ID/N" with N from 1 on; 0 is the copy. */
static bool read_name(const char *name, OskId *out_id, uint32_t *out_number)
{
    char id[ID_LETTERS + 1] = "";
    *out_number = 0;
    if (strlen(name) < ID_LETTERS) {
        return false;
    }
    memcpy(id, name, ID_LETTERS);
    const char *rest = name + ID_LETTERS;
    if (rest[0] != 0) {
        if (rest[0] != '/' || rest[1] < '1' || rest[1] > '9' || rest[2] != 0) {
            return false;
        }
        *out_number = (uint32_t)(rest[1] - '0');
    }
    return osk_hex_read(id, out_id, sizeof(*out_id));
}

static void answer_shown(OskDeskCall *call, const Shown *shown, uint32_t number)
{
    char digest[OSK_HEX_BYTES(16)];
    char etag[OSK_HEX_BYTES(16) + 8];
    OskFileAnswer answer = {
        .fd = shown->fd, .len = shown->len, .media_type = osk_media_type(shown->kind), .etag = etag
    };
    if (number > 0) {
        answer.offset = shown->renditions[number - 1].offset;
        answer.len = shown->renditions[number - 1].len;
        answer.media_type = osk_media_type(OSK_MEDIA_JPEG);
    }
    osk_hex_write(shown->digest, 16, digest);
    snprintf(etag, sizeof(etag), "\"%s-%u\"", digest, (unsigned)number);
    call->base.is_answered = true;
    osk_request_answer_file(call->request, &answer);
    osk_request_resume(call->request);
}

static void run_shown(OskDeskCall *call)
{
    const char *name = osk_request_path(call->request) + strlen(call->endpoint->path);
    OskId id;
    Shown shown;
    uint32_t number = 0;
    if (!osk_request_takes_file(call->request)) {
        osk_desk_refuse(call, 503, "Many copies are being read", "Try again in a minute");
        return;
    }
    if (!read_name(name, &id, &number) ||
        (!show_copy(call, &id, &shown) && !show_publication(call, &id, &shown))) {
        osk_desk_refuse(call, 404, "There is no such copy",
                        "Its hour may be over, or it was withdrawn");
        return;
    }
    if (number > shown.rendition_count) {
        close(shown.fd);
        osk_desk_refuse(call, 404, "There is no such copy", NULL);
        return;
    }
    answer_shown(call, &shown, number);
}

/* ---- the endpoints ---- */

const OskDeskEndpoint osk_desk_copies_endpoints[] = {
    { "/copies", "POST", NULL, 0, OSK_ROLE_PUBLISHER, run_copy },
    { "/copies/", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_shown },
};
const size_t osk_desk_copies_count =
    sizeof(osk_desk_copies_endpoints) / sizeof(osk_desk_copies_endpoints[0]);
const OskDeskStream osk_desk_copy_stream = {
    .of = &osk_desk_copies_endpoints[0], .begin = begin_copy, .take = take_copy, .drop = drop_copy
};
