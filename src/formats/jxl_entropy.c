/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/jxl_entropy.h"

#include <string.h>

#define WAYS(a, an, b_, bn, c, cn, d, dn)                                                          \
    ((const OskJxlWay[4]){ { a, an }, { b_, bn }, { c, cn }, { d, dn } })

#define PREFIX_BITS 15u
#define ANS_BITS 12u
#define ANS_RANGE (1u << ANS_BITS)
#define ANS_SYMBOLS 256u
#define ANS_END 0x130000u

/* One code. ANS codes have a frequency for each symbol and an alias table; prefix codes have the
 * symbols in the order of their codes. */
struct OskJxlHistogram {
    OskJxlSplit split;
    uint16_t lengths[PREFIX_BITS + 1]; /* prefix: how many codes have each length */
    uint16_t *symbols;   /* prefix: in order; one of length 0 when it is the only one */
    unsigned log_size;   /* ANS: of the alias table */
    uint16_t *frequency; /* ANS: by symbol */
    uint16_t *cutoff;    /* ANS: by slot of the table */
    uint16_t *other;
    uint16_t *shift;
};

static unsigned bits_of(uint32_t value)
{
    unsigned bits = 0;
    for (; value > 0; value >>= 1) {
        bits++;
    }
    return bits;
}

/* A small number that is usually 0 or 1: up to 255 with `width` 3, up to 65535 with 4. */
static uint32_t read_small(OskJxlBits *b, unsigned width)
{
    if (!osk_jxl_bool(b)) {
        return 0;
    }
    uint32_t bits = osk_jxl_bits(b, width);
    return bits == 0 ? 1 : osk_jxl_bits(b, bits) + (1u << bits);
}

static bool read_split(OskJxlBits *b, unsigned log_size, OskJxlSplit *out)
{
    *out = (OskJxlSplit){ .exponent = (uint8_t)osk_jxl_bits(b, bits_of(log_size)) };
    if (out->exponent > log_size) {
        return false;
    }
    if (out->exponent != log_size) {
        out->high = (uint8_t)osk_jxl_bits(b, bits_of(out->exponent));
        if (out->high > out->exponent) {
            return false;
        }
        out->low = (uint8_t)osk_jxl_bits(b, bits_of((uint32_t)(out->exponent - out->high)));
    }
    return out->high + out->low <= out->exponent;
}

static uint32_t finish_number(OskJxlBits *b, const OskJxlSplit *split, uint32_t token)
{
    uint32_t first = 1u << split->exponent;
    if (token < first) {
        return token;
    }
    unsigned fixed = (unsigned)split->high + split->low;
    uint32_t count = (split->exponent - fixed + ((token - first) >> fixed)) & 31;
    uint32_t low = token & ((1u << split->low) - 1);
    token >>= split->low;
    uint32_t high = (1u << split->high) | (token & ((1u << split->high) - 1));
    uint64_t value = (uint64_t)high << count | osk_jxl_bits(b, count);
    return (uint32_t)(value << split->low | low);
}

/* ---- Prefix codes (the shape of RFC 7932, section 3) ---- */

static bool order_symbols(OskJxlHistogram *h, const uint8_t *lengths, uint32_t count,
                          OskArena *arena)
{
    h->symbols = osk_arena_array(arena, count > 0 ? count : 1, sizeof(uint16_t));
    if (h->symbols == NULL) {
        return false;
    }
    memset(h->lengths, 0, sizeof(h->lengths));
    uint32_t at = 0;
    for (unsigned len = 1; len <= PREFIX_BITS; len++) {
        for (uint32_t i = 0; i < count; i++) {
            if (lengths[i] == len) {
                h->symbols[at++] = (uint16_t)i;
                h->lengths[len]++;
            }
        }
    }
    if (at == 1) { /* the only symbol takes no bits */
        memset(h->lengths, 0, sizeof(h->lengths));
        h->lengths[0] = 1;
    }
    return at > 0;
}

static uint32_t read_prefix(const OskJxlHistogram *h, OskJxlBits *b)
{
    if (h->lengths[0] != 0) {
        return h->symbols[0];
    }
    uint32_t code = 0;
    uint32_t first = 0;
    uint32_t index = 0;
    for (unsigned len = 1; len <= PREFIX_BITS; len++) {
        code |= osk_jxl_bits(b, 1);
        if (code - first < h->lengths[len]) {
            return h->symbols[index + (code - first)];
        }
        index += h->lengths[len];
        first = (first + h->lengths[len]) << 1;
        code <<= 1;
    }
    b->failed = true;
    return 0;
}

