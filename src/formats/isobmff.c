/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEIF and AVIF: boxes; a `meta` box lists items (pictures, tiles, thumbnails, Exif), where their
 * data lies in `mdat` or `idat`, how they refer to each other, and their properties. ISO/IEC
 * 14496-12:2022, 23008-12:2022, MIAF (23000-22), AVIF 1.2.
 *
 * What stays is what opens: the primary item, what it is made from, and their transparency. The
 * `meta` box is rebuilt from the fields that this needs; everything else in the file goes.
 * Tolerated, because readers do: a last mdat that claims more bytes than the file has, bytes behind
 * the last box, data outside of any mdat (it moves into `idat`). Image sequences are laid out by
 * isobmff_movie.c. */
#include "base/writer.h"
#include "formats/isobmff_mini.h"
#include "formats/isobmff_movie.h"
#include "formats/isobmff_parts.h"
#include "formats/isobmff_still.h"
#include "formats/movie.h"

/* The policy. Rows of items, properties and references drive isobmff_still.c and isobmff_prop.c. */
#define BASE "ISO/IEC 14496-12"
#define HEIF "ISO/IEC 23008-12"
#define NALU "ISO/IEC 14496-15"
#define AVIF "AVIF 1.2"

#define ROW(place, a, b, c, d, name_, meaning_, verdict_, kind_, spec_, why_)                      \
    {                                                                                              \
        .tag = OSK_ISOBMFF_TAG(OSK_ISOBMFF_##place, a, b, c, d), .name = name_,                    \
        .meaning = meaning_, .verdict = OSK_##verdict_, .kind = OSK_KIND_##kind_, .spec = spec_,   \
        .why = why_                                                                                \
    }

#define FIXED "rebuilt field by field at its fixed size"
#define CODED "read unit by unit; messages and padding in it are dropped"

static const OskPart parts[] = {
    ROW(BOX, 'f', 't', 'y', 'p', "ftyp", "what kind of file it is", REWRITE, SOFTWARE, BASE " 4.3",
        "only registered brands stay, and the minor version is zeroed"),
    ROW(BOX, 'm', 'e', 't', 'a', "meta", "the list of pictures and what belongs to them", REWRITE,
        NONE, BASE " 8.11", "rebuilt from the fields that the shown picture needs"),
    ROW(BOX, 'm', 'i', 'n', 'i', "mini", "the short form of that list", REWRITE, NONE,
        HEIF " Amd 1", "written anew in the long form, without Exif, XMP and gain map"),
    ROW(BOX, 'm', 'd', 'a', 't', "mdat", "frame around the coded data", REWRITE, NONE,
        BASE " 8.1.1", "only its header, with the new size"),
    ROW(BOX, 'i', 'm', 'g', ' ', "picture data", "the coded picture itself", KEEP, NONE,
        HEIF " 6.2", CODED),
    ROW(BOX, 'i', 'm', 's', 'g', "picture messages",
        "messages and padding inside of a coded picture", DROP, OTHER, NALU " 8.3", NULL),
    ROW(BOX, 'g', 'a', 'p', ' ', "unreferenced data", "data that the shown picture does not need",
        DROP, OTHER, BASE " 8.1.1", NULL),
    ROW(BOX, 'f', 'r', 'e', 'e', "free", "padding, or what was there before", DROP, OTHER,
        BASE " 8.1.2", NULL),
    ROW(BOX, 's', 'k', 'i', 'p', "skip", "padding, or what was there before", DROP, OTHER,
        BASE " 8.1.2", NULL),
    ROW(BOX, 'u', 'u', 'i', 'd', "uuid", "a maker's own box", DROP, OTHER, BASE " 4.2", NULL),
    ROW(BOX, 'm', 'p', 'v', 'd', "mpvd", "a hidden motion photo: a short video with sound", DROP,
        PREVIEW, "Android motion photo 1.0", NULL),
    ROW(BOX, 's', 'e', 'f', 'd', "sefd", "Samsung's trailer: times, settings, hidden pictures",
        DROP, DEVICE, "Samsung", NULL),
    ROW(BOX, 'm', 'o', 'o', 'p', "unknown box", "a box that no reader needs", DROP, OTHER,
        BASE " 4.2", NULL),
    ROW(BOX, 't', 'a', 'i', 'l', "trailer", "bytes behind the last box", DROP, OTHER, BASE " 4.2",
        NULL),

    ROW(BOX, 'm', 'o', 'o', 'v', "moov", "the index of an image sequence", REWRITE, TIME,
        BASE " 8.2.1", "written anew from numbers; no text, no times, no unknown boxes"),
    { .tag = OSK_MOVIE_TAG_DATA,
      .name = "sequence data",
      .meaning = "coded pictures and sound that are played",
      .verdict = OSK_KEEP,
      .kind = OSK_KIND_NONE,
      .spec = BASE " 8.1.1",
      .why = "only bytes of samples that a kept track shows; units and messages in them by their "
             "own tables" },
    { .tag = OSK_MOVIE_TAG_MESSAGE,
      .name = "sequence messages",
      .meaning = "notes between the coded pictures: settings, times, captions",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = "H.265 D, AV1 5.8" },
    { .tag = OSK_MOVIE_TAG_UNUSED,
      .name = "unused sequence data",
      .meaning = "data that is not shown when the sequence is played",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = BASE " 8.1.1" },
    { .tag = OSK_MOVIE_TAG_OTHER,
      .name = "unknown box beside a sequence",
      .meaning = "a box that no player needs",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = BASE " 4.2" },
    { .tag = OSK_MOVIE_TAG_TRAILER,
      .name = "trailer of a sequence",
      .meaning = "bytes behind the end of the sequence",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = BASE " 4.2" },

    ROW(ITEM, 'h', 'v', 'c', '1', "item hvc1", "a picture coded with HEVC", KEEP, NONE, HEIF " B.2",
        CODED),
    ROW(ITEM, 'h', 'e', 'v', '1', "item hev1", "a picture coded with HEVC", KEEP, NONE, HEIF " B.2",
        CODED),
    ROW(ITEM, 'l', 'h', 'v', '1', "item lhv1", "a layered picture coded with HEVC", KEEP, NONE,
        HEIF " B.3", CODED),
    ROW(ITEM, 'a', 'v', 'c', '1', "item avc1", "a picture coded with AVC", KEEP, NONE, HEIF " E",
        CODED),
    ROW(ITEM, 'a', 'v', '0', '1', "item av01", "a picture coded with AV1", KEEP, NONE, AVIF " 2.1",
        CODED),
    ROW(ITEM, 'u', 'n', 'c', 'i', "item unci", "an uncompressed picture", KEEP, NONE,
        "ISO/IEC 23001-17",
        "exactly as long as its size and format ask for, or inflated to its end"),
    ROW(ITEM, 'g', 'r', 'i', 'd', "item grid", "a picture put together from tiles", KEEP, NONE,
        HEIF " 6.6.2.3.2", "exact length, exactly as many tiles as cells"),
    ROW(ITEM, 'i', 'o', 'v', 'l', "item iovl", "a picture put together from layers", KEEP, NONE,
        HEIF " 6.6.2.3.3", "exact length; no layer covers another or leaves the canvas"),
    ROW(ITEM, 'i', 'd', 'e', 'n', "item iden", "a picture turned or mirrored", KEEP, NONE,
        HEIF " 6.6.2.1", "holds no data"),
    ROW(ITEM, 't', 'm', 'a', 'p', "item tmap", "a picture with a tone map", KEEP, NONE,
        "ISO 21496-1", "exact length; only where it is the shown picture"),
    ROW(ITEM, 's', 'a', 't', 'o', "item sato", "a picture computed from others", KEEP, NONE,
        AVIF " 4.2.3", "every token read; only where it is the shown picture"),
    ROW(ITEM, 'E', 'x', 'i', 'f', "item Exif", "camera data: place, time, device", DROP, PLACE,
        HEIF " A.2", NULL),
    ROW(ITEM, 'm', 'i', 'm', 'e', "item mime", "XMP or other attached data", DROP, NAME,
        BASE " 8.11.6", NULL),
    ROW(ITEM, 'u', 'r', 'i', ' ', "item uri", "attached data named by an address", DROP, NAME,
        BASE " 8.11.6", NULL),
    ROW(ITEM, 'j', 'u', 'm', 'b', "item jumb", "signed origin and edit history", DROP, DEVICE,
        "C2PA 2.1", NULL),
    ROW(ITEM, 'c', '2', 'p', 'a', "item c2pa", "signed origin and edit history", DROP, DEVICE,
        "C2PA 2.1", NULL),
    ROW(ITEM, 'i', 'p', 't', 'c', "item iptc", "captions and credits", DROP, NAME, "IPTC-IIM",
        NULL),

    ROW(PROP, 'i', 's', 'p', 'e', "property ispe", "width and height", KEEP, NONE, HEIF " 6.5.3",
        FIXED),
    ROW(PROP, 'p', 'i', 'x', 'i', "property pixi", "bits of each channel", KEEP, NONE,
        HEIF " 6.5.6", "one byte a channel, nothing behind"),
    ROW(PROP, 'c', 'o', 'l', 'r', "property colr", "what the colours mean", KEEP, DEVICE,
        BASE " 12.1.5", "code points, or a profile rebuilt from its colour-defining tags"),
    ROW(PROP, 'i', 'r', 'o', 't', "property irot", "turned by quarter turns", KEEP, NONE,
        HEIF " 6.5.10", FIXED),
    ROW(PROP, 'i', 'm', 'i', 'r', "property imir", "mirrored", KEEP, NONE, HEIF " 6.5.12", FIXED),
    ROW(PROP, 'p', 'a', 's', 'p', "property pasp", "pixel shape", KEEP, NONE, HEIF " 6.5.4", FIXED),
    ROW(PROP, 'c', 'l', 'a', 'p', "property clap", "crop", KEEP, NONE, HEIF " 6.5.9",
        "refused unless only coding padding lies outside"),
    ROW(PROP, 'i', 's', 'c', 'l', "property iscl", "shown at another size", KEEP, NONE,
        HEIF " 6.5.13", FIXED),
    ROW(PROP, 'c', 'l', 'l', 'i', "property clli", "brightness of the content", KEEP, NONE,
        BASE " 12.1.6", FIXED),
    ROW(PROP, 'm', 'd', 'c', 'v', "property mdcv", "colours of the mastering display", KEEP, NONE,
        BASE " 12.1.7", FIXED),
    ROW(PROP, 'c', 'c', 'l', 'v', "property cclv", "colour volume of the content", KEEP, NONE,
        BASE " 12.1.8", FIXED),
    ROW(PROP, 'a', 'm', 'v', 'e', "property amve", "light around the viewer", KEEP, NONE,
        BASE " 12.1.9", FIXED),
    ROW(PROP, 'r', 'e', 'v', 'e', "property reve", "reference viewing environment", KEEP, NONE,
        HEIF " 6.5.36", FIXED),
    ROW(PROP, 'n', 'd', 'w', 't', "property ndwt", "brightness of white", KEEP, NONE,
        HEIF " 6.5.37", FIXED),
    ROW(PROP, 'h', 'v', 'c', 'C', "property hvcC", "HEVC parameters", KEEP, NONE, NALU " 8.3.3.1",
        CODED),
    ROW(PROP, 'l', 'h', 'v', 'C', "property lhvC", "layered HEVC parameters", KEEP, NONE,
        NALU " 9.6.3", CODED),
    ROW(PROP, 'a', 'v', 'c', 'C', "property avcC", "AVC parameters", KEEP, NONE, NALU " 5.3.3.1",
        CODED),
    ROW(PROP, 'a', 'v', '1', 'C', "property av1C", "AV1 parameters", KEEP, NONE, "AV1-ISOBMFF 2.3",
        CODED),
    ROW(PROP, 'a', 'u', 'x', 'C', "property auxC", "that a picture is the transparency of another",
        KEEP, NONE, HEIF " 6.5.8", "one of three known names"),
    ROW(PROP, 'a', '1', 'o', 'p', "property a1op", "which operating point is shown", KEEP, NONE,
        AVIF " 2.3.2.1", FIXED),
    ROW(PROP, 'l', 's', 'e', 'l', "property lsel", "which layer is shown", KEEP, NONE,
        HEIF " 6.5.11", FIXED),
    ROW(PROP, 'a', '1', 'l', 'x', "property a1lx", "sizes of the layers", KEEP, NONE,
        AVIF " 2.3.2.3", FIXED),
    ROW(PROP, 'r', 'r', 'e', 'f', "property rref", "references that must be understood", KEEP, NONE,
        HEIF " 6.5.17", "only references of this table"),
    ROW(PROP, 'c', 'm', 'p', 'd', "property cmpd", "channels of an uncompressed picture", KEEP,
        NONE, "ISO/IEC 23001-17 5.1", "numbers of registered channels only"),
    ROW(PROP, 'u', 'n', 'c', 'C', "property uncC", "layout of an uncompressed picture", KEEP, NONE,
        "ISO/IEC 23001-17 5.2", FIXED),
    ROW(PROP, 'c', 'm', 'p', 'C', "property cmpC", "how it is compressed", KEEP, NONE,
        "ISO/IEC 23001-17 Amd 2", FIXED),
    ROW(PROP, 'i', 'c', 'e', 'f', "property icef", "where its compressed units lie", KEEP, NONE,
        "ISO/IEC 23001-17 Amd 2", "units cover the data without gap"),
    ROW(PROP, 'u', 'd', 'e', 's', "property udes", "name, caption and tags", DROP, NAME,
        HEIF " 6.5.20", NULL),
    ROW(PROP, 'a', 'l', 't', 't', "property altt", "alternative text", DROP, NAME, HEIF " 6.5.21",
        NULL),
    ROW(PROP, 'c', 'r', 't', 't', "property crtt", "when it was taken", DROP, TIME, HEIF " 6.5.18",
        NULL),
    ROW(PROP, 'm', 'd', 'f', 't', "property mdft", "when it was changed", DROP, TIME,
        HEIF " 6.5.19", NULL),
    ROW(PROP, 'i', 't', 'a', 'i', "property itai", "when it was taken", DROP, TIME,
        "ISO/IEC 23001-17 Amd 1", NULL),
    ROW(PROP, 'c', 'm', 'i', 'n', "property cmin", "the lens of the camera", DROP, DEVICE,
        HEIF " 6.5.38", NULL),
    ROW(PROP, 'c', 'm', 'e', 'x', "property cmex", "where the camera stood", DROP, PLACE,
        HEIF " 6.5.39", NULL),
    ROW(PROP, 'u', 'u', 'i', 'd', "property uuid", "a maker's own property", DROP, OTHER,
        BASE " 4.2", NULL),

    ROW(REF, 'd', 'i', 'm', 'g', "reference dimg", "made from other pictures", KEEP, NONE,
        HEIF " 6.4.7", "rebuilt between pictures that stay"),
    ROW(REF, 'a', 'u', 'x', 'l', "reference auxl", "transparency of", KEEP, NONE, HEIF " 6.4.4",
        "rebuilt between pictures that stay"),
    ROW(REF, 'p', 'r', 'e', 'm', "reference prem", "colours already multiplied", KEEP, NONE,
        HEIF " 6.4.4", "rebuilt between pictures that stay"),
    ROW(REF, 'b', 'a', 's', 'e', "reference base", "base layer of", KEEP, NONE, HEIF " 6.4.6",
        "rebuilt between pictures that stay"),
    ROW(REF, 'p', 'r', 'e', 'd', "reference pred", "predicted from", KEEP, NONE, HEIF " 6.4.8",
        "rebuilt between pictures that stay"),
    ROW(REF, 't', 'h', 'm', 'b', "reference thmb", "thumbnail of", DROP, PREVIEW, HEIF " 6.4.4",
        NULL),
    ROW(REF, 'c', 'd', 's', 'c', "reference cdsc", "describes", DROP, NONE, HEIF " 6.4.4", NULL),
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

const OskPart *osk_isobmff_part(OskIsobmffPlace place, uint32_t type)
{
    return osk_part_find(parts, PART_COUNT, (uint64_t)place << 32 | type);
}

/* Brands that say nothing but how to read the file: those registered for pictures, sequences and
 * the base format. A made-up one could carry a word. */
static const uint32_t brands[] = {
    OSK_FOURCC('m', 'i', 'f', '1'), OSK_FOURCC('m', 'i', 'f', '2'), OSK_FOURCC('m', 'i', 'f', '3'),
    OSK_FOURCC('m', 's', 'f', '1'), OSK_FOURCC('m', 'i', 'a', 'f'), OSK_FOURCC('M', 'i', 'H', 'A'),
    OSK_FOURCC('M', 'i', 'H', 'B'), OSK_FOURCC('M', 'i', 'H', 'E'), OSK_FOURCC('M', 'i', 'P', 'r'),
    OSK_FOURCC('M', 'A', '1', 'A'), OSK_FOURCC('M', 'A', '1', 'B'), OSK_FOURCC('h', 'e', 'i', 'c'),
    OSK_FOURCC('h', 'e', 'i', 'x'), OSK_FOURCC('h', 'e', 'i', 'm'), OSK_FOURCC('h', 'e', 'i', 's'),
    OSK_FOURCC('h', 'e', 'v', 'c'), OSK_FOURCC('h', 'e', 'v', 'x'), OSK_FOURCC('h', 'e', 'v', 'm'),
    OSK_FOURCC('h', 'e', 'v', 's'), OSK_FOURCC('a', 'v', 'i', 'f'), OSK_FOURCC('a', 'v', 'i', 's'),
    OSK_FOURCC('a', 'v', 'i', 'o'), OSK_FOURCC('a', 'v', 'c', 'i'), OSK_FOURCC('a', 'v', 'c', 's'),
    OSK_FOURCC('u', 'n', 'i', 'f'), OSK_FOURCC('1', 'p', 'i', 'c'), OSK_FOURCC('a', 'v', '0', '1'),
    OSK_FOURCC('a', 'v', 'c', '1'), OSK_FOURCC('i', 's', 'o', 'm'), OSK_FOURCC('i', 's', 'o', '2'),
    OSK_FOURCC('i', 's', 'o', '3'), OSK_FOURCC('i', 's', 'o', '4'), OSK_FOURCC('i', 's', 'o', '5'),
    OSK_FOURCC('i', 's', 'o', '6'), OSK_FOURCC('i', 's', 'o', '7'), OSK_FOURCC('i', 's', 'o', '8'),
    OSK_FOURCC('i', 's', 'o', '9'), OSK_FOURCC('i', 's', 'o', 'a'), OSK_FOURCC('i', 's', 'o', 'b'),
    OSK_FOURCC('i', 's', 'o', 'c'), OSK_FOURCC('m', 'p', '4', '1'), OSK_FOURCC('m', 'p', '4', '2'),
};

/* Brands that make a file a picture, whatever else it claims to be. */
static bool is_heif_brand(uint32_t brand)
{
    switch (brand) {
    case OSK_FOURCC('m', 'i', 'f', '1'):
    case OSK_FOURCC('m', 'i', 'f', '2'):
    case OSK_FOURCC('m', 'i', 'f', '3'):
    case OSK_FOURCC('m', 's', 'f', '1'):
    case OSK_FOURCC('h', 'e', 'i', 'c'):
    case OSK_FOURCC('h', 'e', 'i', 'x'):
    case OSK_FOURCC('h', 'e', 'i', 'm'):
    case OSK_FOURCC('h', 'e', 'i', 's'):
    case OSK_FOURCC('h', 'e', 'v', 'c'):
    case OSK_FOURCC('h', 'e', 'v', 'x'):
    case OSK_FOURCC('h', 'e', 'v', 'm'):
    case OSK_FOURCC('h', 'e', 'v', 's'):
    case OSK_FOURCC('a', 'v', 'c', 'i'):
    case OSK_FOURCC('a', 'v', 'c', 's'):
    case OSK_FOURCC('u', 'n', 'i', 'f'): return true;
    default: return false;
    }
}

static bool is_avif_brand(uint32_t brand)
{
    return brand == OSK_FOURCC('a', 'v', 'i', 'f') || brand == OSK_FOURCC('a', 'v', 'i', 's') ||
           brand == OSK_FOURCC('a', 'v', 'i', 'o');
}

static bool is_movie_brand(uint32_t brand)
{
    return brand >> 8 == OSK_FOURCC(0, 'i', 's', 'o') ||
           brand >> 8 == OSK_FOURCC(0, 'm', 'p', '4') ||
           brand >> 8 == OSK_FOURCC(0, 'M', '4', 'V') ||
           brand >> 8 == OSK_FOURCC(0, '3', 'g', 'p') || brand == OSK_FOURCC('q', 't', ' ', ' ');
}

static OskProbe probe_brands(const uint8_t *head, size_t len, bool avif)
{
    OskCursor c = osk_cursor_make(head, len, 0);
    OskBox box;
    OskCursor body;
    if (!osk_box_next(&c, &box, &body) || box.type != OSK_FOURCC('f', 't', 'y', 'p')) {
        return OSK_PROBE_NO;
    }
    uint32_t major = osk_cursor_u32be(&body);
    osk_cursor_skip(&body, 4);
    bool any_avif = is_avif_brand(major);
    bool any_heif = is_heif_brand(major);
    bool movie = is_movie_brand(major);
    while (osk_cursor_left(&body) >= 4) {
        uint32_t brand = osk_cursor_u32be(&body);
        any_avif = any_avif || is_avif_brand(brand);
        any_heif = any_heif || is_heif_brand(brand);
    }
    bool mine = avif ? any_avif : any_heif && !any_avif;
    return !mine ? OSK_PROBE_NO : movie ? OSK_PROBE_MAYBE : OSK_PROBE_YES;
}

static OskProbe probe_avif(const uint8_t *head, size_t len)
{
    return probe_brands(head, len, true);
}

static OskProbe probe_heif(const uint8_t *head, size_t len)
{
    return probe_brands(head, len, false);
}

static bool brand_is_known(uint32_t brand)
{
    for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++) {
        if (brands[i] == brand) {
            return true;
        }
    }
    return false;
}

static const OskPart *row(const OskWalk *walk, uint32_t type)
{
    return osk_part_find(walk->plan->parts, walk->plan->part_count, type);
}

static void find_box(OskWalk *walk, const OskBox *box, const OskPart *part)
{
    OskText text;
    osk_text_init(&text);
    osk_box_type_text(&text, box->type);
    osk_report_add(walk->report,
                   (OskFact){ .kind = part->kind,
                              .part = part->name,
                              .field = "isobmff.box",
                              .label = part->meaning,
                              .offset = box->offset,
                              .len = box->size },
                   &text);
}

/* A new `ftyp` with the known brands, in their order; a finding for others, and for a minor
 * version. */
static OskStatus build_ftyp(OskWalk *walk, const OskBox *box, OskWriter *out)
{
    OskCursor body;
    OskStatus status = osk_walk_load(walk, osk_box_body_offset(box), osk_box_body_len(box), &body);
    if (status != OSK_OK) {
        return status;
    }
    uint32_t major = osk_cursor_u32be(&body);
    osk_cursor_skip(&body, 4);
    OskWriterMark mark = osk_writer_box(out, "ftyp");
    osk_writer_be(out, major, 4);
    osk_writer_be(out, 0, 4);
    uint32_t first = 0;
    while (osk_cursor_left(&body) >= 4) {
        uint32_t brand = osk_cursor_u32be(&body);
        if (brand_is_known(brand)) {
            osk_writer_be(out, brand, 4);
            first = first == 0 ? brand : first;
        }
    }
    osk_writer_close(out, mark);
    if (!brand_is_known(major)) {
        osk_writer_patch_be(out, 8, first, 4);
    }
    if (!osk_writer_ok(out)) {
        return osk_walk_no_memory(walk, "ftyp", box->offset);
    }
    if (out->len != box->size || memcmp(out->bytes, walk->bytes + box->offset, out->len) != 0) {
        osk_report_add(walk->report,
                       (OskFact){ .kind = OSK_KIND_SOFTWARE,
                                  .part = "ftyp",
                                  .field = "isobmff.brand",
                                  .label = "brands or versions that no reader needs",
                                  .offset = box->offset,
                                  .len = box->size },
                       NULL);
    }
    return OSK_OK;
}

static OskStatus walk_ftyp(OskWalk *walk, const OskBox *box)
{
    OskWriter out;
    osk_writer_init(&out, (size_t)(osk_box_body_len(box) + 16));
    OskStatus status = build_ftyp(walk, box, &out);
    if (status == OSK_OK) {
        osk_plan_rewrite(walk->plan, row(walk, box->type), box->offset, box->size, out.bytes,
                         out.len);
    }
    osk_writer_free(&out);
    return status;
}

/* The `ftyp` of a file whose short form becomes the long one: its minor version is the brand of
 * that. */
static OskStatus convert_ftyp(OskWalk *walk, const OskBox *box, uint32_t brand)
{
    OskWriter out;
    osk_writer_init(&out, 64);
    OskWriterMark mark = osk_writer_box(&out, "ftyp");
    osk_writer_be(&out, brand_is_known(brand) ? brand : OSK_FOURCC('m', 'i', 'f', '1'), 4);
    osk_writer_be(&out, 0, 4);
    osk_writer_bytes(&out, "mif1miaf", 8);
    if (brand_is_known(brand)) {
        osk_writer_be(&out, brand, 4);
    }
    osk_writer_close(&out, mark);
    OskStatus status = OSK_OK;
    if (osk_writer_ok(&out)) {
        osk_plan_rewrite(walk->plan, row(walk, box->type), box->offset, box->size, out.bytes,
                         out.len);
    } else {
        status = osk_walk_no_memory(walk, "ftyp", box->offset);
    }
    osk_writer_free(&out);
    return status;
}

/* One file's layout: its boxes, and the pictures that its data belongs to. */
typedef struct Layout {
    OskBox *boxes;
    size_t count;
    uint64_t end; /* of the last whole box; a trailer follows */
    size_t meta;  /* index of the box whose pictures are shown, or SIZE_MAX */
    size_t movie;
    size_t mini;
    uint32_t brand; /* the minor version of ftyp, which says what a mini box holds */
    OskStill *still;
    size_t next_piece;
} Layout;

static OskStatus read_boxes(OskWalk *walk, Layout *layout)
{
    OskFault quiet = { .status = OSK_OK };
    OskWalk lenient = *walk;
    lenient.fault = &quiet;
    size_t capacity = 0;
    while (layout->end < walk->size) {
        OskBox box = { .size = 0 };
        OskStatus status = osk_box_read(&lenient, layout->end, walk->size, "file", &box);
        if (status != OSK_OK && box.type == OSK_FOURCC('m', 'd', 'a', 't') && box.header >= 8 &&
            box.header <= walk->size - layout->end && box.size > walk->size - layout->end) {
            box.size = walk->size - layout->end;
        } else if (status != OSK_OK) {
            break;
        }
        if (!osk_walk_spend(walk, 1, "file", layout->end)) {
            return OSK_LIMIT;
        }
        if (layout->count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            OskBox *boxes = osk_arena_array(walk->arena, capacity, sizeof(*boxes));
            if (boxes == NULL) {
                return osk_walk_no_memory(walk, "file", layout->end);
            }
            if (layout->count > 0) {
                memcpy(boxes, layout->boxes, layout->count * sizeof(*boxes));
            }
            layout->boxes = boxes;
        }
        layout->boxes[layout->count++] = box;
        layout->end = osk_box_end(&box);
    }
    return OSK_OK;
}

static bool is_zero(const uint8_t *bytes, uint64_t len)
{
    uint64_t i = 0;
    while (i < len && bytes[i] == 0) {
        i++;
    }
    return i == len;
}

static void find_gap(OskWalk *walk, const OskPart *part, uint64_t offset, uint64_t len)
{
    osk_report_add(walk->report,
                   (OskFact){ .kind = part->kind,
                              .part = part->name,
                              .field = "isobmff.slack",
                              .label = part->meaning,
                              .offset = offset,
                              .len = len },
                   NULL);
}

static void drop_gap(OskWalk *walk, uint64_t offset, uint64_t end)
{
    const OskPart *part = row(walk, OSK_FOURCC('g', 'a', 'p', ' '));
    if (offset < end) {
        find_gap(walk, part, offset, end - offset);
        osk_plan_drop(walk->plan, part, offset, end - offset);
    }
}

/* How many of the pieces that come next lie in this box, and what they will write. */
static size_t pieces_in(const Layout *layout, const OskBox *box, uint64_t *out_len)
{
    size_t index = layout->next_piece;
    *out_len = 0;
    while (layout->still != NULL && index < osk_still_piece_count(layout->still) &&
           osk_still_piece(layout->still, index).offset < osk_box_end(box)) {
        *out_len += osk_still_piece_out_len(layout->still, index);
        index++;
    }
    return index - layout->next_piece;
}

static OskStatus walk_mdat(OskWalk *walk, Layout *layout, const OskBox *box)
{
    uint64_t out_len = 0;
    size_t count = pieces_in(layout, box, &out_len);
    uint64_t at = osk_box_body_offset(box);
    OskStatus status = OSK_OK;
    if (count == 0 || out_len == 0) {
        osk_plan_drop(walk->plan, row(walk, OSK_FOURCC('g', 'a', 'p', ' ')), box->offset,
                      box->header);
    } else {
        OskWriter head;
        osk_writer_init(&head, 16);
        bool wide = out_len + 8 > UINT32_MAX;
        osk_writer_be(&head, wide ? 1 : out_len + 8, 4);
        osk_writer_bytes(&head, "mdat", 4);
        osk_writer_be(&head, out_len + 16, wide ? 8 : 0);
        osk_plan_rewrite(walk->plan, row(walk, box->type), box->offset, box->header, head.bytes,
                         head.len);
        status = osk_writer_ok(&head) ? OSK_OK : osk_walk_no_memory(walk, "mdat", box->offset);
        osk_writer_free(&head);
    }
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        OskStillPiece piece = osk_still_piece(layout->still, layout->next_piece);
        drop_gap(walk, at, piece.offset);
        status = osk_still_emit_piece(walk, layout->still, layout->next_piece++);
        at = piece.offset + piece.len;
    }
    if (status == OSK_OK) {
        drop_gap(walk, at, osk_box_end(box));
    }
    return status;
}

