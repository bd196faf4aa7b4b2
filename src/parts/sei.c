/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/sei.h"

#include <string.h>

#include "parts/hdr10plus.h"

/* A message that stays, and how long it can be. A message of another length is none that we know.
 */
typedef struct SeiRow {
    uint16_t type;
    uint16_t least;
    uint16_t most;
} SeiRow;

/* H.264 annex D: what times, recovers or renders pictures. */
static const SeiRow avc_rows[] = {
    { 0, 1, 256 },    /* buffering period */
    { 6, 1, 8 },      /* recovery point */
    { 19, 2, 512 },   /* film grain characteristics */
    { 21, 1, 1 },     /* stereo video information */
    { 45, 1, 12 },    /* frame packing arrangement */
    { 47, 1, 8 },     /* display orientation */
    { 137, 24, 24 },  /* mastering display colour volume */
    { 144, 4, 4 },    /* content light level */
    { 147, 1, 1 },    /* alternative transfer characteristics */
    { 148, 8, 8 },    /* ambient viewing environment */
    { 149, 1, 64 },   /* content colour volume */
    { 150, 1, 16 },   /* equirectangular projection */
    { 151, 1, 8 },    /* cube map projection */
    { 154, 1, 16 },   /* sphere rotation */
    { 155, 1, 1024 }, /* region-wise packing */
};

/* H.265 annexes D, F and G. */
static const SeiRow hevc_rows[] = {
    { 0, 1, 256 },    /* buffering period */
    { 1, 1, 128 },    /* picture timing: no clock in it, unlike H.264's */
    { 6, 1, 8 },      /* recovery point */
    { 19, 2, 512 },   /* film grain characteristics */
    { 45, 1, 12 },    /* frame packing arrangement */
    { 47, 1, 8 },     /* display orientation */
    { 129, 1, 64 },   /* active parameter sets */
    { 130, 1, 32 },   /* decoding unit information */
    { 135, 0, 0 },    /* no display */
    { 137, 24, 24 },  /* mastering display colour volume */
    { 144, 4, 4 },    /* content light level */
    { 147, 1, 1 },    /* alternative transfer characteristics */
    { 148, 8, 8 },    /* ambient viewing environment */
    { 149, 1, 64 },   /* content colour volume */
    { 150, 1, 16 },   /* equirectangular projection */
    { 151, 1, 8 },    /* cube map projection */
    { 154, 1, 16 },   /* sphere rotation */
    { 155, 1, 1024 }, /* region-wise packing */
    { 165, 1, 16 },   /* alpha channel information */
    { 176, 1, 256 },  /* three-dimensional reference displays */
};

typedef struct Message {
    uint32_t type;
    const uint8_t *payload;
    size_t len;
} Message;

static bool in_table(const SeiRow *rows, size_t count, const Message *m)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].type == m->type) {
            return m->len >= rows[i].least && m->len <= rows[i].most;
        }
    }
    return false;
}

static bool stays(const OskCoded *coded, const Message *m)
{
    if (m->type == 4) {
        return osk_hdr10plus_is_whole(m->payload, m->len);
    }
    if (coded->codec == OSK_CODEC_AVC) {
        return in_table(avc_rows, sizeof(avc_rows) / sizeof(avc_rows[0]), m);
    }
    return in_table(hevc_rows, sizeof(hevc_rows) / sizeof(hevc_rows[0]), m);
}

static void report_user_data(OskCoded *coded, const Message *m, OskFact fact)
{
    /* AVCHD cameras write date, exposure, place and model in packs of 5 bytes. */
    static const uint8_t avchd[16] = { 0x17, 0xEE, 0x8C, 0x60, 0xF8, 0x4D, 0x11, 0xD9,
                                       0x8C, 0xD6, 0x08, 0x00, 0x20, 0x0C, 0x9A, 0x66 };
    static const uint8_t x264[16] = { 0xDC, 0x45, 0xE9, 0xBD, 0xE6, 0xD9, 0x48, 0xB7,
                                      0x96, 0x2C, 0xD8, 0x20, 0xD9, 0x23, 0xEE, 0xEF };
    fact.field = "sei.user-data";
    fact.kind = OSK_KIND_OTHER;
    fact.label = "private data of the camera or program, in the video stream";
    if (m->len >= 16 && memcmp(m->payload, avchd, sizeof(avchd)) == 0) {
        fact.kind = OSK_KIND_TIME;
        fact.label = "date and settings of the camera, in every frame";
    } else if (m->len >= 16 && memcmp(m->payload, x264, sizeof(x264)) == 0) {
        fact.kind = OSK_KIND_SOFTWARE;
        fact.label = "encoder and its settings, in the video stream";
    }
    size_t skip = m->len < 16 ? m->len : 16;
    OskText text;
    osk_text_init(&text);
    osk_text_untrusted(&text, m->payload + skip, m->len - skip, OSK_UTF8);
    osk_report_add(coded->report, fact, &text);
}

