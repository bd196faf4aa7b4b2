/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/links.h"

#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"
#include "store/clock.h"

static const char *const kind_names[] = { "first", "invite", "reset" };

const char *osk_link_kind_name(OskLinkKind kind)
{
    return kind_names[kind];
}

OskRecordRow osk_link_row(const OskLink *link)
{
    return (OskRecordRow){ .key = { .space = OSK_SPACE_LINK, .id = link->id },
                           .version = link->version };
}

static void digest_of(const char *text, uint8_t out[32])
{
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, text, strlen(text));
    osk_sha256_end(&hash, out);
}

/* ---- rows ---- */

static bool read_kind(const char *name, OskLinkKind *out)
{
    for (int kind = OSK_LINK_FIRST; name != NULL && kind <= OSK_LINK_RESET; kind++) {
        if (strcmp(kind_names[kind], name) == 0) {
            *out = (OskLinkKind)kind;
            return true;
        }
    }
    return false;
}

static bool read_row(const OskRecordRow *row, OskLink *out)
{
    OskJson *json = NULL;
    OskFault fault = { 0 };
    *out = (OskLink){ .id = row->key.id, .version = row->version, .until = (OskDay)row->flags };
    bool fits =
        osk_json_read(&json, (const char *)row->bytes.bytes, row->bytes.len, &fault) == OSK_OK &&
        read_kind(osk_json_text(osk_json_get(json, "kind")), &out->kind) &&
        osk_hex_read(osk_json_text(osk_json_get(json, "digest")), out->digest, 32) &&
        osk_hex_read(osk_json_text(osk_json_get(json, "reviewer")), &out->reviewer,
                     sizeof(out->reviewer)) &&
        osk_hex_read(osk_json_text(osk_json_get(json, "by")), &out->by, sizeof(out->by));
    out->role = fits ? osk_role_of(osk_json_text(osk_json_get(json, "role"))) : OSK_ROLE_NONE;
    osk_json_free(&json);
    return fits && (out->kind == OSK_LINK_RESET || out->role != OSK_ROLE_NONE);
}

static char *write_row(const OskLink *link, size_t *out_len)
{
    char text[OSK_HEX_BYTES(32)];
    OskJson *json = osk_json_object("oilskin/link/1");
    osk_json_set_text(json, "kind", kind_names[link->kind]);
    osk_json_set_text(json, "role", osk_role_name(link->role));
    osk_hex_write(&link->reviewer, sizeof(link->reviewer), text);
    osk_json_set_text(json, "reviewer", text);
    osk_hex_write(&link->by, sizeof(link->by), text);
    osk_json_set_text(json, "by", text);
    osk_hex_write(link->digest, sizeof(link->digest), text);
    osk_json_set_text(json, "digest", text);
    char *row = osk_json_write(json, out_len);
    osk_json_free(&json);
    return row;
}

/* ---- looking up ---- */

static bool is_nobody(const OskId *id)
{
    static const OskId nobody;
    return memcmp(id, &nobody, sizeof(nobody)) == 0;
}

/* Whose days are over, or who made it is an admin no more: then it lets nobody in, not by what was
 * made before, or meanwhile. What the date is not believed of is neither good nor over. */
typedef enum Standing { STANDS, STANDS_DOUBTED, STANDS_NOT } Standing;

static Standing standing_of(const OskLinks *links, const OskLink *link, OskClock clock)
{
    OskTerm term = osk_clock_term(clock, link->until, osk_desk_today());
    OskReviewer by;
    bool is_admin = is_nobody(&link->by);
    if (!is_admin && osk_reviewers_get(links->reviewers, &link->by, &by)) {
        is_admin = by.role == OSK_ROLE_ADMIN;
        osk_seal_wipe(&by, sizeof(by));
    }
    return !is_admin || term == OSK_TERM_IS_OVER ? STANDS_NOT
           : term == OSK_TERM_IS_DOUBTED         ? STANDS_DOUBTED
                                                 : STANDS;
}

typedef struct Listing {
    const OskLinks *of;
    OskClock clock;
    OskLink *links;
    size_t count;
    OskRecordKey over[OSK_LINKS_MAX]; /* or unreadable */
    size_t over_count;
} Listing;

static bool list_row(void *context, const OskRecordRow *row)
{
    Listing *listing = context;
    OskLink link;
    Standing standing =
        read_row(row, &link) ? standing_of(listing->of, &link, listing->clock) : STANDS_NOT;
    if (standing == STANDS) {
        if (listing->count < OSK_LINKS_MAX) {
            listing->links[listing->count++] = link;
        }
    } else if (standing == STANDS_NOT && listing->over_count < OSK_LINKS_MAX) {
        listing->over[listing->over_count++] = row->key;
    }
    return true;
}

static OskStatus list(Listing *listing, OskFault *fault)
{
    const OskRecordQuery query = { .space = OSK_SPACE_LINK };
    OskStore *store = listing->of->store;
    OskStatus status = osk_clock_look(store, osk_desk_today(), &listing->clock, fault);
    return status == OSK_OK ? osk_store_records(store, &query, list_row, listing, fault) : status;
}

