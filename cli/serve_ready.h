/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has to be shown before a drop opens: that each key opens what is sealed to it, and that
 * files can be scrubbed here. */
#ifndef OSK_CLI_SERVE_READY_H
#define OSK_CLI_SERVE_READY_H

#include <signal.h>

#include "cli/serve_config.h"

/* A signal ended it before it was open: no exit code. */
#define OSK_SERVE_STOPPED (-2)

/* Says on standard error what is wrong, about `name` unless that is NULL.
 * Returns the exit code. */
int osk_serve_fault(const char *name, const OskFault *fault);

/* Waits until each key has opened its test message. @param signals which end the wait.
 * Returns 0, OSK_SERVE_STOPPED, or an exit code after a fault was said. */
int osk_serve_wait_for_keys(const OskServeConfig *config, const sigset_t *signals);

/* What can't be scrubbed here would wait in vain. Only a plain no closes: a busy machine is tried
 * again while the drop is open, and so is a successor, for which connections wait already.
 * @param out_trial as osk_strip_trial() has it; IO when nobody knows.
 * Returns 0, or an exit code after it was said why the drop stays closed. */
int osk_serve_try_scrubbing(const OskIntakeOptions *intake, bool is_successor,
                            OskStatus *out_trial);

#endif
