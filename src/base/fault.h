/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recording the first fault of a job. */
#ifndef OSK_BASE_FAULT_H
#define OSK_BASE_FAULT_H

#include "oilskin/status.h"

/* Records a fault unless one is recorded already, and returns `status`, so that a caller can write
 * `return osk_fault_set(...)`. `part` and `what` must be static strings. `fault` may be NULL. */
OskStatus osk_fault_set(OskFault *fault, OskStatus status, const char *part, const char *what,
                        uint64_t offset);

/* The part of a fault that says LIMIT for want of room on the disk, or because room is kept for
 * others: to try the same again soon does not help. */
#define OSK_FAULT_DISK "disk"
bool osk_fault_is_disk(const OskFault *fault);

/* Adds the next step for the person to the recorded fault; `next` is static. */
void osk_fault_next(OskFault *fault, const char *next);

#endif
