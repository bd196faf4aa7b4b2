/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operating system's refusals in plain words. */
#ifndef OSK_HOST_ERRORS_H
#define OSK_HOST_ERRORS_H

#include "oilskin/status.h"

/* Records what `error` (an errno) means for a person, and what helps. `part` is static: "file",
 * "copy", "folder". Always returns OSK_IO, or OSK_NO_MEMORY for ENOMEM. */
OskStatus osk_host_fail(OskFault *fault, const char *part, int error);

/* True when the fault is that a copy of that name was there already. */
bool osk_host_is_taken(const OskFault *fault);

#endif
