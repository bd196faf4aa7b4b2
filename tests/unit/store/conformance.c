/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every store must do, whatever is behind it: rows. */
#include "store/store.h"

#include <pthread.h>
#include <string.h>

#include "store/rig.h"

/* ---- watchers ---- */

static void count_changes(void *context, const OskChange *changes, size_t count)
{
    (void)changes;
    *(size_t *)context += count;
}

/* Each is told of what happened, and of nothing once it is gone; who doesn't watch may go, too. */
static void watch__tells_each_who_is_there(void **state)
{
    Rig *rig = *state;
    size_t told[OSK_WATCHERS_MAX + 1] = { 0 };
    for (size_t i = 0; i < OSK_WATCHERS_MAX; i++) {
        assert_int_equal(osk_store_watch(rig->store, count_changes, &told[i]), OSK_OK);
    }
    assert_int_equal(osk_store_watch(rig->store, count_changes, &told[OSK_WATCHERS_MAX]),
                     OSK_LIMIT);
    osk_store_unwatch(rig->store, &told[0]);
    osk_store_unwatch(rig->store, &told[OSK_WATCHERS_MAX]);
    OskUploadRow row = rig_upload();
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row }),
                     OSK_COMMIT_OK);
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row }),
                     OSK_COMMIT_CONFLICT);
    assert_int_equal(told[0], 0);
    for (size_t i = 1; i < OSK_WATCHERS_MAX; i++) {
        assert_int_equal(told[i], 1);
        osk_store_unwatch(rig->store, &told[i]);
    }
    assert_int_equal(told[OSK_WATCHERS_MAX], 0);
}

/* ---- commits ---- */

static void commit__is_all_or_nothing(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskUploadRow first = rig_upload();
    OskUploadRow twin = rig_upload();
    OskUploadRow back;
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &first }),
                     OSK_COMMIT_OK);
    twin.lookup = first.lookup;
    OskSubmissionRow beside = rig_submission();
    assert_int_equal(COMMIT(rig->store,
                            { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &beside },
                            { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &twin }),
                     OSK_COMMIT_CONFLICT);
    OskSubmissionRow none;
    assert_false(osk_store_submission(rig->store, &beside.id, &none, &fault));
    assert_int_equal(fault.status, OSK_OK);
    assert_true(osk_store_upload(rig->store, &first.lookup, &back, &fault));
    assert_memory_equal(&back.id, &first.id, sizeof(back.id));
    osk_upload_row_free(&back);
}

static void commit__of_an_upload_keeps_every_field(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskUploadRow row = rig_upload();
    OskUploadRow back;
    row.declared_len = 1ull << 40;
    row.offset = 12345678901;
    row.flags = OSK_UPLOAD_ORIGINAL | OSK_UPLOAD_ATTACH;
    row.segment_count = 3;
    row.draft = rig_lookup();
    row.draft_box = (OskBytes){ row.lookup.bytes, 32 };
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row }),
                     OSK_COMMIT_OK);
    rig_reopen(rig);
    assert_true(osk_store_upload(rig->store, &row.lookup, &back, &fault));
    assert_memory_equal(&back.id, &row.id, sizeof(row.id));
    assert_memory_equal(&back.lookup, &row.lookup, sizeof(row.lookup));
    assert_memory_equal(&back.draft, &row.draft, sizeof(row.draft));
    assert_true(back.declared_len == row.declared_len && back.offset == row.offset);
    assert_int_equal(back.flags, row.flags);
    assert_int_equal(back.segment_count, 3);
    assert_int_equal(back.expires, row.expires);
    assert_string_equal(back.category, "street");
    assert_int_equal(back.wrapped.len, row.wrapped.len);
    assert_memory_equal(back.wrapped.bytes, row.wrapped.bytes, row.wrapped.len);
    assert_int_equal(back.draft_box.len, 32);
    osk_upload_row_free(&back);
}

