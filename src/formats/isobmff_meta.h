/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The item structures of one `meta` box, read into tables (ISO/IEC 14496-12 section 8.11,
 * 23008-12). */
#ifndef OSK_FORMATS_ISOBMFF_META_H
#define OSK_FORMATS_ISOBMFF_META_H

#include "formats/isobmff_box.h"

#define OSK_ITEM_NONE SIZE_MAX

/* A range of the file, wherever the construction method counted it from. */
typedef struct OskItemExtent {
    uint64_t offset; /* in the input; `idat` offsets are already resolved */
    uint64_t len;
    uint64_t out_len; /* what is left of it; set by isobmff_still.c */
} OskItemExtent;

typedef struct OskItem {
    uint32_t id;
    uint32_t type;
    uint64_t offset; /* of its `infe` box, for faults and findings */
    OskCursor name;
    OskCursor content_type; /* `mime` items, without its NUL */
    OskCursor content_coding;
    bool hidden;
    bool protected;
    bool elsewhere; /* its data is in another file, or built from another item */
    bool cut_off;   /* its data lies beyond the end of the file */
    bool keep;
    bool in_meta; /* its data goes into the new `idat` */
    OskItemExtent *extents;
    size_t extent_count;
    size_t assoc_first; /* in OskMeta.assocs */
    size_t assoc_count;
    const uint8_t *data; /* in_meta: what it holds in the copy */
    size_t data_len;
} OskItem;

typedef struct OskItemRef {
    uint32_t type;
    uint32_t box; /* ordinal of the reference box it stands in: one box is one ordered list */
    size_t from;  /* index of the item, or OSK_ITEM_NONE */
    size_t to;
} OskItemRef;

typedef struct OskItemProp {
    uint32_t type;
    OskBox box;
    OskCursor body;
    uint16_t out_index; /* 1-based in the new `ipco`; 0: not in it */
    const uint8_t *out; /* the whole new box */
    size_t out_len;
} OskItemProp;

/* One association, in file order of the `ipma` entry. */
typedef struct OskItemAssoc {
    size_t item;
    uint16_t prop; /* 0-based index in OskMeta.props */
    bool essential;
} OskItemAssoc;

typedef struct OskMeta {
    OskBox box;
    uint32_t handler;
    bool has_primary;
    uint32_t primary_id;
    size_t primary; /* index of the item, or OSK_ITEM_NONE */
    OskItem *items; /* by id, ascending */
    size_t item_count;
    OskItemRef *refs; /* in file order */
    size_t ref_count;
    OskItemProp *props;
    size_t prop_count;
    OskItemAssoc *assocs; /* by item, then in file order */
    size_t assoc_count;
    uint64_t idat_offset;
    uint64_t idat_len;
    bool external; /* its data references point out of this file */
} OskMeta;

/* Reads everything; adds findings for boxes and bytes in it that a rebuilt one will not have
 * (names, unknown boxes, bytes behind the last field). `body` is the box's body, in memory as long
 * as the walk. Errors: MALFORMED, LIMIT, NO_MEMORY. */
OskStatus osk_meta_read(OskWalk *walk, const OskBox *box, OskCursor body, OskMeta *out);

/* The item with this id, or OSK_ITEM_NONE. */
size_t osk_meta_find(const OskMeta *meta, uint32_t id);

/* Adds an association to one item, behind its others. To be used once: there is room for one item's
 * list. */
#define OSK_ASSOC_SPARE ((size_t)256)
void osk_meta_associate(OskMeta *meta, size_t index, OskItemAssoc assoc);

/* The first property of this type that is associated with the item, or NULL. */
const OskItemProp *osk_meta_prop(const OskMeta *meta, const OskItem *item, uint32_t type);

#endif
