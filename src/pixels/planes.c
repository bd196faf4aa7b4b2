/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/planes.h"

#define MATRIX_IDENTITY 0u

/* Everything that turning one pixel needs, in samples of the planes' depth. */
typedef struct Turn {
    double kr;
    double kb;
    double low; /* luma of black */
    double luma;
    double middle; /* chroma of grey */
    double chroma;
    double peak;
    bool identity;
} Turn;

static Turn turn_of(const OskPlanes *planes)
{
    double unit = (double)(1u << (planes->depth - 8));
    double peak = (double)((1u << planes->depth) - 1);
    Turn turn = { .kr = 0.299, .kb = 0.114, .peak = peak, .middle = 128 * unit };
    if (planes->matrix == 1) {
        turn.kr = 0.2126;
        turn.kb = 0.0722;
    } else if (planes->matrix == 9 || planes->matrix == 10) {
        turn.kr = 0.2627;
        turn.kb = 0.0593;
    }
    turn.low = planes->full_range ? 0 : 16 * unit;
    turn.luma = planes->full_range ? peak : 219 * unit;
    turn.chroma = planes->full_range ? peak : 224 * unit;
    turn.identity =
        planes->matrix == MATRIX_IDENTITY && planes->shift_x == 0 && planes->shift_y == 0;
    return turn;
}

static double get(const uint8_t *row, size_t index, unsigned depth)
{
    return depth > 8 ? (double)((const uint16_t *)(const void *)row)[index] : (double)row[index];
}

static void put(uint8_t *row, size_t index, unsigned depth, double value)
{
    double peak = (double)((1u << depth) - 1);
    double clipped = value < 0 ? 0 : value > peak ? peak : value;
    if (depth > 8) {
        ((uint16_t *)(void *)row)[index] = (uint16_t)(clipped + 0.5);
    } else {
        row[index] = (uint8_t)(clipped + 0.5);
    }
}

static bool is_halved(unsigned plane)
{
    return plane == OSK_PLANE_CB || plane == OSK_PLANE_CR;
}

uint32_t osk_plane_width(const OskPlanes *planes, unsigned plane)
{
    unsigned shift = is_halved(plane) ? planes->shift_x : 0;
    return (planes->width + (1u << shift) - 1) >> shift;
}

uint32_t osk_plane_height(const OskPlanes *planes, unsigned plane)
{
    unsigned shift = is_halved(plane) ? planes->shift_y : 0;
    return (planes->height + (1u << shift) - 1) >> shift;
}

static void from_rgb(const Turn *turn, const double in[3], double out[3])
{
    if (turn->identity) {
        out[0] = in[1];
        out[1] = in[2];
        out[2] = in[0];
        return;
    }
    double red = in[0] / turn->peak;
    double blue = in[2] / turn->peak;
    double luma = turn->kr * red + (1 - turn->kr - turn->kb) * in[1] / turn->peak + turn->kb * blue;
    out[0] = luma * turn->luma + turn->low;
    out[1] = (blue - luma) / (2 * (1 - turn->kb)) * turn->chroma + turn->middle;
    out[2] = (red - luma) / (2 * (1 - turn->kr)) * turn->chroma + turn->middle;
}

/* Red, green and blue of a pixel. */
static void pixel_of(const OskImage *image, uint32_t x, uint32_t y, double out[3])
{
    const uint8_t *row = image->pixels + (size_t)y * image->stride;
    unsigned samples = osk_pixel_samples(image->model);
    bool colour = samples >= 3;
    for (unsigned c = 0; c < 3; c++) {
        out[c] = get(row, (size_t)x * samples + (colour ? c : 0), image->depth);
    }
}

/* Whether a channel may stand for more than it says, because it ended at black or white. */
static bool is_clipped(const Turn *turn, double value)
{
    return value <= 0 || value >= turn->peak;
}

/* One chroma sample of two: the mean over the pixels that share it. Pixels with a clipped channel
 * have lost their chroma, and count only where all of them have. */
