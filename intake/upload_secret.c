/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens, and the box in a row that only its token opens.
 *
 * In the box, little end first: version (4), words of the receipt (96, zeros for none), fingerprint
 * (32), number of segments (4), and for each its number (4), length (8) and file key (16). */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "host/random.h"
#include "intake/spool_state.h"

#define VERSION 1u
#define FIXED_BYTES (4u + OSK_RECEIPT_TEXT_BYTES + 32u + 4u)
#define PIECE_BYTES (4u + 8u + OSK_SEAL_FILE_KEY_BYTES)

_Static_assert(FIXED_BYTES + PIECE_BYTES * (size_t)OSK_SPOOL_SEGMENTS_MAX + OSK_BOX_EXTRA_BYTES <=
                   OSK_SMALL_BLOB_BYTES,
               "the keys of all segments fit into a row");

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool osk_pieces_add(OskPieces *pieces, uint64_t len)
{
    if (pieces->count == pieces->room) {
        uint32_t room = pieces->room == 0 ? 8 : pieces->room * 2;
        uint64_t *lens = realloc(pieces->lens, room * sizeof(*lens));
        if (lens == NULL) {
            return false;
        }
        pieces->lens = lens;
        pieces->room = room;
    }
    pieces->lens[pieces->count++] = len;
    return true;
}

void osk_pieces_free(OskPieces *pieces)
{
    free(pieces->lens);
    *pieces = (OskPieces){ 0 };
}

/* ---- tokens ---- */

void osk_token_text(const uint8_t token[OSK_TOKEN_BYTES], char out[OSK_TOKEN_TEXT_BYTES])
{
    uint32_t held = 0;
    unsigned bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < OSK_TOKEN_BYTES; i++) {
        held = held << 8 | token[i];
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out[at++] = letters[held >> bits & 63];
        }
    }
    out[at++] = letters[held << (6 - bits) & 63];
    out[at] = 0;
}

bool osk_token_read(const char *text, uint8_t out[OSK_TOKEN_BYTES])
{
    uint32_t held = 0;
    unsigned bits = 0;
    size_t at = 0;
    if (text == NULL || strlen(text) != OSK_TOKEN_TEXT_BYTES - 1) {
        return false;
    }
    for (size_t i = 0; i < OSK_TOKEN_TEXT_BYTES - 1; i++) {
        const char *letter = strchr(letters, text[i]);
        if (letter == NULL) {
            return false;
        }
        held = held << 6 | (uint32_t)(letter - letters);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[at++] = (uint8_t)(held >> bits);
        }
    }
    /* One token has one spelling. */
    return (held & ((1u << bits) - 1)) == 0;
}

void osk_token_derive(const uint8_t token[OSK_TOKEN_BYTES], OskLookup *out_lookup,
                      uint8_t out_key[32])
{
    OskHkdf of = { .key = token, .key_len = OSK_TOKEN_BYTES };
    if (out_lookup != NULL) {
        of.info = "oilskin upload lookup";
        osk_seal_hkdf(&of, out_lookup->bytes, sizeof(out_lookup->bytes));
    }
    if (out_key != NULL) {
        of.info = "oilskin upload keys";
        osk_seal_hkdf(&of, out_key, 32);
    }
}

/* ---- the box ---- */

static uint8_t *put(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        *at++ = (uint8_t)(value >> 8 * i);
    }
    return at;
}

static OskStatus fill(OskKeyring *ring, const OskId *owner, const OskUploadSecret *secret,
                      const OskPieces *pieces, uint8_t *at)
{
    at = put(at, VERSION, 4);
    memcpy(at, secret->receipt, sizeof(secret->receipt));
    at += sizeof(secret->receipt);
    memcpy(at, secret->fingerprint, sizeof(secret->fingerprint));
    at += sizeof(secret->fingerprint);
    at = put(at, pieces->count, 4);
    for (uint32_t i = 0; i < pieces->count; i++) {
        at = put(at, i, 4);
        at = put(at, pieces->lens[i], 8);
        if (!osk_keyring_get(ring, owner, i, at)) {
            return OSK_BUG;
        }
        at += OSK_SEAL_FILE_KEY_BYTES;
    }
    return OSK_OK;
}

