/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin serve: the drop. A composition root: it puts store, intake and HTTP together. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/opening.h"
#include "cli/pages_folder.h"
#include "cli/passphrase.h"
#include "cli/serve_config.h"
#include "cli/serve_health.h"
#include "cli/serve_triage.h"
#include "cli/serve_trial.h"
#include "cli/tunnel.h"
#include "desk/desk.h"
#include "host/printable.h"
#include "host/strip_trial.h"
#include "http/handover.h"
#include "http/http.h"
#include "publish/publish.h"
#include "store/store_open.h"

static const char help[] =
    "Usage: oilskin serve --config FILE\n"
    "       oilskin serve --listen ADDRESS:PORT --data DIR --recipient age1... [OPTIONS]\n"
    "\n"
    "Open a drop: pages on which the public sends photos, videos and words, sealed to the keys of "
    "the\n"
    "desk as they arrive. Ends with Ctrl-C or SIGTERM, reads its configuration again on SIGHUP, "
    "and\n"
    "restarts without refusing a connection on SIGUSR2.\n"
    "\n"
    "      --config FILE           oilskin.conf(5); `oilskin setup` writes one\n"
    "      --listen ADDRESS:PORT   or unix:PATH; may be given several times\n"
    "      --data DIR              where submissions are kept\n"
    "      --recipient KEY         age1..., whom they are sealed to; may be given several times\n"
    "      --pages DIR             the pages, where they are not found beside the program\n"
    "      --set SECTION.KEY=VALUE one line of the configuration; may be given several times\n"
    "  -h, --help                  print this help\n";

enum { OPT_CONFIG = 256, OPT_LISTEN, OPT_DATA, OPT_RECIPIENT, OPT_PAGES, OPT_SET };

static const struct option options[] = { { "config", required_argument, NULL, OPT_CONFIG },
                                         { "listen", required_argument, NULL, OPT_LISTEN },
                                         { "data", required_argument, NULL, OPT_DATA },
                                         { "recipient", required_argument, NULL, OPT_RECIPIENT },
                                         { "pages", required_argument, NULL, OPT_PAGES },
                                         { "set", required_argument, NULL, OPT_SET },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

/* What the command line says; read again with the file on SIGHUP. */
typedef struct Asked {
    const char *config;
    int argc;
    char **argv;
} Asked;

typedef struct Drop {
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
} Drop;

#define METRICS_SOCKET "figures"
#define DESK_SOCKET "desk"
/* For requests that run when the process ends or becomes its successor; uploads that take longer
 * are parked at a durable offset, and go on later. */
#define DRAIN_MS 15000
/* A form can't go on later: its sender is told so, and gets the words back. */
#define PARKED_MS 2000

/* A signal ended it before it was open. */
#define STOPPED (-2)

static OskServeConfig configs[2];

/* ---- configuration ---- */

static int say_fault(const char *name, const OskFault *fault)
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

/* --set drop.contact=... */
static bool set_pair(OskServeConfig *config, const char *pair, OskConfigFault *fault)
{
    char section[80];
    const char *equals = strchr(pair, '=');
    const char *dot = equals != NULL ? memrchr(pair, '.', (size_t)(equals - pair)) : NULL;
    if (dot == NULL || (size_t)(equals - pair) >= sizeof(section)) {
        *fault = (OskConfigFault){ .what = "--set takes SECTION.KEY=VALUE" };
        return false;
    }
    char *key = section + (dot - pair) + 1;
    memcpy(section, pair, (size_t)(equals - pair));
    section[equals - pair] = 0;
    section[dot - pair] = 0;
    return osk_config_set(config, section, key, equals + 1, fault);
}

/* The file, then the command line, which wins or adds. */
static int read_config(OskServeConfig *config, Asked *asked)
{
    OskConfigFault fault = { 0 };
    osk_config_init(config);
    asked->config = NULL;
    optind = 1;
    for (int option;
         (option = osk_option_next(&osk_cmd_serve, asked->argc, asked->argv, ":h")) != -1;) {
        switch (option) {
        case OPT_CONFIG: asked->config = optarg; break;
        case 'h': return -1;
        case OPT_LISTEN:
        case OPT_DATA:
        case OPT_RECIPIENT:
        case OPT_PAGES:
        case OPT_SET: break;
        default: return OSK_EXIT_USAGE;
        }
    }
    if (optind < asked->argc) {
        return osk_usage(&osk_cmd_serve, "it takes no files");
    }
    if (asked->config != NULL && !osk_config_read(config, asked->config, &fault)) {
        osk_config_say("serve", asked->config, &fault);
        return OSK_EXIT_USAGE;
    }
    optind = 1;
    for (int option;
         (option = osk_option_next(&osk_cmd_serve, asked->argc, asked->argv, ":h")) != -1;) {
        bool fits = true;
        switch (option) {
        case OPT_LISTEN: fits = osk_config_set(config, "server", "listen", optarg, &fault); break;
        case OPT_DATA: fits = osk_config_set(config, "server", "data", optarg, &fault); break;
        case OPT_PAGES: fits = osk_config_set(config, "server", "pages", optarg, &fault); break;
        case OPT_RECIPIENT:
            fits = osk_config_set(config, "drop", "recipient", optarg, &fault);
            break;
        case OPT_SET: fits = set_pair(config, optarg, &fault); break;
        default: break;
        }
        if (!fits) {
            osk_config_say("serve", NULL, &fault);
            return OSK_EXIT_USAGE;
        }
    }
    if (!osk_config_finish(config, &fault)) {
        osk_config_say("serve", asked->config, &fault);
        return OSK_EXIT_USAGE;
    }
    return 0;
}

/* ---- the process ---- */

/* Keys and texts pass through this process: no core dump, no debugger, nothing readable by others.
 */
static void close_the_blinds(void)
{
    osk_secrets_guard();
    struct rlimit lock = { 0 };
    if (getrlimit(RLIMIT_MEMLOCK, &lock) == 0) {
        lock.rlim_cur = lock.rlim_max;
        setrlimit(RLIMIT_MEMLOCK, &lock);
    }
    umask(077);
    signal(SIGPIPE, SIG_IGN);
}

/* The socket that the process before this one handed over, or 0. */
static int handed_socket(const Drop *drop, const char *name)
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
static void say_first_link(Drop *drop, const char *base)
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
    Drop *drop = context;
    osk_intake_set_readers(drop->intake, recipients, count);
    if (drop->publish != NULL) {
        osk_publish_set_readers(drop->publish, recipients, count);
    }
}

