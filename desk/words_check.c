/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind has a function that says where it ends when it begins at a place; NONE when it does not
 * begin there. */
#include "desk/words_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define NONE SIZE_MAX
#define PHONE_DIGITS_MIN 7u
#define GAP_MAX 3u  /* between two digits of one number: "+1 (555) ..." */
#define DOTS_MAX 4u /* "example [dot] co [dot] uk" */
#define BULLET 0xB7u

/* The letters that are seen. */
typedef struct Line {
    uint32_t plain[OSK_WORDS_LETTERS_MAX + 1]; /* as it is compared; 0 behind the last */
    uint16_t at[OSK_WORDS_LETTERS_MAX + 1];    /* its number in the text */
    uint16_t from[OSK_WORDS_LETTERS_MAX + 1];  /* bytes of the text before it */
    uint16_t to[OSK_WORDS_LETTERS_MAX + 1];    /* and up to its end */
    size_t count;
} Line;

typedef struct Span {
    uint32_t first;
    uint32_t last;
} Span;

/* ---- letters ---- */

static bool is_within(uint32_t letter, const Span *spans)
{
    for (; spans->last > 0; spans++) {
        if (letter >= spans->first && letter <= spans->last) {
            return true;
        }
    }
    return false;
}

/* 0: it is not seen. */
static uint32_t plain_of(uint32_t letter)
{
    static const Span digits[] = { { 0x0660, 0x0669 }, { 0x06F0, 0x06F9 }, { 0x0966, 0x096F },
                                   { 0x09E6, 0x09EF }, { 0xFF10, 0xFF19 }, { 0, 0 } };
    static const Span unseen[] = { { 0x00AD, 0x00AD }, { 0x061C, 0x061C },
                                   { 0x200B, 0x200F }, { 0x202A, 0x202E },
                                   { 0x2060, 0x206F }, { 0xFE00, 0xFE0F },
                                   { 0xFEFF, 0xFEFF }, { 0, 0 } };
    static const Span dashes[] = { { 0x2010, 0x2015 }, { 0x2212, 0x2212 }, { 0, 0 } };
    static const Span blanks[] = { { 0x09, 0x09 },     { 0x00A0, 0x00A0 }, { 0x2000, 0x200A },
                                   { 0x202F, 0x202F }, { 0x3000, 0x3000 }, { 0, 0 } };
    static const Span dots[] = {
        { 0x3002, 0x3002 }, { 0x2024, 0x2024 }, { 0xFF61, 0xFF61 }, { 0, 0 }
    };
    static const Span bullets[] = {
        { 0x2022, 0x2022 }, { 0x2027, 0x2027 }, { 0x2219, 0x2219 }, { 0x30FB, 0x30FB }, { 0, 0 }
    };
    for (const Span *digit = digits; digit->last > 0; digit++) {
        if (letter >= digit->first && letter <= digit->last) {
            return '0' + (letter - digit->first);
        }
    }
    return is_within(letter, unseen)              ? 0
           : is_within(letter, dashes)            ? '-'
           : is_within(letter, blanks)            ? ' '
           : is_within(letter, dots)              ? '.'
           : is_within(letter, bullets)           ? BULLET
           : letter == 0xFE6B                     ? '@'
           : letter >= 0xFF01 && letter <= 0xFF5E ? letter - 0xFEE0
                                                  : letter;
}

