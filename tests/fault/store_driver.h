/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that only uses a store, and says what it was promised, so that what is left after a
 * fault can be held against it.
 *
 * `run` says a line before it asks for something and one when it has it. An object belongs to one
 * thread, so that the two lines of its last change are all that can be true of it. */
#ifndef TESTS_FAULT_STORE_DRIVER_H
#define TESTS_FAULT_STORE_DRIVER_H

#include "store/store_open.h"

#define SEGMENTS_MAX 6u
#define SEGMENT_BYTES 60000u
#define SEGMENT_SHORT_BYTES 5000u
#define SEGMENT_LONG_ONE_IN 16u /* goes past the page cache */

/* An upload of `segments`, or, after it was sent, a submission with one file of them. */
typedef struct Object {
    OskId id; /* zeros: nothing */
    uint32_t segments;
    uint64_t offset;
    bool is_sent;
    uint32_t record; /* the flags of what the desk keeps of it, with a blob; 0 for nothing */
    bool
        is_lost; /* an answer was not OK: its state is not known, and nothing more is asked of it */
} Object;

/* A line on standard output, in one call: lines of threads don't mix. */
void driver_say(const char *text);
void driver_hex(const OskId *id, char out[33]);
bool driver_unhex(const char *text, OskId *out);

/* The numbers of a record's blobs begin behind it. */
#define RECORD_NUMBERS 1000u

/* What segment `number` of an object holds: its own bytes, so that a mixed-up one is seen. */
size_t driver_segment_bytes(const OskId *id, uint32_t number, uint8_t out[SEGMENT_BYTES]);
OskLookup driver_lookup_of(const OskId *id);
OskId driver_other_id(const OskId *id, uint8_t mark);

/* NULL with a line on standard error. */
OskStore *driver_open(const char *folder, const OskStoreOptions *options);
void driver_say_finding(void *context, const char *what);
OskRecordKey driver_record_of(const OskId *id);
OskUploadRow driver_row_of(const Object *object);
/* True when it happened. With UNKNOWN it is asked again, as every caller must. */
bool driver_commit(OskStore *store, const OskChange *changes, size_t count);
bool driver_put_blob(OskStore *store, const OskId *id, uint32_t number, OskSegmentRow *out);

/* ---- the words of the command line; each returns the exit code ---- */

int driver_run(const char *folder, unsigned threads, uint64_t steps, uint64_t seed);
int driver_backup(const char *folder, const char *copy);
int driver_check(const char *folder);
int driver_verify(const char *folder, bool is_strict);
int driver_fill(const char *folder, unsigned long count, unsigned long every);
int driver_recover(const char *folder);
int driver_bench(const char *folder, unsigned threads, unsigned count, size_t len);
int driver_full(const char *folder);
int driver_once(const char *folder);

#endif
