/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/jxl_header.h"

#define WAYS(a, an, b_, bn, c, cn, d, dn)                                                          \
    ((const OskJxlWay[4]){ { a, an }, { b_, bn }, { c, cn }, { d, dn } })

static void skip_f16(OskJxlBits *b, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        osk_jxl_bits(b, 16);
    }
}

/* Reads without copying. */
static void skip_bits(OskJxlBits *b, uint64_t count)
{
    if (b->failed || count > (uint64_t)b->len * 8 - b->at) {
        b->failed = true;
        return;
    }
    b->at += count;
}

/* A text of up to 1,071 bytes; an empty one is written. */
static bool drop_name(OskJxlBits *b)
{
    OskWriter *out = b->out;
    b->out = NULL;
    uint32_t len = osk_jxl_u32(b, WAYS(0, 0, 0, 4, 16, 5, 48, 10));
    skip_bits(b, (uint64_t)len * 8);
    b->out = out;
    osk_jxl_put(b, 0, 2);
    return len > 0;
}

/* Bits for readers to come, which all others skip; none are written. */
static bool drop_extensions(OskJxlBits *b)
{
    OskWriter *out = b->out;
    b->out = NULL;
    uint64_t extensions = osk_jxl_u64(b);
    uint64_t sizes[64];
    for (unsigned i = 0; i < 64; i++) {
        sizes[i] = (extensions >> i & 1) != 0 ? osk_jxl_u64(b) : 0;
    }
    for (unsigned i = 0; i < 64; i++) {
        skip_bits(b, sizes[i]);
    }
    b->out = out;
    osk_jxl_put(b, 0, 2);
    return extensions != 0;
}

static uint32_t read_side(OskJxlBits *b, bool small)
{
    return small ? (osk_jxl_bits(b, 5) + 1) * 8 : osk_jxl_u32(b, WAYS(1, 9, 1, 13, 1, 18, 1, 30));
}

static void read_size(OskJxlBits *b, uint32_t *width, uint32_t *height)
{
    static const uint8_t ratios[8][2] = { { 0, 1 }, { 1, 1 },  { 12, 10 }, { 4, 3 },
                                          { 3, 2 }, { 16, 9 }, { 5, 4 },   { 2, 1 } };
    bool small = osk_jxl_bool(b);
    *height = read_side(b, small);
    uint32_t ratio = osk_jxl_bits(b, 3);
    *width = ratio == 0 ? read_side(b, small)
                        : (uint32_t)((uint64_t)*height * ratios[ratio][0] / ratios[ratio][1]);
}

static void read_animation(OskJxlBits *b, OskJxlImage *image)
{
    osk_jxl_u32(b, WAYS(100, 0, 1000, 0, 1, 10, 1, 30));
    osk_jxl_u32(b, WAYS(1, 0, 1001, 0, 1, 8, 1, 10));
    osk_jxl_u32(b, WAYS(0, 0, 0, 3, 0, 16, 0, 32));
    image->animated = true;
    /* Clock times ride beside the frames; the copy says that it has none. */
    OskWriter *out = b->out;
    b->out = NULL;
    image->timecodes = osk_jxl_bool(b);
    b->out = out;
    osk_jxl_put(b, 0, 1);
}

static void read_bit_depth(OskJxlBits *b)
{
    if (osk_jxl_bool(b)) {
        osk_jxl_u32(b, WAYS(32, 0, 16, 0, 24, 0, 1, 6));
        osk_jxl_bits(b, 4);
    } else {
        osk_jxl_u32(b, WAYS(8, 0, 10, 0, 12, 0, 1, 6));
    }
}

static void read_extra_channel(OskJxlBits *b, OskJxlImage *image)
{
    if (osk_jxl_bool(b)) {
        return; /* plain alpha */
    }
    uint32_t type = osk_jxl_enum(b);
    read_bit_depth(b);
    osk_jxl_u32(b, WAYS(0, 0, 3, 0, 4, 0, 1, 3));
    uint64_t at = b->at;
    if (drop_name(b) && !image->names) {
        image->names = true;
        image->name_bits = (uint32_t)at;
    }
    if (type == 0) {
        osk_jxl_bool(b);
    } else if (type == 2) {
        skip_f16(b, 4);
    } else if (type == 5) {
        osk_jxl_u32(b, WAYS(1, 0, 0, 2, 3, 4, 19, 8));
    }
}

