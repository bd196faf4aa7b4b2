/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/icc_types.h"

#include <string.h>

#include "base/checked.h"

#define MAX_CHANNELS 15u

static bool copy_bytes(OskCursor *in, uint64_t len, OskWriter *out)
{
    OskCursor part = osk_cursor_take(in, len);
    if (!osk_cursor_ok(&part)) {
        return false;
    }
    osk_writer_bytes(out, osk_cursor_rest(&part), osk_cursor_left(&part));
    return osk_writer_ok(out);
}

static void write_type(OskWriter *out, const char *type)
{
    osk_writer_bytes(out, type, 4);
    osk_writer_zeros(out, 4);
}

static bool copy_numbers(OskCursor *in, const char *type, uint64_t len, OskWriter *out)
{
    write_type(out, type);
    return copy_bytes(in, len, out);
}

/* Sections 10.6 and 10.18; `in` stands behind the type's eight bytes. */
static bool copy_curve(OskCursor *in, bool parametric, OskWriter *out)
{
    static const uint8_t param_counts[] = { 1, 3, 4, 5, 7 };
    write_type(out, parametric ? "para" : "curv");
    if (!parametric) {
        uint32_t count = osk_cursor_u32be(in);
        osk_writer_be(out, count, 4);
        return osk_cursor_ok(in) && copy_bytes(in, (uint64_t)count * 2, out);
    }
    uint16_t function = osk_cursor_u16be(in);
    osk_cursor_skip(in, 2);
    if (!osk_cursor_ok(in) || function >= sizeof(param_counts)) {
        return false;
    }
    osk_writer_be(out, function, 2);
    osk_writer_zeros(out, 2);
    return copy_bytes(in, (uint64_t)param_counts[function] * 4, out);
}

static bool read_type(OskCursor *in, const char *type)
{
    if (!osk_cursor_starts(in, type, 4)) {
        return false;
    }
    osk_cursor_skip(in, 8);
    return osk_cursor_ok(in);
}

/* grid[0] * grid[1] * ... * outputs, or false when that is more than a file can hold. */
static bool grid_size(const uint8_t *grid, unsigned inputs, unsigned outputs, uint64_t *out_count)
{
    uint64_t count = outputs;
    for (unsigned i = 0; i < inputs; i++) {
        if (grid[i] == 0 || !osk_mul_u64(count, grid[i], &count) || count > UINT32_MAX) {
            return false;
        }
    }
    *out_count = count;
    return true;
}

/* lut8Type and lut16Type, sections 10.10 and 10.11. */
static bool copy_table(OskCursor *in, unsigned width, OskWriter *out)
{
    write_type(out, width == 1 ? "mft1" : "mft2");
    uint8_t inputs = osk_cursor_u8(in);
    uint8_t outputs = osk_cursor_u8(in);
    uint8_t points = osk_cursor_u8(in);
    osk_cursor_skip(in, 1);
    if (!osk_cursor_ok(in) || inputs == 0 || outputs == 0 || inputs > MAX_CHANNELS ||
        outputs > MAX_CHANNELS) {
        return false;
    }
    osk_writer_u8(out, inputs);
    osk_writer_u8(out, outputs);
    osk_writer_u8(out, points);
    osk_writer_u8(out, 0);
    uint8_t grid[MAX_CHANNELS];
    memset(grid, points, sizeof(grid));
    uint64_t cells = 0;
    if (!grid_size(grid, inputs, outputs, &cells) || !copy_bytes(in, 36, out)) {
        return false;
    }
    uint64_t in_entries = 256;
    uint64_t out_entries = 256;
    if (width == 2) {
        in_entries = osk_cursor_u16be(in);
        out_entries = osk_cursor_u16be(in);
        osk_writer_be(out, in_entries, 2);
        osk_writer_be(out, out_entries, 2);
    }
    uint64_t count = in_entries * inputs + cells + out_entries * outputs;
    return osk_cursor_ok(in) && copy_bytes(in, count * width, out);
}

static void pad_to_four(OskWriter *out, size_t start)
{
    osk_writer_zeros(out, (4 - (out->len - start) % 4) % 4);
}

/* A set of curves, each padded to four bytes; `value` is the whole tag value. */
static bool copy_curves(OskCursor value, uint32_t offset, unsigned count, size_t start,
                        OskWriter *out)
{
    osk_cursor_skip(&value, offset);
    for (unsigned i = 0; i < count; i++) {
        size_t before = osk_cursor_left(&value);
        bool parametric = osk_cursor_starts(&value, "para", 4);
        if (!(read_type(&value, "para") || read_type(&value, "curv")) ||
            !copy_curve(&value, parametric, out)) {
            return false;
        }
        size_t pad = (4 - (before - osk_cursor_left(&value)) % 4) % 4;
        osk_cursor_skip(&value, i + 1 < count ? pad : 0);
        pad_to_four(out, start);
    }
    return osk_cursor_ok(&value);
}

