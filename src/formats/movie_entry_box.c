/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Child boxes of sample descriptions: an allow-list. A box of a fixed form is copied when it has
 * exactly that form; configuration records are rebuilt; everything else goes. */
#include "formats/movie.h"

#include "parts/mpeg_es.h"
#include "parts/nal.h"
#include "parts/obu.h"

static const char *const where = "moov/trak/mdia/minf/stbl/stsd";

/* Where a box may stand. */
enum { IN_PICTURE = 1, IN_SOUND = 2, IN_WAVE = 4 };

/* A box whose body has `least` to `most` bytes, of which none can carry text: numbers of a coding.
 * `zeros` bytes in front are version and flags of a form that we know; where they are not zero, the
 * box goes. */
typedef struct PlainRow {
    uint32_t type;
    uint16_t least;
    uint16_t most;
    uint8_t zeros;
    uint8_t places;
} PlainRow;

static const PlainRow plain_rows[] = {
    { OSK_FOURCC('S', 'm', 'D', 'm'), 28, 28, 4, IN_PICTURE }, /* mastering display, VP9 */
    { OSK_FOURCC('C', 'o', 'L', 'L'), 8, 8, 4, IN_PICTURE },   /* content light, VP9 */
    { OSK_FOURCC('m', 'd', 'c', 'v'), 24, 24, 0, IN_PICTURE },
    { OSK_FOURCC('c', 'l', 'l', 'i'), 4, 4, 0, IN_PICTURE },
    { OSK_FOURCC('a', 'm', 'v', 'e'), 8, 8, 0, IN_PICTURE },
    { OSK_FOURCC('p', 'a', 's', 'p'), 8, 8, 0, IN_PICTURE },
    { OSK_FOURCC('f', 'i', 'e', 'l'), 2, 2, 0, IN_PICTURE },
    { OSK_FOURCC('b', 't', 'r', 't'), 12, 12, 0, IN_PICTURE | IN_SOUND },
    { OSK_FOURCC('g', 'a', 'm', 'a'), 4, 4, 0, IN_PICTURE },
    { OSK_FOURCC('s', 't', '3', 'd'), 5, 5, 4, IN_PICTURE },
    { OSK_FOURCC('c', 'c', 's', 't'), 8, 8, 4, IN_PICTURE },
    { OSK_FOURCC('i', 'r', 'o', 't'), 1, 1, 0, IN_PICTURE }, /* as of a still: AVIF sequences */
    { OSK_FOURCC('i', 'm', 'i', 'r'), 1, 1, 0, IN_PICTURE },
    { OSK_FOURCC('d', 'a', 'c', '3'), 3, 3, 0, IN_SOUND },
    { OSK_FOURCC('d', 'a', 'c', '4'), 8, 256, 0, IN_SOUND },
    { OSK_FOURCC('p', 'c', 'm', 'C'), 6, 6, 4, IN_SOUND },
    { OSK_FOURCC('s', 'r', 'a', 't'), 8, 8, 4, IN_SOUND },
    { OSK_FOURCC('d', 'd', 't', 's'), 20, 20, 0, IN_SOUND },
    { OSK_FOURCC('e', 'n', 'd', 'a'), 2, 2, 0, IN_WAVE },
    { OSK_FOURCC('f', 'r', 'm', 'a'), 4, 4, 0, IN_WAVE },
};

