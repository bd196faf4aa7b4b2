/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/upload_state.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "host/random.h"

/* What finishing a segment takes beside its bytes: the chunk that waits, tags, a header. */
#define LEASE_SLACK (192u * 1024)

static size_t bucket_of(const OskLookup *lookup)
{
    return lookup->bytes[0] % OSK_SPOOL_BUCKETS;
}

/* ---- one segment ---- */

static bool write_sealed(void *context, const void *bytes, size_t len)
{
    OskUpload *upload = context;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_blob_write(upload->writer, bytes, len, &fault);
    if (status != OSK_OK) {
        upload->broken = status;
    }
    return status == OSK_OK;
}

static void drop_segment(OskUpload *upload)
{
    osk_blob_abort(&upload->writer);
    if (upload->locked != NULL) {
        osk_sealer_wipe(&upload->locked->sealer);
    }
    upload->segment_len = 0;
    upload->broken = OSK_OK;
}

static uint32_t segment_count(const OskUpload *upload)
{
    return upload->row.segment_count + (uint32_t)upload->fresh_count;
}

static OskStatus full_disk(OskFault *fault)
{
    if (fault != NULL && fault->status == OSK_OK) {
        osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_DISK, "there is no room for more at the moment",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "try again later; what has arrived is kept for two days");
    }
    return OSK_LIMIT;
}

/* One byte a request must not fill the disk with files and the row with keys. */
static bool may_begin(const OskUpload *upload)
{
    uint64_t allowed = OSK_SPOOL_SEGMENTS + (upload->written >> 20);
    uint32_t count = segment_count(upload);
    return count < allowed && count < OSK_SPOOL_SEGMENTS_MAX;
}

static OskStatus begin_segment(OskUpload *upload, OskFault *fault)
{
    OskSpool *spool = upload->spool;
    const OskRandom random = { .fill = osk_random_fill };
    OskReaderList readers;
    osk_spool_readers(spool, &readers);
    const OskSealTo to = {
        .recipients = readers.keys, .count = readers.count, .random = &random, .names_list = true
    };
    const OskSink sink = { .context = upload, .write = write_sealed };
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    if (!may_begin(upload)) {
        return osk_spool_fail_pieces(fault);
    }
    OskStatus status = osk_blob_begin(spool->store, 0, &upload->writer, fault);
    if (status == OSK_OK) {
        status = osk_sealer_open(&upload->locked->sealer, &to, &sink, key, fault);
    }
    if (status == OSK_OK) {
        status = osk_keyring_put(spool->ring, &upload->row.id, segment_count(upload), key);
    }
    osk_seal_wipe(key, sizeof(key));
    if (status != OSK_OK) {
        drop_segment(upload);
        return osk_spool_fail(fault, status, "the upload can't be written", "try again later");
    }
    upload->segment_len = 0;
    return OSK_OK;
}

static OskStatus pad_segment(OskUpload *upload, OskFault *fault)
{
    static const uint8_t zeros[4096];
    uint64_t left = osk_seal_padded_len(upload->segment_len) - upload->segment_len;
    OskStatus status = OSK_OK;
    while (status == OSK_OK && left > 0) {
        size_t take = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);
        status = osk_sealer_write(&upload->locked->sealer, zeros, take, fault);
        left -= take;
    }
    return status;
}

static bool add_fresh(OskUpload *upload, const OskSegmentRow *segment)
{
    if (upload->fresh_count == upload->fresh_room) {
        size_t room = upload->fresh_room == 0 ? 4 : upload->fresh_room * 2;
        OskSegmentRow *fresh = realloc(upload->fresh, room * sizeof(*fresh));
        if (fresh == NULL) {
            return false;
        }
        upload->fresh = fresh;
        upload->fresh_room = room;
    }
    upload->fresh[upload->fresh_count++] = *segment;
    return true;
}

