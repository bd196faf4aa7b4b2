/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin doctor: what would hurt a drop, found before it does. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/doctor_logs.h"
#include "cli/opening.h"
#include "cli/serve_config.h"
#include "host/printable.h"
#include "host/strip_trial.h"
#include "store/clock.h"
#include "store/store_open.h"

static const char help[] =
    "Usage: oilskin doctor --config FILE [OPTIONS]\n"
    "\n"
    "Check a drop: its configuration, that each key opens, who can read its folder, that a picture "
    "can be\n"
    "scrubbed, the newest backup, the room on the disk, the clock, and that the web server and tor "
    "keep\n"
    "no log. Each finding comes with what to do.\n"
    "Exits with 1 when something must be done.\n"
    "\n"
    "      --nginx FILE      that file instead of those in /etc/nginx\n"
    "      --caddyfile FILE  that file instead of /etc/caddy/Caddyfile\n"
    "      --torrc FILE      that file instead of /etc/tor/torrc\n"
    "  -h, --help            print this help\n";

enum { OPT_CONFIG = 256, OPT_NGINX, OPT_CADDY, OPT_TORRC };

static const struct option options[] = { { "config", required_argument, NULL, OPT_CONFIG },
                                         { "nginx", required_argument, NULL, OPT_NGINX },
                                         { "caddyfile", required_argument, NULL, OPT_CADDY },
                                         { "torrc", required_argument, NULL, OPT_TORRC },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

#define DAY_S 86400
/* Growth is looked at over so many days. */
#define GROWTH_DAYS 14
#define DAYS_LEFT_BAD 7
#define BACKUP_DAYS_BAD 7

typedef struct Visit {
    OskServeConfig *config;
    unsigned bad;
} Visit;

static void say_good(const char *what)
{
    printf("  good  %s\n", what);
}

/* @param fix what to do, one sentence. */
static void say_bad(Visit *visit, const char *what, const char *fix)
{
    printf("  BAD   %s\n        %s\n", what, fix);
    visit->bad++;
}

/* ---- keys and folder ---- */

static void look_at_keys(Visit *visit)
{
    bool all = true;
    for (size_t i = 0; i < visit->config->recipient_count; i++) {
        all = all && osk_opening_is_open(visit->config->data, &visit->config->recipients[i]);
    }
    if (all) {
        say_good("each key has opened a test message");
    } else {
        say_bad(visit, "a key has never opened anything: what is sealed to it may be lost",
                "Run `oilskin desk open DATA FILE` with each key; the drop stays closed until "
                "then.");
    }
    if (visit->config->recipient_count > 1) {
        say_good("there is more than one key");
    } else {
        say_bad(visit, "everything is sealed to one key alone",
                "Make a second one with `oilskin desk init`, and add its line `recipient = ...`.");
    }
}

static void look_at_folder(Visit *visit)
{
    struct stat info;
    if (stat(visit->config->data, &info) != 0) {
        say_bad(visit, "the folder of the data can't be looked at",
                "Run this as the user of the drop, or as root; `oilskin serve` makes the folder.");
        return;
    }
    if ((info.st_mode & 077) != 0) {
        say_bad(visit, "others on this machine can look into the folder of the data",
                "chmod 700 the folder that `data =` names.");
        return;
    }
    say_good("the folder of the data is for the drop alone");
}

/* ---- scrubbing ---- */

static void try_scrubbing(Visit *visit)
{
    OskFault fault = { 0 };
    if (osk_strip_trial(visit->config->intake.worker, NULL, &fault) == OSK_OK) {
        say_good("a test picture was scrubbed");
        return;
    }
    char what[200];
    char next[200];
    snprintf(what, sizeof(what), "no file can be scrubbed on this machine: %s", fault.what);
    snprintf(next, sizeof(next), "Do this first: %s.",
             fault.next != NULL ? fault.next : "install Oilskin again, all of it");
    say_bad(visit, what, next);
}

/* ---- disk ---- */

typedef struct Growth {
    OskStore *store;
    uint64_t bytes;
} Growth;

static bool add_file(void *context, const OskFileRow *file)
{
    Growth *growth = context;
    growth->bytes += file->sealed_len;
    return true;
}

static bool add_submission(void *context, const OskSubmissionRow *row)
{
    Growth *growth = context;
    OskFault fault = { 0 };
    return osk_store_files(growth->store, &row->id, add_file, growth, &fault) == OSK_OK;
}

static void look_at_disk(Visit *visit, OskStore *store)
{
    OskStoreCounts counts = { 0 };
    OskFault fault = { 0 };
    Growth growth = { .store = store };
    OskDay today = (OskDay)(time(NULL) / DAY_S);
    const OskSubmissionQuery query = {
        .first = today - GROWTH_DAYS, .last = today, .state = -1, .limit = SIZE_MAX
    };
    if (osk_store_counts(store, &counts, &fault) != OSK_OK ||
        osk_store_submissions(store, &query, add_submission, &growth, &fault) != OSK_OK) {
        say_bad(visit, "the store could not be read", "Run `oilskin store check DATA`.");
        return;
    }
    uint64_t a_day = growth.bytes / GROWTH_DAYS;
    char text[160];
    if (a_day == 0) {
        snprintf(text, sizeof(text), "%llu MiB are free; nothing came in the last %d days",
                 (unsigned long long)(counts.disk_free >> 20), GROWTH_DAYS);
        say_good(text);
        return;
    }
    uint64_t days = counts.disk_free / a_day;
    snprintf(text, sizeof(text), "the disk is full in %llu days, as things went lately",
             (unsigned long long)days);
    if (days < DAYS_LEFT_BAD) {
        say_bad(visit, text,
                "Delete what was dealt with at the desk, or give the folder a larger disk.");
    } else {
        say_good(text);
    }
}

/* ---- the clock ---- */

static void look_at_clock(Visit *visit, OskStore *store)
{
    OskClock clock = OSK_CLOCK_GOOD;
    OskFault fault = { 0 };
    if (osk_clock_look(store, (OskDay)(time(NULL) / DAY_S), &clock, &fault) != OSK_OK) {
        say_bad(visit, "the store could not be read", "Run `oilskin store check DATA`.");
    } else if (clock == OSK_CLOCK_GOOD) {
        say_good(osk_clock_sentence(clock));
    } else {
        say_bad(visit, osk_clock_sentence(clock),
                "Set the clock right; if it is right, run `oilskin store clock DATA`.");
    }
}

/* ---- backups ---- */

/* The newest folder below `folder` by the time of its last change. False when there is none. */
static bool newest_backup(const char *folder, char path[PATH_MAX], time_t *out_when)
{
    DIR *dir = opendir(folder);
    bool found = false;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char one[PATH_MAX];
        struct stat info;
        int len = snprintf(one, sizeof(one), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || len < 0 || len >= PATH_MAX || stat(one, &info) != 0 ||
            !S_ISDIR(info.st_mode) || (found && info.st_mtime <= *out_when)) {
            continue;
        }
        memcpy(path, one, (size_t)len + 1);
        *out_when = info.st_mtime;
        found = true;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return found;
}

static void ignore(void *context, const char *finding)
{
    (void)context;
    (void)finding;
}

static void look_at_backups(Visit *visit)
{
    char path[PATH_MAX];
    time_t when = 0;
    if (visit->config->backups[0] == 0 || !newest_backup(visit->config->backups, path, &when)) {
        say_bad(visit, "there is no backup",
                "Run `oilskin store backup DATA FOLDER` each day, and name its folder in "
                "`backups =`.");
        return;
    }
    OskStore *store = NULL;
    OskFault fault = { 0 };
    const OskStoreOptions how = { .read_only = true };
    OskStatus status = osk_store_open_folder(&store, path, &how, &fault);
    if (status == OSK_OK) {
        status = osk_store_check(store, ignore, NULL, &fault);
    }
    osk_store_close(&store);
    if (status != OSK_OK) {
        say_bad(visit, "the newest backup can't be restored",
                "Make a new one now, and find out why with `oilskin store check` on it.");
        return;
    }
    if (time(NULL) - when > BACKUP_DAYS_BAD * DAY_S) {
        say_bad(visit, "the newest backup is more than a week old",
                "Run `oilskin store backup DATA FOLDER` each day, from a timer.");
        return;
    }
    say_good("the newest backup can be restored");
}

/* ---- logs ---- */

/* What is told of each program that may stand before the drop. */
typedef struct Front {
    OskLogs (*look)(const char *path);
    const char *good, *bad, *fix;
} Front;

enum { FRONT_NGINX, FRONT_CADDY, FRONT_TOR, FRONT_COUNT };

static const Front fronts[FRONT_COUNT] = {
    [FRONT_NGINX] = { osk_doctor_nginx, "nginx keeps no log of the drop",
                      "nginx keeps a log of who came to the drop",
                      "Put `access_log off;` and `error_log /dev/null crit;` into each of its "
                      "server blocks, as `oilskin setup` writes them; delete the old logs." },
    [FRONT_CADDY] = { osk_doctor_caddy, "Caddy keeps no log of the drop",
                      "Caddy keeps a log of who came to the drop, or of those whose request failed",
                      "Take `log`, `debug` and `import` lines out of its file, and begin it with "
                      "the options that `oilskin setup` writes; delete the old logs." },
    [FRONT_TOR] = { osk_doctor_torrc, "tor answers a flood with proof of work, and logs no address",
                    "tor is set up without proof of work, or with logs of addresses",
                    "Add the lines of the file torrc that `oilskin setup` writes." },
};

/* @param paths one for each of the fronts; NULL is where the program looks itself. */
static void look_at_logs(Visit *visit, const char *const paths[FRONT_COUNT])
{
    for (size_t i = 0; i < FRONT_COUNT; i++) {
        switch (fronts[i].look(paths[i])) {
        case OSK_LOGS_NONE: say_good(fronts[i].good); break;
        case OSK_LOGS_KEPT: say_bad(visit, fronts[i].bad, fronts[i].fix); break;
        case OSK_LOGS_ABSENT: break;
        }
    }
}

/* ---- all of it ---- */

static int run(int argc, char **argv)
{
    static OskServeConfig config;
    const char *path = NULL;
    const char *fronts_at[FRONT_COUNT] = { NULL };
    for (int option; (option = osk_option_next(&osk_cmd_doctor, argc, argv, ":h")) != -1;) {
        switch (option) {
        case OPT_CONFIG: path = optarg; break;
        case OPT_NGINX: fronts_at[FRONT_NGINX] = optarg; break;
        case OPT_CADDY: fronts_at[FRONT_CADDY] = optarg; break;
        case OPT_TORRC: fronts_at[FRONT_TOR] = optarg; break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    if (optind < argc || path == NULL) {
        return osk_usage(&osk_cmd_doctor, "say which drop: --config FILE");
    }
    OskConfigFault wrong;
    osk_config_init(&config);
    if (!osk_config_read(&config, path, &wrong) || !osk_config_finish(&config, &wrong)) {
        osk_config_say("doctor", path, &wrong);
        return OSK_EXIT_USAGE;
    }
    Visit visit = { .config = &config };
    say_good("the configuration says all that it must");
    look_at_keys(&visit);
    look_at_folder(&visit);
    try_scrubbing(&visit);
    OskStore *store = NULL;
    OskFault fault = { 0 };
    const OskStoreOptions how = { .read_only = true };
    if (osk_store_open_folder(&store, config.data, &how, &fault) == OSK_OK) {
        look_at_disk(&visit, store);
        look_at_clock(&visit, store);
        osk_store_close(&store);
    } else {
        say_bad(&visit, "the store can't be opened",
                "Run this as the user of the drop; if it was never started, start it once.");
    }
    look_at_backups(&visit);
    look_at_logs(&visit, fronts_at);
    if (visit.bad == 0) {
        puts("Nothing must be done.");
    }
    return osk_finish_output(visit.bad == 0 ? 0 : OSK_EXIT_FOUND);
}

const OskCommand osk_cmd_doctor = { .name = "doctor",
                                    .summary = "check a drop, and say what to do",
                                    .help = help,
                                    .options = options,
                                    .run = run };