static void drop_box(OskWalk *walk, const OskBox *box)
{
    const OskPart *part = row(walk, box->type);
    if (part == NULL || part->verdict != OSK_DROP) {
        part = row(walk, OSK_FOURCC('m', 'o', 'o', 'p'));
    }
    bool padding = (box->type == OSK_FOURCC('f', 'r', 'e', 'e') ||
                    box->type == OSK_FOURCC('s', 'k', 'i', 'p')) &&
                   is_zero(walk->bytes + osk_box_body_offset(box), osk_box_body_len(box));
    if (!padding) {
        find_box(walk, box, part);
    }
    osk_plan_drop(walk->plan, part, box->offset, box->size);
}

static OskStatus lay_out(OskWalk *walk, Layout *layout)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < layout->count; i++) {
        const OskBox *box = &layout->boxes[i];
        if (i == 0) {
            status = layout->mini != SIZE_MAX ? convert_ftyp(walk, box, layout->brand)
                                              : walk_ftyp(walk, box);
        } else if (i == layout->meta) {
            status = osk_still_emit(walk, layout->still);
        } else if (i == layout->mini) {
            status = osk_mini_emit(walk, box, layout->brand);
        } else if (box->type == OSK_FOURCC('m', 'd', 'a', 't')) {
            status = walk_mdat(walk, layout, box);
        } else {
            drop_box(walk, box);
        }
    }
    if (status == OSK_OK && layout->end < walk->size) {
        const OskPart *part = row(walk, OSK_FOURCC('t', 'a', 'i', 'l'));
        find_gap(walk, part, layout->end, walk->size - layout->end);
        osk_plan_drop(walk->plan, part, layout->end, walk->size - layout->end);
    }
    return status == OSK_OK && layout->still != NULL ? osk_still_finish(walk, layout->still)
                                                     : status;
}

