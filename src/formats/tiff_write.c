/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result: a header with all new directories and their values behind it, then the strips and
 * tiles in their old order. The size of the head doesn't depend on where the strips end up, so it
 * is laid out first and their places are filled in when the plan stands. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "formats/tiff.h"

typedef struct Head {
    TiffFile *file;
    uint8_t *bytes;
    uint64_t len;
} Head;

static void put(const TiffFile *file, uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        unsigned shift = 8 * (file->big ? width - 1 - i : i);
        at[i] = (uint8_t)(value >> shift);
    }
}

static OskStatus take_bytes(TiffFile *file, OskWriter *writer, TiffField *field)
{
    uint8_t *copy = osk_writer_ok(writer) ? osk_arena_alloc(file->walk->arena, writer->len) : NULL;
    if (copy != NULL && writer->len > 0) {
        memcpy(copy, writer->bytes, writer->len);
        field->bytes = copy;
        field->len = writer->len;
        field->count = writer->len;
        field->type = 7;
    }
    osk_writer_free(writer);
    return copy != NULL ? OSK_OK : osk_walk_no_memory(file->walk, "TIFF", 0);
}

/* Leaves the field empty for a profile that goes. */
static OskStatus make_profile(TiffFile *file, const OskExifEntry *entry, TiffField *field)
{
    OskWriter writer;
    osk_writer_init(&writer, osk_cursor_left(&entry->value) * 4 + 8192);
    OskStatus status = osk_walk_take_profile(file->walk, entry->value, "ICCProfile", &writer);
    if (status == OSK_OK && writer.len > 0) {
        return take_bytes(file, &writer, field);
    }
    osk_writer_free(&writer);
    return status;
}

static OskStatus make_tables(TiffFile *file, const TiffPage *page, TiffField *field)
{
    if (page->tables == NULL) {
        return OSK_OK;
    }
    OskStatus status = osk_jpeg_stream_finish(page->tables);
    if (status != OSK_OK) {
        return status;
    }
    OskWriter writer;
    osk_writer_init(&writer, (size_t)page->tables->out_len + 16);
    for (size_t i = 0; i < page->tables->count; i++) {
        const OskJpegPiece *piece = &page->tables->pieces[i];
        if (piece->verdict == OSK_KEEP) {
            osk_writer_bytes(&writer, file->walk->bytes + piece->offset, (size_t)piece->len);
        } else if (piece->verdict == OSK_REWRITE) {
            osk_writer_bytes(&writer, piece->literal, piece->out_len);
        }
    }
    return take_bytes(file, &writer, field);
}

/* Whole numbers of other kinds become LONG; the field stays empty where one doesn't fit. */
static OskStatus write_sizes(TiffFile *file, const OskExifEntry *entry, TiffField *field)
{
    field->type = 4;
    field->len = field->count * 4;
    uint8_t *bytes = osk_arena_alloc(file->walk->arena, (size_t)field->len);
    if (bytes == NULL) {
        return osk_walk_no_memory(file->walk, "TIFF", osk_cursor_offset(&entry->value));
    }
    for (uint64_t i = 0; i < field->count; i++) {
        uint64_t value = osk_tiff_value(entry, i, 0);
        if (value > UINT32_MAX) {
            *field = (TiffField){ .tag = entry->tag };
            return OSK_OK;
        }
        /* A page that stays is not a reduced copy, whatever it says. */
        put(file, bytes + i * 4, entry->tag == 254 ? value & ~UINT64_C(1) : value, 4);
    }
    field->bytes = bytes;
    return OSK_OK;
}

static bool type_fits(const OskExifEntry *entry)
{
    uint16_t type = entry->type;
    switch (osk_tiff_numbers(entry->tag)) {
    case TIFF_SIZES: return osk_tiff_is_size(type);
    case TIFF_RATIOS: return type == 5 || type == 11;
    case TIFF_SAMPLES:
        return type == 1 || type == 3 || type == 4 || type == 5 || type == 6 || type == 8 ||
               type == 9 || type == 11 || type == 12 || type == 16;
    }
    return false;
}

