/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/answers.h"

#include <stdlib.h>
#include <string.h>

#include "http/policy.h"
#include "http/request.h"

/* The four answers of a page. */
typedef struct PageAnswers {
    OskReply *plain;
    OskReply *gzip;
    OskReply *unchanged;
    OskReply *gzip_unchanged;
    char gzip_etag[OSK_HTTP_ETAG_SIZE + 3]; /* "-gz" more */
} PageAnswers;

struct OskAnswers {
    const OskHttpPages *pages;
    PageAnswers *items; /* one a page, in their order */
    OskReply *home;     /* NULL where no folder is one */
    const char *home_path;
    OskReply **refusals; /* one a row of osk_http_refusals; NULL without its page */
    OskReply *not_found;
    OskReply *wrong_method;
    OskReply *wrong_host;
    OskReply *bad;
};

/* ---- making ---- */

/* @param bytes NULL for what is unchanged. */
static OskReply *make_response(const uint8_t *bytes, size_t len, const char *path,
                               const char *cache)
{
    OskReply *response = bytes != NULL ? osk_reply_lent(bytes, len) : osk_reply_unchanged(len);
    if (response != NULL && !osk_reply_add_usual(response, path, cache)) {
        osk_reply_free(&response);
    }
    return response;
}

/* An answer after which the connection ends: what may follow is not read, a body of any length. */
static OskReply *make_last(const uint8_t *bytes, size_t len, const char *path,
                           const char *media_type)
{
    OskReply *response = make_response(bytes, len, path, OSK_HTTP_CACHE_NONE);
    if (response != NULL && !(osk_reply_add(response, "Content-Type", media_type) &&
                              osk_reply_add(response, "Connection", "close"))) {
        osk_reply_free(&response);
        return NULL;
    }
    return response;
}

/* An answer that is no page: a line of text. */
static OskReply *make_line(const char *text)
{
    return make_last((const uint8_t *)text, strlen(text), "", "text/plain; charset=utf-8");
}

static OskReply *make_page(const OskHttpPage *page, const uint8_t *bytes, size_t len,
                           const char *etag)
{
    OskReply *response = make_response(
        bytes, len, page->path, page->is_immutable ? OSK_HTTP_CACHE_EVER : OSK_HTTP_CACHE_ASK);
    if (response == NULL) {
        return NULL;
    }
    bool is_whole = bytes != NULL;
    if (osk_reply_add(response, "ETag", etag) &&
        (page->gzip == NULL || osk_reply_add(response, "Vary", "Accept-Encoding")) &&
        (!is_whole || osk_reply_add(response, "Content-Type", page->media_type)) &&
        (!is_whole || bytes != page->gzip || osk_reply_add(response, "Content-Encoding", "gzip"))) {
        return response;
    }
    osk_reply_free(&response);
    return NULL;
}

/* The tag of the compressed bytes: that of the page with -gz, since they are other bytes. */
static void make_gzip_etag(const OskHttpPage *page, char out[OSK_HTTP_ETAG_SIZE + 3])
{
    size_t len = strlen(page->etag) - 1;
    memcpy(out, page->etag, len);
    memcpy(out + len, "-gz\"", sizeof("-gz\""));
}

static size_t count_refusals(void)
{
    size_t count = 0;
    while (osk_http_refusals[count].path != NULL) {
        count++;
    }
    return count;
}

static bool allow_reading(OskReply *response)
{
    return osk_reply_add(response, "Allow", "GET, HEAD");
}

static bool make_refusals(OskAnswers *all)
{
    all->refusals = calloc(count_refusals() + 1, sizeof(OskReply *));
    for (size_t i = 0; all->refusals != NULL && osk_http_refusals[i].path != NULL; i++) {
        const OskHttpPage *page = osk_http_pages_find(all->pages, osk_http_refusals[i].page);
        if (page == NULL) {
            continue;
        }
        all->refusals[i] = make_last(page->bytes, page->len, page->path, page->media_type);
        if (all->refusals[i] == NULL || !allow_reading(all->refusals[i])) {
            return false;
        }
    }
    return all->refusals != NULL;
}

/* The folder that whoever asks for less is led to: the first that is there. */
static const struct {
    const char *path;
    const char *line;
} homes[] = {
    { "/studio/", "The studio is at /studio/.\n" },
    { "/desk/", "The desk is at /desk/.\n" },
};

static bool make_home(OskAnswers *all)
{
    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
        if (osk_http_pages_find(all->pages, homes[i].path) != NULL) {
            all->home_path = homes[i].path;
            all->home = make_line(homes[i].line);
            return all->home != NULL && osk_reply_add(all->home, "Location", all->home_path);
        }
    }
    return true;
}

