/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICC.1:2022 and ICC.1:2001-04, read once more with an allow-list of its own: which tags define
 * colour, how long each value is by its own fields, and that no byte lies between them. */
#include "verify/icc.h"

#include <string.h>

#define HEADER_LEN 128u
#define MAX_TAGS 64u
#define MAX_CHANNELS 15u

enum { XYZ = 1, CURVE = 2, LUT = 4, NUMBERS = 8, CODES = 16, TEXT = 32 };

static const struct {
    char tag[5];
    unsigned types;
} allowed[] = {
    { "desc", TEXT },  { "cprt", TEXT },  { "wtpt", XYZ },   { "bkpt", XYZ }, { "chad", NUMBERS },
    { "cicp", CODES }, { "rXYZ", XYZ },   { "gXYZ", XYZ },   { "bXYZ", XYZ }, { "rTRC", CURVE },
    { "gTRC", CURVE }, { "bTRC", CURVE }, { "kTRC", CURVE }, { "A2B0", LUT }, { "A2B1", LUT },
    { "A2B2", LUT },   { "B2A0", LUT },   { "B2A1", LUT },   { "B2A2", LUT }, { "gamt", LUT },
};

#define ALLOWED_COUNT (sizeof(allowed) / sizeof(allowed[0]))

/* The only words that a clean profile may say. */
static const char *const words[] = { "colours", "none" };

typedef struct Range {
    uint64_t offset;
    uint64_t len;
} Range;

static bool skip_zero(OskCursor *c, uint64_t len)
{
    OskCursor part = osk_cursor_take(c, len);
    bool zero = osk_cursor_ok(&part);
    while (osk_cursor_more(&part)) {
        zero &= osk_cursor_u8(&part) == 0;
    }
    return zero;
}

static bool skip_code(OskCursor *c, const char *code)
{
    bool equal = osk_cursor_starts(c, code, 4);
    osk_cursor_skip(c, 4);
    return equal;
}

static bool check_header(OskCursor *c, uint64_t len)
{
    bool ok = osk_cursor_u32be(c) == len && skip_zero(c, 4);
    uint8_t major = osk_cursor_u8(c);
    osk_cursor_skip(c, 1);
    ok &= (major == 2 || major == 4) && skip_zero(c, 2);
    bool class = osk_cursor_starts(c, "mntr", 4) || osk_cursor_starts(c, "scnr", 4) ||
                 osk_cursor_starts(c, "prtr", 4) || osk_cursor_starts(c, "spac", 4);
    osk_cursor_skip(c, 4);
    OskCursor space = osk_cursor_take(c, 4);
    while (osk_cursor_more(&space)) {
        uint8_t letter = osk_cursor_u8(&space);
        ok &= letter == ' ' || (letter >= '0' && letter <= '9') ||
              (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    }
    bool connection = osk_cursor_starts(c, "XYZ ", 4) || osk_cursor_starts(c, "Lab ", 4);
    osk_cursor_skip(c, 4);
    ok &= class && connection && skip_zero(c, 12) && skip_code(c, "acsp") && skip_zero(c, 24);
    ok &= osk_cursor_u32be(c) < 4;
    ok &= osk_cursor_u32be(c) == 0xF6D6 && osk_cursor_u32be(c) == 0x10000 &&
          osk_cursor_u32be(c) == 0xD32D;
    return ok && skip_zero(c, 48) && osk_cursor_ok(c);
}

/* A curve at `c`, stepped over to its last byte. */
static bool walk_curve(OskCursor *c)
{
    static const uint8_t numbers[] = { 1, 3, 4, 5, 7 };
    if (osk_cursor_starts(c, "para\0\0\0", 8)) {
        osk_cursor_skip(c, 8);
        uint16_t function = osk_cursor_u16be(c);
        if (function >= sizeof(numbers) || !skip_zero(c, 2)) {
            return false;
        }
        osk_cursor_skip(c, 4u * numbers[function]);
        return osk_cursor_ok(c);
    }
    if (!osk_cursor_starts(c, "curv\0\0\0", 8)) {
        return false;
    }
    osk_cursor_skip(c, 8);
    osk_cursor_skip(c, 2 * (uint64_t)osk_cursor_u32be(c));
    return osk_cursor_ok(c);
}

static bool multiply(uint64_t *product, uint64_t by)
{
    *product *= by;
    return by > 0 && *product <= UINT32_MAX;
}

static bool walk_table(OskCursor *c, unsigned width)
{
    osk_cursor_skip(c, 8);
    uint8_t in = osk_cursor_u8(c);
    uint8_t out = osk_cursor_u8(c);
    uint8_t grid = osk_cursor_u8(c);
    uint64_t cells = out;
    bool ok = skip_zero(c, 1) && in > 0 && in <= MAX_CHANNELS && out > 0 && out <= MAX_CHANNELS;
    for (unsigned i = 0; ok && i < in; i++) {
        ok = multiply(&cells, grid);
    }
    osk_cursor_skip(c, 36);
    uint64_t before = width == 2 ? osk_cursor_u16be(c) : 256;
    uint64_t behind = width == 2 ? osk_cursor_u16be(c) : 256;
    osk_cursor_skip(c, width * (before * in + cells + behind * out));
    return ok && osk_cursor_ok(c);
}

static bool walk_curves(OskCursor value, uint32_t offset, unsigned count, Range *out)
{
    uint64_t base = osk_cursor_offset(&value);
    osk_cursor_skip(&value, offset);
    for (unsigned i = 0; i < count; i++) {
        if (!walk_curve(&value)) {
            return false;
        }
        uint64_t past = (osk_cursor_offset(&value) - base - offset) % 4;
        if (i + 1 < count && past != 0 && !skip_zero(&value, 4 - past)) {
            return false;
        }
    }
    *out = (Range){ offset, osk_cursor_offset(&value) - base - offset };
    return true;
}

static bool walk_grid(OskCursor value, uint32_t offset, unsigned in, unsigned outputs, Range *out)
{
    osk_cursor_skip(&value, offset);
    uint64_t cells = outputs;
    bool ok = true;
    for (unsigned i = 0; i < 16; i++) {
        uint8_t points = osk_cursor_u8(&value);
        ok = ok && (i < in ? multiply(&cells, points) : points == 0);
    }
    uint8_t width = osk_cursor_u8(&value);
    ok = ok && (width == 1 || width == 2) && skip_zero(&value, 3);
    osk_cursor_skip(&value, ok ? cells * width : 0);
    *out = (Range){ offset, 20 + cells * width };
    return ok && osk_cursor_ok(&value);
}

/* Takes the range that begins at `at`, removing it from the list; 0 when there is none. */
static uint64_t take_range(Range *ranges, size_t count, uint64_t at)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].len > 0 && ranges[i].offset == at) {
            uint64_t len = ranges[i].len;
            ranges[i].len = 0;
            return len;
        }
    }
    return 0;
}