static void find_chroma(const Turn *turn, double (*pixels)[3], unsigned count, double out[2])
{
    double sum[2][2] = { { 0, 0 }, { 0, 0 } };
    unsigned counts[2] = { 0, 0 };
    for (unsigned i = 0; i < count; i++) {
        double yuv[3];
        bool clipped = is_clipped(turn, pixels[i][0]) || is_clipped(turn, pixels[i][1]) ||
                       is_clipped(turn, pixels[i][2]);
        from_rgb(turn, pixels[i], yuv);
        sum[clipped][0] += yuv[1];
        sum[clipped][1] += yuv[2];
        counts[clipped]++;
    }
    unsigned used = counts[0] > 0 ? 0 : 1;
    out[0] = (double)(int)(sum[used][0] / (double)counts[used] + 0.5);
    out[1] = (double)(int)(sum[used][1] / (double)counts[used] + 0.5);
}

/* The luma that, with the chroma that was found, comes nearest to the pixel's channels; clipped
 * ones count only where all are. */
static double find_luma(const Turn *turn, const double rgb[3], const double chroma[2])
{
    double weights[3] = { turn->kr, 1 - turn->kr - turn->kb, turn->kb };
    double cb = (chroma[0] - turn->middle) / turn->chroma;
    double cr = (chroma[1] - turn->middle) / turn->chroma;
    double beyond[3] = { 2 * (1 - turn->kr) * cr, 0, 2 * (1 - turn->kb) * cb };
    beyond[1] = -(weights[0] * beyond[0] + weights[2] * beyond[2]) / weights[1];
    bool all_clipped =
        is_clipped(turn, rgb[0]) && is_clipped(turn, rgb[1]) && is_clipped(turn, rgb[2]);
    double sum = 0;
    double weight = 0;
    for (unsigned c = 0; c < 3; c++) {
        if (all_clipped || !is_clipped(turn, rgb[c])) {
            sum += weights[c] * (rgb[c] / turn->peak - beyond[c]);
            weight += weights[c];
        }
    }
    return sum / weight * turn->luma + turn->low;
}

static uint8_t *row_of(const OskPlanes *planes, unsigned plane, uint32_t y)
{
    return planes->at[plane] + (size_t)y * planes->stride[plane];
}

static void set_block(const OskPlanes *planes, const Turn *turn, const OskImage *image,
                      const uint32_t at[2])
{
    double pixels[4][3];
    double chroma[2];
    uint32_t places[4][2];
    unsigned count = 0;
    for (unsigned i = 0; i < 1u << (planes->shift_x + planes->shift_y); i++) {
        uint32_t x = (at[0] << planes->shift_x) + (planes->shift_x != 0 ? i & 1 : 0);
        uint32_t y = (at[1] << planes->shift_y) + (planes->shift_x != 0 ? i >> 1 : i);
        if (x < planes->width && y < planes->height) {
            pixel_of(image, x, y, pixels[count]);
            places[count][0] = x;
            places[count][1] = y;
            count++;
        }
    }
    if (turn->identity) {
        double yuv[3];
        from_rgb(turn, pixels[0], yuv);
        put(row_of(planes, OSK_PLANE_Y, at[1]), at[0], planes->depth, yuv[0]);
        chroma[0] = yuv[1];
        chroma[1] = yuv[2];
    } else {
        find_chroma(turn, pixels, count, chroma);
        for (unsigned i = 0; i < count; i++) {
            put(row_of(planes, OSK_PLANE_Y, places[i][1]), places[i][0], planes->depth,
                find_luma(turn, pixels[i], chroma));
        }
    }
    put(row_of(planes, OSK_PLANE_CB, at[1]), at[0], planes->depth, chroma[0]);
    put(row_of(planes, OSK_PLANE_CR, at[1]), at[0], planes->depth, chroma[1]);
}

/* Copies one sample of each pixel. */
static void take_sample(const OskPlanes *planes, unsigned plane, const OskImage *image,
                        unsigned index)
{
    unsigned samples = osk_pixel_samples(image->model);
    for (uint32_t y = 0; y < planes->height; y++) {
        const uint8_t *from = image->pixels + (size_t)y * image->stride;
        for (uint32_t x = 0; x < planes->width; x++) {
            put(row_of(planes, plane, y), x, planes->depth,
                get(from, (size_t)x * samples + index, image->depth));
        }
    }
}

