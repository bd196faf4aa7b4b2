/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frame that stands for a video before somebody plays it. */
#ifndef OSK_WORKER_POSTER_H
#define OSK_WORKER_POSTER_H

#include "film.h"

typedef struct OskPoster {
    OskImage image;   /* no pixels before the first try; free it with osk_image_free() */
    unsigned quality; /* how much it shows, as PDQ says: 0 to 100 */
} OskPoster;

/* It shows something: many videos begin in the dark, and a later frame is not needed. */
bool osk_poster_is_found(const OskPoster *poster);
/* Takes the frame of `film` that was decoded last, as it is displayed, where it shows more than the
 * one before; of those that show nothing the first one stays. Errors: as osk_film_picture(). */
OskStatus osk_poster_try(OskPoster *poster, OskFilm *film, unsigned orientation, OskBudget *budget);

#endif
