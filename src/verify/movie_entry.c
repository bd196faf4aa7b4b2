/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample descriptions: which codings a clean movie may have, and what may stand beside their
 * settings. Source: ISO/IEC 14496-12, 12; 14496-1, 7.2.6; 14496-14, 5.6; QuickTime File Format,
 * Video and Sound Sample Description Extensions. */
#include <string.h>

#include "verify/icc.h"
#include "verify/movie_box.h"
#include "verify/sound.h"

#define PICTURE OSK_TYPE('P', 'I', 'C', 'T')
#define SOUND OSK_TYPE('S', 'O', 'U', 'N')
#define FORMAT(s) OSK_TYPE((s)[0], (s)[1], (s)[2], (s)[3])

static void take(OskCursor *body, size_t len)
{
    osk_cursor_skip(body, len);
}

static void config(OskMovie *movie, OskCursor *body, OskVideoCodec codec)
{
    if (movie->track->video == NULL || movie->track->video->codec != codec) {
        osk_check_movie_found(movie, "settings of another coding");
    } else {
        osk_video_config(movie->track->video, *body);
    }
    take(body, osk_cursor_left(body));
}

static void check_avcc(OskMovie *movie, OskCursor *body)
{
    config(movie, body, OSK_VIDEO_AVC);
}

static void check_hvcc(OskMovie *movie, OskCursor *body)
{
    config(movie, body, OSK_VIDEO_HEVC);
}

static void check_av1c(OskMovie *movie, OskCursor *body)
{
    config(movie, body, OSK_VIDEO_AV1);
}

/* Layered and enhancement records ride beside the main one. */
static void check_second(OskMovie *movie, OskCursor *body, OskVideoCodec codec)
{
    OskVideo *video = osk_arena_alloc(movie->check->arena, sizeof(*video));
    if (video == NULL) {
        movie->status = osk_check_fail(movie->check, OSK_NO_MEMORY, movie->part,
                                       "not enough memory", movie->at);
        return;
    }
    osk_video_init(video, movie->check, codec, movie->part);
    osk_video_config(video, *body);
    take(body, osk_cursor_left(body));
}

static void check_lhvc(OskMovie *movie, OskCursor *body)
{
    check_second(movie, body, OSK_VIDEO_LHEVC);
}

static void check_hvce(OskMovie *movie, OskCursor *body)
{
    check_second(movie, body, OSK_VIDEO_HEVC);
}

static void check_avce(OskMovie *movie, OskCursor *body)
{
    check_second(movie, body, OSK_VIDEO_AVC);
}

/* Dolby Vision: five bytes, then reserved ones. */
static void check_dvcc(OskMovie *movie, OskCursor *body)
{
    if (movie->track->video != NULL) {
        movie->track->video->dolby = true;
    }
    take(body, 4);
    if ((osk_cursor_u8(body) & 0x03) != 0) {
        osk_check_movie_found(movie, "reserved bits that are not zero");
    }
    osk_check_movie_zeros(movie, body, 19, "reserved bytes that are not zero");
}

static void check_vpcc(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 1);
    take(body, 6);
    osk_check_movie_zeros(movie, body, 2, "settings that VP8 and VP9 don't have");
}

static void check_colr(OskMovie *movie, OskCursor *body)
{
    uint32_t kind = osk_cursor_u32be(body);
    if (kind == FORMAT("nclx")) {
        take(body, 6);
        if ((osk_cursor_u8(body) & 0x7F) != 0) {
            osk_check_movie_found(movie, "reserved bits that are not zero");
        }
    } else if (kind == FORMAT("nclc")) {
        take(body, 6);
    } else if (kind == FORMAT("prof") || kind == FORMAT("rICC")) {
        (void)osk_check_icc(movie->check, *body, movie->part);
        take(body, osk_cursor_left(body));
    } else {
        osk_check_movie_found(movie, "a colour description of unknown kind");
        take(body, osk_cursor_left(body));
    }
}

/* ISO/IEC 23008-12, 6.5.10 and 6.5.12: two bits, and one. */
static void check_irot(OskMovie *movie, OskCursor *body)
{
    if ((osk_cursor_u8(body) & 0xFC) != 0) {
        osk_check_movie_found(movie, "reserved bits that are not zero");
    }
}

