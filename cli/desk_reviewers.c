/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk reviewer, first-link: who works at a desk, changed on the server itself, also while
 * it runs: for when no admin can log in. */
#include <stdio.h>
#include <string.h>

#include "cli/desk_verb.h"
#include "desk/hex.h"
#include "desk/links.h"
#include "host/printable.h"
#include "host/random.h"
#include "store/store_open.h"

static const OskRandom kernel = { .fill = osk_random_fill };

typedef struct Desk {
    OskStore *store;
    OskAudit *audit;
    OskReviewers *reviewers;
    OskLinks links;
} Desk;

static void close_desk(Desk *desk)
{
    osk_reviewers_close(&desk->reviewers);
    osk_audit_close(&desk->audit);
    osk_store_close(&desk->store);
}

static OskStatus open_desk(Desk *desk, const char *data, OskFault *fault)
{
    const OskStoreOptions wish = { .beside = true };
    OskStatus status = osk_store_open_folder(&desk->store, data, &wish, fault);
    if (status == OSK_OK) {
        status = osk_audit_open(&desk->audit, desk->store, &kernel, fault);
    }
    if (status == OSK_OK) {
        status = osk_reviewers_open(&desk->reviewers, desk->store, desk->audit, fault);
    }
    desk->links = (OskLinks){
        .store = desk->store, .audit = desk->audit, .reviewers = desk->reviewers, .random = &kernel
    };
    return status;
}

/* ---- what is done ---- */

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){ .status = status, .what = what, .next = next, .offset = OSK_NO_OFFSET };
    return status;
}

static OskStatus find(Desk *desk, const char *name, OskReviewer *out, OskFault *fault)
{
    return osk_reviewers_find(desk->reviewers, name, out)
               ? OSK_OK
               : fail(fault, OSK_IO, "there is no reviewer of this name",
                      "oilskin desk reviewer list DATA prints them");
}

static OskStatus read_role(const char *name, OskRole *out, OskFault *fault)
{
    *out = osk_role_of(name);
    return *out != OSK_ROLE_NONE
               ? OSK_OK
               : fail(fault, OSK_MISUSE, "a role is reviewer, publisher or admin", NULL);
}

static OskStatus make_link(Desk *desk, OskLink *link, OskFault *fault)
{
    static const char *const anchors[] = { "first", "join", "reset" };
    char text[OSK_DESK_LINK_BYTES];
    OskStatus status = osk_links_make(&desk->links, link, text, fault);
    if (status == OSK_OK) {
        printf("Works once, for %d days, behind the address of the desk:\n  /#%s=%s\n",
               OSK_LINK_DAYS, anchors[link->kind], text);
    }
    osk_seal_wipe(text, sizeof(text));
    return status;
}

static OskJson *about(const OskReviewer *reviewer)
{
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *json = osk_json_object(NULL);
    osk_hex_write(&reviewer->id, sizeof(reviewer->id), id);
    osk_json_set_text(json, "reviewer", id);
    osk_json_set_text(json, "name", reviewer->name);
    osk_json_set_text(json, "role", osk_role_name(reviewer->role));
    return json;
}

static OskStatus explain_change(OskStatus status, OskFault *fault)
{
    return status == OSK_UNSUPPORTED ? fail(fault, OSK_MISUSE, "the desk would be without an admin",
                                            "make somebody else an admin first")
                                     : status;
}

static OskStatus set(Desk *desk, OskReviewer *reviewer, const char *did, OskFault *fault)
{
    const OskDeed deed = { .did = did, .about = about(reviewer) };
    return explain_change(osk_reviewers_set(desk->reviewers, reviewer, &deed, fault), fault);
}

/* ---- the words ---- */

static void say_reviewer(void *context, const OskReviewer *reviewer)
{
    char text[OSK_RECIPIENT_TEXT_BYTES];
    (void)context;
    osk_recipient_text(&reviewer->recipient, text);
    printf("%-10s %-5s %s  ", osk_role_name(reviewer->role), reviewer->has_totp ? "totp" : "-",
           text);
    osk_printable_text(stdout, reviewer->name);
    putchar('\n');
}

static OskStatus run_list(Desk *desk, char **words, OskFault *fault)
{
    (void)words;
    (void)fault;
    osk_reviewers_each(desk->reviewers, say_reviewer, NULL);
    return OSK_OK;
}

static OskStatus run_add(Desk *desk, char **words, OskFault *fault)
{
    OskLink link = { .kind = OSK_LINK_INVITE };
    OskStatus status = read_role(words[0], &link.role, fault);
    return status == OSK_OK ? make_link(desk, &link, fault) : status;
}

