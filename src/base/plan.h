/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan: what becomes of every byte of the input, in order. */
#ifndef OSK_BASE_PLAN_H
#define OSK_BASE_PLAN_H

#include "base/arena.h"
#include "oilskin/scrub.h"

/* Compact, because a long video has a step or three per frame; lengths follow from the next
 * step. */
typedef struct OskPlanStep {
    uint64_t in_offset;
    uint64_t out_offset;
    uint8_t *literal;
    uint16_t part; /* index into the format's table */
    uint8_t verdict;
    uint8_t walked;
} OskPlanStep;

typedef struct OskPlan {
    const OskPart *parts; /* lent: the format's policy table */
    size_t part_count;
    OskArena arena; /* literals and blocks of steps */
    OskPlanStep **blocks;
    size_t block_count;
    size_t block_capacity;
    size_t count;
    uint64_t in_end;  /* the next step must begin here */
    uint64_t out_end; /* bytes written so far */
    OskStatus status; /* sticky: NO_MEMORY, LIMIT or BUG; later calls do nothing */
} OskPlan;

void osk_plan_init(OskPlan *plan, const OskPart *parts, size_t part_count, OskBudget *budget);
void osk_plan_clear(OskPlan *plan);

/* Steps are added in input order without gap or overlap; anything else is a BUG, as are parts that
 * are not rows of the format's table and verdicts that the row doesn't have (a KEEP row may be
 * dropped or rewritten, a REWRITE row dropped; nothing else). Neighbours of one kind are merged. */

/* `walked`: the module has walked this coded data to its last bit, and nothing else is in it. */
void osk_plan_keep(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len, bool walked);
void osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len);
/* Replaces [offset, offset + len) by a copy of `bytes` (`out_len` of them; NULL: zeros, to be
 * filled in). `len` 0 inserts. Returns the copy, writable until the plan is applied; NULL after a
 * failure. */
uint8_t *osk_plan_rewrite(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len,
                          const void *bytes, uint64_t out_len);

/* Where the input position `offset` lies in the output. `after_inserts`: behind what is inserted at
 * that very position (use true for the beginning of a range, false for its end). Exact for
 * positions in or at the border of KEEP ranges and at the borders of the others. */
uint64_t osk_plan_map(const OskPlan *plan, uint64_t offset, bool after_inserts);

OskStep osk_plan_step(const OskPlan *plan, size_t index);

/* True when the plan covers exactly [0, size) and nothing failed. */
bool osk_plan_is_complete(const OskPlan *plan, uint64_t size);

#endif
