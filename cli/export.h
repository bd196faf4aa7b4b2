/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The studio's pages as files for somebody's web server. */
#ifndef OSK_CLI_EXPORT_H
#define OSK_CLI_EXPORT_H

#include "oilskin/status.h"

/* Copies the pages of the folder `pages` into `to`/studio, and writes beside that what the owner of
 * a web server needs: a README and the headers for nginx and Caddy, with `policy` in them.
 *
 * @param to  is made where it is missing; nothing that is there is replaced.
 * Errors: IO with the fault set. */
OskStatus osk_export_pages(const char *pages, const char *to, const char *policy, OskFault *fault);

#endif
