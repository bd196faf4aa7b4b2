/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_PIXELS_CONVERT_H
#define OSK_PIXELS_CONVERT_H

#include "pixels/image.h"

/* What was lost or guessed on the way. */
typedef struct OskConversion {
    bool alpha;  /* transparency was laid over white */
    bool inks;   /* CMYK became RGB by the plain formula, without a profile */
    bool depth;  /* samples have fewer bits */
    bool colors; /* grey became RGB: a profile for grey fits no more */
} OskConversion;

/* The image becomes `model` (GREY, GREY_ALPHA, RGB or RGBA) of `depth` 8 or 16.
 * Errors: MISUSE for another model, or colours to be made grey; LIMIT, NO_MEMORY: the image is as
 * it was. */
OskStatus osk_image_convert(OskImage *image, OskPixelModel model, unsigned depth,
                            OskConversion *out_conversion, OskBudget *budget);
/* True when some pixel is not opaque. */
bool osk_image_is_clear(const OskImage *image);

#endif
