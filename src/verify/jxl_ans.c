/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/jxl_ans.h"

#define TABLE_BITS 12u
#define TABLE_SIZE 4096u

static uint32_t read_u8(OskCheckJxlBits *b)
{
    if (osk_check_jxl_u(b, 1) == 0) {
        return 0;
    }
    uint32_t n = osk_check_jxl_u(b, 3);
    return osk_check_jxl_u(b, n) + (1u << n);
}

/* ---- Distributions: C.2.5 ---- */

static uint32_t read_log_count(OskCheckJxlBits *b)
{
    /* Codes in the order in which their bits come, low end first. */
    static const struct {
        uint8_t len;
        uint8_t code;
        uint8_t value;
    } codes[] = {
        { 3, 0, 10 }, { 3, 2, 7 },   { 3, 4, 6 },  { 3, 5, 8 },   { 3, 6, 9 },
        { 4, 3, 3 },  { 4, 7, 5 },   { 4, 9, 4 },  { 4, 11, 1 },  { 4, 15, 2 },
        { 5, 17, 0 }, { 6, 33, 11 }, { 7, 1, 12 }, { 7, 65, 13 },
    };
    uint32_t code = 0;
    for (unsigned len = 1; len <= 7; len++) {
        code |= osk_check_jxl_u(b, 1) << (len - 1);
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
            if (codes[i].len == len && codes[i].code == code) {
                return codes[i].value;
            }
        }
    }
    osk_check_jxl_fail(b);
    return 0;
}

static uint32_t precision(uint32_t log_count, uint32_t shift)
{
    uint32_t lost = (TABLE_BITS - log_count) >> 1;
    uint32_t r = shift > lost ? shift - lost : 0;
    return r < log_count ? r : log_count;
}

static void read_simple(OskCheckJxlBits *b, uint16_t *counts)
{
    if (osk_check_jxl_u(b, 1) == 0) {
        counts[read_u8(b) & 255u] = TABLE_SIZE;
        return;
    }
    uint32_t first = read_u8(b) & 255u;
    uint32_t second = read_u8(b) & 255u;
    if (first == second) {
        osk_check_jxl_fail(b);
        return;
    }
    counts[first] = (uint16_t)osk_check_jxl_u(b, TABLE_BITS);
    counts[second] = (uint16_t)(TABLE_SIZE - counts[first]);
}

static void read_counts(OskCheckJxlBits *b, uint16_t *counts)
{
    uint8_t logs[OSK_CHECK_JXL_ANS_SYMBOLS + 8] = { 0 };
    uint32_t same[OSK_CHECK_JXL_ANS_SYMBOLS + 8] = { 0 };
    uint32_t len = 0;
    while (len < 3 && osk_check_jxl_u(b, 1) != 0) {
        len++;
    }
    uint32_t shift = osk_check_jxl_u(b, len) + (1u << len) - 1;
    uint32_t size = read_u8(b) + 3;
    if (shift > 13 || size > OSK_CHECK_JXL_ANS_SYMBOLS) {
        osk_check_jxl_fail(b);
        return;
    }
    uint32_t omit = UINT32_MAX;
    uint32_t omit_log = 0;
    for (uint32_t i = 0; i < size && !b->failed; i++) {
        logs[i] = (uint8_t)read_log_count(b);
        if (logs[i] == 13) {
            same[i] = read_u8(b) + 5;
            i += same[i] - 2;
        } else if (omit == UINT32_MAX || logs[i] > omit_log) {
            omit_log = logs[i];
            omit = i;
        }
    }
    uint32_t total = 0;
    uint32_t repeat = 0;
    uint32_t previous = 0;
    for (uint32_t i = 0; i < size && !b->failed; i++) {
        uint32_t count = 0;
        if (same[i] != 0) {
            repeat = same[i] - 1;
            previous = i > 0 ? counts[i - 1] : 0;
        }
        if (repeat > 0) {
            count = previous;
            repeat--;
        } else if (i != omit && logs[i] != 0) {
            uint32_t log = logs[i] - 1u;
            uint32_t n = shift == 0 || log == 0 ? 0 : precision(log, shift);
            count = (1u << log) + (osk_check_jxl_u(b, n) << (log - n));
        }
        total += count;
        counts[i] = (uint16_t)(count <= TABLE_SIZE ? count : TABLE_SIZE);
    }
    if (omit == UINT32_MAX || total >= TABLE_SIZE) {
        osk_check_jxl_fail(b);
    } else {
        counts[omit] = (uint16_t)(TABLE_SIZE - total);
    }
}

