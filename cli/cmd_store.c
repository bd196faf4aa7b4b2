/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin store: care for what a drop has received, also while it runs. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "host/printable.h"
#include "store/clock.h"
#include "store/store_open.h"

static const char help[] =
    "Usage: oilskin store check DIR\n"
    "       oilskin store backup DIR COPY\n"
    "       oilskin store restore COPY DIR [--deletions-of STORE]\n"
    "       oilskin store shuffle DIR [--day YYYY-MM-DD]\n"
    "       oilskin store clock DIR\n"
    "\n"
    "Care for the folder that \"oilskin serve --data DIR\" writes; all but restore on a running "
    "one, too.\n"
    "\n"
    "check    holds rows and files against each other. Exit 1 when something is wrong\n"
    "backup   makes COPY, a new folder: whole or not there. On the same disk it takes hardly any\n"
    "         room; keep another one on a disk elsewhere. What it holds is sealed\n"
    "restore  makes DIR, a new folder, out of COPY\n"
    "shuffle  gives the files of past days new names in random order, so that the disk does not\n"
    "         tell in which order they came. For every night\n"
    "clock    says that the date of this machine is right, where the drop doubts it: things are\n"
    "         deleted again when their days are over, at once those that are due by this date\n"
    "\n"
    "      --deletions-of STORE  leave out what was deleted in STORE since: name the store that "
    "is\n"
    "                            replaced, or the newest backup, so that what a sender withdrew\n"
    "                            does not come back\n"
    "      --day YYYY-MM-DD      shuffle this day instead of all that were not shuffled yet\n"
    "  -h, --help                print this help\n"
    "\n"
    "Exit: 0 done, 1 check found something, 2 wrong usage, 4 a store of another version, 5 the "
    "disk is\n"
    "full, 7 could not be read or written.\n";

enum { OPT_DELETIONS_OF = 256, OPT_DAY };

