/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Albums: what they are called, and whether the public sees them. */
#include "desk/call.h"

#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "desk/public_list.h"
#include "desk/public_texts.h"
#include "desk/publication_json.h"
#include "desk/publications.h"

#define BODY_MAX ((size_t)32 * 1024)
/* All of them are told at once. */
#define ALBUMS_MAX 500u

/* The public sees other words above its pictures once another person than who wrote them opens the
 * album. */
static bool is_for_another(const OskDeskCall *call, const OskAlbum *album)
{
    return call->desk->publishing.needs_second &&
           memcmp(&album->maker, &call->session.reviewer, sizeof(album->maker)) == 0;
}

static void set_album(const OskDeskCall *call, OskJson *json, const OskRecordRow *row,
                      const OskAlbum *album)
{
    osk_desk_set_id(json, "album", &row->key.id);
    osk_json_set_whole(json, "version", row->version);
    osk_json_set_text(json, "state", row->flags == OSK_ALBUM_OPEN ? "open" : "hidden");
    osk_desk_set_day(json, "day", album->day);
    osk_json_set_text(json, "language", album->language);
    osk_json_set_text(json, "title", album->title);
    osk_json_set_text(json, "description", album->description);
    osk_json_set_text(json, "warning", album->warning);
    osk_json_set_flag(json, "for_another",
                      row->flags != OSK_ALBUM_OPEN && is_for_another(call, album));
}

/* How many publications are in each. */
typedef struct Counts {
    size_t albums;
    OskId ids[ALBUMS_MAX];
    uint64_t counts[ALBUMS_MAX];
} Counts;

static bool add_album(void *context, const OskRecordRow *row)
{
    Counts *counts = context;
    counts->ids[counts->albums++] = row->key.id;
    return counts->albums < ALBUMS_MAX;
}

static OskStatus count_all(const OskDesk *desk, Counts *out, OskFault *fault)
{
    OskRecordQuery query = { .space = OSK_SPACE_ALBUM, .without_bytes = true };
    OskStatus status = osk_store_records(desk->store, &query, add_album, out, fault);
    return status == OSK_OK ? osk_public_list_albums(desk->public_list, out->ids, out->albums,
                                                     out->counts, fault)
                            : status;
}

static uint64_t count_of(const Counts *counts, const OskId *id)
{
    for (size_t i = 0; i < counts->albums; i++) {
        if (memcmp(&counts->ids[i], id, sizeof(*id)) == 0) {
            return counts->counts[i];
        }
    }
    return 0;
}

/* ---- GET /api/albums ---- */

typedef struct Listing {
    const OskDeskCall *call;
    OskJson *list;
    const Counts *counts;
} Listing;

static bool list_album(void *context, const OskRecordRow *row)
{
    const Listing *listing = context;
    OskAlbum album;
    if (osk_album_read(&album, &row->bytes)) {
        OskJson *json = osk_json_object(NULL);
        set_album(listing->call, json, row, &album);
        osk_json_set_whole(json, "count", count_of(listing->counts, &row->key.id));
        osk_json_add(listing->list, json);
    }
    return true;
}

/* NULL, and refused. Ownership: free(). */
static Counts *read_counts(OskDeskCall *call)
{
    OskFault fault = { .status = OSK_NO_MEMORY };
    Counts *counts = calloc(1, sizeof(*counts));
    if (counts == NULL || count_all(call->desk, counts, &fault) != OSK_OK) {
        free(counts);
        osk_desk_refuse_fault(call, &fault);
        return NULL;
    }
    return counts;
}

