/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of match packs: what was read is written as it was, and can be compared with
 * itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OskPack *pack = NULL;
    OskFault fault = { 0 };
    OskStatus status = osk_pack_read(&pack, data, size, &fault);
    if (status != OSK_OK) {
        hold(pack == NULL, "a refusal gives nothing");
        hold(fault.status == status && fault.what != NULL, "a refusal says why");
        return 0;
    }
    OskMemory out = { 0 };
    hold(osk_pack_write(pack, &out, &fault) == OSK_OK, "what was read can be written");
    hold(out.len <= size && memcmp(out.bytes, data, out.len) == 0, "and is what it was");
    for (size_t i = out.len; i < size; i++) {
        hold(data[i] == 0, "only zeros stand behind it");
    }
    osk_bytes_free(&out.bytes);
    /* Long time lines take long: nothing is learnt from all of them. */
    if (pack->hash_count <= 16 && pack->key_count <= 2 && pack->small_count <= 4) {
        OskLikeness likeness;
        hold(osk_pack_compare(&likeness, pack, pack, NULL, &fault) == OSK_OK, "it can be compared");
        hold(likeness.covered_permille <= 1000 && likeness.component_32 <= 1024, "within bounds");
    }
    osk_pack_free(&pack);
    return 0;
}
