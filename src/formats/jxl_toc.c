/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/jxl_toc.h"

#include "formats/jxl_entropy.h"

/* Contexts of a coded order: by the size of the number before. */
#define ORDER_CONTEXTS ((size_t)8)

static size_t order_context(uint64_t value)
{
    size_t bits = 0;
    for (; value > 0; value >>= 1) {
        bits++;
    }
    return bits < ORDER_CONTEXTS ? bits : ORDER_CONTEXTS - 1;
}

/* Reads past the order in which the sections are stored, checking every number of it. */
static bool read_order(OskJxlBits *b, uint64_t count, OskArena *arena)
{
    OskJxlCode code;
    if (count > SIZE_MAX / 8 ||
        !osk_jxl_code_read(b, ORDER_CONTEXTS, (size_t)count + 1, arena, &code)) {
        return false;
    }
    uint64_t end = osk_jxl_code_next(&code, b, order_context(count));
    if (end > count) {
        return false;
    }
    uint64_t last = 0;
    for (uint64_t i = 0; i < end && !b->failed; i++) {
        last = osk_jxl_code_next(&code, b, order_context(last));
        if (last >= count - i) {
            return false;
        }
    }
    return !b->failed && osk_jxl_code_ends(&code);
}

bool osk_jxl_toc(OskJxlBits *b, uint64_t count, OskArena *arena, uint64_t *out_len)
{
    static const OskJxlWay ways[4] = { { 0, 10 }, { 1024, 14 }, { 17408, 22 }, { 4211712, 30 } };
    *out_len = 0;
    if (osk_jxl_bool(b) && !read_order(b, count, arena)) {
        return false;
    }
    osk_jxl_align(b);
    for (uint64_t i = 0; i < count && !b->failed; i++) {
        *out_len += osk_jxl_u32(b, ways);
    }
    osk_jxl_align(b);
    return !b->failed;
}
