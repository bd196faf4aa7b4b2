/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/fold.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "desk/fold_again.h"
#include "desk/fold_known.h"
#include "desk/fold_write.h"
#include "desk/pack_open.h"
#include "host/clock.h"
#include "oilskin/fingerprint.h"

#define NICE 19
/* Packs that are held: hot representatives of a flood. */
#define HELD_MAX ((size_t)32 << 20)
#define WAITING_MAX 65536u
/* What goes is looked for at most so often, and after a fault all is tried again. */
#define REST_MS 60000

/* A representative, by its number in the folding. */
typedef struct Place {
    OskId file;
    uint32_t farness; /* of the member that is least like it */
    bool is_there;
} Place;

struct OskFolder {
    OskFolderOptions options;
    OskIdentity identity; /* locked */
    pthread_t thread;
    bool has_thread;
    OskFolding *folding; /* NULL: to be built, as all that follows up to the lock */
    Place *places;
    size_t place_count;
    size_t place_room;
    OskFoldAgain again;   /* its items are numbers of places */
    bool has_deleted;     /* packs, which may be in the log of the database still */
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    OskId *waiting; /* files with a pack that came */
    size_t waiting_count;
    size_t waiting_room;
    bool is_lost;  /* more came than could be kept: all looks are read */
    bool has_gaps; /* something was dropped: a representative may be gone */
    bool is_ending;
};

static bool is_ending(OskFolder *folder)
{
    pthread_mutex_lock(&folder->lock);
    bool is_ending = folder->is_ending;
    pthread_mutex_unlock(&folder->lock);
    return is_ending;
}

/* ---- packs ---- */

/* NULL and OK when there is no pack. Errors: as osk_pack_open(). */
static OskStatus open_pack(const OskFolder *folder, const OskRecordRow *look, OskPack **out)
{
    const OskUnsealWith with = { .identities = &folder->identity, .count = 1 };
    *out = NULL;
    return look->bytes.len == 0 ? OSK_OK : osk_pack_open(out, &look->bytes, &with);
}

/* False as osk_store_record(). */
static bool read_look(const OskFolder *folder, const OskId *file, OskRecordRow *out,
                      OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file };
    return osk_store_record(folder->options.store, &key, out, fault);
}

/* The pack of a file as it is stored now. */
static OskStatus read_pack(const OskFolder *folder, const OskId *file, OskPack **out)
{
    OskRecordRow look;
    OskFault fault = { .status = OSK_OK };
    *out = NULL;
    if (!read_look(folder, file, &look, &fault)) {
        return fault.status;
    }
    OskStatus status = open_pack(folder, &look, out);
    osk_record_row_free(&look);
    return status;
}

/* For the folding, which forgets packs that it has not needed for long. */
static OskPack *load_pack(void *context, uint32_t item)
{
    const OskFolder *folder = context;
    OskPack *pack = NULL;
    (void)read_pack(folder, &folder->places[item].file, &pack);
    return pack;
}

/* ---- representatives ---- */

static uint32_t add_place(OskFolder *folder, const OskId *file)
{
    if (folder->place_count == folder->place_room) {
        size_t room = folder->place_room == 0 ? 256 : 2 * folder->place_room;
        Place *places = realloc(folder->places, room * sizeof(*places));
        if (places == NULL) {
            return UINT32_MAX;
        }
        folder->places = places;
        folder->place_room = room;
    }
    folder->places[folder->place_count] = (Place){ .file = *file, .is_there = true };
    return (uint32_t)folder->place_count++;
}

/* The pack is the folding's when it is OK. */
static OskStatus add_representative(OskFolder *folder, const OskId *file, OskPack **pack)
{
    uint32_t item = add_place(folder, file);
    if (item == UINT32_MAX) {
        return OSK_NO_MEMORY;
    }
    OskStatus status = osk_folding_add(folder->folding, item, pack, NULL);
    folder->places[item].is_there = status == OSK_OK;
    return status;
}

