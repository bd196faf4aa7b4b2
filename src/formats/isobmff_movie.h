/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Movies for another format of the family: an image sequence (AVIF, HEIF) is a movie with a still
 * in it. */
#ifndef OSK_FORMATS_ISOBMFF_MOVIE_H
#define OSK_FORMATS_ISOBMFF_MOVIE_H

#include "formats/isobmff_box.h"

/* What an image sequence has besides its tracks. */
typedef struct OskMovieStill {
    const OskBox *meta;  /* the file-level `meta` box with its pictures, or NULL */
    const uint8_t *ftyp; /* the whole box that is written instead of the file's own */
    size_t ftyp_len;
} OskMovieStill;

/* Lays out a whole image sequence that has a `moov` box, with the pictures of its file-level `meta`
 * box where there are any (isobmff_still.h). Works with `whole` or without. The running plan's
 * table must hold the rows OSK_MOVIE_TAG_*, `moov` and `mdat`, and those that isobmff_still.h asks
 * for. */
OskStatus osk_movie_walk(OskWalk *walk, const OskMovieStill *still);

#endif