static void report_message(OskCoded *coded, const Message *m, uint64_t offset, uint64_t len)
{
    OskFact fact = { .part = coded->part, .offset = offset, .len = len };
    bool hevc_time = coded->codec != OSK_CODEC_AVC && m->type == 136;
    bool captions = m->type == 4 && m->len >= 7 && memcmp(m->payload + 3, "GA94", 4) == 0;
    if (m->type == 5) {
        if (osk_coded_first(coded, OSK_SEEN_USER_DATA)) {
            report_user_data(coded, m, fact);
        }
        return;
    }
    unsigned seen = hevc_time      ? OSK_SEEN_TIME
                    : captions     ? OSK_SEEN_CAPTIONS
                    : m->type == 4 ? OSK_SEEN_T35
                    : m->type == 3 ? OSK_SEEN_PADDING
                                   : OSK_SEEN_OTHER_SEI;
    if (!osk_coded_first(coded, seen)) {
        return;
    }
    fact.kind = hevc_time ? OSK_KIND_TIME : captions ? OSK_KIND_NAME : OSK_KIND_OTHER;
    fact.field = hevc_time      ? "sei.time-code"
                 : captions     ? "sei.captions"
                 : m->type == 4 ? "sei.t35"
                 : m->type == 3 ? "sei.filler"
                                : "sei.other";
    fact.label = hevc_time      ? "clock time of every frame"
                 : captions     ? "closed captions: what is said, as text"
                 : m->type == 4 ? "private data of the camera or program, in the video stream"
                 : m->type == 3 ? "padding in the video stream"
                                : "notes in the video stream that no player shows";
    osk_report_add(coded->report, fact, NULL);
}

void osk_nal_unescape(const uint8_t *bytes, size_t len, OskWriter *out)
{
    out->len = 0;
    out->failed = false;
    size_t from = 0;
    unsigned zeros = 0;
    for (size_t i = 0; i < len; i++) {
        if (zeros >= 2 && bytes[i] == 3) {
            osk_writer_bytes(out, bytes + from, i - from);
            from = i + 1;
            zeros = 0;
        } else {
            zeros = bytes[i] == 0 ? zeros + 1 : 0;
        }
    }
    osk_writer_bytes(out, bytes + from, len - from);
}

/* One byte of a unit, with an emulation prevention byte before it where one is needed. */
static void put_escaped(OskWriter *out, uint8_t byte)
{
    size_t n = out->len;
    if (byte <= 3 && n >= 7 && out->bytes[n - 1] == 0 && out->bytes[n - 2] == 0) {
        osk_writer_u8(out, 3);
    }
    osk_writer_u8(out, byte);
}

static void put_number(OskWriter *out, uint32_t value)
{
    for (; value >= 255; value -= 255) {
        put_escaped(out, 255);
    }
    put_escaped(out, (uint8_t)value);
}

static void put_message(OskWriter *out, const Message *m)
{
    put_number(out, m->type);
    put_number(out, (uint32_t)m->len);
    for (size_t i = 0; i < m->len; i++) {
        put_escaped(out, m->payload[i]);
    }
}

static uint32_t read_number(OskCursor *c)
{
    uint32_t value = 0;
    uint8_t byte = 255;
    while (byte == 255 && osk_cursor_more(c)) {
        byte = osk_cursor_u8(c);
        value += byte;
    }
    if (byte == 255) {
        osk_cursor_fail(c);
    }
    return value;
}

/* Reads one message; false at the trailing bits, or when the unit is broken (and the cursor
 * failed). */
