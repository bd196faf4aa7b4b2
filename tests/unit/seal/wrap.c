/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other recipients for what is sealed: the file stays, its header changes. */
#include "seal/wrap.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

#define PLAIN 70000u

typedef struct Rig {
    FixedRandom drawn;
    OskRandom random;
    OskIdentity ours;
    OskIdentity others[3];
    uint8_t *plain;
    uint8_t *sealed;
    size_t len;
    OskUnsealWith with;
    OskSealTo to;
    OskRecipient list[2];
} Rig;

static void set_up(Rig *rig)
{
    *rig = (Rig){ .ours = fixed_identity() };
    rig->random = fixed_random(&rig->drawn);
    for (size_t i = 0; i < 3; i++) {
        uint8_t seed[32] = { 0, (uint8_t)(i + 1) };
        assert_int_equal(osk_identity_from_seed(&rig->others[i], seed), OSK_OK);
    }
    rig->plain = fixed_plain(PLAIN);
    rig->sealed = fixed_sealed(PLAIN, &rig->len, NULL);
    rig->with = (OskUnsealWith){ .identities = &rig->ours, .count = 1 };
    rig->list[0] = rig->others[0].recipient;
    rig->list[1] = rig->others[1].recipient;
    rig->to = (OskSealTo){
        .recipients = rig->list, .count = 2, .random = &rig->random, .names_list = true
    };
}

static void tear_down(Rig *rig)
{
    free(rig->plain);
    free(rig->sealed);
}

static OskStatus rewrap(Rig *rig, const void *bytes, size_t len, OskMemory *out, size_t *old_len)
{
    OskFault fault = { .status = OSK_OK };
    uint8_t *exact = fixed_exact(bytes, len);
    const OskSealRewrap of = { .bytes = exact, .len = len, .with = &rig->with, .to = &rig->to };
    OskStatus status = osk_seal_rewrap(&of, out, old_len, &fault);
    assert_int_equal(status, fault.status);
    assert_true((status == OSK_OK) == (out->bytes != NULL));
    free(exact);
    return status;
}

/* The payload of the old file behind a new header. */
static uint8_t *put_together(const Rig *rig, const OskMemory *header, size_t old_len, size_t *out)
{
    *out = header->len + rig->len - old_len;
    uint8_t *file = malloc(*out);
    assert_non_null(file);
    memcpy(file, header->bytes, header->len);
    memcpy(file + header->len, rig->sealed + old_len, rig->len - old_len);
    return file;
}

static OskStatus open_as(const OskIdentity *identity, const void *bytes, size_t len,
                         const uint8_t *plain)
{
    const OskUnsealWith with = { .identities = identity, .count = 1 };
    OskMemory out = { .max = PLAIN };
    OskStatus status = osk_unseal_bytes(bytes, len, &with, &out, NULL);
    if (status == OSK_OK) {
        assert_int_equal(out.len, PLAIN);
        assert_memory_equal(out.bytes, plain, PLAIN);
    }
    free(out.bytes);
    return status;
}

static void wrap__who_is_on_the_new_list_opens_the_old_payload_and_nobody_else(void **state)
{
    (void)state;
    Rig rig;
    set_up(&rig);
    OskMemory header = { .bytes = NULL };
    size_t old_len = 0;
    size_t len = 0;
    assert_int_equal(rewrap(&rig, rig.sealed, rig.len, &header, &old_len), OSK_OK);
    assert_int_equal(header.len, osk_wrap_len(&rig.to));
    uint8_t *file = put_together(&rig, &header, old_len, &len);
    assert_int_equal(open_as(&rig.others[0], file, len, rig.plain), OSK_OK);
    assert_int_equal(open_as(&rig.others[1], file, len, rig.plain), OSK_OK);
    assert_int_equal(open_as(&rig.others[2], file, len, rig.plain), OSK_AUTH);
    assert_int_equal(open_as(&rig.ours, file, len, rig.plain), OSK_AUTH);
    free(file);
    free(header.bytes);
    tear_down(&rig);
}

static void wrap__the_beginning_of_a_file_is_enough(void **state)
{
    (void)state;
    Rig rig;
    set_up(&rig);
    OskMemory whole = { .bytes = NULL };
    size_t old_len = 0;
    size_t len = 0;
    assert_int_equal(rewrap(&rig, rig.sealed, rig.len, &whole, &len), OSK_OK);
    OskMemory header = { .bytes = NULL };
    assert_int_equal(rewrap(&rig, rig.sealed, len, &header, &old_len), OSK_OK);
    assert_int_equal(old_len, len);
    free(whole.bytes);
    free(header.bytes);
    for (size_t cut = 0; cut < len; cut++) {
        header = (OskMemory){ .bytes = NULL };
        assert_int_not_equal(rewrap(&rig, rig.sealed, cut, &header, &old_len), OSK_OK);
    }
    tear_down(&rig);
}

static void wrap__a_header_that_was_changed_is_wrapped_for_nobody(void **state)
{
    (void)state;
    Rig rig;
    set_up(&rig);
    OskMemory header = { .bytes = NULL };
    size_t old_len = 0;
    OskStatus status = rewrap(&rig, rig.sealed, rig.len, &header, &old_len);
    assert_int_equal(status, OSK_OK);
    free(header.bytes);
    for (size_t at = 0; at < old_len; at++) {
        header = (OskMemory){ .bytes = NULL };
        size_t ignored = 0;
        rig.sealed[at] ^= 1;
        status = rewrap(&rig, rig.sealed, rig.len, &header, &ignored);
        assert_true(status == OSK_AUTH || status == OSK_MALFORMED || status == OSK_TRUNCATED ||
                    status == OSK_LIMIT);
        rig.sealed[at] ^= 1;
    }
    rig.with.identities = &rig.others[2];
    assert_int_equal(rewrap(&rig, rig.sealed, rig.len, &header, &old_len), OSK_AUTH);
    tear_down(&rig);
}

