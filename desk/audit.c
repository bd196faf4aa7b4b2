/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/audit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "desk/hex.h"
#include "oilskin/seal.h"

#define DAY_S 86400
/* A commit whose outcome is unknown is run again under the same key. */
#define RUNS 3

/* Where the chain ends. */
typedef struct Head {
    uint64_t count;
    uint8_t digest[32];
} Head;

struct OskAudit {
    OskStore *store;
    const OskRandom *random;
    pthread_mutex_t lock; /* of what follows */
    Head head;
    uint64_t head_version;     /* of its row */
    pthread_mutex_t pass_lock; /* of what follows; taken before the other */
    Head pass;                 /* so far the chain was read again */
    uint64_t wrong;
    bool is_broken;
};

static const OskRecordKey head_key = { .space = OSK_SPACE_DESK_STATE };

OskDay osk_desk_today(void)
{
    return (OskDay)(time(NULL) / DAY_S);
}

void osk_desk_day_text(OskDay day, char out[OSK_DAY_TEXT_BYTES])
{
    time_t midnight = (time_t)day * DAY_S;
    struct tm date = { 0 };
    gmtime_r(&midnight, &date);
    strftime(out, OSK_DAY_TEXT_BYTES, "%Y-%m-%d", &date);
}

OskId osk_audit_key(uint64_t number)
{
    OskId key = { { 0 } };
    for (unsigned i = 0; i < 8; i++) {
        key.bytes[OSK_ID_BYTES - 1 - i] = (uint8_t)(number >> (8 * i));
    }
    return key;
}

static void digest_of(const void *bytes, size_t len, uint8_t out[32])
{
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, bytes, len);
    osk_sha256_end(&hash, out);
}

/* ---- the head's row ---- */

static bool read_head(const OskRecordRow *row, Head *out)
{
    OskJson *json = NULL;
    OskFault fault = { 0 };
    bool fits =
        osk_json_read(&json, (const char *)row->bytes.bytes, row->bytes.len, &fault) == OSK_OK &&
        osk_json_whole(osk_json_get(json, "count"), &out->count) &&
        osk_hex_read(osk_json_text(osk_json_get(json, "digest")), out->digest, sizeof(out->digest));
    osk_json_free(&json);
    return fits;
}

static char *write_head(const Head *head, size_t *out_len)
{
    char digest[OSK_HEX_BYTES(sizeof(head->digest))];
    OskJson *json = osk_json_object("oilskin/audit-head/1");
    osk_hex_write(head->digest, sizeof(head->digest), digest);
    osk_json_set_whole(json, "count", head->count);
    osk_json_set_text(json, "digest", digest);
    char *text = osk_json_write(json, out_len);
    osk_json_free(&json);
    return text;
}

/* Zeros and OK where there is none yet. */
static OskStatus load_head(OskStore *store, Head *out, uint64_t *out_version, OskFault *fault)
{
    OskRecordRow row;
    *out = (Head){ 0 };
    *out_version = 0;
    if (!osk_store_record(store, &head_key, &row, fault)) {
        return fault->status;
    }
    bool fits = read_head(&row, out);
    *out_version = row.version;
    osk_record_row_free(&row);
    return fits ? OSK_OK
                : osk_fault_set(fault, OSK_MALFORMED, "audit",
                                "the end of the audit chain can't be "
                                "read",
                                OSK_NO_OFFSET);
}

/* ---- checking ---- */

typedef struct Walk {
    Head head;
    bool is_broken;
} Walk;

static bool follows(const OskRecordRow *row, const Head *head)
{
    OskJson *json = NULL;
    OskFault fault = { 0 };
    uint64_t number = 0;
    uint8_t before[32];
    const OskId key = osk_audit_key(head->count);
    bool fits =
        memcmp(&row->key.id, &key, sizeof(key)) == 0 &&
        osk_json_read(&json, (const char *)row->bytes.bytes, row->bytes.len, &fault) == OSK_OK &&
        osk_json_whole(osk_json_get(json, "number"), &number) && number == head->count &&
        osk_hex_read(osk_json_text(osk_json_get(json, "before")), before, sizeof(before)) &&
        memcmp(before, head->digest, sizeof(before)) == 0;
    osk_json_free(&json);
    return fits;
}

static bool step(void *context, const OskRecordRow *row)
{
    Walk *walk = context;
    walk->is_broken = !follows(row, &walk->head);
    if (!walk->is_broken) {
        digest_of(row->bytes.bytes, row->bytes.len, walk->head.digest);
        walk->head.count++;
    }
    return !walk->is_broken;
}

