/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One wrong KEEP, seeded into the modules as they ship: hooks that the linker puts in front of a
 * few functions of the library (--wrap), in this tool only. */
#ifndef TESTS_TOOLS_SEED_H
#define TESTS_TOOLS_SEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oilskin/oilskin.h"

/* How the part is made to stay. */
typedef enum SeedWay {
    SEED_NOT,     /* nothing is seeded */
    SEED_TABLE,   /* the row says KEEP, and what is dropped under it stays */
    SEED_STEP,    /* the row is as it was, but what is dropped under it stays */
    SEED_BOX,     /* a box of the file, or an element, that is dropped under any row stays */
    SEED_LITERAL, /* what is written anew gets the part that it should have left out */
    SEED_APPEND,  /* the part stands behind the last box of the copy */
    SEED_REWRITE, /* what should have been written anew stays as it was */
    SEED_WAYS
} SeedWay;

/* Until the next call, `row` of the table of `format` is kept when this input is walked. */
void seed_set(SeedWay way, const char *format, const OskPart *row, const uint8_t *input,
              size_t len);
/* Bytes to put behind the copy: with SEED_APPEND, and a row that is a box of the file. `*out` is
 * the caller's to free; 0 when there are none. */
size_t seed_trailer(uint8_t **out);

#endif
