/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every store must do, whatever is behind it: one run for each line of `makers`. */
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/folder.h"
#include "host/random.h"
#include "store/store_open.h"
#include "unit.h"

/* ---- one line for each backend ---- */

typedef struct Maker {
    const char *name;
    OskStore *(*open)(const char *folder);
} Maker;

static OskStore *open_folder_store(const char *folder)
{
    OskStoreOptions options = { .create = true };
    OskStore *store = NULL;
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_store_open_folder(&store, folder, &options, &fault), OSK_OK);
    return store;
}

static const Maker makers[] = { { "folder", open_folder_store } };

/* ---- a store in a folder that goes with the test ---- */

typedef struct Rig {
    const Maker *maker;
    char top[64];
    char folder[80];
    OskStore *store;
} Rig;

static int set_up(void **state)
{
    Rig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    rig->maker = *state;
    snprintf(rig->top, sizeof(rig->top), "%s/oilskin-store-XXXXXX",
             getenv("TMPDIR") != NULL && strlen(getenv("TMPDIR")) < 32 ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(rig->top));
    snprintf(rig->folder, sizeof(rig->folder), "%s/store", rig->top);
    rig->store = rig->maker->open(rig->folder);
    *state = rig;
    return 0;
}

static void remove_tree(const char *path)
{
    char below[512];
    DIR *stream = opendir(path);
    for (const struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
            if (unlink(below) != 0) {
                remove_tree(below);
            }
        }
    }
    if (stream != NULL) {
        closedir(stream);
    }
    rmdir(path);
}

static int tear_down(void **state)
{
    Rig *rig = *state;
    osk_store_close(&rig->store);
    remove_tree(rig->top);
    free(rig);
    return 0;
}

static void reopen(Rig *rig)
{
    osk_store_close(&rig->store);
    rig->store = rig->maker->open(rig->folder);
}

static OskId new_id(void)
{
    OskId id;
    assert_true(osk_random_fill(NULL, &id, sizeof(id)));
    return id;
}

static OskLookup new_lookup(void)
{
    OskLookup lookup;
    assert_true(osk_random_fill(NULL, &lookup, sizeof(lookup)));
    return lookup;
}

static OskDay today(void)
{
    return (OskDay)(time(NULL) / 86400);
}

static OskId put_blob(OskStore *store, const char *text)
{
    OskFault fault = { .status = OSK_OK };
    OskBlobWriter *writer = NULL;
    OskId key;
    assert_int_equal(osk_blob_begin(store, 4096, &writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, text, strlen(text), &fault), OSK_OK);
    assert_int_equal(osk_blob_commit(&writer, UINT64_MAX, &key, &fault), OSK_OK);
    assert_null(writer);
    return key;
}

static bool has_blob(OskStore *store, const OskId *key)
{
    OskFault fault = { .status = OSK_OK };
    OskBlobReader *reader = NULL;
    OskStatus status = osk_blob_open(store, key, &reader, &fault);
    osk_blob_close(&reader);
    if (status != OSK_OK) {
        assert_int_equal(status, OSK_IO);
        assert_string_equal(fault.what, "the blob is gone");
    }
    return status == OSK_OK;
}

static OskCommit commit(OskStore *store, const OskChange *changes, size_t count, const OskId *once)
{
    OskFault fault = { .status = OSK_OK };
    OskCommit result = osk_store_commit(store, changes, count, once, &fault);
    assert_int_equal(result == OSK_COMMIT_OK, fault.status == OSK_OK);
    return result;
}

#define COMMIT(store, ...)                                                                         \
    commit(store, (const OskChange[]){ __VA_ARGS__ },                                              \
           sizeof((const OskChange[]){ __VA_ARGS__ }) / sizeof(OskChange), NULL)

