/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/jxl_entropy.h"

#include <string.h>

#include "verify/jxl_ans.h"
#include "verify/jxl_prefix.h"

#define CLUSTERS_MOST 9u /* eight contexts of a permutation, and one of LZ77's distances */

typedef struct Hybrid {
    uint32_t split;
    uint32_t msb;
    uint32_t lsb;
} Hybrid;

typedef struct Cluster {
    Hybrid hybrid;
    OskCheckJxlAns ans;
    OskCheckJxlPrefix prefix;
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

static unsigned log2_down(uint32_t value)
{
    unsigned bits = 0;
    while (value > 1) {
        value >>= 1;
        bits++;
    }
    return bits;
}

static Hybrid read_hybrid(OskCheckJxlBits *b, unsigned log_alphabet)
{
    Hybrid h = { .split = osk_check_jxl_u(b, osk_check_jxl_log2_up(log_alphabet + 1)) };
    if (h.split != log_alphabet) {
        h.msb = osk_check_jxl_u(b, osk_check_jxl_log2_up(h.split + 1));
        if (h.msb > h.split) {
            osk_check_jxl_fail(b);
            return h;
        }
        h.lsb = osk_check_jxl_u(b, osk_check_jxl_log2_up(h.split - h.msb + 1));
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

/* ---- Streams: C.2.1 ---- */

static uint32_t read_token(Decoder *d, const Cluster *c)
{
    return d->prefix ? osk_check_jxl_prefix_read(d->bits, &c->prefix)
                     : osk_check_jxl_ans_read(d->bits, &c->ans, &d->state);
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
        if (!inner.prefix && inner.state != OSK_CHECK_JXL_ANS_END) {
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
            osk_check_jxl_ans_begin(b, d->log_alphabet, &d->clusters[i].ans);
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
        d->clusters[i].prefix.alphabet = alphabet;
        if (alphabet > OSK_CHECK_JXL_PREFIX_SYMBOLS) {
            osk_check_jxl_fail(b);
        }
    }
    for (uint32_t i = 0; i < d->cluster_count && !b->failed; i++) {
        osk_check_jxl_prefix_begin(b, d->arena, &d->clusters[i].prefix);
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
    d->log_alphabet = d->prefix ? OSK_CHECK_JXL_PREFIX_MOST : 5 + osk_check_jxl_u(b, 2);
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
    if (!bits->failed && !d.prefix && d.state != OSK_CHECK_JXL_ANS_END) {
        osk_check_jxl_fail(bits);
    }
}
