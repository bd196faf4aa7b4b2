/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a site is, as browsers say it: "https://desk.example". */
#ifndef OSK_HTTP_ORIGIN_H
#define OSK_HTTP_ORIGIN_H

#include <stdbool.h>

/* Whether `text` is an origin whose connections nobody on the way reads: "https://" and a host, or
 * "http://" and an onion service or this machine; small letters, maybe a port, no path. */
bool osk_http_is_origin(const char *text);
/* Whether "ADDRESS:PORT" is this machine alone. */
bool osk_http_is_near(const char *address);

#endif
