/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody has just opened by a link lies at an address that works for some minutes: a grant.
 * There is no table of them. A grant is a box that this server alone can make and open, with the
 * link's row and the moment in it: so nobody who opens a million takes another's away, and whether
 * the link has been ended meanwhile is asked of its row each time. Its key lies in the store, so
 * that a restart takes nothing from who has just used the last view. */
#ifndef OSK_PUBLISH_GRANTS_H
#define OSK_PUBLISH_GRANTS_H

#include "oilskin/random.h"
#include "store/store.h"

#define OSK_GRANT_MINUTES 15
#define OSK_GRANT_LETTERS 86u /* base64url of 64 bytes */
#define OSK_GRANT_BYTES (OSK_GRANT_LETTERS + 1u)

typedef struct OskGrants OskGrants;

#define OSK_GRANT_KEY_BYTES 32u

/* @param key copied. @param random lent. Errors: NO_MEMORY. */
OskStatus osk_grants_open(OskGrants **out, const uint8_t key[OSK_GRANT_KEY_BYTES],
                          const OskRandom *random);
/* @param now_ms osk_wall_ms(): a restart of the machine does not move it. Errors: IO without
 * randomness; NO_MEMORY. */
OskStatus osk_grant_write(const OskGrants *grants, const OskId *share, int64_t now_ms,
                          char out[OSK_GRANT_BYTES]);
/* The link's row; false for what is no grant of this key, is over, or was made later than `now_ms`:
 * a clock that was set back lets none live longer than its minutes from then on.
 * @param len of `text`, which may go on behind it. */
bool osk_grant_read(const OskGrants *grants, const char *text, size_t len, int64_t now_ms,
                    OskId *out);
void osk_grants_close(OskGrants **grants); /* wipes; accepts NULL and nulls */

#endif
