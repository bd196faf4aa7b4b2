/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/recode.h"

#include <stdlib.h>

#include "base/fault.h"

/* With all frames, once an excerpt has been searched. */
#define TRIES_WHOLE 3u

OskStatus osk_recode_no_memory(const OskEncoder *encoder, OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, encoder->codec->part, "memory ended", OSK_NO_OFFSET);
}

OskStatus osk_recode_too_large(const OskEncoder *encoder, OskFault *fault)
{
    return osk_fault_set(fault, OSK_LIMIT, encoder->codec->part,
                         "the picture is too large to encode", OSK_NO_OFFSET);
}

OskStatus osk_recode_begin(const OskEncoder *start, OskEncoder **out_encoder, OskFault *fault)
{
    OskEncoder *encoder = calloc(1, sizeof *encoder);
    *out_encoder = encoder;
    if (encoder == NULL) {
        return osk_recode_no_memory(start, fault);
    }
    *encoder = *start;
    return OSK_OK;
}

OskStatus osk_recode_keep(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    OskStatus status = osk_kept_add(&encoder->frames, frame, !encoder->lossless, encoder->budget);
    if (status == OSK_OK) {
        return OSK_OK;
    }
    return status == OSK_NO_MEMORY ? osk_recode_no_memory(encoder, fault)
                                   : osk_recode_too_large(encoder, fault);
}

static OskStatus attempt_quality(void *context, unsigned quality, OskAttempt *out, OskFault *fault)
{
    const OskEncoder *encoder = context;
    return encoder->codec->attempt(encoder, quality, out, fault);
}

/* How much of the source there is still to code: not what is covered, nor what was cut off. */
static double kept_of(const OskEncoder *encoder)
{
    const OskImage *image = &encoder->frames.at[0].image;
    double area = (double)image->width * image->height;
    double source = (double)encoder->source.area;
    return encoder->frames.kept_share * (area < source ? area / source : 1);
}

size_t osk_recode_count(const OskEncoder *encoder)
{
    return encoder->excerpt != 0 ? encoder->excerpt : encoder->frames.count;
}

/* The first frames, where there are too many to try them all again and again. */
static size_t choose_excerpt(const OskEncoder *encoder)
{
    const OskImage *image = &encoder->frames.at[0].image;
    uint64_t area = (uint64_t)image->width * image->height;
    uint64_t most = encoder->codec->excerpt_area;
    if (most == 0 || encoder->frames.count <= 2 || area * encoder->frames.count <= 2 * most) {
        return 0;
    }
    return area * 2 >= most ? 2 : (size_t)(most / area);
}

/* The quality that serves the excerpt. */
static OskStatus search_excerpt(OskEncoder *encoder, OskQualitySearch *quest, OskFault *fault)
{
    OskAttempt found = { 0 };
    OskEncodeReport report = { 0 };
    OskQualitySearch part = *quest;
    encoder->excerpt = choose_excerpt(encoder);
    if (encoder->excerpt == 0) {
        return OSK_OK;
    }
    part.source_len = (uint64_t)((double)quest->source_len * (double)encoder->excerpt /
                                 (double)encoder->frames.count) +
                      1;
    OskStatus status = osk_quality_search(&part, &found, &report, fault);
    free(found.bytes);
    encoder->excerpt = 0;
    quest->first = report.quality;
    quest->tries = TRIES_WHOLE;
    quest->stride = 2;
    return status;
}

static OskStatus search_quality(OskEncoder *encoder, OskFault *fault)
{
    OskQualitySearch quest = { .context = encoder,
                               .attempt = attempt_quality,
                               .highest = encoder->codec->highest,
                               .first = encoder->codec->first,
                               .tries = encoder->codec->tries,
                               .source_len = encoder->source.len,
                               .kept = kept_of(encoder) };
    OskStatus status = search_excerpt(encoder, &quest, fault);
    return status == OSK_OK ? osk_quality_search(&quest, &encoder->best, &encoder->report, fault)
                            : status;
}

static OskStatus search_shortest(OskEncoder *encoder, unsigned first, unsigned ways,
                                 OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (unsigned i = 0; status == OSK_OK && i < ways; i++) {
        OskAttempt tried = { 0 };
        status = encoder->codec->attempt(encoder, first + i, &tried, fault);
        bool better = encoder->best.bytes == NULL || tried.len < encoder->best.len;
        free(better ? encoder->best.bytes : tried.bytes);
        encoder->best = better ? tried : encoder->best;
    }
    encoder->report = (OskEncodeReport){ .centibel = 9999, .len = encoder->best.len };
    return status;
}

OskStatus osk_recode_search(OskEncoder *encoder, uint64_t own, unsigned ways, OskFault *fault)
{
    if (!osk_budget_memory(encoder->budget, own)) {
        return osk_recode_too_large(encoder, fault);
    }
    OskStatus status;
    if (encoder->lossless) {
        status = search_shortest(encoder, 0, ways, fault);
    } else if (encoder->source.len == 0) {
        status = search_shortest(encoder, encoder->fresh, 1, fault);
    } else {
        status = search_quality(encoder, fault);
    }
    osk_budget_return(encoder->budget, own);
    return status;
}

OskStatus osk_recode_give(const OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    if (encoder->best.bytes == NULL) {
        return OSK_MISUSE;
    }
    osk_writer_bytes(out, encoder->best.bytes, encoder->best.len);
    return osk_writer_ok(out) ? OSK_OK : osk_recode_too_large(encoder, fault);
}

void osk_recode_drop(OskEncoder **encoder)
{
    OskEncoder *gone = *encoder;
    *encoder = NULL;
    if (gone == NULL) {
        return;
    }
    osk_kept_free(&gone->frames, gone->budget);
    free(gone->best.bytes);
    free(gone);
}

void osk_recode_report(const OskEncoder *encoder, OskEncodeReport *out_report)
{
    *out_report = encoder->report;
}
