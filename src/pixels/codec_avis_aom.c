/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AV1, encoded by aom: a picture in, a sample out some pictures later, in this thread. */
#include <stdlib.h>
#include <string.h>

#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

#include "base/fault.h"
#include "pixels/codec_avis.h"

#define SPEED 6
/* Pictures that are looked at ahead. */
#define LAG_MOST 16u
/* Decoding may begin anew after so many. */
#define KEY_EVERY 120u
/* Pictures to refer to and in work, planes of filters and statistics beside them. */
#define PICTURES 32u
#define BORDER 320u
/* A temporal delimiter stands in front of each unit; a file does without. AV1 in ISO media, 2.4. */
static const uint8_t delimiter[2] = { 0x12, 0x00 };

struct OskAvisCoder {
    OskAvisAsk ask;
    aom_codec_ctx_t codec;
    bool open;
    aom_image_t *image;
    OskAvisCoded coded;
    uint32_t room; /* of its lists */
    size_t bytes_room;
    uint32_t sent;
};

uint64_t osk_avis_coding(const OskAvisAsk *ask)
{
    uint64_t area = ((uint64_t)ask->width + BORDER) * (ask->height + BORDER);
    uint32_t ahead = ask->frames < LAG_MOST ? ask->frames : LAG_MOST;
    return area * 3 * (ask->depth > 8 ? 2 : 1) * (PICTURES + ahead);
}

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "mdat", "memory ended", OSK_NO_OFFSET);
}

static OskStatus failed(const OskAvisCoder *coder, OskFault *fault)
{
    if (coder->codec.err == AOM_CODEC_MEM_ERROR) {
        return no_memory(fault);
    }
    return osk_fault_set(fault, OSK_UNSUPPORTED, "mdat", "the pictures can't be encoded",
                         OSK_NO_OFFSET);
}

/* AV1 specification, 6.4.1: profile 0 has 4:2:0 and grey, 1 has 4:4:4, 2 all else and 12 bits. */
static unsigned profile_of(const OskAvisAsk *ask)
{
    if (ask->depth > 10 || (!ask->grey && ask->shift_x != 0 && ask->shift_y == 0)) {
        return 2;
    }
    return !ask->grey && ask->shift_x == 0 ? 1 : 0;
}

static bool configure(const OskAvisAsk *ask, aom_codec_enc_cfg_t *config)
{
    memset(config, 0, sizeof *config);
    if (aom_codec_enc_config_default(aom_codec_av1_cx(), config, AOM_USAGE_GOOD_QUALITY) !=
        AOM_CODEC_OK) {
        return false;
    }
    config->g_w = ask->width;
    config->g_h = ask->height;
    config->g_profile = profile_of(ask);
    config->g_bit_depth = (aom_bit_depth_t)ask->depth;
    config->g_input_bit_depth = ask->depth;
    config->g_threads = 1;
    config->g_lag_in_frames = ask->frames < LAG_MOST ? ask->frames - 1 : LAG_MOST;
    config->g_timebase = (aom_rational_t){ 1, 30 };
    config->monochrome = ask->grey;
    config->rc_end_usage = AOM_Q;
    config->rc_min_quantizer = 0;
    config->rc_max_quantizer = OSK_AVIS_QUALITY_MOST;
    config->kf_max_dist = KEY_EVERY;
    return true;
}

static bool set(aom_codec_ctx_t *codec, int control, int value)
{
    return aom_codec_control(codec, control, value) == AOM_CODEC_OK;
}