static void check_imir(OskMovie *movie, OskCursor *body)
{
    if ((osk_cursor_u8(body) & 0xFE) != 0) {
        osk_check_movie_found(movie, "reserved bits that are not zero");
    }
}

static void take_8(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 8);
}

static void take_2(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 2);
}

static void take_4(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 4);
}

static void take_12(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 12);
}

static void take_24(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 24);
}

static void full_1(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 1);
}

static void full_4(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 4);
}

/* The type of an auxiliary track. */
static void check_auxi(OskMovie *movie, OskCursor *body)
{
    static const char alpha[] = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";
    static const char hevc_alpha[] = "urn:mpeg:hevc:2015:auxid:1";
    (void)osk_check_movie_full(movie, body, 0, 0);
    if (!(osk_cursor_left(body) == sizeof(alpha) &&
          osk_cursor_starts(body, alpha, sizeof(alpha))) &&
        !(osk_cursor_left(body) == sizeof(hevc_alpha) &&
          osk_cursor_starts(body, hevc_alpha, sizeof(hevc_alpha)))) {
        osk_check_movie_found(movie, "an auxiliary track that is no alpha channel");
    }
    take(body, osk_cursor_left(body));
}

/* A crop that hides parts of the picture. */
static void check_clap(OskMovie *movie, OskCursor *body)
{
    uint32_t n[8];
    for (size_t i = 0; i < 8; i++) {
        n[i] = osk_cursor_u32be(body);
    }
    if (n[1] == 0 || n[3] == 0 || n[0] / n[1] < movie->entry_width ||
        n[2] / n[3] < movie->entry_height) {
        osk_check_movie_found(movie, "a crop that hides parts of the picture");
    }
}

/* ---- esds ---- */

/* A descriptor of this tag; the length is written in groups of seven bits. */
static OskCursor descriptor(OskCursor *in, uint8_t tag)
{
    uint8_t first = osk_cursor_u8(in);
    uint32_t len = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte = osk_cursor_u8(in);
        len = len << 7 | (byte & 0x7F);
        if ((byte & 0x80) == 0) {
            break;
        }
    }
    if (first != tag) {
        osk_cursor_fail(in);
    }
    return osk_cursor_take(in, len);
}

/* Settings of sound other than AAC, of which none are known to be longer. */
#define OTHER_BYTES 64u

static bool is_aac(uint8_t object)
{
    return object == 0x40 || (object >= 0x66 && object <= 0x68);
}

static void check_specific(OskMovie *movie, uint8_t object, OskCursor info)
{
    const uint8_t *bytes = osk_cursor_rest(&info);
    size_t len = osk_cursor_left(&info);
    bool sound = movie->track->handler == OSK_TYPE('s', 'o', 'u', 'n');
    const char *fault = !sound              ? NULL
                        : is_aac(object)    ? osk_sound_settings_fault(info)
                        : len > OTHER_BYTES ? "settings of sound that are too long"
                                            : NULL;
    if (fault != NULL) {
        osk_check_movie_found(movie, fault);
    }
    if (!sound && osk_video_has_notes(bytes, len)) {
        osk_check_movie_found(movie, "user data in the settings of the decoder");
    }
}

/* MPEG-2 and MPEG-4 AAC prime their decoders with up to three packets; others need up to ten. */
static void note_object(OskMovie *movie, uint8_t object)
{
    movie->track->priming = is_aac(object) ? 4 : 10;
}

static void check_esds(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    OskCursor stream = descriptor(body, 3);
    take(&stream, 2);
    if (osk_cursor_u8(&stream) >> 5 != 0) {
        osk_check_movie_found(movie, "a stream that points elsewhere");
    }
    OskCursor decoder = descriptor(&stream, 4);
    uint8_t object = osk_cursor_u8(&decoder);
    note_object(movie, object);
    take(&decoder, 12);
    if (osk_cursor_more(&decoder)) {
        OskCursor info = descriptor(&decoder, 5);
        check_specific(movie, object, info);
    }
    if (osk_cursor_more(&stream)) {
        OskCursor layer = descriptor(&stream, 6);
        take(&layer, 1);
        if (osk_cursor_more(&layer)) {
            osk_check_movie_found(movie, "bytes behind the end of what the box holds");
        }
    }
    if (!osk_cursor_ok(&decoder) || !osk_cursor_ok(&stream)) {
        osk_cursor_fail(body);
    } else if (osk_cursor_more(&stream) || osk_cursor_more(&decoder)) {
        osk_check_movie_found(movie, "bytes behind the end of what the box holds");
    }
}

