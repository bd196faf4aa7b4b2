/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIF, read with giflib: GIF89a, and the loops of Netscape.
 *
 * Canvases are composited as browsers do it: the canvas begins transparent, and so does what is
 * disposed to the background. They are always given as RGBA: a palette, or the choice to give one,
 * would be made of the file's tables, and those an encoder made of the whole picture, of what is
 * under a region too. */
#include "pixels/codec_gif.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "pixels/composite.h"

#define PROFILE_MAX ((size_t)4 << 20)

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "picture", what, OSK_NO_OFFSET);
}

static int read_input(GifFileType *gif, GifByteType *out, int len)
{
    OskGifInput *input = gif->UserData;
    size_t left = input->len - input->at;
    size_t n = len > 0 && (size_t)len < left ? (size_t)len : len > 0 ? left : 0;
    memcpy(out, input->bytes + input->at, n);
    input->at += n;
    return (int)n;
}

static OskStatus gif_status(const GifFileType *gif, OskFault *fault)
{
    switch (gif->Error) {
    case D_GIF_ERR_NOT_ENOUGH_MEM: return OSK_NO_MEMORY;
    case D_GIF_ERR_READ_FAILED:
    case D_GIF_ERR_EOF_TOO_SOON: return fail(fault, OSK_TRUNCATED, "the file ends in a picture");
    default: return fail(fault, OSK_MALFORMED, "the picture can't be decoded");
    }
}

/* ---- the first walk: how many frames, loops, the colour profile ---- */

static OskStatus add_profile(OskDecoder *d, const uint8_t *block)
{
    size_t len = block[0];
    if (d->icc_len + len > PROFILE_MAX || !osk_budget_memory(d->budget, len)) {
        return OSK_LIMIT;
    }
    uint8_t *grown = realloc(d->icc, d->icc_len + len + 1);
    if (grown == NULL) {
        osk_budget_return(d->budget, len);
        return OSK_NO_MEMORY;
    }
    memcpy(grown + d->icc_len, block + 1, len);
    d->icc = grown;
    d->icc_len += len;
    return OSK_OK;
}

/* One extension. What is not known is skipped. */
static OskStatus read_extension(OskDecoder *d, GifFileType *gif, GraphicsControlBlock *control,
                                bool first_walk, OskFault *fault)
{
    int code = 0;
    GifByteType *block = NULL;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) {
        return gif_status(gif, fault);
    }
    bool application = code == APPLICATION_EXT_FUNC_CODE && block != NULL && block[0] == 11;
    bool loops = application && memcmp(block + 1, "NETSCAPE2.0", 11) == 0;
    bool profile = application && memcmp(block + 1, "ICCRGBG1012", 11) == 0 && d->icc == NULL;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != NULL && block[0] >= 4) {
        (void)DGifExtensionToGCB(block[0], block + 1, control);
    }
    while (block != NULL) {
        if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) {
            return gif_status(gif, fault);
        }
        if (block == NULL || !first_walk) {
            continue;
        }
        if (loops && block[0] >= 3 && block[1] == 1) {
            d->loops = true;
            d->loop_count = (uint16_t)(block[2] | block[3] << 8);
        }
        OskStatus status = profile ? add_profile(d, block) : OSK_OK;
        if (status != OSK_OK) {
            return status == OSK_LIMIT ? fail(fault, status, "the colour profile is too large")
                                       : status;
        }
    }
    return OSK_OK;
}

static OskStatus skip_picture(GifFileType *gif, OskFault *fault)
{
    int size = 0;
    GifByteType *block = NULL;
    if (DGifGetCode(gif, &size, &block) == GIF_ERROR) {
        return gif_status(gif, fault);
    }
    while (block != NULL) {
        if (DGifGetCodeNext(gif, &block) == GIF_ERROR) {
            return gif_status(gif, fault);
        }
    }
    return OSK_OK;
}

static const GraphicsControlBlock no_control = { .TransparentColor = NO_TRANSPARENT_COLOR };

static GifFileType *open_input(OskGifInput *input)
{
    int error = 0;
    input->at = 0;
    return DGifOpen(input, read_input, &error);
}

static OskStatus walk(OskDecoder *d, GifFileType *gif, OskFault *fault)
{
    GraphicsControlBlock control = no_control;
    for (;;) {
        GifRecordType type = UNDEFINED_RECORD_TYPE;
        OskStatus status = OSK_OK;
        if (DGifGetRecordType(gif, &type) == GIF_ERROR) {
            return gif_status(gif, fault);
        }
        if (!osk_budget_parts(d->budget, 1)) {
            return fail(fault, OSK_LIMIT, "too many frames");
        }
        if (type == TERMINATE_RECORD_TYPE) {
            return OSK_OK;
        }
        if (type == EXTENSION_RECORD_TYPE) {
            status = read_extension(d, gif, &control, true, fault);
        } else if (DGifGetImageHeader(gif) == GIF_ERROR) {
            status = gif_status(gif, fault);
        } else {
            d->interlace = d->frames == 0 ? gif->Image.Interlace : d->interlace;
            d->frames++;
            control = no_control;
            status = skip_picture(gif, fault);
        }
        if (status != OSK_OK) {
            return status;
        }
    }
}

