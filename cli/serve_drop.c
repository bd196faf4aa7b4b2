/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/serve_drop.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/pages_folder.h"
#include "cli/serve_ready.h"
#include "cli/serve_triage.h"
#include "cli/tunnel.h"
#include "host/printable.h"
#include "http/http.h"
#include "store/store_open.h"

#define METRICS_SOCKET "figures"
#define DESK_SOCKET "desk"
/* For requests that run when the process ends or becomes its successor; uploads that take longer
 * are parked at a durable offset, and go on later. */
#define DRAIN_MS 15000
/* A form can't go on later: its sender is told so, and gets the words back. */
#define PARKED_MS 2000

/* The socket that the process before this one handed over, or 0. */
static int handed_socket(const OskDrop *drop, const char *name)
{
    for (size_t i = 0; i < drop->handed_count; i++) {
        if (strcmp(drop->handed[i].name, name) == 0) {
            return drop->handed[i].fd;
        }
    }
    return 0;
}

static void name_socket(char out[32], size_t index)
{
    snprintf(out, 32, "drop-%u", (unsigned)index);
}

/* Only who starts the server in a terminal sees it: a log keeps what it is told. */
static void say_first_link(OskDrop *drop, const char *base)
{
    char link[OSK_DESK_LINK_BYTES];
    if (osk_desk_has_admin(drop->desk)) {
        return;
    }
    if (isatty(STDOUT_FILENO) != 0 && osk_desk_first_link(drop->desk, link)) {
        printf("The desk has no admin yet. This link makes the first one, once:\n  %s/#first=%s\n",
               base, link);
    } else {
        fputs(
            "oilskin serve: the desk has no admin yet: start it once in a terminal, which is shown "
            "the link that makes the first one, or ask for it: oilskin desk first-link ",
            stderr);
        osk_printable_text(stderr, drop->config->data);
        fputc('\n', stderr);
    }
    explicit_bzero(link, sizeof(link));
}

/* Who comes to the desk can read what comes from then on, and who has left can't. */
static void follow_readers(void *context, const OskRecipient *recipients, size_t count)
{
    OskDrop *drop = context;
    osk_intake_set_readers(drop->intake, recipients, count);
    if (drop->publish != NULL) {
        osk_publish_set_readers(drop->publish, recipients, count);
    }
}

/* Where this server folds copies: reads its key, so that what comes is sealed to it. */
static int load_triage(OskDrop *drop)
{
    OskFault fault = { 0 };
    char path[PATH_MAX];
    OskServeConfig *config = drop->config;
    if (config->desk_listen[0] == 0 || config->triage_at_desk) {
        return 0;
    }
    if (osk_serve_triage_key(config, &drop->triage, path, &fault) != OSK_OK) {
        return osk_serve_fault(path, &fault);
    }
    drop->packs = drop->triage.recipient;
    config->intake.triage = &drop->packs;
    config->intake.folds_here = true;
    return 0;
}

static OskDeskPublishing publishing_of(const OskServeConfig *config)
{
    return (OskDeskPublishing){ .has_albums = config->publish.albums,
                                .has_links = config->publish.links,
                                .has_sealed = config->publish.sealed_links,
                                .needs_second = config->second_person,
                                .copy_max = (uint64_t)config->copy_max_mib << 20,
                                .address = config->publish.address };
}

