/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything is filled from the index: no page waits for the disk. */
#include "publish/albums.h"

#include <stdlib.h>
#include <string.h>

#include "publish/page.h"

#define PAGES_MAX 1000000u

/* ?page=, from 1; 0 for what is none. */
static size_t page_of(OskRequest *request)
{
    const char *text = osk_request_query(request, "page");
    if (text == NULL) {
        return 1;
    }
    size_t len = strspn(text, "0123456789");
    unsigned long page = len > 0 && len < 8 && text[len] == 0 ? strtoul(text, NULL, 10) : 0;
    return page <= PAGES_MAX ? page : 0;
}

/* "older", "newer": numbers of pages, where there are such. */
static void fill_pages(OskFill *fill, size_t page, size_t pages)
{
    osk_fill_number(fill, "page", page);
    osk_fill_number(fill, "pages", pages);
    osk_fill_flag(fill, "has_pages", pages > 1);
    if (page > 1) {
        osk_fill_number(fill, "newer", page - 1);
    }
    if (page < pages) {
        osk_fill_number(fill, "older", page + 1);
    }
}

static void fill_shelf(OskFill *fill, const OskShelf *shelf)
{
    osk_fill_id(fill, "album", &shelf->id);
    osk_fill_text(fill, "album_title", shelf->album.title);
    osk_fill_text(fill, "album_text", shelf->album.description);
    osk_fill_text(fill, "album_lang", shelf->album.language);
    osk_fill_text(fill, "album_warning", shelf->album.warning);
}

/* ---- /a/ ---- */

static void fill_card(OskFill *fill, const OskShelfCard *card)
{
    osk_fill_row(fill);
    fill_shelf(fill, card->shelf);
    osk_fill_number(fill, "total", card->total);
    osk_fill_day(fill, "newest", card->newest);
    if (card->cover != NULL) {
        osk_fill_id(fill, "cover", &card->cover->id);
        osk_fill_text(fill, "small", card->cover->rendition_count > 0 ? "1" : NULL);
        osk_fill_number(fill, "width", card->cover->width);
        osk_fill_number(fill, "height", card->cover->height);
    }
}

static void answer_albums(OskPublish *publish, OskRequest *request)
{
    OskFault fault = { 0 };
    OskShelfCards cards;
    OskStatus status = osk_index_shelves(publish->index, page_of(request), &cards, &fault);
    bool is_page = cards.page >= 1 && cards.page <= cards.pages;
    OskFill *fill = status == OSK_OK && is_page ? osk_fill_begin(publish, request) : NULL;
    if (status != OSK_OK) {
        osk_problem_answer(publish, request, OSK_PROBLEM_BUSY);
    } else if (!is_page) {
        osk_problem_answer(publish, request, OSK_PROBLEM_NONE);
    } else if (fill != NULL) {
        for (size_t i = 0; i < cards.count; i++) {
            fill_card(fill, &cards.cards[i]);
        }
        osk_fill_rows(fill, "albums");
        osk_fill_flag(fill, "has_any", cards.count > 0);
        fill_pages(fill, cards.page, cards.pages);
        osk_fill_keep(fill, cards.version);
        osk_fill_answer(&fill, OSK_PUBLISH_ALBUMS, 200);
    }
    osk_shelf_cards_end(&cards);
}

/* ---- /a/ALBUM and its feed ---- */

/* RFC 9562, version 4: the address of the id, whatever the server is called. */
static const char *print_uuid(OskFill *fill, const OskId *id)
{
    uint8_t own[OSK_ID_BYTES];
    char text[OSK_PUBLIC_ID_BYTES];
    memcpy(own, id->bytes, sizeof(own));
    own[6] = (uint8_t)((own[6] & 0x0F) | 0x40);
    own[8] = (uint8_t)((own[8] & 0x3F) | 0x80);
    OskId marked;
    memcpy(marked.bytes, own, sizeof(own));
    osk_public_id_write(&marked, text);
    return osk_fill_print(fill, "%.8s-%.4s-%.4s-%.4s-%s", text, text + 8, text + 12, text + 16,
                          text + 20);
}

static void fill_entry(OskFill *fill, const OskPiece *piece)
{
    osk_fill_text(fill, "uuid", print_uuid(fill, &piece->id));
    osk_fill_number(fill, "bytes", piece->copy_len);
    osk_fill_text(fill, "media_type", osk_media_type(piece->kind));
}

static void fill_shelf_page(OskFill *fill, const OskShelfPage *page, bool is_feed)
{
    for (size_t i = 0; i < page->count; i++) {
        osk_fill_row(fill);
        osk_fill_piece(fill, page->pieces[i], page->shelf);
        if (is_feed) {
            fill_entry(fill, page->pieces[i]);
        }
    }
    osk_fill_rows(fill, "pieces");
    osk_fill_flag(fill, "has_any", page->count > 0);
    fill_shelf(fill, page->shelf);
    osk_fill_text(fill, "album_uuid", print_uuid(fill, &page->shelf->id));
    osk_fill_day(fill, "newest", page->newest);
    osk_fill_number(fill, "total", page->total);
    fill_pages(fill, page->page, page->pages);
}