static const struct option options[] = { { "deletions-of", required_argument, NULL,
                                           OPT_DELETIONS_OF },
                                         { "day", required_argument, NULL, OPT_DAY },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

/* The day up to which everything was shuffled, as a number. */
#define SHUFFLED "store shuffled until"
/* Where nobody has shuffled yet, days before that are taken for empty. */
#define FIRST_DAYS 800

typedef struct Asked {
    const char *deletions_of;
    bool has_day;
    OskDay day;
} Asked;

static int explain(const char *name, const OskFault *fault)
{
    fputs("oilskin store: ", stderr);
    osk_printable_text(stderr, name);
    fprintf(stderr, ": %s\n", fault->what != NULL ? fault->what : "it failed");
    if (fault->next != NULL) {
        fprintf(stderr, "oilskin store: %s\n", fault->next);
    }
    return osk_exit_code(fault->status);
}

/* Beside a server, or alone. */
static int open_store(OskStore **out, const char *folder, bool read_only)
{
    OskStoreOptions wish = { .read_only = read_only, .beside = true };
    OskFault fault = { .status = OSK_OK };
    return osk_store_open_folder(out, folder, &wish, &fault) == OSK_OK ? 0
                                                                       : explain(folder, &fault);
}

/* ---- check ---- */

static void say_finding(void *context, const char *what)
{
    (void)context;
    printf("wrong: %s\n", what);
}

static int run_check(const Asked *asked, char **names)
{
    OskStore *store = NULL;
    OskStoreCounts counts;
    OskFault fault = { .status = OSK_OK };
    (void)asked;
    int code = open_store(&store, names[0], true);
    if (code != 0) {
        return code;
    }
    OskStatus status = osk_store_check(store, say_finding, NULL, &fault);
    if (status == OSK_OK) {
        status = osk_store_counts(store, &counts, &fault);
    }
    osk_store_close(&store);
    if (status == OSK_FOUND) {
        puts("Restore the newest backup that is whole: oilskin store restore COPY DIR");
        return osk_finish_output(OSK_EXIT_FOUND);
    }
    if (status != OSK_OK) {
        return explain(names[0], &fault);
    }
    printf("The store is whole: %llu submissions, %llu files, %llu uploads under way, %.1f MiB.\n",
           (unsigned long long)counts.submissions, (unsigned long long)counts.files,
           (unsigned long long)counts.uploads, (double)counts.blob_bytes / 1048576);
    return osk_finish_output(0);
}

/* ---- backup, restore ---- */

static int run_backup(const Asked *asked, char **names)
{
    OskStore *store = NULL;
    OskFault fault = { .status = OSK_OK };
    (void)asked;
    int code = open_store(&store, names[0], false);
    if (code != 0) {
        return code;
    }
    OskStatus status = osk_store_backup(store, names[1], &fault);
    osk_store_close(&store);
    if (status != OSK_OK) {
        return explain(names[1], &fault);
    }
    fputs("The backup is in ", stdout);
    osk_printable_text(stdout, names[1]);
    puts(".");
    return osk_finish_output(0);
}

static int run_restore(const Asked *asked, char **names)
{
    OskFault fault = { .status = OSK_OK };
    if (osk_store_restore(names[0], names[1], asked->deletions_of, &fault) != OSK_OK) {
        return explain(names[1], &fault);
    }
    fputs("The store is in ", stdout);
    osk_printable_text(stdout, names[1]);
    puts(asked->deletions_of != NULL ? ", without what was deleted since."
                                     : ", with all that was deleted since the backup.");
    return osk_finish_output(0);
}

/* ---- shuffle ---- */

static OskDay today(void)
{
    return (OskDay)(time(NULL) / 86400);
}

static bool parse_day(const char *text, OskDay *out)
{
    struct tm parts = { .tm_mday = 1 };
    const char *end = strptime(text, "%Y-%m-%d", &parts);
    if (end == NULL || *end != 0) {
        return false;
    }
    *out = (OskDay)(timegm(&parts) / 86400);
    return true;
}

/* The first day that was not shuffled yet. */
static OskDay first_day(OskStore *store)
{
    OskFault fault = { .status = OSK_OK };
    OskBytes bytes = { .bytes = NULL };
    OskDay first = today() - FIRST_DAYS;
    if (osk_store_setting(store, SHUFFLED, &bytes, &fault) && bytes.len == sizeof(OskDay)) {
        OskDay last;
        memcpy(&last, bytes.bytes, sizeof(last));
        /* A clock that was wrong once must not keep days from being shuffled. */
        first = last < today() && last > first ? last + 1 : first;
    }
    osk_bytes_clear(&bytes);
    return first;
}

static OskStatus note_day(OskStore *store, OskDay day, OskFault *fault)
{
    uint8_t bytes[sizeof(day)];
    OskChange change = { .kind = OSK_ROW_SETTING_SET,
                         .name = SHUFFLED,
                         .bytes = { bytes, sizeof(bytes) },
                         .overwrite = true };
    memcpy(bytes, &day, sizeof(day));
    return osk_store_commit(store, &change, 1, NULL, fault) == OSK_COMMIT_OK ? OSK_OK
                                                                             : fault->status;
}

static int run_shuffle(const Asked *asked, char **names)
{
    OskStore *store = NULL;
    OskFault fault = { .status = OSK_OK };
    uint64_t all = 0;
    OskStatus status = OSK_OK;
    int code = open_store(&store, names[0], false);
    if (code != 0) {
        return code;
    }
    OskDay first = asked->has_day ? asked->day : first_day(store);
    OskDay last = asked->has_day ? asked->day : today() - 1;
    for (OskDay day = first; day <= last && status == OSK_OK; day++) {
        uint64_t moved = 0;
        status = osk_store_shuffle(store, day, &moved, &fault);
        all += moved;
    }
    if (status == OSK_OK && !asked->has_day) {
        status = note_day(store, last, &fault);
    }
    osk_store_close(&store);
    if (status != OSK_OK) {
        return explain(names[0], &fault);
    }
    printf("%llu files have new names.\n", (unsigned long long)all);
    return osk_finish_output(0);
}

/* ---- clock ---- */

static int run_clock(const Asked *asked, char **names)
{
    OskStore *store = NULL;
    OskFault fault = { .status = OSK_OK };
    (void)asked;
    int code = open_store(&store, names[0], false);
    if (code != 0) {
        return code;
    }
    OskStatus status = osk_clock_believe(store, today(), &fault);
    osk_store_close(&store);
    if (status != OSK_OK) {
        return explain(names[0], &fault);
    }
    puts("The drop believes today's date again, within the hour.");
    return osk_finish_output(0);
}

/* ---- words ---- */

static const struct {
    const char *word;
    int names;
    const char *usage;
    int (*run)(const Asked *asked, char **names);
} words[] = {
    { "check", 1, "name the store: oilskin store check DIR", run_check },
    { "backup", 2, "name the store and the copy: oilskin store backup DIR COPY", run_backup },
    { "restore", 2, "name the copy and the new folder: oilskin store restore COPY DIR",
      run_restore },
    { "shuffle", 1, "name the store: oilskin store shuffle DIR", run_shuffle },
    { "clock", 1, "name the store: oilskin store clock DIR", run_clock },
};

static int run(int argc, char **argv)
{
    Asked asked = { .deletions_of = NULL };
    for (int option; (option = osk_option_next(&osk_cmd_store, argc, argv, ":h")) != -1;) {
        switch (option) {
        case OPT_DELETIONS_OF: asked.deletions_of = optarg; break;
        case OPT_DAY:
            asked.has_day = true;
            if (!parse_day(optarg, &asked.day)) {
                return osk_usage(&osk_cmd_store, "a day is written like 2026-05-31");
            }
            if (asked.day > today()) {
                return osk_usage(&osk_cmd_store, "that day is still to come");
            }
            break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    const char *word = optind < argc ? argv[optind] : "";
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i].word) == 0) {
            if (argc - optind - 1 != words[i].names) {
                return osk_usage(&osk_cmd_store, words[i].usage);
            }
            if (asked.deletions_of != NULL && words[i].run != run_restore) {
                return osk_usage(&osk_cmd_store, "--deletions-of belongs to restore");
            }
            if (asked.has_day && words[i].run != run_shuffle) {
                return osk_usage(&osk_cmd_store, "--day belongs to shuffle");
            }
            return words[i].run(&asked, argv + optind + 1);
        }
    }
    return osk_usage(&osk_cmd_store, "say what to do: check, backup, restore, shuffle or clock");
}

const OskCommand osk_cmd_store = { .name = "store",
                                   .summary = "check, back up and shuffle what a drop received",
                                   .help = help,
                                   .options = options,
                                   .run = run };