static void commit__of_an_upload_needs_the_offset_that_was_expected(void **state)
{
    Rig *rig = *state;
    OskUploadRow row = rig_upload();
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row }),
                     OSK_COMMIT_OK);
    row.offset = 100;
    OskChange set = { .kind = OSK_ROW_UPLOAD_SET, .row.upload = &row, .expected = 0 };
    assert_int_equal(rig_commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    row.offset = 200;
    assert_int_equal(rig_commit(rig->store, &set, 1, NULL), OSK_COMMIT_CONFLICT);
    set.expected = 100;
    assert_int_equal(rig_commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
}

static void commit__with_the_same_key_has_one_effect(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskSubmissionRow row = rig_submission();
    OskMessageRow message = { .submission = row.id, .day = rig_today() };
    OskId once = rig_id();
    OskChange changes[] = { { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &row },
                            { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &message } };
    assert_int_equal(rig_commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    assert_int_equal(rig_commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    rig_reopen(rig);
    assert_int_equal(rig_commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    uint64_t swept;
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(rig_commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    assert_int_equal(rig_commit(rig->store, changes, 2, NULL), OSK_COMMIT_CONFLICT);
    /* A conflict does not use a key up. */
    OskId other = rig_id();
    assert_int_equal(rig_commit(rig->store, changes, 2, &other), OSK_COMMIT_CONFLICT);
    assert_int_equal(rig_commit(rig->store, changes, 2, &other), OSK_COMMIT_CONFLICT);
}

static void commit__makes_a_submission_of_an_upload_at_once(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskUploadRow upload = rig_upload();
    OskId blobs[2] = { rig_put_blob(rig->store, "one"), rig_put_blob(rig->store, "two") };
    OskSegmentRow segments[2] = {
        { .owner = upload.id, .number = 0, .blob = blobs[0], .plain_len = 3, .sealed_len = 3 },
        { .owner = upload.id, .number = 1, .blob = blobs[1], .plain_len = 3, .sealed_len = 3 }
    };
    upload.segment_count = 2;
    upload.offset = 6;
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &upload },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segments[0] },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segments[1] }),
                     OSK_COMMIT_OK);
    OskSubmissionRow submission = rig_submission();
    OskFileRow file = {
        .id = rig_id(), .submission = submission.id, .segment_count = 2, .sealed_len = 6
    };
    OskChange changes[] = {
        { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission },
        { .kind = OSK_ROW_FILE_ADD, .row.file = &file },
        { .kind = OSK_ROW_SEGMENTS_MOVE, .row.id = upload.id, .other = file.id },
        { .kind = OSK_ROW_UPLOAD_DROP, .row.id = upload.id },
    };
    assert_int_equal(rig_commit(rig->store, changes, 4, NULL), OSK_COMMIT_OK);
    /* The second of two requests finds the upload gone. */
    submission.id = rig_id();
    submission.receipt = rig_lookup();
    file.id = rig_id();
    file.submission = submission.id;
    assert_int_equal(rig_commit(rig->store, changes, 4, NULL), OSK_COMMIT_CONFLICT);
    Seen seen = rig_segments(rig->store, &changes[2].other);
    assert_int_equal(seen.count, 2);
    assert_memory_equal(&seen.segments[1].blob, &blobs[1], sizeof(OskId));
    assert_true(rig_has_blob(rig->store, &blobs[0]) && rig_has_blob(rig->store, &blobs[1]));
    OskUploadRow back;
    assert_false(osk_store_upload(rig->store, &upload.lookup, &back, &fault));
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void commit__moves_segments_behind_others(void **state)
{
    Rig *rig = *state;
    OskUploadRow parts[2] = { rig_upload(), rig_upload() };
    OskUploadRow whole = rig_upload();
    for (unsigned i = 0; i < 2; i++) {
        OskSegmentRow segment = { .owner = parts[i].id,
                                  .blob = rig_put_blob(rig->store, i == 0 ? "a" : "b"),
                                  .plain_len = 1,
                                  .sealed_len = 1 };
        parts[i].segment_count = 1;
        parts[i].offset = 1;
        assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &parts[i] },
                                { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }),
                         OSK_COMMIT_OK);
    }
    whole.segment_count = 2;
    whole.offset = 2;
    OskChange second = {
        .kind = OSK_ROW_SEGMENTS_MOVE, .row.id = parts[1].id, .other = whole.id, .expected = 1
    };
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &whole },
               { .kind = OSK_ROW_SEGMENTS_MOVE, .row.id = parts[0].id, .other = whole.id }, second,
               { .kind = OSK_ROW_UPLOAD_DROP, .row.id = parts[0].id },
               { .kind = OSK_ROW_UPLOAD_DROP, .row.id = parts[1].id }),
        OSK_COMMIT_OK);
    Seen seen = rig_segments(rig->store, &whole.id);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.segments[1].number, 1);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void commit__deletes_what_it_sets_free(void **state)
{
    Rig *rig = *state;
    OskUploadRow upload = rig_upload();
    OskId blob = rig_put_blob(rig->store, "given up");
    OskSegmentRow segment = { .owner = upload.id, .blob = blob, .plain_len = 8, .sealed_len = 8 };
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &upload },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }),
                     OSK_COMMIT_OK);
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_DROP, .row.id = upload.id }),
                     OSK_COMMIT_OK);
    assert_false(rig_has_blob(rig->store, &blob));
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_DROP, .row.id = upload.id }),
                     OSK_COMMIT_CONFLICT);
    Sent sent = rig_send(rig->store, "sent", 1);
    OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id };
    assert_int_equal(rig_commit(rig->store, &drop, 1, NULL), OSK_COMMIT_OK);
    assert_false(rig_has_blob(rig->store, &sent.blob));
    /* What is deleted is deleted: asking twice is no conflict. */
    assert_int_equal(rig_commit(rig->store, &drop, 1, NULL), OSK_COMMIT_OK);
    assert_int_equal(rig_files(rig->store, &sent.submission.id).count, 0);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void commit__of_a_receipt_is_one_submission(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskSubmissionRow first = rig_submission();
    OskSubmissionRow second = rig_submission();
    OskSubmissionRow back;
    second.receipt = first.receipt;
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &first }),
        OSK_COMMIT_OK);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &second }),
        OSK_COMMIT_CONFLICT);
    assert_true(osk_store_receipt(rig->store, &first.receipt, &back, &fault));
    assert_memory_equal(&back.id, &first.id, sizeof(back.id));
    assert_memory_equal(back.reply_key, first.reply_key, 32);
    assert_int_equal(back.manifest.len, first.manifest.len);
    osk_submission_row_free(&back);
    /* Zeros are no receipt: many have none, and nobody finds them by it. */
    OskLookup zeros = { .bytes = { 0 } };
    for (int i = 0; i < 2; i++) {
        OskSubmissionRow none = rig_submission();
        none.receipt = zeros;
        assert_int_equal(
            COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &none }),
            OSK_COMMIT_OK);
    }
    assert_false(osk_store_receipt(rig->store, &zeros, &back, &fault));
    assert_int_equal(fault.status, OSK_OK);
}

