/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file of a submission. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/strip_trial.h"
#include "intake/submission_state.h"
#include "oilskin/format.h"

#define PIECE_BYTES (256u * 1024)

static OskStatus fail(OskFault *fault, OskStatus status)
{
    return osk_spool_fail(fault, status, "the file can't be processed at the moment",
                          "submit again later; what has arrived is kept for two days");
}

OskStatus osk_submit_fail_scrub(OskFault *fault)
{
    return osk_spool_fail(fault, OSK_UNSUPPORTED, "no file can be scrubbed on this server",
                          "send it as an original, or say in words what it shows");
}

void osk_submit_file_id(const char *token, OskId *out)
{
    const OskHkdf of = { .key = token, .key_len = strlen(token), .info = "oilskin file id" };
    osk_seal_hkdf(&of, out->bytes, sizeof(out->bytes));
}

/* ---- what was sent, in the clear for a moment: nothing looks into it ---- */

/* A shuffle may have moved it since its row was read. */
static OskStatus open_blob(const OskSubmitRoom *room, const OskId *blob, OskBlobReader **out,
                           bool *out_moved)
{
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_blob_open(room->store, blob, out, &fault);
    *out_moved = *out_moved || osk_blob_is_gone(&fault);
    return status;
}

/* In locked memory. */
typedef struct Plain {
    OskSha256 hash;
    OskSealer *sealer; /* NULL, or it is sealed again into one */
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    OskUnsealed file;
    bool is_moved;
    uint8_t bytes[PIECE_BYTES];
} Plain;

static OskStatus read_segment(const OskSubmitRoom *room, const OskSegmentRow *segment, uint64_t len,
                              Plain *plain)
{
    OskBlobReader *blob = NULL;
    OskStatus status = open_blob(room, &segment->blob, &blob, &plain->is_moved);
    if (status == OSK_OK &&
        !osk_keyring_get(room->ring, &segment->owner, segment->number, plain->key)) {
        status = OSK_BUG;
    }
    OskSource source = { 0 };
    if (status == OSK_OK) {
        source = osk_blob_source(blob);
        status = osk_unseal_begin(&plain->file, &source, plain->key, NULL);
    }
    for (uint64_t at = 0; status == OSK_OK && at < len;) {
        size_t take = len - at < PIECE_BYTES ? (size_t)(len - at) : PIECE_BYTES;
        status = osk_unsealed_read(&plain->file, at, plain->bytes, take, NULL);
        if (status == OSK_OK) {
            osk_sha256_add(&plain->hash, plain->bytes, take);
        }
        if (status == OSK_OK && plain->sealer != NULL) {
            status = osk_sealer_write(plain->sealer, plain->bytes, take, NULL);
        }
        at += take;
    }
    osk_blob_close(&blob);
    return status;
}

OskStatus osk_submit_read_upload(const OskSubmitRoom *room, const OskComplete *upload,
                                 OskSubmitFile *file, OskSealer *sealer, uint8_t out_sha256[32])
{
    Plain *plain = osk_locked_alloc(sizeof(*plain));
    OskStatus status = OSK_OK;
    if (plain == NULL) {
        return OSK_NO_MEMORY;
    }
    plain->sealer = sealer;
    plain->is_moved = false;
    osk_sha256_begin(&plain->hash);
    for (uint32_t i = 0; status == OSK_OK && i < upload->row.segment_count; i++) {
        status = read_segment(room, &upload->segments[i], upload->pieces.lens[i], plain);
    }
    osk_sha256_end(&plain->hash, out_sha256);
    file->is_moved = file->is_moved || plain->is_moved;
    osk_locked_free(plain);
    return status;
}

/* Equal for the same bytes, kept in the same way, for the same readers, within one run; without the
 * key it says nothing. */
static void make_digest(const OskSubmitRoom *room, const uint8_t before[32], OskSubmitFile *file)
{
    OskSha256 hash;
    uint8_t all[32];
    OskReaderList readers;
    osk_spool_readers(room->spool, &readers);
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, before, 32);
    osk_sha256_add(&hash, file->sha256, sizeof(file->sha256));
    osk_sha256_add(&hash, &file->row.flags, sizeof(file->row.flags));
    osk_sha256_add(&hash, file->pieces, strlen(file->pieces));
    osk_sha256_add(&hash, readers.keys, readers.count * sizeof(*readers.keys));
    osk_sha256_end(&hash, all);
    osk_seal_hmac(room->digest_key, OSK_DIGEST_KEY_BYTES, all, sizeof(all), file->row.digest);
}

