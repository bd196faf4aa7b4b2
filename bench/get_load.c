/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages and files as fast as a server gives them: some connections in a closed loop, one thread
 * each. The same for every server that is compared. Prints answers a second, MiB a second, the
 * slowest in milliseconds. usage: get_load PORT PATH CONNECTIONS SECONDS */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define CONNECTIONS_MAX 256
#define HEAD_BYTES 8192
#define PIECE_BYTES (256 * 1024)

typedef struct Load {
    uint16_t port;
    double from; /* what began before it does not count */
    double until;
    char request[1024];
    size_t request_len;
} Load;

typedef struct Reader {
    const Load *load;
    uint64_t done;
    uint64_t bytes;
    double slowest;
    bool failed;
    char piece[PIECE_BYTES];
} Reader;

/* All of one answer: its body's length, or -1. */
static int64_t read_answer(Reader *reader, int fd)
{
    size_t held = 0;
    char *end = NULL;
    while (end == NULL) {
        ssize_t got = recv(fd, reader->piece + held, HEAD_BYTES - held, 0);
        if (got <= 0) {
            return -1;
        }
        held += (size_t)got;
        reader->piece[held] = 0;
        end = strstr(reader->piece, "\r\n\r\n");
        if (end == NULL && held == HEAD_BYTES) {
            return -1;
        }
    }
    const char *length = strcasestr(reader->piece, "\r\nContent-Length: ");
    if (length == NULL || strncmp(reader->piece, "HTTP/1.1 200 ", 13) != 0) {
        return -1;
    }
    int64_t len = strtoll(length + 18, NULL, 10);
    int64_t left = len - (int64_t)(held - (size_t)(end + 4 - reader->piece));
    while (left > 0) {
        ssize_t got =
            recv(fd, reader->piece, left < PIECE_BYTES ? (size_t)left : (size_t)PIECE_BYTES, 0);
        if (got <= 0) {
            return -1;
        }
        left -= got;
    }
    return left == 0 ? len : -1;
}

static void *run(void *context)
{
    Reader *reader = context;
    const Load *load = reader->load;
    int fd = load_connect(load->port);
    for (double began = load_now(); began < load->until && !reader->failed; began = load_now()) {
        ssize_t sent = send(fd, load->request, load->request_len, MSG_NOSIGNAL);
        int64_t len = sent == (ssize_t)load->request_len ? read_answer(reader, fd) : -1;
        double took = load_now() - began;
        reader->failed = len < 0;
        if (began >= load->from && len >= 0) {
            reader->done++;
            reader->bytes += (uint64_t)len;
            reader->slowest = took > reader->slowest ? took : reader->slowest;
        }
    }
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    static Reader readers[CONNECTIONS_MAX];
    static pthread_t threads[CONNECTIONS_MAX];
    unsigned count = argc == 5 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    if (count == 0 || count > CONNECTIONS_MAX) {
        fputs("usage: get_load PORT PATH CONNECTIONS SECONDS\n", stderr);
        return 2;
    }
    double seconds = strtod(argv[4], NULL);
    Load load = { .port = (uint16_t)strtoul(argv[1], NULL, 10) };
    load.from = load_now() + 0.3;
    load.until = load.from + seconds;
    load.request_len = (size_t)snprintf(load.request, sizeof(load.request),
                                        "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[2]);
    for (unsigned i = 0; i < count; i++) {
        readers[i].load = &load;
        if (pthread_create(&threads[i], NULL, run, &readers[i]) != 0) {
            return 1;
        }
    }
    Reader all = { .done = 0 };
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        all.done += readers[i].done;
        all.bytes += readers[i].bytes;
        all.slowest = readers[i].slowest > all.slowest ? readers[i].slowest : all.slowest;
        all.failed = all.failed || readers[i].failed;
    }
    if (all.failed || all.done == 0) {
        fputs("get_load: an answer was none, or not whole\n", stderr);
        return 1;
    }
    printf("%.1f %.1f %.1f\n", (double)all.done / seconds, (double)all.bytes / seconds / 1048576,
           all.slowest * 1e3);
    return 0;
}