static bool next_message(OskCursor *c, Message *out)
{
    uint8_t stop = 0;
    if (osk_cursor_left(c) <= 1 && osk_cursor_peek(c, &stop, 1) == 1 && stop == 0x80) {
        return false;
    }
    out->type = read_number(c);
    uint32_t len = read_number(c);
    OskCursor payload = osk_cursor_take(c, len);
    out->payload = osk_cursor_rest(&payload);
    out->len = osk_cursor_left(&payload);
    return osk_cursor_ok(c);
}

/* A picture timing message without its clocks; false when it doesn't have the form that it must
 * have. */
static bool put_timing(OskCoded *coded, OskWriter *out, const Message *m, uint64_t offset,
                       size_t *gone)
{
    OskPicTiming timing = osk_pic_timing_read(&coded->timing, m->payload, m->len);
    *gone += timing.clock || !timing.fits ? 1 : 0;
    if ((timing.clock || !timing.fits) && osk_coded_first(coded, OSK_SEEN_TIME)) {
        OskText text;
        osk_text_init(&text);
        if (timing.exact) {
            osk_text_padded(&text, timing.hours, 2);
            osk_text_str(&text, ":");
            osk_text_padded(&text, timing.minutes, 2);
            osk_text_str(&text, ":");
            osk_text_padded(&text, timing.seconds, 2);
        }
        osk_report_add(coded->report,
                       (OskFact){ .kind = OSK_KIND_TIME,
                                  .part = coded->part,
                                  .field = "sei.time-code",
                                  .label = "clock time of every frame",
                                  .offset = offset,
                                  .len = m->len },
                       &text);
    }
    if (timing.fits) {
        Message made = { .type = 1, .payload = timing.bytes, .len = timing.len };
        put_message(out, &made);
    }
    return timing.fits;
}

static void report_broken(OskCoded *coded, uint64_t offset, size_t len)
{
    if (osk_coded_first(coded, OSK_SEEN_OTHER_SEI)) {
        osk_report_add(coded->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = coded->part,
                                  .field = "sei.broken",
                                  .label = "notes in the video stream that no player shows",
                                  .offset = offset,
                                  .len = len },
                       NULL);
    }
}

OskSeiVerdict osk_sei_filter(OskCoded *coded, const uint8_t *unit, size_t len, uint64_t offset)
{
    size_t header = coded->codec == OSK_CODEC_AVC ? 1 : 2;
    if (unit[header - 1] == 0) {
        /* H.265, 7.4.2.2 forbids a temporal id of that kind. Readers disagree where the payload of
         * such a unit is escaped. */
        report_broken(coded, offset, len);
        return OSK_SEI_NONE;
    }
    OskWriter *in = &coded->sei_in;
    OskWriter *out = &coded->sei_out;
    out->len = 0;
    out->failed = false;
    osk_nal_unescape(unit + header, len - header, in);
    osk_writer_zeros(out, 4);
    osk_writer_bytes(out, unit, header);
    OskCursor c = osk_cursor_make(in->bytes, in->len, offset + header);
    size_t kept = 0;
    size_t gone = 0;
    Message m;
    while (next_message(&c, &m)) {
        if (coded->codec == OSK_CODEC_AVC && m.type == 1) {
            kept += put_timing(coded, out, &m, offset, &gone) ? 1 : 0;
        } else if (stays(coded, &m)) {
            put_message(out, &m);
            kept++;
        } else {
            report_message(coded, &m, offset, len);
            gone++;
        }
    }
    if (!osk_cursor_ok(&c)) {
        report_broken(coded, offset, len);
    }
    osk_writer_u8(out, 0x80);
    if (!osk_writer_ok(in) || !osk_writer_ok(out)) {
        osk_coded_fail(coded, OSK_NO_MEMORY, "not enough memory for this part", offset);
        return OSK_SEI_NONE;
    }
    if (kept == 0) {
        return OSK_SEI_NONE;
    }
    bool same = out->len - 4 == len && memcmp(out->bytes + 4, unit, len) == 0;
    if (!same && gone == 0 && osk_cursor_ok(&c) && osk_coded_first(coded, OSK_SEEN_PADDING)) {
        osk_report_add(coded->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = coded->part,
                                  .field = "sei.slack",
                                  .label = "bytes between the pictures that no player shows",
                                  .offset = offset,
                                  .len = len },
                       NULL);
    }
    return same ? OSK_SEI_ALL : OSK_SEI_SOME;
}
