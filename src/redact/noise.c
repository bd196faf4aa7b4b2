/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/noise.h"

#include <stdlib.h>

/* The noise of a whole animation is this key: a place's number is a hash of it, so that nothing has
 * to be kept for each cell, and a region that moves takes its noise along. It hides nothing (there
 * is nothing under it to hide); it only has to look random. */
struct OskNoise {
    uint64_t key[2];
};

OskStatus osk_noise_make(OskNoise **out_noise, const OskRandom *random, OskBudget *budget)
{
    *out_noise = NULL;
    if (random == NULL || random->fill == NULL) {
        return OSK_OK;
    }
    if (!osk_budget_memory(budget, sizeof(OskNoise))) {
        return OSK_LIMIT;
    }
    OskNoise *noise = calloc(1, sizeof *noise);
    if (noise == NULL) {
        osk_budget_return(budget, sizeof *noise);
        return OSK_NO_MEMORY;
    }
    uint8_t bytes[16] = { 0 };
    bool drawn = random->fill(random->context, bytes, sizeof bytes);
    /* Byte by byte, so that machines of both byte orders give the same picture. */
    for (unsigned i = 0; i < sizeof bytes; i++) {
        noise->key[i / 8] |= (uint64_t)bytes[i] << (i % 8 * 8);
    }
    *out_noise = noise;
    if (!drawn) {
        osk_noise_free(out_noise, budget);
    }
    return drawn ? OSK_OK : OSK_IO;
}

void osk_noise_free(OskNoise **noise, OskBudget *budget)
{
    if (*noise != NULL) {
        osk_budget_return(budget, sizeof **noise);
        free(*noise);
        *noise = NULL;
    }
}

/* Multiply, fold, multiply: each bit of the argument changes about half of the result's. */
static uint64_t stir(uint64_t word)
{
    word ^= word >> 32;
    word *= UINT64_C(0xD6E8FEB86659FD93);
    word ^= word >> 32;
    word *= UINT64_C(0xD6E8FEB86659FD93);
    return word ^ word >> 32;
}

int32_t osk_noise_at(const OskNoise *noise, uint64_t stream, uint32_t x, uint32_t y)
{
    uint64_t word = stir(noise->key[0] ^ ((uint64_t)y << 32 | x));
    word = stir(word + noise->key[1] + stream * UINT64_C(0x9E3779B97F4A7C15));
    return (int32_t)(word & 0xFFFF) + (int32_t)(word >> 16 & 0xFFFF) - 0xFFFF;
}
