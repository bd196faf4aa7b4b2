/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/lobby.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/clock.h"
#include "http/limits.h"

/* At once, of the kernel's events and of new connections. */
#define EVENTS 64
#define ACCEPTS 64

/* One who waits, in the order of arrival, which is that of the deadlines. */
typedef struct Guest {
    struct Guest *next;
    struct Guest *previous;
    int64_t came_ms;
    int fd;
} Guest;

struct OskLobby {
    OskLobbyOptions options;
    pthread_t thread;
    Guest head; /* of a ring */
    atomic_uint waiting;
    atomic_uint inside;
    atomic_uint ended;
    atomic_bool shut;
    atomic_bool stops;
    bool is_full; /* the listening socket is left alone until somebody goes */
    int64_t rests_until_ms;
    int epoll;
    int wake;
    char peek[OSK_HTTP_HEADER_BYTES + 1];
};

OskHead osk_head_look(const char *bytes, size_t len)
{
    /* Lines end with LF here, with or without CR: what a head is, the library decides. */
    for (const char *at = bytes; (at = memchr(at, '\n', len - (size_t)(at - bytes))) != NULL;
         at++) {
        size_t left = len - (size_t)(at - bytes);
        if ((left > 1 && at[1] == '\n') || (left > 2 && at[1] == '\r' && at[2] == '\n')) {
            return OSK_HEAD_WHOLE;
        }
    }
    return len > OSK_HTTP_HEADER_BYTES ? OSK_HEAD_LONG : OSK_HEAD_PART;
}

/* ---- guests ---- */

static void forget(OskLobby *lobby, Guest *guest)
{
    guest->next->previous = guest->previous;
    guest->previous->next = guest->next;
    atomic_fetch_sub(&lobby->waiting, 1);
    free(guest);
}

static void say_too_long(int fd)
{
    static const char text[] = "HTTP/1.1 431 Request Header Fields Too Large\r\n"
                               "Content-Length: 0\r\nConnection: close\r\n\r\n";
    send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* What became of one: GONE before the headers were there, or what they are. */
typedef enum Look { LOOK_WAITS, LOOK_WHOLE, LOOK_LONG, LOOK_GONE } Look;

static Look look_at(OskLobby *lobby, int fd)
{
    ssize_t got = recv(fd, lobby->peek, sizeof(lobby->peek), MSG_PEEK | MSG_DONTWAIT);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR) ? LOOK_WAITS : LOOK_GONE;
    }
    OskHead head = osk_head_look(lobby->peek, (size_t)got);
    explicit_bzero(lobby->peek, (size_t)got);
    return head == OSK_HEAD_PART ? LOOK_WAITS : head == OSK_HEAD_WHOLE ? LOOK_WHOLE : LOOK_LONG;
}

/* Nothing is heard of it from here on. To close it would not do: until its exec() the child that
 * becomes a worker has this socket, too, and events would come for a guest that is gone. */
static void stop_watching(OskLobby *lobby, const Guest *guest)
{
    epoll_ctl(lobby->epoll, EPOLL_CTL_DEL, guest->fd, NULL);
}

/* Lets in who has said enough; ends who has gone, or says too much. */
static void part_with(OskLobby *lobby, int fd, Look look)
{
    if (look == LOOK_WHOLE) {
        atomic_fetch_add(&lobby->inside, 1);
        lobby->options.admit(lobby->options.context, fd);
        return;
    }
    if (look == LOOK_LONG) {
        say_too_long(fd);
    }
    close(fd);
}

/* Edge-triggered: each arrival is one event, and what was seen before makes none. */
static void let_wait(OskLobby *lobby, int fd)
{
    Guest *guest = malloc(sizeof(*guest));
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = guest };
    if (guest == NULL || epoll_ctl(lobby->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        free(guest);
        close(fd);
        return;
    }
    *guest = (Guest){
        .next = &lobby->head, .previous = lobby->head.previous, .came_ms = osk_now_ms(), .fd = fd
    };
    guest->previous->next = guest;
    lobby->head.previous = guest;
    atomic_fetch_add(&lobby->waiting, 1);
}

static void heed_guest(OskLobby *lobby, Guest *guest, uint32_t events)
{
    Look look = look_at(lobby, guest->fd);
    if (look == LOOK_WAITS && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        /* Nothing can follow on the half of a head that is there. */
        look = LOOK_GONE;
    }
    if (look != LOOK_WAITS) {
        int fd = guest->fd;
        stop_watching(lobby, guest);
        forget(lobby, guest);
        part_with(lobby, fd, look);
    }
}

static unsigned count_all(const OskLobby *lobby)
{
    return atomic_load(&lobby->waiting) + atomic_load(&lobby->inside);
}

static void end_late_ones(OskLobby *lobby)
{
    bool crowded = count_all(lobby) > lobby->options.limit / 2;
    int64_t oldest = osk_now_ms() - (crowded ? OSK_HTTP_CROWDED_HEADER_MS : OSK_HTTP_HEADER_MS);
    while (lobby->head.next != &lobby->head && lobby->head.next->came_ms <= oldest) {
        Guest *guest = lobby->head.next;
        stop_watching(lobby, guest);
        close(guest->fd);
        forget(lobby, guest);
        atomic_fetch_add(&lobby->ended, 1);
    }
}

/* ---- the door ---- */

