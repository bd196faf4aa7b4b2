/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/rig.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "day.h"
#include "host/random.h"
#include "store/store_open.h"

/* ---- one line for each backend ---- */

static OskStore *open_folder_store(const char *folder)
{
    OskStoreOptions options = { .create = true };
    OskStore *store = NULL;
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_store_open_folder(&store, folder, &options, &fault), OSK_OK);
    return store;
}

const Maker rig_folder = { "folder", open_folder_store };
static const Maker *const makers[] = { &rig_folder };

/* ---- a store in a folder that goes with the test ---- */

int rig_set_up(void **state)
{
    Rig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    unit_wait_for_midnight();
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

int rig_tear_down(void **state)
{
    Rig *rig = *state;
    osk_store_close(&rig->store);
    remove_tree(rig->top);
    free(rig);
    return 0;
}

void rig_reopen(Rig *rig)
{
    osk_store_close(&rig->store);
    rig->store = rig->maker->open(rig->folder);
}

OskId rig_id(void)
{
    OskId id;
    assert_true(osk_random_fill(NULL, &id, sizeof(id)));
    return id;
}

OskLookup rig_lookup(void)
{
    OskLookup lookup;
    assert_true(osk_random_fill(NULL, &lookup, sizeof(lookup)));
    return lookup;
}

OskDay rig_today(void)
{
    return (OskDay)(time(NULL) / 86400);
}

OskId rig_put_blob(OskStore *store, const char *text)
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

bool rig_has_blob(OskStore *store, const OskId *key)
{
    OskFault fault = { .status = OSK_OK };
    OskBlobReader *reader = NULL;
    OskStatus status = osk_blob_open(store, key, &reader, &fault);
    osk_blob_close(&reader);
    if (status != OSK_OK) {
        assert_int_equal(status, OSK_IO);
        assert_true(osk_blob_is_gone(&fault));
    }
    return status == OSK_OK;
}

OskCommit rig_commit(OskStore *store, const OskChange *changes, size_t count, const OskId *once)
{
    OskFault fault = { .status = OSK_OK };
    OskCommit result = osk_store_commit(store, changes, count, once, &fault);
    assert_int_equal(result == OSK_COMMIT_OK, fault.status == OSK_OK);
    return result;
}

OskUploadRow rig_upload(void)
{
    static uint8_t wrapped[] = "wrapped keys";
    OskUploadRow row = { .id = rig_id(),
                         .lookup = rig_lookup(),
                         .declared_len = UINT64_MAX,
                         .expires = rig_today() + 2,
                         .category = "street",
                         .wrapped = { wrapped, sizeof(wrapped) } };
    return row;
}

OskSubmissionRow rig_submission(void)
{
    static uint8_t manifest[] = "sealed manifest";
    OskSubmissionRow row = { .id = rig_id(),
                             .day = rig_today(),
                             .receipt = rig_lookup(),
                             .category = "street",
                             .manifest = { manifest, sizeof(manifest) } };
    memset(row.reply_key, 7, sizeof(row.reply_key));
    return row;
}

/* ---- what segments and files there are ---- */

static bool see_segment(void *context, const OskSegmentRow *row)
{
    Seen *seen = context;
    assert_true(seen->count < 8);
    seen->segments[seen->count++] = *row;
    return true;
}

bool rig_see_file(void *context, const OskFileRow *row)
{
    Seen *seen = context;
    assert_true(seen->count < 8);
    seen->files[seen->count++] = *row;
    return true;
}

Seen rig_segments(OskStore *store, const OskId *owner)
{
    Seen seen = { .count = 0 };
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_store_segments(store, owner, see_segment, &seen, &fault), OSK_OK);
    return seen;
}

Seen rig_files(OskStore *store, const OskId *submission)
{
    Seen seen = { .count = 0 };
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_store_files(store, submission, rig_see_file, &seen, &fault), OSK_OK);
    return seen;
}

static void say_nothing(void *context, const char *what)
{
    (void)context;
    print_error("# check: %s\n", what);
}

OskStatus rig_check(OskStore *store)
{
    OskFault fault = { .status = OSK_OK };
    return osk_store_check(store, say_nothing, NULL, &fault);
}

Sent rig_send(OskStore *store, const char *text, uint8_t digest)
{
    Sent sent = { .submission = rig_submission(), .blob = rig_put_blob(store, text) };
    sent.submission.file_count = 1;
    sent.file = (OskFileRow){ .id = rig_id(),
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

int rig_run(struct CMUnitTest *tests, size_t count)
{
    int failed = 0;
    for (size_t at = 0; at < sizeof(makers) / sizeof(makers[0]); at++) {
        for (size_t i = 0; i < count; i++) {
            /* cmocka's state is not const; nobody changes a maker. */
            tests[i].initial_state = (void *)(uintptr_t)makers[at];
        }
        failed += _cmocka_run_group_tests(makers[at]->name, tests, count, NULL, NULL);
    }
    return failed;
}
