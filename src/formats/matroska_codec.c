/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The codecs that Matroska's picture and sound tracks may have here, and what stays of their
 * settings. Source: Matroska Codec Specifications (draft-ietf-cellar-codec), and the specification
 * of each codec. */
#include <string.h>

#include "formats/matroska.h"
#include "parts/aac_config.h"
#include "parts/mpeg_es.h"
#include "parts/nal.h"
#include "parts/obu.h"

typedef OskStatus (*PrivateWriter)(OskMkv *mkv, OskMkvTrack *track, OskCursor private,
                                   OskWriter *out);

static OskStatus bad_private(OskMkv *mkv, OskCursor private)
{
    return osk_walk_fail(mkv->walk, OSK_MALFORMED, "CodecPrivate",
                         "the settings of the decoder are damaged", osk_cursor_offset(&private));
}

static OskFact private_fact(OskCursor part, const char *field, const char *label)
{
    return (OskFact){ .kind = OSK_KIND_OTHER,
                      .part = "CodecPrivate",
                      .field = field,
                      .label = label,
                      .offset = osk_cursor_offset(&part),
                      .len = osk_cursor_left(&part) };
}

/* Bytes in the settings that no decoder needs. */
static void report_extra(OskMkv *mkv, OskCursor part)
{
    if (osk_cursor_more(&part)) {
        osk_report_add(
            mkv->walk->report,
            private_fact(part, "mkv.codec_private", "hidden bytes in the settings of the decoder"),
            NULL);
    }
}

/* The codec needs no settings. */
static OskStatus write_none(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    (void)out;
    report_extra(mkv, private);
    return OSK_OK;
}

static void put_private(OskWriter *out, const uint8_t *bytes, size_t len)
{
    osk_ebml_put_bytes(out, MKV_CODEC_PRIVATE, bytes, len);
}

/* The first `len` bytes are the settings; there may be no more. */
static OskStatus write_first(OskMkv *mkv, OskCursor private, size_t len, OskWriter *out)
{
    const uint8_t *bytes = osk_cursor_bytes(&private, len);
    if (bytes == NULL) {
        return bad_private(mkv, private);
    }
    put_private(out, bytes, len);
    report_extra(mkv, private);
    return OSK_OK;
}

static OskStatus read_through(void *context, uint64_t offset, void *out, size_t len)
{
    OskMkvTrack *track = context;
    uint8_t *to = out;
    /* Stripped headers lie, as far as the filter can see, right before the frame. */
    while (len > 0 && offset < track->frame_at) {
        *to++ = track->prefix[track->prefix_len - (size_t)(track->frame_at - offset)];
        offset++;
        len--;
    }
    return osk_walk_read(track->mkv->walk, offset, to, len);
}

static OskStatus write_coded(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out,
                             OskCodec codec)
{
    OskWalk *walk = mkv->walk;
    osk_coded_init(&track->coded, codec, walk->report, walk->fault, walk->budget);
    track->filtered = true;
    track->coded.part = codec == OSK_CODEC_AV1 ? "Block OBU" : "Block NAL unit";
    track->coded.source = (OskCodedSource){ .context = track, .read = read_through };
    if (!osk_cursor_more(&private)) {
        return codec == OSK_CODEC_AV1 ? OSK_OK
                                      : osk_walk_fail(walk, OSK_UNSUPPORTED, "CodecPrivate",
                                                      "how its frames are divided is not said",
                                                      osk_cursor_offset(&private));
    }
    track->coded.part = "CodecPrivate";
    track->coded.source = (OskCodedSource){ .bytes = osk_cursor_rest(&private),
                                            .base = osk_cursor_offset(&private),
                                            .len = osk_cursor_left(&private) };
    OskStatus status =
        codec == OSK_CODEC_AV1
            ? osk_obu_config(&track->coded, osk_cursor_offset(&private), osk_cursor_left(&private))
            : osk_nal_config(&track->coded, osk_cursor_offset(&private), osk_cursor_left(&private));
    OskWriter config;
    osk_writer_init(&config, (size_t)1 << 24);
    if (status == OSK_OK) {
        status = osk_coded_write(&track->coded, &config);
    }
    if (status == OSK_OK) {
        put_private(out, config.bytes, config.len);
    }
    osk_writer_free(&config);
    track->coded.part = codec == OSK_CODEC_AV1 ? "Block OBU" : "Block NAL unit";
    track->coded.source = (OskCodedSource){ .context = track, .read = read_through };
    return status;
}

