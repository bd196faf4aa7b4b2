/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the store into the index: all of it once, then what commits touch. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "publish/index_inside.h"

static const OskId no_id;

static int compare_ids(const OskId *one, const OskId *two)
{
    return memcmp(one, two, sizeof(*one));
}

/* ---- order ---- */

/* As in an album: newest day first. */
static int compare_shown(const OskPiece *one, const OskPiece *two)
{
    int by_album = compare_ids(&one->album, &two->album);
    return by_album != 0          ? by_album
           : one->day != two->day ? (one->day < two->day ? 1 : -1)
                                  : compare_ids(&one->id, &two->id);
}

static int compare_shown_items(const void *a, const void *b)
{
    const void *const *one = a;
    const void *const *two = b;
    return compare_shown(*one, *two);
}

static int compare_piece_items(const void *a, const void *b)
{
    const void *const *one = a;
    const void *const *two = b;
    return compare_ids(&((const OskPiece *)*one)->id, &((const OskPiece *)*two)->id);
}

static int compare_shelf_items(const void *a, const void *b)
{
    const void *const *one = a;
    const void *const *two = b;
    return compare_ids(&((const OskShelf *)*one)->id, &((const OskShelf *)*two)->id);
}

/* The first of `count` that is not in front, by halves. */
static size_t first_not_before(bool (*is_before)(const OskIndex *index, size_t at,
                                                 const void *what),
                               const OskIndex *index, const void *what, size_t count)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(index, middle, what)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_piece_before(const OskIndex *index, size_t at, const void *id)
{
    const OskPiece *piece = index->pieces.items[at];
    return compare_ids(&piece->id, id) < 0;
}

static bool is_shelf_before(const OskIndex *index, size_t at, const void *id)
{
    const OskShelf *shelf = index->shelves.items[at];
    return compare_ids(&shelf->id, id) < 0;
}

static bool is_shown_before(const OskIndex *index, size_t at, const void *piece)
{
    return compare_shown(index->shown.items[at], piece) < 0;
}

static bool is_album_before(const OskIndex *index, size_t at, const void *album)
{
    const OskPiece *piece = index->shown.items[at];
    return compare_ids(&piece->album, album) < 0;
}

static bool is_album_not_behind(const OskIndex *index, size_t at, const void *album)
{
    const OskPiece *piece = index->shown.items[at];
    return compare_ids(&piece->album, album) <= 0;
}

static size_t place_of_piece(const OskIndex *index, const OskId *id)
{
    return first_not_before(is_piece_before, index, id, index->pieces.count);
}

static size_t place_of_shelf(const OskIndex *index, const OskId *id)
{
    return first_not_before(is_shelf_before, index, id, index->shelves.count);
}

size_t osk_index_place_of(const OskIndex *index, const OskPiece *piece)
{
    return first_not_before(is_shown_before, index, piece, index->shown.count);
}

size_t osk_index_place_of_album(const OskIndex *index, const OskId *album, bool behind)
{
    return first_not_before(behind ? is_album_not_behind : is_album_before, index, album,
                            index->shown.count);
}

OskPiece *osk_index_piece_of(const OskIndex *index, const OskId *id)
{
    size_t at = place_of_piece(index, id);
    OskPiece *piece = at < index->pieces.count ? index->pieces.items[at] : NULL;
    return piece != NULL && compare_ids(&piece->id, id) == 0 ? piece : NULL;
}

OskShelf *osk_index_shelf_of(const OskIndex *index, const OskId *id)
{
    size_t at = place_of_shelf(index, id);
    OskShelf *shelf = at < index->shelves.count ? index->shelves.items[at] : NULL;
    return shelf != NULL && compare_ids(&shelf->id, id) == 0 ? shelf : NULL;
}

/* ---- lists ---- */

/* Room for one more. */
static bool grow(OskList *list)
{
    if (list->count < list->room) {
        return true;
    }
    size_t room = list->room == 0 ? 64 : 2 * list->room;
    void **items = realloc(list->items, room * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->room = room;
    return true;
}

static void put_in(OskList *list, size_t at, void *item)
{
    memmove(list->items + at + 1, list->items + at, (list->count - at) * sizeof(*list->items));
    list->items[at] = item;
    list->count++;
}

static void take_out(OskList *list, size_t at)
{
    list->count--;
    memmove(list->items + at, list->items + at + 1, (list->count - at) * sizeof(*list->items));
}

static void sort(OskList *list, int (*compare)(const void *, const void *))
{
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof(*list->items), compare);
    }
}

static bool make_room(OskIndex *index)
{
    return grow(&index->pieces) && grow(&index->shown) && grow(&index->shelves);
}

/* ---- records ---- */

