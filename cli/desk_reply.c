/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk reply: words to a sender, which a receipt opens. */
#include <stdlib.h>
#include <string.h>

#include "cli/desk_submission.h"
#include "cli/desk_verb.h"
#include "cli/desk_words.h"
#include "desk/base64.h"
#include "host/input.h"
#include "host/random.h"
#include "oilskin/scrub.h"

/* Of one reply: the drop shows no longer ones. */
#define TEXT_BYTES ((size_t)8 * 1024)
/* A short one and a shorter one look alike. */
#define LEAST_BYTES 1024u

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = status, .part = "file", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

/* ---- the words ---- */

static OskStatus read_text(const char *path, char out[TEXT_BYTES + 1], OskFault *fault)
{
    OskInput input = { .fd = -1 };
    OskStatus status = path == NULL || strcmp(path, "-") == 0
                           ? osk_input_open_stdin(&input, fault)
                           : osk_input_open(&input, path, OSK_INPUT_FOLLOW, fault);
    OskSource source = status == OSK_OK ? osk_input_source(&input) : (OskSource){ .size = 0 };
    size_t len = source.size <= TEXT_BYTES ? (size_t)source.size : 0;
    if (status == OSK_OK && source.size > TEXT_BYTES) {
        status = fail(fault, OSK_MISUSE, "a reply has at most 8 KiB", "write it in pieces");
    }
    if (status == OSK_OK && osk_input_head(&input, (uint8_t *)out, len) != len) {
        status = fail(fault, OSK_IO, "could not be read", NULL);
    }
    while (status == OSK_OK && len > 0 && (out[len - 1] == '\n' || out[len - 1] == '\r')) {
        len--;
    }
    out[len] = 0;
    osk_input_close(&input);
    if (status == OSK_OK && (len == 0 || strlen(out) != len)) {
        status = fail(fault, OSK_MISUSE, "there are no words in it", NULL);
    }
    return status;
}

/* ---- whom they are sealed to: the receipt, and the desk, which reads later what it said ---- */

static OskStatus add_recipient(OskRecipient *list, size_t *count, const char *text, OskFault *fault)
{
    if (text == NULL || *count == OSK_SEAL_RECIPIENTS_MAX) {
        return fail(fault, OSK_MALFORMED, "the desk does not say whom to seal to", NULL);
    }
    return osk_recipient_parse(&list[(*count)++], text, strlen(text), fault);
}

static OskStatus find_recipients(OskDeskClient *client, const OskDeskSubmission *submission,
                                 OskRecipient *list, size_t *count, OskFault *fault)
{
    OskJson *me = NULL;
    const char *receipt = osk_json_text(osk_json_get(submission->answer, "reply_key"));
    if (receipt == NULL) {
        return fail(fault, OSK_UNSUPPORTED, "came without a receipt: nobody can read a reply",
                    NULL);
    }
    OskStatus status = osk_desk_get(client, "/api/me", &me, fault);
    const OskJson *desk = osk_json_get(me, "recipients");
    if (status == OSK_OK) {
        status = add_recipient(list, count, receipt, fault);
    }
    for (size_t i = 0; status == OSK_OK && i < osk_json_count(desk); i++) {
        const OskJson *age = osk_json_get(osk_json_at(desk, i), "age");
        status = add_recipient(list, count, osk_json_text(age), fault);
    }
    if (status == OSK_OK && *count < 2) {
        status = fail(fault, OSK_MALFORMED, "the desk does not say whom to seal to", NULL);
    }
    osk_json_free(&me);
    return status;
}

static OskStatus seal_text(const char *text, const OskRecipient *list, size_t count, OskBytes *out,
                           OskFault *fault)
{
    const OskRandom random = { .fill = osk_random_fill };
    OskSealTo to = { .recipients = list, .count = count, .random = &random, .names_list = true };
    OskMemory sealed = { .bytes = NULL };
    OskJson *json = osk_json_object("oilskin/message/1");
    size_t len = 0;
    osk_json_set_text(json, "text", text);
    char *written = osk_json_write(json, &len);
    osk_json_free(&json);
    if (written == NULL) {
        return fail(fault, OSK_MISUSE, "is no text in UTF-8", NULL);
    }
    to.padded_len = (size_t)osk_seal_padded_len(len < LEAST_BYTES ? LEAST_BYTES : len);
    OskStatus status = osk_seal_bytes(written, len, &to, &sealed, fault);
    osk_json_text_free(written);
    *out = (OskBytes){ .bytes = sealed.bytes, .len = sealed.len };
    return status;
}

/* ---- the request ---- */

static OskStatus send_reply(OskDeskClient *client, const OskDeskSubmission *submission,
                            const char *text, OskFault *fault)
{
    OskRecipient list[OSK_SEAL_RECIPIENTS_MAX];
    size_t count = 0;
    OskBytes sealed = { .bytes = NULL };
    OskJson *answer = NULL;
    OskStatus status = find_recipients(client, submission, list, &count, fault);
    if (status == OSK_OK) {
        status = seal_text(text, list, count, &sealed, fault);
    }
    char *base64 = status == OSK_OK ? osk_base64_text(&sealed) : NULL;
    if (status == OSK_OK) {
        OskJson *reply = osk_json_object(NULL);
        osk_json_set_text(reply, "submission", submission->id);
        osk_json_set_whole(reply, "messages", submission->message_count);
        osk_json_set_text(reply, "sealed", base64);
        status = osk_desk_post(client, "/api/reply", reply, &answer, fault);
    }
    free(base64);
    free(sealed.bytes);
    osk_json_free(&answer);
    return status;
}

static int run(const OskDeskAsked *asked, char **words, int count)
{
    char text[TEXT_BYTES + 1];
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    OskDeskSubmission submission = { .answer = NULL };
    OskStatus status = read_text(count > 1 ? words[1] : NULL, text, &fault);
    if (status != OSK_OK) {
        return osk_desk_explain(count > 1 ? words[1] : "standard input", &fault);
    }
    const OskDeskText said = { "reply", text };
    int code = osk_desk_look_at_words(asked, &said, 1);
    if (code != 0) {
        osk_seal_wipe(text, sizeof(text));
        return code;
    }
    status = osk_desk_connect(&client, &asked->who, &fault);
    code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    if (status == OSK_OK) {
        status = osk_desk_submission_get(&submission, &client, words[0], NULL, &fault);
        if (status == OSK_OK) {
            status = send_reply(&client, &submission, text, &fault);
        }
        code = status == OSK_OK ? 0 : osk_desk_explain(words[0], &fault);
    }
    osk_desk_submission_free(&submission);
    osk_desk_disconnect(&client);
    osk_seal_wipe(text, sizeof(text));
    return code;
}

const OskDeskVerb osk_desk_reply = {
    .name = "reply",
    .usage = "name one submission, and the file of the words: oilskin desk reply SUBMISSION [FILE]",
    .words_min = 1,
    .words_max = 2,
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_WORDS,
    .run = run
};
