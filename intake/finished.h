/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of uploads that are part of a submission now: the address of such an upload opens
 * nothing any more, and a client that lost the last answer asks there again. The last thousand, in
 * memory, by a digest of their tokens. */
#ifndef OSK_INTAKE_FINISHED_H
#define OSK_INTAKE_FINISHED_H

#include "intake/submission.h"

typedef struct OskFinished OskFinished;

OskFinished *osk_finished_open(void); /* NULL without memory */
void osk_finished_close(OskFinished **finished);
/* Each from any thread. */
void osk_finished_add(OskFinished *finished, const char *token, uint64_t len,
                      OskFileOutcome outcome);
bool osk_finished_find(OskFinished *finished, const char *token, uint64_t *out_len,
                       OskFileOutcome *out_outcome);

#endif
