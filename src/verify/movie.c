/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this movie clean? Every box is on an allow-list of this file, every byte of media data belongs
 * to a sample that is shown. Source: ISO/IEC 14496-12; QuickTime File Format. */
#include "verify/movie.h"

#include <stdlib.h>
#include <string.h>

#include "verify/movie_box.h"

/* An index has 12 bytes for each fragment. */
#define INDEX_MOST ((uint64_t)16 << 20)

#define MOOV OSK_TYPE('m', 'o', 'o', 'v')
#define MOOF OSK_TYPE('m', 'o', 'o', 'f')
#define MDAT OSK_TYPE('m', 'd', 'a', 't')
#define FTYP OSK_TYPE('f', 't', 'y', 'p')
#define STYP OSK_TYPE('s', 't', 'y', 'p')
#define SIDX OSK_TYPE('s', 'i', 'd', 'x')

/* ---- Ranges that are shown ---- */

bool osk_shown_add(OskCheck *check, OskShownList *list, uint64_t offset, uint64_t len)
{
    if (len == 0) {
        return true;
    }
    OskShown *last = list->count > 0 ? &list->ranges[list->count - 1] : NULL;
    if (last != NULL && last->offset + last->len == offset) {
        last->len += len;
        return true;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        OskShown *grown = osk_arena_array(check->arena, capacity, sizeof(*grown));
        if (grown == NULL) {
            osk_check_fail(check, OSK_NO_MEMORY, "mdat", "not enough memory", offset);
            return false;
        }
        if (list->count > 0) {
            memcpy(grown, list->ranges, list->count * sizeof(*grown));
        }
        list->ranges = grown;
        list->capacity = capacity;
    }
    list->sorted = false;
    list->ranges[list->count++] = (OskShown){ .offset = offset, .len = len };
    return true;
}

static int compare_shown(const void *a, const void *b)
{
    const OskShown *x = a;
    const OskShown *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Sorts, and joins ranges that touch or overlap. */
static void sort_shown(OskShownList *list)
{
    if (list->sorted || list->count == 0) {
        return;
    }
    qsort(list->ranges, list->count, sizeof(*list->ranges), compare_shown);
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        OskShown *last = &list->ranges[kept];
        const OskShown *next = &list->ranges[i];
        if (next->offset <= last->offset + last->len) {
            uint64_t end = next->offset + next->len;
            last->len = end > last->offset + last->len ? end - last->offset : last->len;
        } else {
            list->ranges[++kept] = *next;
        }
    }
    list->count = kept + 1;
    list->sorted = true;
}

OskStatus osk_shown_cover(OskCheck *check, OskShownList *list, const char *part, uint64_t offset,
                          uint64_t len)
{
    sort_shown(list);
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->ranges[middle].offset <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const OskShown *range = low > 0 ? &list->ranges[low - 1] : NULL;
    bool covered = range != NULL && offset - range->offset <= range->len &&
                   len <= range->len - (offset - range->offset);
    if (len > 0 && !covered) {
        uint64_t at = range != NULL && range->offset + range->len > offset
                          ? range->offset + range->len
                          : offset;
        osk_check_found(check, part, "bytes that belong to nothing that is shown", at);
    }
    return OSK_OK;
}

/* ---- The file ---- */

/* Brands that say which readers can read the file, and nothing about the program that wrote it. */
static const char brands[][5] = {
    "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "isoa", "isob",
    "isoc", "mp41", "mp42", "mp71", "avc1", "hvc1", "hev1", "av01", "qt  ", "3gp4", "3gp5",
    "3gp6", "3gp7", "3gp8", "3gp9", "3gs6", "3gs7", "3g2a", "3g2b", "3g2c", "M4V ", "M4A ",
    "M4B ", "M4VP", "M4VH", "f4v ", "dash", "msdh", "msix", "cmfc", "cmf2", "cmfs", "cmff",
    "iso ", "dby1", "hlsf", "mif1", "msf1", "heic", "hevc", "heix", "hevx", "avif", "avis",
    "MA1A", "MA1B", "miaf", "MiHB", "MiHE", "MiHA", "opus", "mp21", "3gr6", "3ge6",
};

static bool is_brand(uint32_t brand)
{
    for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++) {
        if (OSK_TYPE(brands[i][0], brands[i][1], brands[i][2], brands[i][3]) == brand) {
            return true;
        }
    }
    return false;
}

static void check_ftyp(OskMovie *movie, uint64_t offset, uint64_t header, uint64_t len)
{
    OskCursor body;
    movie->part = "ftyp";
    movie->at = offset;
    if (len > 1024) {
        osk_check_movie_found(movie, "more brands than there are");
        return;
    }
    movie->status = osk_check_load(movie->check, offset + header, len - header, &body);
    for (unsigned i = 0; movie->status == OSK_OK && osk_cursor_more(&body); i++) {
        uint32_t word = osk_cursor_u32be(&body);
        if (i == 1 ? word > 0xFFFF : !is_brand(word)) {
            osk_check_movie_found(movie, "a brand that names a program or a maker");
        }
        movie->quicktime = movie->quicktime || word == OSK_TYPE('q', 't', ' ', ' ');
    }
}

