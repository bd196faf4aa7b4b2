/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing and opening from memory to memory. */
#include "oilskin/seal.h"

#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

typedef struct Room {
    uint8_t *bytes;
    size_t len;
    size_t size;
} Room;

static bool append(void *context, const void *bytes, size_t len)
{
    Room *room = context;
    if (len > room->size - room->len) {
        return false;
    }
    memcpy(room->bytes + room->len, bytes, len);
    room->len += len;
    return true;
}

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "", "there isn't enough memory", OSK_NO_OFFSET);
}

static OskStatus write_padded(OskSealer *sealer, const void *bytes, size_t len, size_t padding,
                              OskFault *fault)
{
    static const uint8_t zeros[4096] = { 0 };
    OskStatus status = osk_sealer_write(sealer, bytes, len, fault);
    while (status == OSK_OK && padding > 0) {
        size_t step = padding < sizeof(zeros) ? padding : sizeof(zeros);
        status = osk_sealer_write(sealer, zeros, step, fault);
        padding -= step;
    }
    return status == OSK_OK ? osk_sealer_finish(sealer, fault) : status;
}

OskStatus osk_seal_bytes(const void *bytes, size_t len, size_t padded_len, const OskSealTo *to,
                         const OskRandom *random, uint8_t **out_bytes, size_t *out_len,
                         OskFault *fault)
{
    size_t plain_len = padded_len == 0 ? len : padded_len;
    *out_bytes = NULL;
    *out_len = 0;
    if (plain_len < len) {
        return osk_fault_set(fault, OSK_MISUSE, "", "the padded length is below the length",
                             OSK_NO_OFFSET);
    }
    uint64_t file_len = osk_seal_file_len(to, plain_len);
    OskSealer *sealer = malloc(sizeof(*sealer));
    Room room = { .size = file_len > SIZE_MAX ? 0 : (size_t)file_len };
    room.bytes = room.size == 0 ? NULL : malloc(room.size);
    if (sealer == NULL || room.bytes == NULL) {
        free(sealer);
        free(room.bytes);
        return no_memory(fault);
    }
    OskSink sink = { .context = &room, .write = append };
    OskStatus status = osk_sealer_open(sealer, to, random, &sink, NULL, fault);
    if (status == OSK_OK) {
        status = write_padded(sealer, bytes, len, plain_len - len, fault);
    }
    osk_seal_wipe(sealer, sizeof(*sealer));
    free(sealer);
    if (status == OSK_OK && room.len != room.size) {
        status = osk_fault_set(fault, OSK_BUG, "", "the sealed length is not what was computed",
                               OSK_NO_OFFSET);
    }
    if (status != OSK_OK) {
        free(room.bytes);
        return status;
    }
    *out_bytes = room.bytes;
    *out_len = room.len;
    return OSK_OK;
}

OskStatus osk_unseal_bytes(const void *bytes, size_t len, const OskUnsealWith *with, size_t ceiling,
                           uint8_t **out_bytes, size_t *out_len, OskFault *fault)
{
    OskSource source = { .bytes = bytes, .size = len };
    OskUnsealed *file = NULL;
    *out_bytes = NULL;
    *out_len = 0;
    OskStatus status = osk_unseal_open(&file, &source, with, fault);
    if (status != OSK_OK) {
        return status;
    }
    uint64_t plain_len = osk_unsealed_len(file);
    if (plain_len > ceiling) {
        status =
            osk_fault_set(fault, OSK_LIMIT, "payload", "is longer than is taken", OSK_NO_OFFSET);
    }
    uint8_t *plain = status == OSK_OK ? malloc((size_t)plain_len + 1) : NULL;
    if (status == OSK_OK && plain == NULL) {
        status = no_memory(fault);
    }
    if (status == OSK_OK) {
        status = osk_unsealed_read(file, 0, plain, (size_t)plain_len, fault);
    }
    osk_unsealed_free(&file);
    if (status != OSK_OK) {
        if (plain != NULL) {
            osk_seal_wipe(plain, (size_t)plain_len);
        }
        free(plain);
        return status;
    }
    *out_bytes = plain;
    *out_len = (size_t)plain_len;
    return OSK_OK;
}
