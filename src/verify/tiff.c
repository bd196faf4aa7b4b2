/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIFF: a header, a chain of directories (one a page), each a sorted list of tags; values and
 * picture data lie anywhere, by offset. TIFF 6.0, BigTIFF (libtiff), Adobe TIFF Technical Notes 1
 * and 2.
 *
 * Allowed: tags that lay out or colour a page, with the types and counts that they can have; a
 * colour profile with colour only; strips and tiles, as many as the page has, read to their end.
 * Every byte of the file is claimed once; what is left over is zero. No text, time, pointer to a
 * further directory, or unknown tag. */
#include <stdlib.h>

#include "verify/icc.h"
#include "verify/tiff.h"

#define PAGES_MAX 65536u
/* Pages that may share the same data. */
#define CLAIMS_MAX 64u

/* How many values a tag may have. */
typedef enum Count {
    COUNT_ONE,
    COUNT_TWO,
    COUNT_SAMPLES, /* one for each sample, or one for all */
    COUNT_DATA,    /* one for each strip or tile */
    COUNT_CURVE,   /* 2^bits, or three times that */
    COUNT_SIX,
    COUNT_THREE,
    COUNT_RANGE, /* two, or two for each sample */
    COUNT_BYTES  /* read on its own */
} Count;

#define T_BYTE (1u << 1)
#define T_SHORT (1u << 3)
#define T_LONG (1u << 4)
#define T_RATIONAL (1u << 5)
#define T_SBYTE (1u << 6)
#define T_UNDEFINED (1u << 7)
#define T_SSHORT (1u << 8)
#define T_SLONG (1u << 9)
#define T_FLOAT (1u << 11)
#define T_DOUBLE (1u << 12)
#define T_LONG8 (1u << 16)
#define T_SIZE (T_SHORT | T_LONG | T_LONG8)
#define T_SAMPLE                                                                                   \
    (T_BYTE | T_SHORT | T_LONG | T_SBYTE | T_SSHORT | T_SLONG | T_FLOAT | T_DOUBLE | T_RATIONAL)

typedef struct Rule {
    uint16_t tag;
    uint16_t count;
    uint32_t types;
} Rule;

