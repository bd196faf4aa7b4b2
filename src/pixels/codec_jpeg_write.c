/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG, written afresh: with the tables, sampling and order of the file it was decoded from, or
 * with full chroma at the quality that is asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "pixels/codec_jpeg.h"
#include "pixels/codec_jpeg_out.h"
#include "pixels/orient.h"

#define QUALITY_DEFAULT 92
#define BODY_MOST 65533u

struct OskEncoder {
    struct jpeg_compress_struct jpeg;
    OskJpegErrors errors;
    OskEncodeOptions options;
    OskBudget *budget;
    OskJpegOut out;
    OskWriter coded;
    uint8_t *row; /* 8-bit samples of one row */
    bool done;
};

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "SOI", "memory ended", OSK_NO_OFFSET);
}

OskStatus osk_jpeg_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    *out_encoder = NULL;
    if (info->width > JPEG_MAX_DIMENSION || info->height > JPEG_MAX_DIMENSION) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "SOF", "JPEG holds 65500 pixels a side",
                             OSK_NO_OFFSET);
    }
    OskEncoder *encoder = calloc(1, sizeof *encoder);
    if (encoder == NULL) {
        return no_memory(fault);
    }
    encoder->options = *options;
    encoder->budget = budget;
    *out_encoder = encoder;
    return OSK_OK;
}

/* ---- samples ---- */

static unsigned to_byte(const OskImage *image, const uint8_t *row, size_t index)
{
    unsigned value = image->depth > 8 ? ((const uint16_t *)(const void *)row)[index] : row[index];
    unsigned peak = (1u << image->depth) - 1;
    return (value * 255 + peak / 2) / peak;
}

/* What shows where a picture is transparent: white, as on paper. */
static unsigned over_white(unsigned value, unsigned alpha)
{
    return (value * alpha + 255 * (255 - alpha) + 127) / 255;
}

static void take_palette(const OskImage *image, const uint8_t *row, uint8_t *out)
{
    for (uint32_t x = 0; x < image->width; x++) {
        const uint8_t *colour = image->palette[row[x]];
        for (unsigned c = 0; c < 3; c++) {
            *out++ = (uint8_t)over_white(colour[c], colour[3]);
        }
    }
}

/* One row as JPEG holds it: 8-bit, without alpha, ink as Adobe counts it. */
static void take_row(const OskImage *image, uint32_t y, uint8_t *out)
{
    const uint8_t *row = image->pixels + (size_t)y * image->stride;
    unsigned samples = osk_pixel_samples(image->model);
    bool has_alpha = image->model == OSK_PIXELS_RGBA || image->model == OSK_PIXELS_GREY_ALPHA;
    unsigned colours = samples - (has_alpha ? 1 : 0);
    if (image->model == OSK_PIXELS_INDEXED) {
        take_palette(image, row, out);
        return;
    }
    for (uint32_t x = 0; x < image->width; x++) {
        size_t at = (size_t)x * samples;
        unsigned alpha = has_alpha ? to_byte(image, row, at + colours) : 255;
        for (unsigned c = 0; c < colours; c++) {
            unsigned value = over_white(to_byte(image, row, at + c), alpha);
            *out++ = (uint8_t)(image->model == OSK_PIXELS_CMYK ? 255 - value : value);
        }
    }
}

/* ---- headers ---- */

static unsigned components_of(OskPixelModel model)
{
    switch (model) {
    case OSK_PIXELS_GREY:
    case OSK_PIXELS_GREY_ALPHA: return 1;
    case OSK_PIXELS_CMYK: return 4;
    default: return 3;
    }
}

static void copy_tables(struct jpeg_compress_struct *to, const struct jpeg_decompress_struct *from)
{
    for (int i = 0; i < NUM_QUANT_TBLS; i++) {
        if (from->quant_tbl_ptrs[i] == NULL) {
            continue;
        }
        if (to->quant_tbl_ptrs[i] == NULL) {
            to->quant_tbl_ptrs[i] = jpeg_alloc_quant_table((j_common_ptr)to);
        }
        for (int k = 0; k < DCTSIZE2; k++) {
            /* Encoders divide by it. A step of 0 decodes all to 0, as a large one does. */
            UINT16 step = from->quant_tbl_ptrs[i]->quantval[k];
            to->quant_tbl_ptrs[i]->quantval[k] = step != 0 ? step : 255;
        }
        to->quant_tbl_ptrs[i]->sent_table = FALSE;
    }
    for (int i = 0; i < to->num_components; i++) {
        to->comp_info[i].h_samp_factor = from->comp_info[i].h_samp_factor;
        to->comp_info[i].v_samp_factor = from->comp_info[i].v_samp_factor;
        to->comp_info[i].quant_tbl_no = from->comp_info[i].quant_tbl_no;
    }
    to->restart_interval = from->restart_interval;
}

