/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory as a file for libtiff, and the layout of a page: TIFF 6.0 sections 3 to 6, 15 and 16. */
#include "pixels/codec_tiff.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

/* ---- memory ---- */

static tmsize_t read_memory(thandle_t handle, void *out, tmsize_t len)
{
    OskTiffMemory *m = (OskTiffMemory *)handle;
    const uint8_t *from = m->input != NULL ? m->input : m->output;
    uint64_t left = m->at < m->len ? m->len - m->at : 0;
    uint64_t n = len < 0 ? 0 : (uint64_t)len < left ? (uint64_t)len : left;
    if (n > 0) {
        memcpy(out, from + m->at, (size_t)n);
    }
    m->at += n;
    return (tmsize_t)n;
}

/* Room up to `end`. */
static bool grow(OskTiffMemory *m, uint64_t end)
{
    if (end <= m->capacity) {
        return true;
    }
    uint64_t wanted = m->capacity * 2 > end ? m->capacity * 2 : end + 4096;
    wanted = wanted > m->ceiling ? m->ceiling : wanted;
    if (end > wanted || !osk_budget_memory(m->budget, wanted - m->capacity)) {
        m->failed = true;
        return false;
    }
    uint8_t *bytes = realloc(m->output, (size_t)wanted);
    if (bytes == NULL) {
        osk_budget_return(m->budget, wanted - m->capacity);
        m->failed = true;
        return false;
    }
    memset(bytes + m->capacity, 0, (size_t)(wanted - m->capacity));
    m->output = bytes;
    m->capacity = wanted;
    return true;
}

static tmsize_t write_memory(thandle_t handle, void *bytes, tmsize_t len)
{
    OskTiffMemory *m = (OskTiffMemory *)handle;
    if (len <= 0 || m->input != NULL || m->at > UINT64_MAX / 4 || !grow(m, m->at + (uint64_t)len)) {
        return len == 0 ? 0 : -1;
    }
    memcpy(m->output + m->at, bytes, (size_t)len);
    m->at += (uint64_t)len;
    m->len = m->at > m->len ? m->at : m->len;
    return len;
}

static toff_t seek_memory(thandle_t handle, toff_t offset, int whence)
{
    OskTiffMemory *m = (OskTiffMemory *)handle;
    uint64_t from = whence == SEEK_END ? m->len : whence == SEEK_CUR ? m->at : 0;
    m->at = from + offset;
    return m->at;
}

static int close_memory(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_memory(thandle_t handle)
{
    return ((OskTiffMemory *)handle)->len;
}

static int say_nothing(TIFF *tiff, void *user, const char *module, const char *format, va_list ap)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)ap;
    return 1;
}

