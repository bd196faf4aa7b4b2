/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that is kept as it was sent. */
#include <stdio.h>
#include <string.h>

#include "host/random.h"
#include "intake/submission_state.h"

/* Lengths of its pieces, which rows don't say: "67108864*3 1234". False when it is too long. */
static bool write_pieces(const OskComplete *upload, char out[OSK_PIECES_TEXT_BYTES])
{
    size_t at = 0;
    for (uint32_t i = 0; i < upload->pieces.count;) {
        uint32_t same = 1;
        uint64_t len = upload->pieces.lens[i];
        while (i + same < upload->pieces.count && upload->pieces.lens[i + same] == len) {
            same++;
        }
        int wrote =
            snprintf(out + at, OSK_PIECES_TEXT_BYTES - at, same > 1 ? "%s%llu*%u" : "%s%llu",
                     at > 0 ? " " : "", (unsigned long long)len, same);
        if (wrote < 0 || (size_t)wrote >= OSK_PIECES_TEXT_BYTES - at) {
            return false;
        }
        at += (size_t)wrote;
        i += same;
    }
    return true;
}

/* A blob as a sink, which has no words for why it takes no more. */
typedef struct Taking {
    OskBlobWriter *writer;
    OskStatus status;
} Taking;

static bool write_blob(void *context, const void *bytes, size_t len)
{
    Taking *taking = context;
    taking->status = osk_blob_write(taking->writer, bytes, len, NULL);
    return taking->status == OSK_OK;
}

static OskStatus seal_padding(OskSealer *sealer, uint64_t len)
{
    static const uint8_t zeros[4096];
    OskStatus status = OSK_OK;
    for (uint64_t left = osk_seal_padded_len(len) - len; status == OSK_OK && left > 0;) {
        size_t take = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);
        status = osk_sealer_write(sealer, zeros, take, NULL);
        left -= take;
    }
    return status;
}

/* An original that came over a bad line has more pieces than a manifest lists: it is sealed again,
 * in one. Nothing looks into it on the way. */
static OskStatus seal_in_one(const OskSubmitRoom *room, const OskComplete *upload,
                             OskSubmitFile *file, OskFault *fault)
{
    const OskRandom random = { .fill = osk_random_fill };
    OskReaderList readers;
    osk_spool_readers(room->spool, &readers);
    const OskSealTo to = {
        .recipients = readers.keys, .count = readers.count, .random = &random, .names_list = true
    };
    Taking taking = { .status = OSK_OK };
    uint8_t sha256[32];
    OskSealer *sealer = osk_locked_alloc(sizeof(*sealer));
    OskLease *lease = NULL;
    OskStatus status =
        sealer != NULL
            ? osk_submit_lease(room, upload, osk_strip_output_max(upload->len), &lease, fault)
            : OSK_NO_MEMORY;
    if (status == OSK_OK) {
        status = osk_blob_begin(room->store, 0, &taking.writer, NULL);
    }
    if (status == OSK_OK) {
        const OskSink sink = { .context = &taking, .write = write_blob };
        status = osk_sealer_open(sealer, &to, &sink, NULL, NULL);
    }
    if (status == OSK_OK) {
        status = osk_submit_read_upload(room, upload, file, sealer, sha256);
    }
    if (status == OSK_OK) {
        status = seal_padding(sealer, upload->len);
    }
    if (status == OSK_OK) {
        status = osk_sealer_finish(sealer, NULL);
        file->copy.sealed_len = sealer->sealed_len;
    }
    osk_locked_free(sealer);
    osk_lease_end(&lease);
    if (status != OSK_OK) {
        osk_blob_abort(&taking.writer);
        return taking.status != OSK_OK ? taking.status : status;
    }
    file->has_copy = true;
    file->writer = taking.writer;
    file->copy.owner = file->row.id;
    file->copy.plain_len = osk_seal_padded_len(upload->len);
    return OSK_OK;
}

OskStatus osk_submit_keep_original(const OskSubmitRoom *room, const OskComplete *upload,
                                   const uint8_t before[32], OskSubmitFile *file, OskFault *fault)
{
    OskStatus status = OSK_OK;
    memcpy(file->sha256, before, sizeof(file->sha256));
    file->len = upload->len;
    file->row.segment_count = upload->row.segment_count;
    for (uint32_t i = 0; i < upload->row.segment_count; i++) {
        file->row.sealed_len += upload->segments[i].sealed_len;
    }
    if (!write_pieces(upload, file->pieces)) {
        file->pieces[0] = 0;
        status = seal_in_one(room, upload, file, fault);
        file->row.segment_count = 1;
        file->row.sealed_len = file->copy.sealed_len;
    }
    return status;
}