static void configure(OskEncoder *encoder)
{
    struct jpeg_compress_struct *jpeg = &encoder->jpeg;
    const struct jpeg_decompress_struct *like =
        encoder->options.like != NULL ? &encoder->options.like->jpeg : NULL;
    jpeg_set_defaults(jpeg);
    jpeg->optimize_coding = TRUE;
    jpeg->dct_method = JDCT_ISLOW;
    if (like != NULL && like->num_components == jpeg->num_components) {
        jpeg_set_colorspace(jpeg, like->jpeg_color_space);
        copy_tables(jpeg, like);
        if (like->progressive_mode) {
            jpeg_simple_progression(jpeg);
        }
        return;
    }
    unsigned quality = encoder->options.quality;
    jpeg_set_quality(jpeg, quality == 0 ? QUALITY_DEFAULT : (int)quality, TRUE);
    for (int i = 0; i < jpeg->num_components; i++) {
        jpeg->comp_info[i].h_samp_factor = 1;
        jpeg->comp_info[i].v_samp_factor = 1;
    }
}

/* The shortest Exif that says how the picture is turned. */
static void write_orientation(OskEncoder *encoder)
{
    uint8_t exif[6 + OSK_ORIENTATION_BYTES] = { 'E', 'x', 'i', 'f', 0, 0 };
    osk_orientation_write(exif + 6, encoder->options.orientation);
    if (encoder->options.orientation > 1 && encoder->options.orientation <= 8) {
        jpeg_write_marker(&encoder->jpeg, JPEG_APP0 + 1, exif, (unsigned)sizeof exif);
    }
}

static size_t profile_len(const OskEncoder *encoder)
{
    const OskDecoder *like = encoder->options.like;
    return like != NULL ? like->icc_len : encoder->options.icc_len;
}

static void write_profile(OskEncoder *encoder)
{
    const OskDecoder *like = encoder->options.like;
    const uint8_t *icc = like != NULL ? like->icc : encoder->options.icc;
    size_t len = profile_len(encoder);
    /* 255 chunks is all that the marker can count. */
    if (icc != NULL && len > 0 && len < (size_t)255 * (BODY_MOST - 14)) {
        jpeg_write_icc_profile(&encoder->jpeg, icc, (unsigned)len);
    }
}

static OskStatus write_rows(OskEncoder *encoder, const OskImage *image, OskFault *fault)
{
    struct jpeg_compress_struct *jpeg = &encoder->jpeg;
    jpeg->err = osk_jpeg_errors(&encoder->errors);
    if (setjmp(encoder->errors.jump) != 0) {
        return osk_jpeg_fault(&encoder->errors, fault);
    }
    jpeg_create_compress(jpeg);
    osk_jpeg_out(jpeg, &encoder->out, &encoder->coded);
    jpeg->image_width = image->width;
    jpeg->image_height = image->height;
    jpeg->input_components = (int)components_of(image->model);
    jpeg->in_color_space = jpeg->input_components == 1   ? JCS_GRAYSCALE
                           : jpeg->input_components == 4 ? JCS_CMYK
                                                         : JCS_RGB;
    configure(encoder);
    jpeg_start_compress(jpeg, TRUE);
    write_orientation(encoder);
    write_profile(encoder);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = encoder->row;
        take_row(image, jpeg->next_scanline, row);
        (void)jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return OSK_OK;
}

/* ---- OskCodec ---- */

OskStatus osk_jpeg_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    const OskImage *image = &frame->image;
    if (encoder->done) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "SOI", "JPEG holds one picture",
                             OSK_NO_OFFSET);
    }
    /* Coded bytes, and the coefficients that wait for their Huffman tables. */
    uint64_t own = (uint64_t)image->width * image->height * components_of(image->model) * 4 +
                   (UINT64_C(1) << 20) + 2 * (uint64_t)profile_len(encoder);
    if (!osk_budget_memory(encoder->budget, own)) {
        return osk_fault_set(fault, OSK_LIMIT, "SOF", "the picture is too large to encode",
                             OSK_NO_OFFSET);
    }
    osk_writer_init(&encoder->coded, (size_t)(own / 2));
    encoder->row = malloc((size_t)image->width * 4);
    OskStatus status = encoder->row != NULL ? write_rows(encoder, image, fault) : no_memory(fault);
    osk_budget_return(encoder->budget, own);
    encoder->done = status == OSK_OK;
    return status;
}

OskStatus osk_jpeg_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    if (!encoder->done) {
        return OSK_MISUSE;
    }
    osk_writer_bytes(out, encoder->coded.bytes, encoder->coded.len);
    return osk_writer_ok(out)
               ? OSK_OK
               : osk_fault_set(fault, OSK_LIMIT, "SOI", "the result is too large", OSK_NO_OFFSET);
}

void osk_jpeg_drop(OskEncoder **encoder)
{
    OskEncoder *gone = *encoder;
    *encoder = NULL;
    if (gone == NULL) {
        return;
    }
    jpeg_destroy_compress(&gone->jpeg);
    osk_writer_free(&gone->coded);
    free(gone->row);
    free(gone);
}
