/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/index_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

/* ---- holding ---- */

OskPiece *osk_piece_hold(OskPiece *piece)
{
    if (piece != NULL) {
        atomic_fetch_add(&piece->held, 1);
    }
    return piece;
}

OskShelf *osk_shelf_hold(OskShelf *shelf)
{
    if (shelf != NULL) {
        atomic_fetch_add(&shelf->held, 1);
    }
    return shelf;
}

void osk_piece_end(OskPiece **piece)
{
    if (*piece != NULL && atomic_fetch_sub(&(*piece)->held, 1) == 1) {
        free(*piece);
    }
    *piece = NULL;
}

void osk_shelf_end(OskShelf **shelf)
{
    if (*shelf != NULL && atomic_fetch_sub(&(*shelf)->held, 1) == 1) {
        free(*shelf);
    }
    *shelf = NULL;
}

void osk_found_end(OskFound *found)
{
    osk_piece_end(&found->piece);
    osk_shelf_end(&found->shelf);
}

void osk_shelf_page_end(OskShelfPage *page)
{
    for (size_t i = 0; i < page->count; i++) {
        osk_piece_end(&page->pieces[i]);
    }
    osk_shelf_end(&page->shelf);
    page->count = 0;
}

void osk_shelf_cards_end(OskShelfCards *cards)
{
    for (size_t i = 0; i < cards->count; i++) {
        osk_shelf_end(&cards->cards[i].shelf);
        osk_piece_end(&cards->cards[i].cover);
    }
    cards->count = 0;
}

/* ---- open and close ---- */

