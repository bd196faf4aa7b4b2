/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desk's page, served on this machine, asks of the desk's API: handed on to the server,
 * and its answers back. No answer of the server is ever a page. */
#ifndef OSK_CLI_DESK_RELAY_H
#define OSK_CLI_DESK_RELAY_H

#include "http/route.h"

typedef struct OskDeskRelay OskDeskRelay;

/* @param origin of the desk, and `proxy`, NULL for none: lent, as for osk_desk_http_open().
 * Errors: UNSUPPORTED without libcurl; NO_MEMORY. */
OskStatus osk_desk_relay_open(OskDeskRelay **out, const char *origin, const char *proxy,
                              OskFault *fault);
const OskRoute *osk_desk_relay_routes(const OskDeskRelay *relay, size_t *out_count); /* lent */
/* Where the page is, "http://127.0.0.1:40211": changes are taken from it alone. Before it is known,
 * none are. Copied. */
void osk_desk_relay_serve_at(OskDeskRelay *relay, const char *own);
/* After its listener has stopped. Accepts NULL and nulls. */
void osk_desk_relay_close(OskDeskRelay **relay);

#endif
