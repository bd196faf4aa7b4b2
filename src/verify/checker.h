/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a checker is: a small reader with an allow-list of its own. It shares nothing with
 * src/formats or src/parts; where both read the same structure, they read it twice on purpose. */
#ifndef OSK_VERIFY_CHECKER_H
#define OSK_VERIFY_CHECKER_H

#include "base/arena.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "base/report.h"
#include "oilskin/io.h"

/* A range whose bytes were compared with coded data that was walked to its last bit. */
typedef struct OskAttested {
    uint64_t offset;
    uint64_t len;
} OskAttested;

typedef struct OskCheck {
    const OskSource *source;
    const uint8_t *bytes; /* the whole file for checkers with `whole`; else NULL */
    uint64_t size;
    OskBudget *budget;
    OskArena *arena;
    OskReport *report;
    OskFault *fault;
    const OskAttested *attested; /* in order, apart; may be NULL */
    size_t attested_count;
    bool keeps_preroll;  /* asked for: frames before the first that is shown may be there */
    bool keeps_profiles; /* asked for: colour profiles may say what they like */
    bool found;          /* something that may not be there */
} OskCheck;

typedef struct OskChecker {
    const char *name;
    bool whole;
    bool (*matches)(const uint8_t *head, size_t len);
    /* Reads the whole file. Reports everything that may not be there with osk_check_found() and
     * goes on where it can. Every byte must be accounted for. OSK_OK when it was read to its end; a
     * fault through osk_check_fail() when it can't be told. */
    OskStatus (*check)(OskCheck *check);
} OskChecker;

/* Every checker; verify.c. NULL past the end. */
const OskChecker *osk_checkers_at(size_t index);

/* Something that a clean file may not contain. `part` and `what` (plain words) are static. */
void osk_check_found(OskCheck *check, const char *part, const char *what, uint64_t offset);
/* The same, for what an option of the scrub would have kept on purpose: `field` is the finding's
 * machine name, which tells of which option. */
void osk_check_found_as(OskCheck *check, const char *field, const char *part, const char *what,
                        uint64_t offset);
#define OSK_CHECK_PROFILE "verify.profile"
#define OSK_CHECK_PREROLL "verify.preroll"
/* The file can't be told clean. Returns `status`. */
OskStatus osk_check_fail(OskCheck *check, OskStatus status, const char *part, const char *what,
                         uint64_t offset);
/* Copies [offset, offset + len); IO or TRUNCATED with the fault set. */
OskStatus osk_check_read(OskCheck *check, uint64_t offset, void *out, size_t len);
/* The same into the arena (or lent from memory), as a cursor. */
OskStatus osk_check_load(OskCheck *check, uint64_t offset, uint64_t len, OskCursor *out);
/* True when [offset, offset + len) lies wholly in attested ranges: the coded data in it need not be
 * walked again. */
bool osk_check_is_attested(const OskCheck *check, uint64_t offset, uint64_t len);

/* For the pipeline: verify with attested ranges. See oilskin/verify.h for the rest. */
OskStatus osk_verify_attested(OskCheck *check);

#endif
