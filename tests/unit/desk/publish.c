/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of what is public at a desk: who may, what is shown of it, and what is left of it.
 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk/audit.h"
#include "desk/call.h"
#include "desk/hex.h"
#include "desk/publications.h"
#include "host/random.h"
#include "store/backend.h"

#define PUBLISH_TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)

static const OskId anna = { { 1 } };
static const OskId bert = { { 2 } };
static const OskId album = { { 9 } };

static void put(const OskRecordRow *row)
{
    OskFault fault = { 0 };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = row };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
}

/* As somebody else has published it, `days` ago. */
static OskId add_publication(OskPublicationState state, const OskId *in, int days)
{
    OskPublication what = { .album = *in,
                            .day = osk_desk_today() - days,
                            .kind = OSK_MEDIA_JPEG,
                            .width = 4,
                            .height = 3,
                            .copy_len = 4,
                            .maker = bert,
                            .was_public = true,
                            .caption = "Two at a stop." };
    OskRecordRow row = { .key = { .space = OSK_SPACE_PUBLICATION, .id = rig_draw_id() },
                         .day = what.day,
                         .flags = (uint32_t)state,
                         .blob = rig_put_blob("copy"),
                         .sealed_len = 4 };
    assert_int_equal(osk_publication_write(&what, &row.bytes), OSK_OK);
    put(&row);
    osk_bytes_clear(&row.bytes);
    return row.key.id;
}

/* @param rest of the body, behind the id. */
static void say(Browser *browser, const char *path, const char *key, const OskId *id,
                const char *rest)
{
    char body[1024];
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(id, sizeof(*id), text);
    snprintf(body, sizeof(body), "{\"%s\":\"%s\"%s}", key, text, rest);
    rig_post(browser, path, body);
}

static void change(Browser *browser, const OskId *id, const char *rest)
{
    say(browser, "/api/publications/change", "publication", id, rest);
}

static size_t count_blobs(void)
{
    OskFault fault = { 0 };
    OskStoreCounts counts;
    assert_int_equal(osk_store_counts(rig.store, &counts, &fault), OSK_OK);
    return (size_t)counts.blob_bytes;
}

static void publish__a_list_goes_by_days_and_says_no_order_of_arrival(void **state)
{
    (void)state;
    static const OskId none;
    char path[128] = "/api/publications?album=";
    OskId old = add_publication(OSK_PUBLICATION_UNLISTED, &none, 400);
    for (int i = 0; i < 70; i++) {
        (void)add_publication(OSK_PUBLICATION_WAITING, &album, i % 7);
    }
    rig_get(&rig_anna, "/api/publications");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_count("\"state\":\"waiting\""), 60);
    assert_int_equal(rig_count("\"waiting\":70"), 1);
    char next[128];
    snprintf(next, sizeof(next), "/api/publications?after=%s", rig_text("next"));
    char last[64] = "";
    char last_day[64] = "";
    for (int pages = 0; pages < 2; pages++) {
        for (char *at = got.body; (at = strstr(at, "\"publication\":\"")) != NULL;) {
            at += strlen("\"publication\":\"");
            const char *day = strstr(at, "\"day\":\"");
            assert_non_null(day);
            int order = strncmp(day, last_day, 17);
            assert_true(last_day[0] == 0 || order < 0 || (order == 0 && strncmp(at, last, 32) > 0));
            snprintf(last, sizeof(last), "%.32s", at);
            snprintf(last_day, sizeof(last_day), "%.17s", day);
        }
        if (pages == 0) {
            rig_get(&rig_anna, next);
        }
    }
    assert_int_equal(rig_count("\"state\":\"waiting\""), 10);
    assert_true(rig_shows(&old));
    rig_get(&rig_anna, "/api/publications?state=unlisted");
    assert_int_equal(rig_count("\"publication\":"), 1);
    assert_true(rig_shows(&old));
    osk_hex_write(&album, sizeof(album), path + strlen(path));
    rig_get(&rig_anna, path);
    assert_int_equal(rig_count("\"publication\":"), 60);
    rig_get(&rig_anna, "/api/digest");
    assert_int_equal(rig_whole("waiting"), 70);
}

