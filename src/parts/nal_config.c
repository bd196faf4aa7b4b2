/* SPDX-License-Identifier: GPL-3.0-or-later */
/* avcC, hvcC and lhvC: rebuilt from the parameter sets in them, and compared with what was there.
 */
#include <string.h>

#include "parts/nal.h"
#include "parts/nal_set.h"
#include "parts/sei.h"

/* Parameter sets take a few hundred bytes each. */
#define CONFIG_MAX ((uint64_t)1 << 20)

typedef struct Config {
    OskCoded *coded;
    OskCursor in;
    OskWriter out;
} Config;

/* Copies a parameter set up to its last field. */
static void copy_set(Config *config, const OskCursor *unit)
{
    const uint8_t *bytes = osk_cursor_rest(unit);
    size_t used = osk_nal_set_len(config->coded->codec, bytes, osk_cursor_left(unit));
    if (used == 0) {
        osk_coded_fail(config->coded, OSK_UNSUPPORTED, "a parameter set with bytes behind it",
                       osk_cursor_offset(unit));
    }
    if (config->coded->codec == OSK_CODEC_AVC) {
        osk_nal_set_timing(bytes, used, &config->coded->timing);
    }
    osk_writer_be(&config->out, used, 2);
    osk_writer_bytes(&config->out, bytes, used);
}

/* Copies `count` units with 16-bit lengths whose types are `types` (0 ends the list); returns how
 * many stayed. */
static unsigned copy_avc_units(Config *config, unsigned count, const uint8_t *types)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < count && osk_cursor_ok(&config->in); i++) {
        OskCursor unit = osk_cursor_take(&config->in, osk_cursor_u16be(&config->in));
        size_t len = osk_cursor_left(&unit);
        const uint8_t *bytes = osk_cursor_rest(&unit);
        bool keep =
            len > 0 && strchr((const char *)types, bytes[0] & 31) != NULL && (bytes[0] & 31) != 0;
        if (keep) {
            copy_set(config, &unit);
            kept++;
        }
    }
    return kept;
}

static bool has_high_fields(uint8_t profile)
{
    return profile == 100 || profile == 110 || profile == 122 || profile == 144 || profile == 244 ||
           profile == 44 || profile == 118 || profile == 128;
}

static void rebuild_avc(Config *config)
{
    static const uint8_t sps_types[] = { 7, 15, 0 };
    static const uint8_t pps_types[] = { 8, 0 };
    static const uint8_t ext_types[] = { 13, 0 };
    OskCursor *in = &config->in;
    OskWriter *out = &config->out;
    const uint8_t *head = osk_cursor_bytes(in, 6);
    if (head == NULL) {
        return;
    }
    config->coded->length_size = (head[4] & 3u) + 1;
    osk_writer_bytes(out, head, 4);
    osk_writer_u8(out, head[4] | 0xFC);
    size_t count_at = out->len;
    osk_writer_u8(out, 0);
    unsigned sps = copy_avc_units(config, head[5] & 31, sps_types);
    osk_writer_patch_be(out, count_at, 0xE0u | sps, 1);
    unsigned pps_count = osk_cursor_u8(in);
    count_at = out->len;
    osk_writer_u8(out, 0);
    unsigned pps = copy_avc_units(config, pps_count, pps_types);
    osk_writer_patch_be(out, count_at, pps, 1);
    /* Many writers leave the last four fields out. */
    if (osk_cursor_ok(in) && has_high_fields(head[1]) && osk_cursor_left(in) >= 4) {
        osk_writer_u8(out, (uint8_t)(osk_cursor_u8(in) | 0xFC));
        osk_writer_u8(out, (uint8_t)(osk_cursor_u8(in) | 0xF8));
        osk_writer_u8(out, (uint8_t)(osk_cursor_u8(in) | 0xF8));
        unsigned ext_count = osk_cursor_u8(in);
        count_at = out->len;
        osk_writer_u8(out, 0);
        unsigned ext = copy_avc_units(config, ext_count, ext_types);
        osk_writer_patch_be(out, count_at, ext, 1);
    }
}

/* A SEI unit of the record: all of it, what is left of it, or nothing. */
static bool copy_sei_unit(Config *config, const uint8_t *bytes, size_t len, uint64_t offset)
{
    OskCoded *coded = config->coded;
    OskSeiVerdict verdict = osk_sei_filter(coded, bytes, len, offset);
    if (verdict == OSK_SEI_NONE) {
        return false;
    }
    size_t out_len = coded->sei_out.len - 4;
    osk_writer_be(&config->out, out_len, 2);
    osk_writer_bytes(&config->out, coded->sei_out.bytes + 4, out_len);
    return true;
}

