/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Redacts one JPEG by the library alone: scrub, redact, scrub again, verify.
 *
 * usage: redact_jpeg [--seed N] [--crop X,Y,W,H] [--invert] [--raw] FILE OUT
 * REGION...   ("rect:10,10,40,40:blur")
 *
 * --raw: neither scrubs nor verifies. --seed: the same randomness each time, for tests of what the
 * output depends on. Prints the faults; exits with 0, or with 100 and the status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/oilskin.h"
#include "tools/files.h"

static bool draw(void *context, void *out, size_t len)
{
    uint64_t *state = context;
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) {
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (uint8_t)(*state >> 56);
    }
    return true;
}

static bool draw_from_system(void *context, void *out, size_t len)
{
    (void)context;
    FILE *file = fopen("/dev/urandom", "rb");
    bool fine = file != NULL && fread(out, 1, len, file) == len;
    if (file != NULL) {
        (void)fclose(file);
    }
    return fine;
}

static int complain(const char *what, OskStatus status, const OskFault *fault)
{
    if (status != OSK_OK) {
        fprintf(stderr, "%s: %s: %s: %s (at %llu)\n", what, osk_status_name(status), fault->part,
                fault->what, (unsigned long long)fault->offset);
        return 100 + (int)status;
    }
    return 0;
}

typedef struct Job {
    OskRedactOptions options;
    OskRegions *regions;
    uint64_t seed;
    bool raw;
    const char *in;
    const char *out;
} Job;

static bool take_option(Job *job, const char *name, const char *value)
{
    OskRedactOptions *o = &job->options;
    if (strcmp(name, "--seed") == 0 && value != NULL) {
        job->seed = strtoull(value, NULL, 10);
        o->random = (OskRandom){ .context = &job->seed, .fill = draw };
        return true;
    }
    o->crop = true;
    return strcmp(name, "--crop") == 0 && value != NULL &&
           sscanf(value, "%u,%u,%u,%u", &o->crop_x, &o->crop_y, &o->crop_width, &o->crop_height) ==
               4;
}

static bool take_arguments(Job *job, int argc, char **argv)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--raw") == 0) {
            job->raw = true;
        } else if (strcmp(argv[i], "--invert") == 0) {
            osk_regions_invert(job->regions, true);
        } else if (!take_option(job, argv[i], i + 1 < argc ? argv[i + 1] : NULL)) {
            return false;
        } else {
            i++;
        }
    }
    if (argc - i < 2) {
        return false;
    }
    job->in = argv[i++];
    job->out = argv[i++];
    for (; i < argc; i++) {
        OskFault fault = { .part = "", .what = "" };
        if (complain("region", osk_regions_add_text(job->regions, argv[i], &fault), &fault) != 0) {
            return false;
        }
    }
    return true;
}

static int redact(const Job *job, const uint8_t *bytes, size_t len, OskMemory *out)
{
    OskFault fault = { .part = "", .what = "" };
    OskSink sink = osk_sink_to_memory(out);
    OskStatus status = osk_redact_jpeg(bytes, len, job->regions, &job->options, &sink, &fault);
    return complain("redact", status, &fault);
}

static int run(const Job *job, const uint8_t *bytes, size_t len)
{
    OskFault fault = { .part = "", .what = "" };
    OskMemory out = { .bytes = NULL };
    uint8_t *clean = NULL;
    uint8_t *final = NULL;
    size_t clean_len = 0;
    size_t final_len = 0;
    int code = 0;
    if (job->raw) {
        code = redact(job, bytes, len, &out);
    } else {
        code = complain("scrub", osk_scrub_bytes(bytes, len, NULL, &clean, &clean_len, &fault),
                        &fault);
        code = code == 0 ? redact(job, clean, clean_len, &out) : code;
        if (code == 0) {
            OskStatus status =
                osk_scrub_bytes(out.bytes, out.len, NULL, &final, &final_len, &fault);
            code = complain("scrub the result", status, &fault);
        }
        if (code == 0 && (final_len != out.len || memcmp(final, out.bytes, out.len) != 0)) {
            fprintf(stderr, "the result was not clean\n");
            code = 1;
        }
    }
    if (code == 0) {
        FILE *file = fopen(job->out, "wb");
        code = file != NULL && fwrite(out.bytes, 1, out.len, file) == out.len ? 0 : 1;
        code = file != NULL && fclose(file) == 0 ? code : 1;
    }
    osk_bytes_free(&clean);
    osk_bytes_free(&final);
    free(out.bytes);
    return code;
}

int main(int argc, char **argv)
{
    Job job = { .options = { .random = { .fill = draw_from_system } },
                .regions = osk_regions_new(NULL) };
    if (job.regions == NULL || !take_arguments(&job, argc, argv)) {
        fprintf(stderr, "usage: redact_jpeg [--seed N] [--crop X,Y,W,H] [--invert] [--raw] "
                        "FILE OUT REGION...\n");
        osk_regions_free(&job.regions);
        return 2;
    }
    size_t len = 0;
    uint8_t *bytes = read_test_file(job.in, &len);
    int code = bytes != NULL ? run(&job, bytes, len) : 1;
    free(bytes);
    osk_regions_free(&job.regions);
    return code;
}
