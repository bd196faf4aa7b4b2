/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One driver for pictures of all formats: it sees frames as they are displayed over time. */
#include "oilskin/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "base/writer.h"
#include "edit/outline.h"
#include "pixels/codec.h"
#include "pixels/convert.h"
#include "pixels/crop.h"
#include "pixels/orient.h"
#include "pixels/resize.h"
#include "redact/areas.h"
#include "redact/cover.h"
#include "redact/paint.h"

/* Of fresh JPEGs: visibly the same, about the size that phones write. */
#define QUALITY_DEFAULT 92u
/* By how much more than twice a JPEG may grow when parts of it are covered: one that is all black
 * is smaller than what is painted on it. */
#define BLOCKS_ROOM ((size_t)16 << 20)

typedef struct Run {
    const OskEditAsk *ask;
    const OskCodec *codec;
    OskDecoder *decoder;
    OskCodecInfo info;
    OskEncoder *encoder;
    const OskCodec *writer; /* the codec of the output */
    OskRegions *regions;    /* NULL for none */
    OskNoise *noise;
    OskWriter blocks; /* a JPEG that was covered block by block; empty for none */
    OskBudget budget;
    OskEditDone *done;
    OskFault *fault;
} Run;

static OskStatus fail(Run *run, OskStatus status, const char *part, const char *what)
{
    return osk_fault_set(run->fault, status, part, what, OSK_NO_OFFSET);
}

/* Status of a function that sets no fault. */
static OskStatus check(Run *run, OskStatus status)
{
    switch (status) {
    case OSK_OK: return status;
    case OSK_LIMIT:
        osk_fault_set(run->fault, status, "picture",
                      "the picture is too large for the memory of a job", OSK_NO_OFFSET);
        osk_fault_next(run->fault,
                       "allow it more memory (--memory=8G), or use a smaller version of it");
        return status;
    case OSK_NO_MEMORY: return fail(run, status, "picture", "not enough memory");
    case OSK_IO: return fail(run, status, "picture", "the system has no randomness");
    default: return fail(run, status, "picture", "the picture can't be processed");
    }
}

static OskBudget make_budget(const OskLimits *limits)
{
    OskBudget budget = osk_budget_default();
    budget.memory = limits->memory != 0 ? limits->memory : budget.memory;
    budget.parts = limits->parts != 0 ? limits->parts : budget.parts;
    budget.pixels = limits->pixels != 0 ? limits->pixels : budget.pixels;
    budget.depth = limits->depth != 0 ? limits->depth : budget.depth;
    return budget;
}

/* ---- the picture ---- */

static OskStatus open_picture(Run *run, const uint8_t *bytes, size_t len)
{
    run->codec = osk_codec_find(run->ask->format);
    if (run->codec == NULL) {
        return fail(run, OSK_UNSUPPORTED, "picture", "there is no decoder for this format");
    }
    OskStatus status =
        run->codec->open(bytes, len, &run->budget, &run->decoder, &run->info, run->fault);
    if (status != OSK_OK) {
        return check(run, status);
    }
    OskCodecInfo *info = &run->info;
    uint64_t area = (uint64_t)info->width * info->height;
    if (area == 0 || info->frames == 0 || info->orientation < 1 || info->orientation > 8) {
        return fail(run, OSK_BUG, "picture", "the decoder says what can't be");
    }
    /* Before anything of that size is decoded. A pixel takes a byte at least; where it may be
     * covered, the map of that takes two, its groups four, the encoder's mask one. */
    uint64_t least = area * (run->ask->regions != NULL ? 8 : 1);
    if (area > run->budget.pixels || least > run->budget.memory ||
        info->frames > OSK_EDIT_FRAMES_MAX) {
        return check(run, OSK_LIMIT);
    }
    return OSK_OK;
}

static OskGeometry geometry_of(const Run *run, const OskImage *image)
{
    return (OskGeometry){ .width = image->width,
                          .height = image->height,
                          .orientation = run->info.orientation };
}

static void describe(Run *run)
{
    const OskCodecInfo *info = &run->info;
    OskGeometry geometry = { info->width, info->height, info->orientation };
    /* The frame as it is, as it becomes, and the map of what is covered: 16 bytes a pixel cover
     * all of it for 8-bit RGBA. */
    uint64_t area = (uint64_t)info->width * info->height;
    run->done->info = (OskPictureInfo){
        .width = osk_geometry_displayed_width(&geometry),
        .height = osk_geometry_displayed_height(&geometry),
        .frames = info->frames,
        .memory = info->memory + area * 16,
        .cell_width = 1,
        .cell_height = 1,
        .exact = !info->lossy,
    };
}

