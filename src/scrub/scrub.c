/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oilskin/scrub.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "formats/format.h"
#include "oilskin/oilskin.h"
#include "verify/checker.h"

#define HEAD_BYTES ((size_t)64 << 10)
/* Small pieces are gathered into one write of this size. */
#define GATHER_BYTES ((size_t)256 << 10)
/* A kept range below this is cheaper to copy through memory than to hand to the kernel. */
#define COPY_LEAST ((uint64_t)32 << 10)

struct OskScrub {
    OskSource source;
    OskScrubOptions options;
    OskBudget budget;
    OskArena arena;
    OskPlan plan;
    OskReport report;
    OskFault fault;
    const OskFormat *format;
    char extension[8]; /* of the output; "" while the format is unknown */
    uint8_t *whole;    /* the input, when this job read it into memory itself */
    bool planned;
};

const char *osk_version(void)
{
    return OSK_VERSION_TEXT;
}

static OskStatus read_source(OskScrub *job, uint64_t offset, void *out, size_t len)
{
    if (len == 0) {
        return OSK_OK;
    }
    if (job->source.bytes != NULL) {
        memcpy(out, job->source.bytes + offset, len);
    } else if (!job->source.read(job->source.context, offset, out, len)) {
        return osk_fault_set(&job->fault, OSK_IO, "file", "the file could not be read", offset);
    }
    return OSK_OK;
}

static OskStatus find_format(OskScrub *job)
{
    if (job->source.size == 0) {
        osk_fault_set(&job->fault, OSK_TRUNCATED, "file", "the file is empty", 0);
        osk_fault_next(&job->fault, "get it again from where it came from: nothing of it arrived");
        return OSK_TRUNCATED;
    }
    uint8_t *head = malloc(HEAD_BYTES);
    if (head == NULL) {
        return osk_fault_set(&job->fault, OSK_NO_MEMORY, "file", "not enough memory", 0);
    }
    size_t len = job->source.size < HEAD_BYTES ? (size_t)job->source.size : HEAD_BYTES;
    OskStatus status = read_source(job, 0, head, len);
    if (status == OSK_OK) {
        job->format = osk_formats_probe(head, len);
        if (job->format == NULL) {
            status = osk_fault_set(&job->fault, OSK_UNSUPPORTED, "file",
                                   "this is no picture or video format that we know", 0);
        }
    }
    free(head);
    return status;
}

/* Stills are read into memory once, so that what is walked is what is written. */
static OskStatus load_whole(OskScrub *job)
{
    uint64_t size = job->source.size;
    if (!job->format->whole) {
        return OSK_OK;
    }
    if (size > OSK_LIMIT_STILL_BYTES ||
        (job->source.bytes == NULL && !osk_budget_memory(&job->budget, size))) {
        return osk_fault_set(&job->fault, OSK_LIMIT, "file", "larger than a picture may be", 0);
    }
    if (job->source.bytes != NULL) {
        return OSK_OK;
    }
    job->whole = malloc((size_t)size);
    if (job->whole == NULL) {
        return osk_fault_set(&job->fault, OSK_NO_MEMORY, "file", "not enough memory", 0);
    }
    OskStatus status = read_source(job, 0, job->whole, (size_t)size);
    if (status == OSK_OK) {
        job->source = (OskSource){ .bytes = job->whole, .size = size };
    }
    return status;
}

/* The first word of `extensions`. */
static void set_extension(OskScrub *job, const char *extensions)
{
    for (size_t i = 0; i + 1 < sizeof(job->extension) && extensions[i] > ' '; i++) {
        job->extension[i] = extensions[i];
    }
}

static OskStatus walk(OskScrub *job)
{
    const OskFormat *format = job->format;
    osk_plan_init(&job->plan, format->info.parts, format->info.part_count, &job->budget);
    OskWalk w = { .source = &job->source,
                  .bytes = format->whole ? job->source.bytes : NULL,
                  .size = job->source.size,
                  .options = &job->options,
                  .budget = &job->budget,
                  .arena = &job->arena,
                  .plan = &job->plan,
                  .report = &job->report,
                  .fault = &job->fault };
    OskStatus status = format->walk(&w);
    set_extension(job, w.extension != NULL ? w.extension : format->info.extensions);
    if (status == OSK_OK && job->fault.status == OSK_IO) {
        /* Also where only a finding was read: what could not be read is not known. */
        status = OSK_IO;
    }
    if (status == OSK_OK && job->plan.status == OSK_NO_MEMORY) {
        status = osk_walk_no_memory(&w, "plan", 0);
    }
    if (status == OSK_OK && job->report.failed) {
        status = osk_walk_no_memory(&w, "report", 0);
    }
    if (status == OSK_OK && !osk_plan_is_complete(&job->plan, job->source.size)) {
        status = osk_walk_fail(&w, OSK_BUG, "plan", "the plan does not cover every byte once",
                               job->plan.in_end);
    }
    if (status == OSK_OK && job->plan.out_end == 0) {
        status = osk_walk_fail(&w, OSK_BUG, "plan", "the plan keeps nothing", 0);
    }
    return status;
}

