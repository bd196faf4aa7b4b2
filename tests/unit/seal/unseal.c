/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening: random access, wrong keys, and every cut and change of a file. */
#include "oilskin/seal.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static OskStatus open_bytes(const uint8_t *bytes, size_t len, OskFault *fault)
{
    OskIdentity identity = fixed_identity();
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    OskMemory plain = { 0 };
    OskStatus status = osk_unseal_bytes(bytes, len, &with, &plain, fault);
    free(plain.bytes);
    return status;
}

static void unseal__opens_what_the_stock_program_sealed(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    uint8_t *sealed = NULL;
    size_t sealed_len = 0;
    OskMemory plain = { .max = 100 };
    assert_int_equal(
        osk_armor_decode(fixed_armored, strlen(fixed_armored), &sealed, &sealed_len, NULL), OSK_OK);
    assert_int_equal(osk_unseal_bytes(sealed, sealed_len, &with, &plain, NULL), OSK_OK);
    assert_int_equal(plain.len, 6);
    assert_memory_equal(plain.bytes, "hello\n", 6);
    free(plain.bytes);
    plain.max = 5;
    assert_int_equal(osk_unseal_bytes(sealed, sealed_len, &with, &plain, NULL), OSK_LIMIT);
    assert_null(plain.bytes);
    free(sealed);
}

static void unseal__the_file_key_opens_what_the_sealer_made(void **state)
{
    (void)state;
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES];
    uint8_t out[10];
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(10, &len, file_key);
    uint8_t *plain = fixed_plain(10);
    OskSource source = osk_source_from_memory(sealed, len);
    OskUnsealed *file = NULL;
    assert_int_equal(osk_unseal_open_key(&file, &source, file_key, NULL), OSK_OK);
    assert_int_equal(osk_unsealed_len(file), 10);
    assert_int_equal(osk_unsealed_read(file, 0, out, 10, NULL), OSK_OK);
    assert_memory_equal(out, plain, 10);
    osk_unsealed_free(&file);
    assert_null(file);
    osk_unsealed_free(&file);
    file_key[3] ^= 1;
    assert_int_equal(osk_unseal_open_key(&file, &source, file_key, NULL), OSK_AUTH);
    assert_null(file);
    free(sealed);
    free(plain);
}

static void unseal__reads_anywhere_in_any_order(void **state)
{
    (void)state;
    static const size_t places[] = { 0, 1, 65535, 65536, 65537, 131071, 131072, 199999, 200000 };
    size_t count = sizeof(places) / sizeof(places[0]);
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES];
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(200000, &len, file_key);
    uint8_t *plain = fixed_plain(200000);
    OskSource source = osk_source_from_memory(sealed, len);
    OskUnsealed *file = NULL;
    assert_int_equal(osk_unseal_open_key(&file, &source, file_key, NULL), OSK_OK);
    OskSource opened = osk_unsealed_source(file);
    assert_int_equal(opened.size, 200000);
    for (size_t i = 0; i < count * count; i++) {
        size_t from = places[i * 5 % count];
        size_t to = places[i / count];
        if (from > to) {
            continue;
        }
        uint8_t *out = malloc(to - from + 1);
        assert_non_null(out);
        assert_true(opened.read(opened.context, from, out, to - from));
        assert_memory_equal(out, plain + from, to - from);
        free(out);
    }
    uint8_t byte = 0;
    assert_int_equal(osk_unsealed_read(file, 200000, &byte, 1, NULL), OSK_MISUSE);
    assert_int_equal(osk_unsealed_read(file, UINT64_MAX, &byte, 1, NULL), OSK_MISUSE);
    osk_unsealed_free(&file);
    free(sealed);
    free(plain);
}

static void unseal__another_key_is_auth(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity other;
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(10, &len, NULL);
    assert_int_equal(osk_identity_make(&other, &random, NULL), OSK_OK);
    OskUnsealWith with = { .identities = &other, .count = 1 };
    OskSource source = osk_source_from_memory(sealed, len);
    OskUnsealed *file = NULL;
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_unseal_open(&file, &source, &with, &fault), OSK_AUTH);
    assert_non_null(fault.next);
    OskUnsealWith nothing = { .count = 0 };
    assert_int_equal(osk_unseal_open(&file, &source, &nothing, NULL), OSK_AUTH);
    OskIdentity both[2] = { other, fixed_identity() };
    OskUnsealWith two = { .identities = both, .count = 2 };
    assert_int_equal(osk_unseal_open(&file, &source, &two, NULL), OSK_OK);
    osk_unsealed_free(&file);
    free(sealed);
}

/* Every length that a cut file can have, across the header and the ends of chunks. */
static void unseal__no_cut_file_opens(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(65536 + 40, &len, NULL);
    for (size_t cut = 0; cut < len; cut++) {
        if (cut > 300 && cut < 65536 && cut % 4099 != 0) {
            continue;
        }
        uint8_t *exact = fixed_exact(sealed, cut);
        OskFault fault = { .status = OSK_OK };
        OskStatus status = open_bytes(exact, cut, &fault);
        assert_true(status == OSK_TRUNCATED || status == OSK_AUTH || status == OSK_MALFORMED);
        assert_int_equal(status, fault.status);
        free(exact);
    }
    free(sealed);
}

