/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_mini.h"

#include "base/writer.h"
#include "formats/isobmff_item.h"
#include "formats/isobmff_meta_write.h"
#include "parts/exif.h"
#include "parts/nal.h"
#include "parts/obu.h"
#include "parts/xmp.h"

#define WHERE "mini"

/* The chunks behind the bits, in their order. */
typedef enum Chunk {
    ALPHA_CONFIG,
    GAIN_CONFIG,
    MAIN_CONFIG,
    PROFILE,
    TONE_PROFILE,
    GAIN_METADATA,
    ALPHA_DATA,
    GAIN_DATA,
    MAIN_DATA,
    EXIF,
    XMP,
    CHUNK_COUNT
} Chunk;

/* What the bits say about the picture. */
typedef struct Mini {
    OskWalk *walk;
    const OskBox *box;
    OskCursor in;
    unsigned bits; /* left in `byte` */
    uint8_t byte;
    uint32_t infe_type; /* of the items: av01 or hvc1; 0: unknown */
    uint32_t width;
    uint32_t height;
    unsigned orientation; /* as Exif counts: 1 to 8 */
    unsigned subsampling; /* 0: no chroma */
    unsigned depth;
    bool full_range;
    bool alpha;
    bool premultiplied;
    uint32_t primaries;
    uint32_t transfer;
    uint32_t matrix;
    bool hdr;
    bool gain_map;
    bool packed_metadata; /* Exif and XMP are deflated */
    OskWriter properties; /* boxes of the HDR properties, whole */
    size_t sizes[CHUNK_COUNT];
} Mini;

static uint32_t read_bits(Mini *m, unsigned count)
{
    uint32_t value = 0;
    while (count-- > 0) {
        if (m->bits == 0) {
            m->byte = osk_cursor_u8(&m->in);
            m->bits = 8;
        }
        m->bits--;
        value = value << 1 | (m->byte >> m->bits & 1u);
    }
    return value;
}

/* How chroma sits and how deep the samples are; returns the depth. */
static unsigned read_format(Mini *m, unsigned subsampling, bool is_float)
{
    if (subsampling == 1 || subsampling == 2) {
        read_bits(m, 1);
    }
    if (subsampling == 1) {
        read_bits(m, 1);
    }
    if (is_float) {
        return 16u << read_bits(m, 2);
    }
    return read_bits(m, 1) != 0 ? read_bits(m, 3) + 9 : 8;
}

/* One HDR property whose fields are `words` of 16 bits, behind `full` bytes of version and flags.
 */
static void read_property(Mini *m, const char fourcc[4], unsigned full, unsigned words,
                          OskWriter *out)
{
    OskWriterMark mark = { .at = 0 };
    if (out != NULL) {
        mark = osk_writer_box(out, fourcc);
        osk_writer_zeros(out, full);
    }
    for (unsigned i = 0; i < words; i++) {
        uint32_t word = read_bits(m, 16);
        if (out != NULL) {
            osk_writer_be(out, word, 2);
        }
    }
    if (out != NULL) {
        osk_writer_close(out, mark);
    }
}

static void read_colour_volume(Mini *m, OskWriter *out)
{
    uint32_t flags = read_bits(m, 8);
    unsigned words = ((flags & 0x20) != 0 ? 12u : 0u) + ((flags & 0x10) != 0 ? 2u : 0u) +
                     ((flags & 0x08) != 0 ? 2u : 0u) + ((flags & 0x04) != 0 ? 2u : 0u);
    OskWriterMark mark = { .at = 0 };
    if (out != NULL) {
        mark = osk_writer_box(out, "cclv");
        osk_writer_u8(out, flags & 0x3C);
    }
    for (unsigned i = 0; i < words; i++) {
        uint32_t word = read_bits(m, 16);
        if (out != NULL) {
            osk_writer_be(out, word, 2);
        }
    }
    if (out != NULL) {
        osk_writer_close(out, mark);
    }
}

