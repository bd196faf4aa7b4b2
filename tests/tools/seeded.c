/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seeded PATH...: is verify really a second opinion? For every policy row that says DROP or
 * REWRITE, and for the first file whose plan uses the row, one wrong KEEP is seeded: the row's
 * verdict is changed in memory and the plan keeps the part's bytes. Verify, blind to the table,
 * must refuse the result. TAP, one line a row.
 *
 * Linked with --wrap=osk_plan_drop, so that the modules are the very ones that ship. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/plan.h"
#include "oilskin/oilskin.h"
#include "tools/files.h"

#define ROWS_MAX 4096u

void __real_osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len);
void __wrap_osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len);

static const OskPart *seeded_row;
static uint64_t seeded_bytes;

void __wrap_osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len)
{
    if (part == seeded_row) {
        seeded_bytes += len;
        osk_plan_keep(plan, part, offset, len, false);
    } else {
        __real_osk_plan_drop(plan, part, offset, len);
    }
}

/* The tables are constants: their pages are made writable for the length of one test. */
static void set_verdict(const OskPart *row, OskVerdict verdict)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t at = (uintptr_t)row;
    uintptr_t first = at - at % page;
    size_t len = at + sizeof(*row) - first;
    if (mprotect((void *)first, len, PROT_READ | PROT_WRITE) != 0) {
        perror("mprotect");
        exit(2);
    }
    memcpy((void *)(at + offsetof(OskPart, verdict)), &verdict, sizeof(verdict));
}

typedef struct Row {
    const OskPart *part;
    const char *format;
    bool tried;  /* some file dropped bytes of it */
    bool caught; /* and every seeded keep of it was refused */
    char path[512];
} Row;

static Row rows[ROWS_MAX];
static size_t row_count;

static bool collect(void *context, const void *bytes, size_t len)
{
    uint8_t **at = context;
    memcpy(*at, bytes, len);
    *at += len;
    return true;
}

/* True when the file with the row's wrong KEEP is refused, by strip itself or by verify. */
static bool is_caught(const OskSource *source)
{
    OskScrub *job = NULL;
    OskStatus status = osk_scrub_open(source, NULL, &job);
    if (status == OSK_OK) {
        size_t len = (size_t)osk_scrub_output_size(job);
        uint8_t *out = malloc(len + 1);
        uint8_t *at = out;
        OskSink sink = { .context = &at, .write = collect };
        status = osk_scrub_apply(job, &sink);
        OskSource output = osk_source_from_memory(out, len);
        if (status == OSK_OK) {
            status = osk_verify(&output, NULL, NULL, NULL);
            /* That there is no checker, or that it can't tell, is no second opinion. */
            status = status == OSK_FOUND || status == OSK_MALFORMED || status == OSK_TRUNCATED
                         ? status
                         : OSK_OK;
        }
        free(out);
    }
    osk_scrub_free(&job);
    return status != OSK_OK;
}

static bool uses(const OskScrub *job, const OskPart *part)
{
    for (size_t i = 0; i < osk_scrub_step_count(job); i++) {
        OskStep step = osk_scrub_step(job, i);
        if (step.part == part && step.verdict == OSK_DROP && step.in_len > 0) {
            return true;
        }
    }
    const OskReport *report = osk_scrub_report(job);
    for (size_t i = 0; i < osk_report_count(report); i++) {
        if (strcmp(osk_report_at(report, i)->part, part->name) == 0) {
            return true;
        }
    }
    return false;
}

static void try_file(const char *path, void *context)
{
    (void)context;
    size_t len = 0;
    uint8_t *bytes = read_test_file(path, &len);
    OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    if (bytes == NULL || osk_scrub_open(&source, NULL, &job) != OSK_OK) {
        osk_scrub_free(&job);
        free(bytes);
        return;
    }
    for (size_t i = 0; i < row_count; i++) {
        Row *row = &rows[i];
        if (row->tried || strcmp(osk_scrub_format(job)->name, row->format) != 0 ||
            !uses(job, row->part)) {
            continue;
        }
        OskVerdict verdict = row->part->verdict;
        set_verdict(row->part, OSK_KEEP);
        seeded_row = row->part;
        seeded_bytes = 0;
        row->caught = is_caught(&source);
        /* A keep that changed nothing proves nothing: another file may do better. */
        row->tried = seeded_bytes > 0 || row->caught;
        seeded_row = NULL;
        set_verdict(row->part, verdict);
        snprintf(row->path, sizeof(row->path), "%s", path);
    }
    osk_scrub_free(&job);
    free(bytes);
}

int main(int argc, char **argv)
{
    for (size_t f = 0; osk_format_at(f) != NULL; f++) {
        const OskFormatInfo *format = osk_format_at(f);
        for (size_t i = 0; i < format->part_count && row_count < ROWS_MAX; i++) {
            if (format->parts[i].verdict == OSK_DROP) {
                rows[row_count++] = (Row){ .part = &format->parts[i], .format = format->name };
            }
        }
    }
    for (int i = 1; i < argc; i++) {
        visit_files(argv[i], try_file, NULL);
    }
    int bad = 0;
    int tried = 0;
    for (size_t i = 0; i < row_count; i++) {
        const Row *row = &rows[i];
        if (!row->tried) {
            printf("# no file drops %s: %s\n", row->format, row->part->name);
            continue;
        }
        tried++;
        bad += !row->caught;
        printf("%s %d - seeded__%s keeps %s %s\n", row->caught ? "ok" : "not ok", tried,
               row->format, row->part->name, row->path);
    }
    printf("1..%d\n", tried);
    return bad > 0 || tried == 0;
}
