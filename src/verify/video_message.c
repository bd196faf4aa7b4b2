/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/video_message.h"

#include <string.h>

/* A message that stays takes less. */
#define MESSAGES_MOST 4096u

/* Messages that decoders and displays need, and the sizes that they can have. */
static const struct {
    uint16_t type;
    uint16_t least;
    uint16_t most;
    const char *name;
} messages[] = {
    { 0, 1, 512, "buffering period" },
    { 1, 1, 128, "picture timing" },
    { 2, 1, 64, "pan scan rectangle" },
    { 6, 1, 8, "recovery point" },
    { 7, 1, 64, "marking repetition" },
    { 13, 0, 8, "full-frame freeze" },
    { 14, 0, 0, "full-frame freeze release" },
    { 19, 1, 1024, "film grain" },
    { 20, 1, 8, "deblocking preference" },
    { 21, 1, 2, "stereo" },
    { 22, 1, 1024, "post filter" },
    { 23, 1, 1024, "tone mapping" },
    { 45, 1, 32, "frame packing" },
    { 47, 1, 16, "display orientation" },
    { 128, 1, 512, "structure of pictures" },
    { 129, 1, 64, "active parameter sets" },
    { 130, 1, 32, "decoding unit" },
    { 131, 2, 2, "temporal sub-layer index" },
    { 132, 4, 64, "picture hash" },
    { 134, 1, 2, "region refresh" },
    { 135, 0, 0, "no display" },
    { 137, 24, 24, "mastering display" },
    { 138, 1, 4, "segmented frame packing" },
    { 140, 1, 64, "chroma filter" },
    { 141, 1, 512, "knee function" },
    { 142, 1, 1024, "colour remapping" },
    { 144, 4, 4, "content light level" },
    { 145, 2, 2, "dependent random access" },
    { 147, 1, 1, "transfer characteristics" },
    { 148, 8, 8, "ambient viewing" },
    { 149, 1, 64, "content colour volume" },
    { 150, 1, 32, "equirectangular projection" },
    { 151, 1, 8, "cube map projection" },
    { 154, 1, 16, "sphere rotation" },
    { 155, 1, 1024, "region-wise packing" },
    { 165, 1, 16, "alpha channel" },
    { 176, 1, 256, "reference displays" },
};

typedef struct Bits {
    OskCursor bytes;
    uint64_t held;
    unsigned count;
} Bits;

static uint32_t read_bits(Bits *bits, unsigned count)
{
    while (bits->count < count) {
        bits->held = bits->held << 8 | osk_cursor_u8(&bits->bytes);
        bits->count += 8;
    }
    bits->count -= count;
    return (uint32_t)(bits->held >> bits->count & ((UINT64_C(1) << count) - 1));
}

static void skip_peaks(Bits *bits)
{
    if (read_bits(bits, 1) == 0) {
        return;
    }
    uint32_t rows = read_bits(bits, 5);
    uint32_t columns = read_bits(bits, 5);
    for (uint32_t i = 0; i < rows * columns; i++) {
        (void)read_bits(bits, 4);
    }
}

/* HDR10+ with one window, to its last bit. Source: SMPTE ST 2094-40, annex A. */
static bool is_hdr10plus(OskCursor t35)
{
    static const uint8_t head[7] = { 0xB5, 0x00, 0x3C, 0x00, 0x01, 0x04, 0x01 };
    if (!osk_cursor_starts(&t35, head, sizeof(head))) {
        return false;
    }
    osk_cursor_skip(&t35, sizeof(head));
    Bits bits = { .bytes = t35 };
    if (read_bits(&bits, 2) != 1) {
        return false;
    }
    (void)read_bits(&bits, 27);
    skip_peaks(&bits);
    for (unsigned i = 0; i < 4; i++) {
        (void)read_bits(&bits, 17);
    }
    uint32_t percentiles = read_bits(&bits, 4);
    for (uint32_t i = 0; i < percentiles; i++) {
        (void)read_bits(&bits, 24);
    }
    (void)read_bits(&bits, 10);
    skip_peaks(&bits);
    if (read_bits(&bits, 1) != 0) {
        (void)read_bits(&bits, 24);
        uint32_t anchors = read_bits(&bits, 4);
        for (uint32_t i = 0; i < anchors; i++) {
            (void)read_bits(&bits, 10);
        }
    }
    if (read_bits(&bits, 1) != 0) {
        (void)read_bits(&bits, 6);
    }
    return osk_cursor_ok(&bits.bytes) && !osk_cursor_more(&bits.bytes) &&
           read_bits(&bits, bits.count) == 0;
}

