/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/spool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "intake/shelf.h"
#include "intake/spool_state.h"
#include "unit.h"

static uint64_t offset_of(const char *token)
{
    OskUploadState at;
    assert_int_equal(osk_spool_look(shelf.spool, token, &at, NULL), OSK_OK);
    return at.offset;
}

/* What the desk reads of a complete upload, with its own key. */
static uint8_t *read_back(const char *token, uint64_t *out_len)
{
    OskComplete complete;
    assert_int_equal(osk_spool_complete(shelf.spool, token, &complete, NULL), OSK_OK);
    uint8_t *bytes = malloc((size_t)complete.len + 1);
    uint64_t at = 0;
    for (uint32_t i = 0; i < complete.row.segment_count; i++) {
        size_t len = 0;
        uint8_t *plain = shelf_read_blob(&complete.segments[i].blob, &len);
        assert_int_equal(len, complete.segments[i].plain_len);
        assert_int_equal(len, osk_seal_padded_len(complete.pieces.lens[i]));
        memcpy(bytes + at, plain, (size_t)complete.pieces.lens[i]);
        at += complete.pieces.lens[i];
        free(plain);
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
    assert_memory_equal(bytes, shelf.content, len);
    free(bytes);
}

static void spool__what_is_sent_in_pieces_arrives_whole(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    static const size_t cuts[] = { 1, 65535, 65536, 65537, 200000, SHELF_BYTES };
    shelf_create(SHELF_BYTES, 0, token);
    size_t from = 0;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        shelf_send(token, shelf.content + from, cuts[i] - from);
        from = cuts[i];
        assert_int_equal(offset_of(token), from);
    }
    assert_arrived(token, SHELF_BYTES);
    OskUpload *upload = NULL;
    assert_int_equal(osk_upload_open(shelf.spool, token, &upload, NULL), OSK_MISUSE);
}

static void spool__an_upload_goes_on_after_a_restart(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    shelf_create(UINT64_MAX, 0, token);
    shelf_send(token, shelf.content + 0, 100000);
    shelf_close();
    shelf_open();
    assert_int_equal(osk_keyring_count(shelf.ring), 0);
    assert_int_equal(offset_of(token), 100000);
    OskUpload *upload = shelf_open_upload(token);
    assert_int_equal(osk_keyring_count(shelf.ring), 1);
    shelf_append(upload, shelf.content + 100000, 50000);
    assert_int_equal(osk_upload_set_len(upload, 150000, NULL), OSK_OK);
    assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
    osk_upload_close(&upload);
    shelf_close();
    shelf_open();
    assert_arrived(token, 150000);
}

static void spool__what_was_not_committed_is_not_there(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    shelf_create(SHELF_BYTES, 0, token);
    shelf_send(token, shelf.content + 0, 5000);
    OskUpload *upload = shelf_open_upload(token);
    shelf_append(upload, shelf.content + 5000, 100000);
    osk_upload_rollback(upload);
    shelf_append(upload, shelf.content + 5000, 10);
    osk_upload_close(&upload);
    assert_int_equal(offset_of(token), 5000);
    shelf_send(token, shelf.content + 5000, SHELF_BYTES - 5000);
    assert_arrived(token, SHELF_BYTES);
}

static void spool__a_newer_request_takes_over(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    size_t taken = 1;
    OskFault fault = { .status = OSK_OK };
    shelf_create(SHELF_BYTES, 0, token);
    OskUpload *older = shelf_open_upload(token);
    shelf_append(older, shelf.content + 0, 70000);
    assert_false(osk_upload_is_wanted(older));
    OskUpload *newer = shelf_open_upload(token);
    OskUploadState at;
    osk_upload_look(newer, &at);
    assert_int_equal(at.offset, 70000);
    assert_true(osk_upload_is_wanted(older));
    assert_int_equal(osk_upload_write(older, shelf.content, 10, &taken, &fault), OSK_LIMIT);
    assert_int_equal(taken, 0);
    assert_int_equal(osk_upload_commit(older, NULL, NULL), OSK_LIMIT);
    shelf_append(newer, shelf.content + 70000, SHELF_BYTES - 70000);
    osk_upload_close(&older);
    assert_int_equal(osk_upload_commit(newer, NULL, NULL), OSK_OK);
    osk_upload_close(&newer);
    assert_arrived(token, SHELF_BYTES);
}

