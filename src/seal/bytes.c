/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing and opening from memory to memory. */
#include "oilskin/seal.h"

#include "base/fault.h"

#include <stdlib.h>

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

/* Takes `len` bytes, and one so that nothing has an address, too. */
static OskStatus take_room(OskMemory *out, uint64_t len, OskFault *fault)
{
    if (out->max != 0 && len > out->max) {
        return osk_fault_set(fault, OSK_LIMIT, "payload", "is longer than is taken", OSK_NO_OFFSET);
    }
    out->bytes = len < SIZE_MAX ? malloc((size_t)len + 1) : NULL;
    if (out->bytes == NULL) {
        return no_memory(fault);
    }
    out->capacity = (size_t)len + 1;
    return OSK_OK;
}

static void empty(OskMemory *out)
{
    *out = (OskMemory){ .max = out->max };
}

static OskStatus seal_into(OskMemory *out, const void *bytes, size_t len, const OskSealTo *to,
                           OskFault *fault)
{
    size_t padding = to->padded_len == 0 ? 0 : to->padded_len - len;
    const OskSink sink = osk_sink_to_memory(out);
    OskSealer *sealer = malloc(sizeof(*sealer));
    if (sealer == NULL) {
        return no_memory(fault);
    }
    OskStatus status = osk_sealer_open(sealer, to, &sink, NULL, fault);
    if (status == OSK_OK) {
        status = write_padded(sealer, bytes, len, padding, fault);
    }
    osk_seal_wipe(sealer, sizeof(*sealer));
    free(sealer);
    return status;
}

OskStatus osk_seal_bytes(const void *bytes, size_t len, const OskSealTo *to, OskMemory *out,
                         OskFault *fault)
{
    empty(out);
    if (to->padded_len != 0 && to->padded_len < len) {
        return osk_fault_set(fault, OSK_MISUSE, "", "the padded length is below the length",
                             OSK_NO_OFFSET);
    }
    uint64_t sealed_len = osk_seal_file_len(to, to->padded_len == 0 ? len : to->padded_len);
    OskStatus status = take_room(out, sealed_len, fault);
    if (status == OSK_OK) {
        status = seal_into(out, bytes, len, to, fault);
    }
    if (status == OSK_OK && out->len != sealed_len) {
        status = osk_fault_set(fault, OSK_BUG, "", "the sealed length is not what was computed",
                               OSK_NO_OFFSET);
    }
    if (status != OSK_OK) {
        osk_bytes_free(&out->bytes);
        empty(out);
    }
    return status;
}

OskStatus osk_unseal_bytes(const void *bytes, size_t len, const OskUnsealWith *with, OskMemory *out,
                           OskFault *fault)
{
    OskSource source = osk_source_from_memory(bytes, len);
    OskUnsealed *file = NULL;
    empty(out);
    OskStatus status = osk_unseal_open(&file, &source, with, fault);
    if (status != OSK_OK) {
        return status;
    }
    status = take_room(out, osk_unsealed_len(file), fault);
    if (status == OSK_OK) {
        out->len = (size_t)osk_unsealed_len(file);
        status = osk_unsealed_read(file, 0, out->bytes, out->len, fault);
    }
    osk_unsealed_free(&file);
    if (status != OSK_OK && out->bytes != NULL) {
        osk_seal_wipe(out->bytes, out->capacity);
        osk_bytes_free(&out->bytes);
        empty(out);
    }
    return status;
}
