/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of sealing share: randomness that repeats, one identity, a sink into memory, and
 * files that the stock program made. */
#ifndef TESTS_UNIT_SEAL_FIXED_H
#define TESTS_UNIT_SEAL_FIXED_H

#include "oilskin/seal.h"

/* Made by age-keygen. */
extern const char fixed_recipient_text[];
extern const char fixed_identity_text[];
/* `printf 'hello\n' | age -a -r RECIPIENT` and `age -a -p` with "correct horse". */
extern const char fixed_armored[];
extern const char fixed_armored_passphrase[];

/* A count of bytes that can still be drawn; they repeat from test to test. */
typedef struct FixedRandom {
    uint32_t state;
    size_t left;
} FixedRandom;
OskRandom fixed_random(FixedRandom *random);

/* The identity of fixed_identity_text. */
OskIdentity fixed_identity(void);

/* A sink that takes at most `size` bytes and fails then. */
typedef struct FixedSink {
    uint8_t *bytes; /* free() */
    size_t len;
    size_t size;
} FixedSink;
OskSink fixed_sink(FixedSink *sink, size_t size);

/* Plaintext that repeats; free(). */
uint8_t *fixed_plain(size_t len);

/* Seals `len` bytes of fixed_plain() to the fixed identity. Given to the caller: free(). */
uint8_t *fixed_sealed(size_t len, size_t *out_len, uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES]);

/* Bytes as a standard prints them. */
void fixed_from_hex(const char *hex, uint8_t *out);
void fixed_assert_hex(const uint8_t *bytes, size_t len, const char *hex);

/* The same bytes in a block of exactly their length, so that a sanitizer sees each read behind
 * them; free(). */
void *fixed_exact(const void *bytes, size_t len);

#endif
