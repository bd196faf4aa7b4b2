/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/bech32.h"

#include <string.h>

#include "oilskin/seal.h"

#define DATA_LETTERS 52u /* 256 bits in groups of five, four bits of padding */
#define CHECK_LETTERS 6u

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t add(uint32_t check, uint8_t value)
{
    static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                           0x2a1462b3 };
    uint32_t top = check >> 25;
    check = (check & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++) {
        if ((top >> i & 1) != 0) {
            check ^= generator[i];
        }
    }
    return check;
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter;
}

/* The checksum counts the prefix in lower case, high bits first. */
static uint32_t begin(const char *prefix)
{
    uint32_t check = 1;
    for (const char *p = prefix; *p != 0; p++) {
        check = add(check, (uint8_t)(lower(*p) >> 5));
    }
    check = add(check, 0);
    for (const char *p = prefix; *p != 0; p++) {
        check = add(check, (uint8_t)(lower(*p) & 31));
    }
    return check;
}

static bool is_upper(const char *prefix)
{
    return prefix[0] >= 'A' && prefix[0] <= 'Z';
}

void osk_bech32_write(const char *prefix, const uint8_t bytes[32], char *out)
{
    uint8_t values[DATA_LETTERS + CHECK_LETTERS] = { 0 };
    for (unsigned bit = 0; bit < 256; bit++) {
        unsigned set = (unsigned)bytes[bit / 8] >> (7 - bit % 8) & 1;
        values[bit / 5] = (uint8_t)(values[bit / 5] | set << (4 - bit % 5));
    }
    uint32_t check = begin(prefix);
    for (unsigned i = 0; i < DATA_LETTERS + CHECK_LETTERS; i++) {
        check = add(check, values[i]);
    }
    check ^= 1;
    for (unsigned i = 0; i < CHECK_LETTERS; i++) {
        values[DATA_LETTERS + i] = (uint8_t)(check >> 5 * (5 - i) & 31);
    }
    size_t at = strlen(prefix);
    memcpy(out, prefix, at);
    out[at++] = '1';
    for (unsigned i = 0; i < DATA_LETTERS + CHECK_LETTERS; i++) {
        char letter = alphabet[values[i]];
        bool raise = is_upper(prefix) && letter >= 'a';
        out[at++] = raise ? (char)(letter - 32) : letter;
    }
    out[at] = 0;
    osk_seal_wipe(values, sizeof(values));
}

/* The value of a letter in the prefix's case, or 32. */
static uint8_t value_of(char letter, bool upper)
{
    bool wrong_case = upper ? letter >= 'a' && letter <= 'z' : letter >= 'A' && letter <= 'Z';
    const char *found = wrong_case || letter == 0 ? NULL : strchr(alphabet, lower(letter));
    return found == NULL ? 32 : (uint8_t)(found - alphabet);
}

/* The letters behind the "1": what is wrong with them, and at which, or NULL. */
static const char *read_tail(const char *prefix, const char *tail, uint8_t bytes[32],
                             size_t *out_wrong)
{
    uint32_t check = begin(prefix);
    uint8_t padding = 0;
    for (unsigned i = 0; i < DATA_LETTERS + CHECK_LETTERS; i++) {
        uint8_t value = value_of(tail[i], is_upper(prefix));
        if (value > 31) {
            *out_wrong = i;
            return "holds a letter that no key has, or of the other case";
        }
        check = add(check, value);
        for (unsigned bit = i * 5; bit < i * 5 + 5 && i < DATA_LETTERS; bit++) {
            unsigned set = (unsigned)value >> (i * 5 + 4 - bit) & 1;
            if (bit < 256) {
                bytes[bit / 8] = (uint8_t)(bytes[bit / 8] | set << (7 - bit % 8));
            } else {
                padding = (uint8_t)(padding | set);
            }
        }
    }
    *out_wrong = 0;
    return check != 1 || padding != 0 ? "is mistyped: its checksum does not fit" : NULL;
}

const char *osk_bech32_read(const char *prefix, const char *text, size_t len, uint8_t out[32],
                            size_t *out_wrong)
{
    size_t prefix_len = strlen(prefix);
    *out_wrong = 0;
    for (size_t i = 0; i < prefix_len + 1; i++) {
        if (i >= len || text[i] != (i < prefix_len ? prefix[i] : '1')) {
            *out_wrong = i;
            return "does not begin as such a key does";
        }
    }
    if (len != prefix_len + OSK_BECH32_TAIL) {
        *out_wrong = len < prefix_len + OSK_BECH32_TAIL ? len : prefix_len + OSK_BECH32_TAIL;
        return len < prefix_len + OSK_BECH32_TAIL ? "is too short" : "is too long";
    }
    uint8_t bytes[32] = { 0 };
    const char *why = read_tail(prefix, text + prefix_len + 1, bytes, out_wrong);
    if (why == NULL) {
        memcpy(out, bytes, sizeof(bytes));
    } else {
        *out_wrong += prefix_len + 1;
    }
    osk_seal_wipe(bytes, sizeof(bytes));
    return why;
}
