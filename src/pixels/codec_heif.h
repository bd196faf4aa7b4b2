/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the HEIF and AVIF adapter share. */
#ifndef OSK_PIXELS_CODEC_HEIF_H
#define OSK_PIXELS_CODEC_HEIF_H

#include <libheif/heif.h>

#include "pixels/codec.h"

/* What the encoders hold, in bytes a pixel and sample byte. */
#define OSK_HEIF_WRITING 30u

struct OskDecoder {
    size_t len;
    OskBudget *budget;
    enum heif_compression_format compression;
    enum heif_chroma chroma; /* as it will be written: as stored, where that fits */
    struct heif_context *context;
    struct heif_image_handle *handle;
    struct heif_color_profile_nclx *nclx; /* NULL: none */
    OskCodecInfo info;
    OskPixelModel model; /* once decoded */
    unsigned depth;
    bool premultiplied;
    unsigned orientation; /* in which it comes from libheif; 1 where that turns it */
    uint8_t *icc;
    size_t icc_len;
    bool given;
    uint64_t spent;
};

/* Sets the fault for an error of the library. */
OskStatus osk_heif_fault(struct heif_error error, OskFault *fault);

/* The encoder of AV1 of 10 bits, and its name. Once, after heif_init(). */
#define OSK_HEIF_AOM "oilskin-aom"
void osk_heif_aom_register(void);

/* The encoder: OskCodec's functions. */
OskStatus osk_heif_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_heif_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_heif_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);
void osk_heif_drop(OskEncoder **encoder);
void osk_heif_report(const OskEncoder *encoder, OskEncodeReport *out_report);

#endif
