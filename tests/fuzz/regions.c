/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of regions: JSON, the text form, and what they cover. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/region_invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *broken = broken_region_invariant(data, size);
    if (broken != NULL) {
        fprintf(stderr, "invariant broken: %s\n", broken);
        abort();
    }
    return 0;
}
