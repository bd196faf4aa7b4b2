/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk verify-export: whether evidence holds together. No desk and no network is needed. */
#include <stdio.h>
#include <string.h>

#include "cli/desk_verb.h"
#include "cli/evidence.h"
#include "host/input.h"
#include "host/printable.h"
#include "oilskin/scrub.h"

static void say(void *context, bool is_right, const char *what)
{
    (void)context;
    fputs(is_right ? "right: " : "WRONG: ", stdout);
    osk_printable_text(stdout, what);
    putchar('\n');
}

static OskStatus check(OskInput *input, const OskIdentities *keys, OskFault *fault)
{
    const OskSource source = osk_input_source(input);
    const OskUnsealWith with = { .identities = keys->items, .count = keys->count };
    const OskEvidenceTell tell = { .say = say };
    OskUnsealed *open = NULL;
    OskStatus status = osk_unseal_open(&open, &source, &with, fault);
    if (status == OSK_OK) {
        OskSource archive = osk_unsealed_source(open);
        status = osk_evidence_check(&archive, &tell, fault);
        if (status == OSK_IO && input->error == 0) {
            /* It was read; what does not open was changed. */
            status = OSK_AUTH;
            *fault = (OskFault){ .status = status,
                                 .what = "was changed since it was sealed",
                                 .next = "get it again from where it came from",
                                 .offset = OSK_NO_OFFSET };
        }
    }
    osk_unsealed_free(&open);
    return status;
}

static int run(const OskDeskAsked *asked, char **words, int count)
{
    static OskIdentities keys;
    OskFault fault = { .status = OSK_OK };
    OskInput input = { .fd = -1 };
    (void)count;
    if (asked->key_file_count == 0) {
        return osk_usage(&osk_cmd_desk, "with which key? Say -i KEYFILE");
    }
    int code = osk_desk_read_keys(asked, &keys);
    if (code != 0) {
        osk_identities_wipe(&keys);
        return code;
    }
    OskStatus status = osk_input_open(&input, words[0], OSK_INPUT_FOLLOW, &fault);
    if (status == OSK_OK) {
        status = check(&input, &keys, &fault);
    }
    osk_input_close(&input);
    osk_identities_wipe(&keys);
    if (status == OSK_FOUND) {
        puts("This is not all as it was received.");
        return OSK_EXIT_FOUND;
    }
    if (status != OSK_OK) {
        return osk_desk_explain(words[0], &fault);
    }
    puts("Everything in it fits together. Who made it, no digest says: compare its own with that "
         "which was\nwritten down at the export.");
    return 0;
}

const OskDeskVerb osk_desk_verify_export = {
    .name = "verify-export",
    .usage = "name one archive: oilskin desk verify-export FILE.age -i KEYFILE",
    .words_min = 1,
    .words_max = 1,
    .takes = OSK_DESK_TAKES_KEYS | OSK_DESK_TAKES_PASSPHRASE,
    .run = run
};
