/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on GIF: what it accepts, and what it must find. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "oilskin/oilskin.h"
#include "oilskin/verify.h"
#include "unit.h"

#define BYTES(literal) literal, sizeof(literal) - 1

/* A screen of 2 by 2 with a palette of two colours, one of its images, and the end. */
#define SCREEN "GIF89a\2\0\2\0\x80\0\0\0\0\0\xFF\xFF\xFF"
#define IMAGE ",\0\0\0\0\2\0\2\0\0"
/* Clear, four times colour 1 as 1 + 2 + 1, end; codes of three bits, then four. */
#define CODED "\2\2\x8C\x53\0"
#define END ";"

static OskStatus verdict(const char *bytes, size_t len)
{
    uint8_t *copy = malloc(len);
    memcpy(copy, bytes, len);
    OskSource source = osk_source_from_memory(copy, len);
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_verify(&source, NULL, NULL, &fault);
    free(copy);
    return status;
}

static void gif__accepts_images_timing_and_loops(void **state)
{
    (void)state;
    assert_int_equal(verdict(BYTES(SCREEN IMAGE CODED END)), OSK_OK);
    assert_int_equal(verdict(BYTES(SCREEN "!\xFF\x0BNETSCAPE2.0\3\1\0\0\0"
                                          "!\xF9\4\0\12\0\0\0" IMAGE CODED END)),
                     OSK_OK);
}

static void gif__finds_text_and_data_of_programs(void **state)
{
    (void)state;
    assert_int_equal(verdict(BYTES(SCREEN "!\xFE\6secret\0" IMAGE CODED END)), OSK_FOUND);
    assert_int_equal(verdict(BYTES(SCREEN "!\xFF\x0BXMP DataXMP\6secret\0" IMAGE CODED END)),
                     OSK_FOUND);
    assert_int_equal(
        verdict(BYTES(SCREEN "!\xFF\x0BNETSCAPE2.0\3\1\0\0\6secret\0" IMAGE CODED END)), OSK_FOUND);
    assert_int_equal(verdict(BYTES(SCREEN "!\x01\0" IMAGE CODED END)), OSK_FOUND);
    assert_int_equal(verdict(BYTES(SCREEN IMAGE CODED "!\xF9\4\0\12\0\0\0" END)), OSK_FOUND);
    assert_int_equal(verdict(BYTES(SCREEN IMAGE CODED END "secret")), OSK_FOUND);
}

static void gif__finds_what_the_picture_does_not_need(void **state)
{
    (void)state;
    /* A byte behind the end code, in the same block and in one of its own. */
    assert_int_equal(verdict(BYTES(SCREEN IMAGE "\2\3\x8C\x53s\0" END)), OSK_FOUND);
    assert_int_equal(verdict(BYTES(SCREEN IMAGE "\2\2\x8C\x53\1s\0" END)), OSK_FOUND);
    /* Pixels beyond the screen. */
    assert_int_equal(verdict(BYTES(SCREEN ",\1\0\0\0\2\0\2\0\0" CODED END)), OSK_FOUND);
    /* Reserved bits of a control block. */
    assert_int_equal(verdict(BYTES(SCREEN "!\xF9\4\xE0\12\0\0\0" IMAGE CODED END)), OSK_FOUND);
}

static void gif__cut_anywhere_is_not_clean(void **state)
{
    (void)state;
    static const char whole[] = SCREEN IMAGE CODED END;
    for (size_t len = 1; len < sizeof(whole) - 1; len++) {
        assert_true(verdict(whole, len) != OSK_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gif__accepts_images_timing_and_loops),
        cmocka_unit_test(gif__finds_text_and_data_of_programs),
        cmocka_unit_test(gif__finds_what_the_picture_does_not_need),
        cmocka_unit_test(gif__cut_anywhere_is_not_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
