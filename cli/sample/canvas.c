/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sample/canvas.h"

#include <stddef.h>

static int across(const Canvas *canvas, int x)
{
    return x * canvas->width / 1000;
}

static int down(const Canvas *canvas, int y)
{
    return y * canvas->height / 1000;
}

void osk_canvas_pixel(const Canvas *canvas, int x, int y, Colour colour)
{
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height) {
        return;
    }
    uint8_t *at = canvas->rgb + ((size_t)y * (size_t)canvas->width + (size_t)x) * 3;
    at[0] = (uint8_t)colour.r;
    at[1] = (uint8_t)colour.g;
    at[2] = (uint8_t)colour.b;
}

Colour osk_canvas_blend(Colour a, Colour b, int part, int whole)
{
    return (Colour){ a.r + (b.r - a.r) * part / whole, a.g + (b.g - a.g) * part / whole,
                     a.b + (b.b - a.b) * part / whole };
}

void osk_canvas_box(const Canvas *canvas, Box box, Colour colour)
{
    for (int y = down(canvas, box.top); y < down(canvas, box.bottom); y++) {
        for (int x = across(canvas, box.left); x < across(canvas, box.right); x++) {
            osk_canvas_pixel(canvas, x, y, colour);
        }
    }
}

void osk_canvas_circle(const Canvas *canvas, int centre_x, int centre_y, int radius, Colour colour)
{
    int cx = across(canvas, centre_x);
    int cy = down(canvas, centre_y);
    int r = across(canvas, radius);
    for (int y = -r; y <= r; y++) {
        for (int x = -r; x <= r; x++) {
            if (x * x + y * y <= r * r) {
                osk_canvas_pixel(canvas, cx + x, cy + y, colour);
            }
        }
    }
}

void osk_canvas_sky(const Canvas *canvas, Colour high, Colour low)
{
    for (int y = 0; y < canvas->height; y++) {
        Colour colour = osk_canvas_blend(high, low, y, canvas->height);
        for (int x = 0; x < canvas->width; x++) {
            osk_canvas_pixel(canvas, x, y, colour);
        }
    }
}
