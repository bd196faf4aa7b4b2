/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preview of a sealed file, and what it is compared by: who looks through a flood opens no
 * original. Who decodes the frames, pictures or videos, differs by program. */
#ifndef OSK_WORKER_LOOK_H
#define OSK_WORKER_LOOK_H

#include "packing.h"
#include "sealed.h"
#include "sheet.h"

/* One look. */
typedef struct OskLook {
    OskSealedInput input; /* the file in the clear, `len` bytes: osk_sealed_read() */
    uint64_t len;
    OskBudget budget;
    bool packs;
    bool poster;          /* one frame in place of a sheet */
    unsigned cpu_seconds; /* of this job */
    OskSheet sheet;
    OskPacking packing;
    OskLookDone *done;
    OskFault *fault;
} OskLook;

/* Decodes: fills `done` but for the lengths, the sheet, and where `packs` the packing. */
typedef OskStatus (*OskLookDraw)(OskLook *look);

typedef struct OskLookJob {
    const OskStripAsk *ask;
    const OskStripSegment *segments; /* as many as `ask` says */
    const OskRandom *random;
    unsigned cpu_seconds; /* after which this process ends */
} OskLookJob;

/* Reads OSK_STRIP_INPUT_FD, writes OSK_STRIP_OUTPUT_FD as osk_worker_look() says, padded inside its
 * seals. Errors: UNSUPPORTED where nothing here decodes the file; what its codec says; LIMIT before
 * work that is larger than the job may do; AUTH when a segment doesn't open; IO when the disk is
 * full. */
OskStatus osk_look(const OskLookJob *job, OskLookDraw draw, OskLookDone *done, OskFault *fault);
/* The status of a function that may have set no fault. */
OskStatus osk_look_check(OskLook *look, OskStatus status);
OskStatus osk_look_fail(OskLook *look, OskStatus status, const char *what);
/* UNSUPPORTED: this program decodes other files. */
OskStatus osk_look_pass(OskLook *look);

/* OskLookDraw of pictures (oilskin-worker), and of videos (oilskin-frames). */
OskStatus osk_look_picture(OskLook *look);
OskStatus osk_look_film(OskLook *look);

#endif