/* Where this server folds copies: reads its key, so that what comes is sealed to it. */
static int load_triage(Drop *drop)
{
    OskFault fault = { 0 };
    char path[PATH_MAX];
    OskServeConfig *config = drop->config;
    if (config->desk_listen[0] == 0 || config->triage_at_desk) {
        return 0;
    }
    if (osk_serve_triage_key(config, &drop->triage, path, &fault) != OSK_OK) {
        return say_fault(path, &fault);
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
static int start_desk(Drop *drop)
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
        return say_fault("the desk", &fault);
    }
    const OskRoute *routes = osk_desk_routes(drop->desk, &route_count);
    const OskHttpOptions http = { .address = config->desk_listen,
                                  .listening = handed_socket(drop, DESK_SOCKET),
                                  .pages = &drop->desk_pages,
                                  .routes = routes,
                                  .route_count = route_count,
                                  .any_host = has_origin };
    if (osk_http_start(&drop->desk_listener, &http, &fault) != OSK_OK) {
        return say_fault(config->desk_listen, &fault);
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
static int start_publish(Drop *drop)
{
    OskFault fault = { 0 };
    OskPublishOptions *wanted = &drop->config->publish;
    if (!is_public(wanted)) {
        return 0;
    }
    wanted->templates = drop->publish_pages;
    return osk_publish_start(&drop->publish, drop->store, wanted, &fault) == OSK_OK
               ? 0
               : say_fault("albums", &fault);
}

/* NULL without memory. */
static const OskRoute *join_routes(Drop *drop, size_t *out_count)
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

static int start_listeners(Drop *drop)
{
    OskFault fault = { 0 };
    OskServeConfig *config = drop->config;
    size_t route_count = 0;
    const OskRoute *routes = join_routes(drop, &route_count);
    if (routes == NULL) {
        return say_fault(NULL, &(OskFault){ .status = OSK_NO_MEMORY });
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
            return say_fault(config->listen[i], &fault);
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
        return say_fault(drop->config->metrics, &fault);
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
static int load_pages(Drop *drop)
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
        int code = say_fault(folder, &fault);
        fputs("The pages are made by web/build.sh; --pages names another folder of them.\n",
              stderr);
        return code;
    }
    return 0;
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

/* Waits until each key has opened its test message; false when a signal came first. */
static int wait_for_keys(const OskServeConfig *config, const sigset_t *signals)
{
    OskFault fault = { 0 };
    for (size_t i = 0; i < config->recipient_count; i++) {
        if (osk_opening_prepare(config->data, &config->recipients[i], &fault) != OSK_OK) {
            return say_fault(config->data, &fault);
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
            return STOPPED;
        }
    }
    return 0;
}

/* What can't be scrubbed here would wait in vain. Only a plain no closes: a busy machine is tried
 * again while the drop is open, and so is a successor, for which connections wait already. */
static int try_scrubbing(const Drop *drop, OskStatus *out_trial)
{
    const OskIntakeOptions *intake = &drop->config->intake;
    OskFault fault = { 0 };
    *out_trial = drop->handed_count > 0 ? OSK_IO : osk_strip_trial(intake->worker, NULL, &fault);
    if (*out_trial == OSK_OK || drop->handed_count > 0) {
        return 0;
    }
    int code = say_fault(NULL, &fault);
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

static void say_to_operator(const char *what, const char *next)
{
    fprintf(stderr, "oilskin serve: %s\n%s\n", what, next);
}

static int start(Drop *drop, const sigset_t *signals)
{
    OskFault fault = { 0 };
    OskStatus trial = OSK_IO;
    int code = load_pages(drop);
    if (code != 0) {
        return code;
    }
    const OskStoreOptions store = { .create = true };
    if (osk_store_open_folder(&drop->store, drop->config->data, &store, &fault) != OSK_OK) {
        return say_fault(drop->config->data, &fault);
    }
    code = try_scrubbing(drop, &trial);
    if (code == 0) {
        code = wait_for_keys(drop->config, signals);
    }
    if (code == 0) {
        code = load_triage(drop);
    }
    if (code != 0) {
        return code;
    }
    drop->config->intake.say = say_to_operator;
    if (osk_intake_start(&drop->intake, drop->store, &drop->config->intake, &fault) != OSK_OK) {
        return say_fault(NULL, &fault);
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

/* Lets requests that run come to their end, before uploads that take longer are parked. */
static void drain(Drop *drop)
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

static void stop(Drop *drop)
{
    drain(drop);
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

/* Becomes the program that lies at `path` now, which may be a newer one: connections wait in the
 * queues of the sockets meanwhile. Returns only when that failed. */
static int become_successor(Drop *drop, const char *path, char **argv)
{
    OskHanded sockets[OSK_HANDED_MAX] = { 0 };
    OskFault fault = { 0 };
    size_t count = 0;
    drain(drop);
    for (size_t i = 0; i < OSK_CONFIG_LISTEN_MAX; i++) {
        char name[32];
        name_socket(name, i);
        keep_socket(sockets, &count, name, &drop->listeners[i]);
    }
    keep_socket(sockets, &count, METRICS_SOCKET, &drop->metrics);
    keep_socket(sockets, &count, DESK_SOCKET, &drop->desk_listener);
    stop(drop);
    osk_http_become(path, argv, sockets, count, &fault);
    return say_fault(path, &fault);
}

/* Texts, categories and limits change; addresses and the folder wait for a restart. */
static void reload(Drop *drop, Asked *asked)
{
    OskServeConfig *next = &configs[drop->config == &configs[0] ? 1 : 0];
    if (read_config(next, asked) != 0) {
        fputs("oilskin serve: the configuration stays as it was\n", stderr);
        return;
    }
    if (next->recipient_count != drop->config->recipient_count ||
        memcmp(next->recipients, drop->config->recipients,
               next->recipient_count * sizeof(next->recipients[0])) != 0) {
        fputs("oilskin serve: other keys need a restart, so that each of them opens a test message "
              "first; the configuration stays as it was\n",
              stderr);
        return;
    }
    bool ends_sealing = drop->config->intake.seal_on_device && !next->intake.seal_on_device;
    if (ends_sealing && !osk_intake_can_scrub(drop->intake)) {
        fputs("oilskin serve: no file can be scrubbed on this machine, so browsers must seal; the "
              "configuration stays as it was\n",
              stderr);
        return;
    }
    OskFault fault = { 0 };
    next->intake.templates = drop->config->intake.templates;
    next->intake.triage = drop->config->intake.triage;
    next->intake.folds_here = drop->config->intake.folds_here;
    if (osk_intake_reload(drop->intake, &next->intake, &fault) != OSK_OK) {
        /* What is lent stays where it is: the next reading goes into `next` again. */
        say_fault(NULL, &fault);
        return;
    }
    if (drop->publish != NULL) {
        /* Texts, limits, and that sealed links are no more; without memory all stays as it was. */
        (void)osk_publish_reload(drop->publish, &next->publish);
    }
    drop->config = next;
    /* Who has just mended the worker may wish to know. */
    osk_trials_hurry(drop->trials);
    fputs("oilskin serve: the configuration was read again\n", stderr);
}

static int run(int argc, char **argv)
{
    static Drop drop = { .config = &configs[0] };
    static char program[PATH_MAX];
    Asked asked = { .argc = argc, .argv = argv };
    int code = read_config(drop.config, &asked);
    if (code != 0) {
        return code < 0 ? 0 : code;
    }
    /* Before an upgrade puts another file in its place, and before there are threads. */
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len > 0 ? len : 0] = 0;
    drop.handed_count = osk_http_inherited(drop.handed);
    close_the_blinds();
    osk_seal_ready();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR2);
    /* Before the threads are made, so that none of them takes the signal. */
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    code = start(&drop, &signals);
    if (code == 0) {
        code = osk_finish_output(0);
    }
    int came = 0;
    while (code == 0 && sigwait(&signals, &came) == 0 && came == SIGHUP) {
        reload(&drop, &asked);
    }
    if (code == 0 && came == SIGUSR2) {
        /* The command's own name stands in front of what it was called with. */
        return become_successor(&drop, program, argv - 1);
    }
    stop(&drop);
    return code == STOPPED ? 0 : code;
}

const OskCommand osk_cmd_serve = { .name = "serve",
                                   .summary = "open a drop for photos, videos and words",
                                   .help = help,
                                   .options = options,
                                   .run = run };