/* ---- regions ---- */

static OskStatus read_regions(Run *run)
{
    const OskEditAsk *ask = run->ask;
    if (ask->regions == NULL) {
        return OSK_OK;
    }
    OskStatus status = osk_regions_parse(ask->regions, ask->regions_len, &ask->defaults,
                                         &run->regions, run->fault);
    if (status == OSK_OK) {
        status = check(run, osk_noise_make(&run->noise, &ask->random, &run->budget));
    }
    return status;
}

/* What an encoder is told: a byte a pixel. */
static OskStatus make_mask(Run *run, const OskCoverMap *map, uint8_t **out_mask, uint64_t *out_len)
{
    uint64_t len = (uint64_t)map->columns * map->rows;
    if (!osk_budget_memory(&run->budget, len)) {
        return OSK_LIMIT;
    }
    uint8_t *mask = malloc((size_t)len);
    if (mask == NULL) {
        osk_budget_return(&run->budget, len);
        return OSK_NO_MEMORY;
    }
    for (uint64_t i = 0; i < len; i++) {
        mask[i] = map->cells[i] != OSK_COVER_NONE ? 1 : 0;
    }
    *out_mask = mask;
    *out_len = len;
    return OSK_OK;
}

/* A region in pixels says where something is on one page; on a page of another size, which may show
 * the same at another scale, that is elsewhere. */
static OskStatus check_page(Run *run, const OskGeometry *geometry)
{
    if (geometry->width == run->info.width && geometry->height == run->info.height) {
        return OSK_OK;
    }
    for (size_t i = 0; i < osk_regions_count(run->regions); i++) {
        const OskRegion *region = osk_regions_at(run->regions, i);
        if (region->unit == OSK_UNIT_PX && !region->has_frames && region->key_count == 0) {
            fail(run, OSK_UNSUPPORTED, "page",
                 "the pages differ in size, so that a region in pixels fits only one of them");
            osk_fault_next(run->fault, "say it in percent (rect:10%,10%,20%,20%), or say for each "
                                       "region which frames it is for, in a file of regions");
            return OSK_UNSUPPORTED;
        }
    }
    return OSK_OK;
}

/* Covers one frame. `out_mask` where not NULL: which pixels; the caller frees it. */
static OskStatus cover_frame(Run *run, OskImage *image, uint32_t frame, uint8_t **out_mask,
                             uint64_t *out_len)
{
    OskGeometry geometry = geometry_of(run, image);
    OskCoverMap map;
    OskStatus status = check_page(run, &geometry);
    if (status != OSK_OK) {
        return status;
    }
    status = osk_cover_make(&map, run->regions, &geometry, 1, 1, frame, &run->budget);
    if (status != OSK_OK) {
        return check(run, status);
    }
    osk_cover_grow(&map, run->info.reach);
    status = osk_cover_group(&map, &run->budget);
    if (status == OSK_OK && run->done->areas.count == 0) {
        status = osk_areas_find(&run->done->areas, &map, &geometry, &run->budget);
    }
    if (status == OSK_OK) {
        status = osk_paint_frame(image, &map, run->regions, run->noise, &run->budget);
    }
    if (status == OSK_OK && out_mask != NULL) {
        status = make_mask(run, &map, out_mask, out_len);
    }
    osk_cover_free(&map, &run->budget);
    return check(run, status);
}

/* ---- crop, turn, resize ---- */

static OskStatus crop(Run *run, OskImage *image)
{
    const OskEditAsk *ask = run->ask;
    OskGeometry geometry = geometry_of(run, image);
    if (!osk_range_within(ask->crop_x, ask->crop_width, osk_geometry_displayed_width(&geometry)) ||
        !osk_range_within(ask->crop_y, ask->crop_height,
                          osk_geometry_displayed_height(&geometry))) {
        return fail(run, OSK_UNSUPPORTED, "crop",
                    "what is to stay does not lie within the picture");
    }
    double x = ask->crop_x;
    double y = ask->crop_y;
    double w = ask->crop_width;
    double h = ask->crop_height;
    osk_geometry_box_to_stored(&geometry, &x, &y, &w, &h);
    OskPatch box = { (uint32_t)x, (uint32_t)y, (uint32_t)w, (uint32_t)h };
    return check(run, osk_image_crop(image, box, &run->budget));
}