static void wrap__what_is_asked_wrongly_is_misuse(void **state)
{
    (void)state;
    Rig rig;
    set_up(&rig);
    OskMemory header = { .max = 100 };
    size_t old_len = 0;
    assert_int_equal(rewrap(&rig, rig.sealed, rig.len, &header, &old_len), OSK_LIMIT);
    header.max = 0;
    rig.to.count = 0;
    assert_int_equal(rewrap(&rig, rig.sealed, rig.len, &header, &old_len), OSK_MISUSE);
    rig.to.passphrase = "p";
    rig.to.passphrase_len = 1;
    assert_int_equal(rewrap(&rig, rig.sealed, rig.len, &header, &old_len), OSK_MISUSE);
    tear_down(&rig);
}

static void wrap__a_header_names_its_list_whatever_the_order(void **state)
{
    (void)state;
    Rig rig;
    set_up(&rig);
    const OskRecipient turned[] = { rig.list[1], rig.list[0] };
    const OskRecipient other[] = { rig.list[0], rig.others[2].recipient };
    uint8_t list[OSK_SEAL_LIST_BYTES];
    uint8_t same[OSK_SEAL_LIST_BYTES];
    osk_seal_list(rig.list, 2, list);
    osk_seal_list(turned, 2, same);
    assert_memory_equal(list, same, sizeof(list));
    osk_seal_list(other, 2, same);
    assert_memory_not_equal(list, same, sizeof(list));
    osk_seal_list(rig.list, 1, same);
    assert_memory_not_equal(list, same, sizeof(list));

    OskSealHeader header;
    OskMemory sealed = { .bytes = NULL };
    assert_int_equal(osk_seal_bytes("abc", 3, &rig.to, &sealed, NULL), OSK_OK);
    assert_int_equal(sealed.len, osk_seal_file_len(&rig.to, 3));
    assert_int_equal(osk_seal_header_read(sealed.bytes, sealed.len, &header, NULL), OSK_OK);
    assert_true(header.names_list);
    assert_memory_equal(header.list, list, sizeof(list));
    assert_int_equal(header.recipient_count, 2);
    assert_int_equal(header.stanza_count, 3);
    assert_int_equal(header.len, osk_seal_header_len(&rig.to) - 16);
    free(sealed.bytes);
    assert_int_equal(osk_seal_header_read(rig.sealed, rig.len, &header, NULL), OSK_OK);
    assert_false(header.names_list);
    assert_int_equal(header.recipient_count, 1);
    tear_down(&rig);
}

static OskStatus read_stanzas(const char *stanzas, OskSealHeader *out)
{
    static const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES] = { 1 };
    OskWriter file;
    size_t len = 0;
    osk_writer_init(&file, 1 << 20);
    osk_writer_bytes(&file, OSK_HEADER_VERSION, sizeof(OSK_HEADER_VERSION) - 1);
    osk_writer_bytes(&file, stanzas, strlen(stanzas));
    osk_header_write_end(&file, file_key);
    uint8_t *bytes = osk_writer_give(&file, &len);
    uint8_t *exact = fixed_exact(bytes, len);
    OskStatus status = osk_seal_header_read(exact, len, out, NULL);
    free(bytes);
    free(exact);
    return status;
}

static void wrap__a_list_that_is_named_twice_or_wrongly_is_no_list(void **state)
{
    (void)state;
#define NAME "-> oilskin-list AAAAAAAAAAAAAAAAAAAAAA\n\n"
    static const char *const none[] = {
        NAME NAME,
        "-> oilskin-list\n\n",
        "-> oilskin-list AAAAAAAAAAAAAAAAAAAAAA A\n\n",
        "-> oilskin-list AAAAAAAAAAAAAAAAAAAAAA\nAAAA\n",
        "-> oilskin-list AAAAAAAAAAAAAAAAAAAAAB\n\n",
        "-> oilskin-list AAAAAAAAAAAAAAAAAAAAAAAA\n\n",
        "-> oilskin-lists AAAAAAAAAAAAAAAAAAAAAA\n\n",
    };
    OskSealHeader header;
    assert_int_equal(read_stanzas(NAME, &header), OSK_OK);
    assert_true(header.names_list);
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(read_stanzas(none[i], &header), OSK_OK);
        assert_false(header.names_list);
    }
    assert_int_equal(read_stanzas("-> X25519 A\n\n", &header), OSK_MALFORMED);
    assert_int_equal(read_stanzas("", &header), OSK_MALFORMED);
    assert_int_equal(header.len, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrap__who_is_on_the_new_list_opens_the_old_payload_and_nobody_else),
        cmocka_unit_test(wrap__the_beginning_of_a_file_is_enough),
        cmocka_unit_test(wrap__a_header_that_was_changed_is_wrapped_for_nobody),
        cmocka_unit_test(wrap__what_is_asked_wrongly_is_misuse),
        cmocka_unit_test(wrap__a_header_names_its_list_whatever_the_order),
        cmocka_unit_test(wrap__a_list_that_is_named_twice_or_wrongly_is_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
