/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this HEIF or AVIF file clean? Written from ISO/IEC 14496-12, 23008-12 with its amendments,
 * 23000-22 and the AVIF specification. A clean file has brands, one description of pictures (meta,
 * or its short form mini), a movie where it is a sequence, and data that belongs to what is shown,
 * to the last byte. */
#include "verify/heif.h"

#include <string.h>

void osk_check_heif_found(OskHeif *heif, const char *part, const char *what, uint64_t offset)
{
    osk_check_found(heif->check, part, what, offset);
}

static const char brands[][5] = {
    "mif1", "mif2", "mif3", "msf1", "miaf", "MiHA", "MiHB", "MiHE", "MiPr", "MA1A", "MA1B",
    "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "avif", "avis", "avio",
    "avci", "avcs", "unif", "1pic", "av01", "avc1", "isom", "iso2", "iso3", "iso4", "iso5",
    "iso6", "iso7", "iso8", "iso9", "isoa", "isob", "isoc", "mp41", "mp42",
};

static bool is_brand(const uint8_t *bytes)
{
    for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++) {
        if (memcmp(brands[i], bytes, 4) == 0) {
            return true;
        }
    }
    return false;
}

/* Brands that make a file one of pictures. */
static bool is_picture_brand(const uint8_t *bytes)
{
    return memcmp(bytes, "mif", 3) == 0 || memcmp(bytes, "hei", 3) == 0 ||
           memcmp(bytes, "hev", 3) == 0 || memcmp(bytes, "avi", 3) == 0 ||
           memcmp(bytes, "avc", 3) == 0 || memcmp(bytes, "msf1", 4) == 0 ||
           memcmp(bytes, "unif", 4) == 0;
}

static bool matches(const uint8_t *head, size_t len)
{
    static const char movies[][5] = { "isom", "qt  ", "mp42", "mp41", "M4V " };
    if (len < 16 || memcmp(head + 4, "ftyp", 4) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof(movies) / sizeof(movies[0]); i++) {
        if (memcmp(head + 8, movies[i], 4) == 0) {
            return false;
        }
    }
    size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    for (size_t at = 8; at + 4 <= size && at + 4 <= len; at += at == 8 ? 8 : 4) {
        if (is_picture_brand(head + at)) {
            return true;
        }
    }
    return false;
}

/* Returns whether it is an AVIF file. */
static bool check_ftyp(OskCheck *check, OskCursor body, uint64_t at)
{
    bool avif = false;
    bool short_form = osk_cursor_starts(&body, "mif3", 4);
    for (unsigned i = 0; osk_cursor_more(&body); i++) {
        OskCursor word = osk_cursor_take(&body, 4);
        const uint8_t *brand = osk_cursor_bytes(&word, 4);
        if (brand == NULL) {
            osk_check_found(check, "ftyp", "brands that end early", at);
            break;
        }
        bool none = memcmp(brand, "\0\0\0", 4) == 0;
        /* The minor version of the short form says which kind of pictures it holds. */
        bool fine = i == 1 ? none || (short_form && is_brand(brand)) : is_brand(brand);
        if (!fine) {
            osk_check_found(check, "ftyp", "a brand that names a program or a maker", at);
        }
        avif = avif || memcmp(brand, "avi", 3) == 0;
    }
    return avif;
}

typedef struct Top {
    OskCheck *check;
    OskShownList shown;
    OskShownList media;
    bool avif;
    bool has_pictures;
    bool has_movie;
    OskStatus status;
} Top;

static void check_top(Top *top, uint32_t type, OskCursor body, uint64_t at, uint64_t size)
{
    OskCheck *check = top->check;
    switch (type) {
    case OSK_CODE('f', 't', 'y', 'p'):
        if (at != 0) {
            osk_check_found(check, "ftyp", "brands for a second time", at);
        }
        top->avif = check_ftyp(check, body, at);
        break;
    case OSK_CODE('m', 'e', 't', 'a'):
    case OSK_CODE('m', 'i', 'n', 'i'):
        if (top->has_pictures) {
            osk_check_found(check, "meta", "a second description of pictures", at);
            break;
        }
        top->has_pictures = true;
        top->status = type == OSK_CODE('m', 'e', 't', 'a')
                          ? osk_check_heif_meta(check, body, &top->shown)
                          : osk_check_heif_mini(check, body, top->avif);
        break;
    case OSK_CODE('m', 'o', 'o', 'v'):
        if (top->has_movie) {
            osk_check_found(check, "moov", "a second movie", at);
            break;
        }
        top->has_movie = true;
        top->status = osk_check_moov(check, at, size, &top->shown);
        break;
    case OSK_CODE('m', 'd', 'a', 't'):
        if (!osk_shown_add(check, &top->media, osk_cursor_offset(&body), osk_cursor_left(&body))) {
            top->status = check->fault->status;
        }
        break;
    default: osk_check_found(check, "file", "a box that no clean file needs", at); break;
    }
}

static OskStatus check_file(OskCheck *check)
{
    Top top = { .check = check };
    OskCursor file = osk_cursor_make(check->bytes, (size_t)check->size, 0);
    OskHeif boxes = { .check = check };
    uint32_t type = 0;
    OskCursor body;
    uint64_t at = 0;
    while (top.status == OSK_OK && osk_check_heif_box(&boxes, &file, &type, &body, &at)) {
        check_top(&top, type, body, at, osk_cursor_offset(&file) - at);
    }
    if (top.status == OSK_OK) {
        top.status = boxes.status;
    }
    if (top.status == OSK_OK && !top.has_pictures && !top.has_movie) {
        return osk_check_fail(check, OSK_MALFORMED, "file", "there is no picture in it", 0);
    }
    /* Touching ranges of the list were joined, which the header between two boxes prevents. */
    for (size_t i = 0; top.status == OSK_OK && i < top.media.count; i++) {
        top.status = osk_shown_cover(check, &top.shown, "mdat", top.media.ranges[i].offset,
                                     top.media.ranges[i].len);
    }
    return top.status;
}

const OskChecker osk_checker_heif = {
    .name = "heif", .whole = true, .matches = matches, .check = check_file
};
