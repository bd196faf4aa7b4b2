/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MP4 and MOV files put together box by box. */
#ifndef TESTS_UNIT_FORMATS_MOVIE_RECIPE_H
#define TESTS_UNIT_FORMATS_MOVIE_RECIPE_H

#include "base/writer.h"

/* Stands wherever a recipe hides something. */
#define MOVIE_SECRET "xk-secret-43"

/* How a test's movie is put together: a track of PCM sound with ten samples of four bytes ("s0a0"
 * to "s9a9"), and whatever the test adds. */
typedef struct MovieRecipe {
    bool moov_last;
    bool fragmented;
    bool secret_track; /* timed metadata */
    bool disabled;     /* the secret track is a second sound track that is switched off */
    bool orphan;       /* bytes of mdat that no sample names */
    bool udta;
    bool external;      /* the data is in another file */
    bool compressed;    /* moov holds cmov */
    int32_t edit_start; /* -1: no edit list */
    uint32_t edit_len;
    uint32_t count; /* samples that stsz claims; 0: ten */
    const char *handler_name;
    bool stray;  /* settings in the sound's description that belong elsewhere, or are twice there */
    bool frozen; /* the edit's rate is 0 */
    bool repeats; /* the edit is played until the track, which says ten seconds, ends */
    bool instant; /* the first half of the samples lasts no time; only the first is a sync sample */
    bool torn;    /* one sample amid the others is shown much later */
    bool in_ftyp; /* the samples begin at the start of the file */
    bool cut_description; /* QuickTime's second version, without its fields */
    bool uneven;          /* the second sample lasts 50 s */
    const char *coding;   /* of the sound; NULL: sowt */
    uint32_t sample_size; /* as stsz has it; 0: the true one */
    const char *settings; /* of AAC, 19 bytes of them; NULL: none */
} MovieRecipe;

/* Begins the writer, and writes the file. */
void movie_put(OskWriter *w, const MovieRecipe *r);
/* Two fragments of five samples each. */
void movie_put_fragments(OskWriter *w);

#endif
