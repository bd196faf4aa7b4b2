/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/fixed.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

const char fixed_recipient_text[] =
    "age1tqx3lawzye60ned05cuweyheq408kwkgsrkeh9zn4x6ydz2mnq8q0lm27y";
const char fixed_identity_text[] =
    "AGE-SECRET-KEY-1NY8DFCTGRWZ8VLKWTCSTHEC02CCEM8QWN3C2N86QTW9YL5YWKCNS08VL79";
const char fixed_armored[] = "-----BEGIN AGE ENCRYPTED FILE-----\n"
                             "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBqcWRhcm5XUlJOTDRGT0Ew\n"
                             "WExNQ2ZneE9hSmZrZnUvQzJzTUxENzBFZ2lzCnVBVGR6T0hDSUV1a0VDT1daMUxM\n"
                             "SVlMWHNjQy96M2ZXU1N6aElIQmJuZEEKLS0tIDV1RHp1Y1ZlWDdZZ2lIREFQamdz\n"
                             "YkZtVU9vN2FEb3JDMkxyRW1XclREYlkK1KxUXzuJDxX43y20yq/rrsS42PRQPgy6\n"
                             "r9Z5joElOPQrviYNOLg=\n"
                             "-----END AGE ENCRYPTED FILE-----\n";
const char fixed_armored_passphrase[] =
    "-----BEGIN AGE ENCRYPTED FILE-----\n"
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBucU9YZ2FMVGVoOXJQSDFE\n"
    "UlhFb253IDE4CjhsYUVVdG05Vi93SDNxMkg0NjFNbEROckdraWJibC8zeUQzT2Vq\n"
    "THJkS28KLS0tIElPZXBUNkN6SVFYTkNvYlBFZElEZWI2MDMrL3hja1F0RW1BdFcy\n"
    "eVl4YWcKyXgyIM/44I3FjZH3TOllKx23hB3/lvO0cdPbz45Voie85GfZF/o=\n"
    "-----END AGE ENCRYPTED FILE-----\n";

static bool draw(void *context, void *out, size_t len)
{
    FixedRandom *random = context;
    uint8_t *bytes = out;
    if (len > random->left) {
        return false;
    }
    random->left -= len;
    for (size_t i = 0; i < len; i++) {
        random->state = random->state * UINT32_C(1664525) + UINT32_C(1013904223);
        bytes[i] = (uint8_t)(random->state >> 24);
    }
    return true;
}

OskRandom fixed_random(FixedRandom *random)
{
    *random = (FixedRandom){ .state = 1, .left = SIZE_MAX };
    return (OskRandom){ .context = random, .fill = draw };
}

OskIdentity fixed_identity(void)
{
    OskIdentity identity;
    assert_int_equal(
        osk_identity_parse(&identity, fixed_identity_text, strlen(fixed_identity_text), NULL),
        OSK_OK);
    return identity;
}

static bool append(void *context, const void *bytes, size_t len)
{
    FixedSink *sink = context;
    if (len > sink->size - sink->len) {
        return false;
    }
    memcpy(sink->bytes + sink->len, bytes, len);
    sink->len += len;
    return true;
}

OskSink fixed_sink(FixedSink *sink, size_t size)
{
    *sink = (FixedSink){ .bytes = malloc(size + 1), .size = size };
    assert_non_null(sink->bytes);
    return (OskSink){ .context = sink, .write = append };
}

uint8_t *fixed_plain(size_t len)
{
    uint8_t *bytes = malloc(len + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
    }
    return bytes;
}

uint8_t *fixed_sealed(size_t len, size_t *out_len, uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES])
{
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1, .random = &random };
    FixedSink written;
    OskSink sink = fixed_sink(&written, (size_t)osk_seal_file_len(&to, len));
    OskSealer *sealer = malloc(sizeof(*sealer));
    uint8_t *plain = fixed_plain(len);
    assert_non_null(sealer);
    assert_int_equal(osk_sealer_open(sealer, &to, &sink, file_key, NULL), OSK_OK);
    assert_int_equal(osk_sealer_write(sealer, plain, len, NULL), OSK_OK);
    assert_int_equal(osk_sealer_finish(sealer, NULL), OSK_OK);
    assert_int_equal(written.len, written.size);
    free(plain);
    free(sealer);
    *out_len = written.len;
    return written.bytes;
}

void *fixed_exact(const void *bytes, size_t len)
{
    void *copy = malloc(len);
    if (len > 0) {
        assert_non_null(copy);
        memcpy(copy, bytes, len);
    }
    return copy;
}

void fixed_from_hex(const char *hex, uint8_t *out)
{
    for (size_t i = 0; hex[2 * i] != 0; i++) {
        char pair[3] = { hex[2 * i], hex[2 * i + 1], 0 };
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

void fixed_assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    uint8_t expected[128];
    assert_true(len <= sizeof(expected));
    assert_int_equal(strlen(hex), len * 2);
    fixed_from_hex(hex, expected);
    assert_memory_equal(bytes, expected, len);
}
