/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A covered block is made from a colour, or from the means of the MCUs around the region. The
 * means of covered MCUs are never added up, so there is nothing in memory that could be read by
 * mistake. */
#include "redact/jpeg_paint.h"

#include <stdlib.h>

#include "base/fault.h"
#include "redact/areas.h"

/* MCUs around the touched box whose means are kept: the ring, and one for interpolation. */
#define MARGIN 2u
#define FRACTION 16 /* plane values are samples times this */
#define WAVE_MORE 4 /* bits of fraction that the transforms of splines have beyond 14 */

/* ---- colours ---- */

/* T.871 section 6, in 16 bits of fraction. */
static int32_t weigh(int32_t r, int32_t g, int32_t b, const int32_t weights[3])
{
    int32_t sum = r * weights[0] + g * weights[1] + b * weights[2];
    return (sum + (1 << 15)) >> 16;
}

static void to_ycc(int32_t values[3])
{
    static const int32_t luma[3] = { 19595, 38470, 7471 };
    static const int32_t blue[3] = { -11059, -21709, 32768 };
    static const int32_t red[3] = { 32768, -27439, -5329 };
    int32_t r = values[0];
    int32_t g = values[1];
    int32_t b = values[2];
    values[0] = weigh(r, g, b, luma);
    values[1] = weigh(r, g, b, blue) + 128;
    values[2] = weigh(r, g, b, red) + 128;
}

/* Ink: as much black as the colour has, and all inks for black itself, which profiles would show
 * grey otherwise. Adobe's files hold what is left white instead. */
static void to_cmyk(const uint8_t color[3], bool adobe, int32_t values[4])
{
    int32_t light = color[0] > color[1] ? color[0] : color[1];
    light = color[2] > light ? color[2] : light;
    for (unsigned i = 0; i < 3; i++) {
        values[i] = light == 0 ? 255 : 255 - (255 * color[i] + light / 2) / light;
    }
    values[3] = 255 - light;
    for (unsigned i = 0; adobe && i < 4; i++) {
        values[i] = 255 - values[i];
    }
}

/* The sample of a component, times 16, that shows a colour. */
static int32_t color_value(const OskBlocksFile *file, const uint8_t color[3], unsigned component)
{
    int32_t values[4] = { color[0], color[1], color[2], 128 };
    switch (file->color) {
    case OSK_BLOCKS_RGB: break;
    case OSK_BLOCKS_GREY:
    case OSK_BLOCKS_YCC: to_ycc(values); break;
    case OSK_BLOCKS_CMYK: to_cmyk(color, file->adobe, values); break;
    case OSK_BLOCKS_YCCK:
        to_cmyk(color, file->adobe, values);
        for (unsigned i = 0; i < 3; i++) {
            values[i] = 255 - values[i];
        }
        to_ycc(values);
        break;
    case OSK_BLOCKS_UNKNOWN:
        to_ycc(values);
        values[1] = 128;
        break;
    }
    int32_t value = values[component];
    value = value < 0 ? 0 : value > 255 ? 255 : value;
    return file->bits == 8 ? value * FRACTION : value * 4095 * FRACTION / 255;
}

static OskRegionStyle cell_style(const OskBlocksPaint *paint, uint16_t cell, uint8_t color[3])
{
    if (cell == OSK_COVER_REST) {
        OskRegionDefaults defaults = osk_regions_defaults(paint->regions);
        memcpy(color, defaults.color, 3);
        return defaults.style;
    }
    const OskRegion *region = osk_regions_at(paint->regions, cell - 1u);
    if (region == NULL) {
        memset(color, 0, 3);
        return OSK_REGION_FILL;
    }
    memcpy(color, region->color, 3);
    return region->style;
}

/* ---- what is covered ---- */

