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

/* The luma scaled so that its longest side is `side`, both ways; a thin side stays at least 1.
 * Ownership: the values are given; free with osk_luma_free(), which wipes. Errors: MISUSE,
 * NO_MEMORY. */
OSK_API OskStatus osk_luma_scale(OskLuma *out, const OskLuma *luma, uint32_t side, OskFault *fault);
/* Of a luma whose values were given. Nulls; an empty one is fine. */
OSK_API void osk_luma_free(OskLuma *luma);

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
/* The hash of the picture mirrored left to right, but for some bits that only its waves tell: for
 * hashes whose other forms nobody kept. */
OSK_API void osk_pdq_mirror(OskPdqHash *out, const OskPdqHash *hash);

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
/* Forgets every item below `count` that is gone. Cost: one walk. */
OSK_API void osk_index_remove_all(OskIndex *index, const bool *is_gone, uint32_t count);
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

/* ---- features ---- */

/* The frame that features are placed in: its longest side, in pixels, of which there are 16 steps.
 */
#define OSK_FEATURE_FRAME 480u
#define OSK_FEATURE_STEPS 16u
/* The most that are kept of a still, and of a key frame of a video. */
#define OSK_FEATURES_MAX 300u
#define OSK_FEATURES_VIDEO_MAX 120u

/* A corner, and the order of brightness about it. */
typedef struct OskFeature {
    uint16_t x; /* steps of the frame */
    uint16_t y;
    uint8_t descriptor[32]; /* of the mirrored picture: the same with its halves swapped */
} OskFeature;

/* The corners of a picture that are worth most, spread over it and over sizes.
 * @param out room for `limit`. Errors: MISUSE, NO_MEMORY.
 * Source: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", 2011; the pairs are ours.
 */
OSK_API OskStatus osk_features_find(const OskLuma *luma, OskFeature *out, size_t limit,
                                    size_t *out_count, OskFault *fault);

/* ---- an index of features ---- */

/* Finds which representatives share features with a picture that no hash is near to: one under a
 * caption, in a screenshot, cut out. As OskIndex otherwise. */
typedef struct OskFeatureIndex OskFeatureIndex;

#define OSK_FEATURE_ITEM_MAX 0xFFFFFEu
/* Representatives that are worth laying over a picture. */
#define OSK_FEATURE_CANDIDATES 20u

typedef struct OskVotes {
    uint32_t item;
    uint32_t votes;
} OskVotes;

/* Errors: NO_MEMORY. Ownership: free with osk_feature_index_free(). */
OSK_API OskStatus osk_feature_index_make(OskFeatureIndex **out, OskFault *fault);
/* @param item small numbers, counted up: a query has memory for each below the largest.
 * Errors: MISUSE beyond OSK_FEATURE_ITEM_MAX; NO_MEMORY, and then osk_feature_index_remove() it.
 * Cost: some 1.1 KB a picture, and at most 16 MB besides. */
OSK_API OskStatus osk_feature_index_add(OskFeatureIndex *index, uint32_t item,
                                        const OskFeature *features, size_t count, OskFault *fault);
/* Cost: a walk over everything. */
OSK_API void osk_feature_index_remove(OskFeatureIndex *index, uint32_t item);
/* The same of every item below `count` that is gone, at the same cost. */
OSK_API void osk_feature_index_remove_all(OskFeatureIndex *index, const bool *gone, uint32_t count);
/* The items with most votes of features, also of the mirrored picture, most first.
 * @param out room for OSK_FEATURE_CANDIDATES. @return how many. Errors: NO_MEMORY. */
OSK_API OskStatus osk_feature_index_query(const OskFeatureIndex *index, const OskFeature *features,
                                          size_t count, OskVotes *out, size_t *out_count);
/* Accepts NULL and nulls. */
OSK_API void osk_feature_index_free(OskFeatureIndex **index);

/* ---- packs ---- */

