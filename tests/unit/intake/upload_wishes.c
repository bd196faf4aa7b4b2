/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the metadata of an upload means here, and what is said when there is too much to do. */
#include "unit.h"
#include "uploads.h"

#include <string.h>

/* ---- what metadata means here ---- */

static void tus__an_upload_that_is_attached_waits_for_its_submission(void **state)
{
    (void)state;
    ASK("POST", "/uploads/",
        { V, BYTES, { "Upload-Length", "5" }, { "Upload-Metadata", "attach eWVz" } },
        .body = "hello");
    assert_int_equal(got.status, 201);
    assert_header("Oilskin-Receipt", NULL);
    assert_int_equal(rig.submitted, 0);
    ASK("HEAD", A, { V });
    assert_header("Upload-Offset", "5");
    assert_int_equal(rig.submitted, 0);
}

static void tus__an_original_is_chosen_and_said(void **state)
{
    (void)state;
    ASK("POST", "/uploads/",
        { V, BYTES, { "Upload-Length", "5" }, { "Upload-Metadata", "kind b3JpZ2luYWw=" } },
        .body = "hello");
    assert_header("Oilskin-Outcome", "original-chosen");
    assert_true((rig.submitted_flags & OSK_UPLOAD_ORIGINAL) != 0);
}

static void tus__a_receipt_of_the_sender_is_used_and_not_said_again(void **state)
{
    (void)state;
    ASK("POST", "/uploads/",
        { V, BYTES, { "Upload-Length", "5" }, { "Upload-Metadata", "receipt b25lIHR3byBtaW5l" } },
        .body = "hello");
    assert_int_equal(got.status, 201);
    assert_header("Oilskin-Receipt", NULL);
    assert_string_equal(rig.submitted_words, "one two mine");
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "receipt eA==" } });
    assert_int_equal(got.status, 400);
}

static void tus__the_operator_says_what_is_open(void **state)
{
    (void)state;
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "category cHJvdGVzdA==" } });
    assert_int_equal(got.status, 201);
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "category Y2xvc2Vk" } });
    assert_int_equal(got.status, 422);
    assert_null(rig_header(&got, "Retry-After"));
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "category eA==" } });
    assert_int_equal(got.status, 400);
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "sealed ZGV2aWNl" } });
    assert_int_equal(got.status, 400);
}

static void tus__where_nothing_can_be_scrubbed_it_is_said_before_the_first_byte(void **state)
{
    (void)state;
    osk_tus_set(tus, &(OskIntakeOptions){ .seal_on_device = true });
    rig.scrubs_nothing = true;
    ASK("POST", "/uploads/", { V, { "Upload-Length", "5" } });
    assert_int_equal(got.status, 415);
    assert_null(rig_header(&got, "Retry-After"));
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "sealed ZGV2aWNl" } });
    assert_int_equal(got.status, 201);
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "kind b3JpZ2luYWw=" } });
    assert_int_equal(got.status, 201);
}

/* ---- the machine has too much to do ---- */

static void tus__who_must_wait_hears_for_how_long(void **state)
{
    (void)state;
    rig.door_is_shut = true;
    ASK("POST", "/uploads/", { V, { "Upload-Length", "5" } });
    assert_int_equal(got.status, 503);
    assert_header("Retry-After", "17");
}

static void tus__who_waits_at_the_door_gets_in(void **state)
{
    (void)state;
    rig.door_waits_once = true;
    for (unsigned i = 0; i < 100; i++) {
        rig.submitted = 0;
        ASK("POST", "/uploads/", { V, BYTES, { "Upload-Length", "5" } }, .body = "hello",
            .piece = 1);
        assert_int_equal(got.status, 201);
        assert_submitted("hello");
    }
}

static void tus__too_many_pieces_are_no_reason_to_come_again(void **state)
{
    (void)state;
    create("10");
    rig.pieces_are_full = true;
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "x");
    rig.pieces_are_full = false;
    assert_int_equal(got.status, 413);
    assert_null(rig_header(&got, "Retry-After"));
}

static void tus__room_is_asked_for_the_scrub_before_the_first_byte(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { V, { "Upload-Defer-Length", "1" } });
    assert_int_equal(rig.asked_bytes, 0);
    rig.disk_is_short = true;
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" }, { "Upload-Length", "7" } },
        .body = "hello");
    assert_int_equal(got.status, 507);
    assert_int_equal(rig.asked_bytes, 21);
    ASK("POST", "/uploads/", { V, { "Upload-Length", "5" } });
    assert_int_equal(got.status, 507);
    assert_int_equal(rig.asked_bytes, 15);
    rig.disk_is_short = false;
    create("5");
    ASK("POST", "/uploads/",
        { V, { "Upload-Length", "5" }, { "Upload-Metadata", "kind b3JpZ2luYWw=" } });
    assert_int_equal(got.status, 201);
    assert_int_equal(rig.asked_bytes, 5);
}

static void tus__a_full_disk_gives_no_2xx(void **state)
{
    (void)state;
    create("5");
    rig.disk_is_full = true;
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello");
    assert_int_equal(got.status, 507);
    assert_null(rig_header(&got, "Retry-After"));
    assert_header("Upload-Offset", "0");
    ASK("POST", "/uploads/", { V, { "Upload-Length", "5" } });
    assert_int_equal(got.status, 507);
    rig.disk_is_full = false;
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello");
    assert_int_equal(got.status, 204);
    assert_submitted("hello");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, uploads_set_up, uploads_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tus__an_upload_that_is_attached_waits_for_its_submission),
        TEST(tus__an_original_is_chosen_and_said),
        TEST(tus__a_receipt_of_the_sender_is_used_and_not_said_again),
        TEST(tus__the_operator_says_what_is_open),
        TEST(tus__who_must_wait_hears_for_how_long),
        TEST(tus__who_waits_at_the_door_gets_in),
        TEST(tus__too_many_pieces_are_no_reason_to_come_again),
        TEST(tus__room_is_asked_for_the_scrub_before_the_first_byte),
        TEST(tus__where_nothing_can_be_scrubbed_it_is_said_before_the_first_byte),
        TEST(tus__a_full_disk_gives_no_2xx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
