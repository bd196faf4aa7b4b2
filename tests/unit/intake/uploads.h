/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to /uploads/, and what came of the last one. */
#ifndef TESTS_UNIT_INTAKE_UPLOADS_H
#define TESTS_UNIT_INTAKE_UPLOADS_H

#include "intake/upload_tus.h"
#include "rig.h"

/* A request is written as one reads it: what it lacks is none. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define V                                                                                          \
    {                                                                                              \
        "Tus-Resumable", "1.0.0"                                                                   \
    }
#define BYTES                                                                                      \
    {                                                                                              \
        "Content-Type", "application/offset+octet-stream"                                          \
    }
#define PART                                                                                       \
    {                                                                                              \
        "Content-Type", "application/partial-upload"                                               \
    }
#define TOKEN_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define A "/uploads/" TOKEN_A
#define B "/uploads/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define C "/uploads/CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"

extern RigAnswer got;
extern OskTus *tus;

int uploads_set_up(void **state);
int uploads_tear_down(void **state);
/* The answer's body; the rest stands in `got`. */
const char *uploads_ask(const RigAsk *asked);
#define ASK(...) uploads_ask(&(RigAsk){ __VA_ARGS__ })
/* @param value NULL: the answer has no such header. */
void assert_header(const char *name, const char *value);
/* One submission came, of these bytes. */
void assert_submitted(const char *bytes);
/* An upload of `len` bytes, by tus. */
void create(const char *len);

#endif