static bool see_message(void *context, const OskMessageRow *row)
{
    unsigned *count = context;
    assert_int_equal(row->number, *count);
    assert_int_equal(row->from_desk, *count == 1);
    assert_memory_equal(row->sealed.bytes, *count == 1 ? "answer" : "thanks", 6);
    ++*count;
    return true;
}

static void commit__numbers_messages(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskSubmissionRow submission = rig_submission();
    uint8_t thanks[] = "thanks";
    uint8_t answer[] = "answer";
    OskMessageRow messages[] = {
        { .submission = submission.id, .day = 1, .sealed = { thanks, 6 } },
        { .submission = submission.id, .day = 1, .sealed = { answer, 6 }, .from_desk = true },
    };
    unsigned count = 0;
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_MESSAGE_ADD, .row.message = messages }),
                     OSK_COMMIT_CONFLICT);
    assert_int_equal(COMMIT(rig->store,
                            { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission },
                            { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &messages[0] },
                            { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &messages[1] }),
                     OSK_COMMIT_OK);
    assert_int_equal(osk_store_messages(rig->store, &submission.id, see_message, &count, &fault),
                     OSK_OK);
    assert_int_equal(count, 2);
}

static void commit__of_a_setting_keeps_the_first_unless_told(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint8_t salt[] = "salt";
    uint8_t other[] = "other";
    OskBytes back;
    OskChange set = { .kind = OSK_ROW_SETTING_SET, .name = "salt", .bytes = { salt, 4 } };
    assert_false(osk_store_setting(rig->store, "salt", &back, &fault));
    assert_int_equal(fault.status, OSK_OK);
    assert_int_equal(rig_commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    set.bytes = (OskBytes){ other, 5 };
    assert_int_equal(rig_commit(rig->store, &set, 1, NULL), OSK_COMMIT_CONFLICT);
    rig_reopen(rig);
    assert_true(osk_store_setting(rig->store, "salt", &back, &fault));
    assert_int_equal(back.len, 4);
    osk_bytes_clear(&back);
    set.overwrite = true;
    assert_int_equal(rig_commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    assert_true(osk_store_setting(rig->store, "salt", &back, &fault));
    assert_memory_equal(back.bytes, "other", 5);
    osk_bytes_clear(&back);
    set.bytes = (OskBytes){ NULL, 0 };
    assert_int_equal(rig_commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    assert_false(osk_store_setting(rig->store, "salt", &back, &fault));
}

/* ---- files that are the same ---- */

static void file__that_equals_another_has_its_bytes_once(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Sent first = rig_send(rig->store, "the same", 5);
    Sent second = rig_send(rig->store, "the same", 5);
    Sent third = rig_send(rig->store, "the same", 5);
    Seen seen = { .count = 0 };
    assert_int_equal(
        osk_store_same_files(rig->store, first.file.digest, rig_see_file, &seen, &fault), OSK_OK);
    assert_int_equal(seen.count, 3);
    Sent *others[] = { &second, &third };
    for (int i = 0; i < 2; i++) {
        OskFileRow *file = &others[i]->file;
        file->same_as = first.file.id;
        file->segment_count = 0;
        assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_SET, .row.file = file }),
                         OSK_COMMIT_OK);
        assert_false(rig_has_blob(rig->store, &others[i]->blob));
    }
    assert_true(rig_has_blob(rig->store, &first.blob));
    assert_int_equal(rig_check(rig->store), OSK_OK);
    /* The first sender withdraws: the others' evidence stays. */
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = first.submission.id }),
        OSK_COMMIT_OK);
    assert_true(rig_has_blob(rig->store, &first.blob));
    assert_int_equal(rig_segments(rig->store, &second.file.id).count +
                         rig_segments(rig->store, &third.file.id).count,
                     1);
    assert_int_equal(rig_check(rig->store), OSK_OK);
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_DROP, .row.id = second.file.id }),
                     OSK_COMMIT_OK);
    assert_true(rig_has_blob(rig->store, &first.blob));
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_DROP, .row.id = third.file.id }),
                     OSK_COMMIT_OK);
    assert_false(rig_has_blob(rig->store, &first.blob));
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void file__never_refers_to_one_that_refers(void **state)
{
    Rig *rig = *state;
    Sent first = rig_send(rig->store, "the same", 5);
    Sent second = rig_send(rig->store, "the same", 5);
    Sent third = rig_send(rig->store, "the same", 5);
    OskChange change = { .kind = OSK_ROW_FILE_SET, .row.file = &second.file };
    second.file.same_as = first.file.id;
    assert_int_equal(rig_commit(rig->store, &change, 1, NULL), OSK_COMMIT_OK);
    third.file.same_as = second.file.id;
    change.row.file = &third.file;
    assert_int_equal(rig_commit(rig->store, &change, 1, NULL), OSK_COMMIT_CONFLICT);
    third.file.same_as = third.file.id;
    assert_int_equal(rig_commit(rig->store, &change, 1, NULL), OSK_COMMIT_CONFLICT);
    assert_true(rig_has_blob(rig->store, &third.blob));
}

