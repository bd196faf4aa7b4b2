/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AV1 of 10 bits for libheif, by aom itself: libheif 1.15 asks aom for the wrong profile there, and
 * aom ends the process. What is in the sequence header comes into the file's `av1C` by libheif. */
#include <aom/aom_encoder.h>
#include <aom/aomcx.h>
#include <libheif/heif_plugin.h>
#include <stdlib.h>
#include <string.h>

#include "pixels/codec_heif.h"

/* As libheif does for other depths. */
#define SPEED 6
#define QUANTIZER_MOST 63

typedef struct Aom {
    int quality;
    uint8_t *bytes; /* one temporal unit */
    size_t len;
    bool given;
} Aom;

static const struct heif_error fine = { heif_error_Ok, heif_suberror_Unspecified, "" };
static const struct heif_error no_such = { heif_error_Usage_error,
                                           heif_suberror_Unsupported_parameter, "" };
static const struct heif_error broken = { heif_error_Encoder_plugin_error,
                                          heif_suberror_Unspecified, "" };
static const struct heif_error no_memory = { heif_error_Memory_allocation_error,
                                             heif_suberror_Unspecified, "" };

static const char *get_name(void)
{
    return "aom, 10 bits";
}

static struct heif_error make(void **out)
{
    *out = calloc(1, sizeof(Aom));
    return *out != NULL ? fine : no_memory;
}

static void drop(void *state)
{
    Aom *aom = state;
    free(aom->bytes);
    free(aom);
}

static struct heif_error set_quality(void *state, int quality)
{
    ((Aom *)state)->quality = quality;
    return fine;
}

static struct heif_error get_quality(void *state, int *out)
{
    *out = ((Aom *)state)->quality;
    return fine;
}

static struct heif_error set_number(void *state, int value)
{
    (void)state;
    (void)value;
    return fine;
}

static struct heif_error get_number(void *state, int *out)
{
    (void)state;
    *out = 0;
    return fine;
}

static const struct heif_encoder_parameter **list_parameters(void *state)
{
    static const struct heif_encoder_parameter *none[] = { NULL };
    (void)state;
    return none;
}

static struct heif_error set_named(void *state, const char *name, int value)
{
    (void)state;
    (void)name;
    (void)value;
    return no_such;
}

static struct heif_error get_named(void *state, const char *name, int *out)
{
    (void)state;
    (void)name;
    (void)out;
    return no_such;
}

static struct heif_error set_words(void *state, const char *name, const char *value)
{
    (void)state;
    (void)name;
    (void)value;
    return no_such;
}

static struct heif_error get_words(void *state, const char *name, char *out, int size)
{
    (void)state;
    (void)name;
    (void)out;
    (void)size;
    return no_such;
}

/* Everything is coded as it comes. */
static void keep_colours(enum heif_colorspace *colorspace, enum heif_chroma *chroma)
{
    (void)colorspace;
    (void)chroma;
}

static void keep_colours_of(void *state, enum heif_colorspace *colorspace, enum heif_chroma *chroma)
{
    (void)state;
    keep_colours(colorspace, chroma);
}

/* AV1 specification, 6.4.1: profile 0 has 4:2:0 and grey, 1 has 4:4:4, 2 has 4:2:2. */
static aom_codec_enc_cfg_t configure(const struct heif_image *image, enum heif_chroma chroma)
{
    aom_codec_enc_cfg_t config;
    memset(&config, 0, sizeof(config));
    (void)aom_codec_enc_config_default(aom_codec_av1_cx(), &config, AOM_USAGE_GOOD_QUALITY);
    config.g_w = (unsigned)heif_image_get_width(image, heif_channel_Y);
    config.g_h = (unsigned)heif_image_get_height(image, heif_channel_Y);
    config.g_profile = chroma == heif_chroma_444 ? 1 : chroma == heif_chroma_422 ? 2 : 0;
    config.g_bit_depth = AOM_BITS_10;
    config.g_input_bit_depth = 10;
    config.g_threads = 1;
    config.g_limit = 1;
    config.g_lag_in_frames = 0;
    config.g_usage = AOM_USAGE_GOOD_QUALITY;
    config.full_still_picture_hdr = 1;
    config.monochrome = chroma == heif_chroma_monochrome;
    config.rc_end_usage = AOM_Q;
    config.rc_min_quantizer = 0;
    config.rc_max_quantizer = QUANTIZER_MOST;
    return config;
}

