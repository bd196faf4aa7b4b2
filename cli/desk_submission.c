/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/desk_submission.h"

#include <stdlib.h>
#include <string.h>

#include "desk/base64.h"
#include "desk/hex.h"
#include "oilskin/scrub.h"

/* Of words: a manifest of as many files as a submission may have is far below. */
#define WORDS_BYTES ((size_t)16 << 20)
#define PIECE_BYTES ((size_t)256 << 10)

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    *fault = (OskFault){ .status = status, .part = "file", .what = what, .offset = OSK_NO_OFFSET };
    return status;
}

bool osk_desk_is_id(const char *text)
{
    return text != NULL && strspn(text, "0123456789abcdef") == OSK_DESK_ID_LETTERS &&
           text[OSK_DESK_ID_LETTERS] == 0;
}

/* ---- words ---- */

static void close_words(OskDeskWords *words)
{
    if (words->bytes != NULL) {
        osk_seal_wipe(words->bytes, words->len);
    }
    osk_bytes_free(&words->bytes);
    osk_json_free(&words->json);
}

static OskStatus open_words(OskDeskWords *out, const char *text, const OskIdentities *keys,
                            OskFault *fault)
{
    OskBytes sealed;
    OskMemory plain = { .max = WORDS_BYTES };
    const OskUnsealWith with = { .identities = keys->items, .count = keys->count };
    OskStatus status = osk_base64_bytes(text, &sealed)
                           ? osk_unseal_bytes(sealed.bytes, sealed.len, &with, &plain, fault)
                           : fail(fault, OSK_MALFORMED, "holds what is no base64");
    osk_bytes_clear(&sealed);
    *out = (OskDeskWords){ .bytes = plain.bytes, .len = plain.len };
    while (status == OSK_OK && out->len > 0 && out->bytes[out->len - 1] == 0) {
        out->len--;
    }
    if (status == OSK_OK &&
        osk_json_read(&out->json, (const char *)out->bytes, out->len, fault) != OSK_OK) {
        status = fail(fault, OSK_MALFORMED, "what is sealed in it are no words of a drop");
    }
    return status;
}

/* ---- a submission ---- */

static OskStatus read_message(OskDeskMessage *out, const OskJson *json, const OskIdentities *keys,
                              OskFault *fault)
{
    const char *sealed = osk_json_text(osk_json_get(json, "sealed"));
    out->day = osk_json_text(osk_json_get(json, "day"));
    out->from_desk = osk_json_is_true(osk_json_get(json, "from_desk"));
    if (sealed == NULL || out->day == NULL ||
        !osk_json_whole(osk_json_get(json, "number"), &out->number)) {
        return fail(fault, OSK_MALFORMED, "a message of it is not as a desk says it");
    }
    OskStatus status = keys == NULL ? OSK_OK : open_words(&out->words, sealed, keys, fault);
    /* A reply is the receipt's first of all; this key may have come later. */
    return out->from_desk && status == OSK_AUTH ? OSK_OK : status;
}

static OskStatus read_messages(OskDeskSubmission *out, const OskIdentities *keys, OskFault *fault)
{
    const OskJson *list = osk_json_get(out->answer, "messages");
    size_t count = osk_json_count(list);
    OskStatus status = OSK_OK;
    if (!osk_json_is_list(list) || count > OSK_DESK_MESSAGES_MAX) {
        return fail(fault, OSK_MALFORMED, "is no submission as a desk says it");
    }
    out->messages = calloc(count + 1, sizeof(*out->messages));
    if (out->messages == NULL) {
        return fail(fault, OSK_NO_MEMORY, "no memory is left");
    }
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        out->message_count++;
        status = read_message(&out->messages[i], osk_json_at(list, i), keys, fault);
    }
    return status;
}

