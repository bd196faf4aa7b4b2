/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/mpeg_es.h"

#include <string.h>

enum { SEEN_USER_DATA, SEEN_ENCODER, SEEN_SEGMENT, SEEN_TAIL, SEEN_FILL };

#define SAMPLE_MAX ((uint64_t)16 << 20)

static void report(OskCoded *coded, unsigned seen, OskFact fact, const uint8_t *text, size_t len)
{
    if (osk_coded_first(coded, seen)) {
        fact.part = coded->part;
        osk_report_add_untrusted(coded->report, fact, text, len, OSK_UTF8);
    }
}

/* ---- MPEG-1, -2 and -4 visual ---- */

static bool is_encoder_name(const uint8_t *bytes, size_t len)
{
    static const char *const names[] = { "XviD", "DivX", "Lavc", "FFmpeg" };
    if (len > 0 && bytes[len - 1] == 0) {
        len--;
    }
    bool known = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t name_len = strlen(names[i]);
        known = known || (len >= name_len && memcmp(bytes, names[i], name_len) == 0);
    }
    for (size_t i = 0; i < len && known; i++) {
        bool letter = (bytes[i] >= 'a' && bytes[i] <= 'z') || (bytes[i] >= 'A' && bytes[i] <= 'Z');
        known = letter || (bytes[i] >= '0' && bytes[i] <= '9') || bytes[i] == '.';
    }
    return known && len <= 24;
}

/* The next start code from `at` on; `len` when there is none. */
static size_t find_start(const uint8_t *bytes, size_t len, size_t at)
{
    while (at + 3 < len) {
        const uint8_t *one = memchr(bytes + at + 2, 1, len - at - 3);
        if (one == NULL) {
            return len;
        }
        at = (size_t)(one - bytes) - 2;
        if (bytes[at] == 0 && bytes[at + 1] == 0) {
            return at;
        }
        at++;
    }
    return len;
}

OskStatus osk_mpeg_sample(OskCoded *coded, uint64_t offset, uint64_t len)
{
    osk_coded_begin(coded, offset, len);
    if (len > SAMPLE_MAX) {
        return osk_coded_fail(coded, OSK_LIMIT, "a picture larger than one may be", offset);
    }
    const uint8_t *bytes = osk_coded_load(coded, offset, len);
    if (bytes == NULL) {
        return osk_coded_end(coded);
    }
    size_t from = 0;
    for (size_t at = find_start(bytes, (size_t)len, 0); at < len;) {
        size_t next = find_start(bytes, (size_t)len, at + 3);
        if (bytes[at + 3] == 0xB2) {
            const uint8_t *data = bytes + at + 4;
            size_t data_len = next - at - 4;
            bool stays = is_encoder_name(data, data_len);
            OskFact fact = { .kind = stays ? OSK_KIND_SOFTWARE : OSK_KIND_OTHER,
                             .field = stays ? "mpeg.encoder" : "mpeg.user-data",
                             .label =
                                 stays
                                     ? "program that coded the pictures"
                                     : "private data of the camera or program, in the video stream",
                             .offset = offset + at,
                             .len = next - at,
                             .stays = stays };
            report(coded, stays ? SEEN_ENCODER : SEEN_USER_DATA, fact, data, data_len);
            if (!stays) {
                osk_coded_keep(coded, offset + from, at - from);
                osk_coded_drop(coded, offset + at, next - at);
                from = next;
            }
        }
        at = next;
    }
    osk_coded_keep(coded, offset + from, len - from);
    return osk_coded_end(coded);
}

/* ---- Motion JPEG ---- */

/* A segment that says how to show the picture: JFIF's (16 bytes), the field order of AVI1, Adobe's.
 */
static bool segment_stays(uint8_t marker, const uint8_t *payload, size_t len)
{
    if (marker == 0xE0) {
        return (len == 14 && memcmp(payload, "JFIF", 5) == 0 && payload[12] == 0 &&
                payload[13] == 0) ||
               (len >= 6 && len <= 14 && memcmp(payload, "AVI1", 4) == 0);
    }
    if (marker == 0xEE) {
        return len == 12 && memcmp(payload, "Adobe", 5) == 0;
    }
    return marker < 0xE0 || (marker > 0xEF && marker != 0xFE);
}

/* Behind a scan header: where the next marker that is no restart stands; `len` when there is none.
 */
static size_t skip_scan(const uint8_t *bytes, size_t len, size_t at)
{
    for (; at + 1 < len; at++) {
        if (bytes[at] == 0xFF && bytes[at + 1] != 0 && bytes[at + 1] != 0xFF &&
            (bytes[at + 1] < 0xD0 || bytes[at + 1] > 0xD7)) {
            return at;
        }
    }
    return len;
}

