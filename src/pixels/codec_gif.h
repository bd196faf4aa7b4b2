/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reading and the writing half of the GIF codec share. */
#ifndef OSK_PIXELS_CODEC_GIF_H
#define OSK_PIXELS_CODEC_GIF_H

#include <gif_lib.h>

#include "pixels/codec.h"

/* What giflib reads from. */
typedef struct OskGifInput {
    const uint8_t *bytes;
    size_t len;
    size_t at;
} OskGifInput;

struct OskDecoder {
    OskGifInput input;
    GifFileType *gif;
    OskBudget *budget;
    uint32_t width;
    uint32_t height;
    uint32_t frames;
    uint32_t next;
    bool interlace; /* of the first frame */
    bool loops;
    uint16_t loop_count; /* as in NETSCAPE2.0: 0 is for ever */
    uint8_t aspect;
    uint8_t *icc;
    size_t icc_len;
    OskImage canvas; /* RGBA: what the last frame left behind */
    OskImage before; /* what was under it, where that comes back */
    GraphicsControlBlock control;
    uint32_t box[4]; /* of the last frame: x, y, width, height, within the canvas */
};

OskStatus osk_gif_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_gif_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_gif_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);
void osk_gif_drop(OskEncoder **encoder);

#endif
