/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Complete uploads, taken as they are: one of several, and one for a submission. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "host/random.h"
#include "intake/upload.h"

/* Many parts are a client's way to send in parallel; thousands are somebody's who wants a long
 * transaction. */
#define PARTS_MAX 64u

/* ---- for a submission ---- */

static bool note_segment(void *context, const OskSegmentRow *segment)
{
    OskComplete *complete = context;
    if (segment->number >= complete->row.segment_count) {
        return false;
    }
    complete->segments[segment->number] = *segment;
    return true;
}

static OskStatus read_segments(OskSpool *spool, OskComplete *out, OskFault *fault)
{
    uint32_t count = out->row.segment_count;
    out->segments = calloc(count + 1, sizeof(*out->segments));
    if (out->segments == NULL) {
        return OSK_NO_MEMORY;
    }
    OskStatus status = osk_store_segments(spool->store, &out->row.id, note_segment, out, fault);
    for (uint32_t i = 0; status == OSK_OK && i < count; i++) {
        /* A gap would be a row that the store has lost. */
        status = out->segments[i].sealed_len > 0 ? OSK_OK : OSK_BUG;
        out->len += out->pieces.lens[i];
    }
    return status == OSK_OK && out->len != out->row.offset ? OSK_BUG : status;
}

OskStatus osk_spool_complete(OskSpool *spool, const char *token, OskComplete *out, OskFault *fault)
{
    uint8_t bytes[OSK_TOKEN_BYTES];
    OskLookup lookup;
    OskFault reading = { .status = OSK_OK };
    *out = (OskComplete){ 0 };
    if (!osk_token_read(token, bytes)) {
        return osk_spool_fail(fault, OSK_AUTH, "there is no such upload", "send the file again");
    }
    OskUploadSecret *secret = osk_locked_alloc(sizeof(*secret));
    OskStatus status = secret != NULL ? OSK_OK : OSK_NO_MEMORY;
    if (status == OSK_OK) {
        osk_token_derive(bytes, &lookup, secret->key);
        if (!osk_store_upload(spool->store, &lookup, &out->row, &reading)) {
            status = reading.status != OSK_OK ? reading.status : OSK_AUTH;
        } else if ((out->row.flags & OSK_UPLOAD_COMPLETE) == 0) {
            status = OSK_MISUSE;
        } else {
            status = osk_upload_unwrap(spool->ring, &out->row, secret, &out->pieces);
        }
    }
    osk_seal_wipe(bytes, sizeof(bytes));
    osk_locked_free(secret);
    if (status == OSK_OK && out->pieces.count != out->row.segment_count) {
        status = OSK_AUTH;
    }
    if (status == OSK_OK) {
        status = read_segments(spool, out, fault);
    }
    osk_keyring_expire_from_now(spool->ring, &out->row.id);
    switch (status) {
    case OSK_OK: return OSK_OK;
    case OSK_AUTH:
        return osk_spool_fail(fault, status, "there is no such upload", "send the file again");
    case OSK_MISUSE:
        return osk_spool_fail(fault, status, "a file has not arrived completely",
                              "send what is missing, then submit again");
    default: return osk_spool_fail(fault, status, "the uploads can't be read", "try again later");
    }
}

void osk_complete_free(OskComplete *complete)
{
    osk_upload_row_free(&complete->row);
    osk_pieces_free(&complete->pieces);
    free(complete->segments);
    *complete = (OskComplete){ 0 };
}

/* ---- tus concatenation ---- */

typedef struct Join {
    OskSpool *spool;
    OskUploadRow row;
    OskPieces pieces;
    OskChange changes[2 * PARTS_MAX + 1];
    size_t count;
} Join;

