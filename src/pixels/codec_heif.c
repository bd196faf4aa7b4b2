/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEIF (HEVC) and AVIF: libheif with libde265, dav1d, x265 and aom; the encoder stands in
 * codec_heif_write.c.
 *
 * The primary picture comes as it is displayed: libheif crops and turns it, joins the tiles of a
 * grid, and gives red, green and blue whatever is asked for. Halved chroma is repeated on the way,
 * not smoothed, so that halving it again gives back what was there. */
#include "pixels/codec_heif.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/avis.h"
#include "pixels/boxes.h"
#include "pixels/orient.h"

/* Planes of the picture and of its coded form, tiles in flight, in bytes a pixel. */
#define OWN_BYTES 12u
/* Transforms of 32 samples and loop filters; larger ones are used where there is nothing to see. */
#define LOSSY_REACH 32u
/* libheif refuses wider pictures; the budget of pixels is what counts. */
#define SIDE_MOST 65535
#define MATRIX_601 6u

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "meta", "memory ended", OSK_NO_OFFSET);
}

static OskStatus unsupported(OskFault *fault, const char *what)
{
    return osk_fault_set(fault, OSK_UNSUPPORTED, "meta", what, OSK_NO_OFFSET);
}

OskStatus osk_heif_fault(struct heif_error error, OskFault *fault)
{
    switch (error.code) {
    case heif_error_Ok: return OSK_OK;
    case heif_error_Memory_allocation_error:
        if (error.subcode == heif_suberror_Security_limit_exceeded) {
            return osk_fault_set(fault, OSK_LIMIT, "meta", "the picture is too large to decode",
                                 OSK_NO_OFFSET);
        }
        return no_memory(fault);
    case heif_error_Unsupported_feature:
    case heif_error_Unsupported_filetype:
    case heif_error_Color_profile_does_not_exist:
        return unsupported(fault, "a kind of picture that the decoder lacks");
    case heif_error_Encoder_plugin_error:
    case heif_error_Encoding_error: return unsupported(fault, "the picture can't be encoded");
    default: break;
    }
    if (error.subcode == heif_suberror_End_of_data) {
        return osk_fault_set(fault, OSK_TRUNCATED, "mdat", "the picture ends early", OSK_NO_OFFSET);
    }
    return osk_fault_set(fault, OSK_MALFORMED, "mdat", "the picture can't be decoded",
                         OSK_NO_OFFSET);
}

/* ISO/IEC 14496-15, 8.3.3.1: HEVCDecoderConfigurationRecord; AV1 ISOBMFF binding, 2.3.3: av1C. */
static enum heif_chroma chroma_of(OskCursor *config, bool is_av1)
{
    osk_cursor_skip(config, is_av1 ? 2 : 16);
    unsigned bits = osk_cursor_u8(config);
    if (!is_av1) {
        return (enum heif_chroma)(bits & 3);
    }
    if ((bits & 0x10) != 0) {
        return heif_chroma_monochrome;
    }
    return (bits & 0x04) != 0 ? heif_chroma_420
                              : ((bits & 0x08) != 0 ? heif_chroma_422 : heif_chroma_444);
}

static OskCursor find_properties(const uint8_t *bytes, size_t len)
{
    unsigned version = 0;
    OskCursor meta = osk_boxes_find_full(osk_cursor_make(bytes, len, 0), "meta", &version);
    return osk_boxes_find(osk_boxes_find(meta, "iprp"), "ipco");
}

/* How chroma is stored, for writing it again; libheif says so nowhere. After a scrub there are the
 * primary picture and its alpha, which has none. */
static enum heif_chroma find_chroma(const uint8_t *bytes, size_t len)
{
    OskCursor properties = find_properties(bytes, len);
    enum heif_chroma found = heif_chroma_monochrome;
    bool any = false;
    while (osk_cursor_left(&properties) >= 8) {
        char type[4] = { 0 };
        OskCursor box = osk_boxes_next(&properties, type);
        bool is_av1 = memcmp(type, "av1C", 4) == 0;
        if (osk_cursor_ok(&properties) && (is_av1 || memcmp(type, "hvcC", 4) == 0)) {
            enum heif_chroma chroma = chroma_of(&box, is_av1);
            found = found == heif_chroma_monochrome ? chroma : found;
            any = true;
        }
    }
    return any ? found : heif_chroma_420;
}

/* Where a stored axis lies in the displayed picture. */
typedef struct Turning {
    bool reversed_x; /* what is displayed from left to right is stored from its end on */
    bool reversed_y;
    bool swapped;
    bool mirrored; /* on the way */
} Turning;

/* ISO/IEC 23008-12, 6.5.10 and 6.5.12: `irot` counts quarters against the clock, `imir` says which
 * sides change places. */
