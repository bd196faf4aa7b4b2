/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cutting a GIF picture off at the edge of the screen: its pixels are decoded, those on the screen
 * are coded again. */
#ifndef OSK_FORMATS_GIF_CLIP_H
#define OSK_FORMATS_GIF_CLIP_H

#include "base/arena.h"
#include "base/writer.h"
#include "formats/gif_lzw.h"
#include "oilskin/status.h"

typedef struct OskGifClip {
    uint32_t width; /* as coded, in pixels */
    uint32_t height;
    uint32_t kept_width; /* from the left and the top; 1 to width, 1 to height */
    uint32_t kept_height;
    unsigned min_code; /* LZW minimum code size: of the input; then that of the output, 2 to 8 */
    bool interlaced;   /* the input; the output never is */
    bool used[256];    /* out: colours of the pixels that stay; only added to */
} OskGifClip;

/* Appends the coded picture, cut into sub-blocks, to `out`. A stream with too few pixels gives one
 * that ends at the same pixel.
 * Errors: MALFORMED for a code that can't occur, UNSUPPORTED for an interlaced stream with too few
 * pixels or the code size 1, about which readers disagree, NO_MEMORY. `out` is then of no use.
 * Cost: time and memory by the pixels, which the caller has spent.
 * Source: GIF89a 22, appendices E and F. */
OskStatus osk_gif_clip(OskGifStream stream, OskGifClip *clip, OskArena *arena, OskWriter *out);

/* Appends the sub-blocks of a picture of these pixels. The same pixels give the same bytes. Every
 * pixel is below 1 << min_code; that is 2 to 8. */
void osk_gif_write_lzw(const uint8_t *pixels, size_t count, unsigned min_code, OskWriter *out);

#endif
