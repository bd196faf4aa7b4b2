/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Live Photos: a picture and a short video with sound that belong together. */
#ifndef OSK_CLI_PAIRS_H
#define OSK_CLI_PAIRS_H

#include <stddef.h>

#include "cli/result.h"

/* Called for each pair; the indices point into the arrays. */
typedef void (*OskPairTell)(void *context, size_t picture, size_t video);

/* Finds pairs by the identifier that both halves carry, else by one folder and one name before the
 * extension. Files whose format is unknown belong to no pair. */
void osk_pairs_find(const OskFile *files, const OskResult *results, size_t count, OskPairTell tell,
                    void *context);

#endif
