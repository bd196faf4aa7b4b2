/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/wraps.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"

/* What reviewers have written. */
static const OskSpace spaces[] = { OSK_SPACE_NOTE, OSK_SPACE_TAGS, OSK_SPACE_DRAFT,
                                   OSK_SPACE_ASSIGNMENT };
#define SPACES (sizeof(spaces) / sizeof(spaces[0]))

/* ---- one of them ---- */

static OskStatus gone(OskFault *fault)
{
    return osk_fault_set(fault, OSK_FOUND, "", "what was sealed is gone", OSK_NO_OFFSET);
}

static bool copy_bytes(const OskBytes *from, OskBytes *out)
{
    out->bytes = malloc(from->len + 1);
    if (out->bytes != NULL && from->len > 0) {
        memcpy(out->bytes, from->bytes, from->len);
    }
    out->len = out->bytes == NULL ? 0 : from->len;
    return out->bytes != NULL;
}

/* What a blob begins with, its newest header in front. */
static OskStatus read_head(OskStore *store, const OskWrapName *name, OskWrapped *out,
                           OskFault *fault)
{
    OskSealed *sealed = NULL;
    if (osk_store_sealed_open(store, &name->owner, &name->id, &sealed, fault) != OSK_OK) {
        return gone(fault);
    }
    OskSource source = osk_store_sealed_source(sealed);
    size_t len = source.size < OSK_SEAL_HEADER_MAX ? (size_t)source.size : OSK_SEAL_HEADER_MAX;
    out->bytes.bytes = malloc(len + 1);
    OskStatus status = out->bytes.bytes == NULL ? OSK_NO_MEMORY : OSK_OK;
    if (status == OSK_OK) {
        out->bytes.len = len;
        status = source.read(source.context, 0, out->bytes.bytes, len) ? OSK_OK : OSK_IO;
    }
    osk_store_sealed_close(&sealed);
    return status;
}

/* Whether a head of the blob itself was not wiped. */
static bool has_head(OskStore *store, const OskId *blob)
{
    OskFault fault = { 0 };
    OskBlobReader *reader = NULL;
    uint8_t first = 0;
    if (osk_blob_open(store, blob, &reader, &fault) == OSK_OK) {
        OskSource source = osk_blob_source(reader);
        (void)(source.size > 0 && source.read(source.context, 0, &first, 1));
        osk_blob_close(&reader);
    }
    return first != 0;
}

static OskStatus open_blob(OskStore *store, const OskWrapName *name, OskWrapped *out,
                           OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_HEADER, .owner = name->owner, .id = name->id };
    OskRecordRow row;
    OskStatus status = read_head(store, name, out, fault);
    if (status == OSK_OK && osk_store_record(store, &key, &row, fault)) {
        out->version = row.version;
        out->old_len = row.flags;
        out->has_old = has_head(store, &name->id);
        osk_record_row_free(&row);
    } else if (status == OSK_OK && fault->status != OSK_OK) {
        status = fault->status;
    }
    return status;
}

static OskStatus open_submission(OskStore *store, const OskWrapName *name, OskWrapped *out,
                                 OskFault *fault)
{
    OskSubmissionRow row;
    if (!osk_store_submission(store, &name->owner, &row, fault)) {
        return fault->status == OSK_OK ? gone(fault) : fault->status;
    }
    memcpy(out->receipt.key, row.reply_key, sizeof(out->receipt.key));
    bool copied = name->kind != OSK_WRAP_MANIFEST || copy_bytes(&row.manifest, &out->bytes);
    osk_submission_row_free(&row);
    return copied ? OSK_OK : OSK_NO_MEMORY;
}

typedef struct Sought {
    uint32_t number;
    OskWrapped *out;
    bool is_there;
} Sought;

static bool take_message(void *context, const OskMessageRow *row)
{
    Sought *sought = context;
    if (row->number == sought->number) {
        sought->out->is_reply = row->from_desk;
        sought->is_there = copy_bytes(&row->sealed, &sought->out->bytes);
    }
    return row->number != sought->number;
}

static OskStatus open_message(OskStore *store, const OskWrapName *name, OskWrapped *out,
                              OskFault *fault)
{
    Sought sought = { .number = name->number, .out = out };
    OskStatus status = open_submission(store, name, out, fault);
    if (status == OSK_OK) {
        status = osk_store_messages(store, &name->owner, take_message, &sought, fault);
    }
    return status == OSK_OK && !sought.is_there ? gone(fault) : status;
}

static OskStatus open_record(OskStore *store, const OskWrapName *name, OskWrapped *out,
                             OskFault *fault)
{
    const OskRecordKey key = { .space = (OskSpace)name->number,
                               .owner = name->owner,
                               .id = name->id };
    OskRecordRow row;
    if (!osk_store_record(store, &key, &row, fault)) {
        return fault->status == OSK_OK ? gone(fault) : fault->status;
    }
    out->version = row.version;
    bool copied = copy_bytes(&row.bytes, &out->bytes);
    osk_record_row_free(&row);
    return copied ? OSK_OK : OSK_NO_MEMORY;
}

