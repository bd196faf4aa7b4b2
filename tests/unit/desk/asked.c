/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public asks: told and answered by what it is about, however much of it there is. */
#include "rig.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/sweep.h"
#include "rows_read.h"
#include "store/published.h"

#define ASKED_TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
#define MANY 10000u

typedef struct Ask {
    OskId target;
    int days; /* ago */
    uint32_t flags;
    const char *words;
} Ask;

/* Ownership: osk_bytes_clear() of its bytes. */
static OskRecordRow row_of(const Ask *ask)
{
    const OskAskedRow asked = { .space = OSK_SPACE_PUBLICATION,
                                .target = ask->target,
                                .day = osk_desk_today() - ask->days,
                                .sealed = { .bytes = (uint8_t *)(uintptr_t)ask->words,
                                            .len = ask->words == NULL ? 0 : strlen(ask->words) } };
    OskRecordRow row = { .key = { .space = OSK_SPACE_ASKED, .id = rig_draw_id() },
                         .day = asked.day,
                         .flags = ask->flags };
    assert_int_equal(osk_asked_write(&asked, &row.bytes), OSK_OK);
    return row;
}

static OskId add_ask(const Ask *ask)
{
    OskRecordRow row = row_of(ask);
    add_rows(rig.store, &row, 1);
    osk_bytes_clear(&row.bytes);
    return row.key.id;
}

static OskId add_asked(const OskId *target)
{
    return add_ask(
        &(Ask){ .target = *target, .flags = OSK_ASKED_REMOVE | 3u << 16, .words = "words" });
}

/* @param counted behind each of them, when it was seen */
static void answer_seen(const OskId *ids, size_t count, unsigned counted, const char *did)
{
    static char body[64 * 1024];
    char text[2 * OSK_ID_BYTES + 1];
    size_t len = (size_t)snprintf(body, sizeof(body), "{\"asked\":[");
    for (size_t i = 0; i < count; i++) {
        rig_id_text(&ids[i], text);
        len +=
            (size_t)snprintf(body + len, sizeof(body) - len, "%s{\"asked\":\"%s\",\"counted\":%u}",
                             i > 0 ? "," : "", text, counted);
    }
    snprintf(body + len, sizeof(body) - len, "],\"did\":\"%s\"}", did);
    rig_post(&rig_anna, "/api/asked/answer", body);
}

static void answer(const OskId *ids, size_t count, const char *did)
{
    answer_seen(ids, count, 3, did);
}

static void asked__a_request_is_answered_once_and_can_be_opened_again(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    uint64_t dropped = 0;
    OskModel *model = NULL;
    OskId about = rig_draw_id();
    OskId id = add_asked(&about);
    OskId nobody = rig_draw_id();
    rig_get(&rig_anna, "/api/asked");
    assert_true(rig_shows(&id) && rig_shows(&about));
    assert_int_equal(rig_whole("counted"), 3);
    assert_int_equal(rig_whole("count"), 4);
    assert_int_equal(rig_count("\"sealed\":\"d29yZHM=\""), 1);
    rig_get(&rig_anna, "/api/digest");
    assert_int_equal(rig_whole("asked"), 1);
    answer(&id, 1, "reopen");
    assert_int_equal(got.status, 409);
    answer(&nobody, 1, "nothing");
    assert_int_equal(got.status, 404);
    answer(&id, 1, "hidden");
    assert_int_equal(got.status, 200);
    answer(&id, 1, "nothing");
    assert_int_equal(got.status, 409);
    rig_get(&rig_anna, "/api/asked");
    assert_false(rig_shows(&id));
    answer(&id, 1, "reopen");
    rig_get(&rig_anna, "/api/asked");
    assert_true(rig_shows(&id));
    /* Who is not answered waits as long as it takes; the words of others go. */
    assert_int_equal(osk_model_open(&model, rig.store, &fault), OSK_OK);
    OskDay later = osk_desk_today() + OSK_OPERATION_DAYS + 1;
    assert_int_equal(osk_desk_sweep(rig.store, model, later, &dropped, &fault), OSK_OK);
    assert_int_equal(dropped, 0);
    answer(&id, 1, "nothing");
    assert_int_equal(osk_desk_sweep(rig.store, model, later - 1, &dropped, &fault), OSK_OK);
    assert_int_equal(dropped, 0);
    assert_int_equal(osk_desk_sweep(rig.store, model, later, &dropped, &fault), OSK_OK);
    assert_int_equal(dropped, 1);
    osk_model_close(&model);
}

/* With all that was said, and how much was not kept; one answer settles what was seen, and nothing
 * that came since. */