/* Boxes that have a function of their own. */
static const struct {
    uint32_t type;
    uint8_t places;
} special_rows[] = {
    { OSK_FOURCC('a', 'v', 'c', 'C'), IN_PICTURE },
    { OSK_FOURCC('h', 'v', 'c', 'C'), IN_PICTURE },
    { OSK_FOURCC('l', 'h', 'v', 'C'), IN_PICTURE },
    { OSK_FOURCC('a', 'v', '1', 'C'), IN_PICTURE },
    { OSK_FOURCC('v', 'p', 'c', 'C'), IN_PICTURE },
    { OSK_FOURCC('d', 'v', 'c', 'C'), IN_PICTURE },
    { OSK_FOURCC('d', 'v', 'v', 'C'), IN_PICTURE },
    { OSK_FOURCC('e', 's', 'd', 's'), IN_PICTURE | IN_SOUND | IN_WAVE },
    { OSK_FOURCC('w', 'a', 'v', 'e'), IN_SOUND },
    { OSK_FOURCC('c', 'o', 'l', 'r'), IN_PICTURE },
    { OSK_FOURCC('c', 'l', 'a', 'p'), IN_PICTURE },
    { OSK_FOURCC('d', 'f', 'L', 'a'), IN_SOUND },
    { OSK_FOURCC('d', 'O', 'p', 's'), IN_SOUND },
    { OSK_FOURCC('d', 'e', 'c', '3'), IN_SOUND },
    { OSK_FOURCC('c', 'h', 'n', 'l'), IN_SOUND },
    { OSK_FOURCC('a', 'l', 'a', 'c'), IN_SOUND | IN_WAVE },
    { OSK_FOURCC('d', 'a', 'm', 'r'), IN_SOUND },
    { OSK_FOURCC('d', '2', '6', '3'), IN_PICTURE },
    { OSK_FOURCC('a', 'u', 'x', 'i'), IN_PICTURE },
    { OSK_FOURCC('c', 'h', 'a', 'n'), IN_SOUND },
};

static void copy_box(OskEntry *entry, uint32_t type, const uint8_t *bytes, size_t len)
{
    OskWriterMark mark = osk_writer_open(&entry->out, 4, true);
    osk_writer_be(&entry->out, type, 4);
    osk_writer_bytes(&entry->out, bytes, len);
    osk_writer_close(&entry->out, mark);
}

static const PlainRow *find_plain(uint32_t type)
{
    for (size_t i = 0; i < sizeof(plain_rows) / sizeof(plain_rows[0]); i++) {
        if (plain_rows[i].type == type) {
            return &plain_rows[i];
        }
    }
    return NULL;
}

static bool copy_plain(OskEntry *entry, uint32_t type, const OskCursor *body)
{
    const PlainRow *row = find_plain(type);
    size_t len = osk_cursor_left(body);
    if (row == NULL || len < row->least || len > row->most) {
        return false;
    }
    OskCursor c = *body;
    bool fits = osk_cursor_be(&c, row->zeros) == 0;
    if (type == OSK_FOURCC('c', 'c', 's', 't')) {
        /* Six bits mean something: the others are zero, or it goes. */
        fits = fits && (osk_cursor_u32be(&c) & 0x3FFFFFF) == 0;
    } else if (type == OSK_FOURCC('i', 'r', 'o', 't')) {
        fits = osk_cursor_u8(&c) <= 3;
    } else if (type == OSK_FOURCC('i', 'm', 'i', 'r')) {
        fits = osk_cursor_u8(&c) <= 1;
    }
    if (fits) {
        copy_box(entry, type, osk_cursor_rest(body), len);
    }
    return fits;
}

/* Is it a box that belongs here, and the first of its kind? Readers take the first one. */
static bool is_expected(OskEntry *entry, uint32_t type)
{
    const PlainRow *plain = find_plain(type);
    unsigned places = plain != NULL ? plain->places : 0;
    for (size_t i = 0; i < sizeof(special_rows) / sizeof(special_rows[0]); i++) {
        places = special_rows[i].type == type ? special_rows[i].places : places;
    }
    unsigned here = entry->in_wave ? IN_WAVE : entry->sound ? IN_SOUND : IN_PICTURE;
    if ((places & here) == 0 || entry->seen_count == OSK_ENTRY_BOXES_MAX) {
        return false;
    }
    for (unsigned i = entry->seen_from; i < entry->seen_count; i++) {
        if (entry->seen[i] == type && type != OSK_FOURCC('c', 'o', 'l', 'r')) {
            return false;
        }
    }
    entry->seen[entry->seen_count++] = type;
    return true;
}