/* ---- lists ---- */

static bool see_upload(void *context, const OskUploadRow *row)
{
    (void)row;
    ++*(size_t *)context;
    return true;
}

static void uploads__are_found_by_draft_and_by_age(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskLookup draft = rig_lookup();
    size_t count = 0;
    for (int i = 0; i < 4; i++) {
        OskUploadRow row = rig_upload();
        row.expires = 100 + i;
        if (i < 3) {
            row.draft = draft;
        }
        assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row }),
                         OSK_COMMIT_OK);
    }
    assert_int_equal(osk_store_draft_uploads(rig->store, &draft, see_upload, &count, &fault),
                     OSK_OK);
    assert_int_equal(count, 3);
    count = 0;
    assert_int_equal(osk_store_expired_uploads(rig->store, 102, see_upload, &count, &fault),
                     OSK_OK);
    assert_int_equal(count, 2);
    count = 0;
    OskLookup zeros = { .bytes = { 0 } };
    assert_int_equal(osk_store_draft_uploads(rig->store, &zeros, see_upload, &count, &fault),
                     OSK_OK);
    assert_int_equal(count, 0);
}

typedef struct Page {
    OskId last;
    OskDay last_day;
    size_t count;
} Page;

static bool see_submission(void *context, const OskSubmissionRow *row)
{
    Page *page = context;
    assert_true(page->count == 0 || row->day <= page->last_day);
    page->last = row->id;
    page->last_day = row->day;
    page->count++;
    return true;
}

