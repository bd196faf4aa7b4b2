/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/shelf.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "day.h"
#include "host/random.h"
#include "unit.h"

Shelf shelf;
unsigned shelf_unsure;
unsigned shelf_broken;
bool shelf_moved;
bool shelf_full;
void (*shelf_overtake)(void);
unsigned shelf_opened;
unsigned shelf_opened_loose;

/* By the linker, for every caller outside the store. */
OskCommit __real_osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                                  const OskId *once, OskFault *fault);
OskCommit __wrap_osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                                  const OskId *once, OskFault *fault);

OskCommit __wrap_osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                                  const OskId *once, OskFault *fault)
{
    void (*overtake)(void) = shelf_overtake;
    shelf_overtake = NULL;
    if (overtake != NULL) {
        overtake();
    }
    if (shelf_unsure == 0 && shelf_broken > 0) {
        shelf_broken--;
        *fault = (OskFault){ .status = OSK_IO, .part = "", .what = "the disk is broken" };
        return OSK_COMMIT_CONFLICT;
    }
    OskCommit done = __real_osk_store_commit(store, changes, count, once, fault);
    if (shelf_unsure == 0) {
        return done;
    }
    shelf_unsure--;
    *fault = (OskFault){ .status = OSK_IO, .part = "", .what = "the connection was lost" };
    return OSK_COMMIT_UNKNOWN;
}

OskStatus __real_osk_blob_open(OskStore *store, const OskId *key, OskBlobReader **out,
                               OskFault *fault);
OskStatus __wrap_osk_blob_open(OskStore *store, const OskId *key, OskBlobReader **out,
                               OskFault *fault);

OskStatus __wrap_osk_blob_open(OskStore *store, const OskId *key, OskBlobReader **out,
                               OskFault *fault)
{
    static const OskId nobody = { { 0xEE } };
    const OskId *found = shelf_moved ? &nobody : key;
    shelf_moved = false;
    return __real_osk_blob_open(store, found, out, fault);
}

OskStatus __real_osk_blob_begin(OskStore *store, uint64_t reserve, OskBlobWriter **out,
                                OskFault *fault);
OskStatus __wrap_osk_blob_begin(OskStore *store, uint64_t reserve, OskBlobWriter **out,
                                OskFault *fault);

OskStatus __wrap_osk_blob_begin(OskStore *store, uint64_t reserve, OskBlobWriter **out,
                                OskFault *fault)
{
    return shelf_full
               ? osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_DISK, "the disk is full", OSK_NO_OFFSET)
               : __real_osk_blob_begin(store, reserve, out, fault);
}

OskStatus __real_osk_unseal_begin(OskUnsealed *file, const OskSource *source, const uint8_t *key,
                                  OskFault *fault);
OskStatus __wrap_osk_unseal_begin(OskUnsealed *file, const OskSource *source, const uint8_t *key,
                                  OskFault *fault);

/* By what the kernel says of the mapping: sanitizers lock nothing, but "dd" (never dumped) is set
 * in the same place. */
static bool is_kept_in(const void *at)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[512];
    bool here = false;
    bool is_kept = false;
    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from = 0;
        unsigned long until = 0;
        if (sscanf(line, "%lx-%lx ", &from, &until) == 2) {
            here = (uintptr_t)at >= from && (uintptr_t)at < until;
        } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
            is_kept = strstr(line, " dd") != NULL;
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return is_kept;
}

OskStatus __wrap_osk_unseal_begin(OskUnsealed *file, const OskSource *source, const uint8_t *key,
                                  OskFault *fault)
{
    shelf_opened++;
    shelf_opened_loose += is_kept_in(file) && is_kept_in(key) ? 0 : 1;
    return __real_osk_unseal_begin(file, source, key, fault);
}

