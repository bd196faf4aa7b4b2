/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stricter than the RFC where no browser, curl or library of a language needs it: nothing stands
 * before the first boundary, lines end with CRLF, headers are not folded, and a part is a field
 * with a name. */
#include "http/multipart.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fault.h"
#include "http/limits.h"

#define BOUNDARY_MAX 70 /* RFC 2046 */

typedef enum Place {
    IN_DELIMITER, /* the first one: nothing may stand before it */
    IN_DATA,
    BEHIND_DELIMITER, /* CRLF or "--" follows */
    IN_HEADERS,
    IN_EPILOGUE
} Place;

struct OskMultipart {
    OskMultipartEvents events;
    char delimiter[4 + BOUNDARY_MAX + 1]; /* "\r\n--" and the boundary */
    size_t delimiter_len;
    Place place;
    size_t matched; /* of the delimiter */
    size_t flushed; /* of what matched and was data after all */
    bool is_flushing;
    bool waits;
    char line[OSK_FORM_LINE_BYTES]; /* of a header, or what stands behind a delimiter */
    size_t line_len;
    unsigned headers; /* of this part */
    unsigned parts;
    size_t epilogue;
    OskFormPart part;
    bool is_named;
    uint64_t offset;
    OskStatus status;
    const char *what;
};

/* ---- text of headers ---- */

static const char *skip_blank(const char *at)
{
    return at + strspn(at, " \t");
}

/* A parameter of a header: `name` and where its value lies, without quotes. */
typedef struct Parameter {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
} Parameter;

/* The end of a quoted text: the first quote that is not escaped. A browser escapes none, so that a
 * name may end in a backslash: the last quote of a line always ends the text. NULL for none. */
static const char *find_quote(const char *at)
{
    const char *last = strrchr(at, '"');
    bool escaped = false;
    for (; *at != 0; at++) {
        if (*at == '"' && (!escaped || at == last)) {
            return at;
        }
        escaped = *at == '\\' && !escaped;
    }
    return NULL;
}

/* Reads one "; name=value" of `at`. False at the end, and for what is none: `at` is NULL then. */
static bool next_parameter(const char **at, Parameter *out)
{
    static const char separators[] = "()<>@,;:\\\"/[]?= \t";
    const char *from = skip_blank(*at);
    if (*from == 0) {
        return false;
    }
    *at = NULL;
    if (*from != ';') {
        return false;
    }
    out->name = skip_blank(from + 1);
    out->name_len = strcspn(out->name, separators);
    from = out->name + out->name_len;
    if (out->name_len == 0 || *from != '=') {
        return false;
    }
    from++;
    if (*from != '"') {
        out->value = from;
        out->value_len = strcspn(from, separators);
        *at = from + out->value_len;
        return out->value_len > 0;
    }
    const char *quote = find_quote(from + 1);
    if (quote == NULL) {
        return false;
    }
    out->value = from + 1;
    out->value_len = (size_t)(quote - out->value);
    *at = quote + 1;
    return true;
}

static bool is_named(const Parameter *parameter, const char *name)
{
    return strlen(name) == parameter->name_len &&
           strncasecmp(parameter->name, name, parameter->name_len) == 0;
}

/* True when `text` begins with `word`, and a parameter or nothing follows. */
static bool begins_with(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncasecmp(text, word, len) == 0 && strchr("; \t", text[len]) != NULL;
}

/* ---- opening ---- */

