/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for many small things that die together. */
#ifndef OSK_BASE_ARENA_H
#define OSK_BASE_ARENA_H

#include <stddef.h>

#include "base/budget.h"

typedef struct OskArenaBlock OskArenaBlock;

typedef struct OskArena {
    OskArenaBlock *blocks;
    OskBudget *budget; /* lent; what is allocated is spent from it and returned by the free */
} OskArena;

void osk_arena_init(OskArena *arena, OskBudget *budget);
/* Zeroed bytes, aligned for any type, alive until the arena is freed. NULL when memory or the
 * budget is spent. A size of 0 gives a valid pointer. */
void *osk_arena_alloc(OskArena *arena, size_t size);
/* The same for `count` items of `size` bytes each; NULL too when the product does not fit. */
void *osk_arena_array(OskArena *arena, size_t count, size_t size);
void osk_arena_free(OskArena *arena);

#endif