/* The crop in cells of the stored picture, rounded outward. */
static OskStatus find_window(OskBlocksPaint *paint, const OskGeometry *geometry,
                             const OskRedactOptions *options)
{
    const OskBlocksFile *file = paint->file;
    paint->window = (OskBlocksBox){ .right = file->mcus_wide, .bottom = file->mcus_high };
    if (!options->crop) {
        return OSK_OK;
    }
    uint32_t width = osk_geometry_displayed_width(geometry);
    uint32_t height = osk_geometry_displayed_height(geometry);
    if (options->crop_width == 0 || options->crop_height == 0 || options->crop_x >= width ||
        options->crop_y >= height || options->crop_width > width - options->crop_x ||
        options->crop_height > height - options->crop_y) {
        return osk_fault_set(file->fault, OSK_MISUSE, "crop", "not inside the picture",
                             OSK_NO_OFFSET);
    }
    double x = options->crop_x;
    double y = options->crop_y;
    double w = options->crop_width;
    double h = options->crop_height;
    osk_geometry_box_to_stored(geometry, &x, &y, &w, &h);
    uint32_t cell_width = paint->map.cell_width;
    uint32_t cell_height = paint->map.cell_height;
    paint->window.left = (uint32_t)x / cell_width;
    paint->window.top = (uint32_t)y / cell_height;
    paint->window.right = ((uint32_t)(x + w) + cell_width - 1) / cell_width;
    paint->window.bottom = ((uint32_t)(y + h) + cell_height - 1) / cell_height;
    return OSK_OK;
}

/* Forgets the cells outside of the window, so that nothing there can count as surroundings. */
static void cut_map(OskCoverMap *map, const OskBlocksBox *window)
{
    uint32_t columns = window->right - window->left;
    uint32_t rows = window->bottom - window->top;
    map->covered = 0;
    for (uint32_t y = 0; y < rows; y++) {
        uint16_t *to = map->cells + (size_t)y * columns;
        memmove(to, map->cells + (size_t)(y + window->top) * map->columns + window->left,
                columns * sizeof(*to));
        for (uint32_t x = 0; x < columns; x++) {
            map->covered += to[x] != OSK_COVER_NONE;
        }
    }
}

/* The box around all covered cells, and whether one of them needs its surroundings. */
static void find_touched(OskBlocksPaint *paint)
{
    const OskCoverMap *map = &paint->map;
    OskBlocksBox box = { .left = UINT32_MAX, .top = UINT32_MAX };
    uint16_t last = OSK_COVER_NONE;
    for (uint32_t y = 0; y < map->rows; y++) {
        for (uint32_t x = 0; x < map->columns; x++) {
            uint16_t cell = map->cells[(size_t)y * map->columns + x];
            if (cell == OSK_COVER_NONE) {
                continue;
            }
            box.left = x < box.left ? x : box.left;
            box.right = x >= box.right ? x + 1 : box.right;
            box.top = box.top == UINT32_MAX ? y : box.top;
            box.bottom = y + 1;
            if (cell != last) {
                uint8_t color[3];
                paint->synthetic |= cell_style(paint, cell, color) != OSK_REGION_FILL;
                last = cell;
            }
        }
    }
    if (box.bottom == 0) {
        paint->touched = (OskBlocksBox){ .left = 0 };
        return;
    }
    paint->touched = (OskBlocksBox){ .left = box.left + paint->window.left,
                                     .right = box.right + paint->window.left,
                                     .top = box.top + paint->window.top,
                                     .bottom = box.bottom + paint->window.top };
}

static OskStatus no_memory(OskBlocksPaint *paint, OskStatus status)
{
    return osk_fault_set(paint->file->fault, status, "regions",
                         status == OSK_LIMIT ? "more memory or work than one job may spend"
                                             : "not enough memory",
                         OSK_NO_OFFSET);
}

