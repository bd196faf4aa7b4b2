/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run of digits is read as groups; what is counted, paid, played or filed has a form of its own.
 */
#include "desk/words_numbers.h"

#define NONE OSK_WORDS_NONE
#define PHONE_DIGITS_MIN 7u
#define GAP_MAX 3u     /* between two digits of one number: "+1 (555) ..." */
#define GROUPS_MAX 16u /* more are none of the forms below */
#define LOOK_BACK 4u   /* signs and blanks between "case no." and its number */

bool osk_words_is_gap(uint32_t letter)
{
    return osk_words_is_one_of(letter, " -./()_|*\r\n") || letter == OSK_WORDS_BULLET;
}

size_t osk_words_match_digits(const OskWordsLine *line, size_t at)
{
    size_t end = line->plain[at] == '+' ? at + 1 : at;
    for (size_t gap = 0; gap <= GAP_MAX && end + gap < line->count;) {
        uint32_t letter = line->plain[end + gap];
        if (osk_words_is_digit(letter)) {
            end += gap + 1;
            gap = 0;
        } else if (osk_words_is_gap(letter) ||
                   (letter == ',' && osk_words_is_digit(line->plain[end + gap + 1]))) {
            gap++;
        } else {
            break;
        }
    }
    return end;
}

typedef struct Group {
    size_t from;
    size_t len;
    uint32_t sign; /* behind it: a blank, one sign with or without blanks, or 0 for more */
} Group;

typedef struct Run {
    Group groups[GROUPS_MAX];
    size_t count; /* GROUPS_MAX + 1: there are more */
    size_t digits;
} Run;

static uint32_t sign_between(const OskWordsLine *line, size_t from, size_t to)
{
    uint32_t sign = ' ';
    for (; from < to; from++) {
        uint32_t letter = line->plain[from];
        if (letter != ' ') {
            sign = sign == ' ' ? letter : 0;
        }
        if (sign == 0) {
            return 0;
        }
    }
    return sign;
}

static void read_run(const OskWordsLine *line, size_t at, size_t end, Run *out)
{
    *out = (Run){ .count = 0 };
    size_t from = at;
    while (from < end) {
        size_t to = osk_words_pass(line, from, osk_words_is_digit);
        size_t next = to;
        while (next < end && !osk_words_is_digit(line->plain[next])) {
            next++;
        }
        if (to > from && out->count < GROUPS_MAX) {
            out->groups[out->count] =
                (Group){ .from = from, .len = to - from, .sign = sign_between(line, to, next) };
        }
        out->count += to > from && out->count <= GROUPS_MAX ? 1 : 0;
        out->digits += to - from;
        from = next;
    }
}

/* ---- what is none ---- */

static uint32_t digit_at(const OskWordsLine *line, size_t at)
{
    return line->plain[at] - '0';
}

/* "2000", "15 000": whether groups [from, to) are one number, without a nought before it; a sign
 * between thousands is the same everywhere. */
static bool is_whole(const OskWordsLine *line, const Run *run, size_t from, size_t to)
{
    bool is_so = from < to && line->plain[run->groups[from].from] != '0';
    is_so = is_so && (to == from + 1 || run->groups[from].len <= 3);
    for (size_t i = from + 1; is_so && i < to; i++) {
        uint32_t sign = run->groups[i - 1].sign;
        is_so = run->groups[i].len == 3 && sign == run->groups[from].sign &&
                osk_words_is_one_of(sign, " .,");
    }
    return is_so;
}

static bool ends_in_zeros(const OskWordsLine *line, const Group *group, size_t zeros)
{
    bool is_so = group->len >= zeros;
    for (size_t i = group->from + group->len - zeros; is_so && i < group->from + group->len; i++) {
        is_so = line->plain[i] == '0';
    }
    return is_so;
}

/* "2 000 000", whatever stands between the groups. */
static bool is_round(const OskWordsLine *line, const Run *run)
{
    for (size_t i = 1; i < run->count; i++) {
        if (run->groups[i].len != 3) {
            return false;
        }
    }
    return run->count > 1 && ends_in_zeros(line, &run->groups[run->count - 1], 3);
}

/* "1,234,567" */
static bool is_counted(const OskWordsLine *line, const Run *run, size_t end)
{
    const Group *last = &run->groups[run->count - 1];
    bool is_so = run->count > 1 && is_whole(line, run, 0, run->count);
    for (size_t i = 0; is_so && i + 1 < run->count; i++) {
        const Group *group = &run->groups[i];
        is_so = group->sign == ',' && run->groups[i + 1].from == group->from + group->len + 1;
    }
    return is_so && last->from + last->len == end;
}

/* "2019 / 2020 / 2021" */
static bool is_years(const OskWordsLine *line, const Run *run)
{
    uint32_t before = 0;
    for (size_t i = 0; i < run->count; i++) {
        size_t at = run->groups[i].from;
        uint32_t value = 0;
        for (size_t n = 0; n < run->groups[i].len && n < 5; n++) {
            value = value * 10 + digit_at(line, at + n);
        }
        if (run->groups[i].len != 4 || value < 1900 || value > 2099 || value <= before) {
            return false;
        }
        before = value;
    }
    return run->count > 1;
}

/* "6-4 6-3 6-7 7-5" */
static bool is_score(const Run *run)
{
    bool is_so = run->count >= 4 && run->count % 2 == 0;
    for (size_t i = 0; is_so && i < run->count; i++) {
        uint32_t sign = run->groups[i].sign;
        is_so = run->groups[i].len == 1 &&
                (i % 2 == 0 ? sign == '-' : i + 1 == run->count || sign == ' ' || sign == ',');
    }
    return is_so;
}