/* ---- sound ---- */

/* ALACSpecificConfig, and a channel layout of 24 bytes for more than two channels. */
static void check_alac(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 24);
    if (osk_cursor_more(body)) {
        take(body, 24);
    }
}

static void check_dops(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 1);
    uint8_t channels = osk_cursor_u8(body);
    take(body, 8);
    if (osk_cursor_u8(body) != 0) {
        take(body, (size_t)2 + channels);
    }
}

static void check_dfla(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    if (osk_cursor_u32be(body) != 0x80000022) {
        osk_check_movie_found(movie, "settings of FLAC that are more than needed");
    }
    take(body, 34);
}

static void check_dac3(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 3);
}

static void check_dec3(OskMovie *movie, OskCursor *body)
{
    unsigned count = (osk_cursor_be(body, 2) & 7) + 1;
    for (unsigned i = 0; i < count; i++) {
        take(body, 2);
        unsigned dependent = osk_cursor_u8(body) >> 1 & 15;
        take(body, dependent != 0 ? 1 : 0);
    }
    if (osk_cursor_more(body)) {
        if ((osk_cursor_u8(body) & 0xFE) != 0) {
            osk_check_movie_found(movie, "reserved bits that are not zero");
        }
        take(body, 1);
    }
}

static void check_chan(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 8);
    uint32_t count = osk_cursor_u32be(body);
    osk_cursor_skip(body, (uint64_t)count * 20);
    if (count > 64) {
        osk_check_movie_found(movie, "more channels than there are");
    }
}

static void check_pcmc(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 2);
}

/* Narrow-band speech: the maker of the encoder, then five bytes. */
static void check_damr(OskMovie *movie, OskCursor *body)
{
    osk_check_movie_zeros(movie, body, 4, "the maker of an encoder");
    osk_check_movie_zeros(movie, body, 1, "the version of an encoder");
    take(body, 4);
}

static void check_d263(OskMovie *movie, OskCursor *body)
{
    osk_check_movie_zeros(movie, body, 4, "the maker of an encoder");
    osk_check_movie_zeros(movie, body, 1, "the version of an encoder");
    take(body, 2);
}

/* MPEG-H: version, profile, layout, and a configuration with its length. */
static void check_mhac(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 3);
    osk_cursor_skip(body, osk_cursor_u16be(body));
}

static void check_sa3d(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 8);
    osk_cursor_skip(body, (uint64_t)osk_cursor_u32be(body) * 4);
}

/* AC-4 lists its presentations in bits; more than so many bytes are none. ETSI TS 103 190-2 annex
 * E. */
static void check_dac4(OskMovie *movie, OskCursor *body)
{
    if (osk_cursor_left(body) > 256) {
        osk_check_movie_found(movie, "settings longer than any that we know");
    }
    take(body, osk_cursor_left(body));
}

static void check_ddts(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    take(body, 20);
}

/* Places of loudspeakers, a byte or four for each channel. */
static void check_chnl(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 1);
    if (osk_cursor_left(body) > 60) {
        osk_check_movie_found(movie, "more channels than there are");
    }
    take(body, osk_cursor_left(body));
}

/* VP9's mastering display, in the box of its own. */
static void full_24(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 24);
}

static void check_inner_mp4a(OskMovie *movie, OskCursor *body)
{
    osk_check_movie_zeros(movie, body, osk_cursor_left(body), "bytes in a box that is empty");
}

static void take_none(OskMovie *movie, OskCursor *body)
{
    (void)movie;
    (void)body;
}

/* The name of the tool that marked the film as spherical must be empty. */
static void check_svhd(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    osk_check_movie_zeros(movie, body, osk_cursor_left(body), "the name of a program");
}

