/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest encoder that makes an ordinary JPEG: baseline, 4:4:4, one table of each kind. It is
 * there so that the demonstration needs no picture of anybody. Source: ITU-T T.81. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sample/sample.h"

/* Annex K.1, about half of it: quality for a demonstration. */
static const uint8_t quantization[64] = {
    8,  6,  5,  8,  12, 20, 26, 31, 6,  6,  7,  10, 13, 29, 30, 28, 7,  7,  8,  12, 20, 29,
    35, 28, 7,  9,  11, 15, 26, 44, 40, 31, 9,  11, 19, 28, 34, 55, 52, 39, 12, 18, 28, 32,
    41, 52, 57, 46, 25, 32, 39, 44, 52, 61, 60, 51, 36, 46, 48, 49, 56, 50, 52, 50,
};

/* Figure A.6. */
static const uint8_t zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

/* Six symbols that are frequent get short codes, all others ten bits. */
#define FREQUENT_COUNT 6u
static const uint8_t frequent[FREQUENT_COUNT] = { 0x00, 0x01, 0x02, 0x11, 0x03, 0x21 };

typedef struct Code {
    uint16_t bits;
    uint8_t len;
} Code;

typedef struct Encoder {
    OskSampleBytes *out;
    uint32_t pending;
    unsigned pending_len;
    Code dc[12];
    Code ac[256];
    uint8_t ac_symbols[162];
    double cosines[8][8];
    int last_dc[3];
} Encoder;

void osk_sample_put(OskSampleBytes *bytes, const void *from, size_t len)
{
    if (bytes->failed) {
        return;
    }
    if (len > bytes->capacity - bytes->len) {
        size_t capacity = (bytes->len + len) * 2;
        uint8_t *grown = realloc(bytes->at, capacity);
        if (grown == NULL) {
            bytes->failed = true;
            return;
        }
        bytes->at = grown;
        bytes->capacity = capacity;
    }
    memcpy(bytes->at + bytes->len, from, len);
    bytes->len += len;
}

void osk_sample_put_u8(OskSampleBytes *bytes, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    osk_sample_put(bytes, &byte, 1);
}

void osk_sample_put_u16(OskSampleBytes *bytes, unsigned value)
{
    osk_sample_put_u8(bytes, value >> 8);
    osk_sample_put_u8(bytes, value & 0xFF);
}

void osk_sample_put_u32(OskSampleBytes *bytes, uint32_t value)
{
    osk_sample_put_u16(bytes, value >> 16);
    osk_sample_put_u16(bytes, value & 0xFFFF);
}

bool osk_sample_write(const char *path, const OskSampleBytes *bytes)
{
    FILE *file = fopen(path, "wb");
    bool fine = file != NULL && fwrite(bytes->at, 1, bytes->len, file) == bytes->len;
    return (file == NULL || fclose(file) == 0) && fine;
}

/* Canonical codes (Annex C): twelve of four bits for DC; two of two bits, four of four and the rest
 * of ten for AC. */
static void make_codes(Encoder *encoder)
{
    size_t count = 0;
    for (unsigned i = 0; i < 12; i++) {
        encoder->dc[i] = (Code){ .bits = (uint16_t)i, .len = 4 };
    }
    for (unsigned i = 0; i < FREQUENT_COUNT; i++) {
        encoder->ac_symbols[count++] = frequent[i];
    }
    for (unsigned run = 0; run < 16; run++) {
        for (unsigned size = 0; size <= 10; size++) {
            unsigned symbol = run << 4 | size;
            bool legal = size > 0 || run == 0 || run == 15;
            if (legal && memchr(frequent, (int)symbol, FREQUENT_COUNT) == NULL) {
                encoder->ac_symbols[count++] = (uint8_t)symbol;
            }
        }
    }
    unsigned code = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned len = i < 2 ? 2 : i < FREQUENT_COUNT ? 4 : 10;
        if (i == 2) {
            code <<= 2;
        } else if (i == FREQUENT_COUNT) {
            code <<= 6;
        }
        encoder->ac[encoder->ac_symbols[i]] =
            (Code){ .bits = (uint16_t)code++, .len = (uint8_t)len };
    }
}

static void put_bits(Encoder *encoder, unsigned bits, unsigned len)
{
    encoder->pending = encoder->pending << len | (bits & ((1u << len) - 1));
    encoder->pending_len += len;
    while (encoder->pending_len >= 8) {
        unsigned byte = encoder->pending >> (encoder->pending_len - 8) & 0xFF;
        osk_sample_put_u8(encoder->out, byte);
        if (byte == 0xFF) {
            osk_sample_put_u8(encoder->out, 0);
        }
        encoder->pending_len -= 8;
    }
}

static unsigned magnitude_bits(int value)
{
    unsigned size = 0;
    for (unsigned rest = (unsigned)abs(value); rest > 0; rest >>= 1) {
        size++;
    }
    return size;
}

static void put_value(Encoder *encoder, int value, unsigned size)
{
    if (size > 0) {
        put_bits(encoder, (unsigned)(value > 0 ? value : value - 1), size);
    }
}

