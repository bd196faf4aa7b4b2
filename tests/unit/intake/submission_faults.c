/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a machine does to a submission: workers that break, disks that are full. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/strip_client.h"
#include "intake/admission.h"
#include "intake/shelf.h"
#include "submitting.h"
#include "unit.h"

static void submission__a_machine_that_fails_keeps_what_came(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(8);
    OskSubmissionRow row;
    OskFault fault = { .status = OSK_OK };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    osk_submitter_close(&submitter);
    const char *right = worker_path;
    worker_path = "/nowhere/oilskin-worker";
    open_submitter();
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_IO);
    assert_non_null(result.fault.next);
    assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &fault));
    osk_submitter_close(&submitter);
    worker_path = right;
    open_submitter();
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
}

/* A worker that is a script: it writes a line for each start, then becomes what `then` says. */
static void open_with_script(const char *then)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/worker.sh", shelf.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\necho start >> %s/starts\n%s\n", shelf.folder, then);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
    osk_submitter_close(&submitter);
    const char *right = worker_path;
    worker_path = path;
    open_submitter();
    worker_path = right;
}

static unsigned count_starts(void)
{
    char path[128];
    char line[16];
    unsigned count = 0;
    snprintf(path, sizeof(path), "%s/starts", shelf.folder);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        count++;
    }
    if (file != NULL) {
        fclose(file);
    }
    unlink(path);
    return count;
}

/* A fake worker in the shelf's folder. */
static void place_fake(const char *name)
{
    char command[512];
    snprintf(command, sizeof(command), "cp '%s' '%s/%s'", fake_path, shelf.folder, name);
    assert_int_equal(system(command), 0);
}

static void open_right(void)
{
    osk_submitter_close(&submitter);
    open_submitter();
}

/* Before it is given the job, and with each one: an upgrade of a library under a running server
 * does both. One file is one start, and behind a death a trial: a machine's fault is not tried
 * twice. */
static void submission__a_broken_worker_hands_nothing_on_as_it_came(void **state)
{
    (void)state;
    static const struct {
        const char *then;
        unsigned starts;
    } broken[] = { { "exec /bin/false", 1 },
                   { "exec ${0%/*}/die-first \"$@\"", 1 },
                   { "exec ${0%/*}/crash-first \"$@\"", 1 },
                   { "exec ${0%/*}/die \"$@\"", 2 },
                   { "exec ${0%/*}/crash \"$@\"", 2 },
                   { "exec ${0%/*}/strip-right \"$@\"", 2 } };
    static const char *const fakes[] = { "die-first", "crash-first", "die", "crash",
                                         "strip-right" };
    for (size_t i = 0; i < sizeof(fakes) / sizeof(fakes[0]); i++) {
        place_fake(fakes[i]);
    }
    for (uint8_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char token[OSK_TOKEN_TEXT_BYTES];
        const char *tokens[] = { token };
        OskReceipt receipt = make_receipt((uint8_t)(100 + i));
        OskSubmissionRow row;
        const OskSubmissionDraft draft = { .tokens = tokens,
                                           .token_count = 1,
                                           .receipt = &receipt };
        open_with_script(broken[i].then);
        shelf_create(photo_len, 0, token);
        shelf_send(token, photo, photo_len);
        OskSubmitted result = submit(&draft);
        if (result.status != OSK_IO) {
            fail_msg("%s: %s", broken[i].then, osk_status_name(result.status));
        }
        assert_non_null(strstr(result.fault.next, "later"));
        assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &(OskFault){ 0 }));
        assert_int_equal(count_starts(), broken[i].starts);
        open_right();
        result = submit(&draft);
        assert_int_equal(result.status, OSK_OK);
        assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
    }
}

static void submission__a_file_that_kills_its_worker_is_kept_where_others_are_scrubbed(void **state)
{
    (void)state;
    char then[512];
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(110);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    place_fake("crash");
    snprintf(then, sizeof(then),
             "[ $(wc -l < %s/starts) = 1 ] && exec ${0%%/*}/crash \"$@\"\nexec %s \"$@\"",
             shelf.folder, worker_path);
    open_with_script(then);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_ORIGINAL_KEPT);
    assert_int_equal(count_starts(), 2);
    open_right();
}

