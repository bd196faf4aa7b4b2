/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk export: a submission as evidence, with all that proves what it is, in one archive
 * that is sealed again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/desk_blob.h"
#include "cli/desk_verb.h"
#include "cli/evidence.h"
#include "cli/sealing.h"
#include "desk/hex.h"
#include "host/input.h"
#include "host/printable.h"
#include "host/random.h"
#include "oilskin/redact.h"
#include "oilskin/scrub.h"

#define REGIONS_BYTES ((size_t)4 << 20)
#define AUDIT_BYTES ((size_t)512 << 20)
#define SUMS_BYTES ((size_t)16 << 20)

typedef struct Regions {
    uint64_t number;
    uint8_t *bytes;
    size_t len;
} Regions;

typedef struct Export {
    OskDeskClient *client;
    const OskDeskAsked *asked;
    const OskIdentities *keys;
    OskDeskSubmission submission;
    OskDeskFile *files; /* in the order of their numbers */
    OskDeskBlob *blobs; /* one a file */
    size_t file_count;
    Regions regions[OSK_DESK_REGIONS_MAX];
    size_t region_count;
    OskMemory audit; /* lines */
    OskEvidenceChain chain;
    OskSealer *sealer;
    OskSink tar;
    uint64_t len; /* of the archive so far */
    OskMemory sums;
    OskFault *fault;
} Export;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    *fault = (OskFault){ .status = status, .part = "file", .what = what, .offset = OSK_NO_OFFSET };
    return status;
}

/* ---- what the desk has ---- */

static int by_number(const void *a, const void *b)
{
    const OskDeskFile *one = a;
    const OskDeskFile *two = b;
    return one->number < two->number ? -1 : one->number > two->number;
}

static OskStatus list_files(Export *export, OskFault *fault)
{
    size_t count = export->submission.file_count;
    export->files = calloc(count + 1, sizeof(*export->files));
    export->blobs = calloc(count + 1, sizeof(*export->blobs));
    if (export->files == NULL || export->blobs == NULL) {
        return fail(fault, OSK_NO_MEMORY, "no memory is left");
    }
    for (size_t i = 0; i < count; i++) {
        if (!osk_desk_submission_file(&export->submission, i, &export->files[i])) {
            return fail(fault, OSK_MALFORMED, "is no submission as a desk says it");
        }
        if (export->files[i].about == NULL) {
            return fail(fault, OSK_MALFORMED, "has a file that no manifest names");
        }
    }
    qsort(export->files, count, sizeof(*export->files), by_number);
    for (size_t i = 1; i < count; i++) {
        if (export->files[i].number == export->files[i - 1].number) {
            return fail(fault, OSK_MALFORMED, "has two files of one number");
        }
    }
    return OSK_OK;
}

/* All of them before the audit chain is read: the entries about them are to be in it. */
static OskStatus open_files(Export *export, OskFault *fault)
{
    const char *why = export->asked->why != NULL ? export->asked->why : "evidence";
    OskStatus status = list_files(export, fault);
    for (size_t i = 0; status == OSK_OK && i < export->submission.file_count; i++) {
        export->file_count++;
        status =
            osk_desk_blob_open(&export->blobs[i], export->client, &export->files[i], why, fault);
    }
    return status;
}

static OskStatus add_entry(Export *export, const char *text, OskFault *fault)
{
    OskSink sink = osk_sink_to_memory(&export->audit);
    size_t len = text == NULL ? 0 : strlen(text);
    if (len == 0 || strchr(text, '\n') != NULL || !osk_evidence_follow(&export->chain, text, len)) {
        return fail(fault, OSK_MALFORMED,
                    "the desk's audit chain is broken: this is no evidence any more");
    }
    return sink.write(sink.context, text, len) && sink.write(sink.context, "\n", 1)
               ? OSK_OK
               : fail(fault, OSK_LIMIT, "the desk's audit chain is longer than 512 MiB");
}

