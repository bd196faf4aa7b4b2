/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/receipt.h"

#include "intake/receipt_words.h"

#include <string.h>

/* What tells two words of the list apart. */
#define TELLING_LETTERS 4u
/* Nobody types more than this to name eight words; what is longer is no receipt. */
#define TYPED_BYTES 2048u

OskStatus osk_receipt_draw(char out[OSK_RECEIPT_TEXT_BYTES], const OskRandom *random)
{
    uint16_t drawn[OSK_RECEIPT_WORDS];
    memset(out, 0, OSK_RECEIPT_TEXT_BYTES);
    if (!random->fill(random->context, drawn, sizeof(drawn))) {
        return OSK_IO;
    }
    size_t at = 0;
    for (size_t i = 0; i < OSK_RECEIPT_WORDS; i++) {
        const char *word = osk_receipt_words[drawn[i] % OSK_RECEIPT_WORD_COUNT];
        size_t len = strlen(word);
        if (i > 0) {
            out[at++] = ' ';
        }
        memcpy(out + at, word, len);
        at += len;
    }
    osk_seal_wipe(drawn, sizeof(drawn));
    return OSK_OK;
}

/* The next letter of what was typed, small; ' ' for anything that stands between words; 0 at the
 * end. Keyboards for Chinese, Japanese and Korean type wide letters, too (U+FF21 to U+FF5A). */
static char next_letter(const uint8_t **at)
{
    const uint8_t *p = *at;
    if (p[0] == 0) {
        return 0;
    }
    uint8_t letter = p[0];
    size_t len = 1;
    if (p[0] == 0xef && p[1] == 0xbc && p[2] >= 0xa1 && p[2] <= 0xba) {
        letter = (uint8_t)(p[2] - 0xa1 + 'a');
        len = 3;
    } else if (p[0] == 0xef && p[1] == 0xbd && p[2] >= 0x81 && p[2] <= 0x9a) {
        letter = (uint8_t)(p[2] - 0x81 + 'a');
        len = 3;
    } else if (letter >= 'A' && letter <= 'Z') {
        letter = (uint8_t)(letter - 'A' + 'a');
    }
    *at = p + len;
    return letter >= 'a' && letter <= 'z' ? (char)letter : ' ';
}

static const char *find_word(const char telling[TELLING_LETTERS])
{
    size_t first = 0;
    size_t last = OSK_RECEIPT_WORD_COUNT;
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        int order = memcmp(telling, osk_receipt_words[middle], TELLING_LETTERS);
        if (order == 0) {
            return osk_receipt_words[middle];
        }
        if (order < 0) {
            last = middle;
        } else {
            first = middle + 1;
        }
    }
    return NULL;
}

/* The next word that was typed: its first letters into `telling`, and how many there were; 0 when
 * nothing follows. */
static size_t next_word(const uint8_t **at, char telling[TELLING_LETTERS])
{
    size_t len = 0;
    for (char letter = next_letter(at); letter != 0; letter = next_letter(at)) {
        if (letter == ' ') {
            if (len > 0) {
                break;
            }
            continue;
        }
        if (len < TELLING_LETTERS) {
            telling[len] = letter;
        }
        len++;
    }
    return len;
}

bool osk_receipt_read(char out[OSK_RECEIPT_TEXT_BYTES], const char *text, unsigned *out_wrong)
{
    memset(out, 0, OSK_RECEIPT_TEXT_BYTES);
    *out_wrong = 0;
    if (strnlen(text, TYPED_BYTES) == TYPED_BYTES) {
        return false;
    }
    const uint8_t *at = (const uint8_t *)text;
    char telling[TELLING_LETTERS] = { 0 };
    size_t filled = 0;
    unsigned count = 0;
    unsigned wrong = 0;
    for (size_t len = next_word(&at, telling); len > 0; len = next_word(&at, telling)) {
        count++;
        const char *word = len < TELLING_LETTERS ? NULL : find_word(telling);
        if (word == NULL) {
            wrong = wrong == 0 ? count : wrong;
            continue;
        }
        size_t word_len = strlen(word);
        if (count <= OSK_RECEIPT_WORDS) {
            if (filled > 0) {
                out[filled++] = ' ';
            }
            memcpy(out + filled, word, word_len);
            filled += word_len;
        }
    }
    osk_seal_wipe(telling, sizeof(telling));
    if (count == OSK_RECEIPT_WORDS && wrong == 0) {
        return true;
    }
    osk_seal_wipe(out, OSK_RECEIPT_TEXT_BYTES);
    *out_wrong = count == OSK_RECEIPT_WORDS ? wrong : 0;
    return false;
}
