/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk triage: folds copies on a reviewer's machine, where the server has no key to what
 * files are compared by. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/desk_submission.h"
#include "cli/desk_verb.h"
#include "desk/base64.h"
#include "desk/pack_open.h"
#include "host/errors.h"
#include "host/input.h"
#include "host/output.h"
#include "oilskin/fingerprint.h"
#include "oilskin/scrub.h"

#define BATCH 100u
/* Of packs that are held open; the others lie sealed in a file without a name. */
#define HELD_BYTES ((size_t)256 << 20)
/* Somebody else may fold at the same time, or a sender withdraw: then it is looked at anew. */
#define ROUNDS 5u

typedef struct Place {
    char file[OSK_DESK_ID_LETTERS + 1];
    uint64_t at; /* of its sealed pack in the file */
    size_t len;
} Place;

typedef struct Tally {
    uint64_t fresh;
    uint64_t different;
    uint64_t explained;
    uint64_t refused;
    uint64_t locked; /* sealed to another key */
    uint64_t folded;
    uint64_t skipped;
} Tally;

typedef struct Triage {
    OskDeskClient *client;
    const OskIdentities *keys;
    OskFolding *folding;
    int fd;
    uint64_t end; /* of the file */
    Place *places;
    size_t place_count;
    size_t place_room;
    OskJson *batch;
    Tally tally;
} Triage;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = status, .part = "file", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

/* ---- packs ---- */

static OskStatus open_pack(const Triage *triage, const OskBytes *sealed, OskPack **out)
{
    const OskUnsealWith with = { .identities = triage->keys->items, .count = triage->keys->count };
    return osk_pack_open(out, sealed, &with);
}

/* For the folding, which forgets packs that it has not needed for long. */
static OskPack *load_pack(void *context, uint32_t item)
{
    const Triage *triage = context;
    const Place *place = &triage->places[item];
    OskPack *pack = NULL;
    OskBytes sealed = { .bytes = malloc(place->len + 1), .len = place->len };
    if (sealed.bytes != NULL && osk_read_at(triage->fd, place->at, sealed.bytes, sealed.len)) {
        (void)open_pack(triage, &sealed, &pack);
    }
    free(sealed.bytes);
    return pack;
}

/* ---- representatives ---- */

static OskStatus keep_sealed(Triage *triage, Place *place, const OskBytes *sealed, OskFault *fault)
{
    place->at = triage->end;
    place->len = sealed->len;
    if (lseek(triage->fd, (off_t)triage->end, SEEK_SET) < 0 ||
        !osk_write_all(triage->fd, sealed->bytes, sealed->len)) {
        return osk_host_fail(fault, "file", errno);
    }
    triage->end += sealed->len;
    return OSK_OK;
}

/* The pack is the folding's when it is OK. */
static OskStatus add_representative(Triage *triage, const char *file, const OskBytes *sealed,
                                    OskPack **pack, OskFault *fault)
{
    if (triage->place_count == triage->place_room) {
        size_t room = triage->place_room == 0 ? 256 : 2 * triage->place_room;
        Place *places = realloc(triage->places, room * sizeof(*places));
        if (places == NULL) {
            return fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
        }
        triage->places = places;
        triage->place_room = room;
    }
    Place *place = &triage->places[triage->place_count];
    memcpy(place->file, file, sizeof(place->file));
    OskStatus status = keep_sealed(triage, place, sealed, fault);
    if (status == OSK_OK) {
        status = osk_folding_add(triage->folding, (uint32_t)triage->place_count, pack, fault);
    }
    triage->place_count += status == OSK_OK ? 1 : 0;
    return status;
}

/* ---- what was found ---- */

static OskStatus send_batch(Triage *triage, OskFault *fault)
{
    OskJson *answer = NULL;
    uint64_t folded = 0;
    uint64_t skipped = 0;
    if (osk_json_count(triage->batch) == 0) {
        return OSK_OK;
    }
    OskJson *folds = osk_json_object(NULL);
    osk_json_set(folds, "folds", triage->batch);
    triage->batch = osk_json_list();
    OskStatus status = osk_desk_post(triage->client, "/api/folds", folds, &answer, fault);
    if (status == OSK_OK && (!osk_json_whole(osk_json_get(answer, "folded"), &folded) ||
                             !osk_json_whole(osk_json_get(answer, "skipped"), &skipped))) {
        status = fail(fault, OSK_MALFORMED, "the answer is no desk's", NULL);
    }
    osk_json_free(&answer);
    triage->tally.folded += folded;
    triage->tally.skipped += skipped;
    return status;
}

