/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/jxl_entropy.h"

#include <string.h>

#define TABLE_BITS 12u
#define TABLE_SIZE 4096u
#define CLUSTERS_MOST 9u /* eight contexts of a permutation, and one of LZ77's distances */
#define SYMBOLS_MOST 256u
#define PREFIX_MOST 15u
#define PREFIX_SYMBOLS ((size_t)1 << PREFIX_MOST)

typedef struct Hybrid {
    uint32_t split;
    uint32_t msb;
    uint32_t lsb;
} Hybrid;

typedef struct Cluster {
    Hybrid hybrid;
    /* ANS */
    uint16_t counts[SYMBOLS_MOST];
    uint16_t cutoffs[SYMBOLS_MOST];
    uint16_t symbols[SYMBOLS_MOST];
    uint32_t offsets[SYMBOLS_MOST];
    /* prefix code: how many codes of each length, and the symbols in their order */
    uint32_t length_counts[PREFIX_MOST + 1];
    uint16_t *ordered;
    uint32_t alphabet;
} Cluster;

typedef struct Decoder {
    OskCheckJxlBits *bits;
    OskArena *arena;
    Cluster *clusters;
    uint32_t cluster_count;
    uint8_t map[CLUSTERS_MOST];
    bool prefix;
    unsigned log_alphabet;
    uint32_t state;
    /* LZ77 */
    bool lz77;
    uint32_t min_symbol;
    uint32_t min_length;
    Hybrid length_hybrid;
    uint32_t copy_left;
    uint32_t copy_from;
    uint32_t *window;
    uint32_t done;
    uint32_t window_len;
} Decoder;

static unsigned log2_up(uint32_t value)
{
    unsigned bits = 0;
    while (bits < 32 && (UINT64_C(1) << bits) < value) {
        bits++;
    }
    return bits;
}

static unsigned log2_down(uint32_t value)
{
    unsigned bits = 0;
    while (value > 1) {
        value >>= 1;
        bits++;
    }
    return bits;
}

static uint32_t read_u8(OskCheckJxlBits *b)
{
    if (osk_check_jxl_u(b, 1) == 0) {
        return 0;
    }
    uint32_t n = osk_check_jxl_u(b, 3);
    return osk_check_jxl_u(b, n) + (1u << n);
}

static Hybrid read_hybrid(OskCheckJxlBits *b, unsigned log_alphabet)
{
    Hybrid h = { .split = osk_check_jxl_u(b, log2_up(log_alphabet + 1)) };
    if (h.split != log_alphabet) {
        h.msb = osk_check_jxl_u(b, log2_up(h.split + 1));
        if (h.msb > h.split) {
            osk_check_jxl_fail(b);
            return h;
        }
        h.lsb = osk_check_jxl_u(b, log2_up(h.split - h.msb + 1));
    }
    if (h.split > log_alphabet || h.msb + h.lsb > h.split) {
        osk_check_jxl_fail(b);
    }
    return h;
}

static uint32_t finish_hybrid(OskCheckJxlBits *b, const Hybrid *h, uint32_t token)
{
    uint32_t split = 1u << h->split;
    if (token < split) {
        return token;
    }
    uint32_t n = h->split - h->msb - h->lsb + ((token - split) >> (h->msb + h->lsb));
    if (n > 30) {
        osk_check_jxl_fail(b);
        return 0;
    }
    uint32_t low = token & ((1u << h->lsb) - 1);
    uint32_t high = token >> h->lsb & ((1u << h->msb) - 1);
    uint64_t value = (uint64_t)(1u << h->msb | high) << n | osk_check_jxl_u(b, n);
    return (uint32_t)(value << h->lsb | low);
}

/* ---- ANS distributions: C.2.5 ---- */

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
    uint8_t logs[SYMBOLS_MOST + 8] = { 0 };
    uint32_t same[SYMBOLS_MOST + 8] = { 0 };
    uint32_t len = 0;
    while (len < 3 && osk_check_jxl_u(b, 1) != 0) {
        len++;
    }
    uint32_t shift = osk_check_jxl_u(b, len) + (1u << len) - 1;
    uint32_t size = read_u8(b) + 3;
    if (shift > 13 || size > SYMBOLS_MOST) {
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
        for (uint32_t i = 0; i < size && i < SYMBOLS_MOST; i++) {
            counts[i] = (uint16_t)(TABLE_SIZE / size + (i < TABLE_SIZE % size ? 1 : 0));
        }
    } else {
        read_counts(b, counts);
    }
}

