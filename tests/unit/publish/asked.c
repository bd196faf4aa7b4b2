/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public asks for: as much is kept as a desk can read, and nobody is out of sight. */
#include "publish/asked.h"

#include <string.h>

#include "store/rig.h"

static OskAskedBook *open_book(OskStore *store)
{
    OskAskedBook *book = NULL;
    OskFault fault = { 0 };
    assert_int_equal(osk_asked_open(&book, store, &fault), OSK_OK);
    return book;
}

static uint8_t sealed_words[] = "sealed words";

/* @return whether it was counted alone. */
static bool ask_with(OskAskedBook *book, const OskId *target, uint32_t kind, size_t len)
{
    OskAskedRow asked = { .space = OSK_SPACE_PUBLICATION,
                          .target = *target,
                          .sealed = { len > 0 ? sealed_words : NULL, len } };
    bool was_counted = false;
    OskFault fault = { 0 };
    assert_int_equal(osk_asked_keep(book, &asked, kind, &was_counted, &fault), OSK_OK);
    return was_counted;
}

static bool ask(OskAskedBook *book, const OskId *target, uint32_t kind)
{
    return ask_with(book, target, kind, sizeof(sealed_words));
}

/* What the store has of a target. */
typedef struct AskedSeen {
    OskId target;
    size_t rows;
    size_t with_words;
    uint32_t more;
    OskId any;
    uint32_t kind_of_more;
} AskedSeen;

static bool see(void *context, const OskRecordRow *row)
{
    AskedSeen *seen = context;
    OskAskedRow asked;
    assert_true(osk_asked_read(&asked, &row->bytes));
    if (memcmp(&asked.target, &seen->target, sizeof(asked.target)) == 0) {
        seen->rows++;
        seen->with_words += asked.sealed.len > 0 ? 1 : 0;
        seen->more += osk_asked_more(row->flags);
        seen->any = row->key.id;
        if (osk_asked_more(row->flags) > 0) {
            seen->kind_of_more = row->flags & OSK_ASKED_KINDS;
        }
    }
    return true;
}

static AskedSeen look(OskStore *store, const OskId *target)
{
    const OskRecordQuery query = { .space = OSK_SPACE_ASKED };
    AskedSeen seen = { .target = *target };
    OskFault fault = { 0 };
    assert_int_equal(osk_store_records(store, &query, see, &seen, &fault), OSK_OK);
    return seen;
}

static void answer(OskStore *store, const OskId *id)
{
    const OskRecordKey key = { .space = OSK_SPACE_ASKED, .id = *id };
    OskFault fault = { 0 };
    OskRecordRow row;
    assert_true(osk_store_record(store, &key, &row, &fault));
    row.flags |= OSK_ASKED_ANSWERED;
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = &row,
                               .expected = row.version };
    assert_int_equal(rig_commit(store, &change, 1, NULL), OSK_COMMIT_OK);
    osk_record_row_free(&row);
}

static void behind_twenty_of_a_target_they_are_counted(void **state)
{
    Rig *rig = *state;
    OskAskedBook *book = open_book(rig->store);
    OskId target = rig_id();
    OskId other = rig_id();
    for (size_t i = 0; i < OSK_ASKED_TARGET_MAX; i++) {
        assert_false(ask(book, &target, i == 7 ? OSK_ASKED_REMOVE : OSK_ASKED_COVER));
    }
    assert_true(ask(book, &target, OSK_ASKED_REMOVE));
    assert_true(ask(book, &target, OSK_ASKED_REMOVE));
    AskedSeen seen = look(rig->store, &target);
    assert_int_equal(seen.rows, OSK_ASKED_TARGET_MAX);
    assert_int_equal(seen.more, 2);
    assert_int_equal(seen.kind_of_more, OSK_ASKED_REMOVE);
    /* Others are heard. */
    assert_false(ask(book, &other, OSK_ASKED_COVER));
    osk_asked_close(&book);
}

static void what_is_answered_makes_room(void **state)
{
    Rig *rig = *state;
    OskAskedBook *book = open_book(rig->store);
    OskId target = rig_id();
    for (size_t i = 0; i < OSK_ASKED_TARGET_MAX; i++) {
        ask(book, &target, OSK_ASKED_COVER);
    }
    AskedSeen seen = look(rig->store, &target);
    answer(rig->store, &seen.any);
    assert_false(ask(book, &target, OSK_ASKED_COVER));
    assert_true(ask(book, &target, OSK_ASKED_COVER));
    osk_asked_close(&book);
    /* A restart knows the same. */
    book = open_book(rig->store);
    assert_true(ask(book, &target, OSK_ASKED_COVER));
    osk_asked_close(&book);
}

