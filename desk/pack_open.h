/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pack as it lies: sealed, for whoever has its key. The server and a reviewer's machine open it
 * alike. */
#ifndef OSK_DESK_PACK_OPEN_H
#define OSK_DESK_PACK_OPEN_H

#include "oilskin/fingerprint.h"
#include "oilskin/seal.h"
#include "store/store.h"

/* Ownership: free with osk_pack_free(). Errors: AUTH for one that is sealed to another key,
 * UNSUPPORTED for one that nobody can read; NO_MEMORY. */
OskStatus osk_pack_open(OskPack **out, const OskBytes *sealed, const OskUnsealWith *with);

#endif