/* An index of fragments: references of 12 bytes. */
static void check_sidx(OskMovie *movie, uint64_t offset, uint64_t header, uint64_t len)
{
    OskCursor body;
    movie->part = "sidx";
    movie->at = offset;
    movie->status = len > INDEX_MOST
                        ? OSK_LIMIT
                        : osk_check_load(movie->check, offset + header, len - header, &body);
    if (movie->status != OSK_OK) {
        return;
    }
    unsigned version = osk_check_movie_full(movie, &body, 0, 1);
    osk_cursor_skip(&body, version == 1 ? 24 : 16);
    osk_check_movie_zeros(movie, &body, 2, "reserved bytes that are not zero");
    osk_cursor_skip(&body, (uint64_t)osk_cursor_u16be(&body) * 12);
    if (!osk_cursor_ok(&body) || osk_cursor_more(&body)) {
        osk_check_movie_found(movie, "an index that is damaged");
    }
}

typedef struct TopBox {
    uint32_t type;
    uint64_t header;
    uint64_t size;
} TopBox;

static OskStatus read_top(OskMovie *movie, uint64_t at, TopBox *out)
{
    OskCheck *check = movie->check;
    uint8_t bytes[16] = { 0 };
    uint64_t left = check->size - at;
    if (!osk_budget_parts(check->budget, 1)) {
        return osk_check_fail(check, OSK_LIMIT, "file", "too many boxes", at);
    }
    OskStatus status = osk_check_read(check, at, bytes, left < 16 ? (size_t)left : 16);
    OskCursor head = osk_cursor_make(bytes, left < 16 ? (size_t)left : 16, at);
    out->size = osk_cursor_u32be(&head);
    out->type = osk_cursor_u32be(&head);
    out->header = 8;
    if (status == OSK_OK && out->size == 1) {
        out->size = osk_cursor_u64be(&head);
        out->header = 16;
    } else if (out->size == 0) {
        out->size = left;
    }
    if (status == OSK_OK &&
        (!osk_cursor_ok(&head) || out->size < out->header || out->size > left)) {
        osk_check_found(check, "file", "bytes that are no box", at);
        return OSK_FOUND;
    }
    return status;
}

static void check_top(OskMovie *movie, OskShownList *media, uint64_t at, const TopBox *box)
{
    switch (box->type) {
    case FTYP:
    case STYP: check_ftyp(movie, at, box->header, box->size); break;
    case MOOV:
        if (movie->track_count > 0) {
            osk_check_found(movie->check, "moov", "a second movie", at);
        } else {
            osk_check_movie_moov(movie, at, box->header, box->size);
        }
        break;
    case MOOF: osk_check_movie_moof(movie, at, box->header, box->size); break;
    case SIDX: check_sidx(movie, at, box->header, box->size); break;
    case MDAT:
        if (!osk_shown_add(movie->check, media, at + box->header, box->size - box->header)) {
            movie->status = OSK_NO_MEMORY;
        }
        break;
    default: osk_check_found(movie->check, "file", "a box that no clean file needs", at); break;
    }
}

static OskStatus check(OskCheck *check_)
{
    OskShownList shown = { .ranges = NULL };
    OskShownList media = { .ranges = NULL };
    OskMovie movie;
    OskStatus status = osk_check_movie_begin(&movie, check_, &shown);
    for (uint64_t at = 0; status == OSK_OK && at < check_->size;) {
        TopBox box = { .type = 0 };
        status = read_top(&movie, at, &box);
        if (status == OSK_OK) {
            check_top(&movie, &media, at, &box);
            status = movie.status;
            at += box.size;
        }
    }
    if (status == OSK_OK) {
        osk_check_movie_ends(&movie);
        status = movie.status;
    }
    if (status == OSK_OK && movie.track_count == 0) {
        status = osk_check_fail(check_, OSK_MALFORMED, "file", "there is no movie in it", 0);
    }
    for (size_t i = 0; status == OSK_OK && i < media.count; i++) {
        status =
            osk_shown_cover(check_, &shown, "mdat", media.ranges[i].offset, media.ranges[i].len);
    }
    return status == OSK_FOUND ? OSK_OK : status;
}

/* Files with pictures beside the movie belong to the checker of HEIF, which comes first. */
static bool matches(const uint8_t *head, size_t len)
{
    static const char types[][5] = {
        "ftyp", "moov", "mdat", "wide", "free", "skip", "moof", "styp"
    };
    for (size_t i = 0; len >= 8 && i < sizeof(types) / sizeof(types[0]); i++) {
        if (memcmp(head + 4, types[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

const OskChecker osk_checker_movie = { .name = "movie", .matches = matches, .check = check };
