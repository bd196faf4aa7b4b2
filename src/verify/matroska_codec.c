/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/matroska.h"

#include <string.h>

#include "verify/sound.h"

#define PART "CodecPrivate"

/* How much of a frame is searched for notes: they stand in front of the first picture. */
#define NOTES_REACH ((size_t)4096)

typedef void (*PrivateCheck)(OskCheck *check, OskCursor data);

static void found(OskCheck *check, const char *what, const OskCursor *at)
{
    osk_check_found(check, PART, what, osk_cursor_offset(at));
}

static void check_end(OskCheck *check, const OskCursor *data)
{
    if (!osk_cursor_ok(data) || osk_cursor_left(data) > 0) {
        found(check, "not as long as its fields ask for", data);
    }
}

/* RFC 7845, section 5.1. */
static void check_opus(OskCheck *check, OskCursor data)
{
    bool head = osk_cursor_starts(&data, "OpusHead", 8);
    osk_cursor_skip(&data, 8);
    uint8_t version = osk_cursor_u8(&data);
    unsigned channels = osk_cursor_u8(&data);
    osk_cursor_skip(&data, 8);
    uint8_t family = osk_cursor_u8(&data);
    osk_cursor_skip(&data, family == 0 ? 0 : 2 + (uint64_t)channels);
    if (!head || version > 15) {
        found(check, "no Opus header", &data);
    }
    check_end(check, &data);
}

/* Three packets, laced as Xiph does: the size of the first two, then all. */
static bool split_xiph(OskCursor *data, OskCursor out[3])
{
    bool three = osk_cursor_u8(data) == 2;
    uint64_t sizes[2] = { 0, 0 };
    for (unsigned i = 0; i < 2; i++) {
        uint8_t byte = 255;
        while (byte == 255 && osk_cursor_ok(data)) {
            byte = osk_cursor_u8(data);
            sizes[i] += byte;
        }
    }
    out[0] = osk_cursor_take(data, sizes[0]);
    out[1] = osk_cursor_take(data, sizes[1]);
    out[2] = osk_cursor_take(data, osk_cursor_left(data));
    return three && osk_cursor_ok(data);
}

/* A comment packet without any: no vendor, no comments. */
static void check_comment(OskCheck *check, OskCursor packet, const char *magic, size_t tail)
{
    bool named = osk_cursor_starts(&packet, magic, 7);
    osk_cursor_skip(&packet, 7);
    if (!named || osk_cursor_u32le(&packet) != 0 || osk_cursor_u32le(&packet) != 0) {
        found(check, "a vendor or comments", &packet);
        return;
    }
    osk_cursor_skip(&packet, tail);
    check_end(check, &packet);
}

static void check_xiph(OskCheck *check, OskCursor data, const char *magic, size_t first,
                       size_t tail)
{
    OskCursor packets[3];
    if (!split_xiph(&data, packets)) {
        found(check, "not three packets", &data);
        return;
    }
    if (osk_cursor_left(&packets[0]) != first) {
        found(check, "a first header of a strange length", &packets[0]);
    }
    check_comment(check, packets[1], magic, tail);
}

static void check_vorbis(OskCheck *check, OskCursor data)
{
    check_xiph(check, data, "\3vorbis", 30, 1);
}

static void check_theora(OskCheck *check, OskCursor data)
{
    check_xiph(check, data, "\x81theora", 42, 0);
}

/* RFC 9639, section 8: the stream's numbers, and no other metadata block. */
static void check_flac(OskCheck *check, OskCursor data)
{
    bool head = osk_cursor_starts(&data, "fLaC", 4);
    osk_cursor_skip(&data, 4);
    if (!head || osk_cursor_u8(&data) != 0x80 || osk_cursor_u24be(&data) != 34) {
        found(check, "more than the stream's numbers", &data);
        return;
    }
    osk_cursor_skip(&data, 34);
    check_end(check, &data);
}

static void check_aac(OskCheck *check, OskCursor data)
{
    const char *fault = osk_sound_settings_fault(data);
    if (fault != NULL) {
        found(check, fault, &data);
    }
}