static bool is_turned(const OskEditAsk *ask)
{
    return ask->turn != 0 || ask->mirror;
}

/* @param bake whether pixels are turned to how they are displayed. */
static OskStatus transform(Run *run, OskImage *image, bool bake)
{
    const OskEditAsk *ask = run->ask;
    OskStatus status = ask->crop ? crop(run, image) : OSK_OK;
    if (status == OSK_OK && bake) {
        unsigned how = osk_orientation_turn(run->info.orientation, ask->turn, ask->mirror);
        run->done->changes |= run->info.orientation != 1 ? (uint32_t)OSK_CHANGE_TURNED : 0u;
        status = check(run, osk_image_orient(image, how, &run->budget));
    }
    if (status == OSK_OK && ask->resize != 0) {
        uint32_t width = image->width;
        uint32_t height = image->height;
        osk_resize_fit(ask->resize, &width, &height);
        status = check(run, osk_image_resize(image, width, height, &run->budget));
    }
    return status;
}

/* ---- writing ---- */

static OskStatus begin_output(Run *run, const OskImage *first, const OskEncodeOptions *options)
{
    OskCodecInfo info = run->info;
    if (run->writer == NULL || run->writer->begin == NULL) {
        return fail(run, OSK_UNSUPPORTED, "picture", "this format can be read but not written");
    }
    info.width = first->width;
    info.height = first->height;
    info.orientation = options->orientation;
    return check(run, run->writer->begin(options, &info, &run->budget, &run->encoder, run->fault));
}

static OskStatus end_output(Run *run, OskWriter *out)
{
    OskEncodeReport report = { .measured = false };
    OskStatus status = check(run, run->writer->end(run->encoder, out, run->fault));
    if (status == OSK_OK && run->writer->report != NULL) {
        run->writer->report(run->encoder, &report);
        run->done->centibel = report.measured ? report.centibel : 0;
        run->done->note = report.note;
    }
    return status;
}

static void say_progress(const Run *run, uint32_t done, uint32_t total)
{
    if (run->ask->progress != NULL) {
        run->ask->progress(run->ask->context, done, total);
    }
}

/* What is left of a picture is shown only where nothing else was asked. */
static OskStatus next_frame(Run *run, OskFrame *frame)
{
    OskStatus status = check(run, run->codec->next(run->decoder, frame, run->fault));
    if (status != OSK_OK || !frame->cut) {
        return status;
    }
    if (run->ask->op != OSK_EDIT_RENDER || run->regions != NULL) {
        return fail(run, OSK_TRUNCATED, "picture", "the picture ends early");
    }
    run->done->changes |= (uint32_t)OSK_CHANGE_CUT;
    return OSK_OK;
}

/* One frame from decoder to encoder. */
static OskStatus redact_frame(Run *run, uint32_t number)
{
    const OskEditAsk *ask = run->ask;
    bool moved = ask->crop || is_turned(ask) || ask->resize != 0;
    OskFrame frame;
    uint8_t *mask = NULL;
    uint64_t mask_len = 0;
    memset(&frame, 0, sizeof(frame));
    OskStatus status = next_frame(run, &frame);
    if (status == OSK_OK && run->regions != NULL) {
        status = cover_frame(run, &frame.image, number, moved ? NULL : &mask, &mask_len);
    }
    frame.covered = mask;
    if (status == OSK_OK) {
        status = transform(run, &frame.image, is_turned(ask));
    }
    if (status == OSK_OK && number == 0) {
        bool turned = is_turned(ask);
        unsigned how = osk_orientation_turn(run->info.orientation, ask->turn, ask->mirror);
        const OskEncodeOptions options = { .like = run->decoder,
                                           .orientation = turned ? 1 : run->info.orientation,
                                           .swapped = turned && how >= 5 };
        status = begin_output(run, &frame.image, &options);
    }
    if (status == OSK_OK) {
        status = check(run, run->writer->add(run->encoder, &frame, run->fault));
    }
    free(mask);
    osk_budget_return(&run->budget, mask_len);
    osk_image_free(&frame.image, &run->budget);
    return status;
}

