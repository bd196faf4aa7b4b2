/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "intake/tus_headers.h"

#include <string.h>

#define TOKEN_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TOKEN_B "b_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-"

static void tus_headers__whole_numbers_have_no_sign_and_no_end(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "-1",
                                       "+1",
                                       " 1",
                                       "1 ",
                                       "1,1",
                                       "0x1",
                                       "1.0",
                                       "1000000000000000000",
                                       "18446744073709551616" };
    uint64_t value = 5;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(osk_tus_whole(bad[i], &value));
    }
    assert_false(osk_tus_whole(NULL, &value));
    assert_int_equal(value, 5);
    assert_true(osk_tus_whole("0", &value));
    assert_int_equal(value, 0);
    assert_true(osk_tus_whole("999999999999999999", &value));
    assert_true(value == 999999999999999999u);
}

static void tus_headers__a_token_is_the_end_of_an_address(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    static const char *const good[] = { "/uploads/" TOKEN_A,
                                        "https://drop.example/uploads/" TOKEN_A,
                                        "//x/uploads/" TOKEN_A };
    static const char *const bad[] = { "",
                                       "/uploads/",
                                       TOKEN_A,
                                       "/upload/" TOKEN_A,
                                       "/uploads/" TOKEN_A "/",
                                       "/uploads/" TOKEN_A "A",
                                       "/uploads/" TOKEN_A "?x",
                                       "/uploads/+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(osk_tus_token(good[i], strlen(good[i]), token));
        assert_string_equal(token, TOKEN_A);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(osk_tus_token(bad[i], strlen(bad[i]), token));
    }
}

static void tus_headers__metadata_keeps_what_it_knows(void **state)
{
    (void)state;
    OskTusMetadata got;
    const char *why = NULL;
    assert_true(osk_tus_metadata(
        "filename d29ybGQucG5n,receipt b25lIHR3bw==, kind b3JpZ2luYWw= ,category cHJvdGVzdA==,"
        "attach eWVz,is_confidential,fingerprint "
        "MDAwMTAyMDMwNDA1MDYwNzA4MDkwYTBiMGMwZDBlMGYxMDExMTIxMzE0MTUxNjE3MTgxOTFhMWIxYzFkMWUxZg==",
        &got, &why));
    assert_string_equal(got.receipt, "one two");
    assert_string_equal(got.category, "protest");
    assert_true(got.is_original && got.is_attached && got.has_fingerprint);
    for (uint8_t i = 0; i < 32; i++) {
        assert_int_equal(got.fingerprint[i], i);
    }
}

static void tus_headers__metadata_has_no_place_for_a_file_name(void **state)
{
    (void)state;
    OskTusMetadata got;
    const char *why = NULL;
    assert_true(osk_tus_metadata("filename c2VjcmV0LW5hbWUuanBn,name c2VjcmV0", &got, &why));
    OskTusMetadata nothing;
    memset(&nothing, 0, sizeof(nothing));
    assert_memory_equal(&got, &nothing, sizeof(got));
}

static void tus_headers__metadata_of_nothing_is_no_pair(void **state)
{
    (void)state;
    static const char *const headers[] = { NULL, "", ",", " , ", "filename", "filename ,x" };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        OskTusMetadata got;
        const char *why = NULL;
        assert_true(osk_tus_metadata(headers[i], &got, &why));
        assert_string_equal(got.receipt, "");
        assert_false(got.is_original || got.is_attached || got.has_fingerprint);
    }
}

static void tus_headers__broken_metadata_says_why(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a b c",                     /* two spaces */
        "receipt",                   /* no value */
        "receipt b25l b25l",         /* two values */
        "receipt b25",               /* not whole */
        "receipt b25=",              /* bits left over */
        "receipt b25l,receipt b25l", /* twice */
        "receipt AGE=",              /* a NUL in it */
        "kind c2NydWJiZWQ=",         /* "scrubbed" */
        "kind",
        "attach bm8=",                                                   /* "no" */
        "category AQID",                                                 /* control characters */
        "category cHJvdGVzdC1wcm90ZXN0LXByb3Rlc3QtcHJvdGVzdC1wcm90ZXN0", /* 39 letters */
        "fingerprint MDA=",
        ("fingerprint "
         "R0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHRw="
         "="),
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        OskTusMetadata got;
        const char *why = NULL;
        assert_false(osk_tus_metadata(bad[i], &got, &why));
        assert_non_null(why);
        assert_string_equal(got.receipt, "");
    }
}