/* avcC, hvcC, lhvC, av1C. */
static OskStatus copy_config(OskMovie *movie, OskEntry *entry, const OskBox *box, OskCursor body)
{
    OskWalk *walk = movie->walk;
    OskCodec codec = box->type == OSK_FOURCC('a', 'v', 'c', 'C')   ? OSK_CODEC_AVC
                     : box->type == OSK_FOURCC('h', 'v', 'c', 'C') ? OSK_CODEC_HEVC
                     : box->type == OSK_FOURCC('l', 'h', 'v', 'C') ? OSK_CODEC_LHEVC
                                                                   : OSK_CODEC_AV1;
    OskSampleKind kind = codec == OSK_CODEC_AV1 ? OSK_SAMPLES_OBU : OSK_SAMPLES_NAL;
    OskCodec base = codec == OSK_CODEC_LHEVC ? OSK_CODEC_HEVC : codec;
    if (entry->kind != kind || entry->codec != base) {
        /* Settings of a coding that the samples don't have. */
        osk_movie_report_box(movie, box, body, OSK_AT_ENTRY);
        return OSK_OK;
    }
    size_t len = osk_cursor_left(&body);
    OskCoded coded;
    osk_coded_init(&coded, codec, walk->report, walk->fault, walk->budget);
    coded.part = "configuration record";
    coded.source.bytes = osk_cursor_rest(&body);
    coded.source.base = osk_cursor_offset(&body);
    coded.source.len = len;
    OskStatus status = codec == OSK_CODEC_AV1
                           ? osk_obu_config(&coded, osk_cursor_offset(&body), len)
                           : osk_nal_config(&coded, osk_cursor_offset(&body), len);
    if (status == OSK_OK) {
        OskWriterMark mark = osk_writer_open(&entry->out, 4, true);
        osk_writer_be(&entry->out, box->type, 4);
        status = osk_coded_write(&coded, &entry->out);
        osk_writer_close(&entry->out, mark);
        if (codec != OSK_CODEC_LHEVC) {
            entry->length_size = coded.length_size;
            entry->timing = coded.timing;
        }
    }
    osk_coded_free(&coded);
    return status;
}

static OskStatus copy_colr(OskMovie *movie, OskEntry *entry, const OskBox *box, OskCursor body)
{
    OskWalk *walk = movie->walk;
    OskCursor c = body;
    uint32_t type = osk_cursor_u32be(&c);
    size_t want = type == OSK_FOURCC('n', 'c', 'l', 'x')   ? 11
                  : type == OSK_FOURCC('n', 'c', 'l', 'c') ? 10
                                                           : 0;
    if (want != 0 && osk_cursor_left(&body) >= want) {
        uint8_t bytes[11] = { 0 };
        osk_cursor_peek(&body, bytes, want);
        bytes[10] = (uint8_t)(bytes[10] & 0x80); /* full range; reserved bits */
        copy_box(entry, box->type, bytes, want);
        return OSK_OK;
    }
    bool icc = type == OSK_FOURCC('p', 'r', 'o', 'f') || type == OSK_FOURCC('r', 'I', 'C', 'C');
    if (!icc) {
        osk_movie_report_box(movie, box, body, OSK_AT_ENTRY);
        return OSK_OK;
    }
    osk_walk_inspect_profile(walk, c, "colr");
    OskWriterMark mark = osk_writer_open(&entry->out, 4, true);
    size_t begin = mark.at;
    osk_writer_be(&entry->out, box->type, 4);
    osk_writer_be(&entry->out, type, 4);
    size_t before = entry->out.len;
    OskStatus status = osk_walk_take_profile(walk, c, "colr", &entry->out);
    if (status != OSK_OK || entry->out.len == before) {
        entry->out.len = begin;
        return status;
    }
    osk_writer_close(&entry->out, mark);
    return OSK_OK;
}

/* A clean aperture that hides nothing. The size in the description is already without the padding
 * of the coding, so that whatever a smaller one takes away are hidden pixels, which can't be cut
 * off without coding the pictures anew. */
