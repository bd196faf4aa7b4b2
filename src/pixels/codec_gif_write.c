/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIF, written with giflib.
 *
 * The first frame is the whole screen, each other the box that differs from the canvas before it;
 * pixels in it that stay as they are are transparent. A frame waits for the next one, since only it
 * can say, by its disposal, that pixels become transparent again.
 *
 * Colours are exact wherever nothing is painted. When a box has more than a table holds, painted
 * pixels give way first: they share the entries that the others leave, and are mixed from those.
 * When pixels that are not painted still have too many (a region that moves on uncovers colours of
 * earlier frames), the frame is written in parts that share its time, two hundredths of a second
 * for all but the last: at its end every pixel is exact. Where there is no time to share, the
 * animation is refused.
 *
 * Tables are made of the colours that are written, in the order of their bytes, so that they tell
 * nothing of what was there before. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/codec_gif.h"
#include "pixels/colors.h"
#include "pixels/composite.h"
#include "pixels/tally.h"

/* Browsers show a frame of less than two hundredths of a second for ten. */
#define PART_DELAY 2u

/* How many colours that are painted make them no flat cells. */
#define FLAT_COLORS 200u
/* How far colours are moved to be mixed from few others; where there are many, bands are too narrow
 * to be seen, and mixing would only make the file larger. */
#define MIX_REACH 22

struct OskEncoder {
    OskBudget *budget;
    const OskDecoder *like;
    OskImage base;    /* RGBA: what stands before the pending frame is drawn */
    OskImage pending; /* RGBA */
    uint8_t *covered; /* of the pending frame, or NULL */
    uint64_t cover_len;
    uint32_t delay; /* of the pending frame, hundredths of a second */
    uint32_t frames;
    bool moves;
    OskColors global;
    bool global_clear; /* the entry behind its colours is transparent */
    GifFileType *gif;
    OskWriter body;
    uint64_t held;
};

/* How the colours of one box become indices. */
typedef struct Plan {
    OskPatch box;
    bool clear;       /* pixels that stay are transparent */
    bool nearest;     /* painted pixels take the nearest colour there is */
    bool smooth;      /* and mix them, as they have more than flat cells would */
    int reach;        /* how far their colours are moved for that */
    bool partial;     /* pixels whose colour has no place stay as they are */
    bool uses_clear;  /* some pixel is transparent */
    OskColors colors; /* to be written */
} Plan;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "picture", what, OSK_NO_OFFSET);
}

static int write_body(GifFileType *gif, const GifByteType *bytes, int len)
{
    OskEncoder *e = gif->UserData;
    size_t n = len > 0 ? (size_t)len : 0;
    if (!osk_budget_memory(e->budget, n)) {
        e->body.failed = true;
        return 0;
    }
    e->held += n;
    osk_writer_bytes(&e->body, bytes, n);
    return osk_writer_ok(&e->body) ? len : 0;
}

OskStatus osk_gif_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    int error = 0;
    (void)fault;
    *out_encoder = NULL;
    OskEncoder *e = calloc(1, sizeof *e);
    if (e == NULL) {
        return OSK_NO_MEMORY;
    }
    e->budget = budget;
    e->like = options->like;
    e->moves = info->frames > 1;
    osk_writer_init(&e->body, SIZE_MAX);
    e->gif = EGifOpen(e, write_body, &error);
    if (e->gif == NULL) {
        osk_gif_drop(&e);
        return OSK_NO_MEMORY;
    }
    *out_encoder = e;
    return OSK_OK;
}

static void free_cover(OskEncoder *e)
{
    free(e->covered);
    osk_budget_return(e->budget, e->cover_len);
    e->covered = NULL;
    e->cover_len = 0;
}

void osk_gif_drop(OskEncoder **encoder)
{
    OskEncoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    if (e->gif != NULL) {
        (void)EGifCloseFile(e->gif, NULL);
    }
    free_cover(e);
    osk_image_free(&e->base, e->budget);
    osk_image_free(&e->pending, e->budget);
    osk_writer_free(&e->body);
    osk_budget_return(e->budget, e->held);
    free(e);
    *encoder = NULL;
}

