/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG in TIFF whose Huffman tables were made for the picture. */
#include "pixels/codec_tiff.h"

#include <stdio.h>

#include <jpeglib.h>

#include "coded.h"

#define SIDE 64u
/* What is covered: whole blocks. */
#define BOX_FROM 24u
#define BOX_TO 40u

static const OskCodec *const tiff = &osk_codec_tiff;

typedef struct Part {
    uint8_t bytes[16384];
    size_t len;
} Part;

static bool in_box(uint32_t x, uint32_t y)
{
    return x >= BOX_FROM && x < BOX_TO && y >= BOX_FROM && y < BOX_TO;
}

static uint8_t grain(uint32_t x, uint32_t y)
{
    return (uint8_t)(((x * 2654435761u) ^ (y * 40503u + x * y * 977u)) >> 7);
}

/* Flat, so that few symbols have a code; in the box something else. */
static uint8_t sample(uint32_t x, uint32_t y, bool busy)
{
    return in_box(x, y) && busy ? grain(x, y) : (uint8_t)(x / 16 * 20 + y / 16 * 24 + 40);
}

/* A JPEG of `rows` rows of the picture, with tables of its own. */
static void draw(Part *out, uint32_t top, uint32_t rows, bool busy)
{
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct jpeg = { .err = jpeg_std_error(&errors) };
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &len);
    jpeg.image_width = SIDE;
    jpeg.image_height = rows;
    jpeg.input_components = 1;
    jpeg.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 90, TRUE);
    jpeg.optimize_coding = TRUE;
    jpeg.write_JFIF_header = FALSE;
    jpeg_start_compress(&jpeg, TRUE);
    for (uint32_t y = 0; y < rows; y++) {
        uint8_t samples[SIDE];
        JSAMPROW row = samples;
        for (uint32_t x = 0; x < SIDE; x++) {
            samples[x] = sample(x, top + y, busy);
        }
        (void)jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    assert_true(len <= sizeof out->bytes);
    memcpy(out->bytes, bytes, len);
    out->len = len;
    free(bytes);
}

static void add(Part *part, const uint8_t *bytes, size_t len)
{
    assert_true(part->len + len <= sizeof part->bytes);
    memcpy(part->bytes + part->len, bytes, len);
    part->len += len;
}

/* Moves DQT and DHT of a JPEG to `tables`. */
static void split(const Part *whole, Part *tables, Part *strip)
{
    size_t at = 2;
    tables->len = strip->len = 0;
    add(tables, whole->bytes, 2);
    add(strip, whole->bytes, 2);
    while (whole->bytes[at + 1] != 0xDA) {
        const uint8_t *segment = whole->bytes + at;
        size_t len = 2 + ((size_t)segment[2] << 8 | segment[3]);
        add(segment[1] == 0xDB || segment[1] == 0xC4 ? tables : strip, segment, len);
        at += len;
    }
    add(strip, whole->bytes + at, whole->len - at);
    add(tables, (const uint8_t *)"\xff\xd9", 2);
}

/* A page of as many strips as there are parts. */
static void wrap(const Part *tables, Part *strips, uint32_t count, OskTiffMemory *out,
                 OskBudget *budget)
{
    *out = (OskTiffMemory){ .ceiling = UINT32_MAX, .budget = budget };
    TIFF *file = osk_tiff_open(out, "wl", budget);
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, SIDE);
    TIFFSetField(file, TIFFTAG_IMAGELENGTH, SIDE);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_JPEG);
    TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, SIDE / count);
    if (tables != NULL) {
        TIFFSetField(file, TIFFTAG_JPEGTABLES, (uint32_t)tables->len, tables->bytes);
    }
    for (uint32_t i = 0; i < count; i++) {
        assert_true(TIFFWriteRawStrip(file, i, strips[i].bytes, (tmsize_t)strips[i].len) > 0);
    }
    assert_int_equal(TIFFWriteDirectory(file), 1);
    TIFFClose(file);
}