static bool set_controls(OskAvisCoder *coder)
{
    const OskAvisAsk *ask = &coder->ask;
    aom_codec_ctx_t *codec = &coder->codec;
    bool lossless = ask->quality >= OSK_AVIS_QUALITY_MOST;
    return set(codec, AOME_SET_CPUUSED, SPEED) &&
           set(codec, AOME_SET_CQ_LEVEL, (int)(OSK_AVIS_QUALITY_MOST - ask->quality)) &&
           set(codec, AOME_SET_TUNING, AOM_TUNE_PSNR) && set(codec, AV1E_SET_ROW_MT, 0) &&
           set(codec, AV1E_SET_LOSSLESS, lossless ? 1 : 0) &&
           set(codec, AV1E_SET_COLOR_PRIMARIES, (int)ask->look.primaries) &&
           set(codec, AV1E_SET_TRANSFER_CHARACTERISTICS, (int)ask->look.transfer) &&
           set(codec, AV1E_SET_MATRIX_COEFFICIENTS, (int)ask->look.matrix) &&
           set(codec, AV1E_SET_CHROMA_SAMPLE_POSITION, (int)ask->look.position) &&
           set(codec, AV1E_SET_COLOR_RANGE,
               ask->look.full_range ? AOM_CR_FULL_RANGE : AOM_CR_STUDIO_RANGE);
}

static aom_image_t *make_image(const OskAvisAsk *ask)
{
    bool full = !ask->grey && ask->shift_x == 0;
    aom_img_fmt_t format = full                              ? AOM_IMG_FMT_I444
                           : !ask->grey && ask->shift_y == 0 ? AOM_IMG_FMT_I422
                                                             : AOM_IMG_FMT_I420;
    if (ask->depth > 8) {
        format |= AOM_IMG_FMT_HIGHBITDEPTH;
    }
    aom_image_t *image = aom_img_alloc(NULL, format, ask->width, ask->height, 16);
    if (image != NULL) {
        image->bit_depth = ask->depth;
        image->monochrome = ask->grey;
        image->range = ask->look.full_range ? AOM_CR_FULL_RANGE : AOM_CR_STUDIO_RANGE;
    }
    return image;
}

/* A picture without chroma has it all the same for aom, in the middle. */
static void fill_chroma(aom_image_t *image)
{
    for (unsigned plane = 1; image->monochrome && plane < 3; plane++) {
        for (unsigned y = 0; y < (image->d_h + 1) / 2; y++) {
            uint8_t *row = image->planes[plane] + (ptrdiff_t)y * image->stride[plane];
            for (unsigned x = 0; x < (image->d_w + 1) / 2; x++) {
                if (image->bit_depth > 8) {
                    ((uint16_t *)(void *)row)[x] = (uint16_t)(1u << (image->bit_depth - 1));
                } else {
                    row[x] = 128;
                }
            }
        }
    }
}

OskStatus osk_avis_coder_make(const OskAvisAsk *ask, OskAvisCoder **out_coder, OskFault *fault)
{
    aom_codec_enc_cfg_t config;
    OskAvisCoder *coder = calloc(1, sizeof *coder);
    *out_coder = coder;
    if (coder == NULL) {
        return no_memory(fault);
    }
    coder->ask = *ask;
    coder->image = make_image(ask);
    OskStatus status = coder->image != NULL ? OSK_OK : no_memory(fault);
    if (status == OSK_OK) {
        fill_chroma(coder->image);
        coder->open =
            configure(ask, &config) &&
            aom_codec_enc_init(&coder->codec, aom_codec_av1_cx(), &config,
                               ask->depth > 8 ? AOM_CODEC_USE_HIGHBITDEPTH : 0) == AOM_CODEC_OK;
        status = coder->open && set_controls(coder) ? OSK_OK : failed(coder, fault);
    }
    if (status != OSK_OK) {
        osk_avis_coder_free(out_coder);
    }
    return status;
}

void osk_avis_coder_free(OskAvisCoder **coder)
{
    OskAvisCoder *gone = *coder;
    *coder = NULL;
    if (gone == NULL) {
        return;
    }
    if (gone->open) {
        (void)aom_codec_destroy(&gone->codec);
    }
    aom_img_free(gone->image);
    osk_avis_coded_free(&gone->coded);
    free(gone);
}

