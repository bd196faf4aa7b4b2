/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_FORMATS_ISOBMFF_META_WRITE_H
#define OSK_FORMATS_ISOBMFF_META_WRITE_H

#include "base/writer.h"
#include "formats/isobmff_meta.h"
#include "formats/isobmff_parts.h"

/* Appends a `meta` box that holds the kept items of `meta`, with the properties that have an
 * out_index, the references between kept items, and the data of `in_meta` items.
 *
 * @param file_size of the input: decides how wide offsets are, so that the length is known before
 * `plan` is.
 * @param plan      NULL: offsets are 0. Else complete: they are those of the output. */
void osk_meta_write(const OskMeta *meta, uint64_t file_size, const OskPlan *plan, OskWriter *out);

#endif
