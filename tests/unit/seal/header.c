/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers: each way to break the specification is refused, with a MAC that is right. */
#include "seal/header.h"
#include "seal/sodium.h"
#include "seal/stream.h"
#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES] = { 1, 2, 3 };

static void put(OskWriter *file, const char *text)
{
    osk_writer_bytes(file, text, strlen(text));
}

/* A file of one byte whose header holds `before`, a good stanza for the fixed identity where
 * `ours`, and `after`; its MAC is right. */
static uint8_t *make_file(const char *before, bool ours, const char *after, size_t *out_len)
{
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskWriter file;
    uint8_t nonce[16] = { 5 };
    uint8_t chunk_nonce[12];
    uint8_t key[32];
    uint8_t chunk[17];
    osk_writer_init(&file, 1 << 20);
    put(&file, OSK_HEADER_VERSION);
    put(&file, before);
    if (ours) {
        assert_int_equal(osk_x25519_wrap(&file, &identity.recipient, &random, file_key, NULL),
                         OSK_OK);
    }
    put(&file, after);
    osk_header_write_end(&file, file_key);
    osk_writer_bytes(&file, nonce, sizeof(nonce));
    osk_stream_key(key, file_key, nonce);
    osk_stream_nonce(chunk_nonce, 0, true);
    osk_aead_lock(key, chunk_nonce, "x", 1, chunk);
    osk_writer_bytes(&file, chunk, sizeof(chunk));
    uint8_t *bytes = osk_writer_give(&file, out_len);
    assert_non_null(bytes);
    return bytes;
}

static OskStatus open_file(const uint8_t *bytes, size_t len, OskFault *fault)
{
    OskIdentity identity = fixed_identity();
    OskUnsealWith with = {
        .identities = &identity, .count = 1, .passphrase = "p", .passphrase_len = 1
    };
    OskSource source = osk_source_from_memory(bytes, len);
    OskUnsealed *file = NULL;
    *fault = (OskFault){ .status = OSK_OK };
    OskStatus status = osk_unseal_open(&file, &source, &with, fault);
    osk_unsealed_free(&file);
    assert_int_equal(status, fault->status);
    return status;
}

static OskStatus try_header(const char *before, bool ours, const char *after)
{
    size_t len = 0;
    uint8_t *bytes = make_file(before, ours, after, &len);
    uint8_t *exact = fixed_exact(bytes, len);
    OskFault fault;
    OskStatus status = open_file(exact, len, &fault);
    free(bytes);
    free(exact);
    return status;
}

#define L64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static void header__foreign_stanzas_are_skipped(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "",
        "-> x\n\n",
        "-> some-grease!~ \"#$%\nAAAA\n",
        "-> x a b c d e f g h i j k l m n o p\n" L64 L64 "AA\n",
        "-> x\n" L64 "\n",
        "-> x25519 a\n\n",
        "-> X25519x\n\n",
        "-> scrypt2 a b c\n\n",
    };
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        assert_int_equal(try_header(fine[i], true, ""), OSK_OK);
        assert_int_equal(try_header("", true, fine[i]), OSK_OK);
    }
}

static void header__what_breaks_the_specification_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "->\n\n",
        "-> \n\n",
        "->x\n\n",
        "->  x\n\n",
        "-> x \n\n",
        "-> x  y\n\n",
        "-> x\ty\n\n",
        "-> x\r\n\r\n",
        "-> \xc3\xa9\n\n",
        "-> x\x7f\n\n",
        "-> x\x01\n\n",
        "- > x\n\n",
        "x\n\n",
        "\n",
        "--\n\n",
        "-> x\n" L64,
        "-> x\nAB\n",
        "-> x\nA\n",
        "-> x\nAA==\n",
        "-> x\nAA=\n",
        "-> x\nAA A\n",
        "-> x\nAAA\r\n",
        "-> x\nAA-_\n",
        "-> x\nA" L64 "\n",
        "-> x\nAAAA\nAAAA\n",
        "-> x\nAAAA\n\n",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(try_header(wrong[i], true, ""), OSK_MALFORMED);
        assert_int_equal(try_header("", true, wrong[i]), OSK_MALFORMED);
    }
}

