/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/words_mail.h"

#define NONE OSK_WORDS_NONE
#define DOTS_MAX 4u  /* "example [dot] co [dot] uk" */
#define LABEL_MIN 3u /* of a name with a spoken dot and nothing before it */

static const char *const endings[] = { "com",  "org",  "net",  "info",   "biz",    "edu",
                                       "gov",  "app",  "dev",  "xyz",    "online", "site",
                                       "shop", "blog", "live", "social", "onion",  NULL };

/* ---- as they are written ---- */

static bool is_of_address(uint32_t letter)
{
    return letter > ' ' && letter < 0x7F && !osk_words_is_one_of(letter, "\"<>");
}

static size_t to_gap(const OskWordsLine *line, size_t at)
{
    return osk_words_trim(line, at, osk_words_pass(line, at, is_of_address), ".,;:!?)'");
}

static size_t pass_host(const OskWordsLine *line, size_t at)
{
    return osk_words_trim(line, at, osk_words_pass(line, at, osk_words_is_of_host), ".-");
}

static size_t pass_word(const OskWordsLine *line, size_t at)
{
    return osk_words_trim(line, at, osk_words_pass(line, at, osk_words_is_wordy), "._%+-");
}

size_t osk_words_match_host(const OskWordsLine *line, size_t at)
{
    size_t end = pass_host(line, at);
    bool has_letter = false;
    for (size_t i = at; i < end; i++) {
        has_letter = has_letter || osk_words_is_latin(line->plain[i]);
    }
    return end >= at + 2 && has_letter ? end : NONE;
}

size_t osk_words_match_email(const OskWordsLine *line, size_t at)
{
    size_t sign = osk_words_pass(line, at, osk_words_is_wordy);
    return line->plain[sign] == '@' ? osk_words_match_host(line, sign + 1) : NONE;
}

/* Where the last label of a name begins, and how long the one before it is. */
typedef struct Name {
    size_t last;
    size_t before;
    size_t third; /* how long the one before that is */
    size_t labels;
} Name;

/* False for what is no name of a host: an empty label, other signs, digits behind the last dot. */
static bool read_name(const OskWordsLine *line, size_t at, size_t end, Name *out)
{
    *out = (Name){ .last = at, .labels = 1 };
    for (size_t i = at; i < end; i++) {
        if (!osk_words_is_of_host(line->plain[i]) || (line->plain[i] == '.' && i == out->last)) {
            return false;
        }
        if (line->plain[i] == '.') {
            out->third = out->before;
            out->before = i - out->last;
            out->last = i + 1;
            out->labels++;
        }
    }
    return out->labels >= 2 && end >= out->last + 2 &&
           osk_words_pass(line, out->last, osk_words_is_latin) >= end;
}

static bool is_name_of_host(const OskWordsLine *line, size_t at, size_t end, const Name *name)
{
    static const char *const www[] = { "www", NULL };
    bool is_country = end == name->last + 2;
    return osk_words_is_any(line, name->last, end, endings) ||
           (osk_words_is_any(line, at, at + 3, www) && line->plain[at + 3] == '.') ||
           (is_country && (name->before >= 3 || (name->before == 2 && name->third >= 2)));
}

size_t osk_words_match_link(const OskWordsLine *line, size_t at)
{
    size_t run = osk_words_pass(line, at, osk_words_is_wordy);
    if (run >= at + 2 && line->plain[run] == ':' && line->plain[run + 1] == '/' &&
        line->plain[run + 2] == '/') {
        size_t end = to_gap(line, run + 3);
        return end > run + 3 ? end : NONE;
    }
    size_t end = osk_words_trim(line, at, run, "._%+-");
    Name name;
    if (!read_name(line, at, end, &name)) {
        return NONE;
    }
    if (line->plain[end] == '/' && to_gap(line, end) > end + 1) {
        return to_gap(line, end);
    }
    return is_name_of_host(line, at, end, &name) ? end : NONE;
}

/* ---- as people spell them ---- */

static const char *const ats[] = { "at", "arroba", "arobase", "arrobase", "골뱅이",
                                   "앳", "艾特",   "ات",      NULL };
static const char *const dots[] = { "dot", "punto", "point", "点",  "點",
                                    "점",  "닷",    "نقطة",  "دوت", NULL };

