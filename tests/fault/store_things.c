/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/random.h"

#define PIECE_BYTES 5555u

void driver_say(const char *text)
{
    size_t len = strlen(text);
    if (write(STDOUT_FILENO, text, len) != (ssize_t)len) {
        _exit(3);
    }
}

void driver_hex(const OskId *id, char out[33])
{
    for (size_t i = 0; i < OSK_ID_BYTES; i++) {
        snprintf(out + 2 * i, 3, "%02x", id->bytes[i]);
    }
}

bool driver_unhex(const char *text, OskId *out)
{
    for (size_t i = 0; i < OSK_ID_BYTES; i++) {
        unsigned byte = 0;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1) {
            return false;
        }
        out->bytes[i] = (uint8_t)byte;
    }
    return true;
}

size_t driver_segment_bytes(const OskId *id, uint32_t number, uint8_t out[SEGMENT_BYTES])
{
    uint64_t state = 0;
    memcpy(&state, id->bytes, sizeof(state));
    state = (state ^ (number + 1) * 0x9e3779b97f4a7c15u) | 1;
    bool is_long = (state >> 32) % SEGMENT_LONG_ONE_IN == 0;
    size_t len = is_long
                     ? SEGMENT_SHORT_BYTES * 4 + state % (SEGMENT_BYTES - SEGMENT_SHORT_BYTES * 4)
                     : 1 + state % (SEGMENT_SHORT_BYTES - 1);
    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out[i] = (uint8_t)(state >> 32);
    }
    return len;
}

OskLookup driver_lookup_of(const OskId *id)
{
    OskLookup lookup = { .bytes = { 0 } };
    memcpy(lookup.bytes, id->bytes, OSK_ID_BYTES);
    lookup.bytes[31] = 1;
    return lookup;
}

OskId driver_other_id(const OskId *id, uint8_t mark)
{
    OskId other = *id;
    other.bytes[15] ^= mark;
    return other;
}

OskStore *driver_open(const char *folder, const OskStoreOptions *options)
{
    OskFault fault = { .status = OSK_OK };
    OskStore *store = NULL;
    if (osk_store_open_folder(&store, folder, options, &fault) != OSK_OK) {
        fprintf(stderr, "open: %s\n", fault.what);
        return NULL;
    }
    return store;
}

void driver_say_finding(void *context, const char *what)
{
    (void)context;
    printf("broken: check says: %s\n", what);
}

OskRecordKey driver_record_of(const OskId *id)
{
    const OskId file = driver_other_id(id, 1);
    return (OskRecordKey){ .space = OSK_SPACE_LOOK, .owner = file, .id = file };
}

OskUploadRow driver_row_of(const Object *object)
{
    static uint8_t wrapped[] = "keys";
    return (OskUploadRow){ .id = object->id,
                           .lookup = driver_lookup_of(&object->id),
                           .declared_len = UINT64_MAX,
                           .offset = object->offset,
                           .segment_count = object->segments,
                           .expires = INT32_MAX,
                           .wrapped = { wrapped, sizeof(wrapped) } };
}

bool driver_commit(OskStore *store, const OskChange *changes, size_t count)
{
    OskFault fault = { .status = OSK_OK };
    OskId once;
    OskCommit result = OSK_COMMIT_UNKNOWN;
    osk_random_fill(NULL, &once, sizeof(once));
    for (int tries = 0; tries < 5 && result == OSK_COMMIT_UNKNOWN; tries++) {
        fault = (OskFault){ .status = OSK_OK };
        result = osk_store_commit(store, changes, count, &once, &fault);
    }
    return result == OSK_COMMIT_OK;
}

bool driver_put_blob(OskStore *store, const OskId *id, uint32_t number, OskSegmentRow *out)
{
    uint8_t bytes[SEGMENT_BYTES];
    size_t len = driver_segment_bytes(id, number, bytes);
    OskFault fault = { .status = OSK_OK };
    OskBlobWriter *writer = NULL;
    /* As an upload does: room first, then piece by piece. */
    bool written = osk_blob_begin(store, len + PIECE_BYTES, &writer, &fault) == OSK_OK;
    for (size_t at = 0; written && at < len; at += PIECE_BYTES) {
        size_t take = len - at < PIECE_BYTES ? len - at : PIECE_BYTES;
        written = osk_blob_write(writer, bytes + at, take, &fault) == OSK_OK;
    }
    if (!written) {
        osk_blob_abort(&writer);
        return false;
    }
    out->number = number;
    out->plain_len = len;
    out->sealed_len = len;
    return osk_blob_commit(&writer, UINT64_MAX, &out->blob, &fault) == OSK_OK;
}