/* One picture from `at` on; returns where it ends. */
static size_t filter_picture(OskCoded *coded, const uint8_t *bytes, size_t len, size_t at,
                             uint64_t offset)
{
    osk_coded_keep(coded, offset + at, 2);
    at += 2;
    while (at + 1 < len && coded->status == OSK_OK) {
        uint8_t marker = bytes[at + 1];
        if (bytes[at] != 0xFF) {
            osk_coded_fail(coded, OSK_MALFORMED, "no marker where one must stand", offset + at);
            return len;
        }
        if (marker == 0xFF || marker == 0xD9) {
            size_t n = marker == 0xFF ? 1 : 2;
            osk_coded_keep(coded, offset + at, n);
            at += n;
            if (marker == 0xD9) {
                return at;
            }
            continue;
        }
        size_t segment = at + 3 < len ? (size_t)bytes[at + 2] << 8 | bytes[at + 3] : 0;
        if (segment < 2 || segment > len - at - 2) {
            osk_coded_fail(coded, OSK_MALFORMED, "a segment is longer than its picture",
                           offset + at);
            return len;
        }
        size_t end = at + 2 + segment;
        if (segment_stays(marker, bytes + at + 4, segment - 2)) {
            end = marker == 0xDA ? skip_scan(bytes, len, end) : end;
            osk_coded_keep(coded, offset + at, end - at);
        } else {
            report(coded, SEEN_SEGMENT,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .field = "mjpeg.segment",
                              .label = "notes of the camera or program, in every frame",
                              .offset = offset + at,
                              .len = end - at },
                   bytes + at + 4, segment - 2);
            osk_coded_drop(coded, offset + at, end - at);
        }
        at = end;
    }
    return at;
}

OskStatus osk_mjpeg_sample(OskCoded *coded, uint64_t offset, uint64_t len)
{
    osk_coded_begin(coded, offset, len);
    if (len > SAMPLE_MAX) {
        return osk_coded_fail(coded, OSK_LIMIT, "a picture larger than one may be", offset);
    }
    const uint8_t *bytes = osk_coded_load(coded, offset, len);
    if (bytes == NULL || len == 0) {
        return osk_coded_end(coded);
    }
    if (len < 2 || bytes[0] != 0xFF || bytes[1] != 0xD8) {
        return osk_coded_fail(coded, OSK_UNSUPPORTED, "a frame that is no JPEG", offset);
    }
    size_t at = filter_picture(coded, bytes, (size_t)len, 0, offset);
    /* The second field of an interlaced picture, perhaps behind padding. */
    size_t field = at;
    while (field + 1 < len && bytes[field] == 0) {
        field++;
    }
    if (coded->status == OSK_OK && field + 1 < len && bytes[field] == 0xFF &&
        bytes[field + 1] == 0xD8) {
        osk_coded_keep(coded, offset + at, field - at);
        at = filter_picture(coded, bytes, (size_t)len, field, offset);
    }
    if (at < len && coded->status == OSK_OK) {
        report(coded, SEEN_TAIL,
               (OskFact){ .kind = OSK_KIND_OTHER,
                          .field = "mjpeg.tail",
                          .label = "bytes behind the pictures that no player shows",
                          .offset = offset + at,
                          .len = len - at },
               NULL, 0);
        osk_coded_drop(coded, offset + at, len - at);
    }
    return osk_coded_end(coded);
}

/* ---- AAC ---- */

typedef struct Bits {
    uint8_t *bytes;
    size_t count;
    size_t at;
    bool failed;
} Bits;

static uint32_t take(Bits *b, unsigned n)
{
    uint32_t value = 0;
    if (n > b->count - b->at) {
        b->failed = true;
        return 0;
    }
    for (unsigned i = 0; i < n; i++, b->at++) {
        value = value << 1 | (uint32_t)(b->bytes[b->at / 8] >> (7 - b->at % 8) & 1);
    }
    return value;
}

/* Writes `n` bits of `value` where it stands; true when that changed something. */
static bool put(Bits *b, uint32_t value, unsigned n)
{
    bool changed = false;
    for (unsigned i = n; i > 0; i--, b->at++) {
        uint8_t mask = (uint8_t)(0x80 >> b->at % 8);
        uint8_t before = b->bytes[b->at / 8];
        b->bytes[b->at / 8] =
            (uint8_t)((value >> (i - 1) & 1) != 0 ? before | mask : before & ~mask);
        changed = changed || before != b->bytes[b->at / 8];
    }
    return changed;
}

