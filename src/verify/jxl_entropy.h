/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The entropy coding of JPEG XL, as far as a permuted table of contents needs it. */
#ifndef OSK_VERIFY_JXL_ENTROPY_H
#define OSK_VERIFY_JXL_ENTROPY_H

#include "verify/jxl_toc.h"

/* Steps over a coded permutation of `size` entries; fails the bits when it is damaged.
 * Source: ISO/IEC 18181-1 annex C, F.3.2. */
void osk_check_jxl_permutation(OskCheckJxlBits *bits, OskArena *arena, uint32_t size);

#endif
