/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies that wait: whose they are, how long, how many, and what is left of them. */
#include "desk/copies.h"

#include <string.h>
#include <unistd.h>

#include "rig.h"

#define COPIES_TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

static const OskId anna = { { 1 } };
static const OskId bert = { { 2 } };

static OskId number(uint8_t n)
{
    return (OskId){ { 9, n } };
}

/* One that came at `now_ms`, whose one byte is its number. */
static void add(OskCopies *copies, const OskId *who, uint8_t n, int64_t now_ms)
{
    OskFault fault = { 0 };
    OskBlobWriter *writer = NULL;
    const OskCopy copy = { .id = number(n), .reviewer = *who, .what = { .copy_len = 1 } };
    assert_true(osk_copies_enter(copies, who));
    assert_int_equal(osk_blob_begin(rig.store, 0, &writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, &n, 1, &fault), OSK_OK);
    osk_copies_add(copies, &copy, &writer, now_ms);
    assert_null(writer);
}

static bool has(OskCopies *copies, const OskId *who, uint8_t n, int64_t now_ms)
{
    uint8_t byte = 0;
    int fd = -1;
    OskCopy copy = { .id = number(n), .reviewer = *who };
    if (!osk_copies_find(copies, &copy, now_ms, &fd)) {
        return false;
    }
    assert_int_equal(copy.what.copy_len, 1);
    assert_int_equal(pread(fd, &byte, 1, 0), 1);
    assert_int_equal(byte, n);
    /* Nobody writes by it. */
    assert_int_equal(write(fd, "x", 1), -1);
    close(fd);
    return true;
}

static void copies__are_their_reviewers_own_for_an_hour(void **state)
{
    (void)state;
    OskCopies *copies = osk_copies_open();
    add(copies, &anna, 1, 1000);
    assert_true(has(copies, &anna, 1, 1000));
    assert_false(has(copies, &bert, 1, 1000));
    assert_false(has(copies, &anna, 2, 1000));
    assert_true(has(copies, &anna, 1, 999 + OSK_COPY_MS));
    assert_false(has(copies, &anna, 1, 1000 + OSK_COPY_MS));
    osk_copies_sweep(copies, 1000 + OSK_COPY_MS);
    assert_false(has(copies, &anna, 1, 1000));
    osk_copies_close(&copies);
}

static void copies__a_fifth_takes_the_place_of_the_oldest(void **state)
{
    (void)state;
    OskCopies *copies = osk_copies_open();
    add(copies, &bert, 9, 0);
    for (uint8_t n = 1; n <= 5; n++) {
        add(copies, &anna, n, n == 2 ? 1 : 10 + n);
    }
    assert_false(has(copies, &anna, 2, 20));
    assert_true(has(copies, &anna, 1, 20) && has(copies, &anna, 5, 20));
    assert_true(has(copies, &bert, 9, 20));
    /* Those that come count, and are pushed out by nobody. */
    for (unsigned i = 0; i < OSK_COPIES_EACH; i++) {
        assert_true(osk_copies_enter(copies, &anna));
    }
    assert_false(osk_copies_enter(copies, &anna));
    assert_false(has(copies, &anna, 5, 20));
    osk_copies_leave(copies, &anna);
    assert_true(osk_copies_enter(copies, &anna));
    assert_true(osk_copies_enter(copies, &bert));
    osk_copies_close(&copies);
}

static void copies__are_taken_once_and_dropped_with_who_leaves(void **state)
{
    (void)state;
    OskCopies *copies = osk_copies_open();
    OskBlobWriter *writer = NULL;
    OskCopy copy = { .id = number(1), .reviewer = bert };
    add(copies, &anna, 1, 0);
    add(copies, &anna, 2, 0);
    add(copies, &bert, 3, 0);
    assert_false(osk_copies_take(copies, &copy, 1, &writer));
    copy.reviewer = anna;
    assert_true(osk_copies_take(copies, &copy, 1, &writer));
    assert_non_null(writer);
    osk_blob_abort(&writer);
    assert_false(osk_copies_take(copies, &copy, 1, &writer));
    assert_false(has(copies, &anna, 1, 1));
    osk_copies_drop(copies, &anna);
    assert_false(has(copies, &anna, 2, 1));
    assert_true(has(copies, &bert, 3, 1));
    osk_copies_close(&copies);
}

static bool fill(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 7, len);
    return true;
}

static void copies__go_with_a_session_that_ends_by_its_time(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    OskBlobWriter *writer = NULL;
    OskSession session;
    char cookie[OSK_SESSION_TEXT_BYTES];
    const OskRandom same = { .fill = fill };
    OskCopies *copies = osk_copies_open();
    OskSessions *sessions = osk_sessions_open();
    assert_true(osk_sessions_begin(sessions, &anna, &same, 0, cookie));
    assert_true(osk_sessions_find(sessions, cookie, 0, &session));
    const OskCopy copy = {
        .id = number(0), .reviewer = anna, .session = session.number, .what = { .copy_len = 1 }
    };
    assert_true(osk_copies_enter(copies, &anna));
    assert_int_equal(osk_blob_begin(rig.store, 0, &writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, "", 1, &fault), OSK_OK);
    osk_copies_add(copies, &copy, &writer, 0);
    osk_copies_end(copies, sessions, OSK_SESSION_IDLE_MS - 1);
    assert_true(has(copies, &anna, 0, 1));
    osk_copies_end(copies, sessions, OSK_SESSION_IDLE_MS);
    assert_false(has(copies, &anna, 0, 1));
    osk_sessions_close(&sessions);
    osk_copies_close(&copies);
}

/* What comes longer than a session lasts is kept nowhere: its place went with who sent it. */
static void copies__have_a_place_for_each_that_comes(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    OskBlobWriter *writer = NULL;
    OskCopies *copies = osk_copies_open();
    const OskCopy copy = { .id = number(1), .reviewer = anna };
    assert_int_equal(osk_blob_begin(rig.store, 0, &writer, &fault), OSK_OK);
    osk_copies_add(copies, &copy, &writer, 0);
    assert_null(writer);
    assert_false(has(copies, &anna, 1, 0));
    /* More than there is room for push out the oldest of all. */
    for (uint8_t n = 0; n < OSK_COPIES_MAX; n++) {
        const OskId who = { { 100, n } };
        add(copies, &who, n, n);
    }
    add(copies, &anna, 200, 500);
    const OskId first = { { 100, 0 } };
    const OskId second = { { 100, 1 } };
    assert_false(has(copies, &first, 0, 501));
    assert_true(has(copies, &second, 1, 501));
    assert_true(has(copies, &anna, 200, 501));
    osk_copies_close(&copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COPIES_TEST(copies__are_their_reviewers_own_for_an_hour),
        COPIES_TEST(copies__a_fifth_takes_the_place_of_the_oldest),
        COPIES_TEST(copies__are_taken_once_and_dropped_with_who_leaves),
        COPIES_TEST(copies__go_with_a_session_that_ends_by_its_time),
        COPIES_TEST(copies__have_a_place_for_each_that_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
