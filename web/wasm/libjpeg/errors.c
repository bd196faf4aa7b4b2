/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libjpeg's own errors are printed, which needs a C library that prints. The adapter replaces all
 * that matters of them (src/pixels/codec_jpeg.c); what is left here does nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static void leave(j_common_ptr jpeg)
{
    (void)jpeg;
    abort();
}

static void ignore_level(j_common_ptr jpeg, int level)
{
    (void)jpeg;
    (void)level;
}

static void ignore(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void no_words(j_common_ptr jpeg, char *buffer)
{
    (void)jpeg;
    buffer[0] = 0;
}

static void reset(j_common_ptr jpeg)
{
    jpeg->err->num_warnings = 0;
    jpeg->err->msg_code = 0;
}

struct jpeg_error_mgr *jpeg_std_error(struct jpeg_error_mgr *errors)
{
    memset(errors, 0, sizeof(*errors));
    errors->error_exit = leave;
    errors->emit_message = ignore_level;
    errors->output_message = ignore;
    errors->format_message = no_words;
    errors->reset_error_mgr = reset;
    return errors;
}