static OskStatus copy_clap(OskMovie *movie, OskEntry *entry, const OskBox *box, OskCursor body)
{
    OskCursor c = body;
    OskCursor size = entry->body;
    osk_cursor_skip(&size, 24);
    uint64_t full[2] = { osk_cursor_u16be(&size), 0 };
    full[1] = osk_cursor_u16be(&size);
    bool fits = osk_cursor_left(&body) == 32;
    for (unsigned i = 0; fits && i < 2; i++) {
        uint64_t n = osk_cursor_u32be(&c);
        uint64_t d = osk_cursor_u32be(&c);
        fits = d > 0 && n / d >= full[i];
    }
    if (!fits) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, "clap", "the pictures are cropped when shown",
                              box->offset);
    }
    copy_box(entry, box->type, osk_cursor_rest(&body), 32);
    return OSK_OK;
}

/* FLAC: only STREAMINFO of its metadata blocks, marked as the last one. */
static void copy_dfla(OskEntry *entry, OskCursor body)
{
    osk_cursor_skip(&body, 4);
    while (osk_cursor_more(&body)) {
        uint8_t type = osk_cursor_u8(&body);
        OskCursor block = osk_cursor_take(&body, osk_cursor_u24be(&body));
        if ((type & 127) == 0 && osk_cursor_left(&block) == 34) {
            OskWriterMark mark = osk_writer_box(&entry->out, "dfLa");
            osk_writer_zeros(&entry->out, 4);
            osk_writer_u8(&entry->out, 0x80);
            osk_writer_be(&entry->out, 34, 3);
            osk_writer_bytes(&entry->out, osk_cursor_rest(&block), 34);
            osk_writer_close(&entry->out, mark);
            return;
        }
    }
}

/* QuickTime's channel layout: a tag, a bitmap, and numbers for each channel. */
static bool copy_chan(OskEntry *entry, OskCursor body)
{
    OskCursor c = body;
    osk_cursor_skip(&c, 12);
    uint64_t count = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c) || count > 64 || osk_cursor_left(&c) < count * 20) {
        return false;
    }
    osk_cursor_skip(&body, 4);
    OskWriterMark mark = osk_writer_box(&entry->out, "chan");
    osk_writer_zeros(&entry->out, 4);
    osk_writer_bytes(&entry->out, osk_cursor_rest(&body), 12 + (size_t)count * 20);
    osk_writer_close(&entry->out, mark);
    return true;
}

/* ALAC: 24 bytes of settings, and a channel layout of 24 at most. */
static bool copy_alac(OskEntry *entry, OskCursor body)
{
    size_t len = osk_cursor_left(&body);
    osk_cursor_skip(&body, 4);
    if (len >= 28) {
        OskWriterMark mark = osk_writer_box(&entry->out, "alac");
        osk_writer_zeros(&entry->out, 4);
        osk_writer_bytes(&entry->out, osk_cursor_rest(&body), len >= 52 ? 48 : 24);
        osk_writer_close(&entry->out, mark);
    }
    return len == 28 || len == 52;
}

/* VP8 and VP9 have no initialisation data. Source: "VP Codec ISO Media File Format Binding". */
static bool copy_vpcc(OskEntry *entry, OskCursor body)
{
    const uint8_t *bytes = osk_cursor_rest(&body);
    if (osk_cursor_left(&body) < 12 || bytes[0] > 1) {
        return false;
    }
    OskWriterMark mark = osk_writer_box(&entry->out, "vpcC");
    osk_writer_u8(&entry->out, bytes[0]);
    osk_writer_zeros(&entry->out, 3);
    osk_writer_bytes(&entry->out, bytes + 4, 6);
    osk_writer_zeros(&entry->out, 2);
    osk_writer_close(&entry->out, mark);
    return osk_cursor_left(&body) == 12 && (osk_cursor_u32be(&body) & 0xFFFFFF) == 0;
}