/* Content light, mastering display, colour volume, ambient light, viewing environment, white. */
static void read_hdr_properties(Mini *m, OskWriter *out)
{
    uint32_t flags = read_bits(m, 6);
    if ((flags & 0x20) != 0) {
        read_property(m, "clli", 0, 2, out);
    }
    if ((flags & 0x10) != 0) {
        read_property(m, "mdcv", 0, 12, out);
    }
    if ((flags & 0x08) != 0) {
        read_colour_volume(m, out);
    }
    if ((flags & 0x04) != 0) {
        read_property(m, "amve", 0, 4, out);
    }
    if ((flags & 0x02) != 0) {
        read_property(m, "reve", 4, 8, out);
    }
    if ((flags & 0x01) != 0) {
        read_property(m, "ndwt", 4, 2, out);
    }
}

/* Reads what only the gain map needs; returns whether it brings a profile. */
static bool read_gain_map(Mini *m, unsigned dimension_bits)
{
    read_bits(m, dimension_bits);
    read_bits(m, dimension_bits);
    read_bits(m, 9);
    uint32_t subsampling = read_bits(m, 2);
    if (subsampling == 1 || subsampling == 2) {
        read_bits(m, 1);
    }
    if (subsampling == 1) {
        read_bits(m, 1);
    }
    if (read_bits(m, 1) != 0) {
        read_bits(m, 2);
    } else if (read_bits(m, 1) != 0) {
        read_bits(m, 3);
    }
    bool profile = read_bits(m, 1) != 0;
    if (read_bits(m, 1) != 0) {
        read_bits(m, 25);
    }
    return profile;
}

typedef struct Carried {
    bool profile;
    bool tone_profile;
    bool exif;
    bool xmp;
} Carried;

static void read_sizes(Mini *m, Carried has)
{
    bool metadata = has.profile || has.exif || has.xmp || m->gain_map;
    unsigned meta_bits = metadata && read_bits(m, 1) != 0 ? 20 : 10;
    unsigned config_bits = read_bits(m, 1) != 0 ? 12 : 3;
    unsigned data_bits = read_bits(m, 1) != 0 ? 28 : 15;
    if (has.profile) {
        m->sizes[PROFILE] = (size_t)read_bits(m, meta_bits) + 1;
    }
    if (has.tone_profile) {
        m->sizes[TONE_PROFILE] = (size_t)read_bits(m, meta_bits) + 1;
    }
    if (m->gain_map) {
        m->sizes[GAIN_METADATA] = read_bits(m, meta_bits);
        m->sizes[GAIN_DATA] = read_bits(m, data_bits);
        m->sizes[GAIN_CONFIG] = m->sizes[GAIN_DATA] > 0 ? read_bits(m, config_bits) : 0;
    }
    m->sizes[MAIN_CONFIG] = read_bits(m, config_bits);
    m->sizes[MAIN_DATA] = (size_t)read_bits(m, data_bits) + 1;
    if (m->alpha) {
        m->sizes[ALPHA_DATA] = read_bits(m, data_bits);
        m->sizes[ALPHA_CONFIG] = m->sizes[ALPHA_DATA] > 0 ? read_bits(m, config_bits) : 0;
    }
    m->packed_metadata = (has.exif || has.xmp) && read_bits(m, 1) != 0;
    if (has.exif) {
        m->sizes[EXIF] = (size_t)read_bits(m, meta_bits) + 1;
    }
    if (has.xmp) {
        m->sizes[XMP] = (size_t)read_bits(m, meta_bits) + 1;
    }
}

static void read_colour(Mini *m, bool explicit_colour, bool profile)
{
    m->primaries = profile ? 2 : 1;
    m->transfer = profile ? 2 : 13;
    m->matrix = m->subsampling == 0 ? 2 : 6;
    if (explicit_colour) {
        m->primaries = read_bits(m, 8);
        m->transfer = read_bits(m, 8);
        m->matrix = m->subsampling != 0 ? read_bits(m, 8) : 2;
    }
}