typedef enum OskPackKind { OSK_PACK_STILL, OSK_PACK_ANIMATION, OSK_PACK_VIDEO } OskPackKind;

/* What the file has beside what it shows: bits. Copies often lack it, which makes the one that has
 * it worth a look. */
#define OSK_CAPTURE_TIME 1u
#define OSK_CAPTURE_PLACE 2u
#define OSK_CAPTURE_DEVICE 4u
/* Previews, second pictures and clips, comments and captions, bytes that nothing shows. */
#define OSK_CAPTURE_HIDDEN 8u
/* A track of sound. What is heard is not compared. */
#define OSK_CAPTURE_SOUND 16u
#define OSK_CAPTURE_ALL 31u

#define OSK_PACK_BYTES_MAX (240u * 1024)
#define OSK_PACK_LUMA_SIDE_MAX 128u
#define OSK_PACK_HASHES_MAX 1024u
#define OSK_PACK_FRAMES_MAX 12u
/* Small frames of a video: what it shows between its key frames. */
#define OSK_PACK_SMALL_MAX 64u
/* Fewer kept frames than this: a video that hardly moves, which hashes tell nothing about. */
#define OSK_PACK_DIVERSE_MIN 5u

/* A frame's hash. */
typedef struct OskPackHash {
    uint32_t time_ms;
    bool is_trimmed; /* of the frame without its borders */
    bool has_forms;  /* else only the first form is there */
    OskPdq pdq;
} OskPackHash;

/* A key frame, or a small one. */
typedef struct OskPackFrame {
    uint32_t time_ms;
    uint8_t luma_width; /* 1 to OSK_PACK_LUMA_SIDE_MAX */
    uint8_t luma_height;
    OskTrim trim; /* pixels of the luma that are no border; never empty */
    uint8_t *luma;
    OskFeature *features;
    size_t feature_count;
} OskPackFrame;

/* What a file is compared by. */
typedef struct OskPack {
    OskPackKind kind;
    uint32_t width; /* as displayed */
    uint32_t height;
    uint32_t duration_ms;
    uint32_t frame_count; /* displayed frames that were decoded */
    uint32_t capture;     /* OSK_CAPTURE_* */
    bool low_diversity;
    OskPackHash *hashes;
    size_t hash_count;
    OskPackFrame *frames; /* key frames, and then small ones, which have no features */
    size_t key_count;     /* key frames */
    size_t small_count;   /* small ones behind them, in the order of their times */
} OskPack;

/* What the decoder says of a still beside its luma. */
typedef struct OskStillFacts {
    uint32_t width; /* as displayed */
    uint32_t height;
    uint32_t capture; /* OSK_CAPTURE_* */
} OskStillFacts;

/* The pack of a still. Errors: MISUSE, NO_MEMORY. Ownership: free with osk_pack_free(). */
OSK_API OskStatus osk_pack_of_still(OskPack **out, const OskLuma *luma, const OskStillFacts *facts,
                                    OskFault *fault);

/* Makes the pack of an animation or a video while its frames go by. It keeps a hash of each frame
 * that differs from the last kept one, and up to OSK_PACK_FRAMES_MAX key frames and
 * OSK_PACK_SMALL_MAX small ones at round times, so that a copy with other frames a second has them
 * at the same. Not for two threads at once. */
typedef struct OskPackMaker OskPackMaker;

/* What is known of it at its end. */
typedef struct OskFramesFacts {
    OskPackKind kind; /* OSK_PACK_ANIMATION or OSK_PACK_VIDEO */
    uint32_t width;   /* as displayed */
    uint32_t height;
    uint32_t duration_ms;
    uint32_t capture; /* OSK_CAPTURE_* */
} OskFramesFacts;

/* Errors: NO_MEMORY. Ownership: osk_pack_maker_end() or osk_pack_maker_free(). */
OSK_API OskStatus osk_pack_maker_open(OskPackMaker **out, OskFault *fault);
/* A displayed frame, in order. Errors: MISUSE for no luma or a time before the last; NO_MEMORY.
 * Cost: one or two milliseconds, and up to 12 MB of memory for all. */