/* Dolby Vision: profile, level and which layers there are; the rest is reserved. */
static bool copy_dolby(OskEntry *entry, uint32_t type, OskCursor body)
{
    const uint8_t *bytes = osk_cursor_rest(&body);
    if (osk_cursor_left(&body) < 5) {
        return false;
    }
    OskWriterMark mark = osk_writer_open(&entry->out, 4, true);
    osk_writer_be(&entry->out, type, 4);
    osk_writer_bytes(&entry->out, bytes, 4);
    osk_writer_u8(&entry->out, bytes[4] & 0xFC);
    osk_writer_zeros(&entry->out, 19);
    osk_writer_close(&entry->out, mark);
    bool same = (bytes[4] & 3) == 0;
    osk_cursor_skip(&body, 5);
    while (osk_cursor_more(&body)) {
        same = osk_cursor_u8(&body) == 0 && same;
    }
    return same;
}

/* How long the settings of Opus (RFC 7845 in ISO media, 4.3.2), E-AC-3 (ETSI TS 102 366, F.6) and
 * the places of loudspeakers are; 0: they are none. */
static size_t sound_settings_len(uint32_t type, OskCursor body)
{
    size_t left = osk_cursor_left(&body);
    size_t len = 0;
    if (type == OSK_FOURCC('d', 'O', 'p', 's')) {
        osk_cursor_skip(&body, 1);
        uint8_t channels = osk_cursor_u8(&body);
        osk_cursor_skip(&body, 8);
        len = osk_cursor_u8(&body) == 0 ? 11 : (size_t)13 + channels;
    } else if (type == OSK_FOURCC('d', 'e', 'c', '3')) {
        unsigned count = (osk_cursor_u16be(&body) & 7u) + 1;
        len = 2;
        for (unsigned i = 0; i < count; i++) {
            osk_cursor_skip(&body, 2);
            bool dependent = (osk_cursor_u8(&body) & 0x1E) != 0;
            osk_cursor_skip(&body, dependent ? 1 : 0);
            len += dependent ? 4 : 3;
        }
        /* Dynamic objects: a flag behind reserved bits, and a number. */
        bool objects = osk_cursor_left(&body) >= 2 && osk_cursor_u8(&body) <= 1;
        len += objects ? 2 : 0;
    } else {
        uint32_t version = osk_cursor_u32be(&body);
        bool known = left >= 6 && left <= 64 && (version == 0 || version == 1u << 24);
        len = known ? left : 0;
    }
    return len <= left ? len : 0;
}

static bool copy_sound_settings(OskEntry *entry, uint32_t type, OskCursor body)
{
    size_t len = sound_settings_len(type, body);
    if (len > 0) {
        copy_box(entry, type, osk_cursor_rest(&body), len);
    }
    return len > 0 && len == osk_cursor_left(&body);
}

/* The one thing a codec's maker writes into these: a vendor code and a version. */
static bool copy_3gpp(OskEntry *entry, uint32_t type, OskCursor body)
{
    size_t want = type == OSK_FOURCC('d', 'a', 'm', 'r') ? 9 : 7;
    if (osk_cursor_left(&body) < want) {
        return false;
    }
    osk_cursor_skip(&body, 5);
    OskWriterMark mark = osk_writer_open(&entry->out, 4, true);
    osk_writer_be(&entry->out, type, 4);
    osk_writer_zeros(&entry->out, 5);
    osk_writer_bytes(&entry->out, osk_cursor_rest(&body), want - 5);
    osk_writer_close(&entry->out, mark);
    return true;
}

/* ---- esds: ISO/IEC 14496-1 section 7.2.6 ---- */

/* The next descriptor; its length is written in 7-bit digits. */
static bool next_descriptor(OskCursor *in, uint8_t *out_tag, OskCursor *out_body)
{
    *out_tag = osk_cursor_u8(in);
    uint32_t len = 0;
    uint8_t digit = 0x80;
    for (unsigned i = 0; i < 4 && (digit & 0x80) != 0; i++) {
        digit = osk_cursor_u8(in);
        len = len << 7 | (digit & 127u);
    }
    if (!osk_cursor_ok(in)) {
        return false;
    }
    /* Some writers count too much; what is there is what readers take. */
    size_t left = osk_cursor_left(in);
    *out_body = osk_cursor_take(in, len < left ? len : left);
    return true;
}

