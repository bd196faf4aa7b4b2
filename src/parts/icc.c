/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICC profiles, ICC.1:2022 (version 4) and ICC.1:2001-04 (version 2): a header of 128 bytes, a
 * table of tags, their values. Tolerated: a size field that is too large, a value that is longer
 * than its tag says, and bytes between values, because everything is written anew. What stands
 * behind the size field is not there: readers skip tags that reach past it. */
#include "parts/icc.h"

#include <string.h>

#include "parts/icc_types.h"

#define HEADER_LEN 128u
#define MAX_TAGS 256u

typedef struct TagRule {
    uint32_t tag;
    unsigned types; /* 0: a text that every profile must have, replaced by a constant */
    bool optional;  /* a bad one is left out; a bad one of the others makes the profile unusable */
} TagRule;

#define TAG(a, b, c, d)                                                                            \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* What defines colour, in the order in which it is written. Left out on purpose: chrm, lumi, meas,
 * view, targ, vcgt and the like describe the device and the measurement; transforms don't use them.
 * D2Bx and B2Dx are refinements of tags that must be there too. */
static const TagRule rules[] = {
    { TAG('d', 'e', 's', 'c'), 0, false },         { TAG('c', 'p', 'r', 't'), 0, false },
    { TAG('w', 't', 'p', 't'), ICC_XYZ, true },    { TAG('b', 'k', 'p', 't'), ICC_XYZ, true },
    { TAG('c', 'h', 'a', 'd'), ICC_MATRIX, true }, { TAG('c', 'i', 'c', 'p'), ICC_CICP, true },
    { TAG('r', 'X', 'Y', 'Z'), ICC_XYZ, false },   { TAG('g', 'X', 'Y', 'Z'), ICC_XYZ, false },
    { TAG('b', 'X', 'Y', 'Z'), ICC_XYZ, false },   { TAG('r', 'T', 'R', 'C'), ICC_CURVE, false },
    { TAG('g', 'T', 'R', 'C'), ICC_CURVE, false }, { TAG('b', 'T', 'R', 'C'), ICC_CURVE, false },
    { TAG('k', 'T', 'R', 'C'), ICC_CURVE, false }, { TAG('A', '2', 'B', '0'), ICC_LUT, false },
    { TAG('A', '2', 'B', '1'), ICC_LUT, false },   { TAG('A', '2', 'B', '2'), ICC_LUT, false },
    { TAG('B', '2', 'A', '0'), ICC_LUT, true },    { TAG('B', '2', 'A', '1'), ICC_LUT, true },
    { TAG('B', '2', 'A', '2'), ICC_LUT, true },    { TAG('g', 'a', 'm', 't'), ICC_LUT, true },
};

#define RULE_COUNT (sizeof(rules) / sizeof(rules[0]))

static const char neutral_desc[] = "colours";
static const char neutral_cprt[] = "none";

typedef struct Value {
    OskCursor in;
    bool present;
    size_t offset; /* in the output, from the profile's first byte */
    size_t len;
} Value;

typedef struct Profile {
    OskCursor all;
    uint32_t version;
    uint32_t class;
    uint32_t space;
    uint32_t connection;
    uint32_t intent;
    bool more_models; /* tags that readers may take for what is missing */
    Value values[RULE_COUNT];
} Profile;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const OskCursor *at)
{
    return osk_fault_set(fault, status, "ICC profile", what, osk_cursor_offset(at));
}

static bool is_space_known(uint32_t space)
{
    static const uint32_t spaces[] = {
        TAG('R', 'G', 'B', ' '), TAG('G', 'R', 'A', 'Y'), TAG('C', 'M', 'Y', 'K'),
        TAG('C', 'M', 'Y', ' '), TAG('L', 'a', 'b', ' '), TAG('X', 'Y', 'Z', ' '),
        TAG('Y', 'C', 'b', 'r'), TAG('L', 'u', 'v', ' '), TAG('Y', 'x', 'y', ' '),
        TAG('H', 'S', 'V', ' '), TAG('H', 'L', 'S', ' '),
    };
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        if (spaces[i] == space) {
            return true;
        }
    }
    /* "2CLR" to "FCLR". */
    uint32_t first = space >> 24;
    bool digit = (first >= '2' && first <= '9') || (first >= 'A' && first <= 'F');
    return digit && (space & 0xFFFFFF) == (TAG(0, 'C', 'L', 'R'));
}

