/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reading and the writing half of the BMP codec share. It needs no library. */
#ifndef OSK_PIXELS_CODEC_BMP_H
#define OSK_PIXELS_CODEC_BMP_H

#include "pixels/codec.h"

/* "Bitmap Compression" and OS/2 2.0. */
#define OSK_BMP_RGB 0u
#define OSK_BMP_RLE8 1u
#define OSK_BMP_RLE4 2u
#define OSK_BMP_BITFIELDS 3u
#define OSK_BMP_ALPHABITFIELDS 6u

#define OSK_BMP_FILE_HEADER 14u

/* Where one colour stands in a pixel of 16 or 32 bits. */
typedef struct OskBmpChannel {
    unsigned shift;
    unsigned bits; /* 0: it isn't there */
} OskBmpChannel;

struct OskDecoder {
    const uint8_t *bytes;
    size_t len;
    OskBudget *budget;
    uint32_t header; /* bytes of the info header */
    uint32_t masks;  /* bytes of masks behind it */
    uint32_t entry;  /* bytes of a palette entry: 3 or 4 */
    uint32_t entries;
    uint32_t width;
    uint32_t height;
    bool top_down;
    unsigned bits;
    uint32_t compression;
    OskBmpChannel channels[4]; /* red, green, blue, alpha */
    bool fourth;               /* the fourth byte of 32 bits has no meaning that the header gives */
    size_t pixels;             /* where they begin */
    size_t profile;
    size_t profile_len;
    bool done;
    OskPixelModel model;
    unsigned depth;
};

/* Bytes of a row, padded to four; 0 when that is too many. */
size_t osk_bmp_row_len(uint32_t width, unsigned bits);
/* A value of `bits` bits as one of `depth` bits, rounded: exact in both directions. */
uint32_t osk_bmp_scale(uint32_t value, unsigned bits, unsigned depth);

OskStatus osk_bmp_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_bmp_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_bmp_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);
void osk_bmp_drop(OskEncoder **encoder);

#endif
