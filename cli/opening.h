/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drop opens only after each of its keys has opened a test message: a key that nobody can use
 * would be found out when it is too late. */
#ifndef OSK_CLI_OPENING_H
#define OSK_CLI_OPENING_H

#include "oilskin/seal.h"

/* The messages lie in the folder `opening` of the data: `<start of the key>.age` is sealed to one
 * recipient, `.want` holds the SHA-256 of what is in it, and `.opened` what somebody found. */

/* Makes the message for a recipient unless it is there. `data` must exist.
 * Errors: IO. */
OskStatus osk_opening_prepare(const char *data, const OskRecipient *recipient, OskFault *fault);
/* Opens the message of an identity and writes the proof.
 * Errors: AUTH when it doesn't open; IO. */
OskStatus osk_opening_open(const char *data, const OskIdentity *identity, OskFault *fault);
bool osk_opening_is_open(const char *data, const OskRecipient *recipient);

#endif
