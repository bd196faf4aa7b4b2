/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of what was written to a socket the other side has: who reads slowly is told from who
 * reads nothing. */
#ifndef OSK_HTTP_SENT_H
#define OSK_HTTP_SENT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct OskSent {
    uint64_t taken;  /* bytes that its kernel has said to have, since the connection began */
    uint64_t left;   /* bytes that are here still */
    bool is_counted; /* false for a path, whose other end says only what is left: taken is 0 */
} OskSent;

/* False for what is no socket, or is one no more. */
bool osk_http_sent(int fd, OskSent *out);

/* Connections of this listening socket keep at most OSK_HTTP_UNSENT_BYTES that are not under way:
 * else the kernel takes megabytes at once from who reads nothing. Of a path this does nothing, its
 * buffer is small. */
void osk_http_hold_little(int listening);

#endif
