/* SPDX-License-Identifier: GPL-3.0-or-later */
/* callbacks IN OUT: scrubs a file of any size through callbacks, prints what it revealed, and keeps
 * the output only when the second opinion agrees. */
#define _FILE_OFFSET_BITS 64
#include <inttypes.h>
#include <oilskin/oilskin.h>
#include <stdio.h>

/* A source: fill exactly `len` bytes from `offset`, or return false. */
static bool read_from_file(void *context, uint64_t offset, void *out, size_t len)
{
    FILE *file = context;
    return fseeko(file, (off_t)offset, SEEK_SET) == 0 && fread(out, 1, len, file) == len;
}

/* A sink: take all bytes, or return false. */
static bool write_to_file(void *context, const void *bytes, size_t len)
{
    FILE *file = context;
    return fwrite(bytes, 1, len, file) == len;
}

static bool size_of(FILE *file, uint64_t *out)
{
    off_t size = fseeko(file, 0, SEEK_END) == 0 ? ftello(file) : -1;
    *out = size >= 0 ? (uint64_t)size : 0;
    return size >= 0;
}

static void print_findings(const OskReport *report)
{
    for (size_t i = 0; i < osk_report_count(report); i++) {
        const OskFinding *finding = osk_report_at(report, i);
        printf("%s: %s (%s) at byte %" PRIu64 "\n", osk_kind_name(finding->kind), finding->label,
               finding->value, finding->offset);
    }
}

static OskStatus scrub(FILE *in, FILE *out, OskScrub **job)
{
    OskSource source = { in, read_from_file, NULL, 0 };
    OskSink sink = { out, write_to_file, NULL };
    OskSource written = { out, read_from_file, NULL, 0 };
    if (!size_of(in, &source.size)) {
        return OSK_IO;
    }
    OskStatus status = osk_scrub_open(&source, NULL, job);
    if (status == OSK_OK) {
        print_findings(osk_scrub_report(*job));
        status = osk_scrub_apply(*job, &sink);
    }
    if (status == OSK_OK && (fflush(out) != 0 || !size_of(out, &written.size))) {
        status = OSK_IO;
    }
    return status == OSK_OK ? osk_scrub_verify(*job, &written) : status;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: callbacks IN OUT\n");
        return 2;
    }
    FILE *in = fopen(argv[1], "rb");
    FILE *out = in != NULL ? fopen(argv[2], "w+bx") : NULL;
    OskScrub *job = NULL;
    OskStatus status = out != NULL ? scrub(in, out, &job) : OSK_IO;
    if (status != OSK_OK && job != NULL && osk_scrub_fault(job)->what != NULL) {
        fprintf(stderr, "callbacks: %s: %s\n", osk_status_name(status), osk_scrub_fault(job)->what);
    }
    osk_scrub_free(&job);
    if (in != NULL) {
        fclose(in);
    }
    if (out != NULL) {
        if (fclose(out) != 0) {
            status = OSK_IO;
        }
        if (status != OSK_OK) {
            remove(argv[2]);
        }
    }
    return status == OSK_OK ? 0 : 1;
}