static OskUploadRow an_upload(void)
{
    static uint8_t wrapped[] = "wrapped keys";
    OskUploadRow row = { .id = new_id(),
                         .lookup = new_lookup(),
                         .declared_len = UINT64_MAX,
                         .expires = today() + 2,
                         .category = "street",
                         .wrapped = { wrapped, sizeof(wrapped) } };
    return row;
}

static OskSubmissionRow a_submission(void)
{
    static uint8_t manifest[] = "sealed manifest";
    OskSubmissionRow row = { .id = new_id(),
                             .day = today(),
                             .receipt = new_lookup(),
                             .category = "street",
                             .manifest = { manifest, sizeof(manifest) } };
    memset(row.reply_key, 7, sizeof(row.reply_key));
    return row;
}

/* ---- what segments and files there are ---- */

typedef struct Seen {
    size_t count;
    OskSegmentRow segments[8];
    OskFileRow files[8];
} Seen;

static bool see_segment(void *context, const OskSegmentRow *row)
{
    Seen *seen = context;
    assert_true(seen->count < 8);
    seen->segments[seen->count++] = *row;
    return true;
}

static bool see_file(void *context, const OskFileRow *row)
{
    Seen *seen = context;
    assert_true(seen->count < 8);
    seen->files[seen->count++] = *row;
    return true;
}

static Seen segments_of(OskStore *store, const OskId *owner)
{
    Seen seen = { .count = 0 };
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_store_segments(store, owner, see_segment, &seen, &fault), OSK_OK);
    return seen;
}

static Seen files_of(OskStore *store, const OskId *submission)
{
    Seen seen = { .count = 0 };
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_store_files(store, submission, see_file, &seen, &fault), OSK_OK);
    return seen;
}

static void say_nothing(void *context, const char *what)
{
    (void)context;
    print_error("# check: %s\n", what);
}

static OskStatus check(OskStore *store)
{
    OskFault fault = { .status = OSK_OK };
    return osk_store_check(store, say_nothing, NULL, &fault);
}

/* A submission with one file of one blob. */
typedef struct Sent {
    OskSubmissionRow submission;
    OskFileRow file;
    OskId blob;
} Sent;

static Sent send_one(OskStore *store, const char *text, uint8_t digest)
{
    Sent sent = { .submission = a_submission(), .blob = put_blob(store, text) };
    sent.submission.file_count = 1;
    sent.file = (OskFileRow){ .id = new_id(),
                              .submission = sent.submission.id,
                              .segment_count = 1,
                              .sealed_len = strlen(text) };
    memset(sent.file.digest, digest, sizeof(sent.file.digest));
    OskSegmentRow segment = {
        .owner = sent.file.id, .blob = sent.blob, .plain_len = 1, .sealed_len = strlen(text)
    };
    assert_int_equal(COMMIT(store,
                            { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &sent.submission },
                            { .kind = OSK_ROW_FILE_ADD, .row.file = &sent.file },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }),
                     OSK_COMMIT_OK);
    return sent;
}

/* ---- blobs ---- */

static void blob__is_what_was_written_also_after_a_restart(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskBlobReader *reader = NULL;
    OskId key = put_blob(rig->store, "sealed");
    OskUploadRow row = an_upload();
    OskSegmentRow segment = { .owner = row.id, .blob = key, .plain_len = 6, .sealed_len = 6 };
    char back[7] = "";
    row.segment_count = 1;
    row.offset = 6;
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }),
                     OSK_COMMIT_OK);
    reopen(rig);
    assert_int_equal(osk_blob_open(rig->store, &key, &reader, &fault), OSK_OK);
    OskSource source = osk_blob_source(reader);
    assert_int_equal(source.size, 6);
    assert_true(source.read(source.context, 0, back, 6));
    assert_string_equal(back, "sealed");
    assert_true(source.read(source.context, 3, back, 3));
    assert_memory_equal(back, "led", 3);
    assert_false(source.read(source.context, 3, back, 4));
    osk_blob_close(&reader);
    assert_int_equal(check(rig->store), OSK_OK);
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
    assert_true(has_blob(rig->store, &key));
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
    OskId key = put_blob(rig->store, "x");
    OskId never = new_id();
    assert_true(has_blob(rig->store, &key));
    assert_int_equal(osk_blob_delete(rig->store, &key, &fault), OSK_OK);
    assert_int_equal(osk_blob_delete(rig->store, &key, &fault), OSK_OK);
    assert_false(has_blob(rig->store, &key));
    assert_false(has_blob(rig->store, &never));
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
    OskId orphan = put_blob(rig->store, "nobody's");
    Sent sent = send_one(rig->store, "somebody's", 1);
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(swept, 0);
    assert_true(has_blob(rig->store, &orphan));
    reopen(rig);
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(swept, 1);
    assert_false(has_blob(rig->store, &orphan));
    assert_true(has_blob(rig->store, &sent.blob));
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
        put_blob(rig->store, "abc");
    }
    assert_int_equal(osk_blob_list(rig->store, count_blob, &count, &fault), OSK_OK);
    assert_int_equal(count, 2);
}

