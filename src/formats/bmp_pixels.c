/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pixels of a BMP: rows padded to four bytes, or runs. "Bitmap Storage" and "Bitmap
 * Compression", Microsoft; RLE24 is OS/2's. */
#include <string.h>

#include "base/checked.h"
#include "formats/bmp.h"

static OskStatus fail(OskWalk *walk, OskStatus status, const char *what)
{
    return osk_walk_fail(walk, status, "pixels", what, OSK_NO_OFFSET);
}

/* A copy that may be changed; the first call makes it. */
static uint8_t *own(OskWalk *walk, OskBmpPixels *p, size_t len)
{
    if (p->rewritten == NULL) {
        p->rewritten = osk_arena_alloc(walk->arena, len);
        if (p->rewritten == NULL) {
            (void)osk_walk_no_memory(walk, "pixels", OSK_NO_OFFSET);
            return NULL;
        }
        memcpy(p->rewritten, p->bytes, len);
    }
    return p->rewritten;
}

/* ---- rows ---- */

static void note_colours(OskBmpPixels *p, const uint8_t *row)
{
    unsigned per_byte = 8 / p->bits;
    for (uint32_t x = 0; x < p->width; x++) {
        unsigned shift = 8 - p->bits * (x % per_byte + 1);
        p->used[row[x / per_byte] >> shift & ((1u << p->bits) - 1)] = true;
    }
}

/* The bits of byte `at` of a row that readers show. */
static uint8_t shown_bits(const OskBmpPixels *p, size_t at)
{
    uint64_t row_bits = (uint64_t)p->width * p->bits;
    uint64_t from = (uint64_t)at * 8;
    if (from >= row_bits) {
        return 0;
    }
    if (p->bits == 16 || p->bits == 32) {
        return (uint8_t)(p->mask >> (at % (p->bits / 8) * 8));
    }
    uint64_t left = row_bits - from;
    return left >= 8 ? 0xFF : (uint8_t)(0xFF00u >> left);
}

static OskStatus walk_rows(OskWalk *walk, OskBmpPixels *p)
{
    uint64_t stride = ((uint64_t)p->width * p->bits + 31) / 32 * 4;
    uint64_t len = 0;
    if (!osk_mul_u64(stride, p->height, &len) || len > p->left) {
        return fail(walk, OSK_TRUNCATED, "the file ends inside the picture");
    }
    p->len = (size_t)len;
    p->out_len = p->len;
    /* Only the last bytes of a row can hold padding, unless whole pixels have bits to spare. */
    size_t plain = p->mask == UINT32_MAX ? (size_t)((uint64_t)p->width * p->bits / 8) : 0;
    for (uint32_t y = 0; y < p->height; y++) {
        size_t at = (size_t)(stride * y);
        if (p->bits <= 8) {
            note_colours(p, p->bytes + at);
        }
        for (size_t i = plain; i < stride; i++) {
            uint8_t shown = shown_bits(p, i);
            if ((p->bytes[at + i] & ~shown & 0xFF) != 0) {
                uint8_t *copy = own(walk, p, p->len);
                if (copy == NULL) {
                    return OSK_NO_MEMORY;
                }
                copy[at + i] = (uint8_t)(copy[at + i] & shown);
            }
        }
    }
    return OSK_OK;
}

/* ---- runs ---- */

typedef struct Runs {
    OskWalk *walk;
    OskBmpPixels *p;
    size_t at;
    uint64_t x;
    uint64_t y;
    bool ended;
    bool unpadded; /* the last literals had no room for their padding */
} Runs;

static void note_run(OskBmpPixels *p, uint8_t value)
{
    if (p->bits == 8) {
        p->used[value] = true;
    } else if (p->bits == 4) {
        p->used[value >> 4] = true;
        p->used[value & 15] = true;
    }
}

static bool clear_byte(Runs *r, size_t at, uint8_t shown)
{
    if ((r->p->bytes[at] & ~shown & 0xFF) == 0) {
        return true;
    }
    uint8_t *copy = own(r->walk, r->p, r->p->left);
    if (copy != NULL) {
        copy[at] = (uint8_t)(copy[at] & shown);
    }
    return copy != NULL;
}

/* `count` pixels that stand one by one, padded to an even length. Beyond the edge they would be
 * hidden. */