/* A checksum that was not proven yet is not kept by somebody else's coming. */
static void spool__what_is_held_is_dropped_by_a_take_over(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    shelf_create(SHELF_BYTES, 0, token);
    OskUpload *older = shelf_open_upload(token);
    osk_upload_hold(older);
    shelf_append(older, shelf.content + 0, 70000);
    OskUpload *newer = shelf_open_upload(token);
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
    shelf_create(100, 0, token);
    OskUpload *upload = shelf_open_upload(token);
    shelf_append(upload, shelf.content + 0, 90);
    assert_int_equal(osk_upload_write(upload, shelf.content, 11, &taken, &fault), OSK_LIMIT);
    assert_non_null(fault.next);
    assert_int_equal(osk_upload_set_len(upload, 99, NULL), OSK_MALFORMED);
    shelf_append(upload, shelf.content + 90, 10);
    assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
    osk_upload_close(&upload);
    assert_arrived(token, 100);
}

static void spool__one_byte_a_request_ends_early(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    shelf_create(SHELF_BYTES, 0, token);
    size_t at = 0;
    OskStatus status = OSK_OK;
    OskFault fault = { .status = OSK_OK };
    while (status == OSK_OK && at < 2 * OSK_SPOOL_SEGMENTS) {
        size_t taken = 0;
        OskUpload *upload = shelf_open_upload(token);
        status = osk_upload_write(upload, shelf.content + at, 1, &taken, &fault);
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
    assert_string_equal(fault.part, OSK_FAULT_PIECES);
}

static void spool__an_empty_file_is_complete_at_once(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUploadState at;
    shelf_create(0, 0, token);
    assert_int_equal(osk_spool_look(shelf.spool, token, &at, NULL), OSK_OK);
    assert_true((at.flags & OSK_UPLOAD_COMPLETE) != 0);
    shelf_create(UINT64_MAX, 0, token);
    OskUpload *upload = shelf_open_upload(token);
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
    shelf_create(10, 0, token);
    token[5] = token[5] == 'A' ? 'B' : 'A';
    assert_int_equal(osk_spool_look(shelf.spool, token, &at, NULL), OSK_AUTH);
    assert_int_equal(osk_upload_open(shelf.spool, token, &upload, NULL), OSK_AUTH);
    assert_null(upload);
    assert_int_equal(osk_spool_look(shelf.spool, "", &at, NULL), OSK_AUTH);
    assert_int_equal(
        osk_spool_look(shelf.spool, "../../../../../../../../../etc/passwd/abcde", &at, NULL),
        OSK_AUTH);
    assert_int_equal(osk_spool_drop(shelf.spool, token, NULL), OSK_AUTH);
}

static void spool__parts_become_one(void **state)
{
    (void)state;
    char parts[3][OSK_TOKEN_TEXT_BYTES];
    char whole[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[3] = { parts[0], parts[1], parts[2] };
    static const size_t cuts[4] = { 0, 100000, 1u << 20, SHELF_BYTES };
    for (size_t i = 0; i < 3; i++) {
        size_t half = (cuts[i] + cuts[i + 1]) / 2;
        shelf_create(cuts[i + 1] - cuts[i], OSK_UPLOAD_PARTIAL, parts[i]);
        OskUpload *upload = shelf_open_upload(parts[i]);
        shelf_append(upload, shelf.content + cuts[i], half - cuts[i]);
        assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
        shelf_append(upload, shelf.content + half, cuts[i + 1] - half);
        assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
        osk_upload_close(&upload);
    }
    const OskUploadWish wish = { .len = UINT64_MAX, .receipt = "some words" };
    const char *twice[2] = { parts[0], parts[0] };
    assert_int_equal(osk_spool_concat(shelf.spool, twice, 2, &wish, whole, NULL), OSK_MISUSE);
    assert_int_equal(osk_spool_concat(shelf.spool, tokens, 3, &wish, whole, NULL), OSK_OK);
    assert_arrived(whole, SHELF_BYTES);
    char words[OSK_RECEIPT_TEXT_BYTES];
    assert_true(osk_spool_receipt(shelf.spool, whole, words));
    assert_string_equal(words, "some words");
    OskUploadState at;
    assert_int_equal(osk_spool_look(shelf.spool, parts[1], &at, NULL), OSK_AUTH);
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
    assert_int_equal(osk_spool_create(shelf.spool, &wish, token, NULL), OSK_OK);
    shelf_send(token, shelf.content + 0, 400);
    shelf_close();
    shelf_open();
    Found found = { .count = 0 };
    assert_int_equal(osk_spool_draft(shelf.spool, &draft, key, note, &found, NULL), OSK_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.uploads[0].token, token);
    assert_int_equal(found.uploads[0].state.offset, 400);
    assert_memory_equal(found.uploads[0].fingerprint, fingerprint, 32);
    found.count = 0;
    assert_int_equal(osk_spool_draft(shelf.spool, &draft, wrong, note, &found, NULL), OSK_OK);
    assert_int_equal(found.count, 0);
    shelf_send(found.uploads[0].token, shelf.content + 400, 600);
    assert_arrived(token, 1000);
}

static void spool__what_is_dropped_or_expired_is_gone(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    uint64_t swept = 0;
    OskUploadState at;
    OskDay today = (OskDay)(time(NULL) / 86400);
    assert_int_equal(osk_spool_sweep(shelf.spool, today + 100, &swept, NULL), OSK_OK);
    size_t before = shelf_count_blobs();
    shelf_create(SHELF_BYTES, 0, token);
    shelf_send(token, shelf.content + 0, 400);
    assert_int_equal(shelf_count_blobs(), before + 1);
    assert_int_equal(osk_spool_drop(shelf.spool, token, NULL), OSK_OK);
    assert_int_equal(osk_spool_look(shelf.spool, token, &at, NULL), OSK_AUTH);
    assert_int_equal(shelf_count_blobs(), before);
    shelf_create(SHELF_BYTES, 0, token);
    shelf_send(token, shelf.content + 0, 400);
    assert_int_equal(osk_spool_sweep(shelf.spool, today, &swept, NULL), OSK_OK);
    assert_int_equal(swept, 0);
    assert_int_equal(offset_of(token), 400);
    assert_int_equal(osk_spool_sweep(shelf.spool, today + OSK_SPOOL_EXPIRES_DAYS + 1, &swept, NULL),
                     OSK_OK);
    assert_int_equal(swept, 1);
    assert_int_equal(osk_spool_look(shelf.spool, token, &at, NULL), OSK_AUTH);
    assert_int_equal(shelf_count_blobs(), before);
}

static void spool__nothing_in_the_clear_is_on_the_disk(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    uint8_t raw[OSK_TOKEN_BYTES];
    const OskUploadWish wish = { .len = SHELF_BYTES, .receipt = "planted words of a receipt" };
    assert_int_equal(osk_spool_create(shelf.spool, &wish, token, NULL), OSK_OK);
    shelf_send(token, shelf.content + 0, 300000);
    assert_false(shelf_is_on_disk(shelf.content + 1000, 16));
    assert_false(shelf_is_on_disk("planted words", 13));
    assert_false(shelf_is_on_disk(token, OSK_TOKEN_TEXT_BYTES - 1));
    assert_true(osk_token_read(token, raw));
    assert_false(shelf_is_on_disk(raw, sizeof(raw)));
    OskComplete complete;
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    assert_int_equal(osk_spool_complete(shelf.spool, token, &complete, NULL), OSK_MISUSE);
    assert_true(osk_keyring_get(shelf.ring, &complete.row.id, 0, key));
    assert_false(shelf_is_on_disk(key, sizeof(key)));
    osk_complete_free(&complete);
}

static void spool__a_stop_parks_what_came(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUpload *other = NULL;
    shelf_create(SHELF_BYTES, 0, token);
    OskUpload *upload = shelf_open_upload(token);
    shelf_append(upload, shelf.content + 0, 123456);
    osk_spool_park(shelf.spool);
    assert_int_equal(osk_upload_open(shelf.spool, token, &other, NULL), OSK_LIMIT);
    assert_true(osk_upload_is_wanted(upload));
    osk_upload_close(&upload);
    shelf_close();
    shelf_open();
    assert_int_equal(offset_of(token), 123456);
    shelf_send(token, shelf.content + 123456, SHELF_BYTES - 123456);
    assert_arrived(token, SHELF_BYTES);
}

#define SLEEPERS 300u
#define SENT 40000u

static size_t locked_kib(void)
{
    char line[256];
    size_t kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "VmLck:", 6) == 0) {
            kib = strtoul(line + 6, NULL, 10);
        }
    }
    fclose(status);
    return kib;
}

