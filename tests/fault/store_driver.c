/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: store_driver WORD FOLDER ...\n"
    "  run FOLDER THREADS STEPS SEED   works; STEPS 0: until it is killed; else twice, with a\n"
    "                                  backup in between (FOLDER.copy), restored after it\n"
    "  verify FOLDER [strict]          reads what run said; 1 when a promise is broken\n"
    "  fill FOLDER COUNT EVERY         so many submissions, quickly; one in EVERY has a file\n"
    "  recover FOLDER                  how long until it can be read and written, in ms\n"
    "  bench FOLDER THREADS COUNT LEN  acknowledged blobs with a row each\n"
    "  backup FOLDER COPY              a backup of a store that is in use\n"
    "  check FOLDER                    what `oilskin store check` says\n"
    "  full FOLDER                     fills the disk, and empties it again\n"
    "  once FOLDER                     one commit with little patience, and its outcome\n";

#define SEGMENTS_MAX 6u
int main(int argc, char **argv)
{
    const char *verb = argc > 2 ? argv[1] : "";
    unsigned long numbers[3] = { 0 };
    for (int i = 3; i < argc && i < 6; i++) {
        numbers[i - 3] = strtoul(argv[i], NULL, 10);
    }
    if (strcmp(verb, "run") == 0) {
        return driver_run(argv[2], (unsigned)numbers[0], numbers[1], numbers[2]);
    }
    if (strcmp(verb, "verify") == 0) {
        return driver_verify(argv[2], argc > 3);
    }
    if (strcmp(verb, "fill") == 0) {
        return driver_fill(argv[2], numbers[0], numbers[1]);
    }
    if (strcmp(verb, "recover") == 0) {
        return driver_recover(argv[2]);
    }
    if (strcmp(verb, "bench") == 0) {
        return driver_bench(argv[2], (unsigned)numbers[0], (unsigned)numbers[1], numbers[2]);
    }
    if (strcmp(verb, "backup") == 0 && argc > 3) {
        return driver_backup(argv[2], argv[3]);
    }
    if (strcmp(verb, "full") == 0) {
        return driver_full(argv[2]);
    }
    if (strcmp(verb, "check") == 0) {
        return driver_check(argv[2]);
    }
    if (strcmp(verb, "once") == 0) {
        return driver_once(argv[2]);
    }
    fputs(usage, stderr);
    return 2;
}
