/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every store must do, whatever is behind it: blobs, and care. */
#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/rig.h"
#include "store/store_open.h"

/* ---- blobs ---- */

static void blob__is_what_was_written_also_after_a_restart(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskBlobReader *reader = NULL;
    OskId key = rig_put_blob(rig->store, "sealed");
    OskUploadRow row = rig_upload();
    OskSegmentRow segment = { .owner = row.id, .blob = key, .plain_len = 6, .sealed_len = 6 };
    char back[7] = "";
    row.segment_count = 1;
    row.offset = 6;
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }),
                     OSK_COMMIT_OK);
    rig_reopen(rig);
    assert_int_equal(osk_blob_open(rig->store, &key, &reader, &fault), OSK_OK);
    OskSource source = osk_blob_source(reader);
    assert_int_equal(source.size, 6);
    assert_true(source.read(source.context, 0, back, 6));
    assert_string_equal(back, "sealed");
    assert_true(source.read(source.context, 3, back, 3));
    assert_memory_equal(back, "led", 3);
    assert_false(source.read(source.context, 3, back, 4));
    osk_blob_close(&reader);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

/* Longer than what goes through memory, in pieces that fill no page, and looked at in its middle.
 */
static void blob__a_long_one_is_what_was_written(void **state)
{
    enum { PIECE = 65552, PIECES = 400, LOOKS = 250 };
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskBlobWriter *writer = NULL;
    OskBlobReader *reader = NULL;
    static uint8_t piece[PIECE];
    static uint8_t back[PIECE];
    OskId key;
    assert_int_equal(osk_blob_begin(rig->store, 0, &writer, &fault), OSK_OK);
    for (unsigned i = 0; i < PIECES; i++) {
        memset(piece, (int)(i % 251), sizeof(piece));
        assert_int_equal(osk_blob_write(writer, piece, PIECE - i % 3, &fault), OSK_OK);
        if (i == LOOKS && osk_blob_fd(writer) >= 0) {
            off_t end = lseek(osk_blob_fd(writer), 0, SEEK_END);
            assert_int_equal(pread(osk_blob_fd(writer), back, PIECE - i % 3, end - (PIECE - i % 3)),
                             PIECE - i % 3);
            assert_memory_equal(back, piece, PIECE - i % 3);
        }
    }
    assert_int_equal(osk_blob_commit(&writer, UINT64_MAX, &key, &fault), OSK_OK);
    assert_int_equal(osk_blob_open(rig->store, &key, &reader, &fault), OSK_OK);
    OskSource source = osk_blob_source(reader);
    uint64_t at = 0;
    for (unsigned i = 0; i < PIECES; i++) {
        memset(piece, (int)(i % 251), sizeof(piece));
        assert_true(source.read(source.context, at, back, PIECE - i % 3));
        assert_memory_equal(back, piece, PIECE - i % 3);
        at += PIECE - i % 3;
    }
    assert_int_equal(source.size, at);
    osk_blob_close(&reader);
}

static void blob__of_a_descriptor_has_the_length_that_was_told(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskBlobWriter *writer = NULL;
    OskId key;
    assert_int_equal(osk_blob_begin(rig->store, 0, &writer, &fault), OSK_OK);
    if (osk_blob_fd(writer) < 0) {
        osk_blob_abort(&writer);
        return;
    }
    assert_int_equal(pwrite(osk_blob_fd(writer), "12345", 5, 0), 5);
    assert_int_equal(osk_blob_commit(&writer, 5, &key, &fault), OSK_OK);
    assert_true(rig_has_blob(rig->store, &key));
    assert_int_equal(osk_blob_begin(rig->store, 0, &writer, &fault), OSK_OK);
    assert_int_equal(pwrite(osk_blob_fd(writer), "12345", 5, 0), 5);
    assert_int_equal(osk_blob_commit(&writer, 6, &key, &fault), OSK_IO);
    assert_null(writer);
}

