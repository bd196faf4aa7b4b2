/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk publish: clean copies of what came in go public, however large they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/desk_submission.h"
#include "cli/desk_verb.h"
#include "cli/desk_words.h"
#include "cli/progress.h"
#include "desk/base64.h"
#include "desk/hex.h"
#include "host/input.h"
#include "host/printable.h"
#include "host/random.h"
#include "oilskin/redact.h"
#include "oilskin/verify.h"

#define REGIONS_BYTES ((size_t)4 << 20)
#define PIECE_BYTES ((size_t)64 << 10)

/* A copy, and the file that it was made of. */
typedef struct Copy {
    const char *path;
    const char *regions_path; /* NULL for none */
    OskDeskFile file;         /* at the desk */
    OskInput input;
    char digest[OSK_HEX_BYTES(32)];
    OskJson *regions; /* version 1 */
    uint64_t areas;
} Copy;

typedef struct Publishing {
    OskDeskClient client;
    const OskDeskAsked *asked;
    OskDeskSubmission submission;
    OskRecipient desk[OSK_SEAL_RECIPIENTS_MAX];
    size_t desk_count;
    OskProgress progress;
} Publishing;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = status, .part = "file", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

/* ---- what was said ---- */

/* "NUMBER=FILE". False for what is none. */
static bool read_pair(const char *text, uint64_t *out_number, const char **out_path)
{
    char *end = NULL;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '=' || end[1] == 0) {
        return false;
    }
    *out_number = number;
    *out_path = end + 1;
    return true;
}

static const char *find_regions(const OskDeskAsked *asked, uint64_t number)
{
    for (size_t i = 0; i < asked->region_count; i++) {
        uint64_t of = 0;
        const char *path = NULL;
        if (read_pair(asked->regions[i], &of, &path) && of == number) {
            return path;
        }
    }
    return NULL;
}

static int check_words(const OskDeskAsked *asked)
{
    const OskDeskText texts[] = { { "--caption", asked->caption },
                                  { "--alt", asked->alt },
                                  { "--warning", asked->warning } };
    return osk_desk_look_at_words(asked, texts, sizeof(texts) / sizeof(texts[0]));
}

/* ---- the copy, on this machine ---- */

static OskStatus read_regions(Copy *copy, OskFault *fault)
{
    OskInput input = { .fd = -1 };
    OskRegions *regions = NULL;
    OskStatus status = osk_input_open(&input, copy->regions_path, OSK_INPUT_FOLLOW, fault);
    uint64_t size = status == OSK_OK ? osk_input_source(&input).size : 0;
    uint8_t *bytes = size <= REGIONS_BYTES ? malloc((size_t)size + 1) : NULL;
    if (status == OSK_OK &&
        (bytes == NULL || osk_input_head(&input, bytes, (size_t)size) != size)) {
        status = fail(fault, OSK_IO, "the regions could not be read", NULL);
    }
    if (status == OSK_OK) {
        status = osk_regions_parse(bytes, (size_t)size, NULL, &regions, fault);
    }
    if (status == OSK_OK) {
        copy->areas = osk_regions_count(regions);
        status = osk_json_read(&copy->regions, (const char *)bytes, (size_t)size, fault);
    }
    osk_regions_free(&regions);
    free(bytes);
    osk_input_close(&input);
    return status;
}

static OskStatus hash_copy(Copy *copy, OskFault *fault)
{
    OskSource source = osk_input_source(&copy->input);
    uint8_t *piece = malloc(PIECE_BYTES);
    uint8_t digest[32];
    OskSha256 hash;
    bool is_read = piece != NULL;
    osk_sha256_begin(&hash);
    for (uint64_t at = 0; is_read && at < source.size;) {
        size_t take = source.size - at < PIECE_BYTES ? (size_t)(source.size - at) : PIECE_BYTES;
        if (source.bytes == NULL) {
            is_read = source.read(source.context, at, piece, take);
        }
        osk_sha256_add(&hash, source.bytes != NULL ? source.bytes + at : piece, is_read ? take : 0);
        at += take;
    }
    osk_sha256_end(&hash, digest);
    osk_hex_write(digest, sizeof(digest), copy->digest);
    free(piece);
    return is_read ? OSK_OK : fail(fault, OSK_IO, "could not be read", NULL);
}

