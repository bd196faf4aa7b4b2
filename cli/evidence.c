/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "oilskin/redact.h"
#include "oilskin/seal.h"

#define PIECE_BYTES ((size_t)64 << 10)
#define REGIONS_BYTES ((uint64_t)4 << 20)
#define SUMS_BYTES ((size_t)16 << 20)
#define MEMBERS_MAX 10000u
#define HEX_BYTES OSK_HEX_BYTES(32)

typedef struct Check {
    const OskSource *source;
    const OskEvidenceTell *tell;
    uint64_t at;
    OskMemory sums; /* what SHA256SUMS must say */
    OskJson *evidence;
    OskJson *manifest;
    OskJson **messages; /* those of senders and desk, in order; NULL for one that is no JSON */
    size_t message_count;
    bool is_wrong;
} Check;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    *fault =
        (OskFault){ .status = status, .part = "archive", .what = what, .offset = OSK_NO_OFFSET };
    return status;
}

__attribute__((format(printf, 3, 4))) static void say(Check *check, bool is_right, const char *form,
                                                      ...)
{
    char text[512];
    va_list list;
    va_start(list, form);
    vsnprintf(text, sizeof(text), form, list);
    va_end(list);
    check->is_wrong = check->is_wrong || !is_right;
    check->tell->say(check->tell->context, is_right, text);
}

/* ---- names ---- */

void osk_evidence_file_name(char out[OSK_TAR_NAME_BYTES], uint64_t number, const char *ending)
{
    snprintf(out, OSK_TAR_NAME_BYTES, "files/%llu.%s", (unsigned long long)number, ending);
}

void osk_evidence_message_name(char out[OSK_TAR_NAME_BYTES], uint64_t number)
{
    snprintf(out, OSK_TAR_NAME_BYTES, "messages/%llu.json", (unsigned long long)number);
}

void osk_evidence_regions_name(char out[OSK_TAR_NAME_BYTES], uint64_t number)
{
    snprintf(out, OSK_TAR_NAME_BYTES, "regions/%llu.json", (unsigned long long)number);
}

/* ---- the audit chain ---- */

bool osk_evidence_follow(OskEvidenceChain *chain, const char *entry, size_t len)
{
    OskJson *json = NULL;
    OskFault fault = { .status = OSK_OK };
    uint64_t number = 0;
    uint8_t before[32];
    OskSha256 hash;
    bool fits = osk_json_read(&json, entry, len, &fault) == OSK_OK &&
                osk_json_whole(osk_json_get(json, "number"), &number) && number == chain->count &&
                osk_hex_read(osk_json_text(osk_json_get(json, "before")), before, sizeof(before)) &&
                memcmp(before, chain->digest, sizeof(before)) == 0;
    osk_json_free(&json);
    if (fits) {
        osk_sha256_begin(&hash);
        osk_sha256_add(&hash, entry, len);
        osk_sha256_end(&hash, chain->digest);
        chain->count++;
    }
    return fits;
}

/* ---- members ---- */

/* Takes the bytes of the member that follows, which must have this name, piece by piece. */
typedef struct Taking {
    void *context; /* of `take` */
    void (*take)(void *context, const uint8_t *bytes, size_t len);
    uint64_t max;
    uint64_t len; /* given back, as the digest is */
    uint8_t digest[32];
} Taking;

static OskStatus read_bytes(const OskSource *source, uint64_t at, uint8_t *out, size_t len,
                            OskFault *fault)
{
    if (source->bytes != NULL) {
        memcpy(out, source->bytes + at, len);
        return OSK_OK;
    }
    return source->read(source->context, at, out, len)
               ? OSK_OK
               : fail(fault, OSK_IO, "could not be read, or was changed");
}

static OskStatus read_member(Check *check, Taking *taking, OskFault *fault)
{
    uint8_t *piece = malloc(PIECE_BYTES);
    uint64_t at = check->at + OSK_TAR_BLOCK_BYTES;
    OskSha256 hash;
    OskStatus status = piece != NULL ? OSK_OK : fail(fault, OSK_NO_MEMORY, "no memory is left");
    osk_sha256_begin(&hash);
    for (uint64_t left = taking->len; status == OSK_OK && left > 0;) {
        size_t len = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        status = read_bytes(check->source, at, piece, len, fault);
        if (status == OSK_OK) {
            osk_sha256_add(&hash, piece, len);
            if (taking->take != NULL) {
                taking->take(taking->context, piece, len);
            }
        }
        at += len;
        left -= len;
    }
    osk_sha256_end(&hash, taking->digest);
    if (piece != NULL) {
        osk_seal_wipe(piece, PIECE_BYTES);
    }
    free(piece);
    return status;
}

