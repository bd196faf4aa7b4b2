/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/templates.h"

#include "http/language.h"
#include "oilskin/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is beyond is no build of ours. */
#define TEMPLATE_BYTES (256u * 1024)
#define PAGE_BYTES (1024u * 1024)
#define NAME_BYTES 32u
#define DEPTH_MAX 6u

typedef enum TokenKind {
    TOKEN_TEXT,
    TOKEN_SLOT,
    TOKEN_SECTION, /* {{#name}} */
    TOKEN_INVERSE, /* {{^name}} */
    TOKEN_CLOSE
} TokenKind;

typedef struct Token {
    TokenKind kind;
    const char *text; /* of the file; a NUL stands behind a name */
    size_t len;
    size_t close; /* of a section: the token that ends it */
} Token;

typedef struct Template {
    char *bytes;
    Token *tokens;
    size_t count;
} Template;

struct OskTemplates {
    size_t count;
    Template pages[OSK_TEMPLATE_PAGES_MAX][OSK_LANGUAGE_COUNT];
};

/* ---- reading ---- */

static OskStatus page_fault(OskFault *fault, OskStatus status, const char *page, const char *what)
{
    if (fault != NULL) {
        *fault = (OskFault){ .status = status, .part = page, .what = what };
    }
    return status;
}

static bool read_file(const char *folder, const char *page, size_t language, char **out,
                      size_t *out_len)
{
    char path[4096];
    int len =
        snprintf(path, sizeof(path), "%s/%s.%s.html", folder, page, osk_languages[language].tag);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return false;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    char *bytes = malloc(TEMPLATE_BYTES + 1);
    size_t got = bytes == NULL ? 0 : fread(bytes, 1, TEMPLATE_BYTES + 1, file);
    bool whole = bytes != NULL && got <= TEMPLATE_BYTES && ferror(file) == 0;
    fclose(file);
    if (!whole) {
        free(bytes);
        return false;
    }
    bytes[got] = 0;
    *out = bytes;
    *out_len = got;
    return true;
}

static bool add_token(Template *template, size_t *capacity, Token token)
{
    if (template->count == *capacity) {
        size_t grown = *capacity == 0 ? 64 : *capacity * 2;
        Token *tokens = realloc(template->tokens, grown * sizeof(*tokens));
        if (tokens == NULL) {
            return false;
        }
        template->tokens = tokens;
        *capacity = grown;
    }
    template->tokens[template->count++] = token;
    return true;
}

static Token read_tag(char *name, size_t len)
{
    Token token = { .kind = TOKEN_SLOT, .text = name, .len = len };
    if (len > 0 && (name[0] == '#' || name[0] == '^' || name[0] == '/')) {
        token.kind = name[0] == '#' ? TOKEN_SECTION : name[0] == '^' ? TOKEN_INVERSE : TOKEN_CLOSE;
        token.text++;
        token.len--;
    }
    return token;
}

/* Cuts the bytes into tokens, in place: the first brace behind a name becomes its NUL. */
static OskStatus cut(Template *template)
{
    size_t capacity = 0;
    char *at = template->bytes;
    for (char *open = strstr(at, "{{"); open != NULL; open = strstr(at, "{{")) {
        char *name = open + 2;
        char *close = strstr(name, "}}");
        if (close == NULL || close - name > (ptrdiff_t)NAME_BYTES) {
            return OSK_MALFORMED;
        }
        Token text = { .kind = TOKEN_TEXT, .text = at, .len = (size_t)(open - at) };
        Token tag = read_tag(name, (size_t)(close - name));
        *close = 0;
        if (!add_token(template, &capacity, text) || !add_token(template, &capacity, tag)) {
            return OSK_NO_MEMORY;
        }
        at = close + 2;
    }
    Token rest = { .kind = TOKEN_TEXT, .text = at, .len = strlen(at) };
    return add_token(template, &capacity, rest) ? OSK_OK : OSK_NO_MEMORY;
}

static OskStatus match_sections(Template *template)
{
    size_t open[DEPTH_MAX];
    size_t depth = 0;
    for (size_t i = 0; i < template->count; i++) {
        Token *token = &template->tokens[i];
        if (token->kind == TOKEN_SECTION || token->kind == TOKEN_INVERSE) {
            if (depth == DEPTH_MAX) {
                return OSK_MALFORMED;
            }
            open[depth++] = i;
        } else if (token->kind == TOKEN_CLOSE) {
            if (depth == 0 || strcmp(template->tokens[open[depth - 1]].text, token->text) != 0) {
                return OSK_MALFORMED;
            }
            template->tokens[open[--depth]].close = i;
        }
    }
    return depth == 0 ? OSK_OK : OSK_MALFORMED;
}

