/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: files that only the holder of a key can open. The format is age, version 1
 * (https://age-encryption.org/v1), so that everything sealed here opens with the stock program. */
#ifndef OILSKIN_SEAL_H
#define OILSKIN_SEAL_H

#include "io.h"
#include "random.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OSK_SEAL_CHUNK_BYTES 65536u /* of plaintext; the last one of a file may be shorter */
#define OSK_SEAL_TAG_BYTES 16u
#define OSK_SEAL_FILE_KEY_BYTES 16u
#define OSK_SEAL_RECIPIENTS_MAX 64u
/* Of a header: 64 X25519 stanzas of about 100 bytes, and room for foreign ones. */
#define OSK_SEAL_HEADER_MAX (64u * 1024)
#define OSK_RECIPIENT_TEXT_BYTES 63u /* "age1..." and a NUL */
#define OSK_IDENTITY_TEXT_BYTES 75u  /* "AGE-SECRET-KEY-1..." and a NUL */

/* Who can open a file: an X25519 public key. */
typedef struct OskRecipient {
    uint8_t key[32];
} OskRecipient;

/* A secret key. Wipe with osk_identity_wipe(). */
typedef struct OskIdentity {
    uint8_t secret[32];
    OskRecipient recipient;
} OskIdentity;

/* Picks the fastest code for this processor, and reads from the kernel whatever that needs. Without
 * it everything here works, slower. A process that sandboxes itself calls it before; call it before
 * there are threads. False when the crypto library can't work here. */
OSK_API bool osk_seal_ready(void);

/* ---- keys and their text ---- */

/* A new identity. Errors: IO when the random source fails. */
OSK_API OskStatus osk_identity_make(OskIdentity *out, const OskRandom *random, OskFault *fault);
/* The identity of 32 bytes that somebody else drew or derived. */
OSK_API OskStatus osk_identity_from_seed(OskIdentity *out, const uint8_t seed[32]);
/* The keys of demonstrations: everybody can make them, so that nothing which is sealed to one is
 * secret. @param number below OSK_DEMO_KEYS. Errors: MISUSE. */
#define OSK_DEMO_KEYS 4u
OSK_API OskStatus osk_identity_demo(OskIdentity *out, unsigned number);
OSK_API bool osk_recipient_is_demo(const OskRecipient *recipient);
/* Bech32 as the specification asks: lower case "age1", upper case "AGE-SECRET-KEY-1", no mixing.
 * `text` need not end in a NUL. Errors: MALFORMED with the offset of the wrong letter. */
OSK_API OskStatus osk_recipient_parse(OskRecipient *out, const char *text, size_t len,
                                      OskFault *fault);
OSK_API OskStatus osk_identity_parse(OskIdentity *out, const char *text, size_t len,
                                     OskFault *fault);
OSK_API void osk_recipient_text(const OskRecipient *recipient, char out[OSK_RECIPIENT_TEXT_BYTES]);
OSK_API void osk_identity_text(const OskIdentity *identity, char out[OSK_IDENTITY_TEXT_BYTES]);
OSK_API void osk_identity_wipe(OskIdentity *identity);

/* ---- sealing ---- */

/* To whom: recipients, or a passphrase and nothing else (scrypt, the specification allows it
 * alone). */
typedef struct OskSealTo {
    const OskRecipient *recipients; /* lent */
    size_t count;                   /* 1 to OSK_SEAL_RECIPIENTS_MAX; 0 with a passphrase */
    const char *passphrase;         /* lent; NULL for none */
    size_t passphrase_len;
    unsigned work;           /* scrypt: N = 2^work; 0 for 18 */
    const OskRandom *random; /* lent; lengths alone need none */
    bool names_list;         /* the header says by which list of recipients it was made, with
                              * osk_seal_list(), so that whoever keeps the file can tell; not with a
                              * passphrase */
    size_t padded_len; /* osk_seal_bytes() alone: zeros behind the bytes up to it; 0 for none */
} OskSealTo;

/* The sealing of one age file. Complete, so that the caller can put it into locked memory: it holds
 * the key of the file and up to one chunk in the clear. Touch no field. Wiped by
 * osk_sealer_wipe(), and by finish(). */
typedef struct OskSealer {
    OskSink sink;
    uint64_t counter;
    uint64_t sealed_len; /* bytes given to the sink */
    size_t held;         /* bytes of the chunk that isn't full yet */
    int state;
    uint8_t payload_key[32];
    uint8_t chunk[OSK_SEAL_CHUNK_BYTES + OSK_SEAL_TAG_BYTES];
} OskSealer;

/* Writes the header to `sink` (lent until the end; its `copy` is not used).
 * @param out_file_key where not NULL: the 16 bytes with which osk_unseal_open_key() opens the file;
 *        the caller wipes them.
 * Errors: MISUSE for no recipients or too many; IO when the sink or the random source fails. */
OSK_API OskStatus osk_sealer_open(OskSealer *sealer, const OskSealTo *to, const OskSink *sink,
                                  uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault);
OSK_API OskStatus osk_sealer_write(OskSealer *sealer, const void *bytes, size_t len,
                                   OskFault *fault);
/* Writes the last chunk and wipes. Only now is what the sink holds a whole file. */
OSK_API OskStatus osk_sealer_finish(OskSealer *sealer, OskFault *fault);
OSK_API void osk_sealer_wipe(OskSealer *sealer);

/* Length of what osk_sealer_open() writes for `to` (the header and the 16 bytes behind it), and of
 * the whole file for `plain_len` bytes. */
OSK_API uint64_t osk_seal_header_len(const OskSealTo *to);
OSK_API uint64_t osk_seal_file_len(const OskSealTo *to, uint64_t plain_len);

/* Padme: the length that `len` is padded to, so that lengths say little (at most 12 % more).
 * Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019, algorithm 1. */
OSK_API uint64_t osk_seal_padded_len(uint64_t len);

/* ---- opening ---- */

/* An opened file: random access to the plaintext, every chunk authenticated before a byte of it is
 * given away. Not for two threads at once. Complete, so that the caller can put it into locked
 * memory: it holds the key of the payload and one chunk in the clear. Touch no field. */
typedef struct OskUnsealed {
    OskSource source;
    uint64_t payload_at; /* of the first chunk, in the source */
    uint64_t plain_len;
    uint64_t last; /* number of the last chunk */
    uint64_t held; /* number of the chunk in `plain`, or none */
    uint8_t payload_key[32];
    uint8_t plain[OSK_SEAL_CHUNK_BYTES + OSK_SEAL_TAG_BYTES];
} OskUnsealed;

/* What opens a file: identities, or a passphrase. */
typedef struct OskUnsealWith {
    const OskIdentity *identities; /* lent */
    size_t count;
    const char *passphrase; /* lent; NULL for none */
    size_t passphrase_len;
    unsigned work_max; /* a header that asks for more scrypt is LIMIT; 0 for 22 */
} OskUnsealWith;

/* Reads the header, finds the file key, checks the MAC and the last chunk. So a file that was cut
 * is found here: TRUNCATED where that can be told, AUTH where a cut looks as a change does.
 * `source` is binary (see osk_armor_decode()), lent until the end. Errors: MALFORMED with part
 * "header" or "stanza" and the offset, for anything that is not the one canonical encoding; AUTH
 * when no key fits or the MAC is wrong, which are not told apart. */
OSK_API OskStatus osk_unseal_open(OskUnsealed **out, const OskSource *source,
                                  const OskUnsealWith *with, OskFault *fault);
/* The same with the file key that osk_sealer_open() gave. */
OSK_API OskStatus osk_unseal_open_key(OskUnsealed **out, const OskSource *source,
                                      const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES],
                                      OskFault *fault);
