/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIFF 6.0, its technical notes 1 to 3, TIFF/EP, BigTIFF: which tags stay. A tag stays when a
 * reader needs it to show the picture as it is; all of those hold numbers whose count follows from
 * the picture. */
#include "formats/tiff.h"

#define TIFF6 "TIFF 6.0"
#define NUMBERS "numbers only, as many as the picture needs"

#define STRUCTURE(tag, name, meaning)                                                              \
    {                                                                                              \
        tag, name, meaning, OSK_REWRITE, OSK_KIND_NONE, TIFF6 " section 8", NUMBERS                \
    }
#define COLOUR(tag, name, meaning)                                                                 \
    {                                                                                              \
        tag, name, meaning, OSK_REWRITE, OSK_KIND_NONE, TIFF6 " sections 17 to 23", NUMBERS        \
    }
#define GONE(tag, name, meaning, kind, spec)                                                       \
    {                                                                                              \
        tag, name, meaning, OSK_DROP, kind, spec, NULL                                             \
    }

const OskPart osk_tiff_parts[] = {
    { TIFF_ROW_HEADER, "header", "byte order and the place of the first page", OSK_REWRITE,
      OSK_KIND_NONE, TIFF6 " section 2", "written anew, with all directories behind it" },
    { TIFF_ROW_DATA, "strips and tiles", "the picture", OSK_KEEP, OSK_KIND_NONE,
      TIFF6 " sections 3 and 15",
      "cut where its decoder stops: raw by size, LZW, PackBits, Deflate and JPEG walked to the "
      "last row" },
    { TIFF_ROW_DIRECTORY, "IFD", "the old list of tags, and padding", OSK_DROP, OSK_KIND_NONE,
      TIFF6 " section 2", NULL },
    { TIFF_ROW_JPEG_EXTRA, "JPEG segments", "notes inside JPEG strips", OSK_DROP, OSK_KIND_OTHER,
      "TIFF technical note 2", NULL },
    { TIFF_ROW_SLACK, "strip slack", "bytes behind the last coded byte of a strip", OSK_DROP,
      OSK_KIND_OTHER, TIFF6 " section 3", NULL },
    { TIFF_ROW_HIDDEN, "unreferenced bytes", "bytes that nothing points to", OSK_DROP,
      OSK_KIND_OTHER, TIFF6 " section 2", NULL },
    { TIFF_ROW_TRAILER, "trailer", "bytes behind everything else", OSK_DROP, OSK_KIND_OTHER,
      TIFF6 " section 2", NULL },
    { TIFF_ROW_PRIVATE, "private tag", "data of one program or camera", OSK_DROP, OSK_KIND_OTHER,
      TIFF6 " section 8, private fields", NULL },

    STRUCTURE(254, "NewSubfileType", "what a page is"),
    STRUCTURE(255, "SubfileType", "what a page is"),
    STRUCTURE(256, "ImageWidth", "width"),
    STRUCTURE(257, "ImageLength", "height"),
    STRUCTURE(258, "BitsPerSample", "bits per sample"),
    STRUCTURE(259, "Compression", "compression"),
    STRUCTURE(262, "PhotometricInterpretation", "colour model"),
    STRUCTURE(263, "Threshholding", "halftone technique"),
    STRUCTURE(264, "CellWidth", "halftone cell"),
    STRUCTURE(265, "CellLength", "halftone cell"),
    STRUCTURE(266, "FillOrder", "order of bits"),
    STRUCTURE(273, "StripOffsets", "places of the strips"),
    STRUCTURE(274, "Orientation", "which way is up"),
    STRUCTURE(277, "SamplesPerPixel", "samples per pixel"),
    STRUCTURE(278, "RowsPerStrip", "rows per strip"),
    STRUCTURE(279, "StripByteCounts", "sizes of the strips"),
    STRUCTURE(280, "MinSampleValue", "smallest sample"),
    STRUCTURE(281, "MaxSampleValue", "largest sample"),
    STRUCTURE(282, "XResolution", "shape of a pixel"),
    STRUCTURE(283, "YResolution", "shape of a pixel"),
    STRUCTURE(284, "PlanarConfiguration", "order of planes"),
    COLOUR(290, "GrayResponseUnit", "tones"),
    COLOUR(291, "GrayResponseCurve", "tones"),
    STRUCTURE(292, "T4Options", "compression"),
    STRUCTURE(293, "T6Options", "compression"),
    STRUCTURE(296, "ResolutionUnit", "shape of a pixel"),
    STRUCTURE(297, "PageNumber", "number of the page"),
    STRUCTURE(317, "Predictor", "compression"),
    COLOUR(318, "WhitePoint", "colours"),
    COLOUR(319, "PrimaryChromaticities", "colours"),
    COLOUR(320, "ColorMap", "palette"),
    COLOUR(321, "HalftoneHints", "tones"),
    STRUCTURE(322, "TileWidth", "width of a tile"),
    STRUCTURE(323, "TileLength", "height of a tile"),
    STRUCTURE(324, "TileOffsets", "places of the tiles"),
    STRUCTURE(325, "TileByteCounts", "sizes of the tiles"),
    COLOUR(332, "InkSet", "inks"),
    COLOUR(334, "NumberOfInks", "inks"),
    COLOUR(336, "DotRange", "inks"),
    STRUCTURE(338, "ExtraSamples", "transparency"),
    STRUCTURE(339, "SampleFormat", "kind of numbers"),
    STRUCTURE(340, "SMinSampleValue", "smallest sample"),
    STRUCTURE(341, "SMaxSampleValue", "largest sample"),
    { 347, "JPEGTables", "tables that JPEG strips share", OSK_REWRITE, OSK_KIND_NONE,
      "TIFF technical note 2", "walked; only tables that strips use are written" },
    COLOUR(529, "YCbCrCoefficients", "colours"),
    COLOUR(530, "YCbCrSubSampling", "colours"),
    COLOUR(531, "YCbCrPositioning", "colours"),
    COLOUR(532, "ReferenceBlackWhite", "colours"),
    STRUCTURE(32995, "Matteing", "transparency"),
    STRUCTURE(32996, "DataType", "kind of numbers"),
    { 34675, "ICCProfile", "colour profile", OSK_REWRITE, OSK_KIND_DEVICE, "ICC.1:2022 annex B",
      "rebuilt from the tags that define colour" },

    GONE(269, "DocumentName", "name of the document", OSK_KIND_NAME, TIFF6 " section 8"),
    GONE(270, "ImageDescription", "description of the picture", OSK_KIND_NAME, TIFF6 " section 8"),
    GONE(271, "Make", "maker of the camera or scanner", OSK_KIND_DEVICE, TIFF6 " section 8"),
    GONE(272, "Model", "model of the camera or scanner", OSK_KIND_DEVICE, TIFF6 " section 8"),
    GONE(285, "PageName", "name of the page", OSK_KIND_NAME, TIFF6 " section 8"),
    GONE(286, "XPosition", "place on the paper", OSK_KIND_OTHER, TIFF6 " section 12"),
    GONE(287, "YPosition", "place on the paper", OSK_KIND_OTHER, TIFF6 " section 12"),
    GONE(288, "FreeOffsets", "unused bytes", OSK_KIND_OTHER, TIFF6 " section 8"),
    GONE(289, "FreeByteCounts", "unused bytes", OSK_KIND_OTHER, TIFF6 " section 8"),
    GONE(301, "TransferFunction", "tone curve that no viewer uses", OSK_KIND_OTHER,
         TIFF6 " section 20"),
    GONE(305, "Software", "program that wrote it", OSK_KIND_SOFTWARE, TIFF6 " section 8"),
    GONE(306, "DateTime", "when the file was changed", OSK_KIND_TIME, TIFF6 " section 8"),
    GONE(315, "Artist", "name of the author", OSK_KIND_NAME, TIFF6 " section 8"),
    GONE(316, "HostComputer", "computer that wrote it", OSK_KIND_DEVICE, TIFF6 " section 8"),
    GONE(330, "SubIFDs", "other pictures in the file", OSK_KIND_PREVIEW, "TIFF technical note 1"),
    GONE(333, "InkNames", "names of the inks", OSK_KIND_NAME, TIFF6 " section 16"),
    GONE(337, "TargetPrinter", "printer it was made for", OSK_KIND_NAME, TIFF6 " section 16"),
    GONE(700, "XMP", "XMP metadata", OSK_KIND_NAME, "XMP specification part 3"),
    GONE(33432, "Copyright", "copyright notice", OSK_KIND_NAME, TIFF6 " section 8"),
    GONE(33550, "ModelPixelScale", "size of a pixel on the ground", OSK_KIND_PLACE, "GeoTIFF 1.1"),
    GONE(33723, "IPTC", "IPTC caption", OSK_KIND_NAME, "IPTC-NAA IIM 4.2"),
    GONE(33922, "ModelTiepoint", "place that the picture shows", OSK_KIND_PLACE, "GeoTIFF 1.1"),
    GONE(34377, "Photoshop", "Photoshop data", OSK_KIND_OTHER, "Photoshop file formats"),
    GONE(34665, "ExifIFD", "camera data", OSK_KIND_DEVICE, "Exif 3.0 section 4.6.3"),
    GONE(34735, "GeoKeyDirectory", "map projection", OSK_KIND_PLACE, "GeoTIFF 1.1"),
    GONE(34853, "GPSInfoIFD", "GPS data", OSK_KIND_PLACE, "Exif 3.0 section 4.6.3"),
    GONE(37724, "ImageSourceData", "Photoshop layers", OSK_KIND_OTHER, "Photoshop TIFF notes"),
    GONE(42112, "GDALMetadata", "text that describes the data", OSK_KIND_NAME, "GDAL GTiff driver"),
};

