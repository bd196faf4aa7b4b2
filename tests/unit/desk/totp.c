/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "desk/totp.h"

/* RFC 6238, appendix B: its secret, and the last six digits of its codes. */
static const uint8_t secret[OSK_TOTP_SECRET_BYTES] = "12345678901234567890";

static void totp__agrees_with_the_vectors_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        int64_t now_s;
        const char *code;
    } cases[] = { { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
                  { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t used = 0;
        assert_true(osk_totp_fits(secret, cases[i].code, cases[i].now_s, &used));
        assert_int_equal(used, cases[i].now_s / 30);
    }
}

static void totp__a_code_counts_once(void **state)
{
    (void)state;
    uint64_t used = 0;
    assert_true(osk_totp_fits(secret, "081804", 1111111109, &used));
    assert_false(osk_totp_fits(secret, "081804", 1111111109, &used));
    assert_false(osk_totp_fits(secret, "081804", 1111111111, &used));
    /* The next one does; the one before it never again. */
    assert_true(osk_totp_fits(secret, "050471", 1111111111, &used));
    assert_false(osk_totp_fits(secret, "081804", 1111111111, &used));
}

static void totp__forgives_clocks_thirty_seconds_and_no_more(void **state)
{
    (void)state;
    uint64_t used = 0;
    assert_true(osk_totp_fits(secret, "081804", 1111111109 + 30, &used));
    used = 0;
    assert_true(osk_totp_fits(secret, "081804", 1111111109 - 30, &used));
    used = 0;
    assert_false(osk_totp_fits(secret, "081804", 1111111109 + 90, &used));
    assert_false(osk_totp_fits(secret, "081804", 1111111109 - 90, &used));
}

static void totp__takes_six_digits_alone(void **state)
{
    (void)state;
    uint64_t used = 0;
    static const char *const wrong[] = {
        NULL, "", "81804", "0818040", " 81804", "08180x", "+81804"
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(osk_totp_fits(secret, wrong[i], 1111111109, &used));
    }
}

static void totp__writes_the_key_as_apps_read_it(void **state)
{
    (void)state;
    char text[OSK_TOTP_KEY_TEXT_BYTES];
    assert_true(osk_totp_key_text(secret, text));
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totp__agrees_with_the_vectors_of_the_rfc),
        cmocka_unit_test(totp__a_code_counts_once),
        cmocka_unit_test(totp__forgives_clocks_thirty_seconds_and_no_more),
        cmocka_unit_test(totp__takes_six_digits_alone),
        cmocka_unit_test(totp__writes_the_key_as_apps_read_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