/* The same in memory of the caller, who wipes it with osk_unsealed_wipe(), also after an error. */
OSK_API OskStatus osk_unseal_begin(OskUnsealed *file, const OskSource *source,
                                   const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES],
                                   OskFault *fault);
OSK_API void osk_unsealed_wipe(OskUnsealed *file);
OSK_API uint64_t osk_unsealed_len(const OskUnsealed *file);
/* Errors: AUTH when a chunk was tampered with. */
OSK_API OskStatus osk_unsealed_read(OskUnsealed *file, uint64_t offset, void *out, size_t len,
                                    OskFault *fault);
/* The plaintext as a source; lent from `file`. */
OSK_API OskSource osk_unsealed_source(OskUnsealed *file);
/* Wipes. Accepts NULL and nulls. */
OSK_API void osk_unsealed_free(OskUnsealed **file);

/* ---- other recipients for a file that is sealed ---- */

#define OSK_SEAL_LIST_BYTES 16u

/* A digest that names a set of recipients, whatever their order is. */
OSK_API void osk_seal_list(const OskRecipient *recipients, size_t count,
                           uint8_t out[OSK_SEAL_LIST_BYTES]);

/* What a header says to who can't open it. */
typedef struct OskSealHeader {
    size_t len;             /* without the 16 bytes in front of the payload */
    size_t recipient_count; /* X25519 stanzas */
    size_t stanza_count;    /* of every kind */
    bool names_list;
    uint8_t list[OSK_SEAL_LIST_BYTES]; /* zeros for none; as its maker says */
} OskSealHeader;

/* Reads the header in front of `len` bytes, of a whole file or of what it begins with. Strict as
 * osk_unseal_open(), but for what needs a key: its MAC. Errors: MALFORMED, TRUNCATED, LIMIT. */
