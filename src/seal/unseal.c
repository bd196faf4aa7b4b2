/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening: the header once, then any chunk at any time. */
#include "seal/header.h"
#include "seal/sodium.h"
#include "seal/stream.h"
#include "seal/wrap.h"

#include "base/checked.h"
#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

#define NO_CHUNK UINT64_MAX

static bool read_source(const OskSource *source, uint64_t offset, void *out, size_t len)
{
    if (!osk_range_within(offset, len, source->size)) {
        return false;
    }
    if (source->bytes == NULL) {
        return len == 0 || source->read(source->context, offset, out, len);
    }
    if (len > 0) {
        memcpy(out, source->bytes + offset, len);
    }
    return true;
}

static OskStatus unreadable(OskFault *fault, uint64_t offset)
{
    return osk_fault_set(fault, OSK_IO, "", "the sealed file could not be read", offset);
}

/* Length and number of chunks of what follows the header, from its length alone. */
static OskStatus measure(OskUnsealed *file, OskFault *fault)
{
    uint64_t size = file->source.size;
    uint64_t sealed = size < file->payload_at ? 0 : size - file->payload_at;
    uint64_t rest = sealed % OSK_STREAM_SEALED_CHUNK;
    uint64_t whole = sealed / OSK_STREAM_SEALED_CHUNK;
    if (sealed == 0 || (rest > 0 && rest < OSK_SEAL_TAG_BYTES)) {
        return osk_fault_set(fault, OSK_TRUNCATED, "payload", "ends early", size);
    }
    if (rest == OSK_SEAL_TAG_BYTES && whole > 0) {
        return osk_fault_set(fault, OSK_MALFORMED, "payload", "ends with an empty chunk",
                             size - rest);
    }
    file->last = rest > 0 ? whole : whole - 1;
    file->plain_len = sealed - (file->last + 1) * OSK_SEAL_TAG_BYTES;
    return OSK_OK;
}

static size_t chunk_len(const OskUnsealed *file, uint64_t number)
{
    return number < file->last ? OSK_SEAL_CHUNK_BYTES
                               : (size_t)(file->plain_len - number * OSK_SEAL_CHUNK_BYTES);
}

/* Opens a chunk into file->plain, or where `out` is not NULL into that. */
static OskStatus open_chunk(OskUnsealed *file, uint64_t number, uint8_t *out, OskFault *fault)
{
    uint8_t nonce[12];
    uint64_t at = file->payload_at + number * OSK_STREAM_SEALED_CHUNK;
    size_t len = chunk_len(file, number) + OSK_SEAL_TAG_BYTES;
    file->held = NO_CHUNK;
    if (!read_source(&file->source, at, file->plain, len)) {
        return unreadable(fault, at);
    }
    osk_stream_nonce(nonce, number, number == file->last);
    if (osk_aead_unlock(file->payload_key, nonce, file->plain, len,
                        out != NULL ? out : file->plain)) {
        file->held = out != NULL ? NO_CHUNK : number;
        return OSK_OK;
    }
    /* A file that was cut between two chunks ends with one that was not the last. The attempt has
     * overwritten what was read. */
    osk_stream_nonce(nonce, number, false);
    if (number == file->last && read_source(&file->source, at, file->plain, len) &&
        osk_aead_unlock(file->payload_key, nonce, file->plain, len, file->plain)) {
        osk_seal_wipe(file->plain, sizeof(file->plain));
        return osk_fault_set(fault, OSK_TRUNCATED, "payload", "ends early", file->source.size);
    }
    return osk_fault_set(fault, OSK_AUTH, "payload", "was changed or cut off", at);
}

/* From a header that was read to its end and the file key that it holds. */
static OskStatus open_payload(OskUnsealed *file, const OskHeader *header, const uint8_t *file_key,
                              OskFault *fault)
{
    uint8_t nonce[OSK_STREAM_NONCE_BYTES];
    if (!osk_header_is_authentic(header, file_key)) {
        return osk_wrap_refuse(fault);
    }
    uint64_t at = osk_header_len(header);
    if (!osk_range_within(at, sizeof(nonce), file->source.size)) {
        return osk_fault_set(fault, OSK_TRUNCATED, "payload", "ends early", file->source.size);
    }
    if (!read_source(&file->source, at, nonce, sizeof(nonce))) {
        return unreadable(fault, at);
    }
    osk_stream_key(file->payload_key, file_key, nonce);
    file->payload_at = at + sizeof(nonce);
    OskStatus status = measure(file, fault);
    return status == OSK_OK ? open_chunk(file, file->last, NULL, fault) : status;
}