static OskStatus write_avc(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    track->filter = osk_nal_sample;
    return write_coded(mkv, track, private, out, OSK_CODEC_AVC);
}

static OskStatus write_hevc(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    track->filter = osk_nal_sample;
    return write_coded(mkv, track, private, out, OSK_CODEC_HEVC);
}

static OskStatus write_av1(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    track->filter = osk_obu_sample;
    return write_coded(mkv, track, private, out, OSK_CODEC_AV1);
}

static OskStatus write_vp8(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    track->hides = OSK_MKV_HIDES_VP8;
    return write_none(mkv, track, private, out);
}

/* VP9's list of features: id, length 1, value. Source: WebM codec private data, VP9. */
static OskStatus write_vp9(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    OskCursor list = private;
    track->hides = OSK_MKV_HIDES_VP9;
    while (osk_cursor_more(&list)) {
        uint8_t id = osk_cursor_u8(&list);
        uint8_t len = osk_cursor_u8(&list);
        osk_cursor_skip(&list, 1);
        if (!osk_cursor_ok(&list) || id < 1 || id > 4 || len != 1) {
            return write_none(mkv, track, private, out);
        }
    }
    /* Each of the four features may be said once. */
    if (osk_cursor_left(&private) > 12) {
        return write_none(mkv, track, private, out);
    }
    return osk_cursor_more(&private) ? write_first(mkv, private, osk_cursor_left(&private), out)
                                     : OSK_OK;
}

/* OpusHead. Source: RFC 7845, 5.1. */
static OskStatus write_opus(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    uint8_t head[19];
    if (osk_cursor_peek(&private, head, sizeof(head)) < sizeof(head) ||
        memcmp(head, "OpusHead", 8) != 0 || head[8] > 15) {
        return bad_private(mkv, private);
    }
    return write_first(mkv, private, head[18] == 0 ? 19 : (size_t)21 + head[9], out);
}

/* "fLaC" and STREAMINFO; all other blocks are comments, pictures, seek tables. Source: RFC 9639, 8.
 */
static OskStatus write_flac(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    OskCursor magic = osk_cursor_take(&private, 4);
    uint32_t header = osk_cursor_u32be(&private);
    const uint8_t *info = osk_cursor_bytes(&private, 34);
    if (info == NULL || !osk_cursor_starts(&magic, "fLaC", 4) || (header & 0x7FFFFFFF) != 34) {
        return bad_private(mkv, private);
    }
    static const uint8_t last[8] = { 'f', 'L', 'a', 'C', 0x80, 0, 0, 34 };
    uint8_t bytes[42];
    memcpy(bytes, last, 8);
    memcpy(bytes + 8, info, 34);
    put_private(out, bytes, sizeof(bytes));
    while (osk_cursor_left(&private) >= 4) {
        uint8_t type = osk_cursor_u8(&private) & 0x7F;
        OskCursor block = osk_cursor_take(&private, osk_cursor_u24be(&private));
        OskFact fact =
            private_fact(block, "mkv.flac", "hidden bytes in the settings of the decoder");
        if (type == 6) {
            fact.kind = OSK_KIND_PREVIEW;
            fact.label = "attached picture";
        } else if (type == 4) {
            fact.kind = OSK_KIND_NAME;
            fact.label = "comments";
        }
        osk_report_add_untrusted(mkv->walk->report, fact, osk_cursor_rest(&block),
                                 type == 4 ? osk_cursor_left(&block) : 0, OSK_UTF8);
    }
    return OSK_OK;
}

