/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/isobmff_prop.h"

#include "base/writer.h"
#include "formats/isobmff_parts.h"
#include "parts/nal.h"
#include "parts/obu.h"

/* No property but a profile or a configuration record comes near. */
#define PROP_CEILING ((size_t)16 << 20)

typedef struct PropJob {
    OskWalk *walk;
    const OskItemProp *prop;
    OskCursor body;
    OskWriter *out; /* a box is open in it */
    bool drop;      /* set: leave it out after all */
    bool reported;  /* its findings are made, so that a difference needs none */
} PropJob;

typedef OskStatus (*PropWriter)(PropJob *job);

static OskStatus broken(PropJob *job, const char *what)
{
    return osk_walk_fail(job->walk, OSK_MALFORMED, "meta/ipco", what, job->prop->box.offset);
}

/* Copies `len` bytes, the last of them masked. */
static void copy_masked(PropJob *job, size_t len, uint8_t mask)
{
    const uint8_t *bytes = osk_cursor_bytes(&job->body, len);
    if (bytes != NULL && len > 0) {
        osk_writer_bytes(job->out, bytes, len - 1);
        osk_writer_u8(job->out, bytes[len - 1] & mask);
    }
}

static OskStatus write_pixi(PropJob *job)
{
    osk_cursor_skip(&job->body, 4);
    uint8_t count = osk_cursor_u8(&job->body);
    osk_writer_zeros(job->out, 4);
    osk_writer_u8(job->out, count);
    copy_masked(job, count, 0xFF);
    return OSK_OK;
}

static OskStatus write_profile(PropJob *job)
{
    OskWalk *walk = job->walk;
    job->reported = true;
    osk_walk_inspect_profile(walk, job->body, "meta/colr");
    /* Without one, readers assume what the coded picture says. */
    size_t before = job->out->len;
    OskStatus status = osk_walk_take_profile(walk, job->body, "meta/colr", job->out);
    job->drop = job->out->len == before;
    return status;
}

static OskStatus write_colour(PropJob *job)
{
    uint32_t kind = osk_cursor_u32be(&job->body);
    osk_writer_be(job->out, kind, 4);
    switch (kind) {
    case OSK_FOURCC('n', 'c', 'l', 'x'): copy_masked(job, 7, 0x80); return OSK_OK;
    case OSK_FOURCC('n', 'c', 'l', 'c'): copy_masked(job, 6, 0xFF); return OSK_OK;
    case OSK_FOURCC('p', 'r', 'o', 'f'):
    case OSK_FOURCC('r', 'I', 'C', 'C'): return write_profile(job);
    default: job->drop = true; return OSK_OK;
    }
}

/* hvcC, lhvC, avcC and av1C: parameter sets stay, messages in them are filtered. */
static OskStatus write_config(PropJob *job)
{
    OskWalk *walk = job->walk;
    uint32_t type = job->prop->type;
    OskCodec codec = type == OSK_FOURCC('a', 'v', '1', 'C')   ? OSK_CODEC_AV1
                     : type == OSK_FOURCC('a', 'v', 'c', 'C') ? OSK_CODEC_AVC
                                                              : OSK_CODEC_HEVC;
    uint64_t offset = osk_cursor_offset(&job->body);
    size_t len = osk_cursor_left(&job->body);
    OskCoded coded;
    osk_coded_init(&coded, codec, walk->report, walk->fault, walk->budget);
    coded.part = "meta/ipco";
    coded.source =
        (OskCodedSource){ .bytes = osk_cursor_rest(&job->body), .base = offset, .len = len };
    OskStatus status = codec == OSK_CODEC_AV1 ? osk_obu_config(&coded, offset, len)
                                              : osk_nal_config(&coded, offset, len);
    if (status == OSK_OK) {
        status = osk_coded_write(&coded, job->out);
    }
    osk_coded_free(&coded);
    osk_cursor_skip(&job->body, len);
    return status;
}

static const char *const alpha_names[] = { "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
                                           "urn:mpeg:hevc:2015:auxid:1",
                                           "urn:mpeg:avc:2015:auxid:1" };

static const char *alpha_name(OskCursor body)
{
    osk_cursor_skip(&body, 4);
    for (size_t i = 0; i < sizeof(alpha_names) / sizeof(alpha_names[0]); i++) {
        if (osk_cursor_starts(&body, alpha_names[i], strlen(alpha_names[i]) + 1)) {
            return alpha_names[i];
        }
    }
    return NULL;
}

bool osk_prop_is_alpha(const OskItemProp *aux)
{
    return aux != NULL && alpha_name(aux->body) != NULL;
}

