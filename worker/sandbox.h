/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walls around a decoder: entered after its libraries are loaded, before it reads a byte. */
#ifndef OSK_WORKER_SANDBOX_H
#define OSK_WORKER_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

typedef struct OskSandbox {
    uint64_t memory;      /* bytes of address space beside what is mapped already */
    unsigned cpu_seconds; /* of processor time */
    bool threads;         /* threads may be started, and opening a file fails instead of killing:
                           * libraries that start threads count processors first */
    uint64_t file_bytes;  /* the one file that may be written, and how long it may become; with it
                           * two  descriptors may be read from at an offset. 0 for neither */
    uint32_t without;     /* OSK_LAYER_* that are left out: tests show by it that the others hold
                           * alone */
} OskSandbox;

/* Enters every layer that this kernel has. What is missing is not in the answer; nothing fails.
 * @param out_landlock the ABI of Landlock, 0 without.
 * Returns OSK_LAYER_* of host/worker_protocol.h. */
uint32_t osk_sandbox_enter(const OskSandbox *sandbox, uint32_t *out_landlock);

#endif