static uint32_t find_place(const OskFolder *folder, const OskId *file)
{
    uint32_t item = 0;
    while (item < folder->place_count &&
           (!folder->places[item].is_there ||
            memcmp(&folder->places[item].file, file, sizeof(*file)) != 0)) {
        item++;
    }
    return item < folder->place_count ? item : UINT32_MAX;
}

static void remove_place(OskFolder *folder, uint32_t item)
{
    osk_folding_remove(folder->folding, item);
    folder->places[item].is_there = false;
}

static void forget_all(OskFolder *folder)
{
    osk_folding_free(&folder->folding);
    free(folder->places);
    folder->places = NULL;
    folder->place_count = 0;
    folder->place_room = 0;
    folder->again.count = 0;
    folder->again.next = 0;
}

/* ---- what there was before ---- */

/* Their places are numbered as they are known. */
static OskStatus add_known(OskFolder *folder, const OskFoldKnown *known)
{
    for (size_t i = 0; i < known->representatives.count && !is_ending(folder); i++) {
        OskPack *pack = NULL;
        OskStatus status = read_pack(folder, &known->representatives.ids[i], &pack);
        if (status == OSK_OK && pack != NULL) {
            status = add_representative(folder, &known->representatives.ids[i], &pack);
            osk_pack_free(&pack);
        } else if (add_place(folder, &known->representatives.ids[i]) == UINT32_MAX) {
            status = OSK_NO_MEMORY;
        } else {
            /* Nothing lies under what can't be read. */
            folder->places[folder->place_count - 1].is_there = false;
        }
        if (status != OSK_OK && status != OSK_UNSUPPORTED && status != OSK_AUTH) {
            return status;
        }
        folder->places[i].farness = known->farness[i];
    }
    return OSK_OK;
}

/* ---- what waits ---- */

static void note_waiting(OskFolder *folder, const OskId *file)
{
    if (folder->waiting_count == folder->waiting_room && folder->waiting_room < WAITING_MAX) {
        size_t room = folder->waiting_room == 0 ? 64 : 2 * folder->waiting_room;
        OskId *more = realloc(folder->waiting, room * sizeof(*more));
        if (more != NULL) {
            folder->waiting = more;
            folder->waiting_room = room;
        }
    }
    if (folder->waiting_count == folder->waiting_room) {
        folder->is_lost = true;
        return;
    }
    folder->waiting[folder->waiting_count++] = *file;
}

void osk_folder_touch(void *context, const OskChange *changes, size_t count)
{
    OskFolder *folder = context;
    bool wakes = false;
    pthread_mutex_lock(&folder->lock);
    for (size_t i = 0; i < count; i++) {
        const OskChange *change = &changes[i];
        if (change->kind == OSK_ROW_RECORD_SET && change->row.record->key.space == OSK_SPACE_LOOK &&
            change->row.record->bytes.len > 0) {
            note_waiting(folder, &change->row.record->key.id);
            wakes = true;
        }
        folder->has_gaps = folder->has_gaps || change->kind == OSK_ROW_SUBMISSION_DROP ||
                           change->kind == OSK_ROW_FILE_DROP;
    }
    if (wakes) {
        pthread_cond_signal(&folder->wake);
    }
    pthread_mutex_unlock(&folder->lock);
}

/* ---- folding ---- */

/* What is found and not written yet: copies, which nothing can lie under. */
typedef struct Turn {
    OskFoldFound pending[OSK_FOLD_BATCH];
    size_t count;
} Turn;

