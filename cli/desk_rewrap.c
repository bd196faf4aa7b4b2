/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk rewrap: after reviewers have come or left, what lies there sealed gets headers of
 * those who are there now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/desk_verb.h"
#include "desk/base64.h"
#include "host/random.h"
#include "oilskin/seal.h"

#define CURSOR_BYTES 256u

typedef struct Rewrap {
    OskDeskClient client;
    const OskIdentities *keys;
    OskRecipient list[OSK_SEAL_RECIPIENTS_MAX];
    size_t count;
    uint64_t done;
    uint64_t unopened; /* no key that was given opens them */
    uint64_t kept;     /* old headers that could not be wiped */
} Rewrap;

static OskStatus broken(OskFault *fault)
{
    *fault = (OskFault){ .status = OSK_MALFORMED,
                         .what = "the desk's answer is none that a desk gives",
                         .offset = OSK_NO_OFFSET };
    return OSK_MALFORMED;
}

static bool take_recipient(const OskJson *value, OskRecipient *out)
{
    OskFault fault = { .status = OSK_OK };
    const char *text = osk_json_text(value);
    return text != NULL && osk_recipient_parse(out, text, strlen(text), &fault) == OSK_OK;
}

/* Whoever gives keys sees for whom, before anything is wrapped. */
static OskStatus find_recipients(Rewrap *rewrap, OskFault *fault)
{
    OskJson *me = NULL;
    OskStatus status = osk_desk_get(&rewrap->client, "/api/me", &me, fault);
    const OskJson *list = osk_json_get(me, "recipients");
    rewrap->count = osk_json_count(list);
    if (status == OSK_OK && (rewrap->count == 0 || rewrap->count >= OSK_SEAL_RECIPIENTS_MAX)) {
        status = broken(fault);
    }
    for (size_t i = 0; status == OSK_OK && i < rewrap->count; i++) {
        char text[OSK_RECIPIENT_TEXT_BYTES];
        if (!take_recipient(osk_json_get(osk_json_at(list, i), "age"), &rewrap->list[i])) {
            status = broken(fault);
            break;
        }
        osk_recipient_text(&rewrap->list[i], text);
        printf("for %s\n", text);
    }
    osk_json_free(&me);
    return status;
}

/* The new header in base64; NULL where no key opens the old one. Ownership: free(). */
static char *wrap_one(Rewrap *rewrap, const OskJson *item, OskFault *fault)
{
    static const OskRandom random = { .fill = osk_random_fill };
    const OskUnsealWith with = { .identities = rewrap->keys->items, .count = rewrap->keys->count };
    OskSealTo to = {
        .recipients = rewrap->list, .count = rewrap->count, .random = &random, .names_list = true
    };
    OskBytes header = { .len = 0 };
    OskMemory out = { .max = OSK_SEAL_HEADER_MAX };
    size_t old_len = 0;
    const char *text = osk_json_text(osk_json_get(item, "header"));
    const OskJson *also = osk_json_get(item, "also");
    if (text == NULL || !osk_base64_bytes(text, &header) ||
        (also != NULL && !take_recipient(also, &rewrap->list[to.count++]))) {
        osk_bytes_clear(&header);
        (void)broken(fault);
        return NULL;
    }
    const OskSealRewrap of = { .bytes = header.bytes, .len = header.len, .with = &with, .to = &to };
    char *made = NULL;
    if (osk_seal_rewrap(&of, &out, &old_len, fault) == OSK_OK) {
        made = osk_base64_text(&(OskBytes){ .bytes = out.bytes, .len = out.len });
    }
    osk_bytes_free(&out.bytes);
    osk_bytes_clear(&header);
    return made;
}

static OskStatus wrap_items(Rewrap *rewrap, const OskJson *items, OskJson *wraps, OskFault *fault)
{
    for (size_t i = 0; i < osk_json_count(items); i++) {
        OskFault one = { .status = OSK_OK };
        const OskJson *item = osk_json_at(items, i);
        char *made = wrap_one(rewrap, item, &one);
        if (made == NULL && one.status != OSK_AUTH && one.status != OSK_MALFORMED) {
            *fault = one;
            return one.status;
        }
        if (made == NULL) {
            rewrap->unopened++;
            continue;
        }
        OskJson *wrap = osk_json_object(NULL);
        osk_json_set_text(wrap, "item", osk_json_text(osk_json_get(item, "item")));
        osk_json_set_text(wrap, "header", made);
        osk_json_add(wraps, wrap);
        free(made);
    }
    return OSK_OK;
}