/* The comment header of Xiph codecs: who encoded it, and free text. */
static void report_comments(OskMkv *mkv, OskCursor comment)
{
    OskCursor vendor = osk_cursor_take(&comment, osk_cursor_u32le(&comment));
    OskFact fact = private_fact(vendor, "mkv.codec_vendor", "program that encoded it");
    fact.kind = OSK_KIND_SOFTWARE;
    if (osk_cursor_more(&vendor)) {
        osk_report_add_untrusted(mkv->walk->report, fact, osk_cursor_rest(&vendor),
                                 osk_cursor_left(&vendor), OSK_UTF8);
    }
    uint64_t count = osk_cursor_u32le(&comment);
    for (uint64_t i = 0; i < count && osk_cursor_more(&comment); i++) {
        OskCursor text = osk_cursor_take(&comment, osk_cursor_u32le(&comment));
        fact = private_fact(text, "mkv.codec_comment", "comment");
        fact.kind = OSK_KIND_NAME;
        osk_report_add_untrusted(mkv->walk->report, fact, osk_cursor_rest(&text),
                                 osk_cursor_left(&text), OSK_UTF8);
    }
}

/* Three headers, laced: identification, comments, setup. The comments become empty.
 * @param head  the six letters behind the first byte of each header. */
static OskStatus write_xiph(OskMkv *mkv, OskCursor private, const char head[6], size_t id_len,
                            OskWriter *out)
{
    bool vorbis = head[0] == 'v';
    const uint8_t base = vorbis ? 1 : 0x80;
    OskCursor body = private;
    uint64_t sizes[2] = { 0, 0 };
    uint8_t count = osk_cursor_u8(&body);
    for (size_t i = 0; i < 2; i++) {
        uint8_t byte = 255;
        while (byte == 255 && osk_cursor_more(&body)) {
            byte = osk_cursor_u8(&body);
            sizes[i] += byte;
        }
    }
    OskCursor id = osk_cursor_take(&body, sizes[0]);
    OskCursor comment = osk_cursor_take(&body, sizes[1]);
    uint8_t head_of[3] = { 0, 0, 0 };
    (void)osk_cursor_peek(&id, &head_of[0], 1);
    (void)osk_cursor_peek(&comment, &head_of[1], 1);
    (void)osk_cursor_peek(&body, &head_of[2], 1);
    if (!osk_cursor_ok(&body) || count != 2 || osk_cursor_left(&id) < id_len ||
        head_of[0] != base || head_of[1] != base + 2 - !vorbis ||
        head_of[2] != base + 4 - 2 * !vorbis) {
        return bad_private(mkv, private);
    }
    OskCursor extra = id;
    osk_cursor_skip(&extra, id_len);
    report_extra(mkv, extra);
    OskCursor text = comment;
    osk_cursor_skip(&text, 7);
    report_comments(mkv, text);
    size_t comment_len = vorbis ? 16 : 15;
    OskWriter w;
    osk_writer_init(&w, (size_t)1 << 24);
    osk_writer_u8(&w, 2);
    osk_writer_u8(&w, (uint8_t)id_len);
    osk_writer_u8(&w, (uint8_t)comment_len);
    osk_writer_bytes(&w, osk_cursor_rest(&id), id_len);
    osk_writer_u8(&w, (uint8_t)(base + (vorbis ? 2 : 1)));
    osk_writer_bytes(&w, head, 6);
    osk_writer_zeros(&w, 8);
    if (vorbis) {
        osk_writer_u8(&w, 1); /* the framing bit */
    }
    osk_writer_bytes(&w, osk_cursor_rest(&body), osk_cursor_left(&body));
    OskStatus status = osk_writer_ok(&w) ? OSK_OK
                                         : osk_walk_no_memory(mkv->walk, "CodecPrivate",
                                                              osk_cursor_offset(&private));
    if (status == OSK_OK) {
        put_private(out, w.bytes, w.len);
    }
    osk_writer_free(&w);
    return status;
}

static OskStatus write_vorbis(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    return write_xiph(mkv, private, "vorbis", 30, out);
}

static OskStatus write_theora(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    return write_xiph(mkv, private, "theora", 42, out);
}

