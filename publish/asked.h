/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public asks of the operator: so many are kept that a desk can read them, and beyond that
 * they are counted. Every call may come from any thread. */
#ifndef OSK_PUBLISH_ASKED_H
#define OSK_PUBLISH_ASKED_H

#include "store/published.h"

/* Open ones, of one target and in all. */
#define OSK_ASKED_TARGET_MAX 20u
#define OSK_ASKED_OPEN_MAX 2000u

typedef struct OskAskedBook OskAskedBook;

/* Reads those that are open. Errors: IO, NO_MEMORY, LIMIT. */
OskStatus osk_asked_open(OskAskedBook **out, OskStore *store, OskFault *fault);
/* Accepts NULL and nulls. */
void osk_asked_close(OskAskedBook **book);

/* Durable when it returns OK. Blocks. Behind the limits one that is open of the same target is
 * counted up, and where there is none a row without words is kept, one a target: whoever asks is
 * never out of sight. One without words is counted up behind the first of its kind, by the same
 * way, at once.
 * @param asked its day is set. @param kind OSK_ASKED_COVER and others, with
 * OSK_ASKED_BY_LINK where that is so.
 * @param out_counted its words were not kept.
 * Errors: IO, LIMIT for a full disk. */
OskStatus osk_asked_keep(OskAskedBook *book, OskAskedRow *asked, uint32_t kind, bool *out_counted,
                         OskFault *fault);

#endif
