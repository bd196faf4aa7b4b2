/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what was decided about each chunk of a PNG to the steps of the plan. PNG (Third
 * Edition) 5.3, 5.5. */
#include <string.h>

#include "formats/png.h"
#include "inflate/inflate.h"

#define TAG OSK_PNG_TAG

static void put_u32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static void plan_literal(OskPng *png, const OskPngChunk *chunk)
{
    uint8_t *out = osk_plan_rewrite(png->walk->plan, chunk->part, chunk->offset,
                                    (uint64_t)chunk->len + OSK_PNG_FRAME_BYTES, NULL,
                                    (uint64_t)chunk->out_len + OSK_PNG_FRAME_BYTES);
    if (out == NULL) {
        return;
    }
    put_u32(out, chunk->out_len);
    put_u32(out + 4, chunk->out_type != 0 ? chunk->out_type : chunk->type);
    if (chunk->out_len > 0) {
        memcpy(out + 8, chunk->literal, chunk->out_len);
    }
    put_u32(out + 8 + chunk->out_len, osk_crc32(0, out + 4, (size_t)chunk->out_len + 4));
}

/* fcTL and fdAT begin with a number that must count up without a gap. `data` is what follows it. */
static void plan_numbered(OskPng *png, OskPngChunk *chunk, const uint8_t *data, uint32_t len,
                          uint32_t number)
{
    uint8_t *copy = osk_arena_alloc(png->walk->arena, len);
    if (copy == NULL) {
        png->walk->plan->status = OSK_NO_MEMORY;
        return;
    }
    memcpy(copy, data, len);
    put_u32(copy, number);
    chunk->literal = copy;
    chunk->out_len = len;
    plan_literal(png, chunk);
}

/* Coded pixels: the bytes stay where they are, the header and the CRC around them may change. */
static void plan_cut(OskPng *png, const OskPngChunk *chunk, uint32_t number)
{
    OskPlan *plan = png->walk->plan;
    uint32_t lead = osk_png_lead(chunk);
    uint32_t out_lead = chunk->out_type == TAG('f', 'd', 'A', 'T') ? 4 : 0;
    uint64_t whole = (uint64_t)chunk->len + OSK_PNG_FRAME_BYTES;
    if (chunk->out_type == chunk->type && chunk->out_len + lead == chunk->len &&
        (lead == 0 || osk_png_u32(chunk->data) == number)) {
        osk_plan_keep(plan, chunk->part, chunk->offset, whole, true);
        return;
    }
    uint8_t head[12];
    put_u32(head, chunk->out_len + out_lead);
    put_u32(head + 4, chunk->out_type);
    put_u32(head + 8, number);
    osk_plan_rewrite(plan, chunk->part, chunk->offset, 8 + lead, head, 8 + out_lead);
    osk_plan_keep(plan, chunk->part, chunk->offset + 8 + lead, chunk->out_len, true);
    uint32_t crc = osk_crc32(0, head + 4, 4 + out_lead);
    uint8_t tail[4];
    put_u32(tail, osk_crc32(crc, chunk->data + lead, chunk->out_len));
    osk_plan_rewrite(plan, chunk->part, chunk->offset + 8 + lead + chunk->out_len,
                     chunk->len - lead - chunk->out_len + 4, tail, 4);
}

static bool is_numbered(const OskPngChunk *chunk)
{
    uint32_t type = chunk->out_type != 0 ? chunk->out_type : chunk->type;
    return chunk->action != OSK_PNG_DROP &&
           (type == TAG('f', 'c', 'T', 'L') || type == TAG('f', 'd', 'A', 'T'));
}

static void plan_chunk(OskPng *png, OskPngChunk *chunk, uint32_t number)
{
    OskPlan *plan = png->walk->plan;
    uint64_t whole = (uint64_t)chunk->len + OSK_PNG_FRAME_BYTES;
    switch (chunk->action) {
    case OSK_PNG_DROP: osk_plan_drop(plan, chunk->part, chunk->offset, whole); break;
    case OSK_PNG_CUT: plan_cut(png, chunk, number); break;
    case OSK_PNG_LITERAL:
        if (is_numbered(chunk)) {
            plan_numbered(png, chunk, chunk->literal, chunk->out_len, number);
        } else {
            plan_literal(png, chunk);
        }
        break;
    case OSK_PNG_KEEP:
        if (is_numbered(chunk) && osk_png_u32(chunk->data) != number) {
            plan_numbered(png, chunk, chunk->data, chunk->len, number);
        } else {
            osk_plan_keep(plan, chunk->part, chunk->offset, whole, false);
        }
        break;
    }
}

void osk_png_plan(OskPng *png)
{
    uint32_t number = 0;
    for (size_t i = 0; i < png->count; i++) {
        plan_chunk(png, &png->chunks[i], number);
        number += is_numbered(&png->chunks[i]) ? 1 : 0;
    }
}
