/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person is told that was covered: boxes as displayed. */
#ifndef OSK_REDACT_AREAS_H
#define OSK_REDACT_AREAS_H

#include "redact/cover.h"

/* Fills `out_areas` from a map of one frame, in the order in which a reader looks for them: from
 * the top, then from the left. Boxes end at the edge of the picture. The map is grouped aside
 * when it isn't yet.
 * Errors: LIMIT, NO_MEMORY of osk_cover_group(). */
OskStatus osk_areas_find(OskAreas *out_areas, const OskCoverMap *map, const OskGeometry *geometry,
                         OskBudget *budget);

#endif