#define SHARE "TWVtiGFGTMp/6IKdUbqbc0vAjsJUSf0hi0cfrhfV1Tg"
#define BODY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define ZERO "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* Of our own kinds the shape is fixed, also behind a stanza that has opened. */
static void header__x25519_has_one_shape(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "-> X25519\n" BODY,
        "-> X25519 " SHARE " " SHARE "\n" BODY,
        "-> X25519 " SHARE "A\n" BODY,
        "-> X25519 " SHARE "AA\n" BODY,
        "-> X25519 " SHARE "=\n" BODY,
        "-> X25519 AAAA\n" BODY,
        "-> X25519 TWVtiGFGTMp/6IKdUbqbc0vAjsJUSf0hi0cfrhfV1Th\n" BODY,
        "-> X25519 " SHARE "\n\n",
        "-> X25519 " SHARE "\nAAAA\n",
        "-> X25519 " SHARE "\nAAAA" BODY,
        "-> X25519 " SHARE "\n" L64 "\n",
    };
    assert_int_equal(try_header("-> X25519 " SHARE "\n" BODY, true, ""), OSK_OK);
    assert_int_equal(try_header("-> X25519 " SHARE "\n" BODY, false, ""), OSK_AUTH);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(try_header(wrong[i], true, ""), OSK_MALFORMED);
        assert_int_equal(try_header("", true, wrong[i]), OSK_MALFORMED);
        assert_int_equal(try_header(wrong[i], false, ""), OSK_MALFORMED);
    }
}

/* A share of zeros makes the "shared" secret zero, which everybody knows. */
static void header__no_shared_secret_is_zero(void **state)
{
    (void)state;
    assert_int_equal(try_header("-> X25519 " ZERO "\n" BODY, true, ""), OSK_MALFORMED);
    assert_int_equal(try_header("", true, "-> X25519 " ZERO "\n" BODY), OSK_MALFORMED);
    assert_int_equal(
        try_header("-> X25519 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" BODY, true, ""),
        OSK_MALFORMED);
}

#define SALT "AAAAAAAAAAAAAAAAAAAAAA"

static void header__scrypt_has_one_shape_and_stands_alone(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "-> scrypt\n" BODY,
        "-> scrypt " SALT "\n" BODY,
        "-> scrypt " SALT " 10 10\n" BODY,
        "-> scrypt " SALT "A 10\n" BODY,
        "-> scrypt " SALT "== 10\n" BODY,
        "-> scrypt AAAA 10\n" BODY,
        "-> scrypt AAAAAAAAAAAAAAAAAAAAAB 10\n" BODY,
        "-> scrypt " SALT " 010\n" BODY,
        "-> scrypt " SALT " 0\n" BODY,
        "-> scrypt " SALT " -1\n" BODY,
        "-> scrypt " SALT " +1\n" BODY,
        "-> scrypt " SALT " 0x9\n" BODY,
        "-> scrypt " SALT " 1e1\n" BODY,
        "-> scrypt " SALT " 10\nAAAA\n",
        "-> scrypt " SALT " 10\n\n",
        "-> scrypt " SALT " 10\n" BODY "-> x\n\n",
        "-> x\n\n-> scrypt " SALT " 10\n" BODY,
        "-> scrypt " SALT " 10\n" BODY "-> scrypt " SALT " 10\n" BODY,
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(try_header(wrong[i], false, ""), OSK_MALFORMED);
    }
    assert_int_equal(try_header("-> scrypt " SALT " 10\n" BODY, false, ""), OSK_AUTH);
    assert_int_equal(try_header("-> scrypt " SALT " 10\n" BODY, true, ""), OSK_MALFORMED);
    assert_int_equal(try_header("", true, "-> scrypt " SALT " 10\n" BODY), OSK_MALFORMED);
}

static void header__scrypt_work_has_a_ceiling(void **state)
{
    (void)state;
    static const char *const works[] = { "23", "30",  "31",         "64",
                                         "99", "100", "4294967298", "18446744073709551626" };
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
        char stanza[200] = "-> scrypt " SALT " ";
        size_t at = strlen(stanza);
        size_t len = strlen(works[i]);
        memcpy(stanza + at, works[i], len);
        memcpy(stanza + at + len, "\n" BODY, sizeof("\n" BODY));
        assert_int_equal(try_header(stanza, false, ""), OSK_LIMIT);
    }
}