OskStatus osk_wrapped_open(OskStore *store, const OskWrapName *name, OskWrapped *out,
                           OskFault *fault)
{
    static OskStatus (*const openers[])(OskStore *, const OskWrapName *, OskWrapped *,
                                        OskFault *) = { open_blob, open_submission, open_message,
                                                        open_record };
    *out = (OskWrapped){ .version = 0 };
    *fault = (OskFault){ .status = OSK_OK };
    OskStatus status = openers[name->kind](store, name, out, fault);
    if (status == OSK_OK &&
        osk_seal_header_read(out->bytes.bytes, out->bytes.len, &out->header, NULL) != OSK_OK) {
        status = gone(fault);
    }
    if (status == OSK_OK && out->version == 0) {
        out->old_len = (uint32_t)out->header.len;
    }
    if (status != OSK_OK) {
        osk_wrapped_free(out);
    }
    return status;
}

void osk_wrapped_free(OskWrapped *wrapped)
{
    osk_bytes_clear(&wrapped->bytes);
}

bool osk_wrapped_fits(const OskWrapped *wrapped, const OskSealHeader *header,
                      const OskRecipient *keys, size_t count)
{
    OskRecipient all[OSK_SEAL_RECIPIENTS_MAX];
    uint8_t list[OSK_SEAL_LIST_BYTES];
    size_t all_count = count < OSK_SEAL_RECIPIENTS_MAX ? count : OSK_SEAL_RECIPIENTS_MAX - 1;
    memcpy(all, keys, all_count * sizeof(*all));
    if (wrapped->is_reply) {
        all[all_count++] = wrapped->receipt;
    }
    osk_seal_list(all, all_count, list);
    return header->names_list && memcmp(header->list, list, sizeof(list)) == 0 &&
           header->recipient_count == all_count && header->stanza_count == all_count + 1;
}

/* ---- all of a submission ---- */

typedef struct Walk {
    OskStore *store;
    OskWrapName name;
    bool (*each)(void *context, const OskWrapName *name);
    void *context;
    OskStatus status;
    OskFault *fault;
    bool is_over;
} Walk;

static bool tell(Walk *walk)
{
    walk->is_over = walk->is_over || !walk->each(walk->context, &walk->name);
    return !walk->is_over;
}

static bool walk_segment(void *context, const OskSegmentRow *row)
{
    Walk *walk = context;
    walk->name = (OskWrapName){ .kind = OSK_WRAP_BLOB, .owner = row->owner, .id = row->blob };
    return tell(walk);
}

static bool walk_preview(void *context, const OskRecordRow *row)
{
    static const OskId no_id;
    Walk *walk = context;
    walk->name = (OskWrapName){ .kind = OSK_WRAP_BLOB, .owner = row->key.owner, .id = row->blob };
    return memcmp(&row->blob, &no_id, sizeof(no_id)) == 0 || tell(walk);
}

static bool walk_file(void *context, const OskFileRow *row)
{
    Walk *walk = context;
    const OskRecordQuery looks = { .space = OSK_SPACE_LOOK,
                                   .owner = &row->id,
                                   .without_bytes = true };
    walk->status = osk_store_segments(walk->store, &row->id, walk_segment, walk, walk->fault);
    if (walk->status == OSK_OK && !walk->is_over) {
        walk->status = osk_store_records(walk->store, &looks, walk_preview, walk, walk->fault);
    }
    return walk->status == OSK_OK && !walk->is_over;
}

static bool walk_message(void *context, const OskMessageRow *row)
{
    Walk *walk = context;
    walk->name =
        (OskWrapName){ .kind = OSK_WRAP_MESSAGE, .owner = row->submission, .number = row->number };
    return tell(walk);
}

static bool walk_record(void *context, const OskRecordRow *row)
{
    Walk *walk = context;
    walk->name = (OskWrapName){ .kind = OSK_WRAP_RECORD,
                                .owner = row->key.owner,
                                .id = row->key.id,
                                .number = (uint32_t)row->key.space };
    return tell(walk);
}

OskStatus osk_wraps_each(OskStore *store, const OskId *submission,
                         bool (*each)(void *context, const OskWrapName *name), void *context,
                         OskFault *fault)
{
    Walk walk = { .store = store,
                  .name = { .kind = OSK_WRAP_MANIFEST, .owner = *submission },
                  .each = each,
                  .context = context,
                  .fault = fault };
    OskStatus status = OSK_OK;
    (void)tell(&walk);
    if (!walk.is_over) {
        status = osk_store_messages(store, submission, walk_message, &walk, fault);
    }
    for (size_t i = 0; i < SPACES && status == OSK_OK && !walk.is_over; i++) {
        const OskRecordQuery query = { .space = spaces[i],
                                       .owner = submission,
                                       .without_bytes = true };
        status = osk_store_records(store, &query, walk_record, &walk, fault);
    }
    if (status == OSK_OK && !walk.is_over) {
        status = osk_store_files(store, submission, walk_file, &walk, fault);
    }
    return status == OSK_OK ? walk.status : status;
}
