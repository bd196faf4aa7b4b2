/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin-sample OUT: writes the drawn photo, with what a phone writes beside the picture: a place,
 * times, a serial number, a preview, names. Nothing in it belongs to anybody.
 * oilskin-sample street NUMBER OUT: another street, written the same way; prints regions (version
 * 1) that cover its faces. oilskin-sample clip NUMBER whole|trim|small|still OUT: a short video of
 * it, and what fans make of that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sample/clip.h"
#include "cli/sample/sample.h"

#define WIDTH 960u
#define HEIGHT 640u
#define PREVIEW_WIDTH 192u
#define PREVIEW_HEIGHT 128u

enum { ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5 };

/* One IFD under construction (TIFF 6.0, section 2): entries first, then what does not fit into
 * them. */
typedef struct Ifd {
    OskSampleBytes entries;
    OskSampleBytes values;
    unsigned count;
    uint32_t values_at; /* offset of `values` from the TIFF header */
} Ifd;

static void put_entry(Ifd *ifd, unsigned tag, unsigned type, uint32_t count, uint32_t value)
{
    osk_sample_put_u16(&ifd->entries, tag);
    osk_sample_put_u16(&ifd->entries, type);
    osk_sample_put_u32(&ifd->entries, count);
    if (type == SHORT && count == 1) {
        value <<= 16;
    }
    osk_sample_put_u32(&ifd->entries, value);
    ifd->count++;
}

static void put_text(Ifd *ifd, unsigned tag, const char *text)
{
    size_t len = strlen(text) + 1;
    if (len <= 4) {
        uint8_t inside[4] = { 0 };
        memcpy(inside, text, len);
        put_entry(ifd, tag, ASCII, (uint32_t)len,
                  (uint32_t)inside[0] << 24 | (uint32_t)inside[1] << 16 | (uint32_t)inside[2] << 8 |
                      inside[3]);
        return;
    }
    put_entry(ifd, tag, ASCII, (uint32_t)len, ifd->values_at + (uint32_t)ifd->values.len);
    osk_sample_put(&ifd->values, text, len);
    if (len % 2 == 1) {
        osk_sample_put_u8(&ifd->values, 0);
    }
}

static void put_rationals(Ifd *ifd, unsigned tag, const uint32_t *pairs, uint32_t count)
{
    put_entry(ifd, tag, RATIONAL, count, ifd->values_at + (uint32_t)ifd->values.len);
    for (uint32_t i = 0; i < count * 2; i++) {
        osk_sample_put_u32(&ifd->values, pairs[i]);
    }
}

/* Begins an IFD of `count` entries at `offset`. */
static Ifd begin_ifd(uint32_t offset, unsigned count)
{
    return (Ifd){ .values_at = offset + 2 + count * 12 + 4 };
}

static uint32_t end_of(const Ifd *ifd)
{
    return ifd->values_at + (uint32_t)ifd->values.len;
}

static void put_ifd(OskSampleBytes *tiff, Ifd *ifd, uint32_t next)
{
    osk_sample_put_u16(tiff, ifd->count);
    osk_sample_put(tiff, ifd->entries.at, ifd->entries.len);
    osk_sample_put_u32(tiff, next);
    if (ifd->values.len > 0) {
        osk_sample_put(tiff, ifd->values.at, ifd->values.len);
    }
    tiff->failed = tiff->failed || ifd->entries.failed || ifd->values.failed;
    free(ifd->entries.at);
    free(ifd->values.at);
}

static Ifd make_camera(uint32_t offset)
{
    static const uint32_t exposure[] = { 1, 250 };
    static const uint32_t aperture[] = { 18, 10 };
    Ifd ifd = begin_ifd(offset, 7);
    put_rationals(&ifd, 0x829A, exposure, 1);
    put_rationals(&ifd, 0x829D, aperture, 1);
    put_text(&ifd, 0x9003, "2026:05:01 18:42:07");
    put_text(&ifd, 0x9011, "+02:00");
    put_text(&ifd, 0xA430, "R. Example");
    put_text(&ifd, 0xA431, "PK7-204418-0093");
    put_text(&ifd, 0xA434, "Kite P7 back camera 5.4mm f/1.8");
    return ifd;
}

static Ifd make_place(uint32_t offset)
{
    static const uint32_t latitude[] = { 47, 1, 22, 1, 3010, 100 };
    static const uint32_t longitude[] = { 8, 1, 32, 1, 2745, 100 };
    static const uint32_t direction[] = { 2125, 10 };
    Ifd ifd = begin_ifd(offset, 7);
    put_entry(&ifd, 0, 1, 4, 0x02030000);
    put_text(&ifd, 1, "N");
    put_rationals(&ifd, 2, latitude, 3);
    put_text(&ifd, 3, "E");
    put_rationals(&ifd, 4, longitude, 3);
    put_text(&ifd, 0x10, "T");
    put_rationals(&ifd, 0x11, direction, 1);
    return ifd;
}

