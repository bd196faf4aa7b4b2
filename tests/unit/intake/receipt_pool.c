/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/receipt.h"
#include "unit.h"

#include <pthread.h>
#include <string.h>

static const uint8_t salt[16] = "a salt of a drop";
static const char *const words = "abbot acid bamboo cello dream eagle zone fabric";

typedef struct Answer {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    unsigned count;
    unsigned failed;
    OskReceipt receipt;
} Answer;

static void take(void *context, const OskReceipt *receipt)
{
    Answer *answer = context;
    pthread_mutex_lock(&answer->mutex);
    answer->count++;
    answer->failed += receipt == NULL;
    if (receipt != NULL) {
        answer->receipt = *receipt;
    }
    pthread_cond_signal(&answer->wake);
    pthread_mutex_unlock(&answer->mutex);
}

static void wait_for(Answer *answer, unsigned count)
{
    pthread_mutex_lock(&answer->mutex);
    while (answer->count < count) {
        pthread_cond_wait(&answer->wake, &answer->mutex);
    }
    pthread_mutex_unlock(&answer->mutex);
}

static void begin(Answer *answer)
{
    *answer = (Answer){ .mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };
}

static OskReceipt derived(const uint8_t with[16], const char *text)
{
    OskReceiptPool *pool = NULL;
    assert_int_equal(osk_receipt_pool_open(&pool, with, 1), OSK_OK);
    Answer answer;
    begin(&answer);
    assert_int_equal(osk_receipt_derive(pool, text, take, &answer), OSK_OK);
    wait_for(&answer, 1);
    assert_int_equal(answer.failed, 0);
    osk_receipt_pool_close(&pool);
    assert_null(pool);
    return answer.receipt;
}

static void receipt_pool__same_words_give_the_same_keys(void **state)
{
    (void)state;
    OskReceipt first = derived(salt, words);
    OskReceipt again = derived(salt, words);
    assert_memory_equal(&first, &again, sizeof(first));
    OskReceipt other = derived(salt, "abbot acid bamboo cello dream eagle zone abode");
    assert_memory_not_equal(first.lookup.bytes, other.lookup.bytes, sizeof(first.lookup.bytes));
    uint8_t elsewhere[16] = "another drop's s";
    OskReceipt there = derived(elsewhere, words);
    assert_memory_not_equal(first.lookup.bytes, there.lookup.bytes, sizeof(first.lookup.bytes));
    assert_memory_not_equal(first.lookup.bytes, first.draft_key, 32);
    assert_memory_not_equal(first.identity.secret, first.draft_key, 32);
    uint8_t zeros[32] = { 0 };
    assert_memory_not_equal(first.identity.recipient.key, zeros, 32);
}

static void receipt_pool__answers_everybody_when_it_closes(void **state)
{
    (void)state;
    OskReceiptPool *pool = NULL;
    assert_int_equal(osk_receipt_pool_open(&pool, salt, 2), OSK_OK);
    Answer answer;
    begin(&answer);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(osk_receipt_derive(pool, words, take, &answer), OSK_OK);
    }
    osk_receipt_pool_close(&pool);
    assert_int_equal(answer.count, 8);
}

static void receipt_pool__refuses_what_is_no_receipt(void **state)
{
    (void)state;
    OskReceiptPool *pool = NULL;
    assert_int_equal(osk_receipt_pool_open(&pool, salt, 1), OSK_OK);
    char text[OSK_RECEIPT_TEXT_BYTES + 1];
    memset(text, 'a', sizeof(text));
    assert_int_equal(osk_receipt_derive(pool, text, take, NULL), OSK_MISUSE);
    assert_int_equal(osk_receipt_derive(pool, "", take, NULL), OSK_MISUSE);
    osk_receipt_pool_close(&pool);
    osk_receipt_pool_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipt_pool__same_words_give_the_same_keys),
        cmocka_unit_test(receipt_pool__answers_everybody_when_it_closes),
        cmocka_unit_test(receipt_pool__refuses_what_is_no_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