/* VP codec: features of one byte each. */
static void check_vp9(OskCheck *check, OskCursor data)
{
    unsigned seen = 0;
    while (osk_cursor_more(&data)) {
        unsigned feature = osk_cursor_u8(&data);
        if (feature < 1 || feature > 4 || osk_cursor_u8(&data) != 1 || (seen >> feature & 1) != 0) {
            found(check, "an unknown feature", &data);
            return;
        }
        seen |= 1u << feature;
        osk_cursor_skip(&data, 1);
    }
    check_end(check, &data);
}

/* MPEG-1, -2 and -4 video: start codes; B2 is user data. */
static void check_mpeg(OskCheck *check, OskCursor data)
{
    if (osk_video_has_notes(osk_cursor_rest(&data), osk_cursor_left(&data))) {
        found(check, "user data between start codes", &data);
    }
}

/* BITMAPINFOHEADER; what a codec adds to it is settings, or the start codes of MPEG-4. */
static void check_vfw(OskCheck *check, OskCursor data)
{
    if (osk_cursor_u32le(&data) < 40) {
        found(check, "a header that is too short", &data);
    }
    osk_cursor_skip(&data, 36);
    if (!osk_cursor_ok(&data) || osk_cursor_left(&data) > 256) {
        found(check, "more than settings of a codec", &data);
    }
    check_mpeg(check, data);
}

/* WAVEFORMATEX: 16 numbers' bytes, a count, and as many bytes of settings. */
static void check_acm(OskCheck *check, OskCursor data)
{
    osk_cursor_skip(&data, 16);
    uint16_t extra = osk_cursor_more(&data) ? osk_cursor_u16le(&data) : 0;
    if (extra > 64) {
        found(check, "more than settings of a codec", &data);
    }
    osk_cursor_skip(&data, extra);
    check_end(check, &data);
}

/* Codecs whose private data is a few numbers of one known length. */
static void check_alac(OskCheck *check, OskCursor data)
{
    if (osk_cursor_left(&data) != 24 && osk_cursor_left(&data) != 48) {
        found(check, "not the numbers of an ALAC stream", &data);
    }
}

static void check_short(OskCheck *check, OskCursor data)
{
    if (osk_cursor_left(&data) > 4) {
        found(check, "more than a version", &data);
    }
}

static void check_ffv1(OskCheck *check, OskCursor data)
{
    if (osk_cursor_left(&data) > 512) {
        found(check, "more than settings of a codec", &data);
    }
}

static void check_none(OskCheck *check, OskCursor data)
{
    if (osk_cursor_more(&data)) {
        found(check, "private data that this codec does not have", &data);
    }
}

#define NOT_VIDEO (-1)

typedef struct CodecRule {
    const char *name;   /* ending in * for a family */
    PrivateCheck check; /* NULL: the configuration record of `video` */
    int video;
    bool notes;
} CodecRule;

static const CodecRule codecs[] = {
    { "V_MPEG4/ISO/AVC", NULL, OSK_VIDEO_AVC, false },
    { "V_MPEGH/ISO/HEVC", NULL, OSK_VIDEO_HEVC, false },
    { "V_AV1", NULL, OSK_VIDEO_AV1, false },
    { "V_VP8", check_none, NOT_VIDEO, false },
    { "V_VP9", check_vp9, NOT_VIDEO, false },
    { "V_MPEG1", check_mpeg, NOT_VIDEO, true },
    { "V_MPEG2", check_mpeg, NOT_VIDEO, true },
    { "V_MPEG4/ISO/SP", check_mpeg, NOT_VIDEO, true },
    { "V_MPEG4/ISO/ASP", check_mpeg, NOT_VIDEO, true },
    { "V_MPEG4/ISO/AP", check_mpeg, NOT_VIDEO, true },
    { "V_MPEG4/MS/V3", check_vfw, NOT_VIDEO, false },
    { "V_MS/VFW/FOURCC", check_vfw, NOT_VIDEO, true },
    { "V_THEORA", check_theora, NOT_VIDEO, false },
    { "V_FFV1", check_ffv1, NOT_VIDEO, false },
    { "V_PRORES", check_short, NOT_VIDEO, false },
    { "V_MJPEG", check_none, NOT_VIDEO, false },
    { "V_UNCOMPRESSED", check_none, NOT_VIDEO, false },
    { "A_OPUS", check_opus, NOT_VIDEO, false },
    { "A_VORBIS", check_vorbis, NOT_VIDEO, false },
    { "A_FLAC", check_flac, NOT_VIDEO, false },
    { "A_AAC", check_aac, NOT_VIDEO, false },
    { "A_AAC/*", check_none, NOT_VIDEO, false },
    { "A_AC3", check_none, NOT_VIDEO, false },
    { "A_AC3/*", check_none, NOT_VIDEO, false },
    { "A_EAC3", check_none, NOT_VIDEO, false },
    { "A_DTS", check_none, NOT_VIDEO, false },
    { "A_DTS/*", check_none, NOT_VIDEO, false },
    { "A_TRUEHD", check_none, NOT_VIDEO, false },
    { "A_MLP", check_none, NOT_VIDEO, false },
    { "A_MPEG/*", check_none, NOT_VIDEO, false },
    { "A_PCM/*", check_none, NOT_VIDEO, false },
    { "A_ALAC", check_alac, NOT_VIDEO, false },
    { "A_WAVPACK4", check_short, NOT_VIDEO, false },
    { "A_MS/ACM", check_acm, NOT_VIDEO, false },
};