static bool make_answers(OskAnswers *all)
{
    all->items = calloc(all->pages->count > 0 ? all->pages->count : 1, sizeof(PageAnswers));
    if (all->items == NULL) {
        return false;
    }
    for (size_t i = 0; i < all->pages->count; i++) {
        const OskHttpPage *page = &all->pages->items[i];
        PageAnswers *answers = &all->items[i];
        answers->plain = make_page(page, page->bytes, page->len, page->etag);
        answers->unchanged = make_page(page, NULL, page->len, page->etag);
        if (answers->plain == NULL || answers->unchanged == NULL) {
            return false;
        }
        if (page->gzip != NULL) {
            make_gzip_etag(page, answers->gzip_etag);
            answers->gzip = make_page(page, page->gzip, page->gzip_len, answers->gzip_etag);
            answers->gzip_unchanged = make_page(page, NULL, page->gzip_len, answers->gzip_etag);
            if (answers->gzip == NULL || answers->gzip_unchanged == NULL) {
                return false;
            }
        }
    }
    all->not_found = make_line("There is no such page.\n");
    all->wrong_method = make_line("Pages can only be read.\n");
    all->wrong_host = make_line("This server answers to localhost and 127.0.0.1 only.\n");
    all->bad = make_line("The request could be read in more ways than one.\n");
    return all->bad != NULL && all->not_found != NULL && all->wrong_method != NULL &&
           all->wrong_host != NULL && make_home(all) && allow_reading(all->wrong_method) &&
           make_refusals(all);
}

OskAnswers *osk_answers_make(const OskHttpPages *pages)
{
    static const OskHttpPages none = { 0 };
    OskAnswers *all = calloc(1, sizeof(*all));
    if (all != NULL) {
        all->pages = pages != NULL ? pages : &none;
        if (!make_answers(all)) {
            osk_answers_free(&all);
        }
    }
    return all;
}

void osk_answers_free(OskAnswers **answers)
{
    OskAnswers *all = *answers;
    if (all == NULL) {
        return;
    }
    for (size_t i = 0; all->items != NULL && i < all->pages->count; i++) {
        osk_reply_free(&all->items[i].plain);
        osk_reply_free(&all->items[i].gzip);
        osk_reply_free(&all->items[i].unchanged);
        osk_reply_free(&all->items[i].gzip_unchanged);
    }
    free(all->items);
    for (size_t i = 0; all->refusals != NULL && osk_http_refusals[i].path != NULL; i++) {
        osk_reply_free(&all->refusals[i]);
    }
    free(all->refusals);
    osk_reply_free(&all->home);
    osk_reply_free(&all->not_found);
    osk_reply_free(&all->wrong_method);
    osk_reply_free(&all->wrong_host);
    osk_reply_free(&all->bad);
    free(all);
    *answers = NULL;
}

/* ---- picking ---- */

static OskPick pick_page(const OskAnswers *all, OskWire *wire, const OskHttpPage *page)
{
    const PageAnswers *answers = &all->items[page - all->pages->items];
    bool packed =
        answers->gzip != NULL && osk_http_takes_gzip(osk_wire_header(wire, "Accept-Encoding"));
    const char *etag = packed ? answers->gzip_etag : page->etag;
    if (osk_http_names_etag(osk_wire_header(wire, "If-None-Match"), etag)) {
        return (OskPick){ 304, packed ? answers->gzip_unchanged : answers->unchanged };
    }
    return (OskPick){ 200, packed ? answers->gzip : answers->plain };
}

bool osk_answers_has_page(const OskAnswers *answers, const char *path)
{
    return osk_http_pages_find(answers->pages, path) != NULL;
}

/* "/", the folder without its slash, and what something else was to answer. */
static bool leads_home(const OskAnswers *all, const char *path)
{
    size_t len = all->home != NULL ? strlen(all->home_path) - 1 : 0;
    return all->home != NULL &&
           (strcmp(path, "/") == 0 || (strncmp(path, all->home_path, len) == 0 && path[len] == 0) ||
            osk_http_refusal(path) != NULL);
}

OskPick osk_answers_page(const OskAnswers *answers, OskWire *wire, const char *path)
{
    const OskHttpPage *page = osk_http_pages_find(answers->pages, path);
    if (page != NULL) {
        return pick_page(answers, wire, page);
    }
    return leads_home(answers, path) ? (OskPick){ 302, answers->home }
                                     : (OskPick){ 404, answers->not_found };
}

OskPick osk_answers_refuse(const OskAnswers *answers, const char *path)
{
    const OskHttpRefusal *row = osk_http_refusal(path);
    OskReply *page = row != NULL ? answers->refusals[row - osk_http_refusals] : NULL;
    return (OskPick){ 405, page != NULL ? page : answers->wrong_method };
}

OskPick osk_answers_bad(const OskAnswers *answers)
{
    return (OskPick){ 400, answers->bad };
}

OskPick osk_answers_wrong_host(const OskAnswers *answers)
{
    return (OskPick){ 421, answers->wrong_host };
}
