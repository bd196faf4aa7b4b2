/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/desk_words.h"

#include <stdio.h>

#include "desk/words_check.h"
#include "host/printable.h"
#include "oilskin/seal.h"

#define FINDINGS_MAX 16u
#define SHOWN_BYTES_MAX 256u

static void say_finding(const char *name, const OskWordsFinding *finding)
{
    char word[SHOWN_BYTES_MAX];
    snprintf(word, sizeof(word), "%.*s", (int)finding->len, finding->text);
    fprintf(stderr, "oilskin desk: %s: %s: ", name, osk_words_kind_name(finding->kind));
    osk_printable_text(stderr, word);
    fputc('\n', stderr);
    osk_seal_wipe(word, sizeof(word));
}

int osk_desk_look_at_words(const OskDeskAsked *asked, const OskDeskText *texts, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count && !asked->words_checked; i++) {
        OskWordsFinding found[FINDINGS_MAX];
        size_t there =
            texts[i].text != NULL ? osk_words_check(texts[i].text, found, FINDINGS_MAX) : 0;
        total += there;
        for (size_t j = 0; j < there && j < FINDINGS_MAX; j++) {
            say_finding(texts[i].name, &found[j]);
        }
    }
    if (total == 0) {
        return 0;
    }
    const OskFault fault = { .status = OSK_MISUSE,
                             .what = "the words lead to a person",
                             .next = "leave that out; or say --words-checked where it is meant" };
    return osk_desk_explain(NULL, &fault);
}
