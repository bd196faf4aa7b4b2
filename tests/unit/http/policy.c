/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/policy.h"

#include <string.h>

#include "unit.h"

static void policy__of_the_studio_holds_below_it_alone(void **state)
{
    (void)state;
    assert_non_null(strstr(osk_http_policy("/studio/"), "script-src 'self'"));
    assert_ptr_equal(osk_http_policy("/studio/sw.js"), osk_http_policy("/studio/"));
    static const char *const others[] = { "", "/", "/studio", "/studios/x", "/other/studio/" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_null(strstr(osk_http_policy(others[i]), "script-src"));
    }
}

static void policy__never_allows_what_injection_needs(void **state)
{
    (void)state;
    static const char *const paths[] = { "/", "/studio/" };
    static const char *const never[] = { "unsafe-inline", "'unsafe-eval'", "http:",
                                         "https:",        "data:",         "*" };
    for (size_t i = 0; i < 2; i++) {
        const char *policy = osk_http_policy(paths[i]);
        assert_ptr_equal(strstr(policy, "default-src 'none'"), policy);
        assert_non_null(strstr(policy, "base-uri 'none'"));
        assert_non_null(strstr(policy, "form-action 'none'"));
        assert_non_null(strstr(policy, "frame-ancestors 'none'"));
        for (size_t j = 0; j < sizeof(never) / sizeof(never[0]); j++) {
            assert_null(strstr(policy, never[j]));
        }
    }
    assert_non_null(strstr(osk_http_policy("/studio/"), "require-trusted-types-for 'script'"));
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
        cmocka_unit_test(policy__refuses_what_was_shared_to_the_app),
        cmocka_unit_test(policy__never_allows_what_injection_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