static void full_12(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 12);
}

static void full_16(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 16);
}

static void full_8(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    take(body, 8);
}

#define WAVE OSK_TYPE('w', 'a', 'v', 'e')
#define SV3D OSK_TYPE('s', 'v', '3', 'd')
#define PROJ OSK_TYPE('p', 'r', 'o', 'j')

static const OskBoxRule rules[] = {
    { PICTURE, OSK_TYPE('a', 'v', 'c', 'C'), "avcC", false, check_avcc },
    { PICTURE, OSK_TYPE('h', 'v', 'c', 'C'), "hvcC", false, check_hvcc },
    { PICTURE, OSK_TYPE('l', 'h', 'v', 'C'), "lhvC", false, check_lhvc },
    { PICTURE, OSK_TYPE('h', 'v', 'c', 'E'), "hvcE", false, check_hvce },
    { PICTURE, OSK_TYPE('a', 'v', 'c', 'E'), "avcE", false, check_avce },
    { PICTURE, OSK_TYPE('a', 'v', '1', 'C'), "av1C", false, check_av1c },
    { PICTURE, OSK_TYPE('v', 'p', 'c', 'C'), "vpcC", false, check_vpcc },
    { PICTURE, OSK_TYPE('d', 'v', 'c', 'C'), "dvcC", false, check_dvcc },
    { PICTURE, OSK_TYPE('d', 'v', 'v', 'C'), "dvvC", false, check_dvcc },
    { PICTURE, OSK_TYPE('d', 'v', 'w', 'C'), "dvwC", false, check_dvcc },
    { PICTURE, OSK_TYPE('e', 's', 'd', 's'), "esds", false, check_esds },
    { PICTURE, OSK_TYPE('d', '2', '6', '3'), "d263", false, check_d263 },
    { PICTURE, OSK_TYPE('c', 'o', 'l', 'r'), "colr", true, check_colr },
    { PICTURE, OSK_TYPE('p', 'a', 's', 'p'), "pasp", false, take_8 },
    { PICTURE, OSK_TYPE('c', 'l', 'a', 'p'), "clap", false, check_clap },
    { PICTURE, OSK_TYPE('b', 't', 'r', 't'), "btrt", false, take_12 },
    { PICTURE, OSK_TYPE('f', 'i', 'e', 'l'), "fiel", false, take_2 },
    { PICTURE, OSK_TYPE('g', 'a', 'm', 'a'), "gama", false, take_4 },
    { PICTURE, OSK_TYPE('m', 'd', 'c', 'v'), "mdcv", false, take_24 },
    { PICTURE, OSK_TYPE('c', 'l', 'l', 'i'), "clli", false, take_4 },
    { PICTURE, OSK_TYPE('S', 'm', 'D', 'm'), "SmDm", false, full_24 },
    { PICTURE, OSK_TYPE('C', 'o', 'L', 'L'), "CoLL", false, full_4 },
    { PICTURE, OSK_TYPE('a', 'm', 'v', 'e'), "amve", false, take_8 },
    { PICTURE, OSK_TYPE('c', 'c', 's', 't'), "ccst", false, full_4 },
    { PICTURE, OSK_TYPE('i', 'r', 'o', 't'), "irot", false, check_irot },
    { PICTURE, OSK_TYPE('i', 'm', 'i', 'r'), "imir", false, check_imir },
    { PICTURE, OSK_TYPE('a', 'u', 'x', 'i'), "auxi", false, check_auxi },
    { PICTURE, OSK_TYPE('s', 't', '3', 'd'), "st3d", false, full_1 },
    { PICTURE, SV3D, "sv3d", false, NULL },
    { SV3D, OSK_TYPE('s', 'v', 'h', 'd'), "svhd", false, check_svhd },
    { SV3D, PROJ, "proj", false, NULL },
    { PROJ, OSK_TYPE('p', 'r', 'h', 'd'), "prhd", false, full_12 },
    { PROJ, OSK_TYPE('e', 'q', 'u', 'i'), "equi", false, full_16 },
    { PROJ, OSK_TYPE('c', 'b', 'm', 'p'), "cbmp", false, full_8 },
    { SOUND, OSK_TYPE('e', 's', 'd', 's'), "esds", false, check_esds },
    { SOUND, OSK_TYPE('a', 'l', 'a', 'c'), "alac", false, check_alac },
    { SOUND, OSK_TYPE('d', 'O', 'p', 's'), "dOps", false, check_dops },
    { SOUND, OSK_TYPE('d', 'f', 'L', 'a'), "dfLa", false, check_dfla },
    { SOUND, OSK_TYPE('d', 'a', 'c', '3'), "dac3", false, check_dac3 },
    { SOUND, OSK_TYPE('d', 'e', 'c', '3'), "dec3", false, check_dec3 },
    { SOUND, OSK_TYPE('c', 'h', 'a', 'n'), "chan", false, check_chan },
    { SOUND, OSK_TYPE('p', 'c', 'm', 'C'), "pcmC", false, check_pcmc },
    { SOUND, OSK_TYPE('d', 'a', 'm', 'r'), "damr", false, check_damr },
    { SOUND, OSK_TYPE('b', 't', 'r', 't'), "btrt", false, take_12 },
    { SOUND, OSK_TYPE('s', 'r', 'a', 't'), "srat", false, full_4 },
    { SOUND, OSK_TYPE('S', 'A', '3', 'D'), "SA3D", false, check_sa3d },
    { SOUND, OSK_TYPE('m', 'h', 'a', 'C'), "mhaC", false, check_mhac },
    { SOUND, OSK_TYPE('d', 'a', 'c', '4'), "dac4", false, check_dac4 },
    { SOUND, OSK_TYPE('d', 'd', 't', 's'), "ddts", false, check_ddts },
    { SOUND, OSK_TYPE('c', 'h', 'n', 'l'), "chnl", false, check_chnl },
    { SOUND, WAVE, "wave", false, NULL },
    { WAVE, OSK_TYPE('f', 'r', 'm', 'a'), "wave/frma", false, take_4 },
    { WAVE, OSK_TYPE('m', 'p', '4', 'a'), "wave/mp4a", false, check_inner_mp4a },
    { WAVE, OSK_TYPE('e', 's', 'd', 's'), "wave/esds", false, check_esds },
    { WAVE, OSK_TYPE('a', 'l', 'a', 'c'), "wave/alac", false, check_alac },
    { WAVE, OSK_TYPE('c', 'h', 'a', 'n'), "wave/chan", false, check_chan },
    { WAVE, OSK_TYPE('e', 'n', 'd', 'a'), "wave/enda", false, take_2 },
    { WAVE, 0, "wave/end", false, take_none },
};

