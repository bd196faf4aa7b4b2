/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A submission on a terminal: everything in it comes from somebody unknown. */
#include <stdlib.h>
#include <string.h>

#include "cli/desk_submission.h"
#include "host/printable.h"

/* Line by line, indented, so that no line looks like one of ours. */
static void say_lines(FILE *out, const char *label, const char *text)
{
    if (text == NULL) {
        return;
    }
    fprintf(out, "%s\n", label);
    char *copy = strdup(text);
    char *rest = copy;
    while (rest != NULL) {
        char *line = strsep(&rest, "\n");
        fputs("  | ", out);
        osk_printable_text(out, line);
        fputc('\n', out);
    }
    if (copy != NULL) {
        explicit_bzero(copy, strlen(text));
    }
    free(copy);
}

static void say_field(FILE *out, const char *label, const OskJson *json, const char *key)
{
    const char *text = osk_json_text(osk_json_get(json, key));
    if (text != NULL) {
        fprintf(out, "%s", label);
        osk_printable_text(out, text);
        fputc('\n', out);
    }
}

static void say_file(FILE *out, const OskDeskFile *file)
{
    uint64_t len = file->sealed_len;
    bool is_open = osk_json_whole(osk_json_get(file->about, "len"), &len);
    fprintf(out, "  %-4llu%s  ", (unsigned long long)file->number, file->id);
    osk_printable_text(out, file->state != NULL ? file->state : "-");
    fprintf(out, "  %llu bytes%s", (unsigned long long)len, is_open ? "  " : ", sealed");
    if (is_open) {
        osk_printable_text(out, osk_desk_file_ending(file));
        fputs("  ", out);
        osk_printable_text(out, osk_desk_file_kind(file));
    }
    fputc('\n', out);
}

void osk_desk_say_submission(FILE *out, const OskDeskSubmission *submission)
{
    fprintf(out, "submission %s\n", submission->id);
    say_field(out, "received   ", submission->answer, "day");
    say_field(out, "category   ", submission->answer, "category");
    say_field(out, "claimed by ", submission->answer, "claim");
    if (osk_json_is_true(osk_json_get(submission->answer, "held"))) {
        fputs("held: it is not deleted when its days are over\n", out);
    }
    const OskJson *words = submission->manifest.json;
    if (words == NULL) {
        fputs("words      sealed; a key opens them: -i KEYFILE\n", out);
    }
    say_lines(out, "message", osk_json_text(osk_json_get(words, "message")));
    say_lines(out, "place", osk_json_text(osk_json_get(words, "place")));
    say_lines(out, "time", osk_json_text(osk_json_get(words, "time")));
    for (size_t i = 0; i < submission->message_count; i++) {
        const OskDeskMessage *message = &submission->messages[i];
        fprintf(out, "%s %llu, ", message->from_desk ? "reply" : "message",
                (unsigned long long)message->number + 1);
        osk_printable_text(out, message->day);
        fputs(message->words.json == NULL ? ": sealed\n" : "\n", out);
        say_lines(out, "", osk_json_text(osk_json_get(message->words.json, "text")));
    }
    fprintf(out, "%zu files\n", submission->file_count);
    for (size_t i = 0; i < submission->file_count; i++) {
        OskDeskFile file;
        if (osk_desk_submission_file(submission, i, &file)) {
            say_file(out, &file);
        }
    }
}

void osk_desk_say_json(FILE *out, const OskJson *json)
{
    size_t len = 0;
    char *text = osk_json_write(json, &len);
    if (text != NULL) {
        osk_printable_json_value(out, text);
        fputc('\n', out);
    }
    osk_json_text_free(text);
}
