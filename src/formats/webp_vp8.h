/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers of the two codecs in WebP, as far as they tell where coded data begins and ends. */
#ifndef OSK_FORMATS_WEBP_VP8_H
#define OSK_FORMATS_WEBP_VP8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct OskVp8Size {
    uint32_t width;
    uint32_t height;
} OskVp8Size;

/* True when this is one shown key frame whose partitions lie within `len` bytes.
 * Source: RFC 6386 sections 9.1 to 9.6. */
bool osk_vp8_check(const uint8_t *frame, size_t len, OskVp8Size *out);

/* True when this begins like a lossless picture. Source: RFC 9649 section 3.4. */
bool osk_vp8l_check(const uint8_t *stream, size_t len, OskVp8Size *out);

#endif