static OskStatus write_found(OskFolder *folder, const OskFoldFound *found, size_t count,
                             size_t *out_folded)
{
    OskFault fault = { 0 };
    OskFoldDone done;
    const OskFoldWriter writer = { .store = folder->options.store,
                                   .audit = folder->options.audit,
                                   .random = folder->options.random };
    OskStatus status = osk_fold_write(&writer, found, count, &done, &fault);
    *out_folded = done.folded;
    folder->has_deleted = folder->has_deleted || done.folded > 0;
    if (status != OSK_OK || !done.has_stray) {
        return status;
    }
    /* Its representative is gone: it is laid over the others again. */
    uint32_t item = find_place(folder, &done.like);
    if (item != UINT32_MAX) {
        remove_place(folder, item);
    }
    pthread_mutex_lock(&folder->lock);
    for (size_t i = 0; i < count; i++) {
        note_waiting(folder, &found[i].file);
    }
    pthread_mutex_unlock(&folder->lock);
    return OSK_OK;
}

static OskStatus flush(OskFolder *folder, Turn *turn)
{
    size_t folded = 0;
    size_t count = turn->count;
    turn->count = 0;
    return count == 0 ? OSK_OK : write_found(folder, turn->pending, count, &folded);
}

/* Under its representative, with others at once. */
static OskStatus place_copy(OskFolder *folder, Turn *turn, OskFoldFound *found,
                            const OskFolded *folded)
{
    Place *place = &folder->places[folded->item];
    const OskMember far = { .distance = (uint16_t)folded->likeness.distance,
                            .component_16 = (uint16_t)folded->likeness.component_16,
                            .component_32 = (uint16_t)folded->likeness.component_32 };
    uint32_t farness = osk_member_farness(&far);
    found->like = place->file;
    found->likeness = folded->likeness;
    found->stands_for = folded->stands_for;
    found->is_farthest = farness > place->farness;
    place->farness = found->is_farthest ? farness : place->farness;
    turn->pending[turn->count++] = *found;
    return turn->count == OSK_FOLD_BATCH ? flush(folder, turn) : OSK_OK;
}

/* @param pack taken; NULL where it could not be read. @param digest of it as it is sealed. */
static OskStatus place_pack(OskFolder *folder, Turn *turn, OskFoldFound *found, OskPack **pack,
                            const uint8_t digest[32])
{
    OskFolded folded = { .compared = 0 };
    size_t written = 0;
    OskStatus status = OSK_OK;
    if (*pack != NULL) {
        status = osk_folding_find(folder->folding, *pack, &folded, NULL);
    }
    if (status != OSK_OK) {
        return status;
    }
    if (*pack != NULL && folded.likeness.tier == OSK_TIER_EXPLAINED) {
        osk_fold_again_note(&folder->again, digest, &folded);
        return place_copy(folder, turn, found, &folded);
    }
    found->is_refused = *pack == NULL;
    found->likeness = folded.likeness;
    found->stands_for = folded.stands_for;
    if (*pack != NULL && folded.likeness.tier != OSK_TIER_NEW) {
        found->like = folder->places[folded.item].file;
    }
    status = flush(folder, turn);
    if (status == OSK_OK) {
        status = write_found(folder, found, 1, &written);
    }
    return status == OSK_OK && written == 1 && *pack != NULL
               ? add_representative(folder, &found->file, pack)
               : status;
}

static bool is_folded(const OskFolder *folder, const OskId *file)
{
    OskRecordRow row;
    OskFault fault = { .status = OSK_OK };
    const OskRecordKey key = { .space = OSK_SPACE_MEMBER, .owner = *file, .id = *file };
    bool is_there = osk_store_record(folder->options.store, &key, &row, &fault);
    if (is_there) {
        osk_record_row_free(&row);
    }
    return is_there;
}

/* What was folded under a representative that is still there, from the very same bytes; or NULL. */
static const OskFolded *find_again(const OskFolder *folder, const uint8_t digest[32])
{
    const OskFolded *folded = osk_fold_again_find(&folder->again, digest);
    return folded != NULL && folder->places[folded->item].is_there ? folded : NULL;
}