static bool set_controls(aom_codec_ctx_t *codec, const Aom *aom, const struct heif_image *image,
                         bool lossless)
{
    struct heif_color_profile_nclx *nclx = NULL;
    int quantizer = ((100 - aom->quality) * QUANTIZER_MOST + 50) / 100;
    bool ok =
        aom_codec_control(codec, AOME_SET_CPUUSED, SPEED) == AOM_CODEC_OK &&
        aom_codec_control(codec, AOME_SET_CQ_LEVEL, lossless ? 0 : quantizer) == AOM_CODEC_OK &&
        aom_codec_control(codec, AOME_SET_TUNING, AOM_TUNE_PSNR) == AOM_CODEC_OK &&
        aom_codec_control(codec, AV1E_SET_ROW_MT, 0) == AOM_CODEC_OK &&
        aom_codec_control(codec, AV1E_SET_LOSSLESS, lossless ? 1 : 0) == AOM_CODEC_OK;
    int range = AOM_CR_FULL_RANGE;
    if (heif_image_get_nclx_color_profile(image, &nclx).code == heif_error_Ok && nclx != NULL) {
        range = nclx->full_range_flag != 0 ? AOM_CR_FULL_RANGE : AOM_CR_STUDIO_RANGE;
        ok = ok &&
             aom_codec_control(codec, AV1E_SET_COLOR_PRIMARIES, (int)nclx->color_primaries) ==
                 AOM_CODEC_OK &&
             aom_codec_control(codec, AV1E_SET_TRANSFER_CHARACTERISTICS,
                               (int)nclx->transfer_characteristics) == AOM_CODEC_OK &&
             aom_codec_control(codec, AV1E_SET_MATRIX_COEFFICIENTS,
                               (int)nclx->matrix_coefficients) == AOM_CODEC_OK;
    }
    heif_nclx_color_profile_free(nclx);
    return ok && aom_codec_control(codec, AV1E_SET_COLOR_RANGE, range) == AOM_CODEC_OK;
}

static void copy_plane(const struct heif_image *image, enum heif_channel channel, aom_image_t *to,
                       unsigned plane)
{
    int stride = 0;
    const uint8_t *from = heif_image_get_plane_readonly(image, channel, &stride);
    size_t row = 2 * (size_t)heif_image_get_width(image, channel);
    for (int y = 0; y < heif_image_get_height(image, channel); y++) {
        memcpy(to->planes[plane] + (ptrdiff_t)y * to->stride[plane], from + (ptrdiff_t)y * stride,
               row);
    }
}

/* A picture without chroma has it all the same for aom, in the middle. */
static void fill_chroma(aom_image_t *to)
{
    for (unsigned plane = 1; plane < 3; plane++) {
        for (unsigned y = 0; y < (to->d_h + 1) / 2; y++) {
            uint16_t *row =
                (uint16_t *)(void *)(to->planes[plane] + (ptrdiff_t)y * to->stride[plane]);
            for (unsigned x = 0; x < (to->d_w + 1) / 2; x++) {
                row[x] = 512;
            }
        }
    }
}

static aom_image_t *copy_image(const struct heif_image *image, enum heif_chroma chroma,
                               const aom_codec_enc_cfg_t *config)
{
    aom_img_fmt_t format = chroma == heif_chroma_444   ? AOM_IMG_FMT_I44416
                           : chroma == heif_chroma_422 ? AOM_IMG_FMT_I42216
                                                       : AOM_IMG_FMT_I42016;
    aom_image_t *copy = aom_img_alloc(NULL, format, config->g_w, config->g_h, 16);
    if (copy == NULL) {
        return NULL;
    }
    copy->bit_depth = 10;
    copy->monochrome = chroma == heif_chroma_monochrome;
    copy_plane(image, heif_channel_Y, copy, 0);
    if (chroma == heif_chroma_monochrome) {
        fill_chroma(copy);
    } else {
        copy_plane(image, heif_channel_Cb, copy, 1);
        copy_plane(image, heif_channel_Cr, copy, 2);
    }
    return copy;
}

