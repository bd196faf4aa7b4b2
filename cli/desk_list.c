/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk login, logout, list, show: who comes in, and what there is to be looked at. */
#include <stdio.h>
#include <string.h>

#include "cli/desk_submission.h"
#include "cli/desk_verb.h"
#include "host/printable.h"

#define PATH_BYTES 512u

/* ---- login, logout ---- */

static int run_login(const OskDeskAsked *asked, char **words, int count)
{
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    (void)words;
    (void)count;
    if (asked->who.session == NULL) {
        return osk_usage(&osk_cmd_desk, "where is the session to be kept? Say --session FILE");
    }
    OskStatus status = osk_desk_connect(&client, &asked->who, &fault);
    int code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    osk_desk_disconnect(&client);
    return code;
}

static int run_logout(const OskDeskAsked *asked, char **words, int count)
{
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    (void)words;
    (void)count;
    if (asked->who.session == NULL) {
        return osk_usage(&osk_cmd_desk, "which session? Say --session FILE");
    }
    OskStatus status = osk_desk_connect(&client, &asked->who, &fault);
    if (status == OSK_OK) {
        status = osk_desk_leave(&client, &fault);
    }
    int code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    osk_desk_disconnect(&client);
    return code;
}

/* ---- list ---- */

typedef struct Query {
    char path[PATH_BYTES];
    size_t len;
    bool is_too_long;
} Query;

/* Only letters that need no escape in an address: ids, days and words of the API. */
static void add_filter(Query *query, const char *name, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    if (value == NULL) {
        return;
    }
    int wrote = snprintf(query->path + query->len, PATH_BYTES - query->len, "%c%s=%s",
                         strchr(query->path, '?') == NULL ? '?' : '&', name, value);
    if (value[strspn(value, plain)] != 0 || wrote < 0 || (size_t)wrote >= PATH_BYTES - query->len) {
        query->is_too_long = true;
        return;
    }
    query->len += (size_t)wrote;
}

static bool make_query(Query *query, const OskDeskAsked *asked, const char *after)
{
    *query = (Query){ .path = "/api/queue", .len = sizeof("/api/queue") - 1 };
    add_filter(query, "view", asked->view);
    add_filter(query, "category", asked->category);
    add_filter(query, "day_first", asked->first_day);
    add_filter(query, "day_last", asked->last_day);
    add_filter(query, "claimed", asked->claimed);
    add_filter(query, "after", after);
    return !query->is_too_long;
}

static void say_text(const OskJson *row, const char *key, int width)
{
    const char *text = osk_json_text(osk_json_get(row, key));
    text = text != NULL ? text : "-";
    osk_printable_text(stdout, text);
    printf("%*s", width > (int)strlen(text) ? width - (int)strlen(text) : 1, "");
}

static void say_row(const OskJson *row)
{
    const OskJson *first = osk_json_get(row, "representative");
    uint64_t count = 0;
    uint64_t differences = 0;
    (void)osk_json_whole(osk_json_get(row, "count"), &count);
    (void)osk_json_whole(osk_json_get(row, "differences"), &differences);
    say_text(first, "submission", OSK_DESK_ID_LETTERS + 2);
    say_text(row, "cluster", OSK_DESK_ID_LETTERS + 2);
    say_text(row, "last_day", 12);
    say_text(row, "state", 11);
    say_text(row, "kind", 12);
    printf("%-7llu", (unsigned long long)count);
    printf("%-7llu", (unsigned long long)differences);
    say_text(row, "category", 14);
    say_text(row, "claim", 10);
    puts(osk_json_is_true(osk_json_get(row, "has_words")) ? "words" : "");
}

/* What was answered so far, for --json. */
typedef struct Listing {
    OskJson *rows;
    OskJson *counts;
    bool is_json;
} Listing;