OskStatus osk_upload_wrap(OskKeyring *ring, OskUploadRow *row, const OskUploadSecret *secret,
                          const OskPieces *pieces)
{
    static const OskRandom random = { .fill = osk_random_fill };
    if (pieces->count > OSK_SPOOL_SEGMENTS_MAX) {
        return OSK_LIMIT;
    }
    size_t len = FIXED_BYTES + PIECE_BYTES * (size_t)pieces->count;
    uint8_t *plain = osk_locked_alloc(len);
    uint8_t *box = malloc(len + OSK_BOX_EXTRA_BYTES);
    OskStatus status = plain != NULL && box != NULL ? OSK_OK : OSK_NO_MEMORY;
    if (status == OSK_OK) {
        status = fill(ring, &row->id, secret, pieces, plain);
    }
    if (status == OSK_OK) {
        status = osk_box_lock(secret->key, plain, len, box, &random);
    }
    osk_locked_free(plain);
    if (status != OSK_OK) {
        free(box);
        return status;
    }
    free(row->wrapped.bytes);
    row->wrapped = (OskBytes){ .bytes = box, .len = len + OSK_BOX_EXTRA_BYTES };
    return OSK_OK;
}

static OskStatus read_box(OskKeyring *ring, const OskId *owner, OskUploadSecret *secret,
                          OskPieces *pieces, OskCursor *c)
{
    uint32_t version = osk_cursor_u32le(c);
    const uint8_t *receipt = osk_cursor_bytes(c, sizeof(secret->receipt));
    const uint8_t *fingerprint = osk_cursor_bytes(c, sizeof(secret->fingerprint));
    uint32_t count = osk_cursor_u32le(c);
    if (!osk_cursor_ok(c) || version != VERSION || receipt[sizeof(secret->receipt) - 1] != 0 ||
        count > OSK_SPOOL_SEGMENTS_MAX || osk_cursor_left(c) != PIECE_BYTES * (size_t)count) {
        return OSK_AUTH;
    }
    memcpy(secret->receipt, receipt, sizeof(secret->receipt));
    memcpy(secret->fingerprint, fingerprint, sizeof(secret->fingerprint));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = osk_cursor_u32le(c);
        uint64_t len = osk_cursor_u64le(c);
        const uint8_t *key = osk_cursor_bytes(c, OSK_SEAL_FILE_KEY_BYTES);
        if (ring != NULL && osk_keyring_put(ring, owner, number, key) != OSK_OK) {
            return OSK_NO_MEMORY;
        }
        if (pieces != NULL && !osk_pieces_add(pieces, len)) {
            return OSK_NO_MEMORY;
        }
    }
    return OSK_OK;
}

OskStatus osk_upload_unwrap(OskKeyring *ring, const OskUploadRow *row, OskUploadSecret *secret,
                            OskPieces *pieces)
{
    const OskBytes *box = &row->wrapped;
    if (box->len < FIXED_BYTES + OSK_BOX_EXTRA_BYTES || box->len > OSK_SMALL_BLOB_BYTES) {
        return OSK_AUTH;
    }
    size_t len = box->len - OSK_BOX_EXTRA_BYTES;
    uint8_t *plain = osk_locked_alloc(len);
    OskStatus status =
        plain != NULL ? osk_box_unlock(secret->key, box->bytes, box->len, plain) : OSK_NO_MEMORY;
    if (status == OSK_OK) {
        OskCursor c = osk_cursor_make(plain, len, 0);
        status = read_box(ring, &row->id, secret, pieces, &c);
    }
    osk_locked_free(plain);
    return status;
}