/* The configuration is the server's: here nobody knows what stands in it. */
static void say_removed(const OskReviewer *reviewer)
{
    char text[OSK_RECIPIENT_TEXT_BYTES];
    osk_recipient_text(&reviewer->recipient, text);
    printf("Removed. Nothing that comes from now on is sealed to them, unless their key is one of "
           "[drop]\nor of another reviewer, too. It is\n  %s\n",
           text);
    puts("What they have opened or copied can't be recalled. `oilskin desk rewrap` takes them off "
         "what is there;\nwhat was begun before they left may come for two days: run it again "
         "then.");
}

static OskStatus run_remove(Desk *desk, char **words, OskFault *fault)
{
    OskReviewer reviewer;
    OskStatus status = find(desk, words[0], &reviewer, fault);
    if (status == OSK_OK) {
        const OskDeed deed = { .did = "reviewer-remove", .about = about(&reviewer) };
        status = explain_change(osk_reviewers_remove(desk->reviewers, &reviewer.id, &deed, fault),
                                fault);
    }
    if (status == OSK_OK) {
        say_removed(&reviewer);
    }
    osk_seal_wipe(&reviewer, sizeof(reviewer));
    return status;
}

static OskStatus run_role(Desk *desk, char **words, OskFault *fault)
{
    OskReviewer reviewer;
    OskStatus status = find(desk, words[0], &reviewer, fault);
    if (status == OSK_OK) {
        status = read_role(words[1], &reviewer.role, fault);
    }
    if (status == OSK_OK) {
        status = set(desk, &reviewer, "role", fault);
    }
    osk_seal_wipe(&reviewer, sizeof(reviewer));
    return status;
}

static OskStatus run_reset_passphrase(Desk *desk, char **words, OskFault *fault)
{
    OskReviewer reviewer;
    OskStatus status = find(desk, words[0], &reviewer, fault);
    if (status == OSK_OK) {
        OskLink link = { .kind = OSK_LINK_RESET, .reviewer = reviewer.id };
        status = make_link(desk, &link, fault);
    }
    osk_seal_wipe(&reviewer, sizeof(reviewer));
    return status;
}

static OskStatus run_reset_totp(Desk *desk, char **words, OskFault *fault)
{
    OskReviewer reviewer;
    OskStatus status = find(desk, words[0], &reviewer, fault);
    if (status == OSK_OK) {
        reviewer.has_totp = false;
        osk_seal_wipe(reviewer.totp, sizeof(reviewer.totp));
        status = set(desk, &reviewer, "totp-reset", fault);
    }
    osk_seal_wipe(&reviewer, sizeof(reviewer));
    return status;
}

static const struct {
    const char *name;
    int words;
    OskStatus (*run)(Desk *desk, char **words, OskFault *fault);
} deeds[] = {
    { "list", 0, run_list },
    { "add", 1, run_add },
    { "remove", 1, run_remove },
    { "role", 2, run_role },
    { "reset-passphrase", 1, run_reset_passphrase },
    { "reset-totp", 1, run_reset_totp },
};

static const char usage[] =
    "say `reviewer list DATA`, `add DATA ROLE`, `remove DATA NAME`, `role DATA NAME ROLE`, "
    "`reset-passphrase DATA NAME` or `reset-totp DATA NAME`";

static int run_reviewer(const OskDeskAsked *asked, char **words, int count)
{
    Desk desk = { .store = NULL };
    OskFault fault = { .status = OSK_OK };
    (void)asked;
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, words[0]) == 0 && deeds[i].words == count - 2) {
            OskStatus status = open_desk(&desk, words[1], &fault);
            status = status == OSK_OK ? deeds[i].run(&desk, words + 2, &fault) : status;
            close_desk(&desk);
            return status == OSK_OK ? 0 : osk_desk_explain(words[1], &fault);
        }
    }
    return osk_usage(&osk_cmd_desk, usage);
}

static int run_first_link(const OskDeskAsked *asked, char **words, int count)
{
    Desk desk = { .store = NULL };
    OskFault fault = { .status = OSK_OK };
    OskLink link = { .kind = OSK_LINK_FIRST, .role = OSK_ROLE_ADMIN };
    (void)asked;
    (void)count;
    OskStatus status = open_desk(&desk, words[0], &fault);
    if (status == OSK_OK && osk_reviewers_count(desk.reviewers, OSK_ROLE_ADMIN) > 0) {
        status = fail(&fault, OSK_MISUSE, "the desk has an admin",
                      "ask who it is: oilskin desk reviewer list DATA");
    }
    status = status == OSK_OK ? make_link(&desk, &link, &fault) : status;
    close_desk(&desk);
    return status == OSK_OK ? 0 : osk_desk_explain(words[0], &fault);
}

const OskDeskVerb osk_desk_reviewer = {
    .name = "reviewer", .usage = usage, .words_min = 2, .words_max = 4, .run = run_reviewer
};

const OskDeskVerb osk_desk_first_link_verb = { .name = "first-link",
                                               .usage = "first-link takes DATA",
                                               .words_min = 1,
                                               .words_max = 1,
                                               .run = run_first_link };