OskPlanes osk_avis_coder_planes(OskAvisCoder *coder)
{
    const OskAvisAsk *ask = &coder->ask;
    OskPlanes planes = { .width = ask->width,
                         .height = ask->height,
                         .shift_x = ask->shift_x,
                         .shift_y = ask->shift_y,
                         .depth = ask->depth,
                         .matrix = ask->look.matrix,
                         .full_range = ask->look.full_range };
    unsigned count = ask->grey ? 1 : 3;
    for (unsigned i = 0; i < count; i++) {
        planes.at[OSK_PLANE_Y + i] = coder->image->planes[i];
        planes.stride[OSK_PLANE_Y + i] = (size_t)coder->image->stride[i];
    }
    return planes;
}

/* ---- samples ---- */

static bool make_room(OskAvisCoder *coder, size_t more)
{
    OskAvisCoded *coded = &coder->coded;
    if (coded->len + more > coder->bytes_room) {
        size_t room = (coded->len + more) * 2;
        uint8_t *bytes = realloc(coded->bytes, room);
        if (bytes == NULL) {
            return false;
        }
        coded->bytes = bytes;
        coder->bytes_room = room;
    }
    if (coded->count == coder->room) {
        uint32_t room = coder->room == 0 ? 64 : coder->room * 2;
        uint32_t *lens = realloc(coded->lens, room * sizeof *lens);
        coded->lens = lens != NULL ? lens : coded->lens;
        bool *keys = realloc(coded->keys, room * sizeof *keys);
        coded->keys = keys != NULL ? keys : coded->keys;
        if (lens == NULL || keys == NULL) {
            return false;
        }
        coder->room = room;
    }
    return true;
}

static bool take_sample(OskAvisCoder *coder, const aom_codec_cx_pkt_t *packet)
{
    OskAvisCoded *coded = &coder->coded;
    const uint8_t *bytes = packet->data.frame.buf;
    size_t len = packet->data.frame.sz;
    if (len > sizeof delimiter && memcmp(bytes, delimiter, sizeof delimiter) == 0) {
        bytes += sizeof delimiter;
        len -= sizeof delimiter;
    }
    if (len > UINT32_MAX || !make_room(coder, len)) {
        return false;
    }
    memcpy(coded->bytes + coded->len, bytes, len);
    coded->len += len;
    coded->lens[coded->count] = (uint32_t)len;
    coded->keys[coded->count] = (packet->data.frame.flags & AOM_FRAME_IS_KEY) != 0;
    coded->count++;
    return true;
}

static OskStatus run(OskAvisCoder *coder, const aom_image_t *image, OskFault *fault)
{
    aom_codec_iter_t at = NULL;
    const aom_codec_cx_pkt_t *packet = NULL;
    if (aom_codec_encode(&coder->codec, image, (aom_codec_pts_t)coder->sent, 1, 0) !=
        AOM_CODEC_OK) {
        return failed(coder, fault);
    }
    while ((packet = aom_codec_get_cx_data(&coder->codec, &at)) != NULL) {
        if (packet->kind == AOM_CODEC_CX_FRAME_PKT && !take_sample(coder, packet)) {
            return no_memory(fault);
        }
    }
    return OSK_OK;
}

OskStatus osk_avis_coder_add(OskAvisCoder *coder, OskFault *fault)
{
    OskStatus status = run(coder, coder->image, fault);
    coder->sent++;
    return status;
}

OskStatus osk_avis_coder_end(OskAvisCoder *coder, OskAvisCoded *out, OskFault *fault)
{
    OskStatus status = OSK_OK;
    uint32_t before = UINT32_MAX;
    while (status == OSK_OK && coder->coded.count != before) {
        before = coder->coded.count;
        status = run(coder, NULL, fault);
    }
    if (status != OSK_OK) {
        return status;
    }
    if (coder->coded.count != coder->sent || coder->sent == 0) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "mdat",
                             "the encoder joins pictures, or leaves some out", OSK_NO_OFFSET);
    }
    *out = coder->coded;
    coder->coded = (OskAvisCoded){ 0 };
    return OSK_OK;
}
