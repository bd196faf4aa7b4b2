/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maker notes have no standard; what is known about them is one directory of TIFF entries behind a
 * header that names the maker. Only what tells a person or a device apart is decoded. */
#include "parts/exif_maker.h"

typedef enum Base {
    BASE_TIFF,  /* offsets count from the Exif block's header */
    BASE_NOTE,  /* from the first byte of the notes */
    BASE_NESTED /* from a TIFF header inside the notes */
} Base;

typedef struct MakerTag {
    uint16_t tag;
    OskKind kind;
    const char *field;
    const char *label;
} MakerTag;

typedef struct Maker {
    const char *name;
    const char *signature;
    uint8_t signature_len;
    uint8_t directory; /* offset of the directory, or of the nested header */
    Base base;
    char order; /* 'M', 'I', or 0: as in the Exif block */
    const MakerTag *tags;
    size_t tag_count;
} Maker;

static const MakerTag apple_tags[] = {
    { 0x0011, OSK_KIND_DEVICE, "apple.content-identifier",
      "number that ties a Live Photo to its video" },
    { 0x0015, OSK_KIND_DEVICE, "apple.image-id", "unique number of the picture" },
    { 0x0017, OSK_KIND_DEVICE, "apple.live-photo-index",
      "place of the picture in its Live Photo video" },
    { 0x002B, OSK_KIND_DEVICE, "apple.photo-identifier", "unique number of the photo" },
    { 0x000B, OSK_KIND_DEVICE, "apple.burst-id", "number shared by a burst of pictures" },
};
static const MakerTag canon_tags[] = {
    { 0x0006, OSK_KIND_DEVICE, "canon.image-type", "model of the camera" },
    { 0x0007, OSK_KIND_SOFTWARE, "canon.firmware", "firmware of the camera" },
    { 0x0009, OSK_KIND_NAME, "canon.owner", "name of the camera's owner" },
    { 0x000C, OSK_KIND_DEVICE, "canon.serial", "serial number of the camera" },
    { 0x0028, OSK_KIND_DEVICE, "canon.image-id", "unique number of the picture" },
    { 0x0095, OSK_KIND_DEVICE, "canon.lens", "model of the lens" },
    { 0x0096, OSK_KIND_DEVICE, "canon.internal-serial", "internal serial number of the camera" },
};
static const MakerTag nikon_tags[] = {
    { 0x001D, OSK_KIND_DEVICE, "nikon.serial", "serial number of the camera" },
    { 0x00A0, OSK_KIND_DEVICE, "nikon.serial-old", "serial number of the camera" },
    { 0x00A7, OSK_KIND_DEVICE, "nikon.shutter-count", "number of pictures the camera has taken" },
};
static const MakerTag fuji_tags[] = {
    { 0x0010, OSK_KIND_DEVICE, "fujifilm.serial", "serial number of the camera" },
};
static const MakerTag panasonic_tags[] = {
    { 0x0025, OSK_KIND_DEVICE, "panasonic.serial", "internal serial number of the camera" },
    { 0x0052, OSK_KIND_DEVICE, "panasonic.lens-serial", "serial number of the lens" },
    { 0x006F, OSK_KIND_PLACE, "panasonic.state", "state where it was taken" },
    { 0x006D, OSK_KIND_PLACE, "panasonic.city", "city where it was taken" },
    { 0x0069, OSK_KIND_PLACE, "panasonic.location", "place where it was taken" },
    { 0x0067, OSK_KIND_PLACE, "panasonic.country", "country where it was taken" },
};
static const MakerTag olympus_tags[] = {
    { 0x0207, OSK_KIND_DEVICE, "olympus.camera-type", "model of the camera" },
    { 0x0404, OSK_KIND_DEVICE, "olympus.serial", "serial number of the camera" },
};

#define TAGS(rows) rows, sizeof(rows) / sizeof((rows)[0])

/* Canon's notes begin at once with the directory, so they are recognised last, by nothing. */
static const Maker makers[] = {
    { "Apple", "Apple iOS\0\0\1MM", 14, 14, BASE_NOTE, 'M', TAGS(apple_tags) },
    { "Nikon", "Nikon\0\2", 7, 10, BASE_NESTED, 0, TAGS(nikon_tags) },
    { "Fujifilm", "FUJIFILM", 8, 12, BASE_NOTE, 'I', TAGS(fuji_tags) },
    { "Panasonic", "Panasonic\0\0\0", 12, 12, BASE_TIFF, 0, TAGS(panasonic_tags) },
    { "Olympus", "OLYMPUS\0", 8, 12, BASE_NOTE, 0, TAGS(olympus_tags) },
    { "Olympus", "OLYMP\0", 6, 8, BASE_TIFF, 0, TAGS(olympus_tags) },
    { "Sony", "SONY DSC ", 9, 12, BASE_TIFF, 0, NULL, 0 },
    { "Pentax", "AOC\0", 4, 6, BASE_TIFF, 0, NULL, 0 },
    { "Pentax", "PENTAX \0", 8, 10, BASE_NOTE, 0, NULL, 0 },
    { "Canon", "", 0, 0, BASE_TIFF, 0, TAGS(canon_tags) },
};

