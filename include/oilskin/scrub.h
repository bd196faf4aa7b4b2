/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main job: plan, apply, verify. */
#ifndef OILSKIN_SCRUB_H
#define OILSKIN_SCRUB_H

#include "format.h"
#include "io.h"
#include "report.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum OskIccMode {
    OSK_ICC_REBUILD = 0, /* the colour-defining tags only: no names, dates, serials */
    OSK_ICC_DROP,        /* remove the profile: colours may shift */
    OSK_ICC_KEEP         /* keep it byte for byte; it may name the device. A broken one goes */
} OskIccMode;

/* What one job may spend. Zero in a field means the default of limits.h. */
typedef struct OskLimits {
    uint64_t memory; /* bytes allocated */
    uint64_t parts;  /* parts, samples, table rows looked at */
    uint64_t pixels; /* declared picture area */
    uint32_t depth;  /* nesting */
} OskLimits;

typedef struct OskScrubOptions {
    OskIccMode icc;
    bool drop_audio;   /* remove the sound tracks of a video */
    bool keep_preroll; /* keep undisplayed frames that lie beyond one coding delay */
    OskLimits limits;
} OskScrubOptions;

/* One step of a plan: a byte range of the input and what becomes of it. Steps cover every input
 * byte exactly once, in order; a step with `in_len` 0 inserts bytes. */
typedef struct OskStep {
    const OskPart *part;
    uint64_t in_offset;
    uint64_t in_len;
    uint64_t out_offset;
    const uint8_t *literal; /* REWRITE: the bytes written instead; else NULL */
    uint64_t out_len;       /* bytes written by this step */
    OskVerdict verdict;
    bool walked; /* KEEP: the coded data was walked to its last bit */
} OskStep;

typedef struct OskScrub OskScrub;

/* Look at a whole file: guess its format, walk it, find what it reveals, plan what to do.
 *
 * @param options   NULL for the defaults.
 * @param out_job   given; free with osk_scrub_free() whatever the status is. It is set even when
 *                  the status is not OSK_OK, so that the findings so far and the fault can be read;
 *                  only after OSK_NO_MEMORY or OSK_MISUSE may it be NULL.
 * Errors: OSK_UNSUPPORTED for an unknown or unprovable file; TRUNCATED, MALFORMED, LIMIT,
 * NO_MEMORY, IO. */
OSK_API OskStatus osk_scrub_open(const OskSource *source, const OskScrubOptions *options,
                                 OskScrub **out_job);

/* NULL while the format is unknown. */
OSK_API const OskFormatInfo *osk_scrub_format(const OskScrub *job);
/* What the name of the output usually ends in, without the dot ("jpg", "mov"): lent, as long as the
 * job lives. "" while the format is unknown; never NULL. */
OSK_API const char *osk_scrub_extension(const OskScrub *job);
/* The fault of the last call on this job; status OSK_OK when there was none. */
OSK_API const OskFault *osk_scrub_fault(const OskScrub *job);
OSK_API const OskReport *osk_scrub_report(const OskScrub *job);
OSK_API size_t osk_scrub_step_count(const OskScrub *job);
OSK_API OskStep osk_scrub_step(const OskScrub *job, size_t index);
/* Size of the output in bytes; 0 without a plan. */
OSK_API uint64_t osk_scrub_output_size(const OskScrub *job);
/* True when the job holds the whole input in memory (stills), so that the input may change or
 * vanish. */
OSK_API bool osk_scrub_in_memory(const OskScrub *job);

/* Write the planned output. The output is NOT proven yet: call osk_scrub_verify() on it and throw
 * it away unless that returns OSK_OK.
 * Errors: MISUSE without a plan, IO, NO_MEMORY. */
OSK_API OskStatus osk_scrub_apply(OskScrub *job, const OskSink *sink);

/* The second opinion on what osk_scrub_apply() wrote. `output` is what was written, read again.
 * Errors: OSK_FOUND when something is in it that no clean file may contain; BUG when it isn't what
 * the plan said. */
OSK_API OskStatus osk_scrub_verify(OskScrub *job, const OskSource *output);

OSK_API void osk_scrub_free(OskScrub **job);

/* All at once, memory to memory: open, apply, verify.
 *
 * @param out_bytes  given on OSK_OK: free with osk_bytes_free(). NULL otherwise.
 * @param fault      where not NULL: what went wrong. */
OSK_API OskStatus osk_scrub_bytes(const void *bytes, size_t len, const OskScrubOptions *options,
                                  uint8_t **out_bytes, size_t *out_len, OskFault *fault);

#ifdef __cplusplus
}
#endif
#endif
