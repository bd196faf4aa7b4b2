/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmocka wants these headers in this order; every unit test includes only this file for it. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
