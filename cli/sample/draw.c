/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sample/sample.h"

typedef struct Colour {
    int r, g, b;
} Colour;

typedef struct Canvas {
    uint8_t *rgb;
    int width;
    int height;
} Canvas;

/* Coordinates are thousandths of the width (x) and of the height (y), so that the preview shows the
 * same. */
static int across(const Canvas *canvas, int x)
{
    return x * canvas->width / 1000;
}

static int down(const Canvas *canvas, int y)
{
    return y * canvas->height / 1000;
}

static void set_pixel(const Canvas *canvas, int x, int y, Colour colour)
{
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height) {
        return;
    }
    uint8_t *at = canvas->rgb + ((size_t)y * (size_t)canvas->width + (size_t)x) * 3;
    at[0] = (uint8_t)colour.r;
    at[1] = (uint8_t)colour.g;
    at[2] = (uint8_t)colour.b;
}

static Colour blend(Colour a, Colour b, int part, int whole)
{
    return (Colour){ a.r + (b.r - a.r) * part / whole, a.g + (b.g - a.g) * part / whole,
                     a.b + (b.b - a.b) * part / whole };
}

static void fill_box(const Canvas *canvas, int left, int top, int right, int bottom, Colour colour)
{
    for (int y = down(canvas, top); y < down(canvas, bottom); y++) {
        for (int x = across(canvas, left); x < across(canvas, right); x++) {
            set_pixel(canvas, x, y, colour);
        }
    }
}

/* A circle whose radius is in thousandths of the width. */
static void fill_circle(const Canvas *canvas, int centre_x, int centre_y, int radius, Colour colour)
{
    int cx = across(canvas, centre_x);
    int cy = down(canvas, centre_y);
    int r = across(canvas, radius);
    for (int y = -r; y <= r; y++) {
        for (int x = -r; x <= r; x++) {
            if (x * x + y * y <= r * r) {
                set_pixel(canvas, cx + x, cy + y, colour);
            }
        }
    }
}

static void draw_sky(const Canvas *canvas)
{
    const Colour high = { 70, 105, 160 };
    const Colour low = { 245, 196, 140 };
    for (int y = 0; y < canvas->height; y++) {
        Colour colour = blend(high, low, y, canvas->height);
        for (int x = 0; x < canvas->width; x++) {
            set_pixel(canvas, x, y, colour);
        }
    }
    fill_circle(canvas, 760, 430, 62, (Colour){ 255, 228, 170 });
    fill_circle(canvas, 760, 430, 50, (Colour){ 255, 244, 214 });
}

/* Houses of a street that one could recognise: what a scrub does not take away. */
static void draw_street(const Canvas *canvas)
{
    static const struct {
        int left, right, top;
        Colour wall;
    } houses[] = {
        { 0, 150, 300, { 122, 92, 84 } },    { 150, 270, 390, { 150, 128, 104 } },
        { 270, 430, 250, { 98, 86, 98 } },   { 430, 560, 420, { 140, 104, 80 } },
        { 560, 680, 350, { 112, 100, 92 } }, { 680, 840, 470, { 132, 110, 96 } },
        { 840, 1000, 320, { 104, 84, 82 } },
    };
    const Colour lit = { 255, 226, 150 };
    for (unsigned i = 0; i < sizeof(houses) / sizeof(houses[0]); i++) {
        fill_box(canvas, houses[i].left, houses[i].top, houses[i].right, 800, houses[i].wall);
        for (int y = houses[i].top + 40; y < 640; y += 80) {
            for (int x = houses[i].left + 22; x + 28 < houses[i].right; x += 44) {
                bool dark = (x * 7 + y * 3) % 5 < 2;
                fill_box(canvas, x, y, x + 22, y + 40,
                         dark ? blend(houses[i].wall, lit, 1, 6) : lit);
            }
        }
    }
    fill_box(canvas, 0, 760, 1000, 1000, (Colour){ 86, 82, 84 });
}

static void draw_person(const Canvas *canvas, int x, int y, Colour coat)
{
    const Colour skin[] = { { 224, 178, 148 }, { 150, 104, 78 }, { 198, 146, 112 } };
    fill_box(canvas, x - 26, y + 45, x + 26, 1000, coat);
    fill_circle(canvas, x, y + 70, 26, coat);
    fill_circle(canvas, x, y, 21, skin[(x / 10) % 3]);
    fill_box(canvas, x - 21, y - 30, x + 21, y - 12, blend(coat, (Colour){ 20, 16, 18 }, 3, 4));
}

static void draw_crowd(const Canvas *canvas)
{
    static const Colour coats[] = {
        { 52, 76, 112 }, { 128, 52, 50 }, { 64, 92, 70 }, { 86, 66, 102 }, { 40, 44, 52 }
    };
    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 13; i++) {
            int x = 40 + i * 78 + row * 27 + (i * 37 + row * 11) % 23;
            int y = 690 + row * 85 + (i * 53 + row * 29) % 31;
            draw_person(canvas, x, y, coats[(i * 2 + row) % 5]);
        }
    }
    /* A placard on a stick. */
    fill_box(canvas, 476, 520, 486, 900, (Colour){ 96, 70, 48 });
    fill_box(canvas, 390, 430, 572, 590, (Colour){ 246, 242, 230 });
    fill_box(canvas, 412, 462, 550, 480, (Colour){ 170, 40, 36 });
    fill_box(canvas, 412, 502, 520, 516, (Colour){ 60, 60, 64 });
    fill_box(canvas, 412, 538, 536, 552, (Colour){ 60, 60, 64 });
}

void osk_sample_draw(uint8_t *rgb, unsigned width, unsigned height)
{
    Canvas canvas = { .rgb = rgb, .width = (int)width, .height = (int)height };
    draw_sky(&canvas);
    draw_street(&canvas);
    draw_crowd(&canvas);
}
