/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How bytes come in and go out: the library opens no files of its own. */
#ifndef OILSKIN_IO_H
#define OILSKIN_IO_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A random-access input whose size is known.
 *
 * `read` fills exactly `len` bytes from `offset`, or returns false (the job then ends in OSK_IO).
 * The library never asks beyond `size`. `bytes`, where not NULL, is the whole input in memory; it
 * must stay unchanged until the job is freed, and `read` may then be NULL.
 * Ownership: lent; everything must outlive the job. */
typedef struct OskSource {
    void *context;
    bool (*read)(void *context, uint64_t offset, void *out, size_t len);
    const uint8_t *bytes;
    uint64_t size;
} OskSource;

/* An append-only output.
 *
 * `write` takes all of `len` bytes or returns false. `copy`, where not NULL, appends `len` bytes of
 * the job's *source* from `offset` without handing them through memory (copy_file_range,
 * Blob.slice). */
typedef struct OskSink {
    void *context;
    bool (*write)(void *context, const void *bytes, size_t len);
    bool (*copy)(void *context, uint64_t offset, uint64_t len);
} OskSink;

/* A source over `size` bytes in memory; both are lent. */
OSK_API OskSource osk_source_from_memory(const void *bytes, size_t size);

/* What a sink gathers in memory. Zero-initialised it is empty and grows as it must.
 * Ownership: the holder's; osk_bytes_free(&bytes), also where the sink failed. */
typedef struct OskMemory {
    uint8_t *bytes;
    size_t len;
    size_t capacity; /* of `bytes`: where the length is known, give as much at once */
    size_t max;      /* beyond it the sink fails; 0 for none */
} OskMemory;

/* A sink that fills `memory`, which is lent. It fails when there isn't enough. */
OSK_API OskSink osk_sink_to_memory(OskMemory *memory);

/* Frees what the library gave; accepts a NULL in it, and nulls. */
OSK_API void osk_bytes_free(uint8_t **bytes);

#ifdef __cplusplus
}
#endif
#endif
