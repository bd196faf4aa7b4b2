/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that says no, or later. Everything that takes a share of the machine asks here:
 * bodies, disk, Argon2id, scrub workers. Nothing here knows who a sender is. */
#ifndef OSK_INTAKE_ADMISSION_H
#define OSK_INTAKE_ADMISSION_H

#include "oilskin/status.h"

typedef struct OskAdmission OskAdmission;

typedef struct OskAdmissionLimits {
    unsigned active_bodies;    /* that are read at once at full speed; 0 for two a processor */
    uint64_t disk_reserve_pct; /* the last part of the disk, for texts and small ones; 0 for 10 */
    uint64_t small_bytes;      /* a small submission; 0 for 32 MiB */
    uint64_t lease_bytes;      /* 0 for 64 MiB */
    unsigned lease_idle_ms;    /* a lease without progress ends; 0 for 60,000 */
    bool pause_large;
    uint8_t slot_key[32]; /* signs slots */
    void *clock_context;
    int64_t (*now_ms)(void *context); /* monotonic; NULL for the machine's */
    void *disk_context;
    bool (*disk)(void *context, uint64_t *out_free, uint64_t *out_total);
} OskAdmissionLimits;

OskStatus osk_admission_open(OskAdmission **out, const OskAdmissionLimits *limits);
void osk_admission_set(OskAdmission *admission, const OskAdmissionLimits *limits);
void osk_admission_close(OskAdmission **admission);

/* ---- slots: the wait comes before the form. A slot is a signed text, "<from>.<nonce>.<mac>", that
 * says from when on it is good; it is good for 30 minutes from then, for one POST. The server keeps
 * only the nonces that were used. ---- */
#define OSK_SLOT_TEXT_BYTES 128u
#define OSK_SLOT_MS (30 * 60 * 1000)
/* @param effort leading zero bits of the proof of work that came with it; 0 for none. Earlier,
 * never instead of. `out_wait_ms` is 0 when the form may be shown now. */
OskStatus osk_slot_issue(OskAdmission *admission, unsigned effort, char out[OSK_SLOT_TEXT_BYTES],
                         int64_t *out_wait_ms);
typedef enum OskSlotState {
    OSK_SLOT_GOOD,
    OSK_SLOT_EARLY,
    OSK_SLOT_OLD,
    OSK_SLOT_USED,
    OSK_SLOT_FALSE
} OskSlotState;
OskSlotState osk_slot_look(OskAdmission *admission, const char *slot, int64_t *out_wait_ms);
/* Uses it up: GOOD once. */
OskSlotState osk_slot_use(OskAdmission *admission, const char *slot);

/* ---- bodies: a share of the machine, by least attained service: who has had few bytes goes before
 * who has had many. ---- */
typedef struct OskTurn OskTurn;
/* @param len announced, UINT64_MAX for unknown. `out_retry_s` is set with LIMIT: the answer is then
 * 503 with Retry-After (the sender can resume), or a page with a slot. Errors: LIMIT; NO_MEMORY.
 * @param has_waited it came with a slot, and is never sent away for the load. */
OskStatus osk_turn_begin(OskAdmission *admission, uint64_t len, bool has_waited, OskTurn **out,
                         unsigned *out_retry_s, OskFault *fault);
/* How many of `len` bytes may be taken now. 0: pause; `wake` is called once, from another thread,
 * when to ask again. */
size_t osk_turn_take(OskTurn *turn, size_t len, void (*wake)(void *context), void *context);
/* No wake comes after it. Accepts NULL and nulls. */
void osk_turn_end(OskTurn **turn);

/* ---- disk: leased in steps against bytes that came ---- */
typedef struct OskLease OskLease;
/* Errors: LIMIT with the sentence for the sender. `is_text`: no file comes with it. */
OskStatus osk_lease_take(OskAdmission *admission, uint64_t declared, bool is_text, OskLease **out,
                         OskFault *fault);
/* `total` bytes of it are written: extends it, or says LIMIT. */
OskStatus osk_lease_extend(OskLease *lease, uint64_t total, OskFault *fault);
void osk_lease_end(OskLease **lease);

typedef struct OskAdmissionCounts {
    unsigned turns;
    unsigned waiting;
    uint64_t leased_bytes;
    uint64_t slots_issued;
    uint64_t refused_disk;
    uint64_t delayed;
} OskAdmissionCounts;
void osk_admission_counts(OskAdmission *admission, OskAdmissionCounts *out);

#endif
