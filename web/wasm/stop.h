/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways to end an instance at once, and why. */
#ifndef OSK_WASM_STOP_H
#define OSK_WASM_STOP_H

#include "oilskin/status.h"

/* NULL while nothing has stopped this instance. Lent. */
const OskFault *osk_stop_reason(void);

#endif
