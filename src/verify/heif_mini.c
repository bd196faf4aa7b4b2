/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short form of a picture's description: bits, then settings and data without gaps. ISO/IEC
 * 23008-12 amendment 1 (2024), MinimizedImageBox. */
#include "verify/heif.h"
#include "verify/icc.h"

#define PART "mini"

typedef struct Bits {
    const uint8_t *bytes;
    size_t count;
    size_t at;
    bool failed;
} Bits;

static uint32_t u(Bits *b, unsigned n)
{
    if (n > b->count - b->at) {
        b->failed = true;
        b->at = b->count;
        return 0;
    }
    uint32_t value = 0;
    for (unsigned i = 0; i < n; i++, b->at++) {
        value = value << 1 | (uint32_t)(b->bytes[b->at / 8] >> (7 - b->at % 8) & 1);
    }
    return value;
}

typedef struct Mini {
    OskHeif heif;
    Bits bits;
    bool icc;
    bool alpha;
    bool large;
    uint32_t subsampling;
    uint32_t picture_type;
    uint32_t config_type;
    uint32_t icc_len;
    uint32_t config_len;
    uint32_t alpha_config_len;
    uint32_t data_len;
    uint32_t alpha_len;
} Mini;

static void found(Mini *mini, const char *what)
{
    osk_check_heif_found(&mini->heif, PART, what, OSK_NO_OFFSET);
}

/* How bright and colourful the content and its surroundings are: numbers, each behind its flag. */
static void read_light(Mini *mini)
{
    Bits *b = &mini->bits;
    bool clli = u(b, 1) != 0;
    bool mdcv = u(b, 1) != 0;
    bool cclv = u(b, 1) != 0;
    bool amve = u(b, 1) != 0;
    bool reve = u(b, 1) != 0;
    bool ndwt = u(b, 1) != 0;
    unsigned words = (clli ? 1u : 0u) + (mdcv ? 6u : 0u) + (amve ? 2u : 0u) + (reve ? 4u : 0u) +
                     (ndwt ? 1u : 0u);
    for (unsigned i = 0; i < words; i++) {
        u(b, 32);
    }
    if (cclv) {
        found(mini, "a colour volume in the short form, which we can't measure");
        b->failed = true;
    }
}

static void read_header(Mini *mini)
{
    Bits *b = &mini->bits;
    if (u(b, 2) != 0) {
        found(mini, "a version that no reader knows");
    }
    bool types = u(b, 1) != 0;
    bool is_float = u(b, 1) != 0;
    u(b, 1);
    mini->alpha = u(b, 1) != 0;
    bool cicp = u(b, 1) != 0;
    bool hdr = u(b, 1) != 0;
    mini->icc = u(b, 1) != 0;
    bool exif = u(b, 1) != 0;
    bool xmp = u(b, 1) != 0;
    if (exif || xmp) {
        found(mini, "camera data or notes beside the picture");
        b->failed = true;
    }
    mini->subsampling = u(b, 2);
    u(b, 3);
    mini->large = u(b, 1) != 0;
    u(b, mini->large ? 30 : 14);
    if (mini->subsampling == 1 || mini->subsampling == 2) {
        u(b, mini->subsampling == 1 ? 2 : 1);
    }
    if (is_float) {
        u(b, 2);
    } else if (u(b, 1) != 0) {
        u(b, 3);
    }
    u(b, mini->alpha ? 1 : 0);
    if (cicp) {
        u(b, mini->subsampling != 0 ? 24 : 16);
    }
    if (types) {
        mini->picture_type = u(b, 32);
        mini->config_type = u(b, 32);
    }
    if (hdr) {
        if (u(b, 1) != 0) {
            found(mini, "a gain map, which is a second picture");
            b->failed = true;
        }
        read_light(mini);
    }
}

static void read_lengths(Mini *mini)
{
    Bits *b = &mini->bits;
    bool large_metadata = mini->icc && u(b, 1) != 0;
    unsigned config_bits = u(b, 1) != 0 ? 12 : 3;
    unsigned data_bits = u(b, 1) != 0 ? 28 : 15;
    mini->icc_len = mini->icc ? u(b, large_metadata ? 20 : 10) + 1 : 0;
    mini->config_len = u(b, config_bits);
    mini->data_len = u(b, data_bits) + 1;
    mini->alpha_len = mini->alpha ? u(b, data_bits) : 0;
    mini->alpha_config_len = mini->alpha_len > 0 ? u(b, config_bits) : 0;
    while (b->at % 8 != 0) {
        if (u(b, 1) != 0) {
            found(mini, "padding that is not zero");
        }
    }
}

static OskStatus check_picture(Mini *mini, OskCursor config, OskCursor data, OskVideoCodec codec)
{
    OskCheck *check = mini->heif.check;
    OskVideo *video = osk_arena_alloc(check->arena, sizeof(*video));
    if (video == NULL) {
        return osk_check_fail(check, OSK_NO_MEMORY, PART, "not enough memory",
                              osk_cursor_offset(&data));
    }
    osk_video_init(video, check, codec, PART);
    osk_video_config(video, config);
    return osk_video_sample(video, osk_cursor_offset(&data), osk_cursor_left(&data));
}

static OskStatus check_chunks(Mini *mini, OskCursor c, OskVideoCodec codec)
{
    OskCursor config = osk_cursor_take(&c, mini->config_len);
    OskCursor alpha_config = osk_cursor_take(&c, mini->alpha_config_len);
    OskCursor icc = osk_cursor_take(&c, mini->icc_len);
    OskCursor alpha = osk_cursor_take(&c, mini->alpha_len);
    OskCursor data = osk_cursor_take(&c, mini->data_len);
    if (!osk_cursor_ok(&c) || osk_cursor_more(&c)) {
        found(mini, "bytes that belong to nothing that is shown");
        return OSK_OK;
    }
    if (mini->icc_len > 0) {
        (void)osk_check_icc(mini->heif.check, icc, PART);
    }
    OskStatus status = check_picture(mini, config, data, codec);
    if (status == OSK_OK && mini->alpha_len > 0) {
        status =
            check_picture(mini, mini->alpha_config_len > 0 ? alpha_config : config, alpha, codec);
    }
    return status;
}

OskStatus osk_check_heif_mini(OskCheck *check, OskCursor body, bool avif)
{
    Mini mini = { .heif = { .check = check } };
    mini.bits = (Bits){ .bytes = osk_cursor_rest(&body), .count = osk_cursor_left(&body) * 8 };
    mini.picture_type = avif ? OSK_CODE('a', 'v', '0', '1') : OSK_CODE('h', 'v', 'c', '1');
    mini.config_type = avif ? OSK_CODE('a', 'v', '1', 'C') : OSK_CODE('h', 'v', 'c', 'C');
    read_header(&mini);
    if (!mini.bits.failed) {
        read_lengths(&mini);
    }
    bool av1 = mini.picture_type == OSK_CODE('a', 'v', '0', '1') &&
               mini.config_type == OSK_CODE('a', 'v', '1', 'C');
    bool hevc = mini.picture_type == OSK_CODE('h', 'v', 'c', '1') &&
                mini.config_type == OSK_CODE('h', 'v', 'c', 'C');
    if (mini.bits.failed || (!av1 && !hevc)) {
        found(&mini, "a description that is damaged or of an unknown coding");
        return OSK_OK;
    }
    osk_cursor_skip(&body, mini.bits.at / 8);
    return check_chunks(&mini, body, av1 ? OSK_VIDEO_AV1 : OSK_VIDEO_HEVC);
}
