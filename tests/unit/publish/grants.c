/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grants: what one server gave, for its minutes, and nothing else. */
#include "unit.h"

#include "host/random.h"
#include "oilskin/seal.h"
#include "publish/grants.h"

#include <string.h>

#define MINUTE ((int64_t)60 * 1000)

static const OskRandom kernel = { .fill = osk_random_fill };
static const OskId share = { .bytes = { 7, 1, 9 } };

static OskGrants *open_with(uint8_t first)
{
    const uint8_t key[OSK_GRANT_KEY_BYTES] = { first };
    OskGrants *grants = NULL;
    assert_int_equal(osk_grants_open(&grants, key, &kernel), OSK_OK);
    return grants;
}

static OskGrants *open_one(void)
{
    return open_with(1);
}

static bool is_good(const OskGrants *grants, const char *text, int64_t now_ms)
{
    OskId found = { .bytes = { 0 } };
    bool good = osk_grant_read(grants, text, strlen(text), now_ms, &found);
    if (good) {
        assert_memory_equal(&found, &share, sizeof(share));
    }
    return good;
}

static void grants__one_works_for_its_minutes(void **state)
{
    (void)state;
    OskGrants *grants = open_one();
    char text[OSK_GRANT_BYTES];
    assert_int_equal(osk_grant_write(grants, &share, 5 * MINUTE, text), OSK_OK);
    assert_int_equal(strlen(text), OSK_GRANT_LETTERS);
    assert_int_equal(
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        OSK_GRANT_LETTERS);
    assert_true(is_good(grants, text, 5 * MINUTE));
    assert_true(is_good(grants, text, (5 + OSK_GRANT_MINUTES) * MINUTE - 1));
    assert_false(is_good(grants, text, (5 + OSK_GRANT_MINUTES) * MINUTE));
    /* A clock that was set back. */
    assert_false(is_good(grants, text, 5 * MINUTE - 1));
    osk_grants_close(&grants);
    osk_grants_close(&grants);
}

static void grants__two_of_one_link_are_not_alike(void **state)
{
    (void)state;
    OskGrants *grants = open_one();
    char one[OSK_GRANT_BYTES];
    char other[OSK_GRANT_BYTES];
    assert_int_equal(osk_grant_write(grants, &share, 0, one), OSK_OK);
    assert_int_equal(osk_grant_write(grants, &share, 0, other), OSK_OK);
    assert_memory_not_equal(one, other, 32);
    osk_grants_close(&grants);
}

static void grants__another_server_knows_none_of_them(void **state)
{
    (void)state;
    OskGrants *grants = open_one();
    OskGrants *other = open_with(2);
    char text[OSK_GRANT_BYTES];
    assert_int_equal(osk_grant_write(grants, &share, 0, text), OSK_OK);
    assert_false(is_good(other, text, 0));
    osk_grants_close(&grants);
    osk_grants_close(&other);
}

static void grants__the_next_process_of_a_server_knows_them(void **state)
{
    (void)state;
    OskGrants *grants = open_one();
    char text[OSK_GRANT_BYTES];
    assert_int_equal(osk_grant_write(grants, &share, 0, text), OSK_OK);
    osk_grants_close(&grants);
    grants = open_one();
    assert_true(is_good(grants, text, OSK_GRANT_MINUTES * MINUTE - 1));
    assert_false(is_good(grants, text, OSK_GRANT_MINUTES * MINUTE));
    osk_grants_close(&grants);
}

/* Each letter, changed to every other one; each shorter text, and longer ones. */
static void grants__what_was_changed_is_none(void **state)
{
    (void)state;
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ";
    OskGrants *grants = open_one();
    char text[OSK_GRANT_BYTES + 4];
    assert_int_equal(osk_grant_write(grants, &share, 0, text), OSK_OK);
    for (size_t i = 0; i < OSK_GRANT_LETTERS; i++) {
        char was = text[i];
        for (const char *letter = letters; *letter != 0; letter++) {
            text[i] = *letter;
            assert_int_equal(is_good(grants, text, 0), *letter == was);
        }
        text[i] = was;
    }
    OskId found;
    for (size_t len = 0; len < OSK_GRANT_LETTERS; len++) {
        assert_false(osk_grant_read(grants, text, len, 0, &found));
    }
    memcpy(text + OSK_GRANT_LETTERS, "==", 3);
    assert_false(is_good(grants, text, 0));
    osk_grants_close(&grants);
}

static bool fill_nothing(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 0, len);
    return false;
}

static void grants__without_randomness_nothing_is_granted(void **state)
{
    (void)state;
    const OskRandom none = { .fill = fill_nothing };
    const uint8_t key[OSK_GRANT_KEY_BYTES] = { 1 };
    OskGrants *grants = NULL;
    char text[OSK_GRANT_BYTES];
    assert_int_equal(osk_grants_open(&grants, key, &none), OSK_OK);
    assert_int_equal(osk_grant_write(grants, &share, 0, text), OSK_IO);
    assert_string_equal(text, "");
    osk_grants_close(&grants);
}

int main(void)
{
    osk_seal_ready();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants__one_works_for_its_minutes),
        cmocka_unit_test(grants__two_of_one_link_are_not_alike),
        cmocka_unit_test(grants__another_server_knows_none_of_them),
        cmocka_unit_test(grants__the_next_process_of_a_server_knows_them),
        cmocka_unit_test(grants__what_was_changed_is_none),
        cmocka_unit_test(grants__without_randomness_nothing_is_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
