/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"
#include "uploads.h"

#include <string.h>

/* ---- tus ---- */

static void tus__options_says_what_there_is(void **state)
{
    (void)state;
    ASK("OPTIONS", "/uploads/");
    assert_int_equal(got.status, 204);
    assert_header("Tus-Version", "1.0.0");
    assert_header("Tus-Max-Size", "1000");
    assert_header("Tus-Checksum-Algorithm", "sha1,sha256");
    assert_header("Upload-Limit", "max-size=1000");
    static const char *const extensions[] = { "creation", "creation-with-upload", "expiration",
                                              "checksum", "termination",          "concatenation" };
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        assert_non_null(strstr(rig_header(&got, "Tus-Extension"), extensions[i]));
    }
    assert_non_null(strstr(rig_header(&got, "Accept-Patch"), "application/partial-upload"));
}

static void tus__an_upload_in_two_pieces_becomes_a_submission(void **state)
{
    (void)state;
    create("11");
    assert_header("Location", A);
    assert_header("Tus-Resumable", "1.0.0");
    assert_header("Upload-Expires", "Fri, 04 Oct 2024 00:00:00 GMT");
    assert_header("Oilskin-Receipt", "one two three four five six seven eight");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello ");
    assert_int_equal(got.status, 204);
    assert_header("Upload-Offset", "6");
    assert_int_equal(rig.submitted, 0);
    ASK("HEAD", A, { V });
    assert_int_equal(got.status, 200);
    assert_header("Upload-Offset", "6");
    assert_header("Upload-Length", "11");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "6" } }, .body = "world", .piece = 1);
    assert_int_equal(got.status, 204);
    assert_header("Upload-Offset", "11");
    assert_header("Oilskin-Outcome", "scrubbed");
    assert_submitted("hello world");
    assert_string_equal(rig.submitted_words, "one two three four five six seven eight");
}

static void tus__who_lost_the_last_answer_asks_again(void **state)
{
    (void)state;
    create("5");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello");
    assert_submitted("hello");
    ASK("HEAD", A, { V });
    assert_int_equal(got.status, 200);
    assert_header("Upload-Offset", "5");
    assert_header("Upload-Length", "5");
    assert_header("Oilskin-Outcome", "scrubbed");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "5" } });
    assert_int_equal(got.status, 204);
    assert_int_equal(rig.submitted, 1);
}

static void tus__a_complete_upload_that_was_not_submitted_is_when_somebody_asks(void **state)
{
    (void)state;
    create("5");
    rig.submit_fails = true;
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello");
    assert_int_equal(got.status, 500);
    rig.submit_fails = false;
    ASK("HEAD", A, { V });
    assert_int_equal(got.status, 200);
    assert_submitted("hello");
}

static void tus__only_a_whole_upload_that_waits_leaves_its_place(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { V, { "Upload-Length", "5" }, { "Upload-Metadata", "attach eWVz" } });
    assert_int_equal(got.status, 201);
    rig.has_key = false;
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hel");
    assert_int_equal(got.status, 204);
    assert_false(rig.has_key);
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "3" } }, .body = "lo");
    assert_int_equal(got.status, 204);
    assert_true(rig.has_key);
}

/* No later try mends it: not 503, and not a fault of the server. */
static void tus__an_upload_for_a_withdrawn_receipt_is_gone(void **state)
{
    (void)state;
    create("5");
    rig.is_overtaken = true;
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello");
    assert_int_equal(got.status, 410);
    assert_null(rig_header(&got, "Retry-After"));
    assert_non_null(strstr(got.body, "withdrawn"));
}

static void tus__what_came_before_a_cut_is_kept(void **state)
{
    (void)state;
    create("11");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello world", .piece = 2,
        .cut_at = 6);
    assert_int_equal(got.status, 0);
    /* The upload is closed on another thread: what is asked next may be there first. */
    for (unsigned i = 0; i < 1000; i++) {
        ASK("HEAD", A, { V });
        if (strcmp(rig_header(&got, "Upload-Offset"), "6") == 0) {
            break;
        }
    }
    assert_header("Upload-Offset", "6");
}