/* The cut that a length can't tell: between two chunks. */
static void unseal__a_cut_between_chunks_is_truncated(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(65536 * 2 + 40, &len, NULL);
    size_t whole = len - 40 - 16;
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(open_bytes(sealed, whole, &fault), OSK_TRUNCATED);
    assert_string_equal(fault.part, "payload");
    assert_int_equal(open_bytes(sealed, whole - 65536 - 16, NULL), OSK_TRUNCATED);
    assert_int_equal(open_bytes(sealed, whole + 15, NULL), OSK_TRUNCATED);
    assert_int_equal(open_bytes(sealed, whole + 16, NULL), OSK_MALFORMED);
    free(sealed);
}

static void unseal__every_changed_bit_is_found(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(20, &len, NULL);
    for (size_t bit = 0; bit < len * 8; bit++) {
        sealed[bit / 8] = (uint8_t)(sealed[bit / 8] ^ 1u << bit % 8);
        OskFault fault = { .status = OSK_OK };
        assert_int_not_equal(open_bytes(sealed, len, &fault), OSK_OK);
        assert_true(fault.status == OSK_MALFORMED || fault.status == OSK_AUTH ||
                    fault.status == OSK_TRUNCATED);
        sealed[bit / 8] = (uint8_t)(sealed[bit / 8] ^ 1u << bit % 8);
    }
    assert_int_equal(open_bytes(sealed, len, NULL), OSK_OK);
    free(sealed);
}

static void unseal__appended_bytes_are_found(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(20, &len, NULL);
    uint8_t *longer = calloc(1, len + 70000);
    assert_non_null(longer);
    memcpy(longer, sealed, len);
    for (size_t more = 1; more < 70000; more = more * 2 + 1) {
        assert_int_equal(open_bytes(longer, len + more, NULL), OSK_AUTH);
    }
    free(longer);
    free(sealed);
}

/* Chunks in another order: each is authentic at its own place alone. */
static void unseal__chunks_do_not_move(void **state)
{
    (void)state;
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES];
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(65536 * 3, &len, file_key);
    uint8_t *first = sealed + len - (size_t)3 * 65552;
    uint8_t *held = malloc(65552);
    uint8_t *out = malloc(65536 * 3);
    assert_non_null(held);
    assert_non_null(out);
    memcpy(held, first, 65552);
    memcpy(first, first + 65552, 65552);
    memcpy(first + 65552, held, 65552);
    OskSource source = osk_source_from_memory(sealed, len);
    OskUnsealed *file = NULL;
    assert_int_equal(osk_unseal_open_key(&file, &source, file_key, NULL), OSK_OK);
    assert_int_equal(osk_unsealed_read(file, 0, out, 10, NULL), OSK_AUTH);
    assert_int_equal(osk_unsealed_read(file, 65536, out, 65536, NULL), OSK_AUTH);
    assert_int_equal(osk_unsealed_read(file, 65536 * 2, out, 65536, NULL), OSK_OK);
    osk_unsealed_free(&file);
    free(sealed);
    free(held);
    free(out);
}

typedef struct Failing {
    const uint8_t *bytes;
    size_t calls_left;
} Failing;

static bool read_failing(void *context, uint64_t offset, void *out, size_t len)
{
    Failing *failing = context;
    if (failing->calls_left == 0) {
        return false;
    }
    failing->calls_left--;
    memcpy(out, failing->bytes + offset, len);
    return true;
}

static void unseal__every_failing_read_is_io(void **state)
{
    (void)state;
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES];
    uint8_t out[100];
    size_t len = 0;
    uint8_t *sealed = fixed_sealed(70000, &len, file_key);
    for (size_t calls = 0; calls < 5; calls++) {
        Failing failing = { .bytes = sealed, .calls_left = calls };
        OskSource source = { .context = &failing, .read = read_failing, .size = len };
        OskUnsealed *file = NULL;
        OskFault fault = { .status = OSK_OK };
        OskStatus status = osk_unseal_open_key(&file, &source, file_key, &fault);
        assert_int_equal(status, calls < 3 ? OSK_IO : OSK_OK);
        if (status == OSK_OK) {
            status = osk_unsealed_read(file, 0, out, sizeof(out), &fault);
            assert_int_equal(status, calls < 4 ? OSK_IO : OSK_OK);
        }
        osk_unsealed_free(&file);
    }
    free(sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unseal__opens_what_the_stock_program_sealed),
        cmocka_unit_test(unseal__the_file_key_opens_what_the_sealer_made),
        cmocka_unit_test(unseal__reads_anywhere_in_any_order),
        cmocka_unit_test(unseal__another_key_is_auth),
        cmocka_unit_test(unseal__no_cut_file_opens),
        cmocka_unit_test(unseal__a_cut_between_chunks_is_truncated),
        cmocka_unit_test(unseal__every_changed_bit_is_found),
        cmocka_unit_test(unseal__appended_bytes_are_found),
        cmocka_unit_test(unseal__chunks_do_not_move),
        cmocka_unit_test(unseal__every_failing_read_is_io),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