/* The map and the planes of the touched box with its margin. */
static OskStatus open_box(OskBlocksPaint *paint)
{
    const OskBlocksBox *t = &paint->touched;
    const OskBlocksBox *w = &paint->window;
    OskBlocksBox *box = &paint->box;
    box->left = t->left - w->left > MARGIN ? t->left - MARGIN : w->left;
    box->top = t->top - w->top > MARGIN ? t->top - MARGIN : w->top;
    box->right = w->right - t->right > MARGIN ? t->right + MARGIN : w->right;
    box->bottom = w->bottom - t->bottom > MARGIN ? t->bottom + MARGIN : w->bottom;
    OskCoverMap *map = &paint->box_map;
    *map = (OskCoverMap){ .columns = box->right - box->left,
                          .rows = box->bottom - box->top,
                          .cell_width = paint->map.cell_width,
                          .cell_height = paint->map.cell_height,
                          .covered = paint->map.covered };
    uint64_t cells = (uint64_t)map->columns * map->rows;
    if (!osk_budget_memory(paint->budget, cells * sizeof(uint16_t))) {
        return no_memory(paint, OSK_LIMIT);
    }
    map->cells = malloc((size_t)cells * sizeof(uint16_t));
    if (map->cells == NULL) {
        osk_budget_return(paint->budget, cells * sizeof(uint16_t));
        return no_memory(paint, OSK_NO_MEMORY);
    }
    for (uint32_t y = 0; y < map->rows; y++) {
        memcpy(map->cells + (size_t)y * map->columns,
               paint->map.cells + (size_t)(box->top - w->top + y) * paint->map.columns +
                   (box->left - w->left),
               map->columns * sizeof(uint16_t));
    }
    for (unsigned i = 0; i < paint->file->count; i++) {
        OskPlane *plane = &paint->planes[i];
        bool ycc = paint->file->color == OSK_BLOCKS_YCC || paint->file->color == OSK_BLOCKS_YCCK;
        *plane = (OskPlane){ .columns = map->columns,
                             .rows = map->rows,
                             .high = ((1 << paint->file->bits) - 1) * FRACTION,
                             .channel = i,
                             .difference = ycc && (i == 1 || i == 2) };
        plane->values = osk_arena_array(paint->file->arena, (size_t)cells, sizeof(int32_t));
        if (plane->values == NULL) {
            return no_memory(paint, OSK_LIMIT);
        }
    }
    return OSK_OK;
}

OskStatus osk_blocks_paint_open(OskBlocksPaint *paint, OskBlocksFile *file,
                                const OskRegions *regions, const OskRedactOptions *options)
{
    OskGeometry geometry = { .width = file->width,
                             .height = file->height,
                             .orientation = file->orientation };
    uint32_t cell_width = 8 * file->h_max;
    uint32_t cell_height = 8 * file->v_max;
    *paint = (OskBlocksPaint){ .file = file, .regions = regions, .budget = file->budget };
    OskStatus status =
        osk_cover_make(&paint->map, regions, &geometry, cell_width, cell_height, 0, paint->budget);
    if (status != OSK_OK) {
        return no_memory(paint, status);
    }
    if (paint->map.columns != file->mcus_wide || paint->map.rows != file->mcus_high) {
        return osk_fault_set(file->fault, OSK_BUG, "regions", "a cover of another size",
                             OSK_NO_OFFSET);
    }
    if (options->areas != NULL) {
        status = osk_areas_find(options->areas, &paint->map, &geometry, paint->budget);
    }
    if (status != OSK_OK) {
        return no_memory(paint, status);
    }
    status = find_window(paint, &geometry, options);
    if (status != OSK_OK) {
        return status;
    }
    cut_map(&paint->map, &paint->window);
    /* Freed as what it was made as. */
    paint->map.columns = paint->window.right - paint->window.left;
    paint->map.rows = paint->window.bottom - paint->window.top;
    find_touched(paint);
    return paint->synthetic ? open_box(paint) : OSK_OK;
}

void osk_blocks_paint_close(OskBlocksPaint *paint)
{
    osk_noise_free(&paint->noise, paint->budget);
    osk_cover_free(&paint->box_map, paint->budget);
    /* The sums of memory want the map as it was made. */
    if (paint->file != NULL && paint->map.cells != NULL) {
        paint->map.columns = paint->file->mcus_wide;
        paint->map.rows = paint->file->mcus_high;
    }
    osk_cover_free(&paint->map, paint->budget);
}

/* ---- splines ---- */

static int32_t divide_rounded(int64_t a, int64_t b)
{
    return (int32_t)(a >= 0 ? (a + b / 2) / b : -((-a + b / 2) / b));
}

/* Half of c(u) cos((2x + 1) u pi / 16), in 14 bits of fraction (T.81 A.3.3). */
static int32_t basis(unsigned u, unsigned x)
{
    static const int32_t half_cosine[9] = { 8192, 8035, 7568, 6811, 5793, 4551, 3135, 1598, 0 };
    if (u == 0) {
        return half_cosine[4];
    }
    unsigned n = (2 * x + 1) * u % 32;
    n = n > 16 ? 32 - n : n;
    return n > 8 ? -half_cosine[16 - n] : half_cosine[n];
}