/* One part's segments and keys, behind those that were there. */
static OskStatus join_part(Join *join, const char *token, OskFault *fault)
{
    OskComplete part;
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    OskStatus status = osk_spool_complete(join->spool, token, &part, fault);
    uint32_t from = join->pieces.count;
    if (status == OSK_OK && (part.row.flags & OSK_UPLOAD_PARTIAL) == 0) {
        status = osk_spool_fail(fault, OSK_MISUSE, "only partial uploads can be joined",
                                "create each part with Upload-Concat: partial");
    }
    for (size_t i = 1; status == OSK_OK && i < join->count; i += 2) {
        if (memcmp(join->changes[i].row.id.bytes, part.row.id.bytes, OSK_ID_BYTES) == 0) {
            status =
                osk_spool_fail(fault, OSK_MISUSE, "a part is named twice", "name each part once");
        }
    }
    if (status == OSK_OK && from + part.pieces.count > OSK_SPOOL_SEGMENTS_MAX) {
        status = osk_spool_fail_pieces(fault);
    }
    for (uint32_t i = 0; status == OSK_OK && i < part.pieces.count; i++) {
        bool moved = osk_keyring_get(join->spool->ring, &part.row.id, i, key) &&
                     osk_keyring_put(join->spool->ring, &join->row.id, from + i, key) == OSK_OK &&
                     osk_pieces_add(&join->pieces, part.pieces.lens[i]);
        status = moved ? OSK_OK : OSK_NO_MEMORY;
    }
    osk_seal_wipe(key, sizeof(key));
    if (status == OSK_OK) {
        join->row.offset += part.len;
        join->changes[join->count++] = (OskChange){ .kind = OSK_ROW_SEGMENTS_MOVE,
                                                    .row.id = part.row.id,
                                                    .other = join->row.id,
                                                    .expected = from };
        join->changes[join->count++] =
            (OskChange){ .kind = OSK_ROW_UPLOAD_DROP, .row.id = part.row.id };
    }
    osk_complete_free(&part);
    return status;
}

OskStatus osk_spool_concat(OskSpool *spool, const char *const *tokens, size_t count,
                           const OskUploadWish *wish, char out_token[OSK_TOKEN_TEXT_BYTES],
                           OskFault *fault)
{
    uint8_t token[OSK_TOKEN_BYTES];
    OskStatus status = OSK_NO_MEMORY;
    if (count == 0 || count > PARTS_MAX) {
        return osk_spool_fail(fault, OSK_LIMIT, "too many parts, or none", "send at most 64 parts");
    }
    Join *join = calloc(1, sizeof(*join));
    OskUploadSecret *secret = NULL;
    if (join != NULL && osk_random_fill(NULL, token, sizeof(token)) &&
        osk_upload_make(wish, token, &join->row, &secret)) {
        join->spool = spool;
        join->changes[join->count++] =
            (OskChange){ .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &join->row };
        status = OSK_OK;
    }
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        status = join_part(join, tokens[i], fault);
    }
    if (status == OSK_OK) {
        join->row.flags = (join->row.flags & ~(uint32_t)OSK_UPLOAD_PARTIAL) | OSK_UPLOAD_COMPLETE;
        join->row.declared_len = join->row.offset;
        join->row.segment_count = join->pieces.count;
        status = osk_upload_wrap(spool->ring, &join->row, secret, &join->pieces);
    }
    if (status == OSK_OK) {
        status = osk_spool_commit(spool->store, join->changes, join->count, NULL, fault);
    }
    for (size_t i = 2; status == OSK_OK && i < join->count; i += 2) {
        osk_keyring_forget(spool->ring, &join->changes[i].row.id);
    }
    if (status == OSK_OK) {
        osk_token_text(token, out_token);
        osk_keyring_expire_from_now(spool->ring, &join->row.id);
    } else if (join != NULL) {
        osk_keyring_forget(spool->ring, &join->row.id);
    }
    osk_locked_free(secret);
    osk_seal_wipe(token, sizeof(token));
    if (join != NULL) {
        osk_upload_row_free(&join->row);
        osk_pieces_free(&join->pieces);
    }
    free(join);
    return status == OSK_OK
               ? OSK_OK
               : osk_spool_fail(fault, status, "the parts could not be joined", "try again later");
}