static void put_descriptor(OskWriter *out, uint8_t tag, const OskWriter *body)
{
    osk_writer_u8(out, tag);
    osk_writer_u8(out, (uint8_t)(body->len >> 21 | 0x80));
    osk_writer_u8(out, (uint8_t)(body->len >> 14 | 0x80));
    osk_writer_u8(out, (uint8_t)(body->len >> 7 | 0x80));
    osk_writer_u8(out, (uint8_t)(body->len & 127));
    osk_writer_bytes(out, body->bytes, body->len);
}

/* What the decoder is told: rebuilt, or UNSUPPORTED. `object` is the coding's number. */
static OskStatus copy_decoder_info(OskMovie *movie, OskEntry *entry, uint8_t object, OskCursor info,
                                   OskWriter *out)
{
    OskWalk *walk = movie->walk;
    size_t len = osk_cursor_left(&info);
    uint64_t offset = osk_cursor_offset(&info);
    if (entry->kind == OSK_SAMPLES_MPEG4) {
        OskCoded coded;
        osk_coded_init(&coded, OSK_CODEC_MPEG, walk->report, walk->fault, walk->budget);
        coded.part = "esds";
        coded.source.bytes = osk_cursor_rest(&info);
        coded.source.base = offset;
        coded.source.len = len;
        OskStatus status = osk_mpeg_sample(&coded, offset, len);
        if (status == OSK_OK) {
            status = osk_coded_write(&coded, out);
        }
        osk_coded_free(&coded);
        return status;
    }
    if (object == 0xDD) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, "esds",
                              "sound in a coding that we don't know", offset);
    }
    OskAacConfig config;
    if (entry->kind == OSK_SAMPLES_AAC && osk_aac_config_read(info, &config)) {
        osk_movie_aac(movie, info, &config, out);
        return OSK_OK;
    }
    if (entry->kind == OSK_SAMPLES_AAC && config.walked) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, "esds",
                              "settings of sound that we can't look into", offset);
    }
    if (len > (entry->sound ? 64 : 128)) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, "esds",
                              "decoder settings longer than any that we know", offset);
    }
    osk_writer_bytes(out, osk_cursor_rest(&info), len);
    return OSK_OK;
}

static OskStatus judge_object(OskMovie *movie, OskEntry *entry, uint8_t object, uint64_t offset)
{
    bool sound = true;
    switch (object) {
    case 0x20: /* MPEG-4 visual */
    case 0x60: /* MPEG-2, its profiles, MPEG-1 */
    case 0x61:
    case 0x62:
    case 0x63:
    case 0x64:
    case 0x65:
    case 0x6A:
        entry->kind = OSK_SAMPLES_MPEG4;
        sound = false;
        break;
    case 0x6C:
        entry->kind = OSK_SAMPLES_JPEG;
        sound = false;
        break;
    case 0x40: /* MPEG-4 and MPEG-2 AAC */
    case 0x66:
    case 0x67:
    case 0x68:
        entry->kind = OSK_SAMPLES_AAC;
        entry->delay = 3;
        break;
    case 0x69: /* MP3 */
    case 0x6B:
    case 0xA5: /* AC-3, E-AC-3, DTS */
    case 0xA6:
    case 0xA9:
    case 0xAA:
    case 0xAB:
    case 0xAC:
    case 0xAD: /* Opus */
        entry->kind = OSK_SAMPLES_OPAQUE;
        entry->delay = 10;
        break;
    default: sound = !entry->sound;
    }
    return sound == entry->sound
               ? OSK_OK
               : osk_movie_fail(movie, OSK_UNSUPPORTED, "esds",
                                "pictures or sound in a coding that we don't know", offset);
}