static OskStatus write_auxiliary(PropJob *job)
{
    const char *name = alpha_name(job->body);
    if (name == NULL) {
        job->drop = true;
        return OSK_OK;
    }
    osk_writer_zeros(job->out, 4);
    osk_writer_bytes(job->out, name, strlen(name) + 1);
    return OSK_OK;
}

/* Content colour volume: which fields follow stands in its first byte. */
static OskStatus write_colour_volume(PropJob *job)
{
    uint8_t flags = osk_cursor_u8(&job->body) & 0x3C;
    size_t len = ((flags & 0x20) != 0 ? 24u : 0u) + ((flags & 0x10) != 0 ? 4u : 0u) +
                 ((flags & 0x08) != 0 ? 4u : 0u) + ((flags & 0x04) != 0 ? 4u : 0u);
    osk_writer_u8(job->out, flags);
    copy_masked(job, len, 0xFF);
    return OSK_OK;
}

/* Sizes of the layers of an AV1 picture. */
static OskStatus write_layers(PropJob *job)
{
    uint8_t large = osk_cursor_u8(&job->body) & 1;
    osk_writer_u8(job->out, large);
    copy_masked(job, large != 0 ? 12 : 6, 0xFF);
    return OSK_OK;
}

/* Which references a reader must understand: only those that a copy still has are worth a word. */
static OskStatus write_required_references(PropJob *job)
{
    osk_cursor_skip(&job->body, 4);
    uint8_t count = osk_cursor_u8(&job->body);
    osk_writer_zeros(job->out, 4);
    osk_writer_u8(job->out, count);
    for (unsigned i = 0; i < count && osk_cursor_ok(&job->body); i++) {
        uint32_t type = osk_cursor_u32be(&job->body);
        const OskPart *row = osk_isobmff_part(OSK_ISOBMFF_REF, type);
        if (row == NULL || row->verdict != OSK_KEEP) {
            return osk_walk_fail(job->walk, OSK_UNSUPPORTED, "meta/rref",
                                 "the picture needs a reference that we don't know",
                                 job->prop->box.offset);
        }
        osk_writer_be(job->out, type, 4);
    }
    return OSK_OK;
}

/* Components of an uncompressed picture: numbers; those of no registered meaning are named by an
 * address. */
static OskStatus write_components(PropJob *job)
{
    uint32_t count = osk_cursor_u32be(&job->body);
    osk_writer_be(job->out, count, 4);
    for (uint32_t i = 0; i < count && osk_cursor_ok(&job->body); i++) {
        uint16_t type = osk_cursor_u16be(&job->body);
        if (type >= 0x8000) {
            return osk_walk_fail(job->walk, OSK_UNSUPPORTED, "meta/cmpd",
                                 "a picture with channels of a maker's own", job->prop->box.offset);
        }
        osk_writer_be(job->out, type, 2);
    }
    return OSK_OK;
}

static OskStatus write_layout(PropJob *job)
{
    uint8_t version = 0;
    osk_box_full(&job->body, &version);
    osk_writer_be(job->out, (uint32_t)version << 24, 4);
    copy_masked(job, 4, 0xFF);
    if (version > 0) {
        return OSK_OK;
    }
    uint32_t count = osk_cursor_u32be(&job->body);
    osk_writer_be(job->out, count, 4);
    const uint8_t *rest = osk_cursor_bytes(&job->body, (size_t)count * 5 + 24);
    if (rest != NULL) {
        osk_writer_bytes(job->out, rest, (size_t)count * 5 + 24);
    }
    return OSK_OK;
}

static OskStatus write_units(PropJob *job)
{
    static const uint8_t offset_sizes[8] = { 0, 2, 3, 4, 8, 0, 0, 0 };
    static const uint8_t length_sizes[8] = { 1, 2, 3, 4, 8, 0, 0, 0 };
    osk_cursor_skip(&job->body, 4);
    osk_writer_zeros(job->out, 4);
    uint8_t codes = osk_cursor_u8(&job->body);
    uint32_t count = osk_cursor_u32be(&job->body);
    size_t each = (size_t)offset_sizes[codes >> 5] + length_sizes[codes >> 2 & 7];
    osk_writer_u8(job->out, codes & 0xFC);
    osk_writer_be(job->out, count, 4);
    const uint8_t *rest = osk_cursor_bytes(&job->body, each * count);
    if (rest != NULL) {
        osk_writer_bytes(job->out, rest, each * count);
    }
    return OSK_OK;
}

/* Properties of fixed size: `len` bytes, the last one masked, behind four zero bytes where `full`.
 */
typedef struct PropShape {
    uint32_t type;
    bool full;
    uint8_t len;
    uint8_t mask;
    PropWriter write; /* where the size depends on the content */
} PropShape;

