/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/worker_words.h"

#include <string.h>

uint32_t osk_worker_word_find(const char *word)
{
    uint32_t low = 0;
    uint32_t high = osk_worker_word_count;
    while (word != NULL && low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(word, osk_worker_words[middle]);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}

const char *osk_worker_word(uint32_t number)
{
    return number < osk_worker_word_count ? osk_worker_words[number] : NULL;
}

uint32_t osk_worker_words_sum(void)
{
    /* FNV-1a; an accident is noticed, nobody is to be stopped by it. */
    uint32_t sum = UINT32_C(2166136261);
    for (uint32_t i = 0; i < osk_worker_word_count; i++) {
        for (const char *at = osk_worker_words[i]; *at != 0; at++) {
            sum = (sum ^ (uint8_t)*at) * UINT32_C(16777619);
        }
        sum = (sum ^ 0xFFu) * UINT32_C(16777619);
    }
    return sum;
}
