/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/jpeg_code.h"

#include <stdlib.h>

#include "unit.h"

typedef struct Out {
    uint8_t bytes[1u << 18];
    size_t len;
} Out;

static bool append(void *context, const void *bytes, size_t len)
{
    Out *out = context;
    assert_true(len <= sizeof(out->bytes) - out->len);
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
    return true;
}

typedef struct Rig {
    Out out;
    OskSink sink;
    OskBlocksWriter writer;
} Rig;

static Rig *rig_new(void)
{
    Rig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    rig->sink = (OskSink){ .context = &rig->out, .write = append };
    rig->writer.sink = &rig->sink;
    return rig;
}

static void finish(Rig *rig)
{
    osk_blocks_align(&rig->writer);
    osk_blocks_flush(&rig->writer);
    assert_false(rig->writer.failed);
}

static void jpeg_code__stuffs_and_pads(void **state)
{
    (void)state;
    Rig *rig = rig_new();
    osk_blocks_put(&rig->writer, 0xFF, 8);
    osk_blocks_put(&rig->writer, 0, 0);
    osk_blocks_put(&rig->writer, 0xFFFFFFFFu, 32);
    osk_blocks_put(&rig->writer, 2, 3);
    finish(rig);
    static const uint8_t expected[] = { 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0x5F };
    assert_int_equal(rig->out.len, sizeof(expected));
    assert_memory_equal(rig->out.bytes, expected, sizeof(expected));
    free(rig);
}

static void jpeg_code__ends_with_no_empty_byte(void **state)
{
    (void)state;
    Rig *rig = rig_new();
    osk_blocks_put(&rig->writer, 0x1234, 16);
    finish(rig);
    assert_int_equal(rig->out.len, 2);
    free(rig);
}

static uint32_t mix(uint32_t n)
{
    n *= 0x9E3779B9u;
    n ^= n >> 15;
    n *= 0x85EBCA6Bu;
    return n ^ n >> 13;
}

/* A bit of coded data, counted without the stuffed bytes. */
static unsigned bit_at(const uint8_t *bytes, size_t index)
{
    size_t at = 0;
    for (size_t i = 0; i < index / 8; i++) {
        at += bytes[at] == 0xFF ? 2 : 1;
    }
    return bytes[at] >> (7 - index % 8) & 1u;
}

/* Where a bit stands, as the copying code wants it. */
static OskBlocksPlace place_of(const uint8_t *bytes, size_t index)
{
    size_t at = 0;
    for (size_t i = 0; i < index / 8; i++) {
        at += bytes[at] == 0xFF ? 2 : 1;
    }
    return (OskBlocksPlace){ .at = bytes + at, .bit = (unsigned)(index % 8) };
}

/* Copies bits from one place to another behind `before` bits, and looks at each of them. */
static void check_copy(const uint8_t *bytes, size_t from, size_t to, unsigned before)
{
    Rig *rig = rig_new();
    osk_blocks_put(&rig->writer, 0, before);
    osk_blocks_copy(&rig->writer, place_of(bytes, from), place_of(bytes, to));
    assert_int_equal((rig->writer.held.count + 8 * rig->writer.len) % 8, (before + to - from) % 8);
    finish(rig);
    size_t bits = before + to - from;
    for (size_t i = before; i < bits; i++) {
        assert_int_equal(bit_at(rig->out.bytes, i), bit_at(bytes, from + i - before));
    }
    for (size_t i = bits; i % 8 != 0; i++) {
        assert_int_equal(bit_at(rig->out.bytes, i), 1);
    }
    size_t len = 0;
    for (size_t i = 0; i < (bits + 7) / 8; i++) {
        len += rig->out.bytes[len] == 0xFF ? 2 : 1;
    }
    assert_int_equal(rig->out.len, len);
    free(rig);
}

static void jpeg_code__copies_between_all_bits(void **state)
{
    (void)state;
    /* Random bytes, every fourth or so 0xFF; exactly as long as they are. */
    uint8_t *bytes = malloc(200);
    assert_non_null(bytes);
    size_t len = 0;
    size_t count = 0;
    for (; count < 90; count++) {
        uint32_t r = mix((uint32_t)count + 1);
        bytes[len++] = r % 4 == 0 ? 0xFF : (uint8_t)(r >> 8);
        if (bytes[len - 1] == 0xFF) {
            bytes[len++] = 0;
        }
    }
    uint8_t *exact = malloc(len);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    for (unsigned before = 0; before < 32; before += 5) {
        for (size_t from = 0; from < 17; from++) {
            for (size_t to = from; to < count * 8; to += 1 + to % 23) {
                check_copy(exact, from, to, before);
            }
            check_copy(exact, from, count * 8, before);
        }
    }
    free(exact);
    free(bytes);
}