/* The desk looks again: this saves a large file that isn't clean its way. */
static OskStatus open_copy(Copy *copy, const OskDeskAsked *asked, OskFault *fault)
{
    copy->areas = asked->areas;
    OskStatus status = copy->regions_path != NULL ? read_regions(copy, fault) : OSK_OK;
    if (status == OSK_OK && copy->areas == 0 && !asked->nothing_covered) {
        return fail(fault, OSK_MISUSE, "how many areas are covered in it? It is not said",
                    "say --areas NUMBER, or --regions NUMBER=FILE; or --nothing-covered where "
                    "nobody is to be covered");
    }
    if (status == OSK_OK) {
        status = osk_input_open(&copy->input, copy->path, OSK_INPUT_FOLLOW, fault);
    }
    OskSource source = status == OSK_OK ? osk_input_source(&copy->input) : (OskSource){ .size = 0 };
    if (status == OSK_OK) {
        status = osk_verify(&source, NULL, NULL, fault);
        if (status != OSK_OK && status != OSK_IO && status != OSK_NO_MEMORY) {
            fault->next = "scrub it first, and publish the copy: oilskin scrub, or oilskin redact";
        }
    }
    return status == OSK_OK ? hash_copy(copy, fault) : status;
}

static void close_copy(Copy *copy)
{
    osk_input_close(&copy->input);
    osk_json_free(&copy->regions);
}

/* ---- the desk ---- */

static OskStatus find_file(const Publishing *publishing, uint64_t number, OskDeskFile *out,
                           OskFault *fault)
{
    for (size_t i = 0; i < publishing->submission.file_count; i++) {
        if (!osk_desk_submission_file(&publishing->submission, i, out)) {
            return fail(fault, OSK_MALFORMED, "is no submission as a desk says it", NULL);
        }
        if (out->number == number) {
            return out->about != NULL && osk_json_text(osk_json_get(out->about, "sha256")) != NULL
                       ? OSK_OK
                       : fail(fault, OSK_MALFORMED, "no manifest names this file", NULL);
        }
    }
    return fail(fault, OSK_MISUSE, "the submission has no file of this number",
                "oilskin desk show SUBMISSION has the numbers");
}

/* Whom the record of what was covered is sealed to. */
static OskStatus find_recipients(Publishing *publishing, OskFault *fault)
{
    OskJson *me = NULL;
    OskStatus status = osk_desk_get(&publishing->client, "/api/me", &me, fault);
    const OskJson *list = osk_json_get(me, "recipients");
    for (size_t i = 0; status == OSK_OK && i < osk_json_count(list); i++) {
        const char *age = osk_json_text(osk_json_get(osk_json_at(list, i), "age"));
        status = age == NULL || publishing->desk_count == OSK_SEAL_RECIPIENTS_MAX
                     ? fail(fault, OSK_MALFORMED, "the desk does not say whom to seal to", NULL)
                     : osk_recipient_parse(&publishing->desk[publishing->desk_count++], age,
                                           strlen(age), fault);
    }
    if (status == OSK_OK && publishing->desk_count == 0) {
        status = fail(fault, OSK_MALFORMED, "the desk does not say whom to seal to", NULL);
    }
    osk_json_free(&me);
    return status;
}

/* ---- the record: what was made of what ---- */

static OskJson *provenance_json(const Copy *copy)
{
    OskJson *json = osk_json_object("oilskin/provenance/1");
    OskJson *regions = copy->regions != NULL ? osk_json_copy(copy->regions) : osk_json_object(NULL);
    if (copy->regions == NULL) {
        osk_json_set_whole(regions, "version", 1);
        osk_json_set(regions, "regions", osk_json_list());
    }
    osk_json_set_text(json, "file", copy->file.id);
    osk_json_set_text(json, "original_sha256",
                      osk_json_text(osk_json_get(copy->file.about, "sha256")));
    osk_json_set(json, "regions", regions);
    osk_json_set_text(json, "crop", NULL);
    osk_json_set_whole(json, "turn", 0);
    osk_json_set_flag(json, "mirror", false);
    osk_json_set_text(json, "copy_sha256", copy->digest);
    osk_json_set_whole(json, "areas", copy->areas);
    return json;
}