/* A flood about other pictures hides no request about this one. */
static void a_flood_hides_nobody(void **state)
{
    Rig *rig = *state;
    OskAskedBook *book = open_book(rig->store);
    OskId target = rig_id();
    OskId flooded = rig_id();
    for (size_t i = 0; i < OSK_ASKED_OPEN_MAX; i++) {
        flooded = i % OSK_ASKED_TARGET_MAX == 0 ? rig_id() : flooded;
        assert_false(ask(book, &flooded, OSK_ASKED_REPORT));
    }
    assert_true(ask(book, &target, OSK_ASKED_REMOVE));
    assert_true(ask(book, &target, OSK_ASKED_REMOVE));
    AskedSeen seen = look(rig->store, &target);
    assert_int_equal(seen.rows, 1);
    assert_int_equal(seen.with_words, 0);
    assert_int_equal(seen.more, 1);
    osk_asked_close(&book);
}

/* They cost a sender nothing: as many as there are targets of, and no more. */
static void empty_ones_are_bounded(void **state)
{
    Rig *rig = *state;
    OskAskedBook *book = open_book(rig->store);
    OskId target = rig_id();
    for (size_t i = 0; i < 5; i++) {
        ask_with(book, &target, OSK_ASKED_COVER, 0);
        ask_with(book, &target, OSK_ASKED_REPORT, 0);
    }
    AskedSeen seen = look(rig->store, &target);
    assert_int_equal(seen.rows, 2);
    assert_int_equal(seen.more, 8);
    /* Words are heard behind them. */
    assert_false(ask(book, &target, OSK_ASKED_COVER));
    for (size_t i = 3; i < OSK_ASKED_OPEN_MAX; i++) {
        OskId other = rig_id();
        ask_with(book, &other, OSK_ASKED_COVER, 0);
    }
    OskId last = rig_id();
    for (uint32_t kind = OSK_ASKED_COVER; kind <= OSK_ASKED_REPORT; kind++) {
        assert_true(ask_with(book, &last, kind, 0));
    }
    assert_true(ask(book, &last, OSK_ASKED_COVER));
    assert_int_equal(look(rig->store, &last).rows, 1);
    osk_asked_close(&book);
}

static void a_count_does_not_run_over(void **state)
{
    (void)state;
    uint32_t flags = OSK_ASKED_COVER | OSK_ASKED_MORE_MAX << 16;
    assert_int_equal(osk_asked_count(flags), flags);
    assert_int_equal(osk_asked_more(flags), OSK_ASKED_MORE_MAX);
    assert_int_equal(osk_asked_count(OSK_ASKED_REPORT), OSK_ASKED_REPORT | 1u << 16);
}

/* Whose row would change at each of them could not be answered while they come. */
static void what_is_counted_to_the_end_is_left_in_peace(void **state)
{
    Rig *rig = *state;
    OskAskedBook *book = open_book(rig->store);
    OskId target = rig_id();
    OskFault fault = { 0 };
    ask_with(book, &target, OSK_ASKED_COVER, 0);
    OskRecordKey key = { .space = OSK_SPACE_ASKED, .id = look(rig->store, &target).any };
    OskRecordRow row;
    assert_true(osk_store_record(rig->store, &key, &row, &fault));
    row.flags |= OSK_ASKED_MORE_MAX << 16;
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = &row,
                               .expected = row.version };
    assert_int_equal(rig_commit(rig->store, &change, 1, NULL), OSK_COMMIT_OK);
    osk_record_row_free(&row);
    assert_true(osk_store_record(rig->store, &key, &row, &fault));
    uint64_t version = row.version;
    osk_record_row_free(&row);
    assert_false(ask_with(book, &target, OSK_ASKED_COVER, 0));
    assert_true(osk_store_record(rig->store, &key, &row, &fault));
    assert_int_equal(row.version, version);
    osk_record_row_free(&row);
    osk_asked_close(&book);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(behind_twenty_of_a_target_they_are_counted),
        STORE_TEST(what_is_answered_makes_room),
        STORE_TEST(a_flood_hides_nobody),
        STORE_TEST(empty_ones_are_bounded),
        STORE_TEST(what_is_counted_to_the_end_is_left_in_peace),
        STORE_TEST(a_count_does_not_run_over),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