/* ---- commits ---- */

static void commit__is_all_or_nothing(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskUploadRow first = an_upload();
    OskUploadRow twin = an_upload();
    OskUploadRow back;
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &first }),
                     OSK_COMMIT_OK);
    twin.lookup = first.lookup;
    OskSubmissionRow beside = a_submission();
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
    OskUploadRow row = an_upload();
    OskUploadRow back;
    row.declared_len = 1ull << 40;
    row.offset = 12345678901;
    row.flags = OSK_UPLOAD_ORIGINAL | OSK_UPLOAD_ATTACH;
    row.segment_count = 3;
    row.draft = new_lookup();
    row.draft_box = (OskBytes){ row.lookup.bytes, 32 };
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row }),
                     OSK_COMMIT_OK);
    reopen(rig);
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
    OskUploadRow row = an_upload();
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row }),
                     OSK_COMMIT_OK);
    row.offset = 100;
    OskChange set = { .kind = OSK_ROW_UPLOAD_SET, .row.upload = &row, .expected = 0 };
    assert_int_equal(commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    row.offset = 200;
    assert_int_equal(commit(rig->store, &set, 1, NULL), OSK_COMMIT_CONFLICT);
    set.expected = 100;
    assert_int_equal(commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
}

static void commit__with_the_same_key_has_one_effect(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskSubmissionRow row = a_submission();
    OskMessageRow message = { .submission = row.id, .day = today() };
    OskId once = new_id();
    OskChange changes[] = { { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &row },
                            { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &message } };
    assert_int_equal(commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    assert_int_equal(commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    reopen(rig);
    assert_int_equal(commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    uint64_t swept;
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(commit(rig->store, changes, 2, &once), OSK_COMMIT_OK);
    assert_int_equal(commit(rig->store, changes, 2, NULL), OSK_COMMIT_CONFLICT);
    /* A conflict does not use a key up. */
    OskId other = new_id();
    assert_int_equal(commit(rig->store, changes, 2, &other), OSK_COMMIT_CONFLICT);
    assert_int_equal(commit(rig->store, changes, 2, &other), OSK_COMMIT_CONFLICT);
}

static void commit__makes_a_submission_of_an_upload_at_once(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskUploadRow upload = an_upload();
    OskId blobs[2] = { put_blob(rig->store, "one"), put_blob(rig->store, "two") };
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
    OskSubmissionRow submission = a_submission();
    OskFileRow file = {
        .id = new_id(), .submission = submission.id, .segment_count = 2, .sealed_len = 6
    };
    OskChange changes[] = {
        { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission },
        { .kind = OSK_ROW_FILE_ADD, .row.file = &file },
        { .kind = OSK_ROW_SEGMENTS_MOVE, .row.id = upload.id, .other = file.id },
        { .kind = OSK_ROW_UPLOAD_DROP, .row.id = upload.id },
    };
    assert_int_equal(commit(rig->store, changes, 4, NULL), OSK_COMMIT_OK);
    /* The second of two requests finds the upload gone. */
    submission.id = new_id();
    submission.receipt = new_lookup();
    file.id = new_id();
    file.submission = submission.id;
    assert_int_equal(commit(rig->store, changes, 4, NULL), OSK_COMMIT_CONFLICT);
    Seen seen = segments_of(rig->store, &changes[2].other);
    assert_int_equal(seen.count, 2);
    assert_memory_equal(&seen.segments[1].blob, &blobs[1], sizeof(OskId));
    assert_true(has_blob(rig->store, &blobs[0]) && has_blob(rig->store, &blobs[1]));
    OskUploadRow back;
    assert_false(osk_store_upload(rig->store, &upload.lookup, &back, &fault));
    assert_int_equal(check(rig->store), OSK_OK);
}

static void commit__moves_segments_behind_others(void **state)
{
    Rig *rig = *state;
    OskUploadRow parts[2] = { an_upload(), an_upload() };
    OskUploadRow whole = an_upload();
    for (unsigned i = 0; i < 2; i++) {
        OskSegmentRow segment = { .owner = parts[i].id,
                                  .blob = put_blob(rig->store, i == 0 ? "a" : "b"),
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
    Seen seen = segments_of(rig->store, &whole.id);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.segments[1].number, 1);
    assert_int_equal(check(rig->store), OSK_OK);
}

static void commit__deletes_what_it_sets_free(void **state)
{
    Rig *rig = *state;
    OskUploadRow upload = an_upload();
    OskId blob = put_blob(rig->store, "given up");
    OskSegmentRow segment = { .owner = upload.id, .blob = blob, .plain_len = 8, .sealed_len = 8 };
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &upload },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }),
                     OSK_COMMIT_OK);
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_DROP, .row.id = upload.id }),
                     OSK_COMMIT_OK);
    assert_false(has_blob(rig->store, &blob));
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_DROP, .row.id = upload.id }),
                     OSK_COMMIT_CONFLICT);
    Sent sent = send_one(rig->store, "sent", 1);
    OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id };
    assert_int_equal(commit(rig->store, &drop, 1, NULL), OSK_COMMIT_OK);
    assert_false(has_blob(rig->store, &sent.blob));
    /* What is deleted is deleted: asking twice is no conflict. */
    assert_int_equal(commit(rig->store, &drop, 1, NULL), OSK_COMMIT_OK);
    assert_int_equal(files_of(rig->store, &sent.submission.id).count, 0);
    assert_int_equal(check(rig->store), OSK_OK);
}

