/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A version of its form, then the members in their order, little end first; a text has its length
 * in front. Whoever changes a form gives it a new version, and reads the one before. */
#include "store/published.h"

#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "base/text.h"
#include "base/writer.h"

#define PUBLICATION_VERSION 1u
#define ALBUM_VERSION 2u /* 1 had no maker at first, and then had one */
#define SHARE_VERSION 1u
#define ASKED_VERSION 1u
/* Of a publication. */
#define WAS_PUBLIC 1u
#define WAS_SEEN 2u

/* ---- writing ---- */

static bool is_text(const char *text, size_t max)
{
    size_t len = strlen(text);
    const uint8_t *bytes = (const uint8_t *)text;
    for (size_t at = 0; at < len;) {
        uint32_t letter = 0;
        size_t step = osk_utf8_decode(bytes + at, len - at, &letter);
        if (step == 0) {
            return false;
        }
        at += step;
    }
    return len <= max;
}

static void put_text(OskWriter *writer, const char *text)
{
    size_t len = strlen(text);
    osk_writer_le(writer, len, 2);
    osk_writer_bytes(writer, text, len);
}

static OskWriter begin(uint8_t version)
{
    OskWriter writer;
    osk_writer_init(&writer, OSK_SMALL_BLOB_BYTES);
    osk_writer_u8(&writer, version);
    return writer;
}

static OskStatus give(OskWriter *writer, OskBytes *out)
{
    *out = (OskBytes){ .bytes = NULL };
    if (!osk_writer_ok(writer)) {
        bool is_long = writer->len >= OSK_SMALL_BLOB_BYTES / 2;
        osk_writer_free(writer);
        return is_long ? OSK_LIMIT : OSK_NO_MEMORY;
    }
    out->bytes = osk_writer_give(writer, &out->len);
    return OSK_OK;
}

OskStatus osk_publication_write(const OskPublication *publication, OskBytes *out)
{
    *out = (OskBytes){ .bytes = NULL };
    if (publication->rendition_count > OSK_RENDITIONS_MAX ||
        !is_text(publication->caption, OSK_CAPTION_MAX) ||
        !is_text(publication->alt, OSK_ALT_MAX) ||
        !is_text(publication->warning, OSK_WARNING_MAX)) {
        return OSK_MISUSE;
    }
    OskWriter writer = begin(PUBLICATION_VERSION);
    osk_writer_bytes(&writer, &publication->album, sizeof(publication->album));
    osk_writer_le(&writer, (uint32_t)publication->day, 4);
    osk_writer_u8(&writer, (uint8_t)publication->kind);
    osk_writer_le(&writer, publication->width, 4);
    osk_writer_le(&writer, publication->height, 4);
    osk_writer_le(&writer, publication->duration_ms, 4);
    osk_writer_le(&writer, publication->areas, 4);
    osk_writer_le(&writer, publication->copy_len, 8);
    osk_writer_bytes(&writer, publication->digest, sizeof(publication->digest));
    osk_writer_u8(&writer, (uint8_t)publication->rendition_count);
    for (uint32_t i = 0; i < publication->rendition_count; i++) {
        const OskRendition *rendition = &publication->renditions[i];
        osk_writer_le(&writer, rendition->offset, 8);
        osk_writer_le(&writer, rendition->len, 4);
        osk_writer_le(&writer, rendition->width, 2);
        osk_writer_le(&writer, rendition->height, 2);
    }
    osk_writer_bytes(&writer, &publication->maker, sizeof(publication->maker));
    osk_writer_bytes(&writer, &publication->second, sizeof(publication->second));
    put_text(&writer, publication->caption);
    put_text(&writer, publication->alt);
    put_text(&writer, publication->warning);
    osk_writer_u8(&writer, (uint8_t)((publication->was_public ? WAS_PUBLIC : 0) |
                                     (publication->was_seen ? WAS_SEEN : 0)));
    return give(&writer, out);
}

OskStatus osk_album_write(const OskAlbum *album, OskBytes *out)
{
    *out = (OskBytes){ .bytes = NULL };
    if (!is_text(album->language, OSK_LANGUAGE_MAX) || !is_text(album->title, OSK_TITLE_MAX) ||
        !is_text(album->description, OSK_CAPTION_MAX) ||
        !is_text(album->warning, OSK_WARNING_MAX)) {
        return OSK_MISUSE;
    }
    OskWriter writer = begin(ALBUM_VERSION);
    osk_writer_le(&writer, (uint32_t)album->day, 4);
    osk_writer_bytes(&writer, &album->maker, sizeof(album->maker));
    put_text(&writer, album->language);
    put_text(&writer, album->title);
    put_text(&writer, album->description);
    put_text(&writer, album->warning);
    return give(&writer, out);
}

