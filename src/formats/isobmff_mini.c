/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_mini.h"

#include "base/writer.h"
#include "parts/exif.h"
#include "parts/icc.h"
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

/* Reads the bits of the old box and writes those of the new one in one go, as they are almost the
 * same. The first pass, without knowing the new sizes, is for reading only. */
typedef struct Mini {
    OskWalk *walk;
    OskCursor in;
    OskWriter *out;
    unsigned in_bits; /* bits left in `in_byte` */
    uint8_t in_byte;
    unsigned out_bits; /* bits gathered in `out_byte` */
    uint8_t out_byte;
    bool keep_profile;
    bool hdr;
    bool gain_map;
    bool packed_metadata; /* Exif and XMP are deflated */
    uint32_t infe_type;
    size_t sizes[CHUNK_COUNT];     /* of the input */
    size_t new_sizes[CHUNK_COUNT]; /* of the output */
} Mini;

static uint32_t read_bits(Mini *m, unsigned count) {
    uint32_t value = 0;
    while (count-- > 0) {
        if (m->in_bits == 0) {
            m->in_byte = osk_cursor_u8(&m->in);
            m->in_bits = 8;
        }
        m->in_bits--;
        value = value << 1 | (m->in_byte >> m->in_bits & 1u);
    }
    return value;
}

static void write_bits(Mini *m, uint32_t value, unsigned count) {
    while (count-- > 0) {
        m->out_byte = (uint8_t)(m->out_byte << 1 | (value >> count & 1u));
        if (++m->out_bits == 8) {
            osk_writer_u8(m->out, m->out_byte);
            m->out_bits = 0;
            m->out_byte = 0;
        }
    }
}

static uint32_t copy_bits(Mini *m, unsigned count) {
    uint32_t value = read_bits(m, count);
    write_bits(m, value, count);
    return value;
}

/* What says how wide a picture's chroma sits and how deep its samples are; read only, or copied. */
typedef uint32_t (*BitMover)(Mini *m, unsigned count);

static void move_format(Mini *m, BitMover move, unsigned subsampling, bool is_float) {
    if (subsampling == 1 || subsampling == 2) {
        move(m, 1);
    }
    if (subsampling == 1) {
        move(m, 1);
    }
    if (is_float) {
        move(m, 2);
    } else if (move(m, 1) != 0) {
        move(m, 3);
    }
}

/* Content light, mastering display, colour volume, ambient light, viewing environment, white. */
static void move_hdr_properties(Mini *m, BitMover move) {
    uint32_t flags = move(m, 6);
    unsigned words = (flags & 0x20) != 0 ? 2 : 0;
    words += (flags & 0x10) != 0 ? 12 : 0;
    for (unsigned i = 0; i < words; i++) {
        move(m, 16);
    }
    if ((flags & 0x08) != 0) {
        uint32_t volume = move(m, 8);
        unsigned longs = ((volume & 0x20) != 0 ? 6u : 0u) + ((volume & 0x10) != 0) +
                         ((volume & 0x08) != 0) + ((volume & 0x04) != 0);
        for (unsigned i = 0; i < longs; i++) {
            move(m, 32);
        }
    }
    words = (flags & 0x04) != 0 ? 4 : 0;
    words += (flags & 0x02) != 0 ? 8 : 0;
    words += (flags & 0x01) != 0 ? 2 : 0;
    for (unsigned i = 0; i < words; i++) {
        move(m, 16);
    }
}