static void publish__a_reviewer_hides_and_a_publisher_shows(void **state)
{
    (void)state;
    static const OskId none;
    Browser reviewer = { .cookie = "" };
    OskId id = add_publication(OSK_PUBLICATION_UNLISTED, &none, 0);
    rig_add_reviewer("rosa", "reviewer");
    rig_login(&reviewer, "rosa", RIG_PASSPHRASE, NULL);
    change(&reviewer, &id, ",\"caption\":\"x\",\"state\":\"hide\"");
    assert_int_equal(got.status, 403);
    change(&reviewer, &id, ",\"state\":\"withdraw\"");
    assert_int_equal(got.status, 403);
    change(&reviewer, &id, ",\"state\":\"hide\"");
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("state"), "hidden");
    change(&reviewer, &id, ",\"state\":\"hide\"");
    assert_int_equal(got.status, 409);
    change(&reviewer, &id, ",\"state\":\"show\"");
    assert_int_equal(got.status, 403);
    change(&rig_anna, &id, ",\"state\":\"show\"");
    assert_string_equal(rig_text("state"), "unlisted");
    /* An album as well. */
    rig_post(&rig_anna, "/api/albums", "{\"title\":\"March\",\"language\":\"es\"}");
    OskId made;
    assert_true(osk_hex_read(rig_text("album"), &made, sizeof(made)));
    rig_post(&reviewer, "/api/albums", "{\"title\":\"April\",\"language\":\"es\"}");
    assert_int_equal(got.status, 403);
    say(&reviewer, "/api/albums", "album", &made, ",\"state\":\"hidden\",\"title\":\"x\"");
    assert_int_equal(got.status, 403);
    say(&reviewer, "/api/albums", "album", &made, ",\"state\":\"hidden\"");
    assert_string_equal(rig_text("state"), "hidden");
    say(&reviewer, "/api/albums", "album", &made, ",\"state\":\"open\"");
    assert_int_equal(got.status, 403);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("publish-hide"), 1);
    assert_int_equal(rig_count("publish-show"), 1);
}

/* The other one of two may have looked before something was changed. */
static void publish__an_approval_is_of_what_was_seen(void **state)
{
    (void)state;
    static const OskId none;
    OskId id = add_publication(OSK_PUBLICATION_WAITING, &none, 0);
    rig_get(&rig_anna, "/api/publications");
    assert_int_equal(rig_whole("version"), 1);
    Browser paul = { .cookie = "" };
    rig_add_reviewer("paul", "publisher");
    rig_login(&paul, "paul", RIG_PASSPHRASE, NULL);
    change(&paul, &id, ",\"version\":1,\"caption\":\"Ask at the second door.\"");
    assert_int_equal(rig_whole("version"), 2);
    say(&rig_anna, "/api/publications/approve", "publication", &id, "");
    assert_int_equal(got.status, 400);
    say(&rig_anna, "/api/publications/approve", "publication", &id, ",\"version\":1");
    assert_int_equal(got.status, 409);
    say(&rig_anna, "/api/publications/approve", "publication", &id, ",\"version\":2");
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("state"), "unlisted");
    assert_int_equal(rig_whole("version"), 3);
}

/* Two have it before them, and one of them takes a name away. */
static void publish__an_old_page_brings_nothing_back(void **state)
{
    (void)state;
    static const OskId none;
    OskId id = add_publication(OSK_PUBLICATION_UNLISTED, &none, 0);
    change(&rig_anna, &id, ",\"version\":1,\"caption\":\"At the square.\"");
    assert_int_equal(got.status, 200);
    change(&rig_anna, &id, ",\"version\":1,\"caption\":\"Maria at the square.\"");
    assert_int_equal(got.status, 409);
    change(&rig_anna, &id, ",\"caption\":\"Maria at the square.\"");
    assert_int_equal(got.status, 400);
    change(&rig_anna, &id, ",\"album\":\"\"");
    assert_int_equal(got.status, 400);
    change(&rig_anna, &id, ",\"version\":1,\"state\":\"hide\"");
    assert_int_equal(got.status, 409);
    rig_get(&rig_anna, "/api/publications");
    assert_int_equal(rig_count("\"caption\":\"At the square.\""), 1);
    /* An album as well; its first version is told when it is made. */
    rig_post(&rig_anna, "/api/albums", "{\"title\":\"Maria\",\"language\":\"es\"}");
    OskId made;
    assert_true(osk_hex_read(rig_text("album"), &made, sizeof(made)));
    assert_int_equal(rig_whole("version"), 1);
    say(&rig_anna, "/api/albums", "album", &made, ",\"version\":1,\"title\":\"March\"");
    assert_int_equal(rig_whole("version"), 2);
    say(&rig_anna, "/api/albums", "album", &made, ",\"version\":1,\"title\":\"Maria\"");
    assert_int_equal(got.status, 409);
    say(&rig_anna, "/api/albums", "album", &made, ",\"title\":\"Maria\"");
    assert_int_equal(got.status, 400);
    /* To hide it is nothing that waits. */
    say(&rig_anna, "/api/albums", "album", &made, ",\"state\":\"hidden\"");
    assert_int_equal(got.status, 200);
    rig_get(&rig_anna, "/api/albums");
    assert_int_equal(rig_count("\"title\":\"March\""), 1);
    assert_int_equal(rig_whole("version"), 3);
}

