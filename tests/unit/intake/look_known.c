/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/look_known.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* Its clock is the test's. */
static int64_t now_ms;

int64_t __wrap_osk_now_ms(void);
int64_t __wrap_osk_now_ms(void)
{
    return now_ms;
}

static OskLookAnswer answer;

static void digest_of(uint32_t number, uint8_t out[OSK_LOOK_DIGEST_BYTES])
{
    memset(out, 7, OSK_LOOK_DIGEST_BYTES);
    memcpy(out + OSK_LOOK_DIGEST_BYTES - sizeof(number), &number, sizeof(number));
}

static void add(OskLookKnown *known, uint32_t number, size_t len)
{
    uint8_t digest[OSK_LOOK_DIGEST_BYTES];
    digest_of(number, digest);
    answer.done =
        (OskLookDone){ .width = number, .output_len = len - len / 4, .pack_len = len / 4 };
    memset(answer.bytes, (int)(number % 251), len);
    osk_look_known_add(known, digest, &answer);
}

static bool has(OskLookKnown *known, uint32_t number, size_t len)
{
    uint8_t digest[OSK_LOOK_DIGEST_BYTES];
    digest_of(number, digest);
    memset(&answer, 0, sizeof(answer));
    if (!osk_look_known_find(known, digest, &answer)) {
        return false;
    }
    assert_int_equal(answer.done.width, number);
    assert_int_equal(answer.done.output_len + answer.done.pack_len, len);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(answer.bytes[i], number % 251);
    }
    return true;
}

/* All of its 256 bits. */
static void look_known__one_bit_makes_another_file(void **state)
{
    (void)state;
    OskLookKnown *known = osk_look_known_make(0);
    uint8_t digest[OSK_LOOK_DIGEST_BYTES];
    add(known, 1, 100);
    assert_true(has(known, 1, 100));
    for (size_t bit = 0; bit < 8 * sizeof(digest); bit++) {
        digest_of(1, digest);
        digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(osk_look_known_find(known, digest, &answer));
    }
    osk_look_known_free(&known);
    assert_null(known);
}

static void look_known__what_is_old_is_let_go_of(void **state)
{
    (void)state;
    OskLookKnown *known = osk_look_known_make(0);
    now_ms = 1000;
    assert_true(osk_look_known_age(known) == INT64_MAX);
    add(known, 1, 100);
    now_ms += 500;
    add(known, 2, 100);
    assert_true(osk_look_known_age(known) == 1000 + OSK_LOOK_KNOWN_MS);
    /* That it is needed again makes it no younger. */
    now_ms = 999 + OSK_LOOK_KNOWN_MS;
    assert_true(has(known, 1, 100));
    now_ms++;
    assert_true(osk_look_known_age(known) == 1500 + OSK_LOOK_KNOWN_MS);
    assert_false(has(known, 1, 100));
    assert_true(has(known, 2, 100));
    osk_look_known_forget(known);
    assert_false(has(known, 2, 100));
    osk_look_known_free(&known);
}

static void look_known__so_much_is_held(void **state)
{
    (void)state;
    OskLookKnown *known = osk_look_known_make(0);
    size_t len = sizeof(answer.bytes);
    uint32_t most = (uint32_t)(OSK_LOOK_KNOWN_BYTES / len);
    for (uint32_t i = 0; i < most; i++) {
        add(known, i, len);
    }
    assert_true(has(known, 0, len));
    /* The one that was needed least lately goes. */
    add(known, most, len);
    assert_true(has(known, 0, len));
    assert_false(has(known, 1, len));
    assert_true(has(known, 2, len));
    osk_look_known_forget(known);
    for (uint32_t i = 0; i < 5000; i++) {
        add(known, i, 8);
    }
    size_t count = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        count += has(known, i, 8);
    }
    assert_int_equal(count, 1024);
    /* One digest has one answer. */
    add(known, 4999, 16);
    assert_true(has(known, 4999, 16));
    osk_look_known_free(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_known__one_bit_makes_another_file),
        cmocka_unit_test(look_known__what_is_old_is_let_go_of),
        cmocka_unit_test(look_known__so_much_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