/* lutAToBType and lutBToAType: the elements must fill the value without a gap but padding. */
static bool walk_pipeline(OskCursor *c)
{
    OskCursor value = *c;
    bool to_connection = osk_cursor_starts(c, "mAB ", 4);
    osk_cursor_skip(c, 8);
    uint8_t in = osk_cursor_u8(c);
    uint8_t out = osk_cursor_u8(c);
    bool ok = skip_zero(c, 2) && in > 0 && in <= MAX_CHANNELS && out > 0 && out <= MAX_CHANNELS;
    uint32_t places[5];
    for (size_t i = 0; i < 5; i++) {
        places[i] = osk_cursor_u32be(c);
    }
    Range ranges[5];
    memset(ranges, 0, sizeof(ranges));
    ok = ok && osk_cursor_ok(c) && places[0] != 0 &&
         walk_curves(value, places[0], to_connection ? out : in, &ranges[0]);
    if (ok && places[1] != 0) {
        ranges[1] = (Range){ places[1], 48 };
    }
    ok = ok && (places[2] == 0 || walk_curves(value, places[2], 3, &ranges[2]));
    ok = ok && (places[3] == 0 || walk_grid(value, places[3], in, out, &ranges[3]));
    ok = ok &&
         (places[4] == 0 || walk_curves(value, places[4], to_connection ? in : out, &ranges[4]));
    for (uint64_t at = 32; ok;) {
        uint64_t len = take_range(ranges, 5, at);
        if (len == 0) {
            break;
        }
        osk_cursor_skip(c, len);
        at += len;
        uint64_t pad = (4 - at % 4) % 4;
        pad = pad < osk_cursor_left(c) ? pad : osk_cursor_left(c);
        ok = skip_zero(c, pad);
        at += pad;
    }
    for (size_t i = 0; i < 5; i++) {
        ok = ok && ranges[i].len == 0;
    }
    return ok && osk_cursor_ok(c);
}

static bool walk_word(OskCursor *c, bool wide)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        OskCursor at = *c;
        size_t k = 0;
        while (words[i][k] != 0) {
            uint16_t letter = wide ? osk_cursor_u16be(&at) : osk_cursor_u8(&at);
            if (letter != (uint8_t)words[i][k]) {
                break;
            }
            k++;
        }
        if (words[i][k] == 0 && osk_cursor_ok(&at)) {
            *c = at;
            return true;
        }
    }
    return false;
}