static const Rule rules[] = {
    { 254, COUNT_ONE, T_SIZE },                            /* NewSubfileType */
    { 255, COUNT_ONE, T_SIZE },                            /* SubfileType */
    { 256, COUNT_ONE, T_SIZE },                            /* ImageWidth */
    { 257, COUNT_ONE, T_SIZE },                            /* ImageLength */
    { 258, COUNT_SAMPLES, T_SIZE },                        /* BitsPerSample */
    { 259, COUNT_ONE, T_SIZE },                            /* Compression */
    { 262, COUNT_ONE, T_SIZE },                            /* PhotometricInterpretation */
    { 263, COUNT_ONE, T_SIZE },                            /* Thresholding */
    { 264, COUNT_ONE, T_SIZE },                            /* CellWidth */
    { 265, COUNT_ONE, T_SIZE },                            /* CellLength */
    { 266, COUNT_ONE, T_SIZE },                            /* FillOrder */
    { 273, COUNT_DATA, T_SIZE },                           /* StripOffsets */
    { 274, COUNT_ONE, T_SIZE },                            /* Orientation */
    { 277, COUNT_ONE, T_SIZE },                            /* SamplesPerPixel */
    { 278, COUNT_ONE, T_SIZE },                            /* RowsPerStrip */
    { 279, COUNT_DATA, T_SIZE },                           /* StripByteCounts */
    { 280, COUNT_SAMPLES, T_SAMPLE },                      /* MinSampleValue */
    { 281, COUNT_SAMPLES, T_SAMPLE },                      /* MaxSampleValue */
    { 282, COUNT_ONE, T_RATIONAL | T_FLOAT },              /* XResolution */
    { 283, COUNT_ONE, T_RATIONAL | T_FLOAT },              /* YResolution */
    { 284, COUNT_ONE, T_SIZE },                            /* PlanarConfiguration */
    { 286, COUNT_ONE, T_RATIONAL | T_FLOAT },              /* XPosition */
    { 287, COUNT_ONE, T_RATIONAL | T_FLOAT },              /* YPosition */
    { 290, COUNT_ONE, T_SIZE },                            /* GrayResponseUnit */
    { 291, COUNT_CURVE, T_SIZE },                          /* GrayResponseCurve */
    { 292, COUNT_ONE, T_SIZE },                            /* T4Options */
    { 293, COUNT_ONE, T_SIZE },                            /* T6Options */
    { 296, COUNT_ONE, T_SIZE },                            /* ResolutionUnit */
    { 297, COUNT_TWO, T_SIZE },                            /* PageNumber */
    { 300, COUNT_ONE, T_SIZE },                            /* ColorResponseUnit */
    { 301, COUNT_CURVE, T_SIZE },                          /* TransferFunction */
    { 317, COUNT_ONE, T_SIZE },                            /* Predictor */
    { 318, COUNT_TWO, T_RATIONAL | T_FLOAT },              /* WhitePoint */
    { 319, COUNT_SIX, T_RATIONAL | T_FLOAT },              /* PrimaryChromaticities */
    { 320, COUNT_CURVE, T_SIZE },                          /* ColorMap */
    { 321, COUNT_TWO, T_SIZE },                            /* HalftoneHints */
    { 322, COUNT_ONE, T_SIZE },                            /* TileWidth */
    { 323, COUNT_ONE, T_SIZE },                            /* TileLength */
    { 324, COUNT_DATA, T_SIZE },                           /* TileOffsets */
    { 325, COUNT_DATA, T_SIZE },                           /* TileByteCounts */
    { 326, COUNT_ONE, T_SIZE },                            /* BadFaxLines */
    { 327, COUNT_ONE, T_SIZE },                            /* CleanFaxData */
    { 328, COUNT_ONE, T_SIZE },                            /* ConsecutiveBadFaxLines */
    { 332, COUNT_ONE, T_SIZE },                            /* InkSet */
    { 334, COUNT_ONE, T_SIZE },                            /* NumberOfInks */
    { 336, COUNT_RANGE, T_BYTE | T_SIZE },                 /* DotRange */
    { 338, COUNT_SAMPLES, T_BYTE | T_SIZE },               /* ExtraSamples */
    { 339, COUNT_SAMPLES, T_SIZE },                        /* SampleFormat */
    { 340, COUNT_SAMPLES, T_SAMPLE },                      /* SMinSampleValue */
    { 341, COUNT_SAMPLES, T_SAMPLE },                      /* SMaxSampleValue */
    { 342, COUNT_SIX, T_SIZE },                            /* TransferRange */
    { 347, COUNT_BYTES, T_UNDEFINED | T_BYTE },            /* JPEGTables */
    { 512, COUNT_ONE, T_SIZE },                            /* JPEGProc */
    { 513, COUNT_ONE, T_SIZE },                            /* JPEGInterchangeFormat */
    { 514, COUNT_ONE, T_SIZE },                            /* JPEGInterchangeFormatLength */
    { 515, COUNT_ONE, T_SIZE },                            /* JPEGRestartInterval */
    { 529, COUNT_THREE, T_RATIONAL | T_FLOAT },            /* YCbCrCoefficients */
    { 530, COUNT_TWO, T_SIZE },                            /* YCbCrSubSampling */
    { 531, COUNT_ONE, T_SIZE },                            /* YCbCrPositioning */
    { 532, COUNT_RANGE, T_RATIONAL | T_SIZE | T_FLOAT },   /* ReferenceBlackWhite */
    { 32995, COUNT_ONE, T_SIZE },                          /* Matteing */
    { 32996, COUNT_SAMPLES, T_SIZE },                      /* DataType */
    { 32997, COUNT_ONE, T_SIZE },                          /* ImageDepth */
    { 32998, COUNT_ONE, T_SIZE },                          /* TileDepth */
    { 34675, COUNT_BYTES, T_UNDEFINED | T_BYTE },          /* ICC profile */
    { 37439, COUNT_ONE, T_DOUBLE | T_FLOAT | T_RATIONAL }, /* StoNits */
};

