/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drop that runs: the store, the intake, what is public, the desk, and their listeners, put
 * together and taken apart in the order that each needs. */
#ifndef OSK_CLI_SERVE_DROP_H
#define OSK_CLI_SERVE_DROP_H

#include <signal.h>

#include "cli/serve_config.h"
#include "cli/serve_health.h"
#include "cli/serve_trial.h"
#include "desk/desk.h"
#include "http/handover.h"
#include "publish/publish.h"

typedef struct OskDrop {
    OskServeConfig
        *config; /* one of two: the other is read into on SIGHUP, and lent from then on */
    OskHttpPages pages;
    OskHttpPages desk_pages;
    char publish_pages[PATH_MAX]; /* the folder of its templates */
    OskStore *store;
    OskIntake *intake;
    OskTrials *trials;
    OskHttp *listeners[OSK_CONFIG_LISTEN_MAX];
    OskHttp *metrics;
    OskPublish *publish; /* NULL where nothing is */
    OskRoute *routes;    /* what the public reaches: those of intake, and of publish */
    OskDesk *desk;
    OskHttp *desk_listener;
    OskIdentity triage; /* zeros once the desk has it */
    OskRecipient packs; /* whom packs are sealed to */
    OskHealth health;
    OskRoute health_routes[OSK_HEALTH_ROUTES];
    OskHanded handed[OSK_HANDED_MAX]; /* sockets of the process before this one */
    size_t handed_count;
} OskDrop;

/* Opens what `config` names, with the sockets that were handed over, and says where it is.
 * @param signals blocked ones, which end the wait for its keys.
 * Returns 0, OSK_SERVE_STOPPED, or an exit code after a fault was said; then and later
 * osk_drop_stop() ends it. */
int osk_drop_start(OskDrop *drop, const sigset_t *signals);

/* Lets requests that run come to their end, before uploads that take longer are parked. */
void osk_drop_drain(OskDrop *drop);

/* Takes its sockets out, for a successor. Returns how many; the caller closes them. */
size_t osk_drop_release(OskDrop *drop, OskHanded sockets[OSK_HANDED_MAX]);

/* Drains and ends it. */
void osk_drop_stop(OskDrop *drop);

#endif
