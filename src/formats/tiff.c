/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIFF and BigTIFF: a header, a chain of directories of tagged values (pages), and strips or tiles
 * anywhere in the file. TIFF 6.0 (1992), its technical notes, BigTIFF (2004).
 *
 * Nothing of the old structure is kept: directories are written anew behind the header, from an
 * allow-list of tags, and of the rest of the file only what their strips and tiles decode survives,
 * in its old order. Tolerated: directories out of order or anywhere, a chain that bites its tail
 * (it ends there), missing or wrong StripByteCounts where the size can be computed, entries with
 * bad values (left out) unless they say how bytes become pixels. Readers do the same. */
#include "formats/tiff.h"

#include <string.h>

#include "base/checked.h"
#include "parts/iptc.h"
#include "parts/xmp.h"

#define MAX_PAGES 32768u
#define PART "TIFF"

OskProbe osk_tiff_probe(const uint8_t *head, size_t len)
{
    static const char magics[4][4] = {
        { 'I', 'I', 42, 0 }, { 'M', 'M', 0, 42 }, { 'I', 'I', 43, 0 }, { 'M', 'M', 0, 43 }
    };
    for (size_t i = 0; len >= 8 && i < 4; i++) {
        if (memcmp(head, magics[i], 4) == 0) {
            return OSK_PROBE_YES;
        }
    }
    return OSK_PROBE_NO;
}

static uint64_t read_uint(const TiffFile *file, OskCursor *c, unsigned width)
{
    return file->big ? osk_cursor_be(c, width) : osk_cursor_le(c, width);
}

const OskExifEntry *osk_tiff_entry(const TiffPage *page, uint16_t tag)
{
    for (size_t i = 0; i < page->entry_count; i++) {
        if (page->entries[i].tag == tag) {
            return &page->entries[i];
        }
    }
    return NULL;
}

static bool is_signed(uint16_t type)
{
    return type == 6 || type == 8 || type == 9 || type == 17;
}

bool osk_tiff_is_size(uint16_t type)
{
    return type == 1 || type == 3 || type == 4 || type == 16 || is_signed(type);
}

static bool is_integer(uint16_t type)
{
    return osk_tiff_is_size(type) || type == 13 || type == 18;
}

uint64_t osk_tiff_value(const OskExifEntry *entry, uint64_t index, uint64_t otherwise)
{
    if (entry == NULL || !is_integer(entry->type) || index >= entry->count ||
        !osk_cursor_ok(&entry->value)) {
        return otherwise;
    }
    unsigned width = osk_exif_type_size(entry->type);
    OskCursor c = entry->value;
    osk_cursor_skip(&c, index * width);
    uint64_t value = entry->big ? osk_cursor_be(&c, width) : osk_cursor_le(&c, width);
    uint64_t sign = UINT64_C(1) << (8 * width - 1);
    return is_signed(entry->type) ? (value ^ sign) - sign : value;
}

uint64_t osk_tiff_number(const TiffPage *page, uint16_t tag, uint64_t index, uint64_t otherwise)
{
    return osk_tiff_value(osk_tiff_entry(page, tag), index, otherwise);
}

static bool add_ref(TiffFile *file, uint64_t offset, uint64_t len, const OskPart *part)
{
    if (file->ref_count == file->ref_capacity) {
        size_t capacity = file->ref_capacity == 0 ? 64 : file->ref_capacity * 2;
        TiffRef *refs = osk_arena_array(file->walk->arena, capacity, sizeof(*refs));
        if (refs == NULL) {
            osk_walk_no_memory(file->walk, PART, offset);
            return false;
        }
        if (file->ref_count > 0) {
            memcpy(refs, file->refs, file->ref_count * sizeof(*refs));
        }
        file->refs = refs;
        file->ref_capacity = capacity;
    }
    file->refs[file->ref_count++] = (TiffRef){ offset, len, part };
    return true;
}

