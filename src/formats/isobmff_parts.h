/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The policy of pictures in ISOBMFF files: one table, whose tags say where a four-character code
 * stands. */
#ifndef OSK_FORMATS_ISOBMFF_PARTS_H
#define OSK_FORMATS_ISOBMFF_PARTS_H

#include "formats/isobmff_box.h"

/* The upper half of a row's tag; the lower one is the four-character code. */
typedef enum OskIsobmffPlace {
    OSK_ISOBMFF_BOX = 0, /* a box of the file, or data in it */
    OSK_ISOBMFF_ITEM,    /* an item type */
    OSK_ISOBMFF_PROP,    /* an item property */
    OSK_ISOBMFF_REF      /* an item reference */
} OskIsobmffPlace;

#define OSK_ISOBMFF_TAG(place, a, b, c, d) ((uint64_t)(place) << 32 | OSK_FOURCC(a, b, c, d))

/* The row of this code at this place, or NULL; the table stands in isobmff.c. */
const OskPart *osk_isobmff_part(OskIsobmffPlace place, uint32_t type);

#endif