OskStatus osk_templates_load(OskTemplates **out, const OskTemplateSet *set, OskFault *fault)
{
    *out = NULL;
    OskTemplates *templates = calloc(1, sizeof(*templates));
    if (templates == NULL) {
        return page_fault(fault, OSK_NO_MEMORY, set->names[0], "out of memory");
    }
    templates->count = set->count;
    for (size_t page = 0; page < set->count; page++) {
        for (size_t language = 0; language < OSK_LANGUAGE_COUNT; language++) {
            Template *template = &templates->pages[page][language];
            size_t len = 0;
            OskStatus status = OSK_IO;
            const char *what = "this page can't be read; build the pages again";
            if (read_file(set->folder, set->names[page], language, &template->bytes, &len)) {
                status = memchr(template->bytes, 0, len) != NULL ? OSK_MALFORMED : cut(template);
                status = status == OSK_OK ? match_sections(template) : status;
                what = "this page is damaged; build the pages again";
            }
            if (status != OSK_OK) {
                osk_templates_free(&templates);
                return page_fault(fault, status, set->names[page], what);
            }
        }
    }
    *out = templates;
    return OSK_OK;
}

void osk_templates_free(OskTemplates **templates)
{
    OskTemplates *gone = *templates;
    if (gone == NULL) {
        return;
    }
    for (size_t page = 0; page < gone->count; page++) {
        for (size_t language = 0; language < OSK_LANGUAGE_COUNT; language++) {
            free(gone->pages[page][language].bytes);
            free(gone->pages[page][language].tokens);
        }
    }
    free(gone);
    *templates = NULL;
}

/* ---- filling ---- */

/* Written twice: first to learn the length, then into memory of exactly that, so that no copy with
 * a receipt in it is left behind by growing. */
typedef struct Filling {
    const Template *template;
    const OskSlots *seen[DEPTH_MAX + 1]; /* innermost last */
    size_t depth;
    char *out; /* NULL while counting */
    size_t len;
} Filling;

static void put(Filling *filling, const char *text, size_t len)
{
    if (filling->out != NULL) {
        memcpy(filling->out + filling->len, text, len);
    }
    filling->len += len;
}

static const char *escape_of(char letter)
{
    switch (letter) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

static void put_escaped(Filling *filling, const char *text)
{
    for (const char *at = text; *at != 0; at++) {
        const char *escape = escape_of(*at);
        if (escape != NULL) {
            put(filling, escape, strlen(escape));
        } else {
            put(filling, at, 1);
        }
    }
}

static const OskSlot *find_slot(const Filling *filling, const char *name)
{
    for (size_t i = filling->depth; i > 0; i--) {
        const OskSlots *slots = filling->seen[i - 1];
        for (size_t k = 0; k < slots->count; k++) {
            if (strcmp(slots->items[k].name, name) == 0) {
                return &slots->items[k];
            }
        }
    }
    return NULL;
}

static void fill_range(Filling *filling, size_t first, size_t last);

static void fill_section(Filling *filling, size_t at)
{
    const Token *token = &filling->template->tokens[at];
    const OskSlot *slot = find_slot(filling, token->text);
    bool is_there = slot != NULL && (slot->is_on || slot->text != NULL || slot->row_count > 0);
    if (token->kind == TOKEN_INVERSE) {
        if (!is_there) {
            fill_range(filling, at + 1, token->close);
        }
        return;
    }
    if (!is_there) {
        return;
    }
    if (slot->rows == NULL) {
        fill_range(filling, at + 1, token->close);
        return;
    }
    for (size_t i = 0; i < slot->row_count; i++) {
        filling->seen[filling->depth++] = &slot->rows[i];
        fill_range(filling, at + 1, token->close);
        filling->depth--;
    }
}

/* Sections lie within each other at most DEPTH_MAX deep, which match_sections() saw to. */
static void fill_range(Filling *filling, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        const Token *token = &filling->template->tokens[i];
        if (token->kind == TOKEN_TEXT) {
            put(filling, token->text, token->len);
        } else if (token->kind == TOKEN_SLOT) {
            const OskSlot *slot = find_slot(filling, token->text);
            if (slot != NULL && slot->text != NULL) {
                put_escaped(filling, slot->text);
            }
        } else if (token->kind != TOKEN_CLOSE) {
            fill_section(filling, i);
            i = token->close;
        }
    }
}

OskStatus osk_templates_fill(const OskTemplates *templates, size_t page, size_t language,
                             const OskSlots *slots, size_t pad_to, char **out_html, size_t *out_len)
{
    *out_html = NULL;
    *out_len = 0;
    Filling filling = {
        .template = &templates->pages[page][language < OSK_LANGUAGE_COUNT ? language : 0],
        .seen = { slots },
        .depth = 1,
    };
    fill_range(&filling, 0, filling.template->count);
    size_t len = filling.len;
    if (len > (pad_to != 0 ? pad_to : PAGE_BYTES)) {
        return OSK_LIMIT;
    }
    size_t whole = pad_to != 0 ? pad_to : len;
    filling.out = malloc(whole + 1);
    if (filling.out == NULL) {
        return OSK_NO_MEMORY;
    }
    filling.len = 0;
    fill_range(&filling, 0, filling.template->count);
    memset(filling.out + len, ' ', whole - len);
    filling.out[whole] = 0;
    *out_html = filling.out;
    *out_len = whole;
    return OSK_OK;
}

void osk_filled_free(char *html, size_t len)
{
    if (html != NULL) {
        osk_seal_wipe(html, len);
        free(html);
    }
}
