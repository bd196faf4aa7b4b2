/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ANS codes of JPEG XL, for the second opinion. */
#ifndef OSK_VERIFY_JXL_ANS_H
#define OSK_VERIFY_JXL_ANS_H

#include "verify/jxl_toc.h"

#define OSK_CHECK_JXL_ANS_SYMBOLS 256u
/* What the state of a stream must be behind its last symbol. */
#define OSK_CHECK_JXL_ANS_END 0x130000u

/* A distribution and its alias table. */
typedef struct OskCheckJxlAns {
    unsigned log_alphabet;
    uint16_t counts[OSK_CHECK_JXL_ANS_SYMBOLS];
    uint16_t cutoffs[OSK_CHECK_JXL_ANS_SYMBOLS];
    uint16_t symbols[OSK_CHECK_JXL_ANS_SYMBOLS];
    uint32_t offsets[OSK_CHECK_JXL_ANS_SYMBOLS];
} OskCheckJxlAns;

/* Reads a distribution into `out`, which comes zeroed; fails the bits when it is damaged.
 * @param log_alphabet  5 to 8.
 * Source: ISO/IEC 18181-1 C.2.5, C.2.6. */
void osk_check_jxl_ans_begin(OskCheckJxlBits *b, unsigned log_alphabet, OskCheckJxlAns *out);
/* The next symbol; `state` belongs to the stream, whose codes share it. */
uint32_t osk_check_jxl_ans_read(OskCheckJxlBits *b, const OskCheckJxlAns *ans, uint32_t *state);

#endif
