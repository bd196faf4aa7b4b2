/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Collecting findings. The public view is oilskin/report.h. */
#ifndef OSK_BASE_REPORT_H
#define OSK_BASE_REPORT_H

#include "base/arena.h"
#include "base/text.h"
#include "oilskin/report.h"

struct OskReport {
    OskBudget budget;
    OskArena arena;
    struct OskReportBlock *first;
    struct OskReportBlock *last;
    size_t count;
    bool cut;
    bool failed; /* memory ended: the job must end in NO_MEMORY, not in a shorter list */
};

/* What a finding is, without its value: all static but the numbers. */
typedef struct OskFact {
    OskKind kind;
    const char *part;  /* "APP1 Exif" */
    const char *field; /* "exif.gps.position" */
    const char *label; /* "place where it was taken" */
    uint64_t offset;   /* in the input */
    uint64_t len;
    bool stays; /* a scrub does not remove it */
    bool asked; /* and that because an option asked for it */
} OskFact;

void osk_report_init(OskReport *report);
void osk_report_clear(OskReport *report);

/* Adds a finding; `text` is copied and may be NULL for no value. A NULL report is fine: nothing is
 * collected then. */
void osk_report_add(OskReport *report, OskFact fact, const OskText *text);
/* The same with `len` bytes of text straight from the file. */
void osk_report_add_untrusted(OskReport *report, OskFact fact, const uint8_t *bytes, size_t len,
                              OskEncoding encoding);

#endif
