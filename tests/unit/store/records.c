/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every store must do, whatever is behind it: the desk's records. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/published.h"
#include "store/rig.h"
#include "store/store_open.h"

static const OskId nobody;

static OskRecordRow record_of(OskSpace space, const OskId *owner, const char *text)
{
    return (OskRecordRow){ .key = { .space = space, .owner = *owner, .id = rig_id() },
                           .day = rig_today(),
                           .flags = 5,
                           .bytes = { (uint8_t *)(uintptr_t)text, strlen(text) } };
}

static OskCommit set(OskStore *store, const OskRecordRow *row, uint64_t expected)
{
    return COMMIT(store, { .kind = OSK_ROW_RECORD_SET, .row.record = row, .expected = expected });
}

static OskCommit drop(OskStore *store, const OskRecordKey *key, uint64_t expected)
{
    return COMMIT(store,
                  { .kind = OSK_ROW_RECORD_DROP, .row.record_key = key, .expected = expected });
}

/* The version that is there, 0 for none; its bytes must be `text`. */
static uint64_t version_of(OskStore *store, const OskRecordKey *key, const char *text)
{
    OskFault fault = { .status = OSK_OK };
    OskRecordRow back;
    if (!osk_store_record(store, key, &back, &fault)) {
        assert_int_equal(fault.status, OSK_OK);
        return 0;
    }
    assert_memory_equal(&back.key, key, sizeof(*key));
    assert_int_equal(back.bytes.len, strlen(text));
    assert_memory_equal(back.bytes.bytes, text, strlen(text));
    uint64_t version = back.version;
    osk_record_row_free(&back);
    return version;
}

/* A file's record of the space LOOK with a blob of its own. */
static OskRecordRow look_at(OskStore *store, const OskId *file, const char *preview)
{
    OskRecordRow row = record_of(OSK_SPACE_LOOK, file, "pack");
    row.key.id = *file;
    row.blob = rig_put_blob(store, preview);
    row.sealed_len = strlen(preview);
    return row;
}

static OskRecordRow hold_of(const OskId *submission)
{
    OskRecordRow row = record_of(OSK_SPACE_HOLD, &nobody, "why");
    row.key.id = *submission;
    return row;
}

/* ---- one ---- */

static void record__keeps_every_field(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Sent sent = rig_send(rig->store, "sent", 1);
    OskRecordRow row = look_at(rig->store, &sent.file.id, "preview");
    OskRecordRow back;
    row.flags = UINT32_MAX;
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    rig_reopen(rig);
    assert_true(osk_store_record(rig->store, &row.key, &back, &fault));
    assert_memory_equal(&back.key, &row.key, sizeof(row.key));
    assert_memory_equal(&back.blob, &row.blob, sizeof(row.blob));
    assert_true(back.version == 1 && back.day == row.day && back.flags == UINT32_MAX);
    assert_int_equal(back.sealed_len, 7);
    assert_int_equal(back.bytes.len, 4);
    assert_memory_equal(back.bytes.bytes, "pack", 4);
    osk_record_row_free(&back);
    OskStoreCounts counts;
    assert_int_equal(osk_store_counts(rig->store, &counts, &fault), OSK_OK);
    assert_int_equal(counts.blob_bytes, 4 + 7);
    row.key.space = OSK_SPACE_MEMBER;
    assert_int_equal(version_of(rig->store, &row.key, ""), 0);
}

static void record__changes_only_from_the_version_that_was_expected(void **state)
{
    Rig *rig = *state;
    OskRecordRow row = record_of(OSK_SPACE_CLAIM, &nobody, "first");
    OskRecordRow other = row;
    other.bytes = (OskBytes){ (uint8_t *)(uintptr_t) "second", 6 };
    assert_int_equal(set(rig->store, &row, 1), OSK_COMMIT_CONFLICT);
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &other, 0), OSK_COMMIT_CONFLICT);
    assert_int_equal(version_of(rig->store, &row.key, "first"), 1);
    assert_int_equal(set(rig->store, &other, 1), OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &row, 1), OSK_COMMIT_CONFLICT);
    assert_int_equal(version_of(rig->store, &row.key, "second"), 2);
    assert_int_equal(drop(rig->store, &row.key, 1), OSK_COMMIT_CONFLICT);
    assert_int_equal(drop(rig->store, &row.key, 2), OSK_COMMIT_OK);
    assert_int_equal(drop(rig->store, &row.key, 2), OSK_COMMIT_OK);
    assert_int_equal(version_of(rig->store, &row.key, ""), 0);
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    assert_int_equal(drop(rig->store, &row.key, 0), OSK_COMMIT_OK);
}

