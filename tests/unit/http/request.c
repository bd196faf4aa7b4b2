/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/request.h"

#include "unit.h"

static void request__gzip_is_taken_where_it_has_weight(void **state)
{
    (void)state;
    static const char *const yes[] = { "gzip",
                                       "GZIP",
                                       "x-gzip",
                                       "br, gzip",
                                       "deflate,gzip;q=0.1",
                                       "*",
                                       "br;q=0, *;q=0.5",
                                       " gzip ; q=1.0 ",
                                       "gzip;q=0.001",
                                       "identity;q=0, gzip" };
    static const char *const no[] = { "",      "br",      "gzip;q=0", "gzip; q=0.000", "identity",
                                      "*;q=0", "gzipped", "x-gzip-2", "gzip;q=0, *" };
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        assert_true(osk_http_takes_gzip(yes[i]));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(osk_http_takes_gzip(no[i]));
    }
    assert_false(osk_http_takes_gzip(NULL));
}

static void request__etags_are_compared_weakly(void **state)
{
    (void)state;
    assert_true(osk_http_names_etag("\"ab\"", "\"ab\""));
    assert_true(osk_http_names_etag("W/\"ab\"", "\"ab\""));
    assert_true(osk_http_names_etag("\"x\", \"ab\"", "\"ab\""));
    assert_true(osk_http_names_etag("*", "\"ab\""));
    assert_false(osk_http_names_etag("\"ab-gz\"", "\"ab\""));
    assert_false(osk_http_names_etag("ab", "\"ab\""));
    assert_false(osk_http_names_etag("", "\"ab\""));
    assert_false(osk_http_names_etag(NULL, "\"ab\""));
}

static void request__only_our_own_names_are_loopback(void **state)
{
    (void)state;
    static const char *const yes[] = { "localhost",      "LOCALHOST:80", "127.0.0.1",
                                       "127.0.0.1:8080", "[::1]",        "[::1]:9" };
    static const char *const no[] = { "",
                                      "evil.example",
                                      "localhost.evil.example",
                                      "localhost:80.evil.example",
                                      "127.0.0.1.evil.example",
                                      "evil.example:80",
                                      "[::1].x",
                                      "127.0.0.2",
                                      "localhost " };
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        assert_true(osk_http_host_is_loopback(yes[i]));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(osk_http_host_is_loopback(no[i]));
    }
    assert_false(osk_http_host_is_loopback(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request__gzip_is_taken_where_it_has_weight),
        cmocka_unit_test(request__etags_are_compared_weakly),
        cmocka_unit_test(request__only_our_own_names_are_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