/* ---- colours ---- */

static uint32_t color_at(const OskImage *image, size_t pixel)
{
    uint32_t color = 0;
    memcpy(&color, image->pixels + 4 * pixel, 4);
    return color;
}

/* Ordered thresholds from 0 to 63, which share out what rounding takes away: a bit of x and one of
 * x xor y in turn, the finest last. */
static unsigned threshold_at(size_t x, size_t y)
{
    unsigned threshold = 0;
    for (unsigned bit = 0; bit < 3; bit++) {
        threshold = threshold << 2 | (unsigned)((x ^ y) >> bit & 1) << 1 | (unsigned)(y >> bit & 1);
    }
    return threshold;
}

/* The colour moved by its threshold, so that the nearest one is now this, now that. */
static uint32_t with_threshold(const OskEncoder *e, size_t pixel, int reach)
{
    uint32_t color = color_at(&e->pending, pixel);
    int more = (int)threshold_at(pixel % e->pending.width, pixel / e->pending.width) - 32;
    uint8_t v[4];
    memcpy(v, &color, 4);
    for (unsigned i = 0; i < 3; i++) {
        int moved = v[i] + more * reach / 32;
        v[i] = (uint8_t)(moved < 0 ? 0 : moved > 255 ? 255 : moved);
    }
    memcpy(&color, v, 4);
    return color;
}

static bool stays(const OskEncoder *e, size_t pixel)
{
    return color_at(&e->pending, pixel) == color_at(&e->base, pixel);
}

static bool is_painted(const OskEncoder *e, size_t pixel)
{
    return e->covered == NULL || e->covered[pixel] != 0;
}

/* Takes one pixel into the plan; false when its colour has no place. */
static bool plan_pixel(const OskEncoder *e, Plan *plan, size_t pixel)
{
    uint32_t color = color_at(&e->pending, pixel);
    unsigned most = plan->clear ? OSK_COLORS_MAX - 1 : OSK_COLORS_MAX;
    if (stays(e, pixel) && (plan->clear || color == 0)) {
        plan->uses_clear = true;
        return plan->clear;
    }
    if (plan->nearest && is_painted(e, pixel)) {
        return true;
    }
    if (osk_colors_add(&plan->colors, color, most) < 0) {
        plan->uses_clear = plan->uses_clear || plan->partial;
        return plan->partial;
    }
    return true;
}

/* Whether every colour of the box has a place. */
static bool plan_fits(const OskEncoder *e, Plan *plan)
{
    plan->colors = (OskColors){ 0 };
    plan->uses_clear = false;
    for (uint32_t y = 0; y < plan->box.height; y++) {
        size_t row = (size_t)(plan->box.y + y) * e->pending.width + plan->box.x;
        for (uint32_t x = 0; x < plan->box.width; x++) {
            if (!plan_pixel(e, plan, row + x)) {
                return false;
            }
        }
    }
    return true;
}

/* The entries that are left go to painted pixels. */
static OskStatus share_table(const OskEncoder *e, Plan *plan)
{
    unsigned most = plan->clear ? OSK_COLORS_MAX - 1 : OSK_COLORS_MAX;
    unsigned others = plan->colors.count;
    OskTally *tally = calloc(1, sizeof *tally);
    if (tally == NULL) {
        return OSK_NO_MEMORY;
    }
    for (uint32_t y = 0; y < plan->box.height; y++) {
        size_t row = (size_t)(plan->box.y + y) * e->pending.width + plan->box.x;
        for (uint32_t x = 0; x < plan->box.width; x++) {
            uint32_t color = color_at(&e->pending, row + x);
            if (is_painted(e, row + x) && !(stays(e, row + x) && plan->clear) && color != 0) {
                osk_tally_add(tally, color);
            }
        }
    }
    osk_tally_cut(tally, most, &plan->colors);
    free(tally);
    unsigned shared = plan->colors.count - others;
    plan->reach = shared < 32 ? MIX_REACH : shared < 96 ? MIX_REACH / 2 : 0;
    return OSK_OK;
}

