/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a pack, version 1, little end first:
 *   "okpk" version:u8 kind:u8 is_low:u8 capture:u8 width:u32 height:u32 duration_ms:u32 frames:u32
 *   len:u32 (of all of it) hashes:u16 keys:u8 small:u8
 *   hashes times { time_ms:u32 flags:u8 (1 trimmed, 2 all forms) quality:u8, 1 or 8 times hash[32]
 * } keys and small times { time_ms:u32 width:u8 height:u8 trim left, top, width, height:u8
 * features:u16 luma[width * height] features times { x:u16 y:u16 descriptor[32] } } Behind it only
 * zeros: what is sealed is padded. */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/fault.h"
#include "base/writer.h"
#include "fingerprint/pack_key.h"

#define VERSION 1u
#define LEN_AT 24u
#define FLAG_TRIMMED 1u
#define FLAG_FORMS 2u
#define PLACE_MAX (OSK_FEATURE_FRAME * OSK_FEATURE_STEPS)

static const char magic[4] = { 'o', 'k', 'p', 'k' };

/* ---- what both sides hold to ---- */

static bool is_frame(const OskPackFrame *frame)
{
    const OskTrim *trim = &frame->trim;
    bool fits = frame->luma_width > 0 && frame->luma_width <= OSK_PACK_LUMA_SIDE_MAX &&
                frame->luma_height > 0 && frame->luma_height <= OSK_PACK_LUMA_SIDE_MAX &&
                trim->width > 0 && trim->height > 0 && trim->left < frame->luma_width &&
                trim->top < frame->luma_height && trim->width <= frame->luma_width - trim->left &&
                trim->height <= frame->luma_height - trim->top &&
                frame->feature_count <= OSK_FEATURES_MAX;
    for (size_t i = 0; fits && i < frame->feature_count; i++) {
        fits = frame->features[i].x < PLACE_MAX && frame->features[i].y < PLACE_MAX;
    }
    return fits;
}

/* What stands in front of the lists. */
static bool is_head(const OskPack *pack)
{
    bool counts = pack->hash_count > 0 && pack->hash_count <= OSK_PACK_HASHES_MAX &&
                  pack->key_count > 0 && pack->key_count <= OSK_PACK_FRAMES_MAX &&
                  pack->small_count <= OSK_PACK_SMALL_MAX;
    bool still = pack->kind != OSK_PACK_STILL ||
                 (pack->key_count == 1 && pack->small_count == 0 && pack->duration_ms == 0);
    return counts && still && pack->kind <= OSK_PACK_VIDEO && pack->width > 0 && pack->height > 0 &&
           (pack->capture & ~OSK_CAPTURE_ALL) == 0;
}

/* The longest side is chosen, and the other one is rounded. */
static bool is_small(const OskPackFrame *frame)
{
    return frame->feature_count == 0 && (unsigned)frame->luma_width * frame->luma_height <=
                                            OSK_PACK_SMALL_AREA + OSK_PACK_LUMA_SIDE_MAX / 2;
}

/* What a comparison's cost hangs on: times go on, small frames are small, and only a still is
 * hashed in all forms. */
static bool is_ordered(const OskPack *pack)
{
    bool fits = true;
    for (size_t i = 0; fits && i < pack->hash_count; i++) {
        const OskPackHash *hash = &pack->hashes[i];
        fits = (i == 0 || hash->time_ms >= pack->hashes[i - 1].time_ms) &&
               (pack->kind == OSK_PACK_STILL || !hash->has_forms);
    }
    for (size_t i = 0; fits && i < pack->key_count + pack->small_count; i++) {
        const OskPackFrame *frame = &pack->frames[i];
        bool is_first = i == 0 || i == pack->key_count;
        fits = (is_first || frame->time_ms > pack->frames[i - 1].time_ms) &&
               (i < pack->key_count || is_small(frame));
    }
    return fits;
}