/* XML has no control characters, nor the last two of the first plane, and no page needs one. */
static char *keep_text(char **at, const char *text)
{
    char *kept = *at;
    size_t len = strlen(text);
    for (size_t i = 0; i <= len; i++) {
        bool is_control = (unsigned char)text[i] < 0x20 && text[i] != '\n' && i < len;
        kept[i] = is_control || text[i] == 0x7F ? ' ' : text[i];
    }
    for (char *found = strstr(kept, "\xEF\xBF"); found != NULL; found = strstr(found, "\xEF\xBF")) {
        found[2] = (unsigned char)found[2] >= 0xBE ? (char)0xBD : found[2];
        found += 3;
    }
    *at += len + 1;
    return kept;
}

static void clear_controls(char *text)
{
    char *at = text;
    (void)keep_text(&at, text);
}

/* Whether what is to be seen of it is in the blob. */
static bool is_whole(const OskPublication *read, const OskRecordRow *row)
{
    uint64_t len = read->copy_len;
    for (uint32_t i = 0; i < read->rendition_count; i++) {
        len += read->renditions[i].len;
    }
    return row->flags == OSK_PUBLICATION_WITHDRAWN ||
           (compare_ids(&row->blob, &no_id) != 0 && read->copy_len > 0 && row->sealed_len >= len);
}

/* NULL for what is no publication, and without memory. @param out_failed the latter. */
static OskPiece *make_piece(const OskRecordRow *row, bool *out_failed)
{
    OskPublication *read = malloc(sizeof(*read));
    *out_failed = read == NULL;
    bool is_one = read != NULL && row->flags >= OSK_PUBLICATION_WAITING &&
                  row->flags <= OSK_PUBLICATION_WITHDRAWN &&
                  osk_publication_read(read, &row->bytes) && is_whole(read, row);
    size_t len = is_one ? strlen(read->caption) + strlen(read->alt) + strlen(read->warning) + 3 : 0;
    OskPiece *piece = is_one ? calloc(1, sizeof(*piece) + len) : NULL;
    *out_failed = *out_failed || (is_one && piece == NULL);
    if (piece != NULL) {
        char *at = piece->texts;
        atomic_init(&piece->held, 1);
        piece->id = row->key.id;
        piece->blob = row->blob;
        piece->row_version = row->version;
        piece->state = (OskPublicationState)row->flags;
        piece->album = read->album;
        piece->day = read->day;
        piece->kind = read->kind;
        piece->width = read->width;
        piece->height = read->height;
        piece->duration_ms = read->duration_ms;
        piece->copy_len = read->copy_len;
        memcpy(piece->digest, read->digest, sizeof(piece->digest));
        piece->rendition_count = read->rendition_count;
        memcpy(piece->renditions, read->renditions, sizeof(piece->renditions));
        piece->caption = keep_text(&at, read->caption);
        piece->alt = keep_text(&at, read->alt);
        piece->warning = keep_text(&at, read->warning);
    }
    free(read);
    return piece;
}

static OskShelf *make_shelf(const OskRecordRow *row, bool *out_failed)
{
    OskShelf *shelf = calloc(1, sizeof(*shelf));
    *out_failed = shelf == NULL;
    if (shelf == NULL || !osk_album_read(&shelf->album, &row->bytes)) {
        free(shelf);
        return NULL;
    }
    atomic_init(&shelf->held, 1);
    shelf->id = row->key.id;
    shelf->is_open = row->flags == OSK_ALBUM_OPEN;
    clear_controls(shelf->album.title);
    clear_controls(shelf->album.description);
    clear_controls(shelf->album.warning);
    clear_controls(shelf->album.language);
    return shelf;
}

/* ---- one record ---- */

static void drop_piece(OskIndex *index, const OskId *id)
{
    OskPiece *piece = osk_index_piece_of(index, id);
    if (piece == NULL) {
        return;
    }
    if (piece->state == OSK_PUBLICATION_PUBLIC) {
        take_out(&index->shown, osk_index_place_of(index, piece));
    }
    take_out(&index->pieces, place_of_piece(index, id));
    osk_piece_end(&piece);
}

static void drop_shelf(OskIndex *index, const OskId *id)
{
    OskShelf *shelf = osk_index_shelf_of(index, id);
    if (shelf != NULL) {
        take_out(&index->shelves, place_of_shelf(index, id));
        osk_shelf_end(&shelf);
    }
}

/* With room for it. */
static void put_piece(OskIndex *index, OskPiece *piece)
{
    put_in(&index->pieces, place_of_piece(index, &piece->id), piece);
    if (piece->state == OSK_PUBLICATION_PUBLIC) {
        put_in(&index->shown, osk_index_place_of(index, piece), piece);
    }
}