static void begin_filter(OskMkv *mkv, OskMkvTrack *track, OskCodec codec, const char *part)
{
    OskWalk *walk = mkv->walk;
    osk_coded_init(&track->coded, codec, walk->report, walk->fault, walk->budget);
    track->coded.part = part;
    track->coded.source = (OskCodedSource){ .context = track, .read = read_through };
    track->filtered = true;
}

/* AudioSpecificConfig. Older files have none, and say the profile in the codec's name. */
static OskStatus write_aac(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    OskAacConfig config;
    begin_filter(mkv, track, OSK_CODEC_AVC, "Block AAC");
    track->filter = osk_aac_sample;
    if (!osk_cursor_more(&private)) {
        return OSK_OK;
    }
    if (!osk_aac_config_read(private, &config)) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "CodecPrivate",
                             "settings of sound that we can't look into",
                             osk_cursor_offset(&private));
    }
    OskCursor body = osk_cursor_take(&private, config.len);
    uint8_t *copy = osk_arena_alloc(mkv->walk->arena, config.len);
    if (copy == NULL) {
        return osk_walk_no_memory(mkv->walk, "CodecPrivate", osk_cursor_offset(&private));
    }
    memcpy(copy, osk_cursor_rest(&body), config.len);
    bool named = false;
    for (size_t i = 0; i < config.comment_len; i++) {
        named = named || copy[config.comment_at + i] != 0;
        copy[config.comment_at + i] = 0;
    }
    if (named) {
        osk_cursor_skip(&body, config.comment_at);
        OskFact fact = private_fact(body, "mkv.codec_comment", "program that coded the sound");
        fact.kind = OSK_KIND_SOFTWARE;
        osk_report_add_untrusted(mkv->walk->report, fact, osk_cursor_rest(&body),
                                 config.comment_len, OSK_LATIN1);
    }
    put_private(out, copy, config.len);
    report_extra(mkv, private);
    return OSK_OK;
}

/* Sequence headers of MPEG video; user data among them goes. */
static OskStatus write_mpeg(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    begin_filter(mkv, track, OSK_CODEC_AVC, "CodecPrivate");
    track->filter = osk_mpeg_sample;
    OskStatus status = OSK_OK;
    if (osk_cursor_more(&private)) {
        OskCodedSource blocks = track->coded.source;
        track->coded.source = (OskCodedSource){ .bytes = osk_cursor_rest(&private),
                                                .base = osk_cursor_offset(&private),
                                                .len = osk_cursor_left(&private) };
        OskWriter config;
        osk_writer_init(&config, (size_t)1 << 24);
        status =
            osk_mpeg_sample(&track->coded, osk_cursor_offset(&private), osk_cursor_left(&private));
        if (status == OSK_OK) {
            status = osk_coded_write(&track->coded, &config);
        }
        if (status == OSK_OK) {
            put_private(out, config.bytes, config.len);
        }
        osk_writer_free(&config);
        track->coded.source = blocks;
    }
    track->coded.part = "Block MPEG";
    return status;
}

static OskStatus write_mjpeg(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    begin_filter(mkv, track, OSK_CODEC_AVC, "Block JPEG");
    track->filter = osk_mjpeg_sample;
    return write_none(mkv, track, private, out);
}

/* A Video for Windows header: 40 bytes, then the settings of the codec that its four letters name.
 */
static OskStatus write_windows(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    static const struct {
        char letters[5];
        uint16_t settings; /* the most bytes that they take */
    } codings[] = {
        { "FFV1", 4096 }, { "HFYU", 4096 }, { "FFVH", 4096 }, { "ULRG", 16 }, { "ULRA", 16 },
        { "ULY0", 16 },   { "ULY2", 16 },   { "ULY4", 16 },   { "ULH0", 16 }, { "ULH2", 16 },
        { "ULH4", 16 },   { "DIB ", 0 },    { "I420", 0 },    { "YV12", 0 },  { "YUY2", 0 },
        { "UYVY", 0 },    { "NV12", 0 },
    };
    const uint8_t *head = osk_cursor_rest(&private);
    size_t left = osk_cursor_left(&private);
    (void)track;
    for (size_t i = 0; left >= 40 && i < sizeof(codings) / sizeof(codings[0]); i++) {
        if (memcmp(head + 16, codings[i].letters, 4) == 0) {
            size_t most = (size_t)40 + codings[i].settings;
            return write_first(mkv, private, left < most ? left : most, out);
        }
    }
    return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "CodecPrivate",
                         "this is no codec that we can look into", osk_cursor_offset(&private));
}

