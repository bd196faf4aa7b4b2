/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_FORMATS_ISOBMFF_UNCI_H
#define OSK_FORMATS_ISOBMFF_UNCI_H

#include "formats/isobmff_meta.h"

/* Moves `data` behind the samples of an uncompressed picture (ISO/IEC 23001-17): as many bytes as
 * its size and layout ask for, or its compressed units, each of them inflated to its end. Errors:
 * UNSUPPORTED for layouts with padding in which anything could stand, and for compressions that we
 * can't walk; MALFORMED, LIMIT, NO_MEMORY. */
OskStatus osk_unci_read(OskWalk *walk, const OskMeta *meta, const OskItem *item, OskCursor *data);

#endif