TIFF *osk_tiff_open(OskTiffMemory *memory, const char *mode, OskBudget *budget)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) {
        return NULL;
    }
    uint64_t most = budget->memory < INT64_MAX ? budget->memory : INT64_MAX;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
    TIFFOpenOptionsSetErrorHandlerExtR(options, say_nothing, NULL);
    TIFFOpenOptionsSetWarningHandlerExtR(options, say_nothing, NULL);
    TIFF *tiff = TIFFClientOpenExt("", mode, (thandle_t)memory, read_memory, write_memory,
                                   seek_memory, close_memory, size_memory, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

/* ---- the layout ---- */

static OskStatus unsupported(OskFault *fault, const char *what)
{
    (void)osk_fault_set(fault, OSK_UNSUPPORTED, "page", what, OSK_NO_OFFSET);
    osk_fault_next(fault, "save it with 8 or 16 bits a sample, in grey or RGB, and redact that");
    return OSK_UNSUPPORTED;
}

static uint16_t number_of(TIFF *tiff, uint32_t tag, uint16_t otherwise)
{
    uint16_t value = otherwise;
    return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

/* Compressions that give back what was put in, and JPEG, whose blocks stand alone. */
static bool is_known(uint16_t compression)
{
    switch (compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
    case COMPRESSION_LZW:
    case COMPRESSION_JPEG:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_PACKBITS:
    case COMPRESSION_LZMA:
    case COMPRESSION_ZSTD:
    case COMPRESSION_WEBP: return true;
    default: return false;
    }
}

/* Finds the model; false where samples mean something that has none. */
static bool choose_model(TIFF *tiff, OskTiffPage *page)
{
    uint16_t format = number_of(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    uint16_t bits = page->bits;
    bool small = bits == 1 || bits == 2 || bits == 4;
    bool usual = bits == 8 || bits == 16;
    unsigned samples = page->samples;
    if (format != SAMPLEFORMAT_UINT || !is_known(page->compression)) {
        return false;
    }
    switch (page->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
        page->model = samples == 2 ? OSK_PIXELS_GREY_ALPHA : OSK_PIXELS_GREY;
        return samples == 1 ? small || usual : samples == 2 && usual;
    case PHOTOMETRIC_PALETTE:
        page->model = OSK_PIXELS_INDEXED;
        return samples == 1 && (small || bits == 8);
    case PHOTOMETRIC_RGB:
        page->model = samples == 4 ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB;
        return (samples == 3 || samples == 4) && usual;
    case PHOTOMETRIC_SEPARATED:
        page->model = OSK_PIXELS_CMYK;
        return samples == 4 && usual && number_of(tiff, TIFFTAG_INKSET, INKSET_CMYK) == INKSET_CMYK;
    case PHOTOMETRIC_YCBCR:
        page->model = OSK_PIXELS_RGB;
        return samples == 3 && bits == 8 && page->compression == COMPRESSION_JPEG &&
               page->planar == PLANARCONFIG_CONTIG;
    default: return false;
    }
}

static bool read_blocks(TIFF *tiff, OskTiffPage *page)
{
    page->tiled = TIFFIsTiled(tiff) != 0;
    if (page->tiled) {
        page->block_width = 0;
        page->block_height = 0;
        if (TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &page->block_width) != 1 ||
            TIFFGetField(tiff, TIFFTAG_TILELENGTH, &page->block_height) != 1) {
            return false;
        }
    } else {
        page->block_width = page->width;
        page->block_height = page->height;
        (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &page->block_height);
        page->block_height = page->block_height < page->height ? page->block_height : page->height;
    }
    if (page->block_width == 0 || page->block_height == 0) {
        return false;
    }
    page->across = (page->width - 1) / page->block_width + 1;
    page->down = (page->height - 1) / page->block_height + 1;
    return osk_tiff_block_count(page) ==
           (page->tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff));
}

OskStatus osk_tiff_page_read(TIFF *tiff, OskTiffPage *page, OskFault *fault)
{
    *page = (OskTiffPage){ 0 };
    if (TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page->width) != 1 ||
        TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page->height) != 1 || page->width == 0 ||
        page->height == 0 || page->width > INT32_MAX || page->height > INT32_MAX) {
        return osk_fault_set(fault, OSK_MALFORMED, "page", "a page has no size", OSK_NO_OFFSET);
    }
    page->bits = number_of(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    page->samples = number_of(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    page->compression = number_of(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    page->planar = number_of(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    uint16_t orientation = number_of(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    page->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
    if (TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &page->photometric) != 1) {
        return unsupported(fault, "a page doesn't say what its colours mean");
    }
    if (!choose_model(tiff, page) || !read_blocks(tiff, page)) {
        char why[1024];
        page->rendered = true;
        page->model = OSK_PIXELS_RGBA;
        if (TIFFRGBAImageOK(tiff, why) != 1) {
            return unsupported(fault, "a page has a kind of pixels that can't be repainted");
        }
    }
    if (page->compression == COMPRESSION_JPEG && page->photometric == PHOTOMETRIC_YCBCR &&
        !page->rendered) {
        (void)TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    }
    return OSK_OK;
}

/* Whether a directory is a smaller copy of another page. */
static bool is_reduced(TIFF *tiff)
{
    uint32_t kind = 0;
    uint16_t old = 0;
    if (TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) == 1) {
        return (kind & FILETYPE_REDUCEDIMAGE) != 0;
    }
    return TIFFGetField(tiff, TIFFTAG_OSUBFILETYPE, &old) == 1 && old == OFILETYPE_REDUCEDIMAGE;
}

bool osk_tiff_page_find(TIFF *tiff, bool first)
{
    int found = first ? TIFFSetDirectory(tiff, 0) : TIFFReadDirectory(tiff);
    while (found == 1 && is_reduced(tiff)) {
        found = TIFFReadDirectory(tiff);
    }
    return found == 1;
}

/* ---- blocks ---- */

uint64_t osk_tiff_block_count(const OskTiffPage *page)
{
    uint64_t planes = page->planar == PLANARCONFIG_SEPARATE ? page->samples : 1;
    return (uint64_t)page->across * page->down * planes;
}

OskPatch osk_tiff_block_box(const OskTiffPage *page, uint32_t index)
{
    uint32_t in_plane = index % (page->across * page->down);
    OskPatch box = { .x = in_plane % page->across * page->block_width,
                     .y = in_plane / page->across * page->block_height };
    box.width = page->width - box.x < page->block_width ? page->width - box.x : page->block_width;
    box.height =
        page->height - box.y < page->block_height ? page->height - box.y : page->block_height;
    return box;
}

uint64_t osk_tiff_block_len(TIFF *tiff, const OskTiffPage *page)
{
    return page->tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
}

uint64_t osk_tiff_row_len(TIFF *tiff, const OskTiffPage *page)
{
    uint64_t row = page->tiled ? TIFFTileRowSize64(tiff) : TIFFScanlineSize64(tiff);
    uint64_t samples = page->planar == PLANARCONFIG_SEPARATE ? 1 : page->samples;
    uint64_t least = ((uint64_t)page->block_width * samples * page->bits + 7) / 8;
    uint64_t len = osk_tiff_block_len(tiff, page);
    return row >= least && row <= len / page->block_height ? row : 0;
}

/* The samples of one row of a block, one by one, as the page means them. */
typedef struct Row {
    const OskTiffPage *page;
    uint8_t *at;       /* packed */
    unsigned samples;  /* in the packed row */
    unsigned plane;    /* the first of them in a pixel of the image */
    unsigned total;    /* samples of a pixel of the image */
    uint32_t inverted; /* what grey samples are subtracted from; 0: not */
} Row;

static Row row_of(const OskTiffPage *page, uint32_t index, uint8_t *at)
{
    bool separate = page->planar == PLANARCONFIG_SEPARATE;
    return (Row){ .page = page,
                  .at = at,
                  .samples = separate ? 1 : page->samples,
                  .plane = separate ? index / (page->across * page->down) : 0,
                  .total = page->samples,
                  .inverted =
                      page->photometric == PHOTOMETRIC_MINISWHITE ? (1u << page->bits) - 1 : 0 };
}

static void unpack_row(const Row *row, uint32_t width, uint8_t *out)
{
    unsigned bits = row->page->bits;
    for (size_t x = 0; x < width; x++) {
        for (unsigned s = 0; s < row->samples; s++) {
            size_t from = x * row->samples + s;
            size_t to = x * row->total + row->plane + s;
            uint32_t inverted = s + row->plane == 0 ? row->inverted : 0;
            uint16_t value = 0;
            if (bits == 16) {
                memcpy(&value, row->at + 2 * from, 2);
                value = inverted != 0 ? (uint16_t)(inverted - value) : value;
                memcpy(out + 2 * to, &value, 2);
                continue;
            }
            size_t bit = from * bits;
            value = (uint16_t)(row->at[bit / 8] >> (8 - bits - bit % 8) & ((1u << bits) - 1));
            out[to] = (uint8_t)(inverted != 0 ? inverted - value : value);
        }
    }
}

static void pack_row(const Row *row, uint32_t width, const uint8_t *in)
{
    unsigned bits = row->page->bits;
    for (size_t x = 0; x < width; x++) {
        for (unsigned s = 0; s < row->samples; s++) {
            size_t to = x * row->samples + s;
            size_t from = x * row->total + row->plane + s;
            uint32_t inverted = s + row->plane == 0 ? row->inverted : 0;
            uint16_t value = in[from];
            if (bits == 16) {
                memcpy(&value, in + 2 * from, 2);
            }
            value = inverted != 0 ? (uint16_t)(inverted - value) : value;
            if (bits == 16) {
                memcpy(row->at + 2 * to, &value, 2);
                continue;
            }
            size_t bit = to * bits;
            row->at[bit / 8] |= (uint8_t)(value << (8 - bits - bit % 8));
        }
    }
}

void osk_tiff_block_unpack(const OskTiffPage *page, const OskTiffBlock *block, OskImage *image)
{
    OskPatch box = osk_tiff_block_box(page, block->index);
    for (uint32_t y = 0; y < box.height; y++) {
        Row row = row_of(page, block->index, block->bytes + y * block->row_len);
        unpack_row(&row, box.width,
                   image->pixels + (box.y + y) * image->stride + box.x * osk_pixel_bytes(image));
    }
}

void osk_tiff_block_pack(const OskTiffPage *page, OskTiffBlock *block, const OskImage *image)
{
    OskPatch box = osk_tiff_block_box(page, block->index);
    for (uint32_t y = 0; y < box.height; y++) {
        Row row = row_of(page, block->index, block->bytes + y * block->row_len);
        pack_row(&row, box.width,
                 image->pixels + (box.y + y) * image->stride + box.x * osk_pixel_bytes(image));
    }
}
