/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/language.h"
#include "unit.h"

static const char *chosen(const char *asked, const char *accepted, const char *usual)
{
    return osk_languages[osk_language_choose(asked, accepted, usual)].tag;
}

static void language__asked_comes_first(void **state)
{
    (void)state;
    assert_string_equal(chosen("ko", "fr", "es"), "ko");
    assert_string_equal(chosen("xx", "fr", "es"), "fr");
    assert_string_equal(chosen(NULL, "de", "es"), "es");
    assert_string_equal(chosen(NULL, NULL, NULL), "en");
    assert_string_equal(chosen(NULL, NULL, "de"), "en");
    assert_string_equal(chosen("", "", ""), "en");
}

static void language__the_browsers_weights_count(void **state)
{
    (void)state;
    assert_string_equal(chosen(NULL, "de-CH, fr-CH;q=0.9, en;q=0.8", "es"), "fr");
    assert_string_equal(chosen(NULL, "en;q=0.5,ar;q=0.55", NULL), "ar");
    assert_string_equal(chosen(NULL, "en;q=0.5 , zh-TW ;q=1.0", NULL), "zh");
    assert_string_equal(chosen(NULL, "fr;q=0, es;q=0.001", NULL), "es");
    assert_string_equal(chosen(NULL, "fro, eng, KO", NULL), "ko");
    assert_string_equal(chosen(NULL, ",,;q=,fr;q=1.0", NULL), "fr");
    assert_string_equal(chosen(NULL, "*", "ar"), "ar");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(language__asked_comes_first),
        cmocka_unit_test(language__the_browsers_weights_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
