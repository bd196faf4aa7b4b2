/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desk's two cookies on a reviewer's machine. A browser knows no ports there: it sends what
 * every program of this machine has set, and takes for all of them what one says. So nothing but
 * these two goes to the server, nothing but these two comes back, and in the browser they have
 * names of their own for each desk. */
#ifndef OSK_CLI_RELAY_COOKIES_H
#define OSK_CLI_RELAY_COOKIES_H

#include <stdbool.h>
#include <stddef.h>

/* What stands behind their names in the browser, drawn from the desk's address. */
#define OSK_RELAY_TAG_BYTES 17u
#define OSK_RELAY_COOKIES_BYTES 512u

void osk_relay_tag(char out[OSK_RELAY_TAG_BYTES], const char *origin);
/* Writes the Cookie header for the server, from the browser's; "" for none.
 * @param sent NULL for none */
void osk_relay_cookies_to_desk(char out[OSK_RELAY_COOKIES_BYTES], const char *tag,
                               const char *sent);
/* Writes the Set-Cookie header for the browser, from the server's. False for what no desk sets. */
bool osk_relay_cookie_to_browser(char out[OSK_RELAY_COOKIES_BYTES], const char *tag,
                                 const char *said);

#endif
