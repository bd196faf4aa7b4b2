/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /uploads/: tus 1.0.0 and the IETF's resumable uploads on the same resource. */
#ifndef OSK_INTAKE_UPLOAD_TUS_H
#define OSK_INTAKE_UPLOAD_TUS_H

#include "http/route.h"
#include "intake/intake.h"
#include "intake/parts.h"

typedef struct OskTus OskTus;

#define OSK_TUS_ROUTES 2u

/* `options` are read and copied. Errors: NO_MEMORY. */
OskStatus osk_tus_open(OskTus **out, const OskIntakeParts *parts, const OskIntakeOptions *options);
/* For requests to come. */
void osk_tus_set(OskTus *tus, const OskIntakeOptions *options);
/* "/uploads/" and "/uploads"; lent, OSK_TUS_ROUTES of them. */
const OskRoute *osk_tus_routes(const OskTus *tus);
/* When no request is left. Accepts NULL and nulls. */
void osk_tus_close(OskTus **tus);

#endif
