/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libjpeg-turbo for WebAssembly, as its build system would have found it: the interface that Debian
 * builds, without processor extensions. */
#define JPEG_LIB_VERSION 62
#define LIBJPEG_TURBO_VERSION 2.1.5
#define LIBJPEG_TURBO_VERSION_NUMBER 2001005
#define C_ARITH_CODING_SUPPORTED 1
#define D_ARITH_CODING_SUPPORTED 1
#define MEM_SRCDST_SUPPORTED 1
#define BITS_IN_JSAMPLE 8
