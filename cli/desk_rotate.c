/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk rotate: another key of one's own, to which the drop seals from then on. */
#include <stdio.h>
#include <string.h>

#include "cli/desk_verb.h"
#include "oilskin/seal.h"

static OskStatus broken(OskFault *fault)
{
    *fault = (OskFault){ .status = OSK_MALFORMED,
                         .what = "the desk's answer is none that a desk gives",
                         .offset = OSK_NO_OFFSET };
    return OSK_MALFORMED;
}

/* Whoever gives a key has it: the desk is told of none whose file nobody can open. */
static int read_key(const OskDeskAsked *asked, char out[OSK_RECIPIENT_TEXT_BYTES])
{
    static OskIdentities keys;
    int code = osk_desk_read_keys(asked, &keys);
    if (code == 0 && keys.count != 1) {
        code = osk_usage(&osk_cmd_desk, "which key is to be yours? Say -i with a file of one");
    }
    if (code == 0) {
        osk_recipient_text(&keys.items[0].recipient, out);
    }
    osk_identities_wipe(&keys);
    return code;
}

static bool is_listed(const OskJson *list, const char *key)
{
    for (size_t i = 0; i < osk_json_count(list); i++) {
        const char *one = osk_json_text(osk_json_get(osk_json_at(list, i), "age"));
        if (one != NULL && strcmp(one, key) == 0) {
            return true;
        }
    }
    return false;
}

static void say_rotated(const OskJson *me, const char *before, const char *now)
{
    printf("What comes from now on is sealed to\n  %s\nand no more to\n  %s\n", now, before);
    if (is_listed(osk_json_get(me, "recipients"), before)) {
        puts("But that one is a key of [drop], or of another reviewer, too: it goes on being "
             "sealed to.");
    }
    puts("Keep the old key: what came before opens with it, and with the new one when an admin has "
         "run\n`oilskin desk rewrap`; what was begun before may come for two days: run it again "
         "then.");
    fflush(stdout);
}

/* The answer is a session of its own, since all those before it end. */
static OskStatus change(OskDeskClient *client, const char *before, const char *now, OskFault *fault)
{
    OskJson *ask = osk_json_object(NULL);
    OskJson *me = NULL;
    osk_json_set_text(ask, "passphrase", client->who->passphrase->text);
    osk_json_set_text(ask, "recipient", now);
    OskStatus status = osk_desk_post(client, "/api/secrets", ask, &me, fault);
    const char *held = osk_json_text(osk_json_get(me, "recipient"));
    if (status == OSK_OK && (held == NULL || strcmp(held, now) != 0)) {
        status = broken(fault);
    }
    if (status == OSK_OK) {
        say_rotated(me, before, now);
        status = osk_desk_keep(client, me, fault);
    }
    osk_json_free(&me);
    return status;
}

static OskStatus rotate(OskDeskClient *client, const char *now, OskFault *fault)
{
    OskJson *me = NULL;
    OskRecipient key;
    OskStatus status = osk_desk_get(client, "/api/me", &me, fault);
    const char *before = osk_json_text(osk_json_get(me, "recipient"));
    if (status == OSK_OK &&
        (before == NULL || osk_recipient_parse(&key, before, strlen(before), fault) != OSK_OK)) {
        status = broken(fault);
    }
    if (status == OSK_OK && strcmp(before, now) == 0) {
        puts("This is your key already: nothing was changed.");
    } else if (status == OSK_OK) {
        status = change(client, before, now, fault);
    }
    osk_json_free(&me);
    return status;
}

static int run_rotate(const OskDeskAsked *asked, char **words, int count)
{
    char now[OSK_RECIPIENT_TEXT_BYTES];
    OskPassphrase passphrase = { .len = 0 };
    OskDeskWho who = asked->who;
    OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    (void)words;
    (void)count;
    int code = read_key(asked, now);
    if (code != 0) {
        return code;
    }
    /* Also where a session is kept: the desk changes a key for who knows the passphrase alone. */
    OskStatus status = osk_desk_ask_passphrase(&who, &passphrase, &fault);
    if (status == OSK_OK) {
        who.passphrase = &passphrase;
        status = osk_desk_connect(&client, &who, &fault);
        status = status == OSK_OK ? rotate(&client, now, &fault) : status;
        code = status == OSK_OK ? 0 : osk_desk_explain(who.desk, &fault);
        osk_desk_disconnect(&client);
    } else {
        code = osk_desk_explain(who.login_file, &fault);
    }
    osk_passphrase_wipe(&passphrase);
    return code;
}

const OskDeskVerb osk_desk_rotate = {
    .name = "rotate",
    .usage = "rotate takes no words, but -i with the new key",
    .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_KEYS | OSK_DESK_TAKES_PASSPHRASE,
    .run = run_rotate,
};