static OskStatus read_audit(Export *export, OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (size_t got = 1; status == OSK_OK && got > 0;) {
        char path[64] = "/api/audit";
        OskJson *page = NULL;
        if (export->chain.count > 0) {
            snprintf(path, sizeof(path), "/api/audit?after=%llu",
                     (unsigned long long)export->chain.count - 1);
        }
        status = osk_desk_get(export->client, path, &page, fault);
        const OskJson *entries = osk_json_get(page, "entries");
        got = osk_json_count(entries);
        for (size_t i = 0; status == OSK_OK && i < got; i++) {
            const char *text = osk_json_text(osk_json_get(osk_json_at(entries, i), "text"));
            status = add_entry(export, text, fault);
        }
        osk_json_free(&page);
    }
    return status;
}

/* ---- regions: NUMBER=FILE ---- */

static OskStatus read_regions(Export *export, const char *given, OskFault *fault)
{
    char *path = NULL;
    uint64_t number = strtoull(given, &path, 10);
    Regions *regions = &export->regions[export->region_count];
    OskRegions *parsed = NULL;
    OskInput input = { .fd = -1 };
    if (given[0] < '0' || given[0] > '9' || *path != '=' ||
        (export->region_count > 0 && number <= regions[-1].number)) {
        return fail(fault, OSK_MISUSE, "regions are given as NUMBER=FILE, smallest number first");
    }
    OskStatus status = osk_input_open(&input, path + 1, OSK_INPUT_FOLLOW, fault);
    if (status == OSK_OK) {
        uint64_t size = osk_input_source(&input).size;
        regions->bytes = size <= REGIONS_BYTES ? malloc((size_t)size + 1) : NULL;
        regions->len = regions->bytes == NULL ? 0 : osk_input_head(&input, regions->bytes, size);
        regions->number = number;
        export->region_count++;
        status = regions->bytes == NULL || regions->len != size
                     ? fail(fault, OSK_IO, "the regions could not be read")
                     : osk_regions_parse(regions->bytes, regions->len, NULL, &parsed, fault);
    }
    osk_regions_free(&parsed);
    osk_input_close(&input);
    return status;
}

static OskStatus check_regions(const Export *export, OskFault *fault)
{
    for (size_t i = 0; i < export->region_count; i++) {
        bool is_there = false;
        for (size_t j = 0; j < export->file_count; j++) {
            is_there = is_there || export->files[j].number == export->regions[i].number;
        }
        if (!is_there) {
            return fail(fault, OSK_MISUSE, "there are regions of a file that it does not have");
        }
    }
    return OSK_OK;
}

/* ---- the archive ---- */

static bool write_sealed(void *context, const void *bytes, size_t len)
{
    Export *export = context;
    export->len += len;
    return osk_sealer_write(export->sealer, bytes, len, export->fault) == OSK_OK;
}

/* What a member is made of: how long, and its digest, while it is written. */
typedef struct Member {
    Export *export;
    OskSha256 hash;
} Member;

static bool write_member(void *context, const void *bytes, size_t len)
{
    Member *member = context;
    osk_sha256_add(&member->hash, bytes, len);
    return write_sealed(member->export, bytes, len);
}

static OskStatus begin_member(Member *member, const char *name, uint64_t len, OskFault *fault)
{
    osk_sha256_begin(&member->hash);
    if (len > OSK_TAR_LEN_MAX) {
        return fail(fault, OSK_LIMIT, "a file is longer than 8 GiB");
    }
    return osk_tar_begin(&member->export->tar, name, len)
               ? OSK_OK
               : fail(fault, OSK_IO, "could not be written");
}

static OskStatus end_member(Member *member, const char *name, uint64_t len, OskFault *fault)
{
    uint8_t digest[32];
    char hex[OSK_HEX_BYTES(32)];
    char line[OSK_EVIDENCE_LINE_BYTES + 1];
    OskSink sums = osk_sink_to_memory(&member->export->sums);
    osk_sha256_end(&member->hash, digest);
    osk_hex_write(digest, sizeof(digest), hex);
    int line_len = snprintf(line, sizeof(line), "%s  %s\n", hex, name);
    if (!osk_tar_end_file(&member->export->tar, len)) {
        return fail(fault, OSK_IO, "could not be written");
    }
    return sums.write(sums.context, line, (size_t)line_len)
               ? OSK_OK
               : fail(fault, OSK_NO_MEMORY, "no memory is left");
}