/* Spaces that some readers know and ICC.1 doesn't: "1CLR", and "MCH1" to "MCHF". */
static bool is_space_extended(uint32_t space)
{
    return space == TAG('1', 'C', 'L', 'R') || space >> 8 == TAG(0, 'M', 'C', 'H');
}

static OskStatus read_header(Profile *p, OskFault *fault)
{
    OskCursor c = p->all;
    OskCursor header = osk_cursor_take(&c, HEADER_LEN);
    if (!osk_cursor_ok(&header)) {
        return fail(fault, OSK_TRUNCATED, "the profile ends in its header", &p->all);
    }
    uint32_t size = osk_cursor_u32be(&header);
    if (size < HEADER_LEN + 4) {
        return fail(fault, OSK_MALFORMED, "a profile of an impossible size", &p->all);
    }
    if (size < osk_cursor_left(&p->all)) {
        OskCursor all = p->all;
        p->all = osk_cursor_take(&all, size);
    }
    osk_cursor_skip(&header, 4);
    p->version = osk_cursor_u32be(&header) & 0xFFFF0000u;
    p->class = osk_cursor_u32be(&header);
    p->space = osk_cursor_u32be(&header);
    p->connection = osk_cursor_u32be(&header);
    osk_cursor_skip(&header, 12);
    uint32_t signature = osk_cursor_u32be(&header);
    osk_cursor_skip(&header, 24);
    p->intent = osk_cursor_u32be(&header) & 0xFFFFu;
    if (signature != TAG('a', 'c', 's', 'p')) {
        return fail(fault, OSK_MALFORMED, "the profile's signature is missing", &p->all);
    }
    uint32_t major = p->version >> 24;
    if (major != 2 && major != 4) {
        return fail(fault, OSK_UNSUPPORTED, "a profile of an unknown version", &p->all);
    }
    if (p->class == TAG('l', 'i', 'n', 'k') || p->class == TAG('a', 'b', 's', 't') ||
        p->class == TAG('n', 'm', 'c', 'l')) {
        return fail(fault, OSK_UNSUPPORTED, "a profile that is not one of a device or space",
                    &p->all);
    }
    bool class_known = p->class == TAG('m', 'n', 't', 'r') || p->class == TAG('s', 'c', 'n', 'r') ||
                       p->class == TAG('p', 'r', 't', 'r') || p->class == TAG('s', 'p', 'a', 'c');
    bool connection_known =
        p->connection == TAG('X', 'Y', 'Z', ' ') || p->connection == TAG('L', 'a', 'b', ' ');
    if (!class_known || !connection_known) {
        return fail(fault, OSK_MALFORMED, "a profile of an impossible class or connection space",
                    &p->all);
    }
    if (!is_space_known(p->space)) {
        return fail(fault, is_space_extended(p->space) ? OSK_UNSUPPORTED : OSK_MALFORMED,
                    "a profile of an unknown colour space", &p->all);
    }
    return p->intent <= 3
               ? OSK_OK
               : fail(fault, OSK_UNSUPPORTED, "a profile with an unknown intent", &p->all);
}

static size_t find_rule(uint32_t tag)
{
    size_t i = 0;
    while (i < RULE_COUNT && rules[i].tag != tag) {
        i++;
    }
    return i;
}

static OskStatus read_table(Profile *p, OskBudget *budget, OskFault *fault)
{
    OskCursor c = p->all;
    osk_cursor_skip(&c, HEADER_LEN);
    uint32_t count = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c) || count > osk_cursor_left(&c) / 12) {
        return fail(fault, OSK_MALFORMED, "a profile with an impossible number of tags", &c);
    }
    if (count > MAX_TAGS) {
        return fail(fault, OSK_UNSUPPORTED, "a profile with more tags than we read", &c);
    }
    if (!osk_budget_parts(budget, count)) {
        return fail(fault, OSK_LIMIT, "more parts than one file may have", &c);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t tag = osk_cursor_u32be(&c);
        uint32_t offset = osk_cursor_u32be(&c);
        uint32_t len = osk_cursor_u32be(&c);
        uint32_t name = tag >> 8;
        p->more_models |= name == TAG(0, 'A', '2', 'B') || name == TAG(0, 'D', '2', 'B');
        size_t rule = find_rule(tag);
        OskCursor value = p->all;
        osk_cursor_skip(&value, offset);
        if (rule == RULE_COUNT || p->values[rule].present || len > osk_cursor_left(&value)) {
            continue;
        }
        /* The type of the value tells its true length, which may be longer than the tag says. */
        p->values[rule].in = len < 8 ? osk_cursor_take(&value, len) : value;
        p->values[rule].present = true;
    }
    return OSK_OK;
}