static void commit__of_a_receipt_is_one_submission(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskSubmissionRow first = a_submission();
    OskSubmissionRow second = a_submission();
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
        OskSubmissionRow none = a_submission();
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
    OskSubmissionRow submission = a_submission();
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
    assert_int_equal(commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    set.bytes = (OskBytes){ other, 5 };
    assert_int_equal(commit(rig->store, &set, 1, NULL), OSK_COMMIT_CONFLICT);
    reopen(rig);
    assert_true(osk_store_setting(rig->store, "salt", &back, &fault));
    assert_int_equal(back.len, 4);
    osk_bytes_clear(&back);
    set.overwrite = true;
    assert_int_equal(commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    assert_true(osk_store_setting(rig->store, "salt", &back, &fault));
    assert_memory_equal(back.bytes, "other", 5);
    osk_bytes_clear(&back);
    set.bytes = (OskBytes){ NULL, 0 };
    assert_int_equal(commit(rig->store, &set, 1, NULL), OSK_COMMIT_OK);
    assert_false(osk_store_setting(rig->store, "salt", &back, &fault));
}

/* ---- files that are the same ---- */

static void file__that_equals_another_has_its_bytes_once(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Sent first = send_one(rig->store, "the same", 5);
    Sent second = send_one(rig->store, "the same", 5);
    Sent third = send_one(rig->store, "the same", 5);
    Seen seen = { .count = 0 };
    assert_int_equal(osk_store_same_files(rig->store, first.file.digest, see_file, &seen, &fault),
                     OSK_OK);
    assert_int_equal(seen.count, 3);
    Sent *others[] = { &second, &third };
    for (int i = 0; i < 2; i++) {
        OskFileRow *file = &others[i]->file;
        file->same_as = first.file.id;
        file->segment_count = 0;
        assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_SET, .row.file = file }),
                         OSK_COMMIT_OK);
        assert_false(has_blob(rig->store, &others[i]->blob));
    }
    assert_true(has_blob(rig->store, &first.blob));
    assert_int_equal(check(rig->store), OSK_OK);
    /* The first sender withdraws: the others' evidence stays. */
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = first.submission.id }),
        OSK_COMMIT_OK);
    assert_true(has_blob(rig->store, &first.blob));
    assert_int_equal(segments_of(rig->store, &second.file.id).count +
                         segments_of(rig->store, &third.file.id).count,
                     1);
    assert_int_equal(check(rig->store), OSK_OK);
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_DROP, .row.id = second.file.id }),
                     OSK_COMMIT_OK);
    assert_true(has_blob(rig->store, &first.blob));
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_DROP, .row.id = third.file.id }),
                     OSK_COMMIT_OK);
    assert_false(has_blob(rig->store, &first.blob));
    assert_int_equal(check(rig->store), OSK_OK);
}