static size_t count_digits(const Run *run, size_t from, size_t to)
{
    size_t count = 0;
    for (; from < to; from++) {
        count += run->groups[from].len;
    }
    return count;
}

/* Whether the number before group `split` is less than the one that begins there. */
static bool is_rising(const OskWordsLine *line, const Run *run, size_t split)
{
    size_t left = count_digits(run, 0, split);
    size_t right = count_digits(run, split, run->count);
    size_t i = 0;
    size_t n = 0;
    size_t to = split;
    for (size_t k = 0; left == right && to < run->count && k < left; k++) {
        uint32_t one = digit_at(line, run->groups[i].from + n);
        /* Both have groups of the same lengths, as both are whole. */
        uint32_t other = digit_at(line, run->groups[to].from + n);
        if (one != other) {
            return one < other;
        }
        n++;
        if (n == run->groups[i].len) {
            i++;
            to++;
            n = 0;
        }
    }
    return left < right;
}

/* "2000-3000 people", "10.000 - 15.000" */
static bool is_range(const OskWordsLine *line, const Run *run)
{
    size_t split = 0;
    size_t splits = 0;
    for (size_t i = 0; i + 1 < run->count; i++) {
        if (run->groups[i].sign == '-' || run->groups[i].sign == '/') {
            split = i + 1;
            splits++;
        }
    }
    return splits == 1 && is_whole(line, run, 0, split) && is_whole(line, run, split, run->count) &&
           (split == 1) == (run->count == split + 1) &&
           ends_in_zeros(line, &run->groups[split - 1], 2) &&
           ends_in_zeros(line, &run->groups[run->count - 1], 2) && is_rising(line, run, split);
}

/* "1920*1080" */
static bool is_size(const OskWordsLine *line, const Run *run)
{
    return run->count == 2 && run->groups[0].sign == '*' && line->plain[run->groups[0].from] != '0';
}

static bool is_currency(uint32_t letter)
{
    static const OskWordsSpan signs[] = {
        { '$', '$' }, { 0xA3, 0xA3 }, { 0xA5, 0xA5 }, { 0x20A0, 0x20BF }, { 0, 0 }
    };
    return osk_words_is_within(letter, signs);
}

/* "$ 1,250,500.20", "1.250.500 €", "1250000元" */
static bool is_paid(const OskWordsLine *line, const Run *run, size_t at, size_t end)
{
    static const char *const money[] = { "eur",     "euro",    "euros", "usd",  "dollars",
                                         "dólares", "dolares", "pesos", "fcfa", "francs",
                                         "won",     "yuan",    "元",    "块",   "원",
                                         "درهم",    "دينار",   "دولار", "ليرة", "جنيه",
                                         NULL };
    size_t before = at > 0 && line->plain[at - 1] == ' ' ? at - 1 : at;
    size_t behind = line->plain[end] == ' ' ? end + 1 : end;
    if (!(before > 0 && is_currency(line->plain[before - 1])) &&
        !is_currency(line->plain[behind]) && osk_words_match(line, behind, money) == NONE) {
        return false;
    }
    const Group *last = &run->groups[run->count - 1];
    size_t whole = run->count;
    if (whole > 1 && last->len <= 2 && osk_words_is_one_of(run->groups[whole - 2].sign, ".,") &&
        (whole == 2 || run->groups[whole - 2].sign != run->groups[0].sign)) {
        whole--;
    }
    return is_whole(line, run, 0, whole);
}

static bool is_before_number(uint32_t letter)
{
    return osk_words_is_one_of(letter, " .:#") || letter == 0xBA || letter == 0xB0;
}

static size_t look_back(const OskWordsLine *line, size_t at)
{
    for (size_t i = 0; i < LOOK_BACK && at > 0 && is_before_number(line->plain[at - 1]); i++) {
        at--;
    }
    return at;
}

/* "case no. 2026-004512", "expediente n.º 2026/004512" */
static bool is_filed(const OskWordsLine *line, const Run *run, size_t at)
{
    static const char *const numbers[] = { "no",     "nr",     "n",      "num", "number",
                                           "numero", "número", "numéro", "№",   "番号",
                                           "编号",   "번호",   "رقم",    NULL };
    static const char *const files[] = {
        "case",     "file", "docket",  "reference",  "ref",     "complaint",
        "warrant",  "law",  "decree",  "caso",       "causa",   "expediente",
        "denuncia", "ley",  "decreto", "referencia", "dossier", "affaire",
        "plainte",  "loi",  "décret",  "référence",  "案号",    "案件",
        "案",       "사건", "قضية",    "القضية",     "قانون",   NULL
    };
    if (run->count > 3 || line->plain[run->groups[0].from] == '0') {
        return false;
    }
    size_t end = look_back(line, at);
    size_t number = osk_words_match_before(line, end, numbers);
    end = number != NONE ? look_back(line, number) : end;
    return osk_words_match_before(line, end, files) != NONE;
}

bool osk_words_is_phone(const OskWordsLine *line, size_t at, size_t end)
{
    Run run;
    read_run(line, at, end, &run);
    if (run.digits < PHONE_DIGITS_MIN) {
        return false;
    }
    if (line->plain[at] == '+' || run.count > GROUPS_MAX) {
        return true;
    }
    return !is_round(line, &run) && !is_counted(line, &run, end) && !is_years(line, &run) &&
           !is_score(&run) && !is_range(line, &run) && !is_size(line, &run) &&
           !is_paid(line, &run, at, end) && !is_filed(line, &run, at);
}
