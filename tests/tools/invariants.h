/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds for every input whatever: checked by the fuzzers, the arrival tests and the corpus
 * runs alike. */
#ifndef TESTS_TOOLS_INVARIANTS_H
#define TESTS_TOOLS_INVARIANTS_H

#include "oilskin/oilskin.h"

/* Scrubs `len` bytes and checks the invariants:
 *   - no BUG and no MISUSE from any call;
 *   - the plan covers every input byte once, in order, and its output has the planned size;
 *   - an output exists only after OK, and verify, without attestation, calls it OK too;
 *   - a second scrub of the output changes nothing;
 *   - the output reveals nothing but what is named as staying.
 * Returns NULL when all hold, else a static sentence that says which does not. `out_status`, where
 * not NULL, is the status of the scrub. */
const char *broken_invariant(const uint8_t *bytes, size_t len, OskStatus *out_status);

#endif