/* A whole age file with a name, which no row knows yet. */
static OskStatus finish_segment(OskUpload *upload, OskFault *fault)
{
    OskSegmentRow segment = { .owner = upload->row.id, .number = segment_count(upload) };
    uint64_t len = upload->segment_len;
    OskStatus status = upload->broken;
    if (status == OSK_OK) {
        status = pad_segment(upload, fault);
    }
    if (status == OSK_OK) {
        status = osk_sealer_finish(&upload->locked->sealer, fault);
        segment.sealed_len = upload->locked->sealer.sealed_len;
    }
    if (status == OSK_OK) {
        segment.plain_len = osk_seal_padded_len(len);
        status = osk_blob_commit(&upload->writer, UINT64_MAX, &segment.blob, fault);
    }
    /* A sink that failed for want of room says so better than the sealer above it. */
    status = status != OSK_OK && upload->broken != OSK_OK ? upload->broken : status;
    drop_segment(upload);
    if (status != OSK_OK) {
        return status == OSK_LIMIT ? full_disk(fault) : status;
    }
    if (!osk_pieces_add(&upload->pieces, len)) {
        return OSK_NO_MEMORY;
    }
    if (!add_fresh(upload, &segment)) {
        upload->pieces.count--;
        return OSK_NO_MEMORY;
    }
    return OSK_OK;
}

/* ---- commit and rollback, under the upload's lock ---- */

static void roll_back(OskUpload *upload)
{
    if (upload->writer != NULL) {
        drop_segment(upload);
    }
    for (size_t i = 0; i < upload->fresh_count; i++) {
        (void)osk_blob_delete(upload->spool->store, &upload->fresh[i].blob, NULL);
    }
    upload->fresh_count = 0;
    upload->pieces.count = upload->row.segment_count;
    upload->written = upload->row.offset;
}

/* ---- the list of open ones ---- */

static OskUpload *find_open(OskSpool *spool, const OskLookup *lookup)
{
    OskUpload *at = spool->open[bucket_of(lookup)];
    while (at != NULL && memcmp(at->lookup.bytes, lookup->bytes, OSK_LOOKUP_BYTES) != 0) {
        at = at->next;
    }
    return at;
}

static void take_out(OskUpload *upload)
{
    OskUpload **at = &upload->spool->open[bucket_of(&upload->lookup)];
    while (*at != NULL && *at != upload) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = upload->next;
    }
}

/* Under its lock: gives back everything that it takes of the machine, and its place in the list. */
static void let_go(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    if (upload->lost) {
        return;
    }
    roll_back(upload);
    osk_lease_end(&upload->lease);
    osk_keyring_expire_from_now(spool->ring, &upload->row.id);
    osk_upload_forget(upload);
    upload->lost = true;
    pthread_mutex_lock(&spool->lock);
    take_out(upload);
    pthread_mutex_unlock(&spool->lock);
}

/* ---- commit ---- */

/* Where nobody knows whether it happened, rows may name the new segments: they stay, and the next
 * request of this upload reads how far it is. */
static OskStatus commit_rows(OskUpload *upload, OskFault *fault)
{
    bool is_unknown = false;
    OskUploadRow row = upload->row;
    OskChange *changes = calloc(upload->fresh_count + 1, sizeof(*changes));
    row.wrapped = (OskBytes){ 0 };
    OskStatus status = changes != NULL ? OSK_OK : OSK_NO_MEMORY;
    row.offset = upload->written;
    row.segment_count = segment_count(upload);
    row.expires = (OskDay)(time(NULL) / 86400) + OSK_SPOOL_EXPIRES_DAYS;
    if (row.declared_len == row.offset) {
        row.flags |= OSK_UPLOAD_COMPLETE;
    }
    if (status == OSK_OK) {
        status =
            osk_upload_wrap(upload->spool->ring, &row, &upload->locked->secret, &upload->pieces);
    }
    for (size_t i = 0; status == OSK_OK && i < upload->fresh_count; i++) {
        changes[i] = (OskChange){ .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &upload->fresh[i] };
    }
    if (status == OSK_OK) {
        changes[upload->fresh_count] = (OskChange){ .kind = OSK_ROW_UPLOAD_SET,
                                                    .row.upload = &row,
                                                    .expected = upload->row.offset };
        status = osk_spool_commit(upload->spool->store, changes, upload->fresh_count + 1,
                                  &is_unknown, fault);
    }
    free(changes);
    if (is_unknown) {
        upload->fresh_count = 0;
        let_go(upload);
    }
    if (status != OSK_OK) {
        free(row.wrapped.bytes);
        return status;
    }
    free(upload->row.wrapped.bytes);
    upload->row = row;
    upload->fresh_count = 0;
    upload->changed = false;
    if ((row.flags & OSK_UPLOAD_COMPLETE) != 0) {
        osk_keyring_expire_from_now(upload->spool->ring, &row.id);
    }
    return OSK_OK;
}

