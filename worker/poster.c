/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "poster.h"

#include <stdlib.h>

#include "host/strip_client.h"
#include "oilskin/fingerprint.h"
#include "pixels/orient.h"

/* What is too plain for triage to tell one picture from another shows nobody what the video is. */
bool osk_poster_is_found(const OskPoster *poster)
{
    return poster->image.pixels != NULL && poster->quality >= OSK_PDQ_QUALITY_MIN;
}

static OskStatus measure(const OskImage *image, unsigned *out)
{
    float *values = malloc((size_t)image->width * image->height * sizeof(*values));
    OskPdq pdq = { .quality = 0 };
    if (values == NULL) {
        return OSK_NO_MEMORY;
    }
    for (uint32_t y = 0; y < image->height; y++) {
        osk_luma_from_rgb(values + (size_t)y * image->width, image->pixels + image->stride * y,
                          image->width);
    }
    const OskLuma luma = { values, image->width, image->height };
    OskStatus status = osk_pdq_hash(&pdq, &luma, NULL);
    free(values);
    *out = pdq.quality;
    return status;
}

OskStatus osk_poster_try(OskPoster *poster, OskFilm *film, unsigned orientation, OskBudget *budget)
{
    OskImage image;
    unsigned quality = 0;
    /* Frames come and go. */
    uint64_t pixels = budget->pixels;
    OskStatus status = osk_film_picture(film, OSK_LUMA_SIDE_MAX, &image, budget);
    if (status == OSK_OK) {
        status = measure(&image, &quality);
    }
    osk_image_free(&image, budget);
    bool is_better = poster->image.pixels == NULL || quality > poster->quality;
    if (status == OSK_OK && is_better) {
        status = osk_film_picture(film, OSK_LOOK_POSTER_SIDE, &image, budget);
        if (status == OSK_OK) {
            status = osk_image_orient(&image, orientation, budget);
        }
        if (status == OSK_OK) {
            osk_image_free(&poster->image, budget);
            *poster = (OskPoster){ image, quality };
        } else {
            osk_image_free(&image, budget);
        }
    }
    budget->pixels = pixels;
    return status;
}