static const struct {
    char type[5];
    bool sound;
    bool looked; /* its samples are looked into as `codec` */
    OskVideoCodec codec;
} codings[] = {
    { "avc1", false, true, OSK_VIDEO_AVC },  { "avc2", false, true, OSK_VIDEO_AVC },
    { "avc3", false, true, OSK_VIDEO_AVC },  { "avc4", false, true, OSK_VIDEO_AVC },
    { "dvav", false, true, OSK_VIDEO_AVC },  { "dva1", false, true, OSK_VIDEO_AVC },
    { "hvc1", false, true, OSK_VIDEO_HEVC }, { "hev1", false, true, OSK_VIDEO_HEVC },
    { "hvc2", false, true, OSK_VIDEO_HEVC }, { "hev2", false, true, OSK_VIDEO_HEVC },
    { "dvh1", false, true, OSK_VIDEO_HEVC }, { "dvhe", false, true, OSK_VIDEO_HEVC },
    { "av01", false, true, OSK_VIDEO_AV1 },  { "dav1", false, true, OSK_VIDEO_AV1 },
    { "vp08", false, false, OSK_VIDEO_AVC }, { "vp09", false, false, OSK_VIDEO_AVC },
    { "mp4v", false, false, OSK_VIDEO_AVC }, { "s263", false, false, OSK_VIDEO_AVC },
    { "h263", false, false, OSK_VIDEO_AVC }, { "jpeg", false, false, OSK_VIDEO_AVC },
    { "mjpa", false, false, OSK_VIDEO_AVC }, { "mjpb", false, false, OSK_VIDEO_AVC },
    { "apch", false, false, OSK_VIDEO_AVC }, { "apcn", false, false, OSK_VIDEO_AVC },
    { "apcs", false, false, OSK_VIDEO_AVC }, { "apco", false, false, OSK_VIDEO_AVC },
    { "ap4h", false, false, OSK_VIDEO_AVC }, { "ap4x", false, false, OSK_VIDEO_AVC },
    { "png ", false, false, OSK_VIDEO_AVC }, { "raw ", false, false, OSK_VIDEO_AVC },
    { "2vuy", false, false, OSK_VIDEO_AVC }, { "yuv2", false, false, OSK_VIDEO_AVC },
    { "rle ", false, false, OSK_VIDEO_AVC }, { "mp4a", true, false, OSK_VIDEO_AVC },
    { "alac", true, false, OSK_VIDEO_AVC },  { "Opus", true, false, OSK_VIDEO_AVC },
    { "fLaC", true, false, OSK_VIDEO_AVC },  { "ac-3", true, false, OSK_VIDEO_AVC },
    { "ec-3", true, false, OSK_VIDEO_AVC },  { "sowt", true, false, OSK_VIDEO_AVC },
    { "twos", true, false, OSK_VIDEO_AVC },  { "lpcm", true, false, OSK_VIDEO_AVC },
    { "in24", true, false, OSK_VIDEO_AVC },  { "in32", true, false, OSK_VIDEO_AVC },
    { "fl32", true, false, OSK_VIDEO_AVC },  { "fl64", true, false, OSK_VIDEO_AVC },
    { "ipcm", true, false, OSK_VIDEO_AVC },  { "fpcm", true, false, OSK_VIDEO_AVC },
    { "ulaw", true, false, OSK_VIDEO_AVC },  { "alaw", true, false, OSK_VIDEO_AVC },
    { "samr", true, false, OSK_VIDEO_AVC },  { "sawb", true, false, OSK_VIDEO_AVC },
    { ".mp3", true, false, OSK_VIDEO_AVC },  { "raw ", true, false, OSK_VIDEO_AVC },
    { "mhm1", true, false, OSK_VIDEO_AVC },  { "mha1", true, false, OSK_VIDEO_AVC },
    { "ima4", true, false, OSK_VIDEO_AVC },  { "NONE", true, false, OSK_VIDEO_AVC },
    { "mhm2", true, false, OSK_VIDEO_AVC },  { "mha2", true, false, OSK_VIDEO_AVC },
    { "ac-4", true, false, OSK_VIDEO_AVC },  { "sawp", true, false, OSK_VIDEO_AVC },
    { "dtsc", true, false, OSK_VIDEO_AVC },  { "dtse", true, false, OSK_VIDEO_AVC },
    { "dtsh", true, false, OSK_VIDEO_AVC },  { "dtsl", true, false, OSK_VIDEO_AVC },
    { "H263", false, false, OSK_VIDEO_AVC }, { "v210", false, false, OSK_VIDEO_AVC },
    { "cvid", false, false, OSK_VIDEO_AVC }, { "SVQ1", false, false, OSK_VIDEO_AVC },
    { "SVQ3", false, false, OSK_VIDEO_AVC },
};