static void blob__that_is_aborted_or_deleted_is_gone(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskBlobWriter *writer = NULL;
    OskId key = rig_put_blob(rig->store, "x");
    OskId never = rig_id();
    assert_true(rig_has_blob(rig->store, &key));
    assert_int_equal(osk_blob_delete(rig->store, &key, &fault), OSK_OK);
    assert_int_equal(osk_blob_delete(rig->store, &key, &fault), OSK_OK);
    assert_false(rig_has_blob(rig->store, &key));
    assert_false(rig_has_blob(rig->store, &never));
    assert_int_equal(osk_blob_begin(rig->store, 0, &writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, "y", 1, &fault), OSK_OK);
    osk_blob_abort(&writer);
    osk_blob_abort(&writer);
    assert_null(writer);
}

static void blob__without_a_row_is_swept_once_its_maker_is_gone(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint64_t swept = 9;
    OskId orphan = rig_put_blob(rig->store, "nobody's");
    Sent sent = rig_send(rig->store, "somebody's", 1);
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(swept, 0);
    assert_true(rig_has_blob(rig->store, &orphan));
    rig_reopen(rig);
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(swept, 1);
    assert_false(rig_has_blob(rig->store, &orphan));
    assert_true(rig_has_blob(rig->store, &sent.blob));
}

static bool count_blob(void *context, const OskId *key, uint64_t len)
{
    (void)key;
    assert_int_equal(len, 3);
    return ++*(size_t *)context < 2;
}

static void blob__list_ends_when_it_is_told_to(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    size_t count = 0;
    for (int i = 0; i < 3; i++) {
        rig_put_blob(rig->store, "abc");
    }
    assert_int_equal(osk_blob_list(rig->store, count_blob, &count, &fault), OSK_OK);
    assert_int_equal(count, 2);
}

/* ---- care ---- */

static void check__finds_a_blob_that_is_gone(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Sent sent = rig_send(rig->store, "here", 1);
    assert_int_equal(rig_check(rig->store), OSK_OK);
    assert_int_equal(osk_blob_delete(rig->store, &sent.blob, &fault), OSK_OK);
    assert_int_equal(rig_check(rig->store), OSK_FOUND);
}

static void check__finds_rows_that_contradict_each_other(void **state)
{
    Rig *rig = *state;
    OskUploadRow row = rig_upload();
    row.segment_count = 1;
    COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row });
    assert_int_equal(rig_check(rig->store), OSK_FOUND);
}

static void backup__is_whole_and_restores_without_what_was_deleted_since(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    char copy[96];
    char back[96];
    snprintf(copy, sizeof(copy), "%s/copy", rig->top);
    snprintf(back, sizeof(back), "%s/back", rig->top);
    Sent stays = rig_send(rig->store, "stays", 1);
    Sent goes = rig_send(rig->store, "goes", 2);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_OK);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_IO);
    COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = goes.submission.id });
    assert_int_equal(osk_store_restore(copy, back, rig->folder, &fault), OSK_OK);
    OskStore *restored = rig->maker->open(back);
    OskSubmissionRow row;
    assert_true(osk_store_submission(restored, &stays.submission.id, &row, &fault));
    osk_submission_row_free(&row);
    assert_false(osk_store_submission(restored, &goes.submission.id, &row, &fault));
    assert_true(rig_has_blob(restored, &stays.blob));
    assert_false(rig_has_blob(restored, &goes.blob));
    assert_int_equal(rig_check(restored), OSK_OK);
    osk_store_close(&restored);
    /* The same without the store of today: everything of that day. */
    snprintf(back, sizeof(back), "%s/all", rig->top);
    assert_int_equal(osk_store_restore(copy, back, NULL, &fault), OSK_OK);
    restored = rig->maker->open(back);
    assert_true(rig_has_blob(restored, &goes.blob));
    assert_int_equal(rig_check(restored), OSK_OK);
    osk_store_close(&restored);
}

