/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tar archive in one spelling (POSIX.1-1988, ustar): plain files of nobody, of one time. Every
 * tar unpacks it, and two readers never see two things in it. */
#ifndef OSK_CLI_TAR_H
#define OSK_CLI_TAR_H

#include "oilskin/io.h"

#define OSK_TAR_BLOCK_BYTES 512u
#define OSK_TAR_NAME_BYTES 100u /* with its NUL: the format has room for one letter more */
#define OSK_TAR_LEN_MAX ((uint64_t)0777777777777) /* 8 GiB - 1: eleven octal digits */

/* ---- writing: blocks into a sink ---- */

/* False when the sink fails, the name is none, or the file is too long. */
bool osk_tar_begin(const OskSink *sink, const char *name, uint64_t len);
/* Behind the `len` bytes that the caller wrote. */
bool osk_tar_end_file(const OskSink *sink, uint64_t len);
/* The end of an archive of which `len` bytes are written, and zeros that hide its length: it is
 * `osk_tar_whole_len(len)` then. */
bool osk_tar_end(const OskSink *sink, uint64_t len);
uint64_t osk_tar_whole_len(uint64_t len);
/* What a file of `len` bytes takes. */
uint64_t osk_tar_file_len(uint64_t len);

/* ---- reading ---- */

/* Small letters, digits, and `/ - .` between them: "files/1.jpeg"; SHA256SUMS. */
bool osk_tar_is_name(const char *name);
/* The header at `at`, which must be the very bytes that osk_tar_begin() writes.
 * Errors: MALFORMED; TRUNCATED when the archive ends before the file does; IO. */
OskStatus osk_tar_read(const OskSource *source, uint64_t at, char out_name[OSK_TAR_NAME_BYTES],
                       uint64_t *out_len, OskFault *fault);
/* Whether the archive ends at `at`, and nothing but zeros is behind it. Errors: MALFORMED, IO. */
OskStatus osk_tar_read_end(const OskSource *source, uint64_t at, OskFault *fault);

#endif