static void record__of_what_is_gone_is_refused(void **state)
{
    Rig *rig = *state;
    Sent sent = rig_send(rig->store, "sent", 1);
    OskId stranger = rig_id();
    OskRecordRow row = record_of(OSK_SPACE_NOTE, &stranger, "note");
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_CONFLICT);
    row.key.owner = sent.submission.id;
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    /* The look at a file ends after its sender took it back. */
    OskRecordRow late = look_at(rig->store, &sent.file.id, "preview");
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id }),
        OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &late, 0), OSK_COMMIT_CONFLICT);
    OskRecordRow hold = hold_of(&sent.submission.id);
    assert_int_equal(set(rig->store, &hold, 0), OSK_COMMIT_CONFLICT);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void record__too_long_is_refused(void **state)
{
    Rig *rig = *state;
    static uint8_t bytes[OSK_SMALL_BLOB_BYTES + 1];
    OskRecordRow row = record_of(OSK_SPACE_CLUSTER, &nobody, "");
    row.bytes = (OskBytes){ bytes, sizeof(bytes) };
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_CONFLICT);
    row.bytes.len--;
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
}

/* ---- blobs ---- */

static void record__frees_its_blob_when_it_has_another_or_goes(void **state)
{
    Rig *rig = *state;
    Sent sent = rig_send(rig->store, "sent", 1);
    OskRecordRow row = look_at(rig->store, &sent.file.id, "preview");
    OskId first = row.blob;
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &row, 1), OSK_COMMIT_OK);
    assert_true(rig_has_blob(rig->store, &first));
    row.blob = rig_put_blob(rig->store, "preview");
    assert_int_equal(set(rig->store, &row, 2), OSK_COMMIT_OK);
    assert_false(rig_has_blob(rig->store, &first));
    assert_true(rig_has_blob(rig->store, &row.blob));
    assert_int_equal(drop(rig->store, &row.key, 0), OSK_COMMIT_OK);
    assert_false(rig_has_blob(rig->store, &row.blob));
    assert_true(rig_has_blob(rig->store, &sent.blob));
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void record__never_shares_a_blob(void **state)
{
    Rig *rig = *state;
    Sent sent = rig_send(rig->store, "sent", 1);
    OskRecordRow row = look_at(rig->store, &sent.file.id, "preview");
    OskRecordRow twin = record_of(OSK_SPACE_PUBLISHED, &sent.submission.id, "");
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    twin.blob = row.blob;
    assert_int_equal(set(rig->store, &twin, 0), OSK_COMMIT_CONFLICT);
    twin.blob = sent.blob;
    assert_int_equal(set(rig->store, &twin, 0), OSK_COMMIT_CONFLICT);
    assert_true(rig_has_blob(rig->store, &row.blob) && rig_has_blob(rig->store, &sent.blob));
}

