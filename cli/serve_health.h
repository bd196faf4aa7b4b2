/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What watches a drop sees: figures, whether it lives, whether it takes uploads. A listener of its
 * own; nothing here is about a sender. */
#ifndef OSK_CLI_SERVE_HEALTH_H
#define OSK_CLI_SERVE_HEALTH_H

#include "intake/intake.h"

/* /metrics, /healthz and /readyz; `routes` takes OSK_HEALTH_ROUTES of them, which lend `intake`. */
#define OSK_HEALTH_ROUTES 3u
void osk_health_routes(OskRoute routes[OSK_HEALTH_ROUTES], OskIntake *intake);

#endif