static OskStatus read_header(Mini *m, uint32_t brand)
{
    uint32_t version = read_bits(m, 2);
    bool explicit_types = read_bits(m, 1) != 0;
    bool is_float = read_bits(m, 1) != 0;
    m->full_range = read_bits(m, 1) != 0;
    m->alpha = read_bits(m, 1) != 0;
    bool explicit_colour = read_bits(m, 1) != 0;
    m->hdr = read_bits(m, 1) != 0;
    Carried has = { .profile = read_bits(m, 1) != 0 };
    has.exif = read_bits(m, 1) != 0;
    has.xmp = read_bits(m, 1) != 0;
    m->subsampling = read_bits(m, 2);
    m->orientation = read_bits(m, 3) + 1;
    unsigned dimension_bits = read_bits(m, 1) != 0 ? 15 : 7;
    m->width = read_bits(m, dimension_bits) + 1;
    m->height = read_bits(m, dimension_bits) + 1;
    m->depth = read_format(m, m->subsampling, is_float);
    m->premultiplied = m->alpha && read_bits(m, 1) != 0;
    read_colour(m, explicit_colour, has.profile);
    m->infe_type = brand == OSK_FOURCC('a', 'v', 'i', 'f')   ? OSK_FOURCC('a', 'v', '0', '1')
                   : brand == OSK_FOURCC('h', 'e', 'i', 'c') ? OSK_FOURCC('h', 'v', 'c', '1')
                                                             : 0;
    if (explicit_types) {
        m->infe_type = read_bits(m, 32);
        read_bits(m, 32);
    }
    if (m->hdr) {
        m->gain_map = read_bits(m, 1) != 0;
        has.tone_profile = m->gain_map && read_gain_map(m, dimension_bits);
        read_hdr_properties(m, &m->properties);
        if (m->gain_map) {
            read_hdr_properties(m, NULL);
        }
    }
    read_sizes(m, has);
    if (!osk_cursor_ok(&m->in)) {
        return osk_walk_fail(m->walk, OSK_MALFORMED, WHERE, "its header is cut off",
                             osk_cursor_offset(&m->in));
    }
    if (version != 0) {
        return osk_walk_fail(m->walk, OSK_UNSUPPORTED, WHERE, "a newer version of this box",
                             m->box->offset);
    }
    return OSK_OK;
}

static void find(OskWalk *walk, OskKind kind, const char *field, const char *label, OskCursor data)
{
    osk_report_add(walk->report,
                   (OskFact){ .kind = kind,
                              .part = WHERE,
                              .field = field,
                              .label = label,
                              .offset = osk_cursor_offset(&data),
                              .len = osk_cursor_left(&data) },
                   NULL);
}

static void inspect_dropped(const Mini *m, const OskCursor *chunks)
{
    OskWalk *walk = m->walk;
    if (m->sizes[EXIF] > 0 && m->packed_metadata) {
        find(walk, OSK_KIND_PLACE, "isobmff.mini.exif", "packed camera data: place, time, device",
             chunks[EXIF]);
    } else if (m->sizes[EXIF] > 0) {
        osk_exif_inspect(chunks[EXIF], "mini Exif", walk->report, walk->budget);
    }
    if (m->sizes[XMP] > 0 && m->packed_metadata) {
        find(walk, OSK_KIND_NAME, "isobmff.mini.xmp", "packed XMP: captions, names, edits",
             chunks[XMP]);
    } else if (m->sizes[XMP] > 0) {
        osk_xmp_inspect(chunks[XMP], "mini XMP", walk->report);
    }
    if (m->gain_map) {
        find(walk, OSK_KIND_PREVIEW, "isobmff.item.gain_map",
             "a gain map: a smaller copy of the picture", chunks[GAIN_DATA]);
    }
    if (osk_cursor_left(&m->in) > 0) {
        find(walk, OSK_KIND_OTHER, "isobmff.slack", "bytes that no reader looks at", m->in);
    }
}

/* Filters one configuration record or picture into `out`. */
static OskStatus filter_chunk(const Mini *m, OskCoded *coded, OskCursor chunk, bool config,
                              OskWriter *out)
{
    uint64_t offset = osk_cursor_offset(&chunk);
    size_t len = osk_cursor_left(&chunk);
    coded->part = WHERE;
    coded->source =
        (OskCodedSource){ .bytes = osk_cursor_rest(&chunk), .base = offset, .len = len };
    OskStatus status = OSK_OK;
    if (len == 0) {
        return status;
    }
    if (m->infe_type == OSK_FOURCC('a', 'v', '0', '1')) {
        status = config ? osk_obu_config(coded, offset, len) : osk_obu_sample(coded, offset, len);
    } else {
        status = config ? osk_nal_config(coded, offset, len) : osk_nal_sample(coded, offset, len);
    }
    return status == OSK_OK ? osk_coded_write(coded, out) : status;
}