static void record__s_blob_is_cared_for_as_a_file_s(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    char copy[96];
    uint64_t count = 0;
    OskRecordRow back;
    Sent sent = rig_send(rig->store, "sent", 1);
    OskRecordRow row = look_at(rig->store, &sent.file.id, "preview");
    OskRecordRow header = record_of(OSK_SPACE_HEADER, &sent.file.id, "NEW");
    row.day = 20000;
    header.key.id = row.blob;
    header.flags = 3;
    assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &header, 0), OSK_COMMIT_OK);
    rig_reopen(rig);
    assert_int_equal(osk_store_sweep(rig->store, &count, &fault), OSK_OK);
    assert_int_equal(count, 0);
    assert_true(rig_has_blob(rig->store, &row.blob));
    snprintf(copy, sizeof(copy), "%s.copy", rig->folder);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_OK);
    OskStore *copied = rig->maker->open(copy);
    assert_true(rig_has_blob(copied, &row.blob));
    osk_store_close(&copied);
    assert_int_equal(osk_store_shuffle(rig->store, 20000, &count, &fault), OSK_OK);
    assert_int_equal(count, 1);
    assert_false(rig_has_blob(rig->store, &row.blob));
    assert_true(osk_store_record(rig->store, &row.key, &back, &fault));
    assert_true(rig_has_blob(rig->store, &back.blob));
    /* Who has read it before may not put back where the blob was. */
    assert_int_equal(back.version, 2);
    assert_int_equal(set(rig->store, &row, 1), OSK_COMMIT_CONFLICT);
    /* Its header goes where it goes. */
    header.key.id = back.blob;
    assert_int_equal(version_of(rig->store, &header.key, "NEW"), 1);
    osk_record_row_free(&back);
    assert_int_equal(rig_check(rig->store), OSK_OK);
    assert_int_equal(osk_blob_delete(rig->store, &header.key.id, &fault), OSK_OK);
    assert_int_equal(rig_check(rig->store), OSK_FOUND);
}

/* ---- what they are of ---- */

static void record__goes_with_what_it_is_of(void **state)
{
    Rig *rig = *state;
    Sent sent = rig_send(rig->store, "sent", 1);
    Sent other = rig_send(rig->store, "other", 2);
    OskRecordRow rows[] = { look_at(rig->store, &sent.file.id, "preview"),
                            record_of(OSK_SPACE_NOTE, &sent.submission.id, "note"),
                            record_of(OSK_SPACE_CLAIM, &nobody, "claim"),
                            record_of(OSK_SPACE_NOTE, &other.submission.id, "stays"),
                            record_of(OSK_SPACE_CLUSTER, &nobody, "stays") };
    rows[2].key.id = sent.submission.id;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(set(rig->store, &rows[i], 0), OSK_COMMIT_OK);
    }
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_DROP, .row.id = sent.file.id }),
                     OSK_COMMIT_OK);
    assert_int_equal(version_of(rig->store, &rows[0].key, ""), 0);
    assert_false(rig_has_blob(rig->store, &rows[0].blob));
    assert_int_equal(version_of(rig->store, &rows[1].key, "note"), 1);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id }),
        OSK_COMMIT_OK);
    assert_int_equal(version_of(rig->store, &rows[1].key, ""), 0);
    assert_int_equal(version_of(rig->store, &rows[2].key, ""), 0);
    assert_int_equal(version_of(rig->store, &rows[3].key, "stays"), 1);
    assert_int_equal(version_of(rig->store, &rows[4].key, "stays"), 1);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void record__of_a_hold_keeps_a_submission(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Sent sent = rig_send(rig->store, "evidence", 1);
    OskRecordRow hold = hold_of(&sent.submission.id);
    OskChange drops[] = { { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id },
                          { .kind = OSK_ROW_FILE_DROP, .row.id = sent.file.id } };
    assert_int_equal(set(rig->store, &hold, 0), OSK_COMMIT_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(osk_store_commit(rig->store, &drops[i], 1, NULL, &fault),
                         OSK_COMMIT_CONFLICT);
        assert_int_equal(fault.status, OSK_FOUND);
        assert_true(rig_has_blob(rig->store, &sent.blob));
    }
    /* Others go as before. */
    Sent other = rig_send(rig->store, "other", 2);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = other.submission.id }),
        OSK_COMMIT_OK);
    assert_int_equal(drop(rig->store, &hold.key, 1), OSK_COMMIT_OK);
    assert_int_equal(rig_commit(rig->store, drops, 1, NULL), OSK_COMMIT_OK);
    assert_false(rig_has_blob(rig->store, &sent.blob));
}