static void tus__statuses_are_those_of_the_protocol(void **state)
{
    (void)state;
    create("5");
    ASK("POST", "/uploads/", { { "Tus-Resumable", "0.2.2" }, { "Upload-Length", "5" } });
    assert_int_equal(got.status, 412);
    assert_header("Tus-Version", "1.0.0");
    ASK("POST", "/uploads/", { V });
    assert_int_equal(got.status, 400);
    ASK("POST", "/uploads/", { V, { "Upload-Length", "1001" } });
    assert_int_equal(got.status, 413);
    ASK("POST", "/uploads/", { V, { "Upload-Length", "5" }, { "Upload-Defer-Length", "1" } });
    assert_int_equal(got.status, 400);
    ASK("POST", "/uploads/x", { V, { "Upload-Length", "5" } });
    assert_int_equal(got.status, 405);
    ASK("HEAD", B, { V });
    assert_int_equal(got.status, 404);
    assert_header("Upload-Offset", NULL);
    ASK("HEAD", "/uploads/nothing", { V });
    assert_int_equal(got.status, 404);
    ASK("PATCH", B, { V, BYTES, { "Upload-Offset", "0" } }, .body = "x");
    assert_int_equal(got.status, 404);
    ASK("PATCH", A, { V, { "Upload-Offset", "0" } }, .body = "x");
    assert_int_equal(got.status, 415);
    ASK("PATCH", A, { V, BYTES }, .body = "x");
    assert_int_equal(got.status, 400);
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "1" } }, .body = "x");
    assert_int_equal(got.status, 409);
    assert_header("Upload-Offset", "0");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "too long");
    assert_int_equal(got.status, 413);
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "too long", .is_chunked = true);
    assert_int_equal(got.status, 413);
    ASK("PUT", A, { V });
    assert_int_equal(got.status, 405);
}

static void tus__a_request_may_name_its_method_in_a_header(void **state)
{
    (void)state;
    create("5");
    ASK("POST", A, { V, BYTES, { "Upload-Offset", "0" }, { "X-HTTP-Method-Override", "PATCH" } },
        .body = "hel");
    assert_int_equal(got.status, 204);
    assert_header("Upload-Offset", "3");
    ASK("POST", A, { V, { "X-HTTP-Method-Override", "DELETE" } });
    assert_int_equal(got.status, 204);
}

static void tus__a_creation_may_bring_bytes(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { V, BYTES, { "Upload-Length", "11" } }, .body = "hello ");
    assert_int_equal(got.status, 201);
    assert_header("Upload-Offset", "6");
    assert_header("Location", A);
    ASK("POST", "/uploads/", { V, BYTES, { "Upload-Length", "5" } }, .body = "hello");
    assert_int_equal(got.status, 201);
    assert_header("Oilskin-Outcome", "scrubbed");
    assert_submitted("hello");
}

static void tus__an_empty_file_is_complete_when_it_is_made(void **state)
{
    (void)state;
    create("0");
    assert_header("Upload-Offset", "0");
    assert_int_equal(rig.submitted, 1);
}

static void tus__a_length_may_come_later(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { V, { "Upload-Defer-Length", "1" } });
    assert_int_equal(got.status, 201);
    ASK("HEAD", A, { V });
    assert_header("Upload-Defer-Length", "1");
    assert_header("Upload-Length", NULL);
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "hello");
    assert_int_equal(got.status, 204);
    assert_int_equal(rig.submitted, 0);
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "5" }, { "Upload-Length", "6" } }, .body = "!");
    assert_int_equal(got.status, 204);
    assert_submitted("hello!");
}

static void tus__a_wrong_checksum_keeps_nothing(void **state)
{
    (void)state;
    create("11");
    ASK("PATCH", A,
        { V,
          BYTES,
          { "Upload-Offset", "0" },
          { "Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=" } },
        .body = "hello world ", .body_len = 11, .piece = 3);
    assert_int_equal(got.status, 204);
    rig_reset();
    create("11");
    ASK("PATCH", A,
        { V,
          BYTES,
          { "Upload-Offset", "0" },
          { "Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=" } },
        .body = "hello worle");
    assert_int_equal(got.status, 460);
    ASK("HEAD", A, { V });
    assert_header("Upload-Offset", "0");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" }, { "Upload-Checksum", "md5 AA==" } },
        .body = "hello world");
    assert_int_equal(got.status, 400);
    ASK("PATCH", A,
        { V,
          BYTES,
          { "Upload-Offset", "0" },
          { "Upload-Checksum", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=" } },
        .body = "hello world");
    assert_int_equal(got.status, 204);
    assert_submitted("hello world");
}

static void tus__a_checksum_that_is_cut_keeps_nothing(void **state)
{
    (void)state;
    create("11");
    ASK("PATCH", A,
        { V,
          BYTES,
          { "Upload-Offset", "0" },
          { "Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=" } },
        .body = "hello world", .cut_at = 5);
    ASK("HEAD", A, { V });
    assert_header("Upload-Offset", "0");
}

static void tus__partial_uploads_become_one(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { V, BYTES, { "Upload-Length", "6" }, { "Upload-Concat", "partial" } },
        .body = "hello ");
    assert_int_equal(got.status, 201);
    assert_header("Oilskin-Receipt", NULL);
    assert_int_equal(rig.submitted, 0);
    ASK("HEAD", A, { V });
    assert_header("Upload-Concat", "partial");
    ASK("POST", "/uploads/", { V, { "Upload-Length", "5" }, { "Upload-Concat", "partial" } });
    ASK("POST", "/uploads/", { V, { "Upload-Concat", "final;" A " " B } });
    assert_int_equal(got.status, 400);
    ASK("PATCH", B, { V, BYTES, { "Upload-Offset", "0" } }, .body = "world");
    assert_int_equal(got.status, 204);
    ASK("POST", "/uploads/",
        { V, { "Upload-Concat", "final;" A " " B }, { "Upload-Length", "11" } });
    assert_int_equal(got.status, 400);
    ASK("POST", "/uploads/", { V, { "Upload-Concat", "final;" A " http://drop" B } });
    assert_int_equal(got.status, 201);
    assert_header("Location", C);
    assert_header("Oilskin-Receipt", "one two three four five six seven eight");
    assert_submitted("hello world");
}