/* Reads one entry; a value that lies outside the file gives a failed cursor. */
static OskExifEntry read_entry(const TiffFile *file, OskCursor *c, bool *out_apart)
{
    unsigned width = file->wide ? 8 : 4;
    OskExifEntry entry = { .big = file->big };
    entry.tag = (uint16_t)read_uint(file, c, 2);
    entry.type = (uint16_t)read_uint(file, c, 2);
    entry.count = read_uint(file, c, width);
    OskCursor slot = osk_cursor_take(c, width);
    uint64_t len = 0;
    if (!osk_mul_u64(osk_exif_type_size(entry.type), entry.count, &len)) {
        len = UINT64_MAX;
    }
    *out_apart = len > width;
    if (len <= width) {
        entry.value = osk_cursor_take(&slot, len);
    } else {
        OskCursor at = file->all;
        osk_cursor_skip(&at, read_uint(file, &slot, width));
        entry.value = osk_cursor_take(&at, len);
    }
    return entry;
}

/* Reads a directory's entries into the arena; a directory that is cut off keeps those that are
 * there. */
static OskStatus read_directory(TiffFile *file, TiffPage *page, uint64_t *out_next)
{
    OskCursor c = file->all;
    osk_cursor_skip(&c, page->offset);
    uint64_t count = read_uint(file, &c, file->wide ? 8 : 2);
    uint64_t entry_len = file->wide ? 20 : 12;
    if (!osk_cursor_ok(&c)) {
        return osk_walk_fail(file->walk, OSK_TRUNCATED, "IFD",
                             "a page begins behind the end of the file", page->offset);
    }
    if (count > osk_cursor_left(&c) / entry_len) {
        return osk_walk_fail(file->walk, OSK_TRUNCATED, "IFD", "a page's list of tags is cut off",
                             page->offset);
    }
    if (!osk_walk_spend(file->walk, count + 1, "IFD", page->offset)) {
        return OSK_LIMIT;
    }
    page->entries = osk_arena_array(file->walk->arena, (size_t)count, sizeof(*page->entries));
    if (page->entries == NULL) {
        return osk_walk_no_memory(file->walk, "IFD", page->offset);
    }
    for (uint64_t i = 0; i < count; i++) {
        bool apart = false;
        OskExifEntry entry = read_entry(file, &c, &apart);
        page->entries[page->entry_count++] = entry;
        if (apart && osk_cursor_ok(&entry.value) &&
            !add_ref(file, osk_cursor_offset(&entry.value), osk_cursor_left(&entry.value),
                     osk_tiff_row(entry.tag))) {
            return OSK_NO_MEMORY;
        }
    }
    *out_next = 0;
    if (osk_cursor_left(&c) >= (file->wide ? 8u : 4u)) {
        *out_next = read_uint(file, &c, file->wide ? 8 : 4);
    }
    return add_ref(file, page->offset, osk_cursor_offset(&c) - page->offset,
                   osk_tiff_row(TIFF_ROW_DIRECTORY))
               ? OSK_OK
               : OSK_NO_MEMORY;
}

static void report(const TiffFile *file, OskFact fact, const char *value)
{
    OskText text;
    osk_text_init(&text);
    osk_text_str(&text, value);
    osk_report_add(file->walk->report, fact, &text);
}

/* A directory that is no page: pictures that viewers don't show, camera data, coordinates. */
static void inspect_pointer(TiffFile *file, const OskExifEntry *entry)
{
    OskExifIfd kind = entry->tag == 34665   ? OSK_EXIF_IFD_EXIF
                      : entry->tag == 34853 ? OSK_EXIF_IFD_GPS
                                            : OSK_EXIF_IFD_IMAGE;
    file->has_pointers = true;
    for (uint64_t i = 0; i < entry->count && i < 64 && is_integer(entry->type); i++) {
        uint64_t offset = osk_tiff_value(entry, i, 0);
        if (kind == OSK_EXIF_IFD_IMAGE) {
            report(file,
                   (OskFact){ .kind = OSK_KIND_PREVIEW,
                              .part = "SubIFDs",
                              .field = "tiff.sub-picture",
                              .label = "another picture in the file that is not shown",
                              .offset = offset },
                   "");
        }
        osk_exif_inspect_ifd(file->all, kind, offset, osk_tiff_row(entry->tag)->name,
                             file->walk->report, file->walk->budget);
    }
}