typedef struct Range {
    uint64_t offset;
    uint64_t len;
} Range;

typedef struct Entry {
    uint16_t tag;
    uint16_t type;
    uint64_t count;
    OskCursor value;
} Entry;

typedef struct Reader {
    OskCheck *check;
    OskCursor file;
    bool big;  /* big end first */
    bool wide; /* BigTIFF */
    Range *ranges;
    size_t count;
    size_t capacity;
    uint64_t claimed; /* bytes, those that are claimed again included */
    OskStatus status;
} Reader;

/* What the entries of one directory say about its data. */
typedef struct Page {
    OskCheckPage shape;
    Entry offsets;
    Entry lengths;
    uint64_t jpeg_offset;
    uint64_t jpeg_len;
    uint64_t bits_noted; /* samples whose bits BitsPerSample tells */
    bool tiled;
    unsigned number;
} Page;

static uint64_t read_uint(const Reader *r, OskCursor *in, unsigned width)
{
    return r->big ? osk_cursor_be(in, width) : osk_cursor_le(in, width);
}

static OskCursor cursor_at(const Reader *r, uint64_t offset)
{
    OskCursor in = r->file;
    osk_cursor_skip(&in, offset);
    return in;
}

static void found(Reader *r, const char *part, const char *what, uint64_t offset)
{
    osk_check_found(r->check, part, what, offset);
}

static void claim(Reader *r, uint64_t offset, uint64_t len)
{
    if (len == 0 || r->status != OSK_OK) {
        return;
    }
    if (r->count == r->capacity) {
        size_t capacity = r->capacity == 0 ? 64 : r->capacity * 2;
        Range *ranges = osk_arena_array(r->check->arena, capacity, sizeof(*ranges));
        if (ranges == NULL) {
            r->status =
                osk_check_fail(r->check, OSK_NO_MEMORY, "directory", "not enough memory", offset);
            return;
        }
        if (r->count > 0) {
            memcpy(ranges, r->ranges, r->count * sizeof(*ranges));
        }
        r->ranges = ranges;
        r->capacity = capacity;
    }
    r->ranges[r->count++] = (Range){ offset, len };
    r->claimed += len;
}

static unsigned type_size(uint16_t type)
{
    static const uint8_t sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8 };
    return type < sizeof(sizes) ? sizes[type] : 0;
}

static uint64_t entry_number(const Reader *r, const Entry *entry, uint64_t index)
{
    unsigned size = type_size(entry->type);
    OskCursor in = entry->value;
    osk_cursor_skip(&in, index * size);
    return read_uint(r, &in, size > 8 ? 8 : size);
}

static const Rule *find_rule(uint16_t tag)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].tag == tag) {
            return &rules[i];
        }
    }
    return NULL;
}

/* Reads one entry and finds its value; unused bytes of the value field are zero. */
static bool read_entry(Reader *r, OskCursor *in, Entry *out)
{
    uint64_t offset = osk_cursor_offset(in);
    out->tag = (uint16_t)read_uint(r, in, 2);
    out->type = (uint16_t)read_uint(r, in, 2);
    out->count = read_uint(r, in, r->wide ? 8 : 4);
    OskCursor field = osk_cursor_take(in, r->wide ? 8 : 4);
    unsigned size = type_size(out->type);
    if (!osk_cursor_ok(in) || size == 0 || out->count == 0 || out->count > r->check->size / size) {
        found(r, "directory", "an entry without a value", offset);
        return false;
    }
    uint64_t len = out->count * size;
    if (len <= osk_cursor_left(&field)) {
        out->value = osk_cursor_take(&field, len);
        while (osk_cursor_more(&field)) {
            if (osk_cursor_u8(&field) != 0) {
                found(r, "directory", "bytes behind a value", offset);
                break;
            }
        }
        return true;
    }
    uint64_t at = read_uint(r, &field, r->wide ? 8 : 4);
    OskCursor value = cursor_at(r, at);
    out->value = osk_cursor_take(&value, len);
    if (!osk_cursor_ok(&out->value)) {
        found(r, "directory", "a value outside of the file", offset);
        return false;
    }
    claim(r, at, len);
    return true;
}

