/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is public is asked about without a walk over all of it. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/audit.h"
#include "rows_read.h"
#include "store/published.h"

#define LIST_TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
/* Published in some years. */
#define MANY 10000u
/* On one page, and some besides it. */
#define FEW 70u

static const OskId bert = { { 2 } };
static const OskId album = { { 9 } };

/* Unlisted, of which some are in the album; `waiting` of them wait, and were never public. */
static OskRecordRow *add_many(size_t waiting)
{
    OskRecordRow *rows = calloc(MANY, sizeof(*rows));
    assert_non_null(rows);
    for (size_t i = 0; i < MANY; i++) {
        OskPublication what = { .album = i % 100 == 0 ? album : (OskId){ { 0 } },
                                .day = osk_desk_today() - (OskDay)(i % 700),
                                .kind = OSK_MEDIA_JPEG,
                                .width = 4,
                                .height = 3,
                                .copy_len = 4,
                                .was_public = i >= waiting,
                                .maker = bert };
        uint32_t shown = i % 100 == 0 ? OSK_PUBLICATION_PUBLIC : OSK_PUBLICATION_UNLISTED;
        rows[i] = (OskRecordRow){ .key = { .space = OSK_SPACE_PUBLICATION, .id = rig_draw_id() },
                                  .day = what.day,
                                  .flags = i < waiting ? OSK_PUBLICATION_WAITING : shown };
        assert_int_equal(osk_publication_write(&what, &rows[i].bytes), OSK_OK);
    }
    add_rows(rig.store, rows, MANY);
    for (size_t i = 0; i < MANY; i++) {
        osk_bytes_clear(&rows[i].bytes);
    }
    return rows;
}

/* All of them were made of this. */
static void add_sources(const OskRecordRow *publications, const OskId *submission)
{
    OskRecordRow *rows = calloc(MANY, sizeof(*rows));
    assert_non_null(rows);
    for (size_t i = 0; i < MANY; i++) {
        rows[i] = (OskRecordRow){ .key = { .space = OSK_SPACE_PUBLISHED,
                                           .owner = *submission,
                                           .id = publications[i].key.id } };
    }
    add_rows(rig.store, rows, MANY);
    free(rows);
}

/* What it costs, in rows. What commits have touched before was read with an answer before. */
static size_t rows_of(const char *path)
{
    rig_get(&rig_anna, path);
    assert_int_equal(got.status, 200);
    rows_read = 0;
    rig_get(&rig_anna, path);
    assert_int_equal(got.status, 200);
    return rows_read;
}

static void public_list__no_question_walks_over_all_that_is_public(void **state)
{
    (void)state;
    OskRecordRow *rows = add_many(1);
    char path[128];
    char last[64] = "";
    assert_in_range(rows_of("/api/publications"), 60, FEW);
    assert_int_equal(rig_count("\"publication\":"), 60);
    assert_int_equal(rig_whole("unlisted"), MANY - MANY / 100);
    snprintf(last, sizeof(last), "%s", rig_text("next"));
    snprintf(path, sizeof(path), "/api/publications?after=%s", last);
    assert_in_range(rows_of(path), 60, FEW);
    assert_in_range(rows_of("/api/publications?state=waiting"), 1, 5);
    assert_true(rig_shows(&rows[0].key.id));
    assert_in_range(rows_of("/api/digest"), 0, 5);
    assert_int_equal(rig_whole("waiting"), 1);
    assert_in_range(rows_of("/api/albums"), 0, 5);
    /* What one commit changes is there with the next question, and costs that one row. */
    rows[1].version = 1;
    rows[1].flags = OSK_PUBLICATION_HIDDEN;
    OskFault fault = { .status = OSK_OK };
    const OskPublication what = { .day = rows[1].day, .kind = OSK_MEDIA_JPEG };
    assert_int_equal(osk_publication_write(&what, &rows[1].bytes), OSK_OK);
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &rows[1], .expected = 1 };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    osk_bytes_clear(&rows[1].bytes);
    rows_read = 0;
    rig_get(&rig_anna, "/api/publications?state=hidden");
    assert_true(rig_shows(&rows[1].key.id));
    assert_int_equal(rig_whole("hidden"), 1);
    assert_in_range(rows_read, 1, 5);
    free(rows);
}

/* What it was made of is found among all that was ever made of anything. */
static void public_list__an_approval_walks_over_nothing(void **state)
{
    (void)state;
    char text[2 * OSK_ID_BYTES + 1];
    char body[128];
    Sent sent = rig_send(0, 1, true);
    OskRecordRow *rows = add_many(3);
    add_sources(rows, &sent.submission);
    rig_get(&rig_anna, "/api/publications");
    rows_read = 0;
    rig_id_text(&rows[1].key.id, text);
    snprintf(body, sizeof(body), "{\"publication\":\"%s\",\"version\":1}", text);
    rig_post(&rig_anna, "/api/publications/approve", body);
    assert_int_equal(got.status, 200);
    assert_in_range(rows_read, 1, 5);
    /* When that was dropped there is nothing to approve, whatever was known of it before. */
    OskFault fault = { .status = OSK_OK };
    const OskChange change = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    rig_id_text(&rows[2].key.id, text);
    snprintf(body, sizeof(body), "{\"publication\":\"%s\",\"version\":1}", text);
    rig_post(&rig_anna, "/api/publications/approve", body);
    assert_int_equal(got.status, 409);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIST_TEST(public_list__no_question_walks_over_all_that_is_public),
        LIST_TEST(public_list__an_approval_walks_over_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
