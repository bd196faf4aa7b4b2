/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/words_line.h"

#include <string.h>

#include "base/text.h"

#define NONE OSK_WORDS_NONE

bool osk_words_is_within(uint32_t letter, const OskWordsSpan *spans)
{
    for (; spans->last > 0; spans++) {
        if (letter >= spans->first && letter <= spans->last) {
            return true;
        }
    }
    return false;
}

/* What stands for a sign of ASCII, and for a bullet. */
static uint32_t sign_of(uint32_t letter)
{
    static const struct {
        OskWordsSpan span;
        uint32_t sign;
    } signs[] = {
        { { 0x2010, 0x2015 }, '-' },
        { { 0x2212, 0x2212 }, '-' },
        { { 0x0009, 0x0009 }, ' ' },
        { { 0x00A0, 0x00A0 }, ' ' },
        { { 0x2000, 0x200A }, ' ' },
        { { 0x202F, 0x202F }, ' ' },
        { { 0x3000, 0x3000 }, ' ' },
        { { 0x3002, 0x3002 }, '.' },
        { { 0x2024, 0x2024 }, '.' },
        { { 0xFF61, 0xFF61 }, '.' },
        { { 0x2044, 0x2044 }, '/' },
        { { 0x2215, 0x2215 }, '/' },
        { { 0x2502, 0x2502 }, '|' },
        { { 0x2217, 0x2217 }, '*' },
        { { 0xFE6B, 0xFE6B }, '@' },
        { { 0x2022, 0x2023 }, OSK_WORDS_BULLET },
        { { 0x2027, 0x2027 }, OSK_WORDS_BULLET },
        { { 0x2219, 0x2219 }, OSK_WORDS_BULLET },
        { { 0x22C5, 0x22C5 }, OSK_WORDS_BULLET },
        { { 0x25CF, 0x25CF }, OSK_WORDS_BULLET },
        { { 0x25E6, 0x25E6 }, OSK_WORDS_BULLET },
        { { 0x30FB, 0x30FB }, OSK_WORDS_BULLET },
    };
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (letter >= signs[i].span.first && letter <= signs[i].span.last) {
            return signs[i].sign;
        }
    }
    return letter >= 0xFF01 && letter <= 0xFF5E ? letter - 0xFEE0 : letter;
}

/* 0: it is not seen. */
static uint32_t plain_of(uint32_t letter)
{
    static const OskWordsSpan digits[] = { { 0x0660, 0x0669 }, { 0x06F0, 0x06F9 },
                                           { 0x0966, 0x096F }, { 0x09E6, 0x09EF },
                                           { 0xFF10, 0xFF19 }, { 0, 0 } };
    /* Among them what lengthens and points Arabic words, and the frame of a keycap. */
    static const OskWordsSpan unseen[] = { { 0x00AD, 0x00AD },
                                           { 0x061C, 0x061C },
                                           { 0x0640, 0x0640 },
                                           { 0x064B, 0x0652 },
                                           { 0x200B, 0x200F },
                                           { 0x202A, 0x202E },
                                           { 0x2060, 0x206F },
                                           { 0x20E3, 0x20E3 },
                                           { 0xFE00, 0xFE0F },
                                           { 0xFEFF, 0xFEFF },
                                           { 0, 0 } };
    for (const OskWordsSpan *digit = digits; digit->last > 0; digit++) {
        if (letter >= digit->first && letter <= digit->last) {
            return '0' + (letter - digit->first);
        }
    }
    return osk_words_is_within(letter, unseen) ? 0 : sign_of(letter);
}

void osk_words_read(const char *text, OskWordsLine *out)
{
    const size_t len = strnlen(text, UINT16_MAX);
    size_t from = 0;
    out->count = 0;
    for (size_t at = 0; from < len && at < OSK_WORDS_LETTERS_MAX; at++) {
        uint32_t letter = 0;
        size_t step = osk_utf8_decode((const uint8_t *)text + from, len - from, &letter);
        step = step > 0 ? step : 1;
        out->plain[out->count] = plain_of(letter);
        out->at[out->count] = (uint16_t)at;
        out->from[out->count] = (uint16_t)from;
        out->to[out->count] = (uint16_t)(from + step);
        out->count += out->plain[out->count] != 0 ? 1 : 0;
        from += step;
    }
    out->plain[out->count] = 0;
}

/* ---- kinds of letters ---- */

bool osk_words_is_one_of(uint32_t letter, const char *these)
{
    return letter > 0 && letter < 128 && strchr(these, (int)letter) != NULL;
}