static bool walk_text(OskCursor *c)
{
    if (osk_cursor_starts(c, "mluc\0\0\0\0\0\0\0\1\0\0\0\xC", 16)) {
        osk_cursor_skip(c, 16);
        bool english = osk_cursor_starts(c, "enUS", 4);
        osk_cursor_skip(c, 4);
        uint32_t len = osk_cursor_u32be(c);
        bool here = osk_cursor_u32be(c) == 28 && len == osk_cursor_left(c);
        return english && here && walk_word(c, true);
    }
    bool old = osk_cursor_starts(c, "desc\0\0\0", 8);
    if (!old && !osk_cursor_starts(c, "text\0\0\0", 8)) {
        return false;
    }
    osk_cursor_skip(c, old ? 12 : 8);
    return walk_word(c, false) && skip_zero(c, old ? 1 + 78 : 1);
}

static bool walk_value(OskCursor *c, unsigned types)
{
    if ((types & TEXT) != 0) {
        return walk_text(c);
    }
    if ((types & CURVE) != 0) {
        return walk_curve(c);
    }
    if ((types & LUT) != 0) {
        if (osk_cursor_starts(c, "mAB \0\0\0", 8) || osk_cursor_starts(c, "mBA \0\0\0", 8)) {
            return walk_pipeline(c);
        }
        bool narrow = osk_cursor_starts(c, "mft1\0\0\0", 8);
        return (narrow || osk_cursor_starts(c, "mft2\0\0\0", 8)) && walk_table(c, narrow ? 1 : 2);
    }
    const char *type = (types & XYZ) != 0       ? "XYZ \0\0\0"
                       : (types & NUMBERS) != 0 ? "sf32\0\0\0"
                                                : "cicp\0\0\0";
    bool ok = osk_cursor_starts(c, type, 8);
    osk_cursor_skip(c, 8 + ((types & XYZ) != 0 ? 12u : (types & NUMBERS) != 0 ? 36u : 4u));
    return ok && osk_cursor_ok(c);
}

static const char *check_tag(OskCursor profile, OskCursor *row, uint32_t *seen, Range *out)
{
    size_t k = 0;
    while (k < ALLOWED_COUNT && !osk_cursor_starts(row, allowed[k].tag, 4)) {
        k++;
    }
    osk_cursor_skip(row, 4);
    uint32_t offset = osk_cursor_u32be(row);
    uint32_t len = osk_cursor_u32be(row);
    if (!osk_cursor_ok(row)) {
        return "a colour profile that is cut off";
    }
    if (k == ALLOWED_COUNT || (*seen >> k & 1) != 0) {
        return "a tag in a colour profile that is not colour";
    }
    *seen |= UINT32_C(1) << k;
    osk_cursor_skip(&profile, offset);
    OskCursor value = osk_cursor_take(&profile, len);
    if (!osk_cursor_ok(&value) || !walk_value(&value, allowed[k].types) ||
        osk_cursor_more(&value)) {
        return "a value in a colour profile that holds more than its numbers";
    }
    *out = (Range){ offset, len };
    return NULL;
}

/* Every byte behind the table belongs to a value, or pads it with zeros; equal ranges may be
 * shared. */
static bool is_covered(OskCursor profile, Range *ranges, size_t count, uint64_t from)
{
    uint64_t at = from;
    uint64_t end = osk_cursor_left(&profile);
    while (at < end) {
        uint64_t len = take_range(ranges, count, at);
        if (len == 0) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            ranges[i].len = ranges[i].offset == at && ranges[i].len == len ? 0 : ranges[i].len;
        }
        at += len;
        OskCursor c = profile;
        osk_cursor_skip(&c, at);
        uint64_t pad = (4 - at % 4) % 4;
        pad = pad < osk_cursor_left(&c) ? pad : osk_cursor_left(&c);
        if (!skip_zero(&c, pad)) {
            return false;
        }
        at += pad;
    }
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].len > 0) {
            return false;
        }
    }
    return true;
}

static void found(OskCheck *check, const char *part, const char *what, uint64_t offset)
{
    osk_check_found_as(check, OSK_CHECK_PROFILE, part, what, offset);
}

bool osk_check_icc(OskCheck *check, OskCursor profile, const char *part)
{
    if (check->keeps_profiles) {
        return true;
    }
    OskCursor c = profile;
    uint64_t offset = osk_cursor_offset(&profile);
    if (!check_header(&c, osk_cursor_left(&profile))) {
        found(check, part, "a colour profile whose header says more than colour", offset);
        return false;
    }
    uint32_t count = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c) || count > MAX_TAGS) {
        found(check, part, "a colour profile with an impossible table", offset);
        return false;
    }
    Range ranges[MAX_TAGS];
    memset(ranges, 0, sizeof(ranges));
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *wrong = check_tag(profile, &c, &seen, &ranges[i]);
        if (wrong != NULL) {
            found(check, part, wrong, offset);
            return false;
        }
    }
    if (!is_covered(profile, ranges, count, HEADER_LEN + 4 + 12 * (uint64_t)count)) {
        found(check, part, "bytes between the values of a colour profile", offset);
        return false;
    }
    return true;
}
