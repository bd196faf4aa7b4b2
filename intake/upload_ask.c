/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/upload_ask.h"

#include "intake/structured.h"

#include <stdlib.h>
#include <string.h>

/* Drafts 09 to 11, and 12 on. What 9 adds a server may do under 8: each answer that went well says
 * Upload-Complete. */
#define INTEROP_OLDEST 8
#define INTEROP_NEWEST 9

static bool refuse(OskRefusal *refusal, unsigned status, const char *what, const char *next)
{
    *refusal = (OskRefusal){ .status = status, .what = what, .next = next };
    return false;
}

static bool refuse_length(OskRefusal *refusal)
{
    *refusal = (OskRefusal){ .status = 400,
                             .what = "Upload-Length and the length of the body do not agree",
                             .problem = OSK_PROBLEM_LENGTH };
    return false;
}

static bool read_verb(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    static const struct {
        const char *method;
        OskUploadVerb verb;
    } verbs[] = { { "OPTIONS", OSK_UPLOAD_OPTIONS },
                  { "POST", OSK_UPLOAD_CREATE },
                  { "HEAD", OSK_UPLOAD_LOOK },
                  { "PATCH", OSK_UPLOAD_APPEND },
                  { "DELETE", OSK_UPLOAD_DROP } };
    /* For clients whose network lets nothing but GET and POST through (tus,
     * X-HTTP-Method-Override).
     */
    const char *override = osk_request_header(request, "X-HTTP-Method-Override");
    const char *method = override == NULL ? osk_request_method(request) : override;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(method, verbs[i].method) == 0) {
            out->verb = verbs[i].verb;
            return true;
        }
    }
    return refuse(refusal, 405, "Uploads know OPTIONS, POST, HEAD, PATCH and DELETE", NULL);
}

static bool read_protocol(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *tus = osk_request_header(request, "Tus-Resumable");
    const char *complete = osk_request_header(request, "Upload-Complete");
    if (tus != NULL) {
        return strcmp(tus, OSK_TUS_VERSION) == 0 ||
               refuse(refusal, 412, "This server speaks tus " OSK_TUS_VERSION, NULL);
    }
    uint64_t version = 0;
    const char *interop = osk_request_header(request, "Upload-Draft-Interop-Version");
    out->is_draft = true;
    /* Without the version that both speak, the draft forbids 104. */
    if (osk_structured_whole(interop, &version) && version >= INTEROP_OLDEST &&
        version <= INTEROP_NEWEST) {
        out->interop = (unsigned)version;
    }
    bool has_body = out->verb == OSK_UPLOAD_CREATE || out->verb == OSK_UPLOAD_APPEND;
    if (has_body && !osk_structured_boolean(complete, &out->completes)) {
        return refuse(refusal, 412, "The request says neither Tus-Resumable nor Upload-Complete",
                      "Use a client for tus " OSK_TUS_VERSION
                      " or for the IETF's resumable uploads; a form goes to /submit");
    }
    return true;
}

static bool read_address(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *path = osk_request_path(request);
    if (out->verb == OSK_UPLOAD_CREATE) {
        return strcmp(path, "/uploads/") == 0 || strcmp(path, "/uploads") == 0 ||
               refuse(refusal, 405, "A new upload begins with POST to /uploads/", NULL);
    }
    return osk_tus_token(path, strlen(path), out->token) ||
           refuse(refusal, 404, "There is no such upload",
                  "It may have expired, or be complete; begin it again");
}

static bool read_checksum(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *checksum = osk_request_header(request, "Upload-Checksum");
    if (checksum == NULL) {
        return true;
    }
    out->has_checksum = osk_tus_checksum(checksum, &out->checksum);
    return out->has_checksum ||
           refuse(refusal, 400, "Upload-Checksum must be sha1 or sha256 and a digest in base64",
                  NULL);
}

/* ---- tus ---- */

static bool read_tus_length(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *len = osk_request_header(request, "Upload-Length");
    const char *defer = osk_request_header(request, "Upload-Defer-Length");
    bool is_deferred = defer != NULL && strcmp(defer, "1") == 0;
    if (defer != NULL && (!is_deferred || len != NULL)) {
        return refuse(refusal, 400, "Upload-Defer-Length must be 1, and without Upload-Length",
                      NULL);
    }
    if (len != NULL && !osk_tus_whole(len, &out->len)) {
        return refuse(refusal, 400, "Upload-Length must be a whole number of bytes", NULL);
    }
    bool must_say = out->verb == OSK_UPLOAD_CREATE && out->concat == NULL;
    if (must_say && len == NULL && !is_deferred) {
        return refuse(refusal, 400, "Upload-Length is missing", NULL);
    }
    return (out->concat == NULL || len == NULL) ||
           refuse(refusal, 400, "A final upload has no Upload-Length: its parts have", NULL);
}

