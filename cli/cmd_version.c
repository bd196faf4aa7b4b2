/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin version: one line. */
#include "cli/command.h"
#include "oilskin/oilskin.h"

static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };

static int run(int argc, char **argv)
{
    int option = osk_option_next(&osk_cmd_version, argc, argv, ":h");
    if (option == 'h') {
        return 0;
    }
    if (option != -1 || optind < argc) {
        return option != -1 ? OSK_EXIT_USAGE : osk_usage(&osk_cmd_version, "it takes no files");
    }
    printf("oilskin %s\n", osk_version());
    return 0;
}

const OskCommand osk_cmd_version = { .name = "version",
                                     .summary = "print the version",
                                     .help = "Usage: oilskin version\n\nPrint the version.\n",
                                     .options = options,
                                     .run = run };