static OskStatus add_bytes(Export *export, const char *name, const void *bytes, size_t len,
                           OskFault *fault)
{
    Member member = { .export = export };
    OskStatus status = begin_member(&member, name, len, fault);
    if (status == OSK_OK && !write_member(&member, bytes, len)) {
        status = fail(fault, OSK_IO, "could not be written");
    }
    return status == OSK_OK ? end_member(&member, name, len, fault) : status;
}

static OskStatus add_file(Export *export, size_t index, OskFault *fault)
{
    const OskDeskFile *file = &export->files[index];
    OskDeskBlob *blob = &export->blobs[index];
    Member member = { .export = export };
    char name[OSK_TAR_NAME_BYTES];
    uint64_t len = 0;
    OskDeskParts parts = osk_desk_blob_parts(blob);
    const OskSink sink = { .context = &member, .write = write_member };
    osk_evidence_file_name(name, file->number, osk_desk_file_ending(file));
    if (!osk_json_whole(osk_json_get(file->about, "len"), &len)) {
        return fail(fault, OSK_MALFORMED, "no manifest says how long a file is");
    }
    OskStatus status = begin_member(&member, name, len, fault);
    if (status == OSK_OK) {
        status = osk_desk_file_unseal(file, &parts, export->keys, &sink, fault);
    }
    if (status != OSK_OK && blob->fault.status != OSK_OK) {
        *fault = blob->fault;
    }
    return status == OSK_OK ? end_member(&member, name, len, fault) : fault->status;
}

/* ---- evidence.json ---- */

static OskJson *files_json(const Export *export)
{
    OskJson *list = osk_json_list();
    for (size_t i = 0; i < export->file_count; i++) {
        const OskDeskFile *file = &export->files[i];
        OskJson *json = osk_json_object(NULL);
        char name[OSK_TAR_NAME_BYTES];
        uint64_t len = 0;
        osk_evidence_file_name(name, file->number, osk_desk_file_ending(file));
        (void)osk_json_whole(osk_json_get(file->about, "len"), &len);
        osk_json_set_whole(json, "number", file->number);
        osk_json_set_text(json, "name", name);
        osk_json_set_text(json, "file", file->id);
        osk_json_set_text(json, "kind", osk_desk_file_kind(file));
        osk_json_set_whole(json, "len", len);
        osk_json_set_text(json, "sha256", osk_json_text(osk_json_get(file->about, "sha256")));
        osk_json_add(list, json);
    }
    return list;
}

static OskJson *messages_json(const Export *export)
{
    OskJson *list = osk_json_list();
    for (size_t i = 0; i < export->submission.message_count; i++) {
        const OskDeskMessage *message = &export->submission.messages[i];
        if (message->words.json != NULL) {
            OskJson *json = osk_json_object(NULL);
            osk_json_set_whole(json, "number", message->number);
            osk_json_set_text(json, "from", message->from_desk ? "desk" : "sender");
            osk_json_set_text(json, "day", message->day);
            osk_json_add(list, json);
        }
    }
    return list;
}

static OskStatus add_evidence(Export *export, OskFault *fault)
{
    char day[16] = "";
    char last[OSK_HEX_BYTES(32)];
    time_t now = time(NULL);
    struct tm date = { 0 };
    size_t len = 0;
    OskJson *json = osk_json_object("oilskin/evidence/1");
    OskJson *regions = osk_json_list();
    OskJson *audit = osk_json_object(NULL);
    gmtime_r(&now, &date);
    strftime(day, sizeof(day), "%Y-%m-%d", &date);
    osk_hex_write(export->chain.digest, sizeof(export->chain.digest), last);
    for (size_t i = 0; i < export->region_count; i++) {
        OskJson *row = osk_json_object(NULL);
        osk_json_set_whole(row, "number", export->regions[i].number);
        osk_json_add(regions, row);
    }
    osk_json_set_whole(audit, "entries", export->chain.count);
    osk_json_set_text(audit, "last", last);
    osk_json_set_text(json, "submission", export->submission.id);
    osk_json_set_text(json, "received", export->submission.day);
    osk_json_set_text(json, "category",
                      osk_json_text(osk_json_get(export->submission.answer, "category")));
    osk_json_set_text(json, "exported", day);
    osk_json_set(json, "files", files_json(export));
    osk_json_set(json, "messages", messages_json(export));
    osk_json_set(json, "regions", regions);
    osk_json_set(json, "audit", audit);
    char *text = osk_json_write(json, &len);
    osk_json_free(&json);
    OskStatus status = text == NULL ? fail(fault, OSK_NO_MEMORY, "no memory is left")
                                    : add_bytes(export, "evidence.json", text, len, fault);
    osk_json_text_free(text);
    return status;
}