OskStatus osk_desk_submission_read(OskDeskSubmission *out, OskJson *answer,
                                   const OskIdentities *keys, OskFault *fault)
{
    const char *sealed = osk_json_text(osk_json_get(answer, "manifest"));
    *out = (OskDeskSubmission){ .answer = answer,
                                .id = osk_json_text(osk_json_get(answer, "submission")),
                                .day = osk_json_text(osk_json_get(answer, "day")),
                                .file_count = osk_json_count(osk_json_get(answer, "files")) };
    if (!osk_desk_is_id(out->id) || out->day == NULL || sealed == NULL ||
        !osk_json_is_list(osk_json_get(answer, "files"))) {
        return fail(fault, OSK_MALFORMED, "is no submission as a desk says it");
    }
    OskStatus status = keys == NULL ? OSK_OK : open_words(&out->manifest, sealed, keys, fault);
    return status == OSK_OK ? read_messages(out, keys, fault) : status;
}

/* ---- from the desk ---- */

/* What a desk may say to go on behind, as it stands in an address. */
#define NEXT_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789."
#define NEXT_MAX 63
/* Of what reviewers wrote; far more than a desk takes. */
#define RECORDS_MAX 100000u

/* The first page of a submission becomes all of it. */
typedef struct Pages {
    OskJson *messages;
    OskJson *records;
    char path[sizeof("/api/submissions/?after=") + OSK_DESK_ID_LETTERS + NEXT_MAX];
} Pages;

static bool add_items(OskJson *to, const OskJson *page, const char *key, size_t *count)
{
    const OskJson *list = osk_json_get(page, key);
    for (size_t i = 0; i < osk_json_count(list); i++) {
        osk_json_add(to, osk_json_copy(osk_json_at(list, i)));
    }
    *count += osk_json_count(list);
    return osk_json_is_list(list);
}

/* False when a desk that pages for ever, or is none, said it. */
static bool add_page(Pages *pages, const OskJson *page, const char *id, bool *out_more)
{
    const char *next = osk_json_text(osk_json_get(page, "next"));
    const char *named = osk_json_text(osk_json_get(page, "submission"));
    size_t count = 0;
    bool fits = named != NULL && strcmp(named, id) == 0 &&
                add_items(pages->messages, page, "messages", &count) &&
                add_items(pages->records, page, "records", &count) &&
                osk_json_count(pages->messages) <= OSK_DESK_MESSAGES_MAX &&
                osk_json_count(pages->records) <= RECORDS_MAX;
    *out_more = next != NULL;
    if (fits && next != NULL) {
        fits = count > 0 && strlen(next) <= NEXT_MAX && next[strspn(next, NEXT_LETTERS)] == 0;
        snprintf(pages->path, sizeof(pages->path), "/api/submissions/%s?after=%.*s", id, NEXT_MAX,
                 next);
    }
    return fits;
}

static OskStatus get_more(Pages *pages, OskDeskClient *client, const char *id, OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (bool has_more = true; status == OSK_OK && has_more;) {
        OskJson *page = NULL;
        status = osk_desk_get(client, pages->path, &page, fault);
        if (status == OSK_OK && !add_page(pages, page, id, &has_more)) {
            status = fail(fault, OSK_MALFORMED, "goes on as no submission of a desk does");
        }
        osk_json_free(&page);
    }
    return status;
}

/* @param answer its first page, which is all of it afterwards. */
static OskStatus get_rest(OskJson *answer, OskDeskClient *client, const char *id, OskFault *fault)
{
    bool has_more = false;
    Pages pages = { .messages = osk_json_list(), .records = osk_json_list() };
    OskStatus status = add_page(&pages, answer, id, &has_more)
                           ? OSK_OK
                           : fail(fault, OSK_MALFORMED, "is no submission as a desk says it");
    if (status == OSK_OK && has_more) {
        status = get_more(&pages, client, id, fault);
    }
    osk_json_set(answer, "messages", pages.messages);
    osk_json_set(answer, "records", pages.records);
    osk_json_set_text(answer, "next", NULL);
    return status;
}