static void asked__what_is_about_one_thing_is_told_and_answered_at_once(void **state)
{
    (void)state;
    OskId about = rig_draw_id();
    OskId elsewhere = rig_draw_id();
    OskId ids[4];
    add_asked(&elsewhere);
    for (size_t i = 0; i < 3; i++) {
        ids[i] = add_asked(&about);
    }
    rig_get(&rig_anna, "/api/asked");
    assert_int_equal(rig_count("\"target\":"), 2);
    assert_int_equal(rig_count("\"count\":12"), 1);
    assert_int_equal(rig_count("\"count\":4"), 1);
    assert_int_equal(rig_count("\"sealed\":\"d29yZHM=\""), 4);
    ids[3] = add_asked(&about);
    answer(ids, 3, "hidden");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("others"), 4);
    rig_get(&rig_anna, "/api/asked");
    assert_true(rig_shows(&ids[3]) && !rig_shows(&ids[0]) && !rig_shows(&ids[2]));
    answer(ids, 3, "reopen");
    assert_int_equal(rig_whole("others"), 4);
    /* One of them was answered by somebody else meanwhile: the others are all the same. */
    answer(ids, 1, "nothing");
    answer(ids, 4, "nothing");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("others"), 0);
    answer(ids, 4, "nothing");
    assert_int_equal(got.status, 409);
}

/* Who was counted behind a request after somebody looked at it was not seen: they stay, with what
 * they ask for, and an undo brings back what was answered, and no more. */
static void asked__who_was_counted_since_is_not_answered(void **state)
{
    (void)state;
    OskId about = rig_draw_id();
    const OskId ids[2] = { add_asked(&about), add_asked(&about) };
    answer_seen(ids, 2, 1, "covered");
    assert_int_equal(got.status, 200);
    /* Two of each. */
    assert_int_equal(rig_whole("others"), 4);
    rig_get(&rig_anna, "/api/asked");
    assert_false(rig_shows(&ids[0]) || rig_shows(&ids[1]));
    assert_int_equal(rig_count("\"target\":"), 1);
    assert_true(rig_shows(&about));
    assert_int_equal(rig_whole("count"), 4);
    assert_int_equal(rig_count("\"kind\":\"remove\""), 2);
    assert_int_equal(rig_count("\"counted\":1"), 2);
    assert_int_equal(rig_count("\"sealed\":null"), 2);
    answer_seen(ids, 2, 1, "reopen");
    assert_int_equal(rig_whole("others"), 4);
    rig_get(&rig_anna, "/api/asked");
    assert_int_equal(rig_whole("count"), 8);
    /* What nobody has counted is not taken away; what was seen twice is answered once. */
    answer_seen(ids, 2, 60000, "nothing");
    assert_int_equal(rig_whole("others"), 4);
    answer_seen(ids, 2, 60000, "reopen");
    rig_get(&rig_anna, "/api/asked");
    assert_int_equal(rig_whole("count"), 8);
}

/* As they were told: nobody answers what he doesn't say that he has seen. */
static void asked__an_answer_says_what_was_seen(void **state)
{
    (void)state;
    OskId about = rig_draw_id();
    OskId id = add_asked(&about);
    char text[2 * OSK_ID_BYTES + 1];
    char body[256];
    static const char *const wrong[] = { "\"%s\"", "{\"asked\":\"%s\"}",
                                         "{\"asked\":\"%s\",\"counted\":65536}",
                                         "{\"asked\":\"%s\",\"counted\":-1}",
                                         "{\"asked\":\"%s\",\"counted\":3,\"more\":1}" };
    rig_id_text(&id, text);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char one[128];
        snprintf(one, sizeof(one), wrong[i], text);
        snprintf(body, sizeof(body), "{\"asked\":[%s],\"did\":\"nothing\"}", one);
        rig_post(&rig_anna, "/api/asked/answer", body);
        assert_int_equal(got.status, 400);
    }
    rig_get(&rig_anna, "/api/asked");
    assert_true(rig_shows(&id));
}

/* What is done to it is done as it was seen. */
static void asked__a_group_says_which_version_of_its_target_was_seen(void **state)
{
    (void)state;
    OskId about = rig_draw_id();
    (void)add_asked(&about);
    rig_get(&rig_anna, "/api/asked");
    assert_int_equal(rig_count("\"state\":null,\"version\":0"), 1);
    OskRecordRow row = { .key = { .space = OSK_SPACE_PUBLICATION, .id = about },
                         .day = osk_desk_today(),
                         .flags = OSK_PUBLICATION_HIDDEN };
    add_rows(rig.store, &row, 1);
    rig_get(&rig_anna, "/api/asked");
    assert_int_equal(rig_count("\"state\":\"hidden\",\"version\":1"), 1);
}

static void asked__an_answer_is_about_one_thing(void **state)
{
    (void)state;
    OskId about = rig_draw_id();
    OskId elsewhere = rig_draw_id();
    OskId ids[2] = { add_asked(&about), add_asked(&elsewhere) };
    const OskId twice[2] = { ids[0], ids[0] };
    answer(ids, 2, "nothing");
    assert_int_equal(got.status, 400);
    answer(twice, 2, "nothing");
    assert_int_equal(got.status, 400);
    answer(ids, 0, "nothing");
    assert_int_equal(got.status, 400);
    rig_get(&rig_anna, "/api/asked");
    assert_true(rig_shows(&ids[0]) && rig_shows(&ids[1]));
}