static bool copy_grid(OskCursor value, uint32_t offset, unsigned inputs, unsigned outputs,
                      OskWriter *out)
{
    osk_cursor_skip(&value, offset);
    uint8_t grid[16];
    memset(grid, 0, sizeof(grid));
    for (unsigned i = 0; i < 16; i++) {
        uint8_t points = osk_cursor_u8(&value);
        grid[i] = i < inputs ? points : 0;
    }
    uint8_t precision = osk_cursor_u8(&value);
    osk_cursor_skip(&value, 3);
    uint64_t cells = 0;
    if (!osk_cursor_ok(&value) || (precision != 1 && precision != 2) ||
        !grid_size(grid, inputs, outputs, &cells)) {
        return false;
    }
    osk_writer_bytes(out, grid, sizeof(grid));
    osk_writer_u8(out, precision);
    osk_writer_zeros(out, 3);
    return copy_bytes(&value, cells * precision, out);
}

typedef struct Pipeline {
    unsigned inputs;
    unsigned outputs;
    unsigned b_curves; /* on the side of the connection space */
    unsigned a_curves; /* on the side of the device */
    uint32_t b;
    uint32_t matrix;
    uint32_t m;
    uint32_t grid;
    uint32_t a;
} Pipeline;

/* Remembers where an element of the pipeline stands, counted from the value's first byte. */
static void point_here(OskWriter *out, size_t start, unsigned field)
{
    osk_writer_patch_be(out, start + field, out->len - start, 4);
}

/* Section 10.12 and 10.13: B curves, matrix, M curves, grid, A curves; all but B may be absent. */
static bool copy_elements(OskCursor value, const Pipeline *p, size_t start, OskWriter *out)
{
    point_here(out, start, 12);
    if (!copy_curves(value, p->b, p->b_curves, start, out)) {
        return false;
    }
    if (p->matrix != 0) {
        point_here(out, start, 16);
        OskCursor c = value;
        osk_cursor_skip(&c, p->matrix);
        if (!copy_bytes(&c, 48, out)) {
            return false;
        }
    }
    if (p->m != 0) {
        point_here(out, start, 20);
        if (!copy_curves(value, p->m, 3, start, out)) {
            return false;
        }
    }
    if (p->grid != 0) {
        point_here(out, start, 24);
        if (!copy_grid(value, p->grid, p->inputs, p->outputs, out)) {
            return false;
        }
        pad_to_four(out, start);
    }
    if (p->a != 0) {
        point_here(out, start, 28);
        return copy_curves(value, p->a, p->a_curves, start, out);
    }
    return true;
}

static bool copy_pipeline(OskCursor value, bool a_to_b, OskWriter *out)
{
    size_t start = out->len;
    OskCursor c = value;
    osk_cursor_skip(&c, 8);
    Pipeline p = { .inputs = osk_cursor_u8(&c), .outputs = osk_cursor_u8(&c) };
    osk_cursor_skip(&c, 2);
    p.b = osk_cursor_u32be(&c);
    p.matrix = osk_cursor_u32be(&c);
    p.m = osk_cursor_u32be(&c);
    p.grid = osk_cursor_u32be(&c);
    p.a = osk_cursor_u32be(&c);
    p.b_curves = a_to_b ? p.outputs : p.inputs;
    p.a_curves = a_to_b ? p.inputs : p.outputs;
    bool counts =
        p.inputs > 0 && p.outputs > 0 && p.inputs <= MAX_CHANNELS && p.outputs <= MAX_CHANNELS;
    if (!osk_cursor_ok(&c) || !counts || p.b == 0) {
        return false;
    }
    write_type(out, a_to_b ? "mAB " : "mBA ");
    osk_writer_u8(out, (uint8_t)p.inputs);
    osk_writer_u8(out, (uint8_t)p.outputs);
    osk_writer_zeros(out, 2 + 5 * 4);
    return osk_writer_ok(out) && copy_elements(value, &p, start, out) && osk_writer_ok(out);
}

bool osk_icc_type_is_known(OskCursor value)
{
    static const char types[] = "curvparamft1mft2mAB mBA XYZ sf32cicptextdescmluc";
    bool letters = osk_cursor_left(&value) >= 8;
    for (size_t i = 0; i + 4 < sizeof(types); i += 4) {
        if (osk_cursor_starts(&value, types + i, 4)) {
            return true;
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        uint8_t letter = osk_cursor_u8(&value);
        letters &= letter >= ' ' && letter <= '~';
    }
    return !letters;
}

bool osk_icc_copy_value(OskCursor value, unsigned types, OskWriter *out)
{
    OskCursor c = value;
    if ((types & ICC_XYZ) != 0 && read_type(&c, "XYZ ")) {
        return copy_numbers(&c, "XYZ ", 12, out);
    }
    if ((types & ICC_CURVE) != 0 && read_type(&c, "curv")) {
        return copy_curve(&c, false, out);
    }
    if ((types & ICC_CURVE) != 0 && read_type(&c, "para")) {
        return copy_curve(&c, true, out);
    }
    if ((types & ICC_MATRIX) != 0 && read_type(&c, "sf32")) {
        return copy_numbers(&c, "sf32", 36, out);
    }
    if ((types & ICC_CICP) != 0 && read_type(&c, "cicp")) {
        return copy_numbers(&c, "cicp", 4, out);
    }
    if ((types & ICC_LUT) == 0) {
        return false;
    }
    if (osk_cursor_starts(&value, "mAB ", 4) || osk_cursor_starts(&value, "mBA ", 4)) {
        return copy_pipeline(value, osk_cursor_starts(&value, "mAB ", 4), out);
    }
    if (read_type(&c, "mft1")) {
        return copy_table(&c, 1, out);
    }
    return read_type(&c, "mft2") && copy_table(&c, 2, out);
}
