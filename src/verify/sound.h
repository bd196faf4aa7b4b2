/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on the settings of AAC decoders, for the checkers of MP4 and Matroska. Written
 * from ISO/IEC 14496-3, 1.6.2.1, 4.4.1 and 4.5.1.2, and from nothing in src/parts. */
#ifndef OSK_VERIFY_SOUND_H
#define OSK_VERIFY_SOUND_H

#include "base/cursor.h"

/* What is wrong with an AudioSpecificConfig: a comment that says something, or more bytes than
 * settings take. NULL for one that is clean. Static. */
const char *osk_sound_settings_fault(OskCursor config);

#endif
