/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin help: what the program does, or what one command does. */
#include "cli/command.h"

#include "host/printable.h"

static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };

static const char help[] =
    "Oilskin shows what photos and videos reveal without being seen, and makes copies that don't.\n"
    "\n"
    "Usage: oilskin COMMAND [OPTIONS] FILE...\n"
    "\n"
    "  inspect   show what a file reveals: place, time, device, previews, names\n"
    "  scrub     make a copy without any of it; the picture and the sound stay bit for bit the "
    "same\n"
    "  redact    cover faces and other parts of a picture for good, crop it, make it smaller\n"
    "  verify    read a scrubbed file again, as a second opinion\n"
    "  keygen    make a pair of keys to seal with\n"
    "  seal      seal a file so that only the holder of a key can open it\n"
    "  unseal    open a sealed file\n"
    "  studio    do all of that in the browser: serve the studio's page on this machine\n"
    "  store     check, back up and shuffle what a drop received\n"
    "  formats   say what is kept and what is dropped in each format\n"
    "  help      explain a command: oilskin help scrub\n"
    "  version   print the version\n"
    "\n"
    "Begin with:  oilskin scrub photo.jpg\n"
    "\n"
    "What can be seen or heard stays: faces, clothes, signs, voices.\n";

static int run(int argc, char **argv)
{
    int option = osk_option_next(&osk_cmd_help, argc, argv, ":h");
    if (option != -1) {
        return option == 'h' ? 0 : OSK_EXIT_USAGE;
    }
    if (optind == argc) {
        fputs(help, stdout);
        return 0;
    }
    const OskCommand *command = osk_command_find(argv[optind]);
    if (command == NULL) {
        fputs("oilskin help: there is no command \"", stderr);
        osk_printable_text(stderr, argv[optind]);
        command = osk_command_suggest(argv[optind]);
        if (command != NULL) {
            fprintf(stderr, "\"; did you mean \"%s\"?\n", command->name);
        } else {
            fputs("\"\nTry: oilskin help\n", stderr);
        }
        return OSK_EXIT_USAGE;
    }
    fputs(command->help, stdout);
    return 0;
}

const OskCommand osk_cmd_help = {
    .name = "help", .summary = "explain a command", .help = help, .options = options, .run = run
};
