/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the adapter for AVIF sequences share: codec_avis.c is OskCodec's decoder,
 * codec_avis_write.c its encoder, codec_avis_dav1d.c and codec_avis_aom.c hold the libraries. */
#ifndef OSK_PIXELS_CODEC_AVIS_H
#define OSK_PIXELS_CODEC_AVIS_H

#include "pixels/avis.h"
#include "pixels/codec.h"
#include "pixels/planes.h"

/* What a sequence header says of colours: ISO/IEC 23091-2. */
typedef struct OskAvisLook {
    unsigned primaries;
    unsigned transfer;
    unsigned matrix;
    unsigned position; /* of chroma samples: AV1 specification, 6.4.2 */
    bool full_range;
} OskAvisLook;

/* ---- a decoder of one track, by dav1d ---- */

typedef struct OskAvisReader OskAvisReader;
/* Bytes that a decoder of pictures of this size takes; the caller spends them. */
uint64_t osk_avis_reading(const OskAvisTrack *track);
OskStatus osk_avis_reader_make(const OskAvisTrack *track, OskAvisReader **out_reader,
                               OskFault *fault);
/* Decodes the next sample. The planes (luma and chroma) are lent until the next call; their matrix
 * and range are those of the look. */
OskStatus osk_avis_reader_next(OskAvisReader *reader, const uint8_t *bytes, size_t len,
                               OskPlanes *out_planes, OskFault *fault);
/* Of the last picture. */
OskAvisLook osk_avis_reader_look(const OskAvisReader *reader);
void osk_avis_reader_free(OskAvisReader **reader);
/* Fills in `config` from the sequence header of the first sample: AV1 in ISO media, 2.3.3. */
OskStatus osk_avis_config(OskAvisCoded *coded, OskFault *fault);

/* ---- an encoder of one track, by aom ---- */

typedef struct OskAvisAsk {
    uint32_t width;
    uint32_t height;
    unsigned depth;
    unsigned shift_x;
    unsigned shift_y;
    bool grey;
    OskAvisLook look;
    uint32_t frames;
    unsigned quality; /* 0 to OSK_AVIS_QUALITY_MOST, where nothing is lost */
} OskAvisAsk;

#define OSK_AVIS_QUALITY_MOST 63u

typedef struct OskAvisCoder OskAvisCoder;
/* Bytes that an encoder takes; the caller spends them. */
uint64_t osk_avis_coding(const OskAvisAsk *ask);
OskStatus osk_avis_coder_make(const OskAvisAsk *ask, OskAvisCoder **out_coder, OskFault *fault);
/* Planes to fill with the next picture, lent; then add it. */
OskPlanes osk_avis_coder_planes(OskAvisCoder *coder);
OskStatus osk_avis_coder_add(OskAvisCoder *coder, OskFault *fault);
/* @param out owned by the caller: osk_avis_coded_free(). */
OskStatus osk_avis_coder_end(OskAvisCoder *coder, OskAvisCoded *out, OskFault *fault);
void osk_avis_coder_free(OskAvisCoder **coder);

/* ---- OskCodec ---- */

struct OskDecoder {
    OskAvis avis;
    OskBudget *budget;
    OskCodecInfo info;
    OskAvisReader *colour;
    OskAvisReader *alpha; /* NULL: none */
    OskAvisLook look;     /* of the coded pictures, once there was one */
    OskAvisLook alpha_look;
    unsigned matrix; /* by which they are turned into colours */
    bool full_range;
    bool has_matrix; /* the file says it beside them */
    OskPixelModel model;
    uint32_t given; /* frames */
    uint64_t spent;
};

/* The encoder: OskCodec's functions. */
OskStatus osk_avis_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_avis_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_avis_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);
void osk_avis_drop(OskEncoder **encoder);
void osk_avis_report(const OskEncoder *encoder, OskEncodeReport *out_report);

#endif