static bool is_boundary(const char *text, size_t len)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "'()+_,-./:=? ";
    if (len == 0 || len > BOUNDARY_MAX || text[len - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == 0 || strchr(allowed, text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool find_boundary(const char *content_type, Parameter *out)
{
    static const char type[] = "multipart/form-data";
    bool found = false;
    Parameter parameter = { 0 };
    if (content_type == NULL || !begins_with(content_type, type)) {
        return false;
    }
    const char *at = content_type + sizeof(type) - 1;
    while (next_parameter(&at, &parameter)) {
        if (is_named(&parameter, "boundary")) {
            if (found) {
                return false;
            }
            found = true;
            *out = parameter;
        }
    }
    return at != NULL && found && is_boundary(out->value, out->value_len);
}

OskStatus osk_multipart_open(OskMultipart **out, const char *content_type,
                             const OskMultipartEvents *events, OskFault *fault)
{
    *out = NULL;
    Parameter boundary = { 0 };
    if (!find_boundary(content_type, &boundary)) {
        OskStatus status =
            osk_fault_set(fault, OSK_MALFORMED, "form",
                          "the request is no multipart/form-data with a boundary", OSK_NO_OFFSET);
        osk_fault_next(fault, "send the form as the page has it: enctype=\"multipart/form-data\"");
        return status;
    }
    OskMultipart *form = calloc(1, sizeof(*form));
    if (form == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "form", "out of memory", OSK_NO_OFFSET);
    }
    memcpy(form->delimiter, "\r\n--", 4);
    memcpy(form->delimiter + 4, boundary.value, boundary.value_len);
    form->delimiter_len = 4 + boundary.value_len;
    /* The body begins where a line does. */
    form->matched = 2;
    form->events = *events;
    *out = form;
    return OSK_OK;
}

void osk_multipart_free(OskMultipart **form)
{
    if (*form != NULL) {
        explicit_bzero(*form, sizeof(**form));
        free(*form);
        *form = NULL;
    }
}

/* ---- events ---- */

static void fail(OskMultipart *form, OskStatus status, const char *what)
{
    if (form->status == OSK_OK) {
        form->status = status;
        form->what = what;
    }
}

static void heed(OskMultipart *form, OskFormStep step)
{
    form->waits = step == OSK_FORM_WAIT;
    if (step == OSK_FORM_FAIL) {
        fail(form, OSK_IO, "what was sent could not be stored");
    }
}

/* How many of `len` bytes were taken. */
static size_t give_data(OskMultipart *form, const uint8_t *bytes, size_t len)
{
    size_t took = len > 0 ? form->events.part_data(form->events.context, bytes, len) : 0;
    if (took > len) {
        heed(form, OSK_FORM_FAIL);
        return 0;
    }
    form->waits = took < len;
    return took;
}

/* ---- headers of a part ---- */

static void keep_name(OskMultipart *form, const Parameter *parameter)
{
    if (form->is_named) {
        fail(form, OSK_MALFORMED, "a field has two names");
    } else if (parameter->value_len == 0 || parameter->value_len >= sizeof(form->part.name)) {
        fail(form, OSK_LIMIT, "the name of a field has no letter, or too many");
    } else {
        memcpy(form->part.name, parameter->value, parameter->value_len);
        form->part.name[parameter->value_len] = 0;
        form->is_named = true;
    }
}

static void read_disposition(OskMultipart *form, const char *value)
{
    static const char type[] = "form-data";
    Parameter parameter = { 0 };
    if (!begins_with(value, type)) {
        fail(form, OSK_MALFORMED, "a part of the form is no field");
        return;
    }
    const char *at = value + sizeof(type) - 1;
    while (next_parameter(&at, &parameter)) {
        if (is_named(&parameter, "name")) {
            keep_name(form, &parameter);
        } else if (is_named(&parameter, "filename") || is_named(&parameter, "filename*")) {
            form->part.is_file = true;
            form->part.is_empty_choice = parameter.value_len == 0;
        }
    }
    if (at == NULL) {
        fail(form, OSK_MALFORMED, "what a field says of itself breaks off");
    }
}

static void read_header(OskMultipart *form)
{
    static const char disposition[] = "Content-Disposition:";
    static const char encoding[] = "Content-Transfer-Encoding:";
    const char *line = form->line;
    if (++form->headers > OSK_FORM_HEADERS) {
        fail(form, OSK_LIMIT, "a field has too many headers");
    } else if (strlen(line) != form->line_len || *line == ' ' || *line == '\t' ||
               strchr(line, ':') == NULL) {
        fail(form, OSK_MALFORMED, "a header of a field is none");
    } else if (strncasecmp(line, disposition, sizeof(disposition) - 1) == 0) {
        read_disposition(form, skip_blank(line + sizeof(disposition) - 1));
    } else if (strncasecmp(line, encoding, sizeof(encoding) - 1) == 0) {
        /* Nobody sends others, and what is stored must be what was chosen. */
        const char *value = skip_blank(line + sizeof(encoding) - 1);
        if (strcasecmp(value, "binary") != 0 && strcasecmp(value, "8bit") != 0 &&
            strcasecmp(value, "7bit") != 0) {
            fail(form, OSK_UNSUPPORTED, "a field is sent in an encoding");
        }
    }
}

static void begin_part(OskMultipart *form)
{
    if (!form->is_named) {
        fail(form, OSK_MALFORMED, "a field has no name");
        return;
    }
    form->place = IN_DATA;
    form->matched = 0;
    heed(form, form->events.part_begin(form->events.context, &form->part));
}

/* One byte of a line; true when the line is whole, and stands in `line` without its end. */
static bool read_line(OskMultipart *form, uint8_t byte)
{
    if (form->line_len >= sizeof(form->line) - 1) {
        fail(form, OSK_LIMIT, "a header of a field is too long");
        return false;
    }
    bool follows_cr = form->line_len > 0 && form->line[form->line_len - 1] == '\r';
    if ((byte == '\n') != follows_cr) {
        fail(form, OSK_MALFORMED, "a line of the form does not end as lines do");
        return false;
    }
    if (byte != '\n') {
        form->line[form->line_len++] = (char)byte;
        return false;
    }
    form->line[--form->line_len] = 0;
    return true;
}

static void end_line(OskMultipart *form)
{
    /* It may have held the name of a file. */
    explicit_bzero(form->line, form->line_len);
    form->line_len = 0;
}

/* ---- the body ---- */

static size_t take_header(OskMultipart *form, uint8_t byte)
{
    if (!read_line(form, byte)) {
        return 1;
    }
    if (form->line_len == 0) {
        begin_part(form);
    } else {
        read_header(form);
    }
    end_line(form);
    return 1;
}

static void begin_headers(OskMultipart *form)
{
    if (++form->parts > OSK_FORM_PARTS) {
        fail(form, OSK_LIMIT, "the form has too many fields");
        return;
    }
    form->place = IN_HEADERS;
    form->headers = 0;
    form->is_named = false;
    form->part = (OskFormPart){ .is_file = false };
}

/* Behind a delimiter stands the end of the line, or "--" and the end of it all. */
static size_t take_behind(OskMultipart *form, uint8_t byte)
{
    if (form->line_len == 1 && form->line[0] == '-' && byte == '-') {
        form->place = IN_EPILOGUE;
        end_line(form);
    } else if (form->line_len > 0 && form->line[0] == '-') {
        fail(form, OSK_MALFORMED, "a boundary is followed by something else");
    } else if (read_line(form, byte)) {
        /* Blanks may stand there (RFC 2046, transport padding). */
        if (form->line[strspn(form->line, " \t")] != 0 || strlen(form->line) != form->line_len) {
            fail(form, OSK_MALFORMED, "a boundary is followed by something else");
        }
        end_line(form);
        begin_headers(form);
    }
    return 1;
}

static size_t take_first(OskMultipart *form, uint8_t byte)
{
    if (form->offset == 0 && byte == '\r') {
        form->matched = 0;
    }
    if (byte != (uint8_t)form->delimiter[form->matched]) {
        fail(form, OSK_MALFORMED, "the form does not begin with its boundary");
        return 0;
    }
    form->matched++;
    if (form->matched == form->delimiter_len) {
        form->place = BEHIND_DELIMITER;
    }
    return 1;
}

/* What looked like a delimiter is data. False while it is not taken. */
static bool flush(OskMultipart *form)
{
    const uint8_t *bytes = (const uint8_t *)form->delimiter;
    form->flushed += give_data(form, bytes + form->flushed, form->matched - form->flushed);
    if (form->flushed < form->matched) {
        return false;
    }
    form->is_flushing = false;
    form->matched = 0;
    form->flushed = 0;
    return true;
}

/* A carriage return stands at the front of a delimiter only, so that after a mismatch nothing of
 * what matched can begin another one. */
static size_t take_data(OskMultipart *form, const uint8_t *bytes, size_t len)
{
    if (form->is_flushing && !flush(form)) {
        return 0;
    }
    if (form->matched == 0 && *bytes != '\r') {
        const uint8_t *next = memchr(bytes, '\r', len);
        return give_data(form, bytes, next != NULL ? (size_t)(next - bytes) : len);
    }
    if (*bytes != (uint8_t)form->delimiter[form->matched]) {
        form->is_flushing = true;
        return 0;
    }
    form->matched++;
    if (form->matched == form->delimiter_len) {
        form->place = BEHIND_DELIMITER;
        heed(form, form->events.part_end(form->events.context));
    }
    return 1;
}

static size_t take(OskMultipart *form, const uint8_t *bytes, size_t len)
{
    switch (form->place) {
    case IN_DELIMITER: return take_first(form, *bytes);
    case IN_DATA: return take_data(form, bytes, len);
    case BEHIND_DELIMITER: return take_behind(form, *bytes);
    case IN_HEADERS: return take_header(form, *bytes);
    case IN_EPILOGUE: break;
    }
    if (len > OSK_FORM_EPILOGUE_BYTES - form->epilogue) {
        fail(form, OSK_LIMIT, "the form goes on behind its end");
    } else {
        form->epilogue += len;
    }
    return len;
}

OskStatus osk_multipart_feed(OskMultipart *form, const uint8_t *bytes, size_t len,
                             size_t *out_taken, OskFault *fault)
{
    size_t at = 0;
    form->waits = false;
    while (at < len && form->status == OSK_OK && !form->waits) {
        size_t took = take(form, bytes + at, len - at);
        at += took;
        form->offset += took;
    }
    *out_taken = at;
    return form->status == OSK_OK
               ? OSK_OK
               : osk_fault_set(fault, form->status, "form", form->what, form->offset);
}

OskStatus osk_multipart_end(OskMultipart *form, OskFault *fault)
{
    if (form->status == OSK_OK && form->place != IN_EPILOGUE) {
        fail(form, OSK_TRUNCATED, "the form ends before its last boundary");
    }
    return form->status == OSK_OK
               ? OSK_OK
               : osk_fault_set(fault, form->status, "form", form->what, form->offset);
}
