/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/invariants.h"

#include <stdlib.h>
#include <string.h>

static const char *check_coverage(const OskScrub *job, size_t len)
{
    uint64_t in = 0;
    uint64_t out = 0;
    for (size_t i = 0; i < osk_scrub_step_count(job); i++) {
        OskStep step = osk_scrub_step(job, i);
        if (step.in_offset != in || step.out_offset != out) {
            return "a step does not begin where the one before ends";
        }
        if (step.verdict == OSK_KEEP && step.in_len != step.out_len) {
            return "a kept range changes its length";
        }
        if (step.verdict == OSK_DROP && step.out_len != 0) {
            return "a dropped range writes bytes";
        }
        in += step.in_len;
        out += step.out_len;
    }
    return in != len ? "the plan does not cover the input" : NULL;
}

/* Limits that keep one input of a fuzzer within a second and 512 MiB. */
static const OskScrubOptions options = { .limits = { .memory = (uint64_t)512 << 20,
                                                     .parts = (uint64_t)1 << 20 } };

static bool is_ours(OskStatus status)
{
    return status == OSK_BUG || status == OSK_MISUSE;
}

static const char *check_output(const OskMemory *first)
{
    OskSource source = osk_source_from_memory(first->bytes, first->len);
    OskStatus status = osk_verify(&source, &options.limits, NULL, NULL);
    if (status != OSK_OK) {
        return "verify, without attestation, refuses an output";
    }
    OskScrub *job = NULL;
    const char *broken = NULL;
    status = osk_scrub_open(&source, &options, &job);
    OskMemory second = { .bytes = malloc(first->len + 1),
                         .capacity = first->len,
                         .max = first->len };
    OskSink sink = osk_sink_to_memory(&second);
    if (status != OSK_OK) {
        broken = "an output can't be scrubbed again";
    } else if (second.bytes == NULL || osk_scrub_apply(job, &sink) != OSK_OK ||
               second.len != first->len || memcmp(first->bytes, second.bytes, first->len) != 0) {
        broken = "a second scrub changes the output";
    }
    for (size_t i = 0; broken == NULL && i < osk_report_count(osk_scrub_report(job)); i++) {
        if (!osk_report_at(osk_scrub_report(job), i)->stays) {
            broken = "an output still reveals something";
        }
    }
    free(second.bytes);
    osk_scrub_free(&job);
    return broken;
}

const char *broken_invariant(const uint8_t *bytes, size_t len, OskStatus *out_status)
{
    OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    OskMemory out = { .bytes = NULL };
    const char *broken = NULL;
    OskStatus status = osk_scrub_open(&source, &options, &job);
    if (status == OSK_OK) {
        broken = check_coverage(job, len);
        out.capacity = out.max = (size_t)osk_scrub_output_size(job);
        out.bytes = malloc(out.capacity + 1);
        OskSink sink = osk_sink_to_memory(&out);
        status = out.bytes == NULL ? OSK_NO_MEMORY : osk_scrub_apply(job, &sink);
    }
    if (broken == NULL && status == OSK_OK && out.len != out.capacity) {
        broken = "the output is not as long as planned";
    }
    if (broken == NULL && status == OSK_OK) {
        OskSource output = osk_source_from_memory(out.bytes, out.len);
        status = osk_scrub_verify(job, &output);
        if (status == OSK_FOUND || status == OSK_MALFORMED || status == OSK_TRUNCATED) {
            broken = "verify refuses what strip planned";
        }
    }
    if (broken == NULL && is_ours(status)) {
        broken = "a call ended in BUG or MISUSE";
    }
    if (broken == NULL && status != OSK_OK && osk_scrub_fault(job)->status == OSK_OK) {
        broken = "a refusal without a fault";
    }
    if (broken == NULL && status == OSK_OK) {
        broken = check_output(&out);
    }
    free(out.bytes);
    osk_scrub_free(&job);
    if (out_status != NULL) {
        *out_status = status;
    }
    return broken;
}