OskStatus osk_desk_submission_get(OskDeskSubmission *out, OskDeskClient *client, const char *id,
                                  const OskIdentities *keys, OskFault *fault)
{
    char path[sizeof("/api/submissions/") + OSK_DESK_ID_LETTERS];
    OskJson *answer = NULL;
    if (!osk_desk_is_id(id)) {
        return fail(fault, OSK_MISUSE, "is no submission: that is 32 letters, which list shows");
    }
    snprintf(path, sizeof(path), "/api/submissions/%s", id);
    OskStatus status = osk_desk_get(client, path, &answer, fault);
    if (status == OSK_OK) {
        status = get_rest(answer, client, id, fault);
    }
    if (status != OSK_OK) {
        osk_json_free(&answer);
        return status;
    }
    return osk_desk_submission_read(out, answer, keys, fault);
}

void osk_desk_submission_free(OskDeskSubmission *submission)
{
    for (size_t i = 0; i < submission->message_count; i++) {
        close_words(&submission->messages[i].words);
    }
    free(submission->messages);
    close_words(&submission->manifest);
    osk_json_free(&submission->answer);
    *submission = (OskDeskSubmission){ .answer = NULL };
}

/* ---- files ---- */

static const OskJson *find_number(const OskJson *words, uint64_t number)
{
    const OskJson *list = osk_json_get(words, "files");
    for (size_t i = 0; i < osk_json_count(list); i++) {
        uint64_t at = 0;
        if (osk_json_whole(osk_json_get(osk_json_at(list, i), "number"), &at) && at == number) {
            return osk_json_at(list, i);
        }
    }
    return NULL;
}

bool osk_desk_submission_file(const OskDeskSubmission *submission, size_t index, OskDeskFile *out)
{
    const OskJson *row = osk_json_at(osk_json_get(submission->answer, "files"), index);
    *out = (OskDeskFile){ .id = osk_json_text(osk_json_get(row, "file")),
                          .state = osk_json_text(osk_json_get(row, "state")) };
    if (!osk_desk_is_id(out->id) || !osk_json_whole(osk_json_get(row, "number"), &out->number) ||
        !osk_json_whole(osk_json_get(row, "segments"), &out->segments) ||
        !osk_json_whole(osk_json_get(row, "sealed_len"), &out->sealed_len)) {
        return false;
    }
    out->about = find_number(submission->manifest.json, out->number);
    for (size_t i = 0; out->about == NULL && i < submission->message_count; i++) {
        out->about = find_number(submission->messages[i].words.json, out->number);
    }
    return true;
}

void osk_desk_part_name(const OskDeskFile *file, uint64_t part, char out[OSK_DESK_PART_NAME_BYTES])
{
    unsigned long long number = (unsigned long long)file->number;
    if (file->segments == 1) {
        snprintf(out, OSK_DESK_PART_NAME_BYTES, "file-%llu.age", number);
    } else {
        snprintf(out, OSK_DESK_PART_NAME_BYTES, "file-%llu-part-%llu.age", number,
                 (unsigned long long)part + 1);
    }
}

const char *osk_desk_file_kind(const OskDeskFile *file)
{
    const char *kind = osk_json_text(osk_json_get(file->about, "kind"));
    return kind != NULL ? kind : "";
}

const char *osk_desk_file_ending(const OskDeskFile *file)
{
    const char *format = osk_json_text(osk_json_get(file->about, "format"));
    size_t len = format == NULL ? 0 : strspn(format, "abcdefghijklmnopqrstuvwxyz0123456789");
    return len > 0 && len <= 8 && format[len] == 0 ? format : "bin";
}

/* ---- out of its seals ---- */

/* The lengths of an original's pieces: "67108864*3 12". */
typedef struct Pieces {
    const char *text; /* what is left of it; NULL for one piece */
    uint64_t same;    /* how many more of `len` */
    uint64_t len;
} Pieces;

