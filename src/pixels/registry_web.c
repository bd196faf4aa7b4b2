/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The codecs of the page's module. The others are far larger than the page, or lossy twice. */
#include <string.h>

#include "pixels/codec.h"

static const OskCodec *const codecs[] = {
    &osk_codec_bmp,
    &osk_codec_jpeg,
    &osk_codec_png,
    &osk_codec_webp,
};

const OskCodec *osk_codec_find(const char *format)
{
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (strcmp(codecs[i]->format, format) == 0) {
            return codecs[i];
        }
    }
    return NULL;
}

void osk_codecs_prepare(void)
{
}
