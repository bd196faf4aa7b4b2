/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where libjpeg writes to. Its own memory destination tells of its buffer only at the end: when an
 * error comes first, whoever cleans up frees one that is long gone. */
#ifndef OSK_PIXELS_CODEC_JPEG_OUT_H
#define OSK_PIXELS_CODEC_JPEG_OUT_H

/* jpeglib.h wants FILE declared. */
#include <stdio.h>

#include <jpeglib.h>

#include "base/writer.h"

#define OSK_JPEG_OUT_STEP 4096u

typedef struct OskJpegOut {
    struct jpeg_destination_mgr manager;
    OskWriter *writer;
    uint8_t step[OSK_JPEG_OUT_STEP];
} OskJpegOut;

/* Makes `jpeg` write into `writer`, which stays the caller's, whatever happens. Where its ceiling
 * is reached, libjpeg's error JERR_FILE_WRITE is raised, and osk_writer_ok() is false. `out` is
 * lent until `jpeg` is destroyed. */
void osk_jpeg_out(struct jpeg_compress_struct *jpeg, OskJpegOut *out, OskWriter *writer);

#endif
