/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request asks, as its route sees it. */
#include <stdlib.h>
#include <string.h>

#include "http/exchange_inside.h"
#include "http/form.h"

/* ---- texts ---- */

OskText *osk_text_keep(OskText **list, const char *name, const char *value)
{
    size_t name_len = strlen(name) + 1;
    size_t value_len = strlen(value) + 1;
    OskText *text = malloc(sizeof(*text) + name_len + value_len);
    if (text == NULL) {
        return NULL;
    }
    text->len = name_len + value_len;
    text->name = text->bytes;
    text->value = text->bytes + name_len;
    memcpy(text->bytes, name, name_len);
    memcpy(text->bytes + name_len, value, value_len);
    text->next = NULL;
    /* In the order in which they were added. */
    while (*list != NULL) {
        list = &(*list)->next;
    }
    *list = text;
    return text;
}

void osk_texts_free(OskText **list)
{
    while (*list != NULL) {
        OskText *text = *list;
        *list = text->next;
        explicit_bzero(text->bytes, text->len);
        free(text);
    }
}

/* ---- what was asked ---- */

const char *osk_request_method(const OskRequest *request)
{
    return request->asked.method;
}

const char *osk_request_path(const OskRequest *request)
{
    return request->asked.path;
}

const char *osk_request_header(const OskRequest *request, const char *name)
{
    return osk_wire_header(request->asked.wire, name);
}

const char *osk_request_query(OskRequest *request, const char *name)
{
    for (const OskText *text = request->arguments; text != NULL; text = text->next) {
        if (strcmp(text->name, name) == 0) {
            return text->value;
        }
    }
    const char *raw = osk_wire_argument(request->asked.wire, name);
    OskText *text = raw != NULL ? osk_text_keep(&request->arguments, name, raw) : NULL;
    if (text == NULL) {
        return NULL;
    }
    char *value = text->bytes + strlen(text->name) + 1;
    if (!osk_form_unescape(value)) {
        /* What is no text is no value; remembered as none. */
        value[0] = 0;
    }
    return text->value;
}

size_t osk_request_whole_query(const OskRequest *request, char *out, size_t size)
{
    return osk_wire_query(request->asked.wire, out, size);
}

uint64_t osk_request_length(const OskRequest *request)
{
    const char *text = osk_request_header(request, "Content-Length");
    if (osk_request_header(request, "Transfer-Encoding") != NULL) {
        return UINT64_MAX;
    }
    /* The library has refused what is no number before it asked. */
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

void osk_request_set_state(OskRequest *request, void *state)
{
    request->state = state;
}

void *osk_request_state(const OskRequest *request)
{
    return request->state;
}
