/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer: lengths that it computes itself, its ceiling, and failures that stick. */
#include "base/writer.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void writer__computes_lengths_itself(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 1000);
    OskWriterMark box = osk_writer_box(&w, "moov");
    OskWriterMark chunk = osk_writer_open(&w, 2, false);
    osk_writer_bytes(&w, "abc", 3);
    osk_writer_close(&w, chunk);
    osk_writer_close(&w, box);
    size_t len = 0;
    uint8_t *bytes = osk_writer_give(&w, &len);
    assert_int_equal(len, 13);
    assert_memory_equal(bytes,
                        "\0\0\0\x0dmoov\0\x03"
                        "abc",
                        13);
    free(bytes);
}

static void writer__the_ceiling_fails_stickily(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 4);
    osk_writer_be(&w, 1, 4);
    assert_true(osk_writer_ok(&w));
    osk_writer_u8(&w, 1);
    assert_false(osk_writer_ok(&w));
    osk_writer_bytes(&w, "", 0);
    size_t len = 9;
    assert_null(osk_writer_give(&w, &len));
    assert_int_equal(len, 0);
}

static void writer__a_length_that_does_not_fit_fails(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 1000);
    OskWriterMark mark = osk_writer_open(&w, 1, false);
    osk_writer_zeros(&w, 256);
    osk_writer_close(&w, mark);
    assert_false(osk_writer_ok(&w));
    osk_writer_free(&w);
}

static void writer__patches_only_what_is_written(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 1000);
    osk_writer_zeros(&w, 4);
    osk_writer_patch_be(&w, 0, 0x01020304, 4);
    assert_memory_equal(w.bytes, "\x01\x02\x03\x04", 4);
    osk_writer_patch_le(&w, 2, 0x0506, 2);
    assert_memory_equal(w.bytes, "\x01\x02\x06\x05", 4);
    osk_writer_patch_be(&w, 1, 0, 4);
    assert_false(osk_writer_ok(&w));
    osk_writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer__computes_lengths_itself),
        cmocka_unit_test(writer__the_ceiling_fails_stickily),
        cmocka_unit_test(writer__a_length_that_does_not_fit_fails),
        cmocka_unit_test(writer__patches_only_what_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
