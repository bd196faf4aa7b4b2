/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Animated PNG: acTL says how many frames there are, each frame is an fcTL with the IDAT or fdAT
 * behind it. PNG (Third Edition) 4.9 and 11.3.6.
 *
 * A picture that the animation never shows (IDAT without an fcTL before it) is hidden from everyone
 * whose reader knows APNG. PNG can't do without IDAT, so the first frame takes its place where it
 * fills the canvas, which loses nothing; else a blank picture of the same size does. */
#include <string.h>

#include "formats/png.h"

#define TAG OSK_PNG_TAG
#define ACTL TAG('a', 'c', 'T', 'L')
#define FCTL TAG('f', 'c', 'T', 'L')
#define FDAT TAG('f', 'd', 'A', 'T')
#define IDAT TAG('I', 'D', 'A', 'T')

typedef struct Animation {
    OskPng *png;
    size_t actl;       /* index of the acTL chunk; 0: not animated */
    uint32_t declared; /* frames that acTL promises */
    uint32_t frames;   /* frames that are there */
    uint32_t number;   /* the next sequence number */
    bool shows_idat;   /* the default picture is the first frame */
    bool replaced;     /* another picture takes its place */
} Animation;

static uint32_t be32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static OskStatus malformed(const OskPng *png, const OskPngChunk *chunk, const char *what)
{
    return osk_walk_fail(png->walk, OSK_MALFORMED, chunk->part->name, what, chunk->offset);
}

static void find_control(Animation *a)
{
    const OskPng *png = a->png;
    for (size_t i = 1; i < png->idat_first && a->actl == 0; i++) {
        const OskPngChunk *chunk = &png->chunks[i];
        if (chunk->type == ACTL && chunk->len == 8 && osk_png_crc_is_right(chunk) &&
            be32(chunk->data) > 0 && be32(chunk->data) <= OSK_PNG_CHUNK_MAX &&
            be32(chunk->data + 4) <= OSK_PNG_CHUNK_MAX) {
            a->actl = i;
            a->declared = be32(chunk->data);
        }
    }
}

/* Without a valid acTL before the picture, readers show the picture alone and these chunks are
 * hidden. */
static void drop_frames(OskPng *png, size_t first)
{
    for (size_t i = first; i < png->count; i++) {
        const OskPngChunk *chunk = &png->chunks[i];
        if (chunk->type == FDAT) {
            osk_report_add(png->walk->report,
                           (OskFact){ .kind = OSK_KIND_PREVIEW,
                                      .part = "fdAT",
                                      .field = "png.hidden_frame",
                                      .label = "a frame that is never shown",
                                      .offset = chunk->offset,
                                      .len = chunk->len },
                           NULL);
        }
        if (chunk->type == FDAT || chunk->type == FCTL) {
            png->chunks[i].action = OSK_PNG_DROP;
        }
    }
}

static OskStatus read_frame(const Animation *a, const OskPngChunk *chunk, OskPngImage *out)
{
    const OskPngImage *canvas = &a->png->image;
    if (chunk->len != 26 || !osk_png_crc_is_right(chunk)) {
        return malformed(a->png, chunk, "the frame header is broken");
    }
    const uint8_t *d = chunk->data;
    *out = *canvas;
    out->width = be32(d + 4);
    out->height = be32(d + 8);
    uint64_t right = (uint64_t)be32(d + 12) + out->width;
    uint64_t bottom = (uint64_t)be32(d + 16) + out->height;
    if (be32(d) != a->number || out->width == 0 || out->height == 0 || right > canvas->width ||
        bottom > canvas->height || d[24] > 2 || d[25] > 1) {
        return malformed(a->png, chunk, "the frame is out of sequence or out of the picture");
    }
    return OSK_OK;
}

/* The fdAT chunks of the frame whose header stands at `index`; sets `*end` behind them. */
static OskStatus number_pixels(Animation *a, size_t index, size_t *end)
{
    OskPng *png = a->png;
    size_t pieces = 0;
    size_t i = index + 1;
    for (; i < png->count && png->chunks[i].type != FCTL; i++) {
        const OskPngChunk *chunk = &png->chunks[i];
        if (chunk->type != FDAT) {
            continue;
        }
        if (chunk->len < 4 || be32(chunk->data) != a->number) {
            return malformed(png, chunk, "the frame's parts are out of sequence");
        }
        a->number++;
        pieces++;
    }
    *end = i;
    return pieces > 0 ? OSK_OK : malformed(png, &png->chunks[index], "the frame has no picture");
}

static bool fills_canvas(const OskPng *png, const OskPngImage *frame)
{
    return frame->width == png->image.width && frame->height == png->image.height;
}

static void report_hidden_default(OskPng *png)
{
    const OskPngChunk *chunk = &png->chunks[png->idat_first];
    osk_report_add(png->walk->report,
                   (OskFact){ .kind = OSK_KIND_PREVIEW,
                              .part = "IDAT",
                              .field = "png.hidden_default",
                              .label = "a picture that the animation never shows",
                              .offset = chunk->offset,
                              .len = png->chunks[png->idat_end - 1].offset - chunk->offset },
                   NULL);
}

