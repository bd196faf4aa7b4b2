/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seeded EXCEPTIONS PATH...: is verify really a second opinion? For every policy row that says
 * DROP, and the first file in which it makes a difference, one wrong KEEP is seeded (seed.h).
 * Verify, blind to the table, must refuse the result.
 *
 * A row that says REWRITE stays as it stood in the input; there, one file whose copy is refused is
 * enough, because what is written anew may well have been clean.
 *
 * A row without a verdict fails, unless EXCEPTIONS names it with a reason: lines of format, row and
 * reason, with tabs between; the row * means those that say REWRITE and have no step of their own.
 * An exception for one row that is not needed fails too. TAP, one line a row. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/oilskin.h"
#include "tools/files.h"
#include "tools/seed.h"

#define ROWS_MAX 4096u

typedef struct Row {
    const OskPart *part;
    const OskPart *table; /* some formats share one: then a file of either gives the verdict */
    const char *format;
    bool tried;  /* in some file its seeded keep changed the copy */
    bool caught; /* and verify refused that */
    bool excused;
    bool rebuilt; /* a rule for the whole table excuses it */
    SeedWay way;
    char path[512];
} Row;

static Row rows[ROWS_MAX];
static size_t row_count;

/* The copy that strip makes, unverified; false when it makes none. */
static bool make_copy(const OskSource *source, OskMemory *out, const OskPart **table)
{
    OskScrub *job = NULL;
    *out = (OskMemory){ .bytes = NULL };
    OskStatus status = osk_scrub_open(source, NULL, &job);
    if (status == OSK_OK) {
        OskSink sink = osk_sink_to_memory(out);
        status = osk_scrub_apply(job, &sink);
        if (table != NULL) {
            *table = osk_scrub_format(job)->parts;
        }
    }
    osk_scrub_free(&job);
    if (status != OSK_OK) {
        free(out->bytes);
        *out = (OskMemory){ .bytes = NULL };
    }
    return status == OSK_OK;
}

/* That there is no checker, or that it can't tell, is no second opinion. */
static bool is_refused(const OskMemory *copy)
{
    OskSource source = osk_source_from_memory(copy->bytes, copy->len);
    OskStatus status = osk_verify(&source, NULL, NULL, NULL);
    return status == OSK_FOUND || status == OSK_MALFORMED || status == OSK_TRUNCATED;
}

typedef struct Input {
    const char *path;
    OskSource source;
    const uint8_t *bytes;
    size_t len;
    const OskPart *table;
    OskMemory clean;
} Input;

static void try_row(const Input *input, Row *row, SeedWay way)
{
    OskMemory copy;
    seed_set(way, row->format, row->part, input->bytes, input->len);
    bool made = make_copy(&input->source, &copy, NULL);
    uint8_t *trailer = NULL;
    size_t trailer_len = seed_trailer(&trailer);
    seed_set(SEED_NOT, row->format, row->part, NULL, 0);
    if (made && trailer_len > 0) {
        copy.bytes = realloc(copy.bytes, copy.len + trailer_len);
        memcpy(copy.bytes + copy.len, trailer, trailer_len);
        copy.len += trailer_len;
    }
    free(trailer);
    /* A keep that changed nothing proves nothing. */
    if (made &&
        (copy.len != input->clean.len || memcmp(copy.bytes, input->clean.bytes, copy.len) != 0)) {
        row->tried = true;
        row->caught = is_refused(&copy);
        row->way = way;
        snprintf(row->path, sizeof(row->path), "%s", input->path);
    }
    free(copy.bytes);
}