static const PropShape shapes[] = {
    { OSK_FOURCC('i', 's', 'p', 'e'), true, 8, 0xFF, NULL },
    { OSK_FOURCC('i', 'r', 'o', 't'), false, 1, 0x03, NULL },
    { OSK_FOURCC('i', 'm', 'i', 'r'), false, 1, 0x01, NULL },
    { OSK_FOURCC('p', 'a', 's', 'p'), false, 8, 0xFF, NULL },
    { OSK_FOURCC('c', 'l', 'a', 'p'), false, 32, 0xFF, NULL },
    { OSK_FOURCC('c', 'l', 'l', 'i'), false, 4, 0xFF, NULL },
    { OSK_FOURCC('m', 'd', 'c', 'v'), false, 24, 0xFF, NULL },
    { OSK_FOURCC('a', 'm', 'v', 'e'), false, 8, 0xFF, NULL },
    { OSK_FOURCC('a', '1', 'o', 'p'), false, 1, 0xFF, NULL },
    { OSK_FOURCC('l', 's', 'e', 'l'), false, 2, 0xFF, NULL },
    { OSK_FOURCC('i', 's', 'c', 'l'), true, 8, 0xFF, NULL },
    { OSK_FOURCC('n', 'd', 'w', 't'), true, 4, 0xFF, NULL },
    { OSK_FOURCC('r', 'e', 'v', 'e'), true, 16, 0xFF, NULL },
    { OSK_FOURCC('c', 'm', 'p', 'C'), true, 5, 0xFF, NULL },
    { OSK_FOURCC('c', 'm', 'p', 'd'), false, 0, 0, write_components },
    { OSK_FOURCC('u', 'n', 'c', 'C'), false, 0, 0, write_layout },
    { OSK_FOURCC('i', 'c', 'e', 'f'), false, 0, 0, write_units },
    { OSK_FOURCC('p', 'i', 'x', 'i'), false, 0, 0, write_pixi },
    { OSK_FOURCC('c', 'o', 'l', 'r'), false, 0, 0, write_colour },
    { OSK_FOURCC('c', 'c', 'l', 'v'), false, 0, 0, write_colour_volume },
    { OSK_FOURCC('a', '1', 'l', 'x'), false, 0, 0, write_layers },
    { OSK_FOURCC('a', 'u', 'x', 'C'), false, 0, 0, write_auxiliary },
    { OSK_FOURCC('r', 'r', 'e', 'f'), false, 0, 0, write_required_references },
    { OSK_FOURCC('h', 'v', 'c', 'C'), false, 0, 0, write_config },
    { OSK_FOURCC('l', 'h', 'v', 'C'), false, 0, 0, write_config },
    { OSK_FOURCC('a', 'v', 'c', 'C'), false, 0, 0, write_config },
    { OSK_FOURCC('a', 'v', '1', 'C'), false, 0, 0, write_config },
};

static OskStatus write_shape(PropJob *job, const PropShape *shape)
{
    if (shape->write != NULL) {
        return shape->write(job);
    }
    if (shape->full) {
        osk_cursor_skip(&job->body, 4);
        osk_writer_zeros(job->out, 4);
    }
    copy_masked(job, shape->len, shape->mask);
    return OSK_OK;
}

static OskStatus write_known(PropJob *job)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (shapes[i].type == job->prop->type) {
            OskStatus status = write_shape(job, &shapes[i]);
            if (status == OSK_OK && !osk_cursor_ok(&job->body)) {
                status = broken(job, "a property is cut off");
            }
            return status;
        }
    }
    osk_writer_bytes(job->out, osk_cursor_rest(&job->body), osk_cursor_left(&job->body));
    return OSK_OK;
}

static void find_dropped(OskWalk *walk, const OskItemProp *prop, const OskPart *row)
{
    OskText text;
    osk_text_init(&text);
    osk_box_type_text(&text, prop->type);
    osk_report_add(
        walk->report,
        (OskFact){ .kind = row != NULL && row->kind != OSK_KIND_NONE ? row->kind : OSK_KIND_OTHER,
                   .part = "meta/ipco",
                   .field = "isobmff.property",
                   .label = row != NULL ? row->meaning : "a property that no reader needs",
                   .offset = prop->box.offset,
                   .len = prop->box.size },
        &text);
}

static void find_difference(OskWalk *walk, const OskItemProp *prop)
{
    const uint8_t *before = osk_cursor_rest(&prop->body);
    size_t len = osk_cursor_left(&prop->body);
    if (prop->box.header == 8 && prop->out_len == len + 8 &&
        (len == 0 || memcmp(before, prop->out + 8, len) == 0)) {
        return;
    }
    osk_report_add(walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = "meta/ipco",
                              .field = "isobmff.slack",
                              .label = "bytes in a property that no reader looks at",
                              .offset = prop->box.offset,
                              .len = prop->box.size },
                   NULL);
}

