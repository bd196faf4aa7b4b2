/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on the settings of AAC decoders: a comment that says something is found, the
 * settings that real encoders write are not. */
#include "verify/sound.h"

#include "unit.h"

static const char *judge(const char *bytes, size_t len)
{
    return osk_sound_settings_fault(osk_cursor_make((const uint8_t *)bytes, len, 0));
}

static void sound__passes_plain_settings(void **state)
{
    (void)state;
    assert_null(judge("\x12\x10", 2));               /* LC, 44.1 kHz, stereo */
    assert_null(judge("\x12\x10\x56\xE5\0", 5));     /* and a sign of SBR */
    assert_null(judge("\x17\x80\x5D\xC0\x08\0", 6)); /* a rate written out: 48 kHz */
    assert_null(judge("\xEB\x09\x88\0", 4));         /* HE-AACv2 said outright */
}

/* One program of one front pair: ten bits, counts, no mixdown, alignment, then the comment. */
static void sound__finds_a_comment_in_a_program(void **state)
{
    (void)state;
    assert_null(judge("\x12\0\x05\x04\0\0\x20\x02\0\0", 10));
    assert_non_null(judge("\x12\0\x05\x04\0\0\x20\x02hi", 10));
    assert_non_null(judge("\x12\0\x05\x04\0\0\x20\x0Ahi", 10));
}

static void sound__finds_what_is_too_long_or_short(void **state)
{
    (void)state;
    assert_non_null(judge("\x12\x10 an annotation", 16));
    assert_non_null(judge("\x12\0\x05", 3));
    char lossless[80] = "\xF8\x88";
    assert_null(judge(lossless, 50));
    assert_non_null(judge(lossless, 65));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound__passes_plain_settings),
        cmocka_unit_test(sound__finds_a_comment_in_a_program),
        cmocka_unit_test(sound__finds_what_is_too_long_or_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
