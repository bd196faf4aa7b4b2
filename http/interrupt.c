/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer into a body that still comes: the library takes none there, so that it goes to the
 * socket directly. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "http/exchange_inside.h"
#include "http/limits.h"
#include "http/policy.h"

/* A text that grows; nothing more is added once memory failed. */
typedef struct Head {
    char text[OSK_HTTP_HEAD_BYTES];
    size_t len;
    bool is_full;
} Head;

static void put_line(Head *head, const char *name, const char *between, const char *value)
{
    size_t left = sizeof(head->text) - head->len;
    int wrote = snprintf(head->text + head->len, left, "%s%s%s\r\n", name, between, value);
    head->is_full = head->is_full || wrote < 0 || (size_t)wrote >= left;
    head->len += head->is_full ? 0 : (size_t)wrote;
}

static void put_headers(Head *head, const OskRequest *request)
{
    for (const OskText *text = request->headers; text != NULL; text = text->next) {
        put_line(head, text->name, ": ", text->value);
    }
}

static void put_status(Head *head, unsigned status)
{
    char number[16];
    snprintf(number, sizeof(number), "%u ", status);
    put_line(head, "HTTP/1.1 ", number, status == 104 ? "Upload Resumption Supported" : "");
}

static bool send_bytes(const OskRequest *request, const void *bytes, size_t len)
{
    int fd = osk_wire_fd(request->asked.wire);
    /* What the socket has no room for is lost; an answer fits into an empty one. */
    return len == 0 || send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

static void put_usual(Head *head, const OskRequest *request)
{
    put_line(head, "Content-Security-Policy", ": ", osk_http_policy(request->asked.path));
    for (const OskHttpHeader *row = osk_http_headers; row->name != NULL; row++) {
        put_line(head, row->name, ": ", row->value);
    }
    if (osk_exchange_added(request, "Cache-Control") == NULL) {
        put_line(head, "Cache-Control", ": ", OSK_HTTP_CACHE_NONE);
    }
}

bool osk_exchange_interrupt(OskRequest *request)
{
    Head head = { .len = 0 };
    char length[32];
    snprintf(length, sizeof(length), "%zu", request->len);
    put_status(&head, request->status);
    put_headers(&head, request);
    put_usual(&head, request);
    put_line(&head, "Content-Length", ": ", length);
    put_line(&head, "Connection", ": ", "close");
    put_line(&head, "", "", "");
    bool sent = !head.is_full && send_bytes(request, head.text, head.len) &&
                send_bytes(request, request->bytes, request->len);
    explicit_bzero(head.text, sizeof(head.text));
    shutdown(osk_wire_fd(request->asked.wire), SHUT_WR);
    osk_reaper_extend(request->all->reaper, request->deadline, OSK_HTTP_LINGER_MS);
    request->is_sent = true;
    request->is_deaf = true;
    request->answered_at = request->received;
    return sent;
}

bool osk_request_interim(OskRequest *request, unsigned status)
{
    Head head = { .len = 0 };
    put_status(&head, status);
    put_headers(&head, request);
    put_line(&head, "", "", "");
    bool sent = request->asked.takes_interim && status > 100 && status < 200 && !request->is_sent &&
                !head.is_full && send_bytes(request, head.text, head.len);
    explicit_bzero(head.text, sizeof(head.text));
    osk_texts_free(&request->headers);
    return sent;
}
