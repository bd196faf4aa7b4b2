/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks, one after the other: each a process of its own, as a server has them.
 *
 * usage: look-rate PROGRAM SECONDS FILE    oilskin-worker, or oilskin-frames for a video
 * Prints milliseconds a look, of the processor and of the clock, and how long preview and pack
 * became. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/random.h"
#include "host/strip_client.h"

static const OskRandom source = { .fill = osk_random_fill };

typedef struct Sealed {
    int fd; /* written here, and read through `input` */
    int input;
    OskStripSegment segment;
} Sealed;

static bool append(void *context, const void *bytes, size_t len)
{
    Sealed *sealed = context;
    bool wrote = pwrite(sealed->fd, bytes, len, (off_t)sealed->segment.sealed_len) == (ssize_t)len;
    sealed->segment.sealed_len += len;
    return wrote;
}

static bool seal_file(Sealed *sealed, const char *path, const OskRecipient *recipient)
{
    static OskSealer sealer;
    static uint8_t piece[1u << 16];
    char name[40];
    const OskSealTo to = { .recipients = recipient, .count = 1, .random = &source };
    const OskSink sink = { .context = sealed, .write = append };
    FILE *file = fopen(path, "rb");
    *sealed = (Sealed){ .fd = memfd_create("sealed", MFD_CLOEXEC) };
    snprintf(name, sizeof(name), "/proc/self/fd/%d", sealed->fd);
    sealed->input = open(name, O_RDONLY | O_CLOEXEC);
    bool done = file != NULL && sealed->input >= 0 &&
                osk_sealer_open(&sealer, &to, &sink, sealed->segment.key, NULL) == OSK_OK;
    for (size_t got; done && (got = fread(piece, 1, sizeof(piece), file)) > 0;) {
        done = osk_sealer_write(&sealer, piece, got, NULL) == OSK_OK;
        sealed->segment.plain_len += got;
    }
    done = done && osk_sealer_finish(&sealer, NULL) == OSK_OK;
    if (file != NULL) {
        fclose(file);
    }
    return done;
}

static OskStatus look(const Sealed *sealed, const OskIdentity *reader, const char *program,
                      OskLookDone *done)
{
    int output = memfd_create("look", MFD_CLOEXEC);
    OskFault fault = { .status = OSK_OK };
    const OskStripJob job = { .input_fd = sealed->input,
                              .segments = &sealed->segment,
                              .segment_count = 1,
                              .output_fd = output,
                              .output_max = OSK_LOOK_OUTPUT_MAX,
                              .recipients = &reader->recipient,
                              .recipient_count = 1,
                              .triage = &reader->recipient,
                              .limits = { .memory = UINT64_C(1) << 30 },
                              .deadline_ms = 120000,
                              .films = strstr(program, "frames") != NULL,
                              .worker = program };
    OskStatus status = osk_worker_look(&job, done, &fault);
    if (status != OSK_OK) {
        fprintf(stderr, "look-rate: %s\n", fault.what);
    }
    close(output);
    return status;
}

/* Of the processes that have ended. */
static double processor_ms(void)
{
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

int main(int argc, char **argv)
{
    Sealed sealed;
    OskIdentity reader;
    OskLookDone done;
    if (argc != 4 || !osk_seal_ready() || osk_identity_make(&reader, &source, NULL) != OSK_OK ||
        !seal_file(&sealed, argv[3], &reader.recipient)) {
        return 2;
    }
    int64_t began = osk_now_ms();
    int64_t until = began + 1000 * strtol(argv[2], NULL, 10);
    unsigned count = 0;
    do {
        if (look(&sealed, &reader, argv[1], &done) != OSK_OK) {
            return 1;
        }
        count++;
    } while (osk_now_ms() < until);
    printf("%.1f %.1f %llu %llu\n", processor_ms() / count, (double)(osk_now_ms() - began) / count,
           (unsigned long long)done.plain_len, (unsigned long long)done.pack_plain_len);
    return 0;
}