static bool read_simple_prefix(OskJxlBits *b, uint32_t size, uint8_t *lengths)
{
    static const uint8_t shapes[5][4] = {
        { 1, 0, 0, 0 }, { 1, 1, 0, 0 }, { 1, 2, 2, 0 }, { 2, 2, 2, 2 }, { 1, 2, 3, 3 }
    };
    uint32_t count = osk_jxl_bits(b, 2) + 1;
    uint32_t symbols[4];
    for (uint32_t i = 0; i < count; i++) {
        symbols[i] = osk_jxl_bits(b, bits_of(size - 1));
        if (symbols[i] >= size) {
            return false;
        }
    }
    unsigned shape = count - 1 + (count == 4 && osk_jxl_bool(b));
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[symbols[i]] != 0) {
            return false;
        }
        lengths[symbols[i]] = shapes[shape][i];
    }
    return true;
}

/* The code that the lengths of the real code are written in. */
static bool read_length_code(OskJxlBits *b, uint32_t skip, OskArena *arena, OskJxlHistogram *out)
{
    static const uint8_t order[18] = {
        1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15
    };
    static const uint8_t width[16] = { 2, 2, 2, 3, 2, 2, 2, 4, 2, 2, 2, 3, 2, 2, 2, 4 };
    static const uint8_t value[16] = { 0, 4, 3, 2, 0, 4, 3, 1, 0, 4, 3, 2, 0, 4, 3, 5 };
    uint8_t lengths[18] = { 0 };
    int space = 32;
    unsigned used = 0;
    for (uint32_t i = skip; i < 18 && space > 0; i++) {
        uint32_t next = osk_jxl_peek(b, 4);
        osk_jxl_bits(b, width[next]);
        lengths[order[i]] = value[next];
        if (value[next] != 0) {
            space -= 32 >> value[next];
            used++;
        }
    }
    return (used == 1 || space == 0) && order_symbols(out, lengths, 18, arena);
}

static bool read_complex_prefix(OskJxlBits *b, uint32_t skip, uint32_t size, OskArena *arena,
                                uint8_t *lengths)
{
    OskJxlHistogram code = { .symbols = NULL };
    if (!read_length_code(b, skip, arena, &code)) {
        return false;
    }
    uint8_t previous = 8;
    uint8_t repeated = 0;
    uint32_t repeat = 0;
    int32_t space = 32768;
    for (uint32_t at = 0; at < size && space > 0 && !b->failed;) {
        uint32_t len = read_prefix(&code, b);
        if (len < 16) {
            repeat = 0;
            lengths[at++] = (uint8_t)len;
            previous = len != 0 ? (uint8_t)len : previous;
            space -= len != 0 ? 32768 >> len : 0;
            continue;
        }
        uint32_t extra = len - 14;
        uint8_t value = len == 16 ? previous : 0;
        repeat = value == repeated ? repeat : 0;
        repeated = value;
        uint32_t before = repeat;
        repeat = repeat > 0 ? (repeat - 2) << extra : 0;
        repeat += osk_jxl_bits(b, extra) + 3;
        if (repeat - before > size - at) {
            return false;
        }
        for (uint32_t i = before; i < repeat; i++) {
            lengths[at++] = value;
        }
        space -= value != 0 ? (int32_t)((repeat - before) << (PREFIX_BITS - value)) : 0;
    }
    return space == 0;
}

static bool read_prefix_code(OskJxlBits *b, uint32_t size, OskArena *arena, OskJxlHistogram *h)
{
    uint8_t *lengths = osk_arena_alloc(arena, size);
    if (lengths == NULL) {
        return false;
    }
    if (size == 1) {
        lengths[0] = 1;
        return order_symbols(h, lengths, 1, arena);
    }
    uint32_t skip = osk_jxl_bits(b, 2);
    bool ok = skip == 1 ? read_simple_prefix(b, size, lengths)
                        : read_complex_prefix(b, skip, size, arena, lengths);
    return ok && order_symbols(h, lengths, size, arena);
}

/* ---- ANS ---- */

static bool read_two_symbols(OskJxlBits *b, uint16_t *counts)
{
    bool two = osk_jxl_bool(b);
    uint32_t first = read_small(b, 3);
    uint32_t second = two ? read_small(b, 3) : first;
    uint32_t share = two ? osk_jxl_bits(b, ANS_BITS) : ANS_RANGE;
    counts[first] = (uint16_t)share;
    if (two) {
        counts[second] = (uint16_t)(ANS_RANGE - share);
    }
    return !two || first != second;
}

