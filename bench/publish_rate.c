/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What it takes to prove that a file may be public, with its smaller pictures: all programs that
 * this starts, one after the other, as a server has them.
 *
 * usage: publish-rate PROGRAMS FILE...    the folder of oilskin-worker; in one with room for a file
 * Prints for each, in milliseconds: of the processor, of the clock, and of the clock to read the
 * file and hash it; and how many renditions there are, and their bytes. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/publish_client.h"
#include "host/random.h"
#include "host/sealed_memory.h"

#define PIECE_BYTES (1u << 16)

/* The three that take part. */
static char programs[3][512];

typedef struct Received {
    int fd;
    int input; /* the same, open for reading alone */
    OskStripSegment segment;
    uint8_t digest[32];
} Received;

static bool append(void *context, const void *bytes, size_t len)
{
    Received *received = context;
    bool wrote =
        pwrite(received->fd, bytes, len, (off_t)received->segment.sealed_len) == (ssize_t)len;
    received->segment.sealed_len += len;
    return wrote;
}

/* As a server takes it in: hashed, and sealed on its way to the disk. */
static bool receive(Received *received, const char *path, const OskRecipient *reader)
{
    static OskSealer sealer;
    static uint8_t piece[PIECE_BYTES];
    const OskRandom random = { .fill = osk_random_fill };
    const OskSealTo to = { .recipients = reader, .count = 1, .random = &random };
    const OskSink sink = { .context = received, .write = append };
    OskSha256 hash;
    FILE *file = fopen(path, "rb");
    *received = (Received){ .fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) };
    received->input = osk_open_to_read(received->fd);
    bool done = file != NULL && received->input >= 0 &&
                osk_sealer_open(&sealer, &to, &sink, received->segment.key, NULL) == OSK_OK;
    osk_sha256_begin(&hash);
    for (size_t got; done && (got = fread(piece, 1, sizeof(piece), file)) > 0;) {
        osk_sha256_add(&hash, piece, got);
        done = osk_sealer_write(&sealer, piece, got, NULL) == OSK_OK;
        received->segment.plain_len += got;
    }
    osk_sha256_end(&hash, received->digest);
    done = done && osk_sealer_finish(&sealer, NULL) == OSK_OK;
    if (file != NULL) {
        fclose(file);
    }
    return done;
}

static int64_t hash_ms(const char *path)
{
    static uint8_t piece[PIECE_BYTES];
    uint8_t digest[32];
    OskSha256 hash;
    int64_t began = osk_now_ms();
    FILE *file = fopen(path, "rb");
    osk_sha256_begin(&hash);
    for (size_t got; file != NULL && (got = fread(piece, 1, sizeof(piece), file)) > 0;) {
        osk_sha256_add(&hash, piece, got);
    }
    osk_sha256_end(&hash, digest);
    if (file != NULL) {
        fclose(file);
    }
    return osk_now_ms() - began;
}

static int64_t cpu_ms(void)
{
    struct rusage used;
    struct rusage own;
    getrusage(RUSAGE_CHILDREN, &used);
    getrusage(RUSAGE_SELF, &own);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + own.ru_utime.tv_sec +
                     own.ru_stime.tv_sec) *
               1000 +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec + own.ru_utime.tv_usec +
            own.ru_stime.tv_usec) /
               1000;
}

static bool publish(const char *path, const OskIdentity *reader)
{
    Received received;
    OskPublishDone done;
    OskWorkerFate fate;
    OskFault fault = { .status = OSK_OK };
    if (!receive(&received, path, &reader->recipient)) {
        return false;
    }
    OskPublishJob job = { .input_fd = received.input,
                          .segments = &received.segment,
                          .segment_count = 1,
                          .worker = programs[0],
                          .decoder = programs[1],
                          .frames = programs[2],
                          .output_fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) };
    memcpy(job.digest, received.digest, sizeof(job.digest));
    int64_t cpu = cpu_ms();
    int64_t began = osk_now_ms();
    OskStatus status = osk_worker_publish(&job, &done, &fate, &fault);
    int64_t took = osk_now_ms() - began;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < done.rendition_count; i++) {
        bytes += done.renditions[i].len;
    }
    if (status == OSK_OK) {
        printf("%lld %lld %lld %u %llu\n", (long long)(cpu_ms() - cpu), (long long)took,
               (long long)hash_ms(path), done.rendition_count, (unsigned long long)bytes);
    } else {
        fprintf(stderr, "publish-rate: %s: %s: %s\n", path, fault.part, fault.what);
    }
    close(job.output_fd);
    close(received.fd);
    close(received.input);
    return status == OSK_OK;
}

int main(int argc, char **argv)
{
    const OskRandom random = { .fill = osk_random_fill };
    OskIdentity reader;
    static const char *const names[] = { "oilskin-strip", "oilskin-worker", "oilskin-frames" };
    for (size_t i = 0; argc > 2 && i < 3; i++) {
        snprintf(programs[i], sizeof(programs[i]), "%s/%s", argv[1], names[i]);
    }
    bool done = argc > 2 && osk_seal_ready() && osk_identity_make(&reader, &random, NULL) == OSK_OK;
    for (int i = 2; done && i < argc; i++) {
        done = publish(argv[i], &reader);
    }
    return done ? 0 : 1;
}