#define PART_COUNT (sizeof(osk_tiff_parts) / sizeof(osk_tiff_parts[0]))

const OskPart *osk_tiff_row(uint64_t tag)
{
    const OskPart *row = osk_part_find(osk_tiff_parts, PART_COUNT, tag);
    return row != NULL ? row : osk_part_find(osk_tiff_parts, PART_COUNT, TIFF_ROW_PRIVATE);
}

/* Photometric interpretations, TIFF 6.0 section 8. */
enum { WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, PALETTE = 3, SEPARATED = 5, YCBCR = 6 };

/* `count` when there are that many, else none. */
static uint64_t exactly(uint64_t count, const OskExifEntry *entry)
{
    return entry->count >= count ? count : 0;
}

static uint64_t at_most(uint64_t count, const OskExifEntry *entry)
{
    return entry->count < count ? entry->count : count;
}

static uint64_t count_colour(const TiffPage *page, const OskExifEntry *entry)
{
    uint64_t levels = page->bits[0] <= 16 ? UINT64_C(1) << page->bits[0] : UINT64_MAX;
    uint64_t model = page->photometric;
    bool grey = model == WHITE_IS_ZERO || model == BLACK_IS_ZERO;
    switch (entry->tag) {
    case 290: return grey ? exactly(1, entry) : 0;
    case 291: return grey ? exactly(levels, entry) : 0;
    case 320: return model == PALETTE && levels <= 65536 ? exactly(3 * levels, entry) : 0;
    case 332:
    case 334: return model == SEPARATED ? exactly(1, entry) : 0;
    case 336:
        return model == SEPARATED
                   ? exactly(entry->count < 2 * page->samples ? 2 : 2 * page->samples, entry)
                   : 0;
    case 529: return model == YCBCR ? exactly(3, entry) : 0;
    case 530: return model == YCBCR ? exactly(2, entry) : 0;
    case 531: return model == YCBCR ? exactly(1, entry) : 0;
    case 532: return model == YCBCR ? exactly(6, entry) : 0;
    default: return exactly(1, entry);
    }
}