static OskStatus list_page(OskDeskClient *client, const OskDeskAsked *asked, Listing *listing,
                           char after[PATH_BYTES], OskFault *fault)
{
    Query query;
    OskJson *page = NULL;
    if (!make_query(&query, asked, after[0] != 0 ? after : NULL)) {
        *fault = (OskFault){ .status = OSK_MISUSE,
                             .what = "a filter holds what no filter of a desk does",
                             .offset = OSK_NO_OFFSET };
        return OSK_MISUSE;
    }
    OskStatus status = osk_desk_get(client, query.path, &page, fault);
    const OskJson *rows = osk_json_get(page, "rows");
    for (size_t i = 0; i < osk_json_count(rows); i++) {
        if (listing->is_json) {
            osk_json_add(listing->rows, osk_json_copy(osk_json_at(rows, i)));
        } else {
            say_row(osk_json_at(rows, i));
        }
    }
    const char *next = osk_json_text(osk_json_get(page, "next"));
    snprintf(after, PATH_BYTES, "%s", next != NULL ? next : "");
    if (status == OSK_OK && listing->counts == NULL) {
        listing->counts = osk_json_copy(osk_json_get(page, "counts"));
    }
    osk_json_free(&page);
    return status;
}

static OskStatus list_all(OskDeskClient *client, const OskDeskAsked *asked, OskFault *fault)
{
    char after[PATH_BYTES] = "";
    Listing listing = { .rows = osk_json_list(), .is_json = asked->json };
    OskStatus status = OSK_OK;
    if (!asked->json) {
        printf("%-34s%-34s%-12s%-11s%-12s%-7s%-7s%-14s%-10s\n", "submission", "cluster", "day",
               "state", "kind", "files", "differ", "category", "claimed");
    }
    do {
        status = list_page(client, asked, &listing, after, fault);
    } while (status == OSK_OK && after[0] != 0);
    OskJson *queue = osk_json_object("oilskin/queue/1");
    osk_json_set(queue, "rows", listing.rows);
    osk_json_set(queue, "counts", listing.counts);
    if (status == OSK_OK && asked->json) {
        osk_desk_say_json(stdout, queue);
    }
    osk_json_free(&queue);
    return status;
}

static int run_list(const OskDeskAsked *asked, char **words, int count)
{
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    (void)words;
    (void)count;
    OskStatus status = osk_desk_connect(&client, &asked->who, &fault);
    if (status == OSK_OK) {
        status = list_all(&client, asked, &fault);
    }
    int code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    osk_desk_disconnect(&client);
    return code;
}

/* ---- show ---- */

static OskStatus show(OskDeskClient *client, const OskDeskAsked *asked, const char *id,
                      const OskIdentities *keys, OskFault *fault)
{
    OskDeskSubmission submission = { .answer = NULL };
    OskStatus status = osk_desk_submission_get(&submission, client, id, keys, fault);
    if (status == OSK_OK && asked->json) {
        OskJson *all = osk_json_copy(submission.answer);
        osk_json_set(all, "words", osk_json_copy(submission.manifest.json));
        osk_desk_say_json(stdout, all);
        osk_json_free(&all);
    } else if (status == OSK_OK) {
        osk_desk_say_submission(stdout, &submission);
    }
    osk_desk_submission_free(&submission);
    return status;
}

static int run_show(const OskDeskAsked *asked, char **words, int count)
{
    static OskIdentities keys;
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    (void)count;
    int code = osk_desk_read_keys(asked, &keys);
    if (code != 0) {
        osk_identities_wipe(&keys);
        return code;
    }
    OskStatus status = osk_desk_connect(&client, &asked->who, &fault);
    code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
    if (status == OSK_OK && show(&client, asked, words[0], asked->key_file_count > 0 ? &keys : NULL,
                                 &fault) != OSK_OK) {
        code = osk_desk_explain(words[0], &fault);
    }
    osk_desk_disconnect(&client);
    osk_identities_wipe(&keys);
    return code;
}

/* ---- the words ---- */

const OskDeskVerb osk_desk_login = { .name = "login",
                                     .usage = "say `login --session FILE --desk URL --name NAME`",
                                     .takes = OSK_DESK_TAKES_WHO,
                                     .run = run_login };
const OskDeskVerb osk_desk_logout = { .name = "logout",
                                      .usage = "say `logout --session FILE`",
                                      .takes = OSK_DESK_TAKES_WHO,
                                      .run = run_logout };
const OskDeskVerb osk_desk_list = { .name = "list",
                                    .usage = "list takes options alone",
                                    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_FILTER |
                                             OSK_DESK_TAKES_JSON,
                                    .run = run_list };
const OskDeskVerb osk_desk_show = { .name = "show",
                                    .usage = "name one submission: oilskin desk show SUBMISSION",
                                    .words_min = 1,
                                    .words_max = 1,
                                    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_KEYS |
                                             OSK_DESK_TAKES_PASSPHRASE | OSK_DESK_TAKES_JSON,
                                    .run = run_show };