static OskStatus fold_look(OskFolder *folder, Turn *turn, const OskRecordRow *look)
{
    OskPack *pack = NULL;
    OskFoldFound found = { .file = look->key.id };
    uint8_t digest[32];
    osk_fold_again_digest(&look->bytes, digest);
    const OskFolded *again = find_again(folder, digest);
    if (again != NULL) {
        return place_copy(folder, turn, &found, again);
    }
    OskStatus status = open_pack(folder, look, &pack);
    if (status == OSK_AUTH) {
        /* Sealed to a key of before, which may come back. */
        return OSK_OK;
    }
    if ((status == OSK_OK && pack != NULL) || status == OSK_UNSUPPORTED) {
        status = place_pack(folder, turn, &found, &pack, digest);
    }
    osk_pack_free(&pack);
    return status;
}

static OskStatus fold_one(OskFolder *folder, Turn *turn, const OskId *file)
{
    OskRecordRow look;
    OskFault fault = { .status = OSK_OK };
    if (is_folded(folder, file)) {
        return OSK_OK;
    }
    if (!read_look(folder, file, &look, &fault)) {
        return fault.status;
    }
    OskStatus status = fold_look(folder, turn, &look);
    osk_record_row_free(&look);
    return status;
}

/* ---- the thread ---- */

/* Waits, at most so long, and not at all when it is to end, or, with `for_more`, when more came. */
static void rest(OskFolder *folder, int64_t ms, bool for_more)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&folder->lock);
    int code = 0;
    while (code == 0 && !folder->is_ending &&
           !(for_more && (folder->waiting_count > 0 || folder->is_lost))) {
        code = pthread_cond_timedwait(&folder->wake, &folder->lock, &until);
    }
    pthread_mutex_unlock(&folder->lock);
}

/* At most half of a processor: it waits as long as it has worked. */
static OskStatus fold_all(OskFolder *folder, const OskFoldIds *waiting)
{
    Turn turn = { .count = 0 };
    int64_t began = osk_now_ms();
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < waiting->count && !is_ending(folder); i++) {
        status = fold_one(folder, &turn, &waiting->ids[i]);
        int64_t now = osk_now_ms();
        if (status == OSK_OK && now - began > 200) {
            status = flush(folder, &turn);
            rest(folder, now - began, false);
            began = osk_now_ms();
        }
    }
    return status == OSK_OK ? flush(folder, &turn) : status;
}

static OskStatus build(OskFolder *folder)
{
    OskFoldKnown known;
    OskFoldIds waiting = { .count = 0 };
    const OskFoldingOptions options = { .load = load_pack,
                                        .context = folder,
                                        .held_max = HELD_MAX };
    pthread_mutex_lock(&folder->lock);
    folder->is_lost = false;
    folder->has_gaps = false;
    pthread_mutex_unlock(&folder->lock);
    OskStatus status = osk_fold_known_read(folder->options.store, &known);
    if (status == OSK_OK) {
        status = osk_folding_make(&folder->folding, &options, NULL);
    }
    if (status == OSK_OK) {
        status = add_known(folder, &known);
    }
    if (status == OSK_OK) {
        status = osk_fold_waiting_read(folder->options.store, &known, &waiting);
    }
    osk_fold_known_free(&known);
    if (status == OSK_OK) {
        status = fold_all(folder, &waiting);
    }
    osk_fold_ids_free(&waiting);
    return status;
}

/* Thousands may be gone at once, at the end of their time: one walk takes all of them out. */
static OskStatus remove_gone(OskFolder *folder, const OskFoldIds *representatives)
{
    bool *is_gone = calloc(folder->place_count + 1, sizeof(*is_gone));
    if (is_gone == NULL) {
        return OSK_NO_MEMORY;
    }
    for (size_t i = 0; i < folder->place_count; i++) {
        Place *place = &folder->places[i];
        is_gone[i] = place->is_there && !osk_fold_ids_hold(representatives, &place->file);
        place->is_there = place->is_there && !is_gone[i];
    }
    osk_folding_remove_all(folder->folding, is_gone, (uint32_t)folder->place_count);
    free(is_gone);
    return OSK_OK;
}

