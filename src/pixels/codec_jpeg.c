/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG: libjpeg-turbo, for previews, resizing and fresh files. Redacting a JPEG goes another way,
 * which changes no block that it needn't (redact/jpeg_*). */
#include "pixels/codec_jpeg.h"

#include <stdlib.h>
#include <string.h>

#include <jerror.h>

#include "base/fault.h"
#include "pixels/orient.h"

/* A progressive file of more scans is made to keep a reader busy: encoders write about ten. */
#define SCANS_MOST 200
/* Bytes a sample while all coefficients are held. */
#define COEFFICIENT_BYTES 2u
/* What libjpeg holds of a file that is read row by row. */
#define ROWS_BYTES (UINT64_C(1) << 20)

static void note_warning(OskJpegErrors *errors)
{
    /* The first is what is wrong; behind the end of a file others follow from it. */
    if (errors->status != OSK_OK) {
        return;
    }
    switch (errors->manager.msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
        errors->status = OSK_TRUNCATED;
        errors->what = "the picture ends early";
        break;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
        errors->status = OSK_MALFORMED;
        errors->what = "the picture can't be decoded whole";
        break;
    default: break;
    }
}

static void emit_message(j_common_ptr jpeg, int level)
{
    OskJpegErrors *errors = (OskJpegErrors *)(void *)jpeg->err;
    if (level < 0) {
        errors->manager.num_warnings++;
        bool first = errors->status == OSK_OK;
        note_warning(errors);
        if (first && errors->status != OSK_OK && jpeg->is_decompressor) {
            j_decompress_ptr reader = (j_decompress_ptr)jpeg;
            errors->begun = reader->input_scan_number > 1 || reader->input_iMCU_row > 0;
        }
    }
}

static void leave(j_common_ptr jpeg)
{
    OskJpegErrors *errors = (OskJpegErrors *)(void *)jpeg->err;
    switch (errors->manager.msg_code) {
    case JERR_OUT_OF_MEMORY:
        errors->status = OSK_NO_MEMORY;
        errors->what = "memory ended";
        break;
    case JERR_FILE_WRITE:
        errors->status = OSK_LIMIT;
        errors->what = "the result is too large";
        break;
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY:
        errors->status = OSK_TRUNCATED;
        errors->what = "the picture ends early";
        break;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
        errors->status = OSK_UNSUPPORTED;
        errors->what = "a kind of JPEG that the decoder lacks";
        break;
    default:
        if (errors->status != OSK_LIMIT) {
            errors->status = OSK_MALFORMED;
            errors->what = "the picture can't be decoded";
        }
        break;
    }
    longjmp(errors->jump, 1);
}

static void say_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

struct jpeg_error_mgr *osk_jpeg_errors(OskJpegErrors *errors)
{
    jpeg_std_error(&errors->manager);
    errors->manager.error_exit = leave;
    errors->manager.emit_message = emit_message;
    errors->manager.output_message = say_nothing;
    errors->status = OSK_OK;
    return &errors->manager;
}

OskStatus osk_jpeg_fault(const OskJpegErrors *errors, OskFault *fault)
{
    return osk_fault_set(fault, errors->status, "SOS", errors->what, OSK_NO_OFFSET);
}

static void watch_scans(j_common_ptr jpeg)
{
    OskJpegErrors *errors = (OskJpegErrors *)(void *)jpeg->err;
    if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MOST) {
        errors->status = OSK_LIMIT;
        errors->what = "more scans than a picture needs";
        errors->manager.msg_code = JMSG_NOMESSAGE;
        leave(jpeg);
    }
}

/* ---- orientation ---- */

#define EXIF_NAME_BYTES 6u
static const uint8_t exif_name[EXIF_NAME_BYTES] = { 'E', 'x', 'i', 'f', 0, 0 };

static unsigned find_orientation(const struct jpeg_decompress_struct *jpeg)
{
    for (jpeg_saved_marker_ptr at = jpeg->marker_list; at != NULL; at = at->next) {
        if (at->marker == JPEG_APP0 + 1 && at->data_length > EXIF_NAME_BYTES &&
            memcmp(at->data, exif_name, EXIF_NAME_BYTES) == 0) {
            return osk_orientation_read(at->data + EXIF_NAME_BYTES,
                                        at->data_length - EXIF_NAME_BYTES);
        }
    }
    return 1;
}

/* ---- decoding ---- */

/* What the library holds: rows, or every coefficient of a file of several scans. */
static uint64_t own_memory(const struct jpeg_decompress_struct *jpeg)
{
    uint64_t samples = 0;
    for (int i = 0; i < jpeg->num_components; i++) {
        const jpeg_component_info *component = &jpeg->comp_info[i];
        samples += (uint64_t)component->width_in_blocks * component->height_in_blocks * DCTSIZE2;
    }
    uint64_t rows = (uint64_t)jpeg->image_width * 64 + ROWS_BYTES;
    return rows + (jpeg_has_multiple_scans((j_decompress_ptr)(uintptr_t)jpeg)
                       ? samples * COEFFICIENT_BYTES
                       : 0);
}