/* Tracks: their module lays the file out. */
static OskStatus walk_sequence(OskWalk *walk, const Layout *layout)
{
    OskWriter ftyp;
    osk_writer_init(&ftyp, (size_t)osk_box_body_len(&layout->boxes[0]) + 16);
    OskStatus status = build_ftyp(walk, &layout->boxes[0], &ftyp);
    if (status == OSK_OK) {
        OskMovieStill still = { .ftyp = ftyp.bytes, .ftyp_len = ftyp.len };
        still.meta = layout->meta != SIZE_MAX ? &layout->boxes[layout->meta] : NULL;
        status = osk_movie_walk(walk, &still);
    }
    osk_writer_free(&ftyp);
    return status;
}

static OskStatus walk_file(OskWalk *walk)
{
    Layout layout = { .meta = SIZE_MAX, .movie = SIZE_MAX, .mini = SIZE_MAX };
    OskStatus status = read_boxes(walk, &layout);
    for (size_t i = 0; status == OSK_OK && i < layout.count; i++) {
        if (layout.boxes[i].type == OSK_FOURCC('m', 'o', 'o', 'v')) {
            layout.movie = i;
        } else if (layout.boxes[i].type == OSK_FOURCC('m', 'e', 't', 'a') &&
                   layout.meta == SIZE_MAX) {
            layout.meta = i;
        } else if (layout.boxes[i].type == OSK_FOURCC('m', 'i', 'n', 'i') &&
                   layout.mini == SIZE_MAX) {
            layout.mini = i;
        }
    }
    if (status == OSK_OK && layout.movie != SIZE_MAX) {
        return walk_sequence(walk, &layout);
    }
    if (status == OSK_OK && layout.meta != SIZE_MAX) {
        status = osk_still_read(walk, &layout.boxes[layout.meta], &layout.still);
    }
    if (layout.still != NULL) {
        layout.mini = SIZE_MAX; /* readers take the long form where both are there */
    } else if (status == OSK_OK && layout.mini != SIZE_MAX && layout.boxes[0].size >= 16) {
        layout.meta = SIZE_MAX; /* a list without a picture goes */
        OskCursor minor =
            osk_cursor_make(walk->bytes + osk_box_body_offset(&layout.boxes[0]) + 4, 4, 0);
        layout.brand = osk_cursor_u32be(&minor);
    } else if (status == OSK_OK) {
        status = osk_walk_fail(walk, layout.end < walk->size ? OSK_TRUNCATED : OSK_MALFORMED,
                               "meta", "no picture is listed in the file", layout.end);
    }
    return status == OSK_OK ? lay_out(walk, &layout) : status;
}

const OskFormat osk_format_avif = {
    .info = { .name = "avif",
              .title = "AVIF, stills and sequences",
              .media_type = "image/avif",
              .extensions = "avif avifs",
              .parts = parts,
              .part_count = PART_COUNT },
    .whole = true,
    .probe = probe_avif,
    .walk = walk_file,
};

const OskFormat osk_format_heif = {
    .info = { .name = "heif",
              .title = "HEIF and HEIC, stills and sequences",
              .media_type = "image/heic",
              .extensions = "heic heif hif",
              .parts = parts,
              .part_count = PART_COUNT },
    .whole = true,
    .probe = probe_heif,
    .walk = walk_file,
};
