/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Days as people write them. */
#ifndef OSK_STORE_DAY_H
#define OSK_STORE_DAY_H

#include "store/store.h"

#define OSK_DAY_TEXT_BYTES 11u /* with the NUL */

/* "2026-11-23"; years from 0 to 9999. */
void osk_day_write(OskDay day, char out[OSK_DAY_TEXT_BYTES]);
OskDay osk_day_today(void);

#endif