/* Whether the tags there are turn device colours into the connection space. Without any that could,
 * ICC.1:2022 section 8 calls the profile broken. */
static OskStatus check_colour(const Profile *p, OskFault *fault)
{
    bool matrix = true;
    for (uint32_t i = 0; i < 3; i++) {
        static const char channels[] = "rgb";
        uint32_t channel = (uint32_t)(unsigned char)channels[i] << 24;
        matrix &= p->values[find_rule(channel | TAG(0, 'X', 'Y', 'Z'))].present;
        matrix &= p->values[find_rule(channel | TAG(0, 'T', 'R', 'C'))].present;
    }
    bool table = p->values[find_rule(TAG('A', '2', 'B', '0'))].present;
    bool grey = p->values[find_rule(TAG('k', 'T', 'R', 'C'))].present;
    if (table || (matrix && p->space == TAG('R', 'G', 'B', ' ')) ||
        (grey && p->space == TAG('G', 'R', 'A', 'Y'))) {
        return OSK_OK;
    }
    bool maybe = p->more_models || (matrix && p->space != TAG('G', 'R', 'A', 'Y'));
    return fail(fault, maybe ? OSK_UNSUPPORTED : OSK_MALFORMED,
                "a profile without tags that define colour", &p->all);
}

/* multiLocalizedUnicodeType, ICC.1:2022 section 10.15, one English text. */
static void write_mluc(OskWriter *out, const char *text)
{
    size_t len = strlen(text);
    osk_writer_bytes(out, "mluc\0\0\0\0\0\0\0\1\0\0\0\14enUS", 20);
    osk_writer_be(out, len * 2, 4);
    osk_writer_be(out, 28, 4);
    for (size_t i = 0; i < len; i++) {
        osk_writer_be(out, (uint8_t)text[i], 2);
    }
}

/* textDescriptionType, ICC.1:2001-04 section 6.5.17. */
static void write_desc(OskWriter *out, const char *text)
{
    size_t len = strlen(text) + 1;
    osk_writer_bytes(out, "desc\0\0\0\0", 8);
    osk_writer_be(out, len, 4);
    osk_writer_bytes(out, text, len);
    osk_writer_zeros(out, 4 + 4 + 2 + 1 + 67);
}

static bool write_value(const Profile *p, size_t rule, OskWriter *out)
{
    if (rules[rule].types != 0) {
        return osk_icc_copy_value(p->values[rule].in, rules[rule].types, out);
    }
    bool is_desc = rules[rule].tag == TAG('d', 'e', 's', 'c');
    const char *text = is_desc ? neutral_desc : neutral_cprt;
    if (p->version >> 24 == 4) {
        write_mluc(out, text);
    } else if (is_desc) {
        write_desc(out, text);
    } else {
        osk_writer_bytes(out, "text\0\0\0\0", 8);
        osk_writer_bytes(out, text, strlen(text) + 1);
    }
    return osk_writer_ok(out);
}

/* Uses the bytes of an earlier equal value: profiles share one curve between the channels. */
static void share_value(Profile *p, size_t rule, OskWriter *out)
{
    Value *value = &p->values[rule];
    for (size_t i = 0; i < rule; i++) {
        const Value *other = &p->values[i];
        if (other->present && other->len == value->len && osk_writer_ok(out) &&
            memcmp(out->bytes + other->offset, out->bytes + value->offset, value->len) == 0) {
            out->len = value->offset;
            value->offset = other->offset;
            return;
        }
    }
}

