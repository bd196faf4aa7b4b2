/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/locked.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* In front of what is given: how much was mapped. */
#define HEAD_BYTES 32u

void *osk_locked_alloc(size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (len > SIZE_MAX - HEAD_BYTES - page) {
        return NULL;
    }
    size_t mapped = (len + HEAD_BYTES + page - 1) / page * page;
    uint8_t *bytes = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) {
        return NULL;
    }
    /* On fault: a sealer that has seen a hundred bytes takes one page of the machine, not 17, and
     * thousands of slow senders are cheap. */
    if (mlock2(bytes, mapped, MLOCK_ONFAULT) != 0 || madvise(bytes, mapped, MADV_DONTDUMP) != 0 ||
        madvise(bytes, mapped, MADV_DONTFORK) != 0) {
        munmap(bytes, mapped);
        return NULL;
    }
    *(size_t *)(void *)bytes = mapped;
    return bytes + HEAD_BYTES;
}

void osk_locked_free(void *bytes)
{
    if (bytes == NULL) {
        return;
    }
    uint8_t *start = (uint8_t *)bytes - HEAD_BYTES;
    size_t mapped = *(size_t *)(void *)start;
    /* The kernel gives no page to anybody else before it is cleared, and pages that were never
     * touched need not be touched now. */
    munmap(start, mapped);
}