/* The families are finite: what stands for * in them. */
static const char *const family_ends[] = {
    "L1",         "L2",           "L3",         "INT/LIT",    "INT/BIG",
    "FLOAT/IEEE", "BSID9",        "BSID10",     "MPEG2/MAIN", "MPEG2/LC",
    "MPEG2/SSR",  "MPEG2/LC/SBR", "MPEG4/MAIN", "MPEG4/LC",   "MPEG4/SSR",
    "MPEG4/LTP",  "MPEG4/LC/SBR", "EXPRESS",    "LOSSLESS",
};

static bool ends_in_family(const char *end)
{
    for (size_t i = 0; i < sizeof(family_ends) / sizeof(family_ends[0]); i++) {
        if (strcmp(family_ends[i], end) == 0) {
            return true;
        }
    }
    return false;
}

static const CodecRule *find_rule(const char *name)
{
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        size_t len = strlen(codecs[i].name);
        bool family = codecs[i].name[len - 1] == '*';
        if (family ? strncmp(codecs[i].name, name, len - 1) == 0 && ends_in_family(name + len - 1)
                   : strcmp(codecs[i].name, name) == 0) {
            return &codecs[i];
        }
    }
    return NULL;
}

OskStatus osk_check_codec(OskCheck *check, OskTrackCodec *codec, OskCursor private_data,
                          uint64_t offset)
{
    const CodecRule *rule = find_rule(codec->name);
    if (rule == NULL) {
        osk_check_found(check, "CodecID", "a codec that we can't check", offset);
        return OSK_OK;
    }
    codec->may_hold_notes = rule->notes;
    if (rule->check != NULL) {
        if (osk_cursor_more(&private_data)) {
            rule->check(check, private_data);
        }
        return OSK_OK;
    }
    codec->video = osk_arena_alloc(check->arena, sizeof(*codec->video));
    if (codec->video == NULL) {
        return osk_check_fail(check, OSK_NO_MEMORY, PART, "not enough memory", offset);
    }
    osk_video_init(codec->video, check, (OskVideoCodec)rule->video, PART);
    if (osk_cursor_more(&private_data)) {
        osk_video_config(codec->video, private_data);
    } else if (rule->video != OSK_VIDEO_AV1) {
        osk_check_found(check, PART, "video without its configuration", offset);
    }
    codec->video->part = "Block";
    return OSK_OK;
}

OskStatus osk_check_frame(OskCheck *check, OskTrackCodec *codec, uint64_t offset, uint64_t len)
{
    if (codec->video != NULL) {
        return osk_video_sample(codec->video, offset, len);
    }
    if (!codec->may_hold_notes) {
        return OSK_OK;
    }
    uint8_t head[NOTES_REACH];
    size_t reach = len < sizeof(head) ? (size_t)len : sizeof(head);
    OskStatus status = osk_check_read(check, offset, head, reach);
    if (status == OSK_OK && osk_video_has_notes(head, reach)) {
        osk_check_found(check, "Block", "user data between start codes", offset);
    }
    return status;
}