bool osk_words_is_digit(uint32_t letter)
{
    return letter >= '0' && letter <= '9';
}

bool osk_words_is_capital(uint32_t letter)
{
    return letter >= 'A' && letter <= 'Z';
}

bool osk_words_is_latin(uint32_t letter)
{
    return (letter >= 'a' && letter <= 'z') || osk_words_is_capital(letter);
}

bool osk_words_is_drawn(uint32_t letter)
{
    static const OskWordsSpan drawn[] = { { 0x2190, 0x2BFF }, { 0x1F000, 0x1FAFF }, { 0, 0 } };
    return osk_words_is_within(letter, drawn);
}

bool osk_words_is_letter(uint32_t letter)
{
    static const OskWordsSpan marks[] = {
        { 0x00D7, 0x00D7 }, { 0x00F7, 0x00F7 }, { 0x060C, 0x060C }, { 0x061B, 0x061B },
        { 0x061F, 0x061F }, { 0x06D4, 0x06D4 }, { 0x2000, 0x206F }, { 0x20A0, 0x20CF },
        { 0x3000, 0x303F }, { 0xFE00, 0xFE6F }, { 0xFF00, 0xFFEF }, { 0, 0 }
    };
    return osk_words_is_latin(letter) ||
           (letter >= 0xC0 && !osk_words_is_within(letter, marks) && !osk_words_is_drawn(letter));
}

bool osk_words_is_blank(uint32_t letter)
{
    return letter == ' ';
}

bool osk_words_is_wordy(uint32_t letter)
{
    return osk_words_is_latin(letter) || osk_words_is_digit(letter) ||
           osk_words_is_one_of(letter, "._%+-");
}

bool osk_words_is_of_host(uint32_t letter)
{
    return osk_words_is_latin(letter) || osk_words_is_digit(letter) ||
           osk_words_is_one_of(letter, ".-");
}

/* ---- going on, and words ---- */

size_t osk_words_pass(const OskWordsLine *line, size_t at, bool (*is)(uint32_t letter))
{
    while (at < line->count && is(line->plain[at])) {
        at++;
    }
    return at;
}

size_t osk_words_trim(const OskWordsLine *line, size_t from, size_t end, const char *trailing)
{
    while (end > from && osk_words_is_one_of(line->plain[end - 1], trailing)) {
        end--;
    }
    return end;
}

/* As words are compared: small, and an Arabic alef without what stands on it. */
static uint32_t folded(uint32_t letter)
{
    return osk_words_is_capital(letter)                               ? letter + 32
           : letter == 0x0622 || letter == 0x0623 || letter == 0x0625 ? 0x0627
                                                                      : letter;
}

static size_t match_word(const OskWordsLine *line, size_t at, const char *word)
{
    const size_t len = strlen(word);
    uint32_t letter = 0;
    for (size_t i = 0; i < len; at++) {
        i += osk_utf8_decode((const uint8_t *)word + i, len - i, &letter);
        if (at >= line->count || folded(line->plain[at]) != folded(letter)) {
            return NONE;
        }
    }
    return osk_words_is_latin(letter) && osk_words_is_latin(line->plain[at]) ? NONE : at;
}

size_t osk_words_match(const OskWordsLine *line, size_t at, const char *const *words)
{
    size_t longest = NONE;
    for (; *words != NULL; words++) {
        size_t end = match_word(line, at, *words);
        longest = end != NONE && (longest == NONE || end > longest) ? end : longest;
    }
    return longest;
}

static size_t count_letters(const char *word)
{
    size_t count = 0;
    for (; *word != 0; word++) {
        count += ((uint8_t)*word & 0xC0u) != 0x80u ? 1 : 0;
    }
    return count;
}

size_t osk_words_match_before(const OskWordsLine *line, size_t end, const char *const *words)
{
    size_t first = NONE;
    for (; *words != NULL; words++) {
        size_t len = count_letters(*words);
        size_t from = end >= len ? end - len : NONE;
        bool is = from != NONE && match_word(line, from, *words) == end &&
                  (from == 0 || !osk_words_is_latin(line->plain[from]) ||
                   !osk_words_is_latin(line->plain[from - 1]));
        first = is && (first == NONE || from < first) ? from : first;
    }
    return first;
}

bool osk_words_is_any(const OskWordsLine *line, size_t at, size_t end, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (count_letters(*words) == end - at && match_word(line, at, *words) == end) {
            return true;
        }
    }
    return false;
}