static void publish__what_is_withdrawn_leaves_neither_copy_nor_words(void **state)
{
    (void)state;
    static const OskId none;
    OskId id = add_publication(OSK_PUBLICATION_UNLISTED, &none, 0);
    assert_int_equal(count_blobs(), 4);
    change(&rig_anna, &id, ",\"state\":\"withdraw\"");
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("state"), "withdrawn");
    assert_int_equal(count_blobs(), 0);
    rig_get(&rig_anna, "/api/publications");
    assert_int_equal(rig_count("Two at a stop"), 0);
    assert_int_equal(rig_count("\"withdrawn\":1"), 1);
    change(&rig_anna, &id, ",\"state\":\"show\"");
    assert_int_equal(got.status, 409);
}

static void publish__words_that_lead_to_somebody_are_asked_about(void **state)
{
    (void)state;
    static const OskId none;
    OskId id = add_publication(OSK_PUBLICATION_UNLISTED, &none, 0);
    change(&rig_anna, &id, ",\"version\":1,\"caption\":\"Ask @anna, \\u06f0\\u06f6 12 34 56 78\"");
    assert_int_equal(got.status, 409);
    assert_int_equal(rig_count("\"kind\":\"handle\",\"at\":4,\"text\":\"@anna\""), 1);
    assert_int_equal(rig_count("\"kind\":\"phone\",\"at\":11"), 1);
    rig_get(&rig_anna, "/api/publications");
    assert_int_equal(rig_count("Two at a stop."), 1);
    change(&rig_anna, &id, ",\"version\":1,\"caption\":\"Ask @anna\",\"words_checked\":true");
    assert_int_equal(got.status, 200);
    change(&rig_anna, &id, ",\"version\":2,\"alt\":\"\\u0007\"");
    assert_int_equal(got.status, 400);
    change(&rig_anna, &id, ",\"version\":2,\"warning\":\"two\\nlines\"");
    assert_int_equal(got.status, 400);
    rig_post(&rig_anna, "/api/albums", "{\"title\":\"t.me/anna\",\"language\":\"en\"}");
    assert_int_equal(got.status, 409);
    rig_post(&rig_anna, "/api/albums", "{\"title\":\"March\",\"language\":\"en_US\"}");
    assert_int_equal(got.status, 400);
}

/* Into an album that is there, whose day is then that of the newest in it. */
static void publish__an_album_has_what_was_put_into_it(void **state)
{
    (void)state;
    static const OskId none;
    char rest[128];
    OskId id = add_publication(OSK_PUBLICATION_UNLISTED, &none, 3);
    rig_post(&rig_anna, "/api/albums", "{\"title\":\"March\",\"language\":\"es\"}");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("count"), 0);
    snprintf(rest, sizeof(rest), ",\"version\":1,\"album\":\"%s\"", rig_text("album"));
    change(&rig_anna, &id, rest);
    assert_string_equal(rig_text("state"), "public");
    rig_get(&rig_anna, "/api/albums");
    assert_int_equal(rig_whole("count"), 1);
    change(&rig_anna, &id, ",\"version\":2,\"album\":\"\"");
    assert_string_equal(rig_text("state"), "unlisted");
    char gone[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(&album, sizeof(album), gone);
    snprintf(rest, sizeof(rest), ",\"version\":3,\"album\":\"%s\"", gone);
    change(&rig_anna, &id, rest);
    assert_int_equal(got.status, 404);
}

/* ---- what can't be stored ---- */

static OskRowsBackend unsure;

static OskCommit never_sure(void *self, const OskCommitWish *wish, OskKeys *freed, OskFault *fault)
{
    (void)self;
    (void)wish;
    (void)freed;
    fault->status = OSK_IO;
    return OSK_COMMIT_UNKNOWN;
}

