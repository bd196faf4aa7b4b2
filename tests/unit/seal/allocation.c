/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that ends: each allocation of a job fails once, and nothing is given, kept or lost. */
#include "oilskin/scrub.h"
#include "oilskin/seal.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static size_t allowed = SIZE_MAX;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static bool may_take(void)
{
    if (allowed == 0) {
        return false;
    }
    allowed--;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return may_take() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_take() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *block, size_t size)
{
    return may_take() ? __real_realloc(block, size) : NULL;
}

/* What fails at the n-th allocation, for every n, until nothing fails any more. */
static void allocation__each_that_fails_is_no_memory(void **state)
{
    (void)state;
    allowed = SIZE_MAX;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1, .random = &random };
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    OskStatus status = OSK_NO_MEMORY;
    size_t failures = 0;
    for (size_t most = 0; status != OSK_OK; most++) {
        OskMemory sealed = { 0 };
        OskMemory plain = { .max = 4 };
        OskFault fault = { .status = OSK_OK };
        allowed = most;
        status = osk_seal_bytes("text", 4, &to, &sealed, &fault);
        if (status == OSK_OK) {
            status = osk_unseal_bytes(sealed.bytes, sealed.len, &with, &plain, &fault);
        }
        allowed = SIZE_MAX;
        assert_true(status == OSK_OK || (status == OSK_NO_MEMORY && fault.status == OSK_NO_MEMORY));
        assert_int_equal(status == OSK_OK, plain.bytes != NULL);
        failures += status != OSK_OK;
        osk_bytes_free(&sealed.bytes);
        osk_bytes_free(&plain.bytes);
    }
    assert_true(failures >= 5);
}

static void allocation__armor_without_memory_is_no_memory(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t len = 9;
    allowed = 0;
    OskStatus status = osk_armor_decode(fixed_armored, strlen(fixed_armored), &bytes, &len, NULL);
    allowed = SIZE_MAX;
    assert_int_equal(status, OSK_NO_MEMORY);
    assert_null(bytes);
    assert_int_equal(len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocation__each_that_fails_is_no_memory),
        cmocka_unit_test(allocation__armor_without_memory_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
