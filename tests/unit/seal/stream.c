/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: what it writes is what its lengths say, in whatever pieces the plaintext comes. */
#include "seal/stream.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static const size_t lengths[] = { 0,     1,     15,     16,     17,     65535,
                                  65536, 65537, 131071, 131072, 131073, 200000 };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static void stream__the_nonce_holds_number_and_end(void **state)
{
    (void)state;
    uint8_t nonce[12];
    osk_stream_nonce(nonce, UINT64_C(0x0102030405060708), true);
    assert_memory_equal(nonce, "\0\0\0\1\2\3\4\5\6\7\10\1", 12);
    osk_stream_nonce(nonce, 0, false);
    assert_memory_equal(nonce, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
}

static void stream__every_length_opens_again(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    for (size_t i = 0; i < LENGTHS; i++) {
        size_t sealed_len = 0;
        uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES];
        uint8_t *sealed = fixed_sealed(lengths[i], &sealed_len, file_key);
        OskMemory plain = { .max = lengths[i] };
        uint8_t *expected = fixed_plain(lengths[i]);
        assert_int_equal(osk_unseal_bytes(sealed, sealed_len, &with, &plain, NULL), OSK_OK);
        assert_int_equal(plain.len, lengths[i]);
        assert_memory_equal(plain.bytes, expected, plain.len);
        free(sealed);
        free(plain.bytes);
        free(expected);
    }
}

/* The last chunk is empty only where the file is. */
static void stream__no_file_ends_with_an_empty_chunk(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTHS; i++) {
        size_t sealed_len = 0;
        free(fixed_sealed(lengths[i], &sealed_len, NULL));
        OskRecipient one;
        OskSealTo to = { .recipients = &one, .count = 1 };
        size_t chunks = lengths[i] == 0 ? 1 : (lengths[i] + 65535) / 65536;
        assert_int_equal(sealed_len, osk_seal_header_len(&to) + lengths[i] + chunks * 16);
    }
}

static void stream__the_pieces_that_come_do_not_matter(void **state)
{
    (void)state;
    static const size_t steps[] = { 1, 7, 4096, 65535, 65536, 65537, 131072 };
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1 };
    size_t sealed_len = 0;
    uint8_t *sealed = fixed_sealed(200000, &sealed_len, NULL);
    uint8_t *plain = fixed_plain(200000);
    OskSealer *sealer = malloc(sizeof(*sealer));
    assert_non_null(sealer);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        FixedRandom drawn;
        FixedSink written;
        OskRandom random = fixed_random(&drawn);
        OskSink sink = fixed_sink(&written, sealed_len);
        to.random = &random;
        assert_int_equal(osk_sealer_open(sealer, &to, &sink, NULL, NULL), OSK_OK);
        for (size_t at = 0; at < 200000; at += steps[i]) {
            size_t len = 200000 - at < steps[i] ? 200000 - at : steps[i];
            assert_int_equal(osk_sealer_write(sealer, plain + at, len, NULL), OSK_OK);
        }
        assert_int_equal(osk_sealer_finish(sealer, NULL), OSK_OK);
        assert_int_equal(written.len, sealed_len);
        assert_int_equal(sealer->sealed_len, sealed_len);
        assert_memory_equal(written.bytes, sealed, sealed_len);
        free(written.bytes);
    }
    free(sealer);
    free(plain);
    free(sealed);
}

static void stream__nothing_is_left_in_memory_at_the_end(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1 };
    FixedRandom drawn;
    FixedSink written;
    OskRandom random = fixed_random(&drawn);
    OskSink sink = fixed_sink(&written, 100000);
    OskSealer *sealer = malloc(sizeof(*sealer));
    assert_non_null(sealer);
    to.random = &random;
    assert_int_equal(osk_sealer_open(sealer, &to, &sink, NULL, NULL), OSK_OK);
    assert_int_equal(osk_sealer_write(sealer, "planted secret", 14, NULL), OSK_OK);
    assert_int_equal(osk_sealer_finish(sealer, NULL), OSK_OK);
    for (size_t i = 0; i < sizeof(sealer->chunk); i++) {
        assert_int_equal(sealer->chunk[i], 0);
    }
    for (size_t i = 0; i < sizeof(sealer->payload_key); i++) {
        assert_int_equal(sealer->payload_key[i], 0);
    }
    assert_int_equal(osk_sealer_write(sealer, "x", 1, NULL), OSK_MISUSE);
    assert_int_equal(osk_sealer_finish(sealer, NULL), OSK_MISUSE);
    free(sealer);
    free(written.bytes);
}