static bool walk_literals(Runs *r, unsigned count)
{
    OskBmpPixels *p = r->p;
    size_t bits = (size_t)count * p->bits;
    size_t len = (bits + 7) / 8;
    if (r->x + count > p->width || len > p->left - r->at) {
        return false;
    }
    /* Readers take a last run without its padding. */
    size_t padded = len + (len & 1);
    r->unpadded = padded > p->left - r->at;
    padded = r->unpadded ? len : padded;
    for (size_t i = 0; i < padded; i++) {
        size_t left = bits > i * 8 ? bits - i * 8 : 0;
        uint8_t shown = left >= 8 ? 0xFF : (uint8_t)(0xFF00u >> left);
        if (!clear_byte(r, r->at + i, shown)) {
            return false;
        }
        if (i < len) {
            note_run(p, (uint8_t)(p->bytes[r->at + i] & shown));
        }
    }
    r->at += padded;
    r->x += count;
    return true;
}

static bool walk_run(Runs *r)
{
    OskBmpPixels *p = r->p;
    size_t len = p->bits == 24 ? 3 : 1;
    if (len > p->left - r->at) {
        return false;
    }
    note_run(p, p->bytes[r->at]);
    r->at += len;
    return true;
}

/* What follows a zero count: end of line, end of picture, a jump, or a number of literals. */
static bool walk_escape(Runs *r, uint8_t code)
{
    OskBmpPixels *p = r->p;
    switch (code) {
    case 0:
        r->x = 0;
        r->y++;
        return true;
    case 1: r->ended = true; return true;
    case 2:
        if (p->left - r->at < 2) {
            return false;
        }
        r->x += p->bytes[r->at];
        r->y += p->bytes[r->at + 1];
        r->at += 2;
        return r->y <= p->height;
    default: return walk_literals(r, code);
    }
}

/* Ends the runs with the mark for it. */
static OskStatus close_runs(Runs *r, size_t end)
{
    OskBmpPixels *p = r->p;
    size_t padding = r->unpadded ? 1 : 0;
    uint8_t *copy = osk_arena_alloc(r->walk->arena, end + padding + 2);
    if (copy == NULL) {
        return osk_walk_no_memory(r->walk, "pixels", OSK_NO_OFFSET);
    }
    memcpy(copy, p->rewritten != NULL ? p->rewritten : p->bytes, end);
    copy[end + padding + 1] = 1;
    p->rewritten = copy;
    p->out_len = end + padding + 2;
    return OSK_OK;
}

static OskStatus walk_runs(OskWalk *walk, OskBmpPixels *p)
{
    Runs r = { .walk = walk, .p = p };
    size_t before = 0;
    while (!r.ended && p->left - r.at >= 2) {
        before = r.at;
        uint8_t count = p->bytes[r.at];
        uint8_t code = p->bytes[r.at + 1];
        bool ends = count == 0 && code == 1;
        if (!ends && r.y >= p->height) {
            break;
        }
        r.at += count == 0 ? 2 : 1;
        bool fine = count == 0 ? walk_escape(&r, code) : walk_run(&r);
        if (!fine) {
            return walk->fault->status != OSK_OK
                       ? walk->fault->status
                       : fail(walk, OSK_TRUNCATED, "the runs leave the picture or end early");
        }
        r.x += count;
        before = r.at;
    }
    p->len = r.at;
    p->out_len = r.at;
    if (!r.ended) {
        if (r.y + 1 < p->height) {
            return fail(walk, OSK_TRUNCATED, "the file ends inside the picture");
        }
        return close_runs(&r, before);
    }
    return OSK_OK;
}

OskStatus osk_bmp_walk_pixels(OskWalk *walk, OskBmpPixels *pixels)
{
    if (!osk_budget_pixels(walk->budget, (uint64_t)pixels->width * pixels->height)) {
        return fail(walk, OSK_LIMIT, "larger than a picture may be");
    }
    bool rows = pixels->compression == OSK_BMP_RGB || pixels->compression == OSK_BMP_FIELDS ||
                pixels->compression == OSK_BMP_ALPHA_FIELDS;
    return rows ? walk_rows(walk, pixels) : walk_runs(walk, pixels);
}