uint64_t osk_tiff_count(const TiffPage *page, const OskExifEntry *entry)
{
    switch (entry->tag) {
    case 258:
    case 280:
    case 281:
    case 338:
    case 339:
    case 340:
    case 341:
    case 32996: return at_most(page->samples, entry);
    case 255: return osk_tiff_value(entry, 0, 0) == 2 ? 0 : exactly(1, entry); /* a reduced copy */
    case 297:
    case 318:
    case 321: return exactly(2, entry);
    case 319: return exactly(6, entry);
    case 322:
    case 323: return page->tiled ? exactly(1, entry) : 0;
    default: return count_colour(page, entry);
    }
}

/* Tags that say how the bytes of a page become pixels. Where one is there but can't be read,
 * readers refuse the page, or guess and show another picture. */
static const struct {
    uint16_t tag;
    bool list; /* more values than one are no contradiction */
} layout_tags[] = {
    { 256, false }, { 257, false }, { 258, true },  { 259, true },  { 262, false }, { 266, false },
    { 273, true },  { 277, false }, { 278, false }, { 279, true },  { 284, false }, { 292, false },
    { 293, false }, { 317, false }, { 320, true },  { 322, false }, { 323, false }, { 324, true },
    { 325, true },  { 338, true },  { 339, true },  { 530, true },
};

const char *osk_tiff_flaw(const OskExifEntry *entry)
{
    size_t i = 0;
    while (i < sizeof(layout_tags) / sizeof(layout_tags[0]) && layout_tags[i].tag != entry->tag) {
        i++;
    }
    if (i == sizeof(layout_tags) / sizeof(layout_tags[0])) {
        return NULL;
    }
    if (!osk_tiff_is_size(entry->type)) {
        return "a value of a kind that this tag can't have";
    }
    /* Some writers list no extra samples with a tag of no values. */
    bool none = entry->tag == 338 || entry->tag == 279 || entry->tag == 325;
    if ((entry->count == 0 && !none) || (entry->count > 1 && !layout_tags[i].list)) {
        return "another number of values than this tag has";
    }
    return osk_cursor_ok(&entry->value) ? NULL : "values that lie behind the end of the file";
}

TiffNumbers osk_tiff_numbers(uint16_t tag)
{
    switch (tag) {
    case 282:
    case 283:
    case 318:
    case 319:
    case 529:
    case 532: return TIFF_RATIOS;
    case 280:
    case 281:
    case 340:
    case 341: return TIFF_SAMPLES;
    default: return TIFF_SIZES;
    }
}

const OskFormat osk_format_tiff = {
    .info = { .name = "tiff",
              .title = "TIFF and BigTIFF",
              .media_type = "image/tiff",
              .extensions = "tif tiff",
              .parts = osk_tiff_parts,
              .part_count = PART_COUNT },
    .whole = true,
    .probe = osk_tiff_probe,
    .walk = osk_tiff_walk,
};
