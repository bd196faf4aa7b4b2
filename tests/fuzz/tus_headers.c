/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of what the headers of resumable uploads say. What must hold is said in other
 * words than the code has, or by writing down what was read and reading that again. */
#include "intake/structured.h"
#include "intake/tus_headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

static void check_numbers(const char *header)
{
    uint64_t value = 0;
    char again[32];
    if (osk_tus_whole(header, &value)) {
        hold(strspn(header, "0123456789") == strlen(header), "tus: digits only");
        hold(value == strtoull(header, NULL, 10), "tus: the number that stands there");
        hold(osk_structured_whole(header, &value) == (strlen(header) <= 15),
             "tus: a short number is an Integer, too");
    }
    if (osk_structured_whole(header, &value)) {
        hold(value <= 999999999999999u, "an Integer has 15 digits");
        snprintf(again, sizeof(again), "%llu", (unsigned long long)value);
        uint64_t same = 0;
        hold(osk_tus_whole(again, &same) && same == value, "an Integer is read alike by both");
    }
}

static void check_boolean(const char *header)
{
    bool value = false;
    uint64_t number = 0;
    if (osk_structured_boolean(header, &value)) {
        hold(strstr(header, value ? "?1" : "?0") == header + strspn(header, " "),
             "a Boolean begins as one");
        hold(!osk_structured_whole(header, &number), "a Boolean is no Integer");
    }
}

static void check_metadata(const char *header)
{
    OskTusMetadata metadata;
    OskTusMetadata nothing;
    const char *why = NULL;
    memset(&nothing, 0, sizeof(nothing));
    if (!osk_tus_metadata(header, &metadata, &why)) {
        hold(why != NULL, "a refusal says why");
        hold(memcmp(&metadata, &nothing, sizeof(nothing)) == 0, "a refusal leaves nothing");
        return;
    }
    hold(strlen(metadata.receipt) <= OSK_TUS_RECEIPT_MAX, "the receipt ends");
    hold(strlen(metadata.category) < OSK_CATEGORY_BYTES, "the category ends");
    hold(metadata.receipt[0] == 0 || strstr(header, "receipt ") != NULL, "no receipt unasked");
    hold(!metadata.is_original || strstr(header, "kind b3JpZ2luYWw=") != NULL,
         "an original only by choice");
    hold(!metadata.is_attached || strstr(header, "attach eWVz") != NULL, "attached only by choice");
}

static void check_concat(const char *header)
{
    OskTusConcat *concat = malloc(sizeof(*concat));
    if (concat == NULL) {
        return;
    }
    if (osk_tus_concat(header, concat)) {
        hold(concat->is_final == (strcmp(header, "partial") != 0), "partial is that word alone");
        hold(concat->is_final == (concat->count > 0), "a final one has parts");
        for (size_t i = 0; i < concat->count; i++) {
            hold(strlen(concat->tokens[i]) == OSK_TOKEN_TEXT_BYTES - 1, "a token is whole");
            hold(strstr(header, concat->tokens[i]) != NULL, "a token stands in the header");
        }
    }
    free(concat);
}

static void check_checksum(const char *header)
{
    OskTusChecksum checksum;
    if (osk_tus_checksum(header, &checksum)) {
        size_t letters = (checksum.len + 2) / 3 * 4;
        hold(strncmp(header, "sha", 3) == 0, "an algorithm that has a name");
        hold(strlen(strchr(header, ' ')) == letters + 1, "the digest is all that follows");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A block of exactly its size, so that a byte too far is seen. */
    char *header = malloc(size + 1);
    if (header == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(header, data, size);
    }
    header[size] = 0;
    size_t len = strlen(header);
    check_numbers(header);
    check_boolean(header);
    check_metadata(header);
    check_concat(header);
    check_checksum(header);
    char token[OSK_TOKEN_TEXT_BYTES];
    if (osk_tus_token(header, len, token)) {
        hold(strcmp(header + len - strlen(token), token) == 0, "a token is the end of its address");
    }
    if (osk_tus_is_media_type(header, "application/offset+octet-stream")) {
        hold(len >= 31, "a media type is not cut");
    }
    free(header);
    return 0;
}