/* The order in which chunks are looked at: a configuration says how its picture is read. */
static const Chunk coded_order[] = { MAIN_CONFIG, MAIN_DATA, ALPHA_CONFIG, ALPHA_DATA };

static OskStatus filter_coded(const Mini *m, const OskCursor *chunks, OskWriter *outs)
{
    bool av1 = m->infe_type == OSK_FOURCC('a', 'v', '0', '1');
    if (!av1 && m->infe_type != OSK_FOURCC('h', 'v', 'c', '1')) {
        return osk_walk_fail(m->walk, OSK_UNSUPPORTED, WHERE,
                             "a kind of picture that we can't show to be clean",
                             osk_cursor_offset(&m->in));
    }
    OskCoded coded;
    osk_coded_init(&coded, av1 ? OSK_CODEC_AV1 : OSK_CODEC_HEVC, m->walk->report, m->walk->fault,
                   m->walk->budget);
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < sizeof(coded_order) / sizeof(coded_order[0]); i++) {
        Chunk chunk = coded_order[i];
        bool config = chunk == MAIN_CONFIG || chunk == ALPHA_CONFIG;
        status = filter_chunk(m, &coded, chunks[chunk], config, &outs[chunk]);
        bool own = chunk == ALPHA_DATA && osk_cursor_left(&chunks[ALPHA_CONFIG]) > 0;
        if (status == OSK_OK && !config) {
            const OskWriter *record = &outs[own ? ALPHA_CONFIG : MAIN_CONFIG];
            status = osk_item_check(m->walk, &coded, chunks[chunk],
                                    osk_cursor_make(record->bytes, record->len, 0));
        }
    }
    osk_coded_free(&coded);
    return status;
}

static OskStatus filter_profile(const Mini *m, OskCursor profile, OskWriter *out)
{
    OskWalk *walk = m->walk;
    if (osk_cursor_left(&profile) == 0) {
        return OSK_OK;
    }
    osk_walk_inspect_profile(walk, profile, WHERE);
    return osk_walk_take_profile(walk, profile, WHERE, out);
}

/* ---- The long form ---- */

#define PROPS_MAX 24u
#define ASSOCS_MAX 48u

/* The list of pictures that the long form has. */
typedef struct LongForm {
    OskMeta meta;
    OskItem items[2];
    OskItemRef refs[2];
    OskItemProp props[PROPS_MAX];
    OskItemAssoc assocs[ASSOCS_MAX];
    OskWriter boxes; /* of all properties, one behind the other */
} LongForm;

static void add_property(LongForm *f, size_t item, size_t from, bool essential)
{
    OskMeta *meta = &f->meta;
    size_t index = meta->prop_count++;
    f->props[index] =
        (OskItemProp){ .out_index = (uint16_t)(index + 1), .out_len = f->boxes.len - from };
    f->assocs[meta->assoc_count++] =
        (OskItemAssoc){ .item = item, .prop = (uint16_t)index, .essential = essential };
    f->items[item].assoc_count++;
}

static void add_size_and_depth(LongForm *f, const Mini *m, size_t item, unsigned channels)
{
    OskWriter *out = &f->boxes;
    size_t from = out->len;
    OskWriterMark box = osk_writer_box(out, "ispe");
    osk_writer_zeros(out, 4);
    osk_writer_be(out, m->width, 4);
    osk_writer_be(out, m->height, 4);
    osk_writer_close(out, box);
    add_property(f, item, from, false);
    from = out->len;
    box = osk_writer_box(out, "pixi");
    osk_writer_zeros(out, 4);
    osk_writer_u8(out, (uint8_t)channels);
    for (unsigned i = 0; i < channels; i++) {
        osk_writer_u8(out, (uint8_t)m->depth);
    }
    osk_writer_close(out, box);
    add_property(f, item, from, false);
}

