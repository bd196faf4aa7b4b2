/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

#define BLOCK_BYTES ((size_t)64 << 10)
#define ALIGNMENT (sizeof(max_align_t))

struct OskArenaBlock {
    OskArenaBlock *next;
    size_t size; /* usable bytes */
    size_t used;
    max_align_t bytes[];
};

void osk_arena_init(OskArena *arena, OskBudget *budget)
{
    *arena = (OskArena){ .blocks = NULL, .budget = budget };
}

/* A block of its own for large things keeps the slack of the small ones small. */
static OskArenaBlock *add_block(OskArena *arena, size_t size)
{
    size_t total = 0;
    if (!osk_add_size(size, sizeof(OskArenaBlock), &total) ||
        !osk_budget_memory(arena->budget, total)) {
        return NULL;
    }
    OskArenaBlock *block = malloc(total);
    if (block == NULL) {
        osk_budget_return(arena->budget, total);
        return NULL;
    }
    *block = (OskArenaBlock){ .next = NULL, .size = size, .used = 0 };
    if (arena->blocks != NULL && size > BLOCK_BYTES) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *osk_arena_alloc(OskArena *arena, size_t size)
{
    size_t rounded = 0;
    if (!osk_add_size(size, ALIGNMENT - 1, &rounded)) {
        return NULL;
    }
    rounded -= rounded % ALIGNMENT;
    if (rounded == 0) {
        rounded = ALIGNMENT;
    }
    OskArenaBlock *block = arena->blocks;
    if (block == NULL || block->size - block->used < rounded) {
        block = add_block(arena, rounded > BLOCK_BYTES / 4 ? rounded : BLOCK_BYTES);
        if (block == NULL) {
            return NULL;
        }
    }
    uint8_t *bytes = (uint8_t *)block->bytes + block->used;
    block->used += rounded;
    memset(bytes, 0, rounded);
    return bytes;
}

void *osk_arena_array(OskArena *arena, size_t count, size_t size)
{
    size_t total = 0;
    return osk_mul_size(count, size, &total) ? osk_arena_alloc(arena, total) : NULL;
}

void osk_arena_free(OskArena *arena)
{
    OskArenaBlock *block = arena->blocks;
    while (block != NULL) {
        OskArenaBlock *next = block->next;
        osk_budget_return(arena->budget, block->size + sizeof(OskArenaBlock));
        free(block);
        block = next;
    }
    arena->blocks = NULL;
}
