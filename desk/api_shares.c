/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links to what is public: made with an address that is told once, listed without it, ended by it
 * or by the row. */
#include "desk/call.h"

#include <stddef.h>
#include <string.h>

#include "desk/hex.h"
#include "desk/publications.h"
#include "store/shares.h"

#define BODY_MAX ((size_t)4 * 1024)
#define PAGE 100u
#define DAYS_MAX 365u
#define VIEWS_MAX 1000000u
/* Views that are taken while somebody ends a link. */
#define ROUNDS 64u
#define ADDRESS_BYTES (sizeof("/s/") + OSK_SHARE_TOKEN_LETTERS)

/* ---- the list ---- */

const char *osk_desk_share_state(OskShareState state)
{
    static const char *const names[] = { [OSK_SHARE_IS_OPEN] = "open",
                                         [OSK_SHARE_IS_ENDED] = "ended",
                                         [OSK_SHARE_IS_EXPIRED] = "expired",
                                         [OSK_SHARE_IS_USED] = "used",
                                         [OSK_SHARE_IS_DOUBTED] = "doubted" };
    return names[state];
}

static OskJson *share_json(OskDesk *desk, const OskShareFound *found)
{
    const OskShare *share = &found->share;
    bool is_sealed = (found->row.flags & OSK_SHARE_SEALED) != 0;
    OskReviewer maker = { .version = 0 };
    bool has_maker = osk_reviewers_get(desk->reviewers, &share->maker, &maker);
    OskJson *json = osk_json_object(NULL);
    osk_desk_set_id(json, "share", &found->row.key.id);
    osk_desk_set_id(json, "publication", is_sealed ? NULL : &share->publication);
    osk_json_set_text(json, "kind", is_sealed ? "sealed" : "checked");
    osk_desk_set_day(json, "made", share->made);
    if (share->expires != 0) {
        osk_desk_set_day(json, "expires", share->expires);
    } else {
        osk_json_set_text(json, "expires", NULL);
    }
    if (share->views != OSK_SHARE_VIEWS_ANY) {
        osk_json_set_whole(json, "views", share->views);
    } else {
        osk_json_set_text(json, "views", NULL);
    }
    osk_json_set_flag(json, "passphrase", share->has_passphrase);
    osk_json_set_text(json, "state",
                      osk_desk_share_state(osk_share_state(found, osk_desk_today())));
    osk_json_set_text(json, "maker", has_maker ? maker.name : NULL);
    osk_seal_wipe(&maker, sizeof(maker));
    return json;
}

typedef struct Listing {
    OskDesk *desk;
    OskBelieved believed;
    OskJson *list;
    OskId last;
    size_t count;
} Listing;

/* A row that can't be read is nobody's link, and opens nothing. */
static bool list_row(void *context, const OskRecordRow *row)
{
    Listing *listing = context;
    OskShareFound found = { .row = *row, .believed = listing->believed };
    if (listing->count == PAGE) {
        listing->count++;
        return false;
    }
    listing->count++;
    listing->last = row->key.id;
    if (osk_share_read(&found.share, &row->bytes)) {
        osk_json_add(listing->list, share_json(listing->desk, &found));
    }
    return true;
}

