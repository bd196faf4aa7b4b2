/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether files can be scrubbed on this machine is tried again and again while a drop is open: a
 * machine that was busy comes to itself, and an upgrade under a running server breaks a worker. */
#ifndef OSK_CLI_SERVE_TRIAL_H
#define OSK_CLI_SERVE_TRIAL_H

#include "intake/intake.h"

/* Between trials: where the last one went well, and where it did not. */
#define OSK_TRIAL_GOOD_S 3600
#define OSK_TRIAL_BAD_S 10

typedef struct OskTrials OskTrials;

/* Tells the intake, and standard error where something has changed. Everything is lent.
 * @param last what osk_strip_trial() said before; with IO, when nobody knows, the next is at once.
 * NULL when no thread can be started. */
OskTrials *osk_trials_start(OskIntake *intake, const char *worker, OskStatus last);
/* The next one is now. */
void osk_trials_hurry(OskTrials *trials);
/* Waits for none. Accepts NULL and nulls. */
void osk_trials_stop(OskTrials **trials);

#endif