/* Behind "[at]", " (At) ", "(@)". */
static size_t match_bracketed(const OskWordsLine *line, size_t at, const char *const *words,
                              uint32_t sign)
{
    size_t open = osk_words_pass(line, at, osk_words_is_blank);
    if (open >= line->count || !osk_words_is_one_of(line->plain[open], "([{<")) {
        return NONE;
    }
    size_t from = osk_words_pass(line, open + 1, osk_words_is_blank);
    size_t end = line->plain[from] == sign ? from + 1 : osk_words_match(line, from, words);
    if (end == NONE) {
        return NONE;
    }
    size_t close = osk_words_pass(line, end, osk_words_is_blank);
    return osk_words_is_one_of(line->plain[close], ")]}>")
               ? osk_words_pass(line, close + 1, osk_words_is_blank)
               : NONE;
}

/* Behind " at "; only a word in Latin letters needs blanks around it. */
static size_t match_bare(const OskWordsLine *line, size_t at, const char *const *words)
{
    size_t from = osk_words_pass(line, at, osk_words_is_blank);
    size_t end = osk_words_match(line, from, words);
    if (end == NONE) {
        return NONE;
    }
    size_t next = osk_words_pass(line, end, osk_words_is_blank);
    return !osk_words_is_latin(line->plain[from]) || (from > at && next > end) ? next : NONE;
}

/* In prose there are dots, too: behind one that is spoken, an ending has to be known. */
static bool is_spoken_ending(const OskWordsLine *line, size_t at, size_t end)
{
    static const char *const spoken[] = { "com", "org", "net", "edu", "gov", "xyz", "onion",
                                          "ar",  "br",  "ch",  "cl",  "cn",  "co",  "de",
                                          "es",  "eu",  "fr",  "io",  "jp",  "kr",  "mx",
                                          "pe",  "ru",  "tw",  "uk",  "ve",  NULL };
    return osk_words_is_any(line, at, end, spoken);
}

/* How far " [dot] org", " dot com" go on behind a name that ends at `end`. */
static size_t pass_dots(const OskWordsLine *line, size_t end)
{
    size_t known = end;
    for (size_t i = 0; i < DOTS_MAX; i++) {
        size_t next = match_bracketed(line, end, dots, '.');
        bool is_sure = next != NONE;
        next = is_sure ? next : match_bare(line, end, dots);
        size_t to = next == NONE ? NONE : pass_host(line, next);
        if (next == NONE || to < next + 2 || !osk_words_is_latin(line->plain[next])) {
            break;
        }
        end = to;
        known = is_sure || is_spoken_ending(line, next, to) ? to : known;
    }
    return known;
}

/* Where people have mail, and no word of prose: "anna at gmail". */
static bool is_mail_host(const OskWordsLine *line, size_t at, size_t end)
{
    static const char *const hosts[] = { "gmail",      "googlemail", "hotmail", "hanmail",
                                         "protonmail", "gmx",        NULL };
    size_t label = at;
    while (label < end && line->plain[label] != '.') {
        label++;
    }
    return osk_words_is_any(line, at, label, hosts);
}

/* "the dot com years" */
static bool is_little_word(const OskWordsLine *line, size_t at, size_t end)
{
    static const char *const little[] = { "the", "this", "that", "and", "polka",
                                          "dot", "del",  "con",  "por", NULL };
    return end < at + LABEL_MIN || osk_words_is_any(line, at, end, little);
}

static size_t match_spelled_link(const OskWordsLine *line, size_t at, size_t word)
{
    static const char *const plain[] = { "com", "org", "net", NULL };
    static const char *const point[] = { "point", NULL };
    size_t next = match_bracketed(line, word, dots, '.');
    if (next == NONE) {
        /* "un point com": said of other things, too. */
        next = match_bare(line, word, point) == NONE ? match_bare(line, word, dots) : NONE;
        size_t to = next == NONE ? NONE : pass_host(line, next);
        if (next == NONE || is_little_word(line, at, word) ||
            !osk_words_is_any(line, next, to, plain)) {
            return NONE;
        }
    }
    size_t end = pass_dots(line, word);
    return end > word ? end : NONE;
}

size_t osk_words_match_spelled(const OskWordsLine *line, size_t at, OskWordsKind *out_kind)
{
    size_t word = pass_word(line, at);
    size_t next = match_bracketed(line, word, ats, '@');
    bool is_sure = next != NONE;
    next = is_sure ? next : match_bare(line, word, ats);
    size_t host = next == NONE ? NONE : osk_words_match_host(line, next);
    size_t end = host == NONE ? NONE : pass_dots(line, host);
    bool is_mail = host != NONE && (is_sure || end > host || is_mail_host(line, next, host)) &&
                   (is_sure || !is_little_word(line, next, host));
    *out_kind = is_mail ? OSK_WORDS_EMAIL : OSK_WORDS_LINK;
    return is_mail ? end : match_spelled_link(line, at, word);
}
