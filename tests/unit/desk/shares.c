/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links of the desk: who makes one is told its address once, and who has that ends it. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/call.h"
#include "desk/hex.h"
#include "desk/sweep.h"
#include "host/random.h"
#include "store/shares.h"

/* Of a desk whose public pages open links. */
static int set_up(void **state)
{
    int code = rig_set_up_anna(state);
    rig.desk->publishing.has_links = true;
    return code;
}

static OskId add_publication(OskPublicationState state)
{
    const OskPublication publication = { .day = osk_desk_today(),
                                         .kind = OSK_MEDIA_JPEG,
                                         .copy_len = 1 };
    OskBytes bytes;
    OskFault fault = { 0 };
    OskId id;
    assert_true(osk_random_fill(NULL, &id, sizeof(id)));
    assert_int_equal(osk_publication_write(&publication, &bytes), OSK_OK);
    const OskRecordRow row = { .key = { .space = OSK_SPACE_PUBLICATION, .id = id },
                               .day = osk_desk_today(),
                               .flags = (uint32_t)state,
                               .bytes = bytes };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &row };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    osk_bytes_clear(&bytes);
    return id;
}

/* @param more members behind it: ",\"views\":1". */
static void make(Browser *browser, const OskId *publication, const char *more)
{
    char body[1024];
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(publication, sizeof(*publication), id);
    snprintf(body, sizeof(body), "{\"publication\":\"%s\"%s}", id, more);
    rig_post(browser, "/api/shares", body);
}

/* Lent until the next call. */
static const char *address_of(const char *more)
{
    static char address[64];
    OskId id = add_publication(OSK_PUBLICATION_UNLISTED);
    make(&rig_anna, &id, more);
    assert_int_equal(got.status, 200);
    snprintf(address, sizeof(address), "%.63s", rig_text("address"));
    return address;
}

static OskShareFound find(const char *address)
{
    OskFault fault = { 0 };
    OskShareFound found;
    OskId id;
    assert_true(osk_share_address_id(address, &id));
    assert_true(osk_share_find(rig.store, &id, &found, &fault));
    return found;
}

static bool is_there(const char *address)
{
    OskFault fault = { 0 };
    OskShareFound found;
    OskId id;
    assert_true(osk_share_address_id(address, &id));
    bool there = osk_share_find(rig.store, &id, &found, &fault);
    assert_int_equal(fault.status, OSK_OK);
    return there;
}

static void end(Browser *browser, const char *address)
{
    char body[256];
    snprintf(body, sizeof(body), "{\"address\":\"%s\"}", address);
    rig_post(browser, "/api/shares/end", body);
}

static uint64_t sweep(int days_later)
{
    OskFault fault = { 0 };
    uint64_t dropped = 0;
    OskDay today = osk_desk_today() + (OskDay)days_later;
    assert_int_equal(osk_desk_sweep(rig.store, rig.desk->model, today, &dropped, &fault), OSK_OK);
    return dropped;
}

/* ---- making ---- */

static void shares__the_address_is_told_once_and_kept_nowhere(void **state)
{
    (void)state;
    char address[64];
    snprintf(address, sizeof(address), "%s", address_of(""));
    assert_int_equal(strlen(address), strlen("/s/") + OSK_SHARE_TOKEN_LETTERS);
    OskShareFound found = find(address);
    assert_int_equal(found.row.flags, OSK_SHARE_CHECKED);
    assert_int_equal(found.share.views, OSK_SHARE_VIEWS_ANY);
    assert_int_equal(found.share.expires, 0);
    assert_false(found.share.has_passphrase);
    rig_get(&rig_anna, "/api/shares");
    assert_int_equal(rig_count("\"made\""), 1);
    assert_int_equal(rig_count("\"state\":\"open\""), 1);
    assert_int_equal(rig_count("\"maker\":\"anna\""), 1);
    assert_int_equal(rig_count(address + 3), 0);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"share\\\""), 1);
    assert_int_equal(rig_count(address + 3), 0);
}

