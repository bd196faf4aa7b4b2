/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/publications.h"

#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"

#define RUNS 3

static const OskId nobody;

static bool is_same(const OskId *a, const OskId *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* ---- which step leads where ---- */

void osk_publication_show(OskPublicationItem *item)
{
    bool has_album = !is_same(&item->what.album, &nobody);
    item->state = has_album ? OSK_PUBLICATION_PUBLIC : OSK_PUBLICATION_UNLISTED;
    item->what.was_public = true;
}

/* Where two are needed it waits for the other one. */
static void wait_or_show(OskPublicationItem *item, bool waits)
{
    if (waits) {
        item->state = OSK_PUBLICATION_WAITING;
    } else {
        osk_publication_show(item);
    }
}

static bool is_shown(OskPublicationState state)
{
    return state == OSK_PUBLICATION_PUBLIC || state == OSK_PUBLICATION_UNLISTED;
}

/* Who words a copy anew becomes its maker without having looked at it. Before a second person has
 * seen it, that would let the one who made it approve it. */
static bool is_for_its_maker(const OskPublicationItem *item, const OskPublisher *by)
{
    return by->needs_second && !is_shown(item->state) && is_same(&item->what.second, &nobody) &&
           !is_same(&item->what.maker, by->who) && !item->what.was_seen;
}

static const char *change(OskPublicationItem *item, const OskPublisher *by)
{
    if (is_for_its_maker(item, by)) {
        return "No second person has looked at this yet: only who made it words it anew";
    }
    item->what.maker = *by->who;
    item->what.second = nobody;
    if (is_shown(item->state)) {
        wait_or_show(item, by->needs_second);
    }
    return NULL;
}

static const char *approve(OskPublicationItem *item, const OskPublisher *by)
{
    if (item->state != OSK_PUBLICATION_WAITING) {
        return "This waits for nobody";
    }
    if (is_same(&item->what.maker, by->who)) {
        return "Nobody approves what is their own";
    }
    item->what.second = *by->who;
    item->what.was_seen = true;
    osk_publication_show(item);
    return NULL;
}

static const char *hide(OskPublicationItem *item)
{
    if (!is_shown(item->state)) {
        return "Only what is public can be hidden";
    }
    item->state = OSK_PUBLICATION_HIDDEN;
    return NULL;
}

static const char *show(OskPublicationItem *item, const OskPublisher *by)
{
    if (item->state != OSK_PUBLICATION_HIDDEN) {
        return "Only what is hidden can be shown again";
    }
    bool was_seen = !is_same(&item->what.second, &nobody);
    wait_or_show(item, by->needs_second && !was_seen);
    return NULL;
}

/* Words go with the copy: it may be they that should never have been there. */
static const char *withdraw(OskPublicationItem *item)
{
    item->state = OSK_PUBLICATION_WITHDRAWN;
    item->blob = nobody;
    item->blob_len = 0;
    item->what.rendition_count = 0;
    memset(item->what.caption, 0, sizeof(item->what.caption));
    memset(item->what.alt, 0, sizeof(item->what.alt));
    memset(item->what.warning, 0, sizeof(item->what.warning));
    return NULL;
}

const char *osk_publication_step(OskPublicationItem *item, OskPublicationStep step,
                                 const OskPublisher *by)
{
    if (item->state == OSK_PUBLICATION_WITHDRAWN) {
        return "This was withdrawn, for good";
    }
    switch (step) {
    case OSK_STEP_CHANGE: return change(item, by);
    case OSK_STEP_APPROVE: return approve(item, by);
    case OSK_STEP_HIDE: return hide(item);
    case OSK_STEP_SHOW: return show(item, by);
    case OSK_STEP_WITHDRAW: return withdraw(item);
    }
    return "This is nothing that can be done here";
}

/* ---- reading ---- */

bool osk_publication_of_row(const OskRecordRow *row, OskPublicationItem *out)
{
    *out = (OskPublicationItem){ .id = row->key.id,
                                 .version = row->version,
                                 .state = (OskPublicationState)row->flags,
                                 .blob = row->blob,
                                 .blob_len = row->sealed_len };
    return row->flags >= OSK_PUBLICATION_WAITING && row->flags <= OSK_PUBLICATION_WITHDRAWN &&
           osk_publication_read(&out->what, &row->bytes);
}

/* Of what is there and can't be read. */
static bool fail(OskFault *fault, const char *part)
{
    osk_fault_set(fault, OSK_MALFORMED, part, "this can't be read", OSK_NO_OFFSET);
    return false;
}

bool osk_publication_load(OskStore *store, const OskId *id, OskPublicationItem *out,
                          OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_PUBLICATION, .id = *id };
    OskRecordRow row;
    if (!osk_store_record(store, &key, &row, fault)) {
        return false;
    }
    bool fits = osk_publication_of_row(&row, out);
    osk_record_row_free(&row);
    return fits || fail(fault, "publication");
}

