/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

static void put(OskAnswer *answer, const char *bytes, size_t len)
{
    if (!answer->failed && len > answer->capacity - answer->len) {
        size_t capacity = answer->capacity * 2 + len + 1024;
        char *moved = realloc(answer->bytes, capacity);
        answer->failed = moved == NULL;
        if (moved != NULL) {
            answer->bytes = moved;
            answer->capacity = capacity;
        }
    }
    if (answer->failed) {
        free(answer->bytes);
        answer->bytes = NULL;
        answer->len = 0;
        answer->capacity = 0;
        return;
    }
    memcpy(answer->bytes + answer->len, bytes, len);
    answer->len += len;
}

static void put_word(OskAnswer *answer, const char *word)
{
    put(answer, word, strlen(word));
}

/* Values of findings hold no control characters, but quotation marks and backslashes. */
static void put_quoted(OskAnswer *answer, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    put(answer, "\"", 1);
    for (const char *at = text; *at != 0; at++) {
        unsigned char c = (unsigned char)*at;
        if (c < 0x20 || c == 0x7F) {
            char escaped[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };
            put(answer, escaped, sizeof(escaped));
        } else {
            if (c == '"' || c == '\\') {
                put(answer, "\\", 1);
            }
            put(answer, at, 1);
        }
    }
    put(answer, "\"", 1);
}

static void put_name(OskAnswer *answer, const char *name)
{
    if (answer->next) {
        put(answer, ",", 1);
    }
    answer->next = true;
    if (name != NULL) {
        put_quoted(answer, name);
        put(answer, ":", 1);
    }
}

void osk_answer_open(OskAnswer *answer, const char *name, char bracket)
{
    put_name(answer, name);
    put(answer, &bracket, 1);
    answer->next = false;
}

void osk_answer_close(OskAnswer *answer, char bracket)
{
    put(answer, &bracket, 1);
    answer->next = true;
}

void osk_answer_text(OskAnswer *answer, const char *name, const char *text)
{
    put_name(answer, name);
    put_quoted(answer, text != NULL ? text : "");
}

void osk_answer_number(OskAnswer *answer, const char *name, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put_name(answer, name);
    put(answer, digits + at, sizeof(digits) - at);
}

void osk_answer_bool(OskAnswer *answer, const char *name, bool value)
{
    put_name(answer, name);
    put_word(answer, value ? "true" : "false");
}

void osk_answer_null(OskAnswer *answer, const char *name)
{
    put_name(answer, name);
    put_word(answer, "null");
}

/* ---- what a job says ---- */

/* Advice that names options of the command line is of no use on a page, which has its own. */
static const char *page_advice(const char *next)
{
    bool is_command =
        next != NULL && (strstr(next, "--") != NULL || strstr(next, "oilskin ") != NULL);
    return is_command ? "" : next;
}

void osk_answer_fault(OskAnswer *answer, const char *name, const OskFault *fault)
{
    osk_answer_open(answer, name, '{');
    osk_answer_text(answer, "status", osk_status_name(fault->status));
    osk_answer_text(answer, "part", fault->part);
    osk_answer_text(answer, "what", fault->what);
    osk_answer_text(answer, "next", page_advice(fault->next));
    if (fault->offset == OSK_NO_OFFSET) {
        osk_answer_null(answer, "offset");
    } else {
        osk_answer_number(answer, "offset", fault->offset);
    }
    osk_answer_close(answer, '}');
}

void osk_answer_findings(OskAnswer *answer, const OskReport *report)
{
    size_t count = report != NULL ? osk_report_count(report) : 0;
    osk_answer_open(answer, "findings", '[');
    for (size_t i = 0; i < count; i++) {
        const OskFinding *finding = osk_report_at(report, i);
        osk_answer_open(answer, NULL, '{');
        osk_answer_text(answer, "kind", osk_kind_name(finding->kind));
        osk_answer_text(answer, "part", finding->part);
        osk_answer_text(answer, "field", finding->field);
        osk_answer_text(answer, "label", finding->label);
        osk_answer_text(answer, "value", finding->value);
        osk_answer_number(answer, "offset", finding->offset);
        osk_answer_number(answer, "length", finding->len);
        osk_answer_bool(answer, "stays", finding->stays);
        osk_answer_bool(answer, "asked", finding->asked);
        osk_answer_close(answer, '}');
    }
    osk_answer_close(answer, ']');
    osk_answer_bool(answer, "cut", report != NULL && osk_report_is_cut(report));
}

void osk_answer_picture(OskAnswer *answer, const OskPictureInfo *info)
{
    osk_answer_open(answer, "picture", '{');
    osk_answer_number(answer, "width", info->width);
    osk_answer_number(answer, "height", info->height);
    osk_answer_number(answer, "frames", info->frames);
    osk_answer_number(answer, "cellWidth", info->cell_width);
    osk_answer_number(answer, "cellHeight", info->cell_height);
    osk_answer_number(answer, "gridX", info->cell_x);
    osk_answer_number(answer, "gridY", info->cell_y);
    osk_answer_bool(answer, "exact", info->exact);
    osk_answer_number(answer, "memory", info->memory);
    osk_answer_close(answer, '}');
}

void osk_answer_areas(OskAnswer *answer, const OskAreas *areas)
{
    osk_answer_number(answer, "areaCount", areas->count);
    osk_answer_number(answer, "cells", areas->cells);
    osk_answer_open(answer, "areas", '[');
    for (uint32_t i = 0; i < areas->listed; i++) {
        const OskArea *box = &areas->boxes[i];
        osk_answer_open(answer, NULL, '{');
        osk_answer_number(answer, "x", box->x);
        osk_answer_number(answer, "y", box->y);
        osk_answer_number(answer, "width", box->width);
        osk_answer_number(answer, "height", box->height);
        osk_answer_close(answer, '}');
    }
    osk_answer_close(answer, ']');
}

void osk_answer_changes(OskAnswer *answer, uint32_t changes)
{
    static const char *const names[] = { "encoded_again", "turned", "first_frame", "colors",
                                         "alpha",         "cut",    "beside" };
    osk_answer_open(answer, "changes", '[');
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((changes >> i & 1u) != 0) {
            osk_answer_text(answer, NULL, names[i]);
        }
    }
    osk_answer_close(answer, ']');
}