static bool read_tus_concat(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *concat = osk_request_header(request, "Upload-Concat");
    if (concat == NULL) {
        return true;
    }
    out->concat = calloc(1, sizeof(*out->concat));
    if (out->concat == NULL) {
        return refuse(refusal, 503, "The server has no memory left", "Try again in a minute");
    }
    if (!osk_tus_concat(concat, out->concat)) {
        return refuse(refusal, 400,
                      "Upload-Concat must be partial, or final; and at most 64 uploads of this "
                      "server",
                      NULL);
    }
    if (!out->concat->is_final) {
        out->is_partial = true;
        free(out->concat);
        out->concat = NULL;
    }
    return true;
}

static bool read_tus_body(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    static const char *const type = "application/offset+octet-stream";
    /* Content-Type says that a creation has a body, too. */
    const char *header = osk_request_header(request, "Content-Type");
    bool is_ours = osk_tus_is_media_type(header, type);
    bool may_lack = out->verb == OSK_UPLOAD_CREATE && out->body_len == 0;
    if (!is_ours && !may_lack) {
        return refuse(refusal, 415, "The body of an upload is application/offset+octet-stream",
                      NULL);
    }
    if (out->concat != NULL && out->body_len != 0) {
        return refuse(refusal, 400, "A final upload has no body: its parts have", NULL);
    }
    return true;
}

static bool read_tus_create(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *why = NULL;
    if (!osk_tus_metadata(osk_request_header(request, "Upload-Metadata"), &out->metadata, &why)) {
        return refuse(refusal, 400, why, NULL);
    }
    return read_tus_concat(out, request, refusal) && read_tus_length(out, request, refusal) &&
           read_tus_body(out, request, refusal) && read_checksum(out, request, refusal);
}

static bool read_tus_append(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    if (!osk_tus_whole(osk_request_header(request, "Upload-Offset"), &out->offset)) {
        return refuse(refusal, 400, "Upload-Offset must be a whole number of bytes", NULL);
    }
    return read_tus_length(out, request, refusal) && read_tus_body(out, request, refusal) &&
           read_checksum(out, request, refusal);
}

/* ---- the draft ---- */

/* Sections 4.1.3: two ways to say a length, which must agree. */
static bool read_draft_length(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    bool is_said = osk_structured_whole(osk_request_header(request, "Upload-Length"), &out->len);
    if (out->body_len == UINT64_MAX) {
        return true;
    }
    uint64_t end = out->offset + out->body_len;
    if (end < out->offset || (is_said && (out->completes ? end != out->len : end > out->len))) {
        return refuse_length(refusal);
    }
    if (out->completes) {
        out->len = end;
    }
    return true;
}

static bool read_draft_create(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *type = osk_request_header(request, "Content-Type");
    const char *why = NULL;
    /* A form would be kept with its boundaries as if that were the file. */
    if (osk_tus_is_media_type(type, "multipart/form-data")) {
        return refuse(refusal, 415, "This is a form, and an upload is one file",
                      "Send it to /submit");
    }
    if (!osk_tus_metadata(osk_request_header(request, "Upload-Metadata"), &out->metadata, &why)) {
        return refuse(refusal, 400, why, NULL);
    }
    return read_draft_length(out, request, refusal);
}

static bool read_draft_append(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    const char *type = osk_request_header(request, "Content-Type");
    if (!osk_tus_is_media_type(type, "application/partial-upload")) {
        return refuse(refusal, 415, "The body of an upload is application/partial-upload", NULL);
    }
    if (!osk_structured_whole(osk_request_header(request, "Upload-Offset"), &out->offset)) {
        return refuse(refusal, 400, "Upload-Offset must be a whole number of bytes", NULL);
    }
    return read_draft_length(out, request, refusal);
}

bool osk_upload_ask_read(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal)
{
    memset(out, 0, sizeof(*out));
    out->len = UINT64_MAX;
    out->body_len = osk_request_length(request);
    if (!read_verb(out, request, refusal)) {
        return false;
    }
    if (out->verb == OSK_UPLOAD_OPTIONS) {
        return true;
    }
    if (!read_protocol(out, request, refusal) || !read_address(out, request, refusal)) {
        return false;
    }
    if (out->verb == OSK_UPLOAD_CREATE) {
        return (out->is_draft ? read_draft_create : read_tus_create)(out, request, refusal);
    }
    if (out->verb == OSK_UPLOAD_APPEND) {
        return (out->is_draft ? read_draft_append : read_tus_append)(out, request, refusal);
    }
    return true;
}

void osk_upload_ask_wipe(OskUploadAsk *ask)
{
    if (ask->concat != NULL) {
        explicit_bzero(ask->concat, sizeof(*ask->concat));
        free(ask->concat);
    }
    explicit_bzero(ask, sizeof(*ask));
}
