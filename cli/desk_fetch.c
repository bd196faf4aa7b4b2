/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk fetch: a submission, sealed as it lies, for a machine that is on no network. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/desk_blob.h"
#include "cli/desk_verb.h"
#include "host/errors.h"
#include "host/output.h"

#define PIECE_BYTES ((size_t)1 << 20)

static OskStatus name_file(char path[PATH_MAX], const char *folder, const char *name,
                           OskFault *fault)
{
    int len = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return len > 0 && len < PATH_MAX ? OSK_OK : osk_host_fail(fault, "copy", ENAMETOOLONG);
}

static OskStatus copy_source(const OskSource *source, OskOutput *output, OskFault *fault)
{
    uint8_t *piece = malloc(PIECE_BYTES);
    OskSink sink = osk_output_sink(output, NULL, NULL);
    OskStatus status = piece == NULL ? osk_host_fail(fault, "copy", ENOMEM) : OSK_OK;
    for (uint64_t at = 0; status == OSK_OK && at < source->size;) {
        size_t len = source->size - at < PIECE_BYTES ? (size_t)(source->size - at) : PIECE_BYTES;
        if (!source->read(source->context, at, piece, len)) {
            status = OSK_IO; /* the blob knows why */
        } else if (!sink.write(sink.context, piece, len)) {
            status = osk_output_explain(output, fault);
        }
        at += len;
    }
    free(piece);
    return status;
}

static OskStatus fetch_part(OskDeskBlob *blob, uint64_t part, const char *path, OskFault *fault)
{
    OskOutputOptions how = { .owner = (uid_t)-1, .group = (gid_t)-1 };
    OskOutput output;
    OskSource source;
    OskDeskParts parts = osk_desk_blob_parts(blob);
    OskStatus status = parts.open(parts.context, part, &source, fault);
    if (status != OSK_OK) {
        return status;
    }
    status = osk_output_begin(&output, path, how, fault);
    if (status == OSK_OK) {
        status = copy_source(&source, &output, fault);
    }
    if (status != OSK_OK) {
        *fault = blob->fault.status != OSK_OK ? blob->fault : *fault;
        osk_output_abort(&output);
        return fault->status;
    }
    return osk_output_commit(&output, fault);
}

static OskStatus fetch_file(OskDeskClient *client, const OskDeskFile *file,
                            const OskDeskAsked *asked, OskFault *fault)
{
    OskDeskBlob blob;
    char name[OSK_DESK_PART_NAME_BYTES];
    char path[PATH_MAX];
    OskStatus status =
        osk_desk_blob_open(&blob, client, file, asked->why != NULL ? asked->why : "review", fault);
    for (uint64_t i = 0; status == OSK_OK && i < file->segments; i++) {
        osk_desk_part_name(file, i, name);
        status = name_file(path, asked->output, name, fault);
        if (status == OSK_OK) {
            status = fetch_part(&blob, i, path, fault);
        }
    }
    osk_desk_blob_close(&blob);
    return status;
}

/* Last: with it the folder is whole. */
static OskStatus write_answer(const OskDeskSubmission *submission, const char *folder,
                              OskFault *fault)
{
    OskOutputOptions how = { .owner = (uid_t)-1, .group = (gid_t)-1 };
    char path[PATH_MAX];
    size_t len = 0;
    char *text = osk_json_write(submission->answer, &len);
    OskStatus status = text == NULL ? osk_host_fail(fault, "copy", ENOMEM)
                                    : name_file(path, folder, "submission.json", fault);
    if (status == OSK_OK) {
        status = osk_output_write(path, how, text, len, fault);
    }
    osk_json_text_free(text);
    return status;
}

static OskStatus fetch(OskDeskClient *client, const OskDeskAsked *asked, const char *id,
                       OskFault *fault)
{
    OskDeskSubmission submission = { .answer = NULL };
    OskStatus status = osk_desk_submission_get(&submission, client, id, NULL, fault);
    if (status == OSK_OK && mkdir(asked->output, 0700) != 0) {
        status = osk_host_fail(fault, "copy", errno);
    }
    for (size_t i = 0; status == OSK_OK && i < submission.file_count; i++) {
        OskDeskFile file;
        if (!osk_desk_submission_file(&submission, i, &file)) {
            *fault = (OskFault){ .status = OSK_MALFORMED,
                                 .what = "is no submission as a desk says it",
                                 .offset = OSK_NO_OFFSET };
            status = OSK_MALFORMED;
        } else {
            status = fetch_file(client, &file, asked, fault);
        }
    }
    if (status == OSK_OK) {
        status = write_answer(&submission, asked->output, fault);
    }
    osk_desk_submission_free(&submission);
    return status;
}

static int run(const OskDeskAsked *asked, char **words, int count)
{
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    (void)count;
    if (asked->output == NULL) {
        return osk_usage(&osk_cmd_desk, "name the folder to make: -o FOLDER");
    }
    OskStatus status = osk_desk_connect(&client, &asked->who, &fault);
    int code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    if (status == OSK_OK && fetch(&client, asked, words[0], &fault) != OSK_OK) {
        bool is_copy = fault.part != NULL && strcmp(fault.part, "copy") == 0;
        code = osk_desk_explain(is_copy ? asked->output : words[0], &fault);
    } else if (status == OSK_OK) {
        puts("It is there, sealed. On the machine that has the key:\n"
             "  oilskin desk unseal FOLDER -i KEYFILE -o OUT");
    }
    osk_desk_disconnect(&client);
    return code;
}

const OskDeskVerb osk_desk_fetch = {
    .name = "fetch",
    .usage = "name one submission: oilskin desk fetch SUBMISSION -o FOLDER",
    .words_min = 1,
    .words_max = 1,
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_WHY | OSK_DESK_TAKES_OUTPUT,
    .run = run
};
