/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/suggest.h"

#include <string.h>

#define LEN_MAX 31u

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: Levenshtein's distance, with two neighbours swapped as one error. */
unsigned osk_suggest_distance(const char *typed, const char *word)
{
    size_t m = strlen(typed);
    size_t n = strlen(word);
    unsigned rows[3][LEN_MAX + 1];
    if (m > LEN_MAX || n > LEN_MAX) {
        return OSK_SUGGEST_FAR;
    }
    for (size_t j = 0; j <= n; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= m; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3];
        const unsigned *two_before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            unsigned change = before[j - 1] + (typed[i - 1] == word[j - 1] ? 0 : 1);
            now[j] = least(least(before[j] + 1, now[j - 1] + 1), change);
            if (i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1]) {
                now[j] = least(now[j], two_before[j - 2] + 1);
            }
        }
    }
    return rows[m % 3][n];
}

int osk_suggest_is_near(unsigned distance, const char *typed)
{
    /* One error in three letters: a word that shares less with what was typed is a guess. */
    size_t allowed = (strlen(typed) + 1) / 3;
    return distance <= (allowed < 3 ? allowed : 3);
}
