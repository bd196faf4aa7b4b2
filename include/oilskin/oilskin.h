/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything in one include. */
#ifndef OILSKIN_OILSKIN_H
#define OILSKIN_OILSKIN_H

#include "format.h"
#include "io.h"
#include "redact.h"
#include "report.h"
#include "scrub.h"
#include "status.h"
#include "verify.h"

#define OSK_VERSION_MAJOR 0
#define OSK_VERSION_MINOR 1
#define OSK_VERSION_PATCH 0
#define OSK_VERSION_TEXT "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif
/* The version of the library that is running, "0.1.0". */
OSK_API const char *osk_version(void);
#ifdef __cplusplus
}
#endif
#endif