static OskStatus take_member(Check *check, const char *name, Taking *taking, OskFault *fault)
{
    char found[OSK_TAR_NAME_BYTES];
    char hex[HEX_BYTES];
    char line[OSK_EVIDENCE_LINE_BYTES + 1];
    OskStatus status = osk_tar_read(check->source, check->at, found, &taking->len, fault);
    if (status == OSK_OK && (strcmp(found, name) != 0 || taking->len > taking->max)) {
        status = fail(fault, OSK_MALFORMED, "holds what its list does not name");
    }
    if (status == OSK_OK) {
        status = read_member(check, taking, fault);
    }
    if (status != OSK_OK) {
        return status;
    }
    check->at += osk_tar_file_len(taking->len);
    OskSink sums = osk_sink_to_memory(&check->sums);
    osk_hex_write(taking->digest, sizeof(taking->digest), hex);
    int len = snprintf(line, sizeof(line), "%s  %s\n", hex, name);
    return sums.write(sums.context, line, (size_t)len)
               ? OSK_OK
               : fail(fault, OSK_NO_MEMORY, "no memory is left");
}

static void gather(void *context, const uint8_t *bytes, size_t len)
{
    OskSink sink = osk_sink_to_memory(context);
    (void)sink.write(sink.context, bytes, len);
}

static OskStatus take_text(Check *check, const char *name, OskMemory *out, OskFault *fault)
{
    Taking taking = { .context = out, .take = gather, .max = out->max };
    OskStatus status = take_member(check, name, &taking, fault);
    return status == OSK_OK && out->len != taking.len
               ? fail(fault, OSK_NO_MEMORY, "no memory is left")
               : status;
}

/* NULL, and it is told, for what is no JSON. */
static OskStatus take_json(Check *check, const char *name, OskJson **out, OskFault *fault)
{
    OskMemory text = { .max = OSK_EVIDENCE_JSON_BYTES };
    OskFault own = { .status = OSK_OK };
    *out = NULL;
    OskStatus status = take_text(check, name, &text, fault);
    if (status == OSK_OK &&
        osk_json_read(out, (const char *)text.bytes, text.len, &own) != OSK_OK) {
        say(check, false, "%s: is no JSON", name);
    }
    if (text.bytes != NULL) {
        osk_seal_wipe(text.bytes, text.len);
    }
    osk_bytes_free(&text.bytes);
    return status;
}

/* ---- words ---- */

static const OskJson *list_of(const Check *check, const char *key)
{
    return osk_json_get(check->evidence, key);
}

static bool is_text(const OskJson *json, const char *key, const char *wanted)
{
    const char *text = osk_json_text(osk_json_get(json, key));
    return text != NULL && strcmp(text, wanted) == 0;
}

/* Each number is above the last: so no name is there twice. */
static bool next_number(const OskJson *list, size_t index, uint64_t *number)
{
    uint64_t last = *number;
    return osk_json_whole(osk_json_get(osk_json_at(list, index), "number"), number) &&
           (index == 0 || *number > last);
}

static OskStatus take_evidence(Check *check, OskFault *fault)
{
    static const char *const keys[] = { "schema", "submission", "received", "category", "exported",
                                        "files",  "messages",   "regions",  "audit",    NULL };
    OskStatus status = take_json(check, "evidence.json", &check->evidence, fault);
    bool is_ours = osk_json_has_only(check->evidence, keys) &&
                   is_text(check->evidence, "schema", "oilskin/evidence/1") &&
                   osk_json_count(list_of(check, "files")) <= MEMBERS_MAX &&
                   osk_json_count(list_of(check, "messages")) <= MEMBERS_MAX &&
                   osk_json_count(list_of(check, "regions")) <= MEMBERS_MAX &&
                   osk_json_text(list_of(check, "received")) != NULL;
    return status == OSK_OK && !is_ours
               ? fail(fault, OSK_MALFORMED, "is no evidence of this version")
               : status;
}

static OskStatus take_words(Check *check, OskFault *fault)
{
    size_t count = osk_json_count(list_of(check, "messages"));
    uint64_t number = 0;
    OskStatus status = take_json(check, "manifest.json", &check->manifest, fault);
    check->messages = calloc(count + 1, sizeof(*check->messages));
    if (status == OSK_OK && check->messages == NULL) {
        status = fail(fault, OSK_NO_MEMORY, "no memory is left");
    }
    if (status == OSK_OK) {
        bool is_same = is_text(check->manifest, "day", osk_json_text(list_of(check, "received"))) &&
                       is_text(check->manifest, "schema", "oilskin/submission/1");
        say(check, is_same, "manifest.json: the day of receipt is %s evidence.json's",
            is_same ? "as" : "not");
    }
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        char name[OSK_TAR_NAME_BYTES];
        if (!next_number(list_of(check, "messages"), i, &number)) {
            return fail(fault, OSK_MALFORMED, "names messages out of order");
        }
        osk_evidence_message_name(name, number);
        status = take_json(check, name, &check->messages[i], fault);
        check->message_count++;
    }
    return status;
}