static void read_distribution(OskCheckJxlBits *b, uint16_t *counts)
{
    if (osk_check_jxl_u(b, 1) != 0) {
        read_simple(b, counts);
    } else if (osk_check_jxl_u(b, 1) != 0) {
        uint32_t size = read_u8(b) + 1;
        for (uint32_t i = 0; i < size && i < OSK_CHECK_JXL_ANS_SYMBOLS; i++) {
            counts[i] = (uint16_t)(TABLE_SIZE / size + (i < TABLE_SIZE % size ? 1 : 0));
        }
    } else {
        read_counts(b, counts);
    }
}

/* The alias table: C.2.6. */
static void build_alias(OskCheckJxlBits *b, OskCheckJxlAns *ans)
{
    uint32_t size = 1u << ans->log_alphabet;
    uint32_t bucket = TABLE_SIZE >> ans->log_alphabet;
    uint16_t over[OSK_CHECK_JXL_ANS_SYMBOLS];
    uint16_t under[OSK_CHECK_JXL_ANS_SYMBOLS * 2];
    uint32_t overs = 0;
    uint32_t unders = 0;
    for (uint32_t i = 0; i < OSK_CHECK_JXL_ANS_SYMBOLS; i++) {
        if (ans->counts[i] == TABLE_SIZE) {
            for (uint32_t j = 0; j < size; j++) {
                ans->symbols[j] = (uint16_t)i;
                ans->offsets[j] = j * bucket;
                ans->cutoffs[j] = 0;
            }
            return;
        }
        if (i >= size && ans->counts[i] != 0) {
            osk_check_jxl_fail(b);
            return;
        }
    }
    for (uint32_t i = 0; i < size; i++) {
        ans->cutoffs[i] = ans->counts[i];
        if (ans->cutoffs[i] > bucket) {
            over[overs++] = (uint16_t)i;
        } else if (ans->cutoffs[i] < bucket) {
            under[unders++] = (uint16_t)i;
        }
    }
    while (overs > 0) {
        if (unders == 0) {
            osk_check_jxl_fail(b);
            return;
        }
        uint32_t o = over[--overs];
        uint32_t u = under[--unders];
        ans->cutoffs[o] = (uint16_t)(ans->cutoffs[o] - (bucket - ans->cutoffs[u]));
        ans->symbols[u] = (uint16_t)o;
        ans->offsets[u] = ans->cutoffs[o];
        if (ans->cutoffs[o] < bucket) {
            under[unders++] = (uint16_t)o;
        } else if (ans->cutoffs[o] > bucket) {
            over[overs++] = (uint16_t)o;
        }
    }
    for (uint32_t i = 0; i < size; i++) {
        if (ans->cutoffs[i] == bucket) {
            ans->symbols[i] = (uint16_t)i;
            ans->offsets[i] = 0;
            ans->cutoffs[i] = 0;
        } else {
            ans->offsets[i] -= ans->cutoffs[i];
        }
    }
}

void osk_check_jxl_ans_begin(OskCheckJxlBits *b, unsigned log_alphabet, OskCheckJxlAns *out)
{
    out->log_alphabet = log_alphabet;
    read_distribution(b, out->counts);
    build_alias(b, out);
}

uint32_t osk_check_jxl_ans_read(OskCheckJxlBits *b, const OskCheckJxlAns *ans, uint32_t *state)
{
    unsigned log_bucket = TABLE_BITS - ans->log_alphabet;
    uint32_t x = *state & (TABLE_SIZE - 1);
    uint32_t i = x >> log_bucket;
    uint32_t at = x & ((1u << log_bucket) - 1);
    bool alias = at >= ans->cutoffs[i];
    uint32_t symbol = alias ? ans->symbols[i] : i;
    uint32_t offset = alias ? ans->offsets[i] + at : at;
    *state = ans->counts[symbol] * (*state >> TABLE_BITS) + offset;
    if (*state < 1u << 16) {
        *state = *state << 16 | osk_check_jxl_u(b, 16);
    }
    return symbol;
}
