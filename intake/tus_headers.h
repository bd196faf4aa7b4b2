/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the headers of resumable uploads say, read without believing them: tus 1.0.0
 * (https://tus.io/protocols/resumable-upload) and the addresses that both protocols share.
 * Nothing here allocates, and nothing that isn't asked for is kept: names of files are read past.
 */
#ifndef OSK_INTAKE_TUS_HEADERS_H
#define OSK_INTAKE_TUS_HEADERS_H

#include "intake/spool.h"

#define OSK_TUS_VERSION "1.0.0"
#define OSK_TUS_DIGEST_MAX 32u
/* More partial uploads than clients make of one file; each is an address of 52 bytes in a header
 * that the server caps. */
#define OSK_TUS_CONCAT_MAX 64u
/* What a person typed as a receipt, before it is read: words, numbers, commas. */
#define OSK_TUS_RECEIPT_MAX 255u

/* A decimal number of at most 18 digits, as tus writes Upload-Length and Upload-Offset. False, with
 * `out` untouched, for NULL and every other text. */
bool osk_tus_whole(const char *header, uint64_t *out);

/* The token at the end of a path or an address, behind "/uploads/". False when there is none. */
bool osk_tus_token(const char *address, size_t len, char out[OSK_TOKEN_TEXT_BYTES]);

/* The keys of Upload-Metadata that mean something here. The others (filename, filetype and what
 * clients make up) are read past. */
typedef struct OskTusMetadata {
    char receipt[OSK_TUS_RECEIPT_MAX + 1]; /* as it was typed; "" for none; wipe */
    char category[OSK_CATEGORY_BYTES];     /* "" for none */
    bool is_original;                      /* kind = original */
    bool is_attached;                      /* attach = yes */
    bool is_sealed;                        /* sealed = device: it is an age file already */
    bool has_fingerprint;
    uint8_t fingerprint[32];
} OskTusMetadata;
/* Upload-Metadata: pairs of a key and a base64 value, by commas. NULL is no pair. False with a
 * sentence in `out_why` (static) for a header that breaks tus, or a value of ours that means
 * nothing; `out` is then zeros. */
bool osk_tus_metadata(const char *header, OskTusMetadata *out, const char **out_why);

typedef enum OskTusAlgorithm { OSK_TUS_SHA1, OSK_TUS_SHA256 } OskTusAlgorithm;
typedef struct OskTusChecksum {
    OskTusAlgorithm algorithm;
    uint8_t digest[OSK_TUS_DIGEST_MAX];
    size_t len;
} OskTusChecksum;
/* Upload-Checksum: the name of an algorithm and the digest in base64. False for any other. */
bool osk_tus_checksum(const char *header, OskTusChecksum *out);

typedef struct OskTusConcat {
    bool is_final;
    size_t count; /* of a final one: 1 to OSK_TUS_CONCAT_MAX */
    char tokens[OSK_TUS_CONCAT_MAX][OSK_TOKEN_TEXT_BYTES];
} OskTusConcat;
/* Upload-Concat: "partial", or "final;" and addresses by spaces. False for any other, and for an
 * address that is named twice. The tokens are secrets: wipe. */
bool osk_tus_concat(const char *header, OskTusConcat *out);

/* Whether a Content-Type is `type`, in any case, with any parameters. False for NULL. */
bool osk_tus_is_media_type(const char *header, const char *type);

#endif