/* ---- writing ---- */

static void write_hash(OskWriter *writer, const OskPackHash *hash)
{
    unsigned flags = (hash->is_trimmed ? FLAG_TRIMMED : 0u) | (hash->has_forms ? FLAG_FORMS : 0u);
    osk_writer_le(writer, hash->time_ms, 4);
    osk_writer_u8(writer, (uint8_t)flags);
    osk_writer_u8(writer, hash->pdq.quality);
    osk_writer_bytes(writer, hash->pdq.forms,
                     (hash->has_forms ? OSK_PDQ_FORMS : 1) * sizeof *hash->pdq.forms);
}

static void write_frame(OskWriter *writer, const OskPackFrame *frame)
{
    osk_writer_le(writer, frame->time_ms, 4);
    osk_writer_u8(writer, frame->luma_width);
    osk_writer_u8(writer, frame->luma_height);
    osk_writer_u8(writer, (uint8_t)frame->trim.left);
    osk_writer_u8(writer, (uint8_t)frame->trim.top);
    osk_writer_u8(writer, (uint8_t)frame->trim.width);
    osk_writer_u8(writer, (uint8_t)frame->trim.height);
    osk_writer_le(writer, frame->feature_count, 2);
    osk_writer_bytes(writer, frame->luma, (size_t)frame->luma_width * frame->luma_height);
    for (size_t i = 0; i < frame->feature_count; i++) {
        const OskFeature *feature = &frame->features[i];
        osk_writer_le(writer, feature->x, 2);
        osk_writer_le(writer, feature->y, 2);
        osk_writer_bytes(writer, feature->descriptor, sizeof feature->descriptor);
    }
}

static void write_pack(OskWriter *writer, const OskPack *pack)
{
    osk_writer_bytes(writer, magic, sizeof magic);
    osk_writer_u8(writer, VERSION);
    osk_writer_u8(writer, (uint8_t)pack->kind);
    osk_writer_u8(writer, pack->low_diversity);
    osk_writer_u8(writer, (uint8_t)pack->capture);
    osk_writer_le(writer, pack->width, 4);
    osk_writer_le(writer, pack->height, 4);
    osk_writer_le(writer, pack->duration_ms, 4);
    osk_writer_le(writer, pack->frame_count, 4);
    osk_writer_le(writer, 0, 4);
    osk_writer_le(writer, pack->hash_count, 2);
    osk_writer_u8(writer, (uint8_t)pack->key_count);
    osk_writer_u8(writer, (uint8_t)pack->small_count);
    for (size_t i = 0; i < pack->hash_count; i++) {
        write_hash(writer, &pack->hashes[i]);
    }
    for (size_t i = 0; i < pack->key_count + pack->small_count; i++) {
        write_frame(writer, &pack->frames[i]);
    }
    if (osk_writer_ok(writer)) {
        osk_writer_patch_le(writer, LEN_AT, writer->len, 4);
    }
}

OskStatus osk_pack_write(const OskPack *pack, OskMemory *out, OskFault *fault)
{
    bool fits = is_head(pack);
    for (size_t i = 0; fits && i < pack->hash_count; i++) {
        fits = pack->hashes[i].pdq.quality <= 100;
    }
    for (size_t i = 0; fits && i < pack->key_count + pack->small_count; i++) {
        fits = is_frame(&pack->frames[i]);
    }
    if (!fits || !is_ordered(pack)) {
        return osk_fault_set(fault, OSK_MISUSE, "pack", "not one that can be read", OSK_NO_OFFSET);
    }
    OskWriter writer;
    osk_writer_init(&writer, OSK_PACK_BYTES_MAX);
    write_pack(&writer, pack);
    bool is_full = !osk_writer_ok(&writer) && writer.len > OSK_PACK_BYTES_MAX / 2;
    size_t len = 0;
    uint8_t *bytes = osk_writer_give(&writer, &len);
    if (bytes == NULL) {
        return is_full ? osk_fault_set(fault, OSK_LIMIT, "pack", "too long", OSK_NO_OFFSET)
                       : osk_fault_set(fault, OSK_NO_MEMORY, "pack", "no memory", OSK_NO_OFFSET);
    }
    *out = (OskMemory){ .bytes = bytes, .len = len, .capacity = len, .max = out->max };
    return OSK_OK;
}