static OskStatus inspect_entry(TiffFile *file, const OskExifEntry *entry)
{
    OskWalk *walk = file->walk;
    const OskPart *row = osk_tiff_row(entry->tag);
    uint64_t len = osk_cursor_left(&entry->value);
    if (!osk_walk_spend(walk, 1 + (len < 4096 ? len : len / 4) / 16, row->name,
                        osk_cursor_offset(&entry->value))) {
        return OSK_LIMIT;
    }
    if (entry->tag == 34675) {
        osk_walk_inspect_profile(walk, entry->value, row->name);
    } else if (row->verdict != OSK_DROP) {
        return OSK_OK; /* what is odd about it is told when the new directory is made */
    } else if (entry->tag == 34665 || entry->tag == 34853 || entry->tag == 330) {
        inspect_pointer(file, entry);
    } else if (entry->tag == 34377) {
        osk_photoshop_inspect(entry->value, row->name, walk->report, walk->budget);
    } else {
        osk_exif_inspect_entry(entry, row->name, walk->report);
    }
    return OSK_OK;
}

/* Camera raw files are TIFF files whose picture needs the maker's notes to be shown. */
static const char *raw_reason(const TiffFile *file, const TiffPage *page)
{
    uint64_t photometric = osk_tiff_number(page, 262, 0, 0);
    OskCursor c = file->all;
    osk_cursor_skip(&c, 8);
    if (osk_tiff_entry(page, 50706) != NULL) {
        return "a DNG raw picture can't be scrubbed without changing it";
    }
    bool canon = osk_cursor_starts(&c, "CR", 2);
    bool sensor = photometric == 32803 || photometric == 34892;
    bool preview_first = page == file->pages && (osk_tiff_number(page, 254, 0, 0) & 1) == 1 &&
                         osk_tiff_entry(page, 330) != NULL;
    if (canon || sensor || preview_first) {
        return "a camera's raw picture can't be scrubbed without changing it";
    }
    return NULL;
}

static OskStatus inspect_page(TiffFile *file, TiffPage *page)
{
    for (size_t i = 0; i < page->entry_count; i++) {
        OskStatus status = inspect_entry(file, &page->entries[i]);
        if (status != OSK_OK) {
            return status;
        }
    }
    if (file->raw == NULL) {
        file->raw = raw_reason(file, page);
    }
    return OSK_OK;
}

static bool is_seen(const uint64_t *offsets, size_t count, uint64_t offset)
{
    for (size_t i = 0; i < count; i++) {
        if (offsets[i] == offset) {
            return true;
        }
    }
    return false;
}

static OskStatus add_page(TiffFile *file, uint64_t offset, uint64_t *out_next)
{
    TiffPage *page = osk_arena_alloc(file->walk->arena, sizeof(*page));
    if (page == NULL) {
        return osk_walk_no_memory(file->walk, "IFD", offset);
    }
    page->offset = offset;
    if (file->pages == NULL) {
        file->pages = page;
    } else {
        file->last->next = page;
    }
    file->last = page;
    file->page_count++;
    OskStatus status = read_directory(file, page, out_next);
    return status == OSK_OK ? inspect_page(file, page) : status;
}

static OskStatus read_chain(TiffFile *file, uint64_t offset)
{
    uint64_t *offsets = osk_arena_array(file->walk->arena, MAX_PAGES, sizeof(*offsets));
    if (offsets == NULL) {
        return osk_walk_no_memory(file->walk, "IFD", offset);
    }
    size_t count = 0;
    while (offset != 0 && !is_seen(offsets, count, offset)) {
        if (count == MAX_PAGES) {
            return osk_walk_fail(file->walk, OSK_LIMIT, "IFD", "more pages than one file may have",
                                 offset);
        }
        offsets[count++] = offset;
        uint64_t next = 0;
        OskStatus status = add_page(file, offset, &next);
        if (status != OSK_OK) {
            /* Readers show the pages before a broken link of the chain. */
            bool broken_link = status == OSK_TRUNCATED && count > 1;
            return broken_link
                       ? osk_walk_fail(file->walk, status, "IFD", "a later page is cut off", offset)
                       : status;
        }
        offset = next;
    }
    return OSK_OK;
}