static void note_bits(const Reader *r, Page *page, const Entry *entry)
{
    page->shape.sample_bits = entry_number(r, entry, 0);
    page->shape.bits = 0;
    for (uint64_t i = 0; i < entry->count && i < 64; i++) {
        uint64_t bits = entry_number(r, entry, i);
        page->shape.bits += bits <= 64 ? bits : 64;
        page->bits_noted++;
    }
}

static void note_entry(const Reader *r, Page *page, const Entry *entry)
{
    OskCheckPage *shape = &page->shape;
    uint64_t value = entry_number(r, entry, 0);
    switch (entry->tag) {
    case 256: shape->width = value; break;
    case 257: shape->height = value; break;
    case 258: note_bits(r, page, entry); break;
    case 259: shape->compression = value; break;
    case 266: shape->reversed = value == 2; break;
    case 262: shape->photometric = value; break;
    case 277: shape->samples = value; break;
    case 278: shape->rows = value; break;
    case 284: shape->planar = value; break;
    case 322: shape->tile_width = value; break;
    case 323: shape->tile_height = value; break;
    case 273:
    case 324:
        page->tiled = entry->tag == 324;
        page->offsets = *entry;
        break;
    case 279:
    case 325: page->lengths = *entry; break;
    case 513: page->jpeg_offset = value; break;
    case 514: page->jpeg_len = value; break;
    case 530:
        shape->sub_h = value;
        shape->sub_v = entry_number(r, entry, 1);
        break;
    default: break;
    }
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return b == 0 ? 0 : a / b + (a % b != 0);
}

/* Strips or tiles that the page is made of. */
static uint64_t data_count(const Page *page)
{
    const OskCheckPage *s = &page->shape;
    uint64_t planes = s->planar == 2 ? s->samples : 1;
    if (page->tiled) {
        return divide_up(s->width, s->tile_width) * divide_up(s->height, s->tile_height) * planes;
    }
    return divide_up(s->height, s->rows) * planes;
}

static bool count_fits(const Page *page, const Rule *rule, const Entry *entry)
{
    const OskCheckPage *s = &page->shape;
    uint64_t curve = s->sample_bits <= 16 ? UINT64_C(1) << s->sample_bits : 0;
    switch ((Count)rule->count) {
    case COUNT_ONE: return entry->count == 1;
    case COUNT_TWO: return entry->count == 2;
    case COUNT_THREE: return entry->count == 3;
    case COUNT_SIX: return entry->count == 6;
    case COUNT_SAMPLES: return entry->count <= s->samples || entry->count == 1;
    case COUNT_RANGE:
        return entry->count == 2 || entry->count == 2 * s->samples || entry->count == 6;
    case COUNT_CURVE: return entry->count == curve || entry->count == 3 * curve;
    case COUNT_DATA: return entry->count == data_count(page);
    case COUNT_BYTES: return true;
    }
    return false;
}

/* Tags that readers look at only for some kinds of pictures hide their values in all others;
 * reduced copies of a page are not shown. */
static bool is_idle(const Page *page, const Entry *entry, uint64_t value)
{
    uint64_t photometric = page->shape.photometric;
    switch (entry->tag) {
    case 254: return page->number > 0 && (value & 1) != 0;
    case 255: return page->number > 0 && value == 2;
    case 291: return photometric > 1;
    case 320: return photometric != 3;
    case 529:
    case 532: return photometric != 6;
    default: return false;
    }
}