/* ---- reading ---- */

/* An empty list is no list. */
static bool make_list(void *out_list, size_t count, size_t size)
{
    void *list = count > 0 ? calloc(count, size) : NULL;
    memcpy(out_list, &list, sizeof list);
    return count == 0 || list != NULL;
}

static OskStatus read_head(OskPack *pack, OskCursor *in, size_t len)
{
    const uint8_t *first = osk_cursor_bytes(in, sizeof magic);
    if (first != NULL && memcmp(first, magic, sizeof magic) != 0) {
        return OSK_MALFORMED;
    }
    if (osk_cursor_u8(in) != VERSION) {
        return osk_cursor_ok(in) ? OSK_UNSUPPORTED : OSK_TRUNCATED;
    }
    unsigned kind = osk_cursor_u8(in);
    unsigned is_low = osk_cursor_u8(in);
    pack->kind = (OskPackKind)kind;
    pack->low_diversity = is_low == 1;
    pack->capture = osk_cursor_u8(in);
    pack->width = osk_cursor_u32le(in);
    pack->height = osk_cursor_u32le(in);
    pack->duration_ms = osk_cursor_u32le(in);
    pack->frame_count = osk_cursor_u32le(in);
    uint64_t all = osk_cursor_u32le(in);
    pack->hash_count = osk_cursor_u16le(in);
    pack->key_count = osk_cursor_u8(in);
    pack->small_count = osk_cursor_u8(in);
    if (!osk_cursor_ok(in) || all > len) {
        return OSK_TRUNCATED;
    }
    bool fits = all >= osk_cursor_offset(in) && all <= OSK_PACK_BYTES_MAX && is_low <= 1 &&
                kind <= OSK_PACK_VIDEO && is_head(pack);
    if (!fits) {
        return OSK_MALFORMED;
    }
    uint64_t body = all - osk_cursor_offset(in);
    OskCursor padding = *in;
    *in = osk_cursor_take(&padding, body);
    while (osk_cursor_more(&padding)) {
        if (osk_cursor_u8(&padding) != 0) {
            return OSK_MALFORMED;
        }
    }
    return OSK_OK;
}

static OskStatus read_hash(OskPackHash *hash, OskCursor *in)
{
    hash->time_ms = osk_cursor_u32le(in);
    unsigned flags = osk_cursor_u8(in);
    hash->is_trimmed = (flags & FLAG_TRIMMED) != 0;
    hash->has_forms = (flags & FLAG_FORMS) != 0;
    hash->pdq.quality = osk_cursor_u8(in);
    size_t len = (hash->has_forms ? OSK_PDQ_FORMS : 1) * sizeof *hash->pdq.forms;
    const uint8_t *bytes = osk_cursor_bytes(in, len);
    if (bytes == NULL || hash->pdq.quality > 100 || flags > (FLAG_TRIMMED | FLAG_FORMS)) {
        return OSK_MALFORMED;
    }
    memcpy(hash->pdq.forms, bytes, len);
    return OSK_OK;
}