void shelf_open(void)
{
    OskFault fault = { .status = OSK_OK };
    const OskStoreOptions options = { .create = true };
    assert_int_equal(osk_store_open_folder(&shelf.store, shelf.folder, &options, &fault), OSK_OK);
    shelf.ring = osk_keyring_open();
    assert_non_null(shelf.ring);
    assert_int_equal(osk_spool_open(&shelf.spool, shelf.store, NULL, shelf.ring,
                                    &shelf.desk.recipient, 1, &fault),
                     OSK_OK);
}

void shelf_close(void)
{
    osk_spool_close(&shelf.spool);
    osk_keyring_close(&shelf.ring);
    osk_store_close(&shelf.store);
}

int shelf_set_up(void **state)
{
    (void)state;
    const OskRandom random = { .fill = osk_random_fill };
    unit_wait_for_midnight();
    snprintf(shelf.folder, sizeof(shelf.folder), "/tmp/oilskin-shelf-XXXXXX");
    assert_non_null(mkdtemp(shelf.folder));
    assert_int_equal(osk_identity_make(&shelf.desk, &random, NULL), OSK_OK);
    shelf.content = malloc(SHELF_BYTES);
    for (size_t i = 0; i < SHELF_BYTES; i++) {
        shelf.content[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    shelf_open();
    return 0;
}

static int delete_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

int shelf_tear_down(void **state)
{
    (void)state;
    shelf_close();
    free(shelf.content);
    return nftw(shelf.folder, delete_one, 8, FTW_DEPTH | FTW_PHYS);
}

void shelf_create(uint64_t len, uint32_t flags, char token[OSK_TOKEN_TEXT_BYTES])
{
    const OskUploadWish wish = { .len = len, .flags = flags };
    assert_int_equal(osk_spool_create(shelf.spool, &wish, token, NULL), OSK_OK);
}

OskUpload *shelf_open_upload(const char *token)
{
    OskUpload *upload = NULL;
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_upload_open(shelf.spool, token, &upload, &fault), OSK_OK);
    return upload;
}

void shelf_append(OskUpload *upload, const void *bytes, size_t len)
{
    size_t taken = 0;
    assert_int_equal(osk_upload_write(upload, bytes, len, &taken, NULL), OSK_OK);
    assert_int_equal(taken, len);
}

void shelf_send(const char *token, const void *bytes, size_t len)
{
    OskUpload *upload = shelf_open_upload(token);
    OskUploadState before;
    OskUploadState after;
    osk_upload_look(upload, &before);
    shelf_append(upload, bytes, len);
    assert_int_equal(osk_upload_commit(upload, &after, NULL), OSK_OK);
    assert_int_equal(after.offset, before.offset + len);
    osk_upload_close(&upload);
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

bool shelf_is_on_disk(const void *bytes, size_t len)
{
    planted = bytes;
    planted_len = len;
    found_planted = false;
    assert_int_equal(nftw(shelf.folder, look_into, 8, FTW_PHYS), 0);
    return found_planted;
}

static bool count_blob(void *context, const OskId *key, uint64_t len)
{
    (void)key;
    (void)len;
    ++*(size_t *)context;
    return true;
}

size_t shelf_count_blobs(void)
{
    size_t count = 0;
    assert_int_equal(osk_blob_list(shelf.store, count_blob, &count, NULL), OSK_OK);
    return count;
}

uint8_t *shelf_read_blob(const OskId *blob, size_t *out_len)
{
    const OskUnsealWith with = { .identities = &shelf.desk, .count = 1 };
    OskBlobReader *reader = NULL;
    OskUnsealed *file = NULL;
    assert_int_equal(osk_blob_open(shelf.store, blob, &reader, NULL), OSK_OK);
    OskSource source = osk_blob_source(reader);
    assert_int_equal(osk_unseal_open(&file, &source, &with, NULL), OSK_OK);
    *out_len = (size_t)osk_unsealed_len(file);
    uint8_t *bytes = malloc(*out_len + 1);
    assert_int_equal(osk_unsealed_read(file, 0, bytes, *out_len, NULL), OSK_OK);
    osk_unsealed_free(&file);
    osk_blob_close(&reader);
    return bytes;
}
