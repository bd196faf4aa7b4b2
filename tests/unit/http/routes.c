/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/routes.h"

#include "unit.h"

static const OskRoute items[] = {
    { .path = "/" },         { .path = "/api/" },     { .path = "/api/drop" },
    { .path = "/uploads/" }, { .path = "/api/big/" },
};
static const OskRoutes routes = { .items = items, .count = sizeof(items) / sizeof(items[0]) };

static const char *found(const char *path, bool exact)
{
    bool is_exact = !exact;
    const OskRoute *route = osk_routes_find(&routes, path, &is_exact);
    assert_int_equal(is_exact, exact);
    return route != NULL ? route->path : "none";
}

static void routes__the_longest_wins(void **state)
{
    (void)state;
    assert_string_equal(found("/", true), "/");
    assert_string_equal(found("/api/drop", true), "/api/drop");
    assert_string_equal(found("/api/drops", false), "/api/");
    assert_string_equal(found("/api/big/x", false), "/api/big/");
    assert_string_equal(found("/uploads/", true), "/uploads/");
    assert_string_equal(found("/uploads/abc", false), "/uploads/");
}

static void routes__the_root_is_no_prefix(void **state)
{
    (void)state;
    assert_string_equal(found("/studio/", false), "none");
    assert_string_equal(found("/uploads", false), "none");
    assert_string_equal(found("", false), "none");
}

static void routes__methods_are_whole_words(void **state)
{
    (void)state;
    assert_true(osk_routes_allow("GET HEAD POST", "POST"));
    assert_true(osk_routes_allow("GET", "GET"));
    assert_false(osk_routes_allow("GET HEAD POST", "POS"));
    assert_false(osk_routes_allow("GET HEAD POST", "POSTS"));
    assert_false(osk_routes_allow("GET HEAD POST", "post"));
    assert_false(osk_routes_allow("GET HEAD POST", ""));
    assert_false(osk_routes_allow("", "GET"));
}

static void routes__methods_as_a_header(void **state)
{
    (void)state;
    char text[128];
    osk_routes_allow_text("GET HEAD POST", text);
    assert_string_equal(text, "GET, HEAD, POST");
    osk_routes_allow_text("", text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes__the_longest_wins),
        cmocka_unit_test(routes__the_root_is_no_prefix),
        cmocka_unit_test(routes__methods_are_whole_words),
        cmocka_unit_test(routes__methods_as_a_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