/* The size class of a frequency: 0 is none, 13 repeats the one before. */
static uint32_t read_class(OskJxlBits *b)
{
    static const uint8_t lengths[14] = { 5, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 6, 7, 7 };
    static const uint8_t codes[14] = { 17, 11, 15, 3, 9, 7, 4, 2, 5, 6, 0, 33, 1, 65 };
    uint32_t next = osk_jxl_peek(b, 7);
    for (uint32_t i = 0; i < 14; i++) {
        if ((next & ((1u << lengths[i]) - 1)) == codes[i]) {
            osk_jxl_bits(b, lengths[i]);
            return i;
        }
    }
    b->failed = true;
    return 0;
}

static uint32_t read_share(OskJxlBits *b, uint32_t class_, uint32_t shift)
{
    if (class_ < 2) {
        return class_;
    }
    int precision = (int)shift - (int)((ANS_BITS - (class_ - 1)) >> 1);
    precision = precision < (int)class_ - 1 ? precision : (int)class_ - 1;
    unsigned bits = precision > 0 ? (unsigned)precision : 0;
    return (1u << (class_ - 1)) + (osk_jxl_bits(b, bits) << (class_ - 1 - bits));
}

static bool read_shares(OskJxlBits *b, uint16_t *counts)
{
    unsigned log = 0;
    while (log < 3 && osk_jxl_bool(b)) {
        log++;
    }
    uint32_t shift = (osk_jxl_bits(b, log) | 1u << log) - 1;
    uint32_t size = read_small(b, 3) + 3;
    uint8_t classes[ANS_SYMBOLS + 3] = { 0 };
    uint32_t same[ANS_SYMBOLS + 3] = { 0 };
    uint32_t largest = ANS_SYMBOLS + 3;
    if (shift > ANS_BITS + 1 || size > ANS_SYMBOLS) {
        return false;
    }
    for (uint32_t i = 0; i < size; i++) {
        classes[i] = (uint8_t)read_class(b);
        if (classes[i] == ANS_BITS + 1) {
            same[i] = read_small(b, 3) + 4;
            i += same[i] - 1;
        } else if (largest == ANS_SYMBOLS + 3 || classes[i] > classes[largest]) {
            largest = i;
        }
    }
    if (largest >= size || (largest + 1 < size && classes[largest + 1] == ANS_BITS + 1)) {
        return false;
    }
    uint32_t total = 0;
    uint32_t left = 0;
    uint16_t value = 0;
    for (uint32_t i = 0; i < size; i++) {
        if (same[i] > 0) {
            left = same[i];
            value = i > 0 ? counts[i - 1] : 0;
        }
        if (left > 0) {
            counts[i] = value;
            left--;
        } else if (i != largest) {
            counts[i] = (uint16_t)read_share(b, classes[i], shift);
        }
        total += counts[i];
    }
    if (total >= ANS_RANGE) {
        return false;
    }
    counts[largest] = (uint16_t)(ANS_RANGE - total);
    return true;
}

static bool read_frequencies(OskJxlBits *b, uint16_t *counts)
{
    if (osk_jxl_bool(b)) {
        return read_two_symbols(b, counts);
    }
    if (!osk_jxl_bool(b)) {
        return read_shares(b, counts);
    }
    uint32_t size = read_small(b, 3) + 1;
    for (uint32_t i = 0; i < size && i < ANS_SYMBOLS; i++) {
        counts[i] = (uint16_t)(ANS_RANGE / size + (i < ANS_RANGE % size));
    }
    return size <= ANS_SYMBOLS;
}

/* Pairs slots that have too little with symbols that have too much, in the one order that encoders
 * use. */
