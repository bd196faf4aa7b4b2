/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates, times and places on a map, as they are written in digits. */
#include "desk/words_numbers.h"

#define NONE OSK_WORDS_NONE
#define HOUR_MAX 24u
#define MINUTE_MAX 59u
#define DAY_MAX 31u
#define DEGREES_MAX 180u
#define DECIMALS_MIN 3u
#define DECIMALS_MAX 8u
#define DEGREE 0xB0u

static bool is_digit_at(const OskWordsLine *line, size_t at)
{
    return osk_words_is_digit(line->plain[at]);
}

static size_t pass_blank(const OskWordsLine *line, size_t at)
{
    return line->plain[at] == ' ' ? at + 1 : at;
}

/* So many digits as a date has there: one or two, or the four of a year. */
static size_t match_day(const OskWordsLine *line, size_t at)
{
    return !is_digit_at(line, at) ? NONE : is_digit_at(line, at + 1) ? at + 2 : at + 1;
}

static size_t match_year(const OskWordsLine *line, size_t at)
{
    bool is_century = (line->plain[at] == '1' && line->plain[at + 1] == '9') ||
                      (line->plain[at] == '2' && line->plain[at + 1] == '0');
    return is_century && is_digit_at(line, at + 2) && is_digit_at(line, at + 3) ? at + 4 : NONE;
}

/* One or two digits that are no more than `max`, and no third. */
static size_t match_upto(const OskWordsLine *line, size_t at, uint32_t max)
{
    size_t end = match_day(line, at);
    if (end == NONE || is_digit_at(line, end)) {
        return NONE;
    }
    uint32_t value = line->plain[at] - '0';
    value = end == at + 2 ? value * 10 + (line->plain[at + 1] - '0') : value;
    return value <= max ? end : NONE;
}

typedef size_t (*Part)(const OskWordsLine *line, size_t at);

/* Three parts with the same sign between them; behind a dot may be a blank. */
static size_t match_parts(const OskWordsLine *line, size_t at, const Part parts[3])
{
    size_t end = parts[0](line, at);
    uint32_t sign = end == NONE ? 0 : line->plain[end];
    for (size_t i = 1; i < 3 && end != NONE; i++) {
        bool goes_on = osk_words_is_one_of(sign, "-./") && line->plain[end] == sign;
        end = goes_on ? parts[i](line, sign == '.' ? pass_blank(line, end + 1) : end + 1) : NONE;
    }
    return end;
}

static size_t match_day_first(const OskWordsLine *line, size_t at)
{
    static const Part parts[3] = { match_day, match_day, match_year };
    return match_parts(line, at, parts);
}

/* "2019-2021", "2019 / 2021" */
static size_t match_years(const OskWordsLine *line, size_t at)
{
    size_t end = match_year(line, at);
    if (end == NONE) {
        return NONE;
    }
    end = pass_blank(line, end);
    return osk_words_is_one_of(line->plain[end], "-/") ? match_year(line, pass_blank(line, end + 1))
                                                       : NONE;
}

/* "-", " / ": behind it. */
static size_t pass_until(const OskWordsLine *line, size_t at)
{
    size_t sign = pass_blank(line, at);
    return osk_words_is_one_of(line->plain[sign], "-/") ? pass_blank(line, sign + 1) : NONE;
}

/* "23.-25.11.2026", "23.11.-25.11.2026" */
static size_t match_days(const OskWordsLine *line, size_t at)
{
    size_t end = match_upto(line, at, DAY_MAX);
    for (size_t i = 0; i < 2 && end != NONE; i++) {
        size_t behind = line->plain[end] == '.' ? end + 1 : end;
        size_t next = pass_until(line, behind);
        size_t until = next == NONE ? NONE : match_day_first(line, next);
        if (until != NONE) {
            return until;
        }
        end = behind > end ? match_upto(line, behind, DAY_MAX) : NONE;
    }
    return NONE;
}

