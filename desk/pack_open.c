/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/pack_open.h"

/* What is sealed: a pack, and its padding. */
#define PLAIN_MAX ((size_t)OSK_SMALL_BLOB_BYTES)

OskStatus osk_pack_open(OskPack **out, const OskBytes *sealed, const OskUnsealWith *with)
{
    OskFault fault = { .status = OSK_OK };
    OskMemory plain = { .max = PLAIN_MAX };
    *out = NULL;
    OskStatus status = osk_unseal_bytes(sealed->bytes, sealed->len, with, &plain, &fault);
    if (status == OSK_OK) {
        status = osk_pack_read(out, plain.bytes, plain.len, &fault);
    }
    if (plain.bytes != NULL) {
        osk_seal_wipe(plain.bytes, plain.len);
        osk_bytes_free(&plain.bytes);
    }
    return status == OSK_OK || status == OSK_NO_MEMORY || status == OSK_AUTH ? status
                                                                             : OSK_UNSUPPORTED;
}