static OskStatus add_words(Export *export, OskFault *fault)
{
    const OskDeskWords *manifest = &export->submission.manifest;
    OskStatus status = add_bytes(export, "manifest.json", manifest->bytes, manifest->len, fault);
    for (size_t i = 0; status == OSK_OK && i < export->submission.message_count; i++) {
        const OskDeskMessage *message = &export->submission.messages[i];
        char name[OSK_TAR_NAME_BYTES];
        osk_evidence_message_name(name, message->number);
        if (message->words.json != NULL) {
            status = add_bytes(export, name, message->words.bytes, message->words.len, fault);
        }
    }
    return status;
}

static OskStatus write_archive(Export *export, OskFault *fault)
{
    OskStatus status = add_evidence(export, fault);
    status = status == OSK_OK ? add_words(export, fault) : status;
    for (size_t i = 0; status == OSK_OK && i < export->file_count; i++) {
        status = add_file(export, i, fault);
    }
    for (size_t i = 0; status == OSK_OK && i < export->region_count; i++) {
        char name[OSK_TAR_NAME_BYTES];
        osk_evidence_regions_name(name, export->regions[i].number);
        status = add_bytes(export, name, export->regions[i].bytes, export->regions[i].len, fault);
    }
    if (status == OSK_OK) {
        status = add_bytes(export, "audit.jsonl", export->audit.bytes, export->audit.len, fault);
    }
    if (status == OSK_OK) {
        OskMemory sums = export->sums;
        export->sums = (OskMemory){ .max = SUMS_BYTES };
        status = add_bytes(export, "SHA256SUMS", sums.bytes, sums.len, fault);
        osk_bytes_free(&sums.bytes);
    }
    if (status == OSK_OK && !osk_tar_end(&export->tar, export->len)) {
        status = fail(fault, OSK_IO, "could not be written");
    }
    return status == OSK_OK ? osk_sealer_finish(export->sealer, fault) : status;
}

/* ---- its seal ---- */

/* To whom -r says, else to the keys that opened it. */
static OskStatus find_recipients(const Export *export, OskRecipients *out, OskFault *fault)
{
    const OskDeskAsked *asked = export->asked;
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < asked->recipient_count; i++) {
        status = osk_recipients_add(out, asked->recipients[i], fault);
    }
    for (size_t i = 0; asked->recipient_count == 0 && i < export->keys->count &&
                       out->count < OSK_SEAL_RECIPIENTS_MAX;
         i++) {
        out->items[out->count++] = export->keys->items[i].recipient;
    }
    return status;
}

/* The sealed archive's own digest, for paper. */
typedef struct Digested {
    OskSink sink;
    OskSha256 hash;
} Digested;

static bool write_digested(void *context, const void *bytes, size_t len)
{
    Digested *digested = context;
    osk_sha256_add(&digested->hash, bytes, len);
    return digested->sink.write(digested->sink.context, bytes, len);
}

