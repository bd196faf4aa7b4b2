/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/writer.h"

#include <stdlib.h>
#include <string.h>

void osk_writer_init(OskWriter *writer, size_t ceiling)
{
    *writer = (OskWriter){ .bytes = NULL, .ceiling = ceiling };
}

bool osk_writer_ok(const OskWriter *writer)
{
    return !writer->failed;
}

/* Room for `len` more bytes, or NULL and failed. */
static uint8_t *reserve(OskWriter *w, size_t len)
{
    if (w->failed || len > w->ceiling - w->len) {
        w->failed = true;
        return NULL;
    }
    size_t need = w->len + len;
    if (need > w->capacity) {
        size_t grown = w->capacity > w->ceiling / 2 ? w->ceiling : w->capacity * 2;
        if (grown < need) {
            grown = need;
        }
        if (grown < 64 && w->ceiling >= 64) {
            grown = 64;
        }
        uint8_t *bytes = realloc(w->bytes, grown);
        if (bytes == NULL) {
            w->failed = true;
            return NULL;
        }
        w->bytes = bytes;
        w->capacity = grown;
    }
    uint8_t *at = w->bytes + w->len;
    w->len = need;
    return at;
}

void osk_writer_bytes(OskWriter *writer, const void *bytes, size_t len)
{
    if (len == 0) {
        return;
    }
    uint8_t *at = reserve(writer, len);
    if (at != NULL) {
        memcpy(at, bytes, len);
    }
}

void osk_writer_zeros(OskWriter *writer, size_t len)
{
    if (len == 0) {
        return;
    }
    uint8_t *at = reserve(writer, len);
    if (at != NULL) {
        memset(at, 0, len);
    }
}

static void put_be(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    }
}

static void put_le(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

void osk_writer_be(OskWriter *writer, uint64_t value, unsigned width)
{
    uint8_t *at = reserve(writer, width);
    if (at != NULL) {
        put_be(at, value, width);
    }
}

void osk_writer_le(OskWriter *writer, uint64_t value, unsigned width)
{
    uint8_t *at = reserve(writer, width);
    if (at != NULL) {
        put_le(at, value, width);
    }
}

void osk_writer_u8(OskWriter *writer, uint8_t value)
{
    osk_writer_be(writer, value, 1);
}

OskWriterMark osk_writer_open(OskWriter *writer, unsigned width, bool inclusive)
{
    OskWriterMark mark = { .at = writer->len, .width = width };
    osk_writer_zeros(writer, width);
    mark.counted = inclusive ? mark.at : writer->len;
    return mark;
}

void osk_writer_close(OskWriter *writer, OskWriterMark mark)
{
    if (writer->failed) {
        return;
    }
    uint64_t len = writer->len - mark.counted;
    if (mark.width < 8 && len >> (8 * mark.width) != 0) {
        writer->failed = true;
        return;
    }
    put_be(writer->bytes + mark.at, len, mark.width);
}

void osk_writer_patch_be(OskWriter *writer, size_t at, uint64_t value, unsigned width)
{
    if (!writer->failed && width <= writer->len && at <= writer->len - width) {
        put_be(writer->bytes + at, value, width);
    } else {
        writer->failed = true;
    }
}

void osk_writer_patch_le(OskWriter *writer, size_t at, uint64_t value, unsigned width)
{
    if (!writer->failed && width <= writer->len && at <= writer->len - width) {
        put_le(writer->bytes + at, value, width);
    } else {
        writer->failed = true;
    }
}

OskWriterMark osk_writer_box(OskWriter *writer, const char fourcc[4])
{
    OskWriterMark mark = osk_writer_open(writer, 4, true);
    osk_writer_bytes(writer, fourcc, 4);
    return mark;
}

uint8_t *osk_writer_give(OskWriter *writer, size_t *out_len)
{
    if (writer->failed) {
        osk_writer_free(writer);
        *out_len = 0;
        return NULL;
    }
    uint8_t *bytes = writer->bytes;
    *out_len = writer->len;
    *writer = (OskWriter){ .ceiling = writer->ceiling };
    return bytes;
}

void osk_writer_free(OskWriter *writer)
{
    free(writer->bytes);
    *writer = (OskWriter){ .ceiling = writer->ceiling };
}
