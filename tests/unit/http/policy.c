/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/policy.h"

#include <string.h>

#include "unit.h"

static void policy__of_the_studio_holds_below_it_alone(void **state)
{
    (void)state;
    assert_non_null(strstr(osk_http_policy("/studio/"), "script-src 'self'"));
    assert_ptr_equal(osk_http_policy("/studio/sw.js"), osk_http_policy("/studio/"));
    static const char *const others[] = { "", "/studio", "/studios/x", "/other/studio/" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_null(strstr(osk_http_policy(others[i]), "script-src"));
    }
}

static void policy__of_the_drop_lets_its_form_reach_us_alone(void **state)
{
    (void)state;
    static const char *const pages[] = { "/", "/submit", "/r", "/drop/", "/drop/assets/x.js" };
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        assert_non_null(strstr(osk_http_policy(pages[i]), "form-action 'self';"));
        assert_non_null(strstr(osk_http_policy(pages[i]), "connect-src 'self';"));
    }
    /* What is no page may do nothing. */
    static const char *const others[] = { "/uploads/", "/api/drop", "/rr",     "/r/",
                                          "/submit/x", "/drop",     "/healthz" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_null(strstr(osk_http_policy(others[i]), "'self'"));
    }
}

static void policy__of_the_desk_sends_no_form_and_asks_nobody_else(void **state)
{
    (void)state;
    const char *policy = osk_http_policy("/desk/");
    assert_ptr_equal(osk_http_policy("/desk/assets/x.js"), policy);
    assert_non_null(strstr(policy, "form-action 'none';"));
    assert_non_null(strstr(policy, "connect-src 'self';"));
    assert_non_null(strstr(policy, "require-trusted-types-for 'script'"));
    /* What it opens with an address of its own may do nothing as a page. */
    assert_null(strstr(osk_http_policy("/blobs/0"), "'self'"));
}

/* What the public sees runs nothing and fetches nothing from elsewhere; a file, opened alone, sends
 * no form either. */
static void policy__of_albums_runs_nothing(void **state)
{
    (void)state;
    static const char *const pages[] = { "/a/", "/a/0", "/a/0/1", "/a/ask", "/a/f/0", "/a/f/0/1" };
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        const char *policy = osk_http_policy(pages[i]);
        assert_null(strstr(policy, "script-src"));
        assert_null(strstr(policy, "connect-src"));
        assert_non_null(strstr(policy, "img-src 'self';"));
        assert_true((strstr(policy, "form-action 'none'") != NULL) == (i >= 4));
    }
}

/* Before the button a link's page can't even show a film; what it opens can, and stands in a
 * sandbox that gives no script back. */
static void policy__of_links_runs_nothing(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "/s/", "/s/0", "/s/ask", "/s/g/0", "/s/g/0/f", "/s/g/0/f/1"
    };
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        const char *policy = osk_http_policy(pages[i]);
        assert_null(strstr(policy, "script-src"));
        assert_null(strstr(policy, "connect-src"));
        assert_null(strstr(policy, "allow-scripts"));
        assert_true((strstr(policy, "media-src 'self'") != NULL) == (i >= 3));
        assert_true((strstr(policy, "; sandbox ") != NULL) == (i >= 3));
    }
}

static void policy__never_allows_what_injection_needs(void **state)
{
    (void)state;
    static const char *const paths[] = { "/nowhere", "/studio/", "/",      "/r",   "/drop/",
                                         "/desk/",   "/a/",      "/a/f/0", "/s/0", "/s/g/0" };
    static const char *const never[] = { "unsafe-inline", "'unsafe-eval'", "http:",
                                         "https:",        "data:",         "*" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *policy = osk_http_policy(paths[i]);
        assert_ptr_equal(strstr(policy, "default-src 'none'"), policy);
        assert_non_null(strstr(policy, "base-uri 'none'"));
        assert_true(strstr(policy, "form-action 'none'") != NULL ||
                    strstr(policy, "form-action 'self'") != NULL);
        assert_non_null(strstr(policy, "frame-ancestors 'none'"));
        for (size_t j = 0; j < sizeof(never) / sizeof(never[0]); j++) {
            assert_null(strstr(policy, never[j]));
        }
    }
    assert_non_null(strstr(osk_http_policy("/studio/"), "require-trusted-types-for 'script'"));
    assert_non_null(strstr(osk_http_policy("/"), "require-trusted-types-for 'script'"));
}

static void policy__refuses_what_was_shared_to_the_app(void **state)
{
    (void)state;
    const OskHttpRefusal *row = osk_http_refusal("/studio/share");
    assert_non_null(row);
    assert_string_equal(row->home, "/studio/");
    /* Its page may do no more than any other of the studio. */
    assert_ptr_equal(osk_http_policy(row->page), osk_http_policy("/studio/"));
    static const char *const others[] = { "", "/", "/studio/", "/studio/share/", "/studio/shared" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_null(osk_http_refusal(others[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy__of_the_studio_holds_below_it_alone),
        cmocka_unit_test(policy__of_the_drop_lets_its_form_reach_us_alone),
        cmocka_unit_test(policy__of_the_desk_sends_no_form_and_asks_nobody_else),
        cmocka_unit_test(policy__refuses_what_was_shared_to_the_app),
        cmocka_unit_test(policy__of_albums_runs_nothing),
        cmocka_unit_test(policy__of_links_runs_nothing),
        cmocka_unit_test(policy__never_allows_what_injection_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
