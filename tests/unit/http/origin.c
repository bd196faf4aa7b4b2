/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "http/origin.h"

static void origin__is_one_that_nobody_on_the_way_reads(void **state)
{
    (void)state;
    static const char *const right[] = { "https://desk.example",
                                         "https://desk.example:8443",
                                         "https://[2001:db8::1]:8443",
                                         "http://abcdefghij234567.onion",
                                         "http://localhost:8090",
                                         "http://127.0.0.1:8090",
                                         "http://[::1]" };
    static const char *const wrong[] = { "",
                                         "desk.example",
                                         "https://",
                                         "https://desk.example/",
                                         "https://desk.example/desk",
                                         "https://Desk.example",
                                         "https://desk.example:",
                                         "https://desk.example:84x",
                                         "https://who@desk.example",
                                         "http://desk.example",
                                         "http://localhost.example",
                                         "http://127.0.0.1.example",
                                         "http://.onion",
                                         "ftp://localhost" };
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_true(osk_http_is_origin(right[i]));
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(osk_http_is_origin(wrong[i]));
    }
}

static void origin__near_is_this_machine_alone(void **state)
{
    (void)state;
    assert_true(osk_http_is_near("127.0.0.1:8090"));
    assert_true(osk_http_is_near("[::1]:8090"));
    assert_true(osk_http_is_near("localhost:8090"));
    assert_false(osk_http_is_near("0.0.0.0:8090"));
    assert_false(osk_http_is_near("[::]:8090"));
    assert_false(osk_http_is_near("192.168.1.4:8090"));
    assert_false(osk_http_is_near("unix:/run/desk.sock"));
    assert_false(osk_http_is_near("127.example:8090"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origin__is_one_that_nobody_on_the_way_reads),
        cmocka_unit_test(origin__near_is_this_machine_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