static void answer_album(OskPublish *publish, OskRequest *request, const OskId *album, bool is_feed)
{
    OskFault fault = { 0 };
    OskShelfPage page;
    size_t number = is_feed ? 1 : page_of(request);
    OskStatus status = osk_index_shelf(publish->index, album, number, &page, &fault);
    OskProblem problem = status != OSK_OK                    ? OSK_PROBLEM_BUSY
                         : page.shelf == NULL                ? OSK_PROBLEM_NONE
                         : !page.shelf->is_open              ? OSK_PROBLEM_HIDDEN
                         : number < 1 || number > page.pages ? OSK_PROBLEM_NONE
                                                             : OSK_PROBLEM_NO;
    OskFill *fill = problem == OSK_PROBLEM_NO ? osk_fill_begin(publish, request) : NULL;
    if (problem != OSK_PROBLEM_NO) {
        osk_problem_answer(publish, request, problem);
    } else if (fill != NULL) {
        fill_shelf_page(fill, &page, is_feed);
        osk_fill_keep(fill, page.version);
        osk_fill_answer(&fill, is_feed ? OSK_PUBLISH_FEED : OSK_PUBLISH_ALBUM, 200);
    }
    osk_shelf_page_end(&page);
}

/* ---- /a/ALBUM/ID ---- */

static void fill_found(OskFill *fill, const OskFound *found)
{
    char name[OSK_PUBLIC_NAME_BYTES];
    const OskPiece *piece = found->piece;
    osk_public_name(&piece->id, piece->kind, name);
    fill_shelf(fill, found->shelf);
    osk_fill_piece(fill, piece, found->shelf);
    osk_fill_text(fill, "name", osk_fill_print(fill, "%s", name));
    osk_fill_text(fill, "media_type", osk_media_type(piece->kind));
    osk_fill_number(fill, "page", found->page);
    if (found->has_previous) {
        osk_fill_id(fill, "previous", &found->previous);
    }
    if (found->has_next) {
        osk_fill_id(fill, "next", &found->next);
    }
}

/* What has moved to another album is led there. */
static void answer_moved(OskRequest *request, const OskFound *found)
{
    char path[2 * OSK_PUBLIC_ID_BYTES + 8] = "/a/";
    osk_public_id_write(&found->shelf->id, path + 3);
    path[2 + OSK_PUBLIC_ID_BYTES] = '/';
    osk_public_id_write(&found->piece->id, path + 3 + OSK_PUBLIC_ID_BYTES);
    osk_request_add_header(request, "Location", path);
    osk_request_answer(request, &(OskAnswer){ .status = 302 });
}

static void answer_piece(OskPublish *publish, OskRequest *request, const OskId *album,
                         const OskId *id)
{
    OskFault fault = { 0 };
    OskFound found;
    OskStatus status = osk_index_find(publish->index, id, &found, &fault);
    bool is_here = found.is_shown && memcmp(&found.piece->album, album, sizeof(*album)) == 0;
    OskFill *fill = status == OSK_OK && is_here ? osk_fill_begin(publish, request) : NULL;
    if (status != OSK_OK) {
        osk_problem_answer(publish, request, OSK_PROBLEM_BUSY);
    } else if (!found.is_shown) {
        osk_problem_answer(publish, request, osk_problem_of(&found));
    } else if (!is_here) {
        answer_moved(request, &found);
    } else if (fill != NULL) {
        fill_found(fill, &found);
        osk_fill_keep(fill, found.version);
        osk_fill_answer(&fill, OSK_PUBLISH_PIECE, 200);
    }
    osk_found_end(&found);
}

/* ---- the route ---- */

/* There is nothing to be refused before the body, which there is none of. */
static void begin(void *context, OskRequest *request)
{
    (void)context;
    (void)request;
}

static void end(void *context, OskRequest *request)
{
    OskPublish *publish = context;
    const char *at = osk_request_path(request) + strlen("/a/");
    size_t len = strcspn(at, "/");
    const char *rest = at[len] == '/' ? at + len + 1 : NULL;
    OskId album;
    OskId id;
    if (osk_page_kept(publish, request)) {
        return;
    }
    if (at[0] == 0) {
        answer_albums(publish, request);
    } else if (!osk_public_id_read(at, len, &album)) {
        osk_problem_answer(publish, request, OSK_PROBLEM_NONE);
    } else if (rest == NULL) {
        answer_album(publish, request, &album, false);
    } else if (strcmp(rest, "feed") == 0) {
        answer_album(publish, request, &album, true);
    } else if (osk_public_id_read(rest, strlen(rest), &id)) {
        answer_piece(publish, request, &album, &id);
    } else {
        osk_problem_answer(publish, request, OSK_PROBLEM_NONE);
    }
}

const OskRoute osk_albums_route = {
    .path = "/a/",
    .methods = "GET HEAD",
    .begin = begin,
    .end = end,
};

static void lead_in(void *context, OskRequest *request)
{
    (void)context;
    osk_request_add_header(request, "Location", "/a/");
    osk_request_answer(request, &(OskAnswer){ .status = 308 });
}

const OskRoute osk_albums_door_route = {
    .path = "/a",
    .methods = "GET HEAD",
    .begin = begin,
    .end = lead_in,
};
