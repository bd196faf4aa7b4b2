/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures are made here, bit by bit: every block has one DC difference of nothing, so that a
 * picture of any size is one grey. What libjpeg says of real ones is in tests/redact. */
#include <stdlib.h>
#include <string.h>

#include "oilskin/oilskin.h"
#include "unit.h"

typedef struct Bytes {
    uint8_t *at;
    size_t len;
    size_t room;
} Bytes;

static bool append(void *context, const void *bytes, size_t len)
{
    Bytes *out = context;
    if (len > out->room - out->len) {
        out->room = (out->room + len) * 2;
        out->at = realloc(out->at, out->room);
        assert_non_null(out->at);
    }
    memcpy(out->at + out->len, bytes, len);
    out->len += len;
    return true;
}

static void add(Bytes *out, const char *hex)
{
    for (; *hex != '\0'; hex += hex[1] == ' ' || hex[0] == ' ' ? 1 : 2) {
        if (*hex != ' ') {
            char two[3] = { hex[0], hex[1], '\0' };
            uint8_t byte = (uint8_t)strtoul(two, NULL, 16);
            assert_true(append(out, &byte, 1));
        }
    }
}

static void add_u16(Bytes *out, unsigned value)
{
    uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };
    assert_true(append(out, bytes, 2));
}

/* SOI, a quantiser of ones times 8, and the frame of one component. */
static void add_head(Bytes *out, unsigned width, unsigned height, bool progressive)
{
    add(out, "FFD8 FFDB 0043 00");
    for (unsigned i = 0; i < 64; i++) {
        add(out, "08");
    }
    add(out, progressive ? "FFC2 000B 08" : "FFC0 000B 08");
    add_u16(out, height);
    add_u16(out, width);
    add(out, "01 01 11 00");
}

/* Blocks of `code`, `len` bits each, padded with ones. No code here makes an 0xFF. */
static void add_blocks(Bytes *out, uint64_t count, unsigned code, unsigned len)
{
    uint64_t held = 0;
    unsigned bits = 0;
    for (uint64_t i = 0; i < count; i++) {
        held = held << len | code;
        bits += len;
        for (; bits >= 8; bits -= 8) {
            uint8_t byte = (uint8_t)(held >> (bits - 8));
            assert_true(append(out, &byte, 1));
        }
    }
    if (bits > 0) {
        uint8_t byte = (uint8_t)(held << (8 - bits) | ((1u << (8 - bits)) - 1));
        assert_true(append(out, &byte, 1));
    }
}

static uint64_t blocks_of(unsigned width, unsigned height)
{
    return (uint64_t)((width + 7) / 8) * ((height + 7) / 8);
}

/* The standard tables, which the file leaves out: DC 00 is no difference, AC 1010 the end. */
static Bytes make_baseline(unsigned width, unsigned height)
{
    Bytes out = { .at = NULL };
    add_head(&out, width, height, false);
    add(&out, "FFDA 0008 01 01 00 00 3F 00");
    add_blocks(&out, blocks_of(width, height), 0x0A, 6);
    add(&out, "FFD9");
    return out;
}

static Bytes make_progressive(unsigned width, unsigned height)
{
    Bytes out = { .at = NULL };
    add_head(&out, width, height, true);
    add(&out, "FFDA 0008 01 01 00 00 00 00");
    add_blocks(&out, blocks_of(width, height), 0, 2);
    add(&out, "FFD9");
    return out;
}

static bool draw(void *context, void *out, size_t len)
{
    memset(out, 3, len);
    return context == NULL;
}

static bool fail_to_write(void *context, const void *bytes, size_t len)
{
    (void)context;
    (void)bytes;
    (void)len;
    return false;
}

typedef struct Case {
    OskRedactOptions options;
    OskFault fault;
    Bytes out;
    const char *region;
    bool full; /* the sink */
} Case;

static OskStatus redact(Case *c, const Bytes *in)
{
    OskRegions *regions = osk_regions_new(NULL);
    OskSink sink = { .context = &c->out, .write = c->full ? fail_to_write : append };
    OskFault ignored = { .part = "", .what = "" };
    assert_non_null(regions);
    assert_int_equal(osk_regions_add_text(regions, c->region, &ignored), OSK_OK);
    /* Exactly as long as it is, so that a sanitizer sees one byte too many. */
    uint8_t *exact = malloc(in->len > 0 ? in->len : 1);
    assert_non_null(exact);
    memcpy(exact, in->at, in->len);
    OskStatus status = osk_redact_jpeg(exact, in->len, regions, &c->options, &sink, &c->fault);
    assert_int_equal(status, c->fault.status);
    free(exact);
    osk_regions_free(&regions);
    return status;
}