static OskStatus survey(OskDecoder *d, OskFault *fault)
{
    GifFileType *gif = open_input(&d->input);
    if (gif == NULL) {
        return fail(fault, OSK_MALFORMED, "the header can't be read");
    }
    d->width = (uint32_t)gif->SWidth;
    d->height = (uint32_t)gif->SHeight;
    d->aspect = gif->AspectByte;
    OskStatus status = walk(d, gif, fault);
    (void)DGifCloseFile(gif, NULL);
    if (status == OSK_OK && (d->frames == 0 || d->width == 0 || d->height == 0)) {
        status = fail(fault, OSK_MALFORMED, "there is no picture");
    }
    return status;
}

/* ---- frames ---- */

static OskPatch last_patch(const OskDecoder *d)
{
    return (OskPatch){ d->box[0], d->box[1], d->box[2], d->box[3] };
}

static void dispose(OskDecoder *d)
{
    if (d->control.DisposalMode == DISPOSE_BACKGROUND) {
        osk_composite_clear(&d->canvas, last_patch(d), 0);
    } else if (d->control.DisposalMode == DISPOSE_PREVIOUS && d->before.pixels != NULL) {
        osk_composite_replace(&d->canvas, &d->before, d->box[0], d->box[1]);
    }
    osk_image_free(&d->before, d->budget);
}

static void draw_row(OskDecoder *d, const ColorMapObject *map, const uint8_t *row, uint32_t y)
{
    const GifImageDesc *image = &d->gif->Image;
    uint8_t *out = d->canvas.pixels + y * d->canvas.stride + (size_t)d->box[0] * 4;
    for (uint32_t x = 0; x < d->box[2]; x++, out += 4) {
        int index = row[x + (d->box[0] - (uint32_t)image->Left)];
        if (index == d->control.TransparentColor) {
            continue;
        }
        memset(out, 0, 3);
        out[3] = 255;
        if (index < map->ColorCount) {
            out[0] = map->Colors[index].Red;
            out[1] = map->Colors[index].Green;
            out[2] = map->Colors[index].Blue;
        }
    }
}

/* Codes may end before the last row: the rest isn't drawn then, as in browsers. */
static OskStatus skip_blocks(GifFileType *gif, OskFault *fault)
{
    GifByteType *block = NULL;
    do {
        if (DGifGetCodeNext(gif, &block) == GIF_ERROR) {
            return gif_status(gif, fault);
        }
    } while (block != NULL);
    return OSK_OK;
}

/* All rows of the picture, in the order of the file: GIF89a appendix E. */
static OskStatus draw_picture(OskDecoder *d, uint8_t *row, OskFault *fault)
{
    static const struct {
        int first;
        int step;
    } passes[5] = { { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 }, { 0, 1 } };
    const GifImageDesc *image = &d->gif->Image;
    const ColorMapObject *map = image->ColorMap != NULL ? image->ColorMap : d->gif->SColorMap;
    if (map == NULL) {
        return fail(fault, OSK_MALFORMED, "a picture has no colours");
    }
    for (int pass = image->Interlace ? 0 : 4; pass < (image->Interlace ? 4 : 5); pass++) {
        for (int y = passes[pass].first; y < image->Height; y += passes[pass].step) {
            if (DGifGetLine(d->gif, row, image->Width) == GIF_ERROR) {
                return d->gif->Error == D_GIF_ERR_EOF_TOO_SOON ? skip_blocks(d->gif, fault)
                                                               : gif_status(d->gif, fault);
            }
            uint32_t at = (uint32_t)(image->Top + y);
            if (at < d->height && d->box[2] > 0) {
                draw_row(d, map, row, at);
            }
        }
    }
    return OSK_OK;
}

static uint32_t cut_off(int from, int len, uint32_t limit)
{
    if (from < 0 || len < 0 || (uint32_t)from >= limit) {
        return 0;
    }
    return (uint32_t)len < limit - (uint32_t)from ? (uint32_t)len : limit - (uint32_t)from;
}

