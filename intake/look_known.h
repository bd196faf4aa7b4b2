/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks that were done, for those who send the same bytes once more. They stay sealed as they came
 * from the worker, in memory alone, and for ten minutes: what is known of a file that was withdrawn
 * is gone soon, and a restart forgets all. */
#ifndef OSK_INTAKE_LOOK_KNOWN_H
#define OSK_INTAKE_LOOK_KNOWN_H

#include "host/strip_client.h"

#define OSK_LOOK_KNOWN_MS (10 * 60 * 1000)
#define OSK_LOOK_KNOWN_BYTES ((size_t)16 << 20)
#define OSK_LOOK_DIGEST_BYTES 32u /* of HMAC-SHA-256 */

/* A worker's answer in memory, both parts sealed, one behind the other. */
typedef struct OskLookAnswer {
    OskLookDone done;
    uint8_t bytes[OSK_LOOK_OUTPUT_MAX];
} OskLookAnswer;

typedef struct OskLookKnown OskLookKnown; /* for one thread at a time */

/* @param life_ms of each answer, 0 for OSK_LOOK_KNOWN_MS: only tests are in a hurry.
 * @return NULL without memory. Ownership: osk_look_known_free(). */
OskLookKnown *osk_look_known_make(unsigned life_ms);
/* Copies it. @param digest keyed, of the file. False where no such look is known. */
bool osk_look_known_find(OskLookKnown *known, const uint8_t digest[OSK_LOOK_DIGEST_BYTES],
                         OskLookAnswer *out);
/* Copies it; those that were needed least lately go for it. Where memory doesn't suffice it is not
 * known. */
void osk_look_known_add(OskLookKnown *known, const uint8_t digest[OSK_LOOK_DIGEST_BYTES],
                        const OskLookAnswer *answer);
/* Whom looks are sealed to has changed. */
void osk_look_known_forget(OskLookKnown *known);
/* Lets go of what is too old. @return when the next one is, as of osk_now_ms(); INT64_MAX where
 * nothing is known. */
int64_t osk_look_known_age(OskLookKnown *known);
/* Accepts NULL and nulls. */
void osk_look_known_free(OskLookKnown **known);

#endif
