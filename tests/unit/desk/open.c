/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening an original. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "desk/hex.h"
#include "desk/openings.h"
#include "host/random.h"

static void open_file(Browser *browser, const OskId *file, const char *why)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char body[256];
    osk_hex_write(file, sizeof(*file), text);
    snprintf(body, sizeof(body), "{\"file\":\"%s\",\"why\":\"%s\"}", text, why);
    rig_post(browser, "/api/open", body);
}

static void get_piece(Browser *browser, const char *address, const char *query)
{
    char path[128];
    snprintf(path, sizeof(path), "/blobs/%s?%s", address, query);
    rig_get(browser, path);
}

static void open__gives_the_sealed_bytes_as_they_lie(void **state)
{
    (void)state;
    char address[64];
    Sent sent = rig_send(0, 2, false);
    rig_fill(&sent);
    open_file(&rig_anna, &sent.files[1], "review");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_count("\"plain_len\":5"), 2);
    assert_int_equal(rig_count("\"sealed_len\":5"), 2);
    snprintf(address, sizeof(address), "%s", rig_text("address"));
    get_piece(&rig_anna, address, "segment=0&at=0");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.len, 5);
    assert_memory_equal(got.body, "one 1", 5);
    get_piece(&rig_anna, address, "segment=1&at=2");
    assert_int_equal(got.len, 3);
    assert_memory_equal(got.body, "o 1", 3);
    get_piece(&rig_anna, address, "segment=1&at=5");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.len, 0);
    get_piece(&rig_anna, address, "segment=1&at=6");
    assert_int_equal(got.status, 404);
    get_piece(&rig_anna, address, "segment=2&at=0");
    assert_int_equal(got.status, 404);
    get_piece(&rig_anna, address, "segment=-1&at=0");
    assert_int_equal(got.status, 404);
}

/* Bytes that came twice lie once, with another file. */
static void open__finds_the_bytes_of_a_copy(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    char address[64];
    Sent first = rig_send(0, 1, false);
    rig_fill(&first);
    Sent second = rig_send(0, 0, false);
    OskFileRow copy = { .submission = second.submission,
                        .same_as = first.files[0],
                        .sealed_len = 10 };
    assert_true(osk_random_fill(NULL, &copy.id, sizeof(copy.id)));
    const OskChange add = { .kind = OSK_ROW_FILE_ADD, .row.file = &copy };
    assert_int_equal(osk_store_commit(rig.store, &add, 1, NULL, &fault), OSK_COMMIT_OK);
    open_file(&rig_anna, &copy.id, "evidence");
    assert_int_equal(got.status, 200);
    snprintf(address, sizeof(address), "%s", rig_text("address"));
    get_piece(&rig_anna, address, "segment=1&at=0");
    assert_memory_equal(got.body, "two 0", 5);
}

static void open__to_publish_is_for_publishers(void **state)
{
    (void)state;
    static const char *const roles[] = { "reviewer", "publisher", "admin" };
    Sent sent = rig_send(0, 1, false);
    rig_fill(&sent);
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        Browser one = { .cookie = "" };
        rig_add_reviewer(roles[i], roles[i]);
        rig_login(&one, roles[i], RIG_PASSPHRASE, NULL);
        open_file(&one, &sent.files[0], "publish");
        assert_int_equal(got.status, i == 0 ? 403 : 200);
        open_file(&one, &sent.files[0], "evidence");
        assert_int_equal(got.status, 200);
    }
}

static void open__asks_why_and_says_so_in_the_audit_chain(void **state)
{
    (void)state;
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    Sent sent = rig_send(0, 1, false);
    open_file(&rig_anna, &sent.files[0], "");
    assert_int_equal(got.status, 400);
    open_file(&rig_anna, &sent.files[0], "curious");
    assert_int_equal(got.status, 400);
    open_file(&rig_anna, &sent.submission, "review");
    assert_int_equal(got.status, 404);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"open\\\""), 0);
    open_file(&rig_anna, &sent.files[0], "evidence");
    rig_get(&rig_anna, "/api/audit");
    osk_hex_write(&sent.files[0], sizeof(OskId), text);
    assert_int_equal(rig_count("\\\"did\\\":\\\"open\\\""), 1);
    assert_int_equal(rig_count("\\\"why\\\":\\\"evidence\\\""), 1);
    assert_int_equal(rig_count(text), 1);
}