static void read_custom_xy(OskJxlBits *b, unsigned points)
{
    for (unsigned i = 0; i < points * 2; i++) {
        osk_jxl_u32(b, WAYS(0, 19, 524288, 19, 1048576, 20, 2097152, 21));
    }
}

static void read_colour(OskJxlBits *b, OskJxlImage *image)
{
    if (osk_jxl_bool(b)) {
        return; /* sRGB */
    }
    image->profile = osk_jxl_bool(b);
    uint32_t space = osk_jxl_enum(b);
    if (image->profile) {
        return;
    }
    bool grey = space == 1;
    bool xyb = space == 2;
    if (!xyb && osk_jxl_enum(b) == 2) {
        read_custom_xy(b, 1);
    }
    if (!xyb && !grey && osk_jxl_enum(b) == 2) {
        read_custom_xy(b, 3);
    }
    if (!xyb && osk_jxl_bool(b)) {
        osk_jxl_bits(b, 24);
    } else if (!xyb) {
        osk_jxl_enum(b);
    }
    osk_jxl_enum(b);
}

static void read_tone_mapping(OskJxlBits *b)
{
    if (!osk_jxl_bool(b)) {
        skip_f16(b, 2);
        osk_jxl_bool(b);
        skip_f16(b, 1);
    }
}

static void read_metadata(OskJxlBits *b, OskJxlImage *image)
{
    image->xyb = true;
    if (osk_jxl_bool(b)) {
        return;
    }
    bool extra = osk_jxl_bool(b);
    if (extra) {
        uint32_t ignored = 0;
        osk_jxl_bits(b, 3); /* orientation: stays */
        if (osk_jxl_bool(b)) {
            read_size(b, &ignored, &ignored);
        }
        image->preview = osk_jxl_bool(b);
        if (image->preview) {
            return; /* refused by the caller */
        }
        if (osk_jxl_bool(b)) {
            read_animation(b, image);
        }
    }
    read_bit_depth(b);
    osk_jxl_bool(b);
    image->extra_channels = osk_jxl_u32(b, WAYS(0, 0, 1, 0, 2, 4, 1, 12));
    for (uint32_t i = 0; i < image->extra_channels && !b->failed; i++) {
        read_extra_channel(b, image);
    }
    image->xyb = osk_jxl_bool(b);
    read_colour(b, image);
    if (extra) {
        read_tone_mapping(b);
    }
    image->extensions = drop_extensions(b);
}

static void read_transform(OskJxlBits *b, const OskJxlImage *image)
{
    if (osk_jxl_bool(b)) {
        return;
    }
    if (image->xyb && !osk_jxl_bool(b)) {
        skip_f16(b, 9 + 3 + 4);
    }
    uint32_t weights = osk_jxl_bits(b, 3);
    skip_f16(b, (weights & 1) != 0 ? 15 : 0);
    skip_f16(b, (weights & 2) != 0 ? 55 : 0);
    skip_f16(b, (weights & 4) != 0 ? 210 : 0);
}

void osk_jxl_image_header(OskJxlBits *b, OskJxlImage *out)
{
    *out = (OskJxlImage){ .width = 0 };
    if (osk_jxl_bits(b, 16) != 0x0AFF) {
        b->failed = true;
        return;
    }
    read_size(b, &out->width, &out->height);
    read_metadata(b, out);
    if (!out->preview) {
        read_transform(b, out);
    }
}

/* ---- Frames ---- */

/* What is known while a frame header is read. */
typedef struct FrameJob {
    OskJxlBits *b;
    const OskJxlImage *image;
    OskJxlFrame *frame;
    uint32_t width;
    uint32_t height;
    uint32_t upsampling;
    uint32_t group_shift;
    uint32_t passes;
    unsigned chroma_across; /* log2 of the coarsest chroma sampling */
    unsigned chroma_down;
    bool partial;
    bool replaces;
} FrameJob;

