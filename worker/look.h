/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preview of a sealed file: who looks through a flood opens no original. */
#ifndef OSK_WORKER_LOOK_H
#define OSK_WORKER_LOOK_H

#include "host/strip_protocol.h"

/* Reads OSK_STRIP_INPUT_FD, writes OSK_STRIP_OUTPUT_FD: a JPEG as osk_worker_look() says, padded
 * inside its seal. `segments` are as many as `ask` says. Errors: UNSUPPORTED where nothing here
 * decodes the file; what its codec says; LIMIT before work that is larger than the job may do; AUTH
 * when a segment doesn't open; IO when the disk is full. */
OskStatus osk_look(const OskStripAsk *ask, const OskStripSegment *segments, const OskRandom *random,
                   OskLookDone *done, OskFault *fault);

#endif
