/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "intake/upload_tus.h"
#include "rig.h"

#include <string.h>

/* A request is written as one reads it: what it lacks is none. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define V                                                                                          \
    {                                                                                              \
        "Tus-Resumable", "1.0.0"                                                                   \
    }
#define BYTES                                                                                      \
    {                                                                                              \
        "Content-Type", "application/offset+octet-stream"                                          \
    }
#define PART                                                                                       \
    {                                                                                              \
        "Content-Type", "application/partial-upload"                                               \
    }
#define TOKEN_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define A "/uploads/" TOKEN_A
#define B "/uploads/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define C "/uploads/CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"

static OskErrands *errands;
static OskTus *tus;
static const OskRoute *route;
static RigAnswer got;

static int set_up(void **state)
{
    (void)state;
    static OskIntakeOptions options = { .file_max = 1000,
                                        .categories = { { .id = "protest" },
                                                        { .id = "closed", .paused = true } },
                                        .category_count = 2 };
    rig_reset();
    if (osk_errands_open(&errands, 3) != OSK_OK) {
        return -1;
    }
    OskIntakeParts parts = { .errands = errands };
    if (osk_tus_open(&tus, &parts, &options) != OSK_OK) {
        return -1;
    }
    route = osk_tus_routes(tus);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    osk_errands_close(&errands);
    osk_tus_close(&tus);
    return 0;
}

static const char *ask(const RigAsk *asked)
{
    rig_ask(route, asked, &got);
    return got.body;
}

#define ASK(...) ask(&(RigAsk){ __VA_ARGS__ })

static void assert_header(const char *name, const char *value)
{
    const char *is = rig_header(&got, name);
    if (value == NULL) {
        assert_null(is);
    } else {
        assert_non_null(is);
        assert_string_equal(is, value);
    }
}

static void assert_submitted(const char *bytes)
{
    assert_int_equal(rig.submitted, 1);
    assert_int_equal(rig.submitted_len, strlen(bytes));
    assert_memory_equal(rig.submitted_bytes, bytes, strlen(bytes));
}

static void create(const char *len)
{
    ASK("POST", "/uploads/", { V, { "Upload-Length", len } });
    assert_int_equal(got.status, 201);
}

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(draft__one_request_is_a_submission),
        TEST(draft__many_requests_are_one_upload),
        TEST(draft__is_complete_when_the_client_says_so),
        TEST(draft__offsets_and_lengths_agree_or_are_problems),
        TEST(draft__news_go_to_who_speaks_the_version),
        TEST(draft__deletes_as_tus_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