static void shares__limits_are_kept_as_they_were_asked_for(void **state)
{
    (void)state;
    OskShareFound found =
        find(address_of(",\"expires_days\":7,\"views\":1,\"passphrase\":\"eight letters\""));
    assert_int_equal(found.share.expires, osk_desk_today() + 7);
    assert_int_equal(found.share.views, 1);
    assert_true(osk_share_knows(&found.share, "eight letters"));
    assert_false(osk_share_knows(&found.share, "nine letters!"));
    rig_get(&rig_anna, "/api/shares");
    assert_int_equal(rig_count("\"passphrase\":true"), 1);
    assert_int_equal(rig_count("eight letters"), 0);
    assert_int_equal(rig_whole("views"), 1);
}

static void shares__wrong_limits_are_refused(void **state)
{
    (void)state;
    OskId id = add_publication(OSK_PUBLICATION_PUBLIC);
    static const char *const wrong[] = {
        ",\"expires_days\":0",   ",\"expires_days\":366",       ",\"expires_days\":\"7\"",
        ",\"views\":0",          ",\"views\":1000001",          ",\"views\":-1",
        ",\"passphrase\":\"\"",  ",\"passphrase\":\"7 bytes\"", ",\"passphrase\":12345678",
        ",\"token\":\"my own\"",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        make(&rig_anna, &id, wrong[i]);
        assert_int_equal(got.status, 400);
    }
    rig_get(&rig_anna, "/api/shares");
    assert_int_equal(rig_count("\"made\""), 0);
}

static void shares__only_what_is_public_gets_a_link(void **state)
{
    (void)state;
    static const struct {
        OskPublicationState state;
        unsigned status;
    } rows[] = {
        { OSK_PUBLICATION_WAITING, 409 },   { OSK_PUBLICATION_PUBLIC, 200 },
        { OSK_PUBLICATION_UNLISTED, 200 },  { OSK_PUBLICATION_HIDDEN, 409 },
        { OSK_PUBLICATION_WITHDRAWN, 409 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        OskId id = add_publication(rows[i].state);
        make(&rig_anna, &id, "");
        assert_int_equal(got.status, rows[i].status);
    }
    OskId unknown = { .bytes = { 1 } };
    make(&rig_anna, &unknown, "");
    assert_int_equal(got.status, 404);
}

static void shares__publishers_make_them_and_every_reviewer_ends_them(void **state)
{
    (void)state;
    Browser bert = { .cookie = "" };
    OskId id = add_publication(OSK_PUBLICATION_PUBLIC);
    char address[64];
    snprintf(address, sizeof(address), "%s", address_of(""));
    rig_add_reviewer("bert", "reviewer");
    rig_login(&bert, "bert", RIG_PASSPHRASE, NULL);
    make(&bert, &id, "");
    assert_int_equal(got.status, 403);
    rig_get(&bert, "/api/shares");
    assert_int_equal(got.status, 200);
    end(&bert, address);
    assert_int_equal(got.status, 200);
    assert_int_equal(osk_share_state(&(OskShareFound[]){ find(address) }[0], osk_desk_today()),
                     OSK_SHARE_IS_ENDED);
    Browser eva = { .cookie = "" };
    rig_add_reviewer("eva", "publisher");
    rig_login(&eva, "eva", RIG_PASSPHRASE, NULL);
    make(&eva, &id, "");
    assert_int_equal(got.status, 200);
    Browser nobody = { .cookie = "" };
    end(&nobody, address);
    assert_int_equal(got.status, 401);
}

static void shares__none_is_made_where_none_opens(void **state)
{
    (void)state;
    OskId id = add_publication(OSK_PUBLICATION_PUBLIC);
    make(&rig_anna, &id, "");
    assert_int_equal(got.status, 409);
    /* What was made before is ended all the same. */
    end(&rig_anna, "/s/abcdefghijklmnopqrstuv");
    assert_int_equal(got.status, 404);
}

/* ---- ending ---- */

static void shares__an_address_alone_ends_one(void **state)
{
    (void)state;
    char address[128];
    snprintf(address, sizeof(address), "https://drop.example%s#part", address_of(""));
    end(&rig_anna, address);
    assert_int_equal(got.status, 200);
    /* Twice is the same, and one entry. */
    end(&rig_anna, address);
    assert_int_equal(got.status, 200);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"share-end\\\""), 1);
    rig_get(&rig_anna, "/api/shares");
    assert_int_equal(rig_count("\"state\":\"ended\""), 1);
    end(&rig_anna, "/s/abcdefghijklmnopqrstuv");
    assert_int_equal(got.status, 404);
    end(&rig_anna, "/a/abcdefghijklmnopqrstu");
    assert_int_equal(got.status, 400);
    rig_post(&rig_anna, "/api/shares/end", "{}");
    assert_int_equal(got.status, 400);
}

