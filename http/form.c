/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/form.h"

#include <string.h>
#include <strings.h>

#include "base/fault.h"
#include "base/text.h"

static int digit_of(char letter)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = letter != 0 ? strchr(digits, letter) : NULL;
    return found != NULL ? (int)(found - digits) % 16 : -1;
}

static bool is_utf8(const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t letter = 0;
        size_t len = osk_utf8_decode((const uint8_t *)text, left, &letter);
        if (len == 0) {
            return false;
        }
        text += len;
        left -= len;
    }
    return true;
}

bool osk_form_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != 0; from++) {
        char letter = *from;
        if (letter == '%') {
            int high = digit_of(from[1]);
            int low = high >= 0 ? digit_of(from[2]) : -1;
            if (low < 0 || high + low == 0) {
                return false;
            }
            letter = (char)(high * 16 + low);
            from += 2;
        }
        *to++ = letter;
    }
    *to = 0;
    return is_utf8(text);
}

static void undo_pluses(char *text)
{
    for (char *plus = strchr(text, '+'); plus != NULL; plus = strchr(plus, '+')) {
        *plus = ' ';
    }
}

/* "name=value", or a name alone, which has an empty value. */
static bool read_field(char *text, OskFormField *out)
{
    char *equals = strchr(text, '=');
    char *value = equals != NULL ? equals + 1 : text + strlen(text);
    if (equals != NULL) {
        *equals = 0;
    }
    undo_pluses(text);
    undo_pluses(value);
    *out = (OskFormField){ .name = text, .value = value };
    return osk_form_unescape(text) && osk_form_unescape(value) && text[0] != 0;
}

static OskStatus add_field(OskFormFields *out, char *text)
{
    OskFormField field;
    if (!read_field(text, &field) || osk_form_value(out, field.name) != NULL) {
        return OSK_MALFORMED;
    }
    if (out->count == OSK_FORM_FIELDS) {
        return OSK_LIMIT;
    }
    out->items[out->count++] = field;
    return OSK_OK;
}

OskStatus osk_form_parse(char *text, size_t len, OskFormFields *out, OskFault *fault)
{
    *out = (OskFormFields){ .count = 0 };
    text[len] = 0;
    /* What stands behind a NUL would be read past. */
    OskStatus status = strlen(text) == len ? OSK_OK : OSK_MALFORMED;
    char *at = text;
    while (status == OSK_OK && len > 0 && at != NULL) {
        char *next = strchr(at, '&');
        if (next != NULL) {
            *next++ = 0;
        }
        status = add_field(out, at);
        at = status == OSK_OK ? next : at;
    }
    if (status == OSK_OK) {
        return OSK_OK;
    }
    return osk_fault_set(fault, status, "form",
                         status == OSK_LIMIT ? "the form has too many fields"
                                             : "a field of the form is none, or comes twice",
                         (uint64_t)(at - text));
}

const char *osk_form_value(const OskFormFields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->items[i].name, name) == 0) {
            return fields->items[i].value;
        }
    }
    return NULL;
}

bool osk_form_is_type(const char *content_type)
{
    static const char type[] = "application/x-www-form-urlencoded";
    return content_type != NULL && strncasecmp(content_type, type, sizeof(type) - 1) == 0 &&
           strchr("; \t", content_type[sizeof(type) - 1]) != NULL;
}