static void header__nobody_at_all_is_refused(void **state)
{
    (void)state;
    assert_int_equal(try_header("", false, ""), OSK_MALFORMED);
}

static void header__the_version_is_exact(void **state)
{
    (void)state;
    static const char *const wrong[] = { "age-encryption.org/v2\n", "age-encryption.org/v1\r",
                                         "Age-encryption.org/v1\n", "\nge-encryption.org/v1\n" };
    size_t len = 0;
    uint8_t *bytes = make_file("", true, "", &len);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        OskFault fault;
        memcpy(bytes, wrong[i], strlen(wrong[i]));
        assert_int_equal(open_file(bytes, len, &fault), OSK_MALFORMED);
        assert_non_null(fault.next);
    }
    free(bytes);
}

/* Replaces the line of the MAC. */
static OskStatus try_mac(const char *line, size_t line_len)
{
    size_t len = 0;
    uint8_t *bytes = make_file("", true, "", &len);
    OskWriter file;
    OskFault fault;
    size_t tail = 16 + 17;
    osk_writer_init(&file, 1 << 20);
    osk_writer_bytes(&file, bytes, len - tail - 48);
    osk_writer_bytes(&file, line, line_len);
    osk_writer_bytes(&file, bytes + len - tail, tail);
    free(bytes);
    bytes = osk_writer_give(&file, &len);
    assert_non_null(bytes);
    OskStatus status = open_file(bytes, len, &fault);
    free(bytes);
    return status;
}

static void header__the_mac_has_one_shape(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "---\n",           "--- \n",          "---  " ZERO "\n",
        "---" ZERO "\n",   "--- " ZERO " \n", "--- " ZERO "\r\n",
        "--- " ZERO "=\n", "--- " ZERO "A\n", "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n",
        "---\t" ZERO "\n", "---- " ZERO "\n",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(try_mac(wrong[i], strlen(wrong[i])), OSK_MALFORMED);
    }
    assert_int_equal(try_mac("--- " ZERO "\n", 48), OSK_AUTH);
}

/* A header that never ends is not read into memory, whatever the file's length. */
static void header__one_that_never_ends_is_a_limit(void **state)
{
    (void)state;
    size_t len = OSK_SEAL_HEADER_MAX + 1000;
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    OskFault fault;
    memset(bytes, 'A', len);
    memcpy(bytes, "age-encryption.org/v1\n-> x\n", 27);
    assert_int_equal(open_file(bytes, len, &fault), OSK_LIMIT);
    assert_int_equal(open_file(bytes, OSK_SEAL_HEADER_MAX, &fault), OSK_TRUNCATED);
    for (size_t at = 27; at + 65 < len; at += 65) {
        bytes[at + 64] = '\n';
    }
    assert_int_equal(open_file(bytes, len, &fault), OSK_LIMIT);
    assert_int_equal(open_file(bytes, 40, &fault), OSK_TRUNCATED);
    free(bytes);
}

static void header__every_cut_is_truncated_or_refused(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *bytes = make_file("-> x y\n" L64 "AA\n", true, "", &len);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = fixed_exact(bytes, cut);
        OskFault fault;
        OskStatus status = open_file(exact, cut, &fault);
        /* The last bytes are of the one chunk: a shorter one looks like a changed one. */
        assert_int_equal(status, cut < len - 1 ? OSK_TRUNCATED : OSK_AUTH);
        free(exact);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header__foreign_stanzas_are_skipped),
        cmocka_unit_test(header__what_breaks_the_specification_is_refused),
        cmocka_unit_test(header__x25519_has_one_shape),
        cmocka_unit_test(header__no_shared_secret_is_zero),
        cmocka_unit_test(header__scrypt_has_one_shape_and_stands_alone),
        cmocka_unit_test(header__scrypt_work_has_a_ceiling),
        cmocka_unit_test(header__nobody_at_all_is_refused),
        cmocka_unit_test(header__the_version_is_exact),
        cmocka_unit_test(header__the_mac_has_one_shape),
        cmocka_unit_test(header__one_that_never_ends_is_a_limit),
        cmocka_unit_test(header__every_cut_is_truncated_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