/* The first frame's fdAT chunks become the IDAT chunks. */
static void promote_frame(OskPng *png, size_t first, size_t end)
{
    report_hidden_default(png);
    for (size_t i = png->idat_first; i < png->idat_end; i++) {
        png->chunks[i].action = OSK_PNG_DROP;
    }
    for (size_t i = first; i < end; i++) {
        OskPngChunk *chunk = &png->chunks[i];
        if (chunk->type == FDAT && chunk->action != OSK_PNG_DROP) {
            chunk->out_type = IDAT;
            if (chunk->action == OSK_PNG_LITERAL) {
                chunk->literal += 4;
                chunk->out_len -= 4;
            }
        }
    }
}

static OskStatus blank_default(OskPng *png)
{
    uint32_t len = 0;
    const uint8_t *blank = osk_png_blank(png, &png->image, &len);
    if (blank == NULL) {
        return png->walk->fault->status;
    }
    OskPngChunk *chunk = &png->chunks[png->idat_first];
    bool is_blank = png->idat_end - png->idat_first == 1 && chunk->len == len &&
                    memcmp(chunk->data, blank, len) == 0;
    if (!is_blank) {
        report_hidden_default(png);
    }
    png->used[0] = true;
    for (size_t i = png->idat_first; i < png->idat_end; i++) {
        png->chunks[i].action = OSK_PNG_DROP;
    }
    chunk->action = OSK_PNG_LITERAL;
    chunk->out_type = IDAT;
    chunk->literal = blank;
    chunk->out_len = len;
    return OSK_OK;
}

/* The frame whose header stands at `index`; `*next` is where to go on. */
static OskStatus walk_frame(Animation *a, size_t index, size_t *next)
{
    OskPng *png = a->png;
    OskPngChunk *header = &png->chunks[index];
    OskPngImage frame;
    OskStatus status = read_frame(a, header, &frame);
    if (status != OSK_OK) {
        return status;
    }
    a->number++;
    header->action = OSK_PNG_KEEP;
    if (index < png->idat_first) {
        if (a->shows_idat || !fills_canvas(png, &frame)) {
            return malformed(png, header, "the first frame does not fill the picture");
        }
        a->shows_idat = true;
        *next = index + 1;
        a->frames++;
        return OSK_OK;
    }
    status = number_pixels(a, index, next);
    if (status == OSK_OK) {
        status = osk_png_walk_pixels(png, &frame, FDAT, index + 1, *next);
    }
    if (status == OSK_OK && a->frames == 0) {
        a->replaced = true;
        if (fills_canvas(png, &frame)) {
            promote_frame(png, index + 1, *next);
        } else {
            status = blank_default(png);
        }
    }
    a->frames++;
    return status;
}

/* acTL promises the frames that are there. */
static OskStatus keep_control(Animation *a)
{
    OskPng *png = a->png;
    OskPngChunk *chunk = &png->chunks[a->actl];
    if (a->declared == a->frames) {
        chunk->action = OSK_PNG_KEEP;
        return OSK_OK;
    }
    uint8_t *copy = osk_arena_alloc(png->walk->arena, 8);
    if (copy == NULL) {
        return osk_walk_no_memory(png->walk, "acTL", chunk->offset);
    }
    memcpy(copy, chunk->data, 8);
    for (unsigned i = 0; i < 4; i++) {
        copy[i] = (uint8_t)(a->frames >> (24 - 8 * i));
    }
    osk_png_hidden(png, chunk, "png.frame_count", "a number of frames that is not true",
                   chunk->offset, 8);
    chunk->action = OSK_PNG_LITERAL;
    chunk->literal = copy;
    chunk->out_len = 8;
    return OSK_OK;
}

static OskStatus walk_frames(Animation *a)
{
    OskPng *png = a->png;
    OskStatus status = OSK_OK;
    size_t i = a->actl + 1;
    while (status == OSK_OK && i < png->count && a->frames < a->declared) {
        if (png->chunks[i].type == FDAT) {
            return malformed(png, &png->chunks[i], "a frame's picture stands before its header");
        }
        if (png->chunks[i].type == FCTL) {
            status = walk_frame(a, i, &i);
        } else {
            i++;
        }
    }
    if (status != OSK_OK) {
        return status;
    }
    drop_frames(png, i);
    if (a->frames == 0) {
        return OSK_OK;
    }
    return keep_control(a);
}

OskStatus osk_png_walk_animation(OskPng *png)
{
    bool background[sizeof(png->used)];
    bool idat[sizeof(png->used)];
    memcpy(background, png->used, sizeof(background));
    /* IDAT first: it must be a picture even when it is about to be replaced, or readers would have
     * failed. */
    OskStatus status = osk_png_walk_pixels(png, &png->image, IDAT, png->idat_first, png->idat_end);
    if (status != OSK_OK) {
        return status;
    }
    memcpy(idat, png->used, sizeof(idat));
    memcpy(png->used, background, sizeof(background));
    Animation a = { .png = png };
    find_control(&a);
    if (a.actl == 0) {
        drop_frames(png, 1);
    } else {
        status = walk_frames(&a);
    }
    for (size_t i = 0; i < sizeof(idat) && !a.replaced; i++) {
        png->used[i] = png->used[i] || idat[i];
    }
    return status;
}