static bool may_stay(uint32_t type, OskCursor payload)
{
    if (type == 4) {
        return is_hdr10plus(payload);
    }
    size_t len = osk_cursor_left(&payload);
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].type == type) {
            return len >= messages[i].least && len <= messages[i].most;
        }
    }
    return false;
}

static uint32_t read_number(OskCursor *c)
{
    uint32_t value = 0;
    uint8_t byte = 255;
    while (byte == 255 && osk_cursor_more(c)) {
        byte = osk_cursor_u8(c);
        value += byte;
    }
    return byte == 255 ? UINT32_MAX : value;
}

void osk_video_messages(OskVideo *video, OskCursor unit)
{
    uint8_t plain[MESSAGES_MOST];
    size_t len = 0;
    uint64_t at = osk_cursor_offset(&unit);
    unsigned zeros = 0;
    while (osk_cursor_more(&unit) && len < sizeof(plain)) {
        uint8_t byte = osk_cursor_u8(&unit);
        /* The byte that keeps start codes out. */
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        plain[len++] = byte;
    }
    OskCursor c = osk_cursor_make(plain, len, at);
    bool any = false;
    while (!osk_cursor_more(&unit) && osk_cursor_left(&c) > 1) {
        uint32_t type = read_number(&c);
        OskCursor payload = osk_cursor_take(&c, read_number(&c));
        if (!osk_cursor_ok(&c)) {
            break;
        }
        any = true;
        if (!may_stay(type, payload)) {
            osk_check_found(video->check, video->part,
                            "a message that changes nothing that is seen", at);
        }
    }
    if (!any || osk_cursor_more(&unit) || osk_cursor_left(&c) != 1 || osk_cursor_u8(&c) != 0x80) {
        osk_check_found(video->check, video->part, "messages that are damaged or too long", at);
    }
}

void osk_video_metadata(OskVideo *video, uint64_t type, OskCursor payload)
{
    uint64_t at = osk_cursor_offset(&payload);
    size_t len = osk_cursor_left(&payload);
    const uint8_t *bytes = osk_cursor_rest(&payload);
    bool ends = len > 0 && bytes[len - 1] == 0x80;
    bool ok = false;
    switch (type) {
    case 1: ok = ends && len == 5; break;
    case 2: ok = ends && len == 25; break;
    case 3: ok = len > 0 && len <= 128 && bytes[len - 1] != 0; break;
    case 4: ok = ends && is_hdr10plus(osk_cursor_take(&payload, len - 1)); break;
    default: break;
    }
    if (!ok) {
        osk_check_found(video->check, video->part, "metadata that change nothing that is seen", at);
    }
}

/* The short name of an encoder, by which decoders choose their arithmetic: "XviD0050",
 * "Lavc58.134". */
static bool is_encoder_name(const uint8_t *bytes, size_t len)
{
    bool name = len >= 5 && len <= 20;
    for (size_t i = 0; name && i < len; i++) {
        bool letter = (bytes[i] | 0x20) >= 'a' && (bytes[i] | 0x20) <= 'z';
        bool digit = (bytes[i] >= '0' && bytes[i] <= '9') || bytes[i] == '.';
        name = i < 4 ? letter : digit || (letter && i + 1 >= len - 1);
    }
    return name;
}

static bool is_start_code(const uint8_t *bytes, size_t left)
{
    return left >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 1;
}

bool osk_video_has_notes(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 4 <= len; i++) {
        if (!is_start_code(bytes + i, len - i) || bytes[i + 3] != 0xB2) {
            continue;
        }
        size_t end = i + 4;
        while (end < len && !is_start_code(bytes + end, len - end)) {
            end++;
        }
        if (!is_encoder_name(bytes + i + 4, end - i - 4)) {
            return true;
        }
    }
    return false;
}
