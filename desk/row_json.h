/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the queue as the page reads them. */
#ifndef OSK_DESK_ROW_JSON_H
#define OSK_DESK_ROW_JSON_H

#include "desk/call.h"

extern const char *const osk_desk_views[OSK_VIEWS];

/* "claim": the name of a reviewer; null for nobody, "?" for one who is gone. */
void osk_desk_set_claim(OskJson *json, OskDesk *desk, const OskId *claimed_by);
/* Given. */
OskJson *osk_desk_row(OskDesk *desk, const OskModelRow *row);
OskJson *osk_desk_member(const OskModelRow *row);

#endif