/* Each byte that the sink does not take, and each that isn't drawn, is one failure. */
static void stream__every_failing_sink_and_draw_is_io(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1 };
    size_t needed = (size_t)osk_seal_file_len(&to, 70000);
    uint8_t *plain = fixed_plain(70000);
    OskSealer *sealer = malloc(sizeof(*sealer));
    assert_non_null(sealer);
    size_t failing[] = { 0, 100, (size_t)osk_seal_header_len(&to), needed - 16, needed - 1 };
    for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
        FixedRandom drawn;
        FixedSink written;
        OskFault fault = { .status = OSK_OK };
        OskRandom random = fixed_random(&drawn);
        OskSink sink = fixed_sink(&written, failing[i]);
        to.random = &random;
        OskStatus status = osk_sealer_open(sealer, &to, &sink, NULL, &fault);
        if (status == OSK_OK) {
            status = osk_sealer_write(sealer, plain, 70000, &fault);
        }
        if (status == OSK_OK) {
            status = osk_sealer_finish(sealer, &fault);
        }
        assert_int_equal(status, OSK_IO);
        assert_int_equal(fault.status, OSK_IO);
        assert_int_not_equal(osk_sealer_finish(sealer, NULL), OSK_OK);
        free(written.bytes);
    }
    for (size_t left = 0; left < 64; left++) {
        FixedRandom drawn;
        FixedSink written;
        OskRandom random = fixed_random(&drawn);
        drawn.left = left;
        OskSink sink = fixed_sink(&written, 1000);
        to.random = &random;
        assert_int_equal(osk_sealer_open(sealer, &to, &sink, NULL, NULL), OSK_IO);
        assert_int_equal(written.len, 0);
        free(written.bytes);
    }
    free(sealer);
    free(plain);
}

static void stream__nobody_or_too_many_is_misuse(void **state)
{
    (void)state;
    static OskRecipient many[OSK_SEAL_RECIPIENTS_MAX + 1];
    OskIdentity identity = fixed_identity();
    for (size_t i = 0; i <= OSK_SEAL_RECIPIENTS_MAX; i++) {
        many[i] = identity.recipient;
    }
    const OskRecipient low_order = { { 1 } };
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskSealTo wrong[] = {
        { .count = 0 },
        { .recipients = many, .count = OSK_SEAL_RECIPIENTS_MAX + 1 },
        { .recipients = many, .count = 1, .passphrase = "p", .passphrase_len = 1 },
        { .passphrase = "p", .passphrase_len = 1, .work = 31 },
        { .recipients = &low_order, .count = 1 },
    };
    OskSealer *sealer = malloc(sizeof(*sealer));
    assert_non_null(sealer);
    FixedSink written;
    OskSink sink = fixed_sink(&written, 100000);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        wrong[i].random = &random;
        assert_int_equal(osk_sealer_open(sealer, &wrong[i], &sink, NULL, NULL), OSK_MISUSE);
        assert_int_equal(written.len, 0);
    }
    OskSealTo most = { .recipients = many, .count = OSK_SEAL_RECIPIENTS_MAX, .random = &random };
    assert_int_equal(osk_sealer_open(sealer, &most, &sink, NULL, NULL), OSK_OK);
    assert_int_equal(written.len, osk_seal_header_len(&most));
    osk_sealer_wipe(sealer);
    free(sealer);
    free(written.bytes);
}

static void stream__lengths_do_not_overflow(void **state)
{
    (void)state;
    OskSealTo to = { .count = 1 };
    assert_int_equal(osk_seal_file_len(&to, UINT64_MAX), UINT64_MAX);
    assert_true(osk_seal_file_len(&to, UINT64_MAX / 2) > UINT64_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream__the_nonce_holds_number_and_end),
        cmocka_unit_test(stream__every_length_opens_again),
        cmocka_unit_test(stream__no_file_ends_with_an_empty_chunk),
        cmocka_unit_test(stream__the_pieces_that_come_do_not_matter),
        cmocka_unit_test(stream__nothing_is_left_in_memory_at_the_end),
        cmocka_unit_test(stream__every_failing_sink_and_draw_is_io),
        cmocka_unit_test(stream__nobody_or_too_many_is_misuse),
        cmocka_unit_test(stream__lengths_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
