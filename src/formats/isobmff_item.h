/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of one item: which of its bytes make the picture. */
#ifndef OSK_FORMATS_ISOBMFF_ITEM_H
#define OSK_FORMATS_ISOBMFF_ITEM_H

#include "formats/isobmff_meta.h"
#include "parts/coded.h"

/* Receives one piece; positions count from the front of the item's data, extents joined. */
typedef OskStatus (*OskItemSink)(void *context, const OskPiece *piece, const uint8_t *literal);

/* The item's data as one range in memory, extents joined.
 * Errors: TRUNCATED, NO_MEMORY, IO. */
OskStatus osk_item_load(OskWalk *walk, const OskItem *item, OskCursor *out);

/* Looks at the data of an item that is kept and hands its pieces to `sink`, in order and without
 * gap; adds the findings of what goes. `data` comes from osk_item_load(). Errors: UNSUPPORTED for a
 * kind of picture that we can't show to be clean, or one with hidden pictures in it; MALFORMED,
 * NO_MEMORY. */
OskStatus osk_item_filter(OskWalk *walk, const OskMeta *meta, const OskItem *item, OskCursor data,
                          OskItemSink sink, void *context);

/* Refuses data that holds more than one picture, or parameter sets that `config`, the payload of
 * its configuration record, doesn't hold. `coded` has the codec and the size of length prefixes. */
OskStatus osk_item_check(OskWalk *walk, const OskCoded *coded, OskCursor data, OskCursor config);

/* Adds the findings of an item that is dropped. `role` is its plain meaning for a picture. */
void osk_item_inspect(OskWalk *walk, const OskItem *item, const char *field, const char *role);

#endif
