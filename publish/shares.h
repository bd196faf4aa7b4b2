/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Share links. Asking for one shows a page with a button, whoever asks: programs that fetch
 * previews use nothing up and see nothing. The button takes a view, durably, and leads to a grant
 * (grants.h), below which the publication is for some minutes.
 *
 *   GET /s/TOKEN ─▶ the page        POST /s/TOKEN ─▶ passphrase, in its turn (http/tries.h)
 *                                                 ─▶ a view fewer ─▶ 303 /s/g/GRANT ─▶ /s/g/GRANT/f
 *
 * What is unknown, ended, expired, used up or hidden is one answer. */
#ifndef OSK_PUBLISH_SHARES_H
#define OSK_PUBLISH_SHARES_H

#include "publish/page.h"
#include "store/shares.h"

extern const OskRoute osk_shares_route;        /* GET, POST /s/TOKEN */
extern const OskRoute osk_shares_opened_route; /* GET /s/g/GRANT, /s/g/GRANT/f, /s/g/GRANT/f/N */
extern const OskRoute osk_shares_ask_route; /* POST /s/ask: `share` or `grant`, `kind`, `words` */

/* ---- shared by them, and by sealed links ---- */

/* The state of a request, `size` zeroed bytes, which the caller frees when it is over; NULL, and
 * answered, without memory. */
void *osk_shares_begin(OskPublish *publish, OskRequest *request, size_t size);
/* 404 with one page, the same for whatever reason. */
void osk_shares_gone(OskPublish *publish, OskRequest *request);
/* What goes wrong besides, on a page that nobody keeps or finds. */
void osk_shares_problem(OskPublish *publish, OskRequest *request, OskProblem problem);
/* What a link leads to, as it may be seen now: unlisted, or in an open album. False, with nothing
 * found, when it may not; with OSK_OK in the fault where that is known.
 * Ownership: osk_found_end(). */
bool osk_shares_find(OskPublish *publish, const OskShare *share, OskFound *out, OskFault *fault);

#endif
