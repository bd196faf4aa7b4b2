/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the load of bench/intake.sh reaches at most: a server that reads bodies and throws them
 * away, or with a folder writes each into a file without a name and syncs it. One thread for each
 * connection. Prints its port. usage: intake_sink [FOLDER] */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_BYTES (64 * 1024)

static const char *folder;

/* Headers, and what came of the body with them; the length of the headers, 0 at the end. */
static size_t read_head(int fd, char *text, size_t *out_len)
{
    size_t len = 0;
    while (len < PIECE_BYTES) {
        ssize_t got = recv(fd, text + len, PIECE_BYTES - len, 0);
        if (got <= 0) {
            return 0;
        }
        len += (size_t)got;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        if (end != NULL) {
            *out_len = len;
            return (size_t)(end + 4 - text);
        }
    }
    return 0;
}

static bool keep(int file, const char *bytes, size_t len)
{
    return file < 0 || len == 0 || write(file, bytes, len) == (ssize_t)len;
}

static bool take_one(int fd, char *text)
{
    static const char answer[] = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
    size_t len = 0;
    size_t head = read_head(fd, text, &len);
    const char *field = head > 0 ? strcasestr(text, "\r\ncontent-length:") : NULL;
    if (field == NULL) {
        return false;
    }
    size_t left = strtoul(field + 17, NULL, 10);
    int file = folder != NULL ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    bool goes_on = (folder == NULL || file >= 0) && keep(file, text + head, len - head);
    left -= len - head;
    while (goes_on && left > 0) {
        ssize_t got = recv(fd, text, left < PIECE_BYTES ? left : PIECE_BYTES, 0);
        goes_on = got > 0 && keep(file, text, (size_t)got);
        left -= got > 0 ? (size_t)got : 0;
    }
    goes_on = goes_on && (file < 0 || fsync(file) == 0);
    if (file >= 0) {
        close(file);
    }
    return goes_on && send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) > 0;
}

static void *take_all(void *context)
{
    int fd = (int)(intptr_t)context;
    char *text = malloc(PIECE_BYTES + 1);
    while (text != NULL && take_one(fd, text)) {
    }
    free(text);
    close(fd);
    return NULL;
}

int main(int count, char **words)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t at_len = sizeof(at);
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    folder = count > 1 ? words[1] : NULL;
    if (bind(listening, (struct sockaddr *)&at, at_len) != 0 || listen(listening, 256) != 0 ||
        getsockname(listening, (struct sockaddr *)&at, &at_len) != 0) {
        perror("intake_sink");
        return 1;
    }
    printf("%u\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int fd = accept(listening, NULL, NULL);
        if (fd < 0 || pthread_create(&thread, NULL, take_all, (void *)(intptr_t)fd) != 0) {
            return 1;
        }
        pthread_detach(thread);
    }
}