static OskStatus write_values(Profile *p, OskWriter *out, OskFault *fault)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        Value *value = &p->values[i];
        if (!value->present) {
            continue;
        }
        osk_writer_zeros(out, (4 - out->len % 4) % 4);
        value->offset = out->len;
        if (!write_value(p, i, out)) {
            if (!osk_writer_ok(out)) {
                return fail(fault, OSK_NO_MEMORY, "not enough memory for this profile", &value->in);
            }
            if (!rules[i].optional) {
                return osk_icc_type_is_known(value->in)
                           ? fail(fault, OSK_MALFORMED, "a value of the profile breaks its type",
                                  &value->in)
                           : fail(fault, OSK_UNSUPPORTED,
                                  "a value of the profile is of an unknown type", &value->in);
            }
            out->len = value->offset;
            value->present = false;
            continue;
        }
        value->len = out->len - value->offset;
        share_value(p, i, out);
    }
    osk_writer_zeros(out, (4 - out->len % 4) % 4);
    return OSK_OK;
}

static void write_header(const Profile *p, OskWriter *out)
{
    osk_writer_zeros(out, 8);
    osk_writer_be(out, p->version, 4);
    osk_writer_be(out, p->class, 4);
    osk_writer_be(out, p->space, 4);
    osk_writer_be(out, p->connection, 4);
    osk_writer_zeros(out, 12);
    osk_writer_bytes(out, "acsp", 4);
    osk_writer_zeros(out, 24);
    osk_writer_be(out, p->intent, 4);
    /* The illuminant is D50 in every profile (ICC.1:2022 section 7.2.16). */
    osk_writer_be(out, 0x0000F6D6, 4);
    osk_writer_be(out, 0x00010000, 4);
    osk_writer_be(out, 0x0000D32D, 4);
    osk_writer_zeros(out, 48);
}

static OskStatus build(Profile *p, OskWriter *out, OskFault *fault)
{
    size_t count = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        p->values[i].present |= rules[i].types == 0;
        count += p->values[i].present;
    }
    write_header(p, out);
    osk_writer_zeros(out, 4 + count * 12);
    size_t reserved = count;
    OskStatus status = write_values(p, out, fault);
    if (status != OSK_OK || !osk_writer_ok(out)) {
        return status != OSK_OK
                   ? status
                   : fail(fault, OSK_NO_MEMORY, "not enough memory for this profile", &p->all);
    }
    count = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (p->values[i].present) {
            size_t at = HEADER_LEN + 4 + 12 * count++;
            osk_writer_patch_be(out, at, rules[i].tag, 4);
            osk_writer_patch_be(out, at + 4, p->values[i].offset, 4);
            osk_writer_patch_be(out, at + 8, p->values[i].len, 4);
        }
    }
    osk_writer_patch_be(out, HEADER_LEN, count, 4);
    osk_writer_patch_be(out, 0, out->len, 4);
    /* A value that turned out bad leaves its row of the table empty: build again without it. */
    return count == reserved ? OSK_OK : OSK_MORE;
}

OskStatus osk_icc_rebuild(OskCursor profile, OskBudget *budget, OskWriter *out, OskFault *fault)
{
    Profile p = { .all = profile };
    OskStatus status = read_header(&p, fault);
    if (status == OSK_OK) {
        status = read_table(&p, budget, fault);
    }
    if (status == OSK_OK) {
        status = check_colour(&p, fault);
    }
    if (status != OSK_OK) {
        return status;
    }
    /* Elements that a value uses twice are written twice, so the result may be a little larger. */
    size_t ceiling = osk_cursor_left(&profile) < SIZE_MAX / 8 ? osk_cursor_left(&profile) * 4 + 4096
                                                              : SIZE_MAX / 2;
    do {
        OskWriter fresh;
        osk_writer_init(&fresh, ceiling);
        status = build(&p, &fresh, fault);
        if (status == OSK_OK) {
            osk_writer_bytes(out, fresh.bytes, fresh.len);
        }
        osk_writer_free(&fresh);
    } while (status == OSK_MORE);
    if (status == OSK_OK && !osk_writer_ok(out)) {
        return fail(fault, OSK_NO_MEMORY, "not enough memory for this profile", &profile);
    }
    return status;
}

bool osk_icc_is_clean(OskCursor profile, OskBudget *budget)
{
    OskWriter fresh;
    osk_writer_init(&fresh, osk_cursor_left(&profile));
    bool clean = osk_icc_rebuild(profile, budget, &fresh, NULL) == OSK_OK &&
                 fresh.len == osk_cursor_left(&profile) &&
                 osk_cursor_starts(&profile, fresh.bytes, fresh.len);
    osk_writer_free(&fresh);
    return clean;
}
