/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of contents of a JPEG XL frame, and the entropy coding that its order may come in. */
#ifndef OSK_FORMATS_JXL_TOC_H
#define OSK_FORMATS_JXL_TOC_H

#include "base/arena.h"
#include "formats/jxl_bits.h"

/* Reads (and copies, see jxl_bits.h) a table of `count` entries from behind the frame header to the
 * first byte of the frame's data.
 * @param out_len  bytes of all sections together.
 * Returns false when it is broken, or memory ends while a coded order is read.
 * Source: ISO/IEC 18181-1 annex F.3, annex C for the coded order. */
bool osk_jxl_toc(OskJxlBits *b, uint64_t count, OskArena *arena, uint64_t *out_len);

#endif