static void read_line(const char *text, Line *out)
{
    const size_t len = strlen(text) < UINT16_MAX ? strlen(text) : UINT16_MAX;
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

static bool is_one_of(uint32_t letter, const char *these)
{
    return letter > 0 && letter < 128 && strchr(these, (int)letter) != NULL;
}

static bool is_digit(uint32_t letter)
{
    return letter >= '0' && letter <= '9';
}

static bool is_latin(uint32_t letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

static uint32_t small(uint32_t letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
}

static bool is_wordy(uint32_t letter)
{
    return is_latin(letter) || is_digit(letter) || is_one_of(letter, "._%+-");
}

static bool is_of_host(uint32_t letter)
{
    return is_latin(letter) || is_digit(letter) || is_one_of(letter, ".-");
}

static bool is_letter(uint32_t letter)
{
    static const Span marks[] = { { 0x00D7, 0x00D7 },
                                  { 0x00F7, 0x00F7 },
                                  { 0x060C, 0x060C },
                                  { 0x061B, 0x061B },
                                  { 0x061F, 0x061F },
                                  { 0x06D4, 0x06D4 },
                                  { 0x2000, 0x206F },
                                  { 0x20A0, 0x20CF },
                                  { 0x2190, 0x2BFF },
                                  { 0x3000, 0x303F },
                                  { 0xFE00, 0xFE6F },
                                  { 0xFF00, 0xFFEF },
                                  { 0, 0 } };
    return is_latin(letter) || (letter >= 0xC0 && !is_within(letter, marks));
}

static bool is_of_handle(uint32_t letter)
{
    return is_letter(letter) || is_digit(letter) || is_one_of(letter, "_.-");
}

static bool is_gap(uint32_t letter)
{
    return is_one_of(letter, " -./()_\r\n") || letter == BULLET;
}

static bool is_of_address(uint32_t letter)
{
    return letter > ' ' && letter < 0x7F && !is_one_of(letter, "\"<>");
}

static size_t pass(const Line *line, size_t at, bool (*is)(uint32_t letter))
{
    while (at < line->count && is(line->plain[at])) {
        at++;
    }
    return at;
}

/* Without what ends a sentence, and no name. */
static size_t trim(const Line *line, size_t from, size_t end, const char *trailing)
{
    while (end > from && is_one_of(line->plain[end - 1], trailing)) {
        end--;
    }
    return end;
}

static size_t to_gap(const Line *line, size_t at)
{
    return trim(line, at, pass(line, at, is_of_address), ".,;:!?)'");
}

/* ---- e-mail, links, handles ---- */

static size_t match_host(const Line *line, size_t at)
{
    size_t end = trim(line, at, pass(line, at, is_of_host), ".-");
    bool has_letter = false;
    for (size_t i = at; i < end; i++) {
        has_letter = has_letter || is_latin(line->plain[i]);
    }
    return end >= at + 2 && has_letter ? end : NONE;
}

static size_t match_email(const Line *line, size_t at)
{
    size_t sign = pass(line, at, is_wordy);
    return line->plain[sign] == '@' ? match_host(line, sign + 1) : NONE;
}

/* Where the last label of a name begins, and how long the one before it is. */
typedef struct Name {
    size_t last;
    size_t before;
    size_t third; /* how long the one before that is */
    size_t labels;
} Name;

/* False for what is no name of a host: an empty label, other signs, digits behind the last dot. */
static bool read_name(const Line *line, size_t at, size_t end, Name *out)
{
    *out = (Name){ .last = at, .labels = 1 };
    for (size_t i = at; i < end; i++) {
        if (!is_of_host(line->plain[i]) || (line->plain[i] == '.' && i == out->last)) {
            return false;
        }
        if (line->plain[i] == '.') {
            out->third = out->before;
            out->before = i - out->last;
            out->last = i + 1;
            out->labels++;
        }
    }
    return out->labels >= 2 && end >= out->last + 2 && pass(line, out->last, is_latin) >= end;
}

static bool is_word(const Line *line, size_t at, size_t end, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; end == at + len && i < len; i++) {
        if (small(line->plain[at + i]) != (uint32_t)word[i]) {
            return false;
        }
    }
    return end == at + len;
}

static bool is_name_of_host(const Line *line, size_t at, size_t end, const Name *name)
{
    static const char *const endings[] = { "com",  "org",  "net",  "info",   "biz",    "edu",
                                           "gov",  "app",  "dev",  "xyz",    "online", "site",
                                           "shop", "blog", "live", "social", "onion",  NULL };
    for (size_t i = 0; endings[i] != NULL; i++) {
        if (is_word(line, name->last, end, endings[i])) {
            return true;
        }
    }
    bool is_country = end == name->last + 2;
    return (is_word(line, at, at + 3, "www") && line->plain[at + 3] == '.') ||
           (is_country && (name->before >= 3 || (name->before == 2 && name->third >= 2)));
}

static size_t match_link(const Line *line, size_t at)
{
    size_t run = pass(line, at, is_wordy);
    if (run >= at + 2 && line->plain[run] == ':' && line->plain[run + 1] == '/' &&
        line->plain[run + 2] == '/') {
        size_t end = to_gap(line, run + 3);
        return end > run + 3 ? end : NONE;
    }
    size_t end = trim(line, at, run, "._%+-");
    Name name;
    if (!read_name(line, at, end, &name)) {
        return NONE;
    }
    if (line->plain[end] == '/' && to_gap(line, end) > end + 1) {
        return to_gap(line, end);
    }
    return is_name_of_host(line, at, end, &name) ? end : NONE;
}

static size_t match_handle(const Line *line, size_t at)
{
    size_t end = trim(line, at + 1, pass(line, at + 1, is_of_handle), ".-");
    bool has_letter = false;
    for (size_t i = at + 1; i < end; i++) {
        has_letter = has_letter || is_letter(line->plain[i]);
    }
    if (end < at + 3 || !has_letter) {
        return NONE;
    }
    size_t host = line->plain[end] == '@' ? match_host(line, end + 1) : NONE;
    return host != NONE ? host : end;
}

/* ---- as people spell them ---- */

static bool is_blank(uint32_t letter)
{
    return letter == ' ';
}

/* Behind "[at]", " (At) ". */
static size_t match_bracketed(const Line *line, size_t at, const char *word)
{
    size_t open = pass(line, at, is_blank);
    if (open >= line->count || !is_one_of(line->plain[open], "([{")) {
        return NONE;
    }
    size_t from = pass(line, open + 1, is_blank);
    size_t end = from + strlen(word);
    if (end > line->count || !is_word(line, from, end, word)) {
        return NONE;
    }
    size_t close = pass(line, end, is_blank);
    return is_one_of(line->plain[close], ")]}") ? pass(line, close + 1, is_blank) : NONE;
}

/* "anna [at] example [dot] org", "example (dot) org" */
static size_t match_spelled(const Line *line, size_t at, OskWordsKind *out_kind)
{
    size_t end = trim(line, at, pass(line, at, is_wordy), "._%+-");
    bool is_found = false;
    for (size_t i = 0; i <= DOTS_MAX; i++) {
        size_t next = match_bracketed(line, end, i == 0 ? "at" : "dot");
        size_t to = next == NONE ? NONE : trim(line, next, pass(line, next, is_of_host), ".-");
        if (next == NONE || to < next + 2 || !is_latin(line->plain[next])) {
            continue;
        }
        *out_kind = is_found ? *out_kind : i == 0 ? OSK_WORDS_EMAIL : OSK_WORDS_LINK;
        is_found = true;
        end = to;
    }
    return is_found ? end : NONE;
}

/* Where people have names. */
static bool is_place(const Line *line, size_t at, size_t end)
{
    static const char *const places[] = { "ig",     "insta",    "instagram", "telegram", "tg",
                                          "signal", "snapchat", "tiktok",    "twitter",  "discord",
                                          "wechat", "whatsapp", NULL };
    for (size_t i = 0; places[i] != NULL; i++) {
        if (is_word(line, at, end, places[i])) {
            return true;
        }
    }
    return false;
}

/* "IG: anna", "insta anna_b", "u/anna" */
static size_t match_named(const Line *line, size_t at)
{
    size_t place = pass(line, at, is_latin);
    bool is_reddit = is_word(line, at, place, "u") && line->plain[place] == '/';
    if (!is_reddit && !is_place(line, at, place)) {
        return NONE;
    }
    size_t colon = pass(line, place, is_blank);
    bool is_said = is_reddit || line->plain[colon] == ':';
    size_t from = is_reddit ? place + 1 : pass(line, is_said ? colon + 1 : colon, is_blank);
    size_t end = trim(line, from, pass(line, from, is_of_handle), ".-");
    bool has_letter = false;
    bool has_sign = false;
    for (size_t i = from; i < end; i++) {
        has_letter = has_letter || is_letter(line->plain[i]);
        has_sign = has_sign || is_digit(line->plain[i]) || is_one_of(line->plain[i], "_.");
    }
    bool is_name = from > place && end >= from + 3 && has_letter && (is_said || has_sign);
    return is_name ? end : NONE;
}

/* ---- numbers ---- */

/* A run of digits and what stands between them, as far as its last digit. */
static size_t match_digits(const Line *line, size_t at)
{
    size_t end = line->plain[at] == '+' ? at + 1 : at;
    for (size_t gap = 0; gap <= GAP_MAX && end + gap < line->count;) {
        uint32_t letter = line->plain[end + gap];
        if (is_digit(letter)) {
            end += gap + 1;
            gap = 0;
        } else if (is_gap(letter) || (letter == ',' && is_digit(line->plain[end + gap + 1]))) {
            gap++;
        } else {
            break;
        }
    }
    return end;
}

/* So many digits as a date has there: one or two, or the four of a year. */
static size_t match_day(const Line *line, size_t at)
{
    return !is_digit(line->plain[at]) ? NONE : is_digit(line->plain[at + 1]) ? at + 2 : at + 1;
}

static size_t match_year(const Line *line, size_t at)
{
    bool is_century = (line->plain[at] == '1' && line->plain[at + 1] == '9') ||
                      (line->plain[at] == '2' && line->plain[at + 1] == '0');
    return is_century && is_digit(line->plain[at + 2]) && is_digit(line->plain[at + 3]) ? at + 4
                                                                                        : NONE;
}

typedef size_t (*Part)(const Line *line, size_t at);

/* Three parts with the same sign between them. */
static size_t match_parts(const Line *line, size_t at, const Part parts[3])
{
    size_t end = parts[0](line, at);
    uint32_t sign = end == NONE ? 0 : line->plain[end];
    for (size_t i = 1; i < 3 && end != NONE; i++) {
        bool goes_on = is_one_of(sign, "-./") && line->plain[end] == sign;
        end = goes_on ? parts[i](line, end + 1) : NONE;
    }
    return end;
}

/* "2019-2021", "2019 / 2021" */
static size_t match_years(const Line *line, size_t at)
{
    size_t end = match_year(line, at);
    if (end == NONE) {
        return NONE;
    }
    end += line->plain[end] == ' ' ? 1 : 0;
    if (!is_one_of(line->plain[end], "-/")) {
        return NONE;
    }
    end++;
    end += line->plain[end] == ' ' ? 1 : 0;
    return match_year(line, end);
}

/* "2026-11-23", "23.11.2026", "2019-2021", and no digit goes on behind it. */
static size_t match_date(const Line *line, size_t at)
{
    static const Part forms[2][3] = { { match_year, match_day, match_day },
                                      { match_day, match_day, match_year } };
    size_t end = match_parts(line, at, forms[0]);
    end = end == NONE ? match_parts(line, at, forms[1]) : end;
    end = end == NONE ? match_years(line, at) : end;
    if (end == NONE || is_digit(line->plain[end]) ||
        (is_one_of(line->plain[end], "-./") && is_digit(line->plain[end + 1]))) {
        return NONE;
    }
    return end;
}

/* "1,234,567" */
static bool is_counted(const Line *line, size_t at, size_t end)
{
    size_t first = pass(line, at, is_digit) - at;
    bool is_so = first >= 1 && first <= 3 && line->plain[at] != '0' && at + first < end;
    for (size_t i = at + first; is_so && i < end; i += 4) {
        is_so = line->plain[i] == ',' && pass(line, i + 1, is_digit) == i + 4;
    }
    return is_so;
}

/* "2 000 000" is no phone. */
static bool is_phone(const Line *line, size_t at, size_t end)
{
    size_t digits = 0;
    size_t groups = 0;
    size_t size = 0;
    bool is_round = true; /* all groups but the first have three */
    unsigned value = 0;
    for (size_t i = at; i < end; i++) {
        if (!is_digit(line->plain[i])) {
            continue;
        }
        if (i == at || !is_digit(line->plain[i - 1])) {
            is_round = is_round && (groups <= 1 || size == 3);
            groups++;
            size = 0;
            value = 0;
        }
        digits++;
        size++;
        value = value * 10 % 1000 + (line->plain[i] - '0');
    }
    is_round = is_round && groups > 1 && size == 3 && value == 0 && line->plain[at] != '+';
    return digits >= PHONE_DIGITS_MIN && !is_round && !is_counted(line, at, end);
}

/* ---- all of them ---- */

/* What begins at `at`, if anything; where to look on. */
static size_t look_at(const Line *line, size_t at, bool *out_found, OskWordsKind *out_kind)
{
    uint32_t letter = line->plain[at];
    bool begins = at == 0 || !is_wordy(line->plain[at - 1]);
    size_t end = NONE;
    *out_found = true;
    if (begins && (is_latin(letter) || is_digit(letter))) {
        *out_kind = OSK_WORDS_EMAIL;
        end = match_email(line, at);
        if (end == NONE) {
            *out_kind = OSK_WORDS_LINK;
            end = match_link(line, at);
        }
        if (end == NONE) {
            end = match_spelled(line, at, out_kind);
        }
        if (end == NONE) {
            *out_kind = OSK_WORDS_HANDLE;
            end = match_named(line, at);
        }
    } else if (begins && letter == '@') {
        *out_kind = OSK_WORDS_HANDLE;
        end = match_handle(line, at);
    }
    if (end != NONE) {
        return end;
    }
    *out_found = false;
    if (is_digit(letter) ||
        (letter == '+' && (is_digit(line->plain[at + 1]) || is_gap(line->plain[at + 1])))) {
        end = match_date(line, at);
        if (end == NONE) {
            end = match_digits(line, at);
            *out_kind = OSK_WORDS_PHONE;
            *out_found = is_phone(line, at, end);
        }
    }
    return end == NONE || end <= at ? at + 1 : end;
}

size_t osk_words_check(const char *text, OskWordsFinding *out, size_t max)
{
    Line line;
    size_t count = 0;
    read_line(text, &line);
    for (size_t at = 0; at < line.count;) {
        bool is_found = false;
        OskWordsKind kind = OSK_WORDS_PHONE;
        size_t next = look_at(&line, at, &is_found, &kind);
        if (is_found && count++ < max) {
            out[count - 1] = (OskWordsFinding){ .kind = kind,
                                                .at = line.at[at],
                                                .text = text + line.from[at],
                                                .len = (size_t)line.to[next - 1] - line.from[at] };
        }
        at = next;
    }
    return count;
}

const char *osk_words_kind_name(OskWordsKind kind)
{
    static const char *const names[] = { "phone", "email", "handle", "link" };
    return names[kind];
}
