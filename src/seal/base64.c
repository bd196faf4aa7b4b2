/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void osk_base64_write(const uint8_t *bytes, size_t len, char *out)
{
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        have += 8;
        while (have >= 6) {
            have -= 6;
            *out++ = alphabet[bits >> have & 63];
        }
    }
    if (have > 0) {
        *out = alphabet[bits << (6 - have) & 63];
    }
}

/* 64 for what is no letter. */
static uint32_t value_of(uint8_t letter)
{
    if (letter >= 'A' && letter <= 'Z') {
        return (uint32_t)letter - 'A';
    }
    if (letter >= 'a' && letter <= 'z') {
        return (uint32_t)letter - 'a' + 26;
    }
    if (letter >= '0' && letter <= '9') {
        return (uint32_t)letter - '0' + 52;
    }
    return letter == '+' ? 62 : letter == '/' ? 63 : 64;
}

bool osk_base64_read(const uint8_t *text, size_t len, uint8_t *out, size_t size, size_t *out_len)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t at = 0;
    if (len % 4 == 1 || len / 4 * 3 + (len % 4 == 0 ? 0 : len % 4 - 1) > size) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint32_t value = value_of(text[i]);
        if (value > 63) {
            return false;
        }
        bits = bits << 6 | value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[at++] = (uint8_t)(bits >> have);
        }
    }
    *out_len = at;
    /* A second spelling of the same bytes would be a second file with the same meaning. */
    return (bits & ((1u << have) - 1)) == 0;
}
