/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the JPEG adapter share. setjmp lives in them and nowhere else. */
#ifndef OSK_PIXELS_CODEC_JPEG_H
#define OSK_PIXELS_CODEC_JPEG_H

#include <setjmp.h>
/* jpeglib.h wants FILE declared. */
#include <stdio.h>

#include <jpeglib.h>

#include "pixels/codec.h"

/* libjpeg's errors, caught: `jump` is set by the one function that is inside the library. */
typedef struct OskJpegErrors {
    struct jpeg_error_mgr manager;
    jmp_buf jump;
    OskStatus status; /* why it jumped, or the first warning of missing data */
    const char *what;
    bool begun; /* a row of blocks was decoded before it */
} OskJpegErrors;

struct OskDecoder {
    struct jpeg_decompress_struct jpeg;
    OskJpegErrors errors;
    struct jpeg_progress_mgr progress;
    OskBudget *budget;
    OskCodecInfo info;
    OskPixelModel model;
    uint8_t *icc;
    unsigned icc_len;
    bool given;
    OskFrame frame; /* being read */
    uint64_t spent;
};

/* Makes a library object report to `errors`. */
struct jpeg_error_mgr *osk_jpeg_errors(OskJpegErrors *errors);
/* Sets the fault of a jump. */
OskStatus osk_jpeg_fault(const OskJpegErrors *errors, OskFault *fault);

/* The encoder: OskCodec's functions. */
OskStatus osk_jpeg_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_jpeg_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_jpeg_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);
void osk_jpeg_drop(OskEncoder **encoder);

#endif
