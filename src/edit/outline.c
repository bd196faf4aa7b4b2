/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edit/outline.h"

#include <string.h>

/* Of the longest side: a line that is seen when the whole picture fits a screen. */
#define LINE_PER_SIDE 700u

/* Corners in stored pixels; they may lie outside. */
typedef struct Corners {
    int64_t left;
    int64_t top;
    int64_t right; /* one behind */
    int64_t bottom;
} Corners;

static int64_t clamp(int64_t value, int64_t most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

static void fill(OskImage *image, Corners box, uint8_t shade)
{
    unsigned samples = osk_pixel_samples(image->model);
    int64_t left = clamp(box.left, image->width);
    int64_t right = clamp(box.right, image->width);
    int64_t bottom = clamp(box.bottom, image->height);
    for (int64_t y = clamp(box.top, image->height); y < bottom; y++) {
        uint8_t *row = image->pixels + image->stride * (size_t)y;
        for (int64_t x = left; x < right; x++) {
            uint8_t *pixel = row + (size_t)x * samples;
            memset(pixel, shade, 3);
            if (samples == 4) {
                pixel[3] = 255;
            }
        }
    }
}

/* A frame of `width` just outside the box. */
static void draw_frame(OskImage *image, Corners box, int64_t width, uint8_t shade)
{
    Corners out = { box.left - width, box.top - width, box.right + width, box.bottom + width };
    fill(image, (Corners){ out.left, out.top, out.right, box.top }, shade);
    fill(image, (Corners){ out.left, box.bottom, out.right, out.bottom }, shade);
    fill(image, (Corners){ out.left, box.top, box.left, box.bottom }, shade);
    fill(image, (Corners){ box.right, box.top, out.right, box.bottom }, shade);
}

void osk_outline_draw(OskImage *image, const OskAreas *areas, const OskGeometry *geometry)
{
    uint32_t side = image->width > image->height ? image->width : image->height;
    int64_t width = side / LINE_PER_SIDE + 1;
    for (uint32_t i = 0; i < areas->listed; i++) {
        const OskArea *area = &areas->boxes[i];
        double x = area->x;
        double y = area->y;
        double w = area->width;
        double h = area->height;
        osk_geometry_box_to_stored(geometry, &x, &y, &w, &h);
        Corners box = { (int64_t)x, (int64_t)y, (int64_t)(x + w), (int64_t)(y + h) };
        draw_frame(image, box, width, 0);
        box = (Corners){ box.left - width, box.top - width, box.right + width, box.bottom + width };
        draw_frame(image, box, width, 255);
    }
}
