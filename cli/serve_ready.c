/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/serve_ready.h"

#include <stdio.h>
#include <time.h>

#include "cli/command.h"
#include "cli/opening.h"
#include "host/printable.h"
#include "host/strip_trial.h"

int osk_serve_fault(const char *name, const OskFault *fault)
{
    fputs("oilskin serve: ", stderr);
    if (name != NULL) {
        osk_printable_text(stderr, name);
        fputs(": ", stderr);
    }
    fprintf(stderr, "%s\n", fault->what != NULL ? fault->what : osk_status_name(fault->status));
    if (fault->next != NULL) {
        fprintf(stderr, "%s\n", fault->next);
    }
    return fault->status == OSK_MISUSE ? OSK_EXIT_USAGE : osk_exit_code(fault->status);
}

/* Which keys have not shown yet that they open what is sealed here. */
static int count_closed(const OskServeConfig *config, bool tells)
{
    int closed = 0;
    for (size_t i = 0; i < config->recipient_count; i++) {
        if (!osk_opening_is_open(config->data, &config->recipients[i])) {
            char text[OSK_RECIPIENT_TEXT_BYTES];
            osk_recipient_text(&config->recipients[i], text);
            if (tells) {
                printf("Not opened yet: %s\n", text);
            }
            closed++;
        }
    }
    return closed;
}

int osk_serve_wait_for_keys(const OskServeConfig *config, const sigset_t *signals)
{
    OskFault fault = { 0 };
    for (size_t i = 0; i < config->recipient_count; i++) {
        if (osk_opening_prepare(config->data, &config->recipients[i], &fault) != OSK_OK) {
            return osk_serve_fault(config->data, &fault);
        }
    }
    if (count_closed(config, true) == 0) {
        return 0;
    }
    fputs("The drop stays closed until each of these keys has opened a test message:\n"
          "  oilskin desk open ",
          stdout);
    osk_printable_text(stdout, config->data);
    fputs(" FILE-OF-THE-KEY     (or --recovery)\n", stdout);
    fflush(stdout);
    while (count_closed(config, false) != 0) {
        const struct timespec moment = { .tv_nsec = 100 * 1000 * 1000 };
        if (sigtimedwait(signals, NULL, &moment) > 0) {
            return OSK_SERVE_STOPPED;
        }
    }
    return 0;
}

int osk_serve_try_scrubbing(const OskIntakeOptions *intake, bool is_successor, OskStatus *out_trial)
{
    OskFault fault = { 0 };
    *out_trial = is_successor ? OSK_IO : osk_strip_trial(intake->worker, NULL, &fault);
    if (*out_trial == OSK_OK || is_successor) {
        return 0;
    }
    int code = osk_serve_fault(NULL, &fault);
    if (*out_trial != OSK_UNSUPPORTED) {
        fputs("oilskin serve: whether files can be scrubbed is not known yet, and tried again\n",
              stderr);
        return 0;
    }
    if (intake->seal_on_device) {
        fputs("oilskin serve: no file can be scrubbed on this machine: only what browsers have "
              "sealed can be taken\n",
              stderr);
        return 0;
    }
    fputs("oilskin serve: no file can be scrubbed on this machine, so the drop stays closed\n",
          stderr);
    return code;
}