static bool take_packets(aom_codec_ctx_t *codec, Aom *aom)
{
    aom_codec_iter_t at = NULL;
    const aom_codec_cx_pkt_t *packet = NULL;
    while ((packet = aom_codec_get_cx_data(codec, &at)) != NULL) {
        if (packet->kind == AOM_CODEC_CX_FRAME_PKT) {
            uint8_t *grown = realloc(aom->bytes, aom->len + packet->data.frame.sz);
            if (grown == NULL) {
                return false;
            }
            memcpy(grown + aom->len, packet->data.frame.buf, packet->data.frame.sz);
            aom->bytes = grown;
            aom->len += packet->data.frame.sz;
        }
    }
    return true;
}

static bool run_codec(aom_codec_ctx_t *codec, Aom *aom, const aom_image_t *picture)
{
    return aom_codec_encode(codec, picture, 0, 1, 0) == AOM_CODEC_OK && take_packets(codec, aom) &&
           aom_codec_encode(codec, NULL, 0, 1, 0) == AOM_CODEC_OK && take_packets(codec, aom) &&
           aom->len > 0;
}

static struct heif_error encode(void *state, const struct heif_image *image,
                                enum heif_image_input_class class)
{
    Aom *aom = state;
    enum heif_chroma chroma = heif_image_get_chroma_format(image);
    aom_codec_enc_cfg_t config = configure(image, chroma);
    aom_codec_ctx_t codec;
    if (heif_image_get_bits_per_pixel_range(image, heif_channel_Y) != 10) {
        return broken;
    }
    free(aom->bytes);
    *aom = (Aom){ .quality = aom->quality };
    aom_image_t *picture = copy_image(image, chroma, &config);
    if (picture == NULL) {
        return no_memory;
    }
    bool ok = aom_codec_enc_init(&codec, aom_codec_av1_cx(), &config, AOM_CODEC_USE_HIGHBITDEPTH) ==
              AOM_CODEC_OK;
    if (ok) {
        ok = set_controls(&codec, aom, image, class == heif_image_input_class_alpha) &&
             run_codec(&codec, aom, picture);
        (void)aom_codec_destroy(&codec);
    }
    aom_img_free(picture);
    return ok ? fine : broken;
}

static struct heif_error get_data(void *state, uint8_t **out_data, int *out_size,
                                  enum heif_encoded_data_type *type)
{
    Aom *aom = state;
    (void)type;
    *out_data = aom->given ? NULL : aom->bytes;
    *out_size = aom->given ? 0 : (int)aom->len;
    aom->given = true;
    return fine;
}

static const struct heif_encoder_plugin plugin = {
    .plugin_api_version = 3,
    .compression_format = heif_compression_AV1,
    .id_name = OSK_HEIF_AOM,
    .priority = 1, /* it is asked for by its name */
    .supports_lossy_compression = 1,
    .supports_lossless_compression = 0,
    .get_plugin_name = get_name,
    .new_encoder = make,
    .free_encoder = drop,
    .set_parameter_quality = set_quality,
    .get_parameter_quality = get_quality,
    .set_parameter_lossless = set_number,
    .get_parameter_lossless = get_number,
    .set_parameter_logging_level = set_number,
    .get_parameter_logging_level = get_number,
    .list_parameters = list_parameters,
    .set_parameter_integer = set_named,
    .get_parameter_integer = get_named,
    .set_parameter_boolean = set_named,
    .get_parameter_boolean = get_named,
    .set_parameter_string = set_words,
    .get_parameter_string = get_words,
    .query_input_colorspace = keep_colours,
    .encode_image = encode,
    .get_compressed_data = get_data,
    .query_input_colorspace2 = keep_colours_of,
};

void osk_heif_aom_register(void)
{
    (void)heif_register_encoder_plugin(&plugin);
}
