/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of admission share. Everything here is touched under the lock. */
#ifndef OSK_INTAKE_ADMISSION_INSIDE_H
#define OSK_INTAKE_ADMISSION_INSIDE_H

#include "intake/admission.h"

#include <pthread.h>

/* One place inside, in fixed point: expectations are parts of one. */
#define OSK_PLACE 65536u

/* Bodies below 8 MiB are served one after the other, since sharing would only make all of them
 * late; each doubling behind it is a level that yields to those before it. */
#define OSK_LEVEL_BYTES (8ull * 1024 * 1024)
#define OSK_LEVELS 12u

/* How long a place is held for who was let in and has not begun. */
#define OSK_HOPE_MS 500

/* Given places that nobody has used yet: tus creations, and slots that have become good. */
#define OSK_TICKETS 2048u

/* Whole bodies whose work is awaited: as many come in five seconds of no disk. */
#define OSK_RESTS 1024u

/* Nonces of used slots: two generations of half a slot's time each. At 2^17 a generation, 145 forms
 * a second; beyond, the oldest may be used twice, which costs a turn and nothing else. */
#define OSK_NONCES (1u << 17)

/* Why somebody was let in who has not begun. Each kind has its own experience of how many do. */
typedef enum OskHope {
    OSK_HOPE_BODY,   /* inside, no byte has come yet */
    OSK_HOPE_UPLOAD, /* a creation; its PATCH comes */
    OSK_HOPE_SLOT,   /* a form was shown; its POST comes */
    OSK_HOPE_REST,   /* a body is whole; its work comes */
    OSK_HOPE_SUBMIT, /* an upload waits to be submitted; the request that does it comes */
    OSK_HOPES
} OskHope;

typedef struct OskLine {
    OskTurn *first;
    OskTurn *last;
    unsigned count;
} OskLine;

struct OskTurn {
    OskAdmission *admission;
    OskTurn *next;
    OskTurn *previous;
    OskTurn *next_due; /* to be woken */
    OskLine *line;     /* that it stands in, or NULL */
    void (*wake)(void *context);
    void *context;
    uint64_t len;
    uint64_t attained;   /* bytes taken */
    uint64_t slow_bytes; /* that may be taken now without a place */
    int64_t slow_ms;     /* when they were counted */
    int64_t since_ms;    /* in its line */
    int64_t door_ms;     /* when it came to the door; -1 for not yet */
    bool has_waited;
    bool is_patient; /* its body has begun: it is not sent away any more */
    bool is_inside;
    bool is_finishing; /* all announced bytes are taken */
    bool is_alone;     /* no work follows them at once */
    bool has_key;      /* of the request that submits them */
    bool is_called;    /* a wake is under way */
    uint8_t key[OSK_TICKET_KEY_BYTES];
};

typedef struct OskTicket {
    uint8_t key[OSK_TICKET_KEY_BYTES];
    int64_t given_ms;
    OskHope hope;
    bool is_there;
    bool is_counted; /* its use is still hoped for */
} OskTicket;

typedef struct OskNonces {
    uint64_t *seen; /* open addressing; 0 is empty */
    size_t count;
    int64_t from_ms;
} OskNonces;

struct OskAdmission {
    pthread_mutex_t lock;
    pthread_cond_t tick;
    pthread_cond_t called; /* a wake has ended */
    pthread_t thread;
    bool has_thread;
    bool stops;
    OskAdmissionLimits limits;

    OskLine door[2]; /* [1]: those with a slot */
    unsigned door_next;
    OskLine hopeful; /* inside, before their first byte */
    OskLine inside[OSK_LEVELS];
    OskLine running;
    OskTurn *first_due; /* to be woken when the lock is free */
    OskTurn *last_due;
    unsigned turns;
    unsigned finishing;
    unsigned works[2];
    OskTicket tickets[OSK_TICKETS]; /* a ring, by age */
    size_t first_ticket;
    size_t next_ticket;
    int64_t rests[OSK_RESTS]; /* a ring: when bodies became whole whose work is awaited */
    size_t first_rest;
    size_t held_rest; /* from here on a place is held, too */
    size_t next_rest;
    unsigned hoped[OSK_HOPES];  /* how many places are held for */
    uint32_t chance[OSK_HOPES]; /* of OSK_PLACE: how many of the last ones came */
    uint32_t alone;      /* of OSK_PLACE: how many of the last bodies waited to be submitted */
    uint64_t slow_bytes; /* of all slow ones together, as in a turn */
    int64_t slow_ms;

    OskNonces nonces[2];

    uint64_t promised; /* leased bytes that are not written yet */
    OskLease *leases;
    int64_t lapsed_ms; /* when they were looked at */

    OskAdmissionCounts counts;
};

int64_t osk_admission_now(const OskAdmission *admission);
/* Nobody waits, and there is a place. */
bool osk_door_is_free(OskAdmission *admission);
/* Under the lock: ends waits, gives places, lets in. Unlocks while it wakes. */
void osk_turns_tick(OskAdmission *admission);
unsigned osk_turns_waiting(const OskAdmission *admission);
/* After the load fell: where there is a thread, it looks at once. */
void osk_go_on(OskAdmission *admission);

/* One more experience, of those who were let in or of their bodies; the last eight or so count. */
void osk_learn(uint32_t *chance, bool came);
void osk_tickets_lapse(OskAdmission *admission, int64_t now);
/* A body is whole; work begins, and the place that was held for it becomes its own. A scrub follows
 * a body however late it comes. */
void osk_rest_hope(OskAdmission *admission);
void osk_rest_came(OskAdmission *admission, OskWork work);
/* Ends a turn that entered; its place is held for who comes with `key`. Nulls. */
void osk_turn_hand_on(OskTurn **turn, OskHope hope, const uint8_t *key);
/* One is let in: its place is counted as hoped for, under `key`. */
void osk_ticket_give(OskAdmission *admission, OskHope hope, const uint8_t *key);
/* True when there was one. */
bool osk_ticket_use(OskAdmission *admission, const uint8_t *key);
void osk_leases_lapse(OskAdmission *admission, int64_t now);
void osk_slots_free(OskAdmission *admission);

#endif
