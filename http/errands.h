/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads for what blocks: the disk above all. A thread of HTTP hands an errand over between
 * osk_request_pause() and osk_request_resume(). Many of them wait for the disk at once, so that
 * their commits share one write of it. */
#ifndef OSK_HTTP_ERRANDS_H
#define OSK_HTTP_ERRANDS_H

#include "oilskin/status.h"

/* The first member of whatever an errand is about: nothing is allocated to hand it over, so handing
 * over does not fail. */
typedef struct OskErrand {
    void (*run)(struct OskErrand *errand); /* on a thread of the pool, once; may free it */
    struct OskErrand *next;                /* of the queue */
} OskErrand;

typedef struct OskErrands OskErrands;

/* @param threads 1 to 256. Errors: NO_MEMORY. */
OskStatus osk_errands_open(OskErrands **out, unsigned threads);
/* First come, first served. The errand is lent until its run() begins. */
void osk_errands_add(OskErrands *errands, OskErrand *errand);
/* Runs what is queued, then ends the threads. Accepts NULL and nulls. */
void osk_errands_close(OskErrands **errands);

#endif
