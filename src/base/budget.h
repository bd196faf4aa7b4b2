/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a job may still spend. No allocation, loop or recursion that a file sizes goes without
 * it. */
#ifndef OSK_BASE_BUDGET_H
#define OSK_BASE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "oilskin/scrub.h"

typedef struct OskBudget {
    uint64_t memory; /* bytes */
    uint64_t parts;  /* steps of loops over things the file declares */
    uint64_t pixels;
    uint32_t depth;
} OskBudget;

/* Each returns false, and leaves the budget as it was, when there isn't enough. */
bool osk_budget_memory(OskBudget *budget, uint64_t bytes);
bool osk_budget_parts(OskBudget *budget, uint64_t count);
bool osk_budget_pixels(OskBudget *budget, uint64_t pixels);
/* Nesting is entered and left in pairs. */
bool osk_budget_enter(OskBudget *budget);
void osk_budget_leave(OskBudget *budget);
/* Gives memory back after free(). */
void osk_budget_return(OskBudget *budget, uint64_t bytes);

/* The defaults of limits.h. */
OskBudget osk_budget_default(void);
/* What the caller allows: a field of `limits` that is 0, or `limits` NULL, means the default. */
OskBudget osk_budget_from(const OskLimits *limits);

#endif
