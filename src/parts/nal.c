/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAL units in samples: what stays is listed here, by type; SEI messages have a table in sei.c. */
#include "parts/nal.h"

#include <string.h>

#include "parts/nal_set.h"
#include "parts/sei.h"

/* What is done with a type of unit. */
typedef enum UnitRule {
    UNIT_DROP,  /* reserved, unspecified, filler */
    UNIT_KEEP,  /* coded pictures */
    UNIT_SET,   /* parameter sets, cut off where they end */
    UNIT_EXACT, /* a fixed number of bytes; more are cut off */
    UNIT_SEI,   /* by message */
    UNIT_RPU    /* Dolby Vision's colour, when it proves itself */
} UnitRule;

typedef struct UnitRow {
    uint8_t first;
    uint8_t last;
    uint8_t rule;
    uint8_t exact; /* UNIT_EXACT: bytes, header included */
} UnitRow;

/* H.264 table 7-1. */
static const UnitRow avc_units[] = {
    { 1, 5, UNIT_KEEP, 0 },    /* slices */
    { 6, 6, UNIT_SEI, 0 },     /* */
    { 7, 8, UNIT_SET, 0 },     /* sequence and picture parameter sets */
    { 9, 9, UNIT_EXACT, 2 },   /* access unit delimiter: 3 bits and the stop bit */
    { 10, 11, UNIT_EXACT, 1 }, /* end of sequence, end of stream */
    { 13, 13, UNIT_SET, 0 },   /* SPS extension (alpha) */
    { 14, 14, UNIT_KEEP, 0 },  /* prefix unit */
    { 15, 15, UNIT_SET, 0 },   /* subset SPS */
    { 19, 21, UNIT_KEEP, 0 },  /* auxiliary (alpha) slices, slice extensions */
};

/* H.265 table 7-1. */
static const UnitRow hevc_units[] = {
    { 0, 9, UNIT_KEEP, 0 },    /* slices */
    { 16, 21, UNIT_KEEP, 0 },  /* slices of random access pictures */
    { 32, 34, UNIT_SET, 0 },   /* video, sequence and picture parameter sets */
    { 35, 35, UNIT_EXACT, 3 }, /* access unit delimiter */
    { 36, 37, UNIT_EXACT, 2 }, /* end of sequence, end of bitstream */
    { 39, 40, UNIT_SEI, 0 },   /* */
    { 62, 62, UNIT_RPU, 0 },   /* */
};

static UnitRow find_rule(const UnitRow *rows, size_t count, unsigned type)
{
    for (size_t i = 0; i < count; i++) {
        if (type >= rows[i].first && type <= rows[i].last) {
            return rows[i];
        }
    }
    return (UnitRow){ .rule = UNIT_DROP };
}

static UnitRow rule_of(const OskCoded *coded, const uint8_t *header)
{
    if (coded->codec == OSK_CODEC_AVC) {
        return find_rule(avc_units, sizeof(avc_units) / sizeof(avc_units[0]), header[0] & 31u);
    }
    return find_rule(hevc_units, sizeof(hevc_units) / sizeof(hevc_units[0]), header[0] >> 1 & 63u);
}

static void report_unit(OskCoded *coded, uint64_t offset, uint64_t len)
{
    if (osk_coded_first(coded, OSK_SEEN_UNIT)) {
        osk_report_add(coded->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = coded->part,
                                  .field = "nal.unit",
                                  .label = "bytes between the pictures that no player shows",
                                  .offset = offset,
                                  .len = len },
                       NULL);
    }
}

/* CRC-32 as MPEG-2 uses it: high bit first, no final inversion. */
static uint32_t crc_mpeg(const uint8_t *bytes, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc << 1 ^ ((crc & UINT32_C(0x80000000)) != 0 ? UINT32_C(0x04C11DB7) : 0);
        }
    }
    return crc;
}

bool osk_rpu_is_whole(const uint8_t *unit, size_t len, OskWriter *scratch)
{
    /* Unit header, the RPU's prefix, at least a header's worth of fields, checksum, stop bit. */
    if (len < 16 || len > 4096 || unit[2] != 0x19 || unit[len - 1] != 0x80) {
        return false;
    }
    osk_nal_unescape(unit + 3, len - 3, scratch);
    if (!osk_writer_ok(scratch) || scratch->len < 6) {
        return false;
    }
    size_t body = scratch->len - 5;
    const uint8_t *sum = scratch->bytes + body;
    uint32_t want =
        (uint32_t)sum[0] << 24 | (uint32_t)sum[1] << 16 | (uint32_t)sum[2] << 8 | sum[3];
    return crc_mpeg(scratch->bytes, body) == want;
}

static void filter_sei(OskCoded *coded, uint64_t prefix_at, uint64_t len)
{
    uint64_t at = prefix_at + coded->length_size;
    if (len > OSK_SEI_MAX) {
        report_unit(coded, at, len);
        osk_coded_drop(coded, prefix_at, coded->length_size + len);
        return;
    }
    const uint8_t *unit = osk_coded_load(coded, at, len);
    if (unit == NULL) {
        return;
    }
    OskSeiVerdict verdict = osk_sei_filter(coded, unit, (size_t)len, at);
    if (verdict == OSK_SEI_ALL) {
        osk_coded_keep(coded, prefix_at, coded->length_size + len);
    } else if (verdict == OSK_SEI_NONE) {
        osk_coded_drop(coded, prefix_at, coded->length_size + len);
    } else {
        /* The rebuilt unit stands in sei_out behind room for its prefix. */
        size_t out_len = coded->sei_out.len - 4;
        for (unsigned i = 0; i < coded->length_size; i++) {
            coded->sei_out.bytes[3 - i] = (uint8_t)(out_len >> (8 * i));
        }
        if (coded->length_size < 4 && out_len >> (8 * coded->length_size) != 0) {
            osk_coded_fail(coded, OSK_MALFORMED, "a unit longer than its length can say", at);
        }
        osk_coded_rewrite(coded, prefix_at, coded->length_size + len,
                          coded->sei_out.bytes + (4 - coded->length_size),
                          coded->length_size + out_len);
    }
}

