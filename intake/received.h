/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sender is told when a submission is durable, alike in every protocol. */
#ifndef OSK_INTAKE_RECEIVED_H
#define OSK_INTAKE_RECEIVED_H

#include "http/json.h"
#include "intake/submission.h"

/* "scrubbed", "original-chosen", "original-kept", "device": a word of the API; static. */
const char *osk_outcome_name(OskFileOutcome outcome);

/* {"schema": "oilskin/received/1", "received": true, "files": [{"outcome": ...}]}.
 * Ownership: osk_json_free(). */
OskJson *osk_received_json(const OskFileOutcome *outcomes, size_t count);

#endif
