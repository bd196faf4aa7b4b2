/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every pixel codec gives: frames in, frames out, one at a time. One codec_<lib>.c holds one
 * library. Frames are whole canvases as displayed over time (animations are composited), so that
 * one driver covers, crops, turns and resizes pictures of all formats. */
#ifndef OSK_PIXELS_CODEC_H
#define OSK_PIXELS_CODEC_H

#include "base/writer.h"
#include "oilskin/redact.h"
#include "pixels/image.h"

/* One displayed frame or page. */
typedef struct OskFrame {
    OskImage image;
    /* For the encoder, lent: a byte a pixel as stored, not 0 where it was painted over; NULL where
     * nobody says, and then every pixel may have changed. What it marks may lose precision where a
     * format has too few colours, and what it leaves out may be copied without coding it again. */
    const uint8_t *covered;
    /* From a decoder: the file ends before the picture does, and what is missing is grey. Only who
     * shows a person what is left of a picture may take it. */
    bool cut;
    uint32_t duration_num; /* seconds: num / den; 0 / 1 for stills and pages */
    uint32_t duration_den;
} OskFrame;

typedef struct OskCodecInfo {
    uint32_t width; /* as stored; of the first frame */
    uint32_t height;
    unsigned orientation; /* 1 to 8 as in Exif: how a stored frame is turned for display */
    uint32_t frames;
    bool lossy; /* writing it again changes pixels slightly */
    bool alpha;
    uint32_t reach;   /* pixels beyond the edge of a region to which a lossy source may have carried
                       * what is covered (blocks, loop filters); the cover grows by it */
    uint64_t memory;  /* the codec's own need; it spends that itself, at open or as it goes */
    uint64_t writing; /* what it takes to write a picture of this size like this one, beside that;
                       * 0: no more than a few of its frames */
} OskCodecInfo;

/* How well a lossy encoder did. */
typedef struct OskEncodeReport {
    bool measured;
    uint32_t centibel; /* hundredths of a decibel between what was decoded and what will be, outside
                        * the covered pixels and two beside them; 9999 for no difference */
    unsigned quality;  /* on the codec's own ladder */
    uint64_t source_len;
    uint64_t len;
    const char *note; /* static: which promise could not be kept, or NULL */
} OskEncodeReport;

typedef struct OskDecoder OskDecoder;
typedef struct OskEncoder OskEncoder;

/* What is encoded: like the file it was decoded from, or fresh. */
typedef struct OskEncodeOptions {
    const OskDecoder *like; /* same depth, palette, interlace, subsampling, quality, colour profile,
                             * timing and loop count; NULL: fresh, with defaults */
    unsigned orientation;   /* to be written where the format can; 1 otherwise */
    bool swapped;           /* rows have become columns: resolutions go along */
    const uint8_t *icc;     /* `like` NULL: a profile to embed, or NULL */
    size_t icc_len;
    unsigned quality; /* `like` NULL, lossy: 1 to 100 */
} OskEncodeOptions;

/* A codec is a table of functions; its registry is pixels/registry.c.
 * Errors of all: TRUNCATED, MALFORMED, UNSUPPORTED, LIMIT, NO_MEMORY with the fault set. Warnings
 * of the library that mean missing picture data are errors. `bytes` are lent until close. */
typedef struct OskCodec {
    const char *format; /* as in the format registry: "png" */
    OskStatus (*open)(const uint8_t *bytes, size_t len, OskBudget *budget, OskDecoder **out_decoder,
                      OskCodecInfo *out_info, OskFault *fault);
    /* The next frame; owned by the caller until osk_image_free(). */
    OskStatus (*next)(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault);
    /* The colour profile, lent; NULL where there is none. */
    const uint8_t *(*icc)(const OskDecoder *decoder, size_t *out_len);
    void (*close)(OskDecoder **decoder);

    /* NULL where the format is never written. */
    OskStatus (*begin)(const OskEncodeOptions *options, const OskCodecInfo *info, OskBudget *budget,
                       OskEncoder **out_encoder, OskFault *fault);
    OskStatus (*add)(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
    /* Writes what is left into `out`, which has grown with each frame or does now. */
    OskStatus (*end)(OskEncoder *encoder, OskWriter *out, OskFault *fault);
    void (*drop)(OskEncoder **encoder);
    /* Between end and drop; NULL where nothing is lost. */
    void (*report)(const OskEncoder *encoder, OskEncodeReport *out_report);
} OskCodec;

/* The codec of a format, or NULL. */
const OskCodec *osk_codec_find(const char *format);
/* What libraries must do before the sandbox stands, such as loading modules: once, at the start. */
void osk_codecs_prepare(void);
/* libheif may load its codecs from a folder. */
void osk_codec_heif_prepare(void);

/* Every codec there is; registry.c lists them. */
extern const OskCodec osk_codec_bmp;
extern const OskCodec osk_codec_gif;
extern const OskCodec osk_codec_avif;
extern const OskCodec osk_codec_heif;
extern const OskCodec osk_codec_jpeg;
extern const OskCodec osk_codec_jxl;
extern const OskCodec osk_codec_png;
extern const OskCodec osk_codec_tiff;
extern const OskCodec osk_codec_webp;

/* The two kinds of AVIF, of which osk_codec_avif chooses one: a picture, a sequence. */
extern const OskCodec osk_codec_avif_still;
extern const OskCodec osk_codec_avis;

#endif