static Turning find_turning(const uint8_t *bytes, size_t len)
{
    OskCursor properties = find_properties(bytes, len);
    Turning turning = { .mirrored = false };
    bool rotated = false;
    while (osk_cursor_left(&properties) >= 8) {
        char type[4] = { 0 };
        OskCursor box = osk_boxes_next(&properties, type);
        unsigned value = osk_cursor_u8(&box);
        if (!osk_cursor_ok(&properties) || !osk_cursor_ok(&box)) {
            continue;
        }
        if (!rotated && memcmp(type, "irot", 4) == 0) {
            rotated = true;
            for (unsigned i = 0; i < (value & 3); i++) {
                turning = (Turning){ turning.reversed_y, !turning.reversed_x, !turning.swapped,
                                     turning.mirrored };
            }
        } else if (!turning.mirrored && memcmp(type, "imir", 4) == 0) {
            turning.mirrored = true;
            turning.reversed_x = turning.reversed_x != ((value & 1) != 0);
            turning.reversed_y = turning.reversed_y != ((value & 1) == 0);
        }
    }
    return turning;
}

/* Halved chroma begins with a pair of pixels. In a picture that is displayed from its end on, an
 * odd size puts the half pair there, and every pair lies across two of those that would be written;
 * and what is halved across would have to be halved down. Then chroma is written in full. HEVC
 * keeps it halved: phones don't decode it in full. */
static bool is_out_of_step(const OskDecoder *decoder, Turning turning)
{
    bool halved = decoder->chroma == heif_chroma_420 || decoder->chroma == heif_chroma_422;
    if (decoder->compression != heif_compression_AV1 || !halved) {
        return false;
    }
    return (turning.reversed_x && decoder->info.width % 2 != 0) ||
           (turning.reversed_y && decoder->info.height % 2 != 0 &&
            decoder->chroma == heif_chroma_420) ||
           (turning.swapped && decoder->chroma == heif_chroma_422);
}

/* libheif mirrors pictures of 8 bits alone, so that this is done here for others. A crop that has
 * passed the scrub begins at the first pixel: the same. */
static unsigned own_orientation(const OskDecoder *decoder, Turning turning)
{
    static const unsigned straight[4] = { 1, 2, 4, 3 };
    static const unsigned swapped[4] = { 5, 6, 8, 7 };
    unsigned at = (turning.reversed_x ? 1u : 0u) + (turning.reversed_y ? 2u : 0u);
    bool deep = heif_image_handle_get_luma_bits_per_pixel(decoder->handle) > 8;
    if (!turning.mirrored || !deep) {
        return 1;
    }
    return turning.swapped ? swapped[at] : straight[at];
}

static OskStatus read_profiles(OskDecoder *decoder, OskFault *fault)
{
    size_t len = heif_image_handle_get_raw_color_profile_size(decoder->handle);
    if (heif_image_handle_get_nclx_color_profile(decoder->handle, &decoder->nclx).code !=
        heif_error_Ok) {
        /* It is made all the same where one of its numbers is reserved. */
        heif_nclx_color_profile_free(decoder->nclx);
        decoder->nclx = NULL;
    }
    if (len == 0) {
        return OSK_OK;
    }
    if (len > decoder->len) {
        return osk_fault_set(fault, OSK_MALFORMED, "colr", "larger than the file", OSK_NO_OFFSET);
    }
    decoder->icc = malloc(len);
    decoder->icc_len = len;
    if (decoder->icc == NULL) {
        return no_memory(fault);
    }
    return osk_heif_fault(heif_image_handle_get_raw_color_profile(decoder->handle, decoder->icc),
                          fault);
}

static OskStatus describe(OskDecoder *decoder, OskFault *fault)
{
    int width = heif_image_handle_get_width(decoder->handle);
    int height = heif_image_handle_get_height(decoder->handle);
    if (width <= 0 || height <= 0) {
        return osk_fault_set(fault, OSK_MALFORMED, "ispe", "no picture", OSK_NO_OFFSET);
    }
    decoder->info = (OskCodecInfo){ .width = (uint32_t)width,
                                    .height = (uint32_t)height,
                                    .orientation = 1,
                                    .frames = 1,
                                    .lossy = true,
                                    .reach = LOSSY_REACH };
    uint64_t area = (uint64_t)width * (uint64_t)height;
    unsigned sample = heif_image_handle_get_luma_bits_per_pixel(decoder->handle) > 8 ? 2 : 1;
    decoder->info.writing = area * OSK_HEIF_WRITING * sample;
    decoder->info.alpha = heif_image_handle_has_alpha_channel(decoder->handle) != 0;
    decoder->info.memory = area * OWN_BYTES * sample;
    /* The pixels are only asked for here; they are spent where the image is made. */
    if (area > decoder->budget->pixels ||
        !osk_budget_memory(decoder->budget, decoder->info.memory)) {
        return osk_fault_set(fault, OSK_LIMIT, "ispe", "the picture is too large to decode",
                             OSK_NO_OFFSET);
    }
    decoder->spent = decoder->info.memory;
    return read_profiles(decoder, fault);
}

