/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an outside reader (libjpeg) says of the coefficients of a JPEG.
 *
 * usage: jpeg_coefs make OUT WIDTH HEIGHT COLOR FACTORS QUALITY SEED CODING
 *        jpeg_coefs alter IN OUT SEED LEFT TOP RIGHT BOTTOM CODING    (a box of MCUs as stored)
 *        jpeg_coefs alter-boxes IN OUT SEED FILE CODING    (a line of the file is one such box)
 *        jpeg_coefs compare A B [LEFT TOP]
 *        jpeg_coefs color FILE X Y    (prints red, green, blue; or what libjpeg gives of four inks)
 *
 * COLOR: grey rgb ycc cmyk ycck. FACTORS: "22,11,11". CODING: letters of p(rogressive)
 * o(ptimised tables) m(ulti-scan), then the restart interval. `compare` prints the MCUs of the two
 * that hold different coefficients, one "x y" a line; with LEFT TOP, B is a part of A from that MCU
 * on. Before them, it prints sizes and how many warnings more B gives than A. It exits with 1 where
 * the two are no pictures of one making. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

typedef struct Coding {
    bool progressive;
    bool optimised;
    bool scans;
    unsigned restart;
} Coding;

static Coding coding_of(const char *text)
{
    Coding coding = { .progressive = strchr(text, 'p') != NULL,
                      .optimised = strchr(text, 'o') != NULL,
                      .scans = strchr(text, 'm') != NULL };
    coding.restart = (unsigned)strtoul(text + strspn(text, "pom-"), NULL, 10);
    return coding;
}

static jpeg_scan_info scripts[MAX_COMPONENTS];

static void set_coding(struct jpeg_compress_struct *c, Coding coding)
{
    c->optimize_coding = coding.optimised;
    c->restart_interval = coding.restart;
    if (coding.progressive) {
        jpeg_simple_progression(c);
    } else if (coding.scans) {
        for (int i = 0; i < c->num_components; i++) {
            scripts[i] = (jpeg_scan_info){ .comps_in_scan = 1, .component_index = { i }, .Se = 63 };
        }
        c->scan_info = scripts;
        c->num_scans = c->num_components;
    }
}

static uint32_t mix(uint32_t a, uint32_t b)
{
    uint32_t h = (a ^ 0x9E3779B9u) * 0x85EBCA6Bu ^ (b + 0x7F4A7C15u) * 0xC2B2AE35u;
    h ^= h >> 15;
    h *= 0x2C1B3C6Du;
    return h ^ h >> 13;
}

/* Slopes, edges and noise. */
static JSAMPLE sample(uint32_t x, uint32_t y, unsigned component, uint32_t seed)
{
    uint32_t slope = (x * (component + 1) + y * 3 / (component + 2)) / 2;
    uint32_t block = mix(x / 24 + 1000 * (y / 18), seed + component) & 127;
    uint32_t noise = mix(x + 65536 * y, seed ^ component) & 31;
    return (JSAMPLE)((slope + block + noise) & 255);
}

static int make(char **a)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    FILE *out = fopen(a[0], "wb");
    if (out == NULL) {
        return 1;
    }
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, out);
    c.image_width = (JDIMENSION)strtoul(a[1], NULL, 10);
    c.image_height = (JDIMENSION)strtoul(a[2], NULL, 10);
    bool grey = strcmp(a[3], "grey") == 0;
    bool four = strcmp(a[3], "cmyk") == 0 || strcmp(a[3], "ycck") == 0;
    c.input_components = grey ? 1 : four ? 4 : 3;
    c.in_color_space = grey ? JCS_GRAYSCALE : four ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_colorspace(&c, grey                        ? JCS_GRAYSCALE
                            : strcmp(a[3], "rgb") == 0  ? JCS_RGB
                            : strcmp(a[3], "ycck") == 0 ? JCS_YCCK
                            : four                      ? JCS_CMYK
                                                        : JCS_YCbCr);
    jpeg_set_quality(&c, (int)strtol(a[5], NULL, 10), TRUE);
    const char *factors = a[4];
    for (int i = 0; i < c.num_components && strlen(factors) >= 2; i++) {
        c.comp_info[i].h_samp_factor = factors[0] - '0';
        c.comp_info[i].v_samp_factor = factors[1] - '0';
        factors += factors[2] == ',' ? 3 : 2;
    }
    set_coding(&c, coding_of(a[7]));
    uint32_t seed = (uint32_t)strtoul(a[6], NULL, 10);
    JSAMPLE *row = malloc((size_t)c.image_width * 4);
    jpeg_start_compress(&c, TRUE);
    while (row != NULL && c.next_scanline < c.image_height) {
        for (uint32_t x = 0; x < c.image_width; x++) {
            for (unsigned i = 0; i < (unsigned)c.input_components; i++) {
                row[x * (unsigned)c.input_components + i] = sample(x, c.next_scanline, i, seed);
            }
        }
        (void)jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    free(row);
    return fclose(out) == 0 ? 0 : 1;
}

