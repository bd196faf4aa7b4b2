/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of payloads of age. The first bytes of the input say how long a plaintext is, in
 * what pieces it is sealed, and where the sealed file is cut, overwritten, doubled or moved. What
 * still opens is the plaintext; whatever is read anywhere is right, or refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "oilskin/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLAIN_MAX 200000u
#define SEALED_MAX (2 * PLAIN_MAX)

static uint8_t plain[PLAIN_MAX];
static uint8_t sealed[SEALED_MAX];
static uint8_t read_back[PLAIN_MAX];
static OskSealer sealer;

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

typedef struct Written {
    size_t len;
} Written;

static bool append(void *context, const void *bytes, size_t len)
{
    Written *written = context;
    if (len > SEALED_MAX - written->len) {
        return false;
    }
    memcpy(sealed + written->len, bytes, len);
    written->len += len;
    return true;
}

static bool draw(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 0x5a, len);
    return true;
}

/* Seals `len` bytes in the pieces that the input says. */
static size_t seal_plain(size_t len, OskCursor *input, uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES])
{
    static const OskRandom random = { NULL, draw };
    OskIdentity identity;
    Written written = { 0 };
    OskSink sink = { .context = &written, .write = append };
    (void)osk_identity_from_seed(&identity, (const uint8_t *)"an identity of thirty-two bytes!");
    OskSealTo to = { .recipients = &identity.recipient, .count = 1, .random = &random };
    hold(osk_sealer_open(&sealer, &to, &sink, file_key, NULL) == OSK_OK, "it opens");
    for (size_t at = 0; at < len;) {
        size_t step = osk_cursor_u24be(input);
        step = step == 0 || step > len - at ? len - at : step;
        hold(osk_sealer_write(&sealer, plain + at, step, NULL) == OSK_OK, "it takes all");
        at += step;
    }
    hold(osk_sealer_finish(&sealer, NULL) == OSK_OK, "it ends");
    hold(written.len == osk_seal_file_len(&to, len), "lengths are known before");
    return written.len;
}

/* One change of the sealed file; returns its new length. */
static size_t change(size_t len, OskCursor *input)
{
    unsigned kind = osk_cursor_u8(input) % 4;
    size_t at = len == 0 ? 0 : osk_cursor_u24be(input) % len;
    size_t other = len == 0 ? 0 : osk_cursor_u24be(input) % len;
    size_t count = osk_cursor_u24be(input);
    count = count > len - at ? len - at : count;
    if (kind == 0) {
        return at;
    }
    if (kind == 1 && len > 0) {
        sealed[at] ^= (uint8_t)(1u << other % 8);
        return len;
    }
    if (kind == 2 && count <= SEALED_MAX - len) {
        memmove(sealed + at + count, sealed + at, len - at);
        return len + count;
    }
    count = count > len - other ? len - other : count;
    memmove(sealed + at, sealed + other, count);
    return len;
}

/* Reads here and there, in the order that the input says. */
static void read_around(OskUnsealed *file, size_t plain_len, OskCursor *input)
{
    bool same = osk_unsealed_len(file) == plain_len;
    for (unsigned i = 0; i < 8 && osk_cursor_more(input); i++) {
        uint64_t len = osk_unsealed_len(file);
        uint64_t at = len == 0 ? 0 : osk_cursor_u24be(input) % len;
        uint64_t count = osk_cursor_u24be(input);
        count = count > len - at ? len - at : count;
        if (count > PLAIN_MAX) {
            continue;
        }
        OskFault fault = { .status = OSK_OK };
        OskStatus status = osk_unsealed_read(file, at, read_back, (size_t)count, &fault);
        hold(status == OSK_OK || status == OSK_AUTH, "a read is right or refused");
        hold(status != OSK_OK || !same || memcmp(read_back, plain + at, (size_t)count) == 0,
             "what is read is the plaintext");
        /* Chunks know their number, not the length: at another length each is still itself. */
        hold(status != OSK_OK || at + count > plain_len ||
                 memcmp(read_back, plain + at, (size_t)count) == 0,
             "no chunk moves");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OskCursor input = osk_cursor_make(data, size, 0);
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES];
    size_t plain_len = osk_cursor_u24be(&input) % PLAIN_MAX;
    unsigned changes = osk_cursor_u8(&input) % 4;
    for (size_t i = 0; i < plain_len; i++) {
        plain[i] = (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
    }
    size_t len = seal_plain(plain_len, &input, file_key);
    for (unsigned i = 0; i < changes; i++) {
        len = change(len, &input);
    }
    uint8_t *exact = malloc(len);
    if (exact == NULL && len > 0) {
        return 0;
    }
    memcpy(exact != NULL ? exact : sealed, sealed, len);
    OskSource source = { .bytes = exact, .size = len };
    OskUnsealed *file = NULL;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_unseal_open_key(&file, &source, file_key, &fault);
    hold(changes > 0 || status == OSK_OK, "what was not changed opens");
    hold(status == OSK_OK || fault.status == status, "a fault says what");
    if (status == OSK_OK) {
        hold(osk_unsealed_len(file) == plain_len, "no other length opens");
        read_around(file, plain_len, &input);
    }
    osk_unsealed_free(&file);
    free(exact);
    return 0;
}
