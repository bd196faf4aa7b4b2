/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/decimal.h"

__extension__ typedef unsigned __int128 OskUint128;

#define DIGITS_MAX 19   /* fit 64 bits */
#define DECIMALS_MAX 38 /* 10^38 fits 127 bits */
/* Beyond what any number of digits can make up for. */
#define EXPONENT_MAX INT64_C(1000000000000000)
#define HUGE_VALUE UINT64_C(1000000000000000000)

/* Digits times ten to the power of `exponent`. */
typedef struct Decimal {
    uint64_t digits;
    unsigned count; /* of them, without leading zeros */
    int64_t exponent;
} Decimal;

/* The next byte, without moving; 0 at the end. */
static uint8_t next_byte(const OskCursor *in)
{
    uint8_t byte = 0;
    (void)osk_cursor_peek(in, &byte, 1);
    return byte;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static void add_digit(Decimal *decimal, uint8_t digit, bool behind_point)
{
    bool kept = decimal->count < DIGITS_MAX;
    if (kept) {
        decimal->digits = decimal->digits * 10 + digit;
        decimal->count += decimal->digits != 0;
    }
    if (kept == behind_point) {
        decimal->exponent += behind_point ? -1 : 1;
    }
}

static bool read_digits(OskCursor *in, Decimal *decimal, bool behind_point)
{
    if (!is_digit(next_byte(in))) {
        return false;
    }
    while (is_digit(next_byte(in))) {
        add_digit(decimal, (uint8_t)(osk_cursor_u8(in) - '0'), behind_point);
    }
    return true;
}

static bool read_exponent(OskCursor *in, Decimal *decimal)
{
    osk_cursor_skip(in, 1);
    bool minus = next_byte(in) == '-';
    if (minus || next_byte(in) == '+') {
        osk_cursor_skip(in, 1);
    }
    if (!is_digit(next_byte(in))) {
        return false;
    }
    int64_t exponent = 0;
    while (is_digit(next_byte(in))) {
        exponent = exponent * 10 + (osk_cursor_u8(in) - '0');
        exponent = exponent > EXPONENT_MAX ? EXPONENT_MAX : exponent;
    }
    decimal->exponent += minus ? -exponent : exponent;
    return true;
}

/* digits / 10^decimals, rounded once. */
static double divide(uint64_t digits, unsigned decimals)
{
    if (digits < UINT64_C(1) << 53 && decimals <= 22) {
        double exact = 1; /* as are all powers of ten up to here */
        for (unsigned i = 0; i < decimals; i++) {
            exact *= 10;
        }
        return (double)digits / exact;
    }
    OskUint128 below = 1;
    for (unsigned i = 0; i < decimals; i++) {
        below *= 10;
    }
    OskUint128 quotient = digits / below;
    OskUint128 rest = digits - quotient * below;
    uint64_t bits = (uint64_t)quotient;
    double scale = 1;
    while (bits >> 62 == 0) {
        rest *= 2;
        bits *= 2;
        if (rest >= below) {
            rest -= below;
            bits |= 1;
        }
        scale /= 2; /* exact: a power of two */
    }
    bits |= rest != 0; /* nine bits below the last that counts */
    return (double)bits * scale;
}

OskDecimalResult osk_decimal_read(OskCursor *in, double *out)
{
    Decimal decimal = { .digits = 0 };
    bool minus = next_byte(in) == '-';
    if (minus) {
        osk_cursor_skip(in, 1);
    }
    bool zero = next_byte(in) == '0';
    if (!is_digit(next_byte(in))) {
        return OSK_DECIMAL_NONE;
    }
    if (zero) {
        osk_cursor_skip(in, 1); /* nothing but a point may follow */
    } else if (!read_digits(in, &decimal, false)) {
        return OSK_DECIMAL_NONE;
    }
    if (is_digit(next_byte(in))) {
        return OSK_DECIMAL_NONE;
    }
    if (next_byte(in) == '.') {
        osk_cursor_skip(in, 1);
        if (!read_digits(in, &decimal, true)) {
            return OSK_DECIMAL_NONE;
        }
    }
    if ((next_byte(in) == 'e' || next_byte(in) == 'E') && !read_exponent(in, &decimal)) {
        return OSK_DECIMAL_NONE;
    }
    uint64_t digits = decimal.digits;
    for (; digits != 0 && digits % 10 == 0 && decimal.exponent < 0; decimal.exponent++) {
        digits /= 10;
    }
    for (; digits != 0 && decimal.exponent < -DECIMALS_MAX; decimal.exponent++) {
        digits /= 10;
    }
    for (; digits != 0 && decimal.exponent > 0; decimal.exponent--) {
        if (digits >= HUGE_VALUE / 10) {
            return OSK_DECIMAL_HUGE;
        }
        digits *= 10;
    }
    double value = digits == 0 ? 0 : divide(digits, (unsigned)-decimal.exponent);
    if (value >= (double)HUGE_VALUE) {
        return OSK_DECIMAL_HUGE;
    }
    *out = minus && value > 0 ? -value : value;
    return OSK_DECIMAL_OK;
}
