/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every default limit of a job, with its reason. */
#ifndef OSK_BASE_LIMITS_H
#define OSK_BASE_LIMITS_H

#include <stdint.h>

/* Stills are held whole, once as input and once as output, beside one inflated picture: 4 GiB holds
 * a 200 megapixel PNG of 16-bit RGBA with room. */
#define OSK_LIMIT_MEMORY (UINT64_C(4) << 30)

/* The largest still that is read into memory. */
#define OSK_LIMIT_STILL_BYTES (UINT64_C(2) << 30)

/* Parts, samples and table rows looked at: a day of 60 fps video with sound is about 10 million. */
#define OSK_LIMIT_PARTS (UINT64_C(40) << 20)

/* Declared picture area: the largest phone sensors give 200 megapixels; stitched panoramas reach 1
 * gigapixel. */
#define OSK_LIMIT_PIXELS (UINT64_C(1) << 30)

/* Nesting: no container that we know nests deeper than 10 in practice. */
#define OSK_LIMIT_DEPTH 32u

/* Findings kept in a report: a person reads the worst hundred; the rest is only counted as cut. */
#define OSK_LIMIT_FINDINGS 20000u

#endif
