/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that says no, or later. Everything that takes a share of the machine asks here:
 * bodies, disk, Argon2id, scrub workers. Nothing here knows who a sender is. */
#ifndef OSK_INTAKE_ADMISSION_H
#define OSK_INTAKE_ADMISSION_H

#include "oilskin/status.h"

typedef struct OskAdmission OskAdmission;
typedef struct OskTurn OskTurn;

typedef struct OskAdmissionLimits {
    unsigned active;           /* inside at once at full speed; 0 for one a processor, at least 2 */
    uint64_t disk_reserve_pct; /* the last part of the disk, for texts and small ones; 0 for 10 */
    uint64_t small_bytes;      /* a small submission; 0 for 32 MiB */
    uint64_t lease_bytes;      /* 0 for 64 MiB */
    unsigned lease_idle_ms;    /* a lease without progress ends; 0 for 60,000 */
    bool pause_large;
    uint8_t slot_key[32]; /* signs slots */
    void *clock_context;
    /* Monotonic; NULL for the machine's. With a clock of its own no thread is started: call
     * osk_admission_tick(). */
    int64_t (*now_ms)(void *context);
    void *disk_context;
    bool (*disk)(void *context, uint64_t *out_free, uint64_t *out_total); /* bytes */
} OskAdmissionLimits;

OskStatus osk_admission_open(OskAdmission **out, const OskAdmissionLimits *limits);
void osk_admission_set(OskAdmission *admission, const OskAdmissionLimits *limits);
void osk_admission_close(OskAdmission **admission);
/* What time brings: ends waits, lapses, lets in. A thread of its own does it otherwise. */
void osk_admission_tick(OskAdmission *admission);

/* ---- slots: the wait of those without a script comes before the form. A slot is a signed text,
 * "<from>.<nonce>.<mac>", good for 30 minutes and for one POST. The page gets one that has passed
 * the door, or one that waits: then it comes again with it, is held at the door, and gets one that
 * has passed (osk_turn_pass()). The server keeps only the nonces that were used. ---- */
#define OSK_SLOT_TEXT_BYTES 128u
#define OSK_SLOT_MS (30 * 60 * 1000)
/* @param effort leading zero bits of the proof of work that came with it; 0 for none. It buys a
 * shorter line at the door, and no more. `out_wait_ms` is 0 when the form may be shown now; else
 * ask again after it, at the door. */
OskStatus osk_slot_issue(OskAdmission *admission, unsigned effort, char out[OSK_SLOT_TEXT_BYTES],
                         int64_t *out_wait_ms);
/* Ends a turn that has entered: the slot that goes with the form. Errors: IO; then the turn is as
 * it was. */
OskStatus osk_turn_pass(OskTurn **turn, char out[OSK_SLOT_TEXT_BYTES]);
typedef enum OskSlotState {
    OSK_SLOT_GOOD,
    OSK_SLOT_EARLY, /* it has not passed the door yet */
    OSK_SLOT_OLD,
    OSK_SLOT_USED,
    OSK_SLOT_FALSE
} OskSlotState;
OskSlotState osk_slot_look(OskAdmission *admission, const char *slot, int64_t *out_wait_ms);
/* Uses it up: GOOD once. */
OskSlotState osk_slot_use(OskAdmission *admission, const char *slot);
/* The same for the request that came with it (in its address, or in a field of its form). GOOD: it
 * has waited, and is never sent away. EARLY: it stands in the line, in front with effort. */
OskSlotState osk_turn_slot(OskTurn *turn, const char *slot);

/* ---- turns: a share of the machine ----
 *
 * The wait comes before the first byte, because a sender who waits in the middle of a file does not
 * know whether it will arrive. So there is one door, in front of everything that costs: who has
 * passed it is inside, and few are inside at once, so that each gets through at nearly the speed of
 * an idle machine. At the door the oldest goes first, one place a connection: asking more often, or
 * coming again, gains nothing. Bytes that come slowly (a phone, Tor) take no place inside, however
 * many such senders there are; places that were given to somebody who then sent nothing are given
 * again, as many as experience says are needed.
 *
 * A request that will bring bytes or cost work (a creation, a PATCH, a form, a receipt):
 *   begin():  osk_turn_begin(), osk_turn_claim() where there is a key, osk_turn_enter():
 *             OPEN goes on; WAIT pauses until the wake, then asks again; LATER answers 503.
 *   body():   osk_turn_take() before bytes are taken.
 *   done():   osk_turn_end().
 * A creation that ends without bytes gives its place to the request that brings them, by
 * osk_turn_leave(). */

/* What comes first of a body passes before the door: the fields of a form, with its slot. */
#define OSK_TURN_FREE_BYTES (16u * 1024)
#define OSK_TICKET_KEY_BYTES 16u

