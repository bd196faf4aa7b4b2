/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the desk together: parts in the order in which they need each other, their routes in one
 * list. */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/readers.h"
#include "desk/watch.h"
#include "host/random.h"

#define ERRAND_THREADS 8u
/* Each proof is some programs of its own, which take a processor. */
#define PROOF_THREADS 2u

/* ---- open ---- */

static OskStatus open_parts(OskDesk *desk, OskStore *store, OskFault *fault)
{
    OskStatus status = osk_audit_open(&desk->audit, store, &desk->random, fault);
    if (status == OSK_OK) {
        status = osk_reviewers_open(&desk->reviewers, store, desk->audit, fault);
    }
    desk->links = (OskLinks){
        .store = store, .audit = desk->audit, .reviewers = desk->reviewers, .random = &desk->random
    };
    if (status == OSK_OK) {
        status = osk_model_open(&desk->model, store, fault);
    }
    if (status == OSK_OK) {
        status = osk_asked_groups_open(&desk->asked, store, fault);
    }
    if (status == OSK_OK) {
        status = osk_public_list_open(&desk->public_list, store, fault);
    }
    if (status != OSK_OK) {
        return status;
    }
    desk->sessions = osk_sessions_open();
    desk->openings = osk_openings_open();
    desk->copies = osk_copies_open();
    bool has_all = desk->sessions != NULL && desk->openings != NULL && desk->copies != NULL;
    status = has_all ? OSK_OK : OSK_NO_MEMORY;
    if (status == OSK_OK) {
        status = osk_errands_open(&desk->errands, ERRAND_THREADS);
    }
    if (status == OSK_OK) {
        status = osk_errands_open(&desk->proofs, PROOF_THREADS);
    }
    if (status == OSK_OK) {
        status = osk_tries_open(&desk->tries, &desk->random);
    }
    if (status == OSK_OK && !osk_desk_watch_begin(desk)) {
        status = OSK_NO_MEMORY;
    }
    if (status == OSK_OK && !osk_random_fill(NULL, desk->known_key, sizeof(desk->known_key))) {
        status = OSK_IO;
    }
    return status == OSK_OK ? OSK_OK
                            : osk_fault_set(fault, status, "", "out of memory", OSK_NO_OFFSET);
}

/* From now on the folder is told of what comes. */
static OskStatus open_folder(OskDesk *desk, const OskIdentity *identity, OskFault *fault)
{
    const OskFolderOptions options = {
        .store = desk->store, .audit = desk->audit, .random = &desk->random, .identity = identity
    };
    OskStatus status = osk_folder_open(&desk->folder, &options, fault);
    if (status == OSK_OK) {
        osk_model_tell(desk->model, osk_folder_touch, desk->folder);
        status = osk_folder_start(desk->folder, fault);
    }
    return status;
}

/* A path that is there already is asked by another method, too. */
static OskDeskPlace *find_place(OskDesk *desk, const char *path)
{
    for (size_t i = 0; i < desk->route_count; i++) {
        if (strcmp(desk->places[i].endpoint->path, path) == 0) {
            return &desk->places[i];
        }
    }
    return NULL;
}

static void add_routes(OskDesk *desk, const OskDeskEndpoint *endpoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        OskDeskPlace *place = find_place(desk, endpoints[i].path);
        if (place != NULL) {
            place->other = &endpoints[i];
        } else {
            place = &desk->places[desk->route_count++];
            *place = (OskDeskPlace){ .desk = desk, .endpoint = &endpoints[i] };
        }
        desk->routes[place - desk->places] = osk_desk_route(place);
    }
}