static Case a_case(const char *region)
{
    return (Case){ .options = { .random = { .fill = draw } }, .region = region };
}

/* Runs and expects a fault in a part. */
static void expect_fault(Bytes in, Case c, OskStatus status, const char *part)
{
    assert_int_equal(redact(&c, &in), status);
    assert_string_equal(c.fault.part, part);
    assert_true(strlen(c.fault.what) > 0);
    free(c.out.at);
    free(in.at);
}

static void jpeg__paints_only_what_is_covered(void **state)
{
    (void)state;
    Bytes in = make_baseline(40, 24);
    Case c = a_case("rect:10,10,4,4:fill#ffffff");
    assert_int_equal(redact(&c, &in), OSK_OK);
    /* White is 127 over the middle: 8 * 127 / 8, a difference of 7 bits, and the way back. */
    Bytes expected = { .at = NULL };
    add_head(&expected, 40, 24, false);
    /* The tables that the input left out. */
    const uint8_t *dht = c.out.at + expected.len;
    assert_memory_equal(dht, "\xFF\xC4", 2);
    size_t at = expected.len + 2 + ((size_t)dht[2] << 8 | dht[3]);
    assert_memory_equal(c.out.at + at, "\xFF\xDA\0\x08\x01\x01\0\0\x3F\0", 10);
    /* Six blocks: 001010 six times; then 11110 1111111 1010, 11110 0000000 1010, and seven more. */
    static const uint8_t coded[] = { 0x28, 0xA2, 0x8A, 0x28, 0xAF, 0x7F, 0xAF, 0x00, 0xA2, 0x8A };
    assert_memory_equal(c.out.at + at + 10, coded, sizeof(coded));
    free(expected.at);
    free(c.out.at);
    free(in.at);
}

static void jpeg__says_what_a_picture_is(void **state)
{
    (void)state;
    Bytes in = make_baseline(40, 24);
    OskPictureInfo info;
    OskFault fault;
    assert_int_equal(osk_redact_jpeg_info(in.at, in.len, &info, &fault), OSK_OK);
    assert_int_equal(info.width, 40);
    assert_int_equal(info.height, 24);
    assert_int_equal(info.frames, 1);
    assert_int_equal(info.cell_width, 8);
    assert_int_equal(info.cell_height, 8);
    assert_true(info.exact);
    assert_true(info.memory < UINT64_C(1) << 20);
    free(in.at);
}

static void jpeg__states_the_memory_of_progressive_pictures(void **state)
{
    (void)state;
    Bytes in = make_progressive(4000, 4000);
    OskPictureInfo info;
    OskFault fault;
    assert_int_equal(osk_redact_jpeg_info(in.at, in.len, &info, &fault), OSK_OK);
    assert_in_range(info.memory, UINT64_C(32000000), UINT64_C(40000000));
    free(in.at);
}

static void jpeg__refuses_progressive_pictures_above_the_budget(void **state)
{
    (void)state;
    Case c = a_case("rect:0,0,8,8");
    c.options.limits.memory = UINT64_C(20) << 20;
    Bytes in = make_progressive(4000, 4000);
    assert_int_equal(redact(&c, &in), OSK_LIMIT);
    assert_string_equal(c.fault.part, "SOF");
    assert_non_null(c.fault.next);
    assert_int_equal(c.out.len, 0);
    c.options.limits.memory = UINT64_C(60) << 20;
    assert_int_equal(redact(&c, &in), OSK_OK);
    free(c.out.at);
    free(in.at);
}

/* Whatever the budget, the answer is a limit or the whole picture. */
static void jpeg__every_budget_has_an_answer(void **state)
{
    (void)state;
    for (unsigned progressive = 0; progressive < 2; progressive++) {
        Bytes in = progressive == 1 ? make_progressive(80, 72) : make_baseline(80, 72);
        bool enough = false;
        for (uint64_t memory = 1; memory < UINT64_C(600000); memory += 1709) {
            Case c = a_case("ellipse:20,20,30,30:blur");
            c.options.limits.memory = memory;
            OskStatus status = redact(&c, &in);
            assert_true(status == OSK_OK || status == OSK_LIMIT || status == OSK_NO_MEMORY);
            assert_true(status == OSK_OK || !enough);
            enough = status == OSK_OK;
            free(c.out.at);
        }
        assert_true(enough);
        free(in.at);
    }
}