static void check_entry(Reader *r, const Page *page, const Entry *entry)
{
    uint64_t offset = osk_cursor_offset(&entry->value);
    const Rule *rule = find_rule(entry->tag);
    if (rule == NULL) {
        found(r, "directory", "a tag that doesn't belong to the picture", offset);
        return;
    }
    if (entry->type > 18 || (rule->types >> entry->type & 1) == 0 ||
        !count_fits(page, rule, entry)) {
        found(r, "directory", "a value of a kind or number that its tag can't have", offset);
    }
    if (is_idle(page, entry, entry_number(r, entry, 0))) {
        found(r, "directory", "a value or a copy of the picture that no reader shows", offset);
    }
    if (entry->tag == 34675) {
        (void)osk_check_icc(r->check, entry->value, "ICC profile");
    } else if (entry->tag == 347) {
        osk_check_jpeg_stream(r->check, entry->value, true);
    }
}

/* Every strip or tile: in the file, claimed, read to its end. */
static void check_data(Reader *r, const Page *page)
{
    uint64_t count = page->offsets.count;
    if (count == 0 || count != page->lengths.count || page->offsets.count != data_count(page)) {
        if (page->jpeg_offset == 0) {
            found(r, "strips", "not as many pieces of data as the page has",
                  osk_cursor_offset(&page->offsets.value));
        }
        return;
    }
    for (uint64_t i = 0; i < count && r->status == OSK_OK; i++) {
        if (!osk_budget_parts(r->check->budget, 1)) {
            r->status = osk_check_fail(r->check, OSK_LIMIT, "strips",
                                       "more pieces than one job may have", 0);
            return;
        }
        uint64_t at = entry_number(r, &page->offsets, i);
        uint64_t len = entry_number(r, &page->lengths, i);
        OskCursor data = cursor_at(r, at);
        data = osk_cursor_take(&data, len);
        if (len > 0 && !osk_cursor_ok(&data)) {
            found(r, "strips", "picture data outside of the file", at);
            continue;
        }
        claim(r, at, len);
        osk_check_strip(r->check, &page->shape, data, osk_check_strip_size(&page->shape, i));
    }
}

/* Old-style JPEG: one stream that the strips, if any, lie in. */
static void check_old_jpeg(Reader *r, const Page *page)
{
    OskCursor data = cursor_at(r, page->jpeg_offset);
    data = osk_cursor_take(&data, page->jpeg_len);
    if (!osk_cursor_ok(&data)) {
        found(r, "JPEG", "picture data outside of the file", page->jpeg_offset);
        return;
    }
    claim(r, page->jpeg_offset, page->jpeg_len);
    osk_check_jpeg_stream(r->check, data, false);
}

/* One directory; returns the offset of the next, 0 at the end. */
static uint64_t check_directory(Reader *r, uint64_t offset, unsigned number)
{
    OskCursor in = cursor_at(r, offset);
    uint64_t count = read_uint(r, &in, r->wide ? 8 : 2);
    uint64_t entry_size = r->wide ? 20 : 12;
    if (!osk_cursor_ok(&in) || count == 0 || count > osk_cursor_left(&in) / entry_size ||
        !osk_budget_parts(r->check->budget, count)) {
        found(r, "directory", "a directory that can't be read", offset);
        return 0;
    }
    Page page = { .number = number,
                  .shape = { .rows = UINT32_MAX,
                             .samples = 1,
                             .bits = 1,
                             .sample_bits = 1,
                             .compression = 1,
                             .planar = 1,
                             .sub_h = 2,
                             .sub_v = 2 } };
    OskCursor list = in;
    uint32_t before = 0;
    for (uint64_t i = 0; i < count; i++) {
        Entry entry;
        uint64_t at = osk_cursor_offset(&in);
        if (read_entry(r, &in, &entry)) {
            note_entry(r, &page, &entry);
            if (i > 0 && entry.tag <= before) {
                found(r, "directory", "entries that are not sorted, or doubled", at);
            }
            before = entry.tag;
        }
    }
    /* Samples that BitsPerSample leaves out are like the first (1 without it). */
    if (page.bits_noted < page.shape.samples && page.shape.samples <= UINT16_MAX) {
        uint64_t like_first = page.shape.samples - page.bits_noted;
        page.shape.bits =
            (page.bits_noted > 0 ? page.shape.bits : 0) + like_first * page.shape.sample_bits;
    }
    if (page.shape.rows > page.shape.height) {
        page.shape.rows = page.shape.height;
    }
    size_t claimed = r->count;
    for (uint64_t i = 0; i < count; i++) {
        Entry entry;
        if (read_entry(r, &list, &entry)) {
            check_entry(r, &page, &entry);
        }
    }
    r->count = claimed; /* The second reading claims nothing new. */
    uint64_t next = read_uint(r, &in, r->wide ? 8 : 4);
    claim(r, offset, (r->wide ? 8 : 2) + count * entry_size + (r->wide ? 8 : 4));
    if (page.jpeg_offset != 0) {
        check_old_jpeg(r, &page);
    } else {
        check_data(r, &page);
    }
    return osk_cursor_ok(&in) ? next : 0;
}