/* QuickTime's fields in what ISO/IEC 14496-12 reserves: version, revision, maker, two qualities. */
static void check_visual(OskMovie *movie, OskCursor *body)
{
    osk_check_movie_zeros(movie, body, 8, "the maker of an encoder");
    uint32_t temporal = osk_cursor_u32be(body);
    uint32_t spatial = osk_cursor_u32be(body);
    if (temporal > 1024 || spatial > 1024) {
        osk_check_movie_found(movie, "a quality that there is not");
    }
    movie->entry_width = osk_cursor_u16be(body);
    movie->entry_height = osk_cursor_u16be(body);
    if ((osk_cursor_u32be(body) & 0xFFFF) != 0 || (osk_cursor_u32be(body) & 0xFFFF) != 0) {
        osk_check_movie_found(movie, "a resolution that there is not");
    }
    osk_check_movie_zeros(movie, body, 4, "reserved bytes that are not zero");
    take(body, 2);
    osk_check_movie_zeros(movie, body, 32, "the name of an encoder");
    take(body, 2);
    if (osk_cursor_u16be(body) != 0xFFFF) {
        osk_check_movie_found(movie, "a colour table");
    }
    osk_check_movie_children(movie, rules, sizeof(rules) / sizeof(rules[0]), PICTURE, *body);
}

