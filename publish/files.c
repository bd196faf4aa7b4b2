/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "publish/albums.h"
#include "publish/files.h"
#include "publish/page.h"

/* ---- what is asked for ---- */

static bool read_path(const char *at, OskId *out, unsigned *out_number)
{
    size_t len = strcspn(at, "/");
    *out_number = 0;
    if (!osk_public_id_read(at, len, out)) {
        return false;
    }
    if (at[len] == 0) {
        return true;
    }
    *out_number = (unsigned)(at[len + 1] - '0');
    return at[len + 1] >= '1' && at[len + 1] <= '9' && at[len + 2] == 0;
}

/* ---- answering ---- */

static int open_blob(OskStore *store, const OskPiece *piece, OskFault *fault)
{
    OskBlobReader *reader = NULL;
    if (osk_blob_open(store, &piece->blob, &reader, fault) != OSK_OK) {
        return -1;
    }
    int fd = fcntl(osk_blob_reader_fd(reader), F_DUPFD_CLOEXEC, 0);
    osk_blob_close(&reader);
    return fd;
}

bool osk_file_answer(OskStore *store, OskRequest *request, const OskPiece *piece,
                     const OskFileAsked *asked)
{
    OskFault fault = { 0 };
    char etag[32];
    char name[OSK_PUBLIC_NAME_BYTES];
    const uint8_t *digest = piece->digest;
    const OskRendition *small = asked->number > 0 ? &piece->renditions[asked->number - 1] : NULL;
    int fd = open_blob(store, piece, &fault);
    if (fd < 0) {
        return false;
    }
    snprintf(etag, sizeof(etag), "\"%02x%02x%02x%02x%02x%02x%02x%02x-%u\"", digest[0], digest[1],
             digest[2], digest[3], digest[4], digest[5], digest[6], digest[7], asked->number);
    osk_public_name(&piece->id, small != NULL ? OSK_MEDIA_JPEG : piece->kind, name);
    osk_request_answer_file(
        request, &(OskFileAnswer){ .fd = fd,
                                   .offset = small != NULL ? small->offset : 0,
                                   .len = small != NULL ? small->len : piece->copy_len,
                                   .media_type =
                                       osk_media_type(small != NULL ? OSK_MEDIA_JPEG : piece->kind),
                                   .etag = etag,
                                   .save_as = asked->saves ? name : NULL });
    return true;
}

/* ---- /a/f/ID ---- */

/* There is nothing to be refused before the body, which there is none of. */
static void begin(void *context, OskRequest *request)
{
    (void)context;
    (void)request;
}

static void end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    OskFault fault = { 0 };
    OskFound found;
    OskId id;
    unsigned number = 0;
    if (!read_path(osk_request_path(request) + strlen("/a/f/"), &id, &number)) {
        osk_problem_answer(publish, request, OSK_PROBLEM_NONE);
        return;
    }
    if (!osk_request_takes_file(request)) {
        osk_problem_answer(publish, request, OSK_PROBLEM_BUSY);
        return;
    }
    const OskFileAsked asked = { number, osk_request_query(request, "save") != NULL };
    bool is_answered = false;
    OskStatus status = osk_index_find(publish->index, &id, &found, &fault);
    for (int i = 0; i < 2 && status == OSK_OK && !is_answered && found.is_shown &&
                    number <= found.piece->rendition_count;
         i++) {
        if (i > 0) {
            osk_found_end(&found);
            status = osk_index_find_anew(publish->index, &id, &found, &fault);
            if (status != OSK_OK || !found.is_shown) {
                break;
            }
        }
        is_answered = osk_file_answer(publish->store, request, found.piece, &asked);
    }
    if (is_answered) {
        OskPublishSettings *settings = osk_publish_settings(publish);
        osk_public_headers(request, settings);
        osk_publish_settings_end(&settings);
    } else {
        bool is_number = found.piece == NULL || number <= found.piece->rendition_count;
        osk_problem_answer(publish, request,
                           status != OSK_OK || (found.is_shown && is_number) ? OSK_PROBLEM_BUSY
                           : !found.is_shown ? osk_problem_of(&found)
                                             : OSK_PROBLEM_NONE);
    }
    osk_found_end(&found);
}

const OskRoute osk_files_route = {
    .path = "/a/f/",
    .methods = "GET HEAD",
    .begin = begin,
    .end = end,
};
