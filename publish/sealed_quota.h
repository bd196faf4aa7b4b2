/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much strangers may keep here. What is on its way counts from the moment that it is announced;
 * what the desk has ended or swept is seen when the rows are listed anew. */
#ifndef OSK_PUBLISH_SEALED_QUOTA_H
#define OSK_PUBLISH_SEALED_QUOTA_H

#include "store/store.h"

/* Short ones count as so much, so that there are not too many rows either. */
#define OSK_SEALED_CHARGE_MIN (64ull * 1024)
/* That arrive at once, each with its memory. */
#define OSK_SEALED_AT_ONCE 32u

typedef struct OskSealedQuota OskSealedQuota;

/* Errors: NO_MEMORY. */
OskStatus osk_sealed_quota_open(OskSealedQuota **out, OskStore *store);
/* Room for one of `len` bytes, of `total`. Blocks: may list the rows.
 * Errors: LIMIT, with the part "quota" where all of it is taken and "turn" where too many come at
 * once; IO, NO_MEMORY. */
OskStatus osk_sealed_quota_claim(OskSealedQuota *quota, uint64_t len, uint64_t total,
                                 OskFault *fault);
/* Ends a claim: its row is there, or never will be. */
void osk_sealed_quota_settle(OskSealedQuota *quota, uint64_t len, bool is_kept);
/* Accepts NULL and nulls. */
void osk_sealed_quota_close(OskSealedQuota **quota);

#endif
