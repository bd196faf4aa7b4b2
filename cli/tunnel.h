/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For who sits at another machine than the one that serves. */
#ifndef OSK_CLI_TUNNEL_H
#define OSK_CLI_TUNNEL_H

#include "http/http.h"

/* Prints the ssh -L line when this session came by SSH (SSH_CONNECTION holds our own address in its
 * third word) and the server listens on a loopback address.
 * @param path what to open there, "/studio/". */
void osk_say_tunnel(const OskHttp *http, const char *path);

#endif