/* ---- room on the disk for what is written beside the upload ---- */

/* Work on a file, as the disk sees it. */
typedef struct Making {
    const OskSubmitRoom *room;
    OskLease *lease;       /* NULL where nothing is leased */
    uint64_t joined;       /* bytes of the joined input */
    int output;            /* -1; else where a copy grows */
    bool is_moved;         /* a blob was not where its row had it */
    OskReaderList readers; /* of the copy */
} Making;

OskStatus osk_submit_lease(const OskSubmitRoom *room, const OskComplete *upload, uint64_t bytes,
                           OskLease **out, OskFault *fault)
{
    return room->admission != NULL ? osk_lease_hold(room->admission, upload->len, bytes, out, fault)
                                   : OSK_OK;
}

/* What is on the disk is not promised any more. */
static void note_written(const Making *making)
{
    struct stat info = { .st_size = 0 };
    if (making->lease != NULL && (making->output < 0 || fstat(making->output, &info) == 0)) {
        (void)osk_lease_extend(making->lease, making->joined + (uint64_t)info.st_size, NULL);
    }
}

/* ---- a scrubbed copy ---- */

/* The sealed input as one file that can only be read. */
typedef struct Input {
    OskBlobReader *reader; /* of the only segment; or NULL */
    OskBlobWriter *joined; /* all of them, ciphertext, without a name */
    int fd;                /* -1; else ours */
} Input;

static OskStatus join_one(Making *making, const OskSegmentRow *segment, OskBlobWriter *into,
                          uint8_t *piece)
{
    OskBlobReader *reader = NULL;
    OskStatus status = open_blob(making->room, &segment->blob, &reader, &making->is_moved);
    OskSource source = { 0 };
    if (status == OSK_OK) {
        source = osk_blob_source(reader);
        status = source.size == segment->sealed_len ? OSK_OK : OSK_IO;
    }
    for (uint64_t at = 0; status == OSK_OK && at < source.size;) {
        size_t take = source.size - at < PIECE_BYTES ? (size_t)(source.size - at) : PIECE_BYTES;
        status = source.read(source.context, at, piece, take)
                     ? osk_blob_write(into, piece, take, NULL)
                     : OSK_IO;
        at += take;
        making->joined += take;
        note_written(making);
    }
    osk_blob_close(&reader);
    return status;
}

static int reopen_for_reading(int fd)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    /* What is kept as it came must not say when that was. */
    return fd >= 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NOATIME) : -1;
}

static OskStatus open_input(Making *making, const OskComplete *upload, Input *input)
{
    OskStore *store = making->room->store;
    uint8_t *piece = NULL;
    OskStatus status = OSK_OK;
    if (upload->row.segment_count == 1) {
        status =
            open_blob(making->room, &upload->segments[0].blob, &input->reader, &making->is_moved);
        input->fd = status == OSK_OK ? reopen_for_reading(osk_blob_reader_fd(input->reader)) : -1;
        if (status != OSK_OK || input->fd >= 0) {
            return status;
        }
    }
    piece = malloc(PIECE_BYTES);
    status = piece != NULL ? osk_blob_begin(store, 0, &input->joined, NULL) : OSK_NO_MEMORY;
    for (uint32_t i = 0; status == OSK_OK && i < upload->row.segment_count; i++) {
        status = join_one(making, &upload->segments[i], input->joined, piece);
    }
    free(piece);
    if (status == OSK_OK) {
        input->fd = reopen_for_reading(osk_blob_fd(input->joined));
        status = input->fd >= 0 ? OSK_OK : OSK_IO;
    }
    return status;
}

static void close_input(Input *input)
{
    if (input->fd >= 0) {
        close(input->fd);
    }
    osk_blob_close(&input->reader);
    osk_blob_abort(&input->joined);
}

