/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EBML, the byte layer of Matroska (RFC 8794). */
#include <string.h>

#include "base/checked.h"
#include "formats/matroska.h"

const uint8_t *osk_mkv_peek(OskMkv *mkv, uint64_t at, size_t want, size_t *got)
{
    OskWalk *walk = mkv->walk;
    uint64_t left = at < walk->size ? walk->size - at : 0;
    *got = left < want ? (size_t)left : want;
    if (walk->source->bytes != NULL) {
        return walk->source->bytes + (at < walk->size ? at : walk->size);
    }
    bool inside = at >= mkv->window_at && *got <= mkv->window_len &&
                  at - mkv->window_at <= mkv->window_len - *got;
    if (!inside) {
        size_t len = left < MKV_WINDOW ? (size_t)left : MKV_WINDOW;
        mkv->window_at = at;
        mkv->window_len = 0;
        if (osk_walk_read(walk, at, mkv->window, len) != OSK_OK) {
            return NULL;
        }
        mkv->window_len = len;
    }
    return mkv->window + (at - mkv->window_at);
}

/* The length of a variable-length integer by its first byte; 9 when there is none. */
static unsigned vint_width(uint8_t first)
{
    unsigned width = 1;
    for (uint8_t mask = 0x80; mask != 0 && (first & mask) == 0; mask = (uint8_t)(mask >> 1)) {
        width++;
    }
    return width;
}

static uint64_t be_value(const uint8_t *bytes, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static uint64_t vint_mask(unsigned width)
{
    return (UINT64_C(1) << (7 * width)) - 1;
}

OskStatus osk_mkv_vint(OskMkv *mkv, uint64_t at, uint64_t limit, uint64_t *out, unsigned *width)
{
    size_t got = 0;
    const uint8_t *bytes = osk_mkv_peek(mkv, at, 8, &got);
    if (bytes == NULL) {
        return mkv->walk->fault->status;
    }
    if (got == 0) {
        return osk_walk_fail(mkv->walk, OSK_TRUNCATED, "EBML", "the file ends early", at);
    }
    *width = vint_width(bytes[0]);
    if (*width > 8 || at > limit || *width > limit - at) {
        return osk_walk_fail(mkv->walk, OSK_MALFORMED, "EBML", "a number has no valid length", at);
    }
    if (got < *width) {
        return osk_walk_fail(mkv->walk, OSK_TRUNCATED, "EBML", "the file ends early", at);
    }
    *out = be_value(bytes, *width) & vint_mask(*width);
    return OSK_OK;
}

OskStatus osk_mkv_element(OskMkv *mkv, uint64_t at, uint64_t limit, OskElement *out)
{
    OskWalk *walk = mkv->walk;
    if (!osk_walk_spend(walk, 1, "EBML", at)) {
        return OSK_LIMIT;
    }
    size_t got = 0;
    const uint8_t *bytes = osk_mkv_peek(mkv, at, 12, &got);
    if (bytes == NULL) {
        return walk->fault->status;
    }
    unsigned id_width = got > 0 ? vint_width(bytes[0]) : 1;
    if (id_width > 4) {
        return osk_walk_fail(walk, OSK_MALFORMED, "EBML", "this is no element", at);
    }
    unsigned size_width = got > id_width ? vint_width(bytes[id_width]) : 1;
    if (size_width > 8) {
        return osk_walk_fail(walk, OSK_MALFORMED, "EBML", "an element has no valid size", at);
    }
    if (id_width + size_width > got) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "EBML", "the file ends early", at);
    }
    uint64_t size = be_value(bytes + id_width, size_width) & vint_mask(size_width);
    *out = (OskElement){ .id = (uint32_t)be_value(bytes, id_width),
                         .at = at,
                         .body = at + id_width + size_width,
                         .unknown = size == vint_mask(size_width) };
    if (out->body > limit || (!out->unknown && size > limit - out->body)) {
        bool cut = limit >= walk->size;
        return osk_walk_fail(walk, cut ? OSK_TRUNCATED : OSK_MALFORMED, "EBML",
                             cut ? "the file ends early" : "an element is longer than its parent",
                             at);
    }
    out->end = out->unknown ? limit : out->body + size;
    return OSK_OK;
}

