/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion: is there anything in this file that a clean file may not contain? */
#ifndef OILSKIN_VERIFY_H
#define OILSKIN_VERIFY_H

#include "io.h"
#include "report.h"
#include "scrub.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Read a file with readers and allow-lists of their own, written from the specifications and blind
 * to the policy tables.
 *
 * @param limits      NULL for the defaults.
 * @param out_report  where not NULL, given: every reason found, free with osk_report_free().
 * @param fault       where not NULL: the first reason.
 * Returns OSK_OK (nothing hidden left that we know how to name), OSK_FOUND, or why it can't be
 * told: UNSUPPORTED, TRUNCATED, MALFORMED, LIMIT, NO_MEMORY, IO. */
OSK_API OskStatus osk_verify(const OskSource *source, const OskLimits *limits,
                             OskReport **out_report, OskFault *fault);
OSK_API void osk_report_free(OskReport **report);

#ifdef __cplusplus
}
#endif
#endif
