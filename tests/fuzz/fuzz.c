/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target: every input ends in a status, and the invariants of tools/invariants.h hold.
 * Compiled once per format with OSK_FUZZ_FORMAT set to its name (inputs that probe as another
 * format are not kept), and once without it for the whole pipeline. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
#ifdef OSK_FUZZ_FORMAT
    const OskFormatInfo *format = osk_probe(data, size);
    if (format == NULL || strcmp(format->name, OSK_FUZZ_FORMAT) != 0) {
        return -1;
    }
#endif
    const char *broken = broken_invariant(data, size, NULL);
    if (broken != NULL) {
        fprintf(stderr, "invariant broken: %s\n", broken);
        abort();
    }
    return 0;
}
