/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a file may be shown to everybody. */
#ifndef OSK_WORKER_CHECK_H
#define OSK_WORKER_CHECK_H

#include "host/strip_protocol.h"

/* Reads OSK_STRIP_INPUT_FD, and writes the same in the clear to OSK_STRIP_OUTPUT_FD once it is
 * proven that the file is one that browsers show, that scrubbing it changes no byte, and that the
 * second opinion finds nothing. No pixel is decoded. `segments` are as many as `ask` says. Errors:
 * FOUND with the part and the offset; why it can't be told; IO when the disk is full. */
OskStatus osk_check_file(const OskStripAsk *ask, const OskStripSegment *segments,
                         OskCheckDone *done, OskFault *fault);

#endif
