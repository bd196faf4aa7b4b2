/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

#define BLOCK_STEPS ((size_t)2048)

void osk_plan_init(OskPlan *plan, const OskPart *parts, size_t part_count, OskBudget *budget)
{
    *plan = (OskPlan){ .parts = parts, .part_count = part_count };
    osk_arena_init(&plan->arena, budget);
}

void osk_plan_clear(OskPlan *plan)
{
    osk_arena_free(&plan->arena);
    free(plan->blocks);
    *plan = (OskPlan){ .parts = NULL };
}

static OskPlanStep *step_at(const OskPlan *plan, size_t index)
{
    return &plan->blocks[index / BLOCK_STEPS][index % BLOCK_STEPS];
}

static bool grow(OskPlan *plan)
{
    if (plan->count < plan->block_count * BLOCK_STEPS) {
        return true;
    }
    if (plan->block_count == plan->block_capacity) {
        size_t capacity = plan->block_capacity == 0 ? 16 : plan->block_capacity * 2;
        OskPlanStep **blocks = realloc(plan->blocks, capacity * sizeof(*blocks));
        if (blocks == NULL) {
            return false;
        }
        plan->blocks = blocks;
        plan->block_capacity = capacity;
    }
    OskPlanStep *block = osk_arena_array(&plan->arena, BLOCK_STEPS, sizeof(OskPlanStep));
    if (block == NULL) {
        return false;
    }
    plan->blocks[plan->block_count++] = block;
    return true;
}

static bool verdict_allowed(const OskPlan *plan, const OskPart *part, OskVerdict verdict)
{
    if (part < plan->parts || part >= plan->parts + plan->part_count) {
        return false;
    }
    return verdict == part->verdict || verdict == OSK_DROP ||
           (verdict == OSK_REWRITE && part->verdict == OSK_KEEP);
}

/* Adds a step, or merges it into the one before; NULL when the plan has failed or nothing is to
 * do. */
static OskPlanStep *add(OskPlan *plan, OskVerdict verdict, const OskPart *part, uint64_t offset,
                        uint64_t len)
{
    if (plan->status != OSK_OK) {
        return NULL;
    }
    uint64_t end = 0;
    if (offset != plan->in_end || !osk_add_u64(offset, len, &end) ||
        !verdict_allowed(plan, part, verdict)) {
        plan->status = OSK_BUG;
        return NULL;
    }
    if (!grow(plan)) {
        plan->status = OSK_NO_MEMORY;
        return NULL;
    }
    OskPlanStep *step = step_at(plan, plan->count);
    *step = (OskPlanStep){ .in_offset = offset,
                           .out_offset = plan->out_end,
                           .part = (uint16_t)(part - plan->parts),
                           .verdict = (uint8_t)verdict };
    plan->in_end = end;
    return step;
}

static bool merges(const OskPlan *plan, const OskPlanStep *step)
{
    if (plan->count == 0) {
        return false;
    }
    const OskPlanStep *before = step_at(plan, plan->count - 1);
    return before->part == step->part && before->verdict == step->verdict &&
           before->walked == step->walked;
}

void osk_plan_keep(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len, bool walked)
{
    if (len == 0 && plan->status == OSK_OK) {
        return;
    }
    OskPlanStep *step = add(plan, OSK_KEEP, part, offset, len);
    if (step == NULL) {
        return;
    }
    step->walked = walked;
    plan->out_end += len;
    if (!merges(plan, step)) {
        plan->count++;
    }
}

void osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len)
{
    if (len == 0 && plan->status == OSK_OK) {
        return;
    }
    OskPlanStep *step = add(plan, OSK_DROP, part, offset, len);
    if (step != NULL && !merges(plan, step)) {
        plan->count++;
    }
}

uint8_t *osk_plan_rewrite(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len,
                          const void *bytes, uint64_t out_len)
{
    OskPlanStep *step = add(plan, OSK_REWRITE, part, offset, len);
    if (step == NULL) {
        return NULL;
    }
    step->literal = out_len <= SIZE_MAX ? osk_arena_alloc(&plan->arena, (size_t)out_len) : NULL;
    if (step->literal == NULL) {
        plan->status = OSK_NO_MEMORY;
        return NULL;
    }
    if (bytes != NULL && out_len > 0) {
        memcpy(step->literal, bytes, (size_t)out_len);
    }
    plan->out_end += out_len;
    plan->count++;
    return step->literal;
}

/* The first step that begins at or behind `offset`; plan->count when there is none. */
static size_t lower_bound(const OskPlan *plan, uint64_t offset)
{
    size_t low = 0;
    size_t high = plan->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (step_at(plan, middle)->in_offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint64_t in_end_of(const OskPlan *plan, size_t index)
{
    return index + 1 < plan->count ? step_at(plan, index + 1)->in_offset : plan->in_end;
}

static uint64_t out_end_of(const OskPlan *plan, size_t index)
{
    return index + 1 < plan->count ? step_at(plan, index + 1)->out_offset : plan->out_end;
}

uint64_t osk_plan_map(const OskPlan *plan, uint64_t offset, bool after_inserts)
{
    size_t index = lower_bound(plan, offset);
    if (index < plan->count && step_at(plan, index)->in_offset == offset) {
        while (after_inserts && index + 1 < plan->count && in_end_of(plan, index) == offset) {
            index++;
        }
        return step_at(plan, index)->out_offset;
    }
    if (index == 0) {
        return 0;
    }
    const OskPlanStep *step = step_at(plan, index - 1);
    uint64_t out_len = out_end_of(plan, index - 1) - step->out_offset;
    uint64_t into = offset - step->in_offset;
    return step->out_offset + (into < out_len ? into : out_len);
}

OskStep osk_plan_step(const OskPlan *plan, size_t index)
{
    if (index >= plan->count) {
        return (OskStep){ .part = NULL };
    }
    const OskPlanStep *step = step_at(plan, index);
    return (OskStep){ .part = &plan->parts[step->part],
                      .in_offset = step->in_offset,
                      .in_len = in_end_of(plan, index) - step->in_offset,
                      .out_offset = step->out_offset,
                      .literal = step->literal,
                      .out_len = out_end_of(plan, index) - step->out_offset,
                      .verdict = (OskVerdict)step->verdict,
                      .walked = step->walked != 0 };
}

bool osk_plan_is_complete(const OskPlan *plan, uint64_t size)
{
    return plan->status == OSK_OK && plan->in_end == size;
}