/* Whether what is painted has more colours than fills and mosaics have. */
static bool is_smooth(const OskEncoder *e)
{
    OskColors colors = { 0 };
    for (size_t i = 0; i < (size_t)e->pending.width * e->pending.height; i++) {
        if (is_painted(e, i) &&
            osk_colors_add(&colors, color_at(&e->pending, i), FLAT_COLORS) < 0) {
            return true;
        }
    }
    return false;
}

static OskStatus make_plan(const OskEncoder *e, OskPatch box, Plan *plan)
{
    *plan = (Plan){ .box = box };
    for (unsigned i = 0; i < 4; i++) {
        plan->clear = i % 2 == 0;
        plan->nearest = i >= 2;
        if (plan_fits(e, plan)) {
            plan->smooth = plan->nearest && is_smooth(e);
            return plan->nearest ? share_table(e, plan) : OSK_OK;
        }
    }
    plan->clear = true;
    plan->partial = true;
    plan->smooth = is_smooth(e);
    plan->reach = MIX_REACH;
    (void)plan_fits(e, plan);
    return OSK_OK;
}

/* The index of a pixel: of its colour, or of the transparent entry. */
static unsigned index_of(const OskEncoder *e, const Plan *plan, const OskColors *table,
                         size_t pixel)
{
    uint32_t color = color_at(&e->pending, pixel);
    if (stays(e, pixel) && (plan->clear || color == 0)) {
        return table->count;
    }
    if (plan->nearest && is_painted(e, pixel)) {
        color = plan->smooth ? with_threshold(e, pixel, plan->reach) : color;
        int nearest = osk_colors_nearest(&plan->colors, color);
        color = plan->colors.color[nearest < 0 ? 0 : nearest];
    }
    int index = osk_colors_find(table, color);
    return index < 0 ? table->count : (unsigned)index;
}

/* ---- blocks ---- */

static ColorMapObject *make_map(const OskColors *colors, bool clear)
{
    GifColorType entries[OSK_COLORS_MAX] = { 0 };
    int count = 2;
    while (count < (int)(colors->count + (clear ? 1u : 0u))) {
        count *= 2;
    }
    for (unsigned i = 0; i < colors->count; i++) {
        uint8_t v[4];
        memcpy(v, &colors->color[i], 4);
        entries[i] = (GifColorType){ .Red = v[0], .Green = v[1], .Blue = v[2] };
    }
    return GifMakeMapObject(count, entries);
}

static bool write_application(OskEncoder *e, const char *name, const uint8_t *bytes, size_t len)
{
    bool ok = EGifPutExtensionLeader(e->gif, APPLICATION_EXT_FUNC_CODE) != GIF_ERROR &&
              EGifPutExtensionBlock(e->gif, 11, name) != GIF_ERROR;
    while (ok && len > 0) {
        size_t n = len < 255 ? len : 255;
        ok = EGifPutExtensionBlock(e->gif, (int)n, bytes) != GIF_ERROR;
        bytes += n;
        len -= n;
    }
    return ok && EGifPutExtensionTrailer(e->gif) != GIF_ERROR;
}

/* Screen, global table, loops, profile. */
static bool write_head(OskEncoder *e, const Plan *plan)
{
    const OskDecoder *like = e->like;
    e->global = plan->colors;
    e->global_clear = plan->uses_clear || (e->moves && plan->colors.count < OSK_COLORS_MAX);
    ColorMapObject *map = make_map(&e->global, e->global_clear);
    if (map == NULL) {
        return false;
    }
    /* Version and bits of colour are not the original's: encoders choose them by all its pixels. */
    EGifSetGifVersion(e->gif, true);
    e->gif->AspectByte = like != NULL ? like->aspect : 0;
    bool ok = EGifPutScreenDesc(e->gif, (int)e->pending.width, (int)e->pending.height, 8, 0, map) !=
              GIF_ERROR;
    GifFreeMapObject(map);
    bool loops = like != NULL ? like->loops : e->moves;
    unsigned count = like != NULL ? like->loop_count : 0;
    uint8_t loop[3] = { 1, (uint8_t)count, (uint8_t)(count >> 8) };
    if (ok && loops) {
        ok = write_application(e, "NETSCAPE2.0", loop, sizeof loop);
    }
    if (ok && like != NULL && like->icc_len > 0) {
        ok = write_application(e, "ICCRGBG1012", like->icc, like->icc_len);
    }
    return ok;
}

