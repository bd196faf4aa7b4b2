/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Armor: a sealed file as text, for mail and chats. Base64 with padding in lines of 64 letters
 * between two marks. Lines may end in CR LF and white space may stand around all of it, because
 * that is what mail does; nothing else is taken. Source: https://age-encryption.org/v1, "ASCII
 * armor"; RFC 7468, section 3, strict. */
#include "oilskin/seal.h"
#include "seal/base64.h"

#include "base/cursor.h"
#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

#define LINE_LETTERS 64u
#define LINE_BYTES 48u
/* White space around the marks: a mail's indentation and empty lines, not a way to hide bytes. */
#define SPACE_MAX 1024u

static const char begin_mark[] = "-----BEGIN AGE ENCRYPTED FILE-----";
static const char end_mark[] = "-----END AGE ENCRYPTED FILE-----";

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* False when there is more white space than is taken. */
static bool skip_space(OskCursor *text)
{
    size_t count = 0;
    while (osk_cursor_more(text) && is_space(*osk_cursor_rest(text)) && count <= SPACE_MAX) {
        osk_cursor_skip(text, 1);
        count++;
    }
    return count <= SPACE_MAX;
}

bool osk_armor_probe(const void *bytes, size_t len)
{
    OskCursor text = osk_cursor_make(bytes, len, 0);
    return skip_space(&text) && osk_cursor_starts(&text, begin_mark, sizeof(begin_mark) - 1);
}

/* The next line without its end; the last one may lack that. */
static OskCursor take_line(OskCursor *text)
{
    const uint8_t *at = osk_cursor_rest(text);
    size_t left = osk_cursor_left(text);
    const uint8_t *end = left == 0 ? NULL : memchr(at, '\n', left);
    size_t len = end == NULL ? left : (size_t)(end - at);
    size_t shown = len > 0 && end != NULL && at[len - 1] == '\r' ? len - 1 : len;
    OskCursor line = osk_cursor_take(text, shown);
    osk_cursor_skip(text, (end == NULL ? len : len + 1) - shown);
    return line;
}

static bool is_mark(const OskCursor *line, const char *mark)
{
    size_t len = strlen(mark);
    return osk_cursor_left(line) == len && osk_cursor_starts(line, mark, len);
}

/* One line of the body. *out_last when it is shorter than a full one, or padded. */
static bool read_line(const OskCursor *line, uint8_t *out, size_t *out_len, bool *out_last)
{
    const uint8_t *letters = osk_cursor_rest(line);
    size_t count = osk_cursor_left(line);
    size_t padding = 0;
    if (count == 0 || count > LINE_LETTERS || count % 4 != 0) {
        return false;
    }
    while (padding < 2 && letters[count - padding - 1] == '=') {
        padding++;
    }
    *out_last = count < LINE_LETTERS || padding > 0;
    return osk_base64_read(letters, count - padding, out, LINE_BYTES, out_len);
}

/* The body up to the mark of its end. */
static const char *read_body(OskCursor *text, uint8_t *out, size_t *out_len)
{
    bool last = false;
    while (osk_cursor_more(text)) {
        OskCursor line = take_line(text);
        size_t len = 0;
        if (is_mark(&line, end_mark)) {
            return NULL;
        }
        if (last) {
            return "goes on behind its last line";
        }
        if (!read_line(&line, out + *out_len, &len, &last)) {
            return "holds a line that is not canonical base64";
        }
        *out_len += len;
    }
    return "ends early";
}

OskStatus osk_armor_decode(const void *text, size_t len, uint8_t **out_bytes, size_t *out_len,
                           OskFault *fault)
{
    OskCursor rest = osk_cursor_make(text, len, 0);
    const char *what = NULL;
    size_t got = 0;
    *out_bytes = NULL;
    *out_len = 0;
    /* A line is read whole, and gives at most 48 bytes. */
    uint8_t *bytes = malloc(len / 4 * 3 + LINE_BYTES);
    if (bytes == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "armor", "there isn't enough memory",
                             OSK_NO_OFFSET);
    }
    if (!skip_space(&rest)) {
        what = "has too much white space before it";
    } else {
        OskCursor line = take_line(&rest);
        what = is_mark(&line, begin_mark) ? read_body(&rest, bytes, &got)
                                          : "does not begin with its mark";
    }
    if (what == NULL && (!skip_space(&rest) || osk_cursor_more(&rest))) {
        what = "has something behind its end";
    }
    if (what != NULL) {
        free(bytes);
        osk_fault_set(fault, OSK_MALFORMED, "armor", what, osk_cursor_offset(&rest));
        osk_fault_next(fault, "copy all of it, from the line BEGIN to the line END");
        return OSK_MALFORMED;
    }
    *out_bytes = bytes;
    *out_len = got;
    return OSK_OK;
}

/* ---- writing ---- */

/* Letters on their way to the sink, so that it is not called for each four. */
typedef struct Letters {
    OskArmorer *armorer;
    size_t len;
    char text[1024];
} Letters;

static bool flush(Letters *out)
{
    const OskSink *sink = &out->armorer->sink;
    bool ok = out->len == 0 || sink->write(sink->context, out->text, out->len);
    out->len = 0;
    return ok;
}

/* The 1 to 3 bytes that are held, as four letters. */
static bool put_held(Letters *out)
{
    OskArmorer *armorer = out->armorer;
    if (sizeof(out->text) - out->len < 5 && !flush(out)) {
        return false;
    }
    memset(out->text + out->len, '=', 4);
    osk_base64_write(armorer->held, armorer->held_len, out->text + out->len);
    out->len += 4;
    armorer->held_len = 0;
    armorer->column += 4;
    if (armorer->column == LINE_LETTERS) {
        out->text[out->len++] = '\n';
        armorer->column = 0;
    }
    return true;
}

static bool put_mark(OskArmorer *armorer, const char *mark)
{
    return armorer->sink.write(armorer->sink.context, mark, strlen(mark)) &&
           armorer->sink.write(armorer->sink.context, "\n", 1);
}

static bool begin(OskArmorer *armorer)
{
    if (armorer->began) {
        return true;
    }
    armorer->began = true;
    return put_mark(armorer, begin_mark);
}

static bool write_armored(void *context, const void *bytes, size_t len)
{
    OskArmorer *armorer = context;
    const uint8_t *from = bytes;
    Letters out = { .armorer = armorer };
    if (!begin(armorer)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        armorer->held[armorer->held_len++] = from[i];
        if (armorer->held_len == sizeof(armorer->held) && !put_held(&out)) {
            return false;
        }
    }
    return flush(&out);
}

OskSink osk_armorer_sink(OskArmorer *armorer, const OskSink *sink)
{
    *armorer = (OskArmorer){ .sink = *sink };
    return (OskSink){ .context = armorer, .write = write_armored };
}

bool osk_armorer_finish(OskArmorer *armorer)
{
    Letters out = { .armorer = armorer };
    if (!begin(armorer) || (armorer->held_len > 0 && !put_held(&out))) {
        return false;
    }
    if (armorer->column > 0) {
        out.text[out.len++] = '\n';
        armorer->column = 0;
    }
    return flush(&out) && put_mark(armorer, end_mark);
}
