/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/secret.h"

#include <string.h>

#include "base/fault.h"
#include "host/random.h"
#include "oilskin/seal.h"

OskStatus osk_store_secret(OskStore *store, const char *name, uint8_t *out, size_t len,
                           OskFault *fault)
{
    OskBytes found = { 0 };
    if (osk_store_setting(store, name, &found, fault)) {
        bool fits = found.len == len;
        if (fits) {
            memcpy(out, found.bytes, len);
        }
        osk_seal_wipe(found.bytes, found.len);
        osk_bytes_clear(&found);
        return fits ? OSK_OK
                    : osk_fault_set(fault, OSK_MALFORMED, "settings", "a secret has another length",
                                    OSK_NO_OFFSET);
    }
    if (fault->status != OSK_OK) {
        return fault->status;
    }
    if (!osk_random_fill(NULL, out, len)) {
        return osk_fault_set(fault, OSK_IO, "settings", "the kernel has no randomness",
                             OSK_NO_OFFSET);
    }
    const OskChange change = { .kind = OSK_ROW_SETTING_SET,
                               .name = name,
                               .bytes = { .bytes = out, .len = len } };
    return osk_store_commit(store, &change, 1, NULL, fault) == OSK_COMMIT_OK ? OSK_OK : OSK_IO;
}
