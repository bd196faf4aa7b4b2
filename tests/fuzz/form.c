/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of small forms, and of values of queries, which are unescaped by the same code.
 * What was understood is written down again, with every byte escaped, and must mean the same. */
#include "http/form.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

/* `len` bytes and one more. */
static char *copy(const void *bytes, size_t len)
{
    char *text = malloc(len + 1);
    if (text == NULL) {
        abort();
    }
    memcpy(text, bytes, len);
    text[len] = 0;
    return text;
}

static size_t escape(char *out, const char *text)
{
    size_t at = 0;
    for (; *text != 0; text++) {
        at += (size_t)snprintf(out + at, 4, "%%%02x", (unsigned)(unsigned char)*text);
    }
    return at;
}

static void check_again(const OskFormFields *fields, size_t size)
{
    /* Names and values are no longer than the form, three letters for each; "=" and "&" of each. */
    char *text = malloc(3 * size + 2 * (size_t)OSK_FORM_FIELDS + 1);
    OskFormFields again;
    OskFault fault = { 0 };
    size_t len = 0;
    if (text == NULL) {
        abort();
    }
    for (size_t i = 0; i < fields->count; i++) {
        if (i > 0) {
            text[len++] = '&';
        }
        len += escape(text + len, fields->items[i].name);
        text[len++] = '=';
        len += escape(text + len, fields->items[i].value);
    }
    hold(osk_form_parse(text, len, &again, &fault) == OSK_OK, "what was understood is a form");
    hold(again.count == fields->count, "it has the same fields");
    for (size_t i = 0; i < again.count; i++) {
        hold(strcmp(again.items[i].name, fields->items[i].name) == 0 &&
                 strcmp(again.items[i].value, fields->items[i].value) == 0,
             "it says the same");
        hold(osk_form_value(&again, again.items[i].name) == again.items[i].value,
             "a name has one value");
    }
    free(text);
}

static void check_query(const uint8_t *data, size_t size)
{
    char *text = copy(data, size);
    char *before = copy(text, strlen(text));
    bool has_escape = strchr(before, '%') != NULL;
    if (osk_form_unescape(text)) {
        hold(strlen(text) <= strlen(before), "a text without escapes is not longer");
        hold(has_escape || strcmp(text, before) == 0, "a text without escapes stays");
    }
    free(before);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OskFormFields fields;
    OskFault fault = { 0 };
    char *text = copy(data, size);
    OskStatus status = osk_form_parse(text, size, &fields, &fault);
    hold(status == OSK_OK || status == OSK_MALFORMED || status == OSK_LIMIT,
         "a bad form is its own fault");
    hold(fields.count <= OSK_FORM_FIELDS, "fields are counted");
    if (status == OSK_OK) {
        check_again(&fields, size);
    } else {
        hold(fault.offset <= size, "a fault lies in the form");
    }
    free(text);
    check_query(data, size);
    return 0;
}