static bool write_control(OskEncoder *e, const Plan *plan, uint32_t delay, int disposal,
                          unsigned clear_index)
{
    GifByteType bytes[4];
    GraphicsControlBlock control = { .DisposalMode = disposal,
                                     .DelayTime = (int)delay,
                                     .TransparentColor = plan->uses_clear ? (int)clear_index
                                                                          : NO_TRANSPARENT_COLOR };
    if (!e->moves && !plan->uses_clear && delay == 0) {
        return true;
    }
    (void)EGifGCBToExtension(&control, bytes);
    return EGifPutExtension(e->gif, GRAPHICS_EXT_FUNC_CODE, sizeof bytes, bytes) != GIF_ERROR;
}

/* Rows as indices; pixels that were drawn are in the base from here on. */
static bool write_rows(OskEncoder *e, const Plan *plan, const OskColors *table, bool interlace,
                       uint8_t *row)
{
    static const uint8_t first[5] = { 0, 4, 2, 1, 0 };
    static const uint8_t step[5] = { 8, 8, 4, 2, 1 };
    for (unsigned pass = interlace ? 0 : 4; pass < (interlace ? 4u : 5u); pass++) {
        for (uint32_t y = first[pass]; y < plan->box.height; y += step[pass]) {
            size_t at = (size_t)(plan->box.y + y) * e->pending.width + plan->box.x;
            for (uint32_t x = 0; x < plan->box.width; x++) {
                unsigned index = index_of(e, plan, table, at + x);
                row[x] = (uint8_t)index;
                /* A painted pixel counts as drawn even where its colour is only near. */
                if (index < table->count) {
                    memcpy(e->base.pixels + 4 * (at + x), e->pending.pixels + 4 * (at + x), 4);
                }
            }
            if (EGifPutLine(e->gif, row, (int)plan->box.width) == GIF_ERROR) {
                return false;
            }
        }
    }
    return true;
}

static bool is_subset(const OskColors *colors, const OskColors *of)
{
    for (unsigned i = 0; i < colors->count; i++) {
        if (osk_colors_find(of, colors->color[i]) < 0) {
            return false;
        }
    }
    return true;
}

static OskStatus write_picture(OskEncoder *e, Plan *plan, uint32_t delay, int disposal,
                               OskFault *fault)
{
    bool first = e->frames == 0;
    bool interlace = first && e->like != NULL && e->like->interlace;
    osk_colors_sort(&plan->colors);
    bool ok = !first || write_head(e, plan);
    bool global = is_subset(&plan->colors, &e->global) && (!plan->uses_clear || e->global_clear);
    const OskColors *table = global ? &e->global : &plan->colors;
    ColorMapObject *map = global ? NULL : make_map(&plan->colors, plan->uses_clear);
    if (global && e->gif->Image.ColorMap != NULL) {
        /* giflib 5.2 forgets the table of the picture before. */
        GifFreeMapObject(e->gif->Image.ColorMap);
        e->gif->Image.ColorMap = NULL;
    }
    uint8_t *row = malloc(plan->box.width);
    OskStatus status = row == NULL || (!global && map == NULL) ? OSK_NO_MEMORY : OSK_OK;
    if (status == OSK_OK) {
        ok = ok && write_control(e, plan, delay, disposal, table->count) &&
             EGifPutImageDesc(e->gif, (int)plan->box.x, (int)plan->box.y, (int)plan->box.width,
                              (int)plan->box.height, interlace, map) != GIF_ERROR &&
             write_rows(e, plan, table, interlace, row);
        status = ok ? OSK_OK : fail(fault, OSK_LIMIT, "the result is larger than the limit");
    }
    free(row);
    if (map != NULL) {
        GifFreeMapObject(map);
    }
    e->frames++;
    return status;
}