static void file__never_refers_to_one_that_refers(void **state)
{
    Rig *rig = *state;
    Sent first = send_one(rig->store, "the same", 5);
    Sent second = send_one(rig->store, "the same", 5);
    Sent third = send_one(rig->store, "the same", 5);
    OskChange change = { .kind = OSK_ROW_FILE_SET, .row.file = &second.file };
    second.file.same_as = first.file.id;
    assert_int_equal(commit(rig->store, &change, 1, NULL), OSK_COMMIT_OK);
    third.file.same_as = second.file.id;
    change.row.file = &third.file;
    assert_int_equal(commit(rig->store, &change, 1, NULL), OSK_COMMIT_CONFLICT);
    third.file.same_as = third.file.id;
    assert_int_equal(commit(rig->store, &change, 1, NULL), OSK_COMMIT_CONFLICT);
    assert_true(has_blob(rig->store, &third.blob));
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
    OskLookup draft = new_lookup();
    size_t count = 0;
    for (int i = 0; i < 4; i++) {
        OskUploadRow row = an_upload();
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
        OskSubmissionRow row = a_submission();
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
    send_one(rig->store, "12345", 1);
    OskUploadRow row = an_upload();
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
        OskUploadRow row = an_upload();
        OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
        if (i == 10) {
            row.lookup = crowd->shared;
        }
        OskId blob = put_blob(crowd->store, "crowd");
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
    OskLookup shared = new_lookup();
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
    assert_int_equal(check(rig->store), OSK_OK);
}

/* ---- care ---- */

static void check__finds_a_blob_that_is_gone(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Sent sent = send_one(rig->store, "here", 1);
    assert_int_equal(check(rig->store), OSK_OK);
    assert_int_equal(osk_blob_delete(rig->store, &sent.blob, &fault), OSK_OK);
    assert_int_equal(check(rig->store), OSK_FOUND);
}

static void check__finds_rows_that_contradict_each_other(void **state)
{
    Rig *rig = *state;
    OskUploadRow row = an_upload();
    row.segment_count = 1;
    COMMIT(rig->store, { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row });
    assert_int_equal(check(rig->store), OSK_FOUND);
}

static void backup__is_whole_and_restores_without_what_was_deleted_since(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    char copy[96];
    char back[96];
    snprintf(copy, sizeof(copy), "%s/copy", rig->top);
    snprintf(back, sizeof(back), "%s/back", rig->top);
    Sent stays = send_one(rig->store, "stays", 1);
    Sent goes = send_one(rig->store, "goes", 2);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_OK);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_IO);
    COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = goes.submission.id });
    assert_int_equal(osk_store_restore(copy, back, rig->folder, &fault), OSK_OK);
    OskStore *restored = rig->maker->open(back);
    OskSubmissionRow row;
    assert_true(osk_store_submission(restored, &stays.submission.id, &row, &fault));
    osk_submission_row_free(&row);
    assert_false(osk_store_submission(restored, &goes.submission.id, &row, &fault));
    assert_true(has_blob(restored, &stays.blob));
    assert_false(has_blob(restored, &goes.blob));
    assert_int_equal(check(restored), OSK_OK);
    osk_store_close(&restored);
    /* The same without the store of today: everything of that day. */
    snprintf(back, sizeof(back), "%s/all", rig->top);
    assert_int_equal(osk_store_restore(copy, back, NULL, &fault), OSK_OK);
    restored = rig->maker->open(back);
    assert_true(has_blob(restored, &goes.blob));
    assert_int_equal(check(restored), OSK_OK);
    osk_store_close(&restored);
}