typedef struct Picture {
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    jvirt_barray_ptr *arrays;
    FILE *file;
} Picture;

static bool open_picture(Picture *p, const char *path)
{
    p->file = fopen(path, "rb");
    if (p->file == NULL) {
        return false;
    }
    p->d.err = jpeg_std_error(&p->errors);
    jpeg_create_decompress(&p->d);
    jpeg_stdio_src(&p->d, p->file);
    for (int i = 0; i < 16; i++) {
        jpeg_save_markers(&p->d, JPEG_APP0 + i, 0xFFFF);
    }
    (void)jpeg_read_header(&p->d, TRUE);
    p->arrays = jpeg_read_coefficients(&p->d);
    return true;
}

static JBLOCKROW line(Picture *p, int component, JDIMENSION y)
{
    return *p->d.mem->access_virt_barray((j_common_ptr)&p->d, p->arrays[component], y, 1, TRUE);
}

/* Other coefficients for every block in a box of MCUs. */
static void alter_box(Picture *in, const unsigned box[4], uint32_t seed)
{
    for (int i = 0; i < in->d.num_components; i++) {
        jpeg_component_info *info = &in->d.comp_info[i];
        unsigned h = in->d.num_components == 1 ? 1 : (unsigned)info->h_samp_factor;
        unsigned v = in->d.num_components == 1 ? 1 : (unsigned)info->v_samp_factor;
        for (unsigned y = box[1] * v; y < box[3] * v && y < info->height_in_blocks; y++) {
            JBLOCKROW row = line(in, i, y);
            for (unsigned x = box[0] * h; x < box[2] * h && x < info->width_in_blocks; x++) {
                for (unsigned k = 0; k < 64; k++) {
                    uint32_t r = mix(x * 64 + k, seed ^ y * 977 ^ (uint32_t)i);
                    row[x][k] = k == 0            ? (JCOEF)((int)(r % 101) - 50)
                                : r % (k + 2) < 2 ? (JCOEF)((int)(r >> 8) % 15 - 7)
                                                  : 0;
                }
            }
        }
    }
}

static bool alter_boxes(Picture *in, const char *path, uint32_t seed)
{
    FILE *boxes = fopen(path, "r");
    unsigned box[4];
    while (boxes != NULL && fscanf(boxes, "%u %u %u %u", &box[0], &box[1], &box[2], &box[3]) == 4) {
        alter_box(in, box, seed);
    }
    return boxes != NULL && fclose(boxes) == 0;
}

static int write_altered(Picture *in, FILE *out, Coding coding)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, out);
    jpeg_copy_critical_parameters(&in->d, &c);
    set_coding(&c, coding);
    jpeg_write_coefficients(&c, in->arrays);
    for (jpeg_saved_marker_ptr m = in->d.marker_list; m != NULL; m = m->next) {
        if (m->marker == JPEG_APP0 + 1) {
            jpeg_write_marker(&c, m->marker, m->data, m->data_length);
        }
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    jpeg_destroy_decompress(&in->d);
    (void)fclose(in->file);
    return fclose(out) == 0 ? 0 : 1;
}

static int alter(char **a, bool many)
{
    Picture in;
    FILE *out = fopen(a[1], "wb");
    if (out == NULL || !open_picture(&in, a[0])) {
        return 1;
    }
    uint32_t seed = (uint32_t)strtoul(a[2], NULL, 10);
    if (many) {
        return alter_boxes(&in, a[3], seed) ? write_altered(&in, out, coding_of(a[4])) : 1;
    }
    unsigned box[4];
    for (unsigned i = 0; i < 4; i++) {
        box[i] = (unsigned)strtoul(a[3 + i], NULL, 10);
    }
    alter_box(&in, box, seed);
    return write_altered(&in, out, coding_of(a[7]));
}