static OskStatus copy_decoder(OskMovie *movie, OskEntry *entry, OskCursor decoder, OskWriter *out)
{
    uint64_t offset = osk_cursor_offset(&decoder);
    const uint8_t *head = osk_cursor_bytes(&decoder, 13);
    if (head == NULL) {
        return osk_movie_fail(movie, OSK_MALFORMED, "esds", "a descriptor ends early", offset);
    }
    OskStatus status = judge_object(movie, entry, head[0], offset);
    OskWriter body;
    OskWriter info;
    osk_writer_init(&body, (size_t)1 << 20);
    osk_writer_init(&info, (size_t)1 << 20);
    osk_writer_bytes(&body, head, 13);
    bool done = false;
    while (status == OSK_OK && osk_cursor_more(&decoder) && !done) {
        uint8_t tag = 0;
        OskCursor child;
        if (next_descriptor(&decoder, &tag, &child) && tag == 5) {
            status = copy_decoder_info(movie, entry, head[0], child, &info);
            put_descriptor(&body, 5, &info);
            done = true;
        }
    }
    put_descriptor(out, 4, &body);
    if (!osk_writer_ok(&body) || !osk_writer_ok(&info)) {
        status = osk_movie_memory(movie, "esds");
    }
    osk_writer_free(&body);
    osk_writer_free(&info);
    return status;
}

/* What stands beside the decoder's settings, other than how the samples are carried, goes. */
static void report_descriptors(OskMovie *movie, OskCursor es)
{
    OskFact fact = { .kind = OSK_KIND_OTHER,
                     .part = "esds",
                     .field = "mp4.descriptor",
                     .label = "a description that no player needs",
                     .offset = osk_cursor_offset(&es),
                     .len = osk_cursor_left(&es) };
    uint8_t tag = 0;
    OskCursor body;
    while (osk_cursor_more(&es) && next_descriptor(&es, &tag, &body)) {
        if (tag != 6 || osk_cursor_left(&body) > 1) {
            osk_report_add(movie->walk->report, fact, NULL);
            return;
        }
    }
}

static OskStatus copy_esds(OskMovie *movie, OskEntry *entry, OskCursor body)
{
    uint64_t offset = osk_cursor_offset(&body);
    uint8_t tag = 0;
    OskCursor es;
    osk_cursor_skip(&body, 4);
    if (!next_descriptor(&body, &tag, &es) || tag != 3) {
        return osk_movie_fail(movie, OSK_MALFORMED, "esds", "no descriptor in it", offset);
    }
    osk_cursor_skip(&es, 2);
    uint8_t flags = osk_cursor_u8(&es);
    osk_cursor_skip(&es, (flags & 0x80) != 0 ? 2 : 0);
    osk_cursor_skip(&es, (flags & 0x40) != 0 ? osk_cursor_u8(&es) : 0);
    osk_cursor_skip(&es, (flags & 0x20) != 0 ? 2 : 0);
    OskWriter out;
    osk_writer_init(&out, (size_t)2 << 20);
    osk_writer_zeros(&out, 3); /* no id, no flags */
    OskStatus status = OSK_OK;
    bool found = false;
    while (status == OSK_OK && !found && osk_cursor_more(&es)) {
        OskCursor child;
        if (next_descriptor(&es, &tag, &child) && tag == 4) {
            status = copy_decoder(movie, entry, child, &out);
            found = true;
        }
    }
    report_descriptors(movie, es);
    if (status == OSK_OK && !found) {
        status = osk_movie_fail(movie, OSK_MALFORMED, "esds", "no decoder settings in it", offset);
    }
    osk_writer_bytes(&out, "\x06\x80\x80\x80\x01\x02", 6); /* how it is carried: in MP4 */
    if (status == OSK_OK) {
        OskWriterMark mark = osk_writer_box(&entry->out, "esds");
        osk_writer_zeros(&entry->out, 4);
        put_descriptor(&entry->out, 3, &out);
        osk_writer_close(&entry->out, mark);
    }
    if (!osk_writer_ok(&out)) {
        status = osk_movie_memory(movie, "esds");
    }
    osk_writer_free(&out);
    return status;
}

/* ---- wave: what QuickTime wraps around sound settings ---- */

