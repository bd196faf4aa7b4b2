/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICC profiles: the same colours without the names, dates, serials and vendor tags around them. */
#ifndef OSK_PARTS_ICC_H
#define OSK_PARTS_ICC_H

#include "base/budget.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "base/report.h"
#include "base/writer.h"

/* Appends a profile that holds only what defines colour. Header fields that do not are zeroed
 * (preferred module, date, platform, flags, manufacturer, model, attributes, creator, id); the
 * description and copyright that every profile must have become neutral constants; tags are written
 * in a fixed order, each value once, lengths exact, reserved and padding bytes zero. Rebuilding a
 * rebuilt profile gives the same bytes.
 *
 * @param profile  the whole profile; bytes behind its own size field are left out.
 * @param out      appended to; unchanged unless OSK_OK is returned (apart from its failure flag).
 * @param fault    may be NULL; its offset is in the input.
 * Errors: MALFORMED and TRUNCATED for one that ICC.1 calls broken and no reader uses, so that
 * nothing is lost with it; UNSUPPORTED for one that a reader may use, but whose colours we can't
 * take over (a named colour, a device link, an unknown version or type); LIMIT, NO_MEMORY.
 * Source: ICC.1:2022 and ICC.1:2001-04 (versions 2 and 4). */
OskStatus osk_icc_rebuild(OskCursor profile, OskBudget *budget, OskWriter *out, OskFault *fault);

/* True when the profile is byte for byte its own rebuild, so that it can be kept as it is. */
bool osk_icc_is_clean(OskCursor profile, OskBudget *budget);

/* Adds findings for its description, copyright, dates, makers, models and private tags, and one
 * that says so when no reader can use it. A profile that is its own rebuild gives none; any other
 * gives at least one. `report` may be NULL.
 *
 * @param stays  the profile is kept as it is; a broken one never is. */
void osk_icc_inspect(OskCursor profile, const char *part, OskReport *report, OskBudget *budget,
                     bool stays);

#endif