static void restore__drops_records_that_were_dropped_since(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    char copy[96];
    char back[96];
    Sent sent = rig_send(rig->store, "sent", 1);
    OskRecordRow stays = record_of(OSK_SPACE_REVIEWER, &nobody, "stays");
    OskRecordRow removed = record_of(OSK_SPACE_REVIEWER, &nobody, "removed");
    OskRecordRow hold = hold_of(&sent.submission.id);
    assert_int_equal(set(rig->store, &stays, 0), OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &removed, 0), OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &hold, 0), OSK_COMMIT_OK);
    snprintf(copy, sizeof(copy), "%s.copy", rig->folder);
    snprintf(back, sizeof(back), "%s.back", rig->folder);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_OK);
    assert_int_equal(drop(rig->store, &removed.key, 0), OSK_COMMIT_OK);
    /* Free again, and then deleted: the hold in the backup is over. */
    assert_int_equal(drop(rig->store, &hold.key, 0), OSK_COMMIT_OK);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id }),
        OSK_COMMIT_OK);
    assert_int_equal(osk_store_restore(copy, back, rig->folder, &fault), OSK_OK);
    OskStore *restored = rig->maker->open(back);
    assert_int_equal(version_of(restored, &stays.key, "stays"), 1);
    assert_int_equal(version_of(restored, &removed.key, ""), 0);
    assert_false(rig_has_blob(restored, &sent.blob));
    assert_int_equal(rig_check(restored), OSK_OK);
    osk_store_close(&restored);
}

/* ---- what is public ---- */

static uint32_t flags_of(OskStore *store, const OskRecordKey *key)
{
    OskFault fault = { .status = OSK_OK };
    OskRecordRow row;
    assert_true(osk_store_record(store, key, &row, &fault));
    uint32_t flags = row.flags;
    osk_record_row_free(&row);
    return flags;
}

static void set_flags(OskStore *store, OskRecordRow *row, uint32_t flags)
{
    row->flags = flags;
    assert_int_equal(set(store, row, 1), OSK_COMMIT_OK);
}

/* Also of a backup that was made before, and what was published of a submission outlives that. */
static void published__what_was_taken_back_stays_so_in_a_restored_backup(void **state)
{
    Rig *rig = *state;
    char copy[128];
    char back[128];
    OskFault fault = { .status = OSK_OK };
    Sent sent = rig_send(rig->store, "sent", 1);
    OskRecordRow rows[] = { record_of(OSK_SPACE_PUBLICATION, &nobody, "withdrawn"),
                            record_of(OSK_SPACE_PUBLICATION, &nobody, "hidden"),
                            record_of(OSK_SPACE_PUBLICATION, &nobody, "public"),
                            record_of(OSK_SPACE_ALBUM, &nobody, "album"),
                            record_of(OSK_SPACE_SHARE, &nobody, "link") };
    OskId blob = rig_put_blob(rig->store, "a copy");
    rows[0].blob = blob;
    rows[0].sealed_len = 6;
    rows[0].flags = rows[1].flags = rows[2].flags = OSK_PUBLICATION_PUBLIC;
    rows[3].flags = OSK_ALBUM_OPEN;
    rows[4].flags = OSK_SHARE_CHECKED;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(set(rig->store, &rows[i], 0), OSK_COMMIT_OK);
    }
    snprintf(copy, sizeof(copy), "%s.copy", rig->folder);
    snprintf(back, sizeof(back), "%s.back", rig->folder);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_OK);
    rows[0].blob = nobody;
    rows[0].sealed_len = 0;
    set_flags(rig->store, &rows[0], OSK_PUBLICATION_WITHDRAWN);
    set_flags(rig->store, &rows[1], OSK_PUBLICATION_HIDDEN);
    set_flags(rig->store, &rows[3], OSK_ALBUM_HIDDEN);
    set_flags(rig->store, &rows[4], OSK_SHARE_CHECKED | OSK_SHARE_ENDED);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id }),
        OSK_COMMIT_OK);
    assert_int_equal(osk_store_restore(copy, back, rig->folder, &fault), OSK_OK);
    OskStore *restored = rig->maker->open(back);
    assert_int_equal(flags_of(restored, &rows[0].key), OSK_PUBLICATION_WITHDRAWN);
    assert_false(rig_has_blob(restored, &blob));
    assert_int_equal(flags_of(restored, &rows[1].key), OSK_PUBLICATION_HIDDEN);
    assert_int_equal(flags_of(restored, &rows[2].key), OSK_PUBLICATION_PUBLIC);
    assert_int_equal(flags_of(restored, &rows[3].key), OSK_ALBUM_HIDDEN);
    assert_int_equal(flags_of(restored, &rows[4].key), OSK_SHARE_CHECKED | OSK_SHARE_ENDED);
    assert_int_equal(rig_check(restored), OSK_OK);
    osk_store_close(&restored);
}