static void open__an_address_is_good_for_who_asked_and_ten_minutes(void **state)
{
    (void)state;
    char address[64];
    Browser nobody = { .cookie = "" };
    Browser bert = { .cookie = "" };
    Sent sent = rig_send(0, 1, false);
    rig_fill(&sent);
    rig_add_reviewer("bert", "reviewer");
    rig_login(&bert, "bert", RIG_PASSPHRASE, NULL);
    open_file(&rig_anna, &sent.files[0], "review");
    snprintf(address, sizeof(address), "%s", rig_text("address"));
    get_piece(&nobody, address, "segment=0&at=0");
    assert_int_equal(got.status, 401);
    get_piece(&bert, address, "segment=0&at=0");
    assert_int_equal(got.status, 404);
    get_piece(&rig_anna, address, "segment=0&at=0");
    assert_int_equal(got.status, 200);

    const OskRandom kernel = { .fill = osk_random_fill };
    const OskOpening opening = { .reviewer = { { 1 } } };
    OskOpening found;
    OskOpenings *openings = osk_openings_open();
    assert_non_null(openings);
    assert_true(osk_openings_add(openings, &opening, &kernel, 0, address));
    assert_true(
        osk_openings_find(openings, address, &opening.reviewer, OSK_OPENING_MS - 1, &found));
    assert_false(osk_openings_find(openings, address, &opening.reviewer, OSK_OPENING_MS, &found));
    osk_openings_close(&openings);
}

/* ---- previews ---- */

static OskId put_preview(const OskId *file, const char *text, uint32_t kind)
{
    OskFault fault = { 0 };
    OskBlobWriter *writer = NULL;
    uint8_t pack[] = "what it is matched by";
    OskRecordRow look = { .key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file },
                          .flags = kind,
                          .sealed_len = strlen(text),
                          .bytes = { .bytes = pack, .len = sizeof(pack) } };
    assert_int_equal(osk_blob_begin(rig.store, 0, &writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, text, strlen(text), &fault), OSK_OK);
    assert_int_equal(osk_blob_commit(&writer, UINT64_MAX, &look.blob, &fault), OSK_OK);
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &look };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    return look.blob;
}

static void get_preview(Browser *browser, const OskId *file)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char path[128];
    osk_hex_write(file, sizeof(*file), text);
    snprintf(path, sizeof(path), "/blobs/%s/preview", text);
    rig_get(browser, path);
}

static void open__a_preview_is_given_to_who_is_logged_in(void **state)
{
    (void)state;
    char path[128] = "/api/submissions/";
    Browser nobody = { .cookie = "" };
    Sent sent = rig_send(0, 3, false);
    rig_fill(&sent);
    put_preview(&sent.files[0], "sealed preview", 1);
    put_preview(&sent.files[1], "sealed sheet", 2);
    get_preview(&nobody, &sent.files[0]);
    assert_int_equal(got.status, 401);
    get_preview(&rig_anna, &sent.files[0]);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.len, 14);
    assert_memory_equal(got.body, "sealed preview", 14);
    assert_non_null(strstr(got.head, "application/octet-stream"));
    get_preview(&rig_anna, &sent.files[2]);
    assert_int_equal(got.status, 404);
    rig_get(&rig_anna, "/blobs/00000000000000000000000000000zzz/preview");
    assert_int_equal(got.status, 404);
    osk_hex_write(&sent.submission, sizeof(OskId), path + strlen(path));
    rig_get(&rig_anna, path);
    assert_int_equal(rig_count("\"looked\":true,\"media\":\"still\""), 1);
    assert_int_equal(rig_count("\"looked\":true,\"media\":\"animation\""), 1);
    assert_int_equal(rig_count("\"looked\":false,\"media\":null"), 1);
    assert_int_equal(rig_count("what it is"), 0);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"open\\\""), 0);
}

/* Headers are wrapped anew when reviewers change. */
static void open__a_preview_has_its_newest_header(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    uint8_t head[] = "other";
    Sent sent = rig_send(0, 1, false);
    const OskRecordRow header = { .key = { .space = OSK_SPACE_HEADER,
                                           .owner = sent.files[0],
                                           .id = put_preview(&sent.files[0], "sealed preview", 1) },
                                  .flags = 6,
                                  .bytes = { .bytes = head, .len = 5 } };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &header };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    get_preview(&rig_anna, &sent.files[0]);
    assert_int_equal(got.len, 13);
    assert_memory_equal(got.body, "other preview", 13);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(open__gives_the_sealed_bytes_as_they_lie),
        TEST(open__finds_the_bytes_of_a_copy),
        TEST(open__to_publish_is_for_publishers),
        TEST(open__asks_why_and_says_so_in_the_audit_chain),
        TEST(open__an_address_is_good_for_who_asked_and_ten_minutes),
        TEST(open__a_preview_is_given_to_who_is_logged_in),
        TEST(open__a_preview_has_its_newest_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
