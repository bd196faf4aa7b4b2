/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the PNG module share: the list of chunks, and what becomes of each. */
#ifndef OSK_FORMATS_PNG_H
#define OSK_FORMATS_PNG_H

#include "formats/format.h"

#define OSK_PNG_TAG(a, b, c, d)                                                                    \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* Length, type and CRC around the data of a chunk. */
#define OSK_PNG_FRAME_BYTES 12u
#define OSK_PNG_CHUNK_MAX 0x7FFFFFFFu

typedef enum OskPngAction {
    OSK_PNG_DROP = 0,
    OSK_PNG_KEEP,
    OSK_PNG_LITERAL, /* the same place, other data */
    OSK_PNG_CUT /* coded picture data: a front part of it is kept, perhaps under another header */
} OskPngAction;

typedef struct OskPngChunk {
    const OskPart *part;
    const uint8_t *data;    /* lent from the input */
    const uint8_t *literal; /* LITERAL: the new data; in the arena */
    uint64_t offset;        /* of the length field */
    uint32_t type;
    uint32_t len;      /* of the data */
    uint32_t out_type; /* CUT, LITERAL: 0 for the same */
    uint32_t out_len;  /* LITERAL: of the new data; CUT: bytes of coded data that stay */
    OskPngAction action;
    bool is_told; /* its findings are made, also if it is dropped */
} OskPngChunk;

/* What a stream of coded pixels must inflate to. */
typedef struct OskPngImage {
    uint32_t width;
    uint32_t height;
    uint8_t depth;
    uint8_t colour;
    uint8_t interlace;
} OskPngImage;

typedef struct OskPng {
    OskWalk *walk;
    OskPngChunk *chunks; /* in the arena */
    size_t count;
    uint64_t end; /* behind IEND */
    OskPngImage image;
    uint64_t seen;            /* a bit for each row of the table whose chunk was taken */
    uint32_t palette_entries; /* 0 without a palette that is used */
    bool used[256];           /* palette entries that a picture uses */
    size_t idat_first;        /* the one run of IDAT chunks that readers show: [first, end) */
    size_t idat_end;
} OskPng;

/* Data bytes in front of the coded pixels: the sequence number of fdAT. */
uint32_t osk_png_lead(const OskPngChunk *chunk);
/* A number as PNG writes it; `in` has 4 bytes. */
uint32_t osk_png_u32(const uint8_t *in);
bool osk_png_crc_is_right(const OskPngChunk *chunk);

/* png_image.c: walks the zlib stream in the chunks of `type` among [first, end) to its last bit,
 * checks it against `image`, and sets their actions; slack behind the stream is cut off, with a
 * finding. */
OskStatus osk_png_walk_pixels(OskPng *png, const OskPngImage *image, uint32_t type, size_t first,
                              size_t end);
/* A zlib stream of an all-zero picture of this size, in the arena; NULL with the fault set. */
const uint8_t *osk_png_blank(OskPng *png, const OskPngImage *image, uint32_t *out_len);

/* png_ancillary.c: sets the action of a chunk that may stay, save those of an animation; its CRC is
 * right, and it is the first of its kind. What isn't set to stay is dropped. */
OskStatus osk_png_judge_ancillary(OskPng *png, OskPngChunk *chunk);

/* png_plan.c: adds the steps of every chunk, between the signature and the trailer. */
void osk_png_plan(OskPng *png);

/* png_apng.c: decides about acTL, fcTL, fdAT and, with them, IDAT. */
OskStatus osk_png_walk_animation(OskPng *png);

/* png_inspect.c: findings for a chunk that is dropped; at least one for each. */
void osk_png_inspect(OskPng *png, const OskPngChunk *chunk);
/* A finding for a part of a chunk whose bytes no reader shows. */
void osk_png_hidden(OskPng *png, const OskPngChunk *chunk, const char *field, const char *label,
                    uint64_t offset, uint64_t len);

#endif