static bool is_done(const OskUpload *upload)
{
    return (upload->row.flags & OSK_UPLOAD_COMPLETE) != 0;
}

static OskStatus commit(OskUpload *upload, OskFault *fault)
{
    OskStatus status = osk_upload_wake(upload);
    bool completes = upload->row.declared_len == upload->written && !is_done(upload);
    if (status == OSK_OK && upload->writer != NULL) {
        status = finish_segment(upload, fault);
    }
    if (status == OSK_OK && (upload->fresh_count > 0 || upload->changed || completes)) {
        status = commit_rows(upload, fault);
    }
    if (status != OSK_OK) {
        roll_back(upload);
        osk_lease_end(&upload->lease);
        return osk_spool_fail(fault, status, "the upload can't be written", "try again later");
    }
    upload->held = false;
    return OSK_OK;
}

void osk_upload_release(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    pthread_mutex_lock(&spool->lock);
    bool last = --upload->refs == 0;
    pthread_mutex_unlock(&spool->lock);
    if (!last) {
        return;
    }
    pthread_mutex_destroy(&upload->lock);
    osk_upload_row_free(&upload->row);
    osk_pieces_free(&upload->pieces);
    free(upload->fresh);
    free(upload);
}

/* Takes an upload away from its holder, to whom a reference stays. */
static void oust(OskUpload *upload, bool keep, bool parked)
{
    pthread_mutex_lock(&upload->lock);
    if (!upload->lost) {
        if (parked && !is_done(upload)) {
            upload->row.flags |= OSK_UPLOAD_PARKED;
        }
        if (keep && !upload->held) {
            (void)commit(upload, NULL);
        }
        let_go(upload);
    }
    pthread_mutex_unlock(&upload->lock);
    osk_upload_release(upload);
}

void osk_upload_oust(OskSpool *spool, const OskLookup *lookup, bool keep)
{
    pthread_mutex_lock(&spool->lock);
    OskUpload *holder = find_open(spool, lookup);
    if (holder != NULL) {
        holder->refs++;
    }
    pthread_mutex_unlock(&spool->lock);
    if (holder != NULL) {
        oust(holder, keep, false);
    }
}

static OskUpload *first_open(OskSpool *spool)
{
    OskUpload *first = NULL;
    for (size_t i = 0; i < OSK_SPOOL_BUCKETS && first == NULL; i++) {
        first = spool->open[i];
    }
    return first;
}

void osk_upload_oust_all(OskSpool *spool)
{
    for (bool more = true; more;) {
        pthread_mutex_lock(&spool->lock);
        OskUpload *holder = first_open(spool);
        if (holder != NULL) {
            holder->refs++;
        }
        pthread_mutex_unlock(&spool->lock);
        more = holder != NULL;
        if (more) {
            oust(holder, true, true);
        }
    }
}

bool osk_upload_is_open(OskSpool *spool, const OskLookup *lookup)
{
    pthread_mutex_lock(&spool->lock);
    bool open = find_open(spool, lookup) != NULL;
    pthread_mutex_unlock(&spool->lock);
    return open;
}

