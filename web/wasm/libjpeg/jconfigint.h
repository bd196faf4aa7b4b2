/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libjpeg-turbo asks of a compiler: clang for a machine of 32 bits. */
#define BUILD ""
#undef inline
#define INLINE inline __attribute__((always_inline))
#define THREAD_LOCAL
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "2.1.5"
#define SIZEOF_SIZE_T 4
#define HAVE_BUILTIN_CTZL
#define FALLTHROUGH __attribute__((fallthrough));
