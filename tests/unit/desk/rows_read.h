/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many rows of some spaces are read from the store. Linked with --wrap of osk_store_record and
 * osk_store_records. */
#ifndef TESTS_UNIT_DESK_ROWS_READ_H
#define TESTS_UNIT_DESK_ROWS_READ_H

#include <stdatomic.h>

#include "store/store.h"

/* Since somebody set it to 0: of what is public, what it was made of, and what is asked. */
extern atomic_size_t rows_read;

/* Adds rows, many to a commit. */
void add_rows(OskStore *store, const OskRecordRow *rows, size_t count);

#endif
