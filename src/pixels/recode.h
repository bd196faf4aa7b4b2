/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The encoder of formats that may have to be written several times until their quality is right:
 * it keeps the frames, and knows nothing of any library. */
#ifndef OSK_PIXELS_RECODE_H
#define OSK_PIXELS_RECODE_H

#include "pixels/kept.h"
#include "pixels/quality.h"

/* What a codec gives. */
typedef struct OskRecoding {
    const char *part; /* that faults name */
    /* Writes all frames once. @param quality on the codec's ladder, or where nothing is lost, which
     * of the ways to code it. Lossy ones measure what they made. */
    OskStatus (*attempt)(const OskEncoder *encoder, unsigned quality, OskAttempt *out,
                         OskFault *fault);
    unsigned highest; /* of the ladder */
    unsigned first;
    unsigned tries;
    /* Where all frames together have more than twice so many pixels, the search goes over the first
     * ones alone, and is then carried on from there with all of them; 0: never. */
    uint64_t excerpt_area;
} OskRecoding;

/* Of the file that was decoded; zeroed for none. */
typedef struct OskRecodeSource {
    uint64_t len;
    uint64_t area; /* pixels of a frame */
} OskRecodeSource;

struct OskEncoder {
    const OskRecoding *codec;
    OskEncodeOptions options;
    OskCodecInfo info;
    OskBudget *budget;
    OskRecodeSource source;
    unsigned fresh; /* the quality where there is no source to be like */
    bool lossless;
    bool moves;
    OskKeptFrames frames; /* its clock is the codec's to set */
    size_t excerpt;       /* an attempt takes so many frames; 0: all */
    void *own;            /* what the codec keeps from one attempt to the next; it frees that */
    OskAttempt best;
    OskEncodeReport report;
};

/* A copy of `start` on the heap. Ownership: osk_recode_drop(). */
OskStatus osk_recode_begin(const OskEncoder *start, OskEncoder **out_encoder, OskFault *fault);
/* Keeps a copy of a frame. */
OskStatus osk_recode_keep(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
/* Finds the best attempt: for a lossy source by osk_quality_search(), which aims at the share of
 * the source's length that the pixels that are left had; else the shortest of `ways`, each tried.
 * @param own bytes that the codec's library needs while it codes */
OskStatus osk_recode_search(OskEncoder *encoder, uint64_t own, unsigned ways, OskFault *fault);
/* How many frames an attempt takes. */
size_t osk_recode_count(const OskEncoder *encoder);
/* Writes what was found. */
OskStatus osk_recode_give(const OskEncoder *encoder, OskWriter *out, OskFault *fault);

OskStatus osk_recode_no_memory(const OskEncoder *encoder, OskFault *fault);
OskStatus osk_recode_too_large(const OskEncoder *encoder, OskFault *fault);

/* OskCodec's. */
void osk_recode_drop(OskEncoder **encoder);
void osk_recode_report(const OskEncoder *encoder, OskEncodeReport *out_report);

#endif