static OskStatus make_field(TiffFile *file, const TiffPage *page, const OskExifEntry *entry,
                            TiffField *field)
{
    *field = (TiffField){ .tag = entry->tag, .type = entry->type };
    if (entry->tag == 34675) {
        return make_profile(file, entry, field);
    }
    if (entry->tag == 347) {
        return make_tables(file, page, field);
    }
    if (!type_fits(entry) || !osk_cursor_ok(&entry->value)) {
        return OSK_OK;
    }
    field->count = osk_tiff_count(page, entry);
    field->len = field->count * osk_exif_type_size(entry->type);
    field->bytes = osk_cursor_rest(&entry->value);
    bool plain = entry->type == 3 || entry->type == 4;
    bool widen = entry->type == 16 || entry->tag == 254 ||
                 (!plain && osk_tiff_numbers(entry->tag) == TIFF_SIZES);
    return widen && field->count > 0 ? write_sizes(file, entry, field) : OSK_OK;
}

static bool has_field(const TiffPage *page, uint16_t tag)
{
    for (size_t i = 0; i < page->field_count; i++) {
        if (page->fields[i].tag == tag) {
            return true;
        }
    }
    return false;
}

/* What is left out of a tag that stays, told in the words of the tag. */
static void report_odd(const TiffFile *file, const OskExifEntry *entry)
{
    osk_report_add(file->walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = osk_tiff_row(entry->tag)->name,
                              .field = "tiff.odd-value",
                              .label = "bytes in a tag that the picture doesn't need",
                              .offset = osk_cursor_offset(&entry->value),
                              .len = osk_cursor_left(&entry->value) },
                   NULL);
}

static int compare_fields(const void *a, const void *b)
{
    return (int)((const TiffField *)a)->tag - (int)((const TiffField *)b)->tag;
}

static bool is_place(uint16_t tag)
{
    return tag == 273 || tag == 279 || tag == 324 || tag == 325;
}

static OskStatus choose_fields(TiffFile *file, TiffPage *page)
{
    page->fields = osk_arena_array(file->walk->arena, page->entry_count + 3, sizeof(*page->fields));
    if (page->fields == NULL) {
        return osk_walk_no_memory(file->walk, "IFD", page->offset);
    }
    for (size_t i = 0; i < page->entry_count; i++) {
        const OskExifEntry *entry = &page->entries[i];
        const OskPart *row = osk_tiff_row(entry->tag);
        if (row->verdict == OSK_DROP || is_place(entry->tag)) {
            continue;
        }
        if (has_field(page, entry->tag)) {
            report_odd(file, entry);
            continue;
        }
        TiffField *field = &page->fields[page->field_count];
        OskStatus status = make_field(file, page, entry, field);
        if (status != OSK_OK) {
            return status;
        }
        bool whole = field->count == entry->count || entry->tag == 347 || entry->tag == 34675;
        if (!whole && osk_cursor_more(&entry->value)) {
            report_odd(file, entry);
        }
        page->field_count += field->count > 0;
    }
    for (unsigned i = 0; i < 2; i++) {
        uint16_t tag = (uint16_t)((page->tiled ? 324u : 273u) + i * (page->tiled ? 1u : 6u));
        page->fields[page->field_count++] = (TiffField){
            .tag = tag, .type = 4, .count = page->chunk_count, .len = page->chunk_count * 4
        };
    }
    /* Without it some readers take a JPEG page for the preview of a raw picture. */
    if (page->compression == TIFF_JPEG && !has_field(page, 254)) {
        static const uint8_t zero[4] = { 0 };
        page->fields[page->field_count++] =
            (TiffField){ .tag = 254, .type = 4, .count = 1, .bytes = zero, .len = 4 };
    }
    qsort(page->fields, page->field_count, sizeof(TiffField), compare_fields);
    return OSK_OK;
}

#define SLOT 4u
#define ENTRY_LEN 12u
#define HEADER_LEN 8u

/* Places every directory and value; run once to size the head and once to write it. */
static void lay_page(Head *head, TiffPage *page)
{
    const TiffFile *file = head->file;
    uint64_t at = head->len;
    uint64_t link = at + 2 + page->field_count * ENTRY_LEN;
    head->len = link + SLOT;
    if (head->bytes != NULL) {
        put(file, head->bytes + at, page->field_count, 2);
    }
    for (size_t i = 0; i < page->field_count; i++) {
        TiffField *field = &page->fields[i];
        uint64_t entry = at + 2 + i * ENTRY_LEN;
        field->at = entry + ENTRY_LEN - SLOT;
        if (field->len > SLOT) {
            field->at = head->len;
            head->len += field->len + field->len % 2;
        }
        if (head->bytes == NULL) {
            continue;
        }
        uint8_t *out = head->bytes + entry;
        put(file, out, field->tag, 2);
        put(file, out + 2, field->type, 2);
        put(file, out + 4, field->count, 4);
        if (field->len > SLOT) {
            put(file, out + 8, field->at, 4);
        }
        if (field->bytes != NULL) {
            memcpy(head->bytes + field->at, field->bytes, (size_t)field->len);
        }
    }
    if (head->bytes != NULL && page->next != NULL) {
        put(file, head->bytes + link, head->len, 4);
    }
}