static void submissions__come_in_pages_newest_day_first(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    for (int i = 0; i < 10; i++) {
        OskSubmissionRow row = rig_submission();
        row.day = 100 + i / 3;
        row.state = i % 2 == 0 ? OSK_SUBMISSION_NEW : OSK_SUBMISSION_OPEN;
        assert_int_equal(
            COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &row }),
            OSK_COMMIT_OK);
    }
    OskSubmissionQuery query = { .first = 0, .last = 1000, .state = -1, .limit = 4 };
    Page page = { .count = 0 };
    size_t total = 0;
    do {
        page.count = 0;
        assert_int_equal(osk_store_submissions(rig->store, &query, see_submission, &page, &fault),
                         OSK_OK);
        total += page.count;
        query.after = page.last;
        query.after_day = page.last_day;
    } while (page.count == 4);
    assert_int_equal(total, 10);
    query = (OskSubmissionQuery){
        .first = 101, .last = 102, .state = OSK_SUBMISSION_NEW, .category = "street", .limit = 100
    };
    page.count = 0;
    assert_int_equal(osk_store_submissions(rig->store, &query, see_submission, &page, &fault),
                     OSK_OK);
    assert_int_equal(page.count, 3);
    query.category = "park";
    page.count = 0;
    assert_int_equal(osk_store_submissions(rig->store, &query, see_submission, &page, &fault),
                     OSK_OK);
    assert_int_equal(page.count, 0);
}

static void counts__say_what_is_there(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskStoreCounts counts;
    rig_send(rig->store, "12345", 1);
    OskUploadRow row = rig_upload();
    COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row });
    assert_int_equal(osk_store_counts(rig->store, &counts, &fault), OSK_OK);
    assert_int_equal(counts.uploads, 1);
    assert_int_equal(counts.submissions, 1);
    assert_int_equal(counts.files, 1);
    assert_int_equal(counts.blob_bytes, 5);
    assert_true(counts.disk_total > 0 && counts.disk_free <= counts.disk_total);
}

/* ---- many threads ---- */

typedef struct Crowd {
    OskStore *store;
    OskLookup shared;
    size_t own;
    size_t won;
} Crowd;

static void *crowd_commits(void *context)
{
    Crowd *crowd = context;
    OskFault fault = { .status = OSK_OK };
    for (int i = 0; i < 20; i++) {
        OskUploadRow row = rig_upload();
        OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
        if (i == 10) {
            row.lookup = crowd->shared;
        }
        OskId blob = rig_put_blob(crowd->store, "crowd");
        OskSegmentRow segment = { .owner = row.id, .blob = blob, .sealed_len = 5, .plain_len = 5 };
        OskChange changes[2] = { change, { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment } };
        row.offset = 5;
        row.segment_count = 1;
        OskCommit result = osk_store_commit(crowd->store, changes, 2, NULL, &fault);
        crowd->own += i != 10 && result == OSK_COMMIT_OK ? 1 : 0;
        crowd->won += i == 10 && result == OSK_COMMIT_OK ? 1 : 0;
        OskUploadRow back;
        if (osk_store_upload(crowd->store, &row.lookup, &back, &fault)) {
            osk_upload_row_free(&back);
        }
    }
    return NULL;
}

static void commit__of_many_threads_each_get_their_own_answer(void **state)
{
    Rig *rig = *state;
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    Crowd crowds[THREADS];
    OskLookup shared = rig_lookup();
    size_t own = 0;
    size_t won = 0;
    for (int i = 0; i < THREADS; i++) {
        crowds[i] = (Crowd){ .store = rig->store, .shared = shared };
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_commits, &crowds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        own += crowds[i].own;
        won += crowds[i].won;
    }
    assert_int_equal(own, THREADS * 19);
    assert_int_equal(won, 1);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(watch__tells_each_who_is_there),
        STORE_TEST(commit__is_all_or_nothing),
        STORE_TEST(commit__of_an_upload_keeps_every_field),
        STORE_TEST(commit__of_an_upload_needs_the_offset_that_was_expected),
        STORE_TEST(commit__with_the_same_key_has_one_effect),
        STORE_TEST(commit__makes_a_submission_of_an_upload_at_once),
        STORE_TEST(commit__moves_segments_behind_others),
        STORE_TEST(commit__deletes_what_it_sets_free),
        STORE_TEST(commit__of_a_receipt_is_one_submission),
        STORE_TEST(commit__numbers_messages),
        STORE_TEST(commit__of_a_setting_keeps_the_first_unless_told),
        STORE_TEST(file__that_equals_another_has_its_bytes_once),
        STORE_TEST(file__never_refers_to_one_that_refers),
        STORE_TEST(uploads__are_found_by_draft_and_by_age),
        STORE_TEST(submissions__come_in_pages_newest_day_first),
        STORE_TEST(counts__say_what_is_there),
        STORE_TEST(commit__of_many_threads_each_get_their_own_answer),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