OskUpload *osk_upload_claim(OskSpool *spool, const OskLookup *lookup)
{
    OskUpload *upload = calloc(1, sizeof(*upload));
    if (upload == NULL) {
        return NULL;
    }
    upload->spool = spool;
    upload->lookup = *lookup;
    upload->refs = 1;
    pthread_mutex_init(&upload->lock, NULL);
    pthread_mutex_lock(&upload->lock);
    for (;;) {
        osk_upload_oust(spool, lookup, true);
        pthread_mutex_lock(&spool->lock);
        bool parked = spool->parked;
        bool free_now = find_open(spool, lookup) == NULL;
        if (!parked && free_now) {
            upload->next = spool->open[bucket_of(lookup)];
            spool->open[bucket_of(lookup)] = upload;
        }
        pthread_mutex_unlock(&spool->lock);
        if (parked) {
            pthread_mutex_unlock(&upload->lock);
            osk_upload_release(upload);
            return NULL;
        }
        if (free_now) {
            return upload;
        }
    }
}

OskStatus osk_upload_fill(OskUpload *upload, OskUploadRow *row, const uint8_t key[32],
                          OskFault *fault)
{
    OskStatus status = OSK_AUTH;
    if (row != NULL) {
        upload->row = *row;
        *row = (OskUploadRow){ 0 };
        status = osk_upload_wake(upload);
    }
    upload->written = upload->row.offset;
    upload->row.flags &= ~(uint32_t)OSK_UPLOAD_PARKED;
    if (status == OSK_OK) {
        memcpy(upload->locked->secret.key, key, 32);
        status = osk_upload_unwrap(upload->spool->ring, &upload->row, &upload->locked->secret,
                                   &upload->pieces);
    }
    if (status == OSK_OK && upload->pieces.count != upload->row.segment_count) {
        status = OSK_AUTH;
    }
    pthread_mutex_unlock(&upload->lock);
    return status == OSK_OK
               ? OSK_OK
               : osk_spool_fail(fault, status,
                                status == OSK_NO_MEMORY ? "the server has no memory for this now"
                                                        : "there is no such upload",
                                "try again later");
}

/* ---- what requests do ---- */

static void fill_state(const OskUpload *upload, OskUploadState *out)
{
    *out = (OskUploadState){ .offset = upload->written,
                             .len = upload->row.declared_len,
                             .flags = upload->row.flags,
                             .expires = upload->row.expires,
                             .id = upload->row.id };
}

void osk_upload_look(const OskUpload *upload, OskUploadState *out)
{
    OskUpload *locked = (OskUpload *)(uintptr_t)upload;
    pthread_mutex_lock(&locked->lock);
    fill_state(upload, out);
    pthread_mutex_unlock(&locked->lock);
}

bool osk_upload_is_wanted(const OskUpload *upload)
{
    OskUpload *locked = (OskUpload *)(uintptr_t)upload;
    pthread_mutex_lock(&locked->lock);
    bool lost = upload->lost;
    pthread_mutex_unlock(&locked->lock);
    return lost;
}

static OskStatus taken_over(OskFault *fault)
{
    return osk_spool_fail(fault, OSK_LIMIT, "another request goes on with this upload",
                          "ask how much has arrived, and go on from there");
}

OskStatus osk_upload_set_len(OskUpload *upload, uint64_t len, OskFault *fault)
{
    OskStatus status = OSK_OK;
    pthread_mutex_lock(&upload->lock);
    if (upload->lost) {
        status = taken_over(fault);
    } else if (len == UINT64_MAX || len < upload->written ||
               (upload->row.declared_len != UINT64_MAX && upload->row.declared_len != len)) {
        status = osk_spool_fail(fault, OSK_MALFORMED, "this is not the length of the upload",
                                "send the length that the file has");
    } else if (upload->row.declared_len != len) {
        upload->row.declared_len = len;
        upload->changed = true;
    }
    pthread_mutex_unlock(&upload->lock);
    return status;
}

static OskStatus lease(OskUpload *upload, size_t len, OskFault *fault)
{
    OskAdmission *admission = upload->spool->admission;
    uint64_t declared = upload->row.declared_len;
    if (admission == NULL) {
        return OSK_OK;
    }
    if (upload->lease == NULL) {
        declared = declared != UINT64_MAX ? declared - upload->row.offset : declared;
        OskStatus status = osk_lease_take(admission, declared, false, &upload->lease, fault);
        upload->leased = 0;
        if (status != OSK_OK) {
            return status;
        }
    }
    return osk_lease_extend(upload->lease, upload->leased + len + LEASE_SLACK, fault);
}