/* The alias table: C.2.6. */
static void build_alias(OskCheckJxlBits *b, Cluster *c, unsigned log_alphabet)
{
    uint32_t size = 1u << log_alphabet;
    uint32_t bucket = TABLE_SIZE >> log_alphabet;
    uint16_t over[SYMBOLS_MOST];
    uint16_t under[SYMBOLS_MOST * 2];
    uint32_t overs = 0;
    uint32_t unders = 0;
    for (uint32_t i = 0; i < SYMBOLS_MOST; i++) {
        if (c->counts[i] == TABLE_SIZE) {
            for (uint32_t j = 0; j < size; j++) {
                c->symbols[j] = (uint16_t)i;
                c->offsets[j] = j * bucket;
                c->cutoffs[j] = 0;
            }
            return;
        }
        if (i >= size && c->counts[i] != 0) {
            osk_check_jxl_fail(b);
            return;
        }
    }
    for (uint32_t i = 0; i < size; i++) {
        c->cutoffs[i] = c->counts[i];
        if (c->cutoffs[i] > bucket) {
            over[overs++] = (uint16_t)i;
        } else if (c->cutoffs[i] < bucket) {
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
        c->cutoffs[o] = (uint16_t)(c->cutoffs[o] - (bucket - c->cutoffs[u]));
        c->symbols[u] = (uint16_t)o;
        c->offsets[u] = c->cutoffs[o];
        if (c->cutoffs[o] < bucket) {
            under[unders++] = (uint16_t)o;
        } else if (c->cutoffs[o] > bucket) {
            over[overs++] = (uint16_t)o;
        }
    }
    for (uint32_t i = 0; i < size; i++) {
        if (c->cutoffs[i] == bucket) {
            c->symbols[i] = (uint16_t)i;
            c->offsets[i] = 0;
            c->cutoffs[i] = 0;
        } else {
            c->offsets[i] -= c->cutoffs[i];
        }
    }
}

static uint32_t read_ans(Decoder *d, const Cluster *c)
{
    unsigned log_bucket = TABLE_BITS - d->log_alphabet;
    uint32_t x = d->state & (TABLE_SIZE - 1);
    uint32_t i = x >> log_bucket;
    uint32_t at = x & ((1u << log_bucket) - 1);
    bool alias = at >= c->cutoffs[i];
    uint32_t symbol = alias ? c->symbols[i] : i;
    uint32_t offset = alias ? c->offsets[i] + at : at;
    d->state = c->counts[symbol] * (d->state >> TABLE_BITS) + offset;
    if (d->state < 1u << 16) {
        d->state = d->state << 16 | osk_check_jxl_u(d->bits, 16);
    }
    return symbol;
}

/* ---- Prefix codes: C.2.4, those of RFC 7932 section 3 ---- */

/* From lengths to the canonical order; false when they make no code. */
static bool build_prefix(Cluster *c, const uint8_t *lengths)
{
    uint32_t begin[PREFIX_MOST + 2] = { 0 };
    memset(c->length_counts, 0, sizeof(c->length_counts));
    uint32_t used = 0;
    for (uint32_t i = 0; i < c->alphabet; i++) {
        c->length_counts[lengths[i]]++;
        used += lengths[i] != 0 ? 1 : 0;
    }
    c->length_counts[0] = used;
    uint32_t space = 0;
    for (unsigned len = 1; len <= PREFIX_MOST; len++) {
        begin[len + 1] = begin[len] + c->length_counts[len];
        space += c->length_counts[len] << (PREFIX_MOST - len);
    }
    for (uint32_t i = 0; i < c->alphabet; i++) {
        if (lengths[i] != 0) {
            c->ordered[begin[lengths[i]]++] = (uint16_t)i;
        }
    }
    return used == 1 || space == 1u << PREFIX_MOST;
}

static uint32_t read_prefix(OskCheckJxlBits *b, const Cluster *c)
{
    if (c->length_counts[0] == 1) {
        return c->ordered[0];
    }
    uint32_t code = 0;
    uint32_t first = 0;
    uint32_t index = 0;
    for (unsigned len = 1; len <= PREFIX_MOST; len++) {
        code |= osk_check_jxl_u(b, 1);
        uint32_t count = c->length_counts[len];
        if (code - first < count) {
            return c->ordered[index + code - first];
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
        symbols[i] = osk_check_jxl_u(b, log2_up(alphabet));
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

static void read_lengths(OskCheckJxlBits *b, const Cluster *code, uint32_t alphabet,
                         uint8_t *lengths)
{
    uint8_t previous = 8;
    uint32_t repeat = 0;
    uint8_t repeated = 0;
    int space = 1 << PREFIX_MOST;
    for (uint32_t i = 0; i < alphabet && space > 0 && !b->failed;) {
        uint32_t symbol = read_prefix(b, code);
        if (symbol < 16) {
            lengths[i++] = (uint8_t)symbol;
            repeat = 0;
            previous = symbol != 0 ? (uint8_t)symbol : previous;
            space -= symbol != 0 ? (1 << PREFIX_MOST) >> symbol : 0;
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
            space -= value != 0 ? (1 << PREFIX_MOST) >> value : 0;
        }
    }
    if (space != 0) {
        osk_check_jxl_fail(b);
    }
}

static void read_prefix_code(Decoder *d, Cluster *c)
{
    OskCheckJxlBits *b = d->bits;
    uint8_t *lengths = osk_arena_alloc(d->arena, PREFIX_SYMBOLS + 1);
    c->ordered = osk_arena_array(d->arena, PREFIX_SYMBOLS + 1, sizeof(uint16_t));
    if (lengths == NULL || c->ordered == NULL) {
        osk_check_jxl_fail(b);
        return;
    }
    if (c->alphabet == 1) {
        lengths[0] = 1;
    } else {
        uint32_t skip = osk_check_jxl_u(b, 2);
        if (skip == 1) {
            read_simple_prefix(b, c->alphabet, lengths);
        } else {
            uint8_t code_lengths[18] = { 0 };
            uint16_t code_ordered[18];
            Cluster *code = osk_arena_alloc(d->arena, sizeof(*code));
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
            read_lengths(b, code, c->alphabet, lengths);
        }
    }
    if (!build_prefix(c, lengths)) {
        osk_check_jxl_fail(b);
    }
}

/* ---- Streams: C.2.1 ---- */

static uint32_t read_token(Decoder *d, const Cluster *c)
{
    return d->prefix ? read_prefix(d->bits, c) : read_ans(d, c);
}

static void begin_stream(Decoder *d, uint32_t contexts);

static uint32_t read_value(Decoder *d, uint32_t context, uint32_t distances)
{
    uint32_t value = 0;
    if (d->copy_left == 0) {
        const Cluster *c = &d->clusters[d->map[context]];
        uint32_t token = read_token(d, c);
        if (d->lz77 && token >= d->min_symbol) {
            d->copy_left =
                finish_hybrid(d->bits, &d->length_hybrid, token - d->min_symbol) + d->min_length;
            const Cluster *far = &d->clusters[d->map[distances]];
            uint32_t distance = finish_hybrid(d->bits, &far->hybrid, read_token(d, far)) + 1;
            d->copy_from = d->done - (distance < d->done ? distance : d->done);
        } else {
            value = finish_hybrid(d->bits, &c->hybrid, token);
        }
    }
    if (d->copy_left > 0) {
        value = d->copy_from < d->done ? d->window[d->copy_from] : 0;
        d->copy_from++;
        d->copy_left--;
    }
    if (d->done < d->window_len) {
        d->window[d->done++] = value;
    }
    return value;
}

static void read_map(Decoder *d, uint32_t contexts)
{
    OskCheckJxlBits *b = d->bits;
    d->cluster_count = 1;
    if (contexts == 1) {
        return;
    }
    if (osk_check_jxl_u(b, 1) != 0) {
        uint32_t n = osk_check_jxl_u(b, 2);
        for (uint32_t i = 0; i < contexts; i++) {
            d->map[i] = (uint8_t)osk_check_jxl_u(b, n);
        }
    } else {
        bool mtf = osk_check_jxl_u(b, 1) != 0;
        uint32_t window[CLUSTERS_MOST];
        Decoder inner = { .bits = b, .arena = d->arena, .window = window, .window_len = contexts };
        begin_stream(&inner, 1);
        uint8_t order[256];
        for (unsigned i = 0; i < 256; i++) {
            order[i] = (uint8_t)i;
        }
        for (uint32_t i = 0; i < contexts && !b->failed; i++) {
            uint32_t value = read_value(&inner, 0, 1);
            if (value > 255) {
                osk_check_jxl_fail(b);
                return;
            }
            d->map[i] = mtf ? order[value] : (uint8_t)value;
            uint8_t moved = order[value];
            memmove(order + 1, order, value);
            order[0] = moved;
        }
        if (!inner.prefix && inner.state != 0x130000) {
            osk_check_jxl_fail(b);
        }
    }
    for (uint32_t i = 0; i < contexts; i++) {
        d->cluster_count = d->map[i] >= d->cluster_count ? d->map[i] + 1u : d->cluster_count;
    }
    if (d->cluster_count > contexts) {
        osk_check_jxl_fail(b);
    }
}

static void read_codes(Decoder *d)
{
    OskCheckJxlBits *b = d->bits;
    for (uint32_t i = 0; i < d->cluster_count; i++) {
        d->clusters[i].hybrid = read_hybrid(b, d->log_alphabet);
    }
    if (!d->prefix) {
        for (uint32_t i = 0; i < d->cluster_count && !b->failed; i++) {
            read_distribution(b, d->clusters[i].counts);
            build_alias(b, &d->clusters[i], d->log_alphabet);
        }
        d->state = osk_check_jxl_u(b, 32);
        return;
    }
    for (uint32_t i = 0; i < d->cluster_count; i++) {
        uint32_t alphabet = 1;
        if (osk_check_jxl_u(b, 1) != 0) {
            uint32_t n = osk_check_jxl_u(b, 4);
            alphabet = 1 + (1u << n) + osk_check_jxl_u(b, n);
        }
        d->clusters[i].alphabet = alphabet;
        if (alphabet > PREFIX_SYMBOLS) {
            osk_check_jxl_fail(b);
        }
    }
    for (uint32_t i = 0; i < d->cluster_count && !b->failed; i++) {
        read_prefix_code(d, &d->clusters[i]);
    }
}

static void begin_stream(Decoder *d, uint32_t contexts)
{
    OskCheckJxlBits *b = d->bits;
    d->lz77 = osk_check_jxl_u(b, 1) != 0;
    if (d->lz77) {
        if (contexts == 1 && d->window_len <= CLUSTERS_MOST && contexts + 1 > d->window_len) {
            osk_check_jxl_fail(b);
            return;
        }
        d->min_symbol =
            osk_check_jxl_u32(b, (OskCheckJxlU32){ { 224, 512, 4096, 8 }, { 0, 0, 0, 15 } });
        d->min_length = osk_check_jxl_u32(b, (OskCheckJxlU32){ { 3, 4, 5, 9 }, { 0, 0, 2, 8 } });
        d->length_hybrid = read_hybrid(b, 8);
        contexts++;
    }
    d->clusters = osk_arena_array(d->arena, CLUSTERS_MOST, sizeof(Cluster));
    if (d->clusters == NULL || b->failed) {
        osk_check_jxl_fail(b);
        return;
    }
    read_map(d, contexts);
    d->prefix = osk_check_jxl_u(b, 1) != 0;
    d->log_alphabet = d->prefix ? PREFIX_MOST : 5 + osk_check_jxl_u(b, 2);
    if (!b->failed) {
        read_codes(d);
    }
}

static uint32_t context_of(uint32_t value)
{
    unsigned n = value == 0 ? 0 : log2_down(value) + 1;
    return n < 7 ? n : 7;
}

void osk_check_jxl_permutation(OskCheckJxlBits *bits, OskArena *arena, uint32_t size)
{
    Decoder d = { .bits = bits, .arena = arena, .window_len = size + 1 };
    d.window = osk_arena_array(arena, d.window_len, sizeof(uint32_t));
    if (d.window == NULL) {
        osk_check_jxl_fail(bits);
        return;
    }
    begin_stream(&d, 8);
    uint32_t end = bits->failed ? 0 : read_value(&d, context_of(size), 8);
    if (end > size) {
        osk_check_jxl_fail(bits);
        return;
    }
    uint32_t value = 0;
    for (uint32_t i = 0; i < end && !bits->failed; i++) {
        value = read_value(&d, context_of(value), 8);
        if (value >= size - i) {
            osk_check_jxl_fail(bits);
        }
    }
    if (!bits->failed && !d.prefix && d.state != 0x130000) {
        osk_check_jxl_fail(bits);
    }
}
