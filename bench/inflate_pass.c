/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inflate_pass FILE.png: the least that any proof about a PNG must do. Reads the file, takes one
 * CRC pass over its chunks and inflates its IDAT stream once with the library that the core uses;
 * writes nothing. */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t be32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static uint8_t *read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        return NULL;
    }
    long len = ftell(file);
    rewind(file);
    uint8_t *bytes = len > 0 ? malloc((size_t)len) : NULL;
    *out_len = bytes != NULL ? fread(bytes, 1, (size_t)len, file) : 0;
    fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    size_t len = 0;
    uint8_t *file = argc == 2 ? read_file(argv[1], &len) : NULL;
    uint8_t *stream = file != NULL ? malloc(len) : NULL;
    if (stream == NULL || len < 57) {
        fprintf(stderr, "usage: inflate_pass FILE.png\n");
        return 2;
    }
    size_t packed = 0;
    for (size_t at = 8; at + 12 <= len;) {
        size_t size = be32(file + at);
        if (size > len - at - 12 ||
            libdeflate_crc32(0, file + at + 4, size + 4) != be32(file + at + 8 + size)) {
            fprintf(stderr, "inflate_pass: a chunk is broken\n");
            return 1;
        }
        if (memcmp(file + at + 4, "IDAT", 4) == 0) {
            memcpy(stream + packed, file + at + 8, size);
            packed += size;
        }
        at += size + 12;
    }
    /* 8-bit RGB, as png.sh draws it. */
    size_t expect = ((size_t)be32(file + 16) * 3 + 1) * be32(file + 20);
    uint8_t *pixels = malloc(expect);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (pixels == NULL || decompressor == NULL ||
        libdeflate_zlib_decompress(decompressor, stream, packed, pixels, expect, NULL) !=
            LIBDEFLATE_SUCCESS) {
        fprintf(stderr, "inflate_pass: the picture is broken\n");
        return 1;
    }
    libdeflate_free_decompressor(decompressor);
    free(pixels);
    free(stream);
    free(file);
    return 0;
}
