/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A blob with another header before it than it was written with: who may open it changes, what it
 * holds does not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "store/backend.h"

struct OskSealed {
    OskBlobReader *reader;
    OskRecordRow header;
    OskSource blob;
};

static bool read_sealed(void *context, uint64_t offset, void *out, size_t len)
{
    const OskSealed *sealed = context;
    const OskBytes *head = &sealed->header.bytes;
    uint8_t *at = out;
    if (offset < head->len) {
        size_t step = head->len - (size_t)offset < len ? head->len - (size_t)offset : len;
        memcpy(at, head->bytes + offset, step);
        at += step;
        offset += step;
        len -= step;
    }
    return len == 0 || sealed->blob.read(sealed->blob.context,
                                         offset - head->len + sealed->header.flags, at, len);
}

OskStatus osk_store_sealed_open(OskStore *store, const OskId *owner, const OskId *blob,
                                OskSealed **out, OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_HEADER, .owner = *owner, .id = *blob };
    OskFault own = { .status = OSK_OK };
    fault = fault != NULL ? fault : &own;
    OskSealed *sealed = calloc(1, sizeof(*sealed));
    if (sealed == NULL) {
        return osk_store_fail(fault, "file", ENOMEM);
    }
    /* In this order: what is read of a head before its record was there is not wiped yet. */
    OskStatus status = osk_blob_open(store, blob, &sealed->reader, fault);
    if (status == OSK_OK) {
        sealed->blob = osk_blob_source(sealed->reader);
        *fault = (OskFault){ .status = OSK_OK };
        if (!osk_store_record(store, &key, &sealed->header, fault)) {
            status = fault->status;
        } else if (sealed->header.flags > sealed->blob.size) {
            status = osk_fault_set(fault, OSK_IO, "blob", "the blob is shorter than its header",
                                   OSK_NO_OFFSET);
        }
    }
    if (status != OSK_OK) {
        osk_store_sealed_close(&sealed);
        return status;
    }
    *out = sealed;
    return OSK_OK;
}

OskSource osk_store_sealed_source(OskSealed *sealed)
{
    return (OskSource){ .context = sealed,
                        .read = read_sealed,
                        .size =
                            sealed->header.bytes.len + sealed->blob.size - sealed->header.flags };
}

void osk_store_sealed_close(OskSealed **sealed)
{
    if (sealed == NULL || *sealed == NULL) {
        return;
    }
    osk_blob_close(&(*sealed)->reader);
    osk_record_row_free(&(*sealed)->header);
    free(*sealed);
    *sealed = NULL;
}
