/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on a colour profile. */
#ifndef OSK_VERIFY_ICC_H
#define OSK_VERIFY_ICC_H

#include "verify/checker.h"

/* True when the profile holds only colour: header fields that name nothing, tags from an allow-list
 * with exact types and sizes, neutral texts, every byte accounted for. Else says so with
 * osk_check_found(). Any profile passes where they were asked to be kept.
 * @param part  static: where the profile stands ("iCCP"). */
bool osk_check_icc(OskCheck *check, OskCursor profile, const char *part);

#endif