static bool next_piece(Pieces *pieces, uint64_t *out)
{
    if (pieces->same == 0) {
        char *end = NULL;
        if (pieces->text == NULL || pieces->text[0] < '0' || pieces->text[0] > '9') {
            return false;
        }
        pieces->len = strtoull(pieces->text, &end, 10);
        pieces->same = *end == '*' ? strtoull(end + 1, &end, 10) : 1;
        pieces->text = *end == ' ' ? end + 1 : *end == 0 ? NULL : end;
    }
    if (pieces->same == 0) {
        return false;
    }
    pieces->same--;
    *out = pieces->len;
    return true;
}

typedef struct Unsealing {
    const OskIdentities *keys;
    const OskSink *sink;
    OskSha256 hash;
    uint8_t *piece;
    uint64_t written;
} Unsealing;

static OskStatus copy_part(Unsealing *job, const OskSource *source, uint64_t len, OskFault *fault)
{
    const OskUnsealWith with = { .identities = job->keys->items, .count = job->keys->count };
    OskUnsealed *open = NULL;
    OskStatus status = osk_unseal_open(&open, source, &with, fault);
    if (status == OSK_OK && osk_unsealed_len(open) < len) {
        status = fail(fault, OSK_MALFORMED, "a part of it is shorter than what was received");
    }
    for (uint64_t at = 0; status == OSK_OK && at < len;) {
        size_t take = len - at < PIECE_BYTES ? (size_t)(len - at) : PIECE_BYTES;
        status = osk_unsealed_read(open, at, job->piece, take, fault);
        if (status == OSK_OK) {
            osk_sha256_add(&job->hash, job->piece, take);
        }
        if (status == OSK_OK && !job->sink->write(job->sink->context, job->piece, take)) {
            status = fail(fault, OSK_IO, "could not be written");
        }
        at += take;
    }
    job->written += len;
    osk_unsealed_free(&open);
    return status;
}

static OskStatus compare(Unsealing *job, const OskDeskFile *file, uint64_t len, OskFault *fault)
{
    uint8_t found[32];
    uint8_t wanted[32];
    osk_sha256_end(&job->hash, found);
    bool is_same =
        job->written == len &&
        osk_hex_read(osk_json_text(osk_json_get(file->about, "sha256")), wanted, sizeof(wanted)) &&
        memcmp(found, wanted, sizeof(wanted)) == 0;
    return is_same ? OSK_OK
                   : fail(fault, OSK_MALFORMED, "is not what was received: its digest is another");
}

OskStatus osk_desk_file_unseal(const OskDeskFile *file, const OskDeskParts *parts,
                               const OskIdentities *keys, const OskSink *sink, OskFault *fault)
{
    uint64_t len = 0;
    Pieces pieces = { .text = osk_json_text(osk_json_get(file->about, "pieces")) };
    if (!osk_json_whole(osk_json_get(file->about, "len"), &len)) {
        return fail(fault, OSK_MALFORMED, "no manifest says what it is");
    }
    if (pieces.text == NULL) {
        pieces = (Pieces){ .same = 1, .len = len };
    }
    Unsealing job = { .keys = keys, .sink = sink, .piece = malloc(PIECE_BYTES) };
    OskStatus status = job.piece != NULL ? OSK_OK : fail(fault, OSK_NO_MEMORY, "no memory is left");
    osk_sha256_begin(&job.hash);
    for (uint64_t i = 0; status == OSK_OK && i < file->segments; i++) {
        uint64_t take = 0;
        OskSource source;
        status = next_piece(&pieces, &take) && take <= len - job.written
                     ? parts->open(parts->context, i, &source, fault)
                     : fail(fault, OSK_MALFORMED, "has other parts than its manifest says");
        if (status == OSK_OK) {
            status = copy_part(&job, &source, take, fault);
        }
    }
    if (status == OSK_OK) {
        status = compare(&job, file, len, fault);
    }
    if (job.piece != NULL) {
        osk_seal_wipe(job.piece, PIECE_BYTES);
        free(job.piece);
    }
    return status;
}