/* ALACSpecificConfig, 24 bytes, and a channel layout of 24 more. */
static OskStatus write_alac(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    return write_first(mkv, private, 24, out);
}

/* The configuration record of FFV1. Source: RFC 9043, 4.3: it ends in its own CRC. */
static OskStatus write_ffv1(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    return osk_cursor_more(&private) ? write_first(mkv, private, osk_cursor_left(&private), out)
                                     : write_none(mkv, track, private, out);
}

/* The four letters of the ProRes profile. */
static OskStatus write_prores(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    return write_first(mkv, private, 4, out);
}

static OskStatus write_wavpack(OskMkv *mkv, OskMkvTrack *track, OskCursor private, OskWriter *out)
{
    (void)track;
    return write_first(mkv, private, 2, out);
}

static const struct {
    const char *id;
    PrivateWriter write;
} codecs[] = {
    { "V_MPEG4/ISO/AVC", write_avc },
    { "V_MPEGH/ISO/HEVC", write_hevc },
    { "V_AV1", write_av1 },
    { "V_VP8", write_vp8 },
    { "V_VP9", write_vp9 },
    { "V_THEORA", write_theora },
    { "V_FFV1", write_ffv1 },
    { "V_PRORES", write_prores },
    { "V_UNCOMPRESSED", write_none },
    { "V_MPEG1", write_mpeg },
    { "V_MPEG2", write_mpeg },
    { "V_MPEG4/ISO/SP", write_mpeg },
    { "V_MPEG4/ISO/ASP", write_mpeg },
    { "V_MPEG4/ISO/AP", write_mpeg },
    { "V_MJPEG", write_mjpeg },
    { "V_MS/VFW/FOURCC", write_windows },
    { "A_OPUS", write_opus },
    { "A_VORBIS", write_vorbis },
    { "A_FLAC", write_flac },
    { "A_AAC", write_aac },
    { "A_AAC/MPEG2/MAIN", write_aac },
    { "A_AAC/MPEG2/LC", write_aac },
    { "A_AAC/MPEG2/LC/SBR", write_aac },
    { "A_AAC/MPEG4/MAIN", write_aac },
    { "A_AAC/MPEG4/LC", write_aac },
    { "A_AAC/MPEG4/LC/SBR", write_aac },
    { "A_AC3", write_none },
    { "A_EAC3", write_none },
    { "A_TRUEHD", write_none },
    { "A_MLP", write_none },
    { "A_DTS", write_none },
    { "A_DTS/EXPRESS", write_none },
    { "A_DTS/LOSSLESS", write_none },
    { "A_MPEG/L1", write_none },
    { "A_MPEG/L2", write_none },
    { "A_MPEG/L3", write_none },
    { "A_PCM/INT/LIT", write_none },
    { "A_PCM/INT/BIG", write_none },
    { "A_PCM/FLOAT/IEEE", write_none },
    { "A_ALAC", write_alac },
    { "A_TTA1", write_none },
    { "A_WAVPACK4", write_wavpack },
};

OskStatus osk_mkv_codec(OskMkv *mkv, OskMkvTrack *track, OskCursor id, OskCursor private,
                        OskWriter *out)
{
    size_t len = osk_cursor_left(&id);
    const uint8_t *bytes = osk_cursor_rest(&id);
    while (len > 0 && bytes[len - 1] == 0) {
        len--;
    }
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (len == strlen(codecs[i].id) && memcmp(bytes, codecs[i].id, len) == 0) {
            osk_ebml_put_bytes(out, MKV_CODEC_ID, codecs[i].id, len);
            return codecs[i].write(mkv, track, private, out);
        }
    }
    return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "CodecID",
                         "this is no codec that we can look into", osk_cursor_offset(&id));
}
