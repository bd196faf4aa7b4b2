/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"
#include "uploads.h"

#include <string.h>

/* ---- the IETF's draft ---- */

static void draft__one_request_is_a_submission(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { { "Upload-Complete", "?1" }, { "Content-Type", "image/jpeg" } },
        .body = "hello");
    assert_int_equal(got.status, 200);
    assert_header("Upload-Complete", "?1");
    assert_header("Tus-Resumable", NULL);
    assert_header("Location", A);
    assert_header("Oilskin-Receipt", "one two three four five six seven eight");
    assert_string_equal(got.body, "{\"schema\":\"oilskin/received/1\",\"received\":true,"
                                  "\"files\":[{\"outcome\":\"scrubbed\"}]}");
    assert_submitted("hello");
    assert_int_equal(got.interims, 0);
}

static void draft__many_requests_are_one_upload(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { { "Upload-Complete", "?0" } }, .body = "hel", .is_chunked = true);
    assert_int_equal(got.status, 201);
    assert_header("Upload-Complete", "?0");
    assert_header("Upload-Offset", "3");
    assert_non_null(strstr(rig_header(&got, "Upload-Limit"), "max-size=1000"));
    ASK("PATCH", A, { PART, { "Upload-Complete", "?0" }, { "Upload-Offset", "3" } }, .body = "lo ");
    assert_int_equal(got.status, 204);
    assert_header("Upload-Complete", "?0");
    ASK("HEAD", A);
    assert_int_equal(got.status, 204);
    assert_header("Upload-Complete", "?0");
    assert_header("Upload-Offset", "6");
    assert_header("Upload-Length", NULL);
    ASK("PATCH", A, { PART, { "Upload-Complete", "?1" }, { "Upload-Offset", "6" } },
        .body = "world", .is_chunked = true);
    assert_int_equal(got.status, 200);
    assert_header("Upload-Complete", "?1");
    assert_submitted("hello world");
    ASK("HEAD", A);
    assert_header("Upload-Complete", "?1");
    assert_header("Upload-Offset", "11");
}

static void draft__is_complete_when_the_client_says_so(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { { "Upload-Complete", "?0" }, { "Upload-Length", "5" } },
        .body = "hello");
    assert_int_equal(got.status, 201);
    assert_int_equal(rig.submitted, 0);
    ASK("PATCH", A, { PART, { "Upload-Complete", "?1" }, { "Upload-Offset", "5" } });
    assert_int_equal(got.status, 200);
    assert_submitted("hello");
}

static void draft__offsets_and_lengths_agree_or_are_problems(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { { "Upload-Complete", "?1" }, { "Upload-Length", "6" } },
        .body = "hello");
    assert_int_equal(got.status, 400);
    assert_non_null(strstr(got.body, "#inconsistent-upload-length"));
    ASK("POST", "/uploads/", { { "Upload-Complete", "?0" }, { "Upload-Length", "6" } });
    assert_int_equal(got.status, 201);
    ASK("PATCH", A, { PART, { "Upload-Complete", "?0" }, { "Upload-Offset", "2" } }, .body = "x");
    assert_int_equal(got.status, 409);
    assert_header("Upload-Offset", "0");
    assert_non_null(strstr(got.body, "#mismatching-upload-offset"));
    assert_non_null(strstr(got.body, "\"expected-offset\":0,\"provided-offset\":2"));
    ASK("PATCH", A, { PART, { "Upload-Complete", "?1" }, { "Upload-Offset", "0" } }, .body = "x");
    assert_int_equal(got.status, 400);
    ASK("PATCH", A, { PART, { "Upload-Complete", "?1" }, { "Upload-Offset", "0" } }, .body = "x",
        .is_chunked = true);
    assert_int_equal(got.status, 400);
    assert_int_equal(rig.submitted, 0);
    ASK("PATCH", A, { { "Upload-Complete", "?0" }, { "Upload-Offset", "0" } }, .body = "x");
    assert_int_equal(got.status, 415);
    ASK("PATCH", A, { PART, { "Upload-Offset", "0" } }, .body = "x");
    assert_int_equal(got.status, 412);
    ASK("POST", "/uploads/",
        { { "Upload-Complete", "?1" }, { "Content-Type", "multipart/form-data; boundary=x" } },
        .body = "--x");
    assert_int_equal(got.status, 415);
}

static void draft__news_go_to_who_speaks_the_version(void **state)
{
    (void)state;
    ASK("POST", "/uploads/",
        { { "Upload-Complete", "?1" }, { "Upload-Draft-Interop-Version", "8" } }, .body = "hello");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.interims, 1);
    ASK("POST", "/uploads/",
        { { "Upload-Complete", "?1" }, { "Upload-Draft-Interop-Version", "6" } }, .body = "hello");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.interims, 0);
}

static void draft__deletes_as_tus_does(void **state)
{
    (void)state;
    ASK("POST", "/uploads/", { { "Upload-Complete", "?0" } });
    assert_int_equal(got.status, 201);
    ASK("DELETE", A);
    assert_int_equal(got.status, 204);
    ASK("HEAD", A);
    assert_int_equal(got.status, 404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, uploads_set_up, uploads_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(draft__one_request_is_a_submission),
        TEST(draft__many_requests_are_one_upload),
        TEST(draft__is_complete_when_the_client_says_so),
        TEST(draft__offsets_and_lengths_agree_or_are_problems),
        TEST(draft__news_go_to_who_speaks_the_version),
        TEST(draft__deletes_as_tus_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