/* True when both were made the same way. */
static bool alike(const Picture *a, const Picture *b)
{
    bool same = a->d.num_components == b->d.num_components &&
                a->d.jpeg_color_space == b->d.jpeg_color_space &&
                a->d.progressive_mode == b->d.progressive_mode &&
                a->d.restart_interval == b->d.restart_interval &&
                a->d.data_precision == b->d.data_precision;
    for (int i = 0; same && i < a->d.num_components; i++) {
        const jpeg_component_info *x = &a->d.comp_info[i];
        const jpeg_component_info *y = &b->d.comp_info[i];
        same = x->component_id == y->component_id && x->h_samp_factor == y->h_samp_factor &&
               x->v_samp_factor == y->v_samp_factor && x->quant_table != NULL &&
               y->quant_table != NULL &&
               memcmp(x->quant_table->quantval, y->quant_table->quantval,
                      sizeof(x->quant_table->quantval)) == 0;
    }
    return same;
}

static int compare(int count, char **names)
{
    Picture a;
    Picture b;
    if (!open_picture(&a, names[0]) || !open_picture(&b, names[1]) || !alike(&a, &b)) {
        return 1;
    }
    unsigned left = count > 2 ? (unsigned)strtoul(names[2], NULL, 10) : 0;
    unsigned top = count > 3 ? (unsigned)strtoul(names[3], NULL, 10) : 0;
    unsigned across = 8u * (unsigned)(a.d.num_components == 1 ? 1 : a.d.max_h_samp_factor);
    unsigned down = 8u * (unsigned)(a.d.num_components == 1 ? 1 : a.d.max_v_samp_factor);
    unsigned columns = (b.d.image_width + across - 1) / across;
    unsigned rows = (b.d.image_height + down - 1) / down;
    printf("size %u %u of %u %u, MCU %u %u, warnings %ld\n", b.d.image_width, b.d.image_height,
           a.d.image_width, a.d.image_height, across, down,
           b.errors.num_warnings - a.errors.num_warnings);
    for (unsigned my = 0; my < rows; my++) {
        unsigned char *different = calloc(columns, 1);
        for (int i = 0; different != NULL && i < a.d.num_components; i++) {
            const jpeg_component_info *x = &a.d.comp_info[i];
            const jpeg_component_info *y = &b.d.comp_info[i];
            unsigned h = a.d.num_components == 1 ? 1 : (unsigned)x->h_samp_factor;
            unsigned v = a.d.num_components == 1 ? 1 : (unsigned)x->v_samp_factor;
            for (unsigned by = my * v; by < my * v + v && by < y->height_in_blocks; by++) {
                JBLOCKROW from = line(&a, i, by + top * v);
                JBLOCKROW to = line(&b, i, by);
                for (unsigned bx = 0; bx < y->width_in_blocks; bx++) {
                    different[bx / h] |= memcmp(from[bx + left * h], to[bx], sizeof(JBLOCK)) != 0;
                }
            }
        }
        for (unsigned mx = 0; different != NULL && mx < columns; mx++) {
            if (different[mx] != 0) {
                printf("%u %u\n", mx, my);
            }
        }
        free(different);
    }
    jpeg_destroy_decompress(&a.d);
    jpeg_destroy_decompress(&b.d);
    (void)fclose(a.file);
    (void)fclose(b.file);
    return 0;
}

static int color(char **a)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    FILE *in = fopen(a[0], "rb");
    unsigned x = (unsigned)strtoul(a[1], NULL, 10);
    unsigned y = (unsigned)strtoul(a[2], NULL, 10);
    if (in == NULL) {
        return 1;
    }
    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_stdio_src(&d, in);
    (void)jpeg_read_header(&d, TRUE);
    d.out_color_space = d.num_components == 4 ? JCS_CMYK : JCS_RGB;
    (void)jpeg_start_decompress(&d);
    JSAMPLE *row = malloc((size_t)d.output_width * 4);
    while (row != NULL && d.output_scanline <= y && d.output_scanline < d.output_height) {
        (void)jpeg_read_scanlines(&d, &row, 1);
    }
    for (unsigned i = 0; row != NULL && i < (unsigned)d.output_components; i++) {
        printf("%u\n", row[x * (unsigned)d.output_components + i]);
    }
    jpeg_destroy_decompress(&d);
    free(row);
    return fclose(in) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "make") == 0 && argc == 10) {
        return make(argv + 2);
    }
    if (strcmp(verb, "alter") == 0 && argc == 10) {
        return alter(argv + 2, false);
    }
    if (strcmp(verb, "alter-boxes") == 0 && argc == 7) {
        return alter(argv + 2, true);
    }
    if (strcmp(verb, "compare") == 0 && (argc == 4 || argc == 6)) {
        return compare(argc - 2, argv + 2);
    }
    if (strcmp(verb, "color") == 0 && argc == 5) {
        return color(argv + 2);
    }
    fprintf(stderr, "usage: jpeg_coefs make|alter|alter-boxes|compare|color ...\n");
    return 2;
}