static void shuffle__gives_blobs_new_names_and_keeps_their_bytes(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint64_t moved = 0;
    Sent sent[3] = { send_one(rig->store, "first", 1), send_one(rig->store, "second", 2),
                     send_one(rig->store, "third", 3) };
    assert_int_equal(osk_store_shuffle(rig->store, today() - 1, &moved, &fault), OSK_OK);
    assert_int_equal(moved, 0);
    assert_int_equal(osk_store_shuffle(rig->store, today(), &moved, &fault), OSK_OK);
    assert_int_equal(moved, 3);
    for (int i = 0; i < 3; i++) {
        OskBlobReader *reader = NULL;
        char text[8] = "";
        Seen seen = segments_of(rig->store, &sent[i].file.id);
        assert_int_equal(seen.count, 1);
        assert_memory_not_equal(&seen.segments[0].blob, &sent[i].blob, sizeof(OskId));
        assert_false(has_blob(rig->store, &sent[i].blob));
        assert_int_equal(osk_blob_open(rig->store, &seen.segments[0].blob, &reader, &fault),
                         OSK_OK);
        OskSource source = osk_blob_source(reader);
        assert_true(source.size < sizeof(text));
        assert_true(source.read(source.context, 0, text, (size_t)source.size));
        assert_string_equal(text, i == 0 ? "first" : i == 1 ? "second" : "third");
        osk_blob_close(&reader);
    }
    assert_int_equal(check(rig->store), OSK_OK);
}

/* ---- every test for every backend ---- */

int main(void)
{
#define STORE_TEST(test) cmocka_unit_test_prestate_setup_teardown(test, set_up, tear_down, NULL)
    struct CMUnitTest tests[] = {
        STORE_TEST(blob__is_what_was_written_also_after_a_restart),
        STORE_TEST(blob__of_a_descriptor_has_the_length_that_was_told),
        STORE_TEST(blob__that_is_aborted_or_deleted_is_gone),
        STORE_TEST(blob__without_a_row_is_swept_once_its_maker_is_gone),
        STORE_TEST(blob__list_ends_when_it_is_told_to),
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
        STORE_TEST(check__finds_a_blob_that_is_gone),
        STORE_TEST(check__finds_rows_that_contradict_each_other),
        STORE_TEST(backup__is_whole_and_restores_without_what_was_deleted_since),
        STORE_TEST(shuffle__gives_blobs_new_names_and_keeps_their_bytes),
    };
    int failed = 0;
    for (size_t at = 0; at < sizeof(makers) / sizeof(makers[0]); at++) {
        for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
            /* cmocka's state is not const; nobody changes a maker. */
            tests[i].initial_state = (void *)(uintptr_t)&makers[at];
        }
        failed += cmocka_run_group_tests_name(makers[at].name, tests, NULL, NULL);
    }
    return failed;
}