/* What was wrapped of a page. */
static OskStatus give_back(Rewrap *rewrap, const OskJson *items, OskFault *fault)
{
    OskJson *wraps = osk_json_list();
    OskJson *answer = NULL;
    uint64_t done = 0;
    uint64_t kept = 0;
    OskStatus status = wrap_items(rewrap, items, wraps, fault);
    if (status != OSK_OK || osk_json_count(wraps) == 0) {
        osk_json_free(&wraps);
        return status;
    }
    OskJson *ask = osk_json_object(NULL);
    osk_json_set(ask, "wraps", wraps);
    status = osk_desk_post(&rewrap->client, "/api/wraps", ask, &answer, fault);
    if (status == OSK_OK && (!osk_json_whole(osk_json_get(answer, "done"), &done) ||
                             !osk_json_whole(osk_json_get(answer, "kept"), &kept))) {
        status = broken(fault);
    }
    rewrap->done += done;
    rewrap->kept += kept;
    osk_json_free(&answer);
    return status;
}

/* One page; `cursor` is "" behind the last one. */
static OskStatus run_page(Rewrap *rewrap, char cursor[CURSOR_BYTES], OskFault *fault)
{
    char path[CURSOR_BYTES + 32];
    OskJson *page = NULL;
    uint64_t total = 0;
    uint64_t left = 0;
    snprintf(path, sizeof(path), "/api/wraps%s%s", cursor[0] != 0 ? "?after=" : "", cursor);
    OskStatus status = osk_desk_get(&rewrap->client, path, &page, fault);
    const OskJson *items = osk_json_get(page, "items");
    const char *next = osk_json_text(osk_json_get(page, "next"));
    next = next != NULL ? next : "";
    /* What no key opens is passed by; a desk that leads nowhere is none. */
    if (status == OSK_OK &&
        (!osk_json_whole(osk_json_get(page, "total"), &total) ||
         !osk_json_whole(osk_json_get(page, "left"), &left) || strlen(next) >= CURSOR_BYTES ||
         (next[0] != 0 && strcmp(next, cursor) == 0))) {
        status = broken(fault);
    }
    if (status == OSK_OK) {
        status = give_back(rewrap, items, fault);
    }
    if (status == OSK_OK) {
        printf("%llu of %llu submissions left\n", (unsigned long long)left,
               (unsigned long long)total);
        fflush(stdout);
        snprintf(cursor, CURSOR_BYTES, "%s", next);
    }
    osk_json_free(&page);
    return status;
}

static int say_end(const Rewrap *rewrap)
{
    printf("%llu headers wrapped anew.\n", (unsigned long long)rewrap->done);
    if (rewrap->kept > 0) {
        printf("%llu old headers are still there: a backup holds the same files.\n",
               (unsigned long long)rewrap->kept);
    }
    if (rewrap->unopened > 0) {
        printf("%llu could be opened by no key that was given.\n",
               (unsigned long long)rewrap->unopened);
        return osk_exit_code(OSK_AUTH);
    }
    return 0;
}

static int run_rewrap(const OskDeskAsked *asked, char **words, int count)
{
    static OskIdentities keys;
    static Rewrap rewrap;
    OskFault fault = { .status = OSK_OK };
    char cursor[CURSOR_BYTES] = "";
    (void)words;
    (void)count;
    if (asked->key_file_count == 0) {
        return osk_usage(&osk_cmd_desk, "whose key opens what is there? Say -i KEYFILE");
    }
    int code = osk_desk_read_keys(asked, &keys);
    if (code != 0) {
        osk_identities_wipe(&keys);
        return code;
    }
    rewrap = (Rewrap){ .keys = &keys };
    OskStatus status = osk_desk_connect(&rewrap.client, &asked->who, &fault);
    if (status == OSK_OK) {
        status = find_recipients(&rewrap, &fault);
    }
    do {
        status = status == OSK_OK ? run_page(&rewrap, cursor, &fault) : status;
    } while (status == OSK_OK && cursor[0] != 0);
    code = status == OSK_OK ? say_end(&rewrap) : osk_desk_explain(asked->who.desk, &fault);
    osk_desk_disconnect(&rewrap.client);
    osk_identities_wipe(&keys);
    return code;
}

const OskDeskVerb osk_desk_rewrap = {
    .name = "rewrap",
    .usage = "rewrap takes no words",
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_KEYS | OSK_DESK_TAKES_PASSPHRASE,
    .run = run_rewrap,
};
