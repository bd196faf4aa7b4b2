/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy [FORMAT]: prints the policy table of a format as Markdown, for docs/formats/ and its test;
 * without an argument, the names of the formats. */
#include <stdio.h>
#include <string.h>

#include "oilskin/oilskin.h"

static void print_cell(const char *text)
{
    for (; text != NULL && *text != 0; text++) {
        if (*text == '|') {
            putchar('\\');
        }
        putchar(*text);
    }
}

static void print_table(const OskFormatInfo *format)
{
    static const char *const verdicts[] = { "keep", "rewrite", "drop", "refuse" };
    printf("| part | what it is | verdict | reveals | source | why it may stay |\n");
    printf("|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < format->part_count; i++) {
        const OskPart *part = &format->parts[i];
        printf("| `");
        print_cell(part->name);
        printf("` | ");
        print_cell(part->meaning);
        printf(" | %s | %s | ", verdicts[part->verdict], osk_kind_name(part->kind));
        print_cell(part->spec);
        printf(" | ");
        print_cell(part->why);
        printf(" |\n");
    }
}

int main(int argc, char **argv)
{
    for (size_t i = 0; osk_format_at(i) != NULL; i++) {
        const OskFormatInfo *format = osk_format_at(i);
        if (argc < 2) {
            printf("%s\t%s\n", format->name, format->title);
        } else if (strcmp(argv[1], format->name) == 0) {
            print_table(format);
            return 0;
        }
    }
    return argc < 2 ? 0 : 1;
}