static int by_offset(const void *a, const void *b)
{
    const Range *x = a;
    const Range *y = b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    return x->len < y->len ? -1 : x->len > y->len;
}

/* Every byte is claimed, once or as a whole more than once (writers share equal strips); the rest
 * is zero. */
static void check_cover(Reader *r)
{
    uint64_t at = 0;
    if (r->count > 0) {
        qsort(r->ranges, r->count, sizeof(*r->ranges), by_offset);
    }
    for (size_t i = 0; i <= r->count; i++) {
        uint64_t until = i < r->count ? r->ranges[i].offset : r->check->size;
        OskCursor gap = cursor_at(r, at);
        for (; at < until; at++) {
            if (osk_cursor_u8(&gap) != 0) {
                found(r, "gap", "bytes that nothing points to", at);
                break;
            }
        }
        if (i == r->count) {
            break;
        }
        bool same = i > 0 && r->ranges[i].offset == r->ranges[i - 1].offset &&
                    r->ranges[i].len == r->ranges[i - 1].len;
        if (until < at && !same) {
            found(r, "overlap", "parts that lie in each other", until);
        }
        uint64_t end = r->ranges[i].offset + r->ranges[i].len;
        at = end > at ? end : at;
    }
}

static OskStatus check_tiff(OskCheck *check)
{
    Reader r = { .check = check };
    r.file = osk_cursor_make(check->bytes, (size_t)check->size, 0);
    OskCursor in = r.file;
    r.big = osk_cursor_u16be(&in) == 0x4D4D;
    r.wide = read_uint(&r, &in, 2) == 43;
    if (r.wide && (read_uint(&r, &in, 2) != 8 || read_uint(&r, &in, 2) != 0)) {
        return osk_check_fail(check, OSK_MALFORMED, "header", "not a BigTIFF header", 4);
    }
    uint64_t next = read_uint(&r, &in, r.wide ? 8 : 4);
    claim(&r, 0, r.wide ? 16 : 8);
    if (next == 0) {
        osk_check_found(check, "header", "a file without a page", 0);
    }
    for (unsigned pages = 0; next != 0 && r.status == OSK_OK; pages++) {
        if (pages >= PAGES_MAX) {
            return osk_check_fail(check, OSK_LIMIT, "directory", "more pages than one job may have",
                                  next);
        }
        /* Pages may share data, but a chain that runs in a circle claims it without end. */
        if (r.claimed / CLAIMS_MAX > check->size) {
            osk_check_found(check, "directory", "a chain of pages that runs in a circle", next);
            break;
        }
        next = check_directory(&r, next, pages);
    }
    if (r.status == OSK_OK) {
        check_cover(&r);
    }
    return r.status;
}

static bool matches(const uint8_t *head, size_t len)
{
    return len >= 8 && (memcmp(head, "II*\0", 4) == 0 || memcmp(head, "MM\0*", 4) == 0 ||
                        memcmp(head, "II+\0", 4) == 0 || memcmp(head, "MM\0+", 4) == 0);
}

const OskChecker osk_checker_tiff = {
    .name = "tiff", .whole = true, .matches = matches, .check = check_tiff
};