bool osk_album_load(OskStore *store, const OskId *id, OskAlbum *out, OskRecordRow *out_row,
                    OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_ALBUM, .id = *id };
    if (!osk_store_record(store, &key, out_row, fault)) {
        return false;
    }
    bool fits = osk_album_read(out, &out_row->bytes);
    osk_record_row_free(out_row);
    out_row->bytes = (OskBytes){ .len = 0 };
    return fits || fail(fault, "album");
}

/* ---- storing ---- */

typedef struct Writing {
    OskRecordRow rows[2]; /* the publication, and its album where that changes */
    OskChange changes[3];
    size_t count;
} Writing;

static void add(Writing *writing, const OskRecordRow *row, uint64_t expected)
{
    writing->changes[writing->count++] =
        (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = row, .expected = expected };
}

/* The day of an album is that of the newest that is in it. */
static OskStatus add_album(Writing *writing, OskStore *store, const OskPublicationItem *item,
                           OskFault *fault)
{
    OskAlbum album;
    OskRecordRow *row = &writing->rows[1];
    if (!osk_album_load(store, &item->what.album, &album, row, fault)) {
        return fault->status != OSK_OK
                   ? fault->status
                   : osk_fault_set(fault, OSK_FOUND, "", "there is no such album", OSK_NO_OFFSET);
    }
    if (album.day >= item->what.day) {
        return OSK_OK;
    }
    album.day = item->what.day;
    row->day = album.day;
    OskStatus status = osk_album_write(&album, &row->bytes);
    if (status == OSK_OK) {
        add(writing, row, row->version);
    }
    return status;
}

static OskJson *about_item(const OskPublicationItem *item, OskJson *about)
{
    char digest[OSK_HEX_BYTES(OSK_DIGEST_BYTES)];
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *json = about != NULL ? about : osk_json_object(NULL);
    osk_hex_write(&item->id, sizeof(item->id), id);
    osk_hex_write(item->what.digest, sizeof(item->what.digest), digest);
    osk_json_set_text(json, "publication", id);
    osk_json_set_text(json, "copy", digest);
    osk_json_set_whole(json, "areas", item->what.areas);
    return json;
}

/* @param about copied. */
static OskStatus store_once(const OskPublisher *by, const OskPublicationItem *item,
                            const OskPublicationDeed *deed, OskFault *fault)
{
    Writing writing = { .count = 0 };
    writing.rows[0] = (OskRecordRow){ .key = { .space = OSK_SPACE_PUBLICATION, .id = item->id },
                                      .day = item->what.day,
                                      .flags = (uint32_t)item->state,
                                      .blob = item->blob,
                                      .sealed_len = item->blob_len };
    OskStatus status = osk_publication_write(&item->what, &writing.rows[0].bytes);
    if (status == OSK_OK) {
        add(&writing, &writing.rows[0], item->version);
    }
    if (status == OSK_OK && item->state == OSK_PUBLICATION_PUBLIC) {
        status = add_album(&writing, by->store, item, fault);
    }
    if (status == OSK_OK && deed->beside != NULL) {
        add(&writing, deed->beside, deed->beside->version);
    }
    if (status == OSK_OK) {
        const OskDeed done = { .who = by->who,
                               .did = deed->did,
                               .about = osk_json_copy(deed->about),
                               .uses_spare = item->state == OSK_PUBLICATION_HIDDEN ||
                                             item->state == OSK_PUBLICATION_WITHDRAWN };
        status = osk_audit_commit(by->audit, &done, writing.changes, writing.count, fault);
    }
    osk_bytes_clear(&writing.rows[0].bytes);
    osk_bytes_clear(&writing.rows[1].bytes);
    return status;
}

OskStatus osk_publication_store(const OskPublisher *by, const OskPublicationItem *item,
                                const OskPublicationDeed *deed, OskFault *fault)
{
    OskPublicationDeed whole = *deed;
    whole.about = about_item(item, deed->about);
    OskStatus status = OSK_FOUND;
    /* Two who publish at once into one album may be each other's conflict, where nothing is. */
    for (int i = 0; i < RUNS && status == OSK_FOUND; i++) {
        *fault = (OskFault){ .status = OSK_OK };
        status = store_once(by, item, &whole, fault);
    }
    osk_json_free(&whole.about);
    return status == OSK_OK || fault->status != OSK_OK
               ? status
               : osk_fault_set(fault, status, "", "this could not be stored", OSK_NO_OFFSET);
}

OskStatus osk_publication_add(const OskPublisher *by, OskPublicationItem *item,
                              const OskPublicationDeed *deed, OskBlobWriter **writer,
                              OskFault *fault)
{
    OskFault ignored = { .status = OSK_OK };
    OskStatus status = osk_blob_commit(writer, item->blob_len, &item->blob, fault);
    if (status != OSK_OK) {
        OskJson *about = deed->about;
        osk_json_free(&about);
        return status;
    }
    status = osk_publication_store(by, item, deed, fault);
    if (status != OSK_OK && status != OSK_IO) {
        (void)osk_blob_recall(by->store, &item->blob, writer, &ignored);
    }
    return status;
}
