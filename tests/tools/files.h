/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading test inputs into exact-size heap blocks, so that ASan sees a read of one byte too
 * many. */
#ifndef TESTS_TOOLS_FILES_H
#define TESTS_TOOLS_FILES_H

#include <stddef.h>
#include <stdint.h>

/* The whole file; free() it. NULL when it can't be read. */
uint8_t *read_test_file(const char *path, size_t *out_len);

/* Calls `visit` with each regular file below `path` (or `path` itself), in the order of names.
 * Returns how many there were, or -1 when `path` does not exist. */
int visit_files(const char *path, void (*visit)(const char *path, void *context), void *context);

#endif
