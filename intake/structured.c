/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/structured.h"

#include <stddef.h>
#include <string.h>

/* RFC 9651, section 3.3.1: an Integer has at most 15 digits, a Decimal 12 before its point and 3
 * behind it. */
#define INTEGER_DIGITS 15
#define DECIMAL_WHOLE_DIGITS 12
#define DECIMAL_PART_DIGITS 3

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alpha(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* tchar of RFC 9110, and what a Token may hold besides. */
static bool is_token_char(char c)
{
    return is_alpha(c) || is_digit(c) || (c != 0 && strchr("!#$%&'*+-.^_`|~:/", c) != NULL);
}

static const char *skip_spaces(const char *at)
{
    while (*at == ' ') {
        at++;
    }
    return at;
}

static size_t count_digits(const char *at)
{
    size_t count = 0;
    while (is_digit(at[count])) {
        count++;
    }
    return count;
}

/* Each skip_ reads past a value that begins at `at`; NULL when it is none. */
static const char *skip_number(const char *at)
{
    at += *at == '-';
    size_t whole = count_digits(at);
    if (at[whole] != '.') {
        return whole > 0 && whole <= INTEGER_DIGITS ? at + whole : NULL;
    }
    size_t part = count_digits(at + whole + 1);
    bool holds =
        whole > 0 && whole <= DECIMAL_WHOLE_DIGITS && part > 0 && part <= DECIMAL_PART_DIGITS;
    return holds ? at + whole + 1 + part : NULL;
}

static const char *skip_string(const char *at)
{
    for (at++; *at != '"'; at++) {
        if (*at == '\\') {
            at++;
            if (*at != '"' && *at != '\\') {
                return NULL;
            }
        } else if (*at < 0x20 || *at > 0x7e) { /* the end of the header, too */
            return NULL;
        }
    }
    return at + 1;
}

static const char *skip_bytes(const char *at)
{
    for (at++; *at != ':'; at++) {
        if (!is_alpha(*at) && !is_digit(*at) && *at != '+' && *at != '/' && *at != '=') {
            return NULL;
        }
    }
    return at + 1;
}

static const char *skip_token(const char *at)
{
    while (is_token_char(*at)) {
        at++;
    }
    return at;
}

static const char *skip_value(const char *at)
{
    if (*at == '-' || is_digit(*at)) {
        return skip_number(at);
    }
    if (*at == '"') {
        return skip_string(at);
    }
    if (*at == ':') {
        return skip_bytes(at);
    }
    if (*at == '?') {
        return at[1] == '0' || at[1] == '1' ? at + 2 : NULL;
    }
    return is_alpha(*at) || *at == '*' ? skip_token(at) : NULL;
}

/* Whether parameters, and nothing but them, stand between `at` and the end. */
static bool ends_in_parameters(const char *at)
{
    while (*at == ';') {
        at = skip_spaces(at + 1);
        if (!is_lower(*at) && *at != '*') {
            return false;
        }
        while (is_lower(*at) || is_digit(*at) || (*at != 0 && strchr("_-.*", *at) != NULL)) {
            at++;
        }
        if (*at == '=') {
            at = skip_value(at + 1);
            if (at == NULL) {
                return false;
            }
        }
    }
    return *skip_spaces(at) == 0;
}

bool osk_structured_boolean(const char *header, bool *out)
{
    if (header == NULL) {
        return false;
    }
    const char *at = skip_spaces(header);
    if (at[0] != '?' || (at[1] != '0' && at[1] != '1') || !ends_in_parameters(at + 2)) {
        return false;
    }
    *out = at[1] == '1';
    return true;
}

bool osk_structured_whole(const char *header, uint64_t *out)
{
    if (header == NULL) {
        return false;
    }
    const char *at = skip_spaces(header);
    size_t digits = count_digits(at);
    if (digits == 0 || digits > INTEGER_DIGITS || !ends_in_parameters(at + digits)) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (uint64_t)(at[i] - '0');
    }
    *out = value;
    return true;
}
