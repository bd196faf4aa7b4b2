/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/words_check.h"

#include "desk/words_line.h"
#include "desk/words_mail.h"
#include "desk/words_numbers.h"
#include "desk/words_places.h"

#define NONE OSK_WORDS_NONE

/* Whether a place may begin: words in Latin letters are whole, others stand in others
 * ("والواتساب"). */
static bool may_begin_place(const OskWordsLine *line, size_t at)
{
    return osk_words_is_letter(line->plain[at]) &&
           (!osk_words_is_latin(line->plain[at]) || at == 0 ||
            !osk_words_is_wordy(line->plain[at - 1]));
}

/* The end of an address or a name that begins at `at`; NONE. */
static size_t match_words(const OskWordsLine *line, size_t at, OskWordsKind *out_kind)
{
    uint32_t letter = line->plain[at];
    bool begins = at == 0 || !osk_words_is_wordy(line->plain[at - 1]);
    size_t end = NONE;
    if (begins && (osk_words_is_latin(letter) || osk_words_is_digit(letter))) {
        *out_kind = OSK_WORDS_EMAIL;
        end = osk_words_match_email(line, at);
        if (end == NONE) {
            *out_kind = OSK_WORDS_LINK;
            end = osk_words_match_link(line, at);
        }
        if (end == NONE) {
            end = osk_words_match_spelled(line, at, out_kind);
        }
    } else if (begins && letter == '@') {
        *out_kind = OSK_WORDS_HANDLE;
        end = osk_words_match_handle(line, at);
    }
    if (end == NONE && may_begin_place(line, at)) {
        *out_kind = OSK_WORDS_HANDLE;
        end = osk_words_match_named(line, at);
    }
    return end;
}

/* What begins at `at`, if anything; where to look on. */
static size_t look_at(const OskWordsLine *line, size_t at, bool *out_found, OskWordsKind *out_kind)
{
    uint32_t letter = line->plain[at];
    uint32_t next = line->plain[at + 1];
    size_t end = match_words(line, at, out_kind);
    *out_found = end != NONE;
    if (end == NONE && (osk_words_is_digit(letter) ||
                        (letter == '+' && (osk_words_is_digit(next) || osk_words_is_gap(next))))) {
        end = osk_words_match_moment(line, at);
        if (end == NONE) {
            end = osk_words_match_digits(line, at);
            *out_kind = OSK_WORDS_PHONE;
            *out_found = osk_words_is_phone(line, at, end);
        }
    }
    return end == NONE || end <= at ? at + 1 : end;
}

size_t osk_words_check(const char *text, OskWordsFinding *out, size_t max)
{
    OskWordsLine line;
    size_t count = 0;
    osk_words_read(text, &line);
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
