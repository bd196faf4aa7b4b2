/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds for every text that somebody calls regions. */
#ifndef TESTS_TOOLS_REGION_INVARIANTS_H
#define TESTS_TOOLS_REGION_INVARIANTS_H

#include "oilskin/redact.h"

/* Reads `len` bytes as JSON, and as the text form of one region, and checks:
 *   - no BUG and no MISUSE; a list only after OK; a fault says where, within the text;
 *   - a list that is printed and read again is the same list;
 *   - covers of a small picture end within their budget and give all of it back; a cell that the
 *     inverted list spares is one that the list covers.
 * Returns NULL when all hold, else a static sentence that says which does not. */
const char *broken_region_invariant(const uint8_t *bytes, size_t len);

/* The list as JSON, to be freed; NULL when memory ends. */
char *print_regions(const OskRegions *regions);

#endif
