/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/crop.h"

#include <string.h>

#include "base/checked.h"

OskStatus osk_image_crop(OskImage *image, OskPatch box, OskBudget *budget)
{
    OskImage cut;
    if (box.width == 0 || box.height == 0 || !osk_range_within(box.x, box.width, image->width) ||
        !osk_range_within(box.y, box.height, image->height)) {
        return OSK_MISUSE;
    }
    OskStatus status = osk_image_cut(&cut, image, box, budget);
    if (status == OSK_OK) {
        memset(image->pixels, 0, image->stride * image->height);
        osk_image_free(image, budget);
        *image = cut;
    }
    return status;
}
