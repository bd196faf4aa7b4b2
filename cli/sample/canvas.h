/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What pictures are drawn with. Coordinates are thousandths of the width (x) and of the height (y),
 * so that a small picture shows the same as a large one. */
#ifndef OSK_CLI_SAMPLE_CANVAS_H
#define OSK_CLI_SAMPLE_CANVAS_H

#include <stdint.h>

typedef struct Colour {
    int r, g, b;
} Colour;

typedef struct Canvas {
    uint8_t *rgb;
    int width;
    int height;
} Canvas;

typedef struct Box {
    int left, top, right, bottom;
} Box;

/* In pixels; what lies outside is left out. */
void osk_canvas_pixel(const Canvas *canvas, int x, int y, Colour colour);
Colour osk_canvas_blend(Colour a, Colour b, int part, int whole);
void osk_canvas_box(const Canvas *canvas, Box box, Colour colour);
/* A circle whose radius is in thousandths of the width. */
void osk_canvas_circle(const Canvas *canvas, int centre_x, int centre_y, int radius, Colour colour);
/* From one colour above to another below, over all of it. */
void osk_canvas_sky(const Canvas *canvas, Colour high, Colour low);

#endif