/* The desk has a listener of its own: nobody who reaches the drop reaches it. */
static int start_desk(OskDrop *drop)
{
    OskFault fault = { 0 };
    char base[OSK_CONFIG_ADDRESS_BYTES + 16];
    size_t route_count = 0;
    const OskServeConfig *config = drop->config;
    const bool has_origin = config->desk_origin[0] != 0;
    const OskDeskOptions wanted = { .recipients = config->recipients,
                                    .recipient_count = config->recipient_count,
                                    .origin = has_origin ? config->desk_origin : NULL,
                                    .is_demo = config->intake.notice.is_demo,
                                    .readers_changed = follow_readers,
                                    .readers_context = drop,
                                    .triage = config->triage_at_desk ? NULL : &drop->triage,
                                    .publishing = publishing_of(config) };
    if (config->desk_listen[0] == 0) {
        return 0;
    }
    OskStatus status = osk_desk_open(&drop->desk, drop->store, &wanted, &fault);
    osk_identity_wipe(&drop->triage);
    if (status != OSK_OK) {
        return osk_serve_fault("the desk", &fault);
    }
    const OskRoute *routes = osk_desk_routes(drop->desk, &route_count);
    const OskHttpOptions http = { .address = config->desk_listen,
                                  .listening = handed_socket(drop, DESK_SOCKET),
                                  .pages = &drop->desk_pages,
                                  .routes = routes,
                                  .route_count = route_count,
                                  .any_host = has_origin };
    if (osk_http_start(&drop->desk_listener, &http, &fault) != OSK_OK) {
        return osk_serve_fault(config->desk_listen, &fault);
    }
    snprintf(base, sizeof(base), "%s%s", has_origin ? "" : "http://",
             has_origin ? config->desk_origin : osk_http_address(drop->desk_listener));
    printf("The desk is at %s\n", base);
    if (!has_origin) {
        osk_say_tunnel(drop->desk_listener, "/");
    }
    say_first_link(drop, base);
    return 0;
}

static bool is_public(const OskPublishOptions *wanted)
{
    return wanted->albums || wanted->links || wanted->sealed_links;
}

/* Before the desk, which says at once who reads. */
static int start_publish(OskDrop *drop)
{
    OskFault fault = { 0 };
    OskPublishOptions *wanted = &drop->config->publish;
    if (!is_public(wanted)) {
        return 0;
    }
    wanted->templates = drop->publish_pages;
    return osk_publish_start(&drop->publish, drop->store, wanted, &fault) == OSK_OK
               ? 0
               : osk_serve_fault("albums", &fault);
}

/* NULL without memory. */
static const OskRoute *join_routes(OskDrop *drop, size_t *out_count)
{
    size_t intake_count = 0;
    size_t publish_count = 0;
    const OskRoute *intake = osk_intake_routes(drop->intake, &intake_count);
    const OskRoute *publish =
        drop->publish == NULL ? NULL : osk_publish_routes(drop->publish, &publish_count);
    *out_count = intake_count + publish_count;
    drop->routes = calloc(*out_count, sizeof(*drop->routes));
    if (drop->routes != NULL) {
        memcpy(drop->routes, intake, intake_count * sizeof(*intake));
        for (size_t i = 0; i < publish_count; i++) {
            drop->routes[intake_count + i] = publish[i];
        }
    }
    return drop->routes;
}

static int start_listeners(OskDrop *drop)
{
    OskFault fault = { 0 };
    OskServeConfig *config = drop->config;
    size_t route_count = 0;
    const OskRoute *routes = join_routes(drop, &route_count);
    if (routes == NULL) {
        return osk_serve_fault(NULL, &(OskFault){ .status = OSK_NO_MEMORY });
    }
    for (size_t i = 0; i < config->listen_count; i++) {
        char name[32];
        name_socket(name, i);
        const OskHttpOptions http = { .address = config->listen[i],
                                      .listening = handed_socket(drop, name),
                                      .pages = &drop->pages,
                                      .routes = routes,
                                      .route_count = route_count,
                                      .any_host = config->behind_proxy };
        if (osk_http_start(&drop->listeners[i], &http, &fault) != OSK_OK) {
            return osk_serve_fault(config->listen[i], &fault);
        }
        bool is_path = osk_http_port(drop->listeners[i]) == 0;
        printf("The drop is at %s%s%s\n", is_path ? "" : "http://",
               osk_http_address(drop->listeners[i]), is_path ? "" : "/");
        if (!is_path) {
            printf("The studio is at http://%s/studio/\n", osk_http_address(drop->listeners[i]));
            if (config->publish.albums) {
                printf("Albums are at http://%s/a/\n", osk_http_address(drop->listeners[i]));
            }
            osk_say_tunnel(drop->listeners[i], "/");
        }
    }
    if (drop->config->metrics[0] == 0) {
        return 0;
    }
    drop->health = (OskHealth){ .intake = drop->intake,
                                .listeners = drop->listeners,
                                .listener_count = OSK_CONFIG_LISTEN_MAX };
    osk_health_routes(drop->health_routes, &drop->health);
    const OskHttpOptions http = { .address = drop->config->metrics,
                                  .listening = handed_socket(drop, METRICS_SOCKET),
                                  .routes = drop->health_routes,
                                  .route_count = OSK_HEALTH_ROUTES };
    if (osk_http_start(&drop->metrics, &http, &fault) != OSK_OK) {
        return osk_serve_fault(drop->config->metrics, &fault);
    }
    printf("Figures are at %s\n", osk_http_address(drop->metrics));
    return 0;
}