/* The DCT by its definition (A.3.3), one direction after the other. */
static void transform(const Encoder *encoder, const double samples[64], int out[64])
{
    double rows[64];
    for (int y = 0; y < 8; y++) {
        for (int u = 0; u < 8; u++) {
            double sum = 0;
            for (int x = 0; x < 8; x++) {
                sum += samples[y * 8 + x] * encoder->cosines[u][x];
            }
            rows[y * 8 + u] = sum;
        }
    }
    for (int v = 0; v < 8; v++) {
        for (int u = 0; u < 8; u++) {
            double sum = 0;
            for (int y = 0; y < 8; y++) {
                sum += rows[y * 8 + u] * encoder->cosines[v][y];
            }
            out[v * 8 + u] = (int)lround(sum / quantization[v * 8 + u]);
        }
    }
}

static void put_block(Encoder *encoder, const double samples[64], unsigned component)
{
    int block[64];
    transform(encoder, samples, block);
    int difference = block[0] - encoder->last_dc[component];
    unsigned size = magnitude_bits(difference);
    encoder->last_dc[component] = block[0];
    put_bits(encoder, encoder->dc[size].bits, encoder->dc[size].len);
    put_value(encoder, difference, size);
    unsigned run = 0;
    for (unsigned i = 1; i < 64; i++) {
        int value = block[zigzag[i]];
        if (value == 0) {
            run++;
            continue;
        }
        for (; run >= 16; run -= 16) {
            put_bits(encoder, encoder->ac[0xF0].bits, encoder->ac[0xF0].len);
        }
        size = magnitude_bits(value);
        Code code = encoder->ac[run << 4 | size];
        put_bits(encoder, code.bits, code.len);
        put_value(encoder, value, size);
        run = 0;
    }
    if (run > 0) {
        put_bits(encoder, encoder->ac[0].bits, encoder->ac[0].len);
    }
}

/* One block of each of Y, Cb, Cr (JFIF 1.02, section 7: conversion from RGB). */
static void put_mcu(Encoder *encoder, const uint8_t *rgb, unsigned width)
{
    static const double weights[3][3] = { { 0.299, 0.587, 0.114 },
                                          { -0.168736, -0.331264, 0.5 },
                                          { 0.5, -0.418688, -0.081312 } };
    for (unsigned component = 0; component < 3; component++) {
        double samples[64];
        const double *weight = weights[component];
        for (unsigned i = 0; i < 64; i++) {
            const uint8_t *p = rgb + ((size_t)(i / 8) * width + i % 8) * 3;
            samples[i] =
                p[0] * weight[0] + p[1] * weight[1] + p[2] * weight[2] - (component == 0 ? 128 : 0);
        }
        put_block(encoder, samples, component);
    }
}

static void put_tables(const Encoder *encoder)
{
    OskSampleBytes *out = encoder->out;
    osk_sample_put(out, "\xFF\xDB\x00\x43\x00", 5);
    for (unsigned i = 0; i < 64; i++) {
        osk_sample_put_u8(out, quantization[zigzag[i]]);
    }
    static const uint8_t dc_counts[16] = { [3] = 12 };
    static const uint8_t ac_counts[16] = { [1] = 2, [3] = 4, [9] = 156 };
    osk_sample_put(out, "\xFF\xC4", 2);
    osk_sample_put_u16(out, 2 + 17 + 12);
    osk_sample_put_u8(out, 0x00);
    osk_sample_put(out, dc_counts, 16);
    for (unsigned i = 0; i < 12; i++) {
        osk_sample_put_u8(out, i);
    }
    osk_sample_put(out, "\xFF\xC4", 2);
    osk_sample_put_u16(out, 2 + 17 + 162);
    osk_sample_put_u8(out, 0x10);
    osk_sample_put(out, ac_counts, 16);
    osk_sample_put(out, encoder->ac_symbols, 162);
}

void osk_sample_jpeg(OskSampleBytes *out, const uint8_t *rgb, unsigned width, unsigned height,
                     const OskSampleBytes *app1)
{
    const double pi = 3.14159265358979323846;
    Encoder encoder = { .out = out };
    make_codes(&encoder);
    for (int u = 0; u < 8; u++) {
        for (int x = 0; x < 8; x++) {
            encoder.cosines[u][x] =
                0.5 * (u == 0 ? sqrt(0.5) : 1.0) * cos((2 * x + 1) * u * pi / 16);
        }
    }
    osk_sample_put(out, "\xFF\xD8", 2);
    if (app1 != NULL) {
        osk_sample_put(out, "\xFF\xE1", 2);
        osk_sample_put_u16(out, (unsigned)app1->len + 2);
        osk_sample_put(out, app1->at, app1->len);
    }
    put_tables(&encoder);
    osk_sample_put(out, "\xFF\xC0\x00\x11\x08", 5);
    osk_sample_put_u16(out, height);
    osk_sample_put_u16(out, width);
    osk_sample_put(out, "\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00", 10);
    osk_sample_put(out, "\xFF\xDA\x00\x0C\x03\x01\x00\x02\x00\x03\x00\x00\x3F\x00", 14);
    for (unsigned y = 0; y < height; y += 8) {
        for (unsigned x = 0; x < width; x += 8) {
            put_mcu(&encoder, rgb + ((size_t)y * width + x) * 3, width);
        }
    }
    /* F.1.2.3: the last byte is filled with ones. */
    put_bits(&encoder, 0x7F, (8 - encoder.pending_len % 8) % 8);
    osk_sample_put(out, "\xFF\xD9", 2);
}