/* One array of units of one type; true when something of it stays. */
static bool copy_hevc_array(Config *config)
{
    OskCursor *in = &config->in;
    OskWriter *out = &config->out;
    uint8_t head = osk_cursor_u8(in);
    unsigned type = head & 63u;
    unsigned count = osk_cursor_u16be(in);
    bool is_set = type >= 32 && type <= 34;
    bool is_sei = type == 39 || type == 40;
    size_t begin = out->len;
    osk_writer_u8(out, head & 0xBF);
    osk_writer_be(out, 0, 2);
    unsigned kept = 0;
    for (unsigned i = 0; i < count && osk_cursor_ok(in); i++) {
        OskCursor unit = osk_cursor_take(in, osk_cursor_u16be(in));
        size_t len = osk_cursor_left(&unit);
        const uint8_t *bytes = osk_cursor_rest(&unit);
        bool fits = len > 2 && len <= OSK_SEI_MAX && (bytes[0] >> 1 & 63u) == type;
        if (fits && is_set) {
            copy_set(config, &unit);
            kept++;
        } else if (fits && is_sei) {
            kept += copy_sei_unit(config, bytes, len, osk_cursor_offset(&unit)) ? 1 : 0;
        }
    }
    if (kept == 0) {
        out->len = begin;
        return false;
    }
    osk_writer_patch_be(out, begin + 1, kept, 2);
    return true;
}

static void rebuild_hevc(Config *config)
{
    bool layered = config->coded->codec == OSK_CODEC_LHEVC;
    OskCursor *in = &config->in;
    size_t head_len = layered ? 5 : 22;
    const uint8_t *head = osk_cursor_bytes(in, head_len);
    if (head == NULL) {
        return;
    }
    /* The length size stands in the low bits of the last byte of the head. */
    config->coded->length_size = (head[head_len - 1] & 3u) + 1;
    osk_writer_bytes(&config->out, head, head_len);
    unsigned arrays = osk_cursor_u8(in);
    size_t count_at = config->out.len;
    osk_writer_u8(&config->out, 0);
    unsigned kept = 0;
    for (unsigned i = 0; i < arrays && osk_cursor_ok(in); i++) {
        kept += copy_hevc_array(config) ? 1 : 0;
    }
    osk_writer_patch_be(&config->out, count_at, kept, 1);
}

OskStatus osk_nal_config(OskCoded *coded, uint64_t offset, uint64_t len)
{
    osk_coded_begin(coded, offset, len);
    if (len > CONFIG_MAX) {
        return osk_coded_fail(coded, OSK_LIMIT, "a configuration record larger than one may be",
                              offset);
    }
    const uint8_t *bytes = osk_coded_load(coded, offset, len);
    if (bytes == NULL) {
        return osk_coded_end(coded);
    }
    Config config = { .coded = coded, .in = osk_cursor_make(bytes, (size_t)len, offset) };
    osk_writer_init(&config.out, (size_t)CONFIG_MAX);
    if (len > 0 && bytes[0] != 1 && !(coded->codec == OSK_CODEC_HEVC && bytes[0] == 0)) {
        osk_coded_fail(coded, OSK_UNSUPPORTED, "a configuration record of another version", offset);
    } else if (coded->codec == OSK_CODEC_AVC) {
        rebuild_avc(&config);
    } else {
        rebuild_hevc(&config);
    }
    if (!osk_cursor_ok(&config.in)) {
        osk_coded_fail(coded, OSK_MALFORMED, "the configuration record ends early", offset);
    } else if (!osk_writer_ok(&config.out)) {
        osk_coded_fail(coded, OSK_NO_MEMORY, "not enough memory for this part", offset);
    } else if (coded->status == OSK_OK) {
        if (config.out.len == len && memcmp(config.out.bytes, bytes, (size_t)len) == 0) {
            osk_coded_keep(coded, offset, len);
        } else {
            osk_coded_rewrite(coded, offset, len, config.out.bytes, config.out.len);
            if (coded->reported == 0 && osk_coded_first(coded, OSK_SEEN_CONFIG)) {
                osk_report_add(
                    coded->report,
                    (OskFact){ .kind = OSK_KIND_OTHER,
                               .part = coded->part,
                               .field = "nal.config",
                               .label = "bytes in the video settings that no player uses",
                               .offset = offset,
                               .len = len },
                    NULL);
            }
        }
    }
    osk_writer_free(&config.out);
    return osk_coded_end(coded);
}
