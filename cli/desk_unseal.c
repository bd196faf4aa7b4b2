/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk unseal: opens what fetch brought. No desk and no network is needed. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/desk_submission.h"
#include "cli/desk_verb.h"
#include "host/errors.h"
#include "host/input.h"
#include "host/output.h"
#include "host/printable.h"

#define ANSWER_BYTES ((uint64_t)128 << 20)
#define PIECE_BYTES ((size_t)256 << 10)

static const OskOutputOptions how = { .owner = (uid_t)-1, .group = (gid_t)-1 };

typedef struct Folder {
    const char *path;
    const char *output;
    const OskIdentities *keys;
    const OskDeskFile *file;
    OskInput input;      /* the part that is read */
    char name[PATH_MAX]; /* of what a fault is about */
} Folder;

static OskStatus name_file(Folder *folder, const char *in, const char *name, OskFault *fault)
{
    int len = snprintf(folder->name, PATH_MAX, "%s/%s", in, name);
    return len > 0 && len < PATH_MAX ? OSK_OK : osk_host_fail(fault, "file", ENAMETOOLONG);
}

/* ---- what fetch wrote ---- */

static OskStatus read_answer(Folder *folder, OskJson **out, OskFault *fault)
{
    char *text = NULL;
    OskSource source = { .size = 0 };
    OskStatus status = name_file(folder, folder->path, "submission.json", fault);
    if (status == OSK_OK) {
        status = osk_input_open(&folder->input, folder->name, OSK_INPUT_FOLLOW, fault);
    }
    if (status == OSK_OK) {
        source = osk_input_source(&folder->input);
        text = source.size <= ANSWER_BYTES ? calloc(1, (size_t)source.size + 1) : NULL;
        status = text == NULL ? osk_host_fail(fault, "file", ENOMEM) : OSK_OK;
    }
    if (status == OSK_OK && !source.read(source.context, 0, text, (size_t)source.size)) {
        status = osk_host_fail(fault, "file", folder->input.error);
    }
    if (status == OSK_OK) {
        status = osk_json_read(out, text, (size_t)source.size, fault);
    }
    osk_input_close(&folder->input);
    free(text);
    return status;
}

static OskStatus open_part(void *context, uint64_t part, OskSource *out, OskFault *fault)
{
    Folder *folder = context;
    char name[OSK_DESK_PART_NAME_BYTES];
    osk_input_close(&folder->input);
    osk_desk_part_name(folder->file, part, name);
    OskStatus status = name_file(folder, folder->path, name, fault);
    if (status == OSK_OK) {
        status = osk_input_open(&folder->input, folder->name, OSK_INPUT_FOLLOW, fault);
    }
    if (status == OSK_OK) {
        *out = osk_input_source(&folder->input);
    }
    return status;
}

/* ---- what is in it ---- */

static OskStatus end_file(OskOutput *output, OskStatus status, OskFault *fault)
{
    if (status == OSK_OK) {
        return osk_output_commit(output, fault);
    }
    if (output->error != 0) {
        *fault = (OskFault){ .status = OSK_OK };
        status = osk_output_explain(output, fault);
    }
    osk_output_abort(output);
    return status;
}

static OskStatus copy_inner(const Folder *folder, OskInput *inner, const char *path,
                            OskFault *fault)
{
    const OskUnsealWith with = { .identities = folder->keys->items, .count = folder->keys->count };
    const OskSource source = osk_input_source(inner);
    OskUnsealed *open = NULL;
    OskOutput output;
    uint8_t *piece = NULL;
    OskStatus status = osk_unseal_open(&open, &source, &with, fault);
    if (status == OSK_OK) {
        piece = malloc(PIECE_BYTES);
        status = piece == NULL ? osk_host_fail(fault, "copy", ENOMEM)
                               : osk_output_begin(&output, path, how, fault);
        uint64_t size = osk_unsealed_len(open);
        OskSink sink = osk_output_sink(&output, NULL, NULL);
        bool has_begun = status == OSK_OK;
        for (uint64_t at = 0; status == OSK_OK && at < size;) {
            size_t len = size - at < PIECE_BYTES ? (size_t)(size - at) : PIECE_BYTES;
            status = osk_unsealed_read(open, at, piece, len, fault);
            if (status == OSK_OK && !sink.write(sink.context, piece, len)) {
                status = OSK_IO;
            }
            at += len;
        }
        status = has_begun ? end_file(&output, status, fault) : status;
    }
    if (piece != NULL) {
        osk_seal_wipe(piece, PIECE_BYTES);
    }
    free(piece);
    osk_unsealed_free(&open);
    return status;
}

