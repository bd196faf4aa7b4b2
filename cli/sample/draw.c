/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sample/canvas.h"
#include "cli/sample/sample.h"

static void draw_sky(const Canvas *canvas)
{
    const Colour high = { 70, 105, 160 };
    const Colour low = { 245, 196, 140 };
    osk_canvas_sky(canvas, high, low);
    osk_canvas_circle(canvas, 760, 430, 62, (Colour){ 255, 228, 170 });
    osk_canvas_circle(canvas, 760, 430, 50, (Colour){ 255, 244, 214 });
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
        osk_canvas_box(canvas, (Box){ houses[i].left, houses[i].top, houses[i].right, 800 },
                       houses[i].wall);
        for (int y = houses[i].top + 40; y < 640; y += 80) {
            for (int x = houses[i].left + 22; x + 28 < houses[i].right; x += 44) {
                bool dark = (x * 7 + y * 3) % 5 < 2;
                osk_canvas_box(canvas, (Box){ x, y, x + 22, y + 40 },
                               dark ? osk_canvas_blend(houses[i].wall, lit, 1, 6) : lit);
            }
        }
    }
    osk_canvas_box(canvas, (Box){ 0, 760, 1000, 1000 }, (Colour){ 86, 82, 84 });
}

static void draw_person(const Canvas *canvas, int x, int y, Colour coat)
{
    const Colour skin[] = { { 224, 178, 148 }, { 150, 104, 78 }, { 198, 146, 112 } };
    osk_canvas_box(canvas, (Box){ x - 26, y + 45, x + 26, 1000 }, coat);
    osk_canvas_circle(canvas, x, y + 70, 26, coat);
    osk_canvas_circle(canvas, x, y, 21, skin[(x / 10) % 3]);
    osk_canvas_box(canvas, (Box){ x - 21, y - 30, x + 21, y - 12 },
                   osk_canvas_blend(coat, (Colour){ 20, 16, 18 }, 3, 4));
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
    osk_canvas_box(canvas, (Box){ 476, 520, 486, 900 }, (Colour){ 96, 70, 48 });
    osk_canvas_box(canvas, (Box){ 390, 430, 572, 590 }, (Colour){ 246, 242, 230 });
    osk_canvas_box(canvas, (Box){ 412, 462, 550, 480 }, (Colour){ 170, 40, 36 });
    osk_canvas_box(canvas, (Box){ 412, 502, 520, 516 }, (Colour){ 60, 60, 64 });
    osk_canvas_box(canvas, (Box){ 412, 538, 536, 552 }, (Colour){ 60, 60, 64 });
}

void osk_sample_draw(uint8_t *rgb, unsigned width, unsigned height)
{
    Canvas canvas = { .rgb = rgb, .width = (int)width, .height = (int)height };
    draw_sky(&canvas);
    draw_street(&canvas);
    draw_crowd(&canvas);
}