/* Many who send a little now and then: each would hold a chunk. */
static void spool__slow_senders_share_a_little_memory(void **state)
{
    (void)state;
    static char tokens[SLEEPERS][OSK_TOKEN_TEXT_BYTES];
    static OskUpload *uploads[SLEEPERS];
    size_t before = locked_kib();
    shelf.spool->awake_max = 64;
    for (size_t i = 0; i < SLEEPERS; i++) {
        shelf_create(SENT, 0, tokens[i]);
        uploads[i] = shelf_open_upload(tokens[i]);
    }
    for (size_t at = 0; at < SENT; at += SENT / 4) {
        for (size_t i = 0; i < SLEEPERS; i++) {
            shelf_append(uploads[i], shelf.content + at + i, SENT / 4);
        }
    }
    assert_true(shelf.spool->awake <= 65);
    assert_true(locked_kib() - before < 65 * 80);
    assert_false(shelf_is_on_disk(shelf.content + 5000, 16));
    for (size_t i = 0; i < SLEEPERS; i++) {
        if (i % 3 == 0) {
            osk_upload_rollback(uploads[i]);
            for (size_t at = 0; at < SENT; at += SENT / 4) {
                shelf_append(uploads[i], shelf.content + at + i, SENT / 4);
            }
        }
        if (i % 3 != 1) {
            assert_int_equal(osk_upload_commit(uploads[i], NULL, NULL), OSK_OK);
        }
        osk_upload_close(&uploads[i]);
    }
    assert_int_equal(shelf.spool->awake, 0);
    assert_int_equal(shelf.spool->free_count, shelf.spool->places);
    for (size_t i = 0; i < SLEEPERS; i += 100) {
        uint64_t len = 0;
        if (i % 3 == 1) {
            assert_int_equal(offset_of(tokens[i]), 0);
            continue;
        }
        uint8_t *bytes = read_back(tokens[i], &len);
        assert_int_equal(len, SENT);
        for (size_t at = 0; at < SENT; at += SENT / 4) {
            assert_memory_equal(bytes + at, shelf.content + at + i, SENT / 4);
        }
        free(bytes);
    }
    shelf.spool->awake_max = OSK_SPOOL_AWAKE;
}