typedef struct Notes {
    OskCursor base;
    uint64_t directory;
    bool big;
} Notes;

static uint64_t read_uint(OskCursor *c, bool big, unsigned width)
{
    return big ? osk_cursor_be(c, width) : osk_cursor_le(c, width);
}

static const Maker *find_maker(const OskCursor *note)
{
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
        if (osk_cursor_starts(note, makers[i].signature, makers[i].signature_len)) {
            return &makers[i];
        }
    }
    return NULL;
}

static bool open_notes(const Maker *maker, OskCursor tiff, const OskExifEntry *entry, Notes *out)
{
    out->big = maker->order != 0 ? maker->order == 'M' : entry->big;
    out->base = entry->value;
    out->directory = maker->directory;
    if (maker->base == BASE_TIFF) {
        out->base = tiff;
        out->directory += osk_cursor_offset(&entry->value) - osk_cursor_offset(&tiff);
    } else if (maker->base == BASE_NESTED) {
        osk_cursor_skip(&out->base, maker->directory);
        OskCursor c = out->base;
        out->big = osk_cursor_starts(&c, "MM", 2);
        osk_cursor_skip(&c, 4);
        out->directory = read_uint(&c, out->big, 4);
        return osk_cursor_ok(&c);
    }
    return true;
}

static void report_tag(const MakerTag *tag, const OskExifEntry *entry, const char *part,
                       OskReport *report)
{
    OskFact fact = { .kind = tag->kind,
                     .part = part,
                     .field = tag->field,
                     .label = tag->label,
                     .offset = osk_cursor_offset(&entry->value),
                     .len = osk_cursor_left(&entry->value) };
    OskCursor value = entry->value;
    OskText text;
    osk_text_init(&text);
    if (entry->type == 3 || entry->type == 4 || entry->type == 9 || entry->type == 16) {
        unsigned width = osk_exif_type_size(entry->type);
        osk_text_u64(&text, read_uint(&value, entry->big, width));
    } else {
        osk_text_untrusted(&text, osk_cursor_rest(&value), osk_cursor_left(&value), OSK_UTF8);
    }
    if (text.len > 0) {
        osk_report_add(report, fact, &text);
    }
}

static void walk_notes(const Maker *maker, const Notes *notes, const char *part, OskReport *report,
                       OskBudget *budget)
{
    OskCursor c = notes->base;
    osk_cursor_skip(&c, notes->directory);
    uint64_t count = read_uint(&c, notes->big, 2);
    for (uint64_t i = 0; i < count && count <= 512 && osk_budget_parts(budget, 1); i++) {
        OskExifEntry entry = { .big = notes->big };
        entry.tag = (uint16_t)read_uint(&c, notes->big, 2);
        entry.type = (uint16_t)read_uint(&c, notes->big, 2);
        entry.count = read_uint(&c, notes->big, 4);
        OskCursor slot = osk_cursor_take(&c, 4);
        if (!osk_cursor_ok(&c)) {
            return;
        }
        uint64_t size = osk_exif_type_size(entry.type) * entry.count;
        if (size <= 4) {
            entry.value = osk_cursor_take(&slot, size);
        } else {
            OskCursor at = notes->base;
            osk_cursor_skip(&at, read_uint(&slot, notes->big, 4));
            entry.value = osk_cursor_take(&at, size);
        }
        for (size_t k = 0; k < maker->tag_count; k++) {
            if (maker->tags[k].tag == entry.tag && osk_cursor_more(&entry.value)) {
                report_tag(&maker->tags[k], &entry, part, report);
            }
        }
    }
}

void osk_exif_maker_inspect(OskCursor tiff, const OskExifEntry *entry, const char *part,
                            OskReport *report, OskBudget *budget)
{
    const Maker *maker = find_maker(&entry->value);
    OskText text;
    osk_text_init(&text);
    if (maker != NULL && maker->signature_len > 0) {
        osk_text_str(&text, maker->name);
        osk_text_str(&text, ", ");
    }
    osk_text_u64(&text, entry->count);
    osk_text_str(&text, " bytes");
    osk_report_add(report,
                   (OskFact){ .kind = OSK_KIND_DEVICE,
                              .part = part,
                              .field = "exif.maker-note",
                              .label = "private notes of the camera's maker",
                              .offset = osk_cursor_offset(&entry->value),
                              .len = osk_cursor_left(&entry->value) },
                   &text);
    Notes notes;
    if (maker != NULL && maker->tag_count > 0 && open_notes(maker, tiff, entry, &notes)) {
        walk_notes(maker, &notes, part, report, budget);
    }
}