static void choose_model(OskDecoder *decoder)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE:
        jpeg->out_color_space = JCS_GRAYSCALE;
        decoder->model = OSK_PIXELS_GREY;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        jpeg->out_color_space = JCS_CMYK;
        decoder->model = OSK_PIXELS_CMYK;
        break;
    default:
        jpeg->out_color_space = JCS_RGB;
        decoder->model = OSK_PIXELS_RGB;
        break;
    }
}

static OskStatus read_header(OskDecoder *decoder, const uint8_t *bytes, size_t len, OskFault *fault)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    jpeg->err = osk_jpeg_errors(&decoder->errors);
    if (setjmp(decoder->errors.jump) != 0) {
        return osk_jpeg_fault(&decoder->errors, fault);
    }
    jpeg_create_decompress(jpeg);
    decoder->progress.progress_monitor = watch_scans;
    jpeg->progress = &decoder->progress;
    jpeg_mem_src(jpeg, bytes, (unsigned long)len);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(jpeg, JPEG_APP0 + 2, 0xFFFF);
    (void)jpeg_read_header(jpeg, TRUE);
    choose_model(decoder);
    JOCTET *icc = NULL;
    if (jpeg_read_icc_profile(jpeg, &icc, &decoder->icc_len)) {
        decoder->icc = icc;
    }
    return OSK_OK;
}

static void close_jpeg(OskDecoder **decoder)
{
    OskDecoder *gone = *decoder;
    *decoder = NULL;
    if (gone == NULL) {
        return;
    }
    jpeg_destroy_decompress(&gone->jpeg);
    free(gone->icc);
    osk_budget_return(gone->budget, gone->spent);
    free(gone);
}

static OskStatus open_jpeg(const uint8_t *bytes, size_t len, OskBudget *budget,
                           OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    *out_decoder = NULL;
    OskDecoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "SOI", "memory ended", OSK_NO_OFFSET);
    }
    decoder->budget = budget;
    OskStatus status = read_header(decoder, bytes, len, fault);
    if (status != OSK_OK) {
        close_jpeg(&decoder);
        return status;
    }
    decoder->info = (OskCodecInfo){ .width = decoder->jpeg.image_width,
                                    .height = decoder->jpeg.image_height,
                                    .orientation = find_orientation(&decoder->jpeg),
                                    .frames = 1,
                                    .lossy = true,
                                    .reach = 8u * (unsigned)decoder->jpeg.max_h_samp_factor,
                                    .memory = own_memory(&decoder->jpeg) };
    if (!osk_budget_memory(budget, decoder->info.memory)) {
        close_jpeg(&decoder);
        return osk_fault_set(fault, OSK_LIMIT, "SOF", "the picture is too large to decode",
                             OSK_NO_OFFSET);
    }
    decoder->spent = decoder->info.memory;
    *out_decoder = decoder;
    *out_info = decoder->info;
    return OSK_OK;
}

/* Adobe's writers count CMYK from full ink downward; here 0 is no ink. */
static void turn_ink(uint8_t *row, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        row[i] = (uint8_t)(255 - row[i]);
    }
}

static OskStatus read_rows(OskDecoder *decoder, OskFault *fault)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    OskImage *image = &decoder->frame.image;
    if (setjmp(decoder->errors.jump) != 0) {
        return osk_jpeg_fault(&decoder->errors, fault);
    }
    jpeg->dct_method = JDCT_ISLOW;
    (void)jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = image->pixels + (size_t)jpeg->output_scanline * image->stride;
        (void)jpeg_read_scanlines(jpeg, &row, 1);
        if (decoder->model == OSK_PIXELS_CMYK && jpeg->saw_Adobe_marker) {
            turn_ink(row, image->stride);
        }
    }
    decoder->frame.cut = decoder->errors.status == OSK_TRUNCATED && decoder->errors.begun;
    return decoder->errors.status == OSK_OK || decoder->frame.cut
               ? OSK_OK
               : osk_jpeg_fault(&decoder->errors, fault);
}

static OskStatus next_jpeg(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    if (decoder->given) {
        return OSK_MISUSE;
    }
    decoder->given = true;
    decoder->frame = (OskFrame){ .duration_den = 1 };
    OskImage *image = &decoder->frame.image;
    OskStatus status = osk_image_make(image, decoder->info.width, decoder->info.height,
                                      decoder->model, 8, decoder->budget);
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "SOF", "the picture is too large to decode",
                             OSK_NO_OFFSET);
    }
    status = read_rows(decoder, fault);
    if (status != OSK_OK) {
        osk_image_free(image, decoder->budget);
        return status;
    }
    *out_frame = decoder->frame;
    return OSK_OK;
}

static const uint8_t *icc_jpeg(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->icc_len;
    return decoder->icc;
}

const OskCodec osk_codec_jpeg = {
    .format = "jpeg",
    .open = open_jpeg,
    .next = next_jpeg,
    .icc = icc_jpeg,
    .close = close_jpeg,
    .begin = osk_jpeg_begin,
    .add = osk_jpeg_add,
    .end = osk_jpeg_end,
    .drop = osk_jpeg_drop,
};