void osk_planes_take_alpha(const OskPlanes *planes, const OskImage *image)
{
    take_sample(planes, OSK_PLANE_ALPHA, image, osk_pixel_samples(image->model) - 1);
}

void osk_planes_from_image(OskPlanes *planes, const OskImage *image)
{
    Turn turn = turn_of(planes);
    if (planes->at[OSK_PLANE_ALPHA] != NULL) {
        osk_planes_take_alpha(planes, image);
    }
    if (planes->at[OSK_PLANE_CB] == NULL || planes->at[OSK_PLANE_CR] == NULL) {
        take_sample(planes, OSK_PLANE_Y, image, 0);
        return;
    }
    for (uint32_t y = 0; y < osk_plane_height(planes, OSK_PLANE_CB); y++) {
        for (uint32_t x = 0; x < osk_plane_width(planes, OSK_PLANE_CB); x++) {
            set_block(planes, &turn, image, (uint32_t[2]){ x, y });
        }
    }
}

/* Puts one sample of each pixel. */
static void give_sample(const OskPlanes *planes, unsigned plane, OskImage *image, unsigned index)
{
    unsigned samples = osk_pixel_samples(image->model);
    for (uint32_t y = 0; y < planes->height; y++) {
        uint8_t *to = image->pixels + (size_t)y * image->stride;
        for (uint32_t x = 0; x < planes->width; x++) {
            put(to, (size_t)x * samples + index, image->depth,
                get(row_of(planes, plane, y), x, planes->depth));
        }
    }
}

static void to_rgb(const Turn *turn, const double in[3], double out[3])
{
    if (turn->identity) {
        out[0] = in[2];
        out[1] = in[0];
        out[2] = in[1];
        return;
    }
    double luma = (in[0] - turn->low) / turn->luma;
    double cb = (in[1] - turn->middle) / turn->chroma;
    double cr = (in[2] - turn->middle) / turn->chroma;
    double red = luma + 2 * (1 - turn->kr) * cr;
    double blue = luma + 2 * (1 - turn->kb) * cb;
    out[0] = red * turn->peak;
    out[1] = (luma - turn->kr * red - turn->kb * blue) / (1 - turn->kr - turn->kb) * turn->peak;
    out[2] = blue * turn->peak;
}

static void give_row(const OskPlanes *planes, const Turn *turn, OskImage *image, uint32_t y)
{
    unsigned samples = osk_pixel_samples(image->model);
    const uint8_t *luma = row_of(planes, OSK_PLANE_Y, y);
    const uint8_t *cb = row_of(planes, OSK_PLANE_CB, y >> planes->shift_y);
    const uint8_t *cr = row_of(planes, OSK_PLANE_CR, y >> planes->shift_y);
    uint8_t *to = image->pixels + (size_t)y * image->stride;
    for (uint32_t x = 0; x < planes->width; x++) {
        double rgb[3];
        const double yuv[3] = { get(luma, x, planes->depth),
                                get(cb, x >> planes->shift_x, planes->depth),
                                get(cr, x >> planes->shift_x, planes->depth) };
        to_rgb(turn, yuv, rgb);
        for (unsigned c = 0; c < 3; c++) {
            put(to, (size_t)x * samples + c, image->depth, rgb[c]);
        }
    }
}

void osk_planes_to_image(const OskPlanes *planes, OskImage *image)
{
    Turn turn = turn_of(planes);
    if (planes->at[OSK_PLANE_ALPHA] != NULL) {
        give_sample(planes, OSK_PLANE_ALPHA, image, osk_pixel_samples(image->model) - 1);
    }
    if (planes->at[OSK_PLANE_CB] == NULL || planes->at[OSK_PLANE_CR] == NULL) {
        give_sample(planes, OSK_PLANE_Y, image, 0);
        return;
    }
    for (uint32_t y = 0; y < planes->height; y++) {
        give_row(planes, &turn, image, y);
    }
}
