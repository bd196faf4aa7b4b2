/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content Credentials (C2PA) and other JUMBF boxes. */
#ifndef OSK_PARTS_C2PA_H
#define OSK_PARTS_C2PA_H

#include "base/budget.h"
#include "base/cursor.h"
#include "base/report.h"

/* Adds findings for a JUMBF superbox: signed origin, its claim generator, signer's certificate
 * names, the assertions and thumbnails in it; at least one for any input that isn't empty. `report`
 * may be NULL. Source: ISO 19566-5, C2PA 2.1 section 11. */
void osk_c2pa_inspect(OskCursor jumbf, const char *part, OskReport *report, OskBudget *budget);

#endif
