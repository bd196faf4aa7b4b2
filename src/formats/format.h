/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a format module is: one file, one policy table, one walk, no state. */
#ifndef OSK_FORMATS_FORMAT_H
#define OSK_FORMATS_FORMAT_H

#include "base/arena.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "base/plan.h"
#include "base/report.h"
#include "base/writer.h"
#include "oilskin/format.h"
#include "oilskin/io.h"
#include "oilskin/scrub.h"

typedef enum OskProbe { OSK_PROBE_NO, OSK_PROBE_MAYBE, OSK_PROBE_YES } OskProbe;

/* What a walk works with. Everything is lent. */
typedef struct OskWalk {
    const OskSource *source;
    const uint8_t *bytes; /* the whole input, for formats with `whole`; else NULL */
    uint64_t size;
    const OskScrubOptions *options;
    OskBudget *budget;
    OskArena *arena; /* for whatever the walk allocates; freed with the job */
    OskPlan *plan;
    OskReport *report;
    OskFault *fault;
    /* Set by a walk whose output is called otherwise than the first of the format's extensions;
     * static. */
    const char *extension;
} OskWalk;

typedef struct OskFormat {
    OskFormatInfo info;
    bool whole; /* stills: the input is read into memory before the walk */
    /* `len` is up to 64 KiB from the front. YES wins over MAYBE, earlier over later. */
    OskProbe (*probe)(const uint8_t *head, size_t len);
    /* Walks the whole input once: adds a finding for everything the file reveals and a step for
     * every byte. Returns a status other than OSK_OK by `return osk_walk_fail(...)`; findings made
     * before it still count, so look before you refuse where you can. */
    OskStatus (*walk)(OskWalk *walk);
} OskFormat;

/* Every format, in the order of probing; registry.c. NULL past the end. */
const OskFormat *osk_formats_at(size_t index);
const OskFormat *osk_formats_probe(const uint8_t *head, size_t len);

/* The first row with this tag, or NULL. */
const OskPart *osk_part_find(const OskPart *parts, size_t count, uint64_t tag);

/* Records the fault and returns `status`. `part` and `what` are static. */
OskStatus osk_walk_fail(OskWalk *walk, OskStatus status, const char *part, const char *what,
                        uint64_t offset);
/* Adds the findings of a colour profile, as staying ones where it is kept on request. */
void osk_walk_inspect_profile(OskWalk *walk, OskCursor profile, const char *part);
/* Appends to `out` what becomes of a colour profile, in every format alike: the options say whether
 * it is rebuilt, kept as it is, or goes. One that ICC.1 calls broken always goes: no reader uses
 * it, so that nothing is lost but what it hides. Nothing is appended for one that goes. Errors:
 * UNSUPPORTED for one that readers may use but that can't be rebuilt: dropping it could change
 * colours, so the person decides, and the fault names the options. LIMIT, NO_MEMORY. */
OskStatus osk_walk_take_profile(OskWalk *walk, OskCursor profile, const char *part, OskWriter *out);
/* Memory ended, or the budget of memory did: the fault for a NULL from an arena or a failed writer.
 */
OskStatus osk_walk_no_memory(OskWalk *walk, const char *part, uint64_t offset);
/* Spends `count` parts; false and the fault set (LIMIT) when there are not enough. */
bool osk_walk_spend(OskWalk *walk, uint64_t count, const char *part, uint64_t offset);

/* Copies [offset, offset + len) of the input; IO or TRUNCATED with the fault set when that fails.
 */
OskStatus osk_walk_read(OskWalk *walk, uint64_t offset, void *out, size_t len);
/* The same into the arena (or lent from memory), as a cursor. */
OskStatus osk_walk_load(OskWalk *walk, uint64_t offset, uint64_t len, OskCursor *out);

#endif