/* ---- headers ---- */

static void assert_sealed(OskStore *store, const OskId *owner, const OskId *blob, const char *text)
{
    OskFault fault = { .status = OSK_OK };
    OskSealed *sealed = NULL;
    char back[64] = "";
    size_t len = strlen(text);
    assert_int_equal(osk_store_sealed_open(store, owner, blob, &sealed, &fault), OSK_OK);
    OskSource source = osk_store_sealed_source(sealed);
    assert_int_equal(source.size, len);
    for (size_t from = 0; from < len; from++) {
        for (size_t end = from + 1; end <= len; end++) {
            assert_true(source.read(source.context, from, back, end - from));
            assert_memory_equal(back, text + from, end - from);
        }
    }
    assert_false(source.read(source.context, 1, back, len));
    osk_store_sealed_close(&sealed);
}

static void header__stands_before_what_it_belongs_to(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Sent sent = rig_send(rig->store, "OLD:payload", 1);
    OskRecordRow header = record_of(OSK_SPACE_HEADER, &sent.file.id, "LONGER:");
    OskId gone = rig_id();
    header.flags = 4;
    assert_sealed(rig->store, &sent.file.id, &sent.blob, "OLD:payload");
    header.key.id = gone;
    assert_int_equal(set(rig->store, &header, 0), OSK_COMMIT_CONFLICT);
    header.key.id = sent.blob;
    header.key.owner = sent.submission.id;
    assert_int_equal(set(rig->store, &header, 0), OSK_COMMIT_CONFLICT);
    header.key.owner = sent.file.id;
    assert_int_equal(set(rig->store, &header, 0), OSK_COMMIT_OK);
    assert_sealed(rig->store, &sent.file.id, &sent.blob, "LONGER:payload");
    /* Who was able to open the old one no longer is. */
    assert_int_equal(osk_blob_wipe_head(rig->store, &sent.blob, 4, &fault), OSK_OK);
    assert_sealed(rig->store, &sent.file.id, &sent.blob, "LONGER:payload");
    header.flags = 12;
    assert_int_equal(set(rig->store, &header, 1), OSK_COMMIT_OK);
    OskSealed *sealed = NULL;
    assert_int_equal(osk_store_sealed_open(rig->store, &sent.file.id, &sent.blob, &sealed, &fault),
                     OSK_IO);
    assert_null(sealed);
    fault = (OskFault){ .status = OSK_OK };
    assert_int_equal(osk_store_sealed_open(rig->store, &sent.file.id, &gone, &sealed, &fault),
                     OSK_IO);
    assert_string_equal(fault.what, "the blob is gone");
}

static void header__follows_the_bytes_to_their_heir(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint64_t moved = 0;
    Sent first = rig_send(rig->store, "OLD:the same", 5);
    Sent second = rig_send(rig->store, "OLD:the same", 5);
    OskRecordRow lost = record_of(OSK_SPACE_HEADER, &second.file.id, "NEW:");
    OskRecordRow header = record_of(OSK_SPACE_HEADER, &first.file.id, "NEW:");
    lost.key.id = second.blob;
    header.key.id = first.blob;
    lost.flags = 4;
    header.flags = 4;
    assert_int_equal(set(rig->store, &lost, 0), OSK_COMMIT_OK);
    assert_int_equal(set(rig->store, &header, 0), OSK_COMMIT_OK);
    second.file.same_as = first.file.id;
    second.file.segment_count = 0;
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_FILE_SET, .row.file = &second.file }),
                     OSK_COMMIT_OK);
    assert_int_equal(version_of(rig->store, &lost.key, ""), 0);
    assert_int_equal(rig_check(rig->store), OSK_OK);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = first.submission.id }),
        OSK_COMMIT_OK);
    assert_sealed(rig->store, &second.file.id, &first.blob, "NEW:the same");
    assert_int_equal(rig_check(rig->store), OSK_OK);
    /* And under a new name. */
    assert_int_equal(osk_store_shuffle(rig->store, rig_today(), &moved, &fault), OSK_OK);
    assert_int_equal(moved, 1);
    Seen seen = rig_segments(rig->store, &second.file.id);
    assert_int_equal(seen.count, 1);
    assert_memory_not_equal(&seen.segments[0].blob, &first.blob, sizeof(OskId));
    assert_sealed(rig->store, &second.file.id, &seen.segments[0].blob, "NEW:the same");
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

