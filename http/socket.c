/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fault.h"
#include "http/limits.h"
#include "http/sent.h"

/* Splits HOST:PORT at its last colon; brackets around an IPv6 address go. */
static bool split(const char *address, char host[64], char port[8])
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || strlen(colon + 1) >= 8 || (size_t)(colon - address) >= 64) {
        return false;
    }
    size_t len = (size_t)(colon - address);
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    } else if (memchr(address, ':', len) != NULL) {
        return false;
    }
    memcpy(host, address, len);
    host[len] = 0;
    size_t digits = strspn(colon + 1, "0123456789");
    memcpy(port, colon + 1, digits + 1);
    return len > 0 && digits > 0 && colon[1 + digits] == 0 && strtoul(port, NULL, 10) <= UINT16_MAX;
}

/* What the kernel chose: the port, and whether others can reach it. */
static bool describe(OskListening *listening)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    char host[INET6_ADDRSTRLEN] = "";
    memset(&name, 0, sizeof(name));
    if (getsockname(listening->fd, (struct sockaddr *)&name, &len) != 0) {
        return false;
    }
    if (name.ss_family == AF_UNIX) {
        struct sockaddr_un local;
        memcpy(&local, &name, sizeof(local));
        listening->port = 0;
        /* Who may connect is what the file's mode says: no page in a browser can. */
        listening->is_loopback = false;
        snprintf(listening->text, sizeof(listening->text), "unix:%s", local.sun_path);
        return true;
    }
    if (name.ss_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, &name, sizeof(six));
        listening->port = ntohs(six.sin6_port);
        listening->is_loopback = IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
        inet_ntop(AF_INET6, &six.sin6_addr, host, sizeof(host));
        snprintf(listening->text, sizeof(listening->text), "[%s]:%u", host, listening->port);
        return true;
    }
    struct sockaddr_in four;
    memcpy(&four, &name, sizeof(four));
    listening->port = ntohs(four.sin_port);
    listening->is_loopback = (ntohl(four.sin_addr.s_addr) >> 24) == 127;
    inet_ntop(AF_INET, &four.sin_addr, host, sizeof(host));
    snprintf(listening->text, sizeof(listening->text), "%s:%u", host, listening->port);
    return true;
}

static int open_at(const struct addrinfo *at)
{
    int yes = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (at->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
    }
    if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, OSK_HTTP_BACKLOG) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "", what, OSK_NO_OFFSET);
}

static OskStatus explain(OskFault *fault, int error)
{
    return fail(fault, OSK_IO,
                error == EADDRINUSE ? "another program listens at that address"
                : error == EACCES   ? "ports below 1024 are for the administrator"
                                    : "this machine can't listen at that address");
}

static OskStatus finish(OskListening *listening, OskFault *fault)
{
    if (describe(listening)) {
        osk_http_hold_little(listening->fd);
        return OSK_OK;
    }
    osk_http_unlisten(listening);
    return fail(fault, OSK_IO, "the socket has no address");
}

/* ---- paths ---- */

/* True when nobody answers at the socket that lies there. */
static bool is_left_behind(const struct sockaddr_un *at)
{
    struct stat file;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool left = fd >= 0 && lstat(at->sun_path, &file) == 0 && S_ISSOCK(file.st_mode) &&
                connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 && errno == ECONNREFUSED;
    if (fd >= 0) {
        close(fd);
    }
    return left;
}

/* Nobody else may connect before the mode is set: so it is set before the socket listens. */
static bool bind_and_listen(int fd, const struct sockaddr_un *at)
{
    return bind(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 &&
           chmod(at->sun_path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) == 0 &&
           listen(fd, OSK_HTTP_BACKLOG) == 0;
}

static OskStatus listen_at_path(OskListening *listening, const char *path, OskFault *fault)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(at.sun_path)) {
        return fail(fault, OSK_MISUSE, "the path of a socket has 1 to 107 letters");
    }
    memcpy(at.sun_path, path, len);
    if (is_left_behind(&at)) {
        unlink(path);
    }
    listening->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listening->fd >= 0 && bind_and_listen(listening->fd, &at)) {
        return finish(listening, fault);
    }
    int error = errno;
    osk_http_unlisten(listening);
    return fail(fault, OSK_IO,
                error == EADDRINUSE
                    ? "another program listens at that path, or a file lies there"
                    : "no socket can be made at that path: is its folder there, and writable?");
}

/* ---- any ---- */

OskStatus osk_http_listen(OskListening *listening, const char *address, OskFault *fault)
{
    static const char local[] = "unix:";
    char host[64];
    char port[8];
    *listening = (OskListening){ .fd = -1 };
    if (strncmp(address, local, sizeof(local) - 1) == 0) {
        return listen_at_path(listening, address + sizeof(local) - 1, fault);
    }
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    if (!split(address, host, port) ||
        getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port, &hints, &found) !=
            0) {
        return fail(fault, OSK_MISUSE, "the address is not of the form 127.0.0.1:8080");
    }
    listening->fd = open_at(found);
    int error = errno;
    freeaddrinfo(found);
    return listening->fd >= 0 ? finish(listening, fault) : explain(fault, error);
}

OskStatus osk_http_adopt(OskListening *listening, int fd, OskFault *fault)
{
    int listens = 0;
    socklen_t len = sizeof(listens);
    *listening = (OskListening){ .fd = -1 };
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0 || listens == 0) {
        return fail(fault, OSK_MISUSE, "what was handed over is no socket that listens");
    }
    /* Programs that are started must not inherit it, and accepting must not wait. */
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    listening->fd = fd;
    if (!describe(listening)) {
        listening->fd = -1;
        return fail(fault, OSK_MISUSE, "what was handed over has no address");
    }
    osk_http_hold_little(fd);
    return OSK_OK;
}

void osk_http_unlisten(OskListening *listening)
{
    if (listening->fd >= 0) {
        close(listening->fd);
        listening->fd = -1;
    }
}
