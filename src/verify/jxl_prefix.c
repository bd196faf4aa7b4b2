/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/jxl_prefix.h"

#include <string.h>

/* From lengths to the canonical order; false when they make no code. */
static bool build_prefix(OskCheckJxlPrefix *prefix, const uint8_t *lengths)
{
    uint32_t begin[OSK_CHECK_JXL_PREFIX_MOST + 2] = { 0 };
    memset(prefix->length_counts, 0, sizeof(prefix->length_counts));
    uint32_t used = 0;
    for (uint32_t i = 0; i < prefix->alphabet; i++) {
        prefix->length_counts[lengths[i]]++;
        used += lengths[i] != 0 ? 1 : 0;
    }
    prefix->length_counts[0] = used;
    uint32_t space = 0;
    for (unsigned len = 1; len <= OSK_CHECK_JXL_PREFIX_MOST; len++) {
        begin[len + 1] = begin[len] + prefix->length_counts[len];
        space += prefix->length_counts[len] << (OSK_CHECK_JXL_PREFIX_MOST - len);
    }
    for (uint32_t i = 0; i < prefix->alphabet; i++) {
        if (lengths[i] != 0) {
            prefix->ordered[begin[lengths[i]]++] = (uint16_t)i;
        }
    }
    return used == 1 || space == 1u << OSK_CHECK_JXL_PREFIX_MOST;
}

uint32_t osk_check_jxl_prefix_read(OskCheckJxlBits *b, const OskCheckJxlPrefix *prefix)
{
    if (prefix->length_counts[0] == 1) {
        return prefix->ordered[0];
    }
    uint32_t code = 0;
    uint32_t first = 0;
    uint32_t index = 0;
    for (unsigned len = 1; len <= OSK_CHECK_JXL_PREFIX_MOST; len++) {
        code |= osk_check_jxl_u(b, 1);
        uint32_t count = prefix->length_counts[len];
        if (code - first < count) {
            return prefix->ordered[index + code - first];
        }
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    osk_check_jxl_fail(b);
    return 0;
}

static void read_simple_prefix(OskCheckJxlBits *b, uint32_t alphabet, uint8_t *lengths)
{
    static const uint8_t shapes[5][4] = {
        { 1, 0, 0, 0 }, { 1, 1, 0, 0 }, { 1, 2, 2, 0 }, { 2, 2, 2, 2 }, { 1, 2, 3, 3 }
    };
    uint32_t count = osk_check_jxl_u(b, 2) + 1;
    uint32_t symbols[4] = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        symbols[i] = osk_check_jxl_u(b, osk_check_jxl_log2_up(alphabet));
        if (symbols[i] >= alphabet) {
            osk_check_jxl_fail(b);
            return;
        }
    }
    uint32_t shape = count == 4 && osk_check_jxl_u(b, 1) != 0 ? 4 : count - 1;
    for (uint32_t i = 0; i < count; i++) {
        lengths[symbols[i]] = shapes[shape][i];
    }
}

static void read_length_code(OskCheckJxlBits *b, uint32_t skip, uint8_t *lengths)
{
    static const uint8_t order[] = { 1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    static const uint8_t code_len[] = { 2, 2, 2, 3, 2, 2, 2, 4, 2, 2, 2, 3, 2, 2, 2, 4 };
    static const uint8_t code_value[] = { 0, 4, 3, 2, 0, 4, 3, 1, 0, 4, 3, 2, 0, 4, 3, 5 };
    int space = 32;
    for (uint32_t i = skip; i < 18 && space > 0; i++) {
        uint32_t bits = 0;
        unsigned n = 0;
        do {
            bits |= osk_check_jxl_u(b, 1) << n;
            n++;
        } while (n < code_len[bits & 15u]);
        lengths[order[i]] = code_value[bits & 15u];
        space -= code_value[bits & 15u] != 0 ? 32 >> code_value[bits & 15u] : 0;
    }
}

static void read_lengths(OskCheckJxlBits *b, const OskCheckJxlPrefix *code, uint32_t alphabet,
                         uint8_t *lengths)
{
    uint8_t previous = 8;
    uint32_t repeat = 0;
    uint8_t repeated = 0;
    int space = 1 << OSK_CHECK_JXL_PREFIX_MOST;
    for (uint32_t i = 0; i < alphabet && space > 0 && !b->failed;) {
        uint32_t symbol = osk_check_jxl_prefix_read(b, code);
        if (symbol < 16) {
            lengths[i++] = (uint8_t)symbol;
            repeat = 0;
            previous = symbol != 0 ? (uint8_t)symbol : previous;
            space -= symbol != 0 ? (1 << OSK_CHECK_JXL_PREFIX_MOST) >> symbol : 0;
            continue;
        }
        unsigned extra = symbol == 16 ? 2 : 3;
        uint8_t value = symbol == 16 ? previous : 0;
        uint32_t old = repeated == value ? repeat : 0;
        repeated = value;
        repeat = (old > 0 ? (old - 2) << extra : 0) + osk_check_jxl_u(b, extra) + 3;
        for (uint32_t n = repeat - old; n > 0; n--) {
            if (i == alphabet) {
                osk_check_jxl_fail(b);
                return;
            }
            lengths[i++] = value;
            space -= value != 0 ? (1 << OSK_CHECK_JXL_PREFIX_MOST) >> value : 0;
        }
    }
    if (space != 0) {
        osk_check_jxl_fail(b);
    }
}

void osk_check_jxl_prefix_begin(OskCheckJxlBits *b, OskArena *arena, OskCheckJxlPrefix *out)
{
    uint8_t *lengths = osk_arena_alloc(arena, OSK_CHECK_JXL_PREFIX_SYMBOLS + 1);
    out->ordered = osk_arena_array(arena, OSK_CHECK_JXL_PREFIX_SYMBOLS + 1, sizeof(uint16_t));
    if (lengths == NULL || out->ordered == NULL) {
        osk_check_jxl_fail(b);
        return;
    }
    if (out->alphabet == 1) {
        lengths[0] = 1;
    } else {
        uint32_t skip = osk_check_jxl_u(b, 2);
        if (skip == 1) {
            read_simple_prefix(b, out->alphabet, lengths);
        } else {
            uint8_t code_lengths[18] = { 0 };
            uint16_t code_ordered[18];
            OskCheckJxlPrefix *code = osk_arena_alloc(arena, sizeof(*code));
            if (code == NULL) {
                osk_check_jxl_fail(b);
                return;
            }
            code->ordered = code_ordered;
            code->alphabet = 18;
            read_length_code(b, skip, code_lengths);
            if (!build_prefix(code, code_lengths)) {
                osk_check_jxl_fail(b);
                return;
            }
            read_lengths(b, code, out->alphabet, lengths);
        }
    }
    if (!build_prefix(out, lengths)) {
        osk_check_jxl_fail(b);
    }
}
