/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Likeness of pictures: hashes that near-copies share, so that copies fold under one of them.
 * Nothing here looks for people, or tells them apart. */
#ifndef OILSKIN_FINGERPRINT_H
#define OILSKIN_FINGERPRINT_H

#include "io.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Brightness, 0 to 255, rows one after the other; lent. */
typedef struct OskLuma {
    const float *values;
    uint32_t width;
    uint32_t height;
} OskLuma;

/* The longest side of a luma: pictures are scaled down to it before. */
#define OSK_LUMA_SIDE_MAX 512u

/* The brightness of `count` pixels of red, green, blue, as PDQ weighs them. */
OSK_API void osk_luma_from_rgb(float *out, const uint8_t *rgb, size_t count);

/* What is left of a picture without its borders of one brightness (letterbox, screenshot bars).
 * Borders thinner than 2 % of the side stay: they change no hash, and a sky is not a border. */
typedef struct OskTrim {
    uint32_t left;
    uint32_t top;
    uint32_t width;
    uint32_t height;
} OskTrim;
/* True when there is a border; `out` is the whole picture otherwise. At most nine tenths of a side
 * go. */
OSK_API bool osk_luma_trim(OskTrim *out, const OskLuma *luma);

/* ---- PDQ ---- */

#define OSK_PDQ_BYTES 32u
#define OSK_PDQ_BITS 256u
/* The picture as it is, turned by 90, 180, 270 degrees against the clock, mirrored top to bottom,
 * left to right, along the falling diagonal and along the rising one. */
#define OSK_PDQ_FORMS 8u
/* Below it a picture is too plain for its hash to say anything. */
#define OSK_PDQ_QUALITY_MIN 50u
/* Two hashes at most this far apart are of one picture, says the reference. */
#define OSK_PDQ_DISTANCE 31u

/* The bytes stand in the order of the text that the reference prints. */
typedef struct OskPdqHash {
    uint8_t bytes[OSK_PDQ_BYTES];
} OskPdqHash;

typedef struct OskPdq {
    OskPdqHash forms[OSK_PDQ_FORMS]; /* the first is the picture as it is */
    uint8_t quality;                 /* 0 to 100 */
} OskPdq;

/* Hashes a picture; bit-exact with the reference on the same luma.
 * Errors: MISUSE for no area or a side beyond OSK_LUMA_SIDE_MAX; NO_MEMORY.
 * Cost: about a millisecond for 512 x 512.
 * Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019. */
OSK_API OskStatus osk_pdq_hash(OskPdq *out, const OskLuma *luma, OskFault *fault);
/* Bits in which two hashes differ. */
OSK_API unsigned osk_pdq_distance(const OskPdqHash *a, const OskPdqHash *b);

/* ---- an index of hashes ---- */

/* Hashes of representatives, each under a number of the caller's; one number may have several. In
 * memory alone, and not for two threads at once while one of them changes it. Hashes say a lot
 * about pictures: osk_index_free() wipes them. */
typedef struct OskIndex OskIndex;

#define OSK_INDEX_ITEM_MAX (UINT32_MAX - 1)

/* Something that a query found. */
typedef struct OskNear {
    uint32_t item;
    uint8_t distance;
    uint8_t form; /* of osk_index_query_forms(): which form of the query it is like */
} OskNear;

/* Errors: NO_MEMORY. Ownership: free with osk_index_free(). */
OSK_API OskStatus osk_index_make(OskIndex **out, OskFault *fault);
/* Errors: MISUSE for an item beyond OSK_INDEX_ITEM_MAX; NO_MEMORY, and then nothing was added.
 * Cost: every 16,384th addition sorts all of it anew: a third of a second for a million. */
OSK_API OskStatus osk_index_add(OskIndex *index, uint32_t item, const OskPdqHash *hash,
                                OskFault *fault);
/* Forgets every hash of `item`. Cost: a walk over all of them. */
OSK_API void osk_index_remove(OskIndex *index, uint32_t item);
OSK_API size_t osk_index_count(const OskIndex *index);

/* The items at most `distance` away, nearest first, each once.
 * @param out    room for `limit`; where there are more, the nearest stay.
 * @return how many there are in `out`.
 * Cost: up to OSK_PDQ_DISTANCE a tenth of a millisecond at a million hashes; a scan of all where
 * that is quicker, because most of them are like each other. */
OSK_API size_t osk_index_query(const OskIndex *index, const OskPdqHash *hash, unsigned distance,
                               OskNear *out, size_t limit);
/* The same for every form of a picture, each item once, under the form that is nearest. */
OSK_API size_t osk_index_query_forms(const OskIndex *index, const OskPdq *query, unsigned distance,
                                     OskNear *out, size_t limit);
/* Accepts NULL and nulls. */
OSK_API void osk_index_free(OskIndex **index);

#ifdef __cplusplus
}
#endif
#endif
