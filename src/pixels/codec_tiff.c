/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIFF, read with libtiff: every page of the chain but smaller copies of others, which would show
 * what a region covers. Pages that have a kind of pixels of their own (CIE Lab, YCbCr without JPEG)
 * are given as RGBA by libtiff, and written as that. Where pages are turned in different ways, each
 * is given as it is displayed. */
#include "pixels/codec_tiff.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "pixels/orient.h"

/* How far a block of JPEG with its colours at half size carries what is in it. */
#define JPEG_REACH 16u

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "page", what, OSK_NO_OFFSET);
}

static void give_palette(TIFF *tiff, OskImage *image)
{
    uint16_t *map[3] = { NULL, NULL, NULL };
    image->palette_count = 1u << image->depth;
    if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]) != 1) {
        memset(map, 0, sizeof map);
    }
    for (unsigned i = 0; i < image->palette_count; i++) {
        for (unsigned c = 0; c < 3; c++) {
            image->palette[i][c] = map[c] != NULL ? (uint8_t)(map[c][i] >> 8) : 0;
        }
        image->palette[i][3] = 255;
    }
}

/* Decodes all blocks of the current directory. */
static OskStatus read_blocks(OskDecoder *d, const OskTiffPage *page, OskImage *image,
                             OskFault *fault)
{
    uint64_t len = osk_tiff_block_len(d->tiff, page);
    OskTiffBlock block = { .row_len = osk_tiff_row_len(d->tiff, page) };
    if (len == 0 || len > INT32_MAX || block.row_len == 0) {
        return fail(fault, OSK_UNSUPPORTED, "a page has strips or tiles of an odd size");
    }
    if (!osk_budget_memory(d->budget, len) ||
        !osk_budget_parts(d->budget, osk_tiff_block_count(page))) {
        return fail(fault, OSK_LIMIT, "a page is larger than the limit");
    }
    block.bytes = malloc((size_t)len);
    OskStatus status = block.bytes == NULL ? OSK_NO_MEMORY : OSK_OK;
    for (uint64_t i = 0; status == OSK_OK && i < osk_tiff_block_count(page); i++) {
        block.index = (uint32_t)i;
        /* A last strip is shorter, and a broken one must not show what was decoded before. */
        memset(block.bytes, 0, (size_t)len);
        tmsize_t got = page->tiled
                           ? TIFFReadEncodedTile(d->tiff, block.index, block.bytes, (tmsize_t)len)
                           : TIFFReadEncodedStrip(d->tiff, block.index, block.bytes, (tmsize_t)len);
        uint64_t rows = osk_tiff_block_box(page, block.index).height;
        if (got < 0 || (uint64_t)got < rows * block.row_len) {
            status = fail(fault, OSK_MALFORMED, "a strip or tile can't be decoded");
        } else {
            osk_tiff_block_unpack(page, &block, image);
        }
    }
    free(block.bytes);
    osk_budget_return(d->budget, len);
    return status;
}

/* libtiff's own conversion, into the same rows as stored. */
static OskStatus render_page(OskDecoder *d, const OskTiffPage *page, OskImage *image,
                             OskFault *fault)
{
    uint32_t *raster = (uint32_t *)(void *)image->pixels;
    if (TIFFReadRGBAImageOriented(d->tiff, page->width, page->height, raster,
                                  (int)page->orientation, 1) != 1) {
        return fail(fault, OSK_MALFORMED, "a page can't be decoded");
    }
    for (size_t i = 0; i < (size_t)page->width * page->height; i++) {
        uint32_t pixel = raster[i];
        image->pixels[4 * i] = (uint8_t)TIFFGetR(pixel);
        image->pixels[4 * i + 1] = (uint8_t)TIFFGetG(pixel);
        image->pixels[4 * i + 2] = (uint8_t)TIFFGetB(pixel);
        image->pixels[4 * i + 3] = (uint8_t)TIFFGetA(pixel);
    }
    return OSK_OK;
}

static OskStatus tiff_next(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    OskDecoder *d = decoder;
    OskTiffPage page;
    *out_frame = (OskFrame){ .duration_den = 1 };
    if (d->next >= d->pages) {
        return OSK_MISUSE;
    }
    if (!osk_tiff_page_find(d->tiff, d->next++ == 0)) {
        return fail(fault, OSK_MALFORMED, "a page is missing");
    }
    OskImage *image = &out_frame->image;
    OskStatus status = osk_tiff_page_read(d->tiff, &page, fault);
    if (status == OSK_OK) {
        status = osk_image_make(image, page.width, page.height, page.model,
                                page.rendered ? 8 : page.bits, d->budget);
        status =
            status == OSK_LIMIT ? fail(fault, status, "a page is larger than the limit") : status;
    }
    if (status != OSK_OK) {
        return status;
    }
    if (page.rendered) {
        status = render_page(d, &page, image, fault);
    } else {
        status = read_blocks(d, &page, image, fault);
    }
    if (status == OSK_OK && page.model == OSK_PIXELS_INDEXED) {
        give_palette(d->tiff, image);
    }
    if (status == OSK_OK && d->upright) {
        status = osk_image_orient(image, page.orientation, d->budget);
        status =
            status == OSK_LIMIT ? fail(fault, status, "a page is larger than the limit") : status;
    }
    if (status != OSK_OK) {
        osk_image_free(image, d->budget);
    }
    return status;
}