static void pair_slots(OskJxlHistogram *h, uint32_t slots, uint32_t size)
{
    uint16_t over[ANS_SYMBOLS];
    uint16_t under[ANS_SYMBOLS];
    uint32_t over_count = 0;
    uint32_t under_count = 0;
    for (uint32_t i = 0; i < slots; i++) {
        h->cutoff[i] = h->frequency[i];
        if (h->cutoff[i] > size) {
            over[over_count++] = (uint16_t)i;
        } else if (h->cutoff[i] < size) {
            under[under_count++] = (uint16_t)i;
        }
    }
    while (over_count > 0 && under_count > 0) {
        uint16_t giver = over[--over_count];
        uint16_t taker = under[--under_count];
        h->cutoff[giver] = (uint16_t)(h->cutoff[giver] - (size - h->cutoff[taker]));
        h->other[taker] = giver;
        h->shift[taker] = h->cutoff[giver];
        if (h->cutoff[giver] < size) {
            under[under_count++] = giver;
        } else if (h->cutoff[giver] > size) {
            over[over_count++] = giver;
        }
    }
    for (uint32_t i = 0; i < slots; i++) {
        if (h->cutoff[i] == size) {
            h->other[i] = (uint16_t)i;
            h->shift[i] = 0;
            h->cutoff[i] = 0;
        } else {
            h->shift[i] = (uint16_t)(h->shift[i] - h->cutoff[i]);
        }
    }
}

static bool build_table(OskJxlHistogram *h, unsigned log_size)
{
    uint32_t slots = 1u << log_size;
    uint32_t size = ANS_RANGE >> log_size;
    h->log_size = log_size;
    for (uint32_t i = slots; i < ANS_SYMBOLS; i++) {
        if (h->frequency[i] != 0) {
            return false;
        }
    }
    for (uint32_t symbol = 0; symbol < slots; symbol++) {
        if (h->frequency[symbol] != ANS_RANGE) {
            continue;
        }
        for (uint32_t i = 0; i < slots; i++) {
            h->other[i] = (uint16_t)symbol;
            h->shift[i] = (uint16_t)(size * i);
            h->cutoff[i] = 0;
        }
        return true;
    }
    pair_slots(h, slots, size);
    return true;
}

static bool read_ans_code(OskJxlBits *b, unsigned log_size, OskArena *arena, OskJxlHistogram *h)
{
    h->frequency = osk_arena_array(arena, ANS_SYMBOLS, sizeof(uint16_t));
    h->cutoff = osk_arena_array(arena, ANS_SYMBOLS, sizeof(uint16_t));
    h->other = osk_arena_array(arena, ANS_SYMBOLS, sizeof(uint16_t));
    h->shift = osk_arena_array(arena, ANS_SYMBOLS, sizeof(uint16_t));
    return h->frequency != NULL && h->cutoff != NULL && h->other != NULL && h->shift != NULL &&
           read_frequencies(b, h->frequency) && build_table(h, log_size);
}

static uint32_t read_ans(OskJxlCode *code, const OskJxlHistogram *h, OskJxlBits *b)
{
    if (!code->begun) {
        code->state = osk_jxl_bits(b, 32);
        code->begun = true;
    }
    uint32_t entry_bits = ANS_BITS - h->log_size;
    uint32_t value = code->state & (ANS_RANGE - 1);
    uint32_t slot = value >> entry_bits;
    uint32_t offset = value & ((1u << entry_bits) - 1);
    uint32_t symbol = slot;
    if (offset >= h->cutoff[slot]) {
        symbol = h->other[slot];
        offset += h->shift[slot];
        offset &= 0xFFFF;
    }
    code->state = h->frequency[symbol] * (code->state >> ANS_BITS) + offset;
    if (code->state < 0x10000) {
        code->state = code->state << 16 | osk_jxl_bits(b, 16);
    }
    return symbol;
}

/* ---- The whole code ---- */