static void tus__parts_together_are_no_longer_than_a_file_may_be(void **state)
{
    (void)state;
    char part[601] = "";
    memset(part, 'x', 600);
    for (int i = 0; i < 2; i++) {
        ASK("POST", "/uploads/",
            { V, BYTES, { "Upload-Length", "600" }, { "Upload-Concat", "partial" } }, .body = part);
        assert_int_equal(got.status, 201);
    }
    ASK("POST", "/uploads/", { V, { "Upload-Concat", "final;" A " " B } });
    assert_int_equal(got.status, 413);
    assert_int_equal(rig.submitted, 0);
}

static void tus__an_upload_is_no_longer_than_a_submission(void **state)
{
    (void)state;
    osk_tus_set(tus, &(OskIntakeOptions){ .file_max = 1000, .submission_max = 9 });
    ASK("POST", "/uploads/", { V, { "Upload-Length", "9" } });
    assert_int_equal(got.status, 201);
    ASK("POST", "/uploads/", { V, { "Upload-Length", "10" } });
    assert_int_equal(got.status, 413);
}

/* A reload may lower it while an upload of unknown length is under way. */
static void tus__a_limit_that_falls_is_a_limit(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { V, { "Upload-Defer-Length", "1" } });
    assert_int_equal(got.status, 201);
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "0" } }, .body = "123456");
    assert_int_equal(got.status, 204);
    osk_tus_set(tus, &(OskIntakeOptions){ .file_max = 4, .submission_max = 4 });
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "6" } }, .body = "7", .is_chunked = true);
    assert_int_equal(got.status, 413);
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "6" }, { "Upload-Length", "2" } }, .body = "7",
        .is_chunked = true);
    assert_int_equal(got.status, 413);
    ASK("HEAD", A, { V });
    assert_header("Upload-Offset", "6");
}

static void tus__a_final_upload_takes_no_more(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { V, BYTES, { "Upload-Length", "5" }, { "Upload-Concat", "partial" } },
        .body = "hello");
    ASK("PATCH", A, { V, BYTES, { "Upload-Offset", "5" } }, .body = "!");
    assert_int_equal(got.status, 403);
}

static void tus__termination_ends_an_upload(void **state)
{
    (void)state;
    create("5");
    ASK("DELETE", A, { V });
    assert_int_equal(got.status, 204);
    assert_header("Tus-Resumable", "1.0.0");
    ASK("HEAD", A, { V });
    assert_int_equal(got.status, 404);
    ASK("DELETE", A, { V });
    assert_int_equal(got.status, 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, uploads_set_up, uploads_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tus__options_says_what_there_is),
        TEST(tus__an_upload_in_two_pieces_becomes_a_submission),
        TEST(tus__who_lost_the_last_answer_asks_again),
        TEST(tus__a_complete_upload_that_was_not_submitted_is_when_somebody_asks),
        TEST(tus__only_a_whole_upload_that_waits_leaves_its_place),
        TEST(tus__an_upload_for_a_withdrawn_receipt_is_gone),
        TEST(tus__what_came_before_a_cut_is_kept),
        TEST(tus__statuses_are_those_of_the_protocol),
        TEST(tus__a_request_may_name_its_method_in_a_header),
        TEST(tus__a_creation_may_bring_bytes),
        TEST(tus__an_empty_file_is_complete_when_it_is_made),
        TEST(tus__a_length_may_come_later),
        TEST(tus__a_wrong_checksum_keeps_nothing),
        TEST(tus__a_checksum_that_is_cut_keeps_nothing),
        TEST(tus__partial_uploads_become_one),
        TEST(tus__parts_together_are_no_longer_than_a_file_may_be),
        TEST(tus__an_upload_is_no_longer_than_a_submission),
        TEST(tus__a_limit_that_falls_is_a_limit),
        TEST(tus__a_final_upload_takes_no_more),
        TEST(tus__termination_ends_an_upload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