/* With `with`, or with `known_key` where that is not NULL. */
static OskStatus open_header(OskUnsealed *file, const OskUnsealWith *with, const uint8_t *known_key,
                             OskFault *fault)
{
    static const OskUnsealWith nothing = { 0 };
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES] = { 0 };
    bool found = false;
    OskHeader header;
    bool whole = file->source.size <= OSK_SEAL_HEADER_MAX;
    size_t len = whole ? (size_t)file->source.size : OSK_SEAL_HEADER_MAX;
    uint8_t *bytes = malloc(len + 1);
    if (bytes == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "header", "there isn't enough memory",
                             OSK_NO_OFFSET);
    }
    OskStatus status = read_source(&file->source, 0, bytes, len) ? OSK_OK : unreadable(fault, 0);
    if (status == OSK_OK) {
        status = osk_header_begin(&header, bytes, len, whole, fault);
    }
    if (status == OSK_OK) {
        status =
            osk_wrap_find(&header, known_key == NULL ? with : &nothing, file_key, &found, fault);
    }
    if (status == OSK_OK && known_key == NULL && !found) {
        status = osk_wrap_refuse(fault);
    }
    if (status == OSK_OK) {
        status = open_payload(file, &header, known_key == NULL ? file_key : known_key, fault);
    }
    osk_seal_wipe(file_key, sizeof(file_key));
    free(bytes);
    return status;
}

/* With `with`, or with `known_key` where that is not NULL. */
static OskStatus begin(OskUnsealed *file, const OskSource *source, const OskUnsealWith *with,
                       const uint8_t *known_key, OskFault *fault)
{
    OskFault unseen = { .status = OSK_OK };
    file->source = *source;
    file->held = NO_CHUNK;
    return open_header(file, with, known_key, fault == NULL ? &unseen : fault);
}

static OskStatus open_file(OskUnsealed **out, const OskSource *source, const OskUnsealWith *with,
                           const uint8_t *known_key, OskFault *fault)
{
    *out = NULL;
    OskUnsealed *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "header", "there isn't enough memory",
                             OSK_NO_OFFSET);
    }
    OskStatus status = begin(file, source, with, known_key, fault);
    if (status != OSK_OK) {
        osk_unsealed_free(&file);
    }
    *out = file;
    return status;
}

OskStatus osk_unseal_open(OskUnsealed **out, const OskSource *source, const OskUnsealWith *with,
                          OskFault *fault)
{
    return open_file(out, source, with, NULL, fault);
}

OskStatus osk_unseal_open_key(OskUnsealed **out, const OskSource *source,
                              const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    return open_file(out, source, NULL, file_key, fault);
}

OskStatus osk_unseal_begin(OskUnsealed *file, const OskSource *source,
                           const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    return begin(file, source, NULL, file_key, fault);
}

void osk_unsealed_wipe(OskUnsealed *file)
{
    osk_seal_wipe(file, sizeof(*file));
}

uint64_t osk_unsealed_len(const OskUnsealed *file)
{
    return file->plain_len;
}

OskStatus osk_unsealed_read(OskUnsealed *file, uint64_t offset, void *out, size_t len,
                            OskFault *fault)
{
    uint8_t *to = out;
    if (!osk_range_within(offset, len, file->plain_len)) {
        return osk_fault_set(fault, OSK_MISUSE, "payload", "is not so long", offset);
    }
    while (len > 0) {
        uint64_t number = offset / OSK_SEAL_CHUNK_BYTES;
        size_t skip = (size_t)(offset % OSK_SEAL_CHUNK_BYTES);
        size_t have = chunk_len(file, number) - skip;
        size_t taken = len < have ? len : have;
        OskStatus status = OSK_OK;
        bool direct = number != file->held && skip == 0 && taken == have;
        if (number != file->held) {
            status = open_chunk(file, number, direct ? to : NULL, fault);
        }
        if (status != OSK_OK) {
            return status;
        }
        if (!direct) {
            memcpy(to, file->plain + skip, taken);
        }
        to += taken;
        offset += taken;
        len -= taken;
    }
    return OSK_OK;
}

static bool read_unsealed(void *context, uint64_t offset, void *out, size_t len)
{
    return osk_unsealed_read(context, offset, out, len, NULL) == OSK_OK;
}

OskSource osk_unsealed_source(OskUnsealed *file)
{
    return (OskSource){ .context = file, .read = read_unsealed, .size = file->plain_len };
}

void osk_unsealed_free(OskUnsealed **file)
{
    if (*file != NULL) {
        osk_unsealed_wipe(*file);
        free(*file);
        *file = NULL;
    }
}