/* ---- frames ---- */

static OskPatch join(OskPatch a, OskPatch b)
{
    if (a.width == 0 || b.width == 0) {
        return a.width == 0 ? b : a;
    }
    uint32_t x = a.x < b.x ? a.x : b.x;
    uint32_t y = a.y < b.y ? a.y : b.y;
    uint32_t right = a.x + a.width > b.x + b.width ? a.x + a.width : b.x + b.width;
    uint32_t bottom = a.y + a.height > b.y + b.height ? a.y + a.height : b.y + b.height;
    return (OskPatch){ x, y, right - x, bottom - y };
}

/* What becomes transparent in the next canvas. */
static OskPatch find_cleared(const OskImage *now, const OskImage *next)
{
    OskPatch box = { 0 };
    for (uint32_t y = 0; y < now->height; y++) {
        uint32_t left = now->width;
        uint32_t right = 0;
        for (uint32_t x = 0; x < now->width; x++) {
            size_t pixel = (size_t)y * now->width + x;
            if (color_at(next, pixel) == 0 && color_at(now, pixel) != 0) {
                left = left < x ? left : x;
                right = x + 1;
            }
        }
        if (right > left) {
            box = join(box, (OskPatch){ left, y, right - left, 1 });
        }
    }
    return box;
}

/* The plan of the pending frame. Where the first frame leaves the screen out, or no entry is
 * transparent, readers other than browsers show a colour of the table: so it is the whole screen,
 * unless only a smaller one has room for its colours. */
static OskStatus plan_frame(const OskEncoder *e, OskPatch cleared, Plan *plan)
{
    OskPatch box = join(osk_image_difference(&e->pending, &e->base), cleared);
    if (e->frames == 0) {
        OskPatch whole = { .width = e->pending.width, .height = e->pending.height };
        OskStatus status = make_plan(e, whole, plan);
        if (status != OSK_OK || !plan->partial) {
            return status;
        }
    }
    if (box.width == 0) {
        box = (OskPatch){ .width = 1, .height = 1 };
    }
    return make_plan(e, box, plan);
}

/* Writes the pending frame. `cleared`: what must be transparent when it is gone. */
static OskStatus flush(OskEncoder *e, OskPatch cleared, OskFault *fault)
{
    int disposal = cleared.width > 0 ? DISPOSE_BACKGROUND : DISPOSE_DO_NOT;
    Plan plan;
    uint32_t delay = e->delay;
    OskStatus status = plan_frame(e, cleared, &plan);
    OskPatch box = plan.box;
    while (status == OSK_OK && plan.partial) {
        if (delay < 2 * PART_DELAY || !e->moves) {
            osk_fault_set(fault, OSK_UNSUPPORTED, "picture",
                          "more colours change at once than a frame of a GIF holds", OSK_NO_OFFSET);
            osk_fault_next(fault, "let the region stay where it is over all frames");
            return OSK_UNSUPPORTED;
        }
        status = write_picture(e, &plan, PART_DELAY, DISPOSE_DO_NOT, fault);
        delay -= PART_DELAY;
        status = status == OSK_OK ? make_plan(e, box, &plan) : status;
    }
    if (status != OSK_OK) {
        return status;
    }
    /* Readers other than browsers clear to a colour where a frame has no transparent entry. */
    plan.uses_clear =
        plan.uses_clear || (disposal == DISPOSE_BACKGROUND && plan.colors.count < OSK_COLORS_MAX);
    status = write_picture(e, &plan, delay, disposal, fault);
    osk_image_free(&e->base, e->budget);
    e->base = e->pending;
    e->pending = (OskImage){ 0 };
    if (disposal == DISPOSE_BACKGROUND) {
        osk_composite_clear(&e->base, box, 0);
    }
    free_cover(e);
    return status;
}