static void undo_move_to_front(uint8_t *map, size_t count)
{
    uint8_t recent[256];
    for (unsigned i = 0; i < 256; i++) {
        recent[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t index = map[i];
        uint8_t value = recent[index];
        map[i] = value;
        memmove(recent + 1, recent, index);
        recent[0] = value;
    }
}

/* Which histogram each context uses. */
static bool read_map(OskJxlBits *b, OskArena *arena, OskJxlCode *code)
{
    if (osk_jxl_bool(b)) {
        unsigned width = osk_jxl_bits(b, 2);
        for (size_t i = 0; i < code->contexts; i++) {
            code->map[i] = (uint8_t)osk_jxl_bits(b, width);
        }
    } else {
        bool move_to_front = osk_jxl_bool(b);
        OskJxlCode inner;
        if (!osk_jxl_code_read(b, 1, code->contexts, arena, &inner)) {
            return false;
        }
        for (size_t i = 0; i < code->contexts; i++) {
            uint32_t value = osk_jxl_code_next(&inner, b, 0);
            if (value > 255) {
                return false;
            }
            code->map[i] = (uint8_t)value;
        }
        if (!osk_jxl_code_ends(&inner)) {
            return false;
        }
        if (move_to_front) {
            undo_move_to_front(code->map, code->contexts);
        }
    }
    for (size_t i = 0; i < code->contexts; i++) {
        code->count = code->map[i] >= code->count ? (size_t)code->map[i] + 1 : code->count;
    }
    return true;
}

static bool read_histograms(OskJxlBits *b, OskArena *arena, OskJxlCode *code)
{
    code->histograms = osk_arena_array(arena, code->count, sizeof(OskJxlHistogram));
    uint32_t *sizes = osk_arena_array(arena, code->count, sizeof(uint32_t));
    if (code->histograms == NULL || sizes == NULL) {
        return false;
    }
    code->prefix = osk_jxl_bool(b);
    unsigned log_size = code->prefix ? PREFIX_BITS : osk_jxl_bits(b, 2) + 5;
    bool ok = true;
    for (size_t i = 0; ok && i < code->count; i++) {
        ok = read_split(b, log_size, &code->histograms[i].split);
    }
    for (size_t i = 0; ok && code->prefix && i < code->count; i++) {
        sizes[i] = read_small(b, 4) + 1;
        ok = sizes[i] <= 1u << PREFIX_BITS;
    }
    for (size_t i = 0; ok && i < code->count; i++) {
        ok = code->prefix ? read_prefix_code(b, sizes[i], arena, &code->histograms[i])
                          : read_ans_code(b, log_size, arena, &code->histograms[i]);
    }
    return ok && !b->failed;
}

bool osk_jxl_code_read(OskJxlBits *b, size_t contexts, size_t most, OskArena *arena,
                       OskJxlCode *out)
{
    *out = (OskJxlCode){ .contexts = contexts, .count = 1 };
    out->repeats = osk_jxl_bool(b);
    if (out->repeats) {
        out->repeat_symbol = osk_jxl_u32(b, WAYS(224, 0, 512, 0, 4096, 0, 8, 15));
        out->repeat_length = osk_jxl_u32(b, WAYS(3, 0, 4, 0, 5, 2, 9, 8));
        if (!read_split(b, 8, &out->repeat_split)) {
            return false;
        }
        out->contexts++; /* distances have a context of their own */
        out->window_size = most;
        out->window = osk_arena_array(arena, most, sizeof(uint32_t));
    }
    out->map = osk_arena_alloc(arena, out->contexts);
    if (out->map == NULL || (out->repeats && out->window == NULL)) {
        return false;
    }
    return (out->contexts == 1 || read_map(b, arena, out)) && read_histograms(b, arena, out);
}

static uint32_t read_symbol(OskJxlCode *code, OskJxlBits *b, size_t context,
                            const OskJxlHistogram **h)
{
    *h = &code->histograms[code->map[context]];
    return code->prefix ? read_prefix(*h, b) : read_ans(code, *h, b);
}

uint32_t osk_jxl_code_next(OskJxlCode *code, OskJxlBits *b, size_t context)
{
    if (b->failed) {
        return 0;
    }
    uint32_t value = 0;
    const OskJxlHistogram *h = NULL;
    uint32_t token = code->copy_left == 0 ? read_symbol(code, b, context, &h) : 0;
    if (code->copy_left == 0 && code->repeats && token >= code->repeat_symbol) {
        uint32_t length = finish_number(b, &code->repeat_split, token - code->repeat_symbol);
        token = read_symbol(code, b, code->contexts - 1, &h);
        uint64_t distance = (uint64_t)finish_number(b, &h->split, token) + 1;
        distance = distance > code->made ? code->made : distance;
        if (distance == 0 || length > UINT32_MAX - code->repeat_length) {
            b->failed = true;
            return 0;
        }
        code->copy_left = length + code->repeat_length;
        code->copy_at = code->made - (size_t)distance;
        h = NULL;
    }
    if (code->copy_left > 0) {
        value = code->window[code->copy_at++];
        code->copy_left--;
    } else {
        value = finish_number(b, &h->split, token);
    }
    if (code->repeats) {
        if (code->made >= code->window_size) {
            b->failed = true;
            return 0;
        }
        code->window[code->made] = value;
    }
    code->made++;
    return value;
}

bool osk_jxl_code_ends(const OskJxlCode *code)
{
    return code->prefix || !code->begun || code->state == ANS_END;
}