/* Each link that is opened reads its publication anew: pages that were kept stay good for it. */
static bool is_held(const OskIndex *index, const OskRecordKey *key, uint64_t row_version)
{
    if (key->space != OSK_SPACE_PUBLICATION) {
        return false;
    }
    const OskPiece *piece = osk_index_piece_of(index, &key->id);
    return (piece != NULL ? piece->row_version : 0) == row_version;
}

OskStatus osk_index_read(OskIndex *index, const OskRecordKey *key, OskFault *fault)
{
    OskRecordRow row = { .version = 0 };
    OskFault reading = { .status = OSK_OK };
    bool failed = !make_room(index);
    bool is_there = !failed && osk_store_record(index->store, key, &row, &reading);
    index->version += is_held(index, key, is_there ? row.version : 0) ? 0 : 1;
    if (failed || (!is_there && reading.status != OSK_OK)) {
        return osk_fault_set(fault, failed ? OSK_NO_MEMORY : OSK_IO, "",
                             "what is public can't be read", OSK_NO_OFFSET);
    }
    bool is_piece = key->space == OSK_SPACE_PUBLICATION;
    OskPiece *piece = is_there && is_piece ? make_piece(&row, &failed) : NULL;
    OskShelf *shelf = is_there && !is_piece ? make_shelf(&row, &failed) : NULL;
    if (is_there) {
        osk_record_row_free(&row);
    }
    /* Also without memory for what it is now: what it was may be what must not be seen. */
    if (is_piece) {
        drop_piece(index, &key->id);
    } else {
        drop_shelf(index, &key->id);
    }
    if (piece != NULL) {
        put_piece(index, piece);
    }
    if (shelf != NULL) {
        put_in(&index->shelves, place_of_shelf(index, &shelf->id), shelf);
    }
    return failed ? osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET)
                  : OSK_OK;
}

/* ---- all of them ---- */

void osk_index_forget(OskIndex *index)
{
    for (size_t i = 0; i < index->pieces.count; i++) {
        OskPiece *piece = index->pieces.items[i];
        osk_piece_end(&piece);
    }
    for (size_t i = 0; i < index->shelves.count; i++) {
        OskShelf *shelf = index->shelves.items[i];
        osk_shelf_end(&shelf);
    }
    free(index->pieces.items);
    free(index->shown.items);
    free(index->shelves.items);
    index->pieces = (OskList){ .items = NULL };
    index->shown = (OskList){ .items = NULL };
    index->shelves = (OskList){ .items = NULL };
}

typedef struct Loading {
    OskIndex *index;
    bool failed;
} Loading;

static bool load_piece(void *context, const OskRecordRow *row)
{
    Loading *loading = context;
    OskIndex *index = loading->index;
    bool failed = !make_room(index);
    OskPiece *piece = failed ? NULL : make_piece(row, &failed);
    loading->failed = failed;
    if (piece != NULL) {
        put_in(&index->pieces, index->pieces.count, piece);
        if (piece->state == OSK_PUBLICATION_PUBLIC) {
            put_in(&index->shown, index->shown.count, piece);
        }
    }
    return !failed;
}

static bool load_shelf(void *context, const OskRecordRow *row)
{
    Loading *loading = context;
    OskIndex *index = loading->index;
    bool failed = !make_room(index);
    OskShelf *shelf = failed ? NULL : make_shelf(row, &failed);
    loading->failed = failed;
    if (shelf != NULL) {
        put_in(&index->shelves, index->shelves.count, shelf);
    }
    return !failed;
}

static OskStatus load_all(OskIndex *index, OskFault *fault)
{
    const OskRecordQuery pieces = { .space = OSK_SPACE_PUBLICATION };
    const OskRecordQuery shelves = { .space = OSK_SPACE_ALBUM };
    Loading loading = { .index = index };
    osk_index_forget(index);
    index->version++;
    OskStatus status = osk_store_records(index->store, &pieces, load_piece, &loading, fault);
    if (status == OSK_OK && !loading.failed) {
        status = osk_store_records(index->store, &shelves, load_shelf, &loading, fault);
    }
    if (status == OSK_OK && loading.failed) {
        status = osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    if (status != OSK_OK) {
        osk_index_forget(index);
        return status;
    }
    sort(&index->pieces, compare_piece_items);
    sort(&index->shown, compare_shown_items);
    sort(&index->shelves, compare_shelf_items);
    return OSK_OK;
}

OskStatus osk_index_refresh(OskIndex *index, OskFault *fault)
{
    OskTouchedKeys touched = osk_touched_take(&index->touched);
    OskStatus status = touched.is_lost ? load_all(index, fault) : OSK_OK;
    for (size_t i = 0; status == OSK_OK && !touched.is_lost && i < touched.count; i++) {
        status = osk_index_read(index, &touched.keys[i], fault);
    }
    if (status != OSK_OK) {
        osk_touched_lose(&index->touched);
    }
    free(touched.keys);
    return status;
}
