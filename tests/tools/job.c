/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hands one job to a worker, as the command line does.
 *
 * usage: job WORKER info|redact|render[:FORMAT] INPUT OUTPUT [REGION | crop:x,y,w,h | turn:N |
 * mirror | resize:N | invert | memory:BYTES | pixels:N]...
 *
 * Prints what the worker said, one `name value` a line. The exit code is the status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/worker_client.h"
#include "oilskin/format.h"
#include "tools/files.h"

static bool read_words(OskWorkerJob *job, OskRegions *regions, int count, char **words)
{
    for (int i = 0; i < count; i++) {
        OskFault fault = { .status = OSK_OK };
        if (sscanf(words[i], "crop:%u,%u,%u,%u", &job->crop_x, &job->crop_y, &job->crop_width,
                   &job->crop_height) == 4) {
            job->crop = true;
        } else if (strcmp(words[i], "mirror") == 0) {
            job->mirror = true;
        } else if (strcmp(words[i], "invert") == 0) {
            osk_regions_invert(regions, true);
            job->regions = regions;
        } else if (sscanf(words[i], "turn:%u", &job->turn) != 1 &&
                   sscanf(words[i], "resize:%u", &job->resize) != 1 &&
                   sscanf(words[i], "memory:%lu", &job->limits.memory) != 1 &&
                   sscanf(words[i], "pixels:%lu", &job->limits.pixels) != 1) {
            if (osk_regions_add_text(regions, words[i], &fault) != OSK_OK) {
                fprintf(stderr, "%s: %s\n", words[i], fault.what);
                return false;
            }
            job->regions = regions;
        }
    }
    return true;
}

static void print_result(const OskWorkerResult *result)
{
    char sentence[OSK_WORKER_SENTENCE_BYTES];
    printf("width %u\nheight %u\nframes %u\n", result->info.width, result->info.height,
           result->info.frames);
    printf("exact %d\nmemory %lu\nchanges %u\nlayers %u\n", result->info.exact,
           (unsigned long)result->info.memory, result->changes, result->layers);
    printf("centibel %u\nlength %zu\nareas %u\n", result->centibel, result->len,
           result->areas.count);
    for (uint32_t i = 0; i < result->areas.listed; i++) {
        const OskArea *box = &result->areas.boxes[i];
        printf("area %u,%u,%u,%u\n", box->x, box->y, box->width, box->height);
    }
    if (result->note != NULL) {
        printf("note %s\n", result->note);
    }
    if (osk_worker_missing(result->layers, sentence)) {
        printf("missing %s\n", sentence);
    }
}

static bool read_op(OskWorkerJob *job, const char *word)
{
    if (strcmp(word, "info") == 0) {
        job->op = OSK_WORKER_INFO;
    } else if (strcmp(word, "redact") == 0) {
        job->op = OSK_WORKER_REDACT;
    } else if (strncmp(word, "render", 6) == 0) {
        job->op = OSK_WORKER_RENDER;
        job->output_format = word[6] == ':' ? word + 7 : NULL;
    } else {
        return false;
    }
    return true;
}

static int run(OskWorkerJob *job, const char *output)
{
    OskFault fault = { .status = OSK_OK };
    OskWorkerResult result;
    OskStatus status = osk_worker_run(job, &result, &fault);
    if (status != OSK_OK) {
        printf("status %s\npart %s\nwhat %s\nlayers %u\n", osk_status_name(status),
               fault.part != NULL ? fault.part : "", fault.what != NULL ? fault.what : "",
               result.layers);
    } else {
        print_result(&result);
    }
    FILE *out = result.bytes != NULL ? fopen(output, "wb") : NULL;
    bool wrote = out == NULL || fwrite(result.bytes, 1, result.len, out) == result.len;
    if (out != NULL) {
        wrote = fclose(out) == 0 && wrote;
    }
    osk_worker_result_free(&result);
    return wrote ? (int)status : 1;
}

int main(int argc, char **argv)
{
    OskWorkerJob job = { .worker = argc > 1 ? argv[1] : NULL };
    size_t len = 0;
    if (argc < 5 || !read_op(&job, argv[2])) {
        fprintf(stderr, "usage: job WORKER info|redact|render[:FORMAT] INPUT OUTPUT [WORD...]\n");
        return 64;
    }
    uint8_t *bytes = read_test_file(argv[3], &len);
    OskRegions *regions = osk_regions_new(NULL);
    const OskFormatInfo *format = bytes != NULL ? osk_probe(bytes, len) : NULL;
    int code = 65;
    job.bytes = bytes;
    job.len = len;
    job.format = format != NULL ? format->name : "";
    if (format != NULL && regions != NULL && read_words(&job, regions, argc - 5, argv + 5)) {
        code = run(&job, argv[4]);
    }
    osk_regions_free(&regions);
    free(bytes);
    return code;
}