/* Decoding a picture that can't be written again would be work for nothing. */
static OskStatus ask_for_writing(Run *run)
{
    const OskEditAsk *ask = run->ask;
    if (ask->crop || ask->resize != 0) {
        return OSK_OK;
    }
    if (osk_budget_memory(&run->budget, run->info.writing)) {
        osk_budget_return(&run->budget, run->info.writing);
        return OSK_OK;
    }
    fail(run, OSK_LIMIT, "picture", "the picture is too large to be saved again as it is");
    osk_fault_next(run->fault, "run it again with --resize 4096, which makes a smaller copy; "
                               "regions stay where they are");
    return OSK_LIMIT;
}

static OskStatus redact(Run *run, OskWriter *out)
{
    OskStatus status = ask_for_writing(run);
    run->writer = run->codec;
    for (uint32_t i = 0; i < run->info.frames && status == OSK_OK; i++) {
        /* Frames come and go: each may be as large as the limit. */
        uint64_t pixels = run->budget.pixels;
        status = redact_frame(run, i);
        run->budget.pixels = pixels;
        say_progress(run, i + 1, run->info.frames);
    }
    run->done->changes |= run->info.lossy ? (uint32_t)OSK_CHANGE_ENCODED_AGAIN : 0u;
    /* The edge of what is covered is as hard as any; a codec that measures nothing keeps the
     * quantisers of the file. */
    bool beside = run->regions != NULL && run->info.lossy && run->info.reach > 0 &&
                  run->codec->report == NULL;
    run->done->changes |= beside ? (uint32_t)OSK_CHANGE_BESIDE : 0u;
    return status == OSK_OK ? end_output(run, out) : status;
}

/* ---- rendering ---- */

static const char *choose_format(const Run *run, const OskImage *image)
{
    const char *asked = run->ask->output_format;
    bool png = !run->info.lossy || image->model == OSK_PIXELS_INDEXED || osk_image_is_clear(image);
    return asked[0] != 0 ? asked : png ? "png" : "jpeg";
}

/* The image becomes what the output format can hold. */
static OskStatus fit_model(Run *run, OskImage *image, bool jpeg, OskConversion *lost)
{
    OskPixelModel model = image->model;
    unsigned depth = image->depth > 8 ? 16 : 8;
    bool preview = run->regions != NULL;
    *lost = (OskConversion){ 0 };
    if (jpeg) {
        bool grey = model == OSK_PIXELS_GREY || model == OSK_PIXELS_GREY_ALPHA;
        model = grey ? OSK_PIXELS_GREY : OSK_PIXELS_RGB;
        depth = 8;
    } else if (preview) {
        model = osk_image_is_clear(image) ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB;
        depth = 8;
    } else if (model == OSK_PIXELS_CMYK) {
        model = OSK_PIXELS_RGB;
    } else {
        return OSK_OK;
    }
    OskStatus status = check(run, osk_image_convert(image, model, depth, lost, &run->budget));
    run->done->changes |= lost->alpha ? (uint32_t)OSK_CHANGE_ALPHA : 0u;
    run->done->changes |= lost->inks || lost->depth ? (uint32_t)OSK_CHANGE_COLORS : 0u;
    return status;
}

static bool take_blocks(void *context, const void *bytes, size_t len)
{
    OskWriter *out = context;
    osk_writer_bytes(out, bytes, len);
    return osk_writer_ok(out);
}

/* A copy of a JPEG is covered block by block, without decoding it. So that a preview shows what
 * such a copy will show, the same is done here, and the result is decoded. */
static OskStatus cover_blocks(Run *run)
{
    const OskEditAsk *ask = run->ask;
    OskPictureInfo *info = &run->done->info;
    OskRedactOptions options = { .random = run->ask->random,
                                 .limits = ask->limits,
                                 .areas = &run->done->areas };
    OskSink sink = { .context = &run->blocks, .write = take_blocks };
    size_t len = ask->len;
    osk_writer_init(&run->blocks, 2 * len + BLOCKS_ROOM);
    run->codec->close(&run->decoder);
    OskStatus status = osk_redact_jpeg_info(run->ask->bytes, len, info, run->fault);
    if (status == OSK_OK) {
        status = osk_redact_jpeg(run->ask->bytes, len, run->regions, &options, &sink, run->fault);
    }
    return status == OSK_OK ? open_picture(run, run->blocks.bytes, run->blocks.len) : status;
}

/* The first frame; the first in which something is covered where regions are shown, the last where
 * there is none. */