/* @param len announced, UINT64_MAX for unknown. `out_retry_s` is set with LIMIT: the answer is then
 * 503 with Retry-After (the sender can resume), or a page with a slot. Errors: LIMIT; NO_MEMORY.
 * @param has_waited it came with a slot, and is never sent away for the load. */
OskStatus osk_turn_begin(OskAdmission *admission, uint64_t len, bool has_waited, OskTurn **out,
                         unsigned *out_retry_s, OskFault *fault);
/* The place that osk_turn_leave() or osk_turn_is_alone() left under `key` (the first bytes of an
 * upload's lookup) is this turn's. Says nothing when there is none: then it waits at the door as
 * others do. */
void osk_turn_claim(OskTurn *turn, const uint8_t key[OSK_TICKET_KEY_BYTES]);

typedef enum OskDoor {
    OSK_DOOR_OPEN,
    OSK_DOOR_WAIT, /* pause; `wake` is called once, from another thread: ask again */
    OSK_DOOR_LATER /* it was held for as long as proxies allow: 503, Retry-After */
} OskDoor;
/* Before the first byte. `out_retry_s` is set with LATER. */
OskDoor osk_turn_enter(OskTurn *turn, void (*wake)(void *context), void *context,
                       unsigned *out_retry_s);
/* How many of `len` bytes may be taken now. 0: pause; `wake` is called once, from another thread,
 * when to ask again. Behind OSK_TURN_FREE_BYTES, waits at the door where nobody has entered. */
size_t osk_turn_take(OskTurn *turn, size_t len, void (*wake)(void *context), void *context);
/* No work follows its bytes by itself: they wait for a request that submits them, which comes in
 * without waiting again when it claims `key` within some seconds. NULL for what no request claims.
 */
void osk_turn_is_alone(OskTurn *turn, const uint8_t *key);
/* Ends a turn that entered and took no bytes: its place is kept for some seconds for the turn that
 * claims `key`. Nulls. */
void osk_turn_leave(OskTurn **turn, const uint8_t key[OSK_TICKET_KEY_BYTES]);
/* No wake comes after it: it waits for one that is under way, so a wake must not call it. Accepts
 * NULL and nulls. */
void osk_turn_end(OskTurn **turn);

/* Work behind the bodies: it is never refused, but the door knows of it. */
typedef enum OskWork {
    OSK_WORK_SCRUB,  /* from the time it is queued until it is committed: one a submission */
    OSK_WORK_RECEIPT /* Argon2id */
} OskWork;
void osk_work_begin(OskAdmission *admission, OskWork work);
void osk_work_end(OskAdmission *admission, OskWork work);
/* Ends it, and the next work of the same submission follows at once: its place is held for it. */
void osk_work_pass_on(OskAdmission *admission, OskWork work);

/* ---- disk: leased in steps against bytes that came; a creation reserves nothing ---- */
typedef struct OskLease OskLease;
/* Whether there is room for `bytes` now, all that will be written for a file of `declared`: for a
 * creation, so that nobody begins what can't end. Errors: as osk_lease_take(). */
OskStatus osk_lease_ask(OskAdmission *admission, uint64_t declared, uint64_t bytes,
                        OskFault *fault);
/* Errors: LIMIT with the sentence for the sender. `is_text`: no file comes with it. */
OskStatus osk_lease_take(OskAdmission *admission, uint64_t declared, bool is_text, OskLease **out,
                         OskFault *fault);
/* Before each write: `total` bytes of it will then be written. Extends it, or says LIMIT; what was
 * leased before stays. */
OskStatus osk_lease_extend(OskLease *lease, uint64_t total, OskFault *fault);
void osk_lease_end(OskLease **lease);
/* For work of the server's own, which writes `bytes` beside a file of `declared` that is there: all
 * of it at once, so that what begins can end, and for as long as it takes. A pause does not stop
 * it. osk_lease_extend() says how much is written. Errors: as osk_lease_take(). */
OskStatus osk_lease_hold(OskAdmission *admission, uint64_t declared, uint64_t bytes, OskLease **out,
                         OskFault *fault);

typedef struct OskAdmissionCounts {
    unsigned turns;
    unsigned waiting; /* at the door, or inside for a place */
    unsigned running; /* bodies that are read at full speed, and work behind them */
    uint64_t leased_bytes;
    uint64_t slots_issued;
    uint64_t refused_disk;
    uint64_t delayed; /* turns that were told to wait, or to come later */
} OskAdmissionCounts;
void osk_admission_counts(OskAdmission *admission, OskAdmissionCounts *out);

#endif