/* ---- files ---- */

static const OskJson *find_in(const OskJson *words, uint64_t number)
{
    const OskJson *files = osk_json_get(words, "files");
    for (size_t i = 0; i < osk_json_count(files); i++) {
        uint64_t at = 0;
        if (osk_json_whole(osk_json_get(osk_json_at(files, i), "number"), &at) && at == number) {
            return osk_json_at(files, i);
        }
    }
    return NULL;
}

/* What was written down of a file when it came. */
static const OskJson *find_about(const Check *check, uint64_t number)
{
    const OskJson *about = find_in(check->manifest, number);
    for (size_t i = 0; about == NULL && i < check->message_count; i++) {
        about = find_in(check->messages[i], number);
    }
    return about;
}

static const char *explain_kind(const OskJson *about)
{
    static const struct {
        const char *kind;
        const char *what;
    } kinds[] = {
        { "original", "byte for byte as it was sent" },
        { "unscrubbed", "byte for byte as it was sent" },
        { "device", "byte for byte as it was sent, sealed on the sender's device" },
        { "scrubbed", "the copy without hidden data that was made of it on arrival" },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_text(about, "kind", kinds[i].kind)) {
            return kinds[i].what;
        }
    }
    return NULL;
}

static bool is_said(const OskJson *json, const Taking *taking)
{
    uint64_t len = 0;
    uint8_t digest[32];
    return osk_json_whole(osk_json_get(json, "len"), &len) && len == taking->len &&
           osk_hex_read(osk_json_text(osk_json_get(json, "sha256")), digest, sizeof(digest)) &&
           memcmp(digest, taking->digest, sizeof(digest)) == 0;
}

static void say_file(Check *check, const char *name, const OskJson *row, uint64_t number,
                     const Taking *taking)
{
    char hex[HEX_BYTES];
    const OskJson *about = find_about(check, number);
    const char *kind = explain_kind(about);
    osk_hex_write(taking->digest, sizeof(taking->digest), hex);
    if (about == NULL || kind == NULL) {
        say(check, false, "%s: the manifest does not name it", name);
    } else if (!is_said(about, taking) || !is_said(row, taking)) {
        say(check, false, "%s: is not what was received; its SHA-256 is %s", name, hex);
    } else {
        say(check, true, "%s: %s; %llu bytes, SHA-256 %s", name, kind,
            (unsigned long long)taking->len, hex);
    }
}

/* "files/1.jpeg" */
static bool is_file_name(const char *name, uint64_t number)
{
    char start[OSK_TAR_NAME_BYTES];
    osk_evidence_file_name(start, number, "");
    size_t len = strlen(start);
    return name != NULL && osk_tar_is_name(name) && strncmp(name, start, len) == 0 &&
           strchr(name + len, '/') == NULL;
}

static OskStatus take_files(Check *check, OskFault *fault)
{
    const OskJson *files = list_of(check, "files");
    uint64_t number = 0;
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < osk_json_count(files); i++) {
        const OskJson *row = osk_json_at(files, i);
        const char *name = osk_json_text(osk_json_get(row, "name"));
        Taking taking = { .max = OSK_TAR_LEN_MAX };
        if (!next_number(files, i, &number) || !is_file_name(name, number)) {
            return fail(fault, OSK_MALFORMED, "names a file that can be none");
        }
        status = take_member(check, name, &taking, fault);
        if (status == OSK_OK) {
            say_file(check, name, row, number, &taking);
        }
    }
    return status;
}

static bool is_listed(const OskJson *list, uint64_t number)
{
    for (size_t i = 0; i < osk_json_count(list); i++) {
        uint64_t at = 0;
        if (osk_json_whole(osk_json_get(osk_json_at(list, i), "number"), &at) && at == number) {
            return true;
        }
    }
    return false;
}

/* What was received, and is not here. */
static void say_missing(Check *check, const OskJson *words)
{
    const OskJson *files = osk_json_get(words, "files");
    for (size_t i = 0; i < osk_json_count(files); i++) {
        uint64_t number = 0;
        bool is_number = osk_json_whole(osk_json_get(osk_json_at(files, i), "number"), &number);
        if (!is_number || !is_listed(list_of(check, "files"), number)) {
            say(check, false, "file %llu of what was received is not in the archive",
                (unsigned long long)number);
        }
    }
}

