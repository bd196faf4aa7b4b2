/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uploads as fast as a server acknowledges them: some connections in a closed loop, one thread
 * each, which do nothing but write and read. The same for every server that is compared. usage:
 * intake_load PORT put|tus PATH BYTES CONNECTIONS SECONDS [HEADER...] */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define CONNECTIONS_MAX 256
#define HEAD_BYTES 2048
#define ANSWER_BYTES 8192

typedef struct Load {
    uint16_t port;
    bool is_tus;
    const char *path;
    size_t bytes;
    double from; /* what began before it does not count */
    double until;
    char extra[1024];
    const uint8_t *body;
} Load;

typedef struct Sender {
    const Load *load;
    unsigned number;
    uint64_t sent;
    uint64_t done;
    uint64_t wrong;
    int last_status;
    double slowest;
} Sender;

static bool send_all(int fd, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* The status of one answer, read to its end; -1 when the connection ended. */
static int read_answer(int fd, unsigned *out_retry)
{
    char text[ANSWER_BYTES + 1];
    size_t len = 0;
    char *end = NULL;
    while (end == NULL && len < ANSWER_BYTES) {
        ssize_t got = recv(fd, text + len, ANSWER_BYTES - len, 0);
        if (got <= 0) {
            return -1;
        }
        len += (size_t)got;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
    }
    if (end == NULL) {
        return -1;
    }
    *end = '\0';
    size_t body = 0;
    const char *field = strcasestr(text, "\r\ncontent-length:");
    if (field != NULL) {
        body = strtoul(field + 17, NULL, 10);
    }
    field = strcasestr(text, "\r\nretry-after:");
    *out_retry = field != NULL ? (unsigned)strtoul(field + 14, NULL, 10) : 1;
    for (size_t have = len - (size_t)(end + 4 - text); have < body;) {
        char rest[4096];
        size_t want = body - have < sizeof(rest) ? body - have : sizeof(rest);
        ssize_t got = recv(fd, rest, want, 0);
        if (got <= 0) {
            return -1;
        }
        have += (size_t)got;
    }
    return (int)strtol(text + 9, NULL, 10);
}

static int upload(Sender *sender, int fd, unsigned *out_retry)
{
    const Load *load = sender->load;
    char head[HEAD_BYTES];
    int len = 0;
    if (load->is_tus) {
        len = snprintf(head, sizeof(head),
                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nTus-Resumable: 1.0.0\r\n"
                       "Upload-Length: %zu\r\nContent-Type: application/offset+octet-stream\r\n"
                       "Content-Length: %zu\r\n%s\r\n",
                       load->path, load->port, load->bytes, load->bytes, load->extra);
    } else {
        len = snprintf(head, sizeof(head),
                       "PUT %s%u-%llu HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: %zu\r\n%s"
                       "\r\n",
                       load->path, sender->number, (unsigned long long)sender->sent, load->port,
                       load->bytes, load->extra);
    }
    if (len < 0 || (size_t)len >= sizeof(head) || !send_all(fd, head, (size_t)len) ||
        !send_all(fd, load->body, load->bytes)) {
        return -1;
    }
    return read_answer(fd, out_retry);
}

static void *send_until_the_end(void *context)
{
    Sender *sender = context;
    int fd = -1;
    for (double began = load_now(); began < sender->load->until; began = load_now()) {
        if (fd < 0) {
            fd = load_connect(sender->load->port);
        }
        unsigned retry = 0;
        int status = fd >= 0 ? upload(sender, fd, &retry) : -1;
        sender->last_status = status;
        sender->sent++;
        if (status == 201 || status == 204) {
            if (began < sender->load->from) {
                continue;
            }
            double took = load_now() - began;
            sender->slowest = took > sender->slowest ? took : sender->slowest;
            sender->done++;
            continue;
        }
        if (fd >= 0) {
            close(fd);
            fd = -1;
        }
        if (status == 503) {
            sleep(retry);
        } else {
            sender->wrong++;
            usleep(10000);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return NULL;
}

static bool read_arguments(Load *load, int count, char **words)
{
    if (count < 7) {
        return false;
    }
    load->port = (uint16_t)strtoul(words[1], NULL, 10);
    load->is_tus = strcmp(words[2], "tus") == 0;
    load->path = words[3];
    load->bytes = strtoul(words[4], NULL, 10);
    size_t len = 0;
    for (int i = 7; i < count; i++) {
        int added = snprintf(load->extra + len, sizeof(load->extra) - len, "%s\r\n", words[i]);
        if (added < 0 || len + (size_t)added >= sizeof(load->extra)) {
            return false;
        }
        len += (size_t)added;
    }
    uint8_t *body = malloc(load->bytes);
    for (size_t at = 0; body != NULL && at < load->bytes;) {
        ssize_t got = getrandom(body + at, load->bytes - at, 0);
        at += got > 0 ? (size_t)got : 0;
    }
    load->body = body;
    return body != NULL;
}

int main(int count, char **words)
{
    Load load = { 0 };
    static Sender senders[CONNECTIONS_MAX];
    pthread_t threads[CONNECTIONS_MAX];
    if (!read_arguments(&load, count, words)) {
        fputs("usage: intake_load PORT put|tus PATH BYTES CONNECTIONS SECONDS [HEADER...]\n",
              stderr);
        return 2;
    }
    unsigned connections = (unsigned)strtoul(words[5], NULL, 10);
    connections = connections < CONNECTIONS_MAX ? connections : CONNECTIONS_MAX;
    /* A second for a server to find its pace, the same for each. */
    load.from = load_now() + 1;
    load.until = load.from + strtod(words[6], NULL);
    unsigned started = 0;
    for (; started < connections; started++) {
        senders[started] = (Sender){ .load = &load, .number = started };
        if (pthread_create(&threads[started], NULL, send_until_the_end, &senders[started]) != 0) {
            break;
        }
    }
    uint64_t done = 0;
    uint64_t wrong = 0;
    double slowest = 0;
    int status = 0;
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        done += senders[i].done;
        wrong += senders[i].wrong;
        status = senders[i].wrong > 0 ? senders[i].last_status : status;
        slowest = senders[i].slowest > slowest ? senders[i].slowest : slowest;
    }
    double took = load_now() - load.from;
    printf("{\"uploads_per_s\": %.1f, \"mib_per_s\": %.1f, \"done\": %llu, \"wrong\": %llu, "
           "\"status\": %d, \"slowest_s\": %.3f}\n",
           (double)done / took, (double)done * (double)load.bytes / 1048576 / took,
           (unsigned long long)done, (unsigned long long)wrong, status, slowest);
    return 0;
}