static bool fill_segments(const OskSubmitRoom *room, const OskComplete *upload,
                          OskStripSegment *segments)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < upload->row.segment_count; i++) {
        segments[i].offset = at;
        segments[i].sealed_len = upload->segments[i].sealed_len;
        segments[i].plain_len = upload->pieces.lens[i];
        at += segments[i].sealed_len;
        if (!osk_keyring_get(room->ring, &upload->row.id, i, segments[i].key)) {
            return false;
        }
    }
    return true;
}

/* What was sent, sealed as it came, with its keys. It stays while it is open, whatever becomes of
 * its names. */
static OskStatus open_sealed(Making *making, const OskComplete *upload, OskLookInput *out)
{
    size_t count = upload->row.segment_count;
    Input input = { .fd = -1 };
    OskStripSegment *segments = osk_locked_alloc(count * sizeof(*segments));
    OskStatus status = segments != NULL ? OSK_OK : OSK_NO_MEMORY;
    if (status == OSK_OK) {
        status = fill_segments(making->room, upload, segments) ? OSK_OK : OSK_BUG;
    }
    if (status == OSK_OK) {
        status = open_input(making, upload, &input);
    }
    if (status == OSK_OK) {
        *out = (OskLookInput){ .fd = input.fd, .segments = segments, .segment_count = count };
        input.fd = -1;
    } else {
        osk_locked_free(segments);
    }
    close_input(&input);
    return status;
}

static bool goes_on(void *context, uint32_t done, uint32_t total)
{
    const Making *making = context;
    (void)done;
    (void)total;
    note_written(making);
    return !atomic_load(&making->room->closing);
}

/* Whether it is the file of which no copy can be promised; else the machine could not. */
static bool is_of_the_file(OskStatus status)
{
    return status == OSK_UNSUPPORTED || status == OSK_MALFORMED || status == OSK_TRUNCATED ||
           status == OSK_LIMIT || status == OSK_FOUND;
}

static const OskFormatInfo *find_format(const char *name)
{
    const OskFormatInfo *format = osk_format_at(0);
    for (size_t i = 0; format != NULL && strcmp(format->name, name) != 0;) {
        format = osk_format_at(++i);
    }
    return format;
}

/* What a worker came to. */
typedef struct Stripped {
    OskStripDone done;
    OskWorkerFate fate;
    OskFault fault;
} Stripped;

/* What the worker said is checked against what can be known without opening its copy. */
static OskStatus check_copy(const Making *making, Stripped *stripped, const uint8_t before[32])
{
    const OskStripDone *done = &stripped->done;
    const OskSealTo to = { .recipients = making->readers.keys,
                           .count = making->readers.count,
                           .names_list = true };
    uint64_t len = osk_seal_file_len(&to, osk_seal_padded_len(done->plain_len));
    if (done->output_len != len || memcmp(done->before, before, 32) != 0 ||
        find_format(done->format) == NULL) {
        stripped->fate = OSK_WORKER_DIED;
        return osk_spool_fail(&stripped->fault, OSK_MALFORMED, "the decoder answered wrongly",
                              "a decoder may have been attacked by this file");
    }
    return OSK_OK;
}

static OskStatus strip_into(Making *making, const OskComplete *upload, const OskLookInput *input,
                            Stripped *out)
{
    const OskSubmitRoom *room = making->room;
    const OskStripJob job = { .input_fd = input->fd,
                              .segments = input->segments,
                              .segment_count = input->segment_count,
                              .output_fd = making->output,
                              .output_max = osk_strip_output_max(upload->len),
                              .recipients = making->readers.keys,
                              .recipient_count = making->readers.count,
                              .limits = { .memory = room->worker_memory },
                              .worker = room->worker,
                              .progress = goes_on,
                              .progress_context = making };
    OskStatus status = osk_worker_strip(&job, &out->done, &out->fate, &out->fault);
    return status != OSK_OK && atomic_load(&room->closing) ? OSK_IO : status;
}

/* OK where the file is to blame. A worker that died, or answered wrongly, would do so of every file
 * where it is broken, or its library was changed under it: one that is clean tells. */
static OskStatus blame(const OskSubmitRoom *room, OskStatus status, const Stripped *stripped)
{
    if (!is_of_the_file(status)) {
        return status;
    }
    return stripped->fate != OSK_WORKER_DIED ||
                   osk_strip_trial(room->worker, &room->closing, NULL) == OSK_OK
               ? OSK_OK
               : OSK_IO;
}

