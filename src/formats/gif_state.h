/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the GIF module share: gif.c lists the blocks, gif_picture.c plans the
 * pictures. */
#ifndef OSK_FORMATS_GIF_STATE_H
#define OSK_FORMATS_GIF_STATE_H

#include "formats/format.h"

#define OSK_GIF_INTERLACED 0x40u
#define OSK_GIF_RESERVED 0x18u
#define OSK_GIF_LEAVE_TRANSPARENT 0x05u /* GIF89a 23: disposal 1, and a transparent colour */

enum OskGifRow {
    OSK_GIF_ROW_HEADER,
    OSK_GIF_ROW_COLOURS,
    OSK_GIF_ROW_PICTURE,
    OSK_GIF_ROW_CONTROL,
    OSK_GIF_ROW_LOOP,
    OSK_GIF_ROW_ICC,
    OSK_GIF_ROW_COMMENT,
    OSK_GIF_ROW_TEXT,
    OSK_GIF_ROW_XMP,
    OSK_GIF_ROW_APPLICATION,
    OSK_GIF_ROW_UNKNOWN,
    OSK_GIF_ROW_STRAY,
    OSK_GIF_ROW_END,
    OSK_GIF_ROW_TRAILER
};

typedef struct OskGifBlock {
    uint64_t offset;
    uint64_t len;
    uint64_t data; /* offset of the first sub-block's length byte */
    uint8_t row;
    bool stays;
    bool outside;    /* a picture that lies wholly beyond the screen, or its graphic control */
    bool controlled; /* a picture with a graphic control */
} OskGifBlock;

typedef struct OskGif {
    OskWalk *walk;
    OskCursor file;
    const OskPart *parts; /* by OskGifRow */
    OskGifBlock *blocks;
    size_t count;
    uint64_t end;   /* behind the last block */
    bool ended;     /* there is an end mark */
    uint32_t width; /* of the screen, with the first picture */
    uint32_t height;
    size_t table_bytes;
    bool used[256];    /* entries of the global table */
    uint8_t *colours;  /* the planned global table, patched at the end */
    const uint8_t *at; /* the whole file */
} OskGif;

/* A picture's place, in pixels of the screen. */
typedef struct OskGifFrame {
    uint32_t left;
    uint32_t top;
    uint32_t width;
    uint32_t height;
} OskGifFrame;

OskGifFrame osk_gif_frame_of(const OskGif *gif, const OskGifBlock *block);
bool osk_gif_reaches_beyond(const OskGif *gif, OskGifFrame frame);
bool osk_gif_lies_outside(const OskGif *gif, OskGifFrame frame);

/* Bytes of the colour table that a packed field announces. */
size_t osk_gif_table_size(uint8_t packed);
/* Zeroes the entries that no pixel uses; true when any was not zero. */
bool osk_gif_clear_unused(uint8_t *table, size_t bytes, const bool used[256]);

/* A finding about the block; of the row's kind. */
OskFact osk_gif_fact_of(const OskGif *gif, const OskGifBlock *block, const char *field,
                        const char *label);
/* Reports `len` bytes of the block of which nothing more is known. */
void osk_gif_hidden(OskGif *gif, const OskGifBlock *block, const char *field, const char *label,
                    uint64_t len);

/* Steps and findings of one picture. `transparent`: the colour that its pixels leave unpainted; 256
 * for none. */
OskStatus osk_gif_plan_picture(OskGif *gif, const OskGifBlock *block, unsigned transparent);

#endif