static void read_passes(FrameJob *job)
{
    OskJxlBits *b = job->b;
    job->passes = osk_jxl_u32(b, WAYS(1, 0, 2, 0, 3, 0, 4, 3));
    if (job->passes == 1) {
        return;
    }
    uint32_t down = osk_jxl_u32(b, WAYS(0, 0, 1, 0, 2, 0, 3, 1));
    for (uint32_t i = 0; i + 1 < job->passes; i++) {
        osk_jxl_bits(b, 2);
    }
    for (uint32_t i = 0; i < down; i++) {
        osk_jxl_bits(b, 2);
    }
    for (uint32_t i = 0; i < down; i++) {
        osk_jxl_u32(b, WAYS(0, 0, 1, 0, 2, 0, 0, 3));
    }
}

static int64_t unpack_signed(uint32_t value)
{
    return (value & 1) != 0 ? -(int64_t)(value >> 1) - 1 : (int64_t)(value >> 1);
}

static void read_rectangle(FrameJob *job)
{
    OskJxlBits *b = job->b;
    const OskJxlWay *ways = WAYS(0, 8, 256, 11, 2304, 14, 18688, 30);
    bool placed =
        job->frame->type == OSK_JXL_REGULAR || job->frame->type == OSK_JXL_SKIP_PROGRESSIVE;
    int64_t left = placed ? unpack_signed(osk_jxl_u32(b, ways)) : 0;
    int64_t top = placed ? unpack_signed(osk_jxl_u32(b, ways)) : 0;
    job->width = osk_jxl_u32(b, ways);
    job->height = osk_jxl_u32(b, ways);
    int64_t right = left + (int64_t)job->width;
    int64_t bottom = top + (int64_t)job->height;
    int64_t across = job->image->width;
    int64_t down = job->image->height;
    job->partial = placed && (left > 0 || top > 0 || right < across || bottom < down);
    job->frame->cropped = placed && (left < 0 || top < 0 || right > across || bottom > down);
}

static void read_blending(FrameJob *job)
{
    OskJxlBits *b = job->b;
    uint32_t mode = osk_jxl_u32(b, WAYS(0, 0, 1, 0, 2, 0, 3, 2));
    bool weighted = job->image->extra_channels > 0 && (mode == 2 || mode == 3);
    if (weighted) {
        osk_jxl_u32(b, WAYS(0, 0, 1, 0, 2, 0, 3, 3));
    }
    if (weighted || mode == 4) {
        osk_jxl_bool(b);
    }
    if (mode != 0 || job->partial) {
        job->frame->used_slots |= 1u << osk_jxl_bits(b, 2);
    }
    job->replaces = mode == 0;
}

static void read_shown_frame(FrameJob *job)
{
    OskJxlBits *b = job->b;
    read_blending(job);
    bool replaces = job->replaces;
    for (uint32_t i = 0; i < job->image->extra_channels && !b->failed; i++) {
        read_blending(job);
    }
    job->replaces = replaces;
    if (job->image->animated) {
        job->frame->duration = osk_jxl_u32(b, WAYS(0, 0, 1, 0, 0, 8, 0, 32));
        if (job->image->timecodes) {
            OskWriter *out = b->out;
            b->out = NULL;
            job->frame->timecode = osk_jxl_bits(b, 32) != 0;
            b->out = out;
        }
    }
    job->frame->last = osk_jxl_bool(b);
}

static void read_saving(FrameJob *job)
{
    OskJxlFrame *frame = job->frame;
    bool lf = frame->type == OSK_JXL_LF;
    if (!lf && !frame->last) {
        frame->save_as = osk_jxl_bits(job->b, 2);
    }
    frame->saved = !lf && !frame->last && (frame->duration == 0 || frame->save_as != 0);
    if (frame->type == OSK_JXL_REFERENCE ||
        (!lf && frame->saved && job->replaces && !job->partial)) {
        osk_jxl_bool(job->b);
    }
}

static void read_filters(OskJxlBits *b, OskJxlFrame *frame, bool modular)
{
    if (osk_jxl_bool(b)) {
        return;
    }
    if (osk_jxl_bool(b) && osk_jxl_bool(b)) {
        skip_f16(b, 6);
    }
    if (osk_jxl_bits(b, 2) > 0) {
        if (!modular && osk_jxl_bool(b)) {
            skip_f16(b, 8);
        }
        if (osk_jxl_bool(b)) {
            skip_f16(b, 5);
        }
        if (osk_jxl_bool(b)) {
            skip_f16(b, modular ? 3 : 4);
        }
        if (modular) {
            skip_f16(b, 1);
        }
    }
    frame->extensions = drop_extensions(b) || frame->extensions;
}

