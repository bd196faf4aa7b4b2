/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of what people paste: armor, and keys. What is taken is the one spelling of what
 * it means, apart from white space around armor and the ends of its lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/scrub.h"
#include "oilskin/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

typedef struct Text {
    char *bytes;
    size_t len;
    size_t size;
} Text;

static bool append(void *context, const void *bytes, size_t len)
{
    Text *text = context;
    hold(len <= text->size - text->len, "armor has the length that was computed");
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    return true;
}

/* The text without white space around it and without CR before LF. */
static Text plain_text(const uint8_t *data, size_t size)
{
    Text text = { .bytes = malloc(size + 2), .size = size + 2 };
    if (text.bytes == NULL) {
        abort();
    }
    while (size > 0 && strchr(" \t\r\n", data[0]) != NULL && data[0] != 0) {
        data++;
        size--;
    }
    while (size > 0 && strchr(" \t\r\n", data[size - 1]) != NULL && data[size - 1] != 0) {
        size--;
    }
    for (size_t i = 0; i < size; i++) {
        if (data[i] != '\r' || i + 1 == size || data[i + 1] != '\n') {
            text.bytes[text.len++] = (char)data[i];
        }
    }
    text.bytes[text.len++] = '\n';
    return text;
}

static void check_armor(const uint8_t *data, size_t size)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_armor_decode(data, size, &bytes, &len, &fault);
    hold(status == OSK_OK || (status == OSK_MALFORMED && fault.what != NULL),
         "text is fine or not");
    hold(status != OSK_OK || osk_armor_probe(data, size), "what decodes was known before");
    if (status != OSK_OK) {
        hold(bytes == NULL && len == 0, "nothing is given on a fault");
        return;
    }
    Text expected = plain_text(data, size);
    Text made = { .size = len / 3 * 4 + len / 48 + 200 };
    made.bytes = malloc(made.size);
    if (made.bytes == NULL) {
        abort();
    }
    OskArmorer armorer;
    OskSink sink = { .context = &made, .write = append };
    OskSink armored = osk_armorer_sink(&armorer, &sink);
    hold(armored.write(armored.context, bytes, len) && osk_armorer_finish(&armorer),
         "it is written");
    hold(made.len == expected.len && memcmp(made.bytes, expected.bytes, made.len) == 0,
         "armor has one spelling");
    free(made.bytes);
    free(expected.bytes);
    osk_bytes_free(&bytes);
}

static void check_keys(const char *text, size_t len)
{
    OskRecipient recipient;
    OskIdentity identity;
    OskFault fault = { .status = OSK_OK };
    if (osk_recipient_parse(&recipient, text, len, &fault) == OSK_OK) {
        char again[OSK_RECIPIENT_TEXT_BYTES];
        osk_recipient_text(&recipient, again);
        hold(len == strlen(again) && memcmp(text, again, len) == 0, "a recipient has one spelling");
    } else {
        hold(fault.status == OSK_MALFORMED && fault.offset <= len, "a fault says where");
    }
    if (osk_identity_parse(&identity, text, len, NULL) == OSK_OK) {
        char again[OSK_IDENTITY_TEXT_BYTES];
        osk_identity_text(&identity, again);
        hold(len == strlen(again) && memcmp(text, again, len) == 0, "an identity has one spelling");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size);
    if (exact == NULL && size > 0) {
        return 0;
    }
    if (size > 0) {
        memcpy(exact, data, size);
    }
    check_armor(exact, size);
    check_keys((const char *)exact, size);
    free(exact);
    return 0;
}
