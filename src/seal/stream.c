/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/stream.h"

#include "seal/sodium.h"
#include "seal/wrap.h"

#include "base/checked.h"
#include "base/fault.h"

#include <string.h>

enum { CLOSED = 0, OPEN = 1, FAILED = 2 };

void osk_stream_key(uint8_t out[32], const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES],
                    const uint8_t nonce[OSK_STREAM_NONCE_BYTES])
{
    const OskHkdf of = { .key = file_key,
                         .key_len = OSK_SEAL_FILE_KEY_BYTES,
                         .salt = nonce,
                         .salt_len = OSK_STREAM_NONCE_BYTES,
                         .info = "payload" };
    osk_seal_hkdf(&of, out, 32);
}

void osk_stream_nonce(uint8_t out[12], uint64_t number, bool last)
{
    memset(out, 0, 12);
    for (unsigned i = 0; i < 8; i++) {
        out[10 - i] = (uint8_t)(number >> 8 * i);
    }
    out[11] = last ? 1 : 0;
}

static OskStatus put(OskSealer *sealer, const void *bytes, size_t len, OskFault *fault)
{
    if (!sealer->sink.write(sealer->sink.context, bytes, len)) {
        osk_sealer_wipe(sealer);
        sealer->state = FAILED;
        return osk_fault_set(fault, OSK_IO, "", "the sealed file could not be written",
                             OSK_NO_OFFSET);
    }
    sealer->sealed_len += len;
    return OSK_OK;
}

OskStatus osk_sealer_open(OskSealer *sealer, const OskSealTo *to, const OskSink *sink,
                          uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    uint8_t drawn[OSK_SEAL_FILE_KEY_BYTES + OSK_STREAM_NONCE_BYTES];
    const uint8_t *nonce = drawn + OSK_SEAL_FILE_KEY_BYTES;
    sealer->sink = *sink;
    sealer->counter = 0;
    sealer->sealed_len = 0;
    sealer->held = 0;
    sealer->state = CLOSED;
    OskStatus status = osk_wrap_check(to, fault);
    if (status != OSK_OK) {
        return status;
    }
    if (!to->random->fill(to->random->context, drawn, sizeof(drawn))) {
        return osk_fault_set(fault, OSK_IO, "header", "there is no randomness", OSK_NO_OFFSET);
    }
    OskWriter header;
    osk_writer_init(&header, OSK_SEAL_HEADER_MAX);
    status = osk_wrap_write(&header, to, drawn, fault);
    osk_writer_bytes(&header, nonce, OSK_STREAM_NONCE_BYTES);
    if (status == OSK_OK && !osk_writer_ok(&header)) {
        status = osk_fault_set(fault, OSK_NO_MEMORY, "header", "there isn't enough memory",
                               OSK_NO_OFFSET);
    }
    if (status == OSK_OK) {
        status = put(sealer, header.bytes, header.len, fault);
    }
    if (status == OSK_OK) {
        osk_stream_key(sealer->payload_key, drawn, nonce);
        sealer->state = OPEN;
        if (out_file_key != NULL) {
            memcpy(out_file_key, drawn, OSK_SEAL_FILE_KEY_BYTES);
        }
    }
    osk_writer_free(&header);
    osk_seal_wipe(drawn, sizeof(drawn));
    return status;
}

/* Seals one chunk, of the caller's bytes or of the sealer's own, and writes it. */
static OskStatus put_chunk(OskSealer *sealer, const uint8_t *bytes, size_t len, bool last,
                           OskFault *fault)
{
    uint8_t nonce[12];
    osk_stream_nonce(nonce, sealer->counter, last);
    osk_aead_lock(sealer->payload_key, nonce, bytes, len, sealer->chunk);
    sealer->counter++;
    sealer->held = 0;
    return put(sealer, sealer->chunk, len + OSK_SEAL_TAG_BYTES, fault);
}

static OskStatus check_open(const OskSealer *sealer, OskFault *fault)
{
    if (sealer->state == OPEN) {
        return OSK_OK;
    }
    return osk_fault_set(fault, sealer->state == FAILED ? OSK_IO : OSK_MISUSE, "",
                         "the sealed file is closed", OSK_NO_OFFSET);
}

OskStatus osk_sealer_write(OskSealer *sealer, const void *bytes, size_t len, OskFault *fault)
{
    const uint8_t *from = bytes;
    OskStatus status = check_open(sealer, fault);
    while (status == OSK_OK && len > 0) {
        /* A full chunk is held until more comes, because the last one is sealed in another way. */
        if (sealer->held == OSK_SEAL_CHUNK_BYTES) {
            status = put_chunk(sealer, sealer->chunk, OSK_SEAL_CHUNK_BYTES, false, fault);
        } else if (sealer->held == 0 && len > OSK_SEAL_CHUNK_BYTES) {
            status = put_chunk(sealer, from, OSK_SEAL_CHUNK_BYTES, false, fault);
            from += OSK_SEAL_CHUNK_BYTES;
            len -= OSK_SEAL_CHUNK_BYTES;
        } else {
            size_t room = OSK_SEAL_CHUNK_BYTES - sealer->held;
            size_t taken = len < room ? len : room;
            memcpy(sealer->chunk + sealer->held, from, taken);
            sealer->held += taken;
            from += taken;
            len -= taken;
        }
    }
    return status;
}

OskStatus osk_sealer_finish(OskSealer *sealer, OskFault *fault)
{
    OskStatus status = check_open(sealer, fault);
    if (status == OSK_OK) {
        status = put_chunk(sealer, sealer->chunk, sealer->held, true, fault);
    }
    if (status == OSK_OK) {
        osk_sealer_wipe(sealer);
    }
    return status;
}

void osk_sealer_wipe(OskSealer *sealer)
{
    osk_seal_wipe(sealer->payload_key, sizeof(sealer->payload_key));
    osk_seal_wipe(sealer->chunk, sizeof(sealer->chunk));
    sealer->held = 0;
    sealer->state = CLOSED;
}

uint64_t osk_seal_header_len(const OskSealTo *to)
{
    return osk_wrap_len(to) + OSK_STREAM_NONCE_BYTES;
}

uint64_t osk_seal_file_len(const OskSealTo *to, uint64_t plain_len)
{
    uint64_t chunks = plain_len == 0 ? 1 : (plain_len - 1) / OSK_SEAL_CHUNK_BYTES + 1;
    uint64_t len = 0;
    /* No file is so long that this overflows; who asks anyway gets a length that nothing has. */
    return osk_add_u64(plain_len, chunks * OSK_SEAL_TAG_BYTES + osk_seal_header_len(to), &len)
               ? len
               : UINT64_MAX;
}