/* @param tier "refused" where there is nothing to compare. */
static OskStatus note_found(Triage *triage, const char *file, const char *tier,
                            const OskFolded *found, OskFault *fault)
{
    const OskLikeness *likeness = &found->likeness;
    bool is_like = likeness->tier != OSK_TIER_NEW;
    OskJson *box = osk_json_list();
    OskJson *json = osk_json_object(NULL);
    for (unsigned i = 0; i < 4; i++) {
        osk_json_add_whole(box, likeness->box[i]);
    }
    osk_json_set_text(json, "file", file);
    osk_json_set_text(json, "tier", tier);
    osk_json_set_text(json, "like", is_like ? triage->places[found->item].file : NULL);
    osk_json_set_flag(json, "stands_for", found->stands_for);
    osk_json_set_whole(json, "distance", likeness->distance);
    osk_json_set_whole(json, "inliers", likeness->inliers);
    osk_json_set_whole(json, "covered", likeness->covered_permille);
    osk_json_set_whole(json, "component_16", likeness->component_16);
    osk_json_set_whole(json, "component_32", likeness->component_32);
    osk_json_set(json, "box", box);
    osk_json_set_whole(json, "frames", likeness->frames_permille);
    osk_json_set_whole(json, "key_frames", likeness->key_frames);
    osk_json_add(triage->batch, json);
    return osk_json_count(triage->batch) == BATCH ? send_batch(triage, fault) : OSK_OK;
}

static OskStatus fold_one(Triage *triage, const char *file, const OskBytes *sealed, OskFault *fault)
{
    OskFolded found = { .compared = 0 };
    OskPack *pack = NULL;
    OskStatus status = open_pack(triage, sealed, &pack);
    if (status == OSK_AUTH) {
        triage->tally.locked++;
        return OSK_OK;
    }
    if (status == OSK_UNSUPPORTED) {
        triage->tally.refused++;
        return note_found(triage, file, "refused", &found, fault);
    }
    if (status == OSK_OK) {
        status = osk_folding_find(triage->folding, pack, &found, fault);
    }
    if (status == OSK_OK && found.likeness.tier == OSK_TIER_EXPLAINED) {
        triage->tally.explained++;
        status = note_found(triage, file, "explained", &found, fault);
    } else if (status == OSK_OK) {
        bool is_new = found.likeness.tier == OSK_TIER_NEW;
        *(is_new ? &triage->tally.fresh : &triage->tally.different) += 1;
        status = note_found(triage, file, is_new ? "new" : "different", &found, fault);
        if (status == OSK_OK) {
            status = add_representative(triage, file, sealed, &pack, fault);
        }
    }
    osk_pack_free(&pack);
    return status;
}

static OskStatus know_one(Triage *triage, const char *file, const OskBytes *sealed, OskFault *fault)
{
    OskPack *pack = NULL;
    OskStatus status = open_pack(triage, sealed, &pack);
    if (status == OSK_OK) {
        status = add_representative(triage, file, sealed, &pack, fault);
    }
    osk_pack_free(&pack);
    /* Nothing lies under what can't be read. */
    return status == OSK_AUTH || status == OSK_UNSUPPORTED ? OSK_OK : status;
}

/* ---- pages ---- */

typedef OskStatus Take(Triage *triage, const char *file, const OskBytes *sealed, OskFault *fault);

static OskStatus take_pack(Triage *triage, const OskJson *json, const char *state, Take *take,
                           OskFault *fault)
{
    const char *file = osk_json_text(osk_json_get(json, "file"));
    const char *found = osk_json_text(osk_json_get(json, "state"));
    const char *text = osk_json_text(osk_json_get(json, "pack"));
    OskBytes sealed = { .bytes = NULL };
    if (!osk_desk_is_id(file) || found == NULL || text == NULL ||
        !osk_base64_bytes(text, &sealed)) {
        return fail(fault, OSK_MALFORMED, "the answer is no desk's", NULL);
    }
    OskStatus status = strcmp(found, state) == 0 ? take(triage, file, &sealed, fault) : OSK_OK;
    free(sealed.bytes);
    return status;
}