static OskStatus find_frame(Run *run, OskFrame *frame)
{
    bool looks = run->regions != NULL && run->blocks.len == 0;
    uint64_t pixels = run->budget.pixels;
    OskStatus status = OSK_OK;
    for (uint32_t i = 0; status == OSK_OK && i < (looks ? run->info.frames : 1); i++) {
        osk_image_free(&frame->image, &run->budget);
        run->budget.pixels = pixels;
        status = next_frame(run, frame);
        if (status == OSK_OK && looks) {
            status = cover_frame(run, &frame->image, i, NULL, NULL);
            looks = run->done->areas.count == 0;
        }
    }
    return status;
}

static OskStatus render_frame(Run *run, OskFrame *frame, OskWriter *out)
{
    OskConversion lost;
    OskImage *image = &frame->image;
    OskStatus status = find_frame(run, frame);
    if (status != OSK_OK) {
        return status;
    }
    const char *format = choose_format(run, image);
    run->writer = osk_codec_find(format);
    status = fit_model(run, image, strcmp(format, "jpeg") == 0, &lost);
    if (status == OSK_OK && run->regions != NULL && image->model != OSK_PIXELS_GREY) {
        OskGeometry geometry = geometry_of(run, image);
        osk_outline_draw(image, &run->done->areas, &geometry);
    }
    if (status == OSK_OK) {
        status = transform(run, image, true);
    }
    OskEncodeOptions options = { .orientation = 1 };
    unsigned quality = run->ask->quality;
    options.quality = quality != 0 ? quality : QUALITY_DEFAULT;
    if (!lost.inks && !lost.colors) {
        options.icc = run->codec->icc(run->decoder, &options.icc_len);
    }
    run->info.frames = 1;
    run->info.alpha = image->model == OSK_PIXELS_RGBA || image->model == OSK_PIXELS_GREY_ALPHA;
    if (status == OSK_OK) {
        status = begin_output(run, image, &options);
    }
    if (status == OSK_OK) {
        frame->duration_num = 0;
        frame->duration_den = 1;
        status = check(run, run->writer->add(run->encoder, frame, run->fault));
    }
    return status == OSK_OK ? end_output(run, out) : status;
}

static OskStatus render(Run *run, OskWriter *out)
{
    OskFrame frame;
    memset(&frame, 0, sizeof(frame));
    run->done->changes |= run->info.frames > 1 ? (uint32_t)OSK_CHANGE_FIRST_FRAME : 0u;
    OskStatus status = OSK_OK;
    if (run->regions != NULL && strcmp(run->ask->format, "jpeg") == 0) {
        status = cover_blocks(run);
    }
    if (status == OSK_OK) {
        status = render_frame(run, &frame, out);
    }
    osk_image_free(&frame.image, &run->budget);
    return status;
}

static OskStatus run_op(Run *run, OskWriter *out)
{
    OskStatus status = open_picture(run, run->ask->bytes, run->ask->len);
    if (status != OSK_OK) {
        return status;
    }
    describe(run);
    if (run->ask->op == OSK_EDIT_INFO) {
        return OSK_OK;
    }
    status = read_regions(run);
    if (status == OSK_OK) {
        status = run->ask->op == OSK_EDIT_REDACT ? redact(run, out) : render(run, out);
    }
    return status;
}

/* What was written, handed over. */
static OskStatus give_output(OskWriter *out, uint8_t **out_bytes, size_t *out_len, OskFault *fault)
{
    if (!osk_writer_ok(out)) {
        return osk_fault_set(fault, OSK_LIMIT, "picture", "the result is larger than it may be",
                             OSK_NO_OFFSET);
    }
    if (out->len > 0) {
        *out_bytes = osk_writer_give(out, out_len);
    }
    return OSK_OK;
}

OskStatus osk_edit_bytes(const OskEditAsk *ask, uint8_t **out_bytes, size_t *out_len,
                         OskEditDone *out_done, OskFault *fault)
{
    Run run = { .ask = ask, .budget = make_budget(&ask->limits), .done = out_done, .fault = fault };
    OskWriter out;
    *out_done = (OskEditDone){ 0 };
    *out_bytes = NULL;
    *out_len = 0;
    osk_writer_init(&out, ask->output_max);
    OskStatus status = run_op(&run, &out);
    if (run.encoder != NULL) {
        run.writer->drop(&run.encoder);
    }
    if (run.decoder != NULL) {
        run.codec->close(&run.decoder);
    }
    osk_writer_free(&run.blocks);
    osk_noise_free(&run.noise, &run.budget);
    osk_regions_free(&run.regions);
    if (status == OSK_OK) {
        status = give_output(&out, out_bytes, out_len, fault);
    }
    osk_writer_free(&out);
    return status;
}