OskStatus osk_scrub_open(const OskSource *source, const OskScrubOptions *options,
                         OskScrub **out_job)
{
    *out_job = NULL;
    if (source == NULL || (source->bytes == NULL && source->read == NULL && source->size > 0)) {
        return OSK_MISUSE;
    }
    OskScrub *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return OSK_NO_MEMORY;
    }
    job->source = *source;
    if (options != NULL) {
        job->options = *options;
    }
    job->budget = osk_budget_from(&job->options.limits);
    osk_arena_init(&job->arena, &job->budget);
    osk_plan_init(&job->plan, NULL, 0, &job->budget);
    osk_report_init(&job->report);
    *out_job = job;
    OskStatus status = find_format(job);
    if (status == OSK_OK) {
        status = load_whole(job);
    }
    if (status == OSK_OK) {
        status = walk(job);
    }
    job->planned = status == OSK_OK;
    return status;
}

const OskFormatInfo *osk_scrub_format(const OskScrub *job)
{
    return job->format != NULL ? &job->format->info : NULL;
}

const char *osk_scrub_extension(const OskScrub *job)
{
    return job->extension;
}

const OskFault *osk_scrub_fault(const OskScrub *job)
{
    return &job->fault;
}

const OskReport *osk_scrub_report(const OskScrub *job)
{
    return &job->report;
}

size_t osk_scrub_step_count(const OskScrub *job)
{
    return job->plan.count;
}

OskStep osk_scrub_step(const OskScrub *job, size_t index)
{
    return osk_plan_step(&job->plan, index);
}

uint64_t osk_scrub_output_size(const OskScrub *job)
{
    return job->planned ? job->plan.out_end : 0;
}

bool osk_scrub_in_memory(const OskScrub *job)
{
    return job->source.bytes != NULL;
}

/* Gathers small pieces into large writes. */
typedef struct Gather {
    OskScrub *job;
    const OskSink *sink;
    uint8_t *bytes;
    size_t len;
} Gather;

static OskStatus write_out(Gather *g, const void *bytes, size_t len)
{
    if (len > 0 && !g->sink->write(g->sink->context, bytes, len)) {
        return osk_fault_set(&g->job->fault, OSK_IO, "output", "the copy could not be written",
                             OSK_NO_OFFSET);
    }
    return OSK_OK;
}

static OskStatus flush(Gather *g)
{
    size_t len = g->len;
    g->len = 0;
    return write_out(g, g->bytes, len);
}

static OskStatus put_bytes(Gather *g, const uint8_t *bytes, uint64_t len)
{
    if (len > GATHER_BYTES - g->len) {
        OskStatus status = flush(g);
        if (status != OSK_OK) {
            return status;
        }
    }
    if (len >= GATHER_BYTES) {
        return write_out(g, bytes, (size_t)len);
    }
    if (len > 0) {
        memcpy(g->bytes + g->len, bytes, (size_t)len);
        g->len += (size_t)len;
    }
    return OSK_OK;
}

static OskStatus put_kept(Gather *g, uint64_t offset, uint64_t len)
{
    const OskSource *source = &g->job->source;
    if (source->bytes != NULL) {
        return put_bytes(g, source->bytes + offset, len);
    }
    if (g->sink->copy != NULL && len >= COPY_LEAST) {
        OskStatus status = flush(g);
        if (status == OSK_OK && !g->sink->copy(g->sink->context, offset, len)) {
            status = osk_fault_set(&g->job->fault, OSK_IO, "output",
                                   "the copy could not be written", offset);
        }
        return status;
    }
    while (len > 0) {
        if (g->len == GATHER_BYTES) {
            OskStatus status = flush(g);
            if (status != OSK_OK) {
                return status;
            }
        }
        size_t room = GATHER_BYTES - g->len;
        size_t piece = len < room ? (size_t)len : room;
        OskStatus status = read_source(g->job, offset, g->bytes + g->len, piece);
        if (status != OSK_OK) {
            return status;
        }
        g->len += piece;
        offset += piece;
        len -= piece;
    }
    return OSK_OK;
}

OskStatus osk_scrub_apply(OskScrub *job, const OskSink *sink)
{
    if (!job->planned || sink == NULL || sink->write == NULL) {
        return OSK_MISUSE;
    }
    Gather gather = { .job = job, .sink = sink, .bytes = malloc(GATHER_BYTES) };
    if (gather.bytes == NULL) {
        return osk_fault_set(&job->fault, OSK_NO_MEMORY, "output", "not enough memory",
                             OSK_NO_OFFSET);
    }
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < job->plan.count; i++) {
        OskStep step = osk_plan_step(&job->plan, i);
        if (step.verdict == OSK_KEEP) {
            status = put_kept(&gather, step.in_offset, step.in_len);
        } else if (step.verdict == OSK_REWRITE) {
            status = put_bytes(&gather, step.literal, step.out_len);
        }
    }
    if (status == OSK_OK) {
        status = flush(&gather);
    }
    free(gather.bytes);
    return status;
}

