/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packed.h"

#include <stdlib.h>
#include <string.h>

#include "../fingerprint/drawn.h"
#include "host/random.h"

#define WIDTH 320u
#define HEIGHT 240u

static const OskRandom kernel = { .fill = osk_random_fill };

OskMemory packed_bytes(uint32_t seed, uint32_t copy, uint32_t width)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
    float *values = (float *)(uintptr_t)luma.values;
    uint32_t random = copy;
    for (size_t i = 0; copy != 0 && i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] = values[i] * 0.9F + (float)(drawn_random(&random) % 9);
    }
    const OskStillFacts facts = { .width = width != 0 ? width : WIDTH,
                                  .height = width != 0 ? width * 3 / 4 : HEIGHT };
    OskPack *pack = NULL;
    OskMemory bytes = { .max = OSK_PACK_BYTES_MAX };
    assert_int_equal(osk_pack_of_still(&pack, &luma, &facts, NULL), OSK_OK);
    assert_int_equal(osk_pack_write(pack, &bytes, NULL), OSK_OK);
    osk_pack_free(&pack);
    drawn_free(&luma);
    return bytes;
}

OskMemory packed_seal(const OskMemory *plain, const OskRecipient *to)
{
    OskFault fault = { 0 };
    OskMemory sealed = { .max = OSK_SMALL_BLOB_BYTES };
    const OskSealTo seal = { .recipients = to,
                             .count = 1,
                             .random = &kernel,
                             .padded_len = osk_seal_padded_len(plain->len) };
    assert_int_equal(osk_seal_bytes(plain->bytes, plain->len, &seal, &sealed, &fault), OSK_OK);
    return sealed;
}

void packed_look_sealed(const OskId *file, const OskMemory *sealed)
{
    OskFault fault = { 0 };
    const OskRecordRow look = { .key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file },
                                .flags = 1,
                                .bytes = { .bytes = sealed->bytes, .len = sealed->len } };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &look };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
}

void packed_look(const OskId *file, const OskMemory *plain, const OskRecipient *to)
{
    OskMemory sealed = packed_seal(plain, to);
    packed_look_sealed(file, &sealed);
    osk_bytes_free(&sealed.bytes);
}

Sent packed_send(uint32_t seed, uint32_t copy)
{
    Sent sent = rig_send(0, 1, false);
    OskMemory bytes = packed_bytes(seed, copy, 0);
    packed_look(&sent.files[0], &bytes, &rig.triage.recipient);
    osk_bytes_free(&bytes.bytes);
    return sent;
}

size_t packed_len(const OskId *file)
{
    OskFault fault = { 0 };
    OskRecordRow look;
    const OskRecordKey key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file };
    assert_true(osk_store_record(rig.store, &key, &look, &fault));
    size_t len = look.bytes.len;
    osk_record_row_free(&look);
    return len;
}