OSK_API OskStatus osk_pack_maker_add(OskPackMaker *maker, const OskLuma *luma, uint32_t time_ms,
                                     OskFault *fault);
/* The pack of all frames; the maker is freed, also after an error. One with more changes than a
 * pack holds counts as one that tells nothing (`low_diversity`): only its beginning is in it.
 * Errors: MISUSE for no frame. Ownership: free with osk_pack_free(). */
OSK_API OskStatus osk_pack_maker_end(OskPackMaker **maker, const OskFramesFacts *facts,
                                     OskPack **out, OskFault *fault);
/* Wipes. Accepts NULL and nulls. */
OSK_API void osk_pack_maker_free(OskPackMaker **maker);
/* Writes version 1 of the pack's bytes. @param out empty.
 * Errors: MISUSE for what no reader would take; LIMIT beyond OSK_PACK_BYTES_MAX; NO_MEMORY. */
OSK_API OskStatus osk_pack_write(const OskPack *pack, OskMemory *out, OskFault *fault);
/* Reads what somebody else may have written; zeros behind the pack are padding.
 * Errors: TRUNCATED, MALFORMED, UNSUPPORTED for another version, NO_MEMORY.
 * Ownership: free with osk_pack_free(). */
OSK_API OskStatus osk_pack_read(OskPack **out, const uint8_t *bytes, size_t len, OskFault *fault);
/* Wipes. Accepts NULL and nulls. */
OSK_API void osk_pack_free(OskPack **pack);

/* ---- likeness ---- */

/* How far a representative explains a file. */
typedef enum OskTier {
    OSK_TIER_NEW,       /* not like it */
    OSK_TIER_DIFFERENT, /* like it, with something that it does not explain: is always shown */
    OSK_TIER_EXPLAINED  /* a copy: nothing in it that the representative does not show */
} OskTier;

/* What the tiers are decided by. */
typedef struct OskLikenessRules {
    unsigned distance;         /* bits between hashes */
    unsigned quality;          /* hashes of less are not looked at */
    unsigned inliers;          /* features that agree on one map */
    unsigned covered_permille; /* of the query must lie within the representative */
    unsigned component_16;     /* unexplained blocks that touch each other: the most of 16 x 16 */
    unsigned component_32;     /* and of 32 x 32 */
    unsigned spread_32;        /* and of all of those, whether they touch each other or not */
    unsigned written_32; /* of a sheet of paper: those of 32 x 32 that are written otherwise */
    float written;       /* where they differ by more steps than this, */
    float written_correlation; /* and go up and down less alike */
    unsigned alien_16;         /* where so many are unexplained, agreeing features are chance */
    float residual;           /* brightness steps that a block may be off, in the mean of squares */
    float contrast;           /* and no more of what the query's own lie apart */
    float correlation_near;   /* and how alike it must go up and down then */
    float correlation;        /* or how alike where it is off by more */
    float shift;              /* and how much lighter or darker it may then be */
    float plain;              /* where both spread less, there is nothing to go up and down: */
    float plain_shift;        /* so much lighter or darker is still the same */
    unsigned frames_permille; /* of a video's time that must be alike */
    unsigned unlike_ms;       /* the longest of it at once that may not be */
    unsigned frames_least;   /* and how many agree on one offset before it is like another at all */
    unsigned key_frames;     /* of a video that must be explained */
    unsigned small_permille; /* of its time that small frames explain */
    unsigned small_unlike_ms; /* the longest at once that they do not */
    unsigned small_16; /* blocks of 16 x 16 of a small frame that may be unexplained together */
    unsigned small_spread_16; /* and wherever they lie */
    unsigned again_16;        /* with no more together than these it lies there as well */
} OskLikenessRules;

/* The rules that docs/triage.md gives reasons for. */
OSK_API OskLikenessRules osk_likeness_rules(void);

