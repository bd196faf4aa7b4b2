/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/language.h"

#include <string.h>
#include <strings.h>

const OskLanguage osk_languages[OSK_LANGUAGE_COUNT] = {
    { "en", "en" }, { "es", "es" },      { "fr", "fr" },
    { "ar", "ar" }, { "zh", "zh-Hans" }, { "ko", "ko" },
};

/* "fr", "fr-CH" and "FR" are French, "fro" is not. */
static size_t find_language(const char *text, size_t len)
{
    for (size_t i = 0; i < OSK_LANGUAGE_COUNT; i++) {
        size_t tag = strlen(osk_languages[i].tag);
        if (len >= tag && strncasecmp(text, osk_languages[i].tag, tag) == 0 &&
            (len == tag || text[tag] == '-' || text[tag] == '_')) {
            return i;
        }
    }
    return OSK_LANGUAGE_COUNT;
}

/* Thousandths of ";q=0.8"; 1000 without one. */
static unsigned weight_of(const char *parameters, size_t len)
{
    const char *q = memmem(parameters, len, "q=", 2);
    if (q == NULL) {
        return 1000;
    }
    q += 2;
    const char *end = parameters + len;
    unsigned weight = q < end && *q == '1' ? 1000 : 0;
    unsigned unit = 100;
    for (q++; q < end && unit > 0; q++) {
        if (*q >= '0' && *q <= '9') {
            weight += (unsigned)(*q - '0') * unit;
            unit /= 10;
        } else if (*q != '.') {
            break;
        }
    }
    return weight > 1000 ? 1000 : weight;
}

static size_t best_accepted(const char *accepted)
{
    size_t best = OSK_LANGUAGE_COUNT;
    unsigned best_weight = 0;
    while (*accepted != 0) {
        accepted += strspn(accepted, " \t,");
        size_t len = strcspn(accepted, ",");
        size_t name = strcspn(accepted, ";, \t");
        size_t found = find_language(accepted, name);
        unsigned weight = weight_of(accepted + name, len - name);
        if (found < OSK_LANGUAGE_COUNT && weight > best_weight) {
            best = found;
            best_weight = weight;
        }
        accepted += len;
    }
    return best;
}

size_t osk_language_choose(const char *asked, const char *accepted, const char *usual)
{
    size_t found = asked != NULL ? find_language(asked, strlen(asked)) : OSK_LANGUAGE_COUNT;
    if (found == OSK_LANGUAGE_COUNT && accepted != NULL) {
        found = best_accepted(accepted);
    }
    if (found == OSK_LANGUAGE_COUNT && usual != NULL) {
        found = find_language(usual, strlen(usual));
    }
    return found == OSK_LANGUAGE_COUNT ? 0 : found;
}
