/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "http/limits.h"

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

OskStatus osk_http_listen(OskListening *listening, const char *address, OskFault *fault)
{
    char host[64];
    char port[8];
    *listening = (OskListening){ .fd = -1 };
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    if (!split(address, host, port) ||
        getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port, &hints, &found) !=
            0) {
        return osk_fault_set(fault, OSK_MISUSE, "", "the address is not of the form 127.0.0.1:8080",
                             OSK_NO_OFFSET);
    }
    listening->fd = open_at(found);
    int error = errno;
    freeaddrinfo(found);
    if (listening->fd < 0) {
        return osk_fault_set(fault, OSK_IO, "",
                             error == EADDRINUSE ? "another program listens at that address"
                             : error == EACCES   ? "ports below 1024 are for the administrator"
                                                 : "this machine can't listen at that address",
                             OSK_NO_OFFSET);
    }
    if (!describe(listening)) {
        close(listening->fd);
        listening->fd = -1;
        return osk_fault_set(fault, OSK_IO, "", "the socket has no address", OSK_NO_OFFSET);
    }
    return OSK_OK;
}