static void asked__what_came_by_a_link_says_so(void **state)
{
    (void)state;
    OskId about = rig_draw_id();
    (void)add_ask(&(Ask){ .target = about, .flags = OSK_ASKED_COVER | OSK_ASKED_BY_LINK });
    (void)add_ask(&(Ask){ .target = about, .flags = OSK_ASKED_COVER });
    rig_get(&rig_anna, "/api/asked");
    assert_int_equal(rig_count("\"kind\":\"cover\""), 2);
    assert_int_equal(rig_count("\"by_link\":true"), 1);
    assert_int_equal(rig_count("\"by_link\":false"), 1);
}

/* Where ten thousand ask about one hundred things, who asked about another one before is in front,
 * and a page costs what is on it. */
static void asked__a_flood_hides_nobody_and_costs_no_walk(void **state)
{
    (void)state;
    OskRecordRow *rows = calloc(MANY, sizeof(*rows));
    OskId targets[100];
    OskId about = rig_draw_id();
    assert_non_null(rows);
    for (size_t i = 0; i < MANY; i++) {
        targets[i % 100] = i < 100 ? rig_draw_id() : targets[i % 100];
        rows[i] = row_of(&(Ask){ .target = targets[i % 100],
                                 .flags = OSK_ASKED_REMOVE | (i < 9000 ? OSK_ASKED_ANSWERED : 0) });
    }
    add_rows(rig.store, rows, MANY);
    for (size_t i = 0; i < MANY; i++) {
        osk_bytes_clear(&rows[i].bytes);
    }
    free(rows);
    OskId id = add_ask(&(Ask){ .target = about, .days = 1, .flags = OSK_ASKED_COVER });
    rig_get(&rig_anna, "/api/asked");
    const char *first = strstr(got.body, "\"target\":\"");
    char text[2 * OSK_ID_BYTES + 1];
    rig_id_text(&about, text);
    assert_non_null(first);
    assert_int_equal(strncmp(first + strlen("\"target\":\""), text, strlen(text)), 0);
    rows_read = 0;
    rig_get(&rig_anna, "/api/asked");
    /* 200 requests, 20 groups of ten or so, and their targets. */
    assert_in_range(rows_read, 200, 260);
    /* Each group is on one page, once. */
    size_t seen = rig_count("\"target\":");
    for (int pages = 1; rig_text("next")[0] != 0; pages++) {
        char path[128];
        assert_in_range(pages, 1, 10);
        snprintf(path, sizeof(path), "/api/asked?after=%s", rig_text("next"));
        rig_get(&rig_anna, path);
        seen += rig_count("\"target\":");
    }
    assert_int_equal(seen, 101);
    rows_read = 0;
    answer(&id, 1, "nothing");
    assert_int_equal(got.status, 200);
    rig_get(&rig_anna, "/api/digest");
    assert_int_equal(rig_whole("asked"), 1000);
    assert_in_range(rows_read, 1, 5);
}

/* A flood about one of them, which is counted up all the time, as osk_asked_keep() does. */
typedef struct Flood {
    OskId id;
    atomic_bool is_over;
} Flood;

static void *count_up(void *context)
{
    Flood *flood = context;
    const OskRecordKey key = { .space = OSK_SPACE_ASKED, .id = flood->id };
    while (!atomic_load(&flood->is_over)) {
        OskFault fault = { .status = OSK_OK };
        OskRecordRow row;
        osk_store_turn_begin(rig.store);
        if (osk_store_record(rig.store, &key, &row, &fault)) {
            const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                                       .row.record = &row,
                                       .expected = row.version };
            row.flags ^= 1u << 16;
            osk_store_commit(rig.store, &change, 1, NULL, &fault);
            osk_record_row_free(&row);
        }
        osk_store_turn_end(rig.store);
    }
    return NULL;
}

static void asked__a_flood_keeps_nobody_from_answering(void **state)
{
    (void)state;
    OskId about = rig_draw_id();
    Flood flood = { .id = add_asked(&about) };
    const OskId ids[2] = { flood.id, add_asked(&about) };
    pthread_t thread;
    unsigned failed = 0;
    assert_int_equal(pthread_create(&thread, NULL, count_up, &flood), 0);
    for (int i = 0; i < 40; i++) {
        answer(ids, 2, i % 2 == 0 ? "nothing" : "reopen");
        failed += got.status != 200 ? 1 : 0;
    }
    atomic_store(&flood.is_over, true);
    pthread_join(thread, NULL);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASKED_TEST(asked__a_request_is_answered_once_and_can_be_opened_again),
        ASKED_TEST(asked__what_is_about_one_thing_is_told_and_answered_at_once),
        ASKED_TEST(asked__who_was_counted_since_is_not_answered),
        ASKED_TEST(asked__an_answer_says_what_was_seen),
        ASKED_TEST(asked__a_group_says_which_version_of_its_target_was_seen),
        ASKED_TEST(asked__an_answer_is_about_one_thing),
        ASKED_TEST(asked__what_came_by_a_link_says_so),
        ASKED_TEST(asked__a_flood_hides_nobody_and_costs_no_walk),
        ASKED_TEST(asked__a_flood_keeps_nobody_from_answering),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
