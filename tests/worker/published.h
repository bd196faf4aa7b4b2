/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are to be public, and what became of them. */
#ifndef OSK_TESTS_WORKER_PUBLISHED_H
#define OSK_TESTS_WORKER_PUBLISHED_H

#include "host/publish_client.h"
#include "looked.h"

#define PUBLISHED_FILE_MAX (24u << 20)

typedef struct Published {
    OskStatus status;
    OskFault fault;
    OskWorkerFate fate;
    OskPublishDone done;
    size_t len; /* of `published` */
} Published;

/* The programs; set before the first test. */
extern const char *publish_worker;
extern const char *publish_decoder; /* NULL for the same */
extern const char *publish_frames;
extern unsigned publish_ms;
extern uint64_t publish_memory;
/* The output of the last one. */
extern uint8_t published[2 * PUBLISHED_FILE_MAX];
/* For files that are made, and what a scrub makes of them. */
extern uint8_t draft[PUBLISHED_FILE_MAX];
extern uint8_t clean[PUBLISHED_FILE_MAX];

/* Seals the file in so many pieces, and has it published. After an error nothing is left. */
Published publish_pieces(const uint8_t *bytes, size_t len, size_t pieces);
Published publish_bytes(const void *bytes, size_t len);
/* The length of the scrubbed copy in `clean`. */
size_t publish_scrub(const uint8_t *bytes, size_t len);
/* The same of a drawing, by way of `draft`. */
size_t publish_draw(const Drawing *drawing);
/* What ffmpeg makes of a source, in `draft`. */
size_t publish_film(const char *source, const char *how, const char *extension);

#endif