/* From where the walk stands, at most `limit` entries (0: all). */
static OskStatus walk_on(OskStore *store, Walk *walk, size_t limit, OskFault *fault)
{
    const OskRecordKey last = { .space = OSK_SPACE_AUDIT,
                                .id = osk_audit_key(walk->head.count - 1) };
    const OskRecordQuery query = { .space = OSK_SPACE_AUDIT,
                                   .after = walk->head.count == 0 ? NULL : &last,
                                   .limit = limit };
    return osk_store_records(store, &query, step, walk, fault);
}

/* The rest, while nobody adds to it, and what stands beside it. */
static OskStatus end_pass(OskAudit *audit, Walk *walk, OskFault *fault)
{
    Head head;
    uint64_t version = 0;
    pthread_mutex_lock(&audit->lock);
    OskStatus status = load_head(audit->store, &head, &version, fault);
    bool has_head = status == OSK_OK;
    if (status == OSK_OK || status == OSK_MALFORMED) {
        status = walk_on(audit->store, walk, 0, fault);
    }
    pthread_mutex_unlock(&audit->lock);
    walk->is_broken = walk->is_broken || !has_head || walk->head.count != head.count ||
                      memcmp(walk->head.digest, head.digest, sizeof(head.digest)) != 0;
    return status;
}

static void keep_pass(OskAudit *audit, const Walk *walk, bool is_over)
{
    audit->pass = is_over ? (Head){ .count = 0 } : walk->head;
    audit->wrong = walk->is_broken ? walk->head.count : audit->wrong;
    audit->is_broken = walk->is_broken || (audit->is_broken && !is_over);
}

OskStatus osk_audit_step(OskAudit *audit, uint64_t most, OskAuditPass *out, OskFault *fault)
{
    pthread_mutex_lock(&audit->lock);
    out->count = audit->head.count;
    pthread_mutex_unlock(&audit->lock);
    pthread_mutex_lock(&audit->pass_lock);
    Walk walk = { .head = audit->pass };
    uint64_t until = walk.head.count + most;
    OskStatus status = walk_on(audit->store, &walk, (size_t)most, fault);
    /* Fewer than were asked for: that is all there is. */
    bool is_over = status == OSK_OK && (walk.is_broken || walk.head.count < until);
    if (is_over && !walk.is_broken) {
        status = end_pass(audit, &walk, fault);
    }
    out->checked = walk.head.count;
    if (status == OSK_OK) {
        keep_pass(audit, &walk, is_over);
    }
    out->is_broken = audit->is_broken;
    out->wrong = audit->wrong;
    out->count = out->checked > out->count ? out->checked : out->count;
    pthread_mutex_unlock(&audit->pass_lock);
    return status;
}

