/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebAssembly v1: what the page asks of one instance. web/app/core/request.ts writes the same
 * record; a test compares the two. */
#ifndef OSK_WASM_RECORD_H
#define OSK_WASM_RECORD_H

#include <stdint.h>

#define OSK_WASM_VERSION 1u

typedef enum OskWasmOp {
    OSK_WASM_INSPECT = 1, /* what it reveals, and what the picture is */
    OSK_WASM_SCRUB,       /* a copy without what is hidden, verified */
    OSK_WASM_EDIT,        /* a scrubbed copy, edited, scrubbed again, verified */
    OSK_WASM_VERIFY,      /* the second opinion alone */
    OSK_WASM_SEAL,        /* seal.wasm: for the recipients behind the record, one a line */
    OSK_WASM_UNSEAL,      /* unseal.wasm: with the secret keys behind the record, one a line */
    OSK_WASM_READ_KEYS,   /* the secret keys of a file that may be sealed with the passphrase behind */
    OSK_WASM_MAKE_KEY,    /* a new one, in a file sealed with the passphrase behind the record */
    OSK_WASM_REWRAP       /* the header for recipients; they stand behind the secret keys */
} OskWasmOp;

enum {
    OSK_WASM_DROP_AUDIO = 1,
    OSK_WASM_MIRROR = 2,
    OSK_WASM_CROP = 4,
    OSK_WASM_FLATTEN = 8, /* EDIT: decode, and write a fresh file */
    OSK_WASM_REGIONS = 16 /* JSON follows the record */
};

/* Formats of a fresh file; 0 for the one that holds it best. */
enum { OSK_WASM_JPEG = 1, OSK_WASM_PNG = 2 };

/* What `read` and `write` name. OUTPUT is written in order, and read again by the second opinion. A
 * write to RANGES is one OskWasmRange: "append this part of the input to the output", which the
 * page does without touching its bytes. */
enum { OSK_WASM_INPUT = 0, OSK_WASM_OUTPUT = 1, OSK_WASM_RANGES = 2 };

typedef struct OskWasmRange {
    uint64_t offset;
    uint64_t len;
} OskWasmRange;

/* Little-endian, as memory of WebAssembly is. */
typedef struct OskWasmRequest {
    uint32_t version;
    uint32_t op;
    uint64_t input_len;
    uint64_t memory; /* bytes that a job may take, 0 for the default; SEAL: length to pad to */
    uint32_t flags;
    uint32_t icc; /* OskIccMode */
    uint32_t crop_x;
    uint32_t crop_y;
    uint32_t crop_width;
    uint32_t crop_height;
    uint32_t turn;
    uint32_t resize;
    uint32_t output_format;
    uint32_t regions_len; /* bytes of JSON, or of keys, behind the record */
} OskWasmRequest;

_Static_assert(sizeof(OskWasmRequest) == 64, "the page writes 64 bytes");

/* What osk_wasm_result() points to. */
typedef struct OskWasmText {
    uint32_t at;
    uint32_t len;
} OskWasmText;

#endif
