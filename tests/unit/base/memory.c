/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sinks gather in memory: all of it, or no more than the room for it. */
#include "oilskin/io.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void memory__holds_what_was_written_in_its_order(void **state)
{
    (void)state;
    OskMemory memory = { .bytes = NULL };
    OskSink sink = osk_sink_to_memory(&memory);
    assert_true(sink.write(sink.context, NULL, 0));
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t piece[7];
        memset(piece, (int)(i % 251), sizeof(piece));
        assert_true(sink.write(sink.context, piece, i % 8));
    }
    size_t at = 0;
    for (unsigned i = 0; i < 5000; i++) {
        for (unsigned j = 0; j < i % 8; j++) {
            assert_int_equal(memory.bytes[at++], i % 251);
        }
    }
    assert_int_equal(memory.len, at);
    osk_bytes_free(&memory.bytes);
    assert_null(memory.bytes);
}

static void memory__takes_no_more_than_its_most(void **state)
{
    (void)state;
    OskMemory memory = { .max = 10 };
    OskSink sink = osk_sink_to_memory(&memory);
    assert_true(sink.write(sink.context, "1234567", 7));
    assert_false(sink.write(sink.context, "8901", 4));
    assert_int_equal(memory.len, 7);
    assert_true(sink.write(sink.context, "890", 3));
    assert_true(sink.write(sink.context, "", 0));
    assert_false(sink.write(sink.context, "1", 1));
    assert_true(memory.capacity <= 10);
    assert_memory_equal(memory.bytes, "1234567890", 10);
    osk_bytes_free(&memory.bytes);
}

static void memory__uses_the_room_it_was_given(void **state)
{
    (void)state;
    OskMemory memory = { .bytes = malloc(8), .capacity = 8 };
    const uint8_t *given = memory.bytes;
    OskSink sink = osk_sink_to_memory(&memory);
    assert_non_null(given);
    assert_true(sink.write(sink.context, "12345678", 8));
    assert_ptr_equal(memory.bytes, given);
    osk_bytes_free(&memory.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory__holds_what_was_written_in_its_order),
        cmocka_unit_test(memory__takes_no_more_than_its_most),
        cmocka_unit_test(memory__uses_the_room_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