/* What was dropped explains nothing, and nothing of it stays in memory. */
static OskStatus close_gaps(OskFolder *folder)
{
    OskFoldKnown known;
    pthread_mutex_lock(&folder->lock);
    bool has_gaps = folder->has_gaps;
    folder->has_gaps = false;
    pthread_mutex_unlock(&folder->lock);
    if (!has_gaps) {
        return OSK_OK;
    }
    OskStatus status = osk_fold_known_read(folder->options.store, &known);
    if (status == OSK_OK) {
        status = remove_gone(folder, &known.representatives);
    }
    osk_fold_known_free(&known);
    return status;
}

/* What came since. */
static OskStatus take_turn(OskFolder *folder)
{
    pthread_mutex_lock(&folder->lock);
    OskFoldIds waiting = { .ids = folder->waiting, .count = folder->waiting_count };
    bool is_lost = folder->is_lost;
    folder->waiting = NULL;
    folder->waiting_count = 0;
    folder->waiting_room = 0;
    pthread_mutex_unlock(&folder->lock);
    OskStatus status = fold_all(folder, &waiting);
    osk_fold_ids_free(&waiting);
    if (is_lost) {
        forget_all(folder);
    }
    return status;
}

static void *run(void *context)
{
    OskFolder *folder = context;
    int64_t looked_at = osk_now_ms();
    /* Of this thread alone, as Linux has it. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    while (!is_ending(folder)) {
        OskStatus status = folder->folding == NULL ? build(folder) : take_turn(folder);
        if (status == OSK_OK && folder->folding != NULL && osk_now_ms() - looked_at > REST_MS) {
            status = close_gaps(folder);
            looked_at = osk_now_ms();
        }
        if (folder->has_deleted) {
            osk_store_forget(folder->options.store);
            folder->has_deleted = false;
        }
        if (status != OSK_OK) {
            /* What is in memory may not be what is stored. */
            forget_all(folder);
        }
        rest(folder, status == OSK_OK && folder->folding == NULL ? 0 : REST_MS, status == OSK_OK);
    }
    return NULL;
}

/* ---- open and close ---- */

OskStatus osk_folder_open(OskFolder **out, const OskFolderOptions *options, OskFault *fault)
{
    pthread_condattr_t monotonic;
    *out = NULL;
    OskFolder *folder = calloc(1, sizeof(*folder));
    if (folder == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    (void)mlock(&folder->identity, sizeof(folder->identity));
    folder->options = *options;
    folder->identity = *options->identity;
    folder->options.identity = NULL;
    pthread_mutex_init(&folder->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&folder->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *out = folder;
    return OSK_OK;
}

OskStatus osk_folder_start(OskFolder *folder, OskFault *fault)
{
    folder->has_thread = pthread_create(&folder->thread, NULL, run, folder) == 0;
    return folder->has_thread ? OSK_OK
                              : osk_fault_set(fault, OSK_NO_MEMORY, "",
                                              "no thread could be started", OSK_NO_OFFSET);
}

void osk_folder_close(OskFolder **folder)
{
    OskFolder *closing = *folder;
    if (closing == NULL) {
        return;
    }
    pthread_mutex_lock(&closing->lock);
    closing->is_ending = true;
    pthread_cond_signal(&closing->wake);
    pthread_mutex_unlock(&closing->lock);
    if (closing->has_thread) {
        pthread_join(closing->thread, NULL);
    }
    forget_all(closing);
    free(closing->waiting);
    osk_identity_wipe(&closing->identity);
    pthread_mutex_destroy(&closing->lock);
    pthread_cond_destroy(&closing->wake);
    free(closing);
    *folder = NULL;
}