typedef struct Hurry {
    OskStore *store;
    OskId goes;
    bool ends;
    pthread_t thread;
} Hurry;

/* Something goes away and something comes, as fast as it can. */
static void *hurry(void *context)
{
    Hurry *busy = context;
    while (!__atomic_load_n(&busy->ends, __ATOMIC_ACQUIRE)) {
        Sent next = rig_send(busy->store, "next", 1);
        COMMIT(busy->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = busy->goes });
        busy->goes = next.submission.id;
    }
    return NULL;
}

/* Each round of a copy would name something that is gone when it looks for it. */
static void backup__ends_beside_who_never_stops_deleting(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    for (unsigned i = 0; i < 300; i++) {
        rig_send(rig->store, "stays", 1);
    }
    Hurry busy = { .store = rig->store };
    busy.goes = rig_send(rig->store, "first", 1).submission.id;
    assert_int_equal(pthread_create(&busy.thread, NULL, hurry, &busy), 0);
    OskStatus last = OSK_OK;
    for (unsigned i = 0; i < 5 && last == OSK_OK; i++) {
        char copy[96];
        snprintf(copy, sizeof(copy), "%s/copy%u", rig->top, i);
        last = osk_store_backup(rig->store, copy, &fault);
        if (last == OSK_OK) {
            OskStore *whole = rig->maker->open(copy);
            last = rig_check(whole);
            osk_store_close(&whole);
        }
    }
    __atomic_store_n(&busy.ends, true, __ATOMIC_RELEASE);
    pthread_join(busy.thread, NULL);
    assert_int_equal(last, OSK_OK);
}

static void shuffle__gives_blobs_new_names_and_keeps_their_bytes(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint64_t moved = 0;
    Sent sent[3] = { rig_send(rig->store, "first", 1), rig_send(rig->store, "second", 2),
                     rig_send(rig->store, "third", 3) };
    assert_int_equal(osk_store_shuffle(rig->store, rig_today() - 1, &moved, &fault), OSK_OK);
    assert_int_equal(moved, 0);
    assert_int_equal(osk_store_shuffle(rig->store, rig_today(), &moved, &fault), OSK_OK);
    assert_int_equal(moved, 3);
    for (int i = 0; i < 3; i++) {
        OskBlobReader *reader = NULL;
        char text[8] = "";
        Seen seen = rig_segments(rig->store, &sent[i].file.id);
        assert_int_equal(seen.count, 1);
        assert_memory_not_equal(&seen.segments[0].blob, &sent[i].blob, sizeof(OskId));
        assert_false(rig_has_blob(rig->store, &sent[i].blob));
        assert_int_equal(osk_blob_open(rig->store, &seen.segments[0].blob, &reader, &fault),
                         OSK_OK);
        OskSource source = osk_blob_source(reader);
        assert_true(source.size < sizeof(text));
        assert_true(source.read(source.context, 0, text, (size_t)source.size));
        assert_string_equal(text, i == 0 ? "first" : i == 1 ? "second" : "third");
        osk_blob_close(&reader);
    }
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(blob__is_what_was_written_also_after_a_restart),
        STORE_TEST(blob__a_long_one_is_what_was_written),
        STORE_TEST(blob__of_a_descriptor_has_the_length_that_was_told),
        STORE_TEST(blob__that_is_aborted_or_deleted_is_gone),
        STORE_TEST(blob__without_a_row_is_swept_once_its_maker_is_gone),
        STORE_TEST(blob__list_ends_when_it_is_told_to),
        STORE_TEST(check__finds_a_blob_that_is_gone),
        STORE_TEST(check__finds_rows_that_contradict_each_other),
        STORE_TEST(backup__is_whole_and_restores_without_what_was_deleted_since),
        STORE_TEST(backup__ends_beside_who_never_stops_deleting),
        STORE_TEST(shuffle__gives_blobs_new_names_and_keeps_their_bytes),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