/* Three weights around a place in a cell, of a quadratic spline; `n` of `d` off its middle. They
 * add up to 2 d^2. */
static void spline(int64_t n, int64_t d, int64_t weights[3])
{
    weights[0] = (d / 2 - n) * (d / 2 - n);
    weights[1] = 3 * d * d / 2 - 2 * n * n;
    weights[2] = (d / 2 + n) * (d / 2 + n);
}

/* The transforms of the three weights along each block of an MCU that has `blocks` of them. */
static void make_waves(OskBlocksWaves *waves, unsigned blocks)
{
    int64_t d = 16 * (int64_t)blocks;
    for (unsigned block = 0; block < blocks; block++) {
        for (unsigned u = 0; u < 8; u++) {
            int64_t sums[3] = { 0, 0, 0 };
            for (unsigned x = 0; x < 8; x++) {
                int64_t weights[3];
                spline(2 * ((int64_t)block * 8 + x) + 1 - d / 2, d, weights);
                for (unsigned i = 0; i < 3; i++) {
                    sums[i] += weights[i] * basis(u, x);
                }
            }
            for (unsigned i = 0; i < 3; i++) {
                waves->at[block][u][i] = divide_rounded(sums[i] * (1 << WAVE_MORE), 2 * d * d);
            }
        }
    }
}

/* ---- means ---- */

void osk_blocks_paint_collect(OskBlocksPaint *paint, unsigned component, uint32_t x, uint32_t y,
                              int32_t dc)
{
    const OskBlocksBox *box = &paint->box;
    if (x < box->left || x >= box->right || y < box->top || y >= box->bottom) {
        return;
    }
    size_t at = (size_t)(y - box->top) * paint->box_map.columns + (x - box->left);
    if (paint->box_map.cells[at] == OSK_COVER_NONE) {
        paint->planes[component].values[at] += dc;
    }
}

static int32_t clamp(int64_t value, int32_t low, int32_t high)
{
    return (int32_t)(value < low ? low : value > high ? high : value);
}

/* From sums of DC coefficients to mean samples. Blocks outside of the picture were not collected:
 * only interleaved scans code them. */
static void make_means(OskBlocksPaint *paint, unsigned index)
{
    const OskBlocksComponent *c = &paint->file->components[index];
    OskPlane *plane = &paint->planes[index];
    int32_t centre = (1 << (paint->file->bits - 1)) * FRACTION;
    for (uint32_t y = 0; y < plane->rows; y++) {
        uint32_t down = c->blocks_high - (paint->box.top + y) * c->v;
        down = down < c->v ? down : c->v;
        for (uint32_t x = 0; x < plane->columns; x++) {
            uint32_t across = c->blocks_wide - (paint->box.left + x) * c->h;
            across = across < c->h ? across : c->h;
            int32_t *value = &plane->values[(size_t)y * plane->columns + x];
            int64_t sum = (int64_t)*value * c->steps[0] * (FRACTION / 8);
            int64_t mean = across * down > 0 ? sum / (int64_t)(across * down) : 0;
            *value = clamp(mean + centre, plane->low, plane->high);
        }
    }
}

OskStatus osk_blocks_paint_make(OskBlocksPaint *paint, const OskRedactOptions *options)
{
    if (!paint->synthetic) {
        return OSK_OK;
    }
    OskStatus status = osk_cover_group(&paint->box_map, paint->budget);
    if (status == OSK_OK) {
        status = osk_noise_make(&paint->noise, &options->random, paint->budget);
    }
    for (unsigned i = 0; i < paint->file->count && status == OSK_OK; i++) {
        make_means(paint, i);
        make_waves(&paint->waves[0][i], paint->file->components[i].h);
        make_waves(&paint->waves[1][i], paint->file->components[i].v);
        status = osk_synth_plane(&paint->planes[i], &paint->box_map, paint->regions, paint->noise,
                                 paint->budget);
    }
    return status == OSK_OK
               ? status
               : osk_fault_set(paint->file->fault, status, "regions",
                               "what is painted over them could not be made", OSK_NO_OFFSET);
}

/* ---- blocks ---- */