static void jpeg__streams_baseline_pictures(void **state)
{
    (void)state;
    Case c = a_case("rect:1000,1000,900,900:blur");
    c.options.limits.memory = UINT64_C(8) << 20;
    Bytes in = make_baseline(8000, 6000);
    assert_int_equal(redact(&c, &in), OSK_OK);
    free(c.out.at);
    free(in.at);
}

/* The largest pictures of cameras: a little of one, and all of it. */
static void jpeg__streams_200_megapixels_in_64_mib(void **state)
{
    (void)state;
    static const char *const regions[] = { "rect:9000,5000,900,900:blur",
                                           "rect:0,0,20000,10000:blur" };
    Bytes in = make_baseline(20000, 10000);
    for (size_t i = 0; i < 2; i++) {
        Case c = a_case(regions[i]);
        c.options.limits.memory = UINT64_C(64) << 20;
        assert_int_equal(redact(&c, &in), OSK_OK);
        free(c.out.at);
    }
    OskPictureInfo info;
    OskFault fault;
    assert_int_equal(osk_redact_jpeg_info(in.at, in.len, &info, &fault), OSK_OK);
    assert_in_range(info.memory, 1, UINT64_C(64) << 20);
    free(in.at);
}

static void jpeg__refuses_a_few_bytes_that_claim_a_huge_picture(void **state)
{
    (void)state;
    for (unsigned progressive = 0; progressive < 2; progressive++) {
        Bytes in = { .at = NULL };
        add_head(&in, 30000, 30000, progressive == 1);
        add(&in, progressive == 1 ? "FFDA 0008 01 01 00 00 00 00" : "FFDA 0008 01 01 00 00 3F 00");
        add_blocks(&in, 100, 0, 6);
        add(&in, "FFD9");
        Case c = a_case("rect:0,0,8,8");
        /* Not even the map of its cells would fit. */
        c.options.limits.memory = UINT64_C(1) << 20;
        expect_fault(in, c, OSK_TRUNCATED, "scan");
    }
    Bytes in = make_baseline(2000, 2000);
    Case c = a_case("rect:0,0,8,8");
    c.options.limits.pixels = 1000000;
    expect_fault(in, c, OSK_LIMIT, "SOF");
}

static void jpeg__refuses_what_a_scrub_takes_away(void **state)
{
    (void)state;
    Bytes in = make_baseline(16, 16);
    Bytes with = { .at = NULL };
    add(&with, "FFD8 FFFE 0005 616263");
    assert_true(append(&with, in.at + 2, in.len - 2));
    expect_fault(with, a_case("rect:0,0,8,8"), OSK_UNSUPPORTED, "segment");
    add(&in, "00");
    expect_fault(in, a_case("rect:0,0,8,8"), OSK_UNSUPPORTED, "trailer");
    in = make_baseline(16, 16);
    in.len -= 2;
    add(&in, "00 FFD9");
    expect_fault(in, a_case("rect:0,0,8,8"), OSK_MALFORMED, "scan");
}

/* Two blocks that raise DC by 1024 each, which is twice as light as white, and one of grey: what is
 * painted over that would need a difference of 12 bits. */
static void jpeg__refuses_differences_that_have_no_code(void **state)
{
    (void)state;
    Bytes in = { .at = NULL };
    add_head(&in, 24, 8, false);
    add(&in, "FFDA 0008 01 01 00 00 3F 00 FF00 400A FF00 400A 2B FFD9");
    Case c = a_case("rect:16,0,8,8:fill#ffffff");
    assert_int_equal(redact(&c, &in), OSK_OK);
    free(c.out.at);
    expect_fault(in, a_case("rect:16,0,8,8"), OSK_UNSUPPORTED, "scan");
}

