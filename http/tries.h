/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries of a passphrase. Each costs 64 MiB and some tenths of a second (Argon2id), so that a few
 * threads do them, and whoever guesses is slowed without locking out whom they guess at:
 *
 *  - a lane for each name, of a reviewer or of a link, and one for each browser that has logged in
 *    before: a wrong guess heats its own lane. Three are free, then a lane rests for 1, 2, 4 ...
 *    30 s between tries. Ten quiet minutes, or a right one, cool it.
 *  - nobody queues behind a guesser: when a lane may go on, one of those who wait in it is drawn.
 *    Who waits is bounded; a newcomer takes the place of one that is drawn.
 *  - a brief try is told at once to come later where its lane rests for long, and waits no longer
 *    than OSK_TRIES_BRIEF_MS else: it is told to come while the lane's next draw is near, so that
 *    who does as told is among those who are drawn from, and no browser hangs.
 *  - browsers that have logged in before wait apart, and every second turn is theirs: a flood of
 *    names, each with a lane of its own, takes neither their place nor their turn.
 *  - names that exist and names that don't are one and the same here.
 *
 * What the public asks for waits in the same way (publish/ask.c), in a lane for each target and
 * none of it wrong: a flood about one picture is one turn in two to who asks about another. */
#ifndef OSK_HTTP_TRIES_H
#define OSK_HTTP_TRIES_H

#include "oilskin/random.h"
#include "oilskin/status.h"

#define OSK_TRIES_THREADS 2u
#define OSK_TRIES_FREE 3u
#define OSK_TRIES_REST_MS 30000
#define OSK_TRIES_QUIET_MS (10 * 60 * 1000)
#define OSK_TRIES_BRIEF_MS 10000
#define OSK_TRIES_WAITING_MAX 256u /* of either kind */

typedef struct OskTries OskTries;

/* The first member of what a try is about: nothing is allocated to hand it over. */
typedef struct OskTry {
    /* On a thread of the pool. Returns whether it was right; the try may be gone after it. */
    bool (*run)(struct OskTry *one);
    /* In place of run(): too many wait. On some thread. */
    void (*refuse)(struct OskTry *one);
    unsigned retry_s; /* set before refuse(): when to come again; at least 1 */
    unsigned lane;    /* these are set by osk_tries_add() */
    int64_t until_ms; /* of a brief one */
    bool is_known;
    struct OskTry *next;
} OskTry;

/* @param random lent. Errors: NO_MEMORY, IO without randomness. */
OskStatus osk_tries_open(OskTries **out, const OskRandom *random);
/* In the lane of `name`: whose passphrase it is. */
void osk_tries_add(OskTries *tries, OskTry *one, const void *name, size_t len);
/* The same, and brief. */
void osk_tries_add_brief(OskTries *tries, OskTry *one, const void *name, size_t len);
/* In the lane of a browser that has logged in before; `of` any bytes. */
void osk_tries_add_known(OskTries *tries, OskTry *one, const void *of, size_t len);
/* Refuses who waits, and whoever comes. */
void osk_tries_park(OskTries *tries);
/* The same, and lets who runs end. Accepts NULL and nulls. */
void osk_tries_close(OskTries **tries);

/* How long a lane rests after so many wrong tries in a row. */
int64_t osk_tries_rest_ms(unsigned wrong);

#endif
