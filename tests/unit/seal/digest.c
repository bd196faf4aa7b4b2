/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 against the vectors of the standard. */
#include "oilskin/seal.h"

#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

/* FIPS 180-2, appendix B.1, in every cut. */
static void digest__sha256_is_that_of_the_standard_in_every_cut(void **state)
{
    (void)state;
    const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (size_t cut = 0; cut <= 56; cut++) {
        OskSha256 hash;
        uint8_t out[32];
        osk_sha256_begin(&hash);
        osk_sha256_add(&hash, text, cut);
        osk_sha256_add(&hash, text + cut, 56 - cut);
        osk_sha256_end(&hash, out);
        fixed_assert_hex(out, 32,
                         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        OskSha256 wiped = { { 0 } };
        assert_memory_equal(&hash, &wiped, sizeof(hash));
    }
}

/* FIPS 180-2, appendix B.3, in the pieces that files come in. */
static void digest__of_a_million_letters(void **state)
{
    (void)state;
    uint8_t piece[1000];
    uint8_t out[32];
    OskSha256 hash;
    memset(piece, 'a', sizeof(piece));
    osk_sha256_begin(&hash);
    for (unsigned i = 0; i < 1000; i++) {
        osk_sha256_add(&hash, piece, sizeof(piece));
    }
    osk_sha256_end(&hash, out);
    fixed_assert_hex(out, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void digest__of_nothing_takes_no_pointer(void **state)
{
    (void)state;
    uint8_t out[32];
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, NULL, 0);
    osk_sha256_end(&hash, out);
    fixed_assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest__sha256_is_that_of_the_standard_in_every_cut),
        cmocka_unit_test(digest__of_a_million_letters),
        cmocka_unit_test(digest__of_nothing_takes_no_pointer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
