/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The studio's pages as files for somebody's web server. */
#ifndef OSK_HTTP_EXPORT_H
#define OSK_HTTP_EXPORT_H

#include "http/pages.h"

/* Writes the pages into the folder `to`, each where its address says ("/studio/sw.js" into
 * `to`/studio/sw.js), and beside them what the owner of a web server needs: a README and, for nginx
 * and Caddy, the headers that osk_http_start() sends.
 *
 * @param pages   loaded with `prefix`, one folder ("/studio/") with one policy.
 * @param to      is made where it is missing; nothing that is there is replaced.
 * Errors: IO with the fault set; BUG for pages of more than one policy. */
OskStatus osk_http_export(const OskHttpPages *pages, const char *prefix, const char *to,
                          OskFault *fault);

#endif