static OskStatus take_regions(Check *check, OskFault *fault)
{
    const OskJson *list = list_of(check, "regions");
    uint64_t number = 0;
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < osk_json_count(list); i++) {
        char name[OSK_TAR_NAME_BYTES];
        OskMemory text = { .max = REGIONS_BYTES };
        OskRegions *regions = NULL;
        OskFault own = { .status = OSK_OK };
        if (!next_number(list, i, &number)) {
            return fail(fault, OSK_MALFORMED, "names regions out of order");
        }
        osk_evidence_regions_name(name, number);
        status = take_text(check, name, &text, fault);
        bool fits = status == OSK_OK && is_listed(list_of(check, "files"), number) &&
                    osk_regions_parse(text.bytes, text.len, NULL, &regions, &own) == OSK_OK;
        if (status == OSK_OK) {
            say(check, fits, "%s: %zu regions%s", name, fits ? osk_regions_count(regions) : 0,
                fits ? "" : ", or none, of a file that is not here");
        }
        osk_regions_free(&regions);
        osk_bytes_free(&text.bytes);
    }
    return status;
}

/* ---- the audit chain ---- */

typedef struct Lines {
    OskEvidenceChain chain;
    char *line;
    size_t len;
    bool is_broken;
} Lines;

static void follow_lines(void *context, const uint8_t *bytes, size_t len)
{
    Lines *lines = context;
    for (size_t i = 0; i < len && !lines->is_broken; i++) {
        if (bytes[i] == '\n') {
            lines->is_broken = !osk_evidence_follow(&lines->chain, lines->line, lines->len);
            lines->len = 0;
        } else if (lines->len < OSK_EVIDENCE_ENTRY_BYTES) {
            lines->line[lines->len++] = (char)bytes[i];
        } else {
            lines->is_broken = true;
        }
    }
}

static OskStatus take_audit(Check *check, OskFault *fault)
{
    Lines lines = { .line = malloc(OSK_EVIDENCE_ENTRY_BYTES) };
    Taking taking = { .context = &lines, .take = follow_lines, .max = OSK_TAR_LEN_MAX };
    const OskJson *audit = list_of(check, "audit");
    uint64_t count = 0;
    uint8_t digest[32];
    OskStatus status = lines.line != NULL ? take_member(check, "audit.jsonl", &taking, fault)
                                          : fail(fault, OSK_NO_MEMORY, "no memory is left");
    bool is_end =
        osk_json_whole(osk_json_get(audit, "entries"), &count) && count == lines.chain.count &&
        osk_hex_read(osk_json_text(osk_json_get(audit, "last")), digest, sizeof(digest)) &&
        memcmp(digest, lines.chain.digest, sizeof(digest)) == 0;
    if (status == OSK_OK && (lines.is_broken || lines.len > 0)) {
        say(check, false, "audit.jsonl: entry %llu does not follow the one before it",
            (unsigned long long)lines.chain.count);
    } else if (status == OSK_OK) {
        say(check, is_end, "audit.jsonl: %llu entries, each follows the one before it%s",
            (unsigned long long)lines.chain.count,
            is_end ? "" : "; but evidence.json says another end");
    }
    free(lines.line);
    return status;
}

/* ---- its end ---- */

static OskStatus take_sums(Check *check, OskFault *fault)
{
    OskMemory wanted = check->sums;
    OskMemory found = { .max = SUMS_BYTES };
    check->sums = (OskMemory){ .max = SUMS_BYTES };
    OskStatus status = take_text(check, "SHA256SUMS", &found, fault);
    bool is_same = status == OSK_OK && found.len == wanted.len && found.len > 0 &&
                   memcmp(found.bytes, wanted.bytes, found.len) == 0;
    if (status == OSK_OK) {
        say(check, is_same, "SHA256SUMS: %s",
            is_same ? "fits all that is in the archive" : "is not that of what is in the archive");
    }
    osk_bytes_free(&wanted.bytes);
    osk_bytes_free(&found.bytes);
    return status == OSK_OK ? osk_tar_read_end(check->source, check->at, fault) : status;
}

static OskStatus take_all(Check *check, OskFault *fault)
{
    static OskStatus (*const steps[])(Check *, OskFault *) = { take_evidence, take_words,
                                                               take_files,    take_regions,
                                                               take_audit,    take_sums };
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
        status = steps[i](check, fault);
    }
    if (status == OSK_OK) {
        say_missing(check, check->manifest);
        for (size_t i = 0; i < check->message_count; i++) {
            say_missing(check, check->messages[i]);
        }
    }
    return status;
}

OskStatus osk_evidence_check(const OskSource *archive, const OskEvidenceTell *tell, OskFault *fault)
{
    Check check = { .source = archive, .tell = tell, .sums = { .max = SUMS_BYTES } };
    OskStatus status = take_all(&check, fault);
    for (size_t i = 0; i < check.message_count; i++) {
        osk_json_free(&check.messages[i]);
    }
    free(check.messages);
    osk_json_free(&check.manifest);
    osk_json_free(&check.evidence);
    osk_bytes_free(&check.sums.bytes);
    return status == OSK_OK && check.is_wrong ? OSK_FOUND : status;
}