/* Bare samples need no packets before them; what they are coded in says how many others do. */
static uint32_t priming_of(uint32_t type)
{
    static const char bare[][5] = { "sowt", "twos", "lpcm", "in24", "in32", "fl32", "fl64",
                                    "ipcm", "fpcm", "ulaw", "alaw", "raw ", "NONE" };
    for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++) {
        if (FORMAT(bare[i]) == type) {
            return 0;
        }
    }
    return 10;
}

static void check_sound(OskMovie *movie, OskCursor *body)
{
    uint16_t version = osk_cursor_u16be(body);
    osk_check_movie_zeros(movie, body, 6, "the maker of an encoder");
    take(body, 6);
    osk_check_movie_zeros(movie, body, 2, "reserved bytes that are not zero");
    take(body, 4);
    if (version > 2) {
        osk_check_movie_found(movie, "a version that we don't know");
    }
    /* Version 1 is also used by ISO/IEC 14496-12, where it adds nothing. */
    bool quicktime = version == 1 && movie->quicktime;
    take(body, version == 2 ? 36 : quicktime ? 16 : 0);
    osk_check_movie_children(movie, rules, sizeof(rules) / sizeof(rules[0]), SOUND, *body);
}

static void check_entry(OskMovie *movie, uint32_t type, OskCursor *body)
{
    OskMovieTrack *track = movie->track;
    bool sound = track->handler == OSK_TYPE('s', 'o', 'u', 'n');
    bool known = false;
    for (size_t i = 0; !known && i < sizeof(codings) / sizeof(codings[0]); i++) {
        if (FORMAT(codings[i].type) != type || codings[i].sound != sound) {
            continue;
        }
        known = true;
        track->mpeg4 = track->mpeg4 || type == OSK_TYPE('m', 'p', '4', 'v');
        if (codings[i].looked && track->video == NULL) {
            track->video = osk_arena_alloc(movie->check->arena, sizeof(*track->video));
            if (track->video == NULL) {
                movie->status = osk_check_fail(movie->check, OSK_NO_MEMORY, movie->part,
                                               "not enough memory", movie->at);
                return;
            }
            osk_video_init(track->video, movie->check, codings[i].codec, "sample");
        } else if (codings[i].looked != (track->video != NULL) ||
                   (track->video != NULL && track->video->codec != codings[i].codec)) {
            osk_check_movie_found(movie, "codings that change within a track");
        }
    }
    if (!known) {
        osk_check_movie_found(movie, "a coding that can't be looked into");
        return;
    }
    osk_check_movie_zeros(movie, body, 6, "reserved bytes that are not zero");
    if (osk_cursor_u16be(body) != 1) {
        osk_check_movie_found(movie, "data in another file");
    }
    track->priming = priming_of(type);
    if (sound) {
        check_sound(movie, body);
    } else {
        check_visual(movie, body);
    }
}

void osk_check_movie_entries(OskMovie *movie)
{
    OskCursor rows = movie->track->stsd.rows;
    movie->part = "stsd";
    for (uint32_t i = 0; movie->status == OSK_OK && i < movie->track->stsd.count; i++) {
        movie->at = osk_cursor_offset(&rows);
        uint32_t size = osk_cursor_u32be(&rows);
        uint32_t type = osk_cursor_u32be(&rows);
        OskCursor body = osk_cursor_take(&rows, size < 8 ? UINT64_MAX : size - 8);
        if (!osk_cursor_ok(&rows)) {
            osk_check_movie_found(movie, "a sample description that is damaged");
            return;
        }
        check_entry(movie, type, &body);
        movie->part = "stsd";
        if (!osk_cursor_ok(&body)) {
            osk_check_movie_found(movie, "a sample description that is too short");
        }
    }
    if (osk_cursor_more(&rows) || movie->track->stsd.count == 0) {
        osk_check_movie_found(movie, "bytes behind the end of what the box holds");
    }
}