/* What lies beside the studio's pages; false for what is no path. */
static bool name_beside(char out[PATH_MAX], const char *folder, const char *name)
{
    const char *slash = strrchr(folder, '/');
    int len = slash != NULL ? (int)(slash - folder) : 1;
    int wrote = snprintf(out, PATH_MAX, "%.*s/%s", len, slash != NULL ? folder : ".", name);
    return wrote > 0 && wrote < PATH_MAX;
}

/* The studio's pages, and beside them those of the drop, its templates, and the desk's page for a
 * listener of its own. */
static int load_pages(OskDrop *drop)
{
    static char templates[PATH_MAX];
    char found[PATH_MAX];
    char beside[PATH_MAX];
    char desk[PATH_MAX];
    char albums[PATH_MAX];
    char sealed[PATH_MAX];
    OskFault fault = { 0 };
    const char *folder = drop->config->pages[0] != 0 ? drop->config->pages : osk_find_pages(found);
    if (!name_beside(beside, folder, "drop") || !name_beside(templates, folder, "intake") ||
        !name_beside(desk, folder, "desk") || !name_beside(albums, folder, "albums") ||
        !name_beside(sealed, folder, "sealed") ||
        !name_beside(drop->publish_pages, folder, "publish")) {
        return osk_exit_code(OSK_LIMIT);
    }
    drop->config->intake.templates = templates;
    OskStatus status = osk_http_pages_load(&drop->pages, folder, "/studio/", &fault);
    if (status == OSK_OK) {
        status = osk_http_pages_load(&drop->pages, beside, "/drop/", &fault);
    }
    if (status == OSK_OK && drop->config->publish.sealed_links) {
        status = osk_http_pages_load(&drop->pages, sealed, "/sealed/", &fault);
    }
    /* What answers where nothing is looks like albums. */
    if (status == OSK_OK && is_public(&drop->config->publish)) {
        status = osk_http_pages_load(&drop->pages, albums, "/a/look/", &fault);
    }
    if (status == OSK_OK && drop->config->desk_listen[0] != 0) {
        /* The core is the studio's. */
        drop->desk_pages.like = &drop->pages;
        status = osk_http_pages_load(&drop->desk_pages, desk, "/desk/", &fault);
    }
    if (status != OSK_OK) {
        int code = osk_serve_fault(folder, &fault);
        fputs("The pages are made by web/build.sh; --pages names another folder of them.\n",
              stderr);
        return code;
    }
    return 0;
}

static void say_to_operator(const char *what, const char *next)
{
    fprintf(stderr, "oilskin serve: %s\n%s\n", what, next);
}