/* ---- lists ---- */

typedef struct Page {
    size_t count;
    OskRecordKey last;
    bool has_bytes;
} Page;

static bool see_record(void *context, const OskRecordRow *row)
{
    Page *page = context;
    if (page->count > 0) {
        int order = memcmp(&page->last.owner, &row->key.owner, sizeof(OskId));
        assert_true(order < 0 ||
                    (order == 0 && memcmp(&page->last.id, &row->key.id, sizeof(OskId)) < 0));
    }
    page->last = row->key;
    page->has_bytes = row->bytes.len != 0;
    page->count++;
    return true;
}

static Page page_of(OskStore *store, const OskRecordQuery *query)
{
    OskFault fault = { .status = OSK_OK };
    Page page = { .count = 0 };
    assert_int_equal(osk_store_records(store, query, see_record, &page, &fault), OSK_OK);
    return page;
}

static void records__come_in_pages_in_the_order_of_their_keys(void **state)
{
    Rig *rig = *state;
    Sent sent[2] = { rig_send(rig->store, "one", 1), rig_send(rig->store, "two", 2) };
    for (int i = 0; i < 14; i++) {
        OskRecordRow row = record_of(OSK_SPACE_NOTE, &sent[i % 2].submission.id, "note");
        assert_int_equal(set(rig->store, &row, 0), OSK_COMMIT_OK);
    }
    /* A number that is 0 is one, too. */
    OskRecordRow first = record_of(OSK_SPACE_AUDIT, &nobody, "first");
    first.key.id = nobody;
    assert_int_equal(set(rig->store, &first, 0), OSK_COMMIT_OK);
    OskRecordQuery query = { .space = OSK_SPACE_AUDIT };
    assert_int_equal(page_of(rig->store, &query).count, 1);
    query = (OskRecordQuery){ .space = OSK_SPACE_NOTE, .limit = 4 };
    size_t total = 0;
    Page page;
    OskRecordKey after;
    do {
        page = page_of(rig->store, &query);
        assert_true(page.has_bytes || page.count == 0);
        total += page.count;
        after = page.last;
        query.after = &after;
    } while (page.count == 4);
    assert_int_equal(total, 14);
    query = (OskRecordQuery){ .space = OSK_SPACE_NOTE,
                              .owner = &sent[1].submission.id,
                              .without_bytes = true };
    page = page_of(rig->store, &query);
    assert_int_equal(page.count, 7);
    assert_false(page.has_bytes);
    query.limit = 3;
    page = page_of(rig->store, &query);
    after = page.last;
    query.after = &after;
    query.limit = 100;
    assert_int_equal(page_of(rig->store, &query).count, 4);
}

/* A model of the desk is built of them at each start. */
static void records__of_a_hundred_thousand_take_three_tenths_of_a_second(void **state)
{
    enum { MANY = 100000, BATCH = 1000 };
    Rig *rig = *state;
    static OskRecordRow rows[BATCH];
    static OskChange changes[BATCH];
    static char bytes[200];
    memset(bytes, 'x', sizeof(bytes) - 1);
    for (unsigned done = 0; done < MANY; done += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            rows[i] = record_of(OSK_SPACE_CLUSTER, &nobody, bytes);
            changes[i] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &rows[i] };
        }
        assert_int_equal(rig_commit(rig->store, changes, BATCH, NULL), OSK_COMMIT_OK);
    }
    rig_reopen(rig);
    struct timespec from;
    struct timespec to;
    OskRecordQuery query = { .space = OSK_SPACE_CLUSTER };
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    assert_int_equal(page_of(rig->store, &query).count, MANY);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    double took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    print_message("# 100,000 records: %.3f s\n", took);
    assert_true(took < 0.3);
}

