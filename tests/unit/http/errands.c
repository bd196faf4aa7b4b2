/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "http/errands.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct Count {
    OskErrand errand;
    atomic_uint *sum;
} Count;

static void add_one(OskErrand *errand)
{
    Count *count = (Count *)errand;
    atomic_fetch_add(count->sum, 1);
    free(count);
}

static void errands__run_once_each_before_the_end(void **state)
{
    (void)state;
    OskErrands *errands = NULL;
    atomic_uint sum = 0;
    assert_int_equal(osk_errands_open(&errands, 4), OSK_OK);
    for (unsigned i = 0; i < 1000; i++) {
        Count *count = malloc(sizeof(*count));
        assert_non_null(count);
        *count = (Count){ .errand = { .run = add_one }, .sum = &sum };
        osk_errands_add(errands, &count->errand);
    }
    osk_errands_close(&errands);
    assert_null(errands);
    assert_int_equal(atomic_load(&sum), 1000);
    osk_errands_close(&errands);
}

typedef struct Meeting {
    OskErrand errand;
    pthread_barrier_t *barrier;
} Meeting;

static void meet(OskErrand *errand)
{
    pthread_barrier_wait(((Meeting *)errand)->barrier);
}

static void errands__wait_for_the_disk_at_the_same_time(void **state)
{
    (void)state;
    OskErrands *errands = NULL;
    pthread_barrier_t barrier;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 4), 0);
    assert_int_equal(osk_errands_open(&errands, 3), OSK_OK);
    Meeting meetings[3];
    for (unsigned i = 0; i < 3; i++) {
        meetings[i] = (Meeting){ .errand = { .run = meet }, .barrier = &barrier };
        osk_errands_add(errands, &meetings[i].errand);
    }
    /* Comes back only when all three are under way. */
    pthread_barrier_wait(&barrier);
    osk_errands_close(&errands);
    pthread_barrier_destroy(&barrier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errands__run_once_each_before_the_end),
        cmocka_unit_test(errands__wait_for_the_disk_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
