/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the JPEG XL adapter share. */
#ifndef OSK_PIXELS_CODEC_JXL_H
#define OSK_PIXELS_CODEC_JXL_H

#include <jxl/decode.h>

#include "pixels/codec.h"

struct OskDecoder {
    const uint8_t *bytes; /* lent */
    size_t len;
    OskBudget *budget;
    JxlDecoder *jxl;
    JxlBasicInfo basic;
    OskCodecInfo info;
    JxlPixelFormat pixels;
    OskPixelModel model;
    unsigned depth;
    bool modular; /* the first frame */
    bool lossless;
    bool has_colour; /* `colour` says what the decoded samples mean; else `icc` does */
    JxlColorEncoding colour;
    uint8_t *icc;
    size_t icc_len;
    bool icc_is_srgb; /* made up for samples that need no profile */
    uint32_t given;   /* frames */
    uint64_t spent;
};

/* The encoder: OskCodec's functions; the others are osk_recode_*. */
OskStatus osk_jxl_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_jxl_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_jxl_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);

#endif