static uint64_t joined_len(const OskComplete *upload)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < upload->row.segment_count; i++) {
        bytes += upload->segments[i].sealed_len;
    }
    return bytes;
}

/* The copy, and all segments once more where there are several. */
static uint64_t room_for_copy(const OskComplete *upload)
{
    return osk_strip_output_max(upload->len) +
           (upload->row.segment_count > 1 ? joined_len(upload) : 0);
}

/* The header of a sealed file, and the rest of its last block on the disk. */
#define BLOB_SLACK 8192u

uint64_t osk_submit_room(uint64_t len, uint32_t flags)
{
    if (len > UINT64_MAX / 16) {
        return UINT64_MAX;
    }
    if ((flags & (OSK_UPLOAD_DEVICE | OSK_UPLOAD_ORIGINAL)) != 0) {
        return len;
    }
    /* A short one may come in pieces, too, but need not: it is not refused for that. */
    bool is_joined = len > OSK_SPOOL_SEGMENT_BYTES || (flags & OSK_UPLOAD_PARTIAL) != 0;
    return len + BLOB_SLACK + osk_strip_output_max(len) + (is_joined ? len + len / 8 : 0);
}

/* Room on the disk, a blob for the copy, and what it is made of. What fails here says nothing of
 * the file. */
static OskStatus begin_copy(Making *making, const OskComplete *upload, OskLookInput *input,
                            OskBlobWriter **writer, OskFault *fault)
{
    OskStatus status =
        osk_submit_lease(making->room, upload, room_for_copy(upload), &making->lease, fault);
    if (status == OSK_OK) {
        status = osk_blob_begin(making->room->store, 0, writer, NULL);
    }
    if (status == OSK_OK) {
        making->output = osk_blob_fd(*writer);
        status = open_sealed(making, upload, input);
    }
    return status;
}

/* OK with `has_copy`, or with a reason why there is none; else the machine's fault. */
static OskStatus make_copy(const OskSubmitRoom *room, const OskComplete *upload,
                           const uint8_t before[32], OskSubmitFile *file, OskFault *fault)
{
    OskBlobWriter *writer = NULL;
    Stripped stripped = { .fault = { .status = OSK_OK } };
    if (upload->row.segment_count == 0) {
        file->reason = "the file is empty";
        return OSK_OK;
    }
    Making making = { .room = room, .output = -1 };
    osk_spool_readers(room->spool, &making.readers);
    OskStatus begun = begin_copy(&making, upload, &file->look, &writer, fault);
    OskStatus status =
        begun == OSK_OK ? strip_into(&making, upload, &file->look, &stripped) : begun;
    osk_lease_end(&making.lease);
    file->is_moved = file->is_moved || making.is_moved;
    if (status == OSK_OK) {
        status = check_copy(&making, &stripped, before);
    }
    if (status != OSK_OK) {
        osk_blob_abort(&writer);
        file->reason = stripped.fault.what;
        return begun == OSK_OK ? blame(room, status, &stripped) : begun;
    }
    const OskStripDone *done = &stripped.done;
    file->has_copy = true;
    file->writer = writer;
    file->copy.owner = file->row.id;
    file->copy.plain_len = osk_seal_padded_len(done->plain_len);
    file->copy.sealed_len = done->output_len;
    file->len = done->plain_len;
    memcpy(file->sha256, done->after, sizeof(file->sha256));
    memcpy(file->format, done->format, sizeof(file->format));
    memcpy(file->look.format, done->format, sizeof(file->look.format));
    file->media_type = find_format(done->format)->media_type;
    return OSK_OK;
}

/* ---- one file ---- */

/* An original that nothing has opened yet. A look is worth no refusal: where there is no room for
 * its pieces in one, it is left out. */
static void open_for_look(const OskSubmitRoom *room, const OskComplete *upload, OskSubmitFile *file)
{
    Making making = { .room = room, .output = -1 };
    bool is_joined = upload->row.segment_count > 1;
    if (upload->row.segment_count > 0 &&
        (!is_joined ||
         osk_submit_lease(room, upload, joined_len(upload), &making.lease, NULL) == OSK_OK)) {
        (void)open_sealed(&making, upload, &file->look);
    }
    osk_lease_end(&making.lease);
}

