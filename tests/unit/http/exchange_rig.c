/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exchange_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

RigSeen rig_seen;

void rig_reset(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t change = PTHREAD_COND_INITIALIZER;
    memset(&rig_seen, 0, sizeof(rig_seen));
    rig_seen.lock = lock;
    rig_seen.change = change;
}

void rig_rest(long ms)
{
    struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };
    nanosleep(&time, NULL);
}

static void pause_it(OskRequest *request)
{
    if (rig_seen.resumes_early) {
        rig_seen.resumes_early = false;
        osk_request_resume(request);
    }
    osk_request_pause(request);
    pthread_mutex_lock(&rig_seen.lock);
    rig_seen.request = request;
    rig_seen.pauses++;
    pthread_cond_broadcast(&rig_seen.change);
    pthread_mutex_unlock(&rig_seen.lock);
}

OskRequest *rig_wait_for_pause(unsigned count)
{
    pthread_mutex_lock(&rig_seen.lock);
    while (rig_seen.pauses < count) {
        pthread_cond_wait(&rig_seen.change, &rig_seen.lock);
    }
    OskRequest *request = rig_seen.request;
    pthread_mutex_unlock(&rig_seen.lock);
    return request;
}

void rig_say(OskRequest *request, unsigned status, const char *text)
{
    osk_request_add_header(request, "X-Seen", "yes");
    osk_request_answer(request, &(OskAnswer){ .status = status,
                                              .media_type = "text/plain",
                                              .bytes = text,
                                              .len = strlen(text) });
}

void rig_on_begin(void *context, OskRequest *request)
{
    (void)context;
    rig_seen.begins++;
    osk_request_set_state(request, &rig_seen);
    const char *query = osk_request_query(request, "q");
    snprintf(rig_seen.query, sizeof(rig_seen.query), "%s", query != NULL ? query : "(none)");
    if (strcmp(osk_request_path(request), "/echo/refuse") == 0) {
        rig_say(request, 403, "no");
        return;
    }
    if (strcmp(osk_request_path(request), "/echo/interim") == 0) {
        osk_request_add_header(request, "X-Early", "1");
        rig_seen.interim = osk_request_interim(request, 104);
    }
    if (rig_seen.pauses_in_begin) {
        pause_it(request);
    }
}

static size_t on_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    assert_ptr_equal(osk_request_state(request), &rig_seen);
    size_t takes = rig_seen.takes > 0 && rig_seen.takes < len ? rig_seen.takes : len;
    for (size_t i = 0; i < takes && rig_seen.len < sizeof(rig_seen.body) - 1; i++) {
        rig_seen.body[rig_seen.len++] = (char)bytes[i];
    }
    if (rig_seen.stops_at > 0 && rig_seen.len >= rig_seen.stops_at) {
        rig_say(request, 413, "enough");
    } else if (rig_seen.pauses_in_body) {
        pause_it(request);
    }
    return takes;
}

void rig_on_end(void *context, OskRequest *request)
{
    (void)context;
    rig_seen.ends++;
    if (rig_seen.pauses_in_end && rig_seen.ends == 1) {
        pause_it(request);
        return;
    }
    if (strcmp(osk_request_path(request), "/echo/file") == 0) {
        int fd = memfd_create("copy", MFD_CLOEXEC);
        assert_int_equal(write(fd, "..0123456789..", 14), 14);
        osk_request_answer_file(request, &(OskFileAnswer){ .fd = fd,
                                                           .offset = 2,
                                                           .len = 10,
                                                           .media_type = "image/jpeg",
                                                           .etag = "\"e1\"",
                                                           .save_as = "oilskin-1.jpg" });
        rig_seen.file = fd;
        return;
    }
    rig_say(request, 200, rig_seen.body);
}

void rig_on_done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    assert_ptr_equal(osk_request_state(request), &rig_seen);
    pthread_mutex_lock(&rig_seen.lock);
    rig_seen.dones++;
    rig_seen.wholes += whole;
    pthread_cond_broadcast(&rig_seen.change);
    pthread_mutex_unlock(&rig_seen.lock);
}

const OskRoute rig_routes[RIG_ROUTES] = {
    { .path = "/echo/",
      .methods = "GET HEAD POST PATCH",
      .begin = rig_on_begin,
      .body = on_body,
      .end = rig_on_end,
      .done = rig_on_done },
    { .path = "/bodiless",
      .methods = "POST",
      .begin = rig_on_begin,
      .end = rig_on_end,
      .done = rig_on_done },
};

OskHttp *rig_start(const char *address)
{
    OskHttp *http = NULL;
    OskFault fault = { 0 };
    rig_reset();
    const OskHttpOptions options = { .address = address,
                                     .routes = rig_routes,
                                     .route_count = sizeof(rig_routes) / sizeof(rig_routes[0]) };
    assert_int_equal(osk_http_start(&http, &options, &fault), OSK_OK);
    return http;
}

int rig_dial(const OskHttp *http)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(osk_http_port(http)) };
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

void rig_put(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* What comes back until `mark` is in it, or the other side ends. */
const char *rig_get(int fd, const char *mark)
{
    static char answer[8192];
    size_t len = 0;
    answer[0] = 0;
    struct pollfd one = { .fd = fd, .events = POLLIN };
    while (strstr(answer, mark) == NULL && len < sizeof(answer) - 1 && poll(&one, 1, 10000) == 1) {
        ssize_t got = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        answer[len] = 0;
    }
    return answer;
}

void rig_wait_for_done(unsigned count)
{
    pthread_mutex_lock(&rig_seen.lock);
    while (rig_seen.dones < count) {
        pthread_cond_wait(&rig_seen.change, &rig_seen.lock);
    }
    pthread_mutex_unlock(&rig_seen.lock);
}

bool rig_has(const char *answer, const char *text)
{
    return strstr(answer, text) != NULL;
}
