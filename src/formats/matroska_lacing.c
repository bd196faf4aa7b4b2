/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several frames in one block, three ways. Source: RFC 9559, 10.3. */
#include <string.h>

#include "formats/matroska.h"

static OskStatus bad_lacing(OskMkv *mkv, const OskMkvBlock *block)
{
    return osk_walk_fail(mkv->walk, OSK_MALFORMED, "Block", "the sizes of its frames don't fit",
                         block->element.at);
}

/* The sizes of all frames but the last, Xiph style: runs of 255. */
static OskStatus read_xiph(OskMkv *mkv, OskMkvBlock *block, uint64_t *at)
{
    for (size_t i = 0; i + 1 < block->count; i++) {
        uint8_t byte = 255;
        while (byte == 255) {
            size_t got = 0;
            const uint8_t *next = osk_mkv_peek(mkv, *at, 1, &got);
            if (next == NULL || *at >= block->element.end || got == 0) {
                return bad_lacing(mkv, block);
            }
            byte = *next;
            block->frames[i].len += byte;
            (*at)++;
        }
    }
    return OSK_OK;
}

/* EBML style: the first size, then signed differences. */
static OskStatus read_ebml(OskMkv *mkv, OskMkvBlock *block, uint64_t *at)
{
    int64_t size = 0;
    for (size_t i = 0; i + 1 < block->count; i++) {
        uint64_t value = 0;
        unsigned width = 0;
        OskStatus status = osk_mkv_vint(mkv, *at, block->element.end, &value, &width);
        if (status != OSK_OK) {
            return status;
        }
        *at += width;
        int64_t bias = i == 0 ? 0 : (INT64_C(1) << (7 * width - 1)) - 1;
        size += (int64_t)value - bias;
        if (size < 0 || size > INT64_C(1) << 56) {
            return bad_lacing(mkv, block);
        }
        block->frames[i].len = (uint64_t)size;
    }
    return OSK_OK;
}

OskStatus osk_mkv_read_lacing(OskMkv *mkv, OskMkvBlock *block, uint64_t at)
{
    unsigned lacing = ((unsigned)block->flags & MKV_FLAG_LACING) >> 1;
    OskStatus status = OSK_OK;
    block->count = 1;
    memset(block->frames, 0, sizeof(block->frames[0]));
    if (lacing != 0) {
        size_t got = 0;
        const uint8_t *count = osk_mkv_peek(mkv, at, 1, &got);
        if (count == NULL || at >= block->element.end || got == 0) {
            return bad_lacing(mkv, block);
        }
        block->count = (size_t)*count + 1;
        at++;
        memset(block->frames, 0, block->count * sizeof(block->frames[0]));
        status = lacing == 1   ? read_xiph(mkv, block, &at)
                 : lacing == 3 ? read_ebml(mkv, block, &at)
                               : OSK_OK;
    }
    uint64_t left = block->element.end - at;
    if (lacing == 2 && left % block->count != 0) {
        status = bad_lacing(mkv, block);
    }
    for (size_t i = 0; status == OSK_OK && i < block->count; i++) {
        OskMkvFrame *frame = &block->frames[i];
        if (lacing == 2) {
            frame->len = left / block->count;
        } else if (i + 1 == block->count) {
            frame->len = block->element.end - at;
        }
        if (frame->len > block->element.end - at) {
            return bad_lacing(mkv, block);
        }
        frame->at = at;
        at += frame->len;
    }
    return status;
}