/* Base64; free(). */
static OskStatus seal_provenance(const Publishing *publishing, const Copy *copy, char **out,
                                 OskFault *fault)
{
    const OskRandom random = { .fill = osk_random_fill };
    OskSealTo to = { .recipients = publishing->desk,
                     .count = publishing->desk_count,
                     .random = &random,
                     .names_list = true };
    OskMemory sealed = { .bytes = NULL };
    OskJson *json = provenance_json(copy);
    size_t len = 0;
    char *text = osk_json_write(json, &len);
    osk_json_free(&json);
    *out = NULL;
    if (text == NULL) {
        return fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
    }
    to.padded_len = (size_t)osk_seal_padded_len(len);
    OskStatus status = osk_seal_bytes(text, len, &to, &sealed, fault);
    osk_json_text_free(text);
    if (status == OSK_OK) {
        const OskBytes bytes = { .bytes = sealed.bytes, .len = sealed.len };
        *out = osk_base64_text(&bytes);
        status = *out != NULL ? OSK_OK : fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
    }
    osk_bytes_free(&sealed.bytes);
    return status;
}

/* ---- giving it ---- */

static void tell_sent(void *context, uint64_t sent)
{
    OskProgress *progress = context;
    atomic_store(&progress->done_bytes, sent);
    osk_progress_tick(progress);
}

/* The desk has it looked at before it answers: what it has is what was given. */
static OskStatus give_copy(Publishing *publishing, Copy *copy, OskJson **out, OskFault *fault)
{
    OskSource source = osk_input_source(&copy->input);
    const OskDeskUpload upload = {
        .path = "/copies", .source = &source, .sent = tell_sent, .context = &publishing->progress
    };
    osk_progress_start(&publishing->progress, source.size, 1);
    OskStatus status = osk_desk_give(&publishing->client, &upload, out, fault);
    osk_progress_clear(&publishing->progress);
    if (status == OSK_OK) {
        status = osk_input_confirm(&copy->input, fault);
    }
    const char *digest = osk_json_text(osk_json_get(*out, "sha256"));
    const char *id = osk_json_text(osk_json_get(*out, "copy"));
    if (status == OSK_OK &&
        (digest == NULL || strcmp(digest, copy->digest) != 0 || !osk_desk_is_id(id))) {
        status = fail(fault, OSK_MALFORMED, "the desk received something else than was given",
                      "give it again");
    }
    return status;
}

/* What the desk's decoder says of a video: others would find a dead box there, or a silent one. */
static OskStatus check_played(const Publishing *publishing, const char *path, const OskJson *given,
                              OskFault *fault)
{
    const char *picture = osk_json_text(osk_json_get(given, "unplayed_picture"));
    const char *sound = osk_json_text(osk_json_get(given, "unplayed_sound"));
    if ((picture == NULL && sound == NULL) || publishing->asked->not_everywhere) {
        return OSK_OK;
    }
    fputs("oilskin desk: ", stderr);
    osk_printable_text(stderr, path);
    fputs(": not every browser plays ", stderr);
    osk_printable_text(stderr, picture != NULL ? picture : sound);
    if (picture != NULL && sound != NULL) {
        fputs(" and ", stderr);
        osk_printable_text(stderr, sound);
    }
    fputc('\n', stderr);
    return fail(
        fault, OSK_MISUSE, "others would see a dead box, or hear nothing",
        "save it as MP4 with H.264 of 8 bits and AAC, scrub that, and publish that copy; or "
        "say --not-everywhere");
}

static OskStatus publish_copy(Publishing *publishing, const Copy *copy, const char *id,
                              OskJson **out, OskFault *fault)
{
    const OskDeskAsked *asked = publishing->asked;
    char *provenance = NULL;
    OskStatus status = seal_provenance(publishing, copy, &provenance, fault);
    if (status == OSK_OK) {
        OskJson *wanted = osk_json_object(NULL);
        osk_json_set_text(wanted, "copy", id);
        osk_json_set_text(wanted, "submission", publishing->submission.id);
        osk_json_set_text(wanted, "file", copy->file.id);
        osk_json_set_text(wanted, "album", asked->album);
        osk_json_set_text(wanted, "caption", asked->caption != NULL ? asked->caption : "");
        osk_json_set_text(wanted, "alt", asked->alt != NULL ? asked->alt : "");
        osk_json_set_text(wanted, "warning", asked->warning != NULL ? asked->warning : "");
        osk_json_set_whole(wanted, "areas", copy->areas);
        osk_json_set_flag(wanted, "confirmed_none", copy->areas == 0);
        osk_json_set_flag(wanted, "confirmed_unplayed", asked->not_everywhere);
        osk_json_set_text(wanted, "provenance", provenance);
        osk_json_set_flag(wanted, "words_checked", asked->words_checked);
        status = osk_desk_post(&publishing->client, "/api/publications", wanted, out, fault);
    }
    free(provenance);
    return status;
}