static OskStatus read_header(OskDecoder *decoder, const uint8_t *bytes, size_t len, OskFault *fault)
{
    decoder->context = heif_context_alloc();
    if (decoder->context == NULL) {
        return no_memory(fault);
    }
    heif_context_set_max_decoding_threads(decoder->context, 0);
    heif_context_set_maximum_image_size_limit(decoder->context, SIDE_MOST);
    OskStatus status = osk_heif_fault(
        heif_context_read_from_memory_without_copy(decoder->context, bytes, len, NULL), fault);
    if (status == OSK_OK) {
        status = osk_heif_fault(
            heif_context_get_primary_image_handle(decoder->context, &decoder->handle), fault);
    }
    return status == OSK_OK ? describe(decoder, fault) : status;
}

static void close_heif(OskDecoder **decoder)
{
    OskDecoder *gone = *decoder;
    *decoder = NULL;
    if (gone == NULL) {
        return;
    }
    heif_nclx_color_profile_free(gone->nclx);
    heif_image_handle_release(gone->handle);
    heif_context_free(gone->context);
    free(gone->icc);
    osk_budget_return(gone->budget, gone->spent);
    free(gone);
}

static OskStatus open_as(enum heif_compression_format compression, const uint8_t *bytes, size_t len,
                         OskBudget *budget, OskDecoder **out_decoder, OskFault *fault)
{
    *out_decoder = NULL;
    /* A file with a movie in it shows that, and not its primary picture. */
    if (osk_avis_is(bytes, len)) {
        osk_fault_set(fault, OSK_UNSUPPORTED, "moov", "a moving picture in this format",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "save it as a GIF, WebP or APNG (for example: ffmpeg -i FILE "
                              "copy.apng), and redact that");
        return OSK_UNSUPPORTED;
    }
    OskDecoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return no_memory(fault);
    }
    *decoder = (OskDecoder){ .len = len, .budget = budget, .compression = compression };
    decoder->chroma = find_chroma(bytes, len);
    OskStatus status = read_header(decoder, bytes, len, fault);
    if (status != OSK_OK) {
        close_heif(&decoder);
        return status;
    }
    Turning turning = find_turning(bytes, len);
    decoder->orientation = own_orientation(decoder, turning);
    if (is_out_of_step(decoder, turning)) {
        decoder->chroma = heif_chroma_444;
    }
    *out_decoder = decoder;
    return OSK_OK;
}

static OskStatus open_heif(const uint8_t *bytes, size_t len, OskBudget *budget,
                           OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    OskStatus status = open_as(heif_compression_HEVC, bytes, len, budget, out_decoder, fault);
    if (status == OSK_OK) {
        *out_info = (*out_decoder)->info;
    }
    return status;
}

static OskStatus open_avif(const uint8_t *bytes, size_t len, OskBudget *budget,
                           OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    OskStatus status = open_as(heif_compression_AV1, bytes, len, budget, out_decoder, fault);
    if (status == OSK_OK) {
        *out_info = (*out_decoder)->info;
    }
    return status;
}

/* Copies one channel of the library's image into the picture's samples. */
static OskStatus take_channel(const struct heif_image *image, enum heif_channel channel,
                              OskImage *out, unsigned index, OskFault *fault)
{
    int stride = 0;
    unsigned samples = osk_pixel_samples(out->model);
    if (!heif_image_has_channel(image, channel) ||
        heif_image_get_bits_per_pixel_range(image, channel) != (int)out->depth ||
        heif_image_get_width(image, channel) < (int)out->width ||
        heif_image_get_height(image, channel) < (int)out->height) {
        return unsupported(fault, "channels of different depths or sizes");
    }
    const uint8_t *plane = heif_image_get_plane_readonly(image, channel, &stride);
    for (uint32_t y = 0; y < out->height; y++) {
        const uint8_t *from = plane + (size_t)y * (size_t)stride;
        uint8_t *to = out->pixels + (size_t)y * out->stride;
        for (uint32_t x = 0; x < out->width; x++) {
            size_t at = (size_t)x * samples + index;
            if (out->depth > 8) {
                ((uint16_t *)(void *)to)[at] = ((const uint16_t *)(const void *)from)[x];
            } else {
                to[at] = from[x];
            }
        }
    }
    return OSK_OK;
}

