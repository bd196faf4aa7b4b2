/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "desk/wrap_name.h"
#include "unit.h"

#define OWNER "00112233445566778899aabbccddeeff"
#define OTHER "ffeeddccbbaa99887766554433221100"

static void wrap_name__is_what_it_writes(void **state)
{
    (void)state;
    for (int kind = OSK_WRAP_BLOB; kind <= OSK_WRAP_RECORD; kind++) {
        char text[OSK_WRAP_NAME_BYTES];
        OskWrapName out;
        OskWrapName name = { .kind = (OskWrapKind)kind,
                             .number = kind == OSK_WRAP_RECORD ? OSK_SPACE_TAGS : 999999999 };
        memset(&name.owner, 0xAB, sizeof(name.owner));
        memset(&name.id, 0x10, sizeof(name.id));
        osk_wrap_name_text(&name, text);
        assert_true(osk_wrap_name_read(text, &out));
        assert_memory_equal(&out.owner, &name.owner, sizeof(out.owner));
        assert_memory_equal(&out.id, &name.id, sizeof(out.id));
        assert_int_equal(out.kind, name.kind);
        assert_int_equal(out.number, name.number);
    }
}

static void wrap_name__has_one_spelling(void **state)
{
    (void)state;
    static const char *const others[] = {
        "+5", " 5", "05", "5 ", "5x", "5-", "-5", "", "1000000000"
    };
    OskWrapName name;
    assert_true(osk_wrap_name_read("l-" OWNER "-" OTHER "-5", &name));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text), "l-" OWNER "-" OTHER "-%s", others[i]);
        assert_false(osk_wrap_name_read(text, &name));
    }
    assert_false(osk_wrap_name_read("x-" OWNER "-" OTHER "-5", &name));
    assert_false(osk_wrap_name_read("l-" OWNER "0-" OTHER "-5", &name));
    assert_false(osk_wrap_name_read("r-" OWNER "-" OTHER "-0", &name));
    assert_false(osk_wrap_name_read("", &name));
    assert_false(osk_wrap_name_read(NULL, &name));
}

static void wrap_place__has_one_spelling(void **state)
{
    (void)state;
    static const char *const others[] = { "20000-" OWNER "-+3",
                                          "20000-" OWNER "- 3",
                                          " 20000-" OWNER "-3",
                                          "020000-" OWNER "-3",
                                          "20000-" OWNER "-3-",
                                          "20000-" OWNER "-3x",
                                          "20000-" OWNER "-3-l-" OWNER "-" OTHER "-+5",
                                          "20000-" OWNER "-3-l-5",
                                          ("20000-" OWNER),
                                          "" };
    OskWrapPlace place;
    assert_true(osk_wrap_place_read("20000-" OWNER "-3", &place));
    assert_int_equal(place.day, 20000);
    assert_int_equal(place.passed, 3);
    assert_string_equal(place.item, "");
    assert_true(osk_wrap_place_read("20000-" OWNER "-3-l-" OWNER "-" OTHER "-5", &place));
    assert_string_equal(place.item, "l-" OWNER "-" OTHER "-5");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(osk_wrap_place_read(others[i], &place));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrap_name__is_what_it_writes),
        cmocka_unit_test(wrap_name__has_one_spelling),
        cmocka_unit_test(wrap_place__has_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
