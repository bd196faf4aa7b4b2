/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_PAGE ((size_t)2 << 20)

void *osk_pages_alloc(size_t size)
{
    if (size < LARGE_PAGE || size > SIZE_MAX - LARGE_PAGE) {
        return malloc(size);
    }
    size_t whole = (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    void *memory = aligned_alloc(LARGE_PAGE, whole);
    if (memory != NULL) {
        /* A wish: where it isn't granted, the memory is as good. */
        (void)madvise(memory, whole, MADV_HUGEPAGE);
    }
    return memory;
}