OskStatus osk_desk_open(OskDesk **out, OskStore *store, const OskDeskOptions *options,
                        OskFault *fault)
{
    *out = NULL;
    OskDesk *desk = calloc(1, sizeof(*desk));
    if (desk == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    pthread_mutex_init(&desk->lock, NULL);
    pthread_mutex_init(&desk->watch_lock, NULL);
    pthread_cond_init(&desk->watch_ends, NULL);
    desk->readers_changed = options->readers_changed;
    desk->readers_context = options->readers_context;
    pthread_mutex_init(&desk->replying, NULL);
    desk->store = store;
    desk->recipient_count = options->recipient_count < OSK_SEAL_RECIPIENTS_MAX
                                ? options->recipient_count
                                : OSK_SEAL_RECIPIENTS_MAX;
    memcpy(desk->recipients, options->recipients,
           desk->recipient_count * sizeof(*options->recipients));
    desk->random.fill = osk_random_fill;
    if (options->origin != NULL) {
        snprintf(desk->origin, sizeof(desk->origin), "%s", options->origin);
    }
    desk->publishing = options->publishing;
    if (options->publishing.address != NULL) {
        snprintf(desk->public_address, sizeof(desk->public_address), "%s",
                 options->publishing.address);
    }
    desk->publishing.address = desk->public_address;
    desk->is_secure = strncmp(desk->origin, "https://", 8) == 0;
    desk->is_demo = options->is_demo;
    add_routes(desk, osk_desk_login_endpoints, osk_desk_login_count);
    add_routes(desk, osk_desk_join_endpoints, osk_desk_join_count);
    add_routes(desk, osk_desk_reviewers_endpoints, osk_desk_reviewers_count);
    add_routes(desk, osk_desk_wraps_endpoints, osk_desk_wraps_count);
    add_routes(desk, osk_desk_queue_endpoints, osk_desk_queue_count);
    add_routes(desk, osk_desk_submission_endpoints, osk_desk_submission_count);
    add_routes(desk, osk_desk_cluster_endpoints, osk_desk_cluster_count);
    add_routes(desk, osk_desk_act_endpoints, osk_desk_act_count);
    add_routes(desk, osk_desk_open_endpoints, osk_desk_open_count);
    add_routes(desk, osk_desk_digest_endpoints, osk_desk_digest_count);
    add_routes(desk, osk_desk_record_endpoints, osk_desk_record_count);
    add_routes(desk, osk_desk_reply_endpoints, osk_desk_reply_count);
    add_routes(desk, osk_desk_packs_endpoints, osk_desk_packs_count);
    add_routes(desk, osk_desk_shares_endpoints, osk_desk_shares_count);
    add_routes(desk, osk_desk_albums_endpoints, osk_desk_albums_count);
    add_routes(desk, osk_desk_publications_endpoints, osk_desk_publications_count);
    add_routes(desk, osk_desk_copies_endpoints, osk_desk_copies_count);
    add_routes(desk, osk_desk_publish_endpoints, osk_desk_publish_count);
    add_routes(desk, osk_desk_asked_endpoints, osk_desk_asked_count);
    OskStatus status = open_parts(desk, store, fault);
    if (status == OSK_OK && options->triage != NULL) {
        status = open_folder(desk, options->triage, fault);
    }
    if (status != OSK_OK) {
        osk_desk_close(&desk);
        return status;
    }
    osk_desk_tell_readers(desk);
    *out = desk;
    return OSK_OK;
}

const OskRoute *osk_desk_routes(const OskDesk *desk, size_t *out_count)
{
    *out_count = desk->route_count;
    return desk->routes;
}

void osk_desk_park(OskDesk *desk)
{
    atomic_store(&desk->is_parked, true);
    osk_tries_park(desk->tries);
}

void osk_desk_close(OskDesk **desk)
{
    OskDesk *closing = *desk;
    if (closing == NULL) {
        return;
    }
    osk_desk_watch_end(closing);
    osk_errands_close(&closing->proofs);
    osk_errands_close(&closing->errands);
    if (closing->model != NULL) {
        osk_model_tell(closing->model, NULL, NULL);
    }
    osk_folder_close(&closing->folder);
    osk_tries_close(&closing->tries);
    osk_openings_close(&closing->openings);
    osk_copies_close(&closing->copies);
    osk_sessions_close(&closing->sessions);
    osk_model_close(&closing->model);
    osk_asked_groups_close(&closing->asked);
    osk_public_list_close(&closing->public_list);
    osk_reviewers_close(&closing->reviewers);
    osk_audit_close(&closing->audit);
    pthread_mutex_destroy(&closing->lock);
    pthread_mutex_destroy(&closing->watch_lock);
    pthread_cond_destroy(&closing->watch_ends);
    pthread_mutex_destroy(&closing->replying);
    osk_seal_wipe(closing, sizeof(*closing));
    free(closing);
    *desk = NULL;
}