static void read_chroma(FrameJob *job)
{
    /* Sampling factors by mode; the coarsest of the three channels counts. */
    static const uint8_t across[4] = { 0, 1, 1, 0 };
    static const uint8_t down[4] = { 0, 1, 0, 1 };
    for (unsigned i = 0; i < 3; i++) {
        uint32_t mode = osk_jxl_bits(job->b, 2);
        job->chroma_across = across[mode] > job->chroma_across ? across[mode] : job->chroma_across;
        job->chroma_down = down[mode] > job->chroma_down ? down[mode] : job->chroma_down;
    }
}

static void read_sampling(FrameJob *job)
{
    OskJxlBits *b = job->b;
    bool ycbcr = !job->image->xyb && osk_jxl_bool(b);
    if ((job->frame->flags & OSK_JXL_USES_LF) != 0) {
        return;
    }
    if (ycbcr) {
        read_chroma(job);
    }
    job->upsampling = 1u << osk_jxl_bits(b, 2);
    for (uint32_t i = 0; i < job->image->extra_channels && !b->failed; i++) {
        osk_jxl_bits(b, 2);
    }
}

static uint64_t divide_up(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

static void count_sections(FrameJob *job)
{
    uint64_t scale = (uint64_t)job->upsampling;
    uint64_t width = job->width;
    uint64_t height = job->height;
    if (job->frame->lf_level > 0) {
        width = divide_up(width, UINT64_C(1) << (3 * job->frame->lf_level));
        height = divide_up(height, UINT64_C(1) << (3 * job->frame->lf_level));
    }
    width = divide_up(width, scale);
    height = divide_up(height, scale);
    uint64_t group = UINT64_C(128) << job->group_shift;
    uint64_t groups = divide_up(width, group) * divide_up(height, group);
    uint64_t blocks_across = divide_up(width, UINT64_C(8) << job->chroma_across)
                             << job->chroma_across;
    uint64_t blocks_down = divide_up(height, UINT64_C(8) << job->chroma_down) << job->chroma_down;
    uint64_t lf_groups = divide_up(blocks_across, group) * divide_up(blocks_down, group);
    job->frame->sections =
        groups == 1 && job->passes == 1 ? 1 : 2 + lf_groups + groups * job->passes;
}

static void read_frame_fields(FrameJob *job)
{
    OskJxlBits *b = job->b;
    OskJxlFrame *frame = job->frame;
    frame->type = osk_jxl_bits(b, 2);
    bool modular = osk_jxl_bool(b);
    frame->flags = osk_jxl_u64(b);
    read_sampling(job);
    if (modular) {
        job->group_shift = osk_jxl_bits(b, 2);
    } else if (job->image->xyb) {
        osk_jxl_bits(b, 6);
    }
    if (frame->type != OSK_JXL_REFERENCE) {
        read_passes(job);
    }
    if (frame->type == OSK_JXL_LF) {
        frame->lf_level = osk_jxl_bits(b, 2) + 1;
    } else if (osk_jxl_bool(b)) {
        read_rectangle(job);
    }
    if (frame->type == OSK_JXL_REGULAR || frame->type == OSK_JXL_SKIP_PROGRESSIVE) {
        read_shown_frame(job);
    }
    read_saving(job);
    frame->name = drop_name(b);
    read_filters(b, frame, modular);
    frame->extensions = drop_extensions(b) || frame->extensions;
}

void osk_jxl_frame_header(OskJxlBits *b, const OskJxlImage *image, OskJxlFrame *out)
{
    *out = (OskJxlFrame){ .type = OSK_JXL_REGULAR };
    FrameJob job = { .b = b,
                     .image = image,
                     .frame = out,
                     .width = image->width,
                     .height = image->height,
                     .upsampling = 1,
                     .group_shift = 1,
                     .passes = 1 };
    if (osk_jxl_bool(b)) {
        out->last = true;
    } else {
        read_frame_fields(&job);
    }
    count_sections(&job);
}
