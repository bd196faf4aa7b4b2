/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regions WIDTH HEIGHT [ORIENTATION CELL FRAME]: reads regions from standard input, JSON or one
 * text form a line, and draws the cells of a stored picture that they cover: "." for none, a letter
 * for each region, "#" for the rest of an inverted picture. What is wrong with them goes to
 * standard output as well, and then the exit code is 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact/cover.h"
#include "tools/region_invariants.h"

static OskStatus read_lines(char *text, OskRegions **out, OskFault *fault)
{
    OskStatus status = OSK_OK;
    *out = osk_regions_new(NULL);
    for (char *line = text; *out != NULL && status == OSK_OK && *line != 0;) {
        size_t len = strcspn(line, "\n");
        bool last = line[len] == 0;
        line[len] = 0;
        status = osk_regions_add_text(*out, line, fault);
        line += len + !last;
    }
    return status;
}

static char cell_letter(uint16_t cell)
{
    if (cell == OSK_COVER_NONE || cell == OSK_COVER_REST) {
        return cell == OSK_COVER_NONE ? '.' : '#';
    }
    return (char)('a' + (cell - 1) % 26);
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    uint32_t numbers[5] = { 0, 0, 1, 1, 0 };
    for (int i = 1; i < argc && i <= 5; i++) {
        numbers[i - 1] = (uint32_t)strtoul(argv[i], NULL, 10);
    }
    size_t len = fread(text, 1, sizeof text - 1, stdin);
    const char *broken = broken_region_invariant((const uint8_t *)text, len);
    OskRegions *regions = NULL;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = text[0] == '{' ? osk_regions_parse(text, len, NULL, &regions, &fault)
                                      : read_lines(text, &regions, &fault);
    if (broken != NULL || status != OSK_OK) {
        printf("%s: %s, byte %llu\n", broken != NULL ? "invariant" : fault.part,
               broken != NULL ? broken : fault.what, (unsigned long long)fault.offset);
        osk_regions_free(&regions);
        return 1;
    }
    OskBudget budget = osk_budget_default();
    OskGeometry geometry = { numbers[0], numbers[1], numbers[2] };
    OskCoverMap map;
    status = osk_cover_make(&map, regions, &geometry, numbers[3], numbers[3], numbers[4], &budget);
    for (size_t i = 0; status == OSK_OK && i < (size_t)map.columns * map.rows; i++) {
        putchar(cell_letter(map.cells[i]));
        if ((i + 1) % map.columns == 0) {
            putchar('\n');
        }
    }
    osk_cover_free(&map, &budget);
    osk_regions_free(&regions);
    return status == OSK_OK ? 0 : 2;
}