/* Reads what only the gain map needs; returns whether it brings a profile. */
static bool read_gain_map(Mini *m, unsigned dimension_bits) {
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

/* A size, in the narrow or the wide width that its class asks for. */
static size_t move_size(Mini *m, Chunk chunk, unsigned in_width, unsigned out_width,
                        unsigned minus) {
    m->sizes[chunk] = (size_t)read_bits(m, in_width) + minus;
    write_bits(m, (uint32_t)(m->new_sizes[chunk] - minus), out_width);
    return m->sizes[chunk];
}

static size_t read_size(Mini *m, Chunk chunk, unsigned width, unsigned minus) {
    m->sizes[chunk] = (size_t)read_bits(m, width) + minus;
    return m->sizes[chunk];
}

static void move_sizes(Mini *m, bool alpha, bool profile, bool tone_profile, bool exif, bool xmp) {
    const size_t *sizes = m->new_sizes;
    bool metadata = profile || exif || xmp || m->gain_map;
    unsigned meta_in = metadata && read_bits(m, 1) != 0 ? 20 : 10;
    unsigned config_in = read_bits(m, 1) != 0 ? 12 : 3;
    unsigned data_in = read_bits(m, 1) != 0 ? 28 : 15;
    bool large_config = sizes[MAIN_CONFIG] > 7 || sizes[ALPHA_CONFIG] > 7;
    bool large_data = sizes[MAIN_DATA] > 0x8000 || sizes[ALPHA_DATA] > 0x7FFF;
    unsigned meta_out = sizes[PROFILE] > 0x400 ? 20 : 10;
    if (m->keep_profile) {
        write_bits(m, meta_out == 20, 1);
    }
    write_bits(m, large_config, 1);
    write_bits(m, large_data, 1);
    unsigned config_out = large_config ? 12 : 3;
    unsigned data_out = large_data ? 28 : 15;
    if (profile && m->keep_profile) {
        move_size(m, PROFILE, meta_in, meta_out, 1);
    } else if (profile) {
        read_size(m, PROFILE, meta_in, 1);
    }
    if (tone_profile) {
        read_size(m, TONE_PROFILE, meta_in, 1);
    }
    if (m->gain_map) {
        read_size(m, GAIN_METADATA, meta_in, 0);
        if (read_size(m, GAIN_DATA, data_in, 0) > 0) {
            read_size(m, GAIN_CONFIG, config_in, 0);
        }
    }
    move_size(m, MAIN_CONFIG, config_in, config_out, 0);
    move_size(m, MAIN_DATA, data_in, data_out, 1);
    if (alpha && move_size(m, ALPHA_DATA, data_in, data_out, 0) > 0) {
        move_size(m, ALPHA_CONFIG, config_in, config_out, 0);
    }
    m->packed_metadata = (exif || xmp) && read_bits(m, 1) != 0;
    if (exif) {
        read_size(m, EXIF, meta_in, 1);
    }
    if (xmp) {
        read_size(m, XMP, meta_in, 1);
    }
}

static OskStatus move_header(Mini *m, uint32_t brand) {
    uint32_t version = copy_bits(m, 2);
    bool explicit_types = copy_bits(m, 1) != 0;
    bool is_float = copy_bits(m, 1) != 0;
    copy_bits(m, 1);
    bool alpha = copy_bits(m, 1) != 0;
    bool explicit_colour = copy_bits(m, 1) != 0;
    m->hdr = copy_bits(m, 1) != 0;
    bool profile = read_bits(m, 1) != 0;
    write_bits(m, m->keep_profile, 1);
    bool exif = read_bits(m, 1) != 0;
    bool xmp = read_bits(m, 1) != 0;
    write_bits(m, 0, 2);
    uint32_t subsampling = copy_bits(m, 2);
    copy_bits(m, 3);
    unsigned dimension_bits = copy_bits(m, 1) != 0 ? 15 : 7;
    copy_bits(m, dimension_bits);
    copy_bits(m, dimension_bits);
    move_format(m, copy_bits, subsampling, is_float);
    if (alpha) {
        copy_bits(m, 1);
    }
    if (explicit_colour) {
        copy_bits(m, subsampling != 0 ? 24 : 16);
    }
    m->infe_type = brand == OSK_FOURCC('a', 'v', 'i', 'f')   ? OSK_FOURCC('a', 'v', '0', '1')
                   : brand == OSK_FOURCC('h', 'e', 'i', 'c') ? OSK_FOURCC('h', 'v', 'c', '1')
                                                             : 0;
    if (explicit_types) {
        m->infe_type = copy_bits(m, 32);
        copy_bits(m, 32);
    }
    bool tone_profile = false;
    if (m->hdr) {
        m->gain_map = read_bits(m, 1) != 0;
        write_bits(m, 0, 1);
        tone_profile = m->gain_map && read_gain_map(m, dimension_bits);
        move_hdr_properties(m, copy_bits);
        if (m->gain_map) {
            move_hdr_properties(m, read_bits);
        }
    }
    move_sizes(m, alpha, profile, tone_profile, exif, xmp);
    if (m->out_bits > 0) {
        write_bits(m, 0, 8 - m->out_bits);
    }
    m->in_bits = 0;
    if (!osk_cursor_ok(&m->in)) {
        return osk_walk_fail(m->walk, OSK_MALFORMED, WHERE, "its header is cut off",
                             osk_cursor_offset(&m->in));
    }
    if (version != 0) {
        return osk_walk_fail(m->walk, OSK_UNSUPPORTED, WHERE, "a newer version of this box",
                             osk_cursor_offset(&m->in));
    }
    return OSK_OK;
}

static void find(OskWalk *walk, OskKind kind, const char *field, const char *label,
                 OskCursor data) {
    osk_report_add(walk->report,
                   (OskFact){ .kind = kind,
                              .part = WHERE,
                              .field = field,
                              .label = label,
                              .offset = osk_cursor_offset(&data),
                              .len = osk_cursor_left(&data) },
                   NULL);
}

static void inspect_dropped(const Mini *m, const OskCursor *chunks) {
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
static OskStatus filter_chunk(Mini *m, OskCoded *coded, OskCursor chunk, bool config,
                              OskWriter *out) {
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

static OskStatus filter_coded(Mini *m, const OskCursor *chunks, OskWriter *outs) {
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
        m->new_sizes[chunk] = outs[chunk].len;
    }
    osk_coded_free(&coded);
    return status;
}

static OskStatus filter_profile(Mini *m, OskCursor profile, OskWriter *out) {
    OskWalk *walk = m->walk;
    if (osk_cursor_left(&profile) == 0) {
        return OSK_OK;
    }
    osk_icc_inspect(profile, WHERE, walk->report, walk->budget);
    OskStatus status = OSK_MALFORMED;
    if (walk->options->icc == OSK_ICC_KEEP) {
        osk_writer_bytes(out, osk_cursor_rest(&profile), osk_cursor_left(&profile));
        status = OSK_OK;
    } else if (walk->options->icc == OSK_ICC_REBUILD) {
        OskFault quiet = { .status = OSK_OK };
        status = osk_icc_rebuild(profile, walk->budget, out, &quiet);
    }
    m->keep_profile = status == OSK_OK && out->len > 0;
    m->new_sizes[PROFILE] = m->keep_profile ? out->len : 0;
    return status == OSK_NO_MEMORY ? osk_walk_no_memory(walk, WHERE, osk_cursor_offset(&profile))
                                   : OSK_OK;
}

static OskStatus write_box(Mini *m, OskCursor body, const OskBox *box, uint32_t brand,
                           const OskWriter *chunks) {
    OskWriter out;
    osk_writer_init(&out, (size_t)box->size * 2 + 4096);
    OskWriterMark mark = osk_writer_box(&out, "mini");
    m->in = body;
    m->out = &out;
    OskStatus status = move_header(m, brand);
    for (size_t i = 0; i < CHUNK_COUNT; i++) {
        osk_writer_bytes(&out, chunks[i].bytes, chunks[i].len);
    }
    osk_writer_close(&out, mark);
    if (status == OSK_OK && !osk_writer_ok(&out)) {
        status = osk_walk_no_memory(m->walk, WHERE, box->offset);
    }
    if (status == OSK_OK) {
        const OskPart *part =
            osk_part_find(m->walk->plan->parts, m->walk->plan->part_count, box->type);
        osk_plan_rewrite(m->walk->plan, part, box->offset, box->size, out.bytes, out.len);
    }
    osk_writer_free(&out);
    return status;
}

OskStatus osk_mini_emit(OskWalk *walk, const OskBox *box, uint32_t brand) {
    OskCursor body;
    OskStatus status = osk_walk_load(walk, osk_box_body_offset(box), osk_box_body_len(box), &body);
    if (status != OSK_OK) {
        return status;
    }
    OskWriter first;
    osk_writer_init(&first, 4096);
    Mini mini = { .walk = walk, .in = body, .out = &first };
    mini.new_sizes[MAIN_DATA] = 1; /* sizes that are written less one are never 0 */
    status = move_header(&mini, brand);
    osk_writer_free(&first);
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
    if (status == OSK_OK && (mini.new_sizes[MAIN_DATA] == 0 || mini.sizes[MAIN_CONFIG] == 0)) {
        status =
            osk_walk_fail(walk, OSK_MALFORMED, WHERE, "there is no picture in it", box->offset);
    }
    if (status == OSK_OK) {
        if (!mini.keep_profile) {
            osk_writer_free(&outs[PROFILE]);
        }
        status = write_box(&mini, body, box, brand, outs);
    }
    for (size_t i = 0; i < CHUNK_COUNT; i++) {
        osk_writer_free(&outs[i]);
    }
    return status;
}