static void watch_door(OskLobby *lobby, bool watch)
{
    struct epoll_event event = { .events = watch ? EPOLLIN : 0, .data.ptr = &lobby->options };
    epoll_ctl(lobby->epoll, EPOLL_CTL_MOD, lobby->options.listening, &event);
}

static void accept_some(OskLobby *lobby)
{
    for (int i = 0; i < ACCEPTS && count_all(lobby) < lobby->options.limit; i++) {
        int fd = accept4(lobby->options.listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                /* It would be told of the same connection again and again. */
                lobby->rests_until_ms = osk_now_ms() + OSK_HTTP_REAP_MS;
            }
            break;
        }
        Look look = look_at(lobby, fd);
        if (look == LOOK_WAITS) {
            let_wait(lobby, fd);
        } else {
            part_with(lobby, fd, look);
        }
    }
}

/* Opens the door or closes it, by what there is room for. */
static void mind_door(OskLobby *lobby)
{
    bool full = atomic_load(&lobby->shut) || count_all(lobby) >= lobby->options.limit ||
                osk_now_ms() < lobby->rests_until_ms;
    if (full != lobby->is_full) {
        lobby->is_full = full;
        watch_door(lobby, !full);
    }
}

static void heed(OskLobby *lobby, const struct epoll_event *event)
{
    if (event->data.ptr == &lobby->wake) {
        uint64_t times = 0;
        ssize_t got = read(lobby->wake, &times, sizeof(times));
        (void)got;
    } else if (event->data.ptr != &lobby->options) {
        heed_guest(lobby, event->data.ptr, event->events);
    } else if (!lobby->is_full) {
        accept_some(lobby);
    }
}

static void *run(void *context)
{
    OskLobby *lobby = context;
    struct epoll_event events[EVENTS];
    int64_t looked_ms = 0;
    while (!atomic_load(&lobby->stops)) {
        /* A guest has one event at most in a batch, so that none names one that is gone. */
        int count = epoll_wait(lobby->epoll, events, EVENTS, OSK_HTTP_REAP_MS);
        for (int i = 0; i < count; i++) {
            heed(lobby, &events[i]);
        }
        if (osk_now_ms() - looked_ms >= OSK_HTTP_REAP_MS) {
            end_late_ones(lobby);
            looked_ms = osk_now_ms();
        }
        mind_door(lobby);
    }
    return NULL;
}

static void wake_up(OskLobby *lobby)
{
    const uint64_t once = 1;
    ssize_t wrote = write(lobby->wake, &once, sizeof(once));
    (void)wrote;
}

/* ---- from outside ---- */

static bool watch_both(OskLobby *lobby)
{
    struct epoll_event door = { .events = EPOLLIN, .data.ptr = &lobby->options };
    struct epoll_event wake = { .events = EPOLLIN, .data.ptr = &lobby->wake };
    lobby->epoll = epoll_create1(EPOLL_CLOEXEC);
    lobby->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return lobby->epoll >= 0 && lobby->wake >= 0 &&
           epoll_ctl(lobby->epoll, EPOLL_CTL_ADD, lobby->options.listening, &door) == 0 &&
           epoll_ctl(lobby->epoll, EPOLL_CTL_ADD, lobby->wake, &wake) == 0;
}

bool osk_lobby_start(OskLobby **out, const OskLobbyOptions *options)
{
    OskLobby *lobby = calloc(1, sizeof(*lobby));
    *out = lobby;
    if (lobby == NULL) {
        return false;
    }
    lobby->options = *options;
    lobby->head.next = &lobby->head;
    lobby->head.previous = &lobby->head;
    if (watch_both(lobby) && pthread_create(&lobby->thread, NULL, run, lobby) == 0) {
        return true;
    }
    /* There is no thread to be waited for. */
    atomic_store(&lobby->stops, true);
    osk_lobby_free(out);
    return false;
}

void osk_lobby_left(OskLobby *lobby)
{
    unsigned were = atomic_fetch_sub(&lobby->inside, 1);
    if (were + atomic_load(&lobby->waiting) >= lobby->options.limit) {
        wake_up(lobby);
    }
}

unsigned osk_lobby_count(const OskLobby *lobby)
{
    return atomic_load(&lobby->inside);
}

unsigned osk_lobby_waiting(const OskLobby *lobby)
{
    return atomic_load(&lobby->waiting);
}

unsigned osk_lobby_ended(const OskLobby *lobby)
{
    return atomic_load(&lobby->ended);
}

void osk_lobby_shut(OskLobby *lobby)
{
    atomic_store(&lobby->shut, true);
    wake_up(lobby);
}

void osk_lobby_close(OskLobby *lobby)
{
    if (lobby == NULL || atomic_exchange(&lobby->stops, true)) {
        return;
    }
    wake_up(lobby);
    pthread_join(lobby->thread, NULL);
    while (lobby->head.next != &lobby->head) {
        close(lobby->head.next->fd);
        forget(lobby, lobby->head.next);
    }
}

void osk_lobby_free(OskLobby **lobby)
{
    if (*lobby != NULL) {
        osk_lobby_close(*lobby);
        if ((*lobby)->epoll >= 0) {
            close((*lobby)->epoll);
        }
        if ((*lobby)->wake >= 0) {
            close((*lobby)->wake);
        }
        free(*lobby);
        *lobby = NULL;
    }
}
