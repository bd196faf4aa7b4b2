/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XMP properties that give something away, by local name. Private to xmp*.c. */
#ifndef OSK_PARTS_XMP_NAMES_H
#define OSK_PARTS_XMP_NAMES_H

#include "oilskin/report.h"

typedef enum XmpStyle {
    XMP_TEXT,
    XMP_DATA, /* only its size is told: pictures and sounds in Base64 */
    XMP_LATITUDE,
    XMP_LONGITUDE
} XmpStyle;

typedef struct XmpName {
    const char *name; /* lower case, without prefix */
    OskKind kind;
    XmpStyle style;
    const char *field;
    const char *label;
} XmpName;

/* NULL when the property is not known. */
const XmpName *osk_xmp_name_find(const char *name);

#endif
