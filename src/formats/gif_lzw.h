/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking the LZW stream of a GIF picture without making its pixels. */
#ifndef OSK_FORMATS_GIF_LZW_H
#define OSK_FORMATS_GIF_LZW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of sub-blocks: each a length byte and that many bytes; a length of 0 ends it. */
typedef struct OskGifStream {
    const uint8_t *bytes; /* at the first length byte */
    size_t left;          /* of the file */
} OskGifStream;

typedef struct OskGifPicture {
    uint64_t pixels;      /* that the picture has */
    unsigned min_code;    /* LZW minimum code size, 1 to 11 */
    bool used[256];       /* out: colours that appear; only added to */
    uint64_t bits;        /* out: up to the end code, which is included */
    uint64_t patch_at;    /* out: where an end code must be written because more pixels follow */
    unsigned patch_width; /* out: its width; 0: no patch is needed */
} OskGifPicture;

/* Walks codes until the picture is complete and its end code is read, the sub-blocks end, or a code
 * comes that can't occur. Source: GIF89a appendix F. */
bool osk_gif_walk_lzw(OskGifStream stream, OskGifPicture *picture);

/* The same, and hands the colours of each code to `put` in the order of the stream, `count` of them
 * at a time; the last ones may lie past the last pixel. False as well for a colour above 255. */
typedef void OskGifPut(void *context, const uint8_t *colours, size_t count);
bool osk_gif_decode_lzw(OskGifStream stream, OskGifPicture *picture, OskGifPut *put, void *context);

/* What is written instead of the last bytes of the stream: an end code, and zeros behind it. */
typedef struct OskGifTail {
    uint8_t bytes[4];
    size_t at;   /* in the joined stream: they replace it from here on */
    size_t used; /* bytes of the stream that stay */
} OskGifTail;

/* `data` stands at the first length byte of a stream that was walked. */
OskGifTail osk_gif_tail_make(const uint8_t *data, const OskGifPicture *picture);
/* True when the stream ends with these bytes, and nothing stands behind them. */
bool osk_gif_tail_is_there(const uint8_t *data, const OskGifTail *tail);
/* Bytes of the joined stream. */
size_t osk_gif_stream_len(const uint8_t *data);

#endif
