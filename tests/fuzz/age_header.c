/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of headers of age. The input is a file as it is, and then again the stanzas of
 * one whose MAC is right, so that the fuzzer comes past the MAC. What was taken is checked against
 * the grammar in other words than src/seal/header.c has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal/header.h"
#include "seal/sodium.h"
#include "seal/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES] = { 7 };

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

static bool fill(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 9, len);
    return true;
}

static void check_status(OskStatus status, const OskFault *fault)
{
    hold(status == OSK_OK || status == OSK_MALFORMED || status == OSK_TRUNCATED ||
             status == OSK_LIMIT || status == OSK_AUTH,
         "a bad file is a bad file");
    hold(status == OSK_OK || (fault->status == status && fault->what != NULL), "a fault says what");
}

static bool is_letter(char letter)
{
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
           (letter >= '0' && letter <= '9') || letter == '+' || letter == '/';
}

/* One stanza of the grammar; its length, or 0. */
static size_t match_stanza(const char *text, size_t len)
{
    size_t at = 3;
    if (len < 3 || memcmp(text, "-> ", 3) != 0) {
        return 0;
    }
    for (; at < len && text[at] != '\n'; at++) {
        bool is_visible = text[at] >= '!' && text[at] <= '~';
        bool is_gap = text[at] == ' ' && text[at - 1] != ' ';
        if (!is_visible && !is_gap) {
            return 0;
        }
    }
    if (at == 3 || at >= len || text[at - 1] == ' ' || text[3] == ' ') {
        return 0;
    }
    for (at++; at < len;) {
        size_t begin = at;
        while (at < len && is_letter(text[at])) {
            at++;
        }
        if (at >= len || text[at] != '\n' || at - begin > 64 || (at - begin) % 4 == 1) {
            return 0;
        }
        at++;
        if (at - 1 - begin < 64) {
            return at;
        }
    }
    return 0;
}

/* At least one stanza, and nothing else. */
static bool is_grammatical(const uint8_t *data, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t len = match_stanza((const char *)data + at, size - at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return at > 0;
}

/* The stanzas in a file whose MAC and payload are right. */
static uint8_t *make_file(const uint8_t *data, size_t size, size_t *out_len)
{
    uint8_t nonce[OSK_STREAM_NONCE_BYTES] = { 1 };
    uint8_t chunk_nonce[12];
    uint8_t key[32];
    uint8_t chunk[3 + OSK_SEAL_TAG_BYTES];
    OskWriter file;
    osk_writer_init(&file, (size_t)1 << 20);
    osk_writer_bytes(&file, OSK_HEADER_VERSION, sizeof(OSK_HEADER_VERSION) - 1);
    osk_writer_bytes(&file, data, size);
    osk_header_write_end(&file, file_key);
    osk_writer_bytes(&file, nonce, sizeof(nonce));
    osk_stream_key(key, file_key, nonce);
    osk_stream_nonce(chunk_nonce, 0, true);
    osk_aead_lock(key, chunk_nonce, "abc", 3, chunk);
    osk_writer_bytes(&file, chunk, sizeof(chunk));
    return osk_writer_give(&file, out_len);
}

static void open_as_it_is(const uint8_t *data, size_t size)
{
    OskIdentity identity;
    OskFault fault = { .status = OSK_OK };
    OskUnsealed *file = NULL;
    OskSource source = { .bytes = data, .size = size };
    (void)osk_identity_from_seed(&identity, (const uint8_t *)"an identity of thirty-two bytes!");
    /* Little work: the fuzzer's time is for headers. */
    OskUnsealWith with = {
        .identities = &identity, .count = 1, .passphrase = "p", .passphrase_len = 1, .work_max = 2
    };
    OskStatus status = osk_unseal_open(&file, &source, &with, &fault);
    check_status(status, &fault);
    hold((status == OSK_OK) == (file != NULL), "a file is given exactly when it is open");
    osk_unsealed_free(&file);
}

/* Whatever opens can be wrapped anew, and says the same of itself as its header does. */
static void wrap_anew(const uint8_t *data, size_t size)
{
    OskIdentity identity;
    OskFault fault = { .status = OSK_OK };
    OskSealHeader header;
    static const OskRandom random = { NULL, fill };
    (void)osk_identity_from_seed(&identity, (const uint8_t *)"an identity of thirty-two bytes!");
    const OskUnsealWith with = { .identities = &identity, .count = 1 };
    const OskSealTo to = {
        .recipients = &identity.recipient, .count = 1, .random = &random, .names_list = true
    };
    const OskSealRewrap of = { .bytes = data, .len = size, .with = &with, .to = &to };
    OskMemory out = { .bytes = NULL };
    size_t old_len = 0;
    OskStatus status = osk_seal_rewrap(&of, &out, &old_len, &fault);
    check_status(status, &fault);
    hold((status == OSK_OK) == (out.bytes != NULL), "a header is given exactly when it is made");
    fault = (OskFault){ .status = OSK_OK };
    OskStatus read = osk_seal_header_read(data, size, &header, &fault);
    check_status(read, &fault);
    hold(status != OSK_OK || (read == OSK_OK && header.len == old_len), "two readers, one header");
    hold(read == OSK_OK || header.len == 0, "a header that is refused says nothing");
    if (status == OSK_OK) {
        hold(osk_seal_header_read(out.bytes, out.len, &header, NULL) == OSK_OK &&
                 header.names_list && header.recipient_count == 1 && header.len == out.len,
             "what is wrapped reads");
    }
    osk_bytes_free(&out.bytes);
}

static void open_with_its_mac(const uint8_t *data, size_t size)
{
    size_t len = 0;
    uint8_t *bytes = make_file(data, size, &len);
    if (bytes == NULL) {
        return;
    }
    OskFault fault = { .status = OSK_OK };
    OskUnsealed *file = NULL;
    OskSource source = { .bytes = bytes, .size = len };
    OskStatus status = osk_unseal_open_key(&file, &source, file_key, &fault);
    check_status(status, &fault);
    if (status == OSK_OK) {
        uint8_t plain[3];
        /* A line of the input may be the line of a MAC; then the rest was payload. */
        hold(is_grammatical(data, size), "what is taken is in the grammar");
        hold(osk_unsealed_len(file) == 3 && osk_unsealed_read(file, 0, plain, 3, NULL) == OSK_OK &&
                 memcmp(plain, "abc", 3) == 0,
             "an open file reads");
    } else if (status == OSK_AUTH) {
        hold(memmem(data, size, "---", 3) != NULL, "a MAC that is right is right");
    }
    osk_unsealed_free(&file);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size);
    if (exact == NULL && size > 0) {
        return 0;
    }
    if (size > 0) {
        memcpy(exact, data, size);
    }
    open_as_it_is(exact, size);
    wrap_anew(exact, size);
    open_with_its_mac(exact, size);
    free(exact);
    return 0;
}
