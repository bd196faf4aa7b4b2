/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/codec_jpeg_out.h"

#include <jerror.h>

static void rewind_step(OskJpegOut *out)
{
    out->manager.next_output_byte = out->step;
    out->manager.free_in_buffer = sizeof out->step;
}

static void begin(j_compress_ptr jpeg)
{
    rewind_step((OskJpegOut *)(void *)jpeg->dest);
}

static void pass_on(j_compress_ptr jpeg, size_t len)
{
    OskJpegOut *out = (OskJpegOut *)(void *)jpeg->dest;
    osk_writer_bytes(out->writer, out->step, len);
    rewind_step(out);
    if (!osk_writer_ok(out->writer)) {
        ERREXIT(jpeg, JERR_FILE_WRITE);
    }
}

/* libjpeg asks for it when the whole of the step is full, whatever its counters say. */
static boolean empty(j_compress_ptr jpeg)
{
    pass_on(jpeg, OSK_JPEG_OUT_STEP);
    return TRUE;
}

static void end(j_compress_ptr jpeg)
{
    pass_on(jpeg, OSK_JPEG_OUT_STEP - jpeg->dest->free_in_buffer);
}

void osk_jpeg_out(struct jpeg_compress_struct *jpeg, OskJpegOut *out, OskWriter *writer)
{
    out->writer = writer;
    out->manager.init_destination = begin;
    out->manager.empty_output_buffer = empty;
    out->manager.term_destination = end;
    jpeg->dest = &out->manager;
}
