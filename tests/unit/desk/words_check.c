/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cases that the page's check is held to as well. */
#include "desk/words_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/json.h"
#include "unit.h"

#define FINDINGS_MAX 8u

static const char *cases_path;

static OskJson *read_cases(void)
{
    static char bytes[64 * 1024];
    OskFault fault = { 0 };
    OskJson *cases = NULL;
    FILE *file = fopen(cases_path, "re");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    assert_true(len < sizeof(bytes));
    assert_int_equal(osk_json_read(&cases, bytes, len, &fault), OSK_OK);
    return cases;
}

static void words_check__finds_what_each_case_says_and_nothing_else(void **state)
{
    (void)state;
    OskJson *file = read_cases();
    const OskJson *cases = osk_json_get(file, "cases");
    assert_true(osk_json_count(cases) > 20);
    for (size_t i = 0; i < osk_json_count(cases); i++) {
        const OskJson *one = osk_json_at(cases, i);
        const OskJson *list = osk_json_get(one, "found");
        const char *text = osk_json_text(osk_json_get(one, "text"));
        OskWordsFinding found[FINDINGS_MAX];
        size_t count = osk_words_check(text, found, FINDINGS_MAX);
        if (count != osk_json_count(list)) {
            print_message("%s: %zu\n", text, count);
        }
        assert_int_equal(count, osk_json_count(list));
        for (size_t n = 0; n < count; n++) {
            uint64_t at = 0;
            const OskJson *said = osk_json_at(list, n);
            const char *words = osk_json_text(osk_json_get(said, "text"));
            assert_string_equal(osk_words_kind_name(found[n].kind),
                                osk_json_text(osk_json_get(said, "kind")));
            assert_int_equal(found[n].len, strlen(words));
            assert_memory_equal(found[n].text, words, found[n].len);
            assert_true(osk_json_whole(osk_json_get(said, "at"), &at));
            assert_int_equal(found[n].at, at);
        }
    }
    osk_json_free(&file);
}

/* The longest text, all of what each search goes on over; and more findings than are told. */
static void words_check__takes_every_text_to_its_end(void **state)
{
    (void)state;
    static const char *const pieces[] = { "a",  "1", "@",   ".",        "a@",
                                          "1 ", "+", "://", "\xF0\x9F", "2026-11-23 " };
    OskWordsFinding found[2];
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        const size_t len = strlen(pieces[i]);
        const size_t count = 10000 / len;
        char *text = malloc(count * len + 1);
        assert_non_null(text);
        for (size_t n = 0; n < count; n++) {
            memcpy(text + n * len, pieces[i], len);
        }
        text[count * len] = 0;
        (void)osk_words_check(text, found, 2);
        free(text);
    }
    assert_int_equal(osk_words_check("@aa @bb @cc", found, 2), 3);
    assert_int_equal(found[1].at, 4);
}

int main(int argc, char **argv)
{
    assert_true(argc == 2);
    cases_path = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_check__finds_what_each_case_says_and_nothing_else),
        cmocka_unit_test(words_check__takes_every_text_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