static void say_published(const Publishing *publishing, const OskJson *answer)
{
    const char *id = osk_json_text(osk_json_get(answer, "publication"));
    const char *state = osk_json_text(osk_json_get(answer, "state"));
    if (publishing->asked->json) {
        osk_desk_say_json(stdout, answer);
        return;
    }
    osk_printable_text(stdout, id != NULL ? id : "-");
    fputs("  ", stdout);
    osk_printable_text(stdout, state != NULL ? state : "-");
    fputs(state != NULL && strcmp(state, "waiting") == 0 ? ": a second person must say so, too\n"
                                                         : "\n",
          stdout);
    fflush(stdout);
}

static OskStatus publish(Publishing *publishing, const char *pair, OskFault *fault)
{
    uint64_t number = 0;
    Copy copy = { .input = { .fd = -1 } };
    OskJson *given = NULL;
    OskJson *answer = NULL;
    if (!read_pair(pair, &number, &copy.path)) {
        return fail(fault, OSK_MISUSE, "a copy is given as NUMBER=FILE", NULL);
    }
    copy.regions_path = find_regions(publishing->asked, number);
    OskStatus status = find_file(publishing, number, &copy.file, fault);
    if (status == OSK_OK) {
        status = open_copy(&copy, publishing->asked, fault);
    }
    if (status == OSK_OK) {
        status = give_copy(publishing, &copy, &given, fault);
    }
    if (status == OSK_OK) {
        status = check_played(publishing, copy.path, given, fault);
    }
    if (status == OSK_OK) {
        const char *id = osk_json_text(osk_json_get(given, "copy"));
        status = publish_copy(publishing, &copy, id, &answer, fault);
    }
    if (status == OSK_OK) {
        say_published(publishing, answer);
    }
    osk_json_free(&given);
    osk_json_free(&answer);
    close_copy(&copy);
    return status;
}

/* One after the other; the worst code. */
static int publish_all(Publishing *publishing, char **pairs, int count)
{
    int code = 0;
    for (int i = 0; i < count; i++) {
        OskFault fault = { .status = OSK_OK };
        int one = publish(publishing, pairs[i], &fault) == OSK_OK
                      ? 0
                      : osk_desk_explain(pairs[i], &fault);
        code = one > code ? one : code;
    }
    return code;
}

static int run(const OskDeskAsked *asked, char **words, int count)
{
    static OskIdentities keys;
    static Publishing publishing;
    OskFault fault = { .status = OSK_OK };
    publishing = (Publishing){ .asked = asked };
    int code = check_words(asked);
    if (code == 0 && asked->key_file_count == 0) {
        code = osk_usage(&osk_cmd_desk, "say -i KEYFILE: it opens what was said of the original");
    }
    code = code == 0 ? osk_desk_read_keys(asked, &keys) : code;
    if (code == 0) {
        OskStatus status = osk_desk_connect(&publishing.client, &asked->who, &fault);
        code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    }
    if (code == 0) {
        OskStatus status = osk_desk_submission_get(&publishing.submission, &publishing.client,
                                                   words[0], &keys, &fault);
        status = status == OSK_OK ? find_recipients(&publishing, &fault) : status;
        code = status == OSK_OK ? publish_all(&publishing, words + 1, count - 1)
                                : osk_desk_explain(words[0], &fault);
    }
    osk_desk_submission_free(&publishing.submission);
    if (publishing.client.who != NULL) {
        osk_desk_disconnect(&publishing.client);
    }
    osk_identities_wipe(&keys);
    return code;
}

const OskDeskVerb osk_desk_publish = {
    .name = "publish",
    .usage = "name one submission, and copies of its files: oilskin desk publish SUBMISSION "
             "NUMBER=FILE...",
    .words_min = 2,
    .words_max = 1 + (int)OSK_DESK_REGIONS_MAX,
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_KEYS | OSK_DESK_TAKES_PASSPHRASE |
             OSK_DESK_TAKES_REGIONS | OSK_DESK_TAKES_PUBLISH | OSK_DESK_TAKES_WORDS |
             OSK_DESK_TAKES_JSON,
    .run = run
};