/* A fill element of `count` bytes that says "libfaac 1.28": decoders that find it leave out the
 * first frame, which is silence, so that without it the sound would begin later. It stays, as one
 * constant. */
static bool blank_libfaac(Bits *b, size_t count, bool *out_changed)
{
    static const char name[] = "libfaac 1.0";
    const size_t prefix = 8;
    Bits look = *b;
    take(&look, 4 + 13);
    for (size_t i = 0; i < prefix; i++) {
        if (take(&look, 8) != (uint8_t)name[i]) {
            return false;
        }
    }
    uint32_t digit = take(&look, 8);
    /* Kind and version take 17 bits, the text whole bytes, and 7 bits are left. */
    if (look.failed || digit < '0' || digit > '9' || count < sizeof(name) + 3) {
        return false;
    }
    size_t end = b->at + count * 8;
    bool changed = put(b, 0, 17);
    for (size_t i = 0; i + 1 < sizeof(name); i++) {
        changed = put(b, (uint8_t)name[i], 8) || changed;
    }
    while (b->at < end) {
        changed = put(b, 0, 1) || changed;
    }
    *out_changed = changed;
    return true;
}

/* A fill element behind its id: blanked when its kind is padding or private data. */
static bool blank_fill(Bits *b, bool *out_libfaac)
{
    size_t count = take(b, 4);
    if (count == 15) {
        count += take(b, 8);
        count -= 1;
    }
    if (b->failed || count * 8 > b->count - b->at) {
        b->failed = true;
        return false;
    }
    size_t end = b->at + count * 8;
    bool changed = false;
    if (count > 0) {
        Bits look = *b;
        uint32_t kind = take(&look, 4);
        uint32_t byte = kind == 1 ? 0xA5 : 0;
        if (kind == 0 && blank_libfaac(b, count, &changed)) {
            *out_libfaac = true;
        } else if (kind <= 2) {
            changed = put(b, (kind == 1 ? 1u : 0u) << 4, 8);
            while (b->at < end) {
                changed = put(b, byte, 8) || changed;
            }
        }
    }
    b->at = end;
    return changed;
}

static bool blank_data(Bits *b)
{
    take(b, 4);
    bool align = take(b, 1) != 0;
    size_t count = take(b, 8);
    count += count == 255 ? take(b, 8) : 0;
    if (align) {
        b->at = (b->at + 7) / 8 * 8;
    }
    if (b->failed || b->at > b->count || count * 8 > b->count - b->at) {
        b->failed = true;
        return false;
    }
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        changed = put(b, 0, 8) || changed;
    }
    return changed;
}

OskStatus osk_aac_sample(OskCoded *coded, uint64_t offset, uint64_t len)
{
    uint8_t copy[1024];
    size_t ahead = len < sizeof(copy) ? (size_t)len : sizeof(copy);
    osk_coded_begin(coded, offset, len);
    const uint8_t *bytes = osk_coded_at(coded, offset, ahead);
    if (bytes == NULL) {
        return osk_coded_end(coded);
    }
    if (ahead == 0 || (bytes[0] >> 5 != 6 && bytes[0] >> 5 != 4)) {
        osk_coded_keep(coded, offset, len);
        return osk_coded_end(coded);
    }
    memcpy(copy, bytes, ahead);
    Bits b = { .bytes = copy, .count = ahead * 8 };
    bool changed = false;
    bool libfaac = false;
    size_t end = 0;
    for (;;) {
        uint32_t id = take(&b, 3);
        if (b.failed || (id != 6 && id != 4)) {
            break;
        }
        bool now = id == 6 ? blank_fill(&b, &libfaac) : blank_data(&b);
        changed = changed || now;
        end = b.failed ? end : (b.at + 7) / 8;
    }
    if (libfaac) {
        report(coded, SEEN_ENCODER,
               (OskFact){ .kind = OSK_KIND_SOFTWARE,
                          .field = "aac.encoder",
                          .label = "program that coded the sound",
                          .offset = offset,
                          .len = end,
                          .stays = true },
               (const uint8_t *)"libfaac", 7);
    }
    if (!changed) {
        osk_coded_keep(coded, offset, len);
        return osk_coded_end(coded);
    }
    report(coded, SEEN_FILL,
           (OskFact){ .kind = OSK_KIND_SOFTWARE,
                      .field = "aac.fill",
                      .label = "program that coded the sound",
                      .offset = offset,
                      .len = end },
           bytes + (end > 2 ? 2 : 0), end > 2 ? end - 2 : end);
    osk_coded_rewrite(coded, offset, end, copy, end);
    osk_coded_keep(coded, offset + end, len - end);
    return osk_coded_end(coded);
}