OskStatus osk_share_write(const OskShare *share, OskBytes *out)
{
    OskWriter writer = begin(SHARE_VERSION);
    osk_writer_bytes(&writer, &share->publication, sizeof(share->publication));
    osk_writer_le(&writer, (uint32_t)share->made, 4);
    osk_writer_le(&writer, (uint32_t)share->expires, 4);
    osk_writer_le(&writer, share->views, 4);
    osk_writer_u8(&writer, share->has_passphrase);
    osk_writer_bytes(&writer, share->salt, sizeof(share->salt));
    osk_writer_bytes(&writer, share->verifier, sizeof(share->verifier));
    osk_writer_bytes(&writer, &share->maker, sizeof(share->maker));
    return give(&writer, out);
}

OskStatus osk_asked_write(const OskAskedRow *asked, OskBytes *out)
{
    OskWriter writer = begin(ASKED_VERSION);
    osk_writer_u8(&writer, (uint8_t)asked->space);
    osk_writer_bytes(&writer, &asked->target, sizeof(asked->target));
    osk_writer_le(&writer, (uint32_t)asked->day, 4);
    osk_writer_bytes(&writer, asked->sealed.bytes, asked->sealed.len);
    return give(&writer, out);
}

/* ---- reading ---- */

static void take(OskCursor *cursor, void *out, size_t len)
{
    const uint8_t *bytes = osk_cursor_bytes(cursor, len);
    if (bytes != NULL) {
        memcpy(out, bytes, len);
    }
}

static OskDay take_day(OskCursor *cursor)
{
    return (OskDay)osk_cursor_u32le(cursor);
}

/* What is longer, holds a NUL, or is no UTF-8, fails the cursor. @param out max + 1 bytes. */
static void take_text(OskCursor *cursor, char *out, size_t max)
{
    size_t len = osk_cursor_u16le(cursor);
    const uint8_t *bytes = len > max ? NULL : osk_cursor_bytes(cursor, len);
    if (bytes == NULL || memchr(bytes, 0, len) != NULL) {
        out[0] = 0;
        osk_cursor_fail(cursor);
        return;
    }
    memcpy(out, bytes, len);
    out[len] = 0;
    if (!is_text(out, max)) {
        osk_cursor_fail(cursor);
    }
}

static bool is_whole(const OskCursor *cursor)
{
    return osk_cursor_ok(cursor) && osk_cursor_left(cursor) == 0;
}

/* Renditions lie behind the copy, one behind the other. */
static bool take_renditions(OskCursor *cursor, OskPublication *out)
{
    out->rendition_count = osk_cursor_u8(cursor);
    if (out->rendition_count > OSK_RENDITIONS_MAX) {
        return false;
    }
    uint64_t at = out->copy_len;
    for (uint32_t i = 0; i < out->rendition_count; i++) {
        OskRendition *rendition = &out->renditions[i];
        rendition->offset = osk_cursor_u64le(cursor);
        rendition->len = osk_cursor_u32le(cursor);
        rendition->width = osk_cursor_u16le(cursor);
        rendition->height = osk_cursor_u16le(cursor);
        if (rendition->offset != at || rendition->len == 0 || rendition->width == 0 ||
            rendition->height == 0) {
            return false;
        }
        at += rendition->len;
    }
    return true;
}

bool osk_publication_read(OskPublication *out, const OskBytes *bytes)
{
    OskCursor cursor = osk_cursor_make(bytes->bytes, bytes->len, 0);
    memset(out, 0, sizeof(*out));
    if (osk_cursor_u8(&cursor) != PUBLICATION_VERSION) {
        return false;
    }
    take(&cursor, &out->album, sizeof(out->album));
    out->day = take_day(&cursor);
    uint8_t kind = osk_cursor_u8(&cursor);
    out->width = osk_cursor_u32le(&cursor);
    out->height = osk_cursor_u32le(&cursor);
    out->duration_ms = osk_cursor_u32le(&cursor);
    out->areas = osk_cursor_u32le(&cursor);
    out->copy_len = osk_cursor_u64le(&cursor);
    take(&cursor, out->digest, sizeof(out->digest));
    if (kind < OSK_MEDIA_JPEG || kind > OSK_MEDIA_WEBM || out->copy_len > INT64_MAX ||
        !take_renditions(&cursor, out)) {
        return false;
    }
    out->kind = (OskMediaKind)kind;
    take(&cursor, &out->maker, sizeof(out->maker));
    take(&cursor, &out->second, sizeof(out->second));
    take_text(&cursor, out->caption, OSK_CAPTION_MAX);
    take_text(&cursor, out->alt, OSK_ALT_MAX);
    take_text(&cursor, out->warning, OSK_WARNING_MAX);
    uint8_t flags = osk_cursor_u8(&cursor);
    out->was_public = (flags & WAS_PUBLIC) != 0;
    out->was_seen = (flags & WAS_SEEN) != 0;
    return flags <= (WAS_PUBLIC | WAS_SEEN) && is_whole(&cursor);
}

static bool take_album(OskAlbum *out, OskCursor cursor, bool has_maker)
{
    memset(out, 0, sizeof(*out));
    out->day = take_day(&cursor);
    if (has_maker) {
        take(&cursor, &out->maker, sizeof(out->maker));
    }
    take_text(&cursor, out->language, OSK_LANGUAGE_MAX);
    take_text(&cursor, out->title, OSK_TITLE_MAX);
    take_text(&cursor, out->description, OSK_CAPTION_MAX);
    take_text(&cursor, out->warning, OSK_WARNING_MAX);
    return is_whole(&cursor);
}