static Ifd make_main(uint32_t offset)
{
    Ifd ifd = begin_ifd(offset, 8);
    put_text(&ifd, 0x010E, "Rally at the station, R. and the others in front");
    put_text(&ifd, 0x010F, "Kite");
    put_text(&ifd, 0x0110, "Kite P7");
    put_entry(&ifd, 0x0112, SHORT, 1, 1);
    put_text(&ifd, 0x0131, "KiteCam 4.2.1");
    put_text(&ifd, 0x0132, "2026:05:01 18:42:07");
    return ifd;
}

static Ifd make_preview_entries(uint32_t offset, size_t preview_len)
{
    Ifd ifd = begin_ifd(offset, 3);
    put_entry(&ifd, 0x0103, SHORT, 1, 6);
    put_entry(&ifd, 0x0201, LONG, 1, ifd.values_at);
    put_entry(&ifd, 0x0202, LONG, 1, (uint32_t)preview_len);
    return ifd;
}

/* APP1 (Exif 2.3, section 4.5): IFD0, its Exif and GPS IFDs, then IFD1 with the preview. */
static void make_exif(OskSampleBytes *out, const OskSampleBytes *preview)
{
    Ifd first = make_main(8);
    uint32_t camera_at = end_of(&first);
    Ifd camera = make_camera(camera_at);
    uint32_t place_at = end_of(&camera);
    Ifd place = make_place(place_at);
    uint32_t preview_at = end_of(&place);
    Ifd second = make_preview_entries(preview_at, preview->len);
    put_entry(&first, 0x8769, LONG, 1, camera_at);
    put_entry(&first, 0x8825, LONG, 1, place_at);
    osk_sample_put(out, "Exif\0", 6);
    osk_sample_put(out, "MM\0\x2A\0\0\0\x08", 8);
    put_ifd(out, &first, preview_at);
    put_ifd(out, &camera, 0);
    put_ifd(out, &place, 0);
    put_ifd(out, &second, 0);
    osk_sample_put(out, preview->at, preview->len);
}

typedef void Draw(uint8_t *rgb, unsigned width, unsigned height, unsigned number);

static void draw_rally(uint8_t *rgb, unsigned width, unsigned height, unsigned number)
{
    (void)number;
    osk_sample_draw(rgb, width, height);
}

static void draw_street(uint8_t *rgb, unsigned width, unsigned height, unsigned number)
{
    osk_sample_street(rgb, width, height, number, NULL);
}

static bool print_faces(unsigned number)
{
    static uint8_t rgb[WIDTH * HEIGHT * 3];
    OskSampleFaces faces = { .count = 0 };
    osk_sample_street(rgb, WIDTH, HEIGHT, number, &faces);
    printf("{ \"version\": 1, \"regions\": [");
    for (size_t i = 0; i < faces.count; i++) {
        const int radius = faces.at[i].radius;
        printf("%s\n  { \"shape\": \"ellipse\", \"x\": %d, \"y\": %d, \"w\": %d, \"h\": %d, "
               "\"style\": \"mosaic\" }",
               i == 0 ? "" : ",", faces.at[i].x - radius, faces.at[i].y - radius, 2 * radius,
               2 * radius);
    }
    puts(" ] }");
    return fflush(stdout) == 0;
}

static bool write_photo(const char *path, Draw *draw, unsigned number)
{
    static uint8_t rgb[WIDTH * HEIGHT * 3];
    static uint8_t small[PREVIEW_WIDTH * PREVIEW_HEIGHT * 3];
    OskSampleBytes preview = { .len = 0 };
    OskSampleBytes exif = { .len = 0 };
    OskSampleBytes photo = { .len = 0 };
    draw(rgb, WIDTH, HEIGHT, number);
    draw(small, PREVIEW_WIDTH, PREVIEW_HEIGHT, number);
    osk_sample_jpeg(&preview, small, PREVIEW_WIDTH, PREVIEW_HEIGHT, NULL);
    make_exif(&exif, &preview);
    osk_sample_jpeg(&photo, rgb, WIDTH, HEIGHT, &exif);
    bool fine = !preview.failed && !exif.failed && !photo.failed && osk_sample_write(path, &photo);
    free(preview.at);
    free(exif.at);
    free(photo.at);
    return fine;
}

static bool write_clip(const char *path, unsigned number, const char *form)
{
    unsigned at = 0;
    while (at < OSK_SAMPLE_FORMS && strcmp(form, osk_sample_forms[at]) != 0) {
        at++;
    }
    return at < OSK_SAMPLE_FORMS && osk_sample_clip(path, number, (OskSampleForm)at);
}

int main(int argc, char **argv)
{
    bool fine = false;
    unsigned number = argc >= 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (argc == 2) {
        fine = write_photo(argv[1], draw_rally, 0);
    } else if (argc == 4 && strcmp(argv[1], "street") == 0) {
        fine = write_photo(argv[3], draw_street, number) && print_faces(number);
    } else if (argc == 5 && strcmp(argv[1], "clip") == 0) {
        fine = write_clip(argv[4], number, argv[3]);
    } else {
        fputs("usage: oilskin-sample OUT\n"
              "       oilskin-sample street NUMBER OUT\n"
              "       oilskin-sample clip NUMBER whole|trim|small|still OUT\n",
              stderr);
        return 2;
    }
    if (!fine) {
        fputs("oilskin-sample: what was asked for could not be written\n", stderr);
        return 1;
    }
    return 0;
}