OSK_API OskStatus osk_seal_header_read(const void *bytes, size_t len, OskSealHeader *out,
                                       OskFault *fault);

/* What is wrapped anew; all is lent. */
typedef struct OskSealRewrap {
    const void *bytes; /* the file, or what it begins with: OSK_SEAL_HEADER_MAX are always enough */
    size_t len;
    const OskUnsealWith *with;
    const OskSealTo *to;
} OskSealRewrap;

/* A header that gives the same file to others: it goes in front of what stands behind the old one,
 * which stays as it is. Who could open the old header still can, wherever a copy of it is kept.
 * @param out empty but for `max`; it stays empty after an error.
 * @param out_old_len length of the header that it replaces.
 * Errors: as osk_unseal_open() for the old header, as osk_sealer_open() for the new one. */
OSK_API OskStatus osk_seal_rewrap(const OskSealRewrap *of, OskMemory *out, size_t *out_old_len,
                                  OskFault *fault);

/* ---- memory to memory ---- */

/* Seals all of `len` bytes.
 * @param out empty but for `max`; it stays empty after an error.
 * Errors: LIMIT when the file is longer than `out->max`. */
OSK_API OskStatus osk_seal_bytes(const void *bytes, size_t len, const OskSealTo *to, OskMemory *out,
                                 OskFault *fault);
/* The same the other way; `out->max` is the longest plaintext that is taken.
 * Ownership: osk_bytes_free() wipes nothing: call osk_seal_wipe() first. */
OSK_API OskStatus osk_unseal_bytes(const void *bytes, size_t len, const OskUnsealWith *with,
                                   OskMemory *out, OskFault *fault);

/* ---- armor ---- */

/* True when the bytes begin as an armored file does (leading white space allowed). */
OSK_API bool osk_armor_probe(const void *bytes, size_t len);
/* Strict as the specification asks. Memory to memory; out by osk_bytes_free(). */
OSK_API OskStatus osk_armor_decode(const void *text, size_t len, uint8_t **out_bytes,
                                   size_t *out_len, OskFault *fault);
/* A sink that writes armor into `sink`; finish writes the last line. */
typedef struct OskArmorer {
    OskSink sink;
    uint8_t held[3];
    unsigned held_len;
    unsigned column;
    bool began;
} OskArmorer;
OSK_API OskSink osk_armorer_sink(OskArmorer *armorer, const OskSink *sink);
OSK_API bool osk_armorer_finish(OskArmorer *armorer);

/* ---- small keyed things that the rooms around need, from the same adapter ---- */

OSK_API void osk_seal_wipe(void *bytes, size_t len);
/* Constant time. */
OSK_API bool osk_seal_equal(const void *a, const void *b, size_t len);
/* HMAC-SHA-256, RFC 2104. */
OSK_API void osk_seal_hmac(const void *key, size_t key_len, const void *bytes, size_t len,
                           uint8_t out[32]);
/* What HKDF makes keys of; all is lent. */
typedef struct OskHkdf {
    const void *key;
    size_t key_len;
    const void *salt; /* NULL for none */
    size_t salt_len;
    const char *info; /* a text */
} OskHkdf;
/* HKDF-SHA-256, RFC 5869. @param out_len at most 255 * 32. */
OSK_API void osk_seal_hkdf(const OskHkdf *of, uint8_t *out, size_t out_len);
/* SHA-256, piece by piece. */
typedef struct OskSha256 {
    uint64_t state[16];
} OskSha256;
OSK_API void osk_sha256_begin(OskSha256 *hash);
OSK_API void osk_sha256_add(OskSha256 *hash, const void *bytes, size_t len);
OSK_API void osk_sha256_end(OskSha256 *hash, uint8_t out[32]);
/* XChaCha20-Poly1305 with a random nonce in front: `out` takes len + 40 bytes. */
#define OSK_BOX_EXTRA_BYTES 40u
OSK_API OskStatus osk_box_lock(const uint8_t key[32], const void *bytes, size_t len, uint8_t *out,
                               const OskRandom *random);
/* Errors: AUTH. `out` takes len - 40 bytes. */
OSK_API OskStatus osk_box_unlock(const uint8_t key[32], const void *box, size_t len, uint8_t *out);
/* What Argon2id makes a key of, and at which price; all is lent. */
typedef struct OskArgon2 {
    const char *secret;
    size_t secret_len;
    const uint8_t *salt; /* 16 bytes */
    uint32_t passes;
    uint32_t memory_kib;
} OskArgon2;
/* Argon2id, version 1.3. Errors: NO_MEMORY. */
OSK_API OskStatus osk_seal_argon2id(const OskArgon2 *of, uint8_t *out, size_t out_len);

#ifdef __cplusplus
}
#endif
#endif