/* ---- sealed files in rows ---- */

static OskCommit change_sealed(OskStore *store, OskSealedRow row, const char *was, const char *now)
{
    uint8_t before[32];
    uint8_t after[32];
    row.was = (OskBytes){ .bytes = before, .len = strlen(was) };
    row.now = (OskBytes){ .bytes = after, .len = strlen(now) };
    memcpy(before, was, row.was.len);
    memcpy(after, now, row.now.len);
    return COMMIT(store, { .kind = OSK_ROW_SEALED_SET, .row.sealed = &row });
}

static bool is_message(void *context, const OskMessageRow *row)
{
    assert_int_equal(row->sealed.len, strlen(context));
    assert_memory_equal(row->sealed.bytes, context, row->sealed.len);
    return true;
}

static void sealed__changes_only_while_it_is_what_was_read(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint8_t words[] = "words";
    char anew[] = "others";
    Sent sent = rig_send(rig->store, "sent", 1);
    OskSubmissionRow row;
    OskSubmissionRow back;
    assert_true(osk_store_submission(rig->store, &sent.file.submission, &row, &fault));
    osk_bytes_clear(&row.manifest);
    row.manifest = (OskBytes){ .bytes = words, .len = 5 };
    const OskMessageRow message = { .submission = row.id, .sealed = { .bytes = words, .len = 5 } };
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_SET, .row.submission = &row },
                            { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &message }),
                     OSK_COMMIT_OK);
    const OskSealedRow of = { .submission = row.id };
    OskSealedRow of_message = { .submission = row.id, .is_message = true };
    assert_int_equal(change_sealed(rig->store, of, "word", anew), OSK_COMMIT_CONFLICT);
    assert_int_equal(change_sealed(rig->store, of, "words", anew), OSK_COMMIT_OK);
    assert_int_equal(change_sealed(rig->store, of, "words", anew), OSK_COMMIT_CONFLICT);
    assert_int_equal(change_sealed(rig->store, of_message, "wordz", anew), OSK_COMMIT_CONFLICT);
    assert_int_equal(change_sealed(rig->store, of_message, "words", anew), OSK_COMMIT_OK);
    of_message.number = 1;
    assert_int_equal(change_sealed(rig->store, of_message, anew, anew), OSK_COMMIT_CONFLICT);
    rig_reopen(rig);
    assert_true(osk_store_submission(rig->store, &row.id, &back, &fault));
    assert_int_equal(back.manifest.len, 6);
    assert_memory_equal(back.manifest.bytes, anew, 6);
    osk_submission_row_free(&back);
    assert_int_equal(osk_store_messages(rig->store, &row.id, is_message, anew, &fault), OSK_OK);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(record__keeps_every_field),
        STORE_TEST(record__changes_only_from_the_version_that_was_expected),
        STORE_TEST(record__of_what_is_gone_is_refused),
        STORE_TEST(record__too_long_is_refused),
        STORE_TEST(record__frees_its_blob_when_it_has_another_or_goes),
        STORE_TEST(record__never_shares_a_blob),
        STORE_TEST(record__s_blob_is_cared_for_as_a_file_s),
        STORE_TEST(record__goes_with_what_it_is_of),
        STORE_TEST(record__of_a_hold_keeps_a_submission),
        STORE_TEST(restore__drops_records_that_were_dropped_since),
        STORE_TEST(published__what_was_taken_back_stays_so_in_a_restored_backup),
        STORE_TEST(header__stands_before_what_it_belongs_to),
        STORE_TEST(header__follows_the_bytes_to_their_heir),
        STORE_TEST(sealed__changes_only_while_it_is_what_was_read),
        STORE_TEST(records__come_in_pages_in_the_order_of_their_keys),
        STORE_TEST(records__of_a_hundred_thousand_take_three_tenths_of_a_second),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
