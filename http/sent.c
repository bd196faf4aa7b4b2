/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/sent.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "http/limits.h"

bool osk_http_sent(int fd, OskSent *out)
{
    struct tcp_info tcp = { 0 };
    socklen_t len = sizeof(tcp);
    int left = 0;
    *out = (OskSent){ .taken = 0 };
    if (ioctl(fd, SIOCOUTQ, &left) != 0) {
        return false;
    }
    out->left = left > 0 ? (uint64_t)left : 0;
    /* A kernel before 4.1 says less, and is taken for a path. */
    out->is_counted = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &tcp, &len) == 0 &&
                      len >= offsetof(struct tcp_info, tcpi_bytes_received);
    out->taken = out->is_counted ? tcp.tcpi_bytes_acked : 0;
    return true;
}

void osk_http_hold_little(int listening)
{
    const int bytes = OSK_HTTP_UNSENT_BYTES;
    /* What is accepted has it from the socket that listens. */
    (void)setsockopt(listening, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof(bytes));
}