static OskStatus copy_wave(OskMovie *movie, OskEntry *entry, OskCursor body)
{
    OskWriterMark mark = osk_writer_box(&entry->out, "wave");
    entry->in_wave = true;
    entry->seen_from = entry->seen_count;
    OskBox box;
    OskCursor child;
    OskStatus status = OSK_OK;
    bool marked = false;
    while (status == OSK_OK && osk_box_next(&body, &box, &child)) {
        if (box.type == OSK_FOURCC('m', 'p', '4', 'a') && !marked) {
            copy_box(entry, box.type, (const uint8_t *)"\0\0\0", 4);
            marked = true;
        } else {
            status = osk_movie_entry_box(movie, entry, &box, child);
        }
    }
    copy_box(entry, 0, NULL, 0);
    osk_writer_close(&entry->out, mark);
    entry->in_wave = false;
    entry->seen_from = 0;
    return status;
}

/* Boxes that are written or not, without an error; false: something of them goes. */
static bool copy_simple(OskEntry *entry, const OskBox *box, OskCursor body)
{
    switch (box->type) {
    case OSK_FOURCC('v', 'p', 'c', 'C'): return copy_vpcc(entry, body);
    case OSK_FOURCC('d', 'v', 'c', 'C'):
    case OSK_FOURCC('d', 'v', 'v', 'C'): return copy_dolby(entry, box->type, body);
    case OSK_FOURCC('d', 'O', 'p', 's'):
    case OSK_FOURCC('d', 'e', 'c', '3'):
    case OSK_FOURCC('c', 'h', 'n', 'l'): return copy_sound_settings(entry, box->type, body);
    case OSK_FOURCC('d', 'f', 'L', 'a'): copy_dfla(entry, body); return true;
    case OSK_FOURCC('a', 'l', 'a', 'c'): return copy_alac(entry, body);
    case OSK_FOURCC('d', 'a', 'm', 'r'):
    case OSK_FOURCC('d', '2', '6', '3'): return copy_3gpp(entry, box->type, body);
    case OSK_FOURCC('c', 'h', 'a', 'n'): return copy_chan(entry, body);
    case OSK_FOURCC('a', 'u', 'x', 'i'):
        /* carries_alpha() has seen which auxiliary picture it is. */
        copy_box(entry, box->type,
                 (const uint8_t *)"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", 48);
        return true;
    default: return copy_plain(entry, box->type, &body);
    }
}

OskStatus osk_movie_entry_box(OskMovie *movie, OskEntry *entry, const OskBox *box, OskCursor body)
{
    if (box->type == 0) {
        return OSK_OK;
    }
    if (box->type == OSK_FOURCC('s', 'i', 'n', 'f')) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, where, "encrypted pictures or sound",
                              box->offset);
    }
    bool streams = entry->type == OSK_FOURCC('m', 'p', '4', entry->sound ? 'a' : 'v');
    if (!is_expected(entry, box->type) ||
        (box->type == OSK_FOURCC('e', 's', 'd', 's') && !streams)) {
        osk_movie_report_box(movie, box, body, OSK_AT_ENTRY);
        return OSK_OK;
    }
    switch (box->type) {
    case OSK_FOURCC('a', 'v', 'c', 'C'):
    case OSK_FOURCC('h', 'v', 'c', 'C'):
    case OSK_FOURCC('l', 'h', 'v', 'C'):
    case OSK_FOURCC('a', 'v', '1', 'C'): return copy_config(movie, entry, box, body);
    case OSK_FOURCC('e', 's', 'd', 's'): return copy_esds(movie, entry, body);
    case OSK_FOURCC('w', 'a', 'v', 'e'): return copy_wave(movie, entry, body);
    case OSK_FOURCC('c', 'o', 'l', 'r'): return copy_colr(movie, entry, box, body);
    case OSK_FOURCC('c', 'l', 'a', 'p'): return copy_clap(movie, entry, box, body);
    default:
        if (!copy_simple(entry, box, body)) {
            osk_movie_report_box(movie, box, body, OSK_AT_ENTRY);
        }
        return OSK_OK;
    }
}
