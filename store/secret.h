/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random secrets of a deployment, which outlive the process: drawn when they are first asked for.
 */
#ifndef OSK_STORE_SECRET_H
#define OSK_STORE_SECRET_H

#include "store/store.h"

/* @param name of the setting; the same bytes each time. The caller wipes `out`.
 * Errors: MALFORMED where it is there with another length; IO without randomness; as the store's.
 */
OskStatus osk_store_secret(OskStore *store, const char *name, uint8_t *out, size_t len,
                           OskFault *fault);

#endif
