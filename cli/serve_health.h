/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What watches a drop sees: figures, whether it lives, whether it takes uploads. A listener of its
 * own; nothing here is about a sender. */
#ifndef OSK_CLI_SERVE_HEALTH_H
#define OSK_CLI_SERVE_HEALTH_H

#include "http/http.h"
#include "intake/intake.h"

/* What is watched; everything is lent. */
typedef struct OskHealth {
    OskIntake *intake;
    OskHttp *const *listeners; /* NULL members are left out */
    size_t listener_count;
} OskHealth;

/* /metrics, /healthz and /readyz; `routes` takes OSK_HEALTH_ROUTES of them, which lend `health`. */
#define OSK_HEALTH_ROUTES 3u
void osk_health_routes(OskRoute routes[OSK_HEALTH_ROUTES], OskHealth *health);

#endif
