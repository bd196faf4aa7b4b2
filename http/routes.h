/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which route an address belongs to. Nothing here touches a socket. */
#ifndef OSK_HTTP_ROUTES_H
#define OSK_HTTP_ROUTES_H

#include "http/route.h"

typedef struct OskRoutes {
    const OskRoute *items; /* lent */
    size_t count;
} OskRoutes;

/* The route of exactly this address, or else the one with the longest prefix of it; NULL for none.
 * "/" is an address, no prefix. */
const OskRoute *osk_routes_find(const OskRoutes *routes, const char *path, bool *out_is_exact);

/* True when `methods` ("GET HEAD POST") names `method`. */
bool osk_routes_allow(const char *methods, const char *method);

/* The same list as a header: "GET, HEAD, POST". */
void osk_routes_allow_text(const char *methods, char out[128]);

#endif