/* What a sender's browser had sealed is in a seal of its own. */
static OskStatus open_inner(Folder *folder, const char *inner, OskFault *fault)
{
    char name[OSK_DESK_PART_NAME_BYTES];
    OskInput input = { .fd = -1 };
    snprintf(name, sizeof(name), "file-%llu.bin", (unsigned long long)folder->file->number);
    OskStatus status = osk_input_open(&input, inner, OSK_INPUT_FOLLOW, fault);
    if (status == OSK_OK) {
        status = name_file(folder, folder->output, name, fault);
    }
    if (status == OSK_OK) {
        status = copy_inner(folder, &input, folder->name, fault);
    }
    osk_input_close(&input);
    return status;
}

static OskStatus unseal_file(Folder *folder, const OskDeskFile *file, OskFault *fault)
{
    char name[OSK_DESK_PART_NAME_BYTES];
    char path[PATH_MAX];
    OskOutput output;
    bool is_device = strcmp(osk_desk_file_kind(file), "device") == 0;
    const OskDeskParts parts = { .context = folder, .open = open_part };
    folder->file = file;
    snprintf(name, sizeof(name), "file-%llu.%s", (unsigned long long)file->number,
             is_device ? "age" : osk_desk_file_ending(file));
    OskStatus status = name_file(folder, folder->output, name, fault);
    if (status == OSK_OK) {
        memcpy(path, folder->name, sizeof(path));
        status = osk_output_begin(&output, path, how, fault);
    }
    if (status != OSK_OK) {
        return status;
    }
    OskSink sink = osk_output_sink(&output, NULL, NULL);
    status = osk_desk_file_unseal(file, &parts, folder->keys, &sink, fault);
    osk_input_close(&folder->input);
    status = end_file(&output, status, fault);
    return status == OSK_OK && is_device ? open_inner(folder, path, fault) : status;
}

static OskStatus write_words(Folder *folder, const char *name, const OskDeskWords *words,
                             OskFault *fault)
{
    OskStatus status = name_file(folder, folder->output, name, fault);
    return status == OSK_OK ? osk_output_write(folder->name, how, words->bytes, words->len, fault)
                            : status;
}

static OskStatus unseal_words(Folder *folder, const OskDeskSubmission *submission, OskFault *fault)
{
    OskStatus status = write_words(folder, "manifest.json", &submission->manifest, fault);
    for (size_t i = 0; status == OSK_OK && i < submission->message_count; i++) {
        const OskDeskMessage *message = &submission->messages[i];
        char name[OSK_DESK_PART_NAME_BYTES];
        snprintf(name, sizeof(name), "message-%llu.json", (unsigned long long)message->number + 1);
        if (message->words.json != NULL) {
            status = write_words(folder, name, &message->words, fault);
        }
    }
    return status;
}

static OskStatus unseal_all(Folder *folder, OskFault *fault)
{
    OskJson *answer = NULL;
    OskDeskSubmission submission = { .answer = NULL };
    OskStatus status = read_answer(folder, &answer, fault);
    if (status == OSK_OK) {
        status = osk_desk_submission_read(&submission, answer, folder->keys, fault);
    }
    if (status == OSK_OK && mkdir(folder->output, 0700) != 0) {
        snprintf(folder->name, sizeof(folder->name), "%s", folder->output);
        status = osk_host_fail(fault, "copy", errno);
    }
    if (status == OSK_OK) {
        status = unseal_words(folder, &submission, fault);
    }
    for (size_t i = 0; status == OSK_OK && i < submission.file_count; i++) {
        OskDeskFile file;
        if (!osk_desk_submission_file(&submission, i, &file)) {
            *fault = (OskFault){ .status = OSK_MALFORMED,
                                 .what = "is no submission as a desk says it",
                                 .offset = OSK_NO_OFFSET };
            status = OSK_MALFORMED;
        } else {
            status = unseal_file(folder, &file, fault);
        }
    }
    if (status == OSK_OK) {
        osk_desk_say_submission(stdout, &submission);
    }
    osk_desk_submission_free(&submission);
    return status;
}

static int run(const OskDeskAsked *asked, char **words, int count)
{
    static OskIdentities keys;
    static Folder folder;
    OskFault fault = { .status = OSK_OK };
    (void)count;
    if (asked->output == NULL || asked->key_file_count == 0) {
        return osk_usage(&osk_cmd_desk, "say which key and where to: -i KEYFILE -o OUT");
    }
    int code = osk_desk_read_keys(asked, &keys);
    folder =
        (Folder){ .path = words[0], .output = asked->output, .keys = &keys, .input = { .fd = -1 } };
    if (code == 0 && unseal_all(&folder, &fault) != OSK_OK) {
        code = osk_desk_explain(folder.name, &fault);
    }
    osk_identities_wipe(&keys);
    return code;
}

const OskDeskVerb osk_desk_unseal = {
    .name = "unseal",
    .usage = "name the folder that fetch made: oilskin desk unseal FOLDER -i KEYFILE -o OUT",
    .words_min = 1,
    .words_max = 1,
    .takes = OSK_DESK_TAKES_KEYS | OSK_DESK_TAKES_PASSPHRASE | OSK_DESK_TAKES_OUTPUT,
    .run = run
};
