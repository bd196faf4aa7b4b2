/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk withdraw, end-link: what is public is not any more. */
#include <stdio.h>
#include <string.h>

#include "cli/desk_submission.h"
#include "cli/desk_verb.h"
#include "oilskin/seal.h"

/* Connects, asks for one thing, and says what came of it. */
static int ask(const OskDeskAsked *asked, const char *path, OskJson *wanted, const char *name,
               const char *said)
{
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    OskJson *answer = NULL;
    OskStatus status = osk_desk_connect(&client, &asked->who, &fault);
    int code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    if (status != OSK_OK) {
        osk_json_free(&wanted);
    } else if (osk_desk_post(&client, path, wanted, &answer, &fault) != OSK_OK) {
        code = osk_desk_explain(name, &fault);
    } else if (asked->json) {
        osk_desk_say_json(stdout, answer);
    } else {
        puts(said);
    }
    osk_json_free(&answer);
    osk_desk_disconnect(&client);
    return code;
}

static int run_withdraw(const OskDeskAsked *asked, char **words, int count)
{
    (void)count;
    if (!osk_desk_is_id(words[0])) {
        return osk_usage(&osk_cmd_desk, "a publication is named by its 32 letters, as its address "
                                        "ends");
    }
    OskJson *wanted = osk_json_object(NULL);
    osk_json_set_text(wanted, "publication", words[0]);
    osk_json_set_text(wanted, "state", "withdraw");
    return ask(asked, "/api/publications/change", wanted, words[0],
               "Removed here; copies, feeds and caches elsewhere stay.");
}

static int run_end_link(const OskDeskAsked *asked, char **words, int count)
{
    /* Behind it may be the key of a sealed link, which no server needs, and no list of processes.
     */
    char *behind = words[0] + strcspn(words[0], "#?%");
    (void)count;
    osk_seal_wipe(behind, strlen(behind));
    OskJson *wanted = osk_json_object(NULL);
    osk_json_set_text(wanted, "address", words[0]);
    /* The address opens what it leads to: it is not said again. */
    return ask(asked, "/api/shares/end", wanted, "this link",
               "The link has ended. What was opened or saved through it stays where it is.");
}

const OskDeskVerb osk_desk_withdraw = {
    .name = "withdraw",
    .usage = "name one publication: oilskin desk withdraw PUBLICATION",
    .words_min = 1,
    .words_max = 1,
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_JSON,
    .run = run_withdraw
};
const OskDeskVerb osk_desk_end_link = {
    .name = "end-link",
    .usage = "give the address of one link: oilskin desk end-link ADDRESS",
    .words_min = 1,
    .words_max = 1,
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_JSON,
    .run = run_end_link
};
