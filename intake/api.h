/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /api/: the intake for programs, in JSON. docs/api.yaml says what each request takes and gives; a
 * test holds the server against it. */
#ifndef OSK_INTAKE_API_H
#define OSK_INTAKE_API_H

#include "http/route.h"
#include "intake/intake.h"
#include "intake/parts.h"

typedef struct OskApi OskApi;

#define OSK_API_ROUTES 7u

/* `options` are read and copied. Errors: NO_MEMORY. */
OskStatus osk_api_open(OskApi **out, const OskIntakeParts *parts, const OskIntakeOptions *options);
/* For requests to come. Errors: NO_MEMORY; then what was set before stays. */
OskStatus osk_api_set(OskApi *api, const OskIntakeOptions *options);
/* Whom pages that seal are told to seal to. */
void osk_api_set_readers(OskApi *api, const OskRecipient *recipients, size_t count);
/* OSK_API_ROUTES of them; lent. */
const OskRoute *osk_api_routes(const OskApi *api);
/* When no request is left. Accepts NULL and nulls. */
void osk_api_close(OskApi **api);

#endif