/* A height that stands behind the scan (T.81 B.2.5) moves to where all readers look for it. */
static void jpeg__writes_the_height_in_the_frame(void **state)
{
    (void)state;
    Bytes in = { .at = NULL };
    add_head(&in, 24, 0, false);
    add(&in, "FFDA 0008 01 01 00 00 3F 00");
    add_blocks(&in, blocks_of(24, 20), 0x0A, 6);
    add(&in, "FFDC 0004 0014 FFD9");
    Case c = a_case("rect:8,8,8,8");
    assert_int_equal(redact(&c, &in), OSK_OK);
    OskPictureInfo info;
    assert_int_equal(osk_redact_jpeg_info(c.out.at, c.out.len, &info, &c.fault), OSK_OK);
    assert_int_equal(info.height, 20);
    for (size_t i = 0; i + 1 < c.out.len; i++) {
        assert_false(c.out.at[i] == 0xFF && c.out.at[i + 1] == 0xDC);
    }
    free(c.out.at);
    free(in.at);
}

static void jpeg__refuses_parts_that_are_coded_twice(void **state)
{
    (void)state;
    Bytes in = { .at = NULL };
    add_head(&in, 8, 8, true);
    /* AC coefficients before the DC one. */
    add(&in, "FFDA 0008 01 01 00 01 05 00 AF FFD9");
    expect_fault(in, a_case("rect:0,0,8,8"), OSK_UNSUPPORTED, "SOS");
    in = (Bytes){ .at = NULL };
    add_head(&in, 8, 8, false);
    add(&in, "FFDA 0008 01 01 00 00 3F 00 2B FFDA 0008 01 01 00 00 3F 00 2B FFD9");
    expect_fault(in, a_case("rect:0,0,8,8"), OSK_UNSUPPORTED, "SOS");
}

static void jpeg__a_file_that_ends_early_is_a_fault(void **state)
{
    (void)state;
    for (unsigned progressive = 0; progressive < 2; progressive++) {
        Bytes in = progressive == 1 ? make_progressive(40, 40) : make_baseline(40, 40);
        for (size_t len = 0; len < in.len; len++) {
            Bytes cut = { .at = in.at, .len = len };
            Case c = a_case("rect:8,8,8,8:blur");
            OskStatus status = redact(&c, &cut);
            assert_true(status == OSK_TRUNCATED || status == OSK_MALFORMED);
            free(c.out.at);
        }
        free(in.at);
    }
}

static void jpeg__callbacks_that_fail_end_in_io(void **state)
{
    (void)state;
    Case c = a_case("rect:0,0,8,8");
    c.full = true;
    expect_fault(make_baseline(16, 16), c, OSK_IO, "JPEG");
    c = a_case("rect:0,0,8,8:mosaic");
    c.options.random.context = &c;
    expect_fault(make_baseline(16, 16), c, OSK_IO, "regions");
}

static void jpeg__crops_to_whole_mcus(void **state)
{
    (void)state;
    Bytes in = make_baseline(60, 44);
    Case c = a_case("rect:0,0,8,8");
    c.options.crop = true;
    c.options.crop_x = 17;
    c.options.crop_y = 15;
    c.options.crop_width = 43;
    c.options.crop_height = 3;
    assert_int_equal(redact(&c, &in), OSK_OK);
    OskPictureInfo info;
    assert_int_equal(osk_redact_jpeg_info(c.out.at, c.out.len, &info, &c.fault), OSK_OK);
    assert_int_equal(info.width, 44);
    assert_int_equal(info.height, 16);
    free(c.out.at);
    c = (Case){ .options = c.options, .region = c.region };
    c.options.crop_width = 44;
    expect_fault(in, c, OSK_MISUSE, "crop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg__paints_only_what_is_covered),
        cmocka_unit_test(jpeg__says_what_a_picture_is),
        cmocka_unit_test(jpeg__states_the_memory_of_progressive_pictures),
        cmocka_unit_test(jpeg__refuses_progressive_pictures_above_the_budget),
        cmocka_unit_test(jpeg__every_budget_has_an_answer),
        cmocka_unit_test(jpeg__streams_baseline_pictures),
        cmocka_unit_test(jpeg__streams_200_megapixels_in_64_mib),
        cmocka_unit_test(jpeg__refuses_a_few_bytes_that_claim_a_huge_picture),
        cmocka_unit_test(jpeg__refuses_what_a_scrub_takes_away),
        cmocka_unit_test(jpeg__refuses_differences_that_have_no_code),
        cmocka_unit_test(jpeg__writes_the_height_in_the_frame),
        cmocka_unit_test(jpeg__refuses_parts_that_are_coded_twice),
        cmocka_unit_test(jpeg__a_file_that_ends_early_is_a_fault),
        cmocka_unit_test(jpeg__callbacks_that_fail_end_in_io),
        cmocka_unit_test(jpeg__crops_to_whole_mcus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
