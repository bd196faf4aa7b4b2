/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin serve: the drop. Its configuration and its process; serve_drop.c puts it together. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/passphrase.h"
#include "cli/serve_config.h"
#include "cli/serve_drop.h"
#include "cli/serve_ready.h"
#include "cli/serve_trial.h"

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

static OskServeConfig configs[2];

/* ---- configuration ---- */

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

/* Becomes the program that lies at `path` now, which may be a newer one: connections wait in the
 * queues of the sockets meanwhile. Returns only when that failed. */
static int become_successor(OskDrop *drop, const char *path, char **argv)
{
    OskHanded sockets[OSK_HANDED_MAX] = { 0 };
    OskFault fault = { 0 };
    osk_drop_drain(drop);
    size_t count = osk_drop_release(drop, sockets);
    osk_drop_stop(drop);
    osk_http_become(path, argv, sockets, count, &fault);
    return osk_serve_fault(path, &fault);
}

/* Texts, categories and limits change; addresses and the folder wait for a restart. */
static void reload(OskDrop *drop, Asked *asked)
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
    /* Their addresses wait for a restart, and so does the link to them. */
    next->intake.notice.has_albums = drop->config->intake.notice.has_albums;
    if (osk_intake_reload(drop->intake, &next->intake, &fault) != OSK_OK) {
        /* What is lent stays where it is: the next reading goes into `next` again. */
        osk_serve_fault(NULL, &fault);
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
    static OskDrop drop = { .config = &configs[0] };
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
    code = osk_drop_start(&drop, &signals);
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
    osk_drop_stop(&drop);
    return code == OSK_SERVE_STOPPED ? 0 : code;
}

const OskCommand osk_cmd_serve = { .name = "serve",
                                   .summary = "open a drop for photos, videos and words",
                                   .help = help,
                                   .options = options,
                                   .run = run };