/* "2026-11-23", "23.11.2026", "2019-2021" */
static size_t match_date(const OskWordsLine *line, size_t at)
{
    static const Part year_first[3] = { match_year, match_day, match_day };
    size_t end = match_parts(line, at, year_first);
    end = end == NONE ? match_day_first(line, at) : end;
    end = end == NONE ? match_years(line, at) : end;
    return end == NONE ? match_days(line, at) : end;
}

/* "18.30", and until when. */
static size_t match_time(const OskWordsLine *line, size_t at)
{
    size_t hour = match_upto(line, at, HOUR_MAX);
    bool is_so = hour != NONE && osk_words_is_one_of(line->plain[hour], ".:h");
    size_t end = is_so ? match_upto(line, hour + 1, MINUTE_MAX) : NONE;
    return end == hour + 3 ? end : NONE;
}

static size_t match_times(const OskWordsLine *line, size_t at)
{
    size_t end = match_time(line, at);
    size_t next = end == NONE ? NONE : pass_until(line, end);
    return next == NONE ? NONE : match_time(line, next);
}

/* "23.11. 18.30", "23/11/26 18.30": a date without its century is one before a time. */
static size_t match_short_date(const OskWordsLine *line, size_t at)
{
    size_t end = match_upto(line, at, DAY_MAX);
    uint32_t sign = end == NONE ? 0 : line->plain[end];
    if (!osk_words_is_one_of(sign, "-./")) {
        return NONE;
    }
    end = match_upto(line, end + 1, DAY_MAX);
    if (end != NONE && line->plain[end] == sign && is_digit_at(line, end + 1)) {
        end = match_day(line, end + 1) == end + 3 ? end + 3 : NONE;
    } else if (end != NONE && line->plain[end] == '.') {
        end++;
    }
    if (end == NONE || line->plain[end] != ' ') {
        return NONE;
    }
    size_t times = match_times(line, end + 1);
    return times != NONE ? times : match_time(line, end + 1);
}

/* "8.5417", no more than a circle has. */
static size_t match_degrees(const OskWordsLine *line, size_t at)
{
    size_t dot = at;
    uint32_t value = 0;
    for (; dot < at + 3 && is_digit_at(line, dot); dot++) {
        value = value * 10 + (line->plain[dot] - '0');
    }
    if (dot == at || line->plain[dot] != '.' || value > DEGREES_MAX) {
        return NONE;
    }
    size_t end = dot + 1;
    while (end <= dot + 1 + DECIMALS_MAX && is_digit_at(line, end)) {
        end++;
    }
    return end >= dot + 1 + DECIMALS_MIN && end <= dot + 1 + DECIMALS_MAX ? end : NONE;
}

/* "47.3769, 8.5417", "48.85837°" */
static size_t match_map(const OskWordsLine *line, size_t at)
{
    size_t first = match_degrees(line, at);
    if (first == NONE) {
        return NONE;
    }
    bool has_sign = line->plain[first] == DEGREE;
    size_t end = pass_blank(line, has_sign ? first + 1 : first);
    end = osk_words_is_one_of(line->plain[end], "NSEWnsew") ? end + 1 : end;
    bool is_pair = osk_words_is_one_of(line->plain[end], ",;");
    size_t next = is_pair ? pass_blank(line, end + 1) : NONE;
    next = is_pair && line->plain[next] == '-' ? next + 1 : next;
    size_t second = is_pair ? match_degrees(line, next) : NONE;
    return second != NONE ? second : has_sign ? first : NONE;
}

/* Whether digits go on behind `end`, as they do in a number that only begins like this. */
static bool goes_on(const OskWordsLine *line, size_t end, const char *signs)
{
    return is_digit_at(line, end) ||
           (osk_words_is_one_of(line->plain[end], signs) && is_digit_at(line, end + 1));
}

size_t osk_words_match_moment(const OskWordsLine *line, size_t at)
{
    size_t end = match_date(line, at);
    if (end != NONE && !goes_on(line, end, "-./")) {
        return end;
    }
    end = match_short_date(line, at);
    end = end == NONE ? match_times(line, at) : end;
    end = end == NONE ? match_map(line, at) : end;
    return end != NONE && !goes_on(line, end, " -./") ? end : NONE;
}
