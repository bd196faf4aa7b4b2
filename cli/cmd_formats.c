/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin formats: the policy tables. */
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output_json.h"
#include "cli/output_text.h"
#include "cli/suggest.h"
#include "host/printable.h"
#include "oilskin/format.h"

static const char help[] =
    "Usage: oilskin formats [OPTIONS] [FORMAT...]\n"
    "\n"
    "List the formats, or print what becomes of each part of a FORMAT (png, jpeg, mp4, ...): "
    "kept,\n"
    "rewritten or dropped, and why a part that is kept carries nothing else. What is not listed "
    "is\n"
    "dropped where the format lets a reader ignore it; else the file is refused.\n"
    "\n"
    "  -a, --all    print the tables of all formats\n"
    "      --json   print JSON: schema oilskin/formats/1\n"
    "  -h, --help   print this help\n";

enum { OPT_JSON = 256 };

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
                                         { "json", no_argument, NULL, OPT_JSON },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

static const char *const verdicts[] = { "keep", "rewrite", "drop", "refuse" };

/* Columns of the terminal, or 100 when printed elsewhere. */
static size_t text_width(void)
{
    struct winsize size;
    bool known = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
                 size.ws_col >= 60;
    return known ? size.ws_col : 100;
}

/* Prints words, breaking lines at the terminal's width; every line after the first begins at
 * `indent`. */
static void print_wrapped(const char *text, size_t indent, size_t width)
{
    size_t column = indent;
    while (*text != 0) {
        size_t len = strcspn(text, " ");
        if (column > indent && column + 1 + len > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)len, text);
        column += len;
        text += len + strspn(text + len, " ");
    }
    putchar('\n');
}

static void print_table(const OskFormatInfo *format, OskStyle style)
{
    const size_t indent = 12;
    size_t width = text_width();
    printf("%s%s%s  (%s)\n", style.colour ? "\033[1m" : "", format->title,
           style.colour ? "\033[0m" : "", format->media_type);
    for (size_t i = 0; i < format->part_count; i++) {
        const OskPart *part = &format->parts[i];
        printf("  %-8s  %s%s%s\n", verdicts[part->verdict], style.colour ? "\033[1m" : "",
               part->name, style.colour ? "\033[0m" : "");
        printf("%*s", (int)indent, "");
        print_wrapped(part->meaning, indent, width);
        if (part->why != NULL) {
            printf("%*s", (int)indent, "");
            print_wrapped(part->why, indent, width);
        }
        if (part->spec != NULL) {
            printf("%*s%s%s%s\n", (int)indent, "", style.colour ? "\033[2m" : "", part->spec,
                   style.colour ? "\033[0m" : "");
        }
    }
    putchar('\n');
}

static void print_json_format(const OskFormatInfo *format, bool first)
{
    printf("%s\n  {\"name\": \"%s\"", first ? "" : ",", format->name);
    osk_json_member(stdout, "title", format->title);
    osk_json_member(stdout, "media_type", format->media_type);
    osk_json_member(stdout, "extensions", format->extensions);
    fputs(", \"parts\": [", stdout);
    for (size_t i = 0; i < format->part_count; i++) {
        const OskPart *part = &format->parts[i];
        printf("%s\n    {\"verdict\": \"%s\"", i == 0 ? "" : ",", verdicts[part->verdict]);
        osk_json_member(stdout, "part", part->name);
        osk_json_member(stdout, "meaning", part->meaning);
        osk_json_member(stdout, "kind", osk_kind_name(part->kind));
        osk_json_member(stdout, "spec", part->spec != NULL ? part->spec : "");
        osk_json_member(stdout, "why", part->why != NULL ? part->why : "");
        putchar('}');
    }
    fputs("]}", stdout);
}

/* A format by its name or one of its extensions. */
static bool is_called(const OskFormatInfo *format, const char *name)
{
    size_t len = strlen(name);
    if (strcasecmp(format->name, name) == 0) {
        return true;
    }
    for (const char *at = format->extensions; *at != 0;) {
        size_t word = strcspn(at, " ");
        if (word == len && strncasecmp(at, name, len) == 0) {
            return true;
        }
        at += word + strspn(at + word, " ");
    }
    return false;
}

static const OskFormatInfo *find_format(const char *name)
{
    const OskFormatInfo *format = NULL;
    for (size_t i = 0; (format = osk_format_at(i)) != NULL; i++) {
        if (is_called(format, name)) {
            return format;
        }
    }
    return NULL;
}

static int refuse_format(const char *name)
{
    fputs("oilskin formats: there is no format \"", stderr);
    osk_printable_text(stderr, name);
    const OskFormatInfo *format = NULL;
    const OskFormatInfo *best = NULL;
    unsigned best_distance = OSK_SUGGEST_FAR;
    for (size_t i = 0; (format = osk_format_at(i)) != NULL; i++) {
        unsigned distance = osk_suggest_distance(name, format->name);
        if (distance < best_distance) {
            best = format;
            best_distance = distance;
        }
    }
    if (best != NULL && osk_suggest_is_near(best_distance, name)) {
        fprintf(stderr, "\"; did you mean \"%s\"?\n", best->name);
    } else {
        fputs("\"\nTry: oilskin formats\n", stderr);
    }
    return OSK_EXIT_USAGE;
}

static void print_list(void)
{
    const OskFormatInfo *format = NULL;
    for (size_t i = 0; (format = osk_format_at(i)) != NULL; i++) {
        printf("  %-10s %s  (%s)\n", format->name, format->title, format->extensions);
    }
    fputs("\nA format is known by its content, never by its name. What becomes of each part:\n"
          "  oilskin formats FORMAT\n",
          stdout);
}

/* Prints those that were named, or all. */
static int print_formats(char **names, bool all, bool json)
{
    OskStyle style = osk_style_for(stdout);
    bool first = true;
    if (json) {
        fputs("{\"schema\": \"oilskin/formats/1\", \"formats\": [", stdout);
    }
    for (size_t i = 0; all ? osk_format_at(i) != NULL : names[i] != NULL; i++) {
        const OskFormatInfo *format = all ? osk_format_at(i) : find_format(names[i]);
        if (json) {
            print_json_format(format, first);
        } else {
            print_table(format, style);
        }
        first = false;
    }
    if (json) {
        fputs("\n]}\n", stdout);
    }
    return 0;
}

static int run(int argc, char **argv)
{
    bool all = false;
    bool json = false;
    for (int option; (option = osk_option_next(&osk_cmd_formats, argc, argv, ":ah")) != -1;) {
        switch (option) {
        case 'a': all = true; break;
        case OPT_JSON: json = true; break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    for (int i = optind; i < argc; i++) {
        if (find_format(argv[i]) == NULL) {
            return refuse_format(argv[i]);
        }
    }
    if (optind == argc && !all && !json) {
        print_list();
        return 0;
    }
    return print_formats(argv + optind, optind == argc, json);
}

const OskCommand osk_cmd_formats = { .name = "formats",
                                     .summary = "say what is kept and what is dropped",
                                     .help = help,
                                     .options = options,
                                     .run = run };
