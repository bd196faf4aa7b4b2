/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well a lossy codec writes a picture again, and the search for the quality to write it with.
 *
 * What is measured leaves out every covered pixel, and what is aimed at is the source's length
 * rounded to coarse steps: so that what was covered has no say in the quality that is found, but
 * for the rare case that its length tips the source over a step (docs/redaction.md). */
#ifndef OSK_PIXELS_QUALITY_H
#define OSK_PIXELS_QUALITY_H

#include "pixels/codec.h"

/* The promise: 42 dB between what was decoded and what is decoded of the result. As a ratio,
 * peak squared : mean squared error. */
#define OSK_QUALITY_RATIO 15848.93192461113
/* ... and a quarter more or less in length. */
#define OSK_QUALITY_SLACK 0.25

/* Squared errors relative to the squared peak, summed over colour samples. */
typedef struct OskError {
    double sum;
    uint64_t samples;
} OskError;

/* Pixels this near to a covered one are not measured: chroma of half the size mixes them. */
#define OSK_QUALITY_EDGE 2u
/* A copy of `covered` with everything within `by` pixels marked too. Ownership: free().
 * Errors: NO_MEMORY; the caller has spent width * height. */
OskStatus osk_covered_spread(const uint8_t *covered, uint32_t width, uint32_t height, uint32_t by,
                             uint8_t **out_mask);

/* Adds what differs between two pictures of the same size and model. Left out: what `mask` marks
 * (a byte a pixel, or NULL), alpha, and colours of pixels that are transparent in both.
 * Errors: MISUSE for pictures that can't be compared. */
OskStatus osk_error_add(OskError *error, const OskImage *a, const OskImage *b, const uint8_t *mask);
/* Hundredths of a decibel; 99.99 dB for no error. */
uint32_t osk_error_centibel(const OskError *error);
bool osk_error_keeps_promise(const OskError *error);

/* One encoding at one quality. */
typedef struct OskAttempt {
    uint8_t *bytes; /* malloc; the search owns it */
    size_t len;
    OskError error;
} OskAttempt;

typedef struct OskQualitySearch {
    void *context;
    /* Encodes at `quality` and measures. */
    OskStatus (*attempt)(void *context, unsigned quality, OskAttempt *out, OskFault *fault);
    unsigned lowest; /* the ladder: a higher quality is never much smaller or worse */
    unsigned highest;
    unsigned first;      /* where to begin */
    unsigned tries;      /* at most */
    unsigned stride;     /* of the first step; 0: a sixteenth of the ladder */
    uint64_t source_len; /* length to aim at; 0: any */
    double kept;         /* how much of the picture is not covered, 0 to 1 */
} OskQualitySearch;

/* Finds a quality that keeps both promises, or else the smallest that keeps that of 42 dB, or else
 * the best there is. `report` says which.
 * Ownership: out->bytes is freed by the caller. */
OskStatus osk_quality_search(const OskQualitySearch *search, OskAttempt *out,
                             OskEncodeReport *report, OskFault *fault);

/* The share of pixels that `covered` does not mark; 1 for NULL. */
double osk_covered_kept(const uint8_t *covered, uint32_t width, uint32_t height);

#endif