/* Decodes it, paints grain on the box, codes it. The picture as it was painted is the caller's. */
static OskImage paint(const OskTiffMemory *file, Coded *coded)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    static uint8_t covered[SIDE * SIDE];
    assert_int_equal(tiff->open(file->output, file->len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_true(info.lossy && info.reach > 0 && tiff->report == NULL);
    assert_int_equal(tiff->next(decoder, &frame, NULL), OSK_OK);
    for (uint32_t y = 0; y < SIDE; y++) {
        for (uint32_t x = 0; x < SIDE; x++) {
            covered[y * SIDE + x] = in_box(x, y);
            if (in_box(x, y)) {
                frame.image.pixels[y * frame.image.stride + x] = grain(y, x);
            }
        }
    }
    frame.covered = covered;
    assert_int_equal(code(tiff, decoder, &frame, 1, coded), OSK_OK);
    tiff->close(&decoder);
    return frame.image;
}

/* How much the copy differs from what it shall show, from row `top` on. */
static int difference(const Coded *coded, const OskImage *wanted, uint32_t top)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    int most = 0;
    assert_int_equal(tiff->open(coded->bytes, coded->len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(tiff->next(decoder, &frame, NULL), OSK_OK);
    for (size_t i = (size_t)top * wanted->stride; i < wanted->stride * SIDE; i++) {
        int by = abs(frame.image.pixels[i] - wanted->pixels[i]);
        most = by > most ? by : most;
    }
    osk_image_free(&frame.image, &budget);
    tiff->close(&decoder);
    return most;
}

/* What was covered has shaped the tables of the source: nothing of that is left, and what is
 * painted needs codes that they lack. */
static void tiff_jpeg__leaves_no_tables_made_for_the_picture(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    Part whole;
    Part tables[2];
    Part strip;
    OskTiffMemory file;
    Coded coded[2];
    for (unsigned busy = 0; busy < 2; busy++) {
        draw(&whole, 0, SIDE, busy == 1);
        split(&whole, &tables[busy], &strip);
        wrap(&tables[busy], &strip, 1, &file, &budget);
        OskImage painted = paint(&file, &coded[busy]);
        assert_true(difference(&coded[busy], &painted, 0) < 24);
        osk_image_free(&painted, &budget);
        free(file.output);
    }
    assert_true(tables[0].len != tables[1].len ||
                memcmp(tables[0].bytes, tables[1].bytes, tables[0].len) != 0);
    assert_int_equal(coded[0].len, coded[1].len);
    assert_memory_equal(coded[0].bytes, coded[1].bytes, coded[0].len);
    free(coded[0].bytes);
    free(coded[1].bytes);
}

/* Strips that bring their own tables: one that isn't painted gets others, and shows the same. */
static void tiff_jpeg__keeps_the_coefficients_of_other_strips(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    Part strips[4];
    Part tables;
    Part bare;
    OskTiffMemory file;
    Coded coded;
    for (uint32_t i = 0; i < 4; i++) {
        draw(&strips[i], i * SIDE / 4, SIDE / 4, true);
    }
    wrap(NULL, strips, 4, &file, &budget);
    OskImage painted = paint(&file, &coded);
    assert_true(difference(&coded, &painted, 0) < 24);
    assert_int_equal(difference(&coded, &painted, 3 * SIDE / 4), 0);
    split(&strips[3], &tables, &bare);
    for (size_t at = 2; tables.bytes[at + 1] != 0xD9;) {
        size_t len = 2 + ((size_t)tables.bytes[at + 2] << 8 | tables.bytes[at + 3]);
        assert_int_equal(holds(&coded, tables.bytes + at, len), tables.bytes[at + 1] == 0xDB);
        at += len;
    }
    osk_image_free(&painted, &budget);
    free(file.output);
    free(coded.bytes);
}

static void init_job(OskTiffJpeg *job, OskTiffJpegTables *tables, Part *strip)
{
    *tables = (OskTiffJpegTables){ .old = NULL };
    *job = (OskTiffJpeg){ .tables = tables,
                          .strip = strip->bytes,
                          .strip_len = strip->len,
                          .row_len = SIDE,
                          .width = SIDE,
                          .height = SIDE,
                          .height_most = SIDE,
                          .components = 1 };
}

/* libjpeg has written and its buffer has grown when there is no more room. */
static void tiff_jpeg__ends_where_there_is_no_more_room(void **state)
{
    (void)state;
    static uint8_t rows[16 * SIDE * SIDE];
    Part strip;
    OskTiffJpegTables tables;
    OskTiffJpeg job;
    size_t last = 131072;
    draw(&strip, 0, SIDE, true);
    init_job(&job, &tables, &strip);
    for (uint32_t i = 0; i < 16 * SIDE * SIDE; i++) {
        rows[i] = grain(i % (4 * SIDE), i / (4 * SIDE));
    }
    job.rows = rows;
    job.row_len = job.width = job.height = job.height_most = 4 * SIDE;
    for (size_t ceiling = 2048; ceiling <= last; ceiling += 2048) {
        OskWriter out;
        osk_writer_init(&out, ceiling);
        bool ok = osk_tiff_jpeg_code(&job, &out);
        assert_int_equal(ok, osk_writer_ok(&out));
        assert_false(ok && ceiling <= 16384);
        assert_true(ok || ceiling < last);
        osk_writer_free(&out);
    }
}

/* Higher than the strip's place: what would stand below the page isn't kept. */
static void tiff_jpeg__refuses_strips_that_are_too_large(void **state)
{
    (void)state;
    Part strip;
    OskTiffJpegTables tables;
    OskTiffJpeg job;
    OskWriter out;
    draw(&strip, 0, SIDE, false);
    init_job(&job, &tables, &strip);
    osk_writer_init(&out, 65536);
    assert_true(osk_tiff_jpeg_code(&job, &out));
    osk_writer_free(&out);
    job.height_most = SIDE - 8;
    osk_writer_init(&out, 65536);
    assert_false(osk_tiff_jpeg_code(&job, &out));
    assert_true(osk_writer_ok(&out));
    osk_writer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiff_jpeg__leaves_no_tables_made_for_the_picture),
        cmocka_unit_test(tiff_jpeg__keeps_the_coefficients_of_other_strips),
        cmocka_unit_test(tiff_jpeg__ends_where_there_is_no_more_room),
        cmocka_unit_test(tiff_jpeg__refuses_strips_that_are_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
