/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/keyring.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "unit.h"

static const OskId one = { { 1, 1 } };
static const OskId two = { { 1, 1, 9 } }; /* in the same bucket */

static void wait_ms(long ms)
{
    const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    nanosleep(&pause, NULL);
}

static void make_key(uint8_t key[OSK_SEAL_FILE_KEY_BYTES], uint32_t number)
{
    memset(key, 0x55, OSK_SEAL_FILE_KEY_BYTES);
    memcpy(key, &number, sizeof(number));
}

static void keyring__gives_each_owner_its_own_keys(void **state)
{
    (void)state;
    OskKeyring *ring = osk_keyring_open();
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    uint8_t got[OSK_SEAL_FILE_KEY_BYTES];
    assert_non_null(ring);
    for (uint32_t i = 0; i < 3000; i++) {
        make_key(key, i);
        assert_int_equal(osk_keyring_put(ring, i % 2 == 0 ? &one : &two, i / 2, key), OSK_OK);
    }
    for (uint32_t i = 0; i < 3000; i++) {
        make_key(key, i);
        assert_true(osk_keyring_get(ring, i % 2 == 0 ? &one : &two, i / 2, got));
        assert_memory_equal(got, key, sizeof(key));
    }
    assert_int_equal(osk_keyring_count(ring), 3000);
    osk_keyring_forget(ring, &one);
    assert_false(osk_keyring_get(ring, &one, 0, got));
    assert_true(osk_keyring_get(ring, &two, 1499, got));
    assert_int_equal(osk_keyring_count(ring), 1500);
    osk_keyring_close(&ring);
    assert_null(ring);
}

static void keyring__keys_end_after_their_time(void **state)
{
    (void)state;
    OskKeyring *ring = osk_keyring_open_for(60);
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    make_key(key, 7);
    assert_int_equal(osk_keyring_put(ring, &one, 0, key), OSK_OK);
    assert_int_equal(osk_keyring_put(ring, &two, 0, key), OSK_OK);
    osk_keyring_expire_from_now(ring, &one);
    osk_keyring_expire_from_now(ring, &two);
    /* The sender came back. */
    assert_int_equal(osk_keyring_put(ring, &two, 1, key), OSK_OK);
    for (int i = 0; i < 100 && osk_keyring_count(ring) > 2; i++) {
        wait_ms(20);
    }
    assert_false(osk_keyring_get(ring, &one, 0, key));
    assert_true(osk_keyring_get(ring, &two, 0, key));
    osk_keyring_close(&ring);
}

/* What the kernel says of the page that holds a locked byte. */
static bool is_locked(const void *bytes)
{
    char line[512];
    bool within = false;
    bool locked = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from = 0;
        unsigned long until = 0;
        if (sscanf(line, "%lx-%lx ", &from, &until) == 2) {
            within = (uintptr_t)bytes >= from && (uintptr_t)bytes < until;
        } else if (within && strncmp(line, "VmFlags:", 8) == 0) {
            /* locked, not in dumps, not in children */
            locked = strstr(line, " lo") != NULL && strstr(line, " dd") != NULL &&
                     strstr(line, " dc") != NULL;
        }
    }
    fclose(maps);
    return locked;
}

static void locked__memory_is_in_no_dump_swap_or_child(void **state)
{
    (void)state;
    uint8_t *bytes = osk_locked_alloc(100000);
    uint8_t *other = osk_locked_alloc(1);
    assert_true(bytes != NULL && other != NULL);
    for (size_t i = 0; i < 100000; i++) {
        assert_int_equal(bytes[i], 0);
    }
    memset(bytes, 1, 100000);
    assert_true(is_locked(bytes) && is_locked(bytes + 99999) && is_locked(other));
    osk_locked_free(bytes);
    osk_locked_free(other);
    osk_locked_free(NULL);
    assert_null(osk_locked_alloc(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyring__gives_each_owner_its_own_keys),
        cmocka_unit_test(keyring__keys_end_after_their_time),
        cmocka_unit_test(locked__memory_is_in_no_dump_swap_or_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
