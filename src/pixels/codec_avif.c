/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AVIF: a file with a movie in it is shown as that (codec_avis.c), any other as its primary picture
 * (codec_heif.c). Here both are known by their tables alone. */
#include <stdlib.h>

#include "base/fault.h"
#include "pixels/avis.h"
#include "pixels/codec.h"

struct OskDecoder {
    const OskCodec *codec;
    OskDecoder *chosen; /* that codec's */
};

struct OskEncoder {
    const OskCodec *codec;
    OskEncoder *chosen;
};

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "meta", "memory ended", OSK_NO_OFFSET);
}

static OskStatus open_avif(const uint8_t *bytes, size_t len, OskBudget *budget,
                           OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    OskDecoder *decoder = calloc(1, sizeof *decoder);
    *out_decoder = NULL;
    if (decoder == NULL) {
        return no_memory(fault);
    }
    decoder->codec = osk_avis_is(bytes, len) ? &osk_codec_avis : &osk_codec_avif_still;
    OskStatus status = decoder->codec->open(bytes, len, budget, &decoder->chosen, out_info, fault);
    if (status != OSK_OK) {
        free(decoder);
        return status;
    }
    *out_decoder = decoder;
    return OSK_OK;
}

static OskStatus next_avif(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    return decoder->codec->next(decoder->chosen, out_frame, fault);
}

static const uint8_t *icc_avif(const OskDecoder *decoder, size_t *out_len)
{
    return decoder->codec->icc(decoder->chosen, out_len);
}

static void close_avif(OskDecoder **decoder)
{
    OskDecoder *gone = *decoder;
    *decoder = NULL;
    if (gone != NULL) {
        gone->codec->close(&gone->chosen);
        free(gone);
    }
}

static OskStatus begin_avif(const OskEncodeOptions *options, const OskCodecInfo *info,
                            OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    OskEncodeOptions inner = *options;
    *out_encoder = NULL;
    if (options->like == NULL) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "meta", "AVIF is only written like an AVIF",
                             OSK_NO_OFFSET);
    }
    OskEncoder *encoder = calloc(1, sizeof *encoder);
    if (encoder == NULL) {
        return no_memory(fault);
    }
    inner.like = options->like->chosen;
    encoder->codec = options->like->codec;
    OskStatus status = encoder->codec->begin(&inner, info, budget, &encoder->chosen, fault);
    if (status != OSK_OK) {
        free(encoder);
        return status;
    }
    *out_encoder = encoder;
    return OSK_OK;
}

static OskStatus add_avif(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    return encoder->codec->add(encoder->chosen, frame, fault);
}

static OskStatus end_avif(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    return encoder->codec->end(encoder->chosen, out, fault);
}

static void drop_avif(OskEncoder **encoder)
{
    OskEncoder *gone = *encoder;
    *encoder = NULL;
    if (gone != NULL) {
        gone->codec->drop(&gone->chosen);
        free(gone);
    }
}

static void report_avif(const OskEncoder *encoder, OskEncodeReport *out_report)
{
    encoder->codec->report(encoder->chosen, out_report);
}

const OskCodec osk_codec_avif = {
    .format = "avif",
    .open = open_avif,
    .next = next_avif,
    .icc = icc_avif,
    .close = close_avif,
    .begin = begin_avif,
    .add = add_avif,
    .end = end_avif,
    .drop = drop_avif,
    .report = report_avif,
};
