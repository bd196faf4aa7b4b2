/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a picture can be scrubbed on this machine, before somebody sends one. */
#ifndef OSK_HOST_STRIP_TRIAL_H
#define OSK_HOST_STRIP_TRIAL_H

#include <stdatomic.h>

#include "host/strip_client.h"

/* A picture of one pixel with a comment goes through the worker; the copy must open, and hold the
 * picture without the comment. Takes as long as a worker takes to start.
 * @param worker NULL: the one that belongs to this program.
 * @param ends   NULL, or ends the trial once it is set.
 * Errors: UNSUPPORTED when no file can be scrubbed before somebody has mended what the fault names;
 * IO when nobody knows: the machine had no time or no room for it, so try again. */
OskStatus osk_strip_trial(const char *worker, const atomic_bool *ends, OskFault *fault);

#endif