static OskStatus take_image(OskDecoder *decoder, const struct heif_image *image, OskImage *out,
                            OskFault *fault)
{
    static const enum heif_channel colours[3] = { heif_channel_R, heif_channel_G, heif_channel_B };
    bool grey = decoder->chroma == heif_chroma_monochrome;
    bool luma = heif_image_has_channel(image, heif_channel_Y) != 0;
    bool alpha = heif_image_has_channel(image, heif_channel_Alpha) != 0;
    enum heif_channel first = luma ? heif_channel_Y : heif_channel_R;
    /* A grid of grey tiles comes as red, green and blue that are all the same; luma of less than
     * the full range would have been stretched on the way. */
    if (grey && !luma && decoder->nclx != NULL && decoder->nclx->full_range_flag == 0) {
        return unsupported(fault, "grey tiles that don't use the full range");
    }
    if (!heif_image_has_channel(image, first) || (luma && !grey)) {
        return unsupported(fault, "a picture without colours");
    }
    int depth = heif_image_get_bits_per_pixel_range(image, first);
    bool swapped = decoder->orientation > 4;
    uint32_t width = swapped ? decoder->info.height : decoder->info.width;
    uint32_t height = swapped ? decoder->info.width : decoder->info.height;
    int more_x = heif_image_get_width(image, first) - (int)width;
    int more_y = heif_image_get_height(image, first) - (int)height;
    if (more_x < 0 || more_y < 0 || depth < 8 || depth > 16 ||
        (decoder->orientation == 1 && (more_x > 0 || more_y > 0))) {
        return osk_fault_set(fault, OSK_MALFORMED, "ispe", "the picture has another size or depth",
                             OSK_NO_OFFSET);
    }
    OskPixelModel model = grey ? (alpha ? OSK_PIXELS_GREY_ALPHA : OSK_PIXELS_GREY)
                               : (alpha ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB);
    OskStatus status = osk_image_make(out, width, height, model, (unsigned)depth, decoder->budget);
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "ispe", "the picture is too large to decode",
                             OSK_NO_OFFSET);
    }
    unsigned count = grey ? 1 : 3;
    for (unsigned i = 0; status == OSK_OK && i < count; i++) {
        status = take_channel(image, grey ? first : colours[i], out, i, fault);
    }
    if (status == OSK_OK && alpha) {
        status = take_channel(image, heif_channel_Alpha, out, count, fault);
        decoder->premultiplied = heif_image_handle_is_premultiplied_alpha(decoder->handle) != 0;
    }
    decoder->model = model;
    decoder->depth = (unsigned)depth;
    if (status == OSK_OK &&
        osk_image_orient(out, decoder->orientation, decoder->budget) != OSK_OK) {
        status = osk_fault_set(fault, OSK_LIMIT, "ispe", "the picture is too large to turn",
                               OSK_NO_OFFSET);
    }
    if (status != OSK_OK) {
        osk_image_free(out, decoder->budget);
    }
    return status;
}

static OskStatus next_heif(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    OskFrame frame = { .duration_den = 1 };
    struct heif_image *image = NULL;
    bool grey = decoder->chroma == heif_chroma_monochrome;
    if (decoder->given) {
        return OSK_MISUSE;
    }
    decoder->given = true;
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (options == NULL) {
        return no_memory(fault);
    }
    options->strict_decoding = 1;
    options->ignore_transformations = decoder->orientation != 1;
    /* libheif can't make a grid of grey tiles grey again: what is grey comes as it likes. */
    OskStatus status =
        osk_heif_fault(heif_decode_image(decoder->handle, &image,
                                         grey ? heif_colorspace_undefined : heif_colorspace_RGB,
                                         grey ? heif_chroma_undefined : heif_chroma_444, options),
                       fault);
    heif_decoding_options_free(options);
    if (status == OSK_OK) {
        status = take_image(decoder, image, &frame.image, fault);
    }
    heif_image_release(image);
    if (status == OSK_OK) {
        *out_frame = frame;
    }
    return status;
}

static const uint8_t *icc_heif(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->icc_len;
    return decoder->icc;
}

void osk_codec_heif_prepare(void)
{
    (void)heif_init(NULL);
    osk_heif_aom_register();
}

const OskCodec osk_codec_heif = {
    .format = "heif",
    .open = open_heif,
    .next = next_heif,
    .icc = icc_heif,
    .close = close_heif,
    .begin = osk_heif_begin,
    .add = osk_heif_add,
    .end = osk_heif_end,
    .drop = osk_heif_drop,
    .report = osk_heif_report,
};

const OskCodec osk_codec_avif_still = {
    .format = "avif",
    .open = open_avif,
    .next = next_heif,
    .icc = icc_heif,
    .close = close_heif,
    .begin = osk_heif_begin,
    .add = osk_heif_add,
    .end = osk_heif_end,
    .drop = osk_heif_drop,
    .report = osk_heif_report,
};