static OskStatus read_picture(OskDecoder *d, OskFault *fault)
{
    const GifImageDesc *image = &d->gif->Image;
    if (DGifGetImageHeader(d->gif) == GIF_ERROR) {
        return gif_status(d->gif, fault);
    }
    d->box[2] = cut_off(image->Left, image->Width, d->width);
    d->box[3] = cut_off(image->Top, image->Height, d->height);
    d->box[0] = d->box[2] > 0 ? (uint32_t)image->Left : 0;
    d->box[1] = d->box[3] > 0 ? (uint32_t)image->Top : 0;
    if (image->Width <= 0 || image->Height <= 0) {
        return fail(fault, OSK_MALFORMED, "a picture without area");
    }
    OskStatus status = OSK_OK;
    if (d->control.DisposalMode == DISPOSE_PREVIOUS && d->box[2] > 0 && d->box[3] > 0) {
        status = osk_image_cut(&d->before, &d->canvas, last_patch(d), d->budget);
        if (status != OSK_OK) {
            return status == OSK_LIMIT ? fail(fault, status, "the animation is too large") : status;
        }
    }
    uint64_t spent = (uint64_t)image->Width;
    /* What lies outside the screen is decoded too. */
    if (!osk_budget_pixels(d->budget, (uint64_t)image->Width * (uint64_t)image->Height) ||
        !osk_budget_memory(d->budget, spent)) {
        return fail(fault, OSK_LIMIT, "the picture is larger than the limit");
    }
    uint8_t *row = malloc((size_t)image->Width);
    status = row == NULL ? OSK_NO_MEMORY : draw_picture(d, row, fault);
    free(row);
    osk_budget_return(d->budget, spent);
    return status;
}

/* Up to the next picture, and that. */
static OskStatus advance(OskDecoder *d, OskFault *fault)
{
    dispose(d);
    d->control = no_control;
    for (;;) {
        GifRecordType type = UNDEFINED_RECORD_TYPE;
        OskStatus status = OSK_OK;
        if (DGifGetRecordType(d->gif, &type) == GIF_ERROR) {
            return gif_status(d->gif, fault);
        }
        switch (type) {
        case IMAGE_DESC_RECORD_TYPE: return read_picture(d, fault);
        case EXTENSION_RECORD_TYPE:
            status = read_extension(d, d->gif, &d->control, false, fault);
            break;
        default: return fail(fault, OSK_TRUNCATED, "a frame is missing");
        }
        if (status != OSK_OK) {
            return status;
        }
    }
}

static OskStatus gif_next(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    OskDecoder *d = decoder;
    *out_frame = (OskFrame){ .duration_den = 100 };
    OskStatus status = OSK_OK;
    if (d->next >= d->frames) {
        return OSK_MISUSE;
    }
    if (d->next == 0) {
        status = osk_image_make(&d->canvas, d->width, d->height, OSK_PIXELS_RGBA, 8, d->budget);
        d->gif = status == OSK_OK ? open_input(&d->input) : NULL;
        status = status == OSK_OK && d->gif == NULL ? OSK_NO_MEMORY : status;
    }
    if (status == OSK_OK) {
        status = d->gif == NULL ? OSK_MISUSE : advance(d, fault);
    }
    if (status == OSK_OK) {
        OskPatch whole = { .width = d->width, .height = d->height };
        status = osk_image_cut(&out_frame->image, &d->canvas, whole, d->budget);
    }
    if (status == OSK_LIMIT) {
        (void)fail(fault, status, "the animation is larger than the limit");
    }
    out_frame->duration_num = d->control.DelayTime > 0 ? (uint32_t)d->control.DelayTime : 0;
    d->next++;
    return status;
}

/* ---- the codec ---- */

static void gif_close(OskDecoder **decoder)
{
    OskDecoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    if (d->gif != NULL) {
        (void)DGifCloseFile(d->gif, NULL);
    }
    osk_image_free(&d->canvas, d->budget);
    osk_image_free(&d->before, d->budget);
    osk_budget_return(d->budget, d->icc_len);
    free(d->icc);
    free(d);
    *decoder = NULL;
}

static OskStatus gif_open(const uint8_t *bytes, size_t len, OskBudget *budget,
                          OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    *out_decoder = NULL;
    if (len < 13) {
        return fail(fault, OSK_TRUNCATED, "the file ends in its header");
    }
    OskDecoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return OSK_NO_MEMORY;
    }
    d->budget = budget;
    d->input = (OskGifInput){ .bytes = bytes, .len = len };
    d->control = no_control;
    OskStatus status = survey(d, fault);
    uint64_t area = (uint64_t)d->width * d->height;
    if (status == OSK_OK && area > budget->pixels) {
        status = fail(fault, OSK_LIMIT, "the picture is larger than the limit");
    }
    if (status != OSK_OK) {
        gif_close(&d);
        return status;
    }
    /* Canvas, what was under a frame, the copy given away; the encoder's two canvases and rows. */
    *out_info = (OskCodecInfo){ .width = d->width,
                                .height = d->height,
                                .orientation = 1,
                                .frames = d->frames,
                                .alpha = true,
                                .memory = area * 20 + len };
    *out_decoder = d;
    return OSK_OK;
}

static const uint8_t *gif_icc(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->icc_len;
    return decoder->icc;
}

const OskCodec osk_codec_gif = {
    .format = "gif",
    .open = gif_open,
    .next = gif_next,
    .icc = gif_icc,
    .close = gif_close,
    .begin = osk_gif_begin,
    .add = osk_gif_add,
    .end = osk_gif_end,
    .drop = osk_gif_drop,
};
