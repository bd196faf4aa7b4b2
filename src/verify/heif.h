/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the HEIF checker share. Nothing outside of heif*.c needs it. */
#ifndef OSK_VERIFY_HEIF_H
#define OSK_VERIFY_HEIF_H

#include "verify/movie.h"
#include "verify/video.h"

#define OSK_CODE(a, b, c, d)                                                                       \
    ((uint32_t)(uint8_t)(a) << 24 | (uint32_t)(uint8_t)(b) << 16 | (uint32_t)(uint8_t)(c) << 8 |   \
     (uint32_t)(uint8_t)(d))

/* A property of ipco. */
typedef struct OskHeifProperty {
    uint32_t type;
    uint64_t at;
    OskCursor body;
    OskVideo *video; /* of a configuration record */
    bool used;
} OskHeifProperty;

typedef struct OskHeifItem {
    uint32_t id;
    uint32_t type;
    uint64_t at;             /* of infe */
    const OskShown *extents; /* in the file */
    uint32_t extent_count;
    uint64_t len;
    uint16_t properties[32]; /* indices into ipco, from 0 */
    uint32_t property_count;
    bool shown;
} OskHeifItem;

typedef struct OskHeifRef {
    uint32_t type;
    uint32_t from;
    uint32_t to;
} OskHeifRef;

typedef struct OskHeif {
    OskCheck *check;
    OskShownList *shown;
    OskCursor iloc;
    OskCursor iinf;
    OskCursor iref;
    OskCursor iprp;
    OskCursor idat;
    bool has_idat;
    uint32_t primary;
    OskHeifItem *items;
    uint32_t item_count;
    OskHeifRef *refs;
    uint32_t ref_count;
    OskHeifProperty *properties;
    uint32_t property_count;
    OskStatus status; /* sticky: what can't go on */
} OskHeif;

void osk_check_heif_found(OskHeif *heif, const char *part, const char *what, uint64_t offset);
/* The next box of `in`; false at its end, and, found, when what follows is no box. */
bool osk_check_heif_box(OskHeif *heif, OskCursor *in, uint32_t *out_type, OskCursor *out_body,
                        uint64_t *out_at);
OskHeifItem *osk_check_heif_item(OskHeif *heif, uint32_t id);
/* A property of this type that the item has, or NULL. */
OskHeifProperty *osk_check_heif_property(OskHeif *heif, const OskHeifItem *item, uint32_t type);

/* heif_overlay.c: nothing of a layer may be covered or lie beyond the canvas. */
void osk_check_heif_overlay(OskHeif *heif, const OskHeifItem *item);
/* heif_property.c: ipco and ipma. */
void osk_check_heif_properties(OskHeif *heif);
/* heif_meta.c: a file-level `meta` box of pictures. */
OskStatus osk_check_heif_meta(OskCheck *check, OskCursor body, OskShownList *shown);
/* heif_mini.c: its short form. */
OskStatus osk_check_heif_mini(OskCheck *check, OskCursor body, bool avif);

#endif
