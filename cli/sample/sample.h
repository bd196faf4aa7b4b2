/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drawn photo of `./run`: a scene of our own, written as a phone would write it. */
#ifndef OSK_CLI_SAMPLE_SAMPLE_H
#define OSK_CLI_SAMPLE_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow; `failed` when memory ended. */
typedef struct OskSampleBytes {
    uint8_t *at;
    size_t len;
    size_t capacity;
    bool failed;
} OskSampleBytes;

void osk_sample_put(OskSampleBytes *bytes, const void *from, size_t len);
void osk_sample_put_u8(OskSampleBytes *bytes, unsigned value);
/* Big-endian, as JPEG markers and the Exif data here are. */
void osk_sample_put_u16(OskSampleBytes *bytes, unsigned value);
void osk_sample_put_u32(OskSampleBytes *bytes, uint32_t value);
/* All of them as a file. */
bool osk_sample_write(const char *path, const OskSampleBytes *bytes);

/* Draws a rally under a low sun: `width` * `height` pixels of red, green, blue. */
void osk_sample_draw(uint8_t *rgb, unsigned width, unsigned height);

#define OSK_SAMPLE_FACES_MAX 20u

/* Where people's heads are, in pixels: the middle and the radius. */
typedef struct OskSampleFaces {
    struct {
        int x, y, radius;
    } at[OSK_SAMPLE_FACES_MAX];
    size_t count;
} OskSampleFaces;

/* Another street for each number. @param out_faces may be NULL. */
void osk_sample_street(uint8_t *rgb, unsigned width, unsigned height, unsigned number,
                       OskSampleFaces *out_faces);
/* Another stage for each number, from one end to the other: a camera passes along it. */
void osk_sample_arena(uint8_t *rgb, unsigned width, unsigned height, unsigned number);

/* Appends a baseline JPEG (ITU-T T.81): `app1`, where not NULL, goes in as the APP1 segment. Width
 * and height are multiples of 8. */
void osk_sample_jpeg(OskSampleBytes *out, const uint8_t *rgb, unsigned width, unsigned height,
                     const OskSampleBytes *app1);

#endif
