/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/desk_blob.h"

#include <stdio.h>
#include <string.h>

/* A piece that a desk gives is at most as long. */
#define PIECE_BYTES_MAX ((size_t)16 << 20)
#define ADDRESS_LETTERS_MAX 128u

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    *fault = (OskFault){ .status = status, .part = "file", .what = what, .offset = OSK_NO_OFFSET };
    return status;
}

static const char *address_of(const OskDeskBlob *blob)
{
    return osk_json_text(osk_json_get(blob->opening, "address"));
}

static const OskJson *segment_of(const OskDeskBlob *blob, uint64_t part)
{
    return osk_json_at(osk_json_get(blob->opening, "segments"), (size_t)part);
}

static bool is_address(const char *text)
{
    size_t len = text == NULL ? 0 : strspn(text, "0123456789abcdef");
    return len > 0 && len <= ADDRESS_LETTERS_MAX && text[len] == 0;
}

/* An address holds for minutes: a long file needs several. */
static OskStatus take_address(OskDeskBlob *blob, OskFault *fault)
{
    OskJson *asked = osk_json_object(NULL);
    osk_json_set_text(asked, "file", blob->file);
    osk_json_set_text(asked, "why", blob->why);
    osk_json_free(&blob->opening);
    OskStatus status = osk_desk_post(blob->client, "/api/open", asked, &blob->opening, fault);
    if (status == OSK_OK &&
        (!is_address(address_of(blob)) ||
         osk_json_count(osk_json_get(blob->opening, "segments")) != blob->count)) {
        status = fail(fault, OSK_MALFORMED, "the desk's answer about it is none");
    }
    return status;
}

OskStatus osk_desk_blob_open(OskDeskBlob *blob, OskDeskClient *client, const OskDeskFile *file,
                             const char *why, OskFault *fault)
{
    *blob =
        (OskDeskBlob){ .client = client, .file = file->id, .why = why, .count = file->segments };
    return take_address(blob, fault);
}

void osk_desk_blob_close(OskDeskBlob *blob)
{
    osk_desk_answer_free(&blob->piece);
    osk_json_free(&blob->opening);
}

/* ---- reading ---- */

static OskStatus ask_piece(OskDeskBlob *blob, uint64_t at)
{
    char path[320];
    uint64_t number = 0;
    osk_desk_answer_free(&blob->piece);
    (void)osk_json_whole(osk_json_get(segment_of(blob, blob->part), "number"), &number);
    snprintf(path, sizeof(path), "/blobs/%s?segment=%llu&at=%llu", address_of(blob),
             (unsigned long long)number, (unsigned long long)at);
    return osk_desk_get_bytes(blob->client, path, PIECE_BYTES_MAX, &blob->piece, &blob->fault);
}

static bool fetch_piece(OskDeskBlob *blob, uint64_t at)
{
    OskStatus status = ask_piece(blob, at);
    if (status != OSK_OK && blob->piece.status == 404) {
        status = take_address(blob, &blob->fault);
        status = status == OSK_OK ? ask_piece(blob, at) : status;
    }
    if (status == OSK_OK && blob->piece.len == 0) {
        status = fail(&blob->fault, OSK_TRUNCATED, "the desk has less of it than it says");
    }
    blob->piece_at = at;
    if (status != OSK_OK) {
        osk_desk_answer_free(&blob->piece);
    }
    return status == OSK_OK;
}

static bool read_blob(void *context, uint64_t offset, void *out, size_t len)
{
    OskDeskBlob *blob = context;
    uint8_t *to = out;
    while (len > 0) {
        bool is_here = offset >= blob->piece_at && offset - blob->piece_at < blob->piece.len;
        if (!is_here && !fetch_piece(blob, offset)) {
            return false;
        }
        size_t from = (size_t)(offset - blob->piece_at);
        size_t take = blob->piece.len - from < len ? blob->piece.len - from : len;
        memcpy(to, blob->piece.bytes + from, take);
        to += take;
        offset += take;
        len -= take;
    }
    return true;
}

static OskStatus open_part(void *context, uint64_t part, OskSource *out, OskFault *fault)
{
    OskDeskBlob *blob = context;
    uint64_t size = 0;
    if (!osk_json_whole(osk_json_get(segment_of(blob, part), "sealed_len"), &size)) {
        return fail(fault, OSK_MALFORMED, "the desk's answer about it is none");
    }
    osk_desk_answer_free(&blob->piece);
    blob->part = part;
    *out = (OskSource){ .context = blob, .read = read_blob, .size = size };
    return OSK_OK;
}

OskDeskParts osk_desk_blob_parts(OskDeskBlob *blob)
{
    return (OskDeskParts){ .context = blob, .open = open_part };
}