OskStatus osk_index_open(OskIndex **out, OskStore *store, OskFault *fault)
{
    *out = NULL;
    OskIndex *index = calloc(1, sizeof(*index));
    if (index == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    index->store = store;
    pthread_mutex_init(&index->lock, NULL);
    OskStatus status = osk_touched_begin(
        &index->touched, store, 1u << OSK_SPACE_PUBLICATION | 1u << OSK_SPACE_ALBUM, fault);
    if (status == OSK_OK) {
        status = osk_index_refresh(index, fault);
    }
    if (status != OSK_OK) {
        osk_index_close(&index);
        return status;
    }
    *out = index;
    return OSK_OK;
}

void osk_index_close(OskIndex **index)
{
    OskIndex *closing = *index;
    if (closing == NULL) {
        return;
    }
    osk_touched_end(&closing->touched);
    osk_index_forget(closing);
    pthread_mutex_destroy(&closing->lock);
    free(closing);
    *index = NULL;
}

/* ---- pages ---- */

static OskPiece *shown_at(const OskIndex *index, size_t at)
{
    return index->shown.items[at];
}

/* How many are on the shelf, and where the first of them stands. */
static size_t count_of(const OskIndex *index, const OskId *album, size_t *out_first)
{
    *out_first = osk_index_place_of_album(index, album, false);
    return osk_index_place_of_album(index, album, true) - *out_first;
}

static size_t pages_of(size_t total)
{
    return total == 0 ? 1 : (total + OSK_PAGE_PIECES - 1) / OSK_PAGE_PIECES;
}

OskStatus osk_index_shelf(OskIndex *index, const OskId *album, size_t page, OskShelfPage *out,
                          OskFault *fault)
{
    *out = (OskShelfPage){ .page = page };
    pthread_mutex_lock(&index->lock);
    OskStatus status = osk_index_refresh(index, fault);
    out->version = index->version;
    OskShelf *shelf = status == OSK_OK ? osk_index_shelf_of(index, album) : NULL;
    out->shelf = osk_shelf_hold(shelf);
    if (shelf != NULL && shelf->is_open) {
        size_t first = 0;
        out->total = count_of(index, album, &first);
        out->pages = pages_of(out->total);
        out->newest = out->total > 0 ? shown_at(index, first)->day : shelf->album.day;
        size_t from = page >= 1 && page <= out->pages ? (page - 1) * OSK_PAGE_PIECES : out->total;
        while (from + out->count < out->total && out->count < OSK_PAGE_PIECES) {
            out->pieces[out->count] = osk_piece_hold(shown_at(index, first + from + out->count));
            out->count++;
        }
    }
    pthread_mutex_unlock(&index->lock);
    return status;
}

/* What stands for an album without surprising anybody. */
static OskPiece *cover_of(const OskIndex *index, size_t first, size_t total)
{
    for (size_t i = 0; i < total && i < OSK_PAGE_PIECES; i++) {
        OskPiece *piece = shown_at(index, first + i);
        bool is_seen = !osk_media_is_video(piece->kind) || piece->rendition_count > 0;
        if (is_seen && piece->warning[0] == 0) {
            return piece;
        }
    }
    return NULL;
}

static OskShelfCard card_of(const OskIndex *index, OskShelf *shelf)
{
    size_t first = 0;
    OskShelfCard card = { .shelf = shelf, .total = count_of(index, &shelf->id, &first) };
    card.newest = card.total > 0 ? shown_at(index, first)->day : shelf->album.day;
    card.cover = shelf->album.warning[0] == 0 ? cover_of(index, first, card.total) : NULL;
    return card;
}

static int compare_cards(const void *a, const void *b)
{
    const OskShelfCard *one = a;
    const OskShelfCard *two = b;
    return one->newest != two->newest
               ? (one->newest < two->newest ? 1 : -1)
               : memcmp(&one->shelf->id, &two->shelf->id, sizeof(one->shelf->id));
}

/* Open ones, in their order; free() them. Lent under the lock. */
static OskShelfCard *all_cards(const OskIndex *index, size_t *out_count)
{
    OskShelfCard *cards = calloc(index->shelves.count + 1, sizeof(*cards));
    *out_count = 0;
    for (size_t i = 0; cards != NULL && i < index->shelves.count; i++) {
        OskShelf *shelf = index->shelves.items[i];
        if (shelf->is_open) {
            cards[(*out_count)++] = card_of(index, shelf);
        }
    }
    if (cards != NULL) {
        qsort(cards, *out_count, sizeof(*cards), compare_cards);
    }
    return cards;
}

OskStatus osk_index_shelves(OskIndex *index, size_t page, OskShelfCards *out, OskFault *fault)
{
    *out = (OskShelfCards){ .page = page };
    pthread_mutex_lock(&index->lock);
    OskStatus status = osk_index_refresh(index, fault);
    out->version = index->version;
    size_t total = 0;
    OskShelfCard *cards = status == OSK_OK ? all_cards(index, &total) : NULL;
    if (status == OSK_OK && cards == NULL) {
        status = osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    out->pages = pages_of(total);
    size_t from = page >= 1 && page <= out->pages ? (page - 1) * OSK_PAGE_PIECES : total;
    while (cards != NULL && from + out->count < total && out->count < OSK_PAGE_PIECES) {
        OskShelfCard *card = &out->cards[out->count];
        *card = cards[from + out->count];
        osk_shelf_hold(card->shelf);
        osk_piece_hold(card->cover);
        out->count++;
    }
    pthread_mutex_unlock(&index->lock);
    free(cards);
    return status;
}

OskStatus osk_index_version(OskIndex *index, uint64_t *out, OskFault *fault)
{
    pthread_mutex_lock(&index->lock);
    OskStatus status = osk_index_refresh(index, fault);
    *out = index->version;
    pthread_mutex_unlock(&index->lock);
    return status;
}

/* ---- one ---- */

static void tell_neighbours(const OskIndex *index, const OskPiece *piece, OskFound *out)
{
    size_t first = 0;
    size_t total = count_of(index, &piece->album, &first);
    size_t at = osk_index_place_of(index, piece) - first;
    out->page = at / OSK_PAGE_PIECES + 1;
    out->has_previous = at > 0;
    out->has_next = at + 1 < total;
    if (out->has_previous) {
        out->previous = shown_at(index, first + at - 1)->id;
    }
    if (out->has_next) {
        out->next = shown_at(index, first + at + 1)->id;
    }
}

static OskStatus find(OskIndex *index, const OskId *id, OskFound *out, OskFault *fault)
{
    OskStatus status = osk_index_refresh(index, fault);
    out->version = index->version;
    OskPiece *piece = status == OSK_OK ? osk_index_piece_of(index, id) : NULL;
    if (piece == NULL) {
        return status;
    }
    OskShelf *shelf = osk_index_shelf_of(index, &piece->album);
    out->piece = osk_piece_hold(piece);
    out->shelf = osk_shelf_hold(shelf);
    out->is_shown = piece->state == OSK_PUBLICATION_PUBLIC && shelf != NULL && shelf->is_open;
    if (out->is_shown) {
        tell_neighbours(index, piece, out);
    }
    return OSK_OK;
}

OskStatus osk_index_find(OskIndex *index, const OskId *id, OskFound *out, OskFault *fault)
{
    *out = (OskFound){ .piece = NULL };
    pthread_mutex_lock(&index->lock);
    OskStatus status = find(index, id, out, fault);
    pthread_mutex_unlock(&index->lock);
    return status;
}

OskStatus osk_index_find_anew(OskIndex *index, const OskId *id, OskFound *out, OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_PUBLICATION, .id = *id };
    *out = (OskFound){ .piece = NULL };
    pthread_mutex_lock(&index->lock);
    OskStatus status = osk_index_read(index, &key, fault);
    if (status == OSK_OK) {
        status = find(index, id, out, fault);
    }
    pthread_mutex_unlock(&index->lock);
    return status;
}