/* A parameter set stays up to its last field: decoders read no further. */
static void filter_set(OskCoded *coded, uint64_t prefix_at, uint64_t len)
{
    unsigned size = coded->length_size;
    uint64_t at = prefix_at + size;
    const uint8_t *unit = len <= OSK_SEI_MAX ? osk_coded_load(coded, at, len) : NULL;
    if (unit == NULL) {
        if (coded->status == OSK_OK) {
            osk_coded_fail(coded, OSK_UNSUPPORTED, "a parameter set larger than one may be", at);
        }
        return;
    }
    size_t used = osk_nal_set_len(coded->codec, unit, (size_t)len);
    if (coded->codec == OSK_CODEC_AVC) {
        osk_nal_set_timing(unit, (size_t)len, &coded->timing);
    }
    if (used == 0) {
        osk_coded_fail(coded, OSK_UNSUPPORTED, "a parameter set with bytes behind it", at);
    } else if (used == len) {
        osk_coded_keep(coded, prefix_at, size + len);
    } else {
        uint8_t prefix[4];
        for (unsigned i = 0; i < size; i++) {
            prefix[i] = (uint8_t)((uint64_t)used >> (8 * (size - 1 - i)));
        }
        report_unit(coded, at + used, len - used);
        osk_coded_rewrite(coded, prefix_at, size, prefix, size);
        osk_coded_keep(coded, at, used);
        osk_coded_drop(coded, at + used, len - used);
    }
}

/* A unit of `len` bytes behind its prefix at `prefix_at`. */
static void filter_unit(OskCoded *coded, uint64_t prefix_at, uint64_t len)
{
    unsigned size = coded->length_size;
    unsigned header_len = coded->codec == OSK_CODEC_AVC ? 1 : 2;
    if (len < header_len) {
        /* An empty unit, which readers step over. */
        report_unit(coded, prefix_at, size + len);
        osk_coded_drop(coded, prefix_at, size + len);
        return;
    }
    const uint8_t *header = osk_coded_at(coded, prefix_at + size, header_len);
    if (header == NULL) {
        return;
    }
    UnitRow row = rule_of(coded, header);
    bool keep = row.rule == UNIT_KEEP || (row.rule == UNIT_EXACT && len == row.exact);
    if (row.rule == UNIT_SEI) {
        filter_sei(coded, prefix_at, len);
        return;
    }
    if (row.rule == UNIT_SET) {
        filter_set(coded, prefix_at, len);
        return;
    }
    if (row.rule == UNIT_EXACT && len > row.exact) {
        const uint8_t *unit = osk_coded_at(coded, prefix_at + size, row.exact);
        if (unit != NULL) {
            uint8_t bytes[8] = { 0 };
            bytes[size - 1] = row.exact;
            memcpy(bytes + size, unit, row.exact);
            report_unit(coded, prefix_at + size + row.exact, len - row.exact);
            osk_coded_rewrite(coded, prefix_at, size + len, bytes, size + row.exact);
        }
        return;
    }
    if (row.rule == UNIT_RPU && len <= OSK_CODED_WINDOW) {
        const uint8_t *unit = osk_coded_at(coded, prefix_at + size, (size_t)len);
        keep = unit != NULL && osk_rpu_is_whole(unit, (size_t)len, &coded->sei_in);
    }
    if (keep) {
        osk_coded_keep(coded, prefix_at, size + len);
    } else {
        report_unit(coded, prefix_at + size, len);
        osk_coded_drop(coded, prefix_at, size + len);
    }
}

OskStatus osk_nal_sample(OskCoded *coded, uint64_t offset, uint64_t len)
{
    osk_coded_begin(coded, offset, len);
    uint64_t at = offset;
    uint64_t left = len;
    unsigned size = coded->length_size;
    while (left >= size && coded->status == OSK_OK) {
        const uint8_t *prefix = osk_coded_at(coded, at, size);
        if (prefix == NULL) {
            break;
        }
        uint64_t unit_len = 0;
        for (unsigned i = 0; i < size; i++) {
            unit_len = unit_len << 8 | prefix[i];
        }
        if (unit_len > left - size) {
            return osk_coded_fail(coded, OSK_MALFORMED, "a NAL unit is longer than its sample", at);
        }
        if (!osk_budget_parts(coded->budget, 1)) {
            return osk_coded_fail(coded, OSK_LIMIT, "more NAL units than one file may have", at);
        }
        filter_unit(coded, at, unit_len);
        at += size + unit_len;
        left -= size + unit_len;
    }
    if (left > 0 && coded->status == OSK_OK) {
        report_unit(coded, at, left);
        osk_coded_drop(coded, at, left);
    }
    return osk_coded_end(coded);
}