static void add_config(LongForm *f, const Mini *m, size_t item, const OskWriter *config)
{
    size_t from = f->boxes.len;
    OskWriterMark box =
        osk_writer_box(&f->boxes, m->infe_type == OSK_FOURCC('a', 'v', '0', '1') ? "av1C" : "hvcC");
    osk_writer_bytes(&f->boxes, config->bytes, config->len);
    osk_writer_close(&f->boxes, box);
    add_property(f, item, from, true);
}

static void add_colour(LongForm *f, const Mini *m, const OskWriter *profile)
{
    OskWriter *out = &f->boxes;
    size_t from = out->len;
    OskWriterMark box = osk_writer_box(out, "colr");
    osk_writer_bytes(out, "nclx", 4);
    osk_writer_be(out, m->primaries, 2);
    osk_writer_be(out, m->transfer, 2);
    osk_writer_be(out, m->matrix, 2);
    osk_writer_u8(out, m->full_range ? 0x80 : 0);
    osk_writer_close(out, box);
    add_property(f, 0, from, false);
    if (profile->len > 0) {
        from = out->len;
        box = osk_writer_box(out, "colr");
        osk_writer_bytes(out, "prof", 4);
        osk_writer_bytes(out, profile->bytes, profile->len);
        osk_writer_close(out, box);
        add_property(f, 0, from, false);
    }
    OskCursor extra = osk_cursor_make(m->properties.bytes, m->properties.len, 0);
    OskBox one;
    OskCursor body;
    while (osk_box_next(&extra, &one, &body)) {
        from = out->len;
        osk_writer_bytes(out, m->properties.bytes + one.offset, (size_t)one.size);
        add_property(f, 0, from, false);
    }
}

/* Turned by quarters against the clock, then mirrored (axis 0: top to bottom). */
static void add_orientation(LongForm *f, const Mini *m, size_t item)
{
    static const int8_t turns[9] = { 0, 0, 0, 2, 0, 1, 3, 3, 1 };
    static const int8_t axes[9] = { -1, -1, 1, -1, 0, 0, -1, 0, -1 };
    OskWriter *out = &f->boxes;
    if (turns[m->orientation] != 0) {
        size_t from = out->len;
        OskWriterMark box = osk_writer_box(out, "irot");
        osk_writer_u8(out, (uint8_t)turns[m->orientation]);
        osk_writer_close(out, box);
        add_property(f, item, from, true);
    }
    if (axes[m->orientation] >= 0) {
        size_t from = out->len;
        OskWriterMark box = osk_writer_box(out, "imir");
        osk_writer_u8(out, (uint8_t)axes[m->orientation]);
        osk_writer_close(out, box);
        add_property(f, item, from, true);
    }
}

static void add_alpha_name(LongForm *f)
{
    static const char name[] = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";
    size_t from = f->boxes.len;
    OskWriterMark box = osk_writer_box(&f->boxes, "auxC");
    osk_writer_zeros(&f->boxes, 4);
    osk_writer_bytes(&f->boxes, name, sizeof(name));
    osk_writer_close(&f->boxes, box);
    add_property(f, 1, from, false);
}

static void add_item(LongForm *f, const Mini *m, const OskWriter *data)
{
    size_t index = f->meta.item_count++;
    f->items[index] = (OskItem){ .id = (uint32_t)index + 1,
                                 .type = m->infe_type,
                                 .keep = true,
                                 .in_meta = true,
                                 .assoc_first = f->meta.assoc_count,
                                 .data = data->bytes,
                                 .data_len = data->len };
}

