/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "http/json.h"

#include <stdlib.h>
#include <string.h>

static OskStatus read_text(const char *text, OskJson **out)
{
    /* A block of exactly its size, so that a byte too far is seen. */
    size_t len = strlen(text);
    char *block = malloc(len + (len == 0));
    OskFault fault = { 0 };
    assert_non_null(block);
    memcpy(block, text, len);
    *out = NULL;
    OskStatus status = osk_json_read(out, block, len, &fault);
    assert_int_equal(status, status == OSK_OK ? fault.status : status);
    free(block);
    return status;
}

static void json__reads_what_a_request_says(void **state)
{
    (void)state;
    OskJson *value = NULL;
    assert_int_equal(
        read_text("{\"message\":\"\\u00fc\\n\",\"uploads\":[\"a\",\"b\"],\"x\":null}", &value),
        OSK_OK);
    assert_string_equal(osk_json_text(osk_json_get(value, "message")), "\xc3\xbc\n");
    const OskJson *list = osk_json_get(value, "uploads");
    assert_true(osk_json_is_list(list));
    assert_int_equal(osk_json_count(list), 2);
    assert_string_equal(osk_json_text(osk_json_at(list, 1)), "b");
    assert_null(osk_json_at(list, 2));
    assert_null(osk_json_get(value, "x"));
    assert_null(osk_json_get(value, "y"));
    assert_null(osk_json_get(list, "y"));
    assert_null(osk_json_text(list));
    assert_int_equal(osk_json_count(value), 0);
    osk_json_free(&value);
    assert_null(value);
    osk_json_free(&value);
}

static void json__a_whole_number_is_one_and_not_negative(void **state)
{
    (void)state;
    OskJson *value = NULL;
    uint64_t number = 7;
    assert_int_equal(read_text("[0,9223372036854775807,-1,1.0,\"1\",true,null]", &value), OSK_OK);
    assert_true(osk_json_whole(osk_json_at(value, 0), &number));
    assert_int_equal(number, 0);
    assert_true(osk_json_whole(osk_json_at(value, 1), &number));
    assert_true(number == INT64_MAX);
    for (size_t i = 2; i < 8; i++) {
        assert_false(osk_json_whole(osk_json_at(value, i), &number));
    }
    osk_json_free(&value);
}

static void json__refuses_what_is_not_one_strict_value(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "{",
                                       "{}{}",
                                       "{\"a\":1,\"a\":2}",
                                       "{a:1}",
                                       "['a']",
                                       "[1,]",
                                       "\"\xff\"",
                                       "[\"\\u0000\"]",
                                       "[\"\\ud800\"]",
                                       "nul",
                                       "[1e999]",
                                       "[99999999999999999999]" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        OskJson *value = NULL;
        assert_int_equal(read_text(bad[i], &value), OSK_MALFORMED);
        assert_null(value);
    }
}

static void json__depth_has_an_end(void **state)
{
    (void)state;
    char text[4 * OSK_JSON_DEPTH_MAX] = "";
    OskJson *value = NULL;
    memset(text, '[', OSK_JSON_DEPTH_MAX);
    memset(text + OSK_JSON_DEPTH_MAX, ']', OSK_JSON_DEPTH_MAX);
    assert_int_equal(read_text(text, &value), OSK_OK);
    osk_json_free(&value);
    memset(text, '[', OSK_JSON_DEPTH_MAX + 1);
    assert_int_equal(read_text(text, &value), OSK_LIMIT);
    assert_int_equal(read_text("[\"[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[\"]", &value), OSK_OK);
    osk_json_free(&value);
}

static void json__knows_keys_that_it_does_not_know(void **state)
{
    (void)state;
    static const char *const keys[] = { "receipt", "message", NULL };
    OskJson *value = NULL;
    assert_int_equal(read_text("{\"receipt\":\"x\"}", &value), OSK_OK);
    assert_true(osk_json_has_only(value, keys));
    osk_json_free(&value);
    assert_int_equal(read_text("{\"receipt\":\"x\",\"mesage\":\"\"}", &value), OSK_OK);
    assert_false(osk_json_has_only(value, keys));
    osk_json_free(&value);
    assert_int_equal(read_text("[]", &value), OSK_OK);
    assert_false(osk_json_has_only(value, keys));
    osk_json_free(&value);
}

static void json__writes_a_schema_first(void **state)
{
    (void)state;
    OskJson *object = osk_json_object("oilskin/received/1");
    OskJson *list = osk_json_list();
    OskJson *file = osk_json_object(NULL);
    osk_json_set_text(file, "outcome", "scrubbed");
    osk_json_add(list, file);
    osk_json_set_flag(object, "received", true);
    osk_json_set_whole(object, "len", INT64_MAX);
    osk_json_set_text(object, "note", NULL);
    osk_json_set(object, "files", list);
    size_t len = 0;
    char *text = osk_json_write(object, &len);
    assert_string_equal(text, "{\"schema\":\"oilskin/received/1\",\"received\":true,"
                              "\"len\":9223372036854775807,\"note\":null,"
                              "\"files\":[{\"outcome\":\"scrubbed\"}]}");
    assert_int_equal(len, strlen(text));
    osk_json_text_free(text);
    osk_json_free(&object);
}

static void json__what_could_not_be_set_is_not_written(void **state)
{
    (void)state;
    OskJson *object = osk_json_object("oilskin/x/1");
    size_t len = 0;
    osk_json_set_text(object, "a", "\xff");
    osk_json_set_text(object, "b", "fine");
    assert_null(osk_json_write(object, &len));
    osk_json_free(&object);
    OskJson *list = osk_json_list();
    osk_json_add(list, NULL);
    assert_null(osk_json_write(list, &len));
    osk_json_free(&list);
    assert_null(osk_json_write(NULL, &len));
    osk_json_text_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json__reads_what_a_request_says),
        cmocka_unit_test(json__a_whole_number_is_one_and_not_negative),
        cmocka_unit_test(json__refuses_what_is_not_one_strict_value),
        cmocka_unit_test(json__depth_has_an_end),
        cmocka_unit_test(json__knows_keys_that_it_does_not_know),
        cmocka_unit_test(json__writes_a_schema_first),
        cmocka_unit_test(json__what_could_not_be_set_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
