/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal numbers, read alike on every machine and in every locale. */
#ifndef OSK_REDACT_DECIMAL_H
#define OSK_REDACT_DECIMAL_H

#include "base/cursor.h"

typedef enum OskDecimalResult {
    OSK_DECIMAL_OK,
    OSK_DECIMAL_NONE, /* not a number as RFC 8259 section 6 writes them */
    OSK_DECIMAL_HUGE  /* 10^18 or more */
} OskDecimalResult;

/* Reads "-12.5e3" and stops behind it. The result is the nearest double (ties to even) of what the
 * first 19 digits that count say, no more than 38 of them behind the point; what further digits
 * would add is dropped. -0 is 0. */
OskDecimalResult osk_decimal_read(OskCursor *in, double *out);

#endif
