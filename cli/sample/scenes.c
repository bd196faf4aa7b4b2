/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `./run demo` sends: streets that witnesses saw, and stages that fans film and send again and
 * again. A number draws the same scene each time, and another one looks like none of the others. */
#include "cli/sample/canvas.h"
#include "cli/sample/sample.h"

/* Numerical Recipes' generator: pictures that repeat need no better chance. */
static int draw_below(uint32_t *state, int below)
{
    *state = *state * 1664525u + 1013904223u;
    return (int)((*state >> 8) % (uint32_t)below);
}

static Colour draw_colour(uint32_t *state, int from, int to)
{
    const int span = to - from;
    const int r = from + draw_below(state, span);
    const int g = from + draw_below(state, span);
    return (Colour){ r, g, from + draw_below(state, span) };
}

static uint32_t begin(unsigned number)
{
    uint32_t state = 0x9e3779b9u * (number + 1);
    for (int i = 0; i < 8; i++) {
        (void)draw_below(&state, 2);
    }
    return state;
}

static void draw_person(const Canvas *canvas, int x, int y, uint32_t *state)
{
    static const Colour skins[] = {
        { 224, 178, 148 }, { 150, 104, 78 }, { 198, 146, 112 }, { 112, 76, 58 }
    };
    const Colour coat = draw_colour(state, 20, 190);
    const Colour hair = draw_colour(state, 10, 90);
    osk_canvas_box(canvas, (Box){ x - 30, y + 52, x + 30, 1000 }, coat);
    osk_canvas_circle(canvas, x, y + 80, 30, coat);
    osk_canvas_circle(canvas, x, y, 25, skins[draw_below(state, 4)]);
    osk_canvas_box(canvas, (Box){ x - 25, y - 36, x + 25, y - 16 }, hair);
}

static void draw_house(const Canvas *canvas, Box box, uint32_t *state)
{
    const Colour wall = draw_colour(state, 60, 190);
    const Colour glass = draw_colour(state, 120, 255);
    const int wide = 14 + draw_below(state, 24);
    const int tall = 24 + draw_below(state, 40);
    osk_canvas_box(canvas, box, wall);
    for (int y = box.top + 30; y + tall < 680; y += tall * 2) {
        for (int x = box.left + wide; x + wide < box.right; x += wide * 2) {
            const Box window = { x, y, x + wide, y + tall };
            osk_canvas_box(canvas, window,
                           draw_below(state, 3) == 0 ? osk_canvas_blend(wall, glass, 1, 5) : glass);
        }
    }
}

static void draw_placard(const Canvas *canvas, uint32_t *state)
{
    const int x = 80 + draw_below(state, 700);
    const int y = 420 + draw_below(state, 120);
    const int wide = 100 + draw_below(state, 120);
    const Colour ink = draw_colour(state, 20, 170);
    osk_canvas_box(canvas, (Box){ x + wide / 2 - 4, y, x + wide / 2 + 4, 900 },
                   (Colour){ 96, 70, 48 });
    osk_canvas_box(canvas, (Box){ x, y, x + wide, y + 130 }, (Colour){ 246, 242, 230 });
    for (int line = 0; line < 3; line++) {
        const int top = y + 24 + line * 34;
        osk_canvas_box(canvas,
                       (Box){ x + 14, top, x + 30 + draw_below(state, wide - 40), top + 14 }, ink);
    }
}

static void note_face(OskSampleFaces *faces, const Canvas *canvas, int x, int y)
{
    if (faces != NULL && faces->count < OSK_SAMPLE_FACES_MAX) {
        const size_t at = faces->count++;
        faces->at[at].x = x * canvas->width / 1000;
        faces->at[at].y = y * canvas->height / 1000;
        /* With hair and ears. */
        faces->at[at].radius = 34 * canvas->width / 1000;
    }
}

