/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying one tag's value, field by field, so that nothing but numbers gets through. Private to
 * icc*.c. */
#ifndef OSK_PARTS_ICC_TYPES_H
#define OSK_PARTS_ICC_TYPES_H

#include "base/cursor.h"
#include "base/writer.h"

/* Which types a tag may have; bits. */
enum {
    ICC_XYZ = 1,    /* XYZType, one triple */
    ICC_CURVE = 2,  /* curveType, parametricCurveType */
    ICC_LUT = 4,    /* lut8Type, lut16Type, lutAToBType, lutBToAType */
    ICC_MATRIX = 8, /* s15Fixed16ArrayType, nine numbers */
    ICC_CICP = 16   /* cicpType */
};

/* Appends the value in its exact length: reserved bytes zero, what lies behind it left out,
 * elements of lut types in a fixed order. False when it is not a valid value of one of `types`;
 * `out` is then to be thrown away. Source: ICC.1:2022 section 10. */
bool osk_icc_copy_value(OskCursor value, unsigned types, OskWriter *out);

/* False for a value that begins with the four letters of a type that we don't know: it may be one
 * that readers understand. True for known types and for what is no type at all. */
bool osk_icc_type_is_known(OskCursor value);

#endif