OskStatus osk_audit_open(OskAudit **out, OskStore *store, const OskRandom *random, OskFault *fault)
{
    *out = NULL;
    OskAudit *audit = calloc(1, sizeof(*audit));
    if (audit == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    audit->store = store;
    audit->random = random;
    pthread_mutex_init(&audit->lock, NULL);
    pthread_mutex_init(&audit->pass_lock, NULL);
    OskStatus status = load_head(store, &audit->head, &audit->head_version, fault);
    if (status != OSK_OK) {
        osk_audit_close(&audit);
        return status;
    }
    *out = audit;
    return OSK_OK;
}

/* ---- adding ---- */

static char *write_entry(const Head *head, const OskDeed *deed, size_t *out_len)
{
    char text[OSK_HEX_BYTES(32)];
    OskJson *json = osk_json_object("oilskin/audit/1");
    osk_json_set_whole(json, "number", head->count);
    osk_hex_write(head->digest, sizeof(head->digest), text);
    osk_json_set_text(json, "before", text);
    osk_desk_day_text(osk_desk_today(), text);
    osk_json_set_text(json, "day", text);
    if (deed->who != NULL) {
        osk_hex_write(deed->who, sizeof(*deed->who), text);
        osk_json_set_text(json, "who", text);
    }
    osk_json_set_text(json, "did", deed->did);
    if (deed->about != NULL) {
        osk_json_set(json, "about", osk_json_copy(deed->about));
    }
    char *entry = osk_json_write(json, out_len);
    osk_json_free(&json);
    return entry;
}

static OskStatus run(OskAudit *audit, const OskChange *changes, size_t count, OskFault *fault)
{
    OskId once;
    if (!audit->random->fill(audit->random->context, &once, sizeof(once))) {
        return osk_fault_set(fault, OSK_IO, "", "the kernel has no randomness", OSK_NO_OFFSET);
    }
    OskCommit done = OSK_COMMIT_UNKNOWN;
    for (int i = 0; i < RUNS && done == OSK_COMMIT_UNKNOWN; i++) {
        *fault = (OskFault){ .status = OSK_OK };
        done = osk_store_commit(audit->store, changes, count, &once, fault);
    }
    return done == OSK_COMMIT_OK        ? OSK_OK
           : done == OSK_COMMIT_UNKNOWN ? OSK_IO
           : fault->status == OSK_LIMIT ? OSK_LIMIT
                                        : OSK_FOUND;
}

/* With the lock. What may have happened is looked up, so that the next entry follows it. */
static OskStatus append_once(OskAudit *audit, const OskDeed *deed, OskChange *changes, size_t count,
                             OskFault *fault)
{
    size_t entry_len = 0;
    size_t head_len = 0;
    char *entry = write_entry(&audit->head, deed, &entry_len);
    Head next = { .count = audit->head.count + 1 };
    if (entry != NULL) {
        digest_of(entry, entry_len, next.digest);
    }
    char *head = write_head(&next, &head_len);
    OskStatus status = OSK_NO_MEMORY;
    if (entry != NULL && head != NULL) {
        const OskRecordRow rows[2] = {
            { .key = { .space = OSK_SPACE_AUDIT, .id = osk_audit_key(audit->head.count) },
              .day = osk_desk_today(),
              .bytes = { .bytes = (uint8_t *)entry, .len = entry_len } },
            { .key = head_key,
              .day = osk_desk_today(),
              .bytes = { .bytes = (uint8_t *)head, .len = head_len } },
        };
        changes[count] = (OskChange){ .kind = OSK_ROW_RECORD_SET,
                                      .row.record = &rows[0],
                                      .uses_spare = deed->uses_spare };
        changes[count + 1] = (OskChange){ .kind = OSK_ROW_RECORD_SET,
                                          .row.record = &rows[1],
                                          .expected = audit->head_version };
        status = run(audit, changes, count + 2, fault);
    }
    osk_json_text_free(entry);
    osk_json_text_free(head);
    if (status == OSK_OK) {
        audit->head = next;
        audit->head_version++;
    } else if (status == OSK_IO) {
        OskFault again = { 0 };
        (void)load_head(audit->store, &audit->head, &audit->head_version, &again);
    }
    return status;
}

/* With the lock. Whether another process has added to the chain: then ours goes behind it. */
static bool has_moved(OskAudit *audit)
{
    OskFault fault = { 0 };
    uint64_t version = audit->head_version;
    return load_head(audit->store, &audit->head, &audit->head_version, &fault) == OSK_OK &&
           audit->head_version != version;
}

static OskStatus append(OskAudit *audit, const OskDeed *deed, OskChange *changes, size_t count,
                        OskFault *fault)
{
    OskStatus status = append_once(audit, deed, changes, count, fault);
    for (int i = 0; i < RUNS && status == OSK_FOUND && has_moved(audit); i++) {
        *fault = (OskFault){ .status = OSK_OK };
        status = append_once(audit, deed, changes, count, fault);
    }
    return status;
}

/* Its version goes up first, which fails when it is gone: dropping what is gone is fine. */
static size_t spend(const OskRecordRow *row, OskChange *changes)
{
    if (row == NULL) {
        return 0;
    }
    changes[0] =
        (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = row, .expected = row->version };
    changes[1] = (OskChange){ .kind = OSK_ROW_RECORD_DROP, .row.record_key = &row->key };
    return 2;
}

OskStatus osk_audit_commit(OskAudit *audit, const OskDeed *deed, const OskChange *changes,
                           size_t count, OskFault *fault)
{
    OskJson *about = deed->about;
    OskStatus status = OSK_LIMIT;
    OskChange *all = NULL;
    if (count <= OSK_AUDIT_CHANGES_MAX) {
        all = calloc(count + 4, sizeof(*all));
        status = all == NULL ? OSK_NO_MEMORY : OSK_OK;
    }
    if (status == OSK_OK) {
        size_t spent = spend(deed->spends, all);
        if (count > 0) {
            memcpy(all + spent, changes, count * sizeof(*all));
        }
        pthread_mutex_lock(&audit->lock);
        status = append(audit, deed, all, spent + count, fault);
        pthread_mutex_unlock(&audit->lock);
    }
    free(all);
    osk_json_free(&about);
    return status == OSK_OK
               ? OSK_OK
               : osk_fault_set(fault, status, "", "this could not be stored", OSK_NO_OFFSET);
}

void osk_audit_close(OskAudit **audit)
{
    if (*audit != NULL) {
        pthread_mutex_destroy(&(*audit)->lock);
        pthread_mutex_destroy(&(*audit)->pass_lock);
        free(*audit);
        *audit = NULL;
    }
}
