/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request between threads: one of HTTP sees it in begin(), body() and end(); between them it is
 * paused, and an errand, the receipts' pool, the submitter or the door has it. */
#ifndef OSK_INTAKE_VISIT_H
#define OSK_INTAKE_VISIT_H

#include <pthread.h>

#include "http/route.h"
#include "intake/admission.h"
#include "http/errands.h"

/* The first member of what a request keeps. Touch no field but `request` and `turn`. */
typedef struct OskVisit {
    OskErrand errand;
    OskErrands *errands;
    OskRequest *request; /* lent until osk_visit_done() */
    OskTurn *turn;       /* NULL for none */
    void (*close)(OskErrand *errand);
    pthread_mutex_t lock; /* of what follows */
    bool is_away;
    bool is_done;   /* no request any more */
    bool is_paused; /* for a wake */
    bool is_woken;
} OskVisit;

/* @param close frees what the visit is part of, calls osk_visit_free(); an errand, once. */
void osk_visit_begin(OskVisit *visit, OskErrands *errands, OskRequest *request,
                     void (*close)(OskErrand *errand));
void osk_visit_free(OskVisit *visit);

/* Of an upload, for osk_turn_claim(): only who knows the token can name it. */
void osk_visit_key(const char *token, uint8_t out[OSK_TICKET_KEY_BYTES]);

/* ---- on the threads of HTTP ---- */
/* Pauses, and lets `run` have it, which ends (there, or wherever it leads) in
 * osk_visit_come_back(). */
void osk_visit_hand_over(OskVisit *visit, void (*run)(OskErrand *errand));
/* While it is, nothing else of it may be looked at. */
bool osk_visit_is_away(OskVisit *visit);
/* At the door, with a turn. WAIT: it is paused. */
OskDoor osk_visit_enter(OskVisit *visit, unsigned *out_retry_s);
/* How many of `len` bytes its turn may take. 0: it is paused. */
size_t osk_visit_take(OskVisit *visit, size_t len);
/* In done(). @param key for who comes next with it (osk_turn_leave()); NULL for nobody. The visit
 * may be gone after it. */
void osk_visit_done(OskVisit *visit, const uint8_t key[OSK_TICKET_KEY_BYTES]);

/* ---- on other threads ---- */
/* The request goes on; or, when nobody waits any more, it is closed. */
void osk_visit_come_back(OskVisit *visit);
/* From one errand, or from what it led to, to the next. */
void osk_visit_pass_on(OskVisit *visit, void (*run)(OskErrand *errand));

#endif
