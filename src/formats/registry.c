/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/format.h"

extern const OskFormat osk_format_avif;
extern const OskFormat osk_format_bmp;
extern const OskFormat osk_format_gif;
extern const OskFormat osk_format_heif;
extern const OskFormat osk_format_jpeg;
extern const OskFormat osk_format_jxl;
extern const OskFormat osk_format_matroska;
extern const OskFormat osk_format_movie;
extern const OskFormat osk_format_png;
extern const OskFormat osk_format_tiff;
extern const OskFormat osk_format_webm;
extern const OskFormat osk_format_webp;

/* In the order of probing: signatures that cannot be mistaken come first. */
static const OskFormat *const formats[] = {
    &osk_format_jpeg,
    &osk_format_png,
    &osk_format_gif,
    &osk_format_matroska,
    &osk_format_webm,
    &osk_format_movie,
    &osk_format_jxl,
    &osk_format_avif,
    &osk_format_heif,
    &osk_format_tiff,
    &osk_format_webp,
    &osk_format_bmp,
    NULL, /* ends the list */
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

const OskFormat *osk_formats_at(size_t index)
{
    return index < FORMAT_COUNT ? formats[index] : NULL;
}

const OskFormat *osk_formats_probe(const uint8_t *head, size_t len)
{
    const OskFormat *maybe = NULL;
    for (size_t i = 0; formats[i] != NULL; i++) {
        OskProbe answer = formats[i]->probe(head, len);
        if (answer == OSK_PROBE_YES) {
            return formats[i];
        }
        if (answer == OSK_PROBE_MAYBE && maybe == NULL) {
            maybe = formats[i];
        }
    }
    return maybe;
}

const OskFormatInfo *osk_format_at(size_t index)
{
    const OskFormat *format = osk_formats_at(index);
    return format != NULL ? &format->info : NULL;
}

const OskFormatInfo *osk_probe(const void *head, size_t len)
{
    const OskFormat *format = osk_formats_probe(head, len);
    return format != NULL ? &format->info : NULL;
}