/* Once: where it is looked for again it is where its row says by then. */
static void submission__a_blob_that_was_moved_is_looked_for_again(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(111);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    shelf_moved = true;
    OskSubmitted result = submit(&draft);
    assert_false(shelf_moved);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
}

static void submission__a_disk_that_is_full_at_once_is_said_to_be_full(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(112);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    shelf_full = true;
    OskSubmitted result = submit(&draft);
    shelf_full = false;
    assert_int_equal(result.status, OSK_LIMIT);
    assert_string_equal(result.fault.part, OSK_FAULT_DISK);
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
}

/* Later tries would never end; and it is never handed on as it came. */
static void submission__where_nothing_can_be_scrubbed_no_later_try_is_promised(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(61);
    OskSubmissionRow row;
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    osk_submitter_close(&submitter);
    open_submitter();
    assert_true(osk_submitter_can_scrub(submitter));
    osk_submitter_set_can_scrub(submitter, false);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_UNSUPPORTED);
    assert_null(strstr(result.fault.next, "later"));
    assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &(OskFault){ 0 }));
    shelf_create(photo_len, OSK_UPLOAD_ORIGINAL, token);
    shelf_send(token, photo, photo_len);
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_ORIGINAL_CHOSEN);
    osk_submitter_close(&submitter);
    open_submitter();
}

static uint64_t disk_free;

static bool small_disk(void *context, uint64_t *out_free, uint64_t *out_total)
{
    (void)context;
    *out_free = disk_free;
    *out_total = UINT64_C(1000) << 20;
    return true;
}

/* Several segments are joined, and a copy is written beside them: both are asked for before. */
static void submission__a_full_disk_keeps_what_came(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(60);
    OskSubmissionRow row;
    OskFault fault = { .status = OSK_OK };
    const OskAdmissionLimits limits = { .disk = small_disk };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, 20000);
    shelf_send(token, photo + 20000, photo_len - 20000);
    size_t blobs = shelf_count_blobs();
    osk_submitter_close(&submitter);
    assert_int_equal(osk_admission_open(&admission, &limits), OSK_OK);
    open_submitter();
    /* Behind what is kept for words, room for a copy and not for the joined segments. */
    uint64_t copy = osk_strip_output_max(photo_len);
    disk_free = (UINT64_C(16) << 20) + copy + copy / 8 + 8192;
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_LIMIT);
    assert_string_equal(result.fault.part, OSK_FAULT_DISK);
    assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &fault));
    assert_int_equal(shelf_count_blobs(), blobs);
    disk_free = UINT64_C(500) << 20;
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
    OskAdmissionCounts counts;
    osk_admission_counts(admission, &counts);
    assert_int_equal(counts.leased_bytes, 0);
    osk_submitter_close(&submitter);
    osk_admission_close(&admission);
    open_submitter();
}

static void not_asked(void *context, const OskSubmitted *result)
{
    (void)context;
    (void)result;
    fail();
}

static void submission__an_incomplete_file_is_said(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(9);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, 100);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_MISUSE);
    assert_string_equal(result.fault.what, "a file has not arrived completely");
    const OskSubmissionDraft nothing = { .receipt = &receipt, .message = "" };
    assert_int_equal(osk_submit(submitter, &nothing, not_asked, NULL), OSK_MISUSE);
    const OskSubmissionDraft words = { .receipt = &receipt, .message = "\xFF" };
    assert_int_equal(submit(&words).status, OSK_MALFORMED);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submission__a_machine_that_fails_keeps_what_came),
        cmocka_unit_test(submission__a_broken_worker_hands_nothing_on_as_it_came),
        cmocka_unit_test(
            submission__a_file_that_kills_its_worker_is_kept_where_others_are_scrubbed),
        cmocka_unit_test(submission__a_blob_that_was_moved_is_looked_for_again),
        cmocka_unit_test(submission__a_disk_that_is_full_at_once_is_said_to_be_full),
        cmocka_unit_test(submission__where_nothing_can_be_scrubbed_no_later_try_is_promised),
        cmocka_unit_test(submission__a_full_disk_keeps_what_came),
        cmocka_unit_test(submission__an_incomplete_file_is_said),
    };
    return RUN_SUBMISSIONS(argc, argv, tests);
}
