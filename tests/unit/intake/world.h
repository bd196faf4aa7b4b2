/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An admission on a clock and a disk that a test moves: nothing waits. */
#ifndef TESTS_UNIT_INTAKE_WORLD_H
#define TESTS_UNIT_INTAKE_WORLD_H

#include "intake/admission.h"

#define MIB (1024ull * 1024)

typedef struct World {
    OskAdmission *admission;
    int64_t now; /* ms */
    uint64_t disk_free;
    uint64_t disk_total;
    bool disk_is_gone;
} World;

/* The clock and the disk of `world` beside the limits that are given. */
OskAdmissionLimits world_limits(World *world, OskAdmissionLimits limits);
/* Opens the admission of a test: for cmocka's set-up. */
int world_open(void **state, OskAdmissionLimits limits, uint64_t disk_bytes);
int world_close(void **state);
/* Time goes by, with a tick every 5 ms. */
void world_pass(World *world, int64_t ms);

/* ---- turns ---- */
void world_count_wake(void *count);
OskTurn *world_begin(World *world, uint64_t len, bool has_waited);
/* Runs `turn` up to `len` bytes; it must not be held up. */
void world_bring(OskTurn *turn, uint64_t len);
/* The same, once the door has opened. */
void world_wait_and_bring(World *world, OskTurn *turn, uint64_t len);

#endif
