/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends connections that are too slow. The library's own timeout, which is not used, counts silence
 * only: who sends one header each second lives for ever under it. And of an answer it counts what
 * was written, so that an honest reader of what the kernel has buffered looks silent. Here every
 * phase has an end. */
#ifndef OSK_HTTP_REAPER_H
#define OSK_HTTP_REAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct OskReaper OskReaper;
typedef struct OskDeadline OskDeadline;

/* Starts the thread that looks every OSK_HTTP_REAP_MS. NULL where that fails. */
OskReaper *osk_reaper_start(void);

/* Watches a socket: when `ms` have passed it is shut down in both directions, and whoever owns it
 * sees its end. The socket is never closed here.
 * Ownership: forget it before the socket is closed. NULL without memory. The rest takes NULL for
 * what is not watched. */
OskDeadline *osk_reaper_watch(OskReaper *reaper, int fd, int64_t ms);

/* Sets another end, counted from now. What was to be read is no more looked at. */
void osk_reaper_extend(OskReaper *reaper, OskDeadline *deadline, int64_t ms);

/* A body brought `bytes`: the end moves by what OSK_HTTP_BODY_RATE gives for them, and never beyond
 * OSK_HTTP_BODY_WINDOW_MS from now. */
void osk_reaper_progress(OskReaper *reaper, OskDeadline *deadline, size_t bytes);

/* How long an answer may take. */
typedef struct OskPace {
    int64_t ms;        /* at first, and never more than that from now */
    int64_t silent_ms; /* in which nothing was taken of what is there */
    int64_t look_ms;   /* how often it is looked at that */
} OskPace;

/* An answer goes out from now on: it is looked at how much of it the other side has taken. Its end
 * moves by what OSK_HTTP_BODY_RATE gives for that. */
void osk_reaper_send(OskReaper *reaper, OskDeadline *deadline, const OskPace *pace);

/* Stops the clock of one, and lets it go on. */
void osk_reaper_hold(OskReaper *reaper, OskDeadline *deadline);
void osk_reaper_release(OskReaper *reaper, OskDeadline *deadline);

/* How many were shut down for being late. */
uint64_t osk_reaper_count(OskReaper *reaper);

/* Shuts down every socket now, and from now on. */
void osk_reaper_end_all(OskReaper *reaper);

void osk_reaper_forget(OskReaper *reaper, OskDeadline *deadline);

/* Ends the thread and forgets what is left. Accepts NULL and nulls. */
void osk_reaper_stop(OskReaper **reaper);

#endif