/* All packs of a state, in the order of ids. */
static OskStatus walk_packs(Triage *triage, const char *state, Take *take, OskFault *fault)
{
    char after[OSK_DESK_ID_LETTERS + 1] = "";
    bool waits = strcmp(state, "waiting") == 0;
    OskStatus status = OSK_OK;
    for (bool has_more = true; status == OSK_OK && has_more;) {
        char path[128];
        OskJson *page = NULL;
        snprintf(path, sizeof(path), "/api/packs%s%s%s%s", after[0] != 0 ? "?after=" : "", after,
                 !waits          ? ""
                 : after[0] != 0 ? "&"
                                 : "?",
                 waits ? "waiting=1" : "");
        status = osk_desk_get(triage->client, path, &page, fault);
        const OskJson *packs = osk_json_get(page, "packs");
        for (size_t i = 0; status == OSK_OK && i < osk_json_count(packs); i++) {
            status = take_pack(triage, osk_json_at(packs, i), state, take, fault);
        }
        const char *next = osk_json_text(osk_json_get(page, "next"));
        has_more = status == OSK_OK && next != NULL;
        if (has_more && (!osk_desk_is_id(next) || strcmp(next, after) <= 0)) {
            status = fail(fault, OSK_MALFORMED, "the answer is no desk's", NULL);
        } else if (has_more) {
            memcpy(after, next, sizeof(after));
        }
        osk_json_free(&page);
    }
    return status;
}

static void forget(Triage *triage)
{
    osk_folding_free(&triage->folding);
    osk_json_free(&triage->batch);
    free(triage->places);
    triage->places = NULL;
    triage->place_count = 0;
    triage->place_room = 0;
    triage->end = 0;
}

/* First all that files can lie under, then those that wait. */
static OskStatus run_round(Triage *triage, OskFault *fault)
{
    const OskFoldingOptions options = { .load = load_pack,
                                        .context = triage,
                                        .held_max = HELD_BYTES };
    triage->tally.locked = 0;
    triage->tally.folded = 0;
    triage->tally.skipped = 0;
    triage->batch = osk_json_list();
    OskStatus status = osk_folding_make(&triage->folding, &options, fault);
    if (status == OSK_OK) {
        status = walk_packs(triage, "representative", know_one, fault);
    }
    if (status == OSK_OK) {
        status = walk_packs(triage, "waiting", fold_one, fault);
    }
    if (status == OSK_OK) {
        status = send_batch(triage, fault);
    }
    forget(triage);
    return status;
}

static OskStatus fold_all(Triage *triage, OskFault *fault)
{
    OskStatus status = osk_scratch_open(&triage->fd, fault);
    Tally *tally = &triage->tally;
    bool goes_on = status == OSK_OK;
    for (unsigned i = 0; goes_on && i < ROUNDS; i++) {
        status = run_round(triage, fault);
        goes_on = status == OSK_OK && tally->skipped > 0 && tally->folded > 0;
    }
    if (status == OSK_OK && tally->skipped > 0) {
        status = fail(fault, OSK_IO, "some files were changed meanwhile", "run it again");
    } else if (status == OSK_OK && tally->locked > 0) {
        status = fail(fault, OSK_AUTH, "some packs are sealed to another key",
                      "give the key of triage_recipient, and older ones, with -i");
    }
    return status;
}

static int run(const OskDeskAsked *asked, char **words, int count)
{
    static OskIdentities keys;
    static OskDeskClient client;
    OskFault fault = { .status = OSK_OK };
    Triage triage = { .client = &client, .keys = &keys, .fd = -1 };
    (void)words;
    (void)count;
    if (asked->key_file_count == 0) {
        return osk_usage(&osk_cmd_desk, "with which key? Say -i KEYFILE, that of triage_recipient");
    }
    int code = osk_desk_read_keys(asked, &keys);
    if (code == 0) {
        OskStatus status = osk_desk_connect(&client, &asked->who, &fault);
        status = status == OSK_OK ? fold_all(&triage, &fault) : status;
        code = status == OSK_OK ? 0 : osk_desk_explain(asked->who.desk, &fault);
        printf("%llu new, %llu different, %llu copies, %llu unreadable.\n",
               (unsigned long long)triage.tally.fresh, (unsigned long long)triage.tally.different,
               (unsigned long long)triage.tally.explained,
               (unsigned long long)triage.tally.refused);
        osk_desk_disconnect(&client);
    }
    if (triage.fd >= 0) {
        close(triage.fd);
    }
    osk_identities_wipe(&keys);
    return code;
}

const OskDeskVerb osk_desk_triage = { .name = "triage",
                                      .usage = "triage takes options alone",
                                      .takes = OSK_DESK_TAKES_WHO | OSK_DESK_TAKES_KEYS |
                                               OSK_DESK_TAKES_PASSPHRASE,
                                      .run = run };