void osk_sample_street(uint8_t *rgb, unsigned width, unsigned height, unsigned number,
                       OskSampleFaces *out_faces)
{
    const Canvas canvas = { .rgb = rgb, .width = (int)width, .height = (int)height };
    uint32_t state = begin(number);
    const Colour high = draw_colour(&state, 30, 190);
    osk_canvas_sky(&canvas, high, draw_colour(&state, 130, 250));
    for (int left = 0; left < 1000;) {
        const int right = left + 80 + draw_below(&state, 170);
        draw_house(&canvas, (Box){ left, 120 + draw_below(&state, 380), right, 800 }, &state);
        left = right;
    }
    osk_canvas_box(&canvas, (Box){ 0, 740, 1000, 1000 }, draw_colour(&state, 60, 120));
    const int people = 5 + draw_below(&state, 14);
    for (int i = 0; i < people; i++) {
        const int x = 30 + draw_below(&state, 940);
        const int y = 640 + i * 240 / people;
        draw_person(&canvas, x, y, &state);
        note_face(out_faces, &canvas, x, y);
    }
    draw_placard(&canvas, &state);
}

/* A cone of light from a lamp above. */
static void draw_beam(const Canvas *canvas, uint32_t *state)
{
    const int lamp = draw_below(state, canvas->width);
    const int lean = draw_below(state, 200) - 100;
    const int spread = 6 + draw_below(state, 20);
    const Colour light = draw_colour(state, 90, 255);
    for (int y = 0; y < canvas->height; y++) {
        const int middle = lamp + lean * y / 100;
        const int half = 2 + spread * y / 100;
        for (int x = middle - half; x <= middle + half; x++) {
            if (x >= 0 && x < canvas->width) {
                const uint8_t *at =
                    canvas->rgb + ((size_t)y * (size_t)canvas->width + (size_t)x) * 3;
                const Colour under = { at[0], at[1], at[2] };
                osk_canvas_pixel(canvas, x, y, osk_canvas_blend(under, light, 2, 5));
            }
        }
    }
}

static void draw_heart(const Canvas *canvas, int x, int y, int size, Colour colour)
{
    osk_canvas_circle(canvas, x - size / 2, y, size / 2, colour);
    osk_canvas_circle(canvas, x + size / 2, y, size / 2, colour);
    for (int row = 0; row < size * 2; row += 2) {
        const int half = size - row / 2;
        osk_canvas_box(canvas, (Box){ x - half, y + row, x + half, y + row + 4 }, colour);
    }
}

/* Screens behind the stage, each tile of another light. */
static void draw_screens(const Canvas *canvas, uint32_t *state)
{
    const Colour wall = draw_colour(state, 10, 70);
    for (int y = 60; y < 720; y += 80) {
        for (int x = 0; x < 1000; x += 20) {
            const Colour light = draw_colour(state, 20, 230);
            osk_canvas_box(canvas, (Box){ x + 1, y + 4, x + 19, y + 76 },
                           osk_canvas_blend(wall, light, 1 + draw_below(state, 4), 5));
        }
    }
}

void osk_sample_arena(uint8_t *rgb, unsigned width, unsigned height, unsigned number)
{
    const Canvas canvas = { .rgb = rgb, .width = (int)width, .height = (int)height };
    uint32_t state = begin(number + 2000);
    const Colour high = draw_colour(&state, 5, 90);
    osk_canvas_sky(&canvas, high, draw_colour(&state, 40, 160));
    draw_screens(&canvas, &state);
    for (int i = 0; i < 9; i++) {
        draw_beam(&canvas, &state);
    }
    osk_canvas_box(&canvas, (Box){ 0, 800, 1000, 1000 }, draw_colour(&state, 20, 80));
    for (int i = 0; i < 11; i++) {
        const int x = 40 + i * 90 + draw_below(&state, 60);
        draw_person(&canvas, x, 430 + draw_below(&state, 160), &state);
    }
    for (int i = 0; i < 16; i++) {
        const int size = 8 + draw_below(&state, 14);
        const int x = draw_below(&state, 1000);
        draw_heart(&canvas, x, draw_below(&state, 900), size, draw_colour(&state, 110, 255));
    }
}