static void run_list(OskDeskCall *call)
{
    OskFault fault = { 0 };
    Counts *counts = read_counts(call);
    if (counts == NULL) {
        return;
    }
    Listing listing = { .call = call, .list = osk_json_list(), .counts = counts };
    const OskRecordQuery query = { .space = OSK_SPACE_ALBUM };
    OskStatus status = osk_store_records(call->desk->store, &query, list_album, &listing, &fault);
    free(counts);
    if (status != OSK_OK) {
        osk_json_free(&listing.list);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/albums/1");
    osk_json_set(json, "albums", listing.list);
    osk_desk_done(call, json);
}

/* ---- POST /api/albums ---- */

static bool count_album(void *context, const OskRecordRow *row)
{
    (void)row;
    return ++*(size_t *)context < ALBUMS_MAX;
}

/* A new one, or the one that is named. False when that was refused. */
static bool find_album(OskDeskCall *call, OskAlbum *out, OskRecordRow *out_row)
{
    OskFault fault = { 0 };
    size_t count = 0;
    const OskRandom *random = &call->desk->random;
    const OskRecordQuery query = { .space = OSK_SPACE_ALBUM, .without_bytes = true };
    OskId id;
    *out = (OskAlbum){ .day = osk_desk_today() };
    *out_row = (OskRecordRow){ .key = { .space = OSK_SPACE_ALBUM }, .flags = OSK_ALBUM_OPEN };
    if (osk_json_get(call->base.json, "album") != NULL) {
        if (osk_hex_read(osk_desk_text(call, "album"), &id, sizeof(id)) &&
            osk_album_load(call->desk->store, &id, out, out_row, &fault)) {
            return true;
        }
        if (fault.status != OSK_OK) {
            osk_desk_refuse_fault(call, &fault);
        } else {
            osk_desk_refuse(call, 404, "There is no such album", "Load the list again");
        }
        return false;
    }
    if (osk_store_records(call->desk->store, &query, count_album, &count, &fault) != OSK_OK ||
        !random->fill(random->context, &out_row->key.id, sizeof(out_row->key.id))) {
        osk_desk_refuse(call, 500, "The server could not do this", "Tell who runs the server");
        return false;
    }
    if (count >= ALBUMS_MAX) {
        osk_desk_refuse(call, 409, "There are too many albums", "Use one that is there");
        return false;
    }
    return true;
}

/* "es", "zh-Hant" */
static bool is_language(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t len = strspn(text, letters + 26);
    while ((len == 2 || len == 3) && text[len] == '-') {
        text += len + 1;
        len = strspn(text, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        return len >= 2 && text[len] == 0 && text[len - 1] != '-';
    }
    return (len == 2 || len == 3) && text[len] == 0;
}

static bool read_state(OskDeskCall *call, uint32_t *out)
{
    const OskJson *member = osk_json_get(call->base.json, "state");
    const char *state = osk_json_text(member);
    if (member == NULL) {
        return true;
    }
    *out = state != NULL && strcmp(state, "hidden") == 0 ? OSK_ALBUM_HIDDEN : OSK_ALBUM_OPEN;
    return state != NULL && (strcmp(state, "open") == 0 || strcmp(state, "hidden") == 0);
}

/* What the request says of it. False when that was refused. */
static bool read_album(OskDeskCall *call, OskAlbum *album, OskRecordRow *row)
{
    const OskPublicText texts[] = {
        { "title", album->title, OSK_TITLE_MAX, true },
        { "description", album->description, OSK_CAPTION_MAX, false },
        { "warning", album->warning, OSK_WARNING_MAX, true },
        { "language", album->language, OSK_LANGUAGE_MAX, true },
    };
    if (!osk_desk_read_public_texts(call, texts, sizeof(texts) / sizeof(texts[0]))) {
        return false;
    }
    if (album->title[0] == 0 || !is_language(album->language) || !read_state(call, &row->flags)) {
        osk_desk_refuse(call, 400, "An album has a title, and the language that it is in",
                        "A language is named as in \"es\"; a state is open or hidden");
        return false;
    }
    return true;
}

static const char *const worded[] = { "title", "description", "warning", "language", NULL };

static bool has_words(const OskDeskCall *call)
{
    size_t i = 0;
    while (worded[i] != NULL && osk_json_get(call->base.json, worded[i]) == NULL) {
        i++;
    }
    return worded[i] != NULL;
}

/* In words of the audit chain. */
static OskJson *changed_words(const OskDeskCall *call)
{
    OskJson *list = osk_json_list();
    for (size_t i = 0; worded[i] != NULL; i++) {
        if (osk_json_get(call->base.json, worded[i]) != NULL) {
            osk_json_add_text(list, worded[i]);
        }
    }
    return list;
}

static OskStatus store_album(OskDeskCall *call, const OskAlbum *album, OskRecordRow *row,
                             OskFault *fault)
{
    OskJson *about = osk_json_object(NULL);
    osk_desk_set_id(about, "album", &row->key.id);
    osk_json_set_text(about, "state", row->flags == OSK_ALBUM_OPEN ? "open" : "hidden");
    if (has_words(call)) {
        osk_json_set(about, "changed", changed_words(call));
    }
    const OskDeed deed = { .who = &call->session.reviewer,
                           .did = "album",
                           .about = about,
                           .uses_spare = row->flags == OSK_ALBUM_HIDDEN };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = row,
                               .expected = row->version };
    OskStatus status = osk_album_write(album, &row->bytes);
    row->day = album->day;
    if (status == OSK_OK) {
        status = osk_audit_commit(call->desk->audit, &deed, &change, 1, fault);
    } else {
        osk_json_free(&about);
        fault->status = status;
    }
    osk_bytes_clear(&row->bytes);
    return status;
}

/* Where two are needed, an album that one person worded waits, hidden, for the other. False when
 * that was refused. */
static bool word(OskDeskCall *call, OskAlbum *album, OskRecordRow *row)
{
    static const OskId nobody;
    bool opens = osk_json_get(call->base.json, "state") != NULL && row->flags == OSK_ALBUM_OPEN;
    bool waits = memcmp(&album->maker, &nobody, sizeof(nobody)) != 0;
    if (has_words(call)) {
        album->maker = call->session.reviewer;
        if (is_for_another(call, album)) {
            row->flags = OSK_ALBUM_HIDDEN;
        }
        return true;
    }
    if (!opens || !waits || !call->desk->publishing.needs_second) {
        return true;
    }
    if (is_for_another(call, album)) {
        osk_desk_refuse(call, 409, "Somebody else opens what you have worded",
                        "Ask another publisher to read it, and to open it");
        return false;
    }
    album->maker = nobody;
    return osk_desk_is_as_seen(call, row->version);
}

/* To hide one is every reviewer's, and nothing else. False when that was refused. */
static bool may_change(OskDeskCall *call)
{
    const char *state = osk_desk_text(call, "state");
    bool hides = osk_json_get(call->base.json, "album") != NULL && state != NULL &&
                 strcmp(state, "hidden") == 0 && !has_words(call);
    if (!hides && call->reviewer.role < OSK_ROLE_PUBLISHER) {
        osk_desk_refuse(call, 403, "Your role does not allow this", "Ask a publisher to do it");
        return false;
    }
    return true;
}

static void run_album(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskAlbum album;
    OskRecordRow row;
    bool says_version = has_words(call) || osk_json_get(call->base.json, "version") != NULL;
    if (!may_change(call) || !find_album(call, &album, &row) ||
        (row.version > 0 && says_version && !osk_desk_is_as_seen(call, row.version)) ||
        !read_album(call, &album, &row) || !word(call, &album, &row)) {
        return;
    }
    if (store_album(call, &album, &row, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    if (has_words(call)) {
        /* Those that stood there before are nowhere any more. */
        osk_store_forget(call->desk->store);
    }
    Counts *counts = read_counts(call);
    if (counts != NULL) {
        OskJson *json = osk_json_object("oilskin/album/1");
        row.version++;
        set_album(call, json, &row, &album);
        osk_json_set_whole(json, "count", count_of(counts, &row.key.id));
        free(counts);
        osk_desk_done(call, json);
    }
}

/* ---- the endpoints ---- */

static const char *const keys[] = { "album",       "version",       "title",
                                    "description", "warning",       "language",
                                    "state",       "words_checked", NULL };

const OskDeskEndpoint osk_desk_albums_endpoints[] = {
    { "/api/albums", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_list },
    { "/api/albums", "POST", keys, BODY_MAX, OSK_ROLE_REVIEWER, run_album },
};
const size_t osk_desk_albums_count =
    sizeof(osk_desk_albums_endpoints) / sizeof(osk_desk_albums_endpoints[0]);