static void try_file(const char *path, void *context)
{
    const SeedWay *ways = context;
    Input input = { .path = path };
    uint8_t *bytes = read_test_file(path, &input.len);
    input.bytes = bytes;
    if (bytes != NULL) {
        input.source = osk_source_from_memory(bytes, input.len);
        if (make_copy(&input.source, &input.clean, &input.table)) {
            for (size_t i = 0; i < row_count; i++) {
                for (SeedWay way = ways[0]; way < ways[1]; way++) {
                    bool rewritten = rows[i].part->verdict == OSK_REWRITE;
                    bool done = rewritten ? rows[i].caught : rows[i].tried;
                    if (!done && rows[i].table == input.table &&
                        rewritten == (way == SEED_REWRITE)) {
                        try_row(&input, &rows[i], way);
                    }
                }
            }
        }
    }
    free(input.clean.bytes);
    free(bytes);
}

/* False when the list can't be read, or names no row. */
static bool read_exceptions(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[1024];
    bool good = file != NULL;
    while (good && fgets(line, sizeof(line), file) != NULL) {
        char *name = strchr(line, '\t');
        char *reason = name != NULL ? strchr(name + 1, '\t') : NULL;
        if (line[0] == '#' || line[0] == '\n') {
            continue;
        }
        bool known = false;
        if (reason != NULL && reason[1] != '\n' && reason[1] != 0) {
            *name++ = 0;
            *reason = 0;
            for (size_t i = 0; i < row_count; i++) {
                bool format_fits = strcmp(rows[i].format, line) == 0;
                if (format_fits && strcmp(rows[i].part->name, name) == 0) {
                    rows[i].excused = known = true;
                } else if (format_fits && strcmp(name, "*") == 0) {
                    rows[i].rebuilt = rows[i].part->verdict == OSK_REWRITE;
                    known = true;
                }
            }
        }
        if (!known) {
            printf("# %s: no row of that name, or no reason: %s\n", path, line);
            good = false;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

/* Prints the row's line; only rows with a verdict are counted. */
static bool report_row(size_t *number, const Row *row)
{
    static const char *const ways[] = { "",
                                        "by its row",
                                        "by its step",
                                        "in the file",
                                        "in what is rebuilt",
                                        "behind the copy",
                                        "as it was" };
    const char *name = row->part->name;
    if (!row->tried && (row->excused || row->rebuilt)) {
        printf("# excused: %s %s\n", row->format, name);
        return true;
    }
    bool ok = row->tried && row->caught && !row->excused;
    const char *path = row->tried ? row->path : ": no file gives it a verdict";
    printf("%s %zu - seeded__%s keeps %s %s%s %s\n", ok ? "ok" : "not ok", ++*number, row->format,
           name, ways[row->way], row->tried && row->excused ? ", but is excused" : "", path);
    return ok;
}

static void add_rows(const OskFormatInfo *format)
{
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].table == format->parts) {
            return;
        }
    }
    for (size_t i = 0; i < format->part_count && row_count < ROWS_MAX; i++) {
        OskVerdict verdict = format->parts[i].verdict;
        if (verdict == OSK_DROP || verdict == OSK_REWRITE) {
            rows[row_count++] =
                (Row){ .part = &format->parts[i], .table = format->parts, .format = format->name };
        }
    }
}

int main(int argc, char **argv)
{
    for (size_t f = 0; osk_format_at(f) != NULL; f++) {
        add_rows(osk_format_at(f));
    }
    bool good = argc > 2 && read_exceptions(argv[1]);
    /* What real fixtures hold comes before what is made up. */
    static const SeedWay passes[4][2] = { { SEED_TABLE, SEED_LITERAL },
                                          { SEED_LITERAL, SEED_APPEND },
                                          { SEED_APPEND, SEED_REWRITE },
                                          { SEED_REWRITE, SEED_WAYS } };
    for (size_t pass = 0; good && pass < 4; pass++) {
        for (int i = 2; i < argc; i++) {
            visit_files(argv[i], try_file, (void *)passes[pass]);
        }
    }
    size_t number = 0;
    for (size_t i = 0; i < row_count; i++) {
        good = report_row(&number, &rows[i]) && good;
    }
    printf("1..%zu\n", number);
    return !good || number == 0;
}