static OskStatus take_file(const OskSubmitRoom *room, const char *token, OskSubmitFile *file,
                           OskFault *fault)
{
    OskComplete upload;
    uint8_t before[32];
    OskStatus status = osk_spool_complete(room->spool, token, &upload, fault);
    bool device = (upload.row.flags & OSK_UPLOAD_DEVICE) != 0;
    bool chosen = (upload.row.flags & OSK_UPLOAD_ORIGINAL) != 0;
    file->upload = upload.row.id;
    if (status == OSK_OK && !device && !chosen && !atomic_load(&room->can_scrub)) {
        status = osk_submit_fail_scrub(fault);
    }
    if (status == OSK_OK) {
        status = osk_submit_read_upload(room, &upload, file, NULL, before);
    }
    if (status == OSK_OK && !device && !chosen) {
        status = make_copy(room, &upload, before, file, fault);
    }
    if (status == OSK_OK && file->has_copy) {
        file->outcome = OSK_OUTCOME_SCRUBBED;
        file->row.segment_count = 1;
        file->row.sealed_len = file->copy.sealed_len;
    } else if (status == OSK_OK) {
        file->outcome = device   ? OSK_OUTCOME_DEVICE
                        : chosen ? OSK_OUTCOME_ORIGINAL_CHOSEN
                                 : OSK_OUTCOME_ORIGINAL_KEPT;
        file->row.flags = device   ? OSK_FILE_DEVICE
                          : chosen ? OSK_FILE_ORIGINAL
                                   : OSK_FILE_ORIGINAL | OSK_FILE_UNSCRUBBED;
        status = osk_submit_keep_original(room, &upload, before, file, fault);
    }
    if (status == OSK_OK) {
        make_digest(room, before, file);
    }
    if (room->looker == NULL || status != OSK_OK) {
        osk_look_input_close(&file->look);
    } else if (!device && file->look.segments == NULL) {
        open_for_look(room, &upload, file);
    }
    osk_complete_free(&upload);
    return status;
}

OskStatus osk_submit_file(const OskSubmitRoom *room, const char *token, OskSubmitFile *file,
                          OskFault *fault)
{
    OskSubmitFile fresh = *file;
    OskStatus status = take_file(room, token, file, fault);
    if (status == OSK_IO && file->is_moved && !atomic_load(&room->closing)) {
        /* Its row says by now where it is. */
        osk_submit_file_drop(room, file);
        *file = fresh;
        status = take_file(room, token, file, fault);
    }
    return status == OSK_OK || status == OSK_LIMIT ? status : fail(fault, status);
}

OskStatus osk_submit_file_finish(OskSubmitFile *file)
{
    return file->writer != NULL
               ? osk_blob_commit(&file->writer, file->copy.sealed_len, &file->copy.blob, NULL)
               : OSK_OK;
}

void osk_submit_file_drop(const OskSubmitRoom *room, OskSubmitFile *file)
{
    if (file->writer != NULL) {
        osk_blob_abort(&file->writer);
    } else if (file->has_copy) {
        (void)osk_blob_delete(room->store, &file->copy.blob, NULL);
    }
    file->has_copy = false;
    osk_look_input_close(&file->look);
}

/* ---- exact copies ---- */

static bool note_twin(void *context, const OskFileRow *row)
{
    static const OskId none;
    OskFileRow *file = context;
    if (memcmp(&row->id, &file->id, sizeof(none)) == 0 ||
        memcmp(&row->same_as, &none, sizeof(none)) != 0) {
        return true;
    }
    file->same_as = row->id;
    return false;
}

void osk_submit_file_twin(const OskSubmitRoom *room, const OskSubmitFile *file)
{
    static const OskId none;
    OskFileRow row = file->row;
    OskStatus status = osk_store_same_files(room->store, row.digest, note_twin, &row, NULL);
    if (status == OSK_OK && memcmp(&row.same_as, &none, sizeof(none)) != 0) {
        /* A conflict means that the other one went, or became a reference itself: then both stay.
         */
        const OskChange change = { .kind = OSK_ROW_FILE_SET, .row.file = &row };
        row.segment_count = 0;
        (void)osk_spool_commit(room->store, &change, 1, NULL, NULL);
    }
}