static OskCommit never(void *self, const OskCommitWish *wish, OskKeys *freed, OskFault *fault)
{
    (void)never_sure(self, wish, freed, fault);
    fault->status = OSK_LIMIT;
    return OSK_COMMIT_CONFLICT;
}

/* Adds a copy while commits end as `commit` says; the writer as it is left. */
static OskStatus add_while(OskCommit (*commit)(void *, const OskCommitWish *, OskKeys *,
                                               OskFault *),
                           OskPublicationItem *item, OskBlobWriter **writer)
{
    OskFault fault = { .status = OSK_OK };
    OskAudit *audit = NULL;
    const OskRandom random = { .fill = osk_random_fill };
    const OskPublicationDeed deed = { .did = "publish" };
    assert_int_equal(osk_audit_open(&audit, rig.store, &random, &fault), OSK_OK);
    const OskPublisher by = { .store = rig.store, .audit = audit, .who = &anna };
    const OskStoreParts *held = osk_store_parts(rig.store);
    OskStoreParts *parts = NULL;
    memcpy(&parts, &held, sizeof(parts));
    const OskRowsBackend *sure = parts->rows;
    if (commit != NULL) {
        unsure = *sure;
        unsure.commit = commit;
        parts->rows = &unsure;
    }
    OskStatus status = osk_publication_add(&by, item, &deed, writer, &fault);
    parts->rows = sure;
    osk_audit_close(&audit);
    return status;
}

static void begin_copy(OskPublicationItem *item, OskBlobWriter **writer)
{
    OskFault fault = { .status = OSK_OK };
    *item = (OskPublicationItem){ .state = OSK_PUBLICATION_UNLISTED,
                                  .blob_len = 4,
                                  .what = { .kind = OSK_MEDIA_JPEG, .copy_len = 4 } };
    assert_true(osk_random_fill(NULL, &item->id, sizeof(item->id)));
    assert_int_equal(osk_blob_begin(rig.store, 0, writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(*writer, "copy", 4, &fault), OSK_OK);
}

static bool is_blob(const OskId *key)
{
    OskFault fault = { .status = OSK_OK };
    OskBlobReader *reader = NULL;
    bool is_there = osk_blob_open(rig.store, key, &reader, &fault) == OSK_OK;
    osk_blob_close(&reader);
    return is_there;
}

/* Its row may be there after the next start. */
static void publish__bytes_stay_where_the_end_of_a_commit_is_unknown(void **state)
{
    (void)state;
    OskPublicationItem item;
    OskBlobWriter *writer = NULL;
    begin_copy(&item, &writer);
    assert_int_equal(add_while(never_sure, &item, &writer), OSK_IO);
    assert_null(writer);
    assert_true(is_blob(&item.blob));
}

static void publish__a_copy_outlives_a_try_that_failed(void **state)
{
    (void)state;
    OskFault fault = { .status = OSK_OK };
    OskPublicationItem item;
    OskPublicationItem held;
    OskBlobWriter *writer = NULL;
    char text[4] = "";
    begin_copy(&item, &writer);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(add_while(never, &item, &writer), OSK_LIMIT);
        assert_false(is_blob(&item.blob));
        assert_non_null(writer);
        assert_int_equal(pread(osk_blob_fd(writer), text, 4, 0), 4);
        assert_memory_equal(text, "copy", 4);
    }
    assert_int_equal(add_while(NULL, &item, &writer), OSK_OK);
    assert_null(writer);
    assert_true(is_blob(&item.blob));
    assert_true(osk_publication_load(rig.store, &item.id, &held, &fault));
    assert_memory_equal(&held.blob, &item.blob, sizeof(OskId));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PUBLISH_TEST(publish__a_list_goes_by_days_and_says_no_order_of_arrival),
        PUBLISH_TEST(publish__a_reviewer_hides_and_a_publisher_shows),
        PUBLISH_TEST(publish__an_approval_is_of_what_was_seen),
        PUBLISH_TEST(publish__an_old_page_brings_nothing_back),
        PUBLISH_TEST(publish__what_is_withdrawn_leaves_neither_copy_nor_words),
        PUBLISH_TEST(publish__words_that_lead_to_somebody_are_asked_about),
        PUBLISH_TEST(publish__an_album_has_what_was_put_into_it),
        PUBLISH_TEST(publish__bytes_stay_where_the_end_of_a_commit_is_unknown),
        PUBLISH_TEST(publish__a_copy_outlives_a_try_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
