/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed links: age files that the public puts here for a few days, and whose keys never come here.
 * What is in them can't be checked by this server; the page that opens them does that. Where the
 * operator takes the setting back, nothing comes any more, and nothing opens. */
#ifndef OSK_PUBLISH_SEALED_H
#define OSK_PUBLISH_SEALED_H

#include "http/route.h"

/* Of one, as it is sealed. */
#define OSK_SEALED_BYTES_MAX (64ull * 1024 * 1024)
/* Of the file in it: padding adds an eighth at most, sealing 16 bytes to 64 KiB. */
#define OSK_SEALED_FILE_MAX (56ull * 1024 * 1024)
#define OSK_SEALED_DAYS_MAX 7u

/* GET /studio/sharing.json: the studio's question, whether this server takes them; and whether it
 * is a demonstration. */
extern const OskRoute osk_sealed_offer_route;
/* POST /s/x?days=&views=: an age file; the answer is its address. */
extern const OskRoute osk_sealed_take_route;
/* /s/x/TOKEN: a page, which GET and HEAD get as often as they want; POST /s/x/TOKEN/f: the bytes,
 * for one view. */
extern const OskRoute osk_sealed_give_route;

#endif