/* What was found; all of it of the query, laid over the representative. */
typedef struct OskLikeness {
    OskTier tier;
    unsigned distance; /* of the nearest hashes; OSK_PDQ_BITS when none could be compared */
    unsigned inliers;
    unsigned covered_permille;
    unsigned component_16; /* the largest; of the key frame where it is largest */
    unsigned component_32;
    unsigned
        box[4]; /* the largest of 32 x 32: left, top, width, height in thousandths of the frame */
    unsigned frames_permille; /* of a video's time that is alike */
    unsigned key_frames;      /* that were explained */
} OskLikeness;

/* Compares a file with a representative. Never OSK_TIER_EXPLAINED for what is too plain to tell,
 * hardly moves, or has more pixels, more time or more OSK_CAPTURE_* than the representative.
 * @param rules NULL for osk_likeness_rules(). Errors: MISUSE for a pack that could not be read.
 * Where memory ends nothing is explained. Cost: some milliseconds a key frame. */
OSK_API OskStatus osk_pack_compare(OskLikeness *out, const OskPack *query,
                                   const OskPack *representative, const OskLikenessRules *rules,
                                   OskFault *fault);

/* Whether what somebody else says was found can be so by the rules. Some of what they ask for is
 * not in a likeness, so that it may be false still. @param rules NULL for osk_likeness_rules(). */
OSK_API bool osk_likeness_can_be(const OskLikeness *said, const OskLikenessRules *rules);

/* ---- folding ---- */

/* Representatives, and which of them explains what comes. Members are compared with the
 * representative and never become one, so that nothing drifts from copy to copy. In memory alone;
 * for one thread at a time. */
typedef struct OskFolding OskFolding;

typedef struct OskFoldingOptions {
    const OskLikenessRules *rules; /* lent; NULL for osk_likeness_rules() */
    /* Gives the pack of a representative again, NULL where it can't be had: nothing is explained by
     * that one then. NULL: all packs are held. */
    OskPack *(*load)(void *context, uint32_t item);
    void *context;
    size_t held_max; /* with `load`: bytes of packs that are held, more or less */
} OskFoldingOptions;

typedef struct OskFolded {
    OskLikeness likeness;
    uint32_t item;     /* what it was like most; unless nothing was compared */
    uint32_t compared; /* representatives that were laid over it */
    bool stands_for;   /* DIFFERENT by having more alone: it shows all that the item shows */
} OskFolded;

/* Errors: NO_MEMORY. Ownership: free with osk_folding_free(). */
OSK_API OskStatus osk_folding_make(OskFolding **out, const OskFoldingOptions *options,
                                   OskFault *fault);
/* What becomes of a file: the representative that explains it, or else the one that it is like
 * most. Changes nothing that is asked for: whoever calls adds what is not explained.
 * Errors: MISUSE for an empty pack. */
OSK_API OskStatus osk_folding_find(OskFolding *folding, const OskPack *pack, OskFolded *out,
                                   OskFault *fault);
/* The pack becomes a representative, and the folding's own (`pack` is NULL then).
 * @param item small numbers, counted up. Errors: MISUSE for one that is taken, or beyond
 * OSK_FEATURE_ITEM_MAX; NO_MEMORY; nothing has changed then. */
OSK_API OskStatus osk_folding_add(OskFolding *folding, uint32_t item, OskPack **pack,
                                  OskFault *fault);
/* Fine when there is none. Cost: a walk over everything. */
OSK_API void osk_folding_remove(OskFolding *folding, uint32_t item);
/* The same of every item below `count` that is gone, in one walk. */
OSK_API void osk_folding_remove_all(OskFolding *folding, const bool *is_gone, uint32_t count);
OSK_API size_t osk_folding_count(const OskFolding *folding);
/* Wipes. Accepts NULL and nulls. */
OSK_API void osk_folding_free(OskFolding **folding);

#ifdef __cplusplus
}
#endif
#endif
