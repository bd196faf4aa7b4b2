/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* "name=value;" for each field, or "" with the status of a fault. */
static OskStatus parse(const char *text, size_t len, char out[512])
{
    OskFormFields fields;
    OskFault fault = { 0 };
    char *block = malloc(len + 1);
    assert_non_null(block);
    memcpy(block, text, len);
    OskStatus status = osk_form_parse(block, len, &fields, &fault);
    size_t at = 0;
    out[0] = 0;
    for (size_t i = 0; status == OSK_OK && i < fields.count; i++) {
        at += (size_t)snprintf(out + at, 512 - at, "%s=%s;", fields.items[i].name,
                               fields.items[i].value);
    }
    if (status != OSK_OK) {
        assert_true(fault.offset <= len);
    }
    free(block);
    return status;
}

static void form__fields_are_text(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "", "" },
        { "a=1", "a=1;" },
        { "a=1&b=two+words&c=%E2%82%AC%2B%26%3d", "a=1;b=two words;c=\xe2\x82\xac+&=;" },
        { "lang", "lang=;" },
        { "lang=", "lang=;" },
        { "a=b=c", "a=b=c;" },
        { "a+b%20c=d", "a b c=d;" },
        { "receipt=one+two%0D%0Athree", "receipt=one two\r\nthree;" },
    };
    char out[512];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i][0], strlen(cases[i][0]), out), OSK_OK);
        assert_string_equal(out, cases[i][1]);
    }
}

static void form__what_is_no_text_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "a=%",    "a=%4", "a=%zz", "a=%4z", "a=%00", "%00=a",   "a=%ff",     "a=%c0%80",
        "a=\xff", "=1",   "&a=1",  "a=1&",  "a&&b",  "a=1&a=2", "a=1&%61=2", "a=%ed%a0%80",
    };
    char out[512];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(cases[i], strlen(cases[i]), out), OSK_MALFORMED);
    }
    assert_int_equal(parse("a=1\0&b=2", 8, out), OSK_MALFORMED);
}

static void form__fields_are_counted(void **state)
{
    (void)state;
    char text[512];
    char out[512];
    size_t len = 0;
    for (unsigned i = 0; i < OSK_FORM_FIELDS + 1; i++) {
        assert_int_equal(len > 0 ? parse(text, len, out) : OSK_OK, OSK_OK);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%sf%u=x", i > 0 ? "&" : "", i);
    }
    assert_int_equal(parse(text, len, out), OSK_LIMIT);
}

static void form__values_by_name(void **state)
{
    (void)state;
    char text[] = "a=1&b=&c";
    OskFormFields fields;
    OskFault fault = { 0 };
    assert_int_equal(osk_form_parse(text, strlen(text), &fields, &fault), OSK_OK);
    assert_string_equal(osk_form_value(&fields, "a"), "1");
    assert_string_equal(osk_form_value(&fields, "b"), "");
    assert_string_equal(osk_form_value(&fields, "c"), "");
    assert_null(osk_form_value(&fields, "d"));
    assert_null(osk_form_value(&fields, ""));
}

static void form__its_type_is_told_from_others(void **state)
{
    (void)state;
    assert_true(osk_form_is_type("application/x-www-form-urlencoded"));
    assert_true(osk_form_is_type("Application/X-WWW-Form-urlencoded; charset=UTF-8"));
    assert_false(osk_form_is_type("application/x-www-form-urlencodedx"));
    assert_false(osk_form_is_type("multipart/form-data; boundary=x"));
    assert_false(osk_form_is_type(""));
    assert_false(osk_form_is_type(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form__fields_are_text),
        cmocka_unit_test(form__what_is_no_text_is_refused),
        cmocka_unit_test(form__fields_are_counted),
        cmocka_unit_test(form__values_by_name),
        cmocka_unit_test(form__its_type_is_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
