/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arrival FILE...: how input arrives must not matter. Each file is read whole from memory and
 * through a callback, cut at many lengths (each, for small files), and with every callback and
 * every allocation failing once. TAP, four lines a file. The binary is linked with --wrap=malloc
 * and its kin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/files.h"
#include "tools/invariants.h"

/* Below this every cut is tried; above it a spread of CUTS cuts. */
#define EVERY_CUT_BYTES ((size_t)2048)
#define CUTS ((size_t)400)
#define FAILURES 400u

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned long allocations;
static unsigned long failing_allocation; /* 0: none */

static bool allocation_fails(void)
{
    return failing_allocation != 0 && ++allocations == failing_allocation;
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return allocation_fails() ? NULL : __real_realloc(old, size);
}

/* A source and a sink whose n-th call fails. */
typedef struct Stream {
    const uint8_t *in;
    uint8_t *out;
    size_t out_len;
    size_t out_capacity;
    unsigned long calls;
    unsigned long failing; /* 0: none */
} Stream;

static bool read_at(void *context, uint64_t offset, void *out, size_t len)
{
    Stream *stream = context;
    if (++stream->calls == stream->failing) {
        return false;
    }
    memcpy(out, stream->in + offset, len);
    return true;
}

static bool append(void *context, const void *bytes, size_t len)
{
    Stream *stream = context;
    if (++stream->calls == stream->failing || len > stream->out_capacity - stream->out_len) {
        return false;
    }
    memcpy(stream->out + stream->out_len, bytes, len);
    stream->out_len += len;
    return true;
}

/* One scrub through callbacks. The output is compared by the caller. */
static OskStatus scrub_stream(Stream *stream, size_t len)
{
    OskSource source = { .context = stream, .read = read_at, .size = len };
    OskScrub *job = NULL;
    OskStatus status = osk_scrub_open(&source, NULL, &job);
    if (status == OSK_OK) {
        stream->out_capacity = (size_t)osk_scrub_output_size(job);
        stream->out = __real_malloc(stream->out_capacity + 1);
        OskSink sink = { .context = stream, .write = append };
        status = osk_scrub_apply(job, &sink);
    }
    if (status == OSK_OK) {
        Stream again = { .in = stream->out };
        OskSource output = { .context = &again, .read = read_at, .size = stream->out_len };
        status = osk_scrub_verify(job, &output);
    }
    osk_scrub_free(&job);
    return status;
}

static const char *same_by_callback(const uint8_t *bytes, size_t len)
{
    uint8_t *whole = NULL;
    size_t whole_len = 0;
    OskStatus status = osk_scrub_bytes(bytes, len, NULL, &whole, &whole_len, NULL);
    Stream stream = { .in = bytes };
    OskStatus streamed = scrub_stream(&stream, len);
    const char *broken = NULL;
    if (status != streamed) {
        broken = "memory and callbacks end differently";
    } else if (status == OSK_OK &&
               (stream.out_len != whole_len || memcmp(whole, stream.out, whole_len) != 0)) {
        broken = "memory and callbacks give different bytes";
    }
    free(stream.out);
    osk_bytes_free(&whole);
    return broken;
}

static const char *survives_cuts(const uint8_t *bytes, size_t len)
{
    size_t step = len <= EVERY_CUT_BYTES ? 1 : len / CUTS + 1;
    for (size_t cut = 0; cut < len; cut += step) {
        uint8_t *part = __real_malloc(cut > 0 ? cut : 1);
        memcpy(part, bytes, cut);
        const char *broken = broken_invariant(part, cut, NULL);
        free(part);
        if (broken != NULL) {
            printf("# cut at %zu\n", cut);
            return broken;
        }
    }
    return NULL;
}

static const char *survives_callbacks(const uint8_t *bytes, size_t len)
{
    for (unsigned long failing = 1; failing <= FAILURES; failing++) {
        Stream stream = { .in = bytes, .failing = failing };
        OskStatus status = scrub_stream(&stream, len);
        bool reached = stream.calls >= failing;
        free(stream.out);
        if (reached && status != OSK_IO) {
            printf("# call %lu, status %s\n", failing, osk_status_name(status));
            return "a failing callback does not end in IO";
        }
        if (!reached) {
            break;
        }
    }
    return NULL;
}

static const char *survives_allocations(const uint8_t *bytes, size_t len)
{
    uint8_t *expected = NULL;
    size_t expected_len = 0;
    OskStatus whole = osk_scrub_bytes(bytes, len, NULL, &expected, &expected_len, NULL);
    const char *broken = NULL;
    for (unsigned long failing = 1; broken == NULL && failing <= FAILURES; failing++) {
        uint8_t *out = NULL;
        size_t out_len = 0;
        allocations = 0;
        failing_allocation = failing;
        OskStatus status = osk_scrub_bytes(bytes, len, NULL, &out, &out_len, NULL);
        bool reached = allocations >= failing;
        failing_allocation = 0;
        if (status == OSK_OK && (out_len != expected_len || memcmp(out, expected, out_len) != 0)) {
            broken = "without memory the output is another one";
        } else if (reached && status != OSK_NO_MEMORY && status != OSK_LIMIT && status != whole) {
            printf("# allocation %lu, status %s\n", failing, osk_status_name(status));
            broken = "a failed allocation ends in another status";
        }
        osk_bytes_free(&out);
        if (!reached) {
            break;
        }
    }
    osk_bytes_free(&expected);
    return broken;
}

static int number;
static int bad;

static void report(const char *path, const char *test, const char *broken)
{
    number++;
    bad += broken != NULL;
    printf("%s %d - arrival__%s %s%s%s\n", broken != NULL ? "not ok" : "ok", number, test, path,
           broken != NULL ? " # " : "", broken != NULL ? broken : "");
    fflush(stdout);
}

static void run(const char *path, void *context)
{
    (void)context;
    size_t len = 0;
    uint8_t *bytes = read_test_file(path, &len);
    if (bytes == NULL) {
        return;
    }
    report(path, "same_by_callback", same_by_callback(bytes, len));
    report(path, "survives_every_cut", survives_cuts(bytes, len));
    report(path, "survives_failing_callbacks", survives_callbacks(bytes, len));
    report(path, "survives_failing_allocations", survives_allocations(bytes, len));
    free(bytes);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (visit_files(argv[i], run, NULL) < 0) {
            fprintf(stderr, "arrival: no such path: %s\n", argv[i]);
            return 2;
        }
    }
    printf("1..%d\n", number);
    return bad > 0;
}
