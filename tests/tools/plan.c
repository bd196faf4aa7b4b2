/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan FILE [OUT]: prints the findings and the plan of a file as reviewable text (the goldens), and
 * writes the planned output WITHOUT verifying it, so that tests can look at what verify would have
 * refused. */
#include <stdio.h>
#include <stdlib.h>

#include "oilskin/oilskin.h"
#include "tools/files.h"

static bool write_file(void *context, const void *bytes, size_t len)
{
    return fwrite(bytes, 1, len, context) == len;
}

static void print_report(const OskReport *report)
{
    for (size_t i = 0; i < osk_report_count(report); i++) {
        const OskFinding *f = osk_report_at(report, i);
        printf("find %-9s %s @%llu+%llu %s = %s%s\n", osk_kind_name(f->kind), f->part,
               (unsigned long long)f->offset, (unsigned long long)f->len, f->field, f->value,
               f->stays ? " (stays)" : "");
    }
}

static void print_plan(const OskScrub *job)
{
    static const char *const verdicts[] = { "keep", "rewrite", "drop", "refuse" };
    for (size_t i = 0; i < osk_scrub_step_count(job); i++) {
        OskStep s = osk_scrub_step(job, i);
        printf("%-7s %s @%llu+%llu -> @%llu+%llu%s\n", verdicts[s.verdict], s.part->name,
               (unsigned long long)s.in_offset, (unsigned long long)s.in_len,
               (unsigned long long)s.out_offset, (unsigned long long)s.out_len,
               s.walked ? " walked" : "");
    }
}

int main(int argc, char **argv)
{
    size_t len = 0;
    uint8_t *bytes = argc >= 2 ? read_test_file(argv[1], &len) : NULL;
    if (bytes == NULL) {
        fprintf(stderr, "usage: plan FILE [OUT]\n");
        return 2;
    }
    OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    OskStatus status = osk_scrub_open(&source, NULL, &job);
    if (job != NULL) {
        print_report(osk_scrub_report(job));
        print_plan(job);
        const OskFault *fault = osk_scrub_fault(job);
        if (fault->status != OSK_OK) {
            printf("fault %s: %s: %s @%llu\n", osk_status_name(fault->status), fault->part,
                   fault->what, (unsigned long long)fault->offset);
        }
    }
    if (status == OSK_OK && argc >= 3) {
        FILE *out = fopen(argv[2], "wb");
        if (out == NULL) {
            return 1;
        }
        OskSink sink = { .context = out, .write = write_file };
        status = osk_scrub_apply(job, &sink);
        fclose(out);
    }
    osk_scrub_free(&job);
    free(bytes);
    printf("status %s\n", osk_status_name(status));
    return status == OSK_OK ? 0 : 1;
}