OskStatus osk_links_list(const OskLinks *links, OskLink out[OSK_LINKS_MAX], size_t *out_count,
                         OskFault *fault)
{
    Listing listing = { .of = links, .links = out };
    OskStatus status = list(&listing, fault);
    *out_count = listing.count;
    return status;
}

bool osk_links_find(const OskLinks *links, const char *text, OskLink *out)
{
    OskFault fault = { 0 };
    OskRecordRow row;
    OskRecordKey key = { .space = OSK_SPACE_LINK };
    uint8_t digest[32];
    if (text == NULL || strlen(text) != OSK_DESK_LINK_BYTES - 1) {
        return false;
    }
    digest_of(text, digest);
    memcpy(&key.id, digest, sizeof(key.id));
    OskClock clock = OSK_CLOCK_GOOD;
    if (osk_clock_look(links->store, osk_desk_today(), &clock, &fault) != OSK_OK ||
        !osk_store_record(links->store, &key, &row, &fault)) {
        return false;
    }
    bool fits = read_row(&row, out) && osk_seal_equal(out->digest, digest, sizeof(digest)) &&
                standing_of(links, out, clock) == STANDS;
    osk_record_row_free(&row);
    return fits;
}

/* ---- making ---- */

static OskJson *about_json(const OskLink *link)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *about = osk_json_object(NULL);
    osk_json_set_text(about, "kind", kind_names[link->kind]);
    if (link->kind == OSK_LINK_RESET) {
        osk_hex_write(&link->reviewer, sizeof(link->reviewer), text);
        osk_json_set_text(about, "reviewer", text);
    } else {
        osk_json_set_text(about, "role", osk_role_name(link->role));
    }
    return about;
}

/* Those that the new one takes the place of, and those that are good no more. */
static size_t drop_others(Listing *listing, const OskLink *link, OskChange *changes)
{
    size_t count = 0;
    for (size_t i = 0; i < listing->over_count; i++) {
        changes[count++] =
            (OskChange){ .kind = OSK_ROW_RECORD_DROP, .row.record_key = &listing->over[i] };
    }
    for (size_t i = 0; i < listing->count && listing->over_count < OSK_LINKS_MAX; i++) {
        const OskLink *old = &listing->links[i];
        if (old->kind == link->kind && link->kind != OSK_LINK_INVITE &&
            memcmp(&old->reviewer, &link->reviewer, sizeof(old->reviewer)) == 0) {
            OskRecordKey *key = &listing->over[listing->over_count++];
            *key = (OskRecordKey){ .space = OSK_SPACE_LINK, .id = old->id };
            changes[count++] = (OskChange){ .kind = OSK_ROW_RECORD_DROP, .row.record_key = key };
        }
    }
    return count;
}

static OskStatus store_link(const OskLinks *links, OskLink *link, OskFault *fault)
{
    OskLink open[OSK_LINKS_MAX];
    OskChange changes[OSK_LINKS_MAX + 1];
    Listing listing = { .of = links, .links = open };
    size_t len = 0;
    OskStatus status = list(&listing, fault);
    if (status != OSK_OK) {
        return status;
    }
    if (listing.count == OSK_LINKS_MAX) {
        return osk_fault_set(fault, OSK_LIMIT, "links", "too many links are open", OSK_NO_OFFSET);
    }
    char *text = write_row(link, &len);
    if (text == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    OskRecordRow row = osk_link_row(link);
    row.day = osk_desk_today();
    row.flags = (uint32_t)link->until;
    row.bytes = (OskBytes){ .bytes = (uint8_t *)text, .len = len };
    size_t count = drop_others(&listing, link, changes);
    changes[count++] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &row };
    const OskDeed deed = { .who = is_nobody(&link->by) ? NULL : &link->by,
                           .did = "link",
                           .about = about_json(link) };
    status = osk_audit_commit(links->audit, &deed, changes, count, fault);
    osk_json_text_free(text);
    return status;
}

OskStatus osk_links_make(const OskLinks *links, OskLink *link, char out[OSK_DESK_LINK_BYTES],
                         OskFault *fault)
{
    uint8_t drawn[16];
    if (!links->random->fill(links->random->context, drawn, sizeof(drawn))) {
        return osk_fault_set(fault, OSK_IO, "", "the kernel has no randomness", OSK_NO_OFFSET);
    }
    osk_hex_write(drawn, sizeof(drawn), out);
    osk_seal_wipe(drawn, sizeof(drawn));
    digest_of(out, link->digest);
    memcpy(&link->id, link->digest, sizeof(link->id));
    link->version = 0;
    link->until = osk_desk_today() + OSK_LINK_DAYS;
    OskStatus status = store_link(links, link, fault);
    if (status != OSK_OK) {
        osk_seal_wipe(out, OSK_DESK_LINK_BYTES);
    }
    return status;
}