static void lay_head(Head *head)
{
    const TiffFile *file = head->file;
    head->len = HEADER_LEN;
    if (head->bytes != NULL) {
        memcpy(head->bytes, file->big ? "MM" : "II", 2);
        put(file, head->bytes + 2, 42, 2);
        put(file, head->bytes + 4, head->len, 4);
    }
    for (TiffPage *page = file->pages; page != NULL; page = page->next) {
        lay_page(head, page);
    }
}

static void fill_places(const TiffFile *file, const TiffPage *page, uint8_t *head)
{
    const OskPlan *plan = file->walk->plan;
    for (size_t k = 0; k < page->field_count; k++) {
        const TiffField *field = &page->fields[k];
        if (!is_place(field->tag)) {
            continue;
        }
        bool lens = field->tag == 279 || field->tag == 325;
        for (size_t i = 0; i < page->chunk_count; i++) {
            const TiffChunk *chunk = &page->chunks[i];
            const TiffChunk *source = chunk->same != NULL ? chunk->same : chunk;
            uint64_t start = chunk->len > 0 ? osk_plan_map(plan, source->offset, true) : 0;
            uint64_t end = chunk->len > 0 ? osk_plan_map(plan, source->end, false) : 0;
            put(file, head + field->at + i * 4, lens ? end - start : start, 4);
        }
    }
}

static int compare_refs(const void *a, const void *b)
{
    const TiffRef *x = a;
    const TiffRef *y = b;
    return x->offset != y->offset ? (x->offset < y->offset ? -1 : 1) : 0;
}

typedef struct Sweep {
    TiffFile *file;
    size_t next_ref;
    uint64_t owned; /* up to here the bytes belong to `owner` */
    const OskPart *owner;
    uint64_t at;
    uint64_t hidden; /* bytes that nothing points to and that are not zero */
    uint64_t hidden_at;
} Sweep;

static bool has_content(const TiffFile *file, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        if (file->walk->bytes[i] != 0) {
            return true;
        }
    }
    return false;
}

static void drop_unowned(Sweep *s, uint64_t to, bool last)
{
    bool trailer = last && s->next_ref == s->file->ref_count;
    const OskPart *row = osk_tiff_row(trailer ? TIFF_ROW_TRAILER : TIFF_ROW_HIDDEN);
    if (!has_content(s->file, s->at, to)) {
        row = osk_tiff_row(TIFF_ROW_DIRECTORY); /* padding */
    } else {
        s->hidden_at = s->hidden == 0 ? s->at : s->hidden_at;
        s->hidden += to - s->at;
    }
    osk_plan_drop(s->file->walk->plan, row, s->at, to - s->at);
    s->at = to;
}

/* Drops everything up to `to`, under the name of whatever the old structure had there. */
static void drop_gap(Sweep *s, uint64_t to, bool last)
{
    TiffFile *file = s->file;
    while (s->at < to) {
        while (s->next_ref < file->ref_count && file->refs[s->next_ref].offset <= s->at) {
            const TiffRef *ref = &file->refs[s->next_ref++];
            if (ref->offset + ref->len > s->owned) {
                s->owned = ref->offset + ref->len;
                s->owner = ref->part;
            }
        }
        if (s->owned > s->at) {
            uint64_t end = s->owned < to ? s->owned : to;
            osk_plan_drop(file->walk->plan, s->owner, s->at, end - s->at);
            s->at = end;
            continue;
        }
        uint64_t end = to;
        if (s->next_ref < file->ref_count && file->refs[s->next_ref].offset < to) {
            end = file->refs[s->next_ref].offset;
        }
        drop_unowned(s, end, last);
    }
}