static void jpeg_code__places_where_reading_stands(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0x12, 0xFF, 0,    0x34, 0xFF, 0,    0xFF, 0,
                                     0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xFF, 0,    0x11 };
    OskJpegBits bits = { .at = bytes, .end = bytes + sizeof(bytes) };
    for (size_t read = 0; read <= 12 * 8; read++) {
        bits = osk_jpeg_refill(bits);
        OskBlocksPlace place = osk_blocks_place(bits, bytes);
        OskBlocksPlace expected = place_of(bytes, read);
        assert_ptr_equal(place.at, expected.at);
        assert_int_equal(place.bit, expected.bit);
        bits = osk_jpeg_skip(bits, 1);
    }
}

static void jpeg_code__makes_the_best_table(void **state)
{
    (void)state;
    OskBlocksCode *code = calloc(1, sizeof(*code));
    assert_non_null(code);
    static const unsigned symbols[] = { 7, 3, 200, 4, 9 };
    static const uint64_t counts[] = { 50, 20, 15, 10, 5 };
    for (unsigned i = 0; i < 5; i++) {
        code->counts[symbols[i]] = counts[i];
    }
    osk_blocks_code_best(code);
    static const uint8_t lens[] = { 1, 2, 3, 4, 5 };
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(code->lens[symbols[i]], lens[i]);
        assert_int_not_equal(code->codes[symbols[i]], (1u << lens[i]) - 1);
    }
    assert_int_equal(code->lens[0], 0);
    assert_true(osk_jpeg_huffman_valid(&code->table));
    free(code);
}

static void jpeg_code__gives_one_symbol_a_code(void **state)
{
    (void)state;
    OskBlocksCode *code = calloc(1, sizeof(*code));
    assert_non_null(code);
    code->counts[0xF0] = 1;
    osk_blocks_code_best(code);
    assert_int_equal(code->table.symbol_count, 1);
    assert_int_equal(code->lens[0xF0], 1);
    assert_int_equal(code->codes[0xF0], 0);
    free(code);
}

/* Counts that grow as Fibonacci's numbers want codes as long as there are symbols. */
static void jpeg_code__keeps_codes_within_sixteen_bits(void **state)
{
    (void)state;
    OskBlocksCode *code = calloc(1, sizeof(*code));
    OskBlocksLook *look = calloc(1, sizeof(*look));
    assert_non_null(code);
    assert_non_null(look);
    uint64_t a = 1;
    uint64_t b = 1;
    for (unsigned i = 0; i < 60; i++) {
        code->counts[i] = a;
        b += a;
        a = b - a;
    }
    osk_blocks_code_best(code);
    assert_int_equal(code->table.symbol_count, 60);
    assert_true(osk_jpeg_huffman_valid(&code->table));
    osk_blocks_look_make(look, &code->table);
    for (unsigned i = 0; i < 60; i++) {
        unsigned len = code->lens[i];
        assert_in_range(len, 1, 16);
        OskJpegBits bits = { .buffer = (uint64_t)code->codes[i] << (64 - len), .count = 56 };
        assert_int_equal(osk_blocks_symbol(&bits, look), (int)i);
        assert_int_equal(bits.count, 56 - len);
    }
    free(look);
    free(code);
}

static void jpeg_code__values_come_back(void **state)
{
    (void)state;
    for (int32_t value = -32767; value <= 32767; value++) {
        unsigned size = osk_blocks_size(value);
        assert_int_equal(osk_blocks_extend(osk_blocks_magnitude(value, size), size), value);
    }
}

static bool refuse(void *context, const void *bytes, size_t len)
{
    (void)context;
    (void)bytes;
    (void)len;
    return false;
}

static void jpeg_code__remembers_that_the_sink_failed(void **state)
{
    (void)state;
    Rig *rig = rig_new();
    rig->sink.write = refuse;
    for (unsigned i = 0; i < OSK_BLOCKS_BUFFER; i++) {
        osk_blocks_put(&rig->writer, 0x12345678, 32);
    }
    assert_true(rig->writer.failed);
    free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_code__stuffs_and_pads),
        cmocka_unit_test(jpeg_code__ends_with_no_empty_byte),
        cmocka_unit_test(jpeg_code__copies_between_all_bits),
        cmocka_unit_test(jpeg_code__places_where_reading_stands),
        cmocka_unit_test(jpeg_code__makes_the_best_table),
        cmocka_unit_test(jpeg_code__gives_one_symbol_a_code),
        cmocka_unit_test(jpeg_code__keeps_codes_within_sixteen_bits),
        cmocka_unit_test(jpeg_code__values_come_back),
        cmocka_unit_test(jpeg_code__remembers_that_the_sink_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