OskStatus osk_mkv_uint(OskMkv *mkv, const OskElement *element, uint64_t *out)
{
    uint64_t len = element->end - element->body;
    if (len > 8 || element->unknown) {
        return osk_walk_fail(mkv->walk, OSK_MALFORMED, "EBML", "a number is longer than 8 bytes",
                             element->at);
    }
    size_t got = 0;
    const uint8_t *bytes = osk_mkv_peek(mkv, element->body, (size_t)len, &got);
    if (bytes == NULL) {
        return mkv->walk->fault->status;
    }
    *out = be_value(bytes, (unsigned)len);
    return OSK_OK;
}

bool osk_ebml_next(OskCursor *c, OskChild *out)
{
    if (!osk_cursor_more(c)) {
        return false;
    }
    out->at = osk_cursor_offset(c);
    uint8_t first = 0;
    (void)osk_cursor_peek(c, &first, 1);
    unsigned width = vint_width(first);
    out->id = width <= 4 ? (uint32_t)osk_cursor_be(c, width) : 0;
    first = 0;
    (void)osk_cursor_peek(c, &first, 1);
    unsigned size_width = vint_width(first);
    if (width > 4 || size_width > 8 || !osk_cursor_ok(c)) {
        osk_cursor_fail(c);
        return false;
    }
    uint64_t size = osk_cursor_be(c, size_width) & vint_mask(size_width);
    out->body = osk_cursor_take(c, size);
    return osk_cursor_ok(c);
}

uint64_t osk_ebml_uint(OskCursor *body)
{
    size_t len = osk_cursor_left(body);
    if (len > 8) {
        osk_cursor_fail(body);
        return 0;
    }
    return osk_cursor_be(body, (unsigned)len);
}

int64_t osk_ebml_int(OskCursor *body)
{
    unsigned len = (unsigned)(osk_cursor_left(body) & 15);
    uint64_t value = osk_ebml_uint(body);
    if (len > 0 && len < 8 && (value >> (8 * len - 1) & 1) != 0) {
        value |= UINT64_MAX << (8 * len);
    }
    return (int64_t)value;
}

void osk_ebml_put_id(OskWriter *out, uint32_t id)
{
    osk_writer_be(out, id, id > 0xFFFFFF ? 4 : id > 0xFFFF ? 3 : id > 0xFF ? 2 : 1);
}

unsigned osk_ebml_size_width(uint64_t size)
{
    unsigned width = 1;
    /* All ones would mean an unknown size. */
    while (width < 8 && size >= vint_mask(width)) {
        width++;
    }
    return width;
}

void osk_ebml_put_size(OskWriter *out, uint64_t size, unsigned width)
{
    if (width == 0) {
        width = osk_ebml_size_width(size);
    }
    osk_writer_be(out, size | UINT64_C(1) << (7 * width), width);
}

void osk_ebml_put_uint(OskWriter *out, uint32_t id, uint64_t value)
{
    unsigned width = 1;
    while (width < 8 && value >> (8 * width) != 0) {
        width++;
    }
    osk_ebml_put_id(out, id);
    osk_ebml_put_size(out, width, 1);
    osk_writer_be(out, value, width);
}

void osk_ebml_put_bytes(OskWriter *out, uint32_t id, const void *bytes, size_t len)
{
    osk_ebml_put_id(out, id);
    osk_ebml_put_size(out, len, 0);
    osk_writer_bytes(out, bytes, len);
}

OskWriterMark osk_ebml_open(OskWriter *out, uint32_t id)
{
    osk_ebml_put_id(out, id);
    return osk_writer_open(out, 4, false);
}

void osk_ebml_close(OskWriter *out, OskWriterMark mark)
{
    if (osk_writer_ok(out)) {
        osk_writer_patch_be(out, mark.at, (out->len - mark.counted) | 0x10000000u, 4);
    }
}