static OskStatus read_header(TiffFile *file, uint64_t *out_first)
{
    OskCursor c = file->all;
    file->big = osk_cursor_starts(&c, "MM", 2);
    osk_cursor_skip(&c, 2);
    file->wide = read_uint(file, &c, 2) == 43;
    if (file->wide) {
        uint64_t width = read_uint(file, &c, 2);
        uint64_t zero = read_uint(file, &c, 2);
        if (width != 8 || zero != 0) {
            return osk_walk_fail(file->walk, OSK_MALFORMED, "header",
                                 "an impossible BigTIFF header", 4);
        }
    }
    *out_first = read_uint(file, &c, file->wide ? 8 : 4);
    if (!osk_cursor_ok(&c)) {
        return osk_walk_fail(file->walk, OSK_TRUNCATED, "header", "the file ends in its header", 0);
    }
    if (*out_first == 0) {
        return osk_walk_fail(file->walk, OSK_MALFORMED, "header", "there is no page", 4);
    }
    return OSK_OK;
}

static void report_hidden_page(const TiffFile *file, const TiffPage *page)
{
    report(file,
           (OskFact){ .kind = OSK_KIND_OTHER,
                      .part = "IFD",
                      .field = "tiff.page-without-picture",
                      .label = "a page that no viewer shows",
                      .offset = page->offset },
           "");
}

static bool is_reduced(const TiffPage *page)
{
    return (osk_tiff_number(page, 254, 0, 0) & 1) == 1 || osk_tiff_number(page, 255, 0, 0) == 2;
}

/* A smaller copy of another page shows nothing that the larger one doesn't, but it may still show
 * what was covered there since. */
static bool is_copy(const TiffFile *file, const TiffPage *page)
{
    for (const TiffPage *other = file->pages; is_reduced(page) && other != NULL;
         other = other->next) {
        if (other != page && !is_reduced(other) && other->width >= page->width &&
            other->height >= page->height) {
            return true;
        }
    }
    return false;
}

static void drop_copies(TiffFile *file)
{
    TiffPage **link = &file->pages;
    while (*link != NULL) {
        const TiffPage *page = *link;
        if (!is_copy(file, page)) {
            link = &(*link)->next;
            continue;
        }
        report(file,
               (OskFact){ .kind = OSK_KIND_PREVIEW,
                          .part = "IFD",
                          .field = "tiff.reduced-page",
                          .label = "a smaller copy of the picture",
                          .offset = page->offset },
               "");
        file->has_pointers = true;
        *link = page->next;
        file->page_count--;
    }
}

static OskStatus open_pages(TiffFile *file)
{
    TiffPage **link = &file->pages;
    while (*link != NULL) {
        TiffPage *page = *link;
        bool shown = false;
        OskStatus status = osk_tiff_page_open(file, page, &shown);
        if (status != OSK_OK) {
            return status;
        }
        if (shown) {
            link = &page->next;
        } else {
            report_hidden_page(file, page);
            *link = page->next;
            file->page_count--;
        }
    }
    if (file->pages == NULL) {
        return osk_walk_fail(file->walk, OSK_MALFORMED, "IFD", "no page has a picture", 0);
    }
    drop_copies(file);
    return OSK_OK;
}

OskStatus osk_tiff_walk(OskWalk *walk)
{
    TiffFile file = { .walk = walk, .all = osk_cursor_make(walk->bytes, (size_t)walk->size, 0) };
    uint64_t first = 0;
    OskStatus status = read_header(&file, &first);
    if (status == OSK_OK) {
        status = read_chain(&file, first);
    }
    if (file.raw != NULL) {
        walk->fault->status = OSK_OK;
        status = osk_walk_fail(walk, OSK_UNSUPPORTED, PART, file.raw, 0);
        osk_fault_next(walk->fault, "export it as a JPEG or TIFF picture first, then scrub that");
        return status;
    }
    if (status == OSK_OK) {
        status = open_pages(&file);
    }
    if (status == OSK_OK) {
        status = osk_tiff_data_walk(&file);
    }
    return status == OSK_OK ? osk_tiff_write(&file) : status;
}