/* The lengths of an album's texts are those of its record in one of the two forms alone, unless a
 * maker's random bytes happen to be four texts. */
bool osk_album_read(OskAlbum *out, const OskBytes *bytes)
{
    OskCursor cursor = osk_cursor_make(bytes->bytes, bytes->len, 0);
    uint8_t version = osk_cursor_u8(&cursor);
    return (version == 1 && take_album(out, cursor, false)) ||
           ((version == 1 || version == ALBUM_VERSION) && take_album(out, cursor, true));
}

bool osk_share_read(OskShare *out, const OskBytes *bytes)
{
    OskCursor cursor = osk_cursor_make(bytes->bytes, bytes->len, 0);
    memset(out, 0, sizeof(*out));
    if (osk_cursor_u8(&cursor) != SHARE_VERSION) {
        return false;
    }
    take(&cursor, &out->publication, sizeof(out->publication));
    out->made = take_day(&cursor);
    out->expires = take_day(&cursor);
    out->views = osk_cursor_u32le(&cursor);
    uint8_t has_passphrase = osk_cursor_u8(&cursor);
    out->has_passphrase = has_passphrase == 1;
    take(&cursor, out->salt, sizeof(out->salt));
    take(&cursor, out->verifier, sizeof(out->verifier));
    take(&cursor, &out->maker, sizeof(out->maker));
    return has_passphrase <= 1 && is_whole(&cursor);
}

bool osk_asked_read(OskAskedRow *out, const OskBytes *bytes)
{
    OskCursor cursor = osk_cursor_make(bytes->bytes, bytes->len, 0);
    memset(out, 0, sizeof(*out));
    if (osk_cursor_u8(&cursor) != ASKED_VERSION) {
        return false;
    }
    uint8_t space = osk_cursor_u8(&cursor);
    take(&cursor, &out->target, sizeof(out->target));
    out->day = take_day(&cursor);
    if (!osk_cursor_ok(&cursor) || space < OSK_SPACE_PUBLICATION || space > OSK_SPACE_SHARE) {
        return false;
    }
    out->space = (OskSpace)space;
    out->sealed.len = osk_cursor_left(&cursor);
    out->sealed.bytes = out->sealed.len == 0 ? NULL : bytes->bytes + (bytes->len - out->sealed.len);
    return true;
}

/* ---- kinds ---- */

static const struct {
    const char *type;
    const char *extension;
    bool is_video;
} kinds[] = {
    [OSK_MEDIA_JPEG] = { "image/jpeg", "jpg", false },
    [OSK_MEDIA_PNG] = { "image/png", "png", false },
    [OSK_MEDIA_WEBP] = { "image/webp", "webp", false },
    [OSK_MEDIA_GIF] = { "image/gif", "gif", false },
    [OSK_MEDIA_MP4] = { "video/mp4", "mp4", true },
    [OSK_MEDIA_WEBM] = { "video/webm", "webm", true },
};

const char *osk_media_type(OskMediaKind kind)
{
    return kinds[kind].type;
}

const char *osk_media_extension(OskMediaKind kind)
{
    return kinds[kind].extension;
}

bool osk_media_is_video(OskMediaKind kind)
{
    return kinds[kind].is_video;
}

/* ---- ids ---- */

void osk_public_id_write(const OskId *id, char out[OSK_PUBLIC_ID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof(id->bytes); i++) {
        out[2 * i] = digits[id->bytes[i] >> 4];
        out[2 * i + 1] = digits[id->bytes[i] & 15];
    }
    out[2 * sizeof(id->bytes)] = 0;
}

static int digit_of(char letter)
{
    return letter >= '0' && letter <= '9'   ? letter - '0'
           : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                                            : -1;
}

bool osk_public_id_read(const char *text, size_t len, OskId *out)
{
    if (len != 2 * sizeof(out->bytes)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(out->bytes); i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void osk_public_name(const OskId *id, OskMediaKind kind, char out[OSK_PUBLIC_NAME_BYTES])
{
    char text[OSK_PUBLIC_ID_BYTES];
    osk_public_id_write(id, text);
    snprintf(out, OSK_PUBLIC_NAME_BYTES, "oilskin-%.8s.%s", text, osk_media_extension(kind));
}

/* ---- what is asked ---- */

#define MORE_SHIFT 16

uint32_t osk_asked_more(uint32_t flags)
{
    return flags >> MORE_SHIFT;
}

uint32_t osk_asked_with(uint32_t flags, uint32_t more)
{
    return (flags & (OSK_ASKED_SORTS | OSK_ASKED_ANSWERED)) | more << MORE_SHIFT;
}

uint32_t osk_asked_count(uint32_t flags)
{
    return osk_asked_more(flags) == OSK_ASKED_MORE_MAX ? flags : flags + (1u << MORE_SHIFT);
}
