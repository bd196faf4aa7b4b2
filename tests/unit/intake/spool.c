/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/random.h"
#include "intake/spool_state.h"
#include "store/store_open.h"
#include "unit.h"

#define BIG (3u << 20)

/* A store in a folder of its own, and a spool on it. */
typedef struct Rig {
    char folder[64];
    OskStore *store;
    OskKeyring *ring;
    OskSpool *spool;
    OskIdentity desk;
} Rig;

static Rig rig;
static uint8_t *content;

static void open_rig(void)
{
    OskFault fault = { .status = OSK_OK };
    const OskStoreOptions options = { .create = true };
    assert_int_equal(osk_store_open_folder(&rig.store, rig.folder, &options, &fault), OSK_OK);
    rig.ring = osk_keyring_open();
    assert_non_null(rig.ring);
    assert_int_equal(
        osk_spool_open(&rig.spool, rig.store, NULL, rig.ring, &rig.desk.recipient, 1, &fault),
        OSK_OK);
}

static void close_rig(void)
{
    osk_spool_close(&rig.spool);
    osk_keyring_close(&rig.ring);
    osk_store_close(&rig.store);
}

static int set_up(void **state)
{
    (void)state;
    const OskRandom random = { .fill = osk_random_fill };
    snprintf(rig.folder, sizeof(rig.folder), "/tmp/oilskin-spool-XXXXXX");
    assert_non_null(mkdtemp(rig.folder));
    assert_int_equal(osk_identity_make(&rig.desk, &random, NULL), OSK_OK);
    content = malloc(BIG);
    for (size_t i = 0; i < BIG; i++) {
        content[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    open_rig();
    return 0;
}

static int delete_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    close_rig();
    free(content);
    return nftw(rig.folder, delete_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void create(uint64_t len, uint32_t flags, char token[OSK_TOKEN_TEXT_BYTES])
{
    const OskUploadWish wish = { .len = len, .flags = flags };
    assert_int_equal(osk_spool_create(rig.spool, &wish, token, NULL), OSK_OK);
}

static OskUpload *open_upload(const char *token)
{
    OskUpload *upload = NULL;
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_upload_open(rig.spool, token, &upload, &fault), OSK_OK);
    return upload;
}

static void append(OskUpload *upload, size_t from, size_t len)
{
    size_t taken = 0;
    assert_int_equal(osk_upload_write(upload, content + from, len, &taken, NULL), OSK_OK);
    assert_int_equal(taken, len);
}

static uint64_t offset_of(const char *token)
{
    OskUploadState at;
    assert_int_equal(osk_spool_look(rig.spool, token, &at, NULL), OSK_OK);
    return at.offset;
}

/* What one request does. */
static void send_part(const char *token, size_t from, size_t len)
{
    OskUpload *upload = open_upload(token);
    OskUploadState at;
    append(upload, from, len);
    assert_int_equal(osk_upload_commit(upload, &at, NULL), OSK_OK);
    assert_int_equal(at.offset, from + len);
    osk_upload_close(&upload);
}

/* What the desk reads of a complete upload, with its own key. */
static uint8_t *read_back(const char *token, uint64_t *out_len)
{
    OskComplete complete;
    const OskUnsealWith with = { .identities = &rig.desk, .count = 1 };
    assert_int_equal(osk_spool_complete(rig.spool, token, &complete, NULL), OSK_OK);
    uint8_t *bytes = malloc((size_t)complete.len + 1);
    uint64_t at = 0;
    for (uint32_t i = 0; i < complete.row.segment_count; i++) {
        OskBlobReader *blob = NULL;
        OskUnsealed *file = NULL;
        assert_int_equal(osk_blob_open(rig.store, &complete.segments[i].blob, &blob, NULL), OSK_OK);
        OskSource source = osk_blob_source(blob);
        assert_int_equal(source.size, complete.segments[i].sealed_len);
        assert_int_equal(osk_unseal_open(&file, &source, &with, NULL), OSK_OK);
        assert_int_equal(osk_unsealed_len(file), complete.segments[i].plain_len);
        assert_int_equal(osk_unsealed_len(file), osk_seal_padded_len(complete.pieces.lens[i]));
        assert_int_equal(
            osk_unsealed_read(file, 0, bytes + at, (size_t)complete.pieces.lens[i], NULL), OSK_OK);
        at += complete.pieces.lens[i];
        osk_unsealed_free(&file);
        osk_blob_close(&blob);
    }
    assert_int_equal(at, complete.len);
    *out_len = at;
    osk_complete_free(&complete);
    return bytes;
}

static void assert_arrived(const char *token, size_t len)
{
    uint64_t got = 0;
    uint8_t *bytes = read_back(token, &got);
    assert_int_equal(got, len);
    assert_memory_equal(bytes, content, len);
    free(bytes);
}

static void spool__what_is_sent_in_pieces_arrives_whole(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    static const size_t cuts[] = { 1, 65535, 65536, 65537, 200000, BIG };
    create(BIG, 0, token);
    size_t from = 0;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        send_part(token, from, cuts[i] - from);
        from = cuts[i];
        assert_int_equal(offset_of(token), from);
    }
    assert_arrived(token, BIG);
    OskUpload *upload = NULL;
    assert_int_equal(osk_upload_open(rig.spool, token, &upload, NULL), OSK_MISUSE);
}

static void spool__an_upload_goes_on_after_a_restart(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    create(UINT64_MAX, 0, token);
    send_part(token, 0, 100000);
    close_rig();
    open_rig();
    assert_int_equal(osk_keyring_count(rig.ring), 0);
    assert_int_equal(offset_of(token), 100000);
    OskUpload *upload = open_upload(token);
    assert_int_equal(osk_keyring_count(rig.ring), 1);
    append(upload, 100000, 50000);
    assert_int_equal(osk_upload_set_len(upload, 150000, NULL), OSK_OK);
    assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
    osk_upload_close(&upload);
    close_rig();
    open_rig();
    assert_arrived(token, 150000);
}

static void spool__what_was_not_committed_is_not_there(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    create(BIG, 0, token);
    send_part(token, 0, 5000);
    OskUpload *upload = open_upload(token);
    append(upload, 5000, 100000);
    osk_upload_rollback(upload);
    append(upload, 5000, 10);
    osk_upload_close(&upload);
    assert_int_equal(offset_of(token), 5000);
    send_part(token, 5000, BIG - 5000);
    assert_arrived(token, BIG);
}

static void spool__a_newer_request_takes_over(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    size_t taken = 1;
    OskFault fault = { .status = OSK_OK };
    create(BIG, 0, token);
    OskUpload *older = open_upload(token);
    append(older, 0, 70000);
    assert_false(osk_upload_is_wanted(older));
    OskUpload *newer = open_upload(token);
    OskUploadState at;
    osk_upload_look(newer, &at);
    assert_int_equal(at.offset, 70000);
    assert_true(osk_upload_is_wanted(older));
    assert_int_equal(osk_upload_write(older, content, 10, &taken, &fault), OSK_LIMIT);
    assert_int_equal(taken, 0);
    assert_int_equal(osk_upload_commit(older, NULL, NULL), OSK_LIMIT);
    append(newer, 70000, BIG - 70000);
    osk_upload_close(&older);
    assert_int_equal(osk_upload_commit(newer, NULL, NULL), OSK_OK);
    osk_upload_close(&newer);
    assert_arrived(token, BIG);
}

/* A checksum that was not proven yet is not kept by somebody else's coming. */
static void spool__what_is_held_is_dropped_by_a_take_over(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    create(BIG, 0, token);
    OskUpload *older = open_upload(token);
    osk_upload_hold(older);
    append(older, 0, 70000);
    OskUpload *newer = open_upload(token);
    OskUploadState at;
    osk_upload_look(newer, &at);
    assert_int_equal(at.offset, 0);
    osk_upload_close(&older);
    osk_upload_close(&newer);
}

static void spool__more_than_was_announced_is_refused(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    size_t taken = 0;
    OskFault fault = { .status = OSK_OK };
    create(100, 0, token);
    OskUpload *upload = open_upload(token);
    append(upload, 0, 90);
    assert_int_equal(osk_upload_write(upload, content, 11, &taken, &fault), OSK_LIMIT);
    assert_non_null(fault.next);
    assert_int_equal(osk_upload_set_len(upload, 99, NULL), OSK_MALFORMED);
    append(upload, 90, 10);
    assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
    osk_upload_close(&upload);
    assert_arrived(token, 100);
}

static void spool__one_byte_a_request_ends_early(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    create(BIG, 0, token);
    size_t at = 0;
    OskStatus status = OSK_OK;
    OskFault fault = { .status = OSK_OK };
    while (status == OSK_OK && at < 2 * OSK_SPOOL_SEGMENTS) {
        size_t taken = 0;
        OskUpload *upload = open_upload(token);
        status = osk_upload_write(upload, content + at, 1, &taken, &fault);
        at += taken;
        if (status == OSK_OK) {
            assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
        }
        osk_upload_close(&upload);
    }
    assert_int_equal(status, OSK_LIMIT);
    assert_int_equal(at, OSK_SPOOL_SEGMENTS);
    assert_int_equal(offset_of(token), OSK_SPOOL_SEGMENTS);
    assert_string_equal(fault.what, "this upload came in too many small pieces");
}

static void spool__an_empty_file_is_complete_at_once(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUploadState at;
    create(0, 0, token);
    assert_int_equal(osk_spool_look(rig.spool, token, &at, NULL), OSK_OK);
    assert_true((at.flags & OSK_UPLOAD_COMPLETE) != 0);
    create(UINT64_MAX, 0, token);
    OskUpload *upload = open_upload(token);
    assert_int_equal(osk_upload_set_len(upload, 0, NULL), OSK_OK);
    assert_int_equal(osk_upload_commit(upload, &at, NULL), OSK_OK);
    assert_true((at.flags & OSK_UPLOAD_COMPLETE) != 0);
    osk_upload_close(&upload);
    assert_arrived(token, 0);
}

static void spool__a_wrong_token_opens_nothing(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUploadState at;
    OskUpload *upload = NULL;
    create(10, 0, token);
    token[5] = token[5] == 'A' ? 'B' : 'A';
    assert_int_equal(osk_spool_look(rig.spool, token, &at, NULL), OSK_AUTH);
    assert_int_equal(osk_upload_open(rig.spool, token, &upload, NULL), OSK_AUTH);
    assert_null(upload);
    assert_int_equal(osk_spool_look(rig.spool, "", &at, NULL), OSK_AUTH);
    assert_int_equal(
        osk_spool_look(rig.spool, "../../../../../../../../../etc/passwd/abcde", &at, NULL),
        OSK_AUTH);
    assert_int_equal(osk_spool_drop(rig.spool, token, NULL), OSK_AUTH);
}

static void spool__parts_become_one(void **state)
{
    (void)state;
    char parts[3][OSK_TOKEN_TEXT_BYTES];
    char whole[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[3] = { parts[0], parts[1], parts[2] };
    static const size_t cuts[4] = { 0, 100000, 1u << 20, BIG };
    for (size_t i = 0; i < 3; i++) {
        size_t half = (cuts[i] + cuts[i + 1]) / 2;
        create(cuts[i + 1] - cuts[i], OSK_UPLOAD_PARTIAL, parts[i]);
        OskUpload *upload = open_upload(parts[i]);
        append(upload, cuts[i], half - cuts[i]);
        assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
        append(upload, half, cuts[i + 1] - half);
        assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
        osk_upload_close(&upload);
    }
    const OskUploadWish wish = { .len = UINT64_MAX, .receipt = "some words" };
    const char *twice[2] = { parts[0], parts[0] };
    assert_int_equal(osk_spool_concat(rig.spool, twice, 2, &wish, whole, NULL), OSK_MISUSE);
    assert_int_equal(osk_spool_concat(rig.spool, tokens, 3, &wish, whole, NULL), OSK_OK);
    assert_arrived(whole, BIG);
    char words[OSK_RECEIPT_TEXT_BYTES];
    assert_true(osk_spool_receipt(rig.spool, whole, words));
    assert_string_equal(words, "some words");
    OskUploadState at;
    assert_int_equal(osk_spool_look(rig.spool, parts[1], &at, NULL), OSK_AUTH);
}

typedef struct Found {
    OskDraftUpload uploads[4];
    size_t count;
} Found;

static bool note(void *context, const OskDraftUpload *upload)
{
    Found *found = context;
    found->uploads[found->count++] = *upload;
    return true;
}

static void spool__a_receipt_finds_its_uploads_again(void **state)
{
    (void)state;
    OskLookup draft = { { 7 } };
    uint8_t key[32] = { 9 };
    uint8_t wrong[32] = { 8 };
    uint8_t fingerprint[32] = { 5, 5 };
    char token[OSK_TOKEN_TEXT_BYTES];
    const OskUploadWish wish = {
        .len = 1000, .draft = &draft, .draft_key = key, .fingerprint = fingerprint
    };
    assert_int_equal(osk_spool_create(rig.spool, &wish, token, NULL), OSK_OK);
    send_part(token, 0, 400);
    close_rig();
    open_rig();
    Found found = { .count = 0 };
    assert_int_equal(osk_spool_draft(rig.spool, &draft, key, note, &found, NULL), OSK_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.uploads[0].token, token);
    assert_int_equal(found.uploads[0].state.offset, 400);
    assert_memory_equal(found.uploads[0].fingerprint, fingerprint, 32);
    found.count = 0;
    assert_int_equal(osk_spool_draft(rig.spool, &draft, wrong, note, &found, NULL), OSK_OK);
    assert_int_equal(found.count, 0);
    send_part(found.uploads[0].token, 400, 600);
    assert_arrived(token, 1000);
}

static bool count_blob(void *context, const OskId *key, uint64_t len)
{
    (void)key;
    (void)len;
    ++*(size_t *)context;
    return true;
}

static size_t blobs(void)
{
    size_t count = 0;
    assert_int_equal(osk_blob_list(rig.store, count_blob, &count, NULL), OSK_OK);
    return count;
}

static void spool__what_is_dropped_or_expired_is_gone(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    uint64_t swept = 0;
    OskUploadState at;
    OskDay today = (OskDay)(time(NULL) / 86400);
    assert_int_equal(osk_spool_sweep(rig.spool, today + 100, &swept, NULL), OSK_OK);
    size_t before = blobs();
    create(BIG, 0, token);
    send_part(token, 0, 400);
    assert_int_equal(blobs(), before + 1);
    assert_int_equal(osk_spool_drop(rig.spool, token, NULL), OSK_OK);
    assert_int_equal(osk_spool_look(rig.spool, token, &at, NULL), OSK_AUTH);
    assert_int_equal(blobs(), before);
    create(BIG, 0, token);
    send_part(token, 0, 400);
    assert_int_equal(osk_spool_sweep(rig.spool, today, &swept, NULL), OSK_OK);
    assert_int_equal(swept, 0);
    assert_int_equal(offset_of(token), 400);
    assert_int_equal(osk_spool_sweep(rig.spool, today + OSK_SPOOL_EXPIRES_DAYS + 1, &swept, NULL),
                     OSK_OK);
    assert_int_equal(swept, 1);
    assert_int_equal(osk_spool_look(rig.spool, token, &at, NULL), OSK_AUTH);
    assert_int_equal(blobs(), before);
}

static const uint8_t *planted;
static size_t planted_len;
static bool found_planted;

static int look_into(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)walk;
    if (kind == FTW_F && info->st_size > 0) {
        uint8_t *bytes = malloc((size_t)info->st_size);
        FILE *file = fopen(path, "rb");
        size_t got = file != NULL ? fread(bytes, 1, (size_t)info->st_size, file) : 0;
        found_planted = memmem(bytes, got, planted, planted_len) != NULL || found_planted;
        if (file != NULL) {
            fclose(file);
        }
        free(bytes);
    }
    return 0;
}

static bool is_on_disk(const void *bytes, size_t len)
{
    planted = bytes;
    planted_len = len;
    found_planted = false;
    assert_int_equal(nftw(rig.folder, look_into, 8, FTW_PHYS), 0);
    return found_planted;
}

static void spool__nothing_in_the_clear_is_on_the_disk(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    uint8_t raw[OSK_TOKEN_BYTES];
    const OskUploadWish wish = { .len = BIG, .receipt = "planted words of a receipt" };
    assert_int_equal(osk_spool_create(rig.spool, &wish, token, NULL), OSK_OK);
    send_part(token, 0, 300000);
    assert_false(is_on_disk(content + 1000, 16));
    assert_false(is_on_disk("planted words", 13));
    assert_false(is_on_disk(token, OSK_TOKEN_TEXT_BYTES - 1));
    assert_true(osk_token_read(token, raw));
    assert_false(is_on_disk(raw, sizeof(raw)));
    OskComplete complete;
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    assert_int_equal(osk_spool_complete(rig.spool, token, &complete, NULL), OSK_MISUSE);
    assert_true(osk_keyring_get(rig.ring, &complete.row.id, 0, key));
    assert_false(is_on_disk(key, sizeof(key)));
    osk_complete_free(&complete);
}

static void spool__a_stop_parks_what_came(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUpload *other = NULL;
    create(BIG, 0, token);
    OskUpload *upload = open_upload(token);
    append(upload, 0, 123456);
    osk_spool_park(rig.spool);
    assert_int_equal(osk_upload_open(rig.spool, token, &other, NULL), OSK_LIMIT);
    assert_true(osk_upload_is_wanted(upload));
    osk_upload_close(&upload);
    close_rig();
    open_rig();
    assert_int_equal(offset_of(token), 123456);
    send_part(token, 123456, BIG - 123456);
    assert_arrived(token, BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spool__what_is_sent_in_pieces_arrives_whole),
        cmocka_unit_test(spool__an_upload_goes_on_after_a_restart),
        cmocka_unit_test(spool__what_was_not_committed_is_not_there),
        cmocka_unit_test(spool__a_newer_request_takes_over),
        cmocka_unit_test(spool__what_is_held_is_dropped_by_a_take_over),
        cmocka_unit_test(spool__more_than_was_announced_is_refused),
        cmocka_unit_test(spool__one_byte_a_request_ends_early),
        cmocka_unit_test(spool__an_empty_file_is_complete_at_once),
        cmocka_unit_test(spool__a_wrong_token_opens_nothing),
        cmocka_unit_test(spool__parts_become_one),
        cmocka_unit_test(spool__a_receipt_finds_its_uploads_again),
        cmocka_unit_test(spool__what_is_dropped_or_expired_is_gone),
        cmocka_unit_test(spool__nothing_in_the_clear_is_on_the_disk),
        cmocka_unit_test(spool__a_stop_parks_what_came),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