static void report_bytes(const TiffFile *file, const char *field, const char *label,
                         uint64_t offset, uint64_t len)
{
    OskText text;
    osk_text_init(&text);
    osk_text_u64(&text, len);
    osk_text_str(&text, " bytes");
    osk_report_add(file->walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = "TIFF",
                              .field = field,
                              .label = label,
                              .offset = offset,
                              .len = len },
                   &text);
}

static void emit_chunk(Sweep *s, const TiffChunk *chunk)
{
    OskPlan *plan = s->file->walk->plan;
    for (size_t i = 0; i < chunk->piece_count; i++) {
        const TiffPiece *piece = &chunk->pieces[i];
        if (piece->verdict == OSK_KEEP) {
            osk_plan_keep(plan, piece->part, piece->offset, piece->len, piece->walked);
        } else if (piece->verdict == OSK_REWRITE) {
            osk_plan_rewrite(plan, piece->part, piece->offset, piece->len, piece->literal,
                             piece->out_len);
        } else {
            osk_plan_drop(plan, piece->part, piece->offset, piece->len);
        }
    }
    uint64_t end = chunk->offset + chunk->len;
    if (chunk->end < end) {
        uint64_t row = TIFF_ROW_DIRECTORY; /* padding */
        if (has_content(s->file, chunk->end, end)) {
            row = TIFF_ROW_SLACK;
            report_bytes(s->file, "tiff.slack", "bytes behind the picture in a strip", chunk->end,
                         end - chunk->end);
        }
        osk_plan_drop(plan, osk_tiff_row(row), chunk->end, end - chunk->end);
    }
    s->at = end;
}

/* Strips that lie over tags would carry the tags along. */
static OskStatus check_overlaps(const TiffFile *file, uint64_t header_len)
{
    uint64_t owned = header_len;
    size_t next = 0;
    for (size_t i = 0; i < file->unique_count; i++) {
        const TiffChunk *chunk = file->unique[i];
        uint64_t end = chunk->offset + chunk->len;
        while (next < file->ref_count && file->refs[next].offset < end) {
            uint64_t ref_end = file->refs[next].offset + file->refs[next].len;
            owned = ref_end > owned ? ref_end : owned;
            next++;
        }
        if (owned > chunk->offset) {
            return osk_walk_fail(file->walk, OSK_UNSUPPORTED, "strips and tiles",
                                 "a strip that lies over tags", chunk->offset);
        }
    }
    return OSK_OK;
}

static OskStatus add_steps(TiffFile *file, Head *head)
{
    OskWalk *walk = file->walk;
    uint64_t header_len = file->wide ? 16 : 8;
    if (file->ref_count > 0) {
        qsort(file->refs, file->ref_count, sizeof(TiffRef), compare_refs);
    }
    OskStatus status = check_overlaps(file, header_len);
    if (status != OSK_OK) {
        return status;
    }
    uint8_t *out = osk_plan_rewrite(walk->plan, osk_tiff_row(TIFF_ROW_HEADER), 0, header_len,
                                    head->bytes, head->len);
    Sweep s = { .file = file, .at = header_len };
    for (size_t i = 0; i < file->unique_count; i++) {
        drop_gap(&s, file->unique[i]->offset, false);
        emit_chunk(&s, file->unique[i]);
    }
    drop_gap(&s, walk->size, true);
    /* Camera data has directories of its own; what it reveals is told already. */
    if (s.hidden > 0 && !file->has_pointers) {
        report_bytes(file, "tiff.hidden", "bytes that nothing in the file points to", s.hidden_at,
                     s.hidden);
    }
    if (walk->plan->out_end > UINT32_MAX) {
        return osk_walk_fail(walk, OSK_LIMIT, "TIFF", "larger than a TIFF picture may be", 0);
    }
    for (TiffPage *page = file->pages; page != NULL && out != NULL; page = page->next) {
        fill_places(file, page, out);
    }
    return OSK_OK;
}

OskStatus osk_tiff_write(TiffFile *file)
{
    for (TiffPage *page = file->pages; page != NULL; page = page->next) {
        OskStatus status = choose_fields(file, page);
        if (status != OSK_OK) {
            return status;
        }
    }
    Head head = { .file = file };
    lay_head(&head);
    head.bytes = head.len <= SIZE_MAX ? osk_arena_alloc(file->walk->arena, (size_t)head.len) : NULL;
    if (head.bytes == NULL) {
        return osk_walk_no_memory(file->walk, "TIFF", 0);
    }
    lay_head(&head);
    return add_steps(file, &head);
}