static void tus_headers__checksums_are_whole_or_none(void **state)
{
    (void)state;
    OskTusChecksum got;
    assert_true(osk_tus_checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", &got));
    assert_int_equal(got.algorithm, OSK_TUS_SHA1);
    assert_int_equal(got.len, 20);
    assert_int_equal(got.digest[0], 0x2a);
    assert_int_equal(got.digest[19], 0xed);
    assert_true(osk_tus_checksum("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", &got));
    assert_int_equal(got.algorithm, OSK_TUS_SHA256);
    assert_int_equal(got.len, 32);
    static const char *const bad[] = { "",
                                       "sha1",
                                       "sha1 ",
                                       "md5 XrY7u+Ae7tCTyyK7j1rNww==",
                                       "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRg==",
                                       "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
                                       "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu1=",
                                       "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(osk_tus_checksum(bad[i], &got));
    }
    assert_false(osk_tus_checksum(NULL, &got));
}

static void tus_headers__concat_names_each_part_once(void **state)
{
    (void)state;
    static OskTusConcat got;
    assert_true(osk_tus_concat("partial", &got));
    assert_false(got.is_final);
    assert_true(osk_tus_concat("final;/uploads/" TOKEN_A " http://x/uploads/" TOKEN_B, &got));
    assert_true(got.is_final);
    assert_int_equal(got.count, 2);
    assert_string_equal(got.tokens[0], TOKEN_A);
    assert_string_equal(got.tokens[1], TOKEN_B);
    assert_true(osk_tus_concat("final; /uploads/" TOKEN_A " ", &got));
    assert_int_equal(got.count, 1);
    static const char *const bad[] = { "",
                                       "Partial",
                                       "partial;",
                                       "final",
                                       "final;",
                                       "final; ",
                                       "final;/uploads/x",
                                       "final;/uploads/" TOKEN_A ",/uploads/" TOKEN_B,
                                       "final;/uploads/" TOKEN_A " /uploads/" TOKEN_A };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(osk_tus_concat(bad[i], &got));
    }
    assert_false(osk_tus_concat(NULL, &got));
}

static void tus_headers__concat_has_a_most(void **state)
{
    (void)state;
    static OskTusConcat got;
    static char header[8 + (OSK_TUS_CONCAT_MAX + 1) * (9 + OSK_TOKEN_TEXT_BYTES)];
    memcpy(header, "final;", 7);
    for (unsigned i = 0; i <= OSK_TUS_CONCAT_MAX; i++) {
        char part[] = "/uploads/" TOKEN_A " ";
        part[10] = (char)('a' + i % 26);
        part[11] = (char)('a' + i / 26);
        memcpy(header + strlen(header), part, sizeof(part));
        assert_int_equal(osk_tus_concat(header, &got), i < OSK_TUS_CONCAT_MAX);
    }
}

static void tus_headers__media_types_have_no_case(void **state)
{
    (void)state;
    const char *type = "application/offset+octet-stream";
    assert_true(osk_tus_is_media_type("application/offset+octet-stream", type));
    assert_true(osk_tus_is_media_type("Application/Offset+Octet-Stream ; charset=x", type));
    assert_false(osk_tus_is_media_type("application/offset+octet-streams", type));
    assert_false(osk_tus_is_media_type("application/offset", type));
    assert_false(osk_tus_is_media_type(NULL, type));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tus_headers__whole_numbers_have_no_sign_and_no_end),
        cmocka_unit_test(tus_headers__a_token_is_the_end_of_an_address),
        cmocka_unit_test(tus_headers__metadata_keeps_what_it_knows),
        cmocka_unit_test(tus_headers__metadata_has_no_place_for_a_file_name),
        cmocka_unit_test(tus_headers__metadata_of_nothing_is_no_pair),
        cmocka_unit_test(tus_headers__broken_metadata_says_why),
        cmocka_unit_test(tus_headers__checksums_are_whole_or_none),
        cmocka_unit_test(tus_headers__concat_names_each_part_once),
        cmocka_unit_test(tus_headers__concat_has_a_most),
        cmocka_unit_test(tus_headers__media_types_have_no_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