/* Any frame as RGBA where alpha is all or nothing, and what is transparent is zero. */
static OskStatus normalise(OskEncoder *e, const OskImage *in, OskImage *out, OskFault *fault)
{
    unsigned samples = osk_pixel_samples(in->model);
    if (in->depth != 8 || in->model == OSK_PIXELS_CMYK || in->width > UINT16_MAX ||
        in->height > UINT16_MAX) {
        return fail(fault, OSK_UNSUPPORTED, "GIF has no such pixels");
    }
    OskStatus status = osk_image_make(out, in->width, in->height, OSK_PIXELS_RGBA, 8, e->budget);
    if (status != OSK_OK) {
        return status == OSK_LIMIT ? fail(fault, status, "the animation is too large") : status;
    }
    for (uint32_t y = 0; y < in->height; y++) {
        const uint8_t *from = in->pixels + y * in->stride;
        uint8_t *to = out->pixels + y * out->stride;
        for (uint32_t x = 0; x < in->width; x++, from += samples, to += 4) {
            uint8_t v[4] = { from[0], from[0], from[0], 255 };
            if (in->model == OSK_PIXELS_INDEXED) {
                memcpy(v, in->palette[from[0]], 4);
            } else if (samples >= 3) {
                memcpy(v, from, samples);
            } else if (samples == 2) {
                v[3] = from[1];
            }
            v[3] = v[3] < 128 ? 0 : 255;
            memcpy(to, v, v[3] == 0 ? 0 : 4);
        }
    }
    return OSK_OK;
}

static OskStatus keep_cover(OskEncoder *e, const OskFrame *frame, OskFault *fault)
{
    size_t len = (size_t)frame->image.width * frame->image.height;
    if (frame->covered == NULL) {
        return OSK_OK;
    }
    if (!osk_budget_memory(e->budget, len)) {
        return fail(fault, OSK_LIMIT, "the animation is larger than the limit");
    }
    e->cover_len = len;
    e->covered = malloc(len);
    if (e->covered == NULL) {
        return OSK_NO_MEMORY;
    }
    memcpy(e->covered, frame->covered, len);
    return OSK_OK;
}

OskStatus osk_gif_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    OskEncoder *e = encoder;
    OskImage image = { 0 };
    OskStatus status = normalise(e, &frame->image, &image, fault);
    if (status == OSK_OK && e->base.pixels == NULL) {
        status = osk_image_make(&e->base, image.width, image.height, OSK_PIXELS_RGBA, 8, e->budget);
        status = status == OSK_LIMIT ? fail(fault, status, "the picture is too large") : status;
    } else if (status == OSK_OK &&
               (image.width != e->base.width || !e->moves || image.height != e->base.height)) {
        status = fail(fault, OSK_MISUSE, "frames differ in size");
    }
    if (status == OSK_OK && e->pending.pixels != NULL) {
        status = flush(e, find_cleared(&e->pending, &image), fault);
    }
    if (status != OSK_OK) {
        osk_image_free(&image, e->budget);
        return status;
    }
    e->pending = image;
    uint64_t den = frame->duration_den != 0 ? frame->duration_den : 1;
    uint64_t delay = ((uint64_t)frame->duration_num * 100 + den / 2) / den;
    e->delay = delay > UINT16_MAX ? UINT16_MAX : (uint32_t)delay;
    return keep_cover(e, frame, fault);
}

OskStatus osk_gif_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    OskEncoder *e = encoder;
    if (e->pending.pixels == NULL) {
        return fail(fault, OSK_MISUSE, "no frame was given");
    }
    OskStatus status = flush(e, (OskPatch){ 0 }, fault);
    if (status != OSK_OK) {
        return status;
    }
    int closed = EGifCloseFile(e->gif, NULL);
    e->gif = NULL;
    if (closed == GIF_ERROR || !osk_writer_ok(&e->body)) {
        return fail(fault, OSK_LIMIT, "the result is larger than the limit");
    }
    osk_writer_bytes(out, e->body.bytes, e->body.len);
    return osk_writer_ok(out) ? OSK_OK : fail(fault, OSK_LIMIT, "the result is too large");
}