#define CROWD 8
#define ROUNDS 40

static char crowd_tokens[5][OSK_TOKEN_TEXT_BYTES];

/* One of many requests that take the same few uploads from each other. */
static void *push(void *context)
{
    unsigned seed = (unsigned)(uintptr_t)context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        OskUpload *upload = NULL;
        OskUploadState at;
        size_t taken = 0;
        seed = seed * 1103515245u + 12345u;
        const char *token = crowd_tokens[(seed >> 16) % 5];
        if (osk_upload_open(shelf.spool, token, &upload, NULL) != OSK_OK) {
            continue;
        }
        osk_upload_look(upload, &at);
        /* Where it is wanted meanwhile, what is written lies elsewhere, and is refused. */
        if (osk_upload_write(upload, shelf.content + at.offset, 3000, &taken, NULL) == OSK_OK &&
            seed % 3 != 0) {
            (void)osk_upload_commit(upload, NULL, NULL);
        }
        osk_upload_close(&upload);
    }
    return NULL;
}

static void spool__a_crowd_leaves_whole_uploads(void **state)
{
    (void)state;
    pthread_t threads[CROWD];
    shelf.spool->awake_max = 2;
    for (size_t i = 0; i < 5; i++) {
        shelf_create(SHELF_BYTES, 0, crowd_tokens[i]);
    }
    for (uintptr_t i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, push, (void *)(i + 1)), 0);
    }
    for (size_t i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(shelf.spool->awake, 0);
    for (size_t i = 0; i < 5; i++) {
        uint64_t at = offset_of(crowd_tokens[i]);
        assert_int_equal(at % 3000, 0);
        shelf_send(crowd_tokens[i], shelf.content + at, SHELF_BYTES - at);
        assert_arrived(crowd_tokens[i], SHELF_BYTES);
    }
    shelf.spool->awake_max = OSK_SPOOL_AWAKE;
}

/* An answer that was lost: the sender hears of a fault, comes back, and nothing is missing. */
static void lose_answer(unsigned unsure, unsigned broken)
{
    char token[OSK_TOKEN_TEXT_BYTES];
    shelf_create(SHELF_BYTES, 0, token);
    OskUpload *upload = shelf_open_upload(token);
    shelf_append(upload, shelf.content, 70000);
    shelf_unsure = unsure;
    shelf_broken = broken;
    assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_IO);
    shelf_unsure = 0;
    shelf_broken = 0;
    /* Its holder has lost it, so that nobody goes on from an offset that may be wrong. */
    assert_true(osk_upload_is_wanted(upload));
    OskUpload *next = shelf_open_upload(token);
    osk_upload_close(&upload);
    osk_upload_close(&next);
    assert_int_equal(offset_of(token), 70000);
    shelf_send(token, shelf.content + 70000, SHELF_BYTES - 70000);
    assert_arrived(token, SHELF_BYTES);
}

static void spool__what_nobody_knows_of_is_not_deleted(void **state)
{
    (void)state;
    lose_answer(SHELF_UNSURE, 0);
}

/* The second try is sure that it failed; of the first nobody knows. */
static void spool__what_nobody_knew_once_is_not_deleted(void **state)
{
    (void)state;
    lose_answer(1, 1);
    lose_answer(2, SHELF_UNSURE);
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
        cmocka_unit_test(spool__what_nobody_knows_of_is_not_deleted),
        cmocka_unit_test(spool__what_nobody_knew_once_is_not_deleted),
        cmocka_unit_test(spool__slow_senders_share_a_little_memory),
        cmocka_unit_test(spool__a_crowd_leaves_whole_uploads),
    };
    return cmocka_run_group_tests(tests, shelf_set_up, shelf_tear_down);
}