/* ---- the codec ---- */

static void tiff_close(OskDecoder **decoder)
{
    OskDecoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    if (d->tiff != NULL) {
        TIFFClose(d->tiff);
    }
    osk_budget_return(d->budget, d->icc_len);
    free(d->icc);
    free(d);
    *decoder = NULL;
}

/* Counts pages and tells about the first. */
static OskStatus survey(OskDecoder *d, OskCodecInfo *info, OskFault *fault)
{
    OskTiffPage page;
    uint64_t most = 0;
    while (osk_tiff_page_find(d->tiff, d->pages == 0)) {
        if (!osk_budget_parts(d->budget, 1)) {
            return fail(fault, OSK_LIMIT, "too many pages");
        }
        OskStatus status = osk_tiff_page_read(d->tiff, &page, fault);
        if (status != OSK_OK) {
            return status;
        }
        uint64_t area = (uint64_t)page.width * page.height;
        most = area > most ? area : most;
        if (area > d->budget->pixels) {
            return fail(fault, OSK_LIMIT, "a page is larger than the limit");
        }
        if (d->pages == 0) {
            d->orientation = page.orientation;
            info->width = page.width;
            info->height = page.height;
        }
        d->upright = d->upright || page.orientation != d->orientation;
        info->lossy = info->lossy || page.compression == COMPRESSION_JPEG || page.rendered;
        bool spread = page.compression == COMPRESSION_JPEG ||
                      page.compression == COMPRESSION_OJPEG ||
                      page.photometric == PHOTOMETRIC_YCBCR;
        info->reach = spread ? JPEG_REACH : info->reach;
        info->alpha =
            info->alpha || page.model == OSK_PIXELS_RGBA || page.model == OSK_PIXELS_GREY_ALPHA;
        d->pages++;
    }
    if (d->pages == 0 || TIFFLastDirectory(d->tiff) == 0) {
        return fail(fault, OSK_MALFORMED, "a page is missing");
    }
    if (d->upright && d->orientation >= 5) {
        uint32_t width = info->width;
        info->width = info->height;
        info->height = width;
    }
    d->orientation = d->upright ? 1 : d->orientation;
    info->frames = d->pages;
    info->orientation = d->orientation;
    info->memory = most * 24 + 2 * d->memory.len;
    return OSK_OK;
}

/* Of the first page. */
static OskStatus copy_profile(OskDecoder *d)
{
    uint32_t len = 0;
    void *bytes = NULL;
    if (TIFFSetDirectory(d->tiff, 0) != 1 ||
        TIFFGetField(d->tiff, TIFFTAG_ICCPROFILE, &len, &bytes) != 1 || len == 0 ||
        !osk_budget_memory(d->budget, len)) {
        return OSK_OK;
    }
    d->icc_len = len;
    d->icc = malloc(len);
    if (d->icc == NULL) {
        return OSK_NO_MEMORY;
    }
    memcpy(d->icc, bytes, len);
    return OSK_OK;
}

static OskStatus tiff_open(const uint8_t *bytes, size_t len, OskBudget *budget,
                           OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    *out_decoder = NULL;
    *out_info = (OskCodecInfo){ 0 };
    OskDecoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return OSK_NO_MEMORY;
    }
    d->budget = budget;
    d->memory = (OskTiffMemory){ .input = bytes, .len = len };
    d->tiff = osk_tiff_open(&d->memory, "rm", budget);
    OskStatus status = d->tiff == NULL ? fail(fault, OSK_MALFORMED, "the header can't be read")
                                       : survey(d, out_info, fault);
    if (status == OSK_OK) {
        status = copy_profile(d);
    }
    if (status != OSK_OK) {
        tiff_close(&d);
        return status;
    }
    *out_decoder = d;
    return OSK_OK;
}

static const uint8_t *tiff_icc(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->icc_len;
    return decoder->icc;
}

const OskCodec osk_codec_tiff = {
    .format = "tiff",
    .open = tiff_open,
    .next = tiff_next,
    .icc = tiff_icc,
    .close = tiff_close,
    .begin = osk_tiff_begin,
    .add = osk_tiff_add,
    .end = osk_tiff_end,
    .drop = osk_tiff_drop,
};
