/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drop's own pages: "/" with its form, "/submit", to which the form goes, and "/r" for who
 * comes back with a receipt. All of them work without a script. */
#ifndef OSK_INTAKE_DROP_H
#define OSK_INTAKE_DROP_H

#include "http/route.h"
#include "intake/intake.h"
#include "intake/parts.h"

typedef struct OskDrop OskDrop;
typedef struct OskDropSettings OskDropSettings;

#define OSK_DROP_ROUTES 3u

/* `options` are copied (recipients are lent). Errors: NO_MEMORY. */
OskStatus osk_drop_open(OskDrop **out, const OskIntakeParts *parts,
                        const OskIntakeOptions *options);
/* What options become for the pages; NULL when memory ends. */
OskDropSettings *osk_drop_prepare(const OskIntakeOptions *options);
/* For requests to come; takes them. */
void osk_drop_set(OskDrop *drop, OskDropSettings **settings);
/* Accepts NULL and nulls. */
void osk_drop_settings_end(OskDropSettings **settings);
/* "/", "/submit" and "/r"; lent, OSK_DROP_ROUTES of them. */
const OskRoute *osk_drop_routes(const OskDrop *drop);
/* When no request is left, and errands and receipts have ended. Accepts NULL and nulls. */
void osk_drop_close(OskDrop **drop);

#endif