static OskStatus seal_archive(Export *export, OskSealed *output, uint8_t out_digest[32],
                              OskFault *fault)
{
    static OskRecipients recipients;
    const OskRandom random = { .fill = osk_random_fill };
    Digested digested = { .sink = output->sink };
    const OskSink sink = { .context = &digested, .write = write_digested };
    osk_sha256_begin(&digested.hash);
    OskStatus status = find_recipients(export, &recipients, fault);
    const OskSealTo to = { .recipients = recipients.items,
                           .count = recipients.count,
                           .random = &random };
    export->sealer = malloc(sizeof(*export->sealer));
    if (status == OSK_OK && export->sealer == NULL) {
        status = fail(fault, OSK_NO_MEMORY, "no memory is left");
    }
    if (status == OSK_OK) {
        status = osk_sealer_open(export->sealer, &to, &sink, NULL, fault);
    }
    if (status == OSK_OK) {
        status = write_archive(export, fault);
    }
    if (export->sealer != NULL) {
        osk_sealer_wipe(export->sealer);
    }
    free(export->sealer);
    osk_sha256_end(&digested.hash, out_digest);
    return status;
}

static OskStatus prepare(Export *export, const char *id, OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < export->asked->region_count; i++) {
        status = read_regions(export, export->asked->regions[i], fault);
    }
    if (status == OSK_OK) {
        status = osk_desk_connect(export->client, &export->asked->who, fault);
    }
    if (status == OSK_OK) {
        status =
            osk_desk_submission_get(&export->submission, export->client, id, export->keys, fault);
    }
    status = status == OSK_OK ? open_files(export, fault) : status;
    status = status == OSK_OK ? check_regions(export, fault) : status;
    return status == OSK_OK ? read_audit(export, fault) : status;
}

static int export_one(Export *export, const char *id)
{
    OskFault fault = { .status = OSK_OK };
    OskSealed output = { .path = NULL };
    uint8_t digest[32];
    char hex[OSK_HEX_BYTES(32)];
    export->fault = &fault;
    OskStatus status = prepare(export, id, &fault);
    if (status != OSK_OK) {
        return osk_desk_explain(id, &fault);
    }
    status = osk_sealed_begin(&output, export->asked->output, false, &fault);
    if (status == OSK_OK) {
        status = seal_archive(export, &output, digest, &fault);
    }
    status = osk_sealed_end(&output, status, &fault);
    if (status != OSK_OK) {
        return osk_desk_explain(export->asked->output, &fault);
    }
    osk_hex_write(digest, sizeof(digest), hex);
    printf("%s  ", hex);
    osk_printable_text(stdout, export->asked->output);
    putchar('\n');
    return 0;
}

static void close_export(Export *export)
{
    for (size_t i = 0; i < export->file_count; i++) {
        osk_desk_blob_close(&export->blobs[i]);
    }
    for (size_t i = 0; i < export->region_count; i++) {
        free(export->regions[i].bytes);
    }
    free(export->files);
    free(export->blobs);
    osk_bytes_free(&export->audit.bytes);
    osk_bytes_free(&export->sums.bytes);
    osk_desk_submission_free(&export->submission);
    osk_desk_disconnect(export->client);
}

static int run(const OskDeskAsked *asked, char **words, int count)
{
    static OskIdentities keys;
    static OskDeskClient client;
    Export export = { .client = &client,
                      .asked = asked,
                      .keys = &keys,
                      .audit = { .max = AUDIT_BYTES },
                      .sums = { .max = SUMS_BYTES } };
    (void)count;
    export.tar = (OskSink){ .context = &export, .write = write_sealed };
    if (asked->output == NULL || asked->key_file_count == 0) {
        return osk_usage(&osk_cmd_desk, "say which key and where to: -i KEYFILE -o OUT.age");
    }
    int code = osk_desk_read_keys(asked, &keys);
    code = code == 0 ? export_one(&export, words[0]) : code;
    close_export(&export);
    osk_identities_wipe(&keys);
    return code;
}

const OskDeskVerb osk_desk_export = {
    .name = "export",
    .usage = "name one submission: oilskin desk export SUBMISSION -i KEYFILE -o OUT.age",
    .words_min = 1,
    .words_max = 1,
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_KEYS | OSK_DESK_TAKES_PASSPHRASE |
             OSK_DESK_TAKES_OUTPUT | OSK_DESK_TAKES_WHY | OSK_DESK_TAKES_EVIDENCE |
             OSK_DESK_TAKES_REGIONS,
    .run = run
};
