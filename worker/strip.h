/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scrubbing a sealed file: what is in the clear stays within this process. */
#ifndef OSK_WORKER_STRIP_H
#define OSK_WORKER_STRIP_H

#include "host/strip_protocol.h"

/* Reads OSK_STRIP_INPUT_FD, writes OSK_STRIP_OUTPUT_FD, and reads that again to verify it. The copy
 * is padded inside its seal. `segments` are as many as `ask` says. Errors: why no clean copy can be
 * promised; IO when the disk is full. */
OskStatus osk_strip(const OskStripAsk *ask, const OskStripSegment *segments,
                    const OskRandom *random, OskStripDone *done, OskFault *fault);

#endif