static void run_list(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    const char *behind = osk_request_query(call->request, "after");
    OskRecordKey after = { .space = OSK_SPACE_SHARE };
    if (behind != NULL && !osk_hex_read(behind, &after.id, sizeof(after.id))) {
        osk_desk_refuse(call, 400, "A page goes on behind the id of a link", NULL);
        return;
    }
    const OskRecordQuery query = { .space = OSK_SPACE_SHARE,
                                   .after = behind != NULL ? &after : NULL,
                                   .limit = PAGE + 1 };
    Listing listing = { .desk = desk, .list = osk_json_list() };
    OskStatus status = osk_clock_believed(desk->store, &listing.believed, &fault);
    if (status == OSK_OK) {
        status = osk_store_records(desk->store, &query, list_row, &listing, &fault);
    }
    if (status != OSK_OK) {
        osk_json_free(&listing.list);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/shares/1");
    osk_json_set(json, "shares", listing.list);
    osk_desk_set_id(json, "next", listing.count > PAGE ? &listing.last : NULL);
    osk_desk_done(call, json);
}

/* ---- making one ---- */

/* A whole number from 1 to `most`, or `none` where there is no such member; false for what is
 * neither. */
static bool read_count(const OskDeskCall *call, const char *key, uint32_t most, uint32_t *out)
{
    const OskJson *value = osk_json_get(call->base.json, key);
    uint64_t count = 0;
    if (value == NULL) {
        return true;
    }
    if (!osk_json_whole(value, &count) || count == 0 || count > most) {
        return false;
    }
    *out = (uint32_t)count;
    return true;
}

static void refuse_unseen(OskDeskCall *call, const char *next)
{
    osk_desk_refuse(call, 409, "This is not public, so a link to it would show nothing", next);
}

/* What is in a hidden album is hidden with it. False when it was refused. */
static bool is_in_open_album(OskDeskCall *call, const OskId *id)
{
    static const OskId none;
    OskFault fault = { 0 };
    OskAlbum album;
    OskRecordRow row;
    if (memcmp(id, &none, sizeof(none)) == 0) {
        return true;
    }
    if (!osk_album_load(call->desk->store, id, &album, &row, &fault) && fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return false;
    }
    if (row.flags != OSK_ALBUM_OPEN) {
        refuse_unseen(call, "Open its album first, or take it out of there");
        return false;
    }
    return true;
}

/* False when it was refused. */
static bool is_public(OskDeskCall *call, const OskId *publication)
{
    OskFault fault = { 0 };
    OskPublicationItem item;
    if (!osk_publication_load(call->desk->store, publication, &item, &fault)) {
        if (fault.status != OSK_OK) {
            osk_desk_refuse_fault(call, &fault);
        } else {
            osk_desk_refuse(call, 404, "There is no such publication", "Load the list again");
        }
        return false;
    }
    OskPublicationState state = item.state;
    if (state == OSK_PUBLICATION_PUBLIC || state == OSK_PUBLICATION_UNLISTED) {
        return is_in_open_album(call, &item.what.album);
    }
    refuse_unseen(call, state == OSK_PUBLICATION_WAITING  ? "Ask a second person to approve it"
                        : state == OSK_PUBLICATION_HIDDEN ? "Show it again first"
                                                          : NULL);
    return false;
}

/* A last day that is counted from a wrong one is none. False when it was refused. */
static bool knows_days(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskClock clock = OSK_CLOCK_GOOD;
    if (osk_clock_look(call->desk->store, osk_desk_today(), &clock, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else if (clock != OSK_CLOCK_GOOD) {
        osk_desk_refuse(call, 409, "This server's clock is doubted: no day can be counted from it",
                        "Make the link without a last day, or ask who runs the server to set the "
                        "clock right");
    }
    return fault.status == OSK_OK && clock == OSK_CLOCK_GOOD;
}

/* What is asked for, but for the passphrase; false when it was refused. */
static bool read_share(OskDeskCall *call, OskShare *out)
{
    uint32_t days = 0;
    *out = (OskShare){ .made = osk_desk_today(),
                       .views = OSK_SHARE_VIEWS_ANY,
                       .maker = call->session.reviewer };
    if (!osk_hex_read(osk_desk_text(call, "publication"), &out->publication,
                      sizeof(out->publication))) {
        osk_desk_refuse(call, 400, "Say what the link leads to: a publication's id", NULL);
        return false;
    }
    if (!read_count(call, "expires_days", DAYS_MAX, &days) ||
        !read_count(call, "views", VIEWS_MAX, &out->views)) {
        osk_desk_refuse(call, 400, "A link opens for 1 to 365 days and 1 to 1,000,000 times",
                        "Leave a limit out for none");
        return false;
    }
    out->expires = days == 0 ? 0 : out->made + (OskDay)days;
    return (days == 0 || knows_days(call)) && is_public(call, &out->publication);
}

static OskJson *about_share(const OskShareFound *found)
{
    const OskShare *share = &found->share;
    OskJson *about = osk_json_object(NULL);
    osk_desk_set_id(about, "share", &found->row.key.id);
    if ((found->row.flags & OSK_SHARE_CHECKED) != 0) {
        osk_desk_set_id(about, "publication", &share->publication);
    }
    return about;
}

static OskStatus store_share(OskDeskCall *call, OskShareFound *found, OskFault *fault)
{
    OskStatus status = osk_share_write(&found->share, &found->row.bytes);
    if (status != OSK_OK) {
        fault->status = status;
        return status;
    }
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &found->row };
    const OskDeed deed = { .who = &call->session.reviewer,
                           .did = "share",
                           .about = about_share(found) };
    status = osk_audit_commit(call->desk->audit, &deed, &change, 1, fault);
    osk_bytes_clear(&found->row.bytes);
    return status;
}

static void make_share(OskDeskCall *call, const OskShare *share)
{
    static const char prefix[] = "/s/";
    OskFault fault = { 0 };
    char address[ADDRESS_BYTES];
    char *token = address + sizeof(prefix) - 1;
    OskShareFound found = { .row = { .key = { .space = OSK_SPACE_SHARE },
                                     .day = share->made,
                                     .flags = OSK_SHARE_CHECKED },
                            .share = *share };
    memcpy(address, prefix, sizeof(prefix));
    fault.status = osk_share_draw(token, &call->desk->random);
    if (fault.status == OSK_OK && osk_share_id(token, strlen(token), &found.row.key.id)) {
        fault.status = store_share(call, &found, &fault);
    }
    if (fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        OskJson *json = osk_json_object("oilskin/share/1");
        osk_desk_set_id(json, "share", &found.row.key.id);
        osk_json_set_text(json, "address", address);
        osk_desk_done(call, json);
    }
    osk_seal_wipe(address, sizeof(address));
}

static bool lock_and_make(OskTry *one)
{
    OskDeskCall *call = (OskDeskCall *)((char *)one - offsetof(OskDeskCall, one));
    OskFault fault = { 0 };
    OskShare share;
    if (!read_share(call, &share)) {
        return true;
    }
    fault.status =
        osk_share_set_passphrase(&share, osk_desk_text(call, "passphrase"), &call->desk->random);
    if (fault.status == OSK_MISUSE) {
        osk_desk_refuse(call, 400, "A link's passphrase has 8 to 256 bytes", NULL);
    } else if (fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        make_share(call, &share);
    }
    osk_seal_wipe(&share, sizeof(share));
    return true;
}

static void refuse_later(OskTry *one)
{
    OskDeskCall *call = (OskDeskCall *)((char *)one - offsetof(OskDeskCall, one));
    osk_desk_refuse(call, 429, "Too many wait for a passphrase now", "Try again in a moment");
}

/* A passphrase costs what a login costs: it has its turn among them, in a lane of its maker's that
 * no wrong login heats. */
static void run_make(OskDeskCall *call)
{
    static const char kind[] = "link of";
    uint8_t lane[sizeof(kind) + sizeof(OskId)];
    OskShare share;
    if (!call->desk->publishing.has_links) {
        osk_desk_refuse(call, 409, "This server opens no links: nobody could follow one",
                        "Who runs it can switch them on: [publish] links = yes");
        return;
    }
    if (osk_json_get(call->base.json, "passphrase") == NULL) {
        if (read_share(call, &share)) {
            make_share(call, &share);
        }
        return;
    }
    if (osk_desk_text(call, "passphrase") == NULL) {
        osk_desk_refuse(call, 400, "A passphrase is a text", NULL);
        return;
    }
    memcpy(lane, kind, sizeof(kind));
    memcpy(lane + sizeof(kind), &call->session.reviewer, sizeof(OskId));
    call->one.run = lock_and_make;
    call->one.refuse = refuse_later;
    osk_tries_add_known(call->desk->tries, &call->one, lane, sizeof(lane));
}

/* ---- ending one ---- */

/* One that has ended stays so, and needs no second entry. */
static OskStatus end_share(OskDeskCall *call, const OskId *id, OskFault *fault)
{
    OskDesk *desk = call->desk;
    OskStatus status = OSK_FOUND;
    for (unsigned i = 0; status == OSK_FOUND && i < ROUNDS; i++) {
        OskShareFound found;
        OskRecordRow row;
        *fault = (OskFault){ .status = OSK_OK };
        if (!osk_share_find(desk->store, id, &found, fault)) {
            return fault->status == OSK_OK ? OSK_UNSUPPORTED : fault->status;
        }
        if ((found.row.flags & OSK_SHARE_ENDED) != 0) {
            return OSK_OK;
        }
        status = fault->status = osk_share_end(&found, osk_desk_today(), &row);
        if (status == OSK_OK) {
            const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                                       .row.record = &row,
                                       .expected = row.version };
            const OskDeed deed = { .who = &call->session.reviewer,
                                   .did = "share-end",
                                   .about = about_share(&found),
                                   .uses_spare = true };
            status = osk_audit_commit(desk->audit, &deed, &change, 1, fault);
        }
        osk_bytes_clear(&row.bytes);
    }
    return status;
}

static void run_end(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskId id;
    const char *address = osk_desk_text(call, "address");
    bool is_named = address != NULL ? osk_share_address_id(address, &id)
                                    : osk_hex_read(osk_desk_text(call, "share"), &id, sizeof(id));
    if (!is_named) {
        osk_desk_refuse(call, 400, "Say which link: its address, or its id",
                        "An address ends in 22 letters");
        return;
    }
    OskStatus status = end_share(call, &id, &fault);
    if (status == OSK_UNSUPPORTED) {
        osk_desk_refuse(call, 404, "There is no such link",
                        "What is over for some days is forgotten");
    } else if (status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        OskJson *json = osk_json_object("oilskin/share-end/1");
        osk_desk_set_id(json, "share", &id);
        osk_desk_done(call, json);
    }
}

/* ---- the endpoints ---- */

static const char *const make_keys[] = { "publication", "expires_days", "views", "passphrase",
                                         NULL };
static const char *const end_keys[] = { "address", "share", NULL };

const OskDeskEndpoint osk_desk_shares_endpoints[] = {
    { "/api/shares", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_list },
    { "/api/shares", "POST", make_keys, BODY_MAX, OSK_ROLE_PUBLISHER, run_make },
    { "/api/shares/end", "POST", end_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_end },
};
const size_t osk_desk_shares_count =
    sizeof(osk_desk_shares_endpoints) / sizeof(osk_desk_shares_endpoints[0]);
