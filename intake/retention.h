/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page says for how many days things are kept: here they go. */
#ifndef OSK_INTAKE_RETENTION_H
#define OSK_INTAKE_RETENTION_H

#include "intake/intake.h"

/* What is kept for how long; a copy of what the options say, so that it may outlive them. */
typedef struct OskRetention {
    unsigned days; /* the drop's own */
    struct {
        char id[OSK_CATEGORY_BYTES];
        unsigned days;
    } categories[OSK_INTAKE_CATEGORIES_MAX]; /* those with days of their own */
    size_t category_count;
} OskRetention;

void osk_retention_set(OskRetention *retention, const OskIntakeOptions *options);
/* Drops submissions that came more days before `today` than they are kept, whatever became of them
 * at the desk: senders were told that number. A category that is no longer listed has the drop's.
 * What the desk has on hold stays until that ends.
 * Errors: as the store's, FOUND for a hold that came meanwhile; what was dropped before it stays
 * dropped. */
OskStatus osk_retention_sweep(const OskRetention *retention, OskStore *store, OskDay today,
                              uint64_t *out_dropped, OskFault *fault);

#endif
