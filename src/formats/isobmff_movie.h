/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Movies for another format of the family: an image sequence (AVIF, HEIF) is a movie with a still
 * in it. */
#ifndef OSK_FORMATS_ISOBMFF_MOVIE_H
#define OSK_FORMATS_ISOBMFF_MOVIE_H

#include "formats/format.h"

/* Lays out a whole file that has a `moov` box, with the pictures of its file-level `meta` box where
 * there are any (isobmff_still.h). Works with `whole` or without. The running plan's table must
 * hold the rows of osk_movie_parts, and those that isobmff_still.h asks for. */
OskStatus osk_movie_walk(OskWalk *walk);

#endif