/* A piece of the segment that is written; a full one is finished, and known to the rows at once, so
 * that a long request loses little when the machine stops. */
static OskStatus append(OskUpload *upload, const uint8_t *bytes, size_t len, OskFault *fault)
{
    OskStatus status = upload->writer == NULL ? begin_segment(upload, fault) : OSK_OK;
    if (status != OSK_OK) {
        return status;
    }
    status = osk_sealer_write(&upload->locked->sealer, bytes, len, fault);
    if (status != OSK_OK || upload->broken != OSK_OK) {
        status = upload->broken != OSK_OK ? upload->broken : status;
        upload->written -= upload->segment_len;
        drop_segment(upload);
        return status;
    }
    upload->segment_len += len;
    upload->written += len;
    upload->leased += len;
    if (upload->segment_len == OSK_SPOOL_SEGMENT_BYTES && !upload->held) {
        status = finish_segment(upload, fault);
        if (status == OSK_OK) {
            status = commit_rows(upload, fault);
        }
        if (status != OSK_OK) {
            roll_back(upload);
        }
    }
    return status;
}

static OskStatus write_all(OskUpload *upload, const uint8_t *bytes, size_t len, OskFault *fault)
{
    if (upload->lost) {
        return taken_over(fault);
    }
    if (len > upload->row.declared_len - upload->written) {
        return osk_spool_fail(fault, OSK_LIMIT, "more bytes came than were announced",
                              "send as many bytes as the upload's length says");
    }
    OskStatus status = osk_upload_wake(upload);
    if (status == OSK_OK) {
        status = lease(upload, len, fault);
    }
    while (status == OSK_OK && len > 0) {
        /* What is held stays one segment, however long: a finished one that no row names for an
         * hour is swept. */
        uint64_t room = upload->held ? len : OSK_SPOOL_SEGMENT_BYTES - upload->segment_len;
        size_t take = room < len ? (size_t)room : len;
        status = append(upload, bytes, take, fault);
        bytes += take;
        len -= take;
    }
    if (status != OSK_OK && status != OSK_LIMIT) {
        return osk_spool_fail(fault, status, "the upload can't be written", "try again later");
    }
    return status == OSK_OK ? OSK_OK : full_disk(fault);
}

OskStatus osk_upload_write(OskUpload *upload, const uint8_t *bytes, size_t len, size_t *out_taken,
                           OskFault *fault)
{
    *out_taken = 0;
    if (len == 0) {
        return OSK_OK;
    }
    pthread_mutex_lock(&upload->lock);
    OskStatus status = write_all(upload, bytes, len, fault);
    pthread_mutex_unlock(&upload->lock);
    *out_taken = status == OSK_OK ? len : 0;
    return status;
}

void osk_upload_hold(OskUpload *upload)
{
    pthread_mutex_lock(&upload->lock);
    upload->held = true;
    pthread_mutex_unlock(&upload->lock);
}

OskStatus osk_upload_commit(OskUpload *upload, OskUploadState *out, OskFault *fault)
{
    pthread_mutex_lock(&upload->lock);
    OskStatus status = upload->lost ? taken_over(fault) : commit(upload, fault);
    if (out != NULL) {
        fill_state(upload, out);
    }
    pthread_mutex_unlock(&upload->lock);
    return status;
}

void osk_upload_rollback(OskUpload *upload)
{
    pthread_mutex_lock(&upload->lock);
    if (!upload->lost) {
        roll_back(upload);
        upload->held = false;
    }
    pthread_mutex_unlock(&upload->lock);
}

void osk_upload_close(OskUpload **upload)
{
    OskUpload *closed = *upload;
    *upload = NULL;
    if (closed == NULL) {
        return;
    }
    pthread_mutex_lock(&closed->lock);
    let_go(closed);
    pthread_mutex_unlock(&closed->lock);
    osk_upload_release(closed);
}
