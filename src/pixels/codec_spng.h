/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reading and the writing half of the PNG codec share. The chunks, and so animation, are
 * our own; libspng turns the coded rows of one frame into pixels and back. */
#ifndef OSK_PIXELS_CODEC_SPNG_H
#define OSK_PIXELS_CODEC_SPNG_H

#include "pixels/codec.h"

/* A chunk in the input, lent. */
typedef struct OskPngSpan {
    const uint8_t *data; /* behind the type */
    uint32_t len;
    uint32_t type; /* the four letters, the first in the highest byte */
} OskPngSpan;

#define OSK_PNG_TYPE(a, b, c, d)                                                                   \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

typedef enum OskPngDispose {
    OSK_PNG_DISPOSE_NONE,
    OSK_PNG_DISPOSE_BACKGROUND,
    OSK_PNG_DISPOSE_PREVIOUS
} OskPngDispose;

/* fcTL, and which chunks hold its rows. */
typedef struct OskPngFrame {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
    uint16_t delay_num;
    uint16_t delay_den;
    uint8_t dispose;
    bool over;     /* blended over what is there; else it replaces that */
    size_t first;  /* index of the first chunk with its data */
    size_t chunks; /* how many, of one type, with nothing between them */
} OskPngFrame;

/* PNG 11.2.1. */
typedef struct OskPngHeader {
    uint32_t width;
    uint32_t height;
    uint8_t depth;
    uint8_t color;
    uint8_t interlace;
} OskPngHeader;

#define OSK_PNG_GREY 0
#define OSK_PNG_RGB 2
#define OSK_PNG_PALETTE 3
#define OSK_PNG_GREY_ALPHA 4
#define OSK_PNG_RGBA 6

typedef struct OskPngFile {
    OskPngHeader header;
    OskPngSpan *chunks;
    size_t count;
    const OskPngSpan *palette; /* PLTE, or NULL */
    const OskPngSpan *trns;    /* tRNS, or NULL */
    const OskPngSpan *exif;    /* eXIf, or NULL */
    size_t picture;            /* index of the first IDAT */
    OskPngFrame *frames;       /* in order; one where nothing moves */
    uint32_t frame_count;
    bool animated;
    uint32_t plays; /* 0: for ever */
    unsigned orientation;
    uint64_t held; /* bytes of the budget */
} OskPngFile;

/* Reads the chunks; checks every checksum, and that each frame lies within the picture. */
OskStatus osk_png_file_read(OskPngFile *file, const uint8_t *bytes, size_t len, OskBudget *budget,
                            OskFault *fault);
void osk_png_file_free(OskPngFile *file, OskBudget *budget);
/* Appends a chunk with its checksum. */
void osk_png_chunk_write(OskWriter *out, uint32_t type, const uint8_t *data, size_t len);

struct OskDecoder {
    OskPngFile file;
    OskBudget *budget;
    uint32_t next; /* frame */
    bool keyed;    /* a colour means transparent: alpha is made from it, and turned back into it */
    uint16_t key[3]; /* grey, or red, green and blue */
    bool indexed;    /* the still picture has the palette of the file */
    OskImage canvas; /* animations */
    OskImage before; /* what a frame that is disposed to PREVIOUS had under it */
    uint8_t *icc;    /* inflated */
    size_t icc_len;
};

extern const uint8_t osk_png_signature[8];

struct OskEncoder {
    OskEncodeOptions options;
    OskBudget *budget;
    OskPngHeader header;
    OskPixelModel model;
    unsigned depth; /* of the frames; the header's is the next one that PNG has */
    bool animated;
    bool keyed;
    uint32_t frames;
    uint32_t sequence;
    uint8_t palette[OSK_PALETTE_MAX][4];
    bool used[OSK_PALETTE_MAX];
    unsigned count; /* entries so far */
    OskImage before;
    /* Of an animation that had a palette: the same frames with one, as long as it holds all their
     * colours. What was covered has no say in that. */
    OskEncoder *indexed;
    OskWriter body;
    uint64_t held;
};

/* Palettes of the writing half: a still has that of its frame, that of an animation is made from
 * the colours of all written frames and of nothing else. */
void osk_png_palette_start(OskEncoder *encoder, const OskImage *image);
/* Rewrites indices of the frame's palette to those of the file's. */
OskStatus osk_png_palette_map(OskEncoder *encoder, const OskFrame *frame, OskImage *image,
                              OskFault *fault);
/* Rewrites true colours to indices of the file's palette, which grows. `out_fits` false: they are
 * more than that holds, and nothing was made. */
OskStatus osk_png_palette_index(OskEncoder *encoder, const OskImage *rgba, unsigned depth,
                                OskImage *out_image, bool *out_fits);
/* Entries up to the last one that is used. */
unsigned osk_png_palette_count(const OskEncoder *encoder);

/* The writing half. */
OskStatus osk_png_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_png_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_png_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);
void osk_png_drop(OskEncoder **encoder);

#endif