/* Compares a kept range with what was written. Ranges copied from memory that was walked must be
 * equal. */
static bool equal_bytes(const OskScrub *job, const OskSource *output, const OskStep *step)
{
    uint8_t piece[4096];
    if (output->bytes != NULL) {
        return memcmp(job->source.bytes + step->in_offset, output->bytes + step->out_offset,
                      (size_t)step->out_len) == 0;
    }
    for (uint64_t done = 0; done < step->out_len;) {
        uint64_t left = step->out_len - done;
        size_t len = left < sizeof(piece) ? (size_t)left : sizeof(piece);
        if (!output->read(output->context, step->out_offset + done, piece, len) ||
            memcmp(piece, job->source.bytes + step->in_offset + done, len) != 0) {
            return false;
        }
        done += len;
    }
    return true;
}

/* The walked ranges, confirmed on the output. Only a job that holds its input in memory can attest:
 * a file might have changed since it was walked. */
static OskStatus attest(OskScrub *job, const OskSource *output, OskAttested **out,
                        size_t *out_count)
{
    *out = NULL;
    *out_count = 0;
    if (job->source.bytes == NULL) {
        return OSK_OK;
    }
    size_t count = 0;
    for (size_t i = 0; i < job->plan.count; i++) {
        count += osk_plan_step(&job->plan, i).walked ? 1 : 0;
    }
    OskAttested *ranges = osk_arena_array(&job->arena, count, sizeof(*ranges));
    if (ranges == NULL) {
        return osk_fault_set(&job->fault, OSK_NO_MEMORY, "output", "not enough memory", 0);
    }
    for (size_t i = 0; i < job->plan.count; i++) {
        OskStep step = osk_plan_step(&job->plan, i);
        if (!step.walked) {
            continue;
        }
        if (!equal_bytes(job, output, &step)) {
            return osk_fault_set(&job->fault, OSK_BUG, "output", "the copy is not what was planned",
                                 step.out_offset);
        }
        ranges[(*out_count)++] = (OskAttested){ .offset = step.out_offset, .len = step.out_len };
    }
    *out = ranges;
    return OSK_OK;
}

OskStatus osk_scrub_verify(OskScrub *job, const OskSource *output)
{
    if (!job->planned || output == NULL || (output->bytes == NULL && output->read == NULL)) {
        return OSK_MISUSE;
    }
    if (output->size != job->plan.out_end) {
        return osk_fault_set(&job->fault, OSK_BUG, "output", "the copy is not as long as planned",
                             output->size);
    }
    OskAttested *ranges = NULL;
    size_t count = 0;
    OskStatus status = attest(job, output, &ranges, &count);
    if (status != OSK_OK) {
        return status;
    }
    OskBudget budget = osk_budget_from(&job->options.limits);
    OskArena arena;
    osk_arena_init(&arena, &budget);
    OskCheck check = { .source = output,
                       .size = output->size,
                       .budget = &budget,
                       .arena = &arena,
                       .fault = &job->fault,
                       .attested = ranges,
                       .keeps_preroll = job->options.keep_preroll,
                       .keeps_profiles = job->options.icc == OSK_ICC_KEEP,
                       .attested_count = count };
    status = osk_verify_attested(&check);
    osk_arena_free(&arena);
    return status;
}

void osk_scrub_free(OskScrub **job)
{
    OskScrub *j = *job;
    if (j == NULL) {
        return;
    }
    osk_plan_clear(&j->plan);
    osk_report_clear(&j->report);
    osk_arena_free(&j->arena);
    free(j->whole);
    free(j);
    *job = NULL;
}

OskStatus osk_scrub_bytes(const void *bytes, size_t len, const OskScrubOptions *options,
                          uint8_t **out_bytes, size_t *out_len, OskFault *fault)
{
    *out_bytes = NULL;
    *out_len = 0;
    OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    OskMemory out = { .bytes = NULL };
    OskStatus status = osk_scrub_open(&source, options, &job);
    if (status == OSK_OK) {
        /* A plan never keeps nothing, so that this is no malloc(0). */
        out.capacity = out.max = (size_t)osk_scrub_output_size(job);
        out.bytes = malloc(out.capacity);
        OskSink sink = osk_sink_to_memory(&out);
        status = out.bytes != NULL ? osk_scrub_apply(job, &sink)
                                   : osk_fault_set(&job->fault, OSK_NO_MEMORY, "output",
                                                   "not enough memory", OSK_NO_OFFSET);
    }
    if (status == OSK_OK) {
        OskSource output = osk_source_from_memory(out.bytes, out.len);
        status = osk_scrub_verify(job, &output);
    }
    if (status == OSK_OK) {
        *out_bytes = out.bytes;
        *out_len = out.len;
    } else {
        free(out.bytes);
    }
    if (fault != NULL) {
        *fault = job != NULL ? *osk_scrub_fault(job)
                             : (OskFault){ .status = status, .part = "", .what = "" };
    }
    osk_scrub_free(&job);
    return status;
}