/* A DC coefficient that is `value`, a sample times 16, all over the block. */
static int16_t quantise_dc(const OskBlocksFile *file, const OskBlocksComponent *c, int32_t value)
{
    int32_t centre = (1 << (file->bits - 1)) * FRACTION;
    return (int16_t)divide_rounded(value - centre, (int64_t)c->steps[0] * (FRACTION / 8));
}

static const uint8_t zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
};

/* A cell and those around it, off the middle of the range. What is covered in another style does
 * not shine through: the cell itself stands for it, as it does beyond the picture. */
static void look_around(const OskBlocksPaint *paint, const OskBlocksSpot *spot, int64_t values[9])
{
    const OskPlane *plane = &paint->planes[spot->component];
    int32_t centre = (1 << (paint->file->bits - 1)) * FRACTION;
    uint32_t x = spot->x - paint->box.left;
    uint32_t y = spot->y - paint->box.top;
    size_t own = (size_t)y * plane->columns + x;
    for (unsigned i = 0; i < 9; i++) {
        uint32_t column = x + i % 3 - 1; /* wraps around before the first one */
        uint32_t row = y + i / 3 - 1;
        size_t at = own;
        if (column < plane->columns && row < plane->rows) {
            size_t there = (size_t)row * plane->columns + column;
            uint16_t cell = paint->box_map.cells[there];
            uint8_t color[3];
            bool shines =
                cell == OSK_COVER_NONE || cell_style(paint, cell, color) == OSK_REGION_BLUR;
            at = shines ? there : own;
        }
        values[i] = plane->values[at] - centre;
    }
}

/* A block of what runs smoothly between the means of MCUs. The transform of a sum of products of
 * two splines is the sum of the products of their transforms: no samples are needed. */
static unsigned blend(const OskBlocksPaint *paint, const OskBlocksSpot *spot, int16_t out[64])
{
    const OskBlocksComponent *c = &paint->file->components[spot->component];
    const OskBlocksWaves *across = &paint->waves[0][spot->component];
    const OskBlocksWaves *down = &paint->waves[1][spot->component];
    int32_t most = paint->file->bits == 8 ? 1023 : 16383;
    int64_t values[9];
    int64_t lines[3][8];
    look_around(paint, spot, values);
    for (unsigned r = 0; r < 3; r++) {
        for (unsigned u = 0; u < 8; u++) {
            const int32_t *wave = across->at[spot->block_x][u];
            lines[r][u] =
                values[3 * r] * wave[0] + values[3 * r + 1] * wave[1] + values[3 * r + 2] * wave[2];
        }
    }
    unsigned last = 0;
    for (unsigned k = 0; k < 64; k++) {
        unsigned u = zigzag[k] % 8;
        const int32_t *wave = down->at[spot->block_y][zigzag[k] / 8];
        int64_t sum = lines[0][u] * wave[0] + lines[1][u] * wave[1] + lines[2][u] * wave[2];
        int64_t step = ((int64_t)c->steps[k] * FRACTION) << (2 * (14 + WAVE_MORE));
        out[k] = 0;
        if (sum >= step / 2 || -sum >= step / 2) {
            out[k] = (int16_t)clamp(divide_rounded(sum, step), -most, most);
            last = out[k] != 0 ? k : last;
        }
    }
    return last;
}

unsigned osk_blocks_paint_block(const OskBlocksPaint *paint, const OskBlocksSpot *spot,
                                int16_t out[64])
{
    const OskBlocksFile *file = paint->file;
    const OskBlocksComponent *c = &file->components[spot->component];
    uint8_t color[3];
    OskRegionStyle style = cell_style(paint, osk_blocks_cover(paint, spot->x, spot->y), color);
    if (style == OSK_REGION_BLUR) {
        return blend(paint, spot, out);
    }
    int32_t value = 0;
    if (style == OSK_REGION_FILL) {
        value = color_value(file, color, spot->component);
    } else {
        const OskPlane *plane = &paint->planes[spot->component];
        value = plane->values[(size_t)(spot->y - paint->box.top) * plane->columns +
                              (spot->x - paint->box.left)];
    }
    memset(out, 0, 64 * sizeof(*out));
    out[0] = quantise_dc(file, c, value);
    return 0;
}
