/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes, one by one, against an allow-list. Source: ISO/IEC 14496-12, 4.2. */
#include "verify/movie_box.h"

/* More kinds of boxes than any level has. */
#define RULES_MOST 128u

void osk_check_movie_found(OskMovie *movie, const char *what)
{
    osk_check_found(movie->check, movie->part, what, movie->at);
}

typedef struct Box {
    uint32_t type;
    uint64_t at;
    OskCursor body;
} Box;

/* False at the end, and on damage, which is found. */
static bool next_box(OskMovie *movie, OskCursor *in, Box *out)
{
    if (!osk_cursor_more(in)) {
        return false;
    }
    out->at = osk_cursor_offset(in);
    uint64_t size = osk_cursor_u32be(in);
    out->type = osk_cursor_u32be(in);
    uint64_t header = 8;
    if (size == 1) {
        size = osk_cursor_u64be(in);
        header = 16;
    }
    if (!osk_cursor_ok(in) || size < header || size - header > osk_cursor_left(in)) {
        movie->at = out->at;
        osk_check_movie_found(movie, "bytes that are no box");
        return false;
    }
    out->body = osk_cursor_take(in, size - header);
    return true;
}

static const OskBoxRule *find_rule(const OskBoxRule *rules, size_t count, uint32_t parent,
                                   uint32_t type)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].parent == parent && rules[i].type == type) {
            return &rules[i];
        }
    }
    return NULL;
}

void osk_check_movie_children(OskMovie *movie, const OskBoxRule *rules, size_t count,
                              uint32_t parent, OskCursor body)
{
    bool seen[RULES_MOST] = { false };
    const char *part = movie->part;
    Box box;
    if (!osk_budget_enter(movie->check->budget)) {
        movie->status =
            osk_check_fail(movie->check, OSK_LIMIT, part, "boxes nest too deep", movie->at);
        return;
    }
    while (movie->status == OSK_OK && next_box(movie, &body, &box)) {
        const OskBoxRule *rule = find_rule(rules, count, parent, box.type);
        movie->at = box.at;
        movie->part = part;
        if (!osk_budget_parts(movie->check->budget, 1)) {
            movie->status = osk_check_fail(movie->check, OSK_LIMIT, part, "too many boxes", box.at);
        } else if (rule == NULL) {
            osk_check_movie_found(movie, "a box that no clean file needs");
        } else if (seen[rule - rules] && !rule->many) {
            osk_check_movie_found(movie, "a box that may be there once");
        } else {
            seen[rule - rules] = true;
            movie->part = rule->name;
            if (rule->check == NULL) {
                osk_check_movie_children(movie, rules, count, box.type, box.body);
            } else {
                rule->check(movie, &box.body);
                movie->at = box.at;
                movie->part = rule->name;
                if (!osk_cursor_ok(&box.body)) {
                    osk_check_movie_found(movie, "a box that is too short");
                } else if (osk_cursor_more(&box.body)) {
                    osk_check_movie_found(movie, "bytes behind the end of what the box holds");
                }
            }
        }
    }
    movie->part = part;
    osk_budget_leave(movie->check->budget);
}

unsigned osk_check_movie_full(OskMovie *movie, OskCursor *body, uint32_t flags,
                              unsigned version_most)
{
    unsigned version = osk_cursor_u8(body);
    if ((osk_cursor_u24be(body) & ~flags) != 0) {
        osk_check_movie_found(movie, "flags of unknown meaning");
    }
    if (version > version_most) {
        osk_check_movie_found(movie, "a version that we don't know");
        osk_cursor_fail(body);
    }
    return version;
}

void osk_check_movie_zeros(OskMovie *movie, OskCursor *body, size_t len, const char *what)
{
    const uint8_t *bytes = osk_cursor_bytes(body, len);
    for (size_t i = 0; bytes != NULL && i < len; i++) {
        if (bytes[i] != 0) {
            osk_check_movie_found(movie, what);
            return;
        }
    }
}

OskTable osk_check_movie_table(OskMovie *movie, OskCursor *body, unsigned width)
{
    OskTable table = { .count = osk_cursor_u32be(body) };
    if (!osk_budget_parts(movie->check->budget, 1)) {
        movie->status =
            osk_check_fail(movie->check, OSK_LIMIT, movie->part, "too many tables", movie->at);
    }
    table.rows = osk_cursor_take(body, (uint64_t)table.count * width);
    table.there = osk_cursor_ok(body);
    return table;
}