static void build_long_form(LongForm *f, const Mini *m, const OskWriter *chunks)
{
    bool alpha = chunks[ALPHA_DATA].len > 0;
    const OskWriter *alpha_config =
        chunks[ALPHA_CONFIG].len > 0 ? &chunks[ALPHA_CONFIG] : &chunks[MAIN_CONFIG];
    add_item(f, m, &chunks[MAIN_DATA]);
    add_config(f, m, 0, &chunks[MAIN_CONFIG]);
    add_size_and_depth(f, m, 0, m->subsampling == 0 ? 1 : 3);
    add_colour(f, m, &chunks[PROFILE]);
    add_orientation(f, m, 0);
    if (alpha) {
        add_item(f, m, &chunks[ALPHA_DATA]);
        add_config(f, m, 1, alpha_config);
        add_size_and_depth(f, m, 1, 1);
        add_alpha_name(f);
        add_orientation(f, m, 1);
        f->refs[0] = (OskItemRef){ .type = OSK_FOURCC('a', 'u', 'x', 'l'), .from = 1, .to = 0 };
        f->refs[1] =
            (OskItemRef){ .type = OSK_FOURCC('p', 'r', 'e', 'm'), .box = 1, .from = 0, .to = 1 };
    }
    f->meta.ref_count = !alpha ? 0 : m->premultiplied ? 2 : 1;
}

static OskStatus write_long_form(const Mini *m, const OskWriter *chunks)
{
    OskWalk *walk = m->walk;
    size_t ceiling = (size_t)m->box->size * 3 + 8192;
    LongForm *f = osk_arena_alloc(walk->arena, sizeof(*f));
    if (f == NULL) {
        return osk_walk_no_memory(walk, WHERE, m->box->offset);
    }
    f->meta =
        (OskMeta){ .items = f->items, .refs = f->refs, .props = f->props, .assocs = f->assocs };
    f->meta.primary_id = 1;
    osk_writer_init(&f->boxes, ceiling);
    build_long_form(f, m, chunks);
    /* Only now the buffer rests where it is, and the properties can point into it. */
    for (size_t i = 0, at = 0; i < f->meta.prop_count; i++) {
        f->props[i].out = f->boxes.bytes != NULL ? f->boxes.bytes + at : NULL;
        at += f->props[i].out_len;
    }
    OskWriter out;
    osk_writer_init(&out, ceiling * 2);
    OskStatus status = OSK_OK;
    if (osk_writer_ok(&f->boxes)) {
        osk_meta_write(&f->meta, walk->size, NULL, &out);
    }
    if (osk_writer_ok(&f->boxes) && osk_writer_ok(&out)) {
        osk_plan_rewrite(walk->plan,
                         osk_part_find(walk->plan->parts, walk->plan->part_count, m->box->type),
                         m->box->offset, m->box->size, out.bytes, out.len);
    } else {
        status = osk_walk_no_memory(walk, WHERE, m->box->offset);
    }
    osk_writer_free(&out);
    osk_writer_free(&f->boxes);
    return status;
}

OskStatus osk_mini_emit(OskWalk *walk, const OskBox *box, uint32_t brand)
{
    Mini mini = { .walk = walk, .box = box };
    OskStatus status =
        osk_walk_load(walk, osk_box_body_offset(box), osk_box_body_len(box), &mini.in);
    if (status != OSK_OK) {
        return status;
    }
    osk_writer_init(&mini.properties, 1024);
    status = read_header(&mini, brand);
    OskCursor chunks[CHUNK_COUNT];
    OskWriter outs[CHUNK_COUNT];
    for (size_t i = 0; i < CHUNK_COUNT; i++) {
        chunks[i] = osk_cursor_take(&mini.in, mini.sizes[i]);
        osk_writer_init(&outs[i], (size_t)box->size * 2 + 4096);
    }
    if (status == OSK_OK && !osk_cursor_ok(&mini.in)) {
        status =
            osk_walk_fail(walk, OSK_TRUNCATED, WHERE, "the picture's data is cut off", box->offset);
    }
    if (status == OSK_OK) {
        inspect_dropped(&mini, chunks);
        status = filter_profile(&mini, chunks[PROFILE], &outs[PROFILE]);
    }
    if (status == OSK_OK) {
        status = filter_coded(&mini, chunks, outs);
    }
    if (status == OSK_OK && (outs[MAIN_DATA].len == 0 || outs[MAIN_CONFIG].len == 0)) {
        status =
            osk_walk_fail(walk, OSK_MALFORMED, WHERE, "there is no picture in it", box->offset);
    }
    if (status == OSK_OK) {
        status = write_long_form(&mini, outs);
    }
    for (size_t i = 0; i < CHUNK_COUNT; i++) {
        osk_writer_free(&outs[i]);
    }
    osk_writer_free(&mini.properties);
    return status;
}