int osk_drop_start(OskDrop *drop, const sigset_t *signals)
{
    OskFault fault = { 0 };
    OskStatus trial = OSK_IO;
    int code = load_pages(drop);
    if (code != 0) {
        return code;
    }
    const OskStoreOptions store = { .create = true };
    if (osk_store_open_folder(&drop->store, drop->config->data, &store, &fault) != OSK_OK) {
        return osk_serve_fault(drop->config->data, &fault);
    }
    code = osk_serve_try_scrubbing(&drop->config->intake, drop->handed_count > 0, &trial);
    if (code == 0) {
        code = osk_serve_wait_for_keys(drop->config, signals);
    }
    if (code == 0) {
        code = load_triage(drop);
    }
    if (code != 0) {
        return code;
    }
    drop->config->intake.say = say_to_operator;
    if (osk_intake_start(&drop->intake, drop->store, &drop->config->intake, &fault) != OSK_OK) {
        return osk_serve_fault(NULL, &fault);
    }
    osk_intake_set_can_scrub(drop->intake, trial != OSK_UNSUPPORTED);
    drop->trials = osk_trials_start(drop->intake, drop->config->intake.worker, trial);
    if (drop->trials == NULL) {
        fputs("oilskin serve: no thread can be started\n", stderr);
        return osk_exit_code(OSK_NO_MEMORY);
    }
    if (drop->config->recipient_count == 1) {
        fputs("oilskin serve: everything is sealed to one key alone: who loses it loses all\n",
              stderr);
    }
    code = start_publish(drop);
    if (code == 0) {
        code = start_desk(drop);
    }
    return code == 0 ? start_listeners(drop) : code;
}

void osk_drop_drain(OskDrop *drop)
{
    if (drop->desk != NULL) {
        osk_desk_park(drop->desk);
    }
    if (drop->publish != NULL) {
        osk_publish_park(drop->publish);
    }
    if (drop->desk_listener != NULL) {
        osk_http_drain(drop->desk_listener, PARKED_MS);
    }
    for (size_t i = 0; i < OSK_CONFIG_LISTEN_MAX; i++) {
        if (drop->listeners[i] != NULL) {
            osk_http_drain(drop->listeners[i], DRAIN_MS);
        }
    }
    if (drop->intake == NULL) {
        return;
    }
    osk_intake_park(drop->intake);
    for (size_t i = 0; i < OSK_CONFIG_LISTEN_MAX; i++) {
        if (drop->listeners[i] != NULL) {
            osk_http_drain(drop->listeners[i], PARKED_MS);
        }
    }
}

void osk_drop_stop(OskDrop *drop)
{
    osk_drop_drain(drop);
    for (size_t i = 0; i < OSK_CONFIG_LISTEN_MAX; i++) {
        osk_http_stop(&drop->listeners[i]);
    }
    osk_http_stop(&drop->metrics);
    osk_trials_stop(&drop->trials);
    osk_http_stop(&drop->desk_listener);
    osk_desk_close(&drop->desk);
    osk_publish_stop(&drop->publish);
    osk_intake_stop(&drop->intake);
    osk_store_close(&drop->store);
    osk_http_pages_free(&drop->desk_pages);
    osk_http_pages_free(&drop->pages);
    free(drop->routes);
    drop->routes = NULL;
}

static void keep_socket(OskHanded sockets[OSK_HANDED_MAX], size_t *count, const char *name,
                        OskHttp **http)
{
    if (*http != NULL) {
        OskHanded *one = &sockets[(*count)++];
        memcpy(one->name, name, strlen(name) + 1);
        one->fd = osk_http_release(http);
    }
}

size_t osk_drop_release(OskDrop *drop, OskHanded sockets[OSK_HANDED_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < OSK_CONFIG_LISTEN_MAX; i++) {
        char name[32];
        name_socket(name, i);
        keep_socket(sockets, &count, name, &drop->listeners[i]);
    }
    keep_socket(sockets, &count, METRICS_SOCKET, &drop->metrics);
    keep_socket(sockets, &count, DESK_SOCKET, &drop->desk_listener);
    return count;
}
