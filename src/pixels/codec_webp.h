/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the WebP adapter share. */
#ifndef OSK_PIXELS_CODEC_WEBP_H
#define OSK_PIXELS_CODEC_WEBP_H

#include <webp/decode.h>
#include <webp/demux.h>

#include "pixels/codec.h"

struct OskDecoder {
    const uint8_t *bytes; /* lent */
    size_t len;
    OskBudget *budget;
    WebPDemuxer *demuxer;
    WebPAnimDecoder *animation; /* NULL for stills */
    bool moves;
    OskCodecInfo info;
    const uint8_t *icc; /* within `bytes` */
    size_t icc_len;
    uint32_t given; /* frames */
    int at_ms;
    uint64_t spent;
};

/* Decodes a still into an image of its size, RGB or RGBA. */
OskStatus osk_webp_decode(const uint8_t *bytes, size_t len, OskImage *image, OskFault *fault);

/* The encoder: OskCodec's functions; the others are osk_recode_*. */
OskStatus osk_webp_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_webp_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_webp_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);

#endif