void osk_prop_inspect(OskWalk *walk, const OskItemProp *prop)
{
    const OskPart *row = osk_isobmff_part(OSK_ISOBMFF_PROP, prop->type);
    if (row == NULL || row->verdict == OSK_DROP) {
        find_dropped(walk, prop, row);
    }
}

OskStatus osk_prop_rebuild(OskWalk *walk, OskItemProp *prop, bool essential)
{
    const OskPart *row = osk_isobmff_part(OSK_ISOBMFF_PROP, prop->type);
    if (row == NULL && essential) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "meta/ipco",
                             "the picture needs a property that we don't know", prop->box.offset);
    }
    if (row == NULL || row->verdict == OSK_DROP) {
        find_dropped(walk, prop, row);
        return OSK_OK;
    }
    OskWriter out;
    osk_writer_init(&out, PROP_CEILING);
    uint8_t fourcc[4] = { (uint8_t)(prop->type >> 24), (uint8_t)(prop->type >> 16),
                          (uint8_t)(prop->type >> 8), (uint8_t)prop->type };
    OskWriterMark mark = osk_writer_box(&out, (const char *)fourcc);
    PropJob job = { .walk = walk, .prop = prop, .body = prop->body, .out = &out };
    OskStatus status = write_known(&job);
    osk_writer_close(&out, mark);
    if (status == OSK_OK && !job.drop) {
        uint8_t *copy = osk_writer_ok(&out) ? osk_arena_alloc(walk->arena, out.len) : NULL;
        if (copy == NULL) {
            status = osk_walk_no_memory(walk, "meta/ipco", prop->box.offset);
        } else {
            memcpy(copy, out.bytes, out.len);
            prop->out = copy;
            prop->out_len = out.len;
        }
    }
    if (status == OSK_OK && !job.reported) {
        if (job.drop) {
            find_dropped(walk, prop, NULL);
        } else {
            find_difference(walk, prop);
        }
    }
    osk_writer_free(&out);
    return status;
}

/* An axis of a crop: true when nothing but what the coding itself needs lies outside.
 *
 * Chroma at half resolution rounds odd sizes up by one pixel, which shares its chroma with the last
 * one shown; encoders pad pictures up to one coding block of 64 pixels (fixtures: libheif's 29 x
 * 100 grey pictures). Both sit at the far end. Everything else is a crop that hides what was
 * photographed. */
static bool axis_is_whole(uint32_t coded, OskCursor size, OskCursor shift)
{
    int64_t shown = (int64_t)osk_cursor_u32be(&size);
    int64_t shown_n = (int64_t)osk_cursor_u32be(&size);
    int64_t shift_p = (int32_t)osk_cursor_u32be(&shift);
    int64_t shift_n = (int64_t)osk_cursor_u32be(&shift);
    if (shown_n <= 0 || shift_n <= 0 || shown % shown_n != 0) {
        return false;
    }
    shown /= shown_n;
    if (shown <= 0 || shown > (int64_t)coded) {
        return false;
    }
    /* The first pixel shown: shift + (coded - 1) / 2 - (shown - 1) / 2 = 0. */
    bool at_origin = 2 * shift_p + ((int64_t)coded - shown) * shift_n == 0;
    int64_t hidden = (int64_t)coded - shown;
    return at_origin && (hidden <= 1 || coded <= 64);
}

OskStatus osk_prop_check_crop(OskWalk *walk, const OskItemProp *clap, const OskItemProp *ispe)
{
    OskCursor crop = clap->body;
    OskCursor width = osk_cursor_take(&crop, 8);
    OskCursor height = osk_cursor_take(&crop, 8);
    OskCursor across = osk_cursor_take(&crop, 8);
    OskCursor down = osk_cursor_take(&crop, 8);
    OskCursor size = ispe != NULL ? ispe->body : osk_cursor_make(NULL, 0, 0);
    osk_cursor_skip(&size, 4);
    uint32_t coded_width = osk_cursor_u32be(&size);
    uint32_t coded_height = osk_cursor_u32be(&size);
    if (!osk_cursor_ok(&crop) || !osk_cursor_ok(&size)) {
        return osk_walk_fail(walk, OSK_MALFORMED, "meta/clap", "the crop is cut off",
                             clap->box.offset);
    }
    if (axis_is_whole(coded_width, width, across) && axis_is_whole(coded_height, height, down)) {
        return OSK_OK;
    }
    return osk_walk_fail(
        walk, OSK_UNSUPPORTED, "meta/clap",
        "the picture is cropped, and what is outside of the crop is still in the file",
        clap->box.offset);
}
