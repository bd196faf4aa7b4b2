/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/budget.h"

#include "base/limits.h"

static bool spend(uint64_t *left, uint64_t amount)
{
    if (amount > *left) {
        return false;
    }
    *left -= amount;
    return true;
}

bool osk_budget_memory(OskBudget *budget, uint64_t bytes)
{
    return spend(&budget->memory, bytes);
}

bool osk_budget_parts(OskBudget *budget, uint64_t count)
{
    return spend(&budget->parts, count);
}

bool osk_budget_pixels(OskBudget *budget, uint64_t pixels)
{
    return spend(&budget->pixels, pixels);
}

bool osk_budget_enter(OskBudget *budget)
{
    if (budget->depth == 0) {
        return false;
    }
    budget->depth--;
    return true;
}

void osk_budget_leave(OskBudget *budget)
{
    budget->depth++;
}

void osk_budget_return(OskBudget *budget, uint64_t bytes)
{
    budget->memory += bytes;
}

OskBudget osk_budget_default(void)
{
    return (OskBudget){ .memory = OSK_LIMIT_MEMORY,
                        .parts = OSK_LIMIT_PARTS,
                        .pixels = OSK_LIMIT_PIXELS,
                        .depth = OSK_LIMIT_DEPTH };
}

OskBudget osk_budget_from(const OskLimits *limits)
{
    OskBudget budget = osk_budget_default();
    if (limits != NULL) {
        budget.memory = limits->memory != 0 ? limits->memory : budget.memory;
        budget.parts = limits->parts != 0 ? limits->parts : budget.parts;
        budget.pixels = limits->pixels != 0 ? limits->pixels : budget.pixels;
        budget.depth = limits->depth != 0 ? limits->depth : budget.depth;
    }
    return budget;
}