static void shares__the_list_goes_on_behind_a_page(void **state)
{
    (void)state;
    char path[128];
    OskId id = add_publication(OSK_PUBLICATION_PUBLIC);
    for (unsigned i = 0; i < 101; i++) {
        make(&rig_anna, &id, "");
        assert_int_equal(got.status, 200);
    }
    rig_get(&rig_anna, "/api/shares");
    assert_int_equal(rig_count("\"made\""), 100);
    snprintf(path, sizeof(path), "/api/shares?after=%.63s", rig_text("next"));
    rig_get(&rig_anna, path);
    assert_int_equal(rig_count("\"made\""), 1);
    assert_string_equal(rig_text("next"), "");
    rig_get(&rig_anna, "/api/shares?after=x");
    assert_int_equal(got.status, 400);
}

/* ---- the sweep ---- */

static void shares__rows_are_swept_when_they_open_nothing(void **state)
{
    (void)state;
    char lasting[64];
    char short_one[64];
    char ended[64];
    snprintf(lasting, sizeof(lasting), "%s", address_of(""));
    snprintf(short_one, sizeof(short_one), "%s", address_of(",\"expires_days\":1"));
    snprintf(ended, sizeof(ended), "%s", address_of(""));
    end(&rig_anna, ended);
    assert_int_equal(sweep(1), 0);
    assert_int_equal(sweep(2), 2);
    assert_true(is_there(lasting));
    assert_false(is_there(short_one));
    assert_false(is_there(ended));
    end(&rig_anna, ended);
    assert_int_equal(got.status, 404);
}

static void shares__a_row_that_cannot_be_read_keeps_no_other(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    uint8_t nonsense[] = "nonsense";
    const OskRecordRow row = { .key = { .space = OSK_SPACE_SHARE, .id = { .bytes = { 0 } } },
                               .flags = OSK_SHARE_CHECKED,
                               .bytes = { nonsense, sizeof(nonsense) } };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &row };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    char address[64];
    snprintf(address, sizeof(address), "%s", address_of(",\"expires_days\":1"));
    rig_get(&rig_anna, "/api/shares");
    assert_int_equal(got.status, 200);
    assert_int_equal(sweep(2), 1);
    assert_false(is_there(address));
}

/* No day is counted from a date that may be wrong, and none is called over by it. */
static void shares__none_gets_a_last_day_while_the_date_is_doubted(void **state)
{
    (void)state;
    OskId id = add_publication(OSK_PUBLICATION_PUBLIC);
    (void)address_of(",\"expires_days\":7");
    for (OskDay believed = osk_desk_today() - 8; believed <= osk_desk_today() + 1; believed += 9) {
        assert_int_equal(osk_clock_believe(rig.store, believed, NULL), OSK_OK);
        make(&rig_anna, &id, ",\"expires_days\":7");
        assert_int_equal(got.status, 409);
        make(&rig_anna, &id, "");
        assert_int_equal(got.status, 200);
    }
    rig_get(&rig_anna, "/api/shares");
    assert_int_equal(rig_count("\"state\":\"doubted\""), 1);
    assert_int_equal(osk_clock_believe(rig.store, osk_desk_today(), NULL), OSK_OK);
    make(&rig_anna, &id, ",\"expires_days\":7");
    assert_int_equal(got.status, 200);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(shares__the_address_is_told_once_and_kept_nowhere),
        TEST(shares__limits_are_kept_as_they_were_asked_for),
        TEST(shares__wrong_limits_are_refused),
        TEST(shares__only_what_is_public_gets_a_link),
        TEST(shares__publishers_make_them_and_every_reviewer_ends_them),
        TEST(shares__an_address_alone_ends_one),
        TEST(shares__none_gets_a_last_day_while_the_date_is_doubted),
        TEST(shares__the_list_goes_on_behind_a_page),
        TEST(shares__rows_are_swept_when_they_open_nothing),
        TEST(shares__a_row_that_cannot_be_read_keeps_no_other),
        cmocka_unit_test_setup_teardown(shares__none_is_made_where_none_opens, rig_set_up_anna,
                                        rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