static OskStatus read_frame(OskPackFrame *frame, OskCursor *in)
{
    frame->time_ms = osk_cursor_u32le(in);
    frame->luma_width = osk_cursor_u8(in);
    frame->luma_height = osk_cursor_u8(in);
    frame->trim.left = osk_cursor_u8(in);
    frame->trim.top = osk_cursor_u8(in);
    frame->trim.width = osk_cursor_u8(in);
    frame->trim.height = osk_cursor_u8(in);
    size_t features = osk_cursor_u16le(in);
    size_t pixels = (size_t)frame->luma_width * frame->luma_height;
    const uint8_t *luma = osk_cursor_bytes(in, pixels);
    OskCursor rows = osk_cursor_take(in, (uint64_t)features * 36);
    if (luma == NULL || pixels == 0 || !osk_cursor_ok(&rows) || features > OSK_FEATURES_MAX) {
        return OSK_MALFORMED;
    }
    if (!make_list(&frame->luma, pixels, 1) ||
        !make_list(&frame->features, features, sizeof *frame->features)) {
        return OSK_NO_MEMORY;
    }
    memcpy(frame->luma, luma, pixels);
    frame->feature_count = features;
    for (size_t i = 0; i < features; i++) {
        frame->features[i].x = osk_cursor_u16le(&rows);
        frame->features[i].y = osk_cursor_u16le(&rows);
        memcpy(frame->features[i].descriptor, osk_cursor_bytes(&rows, 32), 32);
    }
    return is_frame(frame) ? OSK_OK : OSK_MALFORMED;
}

static OskStatus read_lists(OskPack *pack, OskCursor *in)
{
    size_t hashes = pack->hash_count;
    size_t keys = pack->key_count;
    size_t small = pack->small_count;
    /* Counted as they are made, for the free. */
    pack->hash_count = 0;
    pack->key_count = 0;
    pack->small_count = 0;
    if (!make_list(&pack->hashes, hashes, sizeof *pack->hashes) ||
        !make_list(&pack->frames, keys + small, sizeof *pack->frames)) {
        return OSK_NO_MEMORY;
    }
    OskStatus status = OSK_OK;
    for (; status == OSK_OK && pack->hash_count < hashes; pack->hash_count++) {
        status = read_hash(&pack->hashes[pack->hash_count], in);
    }
    for (; status == OSK_OK && pack->key_count < keys; pack->key_count++) {
        status = read_frame(&pack->frames[pack->key_count], in);
    }
    for (; status == OSK_OK && pack->small_count < small; pack->small_count++) {
        status = read_frame(&pack->frames[keys + pack->small_count], in);
    }
    if (status == OSK_OK && (osk_cursor_more(in) || !is_ordered(pack))) {
        status = OSK_MALFORMED;
    }
    return status;
}

OskStatus osk_pack_read(OskPack **out, const uint8_t *bytes, size_t len, OskFault *fault)
{
    OskPack *pack = calloc(1, sizeof *pack);
    if (pack == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "pack", "no memory", OSK_NO_OFFSET);
    }
    OskCursor in = osk_cursor_make(bytes, len, 0);
    OskStatus status = read_head(pack, &in, len);
    if (status == OSK_OK) {
        status = read_lists(pack, &in);
    } else {
        pack->hash_count = 0;
        pack->key_count = 0;
        pack->small_count = 0;
    }
    if (status != OSK_OK) {
        osk_pack_free(&pack);
        return osk_fault_set(fault, status, "pack",
                             status == OSK_NO_MEMORY ? "no memory" : "not a pack of this version",
                             osk_cursor_offset(&in));
    }
    *out = pack;
    return OSK_OK;
}

/* ---- the end ---- */

static void wipe(void *bytes, size_t len)
{
    volatile uint8_t *at = bytes;
    for (size_t i = 0; at != NULL && i < len; i++) {
        at[i] = 0;
    }
    free(bytes);
}

void osk_pack_free(OskPack **pack)
{
    OskPack *old = *pack;
    if (old == NULL) {
        return;
    }
    size_t frames = old->key_count + old->small_count;
    for (size_t i = 0; i < frames; i++) {
        osk_pack_key_free(&old->frames[i]);
    }
    wipe(old->frames, frames * sizeof *old->frames);
    wipe(old->hashes, old->hash_count * sizeof *old->hashes);
    free(old);
    *pack = NULL;
}
